/* SPDX-License-Identifier: MIT */
#include "session/sasl_client.h"

#include "base/options.h"
#include "stox/number.h"
#include "stox/secret.h"
#include "stox/status.h"
#include "stox/stringprep.h"

#include <string.h>

enum {
  PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS,
  HASHED = PLUS | STOX_SASL_SCRAM_SHA_256 | STOX_SASL_SCRAM_SHA_1 | STOX_SASL_DIGEST_MD5,
  BY_PASSWORD = HASHED | STOX_SASL_PLAIN
};

static const stox_sasl_client_options defaults = {
    .size = sizeof(stox_sasl_client_options),
    .mechanisms = STOX_SASL_MECHANISMS_DEFAULT,
    .bindings = STOX_SASL_BIND_TLS_EXPORTER | STOX_SASL_BIND_TLS_SERVER_END_POINT,
    .iterations_min = 4096,
    .iterations_max = 1000000,
};

int stox_sasl_client_options_init(stox_sasl_client_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- making and ending ---- */

static void begin(stox_sasl_client *obj) {
  stox_buf_init(&obj->auth, obj->auth_room, sizeof obj->auth_room);
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  stox_buf_init(&obj->wire, obj->wire_room, sizeof obj->wire_room);
  obj->step = 0;
  obj->is_proved = 0;
  obj->reason = STOX_OK;
  obj->proof_n = 0;
}

/* Forgets the secrets of an exchange; the password may be wanted for the next. */
static void forget(stox_sasl_client *obj) {
  stox_wipe(obj->auth_room, sizeof obj->auth_room);
  stox_wipe(obj->message_room, sizeof obj->message_room);
  stox_wipe(obj->proof, sizeof obj->proof);
  obj->proof_n = 0;
}

static stox_span keep(stox_sasl_client *obj, stox_span octets) {
  const stox_span kept = {obj->tail + obj->tail_n, octets.n};
  if (octets.n > 0) {
    memcpy(obj->tail + obj->tail_n, octets.p, octets.n);
  }
  obj->tail_n += octets.n;
  return kept;
}

static stox_span since(const stox_buf *buf, size_t from) {
  return stox_span_slice(stox_buf_span(buf), from, buf->len - from);
}

/* Name or password: prepared where there is one. */
static int keep_prepared(stox_sasl_client *obj, stox_span *text) {
  const size_t from = obj->texts.len;
  if (text->n == 0) {
    return STOX_OK;
  }
  const int status = stox_stringprep(&obj->texts, *text, STOX_SASLPREP, NULL);
  *text = since(&obj->texts, from);
  return status;
}

/* An authzid is left out where it is what the user's name stands for (RFC 3920 6.1, rule 7). */
static int keep_authzid(stox_sasl_client *obj) {
  stox_sasl_client_options *o = &obj->options;
  stox_buf own;
  const size_t from = obj->texts.len;
  if (o->authzid.n == 0) {
    return STOX_OK;
  }
  const int status = stox_sasl_put_identity(&obj->texts, o->authzid, o->stream, &obj->scratch);
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? status : STOX_E_BAD_JID;
  }
  obj->authzid = since(&obj->texts, from);
  stox_buf_init(&own, obj->auth_room, sizeof obj->auth_room);
  const int is_default =
      stox_sasl_put_default(&own, o->username, o->domain, o->stream, &obj->scratch) == STOX_OK &&
      stox_span_is_equal(stox_buf_span(&own), obj->authzid);
  obj->act_for = is_default ? (stox_span){NULL, 0} : obj->authzid;
  return STOX_OK;
}

static int set_up(stox_sasl_client *obj, const stox_peer *peer) {
  stox_sasl_client_options *o = &obj->options;
  stox_buf_init(&obj->texts, obj->texts_room, sizeof obj->texts_room);
  if (stox_sasl_put_identity(&obj->texts, o->domain, STOX_SASL_SERVER_STREAM, &obj->scratch) !=
      STOX_OK) {
    return STOX_E_ARG;
  }
  o->domain = stox_buf_span(&obj->texts);
  int status = keep_prepared(obj, &o->username);
  if (status == STOX_OK) {
    status = keep_prepared(obj, &o->password);
  }
  if (status == STOX_OK) {
    status = keep_authzid(obj);
  }
  o->authzid = obj->authzid;
  o->peer = NULL;
  obj->secure = peer->secure;
  obj->verified = peer->verified;
  obj->exporter = keep(obj, peer->channel_binding);
  obj->end_point = keep(obj, peer->server_end_point);
  obj->state = STOX_SASL_CLIENT_IDLE;
  return status;
}

