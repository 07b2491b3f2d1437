/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_events),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
