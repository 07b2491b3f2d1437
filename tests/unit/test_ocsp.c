/* SPDX-License-Identifier: MIT */
#include "ocsp_support.h"

#include "stox/chain.h"

#include <gnutls/ocsp.h>

static const char ocsp_signing[] = "1.3.6.1.5.5.7.3.9";

/* An authority, what it issued, and others who might speak for it. */
typedef struct world {
  test_certificate root;
  test_certificate leaf;
  test_certificate other;
  test_certificate delegate;
  test_certificate expired; /* a delegate */
  test_certificate plain;   /* issued for something else */
  test_certificate twin;    /* another key under the authority's name */
  test_certificate foreign; /* a delegate of that one */
} world;

static int make_world(void **state) {
  static world w;
  const test_recipe ca = {.cn = "Root", .is_ca = 1, .to = 1000};
  const test_recipe leaf = {.cn = "Leaf", .ocsp = "http://ocsp.example.com/"};
  const test_recipe delegate = {.cn = "Responder", .purpose = ocsp_signing};
  const test_recipe expired = {.cn = "Responder", .purpose = ocsp_signing, .from = -9, .to = -2};
  const test_recipe plain = {.cn = "Responder", .purpose = GNUTLS_KP_TLS_WWW_SERVER};
  test_certificate_make(&w.root, &ca, NULL);
  test_certificate_make(&w.twin, &ca, NULL);
  test_certificate_make(&w.leaf, &leaf, &w.root);
  test_certificate_make(&w.other, &leaf, &w.root);
  test_certificate_make(&w.delegate, &delegate, &w.root);
  test_certificate_make(&w.expired, &expired, &w.root);
  test_certificate_make(&w.plain, &plain, &w.root);
  test_certificate_make(&w.foreign, &delegate, &w.twin);
  *state = &w;
  return 0;
}

static int free_world(void **state) {
  world *w = *state;
  test_certificate *all[] = {&w->root,    &w->leaf,  &w->other, &w->delegate,
                             &w->expired, &w->plain, &w->twin,  &w->foreign};
  for (size_t i = 0; i < COUNT(all); i++) {
    test_certificate_free(all[i]);
  }
  return 0;
}

static int check_at(const world *w, const test_response *r, int64_t at, uint32_t flags,
                    stox_ocsp *out) {
  const stox_span der = test_response_make(r, &w->leaf, &w->root);
  guard g = guard_copy(der);
  out->size = sizeof *out;
  const int status = stox_ocsp_check(out, g.span, w->leaf.der, w->root.der, TEST_NOW + at, flags);
  guard_free(&g);
  free((void *)(uintptr_t)der.p);
  return status;
}

