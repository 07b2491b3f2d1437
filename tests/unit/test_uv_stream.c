/* SPDX-License-Identifier: MIT */
#include "uv_support.h"

#include <netinet/in.h>
#include <sys/socket.h>

static const stox_span hosts[] = {ROW("127.0.0.1"), ROW("::1")};

typedef struct pair {
  party a; /* opens */
  party b; /* listens */
  stox_endpoint at;
} pair;

static void pair_open(pair *p, const stox_uv_options *options) {
  party_open(&p->a, options);
  party_open(&p->b, options);
  p->at = party_listen(&p->b, hosts[0], STOX_TRANSPORT_TCP);
}

static void pair_close(pair *p) {
  stox_uv_del(p->a.uv);
  stox_uv_del(p->b.uv);
}

/* Opens a flow and gives its handle. */
static uint64_t pair_connect(pair *p, uint64_t token) {
  fake_open(&p->a.engine, p->at, token);
  RUN_UNTIL(&p->a, &p->b, fake_done_of(&p->a.engine, token) != NULL);
  assert_status(fake_done_of(&p->a.engine, token)->status, STOX_OK);
  return fake_done_of(&p->a.engine, token)->handle;
}

/* A plain listening socket, so that the peer can be as rude as the test wants. */
static int rude_listen(stox_endpoint *at, int receive_room) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in name;
  socklen_t n = sizeof name;
  memset(&name, 0, sizeof name);
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (receive_room > 0) {
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_room, sizeof receive_room), 0);
  }
  assert_int_equal(bind(fd, (struct sockaddr *)&name, n), 0);
  assert_int_equal(listen(fd, 8), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &n), 0);
  *at = (stox_endpoint){hosts[0], ntohs(name.sin_port), STOX_TRANSPORT_TCP};
  return fd;
}

static void rude_reset(int fd) {
  const struct linger now = {1, 0};
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
  (void)close(fd);
}

/* ---- the ordinary ---- */

static void test_echo(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(hosts); i++) {
    party a;
    party b;
    party_open(&a, NULL);
    party_open(&b, NULL);
    b.engine.echoes = 1;
    const stox_endpoint at = party_listen(&b, hosts[i], STOX_TRANSPORT_TCP);
    fake_open(&a.engine, at, 1);
    RUN_UNTIL(&a, &b, a.engine.n_done == 1);
    assert_status(a.engine.done[0].status, STOX_OK);
    const uint64_t handle = a.engine.done[0].handle;
    fake_send(&a.engine, handle, (stox_endpoint){{NULL, 0}, 0, 0}, S("hello"), 2);
    RUN_UNTIL(&a, &b, a.engine.n_fed == 5);
    assert_memory_equal(a.engine.fed, "hello", 5);
    assert_int_equal(a.engine.flow.handle, handle);
    assert_span_equal(a.engine.flow.remote.host, hosts[i]);
    assert_int_equal(a.engine.flow.remote.port, at.port);
    assert_int_equal(b.engine.flow.local.port, at.port);
    assert_int_equal(b.engine.flow.remote.port, a.engine.flow.local.port);
    assert_int_equal(fake_done_of(&a.engine, 2)->handle, handle);
    assert_int_equal(party_counters(&a).opened, 1);
    assert_int_equal(party_counters(&b).accepted, 1);
    fake_close(&a.engine, handle);
    RUN_UNTIL(&a, &b, b.engine.n_ends == 1);
    party_settle(&a, &b);
    assert_int_equal(a.engine.n_ends, 0); /* it asked for it */
    assert_int_equal(b.engine.n_ends, 1);
    stox_uv_del(a.uv);
    stox_uv_del(b.uv);
  }
}

