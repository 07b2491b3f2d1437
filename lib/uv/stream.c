/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "base/checked.h"
#include "stox/status.h"

#include <string.h>

static stox_flow flow_of(const stream *s) {
  return (stox_flow){s->handle, s->local.endpoint, s->remote.endpoint, NULL};
}

/* ---- the table of streams ---- */

static int take_slot(struct stox_uv *uv, stream *s) {
  size_t at = 0;
  while (at < uv->n_slots && uv->slots[at] != NULL) {
    at++;
  }
  if (at == uv->n_slots) {
    const size_t n = at == 0 ? 16 : at * 2;
    if (at >= uv->options.connections) {
      return STOX_E_FULL;
    }
    stream **grown = stox_uv_alloc(uv, uv->slots, at * sizeof(stream *), n * sizeof(stream *));
    if (grown == NULL) {
      return STOX_E_NOMEM;
    }
    memset(grown + at, 0, (n - at) * sizeof(stream *));
    uv->slots = grown;
    uv->n_slots = n;
  }
  uv->slots[at] = s;
  /* Slot and generation: a handle is never used for another stream, and stays below 2^53. */
  s->handle = (++uv->generation & 0xFFFFF) << 32 | (at + 1);
  uv->n_streams++;
  return STOX_OK;
}

static stream *by_handle(const struct stox_uv *uv, uint64_t handle) {
  const size_t at = (size_t)(handle & 0xFFFFFFFF);
  if (at == 0 || at > uv->n_slots) {
    return NULL;
  }
  stream *s = uv->slots[at - 1];
  return s != NULL && s->handle == handle && !s->is_closing ? s : NULL;
}

