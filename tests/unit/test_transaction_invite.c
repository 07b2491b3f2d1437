/* SPDX-License-Identifier: MIT */
#include "transaction_support.h"

/* INVITE client transactions: RFC 3261 17.1.1 with RFC 6026, ACK (17.1.1.3, 13.2.2.4), CANCEL
 * (9.1).
 */

static const stox_span none = {NULL, 0};

/* Sends an INVITE with two Routes and credentials, and pulls it; its text stays in `w->sent`. */
static uint64_t invite(world *w, int transport) {
  const stox_transaction_target target = {.local = LOCAL(transport), .remote = REMOTE(transport)};
  uint64_t id = 0;
  stox_sip_edit *edit = new_request(w, "INVITE");
  static const struct {
    int id;
    stox_span value;
  } fields[] = {{STOX_SIP_ROUTE, ROW("<sip:p1.example.com;lr>")},
                {STOX_SIP_ROUTE, ROW("<sip:p2.example.com;lr>")},
                {STOX_SIP_CONTACT, ROW("<sip:alice@192.0.2.1>")},
                {STOX_SIP_PROXY_AUTHORIZATION, ROW("Digest username=\"a\", realm=\"r\"")}};
  for (size_t i = 0; i < COUNT(fields); i++) {
    assert_status(stox_sip_edit_set(edit, fields[i].id, none, fields[i].value, STOX_SIP_LAST),
                  STOX_OK);
  }
  assert_status(stox_sip_edit_set_body(edit, S("v=0\r\n")), STOX_OK);
  assert_status(stox_transactions_request(w->t, &id, edit, &target, w->now), STOX_OK);
  expect_send(w);
  assert_int_equal(w->action.id, id);
  expect_nothing(w);
  return id;
}

/* Answers what `sent` is with a To tag; the kind that the response is taken for. */
static int answer_to(world *w, const char *sent, int code, const char *tag) {
  stox_sip_message *request = parse(w, stox_span_text(sent));
  stox_sip_edit *edit = NULL;
  char text[4096];
  stox_buf out;
  assert_status(stox_sip_response_new(&edit, &w->arena, request, code, none, stox_span_text(tag)),
                STOX_OK);
  stox_buf_init(&out, text, sizeof text - 1);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  text[out.len] = '\0';
  return feed(w, text, UDP);
}

static void copy_sent(char *out, const world *w) {
  memcpy(out, w->sent, w->sent_n + 1);
}