static void test_reuse(void **state) {
  (void)state;
  pair p;
  pair_open(&p, NULL);
  fake_send(&p.a.engine, 0, p.at, S("one"), 1);
  fake_send(&p.a.engine, 0, p.at, S("two"), 2);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 6);
  fake_send(&p.a.engine, 0, p.at, S("three"), 3);
  /* A handle that is gone gives way to the address. */
  fake_send(&p.a.engine, 12345, p.at, S("four"), 4);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 15);
  assert_memory_equal(p.b.engine.fed, "onetwothreefour", 15);
  assert_int_equal(party_counters(&p.a).opened, 1);
  assert_int_equal(party_counters(&p.b).accepted, 1);
  assert_int_equal(p.a.engine.n_done, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(p.a.engine.done[i].token, i + 1);
    assert_status(p.a.engine.done[i].status, STOX_OK);
    assert_int_equal(p.a.engine.done[i].handle, p.a.engine.done[0].handle);
  }
  /* The accepted end is as good as one that was opened. */
  fake_send(&p.b.engine, 0, p.b.engine.flow.remote, S("back"), 5);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 4);
  assert_int_equal(party_counters(&p.b).opened, 0);
  /* Without an address the handle alone counts. */
  fake_send(&p.a.engine, 12345, (stox_endpoint){{NULL, 0}, 0, 0}, S("lost"), 6);
  (void)stox_uv_kick(p.a.uv);
  assert_status(fake_done_of(&p.a.engine, 6)->status, STOX_E_CLOSED);
  pair_close(&p);
}

static void test_same_address_in_two_texts(void **state) {
  (void)state;
  party a;
  party b;
  party_open(&a, NULL);
  party_open(&b, NULL);
  const stox_endpoint at = party_listen(&b, hosts[1], STOX_TRANSPORT_TCP);
  const stox_endpoint again = {S("0:0:0:0:0:0:0:1"), at.port, at.transport};
  fake_send(&a.engine, 0, at, S("1"), 0);
  fake_send(&a.engine, 0, again, S("2"), 0);
  RUN_UNTIL(&a, &b, b.engine.n_fed == 2);
  assert_int_equal(party_counters(&b).accepted, 1);
  stox_uv_del(a.uv);
  stox_uv_del(b.uv);
}

/* What was sent before the close arrives; what comes after it takes a new connection. */
static void test_close_after_send(void **state) {
  (void)state;
  pair p;
  pair_open(&p, NULL);
  const uint64_t handle = pair_connect(&p, 1);
  fake_send(&p.a.engine, handle, p.at, S("last"), 2);
  fake_close(&p.a.engine, handle);
  fake_send(&p.a.engine, handle, (stox_endpoint){{NULL, 0}, 0, 0}, S("late"), 3);
  fake_send(&p.a.engine, handle, p.at, S("next"), 4);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 8);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_OK);
  assert_status(fake_done_of(&p.a.engine, 3)->status, STOX_E_CLOSED);
  assert_status(fake_done_of(&p.a.engine, 4)->status, STOX_OK);
  assert_int_equal(party_counters(&p.b).accepted, 2);
  assert_int_equal(p.a.engine.n_ends, 0);
  fake_close(&p.a.engine, 999); /* nobody's */
  party_settle(&p.a, &p.b);
  pair_close(&p);
}

/* ---- failure ---- */

static void test_open_refused(void **state) {
  (void)state;
  party a;
  party_open(&a, NULL);
  stox_endpoint at;
  (void)close(rude_listen(&at, 0));
  fake_open(&a.engine, at, 1);
  fake_send(&a.engine, 0, at, S("x"), 2);
  fake_open(&a.engine, (stox_endpoint){S("sip.example"), 5060, STOX_TRANSPORT_TCP}, 3);
  fake_open(&a.engine, (stox_endpoint){hosts[0], 5061, STOX_TRANSPORT_TLS}, 4);
  fake_open(&a.engine, (stox_endpoint){hosts[0], 5060, STOX_TRANSPORT_UDP}, 5);
  RUN_UNTIL(&a, NULL, a.engine.n_done == 5);
  assert_status(fake_done_of(&a.engine, 1)->status, STOX_E_REFUSED);
  assert_status(fake_done_of(&a.engine, 2)->status, STOX_E_REFUSED);
  assert_status(fake_done_of(&a.engine, 3)->status, STOX_E_BAD_HOST);
  assert_status(fake_done_of(&a.engine, 4)->status, STOX_E_UNSUPPORTED);
  assert_status(fake_done_of(&a.engine, 5)->status, STOX_E_UNSUPPORTED);
  assert_int_equal(a.engine.n_ends, 0); /* a flow it never heard of */
  stox_uv_del(a.uv);
}

/* A queue of listening sockets that is full swallows the handshake. */
static void test_connect_timeout(void **state) {
  (void)state;
  stox_uv_options options = party_options();
  options.connect_timeout_ns = 50000000;
  party a;
  party_open(&a, &options);
  stox_endpoint at;
  const int fd = rude_listen(&at, 0);
  assert_int_equal(listen(fd, 0), 0);
  for (uint64_t i = 1; i <= 4; i++) {
    fake_open(&a.engine, at, i);
  }
  RUN_UNTIL(&a, NULL, a.engine.n_done == 4);
  assert_status(fake_done_of(&a.engine, 4)->status, STOX_E_TIMEOUT);
  assert_int_equal(a.engine.n_ends, 0);
  (void)close(fd);
  stox_uv_del(a.uv);
}

