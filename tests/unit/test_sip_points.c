/* SPDX-License-Identifier: MIT */
/* The grammar of RFC 3261 25 point by point, in messages: what the strict parser says with answer
 * and offset, and whether the lenient one says the same; each leniency of stox/sip.h; and what a
 * server answers. */
#include "sip_messages.h"

#include "stox/sip_tokens.h"

#define WITH_URI(uri)   "MESSAGE " uri " SIP/2.0\r\n" ROUTING "\r\n"
#define WITH_FROM(from) LINE TOP_VIA "From: " from "\r\n" TO CALL_ID CSEQ "\r\n"
#define WITH_VIA(via)   LINE "Via: " via "\r\n" FROM TO CALL_ID CSEQ "\r\n"
#define WITH(fields)    LINE ROUTING fields "\r\n"

/* What the lenient parser does. */
enum { ALIKE, FORGIVES };

typedef struct row {
  const char *name;
  stox_span bytes;
  int status; /* of the strict parser */
  int answer;
  size_t offset;
  int lenient;
} row;

static void check_row(const row *r) {
  parsed p;
  parse_with(&p, r->bytes, NULL);
  const size_t offset = p.status == STOX_OK ? 0 : p.diag.offset;
  if (p.status != r->status || p.diag.answer != r->answer || offset != r->offset) {
    fail_msg("%s: %s, answer %d, at %zu by %s", r->name, stox_status_name(p.status), p.diag.answer,
             p.diag.offset, p.diag.rule);
  }
  assert_true(p.status != STOX_OK || stox_sip_is_lenient(p.message) == 0);
  parsed_free(&p);
  const stox_sip_options lenient = options_of(1, 0);
  parse_with(&p, r->bytes, &lenient);
  if (p.status != (r->lenient == FORGIVES ? STOX_OK : r->status)) {
    fail_msg("%s, lenient: %s at %zu by %s", r->name, stox_status_name(p.status), p.diag.offset,
             p.diag.rule);
  }
  if (p.status == STOX_OK) {
    assert_int_equal(stox_sip_is_lenient(p.message), r->lenient == FORGIVES);
  }
  parsed_free(&p);
}

static void check_rows(const row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    check_row(&rows[i]);
  }
}

