/* SPDX-License-Identifier: MIT */
/* Contact (GR-10-01, GR-10-02, GR-10-03, GR-RFC5627-7-01, OB-9-01, OB-RFC5626-10-01). */
#include "header_support.h"

#include "stox/sip_contact.h"

HEADER_TRIAL(stox_sip_contact)

static void test_contact(void **state) {
  (void)state;
  static const header_row rows[] = {
      {ROW("<sip:callee@192.0.2.1>"), ROW("<sip:callee@192.0.2.1>"), 0},
      {ROW("*"), ROW("*"), 0},
      {ROW(" * "), ROW("*"), 0},
      {ROW("sip:a@issuer.example.com"), ROW("<sip:a@issuer.example.com>"), 0},
      {ROW("<sip:a.example.com;lr>;q=0.3"), ROW("<sip:a.example.com;lr>;q=0.3"), 0},
      {ROW("<sip:b.example.com;lr>;q=0.7;x"), ROW("<sip:b.example.com;lr>;q=0.7;x"), 0},
      {ROW("\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>;q=0.7; expires=3600"),
       ROW("\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>;q=0.7;expires=3600"), 0},
      {ROW("Alice  B <sip:a@b>;q=1.000"), ROW("Alice  B <sip:a@b>;q=1"), 0},
      {ROW("<sip:a@b>;q=0"), ROW("<sip:a@b>;q=0"), 0},
      {ROW("<sip:a@b>;q=0."), ROW("<sip:a@b>;q=0"), 0},
      {ROW("<sip:a@b>;q=0.25"), ROW("<sip:a@b>;q=0.25"), 0},
      {ROW("<sip:callee@192.0.2.1>;gruu=\"sip:callee@example.com;opaque=urn:uuid:f81d4fae-7dec-"
           "11d0-a765-00a0c91e6bf6\";+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-"
           "00a0c91e6bf6>\";expires=3600"),
       ROW("<sip:callee@192.0.2.1>;expires=3600;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-"
           "00a0c91e6bf6>\";gruu=\"sip:callee@example.com;opaque=urn:uuid:f81d4fae-7dec-11d0-a765-"
           "00a0c91e6bf6\""),
       0},
      {ROW("<sip:callee@192.0.2.1>;pub-gruu=\"sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-"
           "11d0-a765-00a0c91e6bf6\";temp-gruu=\"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@"
           "example.com;gr\";+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\";"
           "expires=3600"),
       ROW("<sip:callee@192.0.2.1>;expires=3600;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-"
           "00a0c91e6bf6>\";pub-gruu=\"sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-"
           "00a0c91e6bf6\";temp-gruu=\"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;"
           "gr\""),
       0},
      {ROW("<sip:line1@192.0.2.2;transport=tcp>; reg-id=1;\r\n "
           "+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\""),
       ROW("<sip:line1@192.0.2.2;transport=tcp>;+sip.instance=\"<urn:uuid:f81d4fae-7dec-11d0-a765-"
           "00a0c91e6bf6>\";reg-id=1"),
       0},
      {ROW("<sip:line1@192.168.0.2>; flow-id=1"), ROW("<sip:line1@192.168.0.2>;flow-id=1"), 0},
      {ROW("<sip:a@b>;reg-id=2147483647"), ROW("<sip:a@b>;reg-id=2147483647"), 0},
      {ROW("<sip:a@b>;+sip.instance=\"<a:%20>\";schemes=\"http,sip\""),
       ROW("<sip:a@b>;+sip.instance=\"<a:%20>\";schemes=\"http,sip\""), 0},
      {ROW("<sip:a@b>;temp-gruu=\"sip:a\\@b\""), ROW("<sip:a@b>;temp-gruu=\"sip:a\\@b\""), 0},
      {ROW("<sips:A@example.com>;extensions=\"answermode,alertmode\";methods=\"INVITE,BYE\""),
       ROW("<sips:A@example.com>;extensions=\"answermode,alertmode\";methods=\"INVITE,BYE\""), 0},
      {ROW("*;q=1"), REFUSED, 0},
      {ROW("* x"), REFUSED, 0},
      {ROW(""), REFUSED, 0},
      {ROW("<sip:a@b>;reg-id=0"), REFUSED, 17},
      {ROW("<sip:a@b>;reg-id=2147483648"), REFUSED, 17},
      {ROW("<sip:a@b>;flow-id=a"), REFUSED, 18},
      {ROW("<sip:a@b>;flow-id=\"1\""), REFUSED, 18},
      {ROW("<sip:a@b>;gruu=sip:a@b"), REFUSED, 20},
      {ROW("<sip:a@b>;q=1.001"), REFUSED, 12},
      {ROW("<sip:a@b>;q=2"), REFUSED, 12},
      {ROW("<sip:a@b>;q=.5"), REFUSED, 12},
      {ROW("<sip:a@b>;q=0.1234"), REFUSED, 12},
      {ROW("<sip:a@b>;q"), REFUSED, 10},
      {ROW("<sip:a@b>;+sip.instance=\"urn:a:b\""), REFUSED, 24},
      {ROW("<sip:a@b>;+sip.instance=\"<>\""), REFUSED, 24},
      {ROW("<sip:a@b>;+sip.instance=<urn:a:b>"), REFUSED, 24},
      {ROW("<sip:a@b>;expires=1;Expires=2"), REFUSED, 28},
      {ROW("<sip:a@b>,<sip:c@d>"), REFUSED, 9},
      {ROW("<sip:a b>"), REFUSED, 6},
      {ROW("<sip:>"), REFUSED, 5},
      {ROW("<sip:a@b>;"), REFUSED, 10},
      {ROW("\"\377\" <sip:a@b>"), REFUSED, 0},
      {ROW("<sip:a@b>;pub-gruu=\"x y\""), REFUSED, 19},
      {ROW("<sip:a@b>;gruu=\"http://a/\""), REFUSED, 15},
      {ROW("<sip:a@b>;gruu=\"SIPS:a@b\""), ROW("<sip:a@b>;gruu=\"SIPS:a@b\""), 0},
      {ROW("<sip:a@b>;x=a(b)"), REFUSED, 13},
  };
  header_check_all(&stox_sip_contact_trial, rows, COUNT(rows));
}

