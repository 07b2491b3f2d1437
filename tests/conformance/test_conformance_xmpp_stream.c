/* SPDX-License-Identifier: MIT */
/* Streams by the draft's sections 4, 11 and 14, as RFC 6120 has settled them: namespaces,
 * encodings, what a reader must refuse, and what a restart forgets. */
#include "stream_end.h"

#define TO     "to='b.example' version='1.0'>"
#define CLIENT "<stream:stream xmlns='jabber:client' " STREAMS " " TO
#define SERVER                                                                                     \
  "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' " STREAMS " " TO
#define RESPONSE "<stream:stream xmlns='jabber:client' " STREAMS " id='i' version='1.0'>"
#define AUTH     "<auth " SASL " mechanism='EXTERNAL'>=</auth>"
#define BIND     "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
#define IN       STOX_STREAM_INITIATING
#define RE       STOX_STREAM_RECEIVING

typedef struct row {
  int role;
  int kind;
  const char *text;
  const char *log;
  int condition; /* of the error that ended it; 0: it lives */
} row;

/* The stream begins as the rows say, in whatever pieces. */
static void check_rows(const row *rows, size_t n, int dialect) {
  for (size_t i = 0; i < n * 2; i++) {
    const row *r = &rows[i / 2];
    end e;
    end_init(&e, r->role, r->kind);
    e.options.dialect = dialect;
    e.offered = STOX_FEATURE_MECHANISMS;
    assert_status(end_make(&e), STOX_OK);
    end_feed_by(&e, stox_span_text(r->text), i % 2);
    if (strcmp(e.log, r->log) != 0 || e.condition != r->condition) {
      fail_msg("%s: %s, condition %d", r->text, e.log, e.condition);
    }
    end_free(&e);
  }
}

/* ---- namespaces ---- */

#define OTHER "http://wrong.namespace.example.org/"

static const row namespaces[] = {
    /* "XC-11.2.1-01", "XC-11.2.1-02": the stream namespace stands there, and is that one. */
    {RE, STOX_STREAM_CLIENT, CLIENT, "H", 0},
    {RE, STOX_STREAM_CLIENT, "<stream xmlns='jabber:client' " TO, "xCZ",
     STOX_STREAM_INVALID_NAMESPACE},
    {RE, STOX_STREAM_CLIENT, "<stream:stream xmlns='jabber:client' " TO, "xCZ",
     STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, "<stream:stream xmlns='jabber:client' xmlns:stream='" OTHER "' " TO,
     "xCZ", STOX_STREAM_INVALID_NAMESPACE},
    {IN, STOX_STREAM_CLIENT, "<stream:stream xmlns='jabber:client' xmlns:stream='" OTHER "' " TO,
     "xCZ", STOX_STREAM_INVALID_NAMESPACE},
    /* "XC-11.2.1-03": what is of another namespace is neither features nor an error; what is of
     * this one by another style is. */
    {IN, STOX_STREAM_CLIENT, RESPONSE "<stream:features/>", "HF", 0},
    {IN, STOX_STREAM_CLIENT, RESPONSE "<features/>", "HxCZ", STOX_STREAM_UNSUPPORTED_STANZA_TYPE},
    {IN, STOX_STREAM_CLIENT, RESPONSE "<error><conflict/></error>", "HxCZ",
     STOX_STREAM_UNSUPPORTED_STANZA_TYPE},
    {IN, STOX_STREAM_CLIENT, RESPONSE "<features xmlns='http://etherx.jabber.org/streams'/>", "HF",
     0},
    {IN, STOX_STREAM_CLIENT,
     "<stream xmlns='http://etherx.jabber.org/streams' id='i' version='1.0'><features/>", "HF", 0},
    {RE, STOX_STREAM_CLIENT, CLIENT "<error/>", "HxCZ", STOX_STREAM_UNSUPPORTED_STANZA_TYPE},
    {RE, STOX_STREAM_CLIENT, CLIENT "<stream:error/>", "HXCZ", STOX_STREAM_UNDEFINED_CONDITION},
    /* "XC-11.2.1-05": no other prefix is taken. */
    {RE, STOX_STREAM_CLIENT,
     "<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' " TO, "xCZ",
     STOX_STREAM_BAD_NAMESPACE_PREFIX},
    /* "XC-11.2.2-01", "XC-11.2.2-05": a default namespace stands there, and is the stream's own. */
    {RE, STOX_STREAM_CLIENT, "<stream:stream " STREAMS " " TO, "xCZ",
     STOX_STREAM_INVALID_NAMESPACE},
    {RE, STOX_STREAM_CLIENT, "<stream:stream xmlns='urn:x' " STREAMS " " TO, "xCZ",
     STOX_STREAM_INVALID_NAMESPACE},
    {RE, STOX_STREAM_SERVER, "<stream:stream xmlns='urn:x' " STREAMS " " TO, "xCZ",
     STOX_STREAM_INVALID_NAMESPACE},
    /* "XC-11.2.2-04": a server has both. */
    {RE, STOX_STREAM_SERVER, SERVER, "H", 0},
    {RE, STOX_STREAM_CLIENT, SERVER, "xCZ", STOX_STREAM_INVALID_NAMESPACE},
    {RE, STOX_STREAM_SERVER, CLIENT, "xCZ", STOX_STREAM_INVALID_NAMESPACE},
    /* "XC-11.2.2-02", "XC-11.2.2-06": a client hears its own namespace back and no other. */
    {IN, STOX_STREAM_CLIENT, RESPONSE, "H", 0},
    {IN, STOX_STREAM_CLIENT, SERVER, "xCZ", STOX_STREAM_INVALID_NAMESPACE},
    {IN, STOX_STREAM_SERVER, RESPONSE, "xCZ", STOX_STREAM_INVALID_NAMESPACE},
    /* "XC-11.2.3-01": an element of dialback is known by its namespace, which must be declared. */
    {RE, STOX_STREAM_SERVER, SERVER "<db:result from='a.example' to='b.example'>k</db:result>",
     "HD", 0},
    {RE, STOX_STREAM_SERVER,
     "<stream:stream xmlns='jabber:server' " STREAMS " " TO
     "<d:result xmlns:d='jabber:server:dialback' from='a.example' to='b.example'>k</d:result>",
     "HD", 0},
    {RE, STOX_STREAM_SERVER,
     "<stream:stream xmlns='jabber:server' " STREAMS " " TO
     "<db:result from='a.example' to='b.example'>k</db:result>",
     "HxCZ", STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_SERVER, SERVER "<result from='a.example' to='b.example'>k</result>", "HxCZ",
     STOX_STREAM_UNSUPPORTED_STANZA_TYPE},
};

