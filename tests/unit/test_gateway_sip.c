/* SPDX-License-Identifier: MIT */
/* What comes from SIP. */
#include "world.h"

/* 7247-4-03 7247-4-05 7247-5-08 7247-8-04 */
static void test_sip_to_xmpp(void **state) {
  (void)state;
  for (int transport = UDP; transport <= TCP; transport++) {
    world w;
    world_make(&w);
    world_send(&w,
               &(fake_message){.uri = "sip:o'malley@xmpp.example",
                               .from = "<sip:rom%C3%A9o@sip.example;gr=ph>;tag=r1",
                               .more = "Subject: Imploring\r\nContent-Language: en\r\n",
                               .body = "a < b & c\r\nd"},
               transport);
    world_run(&w, SECOND);
    assert_int_equal(w.xmpp->n_stanzas, 1);
    const char *stanza = w.xmpp->stanzas[0];
    assert_non_null(strstr(stanza, "from='rom\xC3\xA9o@sip.example/ph'"));
    assert_non_null(strstr(stanza, "to='o\\27malley@xmpp.example'"));
    assert_non_null(strstr(stanza, "<body>a &lt; b &amp; c\nd</body>"));
    assert_non_null(strstr(stanza, "<subject>Imploring</subject>"));
    assert_non_null(strstr(stanza, "<thread>c1</thread>"));
    assert_non_null(strstr(stanza, "xml:lang='en'"));
    assert_null(strstr(stanza, "type="));
    assert_null(strstr(stanza, "z9hG4bK"));
    assert_int_equal(w.xmpp->n_pings, 1);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200 OK\r\n"), 1);
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
    world_end(&w);
  }
}

/* 7247-8-06: hops are counted through XMPP where that was asked for, and only there. */
static void test_hops_in_stanzas(void **state) {
  (void)state;
  for (int is_on = 0; is_on <= 1; is_on++) {
    world w;
    assert_status(world_make_as(&w, &(world_plan){.writes_hops = is_on}), STOX_OK);
    world_run(&w, SECOND);
    world_send(&w, &(fake_message){.body = "x", .hops = 8}, UDP);
    world_run(&w, SECOND);
    assert_int_equal(w.xmpp->n_stanzas, 1);
    assert_int_equal(fake_xmpp_count(w.xmpp, "<headers xmlns='http://jabber.org/protocol/shim'>"
                                             "<header name='Max-Forwards'>7</header></headers>"),
                     is_on);
    assert_int_equal(fake_xmpp_count(w.xmpp, "protocol/shim"), is_on);
    world_end(&w);
  }
}

static void test_answer_waits_for_the_ping(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, 3 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 2"), 0);
  world_run(&w, 3 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 1);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_TIMEOUT], 1);
  world_end(&w);
}

