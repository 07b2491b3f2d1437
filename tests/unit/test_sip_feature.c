/* SPDX-License-Identifier: MIT */
/* Accept-Contact, Reject-Contact, Request-Disposition, feature tags (AA-3.1-04, RF-3-03, RF-3-04).
 */
#include "header_support.h"

#include "stox/sip_feature.h"

HEADER_TRIAL(stox_sip_accept_contact)

HEADER_TRIAL(stox_sip_reject_contact)

static void test_accept_contact(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("*;audio;require"), ROW("*;require;audio"), 0},
      {ROW("*;automata;actor=\"msg-taker\""), ROW("*;automata;actor=\"msg-taker\""), 0},
      {ROW("*;methods=\"BYE\";class=\"business\";q=1.0"),
       ROW("*;methods=\"BYE\";class=\"business\";q=1.0"), 0},
      {ROW("* ; video ; explicit"), ROW("*;explicit;video"), 0},
      {ROW("*"), ROW("*"), 0},
      {ROW("audio;require"), REFUSED, 0},
      {ROW("*;require=1"), REFUSED, 10},
      {ROW("*;require;require"), REFUSED, 10},
      {ROW("**"), REFUSED, 1},
      {ROW(""), REFUSED, 0},
      {ROW("<sip:a@b>;audio"), REFUSED, 0},
  };
  header_check_all(&stox_sip_accept_contact_trial, rows, COUNT(rows));
}

static void test_reject_contact(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("*;actor=\"msg-taker\";video"), ROW("*;actor=\"msg-taker\";video"), 0},
      {ROW("x;video"), REFUSED, 0},
      {ROW("*;"), REFUSED, 2},
  };
  header_check_all(&stox_sip_reject_contact_trial, rows, COUNT(rows));
}

static void test_tags(void **state) {
  (void)state;
  static const char *const tags[] = {
      "audio",    "automata",    "class",         "duplex",  "data",        "control",
      "mobility", "events",      "video",         "methods", "description", "priority",
      "schemes",  "application", "language",      "type",    "isfocus",     "actor",
      "text",     "extensions",  "+sip.instance", "+a",      "AUDIO",       "+a!'.-%9"};
  static const char *const others[] = {"",        "+",   "audi", "audios", "q",
                                       "require", "+1a", "+a_b", "sip.x"};
  for (size_t i = 0; i < COUNT(tags); i++) {
    assert_int_equal(stox_sip_is_feature_tag(stox_span_text(tags[i])), 1);
  }
  for (size_t i = 0; i < COUNT(others); i++) {
    assert_int_equal(stox_sip_is_feature_tag(stox_span_text(others[i])), 0);
  }
}

static void test_walk(void **state) {
  (void)state;
  stox_param param;
  size_t cursor = 0;
  const stox_span params = S("audio;require;actor=\"msg-taker\";q=1;+sip.instance=\"<urn:foo:1>\"");
  static const char *const names[] = {"audio", "actor", "+sip.instance"};
  for (size_t i = 0; i < COUNT(names); i++) {
    assert_status(stox_sip_next_feature(&param, params, &cursor), STOX_OK);
    assert_span_equal(param.name, stox_span_text(names[i]));
  }
  assert_status(stox_sip_next_feature(&param, params, &cursor), STOX_E_NONE);
}

static void test_tag_values(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int kind;
    int is_negated;
    int is_true;
    stox_span text;
    stox_span low;
    stox_span high;
  } rows[] = {
      {{NULL, 0}, STOX_SIP_TAG_BOOLEAN, 0, 1, {NULL, 0}, {NULL, 0}, {NULL, 0}},
      {ROW("\"TRUE\""), STOX_SIP_TAG_BOOLEAN, 0, 1, ROW("TRUE"), {NULL, 0}, {NULL, 0}},
      {ROW("\"false\""), STOX_SIP_TAG_BOOLEAN, 0, 0, ROW("false"), {NULL, 0}, {NULL, 0}},
      {ROW("\"!TRUE\""), STOX_SIP_TAG_BOOLEAN, 1, 1, ROW("TRUE"), {NULL, 0}, {NULL, 0}},
      {ROW("\"msg-taker\""), STOX_SIP_TAG_TOKEN, 0, 0, ROW("msg-taker"), {NULL, 0}, {NULL, 0}},
      {ROW("\"#>=5\""), STOX_SIP_TAG_NUMBER, 0, 0, ROW("#>=5"), ROW("5"), {NULL, 0}},
      {ROW("\"#<=-5.\""), STOX_SIP_TAG_NUMBER, 0, 0, ROW("#<=-5."), {NULL, 0}, ROW("-5.")},
      {ROW("\"#=5.25\""), STOX_SIP_TAG_NUMBER, 0, 0, ROW("#=5.25"), ROW("5.25"), ROW("5.25")},
      {ROW("\"!#5:+7\""), STOX_SIP_TAG_NUMBER, 1, 0, ROW("#5:+7"), ROW("5"), ROW("+7")},
      {ROW("\"<urn:foo:1>\""), STOX_SIP_TAG_STRING, 0, 0, ROW("<urn:foo:1>"), {NULL, 0}, {NULL, 0}},
      {ROW("\"<a,b>\""), STOX_SIP_TAG_STRING, 0, 0, ROW("<a,b>"), {NULL, 0}, {NULL, 0}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_tag_value value;
    size_t cursor = 0;
    assert_status(stox_sip_next_tag_value(&value, rows[i].value, &cursor), STOX_OK);
    assert_int_equal(value.kind, rows[i].kind);
    assert_int_equal(value.is_negated, rows[i].is_negated);
    assert_int_equal(value.is_true, rows[i].is_true);
    assert_span_equal(value.text, rows[i].text);
    assert_span_equal(value.low, rows[i].low);
    assert_span_equal(value.high, rows[i].high);
    assert_status(stox_sip_next_tag_value(&value, rows[i].value, &cursor), STOX_E_NONE);
  }
}

