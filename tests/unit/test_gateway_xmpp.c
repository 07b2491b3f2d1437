/* SPDX-License-Identifier: MIT */
/* What comes from XMPP. */
#include "world.h"

/* 7247-4-02 */
static void test_xmpp_to_sip(void **state) {
  (void)state;
  world w;
  world_make(&w);
  fake_xmpp_say(w.xmpp, "<message from='juliet@xmpp.example/balcony' to='o\\27malley@sip.example' "
                        "id='m1' type='chat' xml:lang='cs'><subject>A\nB</subject>"
                        "<body>\xC5\x99 &lt;\n2</body><thread>t-1</thread></message>");
  world_run(&w, SECOND);
  assert_int_equal(w.sip->n_messages, 1);
  const char *m = w.sip->messages[0];
  assert_int_equal(strncmp(m, "MESSAGE sip:o'malley@sip.example SIP/2.0\r\n", 42), 0);
  assert_non_null(strstr(m, "\r\nFrom: <sip:juliet@xmpp.example;gr=balcony>;tag="));
  assert_non_null(strstr(m, "\r\nTo: <sip:o'malley@sip.example>\r\n"));
  assert_non_null(strstr(m, "\r\nCall-ID: t-1\r\n"));
  assert_non_null(strstr(m, "\r\nCSeq: 1 MESSAGE\r\n"));
  assert_non_null(strstr(m, "\r\nMax-Forwards: 70\r\n"));
  assert_non_null(strstr(m, "\r\nSubject: A B\r\n"));
  assert_non_null(strstr(m, "\r\nContent-Language: cs\r\n"));
  assert_non_null(strstr(m, "\r\nContent-Type: text/plain;charset=UTF-8\r\n"));
  assert_non_null(strstr(m, "\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK"));
  assert_non_null(strstr(m, "\r\n\r\n\xC5\x99 <\r\n2"));
  assert_null(strstr(m, "m1"));
  assert_int_equal(w.xmpp->n_stanzas, 0);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
  /* Chat is answered as chat. */
  world_send(&w, &(fake_message){.from = "<sip:o'malley@sip.example>;tag=r1"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "type='chat'"), 1);
  world_end(&w);
}

static void test_thread_keeps_its_tag(void **state) {
  (void)state;
  world w;
  world_make(&w);
  for (int i = 0; i < 3; i++) {
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example/r' to='b@sip.example' id='m'>"
                          "<body>x</body><thread>T</thread></message>");
  }
  world_run(&w, SECOND);
  assert_int_equal(w.sip->n_messages, 3);
  assert_non_null(strstr(w.sip->messages[2], "CSeq: 3 MESSAGE"));
  const char *tag0 = strstr(w.sip->messages[0], ";tag=");
  const char *tag2 = strstr(w.sip->messages[2], ";tag=");
  assert_memory_equal(tag0, tag2, 21);
  world_end(&w);
}

/* RFC 3428 8: one request at a time to one URI, in order. */
static void test_one_at_a_time(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.sip->answer = NULL;
  for (int i = 0; i < 5; i++) {
    char text[256];
    snprintf(
        text, sizeof text,
        "<message from='a@xmpp.example' to='b@sip.example' id='m%d'><body>n%d</body></message>", i,
        i);
    fake_xmpp_say(w.xmpp, text);
  }
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='c@sip.example' id='o'>"
                        "<body>other</body></message>");
  world_run(&w, SECOND / 4);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nn0"), 1);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nn1"), 0);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nother"), 1);
  w.sip->answer = "200 OK";
  world_run(&w, 10 * SECOND);
  size_t last = 0;
  for (size_t i = 0; i < w.sip->n_messages; i++) {
    const char *n = strstr(w.sip->messages[i], "\r\n\r\nn");
    if (n != NULL) {
      const size_t number = (size_t)(n[5] - '0');
      assert_true(number >= last);
      last = number;
    }
  }
  assert_int_equal(last, 4);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 6);
  world_end(&w);
}

