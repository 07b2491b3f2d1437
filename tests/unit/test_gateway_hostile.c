/* SPDX-License-Identifier: MIT */
/* Both peers mean harm: what they send is refused or answered, the other side sees nothing of it,
 * the streams live on and memory stays bounded. */
#include "world.h"

/* After any harm: a message each way arrives, and the component stream was lost that often. */
static void assert_goes_on(world *w, int lost) {
  const size_t n = w->xmpp->n_stanzas;
  const size_t sip = fake_sip_holding(w->sip, "\r\n\r\nstill");
  world_run(w, 40 * SECOND);
  world_send(w, &(fake_message){.body = "still here", .branch = "z9hG4bKgo", .call_id = "go-on"},
             UDP);
  fake_xmpp_say(w->xmpp, "<message from='still@xmpp.example' to='still@sip.example' id='go'>"
                         "<body>still</body></message>");
  world_run(w, SECOND);
  assert_true(w->xmpp->n_stanzas > n);
  assert_int_equal(fake_xmpp_count(w->xmpp, "<body>still here</body>"), 1);
  assert_int_equal(fake_sip_holding(w->sip, "\r\n\r\nstill"), sip + 1);
  assert_int_equal(w->told.lost, lost);
}

/* ---- octets that no one may pass on ---- */

static void feed(world *w, stox_span octets) {
  const stox_flow flow = {.handle = 0, .local = AT(5070, UDP), .remote = AT(5060, UDP)};
  assert_status(stox_gateway_feed(w->gateway, &flow, octets, w->now_ns), STOX_OK);
}

static const char template[] = "MESSAGE sip:juliet@xmpp.example SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKc\r\n"
                               "Max-Forwards: 70\r\nFrom: \"a#\" <sip:romeo@sip.example>;tag=r1\r\n"
                               "To: <sip:juliet@xmpp.example>\r\nCall-ID: c#\r\n"
                               "CSeq: 1 MESSAGE\r\nSubject: a#\r\nContent-Language: e#\r\n"
                               "User-Agent: x#\r\nContent-Type: text/plain\r\n"
                               "Content-Length: 3\r\n\r\na#b";

/* The template with its n-th '#' replaced and the others left out; its octets. */
static size_t fill_template(char *out, size_t n, char c) {
  size_t len = 0;
  for (const char *p = template; *p != '\0'; p++) {
    if (*p != '#') {
      out[len++] = *p;
    } else if (n-- == 0) {
      out[len++] = c;
    }
  }
  return len;
}

static void test_controls_from_sip(void **state) {
  (void)state;
  for (size_t n = 0; n < 6; n++) {
    world w;
    world_make(&w);
    for (int c = 0; c < 0x20; c++) {
      char text[sizeof template];
      feed(&w, (stox_span){text, fill_template(text, n, (char)c)});
      world_run(&w, SECOND);
      /* One final response, whatever it is, or a request cut off by its line end. */
      assert_in_range(w.sip->n_messages, 0, (size_t)c + 1);
      world_run(&w, 40 * SECOND);
    }
    for (size_t i = 0; i < w.sip->n_messages; i++) {
      for (const char *p = w.sip->messages[i]; *p != '\0'; p++) {
        assert_true((unsigned char)*p >= 0x20 || *p == '\t' || *p == '\r' || *p == '\n');
      }
    }
    assert_goes_on(&w, 0);
    world_end(&w);
  }
}

