/* SPDX-License-Identifier: MIT */
/* User-to-User. */
#include "header_support.h"

#include "stox/sip_user_to_user.h"

HEADER_TRIAL(stox_sip_user_to_user)

static void test_user_to_user(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("56a390f3d2b7310023a2;encoding=hex;purpose=foo;content=bar"),
       ROW("56a390f3d2b7310023a2;purpose=foo;content=bar;encoding=hex"), 0},
      {ROW("342342ef34;encoding=hex"), ROW("342342ef34;encoding=hex"), 0},
      {ROW("\"a;b,c\";purpose=isdn-uui;x"), ROW("\"a;b,c\";purpose=isdn-uui;x"), 0},
      {ROW(""), REFUSED, 0},
      {ROW("a b"), REFUSED, 2},
      {ROW("342342ef34;encoding=\"hex\""), REFUSED, 20},
      {ROW("\"a"), REFUSED, 0},
      {ROW("a;purpose=b;purpose=c"), REFUSED, 20},
  };
  header_check_all(&stox_sip_user_to_user_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_user_to_user)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
