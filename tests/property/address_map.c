/* SPDX-License-Identifier: MIT */
/* 7247-6.5-15: what the map takes there it takes back unchanged, and no two addresses become one.
 * 200,000 random localparts and as many random users, in both modes. */
#include "support.h"

#include "stox/address_map.h"
#include "stox/xep0106.h"

enum { ROUNDS = 200000, UNITS_MAX = 9, ROOM = 256 };

/* What localparts, users and resources are made of: separators, what begins sequences and escapes,
 * capital letters, and characters that preparation turns into such. */
static const char *const units[] = {
    "a",        "b",
    "2",        "7",
    "f",        "c",
    "5",        "3",
    "0",        "\\",
    "\\",       "\"",
    "&",        "'",
    "/",        ":",
    "<",        ">",
    "@",        " ",
    "%",        "#",
    "?",        ".",
    ";",        "=",
    "[",        "^",
    "`",        "{",
    "|",        "}",
    "\xC3\xBC", "\xE2\x99\x9A",
    "F",        "C",
    "\\2",      "\\5",
    "26",       "2f",
    "5c",       "20",
    "\\20",     "\\5c",
    "\xC3\x9C", "\xEF\xBC\xBC",
    "\xC2\xAD", "\xEF\xBC\x92",
};

/* Those of them that preparation leaves alone stand in front. */
enum { PLAIN_UNITS = 34 };

static stox_span random_text(char room[ROOM], uint64_t *seed, size_t n_units) {
  const size_t n = 1 + test_random(seed) % UNITS_MAX;
  stox_buf out;
  stox_buf_init(&out, room, ROOM);
  for (size_t i = 0; i < n; i++) {
    stox_buf_put_text(&out, units[test_random(seed) % n_units]);
  }
  return stox_buf_span(&out);
}

typedef struct fixture {
  char memory[8192];
  stox_arena arena;
  stox_map_options options;
} fixture;

static void open_fixture(fixture *f, int mode, int profile) {
  stox_arena_init(&f->arena, f->memory, sizeof f->memory, 0, NULL);
  assert_status(stox_map_options_init(&f->options, sizeof f->options), STOX_OK);
  f->options.mode = mode;
  f->options.profile = profile;
}

/* Domain names are prepared on the way in any case, so without preparation they are not compared.
 */
static int is_same(const fixture *f, const stox_jid *a, const stox_jid *b) {
  const int prepared = f->options.profile == STOX_JID_NODEPREP;
  return stox_span_is_equal(a->localpart, b->localpart) &&
         (!prepared || stox_span_is_equal(a->domainpart, b->domainpart)) &&
         stox_span_is_equal(a->resourcepart, b->resourcepart);
}

/* The JID to a URI and back: the same JID, as it is prepared. */
static int jid_comes_back(fixture *f, stox_span jid) {
  stox_map_result there;
  stox_map_result back;
  stox_diag diag = {0, 0, 0, NULL};
  stox_arena_reset(&f->arena);
  const int status = stox_map_jid_to_uri(&there, &f->arena, jid, &f->options, &diag);
  if (status != STOX_OK) {
    assert_int_equal(diag.code, status);
    return status;
  }
  assert_status(stox_map_uri_to_jid(&back, &f->arena, there.text, &f->options, &diag), STOX_OK);
  if (!is_same(f, &there.jid, &back.jid) && there.dropped == 0) {
    fail_msg("%.*s became %.*s became %.*s", (int)jid.n, jid.p, (int)there.text.n, there.text.p,
             (int)back.text.n, back.text.p);
  }
  return STOX_OK;
}

/* Localparts that somebody made by escaping a text: in mode reversible all are taken. */
static void canonical(int mode, int scheme) {
  fixture f;
  uint64_t seed = 2;
  size_t taken = 0;
  open_fixture(&f, mode, STOX_JID_NODEPREP);
  f.options.scheme = scheme;
  for (size_t i = 0; i < ROUNDS; i++) {
    char text[ROOM];
    char jid[4 * ROOM];
    stox_buf out;
    stox_buf_init(&out, jid, sizeof jid);
    if (stox_xep0106_escape(&out, random_text(text, &seed, PLAIN_UNITS), STOX_XEP0106_FULL, NULL) !=
        STOX_OK) {
      continue;
    }
    stox_buf_put_text(&out, "@x.example");
    assert_status(jid_comes_back(&f, stox_buf_span(&out)), STOX_OK);
    taken++;
  }
  assert_true(taken > ROUNDS * 3 / 4);
}

static void canonical_localparts(void **state) {
  (void)state;
  canonical(STOX_MAP_REVERSIBLE, STOX_SCHEME_SIP);
  canonical(STOX_MAP_RFC7247, STOX_SCHEME_SIPS);
  canonical(STOX_MAP_REVERSIBLE, STOX_SCHEME_IM);
}

