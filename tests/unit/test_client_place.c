/* SPDX-License-Identifier: MIT */
#include "c2s_support.h"
#include "resolver.h"

/* A client that is told a domain alone: questions, places in their order, fail-over. */

enum { A = STOX_RECORD_A, AAAA = STOX_RECORD_AAAA };

static const zone_record zone[] = {
    SRV("_xmpp-client._tcp.example.com", 10, 0, 5222, "a.example.com"),
    SRV("_xmpp-client._tcp.example.com", 30, 0, 5333, "b.example.com"),
    SRV("_xmpps-client._tcp.example.com", 20, 0, 5223, "a.example.com"),
    ADDRESS("a.example.com", A, "192.0.2.1"),
    ADDRESS("a.example.com", AAAA, "2001:db8::1"),
    ADDRESS("b.example.com", A, "192.0.2.2"),
    SRV("_xmpp-client._tcp.example.net", 0, 0, 0, ""),
    ADDRESS("example.org", A, "192.0.2.3"),
};

/* A host with a resolver and a network in which so many attempts fail. */
typedef struct world {
  pair c;
  resolver resolver;
  size_t fails;
  int failure;       /* their status */
  int is_deaf;       /* the network does not answer at all */
  uint64_t open;     /* token of the last OPEN */
  char tried[256];   /* host:port and `!` for TLS, with blanks between */
  size_t n_resolved; /* answers given */
} world;

static world w;

static void world_init(const char *domain) {
  memset(&w, 0, sizeof w);
  pair_init(&w.c);
  w.resolver = (resolver){.zone = zone, .n = COUNT(zone)};
  w.failure = STOX_E_REFUSED;
  w.c.client.stream_options.to = stox_span_text(domain);
}

static int answer(const stox_action *a) {
  stox_record records[STOX_RECORDS_MAX];
  const stox_question *question = a->object;
  const size_t n = resolve(&w.resolver, records, question);
  const int is_failed = (int)++w.n_resolved == w.resolver.fail_at;
  return stox_client_resolved(w.c.client.client, a->token, is_failed ? STOX_E_REFUSED : STOX_OK,
                              records, is_failed ? 0 : n, w.c.client.now_ns);
}

static void try_to_open(const stox_action *a) {
  const int is_tls = a->remote.transport == STOX_TRANSPORT_TLS;
  const size_t at = strlen(w.tried);
  party *p = &w.c.client;
  assert_int_equal(is_tls, a->object != NULL);
  (void)snprintf(w.tried + at, sizeof w.tried - at, "%s%.*s:%u%s", at == 0 ? "" : " ",
                 (int)a->remote.host.n, a->remote.host.p, a->remote.port, is_tls ? "!" : "");
  w.open = a->token;
  if (w.is_deaf) {
    return;
  }
  const int status = w.fails > 0 ? w.failure : STOX_OK;
  w.fails -= w.fails > 0;
  p->flow.peer = is_tls ? &w.c.peer : NULL;
  assert_status(stox_client_done(p->client, a->token, status, &p->flow, p->now_ns), STOX_OK);
}

static void pull(void) {
  const stox_action *a = NULL;
  party *p = &w.c.client;
  size_t steps = 0;
  while ((a = stox_client_next(p->client, p->now_ns)) != NULL) {
    assert_true(steps++ < 1000);
    if (a->kind == STOX_DO_RESOLVE) {
      assert_status(answer(a), STOX_OK);
    } else if (a->kind == STOX_DO_OPEN) {
      try_to_open(a);
    } else {
      party_act(p, a);
    }
  }
}

static void start(void) {
  assert_status(stox_client_new(&w.c.client.client, &w.c.client_options, NULL, 0), STOX_OK);
  pull();
}

typedef struct trial {
  const char *domain;
  int tls;
  int families;
  size_t fails;
  const char *tried;
  int status; /* STOX_OK: a stream stands */
} trial;

