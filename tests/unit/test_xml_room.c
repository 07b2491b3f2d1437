/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/xml.h"

/* Memory that ends where an unreadable page begins, so that one octet too many is seen. */

enum { BLOCK_MAX = 1 << 16 };

static void *block_of(size_t n) {
  const size_t rounded = (n + 7) & ~(size_t)7; /* as aligned as any node has to be */
  char *map = mmap(NULL, (size_t)BLOCK_MAX + 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(map != MAP_FAILED && rounded <= BLOCK_MAX);
  assert_int_equal(mprotect(map + BLOCK_MAX, 4096, PROT_NONE), 0);
  return map + BLOCK_MAX - rounded;
}

static void *guarded_resize(void *ud, void *p, size_t old_n, size_t new_n) {
  void *made = new_n == 0 ? NULL : block_of(new_n);
  (void)ud;
  if (p != NULL) {
    if (made != NULL) {
      memcpy(made, p, old_n < new_n ? old_n : new_n);
    }
    const size_t rounded = (old_n + 7) & ~(size_t)7;
    (void)munmap((char *)p + rounded - BLOCK_MAX, (size_t)BLOCK_MAX + 4096);
  }
  return made;
}

static const stox_allocator guarded = {sizeof(stox_allocator), NULL, guarded_resize};

static void feed(stox_xml_reader *reader, stox_span bytes, int want) {
  size_t consumed = 0;
  assert_status(stox_xml_feed(reader, &consumed, bytes, NULL), want);
  assert_int_equal(consumed, bytes.n);
}

/* A stanza whose pieces begin behind the '<' of each child, or at it. */
static void check(size_t children, const char *child, size_t cut) {
  stox_xml_reader *reader = NULL;
  stox_xml_options options;
  stox_arena arena;
  const stox_xml_element *element = NULL;
  int kind = 0;
  const stox_span one = stox_span_text(child);
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.alloc = &guarded;
  assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  feed(reader,
       S("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"),
       STOX_OK);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  feed(reader, S("<message>"), STOX_E_MORE);
  feed(reader, stox_span_slice(one, 0, cut), STOX_E_MORE);
  for (size_t i = 0; i < children; i++) {
    char piece[256];
    const int n = snprintf(piece, sizeof piece, "%s%.*s", child + cut, (int)cut, child);
    feed(reader, (stox_span){piece, (size_t)n}, STOX_E_MORE);
  }
  feed(reader, stox_span_slice(one, cut, one.n), STOX_E_MORE);
  feed(reader, S("</message>"), STOX_OK);
  assert_status(stox_xml_next(reader, &arena, &kind, &element), STOX_OK);
  size_t n = 0;
  stox_xml_node node = {0};
  for (int status = stox_xml_first_node(&node, element); status == STOX_OK;
       status = stox_xml_next_node(&node)) {
    n += node.kind == STOX_XML_NODE_ELEMENT;
  }
  assert_int_equal(n, children + 1);
  stox_arena_clear(&arena);
  stox_xml_reader_del(reader);
}

static void test_room(void **state) {
  (void)state;
  static const char *const texts[] = {
      "<bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/>",
      "<bbbbbbbbbbbbb cc='dddd' eeeee='ffff'/>",
      "<bbbbbbbbbbbbbbb>text of some length</bbbbbbbbbbbbbbb>",
      "some text <bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/>",
  };
  for (size_t i = 0; i < COUNT(texts); i++) {
    for (size_t children = 0; children < 70; children++) {
      const size_t lt = stox_span_find(stox_span_text(texts[i]), '<');
      check(children, texts[i], lt);
      check(children, texts[i], lt + 1);
      check(children, texts[i], lt + 3);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_room)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
