/* SPDX-License-Identifier: MIT */
#include "fed_pair.h"

/* Federations with each other: EXTERNAL, dialback, both refused; pairs that come and go. */

static const size_t chunks[] = {0, 1, 7};

/* Sends one stanza from a to b and looks at both logs. */
static void check_carried(fed_two *p, const char *at_sender, const char *at_receiver) {
  assert_status(net_send(p->a, "a.example", "b.example", "0"), STOX_E_STATE);
  net_run(&p->n);
  assert_string_equal(net_log(p->a), at_sender);
  assert_status(net_send(p->a, "a.example", "b.example", "1"), STOX_OK);
  net_run(&p->n);
  assert_string_equal(net_log(p->b), at_receiver);
}

/* "XC-4.3-01" "XC-8.1-03" "XC-14.4-11" "XC-10.2-03": TLS, then EXTERNAL, and no word of dialback.
 */
static void test_external(void **state) {
  (void)state;
  static fed_two p;
  for (size_t i = 0; i < COUNT(chunks); i++) {
    two_make(&p);
    two_start(&p);
    p.n.chunk = chunks[i];
    check_carried(&p, "UP a.example b.example sasl tls verified\n",
                  "HEARD b.example a.example sasl tls verified\nSTANZA b.example a.example 1\n");
    assert_int_equal(p.n.n_opens, 1);
    assert_int_equal(p.n.n_tls, 1);
    assert_int_equal(counters_of(p.a).external, 1);
    assert_int_equal(counters_of(p.b).dialback, 0);
    net_free(&p.n);
  }
}

/* "XC-8.1-09" "XC-8.3-01" "XC-8.3-11" "XC-8.1-01" "XC-14.4-10" "XC-14.4-02" "XC-12.1-05": without a
 * certificate the key is checked with whom the domain leads to, and the event says how weak that
 * is. */
static void test_dialback(void **state) {
  (void)state;
  static fed_two p;
  for (size_t i = 0; i < COUNT(chunks); i++) {
    two_make(&p);
    p.a->identities = NULL;
    two_start(&p);
    p.n.chunk = chunks[i];
    check_carried(&p, "UP a.example b.example dialback tls verified\n",
                  "HEARD b.example a.example dialback tls\nSTANZA b.example a.example 1\n");
    assert_int_equal(p.n.n_opens, 2); /* and the one back, to check the key */
    assert_int_equal(counters_of(p.b).verifications, 0);
    net_free(&p.n);
  }
}

/* "XC-8.1-02" "XC-14.4-05" "XC-14.4-04": a domain that wants EXTERNAL alone gets it or nothing. */
static void test_refused(void **state) {
  (void)state;
  static fed_two p;
  static const struct {
    const char *a; /* certificates */
    const char *b;
    int dialback_a;
    int dialback_b;
    int has_certificate; /* a thinks so */
    const char *log;
  } rows[] = {
      /* b has no proof of a, and no wish to look for one */
      {NULL, "DNS:b.example\n", 1, 0, 1, "DOWN a.example b.example REFUSED not-authorized\n"},
      {"DNS:other.example\n", "DNS:b.example\n", 1, 0, 1,
       "DOWN a.example b.example REFUSED not-authorized\n"},
      /* a has none of b */
      {"DNS:a.example\n", NULL, 0, 1, 1, "DOWN a.example b.example AUTH\n"},
      {"DNS:a.example\n", "DNS:other.example\n", 0, 1, 1, "DOWN a.example b.example AUTH\n"},
      /* a may not use what it has */
      {"DNS:a.example\n", "DNS:b.example\n", 0, 1, 0, "DOWN a.example b.example AUTH\n"},
      {"DNS:a.example\n", "DNS:b.example\n", 1, 0, 0,
       "DOWN a.example b.example REFUSED policy-violation\n"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    two_make(&p);
    p.a->identities = rows[i].a;
    p.b->identities = rows[i].b;
    p.a->options.is_dialback_on = rows[i].dialback_a;
    p.b->options.is_dialback_on = rows[i].dialback_b;
    p.a->domains[0].has_certificate = rows[i].has_certificate;
    two_start(&p);
    two_want(&p, rows[i].log);
    assert_string_equal(net_log(p.b), "");
    assert_int_equal(counters_of(p.a).failed_pairs, 1);
    net_pass(&p.n, 100 * SECOND);
    assert_int_equal(counters_of(p.a).streams_out, 0);
    assert_int_equal(counters_of(p.b).streams_in, 0);
    net_free(&p.n);
  }
}

/* "XC-8.1-05" "XC-8.3-28" "XC-4.2-03" "XC-4.3-03": each direction has a stream and a proof of its
 * own. */
static void test_both_ways(void **state) {
  (void)state;
  static fed_two p;
  for (int is_dialback = 0; is_dialback < 2; is_dialback++) {
    two_make(&p);
    p.a->identities = is_dialback ? NULL : p.a->identities;
    p.b->identities = is_dialback ? NULL : p.b->identities;
    two_start(&p);
    p.b->answer = "back";
    two_want(&p, is_dialback ? "UP a.example b.example dialback tls\n"
                             : "UP a.example b.example sasl tls verified\n");
    assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_OK);
    net_run(&p.n);
    assert_string_equal(net_log(p.b), is_dialback ? "HEARD b.example a.example dialback tls\n"
                                                    "STANZA b.example a.example 1\n"
                                                    "UP b.example a.example dialback tls\n"
                                                  : "HEARD b.example a.example sasl tls verified\n"
                                                    "STANZA b.example a.example 1\n"
                                                    "UP b.example a.example sasl tls verified\n");
    assert_status(net_send(p.a, "a.example", "b.example", "2"), STOX_OK);
    net_run(&p.n);
    assert_string_equal(net_log(p.b), "STANZA b.example a.example 2\n");
    assert_string_equal(net_log(p.a), is_dialback ? "HEARD a.example b.example dialback tls\n"
                                                    "STANZA a.example b.example back\n"
                                                  : "HEARD a.example b.example sasl tls verified\n"
                                                    "STANZA a.example b.example back\n");
    assert_int_equal(counters_of(p.a).streams_in, 1);
    assert_int_equal(counters_of(p.a).streams_out, 1);
    assert_int_equal(p.n.n_opens, 2);
    net_free(&p.n);
  }
}

