/* SPDX-License-Identifier: MIT */
#include "stox/client.h"

#include "base/options.h"
#include "session/negotiate.h"
#include "stox/identity.h"
#include "stox/status.h"

#include <string.h>

#define SECOND      UINT64_C(1000000000)
#define NS_BINDINGS "urn:xmpp:sasl-cb:0"

enum { OPEN_TOKEN = 1 };
enum { PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS };

/* CONNECT -(OPEN)-> OPENING -(done)-> STREAM; a connection that is not made leads to FAILED. */
enum { CONNECT, OPENING, STREAM, FAILED, TOLD };

struct stox_client {
  stox_client_options options;
  const stox_allocator *alloc;
  stox_stream *stream;
  stox_sasl_client *sasl;
  stox_kept_peer peer;
  stox_secure secure;
  stox_action action;
  stox_arena arena; /* of the last failure */
  stox_sasl_message failure;
  int state;
  int has_failed;
  int is_asking;
  int is_authenticated;
  int must_bind;  /* again, or give up: by `refusal` */
  int refusal;    /* of the last request to bind */
  int has_waived; /* the resource that was asked for */
  int reason;     /* why this end closes; STOX_OK: not by itself */
  int mechanism;
  int dialect;
  uint32_t offered;
  uint32_t bindings; /* that the server tells */
  uint32_t asked;    /* for credentials */
  uint64_t handle;
  uint64_t late; /* a flow that came too late */
  uint64_t deadline_ns;
};

static const stox_client_options defaults = {
    .size = sizeof(stox_client_options),
    .tls = STOX_CLIENT_TLS_REQUIRED,
    .open_timeout_ns = 10 * SECOND,
    .retries = 2,
};

int stox_client_options_init(stox_client_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- making and ending ---- */

static int check(const stox_client_options *o, const stox_flow *flow) {
  const int has_flow = flow == NULL ? o->remote.host.n > 0 : flow->handle != 0;
  const int has_all = o->stream != NULL && o->sasl != NULL && has_flow;
  const int has_tls = o->tls >= STOX_CLIENT_TLS_REQUIRED && o->tls <= STOX_CLIENT_TLS_NONE;
  return has_all && has_tls && o->stream->to.n > 0 && o->stream->random != NULL ? STOX_OK
                                                                                : STOX_E_ARG;
}

static int make_stream(stox_client *obj, const stox_flow *flow, uint64_t now_ns) {
  stox_stream_options own;
  (void)stox_stream_options_init(&own, sizeof own);
  int status = stox_options_read(&own, sizeof own, obj->options.stream);
  if (status == STOX_OK) {
    status = stox_peer_keep(&obj->peer, flow->peer, obj->alloc);
  }
  if (status != STOX_OK) {
    return status;
  }
  own.role = STOX_STREAM_INITIATING;
  own.kind = STOX_STREAM_CLIENT;
  own.handle = flow->handle;
  own.is_secure = obj->peer.peer.secure;
  obj->dialect = own.dialect;
  status = stox_stream_new(&obj->stream, &own, now_ns);
  obj->handle = status == STOX_OK ? flow->handle : 0;
  obj->state = status == STOX_OK ? STREAM : obj->state;
  return status;
}

int stox_client_new(stox_client **out, const stox_client_options *options, const stox_flow *flow,
                    uint64_t now_ns) {
  stox_client_options own = defaults;
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own, flow) != STOX_OK) {
    return STOX_E_ARG;
  }
  const stox_allocator *alloc = own.stream->alloc;
  alloc = alloc == NULL ? stox_allocator_libc() : alloc;
  stox_client *obj = alloc->resize(alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, sizeof *obj);
  obj->options = own;
  obj->alloc = alloc;
  stox_arena_init(&obj->arena, NULL, 0, 0, alloc);
  const int status = flow == NULL ? STOX_OK : make_stream(obj, flow, now_ns);
  if (status != STOX_OK) {
    stox_client_del(obj);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

void stox_client_del(stox_client *obj) {
  if (obj == NULL) {
    return;
  }
  const stox_allocator *alloc = obj->alloc;
  stox_sasl_client_del(obj->sasl);
  stox_stream_del(obj->stream);
  stox_peer_drop(&obj->peer, alloc);
  stox_arena_clear(&obj->arena);
  (void)alloc->resize(alloc->ud, obj, sizeof *obj, 0);
}

/* ---- giving up ---- */

static void fail(stox_client *obj, int reason) {
  obj->state = FAILED;
  obj->reason = reason;
}

/* In good order: the server has done nothing wrong. */
static void close_for(stox_client *obj, int reason, uint64_t now_ns) {
  /* STOX_E_STATE: the stream is over already, for a reason of its own. */
  if (obj->reason == STOX_OK && reason != STOX_E_STATE) {
    obj->reason = reason;
  }
  (void)stox_stream_close(obj->stream, now_ns);
}

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
    close_for(obj, status == STOX_E_NONE ? STOX_E_UNSUPPORTED : status, now_ns);
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
    close_for(obj, status == STOX_E_NONE ? STOX_E_AUTH : status, now_ns);
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
    close_for(obj, status, now_ns);
  }
}

