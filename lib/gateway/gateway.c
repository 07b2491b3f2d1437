/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "gateway/internal.h"
#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

enum { TAG_OCTETS = TAG_TEXT / 2 };

/* ---- memory, randomness, what is told ---- */

void *gw_take(stox_gateway *gw, size_t n) {
  void *p = gw->options.alloc->resize(gw->options.alloc->ud, NULL, 0, n);
  if (p != NULL) {
    memset(p, 0, n);
  }
  return p;
}

void gw_give(stox_gateway *gw, void *p, size_t n) {
  (void)gw->options.alloc->resize(gw->options.alloc->ud, p, n, 0);
}

int gw_tags(stox_gateway *gw, char *out, size_t n) {
  unsigned char bits[TAGS_MAX * TAG_OCTETS];
  if (n > TAGS_MAX) {
    return STOX_E_ARG;
  }
  const int status = gw->options.random->fill(gw->options.random->ud, bits, n * TAG_OCTETS);
  if (status == STOX_OK) {
    stox_buf buf;
    stox_buf_init(&buf, out, n * TAG_TEXT);
    (void)stox_hex_write(&buf, (stox_span){(const char *)bits, n * TAG_OCTETS});
  }
  return status;
}

int gw_tag(stox_gateway *gw, char *out) {
  return gw_tags(gw, out, 1);
}

void gw_count(stox_gateway *gw, int direction, int outcome) {
  stox_gateway_counters *c = &gw->counters;
  uint64_t *const counters[] = {
      [STOX_OUTCOME_DELIVERED] = direction == STOX_GATEWAY_SIP_TO_XMPP ? &c->to_xmpp : &c->to_sip,
      [STOX_OUTCOME_REFUSED] = &c->refused,
      [STOX_OUTCOME_BOUNCED] = &c->bounced,
      [STOX_OUTCOME_TIMEOUT] = &c->timeouts,
      [STOX_OUTCOME_IGNORED] = &c->ignored,
      [STOX_OUTCOME_LATE_ERROR] = &c->late_errors,
  };
  (*counters[outcome])++;
}

int gw_bare(stox_span *out, stox_arena *arena, const stox_jid *jid) {
  const stox_jid bare = stox_jid_bare(jid);
  const size_t cap = bare.localpart.n + bare.domainpart.n + 1;
  char *p = stox_arena_take(arena, cap, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, cap);
  const int status = stox_jid_write(&buf, &bare);
  *out = stox_buf_span(&buf);
  return status;
}

/* No header survives SIP to XMPP and back everywhere, so the same message between the same users is
 * counted (RFC 7247 8). */
int gw_reflection_check(stox_gateway *gw, stox_arena *arena, const stox_message_route *where,
                        stox_span body) {
  stox_span from;
  stox_span to;
  if (gw->options.reflection_max == 0) {
    return STOX_OK;
  }
  int status = gw_bare(&from, arena, &where->from_jid);
  if (status == STOX_OK) {
    status = gw_bare(&to, arena, &where->to_jid);
  }
  return status == STOX_OK ? stox_reflections_check(&gw->reflections, from, to, body, gw->now_ns)
                           : status;
}

static stox_span place(char **at, stox_span text) {
  const stox_span placed = {*at, text.n};
  if (text.n > 0) {
    memcpy(*at, text.p, text.n);
    *at += text.n;
  }
  return placed;
}

void gw_tell(stox_gateway *gw, int event, int status, const stox_gateway_record *record) {
  static const stox_gateway_record none = {.direction = 0};
  const stox_gateway_record *r = record == NULL ? &none : record;
  const size_t n = sizeof(told) + r->from.n + r->to.n + r->id.n + r->call_id.n;
  told *t = gw_take(gw, n);
  if (t == NULL) {
    return; /* the counters know of it */
  }
  char *at = (char *)(t + 1);
  t->n = n;
  t->event = event;
  t->status = status;
  t->record = *r;
  t->record.from = place(&at, r->from);
  t->record.to = place(&at, r->to);
  t->record.id = place(&at, r->id);
  t->record.call_id = place(&at, r->call_id);
  *(gw->told_last == NULL ? &gw->told_first : &gw->told_last->next) = t;
  gw->told_last = t;
}