static void test_tag_lists(void **state) {
  (void)state;
  stox_sip_tag_value value;
  size_t cursor = 0;
  const stox_span list = S("\"INVITE,!BYE, ACK\"");
  static const char *const texts[] = {"INVITE", "BYE", "ACK"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    assert_status(stox_sip_next_tag_value(&value, list, &cursor), STOX_OK);
    assert_span_equal(value.text, stox_span_text(texts[i]));
    assert_int_equal(value.is_negated, i == 1);
  }
  assert_status(stox_sip_next_tag_value(&value, list, &cursor), STOX_E_NONE);
  static const stox_span bad[] = {
      ROW("x"),       ROW("\""),     ROW("\"\""),       ROW("\"!\""),    ROW("\"a b\""),
      ROW("\"!!a\""), ROW("\"#\""),  ROW("\"#>5\""),    ROW("\"#5\""),   ROW("\"#5:\""),
      ROW("\"#=x\""), ROW("\"<a\""), ROW("\"#5:6:7\""), ROW("\"<a>b\""), ROW("\",a\"")};
  for (size_t i = 0; i < COUNT(bad); i++) {
    cursor = 0;
    guard g = guard_copy(bad[i]);
    assert_status(stox_sip_next_tag_value(&value, g.span, &cursor), STOX_E_BAD_PARAM);
    guard_free(&g);
  }
  cursor = 0;
  assert_status(stox_sip_next_tag_value(&value, S("\"a,\""), &cursor), STOX_OK);
  assert_status(stox_sip_next_tag_value(&value, S("\"a,\""), &cursor), STOX_E_BAD_PARAM);
}

static void test_directives(void **state) {
  (void)state;
  uint32_t set = 0;
  stox_diag diag = {0};
  char room[160];
  stox_buf out;
  assert_status(stox_sip_disposition_parse(&set, S("proxy, recurse, Parallel"), NULL), STOX_OK);
  assert_int_equal(set, STOX_SIP_DIRECTIVE_PROXY | STOX_SIP_DIRECTIVE_RECURSE |
                            STOX_SIP_DIRECTIVE_PARALLEL);
  static const stox_span bad[] = {ROW(""), ROW("proxy,"), ROW("prox"), ROW("proxy;x"),
                                  ROW("a,proxy")};
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_status(stox_sip_disposition_parse(&set, bad[i], &diag), STOX_E_BAD_HEADER);
    assert_int_equal(set, 0);
  }
  for (uint32_t i = 1; i < 1 << 12; i++) {
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_disposition_write(&out, i), STOX_OK);
    assert_status(stox_sip_disposition_parse(&set, stox_buf_span(&out), NULL), STOX_OK);
    assert_int_equal(set, i);
  }
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_disposition_write(&out, 0), STOX_E_BAD_HEADER);
  assert_status(stox_sip_disposition_write(&out, 1 << 12), STOX_E_BAD_HEADER);
  assert_int_equal(out.len, 0);
}

/* RF-3-05 */
static void test_check(void **state) {
  (void)state;
  char big[512];
  char many[2048] = "audio";
  static const struct {
    const char *params;
    int status;
  } rows[] = {
      {"audio;video;foo;foo", STOX_OK},
      {"audio;audio", STOX_E_REPEATED},
      {"audio;x;AUDIO=\"TRUE\"", STOX_E_REPEATED},
      {"+sip.instance=\"<urn:x:1>\";+SIP.instance=\"<urn:x:1>\"", STOX_E_REPEATED},
      {"methods=\"INVITE,!BYE\";priority=\"#>=5\"", STOX_OK},
      {"priority=\"#5:-2.75\"", STOX_OK},
      {"priority=\"#>=\"", STOX_E_BAD_PARAM},
      {"audio=TRUE", STOX_E_BAD_PARAM},
      {"audio;", STOX_E_BAD_PARAM},
      {"", STOX_OK},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(stox_span_text(rows[i].params));
    assert_status(stox_sip_features_check(g.span), rows[i].status);
    guard_free(&g);
  }
  for (int digits = 308; digits <= 309; digits++) {
    (void)snprintf(big, sizeof big, "priority=\"#=0009%0*d.5\"", digits - 1, 0);
    assert_status(stox_sip_features_check(stox_span_text(big)),
                  digits == 308 ? STOX_OK : STOX_E_BAD_PARAM);
    (void)snprintf(big, sizeof big, "priority=\"#0:-9%0*d\"", digits - 1, 0);
    assert_status(stox_sip_features_check(stox_span_text(big)),
                  digits == 308 ? STOX_OK : STOX_E_BAD_PARAM);
  }
  size_t n = strlen(many);
  for (int i = 1; i < STOX_SIP_FEATURES_MOST; i++) {
    n += (size_t)snprintf(many + n, sizeof many - n, ";+x%d", i);
  }
  assert_status(stox_sip_features_check(stox_span_text(many)), STOX_OK);
  (void)snprintf(many + n, sizeof many - n, ";+y");
  assert_status(stox_sip_features_check(stox_span_text(many)), STOX_E_TOO_MANY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accept_contact), cmocka_unit_test(test_reject_contact),
      cmocka_unit_test(test_tags),           cmocka_unit_test(test_walk),
      cmocka_unit_test(test_tag_values),     cmocka_unit_test(test_tag_lists),
      cmocka_unit_test(test_directives),     cmocka_unit_test(test_check)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
