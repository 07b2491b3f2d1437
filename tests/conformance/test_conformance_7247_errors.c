/* SPDX-License-Identifier: MIT */
/* RFC 7247 section 7, requirement by requirement. */
#include "support.h"

#include "stox/address_text.h"
#include "stox/error_map.h"
#include "stox/jid.h"

/* A row of Table 2, for a full and a bare JID. */
typedef struct xmpp_row {
  const char *id;
  int condition;
  int full;
  int bare;
} xmpp_row;

static const xmpp_row table2[] = {
    {"7247-7.1-02", STOX_COND_BAD_REQUEST, 400, 400},
    {"7247-7.1-03", STOX_COND_CONFLICT, 400, 400},
    {"7247-7.1-04", STOX_COND_FEATURE_NOT_IMPLEMENTED, 405, 501},
    {"7247-7.1-05", STOX_COND_FORBIDDEN, 403, 603},
    {"7247-7.1-06", STOX_COND_GONE, 410, 410},
    {"7247-7.1-07", STOX_COND_INTERNAL_SERVER_ERROR, 500, 500},
    {"7247-7.1-08", STOX_COND_ITEM_NOT_FOUND, 404, 604},
    {"7247-7.1-09", STOX_COND_JID_MALFORMED, 400, 400},
    {"7247-7.1-10", STOX_COND_NOT_ACCEPTABLE, 406, 606},
    {"7247-7.1-11", STOX_COND_NOT_ALLOWED, 403, 403},
    {"7247-7.1-12", STOX_COND_NOT_AUTHORIZED, 401, 401},
    {"7247-7.1-13", STOX_COND_POLICY_VIOLATION, 403, 403},
    {"7247-7.1-14", STOX_COND_RECIPIENT_UNAVAILABLE, 480, 600},
    {"7247-7.1-15", STOX_COND_REDIRECT, 302, 302},
    {"7247-7.1-16", STOX_COND_REGISTRATION_REQUIRED, 407, 407},
    {"7247-7.1-17", STOX_COND_REMOTE_SERVER_NOT_FOUND, 404, 404},
    {"7247-7.1-18", STOX_COND_REMOTE_SERVER_TIMEOUT, 408, 408},
    {"7247-7.1-19", STOX_COND_RESOURCE_CONSTRAINT, 500, 500},
    {"7247-7.1-20", STOX_COND_SERVICE_UNAVAILABLE, 405, 403},
    {"7247-7.1-21", STOX_COND_SUBSCRIPTION_REQUIRED, 400, 400},
    {"7247-7.1-22", STOX_COND_UNDEFINED_CONDITION, 400, 400},
    {"7247-7.1-23", STOX_COND_UNEXPECTED_REQUEST, 400, 400},
};

/* A row of Table 3; a class row by a code that the table does not list. */
typedef struct sip_row {
  const char *id;
  int code;
  int condition;
  int type;
} sip_row;

