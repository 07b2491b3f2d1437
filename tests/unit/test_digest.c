/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/digest.h"

typedef struct vector {
  int algorithm;
  int is_session;
  int qop;
  uint32_t nc;
  const char *username;
  const char *realm;
  const char *password;
  const char *nonce;
  const char *uri;
  const char *method;
  const char *cnonce;
  const char *body;
  const char *response;
} vector;

/* RFC 2617 3.5, RFC 7616 3.9.1 in all three algorithms, and one of each other form. */
static const vector vectors[] = {
    {STOX_HASH_MD5, 0, STOX_DIGEST_AUTH, 1U, "Mufasa", "testrealm@host.com", "Circle Of Life",
     "dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "GET", "0a4f113b", "",
     "6629fae49393a05397450978507c4ef1"},
    {STOX_HASH_MD5, 0, STOX_DIGEST_AUTH, 1U, "Mufasa", "http-auth@example.org", "Circle of Life",
     "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html", "GET",
     "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "", "8ca523f5e9506fed4657c9700eebdbec"},
    {STOX_HASH_SHA256, 0, STOX_DIGEST_AUTH, 1U, "Mufasa", "http-auth@example.org", "Circle of Life",
     "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html", "GET",
     "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "",
     "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
    {STOX_HASH_SHA512_256, 0, STOX_DIGEST_AUTH, 1U, "Mufasa", "http-auth@example.org",
     "Circle of Life", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "/dir/index.html", "GET",
     "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "",
     "430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0"},
    {STOX_HASH_MD5, 0, STOX_DIGEST_NO_QOP, 0U, "bob", "biloxi.com", "zanzibar",
     "dcd98b7102dd2f0e8b11d0f600bfb0c093", "sip:bob@biloxi.com", "INVITE", "", "",
     "bf57e4e0d0bffc0fbaedce64d59add5e"},
    {STOX_HASH_MD5, 0, STOX_DIGEST_AUTH_INT, 255U, "bob", "biloxi.com", "zanzibar",
     "dcd98b7102dd2f0e8b11d0f600bfb0c093", "sip:bob@biloxi.com", "INVITE", "0a4f113b", "v=0\r\n",
     "2e35b8149c549fdc09088f5d518a8045"},
    {STOX_HASH_SHA256, 1, STOX_DIGEST_AUTH, 3735928559U, "bob", "biloxi.com", "zanzibar", "n",
     "sip:bob@biloxi.com", "REGISTER", "c", "",
     "2b96febcc9605fe1880bff85798971111dd109ffa644670a60d2b0978666ebfc"},
    {STOX_HASH_SHA512_256, 1, STOX_DIGEST_AUTH_INT, 1U, "bob", "biloxi.com", "zanzibar", "n",
     "sip:bob@biloxi.com", "MESSAGE", "c", "Hi",
     "3f9b50d31918f7d2ca0a3f0e5672e58b03251078f097eb100d8a9deb71a0b57f"},
    {STOX_HASH_MD5, 1, STOX_DIGEST_NO_QOP, 0U, "bob", "biloxi.com", "zanzibar", "n", "sip:x",
     "REGISTER", "c", "", "8bc7b16a33f1ad754aa2e5fb6176e0ad"},
};

static stox_digest credentials_of(const vector *v) {
  stox_digest d = {0};
  d.algorithm = v->algorithm;
  d.is_session = v->is_session;
  d.qop = v->qop;
  d.nc = v->nc;
  d.username = stox_span_text(v->username);
  d.realm = stox_span_text(v->realm);
  d.nonce = stox_span_text(v->nonce);
  d.uri = stox_span_text(v->uri);
  d.response = stox_span_text(v->response);
  if (v->cnonce[0] != '\0') {
    d.cnonce = stox_span_text(v->cnonce);
  }
  return d;
}

static void test_responses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(vectors); i++) {
    const vector *v = &vectors[i];
    stox_digest d = credentials_of(v);
    char ha1[STOX_DIGEST_HEX_MAX];
    char response[STOX_DIGEST_HEX_MAX];
    const size_t n = 2 * stox_hash_size(v->algorithm);
    const stox_span stored = {ha1, n};
    const stox_span method = stox_span_text(v->method);
    const stox_span body = stox_span_text(v->body);
    assert_status(
        stox_digest_ha1(ha1, v->algorithm, d.username, d.realm, stox_span_text(v->password)),
        STOX_OK);
    assert_status(stox_digest_response(response, &d, stored, method, body), STOX_OK);
    assert_span_equal(((stox_span){response, n}), d.response);
    assert_status(stox_digest_check(&d, stored, method, body), STOX_OK);
    assert_status(stox_digest_check(&d, stored, S("BYE"), body), STOX_E_AUTH);
    assert_status(stox_digest_check(&d, stored, method, S("other")),
                  v->qop == STOX_DIGEST_AUTH_INT ? STOX_E_AUTH : STOX_OK);
    response[n - 1] ^= 1;
    d.response = (stox_span){response, n};
    assert_status(stox_digest_check(&d, stored, method, body), STOX_E_AUTH);
    d.response.n--;
    assert_status(stox_digest_check(&d, stored, method, body), STOX_E_AUTH);
    d.algorithm = 0;
    assert_status(stox_digest_check(&d, stored, method, body), STOX_E_ARG);
    assert_status(stox_digest_ha1(ha1, 0, d.username, d.realm, S("x")), STOX_E_ARG);
  }
}

