/* SPDX-License-Identifier: MIT */
#include "message_support.h"

/* ---- failures ---- */

static char scratch_room[1 << 16];

typedef struct failure_case {
  const stox_stanza *message;
  int code;
  const stox_sip_message *response;
  stox_message_options options;
} failure_case;

static int failure(stox_buf *out, const void *ud) {
  const failure_case *c = ud;
  stox_arena scratch;
  stox_arena_init(&scratch, scratch_room, sizeof scratch_room, 0, NULL);
  return stox_message_failure_to_xmpp(out, &scratch, c->message, c->code, c->response, &c->options);
}

#define ERROR_TO        "<message from='romeo@example.net' to='juliet@example.com/r' id='m1' type='error'>"
#define ERROR_END(text) "<text " STANZAS " xml:lang='en'>" text "</text></error></message>"

static void test_failure_to_xmpp(void **state) {
  (void)state;
  static const struct {
    const char *line; /* of the response; NULL: it was made here */
    const char *more;
    int code;
    const char *error;
  } rows[] = {
      {NULL, "", 408,
       ERROR_TO "<error type='wait'><remote-server-timeout " STANZAS
                "/>" ERROR_END("Request Timeout")},
      {NULL, "", 503,
       ERROR_TO "<error type='cancel'><internal-server-error " STANZAS
                "/>" ERROR_END("Service Unavailable")},
      {"404 Not Found", "", 404,
       ERROR_TO "<error type='cancel'><item-not-found " STANZAS "/>" ERROR_END("Not Found")},
      {"404 ", "", 404,
       ERROR_TO "<error type='cancel'><item-not-found " STANZAS "/>" ERROR_END("Not Found")},
      {"486 <b>\x01&", "", 486,
       ERROR_TO "<error type='wait'><recipient-unavailable " STANZAS
                "/>" ERROR_END("&lt;b&gt; &amp;")},
      {"301 Moved", "Contact: <sip:tybalt@example.org>\r\n", 301,
       ERROR_TO "<error type='cancel'><gone " STANZAS
                ">xmpp:tybalt@example.org</gone>" ERROR_END("Moved")},
      {"301 Moved", "", 301,
       ERROR_TO "<error type='cancel'><item-not-found " STANZAS "/>" ERROR_END("Moved")},
      {"302 Moved", "Contact: <sip:tybalt@example.org>\r\n", 302,
       ERROR_TO "<error type='modify'><redirect " STANZAS
                ">xmpp:tybalt@example.org</redirect>" ERROR_END("Moved")},
      {"302 Moved", "Contact: <tel:+15551234>\r\n", 302,
       ERROR_TO "<error type='modify'><redirect " STANZAS
                ">tel:+15551234</redirect>" ERROR_END("Moved")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[1024];
    set_up(NULL);
    const stox_stanza message = stanza("<message id='m1' " FROM_TO "><body>b</body></message>");
    failure_case c = {&message, rows[i].code, NULL, client_options()};
    if (rows[i].line != NULL) {
      const int n =
          snprintf(text, sizeof text, "SIP/2.0 %s\r\n" ROUTING "%sContent-Length: 0\r\n\r\n",
                   rows[i].line, rows[i].more);
      parsed p;
      const stox_sip_options lenient = options_of(1, 0);
      parse_with(&p, (stox_span){text, (size_t)n}, &lenient);
      if (p.status != STOX_OK) {
        parsed_free(&p); /* the codec refuses a phrase with controls */
        continue;
      }
      c.response = p.message;
      check_writer(failure, &c, stox_span_text(rows[i].error));
      parsed_free(&p);
    } else {
      check_writer(failure, &c, stox_span_text(rows[i].error));
    }
  }
}

/* An error is never answered by one, and a success is none. */
static void test_failure_refused(void **state) {
  (void)state;
  static const struct {
    const char *in;
    int code;
    int status;
  } rows[] = {
      {"<message type='error' " FROM_TO "/>", 404, STOX_E_STATE},
      {"<message " FROM_TO "/>", 200, STOX_E_NOT_AN_ERROR},
      {"<message " FROM_TO "/>", 202, STOX_E_NOT_AN_ERROR},
      {"<message " FROM_TO "/>", 180, STOX_E_NOT_AN_ERROR},
      {"<message " FROM_TO "/>", 99, STOX_E_ARG},
      {"<message " FROM_TO "/>", 700, STOX_E_ARG},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[1024];
    stox_buf out;
    set_up(NULL);
    stox_buf_init(&out, room, sizeof room);
    const stox_stanza message = stanza(rows[i].in);
    assert_status(stox_message_failure_to_xmpp(&out, &arena, &message, rows[i].code, NULL, NULL),
                  rows[i].status);
    assert_int_equal(out.len, 0);
  }
}

static void test_failure_to_sip(void **state) {
  (void)state;
  static const struct {
    const char *bounce;
    const char *line;
    const char *contact;
  } rows[] = {
      {BOUNCE("romeo@example.net", "cancel", "<item-not-found " STANZAS "/>"),
       "SIP/2.0 404 Not Found\r\n", NULL},
      {BOUNCE("example.net", "cancel", "<remote-server-not-found " STANZAS "/>"),
       "SIP/2.0 404 Not Found\r\n", NULL},
      {BOUNCE("romeo@example.net", "cancel",
              "<service-unavailable " STANZAS "/><text " STANZAS ">Gone&#10; fishing\t</text>"),
       "SIP/2.0 403 Gone fishing\r\n", NULL},
      {BOUNCE("romeo@example.net", "cancel",
              "<forbidden " STANZAS "/><text " STANZAS ">a&#13;&#10;Evil: 1</text>"),
       "SIP/2.0 403 a Evil: 1\r\n", NULL},
      {BOUNCE("romeo@example.net", "modify",
              "<redirect " STANZAS ">xmpp:tybalt@example.org</redirect>"),
       "SIP/2.0 302 Moved Temporarily\r\n", "<sip:tybalt@example.org>"},
      {BOUNCE("romeo@example.net", "modify", "<redirect " STANZAS "/>"),
       "SIP/2.0 480 Temporarily Unavailable\r\n", NULL},
      {BOUNCE("romeo@example.net", "modify", "<redirect " STANZAS ">a b</redirect>"),
       "SIP/2.0 480 Temporarily Unavailable\r\n", NULL},
      {BOUNCE("romeo@example.net", "cancel", "<gone " STANZAS ">sip:tybalt@example.org</gone>"),
       "SIP/2.0 301 Moved Permanently\r\n", "<sip:tybalt@example.org>"},
      {BOUNCE("romeo@example.net", "cancel", "<gone " STANZAS "/>"), "SIP/2.0 410 Gone\r\n", NULL},
      {BOUNCE("romeo@example.net", "cancel",
              "<gone " STANZAS ">xmpp:a@b&gt;&#13;&#10;Evil: 1</gone>"),
       "SIP/2.0 410 Gone\r\n", NULL},
      {BOUNCE("romeo@example.net", "cancel", "<unheard-of " STANZAS "/>"), NULL, NULL},
      {"<message type='error' from='romeo@example.net' to='juliet@example.com'/>", NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_edit *edit = NULL;
    set_up(NULL);
    const stox_stanza bounce = stanza(rows[i].bounce);
    const stox_sip_message *request = sip(S(REQUEST));
    assert_status(stox_message_failure_to_sip(&edit, &arena, request, &bounce, S("g1"), NULL),
                  STOX_OK);
    assert_true(stox_sip_edit_status(edit) >= 300);
    const stox_span got = written(edit);
    if (rows[i].line != NULL) {
      assert_span_equal(stox_span_slice(got, 0, strlen(rows[i].line)),
                        stox_span_text(rows[i].line));
    }
    assert_null(line_of(got, "Evil").p);
    assert_span_equal(line_of(got, "To"), S("<sip:romeo@example.net>;tag=g1"));
    if (rows[i].contact == NULL) {
      assert_null(line_of(got, "Contact").p);
    } else {
      assert_span_equal(line_of(got, "Contact"), stox_span_text(rows[i].contact));
    }
  }
}

static void test_answer(void **state) {
  (void)state;
  static const struct {
    int code;
    const char *name;
    const char *value;
  } rows[] = {
      {405, "Allow", "MESSAGE, OPTIONS"},
      {415, "Accept", "text/plain"},
      {415, "Accept-Encoding", "identity"},
      {420, "Unsupported", "foo, bar"},
      {503, "Retry-After", "10"},
      {200, "Server", "stox"},
      {200, "Contact", NULL},
      {200, "Allow", NULL},
      {480, "Warning", NULL},
  };
  stox_message_options options = client_options();
  options.user_agent = S("stox");
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_edit *edit = NULL;
    set_up(NULL);
    const stox_sip_message *request =
        sip(S(LINE ROUTING HOPS "Require: foo, bar\r\nContent-Length: 0\r\n\r\n"));
    assert_status(stox_message_answer(&edit, &arena, request, rows[i].code, S("g1"), &options),
                  STOX_OK);
    const stox_span value = line_of(written(edit), rows[i].name);
    if (rows[i].value == NULL) {
      assert_null(value.p);
    } else {
      assert_span_equal(value, stox_span_text(rows[i].value));
    }
  }
  stox_sip_edit *edit = NULL;
  set_up(NULL);
  const stox_sip_message *sips =
      sip(S("MESSAGE sips:romeo@example.net SIP/2.0\r\n" ROUTING HOPS "Content-Length: 0\r\n\r\n"));
  assert_status(stox_message_answer(&edit, &arena, sips, 480, S("g1"), NULL), STOX_OK);
  assert_span_equal(line_of(written(edit), "Warning"), S("380 stox \"SIPS Not Allowed\""));
  static const int bad[] = {0, 99, 700, -1};
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_status(stox_message_answer(&edit, &arena, sips, bad[i], S("g1"), NULL), STOX_E_ARG);
  }
  /* RFC 3428 7: the printed 200 has neither Contact nor body. */
  set_up(NULL);
  const stox_sip_message *request = sip(vector("ex04-s2x-in.sip"));
  assert_status(stox_message_answer(&edit, &arena, request, 200, S("g2k9"), NULL), STOX_OK);
  static const char *const names[] = {"Via", "From", "To", "Call-ID", "CSeq", "Content-Length"};
  const stox_span got = written(edit);
  const stox_span want = vector("der-ex04-200-s2x-out.sip");
  assert_int_equal(got.n, want.n);
  for (size_t i = 0; i < COUNT(names); i++) {
    assert_span_equal(line_of(got, names[i]), line_of(want, names[i]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_failure_to_xmpp, set_up),
      cmocka_unit_test_setup(test_failure_refused, set_up),
      cmocka_unit_test_setup(test_failure_to_sip, set_up),
      cmocka_unit_test_setup(test_answer, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
