/* SPDX-License-Identifier: MIT */
#include "sasl_support.h"

#include "session/sasl_digest.h"

/* Both roles against each other, and against what an independent program computed. */

/* ---- SCRAM, word for word ---- */

typedef struct script {
  int mechanism;
  uint32_t bindings;
  stox_span authzid;
  stox_span says[4];
} script;

/* "XC-14.6-01": tls-exporter and tls-server-end-point. "XC-6.3-05": whom a client acts for is told
 * where it is not the default. */
static const script scripts[] = {
    {STOX_SASL_SCRAM_SHA_1,
     3,
     {NULL, 0},
     {ROW("n,,n=user,r=AAECAwQFBgcICQoLDA0ODxAR"),
      ROW("r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,s=AAECAwQFBgcICQoLDA0ODw==,i=4096"),
      ROW("c=biws,r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,"
          "p=eG2YEOgLLa6Kheltw6hOp5WXYr8="),
      ROW("v=FbnGPmOQz14M6pqRpmup1x5L350=")}},
    {STOX_SASL_SCRAM_SHA_256,
     3,
     {NULL, 0},
     {ROW("n,,n=user,r=AAECAwQFBgcICQoLDA0ODxAR"),
      ROW("r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,s=AAECAwQFBgcICQoLDA0ODw==,i=4096"),
      ROW("c=biws,r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,"
          "p=jwTTi/hfL6HPjUj8J2k2OeDqGRiicpR6sH9Rc+cviBo="),
      ROW("v=AZ4kMELbm1e3Rdj2L2CWvUkUbEdHsrtSTLK9n2N0pF8=")}},
    {STOX_SASL_SCRAM_SHA_256_PLUS,
     3,
     {NULL, 0},
     {ROW("p=tls-exporter,,n=user,r=AAECAwQFBgcICQoLDA0ODxAR"),
      ROW("r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,s=AAECAwQFBgcICQoLDA0ODw==,i=4096"),
      ROW("c=cD10bHMtZXhwb3J0ZXIsLMjJysvMzc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn,"
          "r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,"
          "p=NUg2BUnVOpTeljOYuhaq1UKYP+jHkBc1QOyflUPdQdQ="),
      ROW("v=OnB7P166d+8zJ/ECC4XnwCkL537WOo0VLPmoS0sppoU=")}},
    {STOX_SASL_SCRAM_SHA_1_PLUS,
     STOX_SASL_BIND_TLS_SERVER_END_POINT,
     ROW("Other@Example.com"),
     {ROW("p=tls-server-end-point,a=other@example.com,n=user,r=AAECAwQFBgcICQoLDA0ODxAR"),
      ROW("r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,s=AAECAwQFBgcICQoLDA0ODw==,i=4096"),
      ROW("c=cD10bHMtc2VydmVyLWVuZC1wb2ludCxhPW90aGVyQGV4YW1wbGUuY29tLGRlZmdoaWprbG1ub3BxcnN0dXZ"
          "3eHl6e3x9fn+AgYKD,r=AAECAwQFBgcICQoLDA0ODxARZGVmZ2hpamtsbW5vcHFyc3R1,"
          "p=0AEVocK5Kv8je6DaIs005TNQhD0="),
      ROW("v=skCW5J7qXlrZLzeT2Aq/+RDU1do=")}},
};

typedef struct listener {
  const script *script;
  size_t at;
} listener;

static void hear(void *ud, stox_sasl_message *message) {
  listener *l = ud;
  assert_true(l->at < 4);
  assert_data(message, l->script->says[l->at++]);
}

static void test_words(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(scripts) * 2; i++) {
    const script *s = &scripts[i / 2];
    listener l = {s, 0};
    sasl_pair pair;
    sasl_pair_init(&pair);
    pair.host.is_later = i % 2 != 0;
    pair.host.jid = S("other@example.com");
    pair.client_options.mechanisms = (uint32_t)s->mechanism;
    pair.client_options.bindings = s->bindings;
    pair.client_options.authzid = s->authzid;
    sasl_pair_open(&pair);
    assert_status(sasl_pair_run(&pair, hear, &l), STOX_OK);
    assert_int_equal(l.at, 4);
    assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DONE);
    assert_int_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_DONE);
    assert_int_equal(stox_sasl_server_mechanism(pair.server), s->mechanism);
    assert_int_equal(stox_sasl_client_mechanism(pair.client), s->mechanism);
    assert_span_equal(stox_sasl_server_jid(pair.server),
                      s->authzid.n > 0 ? S("other@example.com") : S("user@example.com"));
    sasl_pair_close(&pair);
  }
}

/* ---- every mechanism ---- */

