/* SPDX-License-Identifier: MIT */
#include "transaction_support.h"

/* ---- requests other than INVITE: RFC 3261 17.2.2, RFC 4320 ---- */

/* RFC 3261 17.2.2: Timer J is 64 * T1 over UDP; each retransmission gets the response again. */
static void test_final_over_udp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(w.event.id, id);
  expect_nothing(&w);
  w.now += 100 * MS;
  const uint64_t done = w.now;
  assert_status(respond(&w, id, MESSAGE, 200), STOX_OK);
  expect_send(&w);
  assert_int_equal(w.action.id, id);
  assert_int_equal(w.action.handle, 7);
  assert_int_equal(sent_code(&w), 200);
  expect_nothing(&w);
  char first[sizeof w.sent];
  memcpy(first, w.sent, sizeof first);
  for (int i = 0; i < 3; i++) {
    w.now += SECOND;
    assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_RETRANSMISSION);
    expect_send(&w);
    assert_string_equal(w.sent, first);
  }
  assert_status(respond(&w, id, MESSAGE, 500), STOX_E_STATE);
  expect_nothing(&w);
  expect_due(&w, done, 32 * SECOND);
  expect_terminated(&w, id);
  assert_status(respond(&w, id, MESSAGE, 200), STOX_E_NONE);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  assert_int_not_equal(w.event.id, id);
  world_close(&w);
}

/* RFC 3261 17.2.2: Timer J is 0 over TCP. */
static void test_final_over_tcp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, MESSAGE, TCP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, MESSAGE, 404), STOX_OK);
  expect_send(&w);
  assert_int_equal(sent_code(&w), 404);
  expect_terminated(&w, id);
  assert_int_equal(stox_transactions_count(w.t), 0);
  world_close(&w);
}

/* RFC 4320 4.1: the 100 goes out when a client's Timer E has reached T2, 3.5 s, on any transport.
 */
static void test_trying(void **state) {
  (void)state;
  static const int transports[] = {UDP, TCP};
  for (size_t i = 0; i < COUNT(transports); i++) {
    world w;
    world_open(&w);
    const uint64_t start = w.now;
    assert_int_equal(feed(&w, MESSAGE, transports[i]), STOX_TRANSACTION_NEW_REQUEST);
    const uint64_t id = w.event.id;
    expect_due(&w, start, 3500 * MS);
    expect_send(&w);
    assert_int_equal(sent_code(&w), 100);
    expect_nothing(&w);
    stox_sip_message *trying = parse(&w, (stox_span){w.sent, w.sent_n});
    assert_span_equal(stox_sip_value(trying, STOX_SIP_CALL_ID), S("in1@example.org"));
    assert_span_equal(stox_sip_value(trying, STOX_SIP_CSEQ), S("1 MESSAGE"));
    assert_null(stox_sip_tag(trying, STOX_SIP_TO).p);
    /* RFC 3261 17.2.2: in Proceeding a retransmission gets it again. */
    assert_int_equal(feed(&w, MESSAGE, transports[i]), STOX_TRANSACTION_RETRANSMISSION);
    expect_send(&w);
    assert_int_equal(sent_code(&w), 100);
    assert_status(respond(&w, id, MESSAGE, 200), STOX_OK);
    expect_send(&w);
    assert_int_equal(sent_code(&w), 200);
    world_close(&w);
  }
}

/* RFC 4320 4.1: over UDP no 100 before that; over TCP at any time; no other provisional. */
static void test_provisional(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, MESSAGE, 100), STOX_E_STATE);
  assert_status(respond(&w, id, MESSAGE, 180), STOX_E_ARG);
  assert_status(respond(&w, id, MESSAGE, 199), STOX_E_ARG);
  w.now += 3500 * MS;
  assert_status(respond(&w, id, MESSAGE, 100), STOX_OK);
  expect_send(&w);
  assert_int_equal(sent_code(&w), 100);
  expect_nothing(&w);
  world_close(&w);
  world_open(&w);
  assert_int_equal(feed(&w, MESSAGE, TCP), STOX_TRANSACTION_NEW_REQUEST);
  assert_status(respond(&w, w.event.id, MESSAGE, 100), STOX_OK);
  expect_send(&w);
  /* The one that would have gone out by itself does not. */
  tick_at(&w, w.now + 31 * SECOND);
  expect_nothing(&w);
  world_close(&w);
}