/* Line ends in what becomes header fields begin no header field. */
static void test_line_ends_from_xmpp(void **state) {
  (void)state;
  static const char *const stanzas[] = {
      "<message from='a@xmpp.example/r&#13;&#10;X-Bad: 1' to='b@sip.example' id='1'>"
      "<body>x</body></message>",
      "<message from='a@xmpp.example/r' to='b@sip.example' id='2&#13;&#10;X-Bad: 1'>"
      "<body>x</body></message>",
      "<message from='a@xmpp.example/r' to='b@sip.example/r&#10;X-Bad: 1' id='3'>"
      "<body>x</body></message>",
      "<message from='a@xmpp.example/r' to='b@sip.example' id='4' xml:lang='en&#13;&#10;X-Bad: 1'>"
      "<body>x</body></message>",
      "<message from='a@xmpp.example/r' to='b@sip.example' id='5'><subject>s&#13;&#10;X-Bad: 1&#13;"
      "&#10;&#13;&#10;</subject><body>x</body></message>",
      "<message from='a@xmpp.example/r' to='b@sip.example' id='6'><body>x</body>"
      "<thread>t&#13;&#10;X-Bad: 1</thread></message>",
      "<message from='a@xmpp.example/r' to='b&#10;X-Bad: 1@sip.example' id='7'>"
      "<body>x</body></message>",
      "<message from='a@xmpp.example/r' to='b@sip.example' id='8' type='&#10;X-Bad: 1'>"
      "<body>x</body><x xmlns='u&#10;X-Bad: 1'/></message>",
  };
  world w;
  world_make(&w);
  for (size_t i = 0; i < COUNT(stanzas); i++) {
    fake_xmpp_say(w.xmpp, stanzas[i]);
  }
  world_run(&w, SECOND);
  assert_true(w.sip->n_messages >= 4);
  assert_int_equal(fake_sip_holding(w.sip, "\nX-Bad"), 0);
  assert_int_equal(fake_sip_holding(w.sip, "\rX-Bad"), 0);
  assert_goes_on(&w, 0);
  world_end(&w);
}

static void test_reason_phrases(void **state) {
  (void)state;
  static const char *const answers[] = {
      "480 a\x01\x02\x1f\x7f",
      "480 \xff\xfe\xc3(",
      "404 </text></error></message><message>",
      "404 \xE2\x80\xAE\xEF\xBF\xBF",
      "486 ]]>&amp;&lt;'\"",
      "600 ",
      "404 a\rX-Bad: 1",
  };
  world w;
  world_make(&w);
  for (size_t i = 0; i < COUNT(answers); i++) {
    char stanza[256];
    w.sip->answer = answers[i];
    snprintf(stanza, sizeof stanza,
             "<message from='a@xmpp.example' to='b%zu@sip.example' id='p%zu'><body>x</body>"
             "</message>",
             i, i);
    fake_xmpp_say(w.xmpp, stanza);
    world_run(&w, 40 * SECOND);
    snprintf(stanza, sizeof stanza, "id='p%zu'", i);
    if (fake_xmpp_count(w.xmpp, stanza) != 1) {
      fail_msg("%s: %zu answers", answers[i], fake_xmpp_count(w.xmpp, stanza));
    }
  }
  w.sip->answer = "200 OK";
  assert_goes_on(&w, 0);
  world_end(&w);
}

/* The same from XMPP: the text of a bounce becomes a reason phrase. */
static void test_bounce_texts(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  const char *id = strstr(w.xmpp->stanzas[0], "id='");
  char stanza[512];
  assert_non_null(id);
  snprintf(stanza, sizeof stanza,
           "<message type='error' from='juliet@xmpp.example' to='romeo@sip.example' id='%.26s'>"
           "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:a&#13;&#10;"
           "X-Bad: 1@xmpp.example</gone><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>"
           "t&#13;&#10;X-Bad: 1&#13;&#10;&#13;&#10;</text></error></message>",
           id + 4);
  fake_xmpp_say(w.xmpp, stanza);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 410 ") + fake_sip_count(w.sip, "SIP/2.0 404 "),
                   1);
  assert_int_equal(fake_sip_holding(w.sip, "\nX-Bad"), 0);
  w.xmpp->is_deaf = 0;
  assert_goes_on(&w, 0);
  world_end(&w);
}

/* ---- sizes ---- */

static void long_user(char *out, size_t cap, const char *begin, size_t n, const char *end) {
  const size_t at = strlen(begin);
  assert_true(at + n + strlen(end) < cap);
  memcpy(out, begin, at);
  memset(out + at, 'a', n);
  memcpy(out + at + n, end, strlen(end) + 1);
}

