/* SPDX-License-Identifier: MIT */
#include "uv_support.h"

static const stox_endpoint nowhere = {{NULL, 0}, 0, 0};

static void test_options(void **state) {
  (void)state;
  stox_uv_options options = party_options();
  assert_int_equal(options.connections, 4096);
  assert_int_equal(options.queue_octets, 1 << 20);
  fake_engine engine;
  fake_engine_init(&engine);
  const stox_engine functions = fake_engine_functions(&engine);
  stox_uv *uv = NULL;
  options.size = 0;
  assert_status(stox_uv_new(&uv, &functions, &options), STOX_E_ARG);
  assert_null(uv);
  assert_status(stox_uv_options_init(&options, 0), STOX_E_ARG);
  stox_uv_del(NULL);
}

static void test_randomness(void **state) {
  (void)state;
  const stox_random *random = stox_uv_random();
  uint64_t a[4] = {0};
  uint64_t b[4] = {0};
  assert_status(random->fill(random->ud, a, sizeof a), STOX_OK);
  assert_status(random->fill(random->ud, b, sizeof b), STOX_OK);
  assert_memory_not_equal(a, b, sizeof a);
}

/* ---- time ---- */

static void test_deadline(void **state) {
  (void)state;
  party a;
  party_open(&a, NULL);
  const uint64_t at = stox_uv_now(a.uv) + 20000000;
  a.engine.deadline_ns = at;
  RUN_UNTIL(&a, NULL, a.engine.n_ticks == 1);
  assert_true(a.engine.tick_ns >= at);
  assert_true(a.engine.wall_s > UINT64_C(1600000000));
  a.engine.deadline_ns = 1; /* long ago */
  RUN_UNTIL(&a, NULL, a.engine.n_ticks == 2);
  party_settle(&a, NULL);
  assert_int_equal(a.engine.n_ticks, 2);
  stox_uv_del(a.uv);
}

static void on_stop(uv_timer_t *timer) {
  stox_uv_stop(timer->data);
}

static void test_run_and_stop(void **state) {
  (void)state;
  party a;
  party_open(&a, NULL);
  uv_timer_t timer;
  assert_int_equal(uv_timer_init(stox_uv_loop(a.uv), &timer), 0);
  timer.data = a.uv;
  for (size_t i = 1; i < 3; i++) {
    assert_int_equal(uv_timer_start(&timer, on_stop, 5, 0), 0);
    fake_send(&a.engine, 0, nowhere, S("x"), i);
    assert_status(stox_uv_run(a.uv), STOX_OK);
    assert_int_equal(a.engine.n_done, i); /* the first actions were carried out */
  }
  uv_close((uv_handle_t *)&timer, NULL);
  stox_uv_stop(a.uv); /* must not keep the loop from closing */
  stox_uv_del(a.uv);
}

/* ---- what an engine does when it is told something is carried out at once ---- */

typedef struct chain {
  fake_engine fake;
  stox_engine inner;
  stox_endpoint to;
  uint64_t left;
} chain;

static int chain_done(void *engine, uint64_t token, int status, const stox_flow *flow,
                      uint64_t now_ns) {
  chain *c = engine;
  assert_status(status, STOX_OK);
  if (c->left > 0) {
    c->left--;
    fake_send(&c->fake, flow->handle, c->to, S("."), token + 1);
  }
  return c->inner.done(&c->fake, token, status, flow, now_ns);
}

