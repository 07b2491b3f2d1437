/* SPDX-License-Identifier: MIT */
#include "fake_engine.h"

#include "stox/loopback.h"

enum { SECOND = 1000000000 };

static const stox_endpoint at_a = {{"192.0.2.1", 9}, 5060, STOX_TRANSPORT_UDP};
static const stox_endpoint at_b = {{"192.0.2.2", 9}, 5060, STOX_TRANSPORT_UDP};
static const stox_endpoint tcp_a = {{"192.0.2.1", 9}, 5060, STOX_TRANSPORT_TCP};
static const stox_endpoint tcp_b = {{"192.0.2.2", 9}, 5060, STOX_TRANSPORT_TCP};
static const stox_endpoint none = {{NULL, 0}, 0, 0};

/* Two engines, each at an address for datagrams and one for streams. */
typedef struct world {
  fake_engine a;
  fake_engine b;
  stox_loopback *net;
  uint64_t now;
  int fault; /* for everything sent and opened */
  char trace[256];
  size_t n_trace;
} world;

static int on_fault(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes) {
  const world *w = ud;
  (void)bytes;
  assert_true(from->host.n > 0 && to->host.n > 0);
  return w->fault;
}

static void on_trace(void *ud, const stox_endpoint *from, const stox_endpoint *to,
                     stox_span bytes) {
  world *w = ud;
  assert_true(from->host.n > 0 && to->host.n > 0);
  assert_true(bytes.n < sizeof w->trace - w->n_trace);
  w->trace[w->n_trace++] = '|';
  memcpy(w->trace + w->n_trace, bytes.p, bytes.n);
  w->n_trace += bytes.n;
}

static stox_loopback_options world_options(world *w) {
  stox_loopback_options options;
  assert_status(stox_loopback_options_init(&options, sizeof options), STOX_OK);
  options.ud = w;
  options.fault = on_fault;
  options.trace = on_trace;
  return options;
}

static void world_open(world *w, const stox_loopback_options *options) {
  memset(w, 0, sizeof *w);
  fake_engine_init(&w->a);
  fake_engine_init(&w->b);
  w->now = SECOND;
  assert_status(stox_loopback_new(&w->net, options), STOX_OK);
  const stox_engine a = fake_engine_functions(&w->a);
  const stox_engine b = fake_engine_functions(&w->b);
  assert_status(stox_loopback_join(w->net, &a, &at_a), STOX_OK);
  assert_status(stox_loopback_join(w->net, &a, &tcp_a), STOX_OK);
  assert_status(stox_loopback_join(w->net, &b, &at_b), STOX_OK);
  assert_status(stox_loopback_join(w->net, &b, &tcp_b), STOX_OK);
}

static void world_new(world *w) {
  const stox_loopback_options options = world_options(w);
  world_open(w, &options);
}

static void world_run(world *w, uint64_t ns) {
  const uint64_t until = w->now + ns;
  assert_status(stox_loopback_run(w->net, &w->now, until), STOX_OK);
  assert_int_equal(w->now, until);
}

static uint64_t world_connect(world *w) {
  fake_open(&w->a, tcp_b, 99);
  world_run(w, SECOND);
  assert_status(fake_done_of(&w->a, 99)->status, STOX_OK);
  return fake_done_of(&w->a, 99)->handle;
}

/* ---- joining ---- */

static void test_join(void **state) {
  (void)state;
  world w;
  world_new(&w);
  const stox_engine a = fake_engine_functions(&w.a);
  const stox_endpoint long_host = {
      S("a-host-whose-name-has-64-octets-which-is-one-more-than-is-kept-.."), 1, 1};
  assert_status(stox_loopback_join(w.net, &a, &at_a), STOX_E_ARG);
  assert_status(stox_loopback_join(w.net, &a, &long_host), STOX_E_ARG);
  assert_status(stox_loopback_cut(w.net, &long_host, w.now), STOX_E_ARG);
  assert_status(stox_loopback_hold(w.net, &long_host, 1, w.now), STOX_E_ARG);
  stox_loopback_del(w.net);
  stox_loopback_options options = world_options(&w);
  options.size = 0;
  assert_status(stox_loopback_new(&w.net, &options), STOX_E_ARG);
  assert_null(w.net);
  stox_loopback_del(NULL);
}

/* ---- datagrams ---- */

