/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Security-Client, Security-Server, Security-Verify (RFC 3329).
 */
#ifndef STOX_SIP_SECURITY_H
#define STOX_SIP_SECURITY_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One security mechanism. */
typedef struct stox_sip_mechanism {
  stox_span name;    /**< `digest`, `tls`, `ipsec-ike` or another */
  stox_sip_number q; /**< preference */
  stox_span d_alg;   /**< digest algorithm */
  stox_span d_qop;   /**< digest quality of protection */
  stox_span d_ver;   /**< digest of the server's list, with its quotes */
  stox_span params;  /**< all parameters */
} stox_sip_mechanism;

/**
 * Parses one value (RFC 3329 2.2).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_mechanism_parse(stox_sip_mechanism *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_mechanism_write(stox_buf *out, const stox_sip_mechanism *value);

STOX_END_DECLS

#endif
