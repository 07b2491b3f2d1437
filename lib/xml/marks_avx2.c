/* SPDX-License-Identifier: MIT */
#include "xml/marks.h"

#if defined(__AVX2__)

#include <immintrin.h>

enum { LANE = 32 };

static __m256i both_lanes(__m128i octets) {
  return _mm256_broadcastsi128_si256(octets);
}

static uint64_t mask(__m256i octets) {
  return (uint64_t)(uint32_t)_mm256_movemask_epi8(octets);
}

/* Octet k << 4 | n is of a kind if row n and column k share a bit; one above 0x7F finds nothing. Of
 * data are 1 in column 2, 2 in column 3, 4 in the four behind. Of names are 8 (- and .) in column
 * 2, 16 (digits) in 3, 32 in 4 and 6, 64 in 5 and 7, 128 (_) in 5. */
void xml_marks_avx2(uint64_t *name, uint64_t *data, const char *p, size_t words) {
  enum { D = 1 | 2 | 4, NUMERAL = D | 16 | 32 | 64 };
  const __m256i rows =
      both_lanes(_mm_setr_epi8(NUMERAL & ~32, NUMERAL, NUMERAL & ~1, NUMERAL, NUMERAL, NUMERAL,
                               NUMERAL & ~1, NUMERAL & ~1, NUMERAL, NUMERAL, D | 32 | 64, D | 32,
                               (D & ~2) | 32, D | 8 | 32, (D & ~2) | 8 | 32, (char)(D | 32 | 128)));
  const __m256i columns = both_lanes(_mm_setr_epi8(
      0, 0, 1 | 8, 2 | 16, 4 | 32, (char)(4 | 64 | 128), 4 | 32, 4 | 64, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i nibble = _mm256_set1_epi8(0x0F);
  const __m256i of_data = _mm256_set1_epi8(D);
  const __m256i zero = _mm256_setzero_si256();
  for (size_t word = 0; word < words; word++) {
    uint64_t names = 0;
    uint64_t datas = 0;
    for (size_t i = 0; i < XML_MARKS_BITS; i += LANE, p += LANE) {
      const __m256i octets = _mm256_loadu_si256((const __m256i *)(const void *)p);
      const __m256i high = _mm256_and_si256(_mm256_srli_epi16(octets, 4), nibble);
      const __m256i kinds =
          _mm256_and_si256(_mm256_shuffle_epi8(rows, octets), _mm256_shuffle_epi8(columns, high));
      const __m256i in_data = _mm256_and_si256(kinds, of_data);
      datas |= mask(_mm256_cmpeq_epi8(in_data, zero)) << i;
      names |= mask(_mm256_cmpeq_epi8(_mm256_andnot_si256(of_data, kinds), zero)) << i;
    }
    name[word] = names;
    data[word] = datas;
  }
}

#else

typedef int xml_marks_no_avx2; /* a translation unit is never empty */

#endif