static void test_long_users(void **state) {
  (void)state;
  static const struct {
    size_t n;
    int is_carried;
  } rows[] = {{1023, 1}, {1024, 0}, {8000, 0}, {65000, 0}};
  static char uri[66000];
  static char from[66000];
  static char text[80000];
  static char stanza[80000];
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int which = 0; which < 2; which++) {
      world w;
      world_make(&w);
      long_user(uri, sizeof uri, "sip:", which ? 6 : rows[i].n, "@xmpp.example");
      long_user(from, sizeof from, "<sip:", which ? rows[i].n : 5, "@sip.example>;tag=1");
      fake_sip_message(text, sizeof text,
                       &(fake_message){.uri = uri, .from = from, .to = "<sip:a@xmpp.example>"},
                       UDP);
      feed(&w, stox_span_text(text));
      long_user(stanza, sizeof stanza, "<message from='a@xmpp.example' id='u' to='",
                which ? 5 : rows[i].n, "@sip.example'><body>x</body></message>");
      fake_xmpp_say(w.xmpp, stanza);
      world_run(&w, SECOND);
      if (fake_xmpp_count(w.xmpp, "<body>Hello</body>") != (size_t)rows[i].is_carried) {
        fail_msg("%zu octets: %.60s", rows[i].n, w.sip->messages[0]);
      }
      assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 2"), (size_t)rows[i].is_carried);
      /* A start line above the limit cannot be read, nor answered. */
      assert_in_range(fake_sip_count(w.sip, "SIP/2.0 "), rows[i].n > 10000 ? 0 : 1, 1);
      assert_goes_on(&w, 0);
      world_end(&w);
    }
  }
}

static void test_huge_subjects_and_languages(void **state) {
  (void)state;
  static char more[16000];
  static const char *const languages[] = {"",
                                          ",",
                                          "-",
                                          "en-",
                                          "x'><a/>",
                                          "\xff",
                                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"};
  world w;
  world_make(&w);
  long_user(more, sizeof more, "Subject: ", 15000, "\r\n");
  world_send(&w, &(fake_message){.more = more, .body = "huge"}, TCP);
  world_run(&w, SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "<body>huge</body>"), 1);
  assert_true(strlen(w.xmpp->stanzas[0]) < 1000);
  for (size_t i = 0; i < COUNT(languages); i++) {
    char branch[32];
    snprintf(branch, sizeof branch, "z9hG4bKl%zu", i);
    snprintf(more, sizeof more, "Content-Language: %s\r\n", languages[i]);
    world_send(&w, &(fake_message){.more = more, .branch = branch, .call_id = branch}, UDP);
  }
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 1 + COUNT(languages));
  assert_int_equal(fake_xmpp_count(w.xmpp, "xml:lang"), 0);
  assert_goes_on(&w, 0);
  world_end(&w);
}

/* ---- XML that attacks the reader: the stream ends, and what it carried goes on the next ---- */

static void test_xml_attacks(void **state) {
  (void)state;
  const char *const attacks[] = {
      ("<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
       "<message from='a@xmpp.example' to='b@sip.example'><body>&b;</body></message>"),
      "<message from='a@xmpp.example' to='b@sip.example'><body>&b;</body></message>",
      "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>",
      "<?xml-stylesheet href='x'?>",
      "<![CDATA[x]]>",
      "<message from='a@xmpp.example' to='b@sip.example'><body>&#0;</body></message>",
  };
  for (size_t i = 0; i < COUNT(attacks); i++) {
    world w;
    world_make(&w);
    w.xmpp->is_deaf = 1;
    world_send(&w, &(fake_message){.body = "on its way"}, UDP);
    world_run(&w, SECOND);
    w.xmpp->is_deaf = 0;
    fake_xmpp_say(w.xmpp, attacks[i]);
    world_run(&w, 4 * SECOND);
    assert_int_equal(w.told.lost, 1);
    assert_int_equal(fake_xmpp_count(w.xmpp, "<body>on its way</body>"), 2);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
    assert_int_equal(fake_sip_count(w.sip, "MESSAGE "), 0);
    assert_goes_on(&w, 1);
    world_end(&w);
  }
}

/* More attributes than we take: the stanza comes back, and the stream goes on. */
static void test_too_many_attributes(void **state) {
  (void)state;
  static char attributes[32000] = "<message from='a@xmpp.example' to='b@sip.example' id='a'";
  for (int i = 0; i < 1000; i++) {
    const size_t at = strlen(attributes);
    snprintf(attributes + at, sizeof attributes - at, " attribute%d='x'", i);
  }
  memcpy(attributes + strlen(attributes), "><body>x</body></message>",
         sizeof "><body>x</body></message>");
  world w;
  world_make(&w);
  fake_xmpp_say(w.xmpp, attributes);
  world_run(&w, 4 * SECOND);
  assert_int_equal(w.told.lost, 0);
  assert_int_equal(fake_sip_count(w.sip, "MESSAGE "), 0);
  assert_int_equal(fake_xmpp_count(w.xmpp, "<policy-violation "), 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "to='a@xmpp.example'"), 1);
  assert_goes_on(&w, 0);
  world_end(&w);
}

