/* SPDX-License-Identifier: MIT */
/* Replaces, Join, Target-Dialog (TD-7-01). */
#include "header_support.h"

#include "stox/sip_dialog.h"

HEADER_TRIAL(stox_sip_replaces)

HEADER_TRIAL(stox_sip_join)

HEADER_TRIAL(stox_sip_target_dialog)

static void test_replaces(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only"),
       ROW("12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only"), 0},
      {ROW("425928@bobster.example.org;to-tag=7743;from-tag=6472"),
       ROW("425928@bobster.example.org;to-tag=7743;from-tag=6472"), 0},
      {ROW("98732@sip.example.com\r\n ;from-tag=r33th4x0r\r\n ;to-tag=ff87ff"),
       ROW("98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r"), 0},
      {ROW("a;to-tag=1;from-tag=0;x=\"y\""), ROW("a;to-tag=1;from-tag=0;x=\"y\""), 0},
      {ROW("a;to-tag=1"), REFUSED, 10},
      {ROW("a;from-tag=1"), REFUSED, 12},
      {ROW("a"), REFUSED, 1},
      {ROW("a;to-tag=1;from-tag=2;to-tag=3"), REFUSED, 29},
      {ROW("a;to-tag=1;from-tag=2;early-only=1"), REFUSED, 33},
      {ROW("a;to-tag=1;from-tag=2;early-only;early-only"), REFUSED, 33},
      {ROW("a b;to-tag=1;from-tag=2"), REFUSED, 2},
      {ROW("a@;to-tag=1;from-tag=2"), REFUSED, 0},
      {ROW("a@b@c;to-tag=1;from-tag=2"), REFUSED, 0},
      {ROW("@b;to-tag=1;from-tag=2"), REFUSED, 0},
      {ROW(";to-tag=1;from-tag=2"), REFUSED, 0},
      {ROW("a;to-tag=\"1\";from-tag=2"), REFUSED, 9},
  };
  header_check_all(&stox_sip_replaces_trial, rows, COUNT(rows));
}

static void test_join(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("12adf2f34456gs5;to-tag=12345;from-tag=54321"),
       ROW("12adf2f34456gs5;to-tag=12345;from-tag=54321"), 0},
      {ROW("7@c.example.org;to-tag=xyz;from-tag=pdq"),
       ROW("7@c.example.org;to-tag=xyz;from-tag=pdq"), 0},
      {ROW("7@c.example.org;to-tag=xyz"), REFUSED, 26},
      {ROW("7;to-tag=x;from-tag=y;from-tag=z"), REFUSED, 31},
  };
  header_check_all(&stox_sip_join_trial, rows, COUNT(rows));
}

static void test_target_dialog(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544"),
       ROW("fa77as7dad8-sd98ajzz@host.example.com;remote-tag=6544;local-tag=kkaz-"), 0},
      {ROW("fa77as7dad8-sd98ajzz@host.example.com;remote-tag=6544;local-tag=kkaz-"),
       ROW("fa77as7dad8-sd98ajzz@host.example.com;remote-tag=6544;local-tag=kkaz-"), 0},
      {ROW("fa77as7dad8-sd98ajzz@host.example.com\r\n ;local-tag=kkaz-\r\n ;remote-tag=6544"),
       ROW("fa77as7dad8-sd98ajzz@host.example.com;remote-tag=6544;local-tag=kkaz-"), 0},
      {ROW("abc;remote-tag=1;local-tag=2;foo=bar"), ROW("abc;remote-tag=1;local-tag=2;foo=bar"), 0},
      {ROW("abc;remote-tag=1"), ROW("abc;remote-tag=1"), 0},
      {ROW("abc"), ROW("abc"), 0},
      {ROW("a b;remote-tag=1;local-tag=2"), REFUSED, 2},
      {ROW("abc;remote-tag=\"1\";local-tag=2"), REFUSED, 15},
      {ROW("abc;remote-tag=1;remote-tag=3;local-tag=2"), REFUSED, 28},
  };
  header_check_all(&stox_sip_target_dialog_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_replaces replaces;
  stox_sip_target_dialog target;
  assert_status(
      stox_sip_replaces_parse(&replaces, S("1@h;from-tag=b;early-only;x=1;to-tag=a"), NULL),
      STOX_OK);
  assert_span_equal(replaces.call_id, S("1@h"));
  assert_span_equal(replaces.to_tag, S("a"));
  assert_span_equal(replaces.from_tag, S("b"));
  assert_int_equal(replaces.early_only, 1);
  assert_status(stox_sip_target_dialog_parse(&target, S("1;remote-tag=r"), NULL), STOX_OK);
  assert_span_equal(target.remote_tag, S("r"));
  assert_null(target.local_tag.p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_replaces), cmocka_unit_test(test_join),
                                     cmocka_unit_test(test_target_dialog),
                                     cmocka_unit_test(test_members)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
