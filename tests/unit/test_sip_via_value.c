/* SPDX-License-Identifier: MIT */
/* Via and CSeq apart from a message. */
#include "header_support.h"

#include "stox/sip_via.h"

HEADER_TRIAL(stox_sip_via)
HEADER_TRIAL(stox_sip_cseq)

static void test_via(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7"),
       ROW("SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7"), 0},
      {ROW("SIP / 2.0 / TCP first.example.com: 4000;ttl=16\r\n ;maddr=224.2.0.1 "
           ";branch=a7c6a8dlze"),
       ROW("SIP/2.0/TCP first.example.com:4000;branch=a7c6a8dlze;maddr=224.2.0.1;ttl=16"), 0},
      {ROW("SIP/2.0/TLS [2001:db8::9:1];received=2001:db8::9:255;rport=17;x=\"a;\\\"\""),
       ROW("SIP/2.0/TLS [2001:db8::9:1];rport=17;received=2001:db8::9:255;x=\"a;\\\"\""), 0},
      {ROW("X/9/WS a;rport;y"), ROW("X/9/WS a;rport;y"), 0},
      {ROW("SIP/2.0/UDP a,SIP/2.0/UDP b"), REFUSED, 13},
      {ROW("SIP/2.0/UDP a;rport="), REFUSED, 14},
      {ROW("SIP/2.0/UDP a_b"), REFUSED, 15},
      {ROW("SIP/2.0/UDP a (b)"), REFUSED, 14},
      {ROW("SIP/2.0/UDP a;;b"), REFUSED, 14},
      {ROW("SIP/2.0/UDP"), REFUSED, 11},
      {ROW("UDP a"), REFUSED, 3},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_via_trial, rows, COUNT(rows));
}

static void test_new_via(void **state) {
  (void)state;
  char room[128];
  stox_buf out;
  stox_sip_via via = {0};
  stox_buf_init(&out, room, sizeof room);
  via.transport = S("UDP");
  via.host = S("a.example");
  via.port = 5070;
  via.has_rport = 1;
  via.branch = S("z9hG4bKx");
  assert_status(stox_sip_via_write(&out, &via), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("SIP/2.0/UDP a.example:5070;rport;branch=z9hG4bKx"));
  stox_buf_init(&out, room, sizeof room);
  via.host = S("a b");
  assert_status(stox_sip_via_write(&out, &via), STOX_E_BAD_HEADER);
  via.host = S("a");
  via.port = 65536;
  assert_status(stox_sip_via_write(&out, &via), STOX_E_BAD_HEADER);
  via.port = 0;
  via.branch = S("a;b");
  assert_status(stox_sip_via_write(&out, &via), STOX_E_BAD_HEADER);
  via.branch = S("a");
  via.received = S("a.example");
  assert_status(stox_sip_via_write(&out, &via), STOX_E_BAD_HEADER);
  via.received = S("192.0.2.1");
  via.params = S("x=\r\n");
  assert_status(stox_sip_via_write(&out, &via), STOX_E_BAD_HEADER);
  via.params = S("x");
  via.text = S("SIP\r\n/2.0/UDP");
  assert_status(stox_sip_via_write(&out, &via), STOX_E_BAD_HEADER);
  assert_int_equal(out.len, 0);
}

static void test_cseq(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("4711 INVITE"), ROW("4711 INVITE"), 0},
      {ROW(" 0\r\n foo "), ROW("0 foo"), 0},
      {ROW("2147483647 ACK"), ROW("2147483647 ACK"), 0},
      {ROW("2147483648 ACK"), REFUSED, 0},
      {ROW("1INVITE"), REFUSED, 7},
      {ROW("INVITE"), REFUSED, 0},
      {ROW("1 "), REFUSED, 2},
      {ROW("1 A B"), REFUSED, 3},
  };
  header_check_all(&stox_sip_cseq_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_via), cmocka_unit_test(test_new_via),
                                     cmocka_unit_test(test_cseq)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
