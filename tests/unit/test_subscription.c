/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/subscription.h"

/* Subscriptions: RFC 6665 4.1 (subscriber), 4.2 (notifier). */

#define SECOND UINT64_C(1000000000)
#define NEVER  UINT64_MAX
#define START  (1000 * SECOND)

static stox_sip_number number(uint32_t value) {
  return (stox_sip_number){1, value};
}

static stox_subscriber_plan plan_of(const stox_subscriber *s) {
  stox_subscriber_plan plan;
  stox_subscriber_get_plan(&plan, s);
  return plan;
}

static void expect(const stox_subscriber *s, int state, int next, uint64_t due_ns) {
  const stox_subscriber_plan plan = plan_of(s);
  assert_int_equal(plan.state, state);
  assert_int_equal(plan.next, next);
  assert_true(plan.due_ns == due_ns);
}

static void answered(stox_subscriber *s, int code, int64_t expires, uint64_t now) {
  stox_subscriber_answer answer = {.code = code};
  if (expires >= 0) {
    answer.expires = number((uint32_t)expires);
  }
  stox_subscriber_answered(s, &answer, now);
}

static int notified(stox_subscriber *s, const char *text, uint64_t now) {
  stox_sip_subscription_state state;
  assert_status(stox_sip_subscription_state_parse(&state, stox_span_text(text), NULL), STOX_OK);
  return stox_subscriber_notified(s, &state, now);
}

/* A subscriber of an hour whose first NOTIFY said `active`. */
static void make_active(stox_subscriber *s) {
  stox_subscriber_init(s, 3600, 0);
  stox_subscriber_sent(s, START);
  answered(s, 200, 3600, START);
  assert_int_equal(notified(s, "active;expires=3600", START), 200);
}

/* ---- the subscriber ---- */

static void test_life(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_init(&s, 3600, 0);
  expect(&s, STOX_SUBSCRIPTION_WAITING, STOX_SUBSCRIBER_REFRESH, NEVER);
  assert_int_equal(plan_of(&s).expires, 3600);
  stox_subscriber_sent(&s, START);
  expect(&s, STOX_SUBSCRIPTION_WAITING, STOX_SUBSCRIBER_WAIT, START + 32 * SECOND);
  answered(&s, 200, 3600, START + SECOND);
  expect(&s, STOX_SUBSCRIPTION_WAITING, STOX_SUBSCRIBER_WAIT, START + 32 * SECOND);
  assert_int_equal(notified(&s, "pending;expires=3600", START + SECOND), 200);
  expect(&s, STOX_SUBSCRIPTION_PENDING, STOX_SUBSCRIBER_WAIT, START + (1 + 3568) * SECOND);
  assert_int_equal(notified(&s, "active;expires=3000", START + 100 * SECOND), 200);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + (100 + 2968) * SECOND);
  stox_subscriber_tick(&s, START + 3068 * SECOND - 1);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + 3068 * SECOND);
  stox_subscriber_tick(&s, START + 3068 * SECOND);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_REFRESH, START + 3100 * SECOND);
  stox_subscriber_sent(&s, START + 3068 * SECOND);
  answered(&s, 200, 60, START + 3069 * SECOND);
  assert_int_equal(notified(&s, "active;expires=60", START + 3069 * SECOND), 200);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + 3099 * SECOND);
}

/* 4.1.2.4: no NOTIFY within Timer N, of a first SUBSCRIBE or of a refresh: it never was, or is
 * over. */
static void test_timer_n(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_init(&s, 3600, SECOND);
  stox_subscriber_sent(&s, START);
  answered(&s, 202, -1, START);
  stox_subscriber_tick(&s, START + 64 * SECOND - 1);
  expect(&s, STOX_SUBSCRIPTION_WAITING, STOX_SUBSCRIBER_WAIT, START + 64 * SECOND);
  stox_subscriber_tick(&s, START + 64 * SECOND);
  expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_SUBSCRIBE, START + 64 * SECOND);
  assert_int_equal(plan_of(&s).code, 408);
  assert_int_equal(plan_of(&s).failures, 1);
  assert_int_equal(notified(&s, "active;expires=9", START + 65 * SECOND), 481);
  make_active(&s);
  stox_subscriber_sent(&s, START + 9 * SECOND);
  answered(&s, 200, 3600, START + 9 * SECOND);
  stox_subscriber_tick(&s, START + 41 * SECOND);
  expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_SUBSCRIBE, START + 41 * SECOND);
  /* A 204 says that none will come (RFC 5839). */
  make_active(&s);
  stox_subscriber_sent(&s, START + 9 * SECOND);
  answered(&s, 204, 3600, START + 9 * SECOND);
  stox_subscriber_tick(&s, START + 41 * SECOND);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + (9 + 3568) * SECOND);
}

