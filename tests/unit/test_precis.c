/* SPDX-License-Identifier: MIT */
#include "tables.h"
#include "writers.h"

#include "stox/jid.h"
#include "stox/precis.h"
#include "stox/utf8.h"

/* Undoes `\\uXXXX`, `\\u{…}`, `\\t` and `\\n`; another backslash is one. */
static stox_span unescape_points(char *room, size_t cap, stox_span text) {
  stox_buf out;
  stox_buf_init(&out, room, cap);
  for (size_t i = 0; i < text.n; i++) {
    const char next = text.p[i] == '\\' && i + 1 < text.n ? text.p[i + 1] : '\0';
    if (next == 'u') {
      const int braced = text.p[i + 2] == '{';
      char digits[7] = {0};
      size_t n = 0;
      for (i += braced ? 3 : 2; n < (braced ? 6 : 4) && text.p[i] != '}'; i++) {
        digits[n++] = text.p[i];
      }
      i -= !braced;
      (void)stox_utf8_put(&out, (uint32_t)strtoul(digits, NULL, 16));
    } else if (next == 't' || next == 'n') {
      (void)stox_buf_put_octet(&out, next == 't' ? '\t' : '\n');
      i++;
    } else {
      (void)stox_buf_put_octet(&out, text.p[i]);
    }
  }
  assert_status(stox_buf_status(&out), STOX_OK);
  return stox_buf_span(&out);
}

typedef struct row {
  int profile;
  stox_span text;
  int status;
  stox_span want;
  size_t offset;
} row;

enum {
  LOCAL = STOX_PRECIS_LOCALPART,
  RESOURCE = STOX_PRECIS_RESOURCEPART,
  MAPPED = STOX_PRECIS_USERNAME_CASEMAPPED,
  PRESERVED = STOX_PRECIS_USERNAME_PRESERVED,
  OPAQUE = STOX_PRECIS_OPAQUE,
  NICK = STOX_PRECIS_NICKNAME,
  COMPARE = STOX_PRECIS_NICKNAME_COMPARE,
  BAD_LOCAL = STOX_E_BAD_LOCALPART,
  BAD_RESOURCE = STOX_E_BAD_RESOURCE
};

#define NOT                                                                                        \
  { "", 0 }