/* RFC 4320 4.2: never 408, and nothing at all once the client has given up. */
static void test_too_late(void **state) {
  (void)state;
  static const int transports[] = {UDP, TCP};
  for (size_t i = 0; i < COUNT(transports); i++) {
    world w;
    world_open(&w);
    const uint64_t start = w.now;
    assert_int_equal(feed(&w, MESSAGE, transports[i]), STOX_TRANSACTION_NEW_REQUEST);
    const uint64_t id = w.event.id;
    assert_status(respond(&w, id, MESSAGE, 408), STOX_E_ARG);
    tick_at(&w, start + 4 * SECOND);
    expect_send(&w);
    expect_due(&w, start, 32 * SECOND);
    expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
    if (transports[i] == TCP) {
      expect_terminated(&w, id);
      assert_status(respond(&w, id, MESSAGE, 200), STOX_E_NONE);
    } else {
      /* A retransmission that was long under way is no new request. */
      assert_status(respond(&w, id, MESSAGE, 200), STOX_E_TIMEOUT);
      assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_RETRANSMISSION);
      expect_nothing(&w);
      expect_due(&w, start, 64 * SECOND);
      expect_terminated(&w, id);
    }
    world_close(&w);
  }
}

/* RFC 6026 8.8 (RFC 3261 17.2.4): told, and the transaction stays where it is. */
static void test_transport_error(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, MESSAGE, 200), STOX_OK);
  expect_send(&w);
  assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_CLOSED, w.now), STOX_OK);
  expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_CLOSED);
  expect_nothing(&w);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_RETRANSMISSION);
  expect_send(&w);
  world_close(&w);
}

/* ---- INVITE: RFC 3261 17.2.1, RFC 6026 ---- */

/* RFC 3261 17.2.1: 100 after 200 ms unless the caller was faster. */
static void test_invite_trying(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  expect_due(&w, start, 200 * MS);
  expect_send(&w);
  assert_int_equal(sent_code(&w), 100);
  assert_true(stox_transactions_deadline(w.t) == UINT64_MAX);
  assert_status(respond(&w, id, INVITE, 180), STOX_OK);
  expect_send(&w);
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_RETRANSMISSION);
  expect_send(&w);
  assert_int_equal(sent_code(&w), 180);
  world_close(&w);
  world_open(&w);
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  assert_status(respond(&w, w.event.id, INVITE, 180), STOX_OK);
  expect_send(&w);
  tick_at(&w, w.now + SECOND);
  expect_nothing(&w);
  world_close(&w);
}

/* RFC 3261 17.2.1: Timer G doubles up to T2, Timer H ends it when no ACK comes. */
static void test_invite_without_ack(void **state) {
  (void)state;
  static const uint64_t at_ms[] = {500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500};
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, INVITE, 405), STOX_OK);
  expect_send(&w);
  for (size_t i = 0; i < COUNT(at_ms); i++) {
    expect_due(&w, start, at_ms[i] * MS);
    expect_send(&w);
    assert_int_equal(sent_code(&w), 405);
  }
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

/* RFC 3261 17.2.1: over TCP Timer G does not run, Timer H does. */
static void test_invite_without_ack_over_tcp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  assert_int_equal(feed(&w, INVITE, TCP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, INVITE, 405), STOX_OK);
  expect_send(&w);
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

