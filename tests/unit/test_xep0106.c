/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "tables.h"
#include "writers.h"

#include "stox/xep0106.h"

/* A display text, its localpart and the set. */
typedef struct row {
  int set;
  stox_span text;
  stox_span escaped;
} row;

/* 7247-6.2-19: the ten sequences, lower case only, a backslash only where it would begin one. */
static const row rows[] = {
    {STOX_XEP0106_FULL, ROW(""), ROW("")},
    {STOX_XEP0106_FULL, ROW("a \"&'/:<>@\\z"), ROW("a\\20\\22\\26\\27\\2f\\3a\\3c\\3e\\40\\z")},
    {STOX_XEP0106_FULL, ROW("space cadet"), ROW("space\\20cadet")},
    {STOX_XEP0106_FULL, ROW("c:\\5commas"), ROW("c\\3a\\5c5commas")},
    {STOX_XEP0106_FULL, ROW("c:\\net"), ROW("c\\3a\\net")},
    {STOX_XEP0106_FULL, ROW("foob\\41r"), ROW("foob\\41r")},
    {STOX_XEP0106_FULL, ROW("\\2F"), ROW("\\2F")},
    {STOX_XEP0106_FULL, ROW("\\5C"), ROW("\\5C")},
    {STOX_XEP0106_FULL, ROW("\\20"), ROW("\\5c20")},
    {STOX_XEP0106_FULL, ROW("\\\\20"), ROW("\\\\5c20")},
    {STOX_XEP0106_FULL, ROW("\\5c"), ROW("\\5c5c")},
    {STOX_XEP0106_FULL, ROW("\\5c20"), ROW("\\5c5c20")},
    {STOX_XEP0106_FULL, ROW("a\\"), ROW("a\\")},
    {STOX_XEP0106_FULL, ROW("a\\2"), ROW("a\\2")},
    {STOX_XEP0106_FULL, ROW("\xC3\xBC@x"), ROW("\xC3\xBC\\40x")},
    {STOX_XEP0106_RFC7247, ROW("o'malley&co/"), ROW("o\\27malley\\26co\\2f")},
    {STOX_XEP0106_RFC7247, ROW(" \":<>@\\5c"), ROW(" \":<>@\\5c")},
};

static int escape(stox_buf *out, const void *ud) {
  const row *r = ud;
  return stox_xep0106_escape(out, r->text, r->set, NULL);
}

static int unescape(stox_buf *out, const void *ud) {
  const row *r = ud;
  return stox_xep0106_unescape(out, r->escaped, r->set);
}

static void check_row(const row *r) {
  check_writer(escape, r, r->escaped);
  check_writer(unescape, r, r->text);
  if (r->set == STOX_XEP0106_FULL) {
    guard g = guard_copy(r->escaped);
    assert_int_equal(stox_xep0106_is_canonical(g.span), 1);
    guard_free(&g);
  }
}

static void escapes_and_back(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_row(&rows[i]);
  }
}

/* tests/vectors/7247/derived-xep0106-escape.tsv, whole. */
static void vectors(void **state) {
  (void)state;
  table t;
  size_t n = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/derived-xep0106-escape.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const row r = {STOX_XEP0106_FULL, t.field[0], t.field[1]};
    check_row(&r);
    n++;
  }
  table_free(&t);
  assert_int_equal(n, 14);
}

static void corpus(void **state) {
  (void)state;
  table t;
  if (!table_open(&t, STOX_CORPORA, "jid/escaping-xep0106.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const row r = {STOX_XEP0106_FULL, t.field[0], t.field[1]};
    check_row(&r);
  }
  table_free(&t);
}

/* `\20` may be neither first nor last in a localpart, so no space may in a display text. */
static void space_at_end(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    size_t offset;
  } bad[] = {{ROW(" "), 0}, {ROW(" a"), 0}, {ROW("a "), 1}, {ROW("a b "), 3}, {ROW("  "), 0}};
  for (size_t i = 0; i < COUNT(bad); i++) {
    stox_diag diag = {0, 0, 99, NULL};
    stox_buf out = {NULL, 0, 0};
    const int status = stox_xep0106_escape(&out, bad[i].text, STOX_XEP0106_FULL, &diag);
    assert_status(status, STOX_E_ESCAPED_SPACE_AT_END);
    assert_int_equal(diag.offset, bad[i].offset);
    assert_int_equal(out.len, 0);
  }
}

static void not_canonical(void **state) {
  (void)state;
  static const stox_span bad[] = {ROW("a\\5cb"), ROW("\\5c"),   ROW("\\5c2"),   ROW("\\5c\\20x"),
                                  ROW("\\20a"),  ROW("a\\20"),  ROW("a b"),     ROW("a@b"),
                                  ROW("a'b"),    ROW("\\5c2F"), ROW("x\\5c5C"), ROW("\\5c\\5c"),
                                  ROW("\\5c\\"), ROW("/"),      ROW("\\20")};
  for (size_t i = 0; i < COUNT(bad); i++) {
    guard g = guard_copy(bad[i]);
    if (stox_xep0106_is_canonical(g.span)) {
      fail_msg("\"%.*s\" is taken for canonical", (int)bad[i].n, bad[i].p);
    }
    guard_free(&g);
  }
}

/* The answer is by definition: escaping the unescaped gives the same again. All strings of up to
 * six of the octets that matter. */
static void canonical_by_definition(void **state) {
  (void)state;
  static const char octets[] = {'\\', '2', '0', '5', 'c', ' '};
  for (uint32_t code = 0; code < 46656; code++) {
    char text[6];
    uint32_t rest = code;
    for (size_t i = 0; i < sizeof text; i++) {
      text[i] = octets[rest % sizeof octets];
      rest /= sizeof octets;
    }
    for (size_t n = 0; n <= sizeof text; n += 3) {
      const stox_span localpart = {text, n};
      char room_a[8];
      char room_b[32];
      stox_buf plain;
      stox_buf again;
      stox_buf_init(&plain, room_a, sizeof room_a);
      stox_buf_init(&again, room_b, sizeof room_b);
      stox_xep0106_unescape(&plain, localpart, STOX_XEP0106_FULL);
      const int status =
          stox_xep0106_escape(&again, stox_buf_span(&plain), STOX_XEP0106_FULL, NULL);
      const int same = status == STOX_OK && stox_span_is_equal(stox_buf_span(&again), localpart);
      assert_int_equal(stox_xep0106_is_canonical(localpart), same);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(escapes_and_back), cmocka_unit_test(vectors),
      cmocka_unit_test(corpus),           cmocka_unit_test(space_at_end),
      cmocka_unit_test(not_canonical),    cmocka_unit_test(canonical_by_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
