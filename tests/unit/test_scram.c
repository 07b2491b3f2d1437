/* SPDX-License-Identifier: MIT */
#include "writers.h"

#include "session/scram.h"
#include "stox/number.h"
#include "stox/scram.h"

/* ---- keys ---- */

typedef struct key_row {
  int hash;
  stox_span password;
  stox_span salt; /* in base64 */
  uint32_t iterations;
  const char *stored_key;
  const char *server_key;
} key_row;

/* RFC 5802 5, RFC 7677 3; the keys between their messages by an independent program. */
static const key_row key_rows[] = {
    {STOX_HASH_SHA1, ROW("pencil"), ROW("QSXCR+Q6sek8bf92"), 4096,
     "e9d94660c39d65c38fbad91c358f14da0eef2bd6", "0fe09258b3ac852ba502cc62ba903eaacdbf7d31"},
    {STOX_HASH_SHA256, ROW("pencil"), ROW("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096,
     "586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6",
     "c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5"},
    {STOX_HASH_SHA256, ROW("I\xC2\xADX"), ROW("c2FsdA=="), 1,
     "6e68e69ad5612a8a9d3c1845add235b947931dbf6b3e82f77d8ebe761ded2eed",
     "413d617907c3e621647f1e6448da50187016743e2226256f55b190bad94c53dd"},
};

static void assert_hex(const unsigned char *p, size_t n, const char *want) {
  char room[2 * STOX_HASH_MAX];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_hex_write(&out, (stox_span){(const char *)p, n}), STOX_OK);
  assert_span_equal(stox_buf_span(&out), stox_span_text(want));
}

static void test_keys(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(key_rows); i++) {
    const key_row *r = &key_rows[i];
    const size_t n = stox_hash_size(r->hash);
    char room[64];
    stox_buf salt;
    stox_scram_keys keys;
    stox_buf_init(&salt, room, sizeof room);
    assert_status(stox_base64_parse(&salt, r->salt, STOX_BASE64), STOX_OK);
    guard password = guard_copy(r->password);
    assert_status(
        stox_scram_derive(&keys, r->hash, password.span, stox_buf_span(&salt), r->iterations),
        STOX_OK);
    assert_int_equal(keys.iterations, r->iterations);
    assert_span_equal(((stox_span){(const char *)keys.salt, keys.salt_n}), stox_buf_span(&salt));
    assert_hex(keys.stored_key, n, r->stored_key);
    assert_hex(keys.server_key, n, r->server_key);
    assert_status(stox_scram_check(&keys, r->hash, password.span), STOX_OK);
    assert_status(stox_scram_check(&keys, r->hash, S("pencil ")), STOX_E_AUTH);
    keys.stored_key[n - 1] ^= 1;
    assert_status(stox_scram_check(&keys, r->hash, password.span), STOX_E_AUTH);
    guard_free(&password);
  }
}

static void test_keys_refused(void **state) {
  (void)state;
  stox_scram_keys keys;
  static const char salt[STOX_SCRAM_SALT_MAX + 1] = "s";
  for (size_t n = STOX_SCRAM_SALT_MAX - 1; n <= STOX_SCRAM_SALT_MAX + 1; n++) {
    assert_status(stox_scram_derive(&keys, STOX_HASH_SHA1, S("p"), (stox_span){salt, n}, 1),
                  n <= STOX_SCRAM_SALT_MAX ? STOX_OK : STOX_E_ARG);
  }
  assert_status(stox_scram_derive(&keys, STOX_HASH_MD5, S("p"), S("s"), 1), STOX_E_ARG);
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA512_256, S("p"), S("s"), 1), STOX_E_ARG);
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA1, S("p"), S(""), 1), STOX_E_ARG);
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA1, S("p"), S("s"), 0), STOX_E_ARG);
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA1, S(""), S("s"), 1), STOX_E_SYNTAX);
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA1, S("a\0"), S("s"), 1), STOX_E_CTRL);
  assert_status(stox_scram_derive(&keys, STOX_HASH_SHA1, S("\xFF"), S("s"), 1), STOX_E_BAD_UTF8);
  assert_status(stox_scram_decoy(&keys, STOX_HASH_MD5, S("p"), S("s"), 1), STOX_E_ARG);
  assert_status(stox_scram_decoy(&keys, STOX_HASH_SHA1, S("p"), S("s"), 0), STOX_E_ARG);
}