static stream *by_remote(const struct stox_uv *uv, const address *remote) {
  for (stream *s = uv->buckets[stox_uv_address_bucket(remote)]; s != NULL; s = s->next_in_bucket) {
    if (!s->is_closing && stox_uv_address_is_equal(&s->remote, remote)) {
      return s;
    }
  }
  return NULL;
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

/* ---- what waits to be sent ---- */

static int grow(struct stox_uv *uv, void **p, size_t *cap, size_t need, size_t item) {
  if (need <= *cap) {
    return STOX_OK;
  }
  size_t cap_new = *cap == 0 ? 256 : *cap;
  while (cap_new < need) {
    cap_new = stox_size_mul(cap_new, 2);
  }
  void *grown = stox_uv_alloc(uv, *p, *cap * item, stox_size_mul(cap_new, item));
  if (grown == NULL) {
    return STOX_E_NOMEM;
  }
  *p = grown;
  *cap = cap_new;
  return STOX_OK;
}

static int append(struct stox_uv *uv, outbox *box, stox_span bytes, uint64_t token) {
  void *marks = box->marks;
  void *p = box->p;
  int status = grow(uv, &p, &box->cap, stox_size_add(box->len, bytes.n), 1);
  box->p = p;
  if (status == STOX_OK && token != 0) {
    status = grow(uv, &marks, &box->marks_cap, box->n_marks + 1, sizeof *box->marks);
    box->marks = marks;
  }
  if (status != STOX_OK) {
    return status;
  }
  memcpy(box->p + box->len, bytes.p, bytes.n);
  box->len += bytes.n;
  if (token != 0) {
    box->marks[box->n_marks++] = (struct token_mark){token, box->len};
  }
  return STOX_OK;
}

/* Gives back the tokens of what ends at or before `upto`, or of all when the stream failed. */
static void give_back(stream *s, outbox *box, size_t upto, int status) {
  const stox_flow flow = flow_of(s);
  size_t n = 0;
  while (n < box->n_marks && box->marks[n].end <= upto) {
    stox_uv_report(s->uv, box->marks[n].token, status, &flow);
    n++;
  }
  box->n_marks -= n;
  if (box->n_marks > 0) {
    memmove(box->marks, box->marks + n, box->n_marks * sizeof *box->marks);
  }
}

static void outbox_free(struct stox_uv *uv, outbox *box) {
  if (box->p != NULL) {
    (void)stox_uv_alloc(uv, box->p, box->cap, 0);
  }
  if (box->marks != NULL) {
    (void)stox_uv_alloc(uv, box->marks, box->marks_cap * sizeof *box->marks, 0);
  }
  memset(box, 0, sizeof *box);
}

/* ---- ending ---- */

static void on_closed(uv_handle_t *handle) {
  stream *s = (stream *)handle;
  struct stox_uv *uv = s->uv;
  uv->slots[(s->handle & 0xFFFFFFFF) - 1] = NULL;
  uv->n_streams--;
  outbox_free(uv, &s->pending);
  outbox_free(uv, &s->in_flight);
  (void)stox_uv_alloc(uv, s, sizeof *s, 0);
}

static void end(stream *s, int status) {
  struct stox_uv *uv = s->uv;
  if (s->is_closing) {
    return;
  }
  s->is_closing = 1;
  uv->counters.closed++;
  leave_bucket(uv, s);
  const stox_flow flow = flow_of(s);
  if (!uv->stopping) {
    if (s->open_token != 0) {
      stox_uv_report(uv, s->open_token, status, &flow);
      s->open_token = 0;
    }
    give_back(s, &s->in_flight, SIZE_MAX, status);
    give_back(s, &s->pending, SIZE_MAX, status);
    if (s->was_reported) {
      (void)uv->engine.feed(uv->engine.engine, &flow, (stox_span){NULL, 0}, stox_uv_now(uv));
    }
  }
  if (!s->is_dirty) {
    uv_close((uv_handle_t *)&s->tcp, on_closed);
  }
}

/* ---- writing ---- */

static void mark_dirty(stream *s) {
  if (!s->is_dirty) {
    s->is_dirty = 1;
    s->next_dirty = s->uv->dirty;
    s->uv->dirty = s;
  }
}

static void set_held(stream *s) {
  struct stox_uv *uv = s->uv;
  const size_t waiting = s->pending.len + s->in_flight.len;
  const int full = waiting > (s->is_held ? uv->options.queue_octets / 2 : uv->options.queue_octets);
  if (full != s->is_held) {
    s->is_held = full;
    uv->counters.held += full ? 1U : 0U;
    (void)uv->engine.hold(uv->engine.engine, s->handle, full, stox_uv_now(uv));
  }
}

static void on_written(uv_write_t *write, int status) {
  stream *s = write->data;
  s->is_writing = 0;
  s->active_ms = uv_now(s->uv->loop);
  if (s->is_closing) {
    return;
  }
  if (status != 0) {
    end(s, STOX_E_CLOSED);
    return;
  }
  give_back(s, &s->in_flight, SIZE_MAX, STOX_OK);
  s->in_flight.len = 0;
  set_held(s);
  mark_dirty(s);
}

/* Hands the rest to libuv, which tells when the kernel has taken it. */
static void write_rest(stream *s, size_t sent) {
  const outbox rest = s->pending;
  s->pending = s->in_flight;
  s->pending.len = 0;
  s->in_flight = rest;
  const uv_buf_t buf = uv_buf_init(rest.p + sent, (unsigned)(rest.len - sent));
  s->write.data = s;
  s->is_writing = uv_write(&s->write, (uv_stream_t *)&s->tcp, &buf, 1, on_written) == 0;
  if (!s->is_writing) {
    end(s, STOX_E_CLOSED);
  }
}

static void flush(stream *s) {
  if (!s->is_open || s->is_writing || s->is_closing) {
    return;
  }
  size_t sent = 0;
  if (s->pending.len > 0) {
    const uv_buf_t buf = uv_buf_init(s->pending.p, (unsigned)s->pending.len);
    const int n = uv_try_write((uv_stream_t *)&s->tcp, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
      end(s, STOX_E_CLOSED);
      return;
    }
    sent = n < 0 ? 0 : (size_t)n;
    s->active_ms = uv_now(s->uv->loop);
    give_back(s, &s->pending, sent, STOX_OK);
  }
  if (sent < s->pending.len) {
    write_rest(s, sent);
    return;
  }
  s->pending.len = 0;
  set_held(s);
  if (s->close_when_sent) {
    end(s, STOX_E_CLOSED);
  }
}

void stox_uv_stream_flush_all(struct stox_uv *uv) {
  stream *s = uv->dirty;
  uv->dirty = NULL;
  while (s != NULL) {
    stream *next = s->next_dirty;
    flush(s);
    s->is_dirty = 0;
    if (s->is_closing && !uv_is_closing((uv_handle_t *)&s->tcp)) {
      uv_close((uv_handle_t *)&s->tcp, on_closed);
    }
    s = next;
  }
}

/* ---- reading ---- */

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *buf) {
  stream *s = (stream *)tcp;
  if (n == 0) {
    return;
  }
  if (n < 0) {
    end(s, STOX_E_CLOSED);
    return;
  }
  s->active_ms = uv_now(s->uv->loop);
  s->was_reported = 1;
  const stox_flow flow = flow_of(s);
  stox_uv_input(s->uv, &flow, (stox_span){buf->base, (size_t)n});
}

