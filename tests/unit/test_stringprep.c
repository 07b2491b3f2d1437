/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "tables.h"
#include "writers.h"

#include "stox/stringprep.h"
#include "unescape.h"

/* `how` is a profile or a form. */
typedef struct row {
  int how;
  stox_span text;
  int status;
  stox_span want;
  size_t offset;
} row;

static int put_prepared(stox_buf *out, const void *ud) {
  const row *r = ud;
  return stox_stringprep(out, r->text, r->how, NULL);
}

static int put_domain(stox_buf *out, const void *ud) {
  const row *r = ud;
  return stox_idna(out, r->text, r->how, NULL);
}

typedef int (*prepare)(stox_buf *out, stox_span text, int how, stox_diag *diag);

/* Refused: nothing is appended and the diagnosis says where. */
static void check_refused(prepare f, const row *r) {
  guard g = guard_copy(r->text);
  stox_buf out = {NULL, 0, 0};
  stox_diag diag = {0, 0, 99, NULL};
  const int status = f(&out, g.span, r->how, &diag);
  if (status != r->status || diag.code != status || diag.offset != r->offset) {
    fail_msg("\"%.*s\": %s at %zu", (int)g.span.n, g.span.p, stox_status_name(status), diag.offset);
  }
  assert_non_null(diag.rule);
  assert_int_equal(out.len, 0);
  assert_status(f(&out, g.span, r->how, NULL), r->status);
  guard_free(&g);
}

