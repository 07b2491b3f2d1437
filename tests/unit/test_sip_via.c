/* SPDX-License-Identifier: MIT */
#include "sip_messages.h"

typedef struct row {
  stox_span value;
  stox_span transport; /* absent: refused */
  stox_span host;
  uint32_t port;
  int has_rport;
  uint32_t rport;
  stox_span branch;
  stox_span received;
  stox_span params;
} row;

#define NO                                                                                         \
  { NULL, 0 }

static const row rows[] = {
    {ROW("SIP/2.0/UDP a.example"), ROW("UDP"), ROW("a.example"), 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK-a.b"), ROW("TLS"), ROW("192.0.2.1"), 5061, 0, 0,
     ROW("z9hG4bK-a.b"), NO, ROW("branch=z9hG4bK-a.b")},
    {ROW("SIP / 2.0 / tcp\t a.example : 1 ; Branch = x ;RECEIVED=192.0.2.9;rPort"), ROW("tcp"),
     ROW("a.example"), 1, 1, 0, ROW("x"), ROW("192.0.2.9"),
     ROW("Branch = x ;RECEIVED=192.0.2.9;rPort")},
    {ROW("SIP/2.0/UDP [2001:db8::1]:5060;rport=65535;received=2001:db8::9"), ROW("UDP"),
     ROW("[2001:db8::1]"), 5060, 1, 65535, NO, ROW("2001:db8::9"),
     ROW("rport=65535;received=2001:db8::9")},
    {ROW("SIP/2.0/UDP a;received=[2001:db8::9];x;y=\"a;,\\\"\";z=[::1]"), ROW("UDP"), ROW("a"), 0,
     0, 0, NO, ROW("[2001:db8::9]"), ROW("received=[2001:db8::9];x;y=\"a;,\\\"\";z=[::1]")},
    {ROW("SIP/2.0/UNKNOWN a.example.;ttl=255;maddr=224.2.0.1"), ROW("UNKNOWN"), ROW("a.example."),
     0, 0, 0, NO, NO, ROW("ttl=255;maddr=224.2.0.1")},
    {ROW("SIP/2.0/UDP"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP "), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0 UDP a.example"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("/2.0/UDP a.example"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/ a.example"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example:"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example:65536"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example:5x"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP -a.example"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP [2001:db8::1"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP [fe80::1%25eth0]"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP 2001:db8::1"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;;x"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;=x"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;x="), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;x=\"a"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;branch"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;branch=a;branch=a"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;branch=\"a\""), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;rport=65536"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;rport;rport"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;ttl=256"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;ttl"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;maddr="), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example;received=b_c"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example x"), NO, NO, 0, 0, 0, NO, NO, NO},
    {ROW("SIP/2.0/UDP a.example (comment)"), NO, NO, 0, 0, 0, NO, NO, NO},
};

static void message_of(stox_buf *out, char *room, size_t n, stox_span via) {
  stox_buf_init(out, room, n);
  stox_buf_put_text(out, LINE "Via:");
  stox_buf_put(out, via);
  assert_status(stox_buf_put_text(out, "\r\n" FROM TO CALL_ID CSEQ "\r\n"), STOX_OK);
}

static void check_row(const row *r) {
  char room[1024];
  stox_buf bytes;
  parsed p;
  message_of(&bytes, room, sizeof room, r->value);
  parse_with(&p, stox_buf_span(&bytes), NULL);
  if ((p.status == STOX_OK) != (r->transport.p != NULL)) {
    fail_msg("%s: %s", r->value.p, stox_status_name(p.status));
  }
  if (p.status == STOX_OK) {
    stox_sip_via via;
    assert_status(stox_sip_get_via(&via, p.message, 0), STOX_OK);
    assert_span_equal(via.text, r->value);
    assert_span_equal(via.transport, r->transport);
    assert_span_equal(via.host, r->host);
    assert_int_equal(via.port, r->port);
    assert_int_equal(via.has_rport, r->has_rport);
    assert_int_equal(via.rport, r->rport);
    assert_span_equal(via.branch, r->branch);
    assert_span_equal(via.received, r->received);
    assert_span_equal(via.params, r->params);
    assert_int_equal(via.branch.p == NULL, r->branch.p == NULL);
    assert_int_equal(via.params.p == NULL, r->params.p == NULL);
  } else {
    assert_status(p.status, STOX_E_BAD_HEADER);
  }
  parsed_free(&p);
}

static void test_values(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_row(&rows[i]);
  }
}

/* Values are counted over all Via fields, in any order of asking, and each is parsed once. */
static void test_nth(void **state) {
  (void)state;
  static const char bytes[] =
      LINE "Via: SIP/2.0/UDP h0;x=\",\" , SIP/2.0/TCP h1\r\n" FROM TO CALL_ID CSEQ
           "v: SIP/2.0/TLS h2\r\nVia: SIP/2.0/UDP h3,\r\n "
           "SIP/2.0/UDP h4\r\n\r\n";
  static const size_t order[] = {3, 0, 4, 1, 2, 2, 4};
  parsed p;
  parse_good(&p, S(bytes));
  for (size_t i = 0; i < COUNT(order); i++) {
    stox_sip_via via;
    const size_t nth = order[i];
    assert_status(stox_sip_get_via(&via, p.message, nth), STOX_OK);
    assert_int_equal(via.host.p[1], '0' + (int)nth);
  }
  stox_sip_via none;
  assert_status(stox_sip_get_via(&none, p.message, 5), STOX_E_NONE);
  assert_status(stox_sip_get_via(&none, p.message, SIZE_MAX), STOX_E_NONE);
  parsed_free(&p);
}

/* Memory is for the parse alone: a parsed message gives its values without any more. */
static void test_memory_fails(void **state) {
  (void)state;
  size_t refused = 0;
  for (size_t n = 0;; n += 8) {
    char room[4096];
    stox_arena arena;
    stox_sip_message *message = NULL;
    stox_sip_via via;
    stox_arena_init(&arena, room, n, 0, NULL);
    const int status = stox_sip_parse(&message, &arena, S(REQUEST), NULL, NULL);
    if (status == STOX_OK) {
      assert_status(stox_sip_get_via(&via, message, 0), STOX_OK);
      assert_span_equal(stox_sip_value(message, STOX_SIP_CSEQ), S("7 MESSAGE"));
      break;
    }
    assert_status(status, STOX_E_NOMEM);
    assert_null(message);
    refused++;
  }
  assert_true(refused > 0);
}

/* A comment is RFC 2543's; it must end. */
static void test_comments(void **state) {
  (void)state;
  static const struct comment {
    stox_span value;
    int status;
  } comments[] = {
      {ROW(" SIP/2.0/UDP a ()"), STOX_OK},
      {ROW(" SIP/2.0/UDP a:1;x (a(b)\\)c)"), STOX_OK},
      {ROW(" SIP/2.0/UDP a (b"), STOX_E_BAD_HEADER},
      {ROW(" SIP/2.0/UDP a (b(c)"), STOX_E_BAD_HEADER},
      {ROW(" SIP/2.0/UDP a (b\\)"), STOX_E_BAD_HEADER},
      {ROW(" SIP/2.0/UDP a (b\\"), STOX_E_BAD_HEADER},
      {ROW(" SIP/2.0/UDP a (b) c"), STOX_E_BAD_HEADER},
      {ROW(" SIP/2.0/UDP a (b)(c)"), STOX_E_BAD_HEADER},
  };
  const stox_sip_options lenient = options_of(1, 0);
  for (size_t i = 0; i < COUNT(comments); i++) {
    char room[1024];
    stox_buf bytes;
    parsed p;
    message_of(&bytes, room, sizeof room, comments[i].value);
    parse_with(&p, stox_buf_span(&bytes), &lenient);
    assert_status(p.status, comments[i].status);
    parsed_free(&p);
    parse_with(&p, stox_buf_span(&bytes), NULL);
    assert_status(p.status, STOX_E_BAD_HEADER);
    parsed_free(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_nth),
                                     cmocka_unit_test(test_memory_fails),
                                     cmocka_unit_test(test_comments)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
