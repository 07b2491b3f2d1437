/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_DNS_SERVER_H
#define STOX_TEST_DNS_SERVER_H

#include "dns_message.h"

#include <uv.h>

/* A DNS server on loopback, in the loop of the test; what it answers is written by the test. */

enum { DNS_FROM_TCP = 1 };

typedef struct dns_server {
  uv_udp_t udp;
  uv_tcp_t tcp;
  uv_tcp_t client;
  uint64_t questions; /* that came in */
  uint64_t over_tcp;
  unsigned short port;
  char in[2048];
  dns_message query; /* the last */
  dns_message out;   /* room for the answer */
  struct sockaddr_storage from;
  /* Writes the answer to `name`; sends it with dns_reply(), or not. */
  void (*answer)(struct dns_server *s, const char *name, unsigned type, int how);
} dns_server;

static inline void dns_reply(dns_server *s, int how) {
  s->out.p[0] ^= s->query.p[0] ^ 0x12; /* dns_front() wrote 0x1234 */
  s->out.p[1] ^= s->query.p[1] ^ 0x34;
  unsigned char size[2] = {(unsigned char)(s->out.n >> 8), (unsigned char)s->out.n};
  const uv_buf_t whole = uv_buf_init((char *)s->out.p, (unsigned)s->out.n);
  if (how == DNS_FROM_TCP) {
    const uv_buf_t parts[] = {uv_buf_init((char *)size, 2), whole};
    (void)uv_try_write((uv_stream_t *)&s->client, parts, 2);
  } else {
    (void)uv_udp_try_send(&s->udp, &whole, 1, (const struct sockaddr *)&s->from);
  }
}

static inline void dns_server_take(dns_server *s, const char *p, size_t n, int how) {
  char name[256];
  size_t at = 12;
  size_t len = 0;
  assert_true(n >= 17 && n <= sizeof s->query.p);
  memcpy(s->query.p, p, n);
  s->query.n = n;
  while (p[at] != 0) {
    const size_t label = (size_t)p[at];
    assert_true(at + label + 5 < n && len + label + 2 < sizeof name);
    memcpy(name + len, p + at + 1, label);
    len += label;
    name[len++] = '.';
    at += label + 1;
  }
  name[len - 1] = '\0';
  s->questions++;
  s->over_tcp += how == DNS_FROM_TCP;
  s->answer(s, name, (unsigned char)p[at + 2], how);
}

static inline void dns_server_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  dns_server *s = handle->data;
  (void)suggested;
  *out = uv_buf_init(s->in, sizeof s->in);
}

static inline void dns_server_on_udp(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
                                     const struct sockaddr *from, unsigned flags) {
  dns_server *s = udp->data;
  (void)flags;
  if (n > 0 && from != NULL) {
    memcpy(&s->from, from, sizeof(struct sockaddr_in));
    dns_server_take(s, buf->base, (size_t)n, 0);
  }
}

/* One question a connection. */
static inline void dns_server_on_tcp(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
  dns_server *s = stream->data;
  if (n > 2) {
    dns_server_take(s, buf->base + 2, (size_t)n - 2, DNS_FROM_TCP);
  } else if (n < 0 && !uv_is_closing((uv_handle_t *)stream)) {
    uv_close((uv_handle_t *)stream, NULL);
  }
}

static inline void dns_server_on_connection(uv_stream_t *listener, int status) {
  dns_server *s = listener->data;
  assert_int_equal(status, 0);
  assert_int_equal(uv_tcp_init(listener->loop, &s->client), 0);
  s->client.data = s;
  assert_int_equal(uv_accept(listener, (uv_stream_t *)&s->client), 0);
  assert_int_equal(uv_read_start((uv_stream_t *)&s->client, dns_server_room, dns_server_on_tcp), 0);
}

/* UDP and TCP at one port. */
static inline void dns_server_open(dns_server *s, uv_loop_t *loop,
                                   void (*answer)(dns_server *, const char *, unsigned, int)) {
  struct sockaddr_in at;
  int n = sizeof at;
  memset(s, 0, sizeof *s);
  s->answer = answer;
  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
  assert_int_equal(uv_tcp_init(loop, &s->tcp), 0);
  assert_int_equal(uv_tcp_bind(&s->tcp, (const struct sockaddr *)&at, 0), 0);
  assert_int_equal(uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&at, &n), 0);
  assert_int_equal(uv_listen((uv_stream_t *)&s->tcp, 8, dns_server_on_connection), 0);
  assert_int_equal(uv_udp_init(loop, &s->udp), 0);
  assert_int_equal(uv_udp_bind(&s->udp, (const struct sockaddr *)&at, 0), 0);
  assert_int_equal(uv_udp_recv_start(&s->udp, dns_server_room, dns_server_on_udp), 0);
  s->tcp.data = s->udp.data = s->client.data = s;
  s->port = ntohs(at.sin_port);
}

static inline void dns_server_close(dns_server *s, uv_loop_t *loop) {
  uv_handle_t *handles[] = {(uv_handle_t *)&s->udp, (uv_handle_t *)&s->tcp,
                            (uv_handle_t *)&s->client};
  for (size_t i = 0; i < COUNT(handles); i++) {
    if (handles[i]->loop != NULL && !uv_is_closing(handles[i])) {
      uv_close(handles[i], NULL);
    }
  }
  (void)uv_run(loop, UV_RUN_NOWAIT);
}

#endif
