/* SPDX-License-Identifier: MIT */
#include "c2s_support.h"

/* Both sides of a client's stream against each other. */

static const size_t pieces[] = {0, 1, 7};

static pair c;

static void meet(size_t n) {
  assert_status(pair_make(&c), STOX_OK);
  pair_run(&c, n);
}

static void assert_ready(const char *jid) {
  assert_span_equal(stox_stream_jid(party_stream(&c.client)), stox_span_text(jid));
  assert_span_equal(stox_stream_jid(party_stream(&c.server)), stox_span_text(jid));
  assert_true(stox_stream_is_ready(party_stream(&c.client)));
  assert_true(stox_stream_is_ready(party_stream(&c.server)));
}

/* STARTTLS, SASL, binding, a stanza each way, the end: whole and cut, answered at once and later:
 * "XC-5.1-03" "XC-5.1-14" "XC-5.1-15" "XC-6.2-15" "XC-7-03" "XC-7-04" "XC-7-05" "XC-7-09". */
static void test_session(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pieces) * 2; i++) {
    pair_init(&c);
    c.sasl.host.is_later = i % 2 != 0;
    meet(pieces[i / 2]);
    assert_string_equal(c.client.log, "TR");
    assert_string_equal(c.server.log, "TBR");
    assert_ready("user@example.com/balcony");
    assert_int_equal(stox_client_mechanism(c.client.client), STOX_SASL_SCRAM_SHA_256_PLUS);
    assert_int_equal(stox_c2s_mechanism(c.server.server), STOX_SASL_SCRAM_SHA_256_PLUS);
    assert_status(stox_stream_send(party_stream(&c.client), S("<message id='1'/>")), STOX_OK);
    assert_status(stox_stream_send(party_stream(&c.server), S("<message id='2'/>")), STOX_OK);
    pair_run(&c, pieces[i / 2]);
    assert_string_equal(c.server.text, "1");
    assert_string_equal(c.client.text, "2");
    assert_status(stox_client_close(c.client.client, 0), STOX_OK);
    pair_run(&c, pieces[i / 2]);
    assert_string_equal(c.client.log, "TRMCZ");
    assert_string_equal(c.server.log, "TBRMCZ");
    assert_status(c.client.status, STOX_OK);
    pair_free(&c);
  }
}

/* What TLS is asked for: the name that the user gave, and whose certificate is to be shown. */
static void test_secure(void **state) {
  (void)state;
  pair_init(&c);
  c.client_options.is_lenient = 1;
  c.client.stream_options.to = S("example.net");
  meet(0);
  assert_int_equal(c.client.secure.is_server, 0);
  assert_int_equal(c.client.secure.reference, STOX_REFERENCE_XMPP_SERVICE);
  assert_int_equal(c.client.secure.is_lenient, 1);
  assert_span_equal(c.client.secure.name, S("example.net"));
  assert_int_equal(c.server.secure.is_server, 1);
  assert_int_equal(c.server.secure.reference, STOX_REFERENCE_XMPP_CLIENT);
  assert_int_equal(c.server.secure.is_lenient, 1);
  assert_span_equal(c.server.secure.name, S(""));
  assert_span_equal(c.server.secure.local, S("example.net"));
  assert_ready("user@example.net/balcony");
  pair_free(&c);
  pair_init(&c);
  c.sasl.server_options.mechanisms = STOX_SASL_SCRAM_SHA_1;
  meet(0);
  assert_int_equal(c.server.secure.reference, 0);
  pair_free(&c);
}

/* A host that serves several domains is told which one is asked for, and by which stream. */
static int ask_host(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  sasl_host *host = ud;
  assert_span_equal(q->domain, S("example.net"));
  return sasl_ask(host, q, answer);
}

static void test_question(void **state) {
  (void)state;
  sasl_host own = {.user = "user", .password = "pencil"};
  pair_init(&c);
  c.client.stream_options.to = S("example.net");
  c.sasl.server_options.ask = ask_host;
  c.server_options.ud = &own;
  meet(0);
  assert_ready("user@example.net/balcony");
  assert_int_equal(own.n_asked, 1);
  assert_int_equal(c.sasl.host.n_asked, 0);
  pair_free(&c);
}

/* Every mechanism that both know, over TLS that stands from the first octet (XEP-0368): "XC-6.2-03"
 * "XC-6.2-04" "XC-6.2-06". */
