/* SPDX-License-Identifier: MIT */
#include "ocsp_support.h"
#include "tls_support.h"

enum { BAD_STATUS_RESPONSE = 113 };

static tls_world world;
static stox_tls_context *only_12;

static int make_world(void **state) {
  stox_tls_context_options options;
  (void)state;
  tls_world_make(&world);
  assert_status(stox_tls_context_options_init(&options, sizeof options), STOX_OK);
  options.priorities = S("NORMAL:-VERS-ALL:+VERS-TLS1.2");
  assert_status(stox_tls_context_new(&only_12, stox_allocator_libc(), &options), STOX_OK);
  return 0;
}

static int free_world(void **state) {
  (void)state;
  stox_tls_context_free(only_12);
  tls_world_free(&world);
  return 0;
}

static void set_version(tls_pair *pair, int version) {
  if (version == STOX_TLS_1_2) {
    pair->client_options.context = only_12;
  }
}

/* A host that answers when it is ready. */
typedef struct host {
  int revoked;
  int decided;
  size_t asked;
} host;

static int revoked(void *ud, stox_span certificate, stox_span issuer) {
  host *h = ud;
  (void)certificate;
  (void)issuer;
  h->asked++;
  return h->revoked;
}

static int decide(void *ud, const stox_chain_verdict *verdict, const stox_span *chain, size_t n) {
  host *h = ud;
  (void)verdict;
  (void)chain;
  (void)n;
  h->asked++;
  return h->decided;
}

static void set_host(stox_chain_rules *rules, host *h) {
  rules->ud = h;
  rules->revoked = revoked;
  rules->decide = decide;
}

/* Waits at one end, whatever comes meanwhile, and goes on as the answer says. */
static void check_wait(int version, size_t chunk, int at_server, const host *later, int status) {
  tls_pair pair;
  host h = {STOX_E_MORE, STOX_E_NONE, 0};
  char room[8];
  size_t n;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  tls_pair_init(&pair, &world);
  pair.chunk = chunk;
  if (at_server) {
    pair.server_options.ask = STOX_TLS_ASK_REQUIRE;
  } else {
    set_version(&pair, version);
  }
  set_host(at_server ? &pair.server_rules : &pair.client_rules, &h);
  tls_pair_start(&pair);
  stox_tls *waiting = at_server ? pair.server : pair.client;
  assert_status(stox_tls_decide(waiting, TEST_NOW), STOX_E_STATE);
  tls_pair_pump(&pair);
  assert_status(pair.status[at_server], STOX_OK);
  assert_int_equal(stox_tls_is_undecided(waiting), 1);
  assert_int_equal(stox_tls_state(waiting), STOX_TLS_SHAKING);
  assert_null(stox_tls_peer(waiting));
  assert_status(stox_tls_read(waiting, room, sizeof room, &n), STOX_E_MORE);
  assert_status(stox_tls_write(waiting, &n, S("x")), STOX_E_STATE);
  assert_status(stox_tls_verdict(waiting, &verdict), STOX_OK);
  assert_status(verdict.status, STOX_E_MORE);
  assert_status(stox_tls_decide(waiting, TEST_NOW), STOX_OK); /* still no answer */
  assert_int_equal(stox_tls_is_undecided(waiting), 1);
  assert_int_equal(h.asked, 2);
  h = *later;
  assert_status(stox_tls_decide(waiting, TEST_NOW), status);
  assert_int_equal(stox_tls_is_undecided(waiting), 0);
  tls_pair_pump(&pair);
  if (status == STOX_OK) {
    assert_int_equal(stox_tls_state(pair.client), STOX_TLS_OPEN);
    assert_int_equal(stox_tls_state(pair.server), STOX_TLS_OPEN);
    assert_int_equal(stox_tls_peer(waiting)->verified, 1);
    tls_pair_say(&pair, pair.client, pair.server, S("there"));
    tls_pair_say(&pair, pair.server, pair.client, S("back"));
  } else {
    assert_int_equal(stox_tls_state(waiting), STOX_TLS_FAILED);
    assert_status(stox_tls_decide(waiting, TEST_NOW), status);
    if (!at_server) { /* a client of TLS 1.3 hears of it when it reads */
      assert_status(pair.status[1], STOX_E_REFUSED);
    }
  }
  tls_pair_free(&pair);
}

