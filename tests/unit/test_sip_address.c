/* SPDX-License-Identifier: MIT */
/* From, To, Reply-To, Anonymous-To ("IDP-7-01"), Route and its kin, P-Asserted-Identity and
 * P-Preferred-Identity. */
#include "header_support.h"
#include "sip_messages.h"

#include "stox/sip_address.h"

HEADER_TRIAL(stox_sip_party)
HEADER_TRIAL(stox_sip_address)
HEADER_TRIAL(stox_sip_route)
HEADER_TRIAL(stox_sip_p_identity)

static void test_party(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s"),
       ROW("\"A. G. Bell\" <sip:agb@bell-telephone.com>;tag=a48s"), 0},
      {ROW("sip:+12125551212@server.phone2net.com;tag=887s"),
       ROW("<sip:+12125551212@server.phone2net.com>;tag=887s"), 0},
      {ROW("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8;x"),
       ROW("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8;x"), 0},
      {ROW("<sip:a@b>;tag=\"x\""), REFUSED, 14},
      {ROW("<sip:a@b>;tag=x;tag=y"), REFUSED, 20},
      {ROW("<sip:a@b>;tag"), REFUSED, 10},
      {ROW("*"), REFUSED, 0},
  };
  header_check_all(&stox_sip_party_trial, rows, COUNT(rows));
}

static void test_address(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("Bob <sip:bob@biloxi.com>"), ROW("Bob <sip:bob@biloxi.com>"), 0},
      {ROW("<sip:x@anon.example.com;user=anonymous>;q=1"),
       ROW("<sip:x@anon.example.com;user=anonymous>;q=1"), 0},
      {ROW("sip:x@anon.example.com;q=1"), ROW("<sip:x@anon.example.com>;q=1"), 0},
      {ROW("<sip:x@anon.example.com"), REFUSED, 23},
      {ROW("sip:a@b?c=d"), REFUSED, 7},
  };
  header_check_all(&stox_sip_address_trial, rows, COUNT(rows));
}

static void test_route(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<sip:bigbox3.site3.atlanta.com;lr>"), ROW("<sip:bigbox3.site3.atlanta.com;lr>"), 0},
      {ROW("P <sip:p.example;lr> ;ob=1"), ROW("P <sip:p.example;lr>;ob=1"), 0},
      {ROW("sip:p.example;lr"), REFUSED, 0},
      {ROW("*"), REFUSED, 0},
      {ROW("<sip:p.example;lr>;"), REFUSED, 19},
  };
  header_check_all(&stox_sip_route_trial, rows, COUNT(rows));
  stox_sip_route route;
  assert_status(stox_sip_route_parse(&route, S("<sip:a;lr>"), NULL), STOX_OK);
  assert_int_equal(stox_sip_route_is_loose(&route), 1);
  assert_status(stox_sip_route_parse(&route, S("<sip:a;lr=on>"), NULL), STOX_OK);
  assert_int_equal(stox_sip_route_is_loose(&route), 1);
  assert_status(stox_sip_route_parse(&route, S("<sip:a>;lr"), NULL), STOX_OK);
  assert_int_equal(stox_sip_route_is_loose(&route), 0);
}

static void test_p_identity(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("\"Cullen Jennings\" <sip:fluffy@cisco.com>"),
       ROW("\"Cullen Jennings\" <sip:fluffy@cisco.com>"), 0},
      {ROW("tel:+14085264000"), ROW("<tel:+14085264000>"), 0},
      {ROW("sips:a@b"), ROW("<sips:a@b>"), 0},
      {ROW("<sip:a@b>;x"), REFUSED, 9},
      {ROW("<http://a/>"), REFUSED, 1},
      {ROW("<im:a@b>"), REFUSED, 1},
      {ROW("*"), REFUSED, 0},
  };
  header_check_all(&stox_sip_p_identity_trial, rows, COUNT(rows));
}

/* RFC 3325 9.1: one, or one of each. */
static void test_p_identities(void **state) {
  (void)state;
  static const struct row {
    const char *lines;
    int status;
    stox_span sip;
    stox_span tel;
  } rows[] = {
      {"", STOX_E_NONE, REFUSED, REFUSED},
      {"P-Asserted-Identity: <sip:a@b>\r\n", STOX_OK, ROW("sip:a@b"), REFUSED},
      {"P-Asserted-Identity: tel:+1\r\n", STOX_OK, REFUSED, ROW("tel:+1")},
      {"P-Asserted-Identity: tel:+1, <sips:a@b>\r\n", STOX_OK, ROW("sips:a@b"), ROW("tel:+1")},
      {"P-Asserted-Identity: tel:+1\r\nP-Asserted-Identity: <sip:a@b>\r\n", STOX_OK, ROW("sip:a@b"),
       ROW("tel:+1")},
      {"P-Asserted-Identity: <sip:a@b>, <sip:c@d>\r\n", STOX_E_REPEATED, ROW("sip:a@b"), REFUSED},
      {"P-Asserted-Identity: <tel:+1>, <tel:+2>\r\n", STOX_E_REPEATED, REFUSED, ROW("tel:+1")},
      {"P-Asserted-Identity: <sip:a@b>,\r\n", STOX_E_BAD_HEADER, ROW("sip:a@b"), REFUSED},
      {"P-Asserted-Identity: <http://a/>\r\n", STOX_E_BAD_HEADER, REFUSED, REFUSED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[1024];
    stox_buf text;
    parsed p;
    stox_sip_p_identities both;
    stox_buf_init(&text, room, sizeof room);
    (void)stox_buf_put_text(&text, LINE ROUTING);
    (void)stox_buf_put_text(&text, rows[i].lines);
    (void)stox_buf_put_text(&text, "\r\n");
    parse_good(&p, stox_buf_span(&text));
    assert_status(stox_sip_get_p_identities(&both, p.message, STOX_SIP_P_ASSERTED_IDENTITY),
                  rows[i].status);
    assert_span_equal(both.sip.uri, rows[i].sip);
    assert_span_equal(both.tel.uri, rows[i].tel);
    assert_status(stox_sip_get_p_identities(&both, p.message, STOX_SIP_P_PREFERRED_IDENTITY),
                  STOX_E_NONE);
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_party), cmocka_unit_test(test_address), cmocka_unit_test(test_route),
      cmocka_unit_test(test_p_identity), cmocka_unit_test(test_p_identities)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
