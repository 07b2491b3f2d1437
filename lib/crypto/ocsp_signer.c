/* SPDX-License-Identifier: MIT */
#include "crypto/chain_path.h"
#include "crypto/der.h"
#include "crypto/ocsp.h"
#include "stox/hash.h"
#include "stox/status.h"

#include <gnutls/abstract.h>

#define SPAN(literal)                                                                              \
  { literal, sizeof(literal) - 1 }

/* Certificates of a response that are looked at. */
enum { DELEGATES_MAX = 8, SHA1_OCTETS = 20 };

static gnutls_datum_t datum_of(stox_span s) {
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.p, (unsigned)s.n};
}

/* GNUTLS_SIGN_UNKNOWN for one that is not known, or weak where that is not allowed. */
static gnutls_sign_algorithm_t algorithm_of(stox_span oid, uint32_t flags) {
  static const struct {
    stox_span oid;
    gnutls_sign_algorithm_t algorithm;
    int weak;
  } rows[] = {
      {SPAN("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B"), GNUTLS_SIGN_RSA_SHA256, 0},
      {SPAN("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C"), GNUTLS_SIGN_RSA_SHA384, 0},
      {SPAN("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D"), GNUTLS_SIGN_RSA_SHA512, 0},
      {SPAN("\x2A\x86\x48\xCE\x3D\x04\x03\x02"), GNUTLS_SIGN_ECDSA_SHA256, 0},
      {SPAN("\x2A\x86\x48\xCE\x3D\x04\x03\x03"), GNUTLS_SIGN_ECDSA_SHA384, 0},
      {SPAN("\x2A\x86\x48\xCE\x3D\x04\x03\x04"), GNUTLS_SIGN_ECDSA_SHA512, 0},
      {SPAN("\x2B\x65\x70"), GNUTLS_SIGN_EDDSA_ED25519, 0},
      {SPAN("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05"), GNUTLS_SIGN_RSA_SHA1, 1},
      {SPAN("\x2A\x86\x48\xCE\x3D\x04\x01"), GNUTLS_SIGN_ECDSA_SHA1, 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (stox_span_is_equal(rows[i].oid, oid) &&
        (!rows[i].weak || (flags & STOX_OCSP_ALLOW_WEAK) != 0)) {
      return rows[i].algorithm;
    }
  }
  return GNUTLS_SIGN_UNKNOWN;
}

/* STOX_OK, STOX_E_AUTH or STOX_E_NOMEM. */
static int check_signature(const stox_ocsp_parts *parts, const stox_certificate *signer,
                           gnutls_sign_algorithm_t algorithm, uint32_t flags) {
  const gnutls_datum_t spki = datum_of(signer->public_key);
  const gnutls_datum_t data = datum_of(parts->signed_part);
  const gnutls_datum_t signature = datum_of(parts->signature);
  const unsigned weak =
      (flags & STOX_OCSP_ALLOW_WEAK) != 0 ? (unsigned)GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 : 0U;
  gnutls_pubkey_t key;
  if (gnutls_pubkey_init(&key) != GNUTLS_E_SUCCESS) {
    return STOX_E_NOMEM;
  }
  int code = gnutls_pubkey_import(key, &spki, GNUTLS_X509_FMT_DER);
  if (code == GNUTLS_E_SUCCESS) {
    code = gnutls_pubkey_verify_data2(key, algorithm, weak, &data, &signature);
  }
  gnutls_pubkey_deinit(key);
  return code >= 0 ? STOX_OK : code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_AUTH;
}

/* 1 if this is the responder that the response names. */
static int is_named(const stox_ocsp_parts *parts, const stox_certificate *certificate) {
  unsigned char hash[SHA1_OCTETS];
  stox_span key;
  if (parts->responder_name.p != NULL) {
    return stox_span_is_equal(parts->responder_name, certificate->subject);
  }
  return stox_ocsp_key(&key, certificate) == STOX_OK &&
         stox_hash(STOX_HASH_SHA1, key, hash, sizeof hash) == STOX_OK &&
         stox_span_is_equal(parts->responder_key, (stox_span){(const char *)hash, sizeof hash});
}

static int import(gnutls_x509_crt_t *out, stox_span der) {
  const gnutls_datum_t datum = datum_of(der);
  if (gnutls_x509_crt_init(out) != GNUTLS_E_SUCCESS) {
    return STOX_E_NOMEM;
  }
  const int code = gnutls_x509_crt_import(*out, &datum, GNUTLS_X509_FMT_DER);
  if (code == GNUTLS_E_SUCCESS) {
    return STOX_OK;
  }
  gnutls_x509_crt_deinit(*out);
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_AUTH;
}

/* Whether the issuer signed its delegate's certificate. */
static int is_issued(const stox_certificate *delegate, const stox_certificate *issuer,
                     uint32_t flags) {
  const stox_chain_rules rules = {
      .flags = (flags & STOX_OCSP_ALLOW_WEAK) != 0 ? (uint32_t)STOX_CHAIN_ALLOW_WEAK : 0};
  gnutls_x509_crt_t below;
  gnutls_x509_crt_t above;
  unsigned found = 0;
  int status = import(&below, delegate->der);
  if (status != STOX_OK) {
    return status;
  }
  status = import(&above, issuer->der);
  if (status == STOX_OK) {
    const int code =
        gnutls_x509_crt_list_verify(&below, 1, &above, 1, NULL, 0, stox_path_flags(&rules), &found);
    status = code == GNUTLS_E_MEMORY_ERROR            ? STOX_E_NOMEM
             : code == GNUTLS_E_SUCCESS && found == 0 ? STOX_OK
                                                      : STOX_E_AUTH;
    gnutls_x509_crt_deinit(above);
  }
  gnutls_x509_crt_deinit(below);
  return status;
}

/* RFC 6960 4.2.2.2: issued by the very issuer, for this purpose and no other way of saying so. */
static int is_delegate(const stox_certificate *delegate, const stox_certificate *issuer,
                       int64_t wall_s, uint32_t flags) {
  if ((delegate->purposes & STOX_PURPOSE_OCSP) == 0 || delegate->unknown_critical > 0 ||
      wall_s < delegate->not_before || wall_s > delegate->not_after ||
      !stox_span_is_equal(delegate->issuer, issuer->subject)) {
    return STOX_E_AUTH;
  }
  return is_issued(delegate, issuer, flags);
}

int stox_ocsp_is_signed(const stox_ocsp_parts *parts, const stox_certificate *issuer,
                        int64_t wall_s, uint32_t flags) {
  const gnutls_sign_algorithm_t algorithm = algorithm_of(parts->algorithm, flags);
  stox_span list = parts->certificates;
  stox_certificate delegate;
  stox_span der;
  if (algorithm == GNUTLS_SIGN_UNKNOWN) {
    return STOX_E_UNSUPPORTED;
  }
  int status =
      is_named(parts, issuer) ? check_signature(parts, issuer, algorithm, flags) : STOX_E_AUTH;
  for (size_t n = 0; status == STOX_E_AUTH && list.n > 0 && n < DELEGATES_MAX; n++) {
    if (stox_der_take(NULL, &der, &list, STOX_DER_SEQUENCE) != STOX_OK) {
      return STOX_E_AUTH;
    }
    if (stox_certificate_parse(&delegate, der) != STOX_OK || !is_named(parts, &delegate)) {
      continue;
    }
    status = is_delegate(&delegate, issuer, wall_s, flags);
    if (status == STOX_OK) {
      status = check_signature(parts, &delegate, algorithm, flags);
    }
  }
  return status;
}
