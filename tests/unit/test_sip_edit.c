/* SPDX-License-Identifier: MIT */
#include "sip_messages.h"
#include "writers.h"

static const stox_span none = {NULL, 0};

typedef struct edited {
  parsed p;
  stox_sip_edit *edit;
} edited;

static void edit_of(edited *e, stox_span bytes) {
  parse_good(&e->p, bytes);
  assert_status(stox_sip_edit_new(&e->edit, &e->p.arena, e->p.message), STOX_OK);
}

static int write_edit(stox_buf *out, const void *ud) {
  return stox_sip_write(out, ud);
}

static void check(const stox_sip_edit *edit, stox_span want) {
  char room[2048];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  assert_span_equal(stox_buf_span(&out), want);
}

/* What no parser would accept is not written at all. */
static void check_missing(const stox_sip_edit *edit) {
  char room[4] = "ab";
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  out.len = 1;
  assert_status(stox_sip_write(&out, edit), STOX_E_MISSING);
  assert_int_equal(out.len, 1);
  assert_memory_equal(room, "ab", 3);
}

static int set(edited *e, int id, stox_span value, int where) {
  return stox_sip_edit_set(e->edit, id, none, value, where);
}

static void test_identity(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW(REQUEST), ROW(RESPONSE),
      ROW("MESSAGE sip:b@example.net sip/2.0\r\nv\t:\r\n SIP / 2.0 / TCP\r\n\th.example.net\r\nf : "
          "sip:a@b\r\nT:sip:c@d\r\nI: 1\r\ncSEQ:\r\n 1\r\n MESSAGE\r\nX-Y:  z "
          "\r\nL:003\r\n\r\na\0b")};
  for (size_t i = 0; i < COUNT(rows); i++) {
    edited e;
    edit_of(&e, rows[i]);
    check_writer(write_edit, e.edit, rows[i]);
    parsed_free(&e.p);
  }
}

static void test_content_length(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(LINE ROUTING "\r\nHello"));
  check(e.edit, S(LINE ROUTING "Content-Length: 5\r\n\r\nHello"));
  assert_status(stox_sip_edit_set_body(e.edit, S("a\0b")), STOX_OK);
  check(e.edit, S(LINE ROUTING "Content-Length: 3\r\n\r\na\0b"));
  assert_status(set(&e, STOX_SIP_CONTENT_LENGTH, S("7"), STOX_SIP_LAST), STOX_E_ARG);
  assert_status(stox_sip_edit_set(e.edit, STOX_SIP_OTHER, S("L"), S("7"), STOX_SIP_LAST),
                STOX_E_ARG);
  parsed_free(&e.p);
  edit_of(&e, S(LINE ROUTING "l:5\r\nSubject: a\r\n\r\nHello"));
  assert_status(stox_sip_edit_set_body(e.edit, none), STOX_OK);
  check(e.edit, S(LINE ROUTING "l: 0\r\nSubject: a\r\n\r\n"));
  parsed_free(&e.p);
}

#define BASE   LINE "Route: <sip:a>\r\nX-A: 1\r\n" ROUTING "Route: <sip:b>\r\nx-a: 2\r\n"
#define ENDING "Content-Length: 0\r\n\r\n"

