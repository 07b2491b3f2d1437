/* SPDX-License-Identifier: MIT */
#include "dns_message.h"
#include "support.h"

#include "stox/answer.h"

static char memory[16384];

static stox_arena fresh(void) {
  stox_arena arena;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  return arena;
}

static int parse(stox_answer *out, const dns_message *m, int type, stox_span name) {
  stox_arena arena = fresh();
  const stox_question question = {type, name};
  guard g = guard_copy(dns_span(m));
  const int status = stox_answer_parse(out, &arena, &question, g.span);
  guard_free(&g);
  return status;
}

/* ---- raw data ---- */

typedef struct row {
  int type;
  stox_span data;
  int status;
  stox_record want;
} row;

#define NO_SPAN                                                                                    \
  { NULL, 0 }

static const row rows[] = {
    {1, ROW("\xC0\x00\x02\x01"), 0, {1, 60, 0, 0, 0, ROW("192.0.2.1"), NO_SPAN, NO_SPAN}},
    {1, ROW("\xC0\x00\x02"), STOX_E_SYNTAX, {0}},
    {1, ROW("\xC0\x00\x02\x01\x01"), STOX_E_SYNTAX, {0}},
    {28,
     ROW("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"),
     0,
     {28, 60, 0, 0, 0, ROW("2001:db8::1"), NO_SPAN, NO_SPAN}},
    {28,
     ROW("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     0,
     {28, 60, 0, 0, 0, ROW("::"), NO_SPAN, NO_SPAN}},
    {28,
     ROW("\0\x01\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0"),
     0,
     {28, 60, 0, 0, 0, ROW("1:0:2::3:0"), NO_SPAN, NO_SPAN}},
    {28,
     ROW("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
     0,
     {28, 60, 0, 0, 0, ROW("fe80::"), NO_SPAN, NO_SPAN}},
    {28,
     ROW("\0\x01\0\0\0\x02\0\x03\0\x04\0\x05\x10\x06\xab\xcd"),
     0,
     {28, 60, 0, 0, 0, ROW("1:0:2:3:4:5:1006:abcd"), NO_SPAN, NO_SPAN}},
    {28, ROW("\x20\x01"), STOX_E_SYNTAX, {0}},
    {33,
     ROW("\0\x05\0\x07\x14\x95\x02im\x01x\0"),
     0,
     {33, 60, 5, 7, 5269, ROW("im.x"), NO_SPAN, NO_SPAN}},
    {33, ROW("\0\x05\0\x07\x14\x95\0"), 0, {33, 60, 5, 7, 5269, ROW("."), NO_SPAN, NO_SPAN}},
    /* A dot or an octet of any kind in a label makes no other name. */
    {33,
     ROW("\0\x05\0\x07\x14\x95\x03"
         "a.b\x02\0\xff\0"),
     0,
     {33, 60, 5, 7, 5269, ROW("a\\046b.\\000\\255"), NO_SPAN, NO_SPAN}},
    {33, ROW("\0\x05\0\x07\x14\x95\x02im\x01x"), STOX_E_SYNTAX, {0}},
    {33, ROW("\0\x05\0\x07\x14\x95\xC0\x00"), STOX_E_SYNTAX, {0}},
    {33, ROW("\0\x05\0\x07\x14\x95\x40"), STOX_E_SYNTAX, {0}},
    {33, ROW("\0\x05\0\x07\x14\x95\0\0"), STOX_E_SYNTAX, {0}},
    {33, ROW("\0\x05\0\x07\x14"), STOX_E_SYNTAX, {0}},
    {35,
     ROW("\0\x0a\0\x64\x01s\x07SIP+D2U\0\x04_sip\x04_udp\x01x\0"),
     0,
     {35, 60, 10, 100, 0, ROW("_sip._udp.x"), ROW("s"), ROW("SIP+D2U")}},
    {35,
     ROW("\0\x0a\0\x64\x01u\x07"
         "E2U+sip\x05!a!b!\0"),
     0,
     {35, 60, 10, 100, 0, ROW("."), ROW("u"), ROW("E2U+sip")}},
    {35, ROW("\0\x0a\0\x64\x01s\x07SIP"), STOX_E_SYNTAX, {0}},
    {16, ROW("\x01"), STOX_E_UNSUPPORTED, {0}},
};

static void assert_record(const stox_record *got, const stox_record *want) {
  assert_int_equal(got->type, want->type);
  assert_int_equal(got->ttl, want->ttl);
  assert_int_equal(got->priority, want->priority);
  assert_int_equal(got->weight, want->weight);
  assert_int_equal(got->port, want->port);
  assert_span_equal(got->target, want->target);
  assert_span_equal(got->flags, want->flags);
  assert_span_equal(got->service, want->service);
}

static void raw_data(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_arena arena = fresh();
    stox_record record = {0};
    guard g = guard_copy(rows[i].data);
    assert_status(stox_record_parse(&record, &arena, rows[i].type, 60, g.span), rows[i].status);
    guard_free(&g);
    assert_record(&record, &rows[i].want);
    /* Cut short anywhere, it is no data. */
    for (size_t n = 0; rows[i].status == STOX_OK && n < rows[i].data.n; n++) {
      g = guard_copy((stox_span){rows[i].data.p, n});
      assert_status(stox_record_parse(&record, &arena, rows[i].type, 60, g.span), STOX_E_SYNTAX);
      guard_free(&g);
    }
  }
}

static void raw_data_without_memory(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    int status = STOX_E_NOMEM;
    for (size_t room = 0; rows[i].status == STOX_OK && status == STOX_E_NOMEM; room++) {
      stox_arena arena;
      stox_record record = {0};
      stox_arena_init(&arena, memory, room, 0, NULL);
      status = stox_record_parse(&record, &arena, rows[i].type, 60, rows[i].data);
      assert_int_equal(record.type, status == STOX_OK ? rows[i].type : 0);
    }
    assert_status(status, rows[i].status == STOX_OK ? STOX_OK : STOX_E_NOMEM);
  }
}