static void test_namespaces(void **state) {
  (void)state;
  check_rows(namespaces, COUNT(namespaces), STOX_DIALECT_RFC);
  check_rows(namespaces, COUNT(namespaces), STOX_DIALECT_DRAFT2005);
}

/* Each element of the stream namespace that the end wrote has the prefix: "XC-11.2.1-04". */
static void test_prefix(void **state) {
  (void)state;
  end e;
  end_init(&e, RE, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, CLIENT "<message/>");
  const char *names[] = {"<stream:stream ", "<stream:features>", "<stream:error>",
                         "</stream:stream>"};
  const char *at = e.sent;
  for (size_t i = 0; i < COUNT(names); i++) {
    at = strstr(at, names[i]);
    assert_non_null(at);
  }
  const char *declared = strstr(e.sent, "http://etherx.jabber.org/streams");
  assert_non_null(declared);
  assert_null(strstr(declared + 1, "http://etherx.jabber.org/streams"));
  end_free(&e);
}

/* ---- octets ---- */

#define READY CLIENT AUTH CLIENT BIND

static const row octets[] = {
    /* "XC-11.3-03": what is not well-formed ends the stream, by names and namespaces too. */
    {RE, STOX_STREAM_CLIENT, READY "<a><b></a>", "HSHBRxCZ", STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message a='1' a='2'/>", "HSHBRxCZ",
     STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message a='<'/>", "HSHBRxCZ", STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message><body>]]></body></message>", "HSHBRxCZ",
     STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message><x:y/></message>", "HSHBRxCZ",
     STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message p:a='1'/>", "HSHBRxCZ", STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message><body>&#0;</body></message>", "HSHBRxCZ",
     STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "</message>", "HSHBRxCZ", STOX_STREAM_NOT_WELL_FORMED},
    /* "XC-11.3-02": nothing is held against a schema. */
    {RE, STOX_STREAM_CLIENT,
     READY "<message what='ever'><body/><body/><subject><u/></subject><body xmlns=''/></message>",
     "HSHBRM", 0},
    {RE, STOX_STREAM_CLIENT,
     READY "<presence><show>nowhere</show><priority>high</priority>"
           "</presence>",
     "HSHBRM", 0},
    /* "XC-11.5-01", "XC-13-01": UTF-8, which no byte order mark needs to say, and nothing else. */
    {RE, STOX_STREAM_CLIENT, "<?xml version='1.0' encoding='UTF-8'?>" CLIENT, "H", 0},
    {RE, STOX_STREAM_CLIENT, "<?xml version='1.0' encoding='utf-8'?>" CLIENT, "H", 0},
    {RE, STOX_STREAM_CLIENT, "<?xml version='1.0' encoding='ISO-8859-1'?>" CLIENT, "xCZ",
     STOX_STREAM_UNSUPPORTED_ENCODING},
    {RE, STOX_STREAM_CLIENT, "<?xml version='1.0' encoding='US-ASCII'?>" CLIENT, "xCZ",
     STOX_STREAM_UNSUPPORTED_ENCODING},
    {RE, STOX_STREAM_CLIENT, "<?xml version='1.0' encoding='UTF-16'?>" CLIENT, "xCZ",
     STOX_STREAM_UNSUPPORTED_ENCODING},
    {RE, STOX_STREAM_CLIENT, "\xFE\xFF<", "xCZ", STOX_STREAM_UNSUPPORTED_ENCODING},
    {RE, STOX_STREAM_CLIENT, READY "<message><body>\xE4</body></message>", "HSHBRxCZ",
     STOX_STREAM_NOT_WELL_FORMED},
    {RE, STOX_STREAM_CLIENT, READY "<message><body>\xC3\xA4\xF0\x9F\x98\x80</body></message>",
     "HSHBRM", 0},
    /* "XC-11.4-01": a declaration comes first, and with each new stream again. */
    {RE, STOX_STREAM_CLIENT, "<?xml version='1.0'?>" CLIENT AUTH "<?xml version='1.0'?>" CLIENT,
     "HSH", 0},
    {RE, STOX_STREAM_CLIENT, CLIENT "<?xml version='1.0'?>", "HxCZ", STOX_STREAM_RESTRICTED_XML},
    {RE, STOX_STREAM_CLIENT, READY "<?xml version='1.0'?>", "HSHBRxCZ", STOX_STREAM_RESTRICTED_XML},
};

