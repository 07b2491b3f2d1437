/* SPDX-License-Identifier: MIT */
#include "uv_support.h"

static const stox_span hosts[] = {ROW("127.0.0.1"), ROW("::1")};

static void test_echo(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(hosts); i++) {
    party a;
    party b;
    party_open(&a, NULL);
    party_open(&b, NULL);
    b.engine.echoes = 1;
    const stox_endpoint at_a = party_listen(&a, hosts[i], STOX_TRANSPORT_UDP);
    const stox_endpoint at_b = party_listen(&b, hosts[i], STOX_TRANSPORT_UDP);
    fake_send(&a.engine, 0, at_b, S("hello"), 7);
    RUN_UNTIL(&a, &b, a.engine.n_fed == 5);
    assert_memory_equal(a.engine.fed, "hello", 5);
    assert_span_equal(a.engine.flow.remote.host, hosts[i]);
    assert_int_equal(a.engine.flow.remote.port, at_b.port);
    assert_int_equal(b.engine.flow.remote.port, at_a.port);
    assert_int_equal(a.engine.flow.remote.transport, STOX_TRANSPORT_UDP);
    /* The token comes back with the flow that was used. */
    assert_int_equal(a.engine.done[0].token, 7);
    assert_status(a.engine.done[0].status, STOX_OK);
    assert_int_equal(a.engine.done[0].handle, a.engine.flow.handle);
    const stox_uv_counters counters = party_counters(&a);
    assert_int_equal(counters.datagrams_in, 1);
    assert_int_equal(counters.datagrams_out, 1);
    assert_int_equal(counters.octets_in, 5);
    assert_int_equal(counters.octets_out, 5);
    stox_uv_del(a.uv);
    stox_uv_del(b.uv);
  }
}

/* The socket is chosen by handle, then by local address, then by family. */
static void test_choice_of_socket(void **state) {
  (void)state;
  party a;
  party b;
  party_open(&a, NULL);
  party_open(&b, NULL);
  const stox_endpoint first = party_listen(&a, hosts[0], STOX_TRANSPORT_UDP);
  const stox_endpoint second = party_listen(&a, hosts[0], STOX_TRANSPORT_UDP);
  const stox_endpoint six = party_listen(&a, hosts[1], STOX_TRANSPORT_UDP);
  const stox_endpoint at_b = party_listen(&b, hosts[0], STOX_TRANSPORT_UDP);
  const stox_endpoint six_b = party_listen(&b, hosts[1], STOX_TRANSPORT_UDP);
  stox_action *action = &a.engine.queue[0];
  fake_send(&a.engine, 0, at_b, S("1"), 0);
  action[0].local = first;
  RUN_UNTIL(&a, &b, b.engine.n_fed == 1);
  assert_int_equal(b.engine.flow.remote.port, first.port);
  fake_send(&a.engine, 0, at_b, S("2"), 0);
  action[1].local = second;
  RUN_UNTIL(&a, &b, b.engine.n_fed == 2);
  assert_int_equal(b.engine.flow.remote.port, second.port);
  fake_send(&a.engine, 0, six_b, S("3"), 0);
  RUN_UNTIL(&a, &b, b.engine.n_fed == 3);
  assert_int_equal(b.engine.flow.remote.port, six.port);
  /* By the handle of a flow that somebody wrote on. */
  fake_send(&b.engine, 0, first, S("4"), 0);
  RUN_UNTIL(&a, &b, a.engine.n_fed == 1);
  fake_send(&a.engine, a.engine.flow.handle, at_b, S("5"), 0);
  RUN_UNTIL(&a, &b, b.engine.n_fed == 4);
  assert_int_equal(b.engine.flow.remote.port, first.port);
  stox_uv_del(a.uv);
  stox_uv_del(b.uv);
}

