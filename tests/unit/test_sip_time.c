/* SPDX-License-Identifier: MIT */
/* Date, Timestamp, Retry-After, RAck. */
#include "header_support.h"

#include "stox/sip_time.h"

HEADER_TRIAL(stox_sip_retry_after)

HEADER_TRIAL(stox_sip_timestamp)

HEADER_TRIAL(stox_sip_rack)

static void test_retry_after(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("18000;duration=3600"), ROW("18000;duration=3600"), 0},
      {ROW("120 (I'm in a meeting)"), ROW("120 (I'm in a meeting)"), 0},
      {ROW("60 ( a (b) \\) c ) ; x=y ; duration=0"), ROW("60 ( a (b) \\) c );duration=0;x=y"), 0},
      {ROW("5"), ROW("5"), 0},
      {ROW("0 (a\r\n b)"), ROW("0 (a b)"), 0},
      {ROW(""), REFUSED, 0},
      {ROW("x"), REFUSED, 0},
      {ROW("5 (a"), REFUSED, 2},
      {ROW("5 (a\\"), REFUSED, 2},
      {ROW("5 a)"), REFUSED, 2},
      {ROW("5 ()x"), REFUSED, 4},
      {ROW("5;"), REFUSED, 2},
      {ROW("5;duration=x"), REFUSED, 11},
      {ROW("5;duration=1;duration=2"), REFUSED, 22},
      {ROW("4294967296"), REFUSED, 0},
      {ROW("5 (\377)"), REFUSED, 2},
      {ROW("5 (a)(b)"), REFUSED, 5},
      {ROW("-1"), REFUSED, 0},
  };
  header_check_all(&stox_sip_retry_after_trial, rows, COUNT(rows));
}

static void test_timestamp(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("54"), ROW("54"), 0},
      {ROW("54.21"), ROW("54.21"), 0},
      {ROW("54. 0.5"), ROW("54. 0.5"), 0},
      {ROW("54.21 .5"), ROW("54.21 .5"), 0},
      {ROW(" 1 2 "), ROW("1 2"), 0},
      {ROW(""), REFUSED, 0},
      {ROW(".5"), REFUSED, 0},
      {ROW("x"), REFUSED, 0},
      {ROW("1 2 3"), REFUSED, 3},
      {ROW("1.2.3"), REFUSED, 3},
      {ROW("1;x"), REFUSED, 1},
  };
  header_check_all(&stox_sip_timestamp_trial, rows, COUNT(rows));
}

static void test_rack(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("776656 1 INVITE"), ROW("776656 1 INVITE"), 0},
      {ROW("1  314159\r\n INVITE"), ROW("1 314159 INVITE"), 0},
      {ROW("4294967295 2147483647 FOO"), ROW("4294967295 2147483647 FOO"), 0},
      {ROW("1 INVITE"), REFUSED, 2},
      {ROW("1 2"), REFUSED, 2},
      {ROW("1 2 "), REFUSED, 2},
      {ROW("4294967296 1 INVITE"), REFUSED, 0},
      {ROW("1 2147483648 INVITE"), REFUSED, 2},
      {ROW("1 1 IN VITE"), REFUSED, 2},
      {ROW("x 1 INVITE"), REFUSED, 0},
      {ROW(""), REFUSED, 0},
      {ROW("1"), REFUSED, 1},
  };
  header_check_all(&stox_sip_rack_trial, rows, COUNT(rows));
}

static void test_deep_comment(void **state) {
  (void)state;
  enum { DEPTH = 20000 };
  char *text = malloc(2 * DEPTH + 2);
  stox_sip_retry_after value;
  assert_non_null(text);
  memcpy(text, "1 ", 2);
  memset(text + 2, '(', DEPTH);
  memset(text + 2 + DEPTH, ')', DEPTH);
  assert_status(stox_sip_retry_after_parse(&value, (stox_span){text, 2 * DEPTH + 2}, NULL),
                STOX_OK);
  assert_int_equal(value.comment.n, 2 * DEPTH);
  assert_status(stox_sip_retry_after_parse(&value, (stox_span){text, 2 * DEPTH + 1}, NULL),
                STOX_E_BAD_HEADER);
  free(text);
}

