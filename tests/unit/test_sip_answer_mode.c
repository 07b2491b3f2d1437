/* SPDX-License-Identifier: MIT */
/* Answer-Mode, Priv-Answer-Mode, Alert-Mode (AA-3.1-01, AA-3.1-02, AA-9.2-01, AA-RFC5373-2-01). */
#include "header_support.h"

#include "stox/sip_answer_mode.h"

HEADER_TRIAL(stox_sip_answer_mode)

HEADER_TRIAL(stox_sip_alert_mode)

static void test_answer_mode(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("Manual"), ROW("Manual"), 0},
      {ROW("ManualReq"), ROW("ManualReq"), 0},
      {ROW("Auto"), ROW("Auto"), 0},
      {ROW("AutoReq"), ROW("AutoReq"), 0},
      {ROW("auto"), ROW("auto"), 0},
      {ROW("Auto;require"), ROW("Auto;require"), 0},
      {ROW("Manual;require"), ROW("Manual;require"), 0},
      {ROW("Auto ; Require ; x=y"), ROW("Auto;require;x=y"), 0},
      {ROW(""), REFUSED, 0},
      {ROW("Auto;require=1"), REFUSED, 13},
      {ROW("Auto;require;require"), REFUSED, 13},
      {ROW("\"Auto\""), REFUSED, 0},
      {ROW("Auto Manual"), REFUSED, 5},
  };
  header_check_all(&stox_sip_answer_mode_trial, rows, COUNT(rows));
}

static void test_alert_mode(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("Normal"), ROW("Normal"), 0},
      {ROW("Null"), ROW("Null"), 0},
      {ROW("null"), ROW("null"), 0},
      {ROW("Loud"), REFUSED, 0},
      {ROW(""), REFUSED, 0},
      {ROW("Null;x=1"), REFUSED, 4},
      {ROW("Null,Normal"), REFUSED, 4},
  };
  header_check_all(&stox_sip_alert_mode_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_answer_mode),
                                     cmocka_unit_test(test_alert_mode)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
