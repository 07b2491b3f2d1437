/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_CIPHER_H
#define STOX_CRYPTO_CIPHER_H

#include "stox/span.h"

enum { STOX_AES_KEY = 16, STOX_AES_BLOCK = 16 };

/* AES-128-CBC in place, from an initial vector of zeros, over whole blocks: of one block it is ECB.
 * STOX_OK; STOX_E_ARG: a key or a length that is none; STOX_E_NOMEM, STOX_E_UNSUPPORTED: GnuTLS. */
int stox_aes_encrypt(stox_span key, unsigned char *octets, size_t n);
int stox_aes_decrypt(stox_span key, unsigned char *octets, size_t n);

#endif
