/* SPDX-License-Identifier: MIT */
#include "addr/address.h"

#include "addr/uri_walk.h"

/* Behind the quoted string whose quotation mark is at a stop; SIZE_MAX: not of this form, which has
 * no escapes. */
static inline size_t quoted_end(stox_walk *w) {
  for (size_t at = stox_walk_next(w); at < w->end; at = stox_walk_next(w)) {
    const char c = w->p[at];
    if (c == '"') {
      return at + 1;
    }
    if (c == '\\' || stox_char_is(c, STOX_CHAR_CTRL)) {
      return SIZE_MAX;
    }
  }
  return SIZE_MAX;
}

/* [ display-name ] from `at` on; the stop of the angle bracket, SIZE_MAX: not of this form. */
static inline size_t read_display(stox_span *out, stox_walk *w, size_t at) {
  size_t stop = stox_walk_next(w);
  char c = stox_walk_peek(w, stop);
  size_t end = at;
  if (c == '"' && stop == at) {
    end = quoted_end(w);
    stop = end == SIZE_MAX ? end : stox_walk_next(w);
    stop = stop == end ? stox_walk_spaces(w, stop) : SIZE_MAX;
    c = stox_walk_peek(w, stop);
  } else if (stop > at) {
    for (; c == ' '; c = stox_walk_peek(w, stop)) {
      stop = stox_walk_next(w);
    }
    for (end = stop; w->p[end - 1] == ' ';) {
      end--;
    }
  }
  *out = end > at ? stox_walk_part(w, at, end) : stox_walk_absent;
  return c == '<' ? stop : SIZE_MAX;
}

/* ( token / quoted-string ) behind an equals sign; the stop behind, SIZE_MAX: not of this form.
 * `*is_plain`: it is a token of plain octets. */
static inline size_t read_value(int *is_plain, stox_walk *w, size_t at) {
  size_t stop = stox_walk_next(w);
  const size_t plain = stop;
  if (stop == at && stox_walk_peek(w, stop) == '"') {
    const size_t end = quoted_end(w);
    stop = end == SIZE_MAX ? end : stox_walk_next(w);
    return stop == end ? stop : SIZE_MAX;
  }
  while (stop < w->end && stox_char_is(w->p[stop], STOX_CHAR_TOKEN | STOX_CHAR_PARAM)) {
    stop = stox_walk_next(w);
  }
  *is_plain = stop == plain;
  return stop > at ? stop : SIZE_MAX;
}

/* *( SEMI name [ "=" value ] ), spaces around the semicolon alone, from a stop on; the stop behind,
 * SIZE_MAX: not of this form. */
static inline size_t read_params(stox_address *out, stox_walk *w, size_t stop) {
  size_t first = 0;
  stop = stox_walk_spaces(w, stop);
  while (stox_walk_peek(w, stop) == ';') {
    size_t at = stop + 1;
    first = first == 0 ? at : first;
    for (stop = stox_walk_next(w); stop == at && stox_walk_peek(w, stop) == ' ';) {
      at = stop + 1;
      stop = stox_walk_next(w);
    }
    const size_t name_end = stop;
    int is_plain = 0;
    if (stox_walk_peek(w, stop) == '=') {
      stop = read_value(&is_plain, w, name_end + 1);
    }
    if (name_end == at || stop == SIZE_MAX) {
      return SIZE_MAX;
    }
    if (stox_plain_is(w->p + at, name_end - at, "tag", 3)) {
      if (out->tag.p != NULL || !is_plain) {
        return SIZE_MAX;
      }
      out->tag = stox_walk_part(w, name_end + 1, stop);
    }
    out->name->params = stox_walk_part(w, first, stop);
    stop = stox_walk_spaces(w, stop);
  }
  return stop == w->end || stox_walk_peek(w, stop) == ',' ? stop : SIZE_MAX;
}

int stox_address_read(stox_address *out, stox_reader *r) {
  stox_walk w = stox_walk_from(r, r->at);
  stox_name_addr *name = out->name;
  size_t stop = read_display(&name->display, &w, r->at);
  if (stop == SIZE_MAX) {
    return 0;
  }
  stop = stox_walk_uri(out->uri, &w, r, stop + 1);
  if (stox_walk_peek(&w, stop) != '>') {
    return 0;
  }
  const size_t behind = stop + 1;
  name->params = stox_walk_absent;
  out->tag = stox_walk_absent;
  stop = stox_walk_next(&w);
  stop = stop == behind ? read_params(out, &w, stop) : SIZE_MAX;
  if (stop == SIZE_MAX) {
    return 0;
  }
  const stox_span params = name->params;
  const size_t last = params.p == NULL ? behind : (size_t)(params.p - r->p) + params.n;
  name->text = stox_walk_part(&w, r->at, last);
  name->uri = out->uri->text;
  name->brackets = 1;
  name->star = 0;
  r->at = stop;
  return 1;
}
