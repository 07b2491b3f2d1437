/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/uri.h"

enum { ROUNDS = 60000, ROOM = 512 };

/* Pieces that URIs are made of, good and bad ones. */
static const char *const pieces[] = {"sip:",
                                     "sips:",
                                     "im:",
                                     "pres:",
                                     "tel:",
                                     "xmpp:",
                                     "foo:",
                                     "a",
                                     "Romeo",
                                     "@",
                                     "@h",
                                     "h.ex",
                                     "[::1",
                                     "[::A]",
                                     "1.2.3.4",
                                     ":5060",
                                     ":",
                                     ";",
                                     ";gr=x",
                                     ";GR",
                                     ";lr",
                                     "?",
                                     "?x=y",
                                     "&z=",
                                     "%41",
                                     "%2e",
                                     "%2f",
                                     "%",
                                     "%C3%BC",
                                     "\xC3\xBC",
                                     "/",
                                     "//",
                                     "#",
                                     "+1-2",
                                     ";ext=1",
                                     ";maddr=h",
                                     "=",
                                     ".",
                                     "'",
                                     "(",
                                     "\"",
                                     "<",
                                     ">",
                                     " ",
                                     "\r\n ",
                                     ",",
                                     "*",
                                     "\\",
                                     ";opaque",
                                     "$",
                                     "\x80\xff",
                                     "-",
                                     "_",
                                     ";phone-context=+1",
                                     ";Transport=tcp",
                                     "%00",
                                     "!",
                                     "~",
                                     "{",
                                     "Z%7e"};

static stox_span random_text(char *room, uint64_t *seed) {
  stox_buf out;
  stox_buf_init(&out, room, ROOM);
  const uint64_t n = 1 + test_random(seed) % 9;
  stox_buf_put_text(&out, pieces[test_random(seed) % 8]);
  for (uint64_t i = 0; i < n; i++) {
    stox_buf_put_text(&out, pieces[test_random(seed) % COUNT(pieces)]);
  }
  return stox_buf_span(&out);
}

/* The first `n` octets of `room` and up to three more pieces. */
static stox_span random_tail(char *room, size_t n, uint64_t *seed) {
  stox_buf out = {room, ROOM, n};
  for (uint64_t left = test_random(seed) % 4; left > 0; left--) {
    stox_buf_put_text(&out, pieces[test_random(seed) % COUNT(pieces)]);
  }
  return stox_buf_span(&out);
}

/* What is parsed is equal to itself; its canonical form is strictly valid but for what cannot be
 * escaped, is its own canonical form, and is equal to it. */
static void canonical_form(void **state) {
  (void)state;
  uint64_t seed = 7;
  size_t parsed = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char rooms[3][3 * ROOM];
    const stox_span text = random_text(rooms[0], &seed);
    stox_uri one;
    if (stox_uri_parse(&one, text, STOX_URI_LENIENT, NULL) != STOX_OK) {
      continue;
    }
    parsed++;
    stox_buf first;
    stox_buf second;
    stox_uri two;
    stox_buf_init(&first, rooms[1], sizeof rooms[1]);
    stox_buf_init(&second, rooms[2], sizeof rooms[2]);
    assert_status(stox_uri_write(&first, &one), STOX_OK);
    assert_status(stox_uri_parse(&two, stox_buf_span(&first), STOX_URI_LENIENT, NULL), STOX_OK);
    assert_status(stox_uri_write(&second, &two), STOX_OK);
    assert_span_equal(stox_buf_span(&second), stox_buf_span(&first));
    assert_int_equal(stox_uri_is_equal(&one, &one, STOX_URI_RFC3261), 1);
    if (one.scheme != STOX_SCHEME_OTHER) {
      assert_int_equal(stox_uri_is_equal(&one, &two, STOX_URI_RFC3261), 1);
      assert_int_equal(stox_uri_is_equal(&two, &one, STOX_URI_LOCATION), 1);
    }
    if (!one.lenient) {
      assert_status(stox_uri_parse(&two, stox_buf_span(&first), STOX_URI_STRICT, NULL), STOX_OK);
    }
  }
  assert_true(parsed > ROUNDS / 20);
}

/* Equality has no order, and what is equal for location look-up is equal. */
static void equality(void **state) {
  (void)state;
  uint64_t seed = 11;
  size_t parsed = 0;
  size_t equal = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char rooms[2][ROOM];
    stox_uri a;
    stox_uri b;
    uint64_t same = seed;
    const stox_span one = random_tail(rooms[0], random_text(rooms[0], &seed).n, &seed);
    const stox_span two = random_tail(rooms[1], random_text(rooms[1], &same).n, &seed);
    if (stox_uri_parse(&a, one, STOX_URI_LENIENT, NULL) != STOX_OK ||
        stox_uri_parse(&b, two, STOX_URI_LENIENT, NULL) != STOX_OK) {
      continue;
    }
    parsed++;
    const int both = stox_uri_is_equal(&a, &b, STOX_URI_RFC3261);
    const int location = stox_uri_is_equal(&a, &b, STOX_URI_LOCATION);
    assert_int_equal(both, stox_uri_is_equal(&b, &a, STOX_URI_RFC3261));
    assert_int_equal(location, stox_uri_is_equal(&b, &a, STOX_URI_LOCATION));
    assert_true(both || !location);
    equal += (size_t)both;
  }
  assert_true(parsed > ROUNDS / 100 && equal > ROUNDS / 400 && equal < parsed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(canonical_form),
      cmocka_unit_test(equality),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
