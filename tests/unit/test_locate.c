/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "support.h"
#include "tables.h"

#include "stox/address_map.h"
#include "stox/error_map.h"
#include "stox/flow.h"
#include "stox/locate.h"

static const uint64_t second_ns = UINT64_C(1000000000);

/* A search with memory of its own. */
typedef struct fixture {
  char memory[16384];
  stox_arena arena;
  stox_locate_options options;
  stox_locate *search;
} fixture;

static void prepare(fixture *f, int side) {
  stox_arena_init(&f->arena, f->memory, sizeof f->memory, 0, NULL);
  assert_status(stox_locate_options_init(&f->options, sizeof f->options), STOX_OK);
  f->options.side = side;
}

/* Searches `x.example` in a zone. */
static void search(fixture *f, resolver *r, uint64_t now_ns) {
  stox_arena_reset(&f->arena);
  guard g = guard_copy(S("X.example."));
  assert_status(stox_locate_start(&f->search, &f->arena, g.span, &f->options, now_ns), STOX_OK);
  guard_free(&g);
  resolve_all(f->search, r, now_ns);
}

static stox_location first(const fixture *f) {
  stox_location place = {0};
  assert_status(stox_locate_get(&place, f->search, 0), STOX_OK);
  return place;
}

/* What one search is to find. */
typedef struct row {
  int side;
  int secure;
  int transports; /* 0: all */
  const zone_record *zone;
  size_t n;
  size_t asked;
  stox_location want; /* protocol NONE: nobody */
} row;

enum { SIP = STOX_PROTOCOL_SIP, XMPP = STOX_PROTOCOL_XMPP };
enum { UDP = STOX_TRANSPORT_UDP, TCP = STOX_TRANSPORT_TCP, TLS = STOX_TRANSPORT_TLS };

