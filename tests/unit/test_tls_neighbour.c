/* SPDX-License-Identifier: MIT */
/* GnuTLS is shared with the process: what others do to it process-wide reaches no verdict. */
#include "tls_support.h"

static tls_world world;

static time_t long_ago(time_t *out) {
  if (out != NULL) {
    *out = 0;
  }
  return 0;
}

static time_t far_off(time_t *out) {
  const time_t at = (time_t)TEST_NOW + 4000 * (time_t)TEST_DAY;
  if (out != NULL) {
    *out = at;
  }
  return at;
}

/* What modules and scripts in one process with us call. */
static void disturb(gnutls_time_func clock) {
  assert_int_equal(gnutls_global_init(), 0);
  gnutls_global_set_time_function(clock);
  gnutls_global_set_log_level(0);
  gnutls_global_deinit();
}

static uint32_t judge(const stox_span *chain, const stox_chain_rules *rules) {
  char room[512];
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_chain_verify(&verdict, &arena, chain, 1, rules), STOX_OK);
  return verdict.reasons;
}

static void test_clock(void **state) {
  (void)state;
  static gnutls_time_func const clocks[] = {long_ago, far_off};
  tls_world_make(&world);
  const stox_span crl = test_crl_make(&world.root, NULL, 10);
  assert_status(stox_anchors_add_crl(world.anchors, crl, NULL), STOX_OK);
  const stox_span chain[] = {world.server.der};
  for (size_t i = 0; i < COUNT(clocks); i++) {
    tls_pair pair;
    tls_pair_init(&pair, &world);
    pair.client_rules.revocation = STOX_REVOCATION_REQUIRE;
    disturb(clocks[i]);
    assert_int_equal(judge(chain, &pair.client_rules), 0);
    pair.client_rules.wall_s = TEST_NOW + 95 * TEST_DAY;
    assert_int_equal(judge(chain, &pair.client_rules),
                     STOX_CHAIN_EXPIRED | STOX_CHAIN_REVOCATION_UNKNOWN);
    pair.client_rules.wall_s = TEST_NOW;
    pair.server_options.ask = STOX_TLS_ASK_REQUIRE;
    tls_pair_start(&pair);
    int status = STOX_OK;
    for (int round = 0; round < 4; round++) {
      disturb(clocks[i]);
      (void)tls_move(pair.client, pair.server, 0, &status);
      disturb(clocks[i]);
      (void)tls_move(pair.server, pair.client, 0, &status);
    }
    assert_int_equal(stox_tls_peer(pair.client)->verified, 1);
    assert_int_equal(stox_tls_peer(pair.server)->verified, 1);
    tls_pair_say(&pair, pair.client, pair.server, S("hello"));
    tls_pair_free(&pair);
  }
  free((void *)(uintptr_t)crl.p);
  tls_world_free(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_clock)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
