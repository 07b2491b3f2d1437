/* SPDX-License-Identifier: MIT */
/* Very many messages, whole and in pieces: memory stays bounded, what is too much is refused. Here
 * the test is the host itself, so that nothing between keeps count. */
#include "world.h"

#include "stox/sip.h"

enum { HANDLE_XMPP = 7, HANDLE_TCP = 8, MANY = 10000, THREADS = 18000 };

/* A gateway alone; its actions are counted, and the component stream is answered by hand. */
typedef struct lone {
  stox_gateway *gateway;
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  uint64_t now_ns;
  size_t codes[700];    /* final responses */
  size_t stanzas;       /* messages to XMPP */
  size_t errors;        /* of them of type error */
  size_t requests;      /* MESSAGEs to SIP */
  size_t pongs;         /* answers to a keep-alive */
  size_t closes;        /* streams ended */
  size_t others;        /* all else that was sent on the SIP side */
  int opens;            /* streams asked for */
  int refuses;          /* 1: no stream comes up */
  int answers;          /* 1: requests are answered 200 at once */
  char answer[4][2048]; /* waiting to be fed */
  size_t n_answers;
} lone;

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)(test_random(ud) >> 32);
  }
  return STOX_OK;
}

static const stox_flow xmpp_flow = {.handle = HANDLE_XMPP,
                                    .local = {{"127.0.0.1", 9}, 40000, TCP},
                                    .remote = {{"127.0.0.1", 9}, 5347, TCP}};

static size_t count(const char *p, size_t n, const char *text) {
  size_t found = 0;
  const size_t len = strlen(text);
  for (size_t i = 0; i + len <= n; i++) {
    found += memcmp(p + i, text, len) == 0 ? 1U : 0U;
  }
  return found;
}

static void answer(lone *l, const char *request, size_t n) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_sip_edit *edit = NULL;
  stox_buf buf;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_sip_parse(&message, &arena, (stox_span){request, n}, NULL, NULL), STOX_OK);
  assert_status(stox_sip_response_new(&edit, &arena, message, 200, (stox_span){NULL, 0}, S("t")),
                STOX_OK);
  assert_true(l->n_answers < COUNT(l->answer));
  stox_buf_init(&buf, l->answer[l->n_answers], sizeof l->answer[0] - 1);
  assert_status(stox_sip_write(&buf, edit), STOX_OK);
  l->answer[l->n_answers++][buf.len] = '\0';
  stox_arena_clear(&arena);
}

static void hear_sip(lone *l, const char *p, size_t n) {
  if (n > 12 && memcmp(p, "SIP/2.0 ", 8) == 0) {
    l->codes[strtoul(p + 8, NULL, 10) % COUNT(l->codes)]++;
  } else if (n == 2 && memcmp(p, "\r\n", 2) == 0) {
    l->pongs++;
  } else if (n > 8 && memcmp(p, "MESSAGE ", 8) == 0) {
    l->requests++;
    if (l->answers) {
      answer(l, p, n);
    }
  } else {
    l->others++;
  }
}

static void pull(lone *l) {
  const stox_action *action = NULL;
  while ((action = stox_gateway_next(l->gateway)) != NULL) {
    if (action->kind == STOX_DO_OPEN) {
      l->opens++;
      (void)stox_gateway_done(l->gateway, action->token, l->refuses ? STOX_E_REFUSED : STOX_OK,
                              l->refuses ? NULL : &xmpp_flow, l->now_ns);
    } else if (action->kind == STOX_DO_SEND && action->handle == HANDLE_XMPP) {
      l->stanzas += count(action->bytes.p, action->bytes.n, "<message ");
      l->errors += count(action->bytes.p, action->bytes.n, "type='error'");
    } else if (action->kind == STOX_DO_SEND) {
      hear_sip(l, action->bytes.p, action->bytes.n);
    } else if (action->kind == STOX_DO_CLOSE) {
      l->closes++;
    }
  }
}

static void feed_from(lone *l, const stox_flow *flow, stox_span octets) {
  assert_status(stox_gateway_feed(l->gateway, flow, octets, l->now_ns), STOX_OK);
  pull(l);
  while (l->n_answers > 0) {
    const stox_flow udp = {.handle = 1, .local = AT(5070, UDP), .remote = AT(5060, UDP)};
    l->n_answers--;
    assert_status(
        stox_gateway_feed(l->gateway, &udp, stox_span_text(l->answer[l->n_answers]), l->now_ns),
        STOX_OK);
    pull(l);
  }
}

