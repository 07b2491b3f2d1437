/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "fake_sip.h"
#include "fake_xmpp.h"

#include "stox/gateway.h"
#include "stox/loopback.h"

#define SECOND              UINT64_C(1000000000)
#define UDP                 STOX_TRANSPORT_UDP
#define TCP                 STOX_TRANSPORT_TCP
#define AT(port, transport) ((stox_endpoint){S("127.0.0.1"), port, transport})

typedef struct told {
  int ready;
  int lost;
  int stopped;
  size_t records;
  size_t outcomes[8];
  stox_gateway_record last;
} told;

typedef struct world {
  stox_loopback *net;
  stox_gateway *gateway;
  stox_engine engine;
  told told;
  fake_xmpp *xmpp;
  fake_sip *sip;
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  uint64_t now_ns;
  int dropping; /* datagrams to lose */
  int refusing; /* 1: streams to the SIP peer are refused */
} world;

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)(test_random(ud) >> 32);
  }
  return STOX_OK;
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return stox_gateway_feed(((world *)engine)->gateway, flow, bytes, now_ns);
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  return stox_gateway_done(((world *)engine)->gateway, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_gateway_hold(((world *)engine)->gateway, handle, full, now_ns);
}

static const stox_action *next(void *engine) {
  world *w = engine;
  const stox_action *action = NULL;
  while ((action = stox_gateway_next(w->gateway)) != NULL && action->kind == STOX_DO_EVENT) {
    w->told.ready += action->event == STOX_GATEWAY_READY;
    w->told.lost += action->event == STOX_GATEWAY_LOST;
    w->told.stopped += action->event == STOX_GATEWAY_STOPPED;
    if (action->event == STOX_GATEWAY_RECORD) {
      w->told.last = *(const stox_gateway_record *)action->object;
      w->told.records++;
      w->told.outcomes[w->told.last.outcome]++;
    }
  }
  return action;
}

static uint64_t deadline(const void *engine) {
  return stox_gateway_deadline(((const world *)engine)->gateway);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  return stox_gateway_tick(((world *)engine)->gateway, now_ns, wall_s);
}

static int fault(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes) {
  world *w = ud;
  (void)bytes;
  if (to->transport == UDP && w->dropping > 0) {
    w->dropping--;
    return STOX_LOOPBACK_DROP;
  }
  return w->refusing && to->port == 5060 && to->transport == TCP && from->port != 5060
             ? STOX_LOOPBACK_REFUSE
             : STOX_LOOPBACK_PASS;
}

static int make_gateway(world *w, uint32_t queue) {
  const stox_gateway_component components[] = {{S("sip.example"), S("secret"), AT(5347, TCP)}};
  const stox_gateway_route routes[] = {{S("sip.example"), AT(5060, UDP)}};
  const stox_span domains[] = {S("xmpp.example")};
  const stox_endpoint locals[] = {AT(5070, UDP), AT(5070, TCP)};
  const stox_span trusted[] = {S("127.0.0.1")};
  stox_gateway_options o;
  stox_limits limits;
  (void)stox_gateway_options_init(&o, sizeof o);
  (void)stox_limits_init(&limits, sizeof limits);
  limits.queue = queue;
  o.limits = &limits;
  o.alloc = &w->alloc;
  o.random = &w->random;
  o.components = components;
  o.n_components = COUNT(components);
  o.routes = routes;
  o.n_routes = COUNT(routes);
  o.xmpp_domains = domains;
  o.n_xmpp_domains = COUNT(domains);
  o.sip_local = locals;
  o.n_sip_local = COUNT(locals);
  o.trusted = trusted;
  o.n_trusted = COUNT(trusted);
  o.backoff_max_ns = SECOND;
  return stox_gateway_new(&w->gateway, &o, w->now_ns);
}

static void join(world *w, stox_engine *engine, stox_endpoint at) {
  assert_status(stox_loopback_join(w->net, engine, &at), STOX_OK);
}

