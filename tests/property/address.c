/* SPDX-License-Identifier: MIT */
#include "addr/address.h"
#include "addr/uri_parts.h"
#include "support.h"

#include "stox/name_addr.h"

/* The short ways of addr/address.h are held to the whole grammar: what they read is what
 * stox_uri_parse_any() and stox_name_addr_next() give, in every text made of these pieces. */

enum { ROUNDS = 150000, ROOM = 512 };

static const char *const pieces[] = {
    "sip:",
    "sips:",
    "SIP:",
    "tel:",
    "a",
    "Romeo",
    "@",
    "h.ex",
    "10.0.0.1",
    ":5060",
    ":",
    ";",
    ";lr",
    ";gr=x",
    ";GR",
    "=",
    "?a=b",
    "%41",
    "+1-2",
    "[::1]",
    "urn:x",
    "/",
    "\"",
    "\"A b\"",
    "\\",
    " ",
    "  ",
    "\t",
    "\r\n ",
    "<",
    ">",
    "<sip:a@h>",
    ";tag=1",
    ";TAG=2",
    ",",
    "*",
    "\xC3\xBC",
    "(",
    "`",
    "%",
    ".",
    "-",
    "h-",
    ";q=0.5",
    "\x01",
    "a;b",
    ";transport=tcp",
    "[2001:db8::7]",
    "[::",
    ":1:2:3:4:5:6:7]",
    "\"a\\\"b\"",
    "\\",
    "\x1A",
    "1.2.3.4",
    "65536",
    "A b ",
    "<sips:b@h.ex:1;lr>",
    ";+sip.instance=\"<u>\"",
    "&",
    "$",
    "'",
};

static stox_span random_text(char *room, uint64_t *seed, const char *start) {
  stox_buf out;
  stox_buf_init(&out, room, ROOM);
  const uint64_t n = 1 + test_random(seed) % 9;
  stox_buf_put_text(&out, start);
  for (uint64_t i = 0; i < n; i++) {
    stox_buf_put_text(&out, pieces[test_random(seed) % COUNT(pieces)]);
  }
  return stox_buf_span(&out);
}

static void assert_same_uri(const stox_uri *a, const stox_uri *b) {
  assert_int_equal(a->scheme, b->scheme);
  assert_int_equal(a->host_kind, b->host_kind);
  assert_int_equal(a->port, b->port);
  assert_int_equal(a->lenient, b->lenient);
  const stox_span one[] = {a->text, a->scheme_text, a->user,   a->password, a->host,
                           a->path, a->port_text,   a->params, a->headers};
  const stox_span two[] = {b->text, b->scheme_text, b->user,   b->password, b->host,
                           b->path, b->port_text,   b->params, b->headers};
  for (size_t i = 0; i < COUNT(one); i++) {
    assert_ptr_equal(one[i].p, two[i].p);
    assert_int_equal(one[i].n, two[i].n);
  }
}

/* The text as a line: a CR stands behind it. */
static stox_reader open_line(stox_stops *stops, stox_stops_room *maps, char *room, stox_span text,
                             int kernel) {
  stox_reader r = {NULL, NULL, NULL, 0, 0};
  room[text.n] = '\r';
  stox_stops_init(stops, (stox_span){text.p, text.n + 1}, stox_stops_choose(kernel), maps);
  assert_true(stox_reader_open(&r, stops, 0, text.n));
  assert_true(stox_reader_is_line(&r));
  return r;
}

static void a_uri_read_the_short_way_is_the_same(void **state) {
  (void)state;
  char room[ROOM];
  uint64_t seed = 3;
  size_t read = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    const stox_span text = random_text(room, &seed, i % 2 == 0 ? "sip:" : "sips:a@");
    stox_stops_room maps;
    stox_stops stops;
    stox_uri one;
    stox_uri two;
    stox_reader line = open_line(&stops, &maps, room, text, (int)(i % 3));
    const int is_read = stox_uri_read_line(&two, &line);
    stox_stops_init(&stops, text, stox_stops_choose((int)(i % 3)), &maps);
    stox_reader r;
    assert_true(stox_reader_open(&r, &stops, 0, text.n));
    assert_int_equal(stox_uri_read(&one, &r), is_read);
    if (!is_read) {
      continue;
    }
    assert_int_equal(line.at, r.at);
    assert_same_uri(&one, &two);
    if (r.at < text.n) {
      continue;
    }
    assert_status(stox_uri_parse_any(&two, text, STOX_URI_STRICT, NULL), STOX_OK);
    assert_same_uri(&one, &two);
    read++;
  }
  assert_true(read > ROUNDS / 200);
}

static void assert_same_name(const stox_name_addr *a, const stox_name_addr *b) {
  assert_int_equal(a->brackets, b->brackets);
  assert_int_equal(a->star, b->star);
  const stox_span one[] = {a->text, a->display, a->uri, a->params};
  const stox_span two[] = {b->text, b->display, b->uri, b->params};
  for (size_t i = 0; i < COUNT(one); i++) {
    assert_ptr_equal(one[i].p, two[i].p);
    assert_int_equal(one[i].n, two[i].n);
  }
}