static void test_wait(void **state) {
  (void)state;
  static const struct {
    host later;
    int status;
  } rows[] = {{{STOX_OK, STOX_E_NONE, 0}, STOX_OK},
              {{STOX_E_NONE, STOX_E_NONE, 0}, STOX_OK},
              {{STOX_E_AUTH, STOX_E_NONE, 0}, STOX_E_AUTH},
              {{STOX_OK, STOX_E_AUTH, 0}, STOX_E_AUTH}};
  static const size_t chunks[] = {0, 1, 7};
  for (size_t i = 0; i < COUNT(rows); i++) {
    for (size_t c = 0; c < COUNT(chunks); c++) {
      check_wait(STOX_TLS_1_2, chunks[c], 0, &rows[i].later, rows[i].status);
      check_wait(STOX_TLS_1_3, chunks[c], 0, &rows[i].later, rows[i].status);
      check_wait(STOX_TLS_1_3, chunks[c], 1, &rows[i].later, rows[i].status);
    }
  }
}

/* "XC-14.2-06", "XC-14.2-10": a user approves what nobody vouches for; and may be late. */
static void test_approval(void **state) {
  (void)state;
  for (int late = 0; late < 2; late++) {
    for (int version = STOX_TLS_1_2; version <= STOX_TLS_1_3; version++) {
      tls_pair pair;
      host h = {STOX_E_NONE, late ? STOX_E_MORE : STOX_OK, 0};
      stox_chain_verdict verdict = {.size = sizeof verdict};
      tls_pair_init(&pair, &world);
      set_version(&pair, version);
      pair.server_options.context = world.self_context;
      set_host(&pair.client_rules, &h);
      pair.client_rules.reference = NULL; /* the callback is aim enough */
      tls_pair_start(&pair);
      tls_pair_pump(&pair);
      assert_int_equal(stox_tls_is_undecided(pair.client), late);
      if (late) {
        h.decided = STOX_OK;
        assert_status(stox_tls_decide(pair.client, TEST_NOW), STOX_OK);
        tls_pair_pump(&pair);
      }
      assert_int_equal(stox_tls_state(pair.client), STOX_TLS_OPEN);
      assert_int_equal(stox_tls_peer(pair.client)->verified, 1);
      assert_status(stox_tls_verdict(pair.client, &verdict), STOX_OK);
      assert_int_equal(verdict.reasons, STOX_CHAIN_SELF_SIGNED);
      tls_pair_free(&pair);
    }
  }
}

/* Keys that the host has seen, by which it knows a peer again. */
typedef struct cache {
  unsigned char pin[STOX_PIN_SIZE];
  int has_pin;
  int was_changed;
} cache;

static int know(void *ud, const stox_chain_verdict *verdict, const stox_span *chain, size_t n) {
  cache *c = ud;
  stox_certificate own;
  unsigned char pin[STOX_PIN_SIZE];
  assert_true(n > 0 && verdict->reasons != 0);
  assert_status(stox_certificate_parse(&own, chain[0]), STOX_OK);
  assert_status(stox_certificate_pin(pin, &own), STOX_OK);
  if (!c->has_pin) {
    memcpy(c->pin, pin, sizeof pin);
    c->has_pin = 1;
  }
  c->was_changed = memcmp(c->pin, pin, sizeof pin) != 0;
  return c->was_changed ? STOX_E_AUTH : STOX_OK;
}

/* "XC-14.2-11", "XC-14.2-12": approved once, it is known the next time, and so is another. */
static void test_cache(void **state) {
  (void)state;
  const test_recipe recipe = {.cn = "example.com"};
  test_certificate changed;
  cache c = {{0}, 0, 0};
  test_certificate_make(&changed, &recipe, NULL);
  stox_tls_context *other = tls_context_of(&changed, STOX_TLS_1_2, S(""));
  for (int time = 0; time < 3; time++) {
    tls_pair pair;
    stox_chain_verdict verdict = {.size = sizeof verdict};
    tls_pair_init(&pair, &world);
    pair.server_options.context = time < 2 ? world.self_context : other;
    pair.client_rules.ud = &c;
    pair.client_rules.decide = know;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_status(pair.status[0], time < 2 ? STOX_OK : STOX_E_AUTH);
    assert_int_equal(c.was_changed, time == 2);
    assert_status(stox_tls_verdict(pair.client, &verdict), STOX_OK);
    assert_int_equal((verdict.reasons & STOX_CHAIN_BY_HOST) != 0, time == 2);
    tls_pair_free(&pair);
  }
  stox_tls_context_free(other);
  test_certificate_free(&changed);
}

