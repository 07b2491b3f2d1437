/* SPDX-License-Identifier: MIT */
#include "sip_messages.h"

static void test_request(void **state) {
  (void)state;
  parsed p;
  parse_good(&p, S(REQUEST));
  assert_int_equal(stox_sip_status(p.message), 0);
  assert_int_equal(stox_sip_method_id(p.message), STOX_SIP_MESSAGE);
  assert_span_equal(stox_sip_method(p.message), S("MESSAGE"));
  assert_span_equal(stox_sip_request_uri(p.message), S("sip:romeo@example.net"));
  assert_null(stox_sip_reason_phrase(p.message).p);
  assert_span_equal(stox_sip_body(p.message), S("Hello"));
  assert_span_equal(stox_sip_text(p.message), S(REQUEST));
  assert_int_equal(stox_sip_is_lenient(p.message), 0);
  assert_int_equal(p.diag.code, STOX_OK);
  parsed_free(&p);
}

static void test_response(void **state) {
  (void)state;
  parsed p;
  parse_good(&p, S(RESPONSE));
  assert_int_equal(stox_sip_status(p.message), 200);
  assert_int_equal(stox_sip_method_id(p.message), STOX_SIP_MESSAGE);
  assert_span_equal(stox_sip_method(p.message), S("MESSAGE"));
  assert_null(stox_sip_request_uri(p.message).p);
  assert_span_equal(stox_sip_reason_phrase(p.message), S("OK"));
  assert_int_equal(stox_sip_body(p.message).n, 0);
  parsed_free(&p);
}

/* Accepted in strict mode, and without a leniency. */
static void test_accepted(void **state) {
  (void)state;
  static const stox_span rows[] = {
      /* no Max-Forwards, no branch, no From tag, no Content-Length: RFC 2543's peers */
      ROW("INVITE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nFrom: "
          "sip:a@example.com\r\nTo: sip:b@example.net\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"),
      /* compact forms, odd case, white space before the colon, folds */
      ROW("MESSAGE sip:b@example.net sip/2.0\r\nv\t:\r\n SIP / 2.0 / TCP\r\n\th.example.net "
          ": 5060 ;\r\n  branch = z9hG4bK1\r\nf : <sip:a@example.com> ; tag = 1\r\nT:"
          " sip:b@example.net\r\nI: a@b\r\ncSEQ:\r\n 1\r\n MESSAGE\r\nL:0\r\n\r\n"),
      ROW("SIP/2.0 100 \r\n" ROUTING "\r\n"),
      ROW("SIP/2.0 699 \xC3\xA9t\xC3\xA9, 100% (ok)\r\n" ROUTING "\r\n"),
      /* a control may stand behind a backslash in a quoted string */
      ROW(LINE TOP_VIA "From: \"a\\\0b\\\x7F\" <sip:a@example.com>;tag=1\r\n" TO CALL_ID CSEQ
                       "\r\n"),
      /* empty and unknown header fields, octets above 0x7F, HTAB in a value */
      ROW(LINE ROUTING "Subject:\r\nX-Odd_~!: a\tb \xE2\x82\xAC\r\nSubject-Two:   \r\n\r\n"),
      /* other schemes are the concern of whoever routes */
      ROW("OPTIONS urn:service:sos SIP/2.0\r\n" TOP_VIA FROM TO CALL_ID "CSeq: 1 OPTIONS\r\n\r\n"),
      ROW("OPTIONS tel:+15551234 SIP/2.0\r\n" TOP_VIA "From: <tel:+1555>;tag=1\r\nTo: "
          "isbn:2983792873\r\n" CALL_ID "CSeq: 1 OPTIONS\r\n\r\n"),
      ROW("!F%o*'t~ sip:b@example.net SIP/2.0\r\n" TOP_VIA FROM TO CALL_ID
          "CSeq: 2147483647 !F%o*'t~\r\nMax-Forwards: 255\r\n\r\n"),
      ROW("MESSAGE sip:[2001:db8::10] SIP/2.0\r\nVia: SIP/2.0/UDP "
          "[2001:db8::9:1];received=2001:db8::9:255;rport=12,SIP/2.0/SCTP "
          "a.example;ttl=1;maddr=[::1];x=\"a,;\\\"\"\r\n" FROM TO CALL_ID CSEQ "\r\n"),
      ROW(LINE ROUTING "Route: <sip:a;lr>\r\nRoute: <sip:b;lr>\r\nProxy-Authorization: Digest "
                       "realm=\"a\"\r\nProxy-Authorization: Digest realm=\"b\"\r\n\r\n"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    parse_good(&p, rows[i]);
    assert_int_equal(stox_sip_is_lenient(p.message), 0);
    assert_span_equal(stox_sip_text(p.message), rows[i]);
    parsed_free(&p);
  }
}

static void test_headers_in_order(void **state) {
  (void)state;
  static const int ids[] = {STOX_SIP_VIA,          STOX_SIP_FROM,          STOX_SIP_TO,
                            STOX_SIP_CALL_ID,      STOX_SIP_CSEQ,          STOX_SIP_MAX_FORWARDS,
                            STOX_SIP_CONTENT_TYPE, STOX_SIP_CONTENT_LENGTH};
  parsed p;
  parse_good(&p, S(REQUEST));
  stox_sip_header header;
  size_t lines = sizeof LINE - 1;
  for (size_t i = 0; i < COUNT(ids); i++) {
    assert_status(stox_sip_get_header(&header, p.message, i), STOX_OK);
    assert_int_equal(header.id, ids[i]);
    assert_span_equal(header.name, stox_span_text(stox_sip_header_name(ids[i])));
    assert_ptr_equal(header.line.p, p.bytes.span.p + lines);
    lines += header.line.n;
  }
  assert_status(stox_sip_get_header(&header, p.message, COUNT(ids)), STOX_E_NONE);
  assert_int_equal(lines + 2 + 5, p.bytes.span.n);
  parsed_free(&p);
}

static void test_body(void **state) {
  (void)state;
  static const struct row {
    stox_span bytes;
    stox_span body;
  } rows[] = {
      {ROW(LINE ROUTING "\r\nall that follows\r\n\r\n"), ROW("all that follows\r\n\r\n")},
      {ROW(LINE ROUTING "l: 4\r\n\r\na\0\nb, and what is cut off"), ROW("a\0\nb")},
      {ROW(LINE ROUTING "Content-Length: 0\r\n\r\nMESSAGE sip:x SIP/2.0\r\n"), ROW("")},
      {ROW(LINE ROUTING "Content-Length: 0004\r\n\r\n\r\n\r\n"), ROW("\r\n\r\n")},
      {ROW(LINE ROUTING "Content-Length:\r\n 2\r\n\r\n\xFF\xFE"), ROW("\xFF\xFE")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    parse_good(&p, rows[i].bytes);
    const stox_span body = stox_sip_body(p.message);
    const stox_span text = stox_sip_text(p.message);
    assert_span_equal(body, rows[i].body);
    assert_ptr_equal(text.p + text.n, body.p + body.n);
    parsed_free(&p);
  }
}

/* A prefix of a good message is never good, save where only a body without Content-Length is cut;
 * its octets end at a guard page. */
static void test_truncated(void **state) {
  (void)state;
  static const stox_span rows[] = {ROW(REQUEST), ROW(RESPONSE)};
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t n = 0; n < rows[i].n; n++) {
      parsed p;
      parse_with(&p, stox_span_slice(rows[i], 0, n), NULL);
      assert_int_not_equal(p.status, STOX_OK);
      assert_int_equal(p.status, p.diag.code);
      assert_true(p.diag.offset <= n);
      assert_non_null(p.diag.rule);
      parsed_free(&p);
    }
  }
}

