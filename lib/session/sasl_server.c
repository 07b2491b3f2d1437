/* SPDX-License-Identifier: MIT */
#include "session/sasl_server.h"

#include "base/options.h"
#include "stox/number.h"
#include "stox/secret.h"
#include "stox/status.h"
#include "stox/stringprep.h"

#include <string.h>

enum {
  SCRAM = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_256 | STOX_SASL_SCRAM_SHA_1_PLUS |
          STOX_SASL_SCRAM_SHA_1,
  PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS,
  RETRIES_MIN = 2, /* RFC 6120 6.4.5 */
  RETRIES_MAX = 5
};

static const stox_sasl_server_options defaults = {
    .size = sizeof(stox_sasl_server_options),
    .mechanisms = STOX_SASL_MECHANISMS_DEFAULT,
    .retries = RETRIES_MIN,
    .iterations = STOX_SCRAM_ITERATIONS_MIN,
};

static const stox_sasl_answer no_answer = {.size = sizeof(stox_sasl_answer)};

int stox_sasl_server_options_init(stox_sasl_server_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

int stox_sasl_answer_init(stox_sasl_answer *out, size_t size) {
  return stox_options_init(out, size, &no_answer, sizeof no_answer);
}

/* ---- making and ending ---- */

static void begin(stox_sasl_server *obj) {
  stox_buf_init(&obj->auth, obj->auth_room, sizeof obj->auth_room);
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  stox_buf_init(&obj->wire, obj->wire_room, sizeof obj->wire_room);
  stox_buf_init(&obj->names, obj->names_room, sizeof obj->names_room);
}

/* Forgets the exchange, its secrets first. */
static void forget(stox_sasl_server *obj) {
  stox_wipe(obj->auth_room, sizeof obj->auth_room);
  stox_wipe(obj->message_room, sizeof obj->message_room);
  stox_wipe(&obj->keys, sizeof obj->keys);
  stox_wipe(obj->digest_secret, sizeof obj->digest_secret);
  obj->mechanism = 0;
  obj->step = 0;
  obj->asked = 0;
  obj->is_known = 0;
  obj->condition = 0;
  obj->gs2_n = 0;
  obj->username = obj->authzid = obj->jid = obj->password = obj->nonce = (stox_span){NULL, 0};
  begin(obj);
}

static stox_span keep(stox_sasl_server *obj, stox_span text) {
  const stox_span kept = {obj->tail + obj->tail_n, text.n};
  if (text.n > 0) {
    memcpy(obj->tail + obj->tail_n, text.p, text.n);
  }
  obj->tail_n += text.n;
  return kept;
}

static uint32_t offered(const stox_sasl_server *obj) {
  const stox_sasl_server_options *o = &obj->options;
  uint32_t can = 0;
  if (obj->secure && obj->identities.n > 0) {
    can |= STOX_SASL_EXTERNAL;
  }
  if (o->ask != NULL && o->random != NULL && o->decoy_secret.n > 0) {
    const int has_binding = obj->secure && (obj->exporter.n > 0 || obj->end_point.n > 0);
    can |= has_binding ? SCRAM : SCRAM & ~PLUS;
  }
  if (o->ask != NULL && o->random != NULL) {
    can |= STOX_SASL_DIGEST_MD5;
  }
  if (o->ask != NULL && obj->secure) {
    can |= STOX_SASL_PLAIN;
  }
  return can & o->mechanisms;
}

static int check(const stox_sasl_server_options *o) {
  const int is_stream =
      o->stream == STOX_SASL_CLIENT_STREAM || o->stream == STOX_SASL_SERVER_STREAM;
  const int is_bad = !is_stream || o->retries < RETRIES_MIN || o->retries > RETRIES_MAX ||
                     o->iterations == 0 || o->domain.n == 0;
  return is_bad ? STOX_E_ARG : STOX_OK;
}

static int set_up(stox_sasl_server *obj, const stox_peer *peer) {
  stox_sasl_server_options *o = &obj->options;
  stox_buf domain;
  stox_buf_init(&domain, obj->domain_room, sizeof obj->domain_room);
  if (stox_sasl_put_identity(&domain, o->domain, STOX_SASL_SERVER_STREAM, &obj->scratch) !=
      STOX_OK) {
    return STOX_E_ARG;
  }
  o->domain = stox_buf_span(&domain);
  o->from = keep(obj, o->from);
  o->decoy_secret = keep(obj, o->decoy_secret);
  o->peer = NULL;
  obj->secure = peer->secure;
  obj->exporter = keep(obj, peer->channel_binding);
  obj->end_point = keep(obj, peer->server_end_point);
  if (peer->verified) {
    obj->identities = keep(obj, peer->identities);
  }
  obj->state = STOX_SASL_SERVER_OPEN;
  obj->offered = offered(obj);
  begin(obj);
  return STOX_OK;
}

int stox_sasl_server_new(stox_sasl_server **out, const stox_sasl_server_options *options) {
  stox_sasl_server_options own = defaults;
  stox_peer peer = {.size = sizeof peer};
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own) != STOX_OK || stox_options_read(&peer, sizeof peer, own.peer) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  const size_t n = sizeof(stox_sasl_server) + own.from.n + own.decoy_secret.n +
                   peer.channel_binding.n + peer.server_end_point.n + peer.identities.n;
  stox_sasl_server *obj = own.alloc->resize(own.alloc->ud, NULL, 0, n);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, n);
  obj->options = own;
  obj->size = n;
  const int status = set_up(obj, &peer);
  if (status != STOX_OK) {
    stox_sasl_server_del(obj);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

void stox_sasl_server_del(stox_sasl_server *obj) {
  if (obj == NULL) {
    return;
  }
  const stox_allocator *alloc = obj->options.alloc;
  const size_t n = obj->size;
  stox_wipe(obj, n);
  (void)alloc->resize(alloc->ud, obj, n, 0);
}

uint32_t stox_sasl_server_mechanisms(const stox_sasl_server *obj) {
  return obj->offered;
}

int stox_sasl_server_state(const stox_sasl_server *obj) {
  return obj->state;
}

int stox_sasl_server_mechanism(const stox_sasl_server *obj) {
  return obj->mechanism;
}

stox_span stox_sasl_server_jid(const stox_sasl_server *obj) {
  return obj->state == STOX_SASL_SERVER_DONE ? obj->jid : (stox_span){NULL, 0};
}

/* ---- what the mechanisms share ---- */

void stox_sasl_server_say(stox_sasl_server *obj, stox_span octets) {
  stox_buf_init(&obj->wire, obj->wire_room, sizeof obj->wire_room);
  (void)stox_base64_write(&obj->wire, octets, STOX_BASE64);
}

int stox_sasl_server_challenge(stox_sasl_server *obj, stox_sasl_message *out, stox_span octets) {
  stox_sasl_server_say(obj, octets);
  *out = (stox_sasl_message){.kind = STOX_SASL_CHALLENGE};
  out->data = octets.n > 0 ? stox_buf_span(&obj->wire) : out->data;
  return stox_buf_status(&obj->wire) == STOX_OK ? STOX_SASL_SAY : STOX_SASL_TEMPORARY_AUTH_FAILURE;
}

/* A localpart is what clients are asked for by, in the form in which addresses compare. */
static int put_localpart(stox_sasl_server *obj, stox_span name) {
  const size_t before = obj->names.len;
  if (obj->options.stream == STOX_SASL_CLIENT_STREAM &&
      stox_stringprep(&obj->names, name, STOX_NODEPREP, NULL) == STOX_OK) {
    return STOX_OK;
  }
  obj->names.len = before;
  return stox_buf_put(&obj->names, name);
}

int stox_sasl_server_keep_name(stox_sasl_server *obj, stox_span name) {
  char room[STOX_SASL_NAME_MAX];
  stox_buf prepared;
  stox_buf_init(&prepared, room, sizeof room);
  const size_t from = obj->names.len;
  const int status = stox_stringprep(&prepared, name, STOX_SASLPREP, NULL);
  if (status == STOX_E_NOMEM) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  if (status != STOX_OK || put_localpart(obj, stox_buf_span(&prepared)) != STOX_OK) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  obj->username = stox_span_slice(stox_buf_span(&obj->names), from, obj->names.len - from);
  return STOX_SASL_SAY;
}

int stox_sasl_server_keep_authzid(stox_sasl_server *obj, stox_span authzid) {
  const size_t from = obj->names.len;
  const int status =
      stox_sasl_put_identity(&obj->names, authzid, obj->options.stream, &obj->scratch);
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? STOX_SASL_TEMPORARY_AUTH_FAILURE : STOX_SASL_INVALID_AUTHZID;
  }
  obj->authzid = stox_span_slice(stox_buf_span(&obj->names), from, obj->names.len - from);
  return STOX_SASL_SAY;
}

