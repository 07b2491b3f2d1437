/* SPDX-License-Identifier: MIT */
#include "stream_end.h"

/* What a stream refuses, in each state, and how it says so. */

#define HEADER "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' version='1.0'>"
#define SERVER                                                                                     \
  "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' " STREAMS                \
  " from='a.example' to='b.example' version='1.0'>"
#define AUTH "<auth " SASL " mechanism='EXTERNAL'>=</auth>"
#define BIND                                                                                       \
  "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"                         \
  "<resource>r</resource></bind></iq>"
#define ANSWERED(ns, attributes)                                                                   \
  "<?xml version='1.0'?><stream:stream xmlns='" ns "' " STREAMS " " attributes ">"
#define ERROR(name)                                                                                \
  "<stream:error><" name " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"           \
  "</stream:stream>"

/* States of a receiving client's stream. */
enum { START, OPEN, AUTHENTICATED, READY, SERVER_OPEN, SERVER_READY };

static void make_with(end *e, int state, int dialect, const stox_limits *limits) {
  static const char *const steps[][4] = {
      [START] = {NULL},
      [OPEN] = {HEADER, NULL},
      [AUTHENTICATED] = {HEADER, AUTH, HEADER, NULL},
      [READY] = {HEADER, AUTH, HEADER, BIND},
      [SERVER_OPEN] = {SERVER, NULL},
      [SERVER_READY] = {SERVER, AUTH, SERVER, NULL},
  };
  const int kind = state >= SERVER_OPEN ? STOX_STREAM_SERVER : STOX_STREAM_CLIENT;
  end_init(e, STOX_STREAM_RECEIVING, kind);
  e->options.dialect = dialect;
  e->options.limits = limits;
  e->offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(e), STOX_OK);
  for (size_t i = 0; i < 4 && steps[state][i] != NULL; i++) {
    end_say(e, steps[state][i]);
  }
  (void)end_said(e);
  e->n_log = 0;
  e->log[0] = '\0';
}

static void make(end *e, int state, int dialect) {
  make_with(e, state, dialect, NULL);
}

typedef struct row {
  int state;
  const char *text;
  int condition;
  const char *name; /* of the condition */
} row;

/* "XC-4.3-02" "XC-4.3-04" "XC-4.7-02" "XC-4.7.1-01" "XC-4.7.1-02" "XC-4.7.3-12" "XC-4.7.3-13"
 * "XC-4.7.3-22" "XC-4.7.3-24" "XC-5.1-08" "XC-6.3-03" "XC-7-02" "XC-7-14" "XC-9.1.1-03"
 * "XC-9.1.2-07" "XC-9.1.2-08" "XC-8.3-30" "XC-8.3-31" "XC-4.7.3-07" "XC-4.7.3-09" */
