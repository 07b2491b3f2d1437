/* SPDX-License-Identifier: MIT */
#include "certificate_support.h"

#include "crypto/der.h"

static char room[CERTIFICATE_ROOM];

static stox_span identities(const stox_certificate *c, uint32_t *skipped, int want) {
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_certificate_identities(&out, c, skipped), want);
  return stox_buf_span(&out);
}

/* "XC-5.1-12": the JID is decoded from its otherName. */
static void test_parts(void **state) {
  (void)state;
  static const test_name names[] = {
      {STOX_IDENTITY_DNS, ROW("im.example.com")},
      {STOX_IDENTITY_DNS, ROW("*.example.com")},
      {STOX_IDENTITY_XMPP, ROW("im.example.com")},
      {STOX_IDENTITY_XMPP, ROW("a@b\xC3\xBC.example")},
      {STOX_IDENTITY_URI, ROW("sip:example.com")},
      {STOX_IDENTITY_IP, ROW("\xC0\x00\x02\x01")},
      {STOX_IDENTITY_IP, ROW("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01")},
      {STOX_IDENTITY_SRV, ROW("_xmpp-server.im.example.com")},
      {STOX_IDENTITY_SRV, ROW("_xmpp-client.*.example.com")},
      {-0x81, ROW("mail@example.com")},
  };
  const test_recipe recipe = {.cn = "other.example",
                              .names = names,
                              .names_n = COUNT(names),
                              .purpose = GNUTLS_KP_TLS_WWW_SERVER};
  test_certificate made;
  stox_certificate c;
  uint32_t skipped;
  test_certificate_make(&made, &recipe, NULL);
  guard der = guard_copy(made.der);
  assert_status(stox_certificate_parse(&c, der.span), STOX_OK);
  assert_int_equal(c.not_before, TEST_NOW - TEST_DAY);
  assert_int_equal(c.not_after, TEST_NOW + 90 * TEST_DAY);
  assert_int_equal(c.purposes, STOX_PURPOSE_SERVER);
  assert_int_equal(c.unknown_critical, 0);
  assert_span_equal(c.der, made.der);
  assert_span_equal(c.issuer, c.subject);
  assert_span_equal(identities(&c, &skipped, STOX_OK),
                    S("DNS:im.example.com\nDNS:*.example.com\nXMPP:im.example.com\n"
                      "XMPP:a@b\xC3\xBC.example\nURI:sip:example.com\nIP:192.0.2.1\n"
                      "IP:2001:0db8:0000:0000:0000:0000:0000:0001\n"
                      "SRV:_xmpp-server.im.example.com\nSRV:_xmpp-client.*.example.com\n"));
  assert_int_equal(skipped, 0);
  const size_t n = identities(&c, NULL, STOX_OK).n;
  for (size_t cap = 0; cap <= n; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    assert_status(stox_certificate_identities(&out, &c, NULL), cap < n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, n);
  }
  guard_free(&der);
  test_certificate_free(&made);
}

/* What GnuTLS says of the same certificate. */
static void test_pin(void **state) {
  (void)state;
  const test_recipe recipe = {.cn = "a.example", .purpose = "1.2.3.4"};
  test_certificate made;
  stox_certificate c;
  unsigned char pin[STOX_PIN_SIZE];
  unsigned char want[STOX_PIN_SIZE];
  size_t n = sizeof want;
  test_certificate_make(&made, &recipe, NULL);
  assert_status(stox_certificate_parse(&c, made.der), STOX_OK);
  assert_int_equal(c.purposes, STOX_PURPOSE_OTHER);
  assert_status(stox_certificate_pin(pin, &c), STOX_OK);
  assert_int_equal(gnutls_x509_crt_get_key_id(made.crt, GNUTLS_KEYID_USE_SHA256, want, &n), 0);
  assert_memory_equal(pin, want, sizeof want);
  test_certificate_free(&made);
}

