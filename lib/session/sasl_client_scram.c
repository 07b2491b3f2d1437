/* SPDX-License-Identifier: MIT */
#include "session/sasl_client.h"
#include "stox/number.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <string.h>

enum { PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS };

static int hash_of(const stox_sasl_client *obj) {
  return stox_sasl_mechanism_hash(obj->mechanism);
}

stox_span stox_sasl_client_binding(const stox_sasl_client *obj, const char **type) {
  const uint32_t may = obj->secure ? obj->options.bindings : 0;
  *type = "tls-exporter";
  if ((may & STOX_SASL_BIND_TLS_EXPORTER) != 0 && obj->exporter.n > 0) {
    return obj->exporter;
  }
  *type = "tls-server-end-point";
  const int has_end_point = (may & STOX_SASL_BIND_TLS_SERVER_END_POINT) != 0;
  return has_end_point ? obj->end_point : (stox_span){NULL, 0};
}

/* ---- client-first ---- */

/* RFC 5802 6: `y` where we could bind and the server offers nothing to bind with, so that it finds
 * out if somebody took that off its list. */
static void put_gs2(stox_sasl_client *obj) {
  const char *type = NULL;
  const stox_span binding = stox_sasl_client_binding(obj, &type);
  if ((obj->mechanism & PLUS) != 0) {
    (void)stox_buf_put_text(&obj->auth, "p=");
    (void)stox_buf_put_text(&obj->auth, type);
  } else {
    const int could = binding.n > 0 && (obj->options.mechanisms & PLUS) != 0;
    (void)stox_buf_put_octet(&obj->auth, could && (obj->offered & PLUS) == 0 ? 'y' : 'n');
  }
  (void)stox_buf_put_octet(&obj->auth, ',');
  if (obj->act_for.n > 0) {
    (void)stox_buf_put_text(&obj->auth, "a=");
    (void)stox_scram_put_name(&obj->auth, obj->act_for);
  }
  (void)stox_buf_put_octet(&obj->auth, ',');
}

int stox_sasl_client_scram_start(stox_sasl_client *obj) {
  const int status = stox_sasl_client_draw(obj);
  put_gs2(obj);
  obj->gs2_n = obj->auth.len;
  (void)stox_buf_put_text(&obj->auth, "n=");
  (void)stox_scram_put_name(&obj->auth, obj->options.username);
  (void)stox_buf_put_text(&obj->auth, ",r=");
  (void)stox_buf_put(&obj->auth, obj->nonce);
  const int is_long = obj->auth.len > STOX_SASL_MESSAGE_MAX;
  return status == STOX_OK && is_long ? STOX_E_TOO_LONG : status;
}

/* ---- client-final ---- */

/* `c`: the header and the channel's octets. The header was checked to fit; bindings are short. */
static int put_binding(stox_sasl_client *obj) {
  const char *type = NULL;
  stox_buf plain;
  stox_buf_init(&plain, obj->scratch.octets, sizeof obj->scratch.octets);
  (void)stox_buf_put(&plain, stox_span_slice(stox_buf_span(&obj->auth), 0, obj->gs2_n));
  if ((obj->mechanism & PLUS) != 0) {
    (void)stox_buf_put(&plain, stox_sasl_client_binding(obj, &type));
  }
  (void)stox_buf_put_text(&obj->auth, "c=");
  (void)stox_base64_write(&obj->auth, stox_buf_span(&plain), STOX_BASE64);
  return stox_buf_status(&plain);
}

static int check_challenge(const stox_sasl_client *obj, const stox_scram_challenge *challenge) {
  const stox_span front = stox_span_slice(challenge->nonce, 0, obj->nonce.n);
  if (challenge->nonce.n <= obj->nonce.n || !stox_span_is_equal(front, obj->nonce)) {
    return STOX_E_AUTH;
  }
  const int fits = challenge->iterations >= obj->options.iterations_min &&
                   challenge->iterations <= obj->options.iterations_max;
  return fits ? STOX_OK : STOX_E_LIMIT;
}

