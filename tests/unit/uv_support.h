/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_UV_SUPPORT_H
#define STOX_TEST_UV_SUPPORT_H

#include "fake_engine.h"

#include "stox/uv.h"

#include <uv.h>

/* An engine and its transport on a loop of its own. */
typedef struct party {
  fake_engine engine;
  stox_uv *uv;
} party;

static inline void party_open(party *p, const stox_uv_options *options) {
  fake_engine_init(&p->engine);
  const stox_engine functions = fake_engine_functions(&p->engine);
  assert_status(stox_uv_new(&p->uv, &functions, options), STOX_OK);
}

static inline stox_uv_options party_options(void) {
  stox_uv_options options;
  assert_status(stox_uv_options_init(&options, sizeof options), STOX_OK);
  return options;
}

/* Where the party now listens. */
static inline stox_endpoint party_listen(party *p, stox_span host, int transport) {
  stox_endpoint at = {host, 0, transport};
  assert_status(stox_uv_listen(p->uv, &at), STOX_OK);
  assert_int_not_equal(at.port, 0);
  return at;
}

static inline stox_uv_counters party_counters(const party *p) {
  stox_uv_counters counters;
  assert_status(stox_uv_get_counters(&counters, sizeof counters, p->uv), STOX_OK);
  return counters;
}

/* Turns the loops of two parties (one may be NULL) until `condition` or ten seconds are over. */
#define RUN_UNTIL(a, b, condition)                                                                 \
  do {                                                                                             \
    const uint64_t start_ = uv_hrtime();                                                           \
    while (!(condition)) {                                                                         \
      party_turn(a);                                                                               \
      party_turn(b);                                                                               \
      if (uv_hrtime() - start_ > UINT64_C(10000000000)) {                                          \
        fail_msg("in vain: %s", #condition);                                                       \
      }                                                                                            \
    }                                                                                              \
  } while (0)

static inline void party_turn(party *p) {
  if (p != NULL) {
    (void)uv_run(stox_uv_loop(p->uv), UV_RUN_NOWAIT);
  }
}

/* Lets everything under way arrive. */
static inline void party_settle(party *a, party *b) {
  const uint64_t until = uv_hrtime() + 30000000;
  while (uv_hrtime() < until) {
    party_turn(a);
    party_turn(b);
    (void)usleep(500);
  }
}

#endif
