/* SPDX-License-Identifier: MIT */
/* What phones and torture tests (RFC 4475) send: refused by the grammar at a place, and mended. */
#include "support.h"

#include "stox/sip_grammar.h"
#include "stox/sip_mend.h"

typedef struct phone_row {
  int id;
  stox_span text;
  size_t offset;  /* where the grammar refuses it */
  stox_span form; /* absent: there is none */
} phone_row;

#define BAD                                                                                        \
  { NULL, 0 }

static const phone_row addresses[] = {
    /* baddn: RFC 4475 3.1.2.15 */
    {STOX_SIP_FROM, ROW("Bell, Alexander <sip:a.g.bell@example.com>;tag=43"), 0,
     ROW("\"Bell, Alexander\" <sip:a.g.bell@example.com>;tag=43")},
    {STOX_SIP_TO, ROW("Watson (home) <sip:t@example.org>"), 0,
     ROW("\"Watson (home)\" <sip:t@example.org>")},
    {STOX_SIP_TO, ROW("\"\"unknown\"\" <sip:x@192.0.2.1>"), 2,
     ROW("\"\\\"\\\"unknown\\\"\\\"\" <sip:x@192.0.2.1>")},
    /* badaspec: RFC 4475 3.1.2.14 */
    {STOX_SIP_TO, ROW("\"Watson, Thomas\" < sip:t.watson@example.org >"), 18,
     ROW("\"Watson, Thomas\" <sip:t.watson@example.org>")},
    {STOX_SIP_ROUTE, ROW("<sip:p.example;\r\n  transport=tcp;lr>"), 15,
     ROW("<sip:p.example;transport=tcp;lr>")},
    {STOX_SIP_TO, ROW("<sip:a b@example.org>"), 6, BAD},
    /* regbadct: RFC 4475 3.1.2.13 */
    {STOX_SIP_CONTACT, ROW("sip:user@example.com?Route=%3Csip:sip.example.com%3E"), 20,
     ROW("<sip:user@example.com?Route=%3Csip:sip.example.com%3E>")},
    {STOX_SIP_CONTACT, ROW("\"unknown\" sip:x@192.0.2.1;expires=5"), 10,
     ROW("\"unknown\" <sip:x@192.0.2.1>;expires=5")},
    /* scalar02: RFC 4475 3.1.2.4 */
    {STOX_SIP_CONTACT, ROW("<sip:user@host129.example.com>\r\n ;expires=280297596632815"), 42,
     ROW("<sip:user@host129.example.com>;expires=3600")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;expires=\"Thu, 01 Dec 1994 16:00:00 GMT\""), 18,
     ROW("<sip:a@b>;expires=3600")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;expires=\"120\""), 18, ROW("<sip:a@b>;expires=120")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;q=0.33333"), 12, ROW("<sip:a@b>;q=0.333")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;q=.5"), 12, ROW("<sip:a@b>;q=0.5")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;q=2"), 12, BAD},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;q=0.\t\t\t1"), 17, BAD},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;q=0.5;q=0.7"), 18, ROW("<sip:a@b>;q=0.5")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;q;expires="), 20, ROW("<sip:a@b>")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;x=;y=a/b;z=\"c\""), 12, ROW("<sip:a@b>;x;y=\"a/b\";z=\"c\"")},
    {STOX_SIP_CONTACT, ROW("<sip:a@b>;+sip.instance=urn:x:1"), 24,
     ROW("<sip:a@b>;+sip.instance=\"<urn:x:1>\"")},
    {STOX_SIP_CONTACT, ROW("* ;x"), 0, BAD},
    {STOX_SIP_ROUTE, ROW("sip:p.example;lr"), 0, ROW("<sip:p.example;lr>")},
    {STOX_SIP_RECORD_ROUTE, ROW("<sip:p.example;lr>;"), 19, ROW("<sip:p.example;lr>")},
    {STOX_SIP_PATH, ROW("sip:a b"), 6, BAD},
    {STOX_SIP_P_ASSERTED_IDENTITY, ROW("sip:+1@h.example;user=phone"), 16,
     ROW("<sip:+1@h.example;user=phone>")},
    {STOX_SIP_P_ASSERTED_IDENTITY, ROW("<sip:a@b>;privacy=off"), 9, BAD},
    {STOX_SIP_REFER_TO, ROW("sip:a@b?Replaces=c"), 7, ROW("<sip:a@b?Replaces=c>")},
    {STOX_SIP_REPLY_TO, ROW("<sip:a@b"), 8, BAD},
    {STOX_SIP_REPLY_TO, ROW("a\fb <sip:a@b>"), 1, BAD},
};

