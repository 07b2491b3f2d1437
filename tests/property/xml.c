/* SPDX-License-Identifier: MIT */
/* Random elements, well-formed with namespaces: what is read and written again is canonically what
 * it was, whole and for each child on its own, and however the stream is cut. */
#include "xml_support.h"

#include "stox/xml.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>

enum { ROUNDS = 4000, DEEPEST = 6, LARGEST = 1 << 14 };

static char text[LARGEST];
static size_t text_n;

static void put(const char *s) {
  const size_t n = strlen(s);
  assert_true(n < LARGEST - text_n);
  memcpy(text + text_n, s, n + 1);
  text_n += n;
}

static const char *pick(uint64_t *random, const char *const *from, size_t n) {
  return from[test_random(random) % n];
}

#define PICK(random, array) pick(random, array, COUNT(array))

static const char *const namespaces[] = {"urn:a", "urn:b", "urn:c", "jabber:client"};
static const char *const names[] = {"x", "message", "body", "\xc3\xa9t\xc3\xa9", "y-1.z_"};
static const char *const pieces[] = {"a",     " ",         "\n", "\t",     "&lt;",         "&amp;",
                                     "&#13;", "&#x1F600;", "'",  "&quot;", "\xe2\x82\xac", "]]",
                                     "\r\n",  "&gt;"};

/* p is declared where it is used, top and q at the top alone. */
static void put_start(uint64_t *random, const char *name, const char *prefix) {
  put("<");
  put(prefix);
  put(name);
  if (prefix[0] != '\0' || test_random(random) % 3 == 0) {
    put(" xmlns:p='");
    put(PICK(random, namespaces));
    put("'");
  }
  if (test_random(random) % 3 == 0) {
    put(" xmlns='");
    put(test_random(random) % 4 == 0 ? "" : PICK(random, namespaces));
    put("'");
  }
  if (test_random(random) % 4 == 0) {
    put(" xml:lang='de'");
  }
  if (test_random(random) % 2 == 0) {
    put(" top:k=\"");
    put(PICK(random, pieces));
    put("&#9;\"");
  }
}

static void put_content(uint64_t *random) {
  for (uint64_t n = test_random(random) % 4; n > 0; n--) {
    put(PICK(random, pieces));
  }
  if (test_random(random) % 6 == 0) {
    put("<![CDATA[<&>]]>");
  }
}

static void put_element(uint64_t *random) {
  const char *open[DEEPEST];
  const char *with[DEEPEST];
  size_t depth = 0;
  text_n = 0;
  do {
    if (depth < DEEPEST && (depth == 0 || (test_random(random) % 2 == 0 && text_n < 4000))) {
      open[depth] = PICK(random, names);
      with[depth] = test_random(random) % 3 == 0 ? "p:" : "";
      put_start(random, open[depth], with[depth]);
      if (depth == 0) {
        put(" xmlns:top='urn:top' xmlns:q='urn:q'");
      } else if (test_random(random) % 3 == 0) {
        put(" q:l=\"'\"");
      }
      depth++;
      put(">");
    } else {
      depth--;
      put("</");
      put(with[depth]);
      put(open[depth]);
      put(">");
    }
    if (depth > 0) {
      put_content(random);
    }
  } while (depth > 0);
}

static xmlChar *canonical(stox_span document_text) {
  xmlChar *out = NULL;
  xmlDocPtr document = xmlReadMemory(document_text.p, (int)document_text.n, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOENT);
  assert_non_null(document);
  assert_true(xmlC14NDocDumpMemory(document, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &out) >= 0);
  xmlFreeDoc(document);
  return out;
}

static void check_same(stox_span a, stox_span b) {
  xmlChar *before = canonical(a);
  xmlChar *after = canonical(b);
  assert_string_equal((const char *)before, (const char *)after);
  xmlFree(before);
  xmlFree(after);
}

static stox_span write_element(char *memory, const stox_xml_element *element) {
  stox_buf out;
  stox_buf_init(&out, memory, 4 * LARGEST);
  assert_status(stox_xml_write(&out, element, S("")), STOX_OK);
  return stox_buf_span(&out);
}

/* A child that went out on its own is, in another document, the child that it was. */
static void check_children(stox_arena *arena, const stox_xml_element *element) {
  static char first[4 * LARGEST];
  static char second[4 * LARGEST];
  const stox_xml_element *child = stox_xml_child(element, NULL, NULL, NULL);
  for (; child != NULL; child = stox_xml_child(element, NULL, NULL, child)) {
    char *wrapped = first;
    memcpy(wrapped, "<s>", 3);
    const stox_span alone = write_element(first + 3, child);
    const stox_xml_element *again = xml_child_of_stream(arena, (stox_span){wrapped, alone.n + 3});
    check_same(alone, write_element(second, again));
    assert_span_equal(stox_xml_name(again), stox_xml_name(child));
    assert_span_equal(stox_xml_ns(again), stox_xml_ns(child));
  }
}

static void test_written_is_read(void **state) {
  (void)state;
  static char stream[LARGEST + 8];
  static char written[4 * LARGEST];
  static xml_run whole;
  static xml_run cut;
  uint64_t random = 20;
  for (int round = 0; round < ROUNDS; round++) {
    stox_arena arena;
    stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
    put_element(&random);
    const int n = snprintf(stream, sizeof stream, "<s>%s</s>", text);
    const stox_span all = {stream, (size_t)n};
    const stox_xml_element *element = xml_child_of_stream(&arena, all);
    check_same((stox_span){text, text_n}, write_element(written, element));
    check_children(&arena, element);
    stox_arena_clear(&arena);
    xml_run_stream(&whole, all, 0, NULL);
    xml_run_stream(&cut, all, 1 + test_random(&random) % (all.n - 1), NULL);
    assert_status(whole.status, STOX_OK);
    assert_string_equal(whole.text, cut.text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_written_is_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
