/* SPDX-License-Identifier: MIT */
#include "sip_messages.h"
#include "writers.h"

#include "stox/multipart.h"
#include "stox/sipfrag.h"

/* Print lost the space behind `s=`, which the Content-Length counts. */
#define SDP_3420                                                                                   \
  "v=0\r\no=alice 2890844526 2890844526 IN IP4 host.anywhere.com\r\ns= \r\n"                       \
  "c=IN IP4 host.anywhere.com\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"     \
  "m=video 51372 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\nm=video 53000 RTP/AVP 32\r\n"             \
  "a=rtpmap:32 MPV/90000\r\n"

#define AIB                                                                                        \
  "From: Alice <sip:alice@example.com>\r\nTo: Bob <sip:bob@example.net>\r\n"                       \
  "Contact: <sip:alice@pc33.example.com>\r\nDate: Thu, 21 Feb 2002 13:02:03 GMT\r\n"               \
  "Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n"

static void fragment_parse(parsed *p, stox_span bytes, int lenient) {
  const stox_sip_options options = options_of(lenient, 0);
  *p = (parsed){.bytes = guard_copy(bytes), .room = malloc(PARSE_ROOM)};
  assert_non_null(p->room);
  stox_arena_init(&p->arena, p->room, PARSE_ROOM, 0, stox_allocator_libc());
  p->status = stox_sipfrag_parse(&p->message, &p->arena, p->bytes.span, &options, &p->diag);
}

static size_t count_fields(const stox_sip_message *message) {
  stox_sip_header header;
  size_t n = 0;
  while (stox_sip_get_header(&header, message, n) == STOX_OK) {
    n++;
  }
  return n;
}

/* RFC 3420 2 and the examples of its 3.1; written whole, each is itself. */
static void test_accepted(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int kind;
    size_t fields;
    size_t body_n;
    int is_identity;
  } rows[] = {
      {ROW(""), STOX_SIPFRAG_HEADERS, 0, 0, 1},
      {ROW("\r\n"), STOX_SIPFRAG_HEADERS, 0, 0, 0},
      {ROW("INVITE sip:alice@atlanta.com SIP/2.0\r\n"), STOX_SIPFRAG_REQUEST, 0, 0, 1},
      {ROW("INVITE sip:alice@atlanta.com SIP/2.0\r\n\r\n"), STOX_SIPFRAG_REQUEST, 0, 0, 0},
      {ROW("SIP/2.0 603 Declined\r\n"), STOX_SIPFRAG_RESPONSE, 0, 0, 1},
      {ROW("SIP/2.0 200 \r\n"), STOX_SIPFRAG_RESPONSE, 0, 0, 1},
      {ROW("REGISTER sip:atlanta.com SIP/2.0\r\nTo: sip:alice@atlanta.com\r\n"
           "Contact: <sip:alicepc@atlanta.com>;q=0.9,\r\n         "
           "<sip:alicemobile@atlanta.com>;q=0.1\r\n"),
       STOX_SIPFRAG_REQUEST, 2, 0, 1},
      {ROW("SIP/2.0 400 Bad Request\r\n"
           "Warning: 399 atlanta.com Your Event header field was malformed\r\n"),
       STOX_SIPFRAG_RESPONSE, 1, 0, 1},
      {ROW(AIB), STOX_SIPFRAG_HEADERS, 6, 0, 1},
      {ROW(AIB "\r\n"), STOX_SIPFRAG_HEADERS, 6, 0, 0},
      {ROW("SIP/2.0 200 OK\r\nContent-Type: application/sdp\r\nContent-Length: "
           "247\r\n\r\n" SDP_3420),
       STOX_SIPFRAG_RESPONSE, 2, 247, 1},
      {ROW("Content-Type: text/plain\r\nContent-Length: 11\r\n\r\nHi There!\r\n"),
       STOX_SIPFRAG_HEADERS, 2, 11, 1},
      /* The body alone is left out. */
      {ROW("Content-Type: text/plain\r\nContent-Length: 11\r\n"), STOX_SIPFRAG_HEADERS, 2, 0, 1},
      {ROW("Content-Type: text/plain\r\nContent-Length: 11\r\n\r\n"), STOX_SIPFRAG_HEADERS, 2, 0,
       0},
      {ROW("l: 3\r\nc: text/plain\r\n\r\n\r\na"), STOX_SIPFRAG_HEADERS, 2, 3, 1},
      {ROW("CSeq : 1 INVITE\r\n"), STOX_SIPFRAG_HEADERS, 1, 0, 1},
      {ROW("X-Unknown: a\r\n b\r\n"), STOX_SIPFRAG_HEADERS, 1, 0, 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int lenient = 0; lenient < 2; lenient++) {
      char room[1024];
      stox_buf out;
      parsed p;
      fragment_parse(&p, rows[i].text, lenient);
      if (p.status != STOX_OK) {
        fail_msg("row %zu: %s at %zu: %s", i, stox_status_name(p.status), p.diag.offset,
                 p.diag.rule);
      }
      assert_int_equal(stox_sip_is_lenient(p.message), 0);
      assert_int_equal(stox_sipfrag_kind(p.message), rows[i].kind);
      assert_int_equal(count_fields(p.message), rows[i].fields);
      assert_int_equal(stox_sip_body(p.message).n, rows[i].body_n);
      assert_span_equal(stox_sip_text(p.message), rows[i].text);
      const int start = rows[i].kind == STOX_SIPFRAG_HEADERS ? 0 : STOX_SIPFRAG_START;
      stox_buf_init(&out, room, sizeof room);
      assert_status(stox_sipfrag_write(&out, p.message, NULL, 0, start | STOX_SIPFRAG_BODY),
                    STOX_OK);
      if (rows[i].is_identity) {
        assert_span_equal(stox_buf_span(&out), rows[i].text);
      }
      parsed_free(&p);
    }
  }
}