static int begin(stream *s) {
  struct sockaddr_storage at;
  int n = (int)sizeof at;
  if (uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&at, &n) != 0) {
    return STOX_E_CLOSED;
  }
  stox_uv_address_of(&s->local, (const struct sockaddr *)&at, STOX_TRANSPORT_TCP);
  (void)uv_tcp_nodelay(&s->tcp, 1);
  s->is_open = 1;
  s->active_ms = uv_now(s->uv->loop);
  return uv_read_start((uv_stream_t *)&s->tcp, stox_uv_give_room, on_read) == 0 ? STOX_OK
                                                                                : STOX_E_CLOSED;
}

/* ---- making ---- */

static int stream_new(stream **out, struct stox_uv *uv) {
  stream *s = stox_uv_alloc(uv, NULL, 0, sizeof *s);
  if (s == NULL) {
    return STOX_E_NOMEM;
  }
  memset(s, 0, sizeof *s);
  s->uv = uv;
  int status = take_slot(uv, s);
  if (status == STOX_OK && uv_tcp_init(uv->loop, &s->tcp) != 0) {
    uv->slots[(s->handle & 0xFFFFFFFF) - 1] = NULL;
    uv->n_streams--;
    status = STOX_E_NOMEM;
  }
  if (status != STOX_OK) {
    (void)stox_uv_alloc(uv, s, sizeof *s, 0);
    return status;
  }
  s->tcp.data = uv;
  s->active_ms = uv_now(uv->loop);
  *out = s;
  return STOX_OK;
}

static void on_connected(uv_connect_t *connect, int status) {
  stream *s = connect->data;
  if (s->is_closing) {
    return;
  }
  if (status != 0 || begin(s) != STOX_OK) {
    end(s, status == UV_ECONNREFUSED ? STOX_E_REFUSED : STOX_E_CLOSED);
    return;
  }
  s->uv->counters.opened++;
  if (s->open_token != 0) {
    const stox_flow flow = flow_of(s);
    const uint64_t token = s->open_token;
    s->open_token = 0;
    s->was_reported = 1;
    stox_uv_report(s->uv, token, STOX_OK, &flow);
  }
  mark_dirty(s);
}

static int connect_to(stream **out, struct stox_uv *uv, const address *remote) {
  stream *s = NULL;
  const int status = stream_new(&s, uv);
  if (status != STOX_OK) {
    return status;
  }
  s->remote = *remote;
  s->remote.endpoint.host.p = s->remote.host;
  enter_bucket(uv, s);
  s->connect.data = s;
  if (uv_tcp_connect(&s->connect, &s->tcp, (const struct sockaddr *)&remote->sockaddr,
                     on_connected) != 0) {
    end(s, STOX_E_CLOSED);
    return STOX_E_CLOSED;
  }
  *out = s;
  return STOX_OK;
}

static void on_connection(uv_stream_t *server, int status) {
  listener *l = (listener *)server;
  stream *s = NULL;
  if (status != 0) {
    return;
  }
  /* libuv offers no further connection before this one is accepted, so it must be tried again. */
  l->is_starved = stream_new(&s, l->uv) != STOX_OK;
  if (l->is_starved) {
    return;
  }
  struct sockaddr_storage at;
  int n = (int)sizeof at;
  if (uv_accept(server, (uv_stream_t *)&s->tcp) != 0 ||
      uv_tcp_getpeername(&s->tcp, (struct sockaddr *)&at, &n) != 0 || begin(s) != STOX_OK) {
    end(s, STOX_E_CLOSED);
    return;
  }
  stox_uv_address_of(&s->remote, (const struct sockaddr *)&at, STOX_TRANSPORT_TCP);
  enter_bucket(l->uv, s);
  l->uv->counters.accepted++;
}

