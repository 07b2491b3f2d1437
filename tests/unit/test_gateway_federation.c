/* SPDX-License-Identifier: MIT */
/* The gateway as an XMPP server among others (RFC 7247 5). */
#include "world.h"

/* ---- both ways ---- */

/* 7247-5-01: a request makes the gateway find, open and use a stream to the server of
 * the other domain, which opens one of its own. */
static void test_both_ways(void **state) {
  (void)state;
  for (int has_external = 0; has_external < 2; has_external++) {
    world w;
    world_federate(&w, &(world_plan){.has_external = has_external});
    world_ask(&w, NULL, "a");
    world_run(&w, SECOND);
    assert_int_equal(world_code_of(&w, "a"), 200);
    assert_int_equal(fake_peer_count(w.other, "<body>a</body>"), 1);
    assert_int_equal(fake_peer_count(w.other, "from='romeo@sip.example'"), 1);
    assert_int_equal(w.other->n_pings, 1);
    fake_peer_say(w.other, world_from_juliet);
    world_run(&w, SECOND);
    assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@sip.example"), 1);
    assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 2);
    assert_int_equal(w.told.up, 1);
    assert_int_equal(w.told.heard, 1);
    assert_int_equal(w.told.down, 0);
    world_end(&w);
  }
}

/* Whatever the pieces that octets arrive in. */
static void test_pieces(void **state) {
  (void)state;
  for (uint32_t segment = 1; segment < 40; segment += 12) {
    world w;
    world_federate(&w, &(world_plan){.segment = segment});
    world_ask(&w, NULL, "a");
    world_ask(&w, "sip:nobody@xmpp.example", "b");
    fake_peer_say(w.other, world_from_juliet);
    world_run(&w, 2 * SECOND);
    assert_int_equal(world_code_of(&w, "a"), 200);
    assert_int_equal(world_code_of(&w, "b"), 404);
    assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@sip.example"), 1);
    world_end(&w);
  }
}

/* A peer that does not read keeps its messages waiting, all of which go once it does. */
static void test_full_stream(void **state) {
  (void)state;
  static char body[60001];
  const stox_endpoint at = AT(5269, TCP);
  world w;
  world_federate(&w, NULL);
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  assert_status(stox_loopback_hold(w.net, &at, 1, w.now_ns), STOX_OK);
  memset(body, 'x', sizeof body - 1);
  for (int i = 0; i < 90; i++) {
    char name[16];
    snprintf(name, sizeof name, "l%d", i);
    char branch[32];
    snprintf(branch, sizeof branch, "z9hG4bKl%d", i);
    world_send(&w, &(fake_message){.body = body, .branch = branch, .call_id = name}, TCP);
  }
  world_run(&w, 2 * SECOND);
  assert_int_equal(w.other->n_stanzas, 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  assert_status(stox_loopback_hold(w.net, &at, 0, w.now_ns), STOX_OK);
  world_run(&w, 2 * SECOND);
  assert_int_equal(w.other->n_stanzas, 91);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 91);
  world_end(&w);
}

/* All go over the stream that the first one made, in order, each batch with one ping. */
static void test_order(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 20; i++) {
      char name[16];
      snprintf(name, sizeof name, "%d-%02d", round, i);
      world_ask(&w, i % 2 == 0 ? NULL : "sip:juliet@XMPP.Example", name);
    }
    world_run(&w, SECOND);
  }
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 40);
  assert_int_equal(w.other->n_stanzas, 40);
  assert_int_equal(w.told.up, 1);
  for (size_t i = 0; i < 40; i++) {
    char text[32];
    snprintf(text, sizeof text, "<body>%zu-%02zu</body>", i / 20, i % 20);
    assert_non_null(strstr(w.other->stanzas[i], text));
  }
  world_end(&w);
}

/* Its bounce comes before the answer to the ping behind it. */
static void test_unknown_user(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  world_ask(&w, "sip:nobody@xmpp.example", "a");
  world_ask(&w, NULL, "b");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 404);
  assert_int_equal(world_code_of(&w, "b"), 200);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_BOUNCED], 1);
  world_end(&w);
}

/* ---- domains that cannot be reached ---- */

