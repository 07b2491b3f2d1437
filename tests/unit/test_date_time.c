/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "writers.h"

#include "stox/date_time.h"

static int write_moment(stox_buf *out, const void *ud) {
  return stox_date_time_write(out, ud);
}

/* RFC 3339 5.8, and what stands at the edges. */
static void test_accepted(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    stox_date_time moment;
    stox_span written; /* absent: the text itself */
  } rows[] = {
      {ROW("1985-04-12T23:20:50.52Z"), {482196050, 520000000, 0, 0, 0}, {NULL, 0}},
      {ROW("1996-12-19T16:39:57-08:00"), {851042397, 0, -480, 0, 0}, {NULL, 0}},
      {ROW("1990-12-31T23:59:60Z"), {662688000, 0, 0, 0, 1}, {NULL, 0}},
      {ROW("1990-12-31T15:59:60-08:00"), {662688000, 0, -480, 0, 1}, {NULL, 0}},
      {ROW("1937-01-01T12:00:27.87+00:20"), {-1041337173, 870000000, 20, 0, 0}, {NULL, 0}},
      /* RFC 7701 5 prints a message of a room in local time. */
      {ROW("2008-10-15T15:02:31-03:00"), {1224093751, 0, -180, 0, 0}, {NULL, 0}},
      {ROW("2000-12-13T13:40:00-08:00"), {976743600, 0, -480, 0, 0}, {NULL, 0}},
      {ROW("1970-01-01T00:00:00Z"), {0, 0, 0, 0, 0}, {NULL, 0}},
      {ROW("1969-12-31T23:59:59Z"), {-1, 0, 0, 0, 0}, {NULL, 0}},
      {ROW("1970-01-01T00:00:00-00:00"), {0, 0, 0, 1, 0}, {NULL, 0}},
      {ROW("1970-01-01T00:00:00+00:00"), {0, 0, 0, 0, 0}, ROW("1970-01-01T00:00:00Z")},
      {ROW("1970-01-01t00:00:00z"), {0, 0, 0, 0, 0}, ROW("1970-01-01T00:00:00Z")},
      {ROW("2000-02-29T00:00:00Z"), {951782400, 0, 0, 0, 0}, {NULL, 0}},
      {ROW("2038-01-19T03:14:08Z"), {INT64_C(2147483648), 0, 0, 0, 0}, {NULL, 0}},
      {ROW("0000-01-01T00:00:00Z"), {INT64_C(-62167219200), 0, 0, 0, 0}, {NULL, 0}},
      {ROW("0000-01-01T00:00:00+23:59"), {INT64_C(-62167305540), 0, 1439, 0, 0}, {NULL, 0}},
      {ROW("9999-12-31T23:59:59.999999999-23:59"),
       {INT64_C(253402387139), 999999999, -1439, 0, 0},
       {NULL, 0}},
      {ROW("2020-01-01T00:00:00.000000001Z"), {1577836800, 1, 0, 0, 0}, {NULL, 0}},
      {ROW("2020-01-01T00:00:00.0000000019Z"),
       {1577836800, 1, 0, 0, 0},
       ROW("2020-01-01T00:00:00.000000001Z")},
      {ROW("2020-01-01T00:00:00.500Z"),
       {1577836800, 500000000, 0, 0, 0},
       ROW("2020-01-01T00:00:00.5Z")},
      {ROW("2020-01-01T00:00:00.000Z"), {1577836800, 0, 0, 0, 0}, ROW("2020-01-01T00:00:00Z")},
      {ROW("2016-12-31T23:59:60.5Z"), {1483228800, 500000000, 0, 0, 1}, {NULL, 0}},
      {ROW("2012-07-01T01:59:60+02:00"), {1341100800, 0, 120, 0, 1}, {NULL, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_date_time moment;
    stox_diag diag = {0};
    if (stox_date_time_parse(&moment, g.span, &diag) != STOX_OK) {
      fail_msg("row %zu at %zu: %s", i, diag.offset, diag.rule);
    }
    assert_int_equal(moment.seconds, rows[i].moment.seconds);
    assert_int_equal(moment.nanoseconds, rows[i].moment.nanoseconds);
    assert_int_equal(moment.offset, rows[i].moment.offset);
    assert_int_equal(moment.is_local_unknown, rows[i].moment.is_local_unknown);
    assert_int_equal(moment.is_leap, rows[i].moment.is_leap);
    check_writer(write_moment, &moment, rows[i].written.p == NULL ? rows[i].text : rows[i].written);
    guard_free(&g);
  }
}

static void test_refused(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    size_t offset;
  } rows[] = {
      {ROW(""), 0},
      {ROW("-001-01-01T00:00:00Z"), 0},
      {ROW("02020-01-01T00:00:00Z"), 4},
      {ROW("2020-01-01 00:00:00Z"), 10},
      {ROW("20200101T000000Z"), 4},
      {ROW("2020-00-01T00:00:00Z"), 5},
      {ROW("2020-13-01T00:00:00Z"), 5},
      {ROW("2020-01-00T00:00:00Z"), 8},
      {ROW("2020-01-32T00:00:00Z"), 8},
      {ROW("2021-02-29T00:00:00Z"), 8},
      {ROW("1900-02-29T00:00:00Z"), 8},
      {ROW("2020-01-01T24:00:00Z"), 11},
      {ROW("2020-01-01T00:60:00Z"), 14},
      {ROW("2020-01-01T00:00:61Z"), 17},
      {ROW("2020-01-01T00:00:60Z"), 17},
      {ROW("2020-01-01T23:59:60Z"), 17},
      {ROW("2016-12-31T23:59:60+01:00"), 17},
      {ROW("2020-01-01T00:00:00.Z"), 20},
      {ROW("2020-01-01T00:00:00,5Z"), 19},
      {ROW("2020-01-01T00:00:00"), 19},
      {ROW("2020-01-01T00:00:00Z "), 19},
      {ROW("2020-01-01T00:00:00+0100"), 19},
      {ROW("2020-01-01T00:00:00+24:00"), 19},
      {ROW("2020-01-01T00:00:00+01:60"), 19},
      {ROW("2020-01-01T00:00:00 01:00"), 19},
      {ROW("2020-01-01T00:00Z"), 16},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_date_time moment;
    stox_diag diag = {0};
    assert_status(stox_date_time_parse(&moment, g.span, &diag), STOX_E_SYNTAX);
    assert_int_equal(diag.code, STOX_E_SYNTAX);
    if (diag.offset != rows[i].offset) {
      fail_msg("row %zu at %zu: %s", i, diag.offset, diag.rule);
    }
    assert_status(stox_date_time_parse(&moment, g.span, NULL), STOX_E_SYNTAX);
    guard_free(&g);
  }
}