static void test_action_behind_done(void **state) {
  (void)state;
  party b;
  party_open(&b, NULL);
  const stox_endpoint to = party_listen(&b, S("127.0.0.1"), STOX_TRANSPORT_TCP);
  chain c;
  fake_engine_init(&c.fake);
  c.inner = fake_engine_functions(&c.fake);
  c.to = to;
  c.left = 0;
  stox_engine functions = c.inner;
  functions.done = chain_done;
  functions.engine = &c;
  stox_uv *uv = NULL;
  assert_status(stox_uv_new(&uv, &functions, NULL), STOX_OK);
  fake_open(&c.fake, to, 1);
  while (c.fake.n_done == 0) {
    (void)uv_run(stox_uv_loop(uv), UV_RUN_NOWAIT);
  }
  /* Twenty sends, each queued when the one before has left, within one kick. */
  c.left = 19;
  fake_send(&c.fake, c.fake.done[0].handle, to, S("."), 2);
  assert_status(stox_uv_kick(uv), STOX_OK);
  assert_int_equal(c.fake.n_done, 21);
  /* A thousand: the loop gets its turn in between, and nothing waits for other input. */
  c.left = 999;
  c.fake.n_done = 0;
  fake_send(&c.fake, c.fake.done[0].handle, to, S("."), 2);
  assert_status(stox_uv_kick(uv), STOX_OK);
  const uint64_t start = uv_hrtime();
  while (c.fake.n_done < 1000) {
    (void)uv_run(stox_uv_loop(uv), UV_RUN_ONCE);
  }
  assert_true(uv_hrtime() - start < UINT64_C(5000000000));
  RUN_UNTIL(&b, NULL, b.engine.n_fed == 1020);
  stox_uv_del(uv);
  stox_uv_del(b.uv);
}

static void test_other_actions(void **state) {
  (void)state;
  party a;
  party_open(&a, NULL);
  fake_send(&a.engine, 0, nowhere, S("x"), 1);
  a.engine.queue[0].kind = STOX_DO_STORE;
  fake_send(&a.engine, 0, nowhere, S("x"), 2);
  a.engine.queue[1].kind = STOX_DO_START_TLS;
  fake_send(&a.engine, 0, nowhere, S("x"), 0);
  a.engine.queue[2].kind = STOX_DO_EVENT;
  (void)stox_uv_kick(a.uv);
  assert_int_equal(a.engine.n_done, 2);
  assert_status(fake_done_of(&a.engine, 1)->status, STOX_E_UNSUPPORTED);
  assert_status(fake_done_of(&a.engine, 2)->status, STOX_E_UNSUPPORTED);
  stox_uv_del(a.uv);
}

/* ---- trace ---- */

typedef struct seen {
  char text[64];
  size_t n;
} seen;

static void see(void *ud, int is_out, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  seen *s = ud;
  assert_true(now_ns > 0);
  assert_true(flow->handle != 0);
  s->text[s->n++] = is_out ? '>' : '<';
  assert_true(bytes.n < sizeof s->text - s->n);
  memcpy(s->text + s->n, bytes.p, bytes.n);
  s->n += bytes.n;
}

static void test_trace(void **state) {
  (void)state;
  for (int transport = STOX_TRANSPORT_UDP; transport <= STOX_TRANSPORT_TCP; transport++) {
    seen s = {{0}, 0};
    stox_uv_options options = party_options();
    options.ud = &s;
    options.trace = see;
    party a;
    party b;
    party_open(&a, &options);
    party_open(&b, NULL);
    b.engine.echoes = 1;
    (void)party_listen(&a, S("127.0.0.1"), STOX_TRANSPORT_UDP);
    const stox_endpoint to = party_listen(&b, S("127.0.0.1"), transport);
    fake_send(&a.engine, 0, to, S("ping"), 0);
    RUN_UNTIL(&a, &b, a.engine.n_fed == 4);
    stox_uv_del(b.uv);
    party_settle(&a, NULL);
    stox_uv_del(a.uv);
    assert_span_equal(((stox_span){s.text, s.n}), S(">ping<ping"));
  }
}

/* ---- ending ---- */

/* On a loop of the host's, which goes on. */
static void test_del_with_open_flows(void **state) {
  (void)state;
  static char octets[1 << 20];
  failing memory = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&memory);
  uv_loop_t loop;
  assert_int_equal(uv_loop_init(&loop), 0);
  stox_uv_options options = party_options();
  options.loop = &loop;
  options.alloc = &alloc;
  options.queue_octets = 8 * sizeof octets;
  party a;
  party b;
  party_open(&a, &options);
  party_open(&b, &options);
  assert_ptr_equal(stox_uv_loop(a.uv), &loop);
  const stox_endpoint at = party_listen(&b, S("127.0.0.1"), STOX_TRANSPORT_TCP);
  fake_open(&a.engine, at, 1);
  RUN_UNTIL(&a, &b, a.engine.n_done == 1);
  fake_open(&a.engine, at, 2); /* under way */
  for (uint64_t i = 3; i < 10; i++) {
    fake_send(&a.engine, a.engine.done[0].handle, at, (stox_span){octets, sizeof octets}, i);
  }
  (void)stox_uv_kick(a.uv);
  const size_t n_done = a.engine.n_done;
  stox_uv_del(a.uv);
  assert_int_equal(a.engine.n_done, n_done); /* the engine is told nothing more */
  assert_int_equal(a.engine.n_ends, 0);
  assert_int_equal(uv_loop_alive(&loop), 1);
  stox_uv_del(b.uv);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(memory.live, 0);
}

