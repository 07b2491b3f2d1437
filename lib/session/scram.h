/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_SCRAM_H
#define STOX_SESSION_SCRAM_H

#include "stox/buf.h"
#include "stox/hash.h"
#include "stox/scram.h"

/* The four messages of SCRAM (RFC 5802 7) as views, and its keys. The readers return STOX_OK,
 * STOX_E_SYNTAX, or STOX_E_UNSUPPORTED for an extension that must be understood. */

typedef struct stox_scram_first {
  stox_span gs2;      /* the header with its last comma */
  stox_span bare;     /* what follows it */
  stox_span binding;  /* the type that flag `p` names */
  stox_span authzid;  /* as escaped; absent: none */
  stox_span username; /* as escaped */
  stox_span nonce;
  char flag; /* n, y or p */
} stox_scram_first;

typedef struct stox_scram_challenge {
  stox_span nonce;
  stox_span salt; /* in base64 */
  uint32_t iterations;
} stox_scram_challenge;

typedef struct stox_scram_final {
  stox_span unproved; /* what stands before the proof */
  stox_span binding;  /* in base64 */
  stox_span nonce;
  stox_span proof; /* in base64 */
} stox_scram_final;

int stox_scram_read_first(stox_scram_first *out, stox_span text);
int stox_scram_read_challenge(stox_scram_challenge *out, stox_span text);
int stox_scram_read_final(stox_scram_final *out, stox_span text);

/* The verifier in base64; STOX_E_AUTH where the server tells an error instead. */
int stox_scram_read_verifier(stox_span *out, stox_span text);

/* A saslname; STOX_E_SYNTAX for another escape than =2C and =3D. */
int stox_scram_put_name(stox_buf *out, stox_span name);
int stox_scram_read_name(stox_buf *out, stox_span escaped);

/* Keys by a password that is prepared. `salted` gets what both parties' keys come from. */
int stox_scram_salt(unsigned char salted[STOX_HASH_MAX], int hash, stox_span prepared,
                    stox_span salt, uint32_t iterations);
int stox_scram_server_key(unsigned char out[STOX_HASH_MAX], int hash, stox_span salted);
int stox_scram_client_key(unsigned char out[STOX_HASH_MAX], int hash, stox_span salted);
int stox_scram_stored_key(unsigned char out[STOX_HASH_MAX], int hash,
                          const unsigned char client_key[STOX_HASH_MAX]);

/* ClientProof from the client's key, or the client's key from the proof: the same operation. */
int stox_scram_mask(unsigned char key[STOX_HASH_MAX], int hash,
                    const unsigned char stored_key[STOX_HASH_MAX], stox_span auth_message);

#endif
