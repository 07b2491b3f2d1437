/* SPDX-License-Identifier: MIT */
#include "session/client_private.h"

#include "base/options.h"
#include "stox/identity.h"
#include "stox/status.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

static const stox_client_options defaults = {
    .size = sizeof(stox_client_options),
    .tls = STOX_CLIENT_TLS_REQUIRED,
    .families = STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6,
    .resolve_timeout_ns = 5 * SECOND,
    .open_timeout_ns = 10 * SECOND,
    .retries = 2,
};

int stox_client_options_init(stox_client_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- making and ending ---- */

static int check(const stox_client_options *o, const stox_flow *flow) {
  const int all = STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6;
  const int has_all = o->stream != NULL && o->sasl != NULL && (flow == NULL || flow->handle != 0);
  const int is_right = o->tls >= STOX_CLIENT_TLS_REQUIRED && o->tls <= STOX_CLIENT_TLS_NONE &&
                       o->families > 0 && o->families <= all;
  return has_all && is_right && o->stream->to.n > 0 && o->stream->random != NULL ? STOX_OK
                                                                                 : STOX_E_ARG;
}

/* Whoever made the session: its certificate must name the domain (RFC 6120 13.7.2). */
static int is_proven(const stox_client *obj, const stox_peer *peer) {
  const int is_draft = obj->options.stream->dialect == STOX_DIALECT_DRAFT2005;
  const stox_reference reference = {.kind = STOX_REFERENCE_XMPP_SERVICE,
                                    .flags = is_draft ? STOX_REFERENCE_XMPP_ADDR_FIRST : 0,
                                    .name = obj->options.stream->to};
  return obj->options.is_lenient ||
         (peer->verified && stox_identity_match(NULL, &reference, peer->identities) == STOX_OK);
}

int client_make_stream(stox_client *obj, const stox_flow *flow, uint64_t now_ns) {
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
  if (own.is_secure && !is_proven(obj, &obj->peer.peer)) {
    return STOX_E_AUTH;
  }
  status = stox_stream_new(&obj->stream, &own, now_ns);
  obj->handle = status == STOX_OK ? flow->handle : 0;
  obj->state = status == STOX_OK ? CLIENT_STREAM : obj->state;
  return status;
}

/* A flow is there, a place is known, or the domain is to be looked for. */
static int begin(stox_client *obj, const stox_flow *flow, uint64_t now_ns) {
  obj->opens = flow == NULL;
  if (flow != NULL) {
    return client_make_stream(obj, flow, now_ns);
  }
  if (obj->options.remote.host.n == 0) {
    return client_search_begin(obj, now_ns);
  }
  obj->state = CLIENT_CONNECT;
  return STOX_OK;
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
  obj->deadline_ns = UINT64_MAX;
  stox_arena_init(&obj->arena, NULL, 0, 0, alloc);
  const int status = begin(obj, flow, now_ns);
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
  client_search_end(obj);
  stox_sasl_client_del(obj->sasl);
  stox_stream_del(obj->stream);
  stox_peer_drop(&obj->peer, alloc);
  stox_arena_clear(&obj->arena);
  (void)alloc->resize(alloc->ud, obj, sizeof *obj, 0);
}

void client_fail(stox_client *obj, int reason) {
  obj->state = CLIENT_FAILED;
  obj->reason = reason;
  obj->deadline_ns = UINT64_MAX;
}

void client_close_for(stox_client *obj, int reason, uint64_t now_ns) {
  /* STOX_E_STATE: the stream is over already, for a reason of its own. */
  if (obj->reason == STOX_OK && reason != STOX_E_STATE) {
    obj->reason = reason;
  }
  (void)stox_stream_close(obj->stream, now_ns);
}

/* ---- what comes in ---- */

int stox_client_owns(const stox_client *obj, uint64_t handle) {
  return handle != 0 && handle == obj->handle;
}

int stox_client_feed(stox_client *obj, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return stox_client_owns(obj, flow->handle) ? stox_stream_feed(obj->stream, bytes, now_ns)
                                             : STOX_E_STATE;
}

static int secured(stox_client *obj, uint64_t token, int status, const stox_flow *flow,
                   uint64_t now_ns) {
  const int is_secured = flow != NULL && flow->peer != NULL && flow->peer->secure;
  const int is_right = is_secured && is_proven(obj, flow->peer);
  const int told = status == STOX_OK && !is_right ? STOX_E_AUTH : status;
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

int stox_client_done(stox_client *obj, uint64_t token, int status, const stox_flow *flow,
                     uint64_t now_ns) {
  if (client_is_own(token)) {
    client_opened(obj, token, status, flow, now_ns);
    return STOX_OK;
  }
  return obj->stream == NULL ? STOX_E_STATE : secured(obj, token, status, flow, now_ns);
}

int stox_client_hold(stox_client *obj, uint64_t handle, int full) {
  if (!stox_client_owns(obj, handle)) {
    return STOX_E_STATE;
  }
  stox_stream_hold(obj->stream, full);
  return STOX_OK;
}

int stox_client_close(stox_client *obj, uint64_t now_ns) {
  obj->is_redirected = 0;
  if (obj->stream != NULL) {
    return stox_stream_close(obj->stream, now_ns);
  }
  if (obj->state < CLIENT_STREAM) {
    client_fail(obj, STOX_OK);
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

const stox_action *client_act(stox_client *obj, stox_action action) {
  obj->action = action;
  return &obj->action;
}

static const stox_action *tell(stox_client *obj, int event, int status, const void *object) {
  return client_act(obj, (stox_action){.kind = STOX_DO_EVENT,
                                       .event = event,
                                       .status = status,
                                       .handle = obj->handle,
                                       .object = object});
}

/* The domain is the one that the user names (RFC 6120 13.7.2.1). */
const stox_secure *client_secure(stox_client *obj) {
  obj->secure = (stox_secure){.size = sizeof obj->secure,
                              .reference = STOX_REFERENCE_XMPP_SERVICE,
                              .is_lenient = obj->options.is_lenient,
                              .name = obj->options.stream->to};
  return &obj->secure;
}

/* 1: the host need not know. */
static int take(stox_client *obj, const stox_action *a, uint64_t now_ns) {
  const stox_stream_header *header = a->object;
  const stox_stream_error *error = a->object;
  switch (a->event) {
  case STOX_STREAM_ON_HEADER:
    if (header->version.major == 0) {
      client_close_for(obj, STOX_E_UNSUPPORTED, now_ns); /* it has neither TLS nor SASL */
    }
    return 1;
  case STOX_STREAM_ON_FEATURES:
    client_on_features(obj, a->object, now_ns);
    return 1;
  case STOX_STREAM_ON_SASL:
    client_on_sasl(obj, a->object, now_ns);
    return 1;
  case STOX_STREAM_ON_READY:
    obj->was_ready = 1;
    return 0;
  case STOX_STREAM_ON_ERROR:
    obj->is_redirected =
        error->condition == STOX_STREAM_SEE_OTHER_HOST && client_redirect(obj, error->address);
    return 0;
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
    (void)client_act(obj, *a);
    obj->action.object = client_secure(obj);
    return &obj->action;
  }
  const int is_end = a->kind == STOX_DO_EVENT && a->event == STOX_STREAM_ON_CLOSED;
  if (is_end && obj->is_redirected) {
    client_follow(obj, now_ns);
    return client_place_next(obj, now_ns);
  }
  return is_end && obj->reason != STOX_OK ? tell(obj, a->event, obj->reason, NULL) : a;
}

const stox_action *stox_client_next(stox_client *obj, uint64_t now_ns) {
  if (obj->n_late > 0) {
    return client_act(obj,
                      (stox_action){.kind = STOX_DO_CLOSE, .handle = obj->late[--obj->n_late]});
  }
  if (obj->must_bind) {
    client_bind_again(obj, now_ns);
  }
  return obj->stream == NULL ? client_place_next(obj, now_ns) : pull_stream(obj, now_ns);
}

uint64_t stox_client_deadline(const stox_client *obj) {
  return obj->stream == NULL ? obj->deadline_ns : stox_stream_deadline(obj->stream);
}

int stox_client_tick(stox_client *obj, uint64_t now_ns) {
  if (obj->stream != NULL) {
    return stox_stream_tick(obj->stream, now_ns);
  }
  client_place_tick(obj, now_ns);
  return STOX_OK;
}
