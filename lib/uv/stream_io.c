/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "stox/status.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* The sockets are read and written here and only watched by libuv: its own streams write without
 * MSG_NOSIGNAL, so a peer that is gone would end the process by SIGPIPE. */

static int status_of(int error) {
  switch (error) {
  case 0:
    return STOX_OK;
  case ECONNREFUSED:
    return STOX_E_REFUSED;
  case ETIMEDOUT:
    return STOX_E_TIMEOUT;
  case ENOMEM:
  case ENOBUFS:
  case EMFILE:
  case ENFILE:
    return STOX_E_NOMEM;
  default:
    return STOX_E_CLOSED;
  }
}

static int is_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static socklen_t size_of(const struct sockaddr_storage *at) {
  return at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static void set_modes(int fd) {
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  (void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void set_option(int fd, int level, int name) {
  const int one = 1;
  (void)setsockopt(fd, level, name, &one, sizeof one);
}

/* ---- reading ---- */

/* Half of the room: the other half is for what TLS makes of it. */
enum { READ_MAX = (DATAGRAM_MAX * DATAGRAMS_AT_ONCE) / 2 };

static int hear(stream *s, size_t n) {
  const stox_span bytes = {s->uv->input, n};
  s->active_ms = uv_now(s->uv->loop);
  if (s->secured != NULL) {
    return stox_uv_secure_input(s, bytes);
  }
  if (!s->close_when_sent) {
    s->was_reported = 1;
    const stox_flow flow = stox_uv_stream_flow(s);
    stox_uv_input(s->uv, &flow, bytes);
  }
  return STOX_OK;
}

/* The wire has ended. */
static int hear_end(stream *s) {
  const int status = s->secured == NULL ? STOX_OK : stox_uv_secure_input_end(s);
  return status == STOX_OK ? STOX_E_CLOSED : status;
}

/* One read a turn, so that no peer keeps the others waiting. STOX_OK, or why the stream ends. */
static int read_once(stream *s) {
  const ssize_t n = recv(s->fd, s->uv->input, READ_MAX, 0);
  if (n < 0 && is_later(errno)) {
    return STOX_OK;
  }
  return n <= 0 ? hear_end(s) : hear(s, (size_t)n);
}

/* What the peer said before it went is still to be heard: it often says why. */
static void end_heard(stream *s) {
  int status = STOX_OK;
  for (int i = 0; status == STOX_OK && i < DATAGRAMS_AT_ONCE; i++) {
    const ssize_t n = recv(s->fd, s->uv->input, READ_MAX, MSG_DONTWAIT);
    status = n <= 0 ? hear_end(s) : hear(s, (size_t)n);
  }
  stox_uv_stream_end(s, status == STOX_OK ? STOX_E_CLOSED : status);
}

/* ---- waiting ---- */

static void on_event(uv_poll_t *poll, int status, int events);

static int wants_write(const stream *s) {
  return s->secured == NULL ? stox_uv_outbox_waiting(&s->out) > 0 : stox_uv_secure_wants_write(s);
}

/* Nothing counts behind a close notification. */
static int wants_read(const stream *s) {
  return s->secured == NULL || !s->secured->is_ended;
}

static void await(stream *s) {
  int events = UV_WRITABLE;
  if (s->is_open) {
    events = (wants_read(s) ? UV_READABLE : 0) | (wants_write(s) ? UV_WRITABLE : 0);
  }
  if (events != s->polled) {
    s->polled = events;
    (void)uv_poll_start(&s->poll, events, on_event);
  }
}

static int begin(stream *s) {
  struct sockaddr_storage at;
  socklen_t n = sizeof at;
  if (getsockname(s->fd, (struct sockaddr *)&at, &n) != 0) {
    return STOX_E_CLOSED;
  }
  stox_uv_address_of(&s->local, (const struct sockaddr *)&at, s->remote.endpoint.transport);
  set_option(s->fd, IPPROTO_TCP, TCP_NODELAY);
  s->is_open = 1;
  s->active_ms = uv_now(s->uv->loop);
  return STOX_OK;
}

static void connected(stream *s) {
  int error = 0;
  socklen_t n = sizeof error;
  int status = STOX_E_CLOSED;
  if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0) {
    status = status_of(error);
  }
  if (status == STOX_OK) {
    status = begin(s);
  }
  if (status != STOX_OK) {
    stox_uv_stream_end(s, status);
    return;
  }
  s->uv->counters.opened++;
  await(s);
  if (s->secured != NULL) {
    s->secured->began_ms = s->active_ms;
  } else if (s->open_token != 0) {
    const stox_flow flow = stox_uv_stream_flow(s);
    const uint64_t token = s->open_token;
    s->open_token = 0;
    s->was_reported = 1;
    stox_uv_report(s->uv, token, STOX_OK, &flow);
  }
  stox_uv_stream_mark(s);
}

static void on_event(uv_poll_t *poll, int status, int events) {
  stream *s = (stream *)poll;
  if (s->is_closing) {
    return;
  }
  if (!s->is_open) {
    connected(s);
    return;
  }
  /* libuv reports an error of the socket as a failure and waits no more. */
  if (status != 0) {
    end_heard(s);
    return;
  }
  const int heard = (events & UV_READABLE) != 0 ? read_once(s) : STOX_OK;
  if (heard != STOX_OK) {
    stox_uv_stream_end(s, heard);
    return;
  }
  if ((events & UV_WRITABLE) != 0) {
    stox_uv_stream_mark(s);
  }
}

/* ---- writing ---- */

int stox_uv_stream_write(stream *s, stox_span bytes, size_t *n) {
  const ssize_t sent = send(s->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
  *n = 0;
  if (sent < 0) {
    return is_later(errno) ? STOX_OK : STOX_E_CLOSED;
  }
  *n = (size_t)sent;
  s->active_ms = sent > 0 ? uv_now(s->uv->loop) : s->active_ms;
  return STOX_OK;
}

static int flush_plain(stream *s) {
  const size_t waiting = stox_uv_outbox_waiting(&s->out);
  size_t n = 0;
  if (waiting == 0) {
    return STOX_OK;
  }
  const int status = stox_uv_stream_write(s, (stox_span){s->out.p + s->out.from, waiting}, &n);
  if (n > 0) {
    stox_uv_outbox_took(s->uv, &s->out, n);
  }
  return status;
}

/* All that had to be sent before the end was. */
static int is_finished(const stream *s) {
  const int is_last = s->close_when_sent || (s->secured != NULL && s->secured->is_ended);
  return is_last && stox_uv_outbox_waiting(&s->out) == 0 && !wants_write(s);
}

void stox_uv_stream_flush(stream *s) {
  if (!s->is_open || s->is_closing) {
    return;
  }
  const int status = s->secured == NULL ? flush_plain(s) : stox_uv_secure_flush(s);
  if (status == STOX_E_CLOSED) {
    end_heard(s);
    return;
  }
  if (status != STOX_OK) {
    stox_uv_stream_end(s, status);
    return;
  }
  stox_uv_stream_give_back(s, STOX_OK);
  stox_uv_stream_hold(s);
  if (is_finished(s)) {
    s->lingers = 1;
    stox_uv_stream_end(s, STOX_E_CLOSED);
    return;
  }
  await(s);
}

/* ---- lingering ---- */

static void on_late(uv_poll_t *poll, int status, int events) {
  stream *s = (stream *)poll;
  (void)events;
  const ssize_t n = status == 0 ? recv(s->fd, s->uv->input, READ_MAX, MSG_DONTWAIT) : 0;
  if (n == 0 || (n < 0 && !is_later(errno))) {
    stox_uv_stream_gone(s);
  }
}

/* A socket that is closed while the peer still sends is reset, and what the peer has not yet
 * received is lost. So we end our side and wait for the end of the other, for the time of a
 * connect at most. Returns 0 if there is nothing to wait for. */
int stox_uv_stream_linger(stream *s) {
  s->active_ms = uv_now(s->uv->loop);
  return shutdown(s->fd, SHUT_WR) == 0 && uv_poll_start(&s->poll, UV_READABLE, on_late) == 0;
}

/* ---- making ---- */

int stox_uv_stream_connect(stream **out, struct stox_uv *uv, const address *remote) {
  const int fd = socket(remote->sockaddr.ss_family, SOCK_STREAM, 0);
  if (fd < 0) {
    return status_of(errno);
  }
  set_modes(fd);
  int status = STOX_OK;
  if (connect(fd, (const struct sockaddr *)&remote->sockaddr, size_of(&remote->sockaddr)) != 0 &&
      errno != EINPROGRESS) {
    status = status_of(errno);
  }
  stream *s = NULL;
  if (status == STOX_OK) {
    status = stox_uv_stream_new(&s, uv, fd, remote);
  }
  if (status != STOX_OK) {
    (void)close(fd);
    return status;
  }
  await(s);
  *out = s;
  return STOX_OK;
}

static void on_connection(uv_poll_t *poll, int status, int events);

/* Waits for the connections no longer, until a stream ends or the next sweep. */
static void starve(listener *l) {
  l->is_starved = 1;
  (void)uv_poll_stop(&l->io.poll);
}

void stox_uv_stream_retry(listener *l) {
  if (l->is_starved) {
    l->is_starved = 0;
    (void)uv_poll_start(&l->io.poll, UV_READABLE, on_connection);
  }
}

static void accepted(listener *l, int fd, const struct sockaddr *from) {
  address remote;
  stream *s = NULL;
  set_modes(fd);
  stox_uv_address_of(&remote, from, l->local.endpoint.transport);
  if (stox_uv_stream_new(&s, l->uv, fd, &remote) != STOX_OK) {
    (void)close(fd);
    return;
  }
  int status = begin(s);
  if (status == STOX_OK && l->how != NULL) {
    status = stox_uv_secure_begin(s, &l->how->secure, 1);
  }
  if (status != STOX_OK) {
    stox_uv_stream_end(s, status);
    return;
  }
  l->uv->counters.accepted++;
  await(s);
}

static void on_connection(uv_poll_t *poll, int status, int events) {
  listener *l = (listener *)poll;
  (void)events;
  if (status != 0 || l->uv->n_streams >= l->uv->options.connections) {
    starve(l);
    return;
  }
  struct sockaddr_storage at;
  socklen_t n = sizeof at;
  const int fd = accept(l->fd, (struct sockaddr *)&at, &n);
  if (fd >= 0) {
    accepted(l, fd, (const struct sockaddr *)&at);
  } else if (!is_later(errno) && errno != ECONNABORTED) {
    starve(l);
  }
}

int stox_uv_stream_listen(listener *l) {
  const struct sockaddr_storage *at = &l->local.sockaddr;
  l->fd = socket(at->ss_family, SOCK_STREAM, 0);
  if (l->fd < 0) {
    return STOX_E_REFUSED;
  }
  set_modes(l->fd);
  set_option(l->fd, SOL_SOCKET, SO_REUSEADDR);
  if (at->ss_family == AF_INET6) {
    set_option(l->fd, IPPROTO_IPV6, IPV6_V6ONLY);
  }
  struct sockaddr_storage bound;
  socklen_t n = sizeof bound;
  if (bind(l->fd, (const struct sockaddr *)at, size_of(at)) != 0 ||
      listen(l->fd, (int)l->uv->options.backlog) != 0 ||
      getsockname(l->fd, (struct sockaddr *)&bound, &n) != 0 ||
      uv_poll_init_socket(l->uv->loop, &l->io.poll, l->fd) != 0) {
    (void)close(l->fd);
    l->fd = -1;
    return STOX_E_REFUSED;
  }
  l->io.handle.data = l->uv;
  stox_uv_address_of(&l->local, (const struct sockaddr *)&bound, l->local.endpoint.transport);
  l->is_starved = 1;
  stox_uv_stream_retry(l);
  return STOX_OK;
}