/* RFC 6960 4.2.2.2: who may sign. */
static void test_signers(void **state) {
  const world *w = *state;
  const struct {
    test_response response;
    int status;
  } rows[] = {
      {{0}, STOX_OK},
      {{.by_key = 1}, STOX_OK},
      {{.sha256 = 1}, STOX_OK},
      {{.first = &w->other}, STOX_OK},
      {{.with_signer = 1}, STOX_OK},
      {{.signer = &w->delegate, .with_signer = 1}, STOX_OK},
      {{.signer = &w->delegate, .with_signer = 1, .by_key = 1}, STOX_OK},
      {{.signer = &w->delegate}, STOX_E_AUTH},
      {{.signer = &w->expired, .with_signer = 1}, STOX_E_AUTH},
      {{.signer = &w->plain, .with_signer = 1}, STOX_E_AUTH},
      {{.signer = &w->leaf, .with_signer = 1}, STOX_E_AUTH},
      {{.signer = &w->twin, .with_signer = 1}, STOX_E_AUTH},
      {{.signer = &w->twin, .with_signer = 1, .by_key = 1}, STOX_E_AUTH},
      {{.signer = &w->foreign, .with_signer = 1}, STOX_E_AUTH},
      {{.digest = GNUTLS_DIG_SHA1}, STOX_E_UNSUPPORTED},
      {{.single_critical = 1}, STOX_E_UNSUPPORTED},
      {{.whole_critical = 1}, STOX_E_UNSUPPORTED},
      {{.failure = 3}, STOX_E_NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_ocsp answer = {.status = 77};
    assert_status(check_at(w, &rows[i].response, 0, 0, &answer), rows[i].status);
    assert_int_equal(answer.status, rows[i].status == STOX_OK ? STOX_OCSP_GOOD : 77);
  }
  const test_response weak = {.digest = GNUTLS_DIG_SHA1};
  stox_ocsp answer;
  assert_status(check_at(w, &weak, 0, STOX_OCSP_ALLOW_WEAK, &answer), STOX_OK);
}

static void test_answers(void **state) {
  const world *w = *state;
  static const struct {
    int status;
    int reason;
  } rows[] = {{STOX_OCSP_GOOD, 0},
              {STOX_OCSP_UNKNOWN, 0},
              {STOX_OCSP_REVOKED, 0},
              {STOX_OCSP_REVOKED, 1},
              {STOX_OCSP_REVOKED, 6}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    const test_response r = {.status = rows[i].status, .reason = rows[i].reason};
    const int revoked = rows[i].status == STOX_OCSP_REVOKED;
    stox_ocsp answer;
    assert_status(check_at(w, &r, 0, 0, &answer), STOX_OK);
    assert_int_equal(answer.status, rows[i].status);
    assert_int_equal(answer.reason, rows[i].reason == 0 ? -1 : rows[i].reason);
    assert_int_equal(answer.this_update, TEST_NOW - 3600);
    assert_int_equal(answer.next_update, TEST_NOW + 7 * TEST_DAY);
    assert_true(answer.revoked_at == (revoked ? TEST_NOW - 7200 : INT64_MIN));
  }
}

/* The time is the caller's; what is revoked stays so. */
static void test_time(void **state) {
  const world *w = *state;
  static const struct {
    int64_t to;
    int64_t at;
    int status;
  } rows[] = {
      {0, -3600, STOX_OK},
      {0, -3600 - STOX_OCSP_SKEW, STOX_OK},
      {0, -3600 - STOX_OCSP_SKEW - 1, STOX_E_TIMEOUT},
      {0, 7 * TEST_DAY, STOX_OK},
      {0, 7 * TEST_DAY + 1, STOX_E_TIMEOUT},
      {INT64_MIN, STOX_OCSP_AGE - 3600, STOX_OK},
      {INT64_MIN, STOX_OCSP_AGE - 3600 + 1, STOX_E_TIMEOUT},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    test_response r = {.to = rows[i].to};
    stox_ocsp answer;
    assert_status(check_at(w, &r, rows[i].at, 0, &answer), rows[i].status);
    assert_int_equal(answer.status, STOX_OCSP_GOOD);
    assert_true((answer.next_update == INT64_MIN) == (rows[i].to == INT64_MIN));
    r.status = STOX_OCSP_REVOKED;
    assert_status(check_at(w, &r, rows[i].at, 0, &answer), STOX_OK);
    assert_int_equal(answer.status, STOX_OCSP_REVOKED);
  }
}

/* About another certificate, or another authority's. */
static void test_others(void **state) {
  const world *w = *state;
  const test_response r = {0};
  const stox_span der = test_response_make(&r, &w->leaf, &w->root);
  stox_ocsp answer = {.size = sizeof answer};
  assert_status(stox_ocsp_check(&answer, der, w->other.der, w->root.der, TEST_NOW, 0), STOX_E_NONE);
  assert_status(stox_ocsp_check(&answer, der, w->leaf.der, w->twin.der, TEST_NOW, 0), STOX_E_NONE);
  assert_status(stox_ocsp_check(&answer, der, der, w->root.der, TEST_NOW, 0), STOX_E_SYNTAX);
  assert_status(stox_ocsp_check(&answer, der, w->leaf.der, S(""), TEST_NOW, 0), STOX_E_SYNTAX);
  answer.size = 4;
  assert_status(stox_ocsp_check(&answer, der, w->leaf.der, w->root.der, TEST_NOW, 0), STOX_E_ARG);
  free((void *)(uintptr_t)der.p);
}

/* Cut anywhere, any octet changed: never an answer, but for what nobody reads. */
static void test_forged(void **state) {
  const world *w = *state;
  const test_response r = {.signer = &w->delegate, .with_signer = 1};
  const stox_span der = test_response_make(&r, &w->leaf, &w->root);
  char *copy = malloc(der.n);
  stox_ocsp answer = {.size = sizeof answer};
  assert_non_null(copy);
  for (size_t n = 0; n < der.n; n++) {
    guard g = guard_copy(stox_span_slice(der, 0, n));
    assert_status(stox_ocsp_check(&answer, g.span, w->leaf.der, w->root.der, TEST_NOW, 0),
                  STOX_E_SYNTAX);
    guard_free(&g);
    memcpy(copy, der.p, der.n);
    copy[n] = (char)(copy[n] ^ 0x04);
    assert_true(stox_ocsp_check(&answer, (stox_span){copy, der.n}, w->leaf.der, w->root.der,
                                TEST_NOW, 0) != STOX_OK);
  }
  free(copy);
  free((void *)(uintptr_t)der.p);
}

/* GnuTLS reads our request, and a responder that it hears of. */
static void test_request(void **state) {
  const world *w = *state;
  char room[256];
  stox_certificate view;
  size_t n = 0;
  for (size_t cap = 0; cap <= sizeof room; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    const int status = stox_ocsp_request(&out, w->leaf.der, w->root.der);
    n = out.len;
    assert_status(status, n > cap ? STOX_E_NOBUF : STOX_OK);
  }
  gnutls_ocsp_req_t ours;
  gnutls_ocsp_req_t theirs;
  gnutls_datum_t a;
  const gnutls_datum_t der = {(unsigned char *)room, (unsigned)n};
  assert_int_equal(gnutls_ocsp_req_init(&ours), 0);
  assert_int_equal(gnutls_ocsp_req_init(&theirs), 0);
  assert_int_equal(gnutls_ocsp_req_import(ours, &der), 0);
  assert_int_equal(gnutls_ocsp_req_add_cert(theirs, GNUTLS_DIG_SHA1, w->root.crt, w->leaf.crt), 0);
  assert_int_equal(gnutls_ocsp_req_export(theirs, &a), 0);
  assert_span_equal(((stox_span){room, n}), ((stox_span){(const char *)a.data, a.size}));
  gnutls_free(a.data);
  gnutls_ocsp_req_deinit(ours);
  gnutls_ocsp_req_deinit(theirs);
  assert_status(stox_certificate_parse(&view, w->leaf.der), STOX_OK);
  assert_span_equal(view.ocsp, S("http://ocsp.example.com/"));
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_ocsp_request(&out, S("x"), w->root.der), STOX_E_SYNTAX);
  assert_int_equal(out.len, 0);
}

