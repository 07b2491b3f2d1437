/* SPDX-License-Identifier: MIT */
#include "stox/c2s.h"

#include "base/options.h"
#include "session/negotiate.h"
#include "stox/identity.h"
#include "stox/status.h"

#include <string.h>

#define BINDINGS_OPEN  "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
#define BINDINGS_CLOSE "</sasl-channel-binding>"
#define BINDING(type)  "<channel-binding type='" type "'/>"

enum { PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS };
enum { MECHANISMS = 8, OFFERS_TLS = STOX_FEATURE_STARTTLS | STOX_FEATURE_STARTTLS_REQUIRED };

struct stox_c2s {
  stox_c2s_options options;
  const stox_allocator *alloc;
  stox_stream *stream;
  stox_sasl_server *sasl; /* NULL: no header yet, or authenticated */
  stox_kept_peer peer;
  const stox_span *domain; /* that of the header, one of the options' */
  stox_secure secure;
  stox_action action;
  stox_sasl_message failure;
  int has_failed;
  int is_asking;
  int is_authenticated;
  int mechanism; /* of the last exchange */
  int dialect;
  uint32_t allowed; /* mechanisms */
  uint64_t handle;
};

static const stox_c2s_options defaults = {
    .size = sizeof(stox_c2s_options),
    .tls = STOX_C2S_TLS_REQUIRED,
};

