/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/host.h"

static const struct {
  stox_span host;
  int kind;
} kind_rows[] = {
    {ROW("example.com"), STOX_HOST_NAME},
    {ROW("EXAMPLE.com."), STOX_HOST_NAME},
    {ROW("a"), STOX_HOST_NAME},
    {ROW("localhost"), STOX_HOST_NAME},
    {ROW("1a.2-b.c3"), STOX_HOST_NAME},
    {ROW("xn--bcher-kva.example"), STOX_HOST_NAME},
    {ROW(""), STOX_HOST_NONE},
    {ROW("."), STOX_HOST_NONE},
    {ROW("a..b"), STOX_HOST_NONE},
    {ROW(".a"), STOX_HOST_NONE},
    {ROW("a.."), STOX_HOST_NONE},
    {ROW("-a"), STOX_HOST_NONE},
    {ROW("a-"), STOX_HOST_NONE},
    {ROW("a-.b"), STOX_HOST_NONE},
    {ROW("a_b.example"), STOX_HOST_NONE},
    {ROW("a b"), STOX_HOST_NONE},
    {ROW("a@b"), STOX_HOST_NONE},
    {ROW("a:b"), STOX_HOST_NONE},
    {ROW("a\0"), STOX_HOST_NONE},
    {ROW("a.1b"), STOX_HOST_NONE},
    {ROW("123"), STOX_HOST_NONE},
    {ROW("0x7f.1"), STOX_HOST_NONE},
    {ROW("192.0.2.1"), STOX_HOST_IPV4},
    {ROW("255.255.255.255"), STOX_HOST_IPV4},
    {ROW("0.0.0.0"), STOX_HOST_IPV4},
    {ROW("256.0.0.1"), STOX_HOST_NONE},
    {ROW("192.0.2"), STOX_HOST_NONE},
    {ROW("192.0.2.1.1"), STOX_HOST_NONE},
    {ROW("192.0.2.01"), STOX_HOST_NONE},
    {ROW("192.0.2.1."), STOX_HOST_NONE},
    {ROW("192.0.2."), STOX_HOST_NONE},
    {ROW("[::]"), STOX_HOST_IPV6},
    {ROW("[::1]"), STOX_HOST_IPV6},
    {ROW("[2001:DB8::ffff:192.0.2.1]"), STOX_HOST_IPV6},
    {ROW("[1:2:3:4:5:6:7:8]"), STOX_HOST_IPV6},
    {ROW("[2001:db8:::192.0.2.1]"), STOX_HOST_IPV6},
    {ROW("[:::192.0.2.1]"), STOX_HOST_IPV6},
    {ROW("[::::192.0.2.1]"), STOX_HOST_NONE},
    {ROW("[2001:db8:::1]"), STOX_HOST_NONE},
    {ROW("[2001:::db8:192.0.2.1]"), STOX_HOST_NONE},
    {ROW("[:::]"), STOX_HOST_NONE},
    {ROW("[fe80::1%eth0]"), STOX_HOST_IPV6_ZONE},
    {ROW("[fe80::1%25eth0]"), STOX_HOST_IPV6_ZONE},
    {ROW("[fe80::1%]"), STOX_HOST_NONE},
    {ROW("[fe80::1%a b]"), STOX_HOST_NONE},
    {ROW("[fe80::1%2]"), STOX_HOST_IPV6_ZONE},
    {ROW("[fe80::1%a%2]"), STOX_HOST_NONE},
    {ROW("[fe80::1%a%2g]"), STOX_HOST_NONE},
    {ROW("[fe80::1%a%g2]"), STOX_HOST_NONE},
    {ROW("[fe80::1%a%2f]"), STOX_HOST_IPV6_ZONE},
    {ROW("[192.0.2.1]"), STOX_HOST_NONE},
    {ROW("[v1.a]"), STOX_HOST_NONE},
    {ROW("[]"), STOX_HOST_NONE},
    {ROW("["), STOX_HOST_NONE},
    {ROW("[::1"), STOX_HOST_NONE},
    {ROW("::1"), STOX_HOST_NONE},
    {ROW("[::1]x"), STOX_HOST_NONE},
    {ROW("b\xC3\xBC"
         "cher.example"),
     STOX_HOST_IDN},
    {ROW("b\xC3\xBC_a"), STOX_HOST_NONE},
    {ROW("b\xC3\xBC@a"), STOX_HOST_NONE},
    {ROW("b\xC3"), STOX_HOST_NONE},
    {ROW("\xC3\xBC..a"), STOX_HOST_NONE},
};