static void feed_udp(lone *l, stox_span octets) {
  const stox_flow flow = {.handle = 1, .local = AT(5070, UDP), .remote = AT(5060, UDP)};
  feed_from(l, &flow, octets);
}

static void feed_tcp(lone *l, stox_span octets) {
  const stox_flow flow = {.handle = HANDLE_TCP, .local = AT(5070, TCP), .remote = AT(41000, TCP)};
  feed_from(l, &flow, octets);
}

static void pass(lone *l, uint64_t ns) {
  const uint64_t until = l->now_ns + ns;
  while (l->now_ns < until) {
    const uint64_t due = stox_gateway_deadline(l->gateway);
    assert_true(due > l->now_ns);
    l->now_ns = due < until ? due : until;
    assert_status(stox_gateway_tick(l->gateway, l->now_ns, 0), STOX_OK);
    pull(l);
  }
}

static void greet(lone *l) {
  feed_from(l, &xmpp_flow,
            S("<stream:stream xmlns='jabber:component:accept' "
              "xmlns:stream='http://etherx.jabber.org/streams' id='i'><handshake/>"));
}

static stox_gateway_counters counters_of(const lone *l) {
  stox_gateway_counters c;
  assert_status(stox_gateway_get_counters(&c, sizeof c, l->gateway), STOX_OK);
  return c;
}

static void make(lone *l, uint32_t transactions) {
  const stox_gateway_component components[] = {{S("sip.example"), S("secret"), AT(5347, TCP)}};
  const stox_gateway_route routes[] = {{S("sip.example"), AT(5060, UDP)}};
  const stox_span domains[] = {S("xmpp.example")};
  const stox_span trusted[] = {S("127.0.0.1")};
  const stox_endpoint locals[] = {AT(5070, UDP), AT(5070, TCP)};
  stox_gateway_options o;
  stox_limits limits;
  memset(l, 0, sizeof *l);
  l->now_ns = SECOND;
  l->seed = 5;
  l->random = (stox_random){sizeof l->random, &l->seed, fill};
  l->alloc = failing_allocator(&l->memory);
  (void)stox_gateway_options_init(&o, sizeof o);
  (void)stox_limits_init(&limits, sizeof limits);
  limits.transactions = transactions;
  o.limits = &limits;
  o.alloc = &l->alloc;
  o.random = &l->random;
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
  assert_status(stox_gateway_new(&l->gateway, &o, l->now_ns), STOX_OK);
  pull(l);
  greet(l);
}

static void end(lone *l) {
  stox_gateway_del(l->gateway);
  assert_int_equal(l->memory.live, 0);
}

static size_t request(char *out, size_t cap, unsigned n, int transport) {
  char branch[32];
  char call_id[32];
  char body[32];
  snprintf(branch, sizeof branch, "z9hG4bKf%u", n);
  snprintf(call_id, sizeof call_id, "f%u", n);
  snprintf(body, sizeof body, "body %u", n);
  fake_sip_message(out, cap, &(fake_message){.branch = branch, .call_id = call_id, .body = body},
                   transport);
  return strlen(out);
}

static void test_retransmission_storm(void **state) {
  (void)state;
  static lone l;
  char text[1024];
  make(&l, 65536);
  const size_t n = request(text, sizeof text, 0, UDP);
  feed_udp(&l, (stox_span){text, n});
  const size_t live = l.memory.live;
  for (int i = 0; i < 5000; i++) {
    feed_udp(&l, (stox_span){text, n});
  }
  assert_int_equal(l.stanzas, 1);
  assert_in_range(l.memory.live, live, live + 12288); /* one request is kept for reuse */
  pass(&l, 6 * SECOND);
  assert_int_equal(l.codes[504], 1);
  for (int i = 0; i < 1000; i++) {
    feed_udp(&l, (stox_span){text, n});
  }
  assert_int_equal(l.codes[504], 1001);
  assert_int_equal(l.stanzas, 1);
  end(&l);
}

/* 1,024 wait for the server, the others are told to come later, and all is forgotten in the end. */
static void test_ten_thousand_requests(void **state) {
  (void)state;
  static lone l;
  char text[1024];
  make(&l, 65536);
  for (unsigned i = 0; i < 2; i++) {
    feed_udp(&l, (stox_span){text, request(text, sizeof text, i, UDP)});
  }
  pass(&l, 60 * SECOND);
  const size_t quiet = l.memory.live;
  for (unsigned i = 2; i < MANY + 2; i++) {
    feed_udp(&l, (stox_span){text, request(text, sizeof text, i, UDP)});
  }
  assert_int_equal(l.stanzas, 2 + 1024);
  assert_int_equal(l.codes[503], MANY - 1024);
  assert_int_equal(counters_of(&l).shed, MANY - 1024);
  /* 1,024 requests with their stanzas, and 10,000 transactions. */
  assert_in_range(l.memory.live, quiet, quiet + (size_t)1024 * 12288 + (size_t)MANY * 2048);
  pass(&l, 6 * SECOND);
  assert_int_equal(l.codes[504], 2 + 1024);
  pass(&l, 60 * SECOND);
  /* What is kept for reuse: 256 requests and the tables. */
  assert_in_range(l.memory.live, 1, quiet + (size_t)256 * 12288 + (size_t)MANY * 64);
  end(&l);
}

