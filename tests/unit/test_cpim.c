/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/cpim.h"

#define HEADERS                                                                                    \
  "From: MR SANDERS <im:piglet@100akerwood.com>\r\n"                                               \
  "To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n"                                           \
  "DateTime: 2000-12-13T13:40:00-08:00\r\n"                                                        \
  "Subject: the weather will be fine today\r\n"                                                    \
  "Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n"                                         \
  "NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n"                                            \
  "Require: MyFeatures.VitalMessageOption\r\n"                                                     \
  "MyFeatures.VitalMessageOption: Confirmation-requested\r\n"                                      \
  "MyFeatures.WackyMessageOption: Use-silly-font\r\n"
#define CONTENT                                                                                    \
  "Content-type: text/xml; charset=utf-8\r\nContent-ID: <1234567890@foo.com>\r\n\r\n"              \
  "<body>\r\nHere is the text of my message.\r\n</body>\r\n"

static stox_span none(void) {
  return (stox_span){NULL, 0};
}

static stox_cpim cpim_of(stox_span text, int lenient) {
  stox_cpim cpim = {0};
  assert_status(stox_cpim_parse(&cpim, text, NULL, lenient, NULL), STOX_OK);
  return cpim;
}

/* "MS-CPIM-01": the example of RFC 3862 5.1, each field as written. */
static void test_example(void **state) {
  (void)state;
  guard g = guard_copy(S(HEADERS "\r\n" CONTENT));
  const stox_cpim cpim = cpim_of(g.span, 0);
  stox_cpim_field field;
  size_t cursor = 0;
  size_t n = 0;
  assert_span_equal(cpim.headers, S(HEADERS));
  assert_span_equal(cpim.content.text, S(CONTENT));
  assert_int_equal(cpim.is_lenient, 0);
  for (const char *at = cpim.headers.p; stox_cpim_next(&field, &cpim, &cursor) == STOX_OK; n++) {
    assert_ptr_equal(field.line.p, at);
    at += field.line.n;
  }
  assert_int_equal(n, 9);
  assert_int_equal(cursor, cpim.headers.n);
  char room[sizeof HEADERS CONTENT + 2];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  (void)stox_buf_put(&out, cpim.headers);
  (void)stox_cpim_put_end(&out);
  assert_status(stox_buf_put(&out, cpim.content.text), STOX_OK);
  assert_span_equal(stox_buf_span(&out), g.span);
  guard_free(&g);
}

static void test_found(void **state) {
  (void)state;
  const stox_cpim cpim = cpim_of(S(HEADERS "\r\n" CONTENT), 0);
  stox_cpim_field field;
  size_t cursor = 0;
  assert_status(stox_cpim_find(&field, &cpim, none(), "Subject", &cursor), STOX_OK);
  assert_span_equal(field.value, S("the weather will be fine today"));
  assert_null(field.lang.p);
  assert_status(stox_cpim_find(&field, &cpim, none(), "Subject", &cursor), STOX_OK);
  assert_span_equal(field.lang, S("fr"));
  assert_span_equal(field.params, S("lang=fr"));
  assert_span_equal(field.value, S("beau temps prevu pour aujourd'hui"));
  assert_status(stox_cpim_find(&field, &cpim, none(), "Subject", &cursor), STOX_E_NONE);
  cursor = 0;
  assert_status(stox_cpim_find(&field, &cpim, none(), "subject", &cursor), STOX_E_NONE);
  cursor = 0;
  assert_status(stox_cpim_find(&field, &cpim, S("mid:MessageFeatures@id.foo.com"),
                               "VitalMessageOption", &cursor),
                STOX_OK);
  assert_span_equal(field.prefix, S("MyFeatures"));
  cursor = 0;
  assert_status(stox_cpim_find(&field, &cpim, none(), "VitalMessageOption", &cursor), STOX_E_NONE);
}

/* Several To are told apart from one. "C-7-15": IMDN by its namespace, not its
 * prefix. */