/* The peer is gone before we write: no signal, the token comes back, one end is told. */
static void test_peer_gone_before_write(void **state) {
  (void)state;
  for (int reset = 0; reset < 2; reset++) {
    party a;
    party_open(&a, NULL);
    stox_endpoint at;
    const int fd = rude_listen(&at, 0);
    fake_open(&a.engine, at, 1);
    RUN_UNTIL(&a, NULL, a.engine.n_done == 1);
    const int peer = accept(fd, NULL, NULL);
    assert_int_equal(write(peer, "bye", 3), 3);
    if (reset) {
      rude_reset(peer);
    } else {
      (void)close(peer);
    }
    (void)usleep(1000);
    /* The first write may still be taken by the kernel, a later one may not. */
    for (uint64_t i = 2; i < 5; i++) {
      fake_send(&a.engine, a.engine.done[0].handle, (stox_endpoint){{NULL, 0}, 0, 0}, S("x"), i);
      (void)stox_uv_kick(a.uv);
      (void)usleep(1000);
    }
    RUN_UNTIL(&a, NULL, a.engine.n_ends == 1 && a.engine.n_done == 4);
    assert_status(fake_done_of(&a.engine, 4)->status, STOX_E_CLOSED);
    assert_int_equal(party_counters(&a).closed, 1);
    if (!reset) {
      assert_int_equal(a.engine.n_fed, 3); /* its last words were heard */
    }
    party_settle(&a, NULL);
    assert_int_equal(a.engine.n_ends, 1);
    (void)close(fd);
    stox_uv_del(a.uv);
  }
}

static void test_peer_gone_while_writing(void **state) {
  (void)state;
  static char octets[1 << 19];
  stox_uv_options options = party_options();
  options.queue_octets = 64 * sizeof octets;
  party a;
  party_open(&a, &options);
  stox_endpoint at;
  const int fd = rude_listen(&at, 4096);
  fake_open(&a.engine, at, 1);
  RUN_UNTIL(&a, NULL, a.engine.n_done == 1);
  const int peer = accept(fd, NULL, NULL);
  for (uint64_t i = 2; i < 34; i++) {
    fake_send(&a.engine, 0, at, (stox_span){octets, sizeof octets}, i);
  }
  party_settle(&a, NULL);
  assert_true(a.engine.n_done < 33);
  rude_reset(peer);
  RUN_UNTIL(&a, NULL, a.engine.n_done == 33);
  assert_status(fake_done_of(&a.engine, 33)->status, STOX_E_CLOSED);
  for (size_t i = 1; i < 33; i++) {
    assert_int_equal(a.engine.done[i].token, i + 1);
  }
  assert_int_equal(a.engine.n_ends, 1);
  (void)close(fd);
  stox_uv_del(a.uv);
}

/* ---- bounds ---- */

static void test_slow_reader(void **state) {
  (void)state;
  static char octets[16384];
  static char in[1 << 16];
  stox_uv_options options = party_options();
  options.queue_octets = 65536;
  party a;
  party_open(&a, &options);
  stox_endpoint at;
  const int fd = rude_listen(&at, 4096);
  fake_open(&a.engine, at, 1);
  RUN_UNTIL(&a, NULL, a.engine.n_done == 1);
  const uint64_t handle = a.engine.done[0].handle;
  const int peer = accept(fd, NULL, NULL);
  uint64_t token = 1;
  while (a.engine.n_full == 0) {
    fake_send(&a.engine, handle, at, (stox_span){octets, sizeof octets}, ++token);
    party_turn(&a);
    assert_true(token < 10000);
  }
  assert_int_equal(a.engine.held_handle, handle);
  assert_int_equal(a.engine.n_room, 0);
  assert_int_equal(party_counters(&a).held, 1);
  /* An engine that goes on is stopped: the queue is bounded. */
  a.engine.n_done = 0;
  for (uint64_t i = 100001; i <= 100010; i++) {
    fake_send(&a.engine, handle, at, (stox_span){octets, sizeof octets}, i);
  }
  (void)stox_uv_kick(a.uv);
  assert_status(fake_done_of(&a.engine, 100010)->status, STOX_E_FULL);
  assert_null(fake_done_of(&a.engine, 100001));
  /* The reader reads: room again, and everything taken arrives. */
  const size_t taken = party_counters(&a).octets_out;
  size_t got = 0;
  while (got < taken) {
    party_turn(&a);
    const ssize_t n = recv(peer, in, sizeof in, MSG_DONTWAIT);
    got += n > 0 ? (size_t)n : 0;
  }
  party_settle(&a, NULL);
  assert_int_equal(got, taken);
  assert_int_equal(a.engine.n_full, 1);
  assert_int_equal(a.engine.n_room, 1);
  assert_int_equal(a.engine.n_ends, 0);
  (void)close(peer);
  (void)close(fd);
  stox_uv_del(a.uv);
}

