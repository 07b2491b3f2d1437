/* SPDX-License-Identifier: MIT */
#include "sasl_support.h"

enum {
  EXTERNAL = STOX_SASL_EXTERNAL,
  SHA_256_PLUS = STOX_SASL_SCRAM_SHA_256_PLUS,
  SHA_256 = STOX_SASL_SCRAM_SHA_256,
  SHA_1_PLUS = STOX_SASL_SCRAM_SHA_1_PLUS,
  SHA_1 = STOX_SASL_SCRAM_SHA_1,
  DIGEST = STOX_SASL_DIGEST_MD5,
  PLAIN = STOX_SASL_PLAIN,
  ALL = STOX_SASL_MECHANISMS_ALL
};

#define CHALLENGE(text) sasl_say(&wire, STOX_SASL_CHALLENGE, 0, S(text))
#define SUCCESS(text)   sasl_say(&wire, STOX_SASL_SUCCESS, 0, S(text))
#define NOTHING         ((stox_span){NULL, 0})

static sasl_pair pair;
static sasl_wire wire;
static stox_sasl_message out;

static const stox_sasl_message bare_success = {.kind = STOX_SASL_SUCCESS};

static void open_with(uint32_t mechanisms) {
  sasl_pair_init(&pair);
  pair.client_options.mechanisms = mechanisms;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
}

static int feed(const stox_sasl_message *in) {
  return stox_sasl_client_feed(pair.client, in, &out);
}

static int fail_with(int condition) {
  const stox_sasl_message failure = {.kind = STOX_SASL_FAILURE, .condition = condition};
  return feed(&failure);
}

/* ---- RFC 5802 5, word for word ---- */

static int fill_rfc5802(void *ud, void *p, size_t n) {
  stox_buf octets;
  (void)ud;
  assert_int_equal(n, 18);
  stox_buf_init(&octets, p, n);
  return stox_base64_parse(&octets, S("fyko+d2lbbFgONRv9qkxdawL"), STOX_BASE64);
}

#define FIRST        "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
#define SERVER_FIRST "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
#define FINAL        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
#define SERVER_FINAL "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="

static const stox_random rfc5802_random = {sizeof(stox_random), NULL, fill_rfc5802};

static void open_rfc5802(void) {
  sasl_pair_init(&pair);
  pair.client_options.mechanisms = SHA_1;
  pair.client_options.peer = NULL;
  pair.client_options.random = &rfc5802_random;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_AUTH);
  assert_int_equal(out.mechanism, SHA_1);
  assert_data(&out, S(FIRST));
}

static void test_rfc5802(void **state) {
  (void)state;
  open_rfc5802();
  assert_status(feed(CHALLENGE(SERVER_FIRST)), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_RESPONSE);
  assert_data(&out, S(FINAL));
  assert_status(feed(SUCCESS(SERVER_FINAL)), STOX_OK);
  assert_int_equal(out.kind, 0);
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DONE);
  stox_sasl_client_del(pair.client);
  /* The server's last word in a challenge, as without data in success. */
  open_rfc5802();
  assert_status(feed(CHALLENGE(SERVER_FIRST)), STOX_OK);
  assert_status(feed(CHALLENGE(SERVER_FINAL)), STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_RESPONSE);
  assert_null(out.data.p);
  assert_status(feed(&bare_success), STOX_OK);
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DONE);
  stox_sasl_client_del(pair.client);
}

/* A server that does not show that it knows the secret. */
static void test_false_server(void **state) {
  (void)state;
  static const stox_span finals[] = {
      ROW(""),
      ROW("v="),
      ROW("v=rmF9pqV8S7suAoZWja4dJRkFsKQ"),
      ROW("v=rmF9pqV8S7suAoZWja4dJRkFsKR="),
      ROW("v=smF9pqV8S7suAoZWja4dJRkFsKQ="),
      ROW("e=other-error"),
      ROW("w=rmF9pqV8S7suAoZWja4dJRkFsKQ="),
      ROW("r=x"),
  };
  for (size_t i = 0; i < COUNT(finals); i++) {
    open_rfc5802();
    assert_status(feed(CHALLENGE(SERVER_FIRST)), STOX_OK);
    assert_true(feed(sasl_say(&wire, STOX_SASL_SUCCESS, 0, finals[i])) != STOX_OK);
    assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DEAD);
    assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_E_STATE);
    stox_sasl_client_del(pair.client);
  }
  open_rfc5802();
  assert_status(feed(CHALLENGE(SERVER_FIRST)), STOX_OK);
  assert_status(feed(&bare_success), STOX_E_AUTH);
  stox_sasl_client_del(pair.client);
  open_rfc5802();
  assert_status(feed(&bare_success), STOX_E_AUTH);
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DEAD);
  stox_sasl_client_del(pair.client);
  open_rfc5802();
  assert_status(feed(SUCCESS(SERVER_FINAL)), STOX_E_AUTH);
  stox_sasl_client_del(pair.client);
}

