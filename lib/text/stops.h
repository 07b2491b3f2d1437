/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_STOPS_H
#define STOX_TEXT_STOPS_H

#include "stox/span.h"

#include <string.h>

/* Where runs of plain octets end, as bit maps that are made for 64 octets at a time.
 *
 * Plain are the letters, the digits and the marks - . ! * _ ~ ' +, which stand in each of RFC
 * 3261's token, word, user, password and paramchar; every other octet is a stop. Of these the odd
 * ones are the controls and all above 0x7E. A parser runs to the next stop and looks at the one
 * octet there. */

enum { STOX_STOPS_BITS = 64, STOX_STOPS_WORDS = 32, STOX_STOPS_CHUNK = 16 };
enum { STOX_STOPS_OCTETS = STOX_STOPS_WORDS * STOX_STOPS_BITS }; /* of the largest window */

/* The maps of a stretch of text. */
typedef struct stox_stops_map {
  uint64_t *stop;
  uint64_t *mark;
  uint64_t *odd; /* NULL where nobody looks for them any more */
} stox_stops_map;

/* Implementations. The numbers are those of stox/sip.h. */
enum { STOX_STOPS_SCALAR = 1, STOX_STOPS_SSE2 = 2, STOX_STOPS_NEON = 3, STOX_STOPS_AVX2 = 4 };

/* The bits of `words` times 64 octets, into a map from its word `word` on. */
typedef void stox_stops_kernel(const stox_stops_map *map, size_t word, const char *p, size_t words);

stox_stops_kernel stox_stops_scalar;
stox_stops_kernel stox_stops_sse2;
stox_stops_kernel stox_stops_neon;
stox_stops_kernel stox_stops_avx2;

/* The implementation that is used for a wanted one: itself where this machine has it, else the best
 * it has; 0 wants the best. */
int stox_stops_choose(int wanted);

/* A text and the window of it whose bits are known. The bits of what lies behind the text are
 * stops.
 */
typedef struct stox_stops {
  const char *p;
  size_t n;
  size_t base;  /* where the window begins */
  size_t reach; /* octets in it, a multiple of STOX_STOPS_BITS */
  stox_stops_kernel *kernel;
  stox_stops_map map;
} stox_stops;

/* Room for a window. */
typedef struct stox_stops_room {
  uint64_t stop[STOX_STOPS_WORDS + 1];
  uint64_t mark[STOX_STOPS_WORDS + 1];
  uint64_t odd[STOX_STOPS_WORDS + 1];
} stox_stops_room;

/* `kernel` is one that stox_stops_choose() gave. */
void stox_stops_init(stox_stops *out, stox_span text, int kernel, stox_stops_room *room);

/* Puts the maps of the first `n` octets into stox_stops_words(n) words. */
void stox_stops_keep(uint64_t *words, const stox_stops *stops, size_t n);

static inline size_t stox_stops_words(size_t n) {
  return 2 * (n / STOX_STOPS_BITS + 2);
}

/* The first `n` octets of a text by the maps that were kept of them: nothing is ever loaded. */
static inline stox_stops stox_stops_kept(const char *p, size_t n, uint64_t *words) {
  const stox_stops_map map = {words, words + stox_stops_words(n) / 2, NULL};
  return (stox_stops){
      .p = p, .n = n, .reach = (n / STOX_STOPS_BITS + 1) * STOX_STOPS_BITS, .map = map};
}

/* Makes the window begin with the text and hold `end`; 0: it is too small. */
int stox_stops_cover(stox_stops *stops, size_t end);

/* Moves or lengthens the window, so that `at` (up to n) is in it. */
void stox_stops_load(stox_stops *stops, size_t at);

/* The same as the two below, across words. */
size_t stox_stops_next_far(stox_stops *stops, size_t at);
size_t stox_stops_next_odd_far(stox_stops *stops, size_t at);

static inline uint32_t stox_stops_first_bit(uint64_t bits) {
#if defined(__GNUC__)
  return (uint32_t)__builtin_ctzll(bits);
#else
  uint32_t i = 0;
  while ((bits >> i & 1) == 0) {
    i++;
  }
  return i;
#endif
}

/* Bits that stox_stops_bits() gives. */
enum { STOX_STOPS_STEP = 57 };

/* At least STOX_STOPS_STEP bits of a map from index `i` on; the word behind the window's is zero.
 */
static inline uint64_t stox_stops_bits(const uint64_t *map, size_t i) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  uint64_t bits;
  memcpy(&bits, (const char *)map + i / 8, sizeof bits);
  return bits >> i % 8;
#else
  const size_t word = i / STOX_STOPS_BITS;
  const size_t skip = i % STOX_STOPS_BITS;
  return map[word] >> skip | map[word + 1] << 1 << (STOX_STOPS_BITS - 1 - skip);
#endif
}

/* The first stop at or behind `at`; not below n if there is none. */
static inline size_t stox_stops_next(stox_stops *stops, size_t at) {
  const size_t i = at - stops->base;
  if (i < stops->reach) {
    const uint64_t bits = stox_stops_bits(stops->map.stop, i);
    if (bits != 0) {
      return at + stox_stops_first_bit(bits);
    }
  }
  return stox_stops_next_far(stops, at);
}

/* The first odd octet at or behind `at`; not below n if there is none. They are lines apart. */
static inline size_t stox_stops_next_odd(stox_stops *stops, size_t at) {
  for (size_t i = at - stops->base; i < stops->reach; i += STOX_STOPS_STEP) {
    const uint64_t bits = stox_stops_bits(stops->map.odd, i);
    if (bits != 0) {
      return stops->base + i + stox_stops_first_bit(bits);
    }
  }
  return stox_stops_next_odd_far(stops, at);
}

#endif