/* Any JIDs: refused, or they come back. */
static void any_jids(void **state) {
  (void)state;
  uint64_t seed = 3;
  size_t taken = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char text[2][ROOM];
    char jid[3 * ROOM];
    fixture f;
    stox_buf out;
    const uint64_t bits = test_random(&seed);
    const size_t n_units = bits & 8 ? COUNT(units) : PLAIN_UNITS;
    open_fixture(&f, bits & 1 ? STOX_MAP_RFC7247 : STOX_MAP_REVERSIBLE,
                 bits & 2 ? STOX_JID_NONE : STOX_JID_NODEPREP);
    stox_buf_init(&out, jid, sizeof jid);
    stox_buf_put(&out, random_text(text[0], &seed, n_units));
    stox_buf_put_text(&out, "@x.example");
    if (bits & 4) {
      stox_buf_put_text(&out, "/");
      stox_buf_put(&out, random_text(text[1], &seed, COUNT(units)));
    }
    taken += jid_comes_back(&f, stox_buf_span(&out)) == STOX_OK;
  }
  assert_true(taken > ROUNDS / 20);
}

static int is_in(const char *set, unsigned char octet) {
  return octet != 0 && strchr(set, octet) != NULL;
}

/* A URI, its user escaped at random. Reserved characters that may stand as they are do so: RFC 3261
 * 19.1.4 tells `%26` from `&`, while both are the same JID. */
static stox_span random_uri(char room[4 * ROOM], uint64_t *seed, size_t n_units) {
  static const char hex[] = "0123456789ABCDEF";
  char text[ROOM];
  const stox_span user = random_text(text, seed, n_units);
  stox_buf out;
  stox_buf_init(&out, room, 4 * ROOM);
  stox_buf_put_text(&out, "sip:");
  for (size_t i = 0; i < user.n; i++) {
    const unsigned char octet = (unsigned char)user.p[i];
    const int raw = is_in("ab27fc530'.FC", octet) && test_random(seed) % 4 != 0;
    if (raw || is_in("&/;=?", octet)) {
      stox_buf_put_octet(&out, (char)octet);
    } else {
      const char escape[3] = {'%', hex[octet >> 4], hex[octet & 15]};
      stox_buf_put(&out, (stox_span){escape, sizeof escape});
    }
  }
  stox_buf_put_text(&out, "@x.example");
  return stox_buf_span(&out);
}

/* 1 if the user is taken. Then its JID goes back to a URI that is equivalent where nothing was
 * prepared, and that leads to the same JID again. */
static int uri_comes_back(fixture *f, stox_span text) {
  stox_map_result jid;
  stox_map_result back;
  stox_map_result again;
  stox_uri before;
  stox_uri after;
  stox_arena_reset(&f->arena);
  if (stox_map_uri_to_jid(&jid, &f->arena, text, &f->options, NULL) != STOX_OK) {
    return 0;
  }
  if (stox_map_jid_to_uri(&back, &f->arena, jid.text, &f->options, NULL) != STOX_OK ||
      stox_map_uri_to_jid(&again, &f->arena, back.text, &f->options, NULL) != STOX_OK ||
      !stox_span_is_equal(jid.text, again.text)) {
    fail_msg("%.*s became %.*s and did not come back", (int)text.n, text.p, (int)jid.text.n,
             jid.text.p);
  }
  if (f->options.profile == STOX_JID_NONE) {
    assert_status(stox_uri_parse(&before, text, STOX_URI_STRICT, NULL), STOX_OK);
    assert_status(stox_uri_parse(&after, back.text, STOX_URI_STRICT, NULL), STOX_OK);
    if (!stox_uri_is_equal(&before, &after, STOX_URI_LOCATION)) {
      fail_msg("%.*s is not %.*s", (int)text.n, text.p, (int)back.text.n, back.text.p);
    }
  }
  return 1;
}

static void any_users(void **state) {
  (void)state;
  uint64_t seed = 4;
  size_t taken = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char room[4 * ROOM];
    fixture f;
    const uint64_t bits = test_random(&seed);
    open_fixture(&f, bits & 1 ? STOX_MAP_RFC7247 : STOX_MAP_REVERSIBLE,
                 bits & 2 ? STOX_JID_NONE : STOX_JID_NODEPREP);
    taken +=
        (size_t)uri_comes_back(&f, random_uri(room, &seed, bits & 4 ? COUNT(units) : PLAIN_UNITS));
  }
  assert_true(taken > ROUNDS / 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(canonical_localparts),
      cmocka_unit_test(any_jids),
      cmocka_unit_test(any_users),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