/* ---- who may answer for whom ---- */

static void say_result(world *w, const char *type, const char *from, const char *id) {
  char text[512];
  snprintf(text, sizeof text, "<iq type='%s' from='%s' to='sip.example' id='%s'/>", type, from, id);
  fake_xmpp_say(w->xmpp, text);
}

static void test_spoofed_pings(void **state) {
  (void)state;
  static const char *const froms[] = {"a@xmpp.example/r",  "a@xmpp.example",   "xmpp.example/r",
                                      "evil.example",      "sub.xmpp.example", "sip.example",
                                      "xmpp.example.evil", "b@sip.example"};
  static const char *const ids[] = {"ping-1",
                                    "ping-1-",
                                    "ping-1-0000000000000000",
                                    "ping-2-0000000000000000",
                                    "ping-18446744073709551615-0000000000000000",
                                    "ping-",
                                    "ping",
                                    "1"};
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  for (size_t i = 0; i < COUNT(froms); i++) {
    say_result(&w, "result", froms[i], w.xmpp->last_ping);
  }
  for (size_t i = 0; i < COUNT(ids); i++) {
    say_result(&w, "result", "xmpp.example", ids[i]);
  }
  say_result(&w, "get", "xmpp.example", w.xmpp->last_ping);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 2"), 0);
  say_result(&w, "result", "xmpp.example", w.xmpp->last_ping);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  world_end(&w);
}

/* A server without pings has handled what came before all the same (XEP-0199 4.1). */
static void test_ping_refused(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  say_result(&w, "error", "xmpp.example", w.xmpp->last_ping);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  world_end(&w);
}

static void test_spoofed_bounces(void **state) {
  (void)state;
  static const char *const froms[] = {"juliet@evil.example", "evil.example",
                                      "juliet@xmpp.example.evil", "juliet@sip.example",
                                      "xmpp.example@evil.example/xmpp.example"};
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  const char *id = strstr(w.xmpp->stanzas[0], "id='");
  assert_non_null(id);
  for (size_t i = 0; i <= COUNT(froms); i++) {
    char text[512];
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 0);
    snprintf(text, sizeof text,
             "<message type='error' from='%s' to='romeo@sip.example' id='%.26s'>"
             "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
             "</error></message>",
             i == COUNT(froms) ? "xmpp.example" : froms[i], id + 4);
    fake_xmpp_say(w.xmpp, text);
    world_run(&w, SECOND / 4);
  }
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 404"), 1);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  world_end(&w);
}

