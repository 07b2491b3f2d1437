/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

#include "stox/loop_guard.h"

#define SECOND UINT64_C(1000000000)
#define KEY    S("0123456789abcdef")

static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  stox_arena_clear(&arena);
  return 0;
}

/* What a request is made of, apart from what no test changes. */
typedef struct parts {
  const char *method;
  const char *uri;
  const char *vias; /* whole lines */
  const char *from_tag;
  const char *to; /* parameters of To */
  const char *call_id;
  const char *cseq;
  const char *more; /* whole lines */
} parts;

static const parts plain = {"MESSAGE",
                            "sip:alice@example.com",
                            "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n",
                            "f1",
                            "",
                            "c1",
                            "7",
                            ""};

static stox_sip_message *make(const parts *p) {
  char text[8192];
  const int n = snprintf(text, sizeof text,
                         "%s %s SIP/2.0\r\n%sFrom: <sip:bob@example.org>;tag=%s\r\n"
                         "To: <sip:alice@example.com>%s\r\nCall-ID: %s\r\nCSeq: %s %s\r\n"
                         "%sContent-Length: 0\r\n\r\n",
                         p->method, p->uri, p->vias, p->from_tag, p->to, p->call_id, p->cseq,
                         p->method, p->more);
  assert_true(n > 0 && (size_t)n < sizeof text);
  stox_span copy;
  stox_sip_message *message = NULL;
  assert_status(stox_arena_copy(&arena, &copy, (stox_span){text, (size_t)n}), STOX_OK);
  assert_status(stox_sip_parse(&message, &arena, copy, NULL, NULL), STOX_OK);
  return message;
}

static stox_sip_message *make_with(const char *more) {
  parts p = plain;
  p.more = more;
  return make(&p);
}

static void hash(char out[STOX_LOOP_HASH_SIZE + 1], const stox_sip_message *message,
                 stox_span key) {
  stox_buf buf;
  stox_buf_init(&buf, out, STOX_LOOP_HASH_SIZE);
  assert_status(stox_loop_hash(&buf, message, key), STOX_OK);
  assert_int_equal(buf.len, STOX_LOOP_HASH_SIZE);
  out[STOX_LOOP_HASH_SIZE] = '\0';
}

/* RFC 5393 4.2.1: what the hash varies with, and what not: "7247-8-05". */
static void test_hash(void **state) {
  (void)state;
  static char huge[2000];
  memset(huge, 'r', sizeof huge - 1);
  char routes[4096];
  (void)snprintf(routes, sizeof routes, "Route: <sip:%s>\r\nRoute: <sip:b>\r\n", huge);
  parts same[2] = {plain, plain};
  same[0].method = "INFO";
  same[1].vias = "Via: SIP/2.0/TCP x;branch=z9hG4bK9\r\n" /* another hop */
                 "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n";
  parts other[11] = {plain, plain, plain, plain, plain, plain, plain, plain, plain, plain, plain};
  other[0].uri = "sip:alice@example.net";
  other[1].from_tag = "f2";
  other[2].to = ";tag=t";
  other[3].call_id = "c2";
  other[4].cseq = "8";
  other[5].more = "Route: <sip:a;lr>\r\n";
  other[6].more = "Route: <sip:a;lr>\r\nRoute: <sip:b;lr>\r\n";
  other[7].more = "Proxy-Require: foo\r\n";
  other[8].more = "Proxy-Authorization: Digest username=\"a\"\r\n";
  other[9].more = routes;
  other[10].call_id = huge;
  char want[STOX_LOOP_HASH_SIZE + 1];
  char got[STOX_LOOP_HASH_SIZE + 1];
  char seen[COUNT(other)][STOX_LOOP_HASH_SIZE + 1];
  hash(want, make(&plain), KEY);
  for (size_t i = 0; i < STOX_LOOP_HASH_SIZE; i++) {
    assert_non_null(strchr("0123456789abcdef", want[i]));
  }
  for (size_t i = 0; i < COUNT(same); i++) {
    hash(got, make(&same[i]), KEY);
    assert_string_equal(got, want);
  }
  for (size_t i = 0; i < COUNT(other); i++) {
    hash(seen[i], make(&other[i]), KEY);
    assert_string_not_equal(seen[i], want);
    for (size_t k = 0; k < i; k++) {
      assert_string_not_equal(seen[i], seen[k]);
    }
  }
  hash(got, make(&plain), S("0123456789abcdeg"));
  assert_string_not_equal(got, want);
}