static void test_namespaces(void **state) {
  (void)state;
  const stox_cpim cpim = cpim_of(S("x.Message-ID: early\r\n"
                                   "To: <im:a@b>\r\nTo: <im:c@d>\r\n"
                                   "NS: x <urn:ietf:params:imdn>\r\n"
                                   "x.Message-ID: 1\r\n"
                                   "NS: x<urn:other>\r\n"
                                   "x.Message-ID: 2\r\n"
                                   "NS: <urn:ietf:params:imdn>\r\n"
                                   "Message-ID: 3\r\nTo: no\r\n"
                                   "NS: c <urn:ietf:params:cpim-headers:>\r\n"
                                   "c.To: <im:e@f>\r\n\r\n\r\n"),
                                 0);
  stox_cpim_field field;
  size_t cursor = 0;
  for (size_t i = 0; i < 3; i++) {
    static const char *const want[] = {"<im:a@b>", "<im:c@d>", "<im:e@f>"};
    assert_status(stox_cpim_find(&field, &cpim, none(), "To", &cursor), STOX_OK);
    assert_span_equal(field.value, stox_span_text(want[i]));
  }
  assert_status(stox_cpim_find(&field, &cpim, none(), "To", &cursor), STOX_E_NONE);
  cursor = 0;
  for (size_t i = 0; i < 2; i++) {
    static const char *const want[] = {"1", "3"};
    assert_status(stox_cpim_find(&field, &cpim, S("urn:ietf:params:imdn"), "Message-ID", &cursor),
                  STOX_OK);
    assert_span_equal(field.value, stox_span_text(want[i]));
  }
  stox_span uri;
  cursor = 0;
  assert_status(stox_cpim_next(&field, &cpim, &cursor), STOX_OK);
  assert_status(stox_cpim_namespace(&uri, &cpim, &field, field.prefix), STOX_E_BAD_NAMESPACE);
}

static void test_required(void **state) {
  (void)state;
  const stox_cpim cpim = cpim_of(S("NS: f <urn:f>\r\nRequire: f.a,Locale.b , c\r\n"
                                   "Require: f.d\r\n\r\n\r\n"),
                                 0);
  static const struct row {
    const char *uri;
    const char *name;
  } rows[] = {{"urn:f", "a"}, {"", "b"}, {"urn:ietf:params:cpim-headers:", "c"}, {"urn:f", "d"}};
  stox_span uri;
  stox_span name;
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_cpim_required(&uri, &name, &cpim, i), STOX_OK);
    assert_span_equal(uri, stox_span_text(rows[i].uri));
    assert_span_equal(name, stox_span_text(rows[i].name));
  }
  assert_status(stox_cpim_required(&uri, &name, &cpim, COUNT(rows)), STOX_E_NONE);
  static const stox_span bad[] = {ROW("Require: \r\n\r\n\r\n"), ROW("Require: a,\r\n\r\n\r\n"),
                                  ROW("Require: ,a\r\n\r\n\r\n"), ROW("Require: a b\r\n\r\n\r\n"),
                                  ROW("Require: a.\r\n\r\n\r\n")};
  for (size_t i = 0; i < COUNT(bad); i++) {
    const stox_cpim other = cpim_of(bad[i], 0);
    assert_status(stox_cpim_required(&uri, &name, &other, 1), STOX_E_BAD_HEADER);
  }
}

/* "MS-CPIM-02": no header of the content is needed. */
static void test_content(void **state) {
  (void)state;
  stox_media_type type;
  stox_cpim cpim = cpim_of(S("From: <im:a@b>\r\n\r\n\r\nHello"), 0);
  assert_span_equal(cpim.content.body, S("Hello"));
  assert_status(stox_mime_entity_type(&type, &cpim.content), STOX_E_NONE);
  cpim = cpim_of(S("\r\n\r\n"), 0);
  assert_int_equal(cpim.headers.n, 0);
  cpim = cpim_of(S("\r\n"), 0);
  assert_null(cpim.content.body.p);
}

/* "MS-CPIM-01": without the empty line, as RFC 5438 and RFC 7702 print it. */
static void test_lenient(void **state) {
  (void)state;
  const stox_span text =
      S("From: Alice <im:alice@example.com>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
        "Content-type: text/plain\r\nContent-length: 12\r\n\r\nHello World\r\n");
  stox_cpim cpim;
  assert_status(stox_cpim_parse(&cpim, text, NULL, 0, NULL), STOX_E_BAD_HEADER);
  cpim = cpim_of(text, 1);
  assert_int_equal(cpim.is_lenient, 1);
  assert_span_equal(cpim.content.body, S("Hello World\r\n"));
  assert_int_equal(cpim.headers.n + cpim.content.text.n, text.n);
  cpim = cpim_of(S(HEADERS "\r\n" CONTENT), 1);
  assert_int_equal(cpim.is_lenient, 0);
}

