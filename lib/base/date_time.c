/* SPDX-License-Identifier: MIT */
#include "stox/date_time.h"

#include "base/chars.h"
#include "base/civil.h"
#include "stox/status.h"

enum { DATE_N = 19, ZONE_N = 6, OFFSET_MOST = 1439, NANO = 1000000000 };

static int refuse(stox_diag *diag, size_t offset, const char *rule) {
  return stox_diag_set(diag, STOX_E_SYNTAX, 400, offset, rule);
}

/* Where the text leaves a form: `0` is a digit, `T` has no case, all else is itself. */
static size_t leave_form(stox_span text, const char *form, size_t n) {
  size_t i = 0;
  while (i < n && i < text.n) {
    const char c = text.p[i];
    const int is_good = form[i] == '0'   ? stox_char_is(c, STOX_CHAR_DIGIT)
                        : form[i] == 'T' ? c == 'T' || c == 't'
                                         : c == form[i];
    if (!is_good) {
      break;
    }
    i++;
  }
  return i;
}

/* Digits that are known to be there. */
static int number_at(stox_span text, size_t at, size_t n) {
  int number = 0;
  for (size_t i = at; i < at + n; i++) {
    number = number * 10 + (text.p[i] - '0');
  }
  return number;
}

/* [ "." 1*DIGIT ]; moves `at` behind it. */
static int parse_fraction(uint32_t *out, stox_span text, size_t *at) {
  uint32_t unit = NANO / 10;
  *out = 0;
  if (*at >= text.n || text.p[*at] != '.') {
    return 1;
  }
  const size_t from = ++*at;
  for (; *at < text.n && stox_char_is(text.p[*at], STOX_CHAR_DIGIT); ++*at) {
    *out += unit * (uint32_t)(text.p[*at] - '0');
    unit /= 10;
  }
  return *at > from;
}

/* "Z" / ( "+" / "-" ) time-hour ":" time-minute, to the end of the text. */
static int parse_zone(stox_date_time *out, stox_span zone) {
  static const char form[] = "00:00";
  if (zone.n == 1 && (zone.p[0] == 'Z' || zone.p[0] == 'z')) {
    return 1;
  }
  if (zone.n != ZONE_N || (zone.p[0] != '+' && zone.p[0] != '-') ||
      leave_form(stox_span_slice(zone, 1, ZONE_N), form, ZONE_N - 1) < ZONE_N - 1) {
    return 0;
  }
  const int hours = number_at(zone, 1, 2);
  const int minutes = number_at(zone, 4, 2);
  const int offset = hours * 60 + minutes;
  out->offset = zone.p[0] == '-' ? -offset : offset;
  out->is_local_unknown = zone.p[0] == '-' && offset == 0;
  return hours < 24 && minutes < 60;
}

static int is_leap_place(int64_t seconds) {
  stox_civil date;
  return seconds % STOX_DAY_SECONDS == 0 && stox_civil_date(&date, seconds / STOX_DAY_SECONDS) &&
         date.day == 1;
}

/* Date and time of day; the fields that are wrong, by offset, or DATE_N. */
static size_t parse_local(int64_t *seconds, stox_span text) {
  stox_civil date = {number_at(text, 0, 4), number_at(text, 5, 2) - 1, number_at(text, 8, 2)};
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  if (date.month < 0 || date.month > 11) {
    return 5;
  }
  if (date.day < 1 || date.day > stox_civil_month(date.year, date.month)) {
    return 8;
  }
  if (hour > 23) {
    return 11;
  }
  if (minute > 59) {
    return 14;
  }
  *seconds = stox_civil_days(&date) * STOX_DAY_SECONDS + hour * 3600 + minute * 60 + second;
  return second > 60 ? 17 : DATE_N;
}

