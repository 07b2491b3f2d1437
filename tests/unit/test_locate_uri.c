/* SPDX-License-Identifier: MIT */
/* RFC 3263 4 and 5: the next hop of a SIP URI, and of a response by its Via. Proves "ID-4.1-02": a
 * peer's edge proxy is found by SRV. */
#include "resolver.h"
#include "support.h"

#include "stox/flow.h"
#include "stox/locate.h"

enum { NONE = STOX_TRANSPORT_NONE, UDP = STOX_TRANSPORT_UDP };
enum { TCP = STOX_TRANSPORT_TCP, TLS = STOX_TRANSPORT_TLS };

static const zone_record zone[] = {
    NAPTR("x.example", 10, 50, "s", "SIP+D2T", "_sip._tcp.x.example"),
    NAPTR("x.example", 20, 50, "s", "SIPS+D2T", "_sips._tcp.x.example"),
    SRV("_sip._tcp.x.example", 0, 0, 5062, "t.x.example"),
    SRV("_sip._udp.x.example", 0, 0, 5064, "u.x.example"),
    SRV("_sips._tcp.x.example", 0, 0, 5065, "s.x.example"),
    SRV("_xmpp-server._tcp.y.example", 0, 0, 5269, "im.y.example"),
    SRV("_sips._tcp.b.example", 0, 0, 5061, "ep.b.example"),
    ADDRESS("x.example", STOX_RECORD_A, "192.0.2.1"),
    ADDRESS("z.example", STOX_RECORD_AAAA, "2001:db8::1"),
};

typedef struct row {
  const char *uri;
  int status; /* of the start */
  size_t asked;
  int transport; /* NONE: nobody */
  uint32_t port;
  const char *target;
} row;

static const row rows[] = {
    /* NAPTR, then SRV */
    {"sip:a@x.example", 0, 2, TCP, 5062, "t.x.example"},
    {"sips:a@x.example", 0, 2, TLS, 5065, "s.x.example"},
    {"sips:a@b.example", 0, 2, TLS, 5061, "ep.b.example"},
    /* A transport that is named: its SRV at once */
    {"sip:a@x.example;transport=udp", 0, 1, UDP, 5064, "u.x.example"},
    {"sip:a@x.example;transport=TCP", 0, 1, TCP, 5062, "t.x.example"},
    {"sip:a@x.example;transport=tls", 0, 1, TLS, 5065, "s.x.example"},
    {"sips:a@x.example;transport=tcp", 0, 1, TLS, 5065, "s.x.example"},
    {"sips:a@x.example;transport=tls", 0, 1, TLS, 5065, "s.x.example"},
    /* A port that is named: no question at all, UDP for sip, TLS for sips */
    {"sip:a@x.example:5080", 0, 0, UDP, 5080, "x.example"},
    {"sips:a@x.example:5081", 0, 0, TLS, 5081, "x.example"},
    {"sip:a@x.example:5080;transport=tcp", 0, 0, TCP, 5080, "x.example"},
    /* Numeric hosts */
    {"sip:a@192.0.2.3", 0, 0, UDP, 5060, "192.0.2.3"},
    {"sips:a@192.0.2.3", 0, 0, TLS, 5061, "192.0.2.3"},
    {"sip:a@[2001:db8::3];transport=tcp", 0, 0, TCP, 5060, "2001:db8::3"},
    {"sip:a@[2001:db8::3]:5070;transport=tls", 0, 0, TLS, 5070, "2001:db8::3"},
    /* maddr takes the host's place; the port stays the URI's */
    {"sip:a@q.example;maddr=x.example;transport=udp", 0, 1, UDP, 5064, "u.x.example"},
    {"sip:a@x.example:5070;maddr=192.0.2.9", 0, 0, UDP, 5070, "192.0.2.9"},
    {"sip:a@x.example;maddr=192.0.2.9", 0, 0, UDP, 5060, "192.0.2.9"},
    /* No SRV: the addresses, by UDP for sip and TLS for sips */
    {"sip:a@z.example", 0, 7, UDP, 5060, "z.example"},
    {"sips:a@z.example", 0, 5, TLS, 5061, "z.example"},
    {"sip:a@z.example;transport=tcp", 0, 3, TCP, 5060, "z.example"},
    /* The other protocol only where the URI leaves it open */
    {"sip:a@y.example", 0, 5, NONE, 5269, "im.y.example"},
    {"sip:a@y.example;transport=udp", 0, 3, NONE, 0, NULL},
    {"sip:a@x.example;transport=sctp", STOX_E_UNSUPPORTED, 0, NONE, 0, NULL},
    {"sips:a@x.example;transport=udp", STOX_E_UNSUPPORTED, 0, NONE, 0, NULL},
    {"tel:+1;phone-context=x.example", STOX_E_UNSUPPORTED_SCHEME, 0, NONE, 0, NULL},
};

