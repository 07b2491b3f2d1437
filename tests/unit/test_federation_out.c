/* SPDX-License-Identifier: MIT */
#include "fed_pair.h"

/* The initiating side against a server that is played by hand: what it offers, refuses, and says
 * out of turn. */

#define ROOT                                                                                       \
  "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                     \
  "xmlns:stream='http://etherx.jabber.org/streams' "
#define HEADER                                                                                     \
  ROOT "xmlns:db='jabber:server:dialback' from='b.example' to='a.example' id='i1' version='1.0'>"
#define NO_DB_HEADER  ROOT "from='b.example' to='a.example' id='i1' version='1.0'>"
#define FEATURES(all) "<stream:features>" all "</stream:features>"
#define STARTTLS      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define PROCEED       "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define SASL          "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define EXTERNAL      "<mechanisms " SASL "><mechanism>EXTERNAL</mechanism></mechanisms>"
#define DIALBACK      "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
#define VALID(local)  "<db:result from='b.example' to='" local "' type='valid'/>"
#define DOWN          "DOWN a.example b.example "

typedef struct out_net {
  net n;
  net_host *a;
  net_host *hand;
} out_net;

static void make(out_net *p) {
  static const char *const at_a[] = {"a.example", "chat.a.example"};
  static const stox_federation_hop hop = {{NULL, 0}, {{"192.0.2.2", 9}, 5269, STOX_TRANSPORT_TCP}};
  memset(p, 0, sizeof *p);
  net_init(&p->n);
  p->a = net_add(&p->n, "192.0.2.1", at_a, 2);
  p->a->identities = "DNS:a.example\n";
  p->a->options.hops = &hop;
  p->a->options.n_hops = 1;
  p->hand = net_add_hand(&p->n, "192.0.2.2");
  p->hand->identities = "DNS:b.example\n";
}

static void start(out_net *p) {
  assert_status(net_start(p->a), STOX_OK);
  assert_status(net_want(p->a, "a.example", "b.example"), STOX_E_STATE);
  net_run(&p->n);
}

static void say(out_net *p, const char *text) {
  net_say(p->hand, p->hand->last, text);
}

static int heard(out_net *p, const char *text) {
  return strstr(net_heard(p->hand), text) != NULL;
}

/* As far as the features behind TLS. */
static void secure(out_net *p, const char *features) {
  char text[1024];
  start(p);
  say(p, HEADER FEATURES(STARTTLS));
  assert_true(heard(p, "<starttls"));
  say(p, PROCEED);
  assert_true(heard(p, "<stream:stream"));
  (void)snprintf(text, sizeof text, HEADER FEATURES("%s"), features);
  say(p, text);
}

/* A pair that dialback has authenticated. */
static void ready(out_net *p) {
  make(p);
  secure(p, DIALBACK);
  assert_true(heard(p, "<db:result from='a.example' to='b.example'>"));
  say(p, VALID("a.example"));
  assert_string_equal(net_log(p->a), "UP a.example b.example dialback tls verified\n");
}

/* ---- TLS ---- */

/* Without TLS there is nothing but its demand, unless policy says otherwise: nobody strips it. RFC
 * 7590 3.1: it is demanded also where it is not offered. */
static void test_no_tls(void **state) {
  (void)state;
  static out_net p;
  static const char *const rows[] = {
      HEADER FEATURES(""),
      HEADER FEATURES(DIALBACK),
      HEADER FEATURES(EXTERNAL DIALBACK),
  };
  for (int is_required = 0; is_required < 2; is_required++) {
    for (size_t i = 0; i < COUNT(rows); i++) {
      make(&p);
      p.a->options.require_tls = is_required;
      start(&p);
      (void)net_heard(p.hand);
      say(&p, rows[i]);
      if (is_required) {
        assert_true(heard(&p, "<starttls"));
        say(&p, i == 0 ? "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>" : "");
        net_pass(&p.n, 40 * SECOND);
        assert_string_equal(net_log(p.a), DOWN "BAD_TLS\n");
        /* Behind starttls nothing but TLS may be said. */
        assert_int_equal(heard(&p, "</stream:stream>"), i == 0);
      } else {
        /* EXTERNAL means nothing in clear. */
        assert_true(heard(&p, "<db:result from='a.example' to='b.example'>"));
        say(&p, VALID("a.example"));
        assert_string_equal(net_log(p.a), "UP a.example b.example dialback\n");
      }
      net_pass(&p.n, 40 * SECOND);
      net_free(&p.n);
    }
  }
}