int stox_sasl_server_authorize(stox_sasl_server *obj) {
  stox_buf own;
  stox_buf_init(&own, obj->identity_room, sizeof obj->identity_room);
  const int status = stox_sasl_put_default(&own, obj->username, obj->options.domain,
                                           obj->options.stream, &obj->scratch);
  if (status == STOX_E_NOMEM) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  if (status != STOX_OK) {
    return STOX_SASL_NOT_AUTHORIZED;
  }
  obj->jid = stox_buf_span(&own);
  if (obj->authzid.n == 0 || stox_span_is_equal(obj->authzid, obj->jid)) {
    return STOX_SASL_PASSED;
  }
  obj->jid = obj->authzid;
  obj->asked = STOX_SASL_ASK_AUTHORIZE;
  return STOX_SASL_ASK;
}

int stox_sasl_server_put_nonce(stox_sasl_server *obj, stox_buf *out) {
  unsigned char octets[STOX_SASL_NONCE / 4 * 3];
  const stox_random *random = obj->options.random;
  if (random->fill(random->ud, octets, sizeof octets) != STOX_OK) {
    return STOX_SASL_TEMPORARY_AUTH_FAILURE;
  }
  (void)stox_base64_write(out, (stox_span){(const char *)octets, sizeof octets}, STOX_BASE64);
  return STOX_SASL_SAY;
}