static void test_set(void **state) {
  (void)state;
  static const struct row {
    int id;
    stox_span name;
    stox_span value;
    int where;
    stox_span want;
  } rows[] = {
      {STOX_SIP_ROUTE,
       {NULL, 0},
       ROW("<sip:c>"),
       STOX_SIP_LAST,
       ROW(BASE "Route: <sip:c>\r\n" ENDING)},
      {STOX_SIP_ROUTE,
       {NULL, 0},
       ROW("<sip:c>"),
       STOX_SIP_FIRST,
       ROW(LINE "Route: <sip:c>\r\nRoute: <sip:a>\r\nX-A: 1\r\n" ROUTING
                "Route: <sip:b>\r\nx-a: 2\r\n" ENDING)},
      {STOX_SIP_ROUTE,
       {NULL, 0},
       ROW("<sip:c>"),
       STOX_SIP_REPLACE,
       ROW(LINE "Route: <sip:c>\r\nX-A: 1\r\n" ROUTING "x-a: 2\r\n" ENDING)},
      {STOX_SIP_ROUTE,
       {NULL, 0},
       {NULL, 0},
       STOX_SIP_REPLACE,
       ROW(LINE "X-A: 1\r\n" ROUTING "x-a: 2\r\n" ENDING)},
      {STOX_SIP_OTHER, ROW("X-a"), ROW("3"), STOX_SIP_REPLACE,
       ROW(LINE "Route: <sip:a>\r\nX-a: 3\r\n" ROUTING "Route: <sip:b>\r\n" ENDING)},
      {STOX_SIP_OTHER,
       ROW("X-A"),
       {NULL, 0},
       STOX_SIP_REPLACE,
       ROW(LINE "Route: <sip:a>\r\n" ROUTING "Route: <sip:b>\r\n" ENDING)},
      {STOX_SIP_OTHER, ROW("X-A"), ROW(""), STOX_SIP_FIRST,
       ROW(LINE "Route: <sip:a>\r\nX-A: \r\nX-A: 1\r\n" ROUTING
                "Route: <sip:b>\r\nx-a: 2\r\n" ENDING)},
      {STOX_SIP_OTHER, ROW("X-B"), ROW("\xC3\xA9\t"), STOX_SIP_FIRST,
       ROW(LINE "X-B: \xC3\xA9\t\r\nRoute: <sip:a>\r\nX-A: 1\r\n" ROUTING
                "Route: <sip:b>\r\nx-a: 2\r\n" ENDING)},
      {STOX_SIP_WARNING, {NULL, 0}, ROW("1"), STOX_SIP_REPLACE, ROW(BASE "Warning: 1\r\n" ENDING)},
      {STOX_SIP_WARNING, {NULL, 0}, {NULL, 0}, STOX_SIP_REPLACE, ROW(BASE ENDING)},
      {STOX_SIP_OTHER, ROW("CALL-id"), ROW("1"), STOX_SIP_REPLACE,
       ROW(LINE "Route: <sip:a>\r\nX-A: 1\r\n" TOP_VIA FROM TO "CALL-id: 1\r\n" CSEQ
                "Route: <sip:b>\r\nx-a: 2\r\n" ENDING)},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    edited e;
    edit_of(&e, S(BASE "\r\n"));
    assert_status(stox_sip_edit_set(e.edit, rows[i].id, rows[i].name, rows[i].value, rows[i].where),
                  STOX_OK);
    check(e.edit, rows[i].want);
    parsed_free(&e.p);
  }
}

/* Nothing that is set can begin a line of its own. */
static void test_injection(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(REQUEST));
  for (int octet = 0; octet < 256; octet++) {
    const char value[] = {'a', (char)octet, 'b'};
    const int is_control = (octet < 0x20 && octet != '\t') || octet == 0x7F;
    const stox_span text = {value, sizeof value};
    assert_status(set(&e, STOX_SIP_WARNING, text, STOX_SIP_LAST), is_control     ? STOX_E_CTRL
                                                                  : octet > 0x7F ? STOX_E_BAD_UTF8
                                                                                 : STOX_OK);
    const int status = stox_sip_edit_set(e.edit, STOX_SIP_OTHER, text, S("x"), STOX_SIP_LAST);
    if (is_control) {
      assert_status(status, STOX_E_CTRL);
      assert_status(stox_sip_edit_set_request_uri(e.edit, text), STOX_E_BAD_START);
    }
    if (octet == ':' || octet == ' ' || octet >= 0x80) {
      assert_status(status, STOX_E_BAD_HEADER);
    }
  }
  assert_status(stox_sip_edit_set(e.edit, STOX_SIP_OTHER, S(""), S("x"), STOX_SIP_LAST),
                STOX_E_BAD_HEADER);
  assert_status(set(&e, -1, S("x"), STOX_SIP_LAST), STOX_E_ARG);
  assert_status(set(&e, 96, S("x"), STOX_SIP_LAST), STOX_E_ARG);
  assert_status(set(&e, STOX_SIP_SUBJECT, S("x"), 3), STOX_E_ARG);
  assert_status(set(&e, STOX_SIP_SUBJECT, none, STOX_SIP_LAST), STOX_E_ARG);
  parsed_free(&e.p);
}