/* "MS-14.5-02": messages in each other, four and no more; each From is at hand. */
static void test_nested(void **state) {
  (void)state;
#define LAYER(from) "From: <im:" from ">\r\n\r\nContent-Type: message/cpim\r\n\r\n"
  static const char *const from[] = {"<im:a@b>", "<im:c@d>", "<im:e@f>", "<im:g@h>"};
  stox_cpim chain[STOX_CPIM_DEPTH];
  stox_cpim_field field;
  chain[0] = cpim_of(S(LAYER("a@b") LAYER("c@d") LAYER("e@f") LAYER("g@h") "From: <im:i@j>\r\n"
                                                                           "\r\n\r\nx"),
                     0);
#undef LAYER
  for (int i = 0; i < STOX_CPIM_DEPTH; i++) {
    assert_int_equal(chain[i].depth, i + 1);
    assert_status(stox_cpim_find_one(&field, &chain[i], none(), "From"), STOX_OK);
    assert_span_equal(field.value, stox_span_text(from[i]));
    if (i + 1 < STOX_CPIM_DEPTH) {
      assert_status(stox_cpim_inner(&chain[i + 1], &chain[i], NULL, 0, NULL), STOX_OK);
    }
  }
  stox_diag diag = {0};
  assert_status(stox_cpim_inner(&chain[0], &chain[STOX_CPIM_DEPTH - 1], NULL, 0, &diag),
                STOX_E_TOO_DEEP);
  assert_int_equal(diag.code, STOX_E_TOO_DEEP);
  assert_int_equal(chain[0].depth, 1);
  stox_cpim inner;
  const stox_cpim text = cpim_of(S("\r\nContent-Type: text/plain\r\n\r\nx"), 0);
  const stox_cpim bare = cpim_of(S("\r\n\r\nx"), 0);
  const stox_cpim broken = cpim_of(S("\r\nContent-Type: message/cpim\r\n\r\nx"), 0);
  assert_status(stox_cpim_inner(&inner, &text, NULL, 0, NULL), STOX_E_NONE);
  assert_status(stox_cpim_inner(&inner, &bare, NULL, 0, NULL), STOX_E_NONE);
  assert_status(stox_cpim_inner(&inner, &broken, NULL, 0, NULL), STOX_E_BAD_BODY);
}

/* "MS-7701-04": one To is written, and two are told from one, so that a focus can answer 403. */
static void test_one_recipient(void **state) {
  (void)state;
  char room[256];
  stox_buf out;
  stox_cpim_field field;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_cpim_put_address(&out, "From", none(), S("sip:alice@atlanta.example.com")),
                STOX_OK);
  assert_status(stox_cpim_put_address(&out, "To", none(), S("sip:room@rooms.example.com")),
                STOX_OK);
  assert_status(stox_cpim_put_end(&out), STOX_OK);
  assert_status(stox_buf_put(&out, S("Content-Type: text/plain\r\n\r\nHello")), STOX_OK);
  stox_cpim cpim = cpim_of(stox_buf_span(&out), 0);
  assert_status(stox_cpim_find_one(&field, &cpim, none(), "To"), STOX_OK);
  assert_span_equal(field.value, S("<sip:room@rooms.example.com>"));
  assert_status(stox_cpim_find_one(&field, &cpim, none(), "cc"), STOX_E_NONE);
  cpim = cpim_of(S("To: <im:a@b>\r\nTo: <im:c@d>\r\n\r\n\r\n"), 0);
  assert_status(stox_cpim_find_one(&field, &cpim, none(), "To"), STOX_E_REPEATED);
  assert_span_equal(field.value, S("<im:a@b>"));
}

