/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/mime_entity.h"

static void test_divided(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    stox_span headers;
    stox_span body;
  } rows[] = {
      {ROW(""), ROW(""), {NULL, 0}},
      {ROW("\r\n"), ROW(""), ROW("")},
      {ROW("\r\nHello"), ROW(""), ROW("Hello")},
      {ROW("\r\n\r\n"), ROW(""), ROW("\r\n")},
      {ROW("A: b"), ROW("A: b"), {NULL, 0}},
      {ROW("A: b\r\n"), ROW("A: b\r\n"), {NULL, 0}},
      {ROW("A: b\r\n\r\n"), ROW("A: b\r\n"), ROW("")},
      {ROW("A:\r\nB:c\r\n\r\nx\0y\r\n"), ROW("A:\r\nB:c\r\n"), ROW("x\0y\r\n")},
      {ROW("A: b\r\n c\r\n\td\r\n\r\nx"), ROW("A: b\r\n c\r\n\td\r\n"), ROW("x")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_mime_entity entity;
    assert_status(stox_mime_entity_parse(&entity, g.span, NULL, NULL), STOX_OK);
    assert_span_equal(entity.text, rows[i].text);
    assert_span_equal(entity.headers, rows[i].headers);
    assert_span_equal(entity.body, rows[i].body);
    assert_int_equal(entity.body.p == NULL, rows[i].body.p == NULL);
    guard_free(&g);
  }
}

