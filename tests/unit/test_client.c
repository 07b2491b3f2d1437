/* SPDX-License-Identifier: MIT */
#include "c2s_support.h"

/* What a client does with a server that refuses it, errs or lies, and with connections. */

static pair c;

/* A client behind TLS that stands and has sent its header. */
static party *call(void) {
  c.client.flow.peer = &c.peer;
  assert_status(
      stox_client_new(&c.client.client, &c.client_options, &c.client.flow, c.client.now_ns),
      STOX_OK);
  party_pull(&c.client);
  (void)party_said(&c.client);
  return &c.client;
}

#define OFFER(mechanisms)                                                                          \
  "<stream:features><mechanisms " SASL ">" mechanisms "</mechanisms></stream:features>"

/* Each failure that a server may give, of either vintage, is understood, the others are
 * not-authorized; one about the mechanism leads to the next: "XC-6.4-08". */
static void test_told_failures(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int condition;
    int goes_on;
  } rows[] = {
      {"aborted", STOX_SASL_ABORTED, 0},
      {"account-disabled", STOX_SASL_ACCOUNT_DISABLED, 0},
      {"credentials-expired", STOX_SASL_CREDENTIALS_EXPIRED, 0},
      {"encryption-required", STOX_SASL_ENCRYPTION_REQUIRED, 0},
      {"incorrect-encoding", STOX_SASL_INCORRECT_ENCODING, 0},
      {"invalid-authzid", STOX_SASL_INVALID_AUTHZID, 0},
      {"invalid-mechanism", STOX_SASL_INVALID_MECHANISM, 1},
      {"malformed-request", STOX_SASL_MALFORMED_REQUEST, 0},
      {"mechanism-too-weak", STOX_SASL_MECHANISM_TOO_WEAK, 1},
      {"not-authorized", STOX_SASL_NOT_AUTHORIZED, 0},
      {"temporary-auth-failure", STOX_SASL_TEMPORARY_AUTH_FAILURE, 0},
      {"no-such-condition", STOX_SASL_NOT_AUTHORIZED, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char failure[256];
    pair_init(&c);
    party *p = call();
    party_say(p, ANSWER OFFER("<mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism>"));
    assert_non_null(strstr(party_said(p), "mechanism='SCRAM-SHA-1'"));
    (void)snprintf(failure, sizeof failure,
                   "<failure " SASL "><%s/><text xml:lang='en'>Why</text></failure>", rows[i].name);
    party_say(p, failure);
    assert_int_equal(p->refusal, rows[i].condition);
    assert_int_equal(p->refused_mechanism, STOX_SASL_SCRAM_SHA_1);
    assert_string_equal(p->text, "Why");
    assert_non_null(
        strstr(party_said(p), rows[i].goes_on ? "mechanism='PLAIN'" : "</stream:stream>"));
    party_say(p, "</stream:stream>");
    assert_status(p->status, rows[i].goes_on ? STOX_OK : STOX_E_AUTH);
    pair_free(&c);
  }
}

/* A server that is not who it must be is left: success without a proof, what it may not say now. */
static void test_false_server(void **state) {
  (void)state;
  static const char *const rows[] = {
      "<success " SASL "/>",
      "<success " SASL ">dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9</success>",
      "<success " SASL ">=</success>",
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    pair_init(&c);
    party *p = call();
    party_say(p, ANSWER OFFER("<mechanism>SCRAM-SHA-1</mechanism>"));
    (void)party_said(p);
    party_say(p, rows[i]);
    assert_string_equal(party_said(p), "</stream:stream>");
    party_say(p, "</stream:stream>");
    assert_status(p->status, STOX_E_AUTH);
    pair_free(&c);
  }
  pair_init(&c);
  party *p = call();
  party_say(p, ANSWER "<stream:features/>");
  assert_string_equal(party_said(p), "</stream:stream>");
  party_say(p, "<success " SASL "/></stream:stream>");
  assert_status(p->status, STOX_E_UNSUPPORTED);
  pair_free(&c);
}

/* Whoever did TLS, a certificate that is not valid, or for another domain, ends it, unless the host
 * is lenient; and then no password goes out in the clear where it is not valid: "XC-5.1-10"
 * "XC-5.1-11". */
static void test_certificate(void **state) {
  (void)state;
  static const struct {
    int verified;
    const char *identities;
    int is_lenient;
    int status;
  } rows[] = {
      {1, "DNS:example.com\n", 0, STOX_OK},
      {1, "DNS:other.example\nSRV:_xmpp-client.example.com\n", 0, STOX_OK},
      {1, "XMPP:example.com\n", 0, STOX_OK},
      {0, "DNS:example.com\n", 0, STOX_E_AUTH},
      {1, "DNS:example.org\n", 0, STOX_E_AUTH},
      {1, "DNS:*.example.com\n", 0, STOX_E_AUTH},
      {1, "SRV:_xmpp-server.example.com\n", 0, STOX_E_AUTH},
      {1, "", 0, STOX_E_AUTH},
      {0, "", 1, STOX_OK},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_client *client = NULL;
    pair_init(&c);
    c.client_options.is_lenient = rows[i].is_lenient;
    c.peer.verified = rows[i].verified;
    c.peer.identities = stox_span_text(rows[i].identities);
    c.client.flow.peer = &c.peer;
    assert_status(stox_client_new(&client, &c.client_options, &c.client.flow, 0), rows[i].status);
    stox_client_del(client);

    c.client.flow.peer = NULL;
    assert_status(pair_make(&c), STOX_OK);
    pair_run(&c, 0);
    assert_string_equal(c.client.log, rows[i].status == STOX_OK ? "TR" : "TCZ");
    assert_status(c.client.status, rows[i].status);
    pair_free(&c);
  }
}