static const row rows[] = {
    {START, "garbage", STOX_STREAM_NOT_WELL_FORMED, "not-well-formed"},
    {START, "\xff\xfe<", STOX_STREAM_UNSUPPORTED_ENCODING, "unsupported-encoding"},
    {START, "<!DOCTYPE s>", STOX_STREAM_RESTRICTED_XML, "restricted-xml"},
    {START, "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>",
     STOX_STREAM_BAD_NAMESPACE_PREFIX, "bad-namespace-prefix"},
    {START, "<message xmlns='jabber:client'>", STOX_STREAM_INVALID_NAMESPACE, "invalid-namespace"},
    {START, "<stream:stream xmlns='jabber:server' " STREAMS " version='1.0'>",
     STOX_STREAM_INVALID_NAMESPACE, "invalid-namespace"},
    {START, "<stream:stream xmlns='jabber:client' " STREAMS " version='x'>", STOX_STREAM_BAD_FORMAT,
     "bad-format"},
    {START, "<stream:stream xmlns='jabber:client' " STREAMS " to='@' version='1.0'>",
     STOX_STREAM_HOST_UNKNOWN, "host-unknown"},
    {START, "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example'>",
     STOX_STREAM_UNSUPPORTED_VERSION, "unsupported-version"},
    {OPEN, "<message/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<presence/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, BIND, STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<message xmlns='jabber:server'/>", STOX_STREAM_INVALID_NAMESPACE, "invalid-namespace"},
    {OPEN, "<challenge " SASL "/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<success " SASL "/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<failure " SASL "/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<other " SASL "/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<proceed " TLS "/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {OPEN, "<pubsub xmlns='u'/>", STOX_STREAM_UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type"},
    {OPEN, "<pubsub/>", STOX_STREAM_UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type"},
    {OPEN, "<stream:features/>", STOX_STREAM_UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type"},
    {OPEN, "<stream:other/>", STOX_STREAM_UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type"},
    {OPEN, "<db:result xmlns:db='jabber:server:dialback'/>", STOX_STREAM_UNSUPPORTED_STANZA_TYPE,
     "unsupported-stanza-type"},
    {OPEN, "<handshake xmlns='jabber:component:accept'/>", STOX_STREAM_INVALID_NAMESPACE,
     "invalid-namespace"},
    {OPEN, "text", STOX_STREAM_NOT_WELL_FORMED, "not-well-formed"},
    {OPEN, "<a></b>", STOX_STREAM_NOT_WELL_FORMED, "not-well-formed"},
    {OPEN, "<!-- c -->", STOX_STREAM_RESTRICTED_XML, "restricted-xml"},
    {AUTHENTICATED, "<message/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {AUTHENTICATED, "<iq type='get' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
     STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {AUTHENTICATED, AUTH, STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {READY, AUTH, STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {READY, "<starttls " TLS "/>", STOX_STREAM_NOT_AUTHORIZED, "not-authorized"},
    {READY, "<pubsub/>", STOX_STREAM_UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type"},
    {READY, "<message xmlns='jabber:server'/>", STOX_STREAM_INVALID_NAMESPACE, "invalid-namespace"},
    {READY, "<f:message/>", STOX_STREAM_NOT_WELL_FORMED, "not-well-formed"},
    {SERVER_OPEN, "<message from='a.example' to='b.example'/>", STOX_STREAM_NOT_AUTHORIZED,
     "not-authorized"},
    {SERVER_READY, "<message from='a.example'/>", STOX_STREAM_IMPROPER_ADDRESSING,
     "improper-addressing"},
    {SERVER_READY, "<message to='b.example'/>", STOX_STREAM_IMPROPER_ADDRESSING,
     "improper-addressing"},
    {SERVER_READY, "<message from='' to='b.example'/>", STOX_STREAM_IMPROPER_ADDRESSING,
     "improper-addressing"},
    {SERVER_READY, "<message from='a.example' to='@b.example'/>", STOX_STREAM_IMPROPER_ADDRESSING,
     "improper-addressing"},
    {SERVER_READY, "<message from='x@a..example' to='b.example'/>", STOX_STREAM_IMPROPER_ADDRESSING,
     "improper-addressing"},
    {SERVER_READY, "<message from='x@other.example' to='b.example'/>", STOX_STREAM_INVALID_FROM,
     "invalid-from"},
};

static void test_refusals(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows) * 2; i++) {
    const row *r = &rows[i / 2];
    char want[512];
    end e;
    make(&e, r->state, STOX_DIALECT_RFC);
    end_feed_by(&e, stox_span_text(r->text), i % 2);
    end_feed_by(&e, S("<message/></stream:stream>"), 0); /* too late */
    const int has_header = r->state != START;
    const char *said = end_said(&e);
    (void)snprintf(want, sizeof want,
                   "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
                   "</stream:stream>",
                   r->name);
    if (strcmp(e.log, "xCZ") != 0 || e.condition != r->condition) {
      fail_msg("%s: %s, condition %d", r->text, e.log, e.condition);
    }
    assert_status(e.status, STOX_E_REFUSED);
    assert_int_equal(strncmp(said, "<?xml version='1.0'?><stream:stream ", 36) == 0, !has_header);
    const char *error = strstr(said, "<stream:error>");
    assert_non_null(error);
    assert_string_equal(error, want);
    assert_true(has_header ? error == said : 1);
    end_free(&e);
  }
}

typedef struct response_row {
  int kind;
  const char *text;
  const char *log;
  int condition;
} response_row;

#define RESPONSE(rest) "<stream:stream xmlns='jabber:client' " STREAMS " from='b.example' " rest ">"

/* What an initiating end refuses of an answer, and what it bears: "XC-4.4.1-08" "XC-4.4-02"
 * "XC-8.3-06" "XC-4.6-03" "XC-4.4-13". */
static void test_response(void **state) {
  (void)state;
  static const response_row answers[] = {
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.0'") "<stream:features/>", "HF", 0},
      {STOX_STREAM_CLIENT, RESPONSE("version='1.0' to='@@'") "<stream:features/>", "HF", 0},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.5'") "<stream:features/>", "HF", 0},
      {STOX_STREAM_CLIENT,
       RESPONSE("id='i' version='1.0'") "<stream:features><x xmlns='urn:x'><required/></x>"
                                        "</stream:features>",
       "HF", 0},
      {STOX_STREAM_CLIENT, RESPONSE("id='i'"), "xCZ", STOX_STREAM_UNSUPPORTED_VERSION},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='0.9'"), "xCZ",
       STOX_STREAM_UNSUPPORTED_VERSION},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='2.0'"), "xCZ",
       STOX_STREAM_UNSUPPORTED_VERSION},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1'"), "xCZ", STOX_STREAM_BAD_FORMAT},
      {STOX_STREAM_SERVER, RESPONSE("id='i' version='1.0'"), "xCZ", STOX_STREAM_INVALID_NAMESPACE},
      {STOX_STREAM_SERVER,
       "<stream:stream xmlns='jabber:server' xmlns:db='wrong' " STREAMS " id='i' version='1.0'>",
       "xCZ", STOX_STREAM_INVALID_NAMESPACE},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.0'") "<message/>", "HxCZ",
       STOX_STREAM_NOT_AUTHORIZED},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.0'") "<success " SASL "/>", "HxCZ",
       STOX_STREAM_NOT_AUTHORIZED},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.0'") "<stream:features/><auth " SASL "/>",
       "HFxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.0'") "<stream:features/><starttls " TLS "/>",
       "HFxCZ", STOX_STREAM_NOT_AUTHORIZED},
      {STOX_STREAM_CLIENT, RESPONSE("id='i' version='1.0'") "<stream:features/><stream:features/>",
       "HFxCZ", STOX_STREAM_UNSUPPORTED_STANZA_TYPE},
      {STOX_STREAM_CLIENT,
       RESPONSE("id='i' version='1.0'") "<stream:features><starttls " TLS
                                        "/></stream:features><stream:features/>",
       "HFCZ", 0},
      {STOX_STREAM_COMPONENT, "<stream:stream xmlns='jabber:component:accept' " STREAMS ">", "HxCZ",
       STOX_STREAM_BAD_FORMAT},
  };
  for (size_t i = 0; i < COUNT(answers) * 2; i++) {
    const response_row *r = &answers[i / 2];
    end e;
    end_init(&e, STOX_STREAM_INITIATING, r->kind);
    assert_status(end_make(&e), STOX_OK);
    end_feed_by(&e, stox_span_text(r->text), i % 2);
    if (strcmp(e.log, r->log) != 0 || e.condition != r->condition) {
      fail_msg("%s: %s, condition %d", r->text, e.log, e.condition);
    }
    end_free(&e);
  }
}

