/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/multipart.h"

static stox_media_type type_of(const char *text) {
  stox_media_type type;
  assert_status(stox_media_type_parse(&type, stox_span_text(text), NULL), STOX_OK);
  return type;
}

/* "MS-7.3.1-06": the best that is accepted is the last of them, whatever the order of the list. */
static void test_best(void **state) {
  (void)state;
  static const char both[] = "--b\r\nContent-Type: text/plain\r\n\r\na\r\n"
                             "--b\r\nContent-Type: Text/HTML;charset=utf-8\r\n\r\n<b>a</b>\r\n"
                             "--b\r\nContent-Type: application/x\r\n\r\nx\r\n--b--";
  static const struct best_row {
    const char *body;
    stox_span accepted[2];
    size_t n;
    int status;
    const char *want;
  } rows[] = {
      {both, {ROW("text/plain")}, 1, STOX_OK, "a"},
      {both, {ROW("text/html"), ROW("text/plain")}, 2, STOX_OK, "<b>a</b>"},
      {both, {ROW("TEXT/*")}, 1, STOX_OK, "<b>a</b>"},
      {both, {ROW("*/*")}, 1, STOX_OK, "x"},
      {both, {ROW("text")}, 1, STOX_E_NONE, ""},
      {both, {ROW("")}, 0, STOX_E_NONE, ""},
      {"--b\r\n\r\nbare\r\n--b--", {ROW("text/plain")}, 1, STOX_OK, "bare"},
      {"--b\r\nContent-Type: x\r\n\r\nbad\r\n--b--", {ROW("*/*")}, 1, STOX_E_NONE, ""},
      {"--b\r\n\r\nno end", {ROW("*/*")}, 1, STOX_E_BAD_BODY, ""},
  };
  const stox_media_type type = type_of("multipart/alternative;boundary=b");
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_mime_entity part;
    assert_status(stox_multipart_best(&part, &type, stox_span_text(rows[i].body), rows[i].accepted,
                                      rows[i].n, NULL),
                  rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_span_equal(part.body, stox_span_text(rows[i].want));
    }
  }
  stox_mime_entity part;
  const stox_media_type text = type_of("text/plain");
  assert_status(stox_multipart_best(&part, &text, S(""), NULL, 0, NULL), STOX_E_UNSUPPORTED_MEDIA);
}

#define SIGNED_PART "Content-Type: text/plain\r\n\r\nhi \r\n\r\n"
#define SIGNATURE                                                                                  \
  "--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"                           \
  "Content-ID: <sig%1@x>\r\n\r\n\1\2"
#define SIGNED "--s\r\n" SIGNED_PART "\r\n" SIGNATURE "\r\n--s--\r\n"

/* "MS-14.3-01": the content is at hand without any verifier, octet for octet what was signed.
 * "E2M-3-05": a label names the signature by its cid. */
static void test_signed(void **state) {
  (void)state;
  static const struct signed_row {
    const char *type;
    stox_span body;
    int status;
  } rows[] = {
      {"multipart/signed;boundary=s;protocol=\"application/pkcs7-signature\";micalg=sha-256",
       ROW(SIGNED), STOX_OK},
      {"Multipart/Signed;boundary=s;protocol=\"APPLICATION/pkcs7-signature\"", ROW(SIGNED),
       STOX_OK},
      {"multipart/signed;boundary=s;protocol=\"application/pgp-signature\"", ROW(SIGNED),
       STOX_E_BAD_BODY},
      {"multipart/signed;boundary=s;protocol=x", ROW(SIGNED), STOX_E_BAD_PARAM},
      {"multipart/signed;boundary=s", ROW(SIGNED), STOX_E_MISSING},
      {"multipart/signed;boundary=s;protocol=a;protocol=b", ROW(SIGNED), STOX_E_REPEATED},
      {"multipart/signed;protocol=\"a/b\"", ROW(SIGNED), STOX_E_MISSING},
      {"multipart/mixed;boundary=s", ROW(SIGNED), STOX_E_UNSUPPORTED_MEDIA},
      {"multipart/signed;boundary=s;protocol=\"a/b\"", ROW("--s\r\n\r\n\r\n--s--"),
       STOX_E_BAD_BODY},
      {"multipart/signed;boundary=s;protocol=\"a/b\"", ROW("--s\r\n\r\n"), STOX_E_BAD_BODY},
      {"multipart/signed;boundary=s;protocol=\"application/pkcs7-signature\"",
       ROW("--s\r\n" SIGNED_PART "\r\n" SIGNATURE "\r\n--s\r\n\r\n\r\n--s--"), STOX_E_BAD_BODY},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].body);
    const stox_media_type type = type_of(rows[i].type);
    stox_multipart_signed read = {.micalg = {NULL, 0}};
    stox_diag diag = {0};
    const int status = stox_multipart_signed_parse(&read, &type, g.span, NULL, &diag);
    if (status != rows[i].status || diag.offset > g.span.n) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    if (status == STOX_OK) {
      char room[64];
      stox_buf out;
      stox_buf_init(&out, room, sizeof room);
      assert_span_equal(read.content.text, S(SIGNED_PART));
      assert_span_equal(read.content.body, S("hi \r\n\r\n"));
      assert_span_equal(read.signature.body, S("\1\2"));
      assert_status(stox_mime_entity_put_cid(&out, &read.signature), STOX_OK);
      assert_span_equal(stox_buf_span(&out), S("cid:sig%251@x"));
      assert_int_equal(stox_mime_entity_is_content(&read.signature, stox_buf_span(&out)), 1);
      assert_status(stox_mime_entity_put_cid(&out, &read.content), STOX_E_NONE);
    }
    guard_free(&g);
  }
}