static void test_mechanisms(void **state) {
  (void)state;
  for (uint32_t bit = 1; bit <= STOX_SASL_MECHANISMS_ALL; bit *= 2) {
    pair_init(&c);
    stox_peer peer = c.sasl.peer;
    peer.identities = S("XMPP:user@example.com\n");
    c.client.flow.peer = &c.peer;
    c.server.flow.peer = &peer;
    c.sasl.client_options.mechanisms = bit;
    c.sasl.client_options.has_certificate = 1;
    c.sasl.server_options.mechanisms = STOX_SASL_MECHANISMS_ALL;
    c.sasl.host.jid = S("user@example.com");
    meet(0);
    assert_string_equal(c.client.log, "R");
    assert_string_equal(c.server.log, "BR");
    assert_ready("user@example.com/balcony");
    assert_int_equal(stox_c2s_mechanism(c.server.server), (int)bit);
    pair_free(&c);
  }
}

/* The types of channel binding that both have are told and used (XEP-0440), beside what the host
 * offers. */
static void test_bindings(void **state) {
  (void)state;
  static const char ver[] = "<ver xmlns='urn:xmpp:features:rosterver'/>";
  static const stox_stream_offer caps = {.others = {ver, sizeof ver - 1}};
  static const char exporter[] = "<channel-binding type='tls-exporter'/>";
  static const char end_point[] = "<channel-binding type='tls-server-end-point'/>";
  for (unsigned i = 0; i < 8; i++) {
    pair_init(&c);
    stox_peer peer = c.sasl.peer;
    peer.channel_binding.n = (i & 1) != 0 ? peer.channel_binding.n : 0;
    peer.server_end_point.n = (i & 2) != 0 ? peer.server_end_point.n : 0;
    c.client.flow.peer = &c.peer;
    c.server.flow.peer = &peer;
    c.server_options.offer = (i & 4) != 0 ? &caps : NULL;
    meet(0);
    assert_int_equal(strstr(c.server.sent, exporter) != NULL, (i & 1) != 0);
    assert_int_equal(strstr(c.server.sent, end_point) != NULL, (i & 2) != 0);
    assert_int_equal(strstr(c.server.sent, "<ver ") != NULL, (i & 4) != 0);
    assert_ready("user@example.com/balcony");
    assert_int_equal(stox_c2s_mechanism(c.server.server),
                     (i & 3) != 0 ? STOX_SASL_SCRAM_SHA_256_PLUS : STOX_SASL_SCRAM_SHA_256);
    pair_free(&c);
  }
}

/* What was told of the peer is kept: each binding may be needed long after. */
static void test_kept(void **state) {
  (void)state;
  for (uint32_t bit = STOX_SASL_BIND_TLS_EXPORTER; bit <= STOX_SASL_BIND_TLS_SERVER_END_POINT;
       bit *= 2) {
    pair_init(&c);
    c.sasl.client_options.bindings = bit;
    meet(1);
    assert_ready("user@example.com/balcony");
    assert_int_equal(stox_c2s_mechanism(c.server.server), STOX_SASL_SCRAM_SHA_256_PLUS);
    pair_free(&c);
  }
}

