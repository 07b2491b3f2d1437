/* SPDX-License-Identifier: MIT */
/* Streams and documents that others made to break readers, where they are at hand. */
#include "xml_support.h"

#include "stox/xml.h"

static char stream_text[1 << 16];

/* Undoes \n, \r, \t, \\ and \xNN. */
static stox_span unescape(char *text) {
  size_t n = 0;
  for (char *p = text; *p != '\0' && *p != '\t'; n++) {
    unsigned octet = 0;
    if (p[0] == '\\' && p[1] == 'x' && sscanf(p + 2, "%2x", &octet) == 1) {
      stream_text[n] = (char)octet;
      p += 4;
    } else if (p[0] == '\\') {
      const char *letters = "nrt";
      const char *found = strchr(letters, p[1]);
      stream_text[n] = found == NULL || p[1] == '\0' ? p[1] : "\n\r\t"[found - letters];
      p += 2;
    } else {
      stream_text[n] = *p++;
    }
  }
  return (stox_span){stream_text, n};
}

static const char *field_of(const char *line, int index) {
  for (; index > 0 && line != NULL; index--) {
    line = strchr(line, '\t');
    line = line == NULL ? NULL : line + 1;
  }
  return line == NULL ? "" : line;
}

static void check_line(char *line) {
  static xml_run run;
  const char *expected = field_of(line, 1);
  /* The name and namespace of a root are the session's business. */
  if (strncmp(field_of(line, 3), "wrong", 5) == 0) {
    return;
  }
  const stox_span stream = unescape(line);
  const size_t splits[] = {0, stream.n / 2, SIZE_MAX};
  for (size_t i = 0; i < COUNT(splits); i++) {
    xml_run_stream(&run, stream, splits[i], NULL);
    const int is_read = run.status == STOX_OK || run.status == STOX_E_MORE;
    if (is_read != (strncmp(expected, "accept", 6) == 0)) {
      fail_msg("%.*s: %s", (int)stream.n, stream.p, run.text);
    }
    if (strncmp(expected, "reject restricted-xml", 21) == 0) {
      assert_status(run.status, STOX_E_RESTRICTED_XML);
    }
    if (strncmp(expected, "reject unsupported-encoding", 27) == 0) {
      assert_status(run.status, STOX_E_UNSUPPORTED);
    }
  }
}

static void test_streams(void **state) {
  (void)state;
  FILE *file = fopen(STOX_CORPORA "/xml-attack/stream-cases.tsv", "rb");
  static char line[1 << 16];
  size_t lines = 0;
  if (file == NULL) {
    skip();
  }
  assert_non_null(fgets(line, sizeof line, file));
  while (fgets(line, sizeof line, file) != NULL) {
    check_line(line);
    lines++;
  }
  (void)fclose(file);
  assert_true(lines > 0);
}

/* Bombs, external entities and the like: all begin with a DTD, and end there. */
static void test_documents(void **state) {
  (void)state;
  static const char *const names[] = {"cyclic",    "dtd",     "external", "external_file",
                                      "quadratic", "xmlbomb", "xmlbomb2", "dtd_element"};
  static xml_run run;
  size_t files = 0;
  for (size_t i = 0; i < COUNT(names); i++) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/xml-attack/defusedxml/%s.xml", STOX_CORPORA, names[i]);
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
      const size_t n = fread(stream_text, 1, sizeof stream_text, file);
      (void)fclose(file);
      xml_run_stream(&run, (stox_span){stream_text, n}, 0, NULL);
      assert_string_equal(run.text, "!RESTRICTED_XML");
      files++;
    }
  }
  if (files == 0) {
    skip();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_streams),
      cmocka_unit_test(test_documents),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
