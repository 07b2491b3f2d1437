/* SPDX-License-Identifier: MIT */
#include "tables.h"
#include "xml_support.h"

#include "stox/xml.h"

static char memory[1 << 16];
static stox_arena arena;

static int set_up(void **state) {
  (void)state;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return 0;
}

static const stox_span absent = {NULL, 0};

#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

typedef struct error_row {
  const char *text; /* of the error element */
  int condition;
  int type;
  const char *address;
  const char *said;
  const char *lang;
  const char *by;
  const char *application;
} error_row;

static void check_text(stox_span got, const char *want) {
  assert_int_equal(got.p == NULL, want == NULL);
  assert_span_equal(got, stox_span_text(want));
}

static void check_error(const error_row *r) {
  char text[1024];
  stox_stanza stanza;
  stox_stanza_error error;
  set_up(NULL);
  (void)snprintf(text, sizeof text,
                 "<message type='error'><body>x</body><error xmlns='urn:x'/>%s</message>", r->text);
  const stox_xml_element *element = xml_client_element(&arena, text);
  assert_status(stox_stanza_read(&stanza, element, S("fr")), STOX_OK);
  assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_OK);
  assert_int_equal(error.condition, r->condition);
  assert_int_equal(error.type, r->type);
  assert_int_equal(error.is_type_known,
                   strstr(r->text, " type='") != NULL && strstr(r->text, "'never'") == NULL);
  check_text(error.address, r->address);
  check_text(error.text, r->said);
  check_text(error.lang, r->lang);
  check_text(error.by, r->by);
  assert_int_equal(error.application == NULL, r->application == NULL);
  if (r->application != NULL) {
    assert_true(stox_xml_is(error.application, NULL, r->application));
  }
}

/* "XC-9.3.1-03", "XC-9.3.2-01", "XC-9.3.2-02", "XC-9.3.2-03", "XC-9.3.2-04", "XC-9.3.2-05",
 * "XC-9.3.2-06", "XC-9.3.2-07", "XC-9.3.2-08", "XC-9.3.2-09", "XC-9.3.2-12" */