static int make_with(world *w, size_t fail_at, uint32_t queue, int with_xmpp) {
  stox_loopback_options options;
  memset(w, 0, sizeof *w);
  w->seed = 77;
  w->random = (stox_random){sizeof w->random, &w->seed, fill};
  w->memory.fail_at = fail_at;
  w->alloc = failing_allocator(&w->memory);
  w->xmpp = malloc(sizeof *w->xmpp);
  w->sip = malloc(sizeof *w->sip);
  assert_non_null(w->xmpp);
  assert_non_null(w->sip);
  fake_xmpp_init(w->xmpp, "secret");
  fake_sip_init(w->sip, "127.0.0.1", 5060);
  (void)stox_loopback_options_init(&options, sizeof options);
  options.ud = w;
  options.fault = fault;
  options.delay_ns = 1000000;
  assert_status(stox_loopback_new(&w->net, &options), STOX_OK);
  const int status = make_gateway(w, queue);
  if (status != STOX_OK) {
    return status;
  }
  w->engine = (stox_engine){.size = sizeof(stox_engine),
                            .engine = w,
                            .feed = feed,
                            .done = done,
                            .hold = hold,
                            .next = next,
                            .deadline = deadline,
                            .tick = tick};
  join(w, &w->engine, AT(5070, UDP));
  join(w, &w->engine, AT(5070, TCP));
  join(w, &w->sip->engine, AT(5060, UDP));
  join(w, &w->sip->engine, AT(5060, TCP));
  if (with_xmpp) {
    join(w, &w->xmpp->engine, AT(5347, TCP));
  }
  return STOX_OK;
}

static void run(world *w, uint64_t ns) {
  assert_status(stox_loopback_run(w->net, &w->now_ns, w->now_ns + ns), STOX_OK);
}

static void make(world *w) {
  assert_status(make_with(w, 0, 1024, 1), STOX_OK);
  run(w, SECOND);
  assert_int_equal(w->told.ready, 1);
}

static void end(world *w) {
  stox_loopback_del(w->net);
  stox_gateway_del(w->gateway);
  fake_xmpp_clear(w->xmpp);
  fake_sip_clear(w->sip);
  free(w->xmpp);
  free(w->sip);
  assert_int_equal(w->memory.live, 0);
}

static void send(world *w, const fake_message *m, int transport) {
  char text[70000];
  fake_sip_message(text, sizeof text, m, transport);
  fake_sip_send(w->sip, transport, text);
}

/* ---- SIP to XMPP ---- */

/* 7247-4-03 7247-4-05 7247-5-08 7247-8-04 */
static void test_sip_to_xmpp(void **state) {
  (void)state;
  for (int transport = UDP; transport <= TCP; transport++) {
    world w;
    make(&w);
    send(&w,
         &(fake_message){.uri = "sip:o'malley@xmpp.example",
                         .from = "<sip:rom%C3%A9o@sip.example;gr=ph>;tag=r1",
                         .more = "Subject: Imploring\r\nContent-Language: en\r\n",
                         .body = "a < b & c\r\nd"},
         transport);
    run(&w, SECOND);
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
    end(&w);
  }
}

static void test_answer_waits_for_the_ping(void **state) {
  (void)state;
  world w;
  make(&w);
  w.xmpp->is_deaf = 1;
  send(&w, &(fake_message){.body = "x"}, UDP);
  run(&w, 3 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 2"), 0);
  run(&w, 3 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 1);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_TIMEOUT], 1);
  end(&w);
}

/* 7247-7.1-08: item-not-found of a bare JID is 404 towards other domains. */
static void test_bounce(void **state) {
  (void)state;
  world w;
  make(&w);
  send(&w, &(fake_message){.uri = "sip:nobody@xmpp.example"}, UDP);
  run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 404"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 0);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_BOUNCED], 1);
  end(&w);
}

/* RFC 4320 4.2 forbids 408 for a MESSAGE, and the sender must be told all the same. */
static void test_bounce_by_timeout(void **state) {
  (void)state;
  world w;
  make(&w);
  send(&w, &(fake_message){.uri = "sip:slow@xmpp.example"}, UDP);
  run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 1);
  end(&w);
}

static void test_one_ping_behind_a_batch(void **state) {
  (void)state;
  world w;
  make(&w);
  for (int i = 0; i < 64; i++) {
    char branch[32];
    char call_id[32];
    snprintf(branch, sizeof branch, "z9hG4bKb%d", i);
    snprintf(call_id, sizeof call_id, "c%d", i);
    send(&w, &(fake_message){.branch = branch, .call_id = call_id}, UDP);
  }
  run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 64);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 64);
  assert_in_range(w.xmpp->n_pings, 1, 64);
  end(&w);
}

