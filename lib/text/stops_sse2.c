/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#if defined(__x86_64__)

#include <emmintrin.h>

enum { LANE = 16 };

static __m128i repeat(int octet) {
  return _mm_set1_epi8((char)octet);
}

/* 0xFF in the octets from `low` to `low` + `more`. */
static __m128i between(__m128i octets, int low, int more) {
  const __m128i from_least = _mm_sub_epi8(octets, repeat(low ^ 0x80)); /* low becomes -128 */
  return _mm_cmpgt_epi8(repeat(-128 + more + 1), from_least);
}

static __m128i alnum(__m128i octets) {
  return _mm_or_si128(between(_mm_or_si128(octets, repeat(0x20)), 'a', 'z' - 'a'),
                      between(octets, '0', '9' - '0'));
}

/* - . ! * _ ~ ' + */
static __m128i mark(__m128i octets) {
  const __m128i range = between(octets, '*', '.' - '*'); /* * + , - . */
  const __m128i high =
      _mm_or_si128(_mm_cmpeq_epi8(octets, repeat('_')), _mm_cmpeq_epi8(octets, repeat('~')));
  const __m128i low =
      _mm_or_si128(_mm_cmpeq_epi8(octets, repeat('!')), _mm_cmpeq_epi8(octets, repeat('\'')));
  return _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(octets, repeat(',')), range),
                      _mm_or_si128(high, low));
}

/* One more than a signed octet: what is above 0x7E is below zero, or zero. */
static __m128i odd_of(__m128i octets) {
  return _mm_cmpgt_epi8(repeat(0x21), _mm_add_epi8(octets, repeat(1)));
}

static uint64_t mask(__m128i octets) {
  return (uint64_t)(unsigned)_mm_movemask_epi8(octets);
}

/* The maps of one lane, or of more. */
typedef struct maps {
  uint64_t plain;
  uint64_t mark;
  uint64_t odd;
} maps;

static inline maps look(const char *p) {
  const __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)p);
  const __m128i marks = mark(octets);
  return (maps){mask(_mm_or_si128(alnum(octets), marks)), mask(marks), mask(odd_of(octets))};
}

/* Two of the same size side by side. */
static inline maps join(maps low, maps high, int size) {
  return (maps){low.plain | high.plain << size, low.mark | high.mark << size,
                low.odd | high.odd << size};
}

void stox_stops_sse2(const stox_stops_map *map, size_t word, const char *p, size_t words) {
  uint64_t *stop = map->stop + word;
  uint64_t *marks = map->mark + word;
  uint64_t *odd = map->odd + word;
  for (size_t i = 0; i < words; i++, p += STOX_STOPS_BITS) {
    const maps low = join(look(p), look(p + LANE), LANE);
    const maps high = join(look(p + 2 * LANE), look(p + 3 * LANE), LANE);
    const maps all = join(low, high, 2 * LANE);
    stop[i] = ~all.plain;
    marks[i] = all.mark;
    odd[i] = all.odd;
  }
}

#else

typedef int stox_stops_no_sse2; /* a translation unit is never empty */

#endif
