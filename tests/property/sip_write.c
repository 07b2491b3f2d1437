/* SPDX-License-Identifier: MIT */
/* Random messages by RFC 3261's grammar: each is accepted by the strict parser, shows what it was
 * made of, is written as it was, and stands in a stream where it stood. */
#include "sip_messages.h"

enum { ROUNDS = 20000, LINES_MOST = 24 };

typedef struct maker {
  uint64_t seed;
  char room[8192];
  stox_buf out;
  size_t vias;
  size_t fields;
} maker;

static size_t choose(maker *m, size_t n) {
  return (size_t)(test_random(&m->seed) % n);
}

static void put(maker *m, const char *text) {
  stox_buf_put_text(&m->out, text);
}

/* Linear white space, maybe folded; `least` 1: some. */
static void put_space(maker *m, int least) {
  static const char *const spaces[] = {"", " ", "\t", "  ", "\r\n ", " \r\n\t ", "\r\n  \r\n "};
  put(m, spaces[(size_t)least + choose(m, COUNT(spaces) - (size_t)least)]);
}

static void put_name(maker *m, int id) {
  static const char *const compact[][2] = {
      {"Via", "v"},     {"From", "f"},          {"To", "t"}, {"Call-ID", "i"}, {"Contact", "M"},
      {"Subject", "S"}, {"Content-Length", "L"}};
  const char *name = stox_sip_header_name(id);
  for (size_t i = 0; i < COUNT(compact); i++) {
    name = strcmp(name, compact[i][0]) == 0 && choose(m, 3) == 0 ? compact[i][1] : name;
  }
  for (size_t i = 0; name[i] != '\0'; i++) {
    const int is_letter = (name[i] | 0x20) >= 'a' && (name[i] | 0x20) <= 'z';
    stox_buf_put_octet(&m->out, (char)(is_letter && choose(m, 5) == 0 ? name[i] ^ 0x20 : name[i]));
  }
  put(m, choose(m, 4) == 0 ? " \t" : "");
  put(m, ":");
  put_space(m, 0);
  m->fields++;
}

static void put_params(maker *m, const char *const *params, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (choose(m, 2) == 0) {
      put_space(m, 0);
      put(m, ";");
      put_space(m, 0);
      put(m, params[i]);
    }
  }
}

static void put_via(maker *m) {
  static const char *const transports[] = {"UDP", "TCP", "tls", "SCTP", "X-any"};
  static const char *const hosts[] = {"a.example", "192.0.2.1", "[2001:db8::1]", "b", "c-d.e1."};
  static const char *const params[] = {
      "branch=z9hG4bKa.b", "rport", "received=2001:db8::9", "x=\"a,;\\\"\xC3\xA9\"", "ttl=16",
      "y=[::1]",           "z"};
  put_name(m, STOX_SIP_VIA);
  for (int more = 1; more;) {
    put(m, "SIP");
    put_space(m, 0);
    put(m, "/");
    put_space(m, 0);
    put(m, "2.0/");
    put(m, transports[choose(m, COUNT(transports))]);
    put_space(m, 1);
    put(m, hosts[choose(m, COUNT(hosts))]);
    put(m, choose(m, 2) == 0 ? ":5060" : "");
    put_params(m, params, COUNT(params));
    m->vias++;
    more = choose(m, 4) == 0;
    put(m, more ? "," : "");
    put_space(m, 0);
  }
}

static void put_address(maker *m, int id) {
  static const char *const addresses[] = {
      "sip:a@example.com",  "<sip:a@example.com>", "\"Q \\\"\\\\\" <sips:a;b@[::1]:5061;lr?x=y>",
      "A B-c <tel:+1-555>", "<urn:x:y>",           "\"\xE2\x82\xAC, <;\"\t<sip:%00@h;x=%2C>"};
  static const char *const params[] = {"x", "y=z", "q=\"a;,b\""};
  put_name(m, id);
  put(m, addresses[choose(m, COUNT(addresses))]);
  put_params(m, params, COUNT(params));
  put(m, ";tag=t1");
}

/* The first two stand once: in the first field only. */
static void put_other(maker *m) {
  static const char *const lines[] = {"Subject:",
                                      "Date: never: ever",
                                      "X-Unknown: a\r\n b\t\xC3\xA9",
                                      "Accept: a/b, c/d",
                                      "X-E:   ",
                                      "Route: <sip:a;lr>, <sip:b>",
                                      "k: x",
                                      "Warning: 399 a \"b, c\\\\\""};
  const size_t least = m->fields == 1 ? 0 : 2;
  put(m, lines[least + choose(m, COUNT(lines) - least)]);
  m->fields++;
}