static void test_sip_failures(void **state) {
  (void)state;
  static const struct {
    const char *answer;
    const char *more;
    const char *holds;
  } rows[] = {
      {"404 Not Found", NULL, "item-not-found"},
      {"480 Gone fishing", NULL, "Gone fishing"},
      {"486 Busy Here", NULL, "recipient-unavailable"},
      {"405 Method Not Allowed", NULL, "feature-not-implemented"},
      {"403 Forbidden", NULL, "type='auth'"},
      {"503 Service Unavailable", NULL, "internal-server-error"},
      {"603 Decline", NULL, "recipient-unavailable"},
      {"301 Moved", "Contact: <sip:romeo@new.example>\r\n", "xmpp:romeo@new.example"},
      {"302 Moved", NULL, "<error type="},
      {"410 Gone", "Contact: <sip:romeo@new.example>\r\n", "gone"},
      {"407 Proxy Authentication Required", NULL, "registration-required"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_make(&w);
    w.sip->answer = rows[i].answer;
    w.sip->answer_more = rows[i].more;
    fake_xmpp_say(w.xmpp, "<message from='juliet@xmpp.example/r' to='romeo@sip.example' id='&lt;1'>"
                          "<body>x</body></message>");
    world_run(&w, SECOND);
    assert_int_equal(w.xmpp->n_stanzas, 1);
    const char *stanza = w.xmpp->stanzas[0];
    if (strstr(stanza, rows[i].holds) == NULL) {
      fail_msg("row %zu: %s", i, stanza);
    }
    assert_non_null(strstr(stanza, "type='error'"));
    assert_non_null(strstr(stanza, "id='&lt;1'"));
    assert_non_null(strstr(stanza, "to='juliet@xmpp.example/r'"));
    assert_non_null(strstr(stanza, "from='romeo@sip.example'"));
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_BOUNCED], 1);
    world_end(&w);
  }
}

static void test_silent_sip_peer(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.sip->answer = NULL;
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  world_run(&w, 31 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  assert_true(w.sip->n_messages > 5);
  world_run(&w, 2 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 1);
  world_end(&w);
}

/* What has long waited behind a silent peer is told with the first; what came late has its turn. */
static void test_queue_behind_a_silent_peer(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.sip->answer = NULL;
  for (int i = 0; i < 20; i++) {
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                          "<body>x</body></message>");
    world_run(&w, SECOND / 10);
  }
  world_run(&w, 18 * SECOND);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='late'>"
                        "<body>late</body></message>");
  world_run(&w, 13 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 20);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_TIMEOUT], 20);
  w.sip->answer = "200 OK";
  world_run(&w, 5 * SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "id='late'"), 0);
  world_end(&w);
}

/* RFC 3261 18.1.1: what is too long for UDP goes over TCP; where TCP is refused it fails. */
static void test_long_message(void **state) {
  (void)state;
  for (int refused = 0; refused < 2; refused++) {
    static char text[8192];
    world w;
    world_make(&w);
    w.refusing = refused;
    int n = snprintf(text, sizeof text,
                     "<message from='a@xmpp.example' to='b@sip.example' id='m'><body>");
    memset(text + n, 'x', 3000);
    snprintf(text + n + 3000, sizeof text - (size_t)n - 3000, "</body></message>");
    fake_xmpp_say(w.xmpp, text);
    world_run(&w, 2 * SECOND);
    assert_int_equal(fake_sip_holding(w.sip, "Via: SIP/2.0/TCP "), refused ? 0 : 1);
    assert_int_equal(fake_sip_holding(w.sip, "Via: SIP/2.0/UDP "), 0);
    assert_int_equal(fake_xmpp_count(w.xmpp, "type='error'"), refused ? 1 : 0);
    assert_int_equal(fake_xmpp_count(w.xmpp, "policy-violation"), refused ? 1 : 0);
    world_end(&w);
  }
}

/* A message that goes over TCP, and one behind it. */
static void say_long_and_next(world *w) {
  static char text[8192];
  int n = snprintf(text, sizeof text,
                   "<message from='a@xmpp.example' to='b@sip.example' id='m'><body>");
  memset(text + n, 'x', 3000);
  snprintf(text + n + 3000, sizeof text - (size_t)n - 3000, "</body></message>");
  fake_xmpp_say(w->xmpp, text);
  fake_xmpp_say(w->xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='n'>"
                         "<body>next</body></message>");
}

/* A stream that ends before the answer costs one more sending on another; a held one is held no
 * more, and what waits behind goes on. */