/* "XC-8.2-01": who originates and who is authoritative may be two servers of one domain; their
 * secret is one ("XC-8.1-06"). */
static void test_three(void **state) {
  (void)state;
  static fed_two p;
  static const char *const at_c[] = {"a.example"};
  for (int is_shared = 0; is_shared < 2; is_shared++) {
    two_make(&p);
    p.n.records[0].record.target = S("192.0.2.3"); /* a.example */
    p.a->identities = NULL;
    net_host *c = net_add(&p.n, "192.0.2.3", at_c, 1);
    p.a->options.dialback_secret = S("s3cr3tf0rd14lb4ck");
    c->options.dialback_secret = is_shared ? S("s3cr3tf0rd14lb4ck") : S("other");
    two_start(&p);
    assert_status(net_start(c), STOX_OK);
    two_want(&p, is_shared ? "UP a.example b.example dialback tls verified\n"
                           : "DOWN a.example b.example AUTH\n");
    assert_string_equal(net_log(p.b), is_shared ? "HEARD b.example a.example dialback tls\n" : "");
    assert_int_equal(counters_of(c).streams_in, 1);
    net_pass(&p.n, 60 * SECOND);
    assert_int_equal(counters_of(c).streams_in, 0);
    net_free(&p.n);
  }
}

/* A wish in the midst of the event that tells the end of the one before is one of its own. */
static void test_wish_at_down(void **state) {
  (void)state;
  static fed_two p;
  two_up(&p);
  p.n.flows[0].ends[0].has_end = 1;
  p.a->wants_again = 1;
  net_run(&p.n);
  assert_string_equal(
      net_log(p.a), "DOWN a.example b.example CLOSED\nUP a.example b.example sasl tls verified\n");
  net_free(&p.n);
}

