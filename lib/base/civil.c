/* SPDX-License-Identifier: MIT */
#include "base/civil.h"

static const int64_t epoch = 719528; /* days_before(1970) */

/* Days from year 0 to the first of January. */
static int64_t days_before(int64_t year) {
  return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

static int is_leap(int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int stox_civil_month(int64_t year, int month) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 1 && is_leap(year) ? 29 : lengths[month];
}

int64_t stox_civil_days(const stox_civil *date) {
  int64_t sum = days_before(date->year) + date->day - 1 - epoch;
  for (int month = 0; month < date->month; month++) {
    sum += stox_civil_month(date->year, month);
  }
  return sum;
}

int stox_civil_date(stox_civil *out, int64_t days) {
  if (days < -epoch || days >= days_before(STOX_YEAR_MOST + 1) - epoch) {
    return 0;
  }
  int64_t left = days + epoch;
  int64_t year = left / 366;
  int month = 0;
  while (days_before(year + 1) <= left) {
    year++;
  }
  for (left -= days_before(year); left >= stox_civil_month(year, month); month++) {
    left -= stox_civil_month(year, month);
  }
  *out = (stox_civil){year, month, (int)left + 1};
  return 1;
}

void stox_put_digits(stox_buf *out, int64_t number, int64_t unit) {
  for (; unit > 0; unit /= 10) {
    (void)stox_buf_put_octet(out, (char)('0' + number / unit % 10));
  }
}
