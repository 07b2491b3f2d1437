/* SPDX-License-Identifier: MIT */
#include "stream_end.h"

/* Resource binding in both roles, and features and elements beyond the machine. */

#define HEADER        "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' version='1.0'>"
#define AUTH          "<auth " SASL " mechanism='EXTERNAL'>=</auth>"
#define NS            "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
#define E             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
#define ASK(resource) "<iq type='set' id='b1'><bind " NS ">" resource "</bind></iq>"
#define GIVEN(jid)    "<iq id='b1' type='result'><bind " NS "><jid>" jid "</jid></bind></iq>"
#define SESSION       "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"

static void forget(end *e) {
  (void)end_said(e);
  e->n_log = 0;
  e->log[0] = '\0';
}

/* A server's side, its client authenticated and not yet bound. */
static void make_server(end *e, unsigned flags, int dialect) {
  end_init(e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e->offered = STOX_FEATURE_MECHANISMS;
  e->options.dialect = dialect;
  assert_status(end_make(e), STOX_OK);
  end_say(e, HEADER);
  end_say(e, AUTH);
  (void)end_said(e);
  end_say(e, HEADER);
  /* "XC-7-04" "XC-6.2-15": asked for where it was not offered by the host */
  assert_non_null(strstr(end_said(e), "<stream:features><bind " NS "/></stream:features>"));
  e->flags = flags;
  forget(e);
}

/* "XC-7-07" "XC-7-08" "XC-7-09" "XC-7-10" "XC-3.5-04" */
static void test_accept(void **state) {
  (void)state;
  const struct {
    const char *asked;
    stox_span granted;
    int status;
    const char *want;
  } rows[] = {
      {ASK("<resource>r</resource>"), S("r"), STOX_OK, GIVEN("me@b.example/r")},
      {ASK("<resource>r</resource>"), S("other"), STOX_OK, GIVEN("me@b.example/other")},
      {ASK("<resource>r</resource>"), {NULL, 0}, STOX_OK, GIVEN("me@b.example/" ID_32)},
      {ASK(""), {NULL, 0}, STOX_OK, GIVEN("me@b.example/" ID_32)},
      {ASK(""), S("a<b"), STOX_OK, GIVEN("me@b.example/a&lt;b")},
      {ASK(""), S(""), STOX_E_ARG, ""},
      {ASK(""), S("\1"), STOX_E_ARG, ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    end e;
    make_server(&e, END_NO_ANSWER, STOX_DIALECT_RFC);
    assert_status(stox_stream_bind_accept(e.stream, S("r"), 0), STOX_E_STATE);
    end_say(&e, rows[i].asked);
    assert_string_equal(e.log, "B");
    end_say(&e, "<message/>"); /* waits */
    assert_status(stox_stream_bind_accept(e.stream, rows[i].granted, 0), rows[i].status);
    end_pull(&e);
    assert_string_equal(end_said(&e), rows[i].want);
    assert_string_equal(e.log, rows[i].status == STOX_OK ? "BRM" : "B");
    end_free(&e);
  }
}

/* A resource that cannot be one: replaced by the RFC, refused by the draft: "XC-7-11" "XC-7-15". */
static void test_bad_resource(void **state) {
  (void)state;
  static const char *const asked[] = {ASK("<resource/>"), ASK("<resource>\xee\x80\x80</resource>")};
  for (size_t i = 0; i < COUNT(asked); i++) {
    end e;
    make_server(&e, 0, STOX_DIALECT_RFC);
    end_say(&e, asked[i]);
    assert_string_equal(end_said(&e), GIVEN("me@b.example/" ID_32));
    end_free(&e);
    make_server(&e, 0, STOX_DIALECT_DRAFT2005);
    end_say(&e, asked[i]);
    assert_non_null(strstr(end_said(&e), "<error type='modify'><bad-request " E "/></error></iq>"));
    assert_string_equal(e.log, "");
    end_free(&e);
  }
}

/* "XC-7-12" "XC-7-13", and how often one may try. */
static void test_refuse(void **state) {
  (void)state;
  static const struct {
    int condition;
    const char *want;
  } rows[] = {
      {STOX_COND_CONFLICT, "<error type='modify'><conflict " E "/></error>"},
      {STOX_COND_NOT_ALLOWED, "<error type='cancel'><not-allowed " E "/></error>"},
      {STOX_COND_RESOURCE_CONSTRAINT, "<error type='wait'><resource-constraint " E "/></error>"},
      {STOX_COND_BAD_REQUEST, "<error type='modify'><bad-request " E "/></error>"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char want[256];
    end e;
    make_server(&e, END_NO_ANSWER, STOX_DIALECT_RFC);
    (void)snprintf(want, sizeof want, "<iq id='b1' type='error'>%s</iq>", rows[i].want);
    for (int times = 0; times < 6; times++) {
      end_say(&e, ASK(""));
      assert_status(stox_stream_bind_refuse(e.stream, 999, 0), STOX_E_ARG);
      assert_status(stox_stream_bind_refuse(e.stream, rows[i].condition, 0), STOX_OK);
      assert_status(stox_stream_bind_refuse(e.stream, rows[i].condition, 0), STOX_E_STATE);
      end_pull(&e);
      assert_int_equal(strncmp(end_said(&e), want, strlen(want)), 0);
    }
    assert_string_equal(e.log, "BBBBBBxCZ");
    assert_int_equal(e.condition, STOX_STREAM_POLICY_VIOLATION);
    end_free(&e);
  }
}

/* A bound stream binds no more; the session of old does nothing. */
static void test_bound(void **state) {
  (void)state;
  end e;
  make_server(&e, 0, STOX_DIALECT_RFC);
  end_say(&e, ASK("<resource>r</resource>"));
  forget(&e);
  end_say(&e, ASK("<resource>s</resource>"));
  assert_string_equal(end_said(&e), "<iq id='b1' type='error'><error type='cancel'><not-allowed " E
                                    "/></error></iq>");
  end_say(&e, "<iq type='set' id='s1'>" SESSION "</iq>");
  assert_string_equal(end_said(&e), "<iq id='s1' type='result'/>");
  assert_string_equal(e.log, "");
  assert_span_equal(stox_stream_jid(e.stream), S("me@b.example/r"));
  end_free(&e);
}

static int fail_fill(void *ud, void *p, size_t n) {
  (void)ud;
  (void)p;
  (void)n;
  return STOX_E_NOMEM;
}

/* Without randomness there is no resource, and no stream id: the stream ends. */
static void test_random_fails(void **state) {
  (void)state;
  end e;
  make_server(&e, END_NO_ANSWER, STOX_DIALECT_RFC);
  end_say(&e, ASK(""));
  e.random.fill = fail_fill;
  assert_status(stox_stream_bind_accept(e.stream, (stox_span){NULL, 0}, 0), STOX_E_NOMEM);
  end_pull(&e);
  assert_string_equal(e.log, "BxCZ");
  assert_int_equal(e.condition, STOX_STREAM_INTERNAL_SERVER_ERROR);
  end_free(&e);
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e.random.fill = fail_fill;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, HEADER);
  assert_string_equal(e.log, "HxCZ");
  assert_string_equal(end_said(&e), "");
  end_free(&e);
}

/* A client's side, authenticated; the server offers `features`. */
static void make_client(end *e, unsigned flags, const char *features) {
  char text[512];
  end_init(e, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
  e->flags = flags;
  assert_status(end_make(e), STOX_OK);
  end_say(e, HEADER "<stream:features><mechanisms " SASL
                    "><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>");
  end_say(e, "<success " SASL "/>");
  forget(e);
  (void)snprintf(text, sizeof text, HEADER "<stream:features>%s</stream:features>", features);
  end_say(e, text);
}

#define BIND "<bind " NS "/>"

/* "XC-7-05" "XC-7-06" */
static void test_client(void **state) {
  (void)state;
  static const struct {
    const char *features;
    const char *said;
    const char *log;
    int condition;
    const char *jid;
  } rows[] = {
      {BIND,
       "<iq type='result' id='" ID_16 "'><bind " NS "><jid> me@b.example/r </jid></bind></iq>",
       "HFR", 0, "me@b.example/r"},
      {BIND "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>",
       "<iq type='result' id='" ID_16 "'><bind " NS "><jid>me@b.example/r</jid></bind></iq>", "HFR",
       0, "me@b.example/r"},
      {BIND SESSION,
       "<iq type='result' id='" ID_16 "'><bind " NS "><jid>me@b.example/r</jid></bind></iq>", "HF",
       0, "me@b.example/r"},
      {BIND SESSION,
       "<iq type='result' id='" ID_16 "'><bind " NS "><jid>me@b.example/r</jid></bind></iq>"
       "<message/><iq type='result' id='" ID_16 "'/><presence/>",
       "HFMRM", 0, "me@b.example/r"},
      {BIND SESSION,
       "<iq type='result' id='" ID_16 "'><bind " NS "><jid>me@b.example/r</jid></bind></iq>"
       "<iq type='error' id='" ID_16 "'/>",
       "HFR", 0, "me@b.example/r"},
      {BIND, "<iq type='result' id='" ID_16 "'/>", "HFxCZ", STOX_STREAM_BAD_FORMAT, ""},
      {BIND, "<iq type='result' id='" ID_16 "'><bind " NS "><jid>me@b.example</jid></bind></iq>",
       "HFxCZ", STOX_STREAM_BAD_FORMAT, ""},
      {BIND, "<message/>", "HFxCZ", STOX_STREAM_NOT_AUTHORIZED, ""},
      {BIND, "<iq type='result' id='other'/>", "HFxCZ", STOX_STREAM_NOT_AUTHORIZED, ""},
      {BIND, "<iq type='error' id='" ID_16 "'><error type='modify'><conflict " E "/></error></iq>",
       "HFb", 0, ""},
      {"<x xmlns='urn:x'><required/></x>", "", "HxCZ", STOX_STREAM_UNSUPPORTED_FEATURE, ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    end e;
    make_client(&e, 0, rows[i].features);
    const int asks = strstr(rows[i].features, "bind") != NULL;
    assert_true(!asks || strstr(end_said(&e), "<iq id='" ID_16 "' type='set'>" BIND "</iq>"));
    end_feed_by(&e, stox_span_text(rows[i].said), 0); /* nothing, where that is empty */
    assert_string_equal(e.log, rows[i].log);
    assert_int_equal(e.condition, rows[i].condition);
    assert_span_equal(stox_stream_jid(e.stream), stox_span_text(rows[i].jid));
    end_free(&e);
  }
}

static void test_client_again(void **state) {
  (void)state;
  end e;
  make_client(&e, 0, BIND);
  end_say(&e,
          "<iq type='error' id='" ID_16 "'><error type='modify'><conflict " E "/></error></iq>");
  (void)end_said(&e);
  assert_status(stox_stream_bind(e.stream, S("\xff"), 0), STOX_E_BAD_UTF8);
  assert_status(stox_stream_bind(e.stream, S("r2"), 0), STOX_OK);
  assert_status(stox_stream_bind(e.stream, S("r2"), 0), STOX_E_STATE);
  end_pull(&e);
  assert_string_equal(end_said(&e), "<iq id='" ID_16 "' type='set'><bind " NS
                                    "><resource>r2</resource></bind></iq>");
  end_free(&e);
}

/* Elements of namespaces that the host takes: "XC-4.1-04". */
static void test_elements(void **state) {
  (void)state;
  static const char *const taken[] = {"urn:xmpp:sm:3"};
  end e;
  end_init(&e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_MECHANISMS;
  e.options.namespaces = taken;
  e.options.n_namespaces = 1;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, HEADER "<r xmlns='urn:xmpp:sm:3'/>");
  end_say(&e, AUTH);
  end_say(&e, HEADER ASK("") "<enable xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:2'/>");
  assert_string_equal(e.log, "HESHBRExCZ");
  assert_int_equal(e.condition, STOX_STREAM_UNSUPPORTED_STANZA_TYPE);
  end_free(&e);
}

/* What is asked of a machine out of its turn. */
static void test_states(void **state) {
  (void)state;
  end e;
  const stox_stream_error bad = {.condition = STOX_STREAM_NONE};
  const stox_stream_error error = {
      .condition = STOX_STREAM_SYSTEM_SHUTDOWN, .text = S("bye"), .lang = S("en")};
  make_server(&e, 0, STOX_DIALECT_RFC);
  assert_status(stox_stream_starttls(e.stream, 0), STOX_E_STATE);
  assert_status(stox_stream_bind(e.stream, S("r"), 0), STOX_E_STATE);
  assert_status(stox_stream_send(e.stream, S("<a/>")), STOX_E_STATE);
  assert_status(stox_stream_done(e.stream, 1, STOX_OK, 0), STOX_E_STATE);
  assert_status(stox_stream_authenticate(e.stream, S("x@y"), STOX_STREAM_BY_SASL, 0), STOX_E_STATE);
  assert_status(stox_stream_authenticate(e.stream, S("x@y"), STOX_STREAM_BY_DIALBACK, 0),
                STOX_E_STATE);
  assert_status(stox_stream_fail(e.stream, &bad, 0), STOX_E_ARG);
  /* "XC-4.7.3-19" "XC-4.7.2-03" */
  assert_status(stox_stream_fail(e.stream, &error, 0), STOX_OK);
  assert_status(stox_stream_fail(e.stream, &error, 0), STOX_E_STATE);
  assert_status(stox_stream_feed(e.stream, S("<a/>"), 0), STOX_E_STATE);
  assert_status(stox_stream_put(e.stream, S("<a/>"), 0), STOX_E_STATE);
  assert_status(stox_stream_close(e.stream, 0), STOX_OK);
  end_pull(&e);
  assert_string_equal(end_said(&e),
                      "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>bye</text>"
                      "</stream:error></stream:stream>");
  assert_string_equal(e.log, "xCZ");
  end_free(&e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accept),       cmocka_unit_test(test_bad_resource),
      cmocka_unit_test(test_refuse),       cmocka_unit_test(test_bound),
      cmocka_unit_test(test_random_fails), cmocka_unit_test(test_client),
      cmocka_unit_test(test_client_again), cmocka_unit_test(test_elements),
      cmocka_unit_test(test_states),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
