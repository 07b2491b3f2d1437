/* SPDX-License-Identifier: MIT */
/* An object is bound to no thread: each call on it comes from a thread of its own, one after the
 * other. */
#include "world.h"

#include <pthread.h>

typedef struct call {
  world *w;
  void (*run)(world *w);
} call;

static void make(world *w) {
  world_make(w);
}

static void send_in(world *w) {
  world_send(w, &(fake_message){.uri = "sip:jos%C3%A9@xmpp.example", .body = "in"}, TCP);
}

static void send_out(world *w) {
  fake_xmpp_say(w->xmpp, "<message from='jos\xC3\xA9@xmpp.example' to='b@sip.example' id='m'>"
                         "<body>out</body></message>");
}

static void run(world *w) {
  world_run(w, SECOND / 100);
}

static void end(world *w) {
  assert_int_equal(w->told.outcomes[STOX_OUTCOME_DELIVERED], 2);
  world_end(w);
}

static void *enter(void *ud) {
  const call *c = ud;
  c->run(c->w);
  return NULL;
}

static void in_its_own_thread(world *w, void (*run_it)(world *w)) {
  pthread_t thread;
  call c = {w, run_it};
  assert_int_equal(pthread_create(&thread, NULL, enter, &c), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_each_call_from_another_thread(void **state) {
  (void)state;
  world w;
  in_its_own_thread(&w, make);
  in_its_own_thread(&w, send_in);
  in_its_own_thread(&w, send_out);
  for (int i = 0; i < 20; i++) {
    in_its_own_thread(&w, run);
  }
  in_its_own_thread(&w, end);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_call_from_another_thread)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
