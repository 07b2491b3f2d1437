/* SPDX-License-Identifier: MIT */
/* Option tags (AA-3.1-03) and methods, one by one and as sets. */
#include "sip_messages.h"

#include "stox/sip_tokens.h"

#define BIT(option) (UINT64_C(1) << (option))

static void test_names(void **state) {
  (void)state;
  for (int i = 0; i < STOX_SIP_OPTION_COUNT; i++) {
    const char *name = stox_sip_option_name(i);
    assert_non_null(name);
    assert_int_equal(stox_sip_option_of(stox_span_text(name)), i);
    assert_int_equal(stox_sip_option_of((stox_span){name, strlen(name) - 1}),
                     STOX_SIP_OPTION_UNKNOWN);
  }
  assert_null(stox_sip_option_name(STOX_SIP_OPTION_UNKNOWN));
  assert_null(stox_sip_option_name(STOX_SIP_OPTION_COUNT));
  assert_int_equal(stox_sip_option_of(S("AnswerMode")), STOX_SIP_OPTION_ANSWERMODE);
  assert_int_equal(stox_sip_option_of(S("alertmode")), STOX_SIP_OPTION_ALERTMODE);
  assert_int_equal(stox_sip_option_of(S("")), STOX_SIP_OPTION_UNKNOWN);
}

static void test_sets(void **state) {
  (void)state;
  parsed p;
  uint64_t set = 0;
  parse_good(&p, S(LINE ROUTING "Supported: gruu, timer\r\nk: x, 100REL\r\nRequire:\r\n"
                                "Allow: INVITE, foo, invite\r\nAllow: ACK\r\n"
                                "Proxy-Require: path, foo, sec-agree, bar\r\n"
                                "Unsupported: a, \"b\", timer\r\n\r\n"));
  assert_status(stox_sip_get_options(&set, p.message, STOX_SIP_SUPPORTED), STOX_OK);
  assert_true(set == (BIT(STOX_SIP_OPTION_GRUU) | BIT(STOX_SIP_OPTION_TIMER) |
                      BIT(STOX_SIP_OPTION_100REL)));
  assert_status(stox_sip_get_options(&set, p.message, STOX_SIP_REQUIRE), STOX_OK);
  assert_true(set == 0);
  assert_status(stox_sip_get_options(&set, p.message, STOX_SIP_UNSUPPORTED), STOX_E_BAD_HEADER);
  assert_true(set == 0);
  assert_status(stox_sip_get_options(&set, p.message, STOX_SIP_ALLOW_EVENTS), STOX_OK);
  assert_status(stox_sip_get_methods(&set, p.message, STOX_SIP_ALLOW), STOX_OK);
  assert_true(set == (BIT(STOX_SIP_INVITE) | BIT(STOX_SIP_ACK) | BIT(STOX_SIP_METHOD_OTHER)));
  assert_int_equal(stox_sip_has_token(p.message, STOX_SIP_SUPPORTED, S("X")), 1);
  assert_int_equal(stox_sip_has_token(p.message, STOX_SIP_SUPPORTED, S("gru")), 0);
  assert_int_equal(stox_sip_has_token(p.message, STOX_SIP_UNSUPPORTED, S("timer")), 0);
  parsed_free(&p);
}

/* RFC 3261 8.2.2.3. */
static void test_unsupported(void **state) {
  (void)state;
  parsed p;
  stox_span tag;
  stox_sip_cursor cursor = {0, 0};
  parse_good(&p, S(LINE ROUTING "Require: path, foo, sec-agree\r\nRequire: bar,a b\r\n\r\n"));
  const uint64_t supported = BIT(STOX_SIP_OPTION_PATH);
  static const char *const tags[] = {"foo", "sec-agree", "bar"};
  for (size_t i = 0; i < COUNT(tags); i++) {
    assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, supported, &cursor),
                  STOX_OK);
    assert_span_equal(tag, stox_span_text(tags[i]));
  }
  for (size_t i = 0; i < 2; i++) {
    assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, supported, &cursor),
                  STOX_E_BAD_HEADER);
  }
  parsed_free(&p);
}

static void check_caps(int (*write)(stox_buf *out, uint64_t set), uint64_t set, stox_span text) {
  for (size_t cap = 0; cap <= text.n; cap++) {
    char room[64];
    stox_buf out;
    memset(room, '#', sizeof room);
    stox_buf_init(&out, room, cap);
    assert_status(write(&out, set), cap < text.n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, text.n);
    assert_int_equal(room[cap], '#');
    if (cap == text.n) {
      assert_span_equal(stox_buf_span(&out), text);
    }
  }
}

static void test_write(void **state) {
  (void)state;
  check_caps(stox_sip_options_write, 0, S(""));
  check_caps(stox_sip_options_write,
             BIT(STOX_SIP_OPTION_TIMER) | BIT(STOX_SIP_OPTION_100REL) | BIT(63),
             S("100rel, timer"));
  check_caps(stox_sip_options_write, BIT(STOX_SIP_OPTION_LR305), S("lr305"));
  check_caps(stox_sip_methods_write, BIT(STOX_SIP_INFO) | BIT(STOX_SIP_INVITE) | BIT(0) | BIT(40),
             S("INVITE, INFO"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_sets),
                                     cmocka_unit_test(test_unsupported),
                                     cmocka_unit_test(test_write)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
