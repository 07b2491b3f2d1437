/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_COMPONENT_PLACE_H
#define STOX_SESSION_COMPONENT_PLACE_H

#include "stox/action.h"
#include "stox/attempt.h"

/* The addresses of a server that is given by name, one round of attempts at a time. */

enum { STOX_COMPONENT_QUESTIONS = 2 };

typedef struct open_question {
  stox_question question;
  uint64_t token; /* 0: none is open */
  int is_given;   /* to the host */
} open_question;

typedef struct stox_component_place {
  stox_arena arena;
  stox_attempts *attempts;                      /* NULL: no round is under way */
  int failure;                                  /* of the last attempt in this round */
  open_question open[STOX_COMPONENT_QUESTIONS]; /* of AAAA, of A */
} stox_component_place;

void stox_component_place_init(stox_component_place *out, const stox_allocator *alloc);
void stox_component_place_end(stox_component_place *obj);

/* Goes on to the next address, from the first one where no round is under way; questions take their
 * tokens from `*token`. STOX_OK: *out is to be tried; STOX_E_MORE: questions are open; else why the
 * round is over. */
int stox_component_place_step(stox_component_place *obj, stox_endpoint *out,
                              const stox_endpoint *remote, uint64_t *token, uint64_t now_ns);

/* The next question for the host. STOX_OK, or STOX_E_NONE. */
int stox_component_place_ask(stox_component_place *obj, stox_action *out);

/* STOX_OK, or STOX_E_NONE: no such question is open. */
int stox_component_place_answer(stox_component_place *obj, uint64_t token, int status,
                                const stox_record *records, size_t n);

#endif
