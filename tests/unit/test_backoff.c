/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "support.h"

#include "stox/backoff.h"

static const uint64_t second_ns = UINT64_C(1000000000);

typedef struct fixture {
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  stox_backoff_options options;
  stox_backoff *obj;
} fixture;

static int open_table(fixture *f, size_t fail_at) {
  memset(f, 0, sizeof *f);
  f->memory.fail_at = fail_at;
  f->alloc = failing_allocator(&f->memory);
  f->seed = 11;
  f->random = (stox_random){sizeof f->random, &f->seed, test_fill};
  assert_status(stox_backoff_options_init(&f->options, sizeof f->options), STOX_OK);
  f->options.alloc = &f->alloc;
  f->options.random = &f->random;
  return stox_backoff_new(&f->obj, &f->options);
}

static void close_table(fixture *f) {
  stox_backoff_del(f->obj);
  assert_int_equal(f->memory.live, 0);
}

static stox_endpoint at(const char *host, uint32_t port, int transport) {
  return (stox_endpoint){stox_span_text(host), port, transport};
}

/* RFC 6120 3.3: 0 to 60 seconds first, then more and more, up to a bound. */
static void waits(void **state) {
  (void)state;
  static const uint64_t bounds[] = {60, 120, 240, 480, 900, 900, 900};
  const stox_endpoint target = at("192.0.2.1", 5269, STOX_TRANSPORT_TCP);
  for (size_t round = 0; round < 50; round++) {
    fixture f;
    assert_status(open_table(&f, 0), STOX_OK);
    f.seed = round + 1;
    assert_int_equal(stox_backoff_until(f.obj, &target, 7), 0);
    for (size_t i = 0; i < COUNT(bounds); i++) {
      const uint64_t now = 7 + i;
      assert_status(stox_backoff_failed(f.obj, &target, 0, now), STOX_OK);
      const uint64_t until = stox_backoff_until(f.obj, &target, now);
      assert_true(until <= now + bounds[i] * second_ns);
      assert_true(i == 0 || until >= now + bounds[i] * second_ns / 2);
      assert_int_equal(stox_backoff_until(f.obj, &target, until), 0);
      assert_int_equal(stox_backoff_until(f.obj, &target, until - 1), until);
    }
    stox_backoff_worked(f.obj, &target);
    assert_int_equal(stox_backoff_until(f.obj, &target, 8), 0);
    assert_status(stox_backoff_failed(f.obj, &target, 0, 9), STOX_OK);
    assert_true(stox_backoff_until(f.obj, &target, 9) <= 9 + 60 * second_ns);
    close_table(&f);
  }
}

static void the_peer_says(void **state) {
  (void)state;
  fixture f;
  const stox_endpoint target = at("a.example", 5060, STOX_TRANSPORT_UDP);
  assert_status(open_table(&f, 0), STOX_OK);
  assert_status(stox_backoff_failed(f.obj, &target, 3600, 0), STOX_OK);
  assert_int_equal(stox_backoff_until(f.obj, &target, 0), 3600 * second_ns);
  assert_status(stox_backoff_failed(f.obj, &target, UINT32_MAX, UINT64_MAX - 9), STOX_OK);
  assert_int_equal(stox_backoff_until(f.obj, &target, UINT64_MAX - 9), UINT64_MAX);
  close_table(&f);
}

static void targets_are_told_apart(void **state) {
  (void)state;
  fixture f;
  const stox_endpoint target = at("192.0.2.1", 1, STOX_TRANSPORT_TCP);
  const stox_endpoint others[] = {
      at("192.0.2.1", 2, STOX_TRANSPORT_TCP), at("192.0.2.1", 1, STOX_TRANSPORT_TLS),
      at("192.0.2.2", 1, STOX_TRANSPORT_TCP), at("", 1, STOX_TRANSPORT_TCP)};
  assert_status(open_table(&f, 0), STOX_OK);
  assert_status(stox_backoff_failed(f.obj, &target, 60, 0), STOX_OK);
  for (size_t i = 0; i < COUNT(others); i++) {
    assert_int_equal(stox_backoff_until(f.obj, &others[i], 0), 0);
    stox_backoff_worked(f.obj, &others[i]);
  }
  assert_int_not_equal(stox_backoff_until(f.obj, &target, 0), 0);
  char wide[256];
  memset(wide, 'a', sizeof wide);
  stox_endpoint long_one = {{wide, 255}, 1, STOX_TRANSPORT_TCP};
  assert_status(stox_backoff_failed(f.obj, &long_one, 60, 0), STOX_OK);
  long_one.host.n = 256;
  assert_status(stox_backoff_failed(f.obj, &long_one, 60, 0), STOX_E_BAD_HOST);
  close_table(&f);
}