static void test_stream_lost_before_the_answer(void **state) {
  (void)state;
  for (int is_held = 0; is_held < 2; is_held++) {
    world w;
    world_make(&w);
    w.sip->answer = NULL;
    say_long_and_next(&w);
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_holding(w.sip, "Via: SIP/2.0/TCP "), 1);
    (void)stox_loopback_hold(w.net, &AT(5060, TCP), is_held, w.now_ns);
    (void)stox_loopback_cut(w.net, &AT(5060, TCP), w.now_ns);
    (void)stox_loopback_hold(w.net, &AT(5060, TCP), 0, w.now_ns);
    w.sip->answer = "200 OK";
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_holding(w.sip, "Via: SIP/2.0/TCP "), 2);
    assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nnext"), 1);
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 2);
    assert_int_equal(w.xmpp->n_stanzas, 0);
    world_end(&w);
  }
}

static void test_stanzas_that_are_not_carried(void **state) {
  (void)state;
  static const struct {
    const char *stanza;
    const char *holds; /* NULL: no answer */
  } rows[] = {
      {"<message type='error' from='a@xmpp.example' to='b@sip.example' id='1'><error type='cancel'>"
       "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
       NULL},
      {"<message type='groupchat' from='a@xmpp.example' to='b@sip.example' id='2'><body>x</body>"
       "</message>",
       "service-unavailable"},
      {"<message type='chat' from='a@xmpp.example' to='sip.example/x' "
       "id='2b'><body>x</body></message>",
       "service-unavailable"},
      {"<message type='chat' from='a@xmpp.example' to='b@sip.example' id='3'>"
       "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
       NULL},
      {"<message type='chat' from='a@xmpp.example' to='b@sip.example' id='4'>"
       "<encrypted xmlns='eu.siacs.conversations.axolotl'/></message>",
       "not-acceptable"},
      {"<message from='a@xmpp.example' to='a\\5cb@sip.example' id='5'><body>x</body></message>",
       "jid-malformed"},
      {"<message from='spoof@sip.example' to='b@sip.example' id='6'><body>x</body></message>",
       NULL},
      {"<message from='a@xmpp.example' to='b@other.example' id='7'><body>x</body></message>", NULL},
      {"<presence type='subscribe' from='a@xmpp.example' to='b@sip.example' id='8'/>",
       "feature-not-implemented"},
      {"<presence type='probe' from='a@xmpp.example' to='b@sip.example'/>", "type='unavailable'"},
      {"<presence from='a@xmpp.example/r' to='b@sip.example'/>", NULL},
      {"<presence type='error' from='a@xmpp.example/r' to='b@sip.example'/>", NULL},
      {"<iq type='get' from='a@xmpp.example/r' to='sip.example' id='9'>"
       "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       "category='gateway'"},
      {"<iq type='get' from='a@xmpp.example/r' to='b@sip.example' id='10'>"
       "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
       "service-unavailable"},
      {"<iq type='result' from='a@xmpp.example/r' to='sip.example' id='ping-1'/>", NULL},
      {"<unknown xmlns='urn:x'/>", NULL},
      {"<message from='a@xmpp.example' to='b@sip.example'><body>x</body>"
       "<headers xmlns='http://jabber.org/protocol/shim'><header name='Max-Forwards'>0</header>"
       "</headers></message>",
       "not-acceptable"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_make(&w);
    fake_xmpp_say(w.xmpp, rows[i].stanza);
    world_run(&w, SECOND);
    const size_t want = rows[i].holds == NULL ? 0 : 1;
    if (w.xmpp->n_stanzas != want ||
        (want == 1 && strstr(w.xmpp->stanzas[0], rows[i].holds) == NULL)) {
      fail_msg("row %zu: %s", i, w.xmpp->n_stanzas == 0 ? "silence" : w.xmpp->stanzas[0]);
    }
    assert_int_equal(w.sip->n_messages, 0);
    assert_int_equal(w.told.lost, 0);
    world_end(&w);
  }
}

static void test_late_error_is_counted(void **state) {
  (void)state;
  world w;
  world_make(&w);
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  const char *id = strstr(w.xmpp->stanzas[0], "id='");
  assert_non_null(id);
  char text[512];
  snprintf(text, sizeof text,
           "<message type='error' from='juliet@xmpp.example' to='romeo@sip.example' id='%.26s'>"
           "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
           "</error></message>",
           id + 4);
  fake_xmpp_say(w.xmpp, text);
  world_run(&w, SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_LATE_ERROR], 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 1);
  world_end(&w);
}

/* 7247-5-09: some SIP servers speak UDP only, some TCP. */
static void test_either_transport(void **state) {
  (void)state;
  for (int transport = UDP; transport <= TCP; transport++) {
    char via[32];
    world w;
    assert_status(world_make_as(&w, &(world_plan){.hop_transport = transport}), STOX_OK);
    world_run(&w, SECOND);
    for (int i = 0; i < 3; i++) {
      fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                            "<body>x</body></message>");
    }
    world_run(&w, SECOND);
    snprintf(via, sizeof via, "Via: SIP/2.0/%s ", stox_transport_name(transport));
    assert_int_equal(fake_sip_holding(w.sip, via), 3);
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 3);
    world_end(&w);
  }
}