static const row rows[] = {
    /* "XC-3.3-02", "XC-3.3-03" and RFC 8265 3.5. */
    {LOCAL, ROW("Romeo"), STOX_OK, ROW("romeo"), 0},
    {LOCAL, ROW("!#$%()*+,-.;=?[\\]^_`{|}~"), STOX_OK, ROW("!#$%()*+,-.;=?[\\]^_`{|}~"), 0},
    {LOCAL, ROW("a b"), BAD_LOCAL, NOT, 1},
    {LOCAL, ROW("\"juliet\""), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("\xC3\xBC@"), BAD_LOCAL, NOT, 2},
    {LOCAL, ROW("\xC3\xBC "), BAD_LOCAL, NOT, 2},
    {LOCAL, ROW("a\xEF\xBC\xA0"), BAD_LOCAL, NOT, 1}, /* a wide '@' */
    {LOCAL, ROW("a\xEF\xBC\x8F"), BAD_LOCAL, NOT, 1}, /* a wide '/' */
    {LOCAL, ROW("a\xEF\xB9\xAB"), BAD_LOCAL, NOT, 1}, /* a small '@' */
    {LOCAL, ROW(""), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("a\0b"), STOX_E_CTRL, NOT, 1},
    {LOCAL, ROW("\xC3\xBC\x7F"), STOX_E_CTRL, NOT, 2},
    {LOCAL, ROW("ab\xC3"), STOX_E_BAD_UTF8, NOT, 2},
    {LOCAL, ROW("\xC2\x85"), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("henry\xE2\x85\xA3"), BAD_LOCAL, NOT, 5},
    {LOCAL, ROW("\xE2\x99\x9A"), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("a\xC2\xAD"), BAD_LOCAL, NOT, 1},
    {LOCAL, ROW("a\xCD\xB8"), BAD_LOCAL, NOT, 1}, /* U+0378, unassigned */
    {LOCAL, ROW("\xEE\x80\x80"), BAD_LOCAL, NOT, 0},
    {LOCAL,
     ROW("fu\xC3\x9F"
         "ball"),
     STOX_OK,
     ROW("fu\xC3\x9F"
         "ball"),
     0},
    {LOCAL, ROW("\xCE\xA3"), STOX_OK, ROW("\xCF\x83"), 0},
    {LOCAL, ROW("\xCF\x82"), STOX_OK, ROW("\xCF\x82"), 0},
    {LOCAL, ROW("\xC4\xB0"), STOX_OK, ROW("i\xCC\x87"), 0},
    {LOCAL, ROW("A\xCC\x8A"), STOX_OK, ROW("\xC3\xA5"), 0},
    {LOCAL, ROW("\xE2\x84\xAB"), BAD_LOCAL, NOT, 0}, /* the angstrom sign */
    {LOCAL, ROW("\xEF\xBC\xA1\xEF\xBD\x82"), STOX_OK, ROW("ab"), 0},
    {LOCAL, ROW("\xEF\xBD\xB1"), STOX_OK, ROW("\xE3\x82\xA2"), 0}, /* half width katakana */
    {MAPPED, ROW("juliet@example.com"), STOX_OK, ROW("juliet@example.com"), 0},
    {MAPPED, ROW("Juliet@Example.com"), STOX_OK, ROW("juliet@example.com"), 0},
    {PRESERVED, ROW("ABC"), STOX_OK, ROW("ABC"), 0},
    {PRESERVED, ROW("\xEF\xBC\xA1"), STOX_OK, ROW("A"), 0},
    /* "XC-3.4-03", "XC-3.4-04" and RFC 8265 4.3. */
    {RESOURCE, ROW("foo bar"), STOX_OK, ROW("foo bar"), 0},
    {RESOURCE, ROW("foo "), STOX_OK, ROW("foo "), 0},
    {RESOURCE, ROW(" foo"), BAD_RESOURCE, NOT, 0},
    {RESOURCE,
     ROW("\xE3\x80\x80"
         "foo"),
     BAD_RESOURCE, NOT, 0},
    {RESOURCE,
     ROW("a\xC2\xA0"
         "b"),
     STOX_OK, ROW("a b"), 0},
    {RESOURCE, ROW("Henry \xE2\x85\xA3"), STOX_OK, ROW("Henry \xE2\x85\xA3"), 0},
    {RESOURCE, ROW("\xE2\x99\x9A"), STOX_OK, ROW("\xE2\x99\x9A"), 0},
    {RESOURCE, ROW("\xEE\x80\x80"), BAD_RESOURCE, NOT, 0},
    {RESOURCE, ROW(""), BAD_RESOURCE, NOT, 0},
    {RESOURCE, ROW("a\n"), STOX_E_CTRL, NOT, 1},
    {OPAQUE, ROW(" "), STOX_OK, ROW(" "), 0},
    {OPAQUE, ROW("Correct Horse Battery Staple"), STOX_OK, ROW("Correct Horse Battery Staple"), 0},
    {OPAQUE, ROW("\xCF\x80\xC3\x9F\xC3\xA5"), STOX_OK, ROW("\xCF\x80\xC3\x9F\xC3\xA5"), 0},
    {OPAQUE, ROW("my cat is a \tby"), STOX_E_CTRL, NOT, 12},
    /* RFC 8266 3. */
    {NICK, ROW("  Foo  \xE3\x80\x80 Bar  "), STOX_OK, ROW("Foo Bar"), 0},
    {NICK, ROW("Richard \xE2\x85\xA3"), STOX_OK, ROW("Richard IV"), 0},
    {NICK, ROW("\xCF\x82"), STOX_OK, ROW("\xCF\x82"), 0},
    {NICK, ROW("a\xC2\xA8"), STOX_OK, ROW("a \xCC\x88"), 0}, /* a diaeresis falls apart */
    {NICK, ROW("\xC2\xA8"), STOX_OK, ROW("\xCC\x88"),
     0}, /* and its space goes in the second round */
    {NICK, ROW("   "), BAD_RESOURCE, NOT, 0},
    {NICK, ROW("\xE3\x80\x80"), BAD_RESOURCE, NOT, 0},
    {COMPARE, ROW("  Foo  Bar"), STOX_OK, ROW("foo bar"), 0},
    {COMPARE, ROW("\xCE\xA3"), STOX_OK, ROW("\xCF\x83"), 0},
    {COMPARE, ROW("Richard \xE2\x85\xA3"), STOX_OK, ROW("richard iv"), 0},
    {COMPARE, ROW("\xE1\xB4\xAC"), STOX_OK, ROW("a"), 0}, /* an A made of a modifier letter */
    /* RFC 5892 A.1: ZERO WIDTH NON-JOINER behind a virama, or between what joins. */
    {OPAQUE, ROW("\xE2\x80\x8C"), BAD_RESOURCE, NOT, 0},
    {OPAQUE,
     ROW("a\xE2\x80\x8C"
         "b"),
     BAD_RESOURCE, NOT, 1},
    {OPAQUE, ROW("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8C"), STOX_OK,
     ROW("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8C"), 0},
    {OPAQUE, ROW("\xD8\xA8\xE2\x80\x8C\xD8\xA8"), STOX_OK, ROW("\xD8\xA8\xE2\x80\x8C\xD8\xA8"), 0},
    {OPAQUE, ROW("\xD8\xA8\xD9\x8E\xE2\x80\x8C\xD9\x8E\xD8\xA8"), STOX_OK,
     ROW("\xD8\xA8\xD9\x8E\xE2\x80\x8C\xD9\x8E\xD8\xA8"), 0},
    {OPAQUE, ROW("\xD8\xA7\xE2\x80\x8C\xD8\xA8"), BAD_RESOURCE, NOT, 2}, /* alef joins no left */
    {OPAQUE, ROW("\xD8\xA8\xE2\x80\x8C"), BAD_RESOURCE, NOT, 2},
    /* A.2: ZERO WIDTH JOINER behind a virama. */
    {OPAQUE, ROW("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D"), STOX_OK,
     ROW("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D"), 0},
    {OPAQUE, ROW("\xD8\xA8\xE2\x80\x8D\xD8\xA8"), BAD_RESOURCE, NOT, 2},
    /* A.3: MIDDLE DOT between two l. */
    {LOCAL, ROW("l\xC2\xB7l"), STOX_OK, ROW("l\xC2\xB7l"), 0},
    {LOCAL, ROW("\xC2\xB7l"), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("l\xC2\xB7"), BAD_LOCAL, NOT, 1},
    {LOCAL, ROW("l\xC2\xB7k"), BAD_LOCAL, NOT, 1},
    {LOCAL, ROW("k\xC2\xB7l"), BAD_LOCAL, NOT, 1},
    /* A.4: GREEK LOWER NUMERAL SIGN before Greek. */
    {LOCAL, ROW("\xCD\xB5\xCE\xB1"), STOX_OK, ROW("\xCD\xB5\xCE\xB1"), 0},
    {LOCAL, ROW("\xCD\xB5"), BAD_LOCAL, NOT, 0},
    {LOCAL,
     ROW("\xCD\xB5"
         "a"),
     BAD_LOCAL, NOT, 0},
    /* A.5, A.6: GERESH and GERSHAYIM behind Hebrew. */
    {LOCAL, ROW("\xD7\x90\xD7\xB3"), STOX_OK, ROW("\xD7\x90\xD7\xB3"), 0},
    {LOCAL, ROW("\xD7\x90\xD7\xB4"), STOX_OK, ROW("\xD7\x90\xD7\xB4"), 0},
    {LOCAL, ROW("\xD7\xB3\xD7\x90"), BAD_LOCAL, NOT, 0},
    {OPAQUE, ROW("a\xD7\xB4"), BAD_RESOURCE, NOT, 1},
    /* A.7: KATAKANA MIDDLE DOT with Hiragana, Katakana or Han somewhere. */
    {LOCAL,
     ROW("\xE3\x83\xBB"
         "a\xE3\x81\x82"),
     STOX_OK,
     ROW("\xE3\x83\xBB"
         "a\xE3\x81\x82"),
     0},
    {LOCAL, ROW("\xE3\x82\xA2\xE3\x83\xBB"), STOX_OK, ROW("\xE3\x82\xA2\xE3\x83\xBB"), 0},
    {LOCAL, ROW("\xE4\xB8\x80\xE3\x83\xBB"), STOX_OK, ROW("\xE4\xB8\x80\xE3\x83\xBB"), 0},
    {LOCAL, ROW("a\xE3\x83\xBB"), BAD_LOCAL, NOT, 1},
    /* A.8, A.9: one kind of Arabic digits. */
    {OPAQUE, ROW("\xD9\xA1\xD9\xA2"), STOX_OK, ROW("\xD9\xA1\xD9\xA2"), 0},
    {OPAQUE, ROW("\xDB\xB1\xDB\xB2"), STOX_OK, ROW("\xDB\xB1\xDB\xB2"), 0},
    {OPAQUE, ROW("\xD9\xA1\xDB\xB2"), BAD_RESOURCE, NOT, 0},
    {OPAQUE,
     ROW("\xDB\xB2"
         "a\xD9\xA1"),
     BAD_RESOURCE, NOT, 0},
    /* RFC 5893 2: hebrew, arabic, digits, marks. */
    {LOCAL, ROW("\xD7\xA9"), STOX_OK, ROW("\xD7\xA9"), 0},
    {LOCAL,
     ROW("\xD7\xA9"
         "1"),
     STOX_OK,
     ROW("\xD7\xA9"
         "1"),
     0},
    {LOCAL, ROW("1\xD7\xA9"), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("a\xD7\xA9"), BAD_LOCAL, NOT, 0},
    {LOCAL,
     ROW("\xD7\xA9"
         "c"),
     BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("\xD7\xA9-"), BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("\xD7\xA9-\xD7\xA9"), STOX_OK, ROW("\xD7\xA9-\xD7\xA9"), 0},
    {LOCAL, ROW("\xD7\xA9\xD6\xB0"), STOX_OK, ROW("\xD7\xA9\xD6\xB0"), 0}, /* a mark at the end */
    {LOCAL, ROW("\xD6\xB0\xD7\xA9"), BAD_LOCAL, NOT, 0},                   /* and in front */
    {LOCAL, ROW("\xD8\xA8\xD9\xA1"), STOX_OK, ROW("\xD8\xA8\xD9\xA1"), 0},
    {LOCAL,
     ROW("\xD8\xA8\xD9\xA1"
         "1"),
     BAD_LOCAL, NOT, 0},
    {LOCAL, ROW("\xD9\xA1"), BAD_LOCAL, NOT, 0},
    {RESOURCE, ROW("a\xD7\xA9"), STOX_OK, ROW("a\xD7\xA9"), 0}, /* no Bidi rule here */
};