typedef struct challenge_row {
  stox_span text;
  int status;
} challenge_row;

static const challenge_row challenge_rows[] = {
    {ROW("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096"), STOX_E_AUTH},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawM3rfc,s=QSXCR+Q6sek8bf92,i=4096"), STOX_E_AUTH},
    {ROW("r=x,s=QSXCR+Q6sek8bf92,i=4096"), STOX_E_AUTH},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4095"), STOX_E_LIMIT},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=8194"), STOX_E_LIMIT},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4294967295"), STOX_E_LIMIT},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawLx,s=,i=4096"), STOX_E_SYNTAX},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawLx,s=*,i=4096"), STOX_E_SYNTAX},
    {ROW("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92"), STOX_E_SYNTAX},
    {ROW("m=x,r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4096"), STOX_E_UNSUPPORTED},
    {ROW(""), STOX_E_SYNTAX},
    {ROW("e=unknown-user"), STOX_E_SYNTAX},
};

/* What breaks the rules is answered with an abort; why is told when that is acknowledged. */
static void check_abort(int want) {
  assert_int_equal(out.kind, STOX_SASL_ABORT);
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_EXCHANGE);
  assert_status(feed(CHALLENGE("x")), STOX_E_STATE);
  assert_status(fail_with(STOX_SASL_ABORTED), want);
  assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_ABORTED);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_E_NONE);
}

/* "XC-6.2-11" */
static void test_bad_challenge(void **state) {
  (void)state;
  const stox_sasl_message bad = {.kind = STOX_SASL_CHALLENGE, .data = {"QQ", 2}};
  for (size_t i = 0; i < COUNT(challenge_rows); i++) {
    open_rfc5802();
    stox_sasl_client_del(pair.client);
    pair.client_options.iterations_max = 8193;
    assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
    assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
    assert_status(feed(sasl_say(&wire, STOX_SASL_CHALLENGE, 0, challenge_rows[i].text)), STOX_OK);
    check_abort(challenge_rows[i].status);
    stox_sasl_client_del(pair.client);
  }
  open_rfc5802();
  assert_status(feed(&bad), STOX_OK);
  check_abort(STOX_E_SYNTAX);
  stox_sasl_client_del(pair.client);
  open_rfc5802();
  assert_status(feed(&bad), STOX_OK);
  assert_status(feed(&bare_success), STOX_E_AUTH);
  stox_sasl_client_del(pair.client);
  open_with(PLAIN);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_status(feed(CHALLENGE("")), STOX_OK);
  check_abort(STOX_E_SYNTAX);
  stox_sasl_client_del(pair.client);
}

/* Iterations at both limits. */
static void test_iterations(void **state) {
  (void)state;
  static const char *const rows[] = {"4096", "4097", "8192", "8193"};
  char text[128];
  for (size_t i = 0; i < COUNT(rows); i++) {
    open_rfc5802();
    stox_sasl_client_del(pair.client);
    pair.client_options.iterations_max = 8193;
    assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
    assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
    (void)snprintf(text, sizeof text, "r=fyko+d2lbbFgONRv9qkxdawLx,s=AAAA,i=%s", rows[i]);
    assert_status(feed(sasl_say(&wire, STOX_SASL_CHALLENGE, 0, stox_span_text(text))), STOX_OK);
    assert_int_equal(out.kind, STOX_SASL_RESPONSE);
    stox_sasl_client_del(pair.client);
  }
}

/* ---- choice ---- */

