/* SPDX-License-Identifier: MIT */
#include "sasl_support.h"

enum {
  EXTERNAL = STOX_SASL_EXTERNAL,
  SHA_256 = STOX_SASL_SCRAM_SHA_256,
  SHA_1 = STOX_SASL_SCRAM_SHA_1,
  PLUS = STOX_SASL_SCRAM_SHA_256_PLUS | STOX_SASL_SCRAM_SHA_1_PLUS,
  DIGEST = STOX_SASL_DIGEST_MD5,
  PLAIN = STOX_SASL_PLAIN,
  ALL = STOX_SASL_MECHANISMS_ALL
};

#define AUTH(mechanism, text) sasl_say(&wire, STOX_SASL_AUTH, mechanism, S(text))
#define RESPONSE(text)        sasl_say(&wire, STOX_SASL_RESPONSE, 0, S(text))
#define NOTHING               ((stox_span){NULL, 0})

static sasl_pair pair;
static sasl_wire wire;
static stox_sasl_message out;

static int feed(const stox_sasl_message *in) {
  return sasl_server_say(&pair, in, &out);
}

static void open_with(uint32_t mechanisms) {
  sasl_pair_init(&pair);
  pair.server_options.mechanisms = mechanisms;
  sasl_pair_open(&pair);
}

/* ---- what is offered ---- */

static void check_offer(uint32_t want) {
  sasl_pair_open(&pair);
  assert_int_equal(stox_sasl_server_mechanisms(pair.server), want);
  sasl_pair_close(&pair);
}

/* "XC-6.2-03" "XC-6.2-04" "XC-6.1-04" "XC-14.7-01" */
static void test_offer(void **state) {
  (void)state;
  const uint32_t plain_stream = SHA_256 | SHA_1 | DIGEST;
  sasl_pair_init(&pair);
  check_offer(PLUS | SHA_256 | SHA_1 | PLAIN); /* DIGEST-MD5 is off by default */
  pair.server_options.mechanisms = ALL;
  check_offer(ALL & ~EXTERNAL);
  pair.peer.identities = S("XMPP:user@example.com\n");
  check_offer(ALL);
  pair.peer.verified = 0;
  check_offer(ALL & ~EXTERNAL);
  pair.peer.channel_binding = NOTHING;
  check_offer(ALL & ~EXTERNAL);
  pair.peer.server_end_point = NOTHING;
  check_offer(plain_stream | PLAIN);
  pair.server_options.peer = NULL;
  check_offer(plain_stream);
  pair.server_options.decoy_secret = NOTHING;
  check_offer(DIGEST);
  pair.server_options.random = NULL;
  check_offer(0);
}

static void test_options(void **state) {
  (void)state;
  stox_sasl_server *obj = NULL;
  sasl_pair_init(&pair);
  for (uint32_t retries = 0; retries < 8; retries++) {
    pair.server_options.retries = retries;
    assert_status(stox_sasl_server_new(&obj, &pair.server_options),
                  retries >= 2 && retries <= 5 ? STOX_OK : STOX_E_ARG);
    stox_sasl_server_del(obj);
  }
  pair.server_options.retries = 2;
  pair.server_options.iterations = 0;
  assert_status(stox_sasl_server_new(&obj, &pair.server_options), STOX_E_ARG);
  pair.server_options.iterations = 1;
  pair.server_options.stream = 2;
  assert_status(stox_sasl_server_new(&obj, &pair.server_options), STOX_E_ARG);
  pair.server_options.stream = 1;
  pair.server_options.domain = NOTHING;
  assert_status(stox_sasl_server_new(&obj, &pair.server_options), STOX_E_ARG);
  pair.server_options.domain = S("a b");
  assert_status(stox_sasl_server_new(&obj, &pair.server_options), STOX_E_ARG);
  assert_status(stox_sasl_server_new(&obj, NULL), STOX_E_ARG);
  assert_null(obj);
  assert_status(stox_sasl_server_options_init(&pair.server_options, 4), STOX_E_ARG);
  stox_sasl_server_del(NULL);
}

/* ---- order, encoding, retries ---- */

