/* SPDX-License-Identifier: MIT */
#include "uv_secure_support.h"

static const char long_text[] = "a text that does not end soon; ";

/* Octets of a pattern, so that a loss or a swap shows. */
static char *make_text(size_t n) {
  char *text = malloc(n);
  assert_non_null(text);
  for (size_t i = 0; i < n; i++) {
    text[i] = (char)(long_text[i % (sizeof long_text - 1)] ^ (char)(i >> 8));
  }
  return text;
}

static uint64_t open_through(secure_pair *p, relay *r, const stox_secure *how, uint64_t token) {
  fake_open_secure(&p->a.engine, r == NULL ? p->at : r->at, how, token);
  RELAY_UNTIL(p, r, fake_done_of(&p->a.engine, token) != NULL);
  assert_status(fake_done_of(&p->a.engine, token)->status, STOX_OK);
  return fake_done_of(&p->a.engine, token)->handle;
}

/* ---- chunks ---- */

/* Bytewise is as good as whole, in either direction. */
static void test_chunks(void **state) {
  (void)state;
  static const size_t chunks[] = {1, 2, 3, 5, 1000, 65536};
  char *text = make_text(3000);
  for (size_t i = 0; i < COUNT(chunks); i++) {
    secure_pair p;
    relay r;
    secure_pair_init(&p);
    const stox_secure server = {.size = sizeof server, .reference = STOX_REFERENCE_XMPP_SERVER};
    secure_pair_open(&p, &server);
    relay_open(&r, p.at, chunks[i], 0);
    p.b.engine.echoes = 1;
    const uint64_t handle = open_through(&p, &r, &wants_server, 1);
    fake_send(&p.a.engine, handle, nowhere_at_all(), (stox_span){text, 3000}, 2);
    RELAY_UNTIL(&p, &r, p.a.engine.n_fed == 3000);
    assert_memory_equal(p.b.engine.fed, text, 3000);
    assert_memory_equal(p.a.engine.fed, text, 3000);
    fake_close(&p.a.engine, handle);
    RELAY_UNTIL(&p, &r, p.b.engine.n_ends == 1);
    assert_int_equal(party_counters(&p.b).truncated, 0);
    relay_close(&r);
    secure_pair_close(&p);
  }
  free(text);
}

/* ---- STARTTLS ---- */

/* "XC-5.4.3.3-02": what a peer, or somebody between, puts behind its consent is no plaintext that
 * anybody may take for protected. */
static void test_injected_plaintext(void **state) {
  (void)state;
  static const stox_span injected[] = {ROW("<injected/>"), ROW("\x16"),
                                       ROW("\x17\x03\x03\x00\x01x"),
                                       ROW("\x15\x03\x03\x00\x02\x02\x28")};
  for (size_t i = 0; i < COUNT(injected) * 2; i++) {
    const stox_span text = injected[i / 2];
    secure_pair p;
    stox_endpoint at;
    secure_pair_init(&p);
    secure_pair_open(&p, NULL);
    const int listening = rude_listen(&at, STOX_TRANSPORT_TCP, 0);
    fake_open(&p.a.engine, at, 1);
    RUN_UNTIL(&p.a, NULL, p.a.engine.n_done == 1);
    const int peer = accept(listening, NULL, NULL);
    const int in_action = (int)(i % 2); /* or on the wire, behind the action */
    fake_start_tls(&p.a.engine, p.a.engine.done[0].handle, &wants_server,
                   in_action ? text : (stox_span){NULL, 0}, 2);
    fake_send(&p.a.engine, p.a.engine.done[0].handle, nowhere_at_all(), S("secret"), 3);
    (void)stox_uv_kick(p.a.uv);
    if (!in_action) {
      assert_int_equal(write(peer, text.p, text.n), text.n);
    }
    (void)shutdown(peer, SHUT_WR);
    RUN_UNTIL(&p.a, NULL, p.a.engine.n_done == 3);
    assert_int_not_equal(fake_done_of(&p.a.engine, 2)->status, STOX_OK);
    assert_int_not_equal(fake_done_of(&p.a.engine, 3)->status, STOX_OK);
    assert_int_equal(p.a.engine.n_fed, 0);
    assert_int_equal(p.a.engine.n_ends, 1);
    assert_int_equal(p.told[0].n, 1);
    char seen[4096];
    const ssize_t n = read(peer, seen, sizeof seen);
    assert_true(n <= 0 ||
                stox_span_find(stox_span_slice((stox_span){seen, (size_t)n}, 0, 5), '<') == 5);
    (void)close(peer);
    (void)close(listening);
    secure_pair_close(&p);
  }
}