/* All accessors hold, and give nothing for what was left out. */
static void test_access(void **state) {
  (void)state;
  parsed p;
  stox_name_addr address;
  stox_sip_cseq cseq;
  stox_sip_via via;
  stox_sip_edit *edit = NULL;
  fragment_parse(&p, S(AIB), 0);
  assert_status(p.status, STOX_OK);
  assert_int_equal(stox_sip_status(p.message), 0);
  assert_null(stox_sip_request_uri(p.message).p);
  assert_null(stox_sip_reason_phrase(p.message).p);
  assert_status(stox_sip_get_via(&via, p.message, 0), STOX_E_NONE);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_FROM, 0), STOX_OK);
  assert_span_equal(address.uri, S("sip:alice@example.com"));
  assert_status(stox_sip_get_cseq(&cseq, p.message), STOX_OK);
  assert_int_equal(cseq.number, 314159);
  assert_int_equal(stox_sip_method_id(p.message), STOX_SIP_INVITE);
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_E_ARG);
  assert_null(edit);
  parsed_free(&p);

  fragment_parse(&p, S("SIP/2.0 486 Busy Here\r\n"), 0);
  assert_status(p.status, STOX_OK);
  assert_int_equal(stox_sip_status(p.message), 486);
  assert_span_equal(stox_sip_reason_phrase(p.message), S("Busy Here"));
  assert_status(stox_sip_get_cseq(&cseq, p.message), STOX_E_MISSING);
  parsed_free(&p);
}

