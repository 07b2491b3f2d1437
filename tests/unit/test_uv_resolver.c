/* SPDX-License-Identifier: MIT */
#include "uv_support.h"

#include "dns_server.h"
#include "resolver.h"

#include "stox/uv_resolver.h"

/* What came of a question. */
typedef struct outcome {
  uint64_t id;
  int count; /* how often it was answered */
  int status;
  size_t n;
  stox_record first;
  char target[64];
} outcome;

typedef struct fixture {
  uv_loop_t loop;
  dns_server server;
  char servers[32];
  failing memory;
  stox_allocator alloc;
  stox_uv_resolver_options options;
  stox_uv_resolver *resolver;
} fixture;

static int is(const char *name, const char *want) {
  return strcmp(name, want) == 0;
}

static void write_srv(dns_server *s, const char *name) {
  dns_front(&s->out, 0, name, DNS_SRV);
  dns_srv(&s->out, "@12", 300, 5269, "im.example");
  dns_srv(&s->out, "@12", 200, 5270, "im2.example");
}

static void answer_srv(dns_server *s, const char *name, int how) {
  write_srv(s, name);
  dns_reply(s, how);
}

static void answer_naptr(dns_server *s, const char *name, int how) {
  dns_front(&s->out, 0, name, DNS_NAPTR);
  const size_t at = dns_record(&s->out, 0, "@12", DNS_NAPTR, 60);
  dns_u16(&s->out, 10);
  dns_u16(&s->out, 50);
  dns_text(&s->out, "s");
  dns_text(&s->out, "SIP+D2U");
  dns_text(&s->out, "");
  dns_name(&s->out, "_sip._udp@12");
  dns_close(&s->out, at);
  dns_reply(s, how);
}

static void answer_aaaa(dns_server *s, const char *name, int how) {
  dns_front(&s->out, 0, name, DNS_AAAA);
  const size_t at = dns_record(&s->out, 0, "@12", DNS_AAAA, 60);
  dns_u32(&s->out, 0x20010db8);
  dns_u32(&s->out, 0);
  dns_u32(&s->out, 0);
  dns_u32(&s->out, 7);
  dns_close(&s->out, at);
  dns_reply(s, how);
}

static void answer_a(dns_server *s, const char *name, int how) {
  dns_front(&s->out, 0, name, DNS_A);
  dns_a(&s->out, "@12", 60, 0xC0000201);
  dns_reply(s, how);
}

static void answer_code(dns_server *s, const char *name, unsigned type, unsigned flags, int how) {
  dns_front(&s->out, flags, name, type);
  dns_soa(&s->out, "example", 60, 60);
  dns_reply(s, how);
}

static void answer_alias(dns_server *s, const char *name, int how) {
  dns_front(&s->out, 0, name, DNS_A);
  dns_cname(&s->out, "@12", 60, "one.example");
  dns_cname(&s->out, "one.example", 60, "two.example");
  dns_a(&s->out, "two.example", 60, 0xC0000202);
  dns_reply(s, how);
}

/* Answers that a stranger sends first. */
static void answer_forged(dns_server *s, const char *name, int how) {
  dns_front(&s->out, 0, name, DNS_A);
  dns_a(&s->out, "@12", 60, 0x06060606);
  s->out.p[0] ^= 0x55; /* another id */
  dns_reply(s, how);
  dns_front(&s->out, 0, "other.example", DNS_A);
  dns_a(&s->out, "@12", 60, 0x06060606);
  dns_reply(s, how);
  answer_a(s, name, how);
}

static void answer_cut(dns_server *s, const char *name, int how) {
  if (how == DNS_FROM_TCP) {
    answer_a(s, name, how);
  } else {
    answer_code(s, name, DNS_A, 0x0200, how);
  }
}

