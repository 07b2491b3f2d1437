/* SPDX-License-Identifier: MIT */
/* What an edit of a lenient message writes: a strict parser accepts it, unless what is odd belongs
 * to somebody else, and a second pass writes the same. */
#include "sip_messages.h"

enum { STRICT = 0, STAYS_LENIENT = 1, WRITTEN_MOST = 4096 };

#define WITH_URI(uri)   "MESSAGE " uri " SIP/2.0\r\n" ROUTING "\r\n"
#define WITH_FROM(from) LINE TOP_VIA "From: " from "\r\n" TO CALL_ID CSEQ
#define WITH_VIA(via)   LINE "Via: " via "\r\n" FROM TO CALL_ID CSEQ
#define END             "Content-Length: 0\r\n\r\n"

typedef struct row {
  stox_span bytes;
  stox_span want;
  int stays;
} row;

static const row rows[] = {
    /* line ends, empty lines, spaces of the start line */
    {ROW("MESSAGE sip:b@example.net sip/2.0\n" ROUTING "\n"),
     ROW("MESSAGE sip:b@example.net SIP/2.0\r\n" ROUTING END), STRICT},
    {ROW(LINE ROUTING "Subject: a \n\t b\r\n c\n\r\n"), ROW(LINE ROUTING "Subject: a b c\r\n" END),
     STRICT},
    {ROW(LINE ROUTING "l : 2\n\r\nHi"), ROW(LINE ROUTING "l: 2\r\n\r\nHi"), STRICT},
    {ROW(LINE ROUTING "l : 2\r\n\nHi, all"), ROW(LINE ROUTING "l : 2\r\n\r\nHi"), STRICT},
    {ROW(LINE ROUTING "Xy: a\n\r\n\r\nHi"),
     ROW(LINE ROUTING "Xy: a\r\nContent-Length: 4\r\n\r\n\r\nHi"), STRICT},
    {ROW("\r\n\r\n" LINE ROUTING END), ROW(LINE ROUTING END), STRICT},
    {ROW(LINE ROUTING "Subject: a\r\n"), ROW(LINE ROUTING "Subject: a\r\n" END), STRICT},
    {ROW("MESSAGE  sip:b@example.net \t SIP/2.0 \r\n" ROUTING "\r\n"),
     ROW("MESSAGE sip:b@example.net SIP/2.0\r\n" ROUTING END), STRICT},
    {ROW("SIP/2.0 200\r\n" ROUTING "\r\n"), ROW("SIP/2.0 200 \r\n" ROUTING END), STRICT},
    /* URIs */
    {ROW(WITH_URI("sip:b@example.net;lr?Route=x&a=b")),
     ROW("MESSAGE sip:b@example.net;lr SIP/2.0\r\n" ROUTING END), STRICT},
    {ROW(WITH_URI("sip:b\xC3\xA9%c%41\xFF:pw@example.net:5070?x=y")),
     ROW("MESSAGE sip:b%C3%A9%25c%41%FF:pw@example.net:5070 SIP/2.0\r\n" ROUTING END), STRICT},
    {ROW(WITH_URI("sip:b@example.net;x=;lr;X=1;y=2;lr;y")),
     ROW("MESSAGE sip:b@example.net;x;lr;y=2 SIP/2.0\r\n" ROUTING END), STRICT},
    {ROW(WITH_URI("tel:911")), ROW("MESSAGE tel:911 SIP/2.0\r\n" ROUTING END), STAYS_LENIENT},
    {ROW(WITH_FROM("\"\xE9\" <sip:\xE9@a;x=>;tag=1;y=\"\xE9\"") "\r\n"),
     ROW(WITH_FROM("\"\xEF\xBF\xBD\" <sip:%E9@a;x>;tag=1;y=\"\xEF\xBF\xBD\"") END), STRICT},
    {ROW(WITH_FROM("sip:50%@a;tag=1") "\r\n"), ROW(WITH_FROM("sip:50%25@a;tag=1") END), STRICT},
    /* UTF-8 */
    {ROW(LINE ROUTING "Subject: \xE9t\xE9\xC3\xA9\xE2\x82\r\n\r\n"),
     ROW(LINE ROUTING "Subject: \xEF\xBF\xBDt\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\r\n" END),
     STRICT},
    {ROW("SIP/2.0 200 \xE9t\xE9\r\n" ROUTING "\r\n"),
     ROW("SIP/2.0 200 \xEF\xBF\xBDt\xEF\xBF\xBD\r\n" ROUTING END), STRICT},
    {ROW(LINE ROUTING "m: <sip:\xE9@a>;x=y , \"\xE9\" <sip:b@c>\r\n\r\n"),
     ROW(LINE ROUTING "m: <sip:%E9@a>;x=y , \"\xEF\xBF\xBD\" <sip:b@c>\r\n" END), STRICT},
    {ROW(LINE ROUTING "m: <sip:\xE9@a\r\n\r\n"), ROW(LINE ROUTING "m: <sip:\xEF\xBF\xBD@a\r\n" END),
     STRICT},
    {ROW(WITH_VIA("SIP/2.0/UDP a;x=\"\xE9\"") "\r\n"),
     ROW(WITH_VIA("SIP/2.0/UDP a;x=\"\xEF\xBF\xBD\"") END), STRICT},
    /* what may stand once */
    {ROW(LINE ROUTING "Subject: a\r\nXy: 1\r\ns: b\r\nXy: 2\r\nSUBJECT: c\r\n\r\n"),
     ROW(LINE ROUTING "Subject: a\r\nXy: 1\r\nXy: 2\r\n" END), STRICT},
    /* Via */
    {ROW(WITH_VIA("SIP/2.0/UDP a.example ; rport = ; x=\";rport=\",SIP/2.0/UDP b;a;RPORT=") "\r\n"),
     ROW(WITH_VIA("SIP/2.0/UDP a.example ;rport;x=\";rport=\", SIP/2.0/UDP b;a;RPORT") END),
     STRICT},
    {ROW(WITH_VIA("SIP/2.0/UDP a ( a, (b) \\) ) , SIP/2.0/UDP b.example;x(c)") "\r\n"),
     ROW(WITH_VIA("SIP/2.0/UDP a, SIP/2.0/UDP b.example;x") END), STRICT},
    {ROW(WITH_VIA("SIP/2.0/UDP a;\n rport=") "\r\n"), ROW(WITH_VIA("SIP/2.0/UDP a;rport") END),
     STRICT},
    /* somebody else's */
    {ROW(LINE TOP_VIA FROM TO "Call-ID: a;b@c@d\xE9\r\n" CSEQ "\r\n"),
     ROW(LINE TOP_VIA FROM TO "Call-ID: a;b@c@d\xE9\r\n" CSEQ END), STAYS_LENIENT},
    {ROW(WITH_VIA("SIP/2.0/UDP my_host:5060;rport=;received=b.example") "\r\n"),
     ROW(WITH_VIA("SIP/2.0/UDP my_host:5060;rport;received=b.example") END), STAYS_LENIENT},
};

