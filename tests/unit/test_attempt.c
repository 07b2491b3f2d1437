/* SPDX-License-Identifier: MIT */
/* Addresses and fail-over. Nothing can be connected to before its name is resolved:
 * "XC-14.3-02", "XC-14.4-06". */
#include "resolver.h"
#include "support.h"

#include "stox/attempt.h"

enum { TCP = STOX_TRANSPORT_TCP, TLS = STOX_TRANSPORT_TLS };
enum { A = STOX_RECORD_A, AAAA = STOX_RECORD_AAAA };

#define PLACE(target_, port_, transport_)                                                          \
  { STOX_PROTOCOL_XMPP, STOX_LOCATED_SRV, transport_, 0, port_, 60, ROW(target_) }

static const zone_record zone[] = {
    ADDRESS("a.x", A, "192.0.2.1"),
    ADDRESS("a.x", A, "192.0.2.2"),
    ADDRESS("a.x", A, "192.0.2.3"),
    ADDRESS("a.x", AAAA, "2001:db8::1"),
    ADDRESS("b.x", A, "192.0.2.2"),
    ADDRESS("b.x", A, "192.0.2.4"),
    ADDRESS("six.x", AAAA, "2001:db8::1"),
    ADDRESS("six.x", AAAA, "2001:DB8:0::1"),
    ADDRESS("odd.x", A, "0.0.0.0"),
    ADDRESS("odd.x", A, "224.0.0.1"),
    ADDRESS("odd.x", A, "255.255.255.255"),
    ADDRESS("odd.x", A, "1.2.3"),
    ADDRESS("odd.x", A, "::1"),
    ADDRESS("odd.x", AAAA, "::"),
    ADDRESS("odd.x", AAAA, "ff02::1"),
    ADDRESS("odd.x", AAAA, "::ffff:192.0.2.9"),
    ADDRESS("odd.x", AAAA, "2001:db8::9"),
    ADDRESS("odd.x", A, "223.255.255.255"),
};

static char memory[32768];

typedef struct fixture {
  stox_arena arena;
  stox_attempts_options options;
  stox_attempts *list;
  size_t asked;
} fixture;

static void prepare(fixture *f) {
  memset(f, 0, sizeof *f);
  stox_arena_init(&f->arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_attempts_options_init(&f->options, sizeof f->options), STOX_OK);
}

static int answer(fixture *f, const stox_question *question, int status) {
  const resolver r = {zone, COUNT(zone), 0, 0};
  stox_record records[STOX_RECORDS_MAX];
  const size_t n = resolve(&r, records, question);
  f->asked++;
  return stox_attempts_answer(f->list, question->type, status, records, n);
}

/* The next attempt; questions are answered from the zone. */
static int next(stox_attempt *out, fixture *f, uint64_t now_ns) {
  int status = 0;
  while ((status = stox_attempts_next(out, f->list, now_ns)) == STOX_E_MORE) {
    stox_question question;
    assert_status(stox_attempts_ask(&question, f->list, 0), STOX_OK);
    assert_status(answer(f, &question, STOX_OK), STOX_OK);
  }
  return status;
}

static void expect(fixture *f, const char *host, uint32_t port, int transport) {
  stox_attempt attempt;
  assert_status(next(&attempt, f, 0), STOX_OK);
  assert_span_equal(attempt.target.host, stox_span_text(host));
  assert_int_equal(attempt.target.port, port);
  assert_int_equal(attempt.target.transport, transport);
  assert_int_equal(attempt.place.port, port);
  assert_int_equal(attempt.not_before_ns, 0);
}

static void expect_end(fixture *f, int want) {
  stox_attempt attempt;
  stox_question question;
  assert_status(next(&attempt, f, 0), want);
  assert_status(next(&attempt, f, 0), want);
  assert_status(stox_attempts_ask(&question, f->list, 0), STOX_E_NONE);
}

