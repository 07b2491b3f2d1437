/* SPDX-License-Identifier: MIT */
#include "writers.h"
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

/* "XC-9-01", "XC-9.1.4-01", "XC-11.2.2-10": three kinds in each namespace, with the types of RFC
 * 6121 and none else. "XC-9.2.3-02", "XC-9.2.3-03", "XC-9.2.3-04", "XC-9.2.3-05", "XC-9.2.3-06",
 * "XC-9.2.3-07", "XC-9.2.3-10", "XC-9.2.3-11": an iq has an id, one of
 * four types, and one child in get and set, at most one in a result. */
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

/* "XC-9.1.1-01", "XC-9.1.2-01", "XC-9.1.3-01" */
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

/* "XC-9.1.5-02": the stream's language is the default; "XC-9.1.5-03": what is no tag says nothing.
 */
static void test_lang(void **state) {
  (void)state;
  stox_stanza stanza;
  const char *inner = "<body xml:lang='cs'><a/></body><x xmlns='urn:x' xml:lang='+'><y/></x>";
  const char *own[] = {"", " xml:lang='fr'", " xml:lang='f r'"};
  const char *want[] = {"en", "fr", "en"};
  for (size_t i = 0; i < COUNT(own); i++) {
    char text[256];
    (void)snprintf(text, sizeof text, "<message%s>%s</message>", own[i], inner);
    const stox_xml_element *element = xml_client_element(&arena, text);
    assert_status(stox_stanza_read(&stanza, element, S("en")), STOX_OK);
    assert_span_equal(stanza.lang, stox_span_text(want[i]));
    const stox_xml_element *body = stox_xml_child(element, NULL, "body", NULL);
    const stox_xml_element *x = stox_xml_child(element, NULL, "x", NULL);
    assert_span_equal(stox_stanza_lang_of(&stanza, body), S("cs"));
    assert_span_equal(stox_stanza_lang_of(&stanza, stox_xml_child(body, NULL, "a", NULL)), S("cs"));
    assert_span_equal(stox_stanza_lang_of(&stanza, stox_xml_child(x, NULL, "y", NULL)),
                      stox_span_text(want[i]));
    assert_span_equal(stox_stanza_lang_of(&stanza, element), stox_span_text(want[i]));
    set_up(NULL);
  }
}

static void test_lang_tags(void **state) {
  (void)state;
  const char *good[] = {"en", "EN-us", "i-klingon", "x-a1", "abcdefgh-12345678", "a"};
  const char *bad[] = {"",       "-",     "en-",       "-en",          "e1",  "1",
                       "en--us", "en_US", "abcdefghi", "en-123456789", "en ", "\xc3\xa9"};
  for (size_t i = 0; i < COUNT(good); i++) {
    assert_true(stox_lang_is_tag(stox_span_text(good[i])));
  }
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_false(stox_lang_is_tag(stox_span_text(bad[i])));
  }
  assert_false(stox_lang_is_tag(absent));
}

typedef struct write_row {
  const char *text;
  const char *ns;   /* of the stream that it goes to */
  const char *lang; /* of that stream */
  stox_span from;   /* absent: as it stands */
  const char *want;
} write_row;

static const write_row write_rows[] = {
    /* "XC-11.2.2-09": between client and server only the namespace of the core elements changes;
     * "XC-9.1.2-02", "XC-9.1.2-05": the copy carries the sender's address. */
    {"<message to='a@b' type='chat' id='1'><body>x</body></message>", "jabber:server", "en",
     ROW("c@d/e"), "<message to='a@b' type='chat' id='1' from='c@d/e'><body>x</body></message>"},
    {"<message to='a@b' from='f@g/h'><body>x</body></message>", "jabber:server", "en", ROW("c@d/e"),
     "<message to='a@b' from='c@d/e'><body>x</body></message>"},
    /* The stream's language goes along where the other stream has another one. */
    {"<message to='a@b'><body>x</body></message>",
     "jabber:component:accept",
     NULL,
     {NULL, 0},
     "<message to='a@b' xml:lang='en'><body>x</body></message>"},
    {"<message to='a@b' xml:lang='de'><body>x</body></message>",
     "jabber:server",
     NULL,
     {NULL, 0},
     "<message to='a@b' xml:lang='de'><body>x</body></message>"},
    {"<message to='a@b' xml:lang=''><body>x</body></message>",
     "jabber:server",
     NULL,
     {NULL, 0},
     "<message to='a@b' xml:lang=''><body>x</body></message>"},
    /* "XC-11.3-01", "XC-11.3-05": what a server does not know it leaves alone and forwards,
       attributes and elements. */
    {"<iq type='set' id='1' x='y' p:z='w' xmlns:p='urn:p'><q xmlns='urn:q'><p:r/>t&amp;</q></iq>",
     "jabber:server",
     "en",
     {NULL, 0},
     "<iq xmlns:p='urn:p' type='set' id='1' x='y' p:z='w'><q xmlns='urn:q'><p:r/>t&amp;</q></iq>"},
    {"<message type='urn:odd'><x>t</x></message>",
     "jabber:server",
     "en",
     {NULL, 0},
     "<message type='urn:odd'><x>t</x></message>"},
    /* What an element of another namespace holds is nobody's core element. */
    {"<message><f xmlns='urn:f'><message xmlns='jabber:client'><body>x</body></message></f>"
     "<subject/></message>",
     "jabber:server",
     "en",
     {NULL, 0},
     "<message><f xmlns='urn:f'><message xmlns='jabber:client'><body>x</body></message></f>"
     "<subject/></message>"},
    {"<message><p:f xmlns:p='urn:f'><body>x</body></p:f><body/></message>",
     "jabber:server",
     "en",
     {NULL, 0},
     "<message><p:f xmlns='jabber:client' xmlns:p='urn:f'><body>x</body></p:f><body/></message>"},
    /* "XC-11.2-01", "XC-11.2.2-07": known by the namespace, not by a prefix, and no prefix for core
       elements, wherever they came from. */
    {"<c:message xmlns:c='jabber:client' c:a='1'><c:body>x</c:body><b xmlns=''/></c:message>",
     "jabber:server",
     "en",
     {NULL, 0},
     "<message xmlns:c='jabber:client' c:a='1'><body>x</body><b xmlns=''/></message>"},
    {"<presence><show>away</show><c xmlns='urn:c'/></presence>",
     "jabber:client",
     "en",
     {NULL, 0},
     "<presence><show>away</show><c xmlns='urn:c'/></presence>"},
};

