/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

#include "stox/xml.h"

typedef struct row {
  stox_span stream;
  const char *events;
} row;

#define HEAD "<s xmlns='u' xmlns:p='v'>"
#define OPEN "O<s xmlns='u' xmlns:p='v'/>"

static void check_row(const row *r) {
  static xml_run whole;
  static xml_run other;
  xml_run_stream(&whole, r->stream, 0, NULL);
  assert_string_equal(whole.text, r->events);
  for (size_t split = 1; split < r->stream.n; split++) {
    xml_run_stream(&other, r->stream, split, NULL);
    assert_string_equal(other.text, r->events);
    assert_int_equal(other.diag.offset, whole.diag.offset);
  }
  xml_run_stream(&other, r->stream, SIZE_MAX, NULL);
  assert_string_equal(other.text, r->events);
  assert_int_equal(other.diag.offset, whole.diag.offset);
}

static void check_rows(const row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    check_row(&rows[i]);
  }
}

static void test_events(void **state) {
  (void)state;
  const row rows[] = {
      {S("<a/>"), "O<a/>C"},
      {S("<a></a>"), "O<a/>C"},
      {S("<a></a> \r\n"), "O<a/>C"},
      {S(" \n<a>"), "O<a/>"},
      {S("<a>"), "O<a/>"},
      {S("<a><b/>"), "O<a/>E<b/>"},
      {S("<a><b></b><c/></a>"), "O<a/>E<b/>E<c/>C"},
      {S("<a>  <b/>\r\n\t </a>"), "O<a/>WE<b/>WC"},
      {S("<a><b>x<c/>y</b></a>"), "O<a/>E<b>x<c/>y</b>C"},
      {S("<a><b c='>'>></b>"), "O<a/>E<b c='&gt;'>&gt;</b>"},
      {S("<a><b c='/'/><d e=\"'\" />"), "O<a/>E<b c='/'/>E<d e='&apos;'/>"},
      {S("<a><b>1<![CDATA[<>&]]]]><![CDATA[>]]>2</b>"), "O<a/>E<b>1&lt;&gt;&amp;]]&gt;2</b>"},
      {S("<a><b><![CDATA[]]></b>"), "O<a/>E<b/>"},
      {S("<a><b>\r<![CDATA[\r\n\r]]>\n<![CDATA[\n]]]]>&#13;</b>"),
       "O<a/>E<b>\n\n\n\n\n]]&#13;</b>"},
      {S("<a><b c='\r\n\r\t&#xd;\n'/>"), "O<a/>E<b c='   &#13; '/>"},
      {S("<a><b>]]&gt;&#93;]>]&#93;></b>"), "O<a/>E<b>]]&gt;]]&gt;]]&gt;</b>"},
      {S("<a><b><![CDATA[x]]]>]>></b>"), "O<a/>E<b>x]]&gt;&gt;</b>"},
      {S("<a><b>\r\n\r\t</b>"), "O<a/>E<b>\n\n\t</b>"},
      {S("<a><b>&#13;&#xe9;&#x1F600;</b>"), "O<a/>E<b>&#13;\xc3\xa9\xf0\x9f\x98\x80</b>"},
      {S("<a><b c='\t\n&#9;&#10;&#13;'/>"), "O<a/>E<b c='  &#9;&#10;&#13;'/>"},
      {S("<a><b>\xc3\xa9\xef\xbf\xbd</b>"), "O<a/>E<b>\xc3\xa9\xef\xbf\xbd</b>"},
      {S(HEAD "<p:b p:c='1' d='2'/><b xml:lang='de'/></s>"),
       OPEN "E<p:b xmlns='u' xmlns:p='v' p:c='1' d='2'/>E<b xmlns='u' xml:lang='de'/>C"},
      {S(HEAD "<b xmlns=''><c/></b>"), OPEN "E<b><c/></b>"},
      {S(HEAD "<b xmlns:p='w'><p:c/></b><b><p:c/></b>"),
       OPEN "E<b xmlns='u' xmlns:p='w'><p:c/></b>E<b xmlns='u' xmlns:p='v'><p:c/></b>"},
      {S("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>"
         "<stream:features/></stream:stream>"),
       "O<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'/>"
       "E<stream:features xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'/>"
       "C"},
  };
  check_rows(rows, COUNT(rows));
}

