/* SPDX-License-Identifier: MIT */
/* Where header fields stand: the tables of RFC 3261 20 as they are printed, and the extensions. */
#include "sip_messages.h"
#include "tables.h"

#include "stox/sip_where.h"

static const int columns[] = {STOX_SIP_ACK,    STOX_SIP_BYE,     STOX_SIP_CANCEL,
                              STOX_SIP_INVITE, STOX_SIP_OPTIONS, STOX_SIP_REGISTER};

static int is_in(stox_span where, int status) {
  while (where.n > 0) {
    const stox_span range = stox_span_slice(where, 0, stox_span_find(where, ' '));
    const int low = atoi(range.p);
    const int high = atoi(range.p + stox_span_find(range, '-') + 1);
    if (status >= low && status <= high) {
      return 1;
    }
    where = stox_span_slice(where, range.n + 1, where.n);
  }
  return 0;
}

/* What the printed rows say of one header field, method and status. */
static int printed(stox_span name, size_t column, int status) {
  table t;
  int may = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/3261", "where.tsv"), 1);
  while (table_next(&t)) {
    if (stox_span_is_equal(t.field[0], name) && is_in(t.field[1], status) &&
        !stox_span_is_equal(t.field[2 + column], S("-"))) {
      may = 1;
    }
  }
  table_free(&t);
  return may;
}

static void test_rfc3261(void **state) {
  (void)state;
  static const int statuses[] = {0,   100, 180, 183, 200, 202, 302, 400, 401, 404, 405, 407, 413,
                                 415, 420, 423, 480, 485, 486, 488, 500, 503, 504, 600, 603, 606};
  table t;
  size_t rows = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/3261", "where.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  for (; table_next(&t); rows++) {
    const int id = stox_sip_header_of(t.field[0]);
    assert_int_not_equal(id, STOX_SIP_OTHER);
    if (id == STOX_SIP_AUTHENTICATION_INFO || id == STOX_SIP_ALLOW || id == STOX_SIP_SUPPORTED) {
      continue; /* later documents let them stand in more places */
    }
    for (size_t i = 0; i < COUNT(columns) * COUNT(statuses); i++) {
      const int status = statuses[i / COUNT(columns)];
      const int may = printed(t.field[0], i % COUNT(columns), status);
      if (stox_sip_may_stand(id, columns[i % COUNT(columns)], status) != may) {
        fail_msg("%.*s in %d of %s", (int)t.field[0].n, t.field[0].p, status,
                 stox_sip_method_name(columns[i % COUNT(columns)]));
      }
    }
  }
  assert_int_equal(rows, 65);
  table_free(&t);
}

/* The symbol of a method in `INVITE=o ACK=- …`; absent if it is not there. */
static stox_span symbol_of(stox_span methods, stox_span method) {
  while (methods.n > 0) {
    const stox_span one = stox_span_slice(methods, 0, stox_span_find(methods, ' '));
    const size_t equal = stox_span_find(one, '=');
    if (stox_span_is_equal(stox_span_slice(one, 0, equal), method)) {
      return stox_span_slice(one, equal + 1, one.n);
    }
    methods = stox_span_slice(methods, one.n + 1, methods.n);
  }
  return (stox_span){NULL, 0};
}

static int rule_of(stox_span symbol) {
  static const char *const symbols[] = {"", "-", "o", "c", "m*", "t", "*", "m"};
  for (int i = 1; i < (int)COUNT(symbols); i++) {
    if (stox_span_is_equal(symbol, stox_span_text(symbols[i]))) {
      return i;
    }
  }
  fail();
  return 0;
}

/* The width of the range of a printed row that holds a status; -1 if there is none. */
static int width_at(stox_span where, int status) {
  while (where.n > 0) {
    const stox_span range = stox_span_slice(where, 0, stox_span_find(where, ' '));
    const int low = atoi(range.p);
    const int high = atoi(range.p + stox_span_find(range, '-') + 1);
    if (status >= low && status <= high) {
      return high - low;
    }
    where = stox_span_slice(where, range.n + 1, where.n);
  }
  return -1;
}

/* The printed rule of the narrowest row; STOX_SIP_UNSAID if none says anything. */
static int printed_rule(stox_span all, stox_span header, stox_span method, int status) {
  table t = {0};
  int rule = STOX_SIP_UNSAID;
  int least = 1000;
  for (t.left = all; table_next(&t);) {
    const stox_span symbol = symbol_of(t.field[4], method);
    const int width = width_at(t.field[2], status);
    if (stox_span_is_equal(t.field[1], header) && symbol.p != NULL && width >= 0 && width < least) {
      least = width;
      rule = rule_of(symbol);
    }
  }
  return rule;
}

