/* SPDX-License-Identifier: MIT */
#include "uv/resolver.h"

#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- servers ---- */

static int read_port(int *out, stox_span text) {
  uint64_t port = 0;
  if (stox_number_parse(&port, text, 65535) != STOX_OK || port == 0) {
    return STOX_E_BAD_PORT;
  }
  *out = (int)port;
  return STOX_OK;
}

static int read_server(struct ares_addr_port_node *out, stox_span text) {
  const int is_bracketed = text.n > 0 && text.p[0] == '[';
  stox_span host = text;
  stox_span port = {NULL, 0};
  unsigned char octets[16];
  size_t n = 0;
  *out = (struct ares_addr_port_node){.udp_port = 53, .tcp_port = 53};
  if (is_bracketed) {
    const size_t end = stox_span_find(text, ']');
    if (end == text.n) {
      return STOX_E_BAD_HOST;
    }
    host = stox_span_slice(text, 1, end - 1);
    port = stox_span_slice(text, end + 1, text.n);
  } else if (stox_host_address(octets, &n, text) != STOX_OK) {
    const size_t end = stox_span_find(text, ':');
    host = stox_span_slice(text, 0, end);
    port = stox_span_slice(text, end, text.n);
  }
  if (stox_host_address(octets, &n, host) != STOX_OK || (is_bracketed && n != 16)) {
    return STOX_E_BAD_HOST;
  }
  out->family = n == 4 ? AF_INET : AF_INET6;
  memcpy(&out->addr, octets, n);
  if (port.n == 0) {
    return STOX_OK;
  }
  const int status = port.p[0] == ':' ? read_port(&out->udp_port, stox_span_slice(port, 1, port.n))
                                      : STOX_E_BAD_PORT;
  out->tcp_port = out->udp_port;
  return status;
}

static int set_servers(stox_uv_resolver *obj) {
  struct ares_addr_port_node nodes[STOX_UV_RESOLVER_SERVERS];
  stox_span left = obj->options.servers;
  size_t n = 0;
  if (left.p == NULL) {
    return STOX_OK;
  }
  do {
    const size_t end = stox_span_find(left, ',');
    if (n == STOX_UV_RESOLVER_SERVERS) {
      return STOX_E_TOO_MANY;
    }
    const int status = read_server(&nodes[n], stox_span_trim(stox_span_slice(left, 0, end)));
    if (status != STOX_OK) {
      return status;
    }
    if (n > 0) {
      nodes[n - 1].next = &nodes[n];
    }
    n++;
    left = end == left.n ? (stox_span){NULL, 0} : stox_span_slice(left, end + 1, left.n);
  } while (left.p != NULL);
  return ares_set_servers_ports(obj->channel, nodes) == ARES_SUCCESS ? STOX_OK : STOX_E_NOMEM;
}

/* ---- sockets ---- */

/* Sockets of our own making: a server that closes its end must not raise SIGPIPE. */

