/* SPDX-License-Identifier: MIT */
/* Header fields of one text or one number: RFC 3261 25.1, RFC 3262, 3313, 3903, 5393, 5626, 6665.
 */
#include "header_support.h"

#include "stox/sip_plain.h"

typedef struct text_row {
  int id;
  stox_span text;
  stox_span written; /* absent: refused at `offset` */
  size_t offset;
} text_row;

static void check_caps(int id, stox_span value, stox_span written) {
  for (size_t cap = 0; cap <= written.n; cap++) {
    char room[HEADER_ROOM];
    stox_buf out;
    memset(room, '#', sizeof room);
    stox_buf_init(&out, room, cap);
    assert_status(stox_sip_plain_write(&out, id, value), cap < written.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, written.n);
    assert_int_equal(room[cap], '#');
  }
}

static void check_prefixes(const text_row *row) {
  for (size_t n = 0; n < row->text.n; n++) {
    guard g = guard_copy(stox_span_slice(row->text, 0, n));
    stox_span value;
    stox_diag diag = {0};
    if (stox_sip_plain_parse(&value, row->id, g.span, &diag) != STOX_OK) {
      assert_true(diag.offset <= n);
    }
    guard_free(&g);
  }
}

static void check_text(const text_row *row) {
  guard g = guard_copy(row->text);
  stox_span value;
  stox_diag diag = {0};
  const int status = stox_sip_plain_parse(&value, row->id, g.span, &diag);
  if (row->written.p == NULL) {
    if (status != STOX_E_BAD_HEADER || diag.offset != row->offset) {
      fail_msg("\"%.*s\": %s at %zu", (int)row->text.n, row->text.p, stox_status_name(status),
               diag.offset);
    }
    assert_non_null(diag.rule);
    assert_null(value.p);
  } else {
    char room[HEADER_ROOM];
    stox_buf out;
    stox_span again;
    stox_buf_init(&out, room, sizeof room);
    assert_status(status, STOX_OK);
    assert_status(stox_sip_plain_write(&out, row->id, value), STOX_OK);
    assert_span_equal(stox_buf_span(&out), row->written);
    assert_status(stox_sip_plain_parse(&again, row->id, stox_buf_span(&out), NULL), STOX_OK);
    assert_span_equal(again, row->written);
    check_caps(row->id, value, row->written);
  }
  check_prefixes(row);
  guard_free(&g);
}

