/* SPDX-License-Identifier: MIT */
/* Events that are long enough to be read by maps, cut wherever that can be cut short. */
#include "xml_support.h"

#include "stox/xml.h"

typedef struct row {
  stox_span stream;
  const char *events;
} row;

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

static void test_long_events(void **state) {
  (void)state;
  const row rows[] = {
      {S("<a><message from='b' to='c' /><message from='b'\tto='c'\n  id='d'\r\n>e</message >"),
       "O<a/>E<message from='b' to='c'/>E<message from='b' to='c' id='d'>e</message>"},
      {S("<a><message to='&lt;b\t&#x26;' id='it&apos;s'>&amp;<c>\r\n</c>d&#10;</message></a>"),
       "O<a/>E<message to='&lt;b &amp;' id='it&apos;s'>&amp;<c>\n</c>d\n</message>C"},
      {S("<a><message to='b' xmlns='u' id=\"'\" xml:lang='en'><c xmlns='v'/><d/></message>"),
       "O<a/>E<message xmlns='u' to='b' id='&apos;' xml:lang='en'><c xmlns='v'/><d/></message>"},
      {S("<a><p:message q:to='b' xmlns:p='u' xmlns:q='v' to='c'><p:d/><d e='f'/></p:message>"),
       "O<a/>E<p:message xmlns:p='u' xmlns:q='v' q:to='b' to='c'><p:d/><d e='f'/></p:message>"},
      {S("<a><message xmlns='&#117;' xmlns:q='v&amp;w' q:to='b'><c xmlns=''/></message>"),
       "O<a/>E<message xmlns='u' xmlns:q='v&amp;w' q:to='b'><c xmlns=''/></message>"},
      {S("<a><message to='\xc3\xa9\xe2\x82\xac'>\xf0\x9f\x98\x80 \xd0\xb4\xd0\xb0"
         "]]<b/>]]]&gt;</message>"),
       "O<a/>E<message to='\xc3\xa9\xe2\x82\xac'>\xf0\x9f\x98\x80 \xd0\xb4\xd0\xb0"
       "]]<b/>]]]&gt;</message>"},
      {S("<a><message><body>one<![CDATA[<two>]]>three</body><![CDATA[]]></message>"),
       "O<a/>E<message><body>one&lt;two&gt;three</body></message>"},
      {S("<a><m\xc3\xa9ssage \xc3\xa9='b'><body  c = 'd' >e</body></m\xc3\xa9ssage>"),
       "O<a/>E<m\xc3\xa9ssage \xc3\xa9='b'><body c='d'>e</body></m\xc3\xa9ssage>"},
      {S("<a><message from='b' to='c' from='d'/>"), "O<a/>!BAD_XML"},
      {S("<a><message xmlns='b' xmlns='c' to='d'/>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b' id='c><d/></message>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b'><body>c</b></message>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b'><body>c]]></body></message>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b'><body>c\xed\xa0\x80</body>"), "O<a/>!BAD_UTF8"},
      {S("<a><message to='b'><body>c\xef\xbf\xbf</body>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b'id='c'><body>d</body>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b'><body>&lt\0;</body></message>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b&\0amp;'><body>c</body></message>"), "O<a/>!BAD_XML"},
      {S("<a><message to='b'><body>&nbsp;</body></message>"), "O<a/>!RESTRICTED_XML"},
      {S("<a><message to='b'><p:body>c</p:body></message>"), "O<a/>!BAD_NAMESPACE"},
      {S("<a><m xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/>"), "O<a/>!BAD_NAMESPACE"},
  };
  check_rows(rows, COUNT(rows));
}

