/* SPDX-License-Identifier: MIT */
/* What a method or message says of dialogs and their targets. */
#include "sip_messages.h"

#include "stox/sip_target.h"

/* TD-1-01, NS-4-02 */
static void test_methods(void **state) {
  (void)state;
  for (int i = STOX_SIP_METHOD_OTHER; i <= STOX_SIP_INFO + 1; i++) {
    const int creates = i == STOX_SIP_INVITE || i == STOX_SIP_REFER || i == STOX_SIP_SUBSCRIBE ||
                        i == STOX_SIP_NOTIFY;
    assert_int_equal(stox_sip_method_creates_dialog(i), creates);
    assert_int_equal(stox_sip_method_refreshes_target(i), creates || i == STOX_SIP_UPDATE);
  }
}

/* GR-5-04, GR-9-05, GR-8.1-10, GR-11-08 */
static void test_gruu(void **state) {
  (void)state;
  static const struct {
    const char *fields;
    int rfc;
    int draft;
  } rows[] = {
      {"Contact: <sip:a@b;gr=urn:x:1>\r\n", 1, 1},
      {"Contact: <sip:a@b;gr>\r\n", 1, 1},
      {"Contact: <sip:a@b;opaque=urn:x:1;grid=99a>\r\nSupported: gruu\r\n", 0, 1},
      {"Contact: <sip:a@b>\r\nSupported: timer, GRUU\r\n", 0, 1},
      {"Contact: <sip:a@b;opaque=urn:x:1;grid=99a>\r\n", 0, 0},
      {"Contact: <sip:a@b>;gr=1\r\n", 0, 0},
      {"Supported: gruu\r\n", 0, 0},
      {"Contact: *\r\nSupported: gruu\r\n", 0, 0},
      {"Contact: <x\r\nSupported: gruu\r\n", 0, 0},
      {"", 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[512];
    parsed p;
    (void)snprintf(text, sizeof text, "SIP/2.0 200 OK\r\n" ROUTING "%s\r\n", rows[i].fields);
    parse_good(&p, stox_span_text(text));
    assert_int_equal(stox_sip_target_is_gruu(p.message, STOX_DIALECT_RFC), rows[i].rfc);
    assert_int_equal(stox_sip_target_is_gruu(p.message, STOX_DIALECT_DRAFT2005), rows[i].draft);
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_methods), cmocka_unit_test(test_gruu)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
