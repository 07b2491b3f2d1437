/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include "stox/dialect.h"
#include "stox/number.h"
#include "stox/outbound.h"

#define VECTORS STOX_TEST_VECTORS "/sip-outbound"
#define SECOND  UINT64_C(1000000000)
#define NEVER   UINT64_MAX
#define START   (1000 * SECOND)

enum { UDP = STOX_TRANSPORT_UDP, TCP = STOX_TRANSPORT_TCP, TLS = STOX_TRANSPORT_TLS };

/* ---- randomness that a test chooses ---- */

typedef struct dice {
  uint64_t bits;
  int fails;
} dice;

static int fill(void *ud, void *p, size_t n) {
  dice *d = ud;
  assert_int_equal(n, sizeof d->bits);
  memcpy(p, &d->bits, n);
  return d->fails ? STOX_E_NOMEM : STOX_OK;
}

static dice thrown;
static const stox_random random_source = {sizeof random_source, &thrown, fill};

/* ---- times ---- */

static uint32_t number_of(stox_span text) {
  uint64_t value = 0;
  assert_status(stox_number_parse(&value, text, UINT32_MAX), STOX_OK);
  return (uint32_t)value;
}

/* "OB-4.3-02" "OB-4.3-03" "OB-4.3-04" "OB-3.3-04": the table of waits; nothing overflows. */
static void test_wait(void **state) {
  (void)state;
  table t;
  size_t rows = 0;
  assert_true(table_open(&t, VECTORS, "backoff.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); rows++) {
    const uint32_t wait = stox_outbound_wait(number_of(t.field[2]), 1800, number_of(t.field[0]));
    assert_int_equal(wait, number_of(t.field[3]));
  }
  assert_int_equal(rows, 18);
  table_free(&t);
  assert_int_equal(stox_outbound_wait(30, 1800, 64), 1800);
  assert_int_equal(stox_outbound_wait(30, 1800, UINT32_MAX), 1800);
  assert_int_equal(stox_outbound_wait(UINT32_MAX, UINT32_MAX, 9), UINT32_MAX);
  assert_int_equal(stox_outbound_wait(90, 600, 5), 600);
}

/* "OB-4.2-03" "OB-4.2-07" "OB-RFC5626-4.4-01": the table of intervals. */
static void test_intervals(void **state) {
  (void)state;
  static const struct {
    int transport;
    uint32_t flow_timer;
    int is_saving;
    int dialect;
    stox_keep_alive want;
  } rows[] = {
      {TCP, 0, 0, STOX_DIALECT_DRAFT2005, {STOX_KEEP_ALIVE_CRLF, 0, 500, 600}},
      {TLS, 120, 1, STOX_DIALECT_DRAFT2005, {STOX_KEEP_ALIVE_CRLF, 0, 500, 600}},
      {UDP, 0, 0, STOX_DIALECT_DRAFT2005, {STOX_KEEP_ALIVE_STUN, 1, 25, 30}},
      {TCP, 0, 0, STOX_DIALECT_RFC, {STOX_KEEP_ALIVE_CRLF, 1, 95, 120}},
      {TLS, 0, 1, STOX_DIALECT_RFC, {STOX_KEEP_ALIVE_CRLF, 1, 672, 840}},
      {UDP, 0, 1, STOX_DIALECT_RFC, {STOX_KEEP_ALIVE_STUN, 1, 24, 29}},
      {TCP, 120, 1, STOX_DIALECT_RFC, {STOX_KEEP_ALIVE_CRLF, 1, 96, 120}},
      {UDP, UINT32_MAX, 0, STOX_DIALECT_RFC, {STOX_KEEP_ALIVE_STUN, 1, 3435973836U, UINT32_MAX}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_keep_alive alive;
    stox_keep_alive_of(&alive, rows[i].transport, rows[i].flow_timer, rows[i].is_saving,
                       rows[i].dialect);
    assert_memory_equal(&alive, &rows[i].want, sizeof alive);
  }
}

/* ---- the machine ---- */

static stox_outbound set_of(uint32_t flows, int dialect) {
  const stox_outbound_options options = {.n_flows = flows, .dialect = dialect};
  stox_outbound o;
  thrown = (dice){0, 0};
  assert_status(stox_outbound_init(&o, &options), STOX_OK);
  return o;
}

static stox_outbound_plan plan_of(const stox_outbound *o, size_t i) {
  stox_outbound_plan plan;
  assert_status(stox_outbound_get_plan(&plan, o, i), STOX_OK);
  return plan;
}

static void expect(const stox_outbound *o, size_t i, int next, uint64_t due_ns) {
  const stox_outbound_plan plan = plan_of(o, i);
  assert_int_equal(plan.next, next);
  assert_true(plan.due_ns == due_ns);
}

static void begin(stox_outbound *o, size_t i, int next, uint64_t now) {
  assert_int_equal(plan_of(o, i).next, next);
  stox_outbound_begun(o, i, &random_source, now);
}

static void open_flow(stox_outbound *o, size_t i, int transport, uint64_t now) {
  begin(o, i, STOX_OUTBOUND_OPEN, now);
  stox_outbound_opened(o, i, transport);
  begin(o, i, STOX_OUTBOUND_REGISTER, now);
}

static void answer(stox_outbound *o, size_t i, const stox_outbound_answer *a, uint64_t now) {
  stox_outbound_answered(o, i, a, &random_source, now);
}

static const stox_outbound_answer good = {
    .code = 200, .has_outbound = 1, .may_ping = 1, .expires = 3600};

static void make_up(stox_outbound *o, size_t i, int transport, uint64_t now) {
  open_flow(o, i, transport, now);
  answer(o, i, &good, now);
  assert_int_equal(plan_of(o, i).is_up, 1);
}

/* "OB-4.1-01" "OB-4.1-02" "OB-4.1-05" "OB-4.1-06" "OB-4.1-07" "OB-3.1-01": sets of one to eight
 * URIs, each with a flow and a number of its own. */
static void test_sets(void **state) {
  (void)state;
  for (uint32_t n = 0; n <= STOX_OUTBOUND_FLOWS_MAX + 1; n++) {
    const stox_outbound_options options = {.n_flows = n};
    stox_outbound o;
    stox_outbound_plan plan;
    const int is_good = n > 0 && n <= STOX_OUTBOUND_FLOWS_MAX;
    assert_status(stox_outbound_init(&o, &options), is_good ? STOX_OK : STOX_E_ARG);
    for (size_t i = 0; is_good && i < n; i++) {
      expect(&o, i, STOX_OUTBOUND_OPEN, NEVER);
      assert_int_equal(plan_of(&o, i).reg_id, i + 1);
    }
    if (is_good) {
      assert_status(stox_outbound_get_plan(&plan, &o, n), STOX_E_ARG);
      assert_true(stox_outbound_deadline(&o) == NEVER);
    }
  }
}

/* Registered, refreshed, kept alive: "OB-RFC5626-4.4.1-01" "OB-RFC5626-4.2.1-02". */
static void test_stream(void **state) {
  (void)state;
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  make_up(&o, 0, TCP, START);
  assert_int_equal(plan_of(&o, 0).alive.kind, STOX_KEEP_ALIVE_CRLF);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 95 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 95 * SECOND - 1);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 95 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 95 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_PING, START + 95 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 105 * SECOND);
  stox_outbound_ponged(&o, 0, NULL, &random_source, START + 100 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 195 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 195 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_PING, START + 195 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 205 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_CLOSE, START + 205 * SECOND);
  assert_int_equal(plan_of(&o, 0).is_up, 0);
  assert_int_equal(plan_of(&o, 0).failures, 1);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + (205 + 30) * SECOND);
}

