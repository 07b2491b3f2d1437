/* SPDX-License-Identifier: MIT */
/* Call-Info, Error-Info, Alert-Info, Reason. */
#include "header_support.h"

#include "stox/sip_info.h"

HEADER_TRIAL(stox_sip_info)

HEADER_TRIAL(stox_sip_reason_header)

static void test_info(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<http://wwww.example.com/alice/photo.jpg> ;purpose=icon"),
       ROW("<http://wwww.example.com/alice/photo.jpg>;purpose=icon"), 0},
      {ROW("<http://www.example.com/alice/>;purpose=info;x=\"a;b\""),
       ROW("<http://www.example.com/alice/>;purpose=info;x=\"a;b\""), 0},
      {ROW("<sip:not-in-service-recording@atlanta.com>"),
       ROW("<sip:not-in-service-recording@atlanta.com>"), 0},
      {ROW("<http://www.example.com/sounds/moo.wav>"),
       ROW("<http://www.example.com/sounds/moo.wav>"), 0},
      {ROW("http://www.example.com/"), REFUSED, 0},
      {ROW("<moo.wav>"), REFUSED, 0},
      {ROW("<http://a b>"), REFUSED, 0},
      {ROW("<http://a/>;purpose"), REFUSED, 12},
      {ROW("<http://a/>;purpose=\"icon\""), REFUSED, 20},
  };
  header_check_all(&stox_sip_info_trial, rows, COUNT(rows));
}

static void test_reason(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("SIP ;cause=200 ;text=\"Call completed elsewhere\""),
       ROW("SIP;cause=200;text=\"Call completed elsewhere\""), 0},
      {ROW("Q.850 ;cause=16 ;text=\"Terminated\""), ROW("Q.850;cause=16;text=\"Terminated\""), 0},
      {ROW("SIP ;cause=600 ;text=\"Busy Everywhere\""),
       ROW("SIP;cause=600;text=\"Busy Everywhere\""), 0},
      {ROW("SIP;text=\"a\r\n b\";cause=0;x"), ROW("SIP;cause=0;text=\"a b\";x"), 0},
      {ROW("preemption"), ROW("preemption"), 0},
      {ROW("SIP;cause=x"), REFUSED, 10},
      {ROW("SIP;text=Busy"), REFUSED, 9},
      {ROW("SIP;cause=1;cause=2"), REFUSED, 18},
      {ROW(";cause=1"), REFUSED, 0},
  };
  header_check_all(&stox_sip_reason_header_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_info info;
  stox_sip_reason_header reason;
  assert_status(stox_sip_info_parse(&info, S("<http://a/b;c>;purpose=card"), NULL), STOX_OK);
  assert_span_equal(info.uri, S("<http://a/b;c>"));
  assert_span_equal(info.purpose, S("card"));
  assert_status(stox_sip_reason_header_parse(&reason, S("Q.850;text=\"x\\\"y\";cause=16"), NULL),
                STOX_OK);
  assert_span_equal(reason.protocol, S("Q.850"));
  assert_int_equal(reason.cause.value, 16);
  assert_span_equal(reason.text, S("\"x\\\"y\""));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_info), cmocka_unit_test(test_reason),
                                     cmocka_unit_test(test_members)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