/* "XC-6.4-04" "XC-6.4-05" "XC-6.4-08" */
static void test_mechanism_refused(void **state) {
  (void)state;
  open_with(SHA_256 | PLUS | PLAIN | EXTERNAL);
  assert_status(feed(AUTH(0, "x")), STOX_OK);
  assert_failure(&out, STOX_SASL_INVALID_MECHANISM);
  assert_status(feed(AUTH(SHA_1, "n,,n=user,r=x")), STOX_OK);
  assert_failure(&out, STOX_SASL_MECHANISM_TOO_WEAK);
  assert_status(feed(AUTH(EXTERNAL, "")), STOX_OK);
  assert_failure(&out, STOX_SASL_INVALID_MECHANISM);
  sasl_pair_close(&pair);
  pair.server_options.peer = NULL;
  sasl_pair_open(&pair);
  assert_status(feed(AUTH(PLAIN, "\0user\0pencil")), STOX_OK);
  assert_failure(&out, STOX_SASL_ENCRYPTION_REQUIRED);
  assert_status(feed(AUTH(STOX_SASL_SCRAM_SHA_256_PLUS, "x")), STOX_OK);
  assert_failure(&out, STOX_SASL_INVALID_MECHANISM);
  assert_int_equal(pair.host.n_asked, 0);
  sasl_pair_close(&pair);
}

/* "XC-6.4-01" "XC-6.4-02" "XC-6.3-03" "XC-6.2-11" */
static void test_order(void **state) {
  (void)state;
  const stox_sasl_message abort_it = {.kind = STOX_SASL_ABORT};
  const stox_sasl_message success = {.kind = STOX_SASL_SUCCESS};
  const stox_sasl_message bad = {.kind = STOX_SASL_AUTH, .mechanism = PLAIN, .data = {"%%%", 3}};
  const stox_sasl_message bad_response = {.kind = STOX_SASL_RESPONSE, .data = {"QQ", 2}};
  open_with(ALL);
  assert_status(feed(RESPONSE("")), STOX_OK);
  assert_failure(&out, STOX_SASL_MALFORMED_REQUEST);
  assert_status(feed(&success), STOX_OK);
  assert_failure(&out, STOX_SASL_MALFORMED_REQUEST);
  assert_status(feed(&bad), STOX_OK);
  assert_failure(&out, STOX_SASL_INCORRECT_ENCODING);
  sasl_pair_close(&pair);
  sasl_pair_open(&pair);
  assert_status(feed(&abort_it), STOX_OK);
  assert_failure(&out, STOX_SASL_ABORTED);
  assert_status(feed(AUTH(SHA_1, "n,,n=user,r=x")), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_CHALLENGE);
  assert_status(feed(&abort_it), STOX_OK);
  assert_failure(&out, STOX_SASL_ABORTED);
  assert_status(feed(AUTH(SHA_1, "n,,n=user,r=x")), STOX_OK);
  assert_status(feed(&bad_response), STOX_OK);
  assert_failure(&out, STOX_SASL_INCORRECT_ENCODING);
  sasl_pair_close(&pair);
  sasl_pair_open(&pair);
  assert_status(feed(AUTH(SHA_1, "n,,n=user,r=x")), STOX_OK);
  assert_status(feed(AUTH(SHA_1, "n,,n=user,r=x")), STOX_OK);
  assert_failure(&out, STOX_SASL_MALFORMED_REQUEST);
  sasl_pair_close(&pair);
}

/* "XC-6.2-11" "XC-6.2-12": that many failures, and one more. */
static void test_retries(void **state) {
  (void)state;
  for (uint32_t retries = 2; retries <= 5; retries++) {
    sasl_pair_init(&pair);
    pair.server_options.retries = retries;
    sasl_pair_open(&pair);
    for (uint32_t i = 0; i <= retries; i++) {
      assert_int_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_OPEN);
      assert_status(feed(AUTH(PLAIN, "\0user\0wrong")), STOX_OK);
      assert_failure(&out, STOX_SASL_NOT_AUTHORIZED);
    }
    assert_int_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_SPENT);
    assert_status(stox_sasl_server_feed(pair.server, AUTH(PLAIN, "\0user\0pencil"), &out),
                  STOX_E_STATE);
    sasl_pair_close(&pair);
  }
  open_with(ALL);
  assert_status(feed(AUTH(PLAIN, "\0user\0wrong")), STOX_OK);
  assert_status(feed(AUTH(PLAIN, "\0user\0wrong")), STOX_OK);
  assert_status(feed(AUTH(PLAIN, "\0user\0pencil")), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_SUCCESS);
  assert_null(out.data.p);
  sasl_pair_close(&pair);
}