/* Who took the offer out did not take TLS out. */
static void test_stripped_offer(void **state) {
  (void)state;
  static out_net p;
  make(&p);
  start(&p);
  say(&p, HEADER FEATURES(DIALBACK));
  assert_true(heard(&p, "<starttls"));
  say(&p, PROCEED);
  say(&p, HEADER FEATURES(DIALBACK));
  assert_true(heard(&p, "<db:result from='a.example' to='b.example'>"));
  say(&p, VALID("a.example"));
  assert_string_equal(net_log(p.a), "UP a.example b.example dialback tls verified\n");
  net_free(&p.n);
}

static void test_tls_fails(void **state) {
  (void)state;
  static out_net p;
  make(&p); /* it refuses */
  start(&p);
  say(&p, HEADER FEATURES(STARTTLS));
  say(&p, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
  assert_string_equal(net_log(p.a), DOWN "REFUSED\n");
  net_free(&p.n);

  make(&p); /* its certificate is refused by whoever does TLS */
  p.hand->identities = "DNS:x.example\n";
  p.a->options.require_verified = 1;
  start(&p);
  say(&p, HEADER FEATURES(STARTTLS));
  (void)net_heard(p.hand);
  say(&p, PROCEED);
  assert_string_equal(net_log(p.a), DOWN "AUTH\n");
  assert_true(heard(&p, "")); /* nothing was said behind it */
  assert_int_equal(p.hand->n_said, 0);
  net_free(&p.n);
}

/* TLS that does not say with whom is none. */
static void test_tls_without_peer(void **state) {
  (void)state;
  static out_net p;
  make(&p);
  start(&p);
  say(&p, HEADER FEATURES(STARTTLS));
  const uint64_t handle = p.n.flows[0].ends[0].handle;
  const stox_flow flow = {.handle = handle};
  assert_status(stox_federation_feed(p.a->fed, &flow, S(PROCEED), p.n.now_ns), STOX_OK);
  const stox_action *a = stox_federation_next(p.a->fed);
  assert_int_equal(a->kind, STOX_DO_START_TLS);
  const uint64_t token = a->token;
  assert_status(stox_federation_done(p.a->fed, token, STOX_OK, &flow, p.n.now_ns), STOX_OK);
  assert_status(stox_federation_done(p.a->fed, token, STOX_OK, &flow, p.n.now_ns), STOX_OK);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), DOWN "AUTH\n");
  net_free(&p.n);
}

/* Whoever does TLS may take what policy does not. */
static void test_careless_tls(void **state) {
  (void)state;
  static out_net p;
  for (int is_dialback = 0; is_dialback < 2; is_dialback++) {
    make(&p);
    p.hand->identities = "DNS:x.example\n";
    p.a->is_careless = 1;
    p.a->options.require_verified = is_dialback;
    p.a->options.is_dialback_on = is_dialback;
    secure(&p, EXTERNAL DIALBACK);
    assert_true(heard(&p, "<not-authorized"));
    assert_string_equal(net_log(p.a), DOWN "AUTH not-authorized\n");
    net_free(&p.n);
  }
}

/* ---- which way ---- */

