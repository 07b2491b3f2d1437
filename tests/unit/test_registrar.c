/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/dialect.h"
#include "stox/registrar.h"
#include "stox/sip.h"

/* A registrar's decisions: RFC 3261 10.3, RFC 5626 6 and 7, RFC 5627 5.1 and 6.1. */

#define SECOND    UINT64_C(1000000000)
#define I1        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
#define I2        "urn:foo:2"
#define WITH(urn) ";+sip.instance=\"<" urn ">\""

enum { CHANGES = 8, ROOM = 1 << 14 };

typedef struct world {
  char memory[ROOM];
  char text[4096];
  stox_registration out;
  stox_binding_change changes[CHANGES];
  stox_binding bindings[CHANGES];
  size_t n;
  stox_registrar_rules rules;
} world;

static void open_world(world *w) {
  w->n = 0;
  w->rules = (stox_registrar_rules){.aor = S("sip:callee@example.com"),
                                    .dialect = STOX_DIALECT_RFC,
                                    .has_outbound = 1,
                                    .is_first_hop = 1};
}

/* Judges a REGISTER with CSeq 10 and the header fields `more`. */
static int judge_with(world *w, size_t cap, const char *call_id, const char *more) {
  stox_arena arena;
  stox_sip_message *message = NULL;
  const int n =
      snprintf(w->text, sizeof w->text,
               "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
               "From: <sip:callee@example.com>;tag=1\r\nTo: <sip:callee@example.com>\r\n"
               "Call-ID: %s\r\nCSeq: 10 REGISTER\r\nMax-Forwards: 70\r\n%s"
               "Content-Length: 0\r\n\r\n",
               call_id, more);
  assert_true(n > 0 && (size_t)n < sizeof w->text);
  stox_arena_init(&arena, w->memory, sizeof w->memory, 0, NULL);
  assert_status(stox_sip_parse(&message, &arena, (stox_span){w->text, (size_t)n}, NULL, NULL),
                STOX_OK);
  return stox_registrar_judge(&w->out, w->changes, cap, message, (stox_bindings){w->bindings, w->n},
                              &w->rules);
}

static int judged(world *w, const char *more) {
  assert_status(judge_with(w, CHANGES, "c1", more), STOX_OK);
  return w->out.code;
}

/* Enters a binding that another Call-ID made. */
static stox_binding *bind(world *w, const char *contact, const char *instance, uint32_t reg_id,
                          uint64_t at) {
  stox_binding *b = &w->bindings[w->n++];
  *b = (stox_binding){.contact = stox_span_text(contact),
                      .call_id = S("other"),
                      .cseq = 1,
                      .reg_id = reg_id,
                      .q = 1000,
                      .registered_ns = at * SECOND,
                      .updated_ns = at * SECOND};
  if (instance != NULL) {
    b->instance = stox_span_text(instance);
  }
  return b;
}

static void expect(const world *w, size_t i, int what, const char *contact, uint32_t seconds,
                   size_t index) {
  assert_true(i < w->out.n_changes);
  assert_int_equal(w->changes[i].what, what);
  assert_span_equal(w->changes[i].contact, stox_span_text(contact));
  assert_int_equal(w->changes[i].seconds, seconds);
  assert_int_equal(w->changes[i].index, index);
}

/* ---- RFC 3261 10.3 ---- */

static void test_contacts(void **state) {
  (void)state;
  world w;
  open_world(&w);
  (void)bind(&w, "sip:a@192.0.2.1", NULL, 0, 1);
  assert_int_equal(judged(&w, ""), 200);
  assert_int_equal(w.out.n_changes, 0);
  assert_int_equal(judged(&w,
                          "Expires: 1800\r\nContact: <sip:A@192.0.2.2>;q=0.5, "
                          "<sip:a@192.0.2.1>;expires=60\r\nContact: sip:b@192.0.2.3;expires=0\r\n"),
                   200);
  assert_int_equal(w.out.n_changes, 2);
  expect(&w, 0, STOX_BINDING_ADD, "sip:A@192.0.2.2", 1800, 1);
  assert_int_equal(w.changes[0].q, 500);
  expect(&w, 1, STOX_BINDING_UPDATE, "sip:a@192.0.2.1", 60, 0);
  assert_int_equal(w.changes[1].q, 1000);
  assert_int_equal(judged(&w, "Expires: 0\r\nContact: <sip:a@192.0.2.1>\r\n"), 200);
  expect(&w, 0, STOX_BINDING_REMOVE, "sip:a@192.0.2.1", 0, 0);
  assert_int_equal(judged(&w, "Contact: <sip:a@192.0.2.9>\r\n"), 200);
  expect(&w, 0, STOX_BINDING_ADD, "sip:a@192.0.2.9", 3600, 1);
}