/* 7247-7.1-08: item-not-found of a bare JID is 404 towards other domains. */
static void test_bounce(void **state) {
  (void)state;
  world w;
  world_make(&w);
  world_send(&w, &(fake_message){.uri = "sip:nobody@xmpp.example"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 404"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 0);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_BOUNCED], 1);
  world_end(&w);
}

/* RFC 4320 4.2 forbids 408 for a MESSAGE, and the sender must be told all the same. */
static void test_bounce_by_timeout(void **state) {
  (void)state;
  world w;
  world_make(&w);
  world_send(&w, &(fake_message){.uri = "sip:slow@xmpp.example"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 1);
  world_end(&w);
}

static void test_one_ping_behind_a_batch(void **state) {
  (void)state;
  world w;
  world_make(&w);
  for (int i = 0; i < 64; i++) {
    char branch[32];
    char call_id[32];
    snprintf(branch, sizeof branch, "z9hG4bKb%d", i);
    snprintf(call_id, sizeof call_id, "c%d", i);
    world_send(&w, &(fake_message){.branch = branch, .call_id = call_id}, UDP);
  }
  world_run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 64);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 64);
  assert_in_range(w.xmpp->n_pings, 1, 64);
  world_end(&w);
}

static void test_retransmission_is_one_stanza(void **state) {
  (void)state;
  world w;
  world_make(&w);
  for (int i = 0; i < 7; i++) {
    world_send(&w, &(fake_message){.body = "once"}, UDP);
    world_run(&w, SECOND / 2);
  }
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 7);
  world_send(&w, &(fake_message){.body = "once", .branch = "z9hG4bKother"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 482"), 1);
  world_end(&w);
}

/* What is refused, how, and that no octet of it reaches XMPP. 7247-8-02 7247-8-05 7247-6.1-03 */
static void test_refusals(void **state) {
  (void)state;
  static const struct {
    fake_message m;
    const char *answer;
    const char *holds;
  } rows[] = {
      {{.uri = "sips:juliet@xmpp.example"}, "SIP/2.0 480 ", "Warning: 380 "},
      {{.to = "<SIPS:juliet@xmpp.example>"}, "SIP/2.0 480 ", "Warning: 380 "},
      {{.uri = "tel:+15551234"}, "SIP/2.0 416 ", ""},
      {{.uri = "sip:juliet@other.example"}, "SIP/2.0 404 ", ""},
      {{.uri = "sip:a%C3@xmpp.example"}, "SIP/2.0 404 ", ""},
      {{.uri = "sip:a%00b@xmpp.example"}, "SIP/2.0 404 ", ""},
      {{.from = "<sip:mallory@evil.example>;tag=1"}, "SIP/2.0 403 ", ""},
      {{.from = "<sip:juliet@xmpp.example>;tag=1"}, "SIP/2.0 403 ", ""},
      {{.from = "<sip:anonymous@anonymous.invalid>;tag=1"}, "SIP/2.0 433 ", ""},
      {{.hops = -1}, "SIP/2.0 483 ", ""},
      {{.more = "Max-Breadth: 0\r\n"}, "SIP/2.0 440 ", ""},
      {{.more = "Require: foo\r\n"}, "SIP/2.0 420 ", "Unsupported: foo"},
      {{.to = "<sip:juliet@xmpp.example>;tag=x"}, "SIP/2.0 481 ", ""},
      {{.type = "text/html"}, "SIP/2.0 415 ", "Accept: text/plain"},
      {{.type = "text/plain;charset=utf-7"}, "SIP/2.0 415 ", "Accept: text/plain"},
      {{.type = "plain"}, "SIP/2.0 400 ", ""},
      {{.more = "Content-Encoding: gzip\r\n"}, "SIP/2.0 415 ", "Accept-Encoding: identity"},
      {{.body = "C\xC3("}, "SIP/2.0 400 ", ""},
      {{.method = "INVITE"}, "SIP/2.0 405 ", "Allow: MESSAGE, OPTIONS"},
      {{.method = "SUBSCRIBE"}, "SIP/2.0 405 ", "Allow: MESSAGE, OPTIONS"},
      {{.method = "OPTIONS"}, "SIP/2.0 200 ", "Allow: MESSAGE, OPTIONS"},
      {{.body = ""}, "SIP/2.0 200 ", ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_make(&w);
    world_send(&w, &rows[i].m, UDP);
    world_run(&w, SECOND / 4);
    if (fake_sip_count(w.sip, rows[i].answer) != 1 || fake_sip_holding(w.sip, rows[i].holds) < 1) {
      fail_msg("row %zu: %s", i, w.sip->n_messages == 0 ? "silence" : w.sip->messages[0]);
    }
    assert_int_equal(w.xmpp->n_stanzas, 0);
    assert_int_equal(w.told.lost, 0);
    world_end(&w);
  }
}

/* One line a message, also for those that do not parse. */
static void test_malformed_is_recorded(void **state) {
  (void)state;
  world w;
  world_make(&w);
  world_send(&w, &(fake_message){.more = "Subject: a\xFF\r\nExpires: x\r\nMax-Forwards: 9\r\n"},
             UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 400 "), 1);
  assert_int_equal(w.told.records, 1);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_REFUSED], 1);
  assert_int_equal(w.told.last.code, 400);
  assert_int_not_equal(w.told.last.status, STOX_OK);
  world_end(&w);
}

static void test_untrusted_source(void **state) {
  (void)state;
  world w;
  fake_sip *stranger = malloc(sizeof *stranger);
  assert_non_null(stranger);
  world_make(&w);
  fake_sip_init(stranger, "192.0.2.9", 5060);
  world_join(&w, &stranger->engine, (stox_endpoint){S("192.0.2.9"), 5060, UDP});
  char text[4096];
  fake_sip_message(text, sizeof text, &(fake_message){.body = "x"}, UDP);
  fake_sip_send(stranger, UDP, text);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(stranger, "SIP/2.0 403"), 1);
  assert_int_equal(w.told.records, 1);
  const size_t kept = w.memory.live;
  for (int i = 0; i < 8; i++) {
    char branch[32];
    snprintf(branch, sizeof branch, "z9hG4bKs%d", i);
    const fake_message m = {
        .body = "x", .branch = branch, .method = i == 7 ? "OPTIONS" : "MESSAGE"};
    fake_sip_message(text, sizeof text, &m, UDP);
    fake_sip_send(stranger, UDP, text);
  }
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(stranger, "SIP/2.0 403"), 9);
  assert_int_equal(w.memory.live, kept); /* no transaction */
  assert_int_equal(w.xmpp->n_stanzas, 0);
  world_end(&w);
  fake_sip_clear(stranger);
  free(stranger);
}