/* "E2M-2.1-08": two encrypted pieces in one multipart/mixed. "E2M-2.1-12", "E2M-2.1-13": it is
 * optional as a whole only if each of them is. "CRT-8.5-01": certificate and key, in that order. */
static void test_made(void **state) {
  (void)state;
#define PIECE(handling) "Content-Type: application/pkcs7-mime\r\n" handling "\r\n\1"
#define OPTIONAL        "Content-Disposition: render;handling=optional\r\n"
#define REQUIRED        "Content-Disposition: render;handling=required\r\n"
  static const struct made_row {
    stox_span parts[2];
    const char *types[2];
    int is_optional;
  } rows[] = {
      {{ROW(PIECE(OPTIONAL)), ROW(PIECE(OPTIONAL))}, {"pkcs7-mime", "pkcs7-mime"}, 1},
      {{ROW(PIECE(OPTIONAL)), ROW(PIECE(REQUIRED))}, {"pkcs7-mime", "pkcs7-mime"}, 0},
      {{ROW(PIECE("")), ROW(PIECE(OPTIONAL))}, {"pkcs7-mime", "pkcs7-mime"}, 0},
      {{ROW("Content-Type: application/pkix-cert\r\n\r\n\1"),
        ROW("Content-Type: application/pkcs8\r\n\r\n\2")},
       {"pkix-cert", "pkcs8"},
       0},
  };
#undef PIECE
#undef OPTIONAL
#undef REQUIRED
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[512];
    char name[64];
    stox_buf out;
    stox_buf header;
    stox_buf_init(&out, room, sizeof room);
    stox_buf_init(&header, name, sizeof name);
    assert_int_equal(stox_multipart_is_optional(rows[i].parts, 2), rows[i].is_optional);
    assert_status(stox_multipart_put_type(&header, "mixed", S("b:1")), STOX_OK);
    assert_span_equal(stox_buf_span(&header), S("multipart/mixed;boundary=\"b:1\""));
    assert_status(stox_multipart_write(&out, S("b:1"), rows[i].parts, 2), STOX_OK);
    stox_media_type type;
    stox_multipart walk;
    stox_mime_entity part;
    assert_status(stox_media_type_parse(&type, stox_buf_span(&header), NULL), STOX_OK);
    assert_status(stox_multipart_init(&walk, &type, stox_buf_span(&out), NULL, 0), STOX_OK);
    for (size_t k = 0; k < 2; k++) {
      stox_media_type inner;
      assert_status(stox_multipart_next(&part, &walk, NULL), STOX_OK);
      assert_span_equal(part.text, rows[i].parts[k]);
      assert_status(stox_mime_entity_type(&inner, &part), STOX_OK);
      assert_int_equal(stox_media_type_is(&inner, "application", rows[i].types[k]), 1);
    }
    assert_status(stox_multipart_next(&part, &walk, NULL), STOX_E_NONE);
  }
  const stox_span bad = S("no colon\r\n\r\n");
  assert_int_equal(stox_multipart_is_optional(&bad, 1), 0);
  assert_int_equal(stox_multipart_is_optional(NULL, 0), 0);
}