/* Runs and references that are longer than the reader sees at once. */
static void test_long_runs(void **state) {
  (void)state;
  static char stream[12000];
  static char want[12000];
  static xml_run run;
  const char *const pieces[] = {"a", "\xe9\x82\xa3", "\xc3\xa9", "0"};
  for (size_t i = 0; i < COUNT(pieces); i++) {
    const int is_number = pieces[i][0] == '0';
    size_t n = (size_t)snprintf(stream, sizeof stream, "<s><m><b>%s", is_number ? "&#" : "");
    size_t m = (size_t)snprintf(want, sizeof want, "O<s/>E<m><b>%s", is_number ? "A" : "");
    for (size_t k = 0; k < 1700; k++) {
      n += (size_t)snprintf(stream + n, sizeof stream - n, "%s", pieces[i]);
      m += (size_t)snprintf(want + m, sizeof want - m, "%s", is_number ? "" : pieces[i]);
    }
    n += (size_t)snprintf(stream + n, sizeof stream - n, "%s</b><c d='", is_number ? "65;" : "");
    m += (size_t)snprintf(want + m, sizeof want - m, "</b><c d='%s'/></m>",
                          is_number ? "A" : "\xe2\x82\xac");
    n += (size_t)snprintf(stream + n, sizeof stream - n, "%s'/></m>",
                          is_number ? "&#x00000000000000000000000041;" : "\xe2\x82\xac");
    for (size_t split = 0; split < n; split += split == 0 ? 1 : 97) {
      xml_run_stream(&run, (stox_span){stream, n}, split, NULL);
      assert_string_equal(run.text, want);
    }
  }
}

/* The same in values. */
static void test_long_values(void **state) {
  (void)state;
  static char stream[12000];
  static char want[12000];
  static xml_run run;
  const char *const pieces[] = {"a", "\xe9\x82\xa3", "\xc3\xa9", "'"};
  for (size_t i = 0; i < COUNT(pieces); i++) {
    const char *as = pieces[i][0] == '\'' ? "&apos;" : pieces[i];
    size_t n = (size_t)snprintf(stream, sizeof stream, "<s><m><b c=\"");
    size_t m = (size_t)snprintf(want, sizeof want, "O<s/>E<m><b c='");
    for (size_t k = 0; k < 1700; k++) {
      n += (size_t)snprintf(stream + n, sizeof stream - n, "%s", pieces[i]);
      m += (size_t)snprintf(want + m, sizeof want - m, "%s", as);
    }
    n += (size_t)snprintf(stream + n, sizeof stream - n, "\" d='e'>f</b></m>");
    (void)snprintf(want + m, sizeof want - m, "' d='e'>f</b></m>");
    for (size_t split = 0; split < n; split += split == 0 ? 1 : 97) {
      xml_run_stream(&run, (stox_span){stream, n}, split, NULL);
      assert_string_equal(run.text, want);
    }
  }
}

/* End tags ask for no map: many of them, and long ones, lead far behind what is known. */
static void test_long_ends(void **state) {
  (void)state;
  static char stream[8000];
  static char want[8000];
  static xml_run run;
  for (size_t length = 1; length < 250; length += length < 4 ? 1 : 41) {
    size_t n = (size_t)snprintf(stream, sizeof stream, "<s>");
    size_t m = (size_t)snprintf(want, sizeof want, "O<s/>E");
    for (int is_end = 0; is_end < 2; is_end++) {
      for (size_t k = 0; k < (length < 50 ? 60U : 12U); k++) {
        const char *tag = is_end ? "/" : "";
        char name[256];
        memset(name, 'n', length);
        n += (size_t)snprintf(stream + n, sizeof stream - n, "<%s%.*s>", tag, (int)length, name);
        m += (size_t)snprintf(want + m, sizeof want - m, "<%s%.*s>", tag, (int)length, name);
      }
      n += (size_t)snprintf(stream + n, sizeof stream - n, "%s", is_end ? "" : "x");
      m += (size_t)snprintf(want + m, sizeof want - m, "%s", is_end ? "" : "x");
    }
    n += (size_t)snprintf(stream + n, sizeof stream - n, "<b c='d'>e</b>");
    (void)snprintf(want + m, sizeof want - m, "E<b c='d'>e</b>");
    for (size_t split = 0; split < n; split += split == 0 ? 1 : 61) {
      xml_run_stream(&run, (stox_span){stream, n}, split, NULL);
      assert_string_equal(run.text, want);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_long_events),
      cmocka_unit_test(test_long_runs),
      cmocka_unit_test(test_long_values),
      cmocka_unit_test(test_long_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
