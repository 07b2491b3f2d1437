/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a server keeps of a password for SCRAM (RFC 5802, RFC 7677): no plain text, and nothing that
 * lets its reader log in elsewhere.
 *
 * All functions are pure.
 */
#ifndef STOX_SCRAM_H
#define STOX_SCRAM_H

#include "stox/hash.h"

STOX_BEGIN_DECLS

/** The most octets of a salt, those of a decoy's, and iterations that are asked for at least (RFC
 * 5802 5.1). */
enum { STOX_SCRAM_SALT_MAX = 64, STOX_SCRAM_DECOY_SALT = 16, STOX_SCRAM_ITERATIONS_MIN = 4096 };

/** Keys of one user for one hash; *shareable*. */
typedef struct stox_scram_keys {
  uint32_t iterations;                     /**< 1 or more */
  uint32_t salt_n;                         /**< octets of `salt`, 1 or more */
  unsigned char salt[STOX_SCRAM_SALT_MAX]; /**< random */
  unsigned char stored_key[STOX_HASH_MAX]; /**< stox_hash_size() octets: StoredKey */
  unsigned char server_key[STOX_HASH_MAX]; /**< stox_hash_size() octets: ServerKey */
} stox_scram_keys;

/**
 * Derives the keys of a password.
 * @param[out] out the keys
 * @param hash STOX_HASH_SHA1 or STOX_HASH_SHA256
 * @param password as the user types it; it is prepared by SASLprep (RFC 4013)
 * @param salt random octets, 1 … STOX_SCRAM_SALT_MAX; STOX_SCRAM_DECOY_SALT of them hide best who
 * is no user, see stox_scram_decoy()
 * @param iterations 1 or more; each costs the client as much as the server
 * @retval STOX_OK derived
 * @retval STOX_E_ARG no such hash, no salt or a longer one, or 0 iterations
 * @retval STOX_E_SYNTAX STOX_E_CTRL STOX_E_BAD_UTF8 STOX_E_TOO_LONG the password, as
 * stox_stringprep()
 * @return else as stox_pbkdf2()
 */
STOX_API int stox_scram_derive(stox_scram_keys *out, int hash, stox_span password, stox_span salt,
                               uint32_t iterations);

/**
 * Checks a password that came in the clear, as by PLAIN, in a time that says nothing of the keys.
 * @retval STOX_OK it is the one that the keys were derived from
 * @retval STOX_E_AUTH it is not
 * @return else as stox_scram_derive()
 */
STOX_API int stox_scram_check(const stox_scram_keys *keys, int hash, stox_span password);

/**
 * Makes keys for a user that does not exist: always the same for a name, as real ones are, and no
 * password fits (RFC 5802 9, user enumeration).
 * @param[out] out the keys
 * @param hash STOX_HASH_SHA1 or STOX_HASH_SHA256
 * @param secret the server's, kept across restarts
 * @param username any octets
 * @param iterations what real users have
 * @retval STOX_OK made
 * @retval STOX_E_ARG no such hash, or 0 iterations
 * @return else as stox_hmac()
 */
STOX_API int stox_scram_decoy(stox_scram_keys *out, int hash, stox_span secret, stox_span username,
                              uint32_t iterations);

STOX_END_DECLS

#endif