static void answer_circle(dns_server *s, const char *name, int how) {
  dns_front(&s->out, 0, name, DNS_SRV);
  char target[16];
  const size_t at = dns_record(&s->out, 0, "@12", DNS_SRV, 60);
  dns_u16(&s->out, 0);
  dns_u16(&s->out, 0);
  dns_u16(&s->out, 5269);
  (void)snprintf(target, sizeof target, "a@%zu", s->out.n);
  dns_name(&s->out, target);
  dns_close(&s->out, at);
  dns_reply(s, how);
}

static void answer_stub(dns_server *s, const char *name, int how) {
  write_srv(s, name);
  s->out.n -= 9;
  dns_reply(s, how);
}

static void answer(dns_server *s, const char *name, unsigned type, int how) {
  if (is(name, "srv.example")) {
    answer_srv(s, name, how);
  } else if (is(name, "naptr.example")) {
    answer_naptr(s, name, how);
  } else if (is(name, "aaaa.example")) {
    answer_aaaa(s, name, how);
  } else if (is(name, "a.example")) {
    answer_a(s, name, how);
  } else if (is(name, "nothing.example")) {
    answer_code(s, name, type, 3, how);
  } else if (is(name, "empty.example")) {
    answer_code(s, name, type, 0, how);
  } else if (is(name, "failing.example")) {
    answer_code(s, name, type, 2, how);
  } else if (is(name, "refusing.example")) {
    answer_code(s, name, type, 5, how);
  } else if (is(name, "alias.example")) {
    answer_alias(s, name, how);
  } else if (is(name, "forged.example")) {
    answer_forged(s, name, how);
  } else if (is(name, "cut.example")) {
    answer_cut(s, name, how);
  } else if (is(name, "always-cut.example")) {
    answer_code(s, name, type, 0x0200, how);
  } else if (is(name, "circle.example")) {
    answer_circle(s, name, how);
  } else if (is(name, "stub.example")) {
    answer_stub(s, name, how);
  }
  /* All others: silence. */
}

static void open_all(fixture *f) {
  memset(f, 0, sizeof *f);
  f->alloc = failing_allocator(&f->memory);
  assert_int_equal(uv_loop_init(&f->loop), 0);
  dns_server_open(&f->server, &f->loop, answer);
  (void)snprintf(f->servers, sizeof f->servers, "127.0.0.1:%u", f->server.port);
  assert_status(stox_uv_resolver_options_init(&f->options, sizeof f->options), STOX_OK);
  f->options.loop = &f->loop;
  f->options.alloc = &f->alloc;
  f->options.servers = stox_span_text(f->servers);
  f->options.try_timeout_ns = 100000000;
  f->options.timeout_ns = 2000000000;
}

static void open_resolver(fixture *f) {
  assert_status(stox_uv_resolver_new(&f->resolver, &f->options), STOX_OK);
}

static void close_all(fixture *f) {
  stox_uv_resolver_del(f->resolver);
  dns_server_close(&f->server, &f->loop);
  assert_int_equal(uv_loop_close(&f->loop), 0);
  assert_int_equal(f->memory.live, 0);
}

static void on_answer(void *ud, uint64_t id, int status, const stox_record *records, size_t n) {
  outcome *o = ud;
  assert_int_equal(id, o->id);
  o->count++;
  o->status = status;
  o->n = n;
  if (n > 0) {
    o->first = records[0];
    assert_true(records[0].target.n < sizeof o->target);
    memcpy(o->target, records[0].target.p, records[0].target.n);
    o->first.target = (stox_span){NULL, 0};
  }
}

/* Not UV_RUN_ONCE: after its timers it may wait for sockets for ever. */
static void turn(fixture *f) {
  if (uv_run(&f->loop, UV_RUN_NOWAIT) != 0) {
    (void)usleep(200);
  }
}

static void turn_until(fixture *f, const int *flag) {
  const uint64_t start = uv_hrtime();
  while (*flag == 0) {
    turn(f);
    assert_true(uv_hrtime() - start < UINT64_C(10000000000));
  }
}

