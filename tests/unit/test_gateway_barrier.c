/* SPDX-License-Identifier: MIT */
/* What proves that a message was taken, and what proves nothing. */
#include "world.h"

static void send_one(world *w, const char *name) {
  char branch[32];
  snprintf(branch, sizeof branch, "z9hG4bK%s", name);
  world_send(w, &(fake_message){.body = name, .branch = branch, .call_id = name}, UDP);
  world_run(w, SECOND / 10);
}

static void answer(world *w, const char *from, const char *id) {
  char text[256];
  snprintf(text, sizeof text, "<iq type='result' from='%s' to='sip.example' id='%s'/>", from, id);
  fake_xmpp_say(w->xmpp, text);
  world_run(w, SECOND / 10);
}

static void test_each_ping_speaks_for_what_is_before_it(void **state) {
  (void)state;
  char first[64];
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  send_one(&w, "a");
  memcpy(first, w.xmpp->last_ping, sizeof first);
  send_one(&w, "b");
  assert_string_not_equal(first, w.xmpp->last_ping);
  answer(&w, "xmpp.example", first);
  assert_int_equal(fake_sip_holding(w.sip, "Call-ID: a\r\n"), 1);
  assert_int_equal(fake_sip_holding(w.sip, "Call-ID: b\r\n"), 0);
  answer(&w, "xmpp.example", w.xmpp->last_ping);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 2);
  world_end(&w);
}

/* The answer to a ping of a stream that is gone says nothing of what was sent on the next. */
static void test_ping_of_a_lost_stream(void **state) {
  (void)state;
  char first[64];
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  send_one(&w, "a");
  memcpy(first, w.xmpp->last_ping, sizeof first);
  fake_xmpp_say(w.xmpp, "</stream:stream>");
  world_run(&w, 3 * SECOND);
  assert_int_equal(w.xmpp->n_streams, 2);
  assert_int_equal(fake_xmpp_count(w.xmpp, "<body>a</body>"), 2);
  answer(&w, "xmpp.example", first);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 2"), 0);
  answer(&w, "xmpp.example", w.xmpp->last_ping);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  world_end(&w);
}

static void test_answers_that_prove_nothing(void **state) {
  (void)state;
  static const char *const ids[] = {
      "", "ping-", "ping-1", "ping-1-", "stoxping-1-x", "ping-18446744073709551615-aaaaaaaa"};
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  send_one(&w, "a");
  for (size_t i = 0; i < COUNT(ids); i++) {
    answer(&w, "xmpp.example", ids[i]);
  }
  answer(&w, "other.example", w.xmpp->last_ping);
  answer(&w, "juliet@xmpp.example", w.xmpp->last_ping);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 2"), 0);
  answer(&w, "xmpp.example", w.xmpp->last_ping);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  world_end(&w);
}

/* Only the domain that a message went to can bounce it. */
static void test_bounce_of_another_domain(void **state) {
  (void)state;
  static const char *const senders[] = {"juliet@other.example", "other.example",
                                        "juliet@xmpp.example.other.example"};
  for (size_t i = 0; i < COUNT(senders); i++) {
    char text[512];
    char id[64] = "";
    world w;
    world_make(&w);
    w.xmpp->is_deaf = 1;
    send_one(&w, "a");
    assert_int_equal(sscanf(strstr(w.xmpp->stanzas[0], " id='"), " id='%63[^']'", id), 1);
    snprintf(text, sizeof text,
             "<message type='error' from='%s' to='romeo@sip.example' id='%s'><error type='cancel'>"
             "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
             senders[i], id);
    fake_xmpp_say(w.xmpp, text);
    world_run(&w, SECOND / 10);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 4"), 0);
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_LATE_ERROR], 1);
    answer(&w, "xmpp.example", w.xmpp->last_ping);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
    world_end(&w);
  }
}

/* 7247-8-06: what this gateway sent comes back to it, one Via richer. */
static void test_own_request_comes_back(void **state) {
  (void)state;
  char text[4096];
  world w;
  world_make(&w);
  w.sip->answer = NULL;
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  world_run(&w, SECOND / 10);
  assert_int_equal(fake_sip_count(w.sip, "MESSAGE "), 1);
  const char *sent = w.sip->messages[0];
  const int line = (int)(strstr(sent, "\r\n") - sent) + 2;
  snprintf(text, sizeof text, "%.*sVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKproxy\r\n%s", line,
           sent, sent + line);
  fake_sip_send(w.sip, UDP, text);
  world_run(&w, SECOND / 10);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 482"), 1);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  world_end(&w);
}

/* RFC 4320 4.2: after 64 T1 no final response may leave, so the record tells of none. */
static void test_record_of_an_answer_that_came_too_late(void **state) {
  (void)state;
  world w;
  assert_status(world_make_as(&w, &(world_plan){.t1_ns = SECOND / 50}), STOX_OK);
  world_run(&w, SECOND);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, 8 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 0);
  assert_int_equal(w.told.records, 1);
  assert_int_equal(w.told.last.outcome, STOX_OUTCOME_TIMEOUT);
  assert_int_equal(w.told.last.code, 0);
  assert_int_not_equal(w.told.last.status, STOX_OK);
  world_end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_ping_speaks_for_what_is_before_it),
      cmocka_unit_test(test_ping_of_a_lost_stream),
      cmocka_unit_test(test_answers_that_prove_nothing),
      cmocka_unit_test(test_bounce_of_another_domain),
      cmocka_unit_test(test_own_request_comes_back),
      cmocka_unit_test(test_record_of_an_answer_that_came_too_late),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
