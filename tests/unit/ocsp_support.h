/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_OCSP_SUPPORT_H
#define STOX_TEST_OCSP_SUPPORT_H

#include "certificate_support.h"

#include "stox/ocsp.h"

/* What a response says; all zero: not revoked, by SHA-1, signed by the issuer, who is named, from
 * an hour before TEST_NOW for a week. */
typedef struct test_response {
  int failure;     /* OCSPResponseStatus; not 0: nothing else is in it */
  int status;      /* STOX_OCSP_… */
  int reason;      /* of the revocation; 0: not said */
  int64_t from;    /* seconds from TEST_NOW; 0: an hour before */
  int64_t to;      /* seconds from TEST_NOW; 0: seven days; INT64_MIN: not said */
  int by_key;      /* 1: the responder is named by its key */
  int with_signer; /* 1: it carries the signer's certificate */
  int sha256;      /* 1: certificates are named by SHA-256 */
  int single_critical;
  int whole_critical;
  int digest;                     /* GNUTLS_DIG_… of the signature; 0: SHA-256 */
  const test_certificate *signer; /* NULL: the issuer */
  const test_certificate *first;  /* another certificate that it tells of first; NULL: none */
} test_response;

/* The DER of a response about a certificate; malloc. */
stox_span test_response_make(const test_response *r, const test_certificate *about,
                             const test_certificate *issuer);

#endif
