/* SPDX-License-Identifier: MIT */
#include "transaction_support.h"

/* RFC 3261 17.1.2.2: Timer E at 500 ms, doubling up to T2; Timer F at 64 * T1. */
static void test_udp_times_out(void **state) {
  (void)state;
  static const uint64_t at_ms[] = {500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500};
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = request(&w, UDP);
  char first[sizeof w.sent];
  memcpy(first, w.sent, sizeof first);
  for (size_t i = 0; i < COUNT(at_ms); i++) {
    expect_due(&w, start, at_ms[i] * MS);
    expect_send(&w);
    assert_string_equal(w.sent, first);
    expect_nothing(&w);
  }
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  assert_int_equal(stox_transactions_count(w.t), 0);
  assert_true(stox_transactions_deadline(w.t) == UINT64_MAX);
  world_close(&w);
}

/* RFC 3261 17.1.2.2: over a reliable transport there is no Timer E. */
static void test_tcp_times_out(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = request(&w, TCP);
  assert_true(sent_has(&w, "Via: SIP/2.0/TCP 192.0.2.1:5070;branch=z9hG4bK"));
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

/* RFC 3261 17.1.2.2: once Proceeding, Timer E is reset to T2 each time; F goes on. */
static void test_provisional(void **state) {
  (void)state;
  static const uint64_t at_ms[] = {1500, 5500, 9500, 13500, 17500, 21500, 25500, 29500};
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = request(&w, UDP);
  expect_due(&w, start, 500 * MS);
  expect_send(&w);
  w.now = start + 700 * MS;
  assert_int_equal(answer(&w, 100, UDP), STOX_TRANSACTION_RESPONSE);
  assert_int_equal(w.event.id, id);
  assert_int_equal(answer(&w, 183, UDP), STOX_TRANSACTION_RESPONSE);
  for (size_t i = 0; i < COUNT(at_ms); i++) {
    expect_due(&w, start, at_ms[i] * MS);
    expect_send(&w);
  }
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

/* RFC 3261 17.1.2.2: Timer K is T4 over UDP, during which late responses are absorbed. */
static void test_final_over_udp(void **state) {
  (void)state;
  static const int codes[] = {200, 202, 302, 404, 503, 603};
  for (size_t i = 0; i < COUNT(codes); i++) {
    world w;
    world_open(&w);
    const uint64_t id = request(&w, UDP);
    w.now += 20 * MS;
    const uint64_t done = w.now;
    assert_int_equal(answer(&w, codes[i], UDP), STOX_TRANSACTION_RESPONSE);
    assert_int_equal(w.event.id, id);
    expect_nothing(&w);
    w.now += SECOND;
    assert_int_equal(answer(&w, codes[i], UDP), STOX_TRANSACTION_RETRANSMISSION);
    assert_int_equal(answer(&w, 100, UDP), STOX_TRANSACTION_RETRANSMISSION);
    assert_int_equal(answer(&w, 500, UDP), STOX_TRANSACTION_RETRANSMISSION);
    expect_due(&w, done, 5 * SECOND);
    expect_terminated(&w, id);
    assert_int_equal(answer(&w, codes[i], UDP), STOX_TRANSACTION_STRAY);
    assert_int_equal(w.event.id, 0);
    world_close(&w);
  }
}

/* RFC 3261 17.1.2.2: Timer K is 0 over TCP. */
static void test_final_over_tcp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = request(&w, TCP);
  assert_int_equal(answer(&w, 200, TCP), STOX_TRANSACTION_RESPONSE);
  expect_terminated(&w, id);
  assert_int_equal(answer(&w, 200, TCP), STOX_TRANSACTION_STRAY);
  world_close(&w);
}

/* RFC 3261 17.1.4: a transport error ends the transaction and is told. */
static void test_transport_error(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = request(&w, UDP);
  const uint64_t token = w.action.token;
  assert_status(stox_transactions_done(w.t, token, STOX_OK, w.now), STOX_OK);
  expect_nothing(&w);
  assert_status(stox_transactions_done(w.t, token, STOX_E_CLOSED, w.now), STOX_OK);
  expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_CLOSED);
  expect_terminated(&w, id);
  assert_status(stox_transactions_done(w.t, token, STOX_E_CLOSED, w.now), STOX_OK);
  expect_nothing(&w);
  world_close(&w);
}

/* A stream that ends before the answer costs one more sending of the same octets; the second end is
 * told, whether it is seen when sending or afterwards. */