static void test_error_read(void **state) {
  (void)state;
  const error_row rows[] = {
      {"<error type='cancel'><item-not-found " STANZAS "/></error>", STOX_COND_ITEM_NOT_FOUND,
       STOX_ERROR_CANCEL, NULL, NULL, NULL, NULL, NULL},
      {"<error type='wait' by='b'><text " STANZAS " xml:lang='de'>t</text><conflict " STANZAS
       "/></error>",
       STOX_COND_CONFLICT, STOX_ERROR_WAIT, NULL, "t", "de", "b", NULL},
      {"<error type='cancel'><gone " STANZAS "> xmpp:a@b\n</gone></error>", STOX_COND_GONE,
       STOX_ERROR_CANCEL, "xmpp:a@b", NULL, NULL, NULL, NULL},
      {"<error type='modify'><redirect " STANZAS ">x<y/>z</redirect></error>", STOX_COND_REDIRECT,
       STOX_ERROR_MODIFY, "xz", NULL, NULL, NULL, NULL},
      {"<error><redirect " STANZAS "> </redirect></error>", STOX_COND_REDIRECT, STOX_ERROR_MODIFY,
       NULL, NULL, NULL, NULL, NULL},
      {"<error><conflict " STANZAS ">no address</conflict></error>", STOX_COND_CONFLICT,
       STOX_ERROR_CANCEL, NULL, NULL, NULL, NULL, NULL},
      {"<error type='never'><bad-request " STANZAS "/><text " STANZAS ">a</text><text " STANZAS
       ">b</text></error>",
       STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY, NULL, "a", "fr", NULL, NULL},
      {"<error xml:lang='es'><forbidden " STANZAS "/><text " STANZAS ">a</text></error>",
       STOX_COND_FORBIDDEN, STOX_ERROR_AUTH, NULL, "a", "es", NULL, NULL},
      {"<error type='auth'><x xmlns='urn:y'/><z xmlns='urn:y'/><forbidden " STANZAS "/></error>",
       STOX_COND_FORBIDDEN, STOX_ERROR_AUTH, NULL, NULL, NULL, NULL, "x"},
      {"<error type='auth'><unheard-of " STANZAS "/></error>", STOX_COND_UNDEFINED_CONDITION,
       STOX_ERROR_AUTH, NULL, NULL, NULL, NULL, NULL},
      {"<error/>", STOX_COND_UNDEFINED_CONDITION, STOX_ERROR_CANCEL, NULL, NULL, NULL, NULL, NULL},
      /* RFC 3920, and the codes before it, which say nothing beside a condition; nor does the text
       * ("XC-9.3.2-11"). */
      {"<error type='cancel'><conflict " STANZAS "/><text " STANZAS
       ">item-not-found</text></error>",
       STOX_COND_CONFLICT, STOX_ERROR_CANCEL, NULL, "item-not-found", "fr", NULL, NULL},
      {"<error code='402' type='auth'><payment-required " STANZAS "/></error>",
       STOX_COND_PAYMENT_REQUIRED, STOX_ERROR_AUTH, NULL, NULL, NULL, NULL, NULL},
      {"<error code='404' type='wait'><conflict " STANZAS "/></error>", STOX_COND_CONFLICT,
       STOX_ERROR_WAIT, NULL, NULL, NULL, NULL, NULL},
      {"<error code='404' type='wait'><unheard-of " STANZAS "/>x</error>",
       STOX_COND_UNDEFINED_CONDITION, STOX_ERROR_WAIT, NULL, NULL, NULL, NULL, NULL},
      /* XEP-0086: no condition at all ("XC-D-05"). */
      {"<error code='404'> Not Found </error>", STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL, NULL,
       "Not Found", "fr", NULL, NULL},
      {"<error code='502' type='cancel'/>", STOX_COND_SERVICE_UNAVAILABLE, STOX_ERROR_CANCEL, NULL,
       NULL, NULL, NULL, NULL},
      {"<error code='502'><x xmlns='urn:y'/></error>", STOX_COND_SERVICE_UNAVAILABLE,
       STOX_ERROR_WAIT, NULL, NULL, NULL, NULL, "x"},
      {"<error code='499'>?</error>", STOX_COND_UNDEFINED_CONDITION, STOX_ERROR_CANCEL, NULL, NULL,
       NULL, NULL, NULL},
      {"<error code='0404'/>", STOX_COND_UNDEFINED_CONDITION, STOX_ERROR_CANCEL, NULL, NULL, NULL,
       NULL, NULL},
      {"<error code='404'><text " STANZAS ">t</text>u</error>", STOX_COND_ITEM_NOT_FOUND,
       STOX_ERROR_CANCEL, NULL, "t", "fr", NULL, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_error(&rows[i]);
  }
}

/* "XC-9.3.1-03" none: undefined-condition; "XC-9.3.1-04" in another type it is ignored */
static void test_error_read_fails(void **state) {
  (void)state;
  stox_stanza stanza;
  stox_stanza_error error;
  const char *without[] = {"<message type='error'/>",
                           "<message type='error'><error xmlns='urn:x'/></message>",
                           "<message type='chat'><error><conflict " STANZAS "/></error></message>"};
  for (size_t i = 0; i < COUNT(without); i++) {
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, without[i]), absent),
                  STOX_OK);
    assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_E_NONE);
    assert_int_equal(error.condition, STOX_COND_UNDEFINED_CONDITION);
    assert_int_equal(error.is_type_known, 0);
  }
  const stox_xml_element *element = xml_client_element(
      &arena, "<message type='error'><error><gone " STANZAS ">a<b/>c</gone></error></message>");
  assert_status(stox_stanza_read(&stanza, element, absent), STOX_OK);
  stox_arena none;
  stox_arena_init(&none, NULL, 0, 0, NULL);
  assert_status(stox_stanza_error_read(&error, &none, &stanza), STOX_E_NOMEM);
}

typedef struct answer_row {
  const char *text;
  stox_error_write error;
  int status;
  const char *answer;
} answer_row;

static void check_answer(const answer_row *r) {
  char text[512];
  stox_stanza stanza;
  set_up(NULL);
  (void)stox_stanza_read(&stanza, xml_client_element(&arena, r->text), absent);
  const size_t n = strlen(r->answer);
  for (size_t cap = 0; cap <= n + 1; cap++) {
    stox_buf out;
    stox_buf_init(&out, text, cap);
    const int status = stox_stanza_error_write(&out, &stanza, &r->error);
    if (r->status != STOX_OK) {
      assert_status(status, r->status);
      assert_int_equal(out.len, 0);
      continue;
    }
    assert_status(status, cap < n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, n);
    if (cap >= n) {
      assert_span_equal(stox_buf_span(&out), stox_span_text(r->answer));
    }
  }
}

