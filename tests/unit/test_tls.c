/* SPDX-License-Identifier: MIT */
#include "tls_support.h"

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

static void restrict_to(tls_pair *pair, stox_tls_context **own, const char *text) {
  stox_tls_context_options options;
  assert_status(stox_tls_context_options_init(&options, sizeof options), STOX_OK);
  options.priorities = stox_span_text(text);
  assert_status(stox_tls_context_new(own, stox_allocator_libc(), &options), STOX_OK);
  pair->client_options.context = *own;
}

static const char only_12[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2";

/* "XC-5.2-06": both versions, every chunking; peers' views agree. */
static void check_session(int version, size_t chunk) {
  tls_pair pair;
  stox_tls_context *own = NULL;
  char text[5000];
  tls_pair_init(&pair, &world);
  if (version == STOX_TLS_1_2) {
    restrict_to(&pair, &own, only_12);
  }
  pair.chunk = chunk;
  tls_pair_open(&pair);
  const stox_peer *server = stox_tls_peer(pair.client);
  const stox_peer *client = stox_tls_peer(pair.server);
  assert_int_equal(stox_tls_version(pair.client), version);
  assert_int_equal(stox_tls_version(pair.server), version);
  assert_string_equal(stox_tls_cipher(pair.client), stox_tls_cipher(pair.server));
  assert_true(server->secure == 1 && server->verified == 1);
  assert_true(client->secure == 1 && client->verified == 0);
  assert_span_equal(server->identities, S("DNS:example.com\nSRV:_xmpp-server.example.com\n"));
  assert_int_equal(server->channel_binding.n, 32);
  assert_span_equal(server->channel_binding, client->channel_binding);
  assert_int_equal(server->server_end_point.n, 32);
  assert_span_equal(server->server_end_point, client->server_end_point);
  for (size_t i = 0; i < sizeof text; i++) {
    text[i] = (char)(i * 31);
  }
  tls_pair_say(&pair, pair.client, pair.server, (stox_span){text, sizeof text});
  tls_pair_say(&pair, pair.server, pair.client, (stox_span){text, sizeof text});
  tls_pair_say(&pair, pair.client, pair.server, S("a"));
  assert_int_equal(stox_tls_alert(pair.client), -1);
  tls_pair_free(&pair);
  stox_tls_context_free(own);
}

static void test_session(void **state) {
  (void)state;
  static const size_t chunks[] = {0, 1, 2, 3, 5, 16, 17, 1000};
  for (size_t i = 0; i < COUNT(chunks); i++) {
    check_session(STOX_TLS_1_3, chunks[i]);
    check_session(STOX_TLS_1_2, chunks[i]);
  }
}

/* "XC-14.1-02", "XC-14.7-03": mutual authentication. */
static void test_mutual(void **state) {
  (void)state;
  for (int ask = STOX_TLS_ASK_REQUEST; ask <= STOX_TLS_ASK_REQUIRE; ask++) {
    tls_pair pair;
    stox_chain_verdict verdict = {.size = sizeof verdict};
    stox_span der;
    tls_pair_init(&pair, &world);
    pair.server_options.ask = ask;
    tls_pair_open(&pair);
    const stox_peer *client = stox_tls_peer(pair.server);
    assert_int_equal(client->verified, 1);
    assert_span_equal(client->identities, S("DNS:example.net\nXMPP:romeo@example.net\n"));
    assert_status(stox_tls_verdict(pair.server, &verdict), STOX_OK);
    assert_status(verdict.status, STOX_OK);
    assert_status(stox_tls_certificate(pair.server, 0, &der), STOX_OK);
    assert_span_equal(der, world.client.der);
    assert_status(stox_tls_certificate(pair.server, 1, &der), STOX_E_NONE);
    tls_pair_free(&pair);
  }
}

/* A client that shows nothing: noted where it may, refused where it must. */
static void test_no_certificate(void **state) {
  (void)state;
  static const struct {
    int ask;
    int verify;
    int status;
  } rows[] = {
      {STOX_TLS_ASK_REQUEST, STOX_TLS_VERIFY, STOX_OK},
      {STOX_TLS_ASK_REQUEST, STOX_TLS_REPORT, STOX_OK},
      {STOX_TLS_ASK_REQUIRE, STOX_TLS_VERIFY, STOX_E_AUTH},
      {STOX_TLS_ASK_REQUIRE, STOX_TLS_REPORT, STOX_E_AUTH},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    tls_pair pair;
    stox_chain_verdict verdict = {.size = sizeof verdict};
    tls_pair_init(&pair, &world);
    pair.client_options.context = world.bare_context;
    pair.server_options.ask = rows[i].ask;
    pair.server_options.verify = rows[i].verify;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_status(pair.status[1], rows[i].status);
    assert_status(stox_tls_verdict(pair.server, &verdict), STOX_OK);
    assert_int_equal(verdict.reasons, STOX_CHAIN_ABSENT);
    if (rows[i].status == STOX_OK) {
      assert_int_equal(stox_tls_peer(pair.server)->verified, 0);
    } else {
      assert_int_equal(stox_tls_alert(pair.server), GNUTLS_A_CERTIFICATE_REQUIRED);
      assert_null(stox_tls_peer(pair.server));
    }
    tls_pair_free(&pair);
  }
}

typedef struct refusal {
  const test_certificate *server;
  const char *name;
  int64_t wall_s;
  uint32_t reasons;
  int alert;
} refusal;

static void check_refusal(const refusal *r, int version, int verify) {
  tls_pair pair;
  stox_tls_context *own = NULL;
  stox_tls_context *limited = NULL;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  tls_pair_init(&pair, &world);
  own = tls_context_of(r->server, STOX_TLS_1_2, S(""));
  if (version == STOX_TLS_1_2) {
    restrict_to(&pair, &limited, only_12);
  }
  pair.server_options.context = own;
  pair.client_options.verify = verify;
  pair.client_reference.name = stox_span_text(r->name);
  pair.client_rules.wall_s = r->wall_s;
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(stox_tls_verdict(pair.client, &verdict), STOX_OK);
  assert_int_equal(verdict.reasons, r->reasons);
  if (verify == STOX_TLS_VERIFY && r->reasons != 0) {
    assert_status(pair.status[0], STOX_E_AUTH);
    assert_status(pair.status[1], STOX_E_REFUSED);
    assert_int_equal(stox_tls_state(pair.client), STOX_TLS_FAILED);
    assert_int_equal(stox_tls_alert(pair.client), r->alert);
    assert_int_equal(stox_tls_alert(pair.server), r->alert);
    assert_null(stox_tls_peer(pair.client));
  } else {
    assert_status(pair.status[0], STOX_OK);
    assert_int_equal(stox_tls_peer(pair.client)->verified, r->reasons == 0);
  }
  tls_pair_free(&pair);
  stox_tls_context_free(own);
  stox_tls_context_free(limited);
}

/* "XC-5.1-10", "XC-5.1-11", "XC-14.2-07": refused with an alert that says why, or reported. */
static void test_refusals(void **state) {
  (void)state;
  const refusal rows[] = {
      {&world.server, "example.com", TEST_NOW, 0, -1},
      {&world.server, "example.org", TEST_NOW, STOX_CHAIN_WRONG_NAME, GNUTLS_A_BAD_CERTIFICATE},
      {&world.server, "im.example.com", TEST_NOW, STOX_CHAIN_WRONG_NAME, GNUTLS_A_BAD_CERTIFICATE},
      {&world.server, "example.com", TEST_NOW + 91 * TEST_DAY, STOX_CHAIN_EXPIRED,
       GNUTLS_A_CERTIFICATE_EXPIRED},
      {&world.server, "example.com", 0, STOX_CHAIN_NOT_YET, GNUTLS_A_CERTIFICATE_EXPIRED},
      {&world.self, "example.com", TEST_NOW, STOX_CHAIN_SELF_SIGNED, GNUTLS_A_UNKNOWN_CA},
      {&world.client, "example.com", TEST_NOW, STOX_CHAIN_WRONG_NAME, GNUTLS_A_BAD_CERTIFICATE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int version = STOX_TLS_1_2; version <= STOX_TLS_1_3; version++) {
      check_refusal(&rows[i], version, STOX_TLS_VERIFY);
      check_refusal(&rows[i], version, STOX_TLS_REPORT);
    }
  }
}

/* Without a common version, cipher or protocol. */
static void test_nothing_in_common(void **state) {
  (void)state;
  static const char *const priorities[] = {
      "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:%VERIFY_ALLOW_SIGN_WITH_SHA1",
      "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
      "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
  };
  for (size_t i = 0; i < COUNT(priorities); i++) {
    tls_pair pair;
    stox_tls_context *own = NULL;
    tls_pair_init(&pair, &world);
    restrict_to(&pair, &own, priorities[i]);
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_status(pair.status[1], STOX_E_UNSUPPORTED);
    assert_status(pair.status[0], STOX_E_REFUSED);
    tls_pair_free(&pair);
    stox_tls_context_free(own);
  }
  stox_tls_context *strict = tls_context_of(&world.server, STOX_TLS_1_3, S(""));
  tls_pair pair;
  stox_tls_context *own = NULL;
  tls_pair_init(&pair, &world);
  pair.server_options.context = strict;
  restrict_to(&pair, &own, only_12);
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(pair.status[1], STOX_E_UNSUPPORTED);
  tls_pair_free(&pair);
  stox_tls_context_free(own);
  stox_tls_context_free(strict);
}

/* RFC 7301, XEP-0368. */
static void test_alpn(void **state) {
  (void)state;
  static const stox_span two[] = {ROW("xmpp-server"), ROW("xmpp-client")};
  static const stox_span client_only[] = {ROW("xmpp-client")};
  static const stox_span other[] = {ROW("sip")};
  static const struct {
    const stox_span *client;
    size_t client_n;
    int required;
    int status;
    stox_span want;
  } rows[] = {
      {two, 2, 0, STOX_OK, ROW("xmpp-server")}, {client_only, 1, 1, STOX_OK, ROW("xmpp-client")},
      {other, 1, 0, STOX_OK, {NULL, 0}},        {other, 1, 1, STOX_E_UNSUPPORTED, {NULL, 0}},
      {NULL, 0, 0, STOX_OK, {NULL, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    tls_pair pair;
    tls_pair_init(&pair, &world);
    pair.client_options.alpn = rows[i].client;
    pair.client_options.alpn_n = rows[i].client_n;
    pair.server_options.alpn = two;
    pair.server_options.alpn_n = COUNT(two);
    pair.server_options.alpn_required = rows[i].required;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_status(pair.status[1], rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_span_equal(stox_tls_peer(pair.client)->alpn, rows[i].want);
      assert_span_equal(stox_tls_peer(pair.server)->alpn, rows[i].want);
    }
    tls_pair_free(&pair);
  }
}

/* The name asked for, by which a server picks its certificate. */
static void test_server_name(void **state) {
  (void)state;
  static const struct {
    stox_span name;
    stox_span told;
    const test_certificate *shown;
  } rows[] = {
      {ROW("example.com"), ROW("example.com"), &world.server},
      {ROW("example.net"), ROW("example.net"), &world.client},
      {ROW("b\xC3\xBC"
           "cher.example"),
       ROW("xn--bcher-kva.example"), &world.server},
      {ROW("192.0.2.1"), {NULL, 0}, &world.server},
      {ROW("[2001:db8::1]"), {NULL, 0}, &world.server},
      {{NULL, 0}, {NULL, 0}, &world.server},
  };
  stox_tls_context *both = tls_context_of(&world.server, STOX_TLS_1_2, S(""));
  const stox_span pem = test_pem(world.client.der, "CERTIFICATE");
  assert_status(stox_tls_context_add(both, pem, world.client.key_pem), STOX_OK);
  for (size_t i = 0; i < COUNT(rows); i++) {
    tls_pair pair;
    char room[64];
    stox_buf out;
    stox_span der;
    tls_pair_init(&pair, &world);
    pair.server_options.context = both;
    pair.client_options.server_name = rows[i].name;
    pair.client_options.verify = STOX_TLS_REPORT;
    tls_pair_open(&pair);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_tls_server_name(pair.server, &out),
                  rows[i].told.p == NULL ? STOX_E_NONE : STOX_OK);
    assert_span_equal(stox_buf_span(&out), rows[i].told);
    assert_status(stox_tls_server_name(pair.client, &out), STOX_E_NONE);
    assert_status(stox_tls_certificate(pair.client, 0, &der), STOX_OK);
    assert_span_equal(der, rows[i].shown->der);
    tls_pair_free(&pair);
  }
  free((void *)(uintptr_t)pem.p);
  stox_tls_context_free(both);
}

/* Whoever speaks for one of several domains shows its certificate, whatever was asked for. */
static void test_own_name(void **state) {
  (void)state;
  static const struct {
    stox_span own;
    stox_span asked;
    const test_certificate *shown;
  } rows[] = {
      {ROW("example.net"), ROW("example.com"), &world.client},
      {ROW("EXAMPLE.net"), {NULL, 0}, &world.client},
      {ROW("example.com"), ROW("example.net"), &world.server},
      {ROW("example.org"), ROW("example.net"), &world.client},
      {ROW("example.org"), {NULL, 0}, &world.server},
      {ROW("a..b"), {NULL, 0}, &world.server},
      {{NULL, 0}, ROW("example.net"), &world.client},
  };
  stox_tls_context *both = tls_context_of(&world.server, STOX_TLS_1_2, S(""));
  const stox_span pem = test_pem(world.client.der, "CERTIFICATE");
  assert_status(stox_tls_context_add(both, pem, world.client.key_pem), STOX_OK);
  for (size_t i = 0; i < COUNT(rows) * 2; i++) {
    const int is_client = (int)(i % 2);
    tls_pair pair;
    stox_span der;
    tls_pair_init(&pair, &world);
    pair.client_options.verify = STOX_TLS_REPORT;
    pair.server_options.verify = STOX_TLS_REPORT;
    pair.server_options.ask = STOX_TLS_ASK_REQUEST;
    pair.client_options.server_name = rows[i / 2].asked;
    (is_client ? &pair.client_options : &pair.server_options)->context = both;
    (is_client ? &pair.client_options : &pair.server_options)->own_name = rows[i / 2].own;
    tls_pair_open(&pair);
    assert_status(stox_tls_certificate(is_client ? pair.server : pair.client, 0, &der), STOX_OK);
    /* A client is asked for no name: without one of its own it shows the first. */
    const int is_first = is_client && !stox_span_is_equal_nocase(rows[i / 2].own, S("example.net"));
    assert_span_equal(der, is_first ? world.server.der : rows[i / 2].shown->der);
    tls_pair_free(&pair);
  }
  free((void *)(uintptr_t)pem.p);
  stox_tls_context_free(both);
}

/* Close notifications in either order, and what is said before one. */
static void test_close(void **state) {
  (void)state;
  tls_pair pair;
  char room[16];
  size_t n;
  int status = STOX_OK;
  tls_pair_init(&pair, &world);
  tls_pair_open(&pair);
  assert_status(stox_tls_write(pair.client, &n, S("bye")), STOX_OK);
  assert_status(stox_tls_close(pair.client), STOX_OK);
  assert_status(stox_tls_close(pair.client), STOX_OK);
  assert_int_equal(stox_tls_state(pair.client), STOX_TLS_CLOSING);
  assert_status(stox_tls_write(pair.client, &n, S("x")), STOX_E_STATE);
  (void)tls_move(pair.client, pair.server, 0, &status);
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_OK);
  assert_span_equal(((stox_span){room, n}), S("bye"));
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_E_NONE);
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_E_NONE);
  assert_status(stox_tls_feed(pair.server, &n, S("rest")), STOX_OK);
  assert_int_equal(n, 4);
  tls_pair_say(&pair, pair.server, pair.client, S("half open"));
  assert_status(stox_tls_close(pair.server), STOX_OK);
  assert_int_equal(stox_tls_state(pair.server), STOX_TLS_CLOSED);
  (void)tls_move(pair.server, pair.client, 0, &status);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_NONE);
  assert_int_equal(stox_tls_state(pair.client), STOX_TLS_CLOSED);
  assert_status(stox_tls_end(pair.client), STOX_OK);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_NONE);
  tls_pair_free(&pair);
}

