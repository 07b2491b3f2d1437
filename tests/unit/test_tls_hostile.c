/* SPDX-License-Identifier: MIT */
#include "tls_support.h"

#include <errno.h>

static tls_world world;

static int make_world(void **state) {
  (void)state;
  tls_world_make(&world);
  return 0;
}

static int free_world(void **state) {
  (void)state;
  tls_world_free(&world);
  return 0;
}

/* What is not TLS ends the session, at every chunking, and no octet of it comes out as plaintext.
 */
static void test_no_tls(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>"),
      ROW("REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\n\r\n"),
      ROW("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00 and some more text to fill a record"),
      ROW("\x16\x03\x01\xFF\xFF\x01\x00\xFF\xFF\x00 and some more text to fill a record"),
      ROW("\x17\x03\x03\x00\x05hello and some more text behind it to fill a record"),
      ROW("\x15\x03\x03\x00\x02\x02\x28 and some more text behind it to fill a record"),
      ROW("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10 an SSL 2.0 hello with some more text"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t chunk = 1; chunk <= rows[i].n; chunk = chunk * 2 + 1) {
      tls_pair pair;
      char room[64];
      size_t n;
      int status = STOX_OK;
      tls_pair_init(&pair, &world);
      tls_pair_start(&pair);
      for (size_t at = 0; at < rows[i].n && status == STOX_OK; at += chunk) {
        guard g = guard_copy(stox_span_slice(rows[i], at, chunk));
        status = stox_tls_feed(pair.server, &n, g.span);
        guard_free(&g);
      }
      status = status == STOX_OK ? stox_tls_end(pair.server) : status;
      assert_true(status != STOX_OK);
      assert_int_equal(stox_tls_state(pair.server), STOX_TLS_FAILED);
      assert_status(stox_tls_read(pair.server, room, sizeof room, &n), status);
      assert_int_equal(n, 0);
      assert_null(stox_tls_peer(pair.server));
      tls_pair_free(&pair);
    }
  }
}

/* One octet changed on the wire, at every place: never a session that both ends take for sound, or
 * text that differs. */
static void damage(int from_server, size_t at) {
  tls_pair pair;
  size_t seen = 0;
  int moved = 1;
  tls_pair_init(&pair, &world);
  tls_pair_start(&pair);
  while (moved) {
    moved = 0;
    for (int way = 0; way < 2; way++) {
      stox_tls *from = way ? pair.server : pair.client;
      stox_tls *to = way ? pair.client : pair.server;
      const stox_span out = stox_tls_output(from);
      char *copy = malloc(out.n + 1);
      size_t n;
      assert_non_null(copy);
      memcpy(copy, out.p, out.n);
      if (way == from_server && at >= seen && at < seen + out.n) {
        copy[at - seen] = (char)(copy[at - seen] ^ 0x01);
      }
      seen += way == from_server ? out.n : 0;
      moved |= out.n > 0;
      (void)stox_tls_feed(to, &n, (stox_span){copy, out.n});
      stox_tls_sent(from, out.n);
      free(copy);
    }
  }
  const int both =
      stox_tls_state(pair.client) == STOX_TLS_OPEN && stox_tls_state(pair.server) == STOX_TLS_OPEN;
  /* A record's version is not looked at, nor what comes behind the client's handshake. */
  if (both) {
    assert_span_equal(stox_tls_peer(pair.client)->channel_binding,
                      stox_tls_peer(pair.server)->channel_binding);
  }
  tls_pair_free(&pair);
}

static void test_damage(void **state) {
  (void)state;
  for (int way = 0; way < 2; way++) {
    for (size_t at = 0; at < 1200; at += 11) {
      damage(way, at);
    }
  }
}

