/* SPDX-License-Identifier: MIT */
#include "crypto/chain_path.h"

#include "stox/status.h"

#include <string.h>

/* Anchors of one name that are tried for one certificate. */
enum { SAME_NAME_MAX = 8 };

unsigned stox_path_flags(const stox_chain_rules *rules) {
  const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                         GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS |
                         GNUTLS_VERIFY_DISABLE_CRL_CHECKS;
  if ((rules->flags & STOX_CHAIN_ALLOW_WEAK) != 0) {
    return flags | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 |
           GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_VERY_WEAK);
  }
  return flags | GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM);
}

int stox_path_is_pinned(const stox_chain_rules *rules, const stox_certificate *certificate) {
  unsigned char pin[STOX_PIN_SIZE];
  if (rules->pins.n == 0 || stox_certificate_pin(pin, certificate) != STOX_OK) {
    return 0;
  }
  for (size_t at = 0; at + sizeof pin <= rules->pins.n; at += sizeof pin) {
    if (memcmp(rules->pins.p + at, pin, sizeof pin) == 0) {
      return 1;
    }
  }
  return 0;
}

/* STOX_OK, STOX_E_SYNTAX or STOX_E_NOMEM. */
static int import(gnutls_x509_crt_t *out, stox_span der) {
  const gnutls_datum_t datum = {(unsigned char *)(uintptr_t)der.p, (unsigned)der.n};
  if (gnutls_x509_crt_init(out) != GNUTLS_E_SUCCESS) {
    return STOX_E_NOMEM;
  }
  const int code = gnutls_x509_crt_import(*out, &datum, GNUTLS_X509_FMT_DER);
  if (code == GNUTLS_E_SUCCESS) {
    return STOX_OK;
  }
  gnutls_x509_crt_deinit(*out);
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_SYNTAX;
}

/* Notes what one certificate shows by itself. */
static void look_at(stox_path *path, const stox_certificate *certificate) {
  const int64_t now = path->rules->wall_s;
  path->reasons |= now < certificate->not_before ? STOX_CHAIN_NOT_YET : 0;
  path->reasons |= now > certificate->not_after ? STOX_CHAIN_EXPIRED : 0;
  path->reasons |= certificate->unknown_critical > 0 ? STOX_CHAIN_UNKNOWN_CRITICAL : 0;
  path->has_pin |= stox_path_is_pinned(path->rules, certificate);
}

static int push(stox_path *path, const stox_certificate *certificate) {
  gnutls_x509_crt_t crt;
  const int status = import(&crt, certificate->der);
  if (status == STOX_OK) {
    look_at(path, certificate);
    path->der[path->n] = certificate->der;
    path->crt[path->n++] = crt;
  }
  return status;
}

/* 1 if names and key identifiers fit and, where it is asked for, the signature; 0; STOX_E_NOMEM. */
static int may_issue(const stox_path *path, const stox_certificate *anchor, int with_signature) {
  gnutls_x509_crt_t last = path->crt[path->n - 1];
  gnutls_x509_crt_t crt;
  unsigned found = 0;
  const int status = import(&crt, anchor->der);
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? status : 0;
  }
  int may = gnutls_x509_crt_check_issuer(last, crt) == 1;
  if (may && with_signature) {
    const int code = gnutls_x509_crt_list_verify(&last, 1, &crt, 1, NULL, 0,
                                                 stox_path_flags(path->rules), &found);
    may = code == GNUTLS_E_SUCCESS &&
          (found & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)) == 0;
  }
  gnutls_x509_crt_deinit(crt);
  return may;
}

/* Appends the anchor that issued the last certificate. The signature, which the check of the whole
 * path looks at anyway, decides only between several. STOX_OK; STOX_E_NONE; STOX_E_NOMEM. */
static int push_anchor(stox_path *path, const stox_certificate *last) {
  const stox_anchors *anchors = path->rules->anchors;
  const stox_certificate *found = NULL;
  size_t tried = 0;
  for (size_t i = 0; i < anchors->certificates_n && tried < SAME_NAME_MAX; i++) {
    const stox_certificate *anchor = &anchors->certificates[i];
    if (!stox_span_is_equal(anchor->subject, last->issuer)) {
      continue;
    }
    tried++;
    int may = may_issue(path, anchor, 0);
    if (may == 1 && found != NULL) {
      may = may_issue(path, found, 1);
      may = may == STOX_E_NOMEM ? may : !may;
    }
    if (may == STOX_E_NOMEM) {
      return may;
    }
    found = may ? anchor : found;
  }
  return found == NULL ? STOX_E_NONE : push(path, found);
}

static int is_anchor(const stox_anchors *anchors, stox_span der) {
  for (size_t i = 0; anchors != NULL && i < anchors->certificates_n; i++) {
    if (stox_span_is_equal(anchors->certificates[i].der, der)) {
      return 1;
    }
  }
  return 0;
}

