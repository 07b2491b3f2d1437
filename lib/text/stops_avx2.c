/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#if defined(__AVX2__)

#include <immintrin.h>

enum { LANE = 32 };

static __m256i both_lanes(__m128i octets) {
  return _mm256_broadcastsi128_si256(octets);
}

static uint64_t mask(__m256i octets) {
  return (uint64_t)(uint32_t)_mm256_movemask_epi8(octets);
}

/* Octet k << 4 | n is of a kind if row n and column k share a bit; one above 0x7F finds nothing.
 * The marks are 1 in column 2, 2 (_) in 5 and 4 (~) in 7; the digits are 8, the letters 16 in the
 * columns 4 and 6, 32 in 5 and 7. */
void stox_stops_avx2(const stox_stops_map *map, size_t word, const char *p, size_t words) {
  const __m256i rows =
      both_lanes(_mm_setr_epi8(40, 57, 56, 56, 56, 56, 56, 57, 56, 56, 49, 17, 16, 17, 21, 18));
  const __m256i columns =
      both_lanes(_mm_setr_epi8(0, 0, 1, 8, 16, 34, 16, 36, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i space = _mm256_set1_epi8(0x20);
  const __m256i tab = _mm256_set1_epi8('\t');
  const __m256i del = _mm256_set1_epi8(0x7F);
  const __m256i zero = _mm256_setzero_si256();
  const __m256i some_mark = _mm256_set1_epi8(1 | 2 | 4);
  for (size_t end = word + words; word < end; word++) {
    uint64_t stops = 0;
    uint64_t no_marks = 0;
    uint64_t odds = 0;
    for (size_t i = 0; i < STOX_STOPS_BITS; i += LANE, p += LANE) {
      const __m256i octets = _mm256_loadu_si256((const __m256i *)(const void *)p);
      const __m256i row = _mm256_shuffle_epi8(rows, octets);
      const __m256i high = _mm256_and_si256(_mm256_srli_epi16(octets, 4), nibble);
      const __m256i kinds = _mm256_and_si256(row, _mm256_shuffle_epi8(columns, high));
      const __m256i below =
          _mm256_andnot_si256(_mm256_cmpeq_epi8(octets, tab), _mm256_cmpgt_epi8(space, octets));
      stops |= mask(_mm256_cmpeq_epi8(kinds, zero)) << i;
      no_marks |= mask(_mm256_cmpeq_epi8(_mm256_and_si256(kinds, some_mark), zero)) << i;
      odds |= mask(_mm256_or_si256(below, _mm256_cmpeq_epi8(octets, del))) << i;
    }
    map->stop[word] = stops;
    map->mark[word] = ~no_marks;
    map->odd[word] = odds;
  }
}

#else

typedef int stox_stops_no_avx2; /* a translation unit is never empty */

#endif
