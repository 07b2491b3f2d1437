/* SPDX-License-Identifier: MIT */
#include "uv_secure_support.h"

static void assert_peer(const fake_engine *f, int verified, stox_span alpn, stox_span identities) {
  assert_int_equal(f->peer.secure, 1);
  assert_int_equal(f->peer.verified, verified);
  assert_span_equal(f->peer.alpn, alpn);
  assert_span_equal(f->peer.identities, identities);
}

/* ---- direct TLS ---- */

static void test_direct(void **state) {
  (void)state;
  static const stox_span offered[] = {ROW("xmpp-server")};
  static const stox_span served[] = {ROW("xmpp-client"), ROW("xmpp-server")};
  secure_pair p;
  secure_pair_init(&p);
  stox_secure server = {.size = sizeof server,
                        .reference = STOX_REFERENCE_XMPP_SERVER,
                        .alpn = served,
                        .alpn_n = COUNT(served)};
  secure_pair_open(&p, &server);
  stox_secure client = wants_server;
  client.alpn = offered;
  client.alpn_n = COUNT(offered);
  fake_open_secure(&p.a.engine, p.at, &client, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  assert_status(p.a.engine.done[0].status, STOX_OK);
  assert_true(p.a.engine.done[0].is_secure);
  assert_peer(&p.a.engine, 1, S("xmpp-server"),
              S("DNS:example.com\nSRV:_xmpp-server.example.com\n"));
  assert_int_equal(p.b.engine.n_feeds, 0); /* a handshake is no news */
  const uint64_t handle = p.a.engine.done[0].handle;
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("hello"), 2);
  p.b.engine.echoes = 1;
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 5);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_OK);
  assert_memory_equal(p.b.engine.fed, "hello", 5);
  assert_peer(&p.b.engine, 1, S("xmpp-server"), S("DNS:example.net\nXMPP:romeo@example.net\n"));
  assert_int_equal(p.b.engine.flow.remote.transport, STOX_TRANSPORT_TLS);
  assert_int_equal(p.b.engine.flow.local.transport, STOX_TRANSPORT_TLS);
  assert_int_equal(p.told[0].n, 1);
  assert_int_equal(p.told[1].n, 1);
  fake_close(&p.a.engine, handle);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_ends == 1);
  party_settle(&p.a, &p.b);
  assert_int_equal(p.a.engine.n_ends, 0);
  assert_int_equal(party_counters(&p.a).secured, 1);
  assert_int_equal(party_counters(&p.b).secured, 1);
  assert_int_equal(party_counters(&p.b).insecure, 0);
  assert_int_equal(party_counters(&p.b).truncated, 0);
  secure_pair_close(&p);
}

/* ---- STARTTLS ---- */

/* What goes before it is plain, what comes behind is not; `<proceed/>` and the start in one breath.
 */
static void test_start_tls(void **state) {
  (void)state;
  secure_pair p;
  secure_pair_init(&p);
  secure_pair_open(&p, NULL);
  stox_secure server = {.size = sizeof server, .is_server = 1};
  fake_open(&p.a.engine, p.at, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  const uint64_t handle = p.a.engine.done[0].handle;
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("<starttls/>"), 2);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 11);
  assert_null(p.b.engine.flow.peer);
  const uint64_t accepted = p.b.engine.flow.handle;
  fake_send(&p.b.engine, accepted, nowhere_at_all(), S("<proceed/>"), 1);
  fake_start_tls(&p.b.engine, accepted, &server, (stox_span){NULL, 0}, 2);
  fake_send(&p.b.engine, accepted, nowhere_at_all(), S("secret"), 3);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 10);
  assert_memory_equal(p.a.engine.fed, "<proceed/>", 10);
  fake_start_tls(&p.a.engine, handle, &wants_server, (stox_span){NULL, 0}, 3);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 16);
  assert_memory_equal(p.a.engine.fed, "<proceed/>secret", 16);
  assert_status(fake_done_of(&p.a.engine, 3)->status, STOX_OK);
  assert_true(fake_done_of(&p.a.engine, 3)->is_secure);
  assert_status(fake_done_of(&p.b.engine, 2)->status, STOX_OK);
  assert_status(fake_done_of(&p.b.engine, 3)->status, STOX_OK);
  assert_true(fake_done_of(&p.b.engine, 3)->is_secure);
  assert_false(fake_done_of(&p.b.engine, 1)->is_secure && p.told[1].n == 0);
  /* The server asked nobody. */
  assert_peer(&p.b.engine, 0, S(""), S(""));
  /* Once more, and where there is nothing. */
  fake_start_tls(&p.a.engine, handle, &wants_server, (stox_span){NULL, 0}, 4);
  fake_start_tls(&p.a.engine, 12345, &wants_server, (stox_span){NULL, 0}, 5);
  (void)stox_uv_kick(p.a.uv);
  assert_status(fake_done_of(&p.a.engine, 4)->status, STOX_E_STATE);
  assert_status(fake_done_of(&p.a.engine, 5)->status, STOX_E_CLOSED);
  fake_send(&p.a.engine, handle, nowhere_at_all(), S("still"), 6);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 16);
  secure_pair_close(&p);
}

