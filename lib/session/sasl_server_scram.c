/* SPDX-License-Identifier: MIT */
#include "session/sasl_server.h"
#include "stox/number.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <string.h>

enum { PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS };

static stox_span auth_message(const stox_sasl_server *obj) {
  return stox_span_slice(stox_buf_span(&obj->auth), obj->gs2_n, obj->auth.len);
}

static int hash_of(const stox_sasl_server *obj) {
  return stox_sasl_mechanism_hash(obj->mechanism);
}

/* ---- channel binding ---- */

/* The octets of a type of channel binding; absent if this channel has none of that type. */
static stox_span binding_of(const stox_sasl_server *obj, stox_span type) {
  if (stox_span_is_equal(type, stox_span_text("tls-exporter"))) {
    return obj->exporter;
  }
  if (stox_span_is_equal(type, stox_span_text("tls-server-end-point"))) {
    return obj->end_point;
  }
  return (stox_span){NULL, 0};
}

/* RFC 5802 6: `y` says that we did not offer what we did offer, so somebody took it away. */
static int check_flag(const stox_sasl_server *obj, const stox_scram_first *first) {
  const int is_plus = (obj->mechanism & PLUS) != 0;
  if (is_plus != (first->flag == 'p')) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  if (first->flag == 'y' && (obj->offered & PLUS) != 0) {
    return STOX_SASL_NOT_AUTHORIZED;
  }
  const int is_missing = is_plus && binding_of(obj, first->binding).n == 0;
  return is_missing ? STOX_SASL_NOT_AUTHORIZED : STOX_SASL_SAY;
}

