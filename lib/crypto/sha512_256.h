/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_SHA512_256_H
#define STOX_CRYPTO_SHA512_256_H

#include "stox/span.h"

/* SHA-512/256 (FIPS 180-4 5.3.6.2, 6.7), which GnuTLS does not have. */

enum { STOX_SHA512_256_SIZE = 32, STOX_SHA512_256_BLOCK = 128 };

typedef struct stox_sha512_256 {
  uint64_t state[8];
  uint64_t n; /* octets put so far */
  unsigned char block[STOX_SHA512_256_BLOCK];
} stox_sha512_256;

void stox_sha512_256_init(stox_sha512_256 *hash);
void stox_sha512_256_put(stox_sha512_256 *hash, stox_span data);
void stox_sha512_256_end(stox_sha512_256 *hash, unsigned char out[STOX_SHA512_256_SIZE]);

#endif