static const phone_row others[] = {
    {STOX_SIP_CALL_INFO, ROW("http://www.example.com/;purpose=\"icon\""), 0,
     ROW("<http://www.example.com/>;purpose=icon")},
    {STOX_SIP_ALERT_INFO, ROW("Ring Answer"), 0, BAD},
    {STOX_SIP_IDENTITY_INFO, ROW("https://a.example/c ; alg=\"rsa-sha1\""), 0,
     ROW("<https://a.example/c>;alg=rsa-sha1")},
    {STOX_SIP_CONTENT_TYPE, ROW("multipart/mixed;boundary=a=b/c"), 26,
     ROW("multipart/mixed;boundary=\"a=b/c\"")},
    {STOX_SIP_CONTENT_TYPE, ROW("text/plain;"), 11, ROW("text/plain")},
    {STOX_SIP_CONTENT_TYPE, ROW("text/plain;charset"), 18, ROW("text/plain")},
    {STOX_SIP_CONTENT_DISPOSITION, ROW("session;handling=\"optional\""), 17,
     ROW("session;handling=optional")},
    {STOX_SIP_ACCEPT, ROW("text/html;q=1.0000"), 12, ROW("text/html;q=1.000")},
    {STOX_SIP_EVENT, ROW("presence; id=\"7\";"), 13, ROW("presence;id=7")},
    {STOX_SIP_SUBSCRIPTION_STATE, ROW("active;expires=3600.5"), 15, ROW("active")},
    {STOX_SIP_SUBSCRIPTION_STATE, ROW("terminated;reason=\"timeout\";"), 18,
     ROW("terminated;reason=timeout")},
    {STOX_SIP_REASON, ROW("SIP;cause=200;text=Call completed elsewhere"), 19,
     ROW("SIP;cause=200;text=\"Call completed elsewhere\"")},
    {STOX_SIP_SESSION_EXPIRES, ROW("1800;refresher=\"uac\""), 15, ROW("1800;refresher=uac")},
    {STOX_SIP_REPLACES, ROW("a@b;to-tag=c;from-tag=d;early-only=1"), 35,
     ROW("a@b;to-tag=c;from-tag=d;early-only")},
    {STOX_SIP_REPLACES, ROW("a@b;to-tag=c;"), 13, BAD},
    {STOX_SIP_HISTORY_INFO, ROW("<sip:a@b>;index=\"1.1\""), 16, ROW("<sip:a@b>;index=1.1")},
    {STOX_SIP_AUTHORIZATION, ROW("Digest username=bob, realm=a.example,, nonce=ab/cd=="), 37,
     ROW("Digest username=bob, realm=a.example, nonce=\"ab/cd==\"")},
    {STOX_SIP_WWW_AUTHENTICATE, ROW("Digest realm=\"a\",nonce=\"b\","), 27,
     ROW("Digest realm=\"a\", nonce=\"b\"")},
    {STOX_SIP_PROXY_AUTHORIZATION, ROW("Digest uri=sip:a@b"), 14, ROW("Digest uri=\"sip:a@b\"")},
    {STOX_SIP_PROXY_AUTHENTICATE, ROW("Digest realm"), 12, BAD},
    {STOX_SIP_AUTHENTICATION_INFO, ROW("nextnonce=a==,"), 11, ROW("nextnonce=\"a==\"")},
    /* baddate: RFC 4475 3.1.2.12 */
    {STOX_SIP_DATE, ROW("Fri, 01 Jan 2010 16:00:00 EST"), 26, ROW("Fri, 01 Jan 2010 21:00:00 GMT")},
    {STOX_SIP_DATE, ROW("Fri, 1 Jan 2010 23:30:00 -0130"), 6, ROW("Sat, 02 Jan 2010 01:00:00 GMT")},
    {STOX_SIP_DATE, ROW("01 Jan 2010 16:00:00 UTC"), 0, ROW("Fri, 01 Jan 2010 16:00:00 GMT")},
    {STOX_SIP_DATE, ROW("Fri, 01 Jan 2010 16:00:00"), 25, BAD},
    {STOX_SIP_DATE, ROW("Fri, 32 Jan 2010 16:00:00 UTC"), 26, BAD},
    {STOX_SIP_DATE, ROW("2010-01-01T16:00:00Z"), 0, BAD},
    /* scalar02: RFC 4475 3.1.2.4 */
    {STOX_SIP_EXPIRES, ROW("10000000000000000000000000000000000"), 0, ROW("3600")},
    {STOX_SIP_EXPIRES, ROW("Thu, 01 Dec 1994 16:00:00 GMT"), 0, ROW("3600")},
    {STOX_SIP_EXPIRES, ROW("60;x"), 0, ROW("60")},
    /* scalarlg: RFC 4475 3.1.2.5 */
    {STOX_SIP_RETRY_AFTER, ROW("949302838503028349304023988"), 0, ROW("4294967295")},
    {STOX_SIP_RETRY_AFTER, ROW("120 in a meeting;;duration=5"), 4, ROW("120;duration=5")},
    {STOX_SIP_RETRY_AFTER, ROW("soon"), 0, BAD},
    {STOX_SIP_USER_AGENT, ROW("Phone/1.0.7, build:x@y (z)"), 11,
     ROW("(Phone/1.0.7, build:x@y \\(z\\))")},
    {STOX_SIP_SERVER, ROW("a/b/c"), 3, ROW("(a/b/c)")},
    {STOX_SIP_SERVER, ROW("a\x01"), 1, BAD},
    {STOX_SIP_WARNING, ROW("399 gw.example no route"), 15, ROW("399 gw.example \"no route\"")},
    {STOX_SIP_WARNING, ROW("399 \"no route\""), 4, ROW("399 - \"no route\"")},
    {STOX_SIP_WARNING, ROW("1812 overture \"In Progress\""), 0, BAD},
    {STOX_SIP_MAX_FORWARDS, ROW("300"), 0, BAD},
    {STOX_SIP_SUBJECT, ROW("a\x01"), 1, BAD},
};

