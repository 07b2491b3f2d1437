/* SPDX-License-Identifier: MIT */
/* Runs of plain octets: what the machine's version gives is what the scalar loop gives, at every
 * length and alignment, with each octet where the run ends. */
#include "support.h"
#include "xml/runs.h"

typedef size_t run_fn(const char *p, size_t at, size_t n);

static const struct {
  run_fn *run;
  unsigned class;
  const char *stops; /* of ASCII from SP on */
} kinds[] = {
    {xml_run_data, XML_CLASS_DATA, "<>&\"'"},
    {xml_run_name, XML_CLASS_NAME, " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~\x7f"},
};

/* The classes, from their definition. */
static int is_plain(size_t kind, unsigned char c) {
  return c >= 0x20 && c < 0x80 && strchr(kinds[kind].stops, c) == NULL;
}

static void test_every_octet(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT(kinds); k++) {
    for (unsigned c = 0; c < 256; c++) {
      char text[33];
      for (size_t at = 0; at < sizeof text; at++) {
        memset(text, 'a', sizeof text);
        text[at] = (char)c;
        const size_t want = is_plain(k, (unsigned char)c) ? sizeof text : at;
        assert_int_equal(kinds[k].run(text, 0, sizeof text), want);
        assert_int_equal(xml_run_scalar(text, 0, sizeof text, kinds[k].class), want);
      }
    }
  }
}

/* The copy ends at a page that cannot be read. */
static void test_every_length_and_alignment(void **state) {
  (void)state;
  uint64_t random = 3;
  for (size_t n = 0; n < 100; n++) {
    char text[100];
    for (size_t i = 0; i < n; i++) {
      const uint64_t draw = test_random(&random);
      text[i] = draw % 29 == 0 ? (char)(draw >> 8) : 'b';
    }
    guard g = guard_copy((stox_span){text, n});
    for (size_t k = 0; k < COUNT(kinds); k++) {
      for (size_t at = 0; at <= n; at++) {
        assert_int_equal(kinds[k].run(g.span.p, at, n),
                         xml_run_scalar(g.span.p, at, n, kinds[k].class));
      }
    }
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_octet),
      cmocka_unit_test(test_every_length_and_alignment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
