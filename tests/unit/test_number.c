/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/number.h"

static void test_numbers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    uint64_t max;
    int status;
    uint64_t value;
  } rows[] = {
      {"0", 10, STOX_OK, 0},
      {"10", 10, STOX_OK, 10},
      {"11", 10, STOX_E_BAD_NUMBER, 0},
      {"9", 5, STOX_E_BAD_NUMBER, 0},
      {"", 10, STOX_E_BAD_NUMBER, 0},
      {" 1", 10, STOX_E_BAD_NUMBER, 0},
      {"1 ", 10, STOX_E_BAD_NUMBER, 0},
      {"+1", 10, STOX_E_BAD_NUMBER, 0},
      {"0x1", 10, STOX_E_BAD_NUMBER, 0},
      {"00007", 10, STOX_OK, 7},
      {"18446744073709551615", UINT64_MAX, STOX_OK, UINT64_MAX},
      {"18446744073709551616", UINT64_MAX, STOX_E_BAD_NUMBER, 0},
      {"184467440737095516150", UINT64_MAX, STOX_E_BAD_NUMBER, 0},
      {"4294967296", UINT32_MAX, STOX_E_BAD_NUMBER, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    uint64_t value = 0;
    guard g = guard_copy(stox_span_text(rows[i].text));
    assert_status(stox_number_parse(&value, g.span, rows[i].max), rows[i].status);
    assert_true(value == rows[i].value);
    guard_free(&g);
  }
}

static void test_hex(void **state) {
  (void)state;
  char room[16];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  assert_status(stox_hex_write(&buf, S("\x00\xFFz")), STOX_OK);
  assert_span_equal(stox_buf_span(&buf), S("00ff7a"));
  stox_buf_init(&buf, room, sizeof room);
  assert_status(stox_hex_parse(&buf, S("00Ff7A")), STOX_OK);
  assert_span_equal(stox_buf_span(&buf), S("\x00\xFFz"));
  static const char *const bad[] = {"0", "0g", "g0", "00 ", "0x00"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    stox_buf_init(&buf, room, sizeof room);
    buf.len = 2;
    assert_status(stox_hex_parse(&buf, stox_span_text(bad[i])), STOX_E_BAD_HEX);
    assert_int_equal(buf.len, 2);
  }
}

/* RFC 4648 10 */
static void test_base64_vectors(void **state) {
  (void)state;
  static const struct {
    const char *plain;
    const char *coded;
  } rows[] = {{"", ""},
              {"f", "Zg=="},
              {"fo", "Zm8="},
              {"foo", "Zm9v"},
              {"foob", "Zm9vYg=="},
              {"fooba", "Zm9vYmE="},
              {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[32];
    stox_buf buf;
    stox_buf_init(&buf, room, sizeof room);
    assert_status(stox_base64_write(&buf, stox_span_text(rows[i].plain), STOX_BASE64), STOX_OK);
    assert_span_equal(stox_buf_span(&buf), stox_span_text(rows[i].coded));
    stox_buf_init(&buf, room, sizeof room);
    assert_status(stox_base64_parse(&buf, stox_span_text(rows[i].coded), STOX_BASE64), STOX_OK);
    assert_span_equal(stox_buf_span(&buf), stox_span_text(rows[i].plain));
  }
}

static void test_base64_refuses(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int alphabet;
  } rows[] = {{"Zg", STOX_BASE64},       {"Zg=", STOX_BASE64},      {"Zg===", STOX_BASE64},
              {"Zh==", STOX_BASE64},     {"Zm9=", STOX_BASE64},     {"Zm 9v", STOX_BASE64},
              {"Zm9v\n", STOX_BASE64},   {"=", STOX_BASE64},        {"====", STOX_BASE64},
              {"Zg==Zg==", STOX_BASE64}, {"Zm9-", STOX_BASE64},     {"Zm9_", STOX_BASE64},
              {"Zg==", STOX_BASE64_URL}, {"Zm9+", STOX_BASE64_URL}, {"Z", STOX_BASE64_URL},
              {"Zh", STOX_BASE64_URL}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[32];
    stox_buf buf;
    guard g = guard_copy(stox_span_text(rows[i].text));
    stox_buf_init(&buf, room, sizeof room);
    buf.len = 1;
    assert_status(stox_base64_parse(&buf, g.span, rows[i].alphabet), STOX_E_BAD_BASE64);
    assert_int_equal(buf.len, 1);
    guard_free(&g);
  }
}

static void test_base64_round_trip(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int round = 0; round < 2000; round++) {
    char plain[40];
    char coded[64];
    char again[64];
    const size_t n = test_random(&seed) % sizeof plain;
    for (size_t i = 0; i < n; i++) {
      plain[i] = (char)test_random(&seed);
    }
    const int alphabet = round % 2 == 0 ? STOX_BASE64 : STOX_BASE64_URL;
    stox_buf buf;
    stox_buf_init(&buf, coded, sizeof coded);
    assert_status(stox_base64_write(&buf, (stox_span){plain, n}, alphabet), STOX_OK);
    const stox_span text = stox_buf_span(&buf);
    stox_buf_init(&buf, again, sizeof again);
    assert_status(stox_base64_parse(&buf, text, alphabet), STOX_OK);
    assert_span_equal(stox_buf_span(&buf), ((stox_span){plain, n}));
  }
}

static void test_every_cap(void **state) {
  (void)state;
  char room[32];
  for (size_t cap = 0; cap < 8; cap++) {
    stox_buf buf;
    stox_buf_init(&buf, room, cap);
    assert_status(stox_base64_write(&buf, S("fooba"), STOX_BASE64), STOX_E_NOBUF);
    assert_int_equal(buf.len, 8);
    stox_buf_init(&buf, room, cap);
    assert_status(stox_hex_write(&buf, S("fooba")), STOX_E_NOBUF);
    assert_int_equal(buf.len, 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers),           cmocka_unit_test(test_hex),
      cmocka_unit_test(test_base64_vectors),    cmocka_unit_test(test_base64_refuses),
      cmocka_unit_test(test_base64_round_trip), cmocka_unit_test(test_every_cap)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
