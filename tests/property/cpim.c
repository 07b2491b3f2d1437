/* SPDX-License-Identifier: MIT */
/* Random message/cpim: what is written is parsed to the values it was made of, and its fields put
 * together are its octets. */
#include "support.h"

#include "stox/cpim.h"

enum { ROUNDS = 4000, FIELDS_MOST = 12, VALUE_MOST = 24 };

typedef struct maker {
  uint64_t seed;
  char room[FIELDS_MOST][4 * VALUE_MOST];
  stox_span values[FIELDS_MOST];
  int kinds[FIELDS_MOST]; /* 0: Subject, 1: in the namespace, 2: From with a formal name */
  size_t n;
} maker;

static void make_value(maker *m, size_t i) {
  static const char *const pieces[] = {"a",       "\\",   "\"",       "\r",
                                       "\n",      "\t",   " ",        "u00",
                                       ";lang=x", "\x7f", "\xC3\xA9", "\xF0\x9F\x98\x80"};
  stox_buf out;
  stox_buf_init(&out, m->room[i], sizeof m->room[i]);
  for (uint64_t n = test_random(&m->seed) % 14; n > 0; n--) {
    (void)stox_buf_put_text(&out, pieces[test_random(&m->seed) % COUNT(pieces)]);
  }
  assert_status(stox_buf_status(&out), STOX_OK);
  m->values[i] = stox_buf_span(&out);
  m->kinds[i] = (int)(test_random(&m->seed) % 3);
}

static void write_field(stox_buf *out, const maker *m, size_t i) {
  const stox_span none = {NULL, 0};
  if (m->kinds[i] == 2) {
    (void)stox_cpim_put_address(out, "From", m->values[i], S("im:a@b"));
  } else {
    (void)stox_cpim_put_text(out, m->kinds[i] == 0 ? "Subject" : "x.Y",
                             m->values[i].n % 2 == 0 ? none : S("en"), m->values[i]);
  }
}

static void check_value(const maker *m, size_t i, const stox_cpim_field *field) {
  char room[4 * VALUE_MOST];
  stox_buf out;
  stox_span value = field->value;
  if (m->kinds[i] == 2) {
    stox_cpim_address address;
    assert_status(stox_cpim_address_parse(&address, value), STOX_OK);
    value = address.display;
  }
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_cpim_unescape(&out, value, 1), STOX_OK);
  assert_span_equal(stox_buf_span(&out), m->values[i]);
}

static void test_identity(void **state) {
  (void)state;
  static maker m = {.seed = UINT64_C(0x3862)};
  for (int round = 0; round < ROUNDS; round++) {
    char room[4096];
    stox_buf out;
    stox_cpim cpim;
    stox_cpim_field field;
    size_t cursor = 0;
    m.n = (size_t)(test_random(&m.seed) % FIELDS_MOST);
    stox_buf_init(&out, room, sizeof room);
    (void)stox_cpim_put_namespace(&out, S("x"), S("urn:x"));
    for (size_t i = 0; i < m.n; i++) {
      make_value(&m, i);
      write_field(&out, &m, i);
    }
    (void)stox_cpim_put_end(&out);
    (void)stox_mime_put_body(&out, S("Content-Type: body"));
    const stox_span text = stox_buf_span(&out);
    assert_status(stox_cpim_parse(&cpim, text, NULL, 0, NULL), STOX_OK);
    assert_status(stox_cpim_next(&field, &cpim, &cursor), STOX_OK);
    size_t sum = field.line.n;
    for (size_t i = 0; i < m.n; i++) {
      assert_status(stox_cpim_next(&field, &cpim, &cursor), STOX_OK);
      sum += field.line.n;
      check_value(&m, i, &field);
    }
    assert_int_equal(sum + 2 + cpim.content.text.n, text.n);
    assert_span_equal(cpim.content.body, S("Content-Type: body"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_identity)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
