/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Hashes and keyed hashes over a whole text, and a comparison whose time says nothing.
 *
 * Functions here keep no state; GnuTLS allocates inside, out of the host's allocator's reach.
 */
#ifndef STOX_HASH_H
#define STOX_HASH_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/** Algorithms. */
enum {
  STOX_HASH_SHA1 = 1,   /**< SHA-1 (RFC 3174): where a protocol demands it, such as XEP-0114 */
  STOX_HASH_SHA256 = 2, /**< SHA-256 (RFC 6234) */
  STOX_HASH_MD5 = 3, /**< MD5 (RFC 1321): for Digest authentication with peers that know no other */
  STOX_HASH_SHA512_256 = 4 /**< SHA-512/256 (FIPS 180-4); without HMAC */
};

/** The most octets that any algorithm here gives. */
enum { STOX_HASH_MAX = 32 };

/** @return the octets that an algorithm gives; 0 if there is no such algorithm */
STOX_API size_t stox_hash_size(int algorithm);

/**
 * Hashes octets.
 * @param algorithm STOX_HASH_…
 * @param data what is hashed; may be empty
 * @param[out] out stox_hash_size() raw octets
 * @param cap octets at `out`
 * @retval STOX_OK hashed
 * @retval STOX_E_ARG no such algorithm
 * @retval STOX_E_NOBUF `cap` is too small; nothing written
 * @retval STOX_E_NOMEM GnuTLS has no memory
 * @retval STOX_E_UNSUPPORTED GnuTLS refuses the algorithm by its own policy
 */
STOX_API int stox_hash(int algorithm, stox_span data, unsigned char *out, size_t cap);

/**
 * Hashes octets that lie in several places, as if they lay one behind the other.
 * @param algorithm STOX_HASH_…
 * @param parts what is hashed, in order
 * @param n number of parts
 * @param[out] out stox_hash_size() raw octets
 * @param cap octets at `out`
 * @retval STOX_OK hashed
 * @retval STOX_E_ARG no such algorithm
 * @retval STOX_E_NOBUF `cap` is too small; nothing written
 * @retval STOX_E_NOMEM GnuTLS has no memory
 * @retval STOX_E_UNSUPPORTED GnuTLS refuses the algorithm by its own policy
 */
STOX_API int stox_hash_parts(int algorithm, const stox_span *parts, size_t n, unsigned char *out,
                             size_t cap);

/**
 * Hashes octets under a key (HMAC, RFC 2104).
 * @param algorithm STOX_HASH_…
 * @param key the key; any length
 * @param data what is hashed; may be empty
 * @param[out] out stox_hash_size() raw octets
 * @param cap octets at `out`
 * @retval STOX_OK hashed
 * @retval STOX_E_ARG no such algorithm
 * @retval STOX_E_NOBUF `cap` is too small; nothing written
 * @retval STOX_E_NOMEM GnuTLS has no memory
 * @retval STOX_E_UNSUPPORTED STOX_HASH_SHA512_256, or GnuTLS refuses the algorithm or the key by
 * its own policy
 */
STOX_API int stox_hmac(int algorithm, stox_span key, stox_span data, unsigned char *out,
                       size_t cap);

/**
 * Hashes octets that lie in several places under a key, as if they lay one behind the other.
 * @param algorithm STOX_HASH_…
 * @param key the key; any length
 * @param parts what is hashed, in order
 * @param n number of parts
 * @param[out] out stox_hash_size() raw octets
 * @param cap octets at `out`
 * @return as stox_hmac()
 */
STOX_API int stox_hmac_parts(int algorithm, stox_span key, const stox_span *parts, size_t n,
                             unsigned char *out, size_t cap);

/**
 * Compares secrets: the time depends on the lengths alone.
 * @return 1 if both hold the same octets (absent equals empty), else 0
 */
STOX_API int stox_octets_is_equal_ct(stox_span a, stox_span b);

STOX_END_DECLS

#endif