/* RFC 3420 3.2, and what breaks RFC 3261: no message comes out. */
static void test_refused(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int strict;
    int lenient;
    size_t offset;
  } rows[] = {
      {ROW("INVITE\r\n"), STOX_E_BAD_START, STOX_E_BAD_START, 6},
      {ROW("INVITE sip:alice@atlanta.com SIP/1.09\r\n"), STOX_E_BAD_VERSION, STOX_E_BAD_VERSION,
       29},
      {ROW("SIP/2.0\r\n"), STOX_E_BAD_START, STOX_E_BAD_START, 7},
      {ROW("404 Not Found\r\n"), STOX_E_BAD_START, STOX_E_BAD_START, 8},
      {ROW("INVITE sip:alice@atlanta.com SIP/2.0\r\nVia: SIP/2.0/UDP "
           ";branch=z9hG4bK29342a\r\nTo: <>;tag=39234\r\n"),
       STOX_E_BAD_HEADER, STOX_E_BAD_HEADER, 55},
      {ROW("To: <>;tag=39234\r\n"), STOX_E_BAD_HEADER, STOX_E_BAD_HEADER, 5},
      {ROW("To: sip:alice@atlanta.com\r\nFrom: sip:bob@biloxi.com;tag=1992312\r\n"
           "Call-ID: this is invalid\r\n"),
       STOX_E_BAD_HEADER, STOX_E_BAD_HEADER, 74},
      {ROW("INVITE sip:alice@atlanta.com SIP/2.0\r\n"
           "From: <sip:bob@biloxi.com>;tag=z9hG4bK2912;tag=z9hG4bK99234\r\n"),
       STOX_E_BAD_HEADER, STOX_E_BAD_HEADER, 44},
      {ROW("MESSAGE sip:alice@atlanta.com SIP/2.0\r\nHi There!\r\n"), STOX_E_BAD_HEADER,
       STOX_E_BAD_HEADER, 39},
      {ROW("MESSAGE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n"), STOX_E_BAD_HEADER, STOX_E_BAD_HEADER,
       33},
      {ROW("CSeq: 1 INVITE\r\nCSeq: 1 INVITE\r\n"), STOX_E_REPEATED, STOX_E_REPEATED, 16},
      {ROW("Max-Forwards: 256\r\n"), STOX_E_BAD_HEADER, STOX_E_BAD_HEADER, 14},
      {ROW("Content-Length: x\r\n"), STOX_E_BAD_LENGTH, STOX_E_BAD_LENGTH, 16},
      {ROW("Subject: a\001\r\n"), STOX_E_CTRL, STOX_E_CTRL, 10},
      {ROW("Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nab"), STOX_E_BAD_LENGTH,
       STOX_E_BAD_LENGTH, 47},
      /* What lenient accepts. */
      {ROW("SIP/2.0 200 OK"), STOX_E_MISSING, STOX_OK, 14},
      {ROW("SIP/2.0 200 OK\n"), STOX_E_CTRL, STOX_OK, 14},
      {ROW("SIP/2.0 200 OK\r\nSubject: a"), STOX_E_MISSING, STOX_OK, 26},
      {ROW("Subject: a\n"), STOX_E_CTRL, STOX_OK, 0},
      {ROW("Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nab"), STOX_E_BAD_LENGTH, STOX_OK,
       48},
      {ROW("Content-Type: text/plain\r\n\r\nab"), STOX_E_MISSING, STOX_OK, 28},
      {ROW("Content-Length: 2\r\n\r\nab"), STOX_E_MISSING, STOX_OK, 21},
      {ROW("Subject: a\r\nSubject: b\r\n"), STOX_E_REPEATED, STOX_OK, 12},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    fragment_parse(&p, rows[i].text, 0);
    if (p.status != rows[i].strict || p.diag.offset != rows[i].offset) {
      fail_msg("row %zu: %s at %zu: %s", i, stox_status_name(p.status), p.diag.offset, p.diag.rule);
    }
    const int is_response = rows[i].text.p[0] == 'S' && rows[i].text.p[1] == 'I';
    const int answer = p.status == STOX_E_BAD_VERSION ? 505 : 400;
    if (p.diag.answer != (is_response ? 0 : answer)) {
      fail_msg("row %zu: answer %d", i, p.diag.answer);
    }
    assert_null(p.message);
    parsed_free(&p);
    fragment_parse(&p, rows[i].text, 1);
    assert_status(p.status, rows[i].lenient);
    if (rows[i].lenient == STOX_OK) {
      assert_int_equal(stox_sip_is_lenient(p.message), 1);
    } else {
      assert_null(p.message);
    }
    parsed_free(&p);
  }
}

/* What only lenient accepted is written as strict wants it, and is accepted then. */
static void test_normalised(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    stox_span written;
  } rows[] = {
      {ROW("SIP/2.0 200 OK"), ROW("SIP/2.0 200 OK\r\n")},
      {ROW("SIP/2.0 200"), ROW("SIP/2.0 200 \r\n")},
      {ROW("REFER  sip:a@b  SIP/2.0"), ROW("REFER sip:a@b SIP/2.0\r\n")},
      {ROW("SIP/2.0 200 OK\nSubject: a\n b\n"), ROW("SIP/2.0 200 OK\r\nSubject: a b\r\n")},
      {ROW("SIP/2.0 200 OK\r\nSubject: a\r\n b"), ROW("SIP/2.0 200 OK\r\nSubject: a b\r\n")},
      {ROW("SIP/2.0 200 OK\r\nc: text/plain\r\nl: 1\r\n\r\nab"),
       ROW("SIP/2.0 200 OK\r\nc: text/plain\r\nl: 1\r\n\r\na")},
      {ROW("SIP/2.0 200 OK\r\nc: text/plain\r\n\r\nab"),
       ROW("SIP/2.0 200 OK\r\nc: text/plain\r\nContent-Length: 2\r\n\r\nab")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[256];
    stox_buf out;
    parsed p;
    fragment_parse(&p, rows[i].text, 1);
    assert_status(p.status, STOX_OK);
    stox_buf_init(&out, room, sizeof room);
    assert_status(
        stox_sipfrag_write(&out, p.message, NULL, 0, STOX_SIPFRAG_START | STOX_SIPFRAG_BODY),
        STOX_OK);
    assert_span_equal(stox_buf_span(&out), rows[i].written);
    parsed_free(&p);
    fragment_parse(&p, rows[i].written, 0);
    assert_status(p.status, STOX_OK);
    parsed_free(&p);
  }
}

