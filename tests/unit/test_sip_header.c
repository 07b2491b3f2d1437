/* SPDX-License-Identifier: MIT */
/* Names of header fields and methods, and typed access (RA-8.1-01, RA-8.1-02, RA-8.1-03, RA-8.1-04,
 * AA-9.1-01: names of the 2005 drafts without a compact form). */
#include "sip_messages.h"

enum { HEADERS = 95, METHODS = 14 };

static void test_names(void **state) {
  (void)state;
  assert_null(stox_sip_header_name(STOX_SIP_OTHER));
  assert_null(stox_sip_header_name(-1));
  assert_null(stox_sip_header_name(HEADERS + 1));
  for (int id = 1; id <= HEADERS; id++) {
    const char *name = stox_sip_header_name(id);
    char other[32];
    assert_non_null(name);
    const stox_span text = stox_span_text(name);
    assert_int_equal(stox_sip_header_of(text), id);
    for (size_t i = 0; i < text.n; i++) {
      other[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 0x20 : name[i] | 0x20);
    }
    assert_int_equal(stox_sip_header_of((stox_span){other, text.n}), id);
    /* Any other octet in any place is another name. */
    for (size_t i = 0; i < text.n; i++) {
      memcpy(other, name, text.n);
      other[i] = (char)(name[i] == '-' ? '\r' : '@');
      assert_int_equal(stox_sip_header_of((stox_span){other, text.n}), STOX_SIP_OTHER);
    }
    other[0] = name[0];
    other[text.n] = 's';
    memcpy(other, name, text.n);
    const int longer = stox_sip_header_of((stox_span){other, text.n + 1});
    assert_true(longer == STOX_SIP_OTHER);
  }
}

static void test_compact_forms(void **state) {
  (void)state;
  static const struct row {
    char form;
    int id;
  } rows[] = {{'a', STOX_SIP_ACCEPT_CONTACT},
              {'b', STOX_SIP_REFERRED_BY},
              {'c', STOX_SIP_CONTENT_TYPE},
              {'d', STOX_SIP_REQUEST_DISPOSITION},
              {'e', STOX_SIP_CONTENT_ENCODING},
              {'f', STOX_SIP_FROM},
              {'i', STOX_SIP_CALL_ID},
              {'j', STOX_SIP_REJECT_CONTACT},
              {'k', STOX_SIP_SUPPORTED},
              {'l', STOX_SIP_CONTENT_LENGTH},
              {'m', STOX_SIP_CONTACT},
              {'n', STOX_SIP_IDENTITY_INFO},
              {'o', STOX_SIP_EVENT},
              {'r', STOX_SIP_REFER_TO},
              {'s', STOX_SIP_SUBJECT},
              {'t', STOX_SIP_TO},
              {'u', STOX_SIP_ALLOW_EVENTS},
              {'v', STOX_SIP_VIA},
              {'x', STOX_SIP_SESSION_EXPIRES},
              {'y', STOX_SIP_IDENTITY}};
  size_t known = 0;
  for (int octet = 0; octet < 256; octet++) {
    const char form = (char)octet;
    known += stox_sip_header_of((stox_span){&form, 1}) != STOX_SIP_OTHER;
  }
  assert_int_equal(known, 2 * COUNT(rows));
  for (size_t i = 0; i < COUNT(rows); i++) {
    const char upper = (char)(rows[i].form - 0x20);
    assert_int_equal(stox_sip_header_of((stox_span){&rows[i].form, 1}), rows[i].id);
    assert_int_equal(stox_sip_header_of((stox_span){&upper, 1}), rows[i].id);
  }
  assert_int_equal(stox_sip_header_of(S("")), STOX_SIP_OTHER);
  assert_int_equal(stox_sip_header_of(S("Proxy-Authorizations")), STOX_SIP_OTHER);
}

static void test_methods(void **state) {
  (void)state;
  for (int id = 1; id <= METHODS; id++) {
    const stox_span name = stox_span_text(stox_sip_method_name(id));
    assert_int_equal(stox_sip_method_of(name), id);
    assert_int_equal(stox_sip_method_of(stox_span_slice(name, 0, name.n - 1)),
                     STOX_SIP_METHOD_OTHER);
  }
  assert_null(stox_sip_method_name(STOX_SIP_METHOD_OTHER));
  assert_null(stox_sip_method_name(METHODS + 1));
  assert_int_equal(stox_sip_method_of(S("invite")), STOX_SIP_METHOD_OTHER);
  assert_int_equal(stox_sip_method_of(S("")), STOX_SIP_METHOD_OTHER);
}

