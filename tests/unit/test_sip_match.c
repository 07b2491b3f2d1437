/* SPDX-License-Identifier: MIT */
/* Dialog and transaction keys (RFC 3261 12, 17.1.3, 17.2.3). */
#include "sip_messages.h"

#include "stox/sip_match.h"

#define TAIL "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>;tag=t\r\nCall-ID: i@h\r\nMax-Forwards: 70\r\n"
#define VIA  "Via: SIP/2.0/TCP Host.example:5070;branch="

static void test_dialogs(void **state) {
  (void)state;
  parsed request;
  parsed response;
  stox_sip_dialog_key at_a;
  stox_sip_dialog_key at_c;
  stox_sip_dialog_key other;
  parse_good(&request, S("BYE sip:c@d SIP/2.0\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 1 BYE\r\n\r\n"));
  parse_good(&response, S("SIP/2.0 200 OK\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 1 BYE\r\n\r\n"));
  stox_sip_dialog_key_of(&at_a, request.message, STOX_SIP_SENT);
  assert_span_equal(at_a.call_id, S("i@h"));
  assert_span_equal(at_a.local_tag, S("f"));
  assert_span_equal(at_a.remote_tag, S("t"));
  stox_sip_dialog_key_of(&at_c, request.message, STOX_SIP_RECEIVED);
  assert_span_equal(at_c.local_tag, S("t"));
  assert_span_equal(at_c.remote_tag, S("f"));
  assert_int_equal(stox_sip_dialog_key_is_equal(&at_a, &at_c), 0);
  stox_sip_dialog_key_of(&other, response.message, STOX_SIP_RECEIVED);
  assert_int_equal(stox_sip_dialog_key_is_equal(&at_a, &other), 1);
  stox_sip_dialog_key_of(&other, response.message, STOX_SIP_SENT);
  assert_int_equal(stox_sip_dialog_key_is_equal(&at_c, &other), 1);
  other.call_id = S("I@h");
  assert_int_equal(stox_sip_dialog_key_is_equal(&at_c, &other), 0);
  parsed_free(&request);
  parsed_free(&response);
}

static void test_named(void **state) {
  (void)state;
  stox_sip_replaces replaces;
  stox_sip_join join;
  stox_sip_target_dialog target;
  stox_sip_dialog_key named;
  stox_sip_dialog_key dialog = {S("i"), S("l"), S("r")};
  const stox_sip_dialog_key old = {S("i"), S("l"), {NULL, 0}};
  assert_status(stox_sip_replaces_parse(&replaces, S("i;to-tag=l;from-tag=r"), NULL), STOX_OK);
  stox_sip_dialog_key_of_replaces(&named, &replaces);
  assert_int_equal(stox_sip_dialog_key_is_named(&dialog, &named), 1);
  assert_int_equal(stox_sip_dialog_key_is_named(&old, &named), 0);
  assert_status(stox_sip_join_parse(&join, S("i;to-tag=l;from-tag=0"), NULL), STOX_OK);
  stox_sip_dialog_key_of_join(&named, &join);
  assert_int_equal(stox_sip_dialog_key_is_named(&old, &named), 1);
  assert_int_equal(stox_sip_dialog_key_is_equal(&old, &named), 0);
  assert_int_equal(stox_sip_dialog_key_is_named(&dialog, &named), 0);
  dialog.remote_tag = S("0");
  assert_int_equal(stox_sip_dialog_key_is_named(&dialog, &named), 1);
  dialog.remote_tag = S("r");
  assert_status(stox_sip_target_dialog_parse(&target, S("i;remote-tag=r;local-tag=l"), NULL),
                STOX_OK);
  assert_status(stox_sip_dialog_key_of_target(&named, &target), STOX_OK);
  assert_int_equal(stox_sip_dialog_key_is_equal(&dialog, &named), 1);
  assert_status(stox_sip_target_dialog_parse(&target, S("i;remote-tag=r"), NULL), STOX_OK);
  assert_status(stox_sip_dialog_key_of_target(&named, &target), STOX_E_MISSING);
}

static void test_branches(void **state) {
  (void)state;
  assert_int_equal(stox_sip_branch_is_rfc3261(S("z9hG4bKx")), 1);
  assert_int_equal(stox_sip_branch_is_rfc3261(S("z9hG4bK")), 0);
  assert_int_equal(stox_sip_branch_is_rfc3261(S("z9hg4bKx")), 0);
  assert_int_equal(stox_sip_branch_is_rfc3261(S("1")), 0);
  assert_int_equal(stox_sip_branch_is_rfc3261((stox_span){NULL, 0}), 0);
}

static void server_key(stox_sip_transaction_key *out, parsed *p, stox_span text, stox_span method) {
  parse_good(p, text);
  assert_status(stox_sip_server_key_of(out, p->message, method), STOX_OK);
}

