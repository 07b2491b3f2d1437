/* SPDX-License-Identifier: MIT */
#include "ocsp_support.h"

#include "stox/chain.h"

/* RFC 7633: status_request; another feature. */
static const char staple_feature[] = "\x30\x03\x02\x01\x05";
static const char other_feature[] = "\x30\x03\x02\x01\x10";

/* An authority, an intermediate, a leaf, and one that demands stapling. */
typedef struct world {
  test_certificate root;
  test_certificate middle;
  test_certificate leaf;
  test_certificate must;
  stox_anchors *anchors;
} world;

static int make_world(void **state) {
  static world w;
  const test_recipe ca = {.cn = "Root", .is_ca = 1, .to = 1000};
  const test_recipe middle = {.cn = "Middle", .is_ca = 1, .to = 500};
  const test_recipe leaf = {.cn = "Leaf"};
  const test_recipe must = {.cn = "Must", .features = staple_feature};
  test_certificate_make(&w.root, &ca, NULL);
  test_certificate_make(&w.middle, &middle, &w.root);
  test_certificate_make(&w.leaf, &leaf, &w.middle);
  test_certificate_make(&w.must, &must, &w.middle);
  assert_status(stox_anchors_new(&w.anchors, stox_allocator_libc()), STOX_OK);
  assert_status(stox_anchors_add(w.anchors, w.root.der, NULL), STOX_OK);
  *state = &w;
  return 0;
}

static int free_world(void **state) {
  world *w = *state;
  stox_anchors_free(w->anchors);
  test_certificate_free(&w->root);
  test_certificate_free(&w->middle);
  test_certificate_free(&w->leaf);
  test_certificate_free(&w->must);
  return 0;
}

static stox_chain_rules rules_of(const world *w) {
  stox_chain_rules rules;
  assert_status(stox_chain_rules_init(&rules, sizeof rules), STOX_OK);
  rules.wall_s = TEST_NOW;
  rules.anchors = w->anchors;
  return rules;
}

static stox_chain_verdict judge(const world *w, const test_certificate *own,
                                const stox_chain_rules *rules) {
  static char room[4096];
  const stox_span chain[] = {own->der, w->root.der, w->middle.der};
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_chain_verify(&verdict, &arena, chain, COUNT(chain), rules), STOX_OK);
  return verdict;
}

static void expect(const world *w, const test_certificate *own, const stox_chain_rules *rules,
                   uint32_t want) {
  const stox_chain_verdict verdict = judge(w, own, rules);
  if (verdict.reasons != want) {
    fail_msg("reasons %x, not %x", (unsigned)verdict.reasons, (unsigned)want);
  }
  assert_status(verdict.status, want == 0 ? STOX_OK : STOX_E_AUTH);
}

/* RFC 6066 8: a response that is stapled has to be satisfactory. */
static void test_staples(void **state) {
  const world *w = *state;
  enum { NOBODY = STOX_CHAIN_REVOCATION_UNKNOWN };
  const struct {
    test_response response;
    uint32_t if_known;
    uint32_t required; /* besides what is not known of the intermediate */
    uint32_t must;
  } rows[] = {
      {{0}, 0, 0, 0},
      {{.status = STOX_OCSP_REVOKED}, STOX_CHAIN_REVOKED, STOX_CHAIN_REVOKED, STOX_CHAIN_REVOKED},
      {{.status = STOX_OCSP_UNKNOWN}, 0, NOBODY, STOX_CHAIN_NO_STAPLE},
      {{.failure = 3},
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_NO_STAPLE},
      {{.to = -60},
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_NO_STAPLE},
      {{.to = -60, .status = STOX_OCSP_REVOKED},
       STOX_CHAIN_REVOKED,
       STOX_CHAIN_REVOKED,
       STOX_CHAIN_REVOKED},
      {{.signer = &w->root},
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_NO_STAPLE},
      {{.digest = GNUTLS_DIG_SHA1},
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE,
       STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_NO_STAPLE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_chain_rules rules = rules_of(w);
    const stox_span leaf = test_response_make(&rows[i].response, &w->leaf, &w->middle);
    const stox_span must = test_response_make(&rows[i].response, &w->must, &w->middle);
    rules.staples = &leaf;
    rules.staples_n = 1;
    rules.flags = STOX_CHAIN_STAPLE_ASKED;
    expect(w, &w->leaf, &rules, rows[i].if_known);
    rules.revocation = STOX_REVOCATION_REQUIRE;
    expect(w, &w->leaf, &rules, rows[i].required | NOBODY);
    rules.revocation = STOX_REVOCATION_IF_KNOWN;
    rules.staples = &must;
    expect(w, &w->must, &rules, rows[i].must);
    free((void *)(uintptr_t)leaf.p);
    free((void *)(uintptr_t)must.p);
  }
}

/* Each response belongs to the certificate at its place in the peer's chain, whatever the path. */
static void test_places(void **state) {
  const world *w = *state;
  stox_chain_rules rules = rules_of(w);
  const test_response good = {0};
  const test_response bad = {.status = STOX_OCSP_REVOKED};
  const stox_span leaf = test_response_make(&good, &w->leaf, &w->middle);
  const stox_span middle = test_response_make(&good, &w->middle, &w->root);
  const stox_span revoked = test_response_make(&bad, &w->middle, &w->root);
  stox_span staples[] = {leaf, {NULL, 0}, middle};
  rules.staples = staples;
  rules.staples_n = COUNT(staples);
  rules.revocation = STOX_REVOCATION_REQUIRE;
  expect(w, &w->leaf, &rules, 0);
  staples[2] = revoked;
  expect(w, &w->leaf, &rules, STOX_CHAIN_REVOKED);
  staples[2] = leaf;
  expect(w, &w->leaf, &rules, STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_REVOCATION_UNKNOWN);
  staples[2] = (stox_span){NULL, 0};
  staples[1] = leaf; /* the root's place, which nobody asks about */
  rules.revocation = STOX_REVOCATION_IF_KNOWN;
  expect(w, &w->leaf, &rules, 0);
  rules.staples = NULL;
  static char room[256];
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_chain_verify(&verdict, &arena, &w->leaf.der, 1, &rules), STOX_E_ARG);
  free((void *)(uintptr_t)leaf.p);
  free((void *)(uintptr_t)middle.p);
  free((void *)(uintptr_t)revoked.p);
}