/* ---- questions ---- */

static void fill_question(const stox_sasl_server *obj, stox_sasl_question *out) {
  *out = (stox_sasl_question){
      .kind = obj->asked, .username = obj->username, .domain = obj->options.domain};
  switch (obj->asked) {
  case STOX_SASL_ASK_SCRAM:
    out->hash = stox_sasl_mechanism_hash(obj->mechanism);
    break;
  case STOX_SASL_ASK_PASSWORD:
    out->password = obj->password;
    break;
  case STOX_SASL_ASK_DIGEST:
    out->realm = obj->options.domain;
    break;
  default:
    out->jid = obj->jid;
    break;
  }
}

/* A yes or no; the condition of the host comes first, then that of the question. */
static int verdict(int status, const stox_sasl_answer *answer, int refusal) {
  if (answer->condition > 0) {
    return answer->condition;
  }
  if (status == STOX_OK) {
    return STOX_SASL_SAY;
  }
  return status == STOX_E_AUTH ? refusal : STOX_SASL_TEMPORARY_AUTH_FAILURE;
}

static int password_answered(stox_sasl_server *obj, int status, const stox_sasl_answer *answer) {
  stox_wipe(obj->message_room, sizeof obj->message_room);
  obj->password = (stox_span){NULL, 0};
  if (status == STOX_E_AUTH) {
    return STOX_SASL_NOT_AUTHORIZED; /* whatever else is to be said of the account */
  }
  const int result = verdict(status, answer, STOX_SASL_NOT_AUTHORIZED);
  return result == STOX_SASL_SAY ? stox_sasl_server_authorize(obj) : result;
}

static int answered(stox_sasl_server *obj, int status, const stox_sasl_answer *answer,
                    stox_sasl_message *out) {
  const int asked = obj->asked;
  obj->asked = 0;
  switch (asked) {
  case STOX_SASL_ASK_SCRAM:
    return stox_sasl_scram_answered(obj, status, answer, out);
  case STOX_SASL_ASK_PASSWORD:
    return password_answered(obj, status, answer);
  case STOX_SASL_ASK_DIGEST:
    return stox_sasl_digest_answered(obj, status, answer, out);
  default: {
    const int result = verdict(status, answer, STOX_SASL_INVALID_AUTHZID);
    return result == STOX_SASL_SAY ? STOX_SASL_PASSED : result;
  }
  }
}

/* ---- the pulled side ---- */

static int fail(stox_sasl_server *obj, int condition, stox_sasl_message *out) {
  const int is_known = stox_sasl_condition_name(condition) != NULL;
  forget(obj);
  obj->failures++;
  obj->state =
      obj->failures > obj->options.retries ? STOX_SASL_SERVER_SPENT : STOX_SASL_SERVER_OPEN;
  *out = (stox_sasl_message){.kind = STOX_SASL_FAILURE,
                             .condition = is_known ? condition : STOX_SASL_NOT_AUTHORIZED};
  return STOX_OK;
}

static int succeed(stox_sasl_server *obj, stox_sasl_message *out) {
  const stox_span data = stox_buf_span(&obj->wire);
  stox_wipe(&obj->keys, sizeof obj->keys);
  stox_wipe(obj->digest_secret, sizeof obj->digest_secret);
  stox_wipe(obj->message_room, sizeof obj->message_room);
  obj->state = STOX_SASL_SERVER_DONE;
  *out = (stox_sasl_message){.kind = STOX_SASL_SUCCESS};
  out->data = data.n > 0 ? data : out->data;
  return STOX_OK;
}