static const char client_cert[] = "XMPP:user@example.com\nDNS:mail.example.com\n";
static const char server_cert[] = "DNS:example.org\n";

/* "XC-6.2-10" "XC-6.3-02" "XC-14.4-05" "XC-14.7-03" "XC-3.5-02". "XC-6.3-05": of servers the
 * identity is the sending domain. */
static void run_mechanism(int mechanism, int stream, int is_later) {
  sasl_pair pair;
  sasl_pair_init(&pair);
  const int is_server = stream == STOX_SASL_SERVER_STREAM;
  pair.host.user = is_server ? "example.org" : "user";
  pair.host.is_later = is_later;
  pair.peer.identities = stox_span_text(is_server ? server_cert : client_cert);
  pair.client_options.stream = stream;
  pair.server_options.stream = stream;
  pair.server_options.from = is_server ? S("example.org") : (stox_span){NULL, 0};
  pair.client_options.username = stox_span_text(pair.host.user);
  pair.client_options.has_certificate = 1;
  pair.client_options.mechanisms = (uint32_t)mechanism;
  pair.server_options.mechanisms = STOX_SASL_MECHANISMS_ALL;
  pair.host.jid = is_server ? S("example.org") : S("user@example.com");
  sasl_pair_open(&pair);
  assert_int_equal(stox_sasl_server_mechanisms(pair.server), STOX_SASL_MECHANISMS_ALL);
  assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_OK);
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DONE);
  assert_int_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_DONE);
  assert_span_equal(stox_sasl_server_jid(pair.server), pair.host.jid);
  sasl_wire wire;
  stox_sasl_message out;
  assert_status(
      stox_sasl_server_feed(pair.server, sasl_say(&wire, STOX_SASL_AUTH, mechanism, S("")), &out),
      STOX_E_STATE);
  assert_status(stox_sasl_client_feed(pair.client, &out, &out), STOX_E_STATE);
  assert_status(stox_sasl_client_start(pair.client, 127, &out), STOX_E_STATE);
  sasl_pair_close(&pair);
}

static void test_mechanisms(void **state) {
  (void)state;
  for (int bit = STOX_SASL_EXTERNAL; bit <= STOX_SASL_PLAIN; bit *= 2) {
    for (int how = 0; how < 4; how++) {
      run_mechanism(bit, how & 1, how >> 1);
    }
  }
}

/* A name of one letter is one. */
static void test_short_name(void **state) {
  (void)state;
  for (int bit = STOX_SASL_SCRAM_SHA_256_PLUS; bit <= STOX_SASL_PLAIN; bit *= 2) {
    sasl_pair pair;
    sasl_pair_init(&pair);
    pair.host.user = "u";
    pair.client_options.username = S("u");
    pair.client_options.mechanisms = (uint32_t)bit;
    pair.server_options.mechanisms = STOX_SASL_MECHANISMS_ALL;
    sasl_pair_open(&pair);
    assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_OK);
    assert_span_equal(stox_sasl_server_jid(pair.server), S("u@example.com"));
    sasl_pair_close(&pair);
  }
}

/* ---- what may not succeed ---- */

/* Credentials that are wrong, and who is no user, by every mechanism with a password. "XC-6.4-06":
 * the failures, and the challenges before them, have the same form. */
static void run_wrong(int mechanism, const char *user, const char *password, size_t *length) {
  sasl_pair pair;
  stox_sasl_message up;
  stox_sasl_message down;
  sasl_pair_init(&pair);
  pair.client_options.username = stox_span_text(user);
  pair.client_options.password = stox_span_text(password);
  pair.client_options.mechanisms = (uint32_t)mechanism;
  pair.server_options.mechanisms = STOX_SASL_MECHANISMS_ALL;
  sasl_pair_open(&pair);
  assert_status(stox_sasl_client_start(pair.client, 127, &up), STOX_OK);
  assert_status(sasl_server_say(&pair, &up, &down), STOX_OK);
  *length = down.data.n;
  while (down.kind == STOX_SASL_CHALLENGE) {
    assert_status(stox_sasl_client_feed(pair.client, &down, &up), STOX_OK);
    assert_status(sasl_server_say(&pair, &up, &down), STOX_OK);
  }
  assert_failure(&down, STOX_SASL_NOT_AUTHORIZED);
  assert_null(down.text.p);
  assert_int_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_OPEN);
  assert_null(stox_sasl_server_jid(pair.server).p);
  assert_status(stox_sasl_client_feed(pair.client, &down, &up), STOX_E_REFUSED);
  assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_NOT_AUTHORIZED);
  /* No other mechanism gets the password. */
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_IDLE);
  assert_status(stox_sasl_client_start(pair.client, 127, &up), STOX_E_NONE);
  sasl_pair_close(&pair);
}

