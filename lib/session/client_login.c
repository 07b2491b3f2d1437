/* SPDX-License-Identifier: MIT */
/* What a client does with its server once a stream is open: TLS, SASL, binding. */
#include "session/client_private.h"

#include "base/options.h"
#include "stox/status.h"

#define NS_BINDINGS "urn:xmpp:sasl-cb:0"

enum { PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS };

/* ---- SASL ---- */

/* A binding that the server does not tell would be a guess, and a wrong one looks like a wrong
 * password: it is made only where policy leaves nothing else. */
static void choose_binding(stox_sasl_client_options *own, uint32_t told) {
  const uint32_t known = own->bindings & told;
  if (known != 0) {
    own->bindings = known;
  } else if ((own->mechanisms & ~(uint32_t)PLUS) != 0) {
    own->mechanisms &= ~(uint32_t)PLUS;
  }
}

static int make_sasl(stox_client *obj, const stox_client_credentials *credentials) {
  stox_sasl_client_options own;
  (void)stox_sasl_client_options_init(&own, sizeof own);
  if (stox_options_read(&own, sizeof own, obj->options.sasl) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.stream = STOX_SASL_CLIENT_STREAM;
  own.domain = obj->options.stream->to;
  own.peer = &obj->peer.peer;
  own.alloc = own.alloc == NULL ? obj->alloc : own.alloc;
  own.random = own.random == NULL ? obj->options.stream->random : own.random;
  choose_binding(&own, obj->bindings);
  own.username = credentials->username;
  own.password = credentials->password;
  stox_sasl_client_del(obj->sasl);
  return stox_sasl_client_new(&obj->sasl, &own);
}

/* The next mechanism; STOX_E_NONE: there is none left. */
static int try_next(stox_client *obj, uint64_t now_ns) {
  stox_sasl_message out = {0};
  const int status = stox_sasl_client_start(obj->sasl, obj->offered, &out);
  if (status != STOX_OK) {
    return status;
  }
  obj->mechanism = stox_sasl_client_mechanism(obj->sasl);
  return stox_sasl_put(obj->stream, &out, obj->dialect, obj->alloc, now_ns);
}

static void begin(stox_client *obj, int status, const stox_client_credentials *credentials,
                  uint64_t now_ns) {
  if (status == STOX_OK) {
    status = make_sasl(obj, credentials);
  }
  if (status == STOX_OK) {
    status = try_next(obj, now_ns);
  }
  if (status != STOX_OK) {
    client_close_for(obj, status == STOX_E_NONE ? STOX_E_UNSUPPORTED : status, now_ns);
  }
}

static void ask(stox_client *obj, int condition, uint64_t now_ns) {
  const stox_sasl_client_options *sasl = obj->options.sasl;
  stox_client_credentials credentials = {sasl->username, sasl->password};
  int status = STOX_OK;
  if (obj->options.ask != NULL) {
    credentials = (stox_client_credentials){{NULL, 0}, {NULL, 0}};
    obj->asked++;
    status = obj->options.ask(obj->options.ud, condition, &credentials);
  }
  obj->is_asking = status == STOX_E_MORE;
  if (obj->is_asking) {
    stox_stream_wait(obj->stream, 1);
  } else {
    begin(obj, status, &credentials, now_ns);
  }
}

int stox_client_answer(stox_client *obj, int status, const stox_client_credentials *credentials,
                       uint64_t now_ns) {
  if (!obj->is_asking) {
    return STOX_E_STATE;
  }
  obj->is_asking = 0;
  stox_stream_wait(obj->stream, 0);
  begin(obj, status, credentials, now_ns);
  return STOX_OK;
}

/* After a failure: another mechanism, or other credentials where these were wrong. */
static void on_failure(stox_client *obj, const stox_sasl_message *in, int why, uint64_t now_ns) {
  obj->failure = *in;
  obj->failure.mechanism = obj->mechanism;
  obj->has_failed = 1;
  const int status = try_next(obj, now_ns);
  const int may_ask = why == STOX_E_REFUSED && in->condition == STOX_SASL_NOT_AUTHORIZED &&
                      obj->options.ask != NULL && obj->asked <= obj->options.retries;
  if (status == STOX_E_NONE && may_ask) {
    ask(obj, in->condition, now_ns);
  } else if (status != STOX_OK) {
    client_close_for(obj, status == STOX_E_NONE ? STOX_E_AUTH : status, now_ns);
  }
}

static void on_success(stox_client *obj, uint64_t now_ns) {
  const stox_span absent = {NULL, 0};
  obj->is_authenticated = 1;
  stox_sasl_client_del(obj->sasl);
  obj->sasl = NULL;
  stox_peer_drop(&obj->peer, obj->alloc);
  (void)stox_stream_authenticate(obj->stream, absent, STOX_STREAM_BY_SASL, now_ns);
}

static void on_exchange(stox_client *obj, const stox_sasl_message *in, uint64_t now_ns) {
  stox_sasl_message out = {0};
  int status = stox_sasl_client_feed(obj->sasl, in, &out);
  const int state = stox_sasl_client_state(obj->sasl);
  if (state == STOX_SASL_CLIENT_DONE) {
    on_success(obj, now_ns);
    return;
  }
  if (state == STOX_SASL_CLIENT_IDLE && status != STOX_E_STATE) {
    on_failure(obj, in, status, now_ns);
    return;
  }
  if (status == STOX_OK) {
    status = stox_sasl_put(obj->stream, &out, obj->dialect, obj->alloc, now_ns);
  } else {
    status = STOX_E_AUTH; /* the server is not who it must be, or does what it must not */
  }
  if (status != STOX_OK) {
    client_close_for(obj, status, now_ns);
  }
}

void client_on_sasl(stox_client *obj, const stox_xml_element *element, uint64_t now_ns) {
  stox_sasl_message in;
  stox_arena_reset(&obj->arena);
  const int status = stox_sasl_read(&in, &obj->arena, element);
  if (status != STOX_OK) {
    stox_stream_end_for(obj->stream, status, now_ns);
  } else if (obj->sasl == NULL) {
    client_close_for(obj, STOX_E_AUTH, now_ns);
  } else {
    on_exchange(obj, &in, now_ns);
  }
}

/* ---- features and binding ---- */

static void bind_resource(stox_client *obj, stox_span resource, uint64_t now_ns) {
  const int status = stox_stream_bind(obj->stream, resource, now_ns);
  if (status != STOX_OK) {
    client_close_for(obj, status, now_ns);
  }
}

static int wants_tls(const stox_client *obj, const stox_stream_features *features) {
  const int is_offered = (features->offered & STOX_FEATURE_STARTTLS) != 0;
  return !stox_stream_is_secure(obj->stream) &&
         (obj->options.tls == STOX_CLIENT_TLS_REQUIRED ||
          (obj->options.tls == STOX_CLIENT_TLS_OPTIONAL && is_offered));
}

/* Which channel bindings the server takes (XEP-0440). */
static uint32_t read_bindings(const stox_stream_features *features) {
  static const struct {
    const char *type;
    uint32_t bit;
  } rows[] = {{"tls-exporter", STOX_SASL_BIND_TLS_EXPORTER},
              {"tls-server-end-point", STOX_SASL_BIND_TLS_SERVER_END_POINT}};
  const stox_xml_element *list =
      stox_xml_child(features->element, NS_BINDINGS, "sasl-channel-binding", NULL);
  const stox_xml_element *each = NULL;
  uint32_t found = 0;
  while (list != NULL &&
         (each = stox_xml_child(list, NS_BINDINGS, "channel-binding", each)) != NULL) {
    const stox_span type = stox_xml_attribute_of(each, "type");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
      found |= stox_span_is_equal(type, stox_span_text(rows[i].type)) ? rows[i].bit : 0;
    }
  }
  return found;
}