/* A client that speaks first but has not is asked to. */
static void test_no_initial_response(void **state) {
  (void)state;
  const stox_sasl_message none = {.kind = STOX_SASL_AUTH, .mechanism = PLAIN};
  const stox_sasl_message scram = {.kind = STOX_SASL_AUTH, .mechanism = SHA_1};
  open_with(ALL);
  assert_status(feed(&none), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_CHALLENGE);
  assert_null(out.data.p);
  assert_status(feed(RESPONSE("\0user\0pencil")), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_SUCCESS);
  sasl_pair_close(&pair);
  sasl_pair_open(&pair);
  assert_status(feed(&scram), STOX_OK);
  assert_null(out.data.p);
  assert_status(feed(RESPONSE("n,,n=user,r=x")), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_CHALLENGE);
  assert_true(out.data.n > 0);
  sasl_pair_close(&pair);
}

/* ---- PLAIN ---- */

typedef struct row {
  stox_span message;
  int condition; /* 0: success */
  stox_span jid;
} row;

#define GOOD(text, jid)                                                                            \
  { ROW(text), 0, ROW(jid) }
#define BAD(text, condition)                                                                       \
  {                                                                                                \
    ROW(text), condition, {                                                                        \
      NULL, 0                                                                                      \
    }                                                                                              \
  }

/* "XC-6.1-07" "XC-6.1-10" "XC-6.4-03" */
static const row plain_rows[] = {
    GOOD("\0user\0pencil", "user@example.com"),
    GOOD("\0USER\0pencil", "user@example.com"),
    GOOD("\0us\xC2\xAD"
         "er\0pen\xC2\xAD"
         "cil",
         "user@example.com"),
    GOOD("User@EXAMPLE.com\0user\0pencil", "user@example.com"),
    GOOD("other@example.com\0user\0pencil", "other@example.com"),
    BAD("third@example.com\0user\0pencil", STOX_SASL_INVALID_AUTHZID),
    BAD("a@b/c\0user\0pencil", STOX_SASL_INVALID_AUTHZID),
    BAD("example.com\0user\0pencil", STOX_SASL_INVALID_AUTHZID),
    BAD("@\0user\0pencil", STOX_SASL_INVALID_AUTHZID),
    BAD("\xFF\0user\0pencil", STOX_SASL_INVALID_AUTHZID),
    BAD("\0user\0pencils", STOX_SASL_NOT_AUTHORIZED),
    BAD("\0resu\0pencil", STOX_SASL_NOT_AUTHORIZED),
    BAD("\0user@example.com\0pencil", STOX_SASL_NOT_AUTHORIZED),
    BAD("\0user\0", STOX_SASL_MALFORMED_REQUEST),
    BAD("\0\0pencil", STOX_SASL_MALFORMED_REQUEST),
    BAD("\0user\0pencil\0", STOX_SASL_MALFORMED_REQUEST),
    BAD("\0user\0pen\0cil", STOX_SASL_MALFORMED_REQUEST),
    BAD("user\0pencil", STOX_SASL_MALFORMED_REQUEST),
    BAD("user", STOX_SASL_MALFORMED_REQUEST),
    BAD("\0us\x01"
        "er\0pencil",
        STOX_SASL_MALFORMED_REQUEST),
    BAD("\0us\xFF"
        "er\0pencil",
        STOX_SASL_MALFORMED_REQUEST),
    BAD("", STOX_SASL_MALFORMED_REQUEST),
};

