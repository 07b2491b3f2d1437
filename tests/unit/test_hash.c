/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/hash.h"

typedef struct row {
  int algorithm;
  stox_span key; /* absent: a plain hash */
  stox_span data;
  const char *hex;
} row;

static const char twenty_0b[] = "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                                "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b";

/* In two parts at every split, and in no part. */
static void check_parts(const row *r, stox_span data, const unsigned char *want) {
  const size_t n = stox_hash_size(r->algorithm);
  unsigned char out[STOX_HASH_MAX];
  for (size_t at = 0; at <= data.n; at++) {
    const stox_span parts[] = {stox_span_slice(data, 0, at), stox_span_slice(data, at, data.n)};
    for (size_t cap = 0; cap <= n; cap++) {
      const int got = r->key.p == NULL
                          ? stox_hash_parts(r->algorithm, parts, COUNT(parts), out, cap)
                          : stox_hmac_parts(r->algorithm, r->key, parts, COUNT(parts), out, cap);
      assert_status(got, cap < n ? STOX_E_NOBUF : STOX_OK);
    }
    assert_memory_equal(out, want, n);
  }
  if (data.n == 0 && r->key.p == NULL) {
    assert_status(stox_hash_parts(r->algorithm, NULL, 0, out, n), STOX_OK);
    assert_memory_equal(out, want, n);
  }
}

static void check_row(const row *r) {
  unsigned char out[STOX_HASH_MAX + 1];
  const size_t n = stox_hash_size(r->algorithm);
  guard data = guard_copy(r->data);
  for (size_t cap = 0; cap <= n; cap++) {
    memset(out, 0x5a, sizeof out);
    const int got = r->key.p == NULL ? stox_hash(r->algorithm, data.span, out, cap)
                                     : stox_hmac(r->algorithm, r->key, data.span, out, cap);
    assert_status(got, cap < n ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out[cap < n ? 0 : n], 0x5a);
  }
  check_parts(r, data.span, out);
  guard_free(&data);
  char hex[2 * STOX_HASH_MAX + 1];
  for (size_t i = 0; i < n; i++) {
    (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)out[i]);
  }
  assert_string_equal(hex, r->hex);
}

/* FIPS 180-4, RFC 1321 and RFC 2202, RFC 4231 test vectors. */
static void test_vectors(void **state) {
  (void)state;
  const stox_span none = {NULL, 0};
  const stox_span key = {twenty_0b, 20};
  const stox_span key16 = {twenty_0b, 16};
  const row rows[] = {
      {STOX_HASH_SHA1, none, S(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {STOX_HASH_SHA1, none, {NULL, 0}, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {STOX_HASH_SHA1, none, S("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {STOX_HASH_SHA1, none, S("a\0b"), "4a3dec2d1f8245280855c42db0ee4239f917fdb8"},
      {STOX_HASH_SHA256, none, S(""),
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {STOX_HASH_SHA256, none, S("abc"),
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {STOX_HASH_SHA1, key, S("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"},
      {STOX_HASH_SHA256, key, S("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {STOX_HASH_SHA256, S("Jefe"), S("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {STOX_HASH_SHA256, S(""), S(""),
       "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
      {STOX_HASH_MD5, none, S(""), "d41d8cd98f00b204e9800998ecf8427e"},
      {STOX_HASH_MD5, none, S("abc"), "900150983cd24fb0d6963f7d28e17f72"},
      {STOX_HASH_MD5, none, S("message digest"), "f96b697d7cb7938d525a2f31aaf161d0"},
      {STOX_HASH_MD5, key16, S("Hi There"), "9294727a3638bb1c13f48ef8158bfc9d"},
      {STOX_HASH_SHA512_256, none, S(""),
       "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"},
      {STOX_HASH_SHA512_256, none, S("abc"),
       "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
      {STOX_HASH_SHA512_256, none,
       S("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
         "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
       "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_row(&rows[i]);
  }
}

/* Every length around one and two blocks: the digest of all their digests. */
static void test_lengths(void **state) {
  (void)state;
  enum { LENGTHS = 300, SIZE = 32 };
  static char text[LENGTHS];
  static unsigned char digests[LENGTHS * SIZE];
  unsigned char out[SIZE];
  memset(text, 'a', sizeof text);
  for (size_t n = 0; n < LENGTHS; n++) {
    guard g = guard_copy((stox_span){text, n});
    assert_status(stox_hash(STOX_HASH_SHA512_256, g.span, digests + n * SIZE, SIZE), STOX_OK);
    guard_free(&g);
  }
  const stox_span all = {(const char *)digests, sizeof digests};
  assert_status(stox_hash(STOX_HASH_SHA512_256, all, out, sizeof out), STOX_OK);
  char hex[2 * SIZE + 1];
  for (size_t i = 0; i < SIZE; i++) {
    (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)out[i]);
  }
  assert_string_equal(hex, "b16964925617cd82ce7a0790d30639c3d98b22494d99fc6de2ec271a89696b73");
  assert_status(stox_hmac(STOX_HASH_SHA512_256, S("k"), S("x"), out, sizeof out),
                STOX_E_UNSUPPORTED);
  assert_status(stox_hmac_parts(STOX_HASH_SHA512_256, S("k"), NULL, 0, out, sizeof out),
                STOX_E_UNSUPPORTED);
}

static void test_unknown_algorithm(void **state) {
  (void)state;
  unsigned char out[STOX_HASH_MAX];
  const int bad[] = {-1, 0, 5, 1000};
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_int_equal(stox_hash_size(bad[i]), 0);
    assert_status(stox_hash(bad[i], S("x"), out, sizeof out), STOX_E_ARG);
    assert_status(stox_hash_parts(bad[i], NULL, 0, out, sizeof out), STOX_E_ARG);
    assert_status(stox_hmac(bad[i], S("k"), S("x"), out, sizeof out), STOX_E_ARG);
    assert_status(stox_hmac_parts(bad[i], S("k"), NULL, 0, out, sizeof out), STOX_E_ARG);
  }
}

static void test_compare(void **state) {
  (void)state;
  assert_true(stox_octets_is_equal_ct(S("abc"), S("abc")));
  assert_true(stox_octets_is_equal_ct(S(""), (stox_span){NULL, 0}));
  assert_true(stox_octets_is_equal_ct(S("a\0b"), S("a\0b")));
  assert_false(stox_octets_is_equal_ct(S("a\0b"), S("a\0c")));
  assert_false(stox_octets_is_equal_ct(S("abc"), S("abd")));
  assert_false(stox_octets_is_equal_ct(S("abc"), S("bbc")));
  assert_false(stox_octets_is_equal_ct(S("abc"), S("ab")));
  assert_false(stox_octets_is_equal_ct(S("\x80"), S("\x00")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_unknown_algorithm),
      cmocka_unit_test(test_compare),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
