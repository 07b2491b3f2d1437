/* SPDX-License-Identifier: MIT */
#include "mime/cpim_text.h"

#include "base/chars.h"
#include "stox/cpim.h"
#include "stox/status.h"
#include "stox/utf8.h"

/* RFC 3862 3.6 NAMECHAR */
static int is_name_octet(char c) {
  static const stox_span marks = {"!#$%&'*+-^_`|~", 14};
  return stox_char_is(c, STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) || stox_span_find(marks, c) < marks.n;
}

size_t stox_cpim_name_end(stox_span text, size_t at) {
  while (at < text.n && is_name_octet(text.p[at])) {
    at++;
  }
  return at;
}

size_t stox_cpim_header_name_end(stox_span text, size_t at, size_t *dot) {
  *dot = stox_cpim_name_end(text, at);
  if (*dot == at || *dot == text.n || text.p[*dot] != '.') {
    return *dot;
  }
  const size_t end = stox_cpim_name_end(text, *dot + 1);
  return end == *dot + 1 ? at : end;
}

size_t stox_cpim_string_end(stox_span text, size_t at) {
  for (at++; at < text.n && text.p[at] != '"'; at++) {
    at += text.p[at] == '\\';
  }
  return at < text.n ? at + 1 : 0;
}

int stox_cpim_is_uri(stox_span text) {
  const size_t colon = stox_span_find(text, ':');
  if (colon == 0 || colon + 1 >= text.n || !stox_char_is(text.p[0], STOX_CHAR_ALPHA)) {
    return 0;
  }
  for (size_t i = 0; i < colon; i++) {
    const char c = text.p[i];
    if (!stox_char_is(c, STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) && c != '+' && c != '-' && c != '.') {
      return 0;
    }
  }
  for (size_t i = colon + 1; i < text.n; i++) {
    const int is_escape = text.p[i] == '%' && text.n - i > 2 && stox_char_hex(text.p[i + 1]) >= 0 &&
                          stox_char_hex(text.p[i + 2]) >= 0;
    if (!is_escape && (!stox_char_is(text.p[i], STOX_CHAR_URIC) || text.p[i] == '#')) {
      return 0;
    }
  }
  return 1;
}