/* Cut anywhere, it is a fragment exactly where a line or the body ends. */
static void test_every_truncation(void **state) {
  (void)state;
  static const char text[] =
      "SIP/2.0 200 OK\r\nSubject: a\r\n b\r\nc: text/plain\r\nl: 2\r\n\r\nab";
  for (size_t n = 0; n < sizeof text; n++) {
    parsed p;
    fragment_parse(&p, (stox_span){text, n}, 0);
    const int is_line = n == 0 || n == 16 || n == 28 || n == 32 || n == 47 || n == 53 || n == 55;
    const int is_good = is_line || n == sizeof text - 1;
    if ((p.status == STOX_OK) != is_good) {
      fail_msg("%zu octets: %s: %s", n, stox_status_name(p.status), p.diag.rule);
    }
    parsed_free(&p);
  }
}

static void test_limits(void **state) {
  (void)state;
  static const stox_span text = ROW("SIP/2.0 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n");
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  stox_sip_options options = options_of(0, 0);
  options.limits = &limits;
  for (uint32_t n = 2; n <= 4; n++) {
    char room[PARSE_ROOM];
    stox_arena arena;
    stox_sip_message *message = NULL;
    limits.header_count = n;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    assert_status(stox_sipfrag_parse(&message, &arena, text, &options, NULL),
                  n < 3 ? STOX_E_TOO_MANY : STOX_OK);
  }
  limits.header_count = 3;
  for (uint32_t n = (uint32_t)text.n - 1; n <= text.n + 1; n++) {
    char room[PARSE_ROOM];
    stox_arena arena;
    stox_sip_message *message = NULL;
    limits.message = n;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    assert_status(stox_sipfrag_parse(&message, &arena, text, &options, NULL),
                  n < text.n ? STOX_E_TOO_LONG : STOX_OK);
  }
  options.size = 0;
  stox_sip_message *message = NULL;
  assert_status(stox_sipfrag_parse(&message, NULL, text, &options, NULL), STOX_E_ARG);
}

static void test_every_arena(void **state) {
  (void)state;
  for (size_t n = 0; n < 4096; n += 8) {
    char room[4096];
    stox_arena arena;
    stox_sip_message *message = NULL;
    stox_arena_init(&arena, room, n, 0, NULL);
    const int status = stox_sipfrag_parse(&message, &arena, S(AIB), NULL, NULL);
    assert_true(status == STOX_E_NOMEM ? message == NULL : status == STOX_OK);
  }
}

typedef struct selection {
  const stox_sip_message *message;
  stox_span names[3];
  size_t n;
  int flags;
} selection;

static int write_selection(stox_buf *out, const void *ud) {
  const selection *s = ud;
  return stox_sipfrag_write(out, s->message, s->names, s->n, s->flags);
}

/* Chosen header fields, octet for octet and in the message's order. */
static void test_chosen(void **state) {
  (void)state;
  static const char text[] = LINE ROUTING HOPS "X-Mood:  odd \r\nf2: 1\r\nc:text/plain\r\n"
                                               "Content-Language: it\r\nl: 5\r\n\r\nHello";
  static const struct row {
    stox_span names[3];
    size_t n;
    int flags;
    stox_span want;
  } rows[] = {
      {{ROW("")}, 0, 0, ROW("")},
      {{ROW("")}, 0, STOX_SIPFRAG_START, ROW(LINE)},
      {{ROW("t"), ROW("FROM"), ROW("absent")}, 3, 0, ROW(FROM TO)},
      {{ROW("x-mood"), ROW("CSeq")}, 2, STOX_SIPFRAG_START, ROW(LINE CSEQ "X-Mood:  odd \r\n")},
      {{ROW("Content-Length")}, 1, 0, ROW("l: 5\r\n")},
      {{ROW("i")},
       1,
       STOX_SIPFRAG_BODY,
       ROW(CALL_ID "c:text/plain\r\nContent-Language: it\r\nl: 5\r\n\r\nHello")},
  };
  parsed p;
  parse_good(&p, S(text));
  for (size_t i = 0; i < COUNT(rows); i++) {
    selection s = {p.message, {{NULL, 0}}, rows[i].n, rows[i].flags};
    memcpy(s.names, rows[i].names, sizeof s.names);
    check_writer(write_selection, &s, rows[i].want);
  }
  parsed_free(&p);
}