static int plain_ask(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  const sasl_host *host = ud;
  stox_scram_keys keys;
  if (q->kind != STOX_SASL_ASK_PASSWORD) {
    return sasl_decide(host, q, answer);
  }
  /* As a host does that keeps no password. */
  if (!stox_span_is_equal(q->username, S("user"))) {
    return STOX_E_AUTH;
  }
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA256, S("pencil"), S("salt"), 2), STOX_OK);
  return stox_scram_check(&keys, STOX_HASH_SHA256, q->password);
}

static void check_verdict(const row *r) {
  if (r->condition != 0) {
    assert_failure(&out, r->condition);
    return;
  }
  assert_int_equal(out.kind, STOX_SASL_SUCCESS);
  assert_span_equal(stox_sasl_server_jid(pair.server), r->jid);
}

static void test_plain(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(plain_rows); i++) {
    sasl_pair_init(&pair);
    pair.host.jid = S("other@example.com");
    pair.server_options.ask = plain_ask;
    sasl_pair_open(&pair);
    assert_status(feed(sasl_say(&wire, STOX_SASL_AUTH, PLAIN, plain_rows[i].message)), STOX_OK);
    check_verdict(&plain_rows[i]);
    sasl_pair_close(&pair);
  }
}

/* ---- EXTERNAL ---- */

typedef struct external_row {
  int stream;
  stox_span from;
  stox_span identities;
  row row;
} external_row;

#define C2S STOX_SASL_CLIENT_STREAM
#define S2S STOX_SASL_SERVER_STREAM
#define NO                                                                                         \
  { NULL, 0 }

