/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#if defined(__AVX2__)

#include <immintrin.h>

enum { LANE = 32 };

/* The tables, and the three maps of one lane. */
typedef struct tables {
  __m256i rows;
  __m256i columns;
} tables;

typedef struct lane {
  uint32_t stop;
  uint32_t mark;
  uint32_t odd;
} lane;

static inline __m256i both_lanes(__m128i octets) {
  return _mm256_broadcastsi128_si256(octets);
}

/* Octet k << 4 | n is of a kind if row n and column k share a bit; one above 0x7F finds nothing.
 * The marks are 128 in column 2, 64 (_) in 5 and 32 (~) in 7; the digits are 4, the letters 8 in
 * the columns 4 and 6, 16 in 5 and 7: only a mark reaches the top bit when 0x60 is added. */
static inline tables make_tables(void) {
  return (tables){
      both_lanes(
          _mm_setr_epi8(20, -100, 28, 28, 28, 28, 28, -100, 28, 28, -104, -120, 8, -120, -88, 72)),
      both_lanes(_mm_setr_epi8(0, 0, -128, 4, 8, 80, 8, 48, 0, 0, 0, 0, 0, 0, 0, 0)),
  };
}

static inline uint32_t mask(__m256i octets) {
  return (uint32_t)_mm256_movemask_epi8(octets);
}

static inline lane look(const tables *t, const char *p) {
  const __m256i octets = _mm256_loadu_si256((const __m256i *)(const void *)p);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(octets, 4), _mm256_set1_epi8(0x0F));
  const __m256i kinds =
      _mm256_and_si256(_mm256_shuffle_epi8(t->rows, octets), _mm256_shuffle_epi8(t->columns, high));
  /* One more than a signed octet: what is above 0x7E is below zero, or zero. */
  const __m256i more = _mm256_add_epi8(octets, _mm256_set1_epi8(1));
  return (lane){
      mask(_mm256_cmpeq_epi8(kinds, _mm256_setzero_si256())),
      mask(_mm256_adds_epu8(kinds, _mm256_set1_epi8(0x60))),
      mask(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), more)),
  };
}

void stox_stops_avx2(const stox_stops_map *map, size_t word, const char *p, size_t words) {
  const tables t = make_tables();
  uint64_t *stop = map->stop + word;
  uint64_t *mark = map->mark + word;
  uint64_t *odd = map->odd + word;
  for (size_t i = 0; i < words; i++, p += STOX_STOPS_BITS) {
    const lane low = look(&t, p);
    const lane high = look(&t, p + LANE);
    stop[i] = low.stop | (uint64_t)high.stop << LANE;
    mark[i] = low.mark | (uint64_t)high.mark << LANE;
    odd[i] = low.odd | (uint64_t)high.odd << LANE;
  }
}

#else

typedef int stox_stops_no_avx2; /* a translation unit is never empty */

#endif
