/* SPDX-License-Identifier: MIT */
#include "stox/span.h"

#include "base/chars.h"

#include <string.h>

stox_span stox_span_of(const char *p, size_t n) {
  return (stox_span){p, n};
}

stox_span stox_span_text(const char *text) {
  size_t n = 0;
  while (text != NULL && text[n] != '\0') {
    n++;
  }
  return (stox_span){text, n};
}

int stox_span_is_equal(stox_span a, stox_span b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int stox_span_is_equal_nocase(stox_span a, stox_span b) {
  if (a.n != b.n) {
    return 0;
  }
  for (size_t i = 0; i < a.n; i++) {
    if (a.p[i] != b.p[i] && stox_char_lower(a.p[i]) != stox_char_lower(b.p[i])) {
      return 0;
    }
  }
  return 1;
}

stox_span stox_span_slice(stox_span s, size_t from, size_t n) {
  if (s.p == NULL) {
    return s;
  }
  if (from > s.n) {
    from = s.n;
  }
  const size_t left = s.n - from;
  return (stox_span){s.p + from, n < left ? n : left};
}

size_t stox_span_find(stox_span s, char octet) {
  const char *hit = s.n == 0 ? NULL : memchr(s.p, octet, s.n);
  return hit == NULL ? s.n : (size_t)(hit - s.p);
}

stox_span stox_span_trim(stox_span s) {
  while (s.n > 0 && stox_char_is(s.p[0], STOX_CHAR_SPACE)) {
    s.p++;
    s.n--;
  }
  while (s.n > 0 && stox_char_is(s.p[s.n - 1], STOX_CHAR_SPACE)) {
    s.n--;
  }
  return s;
}