static int put(stox_buf *out, const void *ud) {
  const row *r = ud;
  return stox_precis(out, r->text, r->profile, NULL);
}

static void check_refused(const row *r) {
  guard g = guard_copy(r->text);
  stox_buf out = {NULL, 0, 0};
  stox_diag diag = {0, 0, 99, NULL};
  const int status = stox_precis(&out, g.span, r->profile, &diag);
  if (status != r->status || diag.code != status || diag.offset != r->offset) {
    fail_msg("%d \"%.*s\": %s at %zu", r->profile, (int)g.span.n, g.span.p,
             stox_status_name(status), diag.offset);
  }
  assert_non_null(diag.rule);
  assert_int_equal(out.len, 0);
  guard_free(&g);
}

static void test_profiles(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(rows); i++) {
    if (rows[i].status != STOX_OK) {
      check_refused(&rows[i]);
      continue;
    }
    char room[256];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    stox_diag diag = {0, 0, 0, NULL};
    const int status = stox_precis(&out, rows[i].text, rows[i].profile, &diag);
    if (status != STOX_OK) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    guard g = guard_copy(rows[i].text);
    const row guarded = {rows[i].profile, g.span, STOX_OK, rows[i].want, 0};
    check_writer(put, &guarded, rows[i].want);
    guard_free(&g);
  }
  stox_buf none = {NULL, 0, 0};
  assert_status(stox_precis(&none, S("a"), -1, NULL), STOX_E_ARG);
  assert_status(stox_precis(&none, S("a"), COMPARE + 1, NULL), STOX_E_ARG);
}

