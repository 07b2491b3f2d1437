/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/diag.h"

static void test_equality(void **state) {
  (void)state;
  const stox_span absent = {NULL, 0};
  assert_true(stox_span_is_equal(S("abc"), S("abc")));
  assert_true(stox_span_is_equal(absent, S("")));
  assert_false(stox_span_is_equal(S("abc"), S("abC")));
  assert_false(stox_span_is_equal(S("abc"), S("ab")));
  assert_true(stox_span_is_equal(S("a\0b"), S("a\0b")));
  assert_false(stox_span_is_equal(S("a\0b"), S("a\0c")));
  assert_true(stox_span_is_equal_nocase(S("Call-ID"), S("cALL-id")));
  assert_false(stox_span_is_equal_nocase(S("a@"), S("a`")));
  assert_false(stox_span_is_equal_nocase(S("\xC3\x84"), S("\xC3\xA4")));
}

static void test_parts(void **state) {
  (void)state;
  assert_span_equal(stox_span_slice(S("abcdef"), 2, 3), S("cde"));
  assert_span_equal(stox_span_slice(S("abcdef"), 4, 99), S("ef"));
  assert_span_equal(stox_span_slice(S("abc"), 9, 1), S(""));
  assert_non_null(stox_span_slice(S("abc"), 9, 1).p);
  assert_null(stox_span_slice((stox_span){NULL, 0}, 0, 5).p);
  assert_int_equal(stox_span_find(S("a,b,c"), ','), 1);
  assert_int_equal(stox_span_find(S("abc"), ','), 3);
  assert_int_equal(stox_span_find((stox_span){NULL, 0}, ','), 0);
  assert_span_equal(stox_span_trim(S(" \t\r\nx y \n")), S("x y"));
  assert_span_equal(stox_span_trim(S(" \t ")), S(""));
}

static void test_text(void **state) {
  (void)state;
  assert_span_equal(stox_span_text("abc"), S("abc"));
  assert_null(stox_span_text(NULL).p);
  assert_span_equal(stox_span_of("abcd", 2), S("ab"));
}

static void test_reads_stay_inside(void **state) {
  (void)state;
  guard g = guard_copy(S("  x  "));
  assert_span_equal(stox_span_trim(g.span), S("x"));
  assert_int_equal(stox_span_find(g.span, 'z'), 5);
  assert_true(stox_span_is_equal_nocase(g.span, S("  X  ")));
  guard_free(&g);
}

static void test_diag(void **state) {
  (void)state;
  stox_diag diag = {0, 0, 0, NULL};
  assert_status(stox_diag_set(&diag, STOX_E_CTRL, 400, 7, "RFC3261-25.1"), STOX_E_CTRL);
  assert_int_equal(diag.code, STOX_E_CTRL);
  assert_int_equal(diag.answer, 400);
  assert_int_equal(diag.offset, 7);
  assert_string_equal(diag.rule, "RFC3261-25.1");
  assert_status(stox_diag_set(NULL, STOX_E_LIMIT, 0, 0, ""), STOX_E_LIMIT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equality), cmocka_unit_test(test_parts), cmocka_unit_test(test_text),
      cmocka_unit_test(test_reads_stay_inside), cmocka_unit_test(test_diag)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
