/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_ASCII_H
#define STOX_TEXT_ASCII_H

#include "stox/span.h"

#include <string.h>

/* Eight octets at once. Each test is exact for "does any octet ...", in both byte orders; which
 * octet it was is found by a second, slower look. */

static inline uint64_t stox_word_load(const char *p) {
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

/* The same on every machine: the first octet is the lowest. */
static inline uint64_t stox_word_little(uint64_t word) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap64(word);
#else
  return word;
#endif
}

static inline uint64_t stox_word_repeat(unsigned char octet) {
  return UINT64_C(0x0101010101010101) * octet;
}

/* Not zero if an octet is above 0x7F. */
static inline uint64_t stox_word_high(uint64_t word) {
  return word & stox_word_repeat(0x80);
}

/* Not zero if an octet is outside 0x20 ... 0x7E. */
static inline uint64_t stox_word_not_plain(uint64_t word) {
  const uint64_t below = word - stox_word_repeat(0x20);
  const uint64_t del = word + stox_word_repeat(1);
  return (word | below | del) & stox_word_repeat(0x80);
}

/* The high bits of the octets from `low` to `high`; for words of ASCII. */
static inline uint64_t stox_word_between(uint64_t word, unsigned char low, unsigned char high) {
  const uint64_t from = word + stox_word_repeat((unsigned char)(0x80 - low));
  const uint64_t above = word + stox_word_repeat((unsigned char)(0x7F - high));
  return from & ~above & stox_word_repeat(0x80);
}

/* The high bits of the letters, of either case. */
static inline uint64_t stox_word_letters(uint64_t word) {
  return stox_word_between(word | stox_word_repeat(0x20), 'a', 'z');
}

/* The high bits of the upper-case ones among them: those without 0x20. */
static inline uint64_t stox_word_upper(uint64_t word, uint64_t letters) {
  return letters & ~(word << 2);
}

/* Not zero if an octet is no letter, digit, hyphen, dot or underscore. */
static inline uint64_t stox_word_not_simple(uint64_t word, uint64_t letters) {
  const uint64_t simple = letters | stox_word_between(word, '0', '9') |
                          stox_word_between(word, '-', '.') | stox_word_between(word, '_', '_');
  return (word | ~simple) & stox_word_repeat(0x80);
}

/* The last n % 8 octets, spaces in the free places. */
static inline uint64_t stox_word_tail(stox_span text) {
  const size_t left = text.n % sizeof(uint64_t);
  if (left == 0) {
    return stox_word_repeat(' ');
  }
  if (text.n >= sizeof(uint64_t)) {
    return stox_word_load(text.p + text.n - sizeof(uint64_t));
  }
  unsigned char octets[sizeof(uint64_t)] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
  for (size_t i = 0; i < left; i++) {
    octets[i] = (unsigned char)text.p[i];
  }
  uint64_t word;
  memcpy(&word, octets, sizeof word);
  return word;
}

/* The high bit of the first octet that is `octet`, perhaps of others behind it. */
static inline uint64_t stox_word_has(uint64_t word, char octet) {
  const uint64_t differ = word ^ stox_word_repeat((unsigned char)octet);
  return (differ - stox_word_repeat(1)) & ~differ & stox_word_repeat(0x80);
}

/* Behind octets that stand in a quoted string as they are, printable ASCII without `"` and `\`. */
static inline size_t stox_skip_quotable(stox_span text, size_t at) {
  while (text.n - at >= sizeof(uint64_t)) {
    const uint64_t word = stox_word_load(text.p + at);
    const uint64_t bad =
        stox_word_not_plain(word) | stox_word_has(word, '"') | stox_word_has(word, '\\');
    if (bad != 0) {
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      /* What a test says of higher octets may be wrong, but not of the lowest. */
      return at + (size_t)__builtin_ctzll(bad) / 8;
#else
      break;
#endif
    }
    at += sizeof(uint64_t);
  }
  while (at < text.n && (unsigned char)text.p[at] >= ' ' && (unsigned char)text.p[at] < 0x7F &&
         text.p[at] != '"' && text.p[at] != '\\') {
    at++;
  }
  return at;
}

/* 1 if every octet is printable ASCII or a space. */
static inline int stox_ascii_is_plain(stox_span text) {
  uint64_t bad = stox_word_not_plain(stox_word_tail(text));
  for (size_t i = 0; i + sizeof(uint64_t) <= text.n; i += sizeof(uint64_t)) {
    bad |= stox_word_not_plain(stox_word_load(text.p + i));
  }
  return bad == 0;
}

#endif
