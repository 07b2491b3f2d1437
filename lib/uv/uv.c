/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "base/options.h"
#include "stox/status.h"

#include <string.h>
#include <unistd.h>

static const stox_uv_options defaults = {
    .size = sizeof(stox_uv_options),
    .queue_octets = 1 << 20,
    .connections = 4096,
    .backlog = 128,
    .connect_timeout_ns = UINT64_C(5000000000),
    .handshake_timeout_ns = UINT64_C(10000000000),
};

int stox_uv_options_init(stox_uv_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

void *stox_uv_alloc(struct stox_uv *uv, void *p, size_t old_n, size_t new_n) {
  return uv->options.alloc->resize(uv->options.alloc->ud, p, old_n, new_n);
}

/* Slot and generation: below 2^53, and not used again before 2^33 others were. */
uint64_t stox_uv_handle(struct stox_uv *uv, size_t slot) {
  uv->generation = uv->generation % ((UINT64_C(1) << (53 - SLOT_BITS)) - 1) + 1;
  return uv->generation << SLOT_BITS | slot;
}

void stox_uv_report(struct stox_uv *uv, uint64_t token, int status, const stox_flow *flow) {
  if (status != STOX_OK) {
    uv->counters.failed++;
  }
  if (token != 0 && !uv->is_ending) {
    uv->was_told = 1;
    (void)uv->engine.done(uv->engine.engine, token, status, flow, stox_uv_now(uv));
  }
}

void stox_uv_input(struct stox_uv *uv, const stox_flow *flow, stox_span bytes) {
  uv->counters.octets_in += bytes.n;
  if (uv->is_ending) {
    return;
  }
  uv->was_told = 1;
  const uint64_t now = stox_uv_now(uv);
  if (uv->options.trace != NULL && bytes.n > 0) {
    uv->options.trace(uv->options.ud, 0, flow, bytes, now);
  }
  (void)uv->engine.feed(uv->engine.engine, flow, bytes, now);
}

void stox_uv_hold(struct stox_uv *uv, uint64_t handle, int full) {
  uv->counters.held += full ? 1U : 0U;
  uv->was_told = 1;
  (void)uv->engine.hold(uv->engine.engine, handle, full, stox_uv_now(uv));
}

void stox_uv_traced(struct stox_uv *uv, const stox_flow *flow, stox_span bytes) {
  uv->counters.octets_out += bytes.n;
  if (uv->options.trace != NULL) {
    uv->options.trace(uv->options.ud, 1, flow, bytes, stox_uv_now(uv));
  }
}

static int refuse(struct stox_uv *uv, const stox_action *action, int status) {
  stox_uv_report(uv, action->token, status, NULL);
  return status;
}

static int perform(void *transport, const stox_engine *engine, const stox_action *action,
                   uint64_t now_ns) {
  (void)engine;
  (void)now_ns;
  struct stox_uv *uv = transport;
  switch (action->kind) {
  case STOX_DO_SEND:
    if (action->remote.transport == STOX_TRANSPORT_UDP) {
      return stox_uv_datagram_send(uv, action);
    }
    return stox_uv_stream_send(uv, action);
  case STOX_DO_OPEN:
    return stox_transport_is_reliable(action->remote.transport)
               ? stox_uv_stream_open(uv, action)
               : refuse(uv, action, STOX_E_UNSUPPORTED);
  case STOX_DO_START_TLS:
    return stox_uv_secure_start(uv, action);
  case STOX_DO_CLOSE:
    return stox_uv_stream_close(uv, action->handle);
  case STOX_DO_RESOLVE:
    return stox_uv_resolve(uv, action);
  case STOX_DO_EVENT:
    return STOX_OK;
  default:
    return refuse(uv, action, STOX_E_UNSUPPORTED);
  }
}

static void on_deadline(uv_timer_t *timer) {
  (void)stox_uv_kick(timer->data);
}

static void arm(struct stox_uv *uv) {
  const uint64_t at = uv->engine.deadline(uv->engine.engine);
  if (at == UINT64_MAX) {
    uv_timer_stop(&uv->deadline);
    return;
  }
  const uint64_t now = stox_uv_now(uv);
  /* Rounded up, so that the engine finds its deadline reached. */
  const uint64_t wait_ms = at <= now ? 0 : (at - now + 999999) / 1000000;
  (void)uv_timer_start(&uv->deadline, on_deadline, wait_ms, 0);
}

uint64_t stox_uv_wall(const struct stox_uv *uv) {
  if (uv->options.wall_s != NULL) {
    return uv->options.wall_s(uv->options.ud);
  }
  uv_timeval64_t t = {0};
  (void)uv_gettimeofday(&t);
  return (uint64_t)t.tv_sec;
}

int stox_uv_kick(stox_uv *uv) {
  const stox_transport transport = {sizeof transport, uv, perform};
  uv_update_time(uv->loop);
  if (uv->engine.deadline(uv->engine.engine) <= stox_uv_now(uv)) {
    (void)uv->engine.tick(uv->engine.engine, stox_uv_now(uv), stox_uv_wall(uv));
  }
  int status = STOX_OK;
  int rounds = 0;
  do {
    uv->was_told = 0;
    status = stox_pump(&uv->engine, &transport, stox_uv_now(uv), 0);
    /* What leaves here may make the engine act again (`done`), so until both are quiet. */
    stox_uv_stream_flush_all(uv);
  } while ((status == STOX_E_MORE || uv->was_told) && ++rounds < ROUNDS);
  if (rounds == ROUNDS) {
    (void)uv_timer_start(&uv->deadline, on_deadline, 0, 0);
  } else {
    arm(uv);
  }
  return status;
}

/* All input of one turn of the loop is fed first and answered once: fewer, larger writes. */
static void on_check(uv_check_t *check) {
  (void)stox_uv_kick(check->data);
}

/* `done` may be called while a turn's input is fed; what it queued must not wait for more input. */
static void on_prepare(uv_prepare_t *prepare) {
  (void)stox_uv_kick(prepare->data);
}

static void on_sweep(uv_timer_t *timer) {
  stox_uv_stream_sweep(timer->data);
}

static void start_handles(struct stox_uv *uv) {
  (void)uv_timer_init(uv->loop, &uv->deadline);
  (void)uv_timer_init(uv->loop, &uv->sweep);
  (void)uv_check_init(uv->loop, &uv->check);
  (void)uv_prepare_init(uv->loop, &uv->prepare);
  uv->deadline.data = uv;
  uv->sweep.data = uv;
  uv->check.data = uv;
  uv->prepare.data = uv;
  (void)uv_timer_start(&uv->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
  (void)uv_check_start(&uv->check, on_check);
  (void)uv_prepare_start(&uv->prepare, on_prepare);
}

static struct stox_uv *allocate(const stox_uv_options *options) {
  const stox_allocator *alloc = options->alloc;
  struct stox_uv *uv = alloc->resize(alloc->ud, NULL, 0, sizeof *uv);
  if (uv == NULL) {
    return NULL;
  }
  memset(uv, 0, sizeof *uv);
  uv->options = *options;
  uv->input = stox_uv_alloc(uv, NULL, 0, (size_t)DATAGRAM_MAX * DATAGRAMS_AT_ONCE);
  if (uv->input == NULL) {
    (void)alloc->resize(alloc->ud, uv, sizeof *uv, 0);
    return NULL;
  }
  return uv;
}

static void release(struct stox_uv *uv) {
  const stox_allocator *alloc = uv->options.alloc;
  (void)stox_uv_alloc(uv, uv->input, (size_t)DATAGRAM_MAX * DATAGRAMS_AT_ONCE, 0);
  if (uv->slots != NULL) {
    (void)stox_uv_alloc(uv, uv->slots, uv->n_slots * sizeof(stream *), 0);
  }
  stox_uv_resumption_clear(uv);
  (void)alloc->resize(alloc->ud, uv, sizeof *uv, 0);
}

int stox_uv_new(stox_uv **out, const stox_engine *engine, const stox_uv_options *options) {
  stox_uv_options own = defaults;
  *out = NULL;
  if (stox_options_read(&own, sizeof own, options) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  struct stox_uv *uv = allocate(&own);
  if (uv == NULL) {
    return STOX_E_NOMEM;
  }
  /* An engine of an older build has fewer functions. */
  if (stox_options_read(&uv->engine, sizeof uv->engine, engine) != STOX_OK ||
      stox_chain_rules_init(&uv->rules, sizeof uv->rules) != STOX_OK ||
      stox_options_read(&uv->rules, sizeof uv->rules, own.tls_rules) != STOX_OK) {
    release(uv);
    return STOX_E_ARG;
  }
  uv->counters.size = sizeof uv->counters;
  uv->loop = own.loop;
  if (uv->loop == NULL) {
    if (uv_loop_init(&uv->own_loop) != 0) {
      release(uv);
      return STOX_E_NOMEM;
    }
    uv->owns_loop = 1;
    uv->loop = &uv->own_loop;
  }
  start_handles(uv);
  *out = uv;
  return STOX_OK;
}

static void listener_free(listener *l) {
  stox_uv_secure_drop(l->uv, l->how);
  (void)stox_uv_alloc(l->uv, l, sizeof *l, 0);
}

static void on_listener_closed(uv_handle_t *handle) {
  listener_free((listener *)handle);
}

static void on_last_closed(uv_handle_t *handle) {
  struct stox_uv *uv = handle->data;
  uv->is_closed = 1;
}

static void listener_close(listener *l) {
  uv_close(&l->io.handle, on_listener_closed);
  if (l->fd >= 0) {
    (void)close(l->fd);
  }
}

void stox_uv_del(stox_uv *uv) {
  if (uv == NULL) {
    return;
  }
  uv->is_ending = 1;
  listener *l = uv->listeners;
  uv->listeners = NULL;
  while (l != NULL) {
    listener *next = l->next;
    listener_close(l);
    l = next;
  }
  stox_uv_stream_end_all(uv);
  stox_uv_resolve_end_all(uv);
  uv_close((uv_handle_t *)&uv->deadline, NULL);
  uv_close((uv_handle_t *)&uv->sweep, NULL);
  uv_close((uv_handle_t *)&uv->check, NULL);
  uv_close((uv_handle_t *)&uv->prepare, on_last_closed);
  /* Closing is asynchronous: the memory below must outlive the callbacks. All of them come in one
   * turn of the loop, the next unless uv_stop() was called. */
  while (!uv->is_closed) {
    (void)uv_run(uv->loop, UV_RUN_NOWAIT);
  }
  if (uv->owns_loop) {
    (void)uv_loop_close(uv->loop);
  }
  release(uv);
}

static int listen_on(listener *l, int transport, const stox_secure *secure) {
  switch (transport) {
  case STOX_TRANSPORT_UDP:
    return stox_uv_datagram_listen(l);
  case STOX_TRANSPORT_TCP:
    return stox_uv_stream_listen(l);
  case STOX_TRANSPORT_TLS: {
    const int status = l->uv->options.tls == NULL ? STOX_E_UNSUPPORTED
                                                  : stox_uv_secure_keep(l->uv, &l->how, secure);
    return status == STOX_OK ? stox_uv_stream_listen(l) : status;
  }
  default:
    return STOX_E_UNSUPPORTED;
  }
}

int stox_uv_listen_secure(stox_uv *uv, stox_endpoint *local, const stox_secure *secure) {
  listener *l = stox_uv_alloc(uv, NULL, 0, sizeof *l);
  if (l == NULL) {
    return STOX_E_NOMEM;
  }
  memset(l, 0, sizeof *l);
  l->uv = uv;
  l->fd = -1;
  int status = stox_uv_address_parse(&l->local, local);
  if (status == STOX_OK) {
    status = listen_on(l, local->transport, secure);
  }
  if (status != STOX_OK) {
    if (l->io.handle.loop == NULL) {
      listener_free(l);
    } else {
      listener_close(l);
    }
    return status;
  }
  l->handle = stox_uv_handle(uv, 0); /* the slots of streams start at 1 */
  l->next = uv->listeners;
  uv->listeners = l;
  local->port = l->local.endpoint.port;
  return STOX_OK;
}

int stox_uv_listen(stox_uv *uv, stox_endpoint *local) {
  return stox_uv_listen_secure(uv, local, NULL);
}

int stox_uv_run(stox_uv *uv) {
  uv->stopping = 0;
  (void)stox_uv_kick(uv);
  while (!uv->stopping) {
    (void)uv_run(uv->loop, UV_RUN_DEFAULT);
  }
  return STOX_OK;
}

void stox_uv_stop(stox_uv *uv) {
  uv->stopping = 1;
  uv_stop(uv->loop);
}

void *stox_uv_loop(stox_uv *uv) {
  return uv->loop;
}

uint64_t stox_uv_now(const stox_uv *uv) {
  (void)uv;
  return uv_hrtime();
}

static int fill(void *ud, void *p, size_t n) {
  (void)ud;
  return uv_random(NULL, NULL, p, n, 0, NULL) == 0 ? STOX_OK : STOX_E_STATE;
}

static const stox_random source = {sizeof(stox_random), NULL, fill};

const stox_random *stox_uv_random(void) {
  return &source;
}

int stox_uv_get_counters(stox_uv_counters *out, size_t size, const stox_uv *uv) {
  return stox_options_init(out, size, &uv->counters, sizeof uv->counters);
}