/* ---- time ---- */

typedef struct silence {
  int is_server; /* of the silent one's peer */
  int is_start;  /* begun by START_TLS */
  int drips;     /* an octet now and then */
} silence;

static void run_silence(const silence *row) {
  static const char drops[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
  secure_pair p;
  stox_endpoint at;
  secure_pair_init(&p);
  p.options[0].handshake_timeout_ns = 300000000;
  p.options[1].handshake_timeout_ns = 300000000;
  secure_pair_open(&p, row->is_start ? NULL : &anybody);
  party *ours = row->is_server ? &p.b : &p.a;
  stox_secure how = wants_server;
  how.is_server = row->is_server;
  const int listening = rude_listen(&at, p.at.transport, 0);
  int peer = -1;
  if (row->is_server) {
    peer = rude_connect(p.at.port);
    if (row->is_start) {
      assert_int_equal(write(peer, "x", 1), 1);
      RUN_UNTIL(&p.b, NULL, p.b.engine.n_fed == 1);
      fake_start_tls(&p.b.engine, p.b.engine.flow.handle, &how, (stox_span){NULL, 0}, 7);
    }
  } else if (row->is_start) {
    fake_open(&p.a.engine, at, 1);
    RUN_UNTIL(&p.a, NULL, p.a.engine.n_done == 1);
    fake_start_tls(&p.a.engine, p.a.engine.done[0].handle, &how, (stox_span){NULL, 0}, 7);
  } else {
    fake_open_secure(&p.a.engine, at, &how, 7);
  }
  (void)stox_uv_kick(ours->uv);
  peer = peer < 0 ? accept(listening, NULL, NULL) : peer;
  const told_of *told = &p.told[row->is_server];
  size_t dripped = 0;
  const uint64_t began = uv_hrtime();
  while (told->n == 0) {
    party_turn(ours);
    if (row->drips && uv_hrtime() - began > (dripped + 1) * 100000000) {
      (void)send(peer, drops + dripped % (sizeof drops - 1), 1, MSG_NOSIGNAL);
      dripped++;
    }
    assert_true(uv_hrtime() - began < UINT64_C(10000000000));
  }
  assert_status(told->status, STOX_E_TIMEOUT);
  assert_int_equal(party_counters(ours).insecure, 1);
  if (row->is_start || !row->is_server) {
    RUN_UNTIL(ours, NULL, fake_done_of(&ours->engine, 7) != NULL);
    assert_status(fake_done_of(&ours->engine, 7)->status, STOX_E_TIMEOUT);
  }
  assert_int_equal(ours->engine.n_ends, row->is_start ? 1 : 0);
  (void)close(peer);
  (void)close(listening);
  secure_pair_close(&p);
}

static void test_silent_peer(void **state) {
  (void)state;
  for (int i = 0; i < 8; i++) {
    const silence row = {i & 1, (i >> 1) & 1, i >> 2};
    run_silence(&row);
  }
}

/* ---- ends ---- */

static void test_truncation(void **state) {
  (void)state;
  secure_pair p;
  relay r;
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  relay_open(&r, p.at, 65536, 0);
  const uint64_t handle = open_through(&p, &r, &wants_server, 1);
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("half a mess"), 2);
  RELAY_UNTIL(&p, &r, p.b.engine.n_fed == 11);
  relay_cut(&r);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_ends == 1 && p.b.engine.n_ends == 1);
  assert_int_equal(party_counters(&p.a).truncated, 1);
  assert_int_equal(party_counters(&p.b).truncated, 1);
  relay_close(&r);
  secure_pair_close(&p);
}

/* A cut in the handshake is one that failed. */
static void test_cut_handshake(void **state) {
  (void)state;
  secure_pair p;
  relay r;
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  relay_open(&r, p.at, 1, 0);
  fake_open_secure(&p.a.engine, r.at, &wants_server, 1);
  RELAY_UNTIL(&p, &r, r.passed[1] > 20);
  relay_cut(&r);
  RUN_UNTIL(&p.a, &p.b, p.told[0].n == 1 && p.told[1].n == 1);
  assert_status(p.told[0].status, STOX_E_TRUNCATED);
  assert_status(p.told[1].status, STOX_E_TRUNCATED);
  assert_status(fake_done_of(&p.a.engine, 1)->status, STOX_E_TRUNCATED);
  assert_int_equal(p.a.engine.n_ends, 0);
  assert_int_equal(p.b.engine.n_feeds, 0);
  assert_int_equal(party_counters(&p.a).truncated, 0);
  relay_close(&r);
  secure_pair_close(&p);
}