/* Durations: cut, refused below an hour, never where they end a binding. */
static void test_durations(void **state) {
  (void)state;
  world w;
  open_world(&w);
  (void)bind(&w, "sip:a@192.0.2.1", NULL, 0, 1);
  w.rules.least = 60;
  w.rules.most = 7200;
  w.rules.usual = 600;
  assert_int_equal(judged(&w, "Contact: <sip:a@192.0.2.2>;expires=59\r\n"), 423);
  assert_int_equal(w.out.seconds, 60);
  assert_int_equal(w.out.n_changes, 0);
  assert_int_equal(judged(&w, "Contact: <sip:a@192.0.2.2>;expires=60\r\n"), 200);
  assert_int_equal(judged(&w, "Contact: <sip:a@192.0.2.1>;expires=0\r\n"), 200);
  assert_int_equal(judged(&w, "Contact: <sip:a@192.0.2.2>;expires=9000\r\n"), 200);
  expect(&w, 0, STOX_BINDING_ADD, "sip:a@192.0.2.2", 7200, 1);
  assert_int_equal(judged(&w, "Contact: <sip:a@192.0.2.2>\r\n"), 200);
  expect(&w, 0, STOX_BINDING_ADD, "sip:a@192.0.2.2", 600, 1);
}

/* "GR-7.1.2.1-11": the star stands alone, with 0, and for all. */
static void test_star(void **state) {
  (void)state;
  static const char *const bad[] = {"Contact: *\r\n", "Expires: 60\r\nContact: *\r\n",
                                    "Expires: 0\r\nContact: *\r\nContact: <sip:a@b>\r\n"};
  world w;
  open_world(&w);
  (void)bind(&w, "sip:a@192.0.2.1", I1, 1, 1);
  (void)bind(&w, "sip:a@192.0.2.2", I2, 0, 1);
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_int_equal(judged(&w, bad[i]), 400);
    assert_int_equal(w.out.n_changes, 0);
  }
  assert_int_equal(judged(&w, "Expires: 0\r\nContact: *\r\n"), 200);
  assert_int_equal(w.out.n_changes, 2);
  expect(&w, 0, STOX_BINDING_REMOVE, "sip:a@192.0.2.1", 0, 0);
  expect(&w, 1, STOX_BINDING_REMOVE, "sip:a@192.0.2.2", 0, 1);
}

/* What is older than a binding changes nothing, of all that it asks. */
static void test_old(void **state) {
  (void)state;
  world w;
  open_world(&w);
  for (uint32_t cseq = 9; cseq <= 11; cseq++) {
    w.n = 0;
    stox_binding *b = bind(&w, "sip:a@192.0.2.1", NULL, 0, 1);
    b->call_id = S("c1");
    b->cseq = cseq;
    const int code = cseq < 10 ? 200 : 500;
    assert_int_equal(judged(&w, "Contact: <sip:new@192.0.2.2>\r\nContact: <sip:a@192.0.2.1>\r\n"),
                     code);
    assert_int_equal(w.out.n_changes, code == 200 ? 2 : 0);
    assert_int_equal(judged(&w, "Expires: 0\r\nContact: *\r\n"), code);
  }
}

static void test_malformed(void **state) {
  (void)state;
  world w;
  open_world(&w);
  assert_int_equal(judged(&w, "Contact: <sip:a@b>, \r\n"), 400);
  assert_int_equal(judged(&w, "Contact: <sip:a@b c>\r\n"), 400);
  assert_int_equal(judged(&w, "Contact: <sip:good@192.0.2.1>\r\nContact: <sip:@>\r\n"), 400);
  assert_int_equal(w.out.n_changes, 0);
  assert_non_null(w.out.rule);
}

