/* SPDX-License-Identifier: MIT */
/* Responder, Responder-Info, Response-Authentication, Response-Authorization (RA-6.1-02, RA-6.1-03,
 * RA-6.1-04, RA-6.1-05, RA-6.1-06, RA-6.1-12, RA-6.1-13, RA-6.1-14, RA-6.1-15). */
#include "header_support.h"

#include "stox/sip_response_identity.h"

HEADER_TRIAL(stox_sip_responder)

HEADER_TRIAL(stox_sip_responder_info)

HEADER_TRIAL(stox_sip_response_authentication)

HEADER_TRIAL(stox_sip_response_authorization)

static void test_responder(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("claimer=<sip:px2@destination.com>;verify-method=DAS"),
       ROW("claimer=<sip:px2@destination.com>;verify-method=DAS"), 0},
      {ROW("claimer=sip:px2@destination.com;verify-method=aib"),
       ROW("claimer=<sip:px2@destination.com>;verify-method=aib"), 0},
      {ROW("claimer=\"Bob\" <sip:bob@destination.com>; verify-method=DAS;verify-method=AIB"),
       ROW("claimer=\"Bob\" <sip:bob@destination.com>;verify-method=DAS;verify-method=AIB"), 0},
      {ROW("claimer=<sip:a@b>"), ROW("claimer=<sip:a@b>"), 0},
      {ROW("claimer=bob@destination.com"), REFUSED, 8},
      {ROW("verify-method=DAS"), REFUSED, 17},
      {ROW("claimer=<sip:a@b>;verify-method="), REFUSED, 8},
      {ROW("claimer="), REFUSED, 8},
      {ROW(""), REFUSED, 0},
      {ROW("claimer=<sip:a@b>;claimer=<sip:a@b>"), REFUSED, 8},
      {ROW("claimer=*"), REFUSED, 8},
      {ROW("verify-method=DAS;claimer=<sip:a@b>"), REFUSED, 0},
  };
  header_check_all(&stox_sip_responder_trial, rows, COUNT(rows));
}

static void test_responder_info(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<https://www.destination.com/certs>"), ROW("<https://www.destination.com/certs>"), 0},
      {ROW("https://www.destination.com/certs"), REFUSED, 0},
      {ROW("<x"), REFUSED, 0},
      {ROW("<https://a/>;b"), REFUSED, 12},
  };
  header_check_all(&stox_sip_responder_info_trial, rows, COUNT(rows));
}

static void test_response_authentication(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("method=SharedKey;nonce=abc"), ROW("method=SharedKey;nonce=abc"), 0},
      {ROW("method=DAS;nonce=\"bjI=\""), ROW("method=DAS;nonce=\"bjI=\""), 0},
      {ROW("method=FOO"), ROW("method=FOO"), 0},
      {ROW("nonce=n;method=PublicKey"), ROW("method=PublicKey;nonce=n"), 0},
      {ROW("nonce=abc"), REFUSED, 9},
      {ROW("method=DAS;nonce="), REFUSED, 17},
      {ROW("DAS;nonce=a"), REFUSED, 11},
      {ROW("method=DAS;method=DAS"), REFUSED, 18},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_response_authentication_trial, rows, COUNT(rows));
}

static void test_response_authorization(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("digest=\"0123456789abcdef0123456789abcdef\""),
       ROW("digest=\"0123456789abcdef0123456789abcdef\""), 0},
      {ROW("digest=\"2jmj7l5rSw0yVb/vlWAYkK/YBwk=\""),
       ROW("digest=\"2jmj7l5rSw0yVb/vlWAYkK/YBwk=\""), 0},
      {ROW("digest=\"0123456789ABCDEF0123456789ABCDEF\""), REFUSED, 7},
      {ROW("digest=0123"), REFUSED, 7},
      {ROW("digest=\"\""), REFUSED, 7},
      {ROW("digest=\"a b\""), REFUSED, 7},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_response_authorization_trial, rows, COUNT(rows));
}

static void test_methods(void **state) {
  (void)state;
  stox_sip_responder responder;
  stox_span method;
  size_t cursor = 0;
  assert_status(stox_sip_responder_parse(&responder,
                                         S("claimer=<sip:a@b>;x=1;verify-method = DAS;y;"
                                           "Verify-Method=AIB"),
                                         NULL),
                STOX_OK);
  assert_span_equal(responder.claimer, S("<sip:a@b>"));
  assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_OK);
  assert_span_equal(method, S("DAS"));
  assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_OK);
  assert_span_equal(method, S("AIB"));
  assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_E_NONE);
  assert_status(stox_sip_responder_next_method(&method, &responder, &cursor), STOX_E_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_responder), cmocka_unit_test(test_responder_info),
      cmocka_unit_test(test_response_authentication), cmocka_unit_test(test_response_authorization),
      cmocka_unit_test(test_methods)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