/* In the order of SRV with direct TLS mixed in, both families of each, then the next; what a domain
 * says it has not is not looked for elsewhere: "XC-2.3-02" "XC-14.3-02" "XC-14.3-03". */
static void test_order(void **state) {
  (void)state;
  enum { BOTH = STOX_ATTEMPT_IP4 | STOX_ATTEMPT_IP6, FOUR = STOX_ATTEMPT_IP4 };
  static const trial rows[] = {
      {"example.com", 0, BOTH, 0, "2001:db8::1:5222", STOX_OK},
      {"example.com", 0, FOUR, 0, "192.0.2.1:5222", STOX_OK},
      {"example.com", 0, BOTH, 2, "2001:db8::1:5222 192.0.2.1:5222 2001:db8::1:5223!", STOX_OK},
      {"example.com", 0, BOTH, 4,
       "2001:db8::1:5222 192.0.2.1:5222 2001:db8::1:5223! 192.0.2.1:5223! 192.0.2.2:5333", STOX_OK},
      {"example.com", 0, FOUR, 9, "192.0.2.1:5222 192.0.2.1:5223! 192.0.2.2:5333", STOX_E_REFUSED},
      {"example.com", STOX_CLIENT_TLS_NONE, FOUR, 9, "192.0.2.1:5222 192.0.2.2:5333",
       STOX_E_REFUSED},
      {"example.net", 0, BOTH, 0, "", STOX_E_UNKNOWN_DOMAIN},
      {"example.org", 0, BOTH, 0, "192.0.2.3:5222", STOX_OK},
      {"nowhere.example", 0, BOTH, 0, "", STOX_E_UNKNOWN_DOMAIN},
      {"192.0.2.9", 0, BOTH, 0, "192.0.2.9:5222", STOX_OK},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world_init(rows[i].domain);
    w.c.client_options.tls = rows[i].tls;
    w.c.client_options.families = rows[i].families;
    w.fails = rows[i].fails;
    start();
    assert_string_equal(w.tried, rows[i].tried);
    if (rows[i].status == STOX_OK) {
      assert_non_null(stox_client_stream(w.c.client.client));
      assert_non_null(strstr(w.c.client.sent, "<stream:stream"));
      assert_int_equal(stox_client_deadline(w.c.client.client), 30 * SECOND);
    } else {
      assert_string_equal(w.c.client.log, "Z");
      assert_status(w.c.client.status, rows[i].status);
      assert_int_equal(stox_client_deadline(w.c.client.client), UINT64_MAX);
    }
    pair_free(&w.c);
  }
}

/* A server whose certificate does not prove the domain is one that cannot be reached, too. */
static void test_next_after_tls(void **state) {
  (void)state;
  world_init("example.com");
  w.c.client_options.families = STOX_ATTEMPT_IP4;
  w.fails = 2;
  w.failure = STOX_E_AUTH;
  start();
  assert_string_equal(w.tried, "192.0.2.1:5222 192.0.2.1:5223! 192.0.2.2:5333");
  assert_non_null(stox_client_stream(w.c.client.client));
  pair_free(&w.c);
}

/* Nobody answers a question, whichever it is: each search ends. */
static void test_unanswered(void **state) {
  (void)state;
  for (int at = 1; at <= 6; at++) {
    world_init("example.com");
    w.resolver.fail_at = at;
    w.fails = 9;
    start();
    assert_string_equal(w.c.client.log, "Z");
    assert_int_not_equal(w.c.client.status, STOX_OK);
    pair_free(&w.c);
  }
}

/* Neither resolver nor network answers in time: the next, as long as there is one. What comes then
 * comes too late: a flow is closed, an answer forgotten. */