static void test_every_truncation(void **state) {
  (void)state;
  static const char text[] = "1937-01-01T12:00:27.87+00:20";
  for (size_t n = 0; n < sizeof text; n++) {
    guard g = guard_copy((stox_span){text, n});
    stox_date_time moment;
    stox_diag diag = {0};
    const int status = stox_date_time_parse(&moment, g.span, &diag);
    assert_status(status, n == sizeof text - 1 ? STOX_OK : STOX_E_SYNTAX);
    assert_true(diag.offset <= n);
    guard_free(&g);
  }
}

static void test_not_written(void **state) {
  (void)state;
  static const stox_date_time rows[] = {
      {0, 1000000000, 0, 0, 0},
      {0, 0, 1440, 0, 0},
      {0, 0, -1440, 0, 0},
      {0, 0, 1, 1, 0},
      {1, 0, 0, 0, 1},
      {86400, 0, 0, 0, 1},
      {INT64_C(-62167219201), 0, 0, 0, 0},
      {INT64_C(253402300800), 0, 0, 0, 0},
      {INT64_C(253402300799), 0, 1, 0, 0},
      {INT64_MIN, 0, -1, 0, 0},
      {INT64_MAX, 0, 1, 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[64];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_date_time_write(&out, &rows[i]), STOX_E_ARG);
    assert_int_equal(out.len, 0);
  }
}

/* Each day of 400 years and more comes back; one moment in each. */
static void test_identity(void **state) {
  (void)state;
  uint64_t seed = 3339;
  for (int64_t day = -800000; day < 2900000; day += 97) {
    char room[64];
    stox_buf out;
    stox_date_time moment;
    const stox_date_time want = {
        .seconds = day * 86400 + (int64_t)(test_random(&seed) % 86400),
        .nanoseconds = (uint32_t)(test_random(&seed) % 1000000000),
        .offset = (int32_t)(test_random(&seed) % 2879) - 1439,
    };
    stox_buf_init(&out, room, sizeof room);
    const int status = stox_date_time_write(&out, &want);
    if (status == STOX_E_ARG) {
      assert_true(day < -719500 || day > 2932800);
      continue;
    }
    assert_status(status, STOX_OK);
    assert_status(stox_date_time_parse(&moment, stox_buf_span(&out), NULL), STOX_OK);
    assert_memory_equal(&moment, &want, sizeof want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accepted),         cmocka_unit_test(test_refused),
      cmocka_unit_test(test_every_truncation), cmocka_unit_test(test_not_written),
      cmocka_unit_test(test_identity),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
