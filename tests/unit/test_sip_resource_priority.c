/* SPDX-License-Identifier: MIT */
/* Resource-Priority. */
#include "header_support.h"

#include "stox/sip_resource_priority.h"

HEADER_TRIAL(stox_sip_resource_priority)

static void test_resource_priority(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("dsn.flash"), ROW("dsn.flash"), 0},
      {ROW("q735.3"), ROW("q735.3"), 0},
      {ROW(" wps.0 "), ROW("wps.0"), 0},
      {ROW("dsn.flash-override"), ROW("dsn.flash-override"), 0},
      {ROW("dsn"), REFUSED, 3},
      {ROW("dsn."), REFUSED, 3},
      {ROW(".flash"), REFUSED, 0},
      {ROW("a.b.c"), REFUSED, 1},
      {ROW("a b.c"), REFUSED, 1},
      {ROW(""), REFUSED, 0},
      {ROW("dsn.flash;x=1"), REFUSED, 3},
  };
  header_check_all(&stox_sip_resource_priority_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_resource_priority)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
