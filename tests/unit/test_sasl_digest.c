/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include "session/sasl_digest.h"
#include "stox/hash.h"
#include "stox/number.h"
#include "stox/sasl.h"

#define VECTORS STOX_TEST_VECTORS "/xmpp-core"

/* ---- hashes ---- */

static void check_hex(const char *got, stox_span want) {
  assert_span_equal(((stox_span){got, STOX_SASL_DIGEST_HEX}), want);
}

/* username realm password nonce cnonce nc qop digest-uri response rspauth. "XC-14.7-01": RFC 2831 4
 * and the parameters of 6.5 and 6.6 of the draft. */
static void test_vectors(void **state) {
  (void)state;
  table t;
  size_t n = 0;
  assert_true(table_open(&t, VECTORS, "derived-digest-md5-computed.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    unsigned char secret[STOX_SASL_DIGEST_SECRET];
    char hex[STOX_SASL_DIGEST_HEX];
    const stox_sasl_directives d = {
        .nonce = t.field[3], .cnonce = t.field[4], .nc = t.field[5], .digest_uri = t.field[7]};
    assert_status(stox_sasl_digest_secret(secret, t.field[0], t.field[1], t.field[2]), STOX_OK);
    assert_status(stox_sasl_digest_response(hex, secret, &d, 0), STOX_OK);
    check_hex(hex, t.field[8]);
    assert_status(stox_sasl_digest_response(hex, secret, &d, 1), STOX_OK);
    check_hex(hex, t.field[9]);
    n++;
  }
  assert_int_equal(n, 3);
  table_free(&t);
}

/* With an authzid, by an independent program. */
static void test_authzid(void **state) {
  (void)state;
  unsigned char secret[STOX_SASL_DIGEST_SECRET];
  char hex[STOX_SASL_DIGEST_HEX];
  const stox_sasl_directives d = {.nonce = S("n"),
                                  .cnonce = S("c"),
                                  .nc = S("00000001"),
                                  .digest_uri = S("xmpp/example.com"),
                                  .authzid = S("a@example.com")};
  assert_status(stox_sasl_digest_secret(secret, S("user"), S("example.com"), S("pencil")), STOX_OK);
  assert_status(stox_sasl_digest_response(hex, secret, &d, 0), STOX_OK);
  check_hex(hex, S("76f427c212a2682d8fb70f954d0bc800"));
}

typedef struct secret_row {
  stox_span username;
  stox_span hashed; /* what is hashed, with the realm `r` and the password `p` */
} secret_row;

/* Text that ISO 8859-1 holds is hashed in it, other text in UTF-8 (RFC 2831 2.1.2.1). */
static const secret_row secret_rows[] = {
    {ROW("u"), ROW("u:r:p")},
    {ROW("\xC3\xBC"), ROW("\xFC:r:p")},
    {ROW("\xC2\x80\xC3\xBF"), ROW("\x80\xFF:r:p")},
    {ROW("\xC3\xBC\xC4\x80"), ROW("\xC3\xBC\xC4\x80:r:p")},
    {ROW("\xE2\x82\xAC"), ROW("\xE2\x82\xAC:r:p")},
    {ROW("\xC3"), ROW("\xC3:r:p")},
};

static void test_secret(void **state) {
  (void)state;
  unsigned char got[STOX_SASL_DIGEST_SECRET];
  unsigned char want[STOX_SASL_DIGEST_SECRET];
  for (size_t i = 0; i < COUNT(secret_rows); i++) {
    guard g = guard_copy(secret_rows[i].username);
    assert_status(stox_sasl_digest_secret(got, g.span, S("r"), S("p")), STOX_OK);
    assert_status(stox_hash(STOX_HASH_MD5, secret_rows[i].hashed, want, sizeof want), STOX_OK);
    assert_memory_equal(got, want, sizeof got);
    guard_free(&g);
  }
  static char text[513];
  memset(text, 'a', sizeof text);
  for (size_t n = 510; n <= 512; n++) {
    const stox_span s = {text, n};
    const int status = n <= 511 ? STOX_OK : STOX_E_TOO_LONG;
    assert_status(stox_sasl_digest_secret(got, s, S("r"), S("p")), status);
    assert_status(stox_sasl_digest_secret(got, S("u"), s, S("p")), status);
    assert_status(stox_sasl_digest_secret(got, S("u"), S("r"), s), status);
  }
}

/* ---- directives ---- */

typedef struct read_row {
  stox_span text;
  int status;
  stox_span realm;
  stox_span nonce;
} read_row;

static const read_row read_rows[] = {
    {ROW("realm=\"a\",nonce=\"b\""), STOX_OK, ROW("a"), ROW("b")},
    {ROW(" , realm = \"a\" ,, NONCE=b ,\r\n"), STOX_OK, ROW("a"), ROW("b")},
    {ROW("realm=\"a\",realm=\"b\",nonce=c"), STOX_OK, ROW("a"), ROW("c")},
    {ROW("realm=\"a\\\"b\\\\\",nonce=\"\",other=x"), STOX_OK, ROW("a\\\"b\\\\"), ROW("")},
    {ROW("realm=\"a,b=c\",nonce=\"b\""), STOX_OK, ROW("a,b=c"), ROW("b")},
    {ROW(""), STOX_OK, ROW(""), ROW("")},
    {ROW("realm"), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm="), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("=a"), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=\"a"), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=\"a\\\""), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=\"a\\"), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=a b=c"), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=\"a\"nonce=\"b\""), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("nonce=a,nonce=a"), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=\"a\0\""), STOX_E_SYNTAX, ROW(""), ROW("")},
    {ROW("realm=\xC3"), STOX_E_SYNTAX, ROW(""), ROW("")},
};

