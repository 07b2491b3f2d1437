/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/identity.h"

enum { SERVER = STOX_REFERENCE_XMPP_SERVER, SERVICE = STOX_REFERENCE_XMPP_SERVICE };
enum { CLIENT = STOX_REFERENCE_XMPP_CLIENT, SIP = STOX_REFERENCE_SIP, HOST = STOX_REFERENCE_HOST };
enum { CN = STOX_REFERENCE_ALLOW_CN, FIRST = STOX_REFERENCE_XMPP_ADDR_FIRST };
enum { OK = STOX_OK, NO = STOX_E_AUTH };

typedef struct row {
  int kind;
  uint32_t flags;
  stox_span name;
  stox_span lines;
  int status;
} row;

static void check(const row *r) {
  guard lines = guard_copy(r->lines);
  guard name = guard_copy(r->name);
  const stox_reference reference = {r->kind, r->flags, name.span};
  stox_identity which;
  const int got = stox_identity_match(&which, &reference, lines.span);
  if (got != r->status) {
    fail_msg("\"%.*s\" in \"%.*s\": %s", (int)r->name.n, r->name.p, (int)r->lines.n, r->lines.p,
             stox_status_name(got));
  }
  assert_status(stox_identity_match(NULL, &reference, lines.span), r->status);
  guard_free(&lines);
  guard_free(&name);
}

static void check_all(const row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    check(&rows[i]);
  }
}

/* "XC-5.1-11": the name that the user gives counts. "XC-14.2-04": a wildcard is one whole label. */
static void test_dns(void **state) {
  (void)state;
  static const row rows[] = {
      {SERVER, 0, ROW("example.com"), ROW("DNS:example.com\n"), OK},
      {SERVER, 0, ROW("example.com"), ROW("DNS:im.example.com\n"), NO},
      {SERVER, 0, ROW("EXAMPLE.com"), ROW("DNS:example.COM\n"), OK},
      {SERVER, 0, ROW("example.com."), ROW("DNS:example.com\n"), OK},
      {SERVER, 0, ROW("example.com"), ROW("DNS:b.example\nDNS:example.com"), OK},
      {SERVER, 0, ROW("example.com"), ROW(""), NO},
      {SERVICE, 0, ROW("example.com"), ROW("DNS:example.com\n"), OK},
      {HOST, 0, ROW("example.com"), ROW("DNS:example.com\n"), OK},
      {CLIENT, 0, ROW("a@example.com"), ROW("DNS:example.com\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:*.example.com\n"), OK},
      {SERVER, 0, ROW("a.b.example.com"), ROW("DNS:*.example.com\n"), NO},
      {SERVER, 0, ROW("example.com"), ROW("DNS:*.example.com\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:a*.example.com\n"), NO},
      {SERVER, 0, ROW("ab.example.com"), ROW("DNS:a*.example.com\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:*a.example.com\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:a.*.com\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:*.*.com\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:*\n"), NO},
      {SERVER, 0, ROW("a.example.com"), ROW("DNS:*.\n"), NO},
      {SERVER, 0, ROW("example.com"), ROW("DNS:*.com\n"), NO},
      {SERVER, 0, ROW("a.com."), ROW("DNS:*..com\n"), NO},
      {SERVER, 0,
       ROW("b\xC3\xBC"
           "cher.example"),
       ROW("DNS:xn--bcher-kva.example\n"), OK},
      {SERVER, 0, ROW("xn--bcher-kva.example"), ROW("DNS:XN--BCHER-KVA.example\n"), OK},
      {SERVER, 0,
       ROW("b\xC3\xBC"
           "cher.a.example"),
       ROW("DNS:*.a.example\n"), OK},
      {SERVER, 0,
       ROW("b\xC3\xBC"
           "cher.example"),
       ROW("DNS:xn--*.example\n"), NO},
      {HOST, 0, ROW("192.0.2.1"), ROW("IP:192.0.2.1\n"), OK},
      {HOST, 0, ROW("192.0.2.1"), ROW("DNS:192.0.2.1\n"), NO},
      {HOST, 0, ROW("192.0.2.1"), ROW("DNS:*.0.2.1\n"), NO},
      {HOST, 0, ROW("[2001:db8::1]"), ROW("IP:2001:db8:0:0::1\n"), OK},
      {HOST, 0, ROW("[2001:db8::1]"), ROW("IP:2001:db8::2\n"), NO},
      {HOST, 0, ROW("example.com"), ROW("IP:192.0.2.1\n"), NO},
      {SERVER, 0, ROW("192.0.2.1"), ROW("IP:192.0.2.1\n"), STOX_E_BAD_DOMAIN},
      {SERVER, 0, ROW(""), ROW("DNS:example.com\n"), STOX_E_BAD_DOMAIN},
      {SERVER, 0, ROW("a..b"), ROW("DNS:a..b\n"), STOX_E_BAD_DOMAIN},
      {SERVER, 0, ROW("*.example.com"), ROW("DNS:*.example.com\n"), STOX_E_BAD_DOMAIN},
      {SERVER, 0, ROW("\xFF"), ROW("DNS:example.com\n"), STOX_E_BAD_DOMAIN},
      {0, 0, ROW("example.com"), ROW("DNS:example.com\n"), STOX_E_ARG},
      {HOST + 1, 0, ROW("example.com"), ROW("DNS:example.com\n"), STOX_E_ARG},
  };
  check_all(rows, COUNT(rows));
}

