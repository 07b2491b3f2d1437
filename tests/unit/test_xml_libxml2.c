/* SPDX-License-Identifier: MIT */
/* What the adapter relies on in libxml2, and what its neighbours in a process may do to it. */
#include "xml_support.h"

#include "stox/xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <malloc.h>

#define N_STANZAS 300000

/* A bare push parser under some options: what it says of an attribute and of errors. */
typedef struct bare {
  char value[64];
  int level; /* the gravest */
  int result;
} bare;

static void bare_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                       int n_ns, const xmlChar **ns, int n, int n_defaulted,
                       const xmlChar **attributes) {
  bare *b = ud;
  (void)name, (void)prefix, (void)uri, (void)n_ns, (void)ns, (void)n_defaulted;
  if (n > 0) {
    (void)snprintf(b->value, sizeof b->value, "%.*s", (int)(attributes[4] - attributes[3]),
                   (const char *)attributes[3]);
  }
}

static void bare_error(void *ud, xmlErrorPtr error) {
  bare *b = ud;
  b->level = (int)error->level > b->level ? (int)error->level : b->level;
}

static bare bare_parse(const char *text, int options) {
  bare b = {"", 0, 0};
  xmlSAXHandler handler = {
      .startElementNs = bare_start, .serror = bare_error, .initialized = XML_SAX2_MAGIC};
  xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, &b, NULL, 0, NULL);
  assert_non_null(context);
  (void)xmlCtxtUseOptions(context, options);
  b.result = xmlParseChunk(context, text, (int)strlen(text), 0);
  xmlFreeParserCtxt(context);
  return b;
}

static void test_entities_need_noent(void **state) {
  (void)state;
  const char *stream = "<a b='&amp;'>";
  assert_string_equal(bare_parse(stream, XML_PARSE_NONET).value, "&#38;");
  assert_string_equal(bare_parse(stream, XML_PARSE_NONET | XML_PARSE_NOENT).value, "&");
  static xml_run run;
  xml_run_stream(&run, S("<a><b c='&amp;&lt;&gt;&apos;&quot;'>&amp;&lt;&gt;&apos;&quot;</b>"), 0,
                 NULL);
  assert_string_equal(run.text, "O<a/>E<b c='&amp;&lt;&gt;&apos;&quot;'>&amp;&lt;&gt;'\"</b>");
}

static void test_encoding_is_ignored(void **state) {
  (void)state;
  const char *stream = "<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xc3\xa9'>";
  assert_string_equal(bare_parse(stream, XML_PARSE_IGNORE_ENC).value, "\xc3\xa9");
  assert_string_equal(bare_parse(stream, 0).value, "\xc3\x83\xc2\xa9");
}

/* An undeclared prefix: an error of level 2 and the return code 0. */
static void test_level_two_is_fatal(void **state) {
  (void)state;
  const bare b = bare_parse("<a b:c='1'>", XML_PARSE_NONET | XML_PARSE_NOENT);
  assert_int_equal(b.level, XML_ERR_ERROR);
  static xml_run run;
  xml_run_stream(&run, S("<a b:c='1'>"), 0, NULL);
  assert_string_equal(run.text, "!BAD_NAMESPACE");
}

/* RECOVER would go on, DTD would expand: neither is ever on. */
static void test_no_recovery(void **state) {
  (void)state;
  static xml_run run;
  xml_run_stream(&run, S("<a><b c='1' c='2'/><d/></a>"), 0, NULL);
  assert_string_equal(run.text, "O<a/>!BAD_XML");
  xml_run_stream(&run, S("<!DOCTYPE a [<!ENTITY b 'c'>]><a><d>&b;</d></a>"), 0, NULL);
  assert_string_equal(run.text, "!RESTRICTED_XML");
}

/* The budget counts octets that no parser has seen: a stanza that never ends costs its limit. */
static void test_budget(void **state) {
  (void)state;
  static char flood[1 << 16];
  failing f = {0, 0, 0};
  const stox_allocator alloc = failing_allocator(&f);
  stox_xml_options options;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &alloc;
  stox_xml_reader *reader = NULL;
  assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
  static xml_run run;
  run = (xml_run){.n = 0};
  xml_run_piece(&run, reader, S("<a><b c='"));
  memset(flood, 'x', sizeof flood);
  size_t fed = 0;
  while (run.status == STOX_E_MORE && fed < 1 << 24) {
    xml_run_piece(&run, reader, (stox_span){flood, sizeof flood});
    fed += sizeof flood;
  }
  assert_status(run.status, STOX_E_TOO_LONG);
  assert_in_range(fed, 262144, 262144 + sizeof flood);
  assert_in_range(f.live, 0, 600000);
  stox_xml_reader_del(reader);
}

