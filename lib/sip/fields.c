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

/* Remembers where the first and the last of an id stand; an index below STOX_SIP_FIRST_MOST. */
static inline void note_id(stox_sip_message *message, stox_sip_field *field, size_t index) {
  const size_t id = field->id;
  if (message->first[id] == 0) {
    message->first[id] = (uint8_t)(index + 1);
    return;
  }
  field->flags |= STOX_SIP_AGAIN;
  message->last[id] = (uint8_t)(index + 1);
  message->again |= (uint8_t)stox_sip_header_rows[id].rules;
}

int stox_sip_add_field(stox_sip_message *message, const stox_sip_field *field) {
  if (message->n_fields == message->room && make_room(message) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  stox_sip_field *added = &message->fields[message->n_fields];
  *added = *field;
  added->id = (uint8_t)stox_sip_known_id(message->bytes.p + field->line, field->name_n);
  note_id(message, added,
          message->n_fields < STOX_SIP_FIRST_MOST ? message->n_fields : STOX_SIP_FIRST_MOST - 1);
  message->n_fields++;
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

static size_t window_end(const stox_stops *stops) {
  const size_t end = stops->base + stops->reach;
  return end < stops->n ? end : stops->n;
}

static inline int is_blank(char c) {
  return c == ' ' || c == '\t';
}

/* What is counted from a window's begin is to be counted from that of the text. */
static void shift(stox_sip_field *from, const stox_sip_field *end, size_t base) {
  for (; base != 0 && from < end; from++) {
    from->line += (uint32_t)base;
    from->end += (uint32_t)base;
    from->value += (uint32_t)base;
  }
}

/* Where runs of odd octets begin in a window, each met once; counted from its begin. Lines end with
 * a run of two, so that there is one of a line, where it ends. */
typedef struct run_walk {
  const uint64_t *odd; /* at `base` */
  uint64_t bits;       /* of the begins in it that are still ahead */
  uint32_t base;
} run_walk;

static inline run_walk walk_from(const uint64_t *odd, uint32_t at) {
  const uint32_t word = at / STOX_STOPS_BITS;
  const uint64_t ahead = odd[word] & ~UINT64_C(0) << at % STOX_STOPS_BITS;
  return (run_walk){odd + word, ahead & ~(ahead << 1), word * STOX_STOPS_BITS};
}

/* The next begin; not below `end`: there is none. */
static inline uint32_t next_run(run_walk *w, uint32_t end) {
  while (w->bits == 0) {
    w->base += STOX_STOPS_BITS;
    if (w->base >= end) {
      return w->base;
    }
    const uint64_t before = *w->odd++;
    w->bits = *w->odd & ~(*w->odd << 1 | before >> (STOX_STOPS_BITS - 1));
  }
  const uint32_t at = w->base + stox_stops_first_bit(w->bits);
  w->bits &= w->bits - 1;
  return at;
}

/* What a field has between indices. The value goes without the spaces around it;
 * no other white space is among octets that are not odd. */
static inline void set_parts(stox_sip_field *out, const char *p, uint32_t name_n, uint32_t colon,
                             uint32_t cr) {
  uint32_t from = colon + 1;
  uint32_t end = cr;
  while (p[end - 1] == ' ') {
    end--;
  }
  while (p[from] == ' ') {
    from++;
  }
  from = from < end ? from : end;
  out->value = from;
  out->name_n = (uint16_t)name_n;
  out->value_n = end - from;
  out->flags = 0;
}

/* Tells which fields those from an index on are. */
static void name_fields(stox_sip_message *message, uint32_t from) {
  const char *p = message->bytes.p;
  const uint32_t n = message->n_fields;
  stox_sip_field *field = message->fields + from;
  for (uint32_t i = from; i < n; i++, field++) {
    field->id = (uint8_t)stox_sip_known_id_before(p + field->line + field->name_n, field->name_n);
    note_id(message, field, i);
  }
}

/* Why reading ended. */
enum { NO_ROOM, OTHER_FORM, WINDOW_ENDS };

/* Adds the fields in the window of one line each: a plain name, a colon, a value without odd
 * octets, CRLF. A line that begins with a stop is the empty line, or continues the one before. */
static int read_window(stox_sip_parser *parser, uint32_t most) {
  stox_sip_message *message = parser->message;
  const stox_stops_room *map = &parser->room;
  const size_t base = parser->stops.base;
  const char *p = parser->stops.p + base;
  const uint32_t reach = (uint32_t)(window_end(&parser->stops) - base);
  uint32_t line = (uint32_t)(parser->at - base);
  run_walk runs = walk_from(map->odd, line);
  uint64_t stops = stox_stops_bits(map->stop, line);
  uint32_t count = message->n_fields;
  stox_sip_field *field = message->fields + count;
  int outcome = NO_ROOM;
  for (; count < most; field++) {
    field->line = line;
    const uint32_t cr = next_run(&runs, reach);
    const uint32_t end = cr + 2;
    if (end >= reach) {
      outcome = WINDOW_ENDS;
      break;
    }
    const uint32_t name_n = stops == 0 ? 0 : stox_stops_first_bit(stops);
    field->end = end;
    stops = stox_stops_bits(map->stop, end);
    if (name_n == 0 || p[line + name_n] != ':' || memcmp(p + cr, "\r\n", 2) != 0 ||
        ((stops & 1) != 0 && is_blank(p[end]))) {
      outcome = OTHER_FORM;
      break;
    }
    set_parts(field, p, name_n, line + name_n, cr);
    count++;
    line = end;
  }
  const uint32_t before = message->n_fields;
  shift(message->fields + before, field, base);
  message->n_fields = count;
  name_fields(message, before);
  parser->at = base + line;
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
  uint32_t most = parser->limits->header_count;
  most = most < STOX_SIP_FIRST_MOST ? most : STOX_SIP_FIRST_MOST - 1;
  if (parser->at < STOX_SIP_WORD || parser->limits->line < STOX_STOPS_OCTETS) {
    return STOX_OK; /* not for the loop, which asks for neither */
  }
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
