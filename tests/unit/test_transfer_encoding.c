/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "writers.h"

#include "stox/transfer_encoding.h"

enum { SEVEN = STOX_TRANSFER_7BIT, EIGHT = STOX_TRANSFER_8BIT, BINARY = STOX_TRANSFER_BINARY };
enum { QUOTED = STOX_TRANSFER_QUOTED_PRINTABLE, BASE64 = STOX_TRANSFER_BASE64 };

#define X18 "aaaaaaaaaaaaaaaaaa"
#define X72 X18 X18 X18 X18
#define B64 "AAAAAAAAAAAAAAAA"
#define B76 B64 B64 B64 B64 "AAAAAAAAAAAA"

/* Decodes in two pieces, cut at `cut`. */
static int decode_cut(stox_buf *out, int encoding, stox_span text, int lenient, size_t cut) {
  stox_transfer decoder;
  const size_t before = out->len;
  assert_status(stox_transfer_init(&decoder, encoding, lenient), STOX_OK);
  int status = stox_transfer_feed(out, &decoder, stox_span_slice(text, 0, cut), NULL);
  if (status == STOX_OK) {
    status = stox_transfer_feed(out, &decoder, stox_span_slice(text, cut, text.n), NULL);
  }
  if (status == STOX_OK) {
    status = stox_transfer_end(out, &decoder, NULL);
  } else {
    assert_status(stox_transfer_end(out, &decoder, NULL), status);
  }
  out->len = status == STOX_OK ? out->len : before;
  return status;
}

static void check_decoded(int encoding, stox_span text, int lenient, int status, stox_span want) {
  guard g = guard_copy(text);
  for (size_t cut = 0; cut <= text.n; cut++) {
    char room[256];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(decode_cut(&out, encoding, g.span, lenient, cut), status);
    if (status == STOX_OK) {
      assert_span_equal(stox_buf_span(&out), want);
    }
  }
  guard_free(&g);
}

/* What a composer may make, at every split point. */
static void test_decoded(void **state) {
  (void)state;
  static const struct row {
    int encoding;
    stox_span text;
    stox_span want;
  } rows[] = {
      {SEVEN, ROW(""), ROW("")},
      {SEVEN, ROW("a\r\n\r\n\001\177b"), ROW("a\r\n\r\n\001\177b")},
      {EIGHT, ROW("\303\251\r\n"), ROW("\303\251\r\n")},
      {BINARY, ROW("\r\0\n\377"), ROW("\r\0\n\377")},
      {QUOTED, ROW(""), ROW("")},
      {QUOTED, ROW("a b=3Dc"), ROW("a b=c")},
      {QUOTED, ROW("=C3=A9=0D=0A=00"), ROW("\303\251\r\n\0")},
      {QUOTED, ROW("a\r\n\r\nb\r\n"), ROW("a\r\n\r\nb\r\n")},
      /* RFC 2045 6.7 (5), its own example */
      {QUOTED, ROW("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country."),
       ROW("Now's the time for all folk to come to the aid of their country.")},
      {QUOTED, ROW("a=20\r\nb=09\r\n"), ROW("a \r\nb\t\r\n")},
      {QUOTED, ROW("a \t\r\nb \t"), ROW("a\r\nb")},
      {QUOTED, ROW("a= \t\r\nb"), ROW("ab")},
      {QUOTED, ROW("a =\r\n"), ROW("a ")},
      {QUOTED, ROW(X72 "1234"), ROW(X72 "1234")},
      {QUOTED, ROW(X72 "123=\r\n4"), ROW(X72 "1234")},
      {QUOTED, ROW(X72 "=41\r\n" X72), ROW(X72 "A\r\n" X72)},
      {QUOTED, ROW(X72 "1234      \r\n"), ROW(X72 "1234\r\n")},
      {BASE64, ROW(""), ROW("")},
      {BASE64, ROW("Zg=="), ROW("f")},
      {BASE64, ROW("Zm8="), ROW("fo")},
      {BASE64, ROW("Zm9v"), ROW("foo")},
      {BASE64, ROW("Zm9vYmFy\r\n"), ROW("foobar")},
      {BASE64, ROW("Zm\r\n9vYg\r\n=="), ROW("foob")},
      {BASE64, ROW("+/+/\r\n\r\n"), ROW("\373\377\277")},
      {BASE64, ROW(B76),
       ROW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_decoded(rows[i].encoding, rows[i].text, 0, STOX_OK, rows[i].want);
    check_decoded(rows[i].encoding, rows[i].text, 1, STOX_OK, rows[i].want);
    stox_transfer decoder;
    char room[256];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_transfer_init(&decoder, rows[i].encoding, 1), STOX_OK);
    assert_status(stox_transfer_feed(&out, &decoder, rows[i].text, NULL), STOX_OK);
    assert_status(stox_transfer_end(&out, &decoder, NULL), STOX_OK);
    assert_int_equal(decoder.is_lenient, 0);
  }
}