static void test_members(void **state) {
  (void)state;
  stox_sip_contact contact;
  assert_status(stox_sip_contact_parse(&contact,
                                       S("\"L\" <sip:l@h>;q=0.05;reg-id=3;expires=7;"
                                         "+sip.instance=\"<urn:x:1>\";pub-gruu=\"sip:l@e;gr=1\""),
                                       NULL),
                STOX_OK);
  assert_span_equal(contact.address.display, S("\"L\""));
  assert_span_equal(contact.address.uri, S("sip:l@h"));
  assert_int_equal(contact.q.value, 50);
  assert_int_equal(contact.reg_id.value, 3);
  assert_int_equal(contact.expires.value, 7);
  assert_span_equal(contact.sip_instance, S("\"<urn:x:1>\""));
  assert_span_equal(contact.pub_gruu, S("\"sip:l@e;gr=1\""));
  assert_null(contact.gruu.p);
}

static void test_made(void **state) {
  (void)state;
  char room[128];
  stox_buf out;
  stox_sip_contact contact = {0};
  contact.address.uri = S("sip:a@b");
  contact.q = (stox_sip_number){1, 705};
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_contact_write(&out, &contact), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("<sip:a@b>;q=0.705"));
  contact.q.value = 1001;
  assert_status(stox_sip_contact_write(&out, &contact), STOX_E_BAD_HEADER);
  contact.q.is_set = 0;
  contact.address.uri = S("sip:a@b>\r\nX:<sip:a");
  assert_status(stox_sip_contact_write(&out, &contact), STOX_E_BAD_HEADER);
  contact.address.uri = S("sip:a@b");
  contact.address.display = S("a<b");
  assert_status(stox_sip_contact_write(&out, &contact), STOX_E_BAD_HEADER);
  contact.address.display = S("a\r\nb");
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sip_contact_write(&out, &contact), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("a b <sip:a@b>"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_contact), cmocka_unit_test(test_members),
                                     cmocka_unit_test(test_made)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
