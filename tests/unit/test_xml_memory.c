/* SPDX-License-Identifier: MIT */
/* What a reader holds, and what a tree takes. */
#include "xml_support.h"

#include "stox/xml.h"

static char memory[1 << 16];

static stox_xml_reader *make_reader(failing *f, stox_allocator *alloc) {
  stox_xml_reader *reader = NULL;
  stox_xml_options options;
  *f = (failing){0, 0, 0};
  *alloc = failing_allocator(f);
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.alloc = alloc;
  assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
  return reader;
}

/* One event into `memory`; the octets that its tree takes. */
static size_t read_event(stox_xml_reader *reader, stox_span text, int wanted) {
  stox_arena arena;
  size_t consumed = 0;
  int kind = 0;
  const stox_xml_element *element = NULL;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_xml_feed(reader, &consumed, text, NULL), STOX_OK);
  assert_int_equal(consumed, text.n);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  assert_int_equal(kind, wanted);
  return arena.used;
}

/* A stanza that never ends costs its limit. */
static void test_budget(void **state) {
  (void)state;
  static char flood[1 << 16];
  static xml_run run;
  failing f;
  stox_allocator alloc;
  stox_xml_reader *reader = make_reader(&f, &alloc);
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
  assert_int_equal(f.live, 0);
}

/* Names of the sender's choice, in one stream, for ever: nothing is kept of them, and a stanza of
 * common size needs no memory that the one before did not need. */
static void test_fresh_names(void **state) {
  (void)state;
  failing f;
  stox_allocator alloc;
  stox_xml_reader *reader = make_reader(&f, &alloc);
  (void)read_event(reader, S("<s xmlns='u' xmlns:p='v'>"), STOX_XML_STREAM_OPEN);
  size_t live = 0;
  size_t calls = 0;
  for (unsigned i = 0; i < 20000; i++) {
    char text[128];
    const int n =
        snprintf(text, sizeof text, "<b%x p:c%x='d%x' xmlns:e%x='f%x'>g</b%x>", i, i, i, i, i, i);
    (void)read_event(reader, (stox_span){text, (size_t)n}, STOX_XML_ELEMENT);
    if (i == 0) {
      live = f.live;
      calls = f.calls;
    }
  }
  assert_int_equal(f.live, live);
  assert_int_equal(f.calls, calls);
  stox_xml_reader_del(reader);
}

/* What is kept between events, whatever the event was. */
static void test_idle(void **state) {
  (void)state;
  static char text[60000];
  failing f;
  stox_allocator alloc;
  stox_xml_reader *reader = make_reader(&f, &alloc);
  (void)read_event(reader,
                   S("<stream:stream xmlns='jabber:server' "
                     "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='"
                     "jabber:server:dialback' from='a.example' to='b.example' version='1.0'>"),
                   STOX_XML_STREAM_OPEN);
  assert_in_range(f.live, 1, 4096);
  (void)read_event(reader, S("<message to='a'><body>b</body></message>"), STOX_XML_ELEMENT);
  assert_in_range(f.live, 1, 4096);
  memset(text, 'x', sizeof text);
  memcpy(text, "<a b='", 6);
  memcpy(text + sizeof text - 3, "'/>", 3);
  (void)read_event(reader, (stox_span){text, sizeof text}, STOX_XML_ELEMENT);
  assert_in_range(f.live, 1, 12288);
  stox_xml_reader_del(reader);
}

/* Beside the octets that were read: 24 for an element, 16 for each attribute, declaration and text,
 * 16 for the whole. */
static void test_sizes(void **state) {
  (void)state;
  const struct {
    stox_span text;
    size_t beside;
  } rows[] = {
      {ROW("<a/>"), 16 + 24},
      {ROW("<a></a>"), 16 + 24},
      {ROW("<a b='1'/>"), 16 + 24 + 16},
      {ROW("<a b='1' c='2' xmlns='d'/>"), 16 + 24 + 3 * 16},
      {ROW("<a>b</a>"), 16 + 24 + 16},
      {ROW("<a>b<c/>&amp;<d><e/></d></a>"), 16 + 4 * 24 + 2 * 16},
  };
  failing f;
  stox_allocator alloc;
  stox_xml_reader *reader = make_reader(&f, &alloc);
  (void)read_event(reader, S("<s>"), STOX_XML_STREAM_OPEN);
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(read_event(reader, rows[i].text, STOX_XML_ELEMENT),
                     rows[i].text.n + rows[i].beside);
  }
  stox_xml_reader_del(reader);
}

/* Of a stanza past the limit of attributes its start tag is kept, and no more. */
static void test_refused(void **state) {
  (void)state;
  static char text[200000];
  failing f;
  stox_allocator alloc;
  stox_xml_reader *reader = make_reader(&f, &alloc);
  (void)read_event(reader, S("<s>"), STOX_XML_STREAM_OPEN);
  size_t n = (size_t)snprintf(text, sizeof text, "<m a='1'><b");
  for (unsigned i = 0; n < sizeof text - 40; i++) {
    n += (size_t)snprintf(text + n, sizeof text - n, " c%u=''", i);
  }
  memcpy(text + n, "/></m>", 6);
  assert_int_equal(read_event(reader, (stox_span){text, n + 6}, STOX_XML_REFUSED),
                   16 + 24 + 16 + 9);
  (void)read_event(reader, S("<a/>"), STOX_XML_ELEMENT);
  stox_xml_reader_del(reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_budget),  cmocka_unit_test(test_fresh_names),
      cmocka_unit_test(test_idle),    cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
