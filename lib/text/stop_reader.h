/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_STOP_READER_H
#define STOX_TEXT_STOP_READER_H

#include "text/stops.h"

/* A part of a text, being read from stop to stop. */
typedef struct stox_reader {
  stox_stops *stops;
  const char *p; /* of the text */
  size_t at;
  size_t end; /* of the part */
} stox_reader;

/* Where the run of plain octets at `at` ends. */
static inline size_t stox_reader_run(const stox_reader *r, size_t at) {
  const size_t stop = stox_stops_next(r->stops, at);
  return stop < r->end ? stop : r->end;
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
