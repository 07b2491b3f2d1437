/* SPDX-License-Identifier: MIT */
#include "certificate_support.h"

#include "stox/chain.h"

/* The certificates that draft-jennings-sip-sec-flows and RFC 6216 print, and the list of tests of
 * RFC 6216 6 (8 to 17), by the rules of RFC 5922 7. */

#define VECTORS STOX_TEST_VECTORS "/sec-secflows/"

/* 2005-02-19, when the draft was written; 2008-02-04, behind its certificates; 2011-02-28. */
enum { IN_2005 = 1108771200, IN_2008 = 1202083200, IN_2011 = 1298851200 };

typedef struct document {
  char room[4096];
  char octets[8192];
  stox_span der;
  stox_certificate view;
} document;

static stox_span pem_of(document *d, const char *name) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s%s", VECTORS, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    fail_msg("no %s", path);
  }
  const size_t n = fread(d->room, 1, sizeof d->room, file);
  (void)fclose(file);
  return (stox_span){d->room, n};
}

static void open_document(document *d, const char *name) {
  stox_arena arena;
  size_t cursor = 0;
  const stox_span pem = pem_of(d, name);
  stox_arena_init(&arena, d->octets, sizeof d->octets, 0, NULL);
  assert_status(stox_pem_next(&d->der, &arena, pem, "CERTIFICATE", &cursor), STOX_OK);
  assert_status(stox_certificate_parse(&d->view, d->der), STOX_OK);
}

static void assert_identities(const document *d, const char *want) {
  char room[512];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_certificate_identities(&out, &d->view, NULL), STOX_OK);
  assert_span_equal(stox_buf_span(&out), stox_span_text(want));
}

/* "SF-3.1-01", "SF-3.2-01", "SF-3.3-01", "SF-B-04": what the documents say stands in them. */
static void test_parts(void **state) {
  (void)state;
  static const struct {
    const char *name;
    stox_span serial;
    int64_t from;
    int64_t to;
    uint32_t purposes;
    const char *identities;
  } rows[] = {
      {"root_cert_fluffyCA.pem", ROW("\0"), 1058530912, 1373890912, STOX_PURPOSE_ANY, ""},
      {"domain_cert_example.com.pem", ROW("\x01\x95\x00\x71\x02\x33\x00\x55"), 1107456548,
       1202064548, STOX_PURPOSE_ANY, "DNS:example.com\n"},
      {"domain_cert_example.net.pem", ROW("\x01\x95\x00\x71\x02\x33\x00\x56"), 1107456551,
       1202064551, STOX_PURPOSE_ANY, "DNS:example.net\n"},
      {"user_cert_fluffy.pem", ROW("\x01\x95\x00\x71\x02\x33\x00\x58"), 1107456574, 1202064574,
       STOX_PURPOSE_ANY, "URI:sip:fluffy@example.com\n"},
      {"user_cert_rfc6216.pem", ROW("\x00\x96\xA3\x84\x17\x4E\xEF\x8A\x4D"), 0, 0,
       STOX_PURPOSE_OTHER | STOX_PURPOSE_SIP_DOMAIN, "URI:sip:fluffy@example.com\n"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    document d;
    open_document(&d, rows[i].name);
    assert_span_equal(d.view.serial, rows[i].serial);
    if (rows[i].from != 0) {
      assert_int_equal(d.view.not_before, rows[i].from);
      assert_int_equal(d.view.not_after, rows[i].to);
    }
    assert_int_equal(d.view.purposes, rows[i].purposes);
    if (rows[i].identities[0] != '\0') {
      assert_identities(&d, rows[i].identities);
    }
  }
}

static stox_chain_rules rules_of(const stox_anchors *anchors, const stox_reference *reference,
                                 int64_t at, uint32_t flags) {
  stox_chain_rules rules;
  assert_status(stox_chain_rules_init(&rules, sizeof rules), STOX_OK);
  rules.anchors = anchors;
  rules.reference = reference;
  rules.wall_s = at;
  rules.flags = flags;
  return rules;
}

static uint32_t judge(const stox_span *chain, size_t n, const stox_chain_rules *rules) {
  static char room[4096];
  stox_arena arena;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_chain_verify(&verdict, &arena, chain, n, rules), STOX_OK);
  return verdict.reasons;
}