/* Each name alone: a text, or skipped where it is NULL. */
static void test_hostile_names(void **state) {
  (void)state;
  static const struct {
    test_name name;
    const char *text;
  } rows[] = {
      {{STOX_IDENTITY_DNS, ROW("good.example\0.evil.example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("good.example\0")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("a.example\nDNS:good.example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("")}, NULL},
      {{STOX_IDENTITY_DNS, ROW(".")}, NULL},
      {{STOX_IDENTITY_DNS, ROW(" ")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("*")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("*.")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("*a.example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("a*.example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("a.*.example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("*.*.example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("a..example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW(".example")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("a.example.")}, NULL},
      {{STOX_IDENTITY_DNS, ROW("b\xC3\xBC"
                               "cher.example")},
       NULL},
      {{STOX_IDENTITY_DNS, ROW("a b.example")}, NULL},
      {{STOX_IDENTITY_DNS,
        ROW("1234567890123456789012345678901234567890123456789012345678901234.a")},
       NULL},
      {{STOX_IDENTITY_DNS,
        ROW("123456789012345678901234567890123456789012345678901234567890123.a")},
       "DNS:123456789012345678901234567890123456789012345678901234567890123.a\n"},
      {{STOX_IDENTITY_DNS, ROW("a_b.example")}, "DNS:a_b.example\n"},
      {{STOX_IDENTITY_DNS, ROW("XN--bcher-kva.EXAMPLE")}, "DNS:XN--bcher-kva.EXAMPLE\n"},
      {{STOX_IDENTITY_SRV, ROW("xmpp-server.a.example")}, NULL},
      {{STOX_IDENTITY_SRV, ROW("_.a.example")}, NULL},
      {{STOX_IDENTITY_SRV, ROW("_xmpp-server")}, NULL},
      {{STOX_IDENTITY_SRV, ROW("_xmpp-server.")}, NULL},
      {{STOX_IDENTITY_SRV, ROW("_xmpp-server.a\0b")}, NULL},
      {{STOX_IDENTITY_SRV, ROW("_*.a.example")}, NULL},
      {{STOX_IDENTITY_XMPP, ROW("")}, NULL},
      {{STOX_IDENTITY_XMPP, ROW("@")}, NULL},
      {{STOX_IDENTITY_XMPP, ROW("a@b\0c")}, NULL},
      {{STOX_IDENTITY_XMPP, ROW("a@b\nXMPP:root@b")}, NULL},
      {{STOX_IDENTITY_XMPP, ROW("a@b\xFF")}, NULL},
      {{STOX_IDENTITY_URI, ROW("sip:good.example\0.evil.example")}, NULL},
      {{STOX_IDENTITY_URI, ROW("sip:")}, NULL},
      {{STOX_IDENTITY_URI, ROW("https://good.example")}, NULL},
      {{STOX_IDENTITY_URI, ROW("sips:a@good.example")}, "URI:sips:a@good.example\n"},
      {{STOX_IDENTITY_IP, ROW("\x01\x02\x03")}, NULL},
      {{STOX_IDENTITY_IP, ROW("")}, NULL},
      {{STOX_IDENTITY_IP, ROW("\x01\x02\x03\x04\x05\x06\x07\x08")}, NULL},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char der[CERTIFICATE_ROOM / 4];
    uint32_t skipped;
    stox_certificate c = {.der = {NULL, 0}};
    stox_span whole = {der, test_names_der(der, &rows[i].name, 1)};
    assert_status(stox_der_take(&c.alternatives, NULL, &whole, STOX_DER_SEQUENCE), STOX_OK);
    guard g = guard_copy(c.alternatives);
    c.alternatives = g.span;
    const stox_span got = identities(&c, &skipped, STOX_OK);
    assert_int_equal(skipped, rows[i].text == NULL);
    assert_span_equal(got, rows[i].text == NULL ? S("") : stox_span_text(rows[i].text));
    guard_free(&g);
  }
}

static void check_common_name(const char *cn, const test_name *names, size_t n, stox_span want) {
  const test_recipe recipe = {.cn = cn, .names = names, .names_n = n};
  test_certificate made;
  stox_certificate c;
  test_certificate_make(&made, &recipe, NULL);
  assert_status(stox_certificate_parse(&c, made.der), STOX_OK);
  assert_span_equal(identities(&c, NULL, STOX_OK), want);
  test_certificate_free(&made);
}

/* RFC 5922 7.1, RFC 6125 6.4.4: only where there is no subjectAltName. */
static void test_common_name(void **state) {
  (void)state;
  static const test_name mail[] = {{-0x81, ROW("a@example.com")}};
  check_common_name("example.com", NULL, 0, S("CN:example.com\n"));
  check_common_name("Example Internet Services", NULL, 0, S(""));
  check_common_name(NULL, NULL, 0, S(""));
  check_common_name("example.com", mail, 1, S(""));
}

static void test_many_names(void **state) {
  (void)state;
  static test_name names[1025];
  for (size_t i = 0; i < COUNT(names); i++) {
    names[i] = (test_name){STOX_IDENTITY_DNS, S("example.com")};
  }
  for (size_t n = COUNT(names) - 1; n <= COUNT(names); n++) {
    const test_recipe recipe = {.cn = "a.example", .names = names, .names_n = n};
    test_certificate made;
    stox_certificate c;
    test_certificate_make(&made, &recipe, NULL);
    assert_status(stox_certificate_parse(&c, made.der), STOX_OK);
    (void)identities(&c, NULL, n < COUNT(names) ? STOX_OK : STOX_E_TOO_MANY);
    test_certificate_free(&made);
  }
}

/* Every prefix is refused, every damaged octet is survived. */
static void test_damage(void **state) {
  (void)state;
  static const test_name names[] = {{STOX_IDENTITY_XMPP, ROW("a@b")},
                                    {STOX_IDENTITY_SRV, ROW("_a.b")}};
  const test_recipe recipe = {.cn = "a.example",
                              .names = names,
                              .names_n = COUNT(names),
                              .critical = "1.2.3.4",
                              .purpose = GNUTLS_KP_ANY};
  test_certificate made;
  stox_certificate c;
  test_certificate_make(&made, &recipe, NULL);
  assert_status(stox_certificate_parse(&c, made.der), STOX_OK);
  assert_int_equal(c.unknown_critical, 1);
  assert_int_equal(c.purposes, STOX_PURPOSE_ANY);
  for (size_t n = 0; n < made.der.n; n++) {
    guard g = guard_copy(stox_span_slice(made.der, 0, n));
    assert_status(stox_certificate_parse(&c, g.span), STOX_E_SYNTAX);
    guard_free(&g);
  }
  guard g = guard_copy(made.der);
  char *p = (char *)(uintptr_t)g.span.p;
  for (size_t i = 0; i < g.span.n; i++) {
    for (int bit = 0; bit < 8; bit++) {
      p[i] = (char)(p[i] ^ 1 << bit);
      if (stox_certificate_parse(&c, g.span) == STOX_OK) {
        stox_buf out;
        stox_buf_init(&out, room, sizeof room);
        (void)stox_certificate_identities(&out, &c, NULL);
      }
      p[i] = (char)(p[i] ^ 1 << bit);
    }
  }
  guard_free(&g);
  test_certificate_free(&made);
}

static void test_der_lengths(void **state) {
  (void)state;
  static const struct {
    stox_span der;
    int status;
  } rows[] = {
      {ROW(""), STOX_E_NONE},
      {ROW("\x30"), STOX_E_SYNTAX},
      {ROW("\x30\x00"), STOX_OK},
      {ROW("\x30\x01"), STOX_E_SYNTAX},
      {ROW("\x30\x80\x00\x00"), STOX_E_SYNTAX}, /* indefinite */
      {ROW("\x30\x81\x01\x00"), STOX_E_SYNTAX}, /* not the shortest */
      {ROW("\x30\x82\x00\x80"), STOX_E_SYNTAX}, /* leading zero */
      {ROW("\x30\x84\xFF\xFF\xFF\xFF\x00"), STOX_E_SYNTAX},
      {ROW("\x30\x85\x01\x00\x00\x00\x00"), STOX_E_SYNTAX},
      {ROW("\x1F\x01\x00"), STOX_E_SYNTAX}, /* tag of more octets */
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].der);
    stox_der element;
    assert_status(stox_der_next(&element, &g.span), rows[i].status);
    guard_free(&g);
  }
}

static void test_times(void **state) {
  (void)state;
  static const struct {
    stox_span der;
    int64_t seconds; /* INT64_MIN: refused */
  } rows[] = {
      {ROW("\x17\x0D"
           "700101000000Z"),
       0},
      {ROW("\x17\x0D"
           "491231235959Z"),
       INT64_C(2524607999)},
      {ROW("\x17\x0D"
           "500101000000Z"),
       INT64_C(-631152000)},
      {ROW("\x18\x0F"
           "20500101000000Z"),
       INT64_C(2524608000)},
      {ROW("\x18\x0F"
           "99991231235959Z"),
       INT64_C(253402300799)},
      {ROW("\x17\x0D"
           "240229000000Z"),
       INT64_C(1709164800)},
      {ROW("\x17\x0D"
           "230229000000Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "700001000000Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "701301000000Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "700100000000Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "700101240000Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "700101006000Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "700101000060Z"),
       INT64_MIN},
      {ROW("\x17\x0D"
           "7001010000000"),
       INT64_MIN},
      {ROW("\x17\x0B"
           "7001010000Z"),
       INT64_MIN},
      {ROW("\x17\x11"
           "700101000000+0100"),
       INT64_MIN},
      {ROW("\x18\x0D"
           "700101000000Z"),
       INT64_MIN},
      {ROW("\x18\x0F"
           "2O500101000000Z"),
       INT64_MIN},
      {ROW("\x17\x0F"
           "20500101000000Z"),
       INT64_MIN},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].der);
    int64_t got = INT64_MIN;
    const int status = stox_der_time(&got, &g.span);
    assert_status(status, rows[i].seconds == INT64_MIN ? STOX_E_SYNTAX : STOX_OK);
    assert_int_equal(got, rows[i].seconds);
    guard_free(&g);
  }
}

/* The body of a certificate with the extensions given and a version octet. */
static int parse_with(int version, stox_span extensions) {
  static const char head[] = "\x02\x01\x01\x30\x00\x30\x00\x30\x1E\x17\x0D"
                             "700101000000Z\x17\x0D"
                             "700101000000Z\x30\x00\x30\x00";
  char der[512];
  stox_buf out;
  stox_certificate c;
  const size_t inner = extensions.n;
  const size_t body = 5 + sizeof head - 1 + 4 + inner;
  assert_true(body + 6 < 0x80);
  stox_buf_init(&out, der, sizeof der);
  (void)stox_buf_put_octet(&out, 0x30);
  (void)stox_buf_put_octet(&out, (char)(body + 2 + 4));
  (void)stox_buf_put_octet(&out, 0x30);
  (void)stox_buf_put_octet(&out, (char)body);
  (void)stox_buf_put(&out, (stox_span){"\xA0\x03\x02\x01", 4});
  (void)stox_buf_put_octet(&out, (char)version);
  (void)stox_buf_put(&out, (stox_span){head, sizeof head - 1});
  (void)stox_buf_put_octet(&out, (char)0xA3);
  (void)stox_buf_put_octet(&out, (char)(inner + 2));
  (void)stox_buf_put_octet(&out, 0x30);
  (void)stox_buf_put_octet(&out, (char)inner);
  (void)stox_buf_put(&out, extensions);
  assert_status(stox_buf_put(&out, (stox_span){"\x30\x00\x03\x00", 4}), STOX_OK);
  return stox_certificate_parse(&c, stox_buf_span(&out));
}

static void test_extensions(void **state) {
  (void)state;
  static const char usage[] = "\x30\x09\x06\x03\x55\x1D\x0F\x04\x02\x05\x00";
  static const char twice[] = "\x30\x09\x06\x03\x55\x1D\x0F\x04\x02\x05\x00"
                              "\x30\x09\x06\x03\x55\x1D\x0F\x04\x02\x05\x00";
  static const char names[] = "\x30\x09\x06\x03\x55\x1D\x11\x04\x02\x05\x00";
  static const char no_purpose[] = "\x30\x09\x06\x03\x55\x1D\x25\x04\x02\x30\x00";
  static const char flag[] = "\x30\x0D\x06\x03\x55\x1D\x0F\x01\x02\xFF\xFF\x04\x02\x05\x00";
  assert_status(parse_with(2, (stox_span){usage, sizeof usage - 1}), STOX_OK);
  assert_status(parse_with(1, (stox_span){usage, sizeof usage - 1}), STOX_E_BAD_VERSION);
  assert_status(parse_with(3, (stox_span){usage, sizeof usage - 1}), STOX_E_SYNTAX);
  assert_status(parse_with(2, (stox_span){twice, sizeof twice - 1}), STOX_E_REPEATED);
  assert_status(parse_with(2, (stox_span){names, sizeof names - 1}), STOX_E_SYNTAX);
  assert_status(parse_with(2, (stox_span){no_purpose, sizeof no_purpose - 1}), STOX_E_SYNTAX);
  assert_status(parse_with(2, (stox_span){flag, sizeof flag - 1}), STOX_E_SYNTAX);
  assert_status(parse_with(2, S("")), STOX_E_SYNTAX);
}

/* A certificate with n extensions. */
static int extension_count(size_t n) {
  const test_recipe recipe = {.cn = "a.example"};
  test_certificate one;
  stox_certificate c;
  gnutls_datum_t made;
  test_certificate_make(&one, &recipe, NULL);
  gnutls_x509_crt_t crt = one.crt;
  for (size_t i = 1; i < n; i++) { /* the subject key identifier is the first */
    char oid[32];
    (void)snprintf(oid, sizeof oid, "1.2.3.%zu", i);
    assert_int_equal(gnutls_x509_crt_set_extension_by_oid(crt, oid, "\x05\x00", 2, 0), 0);
  }
  assert_int_equal(gnutls_x509_crt_sign2(crt, crt, one.key, GNUTLS_DIG_SHA256, 0), 0);
  assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &made), 0);
  const int status = stox_certificate_parse(&c, (stox_span){(const char *)made.data, made.size});
  gnutls_free(made.data);
  test_certificate_free(&one);
  return status;
}