typedef struct choice_row {
  uint32_t allowed;
  uint32_t offered;
  int has_certificate;
  int has_tls;
  int chosen; /* 0: none */
} choice_row;

/* "XC-6.2-05": our own preference, whatever the order of the offer. */
static const choice_row choices[] = {
    {ALL, ALL, 1, 1, EXTERNAL},
    {ALL, ALL, 0, 1, SHA_256_PLUS},
    {ALL, ALL & ~SHA_256_PLUS, 0, 1, SHA_256},
    {ALL, SHA_1_PLUS | SHA_1 | DIGEST | PLAIN, 0, 1, SHA_1_PLUS},
    {ALL, SHA_1 | DIGEST | PLAIN, 0, 1, SHA_1},
    {ALL, DIGEST | PLAIN, 0, 1, DIGEST},
    {ALL, PLAIN, 0, 1, PLAIN},
    {STOX_SASL_MECHANISMS_DEFAULT, DIGEST | PLAIN, 0, 1, PLAIN},
    {STOX_SASL_MECHANISMS_DEFAULT, DIGEST, 0, 1, 0},
    {ALL, EXTERNAL, 0, 1, 0},
    {ALL, EXTERNAL, 1, 0, 0},
    {ALL, SHA_256_PLUS | SHA_1_PLUS, 0, 0, 0},
    {ALL, ALL, 0, 0, SHA_256},
    {ALL, PLAIN, 0, 0, 0},
    {ALL, 0, 1, 1, 0},
    {ALL, 1U << 31, 1, 1, 0},
    {SHA_1 | PLAIN, ALL, 1, 1, SHA_1},
};

static void test_choice(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(choices); i++) {
    const choice_row *r = &choices[i];
    sasl_pair_init(&pair);
    pair.client_options.mechanisms = r->allowed;
    pair.client_options.has_certificate = r->has_certificate;
    pair.client_options.peer = r->has_tls ? &pair.peer : NULL;
    assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
    assert_status(stox_sasl_client_start(pair.client, r->offered, &out),
                  r->chosen == 0 ? STOX_E_NONE : STOX_OK);
    if (r->chosen != 0) {
      assert_string_equal(stox_sasl_mechanism_name(out.mechanism),
                          stox_sasl_mechanism_name(r->chosen));
    }
    stox_sasl_client_del(pair.client);
  }
  /* TLS with a server that nobody knows: no password in the clear. */
  sasl_pair_init(&pair);
  pair.peer.verified = 0;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, PLAIN, &out), STOX_E_NONE);
  stox_sasl_client_del(pair.client);
  /* Nothing to log in with. */
  pair.client_options.password = NOTHING;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_E_NONE);
  stox_sasl_client_del(pair.client);
}

/* After EXTERNAL the password may be tried; after a mechanism that the server does not want,
 * another; after a refused password nothing. */
static void test_next(void **state) {
  (void)state;
  sasl_pair_init(&pair);
  pair.client_options.has_certificate = 1;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_int_equal(out.mechanism, EXTERNAL);
  assert_data(&out, S(""));
  assert_span_equal(out.data, S("="));
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_E_STATE);
  assert_status(fail_with(STOX_SASL_NOT_AUTHORIZED), STOX_E_REFUSED);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_int_equal(out.mechanism, SHA_256_PLUS);
  assert_status(fail_with(STOX_SASL_MECHANISM_TOO_WEAK), STOX_E_REFUSED);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_int_equal(out.mechanism, SHA_256);
  assert_status(fail_with(STOX_SASL_INVALID_MECHANISM), STOX_E_REFUSED);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_int_equal(out.mechanism, SHA_1_PLUS);
  assert_status(fail_with(STOX_SASL_TEMPORARY_AUTH_FAILURE), STOX_E_REFUSED);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_E_NONE);
  assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_TEMPORARY_AUTH_FAILURE);
  stox_sasl_client_del(pair.client);
}

/* ---- identities ---- */

typedef struct identity_row {
  int stream;
  int mechanism;
  const char *username;
  const char *authzid;
  int status;
  stox_span said;
} identity_row;