static const zone_record xmpp_srv[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 5270, "im.x.example.")};
static const zone_record sip_udp[] = {SRV("_sip._udp.x.example", 0, 0, 5060, "sip1.x.example")};
static const zone_record sip_tcp[] = {SRV("_sip._tcp.x.example", 0, 0, 5061, "sip1.x.example")};
static const zone_record sips[] = {SRV("_sips._tcp.x.example", 0, 0, 5061, "sip1.x.example")};
static const zone_record both[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 5269, "im.x.example"),
    SRV("_sip._udp.x.example", 0, 0, 5060, "sip1.x.example"),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record address4[] = {ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1")};
static const zone_record address6[] = {ADDRESS("x.example", STOX_RECORD_AAAA, "2001:db8::1")};
static const zone_record no_xmpp[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 0, "."),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record no_sip[] = {
    SRV("_sips._tcp.x.example", 0, 0, 0, "."),
    SRV("_sip._tcp.x.example", 0, 0, 0, "."),
    SRV("_sip._udp.x.example", 0, 0, 0, "."),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record no_tls[] = {
    SRV("_sips._tcp.x.example", 0, 0, 0, "."),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
};
static const zone_record naptr[] = {
    NAPTR("x.example", 50, 50, "s", "SIPS+D2T", "_sips._tcp.p.example."),
    NAPTR("x.example", 10, 50, "S", "sip+d2u", "_sip._udp.p.example"),
    NAPTR("x.example", 10, 40, "s", "SIP+D2X", "_sip._sctp.p.example"),
    NAPTR("x.example", 1, 1, "u", "E2U+sip", ""),
    NAPTR("x.example", 2, 1, "s", "SIP+D2T", "b@d"),
    SRV("_sip._udp.p.example", 0, 0, 5062, "u.p.example"),
    SRV("_sips._tcp.p.example", 0, 0, 5063, "t.p.example"),
};
static const zone_record naptr_half[] = {
    NAPTR("x.example", 10, 50, "s", "SIP+D2U", "_sip._udp.p.example"),
    NAPTR("x.example", 20, 50, "s", "SIP+D2T", "_sip._tcp.p.example"),
    SRV("_sip._tcp.p.example", 0, 0, 5063, "t.p.example"),
};
static const zone_record foreign[] = {
    SRV("_xmpp-server._tcp.x.example", 0, 0, 70000, "im.x.example"),
    SRV("_xmpp-server._tcp.x.example", 0, 0, 0, "im.x.example"),
    SRV("_xmpp-server._tcp.x.example", 0, 0, 5269, "im x"),
    SRV("_xmpp-server._tcp.x.example", 0, 0, 5269, "a..b"),
    {"_xmpp-server._tcp.x.example",
     {STOX_RECORD_A, 5, 0, 0, 5269, ROW("h.x"), {NULL, 0}, {NULL, 0}}},
    SRV("_sip._udp.x.example", 0, 0, 5060, "sip1.x.example"),
};

#define ZONE(records) records, COUNT(records)
#define PLACE(protocol_, source_, transport_, port_, ttl_, target_)                                \
  { protocol_, source_, transport_, 0, port_, ttl_, ROW(target_) }
#define NOBODY PLACE(STOX_PROTOCOL_NONE, 0, 0, 0, 0, "")

static const row rows[] = {
    /* 7247-5-02: _xmpp-server first */
    {XMPP, 0, 0, ZONE(xmpp_srv), 1, PLACE(XMPP, STOX_LOCATED_SRV, TCP, 5270, 600, "im.x.example")},
    {XMPP, 0, 0, ZONE(both), 1, PLACE(XMPP, STOX_LOCATED_SRV, TCP, 5269, 600, "im.x.example")},
    /* 7247-5-03: then RFC 3263 */
    {XMPP, 0, 0, ZONE(sip_udp), 5, PLACE(SIP, STOX_LOCATED_SRV, UDP, 5060, 600, "sip1.x.example")},
    {XMPP, 0, 0, ZONE(sip_tcp), 4, PLACE(SIP, STOX_LOCATED_SRV, TCP, 5061, 600, "sip1.x.example")},
    {XMPP, 0, 0, ZONE(sips), 3, PLACE(SIP, STOX_LOCATED_SRV, TLS, 5061, 600, "sip1.x.example")},
    {XMPP, 0, 0, ZONE(naptr), 3, PLACE(SIP, STOX_LOCATED_NAPTR, UDP, 5062, 300, "u.p.example")},
    {XMPP, 1, 0, ZONE(naptr), 3, PLACE(SIP, STOX_LOCATED_NAPTR, TLS, 5063, 300, "t.p.example")},
    {XMPP, 0, 0, ZONE(naptr_half), 4,
     PLACE(SIP, STOX_LOCATED_NAPTR, TCP, 5063, 300, "t.p.example")},
    {XMPP, 0, STOX_LOCATE_TCP, ZONE(naptr_half), 3,
     PLACE(SIP, STOX_LOCATED_NAPTR, TCP, 5063, 300, "t.p.example")},
    /* 7247-5-09: a peer with UDP only, with TCP only */
    {XMPP, 0, STOX_LOCATE_UDP, ZONE(sip_udp), 3,
     PLACE(SIP, STOX_LOCATED_SRV, UDP, 5060, 600, "sip1.x.example")},
    {XMPP, 0, STOX_LOCATE_TCP, ZONE(sip_tcp), 3,
     PLACE(SIP, STOX_LOCATED_SRV, TCP, 5061, 600, "sip1.x.example")},
    {XMPP, 0, STOX_LOCATE_TCP, ZONE(sip_udp), 5, NOBODY},
    /* Addresses last, and not against an explicit no */
    {XMPP, 0, 0, ZONE(address4), 6, PLACE(XMPP, STOX_LOCATED_ADDRESS, TCP, 5269, 120, "x.example")},
    {XMPP, 0, 0, ZONE(address6), 7, PLACE(XMPP, STOX_LOCATED_ADDRESS, TCP, 5269, 120, "x.example")},
    {XMPP, 0, 0, ZONE(no_xmpp), 5, NOBODY},
    {XMPP, 0, 0, NULL, 0, 7, NOBODY},
    /* 7247-5-04: the other way round */
    {SIP, 0, 0, ZONE(sips), 2, PLACE(SIP, STOX_LOCATED_SRV, TLS, 5061, 600, "sip1.x.example")},
    {SIP, 0, 0, ZONE(both), 4, PLACE(SIP, STOX_LOCATED_SRV, UDP, 5060, 600, "sip1.x.example")},
    {SIP, 0, 0, ZONE(naptr), 2, PLACE(SIP, STOX_LOCATED_NAPTR, UDP, 5062, 300, "u.p.example")},
    /* 7247-5-05 */
    {SIP, 0, 0, ZONE(xmpp_srv), 5, PLACE(XMPP, STOX_LOCATED_SRV, TCP, 5270, 600, "im.x.example")},
    {SIP, 1, 0, ZONE(both), 3, PLACE(XMPP, STOX_LOCATED_SRV, TCP, 5269, 600, "im.x.example")},
    {SIP, 0, 0, ZONE(address4), 6, PLACE(SIP, STOX_LOCATED_ADDRESS, UDP, 5060, 120, "x.example")},
    {SIP, 1, 0, ZONE(address4), 4, PLACE(SIP, STOX_LOCATED_ADDRESS, TLS, 5061, 120, "x.example")},
    {SIP, 0, STOX_LOCATE_TCP, ZONE(address4), 4,
     PLACE(SIP, STOX_LOCATED_ADDRESS, TCP, 5060, 120, "x.example")},
    {SIP, 0, 0, ZONE(no_sip), 5, NOBODY},
    {SIP, 0, 0, ZONE(no_tls), 6, PLACE(SIP, STOX_LOCATED_ADDRESS, UDP, 5060, 120, "x.example")},
    {SIP, 0, 0, NULL, 0, 7, NOBODY},
    /* Records that cannot be used do not count. */
    {XMPP, 0, 0, ZONE(foreign), 5, PLACE(SIP, STOX_LOCATED_SRV, UDP, 5060, 600, "sip1.x.example")},
};

static void check_place(const stox_location *got, const stox_location *want) {
  assert_int_equal(got->protocol, want->protocol);
  assert_int_equal(got->source, want->source);
  assert_int_equal(got->transport, want->transport);
  assert_int_equal(got->port, want->port);
  assert_int_equal(got->ttl_s, want->ttl_s);
  assert_int_equal(got->schemes, want->schemes);
  assert_span_equal(got->target, want->target);
}

static void decisions(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    fixture f;
    stox_location place;
    resolver r = {rows[i].zone, rows[i].n, 0, 0};
    prepare(&f, rows[i].side);
    f.options.secure = rows[i].secure;
    f.options.transports = rows[i].transports != 0 ? rows[i].transports : f.options.transports;
    search(&f, &r, 0);
    assert_int_equal(r.asked, rows[i].asked);
    if (rows[i].want.protocol == STOX_PROTOCOL_NONE) {
      assert_status(stox_locate_get(&place, f.search, 0), STOX_E_UNKNOWN_DOMAIN);
      continue;
    }
    place = first(&f);
    check_place(&place, &rows[i].want);
    assert_status(stox_locate_get(&place, f.search, 1), STOX_E_NONE);
    f.options.max_ttl_s = rows[i].want.ttl_s - 1;
    search(&f, &r, 0);
    assert_int_equal(first(&f).ttl_s, f.options.max_ttl_s);
  }
}

/* ---- the table of decisions ---- */

static int is(stox_span cell, const char *text) {
  return stox_span_is_equal(cell, stox_span_text(text));
}

static int protocol_of(stox_span cell) {
  return is(cell, "sip") ? SIP : is(cell, "xmpp") ? XMPP : STOX_PROTOCOL_NONE;
}

/* The record that a cell of the table stands for, if it stands for one. */
static void add_cell(zone_record *zone, size_t *n, stox_span cell, zone_record record) {
  if (is(cell, "y") || is(cell, ".")) {
    zone[*n] = record;
    if (is(cell, ".")) {
      zone[*n].record.target = S(".");
    }
    ++*n;
  }
}

/* Which column a question belongs to. */
static size_t column_of(const stox_question *question) {
  if (question->type == STOX_RECORD_A || question->type == STOX_RECORD_AAAA) {
    return 5;
  }
  const stox_span front = S("_xmpp-server.");
  return stox_span_is_equal(stox_span_slice(question->name, 0, front.n), front) ? 3 : 4;
}

static void check_decision(fixture *f, const table *t) {
  zone_record zone[3];
  resolver r = {zone, 0, 0, 0};
  stox_question question;
  stox_location place = {0};
  add_cell(zone, &r.n, t->field[3], xmpp_srv[0]);
  add_cell(zone, &r.n, t->field[4], sip_udp[0]);
  add_cell(zone, &r.n, t->field[5], address4[0]);
  assert_status(stox_locate_start(&f->search, &f->arena, S("x.example"), &f->options, 1), STOX_OK);
  while (stox_locate_next(&question, f->search) == STOX_OK) {
    stox_record answer[STOX_RECORDS_MAX];
    assert_false(is(t->field[column_of(&question)], "-"));
    const size_t n = resolve(&r, answer, &question);
    assert_status(stox_locate_answer(f->search, STOX_OK, answer, n, 1), STOX_OK);
  }
  const int status = stox_locate_get(&place, f->search, 0);
  stox_span decision = t->field[6];
  const size_t space = stox_span_find(decision, ' ');
  decision = stox_span_slice(decision, 0, space);
  if (is(decision, "error")) {
    assert_status(status, STOX_E_UNKNOWN_DOMAIN);
    return;
  }
  assert_status(status, STOX_OK);
  assert_int_equal(place.protocol, protocol_of(decision));
  assert_int_equal(place.source == STOX_LOCATED_ADDRESS, space < t->field[6].n);
}

/* tests/vectors/7247/derived-protocol-decision.tsv */
static void decision_vectors(void **state) {
  (void)state;
  table t;
  size_t n = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS, "7247/derived-protocol-decision.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); n++) {
    fixture f;
    uint64_t seed = 1;
    const stox_random random = {sizeof random, &seed, test_fill};
    stox_locations_options options;
    stox_locations *known = NULL;
    assert_status(stox_locations_options_init(&options, sizeof options), STOX_OK);
    options.random = &random;
    assert_status(stox_locations_new(&known, &options), STOX_OK);
    prepare(&f, protocol_of(t.field[0]));
    f.options.locations = known;
    stox_location place = {.protocol = protocol_of(t.field[1]), .ttl_s = 60};
    if (place.protocol != STOX_PROTOCOL_NONE) {
      assert_status(stox_locations_set(known, S("x.example"), &place), STOX_OK);
    }
    place.protocol = protocol_of(t.field[2]);
    if (place.protocol != STOX_PROTOCOL_NONE) {
      const stox_location_key key = {S("x.example"), f.options.side, 0};
      assert_status(stox_locations_insert(known, &key, &place, 1, 0), STOX_OK);
    }
    check_decision(&f, &t);
    stox_locations_del(known);
  }
  assert_int_equal(n, 12);
  table_free(&t);
}

