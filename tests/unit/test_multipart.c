/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/multipart.h"

static stox_media_type type_of(const char *text) {
  stox_media_type type;
  assert_status(stox_media_type_parse(&type, stox_span_text(text), NULL), STOX_OK);
  return type;
}

enum { PARTS_MOST = 4 };

typedef struct row {
  stox_span body;
  size_t n;
  stox_span parts[PARTS_MOST]; /* their octets */
  stox_span preamble;
  stox_span epilogue;
  int is_lenient;
} row;

static const row accepted[] = {
    {ROW("--b\r\n\r\nHello\r\n--b--"), 1, {ROW("\r\nHello")}, ROW(""), {NULL, 0}, 0},
    {ROW("--b\r\n\r\nHello\r\n--b--\r\n"), 1, {ROW("\r\nHello")}, ROW(""), ROW(""), 0},
    {ROW("--b\r\n\r\n--b--"), 1, {ROW("")}, ROW(""), {NULL, 0}, 0},
    {ROW("--b\r\n\r\n\r\n--b--"), 1, {ROW("\r\n")}, ROW(""), {NULL, 0}, 0},
    {ROW("\r\n--b\r\n\r\nx\r\n--b--"), 1, {ROW("\r\nx")}, ROW(""), {NULL, 0}, 0},
    {ROW("pre\r\n--a\r\n--b \t\r\nA: b\r\n\r\n1\r\n\r\n--b\t\r\n\r\n2\r\n--b-- \r\nepi\r\n--b\r\n"),
     2,
     {ROW("A: b\r\n\r\n1\r\n"), ROW("\r\n2")},
     ROW("pre\r\n--a"),
     ROW("epi\r\n--b\r\n"),
     0},
    {ROW("--b\r\nA: b\r\n--b--"), 1, {ROW("A: b")}, ROW(""), {NULL, 0}, 0},
    {ROW("--b\r\n\r\n--x\r\n -\r\r\n-- b\r\n-b\r\n\n--b\r\n--b--"),
     1,
     {ROW("\r\n--x\r\n -\r\r\n-- b\r\n-b\r\n\n--b")},
     ROW(""),
     {NULL, 0},
     0},
    /* Lenient only. */
    {ROW("--b\r\n\r\nHello"), 1, {ROW("\r\nHello")}, ROW(""), {NULL, 0}, 1},
    {ROW("--b\r\n\r\nHello\r\n--b"), 1, {ROW("\r\nHello")}, ROW(""), {NULL, 0}, 1},
    {ROW("--b\r\n\r\nHello\r\n--b\r\n"), 1, {ROW("\r\nHello")}, ROW(""), {NULL, 0}, 1},
    {ROW("--b\r\n\r\nHello\r\n--bc\r\n--b--"),
     1,
     {ROW("\r\nHello\r\n--bc")},
     ROW(""),
     {NULL, 0},
     1},
    {ROW("--b\r\n--b\r\n\r\nx\r\n--b--"), 2, {ROW(""), ROW("\r\nx")}, ROW(""), {NULL, 0}, 1},
    {ROW("--bx\r\n--b\r\n\r\nx\r\n--b--"), 1, {ROW("\r\nx")}, ROW("--bx"), {NULL, 0}, 1},
};

static void check_row(const row *r, int lenient) {
  guard g = guard_copy(r->body);
  const stox_media_type type = type_of("multipart/mixed; boundary=b");
  stox_multipart walk;
  stox_mime_entity part;
  assert_status(stox_multipart_init(&walk, &type, g.span, NULL, lenient), STOX_OK);
  for (size_t i = 0; i < r->n; i++) {
    assert_status(stox_multipart_next(&part, &walk, NULL), STOX_OK);
    assert_span_equal(part.text, r->parts[i]);
  }
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_E_NONE);
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_E_NONE);
  assert_span_equal(walk.preamble, r->preamble);
  assert_span_equal(walk.epilogue, r->epilogue);
  assert_int_equal(walk.epilogue.p == NULL, r->epilogue.p == NULL);
  assert_int_equal(walk.is_lenient, r->is_lenient);
  assert_int_equal(walk.count, r->n);
  guard_free(&g);
}

/* "MS-7.3.1-06", "MS-14.3-01": octet for octet what stands between the delimiters. */
static void test_parts(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(accepted); i++) {
    check_row(&accepted[i], 1);
    if (!accepted[i].is_lenient) {
      check_row(&accepted[i], 0);
    }
  }
}