static void test_not_written(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  parsed p;
  stox_buf_init(&out, room, sizeof room);
  fragment_parse(&p, S("Content-Length: 2\r\n\r\nab"), 1);
  assert_status(p.status, STOX_OK);
  assert_status(stox_sipfrag_write(&out, p.message, NULL, 0, STOX_SIPFRAG_START), STOX_E_STATE);
  assert_status(stox_sipfrag_write(&out, p.message, NULL, 0, STOX_SIPFRAG_BODY), STOX_E_MISSING);
  assert_status(stox_sipfrag_put_status(&out, 99, S("x")), STOX_E_ARG);
  assert_status(stox_sipfrag_put_status(&out, 700, S("x")), STOX_E_ARG);
  assert_int_equal(out.len, 0);
  parsed_free(&p);
}

typedef struct phrase {
  int code;
  stox_span reason;
} phrase;

static int write_status(stox_buf *out, const void *ud) {
  const phrase *one = ud;
  return stox_sipfrag_put_status(out, one->code, one->reason);
}

static void test_status_written(void **state) {
  (void)state;
  static const struct row {
    phrase phrase;
    stox_span want;
  } rows[] = {
      {{100, {NULL, 0}}, ROW("SIP/2.0 100 Trying\r\n")},
      {{200, ROW("OK")}, ROW("SIP/2.0 200 OK\r\n")},
      {{503, ROW(" \r\nVia: x\n")}, ROW("SIP/2.0 503 Via: x\r\n")},
      {{699, ROW("\303\251t\303\251")}, ROW("SIP/2.0 699 \303\251t\303\251\r\n")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    check_writer(write_status, &rows[i].phrase, rows[i].want);
    fragment_parse(&p, rows[i].want, 0);
    assert_status(p.status, STOX_OK);
    assert_int_equal(stox_sip_status(p.message), rows[i].phrase.code);
    parsed_free(&p);
  }
}

/* RFC 3420 5. */
static void test_type(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int status;
  } rows[] = {
      {ROW("message/sipfrag"), STOX_OK},
      {ROW("Message/SIPFRAG;version=2.0"), STOX_OK},
      {ROW("message/sipfrag;Version=\"2.0\""), STOX_OK},
      {ROW("message/sipfrag;version=1.0"), STOX_E_BAD_VERSION},
      {ROW("message/sipfrag;version=2.0;version=2.0"), STOX_E_REPEATED},
      {ROW("message/sip"), STOX_E_UNSUPPORTED_MEDIA},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_media_type type;
    assert_status(stox_media_type_parse(&type, rows[i].text, NULL), STOX_OK);
    assert_status(stox_sipfrag_check_type(&type), rows[i].status);
  }
}

/* The body of RFC 3893 4: a part of a multipart, whose last line end is its own. */
static void test_in_multipart(void **state) {
  (void)state;
  static const char body[] = "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
                             "--b\r\nContent-Type: message/sipfrag\r\n"
                             "Content-Disposition: aib; handling=optional\r\n\r\n" AIB "\r\n--b--";
  stox_media_type type;
  stox_body_walk walk;
  stox_body_part part;
  parsed p;
  assert_status(stox_media_type_parse(&type, S("multipart/mixed;boundary=b"), NULL), STOX_OK);
  assert_status(stox_body_walk_init(&walk, &type, S(body), NULL, 0), STOX_OK);
  assert_status(stox_body_walk_next(&part, &walk, NULL), STOX_OK);
  assert_status(stox_body_walk_next(&part, &walk, NULL), STOX_OK);
  assert_status(stox_sipfrag_check_type(&part.type), STOX_OK);
  fragment_parse(&p, part.entity.body, 0);
  assert_status(p.status, STOX_OK);
  assert_int_equal(count_fields(p.message), 6);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accepted),
      cmocka_unit_test(test_access),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_normalised),
      cmocka_unit_test(test_every_truncation),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_every_arena),
      cmocka_unit_test(test_chosen),
      cmocka_unit_test(test_not_written),
      cmocka_unit_test(test_status_written),
      cmocka_unit_test(test_type),
      cmocka_unit_test(test_in_multipart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
