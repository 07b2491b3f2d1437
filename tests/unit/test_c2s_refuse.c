/* SPDX-License-Identifier: MIT */
#include "c2s_support.h"

#include "stox/number.h"

/* What either side of a client's stream does with a peer that errs, lies, stalls or says too much.
 */

static pair c;

static const size_t pieces[] = {0, 1, 7};

/* A server behind TLS that stands, which has said its features; what it says next is looked at. */
static party *serve(void) {
  c.server.flow.peer = &c.sasl.peer;
  assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, c.server.now_ns),
                STOX_OK);
  party_say(&c.server, HEADER);
  (void)party_said(&c.server);
  return &c.server;
}

static void auth(party *p, const char *mechanism, stox_span octets) {
  char room[8192];
  char text[9000];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  (void)stox_base64_write(&out, octets, STOX_BASE64);
  (void)snprintf(text, sizeof text, "<auth " SASL " mechanism='%s'>%.*s</auth>", mechanism,
                 (int)out.len, room);
  party_say(p, text);
}

/* ---- SASL as the server refuses it ---- */

typedef struct refusal {
  const char *text;
  const char *condition;
} refusal;

#define AUTH(mechanism, data) "<auth " SASL " mechanism='" mechanism "'>" data "</auth>"

/* Each failure of RFC 6120 6.5: "XC-6.4-01" "XC-6.4-02" "XC-6.4-03" "XC-6.4-04" "XC-6.4-05"
 * "XC-6.4-06" "XC-6.4-07". */