/* 17.1.1.2: Timer A doubles without an end of its own, Timer B ends it at 64 T1. */
static void test_udp_times_out(void **state) {
  (void)state;
  static const uint64_t at_ms[] = {500, 1500, 3500, 7500, 15500, 31500};
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = invite(&w, UDP);
  for (size_t i = 0; i < COUNT(at_ms); i++) {
    expect_due(&w, start, at_ms[i] * MS);
    expect_send(&w);
    assert_true(sent_has(&w, "INVITE sip:bob@example.org SIP/2.0\r\n"));
    expect_nothing(&w);
  }
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

static void test_tcp_times_out(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t start = w.now;
  const uint64_t id = invite(&w, TCP);
  expect_due(&w, start, 32 * SECOND);
  expect_event(&w, STOX_TRANSACTION_TIMEOUT, id, STOX_E_TIMEOUT);
  expect_terminated(&w, id);
  world_close(&w);
}

/* A provisional response stops Timers A and B: a phone may ring for as long as it likes. */
static void test_rings(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = invite(&w, UDP);
  char sent[sizeof w.sent];
  copy_sent(sent, &w);
  for (int code = 100; code < 190; code += 80) {
    assert_int_equal(answer_to(&w, sent, code, "b1"), STOX_TRANSACTION_RESPONSE);
    assert_int_equal(w.event.id, id);
  }
  assert_true(stox_transactions_deadline(w.t) == UINT64_MAX);
  tick_at(&w, w.now + 3600 * SECOND);
  expect_nothing(&w);
  assert_int_equal(stox_transactions_count(w.t), 1);
  world_close(&w);
}

/* What is written of the INVITE into its ACK. */
static void check_ack(world *w, const char *sent, const char *to) {
  stox_sip_message *request = parse(w, stox_span_text(sent));
  stox_sip_message *ack = parse(w, (stox_span){w->sent, w->sent_n});
  static const int same[] = {STOX_SIP_VIA, STOX_SIP_FROM, STOX_SIP_CALL_ID, STOX_SIP_MAX_FORWARDS,
                             STOX_SIP_PROXY_AUTHORIZATION};
  size_t routes = 0;
  stox_sip_cursor cursor = {0, 0};
  stox_name_addr route;
  assert_span_equal(stox_sip_method(ack), S("ACK"));
  assert_span_equal(stox_sip_request_uri(ack), stox_sip_request_uri(request));
  for (size_t i = 0; i < COUNT(same); i++) {
    assert_span_equal(stox_sip_value(ack, same[i]), stox_sip_value(request, same[i]));
  }
  while (stox_sip_next_address(&route, ack, STOX_SIP_ROUTE, &cursor) == STOX_OK) {
    assert_span_equal(route.text,
                      routes++ == 0 ? S("<sip:p1.example.com;lr>") : S("<sip:p2.example.com;lr>"));
  }
  assert_int_equal(routes, 2);
  assert_span_equal(stox_sip_value(ack, STOX_SIP_TO), stox_span_text(to));
  assert_span_equal(stox_sip_value(ack, STOX_SIP_CSEQ), S("1 ACK"));
  assert_true(stox_sip_value(ack, STOX_SIP_CONTACT).p == NULL);
  assert_int_equal(stox_sip_body(ack).n, 0);
}

/* 17.1.1.2, 17.1.1.3: a refusal is acknowledged, each time that it comes within Timer D. */
static void test_refused(void **state) {
  (void)state;
  static const int codes[] = {300, 404, 487, 503, 603};
  for (size_t i = 0; i < COUNT(codes); i++) {
    world w;
    world_open(&w);
    const uint64_t id = invite(&w, UDP);
    char sent[sizeof w.sent];
    copy_sent(sent, &w);
    if (i % 2 == 0) {
      assert_int_equal(answer_to(&w, sent, 180, "b1"), STOX_TRANSACTION_RESPONSE);
    }
    const uint64_t done = w.now;
    assert_int_equal(answer_to(&w, sent, codes[i], "b1"), STOX_TRANSACTION_RESPONSE);
    expect_send(&w);
    check_ack(&w, sent, "<sip:bob@example.org>;tag=b1");
    expect_nothing(&w);
    w.now += SECOND;
    assert_int_equal(answer_to(&w, sent, codes[i], "b1"), STOX_TRANSACTION_RETRANSMISSION);
    expect_send(&w);
    check_ack(&w, sent, "<sip:bob@example.org>;tag=b1");
    assert_int_equal(answer_to(&w, sent, 180, "b1"), STOX_TRANSACTION_RETRANSMISSION);
    assert_int_equal(answer_to(&w, sent, 200, "b1"), STOX_TRANSACTION_RETRANSMISSION);
    expect_nothing(&w);
    expect_due(&w, done, 32 * SECOND);
    expect_terminated(&w, id);
    world_close(&w);
  }
}

/* Timer D is 0 over TCP: the ACK goes out first. */
static void test_refused_over_tcp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = invite(&w, TCP);
  char sent[sizeof w.sent];
  copy_sent(sent, &w);
  assert_int_equal(answer_to(&w, sent, 486, "b1"), STOX_TRANSACTION_RESPONSE);
  expect_send(&w);
  check_ack(&w, sent, "<sip:bob@example.org>;tag=b1");
  expect_terminated(&w, id);
  world_close(&w);
}