/* Where one part ends and the next begins is part of the hash. */
static void test_hash_bounds(void **state) {
  (void)state;
  parts a = plain;
  parts b = plain;
  a.call_id = "c1x";
  a.from_tag = "f1";
  b.call_id = "c1";
  b.from_tag = "xf1";
  char first[STOX_LOOP_HASH_SIZE + 1];
  char second[STOX_LOOP_HASH_SIZE + 1];
  hash(first, make(&a), KEY);
  hash(second, make(&b), KEY);
  assert_string_not_equal(first, second);
}

static void test_hash_refuses(void **state) {
  (void)state;
  char room[STOX_LOOP_HASH_SIZE];
  stox_buf buf;
  for (size_t cap = 0; cap <= sizeof room; cap++) {
    stox_buf_init(&buf, room, cap);
    assert_status(stox_loop_hash(&buf, make(&plain), KEY),
                  cap < sizeof room ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(buf.len, sizeof room);
  }
  static const char response[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:b@b>;tag=1\r\n"
                                 "To: <sip:a@a>;tag=2\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n\r\n";
  stox_sip_message *message = NULL;
  assert_status(stox_sip_parse(&message, &arena, S(response), NULL, NULL), STOX_OK);
  stox_buf_init(&buf, room, sizeof room);
  assert_status(stox_loop_hash(&buf, message, KEY), STOX_E_STATE);
  assert_status(stox_loop_check(message, NULL, 0, KEY), STOX_E_STATE);
}

/* A request that we made comes back as we made it: the two hashes are one. */
static void test_hash_edit(void **state) {
  (void)state;
  static const char *const more[] = {"", "Proxy-Require: foo\r\n",
                                     "Proxy-Authorization: Digest username=\"a\"\r\n"};
  for (size_t i = 0; i < COUNT(more); i++) {
    parts p = plain;
    p.more = more[i];
    p.to = i == 0 ? "" : ";x=1;tag=t1";
    stox_sip_message *message = make(&p);
    stox_sip_edit *edit = NULL;
    assert_status(stox_sip_edit_new(&edit, &arena, message), STOX_OK);
    char want[STOX_LOOP_HASH_SIZE + 1];
    char got[STOX_LOOP_HASH_SIZE];
    hash(want, message, KEY);
    stox_buf buf;
    stox_buf_init(&buf, got, sizeof got);
    assert_status(stox_loop_hash_edit(&buf, edit, stox_sip_request_uri(message), KEY), STOX_OK);
    assert_span_equal(stox_buf_span(&buf), stox_span_text(want));
  }
  stox_sip_edit *empty = NULL;
  char room[STOX_LOOP_HASH_SIZE];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  assert_status(stox_sip_request_new(&empty, &arena, S("MESSAGE"), S("sip:a@b")), STOX_OK);
  assert_status(stox_loop_hash_edit(&buf, empty, S("sip:a@b"), KEY), STOX_E_MISSING);
  assert_int_equal(buf.len, 0);
}

/* RFC 5393 4.2.2: "7247-8-05": loop 482, spiral passes, other people's Vias are not ours. */
static void test_check(void **state) {
  (void)state;
  static const stox_span own[] = {ROW("gw.example.com"), ROW("192.0.2.1:5070"),
                                  ROW("[2001:db8::1]:5070")};
  static const struct {
    const char *sent_by;
    const char *before; /* of the hash in the branch */
    const char *after;
    const char *uri; /* of the request that comes back */
    int status;
  } rows[] = {
      {"gw.example.com", ".", "", "sip:alice@example.com", STOX_E_LOOP},
      {"GW.example.com", ".", "", "sip:alice@example.com", STOX_E_LOOP},
      {"192.0.2.1:5070", ".", "", "sip:alice@example.com", STOX_E_LOOP},
      {"[2001:DB8:0::1]:5070", ".", "", "sip:alice@example.com", STOX_E_LOOP},
      {"gw.example.com", ".", "", "sip:carol@example.com", STOX_OK},
      {"gw.example.com:5060", ".", "", "sip:alice@example.com", STOX_OK},
      {"192.0.2.1", ".", "", "sip:alice@example.com", STOX_OK},
      {"192.0.2.1:5071", ".", "", "sip:alice@example.com", STOX_OK},
      {"other.example.com", ".", "", "sip:alice@example.com", STOX_OK},
      {"gw.example.com", "", "", "sip:alice@example.com", STOX_OK},
      {"gw.example.com", ".", "0", "sip:alice@example.com", STOX_OK},
      {"gw.example.com", ".0", "", "sip:alice@example.com", STOX_OK},
  };
  char mark[STOX_LOOP_HASH_SIZE + 1];
  hash(mark, make(&plain), KEY);
  for (size_t i = 0; i < COUNT(rows); i++) {
    char vias[512];
    (void)snprintf(vias, sizeof vias,
                   "Via: SIP/2.0/UDP p.example;branch=z9hG4bK2;x;y=\"a\"\r\n"
                   "Via: SIP/2.0/TCP q.example, SIP/2.0/UDP %s;branch=z9hG4bK1%s%s%s;rport\r\n",
                   rows[i].sent_by, rows[i].before, mark, rows[i].after);
    parts p = plain;
    p.vias = vias;
    p.uri = rows[i].uri;
    if (stox_loop_check(make(&p), own, COUNT(own), KEY) != rows[i].status) {
      fail_msg("row %zu", i);
    }
    assert_status(stox_loop_check(make(&p), own, 0, KEY), STOX_OK);
    assert_status(stox_loop_check(make(&p), own, COUNT(own), S("another key, theirs")), STOX_OK);
  }
}

/* A sent-by of the host's that is none matches nothing. */
static void test_check_bad_own(void **state) {
  (void)state;
  static const stox_span own[] = {ROW(""),        ROW(":"), ROW("h:x"),
                                  ROW("h:99999"), ROW("["), ROW("]")};
  char mark[STOX_LOOP_HASH_SIZE + 1];
  char vias[256];
  hash(mark, make(&plain), KEY);
  (void)snprintf(vias, sizeof vias, "Via: SIP/2.0/UDP h;branch=z9hG4bK1.%s\r\n", mark);
  parts p = plain;
  p.vias = vias;
  assert_status(stox_loop_check(make(&p), own, COUNT(own), KEY), STOX_OK);
}

/* RFC 3261 16.3, 16.6: "7247-8-05": Max-Forwards 0 is 483, absent is 70. */
static void test_hops(void **state) {
  (void)state;
  static const struct {
    const char *more;
    int status;
    uint32_t hops;
  } rows[] = {
      {"", STOX_OK, 70},
      {"Max-Forwards: 70\r\n", STOX_OK, 69},
      {"Max-Forwards: 1\r\n", STOX_OK, 0},
      {"Max-Forwards: 0\r\n", STOX_E_TOO_MANY_HOPS, 0},
      {"Max-Forwards: 255\r\n", STOX_OK, 254},
      {"Max-Forwards: 256\r\n", STOX_E_BAD_HEADER, 70},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint32_t hops = 7;
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "MESSAGE sip:a@a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
                   "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n"
                   "%s\r\n",
                   rows[i].more);
    stox_sip_message *message = NULL;
    const stox_sip_options lenient = {.size = sizeof lenient, .lenient = 1};
    (void)stox_sip_parse(&message, &arena, stox_span_text(text), &lenient, NULL);
    if (message == NULL) {
      fail_msg("row %zu", i);
    }
    assert_status(stox_hops_take(&hops, message), rows[i].status);
    assert_int_equal(hops, rows[i].hops);
  }
}

/* RFC 5393 5.3.3: "7247-8-05": absent is 60, more is cut to 60, not enough is 440. */
static void test_breadth(void **state) {
  (void)state;
  static const struct {
    const char *more;
    uint32_t branches;
    int status;
    uint32_t breadth;
  } rows[] = {
      {"", 1, STOX_OK, 60},
      {"", 60, STOX_OK, 1},
      {"", 61, STOX_E_BREADTH, 0},
      {"Max-Breadth: 60\r\n", 2, STOX_OK, 30},
      {"Max-Breadth: 1\r\n", 1, STOX_OK, 1},
      {"Max-Breadth: 1\r\n", 2, STOX_E_BREADTH, 0},
      {"Max-Breadth: 0\r\n", 1, STOX_E_BREADTH, 0},
      {"Max-Breadth: 61\r\n", 1, STOX_OK, 60},
      {"Max-Breadth: 4294967295\r\n", 1, STOX_OK, 60},
      {"Max-Breadth: x\r\n", 1, STOX_E_BAD_HEADER, 0},
      {"", 0, STOX_E_ARG, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint32_t breadth = 7;
    assert_status(stox_breadth_take(&breadth, make_with(rows[i].more), rows[i].branches),
                  rows[i].status);
    assert_int_equal(breadth, rows[i].breadth);
  }
}

/* ---- XEP-0131: "7247-8-06" ---- */

#define SHIM(inside) "<headers xmlns='http://jabber.org/protocol/shim'>" inside "</headers>"
#define HOPS(value)  "<header name='Max-Forwards'>" value "</header>"

static stox_stanza stanza_of(const char *inside) {
  char text[2048];
  stox_stanza stanza;
  (void)snprintf(text, sizeof text, "<message from='a@b' to='c@d'>%s</message>", inside);
  const stox_xml_element *element = xml_client_element(&arena, text);
  assert_status(stox_stanza_read(&stanza, element, (stox_span){NULL, 0}), STOX_OK);
  return stanza;
}

static void test_hops_of_stanza(void **state) {
  (void)state;
  static const struct {
    const char *inside;
    int status;
    uint32_t hops;
  } rows[] = {
      {"", STOX_OK, 70},
      {SHIM(""), STOX_OK, 70},
      {SHIM("<header name='Urgency'>high</header>"), STOX_OK, 70},
      {SHIM(HOPS("3")), STOX_OK, 2},
      {SHIM("<header name='max-forwards'> 3\n</header>"), STOX_OK, 2},
      {SHIM(HOPS("1")), STOX_OK, 0},
      {SHIM(HOPS("0")), STOX_E_TOO_MANY_HOPS, 0},
      {SHIM(HOPS("70000")), STOX_OK, 254},
      {SHIM(HOPS("3") HOPS("3")), STOX_OK, 2},
      {SHIM(HOPS("3")) SHIM(HOPS("4")), STOX_E_BAD_NUMBER, 70},
      {SHIM(HOPS("")), STOX_E_BAD_NUMBER, 70},
      {SHIM(HOPS("-1")), STOX_E_BAD_NUMBER, 70},
      {SHIM(HOPS("3x")), STOX_E_BAD_NUMBER, 70},
      {SHIM(HOPS("99999999999999999999")), STOX_E_BAD_NUMBER, 70},
      {SHIM(HOPS("3<x/>5")), STOX_OK, 34},
      {"<headers xmlns='urn:x'>" HOPS("0") "</headers>", STOX_OK, 70},
      {HOPS("0"), STOX_OK, 70},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint32_t hops = 7;
    const stox_stanza stanza = stanza_of(rows[i].inside);
    if (stox_hops_take_stanza(&hops, &arena, &stanza) != rows[i].status) {
      fail_msg("row %zu", i);
    }
    assert_int_equal(hops, rows[i].hops);
  }
}

/* "7247-8-06": what is written is what is read on the other side. */
static void test_hops_written(void **state) {
  (void)state;
  static const uint32_t rows[] = {0, 1, 69, 255};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[512];
    for (size_t cap = 0; cap < sizeof room - 1; cap += 7) {
      stox_buf out;
      stox_buf_init(&out, room, cap);
      stox_xml_writer writer;
      stox_xml_writer_init(&writer, &out, S("jabber:client"));
      stox_hops_write(&writer, rows[i]);
      const int status = stox_xml_writer_end(&writer);
      assert_status(status, out.len <= cap ? STOX_OK : STOX_E_NOBUF);
      if (status != STOX_OK) {
        continue;
      }
      room[out.len] = '\0';
      uint32_t hops = 7;
      const stox_stanza stanza = stanza_of(room);
      assert_status(stox_hops_take_stanza(&hops, &arena, &stanza),
                    rows[i] == 0 ? STOX_E_TOO_MANY_HOPS : STOX_OK);
      assert_int_equal(hops, rows[i] == 0 ? 0 : rows[i] - 1);
    }
  }
}

/* ---- reflections: "7247-8-06" ---- */

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (unsigned char)test_random(ud);
  }
  return STOX_OK;
}

