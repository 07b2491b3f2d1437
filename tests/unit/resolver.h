/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_RESOLVER_H
#define STOX_TEST_RESOLVER_H

#include "support.h"

#include "stox/locate.h"

/* One record of a zone that a test makes up. */
typedef struct zone_record {
  const char *name;
  stox_record record;
} zone_record;

#define SRV(owner, priority_, weight_, port_, target_)                                             \
  {                                                                                                \
    owner, {                                                                                       \
      STOX_RECORD_SRV, 600, priority_, weight_, port_, ROW(target_), {NULL, 0}, {                  \
        NULL, 0                                                                                    \
      }                                                                                            \
    }                                                                                              \
  }
#define NAPTR(owner, order_, preference_, flags_, service_, target_)                               \
  {                                                                                                \
    owner, {                                                                                       \
      STOX_RECORD_NAPTR, 300, order_, preference_, 0, ROW(target_), ROW(flags_), ROW(service_)     \
    }                                                                                              \
  }
#define ADDRESS(owner, type_, text_)                                                               \
  {                                                                                                \
    owner, {                                                                                       \
      type_, 120, 0, 0, 0, ROW(text_), {NULL, 0}, {                                                \
        NULL, 0                                                                                    \
      }                                                                                            \
    }                                                                                              \
  }

/* Answers questions from a zone. */
typedef struct resolver {
  const zone_record *zone;
  size_t n;
  size_t asked;
  int fail_at; /* the question, from 1, that nobody answers */
} resolver;

/* The records of a question; the count is returned. */
static inline size_t resolve(const resolver *r, stox_record *out, const stox_question *question) {
  size_t n = 0;
  for (size_t i = 0; i < r->n; i++) {
    if (r->zone[i].record.type == question->type &&
        stox_span_is_equal(question->name, stox_span_text(r->zone[i].name))) {
      assert_true(n < STOX_RECORDS_MAX);
      out[n++] = r->zone[i].record;
    }
  }
  return n;
}

/* Runs a search to its end. Each answer is handed over in memory of its own, which is gone after.
 */
static inline void resolve_all(stox_locate *search, resolver *r, uint64_t now_ns) {
  stox_question question;
  while (stox_locate_next(&question, search) == STOX_OK) {
    stox_record answer[STOX_RECORDS_MAX];
    const size_t n = resolve(r, answer, &question);
    const int status = ++r->asked == (size_t)r->fail_at ? STOX_E_TIMEOUT : STOX_OK;
    stox_record *copy = malloc(n * sizeof *copy + 1);
    assert_non_null(copy);
    if (n > 0) {
      memcpy(copy, answer, n * sizeof *copy);
    }
    assert_status(stox_locate_answer(search, status, copy, n, now_ns), STOX_OK);
    free(copy);
    assert_true(r->asked < 20);
  }
  assert_status(stox_locate_answer(search, STOX_OK, NULL, 0, now_ns), STOX_E_STATE);
}

/* A source of the numbers of a test. */
static inline int test_fill(void *ud, void *p, size_t n) {
  unsigned char *out = p;
  for (size_t i = 0; i < n; i++) {
    out[i] = (unsigned char)test_random(ud);
  }
  return STOX_OK;
}

#endif
