/* SPDX-License-Identifier: MIT */
/* What both ends of a stream write, each stream as a document of its own, against the schemas of
 * the draft's appendix C and of RFC 3921 appendix B, by another reader. */
#include "stream_end.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#define SCHEMA STOX_TEST_VECTORS "/xmpp-core/schema/"

static xmlSchemaPtr schema;

static void ignore(void *ud, const char *format, ...) {
  (void)ud, (void)format;
}

static int load(void **state) {
  (void)state;
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(SCHEMA "all.xsd");
  schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  return schema == NULL;
}

static int unload(void **state) {
  (void)state;
  xmlSchemaFree(schema);
  xmlCleanupParser();
  return 0;
}

static int is_valid(const char *text) {
  xmlSetGenericErrorFunc(NULL, ignore);
  xmlDocPtr document = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document == NULL) {
    return 0;
  }
  xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
  xmlSchemaSetValidErrors(context, ignore, ignore, NULL);
  const int result = xmlSchemaValidateDoc(context, document);
  xmlSchemaFreeValidCtxt(context);
  xmlFreeDoc(document);
  return result == 0;
}

/* Each stream that an end wrote; one that a restart ended has no end tag. */
static size_t check_sent(const end *e) {
  static const char mark[] = "<?xml version='1.0'?>";
  static char document[1 << 15];
  size_t n = 0;
  const char *at = e->sent;
  while (at != NULL && *at != '\0') {
    const char *next = strstr(at + 1, mark);
    const size_t size = next == NULL ? strlen(at) : (size_t)(next - at);
    assert_int_equal(strncmp(at, mark, sizeof mark - 1), 0);
    assert_true(size + 32 < sizeof document);
    memcpy(document, at, size);
    document[size] = '\0';
    if (strstr(document, "</stream:stream>") == NULL) {
      memcpy(document + size, "</stream:stream>", 17);
    }
    if (!is_valid(document)) {
      fail_msg("%s", document);
    }
    n++;
    at = next;
  }
  return n;
}

#define HEADER(ns)   "<stream:stream xmlns='" ns "' " STREAMS " version='1.0'>"
#define CLIENT(rest) HEADER("jabber:client") rest "</stream:stream>"

/* The order that the schema has, and that the oracle knows it: "XC-C.1-01". */
static void test_oracle(void **state) {
  (void)state;
  assert_true(is_valid(CLIENT("<stream:features/><message/>")));
  assert_false(is_valid(CLIENT("<message/><stream:features/>")));
  assert_false(is_valid(CLIENT("<message xmlns='jabber:server'/>")));
  assert_false(is_valid(CLIENT("<message><nothing/></message>")));
  assert_false(is_valid(CLIENT("<iq id='1' type='subscribe'/>")));
  assert_false(is_valid(CLIENT("<stream:error/>")));
}

/* ---- whole sessions ---- */

static void open_pair(end *a, end *b, int kind, uint32_t offered) {
  end_init(a, STOX_STREAM_INITIATING, kind);
  end_init(b, STOX_STREAM_RECEIVING, kind);
  a->options.dialect = STOX_DIALECT_DRAFT2005;
  b->options.dialect = STOX_DIALECT_DRAFT2005;
  b->offered = offered;
  assert_status(end_make(a), STOX_OK);
  assert_status(end_make(b), STOX_OK);
  end_run(a, b, 0);
}

static void send_error(end *e, const char *request) {
  char room[1024];
  stox_buf out;
  stox_arena arena;
  stox_stanza stanza;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_stanza_read(&stanza, stream_child(&arena, request), S("en")), STOX_OK);
  const stox_error_write error = {.condition = STOX_COND_NOT_AUTHORIZED,
                                  .type = STOX_ERROR_AUTH,
                                  .text = S("no"),
                                  .with_payload = 1,
                                  .dialect = STOX_DIALECT_DRAFT2005};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_stanza_error_write(&out, &stanza, &error), STOX_OK);
  assert_status(stox_stream_send(e->stream, stox_buf_span(&out)), STOX_OK);
  stox_arena_clear(&arena);
}

/* TLS, SASL, binding, the session, a ping, stanzas and their errors, the end: "XC-C.1-01"
 * "XC-11.3-04" "XC-C.3-01" "XC-C.5-01" "XC-C.7-01". */
