/* SPDX-License-Identifier: MIT */
/**
 * @file
 * X.509 certificates as views: parts, names of the holder, pins (RFC 5280); PEM (RFC 7468).
 *
 * Nothing here allocates, judges or trusts; stox_chain_verify() does that. A view lives as long as
 * the octets it was parsed from.
 */
#ifndef STOX_CERTIFICATE_H
#define STOX_CERTIFICATE_H

#include "stox/arena.h"
#include "stox/identity.h"

STOX_BEGIN_DECLS

/** What the extended key usage allows (RFC 5280 4.2.1.12); bits of `purposes`. */
enum {
  STOX_PURPOSE_ANY = 1,        /**< anyExtendedKeyUsage, or no such extension */
  STOX_PURPOSE_SERVER = 2,     /**< id-kp-serverAuth */
  STOX_PURPOSE_CLIENT = 4,     /**< id-kp-clientAuth */
  STOX_PURPOSE_SIP_DOMAIN = 8, /**< id-kp-sipDomain (RFC 5924) */
  STOX_PURPOSE_OTHER = 16,     /**< one that is not known here */
  STOX_PURPOSE_OCSP = 32       /**< id-kp-OCSPSigning (RFC 6960 4.2.2.2) */
};

/** TLS features that a certificate demands of its holder (RFC 7633); bits of `features`. */
enum {
  STOX_FEATURE_STAPLE = 1, /**< status_request: its holder staples an OCSP response */
  STOX_FEATURE_OTHER = 2   /**< one that is not known here */
};

/** Octets of a pin. */
enum { STOX_PIN_SIZE = 32 };

/** A certificate in parts, all views of `der`. */
typedef struct stox_certificate {
  stox_span der;             /**< the whole certificate */
  stox_span serial;          /**< content octets of the serial number */
  stox_span issuer;          /**< Name, DER */
  stox_span subject;         /**< Name, DER */
  stox_span public_key;      /**< SubjectPublicKeyInfo, DER */
  stox_span alternatives;    /**< GeneralNames of subjectAltName; absent: no such extension */
  int64_t not_before;        /**< first second of validity, since 1970 */
  int64_t not_after;         /**< last second of validity */
  uint32_t purposes;         /**< STOX_PURPOSE_… */
  uint32_t unknown_critical; /**< number of critical extensions that are not known here */
  uint32_t features;         /**< STOX_FEATURE_… */
  stox_span ocsp;            /**< URI of the first OCSP responder named; absent: none */
} stox_certificate;

/**
 * Splits a certificate.
 * @param[out] out views of `der`; untouched on failure
 * @param der one certificate, nothing behind it
 * @retval STOX_OK split
 * @retval STOX_E_SYNTAX not DER, or not a certificate
 * @retval STOX_E_BAD_VERSION extensions in a certificate that is not of version 3
 * @retval STOX_E_REPEATED an extension stands twice (RFC 5280 4.2)
 * @retval STOX_E_TOO_MANY above 64 extensions
 */
STOX_API int stox_certificate_parse(stox_certificate *out, stox_span der);

/**
 * Appends the identities that a certificate gives its holder, as stox_identity_put() writes them:
 * subjectAltName's, and the last common name if there is no subjectAltName at all.
 *
 * A name that cannot be one of its kind (a NUL or another control character, a wildcard that is not
 * the whole first label, octets above 0x7F in a DNS name, a URI that is neither sip nor sips) is
 * passed over and counted.
 * @param out the buffer
 * @param certificate a parsed certificate
 * @param[out] skipped names of these kinds that were passed over; may be NULL
 * @retval STOX_OK appended; there may be none
 * @retval STOX_E_SYNTAX subjectAltName is not DER; nothing appended
 * @retval STOX_E_TOO_MANY above 1,024 names; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_certificate_identities(stox_buf *out, const stox_certificate *certificate,
                                         uint32_t *skipped);

/**
 * The pin of a certificate: SHA-256 of its SubjectPublicKeyInfo (RFC 7469 2.4).
 * @param[out] out STOX_PIN_SIZE octets
 * @param certificate a parsed certificate
 * @retval STOX_OK made
 * @retval STOX_E_NOMEM GnuTLS has no memory
 * @retval STOX_E_UNSUPPORTED GnuTLS refuses SHA-256 by its own policy
 */
STOX_API int stox_certificate_pin(unsigned char *out, const stox_certificate *certificate);

/**
 * Finds the next block of PEM and decodes it; text between blocks is passed over.
 * @param[out] out the decoded octets, in `arena`
 * @param arena room for the block, twice
 * @param text PEM
 * @param label what the block holds, such as `CERTIFICATE` or `X509 CRL`; other blocks are passed
 * over
 * @param cursor 0 at first; moved by each call
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_SYNTAX a block without its end
 * @retval STOX_E_BAD_BASE64 a block that is not base64
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_pem_next(stox_span *out, stox_arena *arena, stox_span text, const char *label,
                           size_t *cursor);

STOX_END_DECLS

#endif
