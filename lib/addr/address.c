/* SPDX-License-Identifier: MIT */
#include "addr/address.h"

#include "addr/uri_walk.h"

/* The stop behind the backslash at a stop: the octet that it escapes is none, be it a stop or not.
 */
STOX_WALK_STEP uint32_t behind_escape(stox_walk *w, uint32_t at) {
  const uint32_t next = stox_walk_next(w);
  const char c = stox_walk_peek(w, next);
  if (next != at + 1) {
    return next;
  }
  return stox_char_is(c, STOX_CHAR_CTRL) || (unsigned char)c > 0x7F ? STOX_WALK_NOT
                                                                    : stox_walk_next(w);
}

/* Behind the quoted string whose quotation mark is at a stop. */
STOX_WALK_STEP uint32_t quoted_end(stox_walk *w) {
  uint32_t at = stox_walk_next(w);
  for (;;) {
    const char c = stox_walk_peek(w, at);
    if (c == '"') {
      return at + 1;
    }
    if (stox_char_is(c, STOX_CHAR_CTRL)) {
      return STOX_WALK_NOT;
    }
    at = c == '\\' ? behind_escape(w, at) : stox_walk_next(w);
    if (at == STOX_WALK_NOT) {
      return STOX_WALK_NOT;
    }
  }
}

/* Behind the quoted string whose quotation mark is at a stop, which a stop has to be. */
STOX_WALK_STEP uint32_t quoted(stox_walk *w) {
  const uint32_t end = quoted_end(w);
  return end != STOX_WALK_NOT && stox_walk_next(w) == end ? end : STOX_WALK_NOT;
}

/* Behind the run of spaces of which the stop `at` may be the first: a stop. */
STOX_WALK_STEP uint32_t spaces(stox_walk *w, uint32_t at) {
  while (stox_walk_peek(w, at) == ' ') {
    const uint32_t next = stox_walk_next(w);
    if (next != at + 1) {
      return STOX_WALK_NOT;
    }
    at = next;
  }
  return at;
}

/* [ display-name ] "<" from `at` on; behind the angle bracket. */
STOX_WALK_STEP uint32_t read_display(stox_span *out, stox_walk *w, uint32_t at) {
  uint32_t stop = stox_walk_next(w);
  char c = stox_walk_peek(w, stop);
  *out = stox_walk_absent;
  if (stop > at) {
    for (; c == ' '; c = stox_walk_peek(w, stop)) {
      stop = stox_walk_next(w);
    }
    uint32_t end = stop;
    while (w->p[end - 1] == ' ') {
      end--;
    }
    *out = stox_walk_part(w, at, end);
  } else if (c == '"') {
    stop = quoted(w);
    *out = stox_walk_part(w, at, stop);
    if (stop == STOX_WALK_NOT || (stop = spaces(w, stop)) == STOX_WALK_NOT) {
      return STOX_WALK_NOT;
    }
    c = stox_walk_peek(w, stop);
  }
  return c == '<' ? stop + 1 : STOX_WALK_NOT;
}

/* ( token / quoted-string ) behind an equals sign; the stop behind. */
STOX_WALK_STEP uint32_t read_value(stox_walk *w, uint32_t at) {
  uint32_t stop = stox_walk_next(w);
  if (stop == at && stox_walk_peek(w, stop) == '"') {
    return quoted(w);
  }
  while (stox_char_is(stox_walk_peek(w, stop), STOX_CHAR_TOKEN | STOX_CHAR_PARAM)) {
    stop = stox_walk_next(w);
  }
  return stop > at ? stop : STOX_WALK_NOT;
}

/* Whether all of a value is plain. */
STOX_WALK_STEP int is_plain(const stox_reader *r, uint32_t at, uint32_t stop) {
  return at < stop && stop - at <= STOX_STOPS_STEP &&
         (stox_stops_bits(r->stop, at) & ((UINT64_C(1) << (stop - at)) - 1)) == 0;
}

