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

void stox_stops_init(stox_stops *out, stox_span text, int kernel) {
  out->p = text.p;
  out->n = text.n;
  out->base = 0;
  out->reach = 0;
  out->kernel = kernel_of(kernel);
}

/* The last octets, fewer than a word's. */
static void load_tail(stox_stops *stops, size_t word, size_t from) {
  char octets[STOX_STOPS_BITS] = {0};
  if (from < stops->n) {
    memcpy(octets, stops->p + from, stops->n - from);
  }
  stops->kernel(stops->stop + word, stops->odd + word, octets, 1);
}

void stox_stops_load(stox_stops *stops, size_t at) {
  size_t word = stops->reach / STOX_STOPS_BITS;
  if (at - stops->base >= stops->reach + STOX_STOPS_CHUNK * STOX_STOPS_BITS ||
      word > STOX_STOPS_WORDS - STOX_STOPS_CHUNK) {
    stops->base = at;
    word = 0;
  }
  const size_t from = stops->base + word * STOX_STOPS_BITS;
  size_t words = (stops->n - from) / STOX_STOPS_BITS;
  if (words >= STOX_STOPS_CHUNK) {
    words = STOX_STOPS_CHUNK;
    stops->kernel(stops->stop + word, stops->odd + word, stops->p + from, words);
  } else {
    if (words > 0) {
      stops->kernel(stops->stop + word, stops->odd + word, stops->p + from, words);
    }
    load_tail(stops, word + words, from + words * STOX_STOPS_BITS);
    words++;
  }
  stops->reach = (word + words) * STOX_STOPS_BITS;
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
  return next_far(stops, at, stops->stop);
}

size_t stox_stops_next_odd_far(stox_stops *stops, size_t at) {
  return next_far(stops, at, stops->odd);
}