int gw_own(stox_gateway *gw, const stox_action *action) {
  const size_t n = sizeof(own_action) + action->bytes.n;
  own_action *own = action->remote.host.n >= sizeof own->host ? NULL : gw_take(gw, n);
  if (own == NULL) {
    return STOX_E_NOMEM;
  }
  own->n = n;
  own->action = *action;
  own->action.bytes.p = own->octets;
  own->action.remote.host.p = own->host;
  if (action->bytes.n > 0) {
    memcpy(own->octets, action->bytes.p, action->bytes.n);
  }
  if (action->remote.host.n > 0) {
    memcpy(own->host, action->remote.host.p, action->remote.host.n);
  }
  *(gw->own_last == NULL ? &gw->own_first : &gw->own_last->next) = own;
  gw->own_last = own;
  return STOX_OK;
}

static void free_told(stox_gateway *gw, told *t) {
  while (t != NULL) {
    told *next = t->next;
    gw_give(gw, t, t->n);
    t = next;
  }
}

static void free_own(stox_gateway *gw, own_action *own) {
  while (own != NULL) {
    own_action *next = own->next;
    gw_give(gw, own, own->n);
    own = next;
  }
}

void stox_gateway_del(stox_gateway *gw) {
  if (gw == NULL) {
    return;
  }
  gw_inbound_clear(gw);
  gw_outbound_clear(gw);
  gw_streams_clear(gw);
  gw_conversations_clear(gw);
  gw_routes_clear(gw);
  gw_ways_clear(gw);
  for (size_t i = 0; i < gw->n_served; i++) {
    stox_component_del(gw->served[i].session);
  }
  stox_federation_del(gw->federation);
  stox_transactions_del(gw->transactions);
  free_told(gw, gw->told_first);
  free_told(gw, gw->told_given);
  free_own(gw, gw->own_first);
  free_own(gw, gw->own_given);
  stox_arena_clear(&gw->config);
  stox_arena_clear(&gw->scratch);
  const stox_allocator *alloc = gw->options.alloc;
  (void)alloc->resize(alloc->ud, gw, sizeof *gw, 0);
}

/* ---- the host's side ---- */

static void advance(stox_gateway *gw, uint64_t now_ns) {
  gw->now_ns = now_ns > gw->now_ns ? now_ns : gw->now_ns;
}

int stox_gateway_feed(stox_gateway *gw, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  advance(gw, now_ns);
  const served *s = gw_session_of(gw, flow->handle);
  if (s != NULL) {
    return stox_component_feed(s->session, flow, bytes, gw->now_ns);
  }
  return gw_federation_owns(gw, flow) ? gw_federation_feed(gw, flow, bytes)
                                      : gw_sip_feed(gw, flow, bytes);
}

int stox_gateway_done(stox_gateway *gw, uint64_t token, int status, const stox_flow *flow,
                      uint64_t now_ns) {
  advance(gw, now_ns);
  /* The federation's first: below its bit it may have any. */
  if (gw_federation_is_token(token)) {
    return gw_federation_done(gw, token, status, flow);
  }
  if (gw_session_is_token(token)) {
    return gw_session_done(gw, token, status, flow);
  }
  /* A host without a resolver ends questions so. */
  if (gw_route_is_token(token)) {
    return gw_route_resolved(gw, token, status == STOX_OK ? STOX_E_STATE : status, NULL, 0);
  }
  if (flow != NULL && status == STOX_OK) {
    gw_outbound_sent(gw, stox_transactions_of_token(token), flow);
  }
  return stox_transactions_done(gw->transactions, token, status, gw->now_ns);
}

int stox_gateway_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                          size_t n, uint64_t now_ns) {
  advance(gw, now_ns);
  if (gw_federation_is_token(token)) {
    return gw_federation_resolved(gw, token, status, records, n);
  }
  if (gw_session_is_token(token)) {
    return gw_session_resolved(gw, token, status, records, n);
  }
  return gw_route_is_token(token) ? gw_route_resolved(gw, token, status, records, n) : STOX_E_ARG;
}