static void kinds(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(kind_rows); i++) {
    guard g = guard_copy(kind_rows[i].host);
    if (stox_host_kind(g.span) != kind_rows[i].kind) {
      fail_msg("\"%.*s\" is %d", (int)g.span.n, g.span.p, stox_host_kind(g.span));
    }
    guard_free(&g);
  }
  assert_int_equal(stox_host_kind((stox_span){NULL, 0}), STOX_HOST_NONE);
}

/* Labels of 62, 63, 64 octets; names of 252, 253, 254. */
static void limits(void **state) {
  (void)state;
  char label[64];
  memset(label, 'a', sizeof label);
  assert_int_equal(stox_host_kind((stox_span){label, 62}), STOX_HOST_NAME);
  assert_int_equal(stox_host_kind((stox_span){label, 63}), STOX_HOST_NAME);
  assert_int_equal(stox_host_kind((stox_span){label, 64}), STOX_HOST_NONE);
  char name[255];
  for (size_t i = 0; i < sizeof name; i++) {
    name[i] = i % 50 == 49 ? '.' : 'b';
  }
  assert_int_equal(stox_host_kind((stox_span){name, 252}), STOX_HOST_NAME);
  assert_int_equal(stox_host_kind((stox_span){name, 253}), STOX_HOST_NAME);
  assert_int_equal(stox_host_kind((stox_span){name, 254}), STOX_HOST_NONE);
  name[253] = '.';
  assert_int_equal(stox_host_kind((stox_span){name, 254}), STOX_HOST_NAME);
}