/* A value that the parser looks at is good, or it is not set; nothing changes then. */
static void test_door(void **state) {
  (void)state;
  static const struct row {
    int id;
    stox_span value;
    int status;
  } bad[] = {
      {STOX_SIP_VIA, ROW(""), STOX_E_BAD_HEADER},
      {STOX_SIP_VIA, ROW("SIP/2.0/UDP"), STOX_E_BAD_HEADER},
      {STOX_SIP_VIA, ROW("SIP/2.0/UDP a,"), STOX_E_BAD_HEADER},
      {STOX_SIP_VIA, ROW("SIP/2.0/UDP a_b"), STOX_E_BAD_HEADER},
      {STOX_SIP_VIA, ROW("SIP/2.0/UDP a;rport="), STOX_E_BAD_HEADER},
      {STOX_SIP_FROM, ROW("x"), STOX_E_BAD_HEADER},
      {STOX_SIP_FROM, ROW("<sip:a@b>;tag=a b"), STOX_E_BAD_HEADER},
      {STOX_SIP_FROM, ROW("<sip:a@b>;tag"), STOX_E_BAD_HEADER},
      {STOX_SIP_TO, ROW("<sip:a@b>, <sip:c@d>"), STOX_E_BAD_HEADER},
      {STOX_SIP_TO, ROW("*"), STOX_E_BAD_HEADER},
      {STOX_SIP_TO, ROW("\"a <sip:a@b>"), STOX_E_BAD_HEADER},
      {STOX_SIP_CALL_ID, ROW("a@b@c"), STOX_E_BAD_HEADER},
      {STOX_SIP_CALL_ID, ROW(""), STOX_E_BAD_HEADER},
      {STOX_SIP_CSEQ, ROW("1 INVITE"), STOX_E_BAD_HEADER},
      {STOX_SIP_CSEQ, ROW("2147483648 MESSAGE"), STOX_E_BAD_HEADER},
      {STOX_SIP_MAX_FORWARDS, ROW("256"), STOX_E_BAD_HEADER},
      {STOX_SIP_MAX_FORWARDS, ROW("-1"), STOX_E_BAD_HEADER},
      {STOX_SIP_SUBJECT, ROW("\xC3"), STOX_E_BAD_UTF8},
      {STOX_SIP_SUBJECT, ROW("a\r\n b"), STOX_E_CTRL},
  };
  edited e;
  edit_of(&e, S(REQUEST));
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_status(set(&e, bad[i].id, bad[i].value, STOX_SIP_REPLACE), bad[i].status);
  }
  check(e.edit, S(REQUEST));
  static const int once[] = {STOX_SIP_FROM, STOX_SIP_MAX_FORWARDS, STOX_SIP_CONTENT_TYPE};
  static const stox_span values[] = {ROW("<sip:a@b>"), ROW("1"), ROW("a/b")};
  for (size_t i = 0; i < COUNT(once); i++) {
    assert_status(set(&e, once[i], values[i], STOX_SIP_LAST), STOX_E_REPEATED);
    assert_status(set(&e, once[i], values[i], STOX_SIP_FIRST), STOX_E_REPEATED);
  }
  check(e.edit, S(REQUEST));
  parsed_free(&e.p);
}

/* The transport puts a Via on a request (RFC 3261 18.1.1); a response has those of its request. */
static void test_no_via(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(RESPONSE));
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_VIA), STOX_OK);
  check_missing(e.edit);
  parsed_free(&e.p);
  edit_of(&e, S(REQUEST));
  assert_status(set(&e, STOX_SIP_VIA, none, STOX_SIP_REPLACE), STOX_OK);
  check(e.edit, S(LINE FROM TO CALL_ID CSEQ HOPS
                  "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello"));
  parsed_free(&e.p);
}

/* What may only be answered is not to be edited. */
static void test_refused(void **state) {
  (void)state;
  parsed p;
  stox_sip_edit *edit = NULL;
  parse_with(&p, S(LINE ROUTING "Subject\r\n\r\n"), NULL);
  assert_non_null(p.message);
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_E_STATE);
  assert_null(edit);
  parsed_free(&p);
}

