/* SPDX-License-Identifier: MIT */
#include "sip_messages.h"

static int frame(size_t *n, int *kind, stox_span bytes, const stox_limits *limits,
                 stox_diag *diag) {
  guard g = guard_copy(bytes);
  const int status = stox_sip_frame(n, kind, g.span, limits, diag);
  guard_free(&g);
  return status;
}

typedef struct row {
  stox_span bytes;
  int status;
  int kind;
  size_t n;
} row;

static void test_kinds(void **state) {
  (void)state;
  static const row rows[] = {
      {ROW(""), STOX_E_MORE, 0, 0},
      {ROW("\r"), STOX_E_MORE, 0, 0},
      {ROW("\r\n"), STOX_OK, STOX_SIP_FRAME_PONG, 2},
      {ROW("\r\n\r"), STOX_E_MORE, 0, 0},
      {ROW("\r\n\r\n"), STOX_OK, STOX_SIP_FRAME_PING, 4},
      {ROW("\r\n\r\n\r\n"), STOX_OK, STOX_SIP_FRAME_PING, 4},
      {ROW("\r\nM"), STOX_OK, STOX_SIP_FRAME_PONG, 2},
      {ROW("\rM"), STOX_E_MORE, 0, 0},
      {ROW("\r\n\rM"), STOX_OK, STOX_SIP_FRAME_PONG, 2},
      {ROW("\0\1\0\0"), STOX_OK, STOX_SIP_FRAME_STUN, 4},
      {ROW("\3"), STOX_OK, STOX_SIP_FRAME_STUN, 1},
      {ROW(REQUEST "MESS"), STOX_OK, STOX_SIP_FRAME_MESSAGE, sizeof REQUEST - 1},
      {ROW(RESPONSE RESPONSE), STOX_OK, STOX_SIP_FRAME_MESSAGE, sizeof RESPONSE - 1},
      {ROW("a\nL\t:\n 1\n\nbc"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 11},
      {ROW("a\r\nl:1\r\nl:1\r\n\r\nbc"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 16},
      {ROW("a\r\nl:1\r\nl:2\r\n\r\nbc"), STOX_E_BAD_LENGTH, 0, 0},
      {ROW("a\r\nContent-Length: -1\r\n\r\n"), STOX_E_BAD_LENGTH, 0, 0},
      {ROW("a\r\nContent-Length:\r\n\r\n"), STOX_E_BAD_LENGTH, 0, 0},
      {ROW("a\r\nContent-Length: 99999999999999999999\r\n\r\n"), STOX_E_BAD_LENGTH, 0, 0},
      {ROW("a\r\nContent-Length: 70000\r\n\r\n"), STOX_E_TOO_LONG, 0, 0},
      {ROW("a\r\nContent-Lengthy: 0\r\n\r\n"), STOX_E_MISSING, 0, 0},
      {ROW("a\r\nX: l: 0\r\n\r\n"), STOX_E_MISSING, 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    size_t n = 0;
    int kind = 0;
    const int status = frame(&n, &kind, rows[i].bytes, NULL, NULL);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
    if (status == STOX_OK) {
      assert_int_equal(kind, rows[i].kind);
      assert_int_equal(n, rows[i].n);
    }
  }
}

static const row edges[] = {
    /* first octets: STUN is told from SIP by the first octet alone (RFC 5626 8.1) */
    {ROW("\0"), STOX_OK, STOX_SIP_FRAME_STUN, 1},
    {ROW("\1\r\n\r\n"), STOX_OK, STOX_SIP_FRAME_STUN, 5},
    {ROW("\2" REQUEST), STOX_OK, STOX_SIP_FRAME_STUN, sizeof REQUEST},
    {ROW("\4"), STOX_E_MORE, 0, 0},
    {ROW("\xFF"), STOX_E_MORE, 0, 0},
    {ROW("\x80\r\nl:0\r\n\r\n"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 10},
    {ROW("\n"), STOX_E_MORE, 0, 0},
    {ROW("\n\n"), STOX_E_MISSING, 0, 0},
    {ROW("\nl:0\n\n"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 6},
    /* empty lines before a message are pongs, one double one a ping */
    {ROW("\r\n" REQUEST), STOX_OK, STOX_SIP_FRAME_PONG, 2},
    {ROW("\r\n\r\n" REQUEST), STOX_OK, STOX_SIP_FRAME_PING, 4},
    {ROW("\r\n\r\r\n"), STOX_OK, STOX_SIP_FRAME_PONG, 2},
    {ROW("\r\n\n\r\n"), STOX_OK, STOX_SIP_FRAME_PONG, 2},
    {ROW("\r\n\0"), STOX_OK, STOX_SIP_FRAME_PONG, 2},
    {ROW("\r\r\n"), STOX_E_MORE, 0, 0},
    /* the length is of octets, and the first of two that agree */
    {ROW("a\r\nl:3\r\n\r\n\0\r\n"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 13},
    {ROW("a\r\nl:3\r\n\r\n\0\r"), STOX_E_MORE, 0, 0},
    {ROW("a\r\nl:0\r\n\r\n\r\n"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 10},
    {ROW("a\r\nl:00000000000000000003\r\n\r\nabc"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 32},
    {ROW("a\r\nl: 1 2\r\n\r\nabc"), STOX_E_BAD_LENGTH, 0, 0},
    {ROW("a\r\nl: +1\r\n\r\nabc"), STOX_E_BAD_LENGTH, 0, 0},
    {ROW("a\r\nl: 1;p\r\n\r\nabc"), STOX_E_BAD_LENGTH, 0, 0},
    {ROW("a\r\nCONTENT-LENGTH \t: \r\n\t1\r\n\r\nabc"), STOX_OK, STOX_SIP_FRAME_MESSAGE, 30},
    /* no field, whatever it looks like */
    {ROW("a\r\nx: b\r\n l: 1\r\n\r\nabc"), STOX_E_MISSING, 0, 0},
    {ROW("a l:1\r\n\r\nabc"), STOX_E_MISSING, 0, 0},
    {ROW("l:1\r\n\r\nabc"), STOX_E_MISSING, 0, 0},
    {ROW("a\r\n l:1\r\n\r\nabc"), STOX_E_MISSING, 0, 0},
    {ROW("a\r\nl;1\r\n\r\nabc"), STOX_E_BAD_LENGTH, 0, 0},
    {ROW("a\r\nl:1\rl:2\r\n\r\nabc"), STOX_E_BAD_LENGTH, 0, 0},
};

/* Each row at each split: MORE until it is decided, and then for good. What begins with CR or as
 * STUN is decided by what is there. */
static void check_splits(const row *r) {
  const int is_message = r->bytes.p[0] != '\r' && (unsigned char)r->bytes.p[0] > 3;
  size_t n = 0;
  int kind = 0;
  int decided = STOX_E_MORE;
  for (size_t end = 0; is_message && end <= r->bytes.n; end++) {
    const int status = frame(&n, &kind, stox_span_slice(r->bytes, 0, end), NULL, NULL);
    if (decided != STOX_E_MORE) {
      assert_status(status, decided);
    }
    decided = status;
  }
  assert_status(frame(&n, &kind, r->bytes, NULL, NULL), r->status);
}

/* A frame is a whole message, and what is no frame is none: the parser says so too. */
static void check_parse_agrees(const row *r) {
  for (int lenient = 0; lenient < 2; lenient++) {
    const stox_sip_options options = options_of(lenient, 1);
    parsed p;
    parse_with(&p, r->status == STOX_OK ? stox_span_slice(r->bytes, 0, r->n) : r->bytes, &options);
    if (r->status != STOX_OK) {
      assert_true(p.status != STOX_OK);
    } else if (p.status == STOX_OK) {
      assert_int_equal(stox_sip_text(p.message).n, r->n);
    }
    parsed_free(&p);
  }
}

static void test_edges(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(edges); i++) {
    size_t n = 0;
    int kind = 0;
    const int status = frame(&n, &kind, edges[i].bytes, NULL, NULL);
    if (status != edges[i].status ||
        (status == STOX_OK && (n != edges[i].n || kind != edges[i].kind))) {
      fail_msg("edge %zu: %s, %zu octets of kind %d", i, stox_status_name(status), n, kind);
    }
    check_splits(&edges[i]);
    check_parse_agrees(&edges[i]);
  }
}

/* Fed octet by octet, a stream gives the same messages as at once. */
static void test_every_split(void **state) {
  (void)state;
  static const char stream[] = REQUEST RESPONSE "\r\n" REQUEST;
  static const size_t ends[] = {sizeof REQUEST - 1, sizeof REQUEST + sizeof RESPONSE - 2,
                                sizeof REQUEST + sizeof RESPONSE,
                                sizeof REQUEST * 2 + sizeof RESPONSE - 1};
  size_t from = 0;
  size_t found = 0;
  for (size_t end = 0; end < sizeof stream; end++) {
    size_t n = 0;
    int kind = 0;
    const int status = frame(&n, &kind, stox_span_slice(S(stream), from, end - from), NULL, NULL);
    if (status == STOX_E_MORE) {
      continue;
    }
    assert_status(status, STOX_OK);
    from += n;
    assert_int_equal(from, ends[found]);
    assert_int_equal(from, end);
    found++;
  }
  assert_int_equal(found, COUNT(ends));
}

static void check_limit(const stox_limits *limits, stox_span bytes, int want, int answer) {
  size_t n = 0;
  int kind = 0;
  stox_diag diag = {0};
  assert_status(frame(&n, &kind, bytes, limits, &diag), want);
  assert_int_equal(diag.answer, answer);
}

static void test_limits(void **state) {
  (void)state;
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  const uint32_t n = sizeof REQUEST - 1;
  limits.message = n + 1;
  check_limit(&limits, S(REQUEST), STOX_OK, 0);
  limits.message = n;
  check_limit(&limits, S(REQUEST), STOX_OK, 0);
  limits.message = n - 1;
  check_limit(&limits, S(REQUEST), STOX_E_TOO_LONG, 413);
  limits.message = n - 5;
  check_limit(&limits, S(REQUEST), STOX_E_TOO_LONG, 413);
  limits.message = n - 6;
  check_limit(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.header_count = 8;
  check_limit(&limits, S(REQUEST), STOX_OK, 0);
  limits.header_count = 7;
  check_limit(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
}

static void test_line_limits(void **state) {
  (void)state;
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  limits.line = 12;
  check_limit(&limits, S("abcdefghij\r\nl:0\r\n\r\n"), STOX_OK, 0);
  check_limit(&limits, S("abcdefghijk\r\nl:0\r\n\r\n"), STOX_E_TOO_LONG, 513);
  check_limit(&limits, S("a\r\nb:\r\n cdefg\r\nl:0\r\n\r\n"), STOX_OK, 0);
  check_limit(&limits, S("a\r\nb:\r\n cdefgh\r\nl:0\r\n\r\n"), STOX_E_TOO_LONG, 513);
  /* Limits come before MORE: nothing unfinished grows above them. */
  check_limit(&limits, S("abcdefghijkl"), STOX_E_MORE, 0);
  check_limit(&limits, S("abcdefghijklm"), STOX_E_TOO_LONG, 513);
  check_limit(&limits, S("a\r\nb:cdefghijkl"), STOX_E_MORE, 0);
  check_limit(&limits, S("a\r\nb:cdefghijklm"), STOX_E_TOO_LONG, 513);
  limits.message = 10;
  check_limit(&limits, S("a\r\nb:cdef"), STOX_E_MORE, 0);
  check_limit(&limits, S("a\r\nb:cdefg"), STOX_E_TOO_LONG, 513);
  limits.size = 0;
  check_limit(&limits, S("a"), STOX_E_ARG, 0);
}

/* What breaks a stream: where, and what to answer before it is closed. */
static void test_refusals(void **state) {
  (void)state;
  static const struct {
    stox_span bytes;
    int status;
    size_t offset;
  } rows[] = {
      {ROW("a\r\nX: y\r\nContent-Length:  z\r\n\r\n"), STOX_E_BAD_LENGTH, 26},
      {ROW("a\r\nl: 1\r\nl: 2\r\n\r\nb"), STOX_E_BAD_LENGTH, 12},
      {ROW("a\r\nX: y\r\n\r\nb"), STOX_E_MISSING, 11},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    size_t n = 0;
    int kind = 0;
    stox_diag diag = {0};
    assert_status(frame(&n, &kind, rows[i].bytes, NULL, &diag), rows[i].status);
    assert_int_equal(diag.code, rows[i].status);
    assert_int_equal(diag.answer, 400);
    assert_int_equal(diag.offset, rows[i].offset);
    assert_non_null(diag.rule);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kinds),    cmocka_unit_test(test_edges),
      cmocka_unit_test(test_refusals), cmocka_unit_test(test_every_split),
      cmocka_unit_test(test_limits),   cmocka_unit_test(test_line_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
