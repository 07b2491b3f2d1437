/* SPDX-License-Identifier: MIT */
/* Values and whole header fields by the number of their header field. */
#include "support.h"

#include "stox/sip_grammar.h"

/* One good value and one bad one of every header field. */
static const struct value_row {
  int id;
  stox_span good;
  stox_span bad;
} values[] = {
    {STOX_SIP_ACCEPT, ROW("text/html;q=0.5"), ROW("text")},
    {STOX_SIP_ACCEPT_ENCODING, ROW("gzip"), ROW("g/z")},
    {STOX_SIP_ACCEPT_LANGUAGE, ROW("da"), ROW("d_a")},
    {STOX_SIP_ALERT_INFO, ROW("<http://a/>"), ROW("a")},
    {STOX_SIP_ALLOW, ROW("INVITE"), ROW("a/b")},
    {STOX_SIP_ALLOW_EVENTS, ROW("spirits-INDPs"), ROW("a..b")},
    {STOX_SIP_AUTHORIZATION, ROW("Digest a=\"b\""), ROW("Digest")},
    {STOX_SIP_CALL_ID, ROW("a@b"), ROW("a b")},
    {STOX_SIP_CALL_INFO, ROW("<http://a/>;purpose=icon"), ROW("<a")},
    {STOX_SIP_CONTACT, ROW("*"), ROW("**")},
    {STOX_SIP_CONTENT_DISPOSITION, ROW("session"), ROW("a b")},
    {STOX_SIP_CONTENT_ENCODING, ROW("gzip"), ROW("a/b")},
    {STOX_SIP_CONTENT_LANGUAGE, ROW("fr"), ROW("*")},
    {STOX_SIP_CONTENT_LENGTH, ROW("0"), ROW("-1")},
    {STOX_SIP_CONTENT_TYPE, ROW("application/sdp"), ROW("sdp")},
    {STOX_SIP_CSEQ, ROW("1 A"), ROW("A")},
    {STOX_SIP_DATE, ROW("Sat, 13 Nov 2010 23:29:00 GMT"), ROW("Sat, 13 Nov 2010 23:29:00 EST")},
    {STOX_SIP_ERROR_INFO, ROW("<sip:a@b>"), ROW("sip:a@b")},
    {STOX_SIP_EVENT, ROW("presence"), ROW("pre sence")},
    {STOX_SIP_EXPIRES, ROW("5"), ROW("x")},
    {STOX_SIP_FROM, ROW("<sip:a@b>;tag=c"), ROW("<sip:a@b")},
    {STOX_SIP_IN_REPLY_TO, ROW("a@b"), ROW("a b")},
    {STOX_SIP_MAX_BREADTH, ROW("60"), ROW("x")},
    {STOX_SIP_MAX_FORWARDS, ROW("70"), ROW("256")},
    {STOX_SIP_MIME_VERSION, ROW("1.0"), ROW("1")},
    {STOX_SIP_MIN_EXPIRES, ROW("60"), ROW("x")},
    {STOX_SIP_ORGANIZATION, ROW("A & B"), ROW("\001")},
    {STOX_SIP_PATH, ROW("<sip:a;lr>"), ROW("sip:a")},
    {STOX_SIP_PRIORITY, ROW("urgent"), ROW("a b")},
    {STOX_SIP_PROXY_AUTHENTICATE, ROW("Digest realm=\"a\""), ROW("Digest")},
    {STOX_SIP_PROXY_AUTHORIZATION, ROW("Digest realm=\"a\""), ROW("Digest")},
    {STOX_SIP_PROXY_REQUIRE, ROW("foo"), ROW("a b")},
    {STOX_SIP_REASON, ROW("SIP;cause=200"), ROW(";cause")},
    {STOX_SIP_RECORD_ROUTE, ROW("<sip:a;lr>"), ROW("sip:a")},
    {STOX_SIP_REFER_TO, ROW("<sip:a@b?Replaces=c>"), ROW("<sip:a")},
    {STOX_SIP_REFERRED_BY, ROW("<sip:a@b>"), ROW("<sip:a")},
    {STOX_SIP_REPLACES, ROW("a;to-tag=b;from-tag=c"), ROW("a")},
    {STOX_SIP_REPLY_TO, ROW("sip:a@b"), ROW("a")},
    {STOX_SIP_REQUIRE, ROW("100rel"), ROW("a b")},
    {STOX_SIP_RETRY_AFTER, ROW("18000;duration=3600"), ROW("x")},
    {STOX_SIP_ROUTE, ROW("<sip:a;lr>"), ROW("sip:a")},
    {STOX_SIP_SERVER, ROW("HomeServer v2"), ROW("a/b/c")},
    {STOX_SIP_SESSION_EXPIRES, ROW("4000;refresher=uac"), ROW("x")},
    {STOX_SIP_SUBJECT, ROW("Need more boxes"), ROW("\177")},
    {STOX_SIP_SUBSCRIPTION_STATE, ROW("active;expires=5"), ROW("a b")},
    {STOX_SIP_SUPPORTED, ROW("timer"), ROW("a b")},
    {STOX_SIP_TIMESTAMP, ROW("54 0.1"), ROW("x")},
    {STOX_SIP_TO, ROW("sip:a@b"), ROW("<sip:a")},
    {STOX_SIP_UNSUPPORTED, ROW("foo"), ROW("a b")},
    {STOX_SIP_USER_AGENT, ROW("Softphone Beta1.5"), ROW("a:b")},
    {STOX_SIP_VIA, ROW("SIP/2.0/UDP a"), ROW("UDP a")},
    {STOX_SIP_WARNING, ROW("301 a \"b\""), ROW("301 a b")},
    {STOX_SIP_WWW_AUTHENTICATE, ROW("Digest realm=\"a\""), ROW("Digest")},
    {STOX_SIP_P_ASSERTED_IDENTITY, ROW("tel:+1"), ROW("<http://a/>")},
    {STOX_SIP_P_PREFERRED_IDENTITY, ROW("<sip:a@b>"), ROW("*")},
    {STOX_SIP_P_MEDIA_AUTHORIZATION, ROW("00ff"), ROW("xyz")},
    {STOX_SIP_PRIVACY, ROW("id;header"), ROW(";")},
    {STOX_SIP_SECURITY_CLIENT, ROW("tls;q=0.1"), ROW(";q")},
    {STOX_SIP_SECURITY_SERVER, ROW("ipsec-ike"), ROW("a b")},
    {STOX_SIP_SECURITY_VERIFY, ROW("digest;d-alg=MD5"), ROW("=")},
    {STOX_SIP_SERVICE_ROUTE, ROW("<sip:a;lr>"), ROW("sip:a")},
    {STOX_SIP_ACCEPT_CONTACT, ROW("*;audio;require"), ROW("a")},
    {STOX_SIP_REJECT_CONTACT, ROW("*;actor=\"msg-taker\""), ROW("a")},
    {STOX_SIP_REQUEST_DISPOSITION, ROW("proxy"), ROW("a/b")},
    {STOX_SIP_JOIN, ROW("a;from-tag=b;to-tag=c"), ROW("a")},
    {STOX_SIP_SIP_ETAG, ROW("dx200xyz"), ROW("a b")},
    {STOX_SIP_SIP_IF_MATCH, ROW("dx200xyz"), ROW("a b")},
    {STOX_SIP_RACK, ROW("776656 1 INVITE"), ROW("1 INVITE")},
    {STOX_SIP_RSEQ, ROW("1"), ROW("0")},
    {STOX_SIP_MIN_SE, ROW("60"), ROW("x")},
    {STOX_SIP_RESOURCE_PRIORITY, ROW("dsn.flash"), ROW("dsn")},
    {STOX_SIP_ACCEPT_RESOURCE_PRIORITY, ROW("wps.0"), ROW("wps")},
    {STOX_SIP_REFER_SUB, ROW("false"), ROW("no")},
    {STOX_SIP_TARGET_DIALOG, ROW("a;local-tag=b;remote-tag=c"), ROW("a b")},
    {STOX_SIP_ANSWER_MODE, ROW("Auto"), ROW("a b")},
    {STOX_SIP_PRIV_ANSWER_MODE, ROW("Manual;require"), ROW("a b")},
    {STOX_SIP_FLOW_TIMER, ROW("120"), ROW("x")},
    {STOX_SIP_GEOLOCATION, ROW("<cid:a@b>"), ROW("cid:a@b")},
    {STOX_SIP_GEOLOCATION_ROUTING, ROW("yes"), ROW("a b")},
    {STOX_SIP_GEOLOCATION_ERROR, ROW("100"), ROW("x")},
    {STOX_SIP_HISTORY_INFO, ROW("<sip:a@b>;index=1"), ROW("<sip:a@b>;index=01")},
    {STOX_SIP_USER_TO_USER, ROW("56a390f3;encoding=hex"), ROW("=")},
    {STOX_SIP_REFER_EVENTS_AT, ROW("<sip:a@b>"), ROW("a")},
    {STOX_SIP_IDENTITY, ROW("abc;info=<https://a/>"), ROW("abc")},
    {STOX_SIP_IDENTITY_INFO, ROW("<https://a/>;alg=rsa-sha1"), ROW("a")},
    {STOX_SIP_AUTHENTICATION_INFO, ROW("nextnonce=\"a\""), ROW("a")},
    {STOX_SIP_ALERT_MODE, ROW("Normal"), ROW("x")},
    {STOX_SIP_SUBSCRIPTION, ROW("presence;aor=sip:a@b"), ROW(";")},
    {STOX_SIP_RESPONDER, ROW("claimer=<sip:a@b>"), ROW("x=y")},
    {STOX_SIP_RESPONDER_INFO, ROW("<https://a/>"), ROW("a")},
    {STOX_SIP_RESPONSE_AUTHENTICATION, ROW("method=DAS;nonce=\"bjI=\""), ROW("method=")},
    {STOX_SIP_RESPONSE_AUTHORIZATION, ROW("digest=\"0123456789abcdef0123456789abcdef\""),
     ROW("digest=0")},
    {STOX_SIP_PROXY_REQUIRED_BODY, ROW("h.example;cid=\"a@b\""), ROW("h.example")},
    {STOX_SIP_SAML_PAYLOAD, ROW("<cid:a@b>"), ROW("<a")},
    {STOX_SIP_ANONYMOUS_TO, ROW("<sip:x@a.example>"), ROW("<sip:a")},
};