void client_on_features(stox_client *obj, const stox_stream_features *features, uint64_t now_ns) {
  if (wants_tls(obj, features)) {
    (void)stox_stream_starttls(obj->stream, now_ns);
    return;
  }
  if (obj->is_authenticated && (features->offered & STOX_FEATURE_BIND) != 0) {
    bind_resource(obj, obj->options.resource, now_ns);
    return;
  }
  obj->offered = 0;
  obj->bindings = read_bindings(features);
  stox_arena_reset(&obj->arena);
  const int status = obj->is_authenticated
                         ? STOX_E_NONE
                         : stox_sasl_mechanisms_read(&obj->offered, &obj->arena, features->element);
  if (status == STOX_OK) {
    ask(obj, STOX_SASL_NONE, now_ns);
  } else {
    client_close_for(obj, status == STOX_E_NONE ? STOX_E_UNSUPPORTED : status, now_ns);
  }
}

/* A resource that cannot be had may be replaced by one of the server's (RFC 6120 7.7.2). */
void client_bind_again(stox_client *obj, uint64_t now_ns) {
  static const int replaceable[] = {STOX_COND_CONFLICT, STOX_COND_BAD_REQUEST,
                                    STOX_COND_NOT_ACCEPTABLE, STOX_COND_JID_MALFORMED};
  const stox_span absent = {NULL, 0};
  size_t i = 0;
  while (i < sizeof replaceable / sizeof replaceable[0] && replaceable[i] != obj->refusal) {
    i++;
  }
  obj->must_bind = 0;
  if (i < sizeof replaceable / sizeof replaceable[0] && !obj->has_waived &&
      obj->options.resource.p != NULL) {
    obj->has_waived = 1;
    bind_resource(obj, absent, now_ns);
  } else {
    client_close_for(obj, STOX_E_REFUSED, now_ns);
  }
}
