/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/publication.h"

/* Published event state: RFC 3903 4 and 5 (agent), 6 (compositor). */

#define SECOND UINT64_C(1000000000)
#define NEVER  UINT64_MAX
#define START  (1000 * SECOND)

static stox_publisher_plan plan_of(const stox_publisher *p) {
  stox_publisher_plan plan;
  stox_publisher_get_plan(&plan, p);
  return plan;
}

static void expect(const stox_publisher *p, int next, const char *etag, uint64_t due_ns) {
  const stox_publisher_plan plan = plan_of(p);
  assert_int_equal(plan.next, next);
  assert_int_equal(plan.is_over, 0);
  assert_true(plan.due_ns == due_ns);
  assert_int_equal(plan.etag.p != NULL, etag != NULL);
  if (etag != NULL) {
    assert_span_equal(plan.etag, stox_span_text(etag));
  }
}

static void answered(stox_publisher *p, int code, const char *etag, uint32_t expires,
                     uint64_t now) {
  const stox_publisher_answer answer = {
      .code = code, .etag = stox_span_text(etag), .expires = {1, expires}};
  stox_publisher_answered(p, &answer, now);
}

static void make_published(stox_publisher *p) {
  stox_publisher_init(p, 3600);
  expect(p, STOX_PUBLISH_INITIAL, NULL, NEVER);
  assert_int_equal(plan_of(p).expires, 3600);
  stox_publisher_sent(p);
  answered(p, 200, "one", 3600, START);
  expect(p, STOX_PUBLISH_NOTHING, "one", START + 3568 * SECOND);
}

/* ---- the agent ---- */

/* 4.3: refreshed before it is over, by the tag that the last 2xx gave. */
static void test_refresh(void **state) {
  (void)state;
  stox_publisher p;
  make_published(&p);
  stox_publisher_tick(&p, START + 3568 * SECOND - 1);
  expect(&p, STOX_PUBLISH_NOTHING, "one", START + 3568 * SECOND);
  stox_publisher_tick(&p, START + 3568 * SECOND);
  expect(&p, STOX_PUBLISH_REFRESH, "one", START + 3600 * SECOND);
  stox_publisher_sent(&p);
  expect(&p, STOX_PUBLISH_NOTHING, "one", START + 3600 * SECOND);
  answered(&p, 200, "two", 60, START + 3569 * SECOND);
  expect(&p, STOX_PUBLISH_NOTHING, "two", START + 3599 * SECOND);
}

/* 4.4, 8.2: changes go out by the tag, those of a PUBLISH under way behind it. */
static void test_modify(void **state) {
  (void)state;
  stox_publisher p;
  make_published(&p);
  stox_publisher_changed(&p);
  expect(&p, STOX_PUBLISH_MODIFY, "one", START + 3600 * SECOND);
  stox_publisher_sent(&p);
  stox_publisher_changed(&p);
  stox_publisher_changed(&p);
  assert_int_equal(plan_of(&p).next, STOX_PUBLISH_NOTHING);
  answered(&p, 200, "two", 3600, START);
  expect(&p, STOX_PUBLISH_MODIFY, "two", START + 3600 * SECOND);
  stox_publisher_sent(&p);
  answered(&p, 200, "three", 3600, START);
  expect(&p, STOX_PUBLISH_NOTHING, "three", START + 3568 * SECOND);
}

/* 4.5 */
static void test_remove(void **state) {
  (void)state;
  stox_publisher p;
  make_published(&p);
  stox_publisher_leave(&p);
  expect(&p, STOX_PUBLISH_REMOVE, "one", START + 3600 * SECOND);
  assert_int_equal(plan_of(&p).expires, 0);
  stox_publisher_sent(&p);
  answered(&p, 200, "two", 0, START);
  assert_int_equal(plan_of(&p).is_over, 1);
  assert_true(plan_of(&p).due_ns == NEVER);
  /* What nobody was told of is not removed; what is on its way is, once its tag is known. */
  stox_publisher_init(&p, 60);
  stox_publisher_leave(&p);
  assert_int_equal(plan_of(&p).is_over, 1);
  stox_publisher_init(&p, 60);
  stox_publisher_sent(&p);
  stox_publisher_leave(&p);
  assert_int_equal(plan_of(&p).is_over, 0);
  answered(&p, 200, "one", 60, START);
  assert_int_equal(plan_of(&p).next, STOX_PUBLISH_REMOVE);
}