static outcome ask(fixture *f, const char *name, int type) {
  outcome o = {0};
  const stox_question question = {type, stox_span_text(name)};
  assert_status(stox_uv_resolver_ask(f->resolver, &question, on_answer, &o, &o.id), STOX_OK);
  assert_int_not_equal(o.id, 0);
  assert_int_equal(o.count, 0);
  turn_until(f, &o.count);
  assert_int_equal(o.count, 1);
  return o;
}

/* ---- answers ---- */

typedef struct row {
  const char *name;
  int type;
  int status;
  size_t n;
  const char *target;
} row;

static const row rows[] = {
    {"srv.example", DNS_SRV, STOX_OK, 2, "im.example"},
    {"naptr.example", DNS_NAPTR, STOX_OK, 1, "_sip._udp.naptr.example"},
    {"a.example", DNS_A, STOX_OK, 1, "192.0.2.1"},
    {"aaaa.example", DNS_AAAA, STOX_OK, 1, "2001:db8::7"},
    {"nothing.example", DNS_SRV, STOX_OK, 0, NULL},
    {"empty.example", DNS_A, STOX_OK, 0, NULL},
    {"alias.example", DNS_A, STOX_OK, 1, "192.0.2.2"},
    {"forged.example", DNS_A, STOX_OK, 1, "192.0.2.1"},
    {"cut.example", DNS_A, STOX_OK, 1, "192.0.2.1"},
    {"always-cut.example", DNS_A, STOX_E_SYNTAX, 0, NULL},
    {"failing.example", DNS_A, STOX_E_REFUSED, 0, NULL},
    {"refusing.example", DNS_A, STOX_E_REFUSED, 0, NULL},
    {"circle.example", DNS_SRV, STOX_E_SYNTAX, 0, NULL},
    {"stub.example", DNS_SRV, STOX_E_SYNTAX, 0, NULL},
    {"silent.example", DNS_SRV, STOX_E_TIMEOUT, 0, NULL},
};

static void answers(void **state) {
  (void)state;
  fixture f;
  open_all(&f);
  open_resolver(&f);
  for (size_t i = 0; i < COUNT(rows); i++) {
    const outcome o = ask(&f, rows[i].name, rows[i].type);
    if (o.status != rows[i].status || o.n != rows[i].n) {
      fail_msg("%s: %s, %zu records", rows[i].name, stox_status_name(o.status), o.n);
    }
    assert_true(o.n == 0 || is(o.target, rows[i].target));
    assert_true(o.n == 0 || o.first.type == rows[i].type);
  }
  const outcome o = ask(&f, "srv.example", DNS_SRV);
  assert_int_equal(o.first.ttl, 300);
  assert_int_equal(o.first.port, 5269);
  assert_int_equal(stox_uv_resolver_asked(f.resolver), COUNT(rows) + 1);
  assert_true(f.server.over_tcp >= 2);
  close_all(&f);
}

static void time_is_bounded(void **state) {
  (void)state;
  fixture f;
  open_all(&f);
  f.options.try_timeout_ns = 50000000;
  f.options.timeout_ns = 600000000;
  f.options.tries = 10;
  open_resolver(&f);
  const uint64_t start = uv_hrtime();
  assert_status(ask(&f, "silent.example", DNS_A).status, STOX_E_TIMEOUT);
  const uint64_t took = uv_hrtime() - start;
  assert_true(took >= 590000000 && took < 8000000000);
  assert_true(f.server.questions >= 2);
  /* What was given up does not stand in the way of others. */
  assert_status(ask(&f, "a.example", DNS_A).status, STOX_OK);
  close_all(&f);
}

static void next_server(void **state) {
  (void)state;
  fixture f;
  char servers[64];
  open_all(&f);
  /* The first is a port where nobody listens. */
  (void)snprintf(servers, sizeof servers, "127.0.0.1:9, %s", f.servers);
  f.options.servers = stox_span_text(servers);
  open_resolver(&f);
  assert_status(ask(&f, "a.example", DNS_A).status, STOX_OK);
  close_all(&f);
}