static stox_span write_again(char *room, parsed *p, stox_span bytes, int is_lenient) {
  const stox_sip_options options = options_of(is_lenient, 0);
  stox_sip_edit *edit = NULL;
  stox_buf out;
  parse_with(p, bytes, &options);
  if (p->status != STOX_OK) {
    fail_msg("%s at %zu of %.*s", p->diag.rule, p->diag.offset, (int)bytes.n, bytes.p);
  }
  assert_status(stox_sip_edit_new(&edit, &p->arena, p->message), STOX_OK);
  stox_buf_init(&out, room, WRITTEN_MOST);
  assert_status(stox_sip_write(&out, edit), STOX_OK);
  return stox_buf_span(&out);
}

static void test_rows(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    char once[WRITTEN_MOST];
    char twice[WRITTEN_MOST];
    parsed p;
    parse_with(&p, rows[i].bytes, NULL);
    assert_int_not_equal(p.status, STOX_OK);
    parsed_free(&p);
    const stox_span first = write_again(once, &p, rows[i].bytes, 1);
    assert_span_equal(first, rows[i].want);
    parsed_free(&p);
    assert_span_equal(write_again(twice, &p, first, rows[i].stays), first);
    assert_int_equal(stox_sip_is_lenient(p.message), rows[i].stays);
    parsed_free(&p);
  }
}

/* An edit of what stays lenient lets the lenient forms pass, as a server must that stamps a Via. */
static void test_door_of_lenient(void **state) {
  (void)state;
  const stox_sip_options lenient = options_of(1, 0);
  static const stox_span none = {NULL, 0};
  static const stox_span odd = ROW("SIP/2.0/UDP my_host;received=192.0.2.1");
  parsed p;
  stox_sip_edit *edit = NULL;
  parse_with(&p, S(WITH_VIA("SIP/2.0/UDP my_host") "\r\n"), &lenient);
  assert_status(p.status, STOX_OK);
  assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
  assert_status(stox_sip_edit_set(edit, STOX_SIP_VIA, none, odd, STOX_SIP_FIRST), STOX_OK);
  assert_status(stox_sip_response_new(&edit, &p.arena, p.message, 200, none, none), STOX_OK);
  assert_status(stox_sip_edit_set(edit, STOX_SIP_VIA, none, odd, STOX_SIP_FIRST), STOX_OK);
  assert_status(stox_sip_edit_set(edit, STOX_SIP_VIA, none, S("x"), STOX_SIP_FIRST),
                STOX_E_BAD_HEADER);
  parsed_free(&p);
}

/* With any amount of memory: a whole message, or NOMEM. */
static void test_memory_fails(void **state) {
  (void)state;
  const stox_sip_options lenient = options_of(1, 0);
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    int status = STOX_E_NOMEM;
    parse_with(&p, rows[i].bytes, &lenient);
    assert_non_null(p.message);
    for (size_t n = 0; status != STOX_OK; n++) {
      char room[4096];
      stox_arena arena;
      stox_sip_edit *edit = NULL;
      stox_arena_init(&arena, room, n, 0, NULL);
      status = stox_sip_edit_new(&edit, &arena, p.message);
      assert_true(status == STOX_OK || (status == STOX_E_NOMEM && edit == NULL));
    }
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
                                     cmocka_unit_test(test_door_of_lenient),
                                     cmocka_unit_test(test_memory_fails)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
