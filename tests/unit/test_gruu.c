/* SPDX-License-Identifier: MIT */
#include "tables.h"
#include "writers.h"

#include "stox/dialect.h"
#include "stox/gruu.h"
#include "stox/number.h"
#include "stox/uri.h"
#include "stox/uri_forms.h"

#define VECTORS STOX_TEST_VECTORS "/sip-gruu"

/* ---- public ---- */

typedef struct pair {
  stox_span aor;
  stox_span instance;
  int dialect;
} pair;

static int put_public(stox_buf *out, const void *ud) {
  const pair *p = ud;
  return stox_gruu_write_public(out, p->aor, p->instance, p->dialect);
}

/* "GR-A.1-01" "GR-RFC5627-5.1-02" "GR-6-01" "GR-6-03" "GR-6-18" "GR-7.1.2-01" "GR-11-10": the same
 * pair gets the same, which tells the address of record; "GR-6-13" "GR-7.1.2-02": and so does its
 * other scheme. */
static void test_public(void **state) {
  (void)state;
  table t;
  size_t rows = 0;
  assert_true(table_open(&t, VECTORS, "construct-public.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); rows++) {
    const int is_draft = stox_span_is_equal(t.field[2], S("draft04"));
    const pair p = {t.field[0], t.field[1], is_draft ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC};
    stox_uri uri;
    char room[128];
    stox_buf text;
    check_writer(put_public, &p, t.field[3]);
    assert_status(stox_uri_parse(&uri, t.field[3], STOX_URI_STRICT, NULL), STOX_OK);
    assert_int_equal(stox_uri_gruu(&uri), is_draft ? STOX_GRUU_DRAFT2005 : STOX_GRUU_PUBLIC);
    stox_buf_init(&text, room, sizeof room);
    assert_status(stox_uri_write_aor(&text, &uri), STOX_OK);
    assert_span_equal(stox_buf_span(&text), p.aor);
    stox_buf_init(&text, room, sizeof room);
    assert_status(stox_uri_write_swapped(&text, &uri), STOX_OK);
    assert_status(stox_uri_parse(&uri, stox_buf_span(&text), STOX_URI_STRICT, NULL), STOX_OK);
    assert_int_not_equal(stox_uri_gruu(&uri), STOX_GRUU_NONE);
  }
  assert_int_equal(rows, 6);
  table_free(&t);
}

/* "GR-7.1.1.1-03": an instance is a URN. */
static void test_public_refused(void **state) {
  (void)state;
  static const struct {
    stox_span aor;
    stox_span instance;
    int status;
  } rows[] = {
      {ROW("tel:+1"), ROW("urn:foo:1"), STOX_E_BAD_URI},
      {ROW("sip:a@b;gr=x"), ROW("urn:foo:1"), STOX_E_BAD_URI},
      {ROW("sip:a@b?s=x"), ROW("urn:foo:1"), STOX_E_BAD_URI},
      {ROW("sip:a b"), ROW("urn:foo:1"), STOX_E_BAD_URI},
      {ROW("sip:a@b"), ROW("http://x.example/"), STOX_E_ARG},
      {ROW("sip:a@b"), ROW(""), STOX_E_ARG},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char room[64];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_gruu_write_public(&out, rows[i].aor, rows[i].instance, STOX_DIALECT_RFC),
                  rows[i].status);
    assert_int_equal(out.len, 0);
  }
}

/* What a parameter cannot hold is escaped, and read back. */
static void test_public_escapes(void **state) {
  (void)state;
  const pair p = {S("sip:a@b"), S("urn:foo:1;2=3"), STOX_DIALECT_RFC};
  check_writer(put_public, &p, S("sip:a@b;gr=urn:foo:1%3B2%3D3"));
}

/* ---- sealed ones ---- */

/* Randomness that says given octets. */
typedef struct said {
  stox_span octets;
  int status;
} said;

static int fill(void *ud, void *p, size_t n) {
  said *s = ud;
  if (s->status == STOX_OK) {
    assert_int_equal(s->octets.n, n);
    memcpy(p, s->octets.p, n);
  }
  return s->status;
}

static stox_random random_of(said *s) {
  return (stox_random){sizeof(stox_random), s, fill};
}

/* Octets of hexadecimal digits, in a room that lives until the eighth call after this one. */
static stox_span octets_of(stox_span hex) {
  static char rooms[8][64];
  static size_t turn;
  stox_buf out;
  stox_buf_init(&out, rooms[turn++ % 8], sizeof rooms[0]);
  assert_status(stox_hex_parse(&out, hex), STOX_OK);
  return hex.n == 0 ? (stox_span){NULL, 0} : stox_buf_span(&out);
}

