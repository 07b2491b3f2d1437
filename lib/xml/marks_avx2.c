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
 * data are 32 in column 2, 64 in column 3, 128 in the four behind. Of names are 1 (- and .) in
 * column 2, 2 (digits) in 3, 4 in 4 and 6, 8 in 5 and 7, 16 (_) in 5. */
static __m256i kinds_of(__m256i octets, __m256i rows, __m256i columns) {
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(octets, 4), _mm256_set1_epi8(0x0F));
  return _mm256_and_si256(_mm256_shuffle_epi8(rows, octets), _mm256_shuffle_epi8(columns, high));
}

/* A bit for each octet that is plain in names; and in data, where the kinds are 32 and more. */
static uint64_t in_name(__m256i kinds) {
  const __m256i low = _mm256_and_si256(kinds, _mm256_set1_epi8(0x1F));
  return mask(_mm256_adds_epu8(low, _mm256_set1_epi8(0x7F)));
}

static uint64_t in_data(__m256i kinds) {
  return mask(_mm256_adds_epu8(kinds, _mm256_set1_epi8(0x80 - 32)));
}

void xml_marks_avx2(uint64_t *name, uint64_t *data, const char *p, size_t words) {
  const __m256i rows = both_lanes(_mm_setr_epi8((char)0xEA, (char)0xEE, (char)0xCE, (char)0xEE,
                                                (char)0xEE, (char)0xEE, (char)0xCE, (char)0xCE,
                                                (char)0xEE, (char)0xEE, (char)0xEC, (char)0xE4,
                                                (char)0xA4, (char)0xE5, (char)0xA5, (char)0xF4));
  const __m256i columns =
      both_lanes(_mm_setr_epi8(0, 0, 32 | 1, 64 | 2, (char)(128 | 4), (char)(128 | 8 | 16),
                               (char)(128 | 4), (char)(128 | 8), 0, 0, 0, 0, 0, 0, 0, 0));
  for (size_t word = 0; word < words; word++, p += XML_MARKS_BITS) {
    const __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + LANE));
    const __m256i low_kinds = kinds_of(low, rows, columns);
    const __m256i high_kinds = kinds_of(high, rows, columns);
    name[word] = ~(in_name(low_kinds) | in_name(high_kinds) << LANE);
    data[word] = ~(in_data(low_kinds) | in_data(high_kinds) << LANE);
  }
}

#else

typedef int xml_marks_no_avx2; /* a translation unit is never empty */

#endif