static void test_texts(void **state) {
  (void)state;
  static const text_row rows[] = {
      {STOX_SIP_ALLOW, ROW(" INVITE "), ROW("INVITE"), 0},
      {STOX_SIP_ALLOW, ROW("IN VITE"), REFUSED, 2},
      {STOX_SIP_REQUIRE, ROW("100rel"), ROW("100rel"), 0},
      {STOX_SIP_REQUIRE, ROW("\"100rel\""), REFUSED, 0},
      {STOX_SIP_PROXY_REQUIRE, ROW("foo"), ROW("foo"), 0},
      {STOX_SIP_SUPPORTED, ROW("timer;x"), REFUSED, 5},
      {STOX_SIP_UNSUPPORTED, ROW(""), REFUSED, 0},
      {STOX_SIP_CONTENT_ENCODING, ROW("gzip"), ROW("gzip"), 0},
      {STOX_SIP_CONTENT_ENCODING, ROW("g/zip"), REFUSED, 1},
      {STOX_SIP_PRIORITY, ROW("emergency"), ROW("emergency"), 0},
      {STOX_SIP_PRIORITY, ROW("non urgent"), REFUSED, 3},
      {STOX_SIP_ALLOW_EVENTS, ROW("presence.winfo"), ROW("presence.winfo"), 0},
      {STOX_SIP_ALLOW_EVENTS, ROW("presence..winfo"), REFUSED, 0},
      {STOX_SIP_ALLOW_EVENTS, ROW("presence;id=1"), REFUSED, 8},
      {STOX_SIP_CONTENT_LANGUAGE, ROW("fr"), ROW("fr"), 0},
      {STOX_SIP_CONTENT_LANGUAGE, ROW("de-CH-1996"), ROW("de-CH-1996"), 0},
      {STOX_SIP_CONTENT_LANGUAGE, ROW("*"), REFUSED, 0},
      {STOX_SIP_CONTENT_LANGUAGE, ROW("fr;q=1"), REFUSED, 2},
      {STOX_SIP_CONTENT_LANGUAGE, ROW("abcdefghi"), REFUSED, 0},
      {STOX_SIP_CALL_ID, ROW("f81d4fae-7dec-11d0@foo.bar.com"),
       ROW("f81d4fae-7dec-11d0@foo.bar.com"), 0},
      {STOX_SIP_CALL_ID, ROW("()<>:\\\"/[]?{}"), ROW("()<>:\\\"/[]?{}"), 0},
      {STOX_SIP_CALL_ID, ROW("a@b@c"), REFUSED, 0},
      {STOX_SIP_CALL_ID, ROW("a b"), REFUSED, 1},
      {STOX_SIP_IN_REPLY_TO, ROW("70710@saturn.bell-tel.com"), ROW("70710@saturn.bell-tel.com"), 0},
      {STOX_SIP_IN_REPLY_TO, ROW("@a"), REFUSED, 0},
      {STOX_SIP_MIME_VERSION, ROW("1.0"), ROW("1.0"), 0},
      {STOX_SIP_MIME_VERSION, ROW("10.25"), ROW("10.25"), 0},
      {STOX_SIP_MIME_VERSION, ROW("1."), REFUSED, 0},
      {STOX_SIP_MIME_VERSION, ROW(".0"), REFUSED, 0},
      {STOX_SIP_MIME_VERSION, ROW("1"), REFUSED, 0},
      {STOX_SIP_MIME_VERSION, ROW("1.0.0"), REFUSED, 0},
      {STOX_SIP_ORGANIZATION, ROW(" Boxes by Bob "), ROW("Boxes by Bob"), 0},
      {STOX_SIP_ORGANIZATION, ROW(""), ROW(""), 0},
      {STOX_SIP_SUBJECT, ROW("Need\r\n  more\tBoxes \xC3\xA9"), ROW("Need more\tBoxes \xC3\xA9"),
       0},
      {STOX_SIP_SUBJECT, ROW("a\x01"), REFUSED, 1},
      {STOX_SIP_SUBJECT, ROW("\xC3"), REFUSED, 0},
      {STOX_SIP_SERVER, ROW("HomeServer v2"), ROW("HomeServer v2"), 0},
      {STOX_SIP_SERVER, ROW("a/1 (b (c) \\)) d"), ROW("a/1 (b (c) \\)) d"), 0},
      {STOX_SIP_SERVER, ROW("a / 1\r\n (b)"), ROW("a / 1 (b)"), 0},
      {STOX_SIP_USER_AGENT, ROW("Softphone Beta1.5"), ROW("Softphone Beta1.5"), 0},
      {STOX_SIP_USER_AGENT, ROW("(comment)"), ROW("(comment)"), 0},
      {STOX_SIP_USER_AGENT, ROW("a(b)"), REFUSED, 1},
      {STOX_SIP_USER_AGENT, ROW("a (b"), REFUSED, 1},
      {STOX_SIP_USER_AGENT, ROW("a/"), REFUSED, 1},
      {STOX_SIP_USER_AGENT, ROW("a, b"), REFUSED, 1},
      {STOX_SIP_USER_AGENT, ROW(""), REFUSED, 0},
      {STOX_SIP_P_MEDIA_AUTHORIZATION, ROW("00A4129abc"), ROW("00A4129abc"), 0},
      {STOX_SIP_P_MEDIA_AUTHORIZATION, ROW("0x1"), REFUSED, 0},
      {STOX_SIP_SIP_ETAG, ROW("dx200xyz"), ROW("dx200xyz"), 0},
      {STOX_SIP_SIP_IF_MATCH, ROW("\"a\""), REFUSED, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_text(&rows[i]);
  }
}

static void test_refused_texts(void **state) {
  (void)state;
  char room[8];
  stox_buf out;
  stox_span value;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_plain_parse(&value, STOX_SIP_FROM, S("a"), NULL), STOX_E_ARG);
  assert_status(stox_sip_plain_write(&out, STOX_SIP_FROM, S("a")), STOX_E_ARG);
  assert_status(stox_sip_plain_write(&out, STOX_SIP_SUBJECT, S("a\x7F")), STOX_E_BAD_HEADER);
  assert_status(stox_sip_plain_write(&out, STOX_SIP_SUBJECT, S(" a")), STOX_E_BAD_HEADER);
  assert_status(stox_sip_plain_write(&out, STOX_SIP_REQUIRE, S("")), STOX_E_BAD_HEADER);
  assert_status(stox_sip_plain_write(&out, STOX_SIP_CALL_ID, S("a\r\nb")), STOX_E_BAD_HEADER);
  assert_int_equal(out.len, 0);
}