/* A peer may begin at once behind its request: those octets come with the action. */
static void test_start_tls_with_octets(void **state) {
  (void)state;
  secure_pair p;
  tls_pair t;
  secure_pair_init(&p);
  secure_pair_open(&p, NULL);
  tls_pair_init(&t, &p.world);
  tls_pair_start(&t);
  stox_secure server = {.size = sizeof server, .is_server = 1};
  const int fd = rude_connect(p.at.port);
  const stox_span hello = stox_tls_output(t.client);
  assert_int_equal(write(fd, hello.p, hello.n), hello.n);
  RUN_UNTIL(NULL, &p.b, p.b.engine.n_fed == hello.n);
  stox_tls_sent(t.client, hello.n);
  fake_start_tls(&p.b.engine, p.b.engine.flow.handle, &server, (stox_span){p.b.engine.fed, hello.n},
                 1);
  while (stox_tls_state(t.client) == STOX_TLS_SHAKING) {
    char octets[4096];
    size_t consumed = 0;
    party_turn(&p.b);
    const ssize_t n = recv(fd, octets, sizeof octets, MSG_DONTWAIT);
    if (n > 0) {
      assert_status(stox_tls_feed(t.client, &consumed, (stox_span){octets, (size_t)n}), STOX_OK);
    }
  }
  const stox_span rest = stox_tls_output(t.client);
  assert_int_equal(write(fd, rest.p, rest.n), rest.n);
  RUN_UNTIL(NULL, &p.b, p.b.engine.n_done == 1);
  assert_status(p.b.engine.done[0].status, STOX_OK);
  (void)close(fd);
  tls_pair_free(&t);
  secure_pair_close(&p);
}

/* ---- refusals ---- */

typedef struct refusal {
  const char *what;
  stox_span name;
  int64_t from; /* of the certificate, days */
  int64_t to;
  int self_signed;
  uint32_t reason;
  int alert; /* RFC 8446 6.2 */
} refusal;

static const refusal refusals[] = {
    {"wrong name", ROW("example.org"), 0, 0, 0, STOX_CHAIN_WRONG_NAME, 42},
    {"expired", ROW("example.com"), -30, -2, 0, STOX_CHAIN_EXPIRED, 45},
    {"not yet", ROW("example.com"), 2, 0, 0, STOX_CHAIN_NOT_YET, 45},
    {"self-signed", ROW("example.com"), 0, 0, 1, STOX_CHAIN_SELF_SIGNED, 48},
};

static const test_name names[] = {{STOX_IDENTITY_DNS, ROW("example.com")}};

static stox_tls_context *context_for(const refusal *row, const test_certificate *root,
                                     test_certificate *made) {
  const test_recipe recipe = {
      .cn = "Server", .names = names, .names_n = COUNT(names), .from = row->from, .to = row->to};
  test_certificate_make(made, &recipe, row->self_signed ? NULL : root);
  return tls_context_of(made, STOX_TLS_1_2, S(""));
}