/* No transaction can be had: the answer is 503 all the same. */
static void test_full_table_of_transactions(void **state) {
  (void)state;
  for (uint32_t max = 63; max <= 65; max++) {
    static lone l;
    char text[1024];
    make(&l, max);
    for (unsigned i = 0; i < 65; i++) {
      feed_udp(&l, (stox_span){text, request(text, sizeof text, i, UDP)});
    }
    assert_int_equal(l.stanzas, max);
    assert_int_equal(l.codes[503], 65 - max);
    assert_int_equal(counters_of(&l).shed, 65 - max);
    pass(&l, 60 * SECOND);
    feed_udp(&l, (stox_span){text, request(text, sizeof text, 65, UDP)});
    assert_int_equal(l.stanzas, max + 1);
    end(&l);
  }
}

/* Each thread is remembered for its Call-ID and tag, the oldest is forgotten. */
static void test_many_threads(void **state) {
  (void)state;
  static lone l;
  size_t full = 0;
  make(&l, 65536);
  l.answers = 1;
  for (unsigned i = 0; i < THREADS; i++) {
    char text[256];
    const int n =
        snprintf(text, sizeof text,
                 "<message from='a@xmpp.example' to='b@sip.example' id='t%u'><body>%u</body>"
                 "<thread>thread-%05u</thread></message>",
                 i, i, i);
    feed_from(&l, &xmpp_flow, (stox_span){text, (size_t)n});
    if (i % 100 == 0) {
      pass(&l, 10 * SECOND);
    }
    full = i == 16900 ? l.memory.live : full;
  }
  pass(&l, 60 * SECOND);
  assert_int_equal(l.requests, THREADS);
  assert_int_equal(l.errors, 0);
  assert_in_range(l.memory.live, 1, full + 65536);
  end(&l);
}

/* Messages to very many recipients who do not answer: 1,024 wait, the others are refused. */
static void test_many_recipients(void **state) {
  (void)state;
  static lone l;
  make(&l, 65536);
  for (unsigned i = 0; i < 4000; i++) {
    char text[256];
    const int n = snprintf(
        text, sizeof text,
        "<message from='a@xmpp.example' to='b%u@sip.example' id='t%u'><body>x</body></message>", i,
        i);
    feed_from(&l, &xmpp_flow, (stox_span){text, (size_t)n});
  }
  assert_int_equal(l.requests, 1024);
  assert_int_equal(l.errors, 4000 - 1024);
  pass(&l, 40 * SECOND);
  assert_int_equal(l.errors, 4000);
  end(&l);
}

/* Errors that wait for a stream that does not come: at most 1 MiB of them. */
static void test_errors_without_a_stream(void **state) {
  (void)state;
  static lone l;
  static char text[4600];
  make(&l, 65536);
  const size_t quiet = l.memory.live;
  for (unsigned i = 0; i < 1024; i++) {
    const int n = snprintf(text, sizeof text,
                           "<message from='a@xmpp.example' to='b%u@sip.example' id='%04000u'>"
                           "<body>x</body></message>",
                           i, i);
    feed_from(&l, &xmpp_flow, (stox_span){text, (size_t)n});
  }
  l.refuses = 1;
  assert_status(stox_gateway_feed(l.gateway, &xmpp_flow, (stox_span){"", 0}, l.now_ns), STOX_OK);
  pass(&l, 60 * SECOND);
  assert_int_equal(l.errors, 0);
  assert_int_equal(counters_of(&l).timeouts, 1024);
  /* The errors, and 256 messages kept for reuse. */
  assert_in_range(l.memory.live, 1 << 20, quiet + (2 << 20) + (size_t)256 * 8192);
  l.refuses = 0;
  for (l.opens = 0; l.opens == 0;) {
    pass(&l, SECOND);
  }
  greet(&l);
  assert_in_range(l.errors, 230, 260);
  end(&l);
}

