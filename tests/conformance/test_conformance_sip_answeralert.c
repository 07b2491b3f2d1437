/* SPDX-License-Identifier: MIT */
/* Answer and alert modes: RFC 5373 and the draft of 2005, as far as messages say them. */
#include "document.h"

#include "stox/error_map.h"
#include "stox/sip_answer_mode.h"
#include "stox/sip_feature.h"
#include "stox/sip_info.h"
#include "stox/sip_tokens.h"
#include "stox/sip_where.h"

#define DOCUMENT "sip-answeralert"

/* The name that header-parse.tsv gives a reading in the draft's dialect. */
static const char *draft_name(int mode, int is_required) {
  static const char *const names[2][3] = {{"?", "Manual", "Auto"}, {"?", "ManualReq", "AutoReq"}};
  return names[is_required][mode];
}

static int starts_with(stox_span text, const char *prefix) {
  return stox_span_is_equal(stox_span_slice(text, 0, strlen(prefix)), stox_span_text(prefix));
}

/* The cell of a table without the remark that may stand before or behind the name. */
static int says(stox_span cell, const char *name) {
  if (starts_with(cell, "lenient: ")) {
    cell = stox_span_slice(cell, strlen("lenient: "), cell.n);
  }
  return stox_span_is_equal(stox_span_slice(cell, 0, stox_span_find(cell, ' ')),
                            stox_span_text(name));
}

static void check_answer_mode(stox_span text, stox_span draft, stox_span rfc) {
  stox_sip_answer_mode value;
  int is_required = 0;
  const int status = stox_sip_answer_mode_parse(&value, text, NULL);
  if (says(rfc, "error")) {
    assert_status(status, STOX_E_BAD_HEADER);
    return;
  }
  assert_status(status, STOX_OK);
  if (!starts_with(draft, "unknown")) {
    const int mode = stox_sip_answer_mode_read(&is_required, &value, STOX_DIALECT_DRAFT2005);
    assert_int_equal(says(draft, draft_name(mode, is_required)), 1);
  }
  const int mode = stox_sip_answer_mode_read(&is_required, &value, STOX_DIALECT_RFC);
  if (starts_with(rfc, "token")) {
    assert_int_equal(mode, STOX_SIP_ANSWER_UNKNOWN);
  } else {
    static const char *const names[] = {"?", "Manual", "Auto"};
    assert_int_equal(says(rfc, names[mode]) || starts_with(rfc, "privileged Auto"), 1);
    assert_int_equal(is_required, stox_span_find(text, ';') < text.n);
  }
}

/* AA-3.1-01, AA-3.1-02, AA-RFC5373-2-01, AA-2.1-01, AA-2.1-02, AA-2.1-05, AA-2.2-01, AA-9.2-01 */
static void test_header_parse(void **state) {
  (void)state;
  table t;
  int answers = 0;
  int alerts = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/" DOCUMENT, "header-parse.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  while (table_next(&t)) {
    const size_t colon = stox_span_find(t.field[0], ':');
    const int id = stox_sip_header_of(stox_span_slice(t.field[0], 0, colon));
    const stox_span text = stox_span_trim(stox_span_slice(t.field[0], colon + 1, t.field[0].n));
    if (id == STOX_SIP_ALERT_MODE) {
      stox_sip_alert_mode value;
      const int status = stox_sip_alert_mode_parse(&value, text, NULL);
      assert_status(status, says(t.field[1], "error") ? STOX_E_BAD_HEADER : STOX_OK);
      alerts++;
    } else {
      assert_true(id == STOX_SIP_ANSWER_MODE || id == STOX_SIP_PRIV_ANSWER_MODE);
      check_answer_mode(text, t.field[1], t.field[2]);
      answers++;
    }
  }
  assert_int_equal(answers, 9);
  assert_int_equal(alerts, 3);
  table_free(&t);
}

