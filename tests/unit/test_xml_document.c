/* SPDX-License-Identifier: MIT */
/* XML documents, which libxml2 reads. */
#include "xml_support.h"

#include "stox/xml_document.h"

#include <libxml/parser.h>

static char memory[1 << 17];

typedef struct row {
  stox_span octets;
  const char *want; /* written out, or "!" and the status */
} row;

static void read_with(const row *r, const stox_xml_document_options *options) {
  stox_arena arena;
  const stox_xml_element *root = NULL;
  stox_diag diag = {0, 0, 0, NULL};
  guard g = guard_copy(r->octets);
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  const int status = stox_xml_document_read(&root, &arena, g.span, options, &diag);
  guard_free(&g);
  if (r->want[0] == '!') {
    assert_string_equal(stox_status_name(status), r->want + 1);
    assert_int_equal(diag.code, status);
    assert_in_range(diag.offset, 0, r->octets.n);
    return;
  }
  assert_status(status, STOX_OK);
  char text[4096];
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  assert_status(stox_xml_write(&out, root, S("")), STOX_OK);
  assert_span_equal(stox_buf_span(&out), stox_span_text(r->want));
}

static void test_documents(void **state) {
  (void)state;
  const row rows[] = {
      {S("<a/>"), "<a/>"},
      {S("\n <a>\n</a>\n"), "<a>\n</a>"},
      {S("<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<a b='c'/>"), "<a b='c'/>"},
      {S("\xef\xbb\xbf<?xml version=\"1.0\"?><a/>"), "<a/>"},
      {S("<a><!-- b --><c/>d<!--e-->f<![CDATA[<\r\n\r]]>g</a><!-- h -->"),
       "<a><c/>df&lt;\n\ng</a>"},
      {S("<p:a xmlns:p='u' xmlns='v' p:b='1' xml:lang='cs'><c/><p:d xmlns:p='w'/></p:a>"),
       "<p:a xmlns='v' xmlns:p='u' p:b='1' xml:lang='cs'><c/><p:d xmlns:p='w'/></p:a>"},
      {S("<a b=' &#10;&lt;\t'>&amp;&#x20AC;\r\n</a>"),
       "<a b=' &#10;&lt; '>&amp;\xe2\x82\xac\n</a>"},
      {S("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b'><tuple id='t'><status>"
         "<basic>open</basic></status><contact priority='0.8'>im:a@b</contact></tuple></presence>"),
       "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b'><tuple id='t'><status>"
       "<basic>open</basic></status><contact priority='0.8'>im:a@b</contact></tuple></presence>"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    read_with(&rows[i], NULL);
  }
}

static void test_refusals(void **state) {
  (void)state;
  const row rows[] = {
      {S(""), "!BAD_XML"},
      {S("a"), "!BAD_XML"},
      {S("<a>"), "!BAD_XML"},
      {S("<a></b>"), "!BAD_XML"},
      {S("<a/><b/>"), "!BAD_XML"},
      {S("<a/>b"), "!BAD_XML"},
      {S("<a b='1' b='2'/>"), "!BAD_XML"},
      {S("<a>\x01</a>"), "!BAD_XML"},
      {S("<a>\xef\xbf\xbf</a>"), "!BAD_XML"},
      {S("<?xml version='1.1'?><a/>"), "!BAD_XML"},
      {S("<a>\xc3</a>"), "!BAD_UTF8"},
      {S("<p:a/>"), "!BAD_NAMESPACE"},
      {S("<a p:b='c'/>"), "!BAD_NAMESPACE"},
      {S("<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>"), "!BAD_NAMESPACE"},
      {S("<!DOCTYPE a><a/>"), "!RESTRICTED_XML"},
      {S("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "!RESTRICTED_XML"},
      {S("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), "!RESTRICTED_XML"},
      {S("<a>&b;</a>"), "!RESTRICTED_XML"},
      {S("<a><?b c?></a>"), "!RESTRICTED_XML"},
      {S("<?xml-stylesheet href='b'?><a/>"), "!RESTRICTED_XML"},
      {S("\xff\xfe<\0a\0/\0>\0"), "!UNSUPPORTED"},
      {S("\0<\0a\0/\0>"), "!UNSUPPORTED"},
      {S("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), "!UNSUPPORTED"},
      {S("<?xml version='1.0'"), "!BAD_XML"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    read_with(&rows[i], NULL);
  }
}

/* What is refused in the middle of what libxml2 handed out: none of that is looked at again. */
static void test_refused_within(void **state) {
  (void)state;
  static char octets[4096];
  static char name[300];
  memset(name, 'n', sizeof name - 1);
  const char *const fronts[] = {"<a ", "<a xmlns:", "<", "<a b='&lt;' "};
  for (size_t i = 0; i < COUNT(fronts); i++) {
    const int n = snprintf(octets, sizeof octets, "%s%s%s c='d'/>", fronts[i], name,
                           fronts[i][1] == '\0' ? "" : "='b'");
    const row r = {{octets, (size_t)n}, "!TOO_LONG"};
    read_with(&r, NULL);
  }
}

/* Each limit at n, and at n + 1. */
static void test_limits(void **state) {
  (void)state;
  stox_limits limits;
  stox_xml_document_options options;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  assert_status(stox_xml_document_options_init(&options, sizeof options), STOX_OK);
  options.limits = &limits;
  limits.stanza = 40;
  limits.depth = 2;
  limits.attributes = 2;
  limits.names = 5;
  const row rows[] = {
      {S("<a><b/></a>"), "<a><b/></a>"},
      {S("<a><b><c/></b></a>"), "!TOO_DEEP"},
      {S("<a b='' c=''/>"), "<a b='' c=''/>"},
      {S("<a b='' xmlns:c='d' e=''/>"), "!TOO_MANY"},
      {S("<abcde/>"), "<abcde/>"},
      {S("<abcdef/>"), "!TOO_LONG"},
      {S("<a>                                 </a>"), "<a>                                 </a>"},
      {S("<a>                                  </a>"), "!TOO_LONG"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    read_with(&rows[i], &options);
  }
  options.size = 0;
  stox_arena arena;
  const stox_xml_element *root = NULL;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_xml_document_read(&root, &arena, S("<a/>"), &options, NULL), STOX_E_ARG);
  assert_status(stox_xml_document_options_init(&options, 4), STOX_E_ARG);
}

/* What libxml2 would be slow at is not given to it: a tag of more octets than that. */
static void test_long_tag(void **state) {
  (void)state;
  static char octets[60000];
  for (size_t n = 15000; n <= sizeof octets; n += 15000) {
    memset(octets, ' ', n);
    memcpy(octets, "<a", 2);
    for (size_t at = 4; at + 8 < n; at += 8) {
      (void)snprintf(octets + at, 9, "a%03zx='' ", at / 8 & 0xFFF);
    }
    memset(octets + n - 12, ' ', 10);
    memcpy(octets + n - 2, "/>", 2);
    const row r = {{octets, n}, n < 16384 ? "!TOO_MANY" : "!TOO_LONG"};
    read_with(&r, NULL);
  }
}

/* What comes from our allocator may fail, and all of it is given back. */
static void test_no_memory(void **state) {
  (void)state;
  static const char octets[] =
      "<p:a xmlns:p='u' xmlns:q='v' p:b='c' q:b='d'><p:e>f</p:e>g<![CDATA[h\r\ni\rj]]></p:a>";
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_xml_document_options options;
  assert_status(stox_xml_document_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &alloc;
  int status = STOX_E_NOMEM;
  size_t n = 0;
  for (n = 1; status != STOX_OK; n++) {
    stox_arena arena;
    const stox_xml_element *root = NULL;
    f = (failing){.fail_at = n};
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    status = stox_xml_document_read(&root, &arena, S(octets), &options, NULL);
    assert_true(status == STOX_OK || status == STOX_E_NOMEM);
    assert_int_equal(f.live, 0);
  }
  assert_true(n > 2);
  stox_arena small;
  const stox_xml_element *root = NULL;
  f = (failing){0, 0, 0};
  stox_arena_init(&small, memory, 64, 0, NULL);
  assert_status(stox_xml_document_read(&root, &small, S(octets), &options, NULL), STOX_E_NOMEM);
  assert_int_equal(f.live, 0);
}

/* What another user of libxml2 in the process may have switched reaches no document. */
static void test_neighbours(void **state) {
  (void)state;
  const row r = {S("<a> <b/> &lt; </a>"), "<a> <b/> &lt; </a>"};
  const int blanks = xmlKeepBlanksDefault(0);
  const int entities = xmlSubstituteEntitiesDefault(0);
  const int subset = xmlLoadExtDtdDefaultValue;
  xmlLoadExtDtdDefaultValue = 6;
  xmlDoValidityCheckingDefaultValue = 1;
  read_with(&r, NULL);
  xmlCleanupParser();
  read_with(&r, NULL);
  (void)xmlKeepBlanksDefault(blanks);
  (void)xmlSubstituteEntitiesDefault(entities);
  xmlLoadExtDtdDefaultValue = subset;
  xmlDoValidityCheckingDefaultValue = 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_documents),  cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_limits),     cmocka_unit_test(test_refused_within),
      cmocka_unit_test(test_long_tag),   cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_neighbours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
