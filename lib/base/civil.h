/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_CIVIL_H
#define STOX_BASE_CIVIL_H

#include "stox/api.h"
#include "stox/buf.h"

/* The proleptic Gregorian calendar of the years 0 … 9999; days count from 1970-01-01. */

enum { STOX_YEAR_MOST = 9999, STOX_DAY_SECONDS = 86400 };

typedef struct stox_civil {
  int64_t year;
  int month; /* 0 … 11 */
  int day;   /* 1 … 31 */
} stox_civil;

/* Days of a month. */
int stox_civil_month(int64_t year, int month);

/* The day of a date that exists. */
int64_t stox_civil_days(const stox_civil *date);

/* The date of a day. 1: it lies in the years 0 … 9999. */
int stox_civil_date(stox_civil *out, int64_t days);

/* Appends digits of a number: all below ten times `unit`, with leading zeros. */
void stox_put_digits(stox_buf *out, int64_t number, int64_t unit);

#endif
