/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "text/stops.h"

/* The kinds of four octets: their stop bits in the low nibble, their odd bits above. */
static uint64_t four(const unsigned char *p) {
  return (uint64_t)stox_stop_kinds[p[0]] | (uint64_t)stox_stop_kinds[p[1]] << 1 |
         (uint64_t)stox_stop_kinds[p[2]] << 2 | (uint64_t)stox_stop_kinds[p[3]] << 3;
}

void stox_stops_scalar(uint64_t *stop, uint64_t *odd, const char *p, size_t words) {
  const unsigned char *octets = (const unsigned char *)p;
  for (size_t w = 0; w < words; w++, octets += STOX_STOPS_BITS) {
    uint64_t stops = 0;
    uint64_t odds = 0;
    for (size_t i = 0; i < STOX_STOPS_BITS; i += 4) {
      const uint64_t kinds = four(octets + i);
      stops |= (kinds & 0xF) << i;
      odds |= kinds >> 4 << i;
    }
    stop[w] = stops;
    odd[w] = odds;
  }
}