/* "XC-9.1.1-04", "XC-9.3.1-01", "XC-9.3.1-03", "XC-9.3.1-05", "XC-9.2.3-08", "XC-9.2.3-09",
 * "XC-9.2.3-12" */
static void test_error_write(void **state) {
  (void)state;
  const stox_error_write plain = {.condition = STOX_COND_ITEM_NOT_FOUND, .type = STOX_ERROR_CANCEL};
  const stox_error_write full = {.condition = STOX_COND_GONE,
                                 .type = STOX_ERROR_CANCEL,
                                 .address = S("xmpp:a@b"),
                                 .text = S("a<b"),
                                 .by = S("c"),
                                 .with_payload = 1};
  const stox_error_write german = {
      .condition = STOX_COND_CONFLICT, .type = STOX_ERROR_WAIT, .text = S(""), .lang = S("de")};
  const stox_error_write unfit = {.condition = STOX_COND_CONFLICT, .text = S("a\x01")};
  const stox_error_write unfit_too = {.condition = STOX_COND_CONFLICT, .by = S("\xff")};
  const stox_error_write no_condition = {.condition = STOX_COND_NONE};
  const stox_error_write no_type = {.condition = STOX_COND_CONFLICT, .type = 17};
  const stox_error_write no_dialect = {.condition = STOX_COND_CONFLICT, .dialect = 2};
  const stox_error_write no_lang = {
      .condition = STOX_COND_CONFLICT, .text = S("a"), .lang = S("?")};
  const stox_error_write paid = {.condition = STOX_COND_PAYMENT_REQUIRED, .type = STOX_ERROR_AUTH};
  const stox_error_write old = {.condition = STOX_COND_POLICY_VIOLATION,
                                .type = STOX_ERROR_MODIFY,
                                .address = S("not an address"),
                                .by = S("c"),
                                .dialect = STOX_DIALECT_DRAFT2005,
                                .with_code = 1};
  const stox_error_write as = {.condition = STOX_COND_UNDEFINED_CONDITION,
                               .type = STOX_ERROR_MODIFY,
                               .from = S("d"),
                               .application_ns = "urn:a",
                               .application_name = "too-many"};
  /* XEP-0086 has no number for it. */
  const stox_error_write young = {
      .condition = STOX_COND_POLICY_VIOLATION, .type = STOX_ERROR_WAIT, .with_code = 1};
  const stox_error_write too_long = {.condition = STOX_COND_CONFLICT, .max = 20};
  const answer_row rows[] = {
      {"<message from='a' to='b' id='c' type='chat'><body>d</body></message>", plain, STOX_OK,
       "<message from='b' to='a' id='c' type='error'><error type='cancel'>"
       "<item-not-found " STANZAS "/></error></message>"},
      {"<iq from='a' type='get' id='1'><q xmlns='urn:q'>x</q></iq>", full, STOX_OK,
       "<iq to='a' id='1' type='error'><q xmlns='urn:q'>x</q><error by='c' type='cancel'>"
       "<gone " STANZAS ">xmpp:a@b</gone><text " STANZAS " xml:lang='en'>a&lt;b</text></error>"
       "</iq>"},
      {"<presence to='b' type='subscribe'><error/></presence>", german, STOX_OK,
       "<presence from='b' type='error'><error type='wait'><conflict " STANZAS "/>"
       "<text " STANZAS " xml:lang='de'/></error></presence>"},
      {"<iq from='a' type='get'/>", plain, STOX_OK,
       "<iq to='a' type='error'><error type='cancel'><item-not-found " STANZAS "/></error></iq>"},
      {"<message type='error'/>", plain, STOX_E_STATE, ""},
      {"<presence type='error'/>", plain, STOX_E_STATE, ""},
      {"<iq type='error' id='1'/>", plain, STOX_E_STATE, ""},
      {"<iq type='result' id='1'/>", plain, STOX_E_STATE, ""},
      {"<message to='b'/>", old, STOX_OK,
       "<message from='b' type='error'><error code='406' type='modify'><not-acceptable " STANZAS
       "/></error></message>"},
      {"<message from='a' to='b@@'/>", as, STOX_OK,
       "<message from='d' to='a' type='error'><error type='modify'><undefined-condition " STANZAS
       "/><too-many xmlns='urn:a'/></error></message>"},
      {"<message to='b'/>", young, STOX_OK,
       "<message from='b' type='error'><error type='wait'><policy-violation " STANZAS
       "/></error></message>"},
      {"<message/>", no_dialect, STOX_E_ARG, ""},
      {"<message/>", no_lang, STOX_E_ARG, ""},
      {"<message/>", paid, STOX_E_ARG, ""},
      {"<message/>", too_long, STOX_E_TOO_LONG, ""},
      {"<message/>", unfit, STOX_E_CTRL, ""},
      {"<message/>", unfit_too, STOX_E_BAD_UTF8, ""},
      {"<message/>", no_condition, STOX_E_ARG, ""},
      {"<message/>", no_type, STOX_E_ARG, ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_answer(&rows[i]);
  }
}

/* "XC-9.3.3-01", "XC-9.3.3-02", "XC-9.3.3-03", "XC-9.3.3-04", "XC-9.3.3-05", "XC-9.3.3-06",
 * "XC-9.3.3-07", "XC-9.3.3-08", "XC-9.3.3-09", "XC-9.3.3-10", "XC-9.3.3-11", "XC-9.3.3-12",
 * "XC-9.3.3-13", "XC-9.3.3-14", "XC-9.3.3-15", "XC-9.3.3-16", "XC-9.3.3-17", "XC-9.3.3-18",
 * "XC-9.3.3-19", "XC-9.3.3-20", "XC-9.3.3-21", "XC-9.3.3-22", "XC-9.3.3-23": each condition with
 * its default type, in both vintages. */
static void test_conditions(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "9.3.3-stanza-errors.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const int condition = stox_condition_of(t.field[0]);
    assert_int_not_equal(condition, STOX_COND_NONE);
    assert_span_equal(stox_span_text(stox_condition_name(condition)), t.field[0]);
    const int type = stox_error_type_of(t.field[1]);
    if (type >= 0) {
      assert_int_equal(stox_condition_type_rfc3920(condition), type);
    }
    const size_t word = stox_span_find(t.field[3], ' ');
    const size_t end = stox_span_find(stox_span_slice(t.field[3], 0, word), ';');
    const int now = stox_error_type_of(stox_span_slice(t.field[3], 0, end));
    if (now >= 0) {
      assert_int_equal(stox_condition_type(condition), now);
    }
    rows++;
  }
  table_free(&t);
  assert_int_equal(rows, 23);
  assert_int_equal(stox_condition_type(STOX_COND_GONE), STOX_ERROR_CANCEL);
  assert_int_equal(stox_condition_type(STOX_COND_POLICY_VIOLATION), STOX_ERROR_MODIFY);
}