static void test_type_written(void **state) {
  (void)state;
  char room[128];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_multipart_put_type(&out, "", S("b")), STOX_E_ARG);
  assert_status(stox_multipart_put_type(&out, "a b", S("b")), STOX_E_ARG);
  assert_status(stox_multipart_put_type(&out, "mixed", S("")), STOX_E_ARG);
  assert_status(stox_multipart_put_type(&out, "mixed", S("b\"")), STOX_E_ARG);
  assert_int_equal(out.len, 0);
  assert_status(stox_multipart_put_type(&out, "related", S("a-._Z9")), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("multipart/related;boundary=a-._Z9"));
  for (size_t cap = 0; cap < 33; cap++) {
    stox_buf_init(&out, room, cap);
    assert_status(stox_multipart_put_type(&out, "related", S("a-._Z9")), STOX_E_NOBUF);
    assert_int_equal(out.len, 33);
  }
}

#define PART(type, text) "Content-Type: " type "\r\n\r\n" text "\r\n"
#define OPTIONAL         "\r\nContent-Disposition: render;handling=optional"
#define MIXED            "multipart/mixed;boundary=m"
#define ALTERNATIVE      "multipart/alternative;boundary=a"
#define RELATED          "multipart/related;boundary=r"
#define PLAIN            PART("text/plain", "a")
#define HTML             PART("text/html", "<b>a</b>")

/* "M-7-10": of alternatives the best, of related the root, of mixed all, joined by the reader.
 * "M-7-06": what is not accepted is passed over where it is optional, else refused. */
static void test_shown(void **state) {
  (void)state;
  static const struct shown_row {
    const char *type;
    const char *body;
    int has_html;
    int status;
    const char *text;
  } rows[] = {
      {ALTERNATIVE, "--a\r\n" PLAIN "--a\r\n" HTML "--a--", 0, STOX_E_NONE, "a"},
      {ALTERNATIVE, "--a\r\n" PLAIN "--a\r\n" HTML "--a--", 1, STOX_E_NONE, "<b>a</b>"},
      {ALTERNATIVE, "--a\r\n" HTML "--a--", 0, STOX_E_UNSUPPORTED_MEDIA, ""},
      {MIXED, "--m\r\n" PLAIN "--m\r\n" PART("text/plain", "b") "--m--", 0, STOX_E_NONE, "a\n\nb"},
      {MIXED, "--m\r\n\r\na\r\n--m\r\n" PART("image/png" OPTIONAL, "x") "--m\r\n" PLAIN "--m--", 0,
       STOX_E_NONE, "a\n\na"},
      {MIXED, "--m\r\n" PLAIN "--m\r\n" PART("image/png", "x") "--m--", 0, STOX_E_UNSUPPORTED_MEDIA,
       "a"},
      {RELATED, "--r\r\n" PLAIN "--r\r\n" PART("image/png", "x") "--r--", 0, STOX_E_NONE, "a"},
      {RELATED, "--r\r\n" HTML "--r\r\n" PLAIN "--r--", 0, STOX_E_UNSUPPORTED_MEDIA, ""},
      /* A page with its picture is one alternative. */
      {ALTERNATIVE,
       "--a\r\n" PLAIN
       "--a\r\n" PART(RELATED, "--r\r\n" HTML "--r\r\n" PART("image/png", "x") "--r--") "--a--",
       0, STOX_E_NONE, "a"},
      {ALTERNATIVE,
       "--a\r\n" PLAIN
       "--a\r\n" PART(RELATED, "--r\r\n" HTML "--r\r\n" PART("image/png", "x") "--r--") "--a--",
       1, STOX_E_NONE, "<b>a</b>"},
      {MIXED,
       "--m\r\n" PART(ALTERNATIVE, "--a\r\n" PLAIN "--a\r\n" HTML "--a--") "--m\r\n" PART(
           "multipart/x;boundary=x", "--x\r\n" PLAIN "--x--") "--m\r\n" PART("text/plain",
                                                                             "c") "--m--",
       1, STOX_E_NONE, "<b>a</b>\n\na\n\nc"},
      {MIXED, "--m\r\n" PART(ALTERNATIVE OPTIONAL, "--a\r\n" HTML "--a--") "--m\r\n" PLAIN "--m--",
       0, STOX_E_NONE, "a"},
      {MIXED, "--m\r\n" PART(ALTERNATIVE, "--a\r\n" HTML "--a--") "--m\r\n" PLAIN "--m--", 0,
       STOX_E_UNSUPPORTED_MEDIA, ""},
      {"multipart/signed;boundary=m;protocol=\"a/b\"",
       "--m\r\n" PLAIN "--m\r\n" PART("a/b", "sig") "--m--", 0, STOX_E_NONE, "a"},
      {"multipart/signed;boundary=m", "--m\r\n" PLAIN "--m\r\n" PART("a/b", "sig") "--m--", 0,
       STOX_E_MISSING, ""},
      {MIXED, "--m\r\n" PLAIN, 0, STOX_E_BAD_BODY, ""},
      {"text/plain", "a", 0, STOX_E_UNSUPPORTED_MEDIA, ""},
  };
  static const stox_span accepted[] = {ROW("text/plain"), ROW("text/html")};
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(stox_span_text(rows[i].body));
    const stox_media_type type = type_of(rows[i].type);
    char room[256];
    stox_buf out;
    stox_body_shown walk;
    stox_mime_entity part;
    stox_buf_init(&out, room, sizeof room);
    int status =
        stox_body_shown_init(&walk, &type, g.span, accepted, rows[i].has_html ? 2 : 1, NULL);
    while (status == STOX_OK && (status = stox_body_shown_next(&part, &walk)) == STOX_OK) {
      (void)stox_buf_put_text(&out, out.len > 0 ? "\n\n" : "");
      (void)stox_buf_put(&out, part.body);
    }
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
    assert_span_equal(stox_buf_span(&out), stox_span_text(rows[i].text));
    guard_free(&g);
  }
}

