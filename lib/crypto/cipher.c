/* SPDX-License-Identifier: MIT */
#include "crypto/cipher.h"

#include "stox/status.h"

#include <gnutls/crypto.h>

typedef int step(gnutls_cipher_hd_t handle, void *octets, size_t n);

static int run(step *work, stox_span key, unsigned char *octets, size_t n) {
  unsigned char zeros[STOX_AES_BLOCK] = {0};
  gnutls_datum_t iv = {zeros, sizeof zeros};
  gnutls_datum_t secret = {(unsigned char *)(uintptr_t)key.p, (unsigned)key.n};
  gnutls_cipher_hd_t handle;
  if (key.n != STOX_AES_KEY || n == 0 || n % STOX_AES_BLOCK != 0) {
    return STOX_E_ARG;
  }
  int code = gnutls_cipher_init(&handle, GNUTLS_CIPHER_AES_128_CBC, &secret, &iv);
  if (code == GNUTLS_E_SUCCESS) {
    code = work(handle, octets, n);
    gnutls_cipher_deinit(handle);
  }
  if (code == GNUTLS_E_SUCCESS) {
    return STOX_OK;
  }
  return code == GNUTLS_E_MEMORY_ERROR ? STOX_E_NOMEM : STOX_E_UNSUPPORTED;
}

int stox_aes_encrypt(stox_span key, unsigned char *octets, size_t n) {
  return run(gnutls_cipher_encrypt, key, octets, n);
}

int stox_aes_decrypt(stox_span key, unsigned char *octets, size_t n) {
  return run(gnutls_cipher_decrypt, key, octets, n);
}