/* "GR-6-04" "GR-RFC5627-5.1-01": the address of record, its GRUUs, and what is no SIP URI. */
static void test_loops(void **state) {
  (void)state;
  static const char *const bad[] = {"<sip:callee@example.com>",
                                    "<sip:callee@EXAMPLE.com:5060>",
                                    "<sip:callee@example.com;gr=" I1 ">",
                                    "<sip:callee@example.com;opaque=" I1 ">",
                                    "<tel:+1>",
                                    "<mailto:a@b>"};
  world w;
  open_world(&w);
  for (size_t i = 0; i < COUNT(bad); i++) {
    char more[256];
    const int is_same = i == 1; /* a port that is said differs from one that is not (19.1.4) */
    (void)snprintf(more, sizeof more, "Contact: %s\r\n", bad[i]);
    assert_int_equal(judged(&w, more), is_same ? 200 : 403);
  }
  assert_int_equal(judged(&w, "Contact: <sip:other@example.com;gr=" I1 ">\r\n"), 200);
}

static void test_limits(void **state) {
  (void)state;
  world w;
  open_world(&w);
  w.rules.bindings = 2;
  (void)bind(&w, "sip:a@192.0.2.1", NULL, 0, 1);
  assert_int_equal(judged(&w, "Contact: <sip:b@192.0.2.2>\r\n"), 200);
  assert_int_equal(judged(&w, "Contact: <sip:b@192.0.2.2>, <sip:c@192.0.2.3>\r\n"), 503);
  assert_int_equal(w.out.n_changes, 0);
  assert_int_equal(judged(&w, "Contact: <sip:b@192.0.2.2>, <sip:c@192.0.2.3>, "
                              "<sip:a@192.0.2.1>;expires=0\r\n"),
                   200);
  assert_status(judge_with(&w, 2, "c1",
                           "Contact: <sip:b@192.0.2.2>, <sip:c@192.0.2.3>, "
                           "<sip:a@192.0.2.1>;expires=0\r\n"),
                STOX_E_NOBUF);
  assert_int_equal(w.out.n_changes, 3);
}

/* ---- RFC 5626 6, the draft 5.1 ---- */

#define OUTBOUND "Supported: path, outbound\r\n"

/* "OB-5.1-01" "OB-5.1-02" "OB-3.1-03" "OB-RFC5626-6-04": bindings are told apart by instance and
 * reg-id, whatever their URIs. */
static void test_flows(void **state) {
  (void)state;
  world w;
  open_world(&w);
  (void)bind(&w, "sip:line1@192.0.2.1", I1, 1, 1);
  assert_int_equal(judged(&w, OUTBOUND "Contact: <sip:line1@192.0.2.1>;reg-id=2" WITH(I1) "\r\n"),
                   200);
  expect(&w, 0, STOX_BINDING_ADD, "sip:line1@192.0.2.1", 3600, 1);
  assert_int_equal(w.changes[0].reg_id, 2);
  assert_span_equal(w.changes[0].instance, S(I1));
  assert_int_equal(w.out.uses_outbound, 1);
  assert_int_equal(judged(&w, OUTBOUND "Contact: <sip:line1@192.0.2.77>;reg-id=1" WITH(
                                  "URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6") "\r\n"),
                   200);
  expect(&w, 0, STOX_BINDING_UPDATE, "sip:line1@192.0.2.77", 3600, 0);
  assert_int_equal(judged(&w, "Contact: <sip:line1@192.0.2.1>" WITH(I1) "\r\n"), 200);
  expect(&w, 0, STOX_BINDING_ADD, "sip:line1@192.0.2.1", 3600, 1);
  assert_int_equal(w.out.uses_outbound, 0);
}

