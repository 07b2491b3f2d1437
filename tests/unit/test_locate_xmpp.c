/* SPDX-License-Identifier: MIT */
/* RFC 6120 3.2 and XEP-0368: where a client or a server of XMPP connects to. Proves "XC-2.3-02",
 * "XC-2.5-03", "XC-14.3-03", "XC-14.4-07", "XC-14.4-08", "XC-14.4-09". */
#include "resolver.h"
#include "support.h"

#include "stox/flow.h"
#include "stox/locate.h"

enum { TCP = STOX_TRANSPORT_TCP, TLS = STOX_TRANSPORT_TLS };
enum { SERVER = STOX_LOCATE_XMPP_SERVER, CLIENT = STOX_LOCATE_XMPP_CLIENT };

typedef struct want {
  int transport;
  uint32_t port;
  const char *target;
} want;

typedef struct row {
  int service;
  int direct_tls;
  int legacy;
  const zone_record *zone;
  size_t n;
  size_t asked;
  want places[4]; /* none: nobody */
} row;

static const zone_record server[] = {
    SRV("_xmpp-server._tcp.x.example", 20, 0, 5269, "b.x.example"),
    SRV("_xmpp-server._tcp.x.example", 10, 0, 5270, "a.x.example"),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record client[] = {
    SRV("_xmpp-client._tcp.x.example", 10, 0, 5333, "c.x.example"),
    SRV("_xmpp-server._tcp.x.example", 10, 0, 5270, "a.x.example"),
    SRV("_sip._udp.x.example", 10, 0, 5060, "s.x.example"),
};
static const zone_record mixed[] = {
    SRV("_xmpp-server._tcp.x.example", 10, 0, 5269, "plain.x.example"),
    SRV("_xmpp-server._tcp.x.example", 30, 0, 5269, "last.x.example"),
    SRV("_xmpps-server._tcp.x.example", 20, 0, 443, "direct.x.example"),
    SRV("_xmpps-client._tcp.x.example", 5, 0, 443, "other.x.example"),
};
static const zone_record weighed[] = {
    SRV("_xmpp-client._tcp.x.example", 5, 1, 5222, "plain.x.example"),
    SRV("_xmpps-client._tcp.x.example", 5, 9, 443, "direct.x.example"),
};
static const zone_record only_direct[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 0, "."),
    SRV("_xmpps-server._tcp.x.example", 0, 0, 443, "direct.x.example"),
};
static const zone_record no_direct[] = {
    SRV("_xmpps-server._tcp.x.example", 0, 0, 0, "."),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record refused[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 0, "."),
    SRV("_xmpp-client._tcp.x.example", 0, 0, 0, "."),
    SRV("_jabber._tcp.x.example", 0, 0, 5269, "old.x.example"),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record useless[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 0, "a.x.example"),
    SRV("_xmpp-server._tcp.x.example", 0, 0, 70000, "a.x.example"),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record jabber[] = {
    SRV("_jabber._tcp.x.example", 0, 0, 5271, "old.x.example"),
    ADDRESS("x.example", STOX_RECORD_AAAA, "2001:db8::1"),
};

#define ZONE(records) records, COUNT(records)

static const row rows[] = {
    {SERVER, 0, 0, ZONE(server), 1, {{TCP, 5270, "a.x.example"}, {TCP, 5269, "b.x.example"}}},
    {CLIENT, 0, 0, ZONE(client), 1, {{TCP, 5333, "c.x.example"}}},
    /* No SRV at all: the domain itself, at the port of the service: "XC-14.8-01" "XC-15-08". */
    {CLIENT, 0, 0, ZONE(server), 2, {{TCP, 5222, "x.example"}}},
    {SERVER, 0, 0, ZONE(jabber), 3, {{TCP, 5269, "x.example"}}},
    {CLIENT, 1, 0, ZONE(jabber), 4, {{TCP, 5222, "x.example"}}},
    /* Direct TLS is mixed in by priority, and by weight. */
    {SERVER,
     1,
     0,
     ZONE(mixed),
     2,
     {{TCP, 5269, "plain.x.example"},
      {TLS, 443, "direct.x.example"},
      {TCP, 5269, "last.x.example"}}},
    {SERVER, 0, 0, ZONE(mixed), 1, {{TCP, 5269, "plain.x.example"}, {TCP, 5269, "last.x.example"}}},
    {CLIENT,
     1,
     0,
     ZONE(weighed),
     2,
     {{TLS, 443, "direct.x.example"}, {TCP, 5222, "plain.x.example"}}},
    {SERVER, 1, 0, ZONE(only_direct), 2, {{TLS, 443, "direct.x.example"}}},
    {SERVER, 1, 0, ZONE(no_direct), 3, {{TCP, 5269, "x.example"}}},
    /* "Decidedly not available", and an answer that leads nowhere, end in no address. */
    {SERVER, 0, 0, ZONE(refused), 1, {{0, 0, NULL}}},
    {SERVER, 1, 1, ZONE(refused), 2, {{0, 0, NULL}}},
    {CLIENT, 1, 0, ZONE(refused), 2, {{0, 0, NULL}}},
    {SERVER, 0, 0, ZONE(useless), 1, {{0, 0, NULL}}},
    {SERVER, 0, 0, ZONE(weighed), 3, {{0, 0, NULL}}},
    /* The label of old only when it is wanted, and only for servers. */
    {SERVER, 0, 1, ZONE(jabber), 2, {{TCP, 5271, "old.x.example"}}},
    {SERVER, 0, 1, ZONE(server), 1, {{TCP, 5270, "a.x.example"}, {TCP, 5269, "b.x.example"}}},
    {CLIENT, 0, 1, ZONE(jabber), 3, {{TCP, 5222, "x.example"}}},
};

static char memory[32768];

static stox_locate *search(const stox_locate_options *options, resolver *r, uint64_t now_ns) {
  stox_arena arena;
  stox_locate *made = NULL;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_locate_start(&made, &arena, S("x.example"), options, now_ns), STOX_OK);
  resolve_all(made, r, now_ns);
  return made;
}

