/* SPDX-License-Identifier: MIT */
/* Random multipart bodies: what is written is walked part by part to the same octets, and writing
 * what was walked gives the same body. */
#include "support.h"

#include "stox/multipart.h"

enum { ROUNDS = 3000, PARTS_MOST = 6, PART_MOST = 64 };

typedef struct maker {
  uint64_t seed;
  char room[PARTS_MOST][PART_MOST + 2];
  stox_span parts[PARTS_MOST];
  size_t n;
} maker;

static int fill(void *ud, void *p, size_t n) {
  maker *m = ud;
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (unsigned char)(test_random(&m->seed) >> 32);
  }
  return STOX_OK;
}

/* Octets that delimiters are made of, behind an empty header. */
static void make(maker *m) {
  static const char octets[] = "--\r\n\r\nb: \t0f\0";
  m->n = 1 + (size_t)(test_random(&m->seed) % PARTS_MOST);
  for (size_t i = 0; i < m->n; i++) {
    const size_t n = (size_t)(test_random(&m->seed) % PART_MOST);
    memcpy(m->room[i], "\r\n", 2);
    for (size_t k = 0; k < n; k++) {
      m->room[i][k + 2] = octets[test_random(&m->seed) % (sizeof octets - 1)];
    }
    m->parts[i] = (stox_span){m->room[i], test_random(&m->seed) % 9 == 0 ? 0 : n + 2};
  }
}

static void check(maker *m, stox_span boundary) {
  char type_text[160];
  char body[2048];
  char again[2048];
  stox_media_type type;
  stox_multipart walk;
  stox_mime_entity part;
  stox_span walked[PARTS_MOST];
  stox_buf out;
  const int n = snprintf(type_text, sizeof type_text, "multipart/mixed;boundary=\"%.*s\"",
                         (int)boundary.n, boundary.p);
  stox_buf_init(&out, body, sizeof body);
  assert_status(stox_multipart_write(&out, boundary, m->parts, m->n), STOX_OK);
  const stox_span text = stox_buf_span(&out);
  assert_status(stox_media_type_parse(&type, (stox_span){type_text, (size_t)n}, NULL), STOX_OK);
  assert_status(stox_multipart_init(&walk, &type, text, NULL, 0), STOX_OK);
  for (size_t i = 0; i < m->n; i++) {
    assert_status(stox_multipart_next(&part, &walk, NULL), STOX_OK);
    assert_span_equal(part.text, m->parts[i]);
    walked[i] = part.text;
  }
  assert_status(stox_multipart_next(&part, &walk, NULL), STOX_E_NONE);
  stox_buf_init(&out, again, sizeof again);
  assert_status(stox_multipart_write(&out, boundary, walked, m->n), STOX_OK);
  assert_span_equal(stox_buf_span(&out), text);
}

static void test_identity(void **state) {
  (void)state;
  static maker m = {.seed = UINT64_C(0x3041)};
  const stox_random random = {sizeof random, &m, fill};
  for (int round = 0; round < ROUNDS; round++) {
    char boundary[STOX_BOUNDARY_MADE];
    make(&m);
    assert_status(stox_multipart_boundary(boundary, m.parts, m.n, &random), STOX_OK);
    check(&m, (stox_span){boundary, sizeof boundary});
    check(&m, S("'()+_,-./:=? x"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_identity)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
