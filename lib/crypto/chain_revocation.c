/* SPDX-License-Identifier: MIT */
#include "crypto/chain_path.h"
#include "stox/ocsp.h"
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

/* What the response says that the peer stapled to a certificate: STOX_OK: not revoked; STOX_E_AUTH:
 * revoked; STOX_E_NONE: nothing; STOX_E_NOMEM; anything else: it is not satisfactory. */
static int ask_staple(const stox_path *path, size_t at) {
  const stox_chain_rules *rules = path->rules;
  const uint32_t flags =
      (rules->flags & STOX_CHAIN_ALLOW_WEAK) != 0 ? (uint32_t)STOX_OCSP_ALLOW_WEAK : 0;
  stox_ocsp answer = {.size = sizeof answer};
  for (size_t i = 0; i < path->chain_n && i < rules->staples_n; i++) {
    if (path->chain[i].p != path->der[at].p || rules->staples[i].n == 0) {
      continue;
    }
    const int status = stox_ocsp_check(&answer, rules->staples[i], path->der[at], path->der[at + 1],
                                       rules->wall_s, flags);
    if (status != STOX_OK) {
      return status == STOX_E_NOMEM ? status : STOX_E_BAD_TLS;
    }
    return answer.status == STOX_OCSP_GOOD      ? STOX_OK
           : answer.status == STOX_OCSP_REVOKED ? STOX_E_AUTH
                                                : STOX_E_NONE;
  }
  return STOX_E_NONE;
}

/* Every list of the issuer. */
static int ask_lists(const stox_path *path, size_t at, const stox_certificate *view) {
  const stox_anchors *anchors = path->rules->anchors;
  int status = STOX_E_NONE;
  for (size_t i = 0; i < anchors->crls_n; i++) {
    if (!stox_span_is_equal(anchors->crls[i].issuer, view->issuer)) {
      continue;
    }
    const int told = ask_list(path, at, &anchors->crls[i]);
    if (told == STOX_E_AUTH || told == STOX_E_NOMEM) {
      return told;
    }
    status = told == STOX_OK ? told : status;
  }
  return status;
}

static int ask_host(const stox_path *path, size_t at) {
  const stox_chain_rules *rules = path->rules;
  return rules->revoked == NULL ? STOX_E_NONE
                                : rules->revoked(rules->ud, path->der[at], path->der[at + 1]);
}

/* RFC 7633: who demands of himself to staple is not believed without. */
static int lacks_staple(const stox_path *path, size_t at, const stox_certificate *view, int told) {
  return at == 0 && told != STOX_OK && (path->rules->flags & STOX_CHAIN_STAPLE_ASKED) != 0 &&
         (view->features & STOX_FEATURE_STAPLE) != 0;
}

/* All three sources about one certificate. STOX_OK or STOX_E_NOMEM. */
static int ask(stox_path *path, size_t at) {
  stox_certificate view;
  if (stox_certificate_parse(&view, path->der[at]) != STOX_OK) {
    return STOX_OK;
  }
  const int stapled = ask_staple(path, at);
  const int listed = ask_lists(path, at, &view);
  if (stapled == STOX_E_NOMEM || listed == STOX_E_NOMEM) {
    return STOX_E_NOMEM;
  }
  const int told = ask_host(path, at);
  if (stapled == STOX_E_AUTH || listed == STOX_E_AUTH || told == STOX_E_AUTH) {
    path->reasons |= STOX_CHAIN_REVOKED;
    return STOX_OK;
  }
  path->reasons |= stapled == STOX_E_BAD_TLS ? STOX_CHAIN_BAD_STAPLE : 0;
  path->reasons |= lacks_staple(path, at, &view, stapled) ? STOX_CHAIN_NO_STAPLE : 0;
  path->is_waiting |= told == STOX_E_MORE;
  if (stapled != STOX_OK && listed != STOX_OK && told != STOX_OK && told != STOX_E_MORE &&
      path->rules->revocation == STOX_REVOCATION_REQUIRE) {
    path->reasons |= STOX_CHAIN_REVOCATION_UNKNOWN;
  }
  return STOX_OK;
}

int stox_path_revocation(stox_path *path) {
  if (!path->has_anchor) {
    return STOX_OK;
  }
  for (size_t at = 0; at + 1 < path->n; at++) {
    if (ask(path, at) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  return STOX_OK;
}