/* Both ask at the same time; each checks the other's key over its own stream. */
static void test_crossing(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.a->identities = NULL;
  p.b->identities = NULL;
  two_start(&p);
  p.n.chunk = 1;
  assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
  assert_status(net_want(p.b, "b.example", "a.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_true(stox_federation_is_up(p.a->fed, S("a.example"), S("b.example")));
  assert_true(stox_federation_is_up(p.b->fed, S("b.example"), S("a.example")));
  assert_int_equal(p.n.n_opens, 2);
  net_free(&p.n);
}

/* "XC-8.3-29": more pairs on one stream (XEP-0220 2.6), in both their parts. */
static void test_multiplexing(void **state) {
  (void)state;
  static fed_two p;
  for (int is_on = 0; is_on < 2; is_on++) {
    two_make(&p);
    p.a->identities = NULL;
    p.a->options.is_multiplexing = is_on;
    two_start(&p);
    two_want(&p, "UP a.example b.example dialback tls verified\n");
    assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
    net_run(&p.n);
    assert_string_equal(net_log(p.a), "UP chat.a.example b.example dialback tls verified\n");
    assert_status(net_send(p.a, "chat.a.example", "b.example", "1"), STOX_OK);
    net_run(&p.n);
    assert_status(net_send(p.a, "a.example", "b.example", "2"), STOX_OK);
    net_run(&p.n);
    assert_string_equal(net_log(p.b), "HEARD b.example a.example dialback tls\n"
                                      "HEARD b.example chat.a.example dialback tls\n"
                                      "STANZA b.example chat.a.example 1\n"
                                      "STANZA b.example a.example 2\n");
    assert_int_equal(counters_of(p.b).streams_in, is_on ? 1 : 2);
    assert_int_equal(counters_of(p.b).pairs_heard, 2);
    net_free(&p.n);
  }
}

/* Nothing is laid above EXTERNAL: another domain gets another stream. */
static void test_no_multiplexing_above_external(void **state) {
  (void)state;
  static fed_two p;
  two_up(&p);
  assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "UP chat.a.example b.example dialback tls verified\n");
  assert_int_equal(counters_of(p.a).streams_out, 2);
  net_free(&p.n);
}

static void test_arguments(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.a->domains[1].is_gone = 1;
  two_start(&p);
  static const struct {
    const char *local;
    const char *remote;
    int status;
  } rows[] = {
      {"c.example", "b.example", STOX_E_ARG},      /* not ours */
      {"chat.a.example", "b.example", STOX_E_ARG}, /* no longer */
      {"a.example", "a.example", STOX_E_ARG},
      {"a.example", "chat.a.example", STOX_E_ARG},
      {"a.example", "x@b.example", STOX_E_ARG},
      {"a.example", "b.example/x", STOX_E_ARG},
      {"a.example", "", STOX_E_ARG},
      {"", "b.example", STOX_E_ARG},
      {"a.example", "b..example", STOX_E_ARG},
      {"a.example", "\xFF", STOX_E_ARG},
      /* "XC-3.2-03" */
      {"a.example", "192.0.2.2", STOX_E_ARG},
      {"a.example", "[2001:db8::1]", STOX_E_ARG},
      {"A.Example", "B.EXAMPLE", STOX_E_STATE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(net_want(p.a, rows[i].local, rows[i].remote), rows[i].status);
  }
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "UP a.example b.example sasl tls verified\n");
  assert_status(net_want(p.a, "A.example", "b.Example"), STOX_OK);
  assert_status(stox_federation_done(p.a->fed, 0, STOX_OK, NULL, 0), STOX_E_ARG);
  assert_status(stox_federation_done(p.a->fed, UINT64_C(1) << 50, STOX_OK, NULL, 0), STOX_E_ARG);
  assert_status(stox_federation_done(p.a->fed, 1 << 12 | 4, STOX_OK, NULL, 0), STOX_E_ARG);
  assert_status(stox_federation_done(p.a->fed, 1 << 12, STOX_OK, NULL, 0), STOX_E_ARG);
  assert_status(stox_federation_resolved(p.a->fed, 4096 | 9, STOX_OK, NULL, 0, 0), STOX_E_ARG);
  assert_status(stox_federation_hold(p.a->fed, 99, 1, 0), STOX_E_STATE);
  const stox_flow flow = {.handle = 99};
  assert_status(stox_federation_feed(p.a->fed, &flow, S("x"), 0), STOX_E_STATE);
  assert_status(stox_federation_drop(p.a->fed, S("a.example"), S("x.example"), 0), STOX_E_STATE);
  assert_int_equal(stox_federation_waiting(p.a->fed, S("a.example"), S("x.example")), 0);
  net_free(&p.n);
}

static void test_options(void **state) {
  (void)state;
  static fed_two p;
  stox_federation *none = NULL;
  assert_status(stox_federation_new(&none, NULL, 0), STOX_E_ARG);
  static const stox_federation_hop bad[] = {
      {{NULL, 0}, {{NULL, 0}, 1, STOX_TRANSPORT_TCP}},
      {{NULL, 0}, {{"x", 1}, 65536, STOX_TRANSPORT_TCP}},
      {{NULL, 0}, {{"x", 1}, 1, STOX_TRANSPORT_UDP}},
      {{"@", 1}, {{"x", 1}, 1, STOX_TRANSPORT_TCP}},
  };
  for (int i = 0; i < 16; i++) {
    two_make(&p);
    stox_federation_options *o = &p.a->options;
    o->random = i == 0 ? NULL : o->random;
    o->domains = i == 1 ? NULL : o->domains;
    o->n_domains = i == 2 ? 0 : i == 3 ? 1025 : o->n_domains;
    p.a->domains[1].name = i == 4 ? S("A.example") : p.a->domains[1].name;
    p.a->domains[1].name = i == 5 ? S("a b") : p.a->domains[1].name;
    o->n_hops = i >= 6 && i < 10 ? 1 : i == 10 ? 1 : 0;
    o->hops = i >= 6 && i < 10 ? &bad[i - 6] : NULL;
    o->max_streams = i == 11 ? 0 : o->max_streams;
    o->max_stream_domains = i == 12 ? 0 : i == 13 ? 65 : o->max_stream_domains;
    o->lang = i == 14 ? S("no tag") : o->lang;
    o->families = i == 15 ? 0 : o->families;
    assert_status(net_start(p.a), STOX_E_ARG);
    net_free(&p.n);
  }
}

/* ---- ends ---- */

/* After the time without stanzas a stream is closed in good order, whoever notices first. */
static void test_idle(void **state) {
  (void)state;
  static fed_two p;
  for (int is_receiver = 0; is_receiver < 2; is_receiver++) {
    two_make(&p);
    p.a->options.idle_ns = is_receiver ? 0 : 600 * SECOND;
    p.b->options.idle_ns = is_receiver ? 600 * SECOND : 0;
    two_start(&p);
    two_want(&p, "UP a.example b.example sasl tls verified\n");
    (void)net_log(p.b);
    net_pass(&p.n, 590 * SECOND);
    assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_OK);
    net_pass(&p.n, 590 * SECOND);
    assert_string_equal(net_log(p.a), "");
    assert_string_equal(net_log(p.b), "STANZA b.example a.example 1\n");
    net_pass(&p.n, 11 * SECOND);
    assert_string_equal(net_log(p.a), is_receiver ? "DOWN a.example b.example CLOSED\n"
                                                  : "DOWN a.example b.example OK\n");
    assert_string_equal(net_log(p.b), is_receiver ? "GONE b.example a.example OK\n"
                                                  : "GONE b.example a.example CLOSED\n");
    assert_int_equal(counters_of(p.a).streams_out, 0);
    assert_int_equal(counters_of(p.b).streams_in, 0);
    /* Nothing keeps the next stream waiting. */
    two_want(&p, "UP a.example b.example sasl tls verified\n");
    net_free(&p.n);
  }
}