/* At most 1023 octets, before and after. */
static void test_lengths(void **state) {
  (void)state;
  static char text[1026];
  static char room[2048];
  stox_buf out;
  for (size_t n = 1022; n <= 1024; n++) {
    memset(text, 'a', sizeof text);
    memcpy(text, "\xC3\xBC", 2);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_precis(&out, (stox_span){text, n}, LOCAL, NULL),
                  n <= 1023 ? STOX_OK : STOX_E_TOO_LONG);
    /* U+0130 grows from two octets to three. */
    memcpy(text, "\xC4\xB0", 2);
    stox_buf_init(&out, room, sizeof room);
    assert_status(stox_precis(&out, (stox_span){text, n}, LOCAL, NULL),
                  n <= 1022 ? STOX_OK : STOX_E_TOO_LONG);
  }
  /* U+FDFA grows by NFKC to eleven times its size. */
  for (size_t i = 0; i + 3 <= sizeof text; i += 3) {
    memcpy(text + i, "\xEF\xB7\xBA", 3);
  }
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_precis(&out, (stox_span){text, 1023}, NICK, NULL), STOX_E_TOO_LONG);
  assert_status(stox_precis(&out, (stox_span){text, 30}, NICK, NULL), STOX_OK);
  assert_status(stox_precis(&out, (stox_span){text, 1023}, OPAQUE, NULL), STOX_OK);
}

