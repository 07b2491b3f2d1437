/* SPDX-License-Identifier: MIT */
/* Addresses of XMPP by the draft's section 3 and appendices A and B, as RFC 6122 and RFC 7622 have
 * settled them. */
#include "tables.h"

#include "stox/host.h"
#include "stox/jid.h"
#include "stox/stringprep.h"
#include "stox/utf8.h"

typedef struct row {
  const char *text;
  int status;
  const char *local;
  const char *domain;
  const char *resource;
} row;

static int prepare(stox_jid *out, stox_arena *arena, stox_span text, int profile) {
  int status = stox_jid_parse(out, text, NULL);
  return status == STOX_OK ? stox_jid_prepare(out, arena, out, profile, NULL) : status;
}

static void check_part(stox_span got, const char *want) {
  assert_int_equal(got.p == NULL, want == NULL);
  assert_span_equal(got, stox_span_text(want));
}

static void check_rows(const row *rows, size_t n, int profile) {
  for (size_t i = 0; i < n; i++) {
    char memory[4096];
    stox_arena arena;
    stox_jid jid;
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    const int status = prepare(&jid, &arena, stox_span_text(rows[i].text), profile);
    if (status != rows[i].status) {
      fail_msg("%s: %s, not %s", rows[i].text, stox_status_name(status),
               stox_status_name(rows[i].status));
    }
    if (status == STOX_OK) {
      check_part(jid.localpart, rows[i].local);
      check_part(jid.domainpart, rows[i].domain);
      check_part(jid.resourcepart, rows[i].resource);
    }
  }
}