/* A NOTIFY may overtake the 2xx, and a 2xx may be lost (4.1.2.4). */
static void test_notify_first(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_init(&s, 3600, 0);
  stox_subscriber_sent(&s, START);
  assert_int_equal(notified(&s, "active;expires=1800", START), 200);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + 1768 * SECOND);
  answered(&s, 200, 1800, START);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + 1768 * SECOND);
}

/* 4.2.1.1: what a notifier grants is never more than was asked for. */
static void test_lengthened(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_init(&s, 600, 0);
  stox_subscriber_sent(&s, START);
  answered(&s, 200, 100000, START);
  assert_int_equal(notified(&s, "active;expires=200000", START), 200);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + 568 * SECOND);
}

typedef struct verdict {
  const char *text;
  int reason;
  uint64_t again; /* seconds from then on; NEVER: not at all */
} verdict;

/* 4.1.3: the reasons, and what to do about them. */
static void test_reasons(void **state) {
  (void)state;
  static const verdict rows[] = {
      {"terminated;reason=deactivated", STOX_SUBSCRIPTION_DEACTIVATED, 0},
      {"terminated;reason=deactivated;retry-after=7", STOX_SUBSCRIPTION_DEACTIVATED, 0},
      {"terminated;reason=probation", STOX_SUBSCRIPTION_PROBATION, 0},
      {"terminated;reason=probation;retry-after=7", STOX_SUBSCRIPTION_PROBATION, 7},
      {"terminated;reason=rejected;retry-after=7", STOX_SUBSCRIPTION_REJECTED, NEVER},
      {"terminated;reason=timeout;retry-after=7", STOX_SUBSCRIPTION_TIMEOUT, 0},
      {"terminated;reason=giveup;retry-after=8", STOX_SUBSCRIPTION_GIVEUP, 8},
      {"terminated;reason=NoResource;retry-after=7", STOX_SUBSCRIPTION_NORESOURCE, NEVER},
      {"terminated;reason=invariant", STOX_SUBSCRIPTION_INVARIANT, NEVER},
      {"terminated;reason=other;retry-after=9", STOX_SUBSCRIPTION_UNSAID, 9},
      {"terminated", STOX_SUBSCRIPTION_UNSAID, 0},
      {"Terminated;expires=60", STOX_SUBSCRIPTION_UNSAID, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_subscriber s;
    make_active(&s);
    assert_int_equal(notified(&s, rows[i].text, START + SECOND), 200);
    if (rows[i].again == NEVER) {
      expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_STOP, NEVER);
    } else {
      expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_SUBSCRIBE,
             START + SECOND + rows[i].again * SECOND);
    }
    assert_int_equal(plan_of(&s).reason, rows[i].reason);
    assert_int_equal(notified(&s, "active", START + 2 * SECOND), 481);
  }
  for (int reason = 0; reason < 10; reason++) {
    const char *name = stox_subscription_reason_name(reason);
    assert_int_equal(name != NULL, reason > 0 && reason < 8);
    assert_int_equal(name == NULL ? reason : stox_subscription_reason_of(stox_span_text(name)),
                     reason);
  }
}

