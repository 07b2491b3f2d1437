/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "support.h"
#include "text/stops.h"

/* The oracle is the definition, octet by octet; the scalar kernel is held to it like the others. */
static int is_mark(char c) {
  return c != '\0' && strchr("-.!*_~'+", c) != NULL;
}

static int is_stop(char c) {
  return !is_mark(c) && !stox_char_is(c, STOX_CHAR_ALPHA | STOX_CHAR_DIGIT);
}

static int is_odd(char c) {
  const unsigned char octet = (unsigned char)c;
  return octet > 0x7E || octet < 0x20;
}

static const int wanted[] = {STOX_STOPS_SCALAR, STOX_STOPS_SSE2, STOX_STOPS_NEON, STOX_STOPS_AVX2};

typedef struct way {
  int (*is)(char c);
  size_t (*next)(stox_stops *stops, size_t at);
} way;

/* The marks are looked up, not searched, outside of tests. */
static size_t next_mark(stox_stops *stops, size_t at) {
  for (; at < stops->n; at++) {
    if (at - stops->base >= stops->reach) {
      stox_stops_load(stops, at);
    }
    if ((stox_stops_bits(stops->map.mark, at - stops->base) & 1) != 0) {
      break;
    }
  }
  return at;
}

static const way ways[] = {
    {is_stop, stox_stops_next}, {is_mark, next_mark}, {is_odd, stox_stops_next_odd}};

/* In `stops`, by the first `n_ways`. */
static void look_at(stox_stops *stops, stox_span text, size_t n_ways) {
  for (size_t at = 0; at < text.n; at++) {
    for (size_t k = 0; k < n_ways; k++) {
      size_t expected = at;
      while (expected < text.n && !ways[k].is(text.p[expected])) {
        expected++;
      }
      const size_t found = ways[k].next(stops, at);
      assert_int_equal(found < text.n ? found : text.n, expected);
    }
  }
  for (size_t k = 0; k < n_ways; k++) {
    assert_true(ways[k].next(stops, text.n) >= text.n);
  }
}

static void look(stox_span text, int kernel) {
  stox_stops_room room;
  stox_stops stops;
  stox_stops_init(&stops, text, stox_stops_choose(kernel), &room);
  look_at(&stops, text, COUNT(ways));
}

static void every_octet_is_classed_by_every_kernel(void **state) {
  (void)state;
  char octets[256];
  for (size_t i = 0; i < sizeof octets; i++) {
    octets[i] = (char)i;
  }
  for (size_t k = 0; k < COUNT(wanted); k++) {
    look((stox_span){octets, sizeof octets}, wanted[k]);
  }
}

static uint32_t next_random(uint32_t *seed) {
  *seed = *seed * 1664525 + 1013904223;
  return *seed >> 8;
}

/* Mostly plain, so that runs cross words. */
static void fill(char *p, size_t n, uint32_t *seed) {
  for (size_t i = 0; i < n; i++) {
    const uint32_t draw = next_random(seed);
    p[i] = draw % 23 == 0 ? (char)(draw >> 8) : 'a';
  }
}

/* The copy ends at a page that cannot be read, and begins at any alignment. */
static void every_length_and_alignment_is_read_in_bounds(void **state) {
  (void)state;
  char octets[330];
  uint32_t seed = 7;
  for (size_t n = 0; n < sizeof octets; n++) {
    fill(octets, n, &seed);
    guard g = guard_copy((stox_span){octets, n});
    for (size_t k = 0; k < COUNT(wanted); k++) {
      look(g.span, wanted[k]);
    }
    guard_free(&g);
  }
}

/* Forwards and backwards over more than a window holds. */
static void the_window_follows_any_jump(void **state) {
  (void)state;
  enum { N = 5000, JUMPS = 20000 };
  static char octets[N];
  uint32_t seed = 11;
  fill(octets, N, &seed);
  for (size_t k = 0; k < COUNT(wanted); k++) {
    stox_stops_room room;
    stox_stops stops;
    stox_stops_init(&stops, (stox_span){octets, N}, stox_stops_choose(wanted[k]), &room);
    for (size_t i = 0; i < JUMPS; i++) {
      const size_t at = next_random(&seed) % N;
      size_t stop = at;
      while (stop < N && !is_stop(octets[stop])) {
        stop++;
      }
      const size_t found = stox_stops_next(&stops, at);
      assert_int_equal(found < N ? found : N, stop);
    }
  }
}

/* A run longer than the window, and nothing else. */
static void a_long_run_ends(void **state) {
  (void)state;
  enum { N = 4096 };
  static char octets[N];
  memset(octets, 'a', N);
  for (size_t k = 0; k < COUNT(wanted); k++) {
    stox_stops_room room;
    stox_stops stops;
    stox_stops_init(&stops, (stox_span){octets, N}, stox_stops_choose(wanted[k]), &room);
    assert_true(stox_stops_next(&stops, 0) >= N);
    assert_true(stox_stops_next_odd(&stops, 3) >= N);
    stox_stops_init(&stops, (stox_span){NULL, 0}, stox_stops_choose(wanted[k]), &room);
    assert_true(stox_stops_next(&stops, 0) == 0);
  }
}

/* What is kept of a part of the text, wherever the window was. */
static void a_kept_map_needs_no_loading(void **state) {
  (void)state;
  enum { N = 2100 };
  static char octets[N];
  static uint64_t words[2 * (N / STOX_STOPS_BITS + 2)];
  uint32_t seed = 13;
  fill(octets, N, &seed);
  for (size_t n = 0; n < N; n += n < 200 ? 1 : 61) {
    for (size_t seen = 0; seen < N; seen += 400) {
      stox_stops_room room;
      stox_stops stops;
      stox_stops_init(&stops, (stox_span){octets, N}, stox_stops_choose(0), &room);
      for (size_t at = 0; at < seen; at += 200) {
        (void)stox_stops_next_odd(&stops, at);
      }
      stox_stops_keep(words, &stops, n);
      stox_stops kept = stox_stops_kept(octets, n, words);
      if (n < 200 || seen % 800 == 0) {
        look_at(&kept, (stox_span){octets, n}, 2);
      }
    }
  }
}

static void a_machine_has_what_it_chooses(void **state) {
  (void)state;
  const int best = stox_stops_choose(0);
  assert_int_equal(stox_stops_choose(best), best);
  assert_int_equal(stox_stops_choose(STOX_STOPS_SCALAR), STOX_STOPS_SCALAR);
  assert_int_equal(stox_stops_choose(99), best);
  for (size_t k = 0; k < COUNT(wanted); k++) {
    const int chosen = stox_stops_choose(wanted[k]);
    assert_true(chosen == wanted[k] || chosen == best);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_octet_is_classed_by_every_kernel),
      cmocka_unit_test(every_length_and_alignment_is_read_in_bounds),
      cmocka_unit_test(the_window_follows_any_jump),
      cmocka_unit_test(a_long_run_ends),
      cmocka_unit_test(a_kept_map_needs_no_loading),
      cmocka_unit_test(a_machine_has_what_it_chooses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