static void test_refresh(void **state) {
  (void)state;
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  stox_outbound_answer a = good;
  a.expires = 60;
  a.may_ping = 0;
  a.has_outbound = 0;
  open_flow(&o, 0, TLS, START);
  answer(&o, 0, &a, START);
  assert_int_equal(plan_of(&o, 0).alive.kind, STOX_KEEP_ALIVE_NONE);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 30 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 30 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_REGISTER, START + 30 * SECOND);
  a.expires = 3600;
  answer(&o, 0, &a, START + 31 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + (31 + 3568) * SECOND);
}

/* "OB-RFC5626-4.4.2-01" "OB-4.2-09" "OB-3.5-04": a Binding Request is sent seven times; a mapped
 * address that changes, or silence, is the end of the flow. */
static void test_stun(void **state) {
  (void)state;
  static const stox_stun_address first = {40001, 4, {198, 51, 100, 7}};
  static const stox_stun_address second = {40002, 4, {198, 51, 100, 7}};
  static const uint64_t half_seconds[] = {1, 2, 4, 8, 16, 32, 16};
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  make_up(&o, 0, UDP, START);
  uint64_t now = START + 24 * SECOND;
  expect(&o, 0, STOX_OUTBOUND_WAIT, now);
  stox_outbound_tick(&o, &random_source, now);
  begin(&o, 0, STOX_OUTBOUND_PING, now);
  stox_outbound_ponged(&o, 0, &first, &random_source, now);
  stox_outbound_ponged(&o, 0, &first, &random_source, now);
  now += 24 * SECOND;
  stox_outbound_tick(&o, &random_source, now);
  for (size_t i = 0; i < COUNT(half_seconds); i++) {
    begin(&o, 0, STOX_OUTBOUND_PING, now);
    now += half_seconds[i] * SECOND / 2;
    expect(&o, 0, STOX_OUTBOUND_WAIT, now);
    stox_outbound_tick(&o, &random_source, now);
  }
  expect(&o, 0, STOX_OUTBOUND_CLOSE, NEVER);
  o = set_of(1, STOX_DIALECT_RFC);
  make_up(&o, 0, UDP, START);
  stox_outbound_ponged(&o, 0, &first, &random_source, START);
  stox_outbound_ponged(&o, 0, &second, &random_source, START);
  expect(&o, 0, STOX_OUTBOUND_CLOSE, NEVER);
}

