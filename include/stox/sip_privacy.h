/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Privacy (RFC 3323, RFC 3325, RFC 7044).
 */
#ifndef STOX_SIP_PRIVACY_H
#define STOX_SIP_PRIVACY_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Kinds of privacy, as bits. */
enum {
  STOX_SIP_PRIVACY_HEADER = 1 << 0,
  STOX_SIP_PRIVACY_SESSION = 1 << 1,
  STOX_SIP_PRIVACY_USER = 1 << 2,
  STOX_SIP_PRIVACY_NONE = 1 << 3,
  STOX_SIP_PRIVACY_CRITICAL = 1 << 4,
  STOX_SIP_PRIVACY_ID = 1 << 5,      /**< RFC 3325 9.3 */
  STOX_SIP_PRIVACY_HISTORY = 1 << 6, /**< RFC 7044 10.1 */
  STOX_SIP_PRIVACY_OTHER = 1 << 7    /**< a token that is none of the above; never written */
};

/**
 * Parses Privacy (RFC 3323 4.2).
 * @param[out] out a set of STOX_SIP_PRIVACY_…
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_privacy_parse(uint32_t *out, stox_span text, stox_diag *diag);

/** Appends a set; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for an empty set or another bit. */
STOX_API int stox_sip_privacy_write(stox_buf *out, uint32_t set);

STOX_END_DECLS

#endif