/* Refused by strict at an octet, and what lenient makes of it. */
static void test_refused(void **state) {
  (void)state;
  static const struct row {
    int encoding;
    stox_span text;
    int status;
    size_t offset;
    stox_span want;
  } rows[] = {
      {SEVEN, ROW("a\0b"), STOX_E_CTRL, 1, ROW("a\0b")},
      {SEVEN, ROW("a\200"), STOX_E_BAD_BODY, 1, ROW("a\200")},
      {SEVEN, ROW("a\nb"), STOX_E_CTRL, 1, ROW("a\nb")},
      {SEVEN, ROW("a\rb"), STOX_E_CTRL, 2, ROW("a\rb")},
      {EIGHT, ROW("a\r"), STOX_E_CTRL, 2, ROW("a\r")},
      {EIGHT, ROW("\0"), STOX_E_CTRL, 0, ROW("\0")},
      {QUOTED, ROW("a=3d"), STOX_E_BAD_BODY, 3, ROW("a=")},
      {QUOTED, ROW("a=d3"), STOX_E_BAD_BODY, 3, ROW("a\323")},
      {QUOTED, ROW("a=b"), STOX_E_BAD_BODY, 3, ROW("a=b")},
      {QUOTED, ROW("a=3"), STOX_E_BAD_BODY, 3, ROW("a=3")},
      {QUOTED, ROW("a=3x"), STOX_E_BAD_BODY, 3, ROW("a=3x")},
      {QUOTED, ROW("a=3=41"), STOX_E_BAD_BODY, 3, ROW("a=3A")},
      {QUOTED, ROW("==41"), STOX_E_BAD_BODY, 1, ROW("=A")},
      {QUOTED, ROW("a="), STOX_E_BAD_BODY, 2, ROW("a")},
      {QUOTED, ROW("a= "), STOX_E_BAD_BODY, 3, ROW("a")},
      {QUOTED, ROW("a= x"), STOX_E_BAD_BODY, 3, ROW("a= x")},
      {QUOTED, ROW("a=\r"), STOX_E_BAD_BODY, 3, ROW("a")},
      {QUOTED, ROW("a= \rb"), STOX_E_CTRL, 4, ROW("a= \rb")},
      {QUOTED, ROW("a=\nb"), STOX_E_CTRL, 2, ROW("ab")},
      {QUOTED, ROW("a= \nb"), STOX_E_CTRL, 3, ROW("ab")},
      {QUOTED, ROW("a \nb"), STOX_E_CTRL, 2, ROW("a\r\nb")},
      {QUOTED, ROW("a \rb"), STOX_E_CTRL, 3, ROW("a \rb")},
      {QUOTED, ROW("a\r\rb"), STOX_E_CTRL, 2, ROW("a\r\rb")},
      {QUOTED, ROW("a \r"), STOX_E_CTRL, 3, ROW("a \r")},
      {QUOTED, ROW("\001"), STOX_E_BAD_BODY, 0, ROW("\001")},
      {QUOTED, ROW("\303\251"), STOX_E_BAD_BODY, 0, ROW("\303\251")},
      {QUOTED, ROW("a\0"), STOX_E_BAD_BODY, 1, ROW("a\0")},
      {QUOTED, ROW(X72 "12345"), STOX_E_TOO_LONG, 76, ROW(X72 "12345")},
      {QUOTED, ROW(X72 "1234=\r\n"), STOX_E_TOO_LONG, 76, ROW(X72 "1234")},
      {QUOTED, ROW(X72 "12=41"), STOX_E_TOO_LONG, 76, ROW(X72 "12A")},
      {QUOTED, ROW(X72 "    x"), STOX_E_TOO_LONG, 76, ROW(X72 "    x")},
      {BASE64, ROW("Zg="), STOX_E_BAD_BASE64, 3, ROW("f")},
      {BASE64, ROW("Zg"), STOX_E_BAD_BASE64, 2, ROW("f")},
      {BASE64, ROW("Zm8"), STOX_E_BAD_BASE64, 3, ROW("fo")},
      {BASE64, ROW("Zm9vZ"), STOX_E_BAD_BASE64, 5, ROW("foo")},
      {BASE64, ROW("Z==="), STOX_E_BAD_BASE64, 1, ROW("")},
      {BASE64, ROW("="), STOX_E_BAD_BASE64, 0, ROW("")},
      {BASE64, ROW("Zm8=="), STOX_E_BAD_BASE64, 4, ROW("fo")},
      {BASE64, ROW("Zg==="), STOX_E_BAD_BASE64, 4, ROW("f")},
      {BASE64, ROW("Zh=="), STOX_E_BAD_BASE64, 2, ROW("f")},
      {BASE64, ROW("Zm9="), STOX_E_BAD_BASE64, 3, ROW("fo")},
      {BASE64, ROW("Zg==Zg=="), STOX_E_BAD_BASE64, 4, ROW("ff")},
      {BASE64, ROW("Z g=="), STOX_E_BAD_BASE64, 1, ROW("f")},
      {BASE64, ROW("Zm9-v"), STOX_E_BAD_BASE64, 3, ROW("foo")},
      {BASE64, ROW("Zm9v\nYg=="), STOX_E_BAD_BASE64, 4, ROW("foob")},
      {BASE64, ROW("Zm9v\rYg=="), STOX_E_BAD_BASE64, 5, ROW("foob")},
      {BASE64, ROW("Zm9v\r"), STOX_E_BAD_BASE64, 5, ROW("foo")},
      {BASE64, ROW(B76 "A"), STOX_E_TOO_LONG, 76, {NULL, 0}},
      {BASE64, ROW(B76 "AAAA"), STOX_E_TOO_LONG, 76, {NULL, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[256];
    stox_buf out;
    stox_diag diag = {0};
    check_decoded(rows[i].encoding, rows[i].text, 0, rows[i].status, rows[i].text);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_buf_put(&out, S("##")), STOX_OK);
    assert_status(stox_transfer_decode(&out, rows[i].encoding, rows[i].text, 0, &diag),
                  rows[i].status);
    assert_int_equal(out.len, 2);
    if (diag.offset != rows[i].offset || diag.code != rows[i].status) {
      fail_msg("row %zu at %zu: %s", i, diag.offset, diag.rule);
    }
    if (rows[i].want.p != NULL) {
      stox_transfer decoder;
      check_decoded(rows[i].encoding, rows[i].text, 1, STOX_OK, rows[i].want);
      stox_buf_init(&out, room, sizeof room);
      assert_status(stox_transfer_init(&decoder, rows[i].encoding, 1), STOX_OK);
      assert_status(stox_transfer_feed(&out, &decoder, rows[i].text, NULL), STOX_OK);
      assert_status(stox_transfer_end(&out, &decoder, NULL), STOX_OK);
      assert_int_equal(decoder.is_lenient, 1);
    }
  }
}

/* Lines of 7bit and 8bit at n - 1, n, n + 1, each line anew. */
static void test_line_length(void **state) {
  (void)state;
  for (size_t n = STOX_TRANSFER_LINE - 1; n <= STOX_TRANSFER_LINE + 1; n++) {
    char text[2 * STOX_TRANSFER_LINE + 8];
    const int status = n <= STOX_TRANSFER_LINE ? STOX_OK : STOX_E_TOO_LONG;
    const stox_span whole = {text, 2 * n + 2};
    char room[sizeof text];
    stox_buf out;
    stox_diag diag = {0};
    memset(text, 'a', sizeof text);
    text[n] = '\r';
    text[n + 1] = '\n';
    for (int encoding = SEVEN; encoding <= BINARY; encoding++) {
      const int want = encoding == BINARY ? STOX_OK : status;
      stox_buf_init(&out, room, sizeof room);
      assert_status(stox_transfer_decode(&out, encoding, whole, 0, &diag), want);
      assert_int_equal(out.len, want == STOX_OK ? whole.n : 0);
      stox_buf_init(&out, room, sizeof room);
      assert_status(stox_transfer_encode(&out, encoding, whole),
                    want == STOX_OK ? STOX_OK : STOX_E_ARG);
    }
    assert_int_equal(diag.offset, status == STOX_OK ? 0 : STOX_TRANSFER_LINE);
    assert_int_equal(stox_transfer_least(whole), status == STOX_OK ? SEVEN : BINARY);
  }
}

/* White space of any length is not lost in the middle of a line, and lenient alone keeps more than
 * a line of it at the end. */
static void test_white_space(void **state) {
  (void)state;
  char text[400];
  char room[400];
  for (size_t n = 1; n < sizeof text; n++) {
    stox_buf out;
    memset(text, ' ', n);
    text[n - 1] = 'x';
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_transfer_decode(&out, QUOTED, (stox_span){text, n}, 1, NULL), STOX_OK);
    assert_span_equal(stox_buf_span(&out), ((stox_span){text, n}));
    assert_status(stox_transfer_decode(&out, QUOTED, (stox_span){text, n}, 0, NULL),
                  n <= STOX_TRANSFER_ENCODED_LINE ? STOX_OK : STOX_E_TOO_LONG);
  }
}

