/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Call-Info, Error-Info, Alert-Info (RFC 3261), Reason (RFC 3326).
 */
#ifndef STOX_SIP_INFO_H
#define STOX_SIP_INFO_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of Call-Info, Error-Info or Alert-Info. */
typedef struct stox_sip_info {
  stox_span uri;     /**< with its angle brackets */
  stox_span purpose; /**< `icon`, `info`, `card` or another; absent: none */
  stox_span params;  /**< all parameters */
} stox_sip_info;

/**
 * Parses one value (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_info_parse(stox_sip_info *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_info_write(stox_buf *out, const stox_sip_info *value);

/** One value of Reason. */
typedef struct stox_sip_reason_header {
  stox_span protocol;    /**< `SIP`, `Q.850` or another */
  stox_sip_number cause; /**< the protocol's code */
  stox_span text;        /**< with its quotes */
  stox_span params;      /**< all parameters */
} stox_sip_reason_header;

/**
 * Parses one value (RFC 3326 2).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_reason_header_parse(stox_sip_reason_header *out, stox_span text,
                                          stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_reason_header_write(stox_buf *out, const stox_sip_reason_header *value);

STOX_END_DECLS

#endif