/* An INVITE that only a lenient parser takes, as one passed on may be, is acknowledged too. */
static void test_lenient(void **state) {
  (void)state;
  static const char text[] =
      "INVITE sip:bob@example.org SIP/2.0\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\n"
      "Call-ID: a:b@c@d\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
      "Via: SIP/2.0/UDP x;branch=z9hG4bKx\r\nContent-Length: 0\r\n\r\n";
  static const stox_sip_options options = {.size = sizeof options, .lenient = 1};
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  const stox_flow flow = flow_from(UDP);
  world w;
  world_open(&w);
  stox_sip_message *message = NULL;
  stox_sip_edit *edit = NULL;
  char answer_text[2048];
  stox_buf out;
  uint64_t id = 0;
  assert_status(stox_sip_parse(&message, &w.arena, stox_span_text(text), NULL, NULL),
                STOX_E_BAD_HEADER);
  assert_status(stox_sip_parse(&message, &w.arena, stox_span_text(text), &options, NULL), STOX_OK);
  assert_status(stox_sip_edit_new(&edit, &w.arena, message), STOX_OK);
  assert_status(stox_transactions_request(w.t, &id, edit, &target, w.now), STOX_OK);
  expect_send(&w);
  const stox_span sent = {w.sent, w.sent_n};
  assert_status(stox_sip_parse(&message, &w.arena, sent, &options, NULL), STOX_OK);
  assert_status(stox_sip_response_new(&edit, &w.arena, message, 486, none, S("b1")), STOX_OK);
  stox_buf_init(&out, answer_text, sizeof answer_text);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  assert_status(stox_sip_parse(&message, &w.arena, stox_buf_span(&out), &options, NULL), STOX_OK);
  assert_status(stox_transactions_feed(w.t, &w.event, message, &flow, w.now), STOX_OK);
  assert_int_equal(w.event.kind, STOX_TRANSACTION_RESPONSE);
  expect_send(&w);
  assert_true(sent_has(&w, "ACK sip:bob@example.org SIP/2.0\r\n"));
  assert_true(sent_has(&w, "Call-ID: a:b@c@d\r\n"));
  world_close(&w);
}

/* 17.1.4: that an ACK could not be sent is told. */
static void test_ack_fails(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = invite(&w, UDP);
  assert_int_equal(answer(&w, 486, UDP), STOX_TRANSACTION_RESPONSE);
  expect_send(&w);
  assert_status(stox_transactions_done(w.t, w.action.token, STOX_E_REFUSED, w.now), STOX_OK);
  expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_REFUSED);
  expect_terminated(&w, id);
  world_close(&w);
}

static stox_sip_edit *ack_of(world *w, const char *to) {
  stox_sip_edit *ack = new_request(w, "ACK");
  assert_status(stox_sip_edit_set(ack, STOX_SIP_TO, none, stox_span_text(to), STOX_SIP_REPLACE),
                STOX_OK);
  return ack;
}

/* RFC 6026: every 2xx, also of another branch, is passed on for 64 T1 (Timer M), and acknowledged
 * by whoever asked. */
static void test_accepted(void **state) {
  (void)state;
  static const stox_transaction_target elsewhere = {
      .local = LOCAL(TCP), .remote = {ROW("198.51.100.9"), 5080, TCP}, .handle = 9};
  world w;
  world_open(&w);
  const uint64_t id = invite(&w, UDP);
  char sent[sizeof w.sent];
  copy_sent(sent, &w);
  const uint64_t done = w.now;
  static const char *const tags[] = {"b1", "b1", "b2"};
  for (size_t i = 0; i < COUNT(tags); i++) {
    w.now = done + i * SECOND;
    assert_int_equal(answer_to(&w, sent, 200, tags[i]), STOX_TRANSACTION_RESPONSE);
    assert_int_equal(w.event.id, id);
    expect_nothing(&w);
    assert_status(
        stox_transactions_ack(w.t, id, ack_of(&w, "<sip:bob@example.org>;tag=b1"), &elsewhere),
        STOX_OK);
    assert_status(
        stox_transactions_ack(w.t, id, ack_of(&w, "<sip:bob@example.org>;tag=b1"), &elsewhere),
        STOX_E_STATE);
    expect_send(&w);
    assert_true(
        sent_has(&w, "ACK sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5070;"));
    assert_string_equal(w.host, "198.51.100.9");
    assert_int_equal(w.action.handle, 9);
    expect_nothing(&w);
  }
  assert_int_equal(answer_to(&w, sent, 180, "b1"), STOX_TRANSACTION_RETRANSMISSION);
  assert_int_equal(answer_to(&w, sent, 486, "b3"), STOX_TRANSACTION_RETRANSMISSION);
  expect_due(&w, done, 32 * SECOND);
  expect_terminated(&w, id);
  assert_int_equal(answer_to(&w, sent, 200, "b1"), STOX_TRANSACTION_STRAY);
  assert_status(stox_transactions_ack(w.t, id, ack_of(&w, "<sip:b@b>"), &elsewhere), STOX_E_NONE);
  world_close(&w);
}