/* "XC-9.3.2-12": the numbers of XEP-0086, both ways. */
static void test_codes(void **state) {
  (void)state;
  table t;
  int rows = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "derived-xep0086-legacy-codes.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    int type = -1;
    const int code = (int)strtol(t.field[0].p, NULL, 10);
    const size_t word = stox_span_find(t.field[1], ' ');
    assert_int_equal(stox_condition_of_code(code, &type),
                     stox_condition_of(stox_span_slice(t.field[1], 0, word)));
    assert_int_equal(type, stox_error_type_of(t.field[2]));
    rows++;
  }
  table_free(&t);
  assert_int_equal(rows, 17);
  assert_int_equal(stox_condition_of_code(0, NULL), STOX_COND_NONE);
  assert_int_equal(stox_condition_of_code(404, NULL), STOX_COND_ITEM_NOT_FOUND);
  assert_int_equal(stox_condition_code(STOX_COND_NONE), 0);
  assert_int_equal(stox_condition_code(STOX_COND_POLICY_VIOLATION), 0);
  assert_int_equal(stox_condition_code(STOX_COND_JID_MALFORMED), 400);
}

/* "XC-9.3.1-02": the payload goes back with it as far as the bound lets it: at n octets, not at
 * n - 1. */
static void test_error_payload_bound(void **state) {
  (void)state;
  char text[512];
  stox_stanza stanza;
  stox_error_write error = {.condition = STOX_COND_CONFLICT, .with_payload = 1};
  (void)stox_stanza_read(
      &stanza, xml_client_element(&arena, "<message><body>said</body></message>"), absent);
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  assert_status(stox_stanza_error_write(&out, &stanza, &error), STOX_OK);
  const size_t whole = out.len;
  for (size_t max = whole - 1; max <= whole + 1; max++) {
    error.max = max;
    stox_buf_init(&out, text, sizeof text);
    assert_status(stox_stanza_error_write(&out, &stanza, &error), STOX_OK);
    assert_int_equal(out.len, max < whole ? whole - strlen("<body>said</body>") : whole);
  }
}

