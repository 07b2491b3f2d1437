/* SPDX-License-Identifier: MIT */
#include "message_support.h"

/* ---- XMPP to SIP ---- */

static int to_sip(stox_span *out, const stox_stanza *message, const stox_message_dialog *d,
                  const stox_message_options *options) {
  stox_message_route route;
  stox_sip_edit *edit = NULL;
  int status = stox_message_route_from_xmpp(&route, &arena, message, options, NULL);
  if (status == STOX_OK) {
    status = stox_message_to_sip(&edit, &arena, message, &route, d, options);
  }
  if (status == STOX_OK && out != NULL) {
    *out = written(edit);
  }
  return status;
}

/* Every vector: what is made, with the printed Via put in, is the printed request. */
static void test_vectors_to_sip(void **state) {
  (void)state;
  static const struct {
    const char *in;
    const char *out;
    stox_message_dialog dialog;
  } rows[] = {
      {"ex01-x2s-in.xml",
       "ex02-x2s-out.sip",
       {ROW("D9AA95FD-2BD5-46E2-AF0F-6CFAA96BDDFA"), ROW("12345"), 1, 0}},
      {"der-lang-x2s-in.xml",
       "der-lang-x2s-out.sip",
       {ROW("5A37A65D-304B-470A-B718-3F3E6770ACAF"), ROW("12346"), 1, 0}},
      {"der-oversize-1300-x2s-in.xml",
       "der-oversize-1300-x2s-out.sip",
       {ROW("D9AA95FD-2BD5-46E2-AF0F-6CFAA96BDDFB"), ROW("12347"), 1, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[4096];
    stox_span got = absent;
    set_up(NULL);
    const stox_span in = without_line_end(vector(rows[i].in));
    (void)snprintf(text, sizeof text, "%.*s", (int)in.n, in.p);
    const stox_stanza message = stanza(text);
    assert_status(to_sip(&got, &message, &rows[i].dialog, NULL), STOX_OK);
    assert_span_equal(got, reduced(vector(rows[i].out), "Via:", "\r\n"));
    const stox_span call_id = stox_message_call_id(&message);
    if (call_id.p != NULL) {
      assert_span_equal(call_id, rows[i].dialog.call_id);
    }
  }
}

static const struct {
  const char *in;
  const char *type; /* NULL: no such line */
  const char *subject;
  const char *lang;
  const char *body;
} content_rows[] = {
    {"<message " FROM_TO "><body>Hi</body></message>", "text/plain", NULL, NULL, "Hi"},
    {"<message " FROM_TO "><body>\xC3\xA9</body></message>", "text/plain;charset=UTF-8", NULL, NULL,
     "\xC3\xA9"},
    {"<message " FROM_TO "><body>a\nb&#13;&#10;c&#13;d</body></message>", "text/plain", NULL, NULL,
     "a\r\nb\r\nc\r\nd"},
    {"<message " FROM_TO "><body>a &lt;b/&gt; &amp;amp;</body></message>", "text/plain", NULL, NULL,
     "a <b/> &amp;"},
    /* the body without a language wins, then the stanza's, then the first */
    {"<message xml:lang='en' " FROM_TO "><body xml:lang='cs'>c</body><body>e</body></message>",
     "text/plain", NULL, "en", "e"},
    {"<message xml:lang='en' " FROM_TO
     "><body xml:lang='cs'>c</body><body xml:lang='EN'>e</body></message>",
     "text/plain", NULL, "EN", "e"},
    {"<message " FROM_TO "><body xml:lang='cs'>c</body><body xml:lang='de'>d</body></message>",
     "text/plain", NULL, "cs", "c"},
    /* a body of another namespace is none */
    {"<message " FROM_TO "><body xmlns='urn:x'>x</body><body>e</body></message>", "text/plain",
     NULL, NULL, "e"},
    {"<message " FROM_TO "><subject>s</subject><body>e</body></message>", "text/plain", "s", NULL,
     "e"},
    {"<message " FROM_TO "><subject>s</subject></message>", NULL, "s", NULL, ""},
    {"<message type='normal' " FROM_TO "><subject>s</subject></message>", NULL, "s", NULL, ""},
    /* nothing gets a header line of its own */
    {"<message " FROM_TO
     "><subject>s&#13;&#10;Evil: 1&#13;&#10;&#13;&#10;x</subject><body>e</body></message>",
     "text/plain", "s Evil: 1 x", NULL, "e"},
    {"<message xml:lang='en&#13;&#10;Evil: 1' " FROM_TO "><body>e</body></message>", "text/plain",
     NULL, NULL, "e"},
    {"<message xml:lang='' " FROM_TO "><body>e</body></message>", "text/plain", NULL, NULL, "e"},
};

static void test_content_to_sip(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(content_rows); i++) {
    stox_span got = absent;
    set_up(NULL);
    const stox_stanza message = stanza(content_rows[i].in);
    assert_status(to_sip(&got, &message, &dialog, NULL), STOX_OK);
    stox_sip_message *request = NULL;
    /* What is made is a good request once it has a Via, and says nothing that was smuggled in. */
    assert_span_equal(stox_span_slice(got, 0, 39), S("MESSAGE sip:romeo@example.net SIP/2.0\r\n"));
    assert_null(line_of(got, "Evil").p);
    const struct {
      const char *name;
      const char *want;
    } headers[] = {{"Content-Type", content_rows[i].type},
                   {"Subject", content_rows[i].subject},
                   {"Content-Language", content_rows[i].lang},
                   {"From", "<sip:juliet@example.com;gr=r>;tag=t1"},
                   {"To", "<sip:romeo@example.net>"},
                   {"Call-ID", "c1"},
                   {"CSeq", "3 MESSAGE"},
                   {"Max-Forwards", "70"},
                   {"Contact", NULL},
                   {"Via", NULL}};
    for (size_t k = 0; k < COUNT(headers); k++) {
      const stox_span value = line_of(got, headers[k].name);
      if (headers[k].want == NULL) {
        assert_null(value.p);
      } else {
        assert_span_equal(value, stox_span_text(headers[k].want));
      }
    }
    const size_t body_n = strlen(content_rows[i].body);
    assert_span_equal(stox_span_slice(got, got.n - body_n, body_n),
                      stox_span_text(content_rows[i].body));
    char whole[2048];
    const int n = snprintf(whole, sizeof whole, "%.*s" TOP_VIA "%.*s", 39, got.p, (int)(got.n - 39),
                           got.p + 39);
    assert_status(stox_sip_parse(&request, &arena, (stox_span){whole, (size_t)n}, NULL, NULL),
                  STOX_OK);
    assert_span_equal(stox_sip_body(request), stox_span_text(content_rows[i].body));
  }
}

static void test_to_sip_refused(void **state) {
  (void)state;
  static const struct {
    const char *in;
    int status;
  } rows[] = {
      {"<message " FROM_TO "/>", STOX_E_NONE},
      {"<message " FROM_TO "><body/></message>", STOX_E_NONE},
      {"<message " FROM_TO "><body xmlns='urn:x'>x</body></message>", STOX_E_NONE},
      {"<message " FROM_TO "><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
       STOX_E_NONE},
      {"<message type='chat' " FROM_TO "><subject>s</subject></message>", STOX_E_NONE},
      {"<message type='groupchat' " FROM_TO "><subject>s</subject></message>", STOX_E_NONE},
      {"<message " FROM_TO "><encrypted xmlns='eu.siacs.conversations.axolotl'/></message>",
       STOX_E_UNSUPPORTED_MEDIA},
      {"<message " FROM_TO "><encryption xmlns='urn:xmpp:eme:0' namespace='urn:x'/></message>",
       STOX_E_UNSUPPORTED_MEDIA},
      {"<message " FROM_TO "><x xmlns='jabber:x:encrypted'>abc</x></message>",
       STOX_E_UNSUPPORTED_MEDIA},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    set_up(NULL);
    const stox_stanza message = stanza(rows[i].in);
    assert_status(to_sip(NULL, &message, &dialog, NULL), rows[i].status);
  }
  /* With a body beside the payload there is something to send. */
  const stox_stanza both =
      stanza("<message " FROM_TO "><body>b</body><encryption xmlns='urn:xmpp:eme:0'/></message>");
  assert_status(to_sip(NULL, &both, &dialog, NULL), STOX_OK);
}

static void test_route_from_xmpp(void **state) {
  (void)state;
  static const struct {
    const char *in;
    int status;
    int condition;
  } rows[] = {
      {"<message from='juliet@example.com' to='romeo@example.net/a&#10;b'/>", STOX_E_CTRL,
       STOX_COND_JID_MALFORMED},
      {"<message from='juliet@example.com' to='@example.net'/>", 0, STOX_COND_JID_MALFORMED},
      {"<message from='juliet@@' to='romeo@example.net'/>", 0, STOX_COND_JID_MALFORMED},
      {"<message from='juliet@example.com'/>", 0, STOX_COND_JID_MALFORMED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_message_route route;
    stox_error_write error = {0};
    set_up(NULL);
    const stox_stanza message = stanza(rows[i].in);
    const int status = stox_message_route_from_xmpp(&route, &arena, &message, NULL, &error);
    assert_true(status != STOX_OK);
    assert_int_equal(error.condition, rows[i].condition);
    assert_int_equal(error.type, stox_condition_type(rows[i].condition));
    assert_status(stox_message_route_from_xmpp(&route, &arena, &message, NULL, NULL), status);
  }
  /* What a URI cannot hold as it is stays inside the URI. */
  stox_span got = absent;
  set_up(NULL);
  const stox_stanza hostile = stanza("<message from='juliet@example.com/a&gt;;tag=x&lt;\"' "
                                     "to='ro\\20meo@example.net/;x=y'><body>b</body></message>");
  assert_status(to_sip(&got, &hostile, &dialog, NULL), STOX_OK);
  assert_span_equal(line_of(got, "From"),
                    S("<sip:juliet@example.com;gr=a%3E%3Btag%3Dx%3C%22>;tag=t1"));
  assert_span_equal(line_of(got, "To"), S("<sip:ro%20meo@example.net;gr=%3Bx%3Dy>"));
  assert_int_equal(lines(got), 9);
}

static void test_thread(void **state) {
  (void)state;
  static char long_thread[200];
  memset(long_thread, 'a', 129);
  char with_129[400];
  char with_128[400];
  (void)snprintf(with_129, sizeof with_129, "<thread>%s</thread>", long_thread);
  (void)snprintf(with_128, sizeof with_128, "<thread>%s</thread>", long_thread + 1);
  const struct {
    const char *child;
    const char *call_id; /* NULL: it is none */
  } rows[] = {
      {"", NULL},
      {"<thread/>", NULL},
      {"<thread>a</thread>", "a"},
      {"<thread>a@b</thread>", "a@b"},
      {"<thread>a@b@c</thread>", NULL},
      {"<thread>@b</thread>", NULL},
      {"<thread>a@</thread>", NULL},
      {"<thread>a b</thread>", NULL},
      {"<thread>a&#13;&#10;Evil: 1</thread>", NULL},
      {"<thread>a&#10;</thread>", NULL},
      {"<thread>\xC3\xA9</thread>", NULL},
      {"<thread>a<b/></thread>", NULL},
      {"<thread xmlns='urn:x'>a</thread>", NULL},
      {"<thread parent='p'>a-.!%*_+`'~()&lt;&gt;:\\\"/[]?{}</thread>",
       "a-.!%*_+`'~()<>:\\\"/[]?{}"},
      {with_128, long_thread + 1},
      {with_129, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    set_up(NULL);
    (void)snprintf(text, sizeof text, "<message>%s</message>", rows[i].child);
    const stox_stanza message = stanza(text);
    const stox_span got = stox_message_call_id(&message);
    if (rows[i].call_id == NULL) {
      assert_null(got.p);
    } else {
      assert_span_equal(got, stox_span_text(rows[i].call_id));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_vectors_to_sip, set_up),
      cmocka_unit_test_setup(test_content_to_sip, set_up),
      cmocka_unit_test_setup(test_to_sip_refused, set_up),
      cmocka_unit_test_setup(test_route_from_xmpp, set_up),
      cmocka_unit_test_setup(test_thread, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
