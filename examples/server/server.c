/* SPDX-License-Identifier: MIT */
#include "server.h"

#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- sessions ---- */

stox_stream *session_stream(const session *peer) {
  return peer->client != NULL ? stox_c2s_stream(peer->client) : peer->component;
}

static session *session_of(const server *s, uint64_t handle) {
  session *peer = s->sessions;
  while (peer != NULL && peer->handle != handle) {
    peer = peer->next;
  }
  return peer;
}

static void free_session(session *peer) {
  stox_c2s_del(peer->client);
  stox_stream_del(peer->component);
  free(peer);
}

/* The port that it came in by says what a flow is. */
static session *new_session(server *s, const stox_flow *flow, uint64_t now_ns) {
  session *peer = s->is_stopping ? NULL : calloc(1, sizeof *peer);
  if (peer == NULL) {
    return NULL;
  }
  peer->handle = flow->handle;
  if (flow->local.port == s->component_listen.port) {
    stox_stream_options options = s->stream_options;
    options.role = STOX_STREAM_RECEIVING;
    options.kind = STOX_STREAM_COMPONENT;
    options.handle = flow->handle;
    (void)stox_stream_new(&peer->component, &options, now_ns);
  } else {
    (void)stox_c2s_new(&peer->client, &s->c2s_options, flow, now_ns);
  }
  if (peer->client == NULL && peer->component == NULL) {
    free(peer);
    return NULL;
  }
  peer->next = s->sessions;
  s->sessions = peer;
  return peer;
}

static void sweep(server *s) {
  session **at = &s->sessions;
  while (*at != NULL) {
    session *peer = *at;
    if (peer->is_over) {
      *at = peer->next;
      free_session(peer);
    } else {
      at = &peer->next;
    }
  }
}

/* ---- what happens on them ---- */

void session_fail(session *peer, int condition, uint64_t now_ns) {
  const stox_stream_error error = {.condition = condition};
  (void)stox_stream_fail(session_stream(peer), &error, now_ns);
}

/* A component is who knows the secret of its domain, and is there once. */
static void on_component(server *s, session *peer, const stox_stream_header *header,
                         uint64_t now_ns) {
  const entry *service = entries_find(&s->components, header->to);
  const stox_jid domain = {.domainpart = header->to};
  stox_stream_reply reply = {.from = header->to};
  if (service == NULL) {
    reply.condition = STOX_STREAM_HOST_UNKNOWN;
  } else if (find_session(s, &domain) != NULL) {
    reply.condition = STOX_STREAM_CONFLICT;
  } else {
    reply.secret = service->secret;
  }
  (void)stox_stream_answer(peer->component, &reply, now_ns);
}

/* RFC 6120 7.7.2.2: a resource in use is taken over or refused. */
static void on_bind(server *s, session *peer, stox_span resource, uint64_t now_ns) {
  stox_stream *stream = session_stream(peer);
  stox_jid jid;
  session *other = NULL;
  if (resource.p != NULL && stox_jid_parse(&jid, stox_stream_identities(stream), NULL) == STOX_OK) {
    jid.resourcepart = resource;
    other = find_session(s, &jid);
  }
  if (other != NULL && !s->takes_over) {
    (void)stox_stream_bind_refuse(stream, STOX_COND_CONFLICT, now_ns);
    return;
  }
  if (other != NULL) {
    session_fail(other, STOX_STREAM_CONFLICT, now_ns);
  }
  (void)stox_stream_bind_accept(stream, resource, now_ns);
}

static void say(const session *peer, stox_span what, const char *how) {
  fprintf(stderr, "flow %llu: %.*s%s%s\n", (unsigned long long)peer->handle, (int)what.n,
          what.p == NULL ? "" : what.p, what.n == 0 ? "" : ": ", how);
}

static void on_ready(const session *peer) {
  stox_stream *stream = session_stream(peer);
  if (peer->client != NULL) {
    say(peer, stox_stream_jid(stream), stox_sasl_mechanism_name(stox_c2s_mechanism(peer->client)));
  } else {
    say(peer, stox_stream_identities(stream), "component");
  }
}

static void on_event(server *s, session *peer, const stox_action *a, uint64_t now_ns) {
  switch (a->event) {
  case STOX_STREAM_ON_HEADER: /* of a client nothing is told but what is the host's to decide */
    on_component(s, peer, a->object, now_ns);
    break;
  case STOX_STREAM_ON_BIND:
    on_bind(s, peer, *(const stox_span *)a->object, now_ns);
    break;
  case STOX_STREAM_ON_READY:
    on_ready(peer);
    break;
  case STOX_STREAM_ON_STANZA:
    route(s, peer, a->object, a->status);
    break;
  case STOX_C2S_ON_FAILURE:
    say(peer, stox_span_text("refused"),
        stox_sasl_condition_name(((const stox_sasl_message *)a->object)->condition));
    break;
  case STOX_STREAM_ON_CLOSED:
    say(peer, stox_span_text("closed"), stox_status_name(a->status));
    peer->is_over = 1;
    break;
  default:
    break;
  }
}