static void test_which_domains(void **state) {
  (void)state;
  static const struct {
    int is_open;
    const char *uri;
    int code;
    size_t questions; /* 1: DNS is asked */
  } rows[] = {
      {0, "sip:juliet@xmpp.example", 200, 0},    {0, "sip:juliet@dead.example", 404, 0},
      {1, "sip:juliet@xmpp.example", 200, 0},    {1, "sip:juliet@dead.example", 504, 0},
      {1, "sip:juliet@nowhere.example", 404, 1}, {1, "sip:juliet@sip.example", 404, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_federate(&w, &(world_plan){.is_open = rows[i].is_open});
    world_ask(&w, rows[i].uri, "a");
    world_run(&w, SECOND);
    if (world_code_of(&w, "a") != rows[i].code || (w.n_questions > 0) != (rows[i].questions > 0)) {
      fail_msg("row %zu: %d, %zu questions", i, world_code_of(&w, "a"), w.n_questions);
    }
    world_end(&w);
  }
}

/* Others are served while one is silent; its messages wait as long as they may. */
static void test_silent_domain(void **state) {
  (void)state;
  world w;
  world_federate(&w, &(world_plan){.is_open = 1, .queue = 4});
  for (int i = 0; i < 5; i++) {
    char name[16];
    snprintf(name, sizeof name, "s%d", i);
    world_ask(&w, "sip:juliet@silent.example", name);
  }
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 200);
  assert_int_equal(world_code_of(&w, "s4"), 503);
  assert_int_equal(world_code_of(&w, "s0"), 0);
  world_ask(&w, NULL, "b");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "b"), 200);
  world_run(&w, 12 * SECOND);
  assert_int_equal(world_code_of(&w, "s0"), 0);
  world_run(&w, 2 * SECOND);
  assert_int_equal(world_code_of(&w, "s0"), 480);
  assert_int_equal(world_code_of(&w, "s3"), 480);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_TIMEOUT], 4);
  world_run(&w, 60 * SECOND);
  assert_true(w.told.down > 0);
  world_end(&w);
}

/* Many domains, none of which is there: each message has its answer. */
static void test_many_dead_domains(void **state) {
  (void)state;
  world w;
  world_federate(&w, &(world_plan){.is_open = 1});
  for (int i = 0; i < 200; i++) {
    char name[16];
    char uri[64];
    snprintf(name, sizeof name, "d%d", i);
    snprintf(uri, sizeof uri, "sip:juliet@d%d.example", i);
    world_ask(&w, uri, name);
  }
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 404"), 200);
  assert_int_equal(world_code_of(&w, "a"), 200);
  world_end(&w);
}

/* After a failure the next ones are answered at once; later it is tried again. */
static void test_domain_comes_back(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  w.refusing_peer = 1;
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND / 10);
  assert_int_equal(world_code_of(&w, "a"), 504);
  w.refusing_peer = 0;
  world_run(&w, 3 * SECOND);
  world_ask(&w, NULL, "b");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "b"), 200);
  world_end(&w);
}

/* ---- streams that end ---- */

/* What was sent and not answered goes out once more, with the same id. */
static void test_lost_stream(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  w.other->is_deaf = 1;
  world_ask(&w, NULL, "b");
  world_run(&w, SECOND / 10);
  assert_int_equal(fake_peer_count(w.other, "<body>b</body>"), 1);
  w.other->is_deaf = 0;
  world_cut(&w);
  world_run(&w, 2 * SECOND);
  assert_int_equal(fake_peer_count(w.other, "<body>b</body>"), 2);
  assert_string_equal(w.other->stanzas[1], w.other->stanzas[2]);
  assert_int_equal(world_code_of(&w, "b"), 200);
  assert_int_equal(w.told.down, 1);
  world_end(&w);
}

static void test_stream_lost_twice(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  w.other->is_deaf = 1;
  world_ask(&w, NULL, "a");
  for (int i = 0; i < 2; i++) {
    world_run(&w, SECOND / 2);
    assert_int_equal(world_code_of(&w, "a"), 0);
    world_cut(&w);
  }
  world_run(&w, SECOND / 2);
  assert_int_equal(fake_peer_count(w.other, "<body>a</body>"), 2);
  assert_int_equal(world_code_of(&w, "a"), 503);
  world_end(&w);
}

