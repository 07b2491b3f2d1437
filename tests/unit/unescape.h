/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_UNESCAPE_H
#define STOX_TEST_UNESCAPE_H

#include "support.h"

#include "stox/utf8.h"

/* Undoes the escapes `\\`, `\xHH` and `\u{HEX}` that tables of texts use. */
static inline stox_span unescape(char *room, size_t cap, stox_span text) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  for (size_t i = 0; i < text.n; i++) {
    const char next = i + 1 < text.n ? text.p[i + 1] : '\0';
    char *stop = NULL;
    if (text.p[i] != '\\') {
      stox_buf_put_octet(&out, text.p[i]);
    } else if (next == 'x') {
      const char digits[3] = {text.p[i + 2], text.p[i + 3], '\0'};
      stox_buf_put_octet(&out, (char)strtoul(digits, &stop, 16));
      i += 3;
    } else if (next == 'u') {
      stox_utf8_put(&out, (uint32_t)strtoul(text.p + i + 3, &stop, 16));
      i = (size_t)(stop - text.p);
    } else {
      stox_buf_put_octet(&out, next);
      i++;
    }
  }
  assert_status(stox_buf_status(&out), STOX_OK);
  return stox_buf_span(&out);
}

#endif