static void assert_same_tag(const stox_address *address) {
  stox_param param = {{NULL, 0}, {NULL, 0}};
  const int status = stox_param_find(&param, address->name->params, "tag");
  assert_true(status == STOX_OK || status == STOX_E_NONE);
  assert_ptr_equal(address->tag.p, status == STOX_OK ? param.value.p : NULL);
  assert_int_equal(address->tag.n, status == STOX_OK ? param.value.n : 0);
}

static void an_address_read_the_short_way_is_the_same(void **state) {
  (void)state;
  char room[ROOM];
  uint64_t seed = 5;
  size_t read = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    static const char *const starts[] = {"<sip:a@h>", "Bob <sip:b@h>", "\"B\" <sip:h;lr>", "<"};
    const stox_span text = random_text(room, &seed, starts[i % COUNT(starts)]);
    stox_stops_room maps;
    stox_stops stops;
    stox_name_addr name;
    stox_uri found;
    stox_address one = {.name = &name, .uri = &found};
    stox_name_addr two;
    stox_uri uri;
    size_t cursor = 0;
    stox_address other = {.name = &two, .uri = &uri};
    stox_reader line = open_line(&stops, &maps, room, text, (int)(i % 3));
    const int is_read = stox_address_read_line(&other, &line);
    stox_stops_init(&stops, text, stox_stops_choose((int)(i % 3)), &maps);
    stox_reader r;
    assert_true(stox_reader_open(&r, &stops, 0, text.n));
    assert_int_equal(stox_address_read(&one, &r), is_read);
    if (!is_read) {
      continue;
    }
    const size_t at = r.at;
    assert_int_equal(line.at, at);
    assert_same_name(&name, &two);
    assert_same_uri(&found, &uri);
    assert_ptr_equal(one.tag.p, other.tag.p);
    const int status = stox_name_addr_next(&two, text, &cursor, NULL);
    if (status != STOX_OK) { /* a comma with nothing behind it is all that is left to refuse */
      assert_int_equal(text.p[at], ',');
      continue;
    }
    assert_int_equal(cursor, at < text.n ? at + 1 : at);
    assert_same_name(&name, &two);
    assert_same_tag(&one);
    assert_status(stox_uri_parse_any(&uri, two.uri, STOX_URI_STRICT, NULL), STOX_OK);
    assert_same_uri(&found, &uri);
    read++;
  }
  assert_true(read > ROUNDS / 200);
}

/* The public function takes the short way where it can, and tells the same either way. */
static void a_list_with_uris_is_the_list_and_its_uris(void **state) {
  (void)state;
  char room[ROOM];
  uint64_t seed = 7;
  for (size_t i = 0; i < ROUNDS; i++) {
    const stox_span text = random_text(room, &seed, "<sip:a@h>");
    stox_name_addr one;
    stox_name_addr two;
    stox_uri uri;
    stox_uri other;
    size_t a = 0;
    size_t b = 0;
    int status = STOX_OK;
    while (status != STOX_E_NONE && status != STOX_E_BAD_HEADER) {
      stox_diag diag = {0};
      status = stox_name_addr_next_uri(&one, &uri, text, &a, STOX_URI_LENIENT, &diag);
      const int expected = stox_name_addr_next(&two, text, &b, NULL);
      assert_int_equal(a, b);
      if (expected != STOX_OK) {
        assert_status(status, expected);
        continue;
      }
      assert_same_name(&one, &two);
      const int parsed =
          two.star ? STOX_OK : stox_uri_parse_any(&other, two.uri, STOX_URI_LENIENT, &diag);
      assert_status(status, parsed);
      if (parsed == STOX_OK && !two.star) {
        assert_same_uri(&uri, &other);
      }
    }
  }
}

/* Texts about as long as a window, and several: runs, hosts and stops on both sides of its end. */
static void a_long_uri_is_the_same(void **state) {
  (void)state;
  static const char *const tails[] = {"@h.example;lr", "@10.0.0.1:5060", ";x=y", "", ".h", "@"};
  static char text[6000];
  for (size_t n = 1900; n < 5000; n += n < 2200 ? 1 : 97) {
    for (size_t k = 0; k < COUNT(tails); k++) {
      stox_uri one;
      stox_uri two;
      memcpy(text, "sip:", 4);
      memset(text + 4, 'o', n);
      memcpy(text + 4 + n, tails[k], strlen(tails[k]));
      guard g = guard_copy((stox_span){text, 4 + n + strlen(tails[k])});
      const int status = stox_uri_parse_any(&two, g.span, STOX_URI_STRICT, NULL);
      assert_status(stox_uri_parse(&one, g.span, STOX_URI_STRICT, NULL), status);
      if (status == STOX_OK) {
        assert_same_uri(&one, &two);
      }
      guard_free(&g);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_uri_read_the_short_way_is_the_same),
      cmocka_unit_test(an_address_read_the_short_way_is_the_same),
      cmocka_unit_test(a_list_with_uris_is_the_list_and_its_uris),
      cmocka_unit_test(a_long_uri_is_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
