/* SPDX-License-Identifier: MIT */
#include "fed_pair.h"

/* How a federation finds a domain: names, direct TLS, fail-over, pauses, time-outs. */

#define UP_EXTERNAL "UP a.example b.example sasl tls verified\n"

/* b without a place in DNS. */
static void make_lost(fed_two *p) {
  two_make(p);
  p->n.n_records = 0;
  net_address(&p->n, "a.example", "192.0.2.1");
  two_start(p);
}

/* "XC-2.5-03": with SRV its target and port, without the domain's address and 5269. */
static void test_names(void **state) {
  (void)state;
  static fed_two p;
  make_lost(&p);
  net_address(&p.n, "b.example", "192.0.2.2");
  two_want(&p, UP_EXTERNAL);
  assert_string_equal(p.n.last_open, "192.0.2.2:5269");
  net_free(&p.n);

  make_lost(&p);
  net_srv(&p.n, "_xmpp-server._tcp.b.example", 9999, "host.example");
  net_address(&p.n, "host.example", "192.0.2.2");
  two_want(&p, UP_EXTERNAL);
  assert_string_equal(p.n.last_open, "192.0.2.2:9999");
  net_free(&p.n);
}

/* XEP-0368: no STARTTLS, and the certificate is held against the domain, not the target. */
static void test_direct_tls(void **state) {
  (void)state;
  static fed_two p;
  static const struct {
    const char *identities;
    int direct_tls;
    int require_verified;
    const char *log;
    size_t n_tls; /* handshakes after STARTTLS */
  } rows[] = {
      {"DNS:b.example\n", 1, 1, UP_EXTERNAL, 0},
      {"DNS:b.example\n", 0, 1, "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n", 0},
      {"DNS:host.example\n", 1, 1, "DOWN a.example b.example AUTH\n", 0},
      {"DNS:host.example\n", 1, 0, "UP a.example b.example sasl tls\n", 0},
      {NULL, 1, 0, "UP a.example b.example sasl tls\n", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    two_make(&p);
    p.n.n_records = 0;
    net_srv(&p.n, "_xmpps-server._tcp.b.example", 5270, "host.example");
    net_address(&p.n, "host.example", "192.0.2.2");
    p.b->identities = rows[i].identities;
    p.a->options.direct_tls = rows[i].direct_tls;
    p.a->options.require_verified = rows[i].require_verified;
    two_start(&p);
    two_want(&p, rows[i].log);
    if (rows[i].direct_tls) {
      assert_string_equal(p.n.last_open, "192.0.2.2:5270 tls");
    }
    assert_int_equal(p.n.n_tls, rows[i].n_tls);
    net_free(&p.n);
  }
}

static void test_nobody(void **state) {
  (void)state;
  static fed_two p;
  make_lost(&p);
  two_want(&p, "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n");
  const size_t questions = p.n.n_questions;
  assert_int_equal(p.n.n_opens, 0);
  /* That is remembered as long as DNS says, and no longer: there is no pause beside it. */
  two_want(&p, "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n");
  assert_int_equal(p.n.n_questions, questions);
  net_address(&p.n, "b.example", "192.0.2.2");
  net_pass(&p.n, 61 * SECOND);
  two_want(&p, UP_EXTERNAL);
  net_free(&p.n);

  make_lost(&p); /* SRV says no */
  net_srv(&p.n, "_xmpp-server._tcp.b.example", 1, ".");
  net_address(&p.n, "b.example", "192.0.2.2");
  two_want(&p, "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n");
  net_free(&p.n);

  make_lost(&p); /* the target has no address */
  net_srv(&p.n, "_xmpp-server._tcp.b.example", 5269, "host.example");
  two_want(&p, "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n");
  net_free(&p.n);
}

/* "XC-5.1-05" "XC-6.1-02" "XC-8.1-04": nothing is opened before DNS has answered; it may stay
 * silent. */
static void test_mute(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  two_start(&p);
  p.n.is_mute = 1;
  two_want(&p, "");
  assert_int_equal(p.n.n_questions, 1);
  net_pass(&p.n, 54 * SECOND);
  assert_string_equal(net_log(p.a), "");
  net_pass(&p.n, 2 * SECOND);
  assert_string_equal(net_log(p.a), "DOWN a.example b.example TIMEOUT\n");
  assert_int_equal(p.n.n_opens, 0);
  assert_int_equal(p.n.n_questions, 4); /* both SRV, A and AAAA: 15 s each, then the whole time */
  net_free(&p.n);
}

/* The hosts of a domain one after the other. */
static void test_fail_over(void **state) {
  (void)state;
  static fed_two p;
  for (int is_deaf = 0; is_deaf < 2; is_deaf++) {
    two_make(&p);
    p.n.n_records = 0;
    net_srv(&p.n, "_xmpp-server._tcp.b.example", 5269, "first.example");
    net_srv(&p.n, "_xmpp-server._tcp.b.example", 5269, "second.example");
    p.n.records[1].record.priority = 1;
    net_address(&p.n, "first.example", "192.0.2.9");
    net_address(&p.n, "second.example", "192.0.2.2");
    net_host *hand = net_add_hand(&p.n, "192.0.2.9");
    hand->is_deaf = is_deaf;
    hand->refuses = !is_deaf;
    two_start(&p);
    two_want(&p, is_deaf ? "" : UP_EXTERNAL);
    net_pass(&p.n, 11 * SECOND);
    assert_string_equal(net_log(p.a), is_deaf ? UP_EXTERNAL : "");
    assert_int_equal(p.n.n_opens, 2);
    net_free(&p.n);
  }
}

/* A flow that comes too late is closed. */
static void test_late_flow(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  const stox_federation_hop hop = {S("b.example"), {S("192.0.2.9"), 0, STOX_TRANSPORT_TCP}};
  p.a->options.hops = &hop;
  p.a->options.n_hops = 1;
  assert_status(net_start(p.a), STOX_OK);
  assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
  const stox_action *a = stox_federation_next(p.a->fed);
  assert_int_equal(a->kind, STOX_DO_OPEN);
  assert_int_equal(a->remote.port, 5269);
  const uint64_t token = a->token;
  assert_true(token < UINT64_C(1) << 52);
  assert_null(stox_federation_next(p.a->fed));
  p.n.now_ns += 11 * SECOND;
  assert_status(stox_federation_tick(p.a->fed, p.n.now_ns), STOX_OK);
  a = stox_federation_next(p.a->fed);
  assert_int_equal(a->event, STOX_FEDERATION_DOWN);
  assert_status(a->status, STOX_E_TIMEOUT);
  assert_null(stox_federation_next(p.a->fed));
  const stox_flow flow = {.handle = 77};
  assert_status(stox_federation_done(p.a->fed, token, STOX_OK, &flow, p.n.now_ns), STOX_OK);
  a = stox_federation_next(p.a->fed);
  assert_int_equal(a->kind, STOX_DO_CLOSE);
  assert_int_equal(a->handle, 77);
  assert_null(stox_federation_next(p.a->fed));
  assert_status(stox_federation_done(p.a->fed, token, STOX_OK, &flow, p.n.now_ns), STOX_OK);
  assert_null(stox_federation_next(p.a->fed));
  assert_int_equal(counters_of(p.a).streams_out, 0);
  net_free(&p.n);
}

/* The next action, which must be of a kind; its token. */
static uint64_t next_token(fed_two *p, int kind) {
  const stox_action *a = stox_federation_next(p->a->fed);
  assert_non_null(a);
  assert_int_equal(a->kind, kind);
  const uint64_t token = a->token;
  assert_null(stox_federation_next(p->a->fed));
  return token;
}

/* What comes late is not taken for what is under way. */
static void test_late_tokens(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  const stox_federation_hop hops[] = {{{NULL, 0}, {S("192.0.2.9"), 0, STOX_TRANSPORT_TCP}},
                                      {{NULL, 0}, {S("192.0.2.8"), 0, STOX_TRANSPORT_TCP}}};
  p.a->options.hops = hops;
  p.a->options.n_hops = 2;
  assert_status(net_start(p.a), STOX_OK);
  assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
  const uint64_t first = next_token(&p, STOX_DO_OPEN);
  p.n.now_ns += 11 * SECOND;
  assert_status(stox_federation_tick(p.a->fed, p.n.now_ns), STOX_OK);
  const uint64_t second = next_token(&p, STOX_DO_OPEN);
  assert_true(first != second);
  const stox_flow late = {.handle = 77};
  const stox_flow flow = {.handle = 78};
  assert_status(stox_federation_done(p.a->fed, first, STOX_OK, &late, p.n.now_ns), STOX_OK);
  assert_int_equal(next_token(&p, STOX_DO_CLOSE), 0);
  assert_false(stox_federation_owns(p.a->fed, 77));
  assert_status(stox_federation_done(p.a->fed, second, STOX_OK, &flow, p.n.now_ns), STOX_OK);
  assert_int_equal(next_token(&p, STOX_DO_SEND), 0);
  assert_true(stox_federation_owns(p.a->fed, 78));
  net_free(&p.n);
}

/* A host that opens nothing, or what is no TLS where it was to be. */
static void test_bad_flows(void **state) {
  (void)state;
  static fed_two p;
  for (int is_tls = 0; is_tls < 2; is_tls++) {
    two_make(&p);
    const stox_federation_hop hop = {
        {NULL, 0}, {S("192.0.2.9"), 0, is_tls ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP}};
    p.a->options.hops = &hop;
    p.a->options.n_hops = 1;
    assert_status(net_start(p.a), STOX_OK);
    assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
    const uint64_t token = next_token(&p, STOX_DO_OPEN);
    const stox_flow flow = {.handle = 78};
    assert_status(stox_federation_done(p.a->fed, token, STOX_OK, is_tls ? &flow : NULL, p.n.now_ns),
                  STOX_OK);
    const stox_action *a = stox_federation_next(p.a->fed);
    if (is_tls) {
      assert_int_equal(a->kind, STOX_DO_CLOSE);
      assert_int_equal(a->handle, 78);
      a = stox_federation_next(p.a->fed);
    }
    assert_int_equal(a->event, STOX_FEDERATION_DOWN);
    assert_status(a->status, is_tls ? STOX_E_BAD_TLS : STOX_E_REFUSED);
    assert_null(stox_federation_next(p.a->fed));
    net_free(&p.n);
  }
}

/* The host's own table of places. */
static void test_table(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  stox_locations *table = NULL;
  stox_locations_options options;
  assert_status(stox_locations_options_init(&options, sizeof options), STOX_OK);
  options.random = &p.a->random;
  assert_status(stox_locations_new(&table, &options), STOX_OK);
  const stox_location there = {.protocol = STOX_PROTOCOL_XMPP, .target = S("192.0.2.2")};
  const stox_location sip = {.protocol = STOX_PROTOCOL_SIP, .target = S("192.0.2.2"), .port = 5060};
  assert_status(stox_locations_set(table, S("b.example"), &there), STOX_OK);
  assert_status(stox_locations_set(table, S("chat.b.example"), &sip), STOX_OK);
  p.a->options.locations = table;
  two_start(&p);
  two_want(&p, UP_EXTERNAL);
  assert_int_equal(p.n.n_questions, 0);
  assert_string_equal(p.n.last_open, "192.0.2.2:5269");
  assert_status(net_want(p.a, "a.example", "chat.b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "DOWN a.example chat.b.example UNKNOWN_DOMAIN not-found\n");
  net_free(&p.n);
  stox_locations_del(table);
}

/* One family of addresses is not asked for where it cannot be reached. */
static void test_families(void **state) {
  (void)state;
  static fed_two p;
  for (int i = 0; i < 2; i++) {
    two_make(&p);
    p.a->options.families = i == 0 ? STOX_ATTEMPT_IP4 : STOX_ATTEMPT_IP6;
    const stox_federation_hop hop = {S("b.example"), {S("b.example"), 0, STOX_TRANSPORT_TCP}};
    p.a->options.hops = &hop;
    p.a->options.n_hops = 1;
    two_start(&p);
    two_want(&p, i == 0 ? UP_EXTERNAL : "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n");
    assert_int_equal(p.n.n_questions, 1);
    net_free(&p.n);
  }
}

/* An OPEN that was never pulled is not waited for. */
static void test_open_not_pulled(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  const stox_federation_hop hop = {{NULL, 0}, {S("192.0.2.9"), 5269, STOX_TRANSPORT_TCP}};
  p.a->options.hops = &hop;
  p.a->options.n_hops = 1;
  assert_status(net_start(p.a), STOX_OK);
  assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
  assert_status(stox_federation_stop(p.a->fed, p.n.now_ns), STOX_OK);
  assert_int_equal(stox_federation_next(p.a->fed)->event, STOX_FEDERATION_DOWN);
  assert_int_equal(stox_federation_next(p.a->fed)->event, STOX_FEDERATION_STOPPED);
  assert_null(stox_federation_next(p.a->fed));
  assert_int_equal(counters_of(p.a).streams_out, 0);
  net_free(&p.n);
}

/* Hops by configuration: the domain's own before those of all, a name as well as an address. */
static void test_hops(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  const stox_federation_hop hops[] = {
      {{NULL, 0}, {S("192.0.2.9"), 5269, STOX_TRANSPORT_TCP}},
      {S("B.example"), {S("host.example"), 7777, STOX_TRANSPORT_TLS}},
  };
  p.a->options.hops = hops;
  p.a->options.n_hops = 2;
  net_address(&p.n, "host.example", "192.0.2.2");
  two_start(&p);
  two_want(&p, UP_EXTERNAL);
  assert_string_equal(p.n.last_open, "192.0.2.2:7777 tls");
  assert_status(net_want(p.a, "a.example", "c.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(p.n.last_open, "192.0.2.9:5269");
  assert_string_equal(net_log(p.a), "DOWN a.example c.example REFUSED\n");
  net_free(&p.n);
}

/* RFC 6120 3.3: after a failure attempts pause, for a time that is drawn and grows. */
static void test_pause(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.b->refuses = 1;
  two_start(&p);
  two_want(&p, "DOWN a.example b.example REFUSED\n");
  assert_int_equal(p.n.n_opens, 1);
  for (int i = 0; i < 3; i++) {
    two_want(&p, "DOWN a.example b.example REFUSED\n");
  }
  assert_int_equal(p.n.n_opens, 1);
  net_pass(&p.n, 61 * SECOND); /* the first wait is below a minute */
  two_want(&p, "DOWN a.example b.example REFUSED\n");
  assert_int_equal(p.n.n_opens, 2);
  net_pass(&p.n, 59 * SECOND); /* the second above */
  two_want(&p, "DOWN a.example b.example REFUSED\n");
  assert_int_equal(p.n.n_opens, 2);
  p.b->refuses = 0;
  net_pass(&p.n, 62 * SECOND);
  two_want(&p, UP_EXTERNAL);
  net_free(&p.n);
}

/* A host that failed for one domain is not tried for the next at once. */
static void test_host_pauses(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.b->refuses = 1;
  two_start(&p);
  two_want(&p, "DOWN a.example b.example REFUSED\n");
  assert_status(net_want(p.a, "a.example", "chat.b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "DOWN a.example chat.b.example REFUSED\n");
  assert_int_equal(p.n.n_opens, 1);
  net_free(&p.n);
}

/* The draft's `_jabber._tcp`, in its dialect alone. */
static void test_old_records(void **state) {
  (void)state;
  static fed_two p;
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    two_make(&p);
    p.n.n_records = 0;
    net_srv(&p.n, "_jabber._tcp.b.example", 7777, "host.example");
    net_address(&p.n, "host.example", "192.0.2.2");
    p.a->options.dialect = is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC;
    two_start(&p);
    two_want(&p, is_draft ? UP_EXTERNAL : "DOWN a.example b.example UNKNOWN_DOMAIN not-found\n");
    net_free(&p.n);
  }
}

/* Who authenticates to us is there again: the pause ends. */
static void test_pause_ends(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.b->options.is_dialback_on = 0;
  p.a->domains[0].has_certificate = 0;
  two_start(&p);
  two_want(&p, "DOWN a.example b.example REFUSED policy-violation\n");
  assert_status(net_want(p.b, "b.example", "a.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "HEARD a.example b.example sasl tls verified\n");
  assert_status(net_want(p.a, "a.example", "b.example"), STOX_E_STATE);
  assert_string_equal(net_log(p.a), "");
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "DOWN a.example b.example REFUSED policy-violation\n");
  net_free(&p.n);
}

static void test_answers_are_kept(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  p.a->identities = "DNS:a.example\nDNS:chat.a.example\n";
  two_start(&p);
  two_want(&p, UP_EXTERNAL);
  const size_t questions = p.n.n_questions;
  assert_status(net_want(p.a, "chat.a.example", "b.example"), STOX_E_STATE);
  net_run(&p.n);
  assert_string_equal(net_log(p.a), "UP chat.a.example b.example sasl tls verified\n");
  assert_int_equal(p.n.n_questions, questions);
  net_free(&p.n);
}

#define HEADER_OF_B                                                                                \
  "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "                                     \
  "xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams' "             \
  "from='b.example' to='a.example' id='x' version='1.0'>"
#define ERROR_OF(condition) "<stream:error>" condition "</stream:error></stream:stream>"
#define ERRORS              "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"

/* What a host of the domain says before anything was agreed leads to the next, unless it says that
 * no other would do. */
static void test_early_ends(void **state) {
  (void)state;
  static fed_two p;
  static const struct {
    const char *said; /* NULL: it ends the flow */
    const char *log;
  } rows[] = {
      {NULL, UP_EXTERNAL},
      {"nonsense", UP_EXTERNAL},
      {HEADER_OF_B ERROR_OF("<internal-server-error " ERRORS "/>"), UP_EXTERNAL},
      {HEADER_OF_B ERROR_OF("<see-other-host " ERRORS ">192.0.2.2:1234</see-other-host>"),
       UP_EXTERNAL},
      {HEADER_OF_B ERROR_OF("<see-other-host " ERRORS ">not a host</see-other-host>"), UP_EXTERNAL},
      {HEADER_OF_B ERROR_OF("<host-unknown " ERRORS "/>"),
       "DOWN a.example b.example REFUSED host-unknown\n"},
      {HEADER_OF_B ERROR_OF("<policy-violation " ERRORS "/>"),
       "DOWN a.example b.example REFUSED policy-violation\n"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    two_make(&p);
    const stox_federation_hop hops[] = {
        {{NULL, 0}, {S("192.0.2.9"), 5269, STOX_TRANSPORT_TCP}},
        {{NULL, 0}, {S("192.0.2.2"), 5269, STOX_TRANSPORT_TCP}},
    };
    p.a->options.hops = hops;
    p.a->options.n_hops = 2;
    net_host *hand = net_add_hand(&p.n, "192.0.2.9");
    two_start(&p);
    two_want(&p, "");
    if (rows[i].said == NULL) {
      net_hang_up(hand, hand->last);
    } else {
      net_say(hand, hand->last, rows[i].said);
    }
    assert_string_equal(net_log(p.a), rows[i].log);
    if (i == 3) {
      assert_string_equal(p.n.last_open, "192.0.2.2:1234");
    }
    net_pass(&p.n, 20 * SECOND);
    net_free(&p.n);
  }
}

/* A host that sends on and on is followed only so far. */
static void test_redirects(void **state) {
  (void)state;
  static fed_two p;
  two_make(&p);
  const stox_federation_hop hop = {{NULL, 0}, {S("192.0.2.9"), 5269, STOX_TRANSPORT_TCP}};
  p.a->options.hops = &hop;
  p.a->options.n_hops = 1;
  net_host *hand = net_add_hand(&p.n, "192.0.2.9");
  two_start(&p);
  two_want(&p, "");
  for (size_t i = 0; i < 10 && p.a->n_log == 0; i++) {
    char text[1024];
    (void)snprintf(text, sizeof text,
                   HEADER_OF_B ERROR_OF("<see-other-host " ERRORS ">192.0.2.9:%u</see-other-host>"),
                   (unsigned)(6000 + i));
    net_say(hand, hand->last, text);
  }
  assert_int_equal(p.n.n_opens, 4);
  assert_string_equal(net_log(p.a), "DOWN a.example b.example REFUSED see-other-host\n");
  net_free(&p.n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_direct_tls),
      cmocka_unit_test(test_nobody),
      cmocka_unit_test(test_mute),
      cmocka_unit_test(test_fail_over),
      cmocka_unit_test(test_late_flow),
      cmocka_unit_test(test_late_tokens),
      cmocka_unit_test(test_bad_flows),
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_families),
      cmocka_unit_test(test_open_not_pulled),
      cmocka_unit_test(test_hops),
      cmocka_unit_test(test_pause),
      cmocka_unit_test(test_host_pauses),
      cmocka_unit_test(test_old_records),
      cmocka_unit_test(test_pause_ends),
      cmocka_unit_test(test_answers_are_kept),
      cmocka_unit_test(test_early_ends),
      cmocka_unit_test(test_redirects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
