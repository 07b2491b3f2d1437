/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "stox/number.h"
#include "stox/status.h"

static const char alphabets[2][65] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

int stox_base64_write(stox_buf *out, stox_span octets, int alphabet) {
  const char *digits = alphabets[alphabet == STOX_BASE64_URL];
  for (size_t i = 0; i < octets.n; i += 3) {
    const size_t n = octets.n - i < 3 ? octets.n - i : 3;
    uint32_t group = 0;
    for (size_t k = 0; k < 3; k++) {
      group = group << 8 | (k < n ? (unsigned char)octets.p[i + k] : 0U);
    }
    char text[4];
    for (size_t k = 0; k < 4; k++) {
      text[k] = k <= n ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    (void)stox_buf_put(out, (stox_span){text, alphabet == STOX_BASE64_URL ? n + 1 : 4});
  }
  return stox_buf_status(out);
}

static int digit_of(char c, int alphabet) {
  if (stox_char_is(c, STOX_CHAR_UPPER)) {
    return c - 'A';
  }
  if (stox_char_is(c, STOX_CHAR_ALPHA)) {
    return c - 'a' + 26;
  }
  if (stox_char_is(c, STOX_CHAR_DIGIT)) {
    return c - '0' + 52;
  }
  if (c == alphabets[alphabet][62]) {
    return 62;
  }
  return c == alphabets[alphabet][63] ? 63 : -1;
}

/* Takes padding off; a padded alphabet must come in whole groups with at most two `=`. */
static int unpad(stox_span *text, int alphabet) {
  if (alphabet == STOX_BASE64) {
    if (text->n % 4 != 0) {
      return STOX_E_BAD_BASE64;
    }
    for (int i = 0; i < 2 && text->n > 0 && text->p[text->n - 1] == '='; i++) {
      text->n--;
    }
  }
  return text->n % 4 == 1 ? STOX_E_BAD_BASE64 : STOX_OK;
}

int stox_base64_parse(stox_buf *out, stox_span text, int alphabet) {
  const size_t before = out->len;
  const int which = alphabet == STOX_BASE64_URL;
  uint32_t bits = 0;
  unsigned held = 0;
  if (unpad(&text, which) != STOX_OK) {
    return STOX_E_BAD_BASE64;
  }
  for (size_t i = 0; i < text.n; i++) {
    const int digit = digit_of(text.p[i], which);
    if (digit < 0) {
      out->len = before;
      return STOX_E_BAD_BASE64;
    }
    bits = (bits << 6 | (uint32_t)digit) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      (void)stox_buf_put_octet(out, (char)(bits >> held & 0xFFU));
    }
  }
  if ((bits & ((1U << held) - 1U)) != 0) {
    out->len = before;
    return STOX_E_BAD_BASE64;
  }
  return stox_buf_status(out);
}