static const row prepared[] = {
    {STOX_NODEPREP, ROW("romeo"), STOX_OK, ROW("romeo"), 0},
    {STOX_NODEPREP, ROW("Romeo"), STOX_OK, ROW("romeo"), 0},
    {STOX_NODEPREP, ROW("!#$%()*+,-.;=?[\\]^_`{|}~"), STOX_OK, ROW("!#$%()*+,-.;=?[\\]^_`{|}~"), 0},
    {STOX_NODEPREP,
     ROW("stra\xC3\x9F"
         "e"),
     STOX_OK, ROW("strasse"), 0},
    {STOX_NODEPREP, ROW("\xCE\xA3\xCF\x82"), STOX_OK, ROW("\xCF\x83\xCF\x83"), 0},
    {STOX_NODEPREP, ROW("henry\xE2\x85\xA3"), STOX_OK, ROW("henryiv"), 0},
    {STOX_NODEPREP,
     ROW("a\xC2\xAD"
         "b"),
     STOX_OK, ROW("ab"), 0},
    {STOX_NODEPREP, ROW("\xE1\xBE\xB7"), STOX_OK, ROW("\xE1\xBE\xB6\xCE\xB9"), 0},
    {STOX_NODEPREP, ROW("\xCA\xBC"), STOX_OK, ROW("\xCA\xBC"),
     0}, /* 7247-8-07: not an apostrophe */
    {STOX_NODEPREP, ROW("\xF0\x9F\x8D\xBA"), STOX_OK, ROW("\xF0\x9F\x8D\xBA"), 0}, /* unassigned */
    {STOX_NODEPREP, ROW("[A%Bcdefghijk"), STOX_OK, ROW("[a%bcdefghijk"), 0},
    {STOX_NODEPREP, ROW("a b"), STOX_E_BAD_LOCALPART, ROW(""), 1},
    {STOX_NODEPREP, ROW("ab@"), STOX_E_BAD_LOCALPART, ROW(""), 2},
    {STOX_NODEPREP, ROW("a\x7F"), STOX_E_CTRL, ROW(""), 1},
    {STOX_NODEPREP, ROW("a\0b"), STOX_E_CTRL, ROW(""), 1},
    {STOX_NODEPREP, ROW("\xC3\xBC\0b"), STOX_E_CTRL, ROW(""), 2},
    {STOX_NODEPREP, ROW("\xC3\xBC\n@"), STOX_E_CTRL, ROW(""), 2},
    {STOX_NODEPREP, ROW("abc\xC3"), STOX_E_BAD_UTF8, ROW(""), 3},
    {STOX_NODEPREP, ROW("\xC2\xA0"), STOX_E_BAD_LOCALPART, ROW(""), 0},
    {STOX_NODEPREP, ROW("a\xEF\xBC\x8F"), STOX_E_BAD_LOCALPART, ROW(""), 0}, /* NFKC makes a '/' */
    {STOX_NODEPREP, ROW("a\xEF\xB9\xAB"), STOX_E_BAD_LOCALPART, ROW(""), 0}, /* NFKC makes an '@' */
    {STOX_NODEPREP, ROW("\xEE\x80\x80"), STOX_E_BAD_LOCALPART, ROW(""), 0},
    {STOX_NODEPREP,
     ROW("\xD8\xA7"
         "1"),
     STOX_E_BAD_LOCALPART, ROW(""), 0},
    {STOX_NODEPREP, ROW("\xC2\xAD"), STOX_E_BAD_LOCALPART, ROW(""), 0}, /* nothing is left */
    {STOX_NODEPREP, ROW(""), STOX_E_BAD_LOCALPART, ROW(""), 0},
    {STOX_RESOURCEPREP, ROW("Foo Bar@/\"&'<>:"), STOX_OK, ROW("Foo Bar@/\"&'<>:"), 0},
    {STOX_RESOURCEPREP, ROW(" "), STOX_OK, ROW(" "), 0},
    {STOX_RESOURCEPREP, ROW("\xEF\xBC\xA1\xEF\xAC\x80\xC2\xA0"), STOX_OK, ROW("Aff "), 0},
    {STOX_RESOURCEPREP, ROW("\xE2\x99\x9A"), STOX_OK, ROW("\xE2\x99\x9A"), 0},
    {STOX_RESOURCEPREP, ROW("Balcony\xC2\xAD"), STOX_OK, ROW("Balcony"), 0},
    {STOX_RESOURCEPREP, ROW("eight byte\x1F"), STOX_E_CTRL, ROW(""), 10},
    {STOX_RESOURCEPREP, ROW("a\x7F"), STOX_E_CTRL, ROW(""), 1},
    {STOX_RESOURCEPREP, ROW("ab\xFF"), STOX_E_BAD_UTF8, ROW(""), 2},
    {STOX_RESOURCEPREP, ROW("ab\xEE\x80\x80"), STOX_E_BAD_RESOURCE, ROW(""), 0},
    {STOX_RESOURCEPREP, ROW("a\xE2\x80\xAE"), STOX_E_BAD_RESOURCE, ROW(""), 0},
    {STOX_RESOURCEPREP, ROW("\xC2\x80"), STOX_E_BAD_RESOURCE, ROW(""), 0},
    {STOX_RESOURCEPREP, ROW("\xC2\xAD"), STOX_E_BAD_RESOURCE, ROW(""), 0},
    {STOX_RESOURCEPREP, ROW(""), STOX_E_BAD_RESOURCE, ROW(""), 0},
    /* RFC 4013 3, and what it maps to nothing or to a space. */
    {STOX_SASLPREP, ROW("I\xC2\xADX"), STOX_OK, ROW("IX"), 0},
    {STOX_SASLPREP, ROW("user"), STOX_OK, ROW("user"), 0},
    {STOX_SASLPREP, ROW("USER"), STOX_OK, ROW("USER"), 0},
    {STOX_SASLPREP, ROW("\xC2\xAA"), STOX_OK, ROW("a"), 0},
    {STOX_SASLPREP, ROW("\xE2\x85\xA8"), STOX_OK, ROW("IX"), 0},
    {STOX_SASLPREP, ROW("\x07"), STOX_E_CTRL, ROW(""), 0},
    {STOX_SASLPREP, ROW("\xD8\xA7\x31"), STOX_E_SYNTAX, ROW(""), 0},
    {STOX_SASLPREP, ROW("a\xC2\xA0z"), STOX_OK, ROW("a z"), 0},
    {STOX_SASLPREP, ROW("a, b=c@\"/"), STOX_OK, ROW("a, b=c@\"/"), 0},
    {STOX_SASLPREP, ROW("\xC2\xAD"), STOX_E_SYNTAX, ROW(""), 0},
    {STOX_SASLPREP, ROW(""), STOX_E_SYNTAX, ROW(""), 0},
    {STOX_NODEPREP_STORED, ROW("Romeo"), STOX_OK, ROW("romeo"), 0},
    {STOX_NODEPREP_STORED, ROW("a b"), STOX_E_BAD_LOCALPART, ROW(""), 1},
    {STOX_NODEPREP_STORED, ROW("\xF0\x9F\x8D\xBA"), STOX_E_BAD_LOCALPART, ROW(""), 0},
    {STOX_RESOURCEPREP_STORED, ROW("A b"), STOX_OK, ROW("A b"), 0},
    {STOX_RESOURCEPREP_STORED, ROW("\xF0\x9F\x8D\xBA"), STOX_E_BAD_RESOURCE, ROW(""), 0},
};