/* "XC-6.1-09" "XC-6.1-10" "XC-6.4-03" "XC-3.5-02" */
static const external_row external_rows[] = {
    /* Servers: the domain of the stream or of the authzid. */
    {S2S, ROW("example.org"), ROW("DNS:example.org\n"), GOOD("", "example.org")},
    {S2S, ROW("Example.ORG"), ROW("DNS:example.org\n"), GOOD("example.org", "example.org")},
    {S2S, NO, ROW("DNS:example.org\n"), GOOD("example.org", "example.org")},
    {S2S, ROW("a.example.org"), ROW("DNS:*.example.org\n"), GOOD("", "a.example.org")},
    {S2S, ROW("example.org"), ROW("SRV:_xmpp-server.example.org\n"), GOOD("", "example.org")},
    {S2S, NO, ROW("DNS:example.org\n"), BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {S2S, ROW("@"), ROW("DNS:example.org\n"), BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {S2S, ROW("a@example.org"), ROW("DNS:example.org\n"), BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {S2S, ROW("example.org"), ROW("DNS:example.net\n"), BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {S2S, ROW("example.org"), ROW("DNS:example.net\n"),
     BAD("example.net", STOX_SASL_INVALID_AUTHZID)},
    {S2S, NO, ROW("DNS:example.org\n"), BAD("example.net", STOX_SASL_INVALID_AUTHZID)},
    {S2S, NO, ROW("DNS:example.org\n"), BAD("a@example.org", STOX_SASL_INVALID_AUTHZID)},
    {S2S, NO, ROW("DNS:example.org\n"), BAD("example.org/r", STOX_SASL_INVALID_AUTHZID)},
    /* Clients: the JID of the certificate. */
    {C2S, NO, ROW("XMPP:user@example.com\n"), GOOD("", "user@example.com")},
    {C2S, NO, ROW("DNS:example.com\nXMPP:user@example.com\n"), GOOD("", "user@example.com")},
    {C2S, NO, ROW("XMPP:user@example.com\n"), GOOD("USER@example.com", "user@example.com")},
    {C2S, ROW("user@example.com"), ROW("XMPP:a@example.com\nXMPP:user@example.com\n"),
     GOOD("", "user@example.com")},
    {C2S, NO, ROW("XMPP:a@example.com\nXMPP:user@example.com\n"),
     GOOD("user@example.com", "user@example.com")},
    {C2S, NO, ROW("XMPP:a@example.com\nXMPP:user@example.com\n"),
     BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {C2S, NO, ROW("DNS:example.com\n"), BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {C2S, NO, ROW("XMPP:user@example.com\n"), BAD("a@example.com", STOX_SASL_INVALID_AUTHZID)},
    {C2S, NO, ROW("XMPP:user@example.com\n"), BAD("user@example.com/r", STOX_SASL_INVALID_AUTHZID)},
    {C2S, NO, ROW("XMPP:user@example.net\n"), BAD("", STOX_SASL_NOT_AUTHORIZED)},
    {C2S, NO, ROW("XMPP:user@example.net\n"), BAD("user@example.net", STOX_SASL_INVALID_AUTHZID)},
    {C2S, NO, ROW("DNS:example.com\n"), BAD("example.com", STOX_SASL_INVALID_AUTHZID)},
};

static void run_external(const external_row *r, int has_host) {
  sasl_pair_init(&pair);
  pair.host.jid = r->row.jid;
  pair.peer.identities = r->identities;
  pair.server_options.stream = r->stream;
  pair.server_options.from = r->from;
  pair.server_options.ask = has_host ? sasl_ask : NULL;
  sasl_pair_open(&pair);
  if (!has_host) {
    assert_int_equal(stox_sasl_server_mechanisms(pair.server), EXTERNAL);
  }
  assert_status(feed(sasl_say(&wire, STOX_SASL_AUTH, EXTERNAL, r->row.message)), STOX_OK);
  check_verdict(&r->row);
  assert_int_equal(pair.host.n_asked, has_host && r->row.condition == 0);
  sasl_pair_close(&pair);
}

static void test_external(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(external_rows); i++) {
    run_external(&external_rows[i], 1);
    run_external(&external_rows[i], 0);
  }
  /* The host has the last word. */
  sasl_pair_init(&pair);
  pair.host.jid = S("somebody@example.com");
  pair.peer.identities = S("XMPP:user@example.com\n");
  sasl_pair_open(&pair);
  assert_status(feed(AUTH(EXTERNAL, "")), STOX_OK);
  assert_failure(&out, STOX_SASL_INVALID_AUTHZID);
  sasl_pair_close(&pair);
}

/* ---- SCRAM ---- */

typedef struct scram_row {
  int mechanism;
  stox_span first;
  stox_span final;
  int condition;
} scram_row;

#define NONCE "AAZGVmZ2hpamtsbW5vcHFyc3R1"
#define PROOF ",p=AAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const scram_row scram_rows[] = {
    /* client-first */
    {SHA_1, ROW("n,,n=user"), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW(""), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,m=x,n=user,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=us=er,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=us\x01,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,a=a@b/c,n=user,r=AA"), NO, STOX_SASL_INVALID_AUTHZID},
    {SHA_1, ROW("n,a=a=b,n=user,r=AA"), NO, STOX_SASL_INVALID_AUTHZID},
    {SHA_1, ROW("p=tls-exporter,,n=user,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("y,,n=user,r=AA"), NO, STOX_SASL_NOT_AUTHORIZED},
    {STOX_SASL_SCRAM_SHA_1_PLUS, ROW("n,,n=user,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {STOX_SASL_SCRAM_SHA_1_PLUS, ROW("y,,n=user,r=AA"), NO, STOX_SASL_MALFORMED_REQUEST},
    {STOX_SASL_SCRAM_SHA_1_PLUS, ROW("p=tls-unique,,n=user,r=AA"), NO, STOX_SASL_NOT_AUTHORIZED},
    /* client-final */
    {SHA_1, ROW("n,,n=user,r=AA"), ROW(""), STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biws,r=" NONCE), STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biws,r=" NONCE PROOF), STOX_SASL_NOT_AUTHORIZED},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biws,r=AA" PROOF), STOX_SASL_NOT_AUTHORIZED},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biws,r=" NONCE "x" PROOF), STOX_SASL_NOT_AUTHORIZED},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=eSws,r=" NONCE PROOF), STOX_SASL_NOT_AUTHORIZED},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biw,r=" NONCE PROOF), STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biws,r=" NONCE ",p=AAAA"), STOX_SASL_MALFORMED_REQUEST},
    {SHA_1, ROW("n,,n=user,r=AA"), ROW("c=biws,r=" NONCE ",p=*"), STOX_SASL_MALFORMED_REQUEST},
    {STOX_SASL_SCRAM_SHA_1_PLUS, ROW("p=tls-exporter,,n=user,r=AA"),
     ROW("c=cD10bHMtZXhwb3J0ZXIsLA==,r=" NONCE PROOF), STOX_SASL_NOT_AUTHORIZED},
};

static void test_scram(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(scram_rows); i++) {
    const scram_row *r = &scram_rows[i];
    open_with(ALL);
    assert_status(feed(sasl_say(&wire, STOX_SASL_AUTH, r->mechanism, r->first)), STOX_OK);
    if (r->final.p != NULL) {
      assert_data(&out, S("r=" NONCE ",s=AAECAwQFBgcICQoLDA0ODw==,i=4096"));
      assert_status(feed(sasl_say(&wire, STOX_SASL_RESPONSE, 0, r->final)), STOX_OK);
    }
    assert_failure(&out, r->condition);
    sasl_pair_close(&pair);
  }
}

/* Nonces of 255 to 257 octets, messages of 2,047 to 2,049. */
static void test_limits(void **state) {
  (void)state;
  static char text[4096];
  for (size_t n = 255; n <= 257; n++) {
    memset(text, 'a', sizeof text);
    memcpy(text, "n,,n=user,r=", 12);
    open_with(ALL);
    assert_status(feed(sasl_say(&wire, STOX_SASL_AUTH, SHA_1, (stox_span){text, 12 + n})), STOX_OK);
    assert_int_equal(out.kind, n <= 256 ? STOX_SASL_CHALLENGE : STOX_SASL_FAILURE);
    sasl_pair_close(&pair);
  }
  for (size_t n = 2047; n <= 2049; n++) {
    memset(text, 'a', sizeof text);
    memcpy(text, "n,,n=user,r=x,y=", 16);
    open_with(ALL);
    assert_status(feed(sasl_say(&wire, STOX_SASL_AUTH, SHA_1, (stox_span){text, n})), STOX_OK);
    assert_int_equal(out.kind, n <= 2048 ? STOX_SASL_CHALLENGE : STOX_SASL_FAILURE);
    if (n <= 2048) {
      memcpy(text, "c=biws,r=xZGVmZ2hpamtsbW5vcHFyc3R1,y=", 37);
      memcpy(text + n - 31, PROOF, 31);
      assert_status(feed(sasl_say(&wire, STOX_SASL_RESPONSE, 0, (stox_span){text, n})), STOX_OK);
      assert_failure(&out, STOX_SASL_NOT_AUTHORIZED);
    }
    sasl_pair_close(&pair);
  }
}

/* ---- the host ---- */

/* "XC-6.4-07" "XC-6.4-08": what it cannot tell now, and what it has to say of an account, which is
 * told to those alone who know the password. */
static void test_host(void **state) {
  (void)state;
  for (int later = 0; later < 2; later++) {
    for (int bit = STOX_SASL_SCRAM_SHA_256_PLUS; bit <= PLAIN; bit *= 2) {
      sasl_pair_init(&pair);
      pair.host.is_later = later;
      pair.host.status = STOX_E_TIMEOUT;
      pair.client_options.mechanisms = (uint32_t)bit;
      pair.server_options.mechanisms = ALL;
      sasl_pair_open(&pair);
      assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_E_REFUSED);
      assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_TEMPORARY_AUTH_FAILURE);
      sasl_pair_close(&pair);
      pair.host.status = STOX_OK;
      pair.host.condition = STOX_SASL_ACCOUNT_DISABLED;
      sasl_pair_open(&pair);
      assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_E_REFUSED);
      assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_ACCOUNT_DISABLED);
      sasl_pair_close(&pair);
      pair.client_options.password = S("wrong");
      sasl_pair_open(&pair);
      assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_E_REFUSED);
      assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_NOT_AUTHORIZED);
      sasl_pair_close(&pair);
    }
  }
}

