/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "writers.h"

#include "stox/diag.h"
#include "stox/name_addr.h"

/* A value and its elements: display|uri|params|form, `~` absent, form `<` in brackets, `*` star,
 * `-` neither; elements end with a line feed. */
typedef struct good_row {
  stox_span value;
  const char *elements;
} good_row;

static const good_row good[] = {
    {ROW("sip:a@h"), "~|sip:a@h|~|-\n"},
    {ROW("sip:a@h;tag=1"), "~|sip:a@h|tag=1|-\n"},
    {ROW("<sip:a@h;lr>;tag=1"), "~|sip:a@h;lr|tag=1|<\n"},
    {ROW("\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s"),
     "\"A. G. Bell\"|sip:agb@bell-telephone.com|tag=a48s|<\n"},
    {ROW("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8"),
     "Anonymous|sip:c8oqz84zk7z@privacy.org|tag=hyh8|<\n"},
    {ROW("sip:+12125551212@phone2net.com;tag=887s"),
     "~|sip:+12125551212@phone2net.com|tag=887s|-\n"},
    {ROW("\"Mr. Watson\" <sip:watson@worcester.example>\r\n ;q=0.7; expires=3600,\r\n\t"
         "\"Mr. Watson\" <mailto:watson@bell-telephone.com> ;q=0.1"),
     "\"Mr. Watson\"|sip:watson@worcester.example|q=0.7; expires=3600|<\n"
     "\"Mr. Watson\"|mailto:watson@bell-telephone.com|q=0.1|<\n"},
    {ROW("<sip:p1.example.com;lr>,<sip:p2.example.com;lr>"),
     "~|sip:p1.example.com;lr|~|<\n~|sip:p2.example.com;lr|~|<\n"},
    {ROW("sip:a@h , sip:b@h"), "~|sip:a@h|~|-\n~|sip:b@h|~|-\n"},
    {ROW("*"), "~|~|~|*\n"},
    {ROW("* "), "~|~|~|*\n"},
    {ROW("*, *"), "~|~|~|*\n~|~|~|*\n"},
    {ROW("* <sip:a@h>"), "*|sip:a@h|~|<\n"},
    {ROW("token1~` token2'+_ token3*%!.- <sip:m@h>"),
     "token1~` token2'+_ token3*%!.-|sip:m@h|~|<\n"},
    {ROW("<sip:m@h>;fromParam''~+*_!.-%=\"\xD1\x80\";tag=x"),
     "~|sip:m@h|fromParam''~+*_!.-%=\"\xD1\x80\";tag=x|<\n"},
    {ROW("\"\\\"a\\\\\" <sip:a@h>"), "\"\\\"a\\\\\"|sip:a@h|~|<\n"},
    {ROW("\"<sip:no@h>,;\"<sip:a@h>"), "\"<sip:no@h>,;\"|sip:a@h|~|<\n"},
    {ROW("\"nul \\\0\" <sip:a@h>"), "\"nul \\\0\"|sip:a@h|~|<\n"},
    {ROW("J\xC3\xB6rg <sip:a@h>"), "J\xC3\xB6rg|sip:a@h|~|<\n"},
    {ROW("<sip:a@h>;+sip.instance=\"<urn:uuid:0,1;2>\";reg-id=1"),
     "~|sip:a@h|+sip.instance=\"<urn:uuid:0,1;2>\";reg-id=1|<\n"},
    {ROW("<sip:a@h> ; gr = urn:uuid:1 ; x"), "~|sip:a@h|gr = urn:uuid:1 ; x|<\n"},
    {ROW("<sip:a,b@h?x=y>"), "~|sip:a,b@h?x=y|~|<\n"},
    {ROW("  <sip:a@h>  "), "~|sip:a@h|~|<\n"},
    {ROW(""), ""},
    {ROW("  "), ""},
};

static void put_part(stox_buf *out, stox_span part) {
  if (part.p == NULL) {
    stox_buf_put_octet(out, '~');
  } else {
    stox_buf_put(out, part);
  }
}

static void put_element(stox_buf *out, const stox_name_addr *a) {
  put_part(out, a->display);
  stox_buf_put_octet(out, '|');
  put_part(out, a->uri);
  stox_buf_put_octet(out, '|');
  /* the leading space of a list is no part of what is compared */
  put_part(out, a->params.p == NULL ? a->params : stox_span_trim(a->params));
  stox_buf_put_text(out, a->star ? "|*\n" : a->brackets ? "|<\n" : "|-\n");
}

