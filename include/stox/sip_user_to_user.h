/* SPDX-License-Identifier: MIT */
/**
 * @file
 * User-to-User (RFC 7433).
 */
#ifndef STOX_SIP_USER_TO_USER_H
#define STOX_SIP_USER_TO_USER_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of User-to-User. */
typedef struct stox_sip_user_to_user {
  stox_span data;     /**< token, or quoted string with its quotes */
  stox_span purpose;  /**< package */
  stox_span content;  /**< content of the package */
  stox_span encoding; /**< `hex` or another */
  stox_span params;   /**< all parameters */
} stox_sip_user_to_user;

/**
 * Parses one value (RFC 7433 4.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_user_to_user_parse(stox_sip_user_to_user *out, stox_span text,
                                         stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_user_to_user_write(stox_buf *out, const stox_sip_user_to_user *value);

STOX_END_DECLS

#endif