/* The time of the decision counts; the wire may have ended meanwhile. */
static void test_late(void **state) {
  (void)state;
  tls_pair pair;
  host h = {STOX_E_MORE, STOX_E_NONE, 0};
  tls_pair_init(&pair, &world);
  set_host(&pair.client_rules, &h);
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(stox_tls_decide(pair.client, TEST_NOW + 91 * TEST_DAY), STOX_E_AUTH);
  assert_int_equal(stox_tls_alert(pair.client), GNUTLS_A_CERTIFICATE_EXPIRED);
  tls_pair_free(&pair);
  tls_pair_init(&pair, &world);
  set_host(&pair.client_rules, &h);
  pair.client_options.context = only_12;
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(stox_tls_end(pair.client), STOX_OK);
  h.revoked = STOX_OK;
  assert_status(stox_tls_decide(pair.client, TEST_NOW), STOX_E_TRUNCATED);
  tls_pair_free(&pair);
}

/* What comes while it waits is bounded, and none of it is lost. */
static void test_backlog(void **state) {
  (void)state;
  tls_pair pair;
  host h = {STOX_E_MORE, STOX_E_NONE, 0};
  static const char junk[70000];
  size_t n;
  tls_pair_init(&pair, &world);
  set_host(&pair.client_rules, &h);
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(stox_tls_feed(pair.client, &n, (stox_span){junk, sizeof junk}), STOX_OK);
  assert_true(n < 65536 && n > 60000);
  assert_status(stox_tls_feed(pair.client, &n, S("x")), STOX_OK);
  assert_int_equal(n, 0);
  h.revoked = STOX_OK;
  const int status = stox_tls_decide(pair.client, TEST_NOW);
  assert_true(status == STOX_E_BAD_TLS || stox_tls_state(pair.client) == STOX_TLS_OPEN);
  tls_pair_free(&pair);
}

/* A resumed session waits too: the certificate of the first one is judged by what is known now. */
static void test_resumed(void **state) {
  (void)state;
  for (int version = STOX_TLS_1_2; version <= STOX_TLS_1_3; version++) {
    tls_pair pair;
    host h = {STOX_OK, STOX_E_NONE, 0};
    char data[8192];
    char room[16];
    size_t n;
    stox_buf out;
    stox_buf_init(&out, data, sizeof data);
    tls_pair_init(&pair, &world);
    set_version(&pair, version);
    set_host(&pair.client_rules, &h);
    pair.client_options.resumable = 1;
    tls_pair_open(&pair);
    assert_int_equal(stox_tls_read(pair.client, room, sizeof room, &n), STOX_E_MORE);
    assert_status(stox_tls_resumption(pair.client, &out), STOX_OK);
    tls_pair_free(&pair);
    pair.client_options.resume = stox_buf_span(&out);
    h.revoked = STOX_E_MORE;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_int_equal(stox_tls_is_undecided(pair.client), 1);
    assert_null(stox_tls_peer(pair.client));
    h.revoked = version == STOX_TLS_1_2 ? STOX_OK : STOX_E_AUTH;
    assert_status(stox_tls_decide(pair.client, TEST_NOW),
                  version == STOX_TLS_1_2 ? STOX_OK : STOX_E_AUTH);
    assert_int_equal(stox_tls_is_resumed(pair.client), 1);
    tls_pair_free(&pair);
  }
}

static void check_staple(int version, const test_response *r, uint32_t reasons, int alert) {
  tls_pair pair;
  stox_tls_context *own = tls_context_of(&world.server, STOX_TLS_1_2, S(""));
  const stox_span response = test_response_make(r, &world.server, &world.root);
  stox_chain_verdict verdict = {.size = sizeof verdict};
  assert_status(stox_tls_context_staple(own, 0, S("replaced below")), STOX_OK);
  assert_status(stox_tls_context_staple(own, 0, response), STOX_OK);
  assert_status(stox_tls_context_staple(own, 1, response), STOX_E_NONE);
  tls_pair_init(&pair, &world);
  set_version(&pair, version);
  pair.server_options.context = own;
  pair.client_rules.revocation = STOX_REVOCATION_REQUIRE;
  tls_pair_start(&pair);
  tls_pair_pump(&pair);
  assert_status(stox_tls_verdict(pair.client, &verdict), STOX_OK);
  if (verdict.reasons != reasons) {
    fail_msg("reasons %x, not %x", (unsigned)verdict.reasons, (unsigned)reasons);
  }
  assert_status(pair.status[0], reasons == 0 ? STOX_OK : STOX_E_AUTH);
  assert_int_equal(stox_tls_alert(pair.client), alert);
  assert_int_equal(stox_tls_alert(pair.server), alert);
  tls_pair_free(&pair);
  stox_tls_context_free(own);
  free((void *)(uintptr_t)response.p);
}