/* "OB-RFC5626-6-01" "OB-RFC5626-6-02" "OB-RFC5626-6-03" "OB-RFC5626-6-04" */
static void test_outbound_refused(void **state) {
  (void)state;
  world w;
  open_world(&w);
  static const char flow[] = "Contact: <sip:a@192.0.2.1>;reg-id=1" WITH(I1) "\r\n";
  char more[512];
  (void)snprintf(more, sizeof more, "%s%s", OUTBOUND, flow);
  w.rules.is_first_hop = 0;
  assert_int_equal(judged(&w, more), 439);
  w.rules.is_path_outbound = 1;
  assert_int_equal(judged(&w, more), 200);
  assert_int_equal(w.out.uses_outbound, 1);
  w.rules.is_path_outbound = 0;
  assert_int_equal(judged(&w, flow), 200);
  assert_int_equal(w.changes[0].reg_id, 0);
  assert_int_equal(w.out.uses_outbound, 0);
  w.rules.is_first_hop = 1;
  assert_int_equal(judged(&w, OUTBOUND "Contact: <sip:a@192.0.2.1>;reg-id=1\r\n"), 200);
  assert_int_equal(w.changes[0].reg_id, 0);
  assert_int_equal(w.out.uses_outbound, 0);
  assert_int_equal(
      judged(&w, OUTBOUND "Contact: <sip:a@192.0.2.1>;reg-id=1" WITH(I1) ", <sip:a@192.0.2.2>\r\n"),
      400);
  assert_int_equal(judged(&w, OUTBOUND "Contact: <sip:a@192.0.2.1>;reg-id=1" WITH(
                                  I1) ", <sip:a@192.0.2.2>;expires=0\r\n"),
                   200);
  w.rules.has_outbound = 0;
  assert_int_equal(judged(&w, more), 200);
  assert_int_equal(w.out.uses_outbound, 0);
}

/* The draft's flow-id needs no option tag. */
static void test_draft_flows(void **state) {
  (void)state;
  world w;
  open_world(&w);
  w.rules.dialect = STOX_DIALECT_DRAFT2005;
  w.rules.is_first_hop = 0;
  (void)bind(&w, "sip:line1@192.0.2.1", I1, 1, 1);
  assert_int_equal(judged(&w, "Contact: <sip:line1@192.0.2.1>;flow-id=2" WITH(I1) "\r\n"), 200);
  expect(&w, 0, STOX_BINDING_ADD, "sip:line1@192.0.2.1", 3600, 1);
  assert_int_equal(judged(&w, "Contact: <sip:line1@192.0.2.7>;flow-id=1" WITH(I1) "\r\n"), 200);
  expect(&w, 0, STOX_BINDING_UPDATE, "sip:line1@192.0.2.7", 3600, 0);
}

/* "GR-7.1.2.1-01" "GR-7.1.2.1-02" "GR-7.1.2.1-03" "GR-7.1.2.1-12": who is shown GRUUs;
 * "GR-7.1.1.1-03" "GR-7.1.1.1-04": what an instance is. */
static void test_gruus(void **state) {
  (void)state;
  world w;
  open_world(&w);
  static const char contact[] = "Contact: <sip:a@192.0.2.1>" WITH(I1) ";gruu=\"sip:evil@x\"\r\n";
  static const struct {
    const char *more;
    int wants;
  } rows[] = {{"Supported: gruu\r\n", 1},
              {"Require: gruu\r\n", 1},
              {"Supported: path\r\nSupported: x, GRUU\r\n", 1},
              {"Supported: gruux\r\n", 0},
              {"", 0}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char more[512];
    (void)snprintf(more, sizeof more, "%s%s", rows[i].more, contact);
    assert_int_equal(judged(&w, more), 200);
    assert_int_equal(w.out.wants_gruu, rows[i].wants);
    assert_span_equal(w.changes[0].instance, S(I1));
  }
  assert_span_equal(stox_instance_of(S("\"<" I1 ">\"")), S(I1));
  static const stox_span bad[] = {ROW(""),           ROW("\"<>\""),      ROW("<" I1 ">"),
                                  ROW("\"" I1 "\""), ROW("\"<sip:a>\""), ROW("\"<" I1 ">")};
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_true(stox_instance_of(bad[i]).p == NULL);
  }
}

/* ---- RFC 5626 7, RFC 5627 6.1 ---- */