/* The stream that was made to check a key goes when nobody needs it. */
static void test_linger(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.a->identities = NULL;
  two_start(&p);
  two_want(&p, "UP a.example b.example dialback tls verified\n");
  assert_int_equal(counters_of(p.b).streams_out, 1);
  net_pass(&p.n, 6 * SECOND);
  assert_int_equal(counters_of(p.b).streams_out, 0);
  assert_int_equal(counters_of(p.a).streams_in, 0);
  assert_true(stox_federation_is_up(p.a->fed, S("a.example"), S("b.example")));
  net_free(&p.n);
}

static void test_stop(void **state) {
  (void)state;
  static fed_two p;
  two_up(&p);
  assert_status(net_want(p.b, "b.example", "a.example"), STOX_E_STATE);
  net_run(&p.n);
  (void)net_log(p.a);
  (void)net_log(p.b);
  assert_status(net_send(p.a, "a.example", "b.example", "last"), STOX_OK);
  assert_status(stox_federation_stop(p.a->fed, p.n.now_ns), STOX_OK);
  assert_status(net_send(p.a, "a.example", "b.example", "late"), STOX_E_CLOSED);
  net_run(&p.n);
  assert_string_equal(net_log(p.b), "STANZA b.example a.example last\n"
                                    "GONE b.example a.example CLOSED\n"
                                    "DOWN b.example a.example CLOSED\n");
  assert_string_equal(net_log(p.a), "GONE a.example b.example OK\nDOWN a.example b.example OK\n"
                                    "STOPPED\n");
  assert_int_equal(net_dial(p.b, p.a), 0);
  net_pass(&p.n, 100 * SECOND);
  net_free(&p.n);

  /* While nothing is there yet, and while a search is under way. */
  two_make(&p);
  two_start(&p);
  p.n.is_mute = 1;
  assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_status(stox_federation_stop(p.a->fed, p.n.now_ns), STOX_OK);
  assert_status(stox_federation_stop(p.b->fed, p.n.now_ns), STOX_OK);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "DOWN a.example b.example OK\nSTOPPED\n");
  assert_string_equal(net_log(p.b), "STOPPED\n");
  net_free(&p.n);
}