/* A record changed behind the handshake is refused before any octet of it is given. */
static void test_record_damage(void **state) {
  (void)state;
  for (size_t at = 5; at < 27; at++) {
    tls_pair pair;
    char copy[64];
    char room[64];
    size_t n;
    tls_pair_init(&pair, &world);
    tls_pair_open(&pair);
    assert_status(stox_tls_write(pair.client, &n, S("hello")), STOX_OK);
    const stox_span out = stox_tls_output(pair.client);
    assert_true(out.n == 27);
    memcpy(copy, out.p, out.n);
    copy[at] = (char)(copy[at] ^ 0x80);
    assert_status(stox_tls_feed(pair.server, &n, (stox_span){copy, out.n}), STOX_OK);
    assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_E_BAD_TLS);
    assert_int_equal(n, 0);
    assert_int_equal(stox_tls_alert(pair.server), GNUTLS_A_BAD_RECORD_MAC);
    tls_pair_free(&pair);
  }
}

/* A peer of GnuTLS's own, over the same octets. */
typedef struct raw_peer {
  gnutls_session_t session;
  stox_tls *tls;
} raw_peer;

static ssize_t raw_push(gnutls_transport_ptr_t ptr, const void *p, size_t n) {
  raw_peer *raw = ptr;
  size_t consumed;
  (void)stox_tls_feed(raw->tls, &consumed, (stox_span){p, n});
  return (ssize_t)n;
}

static ssize_t raw_pull(gnutls_transport_ptr_t ptr, void *p, size_t n) {
  raw_peer *raw = ptr;
  const stox_span out = stox_tls_output(raw->tls);
  if (out.n == 0) {
    gnutls_transport_set_errno(raw->session, EAGAIN);
    return -1;
  }
  n = n < out.n ? n : out.n;
  memcpy(p, out.p, n);
  stox_tls_sent(raw->tls, n);
  return (ssize_t)n;
}

static int raw_timeout(gnutls_transport_ptr_t ptr, unsigned milliseconds) {
  const raw_peer *raw = ptr;
  (void)milliseconds;
  return stox_tls_output(raw->tls).n > 0;
}

static void raw_open(raw_peer *raw, gnutls_certificate_credentials_t credentials, unsigned role) {
  assert_int_equal(gnutls_init(&raw->session, role | GNUTLS_NONBLOCK), 0);
  assert_int_equal(gnutls_priority_set_direct(raw->session, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL),
                   0);
  assert_int_equal(gnutls_credentials_set(raw->session, GNUTLS_CRD_CERTIFICATE, credentials), 0);
  gnutls_transport_set_ptr(raw->session, raw);
  gnutls_transport_set_push_function(raw->session, raw_push);
  gnutls_transport_set_pull_function(raw->session, raw_pull);
  gnutls_transport_set_pull_timeout_function(raw->session, raw_timeout);
  int code = GNUTLS_E_AGAIN;
  for (int tries = 0; tries < 10 && code != GNUTLS_E_SUCCESS; tries++) {
    code = gnutls_handshake(raw->session);
  }
  assert_int_equal(code, GNUTLS_E_SUCCESS);
}

/* A client's wish for renegotiation ends the session; a server's first is refused by a warning. */
static void test_renegotiation_client(void **state) {
  (void)state;
  tls_pair pair;
  gnutls_certificate_credentials_t credentials;
  raw_peer raw;
  char room[16];
  size_t n;
  tls_pair_init(&pair, &world);
  tls_pair_start(&pair);
  raw.tls = pair.server;
  assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
  raw_open(&raw, credentials, GNUTLS_CLIENT);
  assert_int_equal(stox_tls_state(pair.server), STOX_TLS_OPEN);
  assert_int_equal(gnutls_handshake(raw.session), GNUTLS_E_AGAIN);
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_E_LIMIT);
  assert_int_equal(stox_tls_alert(pair.server), GNUTLS_A_NO_RENEGOTIATION);
  assert_int_equal(stox_tls_state(pair.server), STOX_TLS_FAILED);
  assert_int_equal(gnutls_handshake(raw.session), GNUTLS_E_FATAL_ALERT_RECEIVED);
  assert_int_equal(gnutls_alert_get(raw.session), GNUTLS_A_NO_RENEGOTIATION);
  gnutls_deinit(raw.session);
  gnutls_certificate_free_credentials(credentials);
  tls_pair_free(&pair);
}