/* 5: 412 begins anew without the tag; of a removal it says that there is nothing to remove. */
static void test_precondition(void **state) {
  (void)state;
  stox_publisher p;
  make_published(&p);
  stox_publisher_tick(&p, START + 3568 * SECOND);
  stox_publisher_sent(&p);
  answered(&p, 412, "", 0, START + 3568 * SECOND);
  expect(&p, STOX_PUBLISH_INITIAL, NULL, NEVER);
  make_published(&p);
  stox_publisher_leave(&p);
  stox_publisher_sent(&p);
  answered(&p, 412, "", 0, START);
  assert_int_equal(plan_of(&p).is_over, 1);
}

/* 5: 423 is asked again for longer, whatever it was. */
static void test_too_brief(void **state) {
  (void)state;
  stox_publisher p;
  const stox_publisher_answer answer = {.code = 423, .min_expires = {1, 7200}};
  const stox_publisher_answer no_help = {.code = 423, .min_expires = {1, 10}};
  stox_publisher_init(&p, 60);
  stox_publisher_sent(&p);
  stox_publisher_answered(&p, &answer, START);
  expect(&p, STOX_PUBLISH_INITIAL, NULL, NEVER);
  assert_int_equal(plan_of(&p).expires, 7200);
  make_published(&p);
  stox_publisher_tick(&p, START + 3568 * SECOND);
  stox_publisher_sent(&p);
  stox_publisher_answered(&p, &answer, START + 3568 * SECOND);
  expect(&p, STOX_PUBLISH_REFRESH, "one", START + 3600 * SECOND);
  assert_int_equal(plan_of(&p).expires, 7200);
  stox_publisher_sent(&p);
  stox_publisher_answered(&p, &no_help, START + 3568 * SECOND);
  assert_int_equal(plan_of(&p).is_over, 1);
}

/* What may be better later waits, and what has changed since waits with it. */
static void test_later(void **state) {
  (void)state;
  stox_publisher p;
  const stox_publisher_answer busy = {.code = 503, .retry_after = {1, 10}};
  make_published(&p);
  stox_publisher_changed(&p);
  stox_publisher_sent(&p);
  stox_publisher_answered(&p, &busy, START);
  expect(&p, STOX_PUBLISH_NOTHING, "one", START + 10 * SECOND);
  assert_int_equal(plan_of(&p).failures, 1);
  stox_publisher_changed(&p);
  expect(&p, STOX_PUBLISH_NOTHING, "one", START + 10 * SECOND);
  stox_publisher_tick(&p, START + 10 * SECOND);
  expect(&p, STOX_PUBLISH_MODIFY, "one", START + 3600 * SECOND);
  stox_publisher_sent(&p);
  answered(&p, 200, "two", 3600, START + 10 * SECOND);
  assert_int_equal(plan_of(&p).failures, 0);
  /* A refresh too. */
  stox_publisher_tick(&p, START + 3578 * SECOND);
  stox_publisher_sent(&p);
  stox_publisher_answered(&p, &busy, START + 3578 * SECOND);
  stox_publisher_tick(&p, START + 3588 * SECOND);
  expect(&p, STOX_PUBLISH_REFRESH, "two", START + 3610 * SECOND);
  /* What changes before it has gone out goes in its place. */
  stox_publisher_changed(&p);
  expect(&p, STOX_PUBLISH_MODIFY, "two", START + 3610 * SECOND);
}

static void test_refused(void **state) {
  (void)state;
  for (int code = 300; code < 700; code++) {
    stox_publisher p;
    const int is_later = code == 408 || code == 480 || code == 500 || code == 503 || code == 504;
    stox_publisher_init(&p, 60);
    stox_publisher_sent(&p);
    answered(&p, code, "", 0, START);
    assert_int_equal(plan_of(&p).is_over, !is_later && code != 412);
    assert_int_equal(plan_of(&p).code, code);
  }
}

