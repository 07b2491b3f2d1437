/* SPDX-License-Identifier: MIT */
#include "stox/hash.h"

#include "crypto/sha512_256.h"
#include "stox/status.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

typedef struct hash_kind {
  size_t n;
  gnutls_digest_algorithm_t digest;
  gnutls_mac_algorithm_t mac;
} hash_kind;

static const hash_kind kinds[] = {
    [STOX_HASH_SHA1] = {20, GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1},
    [STOX_HASH_SHA256] = {32, GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256},
    [STOX_HASH_MD5] = {16, GNUTLS_DIG_MD5, GNUTLS_MAC_MD5},
    /* GnuTLS has none. */
    [STOX_HASH_SHA512_256] = {STOX_SHA512_256_SIZE, GNUTLS_DIG_UNKNOWN, GNUTLS_MAC_UNKNOWN},
};

static const hash_kind *find(int id) {
  if (id < STOX_HASH_SHA1 || id > STOX_HASH_SHA512_256) {
    return NULL;
  }
  return &kinds[id];
}

size_t stox_hash_size(int algorithm) {
  const hash_kind *found = find(algorithm);
  return found == NULL ? 0 : found->n;
}

static int status_of(int gnutls_code) {
  if (gnutls_code == GNUTLS_E_SUCCESS) {
    return STOX_OK;
  }
  return gnutls_code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_UNSUPPORTED;
}

/* GnuTLS takes no NULL, not even for nothing. */
static const char *octets(stox_span s) {
  return s.p == NULL ? "" : s.p;
}

static void own_hash(const stox_span *parts, size_t n, unsigned char *out) {
  stox_sha512_256 hash;
  stox_sha512_256_init(&hash);
  for (size_t i = 0; i < n; i++) {
    stox_sha512_256_put(&hash, parts[i]);
  }
  stox_sha512_256_end(&hash, out);
}

static int gnutls_parts(gnutls_digest_algorithm_t digest, const stox_span *parts, size_t n,
                        unsigned char *out) {
  gnutls_hash_hd_t hash;
  int code = gnutls_hash_init(&hash, digest);
  if (code != GNUTLS_E_SUCCESS) {
    return status_of(code);
  }
  for (size_t i = 0; i < n && code == GNUTLS_E_SUCCESS; i++) {
    code = gnutls_hash(hash, octets(parts[i]), parts[i].n);
  }
  gnutls_hash_deinit(hash, code == GNUTLS_E_SUCCESS ? out : NULL);
  return status_of(code);
}

int stox_hash_parts(int algorithm, const stox_span *parts, size_t n, unsigned char *out,
                    size_t cap) {
  const hash_kind *found = find(algorithm);
  if (found == NULL) {
    return STOX_E_ARG;
  }
  if (cap < found->n) {
    return STOX_E_NOBUF;
  }
  if (algorithm == STOX_HASH_SHA512_256) {
    own_hash(parts, n, out);
    return STOX_OK;
  }
  return gnutls_parts(found->digest, parts, n, out);
}

int stox_hash(int algorithm, stox_span data, unsigned char *out, size_t cap) {
  const hash_kind *found = find(algorithm);
  if (found == NULL || cap < found->n || algorithm == STOX_HASH_SHA512_256) {
    return stox_hash_parts(algorithm, &data, 1, out, cap);
  }
  return status_of(gnutls_hash_fast(found->digest, octets(data), data.n, out));
}

static int hmac_check(const hash_kind *found, int algorithm, size_t cap) {
  if (found == NULL) {
    return STOX_E_ARG;
  }
  if (cap < found->n) {
    return STOX_E_NOBUF;
  }
  return algorithm == STOX_HASH_SHA512_256 ? STOX_E_UNSUPPORTED : STOX_OK;
}

int stox_hmac(int algorithm, stox_span key, stox_span data, unsigned char *out, size_t cap) {
  const hash_kind *found = find(algorithm);
  const int status = hmac_check(found, algorithm, cap);
  if (status != STOX_OK) {
    return status;
  }
  return status_of(gnutls_hmac_fast(found->mac, octets(key), key.n, octets(data), data.n, out));
}

int stox_hmac_parts(int algorithm, stox_span key, const stox_span *parts, size_t n,
                    unsigned char *out, size_t cap) {
  const hash_kind *found = find(algorithm);
  const int status = hmac_check(found, algorithm, cap);
  gnutls_hmac_hd_t hmac;
  if (status != STOX_OK) {
    return status;
  }
  int code = gnutls_hmac_init(&hmac, found->mac, octets(key), key.n);
  if (code != GNUTLS_E_SUCCESS) {
    return status_of(code);
  }
  for (size_t i = 0; i < n && code == GNUTLS_E_SUCCESS; i++) {
    code = gnutls_hmac(hmac, octets(parts[i]), parts[i].n);
  }
  gnutls_hmac_deinit(hmac, code == GNUTLS_E_SUCCESS ? out : NULL);
  return status_of(code);
}

int stox_octets_is_equal_ct(stox_span a, stox_span b) {
  if (a.n != b.n) {
    return 0;
  }
  unsigned char different = 0;
  for (size_t i = 0; i < a.n; i++) {
    different = (unsigned char)(different | (unsigned char)(a.p[i] ^ b.p[i]));
  }
  /* Read through a volatile, or the compiler may leave the loop at the first difference. */
  volatile unsigned char result = different;
  return result == 0;
}
