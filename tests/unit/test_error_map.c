/* SPDX-License-Identifier: MIT */
#include "support.h"
#include "tables.h"
#include "writers.h"

#include "stox/error_map.h"
#include "stox/jid.h"

static int number_of(stox_span text) {
  int number = 0;
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] < '0' || text.p[i] > '9') {
      return -1;
    }
    number = number * 10 + (text.p[i] - '0');
  }
  return text.n == 0 ? -1 : number;
}

static int to_sip(int condition, int scope) {
  const stox_error_to_sip question = {.condition = condition, .scope = scope, .has_challenge = 1};
  stox_sip_error answer = {0, 0, 0, NULL};
  assert_status(stox_error_map_to_sip(&answer, &question), STOX_OK);
  assert_string_equal(answer.reason, stox_sip_reason(answer.code));
  return answer.code;
}

static stox_xmpp_error to_xmpp(int sip, int has_contact) {
  const stox_error_to_xmpp question = {.sip = sip, .has_contact = has_contact};
  stox_xmpp_error answer = {0, 0, 0};
  assert_status(stox_error_map_to_xmpp(&answer, &question), STOX_OK);
  return answer;
}

/* ---- the vectors ---- */

/* 7247-7.1-01: Table 2. */
static void table2_vectors(void **state) {
  (void)state;
  table t;
  stox_error_row_xmpp row;
  size_t n = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/table2-xmpp-to-sip.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    const int condition = stox_condition_of(t.field[0]);
    assert_int_equal(to_sip(condition, STOX_SCOPE_FULL), number_of(t.field[3]));
    assert_int_equal(to_sip(condition, STOX_SCOPE_BARE), number_of(t.field[4]));
    assert_int_equal(to_sip(condition, STOX_SCOPE_DOMAIN), number_of(t.field[4]));
    assert_status(stox_error_map_get_xmpp(&row, n), STOX_OK);
    assert_int_equal(row.condition, condition);
    assert_int_equal(row.full, number_of(t.field[3]));
    assert_int_equal(row.bare, number_of(t.field[4]));
    assert_int_equal(row.domain, row.bare);
  }
  assert_int_equal(n, 22);
  assert_status(stox_error_map_get_xmpp(&row, n), STOX_E_NONE);
  table_free(&t);
}

/* 7247-7.2-01: Table 3, with the class rows. */
static void table3_vectors(void **state) {
  (void)state;
  table t;
  stox_error_row_sip row;
  size_t n = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/table3-sip-to-xmpp.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    const int is_class = t.field[0].p[1] == 'x';
    const int first = (t.field[0].p[0] - '0') * 100;
    const int code = is_class ? first + 99 : number_of(t.field[0]);
    const stox_xmpp_error answer = to_xmpp(code, 1);
    assert_span_equal(stox_span_text(stox_condition_name(answer.condition)), t.field[2]);
    assert_span_equal(stox_span_text(stox_error_type_name(answer.type)), t.field[4]);
    if (!is_class) {
      assert_span_equal(stox_span_text(stox_sip_reason(code)), t.field[1]);
    }
    assert_status(stox_error_map_get_sip(&row, n), STOX_OK);
    assert_int_equal(row.sip, is_class ? first : code);
    assert_int_equal(row.is_class, is_class);
    assert_int_equal(row.condition, answer.condition);
    assert_int_equal(row.type, answer.type);
  }
  assert_int_equal(n, 52);
  assert_status(stox_error_map_get_sip(&row, n), STOX_E_NONE);
  table_free(&t);
}

/* 7247-7.2-02 and 7247-7-05: codes that Table 3 does not list, and codes that are no errors. */
static void unlisted_vectors(void **state) {
  (void)state;
  table t;
  size_t n = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/derived-unlisted-sip-codes.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    const stox_error_to_xmpp question = {.sip = number_of(t.field[0])};
    stox_xmpp_error answer = {0, 0, 0};
    const int status = stox_error_map_to_xmpp(&answer, &question);
    if (stox_span_is_equal(t.field[1], S("NOT_AN_ERROR"))) {
      assert_status(status, STOX_E_NOT_AN_ERROR);
    } else if (stox_span_is_equal(t.field[1], S("INVALID"))) {
      assert_status(status, STOX_E_ARG);
    } else {
      assert_status(status, STOX_OK);
      assert_span_equal(stox_span_text(stox_condition_name(answer.condition)), t.field[1]);
    }
  }
  assert_int_equal(n, 31);
  table_free(&t);
}