/* RFC 6120 13.7.1.2 and 13.7.2; "XC-5.1-12"; "XC-14.2-05": with the flag as the draft has it. */
static void test_xmpp(void **state) {
  (void)state;
  static const row rows[] = {
      {SERVER, 0, ROW("example.net"), ROW("SRV:_xmpp-server.example.net\n"), OK},
      {SERVER, 0, ROW("example.net"), ROW("SRV:_XMPP-Server.EXAMPLE.net\n"), OK},
      {SERVER, 0, ROW("example.net"), ROW("SRV:_xmpp-client.example.net\n"), NO},
      {SERVICE, 0, ROW("example.net"), ROW("SRV:_xmpp-client.example.net\n"), OK},
      {SERVICE, 0, ROW("example.net"), ROW("SRV:_xmpp-server.example.net\n"), NO},
      {SERVER, 0, ROW("example.net"), ROW("SRV:_xmpps-server.example.net\n"), NO},
      {SERVER, 0, ROW("example.net"), ROW("SRV:_xmpp-server\n"), NO},
      {SERVER, 0, ROW("a.example.net"), ROW("SRV:_xmpp-server.*.example.net\n"), OK},
      {SERVER, 0, ROW("a.b.example.net"), ROW("SRV:_xmpp-server.*.example.net\n"), NO},
      {SERVER, 0, ROW("a.example.net"), ROW("SRV:*.a.example.net\n"), NO},
      {HOST, 0, ROW("example.net"), ROW("SRV:_xmpp-server.example.net\n"), NO},
      {SIP, 0, ROW("example.net"), ROW("SRV:_xmpp-server.example.net\n"), NO},
      {SERVER, 0, ROW("example.net"), ROW("XMPP:example.net\n"), OK},
      {SERVER, 0, ROW("example.net"), ROW("XMPP:Example.NET\n"), OK},
      {SERVER, 0, ROW("xn--bcher-kva.example"),
       ROW("XMPP:b\xC3\xBC"
           "cher.example\n"),
       OK},
      {SERVER, 0, ROW("example.net"), ROW("XMPP:a@example.net\n"), NO},
      {SERVER, 0, ROW("example.net"), ROW("XMPP:example.net/r\n"), NO},
      {SERVER, 0, ROW("a.example.net"), ROW("XMPP:*.example.net\n"), NO},
      {SIP, 0, ROW("example.net"), ROW("XMPP:example.net\n"), NO},
      {CLIENT, 0, ROW("juliet@im.example.com"), ROW("XMPP:juliet@im.example.com\n"), OK},
      {CLIENT, 0, ROW("juliet@im.example.com"), ROW("XMPP:Juliet@IM.example.com\n"), OK},
      {CLIENT, 0, ROW("juliet@im.example.com"), ROW("XMPP:romeo@im.example.com\n"), NO},
      {CLIENT, 0, ROW("juliet@im.example.com"), ROW("XMPP:im.example.com\n"), NO},
      {CLIENT, 0, ROW("juliet@im.example.com"), ROW("XMPP:juliet@im.example.com/x\n"), NO},
      {CLIENT, 0, ROW("juliet@im.example.com"), ROW("XMPP:a@b@c\nXMPP:juliet@im.example.com\n"),
       OK},
      {CLIENT, 0, ROW("im.example.com"), ROW("XMPP:im.example.com\n"), STOX_E_BAD_JID},
      {CLIENT, 0, ROW("a@b/c"), ROW("XMPP:a@b\n"), STOX_E_BAD_JID},
      {CLIENT, 0, ROW("a@-"), ROW("XMPP:a@-\n"), STOX_E_BAD_DOMAIN},
      {SERVER, 0, ROW("other.example"), ROW("XMPP:example.com\nDNS:other.example\n"), OK},
      {SERVER, FIRST, ROW("other.example"), ROW("XMPP:example.com\nDNS:other.example\n"), NO},
      {SERVER, FIRST, ROW("example.com"), ROW("DNS:other.example\nXMPP:example.com\n"), OK},
      {SERVER, FIRST, ROW("other.example"), ROW("DNS:other.example\n"), OK},
      {SIP, FIRST, ROW("other.example"), ROW("XMPP:example.com\nDNS:other.example\n"), OK},
  };
  check_all(rows, COUNT(rows));
}

