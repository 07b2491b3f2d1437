/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "text/stops.h"

enum { STOP = 0, MARK = 4, ODD = 8 };

/* The kinds of four octets, in a nibble for each kind. */
static uint64_t four(const unsigned char *p) {
  return (uint64_t)stox_stop_kinds[p[0]] | (uint64_t)stox_stop_kinds[p[1]] << 1 |
         (uint64_t)stox_stop_kinds[p[2]] << 2 | (uint64_t)stox_stop_kinds[p[3]] << 3;
}

void stox_stops_scalar(const stox_stops_map *map, size_t word, const char *p, size_t words) {
  const unsigned char *octets = (const unsigned char *)p;
  for (size_t end = word + words; word < end; word++, octets += STOX_STOPS_BITS) {
    uint64_t stops = 0;
    uint64_t marks = 0;
    uint64_t odds = 0;
    for (size_t i = 0; i < STOX_STOPS_BITS; i += 4) {
      const uint64_t kinds = four(octets + i);
      stops |= (kinds >> STOP & 0xF) << i;
      marks |= (kinds >> MARK & 0xF) << i;
      odds |= kinds >> ODD << i;
    }
    map->stop[word] = stops;
    map->mark[word] = marks;
    map->odd[word] = odds;
  }
}