/* RFC 3261 17.2.1: the ACK of a non-2xx response ends retransmission; Timer I is T4, or 0. */
static void test_invite_acknowledged(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  uint64_t id = w.event.id;
  assert_status(respond(&w, id, INVITE, 501), STOX_OK);
  expect_send(&w);
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_RETRANSMISSION);
  expect_send(&w);
  w.now += 100 * MS;
  const uint64_t acknowledged = w.now;
  assert_int_equal(feed(&w, ACK, UDP), STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(w.event.id, id);
  w.now += SECOND;
  assert_int_equal(feed(&w, ACK, UDP), STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_RETRANSMISSION);
  expect_nothing(&w);
  expect_due(&w, acknowledged, 5 * SECOND);
  expect_terminated(&w, id);
  assert_int_equal(feed(&w, ACK, UDP), STOX_TRANSACTION_ACK);
  assert_int_equal(w.event.id, 0);

  assert_int_equal(feed(&w, INVITE, TCP), STOX_TRANSACTION_NEW_REQUEST);
  id = w.event.id;
  assert_status(respond(&w, id, INVITE, 501), STOX_OK);
  expect_send(&w);
  assert_int_equal(feed(&w, ACK, TCP), STOX_TRANSACTION_RETRANSMISSION);
  expect_terminated(&w, id);
  world_close(&w);
}

/* The ACK comes between a retransmission that is due and its being pulled: it is not sent. */
static void test_ack_before_pull(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, INVITE, 405), STOX_OK);
  expect_send(&w);
  tick_at(&w, start + 500 * MS);
  assert_int_equal(feed(&w, ACK, UDP), STOX_TRANSACTION_RETRANSMISSION);
  expect_nothing(&w);
  expect_due(&w, start + 500 * MS, 5 * SECOND);
  expect_terminated(&w, id);
  world_close(&w);
}

/* RFC 6026 7.1: Accepted absorbs INVITEs, passes ACKs and more 2xx, and lasts Timer L. */
static void test_invite_accepted(void **state) {
  (void)state;
  static const int transports[] = {UDP, TCP};
  for (size_t i = 0; i < COUNT(transports); i++) {
    world w;
    world_open(&w);
    const uint64_t start = w.now;
    assert_int_equal(feed(&w, INVITE, transports[i]), STOX_TRANSACTION_NEW_REQUEST);
    const uint64_t id = w.event.id;
    assert_status(respond(&w, id, INVITE, 200), STOX_OK);
    expect_send(&w);
    assert_int_equal(feed(&w, INVITE, transports[i]), STOX_TRANSACTION_RETRANSMISSION);
    expect_nothing(&w);
    assert_status(respond(&w, id, INVITE, 200), STOX_OK);
    expect_send(&w);
    assert_status(respond(&w, id, INVITE, 486), STOX_E_STATE);
    assert_int_equal(feed(&w, ACK, transports[i]), STOX_TRANSACTION_ACK);
    assert_int_equal(w.event.id, id);
    assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_CLOSED, w.now), STOX_OK);
    expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_CLOSED);
    expect_due(&w, start, 32 * SECOND);
    expect_terminated(&w, id);
    world_close(&w);
  }
}

/* ---- CANCEL, merged requests ---- */

#define CANCEL(branch) "CANCEL sip:alice@example.com SIP/2.0\r\n" HEADERS("CANCEL", branch, "1")

