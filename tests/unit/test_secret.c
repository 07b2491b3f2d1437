/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/hash.h"
#include "stox/secret.h"

typedef struct row {
  int algorithm;
  stox_span password;
  stox_span salt;
  uint32_t iterations;
  const char *hex;
} row;

/* RFC 6070 2 for SHA-1; SHA-256 by RFC 7914 11 (its first block) and an independent program. */
static const row rows[] = {
    {STOX_HASH_SHA1, ROW("password"), ROW("salt"), 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
    {STOX_HASH_SHA1, ROW("password"), ROW("salt"), 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
    {STOX_HASH_SHA1, ROW("password"), ROW("salt"), 4096,
     "4b007901b765489abead49d926f721d065a429c1"},
    {STOX_HASH_SHA256, ROW("passwd"), ROW("salt"), 1,
     "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"},
    {STOX_HASH_SHA256, ROW("password"), ROW("salt"), 4096,
     "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"},
    {STOX_HASH_SHA256, ROW("pass\0word"), ROW("sa\0lt"), 4096,
     "89b69d0516f829893c696226650a86878c029ac13ee276509d5ae58b6466a724"},
    {STOX_HASH_MD5, ROW(""), ROW("s"), 1, "3394def87828a862a65dae4ec34d5abe"},
};

static void check_row(const row *r) {
  const size_t n = stox_hash_size(r->algorithm);
  unsigned char out[STOX_HASH_MAX + 1];
  char hex[2 * STOX_HASH_MAX + 1];
  guard password = guard_copy(r->password);
  guard salt = guard_copy(r->salt);
  for (size_t cap = 0; cap <= n; cap++) {
    memset(out, 0x5a, sizeof out);
    assert_status(stox_pbkdf2(r->algorithm, password.span, salt.span, r->iterations, out, cap),
                  cap < n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out[cap < n ? 0 : n], 0x5a);
  }
  for (size_t i = 0; i < n; i++) {
    (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)out[i]);
  }
  assert_string_equal(hex, r->hex);
  guard_free(&password);
  guard_free(&salt);
}

static void test_derive(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_row(&rows[i]);
  }
}

static void test_refused(void **state) {
  (void)state;
  unsigned char out[STOX_HASH_MAX];
  assert_status(stox_pbkdf2(0, S("p"), S("s"), 1, out, sizeof out), STOX_E_ARG);
  assert_status(stox_pbkdf2(99, S("p"), S("s"), 1, out, sizeof out), STOX_E_ARG);
  assert_status(stox_pbkdf2(STOX_HASH_SHA1, S("p"), S(""), 1, out, sizeof out), STOX_E_ARG);
  assert_status(stox_pbkdf2(STOX_HASH_SHA1, S("p"), S("s"), 0, out, sizeof out), STOX_E_ARG);
  assert_status(stox_pbkdf2(STOX_HASH_SHA512_256, S("p"), S("s"), 1, out, sizeof out),
                STOX_E_UNSUPPORTED);
}

static void test_wipe(void **state) {
  (void)state;
  char text[8] = "secrets";
  stox_wipe(text + 1, 5);
  assert_memory_equal(text, "s\0\0\0\0\0s", 8);
  stox_wipe(NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_derive),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_wipe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
