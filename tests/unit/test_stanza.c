/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

#include "stox/xml.h"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static const stox_span absent = {NULL, 0};

typedef struct read_row {
  const char *text;
  int status;
  int kind;
  int type;
} read_row;

static void test_read(void **state) {
  (void)state;
  const read_row rows[] = {
      {"<message/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_NONE},
      {"<message type='normal'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_NORMAL},
      {"<message type='chat'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_CHAT},
      {"<message type='groupchat'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_GROUPCHAT},
      {"<message type='headline'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_HEADLINE},
      {"<message type='error'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_ERROR},
      {"<message type='CHAT'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_OTHER},
      {"<message type='get'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_OTHER},
      {"<message type=''/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_OTHER},
      {"<presence/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_NONE},
      {"<presence type='unavailable'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_UNAVAILABLE},
      {"<presence type='subscribe'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_SUBSCRIBE},
      {"<presence type='subscribed'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_SUBSCRIBED},
      {"<presence type='unsubscribe'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_UNSUBSCRIBE},
      {"<presence type='unsubscribed'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_UNSUBSCRIBED},
      {"<presence type='probe'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_PROBE},
      {"<presence type='error'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_ERROR},
      {"<presence type='available'/>", STOX_OK, STOX_STANZA_PRESENCE, STOX_TYPE_OTHER},
      {"<iq type='get' id='1'><a/></iq>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_GET},
      {"<iq type='set' id='1'> <a/> </iq>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_SET},
      {"<iq type='result' id='1'/>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_RESULT},
      {"<iq type='result' id='1'><a/></iq>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_RESULT},
      {"<iq type='error' id='1'/>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_ERROR},
      {"<iq type='error' id='1'><a/><error/></iq>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_ERROR},
      {"<iq type='get' id=''><a/></iq>", STOX_OK, STOX_STANZA_IQ, STOX_TYPE_GET},
      {"<iq type='get'><a/></iq>", STOX_E_BAD_STANZA, STOX_STANZA_IQ, STOX_TYPE_GET},
      {"<iq type='get' id='1'/>", STOX_E_BAD_STANZA, STOX_STANZA_IQ, STOX_TYPE_GET},
      {"<iq type='set' id='1'>a</iq>", STOX_E_BAD_STANZA, STOX_STANZA_IQ, STOX_TYPE_SET},
      {"<iq type='get' id='1'><a/><b/></iq>", STOX_E_BAD_STANZA, STOX_STANZA_IQ, STOX_TYPE_GET},
      {"<iq type='result' id='1'><a/><b/></iq>", STOX_E_BAD_STANZA, STOX_STANZA_IQ,
       STOX_TYPE_RESULT},
      {"<iq type='chat' id='1'><a/></iq>", STOX_E_BAD_STANZA, STOX_STANZA_IQ, STOX_TYPE_OTHER},
      {"<iq id='1'><a/></iq>", STOX_E_BAD_STANZA, STOX_STANZA_IQ, STOX_TYPE_NONE},
      {"<message xmlns='jabber:server'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_NONE},
      {"<message xmlns='jabber:component:accept'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_NONE},
      {"<message xmlns='jabber:component:connect'/>", STOX_OK, STOX_STANZA_MESSAGE, STOX_TYPE_NONE},
      {"<message xmlns='urn:x'/>", STOX_E_NONE, 0, 0},
      {"<message xmlns=''/>", STOX_E_NONE, 0, 0},
      {"<messages/>", STOX_E_NONE, 0, 0},
      {"<error/>", STOX_E_NONE, 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_stanza stanza;
    set_up(NULL);
    const stox_xml_element *element = xml_client_element(&arena, rows[i].text);
    assert_status(stox_stanza_read(&stanza, element, absent), rows[i].status);
    if (rows[i].status != STOX_E_NONE) {
      assert_int_equal(stanza.kind, rows[i].kind);
      assert_int_equal(stanza.type, rows[i].type);
      assert_ptr_equal(stanza.element, element);
      assert_span_equal(stanza.ns, stox_xml_ns(element));
    }
  }
}

static void test_attributes(void **state) {
  (void)state;
  stox_stanza stanza;
  const stox_xml_element *element =
      xml_client_element(&arena, "<message from='a' to='b' id='c' xml:lang='de' type='chat'/>");
  assert_status(stox_stanza_read(&stanza, element, S("en")), STOX_OK);
  assert_span_equal(stanza.from, S("a"));
  assert_span_equal(stanza.to, S("b"));
  assert_span_equal(stanza.id, S("c"));
  assert_span_equal(stanza.lang, S("de"));
  element = xml_client_element(&arena, "<message/>");
  assert_status(stox_stanza_read(&stanza, element, S("en")), STOX_OK);
  assert_null(stanza.from.p);
  assert_null(stanza.to.p);
  assert_null(stanza.id.p);
  assert_span_equal(stanza.lang, S("en"));
}

static void test_names(void **state) {
  (void)state;
  assert_string_equal(stox_stanza_kind_name(STOX_STANZA_MESSAGE), "message");
  assert_string_equal(stox_stanza_kind_name(STOX_STANZA_IQ), "iq");
  assert_null(stox_stanza_kind_name(0));
  assert_null(stox_stanza_kind_name(STOX_STANZA_IQ + 1));
  assert_string_equal(stox_stanza_type_name(STOX_TYPE_ERROR), "error");
  assert_string_equal(stox_stanza_type_name(STOX_TYPE_RESULT), "result");
  assert_null(stox_stanza_type_name(STOX_TYPE_NONE));
  assert_null(stox_stanza_type_name(STOX_TYPE_OTHER));
  assert_null(stox_stanza_type_name(STOX_TYPE_RESULT + 1));
}

#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

typedef struct error_row {
  const char *text; /* of the error element */
  int condition;
  int type;
  const char *address;
  const char *said;
  const char *lang;
  const char *by;
  const char *application;
} error_row;

static void check_text(stox_span got, const char *want) {
  assert_int_equal(got.p == NULL, want == NULL);
  assert_span_equal(got, stox_span_text(want));
}

static void check_error(const error_row *r) {
  char text[1024];
  stox_stanza stanza;
  stox_stanza_error error;
  set_up(NULL);
  (void)snprintf(text, sizeof text,
                 "<message type='error'><body>x</body><error xmlns='urn:x'/>%s</message>", r->text);
  const stox_xml_element *element = xml_client_element(&arena, text);
  assert_status(stox_stanza_read(&stanza, element, S("fr")), STOX_OK);
  assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_OK);
  assert_int_equal(error.condition, r->condition);
  assert_int_equal(error.type, r->type);
  check_text(error.address, r->address);
  check_text(error.text, r->said);
  check_text(error.lang, r->lang);
  check_text(error.by, r->by);
  assert_int_equal(error.application == NULL, r->application == NULL);
  if (r->application != NULL) {
    assert_true(stox_xml_is(error.application, NULL, r->application));
  }
}

static void test_error_read(void **state) {
  (void)state;
  const error_row rows[] = {
      {"<error type='cancel'><item-not-found " STANZAS "/></error>", STOX_COND_ITEM_NOT_FOUND,
       STOX_ERROR_CANCEL, NULL, NULL, NULL, NULL, NULL},
      {"<error type='wait' by='b'><text " STANZAS " xml:lang='de'>t</text><conflict " STANZAS
       "/></error>",
       STOX_COND_CONFLICT, STOX_ERROR_WAIT, NULL, "t", "de", "b", NULL},
      {"<error type='cancel'><gone " STANZAS "> xmpp:a@b\n</gone></error>", STOX_COND_GONE,
       STOX_ERROR_CANCEL, "xmpp:a@b", NULL, NULL, NULL, NULL},
      {"<error type='modify'><redirect " STANZAS ">x<y/>z</redirect></error>", STOX_COND_REDIRECT,
       STOX_ERROR_MODIFY, "xz", NULL, NULL, NULL, NULL},
      {"<error><redirect " STANZAS "> </redirect></error>", STOX_COND_REDIRECT, STOX_ERROR_MODIFY,
       NULL, NULL, NULL, NULL, NULL},
      {"<error><conflict " STANZAS ">no address</conflict></error>", STOX_COND_CONFLICT,
       STOX_ERROR_CANCEL, NULL, NULL, NULL, NULL, NULL},
      {"<error type='never'><bad-request " STANZAS "/><text " STANZAS ">a</text><text " STANZAS
       ">b</text></error>",
       STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY, NULL, "a", "fr", NULL, NULL},
      {"<error xml:lang='es'><forbidden " STANZAS "/><text " STANZAS ">a</text></error>",
       STOX_COND_FORBIDDEN, STOX_ERROR_AUTH, NULL, "a", "es", NULL, NULL},
      {"<error type='auth'><x xmlns='urn:y'/><z xmlns='urn:y'/><forbidden " STANZAS "/></error>",
       STOX_COND_FORBIDDEN, STOX_ERROR_AUTH, NULL, NULL, NULL, NULL, "x"},
      {"<error type='auth'><unheard-of " STANZAS "/></error>", STOX_COND_UNDEFINED_CONDITION,
       STOX_ERROR_AUTH, NULL, NULL, NULL, NULL, NULL},
      {"<error/>", STOX_COND_UNDEFINED_CONDITION, STOX_ERROR_CANCEL, NULL, NULL, NULL, NULL, NULL},
      /* RFC 3920, and the codes before it, which say nothing that counts. */
      {"<error code='402' type='auth'><payment-required " STANZAS "/></error>",
       STOX_COND_PAYMENT_REQUIRED, STOX_ERROR_AUTH, NULL, NULL, NULL, NULL, NULL},
      {"<error code='404' type='wait'><conflict " STANZAS "/></error>", STOX_COND_CONFLICT,
       STOX_ERROR_WAIT, NULL, NULL, NULL, NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_error(&rows[i]);
  }
}

static void test_error_read_fails(void **state) {
  (void)state;
  stox_stanza stanza;
  stox_stanza_error error;
  const char *without[] = {"<message type='error'/>",
                           "<message type='error'><error xmlns='urn:x'/></message>"};
  for (size_t i = 0; i < COUNT(without); i++) {
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, without[i]), absent),
                  STOX_OK);
    assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_E_NONE);
  }
  const stox_xml_element *element = xml_client_element(
      &arena, "<message type='error'><error><gone " STANZAS ">a<b/>c</gone></error></message>");
  assert_status(stox_stanza_read(&stanza, element, absent), STOX_OK);
  stox_arena none;
  stox_arena_init(&none, NULL, 0, 0, NULL);
  assert_status(stox_stanza_error_read(&error, &none, &stanza), STOX_E_NOMEM);
}

typedef struct answer_row {
  const char *text;
  stox_error_write error;
  int status;
  const char *answer;
} answer_row;

static void check_answer(const answer_row *r) {
  char text[512];
  stox_stanza stanza;
  set_up(NULL);
  (void)stox_stanza_read(&stanza, xml_client_element(&arena, r->text), absent);
  const size_t n = strlen(r->answer);
  for (size_t cap = 0; cap <= n + 1; cap++) {
    stox_buf out;
    stox_buf_init(&out, text, cap);
    const int status = stox_stanza_error_write(&out, &stanza, &r->error);
    if (r->status != STOX_OK) {
      assert_status(status, r->status);
      assert_int_equal(out.len, 0);
      continue;
    }
    assert_status(status, cap < n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, n);
    if (cap >= n) {
      assert_span_equal(stox_buf_span(&out), stox_span_text(r->answer));
    }
  }
}

static void test_error_write(void **state) {
  (void)state;
  const stox_error_write plain = {.condition = STOX_COND_ITEM_NOT_FOUND, .type = STOX_ERROR_CANCEL};
  const stox_error_write full = {.condition = STOX_COND_GONE,
                                 .type = STOX_ERROR_CANCEL,
                                 .address = S("xmpp:a@b"),
                                 .text = S("a<b"),
                                 .by = S("c"),
                                 .with_payload = 1};
  const stox_error_write german = {
      .condition = STOX_COND_CONFLICT, .type = STOX_ERROR_WAIT, .text = S(""), .lang = S("de")};
  const stox_error_write unfit = {.condition = STOX_COND_CONFLICT, .text = S("a\x01")};
  const stox_error_write unfit_too = {.condition = STOX_COND_CONFLICT, .by = S("\xff")};
  const stox_error_write no_condition = {.condition = STOX_COND_NONE};
  const stox_error_write no_type = {.condition = STOX_COND_CONFLICT, .type = 17};
  const answer_row rows[] = {
      {"<message from='a' to='b' id='c' type='chat'><body>d</body></message>", plain, STOX_OK,
       "<message from='b' to='a' id='c' type='error'><error type='cancel'>"
       "<item-not-found " STANZAS "/></error></message>"},
      {"<iq from='a' type='get' id='1'><q xmlns='urn:q'>x</q></iq>", full, STOX_OK,
       "<iq to='a' id='1' type='error'><q xmlns='urn:q'>x</q><error by='c' type='cancel'>"
       "<gone " STANZAS ">xmpp:a@b</gone><text " STANZAS " xml:lang='en'>a&lt;b</text></error>"
       "</iq>"},
      {"<presence to='b' type='subscribe'><error/></presence>", german, STOX_OK,
       "<presence from='b' type='error'><error type='wait'><conflict " STANZAS "/>"
       "<text " STANZAS " xml:lang='de'/></error></presence>"},
      {"<iq from='a' type='get'/>", plain, STOX_OK,
       "<iq to='a' type='error'><error type='cancel'><item-not-found " STANZAS "/></error></iq>"},
      {"<message type='error'/>", plain, STOX_E_STATE, ""},
      {"<presence type='error'/>", plain, STOX_E_STATE, ""},
      {"<iq type='error' id='1'/>", plain, STOX_E_STATE, ""},
      {"<iq type='result' id='1'/>", plain, STOX_E_STATE, ""},
      {"<message/>", unfit, STOX_E_CTRL, ""},
      {"<message/>", unfit_too, STOX_E_BAD_UTF8, ""},
      {"<message/>", no_condition, STOX_E_ARG, ""},
      {"<message/>", no_type, STOX_E_ARG, ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_answer(&rows[i]);
  }
}

/* What is written is read as what it was, condition by condition. */
static void test_error_round_trip(void **state) {
  (void)state;
  for (int condition = STOX_COND_BAD_REQUEST; condition <= STOX_COND_PAYMENT_REQUIRED;
       condition++) {
    char text[512];
    stox_stanza stanza;
    stox_stanza_error error;
    stox_buf out;
    set_up(NULL);
    stox_buf_init(&out, text, sizeof text - 1);
    const stox_error_write write = {.condition = condition,
                                    .type = stox_condition_type(condition),
                                    .text = S("said"),
                                    .lang = S("it")};
    (void)stox_stanza_read(&stanza, xml_client_element(&arena, "<message/>"), absent);
    assert_status(stox_stanza_error_write(&out, &stanza, &write), STOX_OK);
    text[out.len] = '\0';
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, text), absent), STOX_OK);
    assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_OK);
    assert_int_equal(error.condition, condition);
    assert_int_equal(error.type, write.type);
    assert_span_equal(error.text, S("said"));
    assert_span_equal(error.lang, S("it"));
  }
}

static void test_open(void **state) {
  (void)state;
  char text[256];
  stox_buf out;
  stox_xml_writer w;
  const stox_stanza rows[] = {
      {.kind = STOX_STANZA_MESSAGE,
       .type = STOX_TYPE_CHAT,
       .from = S("a"),
       .to = S("b'"),
       .id = S("c"),
       .lang = S("de")},
      {.kind = STOX_STANZA_IQ, .type = STOX_TYPE_GET, .id = S("1"), .ns = S("jabber:client")},
      {.kind = STOX_STANZA_PRESENCE, .ns = S("jabber:server")},
  };
  const char *want[] = {
      "<message from='a' to='b&apos;' id='c' type='chat' xml:lang='de'/>",
      "<iq id='1' type='get'/>",
      "<presence xmlns='jabber:server'/>",
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_buf_init(&out, text, sizeof text);
    stox_xml_writer_init(&w, &out, S("jabber:client"));
    stox_stanza_open(&w, &rows[i]);
    stox_xml_close(&w);
    assert_status(stox_xml_writer_end(&w), STOX_OK);
    assert_span_equal(stox_buf_span(&out), stox_span_text(want[i]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_read, set_up),
      cmocka_unit_test_setup(test_attributes, set_up),
      cmocka_unit_test_setup(test_names, set_up),
      cmocka_unit_test_setup(test_error_read, set_up),
      cmocka_unit_test_setup(test_error_read_fails, set_up),
      cmocka_unit_test_setup(test_error_write, set_up),
      cmocka_unit_test_setup(test_error_round_trip, set_up),
      cmocka_unit_test_setup(test_open, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