/* RFC 6120 11: what may not stand in a stream, and where it is said to be wrong. */
typedef struct refusal {
  stox_span stream;
  const char *events;
  size_t offset;
} refusal;

static void check_refusal(const refusal *r) {
  static xml_run run;
  check_row(&(row){r->stream, r->events});
  xml_run_stream(&run, r->stream, 0, NULL);
  if (run.diag.offset != r->offset) {
    fail_msg("%s: offset %zu", r->events, run.diag.offset);
  }
  assert_int_equal(run.diag.code, run.status);
  assert_non_null(run.diag.rule);
}

static void test_restricted(void **state) {
  (void)state;
  const refusal rows[] = {
      {S("<!DOCTYPE a><a/>"), "!RESTRICTED_XML", 2},
      {S("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "!RESTRICTED_XML", 23},
      {S("<!-- --><a/>"), "!RESTRICTED_XML", 2},
      {S("<?b?><a/>"), "!RESTRICTED_XML", 0},
      {S("<?xml-stylesheet href='b'?><a/>"), "!RESTRICTED_XML", 0},
      {S(" <?xml version='1.0'?><a/>"), "!RESTRICTED_XML", 2},
      {S("<?xml version='1.0'?><?xml version='1.0'?><a/>"), "!RESTRICTED_XML", 22},
      {S("<a><!-- --></a>"), "O<a/>!RESTRICTED_XML", 5},
      {S("<a><b>c<!-- --></b></a>"), "O<a/>!RESTRICTED_XML", 9},
      {S("<a><b><?c?></b></a>"), "O<a/>!RESTRICTED_XML", 7},
      {S("<a><?xml version='1.0'?></a>"), "O<a/>!RESTRICTED_XML", 4},
      {S("<a><b><!ENTITY c 'd'></b></a>"), "O<a/>!RESTRICTED_XML", 8},
      {S("<a><b>&nbsp;</b>"), "O<a/>!RESTRICTED_XML", 12},
      {S("<a><b c='&nbsp;'/>"), "O<a/>!RESTRICTED_XML", 15},
      {S("<a><b>x\0y</b>"), "O<a/>!BAD_XML", 7},
      {S("<a><b>x<c d='\0'/>"), "O<a/>!BAD_XML", 13},
      {S("<a><b>x<c d='\xff'/>"), "O<a/>!BAD_UTF8", 13},
      {S("<a><b>x<c d='<'/>"), "O<a/>!BAD_XML", 13},
      {S("\xef\xbb\xbf<a/>"), "!BAD_XML", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_refusal(&rows[i]);
  }
}

static void test_malformed(void **state) {
  (void)state;
  const row rows[] = {
      {S("a"), "!BAD_XML"},
      {S("<>"), "!BAD_XML"},
      {S("</a>"), "!BAD_XML"},
      {S("< a>"), "!BAD_XML"},
      {S("<1>"), "!BAD_XML"},
      {S("<a><<b>"), "O<a/>!BAD_XML"},
      {S("<a></b>"), "O<a/>!BAD_XML"},
      {S("<a><b></c>"), "O<a/>!BAD_XML"},
      {S("<a><b><c></b></c>"), "O<a/>!BAD_XML"},
      {S("<a><b>< c"), "O<a/>!BAD_XML"},
      {S("<a><b><\t"), "O<a/>!BAD_XML"},
      {S("<a><-"), "O<a/>!BAD_XML"},
      {S("<a>b"), "O<a/>!BAD_XML"},
      {S("<a> b"), "O<a/>W!BAD_XML"},
      {S("<a>&#32;"), "O<a/>!BAD_XML"},
      {S("<a><![CDATA[ ]]>"), "O<a/>!BAD_XML"},
      {S("<a><b><![CDAT[]]></b>"), "O<a/>!BAD_XML"},
      {S("<a><b c/>"), "O<a/>!BAD_XML"},
      {S("<a><b c=d/>"), "O<a/>!BAD_XML"},
      {S("<a><b c='1'd='2'/>"), "O<a/>!BAD_XML"},
      {S("<a><b c='1' c='2'/>"), "O<a/>!BAD_XML"},
      {S("<a><b c='<'/>"), "O<a/>!BAD_XML"},
      {S("<a><b c='&'/>"), "O<a/>!BAD_XML"},
      {S("<a><b>&</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>&#0;</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>&#xD800;</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>&#x110000;</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>&#99999999999999999999;</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>&#xFFFF;</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>]]></b>"), "O<a/>!BAD_XML"},
      {S("<a><b>\x01</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>\0</b>"), "O<a/>!BAD_XML"},
      {S("<a><b c='\0'/>"), "O<a/>!BAD_XML"},
      {S("<a><b\0/>"), "O<a/>!BAD_XML"},
      {S("<a><b>\xef\xbf\xbe</b>"), "O<a/>!BAD_XML"},
      {S("<a><b>\xef\xbf\xbf</b>"), "O<a/>!BAD_XML"},
      {S("<a><b></b >c</b>"), "O<a/>E<b/>!BAD_XML"},
      {S("<a><b></b '>'></a>"), "O<a/>!BAD_XML"},
      {S("<a/><b/>"), "O<a/>C!BAD_XML"},
      {S("<a/>b"), "O<a/>C!BAD_XML"},
      {S("<a/> <!---->"), "O<a/>C!BAD_XML"},
  };
  check_rows(rows, COUNT(rows));
}

/* RFC 6120 11.6: UTF-8 alone, without a byte order mark; 11.3, and XML 1.0 2.8. */
static void test_encoding(void **state) {
  (void)state;
  const row rows[] = {
      {S("<?xml version='1.0'?><a/>"), "O<a/>C"},
      {S("<?xml version='1.0'?>\r\n<a/>"), "O<a/>C"},
      {S("<?xml\tversion = \"1.0\"\nencoding=\"UTF-8\"?><a/>"), "O<a/>C"},
      {S("<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a/>"), "O<a/>C"},
      {S("<?xml version='1.0' standalone='no'?><a/>"), "O<a/>C"},
      {S("<?xml version='1.0' encoding='ISO-8859-1'?><a>"), "!UNSUPPORTED"},
      {S("<?xml version='1.0' encoding='UTF-16'?><a>"), "!UNSUPPORTED"},
      {S("<?xml version='1.0' encoding='US-ASCII'?><a>"), "!UNSUPPORTED"},
      {S("<?xml version='1.1'?><a>"), "!BAD_XML"},
      {S("<?xml version='1.0?><a>"), "!BAD_XML"},
      {S("<?xml version='1.0\"?><a>"), "!BAD_XML"},
      {S("<?xml?><a>"), "!RESTRICTED_XML"},
      {S("<?xml ?><a>"), "!BAD_XML"},
      {S("<?xml encoding='UTF-8'?><a>"), "!BAD_XML"},
      {S("<?xml encoding='UTF-8' version='1.0'?><a>"), "!BAD_XML"},
      {S("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a>"), "!BAD_XML"},
      {S("<?xml version='1.0' standalone='maybe'?><a>"), "!BAD_XML"},
      {S("<?xml version='1.0'encoding='UTF-8'?><a>"), "!BAD_XML"},
      {S("<?xml version='1.0'><a>"), "!BAD_XML"},
      {S("<?xml version='1.0' x='1'?><a>"), "!BAD_XML"},
      {S("\xef\xbb\xbf<a/>"), "!BAD_XML"},
      {S("\xfe\xff\0<\0a"), "!UNSUPPORTED"},
      {S("\xff\xfe<\0a\0"), "!UNSUPPORTED"},
      {S("\0<\0a"), "!UNSUPPORTED"},
      {S("\0\0\0<"), "!UNSUPPORTED"},
      {S("<\0a\0>\0"), "!BAD_XML"},
      {S("<a><b>\xff</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xc0\xaf</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xc1\x81</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xe0\x80\xaf</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xed\xa0\x80</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xf4\x90\x80\x80</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xc3</b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b c='\xc3'/>"), "O<a/>!BAD_UTF8"},
      {S("<a><b c='\xe9'/>"), "O<a/>!BAD_UTF8"},
      {S("<a><\xc3/>"), "O<a/>!BAD_UTF8"},
  };
  check_rows(rows, COUNT(rows));
}

/* An error is said when the tag that it is in ends, not when the stanza does, and the first of two
 * is the one that is said. */
static void test_first_error(void **state) {
  (void)state;
  const row rows[] = {
      {S("<a><b><c></b>"), "O<a/>!BAD_XML"},
      {S("<a><b><c d='1' d='2'>"), "O<a/>!BAD_XML"},
      {S("<a><b><p:c>x"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b><p:c><!-- -->"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b><p:c>\xff</p:c>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b>\xff<c></b>"), "O<a/>!BAD_UTF8"},
      {S("<a><b>\xff<!-- -->"), "O<a/>!BAD_UTF8"},
      {S("<a><b>x\xe2\x82<!-- -->"), "O<a/>!BAD_UTF8"},
      {S("<a><b><c>&d;</c><<"), "O<a/>!RESTRICTED_XML"},
      {S("<a><b xmlns:p='c'><p:d></:p='e' f'><:g>"), "O<a/>!BAD_XML"},
      {S("<a><p:b\x01 c='<''d' e='f'>"), "O<a/>!BAD_XML"},
  };
  check_rows(rows, COUNT(rows));
}

/* Errors after which a parser may go on (libxml2 does), and what is no error. */
static void test_namespaces(void **state) {
  (void)state;
  const row rows[] = {
      {S("<p:a>"), "!BAD_NAMESPACE"},
      {S("<a p:b=''>"), "!BAD_NAMESPACE"},
      {S("<a><p:b/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns:p='q'/><p:b/>"), "O<a/>E<b xmlns:p='q'/>!BAD_NAMESPACE"},
      {S("<a><b p:c=''/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b:c:d xmlns:b='e'/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><:b/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns:p=''/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns:xmlns='c'/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns:xml='c'/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns:p='http://www.w3.org/XML/1998/namespace'/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns:p='q' xmlns:r='q' p:c='' r:c=''/>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><b xmlns='c d' e='1'/>"), "O<a/>E<b xmlns='c d' e='1'/>"},
      {S("<a><b xmlns='c'/>"), "O<a/>E<b xmlns='c'/>"},
      {S("<a><b xml:lang='!' xml:space='?' xml:id='1 2'/>"),
       "O<a/>E<b xml:lang='!' xml:space='?' xml:id='1 2'/>"},
      {S("<a><b xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='c'/>"),
       "O<a/>E<b xml:lang='c'/>"},
  };
  check_rows(rows, COUNT(rows));
}

/* STARTTLS and SASL: what stands behind an event is not touched. */
static void test_stops_behind_event(void **state) {
  (void)state;
  static const char stream[] = "<?xml version='1.0'?><a><b>x</b><c/> \n</a>\x16\x03\x01";
  const size_t ends[] = {24, 32, 36, 38, 42};
  stox_xml_reader *reader = NULL;
  static xml_run run;
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  size_t at = 0;
  for (size_t i = 0; i < COUNT(ends); i++) {
    size_t consumed = 0;
    const stox_span rest = {stream + at, sizeof stream - 1 - at};
    assert_status(stox_xml_feed(reader, &consumed, rest, NULL), STOX_OK);
    at += consumed;
    assert_int_equal(at, ends[i]);
    assert_status(stox_xml_feed(reader, &consumed, rest, NULL), STOX_E_STATE);
    assert_int_equal(consumed, 0);
    int kind = 0;
    const stox_xml_element *element = NULL;
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
    assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_E_NONE);
    stox_arena_clear(&arena);
  }
  run.n = 0;
  assert_status(stox_xml_reader_restart(reader), STOX_OK);
  run.status = STOX_OK;
  xml_run_piece(&run, reader, S("<?xml version='1.0'?><d xmlns:p='q'><p:e/>"));
  xml_run_end(&run);
  assert_string_equal(run.text, "O<d xmlns:p='q'/>E<p:e xmlns:p='q'/>");
  stox_xml_reader_del(reader);
}

/* A dead stream stays dead until it is begun anew. */
static void test_dead_and_restarted(void **state) {
  (void)state;
  static xml_run run;
  stox_xml_reader *reader = NULL;
  const stox_span deaths[] = {S("<a><p:b/>"), S("<a><!--"), S("<a><b></c>"), S("x"),
                              S("<a><b>\xff</b>")};
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  for (size_t i = 0; i < COUNT(deaths); i++) {
    run = (xml_run){.n = 0};
    xml_run_piece(&run, reader, deaths[i]);
    const int status = run.status;
    assert_true(status < STOX_E_MORE);
    size_t consumed = 1;
    assert_status(stox_xml_feed(reader, &consumed, S("<c/>"), NULL), status);
    assert_int_equal(consumed, 0);
    assert_status(stox_xml_reader_restart(reader), STOX_OK);
    run = (xml_run){.n = 0};
    xml_run_piece(&run, reader, S("<a><b/></a>"));
    xml_run_end(&run);
    assert_string_equal(run.text, "O<a/>E<b/>C");
    assert_status(stox_xml_reader_restart(reader), STOX_OK);
  }
  stox_xml_reader_del(reader);
}

/* Each limit at n - 1, n and n + 1. */
typedef struct limit_row {
  stox_span stream;
  size_t member; /* of stox_limits */
  uint32_t fits; /* the least limit under which it is read */
  const char *refused;
} limit_row;

static void check_limit(const limit_row *r, uint32_t limit, size_t split) {
  static xml_run run;
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  memcpy((char *)&limits + r->member, &limit, sizeof limit);
  stox_xml_options options;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.limits = &limits;
  xml_run_stream(&run, r->stream, split, &options);
  const size_t n = strlen(r->refused);
  const int is_refused = run.n >= n && strcmp(run.text + run.n - n, r->refused) == 0;
  if (is_refused != (limit < r->fits)) {
    fail_msg("limit %u of %.*s: %s", (unsigned)limit, (int)r->stream.n, r->stream.p, run.text);
  }
}

static void test_limits(void **state) {
  (void)state;
  const limit_row rows[] = {
      {S("<a><b>12345</b>"), offsetof(stox_limits, stanza), 12, "!TOO_LONG"},
      {S("<abcdefgh>"), offsetof(stox_limits, stanza), 10, "!TOO_LONG"},
      {S("<a>  <b cd='>'/> <b/>"), offsetof(stox_limits, stanza), 11, "!TOO_LONG"},
      {S("<?xml version='1.0'?> <abcdefgh>"), offsetof(stox_limits, stanza), 32, "!TOO_LONG"},
      {S("<a><b><c/></b>"), offsetof(stox_limits, depth), 2, "!TOO_DEEP"},
      {S("<a><b><c><d></d></c><c/></b>"), offsetof(stox_limits, depth), 3, "!TOO_DEEP"},
      {S("<a><b/>"), offsetof(stox_limits, depth), 1, "!TOO_DEEP"},
      {S("<a b='1' c='2' d='3'>"), offsetof(stox_limits, attributes), 3, "!TOO_MANY"},
      {S("<a xmlns:p='1' xmlns:q='2'>"), offsetof(stox_limits, attributes), 2, "!TOO_MANY"},
      {S("<a><b b='1' c='2' xmlns:d='3'/>"), offsetof(stox_limits, attributes), 3,
       "R<b b='1' c='2'/>"},
      {S("<a><b xmlns:p='1'><c xmlns:q='2'/><c xmlns:q='2'/></b>"),
       offsetof(stox_limits, attributes), 2, "R<b xmlns:p='1'/>"},
      {S("<abcdefgh>"), offsetof(stox_limits, names), 8, "!TOO_LONG"},
      {S("<a><b cde:fgh='1'/>"), offsetof(stox_limits, names), 7, "!TOO_LONG"},
      {S("<a><b></b></abc>"), offsetof(stox_limits, names), 3, "!TOO_LONG"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const size_t splits[] = {0, rows[i].stream.n / 2, rows[i].stream.n - 1, SIZE_MAX};
    for (size_t s = 0; s < COUNT(splits); s++) {
      check_limit(&rows[i], rows[i].fits - 1, splits[s]);
      check_limit(&rows[i], rows[i].fits, splits[s]);
      check_limit(&rows[i], rows[i].fits + 1, splits[s]);
    }
  }
}

/* A limit is said before the octets behind it are waited for. */
static void test_limit_before_more(void **state) {
  (void)state;
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.stanza = 8;
  stox_xml_options options;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.limits = &limits;
  static xml_run run;
  xml_run_stream(&run, S("<a><b c='"), 0, &options);
  assert_string_equal(run.text, "O<a/>");
  xml_run_stream(&run, S("<a><b c='45"), 0, &options);
  assert_string_equal(run.text, "O<a/>!TOO_LONG");
  xml_run_stream(&run, S("       "), 0, &options);
  assert_string_equal(run.text, "");
  xml_run_stream(&run, S("        "), 0, &options);
  assert_string_equal(run.text, "!TOO_LONG");
}

/* A stanza with more attributes than we take costs its sender that stanza, and nobody the stream.
 */
static void check_refused(stox_span stream, uint32_t limit, const char *events) {
  static xml_run run;
  stox_limits limits;
  stox_xml_options options;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.attributes = limit;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.limits = &limits;
  for (size_t split = 0; split < stream.n; split++) {
    xml_run_stream(&run, stream, split, &options);
    assert_string_equal(run.text, events);
  }
  xml_run_stream(&run, stream, SIZE_MAX, &options);
  assert_string_equal(run.text, events);
}

static void test_refused(void **state) {
  (void)state;
  static const struct {
    stox_span stream;
    const char *events;
  } rows[] = {
      {ROW("<s><m from='a' to='&lt;' c='3' c='4'>x<b/></m><n/></s>"),
       "O<s/>R<m from='a' to='&lt;'/>E<n/>C"},
      {ROW("<s><m from='a'>x<b a='1' b='2' c='3'>y<c></c></b><d/>&amp;</m><n/>"),
       "O<s/>R<m from='a'/>E<n/>"},
      {ROW("<s><m a='1' b='2' xmlns:p='3'><p:b q:c=''/></m><n/>"), "O<s/>R<m a='1' b='2'/>E<n/>"},
      {ROW("<s xmlns='u' xmlns:p='v'><p:m p:a='1' b='2' c='3'/><n/>"),
       "O<s xmlns='u' xmlns:p='v'/>R<p:m xmlns='u' xmlns:p='v' p:a='1' b='2'/>E<n xmlns='u'/>"},
      {ROW("<s><q:m q:a='1' q:b='2' xmlns:q='w'/><n/>"), "O<s/>R<q:m q:a='1' q:b='2'/>E<n/>"},
      {ROW("<s><m xmlns:p='1' xmlns:q='2'><b xmlns:r='3'><c xmlns:s='4' d='5'/></b></m><n/>"),
       "O<s/>R<m xmlns:p='1' xmlns:q='2'/>E<n/>"},
      /* What breaks XML as well ends the stream. */
      {ROW("<s><m a='1' b='2' c='3'>&d;</m><n/>"), "O<s/>!RESTRICTED_XML"},
      {ROW("<s><m a='1' b='2' c='3'></n>"), "O<s/>!BAD_XML"},
      {ROW("<s><m a='1' b='2' c='3' d='<'/>"), "O<s/>!BAD_XML"},
      {ROW("<s><m a='1' b='2' c='3'><b>\xff</b></m>"), "O<s/>!BAD_UTF8"},
      {ROW("<s><m a='1' a='2' c='3'/>"), "O<s/>!BAD_XML"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_refused(rows[i].stream, 2, rows[i].events);
  }
}

/* The most that depth can be set to. */
static void test_deepest(void **state) {
  (void)state;
  static char stream[4096];
  static xml_run run;
  const uint32_t depths[] = {64, 65, 250, 251};
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  stox_xml_options options;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.limits = &limits;
  for (size_t i = 0; i < COUNT(depths); i++) {
    limits.depth = i < 2 ? 64 : 1000;
    size_t n = 3;
    memcpy(stream, "<a>", 3);
    for (uint32_t d = 0; d < depths[i]; d++, n += 3) {
      memcpy(stream + n, "<b>", 3);
    }
    for (uint32_t d = 0; d < depths[i]; d++, n += 4) {
      memcpy(stream + n, "</b>", 4);
    }
    xml_run_stream(&run, (stox_span){stream, n}, 0, &options);
    assert_status(run.status, i % 2 == 0 ? STOX_OK : STOX_E_TOO_DEEP);
  }
}

static const char full_stream[] =
    "<?xml version='1.0'?><s xmlns='u' xmlns:p='v' q='1'> <b p:c='1' d='2'>x&lt;<p:e/>y</b>"
    "<b xmlns='w' xmlns:r='x'><r:c><d>z</d></r:c></b></s>";

/* The n-th allocation fails: the reader says NOMEM, and gives everything back. */
static void test_allocation_failures(void **state) {
  (void)state;
  static xml_run run;
  size_t n = 1;
  for (; n < 1000; n++) {
    failing f = {n, 0, 0};
    const stox_allocator alloc = failing_allocator(&f);
    stox_xml_options options;
    assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
    options.alloc = &alloc;
    stox_xml_reader *reader = NULL;
    const int status = stox_xml_reader_new(&reader, &options);
    run = (xml_run){.n = 0};
    if (status == STOX_OK) {
      for (size_t i = 0; i < sizeof full_stream - 1; i++) {
        xml_run_piece(&run, reader, (stox_span){full_stream + i, 1});
      }
      stox_xml_reader_del(reader);
    } else {
      assert_status(status, STOX_E_NOMEM);
    }
    assert_int_equal(f.live, 0);
    if (f.calls < n) {
      assert_status(run.status, STOX_OK);
      break;
    }
    assert_true(status == STOX_E_NOMEM || run.status == STOX_E_NOMEM);
  }
  assert_in_range(n, 5, 999);
}

/* Where the arena is spent the event stays, and a larger arena gets it. */
static void test_arena_exhausted(void **state) {
  (void)state;
  static char memory[4096];
  const stox_span stream = S("<a><b c='d'>e<f xmlns:p='g' p:h='i'/>j</b>");
  stox_xml_reader *reader = NULL;
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  size_t consumed = 0;
  stox_arena arena;
  int kind = 0;
  const stox_xml_element *element = NULL;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_xml_feed(reader, &consumed, stream, NULL), STOX_OK);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  assert_status(stox_xml_feed(reader, &consumed, stox_span_slice(stream, 3, 99), NULL), STOX_OK);
  size_t n = 0;
  int status = STOX_E_NOMEM;
  while (status == STOX_E_NOMEM && n < sizeof memory) {
    stox_arena_init(&arena, memory, n++, 0, NULL);
    status = stox_xml_next(reader, &arena, &kind, &element);
  }
  assert_status(status, STOX_OK);
  char text[128];
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  assert_status(stox_xml_write(&out, element, S("")), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("<b c='d'>e<f xmlns:p='g' p:h='i'/>j</b>"));
  stox_xml_reader_del(reader);
}

static void test_arguments(void **state) {
  (void)state;
  stox_xml_options options;
  stox_xml_reader *reader = NULL;
  assert_status(stox_xml_options_init(&options, sizeof options.size - 1), STOX_E_ARG);
  assert_status(stox_xml_options_init(&options, sizeof options.size), STOX_OK);
  assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
  int kind = 0;
  const stox_xml_element *element = NULL;
  size_t consumed = 0;
  assert_status(stox_xml_next(reader, NULL, &kind, &element), STOX_E_NONE);
  assert_status(stox_xml_feed(reader, &consumed, (stox_span){NULL, 0}, NULL), STOX_E_MORE);
  stox_xml_reader_del(reader);
  stox_xml_reader_del(NULL);
  options.size = 1;
  assert_status(stox_xml_reader_new(&reader, &options), STOX_E_ARG);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_events),
      cmocka_unit_test(test_restricted),
      cmocka_unit_test(test_malformed),
      cmocka_unit_test(test_encoding),
      cmocka_unit_test(test_first_error),
      cmocka_unit_test(test_namespaces),
      cmocka_unit_test(test_stops_behind_event),
      cmocka_unit_test(test_dead_and_restarted),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_limit_before_more),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_deepest),
      cmocka_unit_test(test_allocation_failures),
      cmocka_unit_test(test_arena_exhausted),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
