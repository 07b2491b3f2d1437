/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "writers.h"

#include "stox/utf8.h"

/* 7247-6.4-04: what is not UTF-8 is refused, never replaced. */
static void bad_sequences(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    size_t offset;
  } rows[] = {
      {ROW("\x80"), 0},
      {ROW("abc\xBF"), 3},
      {ROW("a\xC3"), 1},
      {ROW("a\xC3(b"), 1},
      {ROW("\xC0\xAF"), 0},
      {ROW("\xC1\xBF"), 0},
      {ROW("\xE0\x80\xAF"), 0},
      {ROW("\xE0\x9F\xBF"), 0},
      {ROW("\xE2\x82"), 0},
      {ROW("\xE2\x28\xA1"), 0},
      {ROW("\xED\xA0\x80"), 0},
      {ROW("\xED\xBF\xBF"), 0},
      {ROW("\xF0\x8F\xBF\xBF"), 0},
      {ROW("\xF0\x9F\x8D"), 0},
      {ROW("\xF4\x90\x80\x80"), 0},
      {ROW("\xF5\x80\x80\x80"), 0},
      {ROW("\xFE\xFF"), 0},
      {ROW("twelve octet\xC3"), 12},
      {ROW("\xC3\xBC sixteen or more\xFF"), 18},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    size_t offset = 99;
    assert_status(stox_utf8_check(g.span, &offset), STOX_E_BAD_UTF8);
    assert_int_equal(offset, rows[i].offset);
    assert_status(stox_utf8_check(g.span, NULL), STOX_E_BAD_UTF8);
    guard_free(&g);
  }
}

static void good_texts(void **state) {
  (void)state;
  static const stox_span rows[] = {
      {NULL, 0},
      ROW(""),
      ROW("a"),
      ROW("\0\x01\x7F"),
      ROW("\xC2\x80"),
      ROW("\xDF\xBF"),
      ROW("\xE0\xA0\x80"),
      ROW("\xEF\xBF\xBF"),
      ROW("\xED\x9F\xBF"),
      ROW("\xEE\x80\x80"),
      ROW("\xF0\x90\x80\x80"),
      ROW("\xF4\x8F\xBF\xBF"),
      ROW("seven b"),
      ROW("eight by\xC3\xBCtes and more\xF0\x9F\x8D\xBA"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i]);
    size_t offset = 99;
    assert_status(stox_utf8_check(g.span, &offset), STOX_OK);
    assert_int_equal(offset, 99);
    guard_free(&g);
  }
}

/* Every code point is written and read back; every other number is refused. */
static void every_code_point(void **state) {
  (void)state;
  for (uint32_t point = 0; point < 0x111000; point++) {
    char room[4];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    const int surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (surrogate || point > 0x10FFFF) {
      assert_int_equal(stox_utf8_put(&out, point), STOX_E_BAD_UTF8);
      assert_int_equal(out.len, 0);
      continue;
    }
    assert_int_equal(stox_utf8_put(&out, point), STOX_OK);
    uint32_t got = 0;
    size_t cursor = 0;
    assert_int_equal(stox_utf8_next(&got, stox_buf_span(&out), &cursor), STOX_OK);
    assert_int_equal(got, point);
    assert_int_equal(cursor, out.len);
    assert_int_equal(stox_utf8_next(&got, stox_buf_span(&out), &cursor), STOX_E_NONE);
  }
  stox_buf none = {NULL, 0, 0};
  assert_status(stox_utf8_put(&none, UINT32_MAX), STOX_E_BAD_UTF8);
}

/* Reading code point by code point says the same as the check, for all pairs of octets between
 * others. */
static void next_agrees_with_check(void **state) {
  (void)state;
  for (unsigned a = 0; a < 256; a++) {
    for (unsigned b = 0; b < 256; b++) {
      const char octets[] = {'x', (char)a, (char)b, (char)0x80, 'y'};
      const stox_span text = {octets, sizeof octets};
      size_t offset = text.n;
      const int checked = stox_utf8_check(text, &offset);
      size_t cursor = 0;
      uint32_t point;
      int status = STOX_OK;
      while (status == STOX_OK) {
        status = stox_utf8_next(&point, text, &cursor);
      }
      assert_int_equal(status, checked == STOX_OK ? STOX_E_NONE : STOX_E_BAD_UTF8);
      assert_int_equal(cursor, offset);
    }
  }
}

static void ascii(void **state) {
  (void)state;
  char octets[40];
  for (size_t n = 0; n < sizeof octets; n++) {
    memset(octets, 'a', sizeof octets);
    octets[n] = '\x7F';
    guard g = guard_copy((stox_span){octets, n});
    assert_int_equal(stox_text_is_ascii(g.span), 1);
    guard_free(&g);
    for (size_t at = 0; at < n; at++) {
      octets[at] = '\x80';
      assert_int_equal(stox_text_is_ascii((stox_span){octets, n}), 0);
      octets[at] = '\x7F';
    }
  }
  assert_int_equal(stox_text_is_ascii((stox_span){NULL, 0}), 1);
}

static int put_point(stox_buf *out, const void *ud) {
  return stox_utf8_put(out, *(const uint32_t *)ud);
}

static void put_at_every_cap(void **state) {
  (void)state;
  static const struct {
    uint32_t point;
    stox_span want;
  } rows[] = {{0x41, ROW("A")},
              {0xFC, ROW("\xC3\xBC")},
              {0x20AC, ROW("\xE2\x82\xAC")},
              {0x1F37A, ROW("\xF0\x9F\x8D\xBA")}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_writer(put_point, &rows[i].point, rows[i].want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_sequences),
      cmocka_unit_test(good_texts),
      cmocka_unit_test(every_code_point),
      cmocka_unit_test(next_agrees_with_check),
      cmocka_unit_test(ascii),
      cmocka_unit_test(put_at_every_cap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