/* RFC 3261 9.2: a transaction of its own that names the one it is about. */
static void test_cancel(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, INVITE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t invite = w.event.id;
  assert_int_equal(feed(&w, CANCEL("z9hG4bKi1"), UDP), STOX_TRANSACTION_CANCEL);
  const uint64_t cancel = w.event.id;
  assert_int_not_equal(cancel, invite);
  assert_int_equal(w.event.other, invite);
  assert_int_equal(feed(&w, CANCEL("z9hG4bKi1"), UDP), STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(w.event.id, cancel);
  assert_status(respond(&w, cancel, CANCEL("z9hG4bKi1"), 200), STOX_OK);
  expect_send(&w);
  assert_true(sent_has(&w, "CSeq: 1 CANCEL\r\n"));
  assert_int_equal(feed(&w, CANCEL("z9hG4bKi2"), UDP), STOX_TRANSACTION_CANCEL);
  assert_int_equal(w.event.other, 0);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t message = w.event.id;
  assert_int_equal(feed(&w, CANCEL("z9hG4bKm1"), UDP), STOX_TRANSACTION_CANCEL);
  assert_int_equal(w.event.other, message);
  world_close(&w);
}

/* RFC 3261 8.2.2.2: the same request by another path; not within a dialog. */
static void test_merged(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, MESSAGE, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t first = w.event.id;
  assert_int_equal(
      feed(&w, "MESSAGE sip:al@example.com SIP/2.0\r\n" HEADERS("MESSAGE", "z9hG4bKm2", "1"), UDP),
      STOX_TRANSACTION_MERGED);
  assert_int_equal(w.event.other, first);
  assert_int_not_equal(w.event.id, first);
  assert_int_equal(
      feed(&w, "MESSAGE sip:al@example.com SIP/2.0\r\n" HEADERS("MESSAGE", "z9hG4bKm3", "2"), UDP),
      STOX_TRANSACTION_NEW_REQUEST);
  static const char in_dialog[] = "MESSAGE sip:al@example.com SIP/2.0\r\n"
                                  "Via: SIP/2.0/UDP 192.0.2.2:6060;branch=z9hG4bKm4\r\n"
                                  "From: <sip:bob@example.org>;tag=b1\r\n"
                                  "To: <sip:alice@example.com>;tag=x\r\n"
                                  "Call-ID: in1@example.org\r\nCSeq: 1 MESSAGE\r\n"
                                  "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  assert_int_equal(feed(&w, in_dialog, UDP), STOX_TRANSACTION_NEW_REQUEST);
  world_close(&w);
}

/* ---- matching: RFC 3261 17.2.3 ---- */

#define LONG  "very-long-name-of-a-host.in-a-domain.whose-name-is-long-itself.and-behind-it."
#define NEW   STOX_TRANSACTION_NEW_REQUEST
#define AGAIN STOX_TRANSACTION_RETRANSMISSION

static void test_matching(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int kind;
  } rows[] = {
      /* by branch, sent-by and method, whatever the rest is */
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:1;branch=z9hG4bK1", ";tag=1", "", "c1", "1", "INFO"), NEW},
      {REQUEST("sip:x@a", "SIP/2.0/UDP h:1;branch=z9hG4bK1", ";tag=2", "", "c2", "2", "INFO"),
       AGAIN},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:2;branch=z9hG4bK1", ";tag=3", "", "c3", "1", "INFO"), NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP g:1;branch=z9hG4bK1", ";tag=4", "", "c4", "1", "INFO"), NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:1;branch=z9hG4bK2", ";tag=5", "", "c5", "1", "INFO"), NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:1;branch=z9hG4bK1", ";tag=6", "", "c6", "1", "BYE"), NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:1;branch=z9hG4bK1", ";tag=7", "", "c7", "1", "FOO"), NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:1;branch=z9hG4bK1", ";tag=8", "", "c8", "1", "FOO"),
       AGAIN},
      /* a sent-by is the same in another spelling, a branch is not */
      {REQUEST("sip:a@a", "SIP/2.0/UDP H:1;branch=z9hG4bK1", ";tag=9", "", "c9", "1", "INFO"),
       AGAIN},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h.:1;branch=z9hG4bK1", ";tag=9", "", "c9", "1", "INFO"),
       AGAIN},
      {REQUEST("sip:a@a", "SIP/2.0/UDP h:1;branch=z9hG4bk1", ";tag=9", "", "d0", "1", "INFO"), NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP [2001:db8::a];branch=z9hG4bK1", ";tag=9", "", "d1", "1",
               "INFO"),
       NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP [2001:DB8:0::A];branch=z9hG4bK1", ";tag=9", "", "d2", "1",
               "INFO"),
       AGAIN},
      {REQUEST("sip:a@a", "SIP/2.0/UDP [2001:db8::b];branch=z9hG4bK1", ";tag=9", "", "d3", "1",
               "INFO"),
       NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP " LONG "A.example;branch=z9hG4bK1", ";tag=9", "", "d4", "1",
               "INFO"),
       NEW},
      {REQUEST("sip:a@a", "SIP/2.0/UDP " LONG "a.Example;branch=z9hG4bK1", ";tag=9", "", "d5", "1",
               "INFO"),
       AGAIN},
      {REQUEST("sip:a@a", "SIP/2.0/UDP " LONG "b.example;branch=z9hG4bK1", ";tag=9", "", "d6", "1",
               "INFO"),
       NEW},
      /* the rules of RFC 2543 where the branch says nothing */
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1", ";tag=1", "", "o1", "1", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1", ";tag=1", "", "o1", "1", "INFO"), AGAIN},
      {REQUEST("sip:p@a", "SIP/2.0/UDP h:1", ";tag=9", "", "o1", "1", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1;branch=1", ";tag=1", ";tag=9", "o1", "1", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1;branch=1", ";tag=1", ";tag=9", "o1", "1", "INFO"),
       AGAIN},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1;branch=1", ";tag=1", ";tag=8", "o1", "1", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1", ";tag=2", "", "o1", "1", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1", ";tag=1", "", "o2", "1", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1", ";tag=1", "", "o1", "2", "INFO"), NEW},
      {REQUEST("sip:o@a", "SIP/2.0/UDP h:1", ";tag=1", "", "o1", "1", "BYE"), NEW},
  };
  world w;
  world_open(&w);
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (feed(&w, rows[i].text, UDP) != rows[i].kind) {
      fail_msg("row %zu: %d", i, w.event.kind);
    }
  }
  world_close(&w);
}