static void test_garbage_does_no_harm(void **state) {
  (void)state;
  static const char *const garbage[] = {
      "\r\n\r\n",
      "x",
      "MESSAGE",
      "MESSAGE sip:juliet@xmpp.example SIP/2.0\r\n\r\n",
      "SIP/2.0 200 OK\r\n\r\n",
      "MESSAGE sip:juliet@xmpp.example SIP/3.0\r\nVia: SIP/2.0/UDP "
      "127.0.0.1:5060;branch=z9hG4bKx\r\n"
      "From: <sip:a@sip.example>;tag=1\r\nTo: <sip:b@xmpp.example>\r\nCall-ID: x\r\n"
      "CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n",
      "\x01\x02\x03\x04",
  };
  world w;
  world_make(&w);
  for (size_t i = 0; i < COUNT(garbage); i++) {
    fake_sip_send(w.sip, UDP, garbage[i]);
  }
  world_run(&w, SECOND);
  world_send(&w, &(fake_message){.body = "after"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 505"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  assert_int_equal(w.told.lost, 0);
  world_end(&w);
}

static void test_no_stream(void **state) {
  (void)state;
  world w;
  assert_status(world_make_with(&w, 0, 1024, 0), STOX_OK);
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, 4 * SECOND);
  assert_int_equal(w.sip->n_messages, 0 + fake_sip_count(w.sip, "SIP/2.0 100"));
  world_run(&w, 2 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 480"), 1);
  world_join(&w, &w.xmpp->engine, AT(5347, TCP));
  world_send(&w, &(fake_message){.body = "y", .branch = "z9hG4bKy", .call_id = "c2"}, UDP);
  world_run(&w, 4 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  world_end(&w);
}

/* Between a stanza and its ping: sent once more on the new stream with the same id. */
static void test_stream_lost_before_the_barrier(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.xmpp->closes_on_message = 1;
  world_send(&w, &(fake_message){.body = "twice"}, UDP);
  world_run(&w, 4 * SECOND);
  assert_int_equal(w.xmpp->n_streams, 2);
  assert_int_equal(w.xmpp->n_stanzas, 2);
  assert_string_equal(w.xmpp->stanzas[0], w.xmpp->stanzas[1]);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  world_end(&w);
  world_make(&w);
  w.xmpp->closes_on_message = 2;
  world_send(&w, &(fake_message){.body = "twice"}, UDP);
  world_run(&w, 10 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 2);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 503"), 1);
  world_end(&w);
}

static void test_full_queue_sheds(void **state) {
  (void)state;
  for (uint32_t n = 7; n <= 9; n++) {
    world w;
    assert_status(world_make_with(&w, 0, 8, 1), STOX_OK);
    world_run(&w, SECOND);
    w.xmpp->is_deaf = 1;
    for (uint32_t i = 0; i < n; i++) {
      char branch[32];
      char call_id[32];
      snprintf(branch, sizeof branch, "z9hG4bKb%u", i);
      snprintf(call_id, sizeof call_id, "c%u", i);
      world_send(&w, &(fake_message){.branch = branch, .call_id = call_id}, UDP);
    }
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 503"), n > 8 ? 1 : 0);
    assert_int_equal(fake_sip_holding(w.sip, "Retry-After: "), n > 8 ? 1 : 0);
    world_end(&w);
  }
}

/* What cannot be framed is answered where it can be, and its stream ended; others go on. */
static void test_streams_that_cannot_be_framed(void **state) {
  (void)state;
  static const char head[] =
      "MESSAGE sip:juliet@xmpp.example SIP/2.0\r\nVia: SIP/2.0/TCP "
      "127.0.0.1:5060;branch=z9hG4bKx\r\n"
      "Max-Forwards: 70\r\nFrom: <sip:a@sip.example>;tag=1\r\nTo: <sip:b@xmpp.example>\r\n"
      "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n";
  static const struct {
    const char *more;
    const char *answer;
  } rows[] = {
      {"Content-Length: 99999999\r\n\r\n", "SIP/2.0 413 "},
      {"Content-Length: x\r\n\r\n", "SIP/2.0 400 "},
      {"\r\nno length", "SIP/2.0 400 "},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[1024];
    world w;
    world_make(&w);
    snprintf(text, sizeof text, "%s%s", head, rows[i].more);
    fake_sip_send(w.sip, TCP, text);
    world_run(&w, SECOND);
    if (fake_sip_count(w.sip, rows[i].answer) != 1) {
      fail_msg("row %zu: %s", i, w.sip->n_messages == 0 ? "silence" : w.sip->messages[0]);
    }
    world_send(&w, &(fake_message){.body = "after"}, TCP);
    world_run(&w, SECOND);
    assert_int_equal(w.xmpp->n_stanzas, 1);
    world_end(&w);
  }
}

/* OB-RFC5626-5.4-01: a double CRLF between messages is answered at once with a single one, a single
 * one is not. */
static void test_keep_alive(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *pongs;
  } rows[] = {{"\r\n\r\n", "\r\n"}, {"\r\n\r\n\r\n\r\n", "\r\n\r\n"}, {"\r\n", ""}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_make(&w);
    fake_sip_send(w.sip, TCP, rows[i].text);
    world_run(&w, SECOND);
    if (rows[i].pongs[0] == '\0') {
      assert_int_equal(w.sip->partial_n, 0);
    } else {
      assert_int_equal(w.sip->partial_n, strlen(rows[i].pongs));
      assert_string_equal(w.sip->partial, rows[i].pongs);
    }
    world_send(&w, &(fake_message){.body = "after"}, TCP);
    world_run(&w, SECOND);
    assert_int_equal(w.xmpp->n_stanzas, 1);
    world_end(&w);
  }
}

/* ID-6.3.2-07: header fields and parameters that nobody knows do no harm; what is required does. */
static void test_unknown_fields(void **state) {
  (void)state;
  static const struct {
    const char *more;
    const char *type;
    const char *answer;
    size_t stanzas;
  } rows[] = {
      {"X-Foo: 1;a=b\r\nP-Unknown: <sip:x@y>\r\n", "text/plain;x-unknown=1", "SIP/2.0 200 ", 1},
      {"Require: x-unknown\r\n", "text/plain", "SIP/2.0 420 ", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_make(&w);
    world_send(&w, &(fake_message){.more = rows[i].more, .type = rows[i].type}, UDP);
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, rows[i].answer), 1);
    assert_int_equal(w.xmpp->n_stanzas, rows[i].stanzas);
    world_end(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_to_xmpp),
      cmocka_unit_test(test_hops_in_stanzas),
      cmocka_unit_test(test_answer_waits_for_the_ping),
      cmocka_unit_test(test_bounce),
      cmocka_unit_test(test_bounce_by_timeout),
      cmocka_unit_test(test_one_ping_behind_a_batch),
      cmocka_unit_test(test_retransmission_is_one_stanza),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_malformed_is_recorded),
      cmocka_unit_test(test_untrusted_source),
      cmocka_unit_test(test_garbage_does_no_harm),
      cmocka_unit_test(test_no_stream),
      cmocka_unit_test(test_stream_lost_before_the_barrier),
      cmocka_unit_test(test_full_queue_sheds),
      cmocka_unit_test(test_streams_that_cannot_be_framed),
      cmocka_unit_test(test_keep_alive),
      cmocka_unit_test(test_unknown_fields),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