static void test_ack_refused(void **state) {
  (void)state;
  const stox_transaction_target target = {.local = LOCAL(UDP), .remote = REMOTE(UDP)};
  const stox_transaction_target nowhere = {.local = LOCAL(UDP)};
  world w;
  world_open(&w);
  const uint64_t id = invite(&w, UDP);
  assert_status(stox_transactions_ack(w.t, id, ack_of(&w, "<sip:b@b>"), &target), STOX_E_NONE);
  assert_int_equal(answer(&w, 200, UDP), STOX_TRANSACTION_RESPONSE);
  assert_status(stox_transactions_ack(w.t, id, new_request(&w, "BYE"), &target),
                STOX_E_UNSUPPORTED_METHOD);
  assert_status(stox_transactions_ack(w.t, id, ack_of(&w, "<sip:b@b>"), &nowhere), STOX_E_ARG);
  assert_status(stox_transactions_ack(w.t, id + 1, ack_of(&w, "<sip:b@b>"), &target), STOX_E_NONE);
  expect_nothing(&w);
  world_close(&w);
}

/* 9.1: no CANCEL before a provisional response; it has the branch of the INVITE and a transaction
 * of its own, whose end is not the INVITE's. */
static void test_cancel(void **state) {
  (void)state;
  world w;
  world_open(&w);
  uint64_t cancel = 0;
  const uint64_t id = invite(&w, UDP);
  char sent[sizeof w.sent];
  char sent_cancel[sizeof w.sent];
  copy_sent(sent, &w);
  assert_status(stox_transactions_cancel(w.t, &cancel, id, w.now), STOX_E_MORE);
  assert_int_equal(answer_to(&w, sent, 180, "b1"), STOX_TRANSACTION_RESPONSE);
  assert_status(stox_transactions_cancel(w.t, &cancel, id, w.now), STOX_OK);
  expect_send(&w);
  copy_sent(sent_cancel, &w);
  uint64_t second = 0;
  assert_status(stox_transactions_cancel(w.t, &second, id, w.now), STOX_E_STATE);
  assert_int_equal(second, 0);
  stox_sip_message *request = parse(&w, stox_span_text(sent));
  stox_sip_message *message = parse(&w, stox_span_text(sent_cancel));
  static const int same[] = {STOX_SIP_VIA,     STOX_SIP_FROM,         STOX_SIP_TO,
                             STOX_SIP_CALL_ID, STOX_SIP_MAX_FORWARDS, STOX_SIP_ROUTE};
  for (size_t i = 0; i < COUNT(same); i++) {
    assert_span_equal(stox_sip_value(message, same[i]), stox_sip_value(request, same[i]));
  }
  assert_span_equal(stox_sip_value(message, STOX_SIP_CSEQ), S("1 CANCEL"));
  assert_span_equal(stox_sip_request_uri(message), stox_sip_request_uri(request));
  assert_int_equal(answer_to(&w, sent_cancel, 200, "b1"), STOX_TRANSACTION_RESPONSE);
  assert_int_equal(w.event.id, cancel);
  assert_int_equal(answer_to(&w, sent, 487, "b1"), STOX_TRANSACTION_RESPONSE);
  assert_int_equal(w.event.id, id);
  expect_send(&w);
  assert_true(sent_has(&w, "ACK "));
  assert_status(stox_transactions_cancel(w.t, &cancel, id, w.now), STOX_E_STATE);
  assert_status(stox_transactions_cancel(w.t, &cancel, cancel, w.now), STOX_E_NONE);
  world_close(&w);
}

