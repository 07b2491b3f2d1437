/* SPDX-License-Identifier: MIT */
#include "sham_tls.h"

#include "stox/secure.h"

static size_t find(const sham_tls *s, uint64_t handle) {
  size_t i = 0;
  while (i < s->n_known && s->known[i].handle != handle) {
    i++;
  }
  return i;
}

static stox_peer peer_of(const sham_tls *s) {
  return (stox_peer){.size = sizeof(stox_peer),
                     .secure = 1,
                     .verified = s->is_trusted,
                     .identities = s->identities == NULL ? (stox_span){NULL, 0}
                                                         : stox_span_text(s->identities)};
}

/* The flow as the engine is to see it. */
static stox_flow seen(const sham_tls *s, const stox_flow *flow, const stox_peer *peer) {
  const size_t i = find(s, flow->handle);
  stox_flow out = *flow;
  out.peer = i < s->n_known && s->is_secure[i] ? peer : NULL;
  return out;
}

static void know(sham_tls *s, const stox_flow *flow) {
  if (flow->handle != 0 && flow->local.transport == STOX_TRANSPORT_TCP &&
      find(s, flow->handle) == s->n_known) {
    assert_true(s->n_known < SHAM_FLOWS);
    s->known[s->n_known] = *flow;
    s->is_secure[s->n_known] = 0;
    s->n_known++;
  }
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  sham_tls *s = engine;
  const stox_peer peer = peer_of(s);
  s->now_ns = now_ns;
  know(s, flow);
  const stox_flow own = seen(s, flow, &peer);
  return s->inner.feed(s->inner.engine, &own, bytes, now_ns);
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  sham_tls *s = engine;
  s->now_ns = now_ns;
  if (flow != NULL) {
    know(s, flow);
  }
  return s->inner.done(s->inner.engine, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  const sham_tls *s = engine;
  return s->inner.hold(s->inner.engine, handle, full, now_ns);
}

static void start(sham_tls *s, const stox_action *action) {
  const size_t i = find(s, action->handle);
  assert_true(i < s->n_known && s->n_pending < SHAM_PENDING);
  assert_int_equal(action->bytes.n, 0);
  s->is_secure[i] = 1;
  s->pending[s->n_pending] = s->known[i];
  s->tokens[s->n_pending++] = action->token;
}

static const stox_action *next(void *engine) {
  sham_tls *s = engine;
  const stox_action *action = NULL;
  while ((action = s->inner.next(s->inner.engine)) != NULL && action->kind == STOX_DO_START_TLS) {
    start(s, action);
  }
  return action;
}

static uint64_t deadline(const void *engine) {
  const sham_tls *s = engine;
  return s->n_pending > 0 ? s->now_ns : s->inner.deadline(s->inner.engine);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  sham_tls *s = engine;
  const stox_peer peer = peer_of(s);
  s->now_ns = now_ns;
  for (; s->n_pending > 0; s->n_pending--) {
    stox_flow flow = s->pending[s->n_pending - 1];
    flow.peer = &peer;
    (void)s->inner.done(s->inner.engine, s->tokens[s->n_pending - 1], STOX_OK, &flow, now_ns);
  }
  return s->inner.deadline(s->inner.engine) <= now_ns
             ? s->inner.tick(s->inner.engine, now_ns, wall_s)
             : STOX_OK;
}

static int resolved(void *engine, uint64_t token, int status, const struct stox_record *records,
                    size_t n, uint64_t now_ns) {
  const sham_tls *s = engine;
  return s->inner.resolved(s->inner.engine, token, status, records, n, now_ns);
}

void sham_tls_init(sham_tls *out, const stox_engine *inner) {
  memset(out, 0, sizeof *out);
  out->inner = *inner;
  out->engine = (stox_engine){.size = sizeof(stox_engine),
                              .engine = out,
                              .feed = feed,
                              .done = done,
                              .hold = hold,
                              .next = next,
                              .deadline = deadline,
                              .tick = tick,
                              .resolved = inner->resolved == NULL ? NULL : resolved};
}