static int walk_all(stox_span body, int lenient, const stox_limits *limits, stox_diag *diag) {
  const stox_media_type type = type_of("multipart/mixed; boundary=b");
  stox_multipart walk;
  stox_mime_entity part;
  int status = stox_multipart_init(&walk, &type, body, limits, lenient);
  while (status == STOX_OK) {
    status = stox_multipart_next(&part, &walk, diag);
  }
  return status;
}

static void test_refused(void **state) {
  (void)state;
  static const struct refusal {
    stox_span body;
    int code;
    size_t offset;
    int lenient; /* what the lenient walk says */
  } rows[] = {
      {ROW(""), STOX_E_BAD_BODY, 0, STOX_E_BAD_BODY},
      {ROW("x"), STOX_E_BAD_BODY, 1, STOX_E_BAD_BODY},
      {ROW("--b"), STOX_E_BAD_BODY, 0, STOX_E_BAD_BODY},
      {ROW("--b--"), STOX_E_BAD_BODY, 0, STOX_E_BAD_BODY},
      {ROW("x--b\r\n\r\n--b--"), STOX_E_BAD_BODY, 8, STOX_E_BAD_BODY},
      {ROW("--b\n\n--b--\n"), STOX_E_BAD_BODY, 0, STOX_E_BAD_BODY},
      {ROW("--b\r\n"), STOX_E_BAD_BODY, 5, STOX_E_NONE},
      {ROW("--b\r\n\r\nx\r\n--b"), STOX_E_BAD_BODY, 10, STOX_E_NONE},
      {ROW("--b\r\n\r\nx\r\n--b-"), STOX_E_BAD_BODY, 10, STOX_E_NONE},
      {ROW("--b\r\n\r\nx\r\n--b--\r"), STOX_E_BAD_BODY, 10, STOX_E_NONE},
      {ROW("--b\r\n\r\nx\r\n--b--x"), STOX_E_BAD_BODY, 10, STOX_E_NONE},
      {ROW("--b\r\n\r\nx\r\n--bb\r\n--b--"), STOX_E_BAD_BODY, 10, STOX_E_NONE},
      {ROW("--b\r\n--b--"), STOX_E_BAD_BODY, 5, STOX_E_NONE},
      {ROW("--b\r\nx\r\n\r\ny\r\n--b--"), STOX_E_BAD_HEADER, 6, STOX_E_BAD_HEADER},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].body);
    stox_diag diag = {0};
    const int status = walk_all(g.span, 0, NULL, &diag);
    if (status != rows[i].code || diag.offset != rows[i].offset) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    assert_int_equal(diag.code, status);
    const int lenient = walk_all(g.span, 1, NULL, NULL);
    if (lenient != rows[i].lenient) {
      fail_msg("row %zu: lenient %s", i, stox_status_name(lenient));
    }
    guard_free(&g);
  }
}

static void test_types(void **state) {
  (void)state;
  static const struct type_row {
    const char *type;
    int status;
  } rows[] = {
      {"multipart/mixed;boundary=b", STOX_OK},
      {"MultiPart/X-Any;Boundary=\"b\"", STOX_OK},
      {"multipart/mixed;boundary=\"\\b\"", STOX_OK},
      {"multipart/mixed;boundary=\"a b'()+_,-./:=?\"", STOX_OK},
      {"multipart/mixed", STOX_E_MISSING},
      {"text/plain;boundary=b", STOX_E_UNSUPPORTED_MEDIA},
      {"multipart/mixed;boundary=b;boundary=b", STOX_E_BAD_MEDIA},
      {"multipart/mixed;boundary=\"\"", STOX_E_BAD_MEDIA},
      {"multipart/mixed;boundary=\"b \"", STOX_E_BAD_MEDIA},
      {"multipart/mixed;boundary=\"b\\\"\"", STOX_E_BAD_MEDIA},
      {"multipart/mixed;boundary=\"b@\"", STOX_E_BAD_MEDIA},
  };
  const stox_span body = S("--b\r\n\r\n--b--");
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_media_type type = type_of(rows[i].type);
    stox_multipart walk;
    assert_status(stox_multipart_init(&walk, &type, body, NULL, 0), rows[i].status);
  }
  stox_mime_entity part;
  stox_multipart walk;
  const stox_media_type escaped = type_of("multipart/mixed;boundary=\"\\b\"");
  assert_status(stox_multipart_init(&walk, &escaped, body, NULL, 0), STOX_OK);
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_OK);
}