/* Each printed row of each document, in each of its methods. */
static void test_printed(void **state) {
  (void)state;
  static const int statuses[] = {0,   100, 180, 183, 200, 302, 400, 401, 405, 407, 413, 415,
                                 417, 420, 421, 422, 423, 480, 485, 489, 494, 500, 600, 699};
  table t;
  size_t checked = 0;
  assert_int_equal(table_open(&t, STOX_TEST_VECTORS "/3261", "where-extensions.tsv"), 1);
  assert_int_equal(table_next(&t), 1);
  const stox_span all = t.left;
  while (table_next(&t)) {
    const int id = stox_sip_header_of(t.field[1]);
    assert_int_not_equal(id, STOX_SIP_OTHER);
    for (size_t i = 0; i < COUNT(statuses) * STOX_SIP_INFO; i++) {
      const int status = statuses[i / STOX_SIP_INFO];
      const int method_id = STOX_SIP_INVITE + (int)(i % STOX_SIP_INFO);
      const stox_span method = stox_span_text(stox_sip_method_name(method_id));
      if (width_at(t.field[2], status) < 0 || symbol_of(t.field[4], method).p == NULL) {
        continue;
      }
      checked++;
      if (stox_sip_header_rule(id, method_id, status) !=
          printed_rule(all, t.field[1], method, status)) {
        fail_msg("%.*s: %.*s in %d of %.*s", (int)t.field[0].n, t.field[0].p, (int)t.field[1].n,
                 t.field[1].p, status, (int)method.n, method.p);
      }
    }
  }
  assert_true(checked > 4000);
  table_free(&t);
}

static void test_proxies(void **state) {
  (void)state;
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_MAX_FORWARDS, 0),
                   STOX_SIP_PROXY_ADDS | STOX_SIP_PROXY_MODIFIES | STOX_SIP_PROXY_READS);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_MAX_FORWARDS, 200), 0);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_VIA, 200),
                   STOX_SIP_PROXY_DELETES | STOX_SIP_PROXY_READS);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_CONTACT, 302), STOX_SIP_PROXY_DELETES);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_RECORD_ROUTE, 183),
                   STOX_SIP_PROXY_MODIFIES | STOX_SIP_PROXY_READS);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_SUBJECT, 0), 0);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_OTHER, 0), 0);
  assert_int_equal(stox_sip_proxy_rule(STOX_SIP_ANONYMOUS_TO + 1, 0), 0);
}

static void test_missing(void **state) {
  (void)state;
  parsed p;
  int id = 0;
  parse_good(&p, S(LINE ROUTING "Content-Length: 2\r\n\r\nab"));
  const int method_id = stox_sip_method_id(p.message);
  assert_int_equal(stox_sip_header_rule(STOX_SIP_MAX_FORWARDS, method_id, 0), STOX_SIP_MANDATORY);
  assert_status(stox_sip_next_missing(&id, p.message), STOX_OK);
  assert_int_equal(id, STOX_SIP_CONTENT_TYPE);
  assert_status(stox_sip_next_missing(&id, p.message), STOX_OK);
  assert_int_equal(id, STOX_SIP_MAX_FORWARDS);
  assert_status(stox_sip_next_missing(&id, p.message), STOX_E_NONE);
  assert_int_equal(id, STOX_SIP_MAX_FORWARDS);
  parsed_free(&p);
  id = 0;
  parse_good(&p, S("SIP/2.0 407 No\r\n" ROUTING "\r\n"));
  assert_status(stox_sip_next_missing(&id, p.message), STOX_OK);
  assert_int_equal(id, STOX_SIP_PROXY_AUTHENTICATE);
  assert_status(stox_sip_next_missing(&id, p.message), STOX_E_NONE);
  parsed_free(&p);
}