static void test_pop(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(LINE "Via: SIP/2.0/UDP a;x=\",\" ,\r\n SIP/2.0/UDP b\r\n" FROM TO CALL_ID CSEQ
                     "v:  SIP/2.0/UDP c\r\nRoute: <sip:a,b>,\t<sip:c>\r\nl: 0\r\n\r\n"));
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_VIA), STOX_OK);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_ROUTE), STOX_OK);
  assert_span_equal(stox_sip_edit_value(e.edit, STOX_SIP_VIA), S("SIP/2.0/UDP b"));
  check(e.edit, S(LINE "Via: SIP/2.0/UDP b\r\n" FROM TO CALL_ID CSEQ
                       "v:  SIP/2.0/UDP c\r\nRoute: <sip:c>\r\nl: 0\r\n\r\n"));
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_VIA), STOX_OK);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_ROUTE), STOX_OK);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_ROUTE), STOX_E_NONE);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_FROM), STOX_OK);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_OTHER), STOX_E_NONE);
  assert_status(stox_sip_edit_pop(e.edit, 96), STOX_E_NONE);
  check_missing(e.edit);
  assert_status(set(&e, STOX_SIP_FROM, S("<sip:x@y>"), STOX_SIP_FIRST), STOX_OK);
  check(e.edit, S(LINE "From: <sip:x@y>\r\n" TO CALL_ID CSEQ "v:  SIP/2.0/UDP c\r\nl: 0\r\n\r\n"));
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_VIA), STOX_OK);
  assert_null(stox_sip_edit_value(e.edit, STOX_SIP_VIA).p);
  check(e.edit, S(LINE "From: <sip:x@y>\r\n" TO CALL_ID CSEQ "l: 0\r\n\r\n"));
  assert_status(set(&e, STOX_SIP_VIA, S("SIP/2.0/UDP d"), STOX_SIP_LAST), STOX_OK);
  assert_status(set(&e, STOX_SIP_SUBJECT, S("end"), STOX_SIP_LAST), STOX_OK);
  check(e.edit, S(LINE "From: <sip:x@y>\r\n" TO CALL_ID CSEQ
                       "l: 0\r\nVia: SIP/2.0/UDP d\r\nSubject: end\r\n\r\n"));
  parsed_free(&e.p);
}

static void test_pop_behind_quotes(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(LINE ROUTING "Contact: \"a, \\\"<b\" <sip:a@b>;q=1 , <sip:c@d>\r\nWarning: 301 x "
                             "\"a, b\r\n"
                             "Allow: A\r\n" ENDING));
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_CONTACT), STOX_OK);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_WARNING), STOX_OK);
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_ALLOW), STOX_OK);
  check(e.edit, S(LINE ROUTING "Contact: <sip:c@d>\r\n" ENDING));
  parsed_free(&e.p);
}

static void test_pop_behind_comment(void **state) {
  (void)state;
  const stox_sip_options lenient = options_of(1, 0);
  parsed p;
  stox_sip_edit *edit = NULL;
  parse_with(&p,
             S(LINE "Via: SIP/2.0/UDP a (b, c) , SIP/2.0/UDP d\r\n" FROM TO CALL_ID CSEQ "\r\n"),
             &lenient);
  assert_status(p.status, STOX_OK);
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
  assert_status(stox_sip_edit_pop(edit, STOX_SIP_VIA), STOX_OK);
  check(edit, S(LINE "Via: SIP/2.0/UDP d\r\n" FROM TO CALL_ID CSEQ ENDING));
  parsed_free(&p);
}

/* The last item popped or replaced, then one appended: nothing is lost. */
static void test_last(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(LINE ROUTING "Subject: a\r\n\r\n"));
  assert_status(stox_sip_edit_pop(e.edit, STOX_SIP_SUBJECT), STOX_OK);
  assert_status(set(&e, STOX_SIP_DATE, S("b"), STOX_SIP_LAST), STOX_OK);
  assert_status(set(&e, STOX_SIP_DATE, S("c"), STOX_SIP_REPLACE), STOX_OK);
  assert_status(set(&e, STOX_SIP_SUBJECT, S("d"), STOX_SIP_LAST), STOX_OK);
  check(e.edit, S(LINE ROUTING "Date: c\r\nSubject: d\r\n" ENDING));
  parsed_free(&e.p);
}

static void test_request_uri(void **state) {
  (void)state;
  edited e;
  edit_of(&e, S(REQUEST));
  assert_int_equal(stox_sip_edit_status(e.edit), 0);
  assert_int_equal(stox_sip_edit_method_id(e.edit), STOX_SIP_MESSAGE);
  assert_status(stox_sip_edit_set_request_uri(e.edit, S("sip:b c")), STOX_E_BAD_START);
  assert_status(stox_sip_edit_set_request_uri(e.edit, S("")), STOX_E_BAD_START);
  assert_status(stox_sip_edit_set_request_uri(e.edit, S("sip:x@y")), STOX_OK);
  check(e.edit, S("MESSAGE sip:x@y SIP/2.0\r\n" ROUTING HOPS
                  "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello"));
  parsed_free(&e.p);
  edit_of(&e, S(RESPONSE));
  assert_int_equal(stox_sip_edit_status(e.edit), 200);
  assert_status(stox_sip_edit_set_request_uri(e.edit, S("sip:x@y")), STOX_E_STATE);
  parsed_free(&e.p);
}

