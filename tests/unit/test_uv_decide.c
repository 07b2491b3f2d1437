/* SPDX-License-Identifier: MIT */
#include "uv_secure_support.h"

/* A host that looks up whether a certificate is revoked, and has the answer later. */
typedef struct lookup {
  int answer;
  size_t asked;
  uint64_t handle; /* of the handshake that waits */
  size_t waits;
  told_of told;
} lookup;

static int revoked(void *ud, stox_span certificate, stox_span issuer) {
  lookup *l = ud;
  assert_true(certificate.n > 0 && issuer.n > 0);
  l->asked++;
  return l->answer;
}

static void undecided(void *ud, const stox_flow *flow, const stox_tls *tls) {
  lookup *l = ud;
  assert_null(flow->peer);
  assert_int_equal(stox_tls_is_undecided(tls), 1);
  l->handle = flow->handle;
  l->waits++;
}

static void note(void *ud, const stox_flow *flow, int status, const stox_tls *tls) {
  lookup *l = ud;
  note_secured(&l->told, flow, status, tls);
}

static void open_with(secure_pair *p, lookup *l, stox_chain_rules *rules) {
  secure_pair_init(p);
  *rules = p->rules;
  rules->ud = l;
  rules->revoked = revoked;
  p->options[0].tls_rules = rules;
  p->options[0].ud = l;
  p->options[0].secured = note;
  p->options[0].undecided = undecided;
  secure_pair_open(p, &anybody);
  fake_open_secure(&p->a.engine, p->at, &wants_server, 1);
  RUN_UNTIL(&p->a, &p->b, l->waits == 1);
  party_settle(&p->a, &p->b);
  assert_int_equal(p->a.engine.n_done, 0);
  assert_int_equal(l->told.n, 0);
}

static void test_good(void **state) {
  (void)state;
  secure_pair p;
  stox_chain_rules rules;
  lookup l = {.answer = STOX_E_MORE};
  open_with(&p, &l, &rules);
  assert_status(stox_uv_decide(p.a.uv, l.handle), STOX_OK);
  assert_int_equal(l.waits, 2); /* still not known */
  assert_status(stox_uv_decide(p.a.uv, l.handle + 1), STOX_E_STATE);
  l.answer = STOX_OK;
  assert_status(stox_uv_decide(p.a.uv, l.handle), STOX_OK);
  assert_status(stox_uv_decide(p.a.uv, l.handle), STOX_E_STATE);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
  assert_status(p.a.engine.done[0].status, STOX_OK);
  assert_int_equal(p.a.engine.peer.verified, 1);
  p.b.engine.echoes = 1;
  fake_send(&p.a.engine, p.a.engine.done[0].handle, nowhere_at_all(), S("hello"), 2);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_fed == 5);
  assert_int_equal(l.asked, 3);
  secure_pair_close(&p);
}

static void test_revoked(void **state) {
  (void)state;
  secure_pair p;
  stox_chain_rules rules;
  lookup l = {.answer = STOX_E_MORE};
  open_with(&p, &l, &rules);
  l.answer = STOX_E_AUTH;
  assert_status(stox_uv_decide(p.a.uv, l.handle), STOX_OK);
  RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1 && p.told[1].n == 1);
  assert_status(p.a.engine.done[0].status, STOX_E_AUTH);
  assert_status(l.told.status, STOX_E_AUTH);
  assert_int_equal(l.told.reasons, STOX_CHAIN_REVOKED);
  assert_int_equal(p.told[1].alert, 44); /* certificate_revoked */
  assert_int_equal(party_counters(&p.a).insecure, 1);
  secure_pair_close(&p);
}

/* An answer that never comes, and a peer that does not wait for it. */
static void test_never(void **state) {
  (void)state;
  for (int goes = 0; goes < 2; goes++) {
    secure_pair p;
    stox_chain_rules rules;
    lookup l = {.answer = STOX_E_MORE};
    secure_pair_init(&p);
    p.options[goes].handshake_timeout_ns = UINT64_C(300000000);
    rules = p.rules;
    rules.ud = &l;
    rules.revoked = revoked;
    p.options[0].tls_rules = &rules;
    p.options[0].ud = &l;
    p.options[0].secured = note;
    secure_pair_open(&p, &anybody);
    fake_open_secure(&p.a.engine, p.at, &wants_server, 1);
    RUN_UNTIL(&p.a, &p.b, p.a.engine.n_done == 1);
    assert_true(p.a.engine.done[0].status != STOX_OK);
    assert_int_equal(l.told.n, 1);
    secure_pair_close(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good),
      cmocka_unit_test(test_revoked),
      cmocka_unit_test(test_never),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
