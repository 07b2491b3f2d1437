/* SPDX-License-Identifier: MIT */
/* Refer-To, Referred-By, Refer-Sub (RF-3-01, RF-3-02, NS-4-05). */
#include "header_support.h"

#include "stox/sip_refer.h"

HEADER_TRIAL(stox_sip_refer_to)

HEADER_TRIAL(stox_sip_referred_by)

HEADER_TRIAL(stox_sip_refer_sub)

static void test_refer_to(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<sip:conf44@example.com>;isfocus"), ROW("<sip:conf44@example.com>;isfocus"), 0},
      {ROW("sip:conf44@example.com;isfocus"), ROW("<sip:conf44@example.com>;isfocus"), 0},
      {ROW("\"Alice's Videophone\" <sip:alice@vphone.example.com>\r\n ;audio;video"),
       ROW("\"Alice's Videophone\" <sip:alice@vphone.example.com>;audio;video"), 0},
      {ROW("<sip:alice-vm@example.com;transport=tcp>\r\n ;actor=\"msg-taker\";automata;audio"),
       ROW("<sip:alice-vm@example.com;transport=tcp>;actor=\"msg-taker\";automata;audio"), 0},
      {ROW("sip:alice-vm@example.com;transport=tcp;audio"),
       ROW("<sip:alice-vm@example.com>;transport=tcp;audio"), 0},
      {ROW("<sip:C.example;method=REFER?Refer-To=%3Csip:D.example%3E>"),
       ROW("<sip:C.example;method=REFER?Refer-To=%3Csip:D.example%3E>"), 0},
      {ROW("<sip:bob@example.com>;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
           "\";methods=\"INVITE,BYE\""),
       ROW("<sip:bob@example.com>;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
           "\";methods=\"INVITE,BYE\""),
       0},
      {ROW("*"), REFUSED, 0},
      {ROW("sip:a@b?Replaces=x"), REFUSED, 7},
      {ROW("<sip:a@b>;audio="), REFUSED, 16},
      {ROW("<sip:a@b>, <sip:c@d>"), REFUSED, 9},
      {ROW("conf44"), REFUSED, 0},
  };
  header_check_all(&stox_sip_refer_to_trial, rows, COUNT(rows));
}

static void test_referred_by(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<sip:referrer@referrer.example>"), ROW("<sip:referrer@referrer.example>"), 0},
      {ROW("sip:r@ref.example;cid=\"2UWQFN309shb3@ref.example\""),
       ROW("<sip:r@ref.example>;cid=\"2UWQFN309shb3@ref.example\""), 0},
      {ROW("<sip:A.example>;\r\n cid=\"23094202342.1012309123@A.example\""),
       ROW("<sip:A.example>;cid=\"23094202342.1012309123@A.example\""), 0},
      {ROW("<sip:a@b>;cid=\"a@[2001:db8::1]\""), ROW("<sip:a@b>;cid=\"a@[2001:db8::1]\""), 0},
      {ROW("<sip:a@b>;cid=a"), REFUSED, 14},
      {ROW("<sip:a@b>;cid=\"a\""), REFUSED, 14},
      {ROW("<sip:a@b>;cid=\"a..b@c\""), REFUSED, 14},
      {ROW("<sip:a@b>;cid=\"@c\""), REFUSED, 14},
      {ROW("<sip:a@b>;cid=\"a@b\";cid=\"a@b\""), REFUSED, 24},
  };
  header_check_all(&stox_sip_referred_by_trial, rows, COUNT(rows));
}

static void test_refer_sub(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("false"), ROW("false"), 0},
      {ROW("FALSE"), ROW("FALSE"), 0},
      {ROW("true"), ROW("true"), 0},
      {ROW("false;x=1"), ROW("false;x=1"), 0},
      {ROW("false ;reason=\"x\""), ROW("false;reason=\"x\""), 0},
      {ROW("false some text"), REFUSED, 6},
      {ROW("falsey"), REFUSED, 0},
      {ROW("no"), REFUSED, 0},
      {ROW(""), REFUSED, 0},
  };
  header_check_all(&stox_sip_refer_sub_trial, rows, COUNT(rows));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_refer_to),
                                     cmocka_unit_test(test_referred_by),
                                     cmocka_unit_test(test_refer_sub)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