static int build(stox_sip_edit **out, stox_arena *arena) {
  int status = stox_sip_request_new(out, arena, S("MESSAGE"), S("sip:romeo@example.net"));
  static const struct field {
    int id;
    stox_span value;
  } fields[] = {
      {STOX_SIP_CSEQ, ROW("7 MESSAGE")},
      {STOX_SIP_VIA, ROW("SIP/2.0/UDP a.example;branch=z9hG4bK1")},
      {STOX_SIP_FROM, ROW("<sip:juliet@example.com>;tag=1")},
      {STOX_SIP_TO, ROW("<sip:romeo@example.net>")},
      {STOX_SIP_CALL_ID, ROW("1")},
  };
  for (size_t i = 0; i < COUNT(fields) && status == STOX_OK; i++) {
    status = stox_sip_edit_set(*out, fields[i].id, none, fields[i].value,
                               i == 1 ? STOX_SIP_FIRST : STOX_SIP_LAST);
  }
  return status == STOX_OK ? stox_sip_edit_set_body(*out, S("Hi")) : status;
}

#define BUILT                                                                                      \
  LINE "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1\r\nCSeq: 7 MESSAGE\r\nFrom: "                   \
       "<sip:juliet@example.com>;tag=1\r\nTo: <sip:romeo@example.net>\r\nCall-ID: "                \
       "1\r\nContent-Length: 2\r\n\r\nHi"

static void test_build(void **state) {
  (void)state;
  char room[4096];
  stox_arena arena;
  stox_sip_edit *edit = NULL;
  parsed p;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(build(&edit, &arena), STOX_OK);
  check_writer(write_edit, edit, S(BUILT));
  parse_good(&p, S(BUILT));
  parsed_free(&p);
  static const stox_span bad_methods[] = {ROW(""), ROW("A B"), ROW("A\r\nB"), ROW("A:"),
                                          ROW("A\0")};
  for (size_t i = 0; i < COUNT(bad_methods); i++) {
    assert_status(stox_sip_request_new(&edit, &arena, bad_methods[i], S("sip:a")),
                  STOX_E_BAD_START);
    assert_null(edit);
  }
  static const stox_span bad_uris[] = {ROW(""), ROW("sip:a b"), ROW("sip:a\r\nb"), ROW("sip:\0")};
  for (size_t i = 0; i < COUNT(bad_uris); i++) {
    assert_status(stox_sip_request_new(&edit, &arena, S("A"), bad_uris[i]), STOX_E_BAD_START);
  }
}

/* With any amount of memory: a whole message, or NOMEM. */
static void test_memory_fails(void **state) {
  (void)state;
  for (size_t n = 0;; n++) {
    char room[4096];
    stox_arena arena;
    stox_sip_edit *edit = NULL;
    stox_arena_init(&arena, room, n, 0, NULL);
    const int status = build(&edit, &arena);
    if (status == STOX_OK) {
      check(edit, S(BUILT));
      break;
    }
    assert_status(status, STOX_E_NOMEM);
  }
  parsed p;
  parse_good(&p, S(REQUEST));
  for (size_t n = 0;; n++) {
    char room[4096];
    stox_arena arena;
    stox_sip_edit *edit = NULL;
    stox_arena_init(&arena, room, n, 0, NULL);
    const int status = stox_sip_edit_new(&edit, &arena, p.message);
    if (status == STOX_OK) {
      check(edit, S(REQUEST));
      break;
    }
    assert_status(status, STOX_E_NOMEM);
    assert_null(edit);
  }
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_identity),
      cmocka_unit_test(test_content_length),
      cmocka_unit_test(test_set),
      cmocka_unit_test(test_injection),
      cmocka_unit_test(test_door),
      cmocka_unit_test(test_no_via),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_pop),
      cmocka_unit_test(test_last),
      cmocka_unit_test(test_pop_behind_comment),
      cmocka_unit_test(test_pop_behind_quotes),
      cmocka_unit_test(test_request_uri),
      cmocka_unit_test(test_build),
      cmocka_unit_test(test_memory_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