/* The server has the bad certificate, or the client has. */
static void run_refusal(const refusal *row, int is_client_bad, int is_lenient) {
  secure_pair p;
  test_certificate bad;
  secure_pair_init(&p);
  stox_tls_context *context = context_for(row, &p.world.root, &bad);
  p.options[is_client_bad ? 0 : 1].tls = context;
  stox_secure server = anybody;
  stox_secure client = wants_server;
  stox_secure *judge = &client;
  if (is_client_bad) {
    judge = &server;
    server.reference = STOX_REFERENCE_XMPP_SERVER;
    client.is_lenient = 1;
  }
  judge->name = row->name;
  judge->is_lenient = is_lenient;
  secure_pair_open(&p, &server);
  fake_open_secure(&p.a.engine, p.at, &client, 1);
  const told_of *told = &p.told[is_client_bad ? 1 : 0];
  RUN_UNTIL(&p.a, &p.b, p.told[0].n == 1 && p.told[1].n == 1);
  party_settle(&p.a, &p.b);
  assert_status(told->status, is_lenient ? STOX_OK : STOX_E_AUTH);
  assert_int_equal(told->reasons & row->reason, row->reason);
  const fake_done *opened = fake_done_of(&p.a.engine, 1);
  assert_non_null(opened);
  if (is_lenient) {
    assert_status(opened->status, STOX_OK);
    fake_send(&p.a.engine, opened->handle, nowhere_at_all(), S("x"), 2);
    RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 1);
    assert_int_equal((is_client_bad ? &p.b : &p.a)->engine.peer.verified, 0);
  } else {
    const told_of *other = &p.told[is_client_bad ? 0 : 1];
    assert_int_equal(told->alert, row->alert);
    /* TLS 1.3: a client is through before its server has judged it. */
    assert_status(other->status, is_client_bad ? STOX_OK : STOX_E_REFUSED);
    assert_status(opened->status, is_client_bad ? STOX_OK : STOX_E_AUTH);
    assert_int_equal(p.a.engine.n_ends, is_client_bad ? 1 : 0);
    assert_int_equal(p.b.engine.n_feeds, 0);
    assert_int_equal(party_counters(is_client_bad ? &p.b : &p.a).insecure, 1);
  }
  secure_pair_close(&p);
  stox_tls_context_free(context);
  test_certificate_free(&bad);
}

static void test_refusals(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(refusals); i++) {
    for (int way = 0; way < 4; way++) {
      run_refusal(&refusals[i], way & 1, way >> 1);
    }
  }
}

static void test_no_client_certificate(void **state) {
  (void)state;
  for (int is_lenient = 0; is_lenient < 2; is_lenient++) {
    secure_pair p;
    secure_pair_init(&p);
    p.options[0].tls = p.world.bare_context;
    const stox_secure server = {
        .size = sizeof server, .reference = STOX_REFERENCE_SIP, .is_lenient = is_lenient};
    secure_pair_open(&p, &server);
    fake_send_secure(&p.a.engine, p.at, &wants_server, S("x"), 1);
    RUN_UNTIL(&p.a, &p.b, p.told[1].n == 1);
    party_settle(&p.a, &p.b);
    assert_status(p.told[1].status, is_lenient ? STOX_OK : STOX_E_AUTH);
    assert_int_equal(p.b.engine.n_fed, is_lenient);
    if (is_lenient) {
      assert_peer(&p.b.engine, 0, S(""), S(""));
    }
    secure_pair_close(&p);
  }
}

static void test_no_common_protocol(void **state) {
  (void)state;
  static const stox_span offered[] = {ROW("sip")};
  static const stox_span served[] = {ROW("xmpp-server")};
  secure_pair p;
  secure_pair_init(&p);
  stox_secure server = anybody;
  server.alpn = served;
  server.alpn_n = 1;
  secure_pair_open(&p, &server);
  stox_secure client = wants_server;
  client.alpn = offered;
  client.alpn_n = 1;
  fake_open_secure(&p.a.engine, p.at, &client, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  assert_status(p.a.engine.done[0].status, STOX_E_REFUSED);
  assert_int_equal(p.told[0].alert, 120); /* no_application_protocol (RFC 7301 3.2) */
  assert_status(p.told[1].status, STOX_E_UNSUPPORTED);
  /* Who offers none is not refused. */
  fake_open_secure(&p.a.engine, p.at, &wants_server, 2);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 2);
  assert_status(p.a.engine.done[1].status, STOX_OK);
  secure_pair_close(&p);
}

