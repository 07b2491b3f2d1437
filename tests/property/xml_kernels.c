/* SPDX-License-Identifier: MIT */
/* Random streams, half of them broken at one octet: every kernel of this machine and every way of
 * cutting gives what the scalar kernel gives of the whole. Names, values and texts are of all
 * lengths, so that they end everywhere in the window of maps and behind it. */
#include "xml_support.h"

#include "stox/xml.h"

enum { ROUNDS = 1500, LARGEST = 9000, DEEPEST = 12 };

static char text[2 * LARGEST];
static size_t text_n;
static uint64_t seed = 41;

static size_t draw(size_t below) {
  return (size_t)(test_random(&seed) % below);
}

static void put_n(const char *p, size_t n) {
  assert_true(n < sizeof text - text_n);
  memcpy(text + text_n, p, n);
  text_n += n;
}

static void put(const char *p) {
  put_n(p, strlen(p));
}

/* Mostly short, seldom longer than what is seen at once. */
static size_t length(void) {
  static const size_t below[] = {4, 12, 12, 30, 70, 200, 2000};
  return 1 + draw(below[draw(COUNT(below))]);
}

static void put_pieces(const char *const *pieces, size_t n, size_t octets) {
  const size_t end = text_n + octets;
  const size_t kind = draw(n);
  while (text_n < end && text_n < LARGEST) {
    put(draw(9) == 0 ? pieces[draw(n)] : pieces[kind]);
  }
}

static void put_data(int in_value) {
  static const char *const pieces[] = {"a",      " ",      "word", "\xc3\xa9", "\xe9\x82\xa3",
                                       "&amp;",  "&#x41;", "\n",   "it",       "\xf0\x9f\x98\x80",
                                       "&#0065;"};
  static const char *const marks[] = {"\"", ">", "]", "\r\n", "\t", "<![CDATA[<]]>", "'"};
  put_pieces(pieces, COUNT(pieces), length());
  if (draw(3) == 0) {
    put(marks[draw(in_value ? 5 : 7)]);
    put_pieces(pieces, COUNT(pieces), length());
  }
}

/* A name of 20 kinds, the same each time. */
static void put_name(size_t kind) {
  static const char letters[] = "abcdefghijklmnopqrst";
  char name[256];
  const size_t n = kind % 5 == 0 ? 40 + kind * 10 : 1 + kind;
  memset(name, letters[kind], sizeof name);
  if (kind % 7 == 3) {
    put("p:");
  }
  put_n(name, n);
}

static void put_start(size_t kind) {
  put("<");
  put_name(kind);
  if (draw(4) == 0) {
    put(draw(2) == 0 ? " xmlns='u'" : " xmlns:p='w'");
  }
  const size_t first = draw(20);
  for (size_t i = 0, n = draw(3) == 0 ? draw(20) : draw(4); i < n; i++) {
    put(draw(8) == 0 ? " \n" : " ");
    put_name((first + i) % 20);
    put("='");
    put_data(1);
    put("'");
  }
  put(draw(9) == 0 ? " " : "");
}

static void put_stanza(void) {
  size_t open[DEEPEST];
  size_t depth = 0;
  do {
    if (depth < DEEPEST && text_n < LARGEST && (depth == 0 || draw(2) == 0)) {
      open[depth] = draw(20);
      put_start(open[depth++]);
      put(">");
    } else if (draw(4) == 0 && text_n < LARGEST) {
      put_start(draw(20));
      put("/>");
    } else {
      put("</");
      put_name(open[--depth]);
      put(draw(30) == 0 ? " >" : ">");
    }
    if (depth > 0 && draw(3) > 0) {
      put_data(0);
    }
  } while (depth > 0);
}

static void put_stream(void) {
  text_n = 0;
  put("<s xmlns='u' xmlns:p='v'>");
  for (size_t n = 1 + draw(4); n > 0 && text_n < LARGEST; n--) {
    put_stanza();
  }
  if (draw(2) == 0) {
    static const char breaks[] = "<>&'\" /=:\x80\xff\0]a";
    text[draw(text_n)] = breaks[draw(sizeof breaks - 1)];
  }
}

/* In pieces of up to `most` octets. */
static void run(xml_run *r, int kernel, size_t most) {
  stox_xml_reader *reader = NULL;
  stox_xml_options options;
  assert_status(stox_xml_options_init(&options, sizeof options), STOX_OK);
  options.kernel = kernel;
  assert_status(stox_xml_reader_new(&reader, &options), STOX_OK);
  r->n = 0;
  r->status = STOX_OK;
  r->diag = (stox_diag){0, 0, 0, NULL};
  for (size_t at = 0; at < text_n;) {
    const size_t n = most == text_n ? most : 1 + draw(most);
    const stox_span piece = stox_span_slice((stox_span){text, text_n}, at, n);
    xml_run_piece(r, reader, piece);
    at += piece.n;
  }
  stox_xml_reader_del(reader);
  xml_run_end(r);
}

static void test_all_are_alike(void **state) {
  (void)state;
  static const int kernels[] = {STOX_XML_KERNEL_SCALAR, STOX_XML_KERNEL_SSE2, STOX_XML_KERNEL_NEON,
                                STOX_XML_KERNEL_AVX2};
  static xml_run want;
  static xml_run got;
  size_t good = 0;
  for (size_t round = 0; round < ROUNDS; round++) {
    put_stream();
    run(&want, STOX_XML_KERNEL_SCALAR, text_n);
    const size_t pieces[] = {text_n, 1, 40, 700, 3000};
    for (size_t k = 0; k < COUNT(pieces); k++) {
      run(&got, kernels[(round + k) % COUNT(kernels)], pieces[k]);
      assert_string_equal(got.text, want.text);
      assert_int_equal(got.diag.offset, want.diag.offset);
    }
    good += want.status >= STOX_E_MORE;
  }
  print_message("%zu streams of %d were good\n", good, ROUNDS);
  assert_true(good > ROUNDS / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_are_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