/* "OB-RFC5626-8-02" "OB-4.2-06": no STUN to whom did not say that it answers. */
static void test_no_stun(void **state) {
  (void)state;
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  stox_outbound_answer a = good;
  a.may_ping = 0;
  open_flow(&o, 0, UDP, START);
  answer(&o, 0, &a, START);
  assert_int_equal(plan_of(&o, 0).alive.kind, STOX_KEEP_ALIVE_NONE);
  a.flow_timer = 100;
  o = set_of(1, STOX_DIALECT_RFC);
  open_flow(&o, 0, UDP, START);
  answer(&o, 0, &a, START);
  assert_int_equal(plan_of(&o, 0).alive.kind, STOX_KEEP_ALIVE_STUN);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 80 * SECOND);
}

/* "OB-4.2-02" "OB-4.2-03" "OB-4.2-10": the draft's CRLF has no answer, and any octets put it off;
 * any failure of the transport or of a request is the flow's. */
static void test_draft_stream(void **state) {
  (void)state;
  stox_outbound o = set_of(1, STOX_DIALECT_DRAFT2005);
  make_up(&o, 0, TCP, START);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 500 * SECOND);
  stox_outbound_heard(&o, 0, &random_source, START + 100 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 600 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 600 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_PING, START + 600 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 1100 * SECOND);
  stox_outbound_failed(&o, 0, &random_source, START + 700 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_CLOSE, NEVER);
}

/* "OB-4.3-01" "OB-4.3-02" "OB-4.3-05" "OB-4.3-06" "OB-4.3-07" "OB-4.2-01": a flow that fails comes
 * back under its number, not before its time; the base depends on the others. */