/* The wire ends without a notification: never taken for an end of what was said. */
static void test_truncation(void **state) {
  (void)state;
  tls_pair pair;
  char room[16];
  size_t n;
  int status = STOX_OK;
  tls_pair_init(&pair, &world);
  tls_pair_open(&pair);
  assert_status(stox_tls_write(pair.client, &n, S("half")), STOX_OK);
  (void)tls_move(pair.client, pair.server, 0, &status);
  assert_status(stox_tls_end(pair.server), STOX_OK);
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_OK);
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_E_TRUNCATED);
  assert_status(stox_tls_read(pair.server, room, sizeof room, &n), STOX_E_TRUNCATED);
  assert_status(stox_tls_write(pair.server, &n, S("x")), STOX_E_TRUNCATED);
  assert_status(stox_tls_close(pair.server), STOX_E_TRUNCATED);
  assert_int_equal(stox_tls_state(pair.server), STOX_TLS_FAILED);
  tls_pair_free(&pair);
  tls_pair_init(&pair, &world);
  tls_pair_start(&pair);
  assert_status(stox_tls_end(pair.server), STOX_E_TRUNCATED);
  assert_status(stox_tls_feed(pair.server, &n, S("x")), STOX_E_TRUNCATED);
  assert_status(stox_tls_end(pair.server), STOX_E_TRUNCATED);
  tls_pair_free(&pair);
}

