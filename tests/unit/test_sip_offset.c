/* SPDX-License-Identifier: MIT */
/* Where the strict parser finds what it refuses, and whether the lenient one lets it pass. */
#include "sip_messages.h"

/* A message in two parts; what is refused begins with the second. */
typedef struct row {
  stox_span before;
  stox_span behind;
  int code;
  int answer;
  int lenient; /* the code of the lenient parser */
} row;

static void check(const row *r, size_t number, int lenient) {
  char bytes[2048];
  stox_buf out;
  parsed p;
  stox_buf_init(&out, bytes, sizeof bytes);
  (void)stox_buf_put(&out, r->before);
  assert_status(stox_buf_put(&out, r->behind), STOX_OK);
  const stox_sip_options options = options_of(lenient, 0);
  const int want = lenient ? r->lenient : r->code;
  parse_with(&p, stox_buf_span(&out), &options);
  if (p.status != want ||
      (want != STOX_OK &&
       (p.diag.offset != r->before.n || p.diag.code != want || p.diag.answer != r->answer))) {
    fail_msg("row %zu, lenient %d: %s, answer %d, at %zu, not %zu, by %s", number, lenient,
             stox_status_name(p.status), p.diag.answer, p.diag.offset, r->before.n, p.diag.rule);
  }
  if (want == STOX_OK) {
    assert_int_equal(stox_sip_is_lenient(p.message), lenient);
  }
  parsed_free(&p);
}

static void check_rows(const row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    check(&rows[i], i, 0);
    check(&rows[i], i, 1);
  }
}

#define REST "\r\n" ROUTING "\r\n"

static void test_start_line(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW("MESSAGE sip:a@b.example SIP/2.0"), ROW("\x01" REST), STOX_E_CTRL, 400, STOX_E_CTRL},
      {ROW("MESSAGE sip:a@b.example"), ROW("\x7F;p=\x01 SIP/2.0" REST), STOX_E_CTRL, 400,
       STOX_E_CTRL},
      {ROW("MESSAGE sip:\xFF@b.example"), ROW("\x01 SIP/2.0" REST), STOX_E_CTRL, 400, STOX_E_CTRL},
      {ROW("MESSAGE sip:"), ROW("\xFF@b.example SIP/2.0" REST), STOX_E_BAD_UTF8, 400, STOX_OK},
      {ROW("MESSAGE sip:a@b.example SIP/2.0"), ROW("\n" ROUTING "\r\n"), STOX_E_CTRL, 400, STOX_OK},
      {ROW("MESSAGE sip:a@b.example "), ROW("SIP/3.0" REST), STOX_E_BAD_VERSION, 505,
       STOX_E_BAD_VERSION},
      {ROW("MESSAGE sip:a@b.example "), ROW("SIP/.0" REST), STOX_E_BAD_START, 400,
       STOX_E_BAD_START},
      {ROW("MESSAGE sip:a@"), ROW("-b SIP/2.0" REST), STOX_E_BAD_HOST, 400, STOX_E_BAD_HOST},
      {ROW("MESSAGE sip:a@b.example?"), ROW("c=d SIP/2.0" REST), STOX_E_BAD_URI, 400, STOX_OK},
      {ROW("SIP/2.0 "), ROW("099 x" REST), STOX_E_BAD_START, 0, STOX_E_BAD_START},
      {ROW("SIP/2.0 200"), ROW(REST), STOX_E_BAD_START, 0, STOX_OK},
      {ROW("SIP/2.0 200 "), ROW("\xFF" REST), STOX_E_BAD_UTF8, 0, STOX_OK},
  };
  check_rows(rows, COUNT(rows));
}

#define HEAD LINE ROUTING

static void test_lines(void **state) {
  (void)state;
  static const row rows[] = {
      /* what stands before an odd octet is not forgotten, nor what stands before a fold */
      {ROW(HEAD "X-A: "), ROW("\xFF\"\\\x01\"\r\n\r\n"), STOX_E_BAD_UTF8, 400, STOX_OK},
      {ROW(HEAD "X-A: "), ROW("\xFF\r\n a\r\n\r\n"), STOX_E_BAD_UTF8, 400, STOX_OK},
      {ROW(HEAD "X-A: "), ROW("\x01\r\n a\r\n\r\n"), STOX_E_CTRL, 400, STOX_E_CTRL},
      {ROW(HEAD "X-A: \xC3\xBC\r\n"), ROW("X-B: a\n\r\n"), STOX_E_CTRL, 400, STOX_OK},
      {ROW(HEAD), ROW("X-B: a\n b\r\n\r\n"), STOX_E_CTRL, 400, STOX_OK},
      {ROW(HEAD), ROW("X-B: a\r\n b\n\r\n"), STOX_E_CTRL, 400, STOX_OK},
      {ROW(HEAD), ROW("\n"), STOX_E_CTRL, 400, STOX_OK},
      {ROW(HEAD), ROW("X A: a\r\n\r\n"), STOX_E_BAD_HEADER, 400, STOX_E_BAD_HEADER},
      {ROW(HEAD "X-A: \"\\\x01\""), ROW("\x01\r\n\r\n"), STOX_E_CTRL, 400, STOX_E_CTRL},
      {ROW(HEAD "X-A: \"\\"), ROW("\r\"\r\n\r\n"), STOX_E_CTRL, 400, STOX_E_CTRL},
      {ROW(HEAD "X-A: a"), ROW("\rb\r\n\r\n"), STOX_E_CTRL, 400, STOX_E_CTRL},
      {ROW(HEAD "X-A: a\r\n"), ROW(""), STOX_E_MISSING, 400, STOX_OK},
      {ROW(HEAD "X-A: a"), ROW(""), STOX_E_MISSING, 400, STOX_E_MISSING},
      {ROW(HEAD "Subject: a\r\n"), ROW("s: b\r\n\r\n"), STOX_E_REPEATED, 400, STOX_OK},
      {ROW(HEAD), ROW("CSeq: 7 MESSAGE\r\n\r\n"), STOX_E_REPEATED, 400, STOX_E_REPEATED},
      {ROW(HEAD "l: "), ROW("x\r\n\r\n"), STOX_E_BAD_LENGTH, 400, STOX_E_BAD_LENGTH},
      {ROW(HEAD "l: "), ROW("2\r\n\r\na"), STOX_E_BAD_LENGTH, 400, STOX_E_BAD_LENGTH},
      {ROW(HEAD "Max-Forwards: "), ROW("256\r\n\r\n"), STOX_E_BAD_HEADER, 400, STOX_E_BAD_HEADER},
      {ROW(LINE TOP_VIA FROM TO CALL_ID "\r\n"), ROW(""), STOX_E_MISSING, 400, STOX_E_MISSING},
  };
  check_rows(rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_start_line),
                                     cmocka_unit_test(test_lines)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
