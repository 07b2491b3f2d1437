/* SPDX-License-Identifier: MIT */
#include "writers.h"
#include "xml_support.h"

#include "stox/im.h"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static const stox_span none = {NULL, 0};

static void read_stanza(stox_stanza *out, const char *text, const char *lang) {
  set_up(NULL);
  assert_status(stox_stanza_read(out, xml_client_element(&arena, text), stox_span_text(lang)),
                STOX_OK);
}

static void check_span(stox_span got, const char *want) {
  assert_int_equal(got.p == NULL, want == NULL);
  assert_span_equal(got, stox_span_text(want));
}

typedef struct text_row {
  const char *text;
  const char *stream;
  const char *wanted;
  const char *said;
  const char *lang;
} text_row;

#define THREE                                                                                      \
  "<message xml:lang='it'><body xml:lang='cs'>c</body><body>i</body><body xml:lang='de-AT'>a</"    \
  "body></message>"

/* "XC-9.1.5-01", "XC-9.1.5-02": the stanza's language, or the stream's, is that of its texts; a
 * child's own one comes first. */
static const text_row text_rows[] = {
    {"<message><body>x</body></message>", NULL, NULL, "x", NULL},
    {"<message><body>x</body></message>", "en", NULL, "x", "en"},
    {"<message xml:lang='fr'><body>x</body></message>", "en", NULL, "x", "fr"},
    {"<message xml:lang='fr'><body xml:lang='cs'>x</body></message>", "en", "fr", "x", "cs"},
    {"<message><body/></message>", "en", NULL, "", "en"},
    {"<message><subject>x</subject></message>", "en", NULL, NULL, NULL},
    {"<message><body xmlns='urn:x'>x</body></message>", "en", NULL, NULL, NULL},
    {"<message><x xmlns='urn:x'><body xmlns='jabber:client'>x</body></x></message>", "en", NULL,
     NULL, NULL},
    {"<message><body>x<y/>z</body></message>", "en", NULL, "xz", "en"},
    {THREE, "en", NULL, "i", "it"},
    {THREE, "en", "CS", "c", "cs"},
    {THREE, "en", "cs-CZ-x-a", "c", "cs"},
    {THREE, "en", "it", "i", "it"},
    {THREE, "en", "de-at", "a", "de-AT"},
    {THREE, "en", "de", "i", "it"},
    {THREE, "en", "c", "i", "it"},
    {THREE, "en", "csb", "i", "it"},
    {"<message><body xml:lang='a'>1</body><body xml:lang='b'>2</body></message>", "en", "c", "1",
     "a"},
    {"<message><body>1</body><body>2</body></message>", "en", "en", "1", "en"},
};

static void test_text(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(text_rows); i++) {
    const text_row *r = &text_rows[i];
    stox_stanza stanza;
    stox_im_text text;
    read_stanza(&stanza, r->text, r->stream);
    assert_status(stox_im_text_read(&text, &arena, &stanza, "body", stox_span_text(r->wanted)),
                  r->said == NULL ? STOX_E_NONE : STOX_OK);
    check_span(text.text, r->said);
    check_span(text.lang, r->lang);
  }
}

static void test_message(void **state) {
  (void)state;
  stox_stanza stanza;
  stox_im_message message;
  read_stanza(&stanza,
              "<message type='chat'><thread parent='p'>t</thread><thread>u</thread><subject/>"
              "<body>b</body></message>",
              "en");
  assert_status(stox_im_message_read(&message, &arena, &stanza, none), STOX_OK);
  assert_int_equal(message.type, STOX_TYPE_CHAT);
  check_span(message.subject.text, "");
  check_span(message.body.text, "b");
  check_span(message.thread, "t");
  check_span(message.parent, "p");
  /* "XC-9.1.4-01": a type that is not known is normal. */
  static const char *const plain[] = {"<message/>", "<message type='normal'/>",
                                      "<message type='urn:x'/>"};
  for (size_t i = 0; i < COUNT(plain); i++) {
    read_stanza(&stanza, plain[i], "en");
    assert_status(stox_im_message_read(&message, &arena, &stanza, none), STOX_OK);
    assert_int_equal(message.type, STOX_TYPE_NORMAL);
    assert_null(message.body.text.p);
    assert_null(message.subject.text.p);
    assert_null(message.thread.p);
  }
  read_stanza(&stanza, "<presence/>", "en");
  assert_status(stox_im_message_read(&message, &arena, &stanza, none), STOX_E_ARG);
}

static int put_message(stox_buf *out, const void *ud) {
  stox_xml_writer w;
  const stox_stanza open = {.kind = STOX_STANZA_MESSAGE, .type = STOX_TYPE_CHAT};
  stox_xml_writer_init(&w, out, S("jabber:client"));
  stox_stanza_open(&w, &open);
  stox_im_message_put(&w, ud);
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}

/* "XC-11.2.2-08" */
static void test_message_put(void **state) {
  (void)state;
  const stox_im_message full = {
      .subject = {S("s"), S("de")}, .body = {S("a<b"), none}, .thread = S("t"), .parent = S("p")};
  check_writer(put_message, &full,
               S("<message type='chat'><subject xml:lang='de'>s</subject><body>a&lt;b</body>"
                 "<thread parent='p'>t</thread></message>"));
  const stox_im_message empty = {.body = {S(""), none}};
  check_writer(put_message, &empty, S("<message type='chat'><body/></message>"));
}