static void put_field(maker *m, size_t which) {
  switch (which) {
  case 0:
    put_via(m);
    break;
  case 1:
    put_address(m, STOX_SIP_FROM);
    break;
  case 2:
    put_address(m, STOX_SIP_TO);
    break;
  case 3:
    put_name(m, STOX_SIP_CALL_ID);
    put(m, "w(<:>)?{}@x/y");
    break;
  case 4:
    put_name(m, STOX_SIP_CSEQ);
    put(m, "0042");
    put_space(m, 1);
    put(m, "MESSAGE");
    break;
  default:
    put_other(m);
    break;
  }
  put_space(m, 0);
  put(m, "\r\n");
}

/* The five mandatory fields in any order, others between them, and a body of any octets. */
static size_t make(maker *m) {
  static const char *const bodies[] = {"", "a", "\r\n\r\n", "MESSAGE sip:a SIP/2.0\r\n", "\xFF"};
  const char *body = bodies[choose(m, COUNT(bodies))];
  size_t order[] = {0, 1, 2, 3, 4};
  stox_buf_init(&m->out, m->room, sizeof m->room);
  m->vias = 0;
  m->fields = 0;
  put(m, choose(m, 3) == 0 ? "SIP/2.0 200 \xC3\xB6k\r\n" : "MESSAGE sip:b@example.net SIP/2.0\r\n");
  for (size_t i = COUNT(order); i > 0; i--) {
    const size_t at = choose(m, i);
    put_field(m, order[at]);
    order[at] = order[i - 1];
    if (choose(m, 2) == 0) {
      put_field(m, COUNT(order));
    }
  }
  put_name(m, STOX_SIP_CONTENT_LENGTH);
  stox_buf_put_number(&m->out, strlen(body));
  put(m, "\r\n\r\n");
  put(m, body);
  return strlen(body);
}

static void check_facts(const maker *m, stox_sip_message *message, size_t body_n) {
  stox_sip_via via;
  stox_sip_header header;
  stox_sip_cseq cseq;
  assert_status(stox_sip_get_header(&header, message, m->fields - 1), STOX_OK);
  assert_status(stox_sip_get_header(&header, message, m->fields), STOX_E_NONE);
  assert_status(stox_sip_get_via(&via, message, m->vias - 1), STOX_OK);
  assert_status(stox_sip_get_via(&via, message, m->vias), STOX_E_NONE);
  assert_status(stox_sip_get_cseq(&cseq, message), STOX_OK);
  assert_int_equal(cseq.number, 42);
  assert_span_equal(stox_sip_tag(message, STOX_SIP_FROM), S("t1"));
  assert_span_equal(stox_sip_tag(message, STOX_SIP_TO), S("t1"));
  assert_int_equal(stox_sip_body(message).n, body_n);
  assert_int_equal(stox_sip_is_lenient(message), 0);
}

static void test_random_messages(void **state) {
  (void)state;
  static char arena_room[1 << 16];
  static char written[8192];
  maker m = {.seed = 0x5107};
  for (int round = 0; round < ROUNDS; round++) {
    const size_t body_n = make(&m);
    const stox_span bytes = stox_buf_span(&m.out);
    stox_arena arena;
    stox_sip_message *message = NULL;
    stox_sip_edit *edit = NULL;
    stox_diag diag = {0};
    stox_buf out;
    size_t n = 0;
    int kind = 0;
    stox_arena_init(&arena, arena_room, sizeof arena_room, 0, NULL);
    if (stox_sip_parse(&message, &arena, bytes, NULL, &diag) != STOX_OK) {
      fail_msg("%s at %zu of %.*s", diag.rule, diag.offset, (int)bytes.n, bytes.p);
      return;
    }
    check_facts(&m, message, body_n);
    assert_status(stox_sip_edit_new(&edit, &arena, message), STOX_OK);
    stox_buf_init(&out, written, sizeof written);
    assert_status(stox_sip_write(&out, edit), STOX_OK);
    assert_span_equal(stox_buf_span(&out), bytes);
    assert_status(stox_sip_frame(&n, &kind, bytes, NULL, NULL), STOX_OK);
    assert_int_equal(n, bytes.n);
    assert_status(
        stox_sip_frame(&n, &kind, stox_span_slice(bytes, 0, choose(&m, bytes.n)), NULL, NULL),
        STOX_E_MORE);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_messages)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