static void resume(int version, int expired) {
  tls_pair pair;
  char data[8192];
  char room[16];
  size_t n;
  stox_buf out;
  stox_tls_context *own = NULL;
  tls_pair_init(&pair, &world);
  if (version == STOX_TLS_1_2) {
    restrict_to(&pair, &own, only_12);
  }
  stox_buf_init(&out, data, sizeof data);
  pair.client_options.resumable = 1;
  tls_pair_open(&pair);
  assert_int_equal(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_MORE);
  assert_status(stox_tls_resumption(pair.server, &out), STOX_E_NONE);
  assert_status(stox_tls_resumption(pair.client, &out), STOX_OK);
  assert_int_equal(stox_tls_is_resumed(pair.client), 0);
  tls_pair_free(&pair);
  pair.client_options.resume = stox_buf_span(&out);
  if (expired) {
    pair.client_rules.wall_s = TEST_NOW + 91 * TEST_DAY;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_status(pair.status[0], STOX_E_AUTH);
    assert_int_equal(stox_tls_alert(pair.client), GNUTLS_A_CERTIFICATE_EXPIRED);
  } else {
    tls_pair_open(&pair);
    assert_int_equal(stox_tls_is_resumed(pair.client), 1);
    assert_int_equal(stox_tls_is_resumed(pair.server), 1);
    assert_int_equal(stox_tls_peer(pair.client)->verified, 1);
    assert_span_equal(stox_tls_peer(pair.client)->identities,
                      S("DNS:example.com\nSRV:_xmpp-server.example.com\n"));
    tls_pair_say(&pair, pair.client, pair.server, S("again"));
  }
  tls_pair_free(&pair);
  stox_tls_context_free(own);
}