typedef struct presence_row {
  const char *inside;
  int show;
  int priority;
  int is_broken;
  const char *status;
} presence_row;

static const presence_row presences[] = {
    {"", STOX_SHOW_NONE, 0, 0, NULL},
    {"<show>away</show>", STOX_SHOW_AWAY, 0, 0, NULL},
    {"<show>chat</show><priority>5</priority>", STOX_SHOW_CHAT, 5, 0, NULL},
    {"<show> dnd\n</show><status>busy</status>", STOX_SHOW_DND, 0, 0, "busy"},
    {"<show>xa</show><status/>", STOX_SHOW_XA, 0, 0, ""},
    {"<show>online</show>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<show/>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<priority>-128</priority>", STOX_SHOW_NONE, -128, 0, NULL},
    {"<priority> +127 </priority>", STOX_SHOW_NONE, 127, 0, NULL},
    {"<priority>128</priority>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<priority>-129</priority>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<priority>1.5</priority>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<priority>--1</priority>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<priority/>", STOX_SHOW_NONE, 0, 1, NULL},
    {"<priority xmlns='urn:x'>7</priority>", STOX_SHOW_NONE, 0, 0, NULL},
    {"<priority>99999999999999999999999</priority>", STOX_SHOW_NONE, 0, 1, NULL},
    /* "XC-9.1.5-01" as the draft shows it. */
    {"<status xml:lang='cs'>Dvo&#345;&#237;m se Juliet</status><status>Wooing</status>",
     STOX_SHOW_NONE, 0, 0, "Wooing"},
};

static void test_presence(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(presences); i++) {
    char text[512];
    stox_stanza stanza;
    stox_im_presence presence;
    (void)snprintf(text, sizeof text, "<presence xml:lang='en'>%s</presence>", presences[i].inside);
    read_stanza(&stanza, text, NULL);
    assert_status(stox_im_presence_read(&presence, &arena, &stanza, S("en")), STOX_OK);
    assert_int_equal(presence.show, presences[i].show);
    assert_int_equal(presence.priority, presences[i].priority);
    assert_int_equal(presence.is_broken, presences[i].is_broken);
    check_span(presence.status.text, presences[i].status);
  }
  stox_stanza stanza;
  stox_im_presence presence;
  read_stanza(&stanza, "<message/>", NULL);
  assert_status(stox_im_presence_read(&presence, &arena, &stanza, none), STOX_E_ARG);
}

static int put_presence(stox_buf *out, const void *ud) {
  stox_xml_writer w;
  const stox_stanza open = {.kind = STOX_STANZA_PRESENCE};
  stox_xml_writer_init(&w, out, S("jabber:client"));
  stox_stanza_open(&w, &open);
  const int status = stox_im_presence_put(&w, ud);
  stox_xml_close(&w);
  return status == STOX_OK ? stox_xml_writer_end(&w) : status;
}

static void test_presence_put(void **state) {
  (void)state;
  const stox_im_presence full = {
      .show = STOX_SHOW_DND, .priority = -5, .status = {S("a&b"), S("en")}};
  check_writer(put_presence, &full,
               S("<presence><show>dnd</show><status xml:lang='en'>a&amp;b</status>"
                 "<priority>-5</priority></presence>"));
  const stox_im_presence plain = {.priority = 0};
  check_writer(put_presence, &plain, S("<presence/>"));
  const stox_im_presence bad[] = {
      {.show = STOX_SHOW_XA + 1}, {.show = -1}, {.priority = 128}, {.priority = -129}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    char room[256];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(put_presence(&out, &bad[i]), STOX_E_ARG);
  }
  assert_string_equal(stox_im_show_name(STOX_SHOW_XA), "xa");
  assert_null(stox_im_show_name(STOX_SHOW_NONE));
  assert_null(stox_im_show_name(STOX_SHOW_XA + 1));
}

static void test_no_memory(void **state) {
  (void)state;
  static const char *const texts[] = {"<message><body>x<y/>z</body></message>",
                                      "<message><subject>x<y/>z</subject></message>",
                                      "<message><thread>x<y/>z</thread></message>"};
  static const char *const others[] = {"<presence><show>x<y/>z</show></presence>",
                                       "<presence><priority>x<y/>z</priority></presence>",
                                       "<presence><status>x<y/>z</status></presence>"};
  stox_arena empty;
  stox_arena_init(&empty, NULL, 0, 0, NULL);
  for (size_t i = 0; i < COUNT(texts); i++) {
    stox_stanza stanza;
    stox_im_message message;
    stox_im_presence presence;
    read_stanza(&stanza, texts[i], NULL);
    assert_status(stox_im_message_read(&message, &empty, &stanza, none), STOX_E_NOMEM);
    read_stanza(&stanza, others[i], NULL);
    assert_status(stox_im_presence_read(&presence, &empty, &stanza, none), STOX_E_NOMEM);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_text, set_up),
      cmocka_unit_test_setup(test_message, set_up),
      cmocka_unit_test_setup(test_message_put, set_up),
      cmocka_unit_test_setup(test_presence, set_up),
      cmocka_unit_test_setup(test_presence_put, set_up),
      cmocka_unit_test_setup(test_no_memory, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