static void test_values(void **state) {
  (void)state;
  int seen[STOX_SIP_ANONYMOUS_TO + 1] = {0};
  for (size_t i = 0; i < COUNT(values); i++) {
    stox_diag diag = {0};
    guard good = guard_copy(values[i].good);
    guard bad = guard_copy(values[i].bad);
    seen[values[i].id] = 1;
    if (stox_sip_value_check(values[i].id, good.span, &diag) != STOX_OK ||
        stox_sip_field_check(values[i].id, good.span, NULL) != STOX_OK) {
      fail_msg("%s at %zu", stox_sip_header_name(values[i].id), diag.offset);
    }
    if (stox_sip_value_check(values[i].id, bad.span, &diag) != STOX_E_BAD_HEADER ||
        stox_sip_field_check(values[i].id, bad.span, NULL) != STOX_E_BAD_HEADER) {
      fail_msg("%s takes what is bad", stox_sip_header_name(values[i].id));
    }
    assert_true(diag.offset <= bad.span.n);
    assert_non_null(diag.rule);
    guard_free(&good);
    guard_free(&bad);
  }
  for (int id = 1; id <= STOX_SIP_ANONYMOUS_TO; id++) {
    assert_int_equal(seen[id], 1);
  }
  assert_status(stox_sip_value_check(STOX_SIP_OTHER, S("<<"), NULL), STOX_OK);
  assert_status(stox_sip_value_check(STOX_SIP_ANONYMOUS_TO + 1, S("<<"), NULL), STOX_OK);
  assert_status(stox_sip_field_check(-1, S(",,"), NULL), STOX_OK);
}

