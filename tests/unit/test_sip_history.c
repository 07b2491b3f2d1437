/* SPDX-License-Identifier: MIT */
/* History-Info. */
#include "header_support.h"

#include "stox/sip_history.h"

HEADER_TRIAL(stox_sip_history)

static void test_history(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<sips:bob@example.com>;index=1"), ROW("<sips:bob@example.com>;index=1"), 0},
      {ROW("<sip:UserA@ims.example.com>;index=1;foo=bar"),
       ROW("<sip:UserA@ims.example.com>;index=1;foo=bar"), 0},
      {ROW("<sip:UserA@ims.example.com?Reason=SIP%3Bcause%3D302>;index=1.1"),
       ROW("<sip:UserA@ims.example.com?Reason=SIP%3Bcause%3D302>;index=1.1"), 0},
      {ROW("<sip:bob@192.0.2.3>;index=1.2.1;rc=1.1"), ROW("<sip:bob@192.0.2.3>;index=1.2.1;rc=1.1"),
       0},
      {ROW("\"A\" <sip:a@b>;index=10.0;mp=1;np=2.3"), ROW("\"A\" <sip:a@b>;index=10.0;mp=1;np=2.3"),
       0},
      {ROW("<sip:a@b>"), REFUSED, 9},
      {ROW("<sip:a@b>;index=01"), REFUSED, 16},
      {ROW("<sip:a@b>;index=1."), REFUSED, 16},
      {ROW("<sip:a@b>;index=.1"), REFUSED, 16},
      {ROW("<sip:a@b>;index=1..2"), REFUSED, 16},
      {ROW("<sip:a@b>;index=1.x"), REFUSED, 16},
      {ROW("<sip:a@b>;index=1;index=2"), REFUSED, 24},
      {ROW("<sip:a@b>;index=\"1\""), REFUSED, 16},
      {ROW("*;index=1"), REFUSED, 0},
  };
  header_check_all(&stox_sip_history_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_history history;
  assert_status(stox_sip_history_parse(&history, S("<sip:a@b>;rc=1;index=1.2"), NULL), STOX_OK);
  assert_span_equal(history.target.uri, S("sip:a@b"));
  assert_span_equal(history.index, S("1.2"));
  assert_span_equal(history.rc, S("1"));
  assert_null(history.mp.p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_history),
                                     cmocka_unit_test(test_members)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
