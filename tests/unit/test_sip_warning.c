/* SPDX-License-Identifier: MIT */
/* Warning. */
#include "header_support.h"

#include "stox/sip_warning.h"

HEADER_TRIAL(stox_sip_warning)

static void test_warning(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("301 isi.edu \"Incompatible network address type 'E.164'\""),
       ROW("301 isi.edu \"Incompatible network address type 'E.164'\""), 0},
      {ROW("307 isi.edu \"Session parameter 'foo' not understood\""),
       ROW("307 isi.edu \"Session parameter 'foo' not understood\""), 0},
      {ROW("370 devnull \"Choose a bigger pipe\""), ROW("370 devnull \"Choose a bigger pipe\""), 0},
      {ROW("399 192.0.2.1:5060 \"a\\\"b\""), ROW("399 192.0.2.1:5060 \"a\\\"b\""), 0},
      {ROW("399 [2001:db8::1]:5061 \"x\r\n y\""), ROW("399 [2001:db8::1]:5061 \"x y\""), 0},
      {ROW("380 a.example:5060\r\n \"\""), ROW("380 a.example:5060 \"\""), 0},
      {ROW("1812 overture \"In Progress\""), REFUSED, 0},
      {ROW("99 a \"b\""), REFUSED, 0},
      {ROW("099 a \"b\""), REFUSED, 0},
      {ROW("300 a b"), REFUSED, 6},
      {ROW("300 \"a\""), REFUSED, 4},
      {ROW("300 a:99999 \"b\""), REFUSED, 4},
      {ROW("300 a:b \"c\""), REFUSED, 4},
      {ROW("300 a \"b\" c"), REFUSED, 10},
      {ROW("300"), REFUSED, 3},
      {ROW(""), REFUSED, 0},
      {ROW("300 a@b \"c\""), REFUSED, 4},
  };
  header_check_all(&stox_sip_warning_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_warning)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