static void long_ttl(void **state) {
  (void)state;
  stox_arena arena = fresh();
  stox_record record;
  assert_status(stox_record_parse(&record, &arena, 1, INT32_MAX, rows[0].data), STOX_OK);
  assert_int_equal(record.ttl, INT32_MAX);
  assert_status(stox_record_parse(&record, &arena, 1, UINT32_C(0x80000000), rows[0].data), STOX_OK);
  assert_int_equal(record.ttl, 0);
}

/* ---- messages ---- */

#define QUESTION "_xmpp-server._tcp.x.example"

static void srv_answer(dns_message *m) {
  dns_front(m, 0, QUESTION, DNS_SRV);
  dns_srv(m, "@12", 300, 5269, "im@30"); /* 30: x.example of the question */
  dns_srv(m, "_XMPP-server._tcp.X.example", 200, 5270, "im2.example");
  dns_srv(m, "other.example", 100, 5271, "no.example");
  dns_a(m, "im@30", 100, 0xC0000201);
}

static void message(void **state) {
  (void)state;
  dns_message m;
  stox_answer answer;
  srv_answer(&m);
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S(QUESTION)), STOX_OK);
  assert_status(answer.status, STOX_OK);
  assert_int_equal(answer.rcode, STOX_RCODE_NOERROR);
  assert_int_equal(answer.is_alias, 0);
  assert_int_equal(answer.n, 2);
  const stox_record first = {33, 300, 10, 20, 5269, S("im.x.example"), {NULL, 0}, {NULL, 0}};
  const stox_record second = {33, 200, 10, 20, 5270, S("im2.example"), {NULL, 0}, {NULL, 0}};
  assert_record(&answer.records[0], &first);
  assert_record(&answer.records[1], &second);
  /* Cut short anywhere, or with octets of other values anywhere, nothing breaks. */
  for (size_t n = 0; n < m.n; n++) {
    dns_message part = m;
    part.n = n;
    assert_status(parse(&answer, &part, STOX_RECORD_SRV, S(QUESTION)), STOX_E_SYNTAX);
    for (unsigned value = 0; value < 256; value += 15) {
      part = m;
      part.p[n] = (unsigned char)value;
      (void)parse(&answer, &part, STOX_RECORD_SRV, S(QUESTION));
    }
  }
}

