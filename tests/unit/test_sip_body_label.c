/* SPDX-License-Identifier: MIT */
/* Proxy-Required-Body, SAML-Payload (E2M-6-01, E2M-6-02, E2M-6-03, E2M-6-04, E2M-6-05, E2M-6-06,
 * E2M-6-07, SAML-7-02). */
#include "header_support.h"

#include "stox/sip_body_label.h"

HEADER_TRIAL(stox_sip_body_label)

HEADER_TRIAL(stox_sip_saml_payload)

static void test_body_label(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("ssl.atlanta.example.com;cid=\"1234@atlanta.example.com\""),
       ROW("ssl.atlanta.example.com;cid=\"1234@atlanta.example.com\""), 0},
      {ROW("[2001:db8::1];cid=\"a@b\""), ROW("[2001:db8::1];cid=\"a@b\""), 0},
      {ROW("h.example ; cid = \"a@b\" , CID=\"c@d\""), ROW("h.example;cid=\"a@b\",cid=\"c@d\""), 0},
      {ROW("192.0.2.1;cid=\"a\\b@h\""), ROW("192.0.2.1;cid=\"a\\b@h\""), 0},
      {ROW("h.example"), REFUSED, 9},
      {ROW("h.example;"), REFUSED, 10},
      {ROW("h.example;cid="), REFUSED, 14},
      {ROW("h.example;cid=\"a..b@h\""), REFUSED, 14},
      {ROW("h.example;cid=a@b"), REFUSED, 14},
      {ROW("h.example;cid=\"a@b\","), REFUSED, 20},
      {ROW("h.example;cid=\"a@b\";cid=\"c@d\""), REFUSED, 19},
      {ROW("h.example;x=\"a@b\""), REFUSED, 10},
      {ROW(";cid=\"a@b\""), REFUSED, 0},
      {ROW("a_b;cid=\"a@b\""), REFUSED, 0},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_body_label_trial, rows, COUNT(rows));
}

static void test_saml_payload(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<cid:a1@example.com>"), ROW("<cid:a1@example.com>"), 0},
      {ROW("<https://as.example.com/a?ID=1>;x=1"), ROW("<https://as.example.com/a?ID=1>;x=1"), 0},
      {ROW("AAFfAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
       ROW("AAFfAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="), 0},
      {ROW("<a1>"), REFUSED, 0},
      {ROW("a b"), REFUSED, 2},
      {ROW(""), REFUSED, 0},
      {ROW("\"x\""), REFUSED, 0},
  };
  header_check_all(&stox_sip_saml_payload_trial, rows, COUNT(rows));
}

static void test_cids(void **state) {
  (void)state;
  stox_sip_body_label label;
  stox_span cid;
  size_t cursor = 0;
  assert_status(stox_sip_body_label_parse(&label, S("h;cid=\"a@b\", cid=\"c@d\""), NULL), STOX_OK);
  assert_span_equal(label.proxy, S("h"));
  assert_status(stox_sip_next_cid(&cid, label.cids, &cursor), STOX_OK);
  assert_span_equal(cid, S("\"a@b\""));
  assert_status(stox_sip_next_cid(&cid, label.cids, &cursor), STOX_OK);
  assert_span_equal(cid, S("\"c@d\""));
  assert_status(stox_sip_next_cid(&cid, label.cids, &cursor), STOX_E_NONE);
  cursor = 0;
  assert_status(stox_sip_next_cid(&cid, S("cid"), &cursor), STOX_E_BAD_HEADER);
  assert_int_equal(cursor, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_body_label),
                                     cmocka_unit_test(test_saml_payload),
                                     cmocka_unit_test(test_cids)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
