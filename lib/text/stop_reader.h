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

/* Whether its end is that of a line: an octet that can be read, and that nothing looks for. */
static inline int stox_reader_is_line(const stox_reader *r) {
  return r->p[r->end] == '\r';
}

/* A walk over the stops of a part, each of which is met once. It is a value in registers: whoever
 * walks is one function with all of its steps inlined, and knows `is_line` as it is compiled. An
 * index is narrow, as the number of a bit is, so that it need not be widened. */
typedef struct stox_walk {
  const char *p;
  const uint64_t *word; /* of the map, at `base` */
  uint64_t bits;        /* of the stops in it that are still ahead */
  uint32_t base;
  uint32_t end;
  int is_line; /* stox_reader_is_line() */
} stox_walk;

#if defined(__GNUC__)
#define STOX_WALK_STEP static inline __attribute__((always_inline))
#else
#define STOX_WALK_STEP static inline
#endif

STOX_WALK_STEP stox_walk stox_walk_from(const stox_reader *r, int is_line) {
  const size_t word = r->at / STOX_STOPS_BITS;
  return (stox_walk){r->p,
                     r->stop + word,
                     r->stop[word] & ~UINT64_C(0) << r->at % STOX_STOPS_BITS,
                     (uint32_t)(word * STOX_STOPS_BITS),
                     (uint32_t)r->end,
                     is_line};
}

/* The next stop, or the end; not to be asked for behind it. */
STOX_WALK_STEP uint32_t stox_walk_next(stox_walk *w) {
  while (w->bits == 0) {
    w->bits = *++w->word;
    w->base += STOX_STOPS_BITS;
  }
  const uint32_t at = w->base + stox_stops_first_bit(w->bits);
  w->bits &= w->bits - 1;
  return at;
}

/* The octet at a stop; CR, which nothing looks for, at the end. */
STOX_WALK_STEP char stox_walk_peek(const stox_walk *w, uint32_t at) {
  return w->is_line || at < w->end ? w->p[at] : '\r';
}

STOX_WALK_STEP stox_span stox_walk_part(const stox_walk *w, uint32_t from, uint32_t end) {
  return (stox_span){w->p + from, end - from};
}

/* What a step gives in place of an index where the text is not of the form that it reads. */
enum { STOX_WALK_NOT = 0 };

#endif