/* All that was queued arrives before the close notification, and so does the answer to the last
 * words of one that has closed its side. */
static void test_close_in_order(void **state) {
  (void)state;
  enum { MANY = 60000 };
  char *text = make_text(MANY);
  secure_pair p;
  relay r;
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  relay_open(&r, p.at, 1000, 4096);
  const uint64_t handle = open_through(&p, &r, &wants_server, 1);
  p.b.engine.echoes = 1;
  fake_send(&p.a.engine, handle, nowhere_at_all(), (stox_span){text, MANY}, 2);
  fake_close(&p.a.engine, handle);
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("late"), 3);
  RELAY_UNTIL(&p, &r, p.b.engine.n_ends == 1);
  assert_int_equal(p.b.engine.n_fed, MANY);
  assert_memory_equal(p.b.engine.fed, text, MANY);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_OK);
  assert_status(fake_done_of(&p.a.engine, 3)->status, STOX_E_CLOSED);
  assert_int_equal(party_counters(&p.b).truncated, 0);
  relay_close(&r);
  secure_pair_close(&p);
  free(text);
}

/* A peer that closes its side with its last octets still hears the answer to them. */
static void test_half_close(void **state) {
  (void)state;
  secure_pair p;
  tls_pair t;
  char octets[8192];
  char text[64];
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  tls_pair_init(&t, &p.world);
  tls_pair_start(&t);
  p.b.engine.echoes = 1;
  const int fd = rude_connect(p.at.port);
  size_t heard = 0;
  int status = STOX_E_MORE;
  int said = 0;
  while (status != STOX_E_NONE) {
    size_t n = 0;
    if (stox_tls_state(t.client) == STOX_TLS_OPEN && !said) {
      assert_status(stox_tls_write(t.client, &n, S("last words")), STOX_OK);
      assert_status(stox_tls_close(t.client), STOX_OK);
      said = 1;
    }
    const stox_span out = stox_tls_output(t.client);
    if (out.n > 0) {
      assert_int_equal(send(fd, out.p, out.n, MSG_NOSIGNAL), out.n);
      stox_tls_sent(t.client, out.n);
    }
    party_turn(&p.b);
    const ssize_t got = recv(fd, octets, sizeof octets, MSG_DONTWAIT);
    if (got > 0) {
      assert_status(stox_tls_feed(t.client, &n, (stox_span){octets, (size_t)got}), STOX_OK);
    }
    status = stox_tls_read(t.client, text + heard, sizeof text - heard, &n);
    heard += n;
    assert_true(got != 0 || status != STOX_E_MORE); /* not before the notification */
  }
  assert_span_equal(((stox_span){text, heard}), S("last words"));
  (void)shutdown(fd, SHUT_WR);
  RUN_UNTIL(&p.b, NULL, p.b.engine.n_ends == 1);
  assert_int_equal(party_counters(&p.b).truncated, 0);
  (void)close(fd);
  tls_pair_free(&t);
  secure_pair_close(&p);
}

/* Before there is anything to close. */
static void test_close_in_handshake(void **state) {
  (void)state;
  secure_pair p;
  stox_endpoint at;
  secure_pair_init(&p);
  secure_pair_open(&p, NULL);
  const int listening = rude_listen(&at, STOX_TRANSPORT_TCP, 0);
  fake_open(&p.a.engine, at, 1);
  RUN_UNTIL(&p.a, NULL, p.a.engine.n_done == 1);
  fake_start_tls(&p.a.engine, p.a.engine.done[0].handle, &wants_server, (stox_span){NULL, 0}, 2);
  fake_send(&p.a.engine, p.a.engine.done[0].handle, nowhere_at_all(), S("x"), 3);
  (void)stox_uv_kick(p.a.uv);
  fake_close(&p.a.engine, p.a.engine.done[0].handle);
  (void)stox_uv_kick(p.a.uv);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_E_CLOSED);
  assert_status(fake_done_of(&p.a.engine, 3)->status, STOX_E_CLOSED);
  assert_int_equal(p.a.engine.n_ends, 0);
  /* And the transport goes while another is under way. */
  fake_open_secure(&p.a.engine, (stox_endpoint){at.host, at.port, STOX_TRANSPORT_TLS},
                   &wants_server, 4);
  party_settle(&p.a, NULL);
  (void)close(listening);
  secure_pair_close(&p);
}

