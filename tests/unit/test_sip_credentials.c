/* SPDX-License-Identifier: MIT */
/* Challenges and credentials. */
#include "header_support.h"

#include "stox/sip_credentials.h"

HEADER_TRIAL(stox_sip_credentials)

static void test_credentials(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("Digest realm=\"atlanta.com\",\r\n domain=\"sip:ss1.carrier.com\", qop=\"auth\",\r\n "
           "nonce=\"f84f1cec41e6cbe5aea9c8e88d359\",\r\n opaque=\"\", stale=FALSE, algorithm=MD5"),
       ROW("Digest realm=\"atlanta.com\", domain=\"sip:ss1.carrier.com\", qop=\"auth\", "
           "nonce=\"f84f1cec41e6cbe5aea9c8e88d359\", opaque=\"\", stale=FALSE, algorithm=MD5"),
       0},
      {ROW("Digest username=\"Alice\", "
           "realm=\"atlanta.com\",nonce=\"84a4cc6f3082121f32b42a2187831a9e\",response="
           "\"7587245234b3434cc3412213e5f113a5432\""),
       ROW("Digest username=\"Alice\", realm=\"atlanta.com\", "
           "nonce=\"84a4cc6f3082121f32b42a2187831a9e\", "
           "response=\"7587245234b3434cc3412213e5f113a5432\""),
       0},
      {ROW("Digest nc=00000001 , cnonce = \"0a4f113b\""),
       ROW("Digest nc=00000001, cnonce=\"0a4f113b\""), 0},
      {ROW("Bearer authz_server=\"https://a.example/\",scope=\"x y\""),
       ROW("Bearer authz_server=\"https://a.example/\", scope=\"x y\""), 0},
      {ROW("Digest"), REFUSED, 6},
      {ROW("Digest "), REFUSED, 7},
      {ROW("Digest realm"), REFUSED, 12},
      {ROW("Digest realm="), REFUSED, 13},
      {ROW("Digest realm=\"x"), REFUSED, 13},
      {ROW("Digest realm=\"x\","), REFUSED, 17},
      {ROW("Digest realm=\"x\",,nonce=\"y\""), REFUSED, 17},
      {ROW("Digest realm=\"x\" nonce=\"y\""), REFUSED, 17},
      {ROW("Digest uri=sip:a@b"), REFUSED, 14},
      {ROW("=\"x\""), REFUSED, 0},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_credentials_trial, rows, COUNT(rows));
}

static void test_params(void **state) {
  (void)state;
  stox_param param;
  size_t cursor = 0;
  const stox_span params = S("nextnonce=\"a\", QOP=auth ,nc=1,qop=x");
  assert_status(stox_sip_next_auth_param(&param, params, &cursor), STOX_OK);
  assert_span_equal(param.name, S("nextnonce"));
  assert_span_equal(param.value, S("\"a\""));
  assert_status(stox_sip_find_auth_param(&param, params, "nc"), STOX_OK);
  assert_span_equal(param.value, S("1"));
  assert_status(stox_sip_find_auth_param(&param, params, "qop"), STOX_E_REPEATED);
  assert_span_equal(param.value, S("auth"));
  assert_status(stox_sip_find_auth_param(&param, params, "realm"), STOX_E_NONE);
  assert_status(stox_sip_find_auth_param(&param, S("a=b,c"), "a"), STOX_E_BAD_PARAM);
  assert_status(stox_sip_find_auth_param(&param, S(""), "a"), STOX_E_NONE);
  cursor = 4;
  assert_status(stox_sip_next_auth_param(&param, S("a=b,c"), &cursor), STOX_E_BAD_PARAM);
  assert_int_equal(cursor, 4);
}

HEADER_TRIAL(stox_sip_auth_info)

static void test_auth_info(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("nextnonce=\"47364c23432d2e131a5fb210812c\""),
       ROW("nextnonce=\"47364c23432d2e131a5fb210812c\""), 0},
      {ROW(" qop=auth , nc = 00000001,\r\n rspauth=\"a\""),
       ROW("qop=auth, nc=00000001, rspauth=\"a\""), 0},
      {ROW("Digest nextnonce=\"a\""), REFUSED, 7},
      {ROW(" nextnonce"), REFUSED, 10},
      {ROW("a=b,"), REFUSED, 4},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_auth_info_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_auth_info),
                                     cmocka_unit_test(test_credentials),
                                     cmocka_unit_test(test_params)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