/* AA-RFC5373-2-01: without case; what is unknown is ignored. */
static void test_read(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int dialect;
    int mode;
    int is_required;
  } rows[] = {
      {"MANUAL;x=1;REQUIRE", STOX_DIALECT_RFC, STOX_SIP_ANSWER_MANUAL, 1},
      {"aUTO", STOX_DIALECT_RFC, STOX_SIP_ANSWER_AUTO, 0},
      {"autoreq", STOX_DIALECT_RFC, STOX_SIP_ANSWER_UNKNOWN, 0},
      {"autoreq", STOX_DIALECT_DRAFT2005, STOX_SIP_ANSWER_AUTO, 1},
      {"ManualReq", STOX_DIALECT_DRAFT2005, STOX_SIP_ANSWER_MANUAL, 1},
      {"Later;require", STOX_DIALECT_DRAFT2005, STOX_SIP_ANSWER_UNKNOWN, 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_answer_mode value;
    int is_required = 7;
    assert_status(stox_sip_answer_mode_parse(&value, stox_span_text(rows[i].text), NULL), STOX_OK);
    assert_int_equal(stox_sip_answer_mode_read(&is_required, &value, rows[i].dialect),
                     rows[i].mode);
    assert_int_equal(is_required, rows[i].is_required);
  }
}

/* AA-3.1-03, AA-9.1-01, AA-9.3-01 */
static void test_names(void **state) {
  (void)state;
  assert_int_equal(stox_sip_option_of(S("answermode")), STOX_SIP_OPTION_ANSWERMODE);
  assert_int_equal(stox_sip_option_of(S("alertmode")), STOX_SIP_OPTION_ALERTMODE);
  assert_int_equal(stox_sip_header_of(S("answer-mode")), STOX_SIP_ANSWER_MODE);
  assert_int_equal(stox_sip_header_of(S("Priv-Answer-Mode")), STOX_SIP_PRIV_ANSWER_MODE);
  assert_int_equal(stox_sip_header_of(S("Alert-Mode")), STOX_SIP_ALERT_MODE);
}

/* AA-3.2-01, AA-3.2-02, AA-6-02 */
static void test_where(void **state) {
  (void)state;
  static const struct {
    int id;
    int status;
    int methods;
  } rows[] = {
      {STOX_SIP_ANSWER_MODE, 0, IN(INVITE)},
      {STOX_SIP_ANSWER_MODE, 200, IN(INVITE)},
      {STOX_SIP_ANSWER_MODE, 180, 0},
      {STOX_SIP_ANSWER_MODE, 183, 0},
      {STOX_SIP_ANSWER_MODE, 202, 0},
      {STOX_SIP_ANSWER_MODE, 403, 0},
      {STOX_SIP_ALERT_MODE, 0, IN(INVITE)},
      {STOX_SIP_ALERT_MODE, 200, 0},
      {STOX_SIP_PRIV_ANSWER_MODE, 0, IN(INVITE)},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int method = STOX_SIP_INVITE; method <= STOX_SIP_INFO; method++) {
      assert_int_equal(stox_sip_may_stand(rows[i].id, method, rows[i].status),
                       (rows[i].methods >> method) & 1);
    }
  }
}

static void check_features(stox_span params, const char *name, const char *value) {
  stox_param feature;
  size_t cursor = 0;
  while (stox_sip_next_feature(&feature, params, &cursor) == STOX_OK) {
    if (stox_span_is_equal(feature.name, stox_span_text(name))) {
      if (value == NULL) {
        assert_null(feature.value.p);
      } else {
        assert_span_equal(feature.value, stox_span_text(value));
      }
      return;
    }
  }
  fail_msg("no %s", name);
}

/* AA-3.1-04, AA-2.1-07, AA-2.2-05, AA-7.1-01: the base tag is what is written; the draft's bare tag
 * and its tag of the sip tree are read. */