/* What a response of each code must carry, and what is sent where it cannot. */
static void required_headers_vectors(void **state) {
  (void)state;
  static const struct {
    const char *header;
    uint32_t needs;
  } names[] = {
      {"Contact", STOX_NEEDS_CONTACT},
      {"WWW-Authenticate", STOX_NEEDS_CHALLENGE},
      {"Allow", STOX_NEEDS_ALLOW},
      {"Proxy-Authenticate", STOX_NEEDS_CHALLENGE},
      {"Accept", STOX_NEEDS_ACCEPT},
      {"Unsupported", STOX_NEEDS_UNSUPPORTED},
      {"Min-Expires", STOX_NEEDS_MIN_EXPIRES},
      {"Retry-After (optional)", 0},
      {"Allow-Events", STOX_NEEDS_ALLOW_EVENTS},
      {"-", 0},
  };
  table t;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/derived-sip-required-headers.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    const int code = number_of(t.field[0]);
    const stox_error_override row = {STOX_COND_CONFLICT, code, -1};
    const stox_error_to_sip question = {
        .condition = STOX_COND_CONFLICT, .has_challenge = 1, .overrides = &row, .n_overrides = 1};
    stox_sip_error answer = {0, 0, 0, NULL};
    size_t i = 0;
    assert_status(stox_error_map_to_sip(&answer, &question), STOX_OK);
    assert_int_equal(answer.code, code);
    while (!stox_span_is_equal(t.field[1], stox_span_text(names[i].header))) {
      i++;
    }
    assert_int_equal(answer.needs, names[i].needs);
    /* The column ends in the code that takes its place, where one does. */
    const stox_span place = t.field[2];
    const int instead = stox_error_map_without(code);
    if (instead != code) {
      char digits[12];
      char text[128];
      (void)snprintf(digits, sizeof digits, "%d", instead);
      (void)snprintf(text, sizeof text, "%.*s", (int)place.n, place.p);
      assert_non_null(strstr(text, digits));
    }
  }
  table_free(&t);
  assert_int_equal(stox_error_map_without(305), 480);
}

/* ---- notes ---- */

/* A question and the code that answers it. */
typedef struct sip_row {
  stox_error_to_sip question;
  int code;
  int address;
} sip_row;