int stox_address_known(const char *p, size_t n) {
  static const struct {
    char name[14];
    unsigned char n;
    unsigned char known;
  } rows[] = {{"q", 1, STOX_ADDRESS_Q},
              {"reg-id", 6, STOX_ADDRESS_REG_ID},
              {"expires", 7, STOX_ADDRESS_EXPIRES},
              {"pub-gruu", 8, STOX_ADDRESS_PUB_GRUU},
              {"temp-gruu", 9, STOX_ADDRESS_TEMP_GRUU},
              {"+sip.instance", 13, STOX_ADDRESS_INSTANCE}};
  if (n == 1) {
    return (p[0] | 0x20) == 'q' ? STOX_ADDRESS_Q : STOX_ADDRESS_KNOWN;
  }
  for (size_t i = 1; i < sizeof rows / sizeof rows[0]; i++) {
    if (rows[i].n == n) {
      return stox_plain_is(p, n, rows[i].name, n) ? rows[i].known : STOX_ADDRESS_KNOWN;
    }
  }
  return STOX_ADDRESS_KNOWN;
}

/* What a parameter says whose value lies between two indices, or that has none; 0: not of this
 * form.
 */
STOX_WALK_STEP int note_param(stox_address *out, const stox_reader *r, stox_span name,
                              uint32_t value, uint32_t stop) {
  if (out->known == NULL) {
    if (!stox_plain_is(name.p, name.n, "tag", 3)) {
      return 1;
    }
    const int is_first = out->tag.p == NULL;
    out->tag = (stox_span){r->p + value, stop - value};
    return is_first && is_plain(r, value, stop);
  }
  const int known = stox_address_known(name.p, name.n);
  if (known < STOX_ADDRESS_KNOWN && value <= stop && out->known[known].p == NULL) {
    out->known[known] = (stox_span){r->p + value, stop - value};
  }
  return 1;
}

/* *( SEMI name [ "=" value ] ), spaces around the semicolon alone, from a stop on; the stop behind.
 */
STOX_WALK_STEP uint32_t read_params(stox_address *out, stox_walk *w, const stox_reader *r,
                                    uint32_t stop) {
  uint32_t first = 0;
  uint32_t last = 0;
  stop = spaces(w, stop);
  while (stop != STOX_WALK_NOT && stox_walk_peek(w, stop) == ';') {
    uint32_t at = stop + 1;
    first = first == 0 ? at : first;
    for (stop = stox_walk_next(w); stop == at && stox_walk_peek(w, stop) == ' ';) {
      at = stop + 1;
      stop = stox_walk_next(w);
    }
    const uint32_t name_end = stop;
    if (stox_walk_peek(w, stop) == '=') {
      stop = read_value(w, name_end + 1);
    }
    if (name_end == at || stop == STOX_WALK_NOT ||
        !note_param(out, r, stox_walk_part(w, at, name_end), name_end + 1, stop)) {
      return STOX_WALK_NOT;
    }
    last = stop;
    stop = spaces(w, stop);
  }
  out->name->params = first == 0 ? stox_walk_absent : stox_walk_part(w, first, last);
  return stop;
}

/* All of it; whether it is a line and a Contact is known as this is compiled. */
STOX_WALK_STEP int read_any(stox_address *out, stox_reader *r, int is_line) {
  stox_walk w = stox_walk_from(r, is_line);
  stox_name_addr *name = out->name;
  uint32_t stop = read_display(&name->display, &w, (uint32_t)r->at);
  if (stop == STOX_WALK_NOT || (stop = stox_walk_uri(out->uri, &w, r, stop)) == STOX_WALK_NOT ||
      stox_walk_peek(&w, stop) != '>') {
    return 0;
  }
  const uint32_t behind = stop + 1;
  out->tag = stox_walk_absent;
  if (stox_walk_next(&w) != behind || (stop = read_params(out, &w, r, behind)) == STOX_WALK_NOT ||
      (stop != w.end && stox_walk_peek(&w, stop) != ',')) {
    return 0;
  }
  const stox_span params = name->params;
  const char *end = params.p == NULL ? r->p + behind : params.p + params.n;
  name->text = (stox_span){r->p + r->at, (size_t)(end - (r->p + r->at))};
  name->uri = out->uri->text;
  name->brackets = 1;
  name->star = 0;
  r->at = stop;
  return 1;
}

int stox_address_read(stox_address *out, stox_reader *r) {
  out->known = NULL;
  return read_any(out, r, 0);
}

int stox_address_read_line(stox_address *out, stox_reader *r) {
  out->known = NULL;
  return read_any(out, r, 1);
}

int stox_contact_read_line(stox_address *out, stox_reader *r) {
  stox_address contact = {.name = out->name, .uri = out->uri, .known = out->known};
  return out->known != NULL && read_any(&contact, r, 1);
}