static char memory[16384];

static stox_arena fresh(size_t room) {
  stox_arena arena;
  stox_arena_init(&arena, memory, room, 0, NULL);
  return arena;
}

static void check(const stox_locate *search, int transport, uint32_t port, const char *target) {
  stox_location place;
  const int status = stox_locate_get(&place, search, 0);
  if (target == NULL) {
    assert_status(status, STOX_E_UNKNOWN_DOMAIN);
    return;
  }
  assert_status(status, STOX_OK);
  assert_int_equal(place.protocol, transport == NONE ? STOX_PROTOCOL_XMPP : STOX_PROTOCOL_SIP);
  assert_int_equal(place.transport, transport == NONE ? TCP : transport);
  assert_int_equal(place.port, port);
  assert_span_equal(place.target, stox_span_text(target));
}

static void uris(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_arena arena = fresh(sizeof memory);
    stox_uri uri;
    stox_locate *search = NULL;
    guard g = guard_copy(stox_span_text(rows[i].uri));
    assert_status(stox_uri_parse(&uri, g.span, 0, NULL), STOX_OK);
    assert_status(stox_locate_start_uri(&search, &arena, &uri, NULL, 0), rows[i].status);
    guard_free(&g);
    if (rows[i].status != STOX_OK) {
      assert_null(search);
      continue;
    }
    resolver r = {zone, COUNT(zone), 0, 0};
    resolve_all(search, &r, 0);
    assert_int_equal(r.asked, rows[i].asked);
    check(search, rows[i].transport, rows[i].port, rows[i].target);
  }
}

static int start(const char *text, int transports, size_t room) {
  stox_arena arena = fresh(room);
  stox_locate_options options;
  stox_uri uri;
  stox_locate *search = NULL;
  assert_status(stox_uri_parse(&uri, stox_span_text(text), 0, NULL), STOX_OK);
  assert_status(stox_locate_options_init(&options, sizeof options), STOX_OK);
  options.transports = transports;
  return stox_locate_start_uri(&search, &arena, &uri, &options, 0);
}

static void transports_that_are_not_there(void **state) {
  (void)state;
  const int plain = STOX_LOCATE_UDP | STOX_LOCATE_TCP;
  const size_t room = sizeof memory;
  assert_status(start("sips:a@x.example", plain, room), STOX_E_UNSUPPORTED);
  assert_status(start("sips:a@x.example;transport=tcp", plain, room), STOX_E_UNSUPPORTED);
  assert_status(start("sip:a@x.example;transport=tls", plain, room), STOX_E_UNSUPPORTED);
  assert_status(start("sip:a@x.example;transport=udp", STOX_LOCATE_TCP, room), STOX_E_UNSUPPORTED);
  assert_status(start("sip:a@x.example", plain, room), STOX_OK);
  assert_status(start("sip:a@x.example", plain, 8), STOX_E_NOMEM);
}

typedef struct reply_row {
  stox_locate_reply reply;
  size_t asked;
  uint32_t port;
  const char *target;
} reply_row;

#define NO_SPAN                                                                                    \
  { NULL, 0 }