/* 9.1: nothing final within 64 T1 of the CANCEL ends the INVITE, for peers of RFC 2543. */
static void test_cancel_unanswered(void **state) {
  (void)state;
  world w;
  world_open(&w);
  uint64_t cancel = 0;
  const uint64_t id = invite(&w, TCP);
  assert_int_equal(answer(&w, 180, TCP), STOX_TRANSACTION_RESPONSE);
  const uint64_t start = w.now;
  assert_status(stox_transactions_cancel(w.t, &cancel, id, w.now), STOX_OK);
  expect_send(&w);
  tick_at(&w, start + 32 * SECOND - 1);
  expect_nothing(&w);
  tick_at(&w, start + 32 * SECOND);
  size_t timeouts = 0;
  size_t ends = 0;
  for (const stox_action *a; (a = stox_transactions_next(w.t)) != NULL;) {
    timeouts += a->kind == STOX_DO_EVENT && a->event == STOX_TRANSACTION_TIMEOUT;
    ends += a->kind == STOX_DO_EVENT && a->event == STOX_TRANSACTION_TERMINATED;
  }
  assert_int_equal(timeouts, 2);
  assert_int_equal(ends, 2);
  world_close(&w);
}

/* A stream that ends while it rings costs one more sending, which the peer knows by its branch. */
static void test_stream_ends(void **state) {
  (void)state;
  world w;
  world_open(&w);
  const uint64_t id = invite(&w, TCP);
  char sent[sizeof w.sent];
  copy_sent(sent, &w);
  assert_int_equal(answer_to(&w, sent, 180, "b1"), STOX_TRANSACTION_RESPONSE);
  assert_status(stox_transactions_lost(w.t, id, w.now), STOX_OK);
  expect_send(&w);
  assert_string_equal(w.sent, sent);
  assert_status(stox_transactions_lost(w.t, id, w.now), STOX_OK);
  expect_event(&w, STOX_TRANSACTION_FAILED, id, STOX_E_CLOSED);
  expect_terminated(&w, id);
  world_close(&w);
}

/* All of it with the n-th allocation failing: nothing leaks, and an ACK that found no memory goes
 * out with the next copy of the response. */
static void test_no_memory(void **state) {
  (void)state;
  size_t late = 0;
  for (size_t n = 1; n < 60; n++) {
    world w;
    world_open(&w);
    uint64_t cancel = 0;
    const uint64_t id = invite(&w, UDP);
    char sent[sizeof w.sent];
    copy_sent(sent, &w);
    assert_int_equal(answer_to(&w, sent, 180, "b1"), STOX_TRANSACTION_RESPONSE);
    w.memory.calls = 0;
    w.memory.fail_at = n;
    const int status = stox_transactions_cancel(w.t, &cancel, id, w.now);
    assert_true(status == STOX_OK || status == STOX_E_NOMEM);
    assert_int_equal(cancel != 0, status == STOX_OK);
    while (stox_transactions_next(w.t) != NULL) {
    }
    assert_int_equal(answer_to(&w, sent, 487, "b1"), STOX_TRANSACTION_RESPONSE);
    const stox_action *action = stox_transactions_next(w.t);
    if (action == NULL) {
      late++;
      assert_int_equal(answer_to(&w, sent, 487, "b1"), STOX_TRANSACTION_RETRANSMISSION);
      action = stox_transactions_next(w.t);
    }
    assert_non_null(action);
    assert_int_equal(action->kind, STOX_DO_SEND);
    assert_memory_equal(action->bytes.p, "ACK ", 4);
    world_close(&w);
  }
  assert_true(late > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_udp_times_out),
      cmocka_unit_test(test_tcp_times_out),
      cmocka_unit_test(test_rings),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_refused_over_tcp),
      cmocka_unit_test(test_ack_fails),
      cmocka_unit_test(test_accepted),
      cmocka_unit_test(test_ack_refused),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_cancel_unanswered),
      cmocka_unit_test(test_stream_ends),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_lenient),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