static void test_renegotiation_server(void **state) {
  (void)state;
  tls_pair pair;
  gnutls_certificate_credentials_t credentials;
  raw_peer raw;
  char room[16];
  size_t n;
  tls_pair_init(&pair, &world);
  tls_pair_start(&pair);
  raw.tls = pair.client;
  const stox_span pem = test_pem(world.server.der, "CERTIFICATE");
  const gnutls_datum_t chain = {(unsigned char *)(uintptr_t)pem.p, (unsigned)pem.n};
  const gnutls_datum_t key = {(unsigned char *)(uintptr_t)world.server.key_pem.p,
                              (unsigned)world.server.key_pem.n};
  assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
  assert_int_equal(
      gnutls_certificate_set_x509_key_mem(credentials, &chain, &key, GNUTLS_X509_FMT_PEM), 0);
  raw_open(&raw, credentials, GNUTLS_SERVER);
  assert_int_equal(stox_tls_state(pair.client), STOX_TLS_OPEN);
  assert_int_equal(gnutls_rehandshake(raw.session), 0);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_MORE);
  assert_int_equal(stox_tls_alert(pair.client), GNUTLS_A_NO_RENEGOTIATION);
  assert_int_equal(gnutls_rehandshake(raw.session), 0);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_LIMIT);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_LIMIT);
  assert_int_equal(stox_tls_state(pair.client), STOX_TLS_FAILED);
  gnutls_deinit(raw.session);
  gnutls_certificate_free_credentials(credentials);
  free((void *)(uintptr_t)pem.p);
  tls_pair_free(&pair);
}

/* Plaintext that nobody reads holds the wire back, and none is lost. */
static void test_back_pressure(void **state) {
  (void)state;
  enum { ALL = 400000 };
  tls_pair pair;
  size_t written = 0;
  size_t read = 0;
  size_t n;
  int status = STOX_OK;
  char *text = malloc(ALL);
  char room[1000];
  assert_non_null(text);
  for (size_t i = 0; i < ALL; i++) {
    text[i] = (char)(i % 251);
  }
  tls_pair_init(&pair, &world);
  pair.client_options.output = 50000;
  pair.server_options.input = 18432;
  tls_pair_open(&pair);
  assert_status(stox_tls_write(pair.client, &written, (stox_span){text, ALL}), STOX_OK);
  assert_true(written >= 49000 && written < 50000 + 16384);
  assert_status(stox_tls_write(pair.client, &n, S("x")), STOX_OK);
  assert_int_equal(n, 0);
  assert_int_equal(tls_move(pair.client, pair.server, 0, &status), 18432);
  assert_int_equal(tls_move(pair.client, pair.server, 0, &status), 0);
  while (read < ALL) {
    const int got = stox_tls_read(pair.server, room, sizeof room, &n);
    if (got == STOX_E_MORE) {
      (void)tls_move(pair.client, pair.server, 0, &status);
      assert_status(stox_tls_write(pair.client, &n, (stox_span){text + written, ALL - written}),
                    STOX_OK);
      written += n;
      continue;
    }
    assert_status(got, STOX_OK);
    assert_memory_equal(room, text + read, n);
    read += n;
  }
  assert_int_equal(written, ALL);
  tls_pair_free(&pair);
  free(text);
}

