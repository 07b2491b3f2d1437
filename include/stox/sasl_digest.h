/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a server keeps of a password for DIGEST-MD5 (RFC 2831), which is historic (RFC 6331) and off
 * by default.
 */
#ifndef STOX_SASL_DIGEST_H
#define STOX_SASL_DIGEST_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/**
 * Hashes user, realm and password: the inner part of A1 (RFC 2831 2.1.2.1). Each of them is taken
 * in ISO 8859-1 where that holds all its characters.
 * @param[out] out the secret
 * @param username the simple user name
 * @param realm the domain that is served
 * @param password the password
 * @retval STOX_OK hashed
 * @retval STOX_E_TOO_LONG one of them is above 511 octets
 * @return else as stox_hash_parts()
 */
STOX_API int stox_sasl_digest_secret(unsigned char out[16], stox_span username, stox_span realm,
                                     stox_span password);

STOX_END_DECLS

#endif