static void test_refused(void **state) {
  (void)state;
  static char large[70000];
  party a;
  party_open(&a, NULL);
  const struct {
    stox_endpoint to;
    stox_span bytes;
    int status;
  } rows[] = {
      {{ROW("127.0.0.1"), 9, STOX_TRANSPORT_UDP}, ROW("x"), STOX_E_UNSUPPORTED},
      {{ROW("::1"), 9, STOX_TRANSPORT_UDP}, ROW("x"), STOX_E_UNSUPPORTED},
      {{ROW("example.org"), 9, STOX_TRANSPORT_UDP}, ROW("x"), STOX_E_BAD_HOST},
      {{ROW(""), 9, STOX_TRANSPORT_UDP}, ROW("x"), STOX_E_BAD_HOST},
      {{ROW("127.0.0.1\0"), 9, STOX_TRANSPORT_UDP}, ROW("x"), STOX_E_BAD_HOST},
      {{ROW("127.0.0.1"), 65536, STOX_TRANSPORT_UDP}, ROW("x"), STOX_E_BAD_HOST},
      {{ROW("1234567890123456789012345678901234567890123456789012345678901234"), 9,
        STOX_TRANSPORT_UDP},
       ROW("x"),
       STOX_E_BAD_HOST},
      {{ROW("127.0.0.1"), 9, STOX_TRANSPORT_TLS}, ROW("x"), STOX_E_UNSUPPORTED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    fake_send(&a.engine, 0, rows[i].to, rows[i].bytes, i + 1);
    (void)stox_uv_kick(a.uv);
    assert_non_null(fake_done_of(&a.engine, i + 1));
    assert_status(fake_done_of(&a.engine, i + 1)->status, rows[i].status);
  }
  (void)party_listen(&a, hosts[0], STOX_TRANSPORT_UDP);
  fake_send(&a.engine, 0, rows[0].to, (stox_span){large, sizeof large}, 100);
  (void)stox_uv_kick(a.uv);
  assert_status(fake_done_of(&a.engine, 100)->status, STOX_E_TOO_LONG);
  assert_int_equal(party_counters(&a).failed, COUNT(rows) + 1);
  assert_int_equal(party_counters(&a).datagrams_out, 0);
  stox_uv_del(a.uv);
}

static void test_listen_refused(void **state) {
  (void)state;
  party a;
  party_open(&a, NULL);
  for (int transport = STOX_TRANSPORT_UDP; transport <= STOX_TRANSPORT_TCP; transport++) {
    stox_endpoint at = party_listen(&a, hosts[0], transport);
    assert_status(stox_uv_listen(a.uv, &at), STOX_E_REFUSED);
    stox_endpoint bad = {S("sip.example"), 0, transport};
    assert_status(stox_uv_listen(a.uv, &bad), STOX_E_BAD_HOST);
    stox_endpoint far = {S("192.0.2.1"), 0, transport};
    assert_status(stox_uv_listen(a.uv, &far), STOX_E_REFUSED);
    /* The same port for both families. */
    stox_endpoint six = {S("::"), at.port, transport};
    assert_status(stox_uv_listen(a.uv, &six), STOX_OK);
  }
  stox_endpoint tls = {S("127.0.0.1"), 0, STOX_TRANSPORT_TLS};
  assert_status(stox_uv_listen(a.uv, &tls), STOX_E_UNSUPPORTED);
  stox_uv_del(a.uv);
}

enum { MANY = 10000, AT_ONCE = 32 };

static void test_many_datagrams(void **state) {
  (void)state;
  party a;
  party b;
  party_open(&a, NULL);
  party_open(&b, NULL);
  b.engine.echoes = 1;
  (void)party_listen(&a, hosts[0], STOX_TRANSPORT_UDP);
  const stox_endpoint at_b = party_listen(&b, hosts[0], STOX_TRANSPORT_UDP);
  for (size_t sent = 0; sent < MANY;) {
    for (size_t i = 0; i < AT_ONCE && sent < MANY; i++) {
      fake_send(&a.engine, 0, at_b, S("0123456"), ++sent);
    }
    RUN_UNTIL(&a, &b, a.engine.n_fed == sent * 7);
  }
  assert_int_equal(a.engine.n_done, MANY);
  assert_int_equal(party_counters(&b).datagrams_in, MANY);
  assert_int_equal(party_counters(&b).datagrams_out, MANY);
  stox_uv_del(a.uv);
  stox_uv_del(b.uv);
}

/* What waits for the kernel is still given back, or dropped with the transport. */
static void test_del_at_once(void **state) {
  (void)state;
  static char octets[1200];
  failing memory = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&memory);
  stox_uv_options options = party_options();
  options.alloc = &alloc;
  party a;
  party b;
  party_open(&a, &options);
  party_open(&b, NULL);
  (void)party_listen(&a, hosts[0], STOX_TRANSPORT_UDP);
  const stox_endpoint at_b = party_listen(&b, hosts[0], STOX_TRANSPORT_UDP);
  for (size_t i = 0; i < 2000; i++) {
    fake_send(&a.engine, 0, at_b, (stox_span){octets, sizeof octets}, i + 1);
    (void)stox_uv_kick(a.uv);
  }
  stox_uv_del(a.uv);
  stox_uv_del(b.uv);
  assert_int_equal(memory.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_echo),           cmocka_unit_test(test_choice_of_socket),
      cmocka_unit_test(test_refused),        cmocka_unit_test(test_listen_refused),
      cmocka_unit_test(test_many_datagrams), cmocka_unit_test(test_del_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