static void notes_of_table2(void **state) {
  (void)state;
  static const sip_row rows[] = {
      /* 7247-7.1-24 */
      {{STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_SCOPE_FULL, 0, 0, 0, 0, 0, NULL, 0}, 405, 0},
      {{STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_SCOPE_BARE, 0, 0, 0, 0, 0, NULL, 0}, 501, 0},
      {{STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_SCOPE_DOMAIN, 0, 0, 0, 0, 0, NULL, 0}, 501, 0},
      {{STOX_COND_FEATURE_NOT_IMPLEMENTED, STOX_SCOPE_BARE, 0, 0, 0, 0, 1, NULL, 0}, 501, 0},
      /* 7247-7.1-25, and 4xx behind a forking proxy */
      {{STOX_COND_FORBIDDEN, STOX_SCOPE_BARE, 0, 0, 0, 0, 0, NULL, 0}, 603, 0},
      {{STOX_COND_FORBIDDEN, STOX_SCOPE_BARE, 0, 0, 0, 0, 1, NULL, 0}, 403, 0},
      {{STOX_COND_ITEM_NOT_FOUND, STOX_SCOPE_DOMAIN, 0, 0, 0, 0, 0, NULL, 0}, 604, 0},
      {{STOX_COND_ITEM_NOT_FOUND, STOX_SCOPE_BARE, 0, 0, 0, 0, 1, NULL, 0}, 404, 0},
      /* 7247-7.1-26 */
      {{STOX_COND_GONE, STOX_SCOPE_FULL, 1, 0, 0, 0, 0, NULL, 0}, 301, STOX_ADDRESS_REQUIRED},
      {{STOX_COND_GONE, STOX_SCOPE_BARE, 1, 0, 0, 0, 0, NULL, 0}, 301, STOX_ADDRESS_REQUIRED},
      {{STOX_COND_GONE, STOX_SCOPE_FULL, 0, 0, 0, 0, 0, NULL, 0}, 410, STOX_ADDRESS_NONE},
      {{STOX_COND_REDIRECT, STOX_SCOPE_FULL, 1, 0, 0, 0, 0, NULL, 0}, 302, STOX_ADDRESS_REQUIRED},
      /* 7247-7.1-27 */
      {{STOX_COND_REMOTE_SERVER_NOT_FOUND, 0, 0, STOX_CAUSE_UNKNOWN, 0, 0, 0, NULL, 0}, 404, 0},
      {{STOX_COND_REMOTE_SERVER_NOT_FOUND, 0, 0, STOX_CAUSE_NONEXISTENT, 0, 0, 0, NULL, 0}, 404, 0},
      {{STOX_COND_REMOTE_SERVER_NOT_FOUND, 0, 0, STOX_CAUSE_UNRESOLVABLE, 0, 0, 0, NULL, 0},
       408,
       0},
      {{STOX_COND_UNEXPECTED_REQUEST, 0, 0, 0, 1, 0, 0, NULL, 0}, 491, 0},
      {{STOX_COND_UNEXPECTED_REQUEST, 0, 0, 0, 0, 0, 0, NULL, 0}, 400, 0},
      /* No challenge, no 401 and no 407. */
      {{STOX_COND_NOT_AUTHORIZED, 0, 0, 0, 0, 0, 0, NULL, 0}, 403, 0},
      {{STOX_COND_NOT_AUTHORIZED, 0, 0, 0, 0, 1, 0, NULL, 0}, 401, 0},
      {{STOX_COND_REGISTRATION_REQUIRED, 0, 0, 0, 0, 0, 0, NULL, 0}, 403, 0},
      {{STOX_COND_REGISTRATION_REQUIRED, 0, 0, 0, 0, 1, 0, NULL, 0}, 407, 0},
      {{STOX_COND_PAYMENT_REQUIRED, 0, 0, 0, 0, 0, 0, NULL, 0}, 400, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_error answer = {0, -1, 0, NULL};
    assert_status(stox_error_map_to_sip(&answer, &rows[i].question), STOX_OK);
    assert_int_equal(answer.code, rows[i].code);
    assert_int_equal(answer.address, rows[i].address);
    assert_string_equal(answer.reason, stox_sip_reason(rows[i].code));
  }
}

/* 7247-7.1-28 and 7247-7.1-29: whatever is asked, service-unavailable is never 503. */
static void never_503(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 64; bits++) {
    for (int scope = STOX_SCOPE_FULL; scope <= STOX_SCOPE_DOMAIN; scope++) {
      const stox_error_to_sip question = {.condition = STOX_COND_SERVICE_UNAVAILABLE,
                                          .scope = scope,
                                          .has_address = (int)(bits & 1),
                                          .cause = (int)(bits >> 1 & 3) % 3,
                                          .is_invite = (int)(bits >> 3 & 1),
                                          .has_challenge = (int)(bits >> 4 & 1),
                                          .prefer_4xx = (int)(bits >> 5 & 1)};
      stox_sip_error answer = {0, 0, 0, NULL};
      assert_status(stox_error_map_to_sip(&answer, &question), STOX_OK);
      assert_int_equal(answer.code, scope == STOX_SCOPE_FULL ? 405 : 403);
    }
  }
  assert_int_equal(to_xmpp(503, 0).condition, STOX_COND_INTERNAL_SERVER_ERROR);
}

/* A question and the condition that answers it. */
typedef struct xmpp_row {
  stox_error_to_xmpp question;
  int condition;
  int address;
} xmpp_row;

