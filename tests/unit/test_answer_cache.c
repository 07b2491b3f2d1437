/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "support.h"

#include "stox/answer_cache.h"

static const uint64_t second_ns = UINT64_C(1000000000);

typedef struct fixture {
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  stox_answer_cache_options options;
  stox_answer_cache *obj;
} fixture;

static int open_cache(fixture *f, uint32_t max, size_t fail_at) {
  memset(f, 0, sizeof *f);
  f->memory.fail_at = fail_at;
  f->alloc = failing_allocator(&f->memory);
  f->seed = 3;
  f->random = (stox_random){sizeof f->random, &f->seed, test_fill};
  assert_status(stox_answer_cache_options_init(&f->options, sizeof f->options), STOX_OK);
  f->options.alloc = &f->alloc;
  f->options.random = &f->random;
  f->options.max = max;
  return stox_answer_cache_new(&f->obj, &f->options);
}

static void close_cache(fixture *f) {
  stox_answer_cache_del(f->obj);
  assert_int_equal(f->memory.live, 0);
}

static const stox_question srv = {STOX_RECORD_SRV, ROW("_sip._udp.x.example")};
static const stox_question address = {STOX_RECORD_A, ROW("_sip._udp.x.example")};

static const stox_record two[] = {
    {STOX_RECORD_SRV, 300, 1, 2, 3, ROW("a.example"), {NULL, 0}, {NULL, 0}},
    {STOX_RECORD_NAPTR, 200, 4, 5, 0, ROW("."), ROW("s"), ROW("SIP+D2U")},
};

static int get(fixture *f, const stox_question *question, uint64_t now_ns, size_t want_n) {
  const stox_record *records = NULL;
  size_t n = 0;
  const int status = stox_answer_cache_get(&records, &n, f->obj, question, now_ns);
  if (status == STOX_OK) {
    assert_int_equal(n, want_n);
  }
  return status;
}

static void records(void **state) {
  (void)state;
  fixture f;
  const stox_record *got = NULL;
  size_t n = 0;
  assert_status(open_cache(&f, 10, 0), STOX_OK);
  stox_record copies[2];
  memcpy(copies, two, sizeof two);
  assert_status(stox_answer_cache_put(f.obj, &srv, copies, 2, 0, 5), STOX_OK);
  memset(copies, 0, sizeof copies);
  assert_status(stox_answer_cache_get(&got, &n, f.obj, &srv, 5 + 3 * second_ns), STOX_OK);
  assert_int_equal(n, 2);
  assert_int_equal(got[0].ttl, 197);
  assert_int_equal(got[0].port, 3);
  assert_span_equal(got[0].target, S("a.example"));
  assert_null(got[0].flags.p);
  assert_int_equal(got[1].priority, 4);
  assert_span_equal(got[1].flags, S("s"));
  assert_span_equal(got[1].service, S("SIP+D2U"));
  assert_status(get(&f, &address, 5, 0), STOX_E_NONE);
  assert_status(get(&f, &srv, 5 + 200 * second_ns - 1, 2), STOX_OK);
  assert_status(get(&f, &srv, 5 + 200 * second_ns, 0), STOX_E_NONE);
  /* Replaced, and taken away by an answer that does not hold. */
  assert_status(stox_answer_cache_put(f.obj, &srv, two, 1, 0, 5), STOX_OK);
  assert_status(get(&f, &srv, 6, 1), STOX_OK);
  stox_record at_once = two[0];
  at_once.ttl = 0;
  assert_status(stox_answer_cache_put(f.obj, &srv, &at_once, 1, 0, 5), STOX_OK);
  assert_status(get(&f, &srv, 6, 0), STOX_E_NONE);
  close_cache(&f);
}

