/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Times: Date, Timestamp, Retry-After (RFC 3261), RAck (RFC 3262). Headers that are one number
 * (RSeq, Expires, Flow-Timer, Max-Breadth) are for stox_sip_get_number().
 */
#ifndef STOX_SIP_TIME_H
#define STOX_SIP_TIME_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Retry-After. */
typedef struct stox_sip_retry_after {
  stox_sip_number delta;    /**< seconds */
  stox_span comment;        /**< with its parentheses; absent: none */
  stox_sip_number duration; /**< seconds */
  stox_span params;         /**< all parameters */
} stox_sip_retry_after;

/**
 * Parses one value (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_retry_after_parse(stox_sip_retry_after *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_retry_after_write(stox_buf *out, const stox_sip_retry_after *value);

/**
 * Parses Date (RFC 3261 25.1 SIP-date; case counts). The name of the day is not held against the
 * date.
 * @param[out] out seconds since 1970-01-01 00:00:00 UTC, negative before
 * @param text the value, trimmed
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed, or no such day or time
 */
STOX_API int stox_sip_date_parse(int64_t *out, stox_span text, stox_diag *diag);

/** Appends a date of the years 0 … 9999; STOX_OK, STOX_E_NOBUF, STOX_E_ARG. */
STOX_API int stox_sip_date_write(stox_buf *out, int64_t seconds);

/** Timestamp. */
typedef struct stox_sip_timestamp {
  stox_span stamp; /**< digits, perhaps with a fraction */
  stox_span delay; /**< the same; absent: none */
} stox_sip_timestamp;

/**
 * Parses Timestamp (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_timestamp_parse(stox_sip_timestamp *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_timestamp_write(stox_buf *out, const stox_sip_timestamp *value);

/** RAck. */
typedef struct stox_sip_rack {
  uint32_t rseq;      /**< RSeq of the response */
  uint32_t spare;     /**< 0 */
  stox_sip_cseq cseq; /**< CSeq of the response */
} stox_sip_rack;

/**
 * Parses RAck (RFC 3262 10).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_rack_parse(stox_sip_rack *out, stox_span text, stox_diag *diag);

/** Appends a value, `method_id` not looked at; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what
 * would not parse. */
STOX_API int stox_sip_rack_write(stox_buf *out, const stox_sip_rack *value);

STOX_END_DECLS

#endif
