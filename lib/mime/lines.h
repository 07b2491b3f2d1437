/* SPDX-License-Identifier: MIT */
#ifndef STOX_MIME_LINES_H
#define STOX_MIME_LINES_H

#include "stox/span.h"

#include <string.h>

/* The index of the first CRLF at or behind `at`, or text.n. */
static inline size_t stox_find_crlf(stox_span text, size_t at) {
  while (at < text.n) {
    const char *found = memchr(text.p + at, '\r', text.n - at);
    if (found == NULL) {
      return text.n;
    }
    at = (size_t)(found - text.p);
    if (at + 1 < text.n && text.p[at + 1] == '\n') {
      return at;
    }
    at++;
  }
  return text.n;
}

/* 1 if the text holds CRLF at `at`. */
static inline int stox_is_crlf(stox_span text, size_t at) {
  return at + 1 < text.n && text.p[at] == '\r' && text.p[at + 1] == '\n';
}

#endif