static void bounds(void **state) {
  (void)state;
  fixture f;
  assert_status(open_cache(&f, 10, 0), STOX_OK);
  stox_record record = two[0];
  record.ttl = UINT32_MAX;
  assert_status(stox_answer_cache_put(f.obj, &srv, &record, 1, 0, 0), STOX_OK);
  assert_status(get(&f, &srv, 3600 * second_ns - 1, 1), STOX_OK);
  assert_status(get(&f, &srv, 3600 * second_ns, 1), STOX_E_NONE);
  /* "None" is kept as it says, not longer than is good, and not at all where it says nothing. */
  assert_status(stox_answer_cache_put(f.obj, &address, NULL, 0, 20, 0), STOX_OK);
  assert_status(get(&f, &address, 20 * second_ns - 1, 0), STOX_OK);
  assert_status(get(&f, &address, 20 * second_ns, 0), STOX_E_NONE);
  assert_status(stox_answer_cache_put(f.obj, &address, NULL, 0, UINT32_MAX, 0), STOX_OK);
  assert_status(get(&f, &address, 300 * second_ns - 1, 0), STOX_OK);
  assert_status(get(&f, &address, 300 * second_ns, 0), STOX_E_NONE);
  assert_status(stox_answer_cache_put(f.obj, &address, NULL, 0, 0, 0), STOX_OK);
  assert_status(get(&f, &address, 0, 0), STOX_E_NONE);
  /* A clock near its end; more records than are looked at; texts that are too long. */
  assert_status(stox_answer_cache_put(f.obj, &srv, two, 2, 0, UINT64_MAX - 5), STOX_OK);
  assert_status(get(&f, &srv, UINT64_MAX - 1, 2), STOX_OK);
  stox_record many[STOX_RECORDS_MAX + 5];
  for (size_t i = 0; i < COUNT(many); i++) {
    many[i] = two[0];
  }
  assert_status(stox_answer_cache_put(f.obj, &srv, many, COUNT(many), 0, 0), STOX_OK);
  assert_status(get(&f, &srv, 0, STOX_RECORDS_MAX), STOX_OK);
  char wide[1025] = "";
  many[3].service = (stox_span){wide, 1024};
  assert_status(stox_answer_cache_put(f.obj, &srv, many, 4, 0, 0), STOX_OK);
  many[3].service.n = 1025;
  assert_status(stox_answer_cache_put(f.obj, &srv, many, 4, 0, 0), STOX_E_TOO_LONG);
  const stox_question question = {1, {wide, 1025}};
  assert_status(stox_answer_cache_put(f.obj, &question, two, 1, 0, 0), STOX_E_TOO_LONG);
  close_cache(&f);
}

static void room(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c", "d", "e"};
  fixture f;
  assert_status(open_cache(&f, 3, 0), STOX_OK);
  for (size_t i = 0; i < COUNT(names); i++) {
    const stox_question question = {STOX_RECORD_A, stox_span_text(names[i])};
    assert_status(stox_answer_cache_put(f.obj, &question, NULL, 0, 10 + (uint32_t)i, 0), STOX_OK);
  }
  for (size_t i = 0; i < COUNT(names); i++) {
    const stox_question question = {STOX_RECORD_A, stox_span_text(names[i])};
    assert_status(get(&f, &question, 0, 0), i < 2 ? STOX_E_NONE : STOX_OK);
  }
  assert_int_equal(stox_answer_cache_expire(f.obj, 13 * second_ns), 2);
  const stox_question last = {STOX_RECORD_A, S("e")};
  assert_status(get(&f, &last, 0, 0), STOX_OK);
  stox_answer_cache_flush(f.obj);
  assert_status(get(&f, &last, 0, 0), STOX_E_NONE);
  close_cache(&f);
}

static void refused(void **state) {
  (void)state;
  stox_answer_cache *none = NULL;
  fixture f;
  assert_status(stox_answer_cache_new(&none, NULL), STOX_E_ARG);
  assert_status(open_cache(&f, 0, 0), STOX_E_ARG);
  assert_null(none);
  stox_answer_cache_del(NULL);
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  int status = STOX_E_NOMEM;
  for (size_t fail_at = 1; status == STOX_E_NOMEM; fail_at++) {
    fixture f;
    status = open_cache(&f, 3, fail_at);
    if (status == STOX_OK) {
      status = stox_answer_cache_put(f.obj, &srv, two, 2, 0, 0);
      assert_status(get(&f, &srv, 0, 2), status == STOX_OK ? STOX_OK : STOX_E_NONE);
      close_cache(&f);
    }
  }
  assert_status(status, STOX_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records),
      cmocka_unit_test(bounds),
      cmocka_unit_test(room),
      cmocka_unit_test(refused),
      cmocka_unit_test(memory_runs_out_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