static void test_octets(void **state) {
  (void)state;
  check_rows(octets, COUNT(octets), STOX_DIALECT_RFC);
  check_rows(octets, COUNT(octets), STOX_DIALECT_DRAFT2005);
}

/* What both ends write begins with the declaration, also behind a restart: "XC-11.4-01"; and each
 * header says the language: "XC-4.4-07". */
static void test_declaration(void **state) {
  (void)state;
  end a;
  end b;
  end_init(&a, IN, STOX_STREAM_CLIENT);
  end_init(&b, RE, STOX_STREAM_CLIENT);
  a.options.lang = S("cs");
  b.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&a), STOX_OK);
  assert_status(end_make(&b), STOX_OK);
  end_run(&a, &b, 1);
  const char *texts[] = {a.sent, b.sent};
  for (size_t i = 0; i < COUNT(texts); i++) {
    static const char begin[] = "<?xml version='1.0'?><stream:stream ";
    assert_int_equal(strncmp(texts[i], begin, sizeof begin - 1), 0);
    const char *again = strstr(texts[i] + 1, begin);
    assert_non_null(again);
    assert_null(strstr(again + 1, "<?xml"));
    const char *lang = strstr(texts[i], " xml:lang='cs'>");
    assert_true(lang != NULL && lang < again);
    assert_non_null(strstr(again, " xml:lang='cs'>"));
    assert_true(strncmp(again - 7, "</auth>", 7) == 0 || strncmp(again - 2, "/>", 2) == 0);
  }
  end_free(&a);
  end_free(&b);
}

/* The draft ignores what XMPP does not allow of XML; RFC 6120 11.1 ends the stream, and so does
 * this, whichever the dialect: no part of it comes through. "XC-11.1-06" */