/* RFC 6066 8, RFC 8446 4.4.2.1: asked for, shown and checked. */
static void test_staple(void **state) {
  (void)state;
  static const test_response good = {0};
  static const test_response revoked_one = {.status = STOX_OCSP_REVOKED};
  static const test_response old = {.to = -1};
  for (int version = STOX_TLS_1_2; version <= STOX_TLS_1_3; version++) {
    check_staple(version, &good, 0, -1);
    check_staple(version, &revoked_one, STOX_CHAIN_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED);
    check_staple(version, &old, STOX_CHAIN_BAD_STAPLE | STOX_CHAIN_REVOCATION_UNKNOWN,
                 BAD_STATUS_RESPONSE);
  }
}

/* RFC 7633: a server that demands it of itself and does not staple is refused; a client, which is
 * not asked to, is not. */
static void test_must_staple(void **state) {
  (void)state;
  static const test_name names[] = {{STOX_IDENTITY_DNS, ROW("example.com")}};
  const test_recipe recipe = {
      .cn = "Must", .names = names, .names_n = 1, .features = "\x30\x03\x02\x01\x05"};
  test_certificate must;
  test_certificate_make(&must, &recipe, &world.root);
  stox_tls_context *own = tls_context_of(&must, STOX_TLS_1_2, S(""));
  for (int version = STOX_TLS_1_2; version <= STOX_TLS_1_3; version++) {
    tls_pair pair;
    stox_chain_verdict verdict = {.size = sizeof verdict};
    tls_pair_init(&pair, &world);
    set_version(&pair, version);
    pair.server_options.context = own;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    assert_status(pair.status[0], STOX_E_AUTH);
    assert_status(stox_tls_verdict(pair.client, &verdict), STOX_OK);
    assert_int_equal(verdict.reasons, STOX_CHAIN_NO_STAPLE);
    assert_int_equal(stox_tls_alert(pair.client), BAD_STATUS_RESPONSE);
    tls_pair_free(&pair);
  }
  tls_pair pair;
  tls_pair_init(&pair, &world);
  pair.client_options.context = own;
  pair.server_options.ask = STOX_TLS_ASK_REQUIRE;
  tls_pair_open(&pair);
  assert_int_equal(stox_tls_peer(pair.server)->verified, 1);
  tls_pair_free(&pair);
  stox_tls_context_free(own);
  test_certificate_free(&must);
}

/* Every allocation of the context failing. */
static void test_no_memory(void **state) {
  (void)state;
  const stox_span pem = test_pem(world.server.der, "CERTIFICATE");
  for (size_t at = 1;; at++) {
    failing f = {at, 0, 0};
    const stox_allocator alloc = failing_allocator(&f);
    stox_tls_context *made = NULL;
    int status = stox_tls_context_new(&made, &alloc, NULL);
    if (status == STOX_OK) {
      status = stox_tls_context_add(made, pem, world.server.key_pem);
    }
    if (status == STOX_OK) {
      status = stox_tls_context_staple(made, 0, S("first"));
    }
    if (status == STOX_OK) {
      status = stox_tls_context_staple(made, 0, S("second"));
    }
    if (status == STOX_OK) {
      assert_status(stox_tls_context_staple(made, 0, S("")), STOX_OK);
    }
    stox_tls_context_free(made);
    assert_int_equal(f.live, 0);
    if (status == STOX_OK) {
      break;
    }
    assert_status(status, STOX_E_NOMEM);
  }
  free((void *)(uintptr_t)pem.p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wait),      cmocka_unit_test(test_approval),
      cmocka_unit_test(test_cache),     cmocka_unit_test(test_late),
      cmocka_unit_test(test_backlog),   cmocka_unit_test(test_resumed),
      cmocka_unit_test(test_staple),    cmocka_unit_test(test_must_staple),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
