/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What is done with passwords and keys: derivation, and wiping.
 */
#ifndef STOX_SECRET_H
#define STOX_SECRET_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/** Sets `n` octets at `p` to zero, also where nobody reads them again; `p` may be NULL if `n` is 0.
 */
STOX_API void stox_wipe(void *p, size_t n);

/**
 * Derives a key from a password (PBKDF2 of RFC 8018 5.2 with HMAC, one block: `Hi()` of RFC 5802
 * 2.2). The time it takes grows with `iterations`.
 * @param algorithm STOX_HASH_…
 * @param password as prepared
 * @param salt not empty
 * @param iterations 1 or more
 * @param[out] out stox_hash_size() raw octets
 * @param cap octets at `out`
 * @retval STOX_OK derived
 * @retval STOX_E_ARG no such algorithm, no salt, or 0 iterations
 * @retval STOX_E_NOBUF `cap` is too small; nothing written
 * @retval STOX_E_NOMEM GnuTLS has no memory
 * @retval STOX_E_UNSUPPORTED STOX_HASH_SHA512_256, or GnuTLS refuses the algorithm by its own
 * policy
 */
STOX_API int stox_pbkdf2(int algorithm, stox_span password, stox_span salt, uint32_t iterations,
                         unsigned char *out, size_t cap);

STOX_END_DECLS

#endif