static stox_locate_options options_of(const row *r) {
  stox_locate_options options;
  assert_status(stox_locate_options_init(&options, sizeof options), STOX_OK);
  options.xmpp_service = r->service;
  options.direct_tls = r->direct_tls;
  options.legacy = r->legacy;
  options.native_only = 1;
  return options;
}

static void places(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    const stox_locate_options options = options_of(&rows[i]);
    resolver r = {rows[i].zone, rows[i].n, 0, 0};
    const stox_locate *found = search(&options, &r, 0);
    stox_location place;
    assert_int_equal(r.asked, rows[i].asked);
    size_t n = 0;
    for (; n < COUNT(rows[i].places) && rows[i].places[n].target != NULL; n++) {
      assert_status(stox_locate_get(&place, found, n), STOX_OK);
      assert_int_equal(place.protocol, STOX_PROTOCOL_XMPP);
      assert_int_equal(place.transport, rows[i].places[n].transport);
      assert_int_equal(place.port, rows[i].places[n].port);
      assert_span_equal(place.target, stox_span_text(rows[i].places[n].target));
    }
    assert_status(stox_locate_get(&place, found, n), n == 0 ? STOX_E_UNKNOWN_DOMAIN : STOX_E_NONE);
  }
}

/* A client asks for no SIP, whatever the options say of the other protocol. */
static void clients_are_native(void **state) {
  (void)state;
  static const zone_record zone[] = {SRV("_sip._udp.x.example", 0, 0, 5060, "s.x.example")};
  stox_locate_options options = options_of(&rows[1]);
  options.native_only = 0;
  resolver r = {ZONE(zone), 0, 0};
  stox_location place;
  assert_status(stox_locate_get(&place, search(&options, &r, 0), 0), STOX_E_UNKNOWN_DOMAIN);
  assert_int_equal(r.asked, 3);
}

/* RFC 6120 3.2.1 9: no response is not a response that says no. */
static void silence_falls_back(void **state) {
  (void)state;
  stox_locate_options options = options_of(&rows[0]);
  stox_location place;
  resolver r = {ZONE(server), 0, 1};
  assert_status(stox_locate_get(&place, search(&options, &r, 0), 0), STOX_OK);
  assert_int_equal(place.source, STOX_LOCATED_ADDRESS);
  assert_int_equal(place.port, 5269);
}

/* RFC 2782: by their weights, within two per cent. */
static void weights(void **state) {
  (void)state;
  enum { ROUNDS = 20000 };
  uint64_t seed = 7;
  const stox_random random = {sizeof random, &seed, test_fill};
  stox_locate_options options = options_of(&rows[7]);
  options.random = &random;
  size_t direct = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    stox_location place;
    resolver r = {ZONE(weighed), 0, 0};
    assert_status(stox_locate_get(&place, search(&options, &r, 0), 0), STOX_OK);
    direct += place.transport == TLS;
  }
  /* Of the sums 0 … 10 that may be drawn, 0 and 1 fall to the lighter, which here stands second:
   * the heavier has 0 … 9. */
  assert_true(direct * 11 > (size_t)ROUNDS * 10 - ROUNDS / 5);
  assert_true(direct * 11 < (size_t)ROUNDS * 10 + ROUNDS / 5);
}