/* ---- bounds ---- */

/* A reader that does not read: no token comes back for what the kernel has not taken, the queue is
 * full, and all of it arrives once it reads. */
static void test_slow_reader(void **state) {
  (void)state;
  enum { PART = 16384 };
  char *text = make_text(PART);
  secure_pair p;
  relay r;
  secure_pair_init(&p);
  p.options[0].queue_octets = 65536;
  secure_pair_open(&p, &anybody);
  relay_open(&r, p.at, 65536, 4096);
  const uint64_t handle = open_through(&p, &r, &wants_server, 1);
  r.is_deaf = 1;
  uint64_t token = 1;
  while (p.a.engine.n_full == 0) {
    fake_send(&p.a.engine, handle, nowhere_at_all(), (stox_span){text, PART}, ++token);
    (void)stox_uv_kick(p.a.uv);
    party_turn(&p.a);
    assert_true(token < 10000);
  }
  assert_int_equal(p.a.engine.held_handle, handle);
  const size_t before = p.a.engine.n_done;
  assert_true(token - before >= 65536 / PART);
  /* An engine that goes on is stopped. */
  p.a.engine.n_done = 0;
  for (uint64_t i = 100001; i <= 100010; i++) {
    fake_send(&p.a.engine, handle, nowhere_at_all(), (stox_span){text, PART}, i);
  }
  (void)stox_uv_kick(p.a.uv);
  assert_status(fake_done_of(&p.a.engine, 100010)->status, STOX_E_FULL);
  const size_t taken = party_counters(&p.a).octets_out;
  r.is_deaf = 0;
  RELAY_UNTIL(&p, &r, p.b.engine.n_fed == taken);
  RELAY_UNTIL(&p, &r, p.a.engine.n_room == 1);
  assert_int_equal(p.a.engine.n_ends, 0);
  relay_close(&r);
  secure_pair_close(&p);
  free(text);
}

static void test_much(void **state) {
  (void)state;
  enum { MUCH = 1 << 20 };
  char *text = make_text(MUCH);
  secure_pair p;
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  const uint64_t handle = open_through(&p, NULL, &wants_server, 1);
  for (uint64_t i = 0; i < 8; i++) {
    fake_send(&p.a.engine, handle, nowhere_at_all(), (stox_span){text, MUCH}, i + 2);
    RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == (i + 1) * MUCH);
    assert_status(fake_done_of(&p.a.engine, i + 2)->status, STOX_OK);
    assert_memory_equal(p.b.engine.fed, text + MUCH - FAKE_OCTETS, FAKE_OCTETS);
  }
  secure_pair_close(&p);
  free(text);
}

/* ---- what a trace sees ---- */

typedef struct traced {
  char text[64];
  size_t n;
} traced;

static void see(void *ud, int is_out, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  traced *seen = ud;
  assert_non_null(flow->peer);
  assert_true(now_ns > 0 && bytes.n < sizeof seen->text - seen->n);
  seen->text[seen->n++] = is_out ? '>' : '<';
  memcpy(seen->text + seen->n, bytes.p, bytes.n);
  seen->n += bytes.n;
}

static void test_trace(void **state) {
  (void)state;
  traced seen = {{0}, 0};
  secure_pair p;
  secure_pair_init(&p);
  p.options[0].trace = see;
  p.options[0].secured = NULL;
  p.options[0].ud = &seen;
  secure_pair_open(&p, &anybody);
  p.b.engine.echoes = 1;
  const uint64_t handle = open_through(&p, NULL, &wants_server, 1);
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("hello"), 2);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 5);
  assert_span_equal(((stox_span){seen.text, seen.n}), S(">hello<hello"));
  secure_pair_close(&p);
}

/* ---- memory ---- */

/* One flow from its opening to its end while one allocation of either side fails: whatever fails,
 * the engine is told once of each action, and nothing is lost. Returns how many were asked for. */