/* Sent, lost, and then nobody is there: it may have been taken. */
static void test_lost_and_gone(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  w.other->is_deaf = 1;
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND / 2);
  w.refusing_peer = 1;
  world_cut(&w);
  world_ask(&w, NULL, "b");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 503);
  assert_int_equal(world_code_of(&w, "b"), 504);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_TIMEOUT], 1);
  world_end(&w);
}

/* A ping that is not answered where others were ends the stream; the first one has more time, and
 * does not. */
static void test_deaf_peer(void **state) {
  (void)state;
  for (size_t proven = 0; proven < 2; proven++) {
    world w;
    world_federate(&w, NULL);
    if (proven == 1) {
      world_ask(&w, NULL, "a");
      world_run(&w, SECOND);
      assert_int_equal(world_code_of(&w, "a"), 200);
    }
    w.other->is_deaf = 1;
    world_ask(&w, NULL, "b");
    world_run(&w, 4 * SECOND);
    assert_int_equal(world_code_of(&w, "b"), 0);
    world_run(&w, proven == 1 ? 2 * SECOND : 12 * SECOND);
    assert_int_equal(world_code_of(&w, "b"), 504);
    assert_int_equal(w.told.down, proven);
    w.other->is_deaf = 0;
    world_run(&w, 2 * SECOND);
    world_ask(&w, NULL, "c");
    world_run(&w, 2 * SECOND);
    assert_int_equal(world_code_of(&w, "c"), 200);
    world_end(&w);
  }
}

static void answer(world *w, const char *type, const char *from, const char *id) {
  char text[256];
  snprintf(text, sizeof text,
           "<iq type='%s' from='%s' to='sip.example' id='%s'><x xmlns='u'/></iq>", type, from, id);
  fake_peer_say(w->other, text);
  world_run(w, SECOND / 10);
}

static void test_answers_that_prove_nothing(void **state) {
  (void)state;
  world w;
  world_federate(&w, NULL);
  w.other->is_deaf = 1;
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  answer(&w, "result", "xmpp.example", "ping-1");
  answer(&w, "result", "juliet@xmpp.example", w.other->last_ping);
  answer(&w, "get", "xmpp.example", w.other->last_ping);
  assert_int_equal(world_code_of(&w, "a"), 0);
  answer(&w, "error", "xmpp.example", w.other->last_ping);
  assert_int_equal(world_code_of(&w, "a"), 200);
  world_end(&w);
}

/* ---- with a component beside it ---- */

static void test_both_modes(void **state) {
  (void)state;
  world w;
  assert_status(world_make_as(&w, &(world_plan){.is_federated = 1, .has_both = 1}), STOX_OK);
  world_run(&w, SECOND);
  assert_int_equal(w.told.ready, 1);
  world_ask(&w, NULL, "a");
  world_send(&w,
             &(fake_message){.from = "<sip:romeo@sip2.example>;tag=1",
                             .body = "b",
                             .branch = "z9hG4bKb",
                             .call_id = "b"},
             UDP);
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 200);
  assert_int_equal(world_code_of(&w, "b"), 200);
  assert_int_equal(fake_peer_count(w.other, "<body>a</body>"), 1);
  assert_int_equal(w.other->n_stanzas, 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "<body>b</body>"), 1);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  fake_peer_say(w.other, world_from_juliet);
  fake_xmpp_say(w.xmpp, "<message from='nurse@xmpp.example' to='romeo@sip2.example' id='n'>"
                        "<body>Ho</body></message>");
  world_run(&w, SECOND);
  assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@sip.example"), 1);
  assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@sip2.example"), 1);
  world_end(&w);
}

/* ---- the end ---- */

static void test_stop(void **state) {
  (void)state;
  for (int has_both = 0; has_both < 2; has_both++) {
    world w;
    assert_status(world_make_as(&w, &(world_plan){.is_federated = 1, .has_both = has_both}),
                  STOX_OK);
    world_run(&w, SECOND);
    world_ask(&w, NULL, "a");
    world_run(&w, SECOND);
    w.other->is_deaf = 1;
    world_ask(&w, NULL, "b");
    world_run(&w, SECOND / 10);
    assert_status(stox_gateway_stop(w.gateway, w.now_ns + SECOND, w.now_ns), STOX_OK);
    world_run(&w, SECOND / 2);
    assert_int_equal(w.told.stopped, 0);
    world_run(&w, 10 * SECOND);
    assert_int_equal(world_code_of(&w, "b"), 504);
    assert_int_equal(w.told.stopped, 1);
    assert_int_equal(w.told.down, 1);
    world_end(&w);
  }
}

