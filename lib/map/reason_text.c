/* SPDX-License-Identifier: MIT */
#include "stox/error_map.h"
#include "stox/status.h"
#include "stox/utf8.h"

/* Separates words: white space, the controls of ASCII and Latin-1, the separators of Unicode that
 * some readers take for a line end, and what XML cannot carry (XML 1.0 2.2). */
static int is_gap(uint32_t point) {
  return point <= 0x20 || (point >= 0x7F && point <= 0xA0) || point == 0x2028 || point == 0x2029 ||
         point == 0xFEFF || point == 0xFFFE || point == 0xFFFF;
}

/* The next code point's octets, moving the cursor; 0 octets: a gap, or no UTF-8. */
static stox_span next_point(stox_span text, size_t *cursor) {
  const size_t from = *cursor;
  uint32_t point = 0;
  if (stox_utf8_next(&point, text, cursor) != STOX_OK) {
    *cursor = from + 1;
    return (stox_span){NULL, 0};
  }
  return is_gap(point) ? (stox_span){NULL, 0} : stox_span_slice(text, from, *cursor - from);
}

int stox_reason_write(stox_buf *out, stox_span text, size_t max) {
  const size_t before = out->len;
  int gap = 0;
  for (size_t cursor = 0; cursor < text.n;) {
    const stox_span octets = next_point(text, &cursor);
    const size_t used = out->len - before;
    if (octets.n == 0) {
      gap = used > 0;
      continue;
    }
    const size_t space = gap ? 1 : 0;
    if (used >= max || max - used < octets.n + space) {
      break;
    }
    if (gap) {
      stox_buf_put_octet(out, ' ');
    }
    stox_buf_put(out, octets);
    gap = 0;
  }
  return stox_buf_status(out);
}