/* A boundary of 69, 70 and 71 octets. */
static void test_boundary_length(void **state) {
  (void)state;
  char text[160] = "multipart/mixed;boundary=";
  const size_t from = sizeof "multipart/mixed;boundary=" - 1;
  memset(text + from, 'x', 71);
  for (size_t n = 69; n <= 71; n++) {
    const stox_span whole = {text, from + n};
    stox_media_type type;
    stox_multipart walk;
    char room[512];
    stox_buf out;
    const stox_span part = S("\r\n");
    assert_status(stox_media_type_parse(&type, whole, NULL), STOX_OK);
    assert_status(stox_multipart_init(&walk, &type, S(""), NULL, 0),
                  n > 70 ? STOX_E_BAD_MEDIA : STOX_OK);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_multipart_write(&out, stox_span_slice(whole, from, n), &part, 1),
                  n > 70 ? STOX_E_ARG : STOX_OK);
  }
}

static void test_every_truncation(void **state) {
  (void)state;
  const stox_span body = S("pre\r\n--b\r\nA: b\r\n\r\n1\r\n--b \r\n\r\n2\r\n--b--\r\nepilogue");
  const size_t closed = body.n - 10;
  for (size_t n = 0; n <= body.n; n++) {
    guard g = guard_copy(stox_span_slice(body, 0, n));
    stox_diag diag = {0};
    const int status = walk_all(g.span, 0, NULL, &diag);
    if (n == closed || n >= closed + 2) {
      assert_status(status, STOX_E_NONE);
    } else {
      assert_true(status != STOX_E_NONE && diag.code == status && diag.offset <= n);
    }
    (void)walk_all(g.span, 1, NULL, NULL);
    guard_free(&g);
  }
}

static void test_limits(void **state) {
  (void)state;
  stox_limits limits;
  const stox_span body = S("--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n\r\n3\r\n--b--");
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  for (uint32_t n = 2; n <= 4; n++) {
    limits.body_parts = n;
    assert_status(walk_all(body, 0, &limits, NULL), n < 3 ? STOX_E_TOO_MANY : STOX_E_NONE);
  }
  limits.size = 1;
  assert_status(walk_all(body, 0, &limits, NULL), STOX_E_ARG);
}

#define TREE                                                                                       \
  "--o\r\nContent-Type: multipart/alternative; boundary=i\r\nContent-ID: <alt@x>\r\n\r\n"          \
  "--i\r\nContent-Type: text/plain\r\n\r\nplain\r\n--i\r\nContent-Type: text/html\r\n"             \
  "Content-ID: <html@x>\r\n\r\n<b/>\r\n--i--\r\n--o\r\nContent-ID: "                               \
  "<last%1@x>\r\n\r\nlast\r\n--o--"

static void test_tree(void **state) {
  (void)state;
  static const struct node {
    uint32_t depth;
    int is_multipart;
    stox_span body;
  } want[] = {{1, 1, {NULL, 0}}, {2, 0, ROW("plain")}, {2, 0, ROW("<b/>")}, {1, 0, ROW("last")}};
  guard g = guard_copy(S(TREE));
  const stox_media_type type = type_of("multipart/mixed;boundary=o");
  stox_body_walk walk;
  stox_body_part part;
  assert_status(stox_body_walk_init(&walk, &type, g.span, NULL, 0), STOX_OK);
  for (size_t i = 0; i < COUNT(want); i++) {
    assert_status(stox_body_walk_next(&part, &walk, NULL), STOX_OK);
    assert_int_equal(part.depth, want[i].depth);
    assert_int_equal(part.is_multipart, want[i].is_multipart);
    if (want[i].body.p != NULL) {
      assert_span_equal(part.entity.body, want[i].body);
    }
  }
  assert_null(part.type.type.p);
  assert_status(stox_body_walk_next(&part, &walk, NULL), STOX_E_NONE);
  assert_int_equal(walk.count, 4);
  assert_int_equal(walk.is_lenient, 0);
  guard_free(&g);
}

static int walk_tree(stox_span body, const stox_limits *limits, stox_diag *diag) {
  const stox_media_type type = type_of("multipart/mixed;boundary=o");
  stox_body_walk walk;
  stox_body_part part;
  int status = stox_body_walk_init(&walk, &type, body, limits, 0);
  while (status == STOX_OK) {
    status = stox_body_walk_next(&part, &walk, diag);
  }
  return status;
}

