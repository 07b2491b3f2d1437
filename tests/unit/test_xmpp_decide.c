/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/xmpp_rules.h"

static int decide(int kind, int type, const stox_xmpp_facts *facts) {
  stox_xmpp_verdict out;
  const stox_stanza stanza = {.kind = kind, .type = type};
  assert_status(stox_xmpp_decide(&out, &stanza, facts), STOX_OK);
  const int answerable = type != STOX_TYPE_ERROR && type != STOX_TYPE_RESULT;
  assert_int_equal(out.may_answer, answerable);
  /* "XC-9.3.1-05", "XC-9.2.3-09": whatever the facts, no answer to an answer. */
  assert_true(out.action != STOX_RULE_BOUNCE || answerable);
  if (out.condition == STOX_COND_NONE) {
    assert_int_equal(out.type, 0);
  } else {
    assert_int_equal(out.type, stox_condition_type(out.condition));
  }
  return out.action == STOX_RULE_BOUNCE ? -out.condition : out.action;
}

/* RFC 6121 Table 1 as it is printed; the columns are normal, chat, groupchat, headline. */
typedef struct table_row {
  int has_account;
  uint32_t available;
  uint32_t nonnegative;
  int relation;
  int has_resource;
  const char *cells[4];
} table_row;

static const table_row table_1[] = {
    {0, 0, 0, STOX_TO_BARE, 0, {"SE", "SE", "E", "S"}},
    {0, 0, 0, STOX_TO_FULL, 0, {"SE", "SE", "SE", "SE"}},
    {1, 0, 0, STOX_TO_BARE, 0, {"OE", "OE", "E", "S"}},
    {1, 0, 0, STOX_TO_FULL, 0, {"SE", "OE", "SE", "SE"}},
    {1, 2, 0, STOX_TO_BARE, 0, {"OE", "OE", "E", "S"}},
    {1, 2, 0, STOX_TO_FULL, 1, {"D", "D", "D", "D"}},
    {1, 2, 0, STOX_TO_FULL, 0, {"SE", "OE", "SE", "SE"}},
    {1, 1, 1, STOX_TO_BARE, 0, {"MA", "MA", "E", "A"}},
    {1, 1, 1, STOX_TO_FULL, 1, {"D", "D", "D", "D"}},
    {1, 1, 1, STOX_TO_FULL, 0, {"SE", "MA", "SE", "SE"}},
    {1, 3, 2, STOX_TO_BARE, 0, {"MA", "MA", "E", "A"}},
    {1, 3, 2, STOX_TO_FULL, 1, {"D", "D", "D", "D"}},
    {1, 3, 2, STOX_TO_FULL, 0, {"SE", "MA", "SE", "SE"}},
};

static char letter_of(int action) {
  switch (action) {
  case STOX_RULE_DROP:
    return 'S';
  case -STOX_COND_SERVICE_UNAVAILABLE:
    return 'E';
  case STOX_RULE_STORE:
    return 'O';
  case STOX_RULE_DELIVER:
    return 'D';
  case STOX_RULE_DELIVER_BEST:
    return 'M';
  case STOX_RULE_DELIVER_ALL:
    return 'A';
  default:
    return '?';
  }
}

static stox_xmpp_facts facts_of(const table_row *r, unsigned bits) {
  return (stox_xmpp_facts){
      .over = bits & 8 ? STOX_OVER_CLIENT : STOX_OVER_PEER,
      .relation = r->relation,
      .has_account = r->has_account,
      .has_resource = r->has_resource,
      .is_known = (bits & 1) != 0,
      .reveals = (bits & 2) != 0,
      .stores = (bits & 4) != 0,
      .n_available = r->available,
      .n_nonnegative = r->nonnegative,
  };
}

/* "XC-10-02", "XC-10.5-01", "XC-10.5-02", "XC-10.5-03", "XC-10.5-04", "XC-9.2.1-01": each cell
 * under each choice that the facts leave. */