/* "XC-9.3.4-01", "XC-9.3.4-02" and "XC-9.3.2-10": what the draft shows is read, and written again
 * when the application's condition is given. */
static void test_error_examples(void **state) {
  (void)state;
  static const char *const files[] = {"9.3.4-iq-error-app-specific.xml",
                                      "9.3.4-message-error-app-specific.xml"};
  static const int conditions[] = {STOX_COND_BAD_REQUEST, STOX_COND_UNDEFINED_CONDITION};
  static const char *const applications[] = {"too-many-parameters",
                                             "special-application-condition"};
  for (size_t i = 0; i < COUNT(files); i++) {
    char path[512];
    char text[2048];
    stox_stanza stanza;
    stox_stanza_error error;
    stox_buf out;
    (void)snprintf(path, sizeof path, STOX_TEST_VECTORS "/xmpp-core/%s", files[i]);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, text), absent), STOX_OK);
    assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_OK);
    assert_int_equal(error.condition, conditions[i]);
    assert_int_equal(error.type, STOX_ERROR_MODIFY);
    assert_true(stox_xml_is(error.application, "application-ns", applications[i]));
    stox_stanza question = stanza;
    question.type = STOX_TYPE_NONE;
    const stox_error_write write = {.condition = error.condition,
                                    .type = error.type,
                                    .text = error.text,
                                    .lang = error.lang,
                                    .application = error.application};
    stox_buf_init(&out, text, sizeof text - 1);
    assert_status(stox_stanza_error_write(&out, &question, &write), STOX_OK);
    text[out.len] = '\0';
    stox_stanza_error again;
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, text), absent), STOX_OK);
    assert_status(stox_stanza_error_read(&again, &arena, &stanza), STOX_OK);
    assert_int_equal(again.condition, error.condition);
    assert_span_equal(again.text, error.text);
    assert_true(stox_xml_is(again.application, "application-ns", applications[i]));
  }
}

/* What is written is read as what it was, condition by condition. */
static void test_error_round_trip(void **state) {
  (void)state;
  for (int condition = STOX_COND_BAD_REQUEST; condition <= STOX_COND_PAYMENT_REQUIRED;
       condition++) {
    char text[512];
    stox_stanza stanza;
    stox_stanza_error error;
    stox_buf out;
    set_up(NULL);
    stox_buf_init(&out, text, sizeof text - 1);
    const stox_error_write write = {.condition = condition,
                                    .type = stox_condition_type(condition),
                                    .dialect = condition == STOX_COND_PAYMENT_REQUIRED
                                                   ? STOX_DIALECT_DRAFT2005
                                                   : STOX_DIALECT_RFC,
                                    .with_code = 1,
                                    .text = S("said"),
                                    .lang = S("it")};
    (void)stox_stanza_read(&stanza, xml_client_element(&arena, "<message/>"), absent);
    assert_status(stox_stanza_error_write(&out, &stanza, &write), STOX_OK);
    text[out.len] = '\0';
    assert_status(stox_stanza_read(&stanza, xml_client_element(&arena, text), absent), STOX_OK);
    assert_status(stox_stanza_error_read(&error, &arena, &stanza), STOX_OK);
    assert_int_equal(error.condition, condition);
    assert_int_equal(error.type, write.type);
    assert_int_equal(error.code, stox_condition_code(condition));
    assert_span_equal(error.text, S("said"));
    assert_span_equal(error.lang, S("it"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_error_read, set_up),
      cmocka_unit_test_setup(test_error_read_fails, set_up),
      cmocka_unit_test_setup(test_error_write, set_up),
      cmocka_unit_test(test_conditions),
      cmocka_unit_test(test_codes),
      cmocka_unit_test_setup(test_error_payload_bound, set_up),
      cmocka_unit_test_setup(test_error_examples, set_up),
      cmocka_unit_test_setup(test_error_round_trip, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