static void cancelled(void **state) {
  (void)state;
  fixture f;
  outcome o[3] = {{0}};
  const stox_question silent = {DNS_A, S("silent.example")};
  const stox_question good = {DNS_A, S("a.example")};
  open_all(&f);
  f.options.max_open = 3;
  open_resolver(&f);
  for (size_t i = 0; i < 2; i++) {
    assert_status(stox_uv_resolver_ask(f.resolver, &silent, on_answer, &o[i], &o[i].id), STOX_OK);
  }
  assert_status(stox_uv_resolver_ask(f.resolver, &good, on_answer, &o[2], &o[2].id), STOX_OK);
  assert_status(stox_uv_resolver_ask(f.resolver, &good, on_answer, &o[2], NULL), STOX_E_FULL);
  /* Before it was sent, and after. */
  assert_status(stox_uv_resolver_cancel(f.resolver, o[0].id), STOX_OK);
  assert_status(stox_uv_resolver_cancel(f.resolver, o[0].id), STOX_E_NONE);
  turn_until(&f, &o[2].count);
  assert_status(stox_uv_resolver_cancel(f.resolver, o[1].id), STOX_OK);
  assert_status(stox_uv_resolver_cancel(f.resolver, o[1].id), STOX_E_NONE);
  assert_status(stox_uv_resolver_cancel(f.resolver, o[2].id), STOX_E_NONE);
  assert_status(ask(&f, "srv.example", DNS_SRV).status, STOX_OK);
  /* Deleted with questions open, one begun and one not. */
  assert_status(stox_uv_resolver_ask(f.resolver, &silent, on_answer, &o[0], &o[0].id), STOX_OK);
  turn(&f);
  assert_status(stox_uv_resolver_ask(f.resolver, &good, on_answer, &o[2], &o[2].id), STOX_OK);
  close_all(&f);
  assert_int_equal(o[0].count, 0);
  assert_int_equal(o[1].count, 0);
  assert_int_equal(o[2].count, 1);
}

/* Asks again from within an answer. */
static void on_first(void *ud, uint64_t id, int status, const stox_record *records, size_t n) {
  fixture *f = ud;
  static outcome second;
  const stox_question question = {DNS_AAAA, S("aaaa.example")};
  (void)id;
  (void)records;
  assert_status(status, STOX_OK);
  assert_int_equal(n, 1);
  second.count = 0;
  assert_status(stox_uv_resolver_ask(f->resolver, &question, on_answer, &second, &second.id),
                STOX_OK);
  assert_int_equal(second.count, 0);
  f->memory.fail_at = (size_t)(uintptr_t)&second;
}

static void asked_from_an_answer(void **state) {
  (void)state;
  fixture f;
  const stox_question question = {DNS_A, S("a.example")};
  open_all(&f);
  open_resolver(&f);
  assert_status(stox_uv_resolver_ask(f.resolver, &question, on_first, &f, NULL), STOX_OK);
  while (f.memory.fail_at == 0) {
    turn(&f);
  }
  outcome *second = (outcome *)(uintptr_t)f.memory.fail_at;
  f.memory.fail_at = 0;
  turn_until(&f, &second->count);
  assert_status(second->status, STOX_OK);
  close_all(&f);
}

/* ---- the cache ---- */

