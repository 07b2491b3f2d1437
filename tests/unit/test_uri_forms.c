/* SPDX-License-Identifier: MIT */
/* What a URI says by its form. */
#include "tables.h"
#include "writers.h"

#include "stox/uri_forms.h"

static stox_uri uri_of(const char *text) {
  stox_uri uri;
  assert_status(stox_uri_parse(&uri, stox_span_text(text), STOX_URI_STRICT, NULL), STOX_OK);
  return uri;
}

/* IDP-7-03, IDP-2-05 */
static void test_user_kind(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int kind;
  } rows[] = {
      {"sip:a@b;user=phone", STOX_URI_USER_PHONE},
      {"sip:a@b;user=ip", STOX_URI_USER_IP},
      {"sips:a@b;x=1;user=anonymous", STOX_URI_USER_ANONYMOUS},
      {"sip:a@b;USER=Anonymous", STOX_URI_USER_ANONYMOUS},
      {"sip:a@b;user=foo", STOX_URI_USER_OTHER},
      {"sip:a@b;user=anonymously", STOX_URI_USER_OTHER},
      {"sip:a@b", STOX_URI_USER_NONE},
      {"sip:user=phone@b", STOX_URI_USER_NONE},
      {"tel:+1555;user=phone", STOX_URI_USER_NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_uri uri = uri_of(rows[i].text);
    assert_int_equal(stox_uri_user_kind(&uri), rows[i].kind);
  }
}

static int put_aor(stox_buf *out, const void *ud) {
  return stox_uri_write_aor(out, ud);
}

/* GR-8.2-02, GR-8.2-03, GR-9-03, GR-9-04, GR-RFC5627-4.6-01 */
static void test_aor(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *aor; /* NULL: none */
  } rows[] = {
      {"sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
       "sip:callee@example.com"},
      {"sip:callee@example.com;opaque=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6;grid=99a",
       "sip:callee@example.com"},
      {"sip:callee@example.com;grid=99a;opaque=hdg7777ad7af1zig8sf7", "sip:callee@example.com"},
      {"sips:c%40@Example.com:5061;x;GR=1;y=%41?h=1", "sips:c%40@Example.com:5061;x;y=%41?h=1"},
      {"sip:callee@example.com;opaque=1;gruu;lr", "sip:callee@example.com;lr"},
      {"sip:callee@example.com;gr=1;grid=2", "sip:callee@example.com;grid=2"},
      {"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr", NULL},
      {"sip:GRUUabc@example.com", NULL},
      {"sip:GRUUabc@example.com;gruu", NULL},
      {"sip:callee@example.com;transport=tcp", NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_uri uri = uri_of(rows[i].text);
    if (rows[i].aor != NULL) {
      check_writer(put_aor, &uri, stox_span_text(rows[i].aor));
    } else {
      stox_buf out;
      stox_buf_init(&out, NULL, 0);
      assert_status(stox_uri_write_aor(&out, &uri), STOX_E_NONE);
      assert_int_equal(out.len, 0);
    }
  }
}

static stox_span without_brackets(stox_span text) {
  return text.n > 1 && text.p[0] == '<' ? stox_span_slice(text, 1, text.n - 2) : text;
}

/* GR-7.1.1.1-05 by the last column, GR-7.1.1.1-06 by the one before. */
static void test_instance_equality(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/sip-gruu", "instance-equality.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    guard a = guard_copy(without_brackets(t.field[0]));
    guard b = guard_copy(without_brackets(t.field[1]));
    assert_int_equal(stox_span_is_equal(t.field[0], t.field[1]), t.field[2].p[0] == 'y');
    assert_int_equal(stox_urn_is_equal(a.span, b.span), t.field[3].p[0] == 'y');
    assert_int_equal(stox_urn_is_equal(b.span, a.span), t.field[3].p[0] == 'y');
    assert_int_equal(stox_urn_is_equal(a.span, a.span), 1);
    guard_free(&a);
    guard_free(&b);
  }
  assert_int_equal(rows, 6);
  table_free(&t);
}

static void test_urn(void **state) {
  (void)state;
  static const struct {
    const char *a;
    const char *b;
    int is_equal;
  } rows[] = {
      {"urn:foo:a?+x", "urn:foo:a", 1},
      {"urn:foo:a#x", "urn:foo:a?=y", 1},
      {"urn:foo:a", "urn:foo:ab", 0},
      {"urn:foo:a", "urn:fo:oa", 0},
      {"urn:foo:%aBc", "urn:foo:%Abc", 1},
      {"urn:foo:%abc", "urn:foo:%abC", 0},
      {"urn:foo:%", "urn:foo:%", 1},
      {"urn:foo:", "urn:foo:", 0},
      {"urn::a", "urn::a", 0},
      {"http://h/", "http://h/", 0},
      {"", "", 0},
      {"urn", "urn", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard a = guard_copy(stox_span_text(rows[i].a));
    guard b = guard_copy(stox_span_text(rows[i].b));
    assert_int_equal(stox_urn_is_equal(a.span, b.span), rows[i].is_equal);
    guard_free(&a);
    guard_free(&b);
  }
}

/* GR-7.1.1.1-03 */
static void test_urn_valid(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int is_valid;
  } rows[] = {
      {"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", 1},
      {"URN:foo:1", 1},
      {"urn:a-b:c%20d?+e#f", 1},
      {"http://x", 0},
      {"urn:foo:", 0},
      {"urn:f:1", 0},
      {"urn:-f:1", 0},
      {"urn:f-:1", 0},
      {"urn:abcdefghijklmnopqrstuvwxyz012345:1", 1},
      {"urn:abcdefghijklmnopqrstuvwxyz0123456:1", 0},
      {"urn:foo:a b", 0},
      {"urn:foo:<a>", 0},
      {"urn:foo", 0},
      {"", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(stox_span_text(rows[i].text));
    if (stox_urn_is_valid(g.span) != rows[i].is_valid) {
      fail_msg("%s", rows[i].text);
    }
    guard_free(&g);
  }
}

static int put_swapped(stox_buf *out, const void *ud) {
  return stox_uri_write_swapped(out, ud);
}

/* GR-6-13 */
static void test_swapped(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *swapped;
    int gruu;
  } rows[] = {
      {"sip:callee@example.com;opaque=x", "sips:callee@example.com;opaque=x", STOX_GRUU_DRAFT2005},
      {"sips:callee@example.com;gr=x?h=1", "sip:callee@example.com;gr=x?h=1", STOX_GRUU_PUBLIC},
      {"SIP:t@example.com;gr", "sips:t@example.com;gr", STOX_GRUU_TEMPORARY},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_uri uri = uri_of(rows[i].text);
    const stox_uri other = uri_of(rows[i].swapped);
    check_writer(put_swapped, &uri, stox_span_text(rows[i].swapped));
    assert_int_equal(stox_uri_gruu(&uri), rows[i].gruu);
    assert_int_equal(stox_uri_gruu(&other), rows[i].gruu);
  }
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  const stox_uri im = uri_of("im:a@b");
  assert_status(stox_uri_write_swapped(&out, &im), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_user_kind),         cmocka_unit_test(test_aor),
      cmocka_unit_test(test_instance_equality), cmocka_unit_test(test_urn),
      cmocka_unit_test(test_urn_valid),         cmocka_unit_test(test_swapped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
