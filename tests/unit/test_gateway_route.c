/* SPDX-License-Identifier: MIT */
/* Next hops of SIP: names, fail-over, TLS, and who is trusted by it. */
#include "world.h"

/* A zone is a table of answers; what is not in it does not exist. */
typedef struct row {
  const char *name;
  stox_record record;
} row;

typedef struct zone {
  const row *rows;
  size_t n;
  int status; /* of all answers */
  stox_record found[8];
} zone;

static int look_up(void *ud, const stox_question *question, const stox_record **records,
                   size_t *n) {
  zone *z = ud;
  *n = 0;
  *records = z->found;
  for (size_t i = 0; z->status == STOX_OK && i < z->n; i++) {
    if (z->rows[i].record.type == question->type &&
        stox_span_is_equal(stox_span_text(z->rows[i].name), question->name)) {
      z->found[(*n)++] = z->rows[i].record;
    }
  }
  return z->status;
}

#define A_OF(name_, address)                                                                       \
  {                                                                                                \
    name_, {                                                                                       \
      .type = STOX_RECORD_A, .ttl = 60, .target = ROW(address)                                     \
    }                                                                                              \
  }
#define SRV_OF(name_, priority_, port_, target_)                                                   \
  {                                                                                                \
    name_, {                                                                                       \
      .type = STOX_RECORD_SRV, .ttl = 120, .priority = (priority_), .port = (port_),               \
      .target = ROW(target_)                                                                       \
    }                                                                                              \
  }
#define NAPTR_OF(name_, service_, target_)                                                         \
  {                                                                                                \
    name_, {                                                                                       \
      .type = STOX_RECORD_NAPTR, .ttl = 120, .flags = ROW("s"), .service = ROW(service_),          \
      .target = ROW(target_)                                                                       \
    }                                                                                              \
  }

static const row two_hosts[] = {
    SRV_OF("_sip._udp.proxy.example", 10, 5060, "one.example"),
    SRV_OF("_sip._udp.proxy.example", 20, 5060, "two.example"),
    SRV_OF("_sip._tcp.proxy.example", 10, 5060, "one.example"),
    SRV_OF("_sip._tcp.proxy.example", 20, 5060, "two.example"),
    A_OF("one.example", "127.0.0.2"),
    A_OF("two.example", "127.0.0.1"),
    A_OF("proxy.example", "127.0.0.1"),
    NAPTR_OF("tls.example", "SIPS+D2T", "_sips._tcp.proxy.example"),
    SRV_OF("_sips._tcp.proxy.example", 1, 5060, "two.example"),
};

typedef struct place {
  world w;
  zone z;
} place;

static void place_make_as(place *p, world_plan plan) {
  memset(p, 0, sizeof *p);
  p->z = (zone){.rows = two_hosts, .n = COUNT(two_hosts)};
  assert_status(world_make_as(&p->w, &plan), STOX_OK);
  p->w.zone = look_up;
  p->w.zone_ud = &p->z;
  world_run(&p->w, SECOND);
  assert_int_equal(p->w.told.ready, 1);
}

static void place_make(place *p, const char *host, uint32_t port, int transport) {
  place_make_as(p, (world_plan){.hop = {stox_span_text(host), port, transport}});
}

static void write_to(place *p, const char *user) {
  char text[256];
  (void)snprintf(text, sizeof text,
                 "<message from='a@xmpp.example' to='%s@sip.example' id='m-%s'><body>x</body>"
                 "</message>",
                 user, user);
  fake_xmpp_say(p->w.xmpp, text);
}

/* 7247-5-01: the domain's own SIP server is asked for (RFC 3263 4), and nothing twice. */
static void test_names(void **state) {
  (void)state;
  static const struct {
    stox_endpoint hop;
    size_t questions;
    const char *via;
  } rows[] = {
      {{ROW("proxy.example"), 5060, UDP}, 2, "Via: SIP/2.0/UDP "},
      {{ROW("PROXY.example"), 5060, TCP}, 2, "Via: SIP/2.0/TCP "},
      {{ROW("two.example"), 0, UDP}, 4, "Via: SIP/2.0/UDP "},
      {{ROW("two.example"), 0, STOX_TRANSPORT_NONE}, 6, "Via: SIP/2.0/UDP "},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    place p;
    place_make_as(&p, (world_plan){.hop = rows[i].hop});
    assert_int_equal(p.w.n_questions, 0); /* nobody has written yet */
    write_to(&p, "b");
    write_to(&p, "c");
    world_run(&p.w, SECOND);
    write_to(&p, "d");
    world_run(&p.w, SECOND);
    assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED], 3);
    assert_int_equal(p.w.n_questions, rows[i].questions);
    assert_int_equal(fake_sip_holding(p.w.sip, rows[i].via), 3);
    world_end(&p.w);
  }
}