/* "M-7-10": parts and depth of the whole tree, at n - 1, n and n + 1. */
static void test_tree_limits(void **state) {
  (void)state;
  stox_limits limits;
  stox_diag diag = {0};
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  for (uint32_t n = 3; n <= 5; n++) {
    limits.body_parts = n;
    assert_status(walk_tree(S(TREE), &limits, NULL), n < 4 ? STOX_E_TOO_MANY : STOX_E_NONE);
  }
  for (uint32_t n = 1; n <= 3; n++) {
    limits.body_depth = n;
    assert_status(walk_tree(S(TREE), &limits, &diag), n < 2 ? STOX_E_TOO_DEEP : STOX_E_NONE);
  }
  assert_int_equal(diag.offset, 5);
  limits.body_depth = 0;
  assert_status(walk_tree(S(TREE), &limits, NULL), STOX_E_ARG);
}

/* A refusal in an inner multipart is told by its offset in the outermost. */
static void test_tree_refused(void **state) {
  (void)state;
  static const struct refusal {
    stox_span body;
    int code;
    size_t offset;
  } rows[] = {
      {ROW("--o\r\nContent-Type: multipart/x;boundary=i\r\n\r\nx\r\n--o--"), STOX_E_BAD_BODY, 46},
      {ROW("--o\r\nContent-Type: multipart/x;boundary=i\r\n--o--"), STOX_E_BAD_BODY, 41},
      {ROW("--o\r\nContent-Type: multipart/x\r\n\r\nx\r\n--o--"), STOX_E_MISSING, 5},
      {ROW("--o\r\nContent-Type: x\r\n\r\nx\r\n--o--"), STOX_E_BAD_MEDIA, 5},
      {ROW("--o\r\nContent-Type: multipart/x;boundary=i\r\n\r\n--i\r\n:\r\n--i--\r\n--o--"),
       STOX_E_BAD_HEADER, 50},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].body);
    stox_diag diag = {0};
    assert_status(walk_tree(g.span, NULL, &diag), rows[i].code);
    assert_int_equal(diag.offset, rows[i].offset);
    guard_free(&g);
  }
}

/* "MS-7.3.1-06": eight multiparts within each other, and no more. */
static void test_deepest(void **state) {
  (void)state;
  for (size_t depth = 7; depth <= 9; depth++) {
    char room[1024];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    for (size_t i = 1; i < depth; i++) {
      const char inner[] = {(char)('o' + i), '\0'};
      (void)stox_buf_put_text(&out, "--");
      (void)stox_buf_put_octet(&out, (char)('o' + i - 1));
      (void)stox_buf_put_text(&out, "\r\nContent-Type: multipart/x;boundary=");
      (void)stox_buf_put_text(&out, inner);
      (void)stox_buf_put_text(&out, "\r\n\r\n");
    }
    for (size_t i = depth; i > 0; i--) {
      const char c = (char)('o' + i - 1);
      const char end[] = {'-', '-', c, '-', '-', '\r', '\n', '\0'};
      (void)stox_buf_put_text(&out, i == depth ? "--" : "");
      (void)stox_buf_put(&out, (stox_span){&c, i == depth});
      (void)stox_buf_put_text(&out, i == depth ? "\r\n\r\nx\r\n" : "");
      (void)stox_buf_put_text(&out, end);
    }
    assert_status(walk_tree(stox_buf_span(&out), NULL, NULL),
                  depth > STOX_MULTIPART_DEPTH ? STOX_E_TOO_DEEP : STOX_E_NONE);
  }
}

/* A label names a part of any depth by its cid. */
static void test_find(void **state) {
  (void)state;
  const stox_media_type type = type_of("multipart/mixed;boundary=o");
  stox_body_part part;
  assert_status(stox_body_find(&part, &type, S(TREE), S("cid:html@x"), NULL, NULL), STOX_OK);
  assert_span_equal(part.entity.body, S("<b/>"));
  assert_status(stox_body_find(&part, &type, S(TREE), S("cid:alt@x"), NULL, NULL), STOX_OK);
  assert_int_equal(part.is_multipart, 1);
  assert_status(stox_body_find(&part, &type, S(TREE), S("cid:last%251@x"), NULL, NULL), STOX_OK);
  assert_span_equal(part.entity.body, S("last"));
  assert_status(stox_body_find(&part, &type, S(TREE), S("cid:x@x"), NULL, NULL), STOX_E_NONE);
  const stox_media_type text = type_of("text/plain");
  assert_status(stox_body_find(&part, &text, S(TREE), S("cid:x@x"), NULL, NULL),
                STOX_E_UNSUPPORTED_MEDIA);
}

