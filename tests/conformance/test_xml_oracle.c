/* SPDX-License-Identifier: MIT */
/* libxml2 as the oracle of our reader: over all vectors, and over the examples of others where they
 * are at hand, an element that one of them takes the other takes as well, and it is the same:
 * "XC-11.3-03". */
#include "xml_support.h"

#include "stox/xml_document.h"

#include <dirent.h>
#include <sys/stat.h>

enum { LARGEST = 1 << 18, FOLDERS = 512, PATH = 512 };

typedef struct counts {
  size_t files;
  size_t same;    /* taken by both */
  size_t refused; /* by both */
  size_t outside; /* of XMPP's profile */
} counts;

static char octets[LARGEST];
static char first[4 * LARGEST];
static char second[4 * LARGEST];

static int is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The octets as a child of a stream's root. */
static int read_stream(const stox_xml_element **out, stox_arena *arena, stox_span text) {
  stox_xml_reader *reader = NULL;
  size_t consumed = 0;
  int kind = 0;
  assert_status(stox_xml_reader_new(&reader, NULL), STOX_OK);
  assert_status(stox_xml_feed(reader, &consumed, S("<s>"), NULL), STOX_OK);
  assert_status(stox_xml_next(reader, arena, &kind, out), STOX_OK);
  int status = stox_xml_feed(reader, &consumed, text, NULL);
  if (status == STOX_OK) {
    assert_status(stox_xml_next(reader, arena, &kind, out), STOX_OK);
    status = kind == STOX_XML_ELEMENT ? STOX_OK : STOX_E_BAD_XML;
  }
  for (size_t i = consumed; i < text.n && status == STOX_OK; i++) {
    status = is_space(text.p[i]) ? STOX_OK : STOX_E_BAD_XML;
  }
  stox_xml_reader_del(reader);
  return status;
}

static stox_span write_element(char *room, const stox_xml_element *element) {
  stox_buf out;
  stox_buf_init(&out, room, sizeof first);
  assert_status(stox_xml_write(&out, element, S("")), STOX_OK);
  return stox_buf_span(&out);
}

static void compare(counts *c, stox_span text, const char *path) {
  const stox_xml_element *ours = NULL;
  const stox_xml_element *theirs = NULL;
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  const int our_status = read_stream(&ours, &arena, text);
  const int their_status = stox_xml_document_read(&theirs, &arena, text, NULL, NULL);
  if (our_status == STOX_E_RESTRICTED_XML) {
    c->outside++;
  } else if ((our_status == STOX_OK) != (their_status == STOX_OK)) {
    fail_msg("%s: %s, %s by libxml2", path, stox_status_name(our_status),
             stox_status_name(their_status));
  } else if (our_status == STOX_OK) {
    assert_span_equal(write_element(first, ours), write_element(second, theirs));
    c->same++;
  } else {
    c->refused++;
  }
  stox_arena_clear(&arena);
}

static void check_file(counts *c, const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  stox_span text = {octets, fread(octets, 1, sizeof octets, file)};
  (void)fclose(file);
  while (text.n > 0 && is_space(text.p[0])) {
    text = stox_span_slice(text, 1, text.n);
  }
  if (text.n > 0 && text.p[0] == '<' && text.n < sizeof octets) {
    c->files++;
    compare(c, text, path);
  }
}

/* All files below a folder; 0: there is none. */
static int check_below(counts *c, const char *folder) {
  static char folders[FOLDERS][PATH];
  size_t n = 1;
  DIR *found = opendir(folder);
  if (found == NULL) {
    return 0;
  }
  (void)closedir(found);
  (void)snprintf(folders[0], PATH, "%s", folder);
  for (size_t i = 0; i < n; i++) {
    DIR *open = opendir(folders[i]);
    assert_non_null(open);
    for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
      char path[2 * PATH];
      struct stat is;
      (void)snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
      if (entry->d_name[0] == '.' || stat(path, &is) != 0) {
        continue;
      }
      if (S_ISDIR(is.st_mode)) {
        assert_true(n < FOLDERS && strlen(path) < PATH);
        memcpy(folders[n++], path, strlen(path) + 1);
      } else {
        check_file(c, path);
      }
    }
    (void)closedir(open);
  }
  print_message("%s: %zu files: %zu the same, %zu refused, %zu outside\n", folder, c->files,
                c->same, c->refused, c->outside);
  return 1;
}

static void test_vectors(void **state) {
  (void)state;
  counts c = {0, 0, 0, 0};
  assert_true(check_below(&c, STOX_TEST_VECTORS));
  assert_true(c.same > 30);
}

static void test_examples(void **state) {
  (void)state;
  const char *const folders[] = {STOX_CORPORA "/xmpp-stanzas", STOX_CORPORA "/xep-examples",
                                 STOX_CORPORA "/xml-rfc",      STOX_CORPORA "/xml-attack",
                                 STOX_CORPORA "/cpim-imdn",    STOX_CORPORA "/caps"};
  size_t n = 0;
  for (size_t i = 0; i < COUNT(folders); i++) {
    counts c = {0, 0, 0, 0};
    n += (size_t)check_below(&c, folders[i]);
  }
  if (n == 0) {
    skip();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_examples),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
