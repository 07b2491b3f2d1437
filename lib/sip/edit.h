/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_EDIT_H
#define STOX_SIP_EDIT_H

#include "stox/sip.h"

/* A header field of an edit. */
typedef struct stox_sip_item {
  struct stox_sip_item *next;
  stox_span line; /* kept byte-exact, its line end included; absent: name and value are written */
  stox_span name;
  stox_span value;
  int id;
} stox_sip_item;

struct stox_sip_edit {
  stox_arena *arena;
  stox_sip_item *first;
  stox_sip_item *last;
  stox_span start; /* kept start line; absent: made of the parts below */
  stox_span method;
  stox_span request_uri;
  stox_span reason;
  stox_span body;
  int method_id;
  int status;
};

/* An empty edit; NULL: the arena is exhausted. */
stox_sip_edit *stox_sip_edit_make(stox_arena *arena);

/* Appends an item; STOX_OK or STOX_E_NOMEM. */
int stox_sip_edit_append(stox_sip_edit *edit, int id, stox_span name, stox_span value,
                         stox_span line);

/* The value with folds as one space, in the arena if there are any; STOX_OK or STOX_E_NOMEM. */
int stox_sip_edit_unfold(stox_arena *arena, stox_span *out, stox_span value);

#endif
