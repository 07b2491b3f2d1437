/* SPDX-License-Identifier: MIT */
/* The maps of names and data: what every kernel of this machine gives is what the definition gives,
 * octet by octet, at every length and alignment and over more than a window. */
#include "xml/marks.h"
#include "xml_support.h"

#include "stox/xml.h"

static const int wanted[] = {STOX_XML_KERNEL_SCALAR, STOX_XML_KERNEL_SSE2, STOX_XML_KERNEL_NEON,
                             STOX_XML_KERNEL_AVX2, STOX_XML_KERNEL_BEST};

static int ends_name(char c) {
  const int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return !(is_letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_');
}

static int ends_data(char c) {
  const unsigned char octet = (unsigned char)c;
  return octet < 0x20 || octet >= 0x80 || strchr("<>&\"'", c) != NULL;
}

static size_t next_name(stox_span text, size_t at) {
  const size_t from = at;
  while (at < text.n && !ends_name(text.p[at])) {
    at++;
  }
  return at - from > XML_MARKS_BITS ? text.n : at;
}

static size_t next_data(stox_span text, size_t at) {
  while (at < text.n && !ends_data(text.p[at])) {
    at++;
  }
  return at;
}

/* Asks as a parser does: behind what was found last, for one or the other. */
static void look(stox_span text, size_t from, int kernel) {
  for (size_t turn = 0; turn < 3; turn++) {
    xml_marks marks;
    marks.kernel = xml_marks_choose(kernel);
    xml_marks_begin(&marks, text, from);
    size_t i = turn;
    for (size_t at = from; at < text.n; i++) {
      const int is_name = i % 3 != 0;
      const size_t found = is_name ? xml_marks_name(&marks, at) : xml_marks_data(&marks, at);
      assert_int_equal(found, is_name ? next_name(text, at) : next_data(text, at));
      at = i % 7 == 0 ? found : found + 1;
    }
  }
}

static void test_every_octet(void **state) {
  (void)state;
  char octets[256];
  for (size_t i = 0; i < sizeof octets; i++) {
    octets[i] = (char)i;
  }
  for (size_t k = 0; k < COUNT(wanted); k++) {
    look((stox_span){octets, sizeof octets}, 0, wanted[k]);
  }
}

/* Mostly plain, so that runs cross words. */
static void fill(char *p, size_t n, uint64_t *random) {
  for (size_t i = 0; i < n; i++) {
    const uint64_t draw = test_random(random);
    p[i] = draw % 37 == 0 ? (char)(draw >> 8) : 'a';
  }
}

/* The copy ends at a page that cannot be read. */
static void test_every_length_and_alignment(void **state) {
  (void)state;
  char octets[330];
  uint64_t random = 5;
  for (size_t n = 0; n < sizeof octets; n++) {
    fill(octets, n, &random);
    guard g = guard_copy((stox_span){octets, n});
    for (size_t k = 0; k < COUNT(wanted); k++) {
      look(g.span, 0, wanted[k]);
      look(g.span, n / 2, wanted[k]);
      look(g.span, n - n / 17, wanted[k]);
    }
    guard_free(&g);
  }
}

static void test_more_than_a_window(void **state) {
  (void)state;
  enum { N = 5000 };
  static char octets[N];
  uint64_t random = 9;
  for (size_t k = 0; k < COUNT(wanted); k++) {
    fill(octets, N, &random);
    look((stox_span){octets, N}, 0, wanted[k]);
    memset(octets, 'a', N);
    look((stox_span){octets, N}, 0, wanted[k]);
    octets[N - 1] = '<';
    look((stox_span){octets, N}, 70, wanted[k]);
  }
}

static void test_a_machine_has_what_it_chooses(void **state) {
  (void)state;
  assert_true(xml_marks_choose(STOX_XML_KERNEL_SCALAR) == xml_marks_scalar);
  assert_true(xml_marks_choose(99) == xml_marks_choose(STOX_XML_KERNEL_BEST));
  for (size_t k = 0; k < COUNT(wanted); k++) {
    assert_non_null(xml_marks_choose(wanted[k]));
  }
}

/* What is passed octet by octet, such as letters above ASCII, may be longer than a window. */
static void test_long_runs_above_ascii(void **state) {
  (void)state;
  static char stream[8192];
  stox_buf buf;
  stox_buf_init(&buf, stream, sizeof stream);
  (void)stox_buf_put_text(&buf,
                          "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='a'><m a='");
  for (size_t i = 0; i < 1500; i++) {
    (void)stox_buf_put_text(&buf, i == 750 ? "'><b>" : "\xC3\xBC");
  }
  (void)stox_buf_put_text(&buf, "</b></m>");
  const stox_span text = stox_buf_span(&buf);
  for (size_t cut = 1; cut < text.n; cut += 7) {
    xml_run run = {.n = 0};
    stox_xml_options options;
    stox_xml_reader *reader = NULL;
    assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
    assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
    guard first = guard_copy(stox_span_slice(text, 0, cut));
    guard rest = guard_copy(stox_span_slice(text, cut, text.n));
    xml_run_piece(&run, reader, first.span);
    xml_run_piece(&run, reader, rest.span);
    assert_status(run.status, STOX_OK);
    assert_int_equal(stox_span_find((stox_span){run.text, run.n}, 'E') < run.n, 1);
    guard_free(&first);
    guard_free(&rest);
    stox_xml_reader_del(reader);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_octet),
      cmocka_unit_test(test_every_length_and_alignment),
      cmocka_unit_test(test_more_than_a_window),
      cmocka_unit_test(test_a_machine_has_what_it_chooses),
      cmocka_unit_test(test_long_runs_above_ascii),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