/* The certificate of a resumed session is judged anew, by today's time. */
static void test_resumption(void **state) {
  (void)state;
  for (int version = STOX_TLS_1_2; version <= STOX_TLS_1_3; version++) {
    resume(version, 0);
    resume(version, 1);
  }
}

/* Tickets (RFC 8446 4.6.1), then plaintext: one read finds the plaintext. */
static void test_ticket_before_plaintext(void **state) {
  (void)state;
  tls_pair pair;
  char got[16];
  size_t n = 0;
  int status = STOX_OK;
  tls_pair_init(&pair, &world);
  pair.client_options.resumable = 1;
  tls_pair_start(&pair);
  while (stox_tls_state(pair.server) == STOX_TLS_SHAKING) {
    (void)tls_move(pair.client, pair.server, 0, &status);
    if (stox_tls_state(pair.server) == STOX_TLS_SHAKING) {
      (void)tls_move(pair.server, pair.client, 0, &status);
    }
  }
  assert_status(stox_tls_write(pair.server, &n, S("behind")), STOX_OK);
  assert_true(tls_move(pair.server, pair.client, 0, &status) > 0);
  assert_status(stox_tls_read(pair.client, got, sizeof got, &n), STOX_OK);
  assert_span_equal(((stox_span){got, n}), S("behind"));
  assert_status(stox_tls_read(pair.client, got, sizeof got, &n), STOX_E_MORE);
  tls_pair_free(&pair);
}