/* ---- the engine ---- */

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  server *s = engine;
  session *peer = session_of(s, flow->handle);
  s->now_ns = now_ns;
  if (peer == NULL && bytes.n > 0) {
    peer = new_session(s, flow, now_ns);
  }
  if (peer == NULL) {
    s->refused = bytes.n > 0 ? flow->handle : s->refused;
    return STOX_E_STATE;
  }
  return peer->client != NULL ? stox_c2s_feed(peer->client, flow, bytes, now_ns)
                              : stox_stream_feed(peer->component, bytes, now_ns);
}

/* Only TLS is finished later; its token is the flow's handle, see next(). */
static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  server *s = engine;
  session *peer = session_of(s, token);
  s->now_ns = now_ns;
  return peer == NULL || peer->client == NULL
             ? STOX_E_STATE
             : stox_c2s_done(peer->client, peer->token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  server *s = engine;
  const session *peer = session_of(s, handle);
  s->now_ns = now_ns;
  if (peer == NULL) {
    return STOX_E_STATE;
  }
  stox_stream_hold(session_stream(peer), full);
  return STOX_OK;
}

static const stox_action *pull(session *peer, uint64_t now_ns) {
  return peer->client != NULL ? stox_c2s_next(peer->client, now_ns)
                              : stox_stream_next(peer->component, now_ns);
}

/* Each stream counts its own tokens: the transport gets the handle for one, which is unique. */
static const stox_action *pass_on(server *s, session *peer, const stox_action *a) {
  s->action = *a;
  if (a->token != 0) {
    peer->token = a->token;
    s->action.token = peer->handle;
  }
  return &s->action;
}

/* Deals with the events of all sessions until one has something for the transport. What one says to
 * another may come out of a session that was asked before, so rounds go on until all are quiet. */
static const stox_action *next(void *engine) {
  server *s = engine;
  int goes_on = 1;
  if (s->refused != 0) {
    s->action = (stox_action){.kind = STOX_DO_CLOSE, .handle = s->refused};
    s->refused = 0;
    return &s->action;
  }
  while (goes_on) {
    goes_on = 0;
    for (session *peer = s->sessions; peer != NULL; peer = peer->next) {
      const stox_action *a = NULL;
      while (!peer->is_over && (a = pull(peer, s->now_ns)) != NULL) {
        if (a->kind != STOX_DO_EVENT) {
          return pass_on(s, peer, a);
        }
        on_event(s, peer, a, s->now_ns);
        goes_on = 1;
      }
    }
  }
  sweep(s);
  if (s->is_stopping && s->sessions == NULL) {
    s->stopped(s->ud);
  }
  return NULL;
}

static uint64_t deadline(const void *engine) {
  const server *s = engine;
  uint64_t first = UINT64_MAX;
  for (const session *peer = s->sessions; peer != NULL; peer = peer->next) {
    const uint64_t due = stox_stream_deadline(session_stream(peer));
    first = due < first ? due : first;
  }
  return first;
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  server *s = engine;
  (void)wall_s;
  s->now_ns = now_ns;
  for (session *peer = s->sessions; peer != NULL; peer = peer->next) {
    (void)stox_stream_tick(session_stream(peer), now_ns);
  }
  return STOX_OK;
}

/* ---- starting and stopping ---- */

int server_init(server *s, const stox_random *random) {
  (void)stox_stream_options_init(&s->stream_options, sizeof s->stream_options);
  (void)stox_sasl_server_options_init(&s->sasl_options, sizeof s->sasl_options);
  (void)stox_c2s_options_init(&s->c2s_options, sizeof s->c2s_options);
  s->local[0] = (stox_xmpp_domain){.name = s->domain, .kind = STOX_DOMAIN_SERVER};
  for (size_t i = 0; i < s->components.n; i++) {
    s->local[i + 1] =
        (stox_xmpp_domain){.name = s->components.list[i].name, .kind = STOX_DOMAIN_SERVICE};
  }
  s->stream_options.random = random;
  s->sasl_options.ud = &s->accounts;
  s->sasl_options.ask = accounts_ask;
  s->sasl_options.iterations = ITERATIONS;
  /* What hides who is no user; a server for more than show would keep it across restarts. */
  s->sasl_options.decoy_secret = (stox_span){s->decoy, sizeof s->decoy};
  s->sasl_options.mechanisms = s->mechanisms == 0 ? s->sasl_options.mechanisms : s->mechanisms;
  s->c2s_options.tls = s->tls;
  s->c2s_options.domains = &s->domain;
  s->c2s_options.n_domains = 1;
  s->c2s_options.stream = &s->stream_options;
  s->c2s_options.sasl = &s->sasl_options;
  const int status = random->fill(random->ud, s->decoy, sizeof s->decoy);
  return status == STOX_OK ? accounts_derive(&s->accounts, random) : status;
}

void server_free(server *s) {
  while (s->sessions != NULL) {
    session *peer = s->sessions;
    s->sessions = peer->next;
    free_session(peer);
  }
}

stox_engine server_engine(server *s) {
  return (stox_engine){.size = sizeof(stox_engine),
                       .engine = s,
                       .feed = feed,
                       .done = done,
                       .hold = hold,
                       .next = next,
                       .deadline = deadline,
                       .tick = tick};
}

void server_stop(server *s, uint64_t now_ns) {
  s->is_stopping = 1;
  s->now_ns = now_ns;
  for (session *peer = s->sessions; peer != NULL; peer = peer->next) {
    session_fail(peer, STOX_STREAM_SYSTEM_SHUTDOWN, now_ns);
  }
}