/* A first SUBSCRIBE that is refused. */
static void test_refused(void **state) {
  (void)state;
  static const struct {
    int code;
    int retry_after;
    int next;
  } rows[] = {
      {403, -1, STOX_SUBSCRIBER_STOP},      {404, -1, STOX_SUBSCRIBER_STOP},
      {489, 5, STOX_SUBSCRIBER_STOP},       {603, -1, STOX_SUBSCRIBER_STOP},
      {423, -1, STOX_SUBSCRIBER_STOP},      {481, -1, STOX_SUBSCRIBER_STOP},
      {408, -1, STOX_SUBSCRIBER_SUBSCRIBE}, {480, 60, STOX_SUBSCRIBER_SUBSCRIBE},
      {500, 5, STOX_SUBSCRIBER_SUBSCRIBE},  {503, 5, STOX_SUBSCRIBER_SUBSCRIBE},
      {504, -1, STOX_SUBSCRIBER_SUBSCRIBE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_subscriber s;
    stox_subscriber_answer answer = {.code = rows[i].code};
    uint64_t due = rows[i].next == STOX_SUBSCRIBER_STOP ? NEVER : START;
    if (rows[i].retry_after >= 0) {
      answer.retry_after = number((uint32_t)rows[i].retry_after);
      due = due == NEVER ? NEVER : START + (uint64_t)rows[i].retry_after * SECOND;
    }
    stox_subscriber_init(&s, 3600, 0);
    stox_subscriber_sent(&s, START);
    stox_subscriber_answered(&s, &answer, START);
    expect(&s, STOX_SUBSCRIPTION_TERMINATED, rows[i].next, due);
    assert_int_equal(plan_of(&s).code, rows[i].code);
  }
}

/* 423: once more, with what the notifier wants; a Min-Expires that asks for nothing more is no
 * help. */
static void test_too_brief(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_answer answer = {.code = 423, .min_expires = number(900)};
  stox_subscriber_init(&s, 60, 0);
  stox_subscriber_sent(&s, START);
  stox_subscriber_answered(&s, &answer, START);
  expect(&s, STOX_SUBSCRIPTION_WAITING, STOX_SUBSCRIBER_REFRESH, NEVER);
  assert_int_equal(plan_of(&s).expires, 900);
  stox_subscriber_sent(&s, START);
  stox_subscriber_answered(&s, &answer, START);
  expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_STOP, NEVER);
}

/* 4.1.2.2: which refusals of a refresh end it; after the others what was agreed still holds. */
static void test_refresh_refused(void **state) {
  (void)state;
  for (int code = 300; code < 700; code++) {
    static const int ends[] = {404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604};
    int is_end = 0;
    stox_subscriber s;
    for (size_t i = 0; i < COUNT(ends); i++) {
      is_end |= ends[i] == code;
    }
    assert_int_equal(stox_subscription_is_ended_by(code), is_end);
    make_active(&s);
    stox_subscriber_tick(&s, START + 3568 * SECOND);
    stox_subscriber_sent(&s, START + 3568 * SECOND);
    answered(&s, code, -1, START + 3569 * SECOND);
    if (is_end) {
      expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_SUBSCRIBE, START + 3569 * SECOND);
      continue;
    }
    expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_WAIT, START + 3600 * SECOND);
    assert_int_equal(plan_of(&s).code, code);
    stox_subscriber_tick(&s, START + 3600 * SECOND);
    expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_SUBSCRIBE, START + 3600 * SECOND);
  }
}

/* A refresh that is to be tried again later is, as long as there is something to refresh. */
static void test_refresh_later(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_answer answer = {.code = 503, .retry_after = number(10)};
  make_active(&s);
  stox_subscriber_tick(&s, START + 3568 * SECOND);
  stox_subscriber_sent(&s, START + 3568 * SECOND);
  stox_subscriber_answered(&s, &answer, START + 3568 * SECOND);
  stox_subscriber_tick(&s, START + 3578 * SECOND);
  expect(&s, STOX_SUBSCRIPTION_ACTIVE, STOX_SUBSCRIBER_REFRESH, START + 3600 * SECOND);
}

/* 4.1.2.3 and 4.4.3: the last SUBSCRIBE, or the only one, asks for 0; the last NOTIFY ends it. */
static void test_leave_and_fetch(void **state) {
  (void)state;
  stox_subscriber s;
  for (int is_fetch = 0; is_fetch < 2; is_fetch++) {
    for (int is_silent = 0; is_silent < 2; is_silent++) {
      if (is_fetch) {
        stox_subscriber_init(&s, 0, 0);
      } else {
        make_active(&s);
        stox_subscriber_leave(&s);
      }
      assert_int_equal(plan_of(&s).next, STOX_SUBSCRIBER_REFRESH);
      assert_int_equal(plan_of(&s).expires, 0);
      stox_subscriber_sent(&s, START);
      answered(&s, 200, 0, START);
      if (is_silent) {
        stox_subscriber_tick(&s, START + 32 * SECOND);
      } else {
        assert_int_equal(notified(&s, "terminated;reason=timeout", START), 200);
      }
      expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_STOP, NEVER);
    }
  }
  make_active(&s);
  assert_int_equal(notified(&s, "terminated;reason=timeout", START), 200);
  stox_subscriber_leave(&s);
  expect(&s, STOX_SUBSCRIPTION_TERMINATED, STOX_SUBSCRIBER_STOP, NEVER);
}

