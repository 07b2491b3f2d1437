/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_MESSAGE_H
#define STOX_SIP_MESSAGE_H

#include "sip/names.h"
#include "stox/sip.h"

/* A header field; indices of the message's octets, which a limit keeps below 2^32. */
typedef struct stox_sip_field {
  uint32_t line;
  uint32_t end; /* behind the line end */
  uint32_t name_n;
  uint32_t value;
  uint32_t value_n;
  uint16_t id;
  uint16_t flags; /* STOX_SIP_BARE_LF … of sip/scan.h */
} stox_sip_field;

/* A parsed Via value; they are parsed in order, and only as far as somebody asks. */
typedef struct stox_sip_via_node {
  stox_sip_via via;
  struct stox_sip_via_node *next;
} stox_sip_via_node;

typedef struct stox_sip_vias {
  stox_sip_via_node *first;
  stox_sip_via_node *last;
  stox_sip_via_node *near; /* the one given last, number `near_index` */
  size_t near_index;
  size_t count;
  size_t field; /* where the next value stands */
  size_t at;
} stox_sip_vias;

struct stox_sip_message {
  stox_span bytes; /* all that was given */
  stox_span text;  /* the message alone */
  stox_span start; /* the start line with its line end */
  stox_span method;
  stox_span request_uri;
  stox_span reason;
  stox_span body;
  stox_arena *arena;
  stox_sip_field *fields;
  uint32_t n_fields;
  uint32_t room; /* fields that fit */
  int status;
  int method_id;
  int lenient;
  int refused;                           /* it is given only to be answered */
  uint32_t first[STOX_SIP_HEADER_COUNT]; /* index of the first of an id, plus 1 */
  stox_sip_vias vias;
};

static inline stox_span stox_sip_field_value(const stox_sip_message *message,
                                             const stox_sip_field *field) {
  return (stox_span){message->bytes.p + field->value, field->value_n};
}

/* The whole field, its line end included. The fields of an accepted message follow one another
 * without a gap. */
static inline stox_span stox_sip_field_line(const stox_sip_message *message,
                                            const stox_sip_field *field) {
  return (stox_span){message->bytes.p + field->line, field->end - field->line};
}

static inline stox_span stox_sip_field_name(const stox_sip_message *message,
                                            const stox_sip_field *field) {
  return (stox_span){message->bytes.p + field->line, field->name_n};
}

/* The index of the first field of `id`; the number of fields if there is none. */
static inline uint32_t stox_sip_first_field(const stox_sip_message *message, int id) {
  return message->first[id] == 0 ? message->n_fields : message->first[id] - 1;
}

/* Parses the Via value at `*cursor` and moves it behind the value and its comma. STOX_OK,
 * STOX_E_NONE, or STOX_E_BAD_HEADER with `*cursor` where it broke. `lenient` 2: something was
 * accepted only for that; 0: strict. */
int stox_sip_via_next(stox_sip_via *out, stox_span value, size_t *cursor, int *lenient);

#endif