static void test_back_off(void **state) {
  (void)state;
  stox_outbound o = set_of(2, STOX_DIALECT_RFC);
  begin(&o, 0, STOX_OUTBOUND_OPEN, START);
  stox_outbound_failed(&o, 0, &random_source, START);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 30 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 30 * SECOND - 1);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 30 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 30 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_OPEN, START + 30 * SECOND);
  make_up(&o, 1, TCP, START + 30 * SECOND);
  stox_outbound_failed(&o, 0, &random_source, START + 31 * SECOND);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + (31 + 180) * SECOND);
  assert_int_equal(plan_of(&o, 0).reg_id, 1);
  assert_int_equal(plan_of(&o, 0).failures, 2);
}

/* "OB-4.3-05" "OB-4.2-04": what is drawn is within its bounds, and not always the same. */
static void test_draws(void **state) {
  (void)state;
  uint64_t least = NEVER;
  uint64_t most = 0;
  uint64_t seed = 7;
  for (size_t i = 0; i < 1000; i++) {
    stox_outbound o = set_of(1, STOX_DIALECT_RFC);
    o.flows[0].failures = 2;
    begin(&o, 0, STOX_OUTBOUND_OPEN, 0);
    thrown.bits = test_random(&seed);
    stox_outbound_failed(&o, 0, &random_source, 0);
    const uint64_t due = plan_of(&o, 0).due_ns;
    least = due < least ? due : least;
    most = due > most ? due : most;
  }
  assert_true(least >= 120 * SECOND && least < 125 * SECOND);
  assert_true(most <= 240 * SECOND && most > 235 * SECOND);
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  thrown.fails = 1;
  begin(&o, 0, STOX_OUTBOUND_OPEN, 0);
  stox_outbound_failed(&o, 0, &random_source, 0);
  expect(&o, 0, STOX_OUTBOUND_WAIT, 60 * SECOND);
}

/* "OB-RFC5626-4.5-01": a 2xx alone does not clear the failures while no keep-alive was answered. */
static void test_failures_clear(void **state) {
  (void)state;
  for (int is_draft = 0; is_draft < 2; is_draft++) {
    stox_outbound o = set_of(1, is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC);
    begin(&o, 0, STOX_OUTBOUND_OPEN, START);
    stox_outbound_failed(&o, 0, &random_source, START);
    stox_outbound_tick(&o, &random_source, START + 60 * SECOND);
    make_up(&o, 0, TCP, START + 60 * SECOND);
    assert_int_equal(plan_of(&o, 0).failures, is_draft ? 0 : 1);
    stox_outbound_ponged(&o, 0, NULL, &random_source, START + 61 * SECOND);
    assert_int_equal(plan_of(&o, 0).failures, 0);
  }
}

/* "OB-4.1-08" "OB-4.1-09" "OB-RFC5626-4.2.2-01": 503 with Retry-After is no failure; the RFC keeps
 * the flow, the draft makes another. */
static void test_retry_after(void **state) {
  (void)state;
  static const stox_outbound_answer busy = {.code = 503, .has_retry_after = 1, .retry_after = 5};
  static const stox_outbound_answer at_once = {.code = 503, .has_retry_after = 1};
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  open_flow(&o, 0, TCP, START);
  answer(&o, 0, &busy, START);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 5 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 5 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_REGISTER, START + 5 * SECOND);
  answer(&o, 0, &good, START + 5 * SECOND);
  stox_outbound_tick(&o, &random_source, START + 3573 * SECOND);
  begin(&o, 0, STOX_OUTBOUND_REGISTER, START + 3573 * SECOND);
  answer(&o, 0, &busy, START + 3573 * SECOND);
  assert_int_equal(plan_of(&o, 0).is_up, 1);
  expect(&o, 0, STOX_OUTBOUND_WAIT, START + 3578 * SECOND);
  assert_int_equal(plan_of(&o, 0).failures, 0);
  o = set_of(1, STOX_DIALECT_DRAFT2005);
  open_flow(&o, 0, TCP, START);
  answer(&o, 0, &at_once, START);
  begin(&o, 0, STOX_OUTBOUND_CLOSE, START);
  stox_outbound_tick(&o, &random_source, START);
  expect(&o, 0, STOX_OUTBOUND_OPEN, NEVER);
  assert_int_equal(plan_of(&o, 0).failures, 0);
}

