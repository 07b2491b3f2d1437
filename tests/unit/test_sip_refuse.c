/* SPDX-License-Identifier: MIT */
/* What the strict parser refuses, with which answer, and whether the message comes out so that the
 * answer can be made. */
#include "sip_messages.h"

#define WITH_URI(uri)    "MESSAGE " uri " SIP/2.0\r\n" ROUTING "\r\n"
#define WITH_FROM(from)  LINE TOP_VIA "From: " from "\r\n" TO CALL_ID CSEQ "\r\n"
#define WITH_VIA(via)    LINE "Via: " via "\r\n" FROM TO CALL_ID CSEQ "\r\n"
#define WITH(fields)     LINE ROUTING fields "\r\n"
#define WITH_START(line) line "\r\n" ROUTING "\r\n"

enum { NO_MESSAGE = 0, MESSAGE = 1 };

typedef struct row {
  stox_span bytes;
  int code;
  int answer;
  int has_message;
} row;

static void check_row(const row *r, size_t number) {
  parsed p;
  parse_with(&p, r->bytes, NULL);
  if (p.status != r->code || p.diag.answer != r->answer || (p.message != NULL) != r->has_message) {
    fail_msg("row %zu: %s, answer %d, message %d, at %zu by %s", number, stox_status_name(p.status),
             p.diag.answer, p.message != NULL, p.diag.offset, p.diag.rule);
  }
  assert_true(p.diag.offset <= r->bytes.n);
  parsed_free(&p);
}

static void check_rows(const row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    check_row(&rows[i], i);
  }
}