static void expect_targets(const world *w, const char *instance, int dialect, const char *want) {
  size_t order[CHANGES];
  char got[CHANGES + 1] = "";
  const stox_span urn = instance == NULL ? (stox_span){NULL, 0} : stox_span_text(instance);
  const size_t n = stox_registrar_targets(order, (stox_bindings){w->bindings, w->n}, urn, dialect);
  for (size_t i = 0; i < n; i++) {
    got[i] = (char)('0' + order[i]);
  }
  assert_string_equal(got, want);
}

/* "OB-5.2-01" "OB-5.2-03" "OB-3.2-05" "GR-6-05" "GR-6-06": one of an instance, the most recent. */
static void test_targets(void **state) {
  (void)state;
  world w;
  open_world(&w);
  (void)bind(&w, "sip:a@192.0.2.1", I1, 1, 100);
  (void)bind(&w, "sip:a@192.0.2.2", I1, 2, 200);
  (void)bind(&w, "sip:a@192.0.2.3", I2, 1, 150);
  (void)bind(&w, "sip:a@192.0.2.4", NULL, 0, 50);
  expect_targets(&w, NULL, STOX_DIALECT_RFC, "123");
  expect_targets(&w, I1, STOX_DIALECT_RFC, "1");
  expect_targets(&w, "urn:foo:404", STOX_DIALECT_RFC, "");
  w.bindings[3].q = 1000;
  w.bindings[1].q = 100;
  expect_targets(&w, NULL, STOX_DIALECT_RFC, "231");
  w.bindings[0].updated_ns = 300 * SECOND; /* refreshed: of no account in the draft */
  expect_targets(&w, I1, STOX_DIALECT_RFC, "0");
  expect_targets(&w, I1, STOX_DIALECT_DRAFT2005, "1");
  (void)bind(&w, "sip:a@192.0.2.5", I1, 1, 300);
  expect_targets(&w, I1, STOX_DIALECT_RFC, "0");
}

/* "OB-5.2-02" "OB-5.2-04" "OB-3.1-04" "OB-RFC5626-7-01": another flow of the instance, and only
 * where the flow was at fault. */
static void test_next_flow(void **state) {
  (void)state;
  world w;
  open_world(&w);
  size_t next = 0;
  unsigned char tried[CHANGES] = {0};
  (void)bind(&w, "sip:a@192.0.2.1", I1, 1, 100);
  (void)bind(&w, "sip:a@192.0.2.2", I1, 2, 200);
  (void)bind(&w, "sip:a@192.0.2.3", I2, 1, 150);
  (void)bind(&w, "sip:a@192.0.2.4", I1, 3, 50);
  const stox_bindings now = {w.bindings, w.n};
  tried[1] = 1;
  for (int code = 300; code < 700; code++) {
    for (int dialect = 0; dialect < 2; dialect++) {
      const int is_draft = dialect == 1;
      const int is_fault = code == 408 || code == 430 || (code == 410 && is_draft);
      assert_status(stox_registrar_next_flow(&next, now, 1, code,
                                             is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC,
                                             tried),
                    is_fault ? STOX_OK : STOX_E_NONE);
      assert_true(!is_fault || next == 0);
    }
  }
  tried[0] = 1;
  assert_status(stox_registrar_next_flow(&next, now, 0, 430, STOX_DIALECT_RFC, tried), STOX_OK);
  assert_int_equal(next, 3);
  tried[3] = 1;
  assert_status(stox_registrar_next_flow(&next, now, 3, 430, STOX_DIALECT_RFC, tried), STOX_E_NONE);
  assert_status(stox_registrar_next_flow(&next, now, 2, 430, STOX_DIALECT_RFC, tried), STOX_E_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_contacts),
      cmocka_unit_test(test_durations),
      cmocka_unit_test(test_star),
      cmocka_unit_test(test_old),
      cmocka_unit_test(test_malformed),
      cmocka_unit_test(test_loops),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_flows),
      cmocka_unit_test(test_outbound_refused),
      cmocka_unit_test(test_draft_flows),
      cmocka_unit_test(test_gruus),
      cmocka_unit_test(test_targets),
      cmocka_unit_test(test_next_flow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
