/* SPDX-License-Identifier: MIT */
#include "message_support.h"

/* ---- SIP to XMPP ---- */

static char scratch_room[1 << 16];

typedef struct to_xmpp_case {
  stox_span request;
  stox_span id;
  stox_message_options options;
} to_xmpp_case;

static int to_xmpp(stox_buf *out, const void *ud) {
  const to_xmpp_case *c = ud;
  stox_arena scratch;
  stox_message_route route;
  stox_arena_init(&scratch, scratch_room, sizeof scratch_room, 0, NULL);
  stox_sip_message *request = sip_in(&scratch, c->request);
  assert_status(stox_message_route_from_sip(&route, &scratch, request, &c->options, NULL), STOX_OK);
  route.id = c->id;
  return stox_message_to_xmpp(out, &scratch, request, &route, &c->options, NULL);
}

static void check_to_xmpp(stox_span request, stox_span id, stox_span want) {
  const to_xmpp_case c = {request, id, client_options()};
  check_writer(to_xmpp, &c, want);
}

/* The element as our writer writes it, where jabber:client is in scope. */
static stox_span canonical(stox_span element) {
  char *stream = stox_arena_take(&arena, 8192, 1);
  char *p = stox_arena_take(&arena, 8192, 1);
  assert_true(stream != NULL && p != NULL);
  const int n = snprintf(stream, 8192, "<s xmlns='jabber:client'>%.*s", (int)element.n, element.p);
  stox_buf out;
  stox_buf_init(&out, p, 8192);
  const stox_xml_element *read = xml_child_of_stream(&arena, (stox_span){stream, (size_t)n});
  assert_status(stox_xml_write(&out, read, S("jabber:client")), STOX_OK);
  return stox_buf_span(&out);
}