static void test_wrong(void **state) {
  (void)state;
  for (int bit = STOX_SASL_SCRAM_SHA_256_PLUS; bit <= STOX_SASL_PLAIN; bit *= 2) {
    size_t wrong = 0;
    size_t unknown = 0;
    run_wrong(bit, "user", "pencils", &wrong);
    run_wrong(bit, "resu", "pencil", &unknown);
    assert_int_equal(wrong, unknown);
  }
}

/* Every octet of every message of SCRAM with one bit changed: the client never succeeds. */
typedef struct meddler {
  size_t message; /* which one */
  size_t octet;
  unsigned bit;
  size_t heard;
  int is_past; /* the message has no such octet */
  char text[4096];
} meddler;

static void meddle(void *ud, stox_sasl_message *message) {
  meddler *m = ud;
  char room[4096];
  stox_buf octets;
  stox_buf again;
  if (m->heard++ != m->message) {
    return;
  }
  stox_buf_init(&octets, room, sizeof room);
  (void)stox_sasl_data_parse(&octets, message->data);
  m->is_past = m->octet >= octets.len;
  if (!m->is_past) {
    room[m->octet] = (char)(room[m->octet] ^ (1 << m->bit));
    stox_buf_init(&again, m->text, sizeof m->text);
    assert_status(stox_sasl_data_write(&again, stox_buf_span(&octets)), STOX_OK);
    message->data = stox_buf_span(&again);
  }
}

static int run_meddled(meddler *m, int mechanism) {
  sasl_pair pair;
  sasl_pair_init(&pair);
  pair.client_options.iterations_min = 1;
  pair.client_options.iterations_max = 9999;
  pair.client_options.mechanisms = (uint32_t)mechanism;
  sasl_pair_open(&pair);
  const int status = sasl_pair_run(&pair, meddle, m);
  const int is_done = stox_sasl_client_state(pair.client) == STOX_SASL_CLIENT_DONE;
  if (!m->is_past) {
    assert_true(status != STOX_OK && !is_done);
    if (m->message < 3) {
      assert_int_not_equal(stox_sasl_server_state(pair.server), STOX_SASL_SERVER_DONE);
    }
  }
  sasl_pair_close(&pair);
  return !m->is_past;
}

static void test_meddled(void **state) {
  (void)state;
  size_t runs = 0;
  for (size_t message = 0; message < 4; message++) {
    int goes_on = 1;
    for (size_t octet = 0; goes_on; octet++) {
      meddler m = {.message = message, .octet = octet, .bit = (unsigned)(octet * 5 + message) % 8};
      goes_on = run_meddled(&m, STOX_SASL_SCRAM_SHA_1_PLUS);
      runs += (size_t)goes_on;
    }
  }
  assert_true(runs > 200);
}

/* ---- channel binding and downgrades ---- */

/* Somebody takes -PLUS off the server's list: the client says `y`, and the server finds out. */
static void test_downgrade(void **state) {
  (void)state;
  sasl_pair pair;
  stox_sasl_message up;
  stox_sasl_message down;
  sasl_pair_init(&pair);
  sasl_pair_open(&pair);
  const uint32_t hidden = STOX_SASL_SCRAM_SHA_256 | STOX_SASL_SCRAM_SHA_1;
  assert_status(stox_sasl_client_start(pair.client, hidden, &up), STOX_OK);
  assert_data(&up, S("y,,n=user,r=AAECAwQFBgcICQoLDA0ODxAR"));
  assert_status(sasl_server_say(&pair, &up, &down), STOX_OK);
  assert_failure(&down, STOX_SASL_NOT_AUTHORIZED);
  assert_int_equal(pair.host.n_asked, 0);
  sasl_pair_close(&pair);
  /* A server that really has none takes it. */
  sasl_pair_init(&pair);
  pair.server_options.mechanisms = hidden;
  sasl_pair_open(&pair);
  assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_OK);
  assert_int_equal(stox_sasl_client_state(pair.client), STOX_SASL_CLIENT_DONE);
  sasl_pair_close(&pair);
}

/* Where the server offers some -PLUS, and another mechanism is better, nothing was taken away. */
static void test_no_downgrade(void **state) {
  (void)state;
  sasl_pair pair;
  stox_sasl_message up;
  stox_sasl_message down;
  sasl_pair_init(&pair);
  sasl_pair_open(&pair);
  const uint32_t offered = STOX_SASL_SCRAM_SHA_256 | STOX_SASL_SCRAM_SHA_1_PLUS;
  assert_status(stox_sasl_client_start(pair.client, offered, &up), STOX_OK);
  assert_data(&up, S("n,,n=user,r=AAECAwQFBgcICQoLDA0ODxAR"));
  assert_status(sasl_server_say(&pair, &up, &down), STOX_OK);
  assert_int_equal(down.kind, STOX_SASL_CHALLENGE);
  sasl_pair_close(&pair);
}

