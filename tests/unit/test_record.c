/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/record.h"

/* A source of fixed numbers. */
typedef struct numbers {
  uint64_t next;
  int status;
} numbers;

static int fill(void *ud, void *p, size_t n) {
  const numbers *source = ud;
  assert_int_equal(n, sizeof source->next);
  memcpy(p, &source->next, n);
  return source->status;
}

static stox_record srv(uint32_t priority, uint32_t weight) {
  return (stox_record){.type = STOX_RECORD_SRV, .priority = priority, .weight = weight};
}

static void by_priority(void **state) {
  (void)state;
  const stox_record records[] = {srv(30, 9), srv(10, 1), srv(20, 5), srv(10, 7)};
  static const size_t want[] = {3, 1, 2, 0};
  size_t order[STOX_RECORDS_MAX];
  size_t n = 0;
  assert_status(stox_record_order(order, &n, records, COUNT(records), STOX_RECORD_SRV, NULL), 0);
  assert_int_equal(n, COUNT(want));
  assert_memory_equal(order, want, sizeof want);
}

/* The sums of 0, 1, 3 are 0, 1, 4: one number each way. */
static void by_weight(void **state) {
  (void)state;
  const stox_record records[] = {srv(1, 3), srv(1, 1), srv(1, 0)};
  static const struct {
    uint64_t number;
    size_t first;
  } rows[] = {{0, 2}, {1, 0}, {2, 0}, {3, 0}, {4, 1}, {5, 2}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    numbers source = {rows[i].number, STOX_OK};
    const stox_random random = {sizeof random, &source, fill};
    size_t order[STOX_RECORDS_MAX];
    size_t n = 0;
    assert_status(stox_record_order(order, &n, records, 3, STOX_RECORD_SRV, &random), STOX_OK);
    assert_int_equal(n, 3);
    assert_int_equal(order[0], rows[i].first);
  }
}

/* Drawn 30,000 times, three to one. */
static void shares(void **state) {
  (void)state;
  const stox_record records[] = {srv(1, 30), srv(1, 10)};
  uint64_t seed = 7;
  size_t first = 0;
  for (size_t i = 0; i < 30000; i++) {
    numbers source = {test_random(&seed), STOX_OK};
    const stox_random random = {sizeof random, &source, fill};
    size_t order[STOX_RECORDS_MAX];
    size_t n = 0;
    assert_status(stox_record_order(order, &n, records, 2, STOX_RECORD_SRV, &random), STOX_OK);
    first += order[0] == 0;
  }
  assert_in_range(first, 22000, 23000);
}

static void naptr(void **state) {
  (void)state;
  const stox_record records[] = {
      {.type = STOX_RECORD_NAPTR, .priority = 2, .weight = 0},
      {.type = STOX_RECORD_SRV, .priority = 0, .weight = 0},
      {.type = STOX_RECORD_NAPTR, .priority = 1, .weight = 9},
      {.type = STOX_RECORD_NAPTR, .priority = 1, .weight = 3},
      {.type = 16, .priority = 0, .weight = 0},
  };
  static const size_t want[] = {3, 2, 0};
  size_t order[STOX_RECORDS_MAX];
  size_t n = 0;
  assert_status(stox_record_order(order, &n, records, 5, STOX_RECORD_NAPTR, NULL), STOX_OK);
  assert_int_equal(n, COUNT(want));
  assert_memory_equal(order, want, sizeof want);
}

static void limits(void **state) {
  (void)state;
  stox_record records[STOX_RECORDS_MAX + 1];
  size_t order[STOX_RECORDS_MAX];
  for (size_t given = 0; given <= COUNT(records); given++) {
    size_t n = 99;
    for (size_t i = 0; i < given; i++) {
      records[i] = srv((uint32_t)(COUNT(records) - i), UINT32_MAX);
    }
    assert_status(stox_record_order(order, &n, records, given, STOX_RECORD_SRV, NULL), STOX_OK);
    assert_int_equal(n, given < STOX_RECORDS_MAX ? given : STOX_RECORDS_MAX);
  }
  numbers source = {0, STOX_E_STATE};
  const stox_random random = {sizeof random, &source, fill};
  const stox_record two[] = {srv(1, 1), srv(1, 1)};
  size_t n = 0;
  assert_status(stox_record_order(order, &n, two, 2, STOX_RECORD_SRV, &random), STOX_E_STATE);
  assert_status(stox_record_order(order, &n, NULL, 0, STOX_RECORD_SRV, &random), STOX_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_priority), cmocka_unit_test(by_weight), cmocka_unit_test(shares),
      cmocka_unit_test(naptr),       cmocka_unit_test(limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
