/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/media_type.h"

static void test_accepted(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    stox_span type;
    stox_span subtype;
    stox_span params;
  } rows[] = {
      {ROW("text/plain"), ROW("text"), ROW("plain"), {NULL, 0}},
      {ROW(" Text / Plain "), ROW("Text"), ROW("Plain"), {NULL, 0}},
      {ROW("text/plain;charset=UTF-8"), ROW("text"), ROW("plain"), ROW("charset=UTF-8")},
      {ROW("text/plain ;\r\n charset = \"utf-8\" ; x=y"), ROW("text"), ROW("plain"),
       ROW("\r\n charset = \"utf-8\" ; x=y")},
      {ROW("application/pidf+xml"), ROW("application"), ROW("pidf+xml"), {NULL, 0}},
      {ROW("*/*;q=0.5"), ROW("*"), ROW("*"), ROW("q=0.5")},
      {ROW("multipart/mixed;boundary=\"a;b\\\"c\""), ROW("multipart"), ROW("mixed"),
       ROW("boundary=\"a;b\\\"c\"")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_media_type media;
    assert_status(stox_media_type_parse(&media, g.span, NULL), STOX_OK);
    assert_span_equal(media.type, rows[i].type);
    assert_span_equal(media.subtype, rows[i].subtype);
    assert_span_equal(media.params, rows[i].params);
    assert_int_equal(media.params.p == NULL, rows[i].params.p == NULL);
    guard_free(&g);
  }
}

static void test_refused(void **state) {
  (void)state;
  static const stox_span rows[] = {
      ROW(""),
      ROW("text"),
      ROW("text/"),
      ROW("/plain"),
      ROW("text plain"),
      ROW("text/plain,"),
      ROW("text/plain;"),
      ROW("text/plain;;a=b"),
      ROW("text/plain;charset"),
      ROW("text/plain;charset="),
      ROW("text/plain;=x"),
      ROW("text/plain;a=\"b"),
      ROW("text/plain;a=\"\"b"),
      ROW("text/plain x"),
      ROW("te\0xt/plain"),
      ROW("text/\xC3\xA9"),
      ROW("text/plain;a=b;"),
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i]);
    stox_media_type media;
    stox_diag diag = {0};
    const int status = stox_media_type_parse(&media, g.span, &diag);
    if (status != STOX_E_BAD_MEDIA) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
    assert_int_equal(diag.code, STOX_E_BAD_MEDIA);
    assert_true(diag.offset <= rows[i].n);
    guard_free(&g);
  }
}

static void test_parameters(void **state) {
  (void)state;
  stox_media_type media;
  stox_span value = {NULL, 0};
  assert_status(
      stox_media_type_parse(&media, S("text/plain;Charset=\"utf-8\";a=1;b=2;B=3;c=\"\""), NULL),
      STOX_OK);
  assert_int_equal(stox_media_type_is(&media, "TEXT", "Plain"), 1);
  assert_int_equal(stox_media_type_is(&media, "text", "plai"), 0);
  assert_int_equal(stox_media_type_is(&media, "tex", "plain"), 0);
  assert_status(stox_media_type_param(&value, &media, "charset"), STOX_OK);
  assert_span_equal(value, S("utf-8"));
  assert_status(stox_media_type_param(&value, &media, "A"), STOX_OK);
  assert_span_equal(value, S("1"));
  assert_status(stox_media_type_param(&value, &media, "c"), STOX_OK);
  assert_int_equal(value.n, 0);
  assert_non_null(value.p);
  assert_status(stox_media_type_param(&value, &media, "b"), STOX_E_REPEATED);
  assert_status(stox_media_type_param(&value, &media, "d"), STOX_E_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_accepted),
                                     cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_parameters)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
