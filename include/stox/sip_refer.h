/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Refer-To (RFC 3515, RFC 4508), Referred-By (RFC 3892), Refer-Sub (RFC 4488).
 */
#ifndef STOX_SIP_REFER_H
#define STOX_SIP_REFER_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Refer-To; its parameters may be feature tags. */
typedef struct stox_sip_refer_to {
  stox_name_addr address; /**< address and parameters */
} stox_sip_refer_to;

/**
 * Parses one value (RFC 3515 2.1, RFC 4508 3).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_refer_to_parse(stox_sip_refer_to *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_refer_to_write(stox_buf *out, const stox_sip_refer_to *value);

/** Referred-By. */
typedef struct stox_sip_referred_by {
  stox_name_addr referrer; /**< address and parameters */
  stox_span cid;           /**< Content-ID of the token's body part, with its quotes */
} stox_sip_referred_by;

/**
 * Parses one value (RFC 3892 3).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_referred_by_parse(stox_sip_referred_by *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_referred_by_write(stox_buf *out, const stox_sip_referred_by *value);

/** Refer-Sub. */
typedef struct stox_sip_refer_sub {
  stox_span value;  /**< `true` or `false`, without case */
  stox_span params; /**< all parameters */
} stox_sip_refer_sub;

/**
 * Parses one value (RFC 4488 4).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_refer_sub_parse(stox_sip_refer_sub *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_refer_sub_write(stox_buf *out, const stox_sip_refer_sub *value);

STOX_END_DECLS

#endif