static void kept(void **state) {
  (void)state;
  static const char *const names[] = {"srv.example", "nothing.example", "silent.example"};
  static const size_t asked[] = {1, 1, 2};
  fixture f;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, test_fill};
  stox_answer_cache_options cache;
  open_all(&f);
  assert_status(stox_answer_cache_options_init(&cache, sizeof cache), STOX_OK);
  cache.random = &random;
  assert_status(stox_answer_cache_new(&f.options.cache, &cache), STOX_OK);
  f.options.timeout_ns = 700000000;
  open_resolver(&f);
  for (size_t i = 0; i < COUNT(names); i++) {
    const uint64_t before = stox_uv_resolver_asked(f.resolver);
    const outcome first = ask(&f, names[i], DNS_SRV);
    const outcome second = ask(&f, names[i], DNS_SRV);
    assert_int_equal(stox_uv_resolver_asked(f.resolver) - before, asked[i]);
    assert_int_equal(first.status, second.status);
    assert_int_equal(first.n, second.n);
    assert_int_equal(first.first.port, second.first.port);
  }
  close_all(&f);
  stox_answer_cache_del(f.options.cache);
}

/* ---- refusals ---- */

static void bad_options(void **state) {
  (void)state;
  static const struct {
    stox_span servers;
    int status;
  } lists[] = {
      {ROW("192.0.2.1"), STOX_OK},
      {ROW("192.0.2.1:5353, 2001:db8::1 ,[2001:db8::1],[::1]:1"), STOX_OK},
      {ROW("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8"), STOX_OK},
      {ROW("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9"),
       STOX_E_TOO_MANY},
      {ROW(""), STOX_E_BAD_HOST},
      {ROW("ns.example"), STOX_E_BAD_HOST},
      {ROW("192.0.2.1,"), STOX_E_BAD_HOST},
      {ROW("[192.0.2.1]"), STOX_E_BAD_HOST},
      {ROW("[::1"), STOX_E_BAD_HOST},
      {ROW("192.0.2.1:0"), STOX_E_BAD_PORT},
      {ROW("192.0.2.1:65536"), STOX_E_BAD_PORT},
      {ROW("192.0.2.1:"), STOX_E_BAD_PORT},
      {ROW("[::1]53"), STOX_E_BAD_PORT},
  };
  fixture f;
  open_all(&f);
  for (size_t i = 0; i < COUNT(lists); i++) {
    f.options.servers = lists[i].servers;
    assert_status(stox_uv_resolver_new(&f.resolver, &f.options), lists[i].status);
    stox_uv_resolver_del(lists[i].status == STOX_OK ? f.resolver : NULL);
  }
  f.options.servers = (stox_span){NULL, 0}; /* the system's */
  assert_status(stox_uv_resolver_new(&f.resolver, &f.options), STOX_OK);
  stox_uv_resolver_del(f.resolver);
  f.options.tries = 0;
  assert_status(stox_uv_resolver_new(&f.resolver, &f.options), STOX_E_ARG);
  f.options.tries = 1;
  f.options.try_timeout_ns = 999999;
  assert_status(stox_uv_resolver_new(&f.resolver, &f.options), STOX_E_ARG);
  assert_status(stox_uv_resolver_new(&f.resolver, NULL), STOX_E_ARG);
  f.resolver = NULL;
  close_all(&f);
}

static void bad_questions(void **state) {
  (void)state;
  fixture f;
  outcome o = {0};
  char wide[254];
  memset(wide, 'a', sizeof wide);
  const struct {
    stox_question question;
    int status;
  } bad[] = {
      {{DNS_A, {NULL, 0}}, STOX_E_BAD_DOMAIN},     {{DNS_A, S("a\\.b")}, STOX_E_BAD_DOMAIN},
      {{DNS_A, S("a\0b")}, STOX_E_BAD_DOMAIN},     {{DNS_A, S("a b")}, STOX_E_BAD_DOMAIN},
      {{DNS_A, {wide, 254}}, STOX_E_BAD_DOMAIN},   {{DNS_CNAME, S("a")}, STOX_E_UNSUPPORTED},
      {{DNS_A, S("\xC3\xBC")}, STOX_E_BAD_DOMAIN},
  };
  open_all(&f);
  open_resolver(&f);
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_status(stox_uv_resolver_ask(f.resolver, &bad[i].question, on_answer, &o, NULL),
                  bad[i].status);
  }
  assert_int_equal(o.count, 0);
  /* Names that DNS cannot carry fail, but from the loop. */
  assert_int_not_equal(ask(&f, "a..b", DNS_A).status, STOX_OK);
  wide[253] = '\0';
  assert_int_not_equal(ask(&f, wide, DNS_A).status, STOX_OK);
  close_all(&f);
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  for (size_t fail_at = 1; fail_at < 8; fail_at++) {
    fixture f;
    outcome o = {0};
    const stox_question question = {DNS_SRV, S("srv.example")};
    open_all(&f);
    f.options.timeout_ns = 1000000000;
    f.memory.fail_at = fail_at;
    if (stox_uv_resolver_new(&f.resolver, &f.options) == STOX_OK &&
        stox_uv_resolver_ask(f.resolver, &question, on_answer, &o, &o.id) == STOX_OK) {
      turn_until(&f, &o.count);
      assert_true(o.status == STOX_OK || o.n == 0);
    }
    close_all(&f);
  }
}