static int no_fill(void *ud, void *p, size_t n) {
  (void)ud;
  (void)p;
  (void)n;
  return STOX_E_REFUSED;
}

enum { SLOTS = 64 };

static stox_reflection slots[SLOTS];

static void open_counter(stox_reflections *out, size_t n, uint32_t max) {
  static uint64_t seed = 5;
  const stox_random random = {sizeof random, &seed, fill};
  assert_status(stox_reflections_init(out, slots, n, max, 10 * SECOND, &random), STOX_OK);
}

/* The N-th reflection is dropped; a new window lets it through again. */
static void test_reflections(void **state) {
  (void)state;
  stox_reflections counter;
  open_counter(&counter, SLOTS, 3);
  uint64_t now = 100 * SECOND;
  const stox_span a = S("a@x");
  const stox_span b = S("b@x");
  for (int window = 0; window < 2; window++) {
    for (int i = 0; i < 3; i++) {
      assert_status(stox_reflections_check(&counter, a, b, S("hi"), now + (uint64_t)i), STOX_OK);
    }
    assert_status(stox_reflections_check(&counter, a, b, S("hi"), now + 10 * SECOND - 1),
                  STOX_E_LOOP);
    assert_status(stox_reflections_check(&counter, a, b, S("ho"), now), STOX_OK);
    assert_status(stox_reflections_check(&counter, b, a, S("hi"), now), STOX_OK);
    assert_status(stox_reflections_check(&counter, S("a@xb"), S("@x"), S("hi"), now), STOX_OK);
    now += 10 * SECOND;
  }
}

