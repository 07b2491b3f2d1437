/* SPDX-License-Identifier: MIT */
/* The points of RFC 4475, one row or more a section, as messages of our own. `answer` is what a
 * server should send for a message that is refused; 0: nothing. */
#include "sip_messages.h"

#define HEAD(start, cseq) start "\r\n" TOP_VIA FROM TO CALL_ID "CSeq: " cseq "\r\n"
#define INVITE(fields)    HEAD("INVITE sip:b@example.net SIP/2.0", "1 INVITE") fields
#define REGISTER(fields)  HEAD("REGISTER sip:example.net SIP/2.0", "1 REGISTER") fields
#define OK_200(fields)    HEAD("SIP/2.0 200 OK", "1 INVITE") fields
#define END               "Content-Length: 0\r\n\r\n"

typedef struct row {
  const char *section;
  stox_span bytes;
  int status;
  int answer;
} row;

static const row rows[] = {
    /* 3.1.1 valid messages */
    {"3.1.1.1",
     ROW("INVITE sip:b@example.net;u=d SIP/2.0\r\nTO :\r\n sip:b@example.net ;   tag = 1\r\nfrom   "
         ": "
         "\"J \\\\\\\"X\\\\\\\"\"\t<sip:a@example.com>\r\n ;\r\n tag = 9\r\nMaX-fOrWaRdS: "
         "0068\r\nCall-ID: w@192.0.2.1\r\nCSeq: 0009\r\n INVITE\r\nVia : SIP / 2.0\r\n /UDP\r\n "
         "192.0.2.2;branch=39\r\nSubject :\r\nNewFangled:   newfangled value\r\n "
         "continued,,%%;;\r\n"
         "l:3\r\nv: SIP  / 2.0  / TCP     a.example.com   ;\r\n  branch  =   z9hG4bK9  ,\r\n SIP  "
         "/    "
         "2.0   / UDP  192.0.2.3   ; branch=\r\n z9hG4bK30\r\nm:\"Q \\\\\\\"\\\"\" "
         "<sip:q@example.com;"
         "lr ;\r\n  a> ;\r\n p = 1\r\n\r\nv=0"),
     STOX_OK, 0},
    {"3.1.1.2",
     ROW(HEAD("!q.%*_+`'~0 sip:1_u.s%C3%A9&=+$,;?/:&=+$,@example.com;x=%7E SIP/2.0",
              "1 !q.%*_+`'~0") "e-x!%: a\xEF\xBB\xBF\"\xE5\xA4\xA7\r\n" END),
     STOX_OK, 0},
    {"3.1.1.2",
     ROW("OPTIONS sip:b@example.net SIP/2.0\r\n" TOP_VIA
         "From: token1~` token2'+_ token3*%!.- <sip:m@example.com>;f'a=\"\xD1\x80\";tag=1\r\nTo: "
         "\"BEL:\\\x07 NUL:\\\0 DEL:\\\x7F\" <sip:1@example.com>\r\nCall-ID: "
         "i.!%*_+`'~()<>:\\\"/[]?{}@w\r\nCSeq: 1 OPTIONS\r\n" END),
     STOX_OK, 0},
    {"3.1.1.3",
     ROW(HEAD("INVITE sip:sip%3Auser%40example.com@example.net;o%74=%6f SIP/2.0",
              "1 INVITE") "Contact: <sip:c@example.com;%6C%72;n%61m=v%41l>\r\n" END),
     STOX_OK, 0},
    {"3.1.1.4", ROW(REGISTER("Contact: <sip:%00@example.com>\r\nContact: <sip:%00%00@h>\r\n" END)),
     STOX_OK, 0},
    {"3.1.1.5",
     ROW(HEAD("RE%47IST%45R sip:example.net SIP/2.0",
              "1 RE%47IST%45R") "Contact: \"%Z%45\" <sip:r@example.com>\r\n" END),
     STOX_OK, 0},
    {"3.1.1.6",
     ROW("OPTIONS sip:b@example.net SIP/2.0\r\n" TOP_VIA
         "From: caller<sip:caller@example.com>;tag=3\r\n" TO CALL_ID "CSeq: 1 OPTIONS\r\n" END),
     STOX_OK, 0},
    {"3.1.1.8", ROW(REGISTER(END) "INVITE sip:j@example.com SIP/2.0\r\n"), STOX_OK, 0},
    {"3.1.1.9",
     ROW(HEAD("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0", "1 OPTIONS") END),
     STOX_OK, 0},
    {"3.1.1.10",
     ROW("OPTIONS sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/SCTP a.example;branch=1, "
         "SIP/2.0/UNKNOWN b.example, SIP/2.0/TLS c.example\r\n" FROM TO CALL_ID
         "CSeq: 1 OPTIONS\r\n" END),
     STOX_OK, 0},
    {"3.1.1.11",
     ROW(HEAD("MESSAGE sip:b@example.net SIP/2.0",
              "1 MESSAGE") "Content-Type: multipart/mixed;boundary=b\r\nl: "
                           "12\r\n\r\n--b\r\n\0\x1\r\n\r\n--"),
     STOX_OK, 0},
    {"3.1.1.12", ROW(HEAD("SIP/2.0 200 = 2**3 * 5**2 \xD0\xBD\xD0\xBE", "1 INVITE") END), STOX_OK,
     0},
    {"3.1.1.13", ROW(HEAD("SIP/2.0 100 ", "1 INVITE") END), STOX_OK, 0},
    /* 3.1.2 invalid messages */
    {"3.1.2.1",
     ROW("INVITE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n" FROM TO CALL_ID
         "CSeq: 1 INVITE\r\n" END),
     STOX_E_BAD_HEADER, 400},
    {"3.1.2.2", ROW(INVITE("Content-Length: 9999\r\n\r\nv=0\r\n")), STOX_E_BAD_LENGTH, 400},
    {"3.1.2.3", ROW(INVITE("Content-Length: -999\r\n\r\nv=0\r\n")), STOX_E_BAD_LENGTH, 400},
    {"3.1.2.4", ROW(HEAD("REGISTER sip:h SIP/2.0", "36893488147419103232 REGISTER") END),
     STOX_E_BAD_HEADER, 400},
    {"3.1.2.4", ROW(REGISTER("Max-Forwards: 300\r\n" END)), STOX_E_BAD_HEADER, 400},
    {"3.1.2.5", ROW(HEAD("SIP/2.0 503 x", "9292394834772304023312 OPTIONS") END), STOX_E_BAD_HEADER,
     0},
    {"3.1.2.6",
     ROW("INVITE sip:b@example.net SIP/2.0\r\n" TOP_VIA FROM
         "To: \"Mr. J. User <sip:j@example.com>\r\n" CALL_ID "CSeq: 1 INVITE\r\n" END),
     STOX_E_BAD_HEADER, 400},
    {"3.1.2.7", ROW(HEAD("INVITE <sip:user@example.com> SIP/2.0", "1 INVITE") END), STOX_E_BAD_URI,
     400},
    {"3.1.2.8", ROW(HEAD("INVITE sip:user@example.com; lr SIP/2.0", "1 INVITE") END),
     STOX_E_BAD_START, 400},
    {"3.1.2.9", ROW(HEAD("INVITE  sip:user@example.com  SIP/2.0", "1 INVITE") END),
     STOX_E_BAD_START, 400},
    {"3.1.2.10", ROW(HEAD("OPTIONS sip:user@example.com SIP/2.0  ", "1 OPTIONS") END),
     STOX_E_BAD_START, 400},
    {"3.1.2.11", ROW(HEAD("INVITE sip:u@example.com?Route=%3Csip:x%3E SIP/2.0", "1 INVITE") END),
     STOX_E_BAD_URI, 400},
    /* Date and Contact are looked at by who needs them */
    {"3.1.2.12", ROW(INVITE("Date: Fri, 01 Jan 2010 16:00:00 EST\r\n" END)), STOX_OK, 0},
    {"3.1.2.13", ROW(REGISTER("Contact: sip:u@example.com?Route=%3Csip:x%3E\r\n" END)), STOX_OK, 0},
    {"3.1.2.14",
     ROW("OPTIONS sip:b@example.net SIP/2.0\r\n" TOP_VIA FROM
         "To: \"W, T\" < sip:t@example.org >\r\n" CALL_ID "CSeq: 1 OPTIONS\r\n" END),
     STOX_E_BAD_HEADER, 400},
    {"3.1.2.15",
     ROW("OPTIONS sip:b@example.net SIP/2.0\r\n" TOP_VIA
         "From: Bell, Alexander <sip:a@example.com>;tag=4\r\n" TO CALL_ID
         "CSeq: 1 OPTIONS\r\n" END),
     STOX_E_BAD_HEADER, 400},
    {"3.1.2.16", ROW(HEAD("OPTIONS sip:t@example.org SIP/7.0", "1 OPTIONS") END),
     STOX_E_BAD_VERSION, 505},
    {"3.1.2.17", ROW(HEAD("OPTIONS sip:t@example.org SIP/2.0", "1 INVITE") END), STOX_E_BAD_HEADER,
     400},
    {"3.1.2.18", ROW(HEAD("NEWMETHOD sip:t@example.org SIP/2.0", "1 INVITE") END),
     STOX_E_BAD_HEADER, 400},
    {"3.1.2.19", ROW(HEAD("SIP/2.0 4294967301 better not", "1 INVITE") END), STOX_E_BAD_START, 0},
    /* 3.2 transaction layer: RFC 2543's matching is for whoever matches */
    {"3.2.1",
     ROW("OPTIONS sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n" FROM
             TO CALL_ID "CSeq: 1 OPTIONS\r\n" END),
     STOX_OK, 0},
    /* 3.3 application layer */
    {"3.3.1", ROW("INVITE sip:user@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n" TOP_VIA END),
     STOX_E_MISSING, 400},
    {"3.3.2",
     ROW(HEAD("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", "1 OPTIONS") END),
     STOX_OK, 0},
    {"3.3.3", ROW(HEAD("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", "1 OPTIONS") END), STOX_OK,
     0},
    {"3.3.4",
     ROW("REGISTER sip:example.com SIP/2.0\r\n" TOP_VIA
         "From: <http://www.example.com>;tag=9\r\nTo: isbn:2983792873\r\n" CALL_ID
         "CSeq: 1 REGISTER\r\nContact: <name:John_Smith>\r\n" END),
     STOX_OK, 0},
    {"3.3.5", ROW(INVITE("Require: nothingSupportsThis\r\nProxy-Require: norDoes\r\n" END)),
     STOX_OK, 0},
    {"3.3.6", ROW(INVITE("Content-Type: application/unknown\r\nl: 1\r\n\r\n<")), STOX_OK, 0},
    {"3.3.7", ROW(REGISTER("Authorization: NoOneKnowsThisScheme opaque=1\r\n" END)), STOX_OK, 0},
    {"3.3.8", ROW(INVITE("CSeq: 5 INVITE\r\n" END)), STOX_E_REPEATED, 400},
    {"3.3.8", ROW(INVITE("Max-Forwards: 70\r\nMax-Forwards: 5\r\n" END)), STOX_E_REPEATED, 400},
    {"3.3.9", ROW(INVITE("Content-Length: 8\r\nContent-Length: 5\r\n\r\nabcdefgh")),
     STOX_E_REPEATED, 400},
    {"3.3.10",
     ROW("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=1\r\nVia: SIP/2.0/UDP "
         "255.255.255.255;branch=2\r\n" FROM TO CALL_ID "CSeq: 1 INVITE\r\n" END),
     STOX_OK, 0},
    {"3.3.11", ROW(INVITE("Max-Forwards: 0\r\n" END)), STOX_OK, 0},
    {"3.3.12", ROW(REGISTER("Contact: sip:c@example.com;unknownparam\r\n" END)), STOX_OK, 0},
    {"3.3.13", ROW(REGISTER("Contact: <sip:c@example.com;unknownparam>\r\n" END)), STOX_OK, 0},
    {"3.3.14", ROW(REGISTER("Contact: <sip:c@example.com?Route=%3Csip:x%3E>\r\n" END)), STOX_OK, 0},
    {"3.3.15", ROW(INVITE("Accept: text/nobodyKnowsThis\r\n" END)), STOX_OK, 0},
    /* 3.4 backward compatibility */
    {"3.4.1",
     ROW("INVITE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP iftgw.example.com\r\nFrom: "
         "<sip:+1@ift.example.net;user=phone>\r\nCall-ID: 1717@ift\r\nCSeq: 56 INVITE\r\nTo: "
         "<sip:+1@ss1.example.net>\r\n\r\nv=0\r\n"),
     STOX_OK, 0},
};