static void check_strict(const phone_row *row) {
  stox_diag diag = {0};
  guard g = guard_copy(row->text);
  const int status = stox_sip_value_check(row->id, g.span, &diag);
  if (status != STOX_E_BAD_HEADER || diag.offset != row->offset) {
    fail_msg("\"%.*s\": %s at %zu", (int)row->text.n, row->text.p, stox_status_name(status),
             diag.offset);
  }
  guard_free(&g);
}

static void check_mended(const phone_row *row) {
  char room[160];
  stox_buf out;
  int is_mended = 0;
  guard g = guard_copy(row->text);
  stox_buf_init(&out, room, sizeof room);
  const int status = stox_sip_value_mend(&out, &is_mended, row->id, g.span);
  if (status != (row->form.p == NULL ? STOX_E_BAD_HEADER : STOX_OK)) {
    fail_msg("\"%.*s\": %s", (int)row->text.n, row->text.p, stox_status_name(status));
  }
  assert_span_equal(stox_buf_span(&out), row->form);
  assert_int_equal(is_mended, 1);
  if (status == STOX_OK) {
    assert_status(stox_sip_value_check(row->id, stox_buf_span(&out), NULL), STOX_OK);
  }
  guard_free(&g);
}

static void check_caps(const phone_row *row) {
  for (size_t cap = 0; row->form.p != NULL && cap <= row->form.n; cap++) {
    char room[160];
    stox_buf out;
    memset(room, '#', sizeof room);
    stox_buf_init(&out, room, cap);
    assert_status(stox_sip_value_mend(&out, NULL, row->id, row->text),
                  cap < row->form.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, row->form.n);
    assert_int_equal(room[cap], '#');
  }
}