static void test_root(void **state) {
  (void)state;
  static const struct root_row {
    const char *type;
    int status;
    const char *body;
  } rows[] = {
      {"multipart/related;boundary=b", STOX_OK, "1"},
      {"multipart/related;boundary=b;start=\"<two@x>\"", STOX_OK, "2"},
      {"multipart/related;boundary=b;start=\"<none@x>\"", STOX_E_NONE, ""},
      {"multipart/related;boundary=b;start=a;start=b", STOX_E_REPEATED, ""},
      {"multipart/related", STOX_E_MISSING, ""},
  };
  const stox_span body = S("--b\r\n\r\n1\r\n--b\r\nContent-ID: <two@x>\r\n\r\n2\r\n--b--");
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_media_type type = type_of(rows[i].type);
    stox_mime_entity part;
    assert_status(stox_multipart_root(&part, &type, body, NULL, NULL), rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_span_equal(part.body, stox_span_text(rows[i].body));
    }
  }
}

/* A source that gives a counter, after `same` times the same. */
typedef struct source {
  int same;
  int calls;
  int fails;
} source;

static int fill(void *ud, void *p, size_t n) {
  source *s = ud;
  if (s->fails) {
    return STOX_E_NOMEM;
  }
  memset(p, s->calls++ < s->same ? 0x11 : 0x22, n);
  return STOX_OK;
}

static void test_boundary(void **state) {
  (void)state;
  const stox_span parts[] = {S("\r\nx"), S("\r\n--11111111111111111111111111111111")};
  for (int same = 0; same <= 5; same++) {
    source s = {same, 0, 0};
    const stox_random random = {sizeof random, &s, fill};
    char boundary[STOX_BOUNDARY_MADE];
    const int status = stox_multipart_boundary(boundary, parts, COUNT(parts), &random);
    assert_status(status, same < 4 ? STOX_OK : STOX_E_STATE);
    if (status == STOX_OK) {
      assert_memory_equal(boundary, "22222222222222222222222222222222", sizeof boundary);
    }
  }
  source s = {0, 0, 1};
  const stox_random random = {sizeof random, &s, fill};
  char boundary[STOX_BOUNDARY_MADE];
  assert_status(stox_multipart_boundary(boundary, parts, 1, &random), STOX_E_NOMEM);
}

/* Parts in their order, octet for octet. */
static void test_written(void **state) {
  (void)state;
  const stox_span parts[] = {S("Content-Type: application/pkix-cert\r\n\r\n\0\1"), S("\r\n"),
                             S("")};
  const stox_span want = S("--b\r\nContent-Type: application/pkix-cert\r\n\r\n\0\1\r\n--b\r\n\r\n"
                           "\r\n--b\r\n\r\n--b--");
  char room[128];
  for (size_t cap = 0; cap <= want.n; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    assert_status(stox_multipart_write(&out, S("b"), parts, COUNT(parts)),
                  cap < want.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, want.n);
  }
  assert_memory_equal(room, want.p, want.n);
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  const stox_span bad[] = {S("x\r\n--b")};
  assert_status(stox_multipart_write(&out, S("b"), bad, 1), STOX_E_ARG);
  assert_status(stox_multipart_write(&out, S("b"), parts, 0), STOX_E_ARG);
  assert_status(stox_multipart_write(&out, S(""), parts, 1), STOX_E_ARG);
  assert_status(stox_multipart_write(&out, S("b "), parts, 1), STOX_E_ARG);
  assert_status(stox_multipart_write(&out, S("b\r\n"), parts, 1), STOX_E_ARG);
  assert_status(stox_multipart_write(&out, S("\\b"), parts, 1), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_boundary_length),
      cmocka_unit_test(test_every_truncation),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_tree),
      cmocka_unit_test(test_tree_limits),
      cmocka_unit_test(test_tree_refused),
      cmocka_unit_test(test_deepest),
      cmocka_unit_test(test_find),
      cmocka_unit_test(test_root),
      cmocka_unit_test(test_boundary),
      cmocka_unit_test(test_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