/* What cannot be done is refused, and nothing goes out unprotected. */
static void test_unfit(void **state) {
  (void)state;
  secure_pair p;
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  const stox_secure no_aim = anybody;
  stox_secure bad_name = wants_server;
  bad_name.name = S("a..b");
  stox_secure many = wants_server;
  many.alpn_n = STOX_SECURE_ALPN_MAX + 1;
  many.alpn = &(stox_span){"x", 1};
  fake_open_secure(&p.a.engine, p.at, NULL, 1);
  fake_open_secure(&p.a.engine, p.at, &no_aim, 2);
  fake_open_secure(&p.a.engine, p.at, &bad_name, 3);
  fake_open_secure(&p.a.engine, p.at, &many, 4);
  fake_send_secure(&p.a.engine, p.at, NULL, S("x"), 5);
  (void)stox_uv_kick(p.a.uv);
  assert_status(fake_done_of(&p.a.engine, 1)->status, STOX_E_ARG);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_E_ARG);
  assert_status(fake_done_of(&p.a.engine, 3)->status, STOX_E_BAD_DOMAIN);
  assert_status(fake_done_of(&p.a.engine, 4)->status, STOX_E_ARG);
  assert_status(fake_done_of(&p.a.engine, 5)->status, STOX_E_ARG);
  party_settle(&p.a, &p.b);
  assert_int_equal(p.a.engine.n_ends, 0);
  assert_int_equal(p.b.engine.n_feeds, 0);
  stox_endpoint at = {LOOPBACK, 0, STOX_TRANSPORT_TLS};
  assert_status(stox_uv_listen_secure(p.a.uv, &at, &many), STOX_E_ARG);
  party plain;
  party_open(&plain, NULL);
  assert_status(stox_uv_listen(plain.uv, &at), STOX_E_UNSUPPORTED);
  fake_open_secure(&plain.engine, p.at, &wants_server, 1);
  (void)stox_uv_kick(plain.uv);
  assert_status(fake_done_of(&plain.engine, 1)->status, STOX_E_UNSUPPORTED);
  stox_uv_del(plain.uv);
  secure_pair_close(&p);
}

/* A flow that cannot be secured ends, and what was to follow is given back. */
static void test_start_tls_unfit(void **state) {
  (void)state;
  secure_pair p;
  secure_pair_init(&p);
  secure_pair_open(&p, NULL);
  fake_open(&p.a.engine, p.at, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  fake_start_tls(&p.a.engine, p.a.engine.done[0].handle, &anybody, (stox_span){NULL, 0}, 2);
  fake_send(&p.a.engine, p.a.engine.done[0].handle, nowhere_at_all(), S("secret"), 3);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_ends == 0 && p.a.engine.n_ends == 1);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_E_ARG);
  assert_status(fake_done_of(&p.a.engine, 3)->status, STOX_E_CLOSED);
  party_settle(&p.a, &p.b);
  assert_int_equal(p.b.engine.n_fed, 0);
  secure_pair_close(&p);
}

/* ---- reuse ---- */

/* "7247-8-01": a connection serves only those who ask for the name that its peer has proved. */
static void test_reuse(void **state) {
  (void)state;
  secure_pair p;
  secure_pair_init(&p);
  secure_pair_open(&p, &anybody);
  stox_secure same = wants_server;
  same.name = S("EXAMPLE.com");
  stox_secure lenient = wants_server;
  lenient.is_lenient = 1;
  stox_secure other = wants_server;
  other.name = S("example.org");
  stox_secure host = wants_server;
  host.reference = STOX_REFERENCE_HOST;
  stox_secure speaker = wants_server;
  speaker.local = S("example.net");
  fake_send_secure(&p.a.engine, p.at, &wants_server, S("one,"), 1);
  fake_send_secure(&p.a.engine, p.at, &same, S("two,"), 2);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 8);
  fake_send_secure(&p.a.engine, p.at, &same, S("three,"), 3);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 14);
  assert_memory_equal(p.b.engine.fed, "one,two,three,", 14);
  assert_int_equal(party_counters(&p.b).accepted, 1);
  fake_send_secure(&p.a.engine, p.at, &lenient, S("four,"), 4);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 19);
  assert_int_equal(party_counters(&p.b).accepted, 2);
  fake_send_secure(&p.a.engine, p.at, &speaker, S("more,"), 7);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 24);
  assert_int_equal(party_counters(&p.b).accepted, 3);
  fake_send_secure(&p.a.engine, p.at, &host, S("host,"), 8);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 29);
  assert_int_equal(party_counters(&p.b).accepted, 4);
  fake_send_secure(&p.a.engine, p.at, &other, S("five,"), 5);
  RUN_UNTIL(&p.a, &p.b, fake_done_of(&p.a.engine, 5) != NULL);
  assert_status(fake_done_of(&p.a.engine, 5)->status, STOX_E_AUTH);
  /* Neither does the plain look at the protected, nor the protected at the accepted. */
  fake_send(&p.a.engine, 0, (stox_endpoint){p.at.host, p.at.port, STOX_TRANSPORT_TCP}, S("plain"),
            6);
  RUN_UNTIL(&p.a, &p.b, party_counters(&p.b).insecure == 2);
  stox_endpoint back = p.b.engine.flow.remote;
  fake_send_secure(&p.b.engine, back, &wants_server, S("back"), 1);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_done == 1);
  assert_status(p.b.engine.done[0].status, STOX_E_REFUSED);
  party_settle(&p.a, &p.b);
  assert_int_equal(p.b.engine.n_fed, 29);
  secure_pair_close(&p);
}