/* ---- an engine that asks ---- */

static void action(fake_engine *engine, const stox_question *question, uint64_t token) {
  engine->queue[engine->last++ % FAKE_ACTIONS] =
      (stox_action){.kind = STOX_DO_RESOLVE, .object = question, .token = token};
}

static void engine_asks(void **state) {
  (void)state;
  static const stox_question good = {DNS_SRV, ROW("srv.example")};
  static const stox_question bad = {DNS_SRV, ROW("a b")};
  static const stox_question silent = {DNS_SRV, ROW("silent.example")};
  fixture f;
  party p;
  open_all(&f);
  f.options.timeout_ns = 1000000000;
  open_resolver(&f);
  stox_uv_options options = party_options();
  options.loop = &f.loop;
  options.resolver = f.resolver;
  party_open(&p, &options);
  action(&p.engine, &good, 7);
  (void)stox_uv_kick(p.uv);
  RUN_UNTIL(&p, NULL, p.engine.n_resolved == 1);
  assert_int_equal(p.engine.resolved.token, 7);
  assert_status(p.engine.resolved.status, STOX_OK);
  assert_int_equal(p.engine.resolved.handle, 2);
  action(&p.engine, &bad, 8);
  (void)stox_uv_kick(p.uv);
  assert_int_equal(p.engine.n_resolved, 2);
  assert_status(p.engine.resolved.status, STOX_E_BAD_DOMAIN);
  action(&p.engine, &silent, 9);
  (void)stox_uv_kick(p.uv);
  RUN_UNTIL(&p, NULL, p.engine.n_resolved == 3);
  assert_status(p.engine.resolved.status, STOX_E_TIMEOUT);
  /* What is open when the transport goes is not answered. */
  action(&p.engine, &good, 10);
  action(&p.engine, &silent, 11);
  (void)stox_uv_kick(p.uv);
  stox_uv_del(p.uv);
  assert_int_equal(p.engine.n_resolved, 3);
  close_all(&f);
}

static void engine_without_resolver(void **state) {
  (void)state;
  static const stox_question good = {DNS_SRV, ROW("srv.example")};
  party p;
  party_open(&p, NULL);
  action(&p.engine, &good, 7);
  (void)stox_uv_kick(p.uv);
  assert_int_equal(p.engine.n_resolved, 1);
  assert_status(p.engine.resolved.status, STOX_E_UNSUPPORTED);
  stox_uv_del(p.uv);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers),
      cmocka_unit_test(time_is_bounded),
      cmocka_unit_test(next_server),
      cmocka_unit_test(cancelled),
      cmocka_unit_test(asked_from_an_answer),
      cmocka_unit_test(kept),
      cmocka_unit_test(bad_options),
      cmocka_unit_test(bad_questions),
      cmocka_unit_test(memory_runs_out_anywhere),
      cmocka_unit_test(engine_asks),
      cmocka_unit_test(engine_without_resolver),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
