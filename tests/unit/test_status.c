/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/limits.h"

static void test_table_is_complete(void **state) {
  (void)state;
  int status = 1;
  size_t n = 0;
  for (; stox_status_get(n, &status) == STOX_OK; n++) {
    const int class = stox_status_class(status);
    assert_true(status <= 0);
    assert_true(class <= 0 && class >= STOX_E_NONE);
    assert_int_equal(stox_status_class(class), class);
    assert_true(stox_status_text(status)[0] != '\0');
    for (const char *p = stox_status_name(status); *p != '\0'; p++) {
      assert_true((*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '_');
    }
    for (size_t k = 0; k < n; k++) {
      int other = 1;
      assert_status(stox_status_get(k, &other), STOX_OK);
      assert_int_not_equal(other, status);
      assert_string_not_equal(stox_status_name(other), stox_status_name(status));
    }
  }
  assert_true(n > 50);
}

static void test_names(void **state) {
  (void)state;
  assert_string_equal(stox_status_name(STOX_OK), "OK");
  assert_string_equal(stox_status_name(STOX_E_BAD_UTF8), "BAD_UTF8");
  assert_int_equal(stox_status_class(STOX_E_BAD_UTF8), STOX_E_SYNTAX);
  assert_int_equal(stox_status_class(STOX_E_NONCANONICAL), STOX_E_NOMAP);
  assert_int_equal(stox_status_class(STOX_E_TOO_LONG), STOX_E_LIMIT);
  assert_string_equal(stox_status_name(12345), "UNKNOWN");
  assert_int_equal(stox_status_class(12345), STOX_E_STATE);
}

/* An options struct may be older (smaller) or newer (larger) than the library's. */
static void test_sizes_of_other_builds(void **state) {
  (void)state;
  struct {
    stox_limits limits;
    uint64_t later;
  } newer;
  memset(&newer, 0xAA, sizeof newer);
  assert_status(stox_limits_init(&newer.limits, sizeof newer), STOX_OK);
  assert_int_equal(newer.limits.size, sizeof newer);
  assert_int_equal(newer.limits.message, 65536);
  assert_int_equal(newer.later, 0);
  stox_limits older;
  memset(&older, 0xAA, sizeof older);
  const size_t small = offsetof(stox_limits, line);
  assert_status(stox_limits_init(&older, small), STOX_OK);
  assert_int_equal(older.size, small);
  assert_int_equal(older.message, 65536);
  assert_int_equal(older.line, 0xAAAAAAAA);
  assert_status(stox_limits_init(&older, sizeof(size_t) - 1), STOX_E_ARG);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_table_is_complete),
                                     cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_sizes_of_other_builds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