/* ---- order, cache, failures ---- */

static void places_in_order(void **state) {
  (void)state;
  static const zone_record zone[] = {
      SRV("_xmpp-server._tcp.x.example", 20, 0, 5269, "c.x.example"),
      SRV("_xmpp-server._tcp.x.example", 10, 0, 5269, "b.x.example"),
      SRV("_xmpp-server._tcp.x.example", 10, 60, 5269, "A.x.example"),
      SRV("_xmpp-server._tcp.x.example", 5, 0, 5269, "."),
      SRV("_xmpp-server._tcp.x.example", 30, 0, 5269, "192.0.2.9"),
  };
  static const char *const targets[] = {"a.x.example", "b.x.example", "c.x.example", "192.0.2.9"};
  fixture f;
  resolver r = {zone, COUNT(zone), 0, 0};
  stox_location place;
  prepare(&f, XMPP);
  search(&f, &r, 0);
  for (size_t i = 0; i < COUNT(targets); i++) {
    assert_status(stox_locate_get(&place, f.search, i), STOX_OK);
    assert_span_equal(place.target, stox_span_text(targets[i]));
  }
  assert_status(stox_locate_get(&place, f.search, COUNT(targets)), STOX_E_NONE);
}

/* More records than anybody needs: the first ones are taken, nothing overflows. */
static void many_records(void **state) {
  (void)state;
  fixture f;
  stox_record records[200];
  stox_location place;
  prepare(&f, XMPP);
  for (size_t i = 0; i < COUNT(records); i++) {
    records[i] = xmpp_srv[0].record;
  }
  assert_status(stox_locate_start(&f.search, &f.arena, S("x.example"), &f.options, 0), STOX_OK);
  assert_status(stox_locate_get(&place, f.search, 0), STOX_E_MORE);
  assert_status(stox_locate_answer(f.search, STOX_OK, records, COUNT(records), 0), STOX_OK);
  assert_status(stox_locate_get(&place, f.search, STOX_LOCATIONS_MAX - 1), STOX_OK);
  assert_status(stox_locate_get(&place, f.search, STOX_LOCATIONS_MAX), STOX_E_NONE);

  for (size_t i = 0; i < COUNT(records); i++) {
    records[i] = naptr[1].record;
  }
  prepare(&f, SIP);
  resolver r = {naptr, COUNT(naptr), 0, 0};
  assert_status(stox_locate_start(&f.search, &f.arena, S("x.example"), &f.options, 0), STOX_OK);
  assert_status(stox_locate_answer(f.search, STOX_OK, records, COUNT(records), 0), STOX_OK);
  resolve_all(f.search, &r, 0);
  assert_int_equal(first(&f).port, 5062);
}

