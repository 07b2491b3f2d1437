/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#if defined(__aarch64__)

#include <arm_neon.h>

enum { LANE = 16 };

/* Octet k << 4 | n is plain if bit k of row n is set. */
static const uint8_t plain_rows[LANE] = {0xA8, 0xFC, 0xF8, 0xF8, 0xF8, 0xF8, 0xF8, 0xFC,
                                         0xF8, 0xF8, 0xF4, 0x54, 0x50, 0x54, 0xD4, 0x70};
static const uint8_t plain_bits[LANE] = {1, 2, 4, 8, 16, 32, 64, 128};

/* One bit for each of 64 octets that are 0xFF or 0. */
static uint64_t mask(const uint8x16_t octets[4]) {
  static const uint8_t weights[LANE] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weight = vld1q_u8(weights);
  const uint8x16_t low = vpaddq_u8(vandq_u8(octets[0], weight), vandq_u8(octets[1], weight));
  const uint8x16_t high = vpaddq_u8(vandq_u8(octets[2], weight), vandq_u8(octets[3], weight));
  const uint8x16_t all = vpaddq_u8(low, high);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

void stox_stops_neon(uint64_t *stop, uint64_t *odd, const char *p, size_t words) {
  const uint8x16_t rows = vld1q_u8(plain_rows);
  const uint8x16_t bits = vld1q_u8(plain_bits);
  for (size_t w = 0; w < words; w++) {
    uint8x16_t stops[4];
    uint8x16_t odds[4];
    for (size_t i = 0; i < 4; i++, p += LANE) {
      const uint8x16_t octets = vld1q_u8((const uint8_t *)p);
      const uint8x16_t row = vqtbl1q_u8(rows, vandq_u8(octets, vdupq_n_u8(0x0F)));
      const uint8x16_t bit = vqtbl1q_u8(bits, vshrq_n_u8(octets, 4));
      const uint8x16_t below =
          vbicq_u8(vcltq_u8(octets, vdupq_n_u8(0x20)), vceqq_u8(octets, vdupq_n_u8('\t')));
      stops[i] = vceqzq_u8(vandq_u8(row, bit));
      odds[i] = vorrq_u8(below, vcgtq_u8(octets, vdupq_n_u8(0x7E)));
    }
    stop[w] = mask(stops);
    odd[w] = mask(odds);
  }
}

#else

typedef int stox_stops_no_neon; /* a translation unit is never empty */

#endif