/* What a client chooses of those by what the server tells, and what policy leaves it. */
static void test_untold_binding(void **state) {
  (void)state;
  static const struct {
    const char *told;
    uint32_t mechanisms;
    const char *want;
  } rows[] = {
      {"", STOX_SASL_MECHANISMS_DEFAULT, "'SCRAM-SHA-1'>biws"}, /* n,, */
      {"<channel-binding type='tls-unique'/>", STOX_SASL_MECHANISMS_DEFAULT, "'SCRAM-SHA-1'>biws"},
      {"<channel-binding type='tls-exporter'/>", STOX_SASL_MECHANISMS_DEFAULT,
       "'SCRAM-SHA-1-PLUS'>cD10bHMtZXhwb3J0ZXIs"}, /* p=tls-exporter, */
      {"<channel-binding type='tls-server-end-point'/>", STOX_SASL_MECHANISMS_DEFAULT,
       "'SCRAM-SHA-1-PLUS'>cD10bHMtc2VydmVyLWVuZC1wb2ludC"}, /* p=tls-server-end-point */
      {"", STOX_SASL_SCRAM_SHA_1_PLUS, "'SCRAM-SHA-1-PLUS'>cD10bHMtZXhwb3J0ZXIs"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char features[1024];
    pair_init(&c);
    c.client.flow.peer = &c.peer;
    c.sasl.client_options.mechanisms = rows[i].mechanisms;
    assert_status(pair_make(&c), STOX_OK);
    party_pull(&c.client);
    (void)party_said(&c.client);
    (void)snprintf(features, sizeof features,
                   "%s<stream:features><mechanisms %s><mechanism>SCRAM-SHA-1-PLUS</mechanism>"
                   "<mechanism>SCRAM-SHA-1</mechanism></mechanisms>"
                   "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>%s</sasl-channel-binding>"
                   "</stream:features>",
                   ANSWER, SASL, rows[i].told);
    party_say(&c.client, features);
    assert_non_null(strstr(party_said(&c.client), rows[i].want));
    pair_free(&c);
  }
}

typedef struct policy {
  int client;
  int server;
  int is_refused;
  const char *client_log;
  const char *server_log;
  int status;
  int mechanism;
} policy;

/* Who wants TLS, and who has it: "XC-5.1-02" "XC-5.1-06" "XC-5.1-16" "XC-5.2-07". */
static void test_policy(void **state) {
  (void)state;
  enum { REQUIRED = STOX_C2S_TLS_REQUIRED, OPTIONAL = STOX_C2S_TLS_OPTIONAL };
  enum { NONE = STOX_C2S_TLS_NONE };
  static const policy rows[] = {
      {REQUIRED, OPTIONAL, 0, "TR", "TBR", 0, STOX_SASL_SCRAM_SHA_256_PLUS},
      {REQUIRED, NONE, 0, "CZ", "CZ", STOX_E_REFUSED, 0},
      {REQUIRED, REQUIRED, 1, "TCZ", "TCZ", STOX_E_AUTH, 0},
      {OPTIONAL, REQUIRED, 0, "TR", "TBR", 0, STOX_SASL_SCRAM_SHA_256_PLUS},
      {OPTIONAL, OPTIONAL, 0, "TR", "TBR", 0, STOX_SASL_SCRAM_SHA_256_PLUS},
      {OPTIONAL, NONE, 0, "R", "BR", 0, STOX_SASL_SCRAM_SHA_256},
      {NONE, OPTIONAL, 0, "R", "BR", 0, STOX_SASL_SCRAM_SHA_256},
      {NONE, REQUIRED, 0, "CZ", "CZ", STOX_E_UNSUPPORTED, 0},
      {NONE, NONE, 0, "R", "BR", 0, STOX_SASL_SCRAM_SHA_256},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    pair_init(&c);
    c.client_options.tls = rows[i].client;
    c.server_options.tls = rows[i].server;
    c.client.is_tls_refused = rows[i].is_refused;
    meet(0);
    assert_string_equal(c.client.log, rows[i].client_log);
    assert_string_equal(c.server.log, rows[i].server_log);
    assert_status(c.client.status, rows[i].status);
    assert_int_equal(stox_c2s_mechanism(c.server.server), rows[i].mechanism);
    pair_free(&c);
  }
}

/* Who is refused gives up in good order, and cannot be told from who is no user: "XC-6.2-12". */
static void test_refused(void **state) {
  (void)state;
  static const struct {
    const char *user;
    const char *password;
    int condition;
    int want;
  } rows[] = {
      {"user", "wrong", 0, STOX_SASL_NOT_AUTHORIZED},
      {"nobody", "pencil", 0, STOX_SASL_NOT_AUTHORIZED},
      {"user", "pencil", STOX_SASL_ACCOUNT_DISABLED, STOX_SASL_ACCOUNT_DISABLED},
      {"user", "pencil", STOX_SASL_CREDENTIALS_EXPIRED, STOX_SASL_CREDENTIALS_EXPIRED},
  };
  static const int mechanisms[] = {STOX_SASL_SCRAM_SHA_1, STOX_SASL_PLAIN};
  for (size_t i = 0; i < COUNT(rows) * 2; i++) {
    pair_init(&c);
    c.sasl.client_options.username = stox_span_text(rows[i / 2].user);
    c.sasl.client_options.password = stox_span_text(rows[i / 2].password);
    c.sasl.client_options.mechanisms = (uint32_t)mechanisms[i % 2];
    c.sasl.host.condition = rows[i / 2].condition;
    meet(0);
    assert_string_equal(c.client.log, "TfCZ");
    assert_string_equal(c.server.log, "TfCZ");
    assert_status(c.client.status, STOX_E_AUTH);
    assert_status(c.server.status, STOX_OK);
    assert_int_equal(c.client.refusal, rows[i / 2].want);
    assert_int_equal(c.server.refusal, rows[i / 2].want);
    assert_int_equal(c.server.refused_mechanism, mechanisms[i % 2]);
    assert_int_equal(c.client.refused_mechanism, mechanisms[i % 2]);
    assert_span_equal(stox_stream_identities(party_stream(&c.server)), S(""));
    pair_free(&c);
  }
}

/* Nothing in common: no mechanism is tried. */
static void test_nothing_in_common(void **state) {
  (void)state;
  pair_init(&c);
  c.sasl.client_options.mechanisms = STOX_SASL_PLAIN;
  c.sasl.server_options.mechanisms = STOX_SASL_SCRAM_SHA_1;
  meet(0);
  assert_string_equal(c.client.log, "TCZ");
  assert_status(c.client.status, STOX_E_UNSUPPORTED);
  pair_free(&c);
}

/* Credentials are asked for, and again after a refusal, so often and no more. */
static void test_ask(void **state) {
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    pair_init(&c);
    c.client_options.ask = pair_ask;
    c.is_asked_later = i % 2 != 0;
    c.credentials[0] = (stox_client_credentials){S("user"), S("wrong")};
    c.credentials[1] = i < 2 ? (stox_client_credentials){S("user"), S("pencil")} : c.credentials[0];
    c.credentials[2] = c.credentials[1];
    meet(1);
    assert_string_equal(c.client.log, i < 2 ? "TfR" : "TfffXCZ");
    assert_int_equal(c.n_asked, i < 2 ? 2 : 3);
    assert_int_equal(c.asked_for[0], STOX_SASL_NONE);
    assert_int_equal(c.asked_for[1], STOX_SASL_NOT_AUTHORIZED);
    pair_free(&c);
  }
}

