/* SPDX-License-Identifier: MIT */
/* Session-Expires, Min-SE. */
#include "header_support.h"

#include "stox/sip_session_timer.h"

HEADER_TRIAL(stox_sip_session_expires)

HEADER_TRIAL(stox_sip_min_se)

static void test_session_expires(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("3600"), ROW("3600"), 0},
      {ROW("4000;refresher=uac"), ROW("4000;refresher=uac"), 0},
      {ROW("4000 ; refresher = UAS"), ROW("4000;refresher=UAS"), 0},
      {ROW("90;x=1"), ROW("90;x=1"), 0},
      {ROW("4000;refresher=proxy"), REFUSED, 15},
      {ROW("-1"), REFUSED, 0},
      {ROW("4000;refresher=uac;refresher=uas"), REFUSED, 29},
      {ROW(""), REFUSED, 0},
      {ROW("4000s"), REFUSED, 0},
      {ROW("99999999999"), REFUSED, 0},
  };
  header_check_all(&stox_sip_session_expires_trial, rows, COUNT(rows));
}

static void test_min_se(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("3600"), ROW("3600"), 0},
      {ROW("90;x=y"), ROW("90;x=y"), 0},
      {ROW("x"), REFUSED, 0},
      {ROW("90 90"), REFUSED, 3},
  };
  header_check_all(&stox_sip_min_se_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_session_expires timer;
  assert_status(stox_sip_session_expires_parse(&timer, S("1800;refresher=uas"), NULL), STOX_OK);
  assert_int_equal(timer.delta.value, 1800);
  assert_span_equal(timer.refresher, S("uas"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_session_expires),
                                     cmocka_unit_test(test_min_se), cmocka_unit_test(test_members)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
