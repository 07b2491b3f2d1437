/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "xml/decode.h"
#include "xml/names.h"
#include "xml/quick.h"

static unsigned octet_at(const char *p, size_t at) {
  return (unsigned char)p[at];
}

static int is_more(unsigned octet) {
  return (octet & 0xC0) == 0x80;
}

/* Octets of a sequence of three that is well-formed and a Char; 0: it is none. */
static size_t three(const char *p, size_t at) {
  const unsigned first = octet_at(p, at);
  const unsigned second = octet_at(p, at + 1);
  const unsigned third = octet_at(p, at + 2);
  if (!is_more(second) || !is_more(third)) {
    return 0;
  }
  const int is_short = first == 0xE0 && second < 0xA0;
  const int is_surrogate = first == 0xED && second > 0x9F;
  const int is_no_char = first == 0xEF && second == 0xBF && third >= 0xBE;
  return is_short || is_surrogate || is_no_char ? 0 : 3;
}

static size_t four(const char *p, size_t at) {
  const unsigned first = octet_at(p, at);
  const unsigned second = octet_at(p, at + 1);
  if (!is_more(second) || !is_more(octet_at(p, at + 2)) || !is_more(octet_at(p, at + 3))) {
    return 0;
  }
  return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) || first > 0xF4 ? 0
                                                                                              : 4;
}

/* Octets of a sequence of the octets left. */
static size_t sequence(const char *p, size_t at, size_t left) {
  const unsigned first = octet_at(p, at);
  if (first < 0xC2) {
    return 0;
  }
  if (first < 0xE0) {
    return left >= 2 && is_more(octet_at(p, at + 1)) ? 2 : 0;
  }
  if (first < 0xF0) {
    return left >= 3 ? three(p, at) : 0;
  }
  return left >= 4 ? four(p, at) : 0;
}

size_t xml_quick_sequences(const char *p, size_t at, size_t n) {
  do {
    const size_t octets = sequence(p, at, n - at);
    if (octets == 0) {
      return 0;
    }
    at += octets;
  } while (at < n && octet_at(p, at) >= 0x80);
  return at;
}

/* A character reference, whose first octet behind "&#" is at `at`. */
static size_t number(const char *p, size_t at, size_t n) {
  const int is_hex = at < n && p[at] == 'x';
  const uint32_t radix = is_hex ? 16 : 10;
  const size_t from = at + (size_t)is_hex;
  uint32_t point = 0;
  for (at = from; at < n && p[at] != ';'; at++) {
    const int digit = stox_char_hex(p[at]);
    if (digit < 0 || (uint32_t)digit >= radix) {
      return 0;
    }
    point = point * radix + (uint32_t)digit;
    point = point > 0x110000 ? 0x110000 : point;
  }
  return at < n && at > from && xml_is_char(point) ? at + 1 : 0;
}

size_t xml_quick_reference(const char *p, size_t at, size_t n) {
  enum { LONGEST = 4 };
  at++;
  if (at < n && p[at] == '#') {
    return number(p, at + 1, n);
  }
  uint64_t packed = 0;
  for (unsigned i = 0; at < n && i <= LONGEST; i++, at++) {
    if (p[at] == ';') {
      return xml_entity(packed) != '\0' ? at + 1 : 0;
    }
    packed |= (uint64_t)(unsigned char)p[at] << 8 * i;
  }
  return 0;
}
