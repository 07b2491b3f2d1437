/* SPDX-License-Identifier: MIT */
#include "tables.h"
#include "writers.h"

#include "stox/flow_token.h"
#include "stox/hash.h"
#include "stox/number.h"

#define VECTORS STOX_TEST_VECTORS "/sip-outbound"

static const char key[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
                          "\x13\x14";
static const char other_key[] = "another key of 26 octets..";

static stox_flow_token_keys keys_of(stox_span first) {
  stox_flow_token_keys keys;
  assert_status(stox_flow_token_keys_init(&keys, sizeof keys), STOX_OK);
  keys.key = first;
  return keys;
}

/* `address:port` or `[address]:port` */
static stox_endpoint endpoint_of(stox_span text, int transport) {
  uint64_t port = 0;
  size_t colon = text.n;
  while (text.p[colon - 1] != ':') {
    colon--;
  }
  stox_span host = stox_span_slice(text, 0, colon - 1);
  if (host.p[0] == '[') {
    host = stox_span_slice(host, 1, host.n - 2);
  }
  assert_status(stox_number_parse(&port, stox_span_slice(text, colon, text.n), 65535), STOX_OK);
  return (stox_endpoint){host, (uint32_t)port, transport};
}

static stox_flow flow_of(stox_span proto, stox_span local, stox_span remote) {
  const int transport = stox_transport_of(proto);
  return (stox_flow){.local = endpoint_of(local, transport),
                     .remote = endpoint_of(remote, transport)};
}

static const stox_flow udp = {.local = {ROW("192.0.2.10"), 5060, STOX_TRANSPORT_UDP},
                              .remote = {ROW("198.51.100.7"), 40001, STOX_TRANSPORT_UDP}};

typedef struct made {
  stox_flow_token_keys keys;
  stox_flow flow;
  uint64_t serial;
} made;

static int make(stox_buf *out, const void *ud) {
  const made *m = ud;
  return stox_flow_token_make(out, &m->keys, &m->flow, m->serial);
}

/* "OB-6.1-01" "OB-6.1-05" "OB-6.2-01" "OB-RFC5626-5.3-01": the tokens of the second algorithm, and
 * what they say. */
static void test_vectors(void **state) {
  (void)state;
  table t;
  size_t rows = 0;
  assert_true(table_open(&t, VECTORS, "flow-token-alg2.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); rows++) {
    stox_flow_token token;
    char text[64];
    stox_buf address;
    const made m = {keys_of(S(key)), flow_of(t.field[1], t.field[2], t.field[3]), 0};
    check_writer(make, &m, t.field[6]);
    assert_status(stox_flow_token_check(&token, &m.keys, t.field[6]), STOX_OK);
    assert_int_equal(token.transport, m.flow.remote.transport);
    assert_int_equal(token.local_port, m.flow.local.port);
    assert_int_equal(token.remote_port, m.flow.remote.port);
    assert_int_equal(token.serial, 0);
    assert_true(stox_flow_token_is_of(&token, &m.flow));
    for (int remote = 0; remote < 2; remote++) {
      stox_buf_init(&address, text, sizeof text);
      assert_status(stox_flow_token_address(&address, &token, remote), STOX_OK);
      assert_span_equal(stox_buf_span(&address), remote ? m.flow.remote.host : m.flow.local.host);
    }
  }
  assert_int_equal(rows, 4);
  table_free(&t);
}

/* "OB-6.2-05" "OB-RFC5626-5.3.1-01" "OB-12-02": what is no token of ours is refused, whatever bit
 * was changed, and so are those of another key; one flow has one token. */
static void test_cases(void **state) {
  (void)state;
  table t;
  size_t good = 0;
  size_t bad = 0;
  stox_flow_token token;
  const stox_flow_token_keys keys = keys_of(S(key));
  assert_true(table_open(&t, VECTORS, "flow-token-decode-cases.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const int is_forged = stox_span_is_equal(t.field[2], S("403")) ||
                          stox_span_is_equal(stox_span_slice(t.field[2], 0, 6), S("reject"));
    const int status = stox_flow_token_check(&token, &keys, t.field[0]);
    if (t.field[0].n == 0) {
      assert_status(status, STOX_E_NONE);
    } else {
      assert_status(status, is_forged ? STOX_E_AUTH : STOX_OK);
    }
    *(is_forged ? &bad : &good) += 1;
  }
  assert_int_equal(bad, 4);
  assert_int_equal(good, 5);
  table_free(&t);
}

/* A token, its length written to `n`. */
static stox_span token_of(char *room, size_t cap, const made *m) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  assert_status(make(&out, m), STOX_OK);
  return stox_buf_span(&out);
}

/* "OB-11-03" "OB-6.2-05": every bit flipped, every prefix, every octet appended. */
static void test_forged(void **state) {
  (void)state;
  char room[STOX_FLOW_TOKEN_MOST + 1];
  stox_flow_token token;
  const made m = {keys_of(S(key)), udp, 77};
  const stox_span text = token_of(room, STOX_FLOW_TOKEN_MOST, &m);
  assert_int_equal(text.n, 44);
  assert_status(stox_flow_token_check(&token, &m.keys, text), STOX_OK);
  assert_int_equal(token.serial, 77);
  for (size_t i = 0; i < text.n * 8; i++) {
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
    guard g = guard_copy(text);
    assert_status(stox_flow_token_check(&token, &m.keys, g.span), STOX_E_AUTH);
    guard_free(&g);
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
  }
  for (size_t n = 1; n < text.n; n++) {
    const int is_padding = text.p[n] == '='; /* which may be cut off */
    assert_status(stox_flow_token_check(&token, &m.keys, stox_span_slice(text, 0, n)),
                  is_padding ? STOX_OK : STOX_E_AUTH);
  }
  for (int c = 0; c < 256; c++) {
    room[text.n] = (char)c;
    assert_status(stox_flow_token_check(&token, &m.keys, (stox_span){room, text.n + 1}),
                  STOX_E_AUTH);
  }
}

/* A later connection between the same ends has another token, where serials are used.
 */
static void test_serials(void **state) {
  (void)state;
  char first[STOX_FLOW_TOKEN_MOST];
  char second[STOX_FLOW_TOKEN_MOST];
  const made a = {keys_of(S(key)), udp, 1};
  const made b = {keys_of(S(key)), udp, 2};
  const stox_span one = token_of(first, sizeof first, &a);
  const stox_span two = token_of(second, sizeof second, &b);
  assert_false(stox_span_is_equal(one, two));
}

/* A key that is being replaced still checks, and makes no more. */
static void test_previous_keys(void **state) {
  (void)state;
  const stox_span old[] = {ROW("some key that was never used"), {key, sizeof key - 1}};
  char room[STOX_FLOW_TOKEN_MOST];
  stox_flow_token token;
  made m = {keys_of(S(key)), udp, 0};
  const stox_span text = token_of(room, sizeof room, &m);
  m.keys.key = S(other_key);
  assert_status(stox_flow_token_check(&token, &m.keys, text), STOX_E_AUTH);
  m.keys.previous = old;
  m.keys.n_previous = COUNT(old);
  assert_status(stox_flow_token_check(&token, &m.keys, text), STOX_OK);
  char again[STOX_FLOW_TOKEN_MOST];
  assert_false(stox_span_is_equal(token_of(again, sizeof again, &m), text));
  m.keys.previous = NULL;
  m.keys.n_previous = 0;
  m.keys.key = S(key);
  m.keys.algorithm = STOX_HASH_SHA256;
  assert_status(stox_flow_token_check(&token, &m.keys, text), STOX_E_AUTH);
  assert_status(stox_flow_token_check(&token, &m.keys, token_of(again, sizeof again, &m)), STOX_OK);
}

/* "OB-2.1-02": flows are the same if all of protocol, addresses and ports are. */
static void test_is_of(void **state) {
  (void)state;
  char room[STOX_FLOW_TOKEN_MOST];
  stox_flow_token token;
  const made m = {keys_of(S(key)), udp, 0};
  assert_status(stox_flow_token_check(&token, &m.keys, token_of(room, sizeof room, &m)), STOX_OK);
  stox_flow others[5] = {udp, udp, udp, udp, udp};
  others[0].local.host = S("192.0.2.11");
  others[1].remote.host = S("198.51.100.8");
  others[2].local.port++;
  others[3].remote.port--;
  others[4].remote.transport = STOX_TRANSPORT_TCP;
  assert_true(stox_flow_token_is_of(&token, &udp));
  for (size_t i = 0; i < COUNT(others); i++) {
    assert_false(stox_flow_token_is_of(&token, &others[i]));
  }
  others[0].local.host = S("nobody");
  assert_false(stox_flow_token_is_of(&token, &others[0]));
}

static void test_arguments(void **state) {
  (void)state;
  char room[STOX_FLOW_TOKEN_MOST];
  stox_buf out;
  stox_flow_token token;
  stox_flow_token_keys keys = keys_of((stox_span){key, 15});
  stox_flow flow = udp;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_flow_token_make(&out, &keys, &flow, 0), STOX_E_ARG);
  assert_status(stox_flow_token_check(&token, &keys, S("x")), STOX_E_ARG);
  assert_status(stox_flow_token_make(&out, NULL, &flow, 0), STOX_E_ARG);
  keys.key = (stox_span){key, 16};
  flow.remote.port = 0;
  assert_status(stox_flow_token_make(&out, &keys, &flow, 0), STOX_E_ARG);
  flow.remote.port = 65536;
  assert_status(stox_flow_token_make(&out, &keys, &flow, 0), STOX_E_ARG);
  flow.remote.port = 65535;
  assert_status(stox_flow_token_make(&out, &keys, &flow, 0), STOX_OK);
  flow.remote.host = S("2001:db8::1");
  assert_status(stox_flow_token_make(&out, &keys, &flow, 0), STOX_E_ARG);
  flow.remote.host = S("edge.example.com");
  assert_status(stox_flow_token_make(&out, &keys, &flow, 0), STOX_E_BAD_HOST);
  keys.algorithm = STOX_HASH_MD5;
  assert_status(stox_flow_token_make(&out, &keys, &udp, 0), STOX_E_ARG);
  assert_int_equal(out.len, 32);
}

static int make_plain(stox_buf *out, const void *ud) {
  return stox_flow_token_plain_make(out, ud);
}

/* "OB-6.1-03" "OB-6.1-04" "OB-6.2-04": the draft's first algorithm. */
static void test_plain(void **state) {
  (void)state;
  const stox_flow_token_plain rows[] = {
      {.descriptor = 7, .created = UINT64_C(0xC6743A5B00000000)},
      {.descriptor = 7, .remote_port = 40001, .address_n = 4, .remote = {198, 51, 100, 7}},
  };
  const stox_flow_token_plain bad[] = {{.address_n = 5, .remote_port = 1},
                                       {.address_n = 4},
                                       {.address_n = 16, .remote_port = 65536}};
  stox_flow_token_plain value;
  table t;
  assert_true(table_open(&t, VECTORS, "flow-token-alg1.tsv"));
  assert_true(table_next(&t));
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_true(table_next(&t));
    check_writer(make_plain, &rows[i], t.field[4]);
    assert_status(stox_flow_token_plain_parse(&value, t.field[4]), STOX_OK);
    assert_memory_equal(&value, &rows[i], sizeof value);
  }
  table_free(&t);
  for (size_t i = 0; i < COUNT(bad); i++) {
    char room[64];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_flow_token_plain_make(&out, &bad[i]), STOX_E_ARG);
  }
  assert_status(stox_flow_token_plain_parse(&value, S("")), STOX_E_NONE);
  assert_status(stox_flow_token_plain_parse(&value, S("AAAAB8Z0OlsAAAA")), STOX_E_AUTH);
  assert_status(stox_flow_token_plain_parse(&value, S("*")), STOX_E_AUTH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),       cmocka_unit_test(test_cases),
      cmocka_unit_test(test_forged),        cmocka_unit_test(test_serials),
      cmocka_unit_test(test_previous_keys), cmocka_unit_test(test_is_of),
      cmocka_unit_test(test_arguments),     cmocka_unit_test(test_plain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
