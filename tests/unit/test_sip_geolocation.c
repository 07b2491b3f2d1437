/* SPDX-License-Identifier: MIT */
/* Geolocation, Geolocation-Routing, Geolocation-Error. */
#include "header_support.h"

#include "stox/sip_geolocation.h"

HEADER_TRIAL(stox_sip_geolocation)

HEADER_TRIAL(stox_sip_geolocation_routing)

HEADER_TRIAL(stox_sip_geolocation_error)

static void test_geolocation(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<cid:target123@atlanta.example.com>"), ROW("<cid:target123@atlanta.example.com>"), 0},
      {ROW("<sips:target123@server5.atlanta.example.com>"),
       ROW("<sips:target123@server5.atlanta.example.com>"), 0},
      {ROW("<https://ls.example.com/a>;x=1"), ROW("<https://ls.example.com/a>;x=1"), 0},
      {ROW("cid:a@b"), REFUSED, 0},
      {ROW("<a>"), REFUSED, 0},
      {ROW("<>"), REFUSED, 0},
      {ROW("\"A\" <cid:a@b>"), REFUSED, 0},
  };
  header_check_all(&stox_sip_geolocation_trial, rows, COUNT(rows));
}

static void test_geolocation_routing(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("yes"), ROW("yes"), 0},
      {ROW("no"), ROW("no"), 0},
      {ROW("\"other\""), ROW("\"other\""), 0},
      {ROW(""), REFUSED, 0},
      {ROW("yes;x=1"), REFUSED, 3},
      {ROW("yes no"), REFUSED, 4},
  };
  header_check_all(&stox_sip_geolocation_routing_trial, rows, COUNT(rows));
}

static void test_geolocation_error(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("100 ; code=\"Cannot Process Location\""), ROW("100;code=\"Cannot Process Location\""),
       0},
      {ROW("300;code=\"Dereference Failure\""), ROW("300;code=\"Dereference Failure\""), 0},
      {ROW("424"), ROW("424"), 0},
      {ROW("x"), REFUSED, 0},
      {ROW("100;code=Cannot"), REFUSED, 9},
      {ROW("100 code=\"x\""), REFUSED, 4},
  };
  header_check_all(&stox_sip_geolocation_error_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_geolocation),
                                     cmocka_unit_test(test_geolocation_routing),
                                     cmocka_unit_test(test_geolocation_error)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
