/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "stox/certificate.h"
#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

#define SPAN(literal)                                                                              \
  { literal, sizeof(literal) - 1 }

static const stox_span begin = SPAN("-----BEGIN ");
static const stox_span end = SPAN("-----END ");
static const stox_span dashes = SPAN("-----");

static int starts_with(stox_span text, stox_span with) {
  return text.n >= with.n && memcmp(text.p, with.p, with.n) == 0;
}

/* The next line without its end; 0 when there is none. */
static int next_line(stox_span *out, stox_span text, size_t *cursor) {
  if (*cursor >= text.n) {
    return 0;
  }
  const stox_span rest = stox_span_slice(text, *cursor, text.n);
  const size_t n = stox_span_find(rest, '\n');
  *cursor += n + 1;
  *out = stox_span_trim(stox_span_slice(rest, 0, n));
  return 1;
}

/* `-----BEGIN label-----`, or END. */
static int is_edge(stox_span line, stox_span edge, stox_span label) {
  if (!starts_with(line, edge)) {
    return 0;
  }
  const stox_span name = stox_span_slice(line, edge.n, line.n);
  return name.n == label.n + dashes.n && starts_with(name, label) &&
         starts_with(stox_span_slice(name, label.n, name.n), dashes);
}

/* Lines up to the end, without spaces. */
static int take_body(stox_span *out, stox_arena *arena, stox_span text, stox_span label,
                     size_t *cursor) {
  const size_t room = *cursor < text.n ? text.n - *cursor : 0;
  size_t end_at = *cursor;
  stox_span line = {NULL, 0};
  while (next_line(&line, text, &end_at) && !starts_with(line, end)) {
  }
  if (room == 0 || !is_edge(line, end, label)) {
    return STOX_E_SYNTAX;
  }
  char *p = stox_arena_take(arena, end_at - *cursor, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  size_t n = 0;
  while (next_line(&line, text, cursor) && !starts_with(line, end)) {
    if (line.n > 0) {
      memcpy(p + n, line.p, line.n);
    }
    n += line.n;
  }
  *out = (stox_span){p, n};
  return STOX_OK;
}

int stox_pem_next(stox_span *out, stox_arena *arena, stox_span text, const char *label,
                  size_t *cursor) {
  const stox_span name = stox_span_text(label);
  stox_span line;
  stox_span body;
  stox_buf octets;
  while (next_line(&line, text, cursor)) {
    if (!is_edge(line, begin, name)) {
      continue;
    }
    int status = take_body(&body, arena, text, name, cursor);
    if (status != STOX_OK) {
      return status;
    }
    char *p = stox_arena_take(arena, body.n / 4 * 3 + 3, 1);
    if (p == NULL) {
      return STOX_E_NOMEM;
    }
    stox_buf_init(&octets, p, body.n / 4 * 3 + 3);
    status = stox_base64_parse(&octets, body, STOX_BASE64);
    *out = status == STOX_OK ? stox_buf_span(&octets) : *out;
    return status == STOX_OK ? STOX_OK : STOX_E_BAD_BASE64;
  }
  return STOX_E_NONE;
}
