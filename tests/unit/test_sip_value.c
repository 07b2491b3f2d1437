/* SPDX-License-Identifier: MIT */
/* Walking over the values of header fields. */
#include "sip_messages.h"

#include "stox/sip_value.h"

static void test_elements(void **state) {
  (void)state;
  static const struct row {
    stox_span list;
    const char *elements[4];
    int status; /* at the end */
    size_t offset;
  } rows[] = {
      {ROW(""), {NULL}, STOX_E_NONE, 0},
      {ROW(" \r\n "), {NULL}, STOX_E_NONE, 0},
      {ROW("a"), {"a"}, STOX_E_NONE, 0},
      {ROW("a, b ,\r\n c"), {"a", "b", "c"}, STOX_E_NONE, 0},
      {ROW("\"a,b\";c, <d,e>;f"), {"\"a,b\";c", "<d,e>;f"}, STOX_E_NONE, 0},
      {ROW("\"a\\\",b\",c"), {"\"a\\\",b\"", "c"}, STOX_E_NONE, 0},
      {ROW(",a"), {NULL}, STOX_E_BAD_HEADER, 0},
      {ROW("a,"), {"a"}, STOX_E_BAD_HEADER, 2},
      {ROW("a, ,b"), {"a"}, STOX_E_BAD_HEADER, 3},
      {ROW("a,\"b,c"), {"a", "\"b,c"}, STOX_E_NONE, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].list);
    stox_span element;
    stox_diag diag = {0};
    size_t cursor = 0;
    for (size_t k = 0; k < 4 && rows[i].elements[k] != NULL; k++) {
      assert_status(stox_sip_next_element(&element, g.span, &cursor, &diag), STOX_OK);
      assert_span_equal(element, stox_span_text(rows[i].elements[k]));
    }
    assert_status(stox_sip_next_element(&element, g.span, &cursor, &diag), rows[i].status);
    if (rows[i].status == STOX_E_BAD_HEADER) {
      assert_int_equal(diag.offset, rows[i].offset);
      assert_int_equal(diag.code, STOX_E_BAD_HEADER);
    }
    guard_free(&g);
  }
}

static void test_values(void **state) {
  (void)state;
  static const struct row {
    int id;
    const char *values[4];
    int status;
  } rows[] = {
      {STOX_SIP_REASON, {"SIP;cause=1;text=\"a,b\"", "Q.850", "x"}, STOX_E_NONE},
      {STOX_SIP_SUBJECT, {"a, b"}, STOX_E_NONE},
      {STOX_SIP_PROXY_REQUIRED_BODY, {"h;cid=\"a@b\",cid=\"c@d\"", "i;cid=\"e@f\""}, STOX_E_NONE},
      {STOX_SIP_SUPPORTED, {NULL}, STOX_E_NONE},
      {STOX_SIP_REQUIRE, {"a"}, STOX_E_BAD_HEADER},
      {STOX_SIP_WARNING, {NULL}, STOX_E_NONE},
      {-1, {NULL}, STOX_E_NONE},
      {1000, {NULL}, STOX_E_NONE},
  };
  parsed p;
  parse_good(&p, S(LINE ROUTING "Reason: SIP;cause=1;text=\"a,b\" , Q.850\r\nReason: x\r\n"
                                "Subject: a, b\r\nSupported:\r\nRequire: a,,b\r\n"
                                "Proxy-Required-Body: h;cid=\"a@b\",cid=\"c@d\"\r\n"
                                "Proxy-Required-Body: i;cid=\"e@f\"\r\n\r\n"));
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_cursor cursor = {0, 0};
    stox_span value;
    for (size_t k = 0; k < 4 && rows[i].values[k] != NULL; k++) {
      assert_status(stox_sip_next_value(&value, p.message, rows[i].id, &cursor), STOX_OK);
      assert_span_equal(value, stox_span_text(rows[i].values[k]));
    }
    assert_status(stox_sip_next_value(&value, p.message, rows[i].id, &cursor), rows[i].status);
    assert_status(stox_sip_next_value(&value, p.message, rows[i].id, &cursor), rows[i].status);
  }
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_elements),
                                     cmocka_unit_test(test_values)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