/* The whole of Unicode 14 against a table of its properties made by other means: how many code
 * points have each, and a hash of all in order. */
static void test_properties(void **state) {
  (void)state;
  static const size_t want[] = {0, 130627, 13248, 2, 25, 140442, 829768};
  size_t count[7] = {0};
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (uint32_t point = 0; point <= 0x10FFFF; point++) {
    const int property = stox_precis_property(point);
    assert_in_range(property, STOX_PRECIS_PVALID, STOX_PRECIS_UNASSIGNED);
    count[property]++;
    hash = (hash ^ (uint64_t)property) * UINT64_C(0x100000001b3);
  }
  assert_int_equal(stox_precis_property(0x110000), STOX_PRECIS_DISALLOWED);
  assert_int_equal(stox_precis_property(0xFDD0), STOX_PRECIS_DISALLOWED);
  /* A later Unicode assigns what this one does not. */
  if (count[STOX_PRECIS_UNASSIGNED] != want[STOX_PRECIS_UNASSIGNED]) {
    skip();
  }
  assert_memory_equal(count, want, sizeof count);
  assert_true(hash == UINT64_C(0x1319e0872caae594));
}

/* What is enforced is its own form: for each code point alone, behind a letter, and for texts made
 * at random. */
static void check_again(stox_span text, int profile) {
  char first[64];
  char second[64];
  stox_buf a;
  stox_buf b;
  stox_buf_init(&a, first, sizeof first);
  stox_buf_init(&b, second, sizeof second);
  if (stox_precis(&a, text, profile, NULL) != STOX_OK) {
    return;
  }
  const int status = stox_precis(&b, stox_buf_span(&a), profile, NULL);
  if (status != STOX_OK || !stox_span_is_equal(stox_buf_span(&a), stox_buf_span(&b))) {
    fail_msg("profile %d: \"%.*s\" -> \"%.*s\" -> %s", profile, (int)text.n, text.p, (int)a.len,
             first, stox_status_name(status));
  }
}

static void test_idempotent(void **state) {
  (void)state;
  char text[64];
  stox_buf out;
  uint64_t seed = 5;
  for (uint32_t point = 0x80; point <= 0x10FFFF; point++) {
    const int property = stox_precis_property(point);
    if (property == STOX_PRECIS_UNASSIGNED || property == STOX_PRECIS_DISALLOWED) {
      continue;
    }
    for (int profile = LOCAL; profile <= OPAQUE; profile++) {
      stox_buf_init(&out, text, sizeof text);
      (void)stox_utf8_put(&out, point);
      check_again(stox_buf_span(&out), profile);
    }
    for (int i = 0; i < 3; i++) {
      (void)stox_utf8_put(&out, (uint32_t)(test_random(&seed) % 0x3000));
    }
    (void)stox_utf8_put(&out, point);
    check_again(stox_buf_span(&out), LOCAL);
    check_again(stox_buf_span(&out), RESOURCE);
  }
}

