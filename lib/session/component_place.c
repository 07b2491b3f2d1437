/* SPDX-License-Identifier: MIT */
#include "session/component_place.h"

#include "stox/status.h"

#include <string.h>

void stox_component_place_init(stox_component_place *out, const stox_allocator *alloc) {
  memset(out, 0, sizeof *out);
  stox_arena_init(&out->arena, NULL, 0, 0, alloc);
}

void stox_component_place_end(stox_component_place *obj) {
  stox_arena_clear(&obj->arena);
  obj->attempts = NULL;
  memset(obj->open, 0, sizeof obj->open);
}

static int begin(stox_component_place *obj, const stox_endpoint *remote) {
  const stox_location place = {.protocol = STOX_PROTOCOL_XMPP,
                               .transport = remote->transport,
                               .port = remote->port,
                               .target = remote->host};
  obj->failure = STOX_OK;
  return stox_attempts_start(&obj->attempts, &obj->arena, &place, 1, NULL);
}

int stox_component_place_step(stox_component_place *obj, stox_endpoint *out,
                              const stox_endpoint *remote, uint64_t *token, uint64_t now_ns) {
  stox_attempt attempt;
  int status = obj->attempts == NULL ? begin(obj, remote) : STOX_OK;
  if (status == STOX_OK) {
    status = stox_attempts_next(&attempt, obj->attempts, now_ns);
  }
  if (status == STOX_OK) {
    *out = attempt.target;
    return STOX_OK;
  }
  stox_question question;
  for (size_t i = 0;
       status == STOX_E_MORE && stox_attempts_ask(&question, obj->attempts, i) == STOX_OK; i++) {
    open_question *q = &obj->open[question.type == STOX_RECORD_A];
    if (q->token == 0) {
      *q = (open_question){question, ++*token, 0};
    }
  }
  if (status != STOX_E_MORE) {
    /* Where all addresses were tried, the last one says why. */
    status = status == STOX_E_NONE && obj->failure != STOX_OK ? obj->failure : status;
    stox_component_place_end(obj);
  }
  return status;
}

int stox_component_place_ask(stox_component_place *obj, stox_action *out) {
  for (size_t i = 0; i < STOX_COMPONENT_QUESTIONS; i++) {
    if (obj->open[i].token != 0 && !obj->open[i].is_given) {
      obj->open[i].is_given = 1;
      *out = (stox_action){
          .kind = STOX_DO_RESOLVE, .token = obj->open[i].token, .object = &obj->open[i].question};
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

int stox_component_place_answer(stox_component_place *obj, uint64_t token, int status,
                                const stox_record *records, size_t n) {
  for (size_t i = 0; i < STOX_COMPONENT_QUESTIONS; i++) {
    if (token != 0 && obj->open[i].token == token) {
      obj->open[i].token = 0;
      (void)stox_attempts_answer(obj->attempts, obj->open[i].question.type, status, records, n);
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}