static void test_restricted(void **state) {
  (void)state;
  static const char *const texts[] = {
      "<!-- m --><message id='1'/>",        "<?p i?><message id='1'/>",
      "<!DOCTYPE a><message id='1'/>",      "<message id='1'><body>&e;</body></message>",
      "<message id='1'><!-- --></message>", "<message id='1'><?p i?></message>",
  };
  for (size_t i = 0; i < COUNT(texts) * 4; i++) {
    end e;
    end_init(&e, RE, STOX_STREAM_CLIENT);
    e.options.dialect = i % 2 == 0 ? STOX_DIALECT_RFC : STOX_DIALECT_DRAFT2005;
    e.offered = STOX_FEATURE_MECHANISMS;
    assert_status(end_make(&e), STOX_OK);
    end_say(&e, READY);
    end_feed_by(&e, stox_span_text(texts[i / 4]), i / 2 % 2);
    assert_string_equal(e.log, "HSHBRxCZ");
    assert_int_equal(e.condition, STOX_STREAM_RESTRICTED_XML);
    end_free(&e);
  }
}

/* ---- restarts ---- */

static int count_up(void *ud, void *p, size_t n) {
  unsigned char *at = ud;
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (*at)++;
  }
  return STOX_OK;
}

/* With `>` of success the old stream is over: the very next octet is of the new one, and what the
 * old one said is forgotten. Layers stand on each other in one order: TCP, TLS, SASL, XMPP.
 * "XC-6.1-05" "XC-6.1-11" "XC-6.3-04" "XC-14.5-01" */
static void test_restart(void **state) {
  (void)state;
  end e;
  char id[64];
  unsigned char at = 1;
  end_init(&e, RE, STOX_STREAM_CLIENT);
  e.random = (stox_random){sizeof e.random, &at, count_up};
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, "<stream:stream xmlns='jabber:client' " STREAMS
              " to='b.example' from='liar@b.example' xml:lang='cs' version='1.0'>");
  assert_span_equal(stox_stream_peer(e.stream)->from, S("liar@b.example"));
  assert_span_equal(stox_stream_peer(e.stream)->lang, S("cs"));
  const stox_span first = stox_stream_id(e.stream);
  (void)snprintf(id, sizeof id, "%.*s", (int)first.n, first.p);
  end_say(&e, AUTH CLIENT);
  assert_string_equal(e.log, "HSH");
  assert_null(stox_stream_peer(e.stream)->from.p);
  assert_null(stox_stream_peer(e.stream)->lang.p);
  assert_int_equal(stox_stream_id(e.stream).n, 32);
  assert_false(stox_span_is_equal(stox_stream_id(e.stream), stox_span_text(id)));
  /* Nothing but the success stands between the features and the new declaration. */
  assert_non_null(
      strstr(e.sent, "</stream:features><success " SASL "/><?xml version='1.0'?><stream:stream "));
  end_say(&e, "<starttls " TLS "/>");
  assert_string_equal(e.log, "HSHCZ");
  assert_non_null(strstr(e.sent, "<failure " TLS "/></stream:stream>"));
  end_free(&e);
}

/* The same behind TLS, at both ends: "XC-5.1-13". */
static void test_tls_restart(void **state) {
  (void)state;
  for (int role = IN; role <= RE; role++) {
    end e;
    unsigned char at = 1;
    char id[64];
    end_init(&e, role, STOX_STREAM_CLIENT);
    e.random = (stox_random){sizeof e.random, &at, count_up};
    e.offered = STOX_FEATURE_STARTTLS;
    assert_status(end_make(&e), STOX_OK);
    end_say(&e, "<stream:stream xmlns='jabber:client' " STREAMS
                " to='b.example' from='liar.example' id='i' xml:lang='cs' version='1.0'>");
    assert_span_equal(stox_stream_peer(e.stream)->from, S("liar.example"));
    const stox_span first = stox_stream_id(e.stream);
    (void)snprintf(id, sizeof id, "%.*s", (int)first.n, first.p);
    /* What stands behind it in the clear is the TLS session's, or nobody's. */
    end_say(&e, role == IN ? "<stream:features><starttls " TLS "/></stream:features><proceed " TLS
                             "/>" CLIENT
                           : "<starttls " TLS "/>" CLIENT);
    end_tls(&e);
    assert_true(stox_stream_is_secure(e.stream));
    assert_null(stox_stream_peer(e.stream));
    assert_null(stox_stream_id(e.stream).p);
    end_say(&e, CLIENT);
    assert_null(stox_stream_peer(e.stream)->from.p);
    assert_null(stox_stream_peer(e.stream)->lang.p);
    assert_false(stox_span_is_equal(stox_stream_id(e.stream), stox_span_text(id)));
    end_free(&e);
  }
}