/* A server that offers nothing to bind, or is older than SASL, has nothing for us. */
static void test_useless_server(void **state) {
  (void)state;
  pair_init(&c);
  c.sasl.client_options.mechanisms = STOX_SASL_PLAIN;
  party *p = call();
  party_say(p, ANSWER OFFER("<mechanism>PLAIN</mechanism>") "<success " SASL "/>");
  party_say(p, ANSWER "<stream:features/></stream:stream>");
  assert_status(p->status, STOX_E_UNSUPPORTED);
  pair_free(&c);

  pair_init(&c);
  c.client.stream_options.allow_legacy = 1;
  p = call();
  party_say(p, "<stream:stream xmlns='jabber:client' " STREAMS " from='example.com' id='i'>"
               "</stream:stream>");
  assert_status(p->status, STOX_E_UNSUPPORTED);
  pair_free(&c);
}

/* The resource that was asked for is waived once; what is refused then ends it. */
static void test_refused_twice(void **state) {
  (void)state;
  char answer[512];
  pair_init(&c);
  c.sasl.client_options.mechanisms = STOX_SASL_PLAIN;
  party *p = call();
  party_say(p, ANSWER OFFER("<mechanism>PLAIN</mechanism>") "<success " SASL "/>");
  (void)party_said(p);
  party_say(p, ANSWER "<stream:features><bind " BIND "/></stream:features>");
  for (int i = 0; i < 2; i++) {
    const char *id = strstr(party_said(p), " id='");
    assert_non_null(id);
    (void)snprintf(answer, sizeof answer,
                   "<iq type='error' id='%.16s'><error type='cancel'><conflict "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                   id + 5);
    party_say(p, answer);
  }
  assert_string_equal(p->log, "bb");
  party_say(p, "</stream:stream>");
  assert_string_equal(p->log, "bbCZ");
  assert_status(p->status, STOX_E_REFUSED);
  pair_free(&c);
}

/* Other credentials would not help where these were not the reason. */
static void test_not_asked_again(void **state) {
  (void)state;
  static const char *const rows[] = {"temporary-auth-failure", "account-disabled", "aborted"};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char failure[128];
    pair_init(&c);
    c.client_options.ask = pair_ask;
    c.credentials[0] = (stox_client_credentials){S("user"), S("pencil")};
    party *p = call();
    party_say(p, ANSWER OFFER("<mechanism>PLAIN</mechanism>"));
    (void)snprintf(failure, sizeof failure, "<failure " SASL "><%s/></failure></stream:stream>",
                   rows[i]);
    party_say(p, failure);
    assert_int_equal(c.n_asked, 1);
    assert_status(p->status, STOX_E_AUTH);
    pair_free(&c);
  }
}

/* An error of the stream is told with what it says, at any time. */
static void test_stream_errors(void **state) {
  (void)state;
  static const char error[] = "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-"
                              "streams'>other.example</see-other-host></stream:error>";
  static const char *const before[] = {ANSWER, ANSWER OFFER("<mechanism>PLAIN</mechanism>"),
                                       ANSWER OFFER("<mechanism>PLAIN</mechanism>") "<success " SASL
                                                                                    "/>" ANSWER};
  for (size_t i = 0; i < COUNT(before); i++) {
    pair_init(&c);
    party *p = call();
    party_say(p, before[i]);
    party_say(p, error);
    assert_string_equal(p->log, "XCZ");
    assert_int_equal(p->condition, STOX_STREAM_SEE_OTHER_HOST);
    assert_status(p->status, STOX_E_REFUSED);
    pair_free(&c);
  }
}

/* ---- the connection ---- */

static void begin_open(int transport) {
  pair_init(&c);
  c.client_options.remote = (stox_endpoint){S("192.0.2.1"), 5222, transport};
  assert_status(stox_client_new(&c.client.client, &c.client_options, NULL, 0), STOX_OK);
  assert_null(stox_client_stream(c.client.client));
  assert_int_equal(stox_client_deadline(c.client.client), UINT64_MAX);
  party_pull(&c.client);
  assert_string_equal(c.client.log, "O");
}

