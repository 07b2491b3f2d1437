/* SPDX-License-Identifier: MIT */
#include "ua/digest_fields.h"

#include "base/chars.h"
#include "stox/status.h"

int stox_digest_is_word(stox_span text, const char *word) {
  return stox_span_is_equal_nocase(text, stox_span_text(word));
}

static size_t skip(stox_span text, size_t at, uint32_t classes) {
  while (at < text.n && stox_char_is(text.p[at], classes)) {
    at++;
  }
  return at;
}

/* Behind the closing quote of the string at `at`; 0: it does not end, or holds a control. */
static size_t quoted_end(stox_span text, size_t at) {
  for (at++; at < text.n && text.p[at] != '"'; at++) {
    if (text.p[at] == '\\') {
      at++;
    }
    if (at < text.n && text.p[at] != '\t' && stox_char_is(text.p[at], STOX_CHAR_CTRL)) {
      return 0;
    }
  }
  return at < text.n ? at + 1 : 0;
}

/* token EQUAL ( token / quoted-string ), moving `*at` behind it. 0: malformed. */
static int take_param(stox_span *name, stox_span *value, stox_span text, size_t *at) {
  size_t from = *at;
  *at = skip(text, from, STOX_CHAR_TOKEN);
  *name = stox_span_slice(text, from, *at - from);
  *at = skip(text, *at, STOX_CHAR_SPACE);
  if (name->n == 0 || *at == text.n || text.p[*at] != '=') {
    return 0;
  }
  from = skip(text, *at + 1, STOX_CHAR_SPACE);
  if (from < text.n && text.p[from] == '"') {
    const size_t end = quoted_end(text, from);
    *value = stox_span_slice(text, from + 1, end - from - 2);
    *at = end == 0 ? from : end;
    return end > 0;
  }
  *at = skip(text, from, STOX_CHAR_TOKEN);
  *value = stox_span_slice(text, from, *at - from);
  return value->n > 0;
}

/* 0: it stands a second time. */
static int keep_field(stox_span *fields, const stox_digest_names *names, stox_span name,
                      stox_span value) {
  for (size_t i = 0; i < names->n; i++) {
    if (stox_digest_is_word(name, names->names[i])) {
      const int is_new = fields[i].p == NULL;
      fields[i] = value;
      return is_new;
    }
  }
  return 1;
}

int stox_digest_fields(stox_span *fields, const stox_digest_names *names, stox_span text, size_t at,
                       stox_diag *diag) {
  size_t comma = at;
  do {
    stox_span name;
    stox_span value;
    at = skip(text, at, STOX_CHAR_SPACE);
    const size_t begin = at;
    if (!take_param(&name, &value, text, &at)) {
      return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, names->rule);
    }
    if (!keep_field(fields, names, name, value)) {
      return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, begin, "RFC7616-3.3 once");
    }
    at = skip(text, at, STOX_CHAR_SPACE);
    comma = at;
  } while (at < text.n && text.p[at++] == ',');
  /* A comma at the end fails above, for no parameter follows. */
  return comma < text.n ? stox_diag_set(diag, STOX_E_BAD_HEADER, 400, comma, names->rule) : STOX_OK;
}

int stox_digest_read_count(uint32_t *out, stox_span text) {
  uint32_t count = 0;
  for (size_t i = 0; i < text.n; i++) {
    const int digit = stox_char_hex(text.p[i]);
    if (digit < 0) {
      return 0;
    }
    count = count << 4 | (uint32_t)digit;
  }
  *out = count;
  return text.n == 8;
}

int stox_digest_read_qop(stox_span list) {
  int qop = 0;
  while (list.n > 0) {
    const size_t comma = stox_span_find(list, ',');
    const stox_span word = stox_span_trim(stox_span_slice(list, 0, comma));
    qop |= stox_digest_is_word(word, "auth") ? STOX_DIGEST_AUTH : 0;
    qop |= stox_digest_is_word(word, "auth-int") ? STOX_DIGEST_AUTH_INT : 0;
    list = stox_span_slice(list, comma + 1, list.n);
  }
  return qop;
}

int stox_digest_is_quotable(stox_span value) {
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] == '"' || stox_char_is(value.p[i], STOX_CHAR_CTRL)) {
      return 0;
    }
    if (value.p[i] == '\\' && (++i == value.n || stox_char_is(value.p[i], STOX_CHAR_CTRL))) {
      return 0;
    }
  }
  return 1;
}

void stox_digest_put_quoted(stox_buf *out, const char *name, stox_span value) {
  if (value.p != NULL) {
    (void)stox_buf_put_text(out, ", ");
    (void)stox_buf_put_text(out, name);
    (void)stox_buf_put_text(out, "=\"");
    (void)stox_buf_put(out, value);
    (void)stox_buf_put_octet(out, '"');
  }
}

void stox_digest_put_count(stox_buf *out, uint32_t nc) {
  static const char digits[] = "0123456789abcdef";
  (void)stox_buf_put_text(out, ", nc=");
  for (unsigned shift = 32; shift > 0; shift -= 4) {
    (void)stox_buf_put_octet(out, digits[nc >> (shift - 4) & 15]);
  }
}
