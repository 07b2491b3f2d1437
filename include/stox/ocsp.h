/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Whether a certificate is revoked, as a responder says it: OCSP (RFC 6960), stapled to a handshake
 * (RFC 6066 8) or fetched by the host.
 *
 * The functions keep no state; response and time are arguments. Signatures are checked with GnuTLS.
 */
#ifndef STOX_OCSP_H
#define STOX_OCSP_H

#include "stox/certificate.h"

STOX_BEGIN_DECLS

/** What a responder says of a certificate. */
enum {
  STOX_OCSP_GOOD = 0,    /**< not revoked */
  STOX_OCSP_REVOKED = 1, /**< revoked, or on hold */
  STOX_OCSP_UNKNOWN = 2  /**< the responder does not know it */
};

/** Flags. */
enum {
  STOX_OCSP_ALLOW_WEAK = 1 /**< accept signatures with SHA-1 */
};

/** Seconds by which the clock of a responder may be ahead, and for which a response without
 * nextUpdate counts. */
enum { STOX_OCSP_SKEW = 300, STOX_OCSP_AGE = 86400 };

/** An answer. Set `size` first. */
typedef struct stox_ocsp {
  size_t size;         /**< sizeof of this struct in the caller's build */
  int status;          /**< STOX_OCSP_… */
  int reason;          /**< CRLReason of a revoked certificate (RFC 5280 5.3.1); -1: not said */
  int64_t this_update; /**< the answer was right at this time, seconds since 1970 */
  int64_t next_update; /**< there will be a new one by then; INT64_MIN: not said */
  int64_t revoked_at;  /**< when it was revoked; INT64_MIN: not revoked */
} stox_ocsp;

/**
 * Reads a response and checks who signed it: the issuer, or a delegate whose certificate the issuer
 * signed for that purpose (RFC 6960 4.2.2.2). Whether the delegate itself is revoked is not asked.
 * @param[in,out] out the answer; untouched unless it is signed by one who may speak
 * @param response DER of an OCSPResponse
 * @param certificate DER of the certificate that is asked about
 * @param issuer DER of the certificate that signed it
 * @param wall_s now, seconds since 1970
 * @param flags STOX_OCSP_ALLOW_WEAK or 0
 * @retval STOX_OK `out` says it; a certificate that is revoked stays so, however old the response
 * @retval STOX_E_TIMEOUT `out` was right once: it is outdated, or not in force yet
 * @retval STOX_E_NONE the responder gives an error, or tells of other certificates only
 * @retval STOX_E_AUTH signed by nobody who may speak for the issuer
 * @retval STOX_E_UNSUPPORTED a type of response, an algorithm or a critical extension that is not
 * known
 * @retval STOX_E_SYNTAX not DER, not a response, or not a certificate
 * @retval STOX_E_NOMEM GnuTLS has no memory
 * @retval STOX_E_ARG `out->size` cannot hold the member `size`
 */
STOX_API int stox_ocsp_check(stox_ocsp *out, stox_span response, stox_span certificate,
                             stox_span issuer, int64_t wall_s, uint32_t flags);

/**
 * Appends an OCSPRequest, to be sent to the responder that stox_certificate.ocsp names (RFC 6960
 * A): one certificate by SHA-1, which all responders know, without a nonce (RFC 5019 2.1).
 * @param[out] out the buffer
 * @param certificate DER of the certificate that is asked about
 * @param issuer DER of the certificate that signed it
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_SYNTAX one of them is no certificate; nothing appended
 * @retval STOX_E_NOMEM GnuTLS has no memory; nothing appended
 * @retval STOX_E_UNSUPPORTED GnuTLS refuses SHA-1 by its own policy; nothing appended
 */
STOX_API int stox_ocsp_request(stox_buf *out, stox_span certificate, stox_span issuer);

STOX_END_DECLS

#endif