/* RFC 3261 25.1 lets these alone be empty, RFC 4412 3.2 one more. */
static void test_empty(void **state) {
  (void)state;
  static const int may[] = {STOX_SIP_ACCEPT,       STOX_SIP_ACCEPT_ENCODING,
                            STOX_SIP_ALLOW,        STOX_SIP_ACCEPT_LANGUAGE,
                            STOX_SIP_ORGANIZATION, STOX_SIP_ACCEPT_RESOURCE_PRIORITY,
                            STOX_SIP_SUBJECT,      STOX_SIP_SUPPORTED};
  for (int id = 1; id <= STOX_SIP_ANONYMOUS_TO; id++) {
    int is_one = 0;
    for (size_t i = 0; i < COUNT(may); i++) {
      is_one |= may[i] == id;
    }
    assert_status(stox_sip_field_check(id, S(" \r\n "), NULL),
                  is_one ? STOX_OK : STOX_E_BAD_HEADER);
  }
}

static void test_fields(void **state) {
  (void)state;
  static const struct row {
    int id;
    stox_span field;
    int status;
    size_t offset;
  } rows[] = {
      {STOX_SIP_ALLOW, ROW("INVITE, ACK"), STOX_OK, 0},
      {STOX_SIP_ALLOW, ROW("INVITE,, ACK"), STOX_E_BAD_HEADER, 7},
      {STOX_SIP_ALLOW, ROW("INVITE, A/B"), STOX_E_BAD_HEADER, 9},
      {STOX_SIP_CONTACT, ROW("<sip:a,c@b>, \"d,\" <sip:e@f>;q=2"), STOX_E_BAD_HEADER, 30},
      {STOX_SIP_SUBJECT, ROW("a, b"), STOX_OK, 0},
      {STOX_SIP_WWW_AUTHENTICATE, ROW("Digest a=b, c=d"), STOX_OK, 0},
      {STOX_SIP_FROM, ROW("<sip:a@b>, <sip:c@d>"), STOX_E_BAD_HEADER, 9},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_diag diag = {0};
    guard g = guard_copy(rows[i].field);
    assert_status(stox_sip_field_check(rows[i].id, g.span, &diag), rows[i].status);
    assert_int_equal(diag.offset, rows[i].offset);
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_empty),
                                     cmocka_unit_test(test_fields)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
