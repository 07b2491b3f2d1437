/* SPDX-License-Identifier: MIT */
/* Accept, Accept-Encoding, Accept-Language, Content-Disposition. */
#include "header_support.h"

#include "stox/sip_accept.h"

HEADER_TRIAL(stox_sip_accept)

HEADER_TRIAL(stox_sip_accept_encoding)

HEADER_TRIAL(stox_sip_accept_language)

HEADER_TRIAL(stox_sip_content_disposition)

static void test_accept(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("application/sdp;level=1"), ROW("application/sdp;level=1"), 0},
      {ROW("application/x-private"), ROW("application/x-private"), 0},
      {ROW("text/html"), ROW("text/html"), 0},
      {ROW("*/*;q=0.5"), ROW("*/*;q=0.5"), 0},
      {ROW("text / * ; q = 0.1;x=\"y\""), ROW("text/*;q=0.1;x=\"y\""), 0},
      {ROW("text"), REFUSED, 4},
      {ROW("text/"), REFUSED, 5},
      {ROW("/html"), REFUSED, 0},
      {ROW("text/html;q=1.1"), REFUSED, 12},
      {ROW("text/html;q=0.5;q=0.6"), REFUSED, 18},
  };
  header_check_all(&stox_sip_accept_trial, rows, COUNT(rows));
}

static void test_accept_encoding(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("gzip"), ROW("gzip"), 0},
      {ROW("*;q=0"), ROW("*;q=0"), 0},
      {ROW("identity ; q=0.5"), ROW("identity;q=0.5"), 0},
      {ROW(""), REFUSED, 0},
      {ROW("gzip;q"), REFUSED, 5},
      {ROW("a/b"), REFUSED, 1},
  };
  header_check_all(&stox_sip_accept_encoding_trial, rows, COUNT(rows));
}

static void test_accept_language(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("da"), ROW("da"), 0},
      {ROW("en-gb;q=0.8"), ROW("en-gb;q=0.8"), 0},
      {ROW("*;q=0.1"), ROW("*;q=0.1"), 0},
      {ROW("zh-Hant-TW"), ROW("zh-Hant-TW"), 0},
      {ROW("de-1996"), ROW("de-1996"), 0},
      {ROW("en-"), REFUSED, 0},
      {ROW("-en"), REFUSED, 0},
      {ROW("en--us"), REFUSED, 0},
      {ROW("abcdefghi"), REFUSED, 0},
      {ROW("e1"), REFUSED, 0},
      {ROW("en-abcdefghi"), REFUSED, 0},
      {ROW("en_us"), REFUSED, 0},
  };
  header_check_all(&stox_sip_accept_language_trial, rows, COUNT(rows));
}

static void test_content_disposition(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("session"), ROW("session"), 0},
      {ROW("session;handling=optional"), ROW("session;handling=optional"), 0},
      {ROW("render; handling=REQUIRED;x"), ROW("render;handling=REQUIRED;x"), 0},
      {ROW("signal"), ROW("signal"), 0},
      {ROW(""), REFUSED, 0},
      {ROW("session;handling"), REFUSED, 8},
      {ROW("session;handling=\"x\""), REFUSED, 17},
      {ROW("a b"), REFUSED, 2},
  };
  header_check_all(&stox_sip_content_disposition_trial, rows, COUNT(rows));
}

HEADER_TRIAL(stox_sip_content_type)

static void test_content_type(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("application/sdp"), ROW("application/sdp"), 0},
      {ROW("text/html; charset=ISO-8859-4"), ROW("text/html;charset=ISO-8859-4"), 0},
      {ROW("a / b ; c = \"d;\\\"e\""), ROW("a/b;c=\"d;\\\"e\""), 0},
      {ROW("text/html;charset"), REFUSED, 17},
      {ROW("text/html;charset=[::1]"), REFUSED, 18},
      {ROW("text/html;"), REFUSED, 10},
      {ROW("text"), REFUSED, 4},
      {ROW("text/a,b"), REFUSED, 6},
  };
  header_check_all(&stox_sip_content_type_trial, rows, COUNT(rows));
  stox_buf out;
  stox_sip_content_type type = {S("a"), S("b"), S("c")};
  stox_buf_init(&out, NULL, 0);
  assert_status(stox_sip_content_type_write(&out, &type), STOX_E_BAD_HEADER);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_content_type), cmocka_unit_test(test_accept),
      cmocka_unit_test(test_accept_encoding), cmocka_unit_test(test_accept_language),
      cmocka_unit_test(test_content_disposition)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