/* White space between the elements of SASL is tolerated where no security layer can be harmed by
 * it: "XC-6.1-05". */
static void test_white_space(void **state) {
  (void)state;
  static const row spaces[] = {
      {RE, STOX_STREAM_CLIENT, CLIENT " \n" AUTH " \t" CLIENT, "HSH", 0},
      {RE, STOX_STREAM_CLIENT, CLIENT " \n" AUTH " x" CLIENT, "HSxCZ", STOX_STREAM_NOT_WELL_FORMED},
  };
  check_rows(spaces, COUNT(spaces), STOX_DIALECT_RFC);
}

/* ---- a host that validates ---- */

/* Whoever holds stanzas against a schema has an error to say so: "XC-4.7.3-12". */
static void test_invalid_xml(void **state) {
  (void)state;
  end e;
  end_init(&e, RE, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, READY);
  end_say(&e, "<iq type='subscribe' id='1'><x xmlns='u'/></iq>");
  assert_string_equal(e.log, "HSHBRm"); /* told as what it is; the stream goes on */
  const stox_stream_error error = {.condition = STOX_STREAM_INVALID_XML};
  assert_status(stox_stream_fail(e.stream, &error, 0), STOX_OK);
  end_pull(&e);
  assert_string_equal(e.log, "HSHBRmxCZ");
  assert_non_null(strstr(e.sent, "<stream:error><invalid-xml "
                                 "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
                                 "</stream:stream>"));
  end_free(&e);
}

/* ---- languages ---- */

typedef struct lang_row {
  const char *stream; /* the peer's header */
  const char *stanza;
  const char *want;
} lang_row;

/* A copy for a stream of another language says the one it came with; one of its own is not touched:
 * "XC-4.4-10" "XC-4.4-11" "XC-13-02". */
static const lang_row langs[] = {
    {"xml:lang='de'", "<message><body>Ach</body></message>",
     "<message xml:lang='de'><body>Ach</body></message>"},
    {"xml:lang='de'", "<message xml:lang='cs'><body>Ale</body></message>",
     "<message xml:lang='cs'><body>Ale</body></message>"},
    {"xml:lang='de'", "<message xml:lang='de'><body xml:lang='cs'>Ale</body></message>",
     "<message xml:lang='de'><body xml:lang='cs'>Ale</body></message>"},
    {"xml:lang='de'", "<message xml:lang=''><body>Ach</body></message>",
     "<message xml:lang=''><body>Ach</body></message>"},
    {"xml:lang='en'", "<message><body>Oh</body></message>", "<message><body>Oh</body></message>"},
    {"", "<message><body>Oh</body></message>", "<message><body>Oh</body></message>"},
};

static void route_copy(const lang_row *r) {
  char header[512];
  char room[512];
  stox_buf out;
  end e;
  end_init(&e, RE, STOX_STREAM_CLIENT);
  e.offered = STOX_FEATURE_MECHANISMS;
  assert_status(end_make(&e), STOX_OK);
  end_say(&e, CLIENT AUTH);
  (void)snprintf(header, sizeof header,
                 "<stream:stream xmlns='jabber:client' " STREAMS " %s " TO BIND, r->stream);
  end_say(&e, header);
  assert_true(stox_stream_is_ready(e.stream));
  assert_status(stox_stream_feed(e.stream, stox_span_text(r->stanza), 0), STOX_OK);
  const stox_action *a = stox_stream_next(e.stream, 0);
  assert_true(a != NULL && a->kind == STOX_DO_EVENT && a->event == STOX_STREAM_ON_STANZA);
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_stanza_write(&out, a->object, S("jabber:server"), S("en")), STOX_OK);
  assert_span_equal(stox_buf_span(&out), stox_span_text(r->want));
  end_free(&e);
}

static void test_languages(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(langs); i++) {
    route_copy(&langs[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_namespaces),  cmocka_unit_test(test_prefix),
      cmocka_unit_test(test_octets),      cmocka_unit_test(test_declaration),
      cmocka_unit_test(test_restricted),  cmocka_unit_test(test_restart),
      cmocka_unit_test(test_tls_restart), cmocka_unit_test(test_white_space),
      cmocka_unit_test(test_invalid_xml), cmocka_unit_test(test_languages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