/* The header that an error in the set-up comes behind: "XC-4.7.1-03". */
static void test_header_of_an_error(void **state) {
  (void)state;
  static const char header[] =
      "<stream:stream xmlns='jabber:client' " STREAMS " to='nope.example' version='1.0'>";
  const struct {
    stox_stream_reply reply;
    const char *want;
  } answers[] = {
      {{.condition = STOX_STREAM_HOST_UNKNOWN, .from = S("b.example")},
       ANSWERED("jabber:client", "from='b.example' id='" ID_32 "' version='1.0' xml:lang='en'")
           ERROR("host-unknown")},
      {{.condition = STOX_STREAM_HOST_GONE},
       ANSWERED("jabber:client", "from='' id='" ID_32 "' version='1.0' xml:lang='en'")
           ERROR("host-gone")},
      {{.condition = STOX_STREAM_SEE_OTHER_HOST, .other_host = S("[::1]:5222")},
       ANSWERED(
           "jabber:client",
           "from='' id='" ID_32
           "' version='1.0' xml:lang='en'") "<stream:error><see-other-host "
                                            "xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[::1]:5222"
                                            "</see-other-host></stream:error></stream:stream>"},
  };
  for (size_t i = 0; i < COUNT(answers); i++) {
    end e;
    end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
    e.flags = END_NO_ANSWER;
    assert_status(end_make(&e), STOX_OK);
    end_say(&e, header);
    assert_span_equal(stox_stream_peer(e.stream)->to, S("nope.example"));
    const stox_stream_reply bad = {.condition = STOX_STREAM_SEE_OTHER_HOST};
    assert_status(stox_stream_answer(e.stream, &bad, 0), STOX_E_ARG);
    assert_status(stox_stream_answer(e.stream, &answers[i].reply, 0), STOX_OK);
    assert_status(stox_stream_answer(e.stream, &answers[i].reply, 0), STOX_E_STATE);
    end_pull(&e);
    assert_string_equal(end_said(&e), answers[i].want);
    assert_string_equal(e.log, "HxCZ");
    end_free(&e);
  }
}