static void test_datagram(void **state) {
  (void)state;
  world w;
  world_new(&w);
  w.b.echoes = 1;
  fake_send(&w.a, 0, at_b, S("hello"), 1);
  fake_send(&w.a, 0, at_b, S(""), 2); /* no octets are not an end */
  world_run(&w, 0);
  assert_int_equal(w.a.n_fed, 5);
  assert_span_equal(w.a.flow.remote.host, at_b.host);
  assert_int_equal(w.b.n_ends, 0);
  assert_int_equal(w.a.n_done, 2);
  assert_status(w.a.done[0].status, STOX_OK);
  assert_int_equal(w.a.done[0].handle, w.a.flow.handle);
  assert_span_equal(((stox_span){w.trace, w.n_trace}), S("|hello|hello"));
  stox_loopback_del(w.net);
}

static void test_datagram_faults(void **state) {
  (void)state;
  static const struct {
    int fault;
    int status;
    size_t arrive;
  } rows[] = {
      {STOX_LOOPBACK_PASS, STOX_OK, 1},
      {STOX_LOOPBACK_DROP, STOX_OK, 0},
      {STOX_LOOPBACK_TWICE, STOX_OK, 2},
      {STOX_LOOPBACK_REFUSE, STOX_E_REFUSED, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_new(&w);
    w.fault = rows[i].fault;
    fake_send(&w.a, 0, at_b, S("x"), 1);
    world_run(&w, 0);
    assert_int_equal(w.b.n_fed, rows[i].arrive);
    assert_int_equal(w.a.n_done, 1);
    assert_status(w.a.done[0].status, rows[i].status);
    stox_loopback_del(w.net);
  }
}

/* To nobody: lost. From an engine without a place for datagrams: impossible. */
static void test_datagram_to_nobody(void **state) {
  (void)state;
  world w;
  world_new(&w);
  fake_send(&w.a, 0, (stox_endpoint){S("192.0.2.9"), 5060, STOX_TRANSPORT_UDP}, S("x"), 1);
  fake_engine c;
  fake_engine_init(&c);
  const stox_engine functions = fake_engine_functions(&c);
  const stox_endpoint tcp_c = {S("192.0.2.3"), 5060, STOX_TRANSPORT_TCP};
  assert_status(stox_loopback_join(w.net, &functions, &tcp_c), STOX_OK);
  fake_send(&c, 0, at_b, S("x"), 2);
  fake_send(&c, 0, at_b, S("x"), 0);
  c.queue[1].kind = STOX_DO_EVENT;
  fake_send(&c, 0, at_b, S("x"), 3);
  c.queue[2].kind = STOX_DO_RESOLVE;
  world_run(&w, 0);
  assert_status(w.a.done[0].status, STOX_OK);
  assert_status(fake_done_of(&c, 2)->status, STOX_E_UNSUPPORTED);
  assert_status(fake_done_of(&c, 3)->status, STOX_E_UNSUPPORTED);
  stox_loopback_del(w.net);
}

static void test_choice_of_address(void **state) {
  (void)state;
  world w;
  world_new(&w);
  const stox_engine a = fake_engine_functions(&w.a);
  const stox_endpoint second = {S("192.0.2.1"), 5070, STOX_TRANSPORT_UDP};
  assert_status(stox_loopback_join(w.net, &a, &second), STOX_OK);
  fake_send(&w.a, 0, at_b, S("x"), 0);
  w.a.queue[0].local = second;
  world_run(&w, 0);
  assert_int_equal(w.b.flow.remote.port, 5070);
  fake_send(&w.a, 0, at_b, S("x"), 0);
  w.a.queue[1].local = at_a;
  world_run(&w, 0);
  assert_int_equal(w.b.flow.remote.port, 5060);
  fake_send(&w.b, 0, second, S("x"), 0);
  world_run(&w, 0);
  fake_send(&w.a, w.a.flow.handle, at_b, S("x"), 0);
  world_run(&w, 0);
  assert_int_equal(w.b.flow.remote.port, 5070);
  stox_loopback_del(w.net);
}

/* ---- time ---- */

static void test_delay(void **state) {
  (void)state;
  world w;
  stox_loopback_options options = world_options(&w);
  options.delay_ns = 10;
  world_open(&w, &options);
  fake_send(&w.a, 0, at_b, S("x"), 0);
  fake_send(&w.a, 0, tcp_b, S("y"), 0);
  world_run(&w, 9);
  assert_int_equal(w.b.n_fed, 0);
  world_run(&w, 1);
  assert_int_equal(w.b.n_fed, 2);
  assert_memory_equal(w.b.fed, "xy", 2);
  stox_loopback_del(w.net);
}

static void test_deadlines(void **state) {
  (void)state;
  world w;
  world_new(&w);
  w.a.deadline_ns = w.now + 5;
  w.b.deadline_ns = w.now + 7;
  world_run(&w, 4);
  assert_int_equal(w.a.n_ticks, 0);
  world_run(&w, SECOND);
  assert_int_equal(w.a.n_ticks, 1);
  assert_int_equal(w.a.tick_ns, SECOND + 5);
  assert_int_equal(w.a.wall_s, 1);
  assert_int_equal(w.b.tick_ns, SECOND + 7);
  stox_loopback_del(w.net);
}

static void test_step_limit(void **state) {
  (void)state;
  world w;
  stox_loopback_options options = world_options(&w);
  options.trace = NULL;
  world_open(&w, &options);
  w.a.echoes = 1;
  w.b.echoes = 1;
  fake_send(&w.a, 0, at_b, S("x"), 0);
  assert_status(stox_loopback_run(w.net, &w.now, w.now + 1), STOX_E_LIMIT);
  stox_loopback_del(w.net);
}

/* ---- streams ---- */

static void test_stream(void **state) {
  (void)state;
  world w;
  world_new(&w);
  const uint64_t handle = world_connect(&w);
  w.b.echoes = 1;
  fake_send(&w.a, handle, none, S("hello"), 1);
  fake_send(&w.a, 0, tcp_b, S(" again"), 2); /* the connection that there is */
  world_run(&w, 0);
  assert_int_equal(w.a.n_fed, 11);
  assert_memory_equal(w.a.fed, "hello again", 11);
  assert_int_equal(w.a.flow.handle, handle);
  assert_int_equal(fake_done_of(&w.a, 1)->handle, handle);
  assert_int_equal(fake_done_of(&w.a, 2)->handle, handle);
  assert_int_equal(w.b.flow.local.port, 5060);
  assert_int_equal(w.b.flow.remote.port, w.a.flow.local.port);
  /* The peer finds its end by the address too. */
  w.b.echoes = 0;
  fake_send(&w.b, 0, w.b.flow.remote, S("!"), 3);
  world_run(&w, 0);
  assert_int_equal(w.a.n_fed, 12);
  fake_close(&w.a, handle);
  fake_close(&w.a, 12345);
  world_run(&w, 0);
  assert_int_equal(w.b.n_ends, 1);
  assert_int_equal(w.a.n_ends, 0);
  fake_send(&w.a, handle, none, S("late"), 4);
  world_run(&w, 0);
  assert_status(fake_done_of(&w.a, 4)->status, STOX_E_CLOSED);
  stox_loopback_del(w.net);
}

static void test_segments(void **state) {
  (void)state;
  for (uint32_t segment = 0; segment < 8; segment++) {
    world w;
    stox_loopback_options options = world_options(&w);
    options.segment = segment;
    world_open(&w, &options);
    fake_send(&w.a, 0, tcp_b, S("1234567"), 0);
    world_run(&w, 0);
    assert_int_equal(w.b.n_fed, 7);
    assert_memory_equal(w.b.fed, "1234567", 7);
    assert_int_equal(w.b.n_feeds, segment == 0 ? 1 : (7 + segment - 1) / segment);
    stox_loopback_del(w.net);
  }
}

static void test_stream_faults(void **state) {
  (void)state;
  world w;
  world_new(&w);
  fake_open(&w.a, (stox_endpoint){S("192.0.2.9"), 1, STOX_TRANSPORT_TCP}, 1);
  w.fault = STOX_LOOPBACK_REFUSE;
  fake_open(&w.a, tcp_b, 2);
  fake_send(&w.a, 0, tcp_b, S("x"), 3);
  world_run(&w, 0);
  for (uint64_t token = 1; token <= 3; token++) {
    assert_status(fake_done_of(&w.a, token)->status, STOX_E_REFUSED);
  }
  w.fault = STOX_LOOPBACK_PASS;
  const uint64_t handle = world_connect(&w);
  w.fault = STOX_LOOPBACK_REFUSE;
  fake_send(&w.a, handle, none, S("x"), 4);
  world_run(&w, 0);
  assert_status(fake_done_of(&w.a, 4)->status, STOX_E_REFUSED);
  w.fault = STOX_LOOPBACK_DROP;
  fake_send(&w.a, handle, none, S("x"), 5);
  world_run(&w, 0);
  assert_status(fake_done_of(&w.a, 5)->status, STOX_E_CLOSED);
  assert_int_equal(w.a.n_ends, 1);
  assert_int_equal(w.b.n_ends, 1);
  assert_int_equal(w.b.n_fed, 0);
  stox_loopback_del(w.net);
}

/* What was sent before the cut still arrives, then both ends see it. */
static void test_cut(void **state) {
  (void)state;
  world w;
  stox_loopback_options options = world_options(&w);
  options.delay_ns = 10;
  world_open(&w, &options);
  (void)world_connect(&w);
  fake_send(&w.a, 0, tcp_b, S("x"), 1);
  world_run(&w, 5);
  assert_status(stox_loopback_cut(w.net, &tcp_b, w.now), STOX_OK);
  world_run(&w, 10);
  assert_int_equal(w.b.n_fed, 1);
  assert_int_equal(w.a.n_ends, 1);
  assert_int_equal(w.b.n_ends, 1);
  /* One that is cut while it opens. */
  fake_open(&w.a, tcp_b, 2);
  world_run(&w, 5);
  assert_status(stox_loopback_cut(w.net, &tcp_a, w.now), STOX_OK);
  world_run(&w, 10);
  assert_status(fake_done_of(&w.a, 2)->status, STOX_E_CLOSED);
  stox_loopback_del(w.net);
}

static void test_hold(void **state) {
  (void)state;
  world w;
  world_new(&w);
  const uint64_t handle = world_connect(&w);
  assert_status(stox_loopback_hold(w.net, &tcp_b, 1, w.now), STOX_OK);
  assert_int_equal(w.a.n_full, 1);
  assert_int_equal(w.a.held_handle, handle);
  assert_status(stox_loopback_hold(w.net, &at_b, 1, w.now), STOX_OK);
  assert_int_equal(w.a.n_full, 1); /* datagrams have no queue to tell of */
  fake_send(&w.a, handle, none, S("x"), 0);
  fake_send(&w.a, 0, at_b, S("y"), 0);
  fake_send(&w.b, 0, at_a, S("z"), 0);
  world_run(&w, SECOND);
  assert_int_equal(w.b.n_fed, 0);
  assert_int_equal(w.a.n_fed, 1);
  assert_status(stox_loopback_hold(w.net, &tcp_b, 0, w.now), STOX_OK);
  assert_status(stox_loopback_hold(w.net, &at_b, 0, w.now), STOX_OK);
  assert_int_equal(w.a.n_room, 1);
  world_run(&w, 0);
  assert_int_equal(w.b.n_fed, 2);
  stox_loopback_del(w.net);
}

/* ---- memory ---- */

static size_t exchange(failing *memory) {
  world w;
  const stox_allocator alloc = failing_allocator(memory);
  stox_loopback_options options = {0};
  assert_status(stox_loopback_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &alloc;
  options.segment = 1;
  memset(&w, 0, sizeof w);
  fake_engine_init(&w.a);
  fake_engine_init(&w.b);
  w.b.echoes = 1;
  if (stox_loopback_new(&w.net, &options) != STOX_OK) {
    return 0;
  }
  const stox_engine a = fake_engine_functions(&w.a);
  const stox_engine b = fake_engine_functions(&w.b);
  if (stox_loopback_join(w.net, &a, &at_a) == STOX_OK &&
      stox_loopback_join(w.net, &a, &tcp_a) == STOX_OK &&
      stox_loopback_join(w.net, &b, &at_b) == STOX_OK &&
      stox_loopback_join(w.net, &b, &tcp_b) == STOX_OK) {
    fake_open(&w.a, tcp_b, 1);
    fake_send(&w.a, 0, at_b, S("ab"), 2);
    fake_send(&w.a, 0, tcp_b, S("cd"), 3);
    assert_status(stox_loopback_run(w.net, &w.now, SECOND), STOX_OK);
    assert_int_equal(w.a.n_done, 3); /* with memory or without */
  }
  stox_loopback_del(w.net);
  return w.a.n_fed;
}

static void test_memory(void **state) {
  (void)state;
  failing plain = {0, 0, 0};
  assert_int_equal(exchange(&plain), 4);
  assert_int_equal(plain.live, 0);
  for (size_t n = 1; n <= plain.calls; n++) {
    failing memory = {n, 0, 0};
    (void)exchange(&memory);
    assert_int_equal(memory.live, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_join),
      cmocka_unit_test(test_datagram),
      cmocka_unit_test(test_datagram_faults),
      cmocka_unit_test(test_datagram_to_nobody),
      cmocka_unit_test(test_choice_of_address),
      cmocka_unit_test(test_delay),
      cmocka_unit_test(test_deadlines),
      cmocka_unit_test(test_step_limit),
      cmocka_unit_test(test_stream),
      cmocka_unit_test(test_segments),
      cmocka_unit_test(test_stream_faults),
      cmocka_unit_test(test_cut),
      cmocka_unit_test(test_hold),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