typedef struct sealed {
  stox_gruu_keys keys;
  uint64_t index;
  pair of;
  said said;
} sealed;

static int put_temporary(stox_buf *out, const void *ud) {
  sealed s = *(const sealed *)ud;
  const stox_random random = random_of(&s.said);
  return stox_gruu_write_temporary(out, &s.keys, s.index, &random);
}

static int put_anonymous(stox_buf *out, const void *ud) {
  sealed s = *(const sealed *)ud;
  const stox_random random = random_of(&s.said);
  return stox_gruu_write_anonymous(out, &s.keys, s.of.aor, s.of.instance, &random);
}

/* "GR-RFC5627-A.2-01" */
static void test_temporary(void **state) {
  (void)state;
  table t;
  size_t rows = 0;
  assert_true(table_open(&t, VECTORS, "construct-temp-rfc5627.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); rows++) {
    sealed s = {.keys = {octets_of(t.field[0]), octets_of(t.field[1])},
                .said = {octets_of(t.field[2]), STOX_OK}};
    uint64_t index = 0;
    assert_status(stox_number_parse(&s.index, t.field[3], UINT64_MAX), STOX_OK);
    check_writer(put_temporary, &s, t.field[6]);
    assert_int_equal(t.field[6].n, STOX_GRUU_TEMPORARY_USER);
    assert_status(stox_gruu_read_temporary(&index, &s.keys, 1, t.field[6]), STOX_OK);
    assert_int_equal(index, s.index);
  }
  assert_int_equal(rows, 3);
  table_free(&t);
}

static const char key_e[] = "0123456789abcdef";
static const char key_a[] = "fedcba9876543210fedcba9876543210";
static const stox_gruu_keys keys = {{key_e, 16}, {key_a, 32}};
static const char salt[] = "a salt of which some is used";

static stox_span temporary_of(char *room, size_t cap, uint64_t index, const char *drawn) {
  const sealed s = {.keys = keys, .index = index, .said = {{drawn, 10}, STOX_OK}};
  stox_buf out;
  stox_buf_init(&out, room, cap);
  assert_status(put_temporary(&out, &s), STOX_OK);
  return stox_buf_span(&out);
}

/* "GR-RFC5627-5.1-04": two of one index have nothing in common but their word. */
static void test_unlinkable(void **state) {
  (void)state;
  char first[64];
  char second[64];
  const stox_span a = temporary_of(first, sizeof first, 7, salt);
  const stox_span b = temporary_of(second, sizeof second, 7, salt + 1);
  size_t same = 0;
  for (size_t i = 6; i < a.n; i++) {
    same += a.p[i] == b.p[i];
  }
  assert_true(same < a.n / 4);
}

/* "GR-6-12": none that another made, whatever bit was changed; "GR-RFC7247-6.3-01" has its index in
 * no JID. */
static void test_forged(void **state) {
  (void)state;
  char room[64];
  uint64_t index = 0;
  stox_gruu_keys others[2] = {{{key_e, 16}, {salt, 16}}, {{key_e, 16}, {key_e, 16}}};
  const stox_span user = temporary_of(room, sizeof room, 7, salt);
  assert_status(stox_gruu_read_temporary(&index, others, 2, user), STOX_E_AUTH);
  others[0] = keys; /* a key that is being replaced */
  assert_status(stox_gruu_read_temporary(&index, others, 2, user), STOX_OK);
  for (size_t i = 0; i < user.n * 8; i++) {
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
    guard g = guard_copy(user);
    const int status = stox_gruu_read_temporary(&index, &keys, 1, g.span);
    assert_true(status == STOX_E_AUTH || status == STOX_E_NONE);
    guard_free(&g);
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
  }
  for (size_t n = 0; n < user.n; n++) {
    assert_status(stox_gruu_read_temporary(&index, &keys, 1, stox_span_slice(user, 0, n)),
                  STOX_E_NONE);
  }
}

/* "GR-A.2-01" "GR-A.2-03" "GR-A.2-04": the draft's, as it prints it and with a mark. */
static void test_anonymous(void **state) {
  (void)state;
  table t;
  size_t rows = 0;
  assert_true(table_open(&t, VECTORS, "construct-encrypted.tsv"));
  assert_true(table_next(&t));
  for (; table_next(&t); rows++) {
    char memory[1024];
    stox_arena arena;
    stox_gruu_anonymous out;
    const sealed s = {.keys = {octets_of(t.field[1]), octets_of(t.field[2])},
                      .of = {t.field[4], t.field[5], 0},
                      .said = {octets_of(t.field[3]), STOX_OK}};
    check_writer(put_anonymous, &s, t.field[7]);
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    assert_status(stox_gruu_read_anonymous(&out, &arena, &s.keys, 1, t.field[7]), STOX_OK);
    assert_span_equal(out.aor, s.of.aor);
    assert_span_equal(out.instance, s.of.instance);
  }
  assert_int_equal(rows, 4);
  table_free(&t);
}

/* What was not made here is refused; without a mark, as far as that can be seen. */
static void test_anonymous_forged(void **state) {
  (void)state;
  char room[512];
  char memory[1024];
  stox_buf out;
  stox_arena arena;
  stox_gruu_anonymous read;
  const sealed s = {.keys = keys,
                    .of = {S("sip:callee@example.com"), S("urn:foo:1"), 0},
                    .said = {{salt, 16}, STOX_OK}};
  stox_buf_init(&out, room, sizeof room);
  assert_status(put_anonymous(&out, &s), STOX_OK);
  const stox_span user = stox_buf_span(&out);
  for (size_t i = 0; i < user.n * 8; i++) {
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
    guard g = guard_copy(user);
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    const int status = stox_gruu_read_anonymous(&read, &arena, &keys, 1, g.span);
    assert_true(status == STOX_E_AUTH || status == STOX_E_NONE);
    guard_free(&g);
    room[i / 8] = (char)(room[i / 8] ^ 1 << i % 8);
  }
  for (size_t n = 0; n < user.n; n++) {
    const int status =
        stox_gruu_read_anonymous(&read, &arena, &keys, 1, stox_span_slice(user, 0, n));
    assert_true(status == STOX_E_AUTH || status == STOX_E_NONE);
  }
  assert_status(stox_gruu_read_anonymous(&read, &arena, &keys, 1, S("GRUUbob")), STOX_E_NONE);
  assert_status(stox_gruu_read_anonymous(&read, &arena, &keys, 1, S("bob")), STOX_E_NONE);
  stox_arena_init(&arena, memory, 8, 0, NULL);
  assert_status(stox_gruu_read_anonymous(&read, &arena, &keys, 1, user), STOX_E_NOMEM);
}

static void test_limits(void **state) {
  (void)state;
  static char aor[264];
  char room[1024];
  char memory[1024];
  stox_arena arena;
  stox_gruu_anonymous read;
  stox_buf out;
  memset(aor, 'a', sizeof aor);
  for (size_t n = 254; n <= 256; n++) {
    const sealed s = {.keys = keys, .of = {{aor, n}, S("i"), 0}, .said = {{salt, 16}, STOX_OK}};
    stox_buf_init(&out, room, sizeof room);
    assert_status(put_anonymous(&out, &s), n < 256 ? STOX_OK : STOX_E_TOO_LONG);
    if (n < 256) {
      stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
      assert_status(stox_gruu_read_anonymous(&read, &arena, &keys, 1, stox_buf_span(&out)),
                    STOX_OK);
      assert_int_equal(read.aor.n, n);
    }
  }
}

static void test_arguments(void **state) {
  (void)state;
  static const stox_gruu_keys bad[] = {
      {{key_e, 15}, {key_a, 32}}, {{key_e, 16}, {key_a, 15}}, {{key_e, 16}, {NULL, 0}}};
  char room[128];
  uint64_t index = 0;
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  for (size_t i = 0; i < COUNT(bad); i++) {
    const sealed s = {.keys = bad[i], .said = {{salt, 10}, STOX_OK}};
    assert_status(put_temporary(&out, &s), STOX_E_ARG);
    assert_status(stox_gruu_read_temporary(&index, &bad[i], 1, S("x")), STOX_E_ARG);
  }
  sealed s = {.keys = keys, .index = UINT64_C(1) << 48, .said = {{salt, 10}, STOX_OK}};
  assert_status(put_temporary(&out, &s), STOX_E_ARG);
  s.index--;
  s.said.status = STOX_E_NOMEM;
  assert_status(put_temporary(&out, &s), STOX_E_NOMEM);
  s.of = (pair){S("a b"), S("i"), 0};
  assert_status(put_anonymous(&out, &s), STOX_E_ARG);
  s.of = (pair){S("a"), S(""), 0};
  assert_status(put_anonymous(&out, &s), STOX_E_ARG);
  s.of = (pair){S("a"), S("i"), 0};
  assert_status(put_anonymous(&out, &s), STOX_E_NOMEM);
  assert_int_equal(out.len, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_public),         cmocka_unit_test(test_public_refused),
      cmocka_unit_test(test_public_escapes), cmocka_unit_test(test_temporary),
      cmocka_unit_test(test_unlinkable),     cmocka_unit_test(test_forged),
      cmocka_unit_test(test_anonymous),      cmocka_unit_test(test_anonymous_forged),
      cmocka_unit_test(test_limits),         cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