int stox_gateway_hold(stox_gateway *gw, uint64_t handle, int full, uint64_t now_ns) {
  advance(gw, now_ns);
  const served *s = gw_session_of(gw, handle);
  if (s != NULL) {
    return stox_component_hold(s->session, handle, full, gw->now_ns);
  }
  if (gw->federation != NULL && stox_federation_owns(gw->federation, handle)) {
    return stox_federation_hold(gw->federation, handle, full, gw->now_ns);
  }
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    if (gw->routes[i].handle == handle) {
      gw_outbound_hold(gw, &gw->routes[i], full);
    }
  }
  return STOX_OK;
}

/* ---- the pulled side ---- */

static const stox_action *give(stox_gateway *gw, stox_action action) {
  gw->action = action;
  return &gw->action;
}

static const stox_action *next_told(stox_gateway *gw) {
  told *t = gw->told_first;
  if (t == NULL) {
    return NULL;
  }
  gw->told_first = t->next;
  gw->told_last = t->next == NULL ? NULL : gw->told_last;
  t->next = NULL;
  gw->told_given = t;
  return give(gw, (stox_action){.kind = STOX_DO_EVENT,
                                .event = t->event,
                                .status = t->status,
                                .object = t->event == STOX_GATEWAY_RECORD ? &t->record : NULL});
}

static const stox_action *next_own(stox_gateway *gw) {
  own_action *own = gw->own_first;
  if (own == NULL) {
    return NULL;
  }
  gw->own_first = own->next;
  gw->own_last = own->next == NULL ? NULL : gw->own_last;
  own->next = NULL;
  gw->own_given = own;
  return &own->action;
}

/* What goes out by TLS says whom it is for. */
static const stox_action *secured(stox_gateway *gw, const stox_action *action) {
  if (action->remote.transport != STOX_TRANSPORT_TLS) {
    return action;
  }
  gw->action = *action;
  gw->action.object = gw_outbound_secure(gw, stox_transactions_of_token(action->token));
  if (gw->action.object == NULL) {
    gw->action.object = gw_route_secure(gw, action->remote.host);
  }
  return &gw->action;
}

static const stox_action *next_transaction(stox_gateway *gw) {
  const stox_action *action = NULL;
  while ((action = stox_transactions_next(gw->transactions)) != NULL) {
    if (action->kind != STOX_DO_EVENT) {
      return secured(gw, action);
    }
    gw->work++;
    if (action->event == STOX_TRANSACTION_TIMEOUT) {
      gw_outbound_failed(gw, action->id, 408, STOX_E_TIMEOUT);
    } else if (action->event == STOX_TRANSACTION_FAILED) {
      gw_outbound_failed(gw, action->id, 503, action->status);
    }
  }
  return NULL;
}

static int is_idle(const stox_gateway *gw) {
  return gw->requests.count == 0 && gw->destinations.count == 0;
}

static const stox_action *next_stopped(stox_gateway *gw) {
  const int is_federating = gw->federation != NULL && !gw->is_federation_stopped;
  if (!gw->is_stopping || gw->is_stopped || is_federating || !gw_sessions_are_stopped(gw)) {
    return NULL;
  }
  gw->is_stopped = 1;
  return give(gw, (stox_action){.kind = STOX_DO_EVENT, .event = STOX_GATEWAY_STOPPED});
}

static const stox_action *next_once(stox_gateway *gw) {
  const stox_action *action = next_own(gw);
  if (action == NULL) {
    gw_outbound_start(gw);
    action = next_transaction(gw);
  }
  action = action == NULL ? gw_route_next(gw) : action;
  action = action == NULL ? gw_sessions_next(gw) : action;
  return action == NULL ? gw_federation_next(gw) : action;
}

