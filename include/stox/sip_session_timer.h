/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Session-Expires and Min-SE (RFC 4028).
 */
#ifndef STOX_SIP_SESSION_TIMER_H
#define STOX_SIP_SESSION_TIMER_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Session-Expires. */
typedef struct stox_sip_session_expires {
  stox_sip_number delta; /**< seconds */
  stox_span refresher;   /**< `uac` or `uas`; absent: none */
  stox_span params;      /**< all parameters */
} stox_sip_session_expires;

/**
 * Parses one value (RFC 4028 4).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_session_expires_parse(stox_sip_session_expires *out, stox_span text,
                                            stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_session_expires_write(stox_buf *out, const stox_sip_session_expires *value);

/** Min-SE. */
typedef struct stox_sip_min_se {
  stox_sip_number delta; /**< seconds */
  stox_span params;      /**< all parameters */
} stox_sip_min_se;

/**
 * Parses one value (RFC 4028 5).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_min_se_parse(stox_sip_min_se *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_min_se_write(stox_buf *out, const stox_sip_min_se *value);

STOX_END_DECLS

#endif
