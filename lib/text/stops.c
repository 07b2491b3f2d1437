/* SPDX-License-Identifier: MIT */
#include "text/stops.h"

#include <string.h>

static int best(void) {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx2") ? STOX_STOPS_AVX2 : STOX_STOPS_SSE2;
#elif defined(__aarch64__)
  return STOX_STOPS_NEON;
#else
  return STOX_STOPS_SCALAR;
#endif
}

int stox_stops_choose(int wanted) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (wanted == STOX_STOPS_SSE2) {
    return wanted;
  }
#endif
  return wanted == STOX_STOPS_SCALAR ? wanted : best();
}

static stox_stops_kernel *kernel_of(int kernel) {
  switch (kernel) {
#if defined(__x86_64__) && defined(__GNUC__)
  case STOX_STOPS_SSE2:
    return stox_stops_sse2;
  case STOX_STOPS_AVX2:
    return stox_stops_avx2;
#elif defined(__aarch64__)
  case STOX_STOPS_NEON:
    return stox_stops_neon;
#endif
  default:
    return stox_stops_scalar;
  }
}

void stox_stops_init(stox_stops *out, stox_span text, int kernel, stox_stops_room *room) {
  out->p = text.p;
  out->n = text.n;
  out->base = 0;
  out->reach = 0;
  out->kernel = kernel_of(kernel);
  out->map = (stox_stops_map){room->stop, room->mark, room->odd};
}

/* The last octets, fewer than a word's. */
static void load_tail(const stox_stops *stops, size_t word, size_t from) {
  char octets[STOX_STOPS_BITS] = {0};
  if (from < stops->n) {
    memcpy(octets, stops->p + from, stops->n - from);
  }
  stops->kernel(&stops->map, word, octets, 1);
}

/* Up to `most` words of the octets from `from` on; how many there are. */
static size_t load_words(const stox_stops *stops, size_t word, size_t from, size_t most) {
  const size_t words = (stops->n - from) / STOX_STOPS_BITS;
  if (words >= most) {
    stops->kernel(&stops->map, word, stops->p + from, most);
    return most;
  }
  if (words > 0) {
    stops->kernel(&stops->map, word, stops->p + from, words);
  }
  load_tail(stops, word + words, from + words * STOX_STOPS_BITS);
  return words + 1;
}

void stox_stops_load(stox_stops *stops, size_t at) {
  size_t word = stops->reach / STOX_STOPS_BITS;
  if (at - stops->base >= stops->reach + STOX_STOPS_CHUNK * STOX_STOPS_BITS ||
      word > STOX_STOPS_WORDS - STOX_STOPS_CHUNK) {
    stops->base = at;
    word = 0;
  }
  const size_t from = stops->base + word * STOX_STOPS_BITS;
  word += load_words(stops, word, from, STOX_STOPS_CHUNK);
  stops->map.stop[word] = 0;
  stops->map.mark[word] = 0;
  stops->map.odd[word] = 0;
  stops->reach = word * STOX_STOPS_BITS;
}

int stox_stops_cover(stox_stops *stops, size_t end) {
  if (end >= STOX_STOPS_WORDS * STOX_STOPS_BITS || end > stops->n) {
    return 0;
  }
  if (stops->base != 0) {
    stops->base = 0;
    stops->reach = 0;
  }
  while (end >= stops->reach) {
    stox_stops_load(stops, stops->reach);
  }
  return 1;
}

/* The odd octets' map is not kept: a kernel writes it beside, a window at a time. */
static void keep_anew(const stox_stops_map *kept, const stox_stops *stops, size_t n) {
  uint64_t odd[STOX_STOPS_WORDS];
  stox_stops part = *stops;
  part.n = n;
  for (size_t word = 0; word <= n / STOX_STOPS_BITS; word += STOX_STOPS_WORDS) {
    part.map = (stox_stops_map){kept->stop + word, kept->mark + word, odd};
    (void)load_words(&part, 0, word * STOX_STOPS_BITS, STOX_STOPS_WORDS);
  }
}

void stox_stops_keep(uint64_t *words, const stox_stops *stops, size_t n) {
  const size_t last = n / STOX_STOPS_BITS; /* the word that ends the text, perhaps without any */
  const stox_stops_map kept = stox_stops_kept(stops->p, n, words).map;
  if (stops->base == 0 && stops->reach >= n) {
    memcpy(kept.stop, stops->map.stop, (last + 1) * sizeof *words);
    memcpy(kept.mark, stops->map.mark, (last + 1) * sizeof *words);
    kept.stop[last] |= ~UINT64_C(0) << n % STOX_STOPS_BITS;
  } else {
    keep_anew(&kept, stops, n);
  }
  kept.stop[last + 1] = 0;
  kept.mark[last + 1] = 0;
}

static size_t next_far(stox_stops *stops, size_t at, const uint64_t *map) {
  while (at < stops->n) {
    const size_t i = at - stops->base;
    if (i >= stops->reach) {
      stox_stops_load(stops, at);
      continue;
    }
    const uint64_t bits = map[i / STOX_STOPS_BITS] >> i % STOX_STOPS_BITS;
    if (bits != 0) {
      return at + stox_stops_first_bit(bits);
    }
    at += STOX_STOPS_BITS - i % STOX_STOPS_BITS;
  }
  return at;
}

size_t stox_stops_next_far(stox_stops *stops, size_t at) {
  return next_far(stops, at, stops->map.stop);
}

size_t stox_stops_next_odd_far(stox_stops *stops, size_t at) {
  return next_far(stops, at, stops->map.odd);
}