static stox_locations *new_table(const stox_random *random) {
  stox_locations_options options;
  stox_locations *made = NULL;
  assert_status(stox_locations_options_init(&options, sizeof options), STOX_OK);
  options.random = random;
  assert_status(stox_locations_new(&made, &options), STOX_OK);
  return made;
}

/* 7247-5-06: within its time a decision costs no question; it can be put in, and taken out. */
static void cached(void **state) {
  (void)state;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, test_fill};
  fixture f;
  resolver r = {ZONE(naptr), 0, 0};
  prepare(&f, SIP);
  f.options.locations = new_table(&random);
  search(&f, &r, 0);
  assert_int_equal(r.asked, 2);
  search(&f, &r, 300 * second_ns - 1);
  assert_int_equal(r.asked, 2);
  stox_location place = first(&f);
  assert_int_equal(place.source, STOX_LOCATED_CACHE);
  assert_int_equal(place.port, 5062);
  assert_span_equal(place.target, S("u.p.example"));
  search(&f, &r, 300 * second_ns);
  assert_int_equal(r.asked, 4);
  stox_locations_flush(f.options.locations, S("X.EXAMPLE"));
  search(&f, &r, 301 * second_ns);
  assert_int_equal(r.asked, 6);

  /* The host knows better, for both sides and for as long as it says so. */
  const stox_location told = {.protocol = XMPP};
  assert_status(stox_locations_set(f.options.locations, S("x.example"), &told), STOX_OK);
  search(&f, &r, 302 * second_ns);
  assert_int_equal(r.asked, 6);
  assert_int_equal(first(&f).protocol, XMPP);
  assert_null(first(&f).target.p);
  f.options.side = XMPP;
  search(&f, &r, 302 * second_ns);
  assert_int_equal(first(&f).source, STOX_LOCATED_STATIC);
  assert_status(stox_locations_set(f.options.locations, S("x.example"), NULL), STOX_OK);
  search(&f, &r, 302 * second_ns);
  assert_int_equal(r.asked, 9);
  stox_locations_del(f.options.locations);
}