static void test_read(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(read_rows); i++) {
    const read_row *r = &read_rows[i];
    guard g = guard_copy(r->text);
    stox_sasl_directives d;
    assert_status(stox_sasl_digest_read(&d, g.span), r->status);
    if (r->status == STOX_OK) {
      assert_span_equal(d.realm, r->realm);
      assert_span_equal(d.nonce, r->nonce);
    }
    guard_free(&g);
  }
}

/* The draft's messages, read from its base64 without the layout of its lines:
 * "XC-6.5-05" "XC-6.5-07" "XC-6.5-08" "XC-6.6-05" "XC-6.6-07" "XC-6.6-08". */
static size_t read_file(char *out, size_t cap, const char *name) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/%s", VECTORS, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  const size_t n = fread(out, 1, cap, file);
  (void)fclose(file);
  return n;
}

static void test_examples(void **state) {
  (void)state;
  static const char *const names[] = {
      "6.5-step05-challenge", "6.5-step06-response", "6.5-step07-challenge-rspauth",
      "6.6-step05-challenge", "6.6-step06-response", "6.6-step07-challenge-rspauth"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char name[128];
    char xml[2048];
    char want[2048];
    char base64[2048];
    char octets[2048];
    stox_buf in;
    stox_buf text;
    stox_sasl_directives d;
    (void)snprintf(name, sizeof name, "%s.xml", names[i]);
    const stox_span all = {xml, read_file(xml, sizeof xml, name)};
    stox_span body = stox_span_slice(all, stox_span_find(all, '>') + 1, all.n);
    body.n = stox_span_find(body, '<');
    (void)snprintf(name, sizeof name, "%s.decoded.txt", names[i]);
    const stox_span plain = {want, read_file(want, sizeof want, name)};
    stox_buf_init(&in, base64, sizeof base64);
    for (size_t k = 0; k < body.n; k++) {
      if (body.p[k] != '\n') {
        (void)stox_buf_put_octet(&in, body.p[k]);
      }
    }
    stox_buf_init(&text, octets, sizeof octets);
    assert_status(stox_sasl_data_parse(&text, stox_buf_span(&in)), STOX_OK);
    assert_span_equal(stox_span_trim(stox_buf_span(&text)), stox_span_trim(plain));
    assert_status(stox_sasl_digest_read(&d, stox_buf_span(&text)), STOX_OK);
    assert_true(d.nonce.p != NULL || d.rspauth.n == STOX_SASL_DIGEST_HEX);
    if (d.response.p != NULL) {
      assert_span_equal(d.nonce, S("OA6MG9tEQGm2hh"));
      assert_span_equal(d.cnonce, S("OA6MHXh6VqTrRk"));
      assert_span_equal(d.realm, S("somerealm"));
      assert_int_equal(d.response.n, STOX_SASL_DIGEST_HEX);
    }
  }
}

static void test_put(void **state) {
  (void)state;
  char room[64];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  stox_sasl_digest_put(&out, "realm", S("a\"b\\"));
  stox_sasl_digest_put(&out, "nonce", S(""));
  assert_span_equal(stox_buf_span(&out), S("realm=\"a\\\"b\\\\\",nonce=\"\""));
  stox_sasl_directives d;
  assert_status(stox_sasl_digest_read(&d, stox_buf_span(&out)), STOX_OK);
  char plain[16];
  stox_buf text;
  stox_buf_init(&text, plain, sizeof plain);
  assert_status(stox_sasl_digest_unescape(&text, d.realm), STOX_OK);
  assert_span_equal(stox_buf_span(&text), S("a\"b\\"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),  cmocka_unit_test(test_authzid),
      cmocka_unit_test(test_secret),   cmocka_unit_test(test_read),
      cmocka_unit_test(test_examples), cmocka_unit_test(test_put),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
