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
      {ROW("MESSAGE sips:a@b.example?"), ROW("c=d SIP/2.0" REST), STOX_E_BAD_URI, 400, STOX_OK},
      {ROW("MESSAGE foo:a"), ROW("{ SIP/2.0" REST), STOX_E_BAD_URI, 416, STOX_E_BAD_URI},
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
      {ROW(HEAD "X-A: \xC3\xBC "), ROW("\xC0\r\n\r\n"), STOX_E_BAD_UTF8, 400, STOX_OK},
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

#define FROM_REST(text) text "\r\n" TOP_VIA TO CALL_ID CSEQ "\r\n"
#define ID_REST(text)   text "\r\n" TOP_VIA FROM TO CSEQ "\r\n"
#define VIA_REST(text)  text "\r\n" FROM TO CALL_ID CSEQ "\r\n"

static void test_routing(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW(LINE "From: <sip:j"), ROW(FROM_REST("%@h.example>;tag=1")), STOX_E_BAD_PCT, 400,
       STOX_OK},
      {ROW(LINE "From: sip:j@h.example, sip:k@h.example"), ROW(FROM_REST("")), STOX_E_BAD_HEADER,
       400, STOX_E_BAD_HEADER},
      {ROW(LINE "From: <sip:j@h.example>;tag=1"), ROW(FROM_REST("\"")), STOX_E_BAD_HEADER, 400,
       STOX_E_BAD_HEADER},
      {ROW(LINE "Call-ID: "), ROW(ID_REST("a@;b")), STOX_E_BAD_HEADER, 400, STOX_OK},
      {ROW(LINE "Call-ID: "), ROW(ID_REST("a@b@")), STOX_E_BAD_HEADER, 400, STOX_OK},
      {ROW(LINE "Via: SIP/2.0/UDP h;branch=a;"), ROW(VIA_REST("ttl=256")), STOX_E_BAD_HEADER, 400,
       STOX_E_BAD_HEADER},
      {ROW(LINE "Via: SIP/2.0/UDP h;"), ROW(VIA_REST("branch=\"a\"")), STOX_E_BAD_HEADER, 400,
       STOX_E_BAD_HEADER},
      {ROW(LINE "Via: SIP/2.0/UDP "), ROW(VIA_REST(":5060")), STOX_E_BAD_HEADER, 400,
       STOX_E_BAD_HEADER},
      {ROW(LINE "Via: SIP/2.0/UDP"), ROW(VIA_REST("[2001:db8::1]")), STOX_E_BAD_HEADER, 400,
       STOX_E_BAD_HEADER},
      {ROW(LINE "Via: "), ROW(VIA_REST("[2001:db8::1]")), STOX_E_BAD_HEADER, 400,
       STOX_E_BAD_HEADER},
  };
  check_rows(rows, COUNT(rows));
}

static void check_good(stox_span bytes, int lenient, int is_lenient) {
  const stox_sip_options options = options_of(lenient, 0);
  parsed p;
  parse_with(&p, bytes, &options);
  if (p.status != STOX_OK || stox_sip_is_lenient(p.message) != is_lenient) {
    fail_msg("%.*s: %s at %zu", (int)bytes.n, bytes.p, stox_status_name(p.status), p.diag.offset);
  }
  parsed_free(&p);
}

/* What stands near to something that is refused. */
static void test_good(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW(HEAD "X-A: \"\\\x01\"\r\n a\r\n\r\n"),
      ROW("MESSAGE im:a@b.example?c=d SIP/2.0" REST),
      ROW("MESSAGE foo:a SIP/2.0" REST),
      ROW(LINE "Via: SIP/2.0/UDP h , SIP/2.0/UDP g\r\n" FROM TO CALL_ID CSEQ "\r\n"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_good(rows[i], 0, 0);
    check_good(rows[i], 1, 0);
  }
  check_good(S(HEAD "X-A: a\n\r\n"), 1, 1);
}

/* A control is found behind what is forgiven. */
static void test_control_before_line_end(void **state) {
  (void)state;
  const stox_sip_options options = options_of(1, 0);
  parsed p;
  parse_with(&p, S(HEAD "X-A: a\x01\n\r\n"), &options);
  assert_status(p.status, STOX_E_CTRL);
  assert_int_equal(p.diag.offset, sizeof HEAD "X-A: a" - 1);
  parsed_free(&p);
}

/* A Via value ends before the white space behind it. */
static void test_via_text(void **state) {
  (void)state;
  stox_sip_via via;
  parsed p;
  parse_good(&p, S(LINE "Via: SIP/2.0/UDP h \t, SIP/2.0/UDP g:1 , SIP/2.0/UDP f;p ,SIP / 2.0 / UDP "
                        "e\r\n" FROM TO CALL_ID CSEQ "\r\n"));
  static const stox_span texts[] = {ROW("SIP/2.0/UDP h"), ROW("SIP/2.0/UDP g:1"),
                                    ROW("SIP/2.0/UDP f;p"), ROW("SIP / 2.0 / UDP e")};
  for (size_t i = 0; i < COUNT(texts); i++) {
    assert_status(stox_sip_get_via(&via, p.message, i), STOX_OK);
    assert_span_equal(via.text, texts[i]);
  }
  assert_status(stox_sip_get_via(&via, p.message, COUNT(texts)), STOX_E_NONE);
  parsed_free(&p);
}

/* What is malformed gives no tag, also where the message is given to be answered. */
static void test_no_tag(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW("\"\r\n"), ROW("<sip:a@b.example>, <sip:a@b.example>;tag=1\r\n"),
      ROW("<sip:a@b_.example>;tag=1\r\n"), ROW("<sip:a@b.example>;tag=1;tag=2\r\n")};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char bytes[1024];
    stox_buf out;
    parsed p;
    stox_buf_init(&out, bytes, sizeof bytes);
    (void)stox_buf_put_text(&out, LINE TOP_VIA FROM CALL_ID CSEQ "To: ");
    (void)stox_buf_put(&out, rows[i]);
    assert_status(stox_buf_put_text(&out, "\r\n"), STOX_OK);
    parse_with(&p, stox_buf_span(&out), NULL);
    assert_true(p.status != STOX_OK);
    assert_non_null(p.message);
    const stox_span tag = stox_sip_tag(p.message, STOX_SIP_TO);
    assert_true(tag.p == NULL || stox_span_is_equal(tag, S("1")));
    assert_span_equal(stox_sip_tag(p.message, STOX_SIP_FROM), S("jc1"));
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_line),
      cmocka_unit_test(test_lines),
      cmocka_unit_test(test_routing),
      cmocka_unit_test(test_good),
      cmocka_unit_test(test_control_before_line_end),
      cmocka_unit_test(test_via_text),
      cmocka_unit_test(test_no_tag),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
