/* SPDX-License-Identifier: MIT */
#include "sasl_support.h"

#include "session/sasl_client.h"
#include "session/sasl_server.h"

/* The examples that the mechanisms' documents print, by the machines of both roles. Their nonces
 * are put in the place of those drawn here, which are longer and of another alphabet. */

/* ---- RFC 5802 5, RFC 7677 3 ---- */

typedef struct scram_example {
  int mechanism;
  stox_span salt; /* in base64 */
  stox_span nonce;
  stox_span first;
  stox_span challenge;
  stox_span final;
  stox_span verdict;
} scram_example;

#define SHA_1_NONCE   "fyko+d2lbbFgONRv9qkxdawL"
#define SHA_256_NONCE "rOprNGfwEbeRWgbNEkqO"

static const scram_example scram_examples[] = {
    {STOX_SASL_SCRAM_SHA_1, ROW("QSXCR+Q6sek8bf92"), ROW(SHA_1_NONCE),
     ROW("n,,n=user,r=" SHA_1_NONCE),
     ROW("r=" SHA_1_NONCE "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"),
     ROW("c=biws,r=" SHA_1_NONCE "3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="),
     ROW("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")},
    {STOX_SASL_SCRAM_SHA_256, ROW("W22ZaJ0SNY7soEsUEjb6gQ=="), ROW(SHA_256_NONCE),
     ROW("n,,n=user,r=" SHA_256_NONCE),
     ROW("r=" SHA_256_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
         "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
     ROW("c=biws,r=" SHA_256_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
         "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
     ROW("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")},
};

static sasl_pair pair;
static sasl_wire wire;
static stox_sasl_message out;

/* As if the client had drawn the example's nonce. */
static void put_client_nonce(stox_sasl_client *obj, const scram_example *e) {
  obj->auth.len -= obj->nonce.n;
  (void)stox_buf_put(&obj->auth, e->nonce);
  obj->nonce = e->nonce;
  assert_span_equal(stox_buf_span(&obj->auth), e->first);
}

static void run_client(const scram_example *e, stox_span verdict, int status) {
  sasl_pair_init(&pair);
  pair.client_options.mechanisms = (uint32_t)e->mechanism;
  pair.client_options.peer = NULL;
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, (uint32_t)e->mechanism, &out), STOX_OK);
  put_client_nonce(pair.client, e);
  assert_status(stox_sasl_client_feed(pair.client,
                                      sasl_say(&wire, STOX_SASL_CHALLENGE, 0, e->challenge), &out),
                STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_RESPONSE);
  assert_data(&out, e->final);
  assert_status(
      stox_sasl_client_feed(pair.client, sasl_say(&wire, STOX_SASL_SUCCESS, 0, verdict), &out),
      status);
  assert_int_equal(stox_sasl_client_state(pair.client),
                   status == STOX_OK ? STOX_SASL_CLIENT_DONE : STOX_SASL_CLIENT_DEAD);
  stox_sasl_client_del(pair.client);
}

static int ask_example(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  const scram_example *e = ud;
  char salt[32];
  stox_buf octets;
  assert_int_equal(q->kind, STOX_SASL_ASK_SCRAM);
  assert_span_equal(q->username, S("user"));
  stox_buf_init(&octets, salt, sizeof salt);
  assert_status(stox_base64_parse(&octets, e->salt, STOX_BASE64), STOX_OK);
  return stox_scram_derive(&answer->keys, q->hash, S("pencil"), stox_buf_span(&octets), 4096);
}

/* As if the server had drawn the rest of the example's nonce. */
static void put_server_nonce(stox_sasl_server *obj, const scram_example *e) {
  obj->auth.len = e->first.n + 1;
  const size_t at = obj->auth.len + 2;
  assert_status(stox_buf_put(&obj->auth, e->challenge), STOX_OK);
  const stox_span rest = stox_span_slice(stox_buf_span(&obj->auth), at, obj->auth.len);
  obj->nonce = stox_span_slice(rest, 0, stox_span_find(rest, ','));
}

static void run_server(const scram_example *e, stox_span final, int kind) {
  sasl_pair_init(&pair);
  pair.server_options.ud = (void *)(uintptr_t)e;
  pair.server_options.ask = ask_example;
  assert_status(stox_sasl_server_new(&pair.server, &pair.server_options), STOX_OK);
  assert_status(stox_sasl_server_feed(
                    pair.server, sasl_say(&wire, STOX_SASL_AUTH, e->mechanism, e->first), &out),
                STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_CHALLENGE);
  put_server_nonce(pair.server, e);
  assert_status(
      stox_sasl_server_feed(pair.server, sasl_say(&wire, STOX_SASL_RESPONSE, 0, final), &out),
      STOX_OK);
  assert_int_equal(out.kind, kind);
  if (kind == STOX_SASL_SUCCESS) {
    assert_data(&out, e->verdict);
    assert_span_equal(stox_sasl_server_jid(pair.server), S("user@example.com"));
  }
  stox_sasl_server_del(pair.server);
}

/* "XC-14.7-01": word for word, and one character away. */
static void test_scram(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(scram_examples); i++) {
    const scram_example *e = &scram_examples[i];
    char other[256];
    run_client(e, e->verdict, STOX_OK);
    run_server(e, e->final, STOX_SASL_SUCCESS);
    memcpy(other, e->verdict.p, e->verdict.n);
    other[2] = other[2] == 'A' ? 'B' : 'A';
    run_client(e, (stox_span){other, e->verdict.n}, STOX_E_AUTH);
    memcpy(other, e->final.p, e->final.n);
    other[e->final.n - 10] = other[e->final.n - 10] == 'A' ? 'B' : 'A';
    run_server(e, (stox_span){other, e->final.n}, STOX_SASL_FAILURE);
  }
}

