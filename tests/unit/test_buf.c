/* SPDX-License-Identifier: MIT */
#include "support.h"

static int write_all(stox_buf *buf) {
  (void)stox_buf_put(buf, S("abc"));
  (void)stox_buf_put_octet(buf, '-');
  (void)stox_buf_put_text(buf, "text");
  (void)stox_buf_put_number(buf, 1234567890);
  return stox_buf_put(buf, S(""));
}

static void test_every_cap(void **state) {
  (void)state;
  static const char whole[] = "abc-text1234567890";
  const size_t n = sizeof whole - 1;
  for (size_t cap = 0; cap <= n + 1; cap++) {
    char room[64];
    stox_buf buf;
    memset(room, '#', sizeof room);
    stox_buf_init(&buf, room, cap);
    assert_status(write_all(&buf), cap >= n ? STOX_OK : STOX_E_NOBUF);
    assert_status(stox_buf_status(&buf), cap >= n ? STOX_OK : STOX_E_NOBUF);
    assert_int_equal(buf.len, n);
    assert_int_equal(room[cap], '#');
    if (cap >= n) {
      assert_span_equal(stox_buf_span(&buf), S("abc-text1234567890"));
    } else {
      assert_null(stox_buf_span(&buf).p);
    }
  }
}

static void test_overflow_is_sticky(void **state) {
  (void)state;
  char room[4] = "....";
  stox_buf buf;
  stox_buf_init(&buf, room, 3);
  assert_status(stox_buf_put(&buf, S("ab")), STOX_OK);
  assert_status(stox_buf_put(&buf, S("cd")), STOX_E_NOBUF);
  assert_status(stox_buf_put(&buf, S("e")), STOX_E_NOBUF);
  assert_int_equal(buf.len, 5);
  assert_memory_equal(room, "ab..", 4);
}

static void test_length_saturates(void **state) {
  (void)state;
  stox_buf buf;
  stox_buf_init(&buf, NULL, 0);
  buf.len = SIZE_MAX - 1;
  assert_status(stox_buf_put(&buf, S("abc")), STOX_E_NOBUF);
  assert_true(buf.len == SIZE_MAX);
}

static void test_numbers(void **state) {
  (void)state;
  char room[32];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  assert_status(stox_buf_put_number(&buf, 0), STOX_OK);
  assert_status(stox_buf_put_octet(&buf, ' '), STOX_OK);
  assert_status(stox_buf_put_number(&buf, UINT64_MAX), STOX_OK);
  assert_span_equal(stox_buf_span(&buf), S("0 18446744073709551615"));
}

static void test_empty_is_not_absent(void **state) {
  (void)state;
  stox_buf buf;
  stox_buf_init(&buf, NULL, 0);
  assert_non_null(stox_buf_span(&buf).p);
  assert_int_equal(stox_buf_span(&buf).n, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_cap), cmocka_unit_test(test_overflow_is_sticky),
      cmocka_unit_test(test_length_saturates), cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_empty_is_not_absent)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
