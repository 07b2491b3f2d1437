/* SPDX-License-Identifier: MIT */
#include "stox/secret.h"

#include "stox/hash.h"
#include "stox/status.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

void stox_wipe(void *p, size_t n) {
  /* A store through a volatile must be made, so the compiler cannot drop it as dead. */
  volatile unsigned char *octets = p;
  for (size_t i = 0; i < n; i++) {
    octets[i] = 0;
  }
}

static gnutls_mac_algorithm_t mac_of(int algorithm) {
  switch (algorithm) {
  case STOX_HASH_SHA1:
    return GNUTLS_MAC_SHA1;
  case STOX_HASH_SHA256:
    return GNUTLS_MAC_SHA256;
  case STOX_HASH_MD5:
    return GNUTLS_MAC_MD5;
  default:
    return GNUTLS_MAC_UNKNOWN;
  }
}

/* GnuTLS's datum is not const, though it is only read; and takes no NULL. */
static gnutls_datum_t datum(stox_span s) {
  static const char nothing[1] = "";
  const gnutls_datum_t result = {(unsigned char *)(uintptr_t)(s.p == NULL ? nothing : s.p),
                                 (unsigned)s.n};
  return result;
}

int stox_pbkdf2(int algorithm, stox_span password, stox_span salt, uint32_t iterations,
                unsigned char *out, size_t cap) {
  const size_t n = stox_hash_size(algorithm);
  const int is_long = password.n > UINT32_MAX || salt.n > UINT32_MAX;
  if (n == 0 || salt.n == 0 || iterations == 0 || is_long) {
    return STOX_E_ARG;
  }
  if (cap < n) {
    return STOX_E_NOBUF;
  }
  const gnutls_mac_algorithm_t mac = mac_of(algorithm);
  if (mac == GNUTLS_MAC_UNKNOWN) {
    return STOX_E_UNSUPPORTED;
  }
  const gnutls_datum_t key = datum(password);
  const gnutls_datum_t with = datum(salt);
  const int code = gnutls_pbkdf2(mac, &key, &with, iterations, out, n);
  if (code == GNUTLS_E_SUCCESS) {
    return STOX_OK;
  }
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_UNSUPPORTED;
}
