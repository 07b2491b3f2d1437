/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_CHAIN_PATH_H
#define STOX_CRYPTO_CHAIN_PATH_H

#include "crypto/anchors.h"

#include <gnutls/x509.h>

enum { STOX_CHAIN_MAX = 16, STOX_PATH_MAX = 10 };

/* The certificates from the peer's own to the anchor, as GnuTLS has them. */
typedef struct stox_path {
  const stox_chain_rules *rules;
  const stox_span *chain; /* the peer's, by which its stapled responses are counted */
  size_t chain_n;
  gnutls_x509_crt_t crt[STOX_PATH_MAX + 1]; /* the anchor, if one was found, is the last */
  stox_span der[STOX_PATH_MAX + 1];
  size_t n;
  int has_anchor;
  int has_pin;    /* one of the pins fits one of the certificates */
  int is_waiting; /* the host's word on revocation is under way */
  uint32_t reasons;
} stox_path;

/* Looks for a path and notes what is wrong with each certificate on it. STOX_OK or STOX_E_NOMEM;
 * either way stox_path_clear() follows. */
int stox_path_find(stox_path *path, const stox_span *chain, size_t n);

/* Signatures and what else only the whole path shows. */
int stox_path_check(stox_path *path);

/* Revocation of each certificate below the anchor. */
int stox_path_revocation(stox_path *path);

void stox_path_clear(stox_path *path);

/* 1 if one of the rules' pins is this certificate's. */
int stox_path_is_pinned(const stox_chain_rules *rules, const stox_certificate *certificate);

/* The flags that GnuTLS gets: no time of its own, an explicit strength. */
unsigned stox_path_flags(const stox_chain_rules *rules);

#endif
