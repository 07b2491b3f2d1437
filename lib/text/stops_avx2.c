/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#if defined(__AVX2__)

#include <immintrin.h>

enum { LANE = 32 };

/* Octet k << 4 | n is plain if bit k of row n is set; one above 0x7F finds nothing. */
static __m256i plain_rows(void) {
  return _mm256_broadcastsi128_si256(_mm_setr_epi8(
      (char)0xA8, (char)0xFC, (char)0xF8, (char)0xF8, (char)0xF8, (char)0xF8, (char)0xF8,
      (char)0xFC, (char)0xF8, (char)0xF8, (char)0xF4, 0x54, 0x50, 0x54, (char)0xD4, 0x70));
}

static __m256i plain_bits(void) {
  return _mm256_broadcastsi128_si256(
      _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
}

static uint64_t mask(__m256i octets) {
  return (uint64_t)(uint32_t)_mm256_movemask_epi8(octets);
}

void stox_stops_avx2(uint64_t *stop, uint64_t *odd, const char *p, size_t words) {
  const __m256i rows = plain_rows();
  const __m256i bits = plain_bits();
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i space = _mm256_set1_epi8(0x20);
  const __m256i tab = _mm256_set1_epi8('\t');
  const __m256i del = _mm256_set1_epi8(0x7F);
  for (size_t w = 0; w < words; w++) {
    uint64_t stops = 0;
    uint64_t odds = 0;
    for (size_t i = 0; i < STOX_STOPS_BITS; i += LANE, p += LANE) {
      const __m256i octets = _mm256_loadu_si256((const __m256i *)(const void *)p);
      const __m256i row = _mm256_shuffle_epi8(rows, octets);
      const __m256i bit =
          _mm256_shuffle_epi8(bits, _mm256_and_si256(_mm256_srli_epi16(octets, 4), nibble));
      const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256());
      const __m256i below =
          _mm256_andnot_si256(_mm256_cmpeq_epi8(octets, tab), _mm256_cmpgt_epi8(space, octets));
      stops |= mask(none) << i;
      odds |= mask(_mm256_or_si256(below, _mm256_cmpeq_epi8(octets, del))) << i;
    }
    stop[w] = stops;
    odd[w] = odds;
  }
}

#else

typedef int stox_stops_no_avx2; /* a translation unit is never empty */

#endif