static void not_an_answer(void **state) {
  (void)state;
  dns_message m;
  stox_answer answer = {.n = 77};
  srv_answer(&m);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S(QUESTION)), STOX_E_UNSUPPORTED);
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S("x.example")), STOX_E_UNSUPPORTED);
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S("")), STOX_E_UNSUPPORTED);
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S("a..b")), STOX_E_UNSUPPORTED);
  m.p[2] &= 0x7F; /* a query */
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S(QUESTION)), STOX_E_UNSUPPORTED);
  m.p[2] = 0x89; /* another opcode */
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S(QUESTION)), STOX_E_UNSUPPORTED);
  m.p[2] = 0x81;
  m.p[5] = 0; /* no question */
  assert_status(parse(&answer, &m, STOX_RECORD_SRV, S(QUESTION)), STOX_E_UNSUPPORTED);
  assert_int_equal(answer.n, 77);
}

static void codes(void **state) {
  (void)state;
  for (unsigned rcode = 0; rcode < 16; rcode++) {
    dns_message m;
    stox_answer answer;
    dns_front(&m, rcode, "x.example", DNS_A);
    dns_soa(&m, "example", 900, 40);
    assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
    const int says_no = rcode == STOX_RCODE_NOERROR || rcode == STOX_RCODE_NXDOMAIN;
    assert_int_equal(answer.rcode, rcode);
    assert_status(answer.status, says_no ? STOX_OK : STOX_E_REFUSED);
    assert_int_equal(answer.n, 0);
    assert_int_equal(answer.negative_ttl_s, says_no ? 40 : 0);
  }
  dns_message m;
  stox_answer answer;
  dns_front(&m, 0x0200, "x.example", DNS_A);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_status(answer.status, STOX_E_MORE);
  /* The lesser of the two, and none where there is no SOA. */
  dns_front(&m, 3, "x.example", DNS_A);
  dns_soa(&m, "example", 30, 40);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_int_equal(answer.negative_ttl_s, 30);
  dns_front(&m, 3, "x.example", DNS_A);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_int_equal(answer.negative_ttl_s, 0);
}

static void aliases(void **state) {
  (void)state;
  dns_message m;
  stox_answer answer;
  /* In order, in disorder, and leading nowhere. */
  dns_front(&m, 0, "x.example", DNS_A);
  dns_cname(&m, "@12", 50, "y.example");
  dns_cname(&m, "y.example", 40, "z.example");
  dns_a(&m, "z.example", 60, 0xC0000201);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_int_equal(answer.n, 1);
  assert_int_equal(answer.is_alias, 1);
  assert_int_equal(answer.records[0].ttl, 40);
  dns_front(&m, 0, "x.example", DNS_A);
  dns_a(&m, "z.example", 60, 0xC0000201);
  dns_cname(&m, "y.example", 70, "z.example");
  dns_cname(&m, "@12", 80, "y.example");
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_int_equal(answer.n, 1);
  assert_int_equal(answer.records[0].ttl, 60);
  dns_front(&m, 0, "x.example", DNS_A);
  dns_cname(&m, "x.example", 50, "y.example");
  dns_soa(&m, "example", 30, 40);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_int_equal(answer.n, 0);
  assert_int_equal(answer.negative_ttl_s, 30);
  /* A circle, and a chain that is too long. */
  dns_front(&m, 0, "x.example", DNS_A);
  dns_cname(&m, "x.example", 50, "y.example");
  dns_cname(&m, "y.example", 50, "x.example");
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x.example")), STOX_OK);
  assert_int_equal(answer.n, 0);
  for (char last = 'g'; last <= 'j'; last++) {
    dns_front(&m, 0, "a", DNS_A);
    dns_a(&m, (char[]){last, 0}, 60, 1);
    for (char to = last; to > 'a'; to--) { /* each needs a pass of its own */
      dns_cname(&m, (char[]){(char)(to - 1), 0}, 60, (char[]){to, 0});
    }
    assert_status(parse(&answer, &m, STOX_RECORD_A, S("a")), STOX_OK);
    assert_int_equal(answer.n, last - 'a' < 8 ? 1 : 0);
  }
  /* Records beside an alias of the same name: the records stand. */
  dns_front(&m, 0, "a", DNS_A);
  dns_a(&m, "a", 60, 1);
  dns_cname(&m, "a", 60, "b");
  dns_a(&m, "b", 60, 2);
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("a")), STOX_OK);
  assert_int_equal(answer.n, 1);
  assert_span_equal(answer.records[0].target, S("0.0.0.1"));
}