/* Goes on until there is something to send, or the host wants time. */
static int run(stox_sasl_server *obj, int result, stox_sasl_message *out) {
  while (result == STOX_SASL_ASK) {
    stox_sasl_question question;
    stox_sasl_answer answer = no_answer;
    fill_question(obj, &question);
    const int status = obj->options.ask(obj->options.ud, &question, &answer);
    if (status == STOX_E_MORE) {
      obj->state = STOX_SASL_SERVER_ASKING;
      return STOX_E_MORE;
    }
    result = answered(obj, status, &answer, out);
    stox_wipe(&answer, sizeof answer);
  }
  if (result == STOX_SASL_PASSED) {
    return succeed(obj, out);
  }
  return result == STOX_SASL_SAY ? STOX_OK : fail(obj, result, out);
}

static int feed_mechanism(stox_sasl_server *obj, stox_sasl_message *out) {
  const stox_span message = stox_buf_span(&obj->message);
  switch (obj->mechanism) {
  case STOX_SASL_EXTERNAL:
    return stox_sasl_external_feed(obj, message);
  case STOX_SASL_PLAIN:
    return stox_sasl_plain_feed(obj, message);
  case STOX_SASL_DIGEST_MD5:
    return stox_sasl_digest_feed(obj, message, out);
  default:
    return stox_sasl_scram_feed(obj, message, out);
  }
}

static int feed_data(stox_sasl_server *obj, stox_span text, stox_sasl_message *out) {
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  const int status = stox_sasl_data_parse(&obj->message, text);
  if (status == STOX_E_BAD_BASE64) {
    return STOX_SASL_INCORRECT_ENCODING;
  }
  if (status == STOX_E_NOBUF) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  return feed_mechanism(obj, out);
}

/* Why a mechanism may not be used; 0 if it may. */
static int refuse_mechanism(const stox_sasl_server *obj, int mechanism) {
  const uint32_t bit = (uint32_t)mechanism;
  if ((obj->offered & bit) != 0) {
    return 0;
  }
  if (mechanism == 0 || mechanism == STOX_SASL_EXTERNAL) {
    return STOX_SASL_INVALID_MECHANISM;
  }
  if ((obj->options.mechanisms & bit) == 0) {
    return STOX_SASL_MECHANISM_TOO_WEAK;
  }
  return mechanism == STOX_SASL_PLAIN && !obj->secure ? STOX_SASL_ENCRYPTION_REQUIRED
                                                      : STOX_SASL_INVALID_MECHANISM;
}

static int feed_auth(stox_sasl_server *obj, const stox_sasl_message *in, stox_sasl_message *out) {
  if (obj->mechanism != 0) {
    return STOX_SASL_MALFORMED_REQUEST;
  }
  const int refusal = refuse_mechanism(obj, in->mechanism);
  if (refusal != 0) {
    return refusal;
  }
  obj->mechanism = in->mechanism;
  if (obj->mechanism == STOX_SASL_DIGEST_MD5) {
    /* The server speaks first; fast reauthentication is not offered. */
    return in->data.n > 0 ? STOX_SASL_MALFORMED_REQUEST : feed_data(obj, in->data, out);
  }
  if (in->data.n == 0) {
    /* The client speaks first, and has not yet (RFC 4422 4.3, note). */
    return stox_sasl_server_challenge(obj, out, (stox_span){NULL, 0});
  }
  return feed_data(obj, in->data, out);
}

int stox_sasl_server_feed(stox_sasl_server *obj, const stox_sasl_message *in,
                          stox_sasl_message *out) {
  int result = STOX_SASL_MALFORMED_REQUEST;
  if (obj->state != STOX_SASL_SERVER_OPEN) {
    return STOX_E_STATE;
  }
  *out = (stox_sasl_message){.kind = 0};
  if (in->kind == STOX_SASL_AUTH) {
    result = feed_auth(obj, in, out);
  } else if (in->kind == STOX_SASL_ABORT) {
    result = STOX_SASL_ABORTED;
  } else if (in->kind == STOX_SASL_RESPONSE && obj->mechanism != 0) {
    result = feed_data(obj, in->data, out);
  }
  return run(obj, result, out);
}

int stox_sasl_server_done(stox_sasl_server *obj, int status, const stox_sasl_answer *answer,
                          stox_sasl_message *out) {
  stox_sasl_answer own = no_answer;
  if (obj->state != STOX_SASL_SERVER_ASKING) {
    return STOX_E_STATE;
  }
  if (status == STOX_E_MORE || stox_options_read(&own, sizeof own, answer) != STOX_OK) {
    return STOX_E_ARG;
  }
  *out = (stox_sasl_message){.kind = 0};
  obj->state = STOX_SASL_SERVER_OPEN;
  const int result = answered(obj, status, &own, out);
  stox_wipe(&own, sizeof own);
  return run(obj, result, out);
}