/* "SF-3.2-02", "SF-4.1-04", "SF-6-02", "SF-6-03": names and time; all weak by today's rules. */
static void test_documents(void **state) {
  (void)state;
  static const struct {
    const char *name;
    const char *asked;
    int64_t at;
    uint32_t want;
  } rows[] = {
      {"domain_cert_example.com.pem", "example.com", IN_2005, 0},
      {"domain_cert_example.com.pem", "www.example.com", IN_2005, STOX_CHAIN_WRONG_NAME},
      {"domain_cert_example.com.pem", "example.com", IN_2008, STOX_CHAIN_EXPIRED},
      {"domain_cert_example.net.pem", "example.net", IN_2005, 0},
      {"domain_cert_example.net.pem", "example.com", IN_2005, STOX_CHAIN_WRONG_NAME},
      {"user_cert_fluffy.pem", "example.com", IN_2005, STOX_CHAIN_WRONG_NAME},
      {"user_cert_fluffy.pem", "example.com", IN_2008, STOX_CHAIN_WRONG_NAME | STOX_CHAIN_EXPIRED},
  };
  stox_anchors *anchors;
  document root;
  assert_status(stox_anchors_new(&anchors, stox_allocator_libc()), STOX_OK);
  assert_status(stox_anchors_add(anchors, pem_of(&root, "root_cert_fluffyCA.pem"), NULL), STOX_OK);
  assert_status(stox_anchors_add(anchors, pem_of(&root, "root_cert_rfc6216.pem"), NULL), STOX_OK);
  for (size_t i = 0; i < COUNT(rows); i++) {
    document d;
    open_document(&d, rows[i].name);
    const stox_reference reference = {STOX_REFERENCE_SIP, 0, stox_span_text(rows[i].asked)};
    stox_chain_rules rules = rules_of(anchors, &reference, rows[i].at, STOX_CHAIN_ALLOW_WEAK);
    assert_int_equal(judge(&d.der, 1, &rules), rows[i].want);
    rules.flags = 0;
    assert_true((judge(&d.der, 1, &rules) & STOX_CHAIN_WEAK) != 0);
  }
  document user;
  open_document(&user, "user_cert_rfc6216.pem");
  const stox_chain_rules rules = rules_of(anchors, NULL, IN_2011, STOX_CHAIN_ALLOW_WEAK);
  assert_int_equal(judge(&user.der, 1, &rules), 0);
  stox_anchors_free(anchors);
}

/* ---- RFC 6216 6 ---- */

static const char sip_domain[] = "1.3.6.1.5.5.7.3.20";

static const test_name good_names[] = {{STOX_IDENTITY_DNS, ROW("good.example.com")}};
static const test_name evil_names[] = {{STOX_IDENTITY_DNS, ROW("evil.example.com")}};
static const test_name wild_names[] = {{STOX_IDENTITY_DNS, ROW("*.example.com")}};
static const test_name uri_names[] = {{STOX_IDENTITY_DNS, ROW("pc.example.com")},
                                      {STOX_IDENTITY_URI, ROW("sip:good.example.com")}};
static const test_name user_names[] = {{STOX_IDENTITY_URI, ROW("sip:me@good.example.com")}};
static const test_name address_names[] = {{STOX_IDENTITY_IP, ROW("\xC0\x00\x02\x01")}};

typedef struct world {
  test_certificate root;
  test_certificate middle;
  test_certificate other;
  stox_anchors *anchors;
} world;

typedef struct row {
  test_recipe recipe;
  const char *asked;
  int flags;         /* of the reference */
  uint32_t purposes; /* 0: by the reference */
  int incomplete;    /* 1: the intermediate is not shown */
  int untrusted;     /* 1: issued by another authority */
  int revoked;
  uint32_t want;
} row;