static void test_handshake_limit(void **state) {
  (void)state;
  tls_pair pair;
  tls_pair_init(&pair, &world);
  tls_pair_open(&pair);
  const size_t client_hello = pair.moved[0];
  tls_pair_free(&pair);
  tls_pair_init(&pair, &world);
  pair.server_options.handshake = (uint32_t)client_hello / 4;
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(pair.status[1], STOX_E_LIMIT);
  tls_pair_free(&pair);
  /* Records that never make a whole message. */
  tls_pair_init(&pair, &world);
  pair.server_options.handshake = 1000;
  tls_pair_start(&pair);
  int status = STOX_OK;
  size_t fed = 0;
  for (; fed < 3000 && status == STOX_OK; fed += 6) {
    size_t n;
    const stox_span record =
        fed == 0 ? S("\x16\x03\x01\x00\x01\x01") : S("\x16\x03\x01\x00\x01\x00");
    status = stox_tls_feed(pair.server, &n, record);
  }
  assert_true(status == STOX_E_LIMIT || status == STOX_E_BAD_TLS);
  assert_true(fed < 1100);
  tls_pair_free(&pair);
  /* Records that TLS 1.3 passes over (RFC 8446 5), for ever, behind the client's first flight. */
  tls_pair_init(&pair, &world);
  pair.server_options.handshake = 2000;
  tls_pair_start(&pair);
  fed = tls_move(pair.client, pair.server, 0, &status);
  assert_status(status, STOX_OK);
  while (fed < 5000 && status == STOX_OK) {
    size_t n;
    status = stox_tls_feed(pair.server, &n, S("\x14\x03\x03\x00\x01\x01"));
    fed += 6;
  }
  assert_status(status, STOX_E_LIMIT);
  assert_true(fed > 2000 && fed <= 2006);
  tls_pair_free(&pair);
}

/* Every allocation of ours fails once: an end dies by NOMEM, and gives all back. */
static void test_no_memory(void **state) {
  (void)state;
  for (size_t at = 1;; at++) {
    failing f = {at, 0, 0};
    const stox_allocator alloc = failing_allocator(&f);
    tls_pair pair;
    size_t n;
    char room[16];
    tls_pair_init(&pair, &world);
    pair.server_options.ask = STOX_TLS_ASK_REQUIRE;
    int status = stox_tls_new(&pair.client, &alloc, &pair.client_options);
    if (status == STOX_OK) {
      status = stox_tls_new(&pair.server, &alloc, &pair.server_options);
    }
    if (status == STOX_OK) {
      tls_pair_pump(&pair);
      const int one = stox_tls_write(pair.client, &n, S("hello"));
      tls_pair_pump(&pair);
      const int two = stox_tls_read(pair.server, room, sizeof room, &n);
      const int three = stox_tls_close(pair.server);
      status = one == STOX_OK && two == STOX_OK ? three : STOX_E_NOMEM;
      if (status != STOX_OK) {
        const int client = stox_tls_read(pair.client, room, sizeof room, &n);
        assert_true(client == STOX_E_NOMEM || one == STOX_E_NOMEM || two == STOX_E_NOMEM ||
                    three == STOX_E_NOMEM);
      }
    }
    tls_pair_free(&pair);
    assert_int_equal(f.live, 0);
    if (f.calls < at) {
      assert_status(status, STOX_OK);
      break;
    }
    assert_status(status, STOX_E_NOMEM);
  }
}

static void test_options(void **state) {
  (void)state;
  static const stox_span no_name[] = {ROW("")};
  tls_pair pair;
  stox_tls *made = NULL;
  stox_tls_options options;
  for (int i = 0; i < 14; i++) {
    tls_pair_init(&pair, &world);
    options = pair.client_options;
    options.context = i == 0 ? NULL : options.context;
    options.role = i == 1 ? 2 : options.role;
    options.ask = i == 2 ? 3 : options.ask;
    options.verify = i == 3 ? 2 : options.verify;
    options.rules = i == 4 ? NULL : options.rules;
    pair.client_rules.reference = i == 5 ? NULL : pair.client_rules.reference;
    options.input = i == 6 ? 18431 : options.input;
    options.output = i == 7 ? 0 : options.output;
    options.handshake = i == 8 ? 0 : options.handshake;
    options.alpn_n = i == 9 ? 9 : 0;
    options.alpn = no_name;
    options.alpn_n = i == 10 ? 1 : options.alpn_n;
    options.size = i == 11 ? 1 : options.size;
    pair.client_rules.size = i == 12 ? 1 : pair.client_rules.size;
    if (i == 13) {
      options.role = STOX_TLS_SERVER;
      options.ask = STOX_TLS_ASK_REQUEST;
      options.rules = NULL;
    }
    assert_status(stox_tls_new(&made, stox_allocator_libc(), &options), STOX_E_ARG);
  }
  tls_pair_init(&pair, &world);
  pair.client_options.server_name = S("a..b");
  assert_status(stox_tls_new(&made, stox_allocator_libc(), &pair.client_options),
                STOX_E_BAD_DOMAIN);
  assert_status(stox_tls_new(&made, stox_allocator_libc(), NULL), STOX_E_ARG);
  assert_status(stox_tls_options_init(&options, 1), STOX_E_ARG);
  assert_null(made);
  stox_tls_free(NULL);
}