/* A decoy is the same each time, and another for each name, secret and hash. */
static void test_decoy(void **state) {
  (void)state;
  stox_scram_keys a;
  stox_scram_keys b;
  assert_status(stox_scram_decoy(&a, STOX_HASH_SHA1, S("key"), S("ann"), 4096), STOX_OK);
  assert_status(stox_scram_decoy(&b, STOX_HASH_SHA1, S("key"), S("ann"), 4096), STOX_OK);
  assert_memory_equal(&a, &b, sizeof a);
  assert_int_equal(a.salt_n, STOX_SCRAM_DECOY_SALT);
  assert_int_equal(a.iterations, 4096);
  assert_status(stox_scram_decoy(&b, STOX_HASH_SHA1, S("key"), S("anne"), 4096), STOX_OK);
  assert_memory_not_equal(a.salt, b.salt, STOX_SCRAM_DECOY_SALT);
  assert_memory_not_equal(a.stored_key, b.stored_key, 20);
  assert_status(stox_scram_decoy(&b, STOX_HASH_SHA1, S("yek"), S("ann"), 4096), STOX_OK);
  assert_memory_not_equal(a.salt, b.salt, STOX_SCRAM_DECOY_SALT);
  assert_status(stox_scram_decoy(&b, STOX_HASH_SHA256, S("key"), S("ann"), 4096), STOX_OK);
  assert_memory_not_equal(a.salt, b.salt, STOX_SCRAM_DECOY_SALT);
  assert_status(stox_scram_check(&a, STOX_HASH_SHA1, S("ann")), STOX_E_AUTH);
}

/* ---- messages ---- */

typedef struct first_row {
  stox_span text;
  int status;
  char flag;
  stox_span gs2;
  stox_span binding;
  stox_span authzid;
  stox_span username;
  stox_span nonce;
} first_row;

#define NO                                                                                         \
  { NULL, 0 }
#define BAD(text, status)                                                                          \
  { ROW(text), status, 0, NO, NO, NO, NO, NO }

static const first_row firsts[] = {
    {ROW("n,,n=user,r=fyko"), STOX_OK, 'n', ROW("n,,"), NO, NO, ROW("user"), ROW("fyko")},
    {ROW("y,a=a=2Cb,n=,r=!~"), STOX_OK, 'y', ROW("y,a=a=2Cb,"), NO, ROW("a=2Cb"), ROW(""),
     ROW("!~")},
    {ROW("p=tls-exporter,,n=u,r=x,y=1,Z="), STOX_OK, 'p', ROW("p=tls-exporter,,"),
     ROW("tls-exporter"), NO, ROW("u"), ROW("x")},
    BAD("", STOX_E_SYNTAX),
    BAD("n", STOX_E_SYNTAX),
    BAD("n,", STOX_E_SYNTAX),
    BAD("n,,", STOX_E_SYNTAX),
    BAD("N,,n=u,r=x", STOX_E_SYNTAX),
    BAD("nn,,n=u,r=x", STOX_E_SYNTAX),
    BAD("p,,n=u,r=x", STOX_E_SYNTAX),
    BAD("p=,,n=u,r=x", STOX_E_SYNTAX),
    BAD("p=a_b,,n=u,r=x", STOX_E_SYNTAX),
    BAD("n,a=,n=u,r=x", STOX_E_SYNTAX),
    BAD("n,b=x,n=u,r=x", STOX_E_SYNTAX),
    BAD("n,,m=x,n=u,r=x", STOX_E_UNSUPPORTED),
    BAD("n,,r=x,n=u", STOX_E_SYNTAX),
    BAD("n,,n=u", STOX_E_SYNTAX),
    BAD("n,,n=u,r=", STOX_E_SYNTAX),
    BAD("n,,n=u,r=a b", STOX_E_SYNTAX),
    BAD("n,,n=u,r=a\x7F", STOX_E_SYNTAX),
    BAD("n,,n=u,r=\xC3\xA9", STOX_E_SYNTAX),
    BAD("n,,n=u\0,r=x", STOX_E_SYNTAX),
    BAD("n,,n=u,r=x,", STOX_E_SYNTAX),
    BAD("n,,n=u,r=x,1=y", STOX_E_SYNTAX),
    BAD("n,,n=u,r=x,yy", STOX_E_SYNTAX),
};

static void test_first(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(firsts); i++) {
    const first_row *r = &firsts[i];
    guard g = guard_copy(r->text);
    stox_scram_first got;
    assert_status(stox_scram_read_first(&got, g.span), r->status);
    if (r->status == STOX_OK) {
      assert_int_equal(got.flag, r->flag);
      assert_span_equal(got.gs2, r->gs2);
      assert_span_equal(got.bare, stox_span_slice(r->text, r->gs2.n, r->text.n));
      assert_span_equal(got.binding, r->binding);
      assert_span_equal(got.authzid, r->authzid);
      assert_int_equal(got.authzid.p == NULL, r->authzid.p == NULL);
      assert_span_equal(got.username, r->username);
      assert_span_equal(got.nonce, r->nonce);
    }
    guard_free(&g);
  }
}

typedef struct challenge_row {
  stox_span text;
  int status;
  uint32_t iterations;
} challenge_row;

static const challenge_row challenges[] = {
    {ROW("r=n,s=c2FsdA==,i=4096"), STOX_OK, 4096},
    {ROW("r=n,s=c2FsdA==,i=4294967295,x=y"), STOX_OK, UINT32_MAX},
    {ROW("r=n,s=c2FsdA==,i=4294967296"), STOX_E_SYNTAX, 0},
    {ROW("r=n,s=c2FsdA==,i=0"), STOX_E_SYNTAX, 0},
    {ROW("r=n,s=c2FsdA==,i=04096"), STOX_E_SYNTAX, 0},
    {ROW("r=n,s=c2FsdA==,i=-1"), STOX_E_SYNTAX, 0},
    {ROW("r=n,s=c2FsdA==,i="), STOX_E_SYNTAX, 0},
    {ROW("r=n,s=c2FsdA=="), STOX_E_SYNTAX, 0},
    {ROW("r=n,i=4096,s=c2FsdA=="), STOX_E_SYNTAX, 0},
    {ROW("m=1,r=n,s=c2FsdA==,i=4096"), STOX_E_UNSUPPORTED, 0},
    {ROW("r=,s=c2FsdA==,i=4096"), STOX_E_SYNTAX, 0},
    {ROW(""), STOX_E_SYNTAX, 0},
};