/* Keeps the server's proof in base64, as it will stand behind `v=`. */
static int await(stox_sasl_client *obj, stox_span salted, stox_span auth) {
  const int hash = hash_of(obj);
  const size_t n = stox_hash_size(hash);
  unsigned char key[STOX_HASH_MAX];
  unsigned char signature[STOX_HASH_MAX];
  stox_buf text;
  int status = stox_scram_server_key(key, hash, salted);
  if (status == STOX_OK) {
    status = stox_hmac(hash, (stox_span){(char *)key, n}, auth, signature, sizeof signature);
  }
  stox_buf_init(&text, obj->proof, sizeof obj->proof);
  if (status == STOX_OK) {
    status = stox_base64_write(&text, (stox_span){(char *)signature, n}, STOX_BASE64);
  }
  obj->proof_n = status == STOX_OK ? text.len : 0;
  stox_wipe(key, sizeof key);
  return status;
}

/* Our proof behind the message, which so far is `unproved`. */
static int prove(stox_sasl_client *obj, stox_span salted, stox_span auth) {
  const int hash = hash_of(obj);
  const size_t n = stox_hash_size(hash);
  unsigned char key[STOX_HASH_MAX];
  unsigned char stored[STOX_HASH_MAX];
  int status = stox_scram_client_key(key, hash, salted);
  if (status == STOX_OK) {
    status = stox_scram_stored_key(stored, hash, key);
  }
  if (status == STOX_OK) {
    status = stox_scram_mask(key, hash, stored, auth);
  }
  if (status == STOX_OK) {
    (void)stox_buf_put_text(&obj->message, ",p=");
    status = stox_base64_write(&obj->message, (stox_span){(char *)key, n}, STOX_BASE64);
  }
  stox_wipe(key, sizeof key);
  stox_wipe(stored, sizeof stored);
  return status;
}

/* The salt goes where it came from, decoded: the message is in obj->auth by now. */
static int salt_password(stox_sasl_client *obj, const stox_scram_challenge *challenge,
                         unsigned char salted[STOX_HASH_MAX]) {
  stox_buf salt;
  stox_buf_init(&salt, obj->scratch.octets, sizeof obj->scratch.octets);
  if (stox_base64_parse(&salt, challenge->salt, STOX_BASE64) != STOX_OK || salt.len == 0) {
    return STOX_E_SYNTAX;
  }
  return stox_scram_salt(salted, hash_of(obj), obj->options.password, stox_buf_span(&salt),
                         challenge->iterations);
}

static int answer(stox_sasl_client *obj, stox_span message) {
  unsigned char salted[STOX_HASH_MAX];
  stox_scram_challenge challenge;
  int status = stox_scram_read_challenge(&challenge, message);
  if (status == STOX_OK) {
    status = check_challenge(obj, &challenge);
  }
  if (status == STOX_OK) {
    status = salt_password(obj, &challenge, salted);
  }
  if (status != STOX_OK) {
    return status;
  }
  (void)stox_buf_put_octet(&obj->auth, ',');
  (void)stox_buf_put(&obj->auth, message);
  (void)stox_buf_put_octet(&obj->auth, ',');
  const size_t from = obj->auth.len;
  status = put_binding(obj);
  (void)stox_buf_put_text(&obj->auth, ",r=");
  (void)stox_buf_put(&obj->auth, challenge.nonce);
  const stox_span all = stox_buf_span(&obj->auth);
  const stox_span auth = stox_span_slice(all, obj->gs2_n, all.n);
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  if (status != STOX_OK || stox_buf_status(&obj->auth) != STOX_OK ||
      stox_buf_put(&obj->message, stox_span_slice(all, from, all.n)) != STOX_OK) {
    status = STOX_E_TOO_LONG;
  }
  const stox_span key = {(const char *)salted, stox_hash_size(hash_of(obj))};
  if (status == STOX_OK) {
    status = await(obj, key, auth);
  }
  if (status == STOX_OK) {
    status = prove(obj, key, auth);
  }
  stox_wipe(salted, sizeof salted);
  return status == STOX_E_NOBUF ? STOX_E_TOO_LONG : status;
}

/* ---- server-final ---- */

static int verify(stox_sasl_client *obj, stox_span message) {
  stox_span verifier;
  const int status = stox_scram_read_verifier(&verifier, message);
  if (status != STOX_OK) {
    return status;
  }
  if (!stox_octets_is_equal_ct(verifier, (stox_span){obj->proof, obj->proof_n})) {
    return STOX_E_AUTH;
  }
  obj->is_proved = 1;
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  return STOX_OK;
}

int stox_sasl_client_scram_feed(stox_sasl_client *obj, stox_span message) {
  switch (obj->step++) {
  case 0:
    return answer(obj, message);
  case 1:
    return verify(obj, message);
  default:
    return STOX_E_SYNTAX;
  }
}