/* Whatever single octet is put anywhere, a view never leaves the message, and what is accepted is
 * written as it was. */
static void test_one_octet_changed(void **state) {
  (void)state;
  static const char odd[] = {'\0', '\t', '\n', '\r', ' ',  '"',   ',',
                             ':',  ';',  '<',  '>',  '\\', '\x80'};
  char octets[sizeof REQUEST];
  for (size_t at = 0; at + 1 < sizeof REQUEST; at++) {
    for (size_t i = 0; i < sizeof odd; i++) {
      parsed p;
      memcpy(octets, REQUEST, sizeof octets);
      octets[at] = odd[i];
      parse_with(&p, (stox_span){octets, sizeof octets - 1}, NULL);
      if (p.status == STOX_OK) {
        char room[1024];
        stox_buf out;
        stox_sip_edit *edit = NULL;
        assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
        stox_buf_init(&out, room, sizeof room);
        assert_status(stox_sip_write(&out, edit), STOX_OK);
        const stox_span text = stox_sip_text(p.message);
        if (stox_sip_value(p.message, STOX_SIP_CONTENT_LENGTH).p != NULL) {
          assert_span_equal(stox_buf_span(&out), text);
        }
      }
      parsed_free(&p);
    }
  }
}

static void test_allocation_fails(void **state) {
  (void)state;
  static const char many[] = REQUEST;
  for (size_t fail_at = 1;; fail_at++) {
    failing f = {.fail_at = fail_at};
    const stox_allocator alloc = failing_allocator(&f);
    stox_arena arena;
    stox_sip_message *message = NULL;
    stox_diag diag = {0};
    stox_arena_init(&arena, NULL, 0, 0, &alloc);
    const int status = stox_sip_parse(&message, &arena, S(many), NULL, &diag);
    stox_arena_clear(&arena);
    assert_int_equal(f.live, 0);
    if (status == STOX_OK) {
      break;
    }
    assert_status(status, STOX_E_NOMEM);
    assert_null(message);
  }
  /* The same with every size of a caller's block. */
  for (size_t n = 0;; n++) {
    char room[4096];
    stox_arena arena;
    stox_sip_message *message = NULL;
    stox_arena_init(&arena, room, n, 0, NULL);
    const int status = stox_sip_parse(&message, &arena, S(REQUEST), NULL, NULL);
    if (status == STOX_OK) {
      assert_true(n <= 2048);
      break;
    }
    assert_status(status, STOX_E_NOMEM);
    assert_null(message);
  }
}

static void test_options(void **state) {
  (void)state;
  stox_sip_options options;
  size_t only_size = sizeof(size_t);
  parsed p;
  assert_status(stox_sip_options_init(&options, sizeof options), STOX_OK);
  assert_int_equal(options.size, sizeof options);
  assert_status(stox_sip_options_init(&options, sizeof only_size - 1), STOX_E_ARG);
  options.size = 0;
  parse_with(&p, S(REQUEST), &options);
  assert_status(p.status, STOX_E_ARG);
  parsed_free(&p);
  memcpy(&options, &only_size, sizeof only_size);
  parse_with(&p, S(REQUEST), &options);
  assert_status(p.status, STOX_OK);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_request),
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_accepted),
      cmocka_unit_test(test_headers_in_order),
      cmocka_unit_test(test_body),
      cmocka_unit_test(test_truncated),
      cmocka_unit_test(test_one_octet_changed),
      cmocka_unit_test(test_allocation_fails),
      cmocka_unit_test(test_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