static void test_each_leniency(void **state) {
  (void)state;
  static const row rows[] = {
      {"line ends without CR", ROW("MESSAGE sip:b@example.net SIP/2.0\n" ROUTING "\n"), STOX_E_CTRL,
       400, 33, FORGIVES},
      {"a header field end without CR", ROW(LINE ROUTING "Subject: a\n\r\n"), STOX_E_CTRL, 400, 231,
       FORGIVES},
      {"an empty line without CR", ROW(LINE ROUTING "\n"), STOX_E_CTRL, 400, 231, FORGIVES},
      {"a fold without CR", ROW(LINE ROUTING "Subject: a\n b\r\n\r\n"), STOX_E_CTRL, 400, 231,
       FORGIVES},
      {"empty lines before a start line", ROW("\r\n\r\n" REQUEST), STOX_E_BAD_START, 0, 0,
       FORGIVES},
      {"no empty line at the end", ROW(LINE ROUTING "Subject: a\r\n"), STOX_E_MISSING, 400, 243,
       FORGIVES},
      {"two spaces before the URI", ROW("MESSAGE  sip:b@example.net SIP/2.0\r\n" ROUTING "\r\n"),
       STOX_E_BAD_START, 400, 9, FORGIVES},
      {"two spaces before the version",
       ROW("MESSAGE sip:b@example.net  SIP/2.0\r\n" ROUTING "\r\n"), STOX_E_BAD_START, 400, 26,
       FORGIVES},
      {"a space behind the version", ROW("MESSAGE sip:b@example.net SIP/2.0 \r\n" ROUTING "\r\n"),
       STOX_E_BAD_START, 400, 26, FORGIVES},
      {"no space behind the status code", ROW("SIP/2.0 200\r\n" ROUTING "\r\n"), STOX_E_BAD_START,
       0, 11, FORGIVES},
      {"headers in a Request-URI", ROW(WITH_URI("sip:b@example.net?Route=x")), STOX_E_BAD_URI, 400,
       26, FORGIVES},
      {"a raw octet in the user", ROW(WITH_URI("sip:b\xC3\xA9@example.net")), STOX_E_BAD_URI, 400,
       13, FORGIVES},
      {"a stray percent in the user", ROW(WITH_URI("sip:50%off@example.net")), STOX_E_BAD_PCT, 400,
       14, FORGIVES},
      {"an empty URI parameter value", ROW(WITH_URI("sip:b@example.net;x=")), STOX_E_BAD_PARAM, 400,
       28, FORGIVES},
      {"a repeated URI parameter", ROW(WITH_URI("sip:b@example.net;x=1;x=2")), STOX_E_BAD_PARAM,
       400, 30, FORGIVES},
      {"a local number without phone-context", ROW(WITH_URI("tel:1234")), STOX_E_BAD_URI, 400, 12,
       FORGIVES},
      {"the same in From", ROW(WITH_FROM("<sip:b\xE9@example.net>;tag=1")), STOX_E_BAD_UTF8, 400,
       115, FORGIVES},
      {"the same in To",
       ROW(LINE TOP_VIA FROM "To: <sip:50%off@example.net>\r\n" CALL_ID CSEQ "\r\n"),
       STOX_E_BAD_PCT, 400, 167, FORGIVES},
      {"octets that are no UTF-8 in a value", ROW(WITH("Subject: \xE9t\xE9\r\n")), STOX_E_BAD_UTF8,
       400, 240, FORGIVES},
      {"octets that are no UTF-8 in a reason phrase",
       ROW("SIP/2.0 200 \xE9t\xE9\r\n" ROUTING "\r\n"), STOX_E_BAD_UTF8, 0, 12, FORGIVES},
      {"a second Subject", ROW(WITH("Subject: a\r\nSubject: b\r\n")), STOX_E_REPEATED, 400, 243,
       FORGIVES},
      {"a second Event, the first one compact", ROW(WITH("o: a\r\nEvent: b\r\n")), STOX_E_REPEATED,
       400, 237, FORGIVES},
      {"a Call-ID with semicolon and two at-signs",
       ROW(LINE TOP_VIA FROM TO "Call-ID: a;b@c@d\r\n" CSEQ "\r\n"), STOX_E_BAD_HEADER, 400, 194,
       FORGIVES},
      {"an underscore in sent-by", ROW(WITH_VIA("SIP/2.0/UDP my_host:5060")), STOX_E_BAD_HEADER,
       400, 63, FORGIVES},
      {"a name as received", ROW(WITH_VIA("SIP/2.0/UDP a.example;received=b.example")),
       STOX_E_BAD_HEADER, 400, 66, FORGIVES},
      {"rport without a number", ROW(WITH_VIA("SIP/2.0/UDP a.example;rport=")), STOX_E_BAD_HEADER,
       400, 66, FORGIVES},
      {"a comment behind Via", ROW(WITH_VIA("SIP/2.0/UDP a.example (b (c))")), STOX_E_BAD_HEADER,
       400, 66, FORGIVES},
  };
  check_rows(rows, COUNT(rows));
}

