/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Timestamps of the Internet (RFC 3339): DateTime of message/cpim, `timestamp` of presence, stamps
 * of XMPP. The clock is the host's; nothing here knows a time zone or a locale.
 */
#ifndef STOX_DATE_TIME_H
#define STOX_DATE_TIME_H

#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** A moment, and how it is written. */
typedef struct stox_date_time {
  int64_t seconds; /**< since 1970-01-01 00:00:00 UTC, leap seconds not counted; negative before;
                        of a leap second those of the second behind it */
  uint32_t nanoseconds; /**< 0 … 999,999,999 */
  int32_t offset;       /**< of the local time from UTC, in minutes: -1439 … 1439 */
  int is_local_unknown; /**< 1: `-00:00`: the time is UTC's, the place is not known (RFC 3339 4.3)
                         */
  int is_leap;          /**< 1: the second 60 */
} stox_date_time;

/**
 * Parses `1937-01-01T12:00:27.87+00:20` (RFC 3339 5.6). `T` and `Z` may be small. Digits behind the
 * ninth of a fraction are checked and cut off.
 * @param[out] out the moment
 * @param text the text, whole
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_SYNTAX malformed, or no such day, time or offset; a second 60 stands only in the
 * last minute of a month in UTC (RFC 3339 5.7)
 */
STOX_API int stox_date_time_parse(stox_date_time *out, stox_span text, stox_diag *diag);

/**
 * Appends a moment, its fraction without the zeros at its end, `Z` for the offset 0.
 * @param out the buffer
 * @param moment the moment; its local time in the years 0 … 9999
 * @retval STOX_OK appended
 * @retval STOX_E_ARG it cannot be written; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_date_time_write(stox_buf *out, const stox_date_time *moment);

STOX_END_DECLS

#endif