/* The first place refuses: the next one gets it, and later ones at once. */
static void test_fail_over(void **state) {
  (void)state;
  place p;
  place_make(&p, "proxy.example", 0, TCP);
  write_to(&p, "b");
  world_run(&p.w, SECOND);
  assert_int_equal(p.w.sip->n_messages, 1);
  assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED], 1);
  assert_non_null(strstr(p.w.sip->messages[0], "Via: SIP/2.0/TCP "));
  /* One Via, of the request that arrived. */
  assert_null(strstr(strstr(p.w.sip->messages[0], "Via:") + 1, "Via:"));
  write_to(&p, "c");
  world_run(&p.w, SECOND);
  assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED], 2);
  /* Where nobody is left, the sender is told. */
  p.w.refusing = 1;
  world_run(&p.w, SECOND);
  place q;
  place_make(&q, "proxy.example", 0, TCP);
  q.w.refusing = 1;
  write_to(&q, "b");
  world_run(&q.w, SECOND);
  assert_int_equal(q.w.told.outcomes[STOX_OUTCOME_TIMEOUT], 1);
  assert_int_equal(fake_xmpp_count(q.w.xmpp, "type='error'"), 1);
  world_end(&p.w);
  world_end(&q.w);
}

/* RFC 3263 4.3: 503 is a reason to go on, any other answer is not. */
static void test_503(void **state) {
  (void)state;
  for (int code = 503; code <= 504; code++) {
    place p;
    fake_sip *busy = malloc(sizeof *busy);
    assert_non_null(busy);
    place_make(&p, "proxy.example", 0, UDP);
    fake_sip_init(busy, "127.0.0.2", 5060);
    busy->answer = code == 503 ? "503 Busy" : "504 Late";
    world_join(&p.w, &busy->engine, (stox_endpoint){S("127.0.0.2"), 5060, UDP});
    write_to(&p, "b");
    world_run(&p.w, SECOND);
    assert_int_equal(busy->n_messages, 1);
    assert_int_equal(p.w.sip->n_messages, code == 503);
    assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED], code == 503);
    assert_int_equal(fake_xmpp_count(p.w.xmpp, "type='error'"), code != 503);
    if (code == 503) {
      /* The same request, but for its branch (RFC 3263 4.3). */
      const char *branch = strstr(busy->messages[0], "branch=");
      assert_null(strstr(p.w.sip->messages[0], "503"));
      assert_memory_not_equal(branch, strstr(p.w.sip->messages[0], "branch="), 24);
      /* It is left alone for a while. */
      write_to(&p, "c");
      world_run(&p.w, SECOND / 10);
    }
    stox_loopback_del(p.w.net);
    p.w.net = NULL;
    world_end(&p.w);
    fake_sip_clear(busy);
    free(busy);
  }
}

static void test_no_address(void **state) {
  (void)state;
  static const struct {
    int status;
    const char *error;
  } rows[] = {{STOX_OK, "<remote-server-not-found"},
              {STOX_E_TIMEOUT, "<remote-server-timeout"},
              {STOX_E_REFUSED, "<remote-server-timeout"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    place p;
    place_make(&p, "nowhere.example", 0, UDP);
    p.z.status = rows[i].status;
    write_to(&p, "b");
    world_run(&p.w, SECOND);
    assert_int_equal(fake_xmpp_count(p.w.xmpp, rows[i].error), 1);
    assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_REFUSED], 1);
    /* It is not asked for again at once, but in time. */
    const size_t asked = p.w.n_questions;
    write_to(&p, "c");
    world_run(&p.w, SECOND);
    assert_int_equal(p.w.n_questions, asked);
    assert_int_equal(fake_xmpp_count(p.w.xmpp, rows[i].error), 2);
    world_run(&p.w, 40 * SECOND);
    write_to(&p, "d");
    world_run(&p.w, SECOND);
    assert_true(p.w.n_questions > asked);
    world_end(&p.w);
  }
}