int stox_c2s_options_init(stox_c2s_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- making and ending ---- */

static int check(const stox_c2s_options *o, const stox_flow *flow) {
  const int has_all = o->stream != NULL && o->sasl != NULL && o->domains != NULL &&
                      o->n_domains > 0 && flow != NULL && flow->handle != 0;
  const int has_tls = o->tls >= STOX_C2S_TLS_REQUIRED && o->tls <= STOX_C2S_TLS_NONE;
  return has_all && has_tls ? STOX_OK : STOX_E_ARG;
}

static int make_stream(stox_c2s *obj, const stox_flow *flow, uint64_t now_ns) {
  stox_stream_options own;
  (void)stox_stream_options_init(&own, sizeof own);
  if (stox_options_read(&own, sizeof own, obj->options.stream) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.role = STOX_STREAM_RECEIVING;
  own.kind = STOX_STREAM_CLIENT;
  own.handle = flow->handle;
  own.is_secure = obj->peer.peer.secure;
  own.from = obj->options.domains[0];
  obj->dialect = own.dialect;
  return stox_stream_new(&obj->stream, &own, now_ns);
}

int stox_c2s_new(stox_c2s **out, const stox_c2s_options *options, const stox_flow *flow,
                 uint64_t now_ns) {
  stox_c2s_options own = defaults;
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own, flow) != STOX_OK) {
    return STOX_E_ARG;
  }
  const stox_allocator *alloc = own.stream->alloc;
  alloc = alloc == NULL ? stox_allocator_libc() : alloc;
  stox_c2s *obj = alloc->resize(alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, sizeof *obj);
  obj->options = own;
  obj->alloc = alloc;
  obj->handle = flow->handle;
  int status = stox_peer_keep(&obj->peer, flow->peer, alloc);
  if (status == STOX_OK) {
    status = make_stream(obj, flow, now_ns);
  }
  if (status != STOX_OK) {
    stox_c2s_del(obj);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

static void end_sasl(stox_c2s *obj) {
  stox_sasl_server_del(obj->sasl);
  obj->sasl = NULL;
}

void stox_c2s_del(stox_c2s *obj) {
  if (obj == NULL) {
    return;
  }
  const stox_allocator *alloc = obj->alloc;
  end_sasl(obj);
  stox_stream_del(obj->stream);
  stox_peer_drop(&obj->peer, alloc);
  (void)alloc->resize(alloc->ud, obj, sizeof *obj, 0);
}

/* ---- the header ---- */

static const stox_span *domain_of(const stox_c2s *obj, stox_span to) {
  for (size_t i = 0; i < obj->options.n_domains; i++) {
    if (stox_span_is_equal(obj->options.domains[i], to)) {
      return &obj->options.domains[i];
    }
  }
  return NULL;
}

static int make_sasl(stox_c2s *obj, const stox_stream_header *header) {
  stox_sasl_server_options own;
  (void)stox_sasl_server_options_init(&own, sizeof own);
  if (stox_options_read(&own, sizeof own, obj->options.sasl) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.stream = STOX_SASL_CLIENT_STREAM;
  own.domain = *obj->domain;
  own.from = header->from;
  own.peer = &obj->peer.peer;
  own.alloc = own.alloc == NULL ? obj->alloc : own.alloc;
  own.random = own.random == NULL ? obj->options.stream->random : own.random;
  own.ud = obj->options.ud == NULL ? own.ud : obj->options.ud;
  obj->allowed = own.mechanisms;
  end_sasl(obj);
  return stox_sasl_server_new(&obj->sasl, &own);
}

static size_t name_mechanisms(const stox_c2s *obj, stox_span names[MECHANISMS]) {
  const uint32_t bits = obj->sasl == NULL ? 0 : stox_sasl_server_mechanisms(obj->sasl);
  size_t n = 0;
  for (uint32_t bit = 1; bit <= STOX_SASL_MECHANISMS_ALL; bit *= 2) {
    if ((bits & bit) != 0) {
      names[n++] = stox_span_text(stox_sasl_mechanism_name((int)bit));
    }
  }
  return n;
}

/* Which channel bindings a client may use (XEP-0440). */
static stox_span name_bindings(const stox_c2s *obj) {
  static const char *const texts[2][2] = {
      {NULL, BINDINGS_OPEN BINDING("tls-server-end-point") BINDINGS_CLOSE},
      {BINDINGS_OPEN BINDING("tls-exporter") BINDINGS_CLOSE,
       BINDINGS_OPEN BINDING("tls-exporter") BINDING("tls-server-end-point") BINDINGS_CLOSE}};
  const stox_peer *peer = &obj->peer.peer;
  const uint32_t bits = obj->sasl == NULL ? 0 : stox_sasl_server_mechanisms(obj->sasl);
  const char *text = texts[peer->channel_binding.n > 0][peer->server_end_point.n > 0];
  return stox_span_text((bits & PLUS) == 0 ? NULL : text);
}

/* Both in memory of their own, where there are both. STOX_OK or STOX_E_NOMEM. */
static int join(const stox_c2s *obj, stox_span *out, stox_span a, stox_span b) {
  if (a.n == 0 || b.n == 0) {
    *out = a.n == 0 ? b : a;
    return STOX_OK;
  }
  char *p = obj->alloc->resize(obj->alloc->ud, NULL, 0, a.n + b.n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(p, a.p, a.n);
  memcpy(p + a.n, b.p, b.n);
  *out = (stox_span){p, a.n + b.n};
  return STOX_OK;
}

static int accept_header(stox_c2s *obj, uint64_t now_ns) {
  static const uint32_t tls[] = {OFFERS_TLS, STOX_FEATURE_STARTTLS, 0};
  stox_span names[MECHANISMS];
  stox_stream_offer offer = {0};
  const stox_span bindings = name_bindings(obj);
  const stox_stream_reply reply = {.from = *obj->domain, .offer = &offer};
  if (obj->options.offer != NULL) {
    offer = *obj->options.offer;
  }
  offer.offered |= tls[obj->options.tls];
  offer.n_mechanisms = name_mechanisms(obj, names);
  offer.mechanisms = names;
  const size_t n_given = offer.others.n;
  int status = join(obj, &offer.others, offer.others, bindings);
  if (status == STOX_OK) {
    status = stox_stream_answer(obj->stream, &reply, now_ns);
  }
  if (offer.others.n > n_given && n_given > 0) {
    (void)obj->alloc->resize(obj->alloc->ud, (char *)(uintptr_t)offer.others.p, offer.others.n, 0);
  }
  return status;
}

static int on_header(stox_c2s *obj, const stox_stream_header *header, uint64_t now_ns) {
  const stox_span *domain = domain_of(obj, header->to);
  /* Whoever was authenticated for one domain is nobody in another. */
  if (domain == NULL || (obj->is_authenticated && domain != obj->domain)) {
    const stox_stream_reply reply = {.from = obj->options.domains[0],
                                     .condition = STOX_STREAM_HOST_UNKNOWN};
    return stox_stream_answer(obj->stream, &reply, now_ns);
  }
  obj->domain = domain;
  const int status = obj->is_authenticated ? STOX_OK : make_sasl(obj, header);
  return status == STOX_OK ? accept_header(obj, now_ns) : status;
}

/* ---- SASL ---- */

static int succeed(stox_c2s *obj, uint64_t now_ns) {
  const int status = stox_stream_authenticate(obj->stream, stox_sasl_server_jid(obj->sasl),
                                              STOX_STREAM_BY_SASL, now_ns);
  obj->is_authenticated = status == STOX_OK;
  end_sasl(obj);
  stox_peer_drop(&obj->peer, obj->alloc);
  return status;
}

static int say(stox_c2s *obj, const stox_sasl_message *out, uint64_t now_ns) {
  const int state = stox_sasl_server_state(obj->sasl);
  const stox_stream_error spent = {.condition = STOX_STREAM_POLICY_VIOLATION};
  const int status = stox_sasl_put(obj->stream, out, obj->dialect, obj->alloc, now_ns);
  if (status != STOX_OK) {
    return status;
  }
  if (out->kind == STOX_SASL_FAILURE) {
    obj->failure = (stox_sasl_message){
        .kind = out->kind, .mechanism = obj->mechanism, .condition = out->condition};
    obj->has_failed = 1;
  }
  if (state == STOX_SASL_SERVER_DONE) {
    return succeed(obj, now_ns);
  }
  return state == STOX_SASL_SERVER_SPENT ? stox_stream_fail(obj->stream, &spent, now_ns) : STOX_OK;
}

/* What SASL has to say, or that the host is asked: then nothing more is read. */
static int go_on(stox_c2s *obj, int status, const stox_sasl_message *out, uint64_t now_ns) {
  obj->is_asking = status == STOX_E_MORE;
  stox_stream_wait(obj->stream, obj->is_asking);
  if (obj->is_asking) {
    return STOX_OK;
  }
  return status == STOX_OK ? say(obj, out, now_ns) : status;
}

static int on_sasl(stox_c2s *obj, const stox_xml_element *element, uint64_t now_ns) {
  stox_sasl_message in;
  stox_sasl_message out = {0};
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, obj->alloc);
  int status = stox_sasl_read(&in, &arena, element);
  if (status == STOX_OK) {
    obj->mechanism = in.kind == STOX_SASL_AUTH ? in.mechanism : obj->mechanism;
    status = stox_sasl_server_feed(obj->sasl, &in, &out);
  }
  stox_arena_clear(&arena);
  return go_on(obj, status, &out, now_ns);
}

int stox_c2s_answer(stox_c2s *obj, int status, const stox_sasl_answer *answer, uint64_t now_ns) {
  stox_sasl_message out = {0};
  if (!obj->is_asking) {
    return STOX_E_STATE;
  }
  const int result = stox_sasl_server_done(obj->sasl, status, answer, &out);
  if (result == STOX_E_ARG) {
    return result;
  }
  const int ended = go_on(obj, result, &out, now_ns);
  if (ended != STOX_OK) {
    stox_stream_end_for(obj->stream, ended, now_ns);
  }
  return STOX_OK;
}

/* ---- the pulled side ---- */

int stox_c2s_feed(stox_c2s *obj, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return flow->handle == obj->handle ? stox_stream_feed(obj->stream, bytes, now_ns) : STOX_E_STATE;
}

int stox_c2s_done(stox_c2s *obj, uint64_t token, int status, const stox_flow *flow,
                  uint64_t now_ns) {
  const int is_secure = flow != NULL && flow->peer != NULL && flow->peer->secure;
  const int told = status == STOX_OK && !is_secure ? STOX_E_AUTH : status;
  const int taken = stox_stream_done(obj->stream, token, told, now_ns);
  if (taken != STOX_OK || told != STOX_OK) {
    return taken;
  }
  const int kept = stox_peer_keep(&obj->peer, flow->peer, obj->alloc);
  if (kept != STOX_OK) {
    stox_stream_end_for(obj->stream, kept, now_ns);
  }
  return kept;
}

int stox_c2s_hold(stox_c2s *obj, uint64_t handle, int full) {
  if (handle != obj->handle) {
    return STOX_E_STATE;
  }
  stox_stream_hold(obj->stream, full);
  return STOX_OK;
}

stox_stream *stox_c2s_stream(const stox_c2s *obj) {
  return obj->stream;
}

int stox_c2s_mechanism(const stox_c2s *obj) {
  return obj->is_authenticated ? obj->mechanism : 0;
}

/* A certificate of the client's is welcome where EXTERNAL is, and whom it names is judged there. */
static const stox_action *start_tls(stox_c2s *obj, const stox_action *a) {
  const int asks = (obj->allowed & STOX_SASL_EXTERNAL) != 0;
  obj->secure = (stox_secure){.size = sizeof obj->secure,
                              .is_server = 1,
                              .reference = asks ? STOX_REFERENCE_XMPP_CLIENT : 0,
                              .is_lenient = 1};
  if (obj->domain != NULL) {
    obj->secure.local = *obj->domain;
  }
  obj->action = *a;
  obj->action.object = &obj->secure;
  return &obj->action;
}

/* 1: the host need not know. */
static int take(stox_c2s *obj, const stox_action *a, uint64_t now_ns) {
  int status = STOX_OK;
  switch (a->event) {
  case STOX_STREAM_ON_HEADER:
    status = on_header(obj, a->object, now_ns);
    break;
  case STOX_STREAM_ON_SASL:
    status = on_sasl(obj, a->object, now_ns);
    break;
  default:
    return 0;
  }
  if (status != STOX_OK) {
    stox_stream_end_for(obj->stream, status, now_ns);
  }
  return 1;
}

static const stox_action *tell_failure(stox_c2s *obj) {
  obj->has_failed = 0;
  obj->action = (stox_action){.kind = STOX_DO_EVENT,
                              .event = STOX_C2S_ON_FAILURE,
                              .handle = obj->handle,
                              .object = &obj->failure};
  return &obj->action;
}

const stox_action *stox_c2s_next(stox_c2s *obj, uint64_t now_ns) {
  const stox_action *a = NULL;
  do {
    if (obj->has_failed) {
      return tell_failure(obj);
    }
    a = stox_stream_next(obj->stream, now_ns);
  } while (a != NULL && a->kind == STOX_DO_EVENT && take(obj, a, now_ns));
  return a != NULL && a->kind == STOX_DO_START_TLS ? start_tls(obj, a) : a;
}

uint64_t stox_c2s_deadline(const stox_c2s *obj) {
  return stox_stream_deadline(obj->stream);
}

int stox_c2s_tick(stox_c2s *obj, uint64_t now_ns) {
  return stox_stream_tick(obj->stream, now_ns);
}
