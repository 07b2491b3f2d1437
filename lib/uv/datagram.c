/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "stox/status.h"

#include <string.h>

static stox_flow flow_of(const listener *l, const address *remote) {
  return (stox_flow){l->handle, l->local.endpoint, remote->endpoint, NULL};
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from,
                        unsigned flags) {
  (void)flags;
  listener *l = (listener *)udp;
  /* No address: the end of a batch. An error concerns one datagram or an earlier send; go on. */
  if (n <= 0 || from == NULL) {
    return;
  }
  address remote;
  stox_uv_address_of(&remote, from, STOX_TRANSPORT_UDP);
  l->uv->counters.datagrams_in++;
  const stox_flow flow = flow_of(l, &remote);
  stox_uv_input(l->uv, &flow, (stox_span){buf->base, (size_t)n});
}

/* libuv brings several datagrams at once only into room for several of the largest. */
static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  (void)suggested;
  const listener *l = (const listener *)handle;
  out->base = l->uv->input;
  out->len = (size_t)DATAGRAM_MAX * DATAGRAMS_AT_ONCE;
}

int stox_uv_datagram_listen(listener *l) {
  if (uv_udp_init_ex(l->uv->loop, &l->io.udp, AF_UNSPEC | UV_UDP_RECVMMSG) != 0) {
    return STOX_E_NOMEM;
  }
  l->io.handle.data = l->uv;
  struct sockaddr_storage bound;
  int n = (int)sizeof bound;
  const unsigned flags = l->local.sockaddr.ss_family == AF_INET6 ? UV_UDP_IPV6ONLY : 0;
  if (uv_udp_bind(&l->io.udp, (const struct sockaddr *)&l->local.sockaddr, flags) != 0 ||
      uv_udp_getsockname(&l->io.udp, (struct sockaddr *)&bound, &n) != 0 ||
      uv_udp_recv_start(&l->io.udp, give_room, on_datagram) != 0) {
    return STOX_E_REFUSED;
  }
  stox_uv_address_of(&l->local, (const struct sockaddr *)&bound, STOX_TRANSPORT_UDP);
  return STOX_OK;
}

/* The socket named by the handle, else one that has the local address asked for, else one of the
 * destination's family. */
static listener *find_socket(struct stox_uv *uv, const stox_action *action, int family) {
  listener *found = NULL;
  for (listener *l = uv->listeners; l != NULL; l = l->next) {
    if (l->local.endpoint.transport != STOX_TRANSPORT_UDP ||
        l->local.sockaddr.ss_family != family) {
      continue;
    }
    if (l->handle == action->handle ||
        (action->handle == 0 && l->local.endpoint.port == action->local.port &&
         stox_span_is_equal(l->local.endpoint.host, action->local.host))) {
      return l;
    }
    found = l;
  }
  return found;
}

typedef struct datagram {
  uv_udp_send_t send; /* first: a request is cast to its datagram */
  listener *from;
  address to;
  uint64_t token;
  size_t n;
  char octets[];
} datagram;

static void on_sent(uv_udp_send_t *send, int status) {
  datagram *d = (datagram *)send;
  struct stox_uv *uv = d->from->uv;
  const stox_flow flow = flow_of(d->from, &d->to);
  stox_uv_report(uv, d->token, status == 0 ? STOX_OK : STOX_E_CLOSED, &flow);
  (void)stox_uv_alloc(uv, d, sizeof *d + d->n, 0);
}

/* The kernel's buffer is full: the datagram waits in a copy of its own. */
static int send_later(listener *l, const stox_action *action, const address *to) {
  struct stox_uv *uv = l->uv;
  if (uv_udp_get_send_queue_size(&l->io.udp) > uv->options.queue_octets) {
    uv->counters.held++;
    return STOX_E_FULL;
  }
  datagram *d = stox_uv_alloc(uv, NULL, 0, sizeof *d + action->bytes.n);
  if (d == NULL) {
    return STOX_E_NOMEM;
  }
  d->from = l;
  d->to = *to;
  d->to.endpoint.host.p = d->to.host;
  d->token = action->token;
  d->n = action->bytes.n;
  memcpy(d->octets, action->bytes.p, d->n);
  const uv_buf_t buf = uv_buf_init(d->octets, (unsigned)d->n);
  if (uv_udp_send(&d->send, &l->io.udp, &buf, 1, (const struct sockaddr *)&to->sockaddr, on_sent) !=
      0) {
    (void)stox_uv_alloc(uv, d, sizeof *d + d->n, 0);
    return STOX_E_CLOSED;
  }
  return STOX_E_MORE;
}

static int send_now(listener *l, const stox_action *action, const address *to) {
  const uv_buf_t buf = {(char *)(uintptr_t)action->bytes.p, action->bytes.n};
  const int sent = uv_udp_try_send(&l->io.udp, &buf, 1, (const struct sockaddr *)&to->sockaddr);
  if (sent == UV_EAGAIN) {
    return send_later(l, action, to);
  }
  if (sent < 0) {
    return sent == UV_EMSGSIZE ? STOX_E_TOO_LONG : STOX_E_CLOSED;
  }
  return STOX_OK;
}

int stox_uv_datagram_send(struct stox_uv *uv, const stox_action *action) {
  address to;
  const int parsed = stox_uv_address_parse(&to, &action->remote);
  listener *l = parsed == STOX_OK ? find_socket(uv, action, to.sockaddr.ss_family) : NULL;
  if (l == NULL) {
    const int status = parsed == STOX_OK ? STOX_E_UNSUPPORTED : parsed;
    stox_uv_report(uv, action->token, status, NULL);
    return status;
  }
  const stox_flow flow = flow_of(l, &to);
  const int status = send_now(l, action, &to);
  if (status == STOX_OK || status == STOX_E_MORE) {
    uv->counters.datagrams_out++;
    stox_uv_traced(uv, &flow, action->bytes);
  }
  if (status == STOX_E_MORE) {
    return STOX_OK;
  }
  stox_uv_report(uv, action->token, status, &flow);
  return status;
}