static void test_refused(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int code;
    size_t offset;
  } rows[] = {
      {ROW(": b\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("A\r\n\r\n"), STOX_E_BAD_HEADER, 1},
      {ROW("A b: c\r\n\r\n"), STOX_E_BAD_HEADER, 1},
      {ROW(" A: b\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("A: b\r\nHello"), STOX_E_BAD_HEADER, 11},
      {ROW("A: b\n\r\n\r\n"), STOX_E_CTRL, 4},
      {ROW("A: b\rc\r\n\r\n"), STOX_E_CTRL, 4},
      {ROW("A: b\r"), STOX_E_CTRL, 4},
      {ROW("A: \0\r\n\r\n"), STOX_E_CTRL, 3},
      {ROW("A: \x7f\r\n\r\n"), STOX_E_CTRL, 3},
      {ROW("A: \xC3\r\n\r\n"), STOX_E_BAD_UTF8, 3},
      {ROW("\xC3\xA9: x\r\n\r\n"), STOX_E_BAD_HEADER, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_mime_entity entity;
    stox_diag diag = {0};
    assert_status(stox_mime_entity_parse(&entity, g.span, NULL, &diag), rows[i].code);
    assert_int_equal(diag.code, rows[i].code);
    assert_int_equal(diag.offset, rows[i].offset);
    assert_int_equal(diag.answer, 400);
    assert_non_null(diag.rule);
    assert_status(stox_mime_entity_parse(&entity, g.span, NULL, NULL), rows[i].code);
    guard_free(&g);
  }
}

static void test_every_truncation(void **state) {
  (void)state;
  const stox_span text =
      S("Content-Type: text/plain;\r\n charset=utf-8\r\nContent-ID: <a@b>\r\n\r\nx");
  for (size_t n = 0; n <= text.n; n++) {
    guard g = guard_copy(stox_span_slice(text, 0, n));
    stox_mime_entity entity;
    const int status = stox_mime_entity_parse(&entity, g.span, NULL, NULL);
    if (status == STOX_OK) {
      assert_int_equal(entity.headers.n + (entity.body.p == NULL ? 0 : 2 + entity.body.n), n);
    }
    guard_free(&g);
  }
}

/* Each limit at n - 1, n and n + 1. */
static void test_limits(void **state) {
  (void)state;
  const stox_span text = S("A: bcd\r\nB: cde\r\nC: def\r\n\r\n");
  stox_limits limits;
  stox_mime_entity entity;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  for (uint32_t n = 2; n <= 4; n++) {
    limits.body_fields = n;
    assert_status(stox_mime_entity_parse(&entity, text, &limits, NULL),
                  n < 3 ? STOX_E_TOO_MANY : STOX_OK);
  }
  for (uint32_t n = 5; n <= 7; n++) {
    limits.body_line = n;
    assert_status(stox_mime_entity_parse(&entity, text, &limits, NULL),
                  n < 6 ? STOX_E_TOO_LONG : STOX_OK);
  }
  limits.size = 0;
  assert_status(stox_mime_entity_parse(&entity, text, &limits, NULL), STOX_E_ARG);
}

static stox_mime_entity entity_of(const char *text) {
  stox_mime_entity entity = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
  assert_status(stox_mime_entity_parse(&entity, stox_span_text(text), NULL, NULL), STOX_OK);
  return entity;
}

static void test_fields(void **state) {
  (void)state;
  const stox_mime_entity entity = entity_of("A: 1\r\nb:\r\n 2\r\nC:  3 \r\nc: 4\r\n\r\n");
  stox_mime_field field;
  size_t cursor = 0;
  static const char *const values[] = {"1", "2", "3", "4"};
  size_t sum = 0;
  for (size_t i = 0; i < COUNT(values); i++) {
    assert_status(stox_mime_field_next(&field, entity.headers, &cursor, NULL), STOX_OK);
    assert_span_equal(field.value, stox_span_text(values[i]));
    sum += field.line.n;
  }
  assert_int_equal(sum, entity.headers.n);
  assert_status(stox_mime_field_next(&field, entity.headers, &cursor, NULL), STOX_E_NONE);
  assert_status(stox_mime_field_find(&field, entity.headers, "B"), STOX_OK);
  assert_span_equal(field.value, S("2"));
  assert_status(stox_mime_field_find(&field, entity.headers, "c"), STOX_E_REPEATED);
  assert_span_equal(field.value, S("3"));
  assert_status(stox_mime_field_find(&field, entity.headers, "D"), STOX_E_NONE);
  assert_status(stox_mime_field_find(&field, S("x"), "D"), STOX_E_BAD_HEADER);
}

static void test_type(void **state) {
  (void)state;
  stox_media_type type;
  stox_mime_entity entity = entity_of("content-TYPE: Text/HTML; charset=\"utf-8\"\r\n\r\n");
  assert_status(stox_mime_entity_type(&type, &entity), STOX_OK);
  assert_int_equal(stox_media_type_is(&type, "text", "html"), 1);
  entity = entity_of("A: b\r\n\r\n");
  assert_status(stox_mime_entity_type(&type, &entity), STOX_E_NONE);
  entity = entity_of("Content-Type: text\r\n\r\n");
  assert_status(stox_mime_entity_type(&type, &entity), STOX_E_BAD_MEDIA);
  entity = entity_of("Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n");
  assert_status(stox_mime_entity_type(&type, &entity), STOX_E_REPEATED);
}

/* "M-7-06": handling=optional may be skipped, all else may not. */
static void test_disposition(void **state) {
  (void)state;
  static const struct row {
    const char *text;
    int status;
    const char *type;
    int is_optional;
  } rows[] = {
      {"Content-Disposition: session\r\n", STOX_OK, "session", 0},
      {"Content-Disposition: aib; handling=optional\r\n", STOX_OK, "aib", 1},
      {"content-disposition: aib;\r\n HANDLING=Optional;x=y\r\n", STOX_OK, "aib", 1},
      {"Content-Disposition: render;handling=required\r\n", STOX_OK, "render", 0},
      {"Content-Disposition: render;handling=other\r\n", STOX_OK, "render", 0},
      {"A: b\r\n", STOX_E_NONE, "", 0},
      {"Content-Disposition:\r\n", STOX_E_BAD_HEADER, "", 0},
      {"Content-Disposition: a b\r\n", STOX_E_BAD_HEADER, "", 0},
      {"Content-Disposition: a;\"\r\n", STOX_E_BAD_HEADER, "", 0},
      {"Content-Disposition: a;handling=optional;handling=optional\r\n", STOX_E_REPEATED, "", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_mime_entity entity = entity_of(rows[i].text);
    stox_disposition disposition = {0};
    assert_status(stox_mime_entity_disposition(&disposition, &entity), rows[i].status);
    assert_span_equal(disposition.type, stox_span_text(rows[i].type));
    assert_int_equal(disposition.is_optional, rows[i].is_optional);
  }
}

static void test_content_id(void **state) {
  (void)state;
  static const struct row {
    const char *id;
    stox_span url;
    int is;
  } rows[] = {
      {"<foo4%foo1@bar.net>", ROW("cid:foo4%25foo1@bar.net"), 1},
      {"<foo4%foo1@bar.net>", ROW("CID:foo4%25foo1%40bar.net"), 1},
      {"<foo@bar.net>", ROW("cid:foo@bar.net"), 1},
      {"<foo@bar.net>", ROW("cid:Foo@bar.net"), 0},
      {"<foo@bar.net>", ROW("cid:foo@bar.ne"), 0},
      {"<foo@bar.net>", ROW("cid:foo@bar.nett"), 0},
      {"<foo@bar.net>", ROW("mid:foo@bar.net"), 0},
      {"<foo@bar.net>", ROW("cid:"), 0},
      {"<foo@bar.net>", ROW(""), 0},
      {"<foo@bar.net>", ROW("cid:foo@bar.ne%"), 0},
      {"<foo@bar.net>", ROW("cid:foo@bar.ne%7"), 0},
      {"<foo@bar.net>", ROW("cid:foo@bar.ne%7G"), 0},
      {"foo@bar.net", ROW("cid:foo@bar.net"), 1},
      {"<foo@bar.net", ROW("cid:foo@bar.net"), 0},
      {"foo@bar.net>", ROW("cid:foo@bar.net"), 0},
      {"", ROW("cid:"), 0},
      {"<>", ROW("cid:"), 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[64];
    (void)snprintf(text, sizeof text, "Content-ID: %s\r\n\r\n", rows[i].id);
    const stox_mime_entity entity = entity_of(text);
    guard g = guard_copy(rows[i].url);
    assert_int_equal(stox_mime_entity_is_content(&entity, g.span), rows[i].is);
    guard_free(&g);
  }
  const stox_mime_entity none = entity_of("\r\n");
  assert_int_equal(stox_mime_entity_is_content(&none, S("cid:a@b")), 0);
}

static void test_cid(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int status;
    stox_span want;
  } rows[] = {
      {ROW("Content-ID: <a.b-c_d~1@x.example>\r\n"), STOX_OK, ROW("cid:a.b-c_d~1@x.example")},
      {ROW("content-id:<a+ %/@x>\r\n"), STOX_OK, ROW("cid:a%2B%20%25%2F@x")},
      {ROW("Content-ID: a@x\r\n"), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Content-ID: <>\r\n"), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Content-ID: <a@x\r\n"), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Content-ID: <\r\n"), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Content-ID:\r\n"), STOX_E_BAD_HEADER, ROW("")},
      {ROW("Content-ID: <a@x>\r\nContent-ID: <b@x>\r\n"), STOX_E_REPEATED, ROW("")},
      {ROW("Subject: x\r\n"), STOX_E_NONE, ROW("")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_mime_entity entity;
    assert_status(stox_mime_entity_parse(&entity, g.span, NULL, NULL), STOX_OK);
    char room[64];
    for (size_t cap = 0; cap <= rows[i].want.n; cap++) {
      stox_buf out;
      stox_buf_init(&out, room, cap);
      const int status = stox_mime_entity_put_cid(&out, &entity);
      assert_status(status, rows[i].status != STOX_OK ? rows[i].status
                            : cap < rows[i].want.n    ? STOX_E_NOBUF
                                                      : STOX_OK);
      assert_int_equal(out.len, rows[i].want.n);
    }
    assert_memory_equal(room, rows[i].want.p, rows[i].want.n);
    if (rows[i].status == STOX_OK) {
      assert_int_equal(stox_mime_entity_is_content(&entity, rows[i].want), 1);
    }
    guard_free(&g);
  }
}

static void test_written(void **state) {
  (void)state;
  const stox_span want = S("Content-Type: text/plain\r\nSubject: \xC3\xA9\r\n\r\nbody");
  char room[128];
  for (size_t cap = 0; cap <= want.n; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    (void)stox_mime_put_field(&out, "Content-Type", S("text/plain"));
    (void)stox_mime_put_field(&out, "Subject", S("\xC3\xA9"));
    assert_status(stox_mime_put_body(&out, S("body")), cap < want.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, want.n);
  }
  assert_memory_equal(room, want.p, want.n);
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_mime_put_field(&out, "A", S("b\r\nC: d")), STOX_E_CTRL);
  assert_status(stox_mime_put_field(&out, "A", S("b\0")), STOX_E_CTRL);
  assert_status(stox_mime_put_field(&out, "A", S("\xFF")), STOX_E_BAD_UTF8);
  assert_status(stox_mime_put_field(&out, "A:", S("b")), STOX_E_ARG);
  assert_status(stox_mime_put_field(&out, "A b", S("b")), STOX_E_ARG);
  assert_status(stox_mime_put_field(&out, "", S("b")), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_divided),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_every_truncation),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_fields),
      cmocka_unit_test(test_type),
      cmocka_unit_test(test_disposition),
      cmocka_unit_test(test_content_id),
      cmocka_unit_test(test_cid),
      cmocka_unit_test(test_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