/* "OB-RFC5626-4.2.1-03": 439 is for the caller; other refusals are failures of the flow. */
static void test_refused(void **state) {
  (void)state;
  static const int codes[] = {400, 403, 408, 480, 500, 503, 600};
  stox_outbound o = set_of(1, STOX_DIALECT_RFC);
  const stox_outbound_answer lacking = {.code = 439};
  open_flow(&o, 0, TCP, START);
  answer(&o, 0, &lacking, START);
  expect(&o, 0, STOX_OUTBOUND_PLAIN, NEVER);
  stox_outbound_failed(&o, 0, &random_source, START);
  expect(&o, 0, STOX_OUTBOUND_PLAIN, NEVER);
  for (size_t i = 0; i < COUNT(codes); i++) {
    const stox_outbound_answer bad = {.code = codes[i]};
    o = set_of(1, STOX_DIALECT_RFC);
    open_flow(&o, 0, TCP, START);
    answer(&o, 0, &bad, START);
    begin(&o, 0, STOX_OUTBOUND_CLOSE, START);
    expect(&o, 0, STOX_OUTBOUND_WAIT, START + 30 * SECOND);
  }
}

/* Any event in any state, any order: a deadline is never passed by, and nothing gets stuck. */
static void test_any_order(void **state) {
  (void)state;
  uint64_t seed = 99;
  uint64_t now = START;
  stox_outbound o = set_of(3, STOX_DIALECT_RFC);
  size_t ups = 0;
  for (size_t step = 0; step < 200000; step++) {
    const uint64_t draw = test_random(&seed);
    const size_t i = draw % 3;
    const stox_outbound_answer a = {.code = (draw >> 8) % 4 == 0 ? 503 : 200,
                                    .has_outbound = (draw >> 9) % 2,
                                    .may_ping = (draw >> 10) % 2,
                                    .expires = (uint32_t)(draw >> 11) % 600,
                                    .has_retry_after = (draw >> 12) % 2,
                                    .retry_after = (uint32_t)(draw >> 13) % 20};
    const stox_stun_address mapped = {1 + (uint32_t)(draw >> 14) % 2, 4, {1, 2, 3, 4}};
    switch ((draw >> 32) % 8) {
    case 0:
      stox_outbound_opened(&o, i, (draw >> 15) % 2 ? UDP : TCP);
      break;
    case 1:
      answer(&o, i, &a, now);
      break;
    case 2:
      stox_outbound_ponged(&o, i, (draw >> 16) % 2 ? &mapped : NULL, &random_source, now);
      break;
    case 3:
      if ((draw >> 17) % 16 == 0) {
        stox_outbound_failed(&o, i, &random_source, now);
      }
      break;
    case 4:
      now += (draw >> 18) % (20 * SECOND);
      stox_outbound_tick(&o, &random_source, now);
      break;
    default:
      stox_outbound_begun(&o, i, &random_source, now);
      break;
    }
    thrown.bits = draw;
    stox_outbound_tick(&o, &random_source, now);
    assert_true(stox_outbound_deadline(&o) > now);
    ups += (size_t)plan_of(&o, i).is_up;
  }
  assert_true(ups > 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wait),           cmocka_unit_test(test_intervals),
      cmocka_unit_test(test_sets),           cmocka_unit_test(test_stream),
      cmocka_unit_test(test_refresh),        cmocka_unit_test(test_stun),
      cmocka_unit_test(test_no_stun),        cmocka_unit_test(test_draft_stream),
      cmocka_unit_test(test_back_off),       cmocka_unit_test(test_draws),
      cmocka_unit_test(test_failures_clear), cmocka_unit_test(test_retry_after),
      cmocka_unit_test(test_refused),        cmocka_unit_test(test_any_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