static void oldest_makes_room(void **state) {
  (void)state;
  fixture f;
  assert_status(open_table(&f, 0), STOX_OK);
  stox_backoff_del(f.obj);
  f.options.max = 3;
  assert_status(stox_backoff_new(&f.obj, &f.options), STOX_OK);
  for (uint32_t port = 1; port <= 3; port++) {
    const stox_endpoint target = at("a", port, STOX_TRANSPORT_TCP);
    assert_status(stox_backoff_failed(f.obj, &target, 60, 0), STOX_OK);
  }
  const stox_endpoint first = at("a", 1, STOX_TRANSPORT_TCP);
  const stox_endpoint second = at("a", 2, STOX_TRANSPORT_TCP);
  const stox_endpoint fourth = at("a", 4, STOX_TRANSPORT_TCP);
  assert_status(stox_backoff_failed(f.obj, &first, 60, 0), STOX_OK); /* the newest now */
  assert_status(stox_backoff_failed(f.obj, &fourth, 60, 0), STOX_OK);
  assert_int_not_equal(stox_backoff_until(f.obj, &first, 0), 0);
  assert_int_equal(stox_backoff_until(f.obj, &second, 0), 0);
  close_table(&f);
}

static int no_numbers(void *ud, void *p, size_t n) {
  (void)ud;
  (void)p;
  (void)n;
  return STOX_E_STATE;
}

static void refused(void **state) {
  (void)state;
  fixture f;
  const stox_endpoint target = at("a", 1, STOX_TRANSPORT_TCP);
  assert_status(open_table(&f, 0), STOX_OK);
  f.random.fill = no_numbers;
  assert_status(stox_backoff_failed(f.obj, &target, 60, 0), STOX_E_STATE);
  assert_int_equal(stox_backoff_until(f.obj, &target, 0), 0);
  close_table(&f);
  stox_backoff *none = NULL;
  assert_status(stox_backoff_new(&none, &f.options), STOX_E_STATE);
  f.random.fill = test_fill;
  f.options.first_s = 901;
  assert_status(stox_backoff_new(&none, &f.options), STOX_E_ARG);
  f.options.first_s = 0;
  assert_status(stox_backoff_new(&none, &f.options), STOX_E_ARG);
  f.options.first_s = 900;
  f.options.max = 0;
  assert_status(stox_backoff_new(&none, &f.options), STOX_E_ARG);
  assert_status(stox_backoff_new(&none, NULL), STOX_E_ARG);
  assert_null(none);
  assert_int_equal(f.memory.live, 0);
  stox_backoff_del(NULL);
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  int status = STOX_E_NOMEM;
  for (size_t fail_at = 1; status == STOX_E_NOMEM; fail_at++) {
    fixture f;
    const stox_endpoint target = at("a", 1, STOX_TRANSPORT_TCP);
    status = open_table(&f, fail_at);
    if (status == STOX_OK) {
      status = stox_backoff_failed(f.obj, &target, 60, 0);
      assert_true((stox_backoff_until(f.obj, &target, 0) != 0) == (status == STOX_OK));
      close_table(&f);
    }
  }
  assert_status(status, STOX_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(waits),
      cmocka_unit_test(the_peer_says),
      cmocka_unit_test(targets_are_told_apart),
      cmocka_unit_test(oldest_makes_room),
      cmocka_unit_test(refused),
      cmocka_unit_test(memory_runs_out_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