static void test_table_1(void **state) {
  (void)state;
  static const int types[4][2] = {{STOX_TYPE_NORMAL, STOX_TYPE_NONE},
                                  {STOX_TYPE_CHAT, STOX_TYPE_CHAT},
                                  {STOX_TYPE_GROUPCHAT, STOX_TYPE_GROUPCHAT},
                                  {STOX_TYPE_HEADLINE, STOX_TYPE_HEADLINE}};
  for (size_t i = 0; i < COUNT(table_1); i++) {
    for (unsigned bits = 0; bits < 16; bits++) {
      const stox_xmpp_facts facts = facts_of(&table_1[i], bits);
      for (size_t c = 0; c < 4; c++) {
        const int action = decide(STOX_STANZA_MESSAGE, types[c][0], &facts);
        const char letter = letter_of(action);
        if (strchr(table_1[i].cells[c], letter) == NULL) {
          fail_msg("row %zu column %zu: %c, not %s", i, c, letter, table_1[i].cells[c]);
        }
        assert_true(letter != 'O' || facts.stores);
        assert_int_equal(decide(STOX_STANZA_MESSAGE, types[c][1], &facts), action);
      }
      /* A type that is not known is normal; an error is given to the resource it names or to none.
       */
      assert_int_equal(decide(STOX_STANZA_MESSAGE, STOX_TYPE_OTHER, &facts),
                       decide(STOX_STANZA_MESSAGE, STOX_TYPE_NORMAL, &facts));
      assert_int_equal(decide(STOX_STANZA_MESSAGE, STOX_TYPE_ERROR, &facts),
                       table_1[i].has_resource ? STOX_RULE_DELIVER : STOX_RULE_DROP);
    }
  }
}

static stox_xmpp_facts account(int relation, int has_account, int has_resource) {
  return (stox_xmpp_facts){.over = STOX_OVER_PEER,
                           .relation = relation,
                           .has_account = has_account,
                           .has_resource = has_resource};
}

/* Hiding: a stranger cannot tell an account that does not exist from one that is away, nor a
 * resource that took a message from one that is not there (RFC 6120 10.2). */
static void test_hiding(void **state) {
  (void)state;
  static const int types[] = {STOX_TYPE_NONE, STOX_TYPE_CHAT, STOX_TYPE_GROUPCHAT,
                              STOX_TYPE_HEADLINE};
  for (int stores = 0; stores < 2; stores++) {
    for (size_t i = 0; i < COUNT(types); i++) {
      stox_xmpp_facts nobody = account(STOX_TO_BARE, 0, 0);
      stox_xmpp_facts away = account(STOX_TO_BARE, 1, 0);
      nobody.stores = away.stores = stores;
      int a = decide(STOX_STANZA_MESSAGE, types[i], &nobody);
      int b = decide(STOX_STANZA_MESSAGE, types[i], &away);
      assert_int_equal(a < 0, b < 0);
      nobody.relation = away.relation = STOX_TO_FULL;
      a = decide(STOX_STANZA_MESSAGE, types[i], &nobody);
      b = decide(STOX_STANZA_MESSAGE, types[i], &away);
      assert_int_equal(a < 0, b < 0);
      if (types[i] != STOX_TYPE_CHAT) {
        assert_int_equal(b, STOX_RULE_DROP);
        away.is_known = 1;
        assert_int_equal(decide(STOX_STANZA_MESSAGE, types[i], &away),
                         -STOX_COND_SERVICE_UNAVAILABLE);
      }
    }
  }
}

typedef struct local_row {
  int kind;
  int type;
  int relation;
  int has_account;
  int has_resource;
  int is_known;
  uint32_t available;
  int want;
} local_row;

enum { IQ = STOX_STANZA_IQ, PRESENCE = STOX_STANZA_PRESENCE, E = -STOX_COND_SERVICE_UNAVAILABLE };