static void test_register(void **state) {
  (void)state;
  parsed p;
  stox_name_addr contact;
  document_message(&p, DOCUMENT, "01-register.fixed.sip");
  assert_status(stox_sip_get_address(&contact, p.message, STOX_SIP_CONTACT, 0), STOX_OK);
  check_features(contact.params, "extensions", "\"answermode,alertmode\"");
  check_features(contact.params, "methods", "\"INVITE,BYE,OPTIONS,CANCEL,ACK\"");
  parsed_free(&p);
  check_features(S("+answermode;x=1"), "+answermode", NULL);
  const stox_span printed = document_file(DOCUMENT, "01-register.sip");
  parse_with(&p, printed, NULL);
  assert_status(p.status, STOX_E_MISSING);
  assert_int_equal(p.diag.answer, 400);
  parsed_free(&p);
  const char *at = strstr(printed.p, "Contact: ");
  assert_non_null(at);
  size_t cursor = 0;
  const stox_span value = {at + 9, (size_t)(printed.p + printed.n - at) - 9 - 4};
  assert_status(stox_name_addr_next(&contact, value, &cursor, NULL), STOX_OK);
  check_features(contact.params, "+sip.extensions", "\"answermode\"");
}

/* AA-2.1-08, AA-2.2-06, AA-4.1.3-03, AA-4.1.3-04, AA-4.1.3-05 */
static void test_accept_contact(void **state) {
  (void)state;
  static const struct {
    int is_required;
    int is_explicit;
    const char *text;
  } rows[] = {
      {0, 0, "*;extensions=\"answermode\""},
      {1, 0, "*;require;extensions=\"answermode\""},
      {1, 1, "*;require;explicit;extensions=\"answermode\""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_sip_accept_contact made = {S("*"), rows[i].is_required, rows[i].is_explicit,
                                          S("extensions=\"answermode\"")};
    stox_sip_accept_contact read;
    char room[80];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_accept_contact_write(&out, &made), STOX_OK);
    assert_span_equal(stox_buf_span(&out), stox_span_text(rows[i].text));
    assert_status(stox_sip_accept_contact_parse(&read, stox_buf_span(&out), NULL), STOX_OK);
    assert_int_equal(read.is_required, rows[i].is_required);
    assert_int_equal(read.is_explicit, rows[i].is_explicit);
    check_features(read.params, "extensions", "\"answermode\"");
  }
  parsed p;
  stox_span value;
  stox_sip_cursor cursor = {0, 0};
  document_message(&p, DOCUMENT, "02-invite.fixed.sip");
  for (size_t i = 0; i < 2; i++) {
    stox_sip_accept_contact read;
    assert_status(stox_sip_next_value(&value, p.message, STOX_SIP_ACCEPT_CONTACT, &cursor),
                  STOX_OK);
    assert_status(stox_sip_accept_contact_parse(&read, value, NULL), STOX_OK);
    check_features(read.params, "extensions", i == 0 ? "\"answermode\"" : "\"alertmode\"");
  }
  assert_status(stox_sip_next_value(&value, p.message, STOX_SIP_ACCEPT_CONTACT, &cursor),
                STOX_E_NONE);
  parsed_free(&p);
}

/* AA-2.1-04, AA-2.2-03: what a UAS that knows neither says of the INVITE. */
static void test_require(void **state) {
  (void)state;
  parsed p;
  parsed q;
  stox_span tag;
  stox_sip_edit *edit = NULL;
  stox_sip_cursor cursor = {0, 0};
  document_message(&p, DOCUMENT, "02-invite.fixed.sip");
  assert_status(
      stox_sip_response_new(&edit, &p.arena, p.message, 420, (stox_span){NULL, 0}, S("b1")),
      STOX_OK);
  while (stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, 0, &cursor) == STOX_OK) {
    assert_status(stox_sip_edit_set(edit, STOX_SIP_UNSUPPORTED, S(""), tag, STOX_SIP_LAST),
                  STOX_OK);
  }
  const stox_span text = document_written(edit);
  parse_good(&q, text);
  assert_int_equal(stox_sip_status(q.message), 420);
  assert_span_equal(stox_sip_reason_phrase(q.message), S("Bad Extension"));
  assert_int_equal(document_lists(&q, STOX_SIP_UNSUPPORTED, "answermode"), 1);
  assert_int_equal(document_lists(&q, STOX_SIP_UNSUPPORTED, "alertmode"), 1);
  parsed_free(&q);
  free((void *)(uintptr_t)text.p);
  cursor = (stox_sip_cursor){0, 0};
  const uint64_t both =
      UINT64_C(1) << STOX_SIP_OPTION_ANSWERMODE | UINT64_C(1) << STOX_SIP_OPTION_ALERTMODE;
  assert_status(stox_sip_next_unsupported(&tag, p.message, STOX_SIP_REQUIRE, both, &cursor),
                STOX_E_NONE);
  parsed_free(&p);
}