static const sip_row table3[] = {
    {"7247-7.2-03", 399, STOX_COND_REDIRECT, STOX_ERROR_MODIFY},
    {"7247-7.2-04", 300, STOX_COND_REDIRECT, STOX_ERROR_MODIFY},
    {"7247-7.2-05", 301, STOX_COND_GONE, STOX_ERROR_CANCEL},
    {"7247-7.2-06", 302, STOX_COND_REDIRECT, STOX_ERROR_MODIFY},
    {"7247-7.2-07", 305, STOX_COND_REDIRECT, STOX_ERROR_MODIFY},
    {"7247-7.2-08", 380, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-09", 499, STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY},
    {"7247-7.2-10", 400, STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY},
    {"7247-7.2-11", 401, STOX_COND_NOT_AUTHORIZED, STOX_ERROR_AUTH},
    {"7247-7.2-12", 402, STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY},
    {"7247-7.2-13", 403, STOX_COND_FORBIDDEN, STOX_ERROR_AUTH},
    {"7247-7.2-14", 404, STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL},
    {"7247-7.2-15", 405, STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL},
    {"7247-7.2-16", 406, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-17", 407, STOX_COND_REGISTRATION_REQUIRED, STOX_ERROR_AUTH},
    {"7247-7.2-18", 408, STOX_COND_REMOTE_SERVER_TIMEOUT, STOX_ERROR_WAIT},
    {"7247-7.2-19", 410, STOX_COND_GONE, STOX_ERROR_CANCEL},
    {"7247-7.2-20", 413, STOX_COND_POLICY_VIOLATION, STOX_ERROR_MODIFY},
    {"7247-7.2-21", 414, STOX_COND_POLICY_VIOLATION, STOX_ERROR_MODIFY},
    {"7247-7.2-22", 415, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-23", 416, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-24", 420, STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL},
    {"7247-7.2-25", 421, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-26", 423, STOX_COND_RESOURCE_CONSTRAINT, STOX_ERROR_WAIT},
    {"7247-7.2-27", 430, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-28", 439, STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL},
    {"7247-7.2-29", 440, STOX_COND_POLICY_VIOLATION, STOX_ERROR_MODIFY},
    {"7247-7.2-30", 480, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-31", 481, STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL},
    {"7247-7.2-32", 482, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-33", 483, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-34", 484, STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL},
    {"7247-7.2-35", 485, STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL},
    {"7247-7.2-36", 486, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-37", 487, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-38", 488, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-39", 489, STOX_COND_POLICY_VIOLATION, STOX_ERROR_MODIFY},
    {"7247-7.2-40", 491, STOX_COND_UNEXPECTED_REQUEST, STOX_ERROR_WAIT},
    {"7247-7.2-41", 493, STOX_COND_BAD_REQUEST, STOX_ERROR_MODIFY},
    {"7247-7.2-42", 599, STOX_COND_INTERNAL_SERVER_ERROR, STOX_ERROR_CANCEL},
    {"7247-7.2-43", 500, STOX_COND_INTERNAL_SERVER_ERROR, STOX_ERROR_CANCEL},
    {"7247-7.2-44", 501, STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_ERROR_CANCEL},
    {"7247-7.2-45", 502, STOX_COND_REMOTE_SERVER_NOT_FOUND, STOX_ERROR_CANCEL},
    {"7247-7.2-46", 503, STOX_COND_INTERNAL_SERVER_ERROR, STOX_ERROR_CANCEL},
    {"7247-7.2-47", 504, STOX_COND_REMOTE_SERVER_TIMEOUT, STOX_ERROR_WAIT},
    {"7247-7.2-48", 505, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
    {"7247-7.2-49", 513, STOX_COND_POLICY_VIOLATION, STOX_ERROR_MODIFY},
    {"7247-7.2-50", 699, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-51", 600, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-52", 603, STOX_COND_RECIPIENT_UNAVAILABLE, STOX_ERROR_WAIT},
    {"7247-7.2-53", 604, STOX_COND_ITEM_NOT_FOUND, STOX_ERROR_CANCEL},
    {"7247-7.2-54", 606, STOX_COND_NOT_ACCEPTABLE, STOX_ERROR_MODIFY},
};

static stox_sip_error to_sip(stox_error_to_sip question) {
  stox_sip_error answer = {0, 0, 0, NULL};
  assert_status(stox_error_map_to_sip(&answer, &question), STOX_OK);
  return answer;
}

static int code_for(int condition, int scope) {
  return to_sip((stox_error_to_sip){.condition = condition, .scope = scope, .has_challenge = 1})
      .code;
}

static stox_xmpp_error to_xmpp(stox_error_to_xmpp question) {
  stox_xmpp_error answer = {0, 0, 0};
  assert_status(stox_error_map_to_xmpp(&answer, &question), STOX_OK);
  return answer;
}

static int condition_for(int code) {
  return to_xmpp((stox_error_to_xmpp){.sip = code, .has_contact = 1}).condition;
}

/* 7247-7.1-01 */
static void rows_of_table2(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(table2); i++) {
    const xmpp_row *row = &table2[i];
    const int full = code_for(row->condition, STOX_SCOPE_FULL);
    const int bare = code_for(row->condition, STOX_SCOPE_BARE);
    if (full != row->full || bare != row->bare) {
      fail_msg("%s: %d and %d", row->id, full, bare);
    }
  }
}

/* 7247-7.2-01 */
static void rows_of_table3(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(table3); i++) {
    const sip_row *row = &table3[i];
    const stox_xmpp_error got = to_xmpp((stox_error_to_xmpp){.sip = row->code, .has_contact = 1});
    if (got.condition != row->condition || got.type != row->type) {
      fail_msg("%s: %s, %s", row->id, stox_condition_name(got.condition),
               stox_error_type_name(got.type));
    }
  }
}

/* 7247-7-01: 22 conditions, and every code from 300 to 699 is one of them. */
static void closed_and_open(void **state) {
  (void)state;
  stox_error_row_xmpp row;
  size_t n = 0;
  while (stox_error_map_get_xmpp(&row, n) == STOX_OK) {
    n++;
  }
  assert_int_equal(n, 22);
  for (int code = 300; code <= 699; code++) {
    assert_in_range(condition_for(code), STOX_COND_BAD_REQUEST, STOX_COND_UNEXPECTED_REQUEST);
  }
}

/* 7247-7-02 */
static void many_to_one(void **state) {
  (void)state;
  assert_int_equal(condition_for(413), STOX_COND_POLICY_VIOLATION);
  assert_int_equal(condition_for(414), STOX_COND_POLICY_VIOLATION);
  assert_int_equal(condition_for(415), STOX_COND_NOT_ACCEPTABLE);
  assert_int_equal(condition_for(416), STOX_COND_NOT_ACCEPTABLE);
}

/* 7247-7-03: the scope is that of the address the error concerns. */
static void scope_of_an_address(void **state) {
  (void)state;
  static const struct {
    stox_span from;
    int code;
  } rows[] = {
      /* 7247-7.1-24 */
      {ROW("romeo@example.net/orchard"), 405},
      {ROW("romeo@example.net"), 501},
      {ROW("example.net"), 501},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_jid jid;
    assert_status(stox_jid_parse(&jid, rows[i].from, NULL), STOX_OK);
    assert_int_equal(code_for(STOX_COND_FEATURE_NOT_IMPLEMENTED, stox_jid_scope(&jid)),
                     rows[i].code);
  }
}

/* 7247-7-04 */
static void deviation(void **state) {
  (void)state;
  const stox_error_override row = {STOX_COND_NOT_ALLOWED, 403, -1};
  stox_error_to_xmpp question = {.sip = 403, .overrides = &row, .n_overrides = 1};
  assert_int_equal(to_xmpp(question).condition, STOX_COND_NOT_ALLOWED);
  question.n_overrides = 0;
  assert_int_equal(to_xmpp(question).condition, STOX_COND_FORBIDDEN);
}

/* 7247-7-05 */
static void no_errors(void **state) {
  (void)state;
  for (int code = 100; code < 300; code++) {
    const stox_error_to_xmpp question = {.sip = code};
    stox_xmpp_error answer;
    assert_status(stox_error_map_to_xmpp(&answer, &question), STOX_E_NOT_AN_ERROR);
  }
}

/* 7247-7-06: the phrase of one side as the text of the other, on one line and bounded. */
static void reason_and_text(void **state) {
  (void)state;
  static const struct {
    stox_span from;
    stox_span want;
  } rows[] = {
      {ROW("Not Found Here"), ROW("Not Found Here")},
      {ROW("too big"), ROW("too big")},
      {ROW("x\r\nContact: <sip:evil@x>\r\n\r\n"), ROW("x Contact: <sip:evil@")},
      {ROW("a\0b\x07"), ROW("a b")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[64];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_reason_write(&out, rows[i].from, 21), STOX_OK);
    assert_span_equal(stox_buf_span(&out), rows[i].want);
  }
}

/* 7247-7.1-25 */
static void four_or_six(void **state) {
  (void)state;
  static const int rows[][3] = {
      {STOX_COND_FORBIDDEN, 403, 603},
      {STOX_COND_ITEM_NOT_FOUND, 404, 604},
      {STOX_COND_NOT_ACCEPTABLE, 406, 606},
      {STOX_COND_RECIPIENT_UNAVAILABLE, 480, 600},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(code_for(rows[i][0], STOX_SCOPE_FULL), rows[i][1]);
    assert_int_equal(code_for(rows[i][0], STOX_SCOPE_BARE), rows[i][2]);
    const stox_sip_error soft = to_sip(
        (stox_error_to_sip){.condition = rows[i][0], .scope = STOX_SCOPE_BARE, .prefer_4xx = 1});
    assert_int_equal(soft.code, rows[i][1]);
  }
}

/* 7247-7.1-06, 7247-7.1-15, 7247-7.1-26: gone and redirect, with an address and without */
static void new_addresses(void **state) {
  (void)state;
  static const struct {
    int condition;
    stox_span text;
    int code;
    stox_span contact;
  } rows[] = {
      {STOX_COND_GONE, ROW("xmpp:romeo@afterlife.example.net"), 301,
       ROW("sip:romeo@afterlife.example.net")},
      {STOX_COND_GONE, ROW(""), 410, ROW("")},
      {STOX_COND_GONE, ROW(" \n "), 410, ROW("")},
      {STOX_COND_GONE, ROW("gone fishing"), 410, ROW("")},
      {STOX_COND_REDIRECT, ROW("xmpp:other@x.example"), 302, ROW("sip:other@x.example")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char memory[1024];
    stox_arena arena;
    stox_span contact = {NULL, 0};
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    const int usable =
        stox_address_text_to_contact(&contact, &arena, rows[i].text, NULL) == STOX_OK;
    const stox_sip_error got =
        to_sip((stox_error_to_sip){.condition = rows[i].condition, .has_address = usable});
    assert_int_equal(got.code, rows[i].code);
    assert_int_equal(got.address, usable ? STOX_ADDRESS_REQUIRED : STOX_ADDRESS_NONE);
    assert_span_equal(contact, rows[i].contact);
  }
  assert_int_equal(stox_error_map_without(302), 480);
}

/* 7247-7.1-17, 7247-7.1-27 */
static void remote_server_not_found(void **state) {
  (void)state;
  static const int rows[][2] = {
      {STOX_CAUSE_UNKNOWN, 404}, {STOX_CAUSE_NONEXISTENT, 404}, {STOX_CAUSE_UNRESOLVABLE, 408}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_sip_error got = to_sip(
        (stox_error_to_sip){.condition = STOX_COND_REMOTE_SERVER_NOT_FOUND, .cause = rows[i][0]});
    assert_int_equal(got.code, rows[i][1]);
  }
}

/* 7247-7.1-04, 7247-7.1-12, 7247-7.1-16: what a code must bring along, or what takes its place */
static void needs(void **state) {
  (void)state;
  stox_error_to_sip question = {.condition = STOX_COND_FEATURE_NOT_IMPLEMENTED};
  assert_int_equal(to_sip(question).needs, STOX_NEEDS_ALLOW);
  question.condition = STOX_COND_NOT_AUTHORIZED;
  assert_int_equal(to_sip(question).code, 403);
  question.has_challenge = 1;
  assert_int_equal(to_sip(question).code, 401);
  assert_int_equal(to_sip(question).needs, STOX_NEEDS_CHALLENGE);
  question.condition = STOX_COND_REGISTRATION_REQUIRED;
  assert_int_equal(to_sip(question).needs, STOX_NEEDS_CHALLENGE);
  question.has_challenge = 0;
  assert_int_equal(to_sip(question).code, 403);
}

/* 7247-7.1-20, 7247-7.1-28, 7247-7.1-29, 7247-7.2-64: service-unavailable and 503 never meet. */
static void never_503(void **state) {
  (void)state;
  for (int scope = STOX_SCOPE_FULL; scope <= STOX_SCOPE_DOMAIN; scope++) {
    const int code = code_for(STOX_COND_SERVICE_UNAVAILABLE, scope);
    assert_int_equal(code, scope == STOX_SCOPE_FULL ? 405 : 403);
  }
  assert_int_equal(condition_for(503), STOX_COND_INTERNAL_SERVER_ERROR);
}

/* 7247-7.1-23 */
static void unexpected_request(void **state) {
  (void)state;
  stox_error_to_sip question = {.condition = STOX_COND_UNEXPECTED_REQUEST};
  assert_int_equal(to_sip(question).code, 400);
  question.is_invite = 1;
  assert_int_equal(to_sip(question).code, 491);
}

/* 7247-7.2-02, 7247-7.2-61, 7247-7.2-62, 7247-7.2-63: codes of later documents */
static void later_codes(void **state) {
  (void)state;
  static const int rows[][2] = {
      {399, STOX_COND_REDIRECT},
      {412, STOX_COND_BAD_REQUEST},
      {422, STOX_COND_BAD_REQUEST},
      {429, STOX_COND_BAD_REQUEST},
      {433, STOX_COND_BAD_REQUEST},
      {470, STOX_COND_BAD_REQUEST},
      {494, STOX_COND_BAD_REQUEST},
      {580, STOX_COND_INTERNAL_SERVER_ERROR},
      {607, STOX_COND_RECIPIENT_UNAVAILABLE},
      {608, STOX_COND_RECIPIENT_UNAVAILABLE},
      {430, STOX_COND_RECIPIENT_UNAVAILABLE},
      {439, STOX_COND_FEATURE_NOT_IMPLEMENTED},
      {440, STOX_COND_POLICY_VIOLATION},
      {489, STOX_COND_POLICY_VIOLATION},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(condition_for(rows[i][0]), rows[i][1]);
  }
}

/* 7247-7.2-55, 7247-7.2-56 */
static void moved_and_gone(void **state) {
  (void)state;
  char memory[1024];
  stox_arena arena;
  stox_span text;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(
      stox_contact_to_address_text(&text, &arena, S("sip:romeo@afterlife.example.net"), NULL),
      STOX_OK);
  assert_span_equal(text, S("xmpp:romeo@afterlife.example.net"));
  assert_status(stox_contact_to_address_text(&text, &arena, S("tel:+15551234"), NULL), STOX_OK);
  assert_span_equal(text, S("tel:+15551234"));
  stox_error_to_xmpp question = {.sip = 301, .has_contact = 1};
  assert_int_equal(to_xmpp(question).condition, STOX_COND_GONE);
  assert_int_equal(to_xmpp(question).address, STOX_ADDRESS_REQUIRED);
  question.has_contact = 0;
  assert_int_equal(to_xmpp(question).condition, STOX_COND_ITEM_NOT_FOUND);
  question = (stox_error_to_xmpp){.sip = 410, .has_contact = 1};
  assert_int_equal(to_xmpp(question).condition, STOX_COND_GONE);
  assert_int_equal(to_xmpp(question).address, STOX_ADDRESS_NONE);
}

/* 7247-7.2-57: read as bad-request, never made. */
static void payment_required(void **state) {
  (void)state;
  for (int code = 300; code <= 699; code++) {
    assert_int_not_equal(condition_for(code), STOX_COND_PAYMENT_REQUIRED);
  }
  assert_int_equal(condition_for(402), STOX_COND_BAD_REQUEST);
  assert_int_equal(stox_condition_of(S("payment-required")), STOX_COND_PAYMENT_REQUIRED);
  assert_int_equal(code_for(STOX_COND_PAYMENT_REQUIRED, STOX_SCOPE_FULL), 400);
}

/* 7247-7.2-58, 7247-7.2-59, 7247-7.2-60 */
static void hints(void **state) {
  (void)state;
  static const int rows[][3] = {
      {403, STOX_HINT_NONE, STOX_COND_FORBIDDEN},
      {403, STOX_HINT_POLICY, STOX_COND_POLICY_VIOLATION},
      {403, STOX_HINT_NEVER, STOX_COND_NOT_ALLOWED},
      {404, STOX_HINT_NONE, STOX_COND_ITEM_NOT_FOUND},
      {404, STOX_HINT_DOMAIN, STOX_COND_REMOTE_SERVER_NOT_FOUND},
      {408, STOX_HINT_NONE, STOX_COND_REMOTE_SERVER_TIMEOUT},
      {408, STOX_HINT_UNRESOLVABLE, STOX_COND_REMOTE_SERVER_NOT_FOUND},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_error_to_xmpp question = {.sip = rows[i][0], .hint = rows[i][1]};
    assert_int_equal(to_xmpp(question).condition, rows[i][2]);
  }
}

/* 7247-7.2-65 */
static void presence_does_not_leak(void **state) {
  (void)state;
  for (int code = 300; code <= 699; code++) {
    const stox_error_to_xmpp question = {.sip = code, .is_unauthorised = 1};
    const int condition = to_xmpp(question).condition;
    assert_int_not_equal(condition, STOX_COND_RECIPIENT_UNAVAILABLE);
    assert_int_not_equal(condition, STOX_COND_ITEM_NOT_FOUND);
  }
  const stox_error_to_xmpp question = {.sip = 480, .is_unauthorised = 1};
  assert_int_equal(to_xmpp(question).condition, STOX_COND_SERVICE_UNAVAILABLE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_of_table2),
      cmocka_unit_test(rows_of_table3),
      cmocka_unit_test(closed_and_open),
      cmocka_unit_test(many_to_one),
      cmocka_unit_test(scope_of_an_address),
      cmocka_unit_test(deviation),
      cmocka_unit_test(no_errors),
      cmocka_unit_test(reason_and_text),
      cmocka_unit_test(four_or_six),
      cmocka_unit_test(new_addresses),
      cmocka_unit_test(remote_server_not_found),
      cmocka_unit_test(needs),
      cmocka_unit_test(never_503),
      cmocka_unit_test(unexpected_request),
      cmocka_unit_test(later_codes),
      cmocka_unit_test(moved_and_gone),
      cmocka_unit_test(payment_required),
      cmocka_unit_test(hints),
      cmocka_unit_test(presence_does_not_leak),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