static void test_client(void **state) {
  (void)state;
  static end a;
  static end b;
  open_pair(&a, &b, STOX_STREAM_CLIENT,
            STOX_FEATURE_STARTTLS | STOX_FEATURE_STARTTLS_REQUIRED | STOX_FEATURE_MECHANISMS |
                STOX_FEATURE_SESSION);
  assert_true(stox_stream_is_ready(a.stream) && stox_stream_is_ready(b.stream));
  assert_status(stox_stream_ping(a.stream, 0), STOX_OK);
  assert_status(stox_stream_ping(b.stream, 0), STOX_OK);
  assert_status(
      stox_stream_send(a.stream, S("<presence/><message to='a@b'><body>x</body></message>")),
      STOX_OK);
  send_error(&b, "<message to='a@b' id='m'><body>x</body></message>");
  send_error(&b, "<iq to='a@b' type='get' id='i'><ping xmlns='urn:xmpp:ping'/></iq>");
  end_run(&a, &b, 0);
  assert_status(stox_stream_close(a.stream, 0), STOX_OK);
  end_run(&a, &b, 0);
  assert_string_equal(a.log, "HFTHFSHFRMMPCZ");
  assert_int_equal(check_sent(&a), 3);
  assert_int_equal(check_sent(&b), 3);
  end_free(&a);
  end_free(&b);
}

/* Two servers: SASL, then a stanza; or dialback. "XC-C.1-01" */
static void test_server(void **state) {
  (void)state;
  for (unsigned dialback = 0; dialback < 2; dialback++) {
    static end a;
    static end b;
    end_init(&a, STOX_STREAM_INITIATING, STOX_STREAM_SERVER);
    end_init(&b, STOX_STREAM_RECEIVING, STOX_STREAM_SERVER);
    a.flags = dialback ? END_DIALBACK : 0;
    b.flags = a.flags;
    b.offered = dialback ? 0 : STOX_FEATURE_MECHANISMS;
    assert_status(end_make(&a), STOX_OK);
    assert_status(end_make(&b), STOX_OK);
    end_run(&a, &b, 0);
    assert_true(stox_stream_is_ready(a.stream));
    assert_status(stox_stream_send(a.stream, S("<message from='x@a.example' to='y@b.example'>"
                                               "<body>x</body></message>")),
                  STOX_OK);
    assert_status(stox_stream_close(a.stream, 0), STOX_OK);
    end_run(&a, &b, 0);
    assert_int_equal(check_sent(&a), dialback ? 1 : 2);
    assert_int_equal(check_sent(&b), dialback ? 1 : 2);
    end_free(&a);
    end_free(&b);
  }
}

/* Each error of a stream, behind its features: "XC-C.1-01" "XC-C.2-01". */
static void test_stream_errors(void **state) {
  (void)state;
  size_t n = 0;
  for (int condition = 1; condition <= STOX_STREAM_INVALID_ID; condition++) {
    static end a;
    static end b;
    open_pair(&a, &b, STOX_STREAM_CLIENT, 0);
    const stox_stream_error error = {.condition = condition,
                                     .is_bare = 1,
                                     .text = S("why"),
                                     .address = condition == STOX_STREAM_SEE_OTHER_HOST
                                                    ? S("other.example")
                                                    : (stox_span){NULL, 0}};
    n += stox_stream_fail(b.stream, &error, 0) == STOX_OK;
    end_run(&a, &b, 0);
    assert_int_equal(check_sent(&a), 1);
    assert_int_equal(check_sent(&b), 1);
    end_free(&a);
    end_free(&b);
  }
  assert_int_equal(n, 24);
}

/* ---- what the schemas do not allow is read all the same ---- */

#define ERRORS "urn:ietf:params:xml:ns:xmpp-streams"

/* Each condition with words in it: "XC-C.2-01". Text before the condition: "XC-C.1-04". */
static void check_stream_error(int condition, const char *name, int is_first) {
  char text[512];
  char document[1024];
  stox_arena arena;
  stox_stream_error error;
  if (is_first) {
    (void)snprintf(text, sizeof text,
                   "<stream:error><%s xmlns='" ERRORS "'>words</%s></stream:error>", name, name);
  } else {
    (void)snprintf(text, sizeof text,
                   "<stream:error><text xmlns='" ERRORS "'>why</text><%s xmlns='" ERRORS "'/>"
                   "</stream:error>",
                   name);
  }
  (void)snprintf(document, sizeof document, CLIENT("%s"), text);
  assert_int_equal(is_valid(document), is_first && condition == STOX_STREAM_SEE_OTHER_HOST);
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_stream_error_read(&error, &arena, stream_child(&arena, text), S("en")),
                STOX_OK);
  assert_int_equal(error.condition, condition);
  assert_span_equal(error.text, is_first ? S("") : S("why"));
  stox_arena_clear(&arena);
}

static void test_stream_error_read(void **state) {
  (void)state;
  for (int condition = 1; condition <= STOX_STREAM_INVALID_ID; condition++) {
    const char *name = stox_stream_condition_name(condition, STOX_DIALECT_DRAFT2005);
    for (int is_first = 0; is_first < 2 && name != NULL; is_first++) {
      check_stream_error(condition, name, is_first);
    }
  }
}

