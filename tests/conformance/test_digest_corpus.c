/* SPDX-License-Identifier: MIT */
/* Digest responses that others computed, where they are at hand. */
#include "support.h"

#include "stox/digest.h"
#include "stox/number.h"

enum { ROOM = 1 << 16, COLUMNS = 14 };

enum {
  ALGORITHM,
  USERNAME,
  REALM,
  PASSWORD,
  NONCE,
  URI,
  METHOD,
  QOP,
  CNONCE,
  COUNTER,
  BODY,
  RESPONSE,
  VERIFIED
};

/* Columns between tabs of the line at `*at`; 0: no more. */
static int read_row(stox_span columns[COLUMNS], stox_span text, size_t *at) {
  const stox_span rest = stox_span_slice(text, *at, text.n);
  stox_span line = stox_span_slice(rest, 0, stox_span_find(rest, '\n'));
  if (line.n == 0) {
    return 0;
  }
  *at += line.n + 1;
  for (size_t i = 0; i < COLUMNS; i++) {
    const size_t end = stox_span_find(line, '\t');
    columns[i] = stox_span_slice(line, 0, end);
    line = stox_span_slice(line, end + 1, line.n);
  }
  return 1;
}

static int algorithm_of(stox_span name) {
  if (stox_span_is_equal(name, S("SHA-256"))) {
    return STOX_HASH_SHA256;
  }
  return stox_span_is_equal(name, S("MD5")) ? STOX_HASH_MD5 : STOX_HASH_SHA512_256;
}

/* 1: what is computed here is the response of the row. */
static int is_right(const stox_span c[COLUMNS]) {
  char ha1[STOX_DIGEST_HEX_MAX];
  uint64_t nc = 0;
  stox_digest d = {0};
  d.algorithm = algorithm_of(c[ALGORITHM]);
  d.realm = c[REALM];
  d.nonce = c[NONCE];
  d.uri = c[URI];
  d.username = c[USERNAME];
  d.cnonce = c[CNONCE];
  d.response = c[RESPONSE];
  if (c[QOP].n > 0) {
    d.qop = stox_span_is_equal(c[QOP], S("auth")) ? STOX_DIGEST_AUTH : STOX_DIGEST_AUTH_INT;
    assert_status(stox_number_parse(&nc, c[COUNTER], UINT32_MAX), STOX_OK);
    d.nc = (uint32_t)nc;
  }
  assert_status(stox_digest_ha1(ha1, d.algorithm, c[USERNAME], c[REALM], c[PASSWORD]), STOX_OK);
  const stox_span stored = {ha1, 2 * stox_hash_size(d.algorithm)};
  return stox_digest_check(&d, stored, c[METHOD], c[BODY]) == STOX_OK;
}

static void test_rows(void **state) {
  (void)state;
  static char octets[ROOM];
  FILE *file = fopen(STOX_CORPORA "/crypto-vectors/digest.tsv", "rb");
  assert_non_null(file);
  const stox_span text = {octets, fread(octets, 1, sizeof octets, file)};
  (void)fclose(file);
  stox_span columns[COLUMNS];
  size_t at = 0;
  int right = 0;
  assert_true(read_row(columns, text, &at));
  while (read_row(columns, text, &at)) {
    /* The one that others could not verify has a damaged cnonce; the whole one is a unit test. */
    const int want = stox_span_is_equal(columns[VERIFIED], S("True"));
    if (is_right(columns) != want) {
      fail_msg("\"%.*s\"", (int)columns[RESPONSE].n, columns[RESPONSE].p);
    }
    right += want;
  }
  print_message("digest: %d right\n", right);
  assert_true(right >= 9);
}

int main(void) {
  if (access(STOX_CORPORA "/crypto-vectors/digest.tsv", R_OK) != 0) {
    return 77;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