/* "XC-6.1-08" "XC-6.1-09" "XC-6.1-10" "XC-6.2-06" */
static const identity_row identity_rows[] = {
    {STOX_SASL_CLIENT_STREAM, PLAIN, "user", NULL, STOX_OK, ROW("\0user\0pencil")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "user", "user@example.com", STOX_OK, ROW("\0user\0pencil")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "user", "User@EXAMPLE.com", STOX_OK, ROW("\0user\0pencil")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "user", "a@example.com", STOX_OK,
     ROW("a@example.com\0user\0pencil")},
    {STOX_SASL_CLIENT_STREAM, PLAIN,
     "us\xC2\xAD"
     "er",
     NULL, STOX_OK, ROW("\0user\0pencil")},
    {STOX_SASL_SERVER_STREAM, PLAIN, "example.org", "example.org", STOX_OK,
     ROW("\0example.org\0pencil")},
    {STOX_SASL_SERVER_STREAM, EXTERNAL, NULL, "example.org", STOX_OK, ROW("example.org")},
    {STOX_SASL_SERVER_STREAM, EXTERNAL, NULL, NULL, STOX_OK, ROW("")},
    {STOX_SASL_CLIENT_STREAM, EXTERNAL, NULL, "a@example.com", STOX_OK, ROW("a@example.com")},
    {STOX_SASL_CLIENT_STREAM, SHA_1, "us,er=", "a=b@example.com", STOX_OK,
     ROW("n,a=a=3Db@example.com,n=us=2Cer=3D,r=AAECAwQFBgcICQoLDA0ODxAR")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "user", "a@b/c", STOX_E_BAD_JID, ROW("")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "user", "example.com", STOX_E_BAD_JID, ROW("")},
    {STOX_SASL_SERVER_STREAM, PLAIN, "user", "a@example.com", STOX_E_BAD_JID, ROW("")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "us\1er", NULL, STOX_E_CTRL, ROW("")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "us\xFF", NULL, STOX_E_BAD_UTF8, ROW("")},
    {STOX_SASL_CLIENT_STREAM, PLAIN, "\xC2\xAD", NULL, STOX_E_SYNTAX, ROW("")},
    {2, PLAIN, "user", NULL, STOX_E_ARG, ROW("")},
};

static void test_identities(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(identity_rows); i++) {
    const identity_row *r = &identity_rows[i];
    sasl_pair_init(&pair);
    pair.client_options.stream = r->stream;
    pair.client_options.mechanisms = (uint32_t)r->mechanism;
    pair.client_options.has_certificate = r->mechanism == EXTERNAL;
    pair.client_options.username = stox_span_text(r->username);
    pair.client_options.authzid = stox_span_text(r->authzid);
    assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), r->status);
    if (r->status == STOX_OK) {
      assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
      assert_data(&out, r->said);
    }
    stox_sasl_client_del(pair.client);
  }
  pair.client_options.domain = S("a b");
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_E_ARG);
  assert_status(stox_sasl_client_new(&pair.client, NULL), STOX_E_ARG);
  assert_null(pair.client);
  stox_sasl_client_del(NULL);
}

/* ---- DIGEST-MD5 ---- */

/* The example of RFC 3920 6.5, and what may not be answered. "XC-6.5-05" "XC-6.6-05" */
static const challenge_row digest_rows[] = {
    {ROW("realm=\"somerealm\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",charset=utf-8,"
         "algorithm=md5-sess\n"),
     STOX_OK},
    {ROW("realm=\"somerealm\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",charset=utf-8,"
         "algorithm=md5-sess"),
     STOX_OK},
    {ROW("nonce=\"x\",algorithm=md5-sess"), STOX_OK},
    {ROW("nonce=\"x\",algorithm=md5-sess,qop=\"auth-int, auth\""), STOX_OK},
    {ROW("nonce=\"x\",algorithm=md5-sess,qop=\"auth-int\""), STOX_E_UNSUPPORTED},
    {ROW("nonce=\"x\",algorithm=md5"), STOX_E_UNSUPPORTED},
    {ROW("nonce=\"x\""), STOX_E_UNSUPPORTED},
    {ROW("nonce=\"x\",algorithm=md5-sess,charset=latin-1"), STOX_E_UNSUPPORTED},
    {ROW("nonce=\"\",algorithm=md5-sess"), STOX_E_SYNTAX},
    {ROW("algorithm=md5-sess"), STOX_E_SYNTAX},
    {ROW("nonce=\"x\",nonce=\"y\",algorithm=md5-sess"), STOX_E_SYNTAX},
    {ROW(""), STOX_E_SYNTAX},
};

