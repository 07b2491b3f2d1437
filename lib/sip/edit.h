/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_EDIT_H
#define STOX_SIP_EDIT_H

#include "sip/message.h"

/* An edit is a list of pieces: runs of the message's fields, which are written by one copy each,
 * and fields of its own between them. */
enum {
  STOX_SIP_KEPT = 0,  /* the fields from `from` to `to`, byte-exact */
  STOX_SIP_WHOLE = 1, /* a line `name: value CRLF` that lies in one piece in the arena */
  STOX_SIP_PARTS = 2  /* name and value, each where it lies */
};

typedef struct stox_sip_piece {
  struct stox_sip_piece *next;
  uint32_t from;
  uint32_t to; /* behind the last */
  int kind;
  int id; /* of an own field */
  stox_span name;
  stox_span value;
} stox_sip_piece;

struct stox_sip_edit {
  stox_arena *arena;
  const stox_sip_message *message; /* whose fields are kept; NULL: none are */
  stox_sip_piece *first;
  stox_sip_piece *last;
  stox_span start; /* kept start line; absent: made of the parts below */
  stox_span method;
  stox_span request_uri;
  stox_span reason;
  stox_span body;
  stox_span tail;     /* the empty line and the body as they came; absent: they are made */
  size_t length;      /* what the kept Content-Length says */
  uint32_t length_at; /* its field, STOX_SIP_NO_FIELD if none is kept */
  int has_length;     /* a Content-Length stands in the list */
  int method_id;
  int status;
  int missing; /* STOX_SIP_HAS_… of the mandatory header fields that are not there */
  int lenient; /* what a lenient parse accepts may be set */
};

#define STOX_SIP_NO_FIELD UINT32_MAX

/* Header fields that each message has (RFC 3261 8.1.1), Max-Forwards apart. */
enum {
  STOX_SIP_HAS_VIA = 1,
  STOX_SIP_HAS_FROM = 2,
  STOX_SIP_HAS_TO = 4,
  STOX_SIP_HAS_CALL_ID = 8,
  STOX_SIP_HAS_CSEQ = 16,
  STOX_SIP_HAS_ALL = 31
};

extern const unsigned char stox_sip_has_bits[STOX_SIP_HEADER_COUNT];

/* The STOX_SIP_HAS_… of a header, 0 if it is not mandatory. */
static inline int stox_sip_has(int id) {
  return stox_sip_has_bits[id];
}

/* An empty edit; NULL: the arena is exhausted. */
stox_sip_edit *stox_sip_edit_make(stox_arena *arena);

/* Appends a piece; STOX_OK or STOX_E_NOMEM. */
int stox_sip_edit_append(stox_sip_edit *edit, const stox_sip_piece *piece);

/* Appends a field of the message as it is; STOX_OK or STOX_E_NOMEM. */
int stox_sip_edit_keep(stox_sip_edit *edit, uint32_t index);

/* Appends a field of its own; STOX_OK or STOX_E_NOMEM. */
int stox_sip_edit_add(stox_sip_edit *edit, int id, stox_span name, stox_span value);

/* Replaces text by what `write` makes of it, in the arena; STOX_OK or STOX_E_NOMEM. */
int stox_sip_rewrite(stox_arena *arena, stox_span *text, int (*write)(stox_buf *, stox_span));

/* Whether a header may be set to a value: STOX_OK, STOX_E_CTRL, STOX_E_BAD_UTF8,
 * STOX_E_BAD_HEADER. */
int stox_sip_edit_check(const stox_sip_edit *edit, int id, stox_span value);

/* Whether a text may be the Request-URI. */
int stox_sip_edit_is_uri(stox_span text, int lenient);

#endif
