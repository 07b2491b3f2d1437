/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_LANE_H
#define STOX_TEXT_LANE_H

#include "text/ascii.h"

/* Sixteen octets at once, where SSE2 is part of every machine; nothing is asked at run time. The
 * words of lib/text/ascii.h are what it is held to. */

#if defined(__SSE2__) && defined(__GNUC__) && !defined(STOX_TEXT_WORDS)

#include <emmintrin.h>

#define STOX_LANES 1

enum { STOX_LANE = 16, STOX_LANE_ALL = 0xFFFF };

static inline __m128i stox_lane_load(const char *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* From one octet to 16: each at least once, in order, and nothing else. */
static inline __m128i stox_lane_short(const char *p, size_t n) {
  uint64_t low = 0;
  uint64_t high = 0;
  if (n >= 8) {
    low = stox_word_load(p);
    high = stox_word_load(p + n - 8);
  } else if (n >= 4) {
    uint32_t first = 0;
    uint32_t last = 0;
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - 4, sizeof last);
    low = first | (uint64_t)last << 32;
    high = low;
  } else {
    const uint32_t octets = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[n / 2] << 8 |
                            (uint32_t)(unsigned char)p[n - 1] << 16;
    low = octets | octets >> 16 << 24;
    low |= low << 32;
    high = low;
  }
  return _mm_set_epi64x((long long)high, (long long)low);
}

static inline __m128i stox_lane_is(__m128i octets, char c) {
  return _mm_cmpeq_epi8(octets, _mm_set1_epi8(c));
}

/* From `low` to `high`, both in ASCII. */
static inline __m128i stox_lane_between(__m128i octets, char low, char high) {
  const __m128i from_least = _mm_sub_epi8(octets, _mm_set1_epi8((char)(low ^ 0x80)));
  return _mm_cmpgt_epi8(_mm_set1_epi8((char)(-128 + (high - low) + 1)), from_least);
}

static inline __m128i stox_lane_letters(__m128i octets) {
  return stox_lane_between(_mm_or_si128(octets, _mm_set1_epi8(0x20)), 'a', 'z');
}

/* Of letters, those of upper case have their high bit set: they are without 0x20. */
static inline __m128i stox_lane_upper(__m128i octets, __m128i letters) {
  return _mm_andnot_si128(_mm_slli_epi16(octets, 2), letters);
}

/* Outside of 0x20 ... 0x7E. */
static inline __m128i stox_lane_not_plain(__m128i octets) {
  return _mm_or_si128(_mm_cmplt_epi8(octets, _mm_set1_epi8(0x20)), stox_lane_is(octets, 0x7F));
}

static inline unsigned stox_lane_bits(__m128i octets) {
  return (unsigned)_mm_movemask_epi8(octets);
}

#else

#define STOX_LANES 0

#endif

#endif
