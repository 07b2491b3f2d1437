/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_UV_SECURE_SUPPORT_H
#define STOX_TEST_UV_SECURE_SUPPORT_H

#include "tls_support.h"
#include "uv_support.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Two transports that share an authority: `a` opens, `b` listens. */

#define LOOPBACK S("127.0.0.1")

typedef struct told_of {
  int status;
  uint32_t reasons; /* of the verdict */
  int alert;
  size_t n;
} told_of;

typedef struct secure_pair {
  tls_world world;
  stox_chain_rules rules;
  stox_uv_options options[2]; /* of a, of b */
  told_of told[2];
  party a;
  party b;
  stox_endpoint at; /* where b listens */
} secure_pair;

static inline uint64_t test_wall(void *ud) {
  (void)ud;
  return TEST_NOW;
}

static inline void note_secured(void *ud, const stox_flow *flow, int status, const stox_tls *tls) {
  told_of *told = ud;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  assert_true(flow->handle != 0);
  assert_int_equal(flow->peer != NULL, status == STOX_OK);
  told->status = status;
  told->alert = stox_tls_alert(tls);
  told->reasons = stox_tls_verdict(tls, &verdict) == STOX_OK ? verdict.reasons : 0;
  told->n++;
}

static inline void secure_pair_init(secure_pair *p) {
  memset(p, 0, sizeof *p);
  tls_world_make(&p->world);
  assert_status(stox_chain_rules_init(&p->rules, sizeof p->rules), STOX_OK);
  p->rules.anchors = p->world.anchors;
  for (size_t i = 0; i < 2; i++) {
    p->options[i] = party_options();
    p->options[i].tls = i == 0 ? p->world.client_context : p->world.server_context;
    p->options[i].tls_rules = &p->rules;
    p->options[i].wall_s = test_wall;
    p->options[i].secured = note_secured;
    p->options[i].ud = &p->told[i];
  }
}

/* `how`: what b's flows begin with; NULL: plain TCP. */
static inline void secure_pair_open(secure_pair *p, const stox_secure *how) {
  party_open(&p->a, &p->options[0]);
  party_open(&p->b, &p->options[1]);
  p->at = (stox_endpoint){LOOPBACK, 0, how == NULL ? STOX_TRANSPORT_TCP : STOX_TRANSPORT_TLS};
  assert_status(stox_uv_listen_secure(p->b.uv, &p->at, how), STOX_OK);
}

static inline void secure_pair_close(secure_pair *p) {
  stox_uv_del(p->a.uv);
  stox_uv_del(p->b.uv);
  tls_world_free(&p->world);
}

static const stox_secure anybody = {.size = sizeof(stox_secure)};
static const stox_secure wants_server = {.size = sizeof(stox_secure),
                                         .reference = STOX_REFERENCE_XMPP_SERVER,
                                         .name = ROW("example.com")};

static inline stox_endpoint nowhere_at_all(void) {
  return (stox_endpoint){{NULL, 0}, 0, 0};
}

/* ---- something between the two that passes octets on as it likes ---- */

typedef struct relay {
  int listening;
  int from; /* the one that opened; -1: not yet */
  int to;
  stox_endpoint at;
  stox_endpoint target;
  size_t chunk; /* octets a turn and direction */
  int is_deaf;  /* reads nothing of either */
  size_t passed[2];
} relay;

static inline void to_address(struct sockaddr_in *out, uint32_t port) {
  memset(out, 0, sizeof *out);
  out->sin_family = AF_INET;
  out->sin_port = htons((uint16_t)port);
  out->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static inline int rude_listen(stox_endpoint *at, int transport, int receive_room) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in name;
  socklen_t n = sizeof name;
  to_address(&name, 0);
  if (receive_room > 0) {
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_room, sizeof receive_room), 0);
  }
  assert_int_equal(bind(fd, (struct sockaddr *)&name, n), 0);
  assert_int_equal(listen(fd, 8), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &n), 0);
  *at = (stox_endpoint){LOOPBACK, ntohs(name.sin_port), transport};
  return fd;
}

static inline int rude_connect(uint32_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in name;
  to_address(&name, port);
  assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
  return fd;
}

static inline void relay_open(relay *r, stox_endpoint target, size_t chunk, int receive_room) {
  memset(r, 0, sizeof *r);
  r->listening = rude_listen(&r->at, target.transport, receive_room);
  r->target = target;
  r->chunk = chunk;
  r->from = -1;
  r->to = -1;
  assert_int_equal(fcntl(r->listening, F_SETFL, O_NONBLOCK), 0);
}

static inline void pass(relay *r, int from, int to, size_t *count) {
  static char octets[1 << 16];
  const ssize_t n =
      recv(from, octets, r->chunk < sizeof octets ? r->chunk : sizeof octets, MSG_DONTWAIT);
  if (n > 0) {
    const ssize_t sent = send(to, octets, (size_t)n, MSG_NOSIGNAL);
    assert_true(sent == n || sent < 0); /* whoever is gone hears nothing */
    *count += (size_t)n;
  } else if (n == 0) {
    (void)shutdown(to, SHUT_WR);
  }
}

static inline void relay_turn(relay *r) {
  if (r == NULL) {
    return;
  }
  if (r->from < 0) {
    r->from = accept(r->listening, NULL, NULL);
    r->to = r->from < 0 ? -1 : rude_connect(r->target.port);
  }
  if (r->from >= 0 && !r->is_deaf) {
    pass(r, r->from, r->to, &r->passed[0]);
    pass(r, r->to, r->from, &r->passed[1]);
  }
}

/* Nobody hears a close notification from it. */
static inline void relay_cut(relay *r) {
  (void)close(r->from);
  (void)close(r->to);
  r->from = -1;
  r->to = -1;
}

static inline void relay_close(relay *r) {
  if (r->from >= 0) {
    relay_cut(r);
  }
  (void)close(r->listening);
}

/* RUN_UNTIL() with a relay, which may be NULL. */
#define RELAY_UNTIL(p, r, condition)                                                               \
  do {                                                                                             \
    const uint64_t began_ = uv_hrtime();                                                           \
    while (!(condition)) {                                                                         \
      party_turn(&(p)->a);                                                                         \
      party_turn(&(p)->b);                                                                         \
      relay_turn(r);                                                                               \
      if (uv_hrtime() - began_ > UINT64_C(20000000000)) {                                          \
        fail_msg("in vain: %s", #condition);                                                       \
      }                                                                                            \
    }                                                                                              \
  } while (0)

#endif