static void test_lost_stream(void **state) {
  (void)state;
  for (int i = 0; i < 8; i++) {
    const int is_told_by_send[2] = {i & 1, i & 2};
    world w;
    world_open(&w);
    const uint64_t id = request(&w, TCP);
    char sent[sizeof w.sent];
    memcpy(sent, w.sent, sizeof sent);
    const uint64_t token = w.action.token;
    assert_int_equal(stox_transactions_of_token(token), id);
    for (int end = 0; end < 2; end++) {
      if (end == 1 && (i & 4) != 0) {
        assert_int_equal(answer(&w, 100, TCP), STOX_TRANSACTION_RESPONSE);
      }
      assert_status(is_told_by_send[end] ? stox_transactions_done(w.t, token, STOX_E_CLOSED, w.now)
                                         : stox_transactions_lost(w.t, id, w.now),
                    STOX_OK);
      if (end == 0) {
        expect_send(&w);
        assert_string_equal(w.sent, sent);
        assert_int_equal(w.action.handle, 0);
        expect_nothing(&w);
      }
    }
    expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_CLOSED);
    expect_terminated(&w, id);
    assert_status(stox_transactions_lost(w.t, id, w.now), STOX_E_NONE);
    world_close(&w);
  }
}

/* The answer on the new stream ends it as any answer; nothing else is ever sent again. */
static void test_lost_stream_answered(void **state) {
  (void)state;
  world w;
  world_open(&w);
  uint64_t id = request(&w, TCP);
  assert_status(stox_transactions_lost(w.t, id, w.now), STOX_OK);
  expect_send(&w);
  assert_int_equal(answer(&w, 200, TCP), STOX_TRANSACTION_RESPONSE);
  expect_terminated(&w, id);
  assert_status(stox_transactions_lost(w.t, id, w.now), STOX_E_NONE);
  id = request(&w, UDP);
  assert_status(stox_transactions_lost(w.t, id, w.now), STOX_E_NONE);
  expect_nothing(&w);
  assert_int_equal(feed(&w,
                        "MESSAGE sip:a@a SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\n"
                        "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: 1\r\n"
                        "CSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                        TCP),
                   STOX_TRANSACTION_NEW_REQUEST);
  assert_status(stox_transactions_lost(w.t, w.event.id, w.now), STOX_E_NONE);
  expect_nothing(&w);
  world_close(&w);
}

/* An error that is told after the final response changes nothing. */
static void test_error_behind_the_answer(void **state) {
  (void)state;
  world w;
  world_open(&w);
  (void)request(&w, UDP);
  assert_int_equal(answer(&w, 200, UDP), STOX_TRANSACTION_RESPONSE);
  assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_CLOSED, w.now), STOX_OK);
  expect_nothing(&w);
  world_close(&w);
}

/* The answer comes between a retransmission that is due and its being pulled: it is not sent. */
static void test_answer_before_pull(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = request(&w, UDP);
  tick_at(&w, start + 500 * MS);
  assert_int_equal(answer(&w, 200, UDP), STOX_TRANSACTION_RESPONSE);
  expect_nothing(&w);
  assert_int_equal(stox_transactions_count(w.t), 1);
  expect_due(&w, start + 500 * MS, 5 * SECOND);
  expect_terminated(&w, id);
  world_close(&w);
}

/* RFC 3261 17.1.3: branch and CSeq method; RFC 3261 18.1.2: our own sent-by. */
static void test_matching(void **state) {
  (void)state;
  static const struct {
    const char *from;
    const char *to;
  } changes[] = {{"z9hG4bK", "z9hG4bk"},
                 {"192.0.2.1:5070", "192.0.2.1:5071"},
                 {"192.0.2.1:5070", "192.0.2.9:5070"},
                 {"1 MESSAGE", "1 MASSAGE"},
                 {";branch=", ";brunch="}};
  world w;
  world_open(&w);
  (void)request(&w, UDP);
  char sent[sizeof w.sent];
  memcpy(sent, w.sent, sizeof sent);
  for (size_t i = 0; i < COUNT(changes); i++) {
    char *at = strstr(sent, "CSeq") != NULL ? strstr(sent, changes[i].from) : NULL;
    assert_non_null(at);
    char text[sizeof sent + 64];
    char *via = strstr(sent, "Via:");
    (void)snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n%s", via);
    at = strstr(text, changes[i].from);
    memcpy(at, changes[i].to, strlen(changes[i].to));
    assert_int_equal(feed(&w, text, UDP), STOX_TRANSACTION_STRAY);
  }
  assert_int_equal(answer(&w, 200, UDP), STOX_TRANSACTION_RESPONSE);
  world_close(&w);
}