int stox_sasl_client_new(stox_sasl_client **out, const stox_sasl_client_options *options) {
  stox_sasl_client_options own = defaults;
  stox_peer peer = {.size = sizeof peer};
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      stox_options_read(&peer, sizeof peer, own.peer) != STOX_OK || own.domain.n == 0 ||
      (own.stream != STOX_SASL_CLIENT_STREAM && own.stream != STOX_SASL_SERVER_STREAM)) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  const size_t n = sizeof(stox_sasl_client) + peer.channel_binding.n + peer.server_end_point.n;
  stox_sasl_client *obj = own.alloc->resize(own.alloc->ud, NULL, 0, n);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, n);
  obj->options = own;
  obj->size = n;
  const int status = set_up(obj, &peer);
  if (status != STOX_OK) {
    stox_sasl_client_del(obj);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

void stox_sasl_client_del(stox_sasl_client *obj) {
  if (obj == NULL) {
    return;
  }
  const stox_allocator *alloc = obj->options.alloc;
  const size_t n = obj->size;
  stox_wipe(obj, n);
  (void)alloc->resize(alloc->ud, obj, n, 0);
}

int stox_sasl_client_state(const stox_sasl_client *obj) {
  return obj->state;
}

int stox_sasl_client_mechanism(const stox_sasl_client *obj) {
  return obj->mechanism;
}

int stox_sasl_client_condition(const stox_sasl_client *obj) {
  return obj->condition;
}

int stox_sasl_client_draw(stox_sasl_client *obj) {
  unsigned char octets[STOX_SASL_NONCE / 4 * 3];
  const stox_random *random = obj->options.random;
  stox_buf text;
  const int status = random->fill(random->ud, octets, sizeof octets);
  if (status != STOX_OK) {
    return status;
  }
  stox_buf_init(&text, obj->nonce_text, sizeof obj->nonce_text);
  (void)stox_base64_write(&text, (stox_span){(const char *)octets, sizeof octets}, STOX_BASE64);
  obj->nonce = stox_buf_span(&text);
  return STOX_OK;
}

/* ---- choice ---- */

static uint32_t possible(const stox_sasl_client *obj) {
  const stox_sasl_client_options *o = &obj->options;
  const char *type = NULL;
  const int has_password = o->username.n > 0 && o->password.n > 0;
  uint32_t can = 0;
  if (obj->secure && o->has_certificate) {
    can |= STOX_SASL_EXTERNAL;
  }
  if (has_password && o->random != NULL) {
    can |= stox_sasl_client_binding(obj, &type).n > 0 ? HASHED : HASHED & ~PLUS;
  }
  if (has_password && obj->secure && obj->verified) {
    can |= STOX_SASL_PLAIN;
  }
  return can;
}

static int start_plain(stox_sasl_client *obj) {
  (void)stox_buf_put(&obj->auth, obj->act_for);
  (void)stox_buf_put_octet(&obj->auth, '\0');
  (void)stox_buf_put(&obj->auth, obj->options.username);
  (void)stox_buf_put_octet(&obj->auth, '\0');
  (void)stox_buf_put(&obj->auth, obj->options.password);
  obj->is_proved = 1;
  return obj->auth.len > STOX_SASL_MESSAGE_MAX ? STOX_E_TOO_LONG : STOX_OK;
}

static int start_mechanism(stox_sasl_client *obj) {
  switch (obj->mechanism) {
  case STOX_SASL_EXTERNAL:
    obj->is_proved = 1;
    return stox_buf_put(&obj->auth, obj->authzid);
  case STOX_SASL_PLAIN:
    return start_plain(obj);
  case STOX_SASL_DIGEST_MD5:
    return STOX_OK;
  default:
    return stox_sasl_client_scram_start(obj);
  }
}

/* obj->wire := octets in base64, as `data` wants it. */
static stox_span put_wire(stox_sasl_client *obj, stox_span octets) {
  stox_buf_init(&obj->wire, obj->wire_room, sizeof obj->wire_room);
  (void)stox_sasl_data_write(&obj->wire, octets);
  return stox_buf_span(&obj->wire);
}

int stox_sasl_client_start(stox_sasl_client *obj, uint32_t offered, stox_sasl_message *out) {
  if (obj->state != STOX_SASL_CLIENT_IDLE) {
    return STOX_E_STATE;
  }
  const uint32_t left = offered & obj->options.mechanisms & possible(obj) & ~obj->tried;
  if (left == 0) {
    return STOX_E_NONE;
  }
  begin(obj);
  obj->mechanism = (int)(left & (~left + 1)); /* the lowest bit is the best */
  obj->offered = offered;
  const int status = start_mechanism(obj);
  if (status != STOX_OK) {
    forget(obj);
    return status;
  }
  *out = (stox_sasl_message){.kind = STOX_SASL_AUTH, .mechanism = obj->mechanism};
  if (obj->mechanism != STOX_SASL_DIGEST_MD5) {
    out->data = put_wire(obj, stox_buf_span(&obj->auth));
  }
  if (obj->mechanism == STOX_SASL_PLAIN) {
    forget(obj);
  }
  obj->condition = STOX_SASL_NONE;
  obj->state = STOX_SASL_CLIENT_EXCHANGE;
  return STOX_OK;
}

/* ---- the server's elements ---- */

static int feed_data(stox_sasl_client *obj, stox_span text) {
  stox_buf_init(&obj->message, obj->message_room, sizeof obj->message_room);
  const int status = stox_sasl_data_parse(&obj->message, text);
  if (status == STOX_E_BAD_BASE64 || status == STOX_E_NOBUF) {
    return STOX_E_SYNTAX;
  }
  const stox_span message = stox_buf_span(&obj->message);
  if ((obj->mechanism & (STOX_SASL_EXTERNAL | STOX_SASL_PLAIN)) != 0) {
    return STOX_E_SYNTAX; /* they have no challenge */
  }
  if (obj->mechanism == STOX_SASL_DIGEST_MD5) {
    return stox_sasl_client_digest_feed(obj, message);
  }
  return stox_sasl_client_scram_feed(obj, message);
}

static int feed_challenge(stox_sasl_client *obj, stox_span text, stox_sasl_message *out) {
  if (obj->reason != STOX_OK) {
    return STOX_E_STATE;
  }
  const int status = feed_data(obj, text);
  if (status != STOX_OK) {
    obj->reason = status;
    forget(obj);
    *out = (stox_sasl_message){.kind = STOX_SASL_ABORT};
    return STOX_OK;
  }
  *out = (stox_sasl_message){.kind = STOX_SASL_RESPONSE};
  if (obj->message.len > 0) {
    out->data = put_wire(obj, stox_buf_span(&obj->message));
  }
  return STOX_OK;
}

/* A server that is a stranger to the secret must not succeed. */
static int feed_success(stox_sasl_client *obj, stox_span text) {
  int status = obj->reason == STOX_OK ? STOX_OK : STOX_E_AUTH;
  if (status == STOX_OK && text.n > 0 && !obj->is_proved) {
    status = obj->step == 1 ? feed_data(obj, text) : STOX_E_AUTH;
  } else if (status == STOX_OK && text.n > 0 && !(text.n == 1 && text.p[0] == '=')) {
    status = STOX_E_SYNTAX; /* data where the mechanism has none */
  }
  if (status == STOX_OK && !obj->is_proved) {
    status = STOX_E_AUTH;
  }
  obj->state = status == STOX_OK ? STOX_SASL_CLIENT_DONE : STOX_SASL_CLIENT_DEAD;
  forget(obj);
  stox_wipe(obj->wire_room, sizeof obj->wire_room);
  stox_wipe(obj->texts_room, sizeof obj->texts_room);
  return status;
}

static int feed_failure(stox_sasl_client *obj, int condition) {
  const int reason = obj->reason;
  const int is_about_mechanism =
      condition == STOX_SASL_INVALID_MECHANISM || condition == STOX_SASL_MECHANISM_TOO_WEAK;
  obj->condition = condition;
  obj->tried |= (uint32_t)obj->mechanism;
  if (obj->mechanism != STOX_SASL_EXTERNAL && !is_about_mechanism) {
    obj->tried |= BY_PASSWORD;
  }
  obj->state = STOX_SASL_CLIENT_IDLE;
  obj->reason = STOX_OK;
  forget(obj);
  stox_wipe(obj->wire_room, sizeof obj->wire_room);
  return reason == STOX_OK ? STOX_E_REFUSED : reason;
}

int stox_sasl_client_feed(stox_sasl_client *obj, const stox_sasl_message *in,
                          stox_sasl_message *out) {
  *out = (stox_sasl_message){.kind = 0};
  if (obj->state != STOX_SASL_CLIENT_EXCHANGE) {
    return STOX_E_STATE;
  }
  switch (in->kind) {
  case STOX_SASL_CHALLENGE:
    return feed_challenge(obj, in->data, out);
  case STOX_SASL_SUCCESS:
    return feed_success(obj, in->data);
  case STOX_SASL_FAILURE:
    return feed_failure(obj, in->condition);
  default:
    return STOX_E_STATE;
  }
}