static void test_start_line(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW(""), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("\r\n\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("hello"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("\r\n" REQUEST), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW(WITH_START(" MESSAGE sip:b@example.net SIP/2.0")), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW(WITH_START("MES:SAGE sip:b@example.net SIP/2.0")), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW(WITH_START("MESSAGE  sip:b@example.net SIP/2.0")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net  SIP/2.0")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net SIP/2.0 ")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE\tsip:b@example.net SIP/2.0")), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net; lr SIP/2.0")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net HTTP/1.1")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net SIP/2.00")), STOX_E_BAD_VERSION, 505, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net SIP/7.0")), STOX_E_BAD_VERSION, 505, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net SIP/2")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net SIP/2.")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net SIP/2.0.0")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE sip:b@example.net")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("MESSAGE")), STOX_E_BAD_START, 400, MESSAGE},
      {ROW(WITH_START("message sip:b@example.net SIP/2.0")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_URI("<sip:b@example.net>")), STOX_E_BAD_URI, 400, MESSAGE},
      {ROW(WITH_URI("sip:b@example.net?Route=x")), STOX_E_BAD_URI, 400, MESSAGE},
      {ROW(WITH_URI("sip:b%zz@example.net")), STOX_E_BAD_PCT, 400, MESSAGE},
      {ROW(WITH_URI("sip:b@exa_mple.net")), STOX_E_BAD_HOST, 400, MESSAGE},
      {ROW(WITH_URI("sip:b\x01@example.net")), STOX_E_CTRL, 400, MESSAGE},
      {ROW("SIP/2.0 99 x\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0 700 x\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0 4294967301 x\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0 20 OK\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0 2000 OK\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0 2x0 OK\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0  200 OK\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/2.0 200\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 0, NO_MESSAGE},
      {ROW("SIP/3.0 200 OK\r\n" ROUTING "\r\n"), STOX_E_BAD_VERSION, 0, NO_MESSAGE},
      {ROW("SIP/2.0 200 \xC3(\r\n" ROUTING "\r\n"), STOX_E_BAD_UTF8, 0, NO_MESSAGE},
      {ROW("SIP/2.0 200 a\rb\r\n" ROUTING "\r\n"), STOX_E_CTRL, 0, NO_MESSAGE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_lines(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW("MESSAGE sip:b@example.net SIP/2.0\n" ROUTING "\r\n"), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: a\n")), STOX_E_CTRL, 400, MESSAGE},
      {ROW(LINE ROUTING "\n"), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: a\rb\r\n")), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: a\0b\r\n")), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: a\x7F\r\n")), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: \\\x01\r\n")), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: \"\x01\"\r\n")), STOX_E_CTRL, 400, MESSAGE},
      {ROW(WITH("Subject: \"\\\r\"\r\n")), STOX_E_CTRL, 400, MESSAGE},
      /* What a response copies must be clean. */
      {ROW(LINE TOP_VIA "From: \x01<sip:a@example.com>;tag=1\r\n" TO CALL_ID CSEQ "\r\n"),
       STOX_E_CTRL, 400, NO_MESSAGE},
      {ROW(LINE TOP_VIA FROM TO "Call-ID: a\x7F\r\n" CSEQ "\r\n"), STOX_E_CTRL, 400, NO_MESSAGE},
      {ROW(WITH("Via: SIP/2.0/UDP b\x01;branch=z9hG4bK2\r\n")), STOX_E_CTRL, 400, NO_MESSAGE},
      {ROW(WITH("Subject: \xC0\xAF\r\n")), STOX_E_BAD_UTF8, 400, MESSAGE},
      {ROW(WITH("Subject\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH(": nothing\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH("Sub ject: a\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH("Sub\xC3\xA9: a\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(LINE " Subject: a\r\n" ROUTING "\r\n"), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(LINE ROUTING), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW(LINE ROUTING "Subject: a\r\n"), STOX_E_MISSING, 400, MESSAGE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_mandatory(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW(LINE "\r\n"), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW(LINE FROM TO CALL_ID CSEQ "\r\n"), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW(LINE TOP_VIA TO CALL_ID CSEQ "\r\n"), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW(LINE TOP_VIA FROM CALL_ID CSEQ "\r\n"), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW(LINE TOP_VIA FROM TO CSEQ "\r\n"), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW(LINE TOP_VIA FROM TO CALL_ID "\r\n"), STOX_E_MISSING, 400, NO_MESSAGE},
      {ROW("SIP/2.0 200 OK\r\n" TOP_VIA FROM TO CALL_ID "\r\n"), STOX_E_MISSING, 0, NO_MESSAGE},
      {ROW(WITH("f: <sip:b@example.com>\r\n")), STOX_E_REPEATED, 400, MESSAGE},
      {ROW(WITH("To: <sip:b@example.com>\r\n")), STOX_E_REPEATED, 400, MESSAGE},
      {ROW(WITH("i: 1\r\n")), STOX_E_REPEATED, 400, MESSAGE},
      {ROW(WITH(CSEQ)), STOX_E_REPEATED, 400, MESSAGE},
      {ROW(WITH(HOPS HOPS)), STOX_E_REPEATED, 400, MESSAGE},
      {ROW(WITH("Content-Length: 0\r\nl: 0\r\n")), STOX_E_REPEATED, 400, MESSAGE},
      {ROW(WITH("Subject: a\r\ns: a\r\n")), STOX_E_REPEATED, 400, MESSAGE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_cseq_and_others(void **state) {
  (void)state;
#define WITH_CSEQ(cseq) LINE TOP_VIA FROM TO CALL_ID "CSeq: " cseq "\r\n\r\n"
#define WITH_ID(id)     LINE TOP_VIA FROM TO "Call-ID: " id "\r\n" CSEQ "\r\n"
  static const row rows[] = {
      {ROW(WITH_CSEQ("1 INVITE")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("1 Message")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("1MESSAGE")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("MESSAGE")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("-1 MESSAGE")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("1")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("1 MESSAGE x")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("2147483648 MESSAGE")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_CSEQ("36893488147419103232 MESSAGE")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_ID("")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_ID("a b")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_ID("a@b@c")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_ID("@b")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_ID("a@")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_ID("a;b")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH("Max-Forwards: 256\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH("Max-Forwards: -1\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH("Max-Forwards:\r\n")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH("Content-Length: -1\r\n")), STOX_E_BAD_LENGTH, 400, MESSAGE},
      {ROW(WITH("Content-Length: 1, 1\r\n")), STOX_E_BAD_LENGTH, 400, MESSAGE},
      {ROW(WITH("Content-Length:\r\n")), STOX_E_BAD_LENGTH, 400, MESSAGE},
      {ROW(WITH("Content-Length: 99999999999999999999\r\n")), STOX_E_BAD_LENGTH, 400, MESSAGE},
      {ROW(WITH("Content-Length: 1\r\n")), STOX_E_BAD_LENGTH, 400, MESSAGE},
      {ROW(WITH("Content-Length: 6\r\n") "Hello"), STOX_E_BAD_LENGTH, 400, MESSAGE},
      /* an ACK is never answered */
      {ROW("ACK sip:b@example.net SIP/7.0\r\n" ROUTING "\r\n"), STOX_E_BAD_VERSION, 0, MESSAGE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_from(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW(WITH_FROM("")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("*")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("\"Mr. J <sip:j@example.com>")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("< sip:j@example.com >")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("Bell, A. <sip:j@example.com>")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com>, <sip:k@example.com>")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com>;tag=1;tag=2")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com>;tag=")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com>;tag")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com>;tag=\"a\"")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example.com>;;tag=a")), STOX_E_BAD_HEADER, 400, MESSAGE},
      {ROW(WITH_FROM("<sip:j@example_.com>;tag=a")), STOX_E_BAD_HOST, 400, MESSAGE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_via(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW(WITH_VIA("SIP/2.0/UDP 192.0.2.15;;,;,,")), STOX_E_BAD_HEADER, 400, NO_MESSAGE},
      {ROW(WITH_VIA("SIP/2.0/UDP a.example.net, SIP/2.0/UDP a b")), STOX_E_BAD_HEADER, 400,
       MESSAGE},
      {ROW(WITH_VIA("SIP/2.0/UDP a.example.net,")), STOX_E_BAD_HEADER, 400, NO_MESSAGE},
      {ROW(WITH_VIA("")), STOX_E_BAD_HEADER, 400, NO_MESSAGE},
  };
  check_rows(rows, COUNT(rows));
}

/* Each leniency: refused by the strict parser, accepted and flagged by the lenient one. */
static void test_lenient(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW("MESSAGE sip:b@example.net SIP/2.0\n" ROUTING "\n"),
      ROW(LINE ROUTING "Subject: a\n b\n\r\n"),
      ROW("\r\n\r\n" REQUEST),
      ROW(LINE ROUTING "Subject: a\r\n"),
      ROW(WITH_START("MESSAGE  sip:b@example.net   SIP/2.0 ")),
      ROW("SIP/2.0 200\r\n" ROUTING "\r\n"),
      ROW(WITH_URI("sip:b@example.net?Route=x")),
      ROW(WITH_URI("sip:b\xC3\xA9@example.net")),
      ROW(WITH("Subject: \xE9t\xE9\r\n")),
      ROW("SIP/2.0 200 \xE9t\xE9\r\n" ROUTING "\r\n"),
      ROW(WITH("Subject: a\r\nSubject: b\r\n")),
      ROW(LINE TOP_VIA FROM TO "Call-ID: a;b@c@d\r\n" CSEQ "\r\n"),
      ROW(WITH_VIA("SIP/2.0/UDP my_host:5060")),
      ROW(WITH_VIA("SIP/2.0/UDP a.example;received=b.example")),
      ROW(WITH_VIA("SIP/2.0/UDP a.example;rport=")),
      ROW(WITH_VIA("SIP/2.0/UDP a.example ( a (b) \\) ) , SIP/2.0/UDP b.example;x(c)")),
  };
  const stox_sip_options lenient = options_of(1, 0);
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    parse_with(&p, rows[i], NULL);
    assert_int_not_equal(p.status, STOX_OK);
    parsed_free(&p);
    parse_with(&p, rows[i], &lenient);
    if (p.status != STOX_OK) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(p.status), p.diag.offset);
    }
    assert_int_equal(stox_sip_is_lenient(p.message), 1);
    parsed_free(&p);
  }
  parsed p;
  parse_with(&p, S(REQUEST), &lenient);
  assert_status(p.status, STOX_OK);
  assert_int_equal(stox_sip_is_lenient(p.message), 0);
  parsed_free(&p);
}

/* What a lenient parse accepted, written and parsed again, is good in strict mode where only line
 * ends and white space were odd. */
static void test_lenient_is_normalised(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW("MESSAGE  sip:b@example.net SIP/2.0 \nVia: SIP/2.0/UDP\n a.example;branch=z9hG4bK1\n" FROM
              TO CALL_ID CSEQ "\n"),
      ROW("SIP/2.0 200\n" ROUTING "\n"),
      ROW("\r\n" LINE ROUTING "Content-Length:   0\n"),
  };
  const stox_sip_options lenient = options_of(1, 0);
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[1024];
    stox_buf out;
    stox_sip_edit *edit = NULL;
    parsed p;
    parsed again;
    parse_with(&p, rows[i], &lenient);
    assert_status(p.status, STOX_OK);
    assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_write(&out, edit), STOX_OK);
    parse_good(&again, stox_buf_span(&out));
    parsed_free(&again);
    parsed_free(&p);
  }
}

static void test_stream(void **state) {
  (void)state;
  const stox_sip_options stream = options_of(0, 1);
  parsed p;
  parse_with(&p, S("\r\n\r\n" REQUEST), &stream);
  assert_status(p.status, STOX_OK);
  assert_int_equal(stox_sip_is_lenient(p.message), 0);
  assert_span_equal(stox_sip_text(p.message), S(REQUEST));
  parsed_free(&p);
  parse_with(&p, S(LINE ROUTING "\r\n"), &stream);
  assert_status(p.status, STOX_E_MISSING);
  assert_int_equal(p.diag.answer, 400);
  assert_non_null(p.message);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_start_line), cmocka_unit_test(test_lines),
      cmocka_unit_test(test_mandatory),  cmocka_unit_test(test_cseq_and_others),
      cmocka_unit_test(test_from),       cmocka_unit_test(test_via),
      cmocka_unit_test(test_lenient),    cmocka_unit_test(test_lenient_is_normalised),
      cmocka_unit_test(test_stream),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
