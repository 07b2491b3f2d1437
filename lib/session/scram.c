/* SPDX-License-Identifier: MIT */
#include "session/scram.h"

#include "stox/secret.h"
#include "stox/status.h"
#include "stox/stringprep.h"

#include <string.h>

enum { PREPARED_MAX = 1023 };

static stox_span octets(const unsigned char *p, size_t n) {
  return (stox_span){(const char *)p, n};
}

static int is_scram_hash(int hash) {
  return hash == STOX_HASH_SHA1 || hash == STOX_HASH_SHA256;
}

int stox_scram_salt(unsigned char salted[STOX_HASH_MAX], int hash, stox_span prepared,
                    stox_span salt, uint32_t iterations) {
  return stox_pbkdf2(hash, prepared, salt, iterations, salted, STOX_HASH_MAX);
}

int stox_scram_server_key(unsigned char out[STOX_HASH_MAX], int hash, stox_span salted) {
  return stox_hmac(hash, salted, stox_span_text("Server Key"), out, STOX_HASH_MAX);
}

int stox_scram_client_key(unsigned char out[STOX_HASH_MAX], int hash, stox_span salted) {
  return stox_hmac(hash, salted, stox_span_text("Client Key"), out, STOX_HASH_MAX);
}

int stox_scram_stored_key(unsigned char out[STOX_HASH_MAX], int hash,
                          const unsigned char client_key[STOX_HASH_MAX]) {
  return stox_hash(hash, octets(client_key, stox_hash_size(hash)), out, STOX_HASH_MAX);
}

int stox_scram_mask(unsigned char key[STOX_HASH_MAX], int hash,
                    const unsigned char stored_key[STOX_HASH_MAX], stox_span auth_message) {
  const size_t n = stox_hash_size(hash);
  unsigned char signature[STOX_HASH_MAX];
  const int status =
      stox_hmac(hash, octets(stored_key, n), auth_message, signature, sizeof signature);
  for (size_t i = 0; i < n && status == STOX_OK; i++) {
    key[i] ^= signature[i];
  }
  stox_wipe(signature, sizeof signature);
  return status;
}

static int derive_prepared(stox_scram_keys *out, int hash, stox_span prepared, stox_span salt,
                           uint32_t iterations) {
  unsigned char salted[STOX_HASH_MAX];
  unsigned char client_key[STOX_HASH_MAX];
  const stox_span key = octets(salted, stox_hash_size(hash));
  int status = stox_scram_salt(salted, hash, prepared, salt, iterations);
  if (status == STOX_OK) {
    status = stox_scram_client_key(client_key, hash, key);
  }
  if (status == STOX_OK) {
    status = stox_scram_stored_key(out->stored_key, hash, client_key);
  }
  if (status == STOX_OK) {
    status = stox_scram_server_key(out->server_key, hash, key);
  }
  stox_wipe(salted, sizeof salted);
  stox_wipe(client_key, sizeof client_key);
  return status;
}

int stox_scram_derive(stox_scram_keys *out, int hash, stox_span password, stox_span salt,
                      uint32_t iterations) {
  char room[PREPARED_MAX];
  stox_buf prepared;
  memset(out, 0, sizeof *out);
  if (!is_scram_hash(hash) || salt.n == 0 || salt.n > STOX_SCRAM_SALT_MAX || iterations == 0) {
    return STOX_E_ARG;
  }
  stox_buf_init(&prepared, room, sizeof room);
  int status = stox_stringprep(&prepared, password, STOX_SASLPREP, NULL);
  if (status == STOX_OK) {
    status = derive_prepared(out, hash, stox_buf_span(&prepared), salt, iterations);
  }
  stox_wipe(room, sizeof room);
  out->iterations = iterations;
  out->salt_n = (uint32_t)salt.n;
  memcpy(out->salt, salt.p, salt.n);
  return status;
}

int stox_scram_check(const stox_scram_keys *keys, int hash, stox_span password) {
  stox_scram_keys own;
  const size_t n = stox_hash_size(hash);
  int status =
      stox_scram_derive(&own, hash, password, octets(keys->salt, keys->salt_n), keys->iterations);
  if (status == STOX_OK &&
      !stox_octets_is_equal_ct(octets(own.stored_key, n), octets(keys->stored_key, n))) {
    status = STOX_E_AUTH;
  }
  stox_wipe(&own, sizeof own);
  return status;
}

/* Octets of one purpose: HMAC-SHA-256 over a keyed name, so that no two purposes meet. */
static int decoy_part(unsigned char out[STOX_HASH_MAX], stox_span name_key, const char *purpose) {
  return stox_hmac(STOX_HASH_SHA256, name_key, stox_span_text(purpose), out, STOX_HASH_MAX);
}

int stox_scram_decoy(stox_scram_keys *out, int hash, stox_span secret, stox_span username,
                     uint32_t iterations) {
  unsigned char name_key[STOX_HASH_MAX];
  unsigned char salt[STOX_HASH_MAX];
  memset(out, 0, sizeof *out);
  if (!is_scram_hash(hash) || iterations == 0) {
    return STOX_E_ARG;
  }
  const stox_span key = octets(name_key, sizeof name_key);
  int status = stox_hmac(STOX_HASH_SHA256, secret, username, name_key, sizeof name_key);
  if (status == STOX_OK) {
    status = decoy_part(salt, key, hash == STOX_HASH_SHA1 ? "salt SHA-1" : "salt SHA-256");
  }
  if (status == STOX_OK) {
    status = decoy_part(out->stored_key, key, "StoredKey");
  }
  if (status == STOX_OK) {
    status = decoy_part(out->server_key, key, "ServerKey");
  }
  out->iterations = iterations;
  out->salt_n = STOX_SCRAM_DECOY_SALT;
  memcpy(out->salt, salt, STOX_SCRAM_DECOY_SALT);
  stox_wipe(name_key, sizeof name_key);
  return status;
}