static void test_close_with_slow_reader(void **state) {
  (void)state;
  static char octets[1 << 20];
  stox_uv_options options = party_options();
  options.connect_timeout_ns = 100000000;
  options.queue_octets = 8 * sizeof octets;
  party a;
  party_open(&a, &options);
  stox_endpoint at;
  const int fd = rude_listen(&at, 4096);
  fake_open(&a.engine, at, 1);
  RUN_UNTIL(&a, NULL, a.engine.n_done == 1);
  for (uint64_t i = 2; i < 10; i++) {
    fake_send(&a.engine, 0, at, (stox_span){octets, sizeof octets}, i);
  }
  fake_close(&a.engine, a.engine.done[0].handle);
  RUN_UNTIL(&a, NULL, a.engine.n_done == 9);
  assert_status(fake_done_of(&a.engine, 9)->status, STOX_E_TIMEOUT);
  assert_int_equal(a.engine.n_ends, 0);
  (void)close(fd);
  stox_uv_del(a.uv);
}

static void test_idle_timeout(void **state) {
  (void)state;
  stox_uv_options options = party_options();
  options.idle_timeout_ns = 100000000;
  pair p;
  pair_open(&p, &options);
  (void)pair_connect(&p, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_ends == 1);
  assert_int_equal(party_counters(&p.a).closed, 1);
  pair_close(&p);
}

/* At n-1, n and n+1; the one too many waits until another goes. */
static void test_connections_limit(void **state) {
  (void)state;
  stox_uv_options options = party_options();
  options.connections = 3;
  pair p;
  party_open(&p.a, NULL);
  party_open(&p.b, &options);
  p.at = party_listen(&p.b, hosts[0], STOX_TRANSPORT_TCP);
  uint64_t handles[5];
  for (uint64_t i = 1; i <= 5; i++) {
    handles[i - 1] = pair_connect(&p, i);
    fake_send(&p.a.engine, handles[i - 1], p.at, S("x"), 0);
    party_settle(&p.a, &p.b);
    assert_int_equal(party_counters(&p.b).accepted, i < 3 ? i : 3);
  }
  fake_close(&p.a.engine, handles[1]);
  RUN_UNTIL(&p.a, &p.b, party_counters(&p.b).accepted == 4);
  fake_close(&p.a.engine, handles[0]);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 5);
  /* One that it opens itself counts as well. */
  fake_open(&p.b.engine, p.at, 6);
  (void)stox_uv_kick(p.b.uv);
  assert_status(fake_done_of(&p.b.engine, 6)->status, STOX_E_FULL);
  pair_close(&p);
}

/* More than the first table of slots holds. */
static void test_many_connections(void **state) {
  (void)state;
  pair p;
  pair_open(&p, NULL);
  p.b.engine.echoes = 1;
  for (uint64_t i = 1; i <= 40; i++) {
    fake_send(&p.a.engine, pair_connect(&p, i), p.at, S("x"), 0);
  }
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 40);
  assert_int_equal(party_counters(&p.b).accepted, 40);
  pair_close(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_echo),
      cmocka_unit_test(test_reuse),
      cmocka_unit_test(test_same_address_in_two_texts),
      cmocka_unit_test(test_close_after_send),
      cmocka_unit_test(test_open_refused),
      cmocka_unit_test(test_connect_timeout),
      cmocka_unit_test(test_peer_gone_before_write),
      cmocka_unit_test(test_peer_gone_while_writing),
      cmocka_unit_test(test_slow_reader),
      cmocka_unit_test(test_close_with_slow_reader),
      cmocka_unit_test(test_idle_timeout),
      cmocka_unit_test(test_connections_limit),
      cmocka_unit_test(test_many_connections),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