static void test_find(void **state) {
  (void)state;
  parsed p;
  parse_good(&p,
             S(LINE ROUTING "X-A: 1\r\nRoute: <sip:a;lr>\r\nx-a: 2\r\nRoute: <sip:b;lr>\r\n\r\n"));
  size_t index = 99;
  assert_status(stox_sip_find_header(&index, p.message, STOX_SIP_ROUTE, 0), STOX_OK);
  assert_int_equal(index, 6);
  assert_status(stox_sip_find_header(&index, p.message, STOX_SIP_ROUTE, 6), STOX_OK);
  assert_int_equal(index, 6);
  assert_status(stox_sip_find_header(&index, p.message, STOX_SIP_ROUTE, 7), STOX_OK);
  assert_int_equal(index, 8);
  assert_status(stox_sip_find_header(&index, p.message, STOX_SIP_ROUTE, 9), STOX_E_NONE);
  assert_status(stox_sip_find_header(&index, p.message, STOX_SIP_WARNING, 0), STOX_E_NONE);
  assert_status(stox_sip_find_header(&index, p.message, -1, 0), STOX_E_NONE);
  assert_status(stox_sip_find_header(&index, p.message, HEADERS + 1, 0), STOX_E_NONE);
  assert_span_equal(stox_sip_value(p.message, STOX_SIP_ROUTE), S("<sip:a;lr>"));
  assert_null(stox_sip_value(p.message, STOX_SIP_WARNING).p);
  assert_span_equal(stox_sip_value_of(p.message, S("X-a")), S("1"));
  assert_span_equal(stox_sip_value_of(p.message, S("t")), S("<sip:romeo@example.net>"));
  assert_null(stox_sip_value_of(p.message, S("X-B")).p);
  parsed_free(&p);
}

static void test_typed(void **state) {
  (void)state;
  stox_sip_cseq cseq;
  stox_name_addr address;
  parsed p;
  parse_good(&p, S(LINE ROUTING "Contact: <sip:a@b>;q=1, \"B, C\" <sip:c@d;x=1>;expires=5\r\n"
                                "m: sip:e@f\r\n\r\n"));
  assert_status(stox_sip_get_cseq(&cseq, p.message), STOX_OK);
  assert_int_equal(cseq.number, 7);
  assert_int_equal(cseq.method_id, STOX_SIP_MESSAGE);
  assert_span_equal(cseq.method, S("MESSAGE"));
  assert_span_equal(stox_sip_tag(p.message, STOX_SIP_FROM), S("jc1"));
  assert_null(stox_sip_tag(p.message, STOX_SIP_TO).p);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_FROM, 0), STOX_OK);
  assert_span_equal(address.display, S("\"Juliet, C.\""));
  assert_span_equal(address.uri, S("sip:juliet@example.com"));
  static const stox_span uris[] = {ROW("sip:a@b"), ROW("sip:c@d;x=1"), ROW("sip:e@f")};
  for (size_t i = 0; i < COUNT(uris); i++) {
    assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, i), STOX_OK);
    assert_span_equal(address.uri, uris[i]);
  }
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 3), STOX_E_NONE);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_ROUTE, 0), STOX_E_NONE);
  parsed_free(&p);
  parse_good(&p, S(LINE ROUTING "Contact: <sip:a@b\r\n\r\n"));
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 0), STOX_E_BAD_HEADER);
  assert_status(stox_sip_get_address(&address, p.message, STOX_SIP_CONTACT, 1), STOX_E_BAD_HEADER);
  parsed_free(&p);
}