/* A host without a resolver says so, and the sender is told. */
static void test_no_resolver(void **state) {
  (void)state;
  place p;
  place_make(&p, "proxy.example", 0, UDP);
  p.w.zone = NULL;
  write_to(&p, "b");
  world_run(&p.w, SECOND);
  assert_int_equal(fake_xmpp_count(p.w.xmpp, "<remote-server-timeout"), 1);
  world_end(&p.w);
}

/* While nobody answers, messages wait, in order, and no longer than for an answer of the peer. */
static void test_slow_answer(void **state) {
  (void)state;
  for (int answers = 0; answers < 2; answers++) {
    place p;
    place_make(&p, "proxy.example", 5060, UDP);
    p.w.is_slow = 1;
    write_to(&p, "b");
    write_to(&p, "c");
    write_to(&p, "b");
    world_run(&p.w, 2 * SECOND);
    assert_int_equal(p.w.sip->n_messages, 0);
    if (answers) {
      const stox_record record = {.type = STOX_RECORD_A, .ttl = 60, .target = S("127.0.0.1")};
      const uint64_t a = p.w.slow_token;
      /* The two questions stand next to each other; the older one is asked first. */
      (void)stox_gateway_resolved(p.w.gateway, a - 1, STOX_OK, &record, 1, p.w.now_ns);
      (void)stox_gateway_resolved(p.w.gateway, a, STOX_OK, &record, 1, p.w.now_ns);
      (void)stox_gateway_resolved(p.w.gateway, a, STOX_OK, &record, 1, p.w.now_ns);
      assert_status(stox_gateway_resolved(p.w.gateway, 1, STOX_OK, NULL, 0, p.w.now_ns),
                    STOX_E_ARG);
    }
    world_run(&p.w, 40 * SECOND);
    assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED], answers ? 3 : 0);
    assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_TIMEOUT], answers ? 0 : 3);
    world_end(&p.w);
  }
}

/* What was found holds for its time, and beyond where nobody answers any more. */
static void test_time_to_live(void **state) {
  (void)state;
  place p;
  place_make(&p, "proxy.example", 5060, UDP);
  write_to(&p, "b");
  world_run(&p.w, SECOND);
  const size_t asked = p.w.n_questions;
  world_run(&p.w, 70 * SECOND);
  p.z.status = STOX_E_TIMEOUT;
  write_to(&p, "c");
  world_run(&p.w, SECOND);
  assert_int_equal(p.w.n_questions, 2 * asked);
  assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED], 2);
  world_end(&p.w);
}

/* ---- TLS ---- */

/* RFC 5922 7.3: the name that was asked for is what the peer proves, never one that DNS led to. */
static void test_what_is_proved(void **state) {
  (void)state;
  static const struct {
    stox_endpoint hop;
    const char *proves;
  } rows[] = {
      {{ROW("127.0.0.1"), 5060, STOX_TRANSPORT_TLS}, "4 sip.example"},
      {{ROW("proxy.example"), 5060, STOX_TRANSPORT_TLS}, "4 proxy.example"},
      {{ROW("proxy.example"), 0, STOX_TRANSPORT_TLS}, "4 proxy.example"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    place p;
    place_make_as(&p, (world_plan){.hop = rows[i].hop});
    write_to(&p, "b");
    world_run(&p.w, SECOND);
    assert_int_equal(p.w.n_secured, 1);
    assert_string_equal(p.w.proves, rows[i].proves);
    assert_int_equal(fake_sip_holding(p.w.sip, "Via: SIP/2.0/TLS "), 1);
    world_end(&p.w);
  }
}

/* RFC 5922 7.4: a stranger by address is trusted for the domain that it proves, and for no other.
 */
static void test_who_is_trusted(void **state) {
  (void)state;
  static const struct {
    stox_peer peer;
    const char *from;
    int is_trusted;
  } rows[] = {
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 1,
        .identities = ROW("DNS:sip.example\n")},
       "<sip:romeo@sip.example>;tag=1",
       1},
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 1,
        .identities = ROW("URI:sip:proxy.example\nDNS:other.example\n")},
       "<sip:romeo@sip.example>;tag=1",
       1},
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 1,
        .identities = ROW("DNS:sip.example\n")},
       "<sip:romeo@SIP.EXAMPLE>;tag=1",
       1},
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 0,
        .identities = ROW("DNS:sip.example\n")},
       "<sip:romeo@sip.example>;tag=1",
       0},
      {{.size = sizeof(stox_peer),
        .secure = 0,
        .verified = 1,
        .identities = ROW("DNS:sip.example\n")},
       "<sip:romeo@sip.example>;tag=1",
       0},
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 1,
        .identities = ROW("DNS:*.example\nDNS:evil.example\n")},
       "<sip:romeo@sip.example>;tag=1",
       0},
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 1,
        .identities = ROW("URI:sip:sip.example\n")},
       "<sip:romeo@other.example>;tag=1",
       0},
      {{.size = sizeof(stox_peer), .secure = 1, .verified = 1}, "<sip:romeo@sip.example>;tag=1", 0},
      {{.size = sizeof(stox_peer),
        .secure = 1,
        .verified = 1,
        .identities = ROW("DNS:sip.example\n")},
       "not an address",
       0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    place p;
    place_make_as(&p, (world_plan){.hop = {S("proxy.example"), 0, STOX_TRANSPORT_TLS},
                                   .trusted = "203.0.113.0/24"});
    p.w.peer = &rows[i].peer;
    world_send(&p.w, &(fake_message){.from = rows[i].from, .body = "x"}, TCP);
    world_run(&p.w, SECOND);
    assert_int_equal(p.w.xmpp->n_stanzas, rows[i].is_trusted);
    assert_int_equal(fake_sip_count(p.w.sip, "SIP/2.0 200"), rows[i].is_trusted);
    world_end(&p.w);
  }
}

