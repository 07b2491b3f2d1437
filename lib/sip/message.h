/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_MESSAGE_H
#define STOX_SIP_MESSAGE_H

#include "sip/kept.h"
#include "sip/names.h"
#include "stox/sip.h"
#include "text/stops.h"

/* A header field; indices of the message's octets, which a limit keeps below 2^32. */
typedef struct stox_sip_field {
  uint32_t line;
  uint32_t end; /* behind the line end */
  uint32_t value;
  uint32_t value_n;
  uint16_t name_n;
  uint8_t id;
  uint8_t flags; /* STOX_SIP_BARE_LF … of sip/scan.h */
} stox_sip_field;

enum { STOX_SIP_FIRST_MOST = UINT8_MAX };

/* What a parse found good. */
enum { STOX_SIP_KNOWN_FROM = 1, STOX_SIP_KNOWN_TO = 2, STOX_SIP_KNOWN_CSEQ = 4 };

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
  uint64_t *stops;    /* of the head, see stox_stops_keep() */
  uint32_t n_stopped; /* octets of the head */
  uint32_t n_fields;
  uint32_t room; /* fields that fit */
  int status;
  int method_id;
  int lenient;
  uint8_t refused; /* it is given only to be answered */
  uint8_t known;   /* STOX_SIP_KNOWN_… */
  uint8_t again;   /* rules of the header fields that stand more than once, STOX_SIP_ONCE … */
  int cseq_method_id;
  uint32_t cseq;
  stox_sip_part cseq_method;
  stox_sip_part from_tag;
  stox_sip_part to_tag;
  stox_sip_kept_uri target; /* the Request-URI */
  stox_sip_kept_address from;
  stox_sip_kept_address to;
  stox_sip_kept_via top;
  uint32_t top_end; /* behind the top Via and its comma, in its field's value */
  /* Index of the first of an id, plus 1; from STOX_SIP_FIRST_MOST on it stands there or behind. */
  uint8_t first[STOX_SIP_HEADER_COUNT];
  uint8_t last[STOX_SIP_HEADER_COUNT]; /* that of the last, likewise; 0: there is one at most */
};

/* A reader of the head from an index of the message's octets to the end of a field's value, which
 * has to be that of a line; 0: it is not. */
static inline int stox_sip_reader(stox_reader *out, const stox_sip_message *message, size_t from,
                                  const stox_sip_field *field) {
  const size_t end = (size_t)field->value + field->value_n;
  const size_t words = stox_stops_words(message->n_stopped) / 2;
  *out = (stox_reader){message->bytes.p, message->stops, message->stops + words, from, end};
  return end < message->n_stopped && stox_reader_is_line(out);
}

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

enum { STOX_SIP_NOWHERE = -1 };

/* stox_sip_find_header() where one look does not do. */
ptrdiff_t stox_sip_find_far(const stox_sip_message *message, int id, size_t from);

/* The index of the first field of a number that is one, at or behind `from`; STOX_SIP_NOWHERE. */
static inline ptrdiff_t stox_sip_find(const stox_sip_message *message, int id, size_t from) {
  const size_t first = message->first[id];
  if (first == 0) {
    return STOX_SIP_NOWHERE;
  }
  if (first < STOX_SIP_FIRST_MOST) {
    if (from < first) {
      return (ptrdiff_t)first - 1;
    }
    if (from >= message->last[id] && message->last[id] < STOX_SIP_FIRST_MOST) {
      return STOX_SIP_NOWHERE;
    }
  }
  return stox_sip_find_far(message, id, from);
}

/* The index of the first field of `id`; the number of fields if there is none. */
static inline uint32_t stox_sip_first_field(const stox_sip_message *message, int id) {
  size_t index = message->n_fields;
  if (message->first[id] < STOX_SIP_FIRST_MOST) {
    return message->first[id] == 0 ? message->n_fields : message->first[id] - 1u;
  }
  (void)stox_sip_find_header(&index, message, id, 0);
  return (uint32_t)index;
}

/* Reads the Via value of a field at `*at`, an index of the message's octets, and moves `*at` behind
 * it and its comma. STOX_OK, or STOX_E_BAD_HEADER with `*at` where it broke. `lenient` as below. */
int stox_sip_via_at(stox_sip_via *out, const stox_sip_message *message, const stox_sip_field *field,
                    size_t *at, int *lenient);

/* Reads a Via value of the form that nearly all have, and moves the reader behind it and its comma.
 * 0: not of this form, and the place is anywhere; stox_sip_via_next() decides. */
int stox_sip_via_read(stox_sip_via *out, stox_reader *r);

/* The same of a line (stox_reader_is_line()), in fewer steps. */
int stox_sip_via_read_line(stox_sip_via *out, stox_reader *r);

/* Parses the Via value at `*cursor` and moves it behind the value and its comma. STOX_OK,
 * STOX_E_NONE, or STOX_E_BAD_HEADER with `*cursor` where it broke. `lenient` 2: something was
 * accepted only for that; 0: strict. */
int stox_sip_via_next(stox_sip_via *out, stox_span value, size_t *cursor, int *lenient);

#endif