static void on_sasl(stox_client *obj, const stox_xml_element *element, uint64_t now_ns) {
  stox_sasl_message in;
  stox_arena_reset(&obj->arena);
  const int status = stox_sasl_read(&in, &obj->arena, element);
  if (status != STOX_OK) {
    stox_stream_end_for(obj->stream, status, now_ns);
  } else if (obj->sasl == NULL) {
    close_for(obj, STOX_E_AUTH, now_ns);
  } else {
    on_exchange(obj, &in, now_ns);
  }
}

/* ---- features and binding ---- */

static void bind_resource(stox_client *obj, stox_span resource, uint64_t now_ns) {
  const int status = stox_stream_bind(obj->stream, resource, now_ns);
  if (status != STOX_OK) {
    close_for(obj, status, now_ns);
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

static void on_features(stox_client *obj, const stox_stream_features *features, uint64_t now_ns) {
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
    close_for(obj, status == STOX_E_NONE ? STOX_E_UNSUPPORTED : status, now_ns);
  }
}

/* A resource that cannot be had may be replaced by one of the server's (RFC 6120 7.7.2). */
static void bind_again(stox_client *obj, uint64_t now_ns) {
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
    close_for(obj, STOX_E_REFUSED, now_ns);
  }
}

/* ---- what comes in ---- */

int stox_client_owns(const stox_client *obj, uint64_t handle) {
  return handle != 0 && handle == obj->handle;
}

int stox_client_feed(stox_client *obj, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return stox_client_owns(obj, flow->handle) ? stox_stream_feed(obj->stream, bytes, now_ns)
                                             : STOX_E_STATE;
}

static int is_secured(const stox_flow *flow) {
  return flow->peer != NULL && flow->peer->secure;
}

static int opened(stox_client *obj, int status, const stox_flow *flow, uint64_t now_ns) {
  const int needs_tls = obj->options.remote.transport == STOX_TRANSPORT_TLS;
  if (flow == NULL || status != STOX_OK) {
    fail(obj, status == STOX_OK ? STOX_E_ARG : status);
    return STOX_OK;
  }
  status = needs_tls && !is_secured(flow) ? STOX_E_AUTH : make_stream(obj, flow, now_ns);
  if (status != STOX_OK) {
    obj->late = flow->handle;
    fail(obj, status);
  }
  return status == STOX_E_NOMEM ? status : STOX_OK;
}

int stox_client_done(stox_client *obj, uint64_t token, int status, const stox_flow *flow,
                     uint64_t now_ns) {
  if (obj->state == OPENING && token == OPEN_TOKEN) {
    return opened(obj, status, flow, now_ns);
  }
  if (obj->stream == NULL && obj->state != CONNECT && token == OPEN_TOKEN) {
    obj->late = status == STOX_OK && flow != NULL ? flow->handle : 0;
    return STOX_OK;
  }
  if (obj->stream == NULL) {
    return STOX_E_STATE;
  }
  const int told = status == STOX_OK && (flow == NULL || !is_secured(flow)) ? STOX_E_AUTH : status;
  const int taken = stox_stream_done(obj->stream, token, told, now_ns);
  if (taken != STOX_OK || told != STOX_OK) {
    return taken;
  }
  const int kept = stox_peer_keep(&obj->peer, flow->peer, obj->alloc);
  if (kept != STOX_OK) {
    obj->reason = kept;
    stox_stream_end_for(obj->stream, kept, now_ns);
  }
  return kept;
}

int stox_client_hold(stox_client *obj, uint64_t handle, int full) {
  if (!stox_client_owns(obj, handle)) {
    return STOX_E_STATE;
  }
  stox_stream_hold(obj->stream, full);
  return STOX_OK;
}

int stox_client_close(stox_client *obj, uint64_t now_ns) {
  if (obj->stream != NULL) {
    return stox_stream_close(obj->stream, now_ns);
  }
  if (obj->state == CONNECT || obj->state == OPENING) {
    fail(obj, STOX_OK);
  }
  return STOX_OK;
}

stox_stream *stox_client_stream(const stox_client *obj) {
  return obj->stream;
}

