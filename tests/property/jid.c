/* SPDX-License-Identifier: MIT */
/* What holds for all texts: the ASCII path agrees with libidn, preparation is idempotent, and what
 * is prepared, written and parsed comes back. */
#include "support.h"

#include "stox/jid.h"
#include "stox/stringprep.h"
#include "stox/utf8.h"

#include <stringprep.h>

enum { ROUNDS = 60000, ROOM = 1100 };

/* What libidn says of a text without NUL. 1 prepared, 0 refused. */
static int by_libidn(char room[ROOM], stox_span text, int profile) {
  const Stringprep_profile *table =
      profile == STOX_NODEPREP ? stringprep_xmpp_nodeprep : stringprep_xmpp_resourceprep;
  memcpy(room, text.p, text.n);
  room[text.n] = '\0';
  return stringprep(room, ROOM, (Stringprep_profile_flags)0, table) == STRINGPREP_OK;
}

static void agree(stox_span text, int profile) {
  char theirs[ROOM];
  char ours[ROOM];
  stox_buf out;
  stox_buf_init(&out, ours, sizeof ours);
  const int status = stox_stringprep(&out, text, profile, NULL);
  const int accepted = by_libidn(theirs, text, profile) && theirs[0] != '\0';
  if ((status == STOX_OK) != accepted) {
    fail_msg("\"%.*s\" %d: %s", (int)text.n, text.p, profile, stox_status_name(status));
  }
  if (accepted) {
    assert_span_equal(stox_buf_span(&out), stox_span_text(theirs));
  }
}

/* All strings of two octets below 0x80, alone and inside words of eight. */
static void ascii_pairs(void **state) {
  (void)state;
  for (unsigned code = 0; code < 128 * 128; code++) {
    char text[24];
    memset(text, 'q', sizeof text);
    for (size_t at = 0; at < 16; at += 7) {
      text[at] = (char)(code / 128);
      text[at + 1] = (char)(code % 128);
      const stox_span pair = {text + at, 2};
      const stox_span framed = {text, at + 2 + code % 8};
      if (memchr(pair.p, '\0', 2) == NULL) {
        agree(at == 0 ? pair : framed, STOX_NODEPREP);
        agree(at == 0 ? pair : framed, STOX_RESOURCEPREP);
      }
      text[at] = 'q';
      text[at + 1] = 'q';
    }
  }
}

/* A code point that is often near the borders of the tables. */
static uint32_t random_point(uint64_t *seed) {
  static const uint32_t bases[] = {0x20,   0x41,   0xA0,   0xDF,   0x300,   0x345,   0x370,  0x5D0,
                                   0x600,  0x900,  0x1E00, 0x1F00, 0x2000,  0x2100,  0x3000, 0xAC00,
                                   0xFB00, 0xFDFA, 0xFE00, 0xFF00, 0x10400, 0x1D400, 0x1F300};
  const uint64_t r = test_random(seed);
  if (r % 3 == 0) {
    return 0x21 + (uint32_t)(r >> 8) % 0x5E;
  }
  return bases[(r >> 8) % COUNT(bases)] + (uint32_t)(r >> 32) % 0x40;
}

static stox_span random_text(stox_buf *out, uint64_t *seed, size_t most) {
  const size_t n = 1 + test_random(seed) % most;
  for (size_t i = 0; i < n; i++) {
    const uint32_t point = random_point(seed);
    stox_utf8_put(out, point >= 0xD800 && point < 0xE000 ? 0x41 : point);
  }
  return stox_buf_span(out);
}

static void random_texts(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (size_t i = 0; i < ROUNDS; i++) {
    char room[ROOM];
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    agree(random_text(&out, &seed, 12), (int)(i & 1));
  }
}

static void random_ascii(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (size_t i = 0; i < ROUNDS; i++) {
    char text[40];
    const size_t n = 1 + test_random(&seed) % sizeof text;
    for (size_t k = 0; k < n; k++) {
      const uint64_t r = test_random(&seed);
      text[k] = (char)(r % 16 == 0 ? 1 + (r >> 8) % 127 : 'A' + (r >> 8) % 58);
    }
    agree((stox_span){text, n}, (int)(i & 1));
  }
}

/* Every code point alone: what one preparation gives, a second one leaves. */
static void idempotent_points(void **state) {
  (void)state;
  for (uint32_t point = 0x80; point < 0x110000; point += point < 0x30000 ? 1 : 0x101) {
    for (int profile = STOX_NODEPREP; profile <= STOX_RESOURCEPREP; profile++) {
      char text[4];
      char once[64];
      char twice[64];
      stox_buf in;
      stox_buf first;
      stox_buf second;
      stox_buf_init(&in, text, sizeof text);
      stox_buf_init(&first, once, sizeof once);
      stox_buf_init(&second, twice, sizeof twice);
      if (stox_utf8_put(&in, point) != STOX_OK ||
          stox_stringprep(&first, stox_buf_span(&in), profile, NULL) != STOX_OK) {
        continue;
      }
      const int status = stox_stringprep(&second, stox_buf_span(&first), profile, NULL);
      if (status != STOX_OK || !stox_span_is_equal(stox_buf_span(&first), stox_buf_span(&second))) {
        fail_msg("U+%04X, profile %d: %s", point, profile, stox_status_name(status));
      }
    }
  }
}

/* Prepared parts are prepared again to themselves, and the text of a prepared JID is parsed to it.
 */