/* Features in whatever order: "XC-C.1-03". */
static void test_features(void **state) {
  (void)state;
  static const char *const parts[] = {
      "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      ("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
       "</mechanisms>"),
      "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
      "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"};
  for (size_t i = 0; i < 24; i++) {
    size_t left[] = {0, 1, 2, 3};
    size_t n = i;
    char text[1024] = "<stream:features>";
    char document[2048];
    stox_arena arena;
    stox_stream_features features;
    for (size_t k = 4; k > 0; k--) {
      const size_t at = n % k;
      n /= k;
      (void)strncat(text, parts[left[at]], sizeof text - strlen(text) - 1);
      left[at] = left[k - 1];
    }
    (void)strncat(text, "</stream:features>", sizeof text - strlen(text) - 1);
    (void)snprintf(document, sizeof document, CLIENT("%s"), text);
    assert_true(is_valid(document));
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_stream_features_read(&features, stream_child(&arena, text)), STOX_OK);
    assert_int_equal(features.offered, STOX_FEATURE_STARTTLS | STOX_FEATURE_MECHANISMS |
                                           STOX_FEATURE_BIND | STOX_FEATURE_SESSION);
    stox_arena_clear(&arena);
  }
}

/* An id that is no NMTOKEN, which the examples of RFC 6120 have: "XC-C.1-02". */
static void test_id(void **state) {
  (void)state;
  end e;
  static const char header[] =
      "<stream:stream xmlns='jabber:client' " STREAMS
      " from='b.example' id='++TR84Sm6A3hnt3Q065SnAbbk3Y=' version='1.0' xml:lang='en'>";
  char document[512];
  (void)snprintf(document, sizeof document, "%s</stream:stream>", header);
  assert_false(is_valid(document));
  end_init(&e, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, header);
  assert_string_equal(e.log, "H");
  assert_span_equal(stox_stream_id(e.stream), S("++TR84Sm6A3hnt3Q065SnAbbk3Y="));
  end_free(&e);
}

typedef struct bind_row {
  const char *children;
  int is_valid;
  int what;
} bind_row;

#define BIND_NS "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"

/* One child or none: "XC-C.5-01". */
static void test_bind(void **state) {
  (void)state;
  static const bind_row rows[] = {
      {"", 1, STOX_BIND_ANY},
      {"<resource>r</resource>", 1, STOX_BIND_NAMED},
      {"<jid>a@b/c</jid>", 1, STOX_BIND_BAD}, /* which a client does not say */
      {"<resource>r</resource><jid>a@b/c</jid>", 0, STOX_BIND_BAD},
      {"<jid>a@b/c</jid><resource>r</resource>", 0, STOX_BIND_BAD},
      {"<resource>r</resource><resource>s</resource>", 0, STOX_BIND_BAD},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    char document[1024];
    char room[4096];
    stox_arena arena;
    stox_stanza iq;
    stox_span resource;
    (void)snprintf(text, sizeof text, "<iq type='set' id='1'><bind " BIND_NS ">%s</bind></iq>",
                   rows[i].children);
    (void)snprintf(document, sizeof document, CLIENT("%s"), text);
    assert_int_equal(is_valid(document), rows[i].is_valid);
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    assert_status(stox_stanza_read(&iq, stream_child(&arena, text), S("en")), STOX_OK);
    assert_int_equal(stox_bind_request_read(&resource, &arena, &iq), rows[i].what);
    assert_int_equal(resource.n, rows[i].what == STOX_BIND_NAMED);
  }
}

/* The 22 conditions, of which the draft's schema forgot one: "XC-C.7-01". */
static void test_stanza_errors(void **state) {
  (void)state;
  for (int condition = 1; condition <= STOX_COND_PAYMENT_REQUIRED; condition++) {
    char text[512];
    char document[1024];
    char room[4096];
    stox_arena arena;
    stox_stanza message;
    stox_stanza_error error;
    (void)snprintf(text, sizeof text,
                   "<message type='error'><error type='cancel'><%s "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                   stox_condition_name(condition));
    (void)snprintf(document, sizeof document, CLIENT("%s"), text);
    assert_int_equal(is_valid(document), condition != STOX_COND_POLICY_VIOLATION);
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    assert_status(stox_stanza_read(&message, stream_child(&arena, text), S("en")), STOX_OK);
    assert_status(stox_stanza_error_read(&error, &arena, &message), STOX_OK);
    assert_int_equal(error.condition, condition);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_oracle),
      cmocka_unit_test(test_client),
      cmocka_unit_test(test_server),
      cmocka_unit_test(test_stream_errors),
      cmocka_unit_test(test_stream_error_read),
      cmocka_unit_test(test_features),
      cmocka_unit_test(test_id),
      cmocka_unit_test(test_bind),
      cmocka_unit_test(test_stanza_errors),
  };
  return cmocka_run_group_tests(tests, load, unload);
}