/* Not refreshed in time, it is forgotten there: it begins anew. */
static void test_expired(void **state) {
  (void)state;
  stox_publisher p;
  make_published(&p);
  stox_publisher_tick(&p, START + 3600 * SECOND);
  expect(&p, STOX_PUBLISH_INITIAL, NULL, NEVER);
}

/* 8.1: tags are kept up to a limit; without one, each time is the first. */
static void test_tags(void **state) {
  (void)state;
  char etag[STOX_PUBLISH_ETAG_MAX + 2];
  memset(etag, 'x', sizeof etag);
  for (size_t n = 0; n <= STOX_PUBLISH_ETAG_MAX + 1; n++) {
    stox_publisher p;
    const stox_publisher_answer answer = {.code = 200, .etag = {etag, n}, .expires = {1, 60}};
    stox_publisher_init(&p, 60);
    stox_publisher_sent(&p);
    stox_publisher_answered(&p, &answer, START);
    const int is_kept = n > 0 && n <= STOX_PUBLISH_ETAG_MAX;
    assert_int_equal(plan_of(&p).etag.n, is_kept ? n : 0);
    stox_publisher_tick(&p, START + 30 * SECOND);
    assert_int_equal(plan_of(&p).next, is_kept ? STOX_PUBLISH_REFRESH : STOX_PUBLISH_INITIAL);
  }
}

/* ---- the compositor: the steps of 6, in their order ---- */

static void test_judge(void **state) {
  (void)state;
  const stox_notifier_rules rules = {.least = 60, .most = 7200, .usual = 600};
  const struct {
    stox_publish_request request;
    stox_publish_verdict verdict;
  } rows[] = {
      {{0, 0, 1, 0, 0, 0, 0, 0, {1, 1}}, {404, 0, 0, 0}},
      {{1, 0, 1, 0, 0, 0, 0, 0, {1, 1}}, {489, 0, 0, 0}},
      {{1, 1, 1, 0, 0, 0, 0, 0, {1, 1}}, {400, 0, 0, 0}},
      {{1, 1, 1, 1, 0, 0, 0, 0, {1, 1}}, {412, 0, 0, 0}},
      {{1, 1, 1, 1, 1, 1, 0, 0, {1, 1}}, {423, 0, 60, 0}},
      {{1, 1, 1, 1, 1, 1, 0, 0, {1, 60}}, {415, 0, 0, 0}},
      {{1, 1, 0, 0, 0, 0, 0, 0, {1, 60}}, {400, 0, 0, 0}},
      {{1, 1, 0, 0, 0, 0, 0, 1, {1, 60}}, {200, STOX_PUBLISH_INITIAL, 60, 0}},
      {{1, 1, 0, 0, 0, 1, 1, 0, {0, 0}}, {200, STOX_PUBLISH_INITIAL, 600, 0}},
      {{1, 1, 0, 0, 0, 1, 1, 0, {1, 9000}}, {200, STOX_PUBLISH_INITIAL, 7200, 0}},
      {{1, 1, 0, 0, 0, 1, 1, 0, {1, 0}}, {200, STOX_PUBLISH_NOTHING, 0, 0}},
      {{1, 1, 1, 1, 1, 0, 0, 0, {1, 600}}, {200, STOX_PUBLISH_REFRESH, 600, 0}},
      {{1, 1, 1, 1, 1, 1, 1, 0, {1, 600}}, {200, STOX_PUBLISH_MODIFY, 600, 0}},
      {{1, 1, 1, 1, 1, 0, 0, 0, {1, 0}}, {200, STOX_PUBLISH_REMOVE, 0, 0}},
      {{1, 1, 1, 1, 1, 1, 1, 0, {1, 0}}, {200, STOX_PUBLISH_REMOVE, 0, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_publish_verdict verdict;
    stox_publish_judge(&verdict, &rows[i].request, &rules);
    assert_memory_equal(&verdict, &rows[i].verdict, sizeof verdict);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refresh),   cmocka_unit_test(test_modify),
      cmocka_unit_test(test_remove),    cmocka_unit_test(test_precondition),
      cmocka_unit_test(test_too_brief), cmocka_unit_test(test_later),
      cmocka_unit_test(test_refused),   cmocka_unit_test(test_expired),
      cmocka_unit_test(test_tags),      cmocka_unit_test(test_judge),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