/* The methods of which a header field may stand in a message of that status, all others barred. */
static void test_extensions(void **state) {
  (void)state;
  enum { ALL = (2 << STOX_SIP_INFO) - 2, NONE = 0 };
#define IN(method) (1 << STOX_SIP_##method)
  static const struct {
    int id;
    int status;
    int methods;
  } rows[] = {
      {STOX_SIP_REFER_TO, 0, IN(REFER)},
      {STOX_SIP_REFER_TO, 200, NONE},
      {STOX_SIP_REPLACES, 0, IN(INVITE)},
      {STOX_SIP_JOIN, 0, IN(INVITE)},
      {STOX_SIP_PATH, 0, IN(REGISTER)},
      {STOX_SIP_PATH, 200, IN(REGISTER)},
      {STOX_SIP_PATH, 400, NONE},
      {STOX_SIP_SERVICE_ROUTE, 0, NONE},
      {STOX_SIP_SERVICE_ROUTE, 200, IN(REGISTER)},
      {STOX_SIP_RACK, 0, IN(PRACK)},
      {STOX_SIP_RSEQ, 183, IN(INVITE)},
      {STOX_SIP_RSEQ, 200, NONE},
      {STOX_SIP_SIP_ETAG, 200, IN(PUBLISH)},
      {STOX_SIP_SIP_IF_MATCH, 0, IN(PUBLISH)},
      {STOX_SIP_SESSION_EXPIRES, 0, IN(INVITE) | IN(UPDATE)},
      {STOX_SIP_SESSION_EXPIRES, 200, IN(INVITE) | IN(UPDATE)},
      {STOX_SIP_MIN_SE, 422, IN(INVITE) | IN(UPDATE)},
      {STOX_SIP_MIN_SE, 200, NONE},
      {STOX_SIP_EVENT, 0, IN(SUBSCRIBE) | IN(NOTIFY) | IN(PUBLISH)},
      {STOX_SIP_SUBSCRIPTION_STATE, 0, IN(NOTIFY)},
      {STOX_SIP_REQUEST_DISPOSITION, 0, ALL},
      {STOX_SIP_REQUEST_DISPOSITION, 200, NONE},
      {STOX_SIP_RESOURCE_PRIORITY, 0, ALL},
      {STOX_SIP_ACCEPT_RESOURCE_PRIORITY, 417, ALL - IN(ACK)},
      {STOX_SIP_ACCEPT_CONTACT, 0, ALL - IN(REGISTER)},
      {STOX_SIP_REJECT_CONTACT, 0, ALL - IN(REGISTER)},
      {STOX_SIP_SECURITY_SERVER, 494, ALL - IN(ACK) - IN(CANCEL) - IN(PRACK)},
      {STOX_SIP_SECURITY_CLIENT, 494, IN(PUBLISH) | IN(REFER)},
      {STOX_SIP_IDENTITY, 0, ALL - IN(CANCEL)},
      {STOX_SIP_TO, 0, ALL},
      {STOX_SIP_USER_TO_USER, 200, ALL},
      {STOX_SIP_OTHER, 200, ALL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (int method = STOX_SIP_INVITE; method <= STOX_SIP_INFO; method++) {
      if (stox_sip_may_stand(rows[i].id, method, rows[i].status) !=
          ((rows[i].methods >> method) & 1)) {
        fail_msg("row %zu: %s", i, stox_sip_method_name(method));
      }
    }
    assert_int_equal(stox_sip_may_stand(rows[i].id, STOX_SIP_METHOD_OTHER, rows[i].status), 1);
  }
  assert_int_equal(stox_sip_may_stand(STOX_SIP_REFER_TO, STOX_SIP_INFO + 1, 0), 1);
  assert_int_equal(stox_sip_may_stand(STOX_SIP_REFER_TO, -1, 0), 1);
}

static void test_misplaced(void **state) {
  (void)state;
  parsed p;
  size_t index = 99;
  parse_good(&p, S(LINE ROUTING HOPS "Refer-To: <sip:a@b>\r\nX-Y: 1\r\nRSeq: 1\r\n\r\n"));
  assert_status(stox_sip_next_misplaced(&index, p.message, 0), STOX_OK);
  assert_int_equal(index, 6);
  assert_status(stox_sip_next_misplaced(&index, p.message, 7), STOX_OK);
  assert_int_equal(index, 8);
  assert_status(stox_sip_next_misplaced(&index, p.message, 9), STOX_E_NONE);
  parsed_free(&p);
  parse_good(&p, S("SIP/2.0 200 OK\r\n" ROUTING "Warning: 399 h \"x\"\r\n\r\n"));
  assert_status(stox_sip_next_misplaced(&index, p.message, 0), STOX_E_NONE);
  parsed_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rfc3261),   cmocka_unit_test(test_extensions),
      cmocka_unit_test(test_misplaced), cmocka_unit_test(test_printed),
      cmocka_unit_test(test_proxies),   cmocka_unit_test(test_missing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