/* A host that has no credentials, now or later. */
static int refuse(void *ud, int condition, stox_client_credentials *out) {
  (void)out;
  assert_int_equal(condition, STOX_SASL_NONE);
  return *(int *)ud;
}

static void test_no_credentials(void **state) {
  (void)state;
  static const int answers[] = {STOX_E_NONE, STOX_E_CLOSED, STOX_E_MORE};
  for (size_t i = 0; i < COUNT(answers); i++) {
    int answer = answers[i];
    pair_init(&c);
    c.client_options.ask = refuse;
    c.client_options.ud = &answer;
    meet(0);
    if (answer == STOX_E_MORE) {
      assert_string_equal(c.client.log, "T");
      assert_status(stox_client_answer(c.client.client, STOX_E_TIMEOUT, NULL, 0), STOX_OK);
      assert_status(stox_client_answer(c.client.client, STOX_E_TIMEOUT, NULL, 0), STOX_E_STATE);
      pair_run(&c, 0);
    }
    assert_string_equal(c.client.log, "TCZ");
    assert_status(c.client.status, i == 0   ? STOX_E_UNSUPPORTED
                                   : i == 1 ? STOX_E_CLOSED
                                            : STOX_E_TIMEOUT);
    pair_free(&c);
  }
}

typedef struct bound {
  const char *resource; /* NULL: absent */
  int condition;        /* of the first answer; 0: granted */
  const char *client_log;
  const char *jid; /* its start; NULL: none */
} bound;

/* Each way that binding may go: "XC-7-06" "XC-7-07" "XC-7-08" "XC-7-11" "XC-7-12" "XC-7-13". What
 * may be replaced is, and the rest ends the stream. */