/* "XC-3.1-06", "XC-3.3-02": RFC 7622 Table 1 and 2, as whole JIDs. */
static void test_jids(void **state) {
  (void)state;
  table t;
  int seen = 0;
  assert_true(table_open(&t, STOX_TEST_VECTORS "/xmpp-core", "derived-rfc7622-jids.tsv"));
  assert_true(table_next(&t));
  while (table_next(&t)) {
    char room[256];
    char memory[512];
    stox_arena arena;
    stox_jid jid;
    const stox_span text = unescape_points(room, sizeof room, t.field[1]);
    stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
    int status = stox_jid_parse(&jid, text, NULL);
    if (status == STOX_OK) {
      status = stox_jid_prepare(&jid, &arena, &jid, STOX_JID_PRECIS, NULL);
    }
    if ((status == STOX_OK) != stox_span_is_equal(t.field[2], S("yes"))) {
      fail_msg("%.*s: %s", (int)text.n, text.p, stox_status_name(status));
    }
    seen++;
  }
  table_free(&t);
  assert_int_equal(seen, 23);
}

static int profile_of(stox_span name) {
  static const struct {
    const char *name;
    int profile;
  } names[] = {{"UsernameCaseMapped", MAPPED},
               {"UsernameCasePreserved", PRESERVED},
               {"OpaqueString", OPAQUE},
               {"Nickname", NICK},
               {"NewFreeform()", OPAQUE}};
  for (size_t i = 0; i < COUNT(names); i++) {
    if (stox_span_is_equal(name, stox_span_text(names[i].name))) {
      return names[i].profile;
    }
  }
  return -1;
}

/* The table of another implementation, where it is at hand. It checks the class behind the
 * normalization, so that the angstrom sign is a letter to it; its last two rows are of profiles
 * that it makes for the test. */
static void test_others(void **state) {
  (void)state;
  table t;
  int seen = 0;
  if (!table_open(&t, STOX_CORPORA "/jid/precis", "go-enforce.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (seen < 151 && table_next(&t)) {
    char in[512];
    char out[512];
    char made[512];
    stox_buf got;
    const int profile = profile_of(t.field[0]);
    const stox_span text = unescape_points(in, sizeof in, t.field[2]);
    const stox_span want = unescape_points(out, sizeof out, t.field[3]);
    assert_in_range(profile, MAPPED, NICK);
    stox_buf_init(&got, made, sizeof made);
    const int status = stox_precis(&got, text, profile, NULL);
    const int refused = want.n > 6 && memcmp(want.p, "ERROR ", 6) == 0;
    const int differs =
        stox_span_is_equal(text, S("\xE2\x84\xAB")) && profile != OPAQUE && profile != NICK;
    if (differs ? status != STOX_E_BAD_LOCALPART
                : refused != (status != STOX_OK) ||
                      (!refused && !stox_span_is_equal(stox_buf_span(&got), want))) {
      fail_msg("line %d, profile %d: \"%.*s\": %s, \"%.*s\", not \"%.*s\"", seen, profile,
               (int)text.n, text.p, stox_status_name(status), (int)got.len, made, (int)want.n,
               want.p);
    }
    seen++;
  }
  table_free(&t);
  assert_int_equal(seen, 151);
}

/* Nodeprep and PRECIS agree on ASCII, and differ where they must ("XC-3.2-05", "XC-3.4-04"). */
static void test_against_nodeprep(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; i < 20000; i++) {
    char octets[16];
    char memory[2][256];
    stox_arena arenas[2];
    const size_t n = 1 + test_random(&seed) % sizeof octets;
    for (size_t k = 0; k < n; k++) {
      octets[k] = (char)(0x20 + test_random(&seed) % 0x5F);
    }
    stox_jid made[2];
    int status[2];
    const stox_jid jid = {{octets, n}, S("example.com"), {octets, n}};
    for (int p = 0; p < 2; p++) {
      stox_arena_init(&arenas[p], memory[p], sizeof memory[p], 0, NULL);
      made[p] = jid;
      status[p] = stox_jid_prepare(&made[p], &arenas[p], &jid,
                                   p == 0 ? STOX_JID_NODEPREP : STOX_JID_PRECIS, NULL);
    }
    if (octets[0] == ' ') {
      assert_int_not_equal(status[1], STOX_OK);
      continue;
    }
    assert_status(status[1], status[0]);
    assert_true(stox_jid_is_equal(&made[0], &made[1]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_profiles),
      cmocka_unit_test(test_lengths),
      cmocka_unit_test(test_properties),
      cmocka_unit_test(test_idempotent),
      cmocka_unit_test(test_jids),
      cmocka_unit_test(test_others),
      cmocka_unit_test(test_against_nodeprep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