/* Subscribing anew begins as at first, but remembers how often it came to nothing. */
static void test_again(void **state) {
  (void)state;
  stox_subscriber s;
  stox_subscriber_init(&s, 3600, 0);
  for (uint32_t i = 1; i < 4; i++) {
    stox_subscriber_sent(&s, START);
    answered(&s, 503, -1, START);
    assert_int_equal(plan_of(&s).failures, i);
  }
  stox_subscriber_sent(&s, START);
  expect(&s, STOX_SUBSCRIPTION_WAITING, STOX_SUBSCRIBER_WAIT, START + 32 * SECOND);
  answered(&s, 200, 3600, START);
  assert_int_equal(notified(&s, "active;expires=3600", START), 200);
  assert_int_equal(plan_of(&s).failures, 0);
}

/* ---- the notifier ---- */

static stox_notifier_plan told(const stox_notifier *n, uint64_t now) {
  stox_notifier_plan plan;
  stox_notifier_get_plan(&plan, n, now);
  return plan;
}

/* 4.2.1.1 */
static void test_grant(void **state) {
  (void)state;
  const struct {
    stox_notifier_rules rules;
    stox_sip_number expires;
    int code;
    uint32_t seconds;
  } rows[] = {
      {{0, 0, 0, 0}, {0, 0}, 200, 3600},
      {{0, 0, 600, 0}, {0, 0}, 200, 600},
      {{0, 1800, 0, 0}, {0, 0}, 200, 1800},
      {{0, 1800, 0, 0}, number(1799), 200, 1799},
      {{0, 1800, 0, 0}, number(1801), 200, 1800},
      {{60, 0, 0, 0}, number(0), 200, 0},
      {{60, 0, 0, 0}, number(1), 423, 60},
      {{60, 0, 0, 0}, number(59), 423, 60},
      {{60, 0, 0, 0}, number(60), 200, 60},
      {{9000, 0, 0, 0}, number(3599), 423, 9000},
      {{9000, 0, 0, 0}, number(3600), 200, 3600},
      {{0, 0, 0, 0}, number(UINT32_MAX), 200, UINT32_MAX},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint32_t seconds = 0;
    assert_int_equal(stox_notifier_grant(&seconds, &rows[i].rules, rows[i].expires), rows[i].code);
    assert_int_equal(seconds, rows[i].seconds);
  }
}

/* A NOTIFY at once, whoever has decided what (4.2.1.2); one at a time; the last says why. */
static void test_notifier_life(void **state) {
  (void)state;
  stox_notifier n;
  stox_notifier_init(&n, 3600, 0, START);
  assert_int_equal(told(&n, START).must_notify, 1);
  assert_int_equal(told(&n, START).state, STOX_SUBSCRIPTION_WAITING);
  assert_int_equal(told(&n, START).expires, 3600);
  stox_notifier_sent(&n, START);
  assert_int_equal(told(&n, START).must_notify, 0);
  assert_status(stox_notifier_allow(&n, STOX_SUBSCRIPTION_ACTIVE), STOX_OK);
  assert_int_equal(told(&n, START).must_notify, 0);
  stox_notifier_answered(&n, 200);
  assert_int_equal(told(&n, START).must_notify, 1);
  stox_notifier_sent(&n, START);
  stox_notifier_changed(&n);
  stox_notifier_changed(&n);
  stox_notifier_answered(&n, 200);
  stox_notifier_sent(&n, START);
  stox_notifier_answered(&n, 500);
  assert_int_equal(told(&n, START).must_notify, 0);
  assert_true(told(&n, START).due_ns == START + 3600 * SECOND);
  assert_int_equal(told(&n, START + 3599 * SECOND + 1).expires, 1);
  stox_notifier_tick(&n, START + 3600 * SECOND - 1);
  assert_int_equal(told(&n, START).state, STOX_SUBSCRIPTION_ACTIVE);
  stox_notifier_tick(&n, START + 3600 * SECOND);
  const stox_notifier_plan plan = told(&n, START + 3600 * SECOND);
  assert_int_equal(plan.state, STOX_SUBSCRIPTION_TERMINATED);
  assert_int_equal(plan.reason, STOX_SUBSCRIPTION_TIMEOUT);
  assert_int_equal(plan.must_notify, 1);
  assert_int_equal(plan.is_gone, 0);
  assert_true(plan.due_ns == NEVER);
  stox_notifier_sent(&n, START + 3600 * SECOND);
  assert_int_equal(told(&n, START + 3600 * SECOND).is_gone, 0);
  stox_notifier_answered(&n, 200);
  assert_int_equal(told(&n, START + 3600 * SECOND).is_gone, 1);
  assert_status(stox_notifier_refresh(&n, 60, START), STOX_E_STATE);
  assert_status(stox_notifier_allow(&n, STOX_SUBSCRIPTION_ACTIVE), STOX_E_STATE);
  assert_status(stox_notifier_end(&n, STOX_SUBSCRIPTION_GIVEUP, 0), STOX_E_STATE);
}