static void parses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(good); i++) {
    guard g = guard_copy(good[i].value);
    char room[1024];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    stox_name_addr a;
    size_t cursor = 0;
    int status;
    while ((status = stox_name_addr_next(&a, g.span, &cursor, NULL)) == STOX_OK) {
      put_element(&out, &a);
      assert_true(a.text.n > 0 && a.text.p >= g.span.p);
      assert_span_equal(stox_span_trim(a.text), a.text);
    }
    assert_status(status, STOX_E_NONE);
    const char *want = good[i].elements;
    const stox_span got = stox_buf_span(&out);
    if (memchr(good[i].value.p, 0, good[i].value.n) == NULL) {
      assert_span_equal(got, stox_span_text(want));
    }
    guard_free(&g);
  }
}

static const struct {
  stox_span value;
  size_t offset;
} bad[] = {
    {ROW("<"), 1},
    {ROW("<>"), 1},
    {ROW("<sip:a@h"), 8},
    {ROW("< sip:a@h>"), 1},
    {ROW("<sip:a@h >"), 8},
    {ROW("<sip:<a@h>"), 5},
    {ROW("<sip:a\0@h>"), 6},
    {ROW("\"x <sip:a@h>"), 0},
    {ROW("\"x\\\" <sip:a@h>"), 0},
    {ROW("\"x\0\" <sip:a@h>"), 0},
    {ROW("\"x\\\n\" <sip:a@h>"), 0},
    {ROW("\"x\""), 3},
    {ROW("\"x\" sip:a@h"), 4},
    {ROW("Bell, Alexander <sip:a@h>"), 0},
    {ROW("Alice sip:a@h"), 0},
    {ROW("Strange User\" <sip:a@h>"), 0},
    {ROW("sip:a@h?Route=%3Csip:h%3E"), 7},
    {ROW("sip:a@h>"), 7},
    {ROW("sip:a\"@h"), 5},
    {ROW("* , *x"), 4},
    {ROW("sip:a\x01@h"), 5},
    {ROW(","), 0},
    {ROW("sip:a@h,"), 7},
    {ROW("sip:a@h,,sip:b@h"), 8},
    {ROW("<sip:a@h>;"), 10},
    {ROW("<sip:a@h>;;tag=1"), 10},
    {ROW("<sip:a@h>;tag="), 14},
    {ROW("<sip:a@h>;=1"), 10},
    {ROW("<sip:a@h>;a=\"x"), 12},
    {ROW("<sip:a@h>;a=b@c"), 13},
    {ROW("<sip:a@h>;a b"), 12},
    {ROW("<sip:a@h> x"), 10},
    {ROW("<sip:a@h><sip:b@h>"), 9},
};

static void refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad); i++) {
    guard g = guard_copy(bad[i].value);
    stox_name_addr a;
    stox_diag diag = {0, 0, 999, NULL};
    size_t cursor = 0;
    int status = STOX_OK;
    for (size_t n = 0; status == STOX_OK && n < 3; n++) {
      status = stox_name_addr_next(&a, g.span, &cursor, &diag);
    }
    if (status != STOX_E_BAD_HEADER) {
      fail_msg("%s: %s", bad[i].value.p, stox_status_name(status));
    }
    assert_int_equal(diag.code, STOX_E_BAD_HEADER);
    assert_int_equal(diag.answer, 400);
    if (diag.offset != bad[i].offset) {
      fail_msg("%s: at %zu", bad[i].value.p, diag.offset);
    }
    guard_free(&g);
  }
}

/* Every prefix and every octet in every place: nothing is read past the end. */
static void hostile(void **state) {
  (void)state;
  static const char octets[] = "\"\\<>,;=* \r\n\0a:?@\xC3";
  const stox_span value = S("\"a\\\"\" <sip:a@h;x>;p=\"q\";r=s , *");
  for (size_t n = 0; n <= value.n; n++) {
    for (size_t o = 0; o < sizeof octets; o++) {
      guard g = guard_copy(stox_span_slice(value, 0, n));
      if (n > 0) {
        ((char *)(uintptr_t)g.span.p)[(n * 7 + o) % n] = octets[o];
      }
      stox_name_addr a;
      size_t cursor = 0;
      size_t before = 0;
      while (stox_name_addr_next(&a, g.span, &cursor, NULL) == STOX_OK) {
        assert_true(cursor > before && cursor <= n);
        before = cursor;
      }
      guard_free(&g);
    }
  }
}

