/* SPDX-License-Identifier: MIT */
/* A component port that is given by name. */
#include "support.h"

#include "stox/component.h"

#define SECOND UINT64_C(1000000000)

typedef struct asker {
  stox_component *session;
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  uint64_t now_ns;
  uint64_t tokens[2]; /* of AAAA, of A */
  uint64_t open_token;
  char host[64]; /* of the last OPEN */
  int lost;
  int lost_status;
  size_t sends;
} asker;

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)test_random(ud);
  }
  return STOX_OK;
}

static int asker_make(asker *a, size_t fail_at) {
  stox_component_options options;
  memset(a, 0, sizeof *a);
  a->seed = 5;
  a->random = (stox_random){sizeof a->random, &a->seed, fill};
  a->memory.fail_at = fail_at;
  a->alloc = failing_allocator(&a->memory);
  (void)stox_component_options_init(&options, sizeof options);
  options.domain = S("sip.example");
  options.secret = S("secret");
  options.remote = (stox_endpoint){S("xmpp.example"), 5347, STOX_TRANSPORT_TCP};
  options.alloc = &a->alloc;
  options.random = &a->random;
  return stox_component_new(&a->session, &options, 0);
}

static void asker_end(asker *a) {
  stox_component_del(a->session);
  assert_int_equal(a->memory.live, 0);
}

static void asker_pull(asker *a) {
  const stox_action *action = NULL;
  a->tokens[0] = a->tokens[1] = a->open_token = 0;
  while ((action = stox_component_next(a->session, a->now_ns)) != NULL) {
    if (action->kind == STOX_DO_RESOLVE) {
      const stox_question *question = action->object;
      assert_span_equal(question->name, S("xmpp.example"));
      a->tokens[question->type == STOX_RECORD_A] = action->token;
    } else if (action->kind == STOX_DO_OPEN) {
      assert_int_equal(action->remote.port, 5347);
      assert_int_equal(action->remote.transport, STOX_TRANSPORT_TCP);
      assert_true(action->remote.host.n < sizeof a->host);
      memcpy(a->host, action->remote.host.p, action->remote.host.n);
      a->host[action->remote.host.n] = '\0';
      a->open_token = action->token;
    } else if (action->kind == STOX_DO_EVENT && action->event == STOX_COMPONENT_LOST) {
      a->lost++;
      a->lost_status = action->status;
    } else if (action->kind == STOX_DO_SEND) {
      a->sends++;
    }
  }
}

static const stox_record addresses[] = {
    {.type = STOX_RECORD_A, .ttl = 60, .target = ROW("192.0.2.1")},
    {.type = STOX_RECORD_A, .ttl = 60, .target = ROW("192.0.2.2")}};

static int answer(asker *a, int which, int status, const stox_record *records, size_t n) {
  return stox_component_resolved(a->session, a->tokens[which], status, records, n, a->now_ns);
}

static void asker_found(asker *a) {
  asker_pull(a);
  assert_true(a->tokens[0] != 0 && a->tokens[1] != 0);
  assert_status(answer(a, 0, STOX_OK, NULL, 0), STOX_OK);
  assert_status(answer(a, 1, STOX_OK, addresses, COUNT(addresses)), STOX_OK);
  asker_pull(a);
}

/* One address refuses, the next takes; where all refuse there is a pause, then all is asked anew.
 */
static void test_fail_over(void **state) {
  (void)state;
  asker a;
  const stox_flow flow = {.handle = 7};
  assert_status(asker_make(&a, 0), STOX_OK);
  asker_found(&a);
  assert_string_equal(a.host, "192.0.2.1");
  assert_status(stox_component_done(a.session, a.open_token, STOX_E_REFUSED, NULL, a.now_ns),
                STOX_OK);
  asker_pull(&a);
  assert_string_equal(a.host, "192.0.2.2");
  assert_int_equal(a.lost, 0);
  assert_status(stox_component_done(a.session, a.open_token, STOX_E_TIMEOUT, NULL, a.now_ns),
                STOX_OK);
  asker_pull(&a);
  assert_int_equal(a.lost, 1);
  assert_status(a.lost_status, STOX_E_TIMEOUT);
  assert_int_equal(a.open_token, 0);
  a.now_ns = stox_component_deadline(a.session);
  (void)stox_component_tick(a.session, a.now_ns);
  asker_found(&a);
  assert_string_equal(a.host, "192.0.2.1");
  assert_status(stox_component_done(a.session, a.open_token, STOX_OK, &flow, a.now_ns), STOX_OK);
  asker_pull(&a);
  assert_int_equal(a.sends, 1);
  assert_true(stox_component_owns(a.session, 7));
  asker_end(&a);
}

static void test_no_address(void **state) {
  (void)state;
  static const int rows[][2] = {{STOX_OK, STOX_E_UNKNOWN_DOMAIN},
                                {STOX_E_TIMEOUT, STOX_E_TIMEOUT},
                                {STOX_E_REFUSED, STOX_E_TIMEOUT}};
  for (size_t i = 0; i < COUNT(rows) * 2; i++) {
    asker a;
    const int *row = rows[i / 2];
    assert_status(asker_make(&a, 0), STOX_OK);
    asker_pull(&a);
    for (int k = 0; k < 2; k++) {
      /* A host that has no resolver gives the token back instead. */
      if (i % 2 == 1 && row[0] != STOX_OK) {
        assert_status(stox_component_done(a.session, a.tokens[k], row[0], NULL, 0), STOX_OK);
      } else {
        assert_status(answer(&a, k, row[0], NULL, 0), STOX_OK);
      }
    }
    asker_pull(&a);
    assert_int_equal(a.lost, 1);
    assert_status(a.lost_status, row[1]);
    asker_end(&a);
  }
}

static void test_nobody_answers(void **state) {
  (void)state;
  asker a;
  assert_status(asker_make(&a, 0), STOX_OK);
  asker_pull(&a);
  const uint64_t late = a.tokens[1];
  assert_status(stox_component_resolved(a.session, late + 1, STOX_OK, NULL, 0, 0), STOX_E_ARG);
  assert_status(stox_component_resolved(a.session, 0, STOX_OK, NULL, 0, 0), STOX_E_ARG);
  a.now_ns = stox_component_deadline(a.session);
  assert_int_equal(a.now_ns, 10 * SECOND);
  (void)stox_component_tick(a.session, a.now_ns);
  asker_pull(&a);
  assert_int_equal(a.lost, 1);
  assert_status(a.lost_status, STOX_E_TIMEOUT);
  assert_status(stox_component_resolved(a.session, late, STOX_OK, addresses, 2, a.now_ns), STOX_OK);
  asker_pull(&a);
  assert_int_equal(a.open_token, 0);
  assert_status(stox_component_stop(a.session, a.now_ns), STOX_OK);
  asker_end(&a);
}

static void test_memory(void **state) {
  (void)state;
  for (size_t n = 1;; n++) {
    asker a;
    if (asker_make(&a, n) == STOX_OK) {
      asker_pull(&a);
      if (a.tokens[0] != 0) {
        (void)answer(&a, 0, STOX_OK, NULL, 0);
        (void)answer(&a, 1, STOX_OK, addresses, COUNT(addresses));
        asker_pull(&a);
      }
      assert_true(a.open_token != 0 || a.lost == 1);
      const int is_over = a.memory.calls < n;
      asker_end(&a);
      if (is_over) {
        break;
      }
    }
    assert_true(n < 100);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fail_over),
      cmocka_unit_test(test_no_address),
      cmocka_unit_test(test_nobody_answers),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