/* The same Call-ID, CSeq and From tag: while it waits, and when it has been answered. */
static void test_same_request_by_another_branch(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  world_send(&w, &(fake_message){.body = "x", .branch = "z9hG4bKb2"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 482"), 1);
  w.xmpp->is_deaf = 0;
  say_result(&w, "result", "xmpp.example", w.xmpp->last_ping);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  world_send(&w, &(fake_message){.body = "x", .branch = "z9hG4bKb3"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 482"), 2);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  /* Another tag is another request. */
  world_send(&w, &(fake_message){.branch = "z9hG4bKb4", .from = "<sip:romeo@sip.example>;tag=r2"},
             UDP);
  world_run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 2);
  world_end(&w);
}

/* The transaction is forgotten before the server answers: the request is known all the same. */
static void test_same_request_after_its_transaction(void **state) {
  (void)state;
  world w;
  assert_status(world_make_as(&w, &(world_plan){.t1_ns = SECOND / 1000}), STOX_OK);
  world_run(&w, SECOND);
  w.xmpp->is_deaf = 1;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  world_run(&w, SECOND);
  world_send(&w, &(fake_message){.body = "x", .branch = "z9hG4bKb2"}, UDP);
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 482"), 1);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  world_end(&w);
}

/* ---- nobody is left without an answer ---- */

/* Whatever allocation fails for one message, the next is carried at once, and not before it. */
static void test_failure_stops_nothing_behind_it(void **state) {
  (void)state;
  int is_reached = 1;
  for (size_t n = 1; is_reached; n++) {
    world w;
    world_make(&w);
    w.memory.fail_at = w.memory.calls + n;
    world_send(&w, &(fake_message){.body = "one"}, UDP);
    world_run(&w, SECOND / 10);
    is_reached = w.memory.calls >= w.memory.fail_at;
    w.memory.fail_at = 0;
    world_send(&w, &(fake_message){.body = "two", .branch = "z9hG4bK2", .call_id = "c2"}, UDP);
    world_run(&w, SECOND / 10);
    assert_true(w.xmpp->n_stanzas > 0);
    assert_non_null(strstr(w.xmpp->stanzas[w.xmpp->n_stanzas - 1], "<body>two</body>"));
    assert_true(fake_sip_count(w.sip, "SIP/2.0 200") >= 1);
    world_end(&w);
  }
}

/* A peer that says nothing: each message waits its turn no longer than the first its answer. */
static void test_queue_behind_silence(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.sip->answer = NULL;
  for (int i = 0; i < 40; i++) {
    char stanza[256];
    snprintf(stanza, sizeof stanza,
             "<message from='a@xmpp.example' to='b@sip.example' id='q%d'><body>n%d</body>"
             "</message>",
             i, i);
    fake_xmpp_say(w.xmpp, stanza);
  }
  world_run(&w, 31 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  world_run(&w, 34 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 40);
  assert_int_equal(w.xmpp->n_stanzas, 40);
  world_end(&w);
}

/* A provisional response is no end. */
static void test_provisional_responses(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.sip->answer = "100 Trying";
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='p'>"
                        "<body>x</body></message>");
  world_run(&w, SECOND);
  assert_int_equal(w.told.records, 0);
  w.sip->answer = "200 OK";
  world_run(&w, 10 * SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
  assert_int_equal(w.told.records, 1);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  world_end(&w);
}

/* A flow that is full for ever. */
static void test_queue_behind_a_full_flow(void **state) {
  (void)state;
  world w;
  assert_status(world_make_as(&w, &(world_plan){.hop_transport = TCP}), STOX_OK);
  world_run(&w, SECOND);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='q0'>"
                        "<body>x</body></message>");
  world_run(&w, SECOND);
  assert_status(stox_loopback_hold(w.net, &AT(5060, TCP), 1, w.now_ns), STOX_OK);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='q1'>"
                        "<body>x</body></message>"
                        "<message from='a@xmpp.example' to='c@sip.example' id='q2'>"
                        "<body>x</body></message>");
  world_run(&w, 31 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  world_run(&w, 2 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 2);
  world_end(&w);
}

/* SIP refuses while there is no stream: the next one brings the error. */
static void test_error_waits_for_a_stream(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.sip->answer = NULL;
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='q1'>"
                        "<body>x</body></message>");
  world_run(&w, SECOND / 10);
  w.sip->answer = "404 Not Found"; /* to its repetition, half a second after the first */
  assert_status(stox_loopback_cut(w.net, &AT(5347, TCP), w.now_ns), STOX_OK);
  w.xmpp->refuses = 1;
  world_run(&w, 2 * SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_BOUNCED], 1);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  w.xmpp->refuses = 0;
  world_run(&w, 4 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "item-not-found"), 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "id='q1'"), 1);
  world_end(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_controls_from_sip),
      cmocka_unit_test(test_line_ends_from_xmpp),
      cmocka_unit_test(test_reason_phrases),
      cmocka_unit_test(test_bounce_texts),
      cmocka_unit_test(test_long_users),
      cmocka_unit_test(test_huge_subjects_and_languages),
      cmocka_unit_test(test_xml_attacks),
      cmocka_unit_test(test_too_many_attributes),
      cmocka_unit_test(test_spoofed_pings),
      cmocka_unit_test(test_ping_refused),
      cmocka_unit_test(test_spoofed_bounces),
      cmocka_unit_test(test_same_request_by_another_branch),
      cmocka_unit_test(test_same_request_after_its_transaction),
      cmocka_unit_test(test_failure_stops_nothing_behind_it),
      cmocka_unit_test(test_queue_behind_silence),
      cmocka_unit_test(test_provisional_responses),
      cmocka_unit_test(test_queue_behind_a_full_flow),
      cmocka_unit_test(test_error_waits_for_a_stream),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