/* What is not allowed yet is told nothing of changes (6.2). */
static void test_pending(void **state) {
  (void)state;
  stox_notifier n;
  stox_notifier_init(&n, 60, 0, START);
  assert_status(stox_notifier_allow(&n, STOX_SUBSCRIPTION_TERMINATED), STOX_E_ARG);
  assert_status(stox_notifier_allow(&n, STOX_SUBSCRIPTION_PENDING), STOX_OK);
  stox_notifier_sent(&n, START);
  stox_notifier_answered(&n, 200);
  stox_notifier_changed(&n);
  assert_int_equal(told(&n, START).must_notify, 0);
  assert_status(stox_notifier_allow(&n, STOX_SUBSCRIPTION_PENDING), STOX_OK);
  assert_int_equal(told(&n, START).must_notify, 0);
  assert_status(stox_notifier_end(&n, STOX_SUBSCRIPTION_PROBATION, 30), STOX_OK);
  assert_int_equal(told(&n, START).must_notify, 1);
  assert_int_equal(told(&n, START).reason, STOX_SUBSCRIPTION_PROBATION);
  assert_int_equal(told(&n, START).retry_after, 30);
}

/* Changes within the interval are told together when it is over; a refresh waits for nothing. */
static void test_interval(void **state) {
  (void)state;
  stox_notifier n;
  stox_notifier_init(&n, 3600, 5 * SECOND, START);
  assert_status(stox_notifier_allow(&n, STOX_SUBSCRIPTION_ACTIVE), STOX_OK);
  stox_notifier_sent(&n, START);
  stox_notifier_answered(&n, 200);
  stox_notifier_changed(&n);
  assert_int_equal(told(&n, START + 5 * SECOND - 1).must_notify, 0);
  assert_true(told(&n, START).due_ns == START + 5 * SECOND);
  assert_int_equal(told(&n, START + 5 * SECOND).must_notify, 1);
  assert_status(stox_notifier_refresh(&n, 3600, START + SECOND), STOX_OK);
  assert_int_equal(told(&n, START + SECOND).must_notify, 1);
}

/* 4.4.3: a fetch gets one NOTIFY, which is the last; so does the end of a subscription. */
static void test_fetch(void **state) {
  (void)state;
  stox_notifier n;
  stox_notifier_init(&n, 0, 0, START);
  assert_int_equal(told(&n, START).state, STOX_SUBSCRIPTION_TERMINATED);
  assert_int_equal(told(&n, START).must_notify, 1);
  stox_notifier_init(&n, 60, 0, START);
  assert_status(stox_notifier_refresh(&n, 0, START), STOX_OK);
  assert_int_equal(told(&n, START).state, STOX_SUBSCRIPTION_TERMINATED);
  assert_int_equal(told(&n, START).reason, STOX_SUBSCRIPTION_TIMEOUT);
  assert_int_equal(told(&n, START).must_notify, 1);
}

/* 4.2.2: which answers to a NOTIFY end it, without another word. */
static void test_notify_refused(void **state) {
  (void)state;
  for (int code = 200; code < 700; code++) {
    stox_notifier n;
    stox_notifier_init(&n, 3600, 0, START);
    stox_notifier_sent(&n, START);
    stox_notifier_answered(&n, code);
    const int is_end = code == 408 || stox_subscription_is_ended_by(code);
    assert_int_equal(told(&n, START).is_gone, is_end);
    assert_int_equal(told(&n, START).must_notify, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_life),           cmocka_unit_test(test_timer_n),
      cmocka_unit_test(test_notify_first),   cmocka_unit_test(test_lengthened),
      cmocka_unit_test(test_reasons),        cmocka_unit_test(test_refused),
      cmocka_unit_test(test_too_brief),      cmocka_unit_test(test_refresh_refused),
      cmocka_unit_test(test_refresh_later),  cmocka_unit_test(test_leave_and_fetch),
      cmocka_unit_test(test_again),          cmocka_unit_test(test_grant),
      cmocka_unit_test(test_notifier_life),  cmocka_unit_test(test_pending),
      cmocka_unit_test(test_interval),       cmocka_unit_test(test_fetch),
      cmocka_unit_test(test_notify_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