static void test_many_extensions(void **state) {
  (void)state;
  assert_status(extension_count(63), STOX_OK);
  assert_status(extension_count(64), STOX_OK);
  assert_status(extension_count(65), STOX_E_TOO_MANY);
}

static void test_pem_blocks(void **state) {
  (void)state;
  static const struct {
    stox_span text;
    int status;
    stox_span want;
  } rows[] = {
      {ROW("-----BEGIN X-----\nYWJj\n-----END X-----\n"), STOX_OK, ROW("abc")},
      {ROW("text\r\n-----BEGIN X-----\r\nYW\r\nJj\r\n-----END X-----"), STOX_OK, ROW("abc")},
      {ROW("-----BEGIN Y-----\nYWJj\n-----END Y-----\n-----BEGIN X-----\nYQ==\n-----END X-----\n"),
       STOX_OK, ROW("a")},
      {ROW("-----BEGIN X-----\n-----END X-----\n"), STOX_OK, ROW("")},
      {ROW("-----BEGIN X Y-----\nYWJj\n-----END X Y-----\n"), STOX_E_NONE, ROW("")},
      {ROW("-----BEGIN X-----\nYWJj\n-----END Y-----\n"), STOX_E_SYNTAX, ROW("")},
      {ROW("-----BEGIN X-----\nYWJj\n"), STOX_E_SYNTAX, ROW("")},
      {ROW("-----BEGIN X-----\n"), STOX_E_SYNTAX, ROW("")},
      {ROW("-----BEGIN X-----"), STOX_E_SYNTAX, ROW("")},
      {ROW("-----BEGIN X-----\nA: b\n\nYWJj\n-----END X-----\n"), STOX_E_BAD_BASE64, ROW("")},
      {ROW("-----BEGIN X-----\nYWJ\n-----END X-----\n"), STOX_E_BAD_BASE64, ROW("")},
      {ROW(""), STOX_E_NONE, ROW("")},
      {ROW("-----BEGIN "), STOX_E_NONE, ROW("")},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    for (size_t cap = 0; cap <= 64; cap++) {
      stox_arena arena;
      stox_span got = {NULL, 0};
      size_t cursor = 0;
      char *block = malloc(cap + 1);
      assert_non_null(block);
      stox_arena_init(&arena, block, cap, 0, NULL);
      const int status = stox_pem_next(&got, &arena, g.span, "X", &cursor);
      assert_true(status == rows[i].status || (status == STOX_E_NOMEM && cap < 64));
      if (status == STOX_OK) {
        assert_span_equal(got, rows[i].want);
        assert_status(stox_pem_next(&got, &arena, g.span, "X", &cursor), STOX_E_NONE);
      }
      free(block);
    }
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts),         cmocka_unit_test(test_pin),
      cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_common_name),
      cmocka_unit_test(test_many_names),    cmocka_unit_test(test_damage),
      cmocka_unit_test(test_der_lengths),   cmocka_unit_test(test_times),
      cmocka_unit_test(test_extensions),    cmocka_unit_test(test_many_extensions),
      cmocka_unit_test(test_pem_blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