static void test_bad_resumption(void **state) {
  (void)state;
  static const stox_span rows[] = {ROW("x"), ROW("\0\0\0\0"), ROW("no session at all, but long")};
  for (size_t i = 0; i < COUNT(rows); i++) {
    tls_pair pair;
    tls_pair_init(&pair, &world);
    pair.client_options.resumable = 1;
    pair.client_options.resume = rows[i];
    tls_pair_open(&pair);
    assert_int_equal(stox_tls_is_resumed(pair.client), 0);
    tls_pair_free(&pair);
  }
}

/* No resumption unless both ends want it. */
static void test_no_resumption(void **state) {
  (void)state;
  tls_pair pair;
  char data[64];
  char room[16];
  size_t n;
  stox_buf out;
  stox_buf_init(&out, data, sizeof data);
  tls_pair_init(&pair, &world);
  tls_pair_open(&pair);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_MORE);
  assert_status(stox_tls_resumption(pair.client, &out), STOX_E_NONE);
  tls_pair_free(&pair);
  pair.client_options.resumable = 1;
  pair.server_options.context = world.self_context; /* without a ticket key */
  pair.client_options.verify = STOX_TLS_REPORT;
  tls_pair_open(&pair);
  assert_status(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_MORE);
  assert_status(stox_tls_resumption(pair.client, &out), STOX_E_NONE);
  tls_pair_free(&pair);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_session),           cmocka_unit_test(test_mutual),
      cmocka_unit_test(test_no_certificate),    cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_nothing_in_common), cmocka_unit_test(test_alpn),
      cmocka_unit_test(test_server_name),       cmocka_unit_test(test_close),
      cmocka_unit_test(test_own_name),          cmocka_unit_test(test_truncation),
      cmocka_unit_test(test_resumption),        cmocka_unit_test(test_ticket_before_plaintext),
      cmocka_unit_test(test_bad_resumption),    cmocka_unit_test(test_no_resumption),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