static void order(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("a.x", 5269, TCP), PLACE("none.x", 5269, TCP),
                                         PLACE("b.x", 5269, TCP), PLACE("b.x", 443, TLS)};
  fixture f;
  prepare(&f);
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 4, &f.options), STOX_OK);
  expect(&f, "2001:db8::1", 5269, TCP);
  assert_int_equal(f.asked, 2);
  expect(&f, "192.0.2.1", 5269, TCP);
  expect(&f, "192.0.2.2", 5269, TCP);
  expect(&f, "192.0.2.3", 5269, TCP);
  assert_int_equal(f.asked, 2); /* the next place is asked for when it is wanted */
  expect(&f, "192.0.2.4", 5269, TCP);
  assert_int_equal(f.asked, 6); /* 192.0.2.2 was there before */
  expect(&f, "192.0.2.2", 443, TLS);
  expect(&f, "192.0.2.4", 443, TLS);
  expect_end(&f, STOX_E_NONE);
  assert_int_equal(f.asked, 8);
}

static void families(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("a.x", 1, TCP), PLACE("six.x", 1, TCP)};
  fixture f;
  prepare(&f);
  f.options.first = STOX_ATTEMPT_IP4;
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 2, &f.options), STOX_OK);
  expect(&f, "192.0.2.1", 1, TCP);
  expect(&f, "2001:db8::1", 1, TCP);
  expect(&f, "192.0.2.2", 1, TCP);
  expect(&f, "192.0.2.3", 1, TCP);
  expect_end(&f, STOX_E_NONE); /* one IPv6 address in two notations */
  prepare(&f);
  f.options.families = STOX_ATTEMPT_IP4;
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 2, &f.options), STOX_OK);
  expect(&f, "192.0.2.1", 1, TCP);
  assert_int_equal(f.asked, 1);
  prepare(&f);
  f.options.families = STOX_ATTEMPT_IP6;
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 1, &f.options), STOX_OK);
  expect(&f, "2001:db8::1", 1, TCP);
  expect_end(&f, STOX_E_NONE);
}

/* Nothing to connect to before both questions are answered, in either order. */
static void not_before_resolved(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("a.x", 1, TCP)};
  for (size_t from = 0; from < 2; from++) {
    fixture f;
    stox_attempt attempt;
    stox_question question[3];
    prepare(&f);
    assert_status(stox_attempts_start(&f.list, &f.arena, places, 1, &f.options), STOX_OK);
    assert_status(stox_attempts_ask(&question[0], f.list, 0), STOX_E_NONE);
    assert_status(stox_attempts_answer(f.list, A, STOX_OK, NULL, 0), STOX_E_STATE);
    assert_status(stox_attempts_next(&attempt, f.list, 0), STOX_E_MORE);
    assert_status(stox_attempts_ask(&question[0], f.list, 0), STOX_OK);
    assert_status(stox_attempts_ask(&question[1], f.list, 1), STOX_OK);
    assert_status(stox_attempts_ask(&question[2], f.list, 2), STOX_E_NONE);
    assert_int_equal(question[0].type, AAAA);
    assert_int_equal(question[1].type, A);
    assert_span_equal(question[1].name, S("a.x"));
    assert_status(answer(&f, &question[from], STOX_OK), STOX_OK);
    assert_status(answer(&f, &question[from], STOX_OK), STOX_E_STATE);
    assert_status(stox_attempts_next(&attempt, f.list, 0), STOX_E_MORE);
    assert_status(answer(&f, &question[1 - from], STOX_OK), STOX_OK);
    expect(&f, "2001:db8::1", 1, TCP);
  }
}

static void literals(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("192.0.2.7", 1, TCP), PLACE("2001:db8::7", 1, TCP),
                                         PLACE("192.0.2.7", 1, TCP)};
  fixture f;
  prepare(&f);
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 3, NULL), STOX_OK);
  expect(&f, "192.0.2.7", 1, TCP);
  expect(&f, "2001:db8::7", 1, TCP);
  expect_end(&f, STOX_E_NONE);
  assert_int_equal(f.asked, 0);
  prepare(&f);
  f.options.families = STOX_ATTEMPT_IP6;
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 1, &f.options), STOX_OK);
  expect_end(&f, STOX_E_UNKNOWN_DOMAIN);
}