static void check_jid(const stox_jid *jid) {
  char first[4096];
  char second[4096];
  char text[4096];
  stox_arena arena;
  stox_arena again;
  stox_jid once;
  stox_jid twice;
  stox_jid parsed;
  stox_buf out;
  stox_arena_init(&arena, first, sizeof first, 0, NULL);
  stox_arena_init(&again, second, sizeof second, 0, NULL);
  stox_buf_init(&out, text, sizeof text);
  if (stox_jid_prepare(&once, &arena, jid, STOX_JID_NODEPREP, NULL) != STOX_OK) {
    return;
  }
  assert_status(stox_jid_write(&out, &once), STOX_OK);
  assert_status(stox_jid_prepare(&twice, &again, &once, STOX_JID_NODEPREP, NULL), STOX_OK);
  if (!stox_jid_is_equal(&once, &twice)) {
    fail_msg("prepared twice is another: %.*s", (int)out.len, out.p);
  }
  assert_status(stox_jid_parse(&parsed, stox_buf_span(&out), NULL), STOX_OK);
  if (!stox_jid_is_equal(&once, &parsed)) {
    fail_msg("parsed is another: %.*s", (int)out.len, out.p);
  }
}

static void random_jids(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (size_t i = 0; i < ROUNDS; i++) {
    char rooms[3][256];
    stox_span parts[3];
    for (size_t k = 0; k < 3; k++) {
      stox_buf out;
      stox_buf_init(&out, rooms[k], sizeof rooms[k]);
      parts[k] = random_text(&out, &seed, k == 1 ? 4 : 8);
    }
    const stox_jid jid = {parts[0], parts[1], parts[2]};
    check_jid(&jid);
    const stox_jid room = {{NULL, 0}, parts[1], {NULL, 0}};
    check_jid(&room);
  }
}

/* A domain name goes from its Unicode form to ASCII and back, and the two forms agree on what is
 * one. */
static void domain_forms(void **state) {
  (void)state;
  uint64_t seed = 4;
  size_t accepted = 0;
  for (size_t i = 0; i < ROUNDS; i++) {
    char rooms[5][ROOM];
    stox_buf out[5];
    for (size_t k = 0; k < COUNT(out); k++) {
      stox_buf_init(&out[k], rooms[k], sizeof rooms[k]);
    }
    random_text(&out[0], &seed, 3);
    stox_buf_put_text(&out[0], i % 2 == 0 ? ".B" : "");
    const stox_span name = stox_buf_span(&out[0]);
    const int to_ascii = stox_idna(&out[1], name, STOX_IDNA_TO_ASCII, NULL);
    const int to_unicode = stox_idna(&out[2], name, STOX_IDNA_TO_UNICODE, NULL);
    assert_status(to_unicode, to_ascii);
    if (to_ascii == STOX_OK) {
      const stox_span ascii = stox_buf_span(&out[1]);
      const stox_span unicode = stox_buf_span(&out[2]);
      assert_int_equal(stox_text_is_ascii(ascii), 1);
      assert_status(stox_idna(&out[3], ascii, STOX_IDNA_TO_UNICODE, NULL), STOX_OK);
      assert_span_equal(stox_buf_span(&out[3]), unicode);
      assert_status(stox_idna(&out[4], unicode, STOX_IDNA_TO_ASCII, NULL), STOX_OK);
      assert_span_equal(stox_buf_span(&out[4]), ascii);
      accepted++;
    }
  }
  assert_true(accepted > ROUNDS / 20);
}

/* The rules of an ASCII name written down once more, plainly. 1 for a name, 0 otherwise. */
static int is_name(stox_span name) {
  size_t label = 0;
  int digits = 1;
  if (name.n > 1 && name.p[name.n - 1] == '.') {
    name.n--;
  }
  for (size_t i = 0; i <= name.n; i++) {
    const char c = i < name.n ? name.p[i] : '.';
    if (c == '.') {
      if (label == 0 || label > 63 || name.p[i - 1] == '-' || name.p[i - label] == '-') {
        return 0;
      }
      if (i == name.n) {
        return !digits;
      }
      label = 0;
      digits = 1;
      continue;
    }
    if (memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", c, 64) == NULL) {
      return 0;
    }
    digits = digits && c >= '0' && c <= '9';
    label++;
  }
  return 0;
}

static void ascii_names(void **state) {
  (void)state;
  static const char octets[] = "aZ09xn--..__b@/ [";
  uint64_t seed = 5;
  for (size_t i = 0; i < ROUNDS; i++) {
    char text[80];
    char room[80];
    const size_t n = 1 + test_random(&seed) % (i % 4 == 0 ? sizeof text : 20);
    for (size_t k = 0; k < n; k++) {
      const uint64_t r = test_random(&seed);
      text[k] = (r >> 8) % 8 == 0 ? octets[r % (sizeof octets - 1)] : (char)('a' + r % 26);
    }
    const stox_span name = {text, n};
    if (text[0] == '[' || memchr(text, 'x', n) != NULL) {
      continue; /* literals and A-labels have their own tests */
    }
    stox_buf out;
    stox_buf_init(&out, room, sizeof room);
    const int status = stox_idna(&out, name, STOX_IDNA_TO_UNICODE, NULL);
    if ((status == STOX_OK) != is_name(name)) {
      fail_msg("\"%.*s\": %s", (int)n, text, stox_status_name(status));
    }
    if (status == STOX_OK) {
      assert_true(
          stox_span_is_equal_nocase(stox_buf_span(&out), stox_span_slice(name, 0, out.len)));
      for (size_t k = 0; k < out.len; k++) {
        assert_true(room[k] < 'A' || room[k] > 'Z');
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ascii_pairs),  cmocka_unit_test(random_texts),
      cmocka_unit_test(random_ascii), cmocka_unit_test(idempotent_points),
      cmocka_unit_test(random_jids),  cmocka_unit_test(domain_forms),
      cmocka_unit_test(ascii_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
