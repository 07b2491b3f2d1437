/* SPDX-License-Identifier: MIT */
/* Limits of the parser at n - 1, n and n + 1, and many header fields. */
#include "sip_messages.h"

static void check(const stox_limits *limits, stox_span bytes, int want, int answer) {
  stox_sip_options options = options_of(0, 0);
  options.limits = limits;
  parsed p;
  parse_with(&p, bytes, &options);
  assert_status(p.status, want);
  assert_int_equal(p.diag.answer, answer);
  parsed_free(&p);
}

static stox_limits limits_of(void) {
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  return limits;
}

static void test_message(void **state) {
  (void)state;
  const uint32_t n = sizeof REQUEST - 1;
  stox_limits limits = limits_of();
  for (uint32_t more = 0; more < 3; more++) {
    limits.message = n + more;
    check(&limits, S(REQUEST), STOX_OK, 0);
  }
  for (uint32_t less = 1; less <= 5; less++) {
    limits.message = n - less;
    check(&limits, S(REQUEST), STOX_E_TOO_LONG, 413);
  }
  limits.message = n - 6;
  check(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
  /* What is cut off a datagram does not count. */
  limits.message = n;
  check(&limits, S(REQUEST "trailing"), STOX_OK, 0);
}

static void test_uri(void **state) {
  (void)state;
  const uint32_t n = sizeof "sip:romeo@example.net" - 1;
  stox_limits limits = limits_of();
  limits.uri = n + 1;
  check(&limits, S(REQUEST), STOX_OK, 0);
  limits.uri = n;
  check(&limits, S(REQUEST), STOX_OK, 0);
  limits.uri = n - 1;
  check(&limits, S(REQUEST), STOX_E_TOO_LONG, 414);
}

static void test_line(void **state) {
  (void)state;
  const uint32_t n = sizeof TOP_VIA - 1;
  stox_limits limits = limits_of();
  limits.line = n + 1;
  check(&limits, S(REQUEST), STOX_OK, 0);
  limits.line = n;
  check(&limits, S(REQUEST), STOX_OK, 0);
  limits.line = n - 1;
  check(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
  limits.line = sizeof LINE - 2;
  check(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
}

static void test_count(void **state) {
  (void)state;
  stox_limits limits = limits_of();
  limits.header_count = 9;
  check(&limits, S(REQUEST), STOX_OK, 0);
  limits.header_count = 8;
  check(&limits, S(REQUEST), STOX_OK, 0);
  limits.header_count = 7;
  check(&limits, S(REQUEST), STOX_E_TOO_MANY, 513);
}

/* A message of many header fields, in memory of the C library; `*n` its octets. */
static char *many_fields(size_t *n, const char *field, size_t count) {
  const size_t field_n = strlen(field);
  const size_t most = sizeof LINE ROUTING + count * field_n + 2;
  char *bytes = malloc(most);
  assert_non_null(bytes);
  memcpy(bytes, LINE ROUTING, sizeof LINE ROUTING);
  *n = sizeof LINE ROUTING - 1;
  for (size_t i = 0; i < count; i++) {
    memcpy(bytes + *n, field, field_n);
    *n += field_n;
  }
  memcpy(bytes + *n, "\r\n", 2);
  *n += 2;
  return bytes;
}

enum { MANY = 10000 };

static void test_ten_thousand(void **state) {
  (void)state;
  static const char *const fields[] = {"X-Unknown: a\r\n",
                                       "Via: SIP/2.0/UDP a.example, SIP/2.0/UDP b.example\r\n",
                                       "Contact: <sip:a@b.example>;q=0.1, sip:c@d.example\r\n"};
  stox_limits limits = limits_of();
  limits.message = 1 << 20;
  limits.header_count = MANY + 5;
  stox_sip_options options = options_of(0, 0);
  options.limits = &limits;
  for (size_t i = 0; i < COUNT(fields); i++) {
    size_t n = 0;
    char *bytes = many_fields(&n, fields[i], MANY);
    parsed p;
    parse_with(&p, (stox_span){bytes, n}, &options);
    assert_status(p.status, STOX_OK);
    const stox_sip_via *via = NULL;
    size_t vias = 0;
    while (stox_sip_get_via(&via, p.message, vias) == STOX_OK) {
      vias++;
    }
    assert_int_equal(vias, i == 1 ? 1 + 2 * MANY : 1);
    stox_sip_cursor cursor = {0, 0};
    stox_name_addr address;
    size_t addresses = 0;
    while (stox_sip_next_address(&address, p.message, STOX_SIP_CONTACT, &cursor) == STOX_OK) {
      addresses++;
    }
    assert_int_equal(addresses, i == 2 ? 2 * MANY : 0);
    size_t index = 0;
    size_t found = 0;
    for (; stox_sip_find_header(&index, p.message, STOX_SIP_OTHER, index) == STOX_OK; index++) {
      found++;
    }
    assert_int_equal(found, i == 0 ? MANY : 0);
    parsed_free(&p);
    free(bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_message),      cmocka_unit_test(test_uri),
      cmocka_unit_test(test_line),         cmocka_unit_test(test_count),
      cmocka_unit_test(test_ten_thousand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