static void ip6(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    unsigned char octets[16];
  } good[] = {
      {ROW("::"), {0}},
      {ROW("::1"), {[15] = 1}},
      {ROW(":::1.2.3.4"), {[12] = 1, 2, 3, 4}},
      {ROW("1:::1.2.3.4"), {[1] = 1, [12] = 1, 2, 3, 4}},
      {ROW("1::"), {[1] = 1}},
      {ROW("1::8"), {[1] = 1, [15] = 8}},
      {ROW("2001:db8:0:1::ABCD"), {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, [14] = 0xab, [15] = 0xcd}},
      {ROW("1:2:3:4:5:6:7:8"), {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
      {ROW("1:2:3:4:5:6:7::"), {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0}},
      {ROW("::2:3:4:5:6:7:8"), {0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
      {ROW("::192.0.2.1"), {[12] = 192, 0, 2, 1}},
      {ROW("::ffff:192.0.2.1"), {[10] = 0xff, 0xff, 192, 0, 2, 1}},
      {ROW("1:2:3:4:5:6:192.0.2.1"), {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 192, 0, 2, 1}},
  };
  for (size_t i = 0; i < COUNT(good); i++) {
    guard g = guard_copy(good[i].text);
    unsigned char octets[16];
    size_t n = 0;
    assert_status(stox_host_address(octets, &n, g.span), STOX_OK);
    assert_int_equal(n, 16);
    assert_memory_equal(octets, good[i].octets, 16);
    guard_free(&g);
  }
  static const stox_span bad[] = {
      ROW(""),
      ROW(":"),
      ROW(":::"),
      ROW("1"),
      ROW("1:"),
      ROW(":1"),
      ROW("1:2"),
      ROW("1::2::3"),
      ROW("1:::2"),
      ROW("1::::1.2.3.4"),
      ROW("1:::1.2.3"),
      ROW("1:2:3:4:5:6:::1.2.3.4"),
      ROW("12345::"),
      ROW("g::"),
      ROW("1:2:3:4:5:6:7"),
      ROW("1:2:3:4:5:6:7:8:9"),
      ROW("1:2:3:4::5:6:7:8"),
      ROW("1:2:3:4:5:6:7:192.0.2.1"),
      ROW("::192.0.2"),
      ROW("192.0.2.1::"),
      ROW("::192.0.2.1:1"),
      ROW("::1%a"),
      ROW("::1 "),
      ROW("[::1]"),
      ROW("::-1"),
      ROW("1:2:3:4:5:6:7:8:"),
  };
  for (size_t i = 0; i < COUNT(bad); i++) {
    guard g = guard_copy(bad[i]);
    unsigned char octets[16];
    size_t n = 0;
    assert_status(stox_host_address(octets, &n, g.span), STOX_E_BAD_HOST);
    guard_free(&g);
  }
}

static void ip4(void **state) {
  (void)state;
  unsigned char octets[16];
  size_t n = 0;
  assert_status(stox_host_address(octets, &n, S("192.0.2.255")), STOX_OK);
  assert_int_equal(n, 4);
  assert_memory_equal(octets, "\xC0\x00\x02\xFF", 4);
}

static void equal(void **state) {
  (void)state;
  static const struct {
    stox_span a;
    stox_span b;
    int equal;
  } rows[] = {
      {ROW("Example.COM"), ROW("example.com"), 1},
      {ROW("example.com."), ROW("example.com"), 1},
      {ROW("example.com"), ROW("example.net"), 0},
      {ROW("192.0.2.1"), ROW("192.0.2.1"), 1},
      {ROW("192.0.2.1"), ROW("192.0.2.2"), 0},
      {ROW("[::1]"), ROW("[0:0:0:0:0:0:0:1]"), 1},
      {ROW("[2001:DB8::]"), ROW("[2001:db8:0::]"), 1},
      {ROW("[::1]"), ROW("[::2]"), 0},
      {ROW("[fe80::1%a]"), ROW("[FE80::1%a]"), 1},
      {ROW("[fe80::1%a]"), ROW("[fe80::1%A]"), 0},
      {ROW("[fe80::1%a]"), ROW("[fe80::1]"), 0},
      {ROW("[::192.0.2.1]"), ROW("192.0.2.1"), 0},
      {ROW("192.0.2.1"), ROW("example.com"), 0},
      {ROW(""), ROW("192.0.2.1"), 0},
      {ROW("[::g]"), ROW("[::]"), 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_host_is_equal(rows[i].a, rows[i].b), rows[i].equal);
    assert_int_equal(stox_host_is_equal(rows[i].b, rows[i].a), rows[i].equal);
    assert_int_equal(stox_host_is_equal(rows[i].a, rows[i].a), 1);
  }
}

static void networks(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    stox_span cidr;
    int in;
  } rows[] = {
      {ROW("127.0.0.1"), ROW("127.0.0.0/8"), 1},
      {ROW("126.255.255.255"), ROW("127.0.0.0/8"), 0},
      {ROW("192.0.2.127"), ROW("192.0.2.0/25"), 1},
      {ROW("192.0.2.128"), ROW("192.0.2.0/25"), 0},
      {ROW("192.0.2.1"), ROW("192.0.2.1"), 1},
      {ROW("192.0.2.1"), ROW("192.0.2.1/32"), 1},
      {ROW("192.0.2.2"), ROW("192.0.2.1/32"), 0},
      {ROW("192.0.2.2"), ROW("0.0.0.0/0"), 1},
      {ROW("::1"), ROW("0.0.0.0/0"), 0},
      {ROW("::1"), ROW("::1/128"), 1},
      {ROW("::1"), ROW("::1"), 1},
      {ROW("2001:db8::1"), ROW("2001:db8::/32"), 1},
      {ROW("2001:db9::1"), ROW("2001:db8::/31"), 1},
      {ROW("2001:dba::1"), ROW("2001:db8::/31"), 0},
      {ROW("::ffff:127.0.0.1"), ROW("127.0.0.0/8"), 1},
      {ROW("127.0.0.1"), ROW("::ffff:127.0.0.0/104"), 1},
      {ROW("127.0.0.1"), ROW("::/0"), 0},
      {ROW("127.0.0.1"), ROW("127.0.0.0/33"), 0},
      {ROW("127.0.0.1"), ROW("127.0.0.0/"), 0},
      {ROW("127.0.0.1"), ROW("127.0.0.0/-1"), 0},
      {ROW("127.0.0.1"), ROW("127.0.0/8"), 0},
      {ROW("example"), ROW("0.0.0.0/0"), 0},
      {ROW("::1"), ROW("::1/129"), 0},
      {ROW(""), ROW(""), 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (stox_host_is_in(rows[i].text, rows[i].cidr) != rows[i].in) {
      fail_msg("%s in %s", rows[i].text.p, rows[i].cidr.p);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kinds), cmocka_unit_test(limits), cmocka_unit_test(ip6),
      cmocka_unit_test(ip4),   cmocka_unit_test(equal),  cmocka_unit_test(networks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