/* ---- DIGEST-MD5 by somebody who computes for himself ---- */

typedef struct digest_row {
  const char *username;
  const char *nonce;
  int is_secret_known; /* 0: the secret is zeros, as in an answer that nobody filled */
  int kind;
} digest_row;

static const digest_row digest_rows[] = {
    {"user", "ZGVmZ2hpamtsbW5vcHFyc3R1", 1, STOX_SASL_CHALLENGE},
    {"user", "AAAAZ2hpamtsbW5vcHFyc3R1", 1, STOX_SASL_FAILURE}, /* of an exchange overheard */
    {"user", "ZGVmZ2hpamtsbW5vcHFyc3R1", 0, STOX_SASL_FAILURE},
    {"resu", "ZGVmZ2hpamtsbW5vcHFyc3R1", 0, STOX_SASL_FAILURE}, /* no such user, no secret */
};

static void run_digest(const digest_row *r) {
  unsigned char secret[STOX_SASL_DIGEST_SECRET] = {0};
  char hex[STOX_SASL_DIGEST_HEX];
  char text[512];
  sasl_pair pair;
  sasl_wire wire;
  stox_sasl_message out;
  const stox_sasl_directives d = {.nonce = stox_span_text(r->nonce),
                                  .cnonce = S("c"),
                                  .nc = S("00000001"),
                                  .digest_uri = S("xmpp/example.com")};
  if (r->is_secret_known) {
    assert_status(
        stox_sasl_digest_secret(secret, stox_span_text(r->username), S("example.com"), S("pencil")),
        STOX_OK);
  }
  assert_status(stox_sasl_digest_response(hex, secret, &d, 0), STOX_OK);
  const int n = snprintf(text, sizeof text,
                         "username=\"%s\",realm=\"example.com\",nonce=\"%s\",cnonce=\"c\","
                         "nc=00000001,qop=auth,digest-uri=\"xmpp/example.com\",response=%.32s",
                         r->username, r->nonce, hex);
  sasl_pair_init(&pair);
  pair.server_options.mechanisms = STOX_SASL_DIGEST_MD5;
  sasl_pair_open(&pair);
  const stox_span none = {NULL, 0};
  assert_status(
      sasl_server_say(&pair, sasl_say(&wire, STOX_SASL_AUTH, STOX_SASL_DIGEST_MD5, none), &out),
      STOX_OK);
  assert_int_equal(out.kind, STOX_SASL_CHALLENGE);
  const stox_span response = {text, (size_t)n};
  assert_status(sasl_server_say(&pair, sasl_say(&wire, STOX_SASL_RESPONSE, 0, response), &out),
                STOX_OK);
  assert_int_equal(out.kind, r->kind);
  if (r->kind == STOX_SASL_FAILURE) {
    assert_failure(&out, STOX_SASL_NOT_AUTHORIZED);
  }
  sasl_pair_close(&pair);
}

static void test_digest(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(digest_rows); i++) {
    run_digest(&digest_rows[i]);
  }
}

/* Two TLS sessions with somebody between them. */
static void test_other_channel(void **state) {
  (void)state;
  for (uint32_t bindings = 1; bindings <= 2; bindings++) {
    sasl_pair pair;
    stox_peer other;
    char exporter[32];
    char end_point[32];
    sasl_pair_init(&pair);
    other = pair.peer;
    /* As long as what it should be, and differing in its last octet. */
    memcpy(exporter, sasl_exporter, sizeof exporter);
    memcpy(end_point, sasl_end_point, sizeof end_point);
    exporter[31] ^= 1;
    end_point[31] ^= 1;
    other.channel_binding.p = exporter;
    other.server_end_point.p = end_point;
    pair.client_options.bindings = bindings;
    pair.client_options.peer = &other;
    sasl_pair_open(&pair);
    assert_status(sasl_pair_run(&pair, NULL, NULL), STOX_E_REFUSED);
    assert_int_equal(stox_sasl_client_mechanism(pair.client), STOX_SASL_SCRAM_SHA_256_PLUS);
    assert_int_equal(stox_sasl_client_condition(pair.client), STOX_SASL_NOT_AUTHORIZED);
    sasl_pair_close(&pair);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_short_name),    cmocka_unit_test(test_words),
      cmocka_unit_test(test_mechanisms),    cmocka_unit_test(test_wrong),
      cmocka_unit_test(test_meddled),       cmocka_unit_test(test_no_downgrade),
      cmocka_unit_test(test_digest),        cmocka_unit_test(test_downgrade),
      cmocka_unit_test(test_other_channel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