int stox_client_mechanism(const stox_client *obj) {
  return obj->mechanism;
}

/* ---- what goes out ---- */

static const stox_action *act(stox_client *obj, stox_action action) {
  obj->action = action;
  return &obj->action;
}

static const stox_action *tell(stox_client *obj, int event, int status, const void *object) {
  return act(obj, (stox_action){.kind = STOX_DO_EVENT,
                                .event = event,
                                .status = status,
                                .handle = obj->handle,
                                .object = object});
}

/* The domain is the one that the user names (RFC 6120 13.7.2.1). */
static const stox_secure *secure(stox_client *obj) {
  obj->secure = (stox_secure){.size = sizeof obj->secure,
                              .reference = STOX_REFERENCE_XMPP_SERVICE,
                              .is_lenient = obj->options.is_lenient,
                              .name = obj->options.stream->to};
  return &obj->secure;
}

static const stox_action *connect_now(stox_client *obj, uint64_t now_ns) {
  static const stox_span alpn = {"xmpp-client", 11};
  const int is_tls = obj->options.remote.transport == STOX_TRANSPORT_TLS;
  obj->state = OPENING;
  obj->deadline_ns = now_ns + obj->options.open_timeout_ns;
  if (is_tls) {
    (void)secure(obj);
    obj->secure.alpn = &alpn;
    obj->secure.alpn_n = 1;
  }
  return act(obj, (stox_action){.kind = STOX_DO_OPEN,
                                .token = OPEN_TOKEN,
                                .remote = obj->options.remote,
                                .object = is_tls ? &obj->secure : NULL});
}

/* 1: the host need not know. */
static int take(stox_client *obj, const stox_action *a, uint64_t now_ns) {
  const stox_stream_header *header = a->object;
  switch (a->event) {
  case STOX_STREAM_ON_HEADER:
    if (header->version.major == 0) {
      close_for(obj, STOX_E_UNSUPPORTED, now_ns); /* it has neither TLS nor SASL */
    }
    return 1;
  case STOX_STREAM_ON_FEATURES:
    on_features(obj, a->object, now_ns);
    return 1;
  case STOX_STREAM_ON_SASL:
    on_sasl(obj, a->object, now_ns);
    return 1;
  case STOX_STREAM_ON_BIND_FAILED:
    obj->must_bind = 1;
    obj->refusal = ((const stox_stanza_error *)a->object)->condition;
    return 0;
  default:
    return 0;
  }
}

static const stox_action *pull_stream(stox_client *obj, uint64_t now_ns) {
  const stox_action *a = NULL;
  do {
    if (obj->has_failed) {
      obj->has_failed = 0;
      return tell(obj, STOX_CLIENT_ON_FAILURE, STOX_OK, &obj->failure);
    }
    a = stox_stream_next(obj->stream, now_ns);
  } while (a != NULL && a->kind == STOX_DO_EVENT && take(obj, a, now_ns));
  if (a == NULL) {
    return NULL;
  }
  if (a->kind == STOX_DO_START_TLS) {
    (void)act(obj, *a);
    obj->action.object = secure(obj);
    return &obj->action;
  }
  const int is_end = a->kind == STOX_DO_EVENT && a->event == STOX_STREAM_ON_CLOSED;
  return is_end && obj->reason != STOX_OK ? tell(obj, a->event, obj->reason, NULL) : a;
}

const stox_action *stox_client_next(stox_client *obj, uint64_t now_ns) {
  if (obj->late != 0) {
    const uint64_t handle = obj->late;
    obj->late = 0;
    return act(obj, (stox_action){.kind = STOX_DO_CLOSE, .handle = handle});
  }
  if (obj->must_bind) {
    bind_again(obj, now_ns);
  }
  switch (obj->state) {
  case CONNECT:
    return connect_now(obj, now_ns);
  case STREAM:
    return pull_stream(obj, now_ns);
  case FAILED:
    obj->state = TOLD;
    return tell(obj, STOX_STREAM_ON_CLOSED, obj->reason, NULL);
  default:
    return NULL;
  }
}

uint64_t stox_client_deadline(const stox_client *obj) {
  if (obj->stream != NULL) {
    return stox_stream_deadline(obj->stream);
  }
  return obj->state == OPENING ? obj->deadline_ns : UINT64_MAX;
}

int stox_client_tick(stox_client *obj, uint64_t now_ns) {
  if (obj->stream != NULL) {
    return stox_stream_tick(obj->stream, now_ns);
  }
  if (obj->state == OPENING && now_ns >= obj->deadline_ns) {
    fail(obj, STOX_E_TIMEOUT);
  }
  return STOX_OK;
}