static void test_context(void **state) {
  (void)state;
  stox_tls_context_options options;
  stox_tls_context *made = NULL;
  for (int i = 0; i < 5; i++) {
    assert_status(stox_tls_context_options_init(&options, sizeof options), STOX_OK);
    options.min_version = i == 0 ? 0x0302 : options.min_version;
    options.priorities = i == 1 ? S("NONSENSE") : options.priorities;
    options.ticket_key = i == 2 ? S("short") : options.ticket_key;
    options.size = i == 3 ? 1 : options.size;
    options.priorities = i == 4 ? S("") : options.priorities;
    assert_status(stox_tls_context_new(&made, stox_allocator_libc(), &options), STOX_E_ARG);
  }
  assert_status(stox_tls_context_options_init(&options, 1), STOX_E_ARG);
  failing f = {1, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  assert_status(stox_tls_context_new(&made, &alloc, NULL), STOX_E_NOMEM);
  assert_status(stox_tls_context_new(&made, stox_allocator_libc(), NULL), STOX_OK);
  const stox_span pem = test_pem(world.server.der, "CERTIFICATE");
  assert_status(stox_tls_context_add(made, pem, world.client.key_pem), STOX_E_SYNTAX);
  assert_status(stox_tls_context_add(made, S(""), world.server.key_pem), STOX_E_SYNTAX);
  assert_status(stox_tls_context_add(made, pem, S("")), STOX_E_SYNTAX);
  assert_status(stox_tls_context_add(made, S("x"), S("y")), STOX_E_SYNTAX);
  assert_status(stox_tls_context_add(made, pem, world.server.key_pem), STOX_OK);
  free((void *)(uintptr_t)pem.p);
  stox_tls_context_free(made);
  stox_tls_context_free(NULL);
}

/* Before the handshake nothing is given away. */
static void test_early(void **state) {
  (void)state;
  tls_pair pair;
  char room[16];
  size_t n;
  stox_span der;
  stox_buf out;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_buf_init(&out, room, sizeof room);
  tls_pair_init(&pair, &world);
  tls_pair_start(&pair);
  assert_true(stox_tls_output(pair.client).n > 0);
  assert_int_equal(stox_tls_output(pair.server).n, 0);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_MORE);
  assert_status(stox_tls_read(pair.client, room, 0, &n), STOX_E_ARG);
  assert_status(stox_tls_write(pair.client, &n, S("x")), STOX_E_STATE);
  assert_status(stox_tls_close(pair.client), STOX_E_STATE);
  assert_status(stox_tls_verdict(pair.client, &verdict), STOX_E_NONE);
  verdict.size = 1;
  assert_status(stox_tls_verdict(pair.client, &verdict), STOX_E_ARG);
  assert_status(stox_tls_certificate(pair.client, 0, &der), STOX_E_NONE);
  assert_status(stox_tls_resumption(pair.client, &out), STOX_E_NONE);
  assert_int_equal(stox_tls_version(pair.client), STOX_TLS_NONE);
  assert_null(stox_tls_cipher(pair.client));
  assert_null(stox_tls_peer(pair.client));
  tls_pair_free(&pair);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_tls),
      cmocka_unit_test(test_damage),
      cmocka_unit_test(test_record_damage),
      cmocka_unit_test(test_renegotiation_client),
      cmocka_unit_test(test_renegotiation_server),
      cmocka_unit_test(test_back_pressure),
      cmocka_unit_test(test_handshake_limit),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_context),
      cmocka_unit_test(test_early),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