/* A server that asks and does not listen: memory is bounded, and what matters is told later. */
static void test_server_that_does_not_listen(void **state) {
  (void)state;
  static lone l;
  char text[256];
  make(&l, 65536);
  feed_from(&l, &xmpp_flow,
            S("<message from='a@xmpp.example' to='b@sip.example' id='m'><body>x</body></message>"));
  assert_status(stox_gateway_hold(l.gateway, HANDLE_XMPP, 1, l.now_ns), STOX_OK);
  const size_t quiet = l.memory.live;
  for (unsigned i = 0; i < 40000; i++) {
    const int n = snprintf(text, sizeof text,
                           "<iq type='get' from='a@xmpp.example/r' to='sip.example' id='%u'><query "
                           "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
                           i);
    feed_from(&l, &xmpp_flow, (stox_span){text, (size_t)n});
  }
  assert_in_range(l.memory.live, quiet, quiet + (9 << 20));
  pass(&l, 34 * SECOND);
  assert_int_equal(l.errors, 0);
  assert_status(stox_gateway_hold(l.gateway, HANDLE_XMPP, 0, l.now_ns), STOX_OK);
  pull(&l);
  assert_int_equal(l.errors, 1); /* SIP was silent */
  end(&l);
}

/* ---- what is not a MESSAGE ---- */

static void feed_text(lone *l, const char *host, const char *text) {
  const stox_flow flow = {
      .handle = 1, .local = AT(5070, UDP), .remote = {stox_span_text(host), 5060, UDP}};
  feed_from(l, &flow, stox_span_text(text));
}

static void test_methods_of_strangers(void **state) {
  (void)state;
  static const char *const methods[] = {"OPTIONS", "SUBSCRIBE", "MESSAGE", "INVITE"};
  static lone l;
  char text[1024];
  make(&l, 65536);
  for (size_t i = 0; i < COUNT(methods); i++) {
    fake_sip_message(text, sizeof text, &(fake_message){.method = methods[i], .body = ""}, UDP);
    feed_text(&l, "192.0.2.9", text);
  }
  assert_int_equal(l.codes[403], COUNT(methods));
  assert_int_equal(l.others + l.stanzas, 0);
  end(&l);
}

/* What is malformed is refused as such, also where its transaction is known; an ACK never is. */
static void test_malformed_repetitions(void **state) {
  (void)state;
  static lone l;
  char text[1024];
  make(&l, 65536);
  fake_sip_message(text, sizeof text, &(fake_message){.body = "x"}, UDP);
  feed_text(&l, "127.0.0.1", text);
  const fake_message bad = {.branch = "z9hG4bKb2", .body = "x", .more = "Max-Forwards: x\r\n"};
  fake_sip_message(text, sizeof text, &bad, UDP);
  feed_text(&l, "127.0.0.1", text);
  assert_int_equal(l.codes[400], 1);
  fake_sip_message(text, sizeof text,
                   &(fake_message){.method = "CANCEL", .body = "", .more = "Max-Forwards: x\r\n"},
                   UDP);
  feed_text(&l, "127.0.0.1", text);
  assert_int_equal(l.codes[400], 2);
  fake_sip_message(text, sizeof text, &(fake_message){.method = "CANCEL", .body = ""}, UDP);
  feed_text(&l, "127.0.0.1", text);
  assert_int_equal(l.codes[400], 3); /* the same transaction */
  fake_sip_message(
      text, sizeof text,
      &(fake_message){.method = "ACK", .body = "", .branch = "z9hG4bKa", .more = "Via: x\r\n"},
      UDP);
  feed_text(&l, "127.0.0.1", text);
  assert_int_equal(l.codes[400], 3);
  assert_int_equal(l.codes[200] + l.codes[482] + l.others, 0);
  end(&l);
}

/* What deployed peers write and no grammar of today has (RFC 2543's comments in Via). */
static void test_old_peers(void **state) {
  (void)state;
  static lone l;
  char text[1024];
  make(&l, 65536);
  fake_sip_message(text, sizeof text,
                   &(fake_message){.branch = "z9hG4bKold (of an old peer)\r\nX-A: b", .body = "x"},
                   UDP);
  feed_text(&l, "127.0.0.1", text);
  assert_int_equal(l.stanzas, 1);
  end(&l);
}

/* ---- pieces of a stream ---- */