/* RFC 7633 4: who demands stapling is refused without, if it was asked for. */
static void test_must_staple(void **state) {
  const world *w = *state;
  stox_chain_rules rules = rules_of(w);
  const test_recipe other = {.cn = "Other", .features = other_feature};
  const test_recipe broken = {.cn = "Broken", .features = "\x30\x03\x04\x01\x05"};
  test_certificate c;
  stox_certificate view;
  expect(w, &w->must, &rules, 0);
  rules.flags = STOX_CHAIN_STAPLE_ASKED;
  expect(w, &w->must, &rules, STOX_CHAIN_NO_STAPLE);
  expect(w, &w->leaf, &rules, 0);
  test_certificate_make(&c, &other, &w->middle);
  assert_status(stox_certificate_parse(&view, c.der), STOX_OK);
  assert_int_equal(view.features, STOX_FEATURE_OTHER);
  assert_int_equal(view.unknown_critical, 0);
  expect(w, &c, &rules, 0);
  test_certificate_free(&c);
  test_certificate_make(&c, &broken, &w->middle);
  assert_status(stox_certificate_parse(&view, c.der), STOX_E_SYNTAX);
  expect(w, &c, &rules, STOX_CHAIN_MALFORMED);
  test_certificate_free(&c);
  assert_status(stox_certificate_parse(&view, w->must.der), STOX_OK);
  assert_int_equal(view.features, STOX_FEATURE_STAPLE);
  assert_null(view.ocsp.p);
}

typedef struct host {
  int revoked;
  int decided;
  uint32_t seen; /* reasons that `decide` was told */
  size_t asked;
  size_t chain_n;
} host;

static int revoked(void *ud, stox_span certificate, stox_span issuer) {
  host *h = ud;
  assert_true(certificate.n > 0 && issuer.n > 0);
  h->asked++;
  return h->revoked;
}

static int decide(void *ud, const stox_chain_verdict *verdict, const stox_span *chain, size_t n) {
  host *h = ud;
  assert_true(n == 0 || chain != NULL);
  h->seen = verdict->reasons;
  h->chain_n = n;
  return h->decided;
}

/* The host's answers, now or later. */
static void test_host(void **state) {
  const world *w = *state;
  const struct {
    const test_certificate *own;
    host host;
    int status;
    uint32_t reasons;
  } rows[] = {
      {&w->leaf, {.revoked = STOX_OK, .decided = STOX_E_NONE}, STOX_OK, 0},
      {&w->leaf, {.revoked = STOX_E_MORE, .decided = STOX_E_NONE}, STOX_E_MORE, 0},
      {&w->must,
       {.revoked = STOX_E_MORE, .decided = STOX_E_NONE},
       STOX_E_AUTH,
       STOX_CHAIN_NO_STAPLE},
      {&w->must, {.revoked = STOX_E_MORE, .decided = STOX_OK}, STOX_OK, STOX_CHAIN_NO_STAPLE},
      {&w->leaf, {.revoked = STOX_E_AUTH, .decided = STOX_E_NONE}, STOX_E_AUTH, STOX_CHAIN_REVOKED},
      {&w->leaf, {.revoked = STOX_E_AUTH, .decided = STOX_OK}, STOX_OK, STOX_CHAIN_REVOKED},
      {&w->leaf, {.revoked = STOX_OK, .decided = STOX_E_AUTH}, STOX_E_AUTH, STOX_CHAIN_BY_HOST},
      {&w->leaf, {.revoked = STOX_OK, .decided = STOX_E_TIMEOUT}, STOX_E_AUTH, STOX_CHAIN_BY_HOST},
      {&w->leaf, {.revoked = STOX_OK, .decided = STOX_E_MORE}, STOX_E_MORE, 0},
      {&w->must, {.revoked = STOX_OK, .decided = STOX_E_MORE}, STOX_E_MORE, STOX_CHAIN_NO_STAPLE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_chain_rules rules = rules_of(w);
    host h = rows[i].host;
    rules.flags = STOX_CHAIN_STAPLE_ASKED;
    rules.revocation = STOX_REVOCATION_REQUIRE;
    rules.ud = &h;
    rules.revoked = revoked;
    rules.decide = decide;
    const stox_chain_verdict verdict = judge(w, rows[i].own, &rules);
    assert_status(verdict.status, rows[i].status);
    assert_int_equal(verdict.reasons, rows[i].reasons);
    assert_int_equal(h.asked, 2);
    assert_int_equal(h.chain_n, h.revoked == STOX_E_MORE && verdict.reasons == 0 ? 0 : 3);
    assert_int_equal(h.seen, verdict.reasons & ~(uint32_t)STOX_CHAIN_BY_HOST);
  }
}

static void test_names(void **state) {
  (void)state;
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_BAD_STAPLE), "BAD_STAPLE");
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_NO_STAPLE), "NO_STAPLE");
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_BY_HOST), "BY_HOST");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_staples),     cmocka_unit_test(test_places),
      cmocka_unit_test(test_must_staple), cmocka_unit_test(test_host),
      cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