static void test_refused(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int code;
    size_t offset;
  } rows[] = {
      {ROW(""), STOX_E_BAD_BODY, 0},
      {ROW("From: x"), STOX_E_BAD_BODY, 7},
      {ROW("From: x\r\n"), STOX_E_BAD_BODY, 9},
      {ROW("From: x\n\n"), STOX_E_BAD_BODY, 9},
      {ROW("From: x\ny\r\n\r\n"), STOX_E_CTRL, 7},
      {ROW("From: x\ty\r\n\r\n"), STOX_E_CTRL, 7},
      {ROW("From: \0\r\n\r\n"), STOX_E_CTRL, 6},
      {ROW("From: \x7f\r\n\r\n"), STOX_E_CTRL, 6},
      {ROW("From: \xE9\r\n\r\n"), STOX_E_BAD_UTF8, 6},
      {ROW("From:x\r\n\r\n"), STOX_E_BAD_HEADER, 5},
      {ROW("From:\r\n\r\n"), STOX_E_BAD_HEADER, 5},
      {ROW("From : x\r\n\r\n"), STOX_E_BAD_HEADER, 4},
      {ROW(": x\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW(" From: x\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("a.b.c: x\r\n\r\n"), STOX_E_BAD_HEADER, 3},
      {ROW(".b: x\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("a.: x\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("A:;lang x\r\n\r\n"), STOX_E_BAD_HEADER, 7},
      {ROW("A:;lang= x\r\n\r\n"), STOX_E_BAD_HEADER, 7},
      {ROW("A:;=x x\r\n\r\n"), STOX_E_BAD_HEADER, 3},
      {ROW("A:;a=\"b x\r\n\r\n"), STOX_E_BAD_HEADER, 4},
      {ROW("A:;a=b;x\r\n\r\n"), STOX_E_BAD_HEADER, 8},
      {ROW("NS: x\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("NS: <x>\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("NS: <x:>\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("NS: <x:y#z>\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("NS: a b <x:y>\r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("NS: <x:y> \r\n\r\n"), STOX_E_BAD_HEADER, 0},
      {ROW("A: b\r\n\r\nx\r\n\r\n"), STOX_E_BAD_HEADER, 9},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_cpim cpim;
    stox_diag diag = {0};
    const int status = stox_cpim_parse(&cpim, g.span, NULL, 0, &diag);
    if (status != rows[i].code || diag.offset != rows[i].offset) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    assert_int_equal(diag.code, status);
    assert_int_equal(diag.answer, 400);
    assert_status(stox_cpim_parse(&cpim, g.span, NULL, 0, NULL), status);
    guard_free(&g);
  }
}

static void test_parameters(void **state) {
  (void)state;
  const stox_cpim cpim =
      cpim_of(S("A:;x=\"\\\";y\";n=12;lang=de-AT;lang=fr;t=\xC3\xA9.b  v: ;w \r\n\r\n\r\n"), 0);
  stox_cpim_field field;
  size_t cursor = 0;
  assert_status(stox_cpim_next(&field, &cpim, &cursor), STOX_OK);
  assert_span_equal(field.lang, S("de-AT"));
  assert_span_equal(field.value, S(" v: ;w "));
}

static void test_every_truncation(void **state) {
  (void)state;
  const stox_span text = S(HEADERS "\r\n" CONTENT);
  const size_t headers = sizeof HEADERS + 1;
  for (size_t n = 0; n <= text.n; n++) {
    guard g = guard_copy(stox_span_slice(text, 0, n));
    stox_cpim cpim;
    stox_diag diag = {0};
    const int status = stox_cpim_parse(&cpim, g.span, NULL, 0, &diag);
    assert_true(diag.offset <= n);
    if (n < headers) {
      assert_status(status, STOX_E_BAD_BODY);
    } else if (n >= headers + sizeof "Content-type: text/xml; charset=utf-8\r\n" + 35) {
      assert_status(status, STOX_OK);
    }
    (void)stox_cpim_parse(&cpim, g.span, NULL, 1, NULL);
    guard_free(&g);
  }
}

/* "M-9-05": lines of the headers, octets of each. */
static void test_limits(void **state) {
  (void)state;
  stox_limits limits;
  stox_cpim cpim;
  const stox_span text = S("A: bcd\r\nB: cde\r\nC: def\r\n\r\nA: bcd\r\n\r\n");
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  assert_int_equal(limits.body_fields, 64);
  assert_int_equal(limits.body_line, 8192);
  for (uint32_t n = 2; n <= 4; n++) {
    limits.body_fields = n;
    assert_status(stox_cpim_parse(&cpim, text, &limits, 0, NULL),
                  n < 3 ? STOX_E_TOO_MANY : STOX_OK);
  }
  for (uint32_t n = 5; n <= 7; n++) {
    limits.body_line = n;
    assert_status(stox_cpim_parse(&cpim, text, &limits, 0, NULL),
                  n < 6 ? STOX_E_TOO_LONG : STOX_OK);
  }
  limits.size = 0;
  assert_status(stox_cpim_parse(&cpim, text, &limits, 0, NULL), STOX_E_ARG);
}

/* "MS-CPIM-01": From and To in all their forms. */
static void test_addresses(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int status;
    const char *display;
    const char *uri;
  } rows[] = {
      {ROW("<im:a@b>"), STOX_OK, NULL, "im:a@b"},
      {ROW("MR SANDERS <im:a@b>"), STOX_OK, "MR SANDERS", "im:a@b"},
      {ROW("Alice<sip:a@[::1]:5060;x=%20>"), STOX_OK, "Alice", "sip:a@[::1]:5060;x=%20"},
      {ROW("\"A \\\"<b>\\\\\" <im:a@b>"), STOX_OK, "A \\\"<b>\\\\", "im:a@b"},
      {ROW("\"\" <im:a@b>"), STOX_OK, "", "im:a@b"},
      {ROW("J\xC3\xA9r\xC3\xB4me (x) <im:a@b>"), STOX_OK, "J\xC3\xA9r\xC3\xB4me (x)", "im:a@b"},
      {ROW(""), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("im:a@b"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("<im:a@b"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("<im:a@b> x"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("\"a <im:a@b>"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("\"a\" b <im:a@b>"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("a\" <im:a@b>"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("a> <im:a@b>"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("\"a\\"), STOX_E_BAD_HEADER, NULL, NULL},
      {ROW("<>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<a@b>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<im:>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<1m:a>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<i m:a>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<im:a b>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<im:a%2>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<im:a%2G>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<im:a<b>"), STOX_E_BAD_URI, NULL, NULL},
      {ROW("<im:\xC3\xA9>"), STOX_E_BAD_URI, NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_cpim_address address = {0};
    const int status = stox_cpim_address_parse(&address, g.span);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
    assert_span_equal(address.display, stox_span_text(rows[i].display));
    assert_int_equal(address.display.p == NULL, rows[i].display == NULL);
    assert_span_equal(address.uri, stox_span_text(rows[i].uri));
    guard_free(&g);
  }
}

/* "M-9-05": escapes are decoded, then what is a control is none any more. */
static void test_unescaped(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    stox_span fit;  /* for a header value */
    stox_span full; /* with controls */
    int status;
  } rows[] = {
      {ROW(""), ROW(""), ROW(""), STOX_OK},
      {ROW("a\\r\\nb"), ROW("a b"), ROW("a\r\nb"), STOX_OK},
      {ROW("\\b\\t\\\\\\\"\\'"), ROW(" \\\"'"), ROW("\b\t\\\"'"), STOX_OK},
      {ROW("\\u0000\\u001f\\u007Fx"), ROW(" x"), ROW("\0\x1f\x7fx"), STOX_OK},
      {ROW("\\u00e9\\u20AC"), ROW("\xC3\xA9\xE2\x82\xAC"), ROW("\xC3\xA9\xE2\x82\xAC"), STOX_OK},
      {ROW("\\ud83d\\ude00"), ROW("\xF0\x9F\x98\x80"), ROW("\xF0\x9F\x98\x80"), STOX_OK},
      {ROW("\\u12\\x\\u123g"), ROW("u12xu123g"), ROW("u12xu123g"), STOX_OK},
      {ROW("\\\xC3\xA9"), ROW("\xC3\xA9"), ROW("\xC3\xA9"), STOX_OK},
      {ROW("a\\"), ROW("a"), ROW("a"), STOX_OK},
      {ROW("\\\\\\"), ROW("\\"), ROW("\\"), STOX_OK},
      {ROW("ab\\ud83d"), ROW(""), ROW(""), STOX_E_BAD_UTF8},
      {ROW("\\ud83d\\u0041"), ROW(""), ROW(""), STOX_E_BAD_UTF8},
      {ROW("\\ud83d\\ude0"), ROW(""), ROW(""), STOX_E_BAD_UTF8},
      {ROW("\\ude00"), ROW(""), ROW(""), STOX_E_BAD_UTF8},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    for (int keep = 0; keep < 2; keep++) {
      const stox_span want = keep ? rows[i].full : rows[i].fit;
      char room[32];
      for (size_t cap = 0; cap <= want.n; cap++) {
        stox_buf out;
        stox_buf_init(&out, room, cap);
        const int status = stox_cpim_unescape(&out, g.span, keep);
        assert_status(status, rows[i].status != STOX_OK ? rows[i].status
                                                        : (cap < want.n ? STOX_E_NOBUF : STOX_OK));
        assert_int_equal(out.len, want.n);
      }
      assert_memory_equal(room, want.p, want.n);
    }
    guard_free(&g);
  }
}

static void put_all(stox_buf *out) {
  (void)stox_cpim_put_address(out, "From", S("a\"\t"), S("im:a@b"));
  (void)stox_cpim_put_address(out, "To", none(), S("im:c@d"));
  (void)stox_cpim_put_namespace(out, S("imdn"), S("urn:ietf:params:imdn"));
  (void)stox_cpim_put_namespace(out, none(), S("urn:x"));
  (void)stox_cpim_put_text(out, "imdn.Message-ID", none(), S("1"));
  (void)stox_cpim_put_text(out, "Subject", S("en-GB"), S("\\\"\b\t\n\r\0\x1f\x7f'\xC3\xA9"));
  (void)stox_cpim_put_end(out);
}

static void test_written(void **state) {
  (void)state;
  const stox_span want =
      S("From: \"a\\\"\\t\" <im:a@b>\r\nTo: <im:c@d>\r\n"
        "NS: imdn <urn:ietf:params:imdn>\r\nNS: <urn:x>\r\n"
        "imdn.Message-ID: 1\r\n"
        "Subject:;lang=en-GB \\\\\"\\b\\t\\n\\r\\u0000\\u001f\\u007f'\xC3\xA9\r\n"
        "\r\n");
  char room[512];
  for (size_t cap = 0; cap <= want.n; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    put_all(&out);
    assert_int_equal(out.len, want.n);
    assert_status(stox_buf_status(&out), cap < want.n ? STOX_E_NOBUF : STOX_OK);
  }
  assert_memory_equal(room, want.p, want.n);
  (void)cpim_of((stox_span){room, want.n}, 0);
}

static void test_not_written(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_cpim_put_text(&out, "a b", none(), S("x")), STOX_E_ARG);
  assert_status(stox_cpim_put_text(&out, "a.b.c", none(), S("x")), STOX_E_ARG);
  assert_status(stox_cpim_put_text(&out, "", none(), S("x")), STOX_E_ARG);
  assert_status(stox_cpim_put_text(&out, "a", S("e n"), S("x")), STOX_E_ARG);
  assert_status(stox_cpim_put_text(&out, "a", S(""), S("x")), STOX_E_ARG);
  assert_status(stox_cpim_put_text(&out, "a", none(), S("\xFF")), STOX_E_BAD_UTF8);
  assert_status(stox_cpim_put_address(&out, "a\r\n", none(), S("im:a")), STOX_E_ARG);
  assert_status(stox_cpim_put_address(&out, "a", none(), S("im:a>\r\n")), STOX_E_BAD_URI);
  assert_status(stox_cpim_put_address(&out, "a", S("\xFF"), S("im:a")), STOX_E_BAD_UTF8);
  assert_status(stox_cpim_put_namespace(&out, S("a.b"), S("im:a")), STOX_E_ARG);
  assert_status(stox_cpim_put_namespace(&out, S(""), S("im:a")), STOX_E_ARG);
  assert_status(stox_cpim_put_namespace(&out, none(), S("a")), STOX_E_BAD_URI);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_example),          cmocka_unit_test(test_found),
      cmocka_unit_test(test_namespaces),       cmocka_unit_test(test_required),
      cmocka_unit_test(test_content),          cmocka_unit_test(test_lenient),
      cmocka_unit_test(test_nested),           cmocka_unit_test(test_one_recipient),
      cmocka_unit_test(test_refused),          cmocka_unit_test(test_parameters),
      cmocka_unit_test(test_every_truncation), cmocka_unit_test(test_limits),
      cmocka_unit_test(test_addresses),        cmocka_unit_test(test_unescaped),
      cmocka_unit_test(test_written),          cmocka_unit_test(test_not_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