static const row rows[] = {
    /* 8 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1}, .asked = "good.example.com"},
    {.recipe = {.cn = "x", .names = uri_names, .names_n = 2}, .asked = "good.example.com"},
    /* 9 */
    {.recipe = {.cn = "good.example.com"},
     .asked = "good.example.com",
     .flags = STOX_REFERENCE_ALLOW_CN},
    /* 10 */
    {.recipe = {.names = address_names, .names_n = 1}, .asked = "192.0.2.1"},
    /* 11 */
    {.recipe = {.cn = "x", .names = evil_names, .names_n = 1},
     .asked = "good.example.com",
     .want = STOX_CHAIN_WRONG_NAME},
    {.recipe = {.cn = "good.example.com", .names = evil_names, .names_n = 1},
     .asked = "good.example.com",
     .flags = STOX_REFERENCE_ALLOW_CN,
     .want = STOX_CHAIN_WRONG_NAME},
    {.recipe = {.cn = "x", .names = wild_names, .names_n = 1},
     .asked = "good.example.com",
     .want = STOX_CHAIN_WRONG_NAME},
    {.recipe = {.cn = "x", .names = uri_names, .names_n = 2},
     .asked = "pc.example.com",
     .want = STOX_CHAIN_WRONG_NAME},
    {.recipe = {.cn = "x", .names = user_names, .names_n = 1},
     .asked = "good.example.com",
     .want = STOX_CHAIN_WRONG_NAME},
    /* 12 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1},
     .asked = "good.example.com",
     .untrusted = 1,
     .want = STOX_CHAIN_UNKNOWN_ISSUER},
    /* 13 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1},
     .asked = "good.example.com",
     .incomplete = 1,
     .want = STOX_CHAIN_UNKNOWN_ISSUER},
    /* 14 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1, .from = 1},
     .asked = "good.example.com",
     .want = STOX_CHAIN_NOT_YET},
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1, .from = -9, .to = -1},
     .asked = "good.example.com",
     .want = STOX_CHAIN_EXPIRED},
    /* 15 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1},
     .asked = "good.example.com",
     .revoked = 1,
     .want = STOX_CHAIN_REVOKED},
    /* 16 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1, .purpose = GNUTLS_KP_CODE_SIGNING},
     .asked = "good.example.com",
     .want = STOX_CHAIN_WRONG_PURPOSE},
    /* 17 */
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1, .purpose = GNUTLS_KP_TLS_WWW_SERVER},
     .asked = "good.example.com",
     .purposes = STOX_PURPOSE_SIP_DOMAIN,
     .want = STOX_CHAIN_WRONG_PURPOSE},
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1, .purpose = sip_domain},
     .asked = "good.example.com",
     .purposes = STOX_PURPOSE_SIP_DOMAIN},
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1, .purpose = GNUTLS_KP_ANY},
     .asked = "good.example.com",
     .purposes = STOX_PURPOSE_SIP_DOMAIN},
    {.recipe = {.cn = "x", .names = good_names, .names_n = 1},
     .asked = "good.example.com",
     .purposes = STOX_PURPOSE_SIP_DOMAIN},
};

static stox_anchors *anchors_of(const world *w, const test_certificate *revoked) {
  stox_anchors *made;
  assert_status(stox_anchors_new(&made, stox_allocator_libc()), STOX_OK);
  assert_status(stox_anchors_add(made, w->root.der, NULL), STOX_OK);
  if (revoked != NULL) {
    const stox_span crl = test_crl_make(&w->middle, revoked, 10);
    assert_status(stox_anchors_add_crl(made, crl, NULL), STOX_OK);
    free((void *)(uintptr_t)crl.p);
  }
  return made;
}

/* "SF-L-02". */
static void test_list(void **state) {
  (void)state;
  const test_recipe ca = {.cn = "Root", .is_ca = 1, .to = 1000};
  const test_recipe middle_ca = {.cn = "Middle", .is_ca = 1, .to = 500};
  const test_recipe other_ca = {.cn = "Other", .is_ca = 1, .to = 500};
  world w = {0};
  test_certificate_make(&w.root, &ca, NULL);
  test_certificate_make(&w.middle, &middle_ca, &w.root);
  test_certificate_make(&w.other, &other_ca, NULL);
  for (size_t i = 0; i < COUNT(rows); i++) {
    const row *r = &rows[i];
    const test_certificate *issuer = r->untrusted ? &w.other : &w.middle;
    const stox_reference reference = {STOX_REFERENCE_SIP, (uint32_t)r->flags,
                                      stox_span_text(r->asked)};
    test_certificate leaf;
    test_certificate_make(&leaf, &r->recipe, issuer);
    stox_anchors *anchors = anchors_of(&w, r->revoked ? &leaf : NULL);
    const stox_span chain[] = {leaf.der, issuer->der};
    stox_chain_rules rules = rules_of(anchors, &reference, TEST_NOW, 0);
    rules.purposes = r->purposes;
    const uint32_t reasons = judge(chain, r->incomplete ? 1 : 2, &rules);
    if (reasons != r->want) {
      fail_msg("row %zu: %x, not %x", i, (unsigned)reasons, (unsigned)r->want);
    }
    stox_anchors_free(anchors);
    test_certificate_free(&leaf);
  }
  test_certificate_free(&w.root);
  test_certificate_free(&w.middle);
  test_certificate_free(&w.other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_documents),
      cmocka_unit_test(test_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