static void profiles(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(prepared); i++) {
    if (prepared[i].status == STOX_OK) {
      check_writer(put_prepared, &prepared[i], prepared[i].want);
    } else {
      check_refused(stox_stringprep, &prepared[i]);
    }
  }
  stox_buf out = {NULL, 0, 0};
  assert_status(stox_stringprep(&out, S("a"), STOX_RESOURCEPREP_STORED + 1, NULL), STOX_E_ARG);
  assert_status(stox_stringprep(&out, S("a"), -1, NULL), STOX_E_ARG);
}

enum { A = STOX_IDNA_TO_ASCII, U = STOX_IDNA_TO_UNICODE };

static const row domains[] = {
    {U, ROW("Example.COM."), STOX_OK, ROW("example.com"), 0},
    {A, ROW("Example.COM."), STOX_OK, ROW("example.com"), 0},
    {A,
     ROW("b\xC3\xBC"
         "cher.Example"),
     STOX_OK, ROW("xn--bcher-kva.example"), 0},
    {U, ROW("XN--Bcher-KVA.example"), STOX_OK,
     ROW("b\xC3\xBC"
         "cher.example"),
     0},
    {A, ROW("XN--Bcher-KVA.example"), STOX_OK, ROW("xn--bcher-kva.example"), 0},
    {U,
     ROW("B\xC3\x9C"
         "CHER."),
     STOX_OK,
     ROW("b\xC3\xBC"
         "cher"),
     0},
    {A,
     ROW("stra\xC3\x9F"
         "e"),
     STOX_OK, ROW("xn--strae-oqa"), 0}, /* not strasse */
    {U,
     ROW("a\xE3\x80\x82\xC3\xBC\xEF\xBC\x8E"
         "b\xEF\xBD\xA1"),
     STOX_OK, ROW("a.\xC3\xBC.b"), 0},
    {U, ROW("\xEF\xBC\xA1\xEF\xBC\xA2.x"), STOX_OK, ROW("ab.x"), 0},
    {U, ROW("a_b.\xC3\xBC.r3---x"), STOX_OK, ROW("a_b.\xC3\xBC.r3---x"), 0},
    {U, ROW("_xmpp.example"), STOX_OK, ROW("_xmpp.example"), 0},
    {U, ROW("192.0.2.1"), STOX_OK, ROW("192.0.2.1"), 0},
    {U, ROW("\xEF\xBC\x91.0.0.1"), STOX_OK, ROW("1.0.0.1"), 0},
    {A, ROW("[2001:DB8::A]"), STOX_OK, ROW("[2001:db8::a]"), 0},
    {A, ROW("[FE80::A%Eth0]"), STOX_OK, ROW("[fe80::a%Eth0]"), 0},
    {U, ROW("xa--b.yn--b.abc-d.X-n-a"), STOX_OK, ROW("xa--b.yn--b.abc-d.x-n-a"), 0},
    {U, ROW("3com.example"), STOX_OK, ROW("3com.example"), 0},
    {U, ROW(""), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("."), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("a.."), STOX_E_BAD_DOMAIN, ROW(""), 2},
    {U, ROW("a..b"), STOX_E_BAD_DOMAIN, ROW(""), 2},
    {U, ROW(".a"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("ab.-a"), STOX_E_BAD_DOMAIN, ROW(""), 3},
    {U, ROW("ab.a-"), STOX_E_BAD_DOMAIN, ROW(""), 4},
    {U, ROW("a b"), STOX_E_BAD_DOMAIN, ROW(""), 1},
    {U, ROW("a@b"), STOX_E_BAD_DOMAIN, ROW(""), 1},
    {U, ROW("a/b"), STOX_E_BAD_DOMAIN, ROW(""), 1},
    {U, ROW("a\0b"), STOX_E_BAD_DOMAIN, ROW(""), 1},
    {U, ROW("\xC3\xBC\0b"), STOX_E_BAD_DOMAIN, ROW(""), 2},
    {U, ROW("\xC3\xBC.a\0b"), STOX_E_BAD_DOMAIN, ROW(""), 4},
    {U, ROW("\xC3\xBC.a b"), STOX_E_BAD_DOMAIN, ROW(""), 4},
    {U, ROW("\xC3\xBC/a"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xC3\xBC_a"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("xn--_a-wka"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xEF\xBC\xBF"), STOX_E_BAD_DOMAIN, ROW(""), 0}, /* wide underscore */
    {U, ROW("\xC3\xBC.."), STOX_E_BAD_DOMAIN, ROW(""), 3},
    {U, ROW("\xC3\xBC\xE3\x80\x82\xE3\x80\x82"), STOX_E_BAD_DOMAIN, ROW(""), 5},
    {U,
     ROW("\xC3\xBC\xE2\x80\xA4"
         "a"),
     STOX_E_BAD_DOMAIN, ROW(""), 0}, /* one dot leader */
    {U, ROW("\xEF\xBC\x8F"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("a.\xC2\xAD"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xE2\x99\x9A.example"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("xn--ls8h.la"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("xn--a"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("xn--"), STOX_E_BAD_DOMAIN, ROW(""), 3},
    {U, ROW("xn--abc-"), STOX_E_BAD_DOMAIN, ROW(""), 7},
    {U, ROW("-\xC3\xBC"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("ab--\xC3\xBC"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("a\xD7\x90"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U,
     ROW("a\xE2\x80\x8D"
         "b"),
     STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U,
     ROW("\xCC\x81"
         "a"),
     STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xC2\x80"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("1.2.3"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("256.1.1.1"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("a.1"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xC3\xBC.1"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {A, ROW("\xC3\xBC.1"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xEF\xBC\x91.2.3"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("\xEF\xBC\x91\xEF\xBC\x92"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("::1"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("[::1"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("[::g]"), STOX_E_BAD_DOMAIN, ROW(""), 0},
    {U, ROW("b\xC3"), STOX_E_BAD_UTF8, ROW(""), 1},
    {U, ROW("a.b\xFF.c"), STOX_E_BAD_UTF8, ROW(""), 3},
};

static void domain_names(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(domains); i++) {
    if (domains[i].status == STOX_OK) {
      check_writer(put_domain, &domains[i], domains[i].want);
    } else {
      check_refused(stox_idna, &domains[i]);
    }
  }
  stox_buf out = {NULL, 0, 0};
  assert_status(stox_idna(&out, S("a"), 2, NULL), STOX_E_ARG);
}

/* 1,022, 1,023 and 1,024 octets in, ASCII and not; and out, where preparation lengthens. */
static void text_limits(void **state) {
  (void)state;
  static char text[1032];
  char room[1032];
  for (int profile = STOX_NODEPREP; profile <= STOX_SASLPREP; profile++) {
    for (int wide = 0; wide < 2; wide++) {
      memset(text, 'a', sizeof text);
      memcpy(text, wide ? "\xC3\xBC" : "aa", 2);
      for (size_t n = 1022; n <= 1024; n++) {
        stox_buf out;
        stox_buf_init(&out, room, sizeof room);
        stox_diag diag = {0, 0, 0, NULL};
        const int status = stox_stringprep(&out, (stox_span){text, n}, profile, &diag);
        assert_status(status, n <= 1023 ? STOX_OK : STOX_E_TOO_LONG);
        assert_int_equal(diag.offset, n <= 1023 ? 0 : 1023);
        assert_int_equal(out.len, n <= 1023 ? n : 0);
      }
    }
  }
  /* U+FDFA becomes 33 octets: 31 of it are 1,023. */
  for (size_t i = 0; i < 32; i++) {
    memcpy(text + 3 * i, "\xEF\xB7\xBA", 3);
  }
  for (size_t n = 30; n <= 32; n++) {
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    const int status = stox_stringprep(&out, (stox_span){text, 3 * n}, STOX_RESOURCEPREP, NULL);
    assert_status(status, n <= 31 ? STOX_OK : STOX_E_TOO_LONG);
    assert_int_equal(out.len, n <= 31 ? 33 * n : 0);
  }
}

static void domain_limits(void **state) {
  (void)state;
  static char text[1032];
  char room[1032];
  for (size_t n = 1022; n <= 1024; n++) {
    for (int wide = 0; wide < 2; wide++) {
      for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 64 == 63 ? '.' : 'a';
      }
      text[1022] = 'a';
      text[1020] = 'a';
      memcpy(text, wide ? "\xC3\xBC" : "aa", 2);
      stox_buf out;
      stox_buf_init(&out, room, sizeof room);
      const int status = stox_idna(&out, (stox_span){text, n}, STOX_IDNA_TO_UNICODE, NULL);
      if (wide == 0) {
        assert_status(status, n <= 1023 ? STOX_OK : STOX_E_TOO_LONG);
      } else { /* the first label is above 63 octets as an A-label */
        assert_status(status, n <= 1023 ? STOX_E_BAD_DOMAIN : STOX_E_TOO_LONG);
      }
    }
  }
  /* xn--tda is U+00FC: 7 octets for 2, so the ASCII form passes 1,023 first. */
  for (size_t n = 127; n <= 129; n++) {
    for (size_t i = 0; i < n; i++) {
      memcpy(text + 3 * i, "\xC3\xBC.", 3);
    }
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    const int status = stox_idna(&out, (stox_span){text, 3 * n}, STOX_IDNA_TO_ASCII, NULL);
    assert_status(status, n <= 128 ? STOX_OK : STOX_E_TOO_LONG);
    assert_int_equal(out.len, n <= 128 ? 8 * n - 1 : 0);
  }
}

static void label_limits(void **state) {
  (void)state;
  char text[300];
  char room[300];
  memset(text, 'a', sizeof text);
  for (size_t n = 62; n <= 64; n++) {
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_idna(&out, (stox_span){text, n}, STOX_IDNA_TO_UNICODE, NULL),
                  n <= 63 ? STOX_OK : STOX_E_BAD_DOMAIN);
  }
  /* 54, 55, 56 times 'a' before U+00FC are 62, 63, 64 octets as an A-label. */
  for (size_t n = 54; n <= 57; n++) {
    memset(text, 'a', sizeof text);
    memcpy(text + n, "\xC3\xBC", 2);
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    const int status = stox_idna(&out, (stox_span){text, n + 2}, STOX_IDNA_TO_ASCII, NULL);
    assert_true(status == STOX_OK || status == STOX_E_BAD_DOMAIN);
    assert_true(out.len <= 63);
    assert_int_equal(status == STOX_OK, n <= 55);
  }
  memset(text, 'a', sizeof text);
  memcpy(text, "\xC3\xBC", 2);
  stox_buf out = {NULL, 0, 0};
  assert_status(stox_idna(&out, (stox_span){text, 252}, A, NULL), STOX_E_BAD_DOMAIN);
  assert_status(stox_idna(&out, (stox_span){text, 253}, A, NULL), STOX_E_BAD_DOMAIN);
}

/* The rows of foreign test suites for the two profiles, and what they say of nobody's text. */
static void corpus(void **state) {
  (void)state;
  table t;
  size_t n = 0;
  if (!table_open(&t, STOX_CORPORA, "jid/stringprep.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const int node = stox_span_is_equal(t.field[0], S("Nodeprep"));
    if (!node && !stox_span_is_equal(t.field[0], S("Resourceprep"))) {
      continue;
    }
    char in[256];
    char want[256];
    char got[256];
    const stox_span text = unescape(in, sizeof in, t.field[1]);
    const int refused = stox_span_is_equal(stox_span_slice(t.field[2], 0, 5), S("ERROR"));
    stox_buf out;
    stox_buf_init(&out, got, sizeof got);
    const int status = stox_stringprep(&out, text, node ? STOX_NODEPREP : STOX_RESOURCEPREP, NULL);
    assert_int_equal(status != STOX_OK, refused);
    if (!refused) {
      assert_span_equal(stox_buf_span(&out), unescape(want, sizeof want, t.field[2]));
    }
    n++;
  }
  table_free(&t);
  assert_true(n >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(profiles),     cmocka_unit_test(domain_names),
      cmocka_unit_test(text_limits),  cmocka_unit_test(domain_limits),
      cmocka_unit_test(label_limits), cmocka_unit_test(corpus),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
