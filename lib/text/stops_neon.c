/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#if defined(__aarch64__)

#include <arm_neon.h>

enum { LANE = 16 };

/* Octet k << 4 | n is of a kind if row n and column k share a bit. The marks are 1 in column 2, 2
 * (_) in 5 and 4 (~) in 7; the digits are 8, the letters 16 in the columns 4 and 6, 32 in 5 and 7.
 */
static const uint8_t kind_rows[LANE] = {40, 57, 56, 56, 56, 56, 56, 57,
                                        56, 56, 49, 17, 16, 17, 21, 18};
static const uint8_t kind_columns[LANE] = {0, 0, 1, 8, 16, 34, 16, 36, 0, 0, 0, 0, 0, 0, 0, 0};

/* One bit for each of 64 octets that are 0xFF or 0. */
static uint64_t mask(const uint8x16_t octets[4]) {
  static const uint8_t weights[LANE] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weight = vld1q_u8(weights);
  const uint8x16_t low = vpaddq_u8(vandq_u8(octets[0], weight), vandq_u8(octets[1], weight));
  const uint8x16_t high = vpaddq_u8(vandq_u8(octets[2], weight), vandq_u8(octets[3], weight));
  const uint8x16_t all = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

void stox_stops_neon(const stox_stops_map *map, size_t word, const char *p, size_t words) {
  const uint8x16_t rows = vld1q_u8(kind_rows);
  const uint8x16_t columns = vld1q_u8(kind_columns);
  for (size_t end = word + words; word < end; word++) {
    uint8x16_t stops[4];
    uint8x16_t marks[4];
    uint8x16_t odds[4];
    for (size_t i = 0; i < 4; i++, p += LANE) {
      const uint8x16_t octets = vld1q_u8((const uint8_t *)p);
      const uint8x16_t row = vqtbl1q_u8(rows, vandq_u8(octets, vdupq_n_u8(0x0F)));
      const uint8x16_t kinds = vandq_u8(row, vqtbl1q_u8(columns, vshrq_n_u8(octets, 4)));
      stops[i] = vceqzq_u8(kinds);
      marks[i] = vtstq_u8(kinds, vdupq_n_u8(1 | 2 | 4));
      odds[i] = vcgtq_u8(vsubq_u8(octets, vdupq_n_u8(0x20)), vdupq_n_u8(0x7E - 0x20));
    }
    map->stop[word] = mask(stops);
    map->mark[word] = mask(marks);
    map->odd[word] = mask(odds);
  }
}

#else

typedef int stox_stops_no_neon; /* a translation unit is never empty */

#endif
