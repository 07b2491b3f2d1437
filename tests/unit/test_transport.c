/* SPDX-License-Identifier: MIT */
#include "fake_engine.h"

#include "stox/flow.h"

static int perform(void *transport, const stox_engine *engine, const stox_action *action,
                   uint64_t now_ns) {
  uint64_t *sum = transport;
  assert_int_equal(now_ns, 42);
  assert_non_null(engine->next);
  *sum += action->token;
  return action->token == 2 ? STOX_E_CLOSED : action->token == 4 ? STOX_E_REFUSED : STOX_OK;
}

/* At n-1, n and n+1 actions; the first failure is told, and what lies behind it is carried out. */
static void test_pump(void **state) {
  (void)state;
  static const struct {
    uint64_t actions;
    size_t max;
    int status;
    uint64_t sum;
  } rows[] = {
      {0, 0, STOX_OK, 0},        {1, 0, STOX_OK, 1},        {1, 2, STOX_OK, 1},
      {5, 0, STOX_E_CLOSED, 15}, {1, 1, STOX_E_MORE, 1},    {5, 4, STOX_E_MORE, 10},
      {5, 5, STOX_E_MORE, 15},   {5, 6, STOX_E_CLOSED, 15},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    fake_engine f;
    uint64_t sum = 0;
    fake_engine_init(&f);
    const stox_engine engine = fake_engine_functions(&f);
    const stox_transport transport = {sizeof transport, &sum, perform};
    for (uint64_t t = 1; t <= rows[i].actions; t++) {
      fake_open(&f, (stox_endpoint){{NULL, 0}, 0, 0}, t);
    }
    assert_status(stox_pump(&engine, &transport, 42, rows[i].max), rows[i].status);
    assert_int_equal(sum, rows[i].sum);
  }
}

static const stox_action *endless(void *engine) {
  static const stox_action action = {.kind = STOX_DO_EVENT};
  (void)engine;
  return &action;
}

static int count(void *transport, const stox_engine *engine, const stox_action *action,
                 uint64_t now_ns) {
  (void)engine;
  (void)action;
  (void)now_ns;
  ++*(size_t *)transport;
  return STOX_OK;
}

static void test_pump_is_bounded(void **state) {
  (void)state;
  size_t n = 0;
  const stox_engine engine = {.size = sizeof engine, .next = endless};
  const stox_transport transport = {sizeof transport, &n, count};
  assert_status(stox_pump(&engine, &transport, 0, 0), STOX_E_MORE);
  assert_int_equal(n, 10000);
}

static void test_names(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    int transport;
    int is_reliable;
  } rows[] = {
      {ROW("UDP"), STOX_TRANSPORT_UDP, 0},   {ROW("udp"), STOX_TRANSPORT_UDP, 0},
      {ROW("Tcp"), STOX_TRANSPORT_TCP, 1},   {ROW("TLS"), STOX_TRANSPORT_TLS, 1},
      {ROW("SCTP"), STOX_TRANSPORT_NONE, 0}, {ROW(""), STOX_TRANSPORT_NONE, 0},
      {ROW("UDP "), STOX_TRANSPORT_NONE, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_transport_of(rows[i].text), rows[i].transport);
    assert_int_equal(stox_transport_is_reliable(rows[i].transport), rows[i].is_reliable);
  }
  assert_string_equal(stox_transport_name(STOX_TRANSPORT_UDP), "UDP");
  assert_string_equal(stox_transport_name(STOX_TRANSPORT_TCP), "TCP");
  assert_string_equal(stox_transport_name(STOX_TRANSPORT_TLS), "TLS");
  assert_null(stox_transport_name(STOX_TRANSPORT_NONE));
  assert_null(stox_transport_name(4));
  assert_null(stox_transport_name(-1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pump),
      cmocka_unit_test(test_pump_is_bounded),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