static void test_bind(void **state) {
  (void)state;
  static const bound rows[] = {
      {"balcony", 0, "TR", "user@example.com/balcony"},
      {NULL, 0, "TR", "user@example.com/"},
      {"balcony", STOX_COND_CONFLICT, "TbR", "user@example.com/"},
      {"balcony", STOX_COND_BAD_REQUEST, "TbR", "user@example.com/"},
      {"balcony", STOX_COND_NOT_ALLOWED, "TbCZ", NULL},
      {"balcony", STOX_COND_RESOURCE_CONSTRAINT, "TbCZ", NULL},
      {NULL, STOX_COND_CONFLICT, "TbCZ", NULL},
      {"\x01", 0, "TCZ", NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    pair_init(&c);
    c.client_options.resource = stox_span_text(rows[i].resource);
    c.server.bind_condition = rows[i].condition;
    meet(0);
    assert_string_equal(c.client.log, rows[i].client_log);
    const stox_span jid = stox_stream_jid(party_stream(&c.client));
    if (rows[i].jid == NULL) {
      assert_int_equal(jid.n, 0);
      assert_status(c.client.status, rows[i].condition == 0 ? STOX_E_CTRL : STOX_E_REFUSED);
    } else {
      const size_t n = strlen(rows[i].jid);
      assert_span_equal(stox_span_slice(jid, 0, n), stox_span_text(rows[i].jid));
      assert_int_equal(jid.n, rows[i].jid[n - 1] == '/' ? n + 32 : n);
    }
    pair_free(&c);
  }
}

/* The flow is held: nothing leaves, on either side. */
static void test_hold(void **state) {
  (void)state;
  pair_init(&c);
  meet(0);
  assert_status(stox_client_hold(c.client.client, PARTY_FLOW + 1, 1), STOX_E_STATE);
  assert_status(stox_c2s_hold(c.server.server, PARTY_FLOW + 1, 1), STOX_E_STATE);
  assert_status(stox_client_hold(c.client.client, PARTY_FLOW, 1), STOX_OK);
  assert_status(stox_c2s_hold(c.server.server, PARTY_FLOW, 1), STOX_OK);
  assert_status(stox_stream_send(party_stream(&c.client), S("<message id='1'/>")), STOX_OK);
  assert_status(stox_stream_send(party_stream(&c.server), S("<message id='2'/>")), STOX_OK);
  pair_run(&c, 0);
  assert_string_equal(c.client.log, "TR");
  assert_string_equal(c.server.log, "TBR");
  assert_status(stox_client_hold(c.client.client, PARTY_FLOW, 0), STOX_OK);
  assert_status(stox_c2s_hold(c.server.server, PARTY_FLOW, 0), STOX_OK);
  pair_run(&c, 0);
  assert_string_equal(c.client.log, "TRM");
  assert_string_equal(c.server.log, "TBRM");
  pair_free(&c);
}

/* A stream that is ready and quiet holds little: SASL, the peer and the search are gone. */
static void test_idle(void **state) {
  (void)state;
  enum { IDLE_MAX = 8192 };
  pair_init(&c);
  meet(0);
  assert_ready("user@example.com/balcony");
  print_message("an idle stream: server %zu octets, client %zu\n", c.server.memory.live,
                c.client.memory.live);
  assert_true(c.server.memory.live <= IDLE_MAX && c.client.memory.live <= IDLE_MAX);
  pair_free(&c);
}

/* Whatever lack of memory hits, a side ends in order or never was, and gives all back. */
static void run_out_of_memory(int is_client, size_t at) {
  party *p = is_client ? &c.client : &c.server;
  pair_init(&c);
  p->memory.fail_at = at;
  if (pair_make(&c) == STOX_OK) {
    pair_run(&c, 0);
    assert_true(p->n_log > 0 && (p->log[p->n_log - 1] == 'Z' || p->log[p->n_log - 1] == 'R'));
  }
  pair_free(&c);
}

static void test_memory(void **state) {
  (void)state;
  for (int is_client = 0; is_client < 2; is_client++) {
    pair_init(&c);
    meet(0);
    const size_t n = is_client ? c.client.memory.calls : c.server.memory.calls;
    pair_free(&c);
    assert_true(n > 20);
    for (size_t i = 1; i <= n; i++) {
      run_out_of_memory(is_client, i);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_session),
      cmocka_unit_test(test_secure),
      cmocka_unit_test(test_mechanisms),
      cmocka_unit_test(test_policy),
      cmocka_unit_test(test_kept),
      cmocka_unit_test(test_bindings),
      cmocka_unit_test(test_untold_binding),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_nothing_in_common),
      cmocka_unit_test(test_ask),
      cmocka_unit_test(test_no_credentials),
      cmocka_unit_test(test_bind),
      cmocka_unit_test(test_hold),
      cmocka_unit_test(test_question),
      cmocka_unit_test(test_idle),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