/* RFC 3261 8.1.1.7, RFC 3581 3: branch with the cookie, rport; 7247-8-04: a Via of our own. */
static void test_via(void **state) {
  (void)state;
  static const struct {
    stox_endpoint local;
    const char *via;
    const char *end;
    stox_span suffix;
  } rows[] = {
      {{ROW("gw.example.com"), 0, UDP},
       "Via: SIP/2.0/UDP gw.example.com;branch=z9hG4bK",
       ";rport\r\n",
       {NULL, 0}},
      {{ROW("2001:db8::1"), 5070, UDP},
       "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK",
       ".0aff;rport\r\n",
       ROW("0aff")},
      {{ROW("[2001:db8::1]"), 5070, UDP},
       "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK",
       ";rport\r\n",
       ROW("")},
  };
  world w;
  world_open(&w);
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_transaction_target target = {
        .local = rows[i].local, .remote = REMOTE(UDP), .branch_suffix = rows[i].suffix};
    uint64_t id = 0;
    assert_status(stox_transactions_request(w.t, &id, new_request(&w, "OPTIONS"), &target, w.now),
                  STOX_OK);
    expect_send(&w);
    assert_true(sent_has(&w, rows[i].via));
    assert_true(sent_has(&w, rows[i].end));
    assert_int_equal(answer(&w, 200, UDP), STOX_TRANSACTION_RESPONSE);
    assert_int_equal(w.event.id, id);
  }
  world_close(&w);
}

/* A request that passes through keeps the Vias that it has, below ours. */
static void test_via_on_top(void **state) {
  (void)state;
  world w;
  world_open(&w);
  stox_sip_edit *edit = NULL;
  stox_sip_message *message = parse(&w, S(MESSAGE));
  assert_status(stox_sip_edit_new(&edit, &w.arena, message), STOX_OK);
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  uint64_t id = 0;
  assert_status(stox_transactions_request(w.t, &id, edit, &target, w.now), STOX_OK);
  expect_send(&w);
  stox_sip_via via;
  message = parse(&w, (stox_span){w.sent, w.sent_n});
  assert_status(stox_sip_get_via(&via, message, 0), STOX_OK);
  assert_span_equal(via.host, S("192.0.2.1"));
  assert_status(stox_sip_get_via(&via, message, 1), STOX_OK);
  assert_span_equal(via.branch, S("z9hG4bKm1"));
  world_close(&w);
}

static void test_refused(void **state) {
  (void)state;
  static const struct {
    const char *method;
    stox_transaction_target target;
    int status;
  } rows[] = {
      {"ACK", {.local = LOCAL(UDP), .remote = REMOTE(UDP)}, STOX_E_UNSUPPORTED_METHOD},
      {"MESSAGE", {.local = LOCAL(UDP), .remote = REMOTE(0)}, STOX_E_ARG},
      {"MESSAGE", {.local = LOCAL(UDP), .remote = {ROW("192.0.2.2"), 0, UDP}}, STOX_E_ARG},
      {"MESSAGE", {.local = LOCAL(UDP), .remote = {ROW("192.0.2.2"), 65536, UDP}}, STOX_E_ARG},
      {"MESSAGE", {.local = LOCAL(UDP), .remote = {{NULL, 0}, 5060, UDP}}, STOX_E_ARG},
      {"MESSAGE", {.local = {ROW("a b"), 5060, UDP}, .remote = REMOTE(UDP)}, STOX_E_BAD_HOST},
      {"MESSAGE", {.local = {{NULL, 0}, 5060, UDP}, .remote = REMOTE(UDP)}, STOX_E_BAD_HOST},
      {"MESSAGE", {.local = {ROW("a\r\nb"), 5060, UDP}, .remote = REMOTE(UDP)}, STOX_E_BAD_HOST},
      {"MESSAGE",
       {.local = LOCAL(UDP), .remote = REMOTE(UDP), .branch_suffix = ROW("a;b")},
       STOX_E_ARG},
  };
  world w;
  world_open(&w);
  uint64_t id = 7;
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_transactions_request(w.t, &id, new_request(&w, rows[i].method),
                                            &rows[i].target, w.now),
                  rows[i].status);
    assert_int_equal(id, 0);
    expect_nothing(&w);
  }
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  stox_sip_edit *edit = NULL;
  stox_sip_message *message = parse(&w, S(MESSAGE));
  assert_status(stox_sip_response_new(&edit, &w.arena, message, 200, (stox_span){NULL, 0}, S("us")),
                STOX_OK);
  assert_status(stox_transactions_request(w.t, &id, edit, &target, w.now), STOX_E_STATE);
  assert_status(stox_sip_request_new(&edit, &w.arena, S("MESSAGE"), S("sip:a@b")), STOX_OK);
  assert_status(stox_transactions_request(w.t, &id, edit, &target, w.now), STOX_E_MISSING);
  assert_int_equal(stox_transactions_count(w.t), 0);
  world_close(&w);
}

/* ---- size: RFC 3261 18.1.1 ---- */