/* ---- RFC 2831 4 ---- */

typedef struct digest_example {
  stox_span challenge;
  stox_span response;
  stox_span verdict;
} digest_example;

static const digest_example digest_examples[] = {
    {ROW("realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\","
         "algorithm=md5-sess,charset=utf-8"),
     ROW("charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\","
         "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\","
         "digest-uri=\"imap/elwood.innosoft.com\","
         "response=d388dad90d4bbd760a152321f2143af7,qop=auth"),
     ROW("rspauth=ea40f60335c427b5527b84dbabcdfffd")},
    {ROW("realm=\"elwood.innosoft.com\",nonce=\"OA9BSXrbuRhWay\",qop=\"auth\","
         "algorithm=md5-sess,charset=utf-8"),
     ROW("charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\","
         "nonce=\"OA9BSXrbuRhWay\",nc=00000001,cnonce=\"OA9BSuZWMSpW8m\","
         "digest-uri=\"acap/elwood.innosoft.com\","
         "response=6084c6db3fede7352c551284490fd0fc,qop=auth"),
     ROW("rspauth=2f0b3d7c3c2e486600ef710726aa2eae")},
};

/* What the client sends and what the server proves, each by its own role's side of the hash: the
 * machines themselves speak for `xmpp` alone, see tests/unit/test_sasl_peer.c. */
static void test_digest(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(digest_examples); i++) {
    const digest_example *e = &digest_examples[i];
    stox_sasl_directives asked;
    stox_sasl_directives said;
    stox_sasl_directives proved;
    unsigned char secret[STOX_SASL_DIGEST_SECRET];
    char hex[STOX_SASL_DIGEST_HEX];
    assert_status(stox_sasl_digest_read(&asked, e->challenge), STOX_OK);
    assert_status(stox_sasl_digest_read(&said, e->response), STOX_OK);
    assert_status(stox_sasl_digest_read(&proved, e->verdict), STOX_OK);
    assert_span_equal(said.nonce, asked.nonce);
    assert_span_equal(said.realm, asked.realm);
    assert_status(stox_sasl_digest_secret(secret, said.username, asked.realm, S("secret")),
                  STOX_OK);
    assert_status(stox_sasl_digest_response(hex, secret, &said, 0), STOX_OK);
    assert_span_equal(((stox_span){hex, sizeof hex}), said.response);
    assert_status(stox_sasl_digest_response(hex, secret, &said, 1), STOX_OK);
    assert_span_equal(((stox_span){hex, sizeof hex}), proved.rspauth);
  }
}

/* ---- RFC 4616 4 ---- */

static int ask_plain(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  const stox_span *password = ud;
  (void)answer;
  return q->kind == STOX_SASL_ASK_PASSWORD && stox_span_is_equal(q->password, *password)
             ? STOX_OK
             : STOX_E_AUTH;
}

static void run_plain_server(stox_span message, stox_span password, int condition) {
  sasl_pair_init(&pair);
  pair.server_options.ud = &password;
  pair.server_options.ask = ask_plain;
  assert_status(stox_sasl_server_new(&pair.server, &pair.server_options), STOX_OK);
  assert_status(stox_sasl_server_feed(
                    pair.server, sasl_say(&wire, STOX_SASL_AUTH, STOX_SASL_PLAIN, message), &out),
                STOX_OK);
  assert_int_equal(out.kind, condition == 0 ? STOX_SASL_SUCCESS : STOX_SASL_FAILURE);
  assert_int_equal(out.condition, condition);
  if (condition == 0) {
    assert_span_equal(stox_sasl_server_jid(pair.server), S("tim@example.com"));
  }
  stox_sasl_server_del(pair.server);
}

/* The second example acts for `Ursel`, which is no JID of a client (RFC 6120 6.3.8). */
static void test_plain(void **state) {
  (void)state;
  run_plain_server(S("\0tim\0tanstaaftanstaaf"), S("tanstaaftanstaaf"), 0);
  run_plain_server(S("\0tim\0tanstaaftanstaaF"), S("tanstaaftanstaaf"), STOX_SASL_NOT_AUTHORIZED);
  run_plain_server(S("Ursel\0Kurt\0xipj3plmq"), S("xipj3plmq"), STOX_SASL_INVALID_AUTHZID);
  sasl_pair_init(&pair);
  pair.client_options.mechanisms = STOX_SASL_PLAIN;
  pair.client_options.username = S("tim");
  pair.client_options.password = S("tanstaaftanstaaf");
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, STOX_SASL_PLAIN, &out), STOX_OK);
  assert_data(&out, S("\0tim\0tanstaaftanstaaf"));
  stox_sasl_client_del(pair.client);
  pair.client_options.username = S("Kurt");
  pair.client_options.authzid = S("ursel@example.com");
  pair.client_options.password = S("xipj3plmq");
  assert_status(stox_sasl_client_new(&pair.client, &pair.client_options), STOX_OK);
  assert_status(stox_sasl_client_start(pair.client, STOX_SASL_PLAIN, &out), STOX_OK);
  assert_data(&out, S("ursel@example.com\0Kurt\0xipj3plmq"));
  stox_sasl_client_del(pair.client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scram),
      cmocka_unit_test(test_digest),
      cmocka_unit_test(test_plain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