static size_t run_failing(int is_server, size_t fail_at) {
  secure_pair p;
  failing memory = {0};
  const stox_allocator alloc = failing_allocator(&memory);
  secure_pair_init(&p);
  p.options[is_server].alloc = &alloc;
  p.options[0].resumptions = 1;
  stox_secure server = {.size = sizeof server, .is_server = 1, .reference = 1, .is_lenient = 1};
  secure_pair_open(&p, NULL);
  fake_open(&p.a.engine, p.at, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  const uint64_t handle = p.a.engine.done[0].handle;
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("x"), 2);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 1);
  memory.calls = 0;
  memory.fail_at = fail_at;
  fake_start_tls(&p.b.engine, p.b.engine.flow.handle, &server, (stox_span){NULL, 0}, 3);
  fake_start_tls(&p.a.engine, handle, &wants_server, (stox_span){NULL, 0}, 3);
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("hello"), 4);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 4 && p.b.engine.n_done == 1);
  RUN_UNTIL(&p.a, &p.b,
            p.b.engine.n_fed == 6 || p.b.engine.n_ends > 0 ||
                fake_done_of(&p.a.engine, 4)->status != STOX_OK);
  fake_send(&p.b.engine, p.b.engine.flow.handle, nowhere_at_all(), S("back"), 4);
  RUN_UNTIL(&p.a, &p.b, fake_done_of(&p.b.engine, 4) != NULL);
  RUN_UNTIL(&p.a, &p.b,
            p.a.engine.n_fed == 4 || p.a.engine.n_ends > 0 ||
                fake_done_of(&p.b.engine, 4)->status != STOX_OK);
  if (p.a.engine.n_ends == 0) {
    fake_close(&p.a.engine, handle);
  }
  party_settle(&p.a, &p.b);
  assert_int_equal(party_counters(&p.a).closed, 1);
  assert_int_equal(party_counters(&p.b).closed, 1);
  memory.fail_at = 0;
  const size_t calls = memory.calls;
  secure_pair_close(&p);
  assert_int_equal(memory.live, 0);
  return calls;
}

/* The same where a flow begins with TLS. */
static size_t run_failing_direct(int is_server, size_t fail_at) {
  static const stox_span protocols[] = {ROW("xmpp-server")};
  secure_pair p;
  failing memory = {0};
  const stox_allocator alloc = failing_allocator(&memory);
  secure_pair_init(&p);
  p.options[is_server].alloc = &alloc;
  p.options[0].resumptions = 2;
  secure_pair_open(&p, &anybody);
  stox_secure how = wants_server;
  how.alpn = protocols;
  how.alpn_n = 1;
  for (uint64_t i = 0; i < 2; i++) { /* the second time a session is resumed */
    memory.calls = 0;
    memory.fail_at = fail_at;
    fake_open_secure(&p.a.engine, p.at, &how, 2 * i + 1);
    RUN_UNTIL(&p.a, &p.b, fake_done_of(&p.a.engine, 2 * i + 1) != NULL);
    const fake_done *opened = fake_done_of(&p.a.engine, 2 * i + 1);
    if (opened->status == STOX_OK) {
      fake_send(&p.a.engine, opened->handle, nowhere_at_all(), S("x"), 2 * i + 2);
      RUN_UNTIL(&p.a, &p.b, fake_done_of(&p.a.engine, 2 * i + 2) != NULL);
      party_settle(&p.a, &p.b);
      fake_close(&p.a.engine, opened->handle);
    }
    party_settle(&p.a, &p.b);
  }
  memory.fail_at = 0;
  const size_t calls = memory.calls;
  secure_pair_close(&p);
  assert_int_equal(memory.live, 0);
  return calls;
}

static void test_memory_direct(void **state) {
  (void)state;
  for (int is_server = 0; is_server < 2; is_server++) {
    const size_t calls = run_failing_direct(is_server, 0);
    assert_true(calls > 5 && calls < 200);
    for (size_t i = 1; i <= calls; i++) {
      (void)run_failing_direct(is_server, i);
    }
  }
}

static void test_memory(void **state) {
  (void)state;
  for (int is_server = 0; is_server < 2; is_server++) {
    const size_t calls = run_failing(is_server, 0);
    assert_true(calls > 5 && calls < 200);
    for (size_t i = 1; i <= calls; i++) {
      (void)run_failing(is_server, i);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_chunks),        cmocka_unit_test(test_injected_plaintext),
      cmocka_unit_test(test_silent_peer),   cmocka_unit_test(test_truncation),
      cmocka_unit_test(test_cut_handshake), cmocka_unit_test(test_close_in_order),
      cmocka_unit_test(test_half_close),    cmocka_unit_test(test_close_in_handshake),
      cmocka_unit_test(test_slow_reader),   cmocka_unit_test(test_much),
      cmocka_unit_test(test_trace),         cmocka_unit_test(test_memory),
      cmocka_unit_test(test_memory_direct),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
