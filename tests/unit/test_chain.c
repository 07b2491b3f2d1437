/* SPDX-License-Identifier: MIT */
#include "certificate_support.h"

#include "stox/chain.h"

/* One authority with an intermediate, another of the same name, and a peer of each kind. */
typedef struct world {
  test_certificate root;
  test_certificate middle;
  test_certificate leaf;
  test_certificate twin; /* another key under the name of `root` */
  test_certificate other;
  test_certificate self;
  stox_anchors *anchors;
} world;

static const test_name leaf_names[] = {{STOX_IDENTITY_DNS, ROW("example.com")},
                                       {STOX_IDENTITY_DNS, ROW("*.example.com")},
                                       {STOX_IDENTITY_XMPP, ROW("example.com")}};
static const test_recipe ca = {.cn = "Root", .is_ca = 1, .to = 1000};
static const test_recipe middle_ca = {.cn = "Middle", .is_ca = 1, .to = 500};
static const test_recipe leaf_recipe = {
    .cn = "Leaf", .names = leaf_names, .names_n = COUNT(leaf_names)};

static stox_anchors *anchors_of(stox_span der) {
  stox_anchors *made;
  size_t added;
  assert_status(stox_anchors_new(&made, stox_allocator_libc()), STOX_OK);
  assert_status(stox_anchors_add(made, der, &added), STOX_OK);
  assert_int_equal(added, 1);
  return made;
}

static int make_world(void **state) {
  static world w;
  const test_recipe other_ca = {.cn = "Other", .is_ca = 1, .to = 1000};
  test_certificate_make(&w.root, &ca, NULL);
  test_certificate_make(&w.twin, &ca, NULL);
  test_certificate_make(&w.other, &other_ca, NULL);
  test_certificate_make(&w.middle, &middle_ca, &w.root);
  test_certificate_make(&w.leaf, &leaf_recipe, &w.middle);
  test_certificate_make(&w.self, &leaf_recipe, NULL);
  w.anchors = anchors_of(w.root.der);
  *state = &w;
  return 0;
}

static int free_world(void **state) {
  world *w = *state;
  stox_anchors_free(w->anchors);
  test_certificate_free(&w->root);
  test_certificate_free(&w->twin);
  test_certificate_free(&w->other);
  test_certificate_free(&w->middle);
  test_certificate_free(&w->leaf);
  test_certificate_free(&w->self);
  return 0;
}

static stox_chain_rules rules_of(const world *w) {
  stox_chain_rules rules;
  assert_status(stox_chain_rules_init(&rules, sizeof rules), STOX_OK);
  rules.wall_s = TEST_NOW;
  rules.anchors = w->anchors;
  return rules;
}

static stox_chain_verdict judge(const stox_span *chain, size_t n, const stox_chain_rules *rules) {
  static char room[1 << 17];
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_chain_verify(&verdict, &arena, chain, n, rules), STOX_OK);
  assert_int_equal(verdict.status, verdict.reasons == 0 ? STOX_OK : STOX_E_AUTH);
  return verdict;
}

static void expect(const stox_span *chain, size_t n, const stox_chain_rules *rules, uint32_t want) {
  const stox_chain_verdict verdict = judge(chain, n, rules);
  if (verdict.reasons != want) {
    fail_msg("reasons %x, not %x", (unsigned)verdict.reasons, (unsigned)want);
  }
}

/* "XC-14.2-01", "XC-14.2-02", "XC-14.2-03": the three cases, and X.509's rules. */
static void test_cases(void **state) {
  const world *w = *state;
  const stox_chain_rules rules = rules_of(w);
  stox_chain_rules nobody = rules;
  const stox_span good[] = {w->leaf.der, w->middle.der};
  const stox_span with_root[] = {w->leaf.der, w->middle.der, w->root.der};
  const stox_span mixed[] = {w->leaf.der, w->root.der, w->other.der, w->middle.der};
  const stox_span short_of[] = {w->leaf.der};
  const stox_span self[] = {w->self.der};
  const stox_span root[] = {w->root.der};
  const stox_span junk[] = {S("\x30\x03\x02\x01\x01")};
  nobody.anchors = NULL;
  expect(good, 2, &rules, 0);
  expect(with_root, 3, &rules, 0);
  expect(mixed, 4, &rules, 0);
  assert_int_equal(judge(mixed, 4, &rules).path, 2);
  expect(root, 1, &rules, 0);
  expect(short_of, 1, &rules, STOX_CHAIN_UNKNOWN_ISSUER);
  expect(self, 1, &rules, STOX_CHAIN_SELF_SIGNED);
  expect(with_root, 3, &nobody, STOX_CHAIN_UNKNOWN_ISSUER);
  expect(NULL, 0, &rules, STOX_CHAIN_ABSENT);
  expect(junk, 1, &rules, STOX_CHAIN_MALFORMED);
  const stox_chain_verdict verdict = judge(good, 2, &rules);
  assert_span_equal(verdict.identities,
                    S("DNS:example.com\nDNS:*.example.com\nXMPP:example.com\n"));
  assert_int_equal(verdict.skipped, 0);
}