static void test_pipelined_requests(void **state) {
  (void)state;
  static char all[64 * 1024];
  for (size_t piece = 1; piece <= sizeof all; piece = piece * 7 + 1) {
    static lone l;
    size_t n = 0;
    make(&l, 65536);
    for (unsigned i = 0; i < 50; i++) {
      n += request(all + n, sizeof all - n, i, TCP);
      memcpy(all + n, "\r\n", 2); /* RFC 3261 7.5 */
      n += 2;
    }
    for (size_t at = 0; at < n; at += piece) {
      feed_tcp(&l, (stox_span){all + at, n - at < piece ? n - at : piece});
    }
    assert_int_equal(l.stanzas, 50);
    assert_int_equal(l.closes, 0);
    assert_int_equal(l.others, 0);
    pass(&l, 6 * SECOND);
    assert_int_equal(l.codes[504], 50);
    end(&l);
  }
}

/* RFC 5626 3.5.1, 3.5.2: two line ends on a stream are answered by one; nothing else is. */
static void test_keepalives(void **state) {
  (void)state;
  static const char stun[] = "\x00\x01\x00\x00\x21\x12\xA4\x42"
                             "abcdefghijkl";
  static lone l;
  char text[1024];
  make(&l, 65536);
  feed_udp(&l, S("\r\n\r\n"));
  feed_udp(&l, S("\r\n"));
  feed_udp(&l, S("\0"));
  feed_udp(&l, S(" \t\r\n"));
  feed_udp(&l, (stox_span){stun, sizeof stun - 1});
  feed_tcp(&l, S("\r\n"));
  assert_int_equal(l.pongs + l.others + l.closes, 0);
  assert_int_equal(counters_of(&l).sip_in + counters_of(&l).sip_bad, 0);
  feed_tcp(&l, S("\r\n"));
  assert_int_equal(l.pongs, 1);
  feed_tcp(&l, S("\r\n\r\n\r\n\r\n"));
  assert_int_equal(l.pongs, 3);
  feed_tcp(&l, (stox_span){stun, sizeof stun - 1});
  const size_t n = request(text, sizeof text, 0, TCP);
  for (size_t i = 0; i < n; i++) {
    feed_tcp(&l, (stox_span){text + i, 1});
  }
  feed_tcp(&l, S("\r\n\r\n"));
  assert_int_equal(l.pongs, 4);
  assert_int_equal(l.stanzas, 1);
  assert_int_equal(l.closes + l.others, 0);
  end(&l);
}

/* ---- the same over the network ---- */

static void test_streams_in_single_octets(void **state) {
  (void)state;
  world w;
  assert_status(world_make_as(&w, &(world_plan){.hop_transport = TCP, .segment = 1}), STOX_OK);
  world_run(&w, 2 * SECOND);
  assert_int_equal(w.told.ready, 1);
  world_send(&w, &(fake_message){.body = "octets\r\n\r\nof it"}, TCP);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>octets</body></message>");
  world_run(&w, 3 * SECOND);
  assert_int_equal(fake_xmpp_count(w.xmpp, "<body>octets\n\nof it</body>"), 1);
  assert_int_equal(fake_sip_holding(w.sip, "SIP/2.0 200 OK"), 1);
  assert_int_equal(fake_sip_holding(w.sip, "\r\n\r\noctets"), 1);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 2);
  world_end(&w);
}

static void test_ipv6(void **state) {
  (void)state;
  for (int transport = UDP; transport <= TCP; transport++) {
    world w;
    assert_status(world_make_as(&w, &(world_plan){.hop_transport = transport, .is_ip6 = 1}),
                  STOX_OK);
    world_run(&w, SECOND);
    world_send(&w, &(fake_message){.body = "six"}, transport);
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                          "<body>six</body></message>");
    world_run(&w, SECOND);
    assert_int_equal(fake_xmpp_count(w.xmpp, "<body>six</body>"), 1);
    assert_int_equal(fake_sip_holding(w.sip, "SIP/2.0 200 OK"), 1);
    assert_int_equal(fake_sip_holding(w.sip, " [::1]:5070;branch=z9hG4bK"), 1);
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 2);
    world_end(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retransmission_storm),
      cmocka_unit_test(test_ten_thousand_requests),
      cmocka_unit_test(test_full_table_of_transactions),
      cmocka_unit_test(test_many_threads),
      cmocka_unit_test(test_many_recipients),
      cmocka_unit_test(test_errors_without_a_stream),
      cmocka_unit_test(test_server_that_does_not_listen),
      cmocka_unit_test(test_methods_of_strangers),
      cmocka_unit_test(test_malformed_repetitions),
      cmocka_unit_test(test_old_peers),
      cmocka_unit_test(test_pipelined_requests),
      cmocka_unit_test(test_keepalives),
      cmocka_unit_test(test_streams_in_single_octets),
      cmocka_unit_test(test_ipv6),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