/* A stranger's zone does not lead to groups, to nowhere, or around the families. */
static void odd_addresses(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("odd.x", 1, TCP)};
  fixture f;
  prepare(&f);
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 1, NULL), STOX_OK);
  expect(&f, "2001:db8::9", 1, TCP);
  expect(&f, "223.255.255.255", 1, TCP);
  expect_end(&f, STOX_E_NONE);
}

static void nothing_found(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("none.x", 1, TCP), PLACE("a.x", 1, TCP)};
  fixture f;
  prepare(&f);
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 1, NULL), STOX_OK);
  expect_end(&f, STOX_E_UNKNOWN_DOMAIN);
  prepare(&f);
  assert_status(stox_attempts_start(&f.list, &f.arena, NULL, 0, NULL), STOX_OK);
  expect_end(&f, STOX_E_UNKNOWN_DOMAIN);
  /* Nobody answered; what came with that is not used. */
  prepare(&f);
  stox_attempt attempt;
  stox_question question;
  assert_status(stox_attempts_start(&f.list, &f.arena, places + 1, 1, NULL), STOX_OK);
  assert_status(stox_attempts_next(&attempt, f.list, 0), STOX_E_MORE);
  while (stox_attempts_ask(&question, f.list, 0) == STOX_OK) {
    assert_status(answer(&f, &question, STOX_E_TIMEOUT), STOX_OK);
  }
  expect_end(&f, STOX_E_TIMEOUT);
}

static void limits(void **state) {
  (void)state;
  stox_location places[STOX_LOCATIONS_MAX + 1];
  fixture f;
  stox_attempt attempt;
  for (size_t i = 0; i < COUNT(places); i++) {
    places[i] = (stox_location)PLACE("none.x", 1, TCP);
  }
  for (uint32_t max = 0; max < 5; max++) {
    prepare(&f);
    f.options.max_questions = max;
    assert_status(stox_attempts_start(&f.list, &f.arena, places, 3, &f.options), STOX_OK);
    assert_status(next(&attempt, &f, 0), STOX_E_UNKNOWN_DOMAIN);
    assert_int_equal(f.asked, max);
  }
  prepare(&f);
  f.options.max_questions = 1000;
  assert_status(stox_attempts_start(&f.list, &f.arena, places, COUNT(places), &f.options), STOX_OK);
  assert_status(next(&attempt, &f, 0), STOX_E_UNKNOWN_DOMAIN);
  assert_int_equal(f.asked, 2 * STOX_LOCATIONS_MAX);
  /* More addresses than anybody tries. */
  prepare(&f);
  for (size_t i = 0; i < 4; i++) {
    places[i].port = (uint32_t)i + 1;
  }
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 4, NULL), STOX_OK);
  size_t given = 0;
  int status = 0;
  while ((status = stox_attempts_next(&attempt, f.list, 0)) != STOX_E_NONE) {
    stox_record records[STOX_RECORDS_MAX];
    char text[STOX_RECORDS_MAX][16];
    given += status == STOX_OK;
    for (size_t i = 0; i < COUNT(records); i++) {
      (void)snprintf(text[i], sizeof text[i], "10.0.0.%zu", i);
      records[i] = (stox_record){.type = A, .target = stox_span_text(text[i])};
    }
    if (status == STOX_E_MORE) {
      assert_status(stox_attempts_answer(f.list, A, STOX_OK, records, COUNT(records)), STOX_OK);
      assert_status(stox_attempts_answer(f.list, AAAA, STOX_OK, records, 1), STOX_OK);
    }
  }
  assert_int_equal(given, STOX_ATTEMPTS_MAX);
}