/* A connection that was accepted serves nobody without its handle, whatever its client has proved.
 */
static void test_accepted_is_not_reused(void **state) {
  (void)state;
  secure_pair p;
  const stox_secure both = {
      .size = sizeof both, .reference = STOX_REFERENCE_XMPP_SERVER, .name = S("example.net")};
  secure_pair_init(&p);
  secure_pair_open(&p, &both);
  fake_send_secure(&p.a.engine, p.at, &wants_server, S("x"), 1);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_fed == 1);
  fake_send_secure(&p.b.engine, p.b.engine.flow.remote, &both, S("back"), 1);
  RUN_UNTIL(&p.a, &p.b, p.b.engine.n_done == 1);
  assert_status(p.b.engine.done[0].status, STOX_E_REFUSED);
  fake_send(&p.b.engine, p.b.engine.flow.handle, nowhere_at_all(), S("back"), 2);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 4);
  secure_pair_close(&p);
}

/* What must be protected does not go out on a plain flow, though its handle is given. */
static void test_plain_handle(void **state) {
  (void)state;
  secure_pair p;
  secure_pair_init(&p);
  secure_pair_open(&p, NULL);
  fake_open(&p.a.engine, p.at, 1);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  fake_send(&p.a.engine, p.a.engine.done[0].handle,
            (stox_endpoint){{NULL, 0}, 0, STOX_TRANSPORT_TLS}, S("secret"), 2);
  (void)stox_uv_kick(p.a.uv);
  assert_status(fake_done_of(&p.a.engine, 2)->status, STOX_E_CLOSED);
  party_settle(&p.a, &p.b);
  assert_int_equal(p.b.engine.n_fed, 0);
  secure_pair_close(&p);
}

/* A transport with several certificates shows the one of the domain that is spoken for. */
static void test_local(void **state) {
  (void)state;
  for (int which = 0; which < 2; which++) {
    secure_pair p;
    secure_pair_init(&p);
    stox_tls_context *both = tls_context_of(&p.world.server, STOX_TLS_1_2, S(""));
    const stox_span pem = test_pem(p.world.client.der, "CERTIFICATE");
    assert_status(stox_tls_context_add(both, pem, p.world.client.key_pem), STOX_OK);
    p.options[1].tls = both;
    stox_secure server = anybody;
    server.local = which == 0 ? S("example.com") : S("example.net");
    secure_pair_open(&p, &server);
    stox_secure client = wants_server;
    client.is_lenient = 1;
    fake_open_secure(&p.a.engine, p.at, &client, 1);
    RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
    assert_int_equal(p.a.engine.peer.verified, which == 0);
    secure_pair_close(&p);
    free((void *)(uintptr_t)pem.p);
    stox_tls_context_free(both);
  }
}

static void test_resumption(void **state) {
  (void)state;
  secure_pair p;
  secure_pair_init(&p);
  p.options[0].resumptions = 1;
  secure_pair_open(&p, &anybody);
  stox_secure other = wants_server;
  other.is_lenient = 1;
  const stox_secure *const order[] = {&wants_server, &wants_server, &other, &wants_server, &other};
  static const uint64_t resumed[] = {0, 1, 1, 1, 1}; /* there is room for one alone */
  for (uint64_t i = 0; i < COUNT(order); i++) {
    fake_open_secure(&p.a.engine, p.at, order[i], i + 1);
    RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == i + 1);
    assert_status(p.a.engine.done[i].status, STOX_OK);
    assert_int_equal(p.a.engine.peer.verified, 1);
    party_settle(&p.a, &p.b); /* TLS 1.3 gives its ticket behind the handshake */
    fake_close(&p.a.engine, p.a.engine.done[i].handle);
    party_settle(&p.a, &p.b);
    assert_int_equal(party_counters(&p.a).resumed, resumed[i]);
  }
  assert_int_equal(party_counters(&p.b).resumed, 1);
  secure_pair_close(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_direct),
      cmocka_unit_test(test_start_tls),
      cmocka_unit_test(test_start_tls_with_octets),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_no_client_certificate),
      cmocka_unit_test(test_no_common_protocol),
      cmocka_unit_test(test_unfit),
      cmocka_unit_test(test_start_tls_unfit),
      cmocka_unit_test(test_reuse),
      cmocka_unit_test(test_accepted_is_not_reused),
      cmocka_unit_test(test_plain_handle),
      cmocka_unit_test(test_local),
      cmocka_unit_test(test_resumption),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