static void nobody_is_kept_shortly(void **state) {
  (void)state;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, test_fill};
  fixture f;
  stox_location place;
  resolver r = {NULL, 0, 0, 0};
  prepare(&f, XMPP);
  f.options.locations = new_table(&random);
  search(&f, &r, 0);
  assert_int_equal(r.asked, 7);
  search(&f, &r, 30 * second_ns - 1);
  assert_int_equal(r.asked, 7);
  assert_status(stox_locate_get(&place, f.search, 0), STOX_E_UNKNOWN_DOMAIN);
  f.options.negative_ttl_s = 0;
  search(&f, &r, 30 * second_ns);
  assert_int_equal(r.asked, 14);
  r.asked = 0;
  search(&f, &r, 30 * second_ns + 1);
  assert_int_equal(r.asked, 7);
  stox_locations_del(f.options.locations);
}

/* What rests on silence is no knowledge. */
static void silence_is_not_kept(void **state) {
  (void)state;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, test_fill};
  fixture f;
  stox_location place;
  prepare(&f, XMPP);
  f.options.locations = new_table(&random);
  resolver r = {ZONE(both), 0, 1};
  search(&f, &r, 0);
  assert_int_equal(first(&f).protocol, SIP);
  r.fail_at = 0;
  search(&f, &r, 1);
  assert_int_equal(first(&f).protocol, XMPP);
  stox_locations_flush(f.options.locations, (stox_span){NULL, 0});
  for (int at = 1; at <= 7; at++) {
    resolver silent = {NULL, 0, 0, at};
    search(&f, &silent, 2);
    assert_status(stox_locate_get(&place, f.search, 0), STOX_E_TIMEOUT);
  }
  stox_locations_del(f.options.locations);
}