/* Each row against the INVITE: an ACK belongs to it, and a CANCEL when its method is given. */
static void test_server(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    stox_span method;
    int is_equal;
  } rows[] = {
      {ROW("INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP host.EXAMPLE:5070;branch=z9hG4bKa\r\n" TAIL
           "CSeq: 9 INVITE\r\n\r\n"),
       {NULL, 0},
       1},
      {ROW("ACK sip:c@d SIP/2.0\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 1 ACK\r\n\r\n"), {NULL, 0}, 1},
      {ROW("CANCEL sip:c@d SIP/2.0\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 1 CANCEL\r\n\r\n"),
       {NULL, 0},
       0},
      {ROW("CANCEL sip:c@d SIP/2.0\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 1 CANCEL\r\n\r\n"),
       ROW("INVITE"), 1},
      {ROW("INVITE sip:c@d SIP/2.0\r\n" VIA "z9hG4bKb\r\n" TAIL "CSeq: 1 INVITE\r\n\r\n"),
       {NULL, 0},
       0},
      {ROW("INVITE sip:c@d SIP/2.0\r\n" VIA "a\r\n" TAIL "CSeq: 1 INVITE\r\n\r\n"), {NULL, 0}, 0},
      {ROW("INVITE sip:c@d SIP/2.0\r\nVia: SIP/2.0/TCP host.example;branch=z9hG4bKa\r\n" TAIL
           "CSeq: 1 INVITE\r\n\r\n"),
       {NULL, 0},
       0},
      {ROW("INVITE sip:c@d SIP/2.0\r\nVia: SIP/2.0/TCP other.example:5070;branch=z9hG4bKa\r\n" TAIL
           "CSeq: 1 INVITE\r\n\r\n"),
       {NULL, 0},
       0},
  };
  parsed invite;
  stox_sip_transaction_key key;
  server_key(&key, &invite,
             S("INVITE sip:c@d SIP/2.0\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 1 INVITE\r\n\r\n"),
             (stox_span){NULL, 0});
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    stox_sip_transaction_key other;
    server_key(&other, &p, rows[i].text, rows[i].method);
    assert_int_equal(stox_sip_transaction_key_is_equal(&key, &other), rows[i].is_equal);
    assert_int_equal(stox_sip_transaction_key_is_equal(&other, &key), rows[i].is_equal);
    parsed_free(&p);
  }
  assert_status(stox_sip_client_key_of(&key, invite.message), STOX_E_ARG);
  parsed_free(&invite);
}

/* RFC 2543: all of it is compared but the To tag of INVITE and ACK. */
static void test_server_rfc2543(void **state) {
  (void)state;
#define OLD(method, uri, via, from, to, call_id, cseq)                                             \
  method " " uri " SIP/2.0\r\nVia: SIP/2.0/UDP " via "\r\nFrom: <sip:a@b>;tag=" from               \
         "\r\nTo: <sip:c@d>" to "\r\nCall-ID: " call_id "\r\nMax-Forwards: 1\r\nCSeq: " cseq       \
         " " method "\r\n\r\n"
  static const struct row {
    stox_span text;
    int is_equal;
  } rows[] = {
      {ROW(OLD("INVITE", "sip:x", "h", "f", "", "i", "1")), 1},
      {ROW(OLD("ACK", "sip:x", "h", "f", ";tag=t", "i", "1")), 1},
      {ROW(OLD("INVITE", "sip:y", "h", "f", "", "i", "1")), 0},
      {ROW(OLD("INVITE", "sip:x", "g", "f", "", "i", "1")), 0},
      {ROW(OLD("INVITE", "sip:x", "h", "g", "", "i", "1")), 0},
      {ROW(OLD("INVITE", "sip:x", "h", "f", "", "j", "1")), 0},
      {ROW(OLD("INVITE", "sip:x", "h", "f", "", "i", "2")), 0},
      {ROW(OLD("BYE", "sip:x", "h", "f", "", "i", "1")), 0},
  };
  parsed invite;
  stox_sip_transaction_key key;
  server_key(&key, &invite, rows[0].text, (stox_span){NULL, 0});
  assert_int_equal(key.is_rfc2543, 1);
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    stox_sip_transaction_key other;
    server_key(&other, &p, rows[i].text, (stox_span){NULL, 0});
    assert_int_equal(stox_sip_transaction_key_is_equal(&key, &other), rows[i].is_equal);
    parsed_free(&p);
  }
  parsed bye;
  parsed late;
  stox_sip_transaction_key a;
  stox_sip_transaction_key b;
  server_key(&a, &bye, S(OLD("BYE", "sip:x", "h", "f", ";tag=1", "i", "1")), (stox_span){NULL, 0});
  server_key(&b, &late, S(OLD("BYE", "sip:x", "h", "f", ";tag=2", "i", "1")), (stox_span){NULL, 0});
  assert_int_equal(stox_sip_transaction_key_is_equal(&a, &b), 0);
  parsed_free(&bye);
  parsed_free(&late);
  parsed_free(&invite);
}

static void test_client(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int is_equal;
  } rows[] = {
      {ROW("SIP/2.0 180 Ringing\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 7 INVITE\r\n\r\n"), 1},
      {ROW("SIP/2.0 200 OK\r\n" VIA "z9hG4bKa\r\n" TAIL "CSeq: 7 CANCEL\r\n\r\n"), 0},
      {ROW("SIP/2.0 200 OK\r\n" VIA "z9hG4bKb\r\n" TAIL "CSeq: 7 INVITE\r\n\r\n"), 0},
  };
  const stox_sip_transaction_key mine = {.branch = S("z9hG4bKa"), .method = S("INVITE")};
  for (size_t i = 0; i < COUNT(rows); i++) {
    parsed p;
    stox_sip_transaction_key key;
    parse_good(&p, rows[i].text);
    assert_status(stox_sip_client_key_of(&key, p.message), STOX_OK);
    assert_int_equal(stox_sip_transaction_key_is_equal(&mine, &key), rows[i].is_equal);
    assert_status(stox_sip_server_key_of(&key, p.message, (stox_span){NULL, 0}), STOX_E_ARG);
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dialogs),        cmocka_unit_test(test_named),
      cmocka_unit_test(test_branches),       cmocka_unit_test(test_server),
      cmocka_unit_test(test_server_rfc2543), cmocka_unit_test(test_client)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