static void test_retransmission_is_one_stanza(void **state) {
  (void)state;
  world w;
  make(&w);
  for (int i = 0; i < 7; i++) {
    send(&w, &(fake_message){.body = "once"}, UDP);
    run(&w, SECOND / 2);
  }
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 7);
  send(&w, &(fake_message){.body = "once", .branch = "z9hG4bKother"}, UDP);
  run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 482"), 1);
  end(&w);
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
    make(&w);
    send(&w, &rows[i].m, UDP);
    run(&w, SECOND / 4);
    if (fake_sip_count(w.sip, rows[i].answer) != 1 || fake_sip_holding(w.sip, rows[i].holds) < 1) {
      fail_msg("row %zu: %s", i, w.sip->n_messages == 0 ? "silence" : w.sip->messages[0]);
    }
    assert_int_equal(w.xmpp->n_stanzas, 0);
    assert_int_equal(w.told.lost, 0);
    end(&w);
  }
}

static void test_untrusted_source(void **state) {
  (void)state;
  world w;
  fake_sip *stranger = malloc(sizeof *stranger);
  assert_non_null(stranger);
  make(&w);
  fake_sip_init(stranger, "192.0.2.9", 5060);
  join(&w, &stranger->engine, (stox_endpoint){S("192.0.2.9"), 5060, UDP});
  char text[4096];
  fake_sip_message(text, sizeof text, &(fake_message){.body = "x"}, UDP);
  fake_sip_send(stranger, UDP, text);
  run(&w, SECOND);
  assert_int_equal(fake_sip_count(stranger, "SIP/2.0 403"), 1);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  end(&w);
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
  make(&w);
  for (size_t i = 0; i < COUNT(garbage); i++) {
    fake_sip_send(w.sip, UDP, garbage[i]);
  }
  run(&w, SECOND);
  send(&w, &(fake_message){.body = "after"}, UDP);
  run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 505"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  assert_int_equal(w.told.lost, 0);
  end(&w);
}

static void test_no_stream(void **state) {
  (void)state;
  world w;
  assert_status(make_with(&w, 0, 1024, 0), STOX_OK);
  send(&w, &(fake_message){.body = "x"}, UDP);
  run(&w, 4 * SECOND);
  assert_int_equal(w.sip->n_messages, 0 + fake_sip_count(w.sip, "SIP/2.0 100"));
  run(&w, 2 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 480"), 1);
  join(&w, &w.xmpp->engine, AT(5347, TCP));
  send(&w, &(fake_message){.body = "y", .branch = "z9hG4bKy", .call_id = "c2"}, UDP);
  run(&w, 4 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  end(&w);
}

/* Between a stanza and its ping: sent once more on the new stream with the same id. */
static void test_stream_lost_before_the_barrier(void **state) {
  (void)state;
  world w;
  make(&w);
  w.xmpp->closes_on_message = 1;
  send(&w, &(fake_message){.body = "twice"}, UDP);
  run(&w, 4 * SECOND);
  assert_int_equal(w.xmpp->n_streams, 2);
  assert_int_equal(w.xmpp->n_stanzas, 2);
  assert_string_equal(w.xmpp->stanzas[0], w.xmpp->stanzas[1]);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  end(&w);
  make(&w);
  w.xmpp->closes_on_message = 2;
  send(&w, &(fake_message){.body = "twice"}, UDP);
  run(&w, 10 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 2);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 503"), 1);
  end(&w);
}

static void test_full_queue_sheds(void **state) {
  (void)state;
  for (uint32_t n = 7; n <= 9; n++) {
    world w;
    assert_status(make_with(&w, 0, 8, 1), STOX_OK);
    run(&w, SECOND);
    w.xmpp->is_deaf = 1;
    for (uint32_t i = 0; i < n; i++) {
      char branch[32];
      char call_id[32];
      snprintf(branch, sizeof branch, "z9hG4bKb%u", i);
      snprintf(call_id, sizeof call_id, "c%u", i);
      send(&w, &(fake_message){.branch = branch, .call_id = call_id}, UDP);
    }
    run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 503"), n > 8 ? 1 : 0);
    assert_int_equal(fake_sip_holding(w.sip, "Retry-After: "), n > 8 ? 1 : 0);
    end(&w);
  }
}

/* ---- XMPP to SIP ---- */

/* 7247-4-02 7247-5-09 */
static void test_xmpp_to_sip(void **state) {
  (void)state;
  world w;
  make(&w);
  fake_xmpp_say(w.xmpp, "<message from='juliet@xmpp.example/balcony' to='o\\27malley@sip.example' "
                        "id='m1' type='chat' xml:lang='cs'><subject>A\nB</subject>"
                        "<body>\xC5\x99 &lt;\n2</body><thread>t-1</thread></message>");
  run(&w, SECOND);
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
  send(&w, &(fake_message){.from = "<sip:o'malley@sip.example>;tag=r1"}, UDP);
  run(&w, SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "type='chat'"), 1);
  end(&w);
}

static void test_thread_keeps_its_tag(void **state) {
  (void)state;
  world w;
  make(&w);
  for (int i = 0; i < 3; i++) {
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example/r' to='b@sip.example' id='m'>"
                          "<body>x</body><thread>T</thread></message>");
  }
  run(&w, SECOND);
  assert_int_equal(w.sip->n_messages, 3);
  assert_non_null(strstr(w.sip->messages[2], "CSeq: 3 MESSAGE"));
  const char *tag0 = strstr(w.sip->messages[0], ";tag=");
  const char *tag2 = strstr(w.sip->messages[2], ";tag=");
  assert_memory_equal(tag0, tag2, 21);
  end(&w);
}

