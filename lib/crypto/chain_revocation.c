/* SPDX-License-Identifier: MIT */
#include "crypto/chain_path.h"
#include "stox/status.h"

/* A list with a critical extension is about a part of the issuer's certificates (RFC 5280 5.2.5).
 */
static int has_critical(gnutls_x509_crl_t crl) {
  for (unsigned i = 0;; i++) {
    char oid[128];
    size_t n = sizeof oid;
    unsigned critical = 0;
    const int code = gnutls_x509_crl_get_extension_info(crl, i, oid, &n, &critical);
    if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
      return 0;
    }
    if (code < 0 || critical != 0) {
      return 1;
    }
  }
}

/* GnuTLS holds lists against its own clock whatever the flags say; here the caller's counts. */
static int is_signed(const stox_path *path, gnutls_x509_crl_t crl, gnutls_x509_crt_t issuer) {
  const unsigned clock =
      GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
  unsigned found = 0;
  if (gnutls_x509_crl_verify(crl, &issuer, 1, stox_path_flags(path->rules), &found) !=
      GNUTLS_E_SUCCESS) {
    return 0;
  }
  return found == 0 || ((found & clock) != 0 && (found & ~(clock | GNUTLS_CERT_INVALID)) == 0);
}

/* What one list says: STOX_OK: not revoked; STOX_E_AUTH: revoked; STOX_E_NONE: nothing. */
static int ask_imported(const stox_path *path, size_t at, gnutls_x509_crl_t crl,
                        const stox_crl *view) {
  if (!is_signed(path, crl, path->crt[at + 1]) || has_critical(crl)) {
    return STOX_E_NONE;
  }
  /* What was revoked once stays so, however old the list. */
  if (gnutls_x509_crt_check_revocation(path->crt[at], &crl, 1) != 0) {
    return STOX_E_AUTH;
  }
  const int64_t now = path->rules->wall_s;
  return now >= view->this_update && now <= view->next_update ? STOX_OK : STOX_E_NONE;
}

static int ask_list(const stox_path *path, size_t at, const stox_crl *view) {
  const gnutls_datum_t datum = {(unsigned char *)(uintptr_t)view->der.p, (unsigned)view->der.n};
  gnutls_x509_crl_t crl;
  if (gnutls_x509_crl_init(&crl) != GNUTLS_E_SUCCESS) {
    return STOX_E_NOMEM;
  }
  const int code = gnutls_x509_crl_import(crl, &datum, GNUTLS_X509_FMT_DER);
  int status = code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_NONE;
  if (code == GNUTLS_E_SUCCESS) {
    status = ask_imported(path, at, crl, view);
  }
  gnutls_x509_crl_deinit(crl);
  return status;
}

/* The callback and every list of the issuer. */
static int ask(const stox_path *path, size_t at) {
  const stox_anchors *anchors = path->rules->anchors;
  stox_certificate view;
  int good = 0;
  if (path->rules->revoked != NULL) {
    const int told = path->rules->revoked(path->rules->ud, path->der[at], path->der[at + 1]);
    if (told == STOX_E_AUTH) {
      return told;
    }
    good = told == STOX_OK;
  }
  if (stox_certificate_parse(&view, path->der[at]) != STOX_OK) {
    return STOX_E_NONE;
  }
  for (size_t i = 0; i < anchors->crls_n; i++) {
    if (!stox_span_is_equal(anchors->crls[i].issuer, view.issuer)) {
      continue;
    }
    const int told = ask_list(path, at, &anchors->crls[i]);
    if (told == STOX_E_AUTH || told == STOX_E_NOMEM) {
      return told;
    }
    good |= told == STOX_OK;
  }
  return good ? STOX_OK : STOX_E_NONE;
}

int stox_path_revocation(stox_path *path) {
  if (!path->has_anchor) {
    return STOX_OK;
  }
  for (size_t at = 0; at + 1 < path->n; at++) {
    const int told = ask(path, at);
    if (told == STOX_E_NOMEM) {
      return told;
    }
    path->reasons |= told == STOX_E_AUTH ? STOX_CHAIN_REVOKED : 0;
    if (told == STOX_E_NONE && path->rules->revocation == STOX_REVOCATION_REQUIRE) {
      path->reasons |= STOX_CHAIN_REVOCATION_UNKNOWN;
    }
  }
  return STOX_OK;
}
