/* SPDX-License-Identifier: MIT */
#include "xml/marks.h"

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

static __m128i is_name(__m128i octets) {
  const __m128i letters = between(_mm_or_si128(octets, repeat(0x20)), 'a', 'z' - 'a');
  const __m128i others =
      _mm_andnot_si128(_mm_cmpeq_epi8(octets, repeat('/')), between(octets, '-', '9' - '-'));
  return _mm_or_si128(_mm_or_si128(letters, others), _mm_cmpeq_epi8(octets, repeat('_')));
}

/* The angles differ in one bit, '&' and '\'' in another. As signed numbers, controls and all above
 * 0x7F are below 0x20. */
static __m128i is_end(__m128i octets) {
  const __m128i angles = _mm_cmpeq_epi8(_mm_or_si128(octets, repeat(2)), repeat('>'));
  const __m128i marks = _mm_cmpeq_epi8(_mm_or_si128(octets, repeat(1)), repeat('\''));
  const __m128i others =
      _mm_or_si128(_mm_cmpeq_epi8(octets, repeat('"')), _mm_cmplt_epi8(octets, repeat(0x20)));
  return _mm_or_si128(_mm_or_si128(angles, marks), others);
}

/* The bits of one lane. */
typedef struct lane_bits {
  uint64_t name;
  uint64_t data;
} lane_bits;

static inline lane_bits look(const char *p) {
  const __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)p);
  return (lane_bits){(unsigned)_mm_movemask_epi8(is_name(octets)),
                     (unsigned)_mm_movemask_epi8(is_end(octets))};
}

void xml_marks_sse2(uint64_t *name, uint64_t *data, const char *p, size_t words) {
  for (size_t word = 0; word < words; word++, p += XML_MARKS_BITS) {
    const lane_bits a = look(p);
    const lane_bits b = look(p + LANE);
    const lane_bits c = look(p + 2 * LANE);
    const lane_bits d = look(p + 3 * LANE);
    name[word] = ~(a.name | b.name << 16 | c.name << 32 | d.name << 48);
    data[word] = a.data | b.data << 16 | c.data << 32 | d.data << 48;
  }
}

#else

typedef int xml_marks_no_sse2; /* a translation unit is never empty */

#endif