static int bad_keys(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  const int how = *(const int *)ud;
  (void)q;
  answer->keys.iterations = how == 0 ? 0 : 1;
  answer->keys.salt_n = how == 1 ? 0 : how == 2 ? STOX_SCRAM_SALT_MAX + 1 : STOX_SCRAM_SALT_MAX;
  memset(answer->keys.salt, 0, sizeof answer->keys.salt);
  return STOX_OK;
}

static void test_bad_keys(void **state) {
  (void)state;
  for (int how = 0; how < 4; how++) {
    sasl_pair_init(&pair);
    pair.server_options.ask = bad_keys;
    pair.server_options.ud = &how;
    sasl_pair_open(&pair);
    assert_status(feed(AUTH(SHA_1, "n,,n=user,r=AA")), STOX_OK);
    if (how < 3) {
      assert_failure(&out, STOX_SASL_TEMPORARY_AUTH_FAILURE);
    } else {
      assert_int_equal(out.kind, STOX_SASL_CHALLENGE);
      /* The whole of the longest salt: 64 octets are 88 characters. */
      assert_data(
          &out, S("r=AAZGVmZ2hpamtsbW5vcHFyc3R1,s=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==,i=1"));
    }
    sasl_pair_close(&pair);
  }
  /* No randomness, no challenge. */
  open_with(ALL);
  pair.server_at = 256;
  assert_status(feed(AUTH(SHA_1, "n,,n=user,r=AA")), STOX_OK);
  assert_failure(&out, STOX_SASL_TEMPORARY_AUTH_FAILURE);
  assert_status(feed(sasl_say(&wire, STOX_SASL_AUTH, DIGEST, NOTHING)), STOX_OK);
  assert_failure(&out, STOX_SASL_TEMPORARY_AUTH_FAILURE);
  sasl_pair_close(&pair);
}