static ares_socket_t make_socket(int family, int type, int protocol, void *ud) {
  (void)ud;
  return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

static int close_socket(ares_socket_t fd, void *ud) {
  (void)ud;
  return close(fd);
}

static int connect_socket(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t n, void *ud) {
  (void)ud;
  return connect(fd, to, n);
}

/* The seven parameters are c-ares's. NOLINTNEXTLINE(readability-function-size) */
static ares_ssize_t receive(ares_socket_t fd, void *p, size_t n, int flags, struct sockaddr *from,
                            ares_socklen_t *from_n, void *ud) {
  (void)ud;
  return recvfrom(fd, p, n, flags, from, from_n);
}

static ares_ssize_t transmit(ares_socket_t fd, const struct iovec *parts, int n, void *ud) {
  (void)ud;
  const struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                                 .msg_iovlen = (size_t)n};
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static const struct ares_socket_functions socket_functions = {make_socket, close_socket,
                                                              connect_socket, receive, transmit};

static void after(stox_uv_resolver *obj) {
  stox_uv_resolver_begin_new(obj);
  stox_uv_resolver_arm(obj);
}

static void on_socket(uv_poll_t *poll, int status, int events) {
  watch *w = (watch *)poll;
  stox_uv_resolver *obj = w->resolver;
  const ares_socket_t fd = w->fd;
  const int is_readable = status < 0 || (events & UV_READABLE) != 0;
  const int is_writable = status < 0 || (events & UV_WRITABLE) != 0;
  ares_process_fd(obj->channel, is_readable ? fd : ARES_SOCKET_BAD,
                  is_writable ? fd : ARES_SOCKET_BAD);
  after(obj);
}

static void on_watch_closed(uv_handle_t *handle) {
  watch *w = (watch *)handle;
  stox_uv_resolver *obj = w->resolver;
  (void)stox_uv_resolver_alloc(obj, w, sizeof *w, 0);
  obj->n_handles--;
}

static watch *find_watch(const stox_uv_resolver *obj, ares_socket_t fd) {
  for (watch *w = obj->watches; w != NULL; w = w->next) {
    if (w->fd == fd) {
      return w;
    }
  }
  return NULL;
}

/* Without a watch the socket is silent, and its questions run out of time. */
static watch *make_watch(stox_uv_resolver *obj, ares_socket_t fd) {
  watch *w = stox_uv_resolver_alloc(obj, NULL, 0, sizeof *w);
  if (w == NULL) {
    return NULL;
  }
  memset(w, 0, sizeof *w);
  w->resolver = obj;
  w->fd = fd;
  if (uv_poll_init(obj->loop, &w->poll, fd) != 0) {
    (void)stox_uv_resolver_alloc(obj, w, sizeof *w, 0);
    return NULL;
  }
  obj->n_handles++;
  w->next = obj->watches;
  obj->watches = w;
  return w;
}

static void drop_watch(stox_uv_resolver *obj, watch *gone) {
  watch **at = &obj->watches;
  while (*at != gone) {
    at = &(*at)->next;
  }
  *at = gone->next;
  uv_close((uv_handle_t *)&gone->poll, on_watch_closed);
}

/* What c-ares waits for; neither: it is about to close the socket. */
static void on_state(void *data, ares_socket_t fd, int readable, int writable) {
  stox_uv_resolver *obj = data;
  watch *w = find_watch(obj, fd);
  if (!readable && !writable) {
    if (w != NULL) {
      drop_watch(obj, w);
    }
    return;
  }
  w = w == NULL ? make_watch(obj, fd) : w;
  if (w != NULL) {
    const int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    (void)uv_poll_start(&w->poll, events, on_socket);
  }
}

/* ---- time ---- */

static void on_time(uv_timer_t *timer) {
  stox_uv_resolver *obj = timer->data;
  ares_process_fd(obj->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  stox_uv_resolver_expire(obj);
  after(obj);
}

/* When c-ares wants to try again, when the oldest question's time is over, or at once. */
void stox_uv_resolver_arm(stox_uv_resolver *obj) {
  struct timeval room;
  const struct timeval *next = ares_timeout(obj->channel, NULL, &room);
  if (obj->oldest == NULL && next == NULL) {
    (void)uv_timer_stop(&obj->timer);
    return;
  }
  const uint64_t now = uv_now(obj->loop);
  uint64_t wait = UINT32_MAX;
  if (next != NULL) {
    wait = (uint64_t)next->tv_sec * 1000 + (uint64_t)next->tv_usec / 1000 + 1;
  }
  if (obj->oldest != NULL) {
    const uint64_t end = obj->oldest->deadline_ms;
    const uint64_t left = end > now ? end - now : 0;
    wait = left < wait ? left : wait;
  }
  (void)uv_timer_start(&obj->timer, on_time, obj->is_new ? 0 : wait, 0);
}

/* ---- begin and end ---- */

static int init_channel(stox_uv_resolver *obj) {
  struct ares_options options;
  memset(&options, 0, sizeof options);
  char lookups[] = "b"; /* copied */
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.timeout = (int)(obj->options.try_timeout_ns / 1000000);
  options.tries = (int)obj->options.tries;
  options.lookups = lookups;
  options.sock_state_cb = on_state;
  options.sock_state_cb_data = obj;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                   ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&obj->channel, &options, mask) != ARES_SUCCESS) {
    return STOX_E_NOMEM;
  }
  ares_set_socket_functions(obj->channel, &socket_functions, obj);
  return STOX_OK;
}

int stox_uv_resolver_open(stox_uv_resolver *obj) {
  int status = init_channel(obj);
  if (status != STOX_OK) {
    return status;
  }
  status = set_servers(obj);
  if (status != STOX_OK) {
    ares_destroy(obj->channel);
    return status;
  }
  (void)uv_timer_init(obj->loop, &obj->timer);
  obj->timer.data = obj;
  obj->n_handles = 1;
  return STOX_OK;
}

static void on_timer_closed(uv_handle_t *handle) {
  stox_uv_resolver *obj = handle->data;
  obj->n_handles--;
}

void stox_uv_resolver_close(stox_uv_resolver *obj) {
  ares_destroy(obj->channel);
  uv_close((uv_handle_t *)&obj->timer, on_timer_closed);
  while (obj->n_handles > 0) {
    (void)uv_run(obj->loop, UV_RUN_NOWAIT);
  }
}