/* A peer that never heard of 1.0: no version comes back, and no features: "XC-4.4.1-09". And one
 * that offers more: "XC-4.4.1-07" "XC-4.6-01" "XC-4.4-08" "XC-4.4-09" "XC-4.4-10". */
static void test_versions(void **state) {
  (void)state;
  static const struct {
    const char *attributes;
    const char *want;
  } versions[] = {
      {"", ANSWERED("jabber:client", "from='b.example' id='" ID_32 "' xml:lang='en'")},
      {"version='0.9' xml:lang='de'",
       ANSWERED("jabber:client", "from='b.example' id='" ID_32 "' version='0.9' xml:lang='de'")},
      {"version='1.10' from='me@b.example'",
       ANSWERED("jabber:client",
                "from='b.example' to='me@b.example' id='" ID_32
                "' version='1.0' xml:lang='en'") "<stream:features></stream:features>"},
      {"version='2.0' xml:lang='x y'",
       ANSWERED("jabber:client",
                "from='b.example' id='" ID_32
                "' version='1.0' xml:lang='en'") "<stream:features></stream:features>"},
  };
  for (size_t i = 0; i < COUNT(versions); i++) {
    char text[512];
    end e;
    end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
    e.options.allow_legacy = 1;
    assert_status(end_make(&e), STOX_OK);
    (void)snprintf(text, sizeof text, "<stream:stream xmlns='jabber:client' " STREAMS " %s>",
                   versions[i].attributes);
    end_say(&e, text);
    assert_string_equal(end_said(&e), versions[i].want);
    end_free(&e);
  }
}