/* 7247-6.5-04: asked only where it is wanted, and only of a SIP domain. */
static void im_and_pres(void **state) {
  (void)state;
  static const zone_record zone[] = {
      SRV("_sip._udp.x.example", 0, 0, 5060, "sip1.x.example"),
      SRV("_im._sip.x.example", 0, 0, 5060, "sip1.x.example"),
      SRV("_pres._sip.x.example", 0, 0, 0, "."),
  };
  fixture f;
  resolver r = {ZONE(zone), 0, 0};
  prepare(&f, XMPP);
  search(&f, &r, 0);
  assert_int_equal(r.asked, 5);
  assert_int_equal(first(&f).schemes, 0);
  f.options.probe_im_pres = 1;
  r.asked = 0;
  search(&f, &r, 0);
  assert_int_equal(r.asked, 7);
  assert_int_equal(first(&f).schemes, STOX_MAP_SUPPORTS_IM);
  assert_int_equal(first(&f).protocol, SIP);
  f.options.side = SIP;
  r.asked = 0;
  search(&f, &r, 0);
  assert_int_equal(r.asked, 4);
  resolver native = {ZONE(xmpp_srv), 0, 0};
  f.options.side = XMPP;
  search(&f, &native, 0);
  assert_int_equal(native.asked, 1);
}

static void literals(void **state) {
  (void)state;
  static const struct {
    stox_span domain;
    stox_span target;
  } addresses[] = {
      {ROW("192.0.2.7"), ROW("192.0.2.7")},
      {ROW("[2001:DB8::7]"), ROW("2001:db8::7")},
  };
  for (size_t i = 0; i < COUNT(addresses); i++) {
    for (int side = SIP; side <= XMPP; side++) {
      fixture f;
      stox_question question;
      prepare(&f, side);
      assert_status(stox_locate_start(&f.search, &f.arena, addresses[i].domain, &f.options, 0),
                    STOX_OK);
      assert_status(stox_locate_next(&question, f.search), STOX_E_NONE);
      assert_span_equal(first(&f).target, addresses[i].target);
      assert_int_equal(first(&f).protocol, side);
      assert_int_equal(first(&f).port, side == SIP ? 5060 : 5269);
    }
  }
}

static void internationalised(void **state) {
  (void)state;
  fixture f;
  stox_question question;
  prepare(&f, XMPP);
  assert_status(stox_locate_start(&f.search, &f.arena,
                                  S("b\xC3\xBC"
                                    "cher.example"),
                                  &f.options, 0),
                STOX_OK);
  assert_status(stox_locate_next(&question, f.search), STOX_OK);
  assert_span_equal(question.name, S("_xmpp-server._tcp.xn--bcher-kva.example"));
}