const stox_action *stox_gateway_next(stox_gateway *gw) {
  const stox_action *action = NULL;
  uint64_t before = 0;
  free_told(gw, gw->told_given);
  free_own(gw, gw->own_given);
  gw->told_given = NULL;
  gw->own_given = NULL;
  /* When nothing is pending any more the streams are closed, then it is told. */
  if (gw->is_stopping && is_idle(gw)) {
    gw_sessions_stop(gw);
    gw_federation_stop(gw);
  }
  /* What one part does may give another something to do: a stanza makes a request, a bounce a
   * response. */
  do {
    before = gw->work;
    action = next_once(gw);
  } while (action == NULL && gw->work != before);
  if (action == NULL) {
    action = next_told(gw);
  }
  return action == NULL ? next_stopped(gw) : action;
}

uint64_t stox_gateway_deadline(const stox_gateway *gw) {
  uint64_t at = stox_transactions_deadline(gw->transactions);
  const uint64_t barrier = gw_barrier_deadline(gw);
  const uint64_t held = gw_outbound_deadline(gw);
  at = barrier < at ? barrier : at;
  at = held < at ? held : at;
  const uint64_t sessions = gw_sessions_deadline(gw);
  const uint64_t streams =
      gw->federation == NULL ? UINT64_MAX : stox_federation_deadline(gw->federation);
  at = sessions < at ? sessions : at;
  at = streams < at ? streams : at;
  return gw->is_stopping && !gw->is_stopped && gw->drain_ns < at ? gw->drain_ns : at;
}

int stox_gateway_tick(stox_gateway *gw, uint64_t now_ns, uint64_t wall_s) {
  advance(gw, now_ns);
  gw->wall_s = wall_s;
  (void)stox_transactions_tick(gw->transactions, gw->now_ns);
  gw_barrier_tick(gw);
  gw_sessions_tick(gw);
  if (gw->federation != NULL) {
    (void)stox_federation_tick(gw->federation, gw->now_ns);
  }
  if (gw->is_stopping && gw->now_ns >= gw->drain_ns) {
    gw_barrier_drain(gw);
    gw_outbound_expire(gw);
    gw->drain_ns = UINT64_MAX;
  }
  return STOX_OK;
}

int stox_gateway_stop(stox_gateway *gw, uint64_t drain_ns, uint64_t now_ns) {
  advance(gw, now_ns);
  gw->is_stopping = 1;
  gw->drain_ns = drain_ns;
  return STOX_OK;
}

int stox_gateway_is_xmpp(const stox_gateway *gw, const stox_flow *flow) {
  return gw_session_of(gw, flow->handle) != NULL || gw_federation_owns(gw, flow);
}

int stox_gateway_get_counters(stox_gateway_counters *out, size_t size, const stox_gateway *gw) {
  stox_gateway_counters now = gw->counters;
  now.pending_to_xmpp = gw->requests.count;
  now.pending_to_sip = 0;
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    now.pending_to_sip += gw->routes[i].queued;
  }
  return stox_options_init(out, size, &now, sizeof now);
}

/* ---- as a transport sees it ---- */

static int engine_feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return stox_gateway_feed(engine, flow, bytes, now_ns);
}

static int engine_done(void *engine, uint64_t token, int status, const stox_flow *flow,
                       uint64_t now_ns) {
  return stox_gateway_done(engine, token, status, flow, now_ns);
}

static int engine_hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_gateway_hold(engine, handle, full, now_ns);
}

static const stox_action *engine_next(void *engine) {
  return stox_gateway_next(engine);
}

static uint64_t engine_deadline(const void *engine) {
  return stox_gateway_deadline(engine);
}

static int engine_tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  return stox_gateway_tick(engine, now_ns, wall_s);
}

static int engine_resolved(void *engine, uint64_t token, int status, const stox_record *records,
                           size_t n, uint64_t now_ns) {
  return stox_gateway_resolved(engine, token, status, records, n, now_ns);
}

void stox_gateway_engine(stox_engine *out, stox_gateway *gw) {
  *out = (stox_engine){.size = sizeof *out,
                       .engine = gw,
                       .feed = engine_feed,
                       .done = engine_done,
                       .hold = engine_hold,
                       .next = engine_next,
                       .deadline = engine_deadline,
                       .tick = engine_tick,
                       .resolved = engine_resolved};
}
