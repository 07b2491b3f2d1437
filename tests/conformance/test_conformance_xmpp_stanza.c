/* SPDX-License-Identifier: MIT */
/* Stanzas of other implementations, where they are at hand: each goes from the client's namespace
 * to the server's, to a component's and back, and is canonically what it was ("XC-11.3-01",
 * "XC-11.2.2-03", "XC-11.2.2-09"). No comment, processing instruction or declaration is written,
 * and no entity but the five ("XC-11.1-01", "XC-11.1-02", "XC-11.1-03", "XC-11.1-04",
 * "XC-11.1-05"). */
#include "xml_support.h"

#include <dirent.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>

static void ignore(void *ud, const char *format, ...) {
  (void)ud, (void)format;
}

/* Exclusive canonical XML of a stanza in a namespace; NULL: it has no such form. The caller frees.
 */
static xmlChar *canonical(const char *ns, stox_span text) {
  static char whole[1 << 19];
  xmlChar *out = NULL;
  const int n = snprintf(whole, sizeof whole, "<s xmlns='%s'>%.*s</s>", ns, (int)text.n, text.p);
  assert_true(n > 0 && (size_t)n < sizeof whole);
  xmlSetGenericErrorFunc(NULL, ignore);
  xmlDocPtr document =
      xmlReadMemory(whole, n, NULL, NULL,
                    XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document != NULL) {
    (void)xmlC14NDocDumpMemory(document, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &out);
    xmlFreeDoc(document);
  }
  return out;
}

/* The stanza behind a root of a content namespace; 0: it is none. */
static int read_stanza(stox_stanza *out, stox_arena *arena, const char *ns, stox_span text) {
  char root[128];
  stox_xml_reader *reader = NULL;
  const stox_xml_element *element = NULL;
  int kind = 0;
  size_t consumed = 0;
  (void)snprintf(root, sizeof root, "<s xmlns='%s'>", ns);
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  assert_status(stox_xml_feed(reader, &consumed, stox_span_text(root), NULL), STOX_OK);
  assert_status(stox_xml_next(reader, arena, &kind, &element), STOX_OK);
  const int is_read = stox_xml_feed(reader, &consumed, text, NULL) == STOX_OK &&
                      stox_xml_next(reader, arena, &kind, &element) == STOX_OK &&
                      kind == STOX_XML_ELEMENT && consumed == text.n &&
                      stox_stanza_read(out, element, S("en")) != STOX_E_NONE &&
                      stox_span_is_equal(out->ns, stox_span_text(ns));
  stox_xml_reader_del(reader);
  return is_read;
}

static const char client[] = "jabber:client";

static void check_generated(stox_span text) {
  static const char *const names[] = {"amp;", "lt;", "gt;", "apos;", "quot;"};
  for (size_t i = 0; i < text.n; i++) {
    const stox_span rest = stox_span_slice(text, i + 1, text.n);
    if (text.p[i] == '<') {
      assert_true(rest.n > 0 && rest.p[0] != '!' && rest.p[0] != '?');
    }
    int known = text.p[i] != '&' || (rest.n > 0 && rest.p[0] == '#');
    for (size_t k = 0; k < COUNT(names); k++) {
      known |=
          stox_span_is_equal(stox_span_slice(rest, 0, strlen(names[k])), stox_span_text(names[k]));
    }
    assert_true(known);
  }
}

/* 1: it is a stanza, and comes back as it was. */
static int check_round(stox_span text) {
  static char rooms[3][1 << 18];
  static const char *const ways[] = {"jabber:server", "jabber:component:accept", client};
  stox_arena arena;
  stox_stanza stanza;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  int is_stanza = read_stanza(&stanza, &arena, client, text);
  stox_buf out = {NULL, 0, 0};
  for (size_t i = 0; i < COUNT(ways) && is_stanza; i++) {
    stox_buf_init(&out, rooms[i], sizeof rooms[i]);
    assert_status(stox_stanza_write(&out, &stanza, stox_span_text(ways[i]), S("en")), STOX_OK);
    check_generated(stox_buf_span(&out));
    assert_true(read_stanza(&stanza, &arena, ways[i], stox_buf_span(&out)));
  }
  xmlChar *before = is_stanza ? canonical(client, text) : NULL;
  is_stanza = before != NULL;
  if (is_stanza) {
    xmlChar *after = canonical(client, stox_buf_span(&out));
    assert_non_null(after);
    assert_string_equal((const char *)before, (const char *)after);
    xmlFree(after);
  }
  xmlFree(before);
  stox_arena_clear(&arena);
  return is_stanza;
}

static size_t check_folder(const char *folder) {
  static char text[1 << 18];
  size_t stanzas = 0;
  DIR *dir = opendir(folder);
  for (struct dirent *e = dir == NULL ? NULL : readdir(dir); e != NULL; e = readdir(dir)) {
    char path[4096];
    const size_t n = strlen(e->d_name);
    (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    if (e->d_name[0] != '.' && n > 4 && strcmp(e->d_name + n - 4, ".xml") == 0) {
      FILE *file = fopen(path, "rb");
      assert_non_null(file);
      const stox_span whole = {text, fread(text, 1, sizeof text, file)};
      (void)fclose(file);
      stanzas += (size_t)check_round(stox_span_trim(whole));
    }
  }
  if (dir != NULL) {
    (void)closedir(dir);
  }
  return stanzas;
}

static void test_corpora(void **state) {
  (void)state;
  static const char *const roots[] = {STOX_CORPORA "/xep-examples", STOX_CORPORA "/xmpp-stanzas"};
  size_t stanzas = 0;
  for (size_t i = 0; i < COUNT(roots); i++) {
    DIR *dir = opendir(roots[i]);
    if (dir == NULL) {
      skip();
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
      char path[2048];
      (void)snprintf(path, sizeof path, "%s/%s", roots[i], e->d_name);
      stanzas += e->d_name[0] == '.' ? 0 : check_folder(path);
    }
    (void)closedir(dir);
  }
  (void)printf("%zu stanzas\n", stanzas);
  assert_true(stanzas > 1000);
}

static void test_known(void **state) {
  (void)state;
  assert_true(
      check_round(S("<message to='a'><body>&lt;&amp;&gt;&apos;&quot;]]&gt;</body></message>")));
  assert_true(
      check_round(S("<iq type='set' id='1' xmlns:p='urn:p' p:a='&quot;&apos;'><p:q/></iq>")));
  assert_false(check_round(S("<x/>")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known),
      cmocka_unit_test(test_corpora),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