static void test_digest(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(digest_rows); i++) {
    const challenge_row *r = &digest_rows[i];
    open_with(DIGEST);
    assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
    assert_null(out.data.p);
    assert_status(feed(sasl_say(&wire, STOX_SASL_CHALLENGE, 0, r->text)), STOX_OK);
    if (r->status != STOX_OK) {
      check_abort(r->status);
    } else {
      assert_int_equal(out.kind, STOX_SASL_RESPONSE);
      assert_status(feed(&bare_success), STOX_E_AUTH);
    }
    stox_sasl_client_del(pair.client);
  }
  open_with(DIGEST);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_status(feed(sasl_say(&wire, STOX_SASL_CHALLENGE, 0, digest_rows[0].text)), STOX_OK);
  assert_status(feed(CHALLENGE("rspauth=ea40f60335c427b5527b84dbabcdfffd")), STOX_OK);
  check_abort(STOX_E_AUTH);
  stox_sasl_client_del(pair.client);
}

/* ---- memory ---- */

/* What is given back holds nothing, and a done exchange no password. */
static void test_memory(void **state) {
  (void)state;
  failing f = {0};
  const stox_allocator alloc = {sizeof alloc, &f, sasl_zero_resize};
  sasl_pair_init(&pair);
  pair.client_options.alloc = &alloc;
  pair.client_options.mechanisms = PLAIN;
  f.fail_at = 1;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_E_NOMEM);
  f.fail_at = 0;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_status(feed(&bare_success), STOX_OK);
  const char *p = (const char *)pair.client;
  for (size_t i = 0; i + 6 <= f.live; i++) {
    assert_memory_not_equal(p + i, "pencil", 6);
  }
  stox_sasl_client_del(pair.client);
  pair.client_options.authzid = S("@");
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_E_BAD_JID);
  assert_int_equal(f.live, 0);
}

/* No randomness, and answers that are none. */
static void test_other(void **state) {
  (void)state;
  const stox_sasl_message response = {.kind = STOX_SASL_RESPONSE};
  open_with(ALL);
  assert_status(feed(&bare_success), STOX_E_STATE);
  pair.client_at = 256;
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_E_STATE);
  pair.client_at = 0;
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_status(feed(&response), STOX_E_STATE);
  stox_sasl_client_del(pair.client);
  open_with(PLAIN);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_status(feed(SUCCESS("data")), STOX_E_SYNTAX);
  stox_sasl_client_del(pair.client);
  open_with(PLAIN);
  assert_status(stox_sasl_client_start(pair.client, ALL, &out), STOX_OK);
  assert_status(feed(SUCCESS("")), STOX_OK);
  stox_sasl_client_del(pair.client);
  assert_status(stox_sasl_client_options_init(&pair.client_options, 4), STOX_E_ARG);
}

/* The longest message that there may be, and one that is longer. */
static void test_longest(void **state) {
  (void)state;
  static char longest[STOX_SASL_MESSAGE_MAX / 2 - 1];
  memset(longest, 'u', sizeof longest);
  for (int is_longer = 0; is_longer < 2; is_longer++) {
    sasl_pair_init(&pair);
    pair.client_options.mechanisms = PLAIN;
    pair.client_options.username = (stox_span){longest, sizeof longest};
    pair.client_options.password = (stox_span){longest, sizeof longest};
    pair.client_options.authzid = is_longer ? S("a@example.com") : NOTHING;
    assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
    assert_status(stox_sasl_client_start(pair.client, ALL, &out),
                  is_longer ? STOX_E_TOO_LONG : STOX_OK);
    stox_sasl_client_del(pair.client);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rfc5802),       cmocka_unit_test(test_false_server),
      cmocka_unit_test(test_bad_challenge), cmocka_unit_test(test_iterations),
      cmocka_unit_test(test_choice),        cmocka_unit_test(test_next),
      cmocka_unit_test(test_identities),    cmocka_unit_test(test_digest),
      cmocka_unit_test(test_memory),        cmocka_unit_test(test_other),
      cmocka_unit_test(test_longest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