static void test_numbers(void **state) {
  (void)state;
  static const struct row {
    int id;
    stox_span text;
    int status;
    uint32_t number;
  } rows[] = {
      {STOX_SIP_MAX_FORWARDS, ROW("255"), STOX_OK, 255},
      {STOX_SIP_MAX_FORWARDS, ROW("256"), STOX_E_BAD_HEADER, 256},
      {STOX_SIP_RSEQ, ROW("1"), STOX_OK, 1},
      {STOX_SIP_RSEQ, ROW("0"), STOX_E_BAD_HEADER, 0},
      {STOX_SIP_RSEQ, ROW("4294967295"), STOX_OK, 4294967295U},
      {STOX_SIP_EXPIRES, ROW(" 3600 "), STOX_OK, 3600},
      {STOX_SIP_EXPIRES, ROW("4294967296"), STOX_E_BAD_HEADER, 0},
      {STOX_SIP_EXPIRES, ROW("-1"), STOX_E_BAD_HEADER, 0},
      {STOX_SIP_EXPIRES, ROW(""), STOX_E_BAD_HEADER, 0},
      {STOX_SIP_MIN_EXPIRES, ROW("60"), STOX_OK, 60},
      {STOX_SIP_MAX_BREADTH, ROW("60"), STOX_OK, 60},
      {STOX_SIP_FLOW_TIMER, ROW("120;x"), STOX_E_BAD_HEADER, 0},
      {STOX_SIP_FLOW_TIMER, ROW("120"), STOX_OK, 120},
      {STOX_SIP_CONTENT_LENGTH, ROW("0000349"), STOX_OK, 349},
      {STOX_SIP_TO, ROW("1"), STOX_E_ARG, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    char room[16];
    stox_buf out;
    uint32_t number = 0;
    uint32_t again = 0;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_plain_number_parse(&number, rows[i].id, g.span, NULL), rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_int_equal(number, rows[i].number);
      assert_status(stox_sip_plain_number_write(&out, rows[i].id, number), STOX_OK);
      assert_status(stox_sip_plain_number_parse(&again, rows[i].id, stox_buf_span(&out), NULL),
                    STOX_OK);
      assert_int_equal(again, number);
    }
    guard_free(&g);
  }
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  assert_status(stox_sip_plain_number_write(&out, STOX_SIP_MAX_FORWARDS, 256), STOX_E_BAD_HEADER);
  assert_status(stox_sip_plain_number_write(&out, STOX_SIP_RSEQ, 0), STOX_E_BAD_HEADER);
  assert_status(stox_sip_plain_number_write(&out, STOX_SIP_TO, 0), STOX_E_ARG);
  assert_status(stox_sip_plain_number_write(&out, STOX_SIP_EXPIRES, 10), STOX_E_NOBUF);
  assert_int_equal(out.len, 2);
}

static void test_products(void **state) {
  (void)state;
  static const struct row {
    stox_span name;
    stox_span version;
    stox_span comment;
  } rows[] = {
      {ROW("Asterisk"), REFUSED, REFUSED},
      {ROW("PBX"), ROW("1.8"), REFUSED},
      {REFUSED, REFUSED, ROW("(x86 (64))")},
      {ROW("lib"), ROW("2"), REFUSED},
  };
  guard g = guard_copy(S("Asterisk PBX / 1.8 (x86 (64))\r\n lib/2"));
  char room[64];
  stox_buf out;
  stox_sip_product product;
  size_t cursor = 0;
  stox_buf_init(&out, room, sizeof room);
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_status(stox_sip_next_product(&product, g.span, &cursor), STOX_OK);
    assert_span_equal(product.name, rows[i].name);
    assert_span_equal(product.version, rows[i].version);
    assert_span_equal(product.comment, rows[i].comment);
    assert_int_equal(product.name.p == NULL, rows[i].name.p == NULL);
    assert_status(stox_sip_product_write(&out, &product), STOX_OK);
  }
  assert_span_equal(stox_buf_span(&out), S("AsteriskPBX/1.8(x86 (64))lib/2"));
  assert_status(stox_sip_next_product(&product, g.span, &cursor), STOX_E_NONE);
  guard_free(&g);
  cursor = 0;
  assert_status(stox_sip_next_product(&product, S("a(b)"), &cursor), STOX_E_BAD_HEADER);
  assert_int_equal(cursor, 0);
  product = (stox_sip_product){S("a b"), {NULL, 0}, {NULL, 0}};
  assert_status(stox_sip_product_write(&out, &product), STOX_E_BAD_HEADER);
  product = (stox_sip_product){S("a"), S(""), {NULL, 0}};
  assert_status(stox_sip_product_write(&out, &product), STOX_E_BAD_HEADER);
  product = (stox_sip_product){{NULL, 0}, {NULL, 0}, S("(a))")};
  assert_status(stox_sip_product_write(&out, &product), STOX_E_BAD_HEADER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_texts), cmocka_unit_test(test_refused_texts),
      cmocka_unit_test(test_numbers), cmocka_unit_test(test_products)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
