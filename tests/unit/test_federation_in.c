/* SPDX-License-Identifier: MIT */
#include "fed_in.h"

/* What the receiving side offers, whom it believes, and whose stanzas it takes. */

/* ---- what is offered ---- */

static void test_offers(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_dial(&p);
  in_say(&p, HEADER);
  assert_true(in_heard(&p, "<stream:features><starttls "
                           "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
                           "</stream:features>"));
  net_free(&p.n);

  /* A certificate that proves the header's name: EXTERNAL first (RFC 6120 6.3.4). */
  static const struct {
    const char *identities;
    const char *header;
    int is_trusted;
    int is_dialback_on;
    const char *heard;
  } rows[] = {
      {"DNS:a.example\n", HEADER, 1, 1, "<mechanism>EXTERNAL</mechanism></mechanisms><dialback"},
      {"DNS:a.example\n", HEADER, 1, 0,
       "<mechanism>EXTERNAL</mechanism></mechanisms></stream:features>"},
      {"DNS:x.example\n", HEADER, 1, 1, "<stream:features><dialback"},
      {"DNS:x.example\n", HEADER, 1, 0, "<not-authorized"},
      {"DNS:a.example\n", HEADER, 0, 1, "<stream:features><dialback"},
      {NULL, HEADER, 1, 0, "<not-authorized"},
      /* Who it is, the exchange will tell. */
      {"DNS:a.example\n", ROOT "to='b.example' version='1.0'>", 1, 0,
       "<mechanism>EXTERNAL</mechanism></mechanisms></stream:features>"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    in_make(&p);
    p.hand->identities = rows[i].identities;
    p.hand->is_trusted = rows[i].is_trusted;
    p.b->options.is_dialback_on = rows[i].is_dialback_on;
    in_start(&p);
    in_dial(&p);
    in_say(&p, HEADER);
    in_say(&p, STARTTLS);
    (void)net_heard(p.hand);
    in_say(&p, rows[i].header);
    assert_true(in_heard(&p, rows[i].heard));
    net_pass(&p.n, 60 * SECOND);
    assert_int_equal(counters_of(p.b).streams_in, 0);
    net_free(&p.n);
  }
}

static void test_headers(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *header;
    const char *condition;
  } rows[] = {
      {ROOT "from='a.example' to='x.example' version='1.0'>", "<host-unknown"},
      {ROOT "from='a.example' version='1.0'>", "<host-unknown"},
      {ROOT "from='a.example' to='gone.b.example' version='1.0'>", "<host-gone"},
      {ROOT "from='b.example' to='b.example' version='1.0'>", "<invalid-from"},
      {ROOT "from='chat.b.example' to='b.example' version='1.0'>", "<invalid-from"},
      {ROOT "from='192.0.2.7' to='b.example' version='1.0'>", "<invalid-from"},
      {ROOT "from='a@b@c' to='b.example' version='1.0'>", "<invalid-from"},
      {ROOT "from='a.example' to='b.example'>", "<unsupported-version"},
      {"<stream:stream xmlns='jabber:client' to='b.example' version='1.0' "
       "xmlns:stream='http://etherx.jabber.org/streams'>",
       "<invalid-namespace"},
      {"nonsense", "<not-well-formed"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    in_make(&p);
    in_start(&p);
    in_dial(&p);
    in_say(&p, rows[i].header);
    assert_true(in_heard(&p, rows[i].condition));
    assert_false(net_is_open(p.hand, p.flow));
    assert_int_equal(counters_of(p.b).streams_in, 0);
    assert_string_equal(net_log(p.b), "");
    net_free(&p.n);
  }
}

/* ---- EXTERNAL ---- */

static void open_external(in_net *p, const char *identities) {
  in_make(p);
  p->hand->identities = identities;
  in_start(p);
  in_dial(p);
  in_secure(p);
  assert_true(in_heard(p, "EXTERNAL"));
}

static void test_external(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *auth;
    const char *heard;
  } rows[] = {
      {"<auth " SASL " mechanism='EXTERNAL'>=</auth>", "<success"},
      {"<auth " SASL " mechanism='EXTERNAL'>YS5leGFtcGxl</auth>", "<success"},
      {"<auth " SASL " mechanism='EXTERNAL'>Yi5leGFtcGxl</auth>", "<failure"}, /* b.example */
      {"<auth " SASL " mechanism='EXTERNAL'>!</auth>", "<incorrect-encoding"},
      {"<auth " SASL " mechanism='PLAIN'>AGEAYg==</auth>", "<mechanism-too-weak"},
      {"<success " SASL "/>", "<not-authorized"},
      {"<challenge " SASL "/>", "<not-authorized"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    open_external(&p, "DNS:a.example\n");
    in_say(&p, rows[i].auth);
    assert_true(in_heard(&p, rows[i].heard));
    net_free(&p.n);
  }
}

/* Too many failures end the stream (RFC 6120 6.4.5). */
static void test_external_retries(void **state) {
  (void)state;
  static in_net p;
  open_external(&p, "DNS:a.example\n");
  for (int i = 0; i < 2; i++) {
    in_say(&p, "<auth " SASL " mechanism='EXTERNAL'>Yi5leGFtcGxl</auth>");
    assert_true(net_is_open(p.hand, p.flow));
  }
  in_say(&p, "<auth " SASL " mechanism='EXTERNAL'>Yi5leGFtcGxl</auth>");
  assert_true(in_heard(&p, "<policy-violation"));
  assert_int_equal(counters_of(p.b).refused_pairs, 3);
  net_free(&p.n);
}

/* "XC-3.5-02": who it is by the certificate and the authorisation identity; stanzas for all local
 * domains, since the proof is of the sender. */
static void test_external_stanzas(void **state) {
  (void)state;
  static in_net p;
  open_external(&p, "DNS:a.example\n");
  in_say(&p, "<auth " SASL " mechanism='EXTERNAL'>YS5leGFtcGxl</auth>");
  in_say(&p, HEADER);
  assert_true(in_heard(&p, "<stream:features></stream:features>"));
  in_say(&p, MESSAGE("x@a.example", "y@b.example") MESSAGE("x@A.example/r", "y@chat.b.example"));
  assert_string_equal(net_log(p.b), "HEARD b.example a.example sasl tls verified\n"
                                    "STANZA b.example a.example 1\n"
                                    "STANZA chat.b.example a.example 1\n");
  in_say(&p, "</stream:stream>");
  assert_true(in_heard(&p, "</stream:stream>"));
  assert_string_equal(net_log(p.b), "GONE b.example a.example CLOSED\n");
  net_free(&p.n);

  /* Who was authenticated does not become another. */
  open_external(&p, "DNS:a.example\nDNS:c.example\n");
  in_say(&p, "<auth " SASL " mechanism='EXTERNAL'>=</auth>");
  in_say(&p, ROOT "from='c.example' to='b.example' version='1.0'>");
  assert_true(in_heard(&p, "<invalid-from"));
  assert_string_equal(net_log(p.b), "");
  net_free(&p.n);
}

/* Whoever holds a certificate of ours does not speak for us to ourselves. */
static void test_external_as_us(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  p.hand->identities = "DNS:b.example\n";
  in_start(&p);
  in_dial(&p);
  in_say(&p, ROOT "to='b.example' version='1.0'>");
  in_say(&p, STARTTLS);
  in_say(&p, ROOT "to='b.example' version='1.0'>");
  assert_true(in_heard(&p, "EXTERNAL"));
  in_say(&p, "<auth " SASL " mechanism='EXTERNAL'>Yi5leGFtcGxl</auth>");
  assert_true(in_heard(&p, "<not-authorized"));
  assert_string_equal(net_log(p.b), "");
  net_free(&p.n);
}

/* SASL in clear is offered to nobody. */
static void test_sasl_in_clear(void **state) {
  (void)state;
  static in_net p;
  for (int is_required = 0; is_required < 2; is_required++) {
    in_make(&p);
    p.hand->identities = "DNS:a.example\n";
    p.b->options.require_tls = is_required;
    in_start(&p);
    in_dial(&p);
    in_say(&p, HEADER);
    in_say(&p, "<auth " SASL " mechanism='EXTERNAL'>=</auth>");
    assert_true(in_heard(&p, is_required ? "<encryption-required" : "<not-authorized"));
    assert_string_equal(net_log(p.b), "");
    net_free(&p.n);
  }
}

/* Peers of before XMPP 1.0: no features, dialback in clear; where both are allowed. */
static void test_legacy(void **state) {
  (void)state;
  static in_net p;
  for (int is_clear = 0; is_clear < 2; is_clear++) {
    in_make(&p);
    p.b->options.allow_legacy = 1;
    p.b->options.require_tls = !is_clear;
    p.b->options.allow_clear_verify = 1;
    in_start(&p);
    in_dial(&p);
    in_say(&p, ROOT "to='b.example'>");
    in_say(&p, KEY("a.example", "b.example"));
    if (is_clear) {
      net_say(p.other, p.other->last, ANSWER FEATURES);
      p.back = p.other->last;
      in_judge(&p, net_heard(p.other), "valid");
    }
    assert_string_equal(net_log(p.b), is_clear ? "HEARD b.example a.example dialback\n" : "");
    assert_true(in_heard(&p, is_clear ? "type='valid'" : "<policy-violation"));
    net_free(&p.n);
  }
}

/* Who has no features cannot be told of TLS, and gets no answers without it either. */
static void test_legacy_verify(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  p.b->options.allow_legacy = 1;
  in_start(&p);
  in_dial(&p);
  in_say(&p, ROOT "to='b.example'>");
  in_say(&p, "<db:verify from='a.example' to='b.example' id='1'>k</db:verify>");
  assert_true(in_heard(&p, "<policy-violation"));
  net_free(&p.n);
}

/* A flow that is fed and not known is taken by the engine's own function. */
static void test_engine(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  const stox_flow flow = {.handle = 1000};
  const stox_engine *e = &p.b->engine;
  assert_status(e->feed(e->engine, &flow, (stox_span){NULL, 0}, p.n.now_ns), STOX_E_STATE);
  assert_status(e->feed(e->engine, &flow, S(" "), p.n.now_ns), STOX_OK);
  assert_true(stox_federation_owns(p.b->fed, 1000));
  assert_true(e->deadline(e->engine) <= p.n.now_ns);
  assert_status(stox_federation_accept(p.b->fed, &flow, p.n.now_ns), STOX_E_STATE);
  assert_status(stox_federation_accept(p.b->fed, NULL, p.n.now_ns), STOX_E_ARG);
  assert_status(e->hold(e->engine, 1000, 1, p.n.now_ns), STOX_OK);
  assert_status(e->hold(e->engine, 1000, 0, p.n.now_ns), STOX_OK);
  assert_status(stox_federation_stop(p.b->fed, p.n.now_ns), STOX_OK);
  const stox_flow late = {.handle = 1001};
  assert_status(e->feed(e->engine, &late, S(" "), p.n.now_ns), STOX_E_STATE);
  net_free(&p.n);
}

/* "XC-8.3-29": more domains by dialback on the same stream. */
static void test_more_domains(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_ready(&p);
  in_say(&p, KEY("a.example", "chat.b.example"));
  net_run(&p.n);
  assert_string_equal(net_log(p.b), "");
  p.back = p.other->last;
  const char *asked = in_asked(&p);
  char id[64];
  char text[512];
  in_id(id, sizeof id, strstr(asked, "<db:verify from='chat.b.example' to='a.example'"));
  (void)snprintf(text, sizeof text,
                 "<db:verify from='a.example' to='chat.b.example' id='%s' type='valid'/>", id);
  net_say(p.other, p.back, text);
  assert_string_equal(net_log(p.b), "HEARD chat.b.example a.example dialback tls\n");
  in_say(&p, KEY("a.example", "chat.b.example")); /* once more: it is known */
  assert_true(in_heard(&p, "from='chat.b.example' to='a.example' type='valid'/><db:result"));
  in_say(&p, MESSAGE("x@a.example", "y@chat.b.example"));
  assert_string_equal(net_log(p.b), "STANZA chat.b.example a.example 1\n");
  assert_int_equal(counters_of(p.b).stanzas_in, 1);
  assert_int_equal(counters_of(p.b).pairs_heard, 2);
  in_say(&p, "</stream:stream>");
  assert_int_equal(counters_of(p.b).pairs_heard, 0);
  net_free(&p.n);
}

/* ---- stanzas ---- */

static void test_stanzas(void **state) {
  (void)state;
  static in_net p;
  static const struct {
    const char *stanza;
    const char *log;
    const char *condition; /* NULL: the stream lives */
  } rows[] = {
      {MESSAGE("x@a.example", "y@b.example"), "STANZA b.example a.example 1\n", NULL},
      {MESSAGE("A.EXAMPLE", "B.EXAMPLE"), "STANZA b.example a.example 1\n", NULL},
      {"<iq from='a.example' to='b.example' id='1' type='get'/>",
       "STANZA b.example a.example 1 BAD_STANZA\n", NULL},
      /* "XC-8.3-30" "XC-9.1.1-03" */
      {"<message from='x@a.example'/>", "GONE b.example a.example REFUSED improper-addressing\n",
       "<improper-addressing"},
      {"<message to='y@b.example'/>", "GONE b.example a.example REFUSED improper-addressing\n",
       "<improper-addressing"},
      {MESSAGE("@a.example", "y@b.example"),
       "GONE b.example a.example REFUSED improper-addressing\n", "<improper-addressing"},
      {MESSAGE("x@a.example", "y@b..example"),
       "GONE b.example a.example REFUSED improper-addressing\n", "<improper-addressing"},
      /* "XC-8.3-31" */
      {MESSAGE("x@c.example", "y@b.example"), "GONE b.example a.example REFUSED invalid-from\n",
       "<invalid-from"},
      {MESSAGE("x@sub.a.example", "y@b.example"), "GONE b.example a.example REFUSED invalid-from\n",
       "<invalid-from"},
      {MESSAGE("x@b.example", "y@b.example"), "GONE b.example a.example REFUSED invalid-from\n",
       "<invalid-from"},
      /* the key was for another local domain */
      {MESSAGE("x@a.example", "y@chat.b.example"),
       "GONE b.example a.example REFUSED invalid-from\n", "<invalid-from"},
      {MESSAGE("x@a.example", "y@c.example"), "GONE b.example a.example REFUSED host-unknown\n",
       "<host-unknown"},
      {MESSAGE("x@a.example", "y@gone.b.example"), "GONE b.example a.example REFUSED host-gone\n",
       "<host-gone"},
      {"<other/>", "GONE b.example a.example REFUSED unsupported-stanza-type\n",
       "<unsupported-stanza-type"},
      {"<a></b>", "GONE b.example a.example REFUSED xml-not-well-formed\n", "well-formed"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    in_make(&p);
    in_start(&p);
    in_ready(&p);
    in_say(&p, rows[i].stanza);
    const char *log = net_log(p.b);
    if (strcmp(log, rows[i].log) != 0 && i + 1 < COUNT(rows)) {
      fail_msg("row %zu: %s", i, log);
    }
    assert_int_equal(net_is_open(p.hand, p.flow), rows[i].condition == NULL);
    if (rows[i].condition != NULL) {
      assert_true(in_heard(&p, rows[i].condition));
    }
    net_free(&p.n);
  }
}

static void test_cut(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.attributes = 12;
  p.b->options.limits = &limits;
  in_start(&p);
  in_ready(&p);
  in_say(&p,
         "<message from='x@a.example' to='y@b.example' id='1' a='' b='' c='' d='' e='' f='' g='' "
         "h='' i='' j='' k='' l='' m=''/>");
  assert_string_equal(net_log(p.b), "STANZA b.example a.example 1 TOO_MANY\n");
  net_free(&p.n);
}

/* "XC-8.3-27": what comes before the verdict is dropped without a word. */
static void test_stanza_too_early(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example") MESSAGE("x@a.example", "y@b.example"));
  in_judge(&p, in_asked(&p), "valid");
  assert_string_equal(net_log(p.b), "HEARD b.example a.example dialback tls\n");
  in_say(&p, MESSAGE("x@a.example", "y@b.example"));
  assert_string_equal(net_log(p.b), "STANZA b.example a.example 1\n");
  net_free(&p.n);

  in_make(&p); /* without a key before it, it is an offence */
  in_start(&p);
  in_open(&p);
  in_say(&p, MESSAGE("x@a.example", "y@b.example"));
  assert_true(in_heard(&p, "<not-authorized"));
  assert_false(net_is_open(p.hand, p.flow));
  net_free(&p.n);
}

/* ---- one stream a direction ---- */

/* "XC-8.3-10": the stream that is there serves until the new one is valid. */
static void test_replaced(void **state) {
  (void)state;
  static in_net p;
  in_make(&p);
  in_start(&p);
  in_ready(&p);
  const uint64_t first = p.flow;
  in_open(&p);
  in_say(&p, KEY("a.example", "b.example"));
  char asked[4096];
  (void)snprintf(asked, sizeof asked, "%s", net_heard(p.other)); /* over the stream that is there */
  net_say(p.hand, first, MESSAGE("x@a.example", "y@b.example"));
  assert_string_equal(net_log(p.b), "STANZA b.example a.example 1\n");
  in_judge(&p, asked, "valid");
  assert_string_equal(net_log(p.b), "GONE b.example a.example OK\n"
                                    "HEARD b.example a.example dialback tls\n");
  assert_non_null(strstr(net_heard(p.hand), "</stream:stream>"));
  net_say(p.hand, first, "</stream:stream>");
  assert_false(net_is_open(p.hand, first));
  assert_true(net_is_open(p.hand, p.flow));
  in_say(&p, MESSAGE("x@a.example", "y@b.example"));
  assert_string_equal(net_log(p.b), "STANZA b.example a.example 1\n");
  net_free(&p.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_offers),
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_external),
      cmocka_unit_test(test_external_retries),
      cmocka_unit_test(test_external_stanzas),
      cmocka_unit_test(test_more_domains),
      cmocka_unit_test(test_external_as_us),
      cmocka_unit_test(test_sasl_in_clear),
      cmocka_unit_test(test_legacy),
      cmocka_unit_test(test_legacy_verify),
      cmocka_unit_test(test_engine),
      cmocka_unit_test(test_stanzas),
      cmocka_unit_test(test_cut),
      cmocka_unit_test(test_stanza_too_early),
      cmocka_unit_test(test_replaced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
