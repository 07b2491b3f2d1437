/* SPDX-License-Identifier: MIT */
/* Limits of the parser at n - 1, n and n + 1, and many header fields. */
#include "sip_messages.h"

static void check(const stox_limits *limits, stox_span bytes, int want, int answer) {
  stox_sip_options options = options_of(0, 0);
  options.limits = limits;
  parsed p;
  parse_with(&p, bytes, &options);
  assert_status(p.status, want);
  assert_int_equal(p.diag.answer, answer);
  parsed_free(&p);
}

static stox_limits limits_of(void) {
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  return limits;
}

/* A limit of the codec, what of the messages below is exactly at it, and what is said above it. */
typedef struct limit {
  size_t member;
  uint32_t request;  /* exactly this much is in REQUEST */
  uint32_t response; /* and in RESPONSE; 0: nothing */
  int status;
  int answer;
  int frame_status; /* STOX_OK: framing does not look at it */
} limit;

static const limit all_limits[] = {
    {offsetof(stox_limits, message), sizeof REQUEST - 1, 0, STOX_E_TOO_LONG, 413, STOX_E_TOO_LONG},
    {offsetof(stox_limits, message), 0, sizeof RESPONSE - 1, STOX_E_TOO_LONG, 513, STOX_E_TOO_LONG},
    {offsetof(stox_limits, line), sizeof TOP_VIA - 1, sizeof TOP_VIA - 1, STOX_E_TOO_LONG, 513,
     STOX_E_TOO_LONG},
    {offsetof(stox_limits, header_count), 8, 6, STOX_E_TOO_MANY, 513, STOX_E_TOO_LONG},
    {offsetof(stox_limits, uri), sizeof "sip:romeo@example.net" - 1, 0, STOX_E_TOO_LONG, 414,
     STOX_OK},
};

static void check_parse(const limit *row, const stox_limits *limits, stox_span bytes,
                        int is_above) {
  const int is_request = bytes.p[0] == 'M';
  for (int modes = 0; modes < 4; modes++) {
    stox_sip_options options = options_of(modes & 1, modes >> 1);
    options.limits = limits;
    parsed p;
    parse_with(&p, bytes, &options);
    assert_status(p.status, is_above ? row->status : STOX_OK);
    assert_int_equal(p.diag.answer, is_above && is_request ? row->answer : 0);
    parsed_free(&p);
  }
}

static void check_frame(const limit *row, const stox_limits *limits, stox_span bytes,
                        int is_above) {
  size_t n = 0;
  int kind = 0;
  stox_diag diag = {0};
  const int status = stox_sip_frame(&n, &kind, bytes, limits, &diag);
  if (!is_above || row->frame_status == STOX_OK) {
    assert_status(status, STOX_OK);
    assert_int_equal(n, bytes.n);
    return;
  }
  assert_status(status, row->frame_status);
  assert_int_equal(diag.answer, row->answer);
}

/* One below what the message needs, at it, one above: only the first is refused, and everywhere in
 * the same way. */
static void test_each_limit(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(all_limits); i++) {
    const limit *row = &all_limits[i];
    for (int what = 0; what < 2; what++) {
      const stox_span bytes = what == 0 ? S(REQUEST) : S(RESPONSE);
      const uint32_t n = what == 0 ? row->request : row->response;
      for (uint32_t more = 0; n > 0 && more < 3; more++) {
        stox_limits limits = limits_of();
        memcpy((char *)&limits + row->member, &(uint32_t){n - 1 + more}, sizeof n);
        check_parse(row, &limits, bytes, more == 0);
        check_frame(row, &limits, bytes, more == 0);
      }
    }
  }
}