static const local_row local_rows[] = {
    /* "XC-9.2.2-01": presence, by RFC 6121 8.5. */
    {PRESENCE, STOX_TYPE_NONE, STOX_TO_BARE, 1, 0, 0, 2, STOX_RULE_DELIVER_ALL},
    {PRESENCE, STOX_TYPE_UNAVAILABLE, STOX_TO_BARE, 1, 0, 0, 2, STOX_RULE_DELIVER_ALL},
    {PRESENCE, STOX_TYPE_NONE, STOX_TO_BARE, 1, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_NONE, STOX_TO_BARE, 0, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_NONE, STOX_TO_FULL, 1, 1, 0, 1, STOX_RULE_DELIVER},
    {PRESENCE, STOX_TYPE_UNAVAILABLE, STOX_TO_FULL, 1, 0, 0, 1, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_SUBSCRIBE, STOX_TO_BARE, 1, 0, 0, 0, STOX_RULE_HANDLE_ACCOUNT},
    {PRESENCE, STOX_TYPE_SUBSCRIBED, STOX_TO_BARE, 1, 0, 0, 0, STOX_RULE_HANDLE_ACCOUNT},
    {PRESENCE, STOX_TYPE_UNSUBSCRIBE, STOX_TO_FULL, 1, 1, 0, 0, STOX_RULE_HANDLE_ACCOUNT},
    {PRESENCE, STOX_TYPE_SUBSCRIBE, STOX_TO_FULL, 1, 0, 0, 0, STOX_RULE_HANDLE_ACCOUNT},
    {PRESENCE, STOX_TYPE_SUBSCRIBED, STOX_TO_FULL, 1, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_UNSUBSCRIBE, STOX_TO_FULL, 1, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_UNSUBSCRIBED, STOX_TO_FULL, 1, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_SUBSCRIBE, STOX_TO_BARE, 0, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_PROBE, STOX_TO_BARE, 1, 0, 0, 0, STOX_RULE_HANDLE_ACCOUNT},
    {PRESENCE, STOX_TYPE_PROBE, STOX_TO_FULL, 1, 0, 0, 0, STOX_RULE_HANDLE_ACCOUNT},
    {PRESENCE, STOX_TYPE_PROBE, STOX_TO_BARE, 0, 0, 0, 0, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_ERROR, STOX_TO_FULL, 1, 1, 0, 1, STOX_RULE_DELIVER},
    {PRESENCE, STOX_TYPE_ERROR, STOX_TO_FULL, 1, 0, 0, 1, STOX_RULE_DROP},
    {PRESENCE, STOX_TYPE_ERROR, STOX_TO_BARE, 1, 0, 0, 1, STOX_RULE_DELIVER_ALL},
    {PRESENCE, STOX_TYPE_OTHER, STOX_TO_BARE, 1, 0, 0, 1, -STOX_COND_BAD_REQUEST},
    {PRESENCE, STOX_TYPE_OTHER, STOX_TO_BARE, 0, 0, 0, 0, STOX_RULE_DROP},
    /* The server answers for the account; what names a resource reaches it, if the sender may know.
     */
    {IQ, STOX_TYPE_GET, STOX_TO_BARE, 1, 0, 0, 1, STOX_RULE_HANDLE_ACCOUNT},
    {IQ, STOX_TYPE_RESULT, STOX_TO_BARE, 1, 0, 0, 1, STOX_RULE_HANDLE_ACCOUNT},
    {IQ, STOX_TYPE_SET, STOX_TO_BARE, 0, 0, 0, 0, E},
    {IQ, STOX_TYPE_ERROR, STOX_TO_BARE, 0, 0, 0, 0, STOX_RULE_DROP},
    {IQ, STOX_TYPE_GET, STOX_TO_FULL, 1, 1, 1, 1, STOX_RULE_DELIVER},
    {IQ, STOX_TYPE_GET, STOX_TO_FULL, 1, 1, 0, 1, E},
    {IQ, STOX_TYPE_RESULT, STOX_TO_FULL, 1, 1, 0, 1, STOX_RULE_DELIVER},
    {IQ, STOX_TYPE_ERROR, STOX_TO_FULL, 1, 1, 0, 1, STOX_RULE_DELIVER},
    {IQ, STOX_TYPE_SET, STOX_TO_FULL, 1, 0, 1, 1, E},
    {IQ, STOX_TYPE_RESULT, STOX_TO_FULL, 1, 0, 1, 1, STOX_RULE_DROP},
    {IQ, STOX_TYPE_GET, STOX_TO_FULL, 0, 0, 0, 0, E},
    {IQ, STOX_TYPE_OTHER, STOX_TO_FULL, 1, 1, 1, 1, -STOX_COND_BAD_REQUEST},
    {IQ, STOX_TYPE_NONE, STOX_TO_DOMAIN, 0, 0, 0, 0, -STOX_COND_BAD_REQUEST},
};

static void test_local(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(local_rows); i++) {
    const local_row *r = &local_rows[i];
    stox_xmpp_facts facts = account(r->relation, r->has_account, r->has_resource);
    facts.is_known = r->is_known;
    facts.n_available = r->available;
    const int got = decide(r->kind, r->type, &facts);
    if (got != r->want) {
      fail_msg("row %zu: %d, not %d", i, got, r->want);
    }
  }
  stox_xmpp_facts open = account(STOX_TO_FULL, 1, 1);
  open.reveals = 1;
  assert_int_equal(decide(IQ, STOX_TYPE_GET, &open), STOX_RULE_DELIVER);
}

typedef struct way_row {
  int kind;
  int type;
  int relation;
  int over;
  int want;
} way_row;