/* RFC 3261 17.2.3: by the rules of RFC 2543 an ACK has the To tag of the response. */
static void test_old_ack(void **state) {
  (void)state;
#define OLD "SIP/2.0/UDP h:1;branch=1"
  static const char invite[] = REQUEST("sip:a@a", OLD, ";tag=1", "", "o1", "1", "INVITE");
  world w;
  world_open(&w);
  assert_int_equal(feed(&w, invite, UDP), STOX_TRANSACTION_NEW_REQUEST);
  const uint64_t id = w.event.id;
  assert_status(respond(&w, id, invite, 404), STOX_OK);
  expect_send(&w);
  assert_int_equal(feed(&w, invite, UDP), STOX_TRANSACTION_RETRANSMISSION);
  expect_send(&w);
  assert_int_equal(feed(&w, REQUEST("sip:a@a", OLD, ";tag=1", ";tag=other", "o1", "1", "ACK"), UDP),
                   STOX_TRANSACTION_ACK);
  assert_int_equal(feed(&w, REQUEST("sip:a@a", OLD, ";tag=1", ";tag=us", "o1", "2", "ACK"), UDP),
                   STOX_TRANSACTION_ACK);
  assert_int_equal(feed(&w, REQUEST("sip:a@a", OLD, ";tag=1", ";tag=us", "o1", "1", "ACK"), UDP),
                   STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(w.event.id, id);
  world_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_final_over_udp),
      cmocka_unit_test(test_final_over_tcp),
      cmocka_unit_test(test_trying),
      cmocka_unit_test(test_provisional),
      cmocka_unit_test(test_too_late),
      cmocka_unit_test(test_transport_error),
      cmocka_unit_test(test_invite_trying),
      cmocka_unit_test(test_invite_without_ack),
      cmocka_unit_test(test_invite_without_ack_over_tcp),
      cmocka_unit_test(test_invite_acknowledged),
      cmocka_unit_test(test_ack_before_pull),
      cmocka_unit_test(test_invite_accepted),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_merged),
      cmocka_unit_test(test_matching),
      cmocka_unit_test(test_old_ack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