/* What failed lately comes last, the soonest first, with its time. */
static void failed_ones_last(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("a.x", 1, TCP), PLACE("b.x", 1, TCP)};
  static const stox_endpoint bad[] = {{ROW("2001:db8::1"), 1, TCP}, {ROW("192.0.2.2"), 1, TCP}};
  uint64_t seed = 5;
  const stox_random random = {sizeof random, &seed, test_fill};
  stox_backoff_options table;
  stox_backoff *backoff = NULL;
  fixture f;
  stox_attempt attempt;
  assert_status(stox_backoff_options_init(&table, sizeof table), STOX_OK);
  table.random = &random;
  assert_status(stox_backoff_new(&backoff, &table), STOX_OK);
  assert_status(stox_backoff_failed(backoff, &bad[0], 120, 1), STOX_OK);
  assert_status(stox_backoff_failed(backoff, &bad[1], 100, 1), STOX_OK);
  prepare(&f);
  f.options.backoff = backoff;
  assert_status(stox_attempts_start(&f.list, &f.arena, places, 2, &f.options), STOX_OK);
  expect(&f, "192.0.2.1", 1, TCP);
  expect(&f, "192.0.2.3", 1, TCP);
  expect(&f, "192.0.2.4", 1, TCP);
  assert_status(next(&attempt, &f, 2), STOX_OK);
  assert_span_equal(attempt.target.host, bad[1].host);
  assert_int_equal(attempt.not_before_ns, stox_backoff_until(backoff, &bad[1], 2));
  assert_status(next(&attempt, &f, 2), STOX_OK);
  assert_span_equal(attempt.target.host, bad[0].host);
  assert_int_equal(attempt.not_before_ns, stox_backoff_until(backoff, &bad[0], 2));
  expect_end(&f, STOX_E_NONE);
  stox_backoff_del(backoff);
}

static void refused(void **state) {
  (void)state;
  static const stox_location places[] = {PLACE("", 1, TCP), PLACE("a.x", 0, TCP),
                                         PLACE("a.x", 65536, TCP), PLACE("a.x", 1, 0)};
  fixture f;
  for (size_t i = 0; i < COUNT(places); i++) {
    prepare(&f);
    assert_status(stox_attempts_start(&f.list, &f.arena, &places[i], 1, NULL), STOX_E_ARG);
  }
  f.options.families = 0;
  assert_status(stox_attempts_start(&f.list, &f.arena, NULL, 0, &f.options), STOX_E_ARG);
  prepare(&f);
  f.options.first = 3;
  assert_status(stox_attempts_start(&f.list, &f.arena, NULL, 0, &f.options), STOX_E_ARG);
  f.options.size = 1;
  assert_status(stox_attempts_start(&f.list, &f.arena, NULL, 0, &f.options), STOX_E_ARG);
  assert_null(f.list);
}

static int run_in(size_t room) {
  static const stox_location places[] = {PLACE("a.x", 1, TCP), PLACE("b.x", 1, TCP)};
  fixture f;
  stox_attempt attempt;
  prepare(&f);
  stox_arena_init(&f.arena, memory, room, 0, NULL);
  int status = stox_attempts_start(&f.list, &f.arena, places, 2, NULL);
  while (status == STOX_OK) {
    stox_question question;
    status = stox_attempts_next(&attempt, f.list, 0);
    if (status == STOX_E_MORE) {
      assert_status(stox_attempts_ask(&question, f.list, 0), STOX_OK);
      status = answer(&f, &question, STOX_OK);
    }
  }
  return status;
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  size_t room = 0;
  while (run_in(room) == STOX_E_NOMEM) {
    room++;
  }
  assert_status(run_in(room), STOX_E_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(order),
      cmocka_unit_test(families),
      cmocka_unit_test(not_before_resolved),
      cmocka_unit_test(literals),
      cmocka_unit_test(odd_addresses),
      cmocka_unit_test(nothing_found),
      cmocka_unit_test(limits),
      cmocka_unit_test(failed_ones_last),
      cmocka_unit_test(refused),
      cmocka_unit_test(memory_runs_out_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