/* A hop with TLS is trusted by what it proves, one without by its address. */
static void test_hop_is_trusted(void **state) {
  (void)state;
  static const int transports[] = {UDP, TCP, STOX_TRANSPORT_TLS};
  for (size_t i = 0; i < COUNT(transports); i++) {
    place p;
    const int is_trusted = transports[i] != STOX_TRANSPORT_TLS;
    place_make_as(&p, (world_plan){.hop = {S("127.0.0.1"), 5060, transports[i]},
                                   .trusted = "203.0.113.0/24"});
    world_send(&p.w, &(fake_message){.body = "x"}, UDP);
    world_run(&p.w, SECOND);
    assert_int_equal(p.w.xmpp->n_stanzas, is_trusted);
    assert_int_equal(fake_sip_count(p.w.sip, "SIP/2.0 403"), !is_trusted);
    world_end(&p.w);
  }
}

/* 7247-8-01 and RFC 5630: TLS does not make sips of sip, nor the other way round. */
static void test_sips_over_tls(void **state) {
  (void)state;
  static const stox_peer peer = {
      .size = sizeof peer, .secure = 1, .verified = 1, .identities = ROW("DNS:sip.example\n")};
  place p;
  place_make(&p, "proxy.example", 0, STOX_TRANSPORT_TLS);
  p.w.peer = &peer;
  world_send(&p.w, &(fake_message){.uri = "sips:juliet@xmpp.example"}, TCP);
  world_run(&p.w, SECOND);
  assert_int_equal(fake_sip_count(p.w.sip, "SIP/2.0 480"), 1);
  assert_int_equal(fake_sip_holding(p.w.sip, "\r\nWarning: 380 "), 1);
  write_to(&p, "b");
  world_run(&p.w, SECOND);
  assert_int_equal(fake_sip_count(p.w.sip, "MESSAGE sip:b@sip.example "), 1);
  world_end(&p.w);
}

/* 7247-8-01: SIP has no transport by the name of DTLS. Its handshakes get no answer, from wherever
 * they come, and requests that claim it are no requests of ours. */
static void test_no_dtls(void **state) {
  (void)state;
  static const char *const records[] = {"\x16\xfe\xfd\x01\x02\x03\x04", "\x16\xfe\xff",
                                        "\x17\xfe\xfd", "\x15\xfe\xfd\x02\x28"};
  place p;
  place_make(&p, "127.0.0.1", 5060, UDP);
  for (size_t i = 0; i < COUNT(records); i++) {
    fake_sip_send(p.w.sip, UDP, records[i]);
  }
  world_run(&p.w, SECOND);
  assert_int_equal(p.w.sip->n_messages, 0);
  assert_int_equal(p.w.xmpp->n_stanzas, 0);
  assert_int_equal(stox_transport_of(S("DTLS-UDP")), STOX_TRANSPORT_NONE);
  world_send(&p.w, &(fake_message){.body = "x"}, UDP);
  world_run(&p.w, SECOND);
  assert_int_equal(fake_sip_count(p.w.sip, "SIP/2.0 200"), 1);
  world_end(&p.w);
}