static void compression(void **state) {
  (void)state;
  static const struct {
    const char *owner;
    int status;
  } owners[] = {
      {"@12", STOX_OK},          /* the question */
      {"a@14", STOX_OK},         /* the question's end */
      {"@2", STOX_E_SYNTAX},     /* the header, where it says 129 */
      {"@4", STOX_OK},           /* the header, where it says 0 */
      {"@19", STOX_E_SYNTAX},    /* itself */
      {"a@19", STOX_E_SYNTAX},   /* a circle */
      {"@21", STOX_E_SYNTAX},    /* forward */
      {"@16383", STOX_E_SYNTAX}, /* beyond */
  };
  for (size_t i = 0; i < COUNT(owners); i++) {
    dns_message m;
    stox_answer answer;
    dns_front(&m, 0, "q", DNS_A);
    assert_int_equal(m.n, 19);
    dns_a(&m, owners[i].owner, 60, 1);
    assert_status(parse(&answer, &m, STOX_RECORD_A, S("q")), owners[i].status);
    assert_true(owners[i].status != STOX_OK || answer.n == (i == 0));
  }
  /* Pointer after pointer: as many as nobody needs. */
  for (int hops = 31; hops <= 33; hops++) {
    dns_message m;
    stox_answer answer;
    dns_front(&m, 0, "a", DNS_A);
    size_t at = dns_record(&m, 0, "b", 99, 60);
    const size_t from = m.n;
    dns_u16(&m, 0xC000 | 12);
    for (int i = 2; i < hops; i++) {
      dns_u16(&m, 0xC000U | (unsigned)(m.n - 2));
    }
    dns_close(&m, at);
    char owner[16];
    (void)snprintf(owner, sizeof owner, "@%zu", m.n - 2);
    assert_true(from < m.n);
    dns_a(&m, owner, 60, 1);
    assert_status(parse(&answer, &m, STOX_RECORD_A, S("a")), hops <= 32 ? STOX_OK : STOX_E_SYNTAX);
  }
}

/* A name has at most 255 octets, however it is put together. */
static void long_names(void **state) {
  (void)state;
  for (int extra = 60; extra <= 63; extra++) {
    dns_message m;
    stox_answer answer;
    char label[64];
    char text[256] = "";
    memset(label, 'a', sizeof label);
    label[63] = '\0';
    for (int i = 0; i < 3; i++) {
      (void)snprintf(text + 64 * i, sizeof text - 64 * (size_t)i, "%s.", label);
    }
    label[extra] = '\0';
    (void)snprintf(text + 192, sizeof text - 192, "%s", label);
    dns_front(&m, 0, "q", DNS_SRV);
    dns_srv(&m, "q", 60, 1, text);
    assert_status(parse(&answer, &m, STOX_RECORD_SRV, S("q")),
                  extra <= 61 ? STOX_OK : STOX_E_SYNTAX);
  }
}

static void many_records(void **state) {
  (void)state;
  dns_message m;
  stox_answer answer;
  dns_front(&m, 0, "x", DNS_A);
  for (uint32_t i = 0; i < 100; i++) {
    dns_a(&m, "@12", 60, i);
  }
  assert_status(parse(&answer, &m, STOX_RECORD_A, S("x")), STOX_OK);
  assert_int_equal(answer.n, STOX_RECORDS_MAX);
  assert_span_equal(answer.records[31].target, S("0.0.0.31"));
}

static void memory_runs_out_anywhere(void **state) {
  (void)state;
  dns_message m;
  srv_answer(&m);
  int status = STOX_E_NOMEM;
  for (size_t room = 0; status == STOX_E_NOMEM; room++) {
    stox_arena arena;
    stox_answer answer;
    const stox_question question = {STOX_RECORD_SRV, S(QUESTION)};
    stox_arena_init(&arena, memory, room, 0, NULL);
    status = stox_answer_parse(&answer, &arena, &question, dns_span(&m));
  }
  assert_status(status, STOX_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(raw_data),
      cmocka_unit_test(raw_data_without_memory),
      cmocka_unit_test(long_ttl),
      cmocka_unit_test(message),
      cmocka_unit_test(not_an_answer),
      cmocka_unit_test(codes),
      cmocka_unit_test(aliases),
      cmocka_unit_test(compression),
      cmocka_unit_test(long_names),
      cmocka_unit_test(many_records),
      cmocka_unit_test(memory_runs_out_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
