/* SPDX-License-Identifier: MIT */
/* Addresses of others' tests, where they are at hand: good ones, bad ones, and pairs that are the
 * same; and libidn itself, on these and on many more. */
#include "tables.h"
#include "unescape.h"

#include "stox/jid.h"
#include "stox/stringprep.h"
#include "stox/utf8.h"

#include <stringprep.h>

#define JIDS STOX_CORPORA "/jid"

/* Where the corpus, which is made for RFC 7622, and we part. */
typedef struct disagreement {
  const char *text;
  int profile;
  const char *reason;
} disagreement;

static const disagreement disagreements[] = {
    {"\xCF\x82@example.com", STOX_JID_PRECIS, "RFC 8265 maps case, and the final sigma has none"},
    {"fu\xC3\x9F"
     "ball@example.com",
     STOX_JID_NODEPREP, "Nodeprep folds sharp s to ss (RFC 3454 B.2)"},
    {"henry\xE2\x85\xA3@example.com", STOX_JID_NODEPREP, "Nodeprep has NFKC: iv"},
    {"\xE2\x99\x9A@example.com", STOX_JID_NODEPREP, "Nodeprep allows symbols"},
    {"xsf@muc.xmpp.org/\xD8\x9Cx", STOX_JID_NODEPREP,
     "not assigned in Unicode 3.2, so allowed in what is not stored"},
    {"user@averylongdomainpartisstillvalideventhoughitexceedsthesixtyfourbytelimitofdnslabels",
     STOX_JID_PRECIS, "IDNA2008 knows labels up to 63 octets"},
    {"user@averylongdomainpartisstillvalideventhoughitexceedsthesixtyfourbytelimitofdnslabels",
     STOX_JID_NODEPREP, "IDNA2008 knows labels up to 63 octets"},
};

static int is_known(stox_span text, int profile) {
  for (size_t i = 0; i < COUNT(disagreements); i++) {
    const disagreement *d = &disagreements[i];
    if (stox_span_is_equal(text, stox_span_text(d->text)) && d->profile == profile) {
      assert_non_null(d->reason);
      return 1;
    }
  }
  return 0;
}

static int prepare(stox_jid *out, stox_arena *arena, stox_span text, int profile) {
  stox_jid parts;
  const int status = stox_jid_parse(&parts, text, NULL);
  return status == STOX_OK ? stox_jid_prepare(out, arena, &parts, profile, NULL) : status;
}

static int starts(stox_span text, const char *with) {
  return stox_span_is_equal(stox_span_slice(text, 0, strlen(with)), stox_span_text(with));
}

typedef struct counts {
  size_t good;
  size_t bad;
  size_t known;
  size_t unsolved;
} counts;

static void check_jid(counts *c, const table *t, int profile) {
  char room[2048];
  char parts[2][1024];
  char memory[8192];
  stox_arena arena;
  stox_jid jid;
  stox_arena_init(&arena, memory, sizeof memory, 0, NULL);
  const stox_span text = unescape(room, sizeof room, t->field[0]);
  const int is_split = stox_span_find(t->field[1], '(') < t->field[1].n;
  const int is_good = starts(t->field[1], "valid");
  const int has_parts = !stox_span_is_equal(t->field[3], S("-"));
  const stox_jid want = {.localpart = unescape(parts[0], sizeof parts[0], t->field[2]),
                         .domainpart = t->field[3],
                         .resourcepart = unescape(parts[1], sizeof parts[1], t->field[4])};
  const int status =
      is_split ? stox_jid_parse(&jid, text, NULL) : prepare(&jid, &arena, text, profile);
  const int is_same = status == STOX_OK && stox_span_is_equal(jid.localpart, want.localpart) &&
                      stox_span_is_equal(jid.domainpart, want.domainpart) &&
                      stox_span_is_equal(jid.resourcepart, want.resourcepart);
  const int agrees = is_good ? status == STOX_OK && (!has_parts || is_same) : status != STOX_OK;
  if (agrees) {
    c->good += (size_t)is_good;
    c->bad += (size_t)!is_good;
  } else if (is_known(text, profile)) {
    c->known++;
  } else {
    c->unsolved++;
    print_message("%.*s by %d: %s\n", (int)text.n, text.p, profile, stox_status_name(status));
  }
}