static void say_to(world *w, const char *user) {
  char text[256];
  (void)snprintf(text, sizeof text,
                 "<message from='a@xmpp.example' to='%s@sip.example' id='%s'>"
                 "<body>%s</body></message>",
                 user, user, user);
  fake_xmpp_say(w->xmpp, text);
}

/* A hop whose queue is full gets nothing new; what waited goes out in order when there is room, or
 * when the flow that was full is gone. */
static void test_full_hop(void **state) {
  (void)state;
  for (int is_cut = 0; is_cut < 2; is_cut++) {
    static const char *const users[] = {"c", "d", "e"};
    const stox_endpoint hop = AT(5060, TCP);
    world w;
    assert_status(world_make_as(&w, &(world_plan){.hop_transport = TCP}), STOX_OK);
    world_run(&w, SECOND);
    say_to(&w, "b");
    world_run(&w, SECOND);
    assert_int_equal(w.sip->n_messages, 1);
    assert_status(stox_loopback_hold(w.net, &hop, 1, w.now_ns), STOX_OK);
    const uint64_t before = w.told.records;
    for (size_t i = 0; i < COUNT(users); i++) {
      say_to(&w, users[i]);
    }
    world_run(&w, SECOND);
    if (is_cut) {
      assert_status(stox_loopback_cut(w.net, &hop, w.now_ns), STOX_OK);
      world_run(&w, SECOND);
    }
    assert_int_equal(w.sip->n_messages, 1);
    assert_int_equal(w.told.records, before);
    assert_status(stox_loopback_hold(w.net, &hop, 0, w.now_ns), STOX_OK);
    world_run(&w, SECOND);
    assert_int_equal(w.sip->n_messages, 4);
    for (size_t i = 0; i < COUNT(users); i++) {
      char line[64];
      (void)snprintf(line, sizeof line, "MESSAGE sip:%s@sip.example SIP/2.0", users[i]);
      assert_memory_equal(w.sip->messages[1 + i], line, strlen(line));
    }
    world_end(&w);
  }
}

/* What goes by datagrams in between does not hide that the stream to a hop is full. */
static void test_full_hop_with_datagrams(void **state) {
  (void)state;
  const stox_endpoint hop = AT(5060, TCP);
  world w;
  world_make(&w);
  say_long_and_next(&w);
  world_run(&w, SECOND);
  say_to(&w, "c");
  world_run(&w, SECOND);
  const size_t n = w.sip->n_messages;
  assert_true(fake_sip_holding(w.sip, "Via: SIP/2.0/TCP ") >= 1);
  assert_true(fake_sip_holding(w.sip, "Via: SIP/2.0/UDP ") >= 1);
  assert_status(stox_loopback_hold(w.net, &hop, 1, w.now_ns), STOX_OK);
  say_to(&w, "d");
  world_run(&w, SECOND);
  assert_int_equal(w.sip->n_messages, n);
  assert_status(stox_loopback_hold(w.net, &hop, 0, w.now_ns), STOX_OK);
  world_run(&w, SECOND);
  assert_int_equal(w.sip->n_messages, n + 1);
  world_end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_xmpp_to_sip),
      cmocka_unit_test(test_thread_keeps_its_tag),
      cmocka_unit_test(test_one_at_a_time),
      cmocka_unit_test(test_sip_failures),
      cmocka_unit_test(test_silent_sip_peer),
      cmocka_unit_test(test_queue_behind_a_silent_peer),
      cmocka_unit_test(test_long_message),
      cmocka_unit_test(test_stream_lost_before_the_answer),
      cmocka_unit_test(test_stanzas_that_are_not_carried),
      cmocka_unit_test(test_late_error_is_counted),
      cmocka_unit_test(test_either_transport),
      cmocka_unit_test(test_full_hop),
      cmocka_unit_test(test_full_hop_with_datagrams),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