static void test_time(void **state) {
  (void)state;
  static const uint64_t seconds[] = {10, 20, 30};
  world_init("example.com");
  w.c.client_options.families = STOX_ATTEMPT_IP4;
  w.is_deaf = 1;
  start();
  const uint64_t first = w.open;
  for (size_t i = 0; i < COUNT(seconds); i++) {
    w.c.client.now_ns = seconds[i] * SECOND;
    assert_int_equal(stox_client_deadline(w.c.client.client), w.c.client.now_ns);
    assert_status(stox_client_tick(w.c.client.client, w.c.client.now_ns - 1), STOX_OK);
    assert_status(stox_client_tick(w.c.client.client, w.c.client.now_ns), STOX_OK);
    pull();
  }
  assert_string_equal(w.tried, "192.0.2.1:5222 192.0.2.1:5223! 192.0.2.2:5333");
  assert_string_equal(w.c.client.log, "Z");
  assert_status(w.c.client.status, STOX_E_TIMEOUT);
  assert_status(stox_client_done(w.c.client.client, first, STOX_OK, &w.c.client.flow, 0), STOX_OK);
  pull();
  assert_string_equal(w.c.client.log, "ZC");
  pair_free(&w.c);

  world_init("example.com");
  assert_status(stox_client_new(&w.c.client.client, &w.c.client_options, NULL, 0), STOX_OK);
  const stox_action *a = stox_client_next(w.c.client.client, 0);
  assert_int_equal(a->kind, STOX_DO_RESOLVE);
  const uint64_t token = a->token;
  assert_null(stox_client_next(w.c.client.client, 0));
  assert_int_equal(stox_client_deadline(w.c.client.client), 5 * SECOND);
  for (w.c.client.now_ns = 5 * SECOND; w.c.client.n_log == 0; w.c.client.now_ns += 5 * SECOND) {
    assert_true(w.c.client.now_ns < 100 * SECOND);
    assert_status(stox_client_tick(w.c.client.client, w.c.client.now_ns), STOX_OK);
    while ((a = stox_client_next(w.c.client.client, w.c.client.now_ns)) != NULL) {
      if (a->kind == STOX_DO_EVENT) {
        party_act(&w.c.client, a);
      }
    }
  }
  assert_status(stox_client_resolved(w.c.client.client, token, STOX_OK, NULL, 0, 0), STOX_OK);
  assert_status(stox_client_resolved(w.c.client.client, 7, STOX_OK, NULL, 0, 0), STOX_E_STATE);
  assert_string_equal(w.c.client.log, "Z");
  pair_free(&w.c);
}

#define ELSEWHERE(address)                                                                         \
  ANSWER "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" address      \
         "</see-other-host></stream:error></stream:stream>"

/* The server sends elsewhere: there, by the same rules, and asking for the same domain; not where
 * that is no place, nor for ever. */
