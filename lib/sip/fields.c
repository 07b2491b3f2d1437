/* SPDX-License-Identifier: MIT */
#include "sip/fields.h"

#include "base/checked.h"
#include "base/take.h"
#include "sip/lookup.h"
#include "sip/scan.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

/* Makes room for more fields than stand there. */
static int make_room(stox_sip_message *message) {
  const uint32_t room = message->room * 2;
  stox_sip_field *fields =
      stox_arena_take(message->arena, stox_size_mul(room, sizeof *fields), alignof(stox_sip_field));
  if (fields == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(fields, message->fields, message->n_fields * sizeof *fields);
  message->fields = fields;
  message->room = room;
  return STOX_OK;
}

/* Remembers where the first of an id stands, and whether another does. */
static inline void note_id(stox_sip_message *message, stox_sip_field *field, uint32_t index) {
  const size_t id = field->id;
  if (message->first[id] == 0) {
    message->first[id] =
        (uint8_t)(index + 1 < STOX_SIP_FIRST_MOST ? index + 1 : STOX_SIP_FIRST_MOST);
    return;
  }
  field->flags |= STOX_SIP_AGAIN;
  message->more[id / 8] |= (uint8_t)(1u << id % 8);
}

int stox_sip_add_field(stox_sip_message *message, const stox_sip_field *field) {
  if (message->n_fields == message->room && make_room(message) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  stox_sip_field *added = &message->fields[message->n_fields];
  *added = *field;
  added->id = (uint8_t)stox_sip_known_id(message->bytes.p + field->line, field->name_n);
  note_id(message, added, message->n_fields++);
  return STOX_OK;
}

int stox_sip_keep_fields(stox_sip_parser *parser) {
  stox_sip_message *message = parser->message;
  if (message->fields != parser->fields) {
    return STOX_OK;
  }
  const size_t n = message->n_fields * sizeof *message->fields;
  message->fields = stox_take(message->arena, n, alignof(stox_sip_field));
  if (message->fields == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(message->fields, parser->fields, n);
  message->room = message->n_fields;
  return STOX_OK;
}

/* A window of the text, whose octets are counted from its begin; the odd octets that are still
 * ahead are met once. */
typedef struct window {
  const char *p;
  const uint64_t *stop;
  const uint64_t *odd;
  uint64_t bits; /* of the word of `odd` at `base` */
  size_t base;
  size_t reach;
  size_t n; /* octets that are text */
} window;

static inline window open_window(const stox_stops *stops, size_t at) {
  const size_t left = stops->n - stops->base;
  const size_t word = at / STOX_STOPS_BITS;
  return (window){
      .p = stops->p + stops->base,
      .stop = stops->map.stop,
      .odd = stops->map.odd + word,
      .bits = stops->map.odd[word] & ~UINT64_C(0) << at % STOX_STOPS_BITS,
      .base = word * STOX_STOPS_BITS,
      .reach = stops->reach,
      .n = left < stops->reach ? left : stops->reach,
  };
}

/* The next odd octet; SIZE_MAX / 2: there is none. */
static inline size_t next_odd(window *w) {
  while (w->bits == 0) {
    w->base += STOX_STOPS_BITS;
    if (w->base >= w->reach) {
      return SIZE_MAX / 2;
    }
    w->bits = *++w->odd;
  }
  const size_t at = w->base + stox_stops_first_bit(w->bits);
  w->bits &= w->bits - 1;
  return at;
}

static inline int is_line_end(const char *p) {
  return memcmp(p, "\r\n", 2) == 0 && p[2] != ' ' && p[2] != '\t';
}

/* The value between a colon and a line end, without the spaces around it: no other white space is
 * among octets that are not odd. */
static inline void set_value(stox_sip_field *out, const char *p, size_t colon, size_t cr) {
  size_t from = colon + 1;
  size_t end = cr;
  while (p[end - 1] == ' ') {
    end--;
  }
  while (from < end && p[from] == ' ') {
    from++;
  }
  out->value = (uint32_t)from;
  out->value_n = (uint32_t)(end - from);
}

/* What became of a field. */
enum { READ, OTHER_FORM, WINDOW_ENDS };

/* A field of one line at an index: a plain name, a colon, a value without odd octets, CRLF. */
static inline int read_field(stox_sip_field *out, window *w, size_t line, size_t most) {
  const char *p = w->p;
  const uint64_t stops = stox_stops_bits(w->stop, line);
  const size_t cr = next_odd(w);
  const size_t end = cr + 2;
  if (stops == 0 || end >= w->n || line + STOX_SIP_WORD > w->n) {
    return WINDOW_ENDS;
  }
  const size_t colon = line + stox_stops_first_bit(stops);
  if (p[colon] != ':' || colon == line || !is_line_end(p + cr) || end - line > most) {
    return OTHER_FORM;
  }
  (void)next_odd(w); /* the LF */
  set_value(out, p, colon, cr);
  out->line = (uint32_t)line;
  out->end = (uint32_t)end;
  out->name_n = (uint16_t)(colon - line);
  out->id = (uint8_t)stox_sip_known_id_here(p + line, colon - line);
  out->flags = 0;
  return READ;
}

/* What is counted from the window's begin is to be counted from that of the text. */
static void shift(stox_sip_field *from, const stox_sip_field *end, size_t base) {
  for (; from < end; from++) {
    from->line += (uint32_t)base;
    from->end += (uint32_t)base;
    from->value += (uint32_t)base;
  }
}

/* The fields of that form in the window, up to `most` in all. */
static int read_window(stox_sip_parser *parser, uint32_t most) {
  stox_sip_message *message = parser->message;
  const size_t base = parser->stops.base;
  const size_t longest = parser->limits->line;
  size_t at = parser->at - base;
  window w = open_window(&parser->stops, at);
  uint32_t count = message->n_fields;
  stox_sip_field *const first = message->fields + count;
  stox_sip_field *field = first;
  int outcome = READ;
  for (; count < most && (outcome = read_field(field, &w, at, longest)) == READ; field++) {
    at = field->end;
    note_id(message, field, count++);
  }
  if (base != 0) {
    shift(first, field, base);
  }
  message->n_fields = count;
  parser->at = base + at;
  return outcome;
}

/* Brings more octets behind those that have been read into the window; 0: there are none, or it
 * holds nothing else already. */
static int lengthen(stox_stops *stops, size_t at) {
  const size_t full = (STOX_STOPS_WORDS - STOX_STOPS_CHUNK) * (size_t)STOX_STOPS_BITS;
  if (stops->base + stops->reach >= stops->n || (stops->base == at && stops->reach > full)) {
    return 0;
  }
  stox_stops_load(stops, at);
  return 1;
}

int stox_sip_add_plain_fields(stox_sip_parser *parser) {
  stox_sip_message *message = parser->message;
  stox_stops *stops = &parser->stops;
  const uint32_t most = parser->limits->header_count;
  if (parser->at - stops->base > stops->reach) {
    stox_stops_load(stops, parser->at);
  }
  while (message->n_fields < most) {
    if (message->n_fields == message->room && make_room(message) != STOX_OK) {
      return STOX_E_NOMEM;
    }
    const int outcome = read_window(parser, message->room < most ? message->room : most);
    if (outcome == OTHER_FORM || (outcome == WINDOW_ENDS && !lengthen(stops, parser->at))) {
      break;
    }
  }
  return STOX_OK;
}
