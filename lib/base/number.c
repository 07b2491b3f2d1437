/* SPDX-License-Identifier: MIT */
#include "stox/number.h"

#include "base/chars.h"
#include "stox/status.h"

enum { DIGITS_THAT_FIT = 19 };

int stox_number_parse(uint64_t *out, stox_span text, uint64_t max) {
  uint64_t value = 0;
  size_t i = 0;
  for (; i < text.n && i < DIGITS_THAT_FIT; i++) {
    const uint64_t digit = (uint64_t)(unsigned char)text.p[i] - '0';
    if (digit > 9) {
      return STOX_E_BAD_NUMBER;
    }
    value = value * 10 + digit;
  }
  for (; i < text.n; i++) {
    const uint64_t digit = (uint64_t)(unsigned char)text.p[i] - '0';
    if (digit > 9 || value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit) {
      return STOX_E_BAD_NUMBER;
    }
    value = value * 10 + digit;
  }
  if (text.n == 0 || value > max) {
    return STOX_E_BAD_NUMBER;
  }
  *out = value;
  return STOX_OK;
}

int stox_hex_write(stox_buf *out, stox_span octets) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < octets.n; i++) {
    const unsigned char octet = (unsigned char)octets.p[i];
    (void)stox_buf_put(out, (stox_span){(const char[]){digits[octet >> 4], digits[octet & 15]}, 2});
  }
  return stox_buf_status(out);
}

int stox_hex_parse(stox_buf *out, stox_span text) {
  const size_t before = out->len;
  if (text.n % 2 != 0) {
    return STOX_E_BAD_HEX;
  }
  for (size_t i = 0; i < text.n; i += 2) {
    const int high = stox_char_hex(text.p[i]);
    const int low = stox_char_hex(text.p[i + 1]);
    if (high < 0 || low < 0) {
      out->len = before;
      return STOX_E_BAD_HEX;
    }
    (void)stox_buf_put_octet(out, (char)(high * 16 + low));
  }
  return stox_buf_status(out);
}