/* RFC 5922 7.1 and 7.2. */
static void test_sip(void **state) {
  (void)state;
  static const row rows[] = {
      {SIP, 0, ROW("example.com"), ROW("URI:sip:example.com\n"), OK},
      {SIP, 0, ROW("example.com"), ROW("URI:SIP:EXAMPLE.com\n"), OK},
      {SIP, 0, ROW("example.com"), ROW("URI:sips:example.com\n"), NO},
      {SIP, 0, ROW("example.com"), ROW("URI:sip:a@example.com\n"), NO},
      {SIP, 0, ROW("example.com"), ROW("DNS:example.com\n"), OK},
      {SIP, 0, ROW("example.com"), ROW("DNS:example.com\nURI:sip:other.example\n"), NO},
      {SIP, 0, ROW("other.example"), ROW("DNS:example.com\nURI:sip:other.example\n"), OK},
      {SIP, 0, ROW("example.com"), ROW("DNS:example.com\nURI:sip:a@other.example\n"), OK},
      {SIP, 0, ROW("example.com"), ROW("DNS:example.com\nURI:sips:other.example\n"), OK},
      {SERVER, 0, ROW("example.com"), ROW("DNS:example.com\nURI:sip:other.example\n"), OK},
      {SERVER, 0, ROW("example.com"), ROW("URI:sip:example.com\n"), NO},
      {SIP, 0, ROW("a.example.com"), ROW("DNS:*.example.com\n"), NO},
      {SIP, 0, ROW("a.example.com"), ROW("URI:sip:*.example.com\n"), NO},
      {SIP, 0, ROW("192.0.2.1"), ROW("URI:sip:192.0.2.1\n"), OK},
      {SIP, 0, ROW("[2001:db8::1]"), ROW("URI:sip:[2001:db8:0::1]\n"), OK},
      {SIP, 0, ROW("192.0.2.1"), ROW("IP:192.0.2.1\n"), OK},
      {SIP, 0, ROW("192.0.2.1"), ROW("IP:192.0.2.2\n"), NO},
      {SIP, 0, ROW("192.0.2.1"), ROW("IP:192.0.2.1\nURI:sip:example.com\n"), NO},
      {SIP, 0, ROW("192.0.2.1"), ROW("DNS:192.0.2.1\n"), NO},
      {SIP, 0, ROW("example.com"), ROW("CN:example.com\n"), NO},
      {SIP, CN, ROW("example.com"), ROW("CN:example.com\n"), OK},
      {SIP, CN, ROW("a.example.com"), ROW("CN:*.example.com\n"), NO},
      {SERVER, CN, ROW("a.example.com"), ROW("CN:*.example.com\n"), OK},
      {SERVER, CN, ROW("example.com"), ROW("CN:example.com\nDNS:b.example\n"), NO},
      {SERVER, 0, ROW("example.com"), ROW("CN:example.com\n"), NO},
      {CLIENT, CN, ROW("a@example.com"), ROW("CN:a@example.com\n"), NO},
  };
  check_all(rows, COUNT(rows));
}

static void test_lines(void **state) {
  (void)state;
  const stox_span lines = S("DNS:a\nWHAT:b\nDNS:\nSRV:_s.c\n\nXMPP:d\nURI:sip:e\nIP:f\nCN:g");
  static const stox_identity want[] = {
      {STOX_IDENTITY_DNS, ROW("a")},  {STOX_IDENTITY_SRV, ROW("_s.c")},
      {STOX_IDENTITY_XMPP, ROW("d")}, {STOX_IDENTITY_URI, ROW("sip:e")},
      {STOX_IDENTITY_IP, ROW("f")},   {STOX_IDENTITY_CN, ROW("g")},
  };
  stox_identity got;
  size_t cursor = 0;
  for (size_t i = 0; i < COUNT(want); i++) {
    assert_status(stox_identity_next(&got, lines, &cursor), STOX_OK);
    assert_int_equal(got.kind, want[i].kind);
    assert_span_equal(got.value, want[i].value);
  }
  assert_status(stox_identity_next(&got, lines, &cursor), STOX_E_NONE);
  assert_status(stox_identity_next(&got, lines, &cursor), STOX_E_NONE);
}

static void test_put(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  const stox_identity good = {STOX_IDENTITY_XMPP, ROW("a@b")};
  const stox_identity forged = {STOX_IDENTITY_DNS, ROW("a\nDNS:b")};
  const stox_identity none = {STOX_IDENTITY_NONE, ROW("a")};
  const stox_identity beyond = {STOX_IDENTITY_CN + 1, ROW("a")};
  for (size_t cap = 0; cap <= 9; cap++) {
    stox_buf_init(&out, room, cap);
    assert_status(stox_identity_put(&out, &good), cap < 9 ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, 9);
  }
  assert_span_equal(stox_buf_span(&out), S("XMPP:a@b\n"));
  assert_status(stox_identity_put(&out, &forged), STOX_E_CTRL);
  assert_status(stox_identity_put(&out, &none), STOX_E_ARG);
  assert_status(stox_identity_put(&out, &beyond), STOX_E_ARG);
  assert_int_equal(out.len, 9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dns),   cmocka_unit_test(test_xmpp), cmocka_unit_test(test_sip),
      cmocka_unit_test(test_lines), cmocka_unit_test(test_put),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
