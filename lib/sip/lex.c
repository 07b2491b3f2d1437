/* SPDX-License-Identifier: MIT */
#include "sip/lex.h"

#include "base/chars.h"
#include "text/ascii.h"

size_t stox_sip_quoted_end(stox_span text, size_t at) {
  for (size_t i = at + 1; i < text.n; i++) {
    i = stox_skip_quotable(text, i);
    if (i < text.n && text.p[i] == '"') {
      return i + 1;
    }
    if (i < text.n && text.p[i] == '\\') {
      i++;
    }
  }
  return 0;
}

size_t stox_sip_element_end(stox_span text, size_t at) {
  int angle = 0;
  while (at < text.n) {
    const char c = text.p[at];
    if (c == ',' && !angle) {
      return at;
    }
    if (c == '"' && !angle) {
      const size_t end = stox_sip_quoted_end(text, at);
      at = end == 0 ? text.n : end;
      continue;
    }
    angle = c == '<' || (angle && c != '>');
    at++;
  }
  return text.n;
}

int stox_sip_is_token(stox_span text) {
  return text.n > 0 && stox_sip_token_end(text, 0) == text.n;
}

size_t stox_sip_find_control(stox_span text) {
  for (size_t i = 0; i < text.n; i++) {
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL) && text.p[i] != '\t') {
      return i;
    }
  }
  return text.n;
}
