/* SPDX-License-Identifier: MIT */
/* Security-Client, Security-Server, Security-Verify. */
#include "header_support.h"

#include "stox/sip_security.h"

HEADER_TRIAL(stox_sip_mechanism)

static void test_mechanism(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("digest"), ROW("digest"), 0},
      {ROW("tls;q=0.2"), ROW("tls;q=0.2"), 0},
      {ROW("ipsec-ike;q=0.1"), ROW("ipsec-ike;q=0.1"), 0},
      {ROW("digest;d-alg=MD5;d-qop=auth;d-ver=\"0000000000000000000000000000a5b2\""),
       ROW("digest;d-alg=MD5;d-qop=auth;d-ver=\"0000000000000000000000000000a5b2\""), 0},
      {ROW("ipsec-3gpp;alg=hmac-sha-1-96;spi-c=98765432;port-c=5062"),
       ROW("ipsec-3gpp;alg=hmac-sha-1-96;spi-c=98765432;port-c=5062"), 0},
      {ROW(""), REFUSED, 0},
      {ROW("tls;q=2"), REFUSED, 6},
      {ROW("digest;d-ver=abc"), REFUSED, 13},
      {ROW("digest;d-alg=\"MD5\""), REFUSED, 13},
      {ROW("tls;q=0.1;q=0.2"), REFUSED, 12},
  };
  header_check_all(&stox_sip_mechanism_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_mechanism mechanism;
  assert_status(stox_sip_mechanism_parse(&mechanism, S("digest;d-qop=auth;q=0.2;d-alg=MD5"), NULL),
                STOX_OK);
  assert_span_equal(mechanism.name, S("digest"));
  assert_span_equal(mechanism.d_alg, S("MD5"));
  assert_span_equal(mechanism.d_qop, S("auth"));
  assert_null(mechanism.d_ver.p);
  assert_int_equal(mechanism.q.value, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_mechanism),
                                     cmocka_unit_test(test_members)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