static void test_numbers(void **state) {
  (void)state;
  static const struct row {
    const char *field;
    int id;
    int status;
    uint32_t number;
  } rows[] = {
      {"Expires: 0", STOX_SIP_EXPIRES, STOX_OK, 0},
      {"Expires: 4294967295", STOX_SIP_EXPIRES, STOX_OK, 4294967295U},
      {"Expires: 4294967296", STOX_SIP_EXPIRES, STOX_E_BAD_HEADER, 0},
      {"Expires: 1;x", STOX_SIP_EXPIRES, STOX_E_BAD_HEADER, 0},
      {"Expires:", STOX_SIP_EXPIRES, STOX_E_BAD_HEADER, 0},
      {"Expires: 1", STOX_SIP_MIN_EXPIRES, STOX_E_NONE, 0},
      {"Max-Forwards: 255", STOX_SIP_MAX_FORWARDS, STOX_OK, 255},
      {"Max-Breadth: 60", STOX_SIP_MAX_BREADTH, STOX_OK, 60},
      {"Retry-After: 18000;duration=3600", STOX_SIP_RETRY_AFTER, STOX_OK, 18000},
      {"Retry-After: 120 (I'm in a meeting)", STOX_SIP_RETRY_AFTER, STOX_OK, 120},
      {"Retry-After: soon", STOX_SIP_RETRY_AFTER, STOX_E_BAD_HEADER, 0},
      {"Retry-After: 1, 2", STOX_SIP_RETRY_AFTER, STOX_E_BAD_HEADER, 0},
      {"x: 1800 ;refresher=uac", STOX_SIP_SESSION_EXPIRES, STOX_OK, 1800},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[1024];
    parsed p;
    uint32_t number = 0;
    const int n = snprintf(room, sizeof room, LINE ROUTING "%s\r\n\r\n", rows[i].field);
    parse_good(&p, (stox_span){room, (size_t)n});
    assert_status(stox_sip_get_number(&number, p.message, rows[i].id), rows[i].status);
    assert_int_equal(number, rows[i].number);
    parsed_free(&p);
  }
}

static void test_unfold(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    stox_span want;
  } rows[] = {
      {ROW(""), ROW("")},
      {ROW("a  b\tc"), ROW("a  b\tc")},
      {ROW("a\r\n b"), ROW("a b")},
      {ROW("a \t\r\n \t b\r\n\tc"), ROW("a b c")},
      {ROW("a\r\n \r\n b"), ROW("a b")},
      {ROW("a\n b"), ROW("a b")},
      {ROW("\r\n a\r\n "), ROW(" a ")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t cap = 0; cap <= rows[i].want.n + 1; cap++) {
      char room[64];
      stox_buf out;
      stox_buf_init(&out, room, cap);
      const int fits = cap >= rows[i].want.n;
      assert_status(stox_sip_unfold(&out, rows[i].value), fits ? STOX_OK : STOX_E_NOBUF);
      assert_int_equal(out.len, rows[i].want.n);
      if (fits) {
        assert_span_equal(stox_buf_span(&out), rows[i].want);
      }
    }
  }
}

/* 7247-8-03: a SIPS URI in Request-URI or To is told by its scheme, without case. */
static void test_is_sips(void **state) {
  (void)state;
  static const struct row {
    const char *request_uri;
    const char *to;
    int is_sips;
  } rows[] = {
      {"sip:a@example.net", "<sip:a@example.net>", 0},
      {"sips:a@example.net", "<sip:a@example.net>", 1},
      {"SiPs:a@example.net", "sip:a@example.net", 1},
      {"sip:a@example.net", "<sips:a@example.net>", 1},
      {"sip:a@example.net", "\"<sip:x@y>\" <SIPS:a@example.net>;tag=1", 1},
      {"sip:a@example.net", "SIPS:a@example.net", 1},
      {"sip:a@example.net", "\"sips:\" <sip:sips@example.net>", 0},
      {"sip:sips@example.net", "<tel:+1>", 0},
      {"sipsx:a", "<sipsx:a>", 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[1024];
    parsed p;
    const int n = snprintf(room, sizeof room,
                           "MESSAGE %s SIP/2.0\r\n" TOP_VIA FROM CALL_ID CSEQ "To: %s\r\n\r\n",
                           rows[i].request_uri, rows[i].to);
    parse_good(&p, (stox_span){room, (size_t)n});
    assert_int_equal(stox_sip_is_sips(p.message), rows[i].is_sips);
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),   cmocka_unit_test(test_compact_forms),
      cmocka_unit_test(test_methods), cmocka_unit_test(test_find),
      cmocka_unit_test(test_typed),   cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_unfold),  cmocka_unit_test(test_is_sips),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