/* A head that fits has its body's length to blame, one that does not has itself. */
static void test_message(void **state) {
  (void)state;
  const uint32_t n = sizeof REQUEST - 1;
  stox_limits limits = limits_of();
  for (uint32_t less = 1; less <= 5; less++) {
    limits.message = n - less;
    check(&limits, S(REQUEST), STOX_E_TOO_LONG, 413);
  }
  limits.message = n - 6;
  check(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
  /* What is cut off a datagram does not count. */
  limits.message = n;
  check(&limits, S(REQUEST "trailing"), STOX_OK, 0);
}

static void test_start_line(void **state) {
  (void)state;
  stox_limits limits = limits_of();
  limits.line = sizeof LINE - 2;
  check(&limits, S(REQUEST), STOX_E_TOO_LONG, 513);
  limits.line = sizeof LINE - 1;
  check(&limits, S(LINE), STOX_E_MISSING, 400);
}

/* Wherever the limit of a message falls, in its start line too, what is longer is refused. */
static void test_every_message_limit(void **state) {
  (void)state;
  stox_limits limits = limits_of();
  for (uint32_t n = 1; n < sizeof REQUEST + 4; n++) {
    for (int modes = 0; modes < 4; modes++) {
      stox_sip_options options = options_of(modes & 1, modes >> 1);
      const int skips = (modes & 1) != 0 || (modes >> 1) != 0;
      parsed p;
      limits.message = n;
      options.limits = &limits;
      parse_with(&p, skips ? S("\r\n\r\n" REQUEST) : S(REQUEST), &options);
      const int fits = n >= sizeof REQUEST - 1 + (skips ? 4 : 0);
      assert_int_equal(p.status == STOX_OK, fits);
      if (!fits) {
        assert_status(p.status, STOX_E_TOO_LONG);
        assert_true(p.diag.answer == 413 || p.diag.answer == 513);
      }
      parsed_free(&p);
    }
  }
}

/* What stands behind a start line that is too long for the message is not looked at. */
static void test_limit_in_start_line(void **state) {
  (void)state;
  stox_limits limits = limits_of();
  for (uint32_t n = 1; n < sizeof LINE - 1; n++) {
    limits.message = n;
    check(&limits, S(LINE "abcdefghijklmnopqrstuvwxyz"), STOX_E_TOO_LONG, 513);
    check(&limits, S(LINE), STOX_E_TOO_LONG, 513);
  }
}

/* A request with `n` octets of `octet` between two texts; free its octets. */
static stox_span padded(const char *before, size_t n, char octet, const char *behind) {
  const size_t before_n = strlen(before);
  const size_t behind_n = strlen(behind);
  char *bytes = malloc(before_n + n + behind_n);
  assert_non_null(bytes);
  memcpy(bytes, before, before_n);
  memset(bytes + before_n, octet, n);
  memcpy(bytes + before_n + n, behind, behind_n);
  return (stox_span){bytes, before_n + n + behind_n};
}

static void check_padded(const char *before, size_t n, const char *behind, int want, int answer) {
  const stox_span bytes = padded(before, n, 'a', behind);
  check(NULL, bytes, want, answer);
  free((void *)(uintptr_t)bytes.p);
}

/* The limits that hold when nobody sets any: 65,536, 16,384, 8,192 octets, 256 header fields. */
static void test_defaults(void **state) {
  (void)state;
  static const char body[] = LINE ROUTING "\r\n";
  static const char field[] = LINE ROUTING "X:";
  static const char uri[] = "MESSAGE sip:a@b.example;c=";
  const size_t body_n = 65536 - (sizeof body - 1);
  const size_t field_n = 16384 - 4;
  const size_t uri_n = 8192 - (sizeof "sip:a@b.example;c=" - 1);
  for (size_t more = 0; more < 3; more++) {
    const int is_above = more == 2;
    const int too_long = is_above ? STOX_E_TOO_LONG : STOX_OK;
    check_padded(body, body_n - 1 + more, "", too_long, is_above ? 413 : 0);
    check_padded(field, field_n - 1 + more, "\r\n\r\n", too_long, is_above ? 513 : 0);
    check_padded(uri, uri_n - 1 + more, " SIP/2.0\r\n" ROUTING "\r\n", too_long,
                 is_above ? 414 : 0);
  }
}

/* A message of many header fields, in memory of the C library; `*n` its octets. */
static char *many_fields(size_t *n, const char *field, size_t count) {
  const size_t field_n = strlen(field);
  const size_t most = sizeof LINE ROUTING + count * field_n + 2;
  char *bytes = malloc(most);
  assert_non_null(bytes);
  memcpy(bytes, LINE ROUTING, sizeof LINE ROUTING);
  *n = sizeof LINE ROUTING - 1;
  for (size_t i = 0; i < count; i++) {
    memcpy(bytes + *n, field, field_n);
    *n += field_n;
  }
  memcpy(bytes + *n, "\r\n", 2);
  *n += 2;
  return bytes;
}

enum { MANY = 10000, DEEP = 100000, MEBIBYTE = 1 << 20 };

static void test_default_count(void **state) {
  (void)state;
  for (size_t more = 0; more < 3; more++) {
    size_t n = 0;
    char *bytes = many_fields(&n, "X-A: a\r\n", 256 - 5 - 1 + more);
    check(NULL, (stox_span){bytes, n}, more == 2 ? STOX_E_TOO_MANY : STOX_OK, more == 2 ? 513 : 0);
    free(bytes);
  }
}

static stox_sip_options options_without_limits(stox_limits *limits, int lenient) {
  stox_sip_options options = options_of(lenient, 0);
  *limits = limits_of();
  limits->message = limits->line = 2 * MEBIBYTE;
  limits->header_count = MANY + 5;
  options.limits = limits;
  return options;
}

static void test_ten_thousand(void **state) {
  (void)state;
  static const char *const fields[] = {"X-Unknown: a\r\n",
                                       "Via: SIP/2.0/UDP a.example, SIP/2.0/UDP b.example\r\n",
                                       "Contact: <sip:a@b.example>;q=0.1, sip:c@d.example\r\n"};
  stox_limits limits;
  const stox_sip_options options = options_without_limits(&limits, 0);
  for (size_t i = 0; i < COUNT(fields); i++) {
    size_t n = 0;
    char *bytes = many_fields(&n, fields[i], MANY);
    parsed p;
    parse_with(&p, (stox_span){bytes, n}, &options);
    assert_status(p.status, STOX_OK);
    stox_sip_via via;
    size_t vias = 0;
    stox_sip_cursor place = {0, 0};
    while (stox_sip_next_via(&via, p.message, &place) == STOX_OK) {
      vias++;
    }
    assert_int_equal(vias, i == 1 ? 1 + 2 * MANY : 1);
    stox_sip_cursor cursor = {0, 0};
    stox_name_addr address;
    size_t addresses = 0;
    while (stox_sip_next_address(&address, p.message, STOX_SIP_CONTACT, &cursor) == STOX_OK) {
      addresses++;
    }
    assert_int_equal(addresses, i == 2 ? 2 * MANY : 0);
    size_t index = 0;
    size_t found = 0;
    for (; stox_sip_find_header(&index, p.message, STOX_SIP_OTHER, index) == STOX_OK; index++) {
      found++;
    }
    assert_int_equal(found, i == 0 ? MANY : 0);
    parsed_free(&p);
    free(bytes);
  }
}

/* 10,000 values in one line. */
static void test_long_list(void **state) {
  (void)state;
  static const char value[] = "SIP/2.0/UDP a.example;branch=z9hG4bK1, ";
  stox_limits limits;
  const stox_sip_options options = options_without_limits(&limits, 0);
  stox_buf out;
  const size_t room = MANY * sizeof value + sizeof LINE ROUTING + 16;
  char *bytes = malloc(room);
  parsed p;
  assert_non_null(bytes);
  stox_buf_init(&out, bytes, room);
  (void)stox_buf_put_text(&out, LINE "Via: ");
  for (size_t i = 1; i < MANY; i++) {
    (void)stox_buf_put_text(&out, value);
  }
  assert_status(stox_buf_put_text(&out, "SIP/2.0/UDP b.example\r\n" ROUTING "\r\n"), STOX_OK);
  parse_with(&p, stox_buf_span(&out), &options);
  assert_status(p.status, STOX_OK);
  stox_sip_via via;
  assert_status(stox_sip_get_via(&via, p.message, MANY - 1), STOX_OK);
  assert_span_equal(via.host, S("b.example"));
  assert_status(stox_sip_get_via(&via, p.message, 0), STOX_OK);
  assert_span_equal(via.host, S("a.example"));
  assert_status(stox_sip_get_via(&via, p.message, MANY), STOX_OK);
  assert_span_equal(via.host, S("proxy.example.net"));
  assert_status(stox_sip_get_via(&via, p.message, MANY + 1), STOX_E_NONE);
  parsed_free(&p);
  free(bytes);
}

static void test_mebibyte(void **state) {
  (void)state;
  static const char head[] = LINE ROUTING "Content-Length: 1048576\r\n\r\n";
  stox_limits limits;
  stox_sip_options options = options_without_limits(&limits, 0);
  const stox_span bytes = padded(head, MEBIBYTE, '\0', "");
  for (int is_stream = 0; is_stream < 2; is_stream++) {
    parsed p;
    options.is_stream = is_stream;
    parse_with(&p, bytes, &options);
    assert_status(p.status, STOX_OK);
    assert_int_equal(stox_sip_body(p.message).n, MEBIBYTE);
    parsed_free(&p);
  }
  limits.message = (uint32_t)bytes.n - 1;
  check(&limits, bytes, STOX_E_TOO_LONG, 413);
  free((void *)(uintptr_t)bytes.p);
}

/* Comments 100,000 deep, closed and not: no recursion. */
static void test_deep_comment(void **state) {
  (void)state;
  static const char before[] = LINE "Via: SIP/2.0/UDP a.example ";
  stox_limits limits;
  const stox_sip_options options = options_without_limits(&limits, 1);
  for (int is_closed = 0; is_closed < 2; is_closed++) {
    const stox_span open = padded(before, DEEP, '(', "");
    const stox_span bytes = padded("", DEEP, ')', "\r\n" ROUTING "\r\n");
    char *whole = malloc(open.n + bytes.n);
    parsed p;
    assert_non_null(whole);
    memcpy(whole, open.p, open.n);
    memcpy(whole + open.n, bytes.p, bytes.n);
    whole[open.n] = is_closed ? ')' : '-';
    parse_with(&p, (stox_span){whole, open.n + bytes.n}, &options);
    assert_status(p.status, is_closed ? STOX_OK : STOX_E_BAD_HEADER);
    parsed_free(&p);
    free(whole);
    free((void *)(uintptr_t)open.p);
    free((void *)(uintptr_t)bytes.p);
  }
}

/* A length that no message may have is too long, one that is not there is wrong. */
static void test_length(void **state) {
  (void)state;
  stox_limits limits = limits_of();
  limits.message = 500;
  check(&limits, S(LINE ROUTING "l: 500\r\n\r\na"), STOX_E_BAD_LENGTH, 400);
  check(&limits, S(LINE ROUTING "l: 501\r\n\r\na"), STOX_E_TOO_LONG, 413);
}

/* The name of a header field has at most 65,535 octets, whatever the limits are. */
static void test_name(void **state) {
  (void)state;
  stox_limits limits;
  const stox_sip_options options = options_without_limits(&limits, 0);
  (void)options;
  for (size_t more = 0; more < 2; more++) {
    const stox_span bytes = padded(LINE ROUTING, 65535 + more, 'a', ": b\r\n\r\n");
    check(&limits, bytes, more == 0 ? STOX_OK : STOX_E_TOO_LONG, more == 0 ? 0 : 513);
    free((void *)(uintptr_t)bytes.p);
  }
}

enum { FAR = 65536 };

/* A header field is found and told from a second one wherever it stands. */
static void test_far_field(void **state) {
  (void)state;
  static const char *const ends[] = {"Subject: a\r\n", "Subject: a\r\nX: b\r\ns: b\r\n"};
  stox_limits limits;
  stox_sip_options options = options_without_limits(&limits, 0);
  limits.header_count = FAR + 100;
  for (size_t less = 0; less < 12; less++) {
    for (size_t i = 0; i < COUNT(ends); i++) {
      size_t n = 0;
      char *bytes = many_fields(&n, "X-A: a\r\n", FAR - less);
      stox_buf out;
      char *room = malloc(n + 64);
      parsed p;
      assert_non_null(room);
      stox_buf_init(&out, room, n + 64);
      (void)stox_buf_put(&out, (stox_span){bytes, n - 2});
      (void)stox_buf_put_text(&out, ends[i]);
      assert_status(stox_buf_put_text(&out, "\r\n"), STOX_OK);
      parse_with(&p, stox_buf_span(&out), &options);
      assert_status(p.status, i == 0 ? STOX_OK : STOX_E_REPEATED);
      assert_int_equal(p.diag.offset, i == 0 ? 0 : n - 2 + sizeof "Subject: a\r\nX: b\r\n" - 1);
      assert_span_equal(stox_sip_value(p.message, STOX_SIP_SUBJECT), S("a"));
      assert_null(stox_sip_value(p.message, STOX_SIP_ORGANIZATION).p);
      parsed_free(&p);
      free(bytes);
      free(room);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_limit),
      cmocka_unit_test(test_message),
      cmocka_unit_test(test_start_line),
      cmocka_unit_test(test_limit_in_start_line),
      cmocka_unit_test(test_every_message_limit),
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_default_count),
      cmocka_unit_test(test_ten_thousand),
      cmocka_unit_test(test_long_list),
      cmocka_unit_test(test_mebibyte),
      cmocka_unit_test(test_deep_comment),
      cmocka_unit_test(test_length),
      cmocka_unit_test(test_name),
      cmocka_unit_test(test_far_field),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