int stox_uv_stream_listen(listener *l) {
  if (uv_tcp_init(l->uv->loop, &l->io.tcp) != 0) {
    return STOX_E_NOMEM;
  }
  l->io.handle.data = l->uv;
  struct sockaddr_storage bound;
  int n = (int)sizeof bound;
  if (uv_tcp_bind(&l->io.tcp, (const struct sockaddr *)&l->local.sockaddr, 0) != 0 ||
      uv_listen((uv_stream_t *)&l->io.tcp, (int)l->uv->options.backlog, on_connection) != 0 ||
      uv_tcp_getsockname(&l->io.tcp, (struct sockaddr *)&bound, &n) != 0) {
    return STOX_E_REFUSED;
  }
  stox_uv_address_of(&l->local, (const struct sockaddr *)&bound, STOX_TRANSPORT_TCP);
  return STOX_OK;
}

/* ---- actions ---- */

int stox_uv_stream_send(struct stox_uv *uv, const stox_action *action) {
  stream *s = by_handle(uv, action->handle);
  int status = STOX_OK;
  if (s == NULL && action->remote.host.n > 0) {
    address remote;
    status = stox_uv_address_parse(&remote, &action->remote);
    if (status == STOX_OK) {
      s = by_remote(uv, &remote);
      status = s == NULL ? connect_to(&s, uv, &remote) : STOX_OK;
    }
  }
  if (status == STOX_OK && s == NULL) {
    status = STOX_E_CLOSED;
  }
  if (status == STOX_OK) {
    status = append(uv, &s->pending, action->bytes, action->token);
  }
  if (status != STOX_OK) {
    stox_uv_report(uv, action->token, status, NULL);
    return status;
  }
  const stox_flow flow = flow_of(s);
  stox_uv_traced(uv, &flow, action->bytes);
  set_held(s);
  if (s->is_open) {
    mark_dirty(s);
  }
  return STOX_OK;
}

int stox_uv_stream_open(struct stox_uv *uv, const stox_action *action) {
  address remote;
  stream *s = NULL;
  int status = stox_uv_address_parse(&remote, &action->remote);
  if (status == STOX_OK) {
    status = connect_to(&s, uv, &remote);
  }
  if (status != STOX_OK) {
    stox_uv_report(uv, action->token, status, NULL);
    return status;
  }
  s->open_token = action->token;
  return STOX_OK;
}

int stox_uv_stream_close(struct stox_uv *uv, uint64_t handle) {
  stream *s = by_handle(uv, handle);
  if (s == NULL) {
    return STOX_OK;
  }
  s->was_reported = 0; /* the engine asked for it: it needs not be told */
  s->close_when_sent = 1;
  if (s->is_open) {
    mark_dirty(s);
  } else {
    end(s, STOX_E_CLOSED);
  }
  return STOX_OK;
}

void stox_uv_stream_sweep(struct stox_uv *uv) {
  for (listener *l = uv->listeners; l != NULL; l = l->next) {
    if (l->is_starved) {
      on_connection((uv_stream_t *)&l->io.tcp, 0);
    }
  }
  const uint64_t now = uv_now(uv->loop);
  const uint64_t connect_ms = uv->options.connect_timeout_ns / 1000000;
  const uint64_t idle_ms = uv->options.idle_timeout_ns / 1000000;
  for (size_t i = 0; i < uv->n_slots; i++) {
    stream *s = uv->slots[i];
    if (s == NULL || s->is_closing) {
      continue;
    }
    const uint64_t quiet = now - s->active_ms;
    if (!s->is_open && connect_ms > 0 && quiet >= connect_ms) {
      end(s, STOX_E_TIMEOUT);
    } else if (s->is_open && idle_ms > 0 && quiet >= idle_ms) {
      end(s, STOX_E_TIMEOUT);
    }
  }
}

void stox_uv_stream_end_all(struct stox_uv *uv) {
  for (size_t i = 0; i < uv->n_slots; i++) {
    stream *s = uv->slots[i];
    if (s == NULL) {
      continue;
    }
    s->is_dirty = 0;
    if (!s->is_closing) {
      end(s, STOX_E_CLOSED);
    } else if (!uv_is_closing((uv_handle_t *)&s->tcp)) {
      uv_close((uv_handle_t *)&s->tcp, on_closed);
    }
  }
  uv->dirty = NULL;
}