typedef struct write_args {
  const stox_stanza *stanza;
  const write_row *row;
} write_args;

static int write_stanza(stox_buf *out, const void *ud) {
  const write_args *a = ud;
  return stox_stanza_write(out, a->stanza, stox_span_text(a->row->ns),
                           stox_span_text(a->row->lang));
}

static void test_write(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(write_rows); i++) {
    const write_row *r = &write_rows[i];
    stox_stanza stanza;
    set_up(NULL);
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, r->text), S("en")), STOX_OK);
    stanza.from = r->from.p == NULL ? stanza.from : r->from;
    const write_args args = {&stanza, r};
    check_writer(write_stanza, &args, stox_span_text(r->want));
  }
}

/* Client to server to component to client again is where it was. */
static void test_write_round(void **state) {
  (void)state;
  static const char *const ways[] = {"jabber:server", "jabber:component:accept", "jabber:client"};
  for (size_t i = 0; i < COUNT(write_rows); i++) {
    char text[2048];
    stox_buf out;
    stox_stanza stanza;
    set_up(NULL);
    const stox_xml_element *element = xml_client_element(&arena, write_rows[i].text);
    for (size_t way = 0; way < COUNT(ways); way++) {
      assert_status(stox_stanza_read(&stanza, element, S("en")), STOX_OK);
      stox_buf_init(&out, text, sizeof text);
      (void)stox_buf_put_text(&out, "<s xmlns='");
      (void)stox_buf_put_text(&out, ways[way]);
      (void)stox_buf_put_text(&out, "'>");
      assert_status(stox_stanza_write(&out, &stanza, stox_span_text(ways[way]), S("en")), STOX_OK);
      element = xml_child_of_stream(&arena, stox_buf_span(&out));
      assert_span_equal(stox_xml_ns(element), stox_span_text(ways[way]));
    }
    const write_row again = {.ns = "jabber:server", .lang = "en"};
    char first[1024];
    char second[1024];
    stox_buf a;
    stox_buf b;
    stox_buf_init(&a, first, sizeof first);
    stox_buf_init(&b, second, sizeof second);
    assert_status(stox_stanza_read(&stanza, element, S("en")), STOX_OK);
    assert_status(write_stanza(&a, &(write_args){&stanza, &again}), STOX_OK);
    element = xml_client_element(&arena, write_rows[i].text);
    assert_status(stox_stanza_read(&stanza, element, S("en")), STOX_OK);
    assert_status(write_stanza(&b, &(write_args){&stanza, &again}), STOX_OK);
    assert_span_equal(stox_buf_span(&a), stox_buf_span(&b));
  }
}

static void test_write_refused(void **state) {
  (void)state;
  char text[256];
  stox_buf out;
  stox_stanza stanza;
  assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, "<message/>"), absent),
                STOX_OK);
  stox_buf_init(&out, text, sizeof text);
  stanza.from = S("a\x01");
  assert_status(stox_stanza_write(&out, &stanza, S("jabber:server"), absent), STOX_E_CTRL);
  stanza.from = S("\xff");
  assert_status(stox_stanza_write(&out, &stanza, S("jabber:server"), absent), STOX_E_BAD_UTF8);
  stanza.from = absent;
  assert_status(stox_stanza_write(&out, &stanza, S("\x01"), absent), STOX_E_CTRL);
  stanza.element = NULL;
  assert_status(stox_stanza_write(&out, &stanza, S("jabber:server"), absent), STOX_E_ARG);
  assert_int_equal(out.len, 0);
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
      cmocka_unit_test_setup(test_lang, set_up),
      cmocka_unit_test_setup(test_lang_tags, set_up),
      cmocka_unit_test_setup(test_write, set_up),
      cmocka_unit_test_setup(test_write_round, set_up),
      cmocka_unit_test_setup(test_write_refused, set_up),
      cmocka_unit_test_setup(test_open, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