/* What is written is parsed to the same; at every capacity. */
static void test_credentials_written(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(vectors); i++) {
    stox_digest d = credentials_of(&vectors[i]);
    stox_digest parsed;
    stox_buf out;
    char room[1024];
    d.opaque = S("o\\\"p");
    d.userhash = i % 2 == 0;
    stox_buf_init(&out, NULL, 0);
    assert_status(stox_digest_write_credentials(&out, &d), STOX_E_NOBUF);
    const size_t n = out.len;
    for (size_t cap = 0; cap <= n; cap++) {
      stox_buf_init(&out, room, cap);
      assert_status(stox_digest_write_credentials(&out, &d), cap < n ? STOX_E_NOBUF : STOX_OK);
      assert_int_equal(out.len, n);
    }
    assert_status(stox_digest_parse_credentials(&parsed, stox_buf_span(&out), NULL), STOX_OK);
    assert_int_equal(parsed.algorithm, d.algorithm);
    assert_int_equal(parsed.is_session, d.is_session);
    assert_int_equal(parsed.qop, d.qop);
    assert_int_equal(parsed.nc, d.nc);
    assert_int_equal(parsed.userhash, d.userhash);
    assert_span_equal(parsed.username, d.username);
    assert_span_equal(parsed.uri, d.uri);
    assert_span_equal(parsed.response, d.response);
    assert_span_equal(parsed.cnonce, d.cnonce);
    assert_span_equal(parsed.opaque, d.opaque);
  }
}

static void test_challenges(void **state) {
  (void)state;
  static const struct row {
    stox_span value;
    int status;
    int algorithm;
    int qop;
    int stale;
  } rows[] = {
      {ROW("Digest realm=\"a\", nonce=\"b\""), STOX_OK, STOX_HASH_MD5, 0, 0},
      {ROW("digest\r\n realm = \"a\" ,\r\n nonce=\"b\",qop=\"auth,auth-int\",algorithm=SHA-256"),
       STOX_OK, STOX_HASH_SHA256, 3, 0},
      {ROW("Digest nonce=\"\",realm=\"\",algorithm=sha-512-256,qop=\"x, auth\",stale=TRUE,x=\"y\""),
       STOX_OK, STOX_HASH_SHA512_256, 1, 1},
      {ROW("Digest realm=\"\xC3\xA9 \\\" ,\",nonce=b,stale=false"), STOX_OK, STOX_HASH_MD5, 0, 0},
      {ROW("Basic realm=\"a\""), STOX_E_UNSUPPORTED, 0, 0, 0},
      {ROW(""), STOX_E_UNSUPPORTED, 0, 0, 0},
      {ROW("Digest"), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest "), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest nonce=\"a\""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b\","), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",,nonce=\"b\""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\" nonce=\"b\""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b"), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b\\"), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b\0\""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b\r\n \""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce="), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce"), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",Realm=\"a\",nonce=\"b\""), STOX_E_BAD_HEADER, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b\",algorithm=X"), STOX_E_UNSUPPORTED, 0, 0, 0},
      {ROW("Digest realm=\"a\",nonce=\"b\",qop=\"x\""), STOX_E_UNSUPPORTED, 0, 0, 0},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].value);
    stox_digest d = {0};
    stox_diag diag = {0};
    const int status = stox_digest_parse_challenge(&d, g.span, &diag);
    if (status != rows[i].status || diag.code != status || diag.offset > g.span.n) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    assert_int_equal(d.algorithm, rows[i].algorithm);
    assert_int_equal(d.qop, rows[i].qop);
    assert_int_equal(d.stale, rows[i].stale);
    guard_free(&g);
  }
}