/* "XC-4.7.3-24": the draft's name of the condition. */
static void test_draft(void **state) {
  (void)state;
  end e;
  make(&e, OPEN, STOX_DIALECT_DRAFT2005);
  end_say(&e, "<message xml:lang='en'><body>Bad XML</message>");
  assert_string_equal(end_said(&e), ERROR("xml-not-well-formed"));
  end_free(&e);
  /* "XC-7-14": a stanza error where the RFC ends the stream. */
  make(&e, AUTHENTICATED, STOX_DIALECT_DRAFT2005);
  end_say(&e, "<message id='1' to='x@y'/><presence type='error'/>");
  assert_string_equal(end_said(&e),
                      "<message from='x@y' id='1' type='error'><error type='auth'><not-authorized "
                      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
  assert_string_equal(e.log, "");
  end_say(&e, BIND);
  assert_string_equal(e.log, "BR");
  end_free(&e);
}

/* STARTTLS where it is not offered, or no more: "XC-5.2-05" "XC-5.1-14". */
static void test_starttls_refused(void **state) {
  (void)state;
  end e;
  make(&e, OPEN, STOX_DIALECT_RFC);
  end_say(&e, "<starttls " TLS "/>");
  assert_string_equal(end_said(&e), "<failure " TLS "/></stream:stream>");
  assert_string_equal(e.log, "CZ");
  assert_status(e.status, STOX_E_REFUSED);
  end_free(&e);
  make(&e, AUTHENTICATED, STOX_DIALECT_RFC);
  end_say(&e, "<starttls " TLS "/>");
  assert_string_equal(end_said(&e), "<failure " TLS "/></stream:stream>");
  end_free(&e);
}

/* TLS required, optional and not offered, and who goes on without it: "XC-5.1-02" "XC-5.1-07". */
static void test_tls_policy(void **state) {
  (void)state;
  static const struct {
    int kind;
    int dialect;
    uint32_t offered;
    const char *text;
    const char *said;
    const char *log;
  } cases[] = {
      {STOX_STREAM_CLIENT, STOX_DIALECT_RFC, STOX_FEATURE_STARTTLS_REQUIRED, AUTH AUTH,
       "<failure " SASL "><encryption-required/></failure><failure " SASL
       "><encryption-required/></failure>",
       "H"},
      {STOX_STREAM_CLIENT, STOX_DIALECT_DRAFT2005, STOX_FEATURE_STARTTLS_REQUIRED, AUTH,
       ERROR("not-authorized"), "HxCZ"},
      {STOX_STREAM_SERVER, STOX_DIALECT_RFC, STOX_FEATURE_STARTTLS_REQUIRED,
       "<db:result from='a.example' to='b.example'>k</db:result>", ERROR("policy-violation"),
       "HxCZ"},
      {STOX_STREAM_CLIENT, STOX_DIALECT_RFC, STOX_FEATURE_STARTTLS | STOX_FEATURE_MECHANISMS, AUTH,
       "<success " SASL "/>", "HS"},
      {STOX_STREAM_CLIENT, STOX_DIALECT_RFC, STOX_FEATURE_STARTTLS, "<starttls " TLS "/>",
       "<proceed " TLS "/>", "HT"},
      {STOX_STREAM_CLIENT, STOX_DIALECT_RFC, 0, "<starttls " TLS "/>",
       "<failure " TLS "/></stream:stream>", "HCZ"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    end e;
    end_init(&e, STOX_STREAM_RECEIVING, cases[i].kind);
    e.options.dialect = cases[i].dialect;
    e.offered = cases[i].offered;
    assert_status(end_make(&e), STOX_OK);
    end_say(&e, cases[i].kind == STOX_STREAM_CLIENT ? HEADER : SERVER);
    (void)end_said(&e);
    const int needs = (e.offered & STOX_FEATURE_STARTTLS_REQUIRED) != 0;
    if (needs) {
      assert_status(stox_stream_authenticate(e.stream, S("a.example"), STOX_STREAM_BY_SASL, 0),
                    STOX_E_STATE);
    }
    end_say(&e, cases[i].text);
    assert_string_equal(end_said(&e), cases[i].said);
    assert_string_equal(e.log, cases[i].log);
    end_free(&e);
  }
}

/* What is sent in clear behind starttls is heard by nobody; white space neither: "XC-5.1-08"
 * "XC-5.1-09" "XC-5.1-13". */
static void test_injection(void **state) {
  (void)state;
  end e;
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_STARTTLS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, HEADER);
  (void)end_said(&e);
  const uint64_t token = e.token;
  end_say(&e, "<starttls " TLS "/>" HEADER AUTH);
  assert_string_equal(end_said(&e), "<proceed " TLS "/>");
  assert_string_equal(e.log, "HT");
  assert_int_equal(e.n_behind, 0); /* nor does TLS hear it */
  assert_status(stox_stream_feed(e.stream, S("x"), 0), STOX_E_STATE);
  assert_status(stox_stream_done(e.stream, token + 9, STOX_OK, 0), STOX_E_STATE);
  end_tls(&e);
  assert_null(stox_stream_peer(e.stream));
  assert_span_equal(stox_stream_id(e.stream), S(""));
  assert_string_equal(end_said(&e), "");
  end_say(&e, HEADER);
  assert_null(strstr(end_said(&e), "starttls"));
  assert_string_equal(e.log, "HTH");
  end_free(&e);
}

/* What comes behind proceed is the TLS session's: "XC-5.1-09". */
static void test_behind_proceed(void **state) {
  (void)state;
  end e;
  const stox_action *a = NULL;
  end_init(&e, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, HEADER "<stream:features><starttls " TLS "/></stream:features>");
  assert_status(stox_stream_feed(e.stream, S("<proceed " TLS "/>\x16\x03<stream:features/>"), 0),
                STOX_OK);
  a = stox_stream_next(e.stream, 0);
  assert_int_equal(a->kind, STOX_DO_START_TLS);
  assert_span_equal(a->bytes, S("\x16\x03<stream:features/>"));
  /* "XC-5.1-16": not another octet when it fails. */
  (void)end_said(&e);
  assert_status(stox_stream_done(e.stream, a->token, STOX_E_AUTH, 0), STOX_OK);
  end_pull(&e);
  assert_string_equal(end_said(&e), "");
  assert_string_equal(e.log, "HFCZ");
  assert_status(e.status, STOX_E_AUTH);
  end_free(&e);
}

/* An element before authentication has less room than after: n - 1, n, n + 1. */
static void test_limits(void **state) {
  (void)state;
  for (size_t n = 63; n <= 65; n++) {
    for (size_t by = 0; by < 3; by++) {
      char text[128];
      end e;
      end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
      e.options.octets_before = (uint32_t)sizeof HEADER - 1;
      e.offered = STOX_FEATURE_MECHANISMS;
      const size_t limit = e.options.octets_before;
      const size_t want = limit - 64 + n;
      assert_status(end_make(&e), STOX_OK);
      end_feed_by(&e, S(HEADER), by);
      assert_string_equal(e.log, "H");
      e.flags = END_NO_SASL;
      char *auth = malloc(want + 1);
      assert_non_null(auth);
      (void)snprintf(text, sizeof text, "<auth " SASL ">");
      memset(auth, 'A', want);
      memcpy(auth, text, strlen(text));
      memcpy(auth + want - 7, "</auth>", 7);
      end_feed_by(&e, (stox_span){auth, want}, by);
      assert_string_equal(e.log, want <= limit ? "HS" : "HxCZ");
      assert_int_equal(e.condition, want <= limit ? 0 : STOX_STREAM_POLICY_VIOLATION);
      free(auth);
      end_free(&e);
    }
  }
}

/* "XC-4.7.3-14": after authentication the limit of a stanza. */
static void test_limits_after(void **state) {
  (void)state;
  for (size_t n = 299; n <= 301; n++) {
    static const char start[] = "<message>";
    static const char stop[] = "</message>";
    char stanza[302];
    stox_limits limits;
    end e;
    (void)stox_limits_init(&limits, sizeof limits);
    limits.stanza = 300;
    end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
    e.options.limits = &limits;
    e.options.octets_before = 200;
    e.offered = STOX_FEATURE_MECHANISMS;
    assert_status(end_make(&e), STOX_OK);
    end_say(&e, HEADER);
    end_say(&e, AUTH);
    end_say(&e, HEADER);
    end_say(&e, BIND);
    memset(stanza, 'a', sizeof stanza);
    memcpy(stanza, start, sizeof start - 1);
    memcpy(stanza + n - (sizeof stop - 1), stop, sizeof stop - 1);
    end_feed(&e, (stox_span){stanza, n});
    assert_string_equal(e.log, n <= 300 ? "HSHBRM" : "HSHBRxCZ");
    assert_int_equal(e.condition, n <= 300 ? 0 : STOX_STREAM_POLICY_VIOLATION);
    end_free(&e);
  }
}

/* Seven attributes where six are the limit. The stanza is answered and the stream goes on;
 * where no answer can go the host is told; before authentication the stream ends. */
#define OVER " t='' u='' v=''"
static void test_attributes(void **state) {
  (void)state;
  static const struct {
    int state;
    const char *stanza;
    const char *log;
    const char *said;
  } cases[] = {
      {READY, "<message id='1' a='' b='' to='x@y'" OVER "/><presence/>", "M",
       "<message from='x@y' id='1' type='error'><error type='modify'><policy-violation "
       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"},
      {READY, "<iq id='1' type='result' a='' b=''" OVER "/><presence/>", "M", ""},
      {SERVER_READY,
       "<message id='1' from='a.example' to='b.example' a=''" OVER "/>"
       "<presence id='2' from='a.example' to='b.example'/>",
       "KM", ""},
      {READY, "<r xmlns='u' a='' b='' c=''" OVER "/>", "xCZ", ERROR("policy-violation")},
      {OPEN, "<auth " SASL " a='' b='' mechanism='EXTERNAL'" OVER "/>", "xCZ",
       ERROR("policy-violation")},
      {SERVER_READY, "<message id='1' from='a.example' b='' c=''" OVER " to='b.example'/>", "xCZ",
       ERROR("policy-violation")},
      {SERVER_READY, "<message id='1' from='c.example' to='b.example' c=''" OVER "/>", "xCZ",
       ERROR("invalid-from")},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    stox_limits limits;
    end e;
    (void)stox_limits_init(&limits, sizeof limits);
    limits.attributes = 6;
    make_with(&e, cases[i].state, STOX_DIALECT_RFC, &limits);
    end_say(&e, cases[i].stanza);
    assert_string_equal(e.log, cases[i].log);
    assert_string_equal(end_said(&e), cases[i].said);
    end_free(&e);
  }
}

/* While dialback is under way what comes is dropped: "XC-8.3-27". */
static void test_verifying(void **state) {
  (void)state;
  end e;
  make(&e, SERVER_OPEN, STOX_DIALECT_RFC);
  stox_stream_verifying(e.stream, 1);
  end_say(&e, "<message from='a.example' to='b.example'/>");
  assert_string_equal(e.log, "");
  stox_stream_verifying(e.stream, 0);
  end_say(&e, "<message from='a.example' to='b.example'/>");
  assert_string_equal(e.log, "xCZ");
  end_free(&e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_header_of_an_error),
      cmocka_unit_test(test_versions),
      cmocka_unit_test(test_draft),
      cmocka_unit_test(test_starttls_refused),
      cmocka_unit_test(test_tls_policy),
      cmocka_unit_test(test_injection),
      cmocka_unit_test(test_behind_proceed),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_limits_after),
      cmocka_unit_test(test_attributes),
      cmocka_unit_test(test_verifying),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
