/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "stox/status.h"

#include <string.h>
#include <unistd.h>

enum { FIRST_SLOTS = 16 };

stox_flow stox_uv_stream_flow(const stream *s) {
  const stox_peer *peer = s->secured == NULL ? NULL : stox_tls_peer(s->secured->tls);
  return (stox_flow){s->handle, s->local.endpoint, s->remote.endpoint, peer};
}

/* ---- the table of streams ---- */

static int grow_slots(struct stox_uv *uv) {
  const size_t before = uv->n_slots;
  const size_t n = before == 0 ? FIRST_SLOTS : before * 2;
  stream **grown = stox_uv_alloc(uv, uv->slots, before * sizeof(stream *), n * sizeof(stream *));
  if (grown == NULL) {
    return STOX_E_NOMEM;
  }
  memset(grown + before, 0, (n - before) * sizeof(stream *));
  uv->slots = grown;
  uv->n_slots = n;
  return STOX_OK;
}

static int take_slot(struct stox_uv *uv, stream *s) {
  if (uv->n_streams >= uv->options.connections) {
    return STOX_E_FULL;
  }
  size_t at = uv->first_free;
  while (at < uv->n_slots && uv->slots[at] != NULL) {
    at++;
  }
  uv->first_free = at;
  if (at == uv->n_slots && grow_slots(uv) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  uv->slots[at] = s;
  uv->first_free = at + 1;
  uv->n_streams++;
  s->handle = stox_uv_handle(uv, at + 1);
  return STOX_OK;
}

static size_t slot_of(uint64_t handle) {
  return (size_t)(handle & SLOT_MASK);
}

static void free_slot(struct stox_uv *uv, const stream *s) {
  const size_t at = slot_of(s->handle) - 1;
  uv->slots[at] = NULL;
  uv->first_free = at < uv->first_free ? at : uv->first_free;
  uv->n_streams--;
}

/* One that is to be closed takes nothing more. */
static int is_usable(const stream *s) {
  return !s->is_closing && !s->close_when_sent;
}

stream *stox_uv_stream_find(const struct stox_uv *uv, uint64_t handle) {
  const size_t at = slot_of(handle);
  if (at == 0 || at > uv->n_slots) {
    return NULL;
  }
  stream *s = uv->slots[at - 1];
  return s != NULL && s->handle == handle && is_usable(s) ? s : NULL;
}

/* A flow that was secured serves those who ask for the same; a plain one those who ask for none. */
static int is_secured_as(const stream *s, const stox_secure *how) {
  if (s->secured == NULL || how == NULL) {
    return s->secured == NULL && how == NULL;
  }
  const stox_secure *own = &s->secured->how->secure;
  return s->remote.endpoint.transport == STOX_TRANSPORT_TLS && !own->is_server &&
         !s->secured->is_ended && stox_uv_secure_is_same(own, how);
}

static stream *by_remote(const struct stox_uv *uv, const address *remote, const stox_secure *how) {
  stream *s = uv->buckets[stox_uv_address_bucket(remote)];
  while (s != NULL &&
         !(is_usable(s) && stox_uv_address_is_equal(&s->remote, remote) && is_secured_as(s, how))) {
    s = s->next_in_bucket;
  }
  return s;
}

static void enter_bucket(struct stox_uv *uv, stream *s) {
  stream **bucket = &uv->buckets[stox_uv_address_bucket(&s->remote)];
  s->next_in_bucket = *bucket;
  *bucket = s;
}

static void leave_bucket(struct stox_uv *uv, stream *s) {
  stream **at = &uv->buckets[stox_uv_address_bucket(&s->remote)];
  while (*at != NULL && *at != s) {
    at = &(*at)->next_in_bucket;
  }
  if (*at == s) {
    *at = s->next_in_bucket;
  }
}

int stox_uv_stream_new(stream **out, struct stox_uv *uv, int fd, const address *remote) {
  stream *s = stox_uv_alloc(uv, NULL, 0, sizeof *s);
  if (s == NULL) {
    return STOX_E_NOMEM;
  }
  memset(s, 0, sizeof *s);
  s->uv = uv;
  s->fd = fd;
  s->active_ms = uv_now(uv->loop);
  int status = take_slot(uv, s);
  if (status == STOX_OK && uv_poll_init_socket(uv->loop, &s->poll, fd) != 0) {
    free_slot(uv, s);
    status = STOX_E_NOMEM;
  }
  if (status != STOX_OK) {
    (void)stox_uv_alloc(uv, s, sizeof *s, 0);
    return status;
  }
  s->poll.data = uv;
  s->remote = *remote;
  s->remote.endpoint.host.p = s->remote.host;
  s->local.endpoint.host.p = s->local.host;
  enter_bucket(uv, s);
  *out = s;
  return STOX_OK;
}

/* ---- what the engine is told ---- */

void stox_uv_stream_give_back(stream *s, int status) {
  const stox_flow flow = stox_uv_stream_flow(s);
  uint64_t token = 0;
  while ((token = stox_uv_outbox_token(&s->out, status != STOX_OK)) != 0) {
    s->was_reported = s->was_reported || (status == STOX_OK && !s->close_when_sent);
    stox_uv_report(s->uv, token, status, &flow);
  }
}

void stox_uv_stream_hold(stream *s) {
  const size_t limit = s->uv->options.queue_octets;
  const int full = stox_uv_outbox_waiting(&s->out) > (s->is_held ? limit / 2 : limit);
  if (full != s->is_held) {
    s->is_held = full;
    s->was_reported = s->was_reported || !s->close_when_sent;
    stox_uv_hold(s->uv, s->handle, full);
  }
}

/* ---- ending ---- */

static void on_closed(uv_handle_t *handle) {
  stream *s = (stream *)handle;
  struct stox_uv *uv = s->uv;
  free_slot(uv, s);
  stox_uv_secure_free(s);
  stox_uv_outbox_free(uv, &s->out);
  (void)stox_uv_alloc(uv, s, sizeof *s, 0);
  for (listener *l = uv->listeners; l != NULL; l = l->next) {
    stox_uv_stream_retry(l);
  }
}

static void release(stream *s) {
  if (!uv_is_closing((uv_handle_t *)&s->poll)) {
    uv_close((uv_handle_t *)&s->poll, on_closed);
    (void)close(s->fd);
  }
}

/* Of one that ended as it was meant to, the socket goes when the peer has ended too. */
static void let_go(stream *s) {
  if (!s->lingers || !stox_uv_stream_linger(s)) {
    release(s);
  }
}

void stox_uv_stream_gone(stream *s) {
  release(s);
}

void stox_uv_stream_end(stream *s, int status) {
  struct stox_uv *uv = s->uv;
  if (s->is_closing) {
    return;
  }
  s->is_closing = 1;
  uv->counters.closed++;
  leave_bucket(uv, s);
  stox_uv_secure_end(s, status);
  const stox_flow flow = stox_uv_stream_flow(s);
  if (s->open_token != 0) {
    stox_uv_report(uv, s->open_token, status, &flow);
    s->open_token = 0;
  }
  stox_uv_stream_give_back(s, status);
  if (s->was_reported) {
    stox_uv_input(uv, &flow, (stox_span){NULL, 0});
  }
  /* The list of dirty streams may be being walked: it lets go of the stream itself. */
  if (!s->is_dirty) {
    let_go(s);
  }
}

void stox_uv_stream_mark(stream *s) {
  if (!s->is_dirty) {
    s->is_dirty = 1;
    s->next_dirty = s->uv->dirty;
    s->uv->dirty = s;
  }
}

void stox_uv_stream_flush_all(struct stox_uv *uv) {
  stream *s = uv->dirty;
  uv->dirty = NULL;
  while (s != NULL) {
    stream *next = s->next_dirty;
    stox_uv_stream_flush(s);
    s->is_dirty = 0;
    if (s->is_closing) {
      let_go(s);
    }
    s = next;
  }
}

/* ---- actions ---- */

/* An engine that does not heed `hold` is stopped here. */
static int is_overfull(const stream *s, stox_span bytes) {
  const size_t waiting = stox_uv_outbox_waiting(&s->out);
  const size_t limit = s->uv->options.queue_octets;
  return waiting > 0 && (bytes.n > SIZE_MAX - waiting || waiting + bytes.n > limit + limit / 2);
}

/* A connection of our own, in time secured as asked. */
static int connect_to(stream **out, struct stox_uv *uv, const address *remote,
                      const stox_secure *how) {
  const int wants_tls = remote->endpoint.transport == STOX_TRANSPORT_TLS;
  int status = wants_tls ? stox_uv_secure_can(uv, how) : STOX_OK;
  if (status == STOX_OK) {
    status = stox_uv_stream_connect(out, uv, remote);
  }
  if (status == STOX_OK && wants_tls) {
    status = stox_uv_secure_begin(*out, how, 0);
    if (status != STOX_OK) {
      stox_uv_stream_end(*out, status);
    }
  }
  return status;
}

static int find(stream **out, struct stox_uv *uv, const stox_action *action) {
  const int wants_tls = action->remote.transport == STOX_TRANSPORT_TLS;
  *out = stox_uv_stream_find(uv, action->handle);
  /* What must be protected does not go out on a flow that is not. */
  if (*out != NULL && (!wants_tls || (*out)->secured != NULL)) {
    return STOX_OK;
  }
  if (action->remote.host.n == 0) {
    return STOX_E_CLOSED;
  }
  address remote;
  const stox_secure *how = wants_tls ? action->object : NULL;
  const int status = stox_uv_address_parse(&remote, &action->remote);
  if (status != STOX_OK) {
    return status;
  }
  *out = wants_tls && how == NULL ? NULL : by_remote(uv, &remote, how);
  return *out == NULL ? connect_to(out, uv, &remote, how) : STOX_OK;
}

int stox_uv_stream_send(struct stox_uv *uv, const stox_action *action) {
  stream *s = NULL;
  int status = find(&s, uv, action);
  if (status == STOX_OK) {
    status = is_overfull(s, action->bytes)
                 ? STOX_E_FULL
                 : stox_uv_outbox_put(uv, &s->out, action->bytes, action->token);
  }
  if (status != STOX_OK) {
    stox_uv_report(uv, action->token, status, NULL);
    return status;
  }
  const stox_flow flow = stox_uv_stream_flow(s);
  stox_uv_traced(uv, &flow, action->bytes);
  stox_uv_stream_hold(s);
  if (s->is_open) {
    stox_uv_stream_mark(s);
  }
  return STOX_OK;
}

int stox_uv_stream_open(struct stox_uv *uv, const stox_action *action) {
  address remote;
  stream *s = NULL;
  int status = stox_uv_address_parse(&remote, &action->remote);
  if (status == STOX_OK) {
    status = connect_to(&s, uv, &remote, action->object);
  }
  if (status != STOX_OK) {
    stox_uv_report(uv, action->token, status, NULL);
    return status;
  }
  s->open_token = action->token;
  return STOX_OK;
}

int stox_uv_stream_close(struct stox_uv *uv, uint64_t handle) {
  stream *s = stox_uv_stream_find(uv, handle);
  if (s == NULL) {
    return STOX_OK;
  }
  s->was_reported = 0; /* the engine asked for it: it needs not be told */
  s->close_when_sent = 1;
  if (s->is_open && !stox_uv_secure_is_shaking(s)) {
    stox_uv_stream_mark(s);
  } else {
    stox_uv_stream_end(s, STOX_E_CLOSED);
  }
  return STOX_OK;
}

/* ---- all of them ---- */

/* One that is to be closed waits for a peer who reads no longer than one that connects; and no peer
 * prolongs its handshake by octets. */
static int is_over(const stream *s) {
  const stox_uv_options *options = &s->uv->options;
  const uint64_t now = uv_now(s->uv->loop);
  uint64_t since = s->active_ms;
  uint64_t most = options->idle_timeout_ns;
  if (!s->is_open || s->close_when_sent || s->lingers ||
      (s->secured != NULL && s->secured->is_ended)) {
    most = options->connect_timeout_ns;
  } else if (stox_uv_secure_is_shaking(s)) {
    most = options->handshake_timeout_ns;
    since = s->secured->began_ms;
  }
  return most > 0 && now - since >= most / 1000000;
}

/* Thousands of streams may be idle: those hold no room. */
static void rest(stream *s) {
  if (uv_now(s->uv->loop) - s->active_ms >= REST_MS) {
    stox_uv_outbox_rest(s->uv, &s->out);
  }
}

void stox_uv_stream_sweep(struct stox_uv *uv) {
  for (listener *l = uv->listeners; l != NULL; l = l->next) {
    stox_uv_stream_retry(l);
  }
  for (size_t i = 0; i < uv->n_slots; i++) {
    stream *s = uv->slots[i];
    if (s == NULL || (s->is_closing && !s->lingers)) {
      continue;
    }
    if (!is_over(s)) {
      rest(s);
      continue;
    }
    if (s->is_closing) {
      release(s);
    } else {
      stox_uv_stream_end(s, STOX_E_TIMEOUT);
    }
  }
}

void stox_uv_stream_end_all(struct stox_uv *uv) {
  for (size_t i = 0; i < uv->n_slots; i++) {
    stream *s = uv->slots[i];
    if (s != NULL) {
      s->is_dirty = 0;
      stox_uv_stream_end(s, STOX_E_CLOSED);
      release(s);
    }
  }
  uv->dirty = NULL;
}
