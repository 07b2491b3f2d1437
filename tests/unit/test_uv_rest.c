/* SPDX-License-Identifier: MIT */
#include "uv_secure_support.h"

/* What a flow holds that is idle: little, however much it has carried. */

enum { LONG = 30000, LEAST = 2048 };

static void say(secure_pair *p, uint64_t handle) {
  static char text[LONG];
  const size_t heard = p->b.engine.n_fed;
  fake_send(&p->a.engine, handle, nowhere_at_all(), (stox_span){text, sizeof text}, 77);
  RUN_UNTIL(&p->a, &p->b, p->b.engine.n_fed == heard + sizeof text);
}

static void check(int transport) {
  secure_pair p;
  failing memory[2] = {{0, 0, 0}, {0, 0, 0}};
  const stox_allocator alloc[2] = {failing_allocator(&memory[0]), failing_allocator(&memory[1])};
  secure_pair_init(&p);
  p.options[0].alloc = &alloc[0];
  p.options[1].alloc = &alloc[1];
  secure_pair_open(&p, transport == STOX_TRANSPORT_TLS ? &anybody : NULL);
  const size_t before = memory[0].live;
  if (transport == STOX_TRANSPORT_TLS) {
    fake_open_secure(&p.a.engine, p.at, &wants_server, 1);
  } else {
    fake_open(&p.a.engine, p.at, 1);
  }
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  const uint64_t handle = p.a.engine.done[0].handle;
  say(&p, handle);
  assert_true(memory[0].live > before + LONG);
  /* TLS keeps a session beside it, whose room is its own matter. */
  const size_t session = transport == STOX_TRANSPORT_TLS ? 6 * 1024 : 0;
  RUN_UNTIL(&p.a, &p.b, memory[0].live <= before + LEAST + session);
  say(&p, handle); /* and it goes on */
  assert_true(memory[0].live > before + LONG);
  secure_pair_close(&p);
  assert_int_equal(memory[0].live, 0);
  assert_int_equal(memory[1].live, 0);
}

static void test_rest(void **state) {
  (void)state;
  check(STOX_TRANSPORT_TCP);
  check(STOX_TRANSPORT_TLS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rest)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