static void refused(void **state) {
  (void)state;
  static const struct {
    stox_span domain;
    int status;
  } domains[] = {
      {ROW(""), STOX_E_BAD_DOMAIN},      {ROW("a b"), STOX_E_BAD_DOMAIN},
      {ROW("a..b"), STOX_E_BAD_DOMAIN},  {ROW("a@b"), STOX_E_BAD_DOMAIN},
      {ROW("a\0b"), STOX_E_BAD_DOMAIN},  {ROW("\xC3"), STOX_E_BAD_UTF8},
      {ROW("1.2.3"), STOX_E_BAD_DOMAIN}, {ROW("[fe80::1%25eth0]"), STOX_E_ZONE_ID},
  };
  fixture f;
  stox_locate *none = NULL;
  prepare(&f, XMPP);
  for (size_t i = 0; i < COUNT(domains); i++) {
    assert_status(stox_locate_start(&none, &f.arena, domains[i].domain, &f.options, 0),
                  domains[i].status);
    stox_arena_reset(&f.arena);
  }
  f.options.side = STOX_PROTOCOL_NONE;
  assert_status(stox_locate_start(&none, &f.arena, S("a.b"), &f.options, 0), STOX_E_ARG);
  prepare(&f, XMPP);
  f.options.secure = 1;
  f.options.transports = STOX_LOCATE_UDP;
  assert_status(stox_locate_start(&none, &f.arena, S("a.b"), &f.options, 0), STOX_E_ARG);
  f.options.size = 1;
  assert_status(stox_locate_start(&none, &f.arena, S("a.b"), &f.options, 0), STOX_E_ARG);
  assert_status(stox_locate_options_init(&f.options, 1), STOX_E_ARG);
  assert_null(none);
}

/* Runs a search in `room` octets; its last status. */
static int run_in(size_t room, resolver *r) {
  fixture f;
  stox_question question;
  stox_location place;
  prepare(&f, XMPP);
  stox_arena_init(&f.arena, f.memory, room, 0, NULL);
  int status = stox_locate_start(&f.search, &f.arena, S("x.example"), &f.options, 0);
  while (status == STOX_OK && stox_locate_next(&question, f.search) == STOX_OK) {
    stox_record answer[STOX_RECORDS_MAX];
    const size_t n = resolve(r, answer, &question);
    status = stox_locate_answer(f.search, STOX_OK, answer, n, 0);
  }
  if (status != STOX_OK) {
    return status;
  }
  return stox_locate_get(&place, f.search, 0);
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  resolver zones[] = {{ZONE(naptr), 0, 0}, {ZONE(both), 0, 0}, {ZONE(sip_udp), 0, 0}};
  for (size_t i = 0; i < COUNT(zones); i++) {
    size_t room = 0;
    while (run_in(room, &zones[i]) == STOX_E_NOMEM) {
      room++;
    }
    assert_status(run_in(room, &zones[i]), STOX_OK);
    assert_true(room > sizeof(stox_location) * STOX_LOCATIONS_MAX);
  }
}

static int no_numbers(void *ud, void *p, size_t n) {
  (void)ud;
  (void)p;
  (void)n;
  return STOX_E_STATE;
}

static void random_source_fails(void **state) {
  (void)state;
  static const stox_random broken = {sizeof broken, NULL, no_numbers};
  const stox_record two[] = {xmpp_srv[0].record, xmpp_srv[0].record};
  fixture f;
  stox_location place;
  stox_question question;
  prepare(&f, XMPP);
  f.options.random = &broken;
  assert_status(stox_locate_start(&f.search, &f.arena, S("x.example"), &f.options, 0), STOX_OK);
  assert_status(stox_locate_answer(f.search, STOX_OK, two, 2, 0), STOX_E_STATE);
  assert_status(stox_locate_get(&place, f.search, 0), STOX_E_STATE);
  assert_status(stox_locate_next(&question, f.search), STOX_E_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decisions),
      cmocka_unit_test(decision_vectors),
      cmocka_unit_test(places_in_order),
      cmocka_unit_test(many_records),
      cmocka_unit_test(cached),
      cmocka_unit_test(nobody_is_kept_shortly),
      cmocka_unit_test(silence_is_not_kept),
      cmocka_unit_test(im_and_pres),
      cmocka_unit_test(literals),
      cmocka_unit_test(internationalised),
      cmocka_unit_test(refused),
      cmocka_unit_test(memory_runs_out_anywhere),
      cmocka_unit_test(random_source_fails),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