/* ---- anything ---- */

/* Answers some of the last questions, not always with what was asked for. */
static void answer_any(place *p, uint64_t *seed) {
  static const int statuses[] = {STOX_OK, STOX_OK, STOX_OK, STOX_E_TIMEOUT, STOX_E_REFUSED};
  stox_record records[8];
  const size_t n = test_random(seed) % COUNT(records);
  for (size_t i = 0; i < n; i++) {
    records[i] = two_hosts[test_random(seed) % COUNT(two_hosts)].record;
    records[i].ttl = (uint32_t)(test_random(seed) % 100);
  }
  const uint64_t token = p->w.slow_token - test_random(seed) % 3;
  (void)stox_gateway_resolved(p->w.gateway, token, statuses[test_random(seed) % COUNT(statuses)],
                              records, n, p->w.now_ns);
}

static void take_step(place *p, uint64_t *seed, size_t *written) {
  switch (test_random(seed) % 8) {
  case 0:
  case 1:
    write_to(p, test_random(seed) % 2 == 0 ? "b" : "c");
    ++*written;
    break;
  case 2:
  case 3:
  case 4:
    if (p->w.slow_token != 0) {
      answer_any(p, seed);
    }
    break;
  case 5:
    p->w.refusing = test_random(seed) % 2 == 0;
    break;
  case 6:
    p->w.sip->answer = test_random(seed) % 2 == 0 ? "503 Busy" : "200 OK";
    break;
  default:
    world_run(&p->w, test_random(seed) % 20 * SECOND);
    return;
  }
  world_run(&p->w, SECOND / 100);
}

/* Whatever DNS, the peers and the clock do, each message ends once. */
static void test_anything(void **state) {
  (void)state;
  static const int transports[] = {UDP, TCP, STOX_TRANSPORT_TLS, STOX_TRANSPORT_NONE};
  for (uint64_t i = 1; i <= 100; i++) {
    place p;
    uint64_t seed = i;
    size_t written = 0;
    const uint32_t port = test_random(&seed) % 2 == 0 ? 0 : 5060;
    place_make(&p, "proxy.example", port, transports[i % COUNT(transports)]);
    p.w.is_slow = 1;
    for (int k = 0; k < 100; k++) {
      take_step(&p, &seed, &written);
    }
    p.w.is_slow = 0;
    world_run(&p.w, 200 * SECOND);
    assert_int_equal(p.w.told.records, written);
    assert_int_equal(p.w.told.outcomes[STOX_OUTCOME_DELIVERED] +
                         fake_xmpp_count(p.w.xmpp, "type='error'"),
                     written);
    world_end(&p.w);
  }
}

/* ---- memory ---- */

static void test_memory(void **state) {
  (void)state;
  for (size_t n = 1;; n++) {
    place p;
    place_make(&p, "proxy.example", 0, TCP);
    p.w.memory.fail_at = p.w.memory.calls + n;
    write_to(&p, "b");
    world_run(&p.w, 40 * SECOND);
    const int is_reached = p.w.memory.calls >= p.w.memory.fail_at;
    p.w.memory.fail_at = 0;
    /* It goes on. */
    world_run(&p.w, 40 * SECOND);
    write_to(&p, "c");
    world_run(&p.w, SECOND);
    assert_int_equal(fake_sip_holding(p.w.sip, "MESSAGE sip:c@sip.example"), 1);
    world_end(&p.w);
    if (!is_reached) {
      break;
    }
    assert_true(n < 500);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_fail_over),
      cmocka_unit_test(test_503),
      cmocka_unit_test(test_no_address),
      cmocka_unit_test(test_no_resolver),
      cmocka_unit_test(test_slow_answer),
      cmocka_unit_test(test_time_to_live),
      cmocka_unit_test(test_what_is_proved),
      cmocka_unit_test(test_who_is_trusted),
      cmocka_unit_test(test_hop_is_trusted),
      cmocka_unit_test(test_sips_over_tls),
      cmocka_unit_test(test_no_dtls),
      cmocka_unit_test(test_anything),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