/* ---- memory ---- */

/* One exchange over UDP and one over TCP, as far as memory lets it; returns 1 if all arrived. */
static int exchange(failing *memory) {
  const stox_allocator alloc = failing_allocator(memory);
  stox_uv_options options = party_options();
  options.alloc = &alloc;
  party a;
  party b;
  party_open(&b, NULL);
  b.engine.echoes = 1;
  const stox_endpoint udp = party_listen(&b, S("127.0.0.1"), STOX_TRANSPORT_UDP);
  const stox_endpoint tcp = party_listen(&b, S("127.0.0.1"), STOX_TRANSPORT_TCP);
  fake_engine_init(&a.engine);
  const stox_engine functions = fake_engine_functions(&a.engine);
  if (stox_uv_new(&a.uv, &functions, &options) != STOX_OK) {
    stox_uv_del(b.uv);
    return 0;
  }
  stox_endpoint mine[2] = {{S("127.0.0.1"), 0, STOX_TRANSPORT_UDP},
                           {S("127.0.0.1"), 0, STOX_TRANSPORT_TCP}};
  size_t asked = 0;
  int all = 1;
  for (size_t i = 0; i < COUNT(mine); i++) {
    all = stox_uv_listen(a.uv, &mine[i]) == STOX_OK && all;
  }
  fake_send(&a.engine, 0, udp, S("u"), ++asked);
  fake_send(&a.engine, 0, tcp, S("t"), ++asked);
  fake_send(&a.engine, 0, tcp, S("tt"), ++asked);
  if (mine[1].port != 0) {
    fake_send(&b.engine, 0, mine[1], S("in"), 0);
  }
  /* Every token comes back, with memory or without. */
  RUN_UNTIL(&a, &b, a.engine.n_done == asked);
  for (size_t i = 0; i < asked; i++) {
    all = a.engine.done[i].status == STOX_OK && all;
  }
  if (all) {
    RUN_UNTIL(&a, &b, a.engine.n_fed == 6 || memory->fail_at != 0);
  }
  all = all && a.engine.n_fed == 6;
  stox_uv_del(a.uv);
  stox_uv_del(b.uv);
  return all;
}

static void test_memory(void **state) {
  (void)state;
  failing plain = {0, 0, 0};
  assert_int_equal(exchange(&plain), 1);
  assert_int_equal(plain.live, 0);
  assert_true(plain.calls > 6);
  for (size_t n = 1; n <= plain.calls; n++) {
    failing memory = {n, 0, 0};
    (void)exchange(&memory);
    assert_int_equal(memory.live, 0);
  }
}

/* ---- threads ---- */

#ifdef __SANITIZE_THREAD__
/* libuv closes descriptors by system calls that ThreadSanitizer does not see, so a number that two
 * threads use one after the other looks shared. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
  return "race:libuv.so\ncalled_from_lib:libuv.so\n";
}
#endif

static void exchange_many(void *arg) {
  (void)arg;
  for (int i = 0; i < 10; i++) {
    failing memory = {0, 0, 0};
    assert_int_equal(exchange(&memory), 1);
    uint64_t octets = 0;
    const stox_random *random = stox_uv_random();
    assert_status(random->fill(random->ud, &octets, sizeof octets), STOX_OK);
  }
}

/* Transports share nothing, so each thread may have its own. */
static void test_threads(void **state) {
  (void)state;
  uv_thread_t thread;
  assert_int_equal(uv_thread_create(&thread, exchange_many, NULL), 0);
  exchange_many(NULL);
  assert_int_equal(uv_thread_join(&thread), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_randomness),
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_run_and_stop),
      cmocka_unit_test(test_action_behind_done),
      cmocka_unit_test(test_other_actions),
      cmocka_unit_test(test_trace),
      cmocka_unit_test(test_del_with_open_flows),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