/* What `c` must be: the header as it came, and the channel's octets. */
static int check_binding(const stox_sasl_server *obj, stox_span text) {
  char room[STOX_SASL_MESSAGE_MAX / 4 * 3];
  stox_buf got;
  const stox_span gs2 = stox_span_slice(stox_buf_span(&obj->auth), 0, obj->gs2_n);
  stox_span octets = {NULL, 0};
  if (gs2.p[0] == 'p') {
    const size_t end = stox_span_find(gs2, ',');
    octets = binding_of(obj, stox_span_slice(gs2, 2, end - 2));
  }
  stox_buf_init(&got, room, sizeof room);
  if (stox_base64_parse(&got, text, STOX_BASE64) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  const stox_span all = stox_buf_span(&got);
  const int is_same = all.n == gs2.n + octets.n &&
                      stox_span_is_equal(stox_span_slice(all, 0, gs2.n), gs2) &&
                      stox_octets_is_equal_ct(stox_span_slice(all, gs2.n, all.n), octets);
  return is_same ? STOX_SASL_SAY : STOX_SASL_NOT_AUTHORIZED;
}

/* ---- client-first ---- */

static int keep_names(stox_sasl_server *obj, const stox_scram_first *first) {
  char room[STOX_SASL_NAME_MAX];
  stox_buf name;
  stox_buf_init(&name, room, sizeof room);
  if (stox_scram_read_name(&name, first->username) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  return stox_sasl_server_keep_name(obj, stox_buf_span(&name));
}

static int keep_authzid(stox_sasl_server *obj, const stox_scram_first *first) {
  char room[STOX_SASL_MESSAGE_MAX - 1024];
  stox_buf authzid;
  if (first->authzid.p == NULL) {
    return STOX_SASL_SAY;
  }
  stox_buf_init(&authzid, room, sizeof room);
  if (stox_scram_read_name(&authzid, first->authzid) != STOX_OK) {
    return STOX_SASL_INVALID_AUTHZID;
  }
  return stox_sasl_server_keep_authzid(obj, stox_buf_span(&authzid));
}

static int feed_first(stox_sasl_server *obj, stox_span message) {
  stox_scram_first first;
  if (stox_scram_read_first(&first, message) != STOX_OK || first.nonce.n > STOX_SASL_NONCE_MAX) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  int result = check_flag(obj, &first);
  if (result == STOX_SASL_SAY) {
    result = keep_names(obj, &first);
  }
  if (result == STOX_SASL_SAY) {
    result = keep_authzid(obj, &first);
  }
  if (result != STOX_SASL_SAY) {
    return result;
  }
  obj->gs2_n = first.gs2.n;
  (void)stox_buf_put(&obj->auth, message);
  const size_t at = first.nonce.p == NULL ? 0 : (size_t)(first.nonce.p - message.p);
  obj->nonce = stox_span_slice(stox_buf_span(&obj->auth), at, first.nonce.n);
  obj->asked = STOX_SASL_ASK_SCRAM;
  return STOX_SASL_ASK;
}

/* ---- server-first ---- */

/* Appends server-first to the auth message; the nonce becomes both parts. */
static int put_challenge(stox_sasl_server *obj, size_t *from) {
  char salt[4 * (STOX_SCRAM_SALT_MAX / 3 + 1)];
  stox_buf text;
  const stox_span client = obj->nonce;
  stox_buf_init(&text, salt, sizeof salt);
  (void)stox_base64_write(&text, (stox_span){(const char *)obj->keys.salt, obj->keys.salt_n},
                          STOX_BASE64);
  (void)stox_buf_put_octet(&obj->auth, ',');
  *from = obj->auth.len;
  (void)stox_buf_put_text(&obj->auth, "r=");
  const size_t nonce_at = obj->auth.len;
  (void)stox_buf_put(&obj->auth, client);
  const int result = stox_sasl_server_put_nonce(obj, &obj->auth);
  obj->nonce = (stox_span){obj->auth.p + nonce_at, obj->auth.len - nonce_at};
  (void)stox_buf_put_text(&obj->auth, ",s=");
  (void)stox_buf_put(&obj->auth, stox_buf_span(&text));
  (void)stox_buf_put_text(&obj->auth, ",i=");
  (void)stox_buf_put_number(&obj->auth, obj->keys.iterations);
  if (result == STOX_SASL_SAY && stox_buf_status(&obj->auth) != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  return result;
}

int stox_sasl_scram_answered(stox_sasl_server *obj, int status, const stox_sasl_answer *answer,
                             stox_sasl_message *out) {
  const stox_sasl_server_options *o = &obj->options;
  const int is_sound = answer->keys.iterations > 0 && answer->keys.salt_n > 0 &&
                       answer->keys.salt_n <= STOX_SCRAM_SALT_MAX;
  if (status != STOX_E_AUTH && (status != STOX_OK || !is_sound)) {
    return answer->condition > 0 ? answer->condition : STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  /* Decoys are made for those who exist too: the time tells nothing. */
  stox_scram_keys decoy;
  const int made =
      stox_scram_decoy(&decoy, hash_of(obj), o->decoy_secret, obj->username, o->iterations);
  obj->is_known = status == STOX_OK;
  obj->condition = answer->condition;
  obj->keys = obj->is_known ? answer->keys : decoy;
  stox_wipe(&decoy, sizeof decoy);
  if (made != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  size_t from = 0;
  const int result = put_challenge(obj, &from);
  if (result != STOX_SASL_SAY) {
    return result;
  }
  return stox_sasl_server_challenge(
      obj, out, stox_span_slice(stox_buf_span(&obj->auth), from, obj->auth.len));
}

/* ---- client-final ---- */

/* RFC 5802 3: the proof, without the mask that the stored key makes, hashes to the stored key. */
static int check_proof(stox_sasl_server *obj, stox_span proof) {
  const int hash = hash_of(obj);
  const size_t n = stox_hash_size(hash);
  unsigned char key[STOX_HASH_MAX] = {0};
  unsigned char stored[STOX_HASH_MAX];
  stox_buf text;
  stox_buf_init(&text, key, n);
  if (stox_base64_parse(&text, proof, STOX_BASE64) != STOX_OK || text.len != n) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  int status = stox_scram_mask(key, hash, obj->keys.stored_key, auth_message(obj));
  if (status == STOX_OK) {
    status = stox_scram_stored_key(stored, hash, key);
  }
  const stox_span got = {(const char *)stored, n};
  const stox_span want = {(const char *)obj->keys.stored_key, n};
  const int is_equal = status == STOX_OK && stox_octets_is_equal_ct(got, want);
  stox_wipe(key, sizeof key);
  if (status != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  return is_equal && obj->is_known ? STOX_SASL_SAY : STOX_SASL_NOT_AUTHORIZED;
}

/* server-final, by which the client knows that we know the key. */
static int sign(stox_sasl_server *obj) {
  const int hash = hash_of(obj);
  const size_t n = stox_hash_size(hash);
  unsigned char signature[STOX_HASH_MAX];
  char room[2 + 4 * (STOX_HASH_MAX / 3 + 1)];
  stox_buf text;
  const stox_span key = {(const char *)obj->keys.server_key, n};
  if (stox_hmac(hash, key, auth_message(obj), signature, sizeof signature) != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  stox_buf_init(&text, room, sizeof room);
  (void)stox_buf_put_text(&text, "v=");
  (void)stox_base64_write(&text, (stox_span){(const char *)signature, n}, STOX_BASE64);
  stox_sasl_server_say(obj, stox_buf_span(&text));
  return STOX_SASL_SAY;
}

static int feed_final(stox_sasl_server *obj, stox_span message) {
  stox_scram_final final;
  if (stox_scram_read_final(&final, message) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  if (!stox_span_is_equal(final.nonce, obj->nonce)) {
    return STOX_SASL_NOT_AUTHORIZED;
  }
  int result = check_binding(obj, final.binding);
  if (result != STOX_SASL_SAY) {
    return result;
  }
  (void)stox_buf_put_octet(&obj->auth, ',');
  if (stox_buf_put(&obj->auth, final.unproved) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  result = check_proof(obj, final.proof);
  if (result == STOX_SASL_SAY) {
    result = obj->condition > 0 ? obj->condition : sign(obj);
  }
  return result == STOX_SASL_SAY ? stox_sasl_server_authorize(obj) : result;
}

int stox_sasl_scram_feed(stox_sasl_server *obj, stox_span message, stox_sasl_message *out) {
  (void)out;
  switch (obj->step++) {
  case 0:
    return feed_first(obj, message);
  case 1:
    return feed_final(obj, message);
  default:
    return STOX_SASL_MALFORMED_REQUEST;
  }
}
