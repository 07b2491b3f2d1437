/* SPDX-License-Identifier: MIT */
#include "fake_engine.h"

void fake_engine_init(fake_engine *f) {
  memset(f, 0, sizeof *f);
  f->deadline_ns = UINT64_MAX;
}

static stox_action *push(fake_engine *f, int kind) {
  assert_true(f->last - f->first < FAKE_ACTIONS);
  stox_action *action = &f->queue[f->last++ % FAKE_ACTIONS];
  *action = (stox_action){.kind = kind};
  return action;
}

void fake_send(fake_engine *f, uint64_t handle, stox_endpoint remote, stox_span bytes,
               uint64_t token) {
  stox_action *action = push(f, STOX_DO_SEND);
  action->handle = handle;
  action->remote = remote;
  action->bytes = bytes;
  action->token = token;
}

void fake_open(fake_engine *f, stox_endpoint remote, uint64_t token) {
  stox_action *action = push(f, STOX_DO_OPEN);
  action->remote = remote;
  action->token = token;
}

void fake_open_secure(fake_engine *f, stox_endpoint remote, const stox_secure *how,
                      uint64_t token) {
  stox_action *action = push(f, STOX_DO_OPEN);
  action->remote = remote;
  action->object = how;
  action->token = token;
}

void fake_send_secure(fake_engine *f, stox_endpoint remote, const stox_secure *how, stox_span bytes,
                      uint64_t token) {
  fake_send(f, 0, remote, bytes, token);
  f->queue[(f->last - 1) % FAKE_ACTIONS].object = how;
}

void fake_start_tls(fake_engine *f, uint64_t handle, const stox_secure *how, stox_span bytes,
                    uint64_t token) {
  stox_action *action = push(f, STOX_DO_START_TLS);
  action->handle = handle;
  action->object = how;
  action->bytes = bytes;
  action->token = token;
}

void fake_close(fake_engine *f, uint64_t handle) {
  push(f, STOX_DO_CLOSE)->handle = handle;
}

const fake_done *fake_done_of(const fake_engine *f, uint64_t token) {
  const fake_done *found = NULL;
  for (size_t i = 0; i < f->n_done && i < FAKE_RECORDS; i++) {
    if (f->done[i].token == token) {
      assert_null(found);
      found = &f->done[i];
    }
  }
  return found;
}

static void echo(fake_engine *f, const stox_flow *flow, stox_span bytes) {
  f->n_echoes++;
  if (bytes.n > FAKE_OCTETS - f->echo_n) {
    f->echo_n = 0;
  }
  assert_true(bytes.n <= FAKE_OCTETS);
  memcpy(f->echo + f->echo_n, bytes.p, bytes.n);
  fake_send(f, flow->handle,
            (stox_endpoint){f->flow.remote.host, flow->remote.port, flow->remote.transport},
            (stox_span){f->echo + f->echo_n, bytes.n}, 0);
  f->echo_n += bytes.n;
}

static stox_span keep(char *room, size_t cap, stox_span text) {
  assert_true(text.n <= cap);
  if (text.n > 0) {
    memcpy(room, text.p, text.n);
  }
  return (stox_span){room, text.n};
}

static void note_peer(fake_engine *f, const stox_flow *flow) {
  if (flow == NULL || flow->peer == NULL) {
    return;
  }
  f->peer = *flow->peer;
  f->peer.identities = keep(f->identities, sizeof f->identities, flow->peer->identities);
  f->peer.alpn = keep(f->alpn, sizeof f->alpn, flow->peer->alpn);
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  fake_engine *f = engine;
  (void)now_ns;
  assert_true(flow->handle > 0 && flow->handle < UINT64_C(1) << 53);
  assert_true(flow->remote.host.n < sizeof f->host);
  memcpy(f->host, flow->remote.host.p, flow->remote.host.n);
  f->flow = *flow;
  note_peer(f, flow);
  f->flow.remote.host.p = f->host;
  f->n_feeds++;
  if (bytes.n == 0) {
    f->n_ends++;
    return STOX_OK;
  }
  if (f->echoes) {
    echo(f, flow, bytes);
  }
  for (size_t i = 0; i < bytes.n; i++) {
    f->fed[f->n_fed++ % FAKE_OCTETS] = bytes.p[i];
  }
  return STOX_OK;
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  fake_engine *f = engine;
  (void)now_ns;
  assert_true(token != 0);
  if (f->n_done < FAKE_RECORDS) {
    f->done[f->n_done] = (fake_done){token, status, flow == NULL ? 0 : flow->handle,
                                     flow != NULL && flow->peer != NULL};
  }
  note_peer(f, flow);
  f->n_done++;
  return STOX_OK;
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  fake_engine *f = engine;
  (void)now_ns;
  f->n_full += full ? 1U : 0U;
  f->n_room += full ? 0U : 1U;
  f->held_handle = handle;
  return STOX_OK;
}

static const stox_action *next(void *engine) {
  fake_engine *f = engine;
  return f->first == f->last ? NULL : &f->queue[f->first++ % FAKE_ACTIONS];
}

static uint64_t deadline(const void *engine) {
  const fake_engine *f = engine;
  return f->deadline_ns;
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  fake_engine *f = engine;
  f->n_ticks++;
  f->tick_ns = now_ns;
  f->wall_s = wall_s;
  f->deadline_ns = UINT64_MAX;
  return STOX_OK;
}

static int resolved(void *engine, uint64_t token, int status, const struct stox_record *records,
                    size_t n, uint64_t now_ns) {
  fake_engine *f = engine;
  (void)now_ns;
  assert_true(token != 0 && (n == 0 || records != NULL));
  f->resolved = (fake_done){token, status, n, 0};
  f->n_resolved++;
  return STOX_OK;
}

stox_engine fake_engine_functions(fake_engine *f) {
  return (stox_engine){sizeof(stox_engine), f, feed, done, hold, next, deadline, tick, resolved};
}