/* RFC 3428 8: one request at a time to one URI, in order. */
static void test_one_at_a_time(void **state) {
  (void)state;
  world w;
  make(&w);
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
  run(&w, SECOND / 4);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nn0"), 1);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nn1"), 0);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\nother"), 1);
  w.sip->answer = "200 OK";
  run(&w, 10 * SECOND);
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
  end(&w);
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
    make(&w);
    w.sip->answer = rows[i].answer;
    w.sip->answer_more = rows[i].more;
    fake_xmpp_say(w.xmpp, "<message from='juliet@xmpp.example/r' to='romeo@sip.example' id='&lt;1'>"
                          "<body>x</body></message>");
    run(&w, SECOND);
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
    end(&w);
  }
}

static void test_silent_sip_peer(void **state) {
  (void)state;
  world w;
  make(&w);
  w.sip->answer = NULL;
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  run(&w, 31 * SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  assert_true(w.sip->n_messages > 5);
  run(&w, 2 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 1);
  end(&w);
}

/* RFC 3261 18.1.1: what is too long for UDP goes over TCP; where TCP is refused it fails. */
static void test_long_message(void **state) {
  (void)state;
  for (int refused = 0; refused < 2; refused++) {
    static char text[8192];
    world w;
    make(&w);
    w.refusing = refused;
    int n = snprintf(text, sizeof text,
                     "<message from='a@xmpp.example' to='b@sip.example' id='m'><body>");
    memset(text + n, 'x', 3000);
    snprintf(text + n + 3000, sizeof text - (size_t)n - 3000, "</body></message>");
    fake_xmpp_say(w.xmpp, text);
    run(&w, 2 * SECOND);
    assert_int_equal(fake_sip_holding(w.sip, "Via: SIP/2.0/TCP "), refused ? 0 : 1);
    assert_int_equal(fake_sip_holding(w.sip, "Via: SIP/2.0/UDP "), 0);
    assert_int_equal(fake_xmpp_count(w.xmpp, "type='error'"), refused ? 1 : 0);
    end(&w);
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
    make(&w);
    fake_xmpp_say(w.xmpp, rows[i].stanza);
    run(&w, SECOND);
    const size_t want = rows[i].holds == NULL ? 0 : 1;
    if (w.xmpp->n_stanzas != want ||
        (want == 1 && strstr(w.xmpp->stanzas[0], rows[i].holds) == NULL)) {
      fail_msg("row %zu: %s", i, w.xmpp->n_stanzas == 0 ? "silence" : w.xmpp->stanzas[0]);
    }
    assert_int_equal(w.sip->n_messages, 0);
    assert_int_equal(w.told.lost, 0);
    end(&w);
  }
}

static void test_late_error_is_counted(void **state) {
  (void)state;
  world w;
  make(&w);
  send(&w, &(fake_message){.body = "x"}, UDP);
  run(&w, SECOND);
  const char *id = strstr(w.xmpp->stanzas[0], "id='");
  assert_non_null(id);
  char text[512];
  snprintf(text, sizeof text,
           "<message type='error' from='juliet@xmpp.example' to='romeo@sip.example' id='%.26s'>"
           "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
           "</error></message>",
           id + 4);
  fake_xmpp_say(w.xmpp, text);
  run(&w, SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_LATE_ERROR], 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 "), 1);
  end(&w);
}

/* ---- the whole ---- */

static void test_stop_drains(void **state) {
  (void)state;
  world w;
  make(&w);
  w.xmpp->is_deaf = 1;
  w.sip->answer = NULL;
  send(&w, &(fake_message){.body = "x"}, UDP);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  run(&w, SECOND);
  assert_status(stox_gateway_stop(w.gateway, w.now_ns + SECOND, w.now_ns), STOX_OK);
  send(&w, &(fake_message){.body = "y", .branch = "z9hG4bKy", .call_id = "c2"}, UDP);
  run(&w, 4 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 503"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 1);
  assert_int_equal(w.told.stopped, 1);
  end(&w);
}

/* 7247-8-06: what no header would stop. */
static void test_reflections(void **state) {
  (void)state;
  world w;
  make(&w);
  for (int i = 0; i < 1002; i++) {
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example/r' to='b@sip.example' id='m'>"
                          "<body>again</body></message>");
    run(&w, 5000000);
  }
  run(&w, SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1000);
  assert_int_equal(fake_xmpp_count(w.xmpp, "not-acceptable"), 2);
  run(&w, 10 * SECOND);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example/r' to='b@sip.example' id='m'>"
                        "<body>again</body></message>");
  run(&w, SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1001);
  end(&w);
}