/* AA-4.1.3-01, AA-4.1.3-02, AA-5.1.3-01: an INVITE for each wish. */
static void test_build(void **state) {
  (void)state;
  static const struct {
    int id;
    const char *value;
    const char *require; /* NULL: none */
  } rows[] = {
      {STOX_SIP_ANSWER_MODE, "Manual", NULL},       {STOX_SIP_ANSWER_MODE, "ManualReq", NULL},
      {STOX_SIP_ANSWER_MODE, "Auto", "answermode"}, {STOX_SIP_ANSWER_MODE, "AutoReq", NULL},
      {STOX_SIP_ANSWER_MODE, "Auto;require", NULL}, {STOX_SIP_PRIV_ANSWER_MODE, "Auto", NULL},
      {STOX_SIP_ALERT_MODE, "Null", "alertmode"},   {STOX_SIP_ALERT_MODE, "Normal", NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[4096];
    stox_arena arena;
    parsed p;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    stox_sip_edit *edit = document_request(&arena, "INVITE", "sip:b@example.com");
    assert_status(
        stox_sip_edit_set(edit, rows[i].id, S(""), stox_span_text(rows[i].value), STOX_SIP_REPLACE),
        STOX_OK);
    if (rows[i].require != NULL) {
      assert_status(stox_sip_edit_set(edit, STOX_SIP_REQUIRE, S(""),
                                      stox_span_text(rows[i].require), STOX_SIP_LAST),
                    STOX_OK);
    }
    const stox_span text = document_written(edit);
    parse_good(&p, text);
    assert_span_equal(stox_sip_value(p.message, rows[i].id), stox_span_text(rows[i].value));
    assert_int_equal(stox_sip_value(p.message, STOX_SIP_REQUIRE).p != NULL,
                     rows[i].require != NULL);
    if (rows[i].require != NULL) {
      assert_int_equal(document_lists(&p, STOX_SIP_REQUIRE, rows[i].require), 1);
    }
    parsed_free(&p);
    free((void *)(uintptr_t)text.p);
  }
}

/* AA-4.2-01, AA-5.2-01: a proxy that does not care forwards both untouched. AA-2.1-10, AA-2.2-07:
 * one that acts for a user changes, removes or inserts them. */
static void test_proxy(void **state) {
  (void)state;
  static const struct {
    const char *answer; /* NULL: removed */
    const char *alert;
  } rows[] = {{"Auto", "Null"}, {"Manual", "Normal"}, {NULL, NULL}, {"Auto", NULL}, {NULL, "Null"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    parsed q;
    stox_sip_edit *edit = NULL;
    document_message(&p, DOCUMENT, "02-invite.fixed.sip");
    assert_status(stox_sip_edit_new(&edit, &p.arena, p.message), STOX_OK);
    const stox_span answer = stox_span_text(rows[i].answer);
    const stox_span alert = stox_span_text(rows[i].alert);
    if (i > 0) {
      assert_status(stox_sip_edit_set(edit, STOX_SIP_ANSWER_MODE, S(""), answer, STOX_SIP_REPLACE),
                    STOX_OK);
      assert_status(stox_sip_edit_set(edit, STOX_SIP_ALERT_MODE, S(""), alert, STOX_SIP_REPLACE),
                    STOX_OK);
    }
    const stox_span text = document_written(edit);
    if (i == 0) {
      assert_span_equal(text, p.bytes.span);
    }
    parse_good(&q, text);
    assert_span_equal(stox_sip_value(q.message, STOX_SIP_ANSWER_MODE), answer);
    assert_span_equal(stox_sip_value(q.message, STOX_SIP_ALERT_MODE), alert);
    parsed_free(&q);
    parsed_free(&p);
    free((void *)(uintptr_t)text.p);
  }
}

/* AA-2.3-01, AA-6.2-01, AA-7.3-01 */
static void test_answer(void **state) {
  (void)state;
  parsed p;
  stox_sip_answer_mode value;
  int is_required = 1;
  document_message(&p, DOCUMENT, "03-200.sip");
  assert_int_equal(stox_sip_status(p.message), 200);
  assert_int_equal(stox_sip_method_id(p.message), STOX_SIP_INVITE);
  assert_span_equal(stox_sip_tag(p.message, STOX_SIP_TO), S("8321234356"));
  assert_status(
      stox_sip_answer_mode_parse(&value, stox_sip_value(p.message, STOX_SIP_ANSWER_MODE), NULL),
      STOX_OK);
  assert_int_equal(stox_sip_answer_mode_read(&is_required, &value, STOX_DIALECT_RFC),
                   STOX_SIP_ANSWER_AUTO);
  assert_int_equal(is_required, 0);
  parsed_free(&p);
}

/* AA-7.2-01 */
static void test_invite(void **state) {
  (void)state;
  parsed p;
  document_message(&p, DOCUMENT, "02-invite.fixed.sip");
  assert_span_equal(stox_sip_request_uri(p.message), S("sip:bob@example.com"));
  assert_int_equal(document_lists(&p, STOX_SIP_REQUIRE, "answermode"), 1);
  assert_int_equal(document_lists(&p, STOX_SIP_REQUIRE, "alertmode"), 1);
  assert_span_equal(stox_sip_value(p.message, STOX_SIP_ANSWER_MODE), S("Auto"));
  assert_span_equal(stox_sip_value(p.message, STOX_SIP_ALERT_MODE), S("Null"));
  parsed_free(&p);
  for (int lenient = 0; lenient < 2; lenient++) {
    const stox_sip_options options = options_of(lenient, 0);
    parse_with(&p, document_file(DOCUMENT, "02-invite.as-printed.txt"), &options);
    assert_status(p.status, STOX_E_BAD_START);
    assert_int_equal(p.diag.answer, 400);
    parsed_free(&p);
  }
}

/* AA-4.3-10, AA-4.3-16: the Reason of a 403, read and made; its reason phrase. */
static void test_reason(void **state) {
  (void)state;
  static const struct {
    const char *file;
    const char *text;
  } rows[] = {{"reason-manual.hdr", "\"manual answer forbidden\""},
              {"reason-auto.hdr", "\"automatic answer forbidden\""}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_reason_header reason;
    char room[80];
    char again[80];
    stox_buf out;
    assert_status(stox_sip_reason_header_parse(
                      &reason, document_value(DOCUMENT, rows[i].file, STOX_SIP_REASON), NULL),
                  STOX_OK);
    assert_span_equal(reason.protocol, S("SIP"));
    assert_int_equal(reason.cause.is_set, 1);
    assert_int_equal(reason.cause.value, 403);
    assert_span_equal(reason.text, stox_span_text(rows[i].text));
    const stox_sip_reason_header made = {
        .protocol = S("SIP"), .cause = {1, 403}, .text = stox_span_text(rows[i].text)};
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_sip_reason_header_write(&out, &made), STOX_OK);
    (void)snprintf(again, sizeof again, "SIP;cause=403;text=%s", rows[i].text);
    assert_span_equal(stox_buf_span(&out), stox_span_text(again));
  }
  assert_string_equal(stox_sip_reason(403), "Forbidden");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_header_parse), cmocka_unit_test(test_read),
      cmocka_unit_test(test_names),        cmocka_unit_test(test_where),
      cmocka_unit_test(test_register),     cmocka_unit_test(test_accept_contact),
      cmocka_unit_test(test_require),      cmocka_unit_test(test_build),
      cmocka_unit_test(test_proxy),        cmocka_unit_test(test_answer),
      cmocka_unit_test(test_invite),       cmocka_unit_test(test_reason)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
