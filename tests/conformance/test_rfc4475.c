/* SPDX-License-Identifier: MIT */
/* RFC 4475: the verdict and the facts of each of its 49 messages, of messages of our own with the
 * same traits always, of its archive where that is at hand. */
#include "sip_verdicts.h"

enum { MESSAGES = 49 };

static char *open_own(size_t *n, const char *name) {
  return sip_read_file(n, STOX_TEST_VECTORS "/sip/rfc4475", name, ".sip");
}

static char *open_archive(size_t *n, const char *name) {
  return sip_read_file(n, STOX_CORPORA "/sip-torture/rfc4475", name, ".dat");
}

static void test_own(void **state) {
  (void)state;
  assert_true(sip_check_verdicts("rfc4475", "own", open_own) >= MESSAGES);
}

static void test_archive(void **state) {
  (void)state;
  const size_t n = sip_check_verdicts("rfc4475", "archive", open_archive);
  if (n == 0) {
    skip();
  }
  assert_int_equal(n, MESSAGES);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_own), cmocka_unit_test(test_archive)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