static void test_lost_datagrams(void **state) {
  (void)state;
  world w;
  make(&w);
  w.dropping = 2;
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  run(&w, 5 * SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  end(&w);
}

/* Messages each way while the n-th allocation fails: no crash, no leak, and the engine goes on. */
static int survive(size_t at) {
  world w;
  int was_reached = 1;
  const int status = make_with(&w, at, 1024, 1);
  if (status == STOX_OK) {
    run(&w, 4 * SECOND);
    send(&w, &(fake_message){.body = "x"}, at % 2 == 0 ? UDP : TCP);
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                          "<body>x</body><thread>t</thread></message>");
    run(&w, 40 * SECOND);
    send(&w, &(fake_message){.body = "y", .branch = "z9hG4bKy", .call_id = "cy"}, UDP);
    run(&w, 5 * SECOND);
    was_reached = w.memory.calls >= at;
    w.memory.fail_at = 0;
    send(&w, &(fake_message){.body = "z", .branch = "z9hG4bKz", .call_id = "cz"}, UDP);
    run(&w, 5 * SECOND);
    if (fake_xmpp_count(w.xmpp, "<body>z</body>") != 1) {
      fail_msg("allocation %zu: the engine did not go on", at);
    }
  } else {
    assert_status(status, STOX_E_NOMEM);
  }
  end(&w);
  return was_reached;
}

static void test_every_allocation_fails_once(void **state) {
  (void)state;
  size_t at = 1;
  while (survive(at)) {
    at++;
  }
  assert_true(at > 30);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sip_to_xmpp),
      cmocka_unit_test(test_answer_waits_for_the_ping),
      cmocka_unit_test(test_bounce),
      cmocka_unit_test(test_bounce_by_timeout),
      cmocka_unit_test(test_one_ping_behind_a_batch),
      cmocka_unit_test(test_retransmission_is_one_stanza),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_untrusted_source),
      cmocka_unit_test(test_garbage_does_no_harm),
      cmocka_unit_test(test_no_stream),
      cmocka_unit_test(test_stream_lost_before_the_barrier),
      cmocka_unit_test(test_full_queue_sheds),
      cmocka_unit_test(test_xmpp_to_sip),
      cmocka_unit_test(test_thread_keeps_its_tag),
      cmocka_unit_test(test_one_at_a_time),
      cmocka_unit_test(test_sip_failures),
      cmocka_unit_test(test_silent_sip_peer),
      cmocka_unit_test(test_long_message),
      cmocka_unit_test(test_stanzas_that_are_not_carried),
      cmocka_unit_test(test_late_error_is_counted),
      cmocka_unit_test(test_stop_drains),
      cmocka_unit_test(test_reflections),
      cmocka_unit_test(test_lost_datagrams),
      cmocka_unit_test(test_every_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