/* The time is the caller's: the edges of validity of leaf, middle and root. */
static void test_time(void **state) {
  const world *w = *state;
  static const struct {
    int64_t at;
    uint32_t want;
  } rows[] = {
      {TEST_NOW - TEST_DAY, 0},
      {TEST_NOW - TEST_DAY - 1, STOX_CHAIN_NOT_YET},
      {TEST_NOW + 90 * TEST_DAY, 0},
      {TEST_NOW + 90 * TEST_DAY + 1, STOX_CHAIN_EXPIRED},
      {TEST_NOW + 500 * TEST_DAY + 1, STOX_CHAIN_EXPIRED},
      {0, STOX_CHAIN_NOT_YET},
      {INT64_MAX, STOX_CHAIN_EXPIRED},
  };
  const stox_span chain[] = {w->leaf.der, w->middle.der};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_chain_rules rules = rules_of(w);
    rules.wall_s = rows[i].at;
    expect(chain, 2, &rules, rows[i].want);
  }
  /* An authority that is over, below a leaf that is not. */
  const test_recipe old = {.cn = "Old", .is_ca = 1, .from = -100, .to = -1};
  test_certificate expired;
  test_certificate leaf;
  test_certificate_make(&expired, &old, &w->root);
  test_certificate_make(&leaf, &leaf_recipe, &expired);
  const stox_span under[] = {leaf.der, expired.der};
  const stox_chain_rules rules = rules_of(w);
  expect(under, 2, &rules, STOX_CHAIN_EXPIRED);
  test_certificate_free(&leaf);
  test_certificate_free(&expired);
}

/* Anchors of one name, told apart by key identifiers or, without them, by the signature. */
static void check_twins(const world *w, const test_recipe *recipe, uint32_t alone) {
  stox_chain_rules rules = rules_of(w);
  test_certificate leaf;
  test_certificate_make(&leaf, recipe, &w->root);
  const stox_span chain[] = {leaf.der};
  for (int right_first = 0; right_first < 2; right_first++) {
    stox_anchors *twins = anchors_of(right_first ? w->root.der : w->twin.der);
    rules.anchors = twins;
    expect(chain, 1, &rules, right_first ? 0 : alone);
    assert_status(stox_anchors_add(twins, right_first ? w->twin.der : w->root.der, NULL), STOX_OK);
    expect(chain, 1, &rules, 0);
    stox_anchors_free(twins);
  }
  test_certificate_free(&leaf);
}

static void test_twins(void **state) {
  const world *w = *state;
  test_recipe bare = leaf_recipe;
  bare.no_identifier = 1;
  check_twins(w, &leaf_recipe, STOX_CHAIN_UNKNOWN_ISSUER);
  check_twins(w, &bare, STOX_CHAIN_BAD_SIGNATURE);
}

/* One octet of the signed part or of the signature changed. */
static void test_forged(void **state) {
  const world *w = *state;
  const stox_chain_rules rules = rules_of(w);
  const stox_span der = w->leaf.der;
  char *copy = malloc(der.n);
  assert_non_null(copy);
  for (size_t at = 0; at < der.n; at += 7) {
    memcpy(copy, der.p, der.n);
    copy[at] = (char)(copy[at] ^ 0x40);
    const stox_span chain[] = {{copy, der.n}, w->middle.der};
    assert_true(judge(chain, 2, &rules).reasons != 0);
  }
  free(copy);
}

static void check_leaf(const world *w, const test_recipe *recipe, const test_certificate *issuer,
                       const stox_chain_rules *rules, uint32_t want) {
  test_certificate leaf;
  test_certificate_make(&leaf, recipe, issuer);
  const stox_span chain[] = {leaf.der, issuer->der, w->middle.der};
  expect(chain, 3, rules, want);
  test_certificate_free(&leaf);
}