/* Appends the unused certificate of the peer's that issued the last one. */
static int push_next(stox_path *path, stox_certificate *last, const stox_span *chain, size_t n,
                     uint32_t *used) {
  for (size_t i = 0; i < n; i++) {
    stox_certificate next;
    if ((*used & UINT32_C(1) << i) != 0 || stox_certificate_parse(&next, chain[i]) != STOX_OK ||
        !stox_span_is_equal(next.subject, last->issuer) ||
        stox_span_is_equal(next.der, last->der)) {
      continue;
    }
    *used |= UINT32_C(1) << i;
    const int status = push(path, &next);
    if (status == STOX_E_SYNTAX) {
      continue;
    }
    if (status != STOX_OK ||
        gnutls_x509_crt_check_issuer(path->crt[path->n - 2], path->crt[path->n - 1]) == 1) {
      *last = next;
      return status;
    }
    gnutls_x509_crt_deinit(path->crt[--path->n]);
  }
  return STOX_E_NONE;
}

/* One step up. STOX_OK: go on; STOX_E_NONE: it ends here; STOX_E_NOMEM. */
static int step(stox_path *path, stox_certificate *last, const stox_span *chain, size_t n,
                uint32_t *used) {
  if (is_anchor(path->rules->anchors, last->der)) {
    path->has_anchor = 1;
    return STOX_E_NONE;
  }
  int status = path->rules->anchors == NULL ? STOX_E_NONE : push_anchor(path, last);
  if (status == STOX_OK) {
    path->has_anchor = 1;
    return STOX_E_NONE;
  }
  if (status == STOX_E_NOMEM) {
    return status;
  }
  if (path->n == path->rules->depth) {
    path->reasons |= STOX_CHAIN_TOO_LONG;
    return STOX_E_NONE;
  }
  status = push_next(path, last, chain, n, used);
  if (status == STOX_E_NONE) {
    const int by_itself = path->n == 1 && stox_span_is_equal(last->issuer, last->subject);
    path->reasons |= by_itself ? STOX_CHAIN_SELF_SIGNED : STOX_CHAIN_UNKNOWN_ISSUER;
  }
  return status;
}

int stox_path_find(stox_path *path, const stox_span *chain, size_t n) {
  stox_certificate last;
  uint32_t used = 1;
  int status = stox_certificate_parse(&last, chain[0]);
  if (status == STOX_OK) {
    status = push(path, &last);
  }
  if (status != STOX_OK) {
    path->reasons |= status == STOX_E_NOMEM ? 0 : STOX_CHAIN_MALFORMED;
    return status == STOX_E_NOMEM ? status : STOX_OK;
  }
  do {
    status = step(path, &last, chain, n, &used);
  } while (status == STOX_OK);
  return status == STOX_E_NOMEM ? status : STOX_OK;
}

int stox_path_check(stox_path *path) {
  static const struct {
    unsigned found;
    uint32_t reason;
  } rows[] = {
      {GNUTLS_CERT_SIGNATURE_FAILURE, STOX_CHAIN_BAD_SIGNATURE},
      {GNUTLS_CERT_SIGNER_NOT_FOUND, STOX_CHAIN_UNKNOWN_ISSUER},
      {GNUTLS_CERT_SIGNER_NOT_CA, STOX_CHAIN_NOT_CA},
      {GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, STOX_CHAIN_CONSTRAINTS},
      {GNUTLS_CERT_INSECURE_ALGORITHM, STOX_CHAIN_WEAK},
      {GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, STOX_CHAIN_UNKNOWN_CRITICAL},
  };
  unsigned found = 0;
  /* An anchor that is the peer's own certificate is trusted as it is. */
  if (!path->has_anchor || path->n < 2) {
    return STOX_OK;
  }
  const int code =
      gnutls_x509_crt_list_verify(path->crt, (unsigned)path->n - 1, &path->crt[path->n - 1], 1,
                                  NULL, 0, stox_path_flags(path->rules), &found);
  if (code == GNUTLS_E_MEMORY_ERROR) {
    return STOX_E_NOMEM;
  }
  uint32_t reasons = 0;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    reasons |= (found & rows[i].found) != 0 ? rows[i].reason : 0;
  }
  /* GnuTLS may find more reasons to refuse than have a name here. */
  if (reasons == 0 && (code != GNUTLS_E_SUCCESS || found != 0)) {
    reasons = STOX_CHAIN_CONSTRAINTS;
  }
  path->reasons |= reasons;
  return STOX_OK;
}

void stox_path_clear(stox_path *path) {
  while (path->n > 0) {
    gnutls_x509_crt_deinit(path->crt[--path->n]);
  }
}
