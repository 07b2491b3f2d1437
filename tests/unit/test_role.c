/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/error_map.h"
#include "stox/role.h"

enum { SIP = STOX_PROTOCOL_SIP, XMPP = STOX_PROTOCOL_XMPP, NONE = STOX_PROTOCOL_NONE };
enum { BOTH = STOX_ROLES_X2S | STOX_ROLES_S2X };
enum { SOURCE = STOX_PLACEMENT_SOURCE, DESTINATION = STOX_PLACEMENT_DESTINATION };

typedef struct row {
  stox_role_question question;
  stox_role want;
} row;

static const row rows[] = {
    /* 7247-4-02, 7247-4-07: an XMPP user begins, SIP is on the wire */
    {{XMPP, SIP, BOTH, SOURCE, 0, 0, 0}, {STOX_ROLE_X2S, SIP, STOX_OK, 0, 0}},
    /* 7247-4-03: a SIP user begins, XMPP is on the wire */
    {{SIP, XMPP, BOTH, SOURCE, 0, 0, 0}, {STOX_ROLE_S2X, XMPP, STOX_OK, 0, 0}},
    /* 7247-4-04: one role alone, the other refused */
    {{XMPP, SIP, STOX_ROLES_X2S, SOURCE, 0, 0, 0}, {STOX_ROLE_X2S, SIP, STOX_OK, 0, 0}},
    {{SIP, XMPP, STOX_ROLES_S2X, SOURCE, 0, 0, 0}, {STOX_ROLE_S2X, XMPP, STOX_OK, 0, 0}},
    {{XMPP, SIP, STOX_ROLES_S2X, SOURCE, 0, 0, 0},
     {STOX_ROLE_REFUSE, NONE, STOX_E_UNSUPPORTED, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404}},
    {{SIP, XMPP, STOX_ROLES_X2S, SOURCE, 0, 0, 0},
     {STOX_ROLE_REFUSE, NONE, STOX_E_UNSUPPORTED, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404}},
    /* 7247-4-06: at the destination the same translation, the other wire */
    {{XMPP, SIP, BOTH, DESTINATION, 0, 0, 0}, {STOX_ROLE_X2S, XMPP, STOX_OK, 0, 0}},
    {{SIP, XMPP, BOTH, DESTINATION, 0, 0, 0}, {STOX_ROLE_S2X, SIP, STOX_OK, 0, 0}},
    /* Native is native, gateway or not. */
    {{XMPP, XMPP, BOTH, SOURCE, 0, 0, 0}, {STOX_ROLE_NATIVE, XMPP, STOX_OK, 0, 0}},
    {{SIP, SIP, 0, SOURCE, 1, 0, 0}, {STOX_ROLE_NATIVE, SIP, STOX_OK, 0, 0}},
    /* 7247-5-07: native delivery is impossible: the gateway, or remote-server-not-found */
    {{XMPP, SIP, BOTH, SOURCE, 0, 0, 1}, {STOX_ROLE_X2S, SIP, STOX_OK, 0, 0}},
    {{XMPP, XMPP, BOTH, SOURCE, 0, 0, 1},
     {STOX_ROLE_REFUSE, NONE, STOX_E_UNKNOWN_DOMAIN, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404}},
    {{XMPP, NONE, BOTH, SOURCE, 0, 0, 1},
     {STOX_ROLE_REFUSE, NONE, STOX_E_UNKNOWN_DOMAIN, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404}},
    {{SIP, NONE, BOTH, SOURCE, 0, 0, 0},
     {STOX_ROLE_REFUSE, NONE, STOX_E_UNKNOWN_DOMAIN, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404}},
    /* 7247-8-02: SIPS is not translated, but for an agreement */
    {{SIP, XMPP, BOTH, SOURCE, 1, 0, 0}, {STOX_ROLE_REFUSE, NONE, STOX_E_SIPS_REFUSED, 0, 480}},
    {{SIP, XMPP, BOTH, SOURCE, 1, 1, 0}, {STOX_ROLE_S2X, XMPP, STOX_OK, 0, 0}},
};

static void roles(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_role got = {-1, -1, -1, -1, -1};
    assert_status(stox_role_choose(&got, &rows[i].question), STOX_OK);
    assert_int_equal(got.role, rows[i].want.role);
    assert_int_equal(got.wire, rows[i].want.wire);
    assert_status(got.status, rows[i].want.status);
    assert_int_equal(got.condition, rows[i].want.condition);
    assert_int_equal(got.sip, rows[i].want.sip);
  }
}

static void bad_questions(void **state) {
  (void)state;
  static const stox_role_question questions[] = {
      {NONE, SIP, BOTH, SOURCE, 0, 0, 0}, {3, SIP, BOTH, SOURCE, 0, 0, 0},
      {SIP, 3, BOTH, SOURCE, 0, 0, 0},    {SIP, -1, BOTH, SOURCE, 0, 0, 0},
      {SIP, XMPP, BOTH, 2, 0, 0, 0},      {SIP, XMPP, BOTH, -1, 0, 0, 0},
  };
  for (size_t i = 0; i < COUNT(questions); i++) {
    stox_role got = {-1, -1, -1, -1, -1};
    assert_status(stox_role_choose(&got, &questions[i]), STOX_E_ARG);
    assert_int_equal(got.role, -1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(roles), cmocka_unit_test(bad_questions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