static void test_authorities(void **state) {
  const world *w = *state;
  const stox_chain_rules rules = rules_of(w);
  const test_recipe narrow = {.cn = "Narrow", .is_ca = 1, .permitted = "example.net"};
  const test_recipe last = {.cn = "Last", .is_ca = 1, .path_length = -1};
  const test_recipe further = {.cn = "Further", .is_ca = 1};
  const test_recipe critical = {.cn = "Critical", .critical = "1.2.3.4"};
  const test_recipe by_sha1 = {.cn = "Sha1", .digest = GNUTLS_DIG_SHA1};
  const test_recipe small = {.cn = "Small", .rsa_bits = 1024};
  test_certificate issuer;
  check_leaf(w, &leaf_recipe, &w->leaf, &rules, STOX_CHAIN_NOT_CA);
  check_leaf(w, &critical, &w->middle, &rules, STOX_CHAIN_UNKNOWN_CRITICAL);
  check_leaf(w, &by_sha1, &w->middle, &rules, STOX_CHAIN_WEAK);
  check_leaf(w, &small, &w->middle, &rules, STOX_CHAIN_WEAK);
  stox_chain_rules weak = rules;
  weak.flags = STOX_CHAIN_ALLOW_WEAK;
  check_leaf(w, &by_sha1, &w->middle, &weak, 0);
  check_leaf(w, &small, &w->middle, &weak, 0);
  test_certificate_make(&issuer, &narrow, &w->middle);
  check_leaf(w, &leaf_recipe, &issuer, &rules, STOX_CHAIN_CONSTRAINTS);
  test_certificate_free(&issuer);
  test_certificate_make(&issuer, &last, &w->root);
  check_leaf(w, &leaf_recipe, &issuer, &rules, 0);
  test_certificate below;
  test_certificate_make(&below, &further, &issuer);
  test_certificate leaf;
  test_certificate_make(&leaf, &leaf_recipe, &below);
  const stox_span chain[] = {leaf.der, below.der, issuer.der};
  expect(chain, 3, &rules, STOX_CHAIN_CONSTRAINTS);
  test_certificate_free(&leaf);
  test_certificate_free(&below);
  test_certificate_free(&issuer);
}

