/* SPDX-License-Identifier: MIT */
#include "xml/declaration.h"

#include "base/chars.h"
#include "stox/status.h"

static size_t skip_space(stox_span text, size_t at) {
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_SPACE)) {
    at++;
  }
  return at;
}

static int take_text(stox_span text, size_t *at, const char *wanted) {
  const stox_span w = stox_span_text(wanted);
  if (!stox_span_is_equal(stox_span_slice(text, *at, w.n), w)) {
    return 0;
  }
  *at += w.n;
  return 1;
}

/* S name Eq quoted value: 1 and the value, or 0 and nothing moved. */
static int take_field(stox_span *value, stox_span text, size_t *at, const char *name) {
  size_t i = skip_space(text, *at);
  if (i == *at || !take_text(text, &i, name)) {
    return 0;
  }
  i = skip_space(text, i);
  if (!take_text(text, &i, "=")) {
    return 0;
  }
  i = skip_space(text, i);
  if (i >= text.n || (text.p[i] != '\'' && text.p[i] != '"')) {
    return 0;
  }
  const char quote = text.p[i];
  *value = stox_span_slice(text, i + 1, text.n);
  value->n = stox_span_find(*value, quote);
  *at = i + 2 + value->n;
  return *at <= text.n;
}

int xml_declaration_check(stox_span text) {
  stox_span version = {NULL, 0};
  stox_span encoding = {NULL, 0};
  stox_span standalone = {NULL, 0};
  size_t at = 0;
  if (!take_text(text, &at, "<?xml") || skip_space(text, at) == at) {
    return STOX_E_RESTRICTED_XML;
  }
  if (!take_field(&version, text, &at, "version")) {
    return STOX_E_BAD_XML;
  }
  (void)take_field(&encoding, text, &at, "encoding");
  if (take_field(&standalone, text, &at, "standalone") &&
      !stox_span_is_equal(standalone, stox_span_text("yes")) &&
      !stox_span_is_equal(standalone, stox_span_text("no"))) {
    return STOX_E_BAD_XML;
  }
  at = skip_space(text, at);
  if (!take_text(text, &at, "?>") || at != text.n ||
      !stox_span_is_equal(version, stox_span_text("1.0"))) {
    return STOX_E_BAD_XML;
  }
  if (encoding.p != NULL && !stox_span_is_equal_nocase(encoding, stox_span_text("utf-8"))) {
    return STOX_E_UNSUPPORTED;
  }
  return STOX_OK;
}