static void test_points(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    parse_with(&p, rows[i].bytes, NULL);
    if (p.status != rows[i].status || p.diag.answer != rows[i].answer) {
      fail_msg("%s: row %zu is %s, answer %d, at %zu by %s", rows[i].section, i,
               stox_status_name(p.status), p.diag.answer, p.diag.offset, p.diag.rule);
    }
    parsed_free(&p);
  }
}

/* What the accepted ones show. */
static const row *row_of(const char *section) {
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (strcmp(rows[i].section, section) == 0) {
      return &rows[i];
    }
  }
  fail_msg("no row %s", section);
  return &rows[0];
}

static void test_tortuous(void **state) {
  (void)state;
  parsed p;
  const stox_sip_via *via = NULL;
  uint32_t hops = 0;
  stox_sip_cseq cseq;
  parse_good(&p, row_of("3.1.1.1")->bytes);
  assert_status(stox_sip_get_number(&hops, p.message, STOX_SIP_MAX_FORWARDS), STOX_OK);
  assert_int_equal(hops, 68);
  assert_status(stox_sip_get_cseq(&cseq, p.message), STOX_OK);
  assert_int_equal(cseq.number, 9);
  static const stox_span hosts[] = {ROW("192.0.2.2"), ROW("a.example.com"), ROW("192.0.2.3")};
  for (size_t i = 0; i < COUNT(hosts); i++) {
    assert_status(stox_sip_get_via(&via, p.message, i), STOX_OK);
    assert_span_equal(via->host, hosts[i]);
  }
  assert_span_equal(via->branch, S("z9hG4bK30"));
  assert_status(stox_sip_get_via(&via, p.message, 3), STOX_E_NONE);
  assert_span_equal(stox_sip_tag(p.message, STOX_SIP_FROM), S("9"));
  assert_span_equal(stox_sip_tag(p.message, STOX_SIP_TO), S("1"));
  assert_int_equal(stox_sip_value(p.message, STOX_SIP_SUBJECT).n, 0);
  assert_span_equal(stox_sip_body(p.message), S("v=0"));
  parsed_free(&p);
}

static void test_cut_and_kept(void **state) {
  (void)state;
  parsed p;
  stox_name_addr address;
  parse_good(&p, row_of("3.1.1.8")->bytes);
  assert_int_equal(stox_sip_body(p.message).n, 0);
  assert_true(stox_sip_text(p.message).n < p.bytes.span.n);
  parsed_free(&p);
  parse_good(&p, row_of("3.1.1.9")->bytes);
  assert_span_equal(stox_sip_request_uri(p.message), S("sip:user;par=u%40example.net@example.com"));
  parsed_free(&p);
  parse_good(&p, row_of("3.3.12")->bytes);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  assert_span_equal(address.params, S("unknownparam"));
  parsed_free(&p);
  parse_good(&p, row_of("3.3.13")->bytes);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  assert_null(address.params.p);
  parsed_free(&p);
  parse_good(&p, row_of("3.1.2.13")->bytes);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 0), STOX_E_BAD_HEADER);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_points), cmocka_unit_test(test_tortuous),
                                     cmocka_unit_test(test_cut_and_kept)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
