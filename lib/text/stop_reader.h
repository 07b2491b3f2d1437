/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_STOP_READER_H
#define STOX_TEXT_STOP_READER_H

#include "text/stops.h"

/* A part of a text, being read from stop to stop. Its window is known to hold it whole, and it ends
 * at a stop, so that a run needs no look at either. */
typedef struct stox_reader {
  const char *p; /* of the text */
  const uint64_t *stop;
  const uint64_t *mark;
  size_t at;
  size_t end; /* of the part */
} stox_reader;

/* Opens the part between two indices. 0: it is too long, or it does not end at a stop. */
static inline int stox_reader_open(stox_reader *out, stox_stops *stops, size_t from, size_t end) {
  if ((stops->base != 0 || end >= stops->reach) && !stox_stops_cover(stops, end)) {
    return 0;
  }
  *out = (stox_reader){stops->p, stops->map.stop, stops->map.mark, from, end};
  return (stox_stops_bits(stops->map.stop, end) & 1) != 0;
}

/* Where the run of plain octets at `at`, which is not behind the end, ends. */
static inline size_t stox_reader_run(const stox_reader *r, size_t at) {
  uint64_t bits = stox_stops_bits(r->stop, at);
  while (bits == 0) {
    at += STOX_STOPS_STEP;
    bits = stox_stops_bits(r->stop, at);
  }
  return at + stox_stops_first_bit(bits);
}

/* The octet at `at`; NUL, which nothing looks for, at the end. */
static inline char stox_reader_peek(const stox_reader *r, size_t at) {
  return at < r->end ? r->p[at] : '\0';
}

static inline stox_span stox_reader_part(const stox_reader *r, size_t from, size_t end) {
  return (stox_span){r->p + from, end - from};
}

static inline size_t stox_reader_skip_spaces(const stox_reader *r, size_t at) {
  while (at < r->end && r->p[at] == ' ') {
    at++;
  }
  return at;
}

#endif