static void test_jids(void **state) {
  (void)state;
  table t;
  counts c = {0, 0, 0, 0};
  if (!table_open(&t, JIDS, "parse-cases.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (table_next(&t)) {
    check_jid(&c, &t, STOX_JID_PRECIS);
    check_jid(&c, &t, STOX_JID_NODEPREP);
  }
  table_free(&t);
  print_message("%zu good, %zu bad, %zu otherwise\n", c.good, c.bad, c.known);
  assert_int_equal(c.unsolved, 0);
  assert_int_equal(c.known, COUNT(disagreements));
}

/* ---- pairs that are the same, and libidn ---- */

/* What libidn makes of a text; absent: it refuses. */
static stox_span idn(char *room, size_t cap, stox_span text, const Stringprep_profile *profile,
                     int flags) {
  assert_true(text.n < cap);
  memcpy(room, text.p, text.n);
  room[text.n] = '\0';
  const int status = stringprep(room, cap, (Stringprep_profile_flags)flags, profile);
  const int is_there = status == STRINGPREP_OK && room[0] != '\0';
  return is_there ? stox_span_text(room) : (stox_span){NULL, 0};
}

/* Ours says what libidn says, and what comes out stays as it is: "XC-12.2-02". */
static void check_profile(stox_span text, int ours, const Stringprep_profile *profile, int flags) {
  char theirs[4096];
  char made[4096];
  char again[4096];
  stox_buf out;
  stox_buf twice;
  stox_buf_init(&out, made, sizeof made);
  stox_buf_init(&twice, again, sizeof again);
  const stox_span want = idn(theirs, sizeof theirs, text, profile, flags);
  const int status = stox_stringprep(&out, text, ours, NULL);
  if ((status == STOX_OK) != (want.p != NULL) ||
      (status == STOX_OK && !stox_span_is_equal(stox_buf_span(&out), want))) {
    fail_msg("%.*s by %d: %s, %.*s", (int)text.n, text.p, ours, stox_status_name(status),
             (int)want.n, want.p == NULL ? "" : want.p);
  }
  if (status == STOX_OK) {
    assert_status(stox_stringprep(&twice, stox_buf_span(&out), ours, NULL), STOX_OK);
    assert_span_equal(stox_buf_span(&twice), stox_buf_span(&out));
  }
}

static void check_profiles(stox_span text) {
  check_profile(text, STOX_NODEPREP, stringprep_xmpp_nodeprep, 0);
  check_profile(text, STOX_RESOURCEPREP, stringprep_xmpp_resourceprep, 0);
  check_profile(text, STOX_NODEPREP_STORED, stringprep_xmpp_nodeprep, STRINGPREP_NO_UNASSIGNED);
  check_profile(text, STOX_RESOURCEPREP_STORED, stringprep_xmpp_resourceprep,
                STRINGPREP_NO_UNASSIGNED);
  check_profile(text, STOX_SASLPREP, stringprep_saslprep, 0);
}

/* The corpus has pairs of text and prepared text: both prepare to the same. */
static int check_pair(const table *t) {
  static const struct {
    const char *name;
    int profile;
  } profiles[] = {{"Nodeprep", STOX_NODEPREP},
                  {"Resourceprep", STOX_RESOURCEPREP},
                  {"SASLprep", STOX_SASLPREP}};
  char in[512];
  char want[512];
  char made[512];
  stox_buf out;
  const stox_span text = unescape(in, sizeof in, t->field[1]);
  if (text.n > 0 && stox_utf8_check(text, NULL) == STOX_OK) {
    check_profiles(text);
  }
  for (size_t i = 0; i < COUNT(profiles); i++) {
    if (stox_span_is_equal(t->field[0], stox_span_text(profiles[i].name))) {
      stox_buf_init(&out, made, sizeof made);
      const int status = stox_stringprep(&out, text, profiles[i].profile, NULL);
      assert_int_equal(status != STOX_OK, starts(t->field[2], "ERROR"));
      if (status == STOX_OK) {
        assert_span_equal(stox_buf_span(&out), unescape(want, sizeof want, t->field[2]));
      }
      return 1;
    }
  }
  return 0;
}

static void test_pairs(void **state) {
  (void)state;
  table t;
  int pairs = 0;
  if (!table_open(&t, JIDS, "stringprep.tsv")) {
    skip();
  }
  assert_true(table_next(&t));
  while (table_next(&t)) {
    pairs += check_pair(&t);
  }
  table_free(&t);
  assert_int_equal(pairs, 21);
}

/* Code points, alone and behind a letter; the pairs of ASCII are property/jid.c's. */
static void test_libidn(void **state) {
  (void)state;
  for (uint32_t point = 0x80; point < 0x110000; point += point < 0x3000 ? 1 : 97) {
    char text[8];
    stox_buf out;
    stox_buf_init(&out, text, sizeof text);
    (void)stox_buf_put_octet(&out, 'a');
    if (stox_utf8_put(&out, point) == STOX_OK) {
      check_profiles(stox_buf_span(&out));
      check_profiles(stox_span_slice(stox_buf_span(&out), 1, out.len));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jids),
      cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_libidn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