static size_t octets_in_use(void) {
#if STOX_TEST_SANITIZED
  extern size_t __sanitizer_get_current_allocated_bytes(void);
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks;
#endif
}

/* Names of the sender's choice, in one stream, for ever: libxml2's dictionary would keep them. */
static void test_fresh_names(void **state) {
  (void)state;
  stox_xml_reader *reader = NULL;
  static char first[8192];
  stox_arena arena;
  stox_arena_init(&arena, first, sizeof first, 0, NULL);
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  size_t consumed = 0;
  assert_status(stox_xml_feed(reader, &consumed, S("<s xmlns='u' xmlns:p='v'>"), NULL), STOX_OK);
  int kind = 0;
  const stox_xml_element *element = NULL;
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  size_t least = SIZE_MAX;
  size_t most = 0;
  for (uint32_t i = 0; i < N_STANZAS; i++) {
    char text[128];
    const int n =
        snprintf(text, sizeof text, "<b%x p:c%x='d%x' xmlns:e%x='f%x'>g</b%x>", i, i, i, i, i, i);
    stox_arena_reset(&arena);
    assert_status(stox_xml_feed(reader, &consumed, (stox_span){text, (size_t)n}, NULL), STOX_OK);
    assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
    assert_span_equal(stox_xml_scope(element, "p"), S("v"));
    if (i % 100 == 99) {
      const size_t now = octets_in_use();
      least = now < least ? now : least;
      most = now > most ? now : most;
    }
  }
  assert_in_range(most - least, 0, 1 << 19);
  stox_xml_reader_del(reader);
}

/* What a neighbour sets for itself in the same process, and what it calls when it ends. */
static void quiet(void *ud, const char *format, ...) {
  (void)ud, (void)format;
}

static void loud(void *ud, xmlErrorPtr error) {
  (void)error;
  (*(int *)ud)++;
}

static int heard;

static void neighbour_defaults(void) {
  (void)xmlKeepBlanksDefault(0);
  (void)xmlSubstituteEntitiesDefault(0);
  (void)xmlPedanticParserDefault(1);
  (void)xmlLineNumbersDefault(1);
  xmlDoValidityCheckingDefaultValue = 1;
  xmlLoadExtDtdDefaultValue = 6;
  xmlGetWarningsDefaultValue = 0;
  xmlSetGenericErrorFunc(NULL, quiet);
  xmlSetStructuredErrorFunc(&heard, loud);
}

static void neighbour_parses(void) {
  const char *text = "<a b:c='1'>";
  const int heard_of_ours = heard;
  xmlDocPtr document = xmlReadMemory(text, (int)strlen(text), NULL, NULL, XML_PARSE_NOERROR);
  xmlFreeDoc(document);
  xmlResetLastError();
  heard = heard_of_ours;
}

static void neighbour_nothing(void) {
}

static void test_neighbours(void **state) {
  (void)state;
  void (*const calls[])(void) = {neighbour_nothing, neighbour_defaults, neighbour_parses,
                                 xmlCleanupParser, xmlInitParser};
  const stox_span stream = S(
      "<?xml version='1.0'?><a xmlns:p='q'> <b c='&amp;'>\n <d/> \n</b><p:e/><p:f>&lt;</p:f></a>");
  static xml_run run;
  for (size_t i = 0; i < COUNT(calls); i++) {
    heard = 0;
    stox_xml_reader *reader = NULL;
    calls[i]();
    assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
    run = (xml_run){.n = 0};
    for (size_t k = 0; k < stream.n; k++) {
      calls[i]();
      xml_run_piece(&run, reader, stox_span_slice(stream, k, 1));
    }
    calls[i]();
    xml_run_end(&run);
    assert_string_equal(run.text, "O<a xmlns:p='q'/>WE<b c='&amp;'>\n <d/> \n</b>"
                                  "E<p:e xmlns:p='q'/>E<p:f xmlns:p='q'>&lt;</p:f>C");
    assert_status(stox_xml_reader_restart(reader), STOX_OK);
    calls[i]();
    run = (xml_run){.n = 0};
    xml_run_piece(&run, reader, S("<a><b c:d=''/>"));
    calls[i]();
    stox_xml_reader_del(reader);
    assert_status(run.status, STOX_E_BAD_NAMESPACE);
    assert_int_equal(heard, 0);
  }
  calls[3]();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_entities_need_noent),
      cmocka_unit_test(test_encoding_is_ignored),
      cmocka_unit_test(test_level_two_is_fatal),
      cmocka_unit_test(test_no_recovery),
      cmocka_unit_test(test_budget),
      cmocka_unit_test(test_fresh_names),
      cmocka_unit_test(test_neighbours),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