static void test_dead(void **state) {
  (void)state;
  char room[16];
  stox_buf out;
  stox_transfer decoder;
  stox_diag diag = {0};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_transfer_init(&decoder, BASE64, 0), STOX_OK);
  assert_status(stox_transfer_feed(&out, &decoder, S("Zm9v"), NULL), STOX_OK);
  assert_status(stox_transfer_feed(&out, &decoder, S("Zm9v!"), NULL), STOX_E_BAD_BASE64);
  assert_int_equal(out.len, 3);
  assert_status(stox_transfer_feed(&out, &decoder, S("Zm9v"), &diag), STOX_E_BAD_BASE64);
  assert_int_equal(diag.offset, 8);
  assert_status(stox_transfer_init(&decoder, -1, 0), STOX_E_ARG);
  assert_status(stox_transfer_feed(&out, &decoder, S("a"), NULL), STOX_E_ARG);
  assert_status(stox_transfer_end(&out, &decoder, NULL), STOX_E_ARG);
  assert_status(stox_transfer_decode(&out, 5, S("a"), 0, &diag), STOX_E_ARG);
  assert_status(stox_transfer_encode(&out, 5, S("a")), STOX_E_ARG);
  assert_int_equal(out.len, 3);
}

typedef struct body {
  int encoding;
  stox_span octets;
} body;

