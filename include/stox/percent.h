/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Percent coding (RFC 3986 2.1) against named character sets.
 */
#ifndef STOX_PERCENT_H
#define STOX_PERCENT_H

#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** Sets of octets that stay as they are; letters and digits are in each. */
enum {
  STOX_PERCENT_SIP_USER = 0,   /**< RFC 3261 25.1 user; RFC 7247 Table 1, SIP/SIPS */
  STOX_PERCENT_IM_SAFE = 1,    /**< dot-atom characters that are safe in a URI: `!$&'*+-/=_~` */
  STOX_PERCENT_IM_RFC = 2,     /**< RFC 7247 Table 1, IM/PRES, as printed */
  STOX_PERCENT_PARAM = 3,      /**< RFC 3261 25.1 paramchar (URI parameter names and values) */
  STOX_PERCENT_HEADER = 4,     /**< RFC 3261 25.1 hnv-unreserved / unreserved (URI headers) */
  STOX_PERCENT_UNRESERVED = 5, /**< RFC 3986 2.3 unreserved */
  STOX_PERCENT_PASSWORD = 6    /**< RFC 3261 25.1 password */
};

/** @return 1 if `octet` is in the set of that name, else 0 */
STOX_API int stox_percent_is_kept(int set, unsigned char octet);

/**
 * Appends `text` with every octet outside the set as `%HH` (upper case).
 * @retval STOX_OK appended
 * @retval STOX_E_ARG no such set
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_percent_encode(stox_buf *out, stox_span text, int set);

/**
 * Appends `text` with every `%HH` as the octet it stands for.
 * @param out the buffer
 * @param text what is encoded
 * @param[out] diag offset of a bad `%`; may be NULL
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_PCT `%` without two hexadecimal digits; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_percent_decode(stox_buf *out, stox_span text, stox_diag *diag);

STOX_END_DECLS

#endif