int stox_date_time_parse(stox_date_time *out, stox_span text, stox_diag *diag) {
  static const char form[] = "0000-00-00T00:00:00";
  stox_date_time moment = {.offset = 0};
  size_t at = leave_form(text, form, DATE_N);
  if (at < DATE_N) {
    return refuse(diag, at, "RFC3339-5.6 date-time");
  }
  at = parse_local(&moment.seconds, text);
  if (at < DATE_N) {
    return refuse(diag, at, "RFC3339-5.7 date-time");
  }
  if (!parse_fraction(&moment.nanoseconds, text, &at)) {
    return refuse(diag, at, "RFC3339-5.6 time-secfrac");
  }
  if (!parse_zone(&moment, stox_span_slice(text, at, text.n))) {
    return refuse(diag, at, "RFC3339-5.6 time-offset");
  }
  moment.seconds -= (int64_t)moment.offset * 60;
  moment.is_leap = number_at(text, 17, 2) == 60;
  if (moment.is_leap && !is_leap_place(moment.seconds)) {
    return refuse(diag, 17, "RFC3339-5.7 time-second");
  }
  *out = moment;
  return STOX_OK;
}

static void put_fraction(stox_buf *out, uint32_t nanoseconds) {
  int64_t unit = NANO / 10;
  if (nanoseconds == 0) {
    return;
  }
  while (nanoseconds % 10 == 0) {
    nanoseconds /= 10;
    unit /= 10;
  }
  (void)stox_buf_put_octet(out, '.');
  stox_put_digits(out, nanoseconds, unit);
}

static void put_zone(stox_buf *out, const stox_date_time *moment) {
  if (moment->offset == 0 && !moment->is_local_unknown) {
    (void)stox_buf_put_octet(out, 'Z');
    return;
  }
  const int32_t offset = moment->offset < 0 ? -moment->offset : moment->offset;
  (void)stox_buf_put_octet(out, moment->offset < 0 || moment->is_local_unknown ? '-' : '+');
  stox_put_digits(out, offset / 60, 10);
  (void)stox_buf_put_octet(out, ':');
  stox_put_digits(out, offset % 60, 10);
}

static int is_written(const stox_date_time *moment) {
  const int has_offset = moment->offset != 0;
  return moment->nanoseconds < NANO && moment->offset >= -OFFSET_MOST &&
         moment->offset <= OFFSET_MOST && !(moment->is_local_unknown && has_offset) &&
         (!moment->is_leap || is_leap_place(moment->seconds));
}

int stox_date_time_write(stox_buf *out, const stox_date_time *moment) {
  /* Far above any year that can be written, so that no sum overflows. */
  const int64_t far = INT64_C(1) << 40;
  stox_civil date;
  if (!is_written(moment) || moment->seconds < -far || moment->seconds > far) {
    return STOX_E_ARG;
  }
  const int64_t local = moment->seconds + (int64_t)moment->offset * 60 - (moment->is_leap ? 1 : 0);
  const int64_t in_day = (local % STOX_DAY_SECONDS + STOX_DAY_SECONDS) % STOX_DAY_SECONDS;
  if (!stox_civil_date(&date, (local - in_day) / STOX_DAY_SECONDS)) {
    return STOX_E_ARG;
  }
  stox_put_digits(out, date.year, 1000);
  (void)stox_buf_put_octet(out, '-');
  stox_put_digits(out, date.month + 1, 10);
  (void)stox_buf_put_octet(out, '-');
  stox_put_digits(out, date.day, 10);
  (void)stox_buf_put_octet(out, 'T');
  stox_put_digits(out, in_day / 3600, 10);
  (void)stox_buf_put_octet(out, ':');
  stox_put_digits(out, in_day / 60 % 60, 10);
  (void)stox_buf_put_octet(out, ':');
  stox_put_digits(out, in_day % 60 + (moment->is_leap ? 1 : 0), 10);
  put_fraction(out, moment->nanoseconds);
  put_zone(out, moment);
  return stox_buf_status(out);
}
