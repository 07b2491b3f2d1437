/* SPDX-License-Identifier: MIT */
#include "sip_messages.h"

static const stox_span none = {NULL, 0};

#define TAGGED "To: <sip:romeo@example.net>;tag=r1\r\n"
#define ENDING "Content-Length: 0\r\n\r\n"

static void check(const stox_sip_edit *edit, stox_span want) {
  char room[2048];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  assert_span_equal(stox_buf_span(&out), want);
}

typedef struct row {
  stox_span request;
  int code;
  stox_span reason;
  stox_span tag;
  stox_span want;
} row;

static const row rows[] = {
    {ROW(REQUEST),
     200,
     {NULL, 0},
     ROW("r1"),
     ROW("SIP/2.0 200 OK\r\n" TOP_VIA FROM TAGGED CALL_ID CSEQ ENDING)},
    {ROW(REQUEST), 100, {NULL, 0}, ROW("r1"), ROW("SIP/2.0 100 Trying\r\n" ROUTING ENDING)},
    {ROW(REQUEST),
     699,
     ROW("a\r\nVia: x\0  y\xFF"),
     {NULL, 0},
     ROW("SIP/2.0 699 a Via: x y\r\n" ROUTING ENDING)},
    {ROW(REQUEST), 404, ROW(" \r\n"), {NULL, 0}, ROW("SIP/2.0 404 Not Found\r\n" ROUTING ENDING)},
    /* the tag that is there stays; a Timestamp goes into 100 only; order and number of Vias */
    {ROW(LINE "Timestamp: 54\r\nv: SIP/2.0/UDP\r\n a , SIP/2.0/UDP b\r\nt:"
              " <sip:a@b>;tag=9\r\n" FROM CALL_ID CSEQ "Via: SIP/2.0/UDP c\r\n\r\n"),
     200,
     {NULL, 0},
     ROW("r1"),
     ROW("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a , SIP/2.0/UDP b\r\nt: <sip:a@b>;tag=9\r\n" FROM
             CALL_ID CSEQ "Via: SIP/2.0/UDP c\r\n" ENDING)},
    {ROW(LINE "Timestamp: 54\r\n" ROUTING "\r\n"),
     100,
     {NULL, 0},
     {NULL, 0},
     ROW("SIP/2.0 100 Trying\r\nTimestamp: 54\r\n" ROUTING ENDING)},
    /* refused, but answered */
    {ROW(LINE ROUTING "Subject\r\nMax-Forwards: x\r\n\r\n"),
     400,
     {NULL, 0},
     ROW("r1"),
     ROW("SIP/2.0 400 Bad Request\r\n" TOP_VIA FROM TAGGED CALL_ID CSEQ ENDING)},
    {ROW(LINE ROUTING "From: sip:x@y\r\nTo: x\r\nCall-ID: 2\r\n" CSEQ "\r\n"),
     400,
     {NULL, 0},
     ROW("r1"),
     ROW("SIP/2.0 400 Bad Request\r\n" TOP_VIA FROM TAGGED CALL_ID CSEQ ENDING)},
    {ROW(LINE TOP_VIA FROM "To: \"a <sip:x@y>\r\n" CALL_ID CSEQ "\r\n"),
     400,
     {NULL, 0},
     ROW("r1"),
     ROW("SIP/2.0 400 Bad Request\r\n" TOP_VIA FROM
         "To: \"a <sip:x@y>;tag=r1\r\n" CALL_ID CSEQ ENDING)},
    {ROW("MESSAGE sip:a@b SIP/7.0\n" ROUTING "\n"),
     505,
     {NULL, 0},
     {NULL, 0},
     ROW("SIP/2.0 505 Version Not Supported\r\n" ROUTING ENDING)},
};

static void test_responses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    stox_sip_edit *edit = NULL;
    parse_with(&p, rows[i].request, NULL);
    assert_non_null(p.message);
    assert_status(stox_sip_response_new(&edit, &p.arena, p.message, rows[i].code, rows[i].reason,
                                        rows[i].tag),
                  STOX_OK);
    assert_int_equal(stox_sip_edit_status(edit), rows[i].code);
    assert_int_equal(stox_sip_edit_method_id(edit), STOX_SIP_MESSAGE);
    check(edit, rows[i].want);
    parsed_free(&p);
  }
}

static void test_refused(void **state) {
  (void)state;
  stox_sip_edit *edit = NULL;
  parsed p;
  parse_good(&p, S(REQUEST));
  static const int codes[] = {-1, 0, 99, 700};
  for (size_t i = 0; i < COUNT(codes); i++) {
    assert_status(stox_sip_response_new(&edit, &p.arena, p.message, codes[i], none, none),
                  STOX_E_ARG);
  }
  static const stox_span tags[] = {ROW(""), ROW("a b"), ROW("a\r\nVia: x"), ROW("a;b"), ROW("\0")};
  for (size_t i = 0; i < COUNT(tags); i++) {
    assert_status(stox_sip_response_new(&edit, &p.arena, p.message, 200, none, tags[i]),
                  STOX_E_BAD_HEADER);
    assert_null(edit);
  }
  parsed_free(&p);
  parse_good(&p, S(RESPONSE));
  assert_status(stox_sip_response_new(&edit, &p.arena, p.message, 200, none, none), STOX_E_ARG);
  parsed_free(&p);
}

static void test_memory_fails(void **state) {
  (void)state;
  parsed p;
  parse_good(&p, rows[4].request);
  for (size_t n = 0;; n++) {
    char room[4096];
    stox_arena arena;
    stox_sip_edit *edit = NULL;
    stox_arena_init(&arena, room, n, 0, NULL);
    const int status = stox_sip_response_new(&edit, &arena, p.message, 200, S("fine"), S("r1"));
    if (status == STOX_OK) {
      break;
    }
    assert_status(status, STOX_E_NOMEM);
    assert_null(edit);
  }
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_responses),
                                     cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_memory_fails)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
