/* SPDX-License-Identifier: MIT */
#ifndef STOX_TOOL_SIP_FULL_H
#define STOX_TOOL_SIP_FULL_H

#include "json.h"

#include "stox/arena.h"
#include "stox/diag.h"
#include "stox/sip.h"

/* A message that is being shown in full. */
typedef struct view {
  json *j;
  stox_sip_message *message;
  stox_arena *arena;   /* for what must be unescaped */
  const char *start;   /* offsets are from here */
  int lenient;         /* 1: the parser was */
  stox_sip_cursor via; /* behind the Via values shown so far */
} view;

/* What a typed value is made of: members of its struct, and what is shown of them. */
enum {
  MEMBER_TEXT,       /* stox_span; absent: left out */
  MEMBER_QUOTED,     /* stox_span with its quotes, shown without */
  MEMBER_NUMBER,     /* stox_sip_number; absent: left out */
  MEMBER_Q,          /* stox_sip_number of thousandths */
  MEMBER_UINT,       /* uint32_t */
  MEMBER_FLAG,       /* int */
  MEMBER_ADDRESS,    /* stox_name_addr: display name, URI, parameters */
  MEMBER_PARAMS,     /* stox_span of header parameters */
  MEMBER_FEATURES,   /* the same, its feature tags */
  MEMBER_AUTH_PARAMS /* stox_span of parameters with commas between them */
};

typedef struct member {
  const char *key;
  int kind;
  size_t at;
} member;

/* `"error": …, "offset": …, "rule": …` of a value at `text`; `diag` has an offset in it. */
void view_put_error(view *v, const char *key, stox_span text, const stox_diag *diag);

void view_put_members(view *v, const void *value, const member *members, size_t n);
void view_put_quoted(view *v, const char *key, stox_span quoted);
void view_put_params(view *v, const char *key, stox_span params);
void view_put_address(view *v, const stox_name_addr *address);

/* The parts of a URI. */
void view_put_uri(view *v, const char *key, stox_span text);

/* The member `typed` of a header field; null for one without a typed form. */
void view_put_typed(view *v, const stox_sip_header *header);

/* Header fields that are no struct with members; 0: not one of them. */
int view_put_special(view *v, const stox_sip_header *header);

/* The member `body`, by its Content-Type; null for an empty one. */
void view_put_body(view *v);

#endif