static const row rows[] = {
    /* "XC-3.1-01", "XC-3.1-07", "XC-3.2-01", "XC-3.4-01": shapes; at the first '/', then at '@'. */
    {"juliet@example.com/balcony", STOX_OK, "juliet", "example.com", "balcony"},
    {"example.com/foo", STOX_OK, NULL, "example.com", "foo"},
    {"example.com", STOX_OK, NULL, "example.com", NULL},
    {"room@service.example/nick", STOX_OK, "room", "service.example", "nick"},
    {"example.com/announce", STOX_OK, NULL, "example.com", "announce"},
    {"a@b.example/x/y@z", STOX_OK, "a", "b.example", "x/y@z"},
    {"a.example.com/b@example.net", STOX_OK, NULL, "a.example.com", "b@example.net"},
    {"", STOX_E_BAD_JID, NULL, NULL, NULL},
    {"@x", STOX_E_BAD_JID, NULL, NULL, NULL},
    {"x@", STOX_E_BAD_JID, NULL, NULL, NULL},
    {"/r", STOX_E_BAD_JID, NULL, NULL, NULL},
    {"x/", STOX_E_BAD_JID, NULL, NULL, NULL},
    {"a@b@c", STOX_E_BAD_JID, NULL, NULL, NULL},
    /* "XC-3.1-02", "XC-3.1-03", "XC-3.1-05", "XC-3.2-03": names of one label, as RFC 6122 allows,
     * and addresses; IPv6 in brackets only. */
    {"a@192.0.2.1", STOX_OK, "a", "192.0.2.1", NULL},
    {"a@[2001:DB8::1]", STOX_OK, "a", "[2001:db8::1]", NULL},
    {"a@localhost", STOX_OK, "a", "localhost", NULL},
    {"a@::1", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    {"a@192.0.2.256", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    {"a@-b.example", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    {"a@b..example", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    /* "XC-3.1-04", "XC-3.2-04": labels by IDNA, here that of 2008. */
    {"a@B\xC3\xBC"
     "cher.example",
     STOX_OK, "a",
     "b\xC3\xBC"
     "cher.example",
     NULL},
    {"a@xn--bcher-kva.example", STOX_OK, "a",
     "b\xC3\xBC"
     "cher.example",
     NULL},
    {"a@EXAMPLE.com.", STOX_OK, "a", "example.com", NULL},
    {"a@b\xDB\x9D.example", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    {"a@\xE2\x99\x9A.example", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    /* "XC-3.3-02", "XC-3.3-03", "XC-3.4-03" */
    {"Romeo@example.net", STOX_OK, "romeo", "example.net", NULL},
    {"foo bar@example.net", STOX_E_BAD_LOCALPART, NULL, NULL, NULL},
    {"\"juliet\"@example.net", STOX_E_BAD_LOCALPART, NULL, NULL, NULL},
    {"a@b/foo bar", STOX_OK, "a", "b", "foo bar"},
    {"a@b/Foo", STOX_OK, "a", "b", "Foo"},
    {"a@b/\xEE\x80\x80", STOX_E_BAD_RESOURCE, NULL, NULL, NULL},
    /* "XC-A-01", "XC-B-01": each profile is that of its own part, and no other's. */
    {"A'b@c", STOX_E_BAD_LOCALPART, NULL, NULL, NULL},
    {"a@A'b", STOX_E_BAD_DOMAIN, NULL, NULL, NULL},
    {"a@c/A'b", STOX_OK, "a", "c", "A'b"},
    {"a:b@c", STOX_E_BAD_LOCALPART, NULL, NULL, NULL},
    {"a@c/a:b", STOX_OK, "a", "c", "a:b"},
    {"A_b@c", STOX_OK, "a_b", "c", NULL},
    {"a@c/A_b", STOX_OK, "a", "c", "A_b"},
};

static void test_shapes(void **state) {
  (void)state;
  check_rows(rows, COUNT(rows), STOX_JID_NODEPREP);
  check_rows(rows, COUNT(rows), STOX_JID_PRECIS);
}

/* "XC-3.1-04": the underscore is no host name's, which the address leaves to who resolves it. */
static void test_host(void **state) {
  (void)state;
  assert_int_equal(stox_host_kind(S("a_b.example")), STOX_HOST_NONE);
  assert_int_not_equal(stox_host_kind(S("a-b.example")), STOX_HOST_NONE);
}

/* "XC-3.1-08": 1023 octets a part, 3071 in all. */
static void test_lengths(void **state) {
  (void)state;
  static char text[3 * 1024 + 3];
  static char memory[8192];
  for (size_t at = 0; at < 3; at++) {
    for (size_t n = 1022; n <= 1024; n++) {
      size_t lengths[3] = {1023, 1023, 1023};
      lengths[at] = n;
      stox_arena arena;
      stox_jid jid;
      stox_buf out;
      stox_buf_init(&out, text, sizeof text);
      for (size_t part = 0; part < 3; part++) {
        if (part > 0) {
          (void)stox_buf_put_octet(&out, part == 1 ? '@' : '/');
        }
        for (size_t i = 0; i < lengths[part]; i++) {
          (void)stox_buf_put_octet(&out, 'a');
        }
      }
      const int status = stox_jid_parse(&jid, stox_buf_span(&out), NULL);
      assert_status(status, n <= 1023 ? STOX_OK : STOX_E_TOO_LONG);
      assert_true(n != 1023 || out.len == 3071);
      stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
      if (status == STOX_OK) {
        assert_status(stox_jid_prepare(&jid, &arena, &jid, STOX_JID_NONE, NULL), STOX_OK);
      }
    }
  }
}

typedef struct pair {
  const char *a;
  const char *b;
  int nodeprep; /* 1: the same */
  int precis;
} pair;

/* "XC-3.2-05", "XC-3.3-03", "XC-3.4-04", "XC-14.10-01", "XC-12.1-01": prepared, then octet by
 * octet, by one profile. */
static const pair pairs[] = {
    {"a@Example.COM", "a@example.com", 1, 1},
    {"Romeo@b", "romeo@b", 1, 1},
    {"a@b/Balcony", "a@b/balcony", 0, 0},
    {"a@stra\xC3\x9F"
     "e.example",
     "a@strasse.example", 0, 0},
    {"stra\xC3\x9F"
     "e@b",
     "strasse@b", 1, 0},
    {"\xCF\x82@b", "\xCF\x83@b", 1, 0},
    {"\xCE\xA3@b", "\xCF\x83@b", 1, 1},
    {"a\xCC\x8A@b", "\xC3\xA5@b", 1, 1},
    {"\xEF\xBC\xA1@b", "a@b", 1, 1},
    {"a@b/\xEF\xBC\xA1", "a@b/A", 1, 0},
    {"a@b/A\xCC\x8A", "a@b/\xC3\x85", 1, 1},
    {"\xD0\xB0@b", "a@b", 0, 0},
};

static void test_equal(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(pairs); i++) {
    for (int precis = 0; precis < 2; precis++) {
      char memory[2][512];
      stox_arena arenas[2];
      stox_jid made[2];
      const int profile = precis ? STOX_JID_PRECIS : STOX_JID_NODEPREP;
      const char *texts[2] = {pairs[i].a, pairs[i].b};
      for (int k = 0; k < 2; k++) {
        stox_arena_init(&arenas[k], memory[k], sizeof memory[k], 0, NULL);
        assert_status(prepare(&made[k], &arenas[k], stox_span_text(texts[k]), profile), STOX_OK);
      }
      if (stox_jid_is_equal(&made[0], &made[1]) != (precis ? pairs[i].precis : pairs[i].nodeprep)) {
        fail_msg("%s and %s by profile %d", texts[0], texts[1], profile);
      }
    }
  }
}

/* "XC-3.3-01" */
static void test_bare(void **state) {
  (void)state;
  stox_jid jid;
  assert_status(stox_jid_parse(&jid, S("a@b/c"), NULL), STOX_OK);
  const stox_jid bare = stox_jid_bare(&jid);
  char text[16];
  stox_buf out;
  stox_buf_init(&out, text, sizeof text);
  assert_status(stox_jid_write(&out, &bare), STOX_OK);
  assert_span_equal(stox_buf_span(&out), S("a@b"));
}

static stox_span from_points(char *room, size_t cap, stox_span points) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  for (size_t i = 0; i + 2 < points.n;) {
    char *end = NULL;
    const unsigned long point = strtoul(points.p + i + 2, &end, 16);
    (void)stox_utf8_put(&out, (uint32_t)point);
    i = (size_t)(end - points.p);
    i += i < points.n && points.p[i] == ' ';
  }
  return stox_buf_span(&out);
}

static void check_vector(stox_span text, stox_span want, int profile) {
  char made[256];
  char hex[512];
  stox_buf out;
  size_t n = 0;
  stox_buf_init(&out, made, sizeof made);
  const int status = stox_stringprep(&out, text, profile, NULL);
  const int is_error = want.n >= 4 && memcmp(want.p, "ERR:", 4) == 0;
  const int is_stored = profile == STOX_NODEPREP_STORED || profile == STOX_RESOURCEPREP_STORED;
  if (!is_stored && stox_span_is_equal(want, S("ERR:A.1"))) {
    assert_status(status, STOX_OK);
    return;
  }
  if ((status != STOX_OK) != is_error) {
    fail_msg("%.*s by %d: %s", (int)text.n, text.p, profile, stox_status_name(status));
  }
  for (size_t i = 0; i < out.len && !is_error; i++) {
    n += (size_t)snprintf(hex + n, sizeof hex - n, "%02x", (unsigned)(unsigned char)made[i]);
  }
  assert_true(is_error || stox_span_is_equal((stox_span){hex, n}, want));
}

/* "XC-A-02", "XC-B-02", "XC-15-06", "XC-A-03", "XC-A-04", "XC-A-05", "XC-A-06", "XC-A-07",
 * "XC-B-03", "XC-B-04", "XC-B-05", "XC-B-06": each table of both profiles. */
static void test_profiles(void **state) {
  (void)state;
  table t;
  int seen = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "derived-A-B-stringprep.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    char room[128];
    const stox_span text = from_points(room, sizeof room, t.field[0]);
    check_vector(text, t.field[1], STOX_NODEPREP);
    check_vector(text, t.field[1], STOX_NODEPREP_STORED);
    check_vector(text, t.field[2], STOX_RESOURCEPREP);
    check_vector(text, t.field[2], STOX_RESOURCEPREP_STORED);
    seen++;
  }
  table_free(&t);
  assert_int_equal(seen, 44);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shapes), cmocka_unit_test(test_host), cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_equal),  cmocka_unit_test(test_bare), cmocka_unit_test(test_profiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