/* "XC-8.3-03": what the peer offers, what is allowed, and what is tried. */
static void test_choice(void **state) {
  (void)state;
  static out_net p;
  static const struct {
    const char *said;
    const char *heard; /* "": nothing but the end */
    const char *log;
    int has_certificate;
    int is_dialback_on;
  } rows[] = {
      {HEADER FEATURES(EXTERNAL DIALBACK), "<auth", "", 1, 1},
      {HEADER FEATURES(EXTERNAL), "<auth", "", 1, 0},
      {HEADER FEATURES(EXTERNAL DIALBACK), "<db:result", "", 0, 1},
      {HEADER FEATURES(DIALBACK), "<db:result", "", 1, 1},
      {HEADER FEATURES(""), "<db:result", "", 1, 1},
      {NO_DB_HEADER FEATURES(DIALBACK), "<db:result", "", 1, 1},
      {NO_DB_HEADER FEATURES(""), "</stream:stream>", DOWN "AUTH\n", 1, 1},
      {HEADER FEATURES(DIALBACK), "</stream:stream>", DOWN "AUTH\n", 1, 0},
      {HEADER FEATURES(EXTERNAL), "</stream:stream>", DOWN "AUTH\n", 0, 0},
      {HEADER FEATURES("<mechanisms " SASL "><mechanism>PLAIN</mechanism></mechanisms>"),
       "</stream:stream>", DOWN "AUTH\n", 1, 0},
      /* "XC-8.3-06" */
      {ROOT "xmlns:db='jabber:server:dialback2' from='b.example' id='i' version='1.0'>",
       "<invalid-namespace", DOWN "REFUSED invalid-namespace\n", 1, 1},
      {"<stream:stream xmlns='jabber:client' from='b.example' id='i' version='1.0' "
       "xmlns:stream='http://etherx.jabber.org/streams'>",
       "<invalid-namespace", DOWN "REFUSED invalid-namespace\n", 1, 1},
      {HEADER FEATURES("<x xmlns='y'><required/></x>"), "<db:result", "", 1, 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    make(&p);
    p.a->domains[0].has_certificate = rows[i].has_certificate;
    p.a->options.is_dialback_on = rows[i].is_dialback_on;
    start(&p);
    say(&p, HEADER FEATURES(STARTTLS));
    say(&p, PROCEED);
    (void)net_heard(p.hand);
    say(&p, rows[i].said);
    assert_true(heard(&p, rows[i].heard));
    assert_string_equal(net_log(p.a), rows[i].log);
    net_pass(&p.n, 60 * SECOND);
    net_free(&p.n);
  }
}

/* ---- EXTERNAL ---- */

static void test_sasl(void **state) {
  (void)state;
  static out_net p;
  static const struct {
    const char *said;
    const char *heard;
    const char *log;
    int is_dialback_on;
  } rows[] = {
      {"<success " SASL "/>", "<?xml version='1.0'?><stream:stream", "", 1},
      {"<failure " SASL "><not-authorized/></failure>", "<db:result", "", 1},
      {"<failure " SASL "><not-authorized/></failure>", "</stream:stream>",
       DOWN "AUTH not-authorized\n", 0},
      {"<challenge " SASL ">eA==</challenge>", "<abort", "", 1},
      {"<challenge " SASL ">!</challenge>", "<abort", "", 1},
      {"<auth " SASL " mechanism='EXTERNAL'/>", "<not-authorized", DOWN "REFUSED not-authorized\n",
       1},
      {"<x " SASL "/>", "<not-authorized", DOWN "REFUSED not-authorized\n", 1},
      {"</stream:stream>", "</stream:stream>", DOWN "CLOSED\n", 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    make(&p);
    p.a->options.is_dialback_on = rows[i].is_dialback_on;
    secure(&p, EXTERNAL DIALBACK);
    assert_true(heard(&p, "<auth " SASL " mechanism='EXTERNAL'>"));
    say(&p, rows[i].said);
    assert_true(heard(&p, rows[i].heard));
    assert_string_equal(net_log(p.a), rows[i].log);
    net_free(&p.n);
  }

  /* An exchange that broke the mechanism's rules ends the stream, with no other way behind it. */
  make(&p);
  secure(&p, EXTERNAL DIALBACK);
  say(&p, "<challenge " SASL ">eA==</challenge>");
  (void)net_heard(p.hand);
  say(&p, "<failure " SASL "><aborted/></failure>");
  assert_true(heard(&p, "<not-authorized"));
  assert_string_equal(net_log(p.a), DOWN "AUTH not-authorized\n");
  net_free(&p.n);

  /* What is offered behind it changes nothing. */
  make(&p);
  secure(&p, EXTERNAL DIALBACK);
  say(&p, "<success " SASL "/>");
  (void)net_heard(p.hand);
  say(&p, HEADER FEATURES(EXTERNAL DIALBACK STARTTLS));
  assert_string_equal(net_log(p.a), "UP a.example b.example sasl tls verified\n");
  assert_int_equal(p.hand->n_said, 0);
  net_free(&p.n);
}

/* Nothing was asked. */
static void test_sasl_unasked(void **state) {
  (void)state;
  static out_net p;
  make(&p);
  secure(&p, DIALBACK);
  say(&p, "<success " SASL "/>");
  assert_true(heard(&p, "<not-authorized"));
  assert_string_equal(net_log(p.a), DOWN "AUTH not-authorized\n");
  net_free(&p.n);
}

/* ---- dialback ---- */

/* A key needs the id of the stream (RFC 6120 4.7.3). */
static void test_no_id(void **state) {
  (void)state;
  static out_net p;
  make(&p);
  secure(&p, "");
  net_free(&p.n);
  make(&p);
  start(&p);
  say(&p, HEADER FEATURES(STARTTLS));
  say(&p, PROCEED);
  (void)net_heard(p.hand);
  say(&p, ROOT "xmlns:db='jabber:server:dialback' from='b.example' version='1.0'>" FEATURES(""));
  assert_true(heard(&p, "<bad-format"));
  assert_string_equal(net_log(p.a), DOWN "MISSING bad-format\n");
  net_free(&p.n);
}

static void test_results(void **state) {
  (void)state;
  static out_net p;
  static const struct {
    const char *said;
    const char *log;
  } rows[] = {
      {VALID("a.example"), "UP a.example b.example dialback tls verified\n"},
      {VALID("A.Example"), "UP a.example b.example dialback tls verified\n"},
      {"<db:result from='b.example' to='a.example' type='invalid'/>", DOWN "AUTH\n"},
      {"<db:result from='b.example' to='a.example' type='error'/>", DOWN "AUTH\n"},
#define ERROR(condition)                                                                           \
  "<db:result from='b.example' to='a.example' type='error'><error><" condition                     \
  " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>"
      {ERROR("item-not-found"), DOWN "UNKNOWN_DOMAIN not-found\n"},
      {ERROR("gone"), DOWN "UNKNOWN_DOMAIN not-found\n"},
      {ERROR("remote-server-timeout"), DOWN "TIMEOUT\n"},
      {ERROR("resource-constraint"), DOWN "LIMIT\n"},
      {ERROR("policy-violation"), DOWN "AUTH\n"},
      /* nobody's */
      {VALID("chat.a.example"), ""},
      {VALID("x.example"), ""},
      {"<db:result from='c.example' to='a.example' type='valid'/>", ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    make(&p);
    secure(&p, DIALBACK);
    (void)net_heard(p.hand);
    say(&p, rows[i].said);
    const int is_down = strncmp(rows[i].log, "DOWN", 4) == 0;
    assert_string_equal(net_log(p.a), rows[i].log);
    assert_int_equal(strstr(net_heard(p.hand), "</stream:stream>") != NULL, is_down);
    net_free(&p.n);
  }
  make(&p);
  p.a->options.dialect = STOX_DIALECT_DRAFT2005;
  secure(&p, DIALBACK);
  say(&p, VALID("x.example"));
  assert_true(heard(&p, "<invalid-id"));
  net_free(&p.n);
}

/* What servers may not say over the streams that others opened ("XC-4.2-03"), and what they may. */
static void test_out_of_turn(void **state) {
  (void)state;
  static out_net p;
  ready(&p);
  say(&p, "<db:result from='b.example' to='a.example'>k</db:result>");
  assert_true(heard(&p, "type='error'><error type='cancel'><not-allowed"));
  say(&p, "<db:verify from='b.example' to='a.example' id='x'>k</db:verify>");
  assert_true(heard(&p, "id='x' type='invalid'"));
  assert_string_equal(net_log(p.a), "");
  say(&p, "<message from='x@b.example' to='y@a.example'/>");
  assert_true(heard(&p, "<not-authorized"));
  assert_string_equal(net_log(p.a), DOWN "REFUSED not-authorized\n");
  net_free(&p.n);
}

/* Another local domain on that stream: the verdict is its own; and only where errors do not end all
 * (XEP-0220 2.6.3). */
static void test_shared(void **state) {
  (void)state;
  static out_net p;
  ready(&p);
  assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_true(heard(&p, "<db:result from='chat.a.example' to='b.example'>"));
  say(&p, "<db:result from='b.example' to='chat.a.example' type='invalid'/>");
  assert_string_equal(net_log(p.a), "DOWN chat.a.example b.example AUTH\n");
  assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_OK);
  net_run(&p.n);
  assert_true(heard(&p, "id='1'"));
  assert_int_equal(p.n.n_opens, 1);
  net_free(&p.n);

  ready(&p); /* no verdict comes: the others do not wait for it */
  assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
  net_pass(&p.n, 29 * SECOND);
  assert_string_equal(net_log(p.a), "");
  net_pass(&p.n, 2 * SECOND);
  assert_string_equal(net_log(p.a), "DOWN chat.a.example b.example TIMEOUT\n");
  say(&p, VALID("chat.a.example"));
  assert_string_equal(net_log(p.a), "");
  assert_true(stox_federation_is_up(p.a->fed, S("a.example"), S("b.example")));
  net_free(&p.n);

  make(&p); /* the peer knows no errors */
  secure(&p, "");
  say(&p, VALID("a.example"));
  assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_int_equal(p.n.n_opens, 2);
  net_free(&p.n);
}

/* ---- ends ---- */

static void test_ends(void **state) {
  (void)state;
  static out_net p;
  static const struct {
    const char *said;
    const char *log;
  } rows[] = {
      {"</stream:stream>", DOWN "CLOSED\n"},
      {"<stream:error><system-shutdown "
       "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
       DOWN "REFUSED system-shutdown\n"},
      {"<a></b>", DOWN "REFUSED not-well-formed\n"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    ready(&p);
    assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
    net_run(&p.n);
    say(&p, VALID("chat.a.example"));
    (void)net_log(p.a);
    say(&p, rows[i].said);
    char log[512];
    (void)snprintf(log, sizeof log, "%sDOWN chat.a.example b.example %s", rows[i].log,
                   rows[i].log + sizeof DOWN - 1);
    assert_string_equal(net_log(p.a), log);
    assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
    net_run(&p.n);
    assert_int_equal(p.n.n_opens, 2);
    net_free(&p.n);
  }
}

/* While the stream is closing nothing is accepted, and what comes of it is told. */
static void test_send_while_ending(void **state) {
  (void)state;
  static out_net p;
  ready(&p);
  net_pass(&p.n, 601 * SECOND);
  assert_true(heard(&p, "</stream:stream>"));
  assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_E_STATE);
  assert_string_equal(net_log(p.a), "");
  say(&p, "</stream:stream>");
  assert_string_equal(net_log(p.a), DOWN "OK\n");
  net_free(&p.n);

  ready(&p); /* the peer says nothing to it */
  net_pass(&p.n, 610 * SECOND);
  assert_string_equal(net_log(p.a), DOWN "TIMEOUT\n");
  net_free(&p.n);
}

/* Who says nothing is left after a time. */
static void test_silence(void **state) {
  (void)state;
  static out_net p;
  make(&p);
  start(&p);
  net_pass(&p.n, 31 * SECOND);
  assert_string_equal(net_log(p.a), DOWN "TIMEOUT connection-timeout\n");
  net_free(&p.n);

  make(&p); /* the verdict does not come */
  secure(&p, DIALBACK);
  net_pass(&p.n, 31 * SECOND);
  assert_string_equal(net_log(p.a), DOWN "TIMEOUT connection-timeout\n");
  net_free(&p.n);
}

/* Servers older than XMPP 1.0: dialback in clear, where both are allowed. */
static void test_legacy(void **state) {
  (void)state;
  static out_net p;
  for (int is_allowed = 0; is_allowed < 2; is_allowed++) {
    make(&p);
    p.a->options.allow_legacy = is_allowed;
    p.a->options.require_tls = !is_allowed;
    start(&p);
    say(&p, ROOT "xmlns:db='jabber:server:dialback' id='i1'>");
    if (is_allowed) {
      say(&p, VALID("a.example"));
      assert_string_equal(net_log(p.a), "UP a.example b.example dialback\n");
    } else {
      assert_string_equal(net_log(p.a), DOWN "REFUSED unsupported-version\n");
    }
    net_free(&p.n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_tls),       cmocka_unit_test(test_stripped_offer),
      cmocka_unit_test(test_tls_fails),    cmocka_unit_test(test_tls_without_peer),
      cmocka_unit_test(test_careless_tls), cmocka_unit_test(test_choice),
      cmocka_unit_test(test_sasl_unasked), cmocka_unit_test(test_no_id),
      cmocka_unit_test(test_sasl),         cmocka_unit_test(test_results),
      cmocka_unit_test(test_out_of_turn),  cmocka_unit_test(test_shared),
      cmocka_unit_test(test_ends),         cmocka_unit_test(test_send_while_ending),
      cmocka_unit_test(test_silence),      cmocka_unit_test(test_legacy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