/* Searches of different options share a cache and do not answer for each other. */
static void kinds_are_kept_apart(void **state) {
  (void)state;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, test_fill};
  stox_locations_options table;
  stox_locations *known = NULL;
  assert_status(stox_locations_options_init(&table, sizeof table), STOX_OK);
  table.random = &random;
  assert_status(stox_locations_new(&known, &table), STOX_OK);
  for (int round = 0; round < 2; round++) {
    for (size_t i = 0; i < 2; i++) {
      stox_locate_options options = options_of(&rows[i]);
      stox_location place;
      resolver r = {rows[i].zone, rows[i].n, 0, 0};
      options.locations = known;
      assert_status(stox_locate_get(&place, search(&options, &r, 1), 0), STOX_OK);
      assert_span_equal(place.target, stox_span_text(rows[i].places[0].target));
      assert_int_equal(r.asked, round == 0 ? rows[i].asked : 0);
    }
  }
  stox_locations_del(known);
}

/* A flood of direct TLS records leaves room for the others. */
static void many_records(void **state) {
  (void)state;
  stox_arena arena;
  stox_locate *made = NULL;
  stox_location place;
  stox_record records[STOX_RECORDS_MAX];
  const stox_locate_options options = options_of(&rows[5]);
  for (size_t i = 0; i < COUNT(records); i++) {
    records[i] = mixed[2].record;
  }
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  assert_status(stox_locate_start(&made, &arena, S("x.example"), &options, 0), STOX_OK);
  assert_status(stox_locate_answer(made, STOX_OK, records, COUNT(records), 0), STOX_OK);
  assert_status(stox_locate_answer(made, STOX_OK, &mixed[0].record, 1, 0), STOX_OK);
  assert_status(stox_locate_get(&place, made, 0), STOX_OK);
  assert_span_equal(place.target, S("plain.x.example"));
  assert_status(stox_locate_get(&place, made, STOX_LOCATIONS_MAX - 1), STOX_OK);
  assert_status(stox_locate_get(&place, made, STOX_LOCATIONS_MAX), STOX_E_NONE);
}

static int run_in(size_t room) {
  stox_arena arena;
  stox_locate *made = NULL;
  stox_location place;
  const stox_locate_options options = options_of(&rows[5]);
  resolver r = {ZONE(mixed), 0, 0};
  stox_question question;
  stox_arena_init(&arena, memory, room, 0, NULL);
  int status = stox_locate_start(&made, &arena, S("x.example"), &options, 0);
  while (status == STOX_OK && stox_locate_next(&question, made) == STOX_OK) {
    stox_record answer[STOX_RECORDS_MAX];
    const size_t n = resolve(&r, answer, &question);
    status = stox_locate_answer(made, STOX_OK, answer, n, 0);
  }
  return status == STOX_OK ? stox_locate_get(&place, made, 0) : status;
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  size_t room = 0;
  while (run_in(room) == STOX_E_NOMEM) {
    room++;
  }
  assert_status(run_in(room), STOX_OK);
}

static void bad_options(void **state) {
  (void)state;
  stox_arena arena;
  stox_locate *made = NULL;
  stox_locate_options options = options_of(&rows[0]);
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  options.xmpp_service = 2;
  assert_status(stox_locate_start(&made, &arena, S("x.example"), &options, 0), STOX_E_ARG);
  options.xmpp_service = SERVER;
  options.port = 65536;
  assert_status(stox_locate_start(&made, &arena, S("x.example"), &options, 0), STOX_E_ARG);
  options.port = 65535;
  assert_status(stox_locate_start(&made, &arena, S("x.example"), &options, 0), STOX_OK);
  stox_location place;
  assert_status(stox_locate_get(&place, made, 0), STOX_OK);
  assert_int_equal(place.port, 65535);
  assert_span_equal(place.target, S("x.example"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(places),
      cmocka_unit_test(clients_are_native),
      cmocka_unit_test(silence_falls_back),
      cmocka_unit_test(weights),
      cmocka_unit_test(kinds_are_kept_apart),
      cmocka_unit_test(many_records),
      cmocka_unit_test(memory_runs_out_anywhere),
      cmocka_unit_test(bad_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