/* No prefix is read beyond its end; what is given for one is strict. */
static void check_prefixes(const phone_row *row) {
  for (size_t n = 0; n < row->text.n; n++) {
    char room[200];
    stox_buf out;
    guard g = guard_copy(stox_span_slice(row->text, 0, n));
    stox_buf_init(&out, room, sizeof room);
    if (stox_sip_value_mend(&out, NULL, row->id, g.span) == STOX_OK) {
      assert_status(stox_sip_value_check(row->id, stox_buf_span(&out), NULL), STOX_OK);
    }
    guard_free(&g);
  }
}

static void check_all(const phone_row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    check_strict(&rows[i]);
    check_mended(&rows[i]);
    check_caps(&rows[i]);
    check_prefixes(&rows[i]);
  }
}

static void test_addresses(void **state) {
  (void)state;
  check_all(addresses, COUNT(addresses));
}

static void test_others(void **state) {
  (void)state;
  check_all(others, COUNT(others));
}

static void test_fields(void **state) {
  (void)state;
  static const struct row {
    int id;
    stox_span field;
    stox_span form;
    int is_mended;
  } rows[] = {
      {STOX_SIP_ALLOW, ROW("INVITE,,ACK, "), ROW("INVITE, ACK"), 1},
      {STOX_SIP_ALLOW, ROW(" INVITE,ACK "), ROW("INVITE,ACK"), 0},
      {STOX_SIP_ALLOW, ROW(""), ROW(""), 0},
      {STOX_SIP_ALLOW, ROW(","), BAD, 1},
      {STOX_SIP_SUPPORTED, ROW(",timer"), ROW("timer"), 1},
      {STOX_SIP_REQUIRE, ROW(" "), BAD, 1},
      {STOX_SIP_CONTACT, ROW("<sip:a@b>;expires=1,<sip:c@d>;;,"),
       ROW("<sip:a@b>;expires=1, <sip:c@d>"), 1},
      {STOX_SIP_CONTACT, ROW("<sip:a@b>, x y"), BAD, 1},
      {STOX_SIP_EXPIRES, ROW("x"), ROW("3600"), 1},
      {STOX_SIP_OTHER, ROW("a,,b"), ROW("a,,b"), 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].field);
    for (size_t cap = 0; cap <= rows[i].form.n; cap++) {
      char room[64];
      stox_buf out;
      int is_mended = 7;
      stox_buf_init(&out, room, rows[i].form.p == NULL ? sizeof room : cap);
      const int status = stox_sip_field_mend(&out, &is_mended, rows[i].id, g.span);
      assert_status(status, rows[i].form.p == NULL ? STOX_E_BAD_HEADER
                            : cap < rows[i].form.n ? STOX_E_NOBUF
                                                   : STOX_OK);
      assert_int_equal(is_mended, rows[i].is_mended);
      assert_int_equal(out.len, rows[i].form.n);
      if (status == STOX_OK) {
        assert_span_equal(stox_buf_span(&out), rows[i].form);
      }
    }
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses),
                                     cmocka_unit_test(test_others), cmocka_unit_test(test_fields)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
