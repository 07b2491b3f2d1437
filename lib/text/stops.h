/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_STOPS_H
#define STOX_TEXT_STOPS_H

#include "stox/span.h"

/* Where runs of plain octets end, as bit maps that are made for 64 octets at a time.
 *
 * Plain are the letters, the digits and - . ! * _ ~ ' +, which stand in each of RFC 3261's token,
 * word, user, password and paramchar; every other octet is a stop. Of these the odd ones are the
 * controls but HTAB, and all above 0x7E. A parser runs to the next stop and looks at the one octet
 * there. */

enum { STOX_STOPS_BITS = 64, STOX_STOPS_WORDS = 16, STOX_STOPS_CHUNK = 4 };

/* Implementations. The numbers are those of stox/sip.h. */
enum { STOX_STOPS_SCALAR = 1, STOX_STOPS_SSE2 = 2, STOX_STOPS_NEON = 3, STOX_STOPS_AVX2 = 4 };

/* The bits of `words` times 64 octets. */
typedef void stox_stops_kernel(uint64_t *stop, uint64_t *odd, const char *p, size_t words);

stox_stops_kernel stox_stops_scalar;
stox_stops_kernel stox_stops_sse2;
stox_stops_kernel stox_stops_neon;
stox_stops_kernel stox_stops_avx2;

/* The implementation that is used for a wanted one: itself where this machine has it, else the best
 * it has; 0 wants the best. */
int stox_stops_choose(int wanted);

/* A text and the window of it whose bits are known. The bits of what lies behind the text are set.
 */
typedef struct stox_stops {
  const char *p;
  size_t n;
  size_t base;  /* where the window begins */
  size_t reach; /* octets in it, a multiple of STOX_STOPS_BITS */
  stox_stops_kernel *kernel;
  uint64_t stop[STOX_STOPS_WORDS];
  uint64_t odd[STOX_STOPS_WORDS];
} stox_stops;

/* `kernel` is one that stox_stops_choose() gave. */
void stox_stops_init(stox_stops *out, stox_span text, int kernel);

/* Moves or lengthens the window, so that `at` (up to n) is in it. */
void stox_stops_load(stox_stops *stops, size_t at);

/* The same as the two below, across words. */
size_t stox_stops_next_far(stox_stops *stops, size_t at);
size_t stox_stops_next_odd_far(stox_stops *stops, size_t at);

static inline size_t stox_stops_first_bit(uint64_t bits) {
#if defined(__GNUC__)
  return (size_t)__builtin_ctzll(bits);
#else
  size_t i = 0;
  while ((bits >> i & 1) == 0) {
    i++;
  }
  return i;
#endif
}

/* The first stop at or behind `at`; not below n if there is none. */
static inline size_t stox_stops_next(stox_stops *stops, size_t at) {
  const size_t i = at - stops->base;
  if (i < stops->reach) {
    const uint64_t bits = stops->stop[i / STOX_STOPS_BITS] >> i % STOX_STOPS_BITS;
    if (bits != 0) {
      return at + stox_stops_first_bit(bits);
    }
  }
  return stox_stops_next_far(stops, at);
}

/* The first odd octet at or behind `at`; not below n if there is none. */
static inline size_t stox_stops_next_odd(stox_stops *stops, size_t at) {
  const size_t i = at - stops->base;
  if (i < stops->reach) {
    const uint64_t bits = stops->odd[i / STOX_STOPS_BITS] >> i % STOX_STOPS_BITS;
    if (bits != 0) {
      return at + stox_stops_first_bit(bits);
    }
  }
  return stox_stops_next_odd_far(stops, at);
}

#endif