static void test_challenge(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(challenges); i++) {
    const challenge_row *r = &challenges[i];
    guard g = guard_copy(r->text);
    stox_scram_challenge got;
    assert_status(stox_scram_read_challenge(&got, g.span), r->status);
    if (r->status == STOX_OK) {
      assert_int_equal(got.iterations, r->iterations);
      assert_span_equal(got.nonce, S("n"));
      assert_span_equal(got.salt, S("c2FsdA=="));
    }
    guard_free(&g);
  }
}

typedef struct final_row {
  stox_span text;
  int status;
  stox_span unproved;
} final_row;

static const final_row finals[] = {
    {ROW("c=biws,r=nonce,p=AA=="), STOX_OK, ROW("c=biws,r=nonce")},
    {ROW("c=biws,r=nonce,x=1,p=2,p=AA=="), STOX_OK, ROW("c=biws,r=nonce,x=1,p=2")},
    {ROW("c=biws,r=nonce"), STOX_E_SYNTAX, NO},
    {ROW("c=biws,r=nonce,p=AA==,x=1"), STOX_E_SYNTAX, NO},
    {ROW("c=biws,r=nonce,"), STOX_E_SYNTAX, NO},
    {ROW("c=biws,p=AA=="), STOX_E_SYNTAX, NO},
    {ROW("r=nonce,c=biws,p=AA=="), STOX_E_SYNTAX, NO},
    {ROW("c=biws,r=nonce,,p=AA=="), STOX_E_SYNTAX, NO},
    {ROW(""), STOX_E_SYNTAX, NO},
};

static void test_final(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(finals); i++) {
    const final_row *r = &finals[i];
    guard g = guard_copy(r->text);
    stox_scram_final got;
    assert_status(stox_scram_read_final(&got, g.span), r->status);
    if (r->status == STOX_OK) {
      assert_span_equal(got.unproved, r->unproved);
      assert_span_equal(got.binding, S("biws"));
      assert_span_equal(got.nonce, S("nonce"));
      assert_span_equal(got.proof, S("AA=="));
    }
    guard_free(&g);
  }
}

static void test_verifier(void **state) {
  (void)state;
  static const final_row rows[] = {
      {ROW("v=AA=="), STOX_OK, ROW("AA==")},
      {ROW("v=AA==,x=1"), STOX_OK, ROW("AA==")},
      {ROW("e=invalid-proof"), STOX_E_AUTH, ROW("invalid-proof")},
      {ROW("AA=="), STOX_E_SYNTAX, NO},
      {ROW("v"), STOX_E_SYNTAX, NO},
      {ROW("v=AA==,"), STOX_E_SYNTAX, NO},
      {ROW(""), STOX_E_SYNTAX, NO},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_span got = NO;
    assert_status(stox_scram_read_verifier(&got, g.span), rows[i].status);
    if (rows[i].status != STOX_E_SYNTAX) {
      assert_span_equal(got, rows[i].unproved);
    }
    guard_free(&g);
  }
}

/* ---- names ---- */

static int put_name(stox_buf *out, const void *ud) {
  return stox_scram_put_name(out, *(const stox_span *)ud);
}

static void test_names(void **state) {
  (void)state;
  static const stox_span rows[][2] = {
      {ROW(""), ROW("")},
      {ROW("user"), ROW("user")},
      {ROW("a,b=c"), ROW("a=2Cb=3Dc")},
      {ROW("=2C"), ROW("=3D2C")},
  };
  static const stox_span bad[] = {ROW("="), ROW("=2"), ROW("a=2c"), ROW("=3d"), ROW("x=41")};
  char room[32];
  stox_buf out;
  for (size_t i = 0; i < COUNT(rows); i++) {
    check_writer(put_name, &rows[i][0], rows[i][1]);
    guard g = guard_copy(rows[i][1]);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_scram_read_name(&out, g.span), STOX_OK);
    assert_span_equal(stox_buf_span(&out), rows[i][0]);
    guard_free(&g);
  }
  for (size_t i = 0; i < COUNT(bad); i++) {
    guard g = guard_copy(bad[i]);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_scram_read_name(&out, g.span), STOX_E_SYNTAX);
    assert_int_equal(out.len, 0);
    guard_free(&g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys),      cmocka_unit_test(test_keys_refused),
      cmocka_unit_test(test_decoy),     cmocka_unit_test(test_first),
      cmocka_unit_test(test_challenge), cmocka_unit_test(test_final),
      cmocka_unit_test(test_verifier),  cmocka_unit_test(test_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
