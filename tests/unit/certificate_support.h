/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_CERTIFICATE_SUPPORT_H
#define STOX_TEST_CERTIFICATE_SUPPORT_H

#include "support.h"

#include "stox/certificate.h"

#include <gnutls/x509.h>

/* Certificates and keys made when a test runs; none lies in the tree. */

enum { CERTIFICATE_ROOM = 1 << 18, TEST_NOW = 1700000000, TEST_DAY = 86400 };

/* A name of subjectAltName; `kind` is STOX_IDENTITY_…, or minus the tag of another GeneralName. */
typedef struct test_name {
  int kind;
  stox_span value; /* IP: the octets */
} test_name;

typedef struct test_recipe {
  const char *cn; /* NULL: no common name */
  const test_name *names;
  size_t names_n; /* 0: no subjectAltName */
  int is_ca;
  int path_length;       /* CA: how many may follow; 0 here means no limit, -1 none */
  int64_t from;          /* days from TEST_NOW; 0: a day before */
  int64_t to;            /* 0: 90 days behind */
  const char *purpose;   /* OID of an extended key usage; NULL: no such extension */
  const char *critical;  /* OID of an unknown critical extension; NULL: none */
  int rsa_bits;          /* 0: P-256 */
  int digest;            /* GNUTLS_DIG_…; 0: SHA-256 */
  const char *permitted; /* CA: the only domain below which it may name; NULL: any */
  int no_identifier;     /* 1: it does not say by which key it is signed */
  const char *ocsp;      /* URI of its responder; NULL: none */
  const char *features;  /* DER of TLS features (RFC 7633), five octets; NULL: none */
} test_recipe;

typedef struct test_certificate {
  gnutls_x509_crt_t crt;
  gnutls_x509_privkey_t key;
  stox_span der;
  stox_span key_pem;
} test_certificate;

/* Signed by `issuer`, by itself where that is NULL; free with test_certificate_free(). */
void test_certificate_make(test_certificate *out, const test_recipe *recipe,
                           const test_certificate *issuer);
void test_certificate_free(test_certificate *c);

/* A CRL of `issuer` that revokes `revoked` (NULL: nothing), due `to` days from TEST_NOW; malloc. */
stox_span test_crl_make(const test_certificate *issuer, const test_certificate *revoked,
                        int64_t to);

/* PEM of a DER block; malloc. */
stox_span test_pem(stox_span der, const char *label);

/* subjectAltName's value as DER; `out` has CERTIFICATE_ROOM. */
size_t test_names_der(char *out, const test_name *names, size_t n);

#endif
