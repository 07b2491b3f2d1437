/* SPDX-License-Identifier: MIT */
/* Event packages by name (RS-1-01, CRT-7.1-01, CRT-8.1-01, CRT-11.1-01, CRT-11.2-01,
 * CRT-7.2-01, LP-5.1-01, LP-5.2-01, LP-8.1-01). */
#include "support.h"

#include "stox/sip_event.h"
#include "stox/sip_package.h"

static void test_names(void **state) {
  (void)state;
  for (int i = 1; i < STOX_SIP_PACKAGE_COUNT; i++) {
    const char *name = stox_sip_package_name(i);
    assert_non_null(name);
    const stox_span text = stox_span_text(name);
    guard g = guard_copy(text);
    assert_int_equal(stox_sip_package_of(g.span), i);
    assert_int_equal(stox_sip_package_of(stox_span_slice(g.span, 0, text.n - 1)), 0);
    guard_free(&g);
  }
  assert_null(stox_sip_package_name(0));
  assert_null(stox_sip_package_name(-1));
  assert_null(stox_sip_package_name(STOX_SIP_PACKAGE_COUNT));
  static const struct {
    const char *name;
    int package;
  } rows[] = {
      {"message-summary", STOX_SIP_PACKAGE_MESSAGE_SUMMARY},
      {"reg", STOX_SIP_PACKAGE_REG},
      {"presence", STOX_SIP_PACKAGE_PRESENCE},
      {"presence.winfo", STOX_SIP_PACKAGE_PRESENCE_WINFO},
      {"presence.wininfo", STOX_SIP_PACKAGE_OTHER},
      {"dialog", STOX_SIP_PACKAGE_DIALOG},
      {"ua-profile", STOX_SIP_PACKAGE_UA_PROFILE},
      {"certificate", STOX_SIP_PACKAGE_CERTIFICATE},
      {"credential", STOX_SIP_PACKAGE_CREDENTIAL},
      {"location", STOX_SIP_PACKAGE_LOCATION},
      {"Location", STOX_SIP_PACKAGE_OTHER},
      {"", STOX_SIP_PACKAGE_OTHER},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_sip_package_of(stox_span_text(rows[i].name)), rows[i].package);
  }
}

/* Any parameter may follow a package that defines none; etag is credential's. */
static void test_event(void **state) {
  (void)state;
  static const struct {
    const char *value;
    int package;
    const char *id;
    const char *etag;
  } rows[] = {
      {"certificate;id=1", STOX_SIP_PACKAGE_CERTIFICATE, "1", ""},
      {"certificate;x=y", STOX_SIP_PACKAGE_CERTIFICATE, "", ""},
      {"location;id=7;min-rate=3", STOX_SIP_PACKAGE_LOCATION, "7", ""},
      {"credential;etag=abc", STOX_SIP_PACKAGE_CREDENTIAL, "", "abc"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_event event;
    assert_status(stox_sip_event_parse(&event, stox_span_text(rows[i].value), NULL), STOX_OK);
    assert_int_equal(stox_sip_package_of(event.package), rows[i].package);
    assert_span_equal(event.id, stox_span_text(rows[i].id));
    assert_span_equal(event.etag, stox_span_text(rows[i].etag));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_event)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
