/* SPDX-License-Identifier: MIT */
/* Random edits of random descriptions: what is written parses strictly, line for line the same, and
 * its answer has the same sections. */
#include "support.h"

#include "stox/sdp.h"

enum { ROUNDS = 3000, EDITS_MOST = 24 };

typedef struct choice {
  char type;
  const char *value;
} choice;

static const choice choices[] = {
    {'i', "info"},
    {'c', "IN IP4 192.0.2.1"},
    {'c', "IN IP6 ::1"},
    {'b', "AS:64"},
    {'k', "prompt"},
    {'a', "sendonly"},
    {'a', "setup:passive"},
    {'a', "x: \xC3\xA9"},
    {'a', "rtpmap:97 opus/48000/2"},
    {'u', "http://x/"},
    {'e', "a@b"},
    {'p', "+1 2"},
    {'t', "1 2"},
    {'z', "0 0"},
    {'m', "audio 1/2 RTP/AVP 0 97"},
    {'m', "message 2855 TCP/MSRP *"},
};

static int is_free(const stox_sdp *sdp, int media, char type) {
  static const stox_span once = {"iuzk", 4};
  size_t at = 0;
  return stox_span_find(once, type) == once.n ||
         stox_sdp_find(&at, sdp, media, type, 0) == STOX_E_NONE;
}

static void edit(stox_sdp *sdp, uint64_t *seed) {
  const choice *c = &choices[test_random(seed) % COUNT(choices)];
  const int media = (int)(test_random(seed) % (uint64_t)(sdp->media_count + 1)) - 1;
  const stox_span value = stox_span_text(c->value);
  switch (test_random(seed) % 6) {
  case 0: {
    const size_t at = (size_t)(test_random(seed) % sdp->n);
    if (sdp->lines[at].type == 'a') {
      assert_status(stox_sdp_remove(sdp, at), STOX_OK);
    }
    break;
  }
  case 1:
    assert_status(stox_sdp_reject(sdp, media), media < 0 ? STOX_E_ARG : STOX_OK);
    break;
  default:
    if (is_free(sdp, media, c->type)) {
      const int status = stox_sdp_add(sdp, media, c->type, value);
      assert_true(status == STOX_OK || status == STOX_E_ARG);
    }
  }
}

static void check(const stox_sdp *sdp, stox_arena *arena) {
  static char room[1 << 13];
  stox_buf out;
  stox_sdp again;
  stox_sdp answer;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sdp_write(&out, sdp), STOX_OK);
  assert_status(stox_sdp_parse(&again, arena, stox_buf_span(&out), NULL, 0, NULL), STOX_OK);
  assert_int_equal(again.n, sdp->n);
  for (size_t i = 0; i < sdp->n; i++) {
    assert_span_equal(again.lines[i].value, sdp->lines[i].value);
    assert_int_equal(again.lines[i].type, sdp->lines[i].type);
    assert_int_equal(again.lines[i].media, sdp->lines[i].media);
  }
  assert_status(stox_sdp_answer(&answer, arena, sdp, S("- 1 1 IN IP4 h"), S("IN IP4 h")), STOX_OK);
  assert_int_equal(answer.media_count, sdp->media_count);
  for (int i = 0; i < sdp->media_count; i++) {
    stox_sdp_media offered;
    stox_sdp_media answered;
    assert_status(stox_sdp_get_media(&offered, sdp, i), STOX_OK);
    assert_status(stox_sdp_get_media(&answered, &answer, i), STOX_OK);
    assert_int_equal(answered.port, 0);
    assert_span_equal(answered.proto, offered.proto);
    assert_span_equal(answered.formats, offered.formats);
  }
}

static void test_edits(void **state) {
  (void)state;
  static char room[1 << 16];
  uint64_t seed = UINT64_C(0x8866);
  for (int round = 0; round < ROUNDS; round++) {
    stox_arena arena;
    stox_sdp sdp;
    stox_arena_init(&arena, room, sizeof room, 0, NULL);
    assert_status(stox_sdp_new(&sdp, &arena, S("- 0 0 IN IP4 h"), S("IN IP4 h")), STOX_OK);
    for (uint64_t n = test_random(&seed) % EDITS_MOST; n > 0; n--) {
      edit(&sdp, &seed);
    }
    check(&sdp, &arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_edits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