static void test_failures(void **state) {
  (void)state;
  static const refusal rows[] = {
      {"<abort " SASL "/>", "aborted"},
      {AUTH("PLAIN", "A"), "incorrect-encoding"},
      {AUTH("PLAIN", "AHVz\nZXIAcGVuY2ls"), "incorrect-encoding"},
      {AUTH("PLAIN", "b0BhQGIAdXNlcgBwZW5jaWw="), "invalid-authzid"},             /* o@a@b */
      {AUTH("PLAIN", "eEBleGFtcGxlLmNvbQB1c2VyAHBlbmNpbA=="), "invalid-authzid"}, /* another */
      {AUTH("KERBEROS_V4", ""), "invalid-mechanism"},
      {"<auth " SASL "/>", "invalid-mechanism"},
      {AUTH("EXTERNAL", "="), "invalid-mechanism"}, /* without a certificate */
      {AUTH("DIGEST-MD5", ""), "mechanism-too-weak"},
      {AUTH("PLAIN", "AHVzZXIAd3Jvbmc="), "not-authorized"},
      {AUTH("PLAIN", "dXNlcg=="), "malformed-request"},
      {"<response " SASL "/>", "malformed-request"},
  };
  for (size_t i = 0; i < COUNT(rows) * COUNT(pieces); i++) {
    const refusal *row = &rows[i / COUNT(pieces)];
    const size_t n = pieces[i % COUNT(pieces)];
    const stox_span text = stox_span_text(row->text);
    pair_init(&c);
    party *p = serve();
    for (size_t at = 0; at < text.n; at += n == 0 ? text.n : n) {
      party_feed(p, stox_span_slice(text, at, n == 0 ? text.n : n));
    }
    assert_string_equal(p->log, "f");
    assert_string_equal(stox_sasl_condition_name(p->refusal), row->condition);
    char want[64];
    (void)snprintf(want, sizeof want, "<%s/></failure>", row->condition);
    assert_non_null(strstr(party_said(p), want));
    /* The stream goes on: the right password gets in. */
    party_say(p, AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
    assert_non_null(strstr(party_said(p), "<success"));
    pair_free(&c);
  }
}

/* What only the host can know of an account, and what only TLS can give. */
static void test_host_failures(void **state) {
  (void)state;
  static const struct {
    int status;
    int condition;
    const char *want;
  } rows[] = {{STOX_E_TIMEOUT, 0, "<temporary-auth-failure/>"},
              {STOX_OK, STOX_SASL_ACCOUNT_DISABLED, "<account-disabled/>"},
              {STOX_OK, STOX_SASL_CREDENTIALS_EXPIRED, "<credentials-expired/>"},
              {STOX_OK, 999, "<not-authorized/>"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    pair_init(&c);
    c.sasl.host.status = rows[i].status;
    c.sasl.host.condition = rows[i].condition;
    party *p = serve();
    party_say(p, AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
    assert_non_null(strstr(party_said(p), rows[i].want));
    pair_free(&c);
  }
  pair_init(&c);
  c.server_options.tls = STOX_C2S_TLS_OPTIONAL;
  assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
  party_say(&c.server, HEADER AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
  assert_non_null(strstr(c.server.sent, "<encryption-required/>"));
  assert_null(strstr(c.server.sent, "<mechanism>PLAIN</mechanism>"));
  pair_free(&c);
}

/* So many tries and no more, whatever they were: "XC-6.2-11". */
static void test_retries(void **state) {
  (void)state;
  for (uint32_t retries = 2; retries <= 5; retries++) {
    pair_init(&c);
    c.sasl.server_options.retries = retries;
    party *p = serve();
    for (uint32_t i = 0; i < retries; i++) {
      auth(p, i % 2 == 0 ? "PLAIN" : "NONE", S("\0user\0wrong"));
      assert_int_equal(p->condition, 0);
    }
    auth(p, "PLAIN", (stox_span){"\0user\0wrong", 11});
    assert_int_equal(p->condition, STOX_STREAM_POLICY_VIOLATION);
    assert_int_equal(p->log[p->n_log - 1], 'Z');
    assert_status(p->status, STOX_E_REFUSED);
    pair_free(&c);
  }
}

/* A message of a mechanism at its limit, and the element's before authentication. */
static void test_limits(void **state) {
  (void)state;
  static char octets[STOX_SASL_MESSAGE_MAX + 1];
  static const struct {
    size_t n;
    const char *want;
  } rows[] = {{STOX_SASL_MESSAGE_MAX - 1, "not-authorized"},
              {STOX_SASL_MESSAGE_MAX, "not-authorized"},
              {STOX_SASL_MESSAGE_MAX + 1, "malformed-request"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    pair_init(&c);
    party *p = serve();
    memset(octets, 'x', sizeof octets);
    memcpy(octets, "\0user\0", 6);
    auth(p, "PLAIN", (stox_span){octets, rows[i].n});
    assert_string_equal(stox_sasl_condition_name(p->refusal), rows[i].want);
    pair_free(&c);
  }
  pair_init(&c);
  c.server.stream_options.octets_before = 512;
  c.server.flow.peer = &c.sasl.peer;
  assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
  party_say(&c.server, HEADER);
  memset(octets, 'A', 600);
  party_say(&c.server, "<auth " SASL " mechanism='PLAIN'>");
  party_feed(&c.server, (stox_span){octets, 600});
  assert_int_equal(c.server.condition, STOX_STREAM_POLICY_VIOLATION);
  pair_free(&c);
}

/* While the host thinks, nothing more is read: what was pipelined waits its turn, and what is too
 * much is refused. The answer that comes too late is taken without a word. */
static void test_waiting(void **state) {
  (void)state;
  static char much[1 << 20];
  pair_init(&c);
  c.sasl.host.is_later = 1;
  party *p = serve();
  party_say(p, AUTH("PLAIN", "AHVzZXIAcGVuY2ls") HEADER "<iq type='set' id='b'><bind " BIND
                                                        "><resource>r</resource></bind></iq>");
  assert_string_equal(p->log, "");
  assert_int_equal(pair_late(&c), 1);
  assert_string_equal(p->log, "BR");
  assert_span_equal(stox_stream_jid(party_stream(p)), S("user@example.com/r"));
  assert_status(stox_c2s_answer(p->server, STOX_OK, NULL, 0), STOX_E_STATE);
  pair_free(&c);

  pair_init(&c);
  c.sasl.host.is_later = 1;
  p = serve();
  party_say(p, AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
  assert_status(stox_c2s_answer(p->server, STOX_E_MORE, NULL, 0), STOX_E_ARG);
  memset(much, ' ', sizeof much);
  for (int i = 0; i < 4 && p->n_log == 0; i++) {
    party_feed(p, (stox_span){much, sizeof much});
  }
  assert_string_equal(p->log, "xCZ");
  assert_status(p->status, STOX_E_FULL);
  assert_status(stox_c2s_answer(p->server, STOX_E_AUTH, NULL, 0), STOX_OK);
  party_pull(p);
  assert_string_equal(p->log, "xCZ");
  pair_free(&c);
}

/* ---- time ---- */

/* From the first octet to READY, whatever is awaited. */
static void test_time(void **state) {
  (void)state;
  static const char *const said[] = {"", HEADER, HEADER AUTH("PLAIN", "AHVzZXIAcGVuY2ls"),
                                     HEADER AUTH("PLAIN", "AHVzZXIAcGVuY2ls") HEADER};
  for (size_t i = 0; i < COUNT(said); i++) {
    pair_init(&c);
    c.sasl.host.is_later = i == 2;
    c.server.flow.peer = &c.sasl.peer;
    assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
    if (i > 0) {
      party_say(&c.server, said[i]);
    }
    const uint64_t due = stox_c2s_deadline(c.server.server);
    assert_int_equal(due, 30 * SECOND);
    assert_status(stox_c2s_tick(c.server.server, due - 1), STOX_OK);
    party_pull(&c.server);
    assert_int_equal(c.server.n_log, 0);
    c.server.now_ns = due;
    assert_status(stox_c2s_tick(c.server.server, due), STOX_OK);
    party_pull(&c.server);
    assert_string_equal(c.server.log, "xCZ");
    assert_int_equal(c.server.condition, STOX_STREAM_CONNECTION_TIMEOUT);
    assert_status(c.server.status, STOX_E_TIMEOUT);
    pair_free(&c);
  }
}

/* ---- headers ---- */

/* Domains that are not served, before and behind authentication: "XC-4.7.3-06". */
static void test_domains(void **state) {
  (void)state;
  static const char other[] =
      "<stream:stream xmlns='jabber:client' " STREAMS " to='example.net' version='1.0'>";
  pair_init(&c);
  c.server.flow.peer = &c.sasl.peer;
  assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
  party_say(&c.server,
            "<stream:stream xmlns='jabber:client' " STREAMS " to='example.org' version='1.0'>");
  assert_int_equal(c.server.condition, STOX_STREAM_HOST_UNKNOWN);
  assert_non_null(strstr(c.server.sent, "from='example.com'"));
  pair_free(&c);

  pair_init(&c);
  party *p = serve();
  party_say(p, AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
  party_say(p, other);
  assert_int_equal(p->condition, STOX_STREAM_HOST_UNKNOWN);
  pair_free(&c);
}

/* Whom of those in its certificate a client is, its header says (XEP-0178 2). */
static void test_header_from(void **state) {
  (void)state;
  static const char *const names[] = {"user", "other"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char text[512];
    char jid[64];
    pair_init(&c);
    c.sasl.peer.identities = S("XMPP:user@example.com\nXMPP:other@example.com\n");
    (void)snprintf(jid, sizeof jid, "%s@example.com", names[i]);
    c.sasl.host.jid = stox_span_text(jid);
    c.server.flow.peer = &c.sasl.peer;
    assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
    (void)snprintf(text, sizeof text,
                   "<stream:stream xmlns='jabber:client' %s to='example.com' from='%s' "
                   "version='1.0'>" AUTH("EXTERNAL", "="),
                   STREAMS, jid);
    party_say(&c.server, text);
    assert_span_equal(stox_stream_identities(party_stream(&c.server)), stox_span_text(jid));
    pair_free(&c);
  }
}

/* What was said in clear, the domain among it, counts no more behind TLS. */
static void test_forgotten(void **state) {
  (void)state;
  pair_init(&c);
  assert_status(stox_c2s_new(&c.server.server, &c.server_options, &c.server.flow, 0), STOX_OK);
  party_say(&c.server, HEADER "<starttls " TLS "/><message/>" AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
  assert_string_equal(c.server.log, "T");
  c.server.flow.peer = &c.sasl.peer;
  assert_status(party_done(&c.server, STOX_OK), STOX_OK);
  party_pull(&c.server);
  assert_string_equal(c.server.log, "T");
  party_say(&c.server,
            "<stream:stream xmlns='jabber:client' " STREAMS " to='example.net' version='1.0'>");
  party_say(&c.server, AUTH("PLAIN", "AHVzZXIAcGVuY2ls"));
  assert_span_equal(stox_stream_identities(party_stream(&c.server)), S("user@example.net"));
  pair_free(&c);
}

/* TLS that did not come about, or a host that says so without a peer, ends the stream; a token that
 * is not awaited is nobody's. */
static void test_tls_fails(void **state) {
  (void)state;
  for (int is_client = 0; is_client < 2; is_client++) {
    pair_init(&c);
    party *p = is_client ? &c.client : &c.server;
    stox_peer clear = c.sasl.peer;
    clear.secure = 0;
    assert_status(pair_make(&c), STOX_OK);
    party_pull(&c.client);
    party_say(&c.server, HEADER "<starttls " TLS "/>");
    party_say(&c.client,
              ANSWER "<stream:features><starttls " TLS "/></stream:features><proceed " TLS "/>");
    const uint64_t token = p->token;
    assert_true(token != 0);
    p->token = token + 1;
    assert_status(party_done(p, STOX_OK), STOX_E_STATE);
    p->token = token;
    p->flow.peer = is_client ? &clear : NULL;
    assert_status(party_done(p, STOX_OK), STOX_OK);
    party_pull(p);
    assert_string_equal(p->log, "TCZ");
    assert_status(p->status, STOX_E_AUTH);
    pair_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_failures),  cmocka_unit_test(test_host_failures),
      cmocka_unit_test(test_retries),   cmocka_unit_test(test_limits),
      cmocka_unit_test(test_waiting),   cmocka_unit_test(test_time),
      cmocka_unit_test(test_domains),   cmocka_unit_test(test_header_from),
      cmocka_unit_test(test_forgotten), cmocka_unit_test(test_tls_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
