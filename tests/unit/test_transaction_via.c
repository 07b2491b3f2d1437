/* SPDX-License-Identifier: MIT */
#include "transaction_support.h"

/* ---- Via of responses: RFC 3261 18.2.1, 18.2.2, RFC 3581 ---- */

#define TO_REQUEST(via) REQUEST("sip:a@a", via, ";tag=1", "", "v1", "1", "MESSAGE")

static const struct {
  int transport;
  const char *request;
  const char *via;
  const char *host;
  uint32_t port;
} via_rows[] = {
    {UDP, TO_REQUEST("SIP/2.0/UDP 192.0.2.2:5080;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP 192.0.2.2:5080;branch=z9hG4bK1\r\n", "192.0.2.2", 5080},
    {UDP, TO_REQUEST("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n", "192.0.2.2", 5060},
    {UDP, TO_REQUEST("SIP/2.0/UDP host.example:5080;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP host.example:5080;branch=z9hG4bK1;received=192.0.2.2\r\n", "192.0.2.2",
     5080},
    {UDP, TO_REQUEST("SIP/2.0/UDP 10.0.0.1:5080;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP 10.0.0.1:5080;branch=z9hG4bK1;received=192.0.2.2\r\n", "192.0.2.2", 5080},
    /* RFC 3581 4: rport is filled in, and received stands beside it also where it is the same */
    {UDP, TO_REQUEST("SIP/2.0/UDP 192.0.2.2:5080;rport;branch=z9hG4bK1;x=\"a;b\\\"c\""),
     "Via: SIP/2.0/UDP 192.0.2.2:5080;rport=6060;branch=z9hG4bK1;x=\"a;b\\\"c\""
     ";received=192.0.2.2\r\n",
     "192.0.2.2", 6060},
    /* what a peer says of itself is not believed */
    {UDP, TO_REQUEST("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;received=198.51.100.9;RPORT=1"),
     "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport=6060;received=192.0.2.2\r\n", "192.0.2.2",
     6060},
    {UDP, TO_REQUEST("SIP/2.0/UDP 192.0.2.2;received=198.51.100.9;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1\r\n", "192.0.2.2", 5060},
    /* RFC 3261 18.2.2: maddr, with the port of sent-by; a name there cannot be sent to */
    {UDP, TO_REQUEST("SIP/2.0/UDP 192.0.2.2:5080;maddr=224.0.1.75;ttl=1;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP 192.0.2.2:5080;maddr=224.0.1.75;ttl=1;branch=z9hG4bK1\r\n", "224.0.1.75",
     5080},
    {UDP, TO_REQUEST("SIP/2.0/UDP 192.0.2.2:5080;maddr=m.example;branch=z9hG4bK1"),
     "Via: SIP/2.0/UDP 192.0.2.2:5080;maddr=m.example;branch=z9hG4bK1\r\n", "192.0.2.2", 5080},
    {TCP, TO_REQUEST("SIP/2.0/TCP host.example;branch=z9hG4bK1;rport"),
     "Via: SIP/2.0/TCP host.example;branch=z9hG4bK1;rport=6060;received=192.0.2.2\r\n", "192.0.2.2",
     5060},
    {TCP, TO_REQUEST("SIP/2.0/TCP 192.0.2.2:5080;branch=z9hG4bK1"),
     "Via: SIP/2.0/TCP 192.0.2.2:5080;branch=z9hG4bK1\r\n", "192.0.2.2", 5080},
    {STOX_TRANSPORT_TLS, TO_REQUEST("SIP/2.0/TLS 192.0.2.2;branch=z9hG4bK1"),
     "Via: SIP/2.0/TLS 192.0.2.2;branch=z9hG4bK1\r\n", "192.0.2.2", 5061},
    /* a folded Via, others behind it, white space as the grammar allows it */
    {UDP,
     TO_REQUEST("SIP / 2.0 / UDP 192.0.2.2 : 5080 ;\r\n branch = z9hG4bK1 , SIP/2.0/UDP p.example"
                ";branch=z9hG4bKp\r\nVia: SIP/2.0/UDP q.example;branch=z9hG4bKq"),
     ";branch = z9hG4bK1\r\nVia: SIP/2.0/UDP p.example;branch=z9hG4bKp\r\n"
     "Via: SIP/2.0/UDP q.example;branch=z9hG4bKq\r\n",
     "192.0.2.2", 5080},
};

static void test_via(void **state) {
  (void)state;
  /* All come from 192.0.2.2:6060. */
  for (size_t i = 0; i < COUNT(via_rows); i++) {
    world w;
    world_open(&w);
    assert_int_equal(feed(&w, via_rows[i].request, via_rows[i].transport),
                     STOX_TRANSACTION_NEW_REQUEST);
    const uint64_t id = w.event.id;
    for (int code = 100; code <= 200; code += 100) {
      if (code == 100) {
        tick_at(&w, w.now + 4 * SECOND);
      } else {
        assert_status(respond(&w, id, via_rows[i].request, code), STOX_OK);
      }
      expect_send(&w);
      assert_int_equal(sent_code(&w), code);
      if (!sent_has(&w, via_rows[i].via)) {
        fail_msg("row %zu:\n%s", i, w.sent);
      }
      assert_int_equal(w.action.handle, 7);
      assert_string_equal(w.host, via_rows[i].host);
      assert_int_equal(w.action.remote.port, via_rows[i].port);
      assert_int_equal(w.action.remote.transport, via_rows[i].transport);
    }
    world_close(&w);
  }
}

/* RFC 3261 8.2.7: the same Via and place without a transaction. */
static void test_stateless(void **state) {
  (void)state;
  static const char request[] = TO_REQUEST("SIP/2.0/UDP 10.0.0.1:5080;rport;branch=z9hG4bK1");
  world w;
  world_open(&w);
  const stox_flow flow = flow_from(UDP);
  char text[2048];
  for (int i = 0; i < 2; i++) {
    char long_request[2048];
    (void)snprintf(long_request, sizeof long_request,
                   TO_REQUEST("SIP/2.0/UDP 10.0.0.1:5080;rport;branch=z9hG4bK1;x=%0960d"), 0);
    stox_sip_message *message = parse(&w, stox_span_text(i == 0 ? request : long_request));
    stox_sip_edit *edit = NULL;
    stox_endpoint remote = {0};
    assert_status(
        stox_sip_response_new(&edit, &w.arena, message, 503, (stox_span){NULL, 0}, S("t")),
        STOX_OK);
    const int status = stox_transaction_address(&remote, edit, message, &flow);
    assert_status(status, i == 0 ? STOX_OK : STOX_E_TOO_LONG);
    if (status == STOX_OK) {
      stox_buf out;
      stox_buf_init(&out, text, sizeof text - 1);
      assert_status(stox_sip_write(&out, edit), STOX_OK);
      text[out.len] = '\0';
      assert_non_null(strstr(text, "Via: SIP/2.0/UDP 10.0.0.1:5080;rport=6060;branch=z9hG4bK1"
                                   ";received=192.0.2.2\r\n"));
      assert_null(strstr(strstr(text, "Via:") + 1, "Via:"));
      assert_span_equal(remote.host, S("192.0.2.2"));
      assert_int_equal(remote.port, 6060);
    }
  }
  assert_int_equal(stox_transactions_count(w.t), 0);
  world_close(&w);
}

/* A request that is refused is answered like others: RFC 3261 8.2, 21.4.1. */
static void test_refused_request(void **state) {
  (void)state;
  static const char bad[] = "MESSAGE sip:a@a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
                            "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\n"
                            "CSeq: 1 MESSAGE\r\nMax-Forwards: many\r\n\r\n";
  world w;
  world_open(&w);
  const stox_flow flow = flow_from(UDP);
  stox_diag diag = {0};
  for (int i = 0; i < 2; i++) {
    stox_sip_message *message = NULL;
    stox_sip_edit *edit = NULL;
    assert_true(stox_sip_parse(&message, &w.arena, S(bad), NULL, &diag) != STOX_OK);
    assert_non_null(message);
    assert_int_equal(diag.answer, 400);
    assert_status(stox_transactions_feed(w.t, &w.event, message, &flow, w.now), STOX_OK);
    assert_int_equal(w.event.kind,
                     i == 0 ? STOX_TRANSACTION_NEW_REQUEST : STOX_TRANSACTION_RETRANSMISSION);
    if (i == 0) {
      assert_status(
          stox_sip_response_new(&edit, &w.arena, message, 400, (stox_span){NULL, 0}, S("t")),
          STOX_OK);
      assert_status(stox_transactions_respond(w.t, w.event.id, edit, w.now), STOX_OK);
    }
    expect_send(&w);
    assert_int_equal(sent_code(&w), 400);
  }
  world_close(&w);
}

/* RFC 3261 18.2.1 with IPv6: compared by value, written without brackets. */
static void test_via_ipv6(void **state) {
  (void)state;
  static const struct {
    const char *sent_by;
    const char *end;
  } rows[] = {{"[2001:db8:0:0::2]:5080", ";branch=z9hG4bK1\r\n"},
              {"[2001:db8::3]:5080", ";branch=z9hG4bK1;received=2001:db8::2\r\n"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    world w;
    world_open(&w);
    char text[512];
    (void)snprintf(text, sizeof text,
                   "MESSAGE sip:a@a SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1\r\n"
                   "From: <sip:b@b>;tag=1\r\nTo: <sip:a@a>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n"
                   "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                   rows[i].sent_by);
    stox_flow flow = flow_from(UDP);
    flow.remote.host = S("2001:db8::2");
    stox_sip_message *message = parse(&w, stox_span_text(text));
    assert_status(stox_transactions_feed(w.t, &w.event, message, &flow, w.now), STOX_OK);
    assert_status(respond(&w, w.event.id, text, 200), STOX_OK);
    expect_send(&w);
    assert_true(sent_has(&w, rows[i].end));
    assert_string_equal(w.host, "2001:db8::2");
    world_close(&w);
  }
}

/* RFC 3261 8.2.6.1: a Timestamp goes into the 100. */
static void test_timestamp(void **state) {
  (void)state;
  world w;
  world_open(&w);
  assert_int_equal(feed(&w,
                        REQUEST("sip:a@a",
                                "SIP/2.0/UDP h;branch=z9hG4bK1\r\nTimestamp: 54\r\n"
                                "Subject: no",
                                ";tag=1", "", "c", "1", "MESSAGE"),
                        UDP),
                   STOX_TRANSACTION_NEW_REQUEST);
  tick_at(&w, w.now + 4 * SECOND);
  expect_send(&w);
  assert_true(sent_has(&w, "\r\nTimestamp: 54\r\n"));
  assert_false(sent_has(&w, "Subject"));
  assert_true(sent_has(&w, "\r\nContent-Length: 0\r\n\r\n"));
  world_close(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_via),
      cmocka_unit_test(test_stateless),
      cmocka_unit_test(test_refused_request),
      cmocka_unit_test(test_via_ipv6),
      cmocka_unit_test(test_timestamp),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