static void test_dates(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int64_t seconds;
  } rows[] = {
      {ROW("Thu, 01 Jan 1970 00:00:00 GMT"), 0},
      {ROW("Wed, 31 Dec 1969 23:59:59 GMT"), -1},
      {ROW("Sat, 13 Nov 2010 23:29:00 GMT"), 1289690940},
      {ROW("Thu, 21 Feb 2002 13:02:03 GMT"), 1014296523},
      {ROW("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400},
      {ROW("Sat, 01 Jan 0000 00:00:00 GMT"), -62167219200},
      {ROW("Fri, 31 Dec 9999 23:59:59 GMT"), 253402300799},
      {ROW("Tue, 19 Jan 2038 03:14:08 GMT"), 2147483648},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    char room[64];
    int64_t seconds = 99;
    assert_status(stox_sip_date_parse(&seconds, g.span, NULL), STOX_OK);
    assert_true(seconds == rows[i].seconds);
    for (size_t cap = 0; cap <= g.span.n; cap++) {
      stox_buf out;
      memset(room, '#', sizeof room);
      stox_buf_init(&out, room, cap);
      assert_status(stox_sip_date_write(&out, seconds), cap < g.span.n ? STOX_E_NOBUF : STOX_OK);
      assert_int_equal(room[cap], '#');
    }
    assert_memory_equal(room, rows[i].text.p, rows[i].text.n);
    for (size_t n = 0; n < g.span.n; n++) {
      guard part = guard_copy(stox_span_slice(g.span, 0, n));
      stox_diag diag = {0};
      assert_status(stox_sip_date_parse(&seconds, part.span, &diag), STOX_E_BAD_HEADER);
      assert_int_equal(diag.offset, n);
      guard_free(&part);
    }
    guard_free(&g);
  }
}

static void test_bad_dates(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    size_t offset;
  } rows[] = {
      {ROW("sat, 13 Nov 2010 23:29:00 GMT"), 0},   {ROW("Sat, 13 NOV 2010 23:29:00 GMT"), 8},
      {ROW("Sat, 13 Nov 2010 23:29:00 UTC"), 26},  {ROW("Sat, 3 Nov 2010 23:29:00 GMT"), 6},
      {ROW("Sat, 31 Nov 2010 23:29:00 GMT"), 5},   {ROW("Sat, 00 Nov 2010 23:29:00 GMT"), 5},
      {ROW("Sat, 13 Nov 2010 24:00:00 GMT"), 5},   {ROW("Sat, 13 Nov 2010 23:60:00 GMT"), 5},
      {ROW("Sat, 13 Nov 2010 23:29:60 GMT"), 5},   {ROW("Thu, 29 Feb 1900 00:00:00 GMT"), 5},
      {ROW("Sat, 13 Nov 2010 23:29:00 GMT "), 29}, {ROW("Sat  13 Nov 2010 23:29:00 GMT"), 3},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_diag diag = {0};
    int64_t seconds = 0;
    assert_status(stox_sip_date_parse(&seconds, rows[i].text, &diag), STOX_E_BAD_HEADER);
    assert_int_equal(diag.offset, rows[i].offset);
  }
}

/* write and parse are each other's opposite, over all years and both sides of each day's border. */
static void test_all_days(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  for (int64_t at = -62167219200; at <= 253402300799; at += 86400 * 31 - 1) {
    int64_t seconds = 0;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_date_write(&out, at), STOX_OK);
    assert_status(stox_sip_date_parse(&seconds, stox_buf_span(&out), NULL), STOX_OK);
    assert_true(seconds == at);
  }
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_date_write(&out, -62167219201), STOX_E_ARG);
  assert_status(stox_sip_date_write(&out, 253402300800), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

static void test_members(void **state) {
  (void)state;
  stox_sip_retry_after retry;
  stox_sip_rack rack;
  stox_sip_timestamp stamp;
  assert_status(stox_sip_retry_after_parse(&retry, S("5 (a);duration=7;x"), NULL), STOX_OK);
  assert_int_equal(retry.delta.value, 5);
  assert_span_equal(retry.comment, S("(a)"));
  assert_int_equal(retry.duration.value, 7);
  assert_status(stox_sip_rack_parse(&rack, S("776656 1 INVITE"), NULL), STOX_OK);
  assert_int_equal(rack.rseq, 776656);
  assert_int_equal(rack.cseq.number, 1);
  assert_int_equal(rack.cseq.method_id, STOX_SIP_INVITE);
  assert_status(stox_sip_timestamp_parse(&stamp, S("54.21 0.5"), NULL), STOX_OK);
  assert_span_equal(stamp.stamp, S("54.21"));
  assert_span_equal(stamp.delay, S("0.5"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_after), cmocka_unit_test(test_timestamp),
      cmocka_unit_test(test_rack),        cmocka_unit_test(test_deep_comment),
      cmocka_unit_test(test_dates),       cmocka_unit_test(test_bad_dates),
      cmocka_unit_test(test_all_days),    cmocka_unit_test(test_members)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