/* A connection is asked for, with what TLS needs to know where it begins with it (XEP-0368). */
static void test_open(void **state) {
  (void)state;
  begin_open(STOX_TRANSPORT_TLS);
  assert_int_equal(c.client.secure.reference, STOX_REFERENCE_XMPP_SERVICE);
  assert_span_equal(c.client.secure.name, S("example.com"));
  assert_int_equal(c.client.secure.alpn_n, 1);
  assert_span_equal(c.client.secure.alpn[0], S("xmpp-client"));
  assert_int_equal(stox_client_deadline(c.client.client), 10 * SECOND);
  assert_int_equal(stox_client_owns(c.client.client, PARTY_FLOW), 0);
  c.client.flow.peer = &c.peer;
  assert_status(party_done(&c.client, STOX_OK), STOX_OK);
  assert_int_equal(stox_client_owns(c.client.client, PARTY_FLOW), 1);
  party_pull(&c.client);
  c.server.flow.peer = &c.sasl.peer;
  assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
  pair_run(&c, 0);
  assert_string_equal(c.client.log, "OR");
  pair_free(&c);
}

/* It fails, is not secured though it had to be, comes too late, or is not wanted any more. */
static void test_not_opened(void **state) {
  (void)state;
  begin_open(STOX_TRANSPORT_TCP);
  assert_status(stox_client_done(c.client.client, 7, STOX_OK, &c.client.flow, 0), STOX_E_STATE);
  assert_status(party_done(&c.client, STOX_E_REFUSED), STOX_OK);
  party_pull(&c.client);
  assert_string_equal(c.client.log, "OZ");
  assert_status(c.client.status, STOX_E_REFUSED);
  pair_free(&c);

  begin_open(STOX_TRANSPORT_TLS);
  assert_status(party_done(&c.client, STOX_OK), STOX_OK);
  party_pull(&c.client);
  assert_string_equal(c.client.log, "OCZ");
  assert_status(c.client.status, STOX_E_AUTH);
  pair_free(&c);

  begin_open(STOX_TRANSPORT_TCP);
  assert_status(stox_client_tick(c.client.client, 10 * SECOND - 1), STOX_OK);
  party_pull(&c.client);
  assert_string_equal(c.client.log, "O");
  assert_status(stox_client_tick(c.client.client, 10 * SECOND), STOX_OK);
  party_pull(&c.client);
  assert_status(c.client.status, STOX_E_TIMEOUT);
  assert_status(party_done(&c.client, STOX_OK), STOX_OK);
  party_pull(&c.client);
  assert_string_equal(c.client.log, "OZC");
  pair_free(&c);

  begin_open(STOX_TRANSPORT_TCP);
  assert_status(stox_client_close(c.client.client, 0), STOX_OK);
  party_pull(&c.client);
  assert_string_equal(c.client.log, "OZ");
  assert_status(c.client.status, STOX_OK);
  assert_status(stox_client_close(c.client.client, 0), STOX_OK);
  pair_free(&c);
}

/* What the caller may not leave out. */
static void test_arguments(void **state) {
  (void)state;
  stox_client *client = NULL;
  stox_c2s *server = NULL;
  const stox_flow none = {0};
  pair_init(&c);
  assert_status(stox_client_new(&client, NULL, &c.client.flow, 0), STOX_E_ARG);
  assert_status(stox_client_new(&client, &c.client_options, &none, 0), STOX_E_ARG);
  c.client_options.families = 4;
  assert_status(stox_client_new(&client, &c.client_options, NULL, 0), STOX_E_ARG);
  c.client_options.families = STOX_ATTEMPT_IP4;
  c.client_options.tls = 3;
  assert_status(stox_client_new(&client, &c.client_options, &c.client.flow, 0), STOX_E_ARG);
  c.client_options.tls = 0;
  c.client_options.sasl = NULL;
  assert_status(stox_client_new(&client, &c.client_options, &c.client.flow, 0), STOX_E_ARG);
  assert_status(stox_c2s_new(&server, NULL, &c.server.flow, 0), STOX_E_ARG);
  assert_status(stox_c2s_new(&server, &c.server_options, NULL, 0), STOX_E_ARG);
  assert_status(stox_c2s_new(&server, &c.server_options, &none, 0), STOX_E_ARG);
  c.server_options.n_domains = 0;
  assert_status(stox_c2s_new(&server, &c.server_options, &c.server.flow, 0), STOX_E_ARG);
  c.server_options.n_domains = 2;
  c.server.stream_options.random = NULL;
  assert_status(stox_c2s_new(&server, &c.server_options, &c.server.flow, 0), STOX_E_ARG);
  assert_true(client == NULL && server == NULL);
  stox_client_del(NULL);
  stox_c2s_del(NULL);
  assert_int_equal(c.server.memory.live + c.client.memory.live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_told_failures), cmocka_unit_test(test_false_server),
      cmocka_unit_test(test_certificate),   cmocka_unit_test(test_useless_server),
      cmocka_unit_test(test_refused_twice), cmocka_unit_test(test_not_asked_again),
      cmocka_unit_test(test_stream_errors), cmocka_unit_test(test_open),
      cmocka_unit_test(test_not_opened),    cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