/* "XC-5.1-10", "XC-5.1-11", "XC-14.2-04": the name; and what a certificate may be used for. */
static void test_name_and_purpose(void **state) {
  const world *w = *state;
  static const struct {
    int kind;
    const char *name;
    const char *purpose;
    uint32_t want;
    int matched;
  } rows[] = {
      {STOX_REFERENCE_XMPP_SERVER, "example.com", NULL, 0, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_XMPP_SERVER, "a.example.com", NULL, 0, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_XMPP_SERVER, "example.net", NULL, STOX_CHAIN_WRONG_NAME, 0},
      {STOX_REFERENCE_SIP, "a.example.com", NULL, STOX_CHAIN_WRONG_NAME, 0},
      {STOX_REFERENCE_SIP, "example.com", GNUTLS_KP_TLS_WWW_SERVER, 0, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_SIP, "example.com", "1.3.6.1.5.5.7.3.20", 0, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_SIP, "example.com", GNUTLS_KP_CODE_SIGNING, STOX_CHAIN_WRONG_PURPOSE,
       STOX_IDENTITY_DNS},
      {STOX_REFERENCE_XMPP_SERVER, "example.com", GNUTLS_KP_TLS_WWW_CLIENT, 0, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_XMPP_SERVER, "example.com", "1.3.6.1.5.5.7.3.20", STOX_CHAIN_WRONG_PURPOSE,
       STOX_IDENTITY_DNS},
      {STOX_REFERENCE_XMPP_SERVICE, "example.com", GNUTLS_KP_TLS_WWW_CLIENT,
       STOX_CHAIN_WRONG_PURPOSE, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_HOST, "example.com", GNUTLS_KP_ANY, 0, STOX_IDENTITY_DNS},
      {STOX_REFERENCE_XMPP_CLIENT, "a@example.com", GNUTLS_KP_TLS_WWW_SERVER,
       STOX_CHAIN_WRONG_PURPOSE | STOX_CHAIN_WRONG_NAME, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    test_recipe recipe = leaf_recipe;
    test_certificate leaf;
    stox_chain_rules rules = rules_of(w);
    const stox_reference reference = {rows[i].kind, 0, stox_span_text(rows[i].name)};
    recipe.purpose = rows[i].purpose;
    rules.reference = &reference;
    test_certificate_make(&leaf, &recipe, &w->middle);
    const stox_span chain[] = {leaf.der, w->middle.der};
    expect(chain, 2, &rules, rows[i].want);
    assert_int_equal(judge(chain, 2, &rules).matched, rows[i].matched);
    rules.reference = NULL;
    expect(chain, 2, &rules, 0);
    rules.purposes = STOX_PURPOSE_OTHER;
    expect(chain, 2, &rules,
           recipe.purpose == NULL || strcmp(recipe.purpose, GNUTLS_KP_CODE_SIGNING) == 0 ||
                   strcmp(recipe.purpose, GNUTLS_KP_ANY) == 0
               ? 0
               : STOX_CHAIN_WRONG_PURPOSE);
    test_certificate_free(&leaf);
  }
}

/* "XC-14.2-11", "XC-14.2-12": a cached key stands in for an anchor, and a changed one is told. */
static void test_pins(void **state) {
  const world *w = *state;
  stox_chain_rules rules = rules_of(w);
  stox_certificate view;
  unsigned char pins[3 * STOX_PIN_SIZE] = {0};
  const stox_span good[] = {w->leaf.der, w->middle.der};
  const stox_span self[] = {w->self.der};
  rules.pins = (stox_span){(const char *)pins, 2 * STOX_PIN_SIZE};
  expect(good, 2, &rules, STOX_CHAIN_PIN_MISMATCH);
  const stox_span fits[] = {w->leaf.der, w->middle.der, w->root.der};
  for (size_t i = 0; i < COUNT(fits); i++) {
    assert_status(stox_certificate_parse(&view, fits[i]), STOX_OK);
    assert_status(stox_certificate_pin(pins + STOX_PIN_SIZE, &view), STOX_OK);
    expect(good, 2, &rules, 0);
  }
  expect(self, 1, &rules, STOX_CHAIN_PIN_MISMATCH | STOX_CHAIN_SELF_SIGNED);
  rules.pin_use = STOX_PIN_INSTEAD;
  expect(self, 1, &rules, STOX_CHAIN_PIN_MISMATCH);
  assert_status(stox_certificate_parse(&view, w->self.der), STOX_OK);
  assert_status(stox_certificate_pin(pins, &view), STOX_OK);
  rules.anchors = NULL;
  expect(self, 1, &rules, 0);
  expect(good, 2, &rules, STOX_CHAIN_PIN_MISMATCH);
  rules.wall_s = TEST_NOW + 91 * TEST_DAY;
  expect(self, 1, &rules, STOX_CHAIN_EXPIRED);
  rules.wall_s = 0;
  expect(self, 1, &rules, STOX_CHAIN_NOT_YET);
}

static int told(void *ud, stox_span certificate, stox_span issuer) {
  const int *answer = ud;
  assert_true(certificate.n > 0 && issuer.n > 0);
  return *answer;
}

static void test_callback(void **state) {
  const world *w = *state;
  static const struct {
    int answer;
    uint32_t if_known;
    uint32_t required;
  } rows[] = {
      {STOX_OK, 0, 0},
      {STOX_E_AUTH, STOX_CHAIN_REVOKED, STOX_CHAIN_REVOKED},
      {STOX_E_NONE, 0, STOX_CHAIN_REVOCATION_UNKNOWN},
      {STOX_E_TIMEOUT, 0, STOX_CHAIN_REVOCATION_UNKNOWN},
  };
  const stox_span chain[] = {w->leaf.der, w->middle.der};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_chain_rules rules = rules_of(w);
    int answer = rows[i].answer;
    rules.revoked = told;
    rules.ud = &answer;
    expect(chain, 2, &rules, rows[i].if_known);
    rules.revocation = STOX_REVOCATION_REQUIRE;
    expect(chain, 2, &rules, rows[i].required);
  }
}

/* Adds a list and gives it back. */
static void add_list(stox_anchors *anchors, const test_certificate *issuer,
                     const test_certificate *revoked, int64_t to) {
  const stox_span crl = test_crl_make(issuer, revoked, to);
  size_t added;
  assert_status(stox_anchors_add_crl(anchors, crl, &added), STOX_OK);
  assert_int_equal(added, 1);
  free((void *)(uintptr_t)crl.p);
}