static void test_done(void **state) {
  (void)state;
  stox_sasl_answer answer;
  sasl_pair_init(&pair);
  pair.host.is_later = 1;
  sasl_pair_open(&pair);
  assert_status(stox_sasl_server_done(pair.server, STOX_OK, NULL, &out), STOX_E_STATE);
  assert_status(stox_sasl_server_feed(pair.server, AUTH(PLAIN, "\0user\0pencil"), &out),
                STOX_E_MORE);
  assert_span_equal(pair.host.last.password, S("pencil"));
  assert_status(stox_sasl_server_done(pair.server, STOX_E_MORE, NULL, &out), STOX_E_ARG);
  assert_status(stox_sasl_answer_init(&answer, 4), STOX_E_ARG);
  answer.size = 4;
  assert_status(stox_sasl_server_done(pair.server, STOX_OK, &answer, &out), STOX_E_ARG);
  assert_int_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_ASKING);
  assert_status(stox_sasl_server_done(pair.server, STOX_OK, NULL, &out), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_SUCCESS);
  assert_status(stox_sasl_server_done(pair.server, STOX_OK, NULL, &out), STOX_E_STATE);
  sasl_pair_close(&pair);
}

/* ---- memory ---- */

static int holds(const void *p, size_t n, stox_span text) {
  for (size_t i = 0; i + text.n <= n; i++) {
    if (memcmp((const char *)p + i, text.p, text.n) == 0) {
      return 1;
    }
  }
  return 0;
}

static void test_memory(void **state) {
  (void)state;
  failing f = {0};
  const stox_allocator alloc = {sizeof alloc, &f, sasl_zero_resize};
  sasl_pair_init(&pair);
  pair.server_options.alloc = &alloc;
  pair.peer.identities = S("DNS:example.com\n");
  f.fail_at = 1;
  assert_status(stox_sasl_server_new(&pair.server, &pair.server_options), STOX_E_NOMEM);
  f.fail_at = 0;
  sasl_pair_open(&pair);
  assert_status(feed(AUTH(PLAIN, "\0user\0pencil")), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_SUCCESS);
  assert_false(holds(pair.server, f.live, S("pencil")));
  sasl_pair_close(&pair);
  assert_int_equal(f.live, 0);
  assert_int_equal(f.calls, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_offer),
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_mechanism_refused),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_retries),
      cmocka_unit_test(test_no_initial_response),
      cmocka_unit_test(test_plain),
      cmocka_unit_test(test_external),
      cmocka_unit_test(test_scram),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_host),
      cmocka_unit_test(test_bad_keys),
      cmocka_unit_test(test_done),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