/* The four hexadecimal digits at `at`; -1: they are not there. */
static int32_t hex4(stox_span text, size_t at) {
  int32_t value = 0;
  if (at > text.n || text.n - at < 4) {
    return -1;
  }
  for (size_t i = 0; i < 4; i++) {
    const int digit = stox_char_hex(text.p[at + i]);
    if (digit < 0) {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

/* The character of the `\u` escape whose digits are at `*at`; a surrogate takes its other half. */
static int32_t take_code_point(stox_span text, size_t *at) {
  const int32_t high = hex4(text, *at);
  *at += 4;
  if (high < 0xD800 || high > 0xDBFF) {
    return high;
  }
  if (text.n - *at < 6 || text.p[*at] != '\\' || text.p[*at + 1] != 'u') {
    return high;
  }
  const int32_t low = hex4(text, *at + 2);
  if (low < 0xDC00 || low > 0xDFFF) {
    return high;
  }
  *at += 6;
  return 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00);
}

/* The character at `*at`, an escape or one octet; -1: a backslash at the end. */
static int32_t take_char(stox_span text, size_t *at, int *is_octet) {
  static const char letters[] = "btnr";
  static const char meant[] = "\b\t\n\r";
  *is_octet = 1;
  if (text.p[*at] != '\\') {
    return (unsigned char)text.p[(*at)++];
  }
  if (++*at == text.n) {
    return -1;
  }
  const char c = text.p[(*at)++];
  if (c == 'u' && hex4(text, *at) >= 0) {
    *is_octet = 0;
    return take_code_point(text, at);
  }
  const size_t i = stox_span_find((stox_span){letters, 4}, c);
  return (unsigned char)(i < 4 ? meant[i] : c);
}

static int is_control(int32_t c) {
  return c < 0x20 || c == 0x7F;
}

int stox_cpim_unescape(stox_buf *out, stox_span value, int keep_controls) {
  const size_t len = out->len;
  int in_run = 0;
  for (size_t at = 0; at < value.n;) {
    int is_octet = 0;
    const int32_t c = take_char(value, &at, &is_octet);
    if (c < 0) {
      break;
    }
    if (!keep_controls && is_control(c)) {
      (void)(in_run ? STOX_OK : stox_buf_put_octet(out, ' '));
      in_run = 1;
      continue;
    }
    in_run = 0;
    if (is_octet) {
      (void)stox_buf_put_octet(out, (char)c);
    } else if (stox_utf8_put(out, (uint32_t)c) == STOX_E_BAD_UTF8) {
      out->len = len;
      return STOX_E_BAD_UTF8;
    }
  }
  return stox_buf_status(out);
}

/* `quoted` 1: inside double quotes. */
static void put_escaped(stox_buf *out, stox_span text, int quoted) {
  static const char special[] = "\\\b\t\n\r\"";
  static const char letters[] = "\\btnr\"";
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < text.n; i++) {
    const char c = text.p[i];
    const size_t at = stox_span_find((stox_span){special, quoted ? 6 : 5}, c);
    if (at < (quoted ? 6U : 5U)) {
      const char escape[2] = {'\\', letters[at]};
      (void)stox_buf_put(out, (stox_span){escape, sizeof escape});
    } else if (stox_char_is(c, STOX_CHAR_CTRL)) {
      const char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
      (void)stox_buf_put(out, (stox_span){escape, sizeof escape});
    } else {
      (void)stox_buf_put_octet(out, c);
    }
  }
}

static int is_header_name(stox_span name) {
  size_t dot = 0;
  return name.n > 0 && stox_cpim_header_name_end(name, 0, &dot) == name.n;
}

static int is_language(stox_span lang) {
  for (size_t i = 0; i < lang.n; i++) {
    if (!stox_char_is(lang.p[i], STOX_CHAR_ALPHA | STOX_CHAR_DIGIT) && lang.p[i] != '-') {
      return 0;
    }
  }
  return lang.n > 0;
}

int stox_cpim_put_text(stox_buf *out, const char *name, stox_span lang, stox_span text) {
  size_t at = 0;
  if (!is_header_name(stox_span_text(name)) || (lang.p != NULL && !is_language(lang))) {
    return STOX_E_ARG;
  }
  if (stox_utf8_check(text, &at) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  (void)stox_buf_put_text(out, name);
  (void)stox_buf_put_text(out, lang.p != NULL ? ":;lang=" : ":");
  (void)stox_buf_put(out, lang);
  (void)stox_buf_put_octet(out, ' ');
  put_escaped(out, text, 0);
  return stox_buf_put_text(out, "\r\n");
}

static int put_uri(stox_buf *out, stox_span uri) {
  (void)stox_buf_put_octet(out, '<');
  (void)stox_buf_put(out, uri);
  return stox_buf_put_text(out, ">\r\n");
}

int stox_cpim_put_address(stox_buf *out, const char *name, stox_span display, stox_span uri) {
  size_t at = 0;
  if (!is_header_name(stox_span_text(name))) {
    return STOX_E_ARG;
  }
  if (!stox_cpim_is_uri(uri)) {
    return STOX_E_BAD_URI;
  }
  if (stox_utf8_check(display, &at) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  (void)stox_buf_put_text(out, name);
  (void)stox_buf_put_text(out, ": ");
  if (display.p != NULL) {
    (void)stox_buf_put_octet(out, '"');
    put_escaped(out, display, 1);
    (void)stox_buf_put_text(out, "\" ");
  }
  return put_uri(out, uri);
}

int stox_cpim_put_namespace(stox_buf *out, stox_span prefix, stox_span uri) {
  if (prefix.p != NULL && (prefix.n == 0 || stox_cpim_name_end(prefix, 0) != prefix.n)) {
    return STOX_E_ARG;
  }
  if (!stox_cpim_is_uri(uri)) {
    return STOX_E_BAD_URI;
  }
  (void)stox_buf_put_text(out, "NS: ");
  (void)stox_buf_put(out, prefix);
  (void)stox_buf_put_text(out, prefix.p != NULL ? " " : "");
  return put_uri(out, uri);
}

int stox_cpim_put_end(stox_buf *out) {
  return stox_buf_put_text(out, "\r\n");
}