/* Nobody waits for a stream that is still being made. */
static void test_stop_while_streams_are_made(void **state) {
  (void)state;
  world w;
  world_federate(&w, &(world_plan){.is_open = 1});
  world_ask(&w, "sip:juliet@silent.example", "a");
  world_ask(&w, "sip:juliet@dead.example", "b");
  world_run(&w, SECOND / 1000);
  assert_status(stox_gateway_stop(w.gateway, w.now_ns + SECOND, w.now_ns), STOX_OK);
  world_ask(&w, NULL, "c");
  world_run(&w, 15 * SECOND);
  assert_int_equal(world_code_of(&w, "a"), 480);
  assert_int_equal(world_code_of(&w, "b"), 504);
  assert_int_equal(world_code_of(&w, "c"), 503);
  assert_int_equal(w.told.stopped, 1);
  world_end(&w);
}

/* Hundreds of domains of which DNS says nothing: each has its answer in time, and others are
 * served. */
static void test_many_silent_domains(void **state) {
  (void)state;
  world w;
  world_federate(&w, &(world_plan){.is_open = 1, .is_mute = 1});
  for (int i = 0; i < 400; i++) {
    char name[16];
    char uri[64];
    snprintf(name, sizeof name, "m%d", i);
    snprintf(uri, sizeof uri, "sip:juliet@m%d.example", i);
    world_ask(&w, uri, name);
  }
  world_ask(&w, NULL, "a");
  world_run(&w, SECOND);
  assert_int_equal(world_code_of(&w, "a"), 200);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 4"), 0);
  world_run(&w, 15 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 480") + fake_sip_count(w.sip, "SIP/2.0 504"),
                   400);
  world_end(&w);
}

/* ---- memory ---- */

static void some_traffic(world *w) {
  world_ask(w, NULL, "a");
  world_ask(w, "sip:nobody@xmpp.example", "b");
  world_ask(w, "sip:juliet@dead.example", "c");
  fake_peer_say(w->other, world_from_juliet);
  fake_peer_say(w->other, "<presence type='probe' from='a@xmpp.example' to='b@sip.example'/>");
  world_run(w, 40 * SECOND);
}

/* Each message has its answer, or its sender's own timer tells; nothing is lost of memory. */
static void test_allocation_fails(void **state) {
  (void)state;
  world all;
  world_federate(&all, &(world_plan){.is_open = 1});
  some_traffic(&all);
  const size_t n = all.memory.calls;
  assert_int_equal(all.told.records, 4);
  world_end(&all);
  for (size_t i = 1; i <= n; i++) {
    world w;
    const world_plan plan = {.is_federated = 1, .is_open = 1, .fail_at = i};
    if (world_make_as(&w, &plan) == STOX_OK) {
      some_traffic(&w);
      const int final = (world_code_of(&w, "a") != 0) + (world_code_of(&w, "b") != 0) +
                        (world_code_of(&w, "c") != 0);
      if (final < 2) {
        fail_msg("allocation %zu: %d %d %d, %zu records", i, world_code_of(&w, "a"),
                 world_code_of(&w, "b"), world_code_of(&w, "c"), w.told.records);
      }
    }
    world_end(&w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_both_ways),
      cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_full_stream),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_unknown_user),
      cmocka_unit_test(test_which_domains),
      cmocka_unit_test(test_silent_domain),
      cmocka_unit_test(test_many_dead_domains),
      cmocka_unit_test(test_domain_comes_back),
      cmocka_unit_test(test_lost_stream),
      cmocka_unit_test(test_stream_lost_twice),
      cmocka_unit_test(test_lost_and_gone),
      cmocka_unit_test(test_deaf_peer),
      cmocka_unit_test(test_answers_that_prove_nothing),
      cmocka_unit_test(test_both_modes),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_stop_while_streams_are_made),
      cmocka_unit_test(test_many_silent_domains),
      cmocka_unit_test(test_allocation_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