/* "M-7-10": four multiparts within each other, sixteen parts in all. */
static void test_shown_limits(void **state) {
  (void)state;
  static const stox_span accepted[] = {ROW("*/*")};
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.body_depth = 4;
  limits.body_parts = 16;
  for (int n = 15; n <= 17; n++) {
    char room[1024];
    stox_buf out;
    stox_body_shown walk;
    stox_buf_init(&out, room, sizeof room);
    for (int i = 0; i < n; i++) {
      (void)stox_buf_put_text(&out, "--m\r\n\r\nx\r\n");
    }
    (void)stox_buf_put_text(&out, "--m--");
    const stox_media_type type = type_of(MIXED);
    assert_status(stox_body_shown_init(&walk, &type, stox_buf_span(&out), accepted, 1, &limits),
                  n <= 16 ? STOX_OK : STOX_E_TOO_MANY);
  }
  for (int depth = 3; depth <= 5; depth++) {
    char room[1024];
    char line[96];
    stox_buf out;
    stox_body_shown walk;
    stox_buf_init(&out, room, sizeof room);
    for (int i = 1; i < depth; i++) {
      (void)snprintf(line, sizeof line,
                     "--b%d\r\nContent-Type: multipart/mixed;boundary=b%d\r\n\r\n", i, i + 1);
      (void)stox_buf_put_text(&out, line);
    }
    (void)snprintf(line, sizeof line, "--b%d\r\n\r\nx", depth);
    (void)stox_buf_put_text(&out, line);
    for (int i = depth; i > 0; i--) {
      (void)snprintf(line, sizeof line, "\r\n--b%d--", i);
      (void)stox_buf_put_text(&out, line);
    }
    const stox_media_type type = type_of("multipart/mixed;boundary=b1");
    assert_status(stox_body_shown_init(&walk, &type, stox_buf_span(&out), accepted, 1, &limits),
                  depth <= 4 ? STOX_OK : STOX_E_TOO_DEEP);
    stox_mime_entity part;
    if (depth <= 4) {
      assert_status(stox_body_shown_next(&part, &walk), STOX_OK);
      assert_span_equal(part.body, S("x"));
      assert_status(stox_body_shown_next(&part, &walk), STOX_E_NONE);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_best),  cmocka_unit_test(test_signed),
      cmocka_unit_test(test_made),  cmocka_unit_test(test_type_written),
      cmocka_unit_test(test_shown), cmocka_unit_test(test_shown_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