static int encode(stox_buf *out, const void *ud) {
  const body *b = ud;
  return stox_transfer_encode(out, b->encoding, b->octets);
}

static int decode(stox_buf *out, const void *ud) {
  const body *b = ud;
  return stox_transfer_decode(out, b->encoding, b->octets, 0, NULL);
}

static void test_encoded(void **state) {
  (void)state;
  static const struct row {
    body from;
    stox_span want;
  } rows[] = {
      {{SEVEN, ROW("a\r\n")}, ROW("a\r\n")},
      {{EIGHT, ROW("\303\251")}, ROW("\303\251")},
      {{BINARY, ROW("\0\r\377")}, ROW("\0\r\377")},
      {{QUOTED, ROW("")}, ROW("")},
      {{QUOTED, ROW("a=b\303\251\0\177")}, ROW("a=3Db=C3=A9=00=7F")},
      {{QUOTED, ROW("a \t\r\n b ")}, ROW("a =09\r\n b=20")},
      {{QUOTED, ROW("a\nb\rc\r")}, ROW("a=0Ab=0Dc=0D")},
      {{QUOTED, ROW("a\r\r\n")}, ROW("a=0D\r\n")},
      {{QUOTED, ROW(X72 "12345")}, ROW(X72 "123=\r\n45")},
      {{QUOTED, ROW(X72 "1=")}, ROW(X72 "1=\r\n=3D")},
      {{QUOTED, ROW(X72 "=1")}, ROW(X72 "=3D=\r\n1")},
      {{BASE64, ROW("")}, ROW("")},
      {{BASE64, ROW("foob")}, ROW("Zm9vYg==")},
      {{BASE64,
        ROW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0f")},
       ROW(B76 "\r\nZg==")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const body back = {rows[i].from.encoding, rows[i].want};
    check_writer(encode, &rows[i].from, rows[i].want);
    check_writer(decode, &back, rows[i].from.octets);
  }
}

/* Decoding what was encoded gives the same, and strict never complains. */
static void test_identity(void **state) {
  (void)state;
  static const char some[] = "\r\n\r\n \t=aZ.\303\251\0\177\r\n";
  uint64_t seed = 2045;
  for (int round = 0; round < 3000; round++) {
    char octets[300];
    char encoded[1200];
    char decoded[300];
    const size_t n = test_random(&seed) % sizeof octets;
    for (size_t i = 0; i < n; i++) {
      const uint64_t r = test_random(&seed);
      octets[i] = (char)((r >> 32 & 1) != 0 ? (r & 0xFF) : (unsigned char)some[r % sizeof some]);
    }
    const stox_span all = {octets, n};
    for (int encoding = stox_transfer_least(all); encoding <= BASE64; encoding++) {
      stox_buf out;
      stox_buf back;
      stox_buf_init(&out, encoded, sizeof encoded);
      stox_buf_init(&back, decoded, sizeof decoded);
      assert_status(stox_transfer_encode(&out, encoding, all), STOX_OK);
      assert_status(stox_transfer_decode(&back, encoding, stox_buf_span(&out), 0, NULL), STOX_OK);
      assert_span_equal(stox_buf_span(&back), all);
      assert_true(encoding < QUOTED || stox_transfer_least(stox_buf_span(&out)) == SEVEN);
    }
  }
}

/* "CRT-11.3-03", "SF-6-05": the name in the header field; 8bit and binary where they are allowed.
 */
static void test_names(void **state) {
  (void)state;
  static const struct row {
    stox_span headers;
    int status;
    int encoding;
  } rows[] = {
      {ROW("Content-Transfer-Encoding: 7bit\r\n"), STOX_OK, SEVEN},
      {ROW("content-transfer-encoding:8BIT\r\n"), STOX_OK, EIGHT},
      {ROW("Content-Transfer-Encoding: binary\r\n"), STOX_OK, BINARY},
      {ROW("Content-Transfer-Encoding: Quoted-Printable\r\n"), STOX_OK, QUOTED},
      {ROW("Content-Transfer-Encoding: base64\r\n"), STOX_OK, BASE64},
      {ROW("Content-Transfer-Encoding: x-uuencode\r\n"), STOX_E_UNSUPPORTED_MEDIA, 0},
      {ROW("Content-Transfer-Encoding: base64; a\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("Content-Transfer-Encoding:\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("Content-Type: text/plain\r\n"), STOX_E_NONE, 0},
      {ROW("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 7bit\r\n"),
       STOX_E_REPEATED, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_mime_entity entity;
    int encoding = 0;
    assert_status(stox_mime_entity_parse(&entity, rows[i].headers, NULL, NULL), STOX_OK);
    assert_status(stox_mime_entity_transfer(&encoding, &entity), rows[i].status);
    assert_int_equal(encoding, rows[i].encoding);
  }
  for (int encoding = SEVEN; encoding <= BASE64; encoding++) {
    int again = -1;
    const char *name = stox_transfer_name(encoding);
    assert_status(stox_transfer_of(&again, stox_span_text(name)), STOX_OK);
    assert_int_equal(again, encoding);
  }
  assert_null(stox_transfer_name(-1));
  assert_null(stox_transfer_name(5));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decoded),     cmocka_unit_test(test_refused),
      cmocka_unit_test(test_line_length), cmocka_unit_test(test_white_space),
      cmocka_unit_test(test_dead),        cmocka_unit_test(test_encoded),
      cmocka_unit_test(test_identity),    cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