static void notes_of_table3(void **state) {
  (void)state;
  enum { NONE = STOX_ADDRESS_NONE, NEEDED = STOX_ADDRESS_REQUIRED };
  static const xmpp_row rows[] = {
      /* 7247-7.2-55 and 7247-7.2-56 */
      {{301, 1, 0, 0, NULL, 0}, STOX_COND_GONE, NEEDED},
      {{301, 0, 0, 0, NULL, 0}, STOX_COND_ITEM_NOT_FOUND, NONE},
      {{301, 0, 0, 1, NULL, 0}, STOX_COND_SERVICE_UNAVAILABLE, NONE},
      {{302, 1, 0, 0, NULL, 0}, STOX_COND_REDIRECT, NEEDED},
      {{302, 0, 0, 0, NULL, 0}, STOX_COND_REDIRECT, NONE},
      {{380, 1, 0, 0, NULL, 0}, STOX_COND_NOT_ACCEPTABLE, NONE},
      {{410, 1, 0, 0, NULL, 0}, STOX_COND_GONE, NONE},
      {{410, 0, 0, 0, NULL, 0}, STOX_COND_GONE, NONE},
      /* 7247-7.2-58 to 7247-7.2-60; a hint for another code changes nothing */
      {{403, 0, STOX_HINT_POLICY, 0, NULL, 0}, STOX_COND_POLICY_VIOLATION, NONE},
      {{403, 0, STOX_HINT_NEVER, 0, NULL, 0}, STOX_COND_NOT_ALLOWED, NONE},
      {{403, 0, STOX_HINT_DOMAIN, 0, NULL, 0}, STOX_COND_FORBIDDEN, NONE},
      {{404, 0, STOX_HINT_DOMAIN, 0, NULL, 0}, STOX_COND_REMOTE_SERVER_NOT_FOUND, NONE},
      {{404, 0, STOX_HINT_POLICY, 0, NULL, 0}, STOX_COND_ITEM_NOT_FOUND, NONE},
      {{404, 0, STOX_HINT_DOMAIN, 1, NULL, 0}, STOX_COND_REMOTE_SERVER_NOT_FOUND, NONE},
      {{408, 0, STOX_HINT_UNRESOLVABLE, 0, NULL, 0}, STOX_COND_REMOTE_SERVER_NOT_FOUND, NONE},
      {{408, 0, STOX_HINT_NEVER, 0, NULL, 0}, STOX_COND_REMOTE_SERVER_TIMEOUT, NONE},
      {{486, 0, STOX_HINT_UNRESOLVABLE, 0, NULL, 0}, STOX_COND_RECIPIENT_UNAVAILABLE, NONE},
      /* 7247-7.2-65 */
      {{480, 0, 0, 1, NULL, 0}, STOX_COND_SERVICE_UNAVAILABLE, NONE},
      {{404, 0, 0, 1, NULL, 0}, STOX_COND_SERVICE_UNAVAILABLE, NONE},
      {{604, 0, 0, 1, NULL, 0}, STOX_COND_SERVICE_UNAVAILABLE, NONE},
      {{403, 0, 0, 1, NULL, 0}, STOX_COND_FORBIDDEN, NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_xmpp_error answer = {0, 0, -1};
    assert_status(stox_error_map_to_xmpp(&answer, &rows[i].question), STOX_OK);
    assert_int_equal(answer.condition, rows[i].condition);
    assert_int_equal(answer.type, stox_condition_type(rows[i].condition));
    assert_int_equal(answer.address, rows[i].address);
  }
}

/* 7247-7-01: every code from 300 to 699 becomes one of the 22 conditions. */
static void every_code_maps(void **state) {
  (void)state;
  for (int code = -1; code < 1200; code++) {
    const stox_error_to_xmpp question = {.sip = code};
    stox_xmpp_error answer = {-1, 0, 0};
    const int status = stox_error_map_to_xmpp(&answer, &question);
    if (code < 100 || code > 699) {
      assert_status(status, STOX_E_ARG);
    } else if (code < 300) {
      assert_status(status, STOX_E_NOT_AN_ERROR);
    } else {
      assert_status(status, STOX_OK);
      assert_in_range(answer.condition, STOX_COND_BAD_REQUEST, STOX_COND_UNEXPECTED_REQUEST);
      continue;
    }
    assert_int_equal(answer.condition, -1);
  }
}

/* 7247-7-04: an override wins; without it the table answers again. */
static void overrides(void **state) {
  (void)state;
  static const stox_error_override rows[] = {
      {STOX_COND_NOT_ALLOWED, 403, -1}, {STOX_COND_CONFLICT, 486, STOX_SCOPE_FULL},
      {STOX_COND_CONFLICT, 600, -1},    {STOX_COND_ITEM_NOT_FOUND, 490, -1},
      {STOX_COND_GONE, 301, -1},        {99, 499, -1},
      {STOX_COND_BAD_REQUEST, 200, -1},
  };
  stox_error_to_xmpp x = {.sip = 403, .overrides = rows, .n_overrides = COUNT(rows)};
  stox_xmpp_error xmpp = {0, 0, 0};
  assert_status(stox_error_map_to_xmpp(&xmpp, &x), STOX_OK);
  assert_int_equal(xmpp.condition, STOX_COND_NOT_ALLOWED);
  x.n_overrides = 0;
  assert_status(stox_error_map_to_xmpp(&xmpp, &x), STOX_OK);
  assert_int_equal(xmpp.condition, STOX_COND_FORBIDDEN);
  x = (stox_error_to_xmpp){490, 1, 0, 1, rows, COUNT(rows)};
  assert_status(stox_error_map_to_xmpp(&xmpp, &x), STOX_OK);
  assert_int_equal(xmpp.condition, STOX_COND_SERVICE_UNAVAILABLE);
  x.sip = 499;
  assert_status(stox_error_map_to_xmpp(&xmpp, &x), STOX_E_ARG);

  stox_error_to_sip s = {.condition = STOX_COND_CONFLICT,
                         .scope = STOX_SCOPE_FULL,
                         .overrides = rows,
                         .n_overrides = COUNT(rows)};
  stox_sip_error sip = {0, 0, 0, NULL};
  assert_status(stox_error_map_to_sip(&sip, &s), STOX_OK);
  assert_int_equal(sip.code, 486);
  s.scope = STOX_SCOPE_BARE;
  assert_status(stox_error_map_to_sip(&sip, &s), STOX_OK);
  assert_int_equal(sip.code, 600);
  s.overrides = NULL;
  s.n_overrides = 0;
  assert_status(stox_error_map_to_sip(&sip, &s), STOX_OK);
  assert_int_equal(sip.code, 400);
  s = (stox_error_to_sip){.condition = STOX_COND_BAD_REQUEST, .overrides = rows, .n_overrides = 7};
  assert_status(stox_error_map_to_sip(&sip, &s), STOX_E_ARG);
}

static void bad_questions(void **state) {
  (void)state;
  static const stox_error_to_sip rows[] = {
      {.condition = STOX_COND_NONE},
      {.condition = -1},
      {.condition = STOX_COND_PAYMENT_REQUIRED + 1},
      {.condition = STOX_COND_GONE, .scope = -1},
      {.condition = STOX_COND_GONE, .scope = 3},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_sip_error answer = {-1, 0, 0, NULL};
    assert_status(stox_error_map_to_sip(&answer, &rows[i]), STOX_E_ARG);
    assert_int_equal(answer.code, -1);
  }
}

/* ---- names ---- */

static void names_go_both_ways(void **state) {
  (void)state;
  for (int condition = 1; condition <= STOX_COND_PAYMENT_REQUIRED; condition++) {
    const stox_span name = stox_span_text(stox_condition_name(condition));
    guard g = guard_copy(name);
    assert_int_equal(stox_condition_of(g.span), condition);
    guard_free(&g);
    assert_int_equal(stox_condition_of(stox_span_slice(name, 0, name.n - 1)), STOX_COND_NONE);
    assert_int_equal(stox_condition_of(stox_span_slice(name, 1, name.n)), STOX_COND_NONE);
  }
  assert_null(stox_condition_name(0));
  assert_null(stox_condition_name(24));
  assert_null(stox_condition_name(-1));
  assert_int_equal(stox_condition_of(S("")), STOX_COND_NONE);
  assert_int_equal(stox_condition_of((stox_span){NULL, 0}), STOX_COND_NONE);
  assert_int_equal(stox_condition_of(S("Gone")), STOX_COND_NONE);
  assert_int_equal(stox_condition_of(S("gone\0")), STOX_COND_NONE);
  assert_int_equal(stox_condition_of(S("zzz")), STOX_COND_NONE);
  assert_int_equal(stox_condition_type(0), STOX_ERROR_CANCEL);
  for (int type = STOX_ERROR_CANCEL; type <= STOX_ERROR_WAIT; type++) {
    assert_int_equal(stox_error_type_of(stox_span_text(stox_error_type_name(type))), type);
  }
  assert_null(stox_error_type_name(5));
  assert_null(stox_error_type_name(-1));
  assert_int_equal(stox_error_type_of(S("canc")), -1);
}

static void reasons(void **state) {
  (void)state;
  static const struct {
    int code;
    const char *reason;
  } rows[] = {
      {100, "Trying"},         {180, "Ringing"},         {200, "OK"},
      {202, "Accepted"},       {499, "Request Failure"}, {599, "Server Failure"},
      {699, "Global Failure"}, {399, "Redirection"},     {199, "Early Dialog Terminated"},
      {150, "Provisional"},    {299, "Successful"},      {608, "Rejected"},
      {99, "Unknown"},         {700, "Unknown"},         {-404, "Unknown"},
      {0, "Unknown"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_string_equal(stox_sip_reason(rows[i].code), rows[i].reason);
  }
}

/* ---- texts ---- */

typedef struct text_row {
  stox_span text;
  size_t max;
  stox_span want;
} text_row;

static int write_text(stox_buf *out, const void *ud) {
  const text_row *row = ud;
  return stox_reason_write(out, row->text, row->max);
}

/* 7247-7-06: no text breaks out of its line, and none is longer than allowed. */
static void texts_are_made_safe(void **state) {
  (void)state;
  static const text_row rows[] = {
      {ROW("Not Found Here"), 100, ROW("Not Found Here")},
      {ROW("too big"), 100, ROW("too big")},
      {ROW(""), 100, ROW("")},
      {ROW(" \r\n\t"), 100, ROW("")},
      {ROW("a\r\nVia: evil"), 100, ROW("a Via: evil")},
      {ROW("\r\n a \r\n\r\n b\n"), 100, ROW("a b")},
      {ROW("a\0b\x01\x7F\x1B"
           "c"),
       100, ROW("a b c")},
      {ROW("a\xC2\x85"
           "b\xE2\x80\xA8"
           "c\xC2\xA0"
           "d"),
       100, ROW("a b c d")},
      {ROW("z\xC3\xBCrich \xE2\x99\x9A"), 100, ROW("z\xC3\xBCrich \xE2\x99\x9A")},
      {ROW("a\xC3"), 100, ROW("a")},
      {ROW("\xC0\xAF"
           "a\xED\xA0\x80\xFF"
           "b"),
       100, ROW("a b")},
      {ROW("abcdef"), 3, ROW("abc")},
      {ROW("abc def"), 4, ROW("abc")},
      {ROW("abc def"), 5, ROW("abc d")},
      {ROW("ab\xC3\xBC"), 3, ROW("ab")},
      {ROW("ab\xC3\xBC"), 4, ROW("ab\xC3\xBC")},
      {ROW("\xE2\x99\x9A"), 2, ROW("")},
      {ROW("abc"), 0, ROW("")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    const text_row row = {g.span, rows[i].max, rows[i].want};
    check_writer(write_text, &row, row.want);
    /* What is safe stays as it is. */
    const text_row again = {row.want, row.max, row.want};
    check_writer(write_text, &again, row.want);
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(table2_vectors),      cmocka_unit_test(table3_vectors),
      cmocka_unit_test(unlisted_vectors),    cmocka_unit_test(required_headers_vectors),
      cmocka_unit_test(notes_of_table2),     cmocka_unit_test(never_503),
      cmocka_unit_test(notes_of_table3),     cmocka_unit_test(every_code_maps),
      cmocka_unit_test(overrides),           cmocka_unit_test(bad_questions),
      cmocka_unit_test(names_go_both_ways),  cmocka_unit_test(reasons),
      cmocka_unit_test(texts_are_made_safe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