static void test_lists(void **state) {
  const world *w = *state;
  const stox_span chain[] = {w->leaf.der, w->middle.der};
  stox_chain_rules rules = rules_of(w);
  stox_anchors *anchors = anchors_of(w->root.der);
  rules.anchors = anchors;
  rules.revocation = STOX_REVOCATION_REQUIRE;
  expect(chain, 2, &rules, STOX_CHAIN_REVOCATION_UNKNOWN);
  add_list(anchors, &w->twin, &w->middle, 10); /* of the right name, signed by another */
  expect(chain, 2, &rules, STOX_CHAIN_REVOCATION_UNKNOWN);
  add_list(anchors, &w->root, NULL, 10);
  expect(chain, 2, &rules, STOX_CHAIN_REVOCATION_UNKNOWN);
  add_list(anchors, &w->middle, &w->self, 10);
  expect(chain, 2, &rules, 0);
  rules.wall_s = TEST_NOW + 11 * TEST_DAY; /* both lists are overdue */
  expect(chain, 2, &rules, STOX_CHAIN_REVOCATION_UNKNOWN);
  rules.revocation = STOX_REVOCATION_IF_KNOWN;
  expect(chain, 2, &rules, 0);
  add_list(anchors, &w->middle, &w->leaf, 10);
  expect(chain, 2, &rules, STOX_CHAIN_REVOKED);
  rules.wall_s = TEST_NOW;
  rules.revocation = STOX_REVOCATION_REQUIRE;
  expect(chain, 2, &rules, STOX_CHAIN_REVOKED);
  stox_anchors_free(anchors);
}

static void test_length(void **state) {
  const world *w = *state;
  stox_span many[17];
  test_certificate steps[11];
  const test_recipe step = {.cn = NULL, .is_ca = 1};
  stox_chain_rules rules = rules_of(w);
  for (size_t i = 0; i < COUNT(many); i++) {
    many[i] = i == 0 ? w->leaf.der : w->middle.der;
  }
  expect(many, 16, &rules, 0);
  expect(many, 17, &rules, STOX_CHAIN_TOO_LONG);
  for (size_t i = 0; i < COUNT(steps); i++) {
    char name[16];
    test_recipe named = step;
    (void)snprintf(name, sizeof name, "Step %zu", i);
    named.cn = name;
    test_certificate_make(&steps[i], &named, i == 0 ? &w->root : &steps[i - 1]);
  }
  for (size_t n = 1; n <= COUNT(steps); n++) {
    for (size_t i = 0; i < n; i++) {
      many[i] = steps[n - 1 - i].der;
    }
    expect(many, n, &rules, n <= 10 ? 0 : STOX_CHAIN_TOO_LONG);
    rules.depth = (uint32_t)(n <= 10 ? n : 10);
    expect(many, n, &rules, n <= 10 ? 0 : STOX_CHAIN_TOO_LONG);
    if (n > 1 && n <= 10) {
      rules.depth = (uint32_t)n - 1;
      expect(many, n, &rules, STOX_CHAIN_TOO_LONG);
    }
    rules.depth = 10;
  }
  for (size_t i = 0; i < COUNT(steps); i++) {
    test_certificate_free(&steps[i]);
  }
}

static void test_limits(void **state) {
  const world *w = *state;
  const stox_span chain[] = {w->leaf.der, w->middle.der};
  stox_chain_rules rules = rules_of(w);
  char room[64];
  const size_t n = judge(chain, 2, &rules).identities.n;
  for (size_t cap = 0; cap <= n + 1; cap++) {
    stox_arena arena;
    stox_chain_verdict verdict = {.size = sizeof verdict};
    stox_arena_init(&arena, room, cap, 0, NULL);
    assert_status(stox_chain_verify(&verdict, &arena, chain, 2, &rules),
                  cap < n + 1 ? STOX_E_NOMEM : STOX_OK);
  }
  rules.names = (uint32_t)n;
  expect(chain, 2, &rules, 0);
  rules.names = (uint32_t)n - 1;
  expect(chain, 2, &rules, STOX_CHAIN_BAD_NAMES);
}

