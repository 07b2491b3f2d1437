/* SPDX-License-Identifier: MIT */
#include "xml_support.h"

#include "stox/xml.h"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static const char sample[] =
    "<s xmlns='u' xmlns:p='v'><m a='1' p:a='2' xml:lang='de' b=''>x<c/>y<p:c/>z<c xmlns='w' d='3'/>"
    "<e>only</e><e> </e></m>";

static void test_names(void **state) {
  (void)state;
  const stox_xml_element *m = xml_child_of_stream(&arena, S(sample));
  assert_span_equal(stox_xml_name(m), S("m"));
  assert_span_equal(stox_xml_ns(m), S("u"));
  assert_true(stox_xml_is(m, "u", "m"));
  assert_true(stox_xml_is(m, NULL, "m"));
  assert_true(stox_xml_is(m, "u", NULL));
  assert_false(stox_xml_is(m, "v", "m"));
  assert_false(stox_xml_is(m, "u", "mm"));
  assert_false(stox_xml_is(m, "", "m"));
  assert_false(stox_xml_is(NULL, NULL, NULL));
}

static void test_attributes(void **state) {
  (void)state;
  const stox_xml_attribute want[] = {
      {S(""), S("a"), S("1")},
      {S("v"), S("a"), S("2")},
      {S("http://www.w3.org/XML/1998/namespace"), S("lang"), S("de")},
      {S(""), S("b"), S("")},
  };
  const stox_xml_element *m = xml_child_of_stream(&arena, S(sample));
  stox_xml_attribute got;
  for (size_t i = 0; i < COUNT(want); i++) {
    assert_status(stox_xml_get_attribute(&got, m, i), STOX_OK);
    assert_span_equal(got.ns, want[i].ns);
    assert_span_equal(got.name, want[i].name);
    assert_span_equal(got.value, want[i].value);
  }
  assert_status(stox_xml_get_attribute(&got, m, COUNT(want)), STOX_E_NONE);
  assert_span_equal(stox_xml_attribute_of(m, "a"), S("1"));
  assert_non_null(stox_xml_attribute_of(m, "b").p);
  assert_null(stox_xml_attribute_of(m, "lang").p);
  assert_null(stox_xml_attribute_of(m, "c").p);
  assert_span_equal(stox_xml_lang(m), S("de"));
  assert_null(stox_xml_lang(stox_xml_child(m, NULL, "e", NULL)).p);
}

static void test_scope(void **state) {
  (void)state;
  const stox_xml_element *m = xml_child_of_stream(&arena, S(sample));
  assert_span_equal(stox_xml_scope(m, ""), S("u"));
  assert_span_equal(stox_xml_scope(m, "p"), S("v"));
  assert_null(stox_xml_scope(m, "q").p);
  const stox_xml_element *inner = stox_xml_child(m, "w", "c", NULL);
  assert_span_equal(stox_xml_scope(inner, ""), S("w"));
  assert_span_equal(stox_xml_scope(inner, "p"), S("v"));
  const stox_xml_element *none = xml_child_of_stream(&arena, S("<s><a/>"));
  assert_non_null(stox_xml_scope(none, "").p);
  assert_int_equal(stox_xml_scope(none, "").n, 0);
}

static void test_children(void **state) {
  (void)state;
  const stox_xml_element *m = xml_child_of_stream(&arena, S(sample));
  const char *want[] = {"u", "v", "w", "u", "u"};
  const stox_xml_element *child = NULL;
  for (size_t i = 0; i < COUNT(want); i++) {
    child = stox_xml_child(m, NULL, NULL, child);
    assert_non_null(child);
    assert_span_equal(stox_xml_ns(child), stox_span_text(want[i]));
  }
  assert_null(stox_xml_child(m, NULL, NULL, child));
  child = stox_xml_child(m, "w", "c", NULL);
  assert_span_equal(stox_xml_attribute_of(child, "d"), S("3"));
  assert_null(stox_xml_child(m, "w", "c", child));
  assert_null(stox_xml_child(m, "w", "e", NULL));
  assert_null(stox_xml_child(child, NULL, NULL, NULL));
}

static void test_nodes(void **state) {
  (void)state;
  const stox_xml_element *m = xml_child_of_stream(&arena, S(sample));
  const char *want[] = {"x", NULL, "y", NULL, "z", NULL, NULL, NULL};
  stox_xml_node node;
  int status = stox_xml_first_node(&node, m);
  for (size_t i = 0; i < COUNT(want); i++) {
    assert_status(status, STOX_OK);
    if (want[i] == NULL) {
      assert_int_equal(node.kind, STOX_XML_NODE_ELEMENT);
      assert_non_null(node.element);
      assert_null(node.text.p);
    } else {
      assert_int_equal(node.kind, STOX_XML_NODE_TEXT);
      assert_null(node.element);
      assert_span_equal(node.text, stox_span_text(want[i]));
    }
    status = stox_xml_next_node(&node);
  }
  assert_status(status, STOX_E_NONE);
  const stox_xml_element *empty = stox_xml_child(m, "v", NULL, NULL);
  assert_status(stox_xml_first_node(&node, empty), STOX_E_NONE);
}

/* However a parser cut it, a text between two tags is one node. */
static void test_texts_are_joined(void **state) {
  (void)state;
  static char stream[1 << 15] = "<s><a>";
  size_t n = 6;
  for (int i = 0; i < 6000; i++) {
    memcpy(stream + n, i % 2 == 0 ? "&lt;" : "xyzxy", 5);
    n += i % 2 == 0 ? 4 : 5;
  }
  memcpy(stream + n, "<![CDATA[]]>-<![CDATA[q]]></a>", 30);
  const stox_xml_element *a = xml_child_of_stream(&arena, (stox_span){stream, n + 30});
  stox_xml_node node;
  assert_status(stox_xml_first_node(&node, a), STOX_OK);
  assert_int_equal(node.text.n, 3000 + 15000 + 2);
  for (size_t i = 0; i < 3000; i++) {
    assert_span_equal(stox_span_slice(node.text, 6 * i, 6), S("<xyzxy"));
  }
  assert_status(stox_xml_next_node(&node), STOX_E_NONE);
}

static void test_text(void **state) {
  (void)state;
  const stox_xml_element *m = xml_child_of_stream(&arena, S(sample));
  const stox_xml_element *e = stox_xml_child(m, NULL, "e", NULL);
  stox_span text = {NULL, 0};
  stox_arena none;
  stox_arena_init(&none, NULL, 0, 0, NULL);
  assert_status(stox_xml_text(&text, &none, e), STOX_OK);
  assert_span_equal(text, S("only"));
  assert_status(stox_xml_text(&text, &none, stox_xml_child(m, "v", "c", NULL)), STOX_OK);
  assert_span_equal(text, S(""));
  assert_non_null(text.p);
  char block[3];
  for (size_t n = 0; n <= 3; n++) {
    stox_arena_init(&none, block, n, 0, NULL);
    assert_status(stox_xml_text(&text, &none, m), n < 3 ? STOX_E_NOMEM : STOX_OK);
  }
  assert_span_equal(text, S("xyz"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_names, set_up),
      cmocka_unit_test_setup(test_attributes, set_up),
      cmocka_unit_test_setup(test_scope, set_up),
      cmocka_unit_test_setup(test_children, set_up),
      cmocka_unit_test_setup(test_nodes, set_up),
      cmocka_unit_test_setup(test_texts_are_joined, set_up),
      cmocka_unit_test_setup(test_text, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