static void test_redirect(void **state) {
  (void)state;
  static const struct {
    const char *said;
    const char *tried;
    int status; /* of the end; STOX_OK: a stream stands */
  } rows[] = {
      {ELSEWHERE("192.0.2.7"), "192.0.2.1:5222 192.0.2.7:5222", STOX_OK},
      {ELSEWHERE("192.0.2.7:80"), "192.0.2.1:5222 192.0.2.7:80", STOX_OK},
      {ELSEWHERE("b.example.com"), "192.0.2.1:5222 192.0.2.2:5222", STOX_OK},
      {ELSEWHERE("nowhere.example"), "192.0.2.1:5222", STOX_E_UNKNOWN_DOMAIN},
      {ELSEWHERE("a b"), "192.0.2.1:5222", STOX_E_REFUSED},
      {ELSEWHERE("192.0.2.7:x"), "192.0.2.1:5222", STOX_E_REFUSED},
      {ELSEWHERE(""), "192.0.2.1:5222", STOX_E_REFUSED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    world_init("example.com");
    w.c.client_options.families = STOX_ATTEMPT_IP4;
    start();
    party *p = &w.c.client;
    (void)party_said(p);
    assert_status(stox_client_feed(p->client, &p->flow, stox_span_text(rows[i].said), 0), STOX_OK);
    pull();
    assert_string_equal(w.tried, rows[i].tried);
    assert_string_equal(p->log, rows[i].status == STOX_OK ? "XC" : "XCZ");
    assert_int_equal(p->condition, STOX_STREAM_SEE_OTHER_HOST);
    assert_status(p->status, rows[i].status);
    if (rows[i].status == STOX_OK) {
      assert_non_null(strstr(party_said(p), "</stream:stream><?xml version='1.0'?>"));
      assert_non_null(strstr(p->sent, "to='example.com'"));
    }
    pair_free(&w.c);
  }
}

static void test_redirect_limit(void **state) {
  (void)state;
  world_init("example.com");
  w.c.client_options.families = STOX_ATTEMPT_IP4;
  party *p = &w.c.client;
  start();
  for (int i = 0; i < 4; i++) {
    assert_status(stox_client_feed(p->client, &p->flow, stox_span_text(ELSEWHERE("192.0.2.7")), 0),
                  STOX_OK);
    pull();
  }
  assert_string_equal(w.tried, "192.0.2.1:5222 192.0.2.7:5222 192.0.2.7:5222 192.0.2.7:5222");
  assert_string_equal(p->log, "XCXCXCXCZ");
  assert_status(p->status, STOX_E_REFUSED);
  pair_free(&w.c);
}

/* Who has closed goes nowhere any more; who was given a flow opens none. */
static void test_not_redirected(void **state) {
  (void)state;
  party *p = &w.c.client;
  world_init("example.com");
  w.c.client_options.families = STOX_ATTEMPT_IP4;
  start();
  assert_status(stox_client_feed(p->client, &p->flow, stox_span_text(ELSEWHERE("192.0.2.7")), 0),
                STOX_OK);
  while (strchr(p->log, 'X') == NULL) {
    party_act(p, stox_client_next(p->client, 0));
  }
  assert_status(stox_client_close(p->client, 0), STOX_OK);
  pull();
  assert_string_equal(w.tried, "192.0.2.1:5222");
  assert_string_equal(p->log, "XCZ");
  pair_free(&w.c);

  world_init("example.com");
  assert_status(stox_client_new(&p->client, &w.c.client_options, &p->flow, 0), STOX_OK);
  party_say(p, ELSEWHERE("192.0.2.7"));
  assert_string_equal(p->log, "XCZ");
  pair_free(&w.c);
}

/* Closed while it looks: nothing more is asked. */
static void test_closed(void **state) {
  (void)state;
  world_init("example.com");
  assert_status(stox_client_new(&w.c.client.client, &w.c.client_options, NULL, 0), STOX_OK);
  assert_status(stox_client_close(w.c.client.client, 0), STOX_OK);
  pull();
  assert_string_equal(w.c.client.log, "Z");
  assert_status(w.c.client.status, STOX_OK);
  assert_int_equal(w.n_resolved, 0);
  pair_free(&w.c);
}

/* Lack of memory ends it, wherever it strikes. */
static void test_memory(void **state) {
  (void)state;
  size_t n = 1;
  for (size_t at = 0; at <= n; at++) {
    world_init("example.com");
    w.fails = 3;
    w.c.client.memory.fail_at = at;
    const int status = stox_client_new(&w.c.client.client, &w.c.client_options, NULL, 0);
    if (status == STOX_OK) {
      pull();
      assert_true(w.c.client.n_log > 0 || stox_client_stream(w.c.client.client) != NULL);
    } else {
      assert_status(status, STOX_E_NOMEM);
    }
    n = at == 0 ? w.c.client.memory.calls : n;
    pair_free(&w.c);
  }
  assert_true(n > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_order),          cmocka_unit_test(test_next_after_tls),
      cmocka_unit_test(test_unanswered),     cmocka_unit_test(test_time),
      cmocka_unit_test(test_closed),         cmocka_unit_test(test_redirect),
      cmocka_unit_test(test_not_redirected), cmocka_unit_test(test_redirect_limit),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
