/* SPDX-License-Identifier: MIT */
#include "xml/marks.h"

#if defined(__aarch64__)

#include <arm_neon.h>

enum { LANE = 16 };

/* Octet k << 4 | n is of a kind if row n and column k share a bit. Of data are 1 in column 2, 2 in
 * column 3, 4 in the four behind. Of names are 8 (- and .) in column 2, 16 (digits) in 3, 32 in 4
 * and 6, 64 in 5 and 7, 128 (_) in 5. */
enum { OF_DATA = 1 | 2 | 4, NUMERAL = OF_DATA | 16 | 32 | 64 };
static const uint8_t kind_rows[LANE] = {
    NUMERAL & ~32,     NUMERAL,      NUMERAL & ~1,        NUMERAL,          NUMERAL,
    NUMERAL,           NUMERAL & ~1, NUMERAL & ~1,        NUMERAL,          NUMERAL,
    OF_DATA | 32 | 64, OF_DATA | 32, (OF_DATA & ~2) | 32, OF_DATA | 8 | 32, (OF_DATA & ~2) | 8 | 32,
    OF_DATA | 32 | 128};
static const uint8_t kind_columns[LANE] = {
    0, 0, 1 | 8, 2 | 16, 4 | 32, 4 | 64 | 128, 4 | 32, 4 | 64, 0, 0, 0, 0, 0, 0, 0, 0};

/* One bit for each of 64 octets that are 0xFF or 0. */
static uint64_t mask(const uint8x16_t octets[4]) {
  static const uint8_t weights[LANE] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weight = vld1q_u8(weights);
  const uint8x16_t low = vpaddq_u8(vandq_u8(octets[0], weight), vandq_u8(octets[1], weight));
  const uint8x16_t high = vpaddq_u8(vandq_u8(octets[2], weight), vandq_u8(octets[3], weight));
  const uint8x16_t all = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

void xml_marks_neon(uint64_t *name, uint64_t *data, const char *p, size_t words) {
  const uint8x16_t rows = vld1q_u8(kind_rows);
  const uint8x16_t columns = vld1q_u8(kind_columns);
  const uint8x16_t of_data = vdupq_n_u8(OF_DATA);
  for (size_t word = 0; word < words; word++) {
    uint8x16_t names[4];
    uint8x16_t datas[4];
    for (size_t i = 0; i < 4; i++, p += LANE) {
      const uint8x16_t octets = vld1q_u8((const uint8_t *)p);
      const uint8x16_t row = vqtbl1q_u8(rows, vandq_u8(octets, vdupq_n_u8(0x0F)));
      const uint8x16_t kinds = vandq_u8(row, vqtbl1q_u8(columns, vshrq_n_u8(octets, 4)));
      datas[i] = vceqzq_u8(vandq_u8(kinds, of_data));
      names[i] = vceqzq_u8(vbicq_u8(kinds, of_data));
    }
    name[word] = mask(names);
    data[word] = mask(datas);
  }
}

#else

typedef int xml_marks_no_neon; /* a translation unit is never empty */

#endif