/* A flood of new messages does not hide a loop. */
static void test_reflections_flood(void **state) {
  (void)state;
  stox_reflections counter;
  open_counter(&counter, SLOTS, 5);
  const uint64_t now = SECOND;
  char body[32];
  int looped = 0;
  for (int i = 0; i < 5000; i++) {
    const int n = snprintf(body, sizeof body, "%d", i);
    (void)stox_reflections_check(&counter, S("e@x"), S("b@x"), (stox_span){body, (size_t)n}, now);
    if (i < 2 || i % 100 == 0) {
      looped += stox_reflections_check(&counter, S("a@x"), S("b@x"), S("loop"), now) == STOX_E_LOOP;
    }
  }
  assert_true(looped > 40);
}

static void test_reflections_refuses(void **state) {
  (void)state;
  stox_reflections counter;
  uint64_t seed = 5;
  const stox_random random = {sizeof random, &seed, fill};
  const stox_random broken = {sizeof random, NULL, no_fill};
  assert_status(stox_reflections_init(&counter, NULL, 8, 1, 1, &random), STOX_E_ARG);
  assert_status(stox_reflections_init(&counter, slots, 7, 1, 1, &random), STOX_E_ARG);
  assert_status(stox_reflections_init(&counter, slots, 8, 0, 1, &random), STOX_E_ARG);
  assert_status(stox_reflections_init(&counter, slots, 8, 1, 0, &random), STOX_E_ARG);
  assert_status(stox_reflections_init(&counter, slots, 8, 1, 1, NULL), STOX_E_ARG);
  assert_status(stox_reflections_init(&counter, slots, 8, 1, 1, &broken), STOX_E_REFUSED);
  assert_status(stox_reflections_init(&counter, slots, 8, 1, 1, &random), STOX_OK);
  assert_status(stox_reflections_check(&counter, S("a"), S("b"), S(""), 0), STOX_OK);
  assert_status(stox_reflections_check(&counter, S("a"), S("b"), S(""), 0), STOX_E_LOOP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_hash),
      TEST(test_hash_bounds),
      TEST(test_hash_refuses),
      TEST(test_hash_edit),
      TEST(test_check),
      TEST(test_check_bad_own),
      TEST(test_hops),
      TEST(test_breadth),
      TEST(test_hops_of_stanza),
      TEST(test_hops_written),
      TEST(test_reflections),
      TEST(test_reflections_flood),
      TEST(test_reflections_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