enum { MESSAGE = STOX_STANZA_MESSAGE };

static const way_row ways[] = {
    /* "XC-10.1-01", "XC-10.1-02", "XC-10.1-03", "XC-9.1.1-02": no recipient. */
    {IQ, STOX_TYPE_GET, STOX_TO_NONE, STOX_OVER_CLIENT, STOX_RULE_HANDLE_SENDER},
    {IQ, STOX_TYPE_RESULT, STOX_TO_NONE, STOX_OVER_CLIENT, STOX_RULE_HANDLE_SENDER},
    {PRESENCE, STOX_TYPE_NONE, STOX_TO_NONE, STOX_OVER_CLIENT, STOX_RULE_BROADCAST},
    {PRESENCE, STOX_TYPE_UNAVAILABLE, STOX_TO_NONE, STOX_OVER_CLIENT, STOX_RULE_BROADCAST},
    {PRESENCE, STOX_TYPE_SUBSCRIBE, STOX_TO_NONE, STOX_OVER_CLIENT, -STOX_COND_BAD_REQUEST},
    {PRESENCE, STOX_TYPE_ERROR, STOX_TO_NONE, STOX_OVER_CLIENT, STOX_RULE_DROP},
    {MESSAGE, STOX_TYPE_CHAT, STOX_TO_NONE, STOX_OVER_CLIENT, STOX_RULE_DELIVER_BEST},
    {MESSAGE, STOX_TYPE_CHAT, STOX_TO_NONE, STOX_OVER_PEER, STOX_RULE_CLOSE},
    /* "XC-10.2-01", "XC-10.2-02": another domain, never from server to server. */
    {MESSAGE, STOX_TYPE_CHAT, STOX_TO_REMOTE, STOX_OVER_CLIENT, STOX_RULE_ROUTE},
    {IQ, STOX_TYPE_ERROR, STOX_TO_REMOTE, STOX_OVER_COMPONENT, STOX_RULE_ROUTE},
    {PRESENCE, STOX_TYPE_PROBE, STOX_TO_SUBDOMAIN, STOX_OVER_CLIENT, STOX_RULE_ROUTE},
    {MESSAGE, STOX_TYPE_CHAT, STOX_TO_REMOTE, STOX_OVER_PEER, STOX_RULE_CLOSE},
    {MESSAGE, STOX_TYPE_CHAT, STOX_TO_SUBDOMAIN, STOX_OVER_PEER, STOX_RULE_CLOSE},
    /* "XC-10.3-01", "XC-10.4-01", "XC-3.2-02": services and the server itself. */
    {MESSAGE, STOX_TYPE_GROUPCHAT, STOX_TO_SERVICE, STOX_OVER_PEER, STOX_RULE_PASS},
    {MESSAGE, STOX_TYPE_ERROR, STOX_TO_SERVICE, STOX_OVER_CLIENT, STOX_RULE_PASS},
    {IQ, STOX_TYPE_GET, STOX_TO_DOMAIN, STOX_OVER_PEER, STOX_RULE_HANDLE_DOMAIN},
    {PRESENCE, STOX_TYPE_PROBE, STOX_TO_DOMAIN, STOX_OVER_CLIENT, STOX_RULE_HANDLE_DOMAIN},
    {MESSAGE, STOX_TYPE_NONE, STOX_TO_GONE, STOX_OVER_CLIENT, -STOX_COND_GONE},
    {MESSAGE, STOX_TYPE_ERROR, STOX_TO_GONE, STOX_OVER_CLIENT, STOX_RULE_DROP},
};

static void test_ways(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(ways); i++) {
    const stox_xmpp_facts facts = {.over = ways[i].over,
                                   .relation = ways[i].relation,
                                   .has_account = 1,
                                   .n_available = 1,
                                   .n_nonnegative = 1};
    const int got = decide(ways[i].kind, ways[i].type, &facts);
    if (got != ways[i].want) {
      fail_msg("row %zu: %d, not %d", i, got, ways[i].want);
    }
  }
  const stox_xmpp_facts alone = {
      .over = STOX_OVER_CLIENT, .relation = STOX_TO_REMOTE, .no_remote = 1};
  assert_int_equal(decide(MESSAGE, STOX_TYPE_CHAT, &alone), -STOX_COND_NOT_ALLOWED);
  assert_int_equal(decide(MESSAGE, STOX_TYPE_ERROR, &alone), STOX_RULE_DROP);
}