static void test_every_truncation(void **state) {
  (void)state;
  const stox_span text = S("Digest realm=\"a\", nonce=\"b\\\"\", username=\"u\", uri=\"sip:x\", "
                           "response=\"r\", cnonce=\"c\", qop=auth, nc=00000001");
  for (size_t n = 0; n <= text.n; n++) {
    guard g = guard_copy(stox_span_slice(text, 0, n));
    stox_digest d;
    stox_diag diag = {0};
    const int status = stox_digest_parse_credentials(&d, g.span, &diag);
    assert_true(diag.code == status && diag.offset <= n);
    assert_int_equal(
        status == STOX_OK,
        n == text.n ||
            n == sizeof "Digest realm=\"a\", "
                        "nonce=\"b\\\"\", username=\"u\", uri=\"sip:x\", response=\"r\"" -
                     1 ||
            n == text.n - sizeof ", qop=auth, nc=00000001" + 1);
    guard_free(&g);
  }
}

static void test_credentials_refused(void **state) {
  (void)state;
#define C "Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"x\",response=\"0\""
  static const struct row {
    stox_span value;
    int status;
  } rows[] = {
      {ROW(C), STOX_OK},
      {ROW(C ",qop=auth,cnonce=\"c\",nc=0000000A"), STOX_OK},
      {ROW(C ",algorithm=MD5-sess,cnonce=\"c\""), STOX_OK},
      {ROW(C ",algorithm=MD5-sess"), STOX_E_BAD_HEADER},
      {ROW(C ",qop=auth,nc=00000001"), STOX_E_BAD_HEADER},
      {ROW(C ",qop=auth,cnonce=\"c\""), STOX_E_BAD_HEADER},
      {ROW(C ",qop=auth,cnonce=\"c\",nc=1"), STOX_E_BAD_HEADER},
      {ROW(C ",qop=auth,cnonce=\"c\",nc=0000000g"), STOX_E_BAD_HEADER},
      {ROW(C ",qop=auth,cnonce=\"c\",nc=000000001"), STOX_E_BAD_HEADER},
      {ROW(C ",qop=\"auth,auth-int\",cnonce=\"c\",nc=00000001"), STOX_E_BAD_HEADER},
      {ROW(C ",qop=x,cnonce=\"c\",nc=00000001"), STOX_E_UNSUPPORTED},
      {ROW("Digest realm=\"r\",nonce=\"n\",uri=\"x\",response=\"0\""), STOX_E_BAD_HEADER},
      {ROW("Digest username=\"u\",realm=\"r\",nonce=\"n\",response=\"0\""), STOX_E_BAD_HEADER},
      {ROW("Digest username=\"u\",realm=\"r\",nonce=\"n\",uri=\"x\""), STOX_E_BAD_HEADER},
  };
#undef C
  for (size_t i = 0; i < COUNT(rows); i++) {
    stox_digest d;
    const int status = stox_digest_parse_credentials(&d, rows[i].value, NULL);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
  }
}

