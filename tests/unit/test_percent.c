/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "writers.h"

#include "stox/percent.h"

/* A text, its set and its encoded form. */
typedef struct row {
  int set;
  stox_span text;
  stox_span encoded;
} row;

static const row rows[] = {
    {STOX_PERCENT_SIP_USER, ROW(""), ROW("")},
    {STOX_PERCENT_SIP_USER, ROW("romeo"), ROW("romeo")},
    {STOX_PERCENT_SIP_USER, ROW("-_.!~*'()&=+$,;?/"), ROW("-_.!~*'()&=+$,;?/")},
    {STOX_PERCENT_SIP_USER, ROW("\"#%:<>@[\\]^`{|} "),
     ROW("%22%23%25%3A%3C%3E%40%5B%5C%5D%5E%60%7B%7C%7D%20")},
    {STOX_PERCENT_SIP_USER, ROW("f\xC3\xBC"), ROW("f%C3%BC")},
    {STOX_PERCENT_SIP_USER, ROW("\0\x7F\xFF"), ROW("%00%7F%FF")},
    {STOX_PERCENT_IM_SAFE, ROW("!$&'*+-/=_~"), ROW("!$&'*+-/=_~")},
    {STOX_PERCENT_IM_SAFE, ROW("#%?^`{|}.;"), ROW("%23%25%3F%5E%60%7B%7C%7D%2E%3B")},
    {STOX_PERCENT_IM_RFC, ROW("!#$%&'*+-/=?^_`{|}~"), ROW("!#$%&'*+-/=?^_`{|}~")},
    {STOX_PERCENT_PARAM, ROW("[]/:&+$-_.!~*'()"), ROW("[]/:&+$-_.!~*'()")},
    {STOX_PERCENT_PARAM, ROW("a;b=c?d@e f"), ROW("a%3Bb%3Dc%3Fd%40e%20f")},
    {STOX_PERCENT_HEADER, ROW("[]/?:+$&=;"), ROW("[]/?:+$%26%3D%3B")},
    {STOX_PERCENT_UNRESERVED, ROW("aZ09-._~!*"), ROW("aZ09-._~%21%2A")},
    {STOX_PERCENT_PASSWORD, ROW("&=+$,;/"), ROW("&=+$,%3B%2F")},
};

static int encode(stox_buf *out, const void *ud) {
  const row *r = ud;
  return stox_percent_encode(out, r->text, r->set);
}

static int decode(stox_buf *out, const void *ud) {
  return stox_percent_decode(out, *(const stox_span *)ud, NULL);
}

static void encodes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_writer(encode, &rows[i], rows[i].encoded);
  }
}

static void decodes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (rows[i].set != STOX_PERCENT_IM_RFC) { /* its own '%' is no escape */
      check_writer(decode, &rows[i].encoded, rows[i].text);
    }
  }
  static const stox_span lower = ROW("%c3%bC%2f+");
  check_writer(decode, &lower, S("\xC3\xBC/+"));
}

static void bad_escapes(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    size_t offset;
  } bad[] = {{ROW("%"), 0},    {ROW("a%"), 1},     {ROW("a%4"), 1},      {ROW("%4g"), 0},
             {ROW("%%41"), 0}, {ROW("%41%-1"), 3}, {ROW("x%41y%G0"), 5}, {ROW("% 41"), 0}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    guard g = guard_copy(bad[i].text);
    char room[16];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    stox_buf_put_text(&out, "ab");
    stox_diag diag = {0, 0, 99, NULL};
    assert_status(stox_percent_decode(&out, g.span, &diag), STOX_E_BAD_PCT);
    assert_int_equal(diag.code, STOX_E_BAD_PCT);
    assert_int_equal(diag.offset, bad[i].offset);
    assert_int_equal(out.len, 2);
    guard_free(&g);
  }
}

/* Each set keeps the octets that the encoder keeps, for each octet there is. */
static void every_octet(void **state) {
  (void)state;
  for (int set = STOX_PERCENT_SIP_USER; set <= STOX_PERCENT_PASSWORD; set++) {
    for (unsigned octet = 0; octet < 256; octet++) {
      const char text = (char)octet;
      char room[4];
      stox_buf out;
      stox_buf_init(&out, room, sizeof room);
      assert_status(stox_percent_encode(&out, (stox_span){&text, 1}, set), STOX_OK);
      assert_int_equal(out.len, stox_percent_is_kept(set, (unsigned char)octet) ? 1 : 3);
      assert_true(octet < 0x80 || out.len == 3);
    }
  }
}

static void no_such_set(void **state) {
  (void)state;
  stox_buf out = {NULL, 0, 0};
  assert_status(stox_percent_encode(&out, S("a"), -1), STOX_E_ARG);
  assert_status(stox_percent_encode(&out, S("a"), STOX_PERCENT_PASSWORD + 1), STOX_E_ARG);
  assert_int_equal(stox_percent_is_kept(-1, 'a'), 0);
  assert_int_equal(stox_percent_is_kept(99, 'a'), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(encodes),     cmocka_unit_test(decodes),     cmocka_unit_test(bad_escapes),
      cmocka_unit_test(every_octet), cmocka_unit_test(no_such_set),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