static void params(void **state) {
  (void)state;
  stox_param p;
  size_t cursor = 0;
  const stox_span list = S("tag=1; x ;y=\"a;\\\"b\";received=[::1] ; r=::1");
  assert_status(stox_param_next(&p, list, &cursor), STOX_OK);
  assert_span_equal(p.name, S("tag"));
  assert_span_equal(p.value, S("1"));
  assert_status(stox_param_next(&p, list, &cursor), STOX_OK);
  assert_span_equal(p.name, S("x"));
  assert_null(p.value.p);
  assert_status(stox_param_next(&p, list, &cursor), STOX_OK);
  assert_span_equal(p.value, S("\"a;\\\"b\""));
  assert_status(stox_param_next(&p, list, &cursor), STOX_OK);
  assert_span_equal(p.value, S("[::1]"));
  assert_status(stox_param_next(&p, list, &cursor), STOX_OK);
  assert_span_equal(p.value, S("::1"));
  assert_status(stox_param_next(&p, list, &cursor), STOX_E_NONE);
  assert_status(stox_param_find(&p, list, "TAG"), STOX_OK);
  assert_span_equal(p.value, S("1"));
  assert_status(stox_param_find(&p, list, "z"), STOX_E_NONE);
  assert_status(stox_param_find(&p, S("a=1;A=2"), "a"), STOX_E_REPEATED);
  assert_span_equal(p.value, S("1"));
  assert_status(stox_param_find(&p, S("a=1;"), "a"), STOX_E_BAD_PARAM);
  assert_status(stox_param_find(&p, S("a=1 b"), "a"), STOX_E_BAD_PARAM);
  assert_status(stox_param_find(&p, S(" "), "a"), STOX_E_BAD_PARAM);
  assert_status(stox_param_find(&p, S(""), "a"), STOX_E_NONE);
  assert_status(stox_param_find(&p, (stox_span){NULL, 0}, "a"), STOX_E_NONE);
}

static int unquote(stox_buf *out, const void *ud) {
  return stox_display_unquote(out, *(const stox_span *)ud);
}

static int quote(stox_buf *out, const void *ud) {
  return stox_display_quote(out, *(const stox_span *)ud);
}

static void displays(void **state) {
  (void)state;
  static const struct {
    stox_span display;
    stox_span text;
  } rows[] = {
      {ROW("\"A. G. Bell\""), ROW("A. G. Bell")},
      {ROW("\"a\\\"b\\\\c\""), ROW("a\"b\\c")},
      {ROW("\"\""), ROW("")},
      {ROW("J\xC3\xB6rg M"), ROW("J\xC3\xB6rg M")},
      {ROW("\"a\r\n  b\tc  d\""), ROW("a b c  d")},
      {ROW("a\\b"), ROW("a\\b")},
      {ROW("\"\\a\""), ROW("a")},
      {ROW("\""), ROW("\"")},
      {ROW("\"a"), ROW("\"a")},
      {ROW("\"a\\\""), ROW("a\\")},
      {ROW("a\r b"), ROW("a b")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_writer(unquote, &rows[i].display, rows[i].text);
  }
  static const stox_span text = ROW("a\"b\\c \xC3\xBC");
  check_writer(quote, &text, S("\"a\\\"b\\\\c \xC3\xBC\""));
  static const stox_span refused[] = {ROW("\"\xC3\""), ROW("\"a\\\0\""), ROW("a\x7F"),
                                      ROW("\"\x01\"")};
  for (size_t i = 0; i < COUNT(refused); i++) {
    char room[16];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    stox_buf_put_text(&out, "x");
    assert_status(stox_display_unquote(&out, refused[i]), i == 0 ? STOX_E_BAD_UTF8 : STOX_E_CTRL);
    assert_status(stox_display_quote(&out, refused[i]), i == 0 ? STOX_E_BAD_UTF8 : STOX_E_CTRL);
    assert_span_equal(stox_buf_span(&out), S("x"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses), cmocka_unit_test(refuses),  cmocka_unit_test(hostile),
      cmocka_unit_test(params), cmocka_unit_test(displays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