/* What nothing here understands is answered with service-unavailable, unless it is an answer. */
static void test_fallback(void **state) {
  (void)state;
  static const int relations[] = {STOX_TO_NONE, STOX_TO_DOMAIN, STOX_TO_BARE};
  for (size_t i = 0; i < COUNT(relations); i++) {
    stox_xmpp_verdict out;
    const stox_xmpp_facts facts = {
        .over = STOX_OVER_CLIENT, .relation = relations[i], .has_account = 1};
    stox_stanza iq = {.kind = IQ, .type = STOX_TYPE_SET};
    assert_status(stox_xmpp_decide(&out, &iq, &facts), STOX_OK);
    assert_int_equal(out.condition, STOX_COND_SERVICE_UNAVAILABLE);
    assert_int_equal(out.type, STOX_ERROR_CANCEL);
    iq.type = STOX_TYPE_RESULT;
    assert_status(stox_xmpp_decide(&out, &iq, &facts), STOX_OK);
    assert_int_equal(out.condition, STOX_COND_NONE);
  }
}

/* "XC-10.3-01", "XC-10.5-03" as the draft has them. */
static void test_draft(void **state) {
  (void)state;
  const stox_xmpp_facts gone = {.over = STOX_OVER_PEER,
                                .relation = STOX_TO_FULL,
                                .dialect = STOX_DIALECT_DRAFT2005,
                                .has_account = 1,
                                .n_available = 1,
                                .n_nonnegative = 1};
  assert_int_equal(decide(MESSAGE, STOX_TYPE_CHAT, &gone), E);
  assert_int_equal(decide(MESSAGE, STOX_TYPE_ERROR, &gone), STOX_RULE_DROP);
  const stox_xmpp_facts below = {
      .over = STOX_OVER_CLIENT, .relation = STOX_TO_SUBDOMAIN, .dialect = STOX_DIALECT_DRAFT2005};
  assert_int_equal(decide(MESSAGE, STOX_TYPE_CHAT, &below), -STOX_COND_ITEM_NOT_FOUND);
}

/* "XC-10.2-04", "XC-10.2-05" */
static void test_route_failed(void **state) {
  (void)state;
  stox_xmpp_verdict out;
  stox_stanza stanza = {.kind = MESSAGE, .type = STOX_TYPE_CHAT};
  stox_xmpp_route_failed(&out, &stanza, 0);
  assert_int_equal(out.action, STOX_RULE_BOUNCE);
  assert_int_equal(out.condition, STOX_COND_REMOTE_SERVER_NOT_FOUND);
  stox_xmpp_route_failed(&out, &stanza, 1);
  assert_int_equal(out.condition, STOX_COND_REMOTE_SERVER_TIMEOUT);
  assert_int_equal(out.type, STOX_ERROR_WAIT);
  stanza.type = STOX_TYPE_ERROR;
  stox_xmpp_route_failed(&out, &stanza, 1);
  assert_int_equal(out.action, STOX_RULE_DROP);
  assert_int_equal(out.may_answer, 0);
}

/* "XC-9.3.3-13", "XC-9.3.3-07" */
static void test_condition(void **state) {
  (void)state;
  for (int c = STOX_COND_BAD_REQUEST; c <= STOX_COND_PAYMENT_REQUIRED; c++) {
    const int tells = c == STOX_COND_GONE || c == STOX_COND_ITEM_NOT_FOUND ||
                      c == STOX_COND_RECIPIENT_UNAVAILABLE || c == STOX_COND_REDIRECT;
    assert_int_equal(stox_xmpp_condition(c, 1), c);
    assert_int_equal(stox_xmpp_condition(c, 0), tells ? STOX_COND_SERVICE_UNAVAILABLE : c);
  }
}

static void test_refused(void **state) {
  (void)state;
  stox_xmpp_verdict out;
  stox_stanza stanza = {.kind = MESSAGE};
  stox_xmpp_facts facts = {.over = STOX_OVER_CLIENT};
  assert_status(stox_xmpp_decide(&out, &stanza, &facts), STOX_E_ARG);
  facts.relation = STOX_TO_BARE;
  stanza.kind = 0;
  assert_status(stox_xmpp_decide(&out, &stanza, &facts), STOX_E_ARG);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table_1),      cmocka_unit_test(test_hiding),
      cmocka_unit_test(test_local),        cmocka_unit_test(test_ways),
      cmocka_unit_test(test_fallback),     cmocka_unit_test(test_draft),
      cmocka_unit_test(test_route_failed), cmocka_unit_test(test_condition),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
