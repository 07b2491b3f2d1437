/* SPDX-License-Identifier: MIT */
#include "stox/utf8.h"

#include "stox/status.h"
#include "text/ascii.h"

enum { SURROGATE_FIRST = 0xD800, SURROGATE_LAST = 0xDFFF, CODE_POINT_LAST = 0x10FFFF };

/* Octets of the sequence that begins at `p`, 0 if none does. */
static size_t decode(uint32_t *out, const unsigned char *p, size_t n) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (p[0] < 0x80) {
    *out = p[0];
    return 1;
  }
  if (p[0] < 0xC2 || p[0] > 0xF4) {
    return 0;
  }
  const size_t need = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
  if (need > n) {
    return 0;
  }
  uint32_t point = p[0] & (0x7Fu >> need);
  for (size_t i = 1; i < need; i++) {
    if ((p[i] & 0xC0) != 0x80) {
      return 0;
    }
    point = point << 6 | (p[i] & 0x3Fu);
  }
  if (point < least[need] || point > CODE_POINT_LAST ||
      (point >= SURROGATE_FIRST && point <= SURROGATE_LAST)) {
    return 0;
  }
  *out = point;
  return need;
}

/* Where the run of whole ASCII words that begins at `i` ends. */
static size_t skip_ascii(stox_span text, size_t i) {
  while (text.n - i >= sizeof(uint64_t) && stox_word_high(stox_word_load(text.p + i)) == 0) {
    i += sizeof(uint64_t);
  }
  return i;
}

int stox_utf8_check(stox_span text, size_t *offset) {
  size_t i = skip_ascii(text, 0);
  while (i < text.n) {
    uint32_t point;
    const size_t octets = decode(&point, (const unsigned char *)text.p + i, text.n - i);
    if (octets == 0) {
      if (offset != NULL) {
        *offset = i;
      }
      return STOX_E_BAD_UTF8;
    }
    i = skip_ascii(text, i + octets);
  }
  return STOX_OK;
}

int stox_utf8_next(uint32_t *out, stox_span text, size_t *cursor) {
  if (*cursor >= text.n) {
    return STOX_E_NONE;
  }
  const size_t octets = decode(out, (const unsigned char *)text.p + *cursor, text.n - *cursor);
  *cursor += octets;
  return octets == 0 ? STOX_E_BAD_UTF8 : STOX_OK;
}

int stox_utf8_put(stox_buf *out, uint32_t code_point) {
  static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  if (code_point > CODE_POINT_LAST ||
      (code_point >= SURROGATE_FIRST && code_point <= SURROGATE_LAST)) {
    return STOX_E_BAD_UTF8;
  }
  if (code_point < 0x80) {
    return stox_buf_put_octet(out, (char)code_point);
  }
  const size_t n = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  char octets[4];
  for (size_t i = n - 1; i > 0; i--) {
    octets[i] = (char)(0x80 | (code_point & 0x3F));
    code_point >>= 6;
  }
  octets[0] = (char)(lead[n] | code_point);
  return stox_buf_put(out, (stox_span){octets, n});
}

int stox_text_is_ascii(stox_span text) {
  uint64_t high = stox_word_high(stox_word_tail(text));
  for (size_t i = 0; i + sizeof(uint64_t) <= text.n; i += sizeof(uint64_t)) {
    high |= stox_word_high(stox_word_load(text.p + i));
  }
  return high == 0;
}
