/* SPDX-License-Identifier: MIT */
/* The engine as a whole: stopping, loss, loops, memory. */
#include "world.h"

static void test_stop_drains(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.xmpp->is_deaf = 1;
  w.sip->answer = NULL;
  world_send(&w, &(fake_message){.body = "x"}, UDP);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  world_run(&w, SECOND);
  assert_status(stox_gateway_stop(w.gateway, w.now_ns + SECOND, w.now_ns), STOX_OK);
  world_send(&w, &(fake_message){.body = "y", .branch = "z9hG4bKy", .call_id = "c2"}, UDP);
  world_run(&w, 4 * SECOND);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 503"), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 504"), 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "remote-server-timeout"), 1);
  assert_int_equal(w.told.stopped, 1);
  world_end(&w);
}

/* 7247-4-08: the four names of figure 1, one message each way. 7247-4-05: each is one leg of SIP
 * and one of XMPP. */
static void test_figure_1(void **state) {
  (void)state;
  world w;
  assert_status(
      world_make_as(&w, &(world_plan){.sip_domain = "example.net", .xmpp_domain = "example.com"}),
      STOX_OK);
  world_run(&w, SECOND);
  world_send(&w,
             &(fake_message){.uri = "sip:juliet@example.com",
                             .from = "<sip:romeo@example.net>;tag=1",
                             .body = "Neither, fair saint"},
             UDP);
  fake_xmpp_say(w.xmpp, "<message from='juliet@example.com' to='romeo@example.net' id='m'>"
                        "<body>Art thou not Romeo?</body></message>");
  world_run(&w, SECOND);
  assert_int_equal(w.xmpp->n_stanzas, 1);
  assert_int_equal(fake_xmpp_count(w.xmpp, "from='romeo@example.net' to='juliet@example.com'"), 1);
  assert_int_equal(fake_sip_count(w.sip, "MESSAGE sip:romeo@example.net SIP/2.0\r\n"), 1);
  assert_int_equal(fake_sip_holding(w.sip, "From: <sip:juliet@example.com>;tag="), 1);
  assert_int_equal(fake_sip_count(w.sip, "SIP/2.0 200"), 1);
  assert_int_equal(w.sip->n_messages, 2);
  world_end(&w);
}

/* 7247-8-06: what no header would stop. */
static void test_reflections(void **state) {
  (void)state;
  world w;
  world_make(&w);
  for (int i = 0; i < 1002; i++) {
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example/r' to='b@sip.example' id='m'>"
                          "<body>again</body></message>");
    world_run(&w, 5000000);
  }
  world_run(&w, SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1000);
  assert_int_equal(fake_xmpp_count(w.xmpp, "not-acceptable"), 2);
  world_run(&w, 10 * SECOND);
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example/r' to='b@sip.example' id='m'>"
                        "<body>again</body></message>");
  world_run(&w, SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1001);
  world_end(&w);
}

static void test_lost_datagrams(void **state) {
  (void)state;
  world w;
  world_make(&w);
  w.dropping = 2;
  fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                        "<body>x</body></message>");
  world_run(&w, 5 * SECOND);
  assert_int_equal(w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
  assert_int_equal(w.xmpp->n_stanzas, 0);
  world_end(&w);
}

/* Messages each way while the n-th allocation fails: no crash, no leak, and the engine goes on. */
static int survive(size_t at) {
  world w;
  int was_reached = 1;
  const int status = world_make_with(&w, at, 1024, 1);
  if (status == STOX_OK) {
    world_run(&w, 4 * SECOND);
    world_send(&w, &(fake_message){.body = "x"}, at % 2 == 0 ? UDP : TCP);
    fake_xmpp_say(w.xmpp, "<message from='a@xmpp.example' to='b@sip.example' id='m'>"
                          "<body>x</body><thread>t</thread></message>");
    world_run(&w, 40 * SECOND);
    world_send(&w, &(fake_message){.body = "y", .branch = "z9hG4bKy", .call_id = "cy"}, UDP);
    world_run(&w, 5 * SECOND);
    was_reached = w.memory.calls >= at;
    w.memory.fail_at = 0;
    world_send(&w, &(fake_message){.body = "z", .branch = "z9hG4bKz", .call_id = "cz"}, UDP);
    world_run(&w, 5 * SECOND);
    if (fake_xmpp_count(w.xmpp, "<body>z</body>") != 1) {
      fail_msg("allocation %zu: the engine did not go on", at);
    }
  } else {
    assert_status(status, STOX_E_NOMEM);
  }
  world_end(&w);
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
      cmocka_unit_test(test_stop_drains),
      cmocka_unit_test(test_figure_1),
      cmocka_unit_test(test_reflections),
      cmocka_unit_test(test_lost_datagrams),
      cmocka_unit_test(test_every_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