static void test_vectors_to_xmpp(void **state) {
  (void)state;
  static const struct {
    const char *in;
    const char *out;
    const char *id;
    int is_reduced; /* as printed: neither id nor thread */
  } rows[] = {
      {"ex04-s2x-in.sip", "ex05-full-s2x-out.xml", "z9hG4bKeskdgs677", 0},
      {"ex04-s2x-in.sip", "ex05-s2x-out.xml", "z9hG4bKeskdgs677", 1},
      {"ex04-literal-s2x-in.sip", "ex05-bare-s2x-out.xml", "z9hG4bKeskdgs677", 0},
      {"ex06-s2x-in.sip", "ex07-s2x-out.xml", "z9hG4bKeskdgs678", 1},
      {"der-table2-s2x-in.sip", "der-table2-s2x-out.xml", "z9hG4bKeskdgs680", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    set_up(NULL);
    char room[8192];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    const to_xmpp_case c = {vector(rows[i].in), stox_span_text(rows[i].id), client_options()};
    assert_status(to_xmpp(&out, &c), STOX_OK);
    stox_span got = canonical(stox_buf_span(&out));
    if (rows[i].is_reduced) {
      got = reduced(got, " id='", "'");
      got = reduced(got, "<thread>", "</thread>");
    }
    assert_span_equal(got, canonical(without_line_end(vector(rows[i].out))));
  }
}

#define HEAD "<message from='juliet@example.com' to='romeo@example.net' id='i'"
#define TAIL "<thread>9f-2~x@example.com</thread></message>"

typedef struct text_row {
  stox_span in;
  stox_span out;
} text_row;

static void test_to_xmpp(void **state) {
  (void)state;
  static const text_row rows[] = {
      {ROW(MESSAGE(PLAIN, "2", "Hi")), ROW(HEAD "><body>Hi</body>" TAIL)},
      /* markup in body and subject stays text */
      {ROW(MESSAGE(PLAIN "Subject: <b>&amp;\r\n", "13", "</body><body>")),
       ROW(HEAD
           "><subject>&lt;b&gt;&amp;amp;</subject><body>&lt;/body&gt;&lt;body&gt;</body>" TAIL)},
      /* line ends; a control octet cannot be carried and is shown as replaced */
      {ROW(MESSAGE(PLAIN, "10", "a\r\nb\rc\nd\te")), ROW(HEAD "><body>a\nb\nc\nd\te</body>" TAIL)},
      {ROW(MESSAGE(PLAIN, "5", "a\0\x1b\x07z")),
       ROW(HEAD "><body>a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz</body>" TAIL)},
      {ROW(MESSAGE(PLAIN, "3", "\xEF\xBF\xBF")), ROW(HEAD "><body>\xEF\xBF\xBD</body>" TAIL)},
      /* charsets */
      {ROW(MESSAGE("Content-Type: text/plain;charset=UTF-8\r\n", "2", "\xC3\xA9")),
       ROW(HEAD "><body>\xC3\xA9</body>" TAIL)},
      {ROW(MESSAGE("Content-Type: Text/Plain ; CharSet=\"iso-8859-1\"\r\n", "1", "\xE9")),
       ROW(HEAD "><body>\xC3\xA9</body>" TAIL)},
      {ROW(MESSAGE("Content-Type: text/plain;charset=us-ascii\r\n", "1", "e")),
       ROW(HEAD "><body>e</body>" TAIL)},
      {ROW(MESSAGE(PLAIN "Content-Encoding: identity\r\n", "1", "e")),
       ROW(HEAD "><body>e</body>" TAIL)},
      /* language: the first tag, if it is one */
      {ROW(MESSAGE(PLAIN "Content-Language: cs, en\r\n", "1", "e")),
       ROW(HEAD " xml:lang='cs'><body>e</body>" TAIL)},
      {ROW(MESSAGE(PLAIN "Content-Language: x-klingon-1\r\n", "1", "e")),
       ROW(HEAD " xml:lang='x-klingon-1'><body>e</body>" TAIL)},
      /* a subject alone */
      {ROW(MESSAGE("Subject: only this\r\n", "0", "")),
       ROW(HEAD "><subject>only this</subject>" TAIL)},
      {ROW(MESSAGE(PLAIN "Subject: a\r\n b\tc\r\n", "1", "e")),
       ROW(HEAD "><subject>a b c</subject><body>e</body>" TAIL)},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    set_up(NULL);
    check_to_xmpp(rows[i].in, S("i"), rows[i].out);
  }
}

static void test_type_and_namespace(void **state) {
  (void)state;
  to_xmpp_case c = {S(REQUEST), S("i"), client_options()};
  c.options.type = STOX_TYPE_CHAT;
  check_writer(to_xmpp, &c,
               S("<message from='juliet@example.com' to='romeo@example.net' id='i' type='chat'>"
                 "<body>Hello</body>" TAIL));
}

static void test_to_xmpp_refused(void **state) {
  (void)state;
  static const struct {
    stox_span in;
    int status;
    int answer;
  } rows[] = {
      {ROW(MESSAGE("", "0", "")), STOX_E_NONE, 0},
      {ROW(MESSAGE("Subject:   \r\n", "0", "")), STOX_E_NONE, 0},
      {ROW(MESSAGE("Content-Type: text/html\r\n", "1", "x")), STOX_E_UNSUPPORTED_MEDIA, 415},
      {ROW(MESSAGE("Content-Type: text/plain;charset=utf-16\r\n", "2", "ab")),
       STOX_E_UNSUPPORTED_MEDIA, 415},
      {ROW(MESSAGE("Content-Type: message/cpim\r\n", "1", "x")), STOX_E_UNSUPPORTED_MEDIA, 415},
      {ROW(MESSAGE(PLAIN "Content-Encoding: gzip\r\n", "1", "x")), STOX_E_UNSUPPORTED_MEDIA, 415},
      {ROW(MESSAGE(PLAIN, "2", "a\xFF")), STOX_E_BAD_UTF8, 400},
      {ROW(MESSAGE(PLAIN, "2", "\xC3(")), STOX_E_BAD_UTF8, 400},
      {ROW(MESSAGE(PLAIN, "3", "\xED\xA0\x80")), STOX_E_BAD_UTF8, 400},
      {ROW(MESSAGE("", "1", "x")), STOX_E_MISSING, 400},
      {ROW(MESSAGE("Content-Type: text\r\n", "1", "x")), STOX_E_BAD_MEDIA, 400},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[1024];
    parsed p;
    stox_buf out;
    stox_diag diag = {0, 0, 0, NULL};
    stox_message_route route;
    set_up(NULL);
    const stox_sip_options lenient = options_of(1, 0);
    parse_with(&p, rows[i].in, &lenient);
    if (p.status != STOX_OK) { /* the codec refuses it before */
      assert_int_equal(p.diag.answer, rows[i].answer);
      parsed_free(&p);
      continue;
    }
    stox_buf_init(&out, room, sizeof room);
    (void)stox_buf_put_octet(&out, '#');
    assert_status(stox_message_route_from_sip(&route, &arena, p.message, NULL, NULL), STOX_OK);
    route.id = S("i");
    assert_status(stox_message_to_xmpp(&out, &arena, p.message, &route, NULL, &diag),
                  rows[i].status);
    assert_int_equal(diag.answer, rows[i].answer);
    assert_int_equal(out.len, 1);
    parsed_free(&p);
  }
}

/* The limit of the stanza at n-1, n, n+1. */
static void test_max_stanza(void **state) {
  (void)state;
  to_xmpp_case c = {S(REQUEST), S("i"), client_options()};
  char room[1024];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(to_xmpp(&out, &c), STOX_OK);
  const size_t n = out.len;
  for (size_t limit = n - 1; limit <= n + 1; limit++) {
    c.options.max_stanza = (uint32_t)limit;
    stox_buf_init(&out, room, sizeof room);
    assert_status(to_xmpp(&out, &c), limit < n ? STOX_E_TOO_LONG : STOX_OK);
    assert_int_equal(out.len, limit < n ? 0 : n);
  }
}

static void test_route_from_sip(void **state) {
  (void)state;
  static const struct {
    const char *uri;
    const char *from;
    const char *to;
    int status;
    int answer;
    const char *jid_from;
    const char *jid_to;
  } rows[] = {
      {"sip:romeo@example.net", "<sip:juliet@example.com>", "<sip:romeo@example.net>", STOX_OK, 0,
       "juliet@example.com", "romeo@example.net"},
      {"sip:romeo@example.net;gr=orchard", "<sip:juliet@example.com;gr=a%20b>",
       "<sip:romeo@example.net>", STOX_OK, 0, "juliet@example.com/a b",
       "romeo@example.net/orchard"},
      {"im:romeo@example.net", "<im:juliet@example.com>", "<im:romeo@example.net>", STOX_OK, 0,
       "juliet@example.com", "romeo@example.net"},
      {"sip:example.net", "<sip:juliet@example.com>", "<sip:example.net>", STOX_OK, 0,
       "juliet@example.com", "example.net"},
      {"sips:romeo@example.net", "<sip:juliet@example.com>", "<sip:romeo@example.net>",
       STOX_E_SIPS_REFUSED, 480, NULL, NULL},
      {"sip:romeo@example.net", "<sip:juliet@example.com>", "<sips:romeo@example.net>",
       STOX_E_SIPS_REFUSED, 480, NULL, NULL},
      {"tel:+15551234", "<sip:juliet@example.com>", "<sip:romeo@example.net>",
       STOX_E_UNSUPPORTED_SCHEME, 416, NULL, NULL},
      {"sip:romeo@example.net", "<tel:+15551234>", "<sip:romeo@example.net>",
       STOX_E_UNSUPPORTED_SCHEME, 416, NULL, NULL},
      {"sip:ro%00meo@example.net", "<sip:juliet@example.com>", "<sip:romeo@example.net>",
       STOX_E_CTRL, 404, NULL, NULL},
      {"sip:romeo@example.net", "<sip:jul%0Aiet@example.com>", "<sip:romeo@example.net>",
       STOX_E_CTRL, 400, NULL, NULL},
      {"sip:romeo@example.net", "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
       "<sip:romeo@example.net>", STOX_E_UNMAPPABLE, 433, NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[1024];
    stox_message_route route;
    stox_diag diag = {0, 0, 0, NULL};
    set_up(NULL);
    const int n =
        snprintf(text, sizeof text,
                 "MESSAGE %s SIP/2.0\r\n" TOP_VIA "From: %s;tag=1\r\nTo: %s\r\n" CALL_ID CSEQ HOPS
                 "Content-Length: 0\r\n\r\n",
                 rows[i].uri, rows[i].from, rows[i].to);
    stox_sip_message *request = sip((stox_span){text, (size_t)n});
    assert_status(stox_message_route_from_sip(&route, &arena, request, NULL, &diag),
                  rows[i].status);
    assert_int_equal(diag.answer, rows[i].answer);
    if (rows[i].status == STOX_OK) {
      assert_span_equal(route.from, stox_span_text(rows[i].jid_from));
      assert_span_equal(route.to, stox_span_text(rows[i].jid_to));
    }
  }
}

/* ---- the stable id ---- */

typedef struct id_row {
  const char *call_id;
  const char *cseq;
  const char *tag;
} id_row;

static int write_id(stox_buf *out, const void *ud) {
  return stox_message_id(out, ud);
}

static void test_id(void **state) {
  (void)state;
  static const id_row rows[] = {
      {"a@b", "1", ";tag=t"}, {"a@b", "2", ";tag=t"}, {"a@c", "1", ";tag=t"},
      {"a@b", "1", ";tag=u"}, {"a", "1", ";tag=bt"},  {"ab", "1", ";tag=t"},
      {"a@b", "1", ""},       {"A@b", "1", ";tag=t"},
  };
  char ids[COUNT(rows)][32];
  set_up(NULL);
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int again = 0; again < 2; again++) {
      char text[1024];
      stox_buf out;
      char first[32] = {0};
      /* Via and hops change when a request is handed over again. */
      const int n = snprintf(text, sizeof text,
                             LINE "Via: SIP/2.0/UDP h;branch=z9hG4bK%d\r\nFrom: "
                                  "<sip:j@example.com>%s\r\n" TO
                                  "Call-ID: %s\r\nCSeq: %s MESSAGE\r\nMax-Forwards: "
                                  "%d\r\nContent-Length: 0\r\n\r\n",
                             again, rows[i].tag, rows[i].call_id, rows[i].cseq, 70 - again);
      const stox_sip_message *request = sip((stox_span){text, (size_t)n});
      stox_buf_init(&out, first, sizeof first);
      assert_status(stox_message_id(&out, request), STOX_OK);
      assert_int_equal(out.len, 26);
      if (again) {
        assert_memory_equal(ids[i], first, 26);
        check_writer(write_id, request, (stox_span){first, 26});
      }
      memcpy(ids[i], first, 26);
    }
    for (size_t k = 0; k < i; k++) {
      assert_memory_not_equal(ids[i], ids[k], 26);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_vectors_to_xmpp, set_up),
      cmocka_unit_test_setup(test_to_xmpp, set_up),
      cmocka_unit_test_setup(test_type_and_namespace, set_up),
      cmocka_unit_test_setup(test_to_xmpp_refused, set_up),
      cmocka_unit_test_setup(test_max_stanza, set_up),
      cmocka_unit_test_setup(test_route_from_sip, set_up),
      cmocka_unit_test_setup(test_id, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