/* GnuTLS says the same of responses that the issuer signed, or nobody who may. */
static void test_oracle(void **state) {
  const world *w = *state;
  const test_response rows[] = {{0},
                                {.status = STOX_OCSP_REVOKED, .reason = 4},
                                {.by_key = 1, .sha256 = 1},
                                {.signer = &w->leaf},
                                {.signer = &w->foreign, .with_signer = 1}};
  const unsigned no_clock =
      GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_span der = test_response_make(&rows[i], &w->leaf, &w->root);
    const gnutls_datum_t datum = {(unsigned char *)(uintptr_t)der.p, (unsigned)der.n};
    gnutls_ocsp_resp_t theirs;
    unsigned found = 99;
    unsigned status = 99;
    stox_ocsp answer = {.size = sizeof answer};
    assert_int_equal(gnutls_ocsp_resp_init(&theirs), 0);
    assert_int_equal(gnutls_ocsp_resp_import(theirs, &datum), 0);
    assert_int_equal(gnutls_ocsp_resp_check_crt(theirs, 0, w->leaf.crt), 0);
    assert_int_equal(gnutls_ocsp_resp_get_single(theirs, 0, NULL, NULL, NULL, NULL, &status, NULL,
                                                 NULL, NULL, NULL),
                     0);
    assert_int_equal(status, (unsigned)rows[i].status);
    const int code = gnutls_ocsp_resp_verify_direct(theirs, w->root.crt, &found, no_clock);
    const int ours = stox_ocsp_check(&answer, der, w->leaf.der, w->root.der, TEST_NOW, 0);
    assert_int_equal(ours == STOX_OK, code == 0 && found == 0);
    gnutls_ocsp_resp_deinit(theirs);
    free((void *)(uintptr_t)der.p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_signers), cmocka_unit_test(test_answers),
      cmocka_unit_test(test_time),    cmocka_unit_test(test_others),
      cmocka_unit_test(test_forged),  cmocka_unit_test(test_request),
      cmocka_unit_test(test_oracle),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