/* What is held back waits here, and tells so. */
static void test_hold(void **state) {
  (void)state;
  static fed_two p;
  two_up(&p);
  const uint64_t handle = p.n.flows[0].ends[0].handle;
  assert_status(stox_federation_hold(p.a->fed, handle, 1, p.n.now_ns), STOX_OK);
  assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_OK);
  net_run(&p.n);
  assert_string_equal(net_log(p.b), "");
  assert_true(stox_federation_waiting(p.a->fed, S("a.example"), S("b.example")) > 40);
  int status = STOX_OK;
  for (size_t i = 0; i < 200000 && status == STOX_OK; i++) {
    status = net_send(p.a, "a.example", "b.example", "1");
  }
  assert_status(status, STOX_E_FULL);
  /* What was accepted and did not leave is lost with the stream, which says so. */
  assert_status(stox_federation_drop(p.a->fed, S("a.example"), S("b.example"), p.n.now_ns),
                STOX_OK);
  net_pass(&p.n, 10 * SECOND);
  assert_string_equal(net_log(p.a), "DOWN a.example b.example TIMEOUT connection-timeout\n");
  assert_string_equal(net_log(p.b), "GONE b.example a.example CLOSED\n");
  net_free(&p.n);
}

/* A lost flow is told; the next wish makes another stream. */
static void test_lost(void **state) {
  (void)state;
  static fed_two p;
  two_up(&p);
  for (size_t e = 0; e < 2; e++) {
    p.n.flows[0].ends[e].has_end = 1;
  }
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "DOWN a.example b.example CLOSED\n");
  assert_string_equal(net_log(p.b), "GONE b.example a.example CLOSED\n");
  two_want(&p, "UP a.example b.example sasl tls verified\n");
  net_free(&p.n);
}

/* Who has sent wants to know whether the peer lives: the ping goes over the stream of the pair, its
 * answer comes over the peer's. */
static void test_ping(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.a->options.ping_ns = 60 * SECOND;
  two_start(&p);
  two_want(&p, "UP a.example b.example sasl tls verified\n");
  (void)net_log(p.b);
  net_pass(&p.n, 200 * SECOND);
  assert_string_equal(net_log(p.b), ""); /* nothing was sent that would have to be heard of */
  assert_status(net_send(p.a, "a.example", "b.example", "1"), STOX_OK);
  net_pass(&p.n, 59 * SECOND);
  assert_string_equal(net_log(p.b), "STANZA b.example a.example 1\n");
  net_pass(&p.n, 2 * SECOND);
  char id[32];
  assert_int_equal(sscanf(net_log(p.b), "STANZA b.example a.example %31s", id), 1);
  assert_status(net_want(p.b, "b.example", "a.example"), STOX_E_STATE);
  net_run(&p.n);
  char text[256];
  for (int i = 0; i < 2; i++) { /* an id of nobody's is the host's to see */
    (void)snprintf(text, sizeof text, "<iq from='b.example' to='a.example' id='%s' type='%s'/>",
                   i == 0 ? "other" : id, "result");
    assert_status(stox_federation_send(p.b->fed, S("b.example"), S("a.example"),
                                       stox_span_text(text), p.n.now_ns),
                  STOX_OK);
  }
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "HEARD a.example b.example sasl tls verified\n"
                                    "STANZA a.example b.example other\n");
  net_pass(&p.n, 300 * SECOND);
  assert_string_equal(net_log(p.a), "");
  assert_status(net_send(p.a, "a.example", "b.example", "2"), STOX_OK);
  net_pass(&p.n, 119 * SECOND);
  assert_string_equal(net_log(p.a), "");
  net_pass(&p.n, 2 * SECOND); /* nobody answers */
  assert_string_equal(net_log(p.a), "DOWN a.example b.example TIMEOUT connection-timeout\n");
  net_free(&p.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_external),
      cmocka_unit_test(test_dialback),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_both_ways),
      cmocka_unit_test(test_three),
      cmocka_unit_test(test_wish_at_down),
      cmocka_unit_test(test_crossing),
      cmocka_unit_test(test_multiplexing),
      cmocka_unit_test(test_no_multiplexing_above_external),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_options),
      cmocka_unit_test(test_idle),
      cmocka_unit_test(test_linger),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_hold),
      cmocka_unit_test(test_lost),
      cmocka_unit_test(test_ping),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
