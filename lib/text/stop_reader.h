/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_STOP_READER_H
#define STOX_TEXT_STOP_READER_H

#include "text/stops.h"

/* A part of a text, to be read from stop to stop. Its window is known to hold it whole, and it ends
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

/* A walk over the stops of a part, each of which is met once. It is a value in registers: whoever
 * walks is one function with all of its steps inlined. */
typedef struct stox_walk {
  const char *p;
  const uint64_t *word; /* of the map, at `base` */
  uint64_t bits;        /* of the stops in it that are still ahead */
  size_t base;
  size_t end;
} stox_walk;

static inline stox_walk stox_walk_from(const stox_reader *r, size_t at) {
  const size_t word = at / STOX_STOPS_BITS;
  return (stox_walk){r->p, r->stop + word, r->stop[word] & ~UINT64_C(0) << at % STOX_STOPS_BITS,
                     word * STOX_STOPS_BITS, r->end};
}

/* The next stop, or the end; not to be asked for behind it. */
static inline size_t stox_walk_next(stox_walk *w) {
  while (w->bits == 0) {
    w->bits = *++w->word;
    w->base += STOX_STOPS_BITS;
  }
  const size_t at = w->base + stox_stops_first_bit(w->bits);
  w->bits &= w->bits - 1;
  return at;
}

/* The octet at a stop; NUL, which nothing looks for, at the end. */
static inline char stox_walk_peek(const stox_walk *w, size_t at) {
  return at < w->end ? w->p[at] : '\0';
}

/* Behind the run of spaces of which the stop `at` may be the first: a stop, or SIZE_MAX where a
 * plain octet stands. */
static inline size_t stox_walk_spaces(stox_walk *w, size_t at) {
  while (stox_walk_peek(w, at) == ' ') {
    const size_t next = stox_walk_next(w);
    if (next != at + 1) {
      return SIZE_MAX;
    }
    at = next;
  }
  return at;
}

static inline stox_span stox_walk_part(const stox_walk *w, size_t from, size_t end) {
  return (stox_span){w->p + from, end - from};
}

#endif