static void test_arguments(void **state) {
  const world *w = *state;
  const stox_span chain[] = {w->leaf.der};
  stox_chain_rules rules;
  char room[512];
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  const stox_reference reference = {0, 0, S("a")};
  const stox_reference domain = {STOX_REFERENCE_SIP, 0, S("a..b")};
  const stox_reference jid = {STOX_REFERENCE_XMPP_CLIENT, 0, S("a")};
  for (int i = 0; i < 6; i++) {
    rules = rules_of(w);
    rules.depth = i == 0 ? 0 : i == 1 ? 11 : 10;
    rules.pins = i == 2 ? S("short") : S("");
    rules.pin_use = i == 3 ? 2 : 0;
    rules.revocation = i == 4 ? 2 : 0;
    rules.reference = i == 5 ? &reference : NULL;
    assert_status(stox_chain_verify(&verdict, &arena, chain, 1, &rules), STOX_E_ARG);
  }
  rules.reference = &domain;
  assert_status(stox_chain_verify(&verdict, &arena, chain, 1, &rules), STOX_E_BAD_DOMAIN);
  rules.reference = &jid;
  assert_status(stox_chain_verify(&verdict, &arena, chain, 1, &rules), STOX_E_BAD_JID);
  verdict.size = 1;
  assert_status(stox_chain_verify(&verdict, &arena, chain, 1, &rules), STOX_E_ARG);
  assert_status(stox_chain_rules_init(&rules, 1), STOX_E_ARG);
}

static void test_names_of_reasons(void **state) {
  (void)state;
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_ABSENT), "ABSENT");
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_EXPIRED), "EXPIRED");
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_REVOKED), "REVOKED");
  assert_string_equal(stox_chain_reason_name(STOX_CHAIN_TOO_LONG), "TOO_LONG");
  assert_string_equal(stox_chain_reason_name(0), "UNKNOWN");
  assert_string_equal(stox_chain_reason_name(3), "UNKNOWN");
}

/* PEM of two, DER, what is neither; every allocation failing. */
static void test_anchors(void **state) {
  const world *w = *state;
  const stox_span one = test_pem(w->root.der, "CERTIFICATE");
  const stox_span two = test_pem(w->twin.der, "CERTIFICATE");
  const stox_span crl = test_crl_make(&w->root, NULL, 10);
  const stox_span list = test_pem(crl, "X509 CRL");
  char *both = malloc(one.n + two.n);
  size_t added;
  assert_non_null(both);
  memcpy(both, one.p, one.n);
  memcpy(both + one.n, two.p, two.n);
  const stox_span bundle = {both, one.n + two.n};
  for (size_t at = 1;; at++) {
    failing f = {at, 0, 0};
    const stox_allocator alloc = failing_allocator(&f);
    stox_anchors *anchors = NULL;
    int status = stox_anchors_new(&anchors, &alloc);
    if (status == STOX_OK) {
      status = stox_anchors_add(anchors, bundle, &added);
      assert_int_equal(added, status == STOX_OK ? 2 : 0);
    }
    if (status == STOX_OK) {
      status = stox_anchors_add_crl(anchors, list, &added);
      assert_int_equal(added, status == STOX_OK);
    }
    stox_anchors_free(anchors);
    assert_int_equal(f.live, 0);
    if (status == STOX_OK) {
      break;
    }
    assert_status(status, STOX_E_NOMEM);
  }
  stox_anchors *anchors = anchors_of(w->root.der);
  assert_status(stox_anchors_add(anchors, list, NULL), STOX_E_NONE);
  assert_status(stox_anchors_add(anchors, crl, NULL), STOX_E_SYNTAX);
  assert_status(stox_anchors_add(anchors, S(""), NULL), STOX_E_NONE);
  assert_status(stox_anchors_add_crl(anchors, one, NULL), STOX_E_NONE);
  assert_status(stox_anchors_add_crl(anchors, S("\x30\x02\x05\x00"), NULL), STOX_E_SYNTAX);
  stox_anchors_free(anchors);
  stox_anchors_free(NULL);
  free(both);
  free((void *)(uintptr_t)one.p);
  free((void *)(uintptr_t)two.p);
  free((void *)(uintptr_t)crl.p);
  free((void *)(uintptr_t)list.p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cases),       cmocka_unit_test(test_time),
      cmocka_unit_test(test_twins),       cmocka_unit_test(test_forged),
      cmocka_unit_test(test_authorities), cmocka_unit_test(test_name_and_purpose),
      cmocka_unit_test(test_pins),        cmocka_unit_test(test_callback),
      cmocka_unit_test(test_lists),       cmocka_unit_test(test_length),
      cmocka_unit_test(test_limits),      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_anchors),     cmocka_unit_test(test_names_of_reasons),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