static void test_no_leniency(void **state) {
  (void)state;
  static const row rows[] = {
      {"a second From", ROW(WITH("f: <sip:b@example.com>\r\n")), STOX_E_REPEATED, 400, 231, ALIKE},
      {"a second Content-Length", ROW(WITH("Content-Length: 0\r\nl: 0\r\n")), STOX_E_REPEATED, 400,
       250, ALIKE},
      {"a second Max-Forwards", ROW(WITH(HOPS HOPS)), STOX_E_REPEATED, 400, 249, ALIKE},
      {"a space in a Call-ID", ROW(LINE TOP_VIA FROM TO "Call-ID: a b\r\n" CSEQ "\r\n"),
       STOX_E_BAD_HEADER, 400, 194, ALIKE},
      {"NUL in a value", ROW(WITH("Subject: a\0b\r\n")), STOX_E_CTRL, 400, 241, ALIKE},
      {"CR in a value", ROW(WITH("Subject: a\rb\r\n")), STOX_E_CTRL, 400, 241, ALIKE},
      {"a raw octet in the host", ROW(WITH_URI("sip:b@ex\xC3\xA9.net")), STOX_E_BAD_HOST, 400, 14,
       ALIKE},
      {"an unclosed comment behind Via", ROW(WITH_VIA("SIP/2.0/UDP a.example (b")),
       STOX_E_BAD_HEADER, 400, 66, ALIKE},
      {"a stray percent in the host", ROW(WITH_URI("sip:b@ex%41mple.net")), STOX_E_BAD_HOST, 400,
       14, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_escapes(void **state) {
  (void)state;
  static const row rows[] = {
      {"all over a URI", ROW(WITH_URI("sip:%41%20b:%25@example.net;%78=%3B")), STOX_OK, 0, 0,
       ALIKE},
      {"an escape of one digit", ROW(WITH_URI("sip:b@example.net;x=%4")), STOX_E_BAD_PCT, 400, 28,
       ALIKE},
      {"an escape in a header of a Contact URI", ROW(WITH("Contact: <sip:a@b?X=%0D%0A>\r\n")),
       STOX_OK, 0, 0, ALIKE},
      {"none in a method",
       ROW("MESS%41GE sip:b@example.net SIP/2.0\r\n" TOP_VIA FROM TO CALL_ID
           "CSeq: 1 MESS%41GE\r\n\r\n"),
       STOX_OK, 0, 0, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_folding(void **state) {
  (void)state;
  static const row rows[] = {
      {"behind every colon and comma",
       ROW(LINE "Via:\r\n SIP/2.0/UDP\r\n\ta.example,\r\n SIP/2.0/TCP b.example\r\nFrom:\r\n "
                "<sip:a@b>\r\n ;tag=1\r\nTo:\r\n <sip:a@b>\r\nCall-ID:\r\n 1\r\nCSeq:\r\n 7\r\n "
                "MESSAGE\r\nContent-Length:\r\n 0\r\n\r\n"),
       STOX_OK, 0, 0, ALIKE},
      {"a fold of white space alone", ROW(WITH("Subject: a\r\n \t\r\n b\r\n")), STOX_OK, 0, 0,
       ALIKE},
      {"inside a quoted string", ROW(WITH_FROM("\"a\r\n b\" <sip:a@b>;tag=1")), STOX_OK, 0, 0,
       ALIKE},
      {"of the first header field", ROW(LINE " Subject: a\r\n" ROUTING "\r\n"), STOX_E_BAD_HEADER,
       400, 39, ALIKE},
      {"of the start line", ROW("MESSAGE sip:b@example.net\r\n SIP/2.0\r\n" ROUTING "\r\n"),
       STOX_E_BAD_START, 400, 25, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_compact_forms(void **state) {
  (void)state;
  static const row rows[] = {
      {"of all that are mandatory",
       ROW(LINE "v: SIP/2.0/UDP a.example\r\nf: <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\ni: 1\r\n" CSEQ
                "l: 0\r\n\r\n"),
       STOX_OK, 0, 0, ALIKE},
      {"in capitals, a space before the colon",
       ROW(LINE
           "V : SIP/2.0/UDP a.example\r\nF\t: <sip:a@b>;tag=1\r\nT : <sip:a@b>\r\nI : 1\r\n" CSEQ
           "L : 0\r\n\r\n"),
       STOX_OK, 0, 0, ALIKE},
      {"the long one and the compact one", ROW(WITH("i: 1\r\n")), STOX_E_REPEATED, 400, 231, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_empty_and_repeated(void **state) {
  (void)state;
  static const row rows[] = {
      {"empty values", ROW(WITH("Subject:\r\nSupported: \r\nAllow:\r\nAccept:\r\nX:\r\n")), STOX_OK,
       0, 0, ALIKE},
      {"an empty Via", ROW(WITH_VIA("")), STOX_E_BAD_HEADER, 400, 43, ALIKE},
      {"lists on several lines",
       ROW(WITH("Route: <sip:a;lr>\r\nRoute: <sip:b;lr>, <sip:c>\r\nAllow: A\r\nAllow: B\r\n")),
       STOX_OK, 0, 0, ALIKE},
      {"an empty name", ROW(WITH(": a\r\n")), STOX_E_BAD_HEADER, 400, 231, ALIKE},
      {"no colon", ROW(WITH("Subject\r\n")), STOX_E_BAD_HEADER, 400, 231, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_commas(void **state) {
  (void)state;
  static const row rows[] = {
      {"in quotes and angle brackets",
       ROW(WITH("Contact: \"a, b\" <sip:c,d@e>, <sip:f@g>;x=\",\"\r\n")), STOX_OK, 0, 0, ALIKE},
      {"in a Date and a challenge",
       ROW(WITH("Date: Sat, 13 Nov 2010 23:29:00 GMT\r\nWWW-Authenticate: Digest realm=\"a\", "
                "nonce=\"b\"\r\n")),
       STOX_OK, 0, 0, ALIKE},
      {"a last one in Via", ROW(WITH_VIA("SIP/2.0/UDP a.example,")), STOX_E_BAD_HEADER, 400, 66,
       ALIKE},
      {"two addresses in From", ROW(WITH_FROM("<sip:a@b>, <sip:c@d>;tag=1")), STOX_E_BAD_HEADER,
       400, 135, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_comments_and_quotes(void **state) {
  (void)state;
  static const row rows[] = {
      {"nested in Server, unbalanced in Subject",
       ROW(WITH("Server: a (b (c) \\))\r\nSubject: ((\r\n")), STOX_OK, 0, 0, ALIKE},
      {"with escapes", ROW(WITH_FROM("\"\\\"a\\\\b, <c>\" <sip:a@b>;tag=1")), STOX_OK, 0, 0, ALIKE},
      {"an escaped NUL", ROW(WITH_FROM("\"a\\\0\" <sip:a@b>;tag=1")), STOX_OK, 0, 0, ALIKE},
      {"an escaped CR", ROW(WITH_FROM("\"a\\\r\" <sip:a@b>;tag=1")), STOX_E_CTRL, 400, 112, ALIKE},
      {"not closed", ROW(WITH_FROM("\"a <sip:a@b>;tag=1")), STOX_E_BAD_HEADER, 400, 109, ALIKE},
      {"an escape that ends it", ROW(WITH_FROM("\"a\\\" <sip:a@b>;tag=1")), STOX_E_BAD_HEADER, 400,
       109, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_ip6(void **state) {
  (void)state;
  static const row rows[] = {
      {"in URI, Via, received, maddr",
       ROW("MESSAGE sip:b@[2001:db8::1]:5062 SIP/2.0\r\nVia: SIP/2.0/UDP "
           "[::ffff:192.0.2.1]:5060;received=2001:db8::2;maddr=[ff02::1]\r\n" FROM TO CALL_ID CSEQ
           "\r\n"),
       STOX_OK, 0, 0, ALIKE},
      {"received in brackets", ROW(WITH_VIA("SIP/2.0/UDP a.example;received=[2001:db8::2]")),
       STOX_OK, 0, 0, ALIKE},
      {"three colons", ROW(WITH_URI("sip:[2001:db8:::192.0.2.1]")), STOX_OK, 0, 0, ALIKE},
      {"no brackets in a URI", ROW(WITH_URI("sip:2001:db8::1")), STOX_E_BAD_HOST, 400, 12, ALIKE},
      {"no brackets in sent-by", ROW(WITH_VIA("SIP/2.0/UDP 2001:db8::1")), STOX_E_BAD_HEADER, 400,
       60, ALIKE},
      {"a zone in sent-by", ROW(WITH_VIA("SIP/2.0/UDP [fe80::1%eth0]")), STOX_E_BAD_HEADER, 400, 70,
       ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_unknown(void **state) {
  (void)state;
  static const row rows[] = {
      {"method, scheme, header, parameters",
       ROW("FROB x-y.z+1:any(thing) SIP/2.0\r\nVia: SIP/2.0/QUIC a.example;x;y=\"z\"\r\nFrom: "
           "<q:r>;tag=1;s\r\nTo: <q:r>;u=v\r\n" CALL_ID "CSeq: 1 FROB\r\nX-Y!~: z\r\n\r\n"),
       STOX_OK, 0, 0, ALIKE},
      {"version", ROW("MESSAGE sip:b@example.net SIP/3.0\r\n" ROUTING "\r\n"), STOX_E_BAD_VERSION,
       505, 26, ALIKE},
      {"protocol", ROW("MESSAGE sip:b@example.net HTTP/1.1\r\n" ROUTING "\r\n"), STOX_E_BAD_START,
       400, 26, ALIKE},
      {"syntax of another scheme", ROW(WITH_URI("foo:a%zz")), STOX_E_BAD_PCT, 416, 13, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_utf8(void **state) {
  (void)state;
  static const row rows[] = {
      {"in display names, values, reason phrases",
       ROW("SIP/2.0 200 \xE2\x9C\x93\r\n" TOP_VIA
           "From: \"\xC3\xA9\" <sip:a@b>;tag=1\r\nTo: \xC3\xA9 <sip:a@b>\r\n" CALL_ID CSEQ
           "Subject: \xF0\x9F\x98\x80\r\n\r\n"),
       STOX_OK, 0, 0, ALIKE},
      {"in a header name", ROW(WITH("Sub\xC3\xA9: a\r\n")), STOX_E_BAD_HEADER, 400, 231, ALIKE},
      {"in a method", ROW("M\xC3\x89 sip:b@example.net SIP/2.0\r\n" ROUTING "\r\n"),
       STOX_E_BAD_START, 0, 0, ALIKE},
      {"overlong", ROW(WITH("Subject: \xC0\xAF\r\n")), STOX_E_BAD_UTF8, 400, 240, FORGIVES},
      {"a surrogate", ROW(WITH("Subject: \xED\xA0\x80\r\n")), STOX_E_BAD_UTF8, 400, 240, FORGIVES},
      {"in a tag", ROW(WITH_FROM("<sip:a@b>;tag=\xC3\xA9")), STOX_E_BAD_HEADER, 400, 123, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

static void test_bodies_and_datagrams(void **state) {
  (void)state;
  static const row rows[] = {
      {"any octets", ROW(WITH("Content-Length: 6\r\n") "\0\r\n\x80\r\n"), STOX_OK, 0, 0, ALIKE},
      {"trailing octets", ROW(WITH("Content-Length: 1\r\n") "abc"), STOX_OK, 0, 0, ALIKE},
      {"short", ROW(WITH("Content-Length: 4\r\n") "abc"), STOX_E_BAD_LENGTH, 400, 247, ALIKE},
      {"nothing", ROW(""), STOX_E_BAD_START, 0, 0, ALIKE},
      {"a keep-alive", ROW("\r\n\r\n"), STOX_E_BAD_START, 0, 0, ALIKE},
      {"no length", ROW(WITH("") "abc"), STOX_OK, 0, 0, ALIKE},
  };
  check_rows(rows, COUNT(rows));
}

/* The status line that answers a message, made of what the parse said. */
static void check_answer(stox_span bytes, const stox_limits *limits, const char *want) {
  char room[2048];
  stox_buf out;
  stox_sip_edit *edit = NULL;
  stox_sip_options options = options_of(0, 0);
  options.limits = limits;
  parsed p;
  parse_with(&p, bytes, &options);
  assert_int_not_equal(p.status, STOX_OK);
  assert_non_null(p.message);
  assert_status(stox_sip_response_new(&edit, &p.arena, p.message, p.diag.answer,
                                      (stox_span){NULL, 0}, S("t")),
                STOX_OK);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  const stox_span line = stox_span_slice(stox_buf_span(&out), 0, strlen(want));
  assert_span_equal(line, stox_span_text(want));
  parsed_free(&p);
}

static void test_answers(void **state) {
  (void)state;
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  check_answer(S(WITH_URI("<sip:a@b>")), &limits, "SIP/2.0 400 Bad Request\r\n");
  check_answer(S(WITH_URI("foo:a%zz")), &limits, "SIP/2.0 416 Unsupported URI Scheme\r\n");
  check_answer(S("MESSAGE sip:b@example.net SIP/3.0\r\n" ROUTING "\r\n"), &limits,
               "SIP/2.0 505 Version Not Supported\r\n");
  limits.uri = 4;
  check_answer(S(REQUEST), &limits, "SIP/2.0 414 Request-URI Too Long\r\n");
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.message = sizeof REQUEST - 2;
  check_answer(S(REQUEST), &limits, "SIP/2.0 413 Request Entity Too Large\r\n");
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.header_count = 7;
  check_answer(S(REQUEST), &limits, "SIP/2.0 513 Message Too Large\r\n");
}

/* 420 is for whoever knows what is supported: the tags that go into Unsupported. */
static void test_bad_extension(void **state) {
  (void)state;
  static const stox_span want[] = {ROW("foo"), ROW("bar")};
  const uint64_t supported = UINT64_C(1) << STOX_SIP_OPTION_TIMER;
  stox_sip_cursor cursor = {0, 0};
  stox_span tag;
  parsed p;
  parse_good(&p, S(WITH("Require: foo, TIMER\r\nRequire: bar\r\n")));
  for (size_t i = 0; i < COUNT(want); i++) {
    assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, supported, &cursor),
                  STOX_OK);
    assert_span_equal(tag, want[i]);
  }
  assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, supported, &cursor),
                STOX_E_NONE);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_leniency), cmocka_unit_test(test_no_leniency),
      cmocka_unit_test(test_escapes),       cmocka_unit_test(test_folding),
      cmocka_unit_test(test_compact_forms), cmocka_unit_test(test_empty_and_repeated),
      cmocka_unit_test(test_commas),        cmocka_unit_test(test_comments_and_quotes),
      cmocka_unit_test(test_ip6),           cmocka_unit_test(test_unknown),
      cmocka_unit_test(test_utf8),          cmocka_unit_test(test_bodies_and_datagrams),
      cmocka_unit_test(test_answers),       cmocka_unit_test(test_bad_extension),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