/* Sends a MESSAGE whose octets on the wire are `n`. */
static uint64_t request_of(world *w, size_t n, uint32_t flags) {
  static char body[70000];
  memset(body, 'x', sizeof body);
  const stox_transaction_target target = {
      .local = LOCAL(UDP), .remote = REMOTE(UDP), .handle = 9, .flags = flags};
  uint64_t id = 0;
  stox_sip_edit *probe = new_request(w, "MESSAGE");
  stox_sip_edit_set_body(probe, (stox_span){body, 1000});
  assert_status(stox_transactions_request(w->t, &id, probe, &target, w->now), STOX_OK);
  expect_send(w);
  const size_t fixed = w->action.bytes.n - 1000;
  /* One octet less of Content-Length below 1,000, one more from 10,000 on. */
  size_t body_n = n - fixed;
  body_n += body_n + 1 < 1000 ? 1 : 0;
  body_n -= body_n > 10000 ? 1 : 0;
  assert_int_equal(answer(w, 200, UDP), STOX_TRANSACTION_RESPONSE);
  stox_sip_edit *edit = new_request(w, "MESSAGE");
  stox_sip_edit_set_body(edit, (stox_span){body, body_n});
  assert_status(stox_transactions_request(w->t, &id, edit, &target, w->now), STOX_OK);
  expect_send(w);
  assert_int_equal(w->action.bytes.n, n);
  return id;
}

static void test_large_goes_over_tcp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  (void)request_of(&w, 1300, 0);
  assert_true(sent_has(&w, "Via: SIP/2.0/UDP "));
  assert_int_equal(w.action.remote.transport, UDP);
  assert_int_equal(w.action.handle, 9);
  assert_int_equal(answer(&w, 200, UDP), STOX_TRANSACTION_RESPONSE);
  const uint64_t id = request_of(&w, 1301, 0);
  assert_true(sent_has(&w, "Via: SIP/2.0/TCP "));
  assert_int_equal(w.action.remote.transport, TCP);
  assert_int_equal(w.action.handle, 0);
  assert_null(w.action.local.host.p);
  const char *second = strstr(strstr(w.sent, "Via:") + 1, "Via:");
  assert_null(second);
  assert_int_equal(answer(&w, 200, TCP), STOX_TRANSACTION_RESPONSE);
  assert_int_equal(w.event.id, id);
  expect_terminated(&w, id);
  world_close(&w);
}

static void test_tcp_refused(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = request_of(&w, 1301, 0);
  assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_REFUSED, w.now), STOX_OK);
  expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_REFUSED);
  expect_terminated(&w, id);
  world_close(&w);
}

static void test_tcp_refused_then_udp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = request_of(&w, 1301, STOX_TRANSACTION_UDP_RETRY);
  const uint64_t token = w.action.token;
  const uint64_t start = w.now;
  w.now += 100 * MS;
  assert_status(stox_transactions_done(w.t, token, STOX_E_REFUSED, w.now), STOX_OK);
  expect_send(&w);
  assert_int_equal(w.action.id, id);
  assert_int_equal(w.action.remote.transport, UDP);
  assert_int_equal(w.action.handle, 9);
  assert_true(sent_has(&w, "Via: SIP/2.0/UDP "));
  assert_int_not_equal(w.action.token, token);
  /* What was said of the first attempt does not touch the second. */
  assert_status(stox_transactions_done(w.t, token, STOX_E_REFUSED, w.now), STOX_OK);
  expect_nothing(&w);
  expect_due(&w, start, 600 * MS);
  expect_send(&w);
  assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_REFUSED, w.now), STOX_OK);
  expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_REFUSED);
  expect_terminated(&w, id);
  world_close(&w);
}

/* Above what a datagram can hold there is no way back to UDP. */
static void test_too_large_for_udp(void **state) {
  (void)state;
  static const size_t sizes[] = {65507, 65508};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    world w;
    world_open(&w);
    const uint64_t id = request_of(&w, sizes[i], STOX_TRANSACTION_UDP_RETRY);
    assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_REFUSED, w.now), STOX_OK);
    if (i == 0) {
      expect_send(&w);
    } else {
      expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_REFUSED);
      expect_terminated(&w, id);
    }
    world_close(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_udp_times_out),
      cmocka_unit_test(test_tcp_times_out),
      cmocka_unit_test(test_provisional),
      cmocka_unit_test(test_final_over_udp),
      cmocka_unit_test(test_final_over_tcp),
      cmocka_unit_test(test_transport_error),
      cmocka_unit_test(test_lost_stream),
      cmocka_unit_test(test_lost_stream_answered),
      cmocka_unit_test(test_error_behind_the_answer),
      cmocka_unit_test(test_answer_before_pull),
      cmocka_unit_test(test_matching),
      cmocka_unit_test(test_via),
      cmocka_unit_test(test_via_on_top),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_large_goes_over_tcp),
      cmocka_unit_test(test_tcp_refused),
      cmocka_unit_test(test_tcp_refused_then_udp),
      cmocka_unit_test(test_too_large_for_udp),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