static const reply_row replies[] = {
    {{UDP, 0, NO_SPAN, ROW("192.0.2.5"), 40000, ROW("x.example"), 0}, 0, 40000, "192.0.2.5"},
    {{UDP, 0, NO_SPAN, ROW("192.0.2.5"), 0, ROW("x.example"), 0}, 0, 5060, "192.0.2.5"},
    {{UDP, 0, NO_SPAN, ROW("192.0.2.5"), 0, ROW("x.example"), 5070}, 0, 5070, "192.0.2.5"},
    {{UDP, 0, NO_SPAN, ROW("2001:db8::5"), 9, ROW("x.example"), 0}, 0, 9, "2001:db8::5"},
    {{UDP, 0, ROW("239.1.1.1"), ROW("192.0.2.5"), 9, ROW("x.example"), 0}, 0, 5060, "239.1.1.1"},
    {{UDP, 0, ROW("239.1.1.1"), NO_SPAN, 0, ROW("x.example"), 5070}, 0, 5070, "239.1.1.1"},
    /* sent-by alone */
    {{UDP, 0, NO_SPAN, NO_SPAN, 0, ROW("192.0.2.7"), 0}, 0, 5060, "192.0.2.7"},
    {{UDP, 0, NO_SPAN, NO_SPAN, 0, ROW("[2001:db8::7]"), 5070}, 0, 5070, "2001:db8::7"},
    {{UDP, 0, NO_SPAN, NO_SPAN, 0, ROW("x.example"), 5070}, 0, 5070, "x.example"},
    {{UDP, 0, NO_SPAN, NO_SPAN, 0, ROW("x.example"), 0}, 1, 5064, "u.x.example"},
    {{TCP, 0, NO_SPAN, NO_SPAN, 0, ROW("x.example"), 0}, 1, 5062, "t.x.example"},
    {{TLS, 0, NO_SPAN, NO_SPAN, 0, ROW("x.example"), 0}, 1, 5065, "s.x.example"},
    {{TCP, 0, NO_SPAN, NO_SPAN, 0, ROW("z.example"), 0}, 3, 5060, "z.example"},
    {{TLS, 0, NO_SPAN, NO_SPAN, 0, ROW("z.example"), 0}, 3, 5061, "z.example"},
    /* A connection is made to where the request came from, to sent-by's port; then to sent-by. */
    {{TCP, 0, ROW("239.1.1.1"), ROW("192.0.2.5"), 9, ROW("x.example"), 0}, 0, 5060, "192.0.2.5"},
    {{TLS, 0, NO_SPAN, ROW("192.0.2.5"), 9, ROW("x.example"), 0}, 0, 5061, "192.0.2.5"},
    {{TCP, 1, NO_SPAN, ROW("192.0.2.5"), 9, ROW("x.example"), 0}, 1, 5062, "t.x.example"},
    {{TCP, 1, NO_SPAN, ROW("192.0.2.5"), 9, ROW("x.example"), 5071}, 0, 5071, "x.example"},
};

static void responses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(replies); i++) {
    stox_arena arena = fresh(sizeof memory);
    stox_locate *search = NULL;
    resolver r = {zone, COUNT(zone), 0, 0};
    assert_status(stox_locate_start_reply(&search, &arena, &replies[i].reply, NULL, 0), STOX_OK);
    resolve_all(search, &r, 0);
    assert_int_equal(r.asked, replies[i].asked);
    check(search, replies[i].reply.transport, replies[i].port, replies[i].target);
  }
  stox_arena arena = fresh(sizeof memory);
  stox_locate *search = NULL;
  const stox_locate_reply none = {.host = S("x.example")};
  assert_status(stox_locate_start_reply(&search, &arena, &none, NULL, 0), STOX_E_UNSUPPORTED);
  const stox_locate_reply bad = {.transport = UDP, .host = S("x..example")};
  assert_status(stox_locate_start_reply(&search, &arena, &bad, NULL, 0), STOX_E_BAD_DOMAIN);
  stox_locate_options options = {.size = 1};
  assert_status(stox_locate_start_reply(&search, &arena, &bad, &options, 0), STOX_E_ARG);
  arena = fresh(8);
  assert_status(stox_locate_start_reply(&search, &arena, &replies[3].reply, NULL, 0), STOX_E_NOMEM);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uris),
      cmocka_unit_test(transports_that_are_not_there),
      cmocka_unit_test(responses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