static void test_challenge_written(void **state) {
  (void)state;
  stox_digest d = {0};
  char room[256];
  stox_buf out;
  d.realm = S("atlanta.com");
  d.nonce = S("n");
  d.algorithm = STOX_HASH_SHA256;
  d.qop = STOX_DIGEST_AUTH | STOX_DIGEST_AUTH_INT;
  d.stale = 1;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_digest_write_challenge(&out, &d), STOX_OK);
  assert_span_equal(stox_buf_span(&out),
                    S("Digest realm=\"atlanta.com\", nonce=\"n\", algorithm=SHA-256, "
                      "qop=\"auth,auth-int\", stale=true"));
  stox_buf_init(&out, room, sizeof room);
  d.realm = S("a\"b");
  assert_status(stox_digest_write_challenge(&out, &d), STOX_E_BAD_PARAM);
  d.realm = S("a\r\n");
  assert_status(stox_digest_write_challenge(&out, &d), STOX_E_BAD_PARAM);
  d.realm = S("a\\");
  assert_status(stox_digest_write_challenge(&out, &d), STOX_E_BAD_PARAM);
  d.realm = S("a");
  d.algorithm = STOX_HASH_SHA1;
  assert_status(stox_digest_write_challenge(&out, &d), STOX_E_ARG);
  d.algorithm = STOX_HASH_MD5;
  d.qop = 4;
  assert_status(stox_digest_write_challenge(&out, &d), STOX_E_ARG);
  d.qop = STOX_DIGEST_AUTH;
  assert_status(stox_digest_write_credentials(&out, &d), STOX_E_ARG);
  assert_int_equal(out.len, 0);
}

static void test_nonces(void **state) {
  (void)state;
  static const unsigned char salt[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const stox_span key = S("secret");
  const stox_span realm = S("atlanta.com");
  char room[STOX_DIGEST_NONCE];
  for (size_t cap = 0; cap <= sizeof room; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    assert_status(stox_digest_nonce_make(&out, key, realm, 1000, salt),
                  cap < sizeof room ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, STOX_DIGEST_NONCE);
  }
  const stox_span nonce = {room, sizeof room};
  assert_status(stox_digest_nonce_check(nonce, key, realm, 1000, 30), STOX_OK);
  assert_status(stox_digest_nonce_check(nonce, key, realm, 1030, 30), STOX_OK);
  assert_status(stox_digest_nonce_check(nonce, key, realm, 1031, 30), STOX_E_TIMEOUT);
  assert_status(stox_digest_nonce_check(nonce, key, realm, 999, 30), STOX_E_TIMEOUT);
  assert_status(stox_digest_nonce_check(nonce, S("Secret"), realm, 1000, 30), STOX_E_AUTH);
  assert_status(stox_digest_nonce_check(nonce, key, S("atlanta.org"), 1000, 30), STOX_E_AUTH);
  for (size_t n = 0; n < nonce.n; n++) {
    guard g = guard_copy(stox_span_slice(nonce, 0, n));
    assert_status(stox_digest_nonce_check(g.span, key, realm, 1000, 30), STOX_E_AUTH);
    guard_free(&g);
  }
  for (size_t i = 0; i < sizeof room; i++) {
    const char kept = room[i];
    room[i] = kept == 'A' ? 'B' : 'A';
    assert_status(stox_digest_nonce_check(nonce, key, realm, 1000, 30), STOX_E_AUTH);
    room[i] = kept;
  }
}

static void test_window(void **state) {
  (void)state;
  static const struct row {
    uint32_t nc;
    int status;
  } rows[] = {
      {0, STOX_E_BAD_NUMBER},
      {5, STOX_OK},
      {5, STOX_E_REPEATED},
      {1, STOX_OK},
      {1, STOX_E_REPEATED},
      {4, STOX_OK},
      {68, STOX_OK},
      {5, STOX_E_REPEATED},
      {4, STOX_E_REPEATED},
      {6, STOX_OK},
      {6, STOX_E_REPEATED},
      {200, STOX_OK},
      {68, STOX_E_REPEATED},
      {137, STOX_OK},
      {136, STOX_E_REPEATED},
      {264, STOX_OK},
      {201, STOX_OK},
      {200, STOX_E_REPEATED},
      {UINT32_MAX, STOX_OK},
      {UINT32_MAX, STOX_E_REPEATED},
      {UINT32_MAX - 63, STOX_OK},
      {UINT32_MAX - 64, STOX_E_REPEATED},
  };
  stox_digest_window window = {0};
  for (size_t i = 0; i < COUNT(rows); i++) {
    const int status = stox_digest_window_check(&window, rows[i].nc);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_responses),
      cmocka_unit_test(test_credentials_written),
      cmocka_unit_test(test_challenges),
      cmocka_unit_test(test_every_truncation),
      cmocka_unit_test(test_credentials_refused),
      cmocka_unit_test(test_challenge_written),
      cmocka_unit_test(test_nonces),
      cmocka_unit_test(test_window),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
