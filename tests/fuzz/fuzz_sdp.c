/* SPDX-License-Identifier: MIT */
/* Octets as a description, strict and lenient: its lines make up the input, what is edited and
 * answered is written and parses again, and an answer has a slot for each m= of the offer. */
#include "script.h"

#include "stox/sdp.h"

enum { ROOM = 1 << 22, TEXT = 1 << 18 };

static char written[TEXT];

static void check_values(const stox_sdp *sdp) {
  stox_sdp_attribute attribute;
  stox_sdp_connection connection;
  stox_sdp_rtpmap map;
  stox_sdp_media media;
  stox_span a;
  stox_span b;
  for (int i = STOX_SDP_SESSION; i < sdp->media_count && i < 8; i++) {
    size_t cursor = 0;
    while (stox_sdp_next_attribute(&attribute, sdp, i, NULL, &cursor) == STOX_OK) {
      (void)stox_sdp_rtpmap_parse(&map, attribute.value);
      (void)stox_sdp_fmtp_parse(&a, &b, attribute.value);
    }
    (void)stox_sdp_get_connection(&connection, sdp, i);
    require(stox_sdp_direction(sdp, i) <= STOX_SDP_SENDRECV);
    require(stox_sdp_setup(sdp, i) <= STOX_SDP_SETUP_HOLDCONN);
    require(i < 0 || stox_sdp_get_media(&media, sdp, i) == STOX_OK);
    (void)(i < 0 ? 0 : stox_sdp_message_kind(&a, &media));
  }
}

static void check_answer(const stox_sdp *offer, stox_arena *arena) {
  stox_sdp answer;
  stox_sdp again;
  stox_buf out;
  stox_sdp_media media;
  require(stox_sdp_answer(&answer, arena, offer, stox_span_text("- 0 0 IN IP4 h"),
                          stox_span_text("IN IP4 h")) == STOX_OK);
  require(answer.media_count == offer->media_count);
  stox_buf_init(&out, written, sizeof written);
  require(stox_sdp_write(&out, &answer) == STOX_OK);
  require(stox_sdp_parse(&again, arena, stox_buf_span(&out), NULL, 0, NULL) == STOX_OK);
  require(again.media_count == offer->media_count);
  for (int i = 0; i < again.media_count && i < 8; i++) {
    require(stox_sdp_get_media(&media, &again, i) == STOX_OK && media.port == 0);
  }
}

static void check_edits(stox_sdp *sdp, stox_arena *arena, int lenient) {
  stox_sdp again;
  stox_buf out;
  const size_t n = sdp->n;
  const int last = sdp->media_count - 1;
  if (stox_sdp_add(sdp, last, 'a', stox_span_text("x:y")) == STOX_OK) {
    require(sdp->n == n + 1);
  }
  if (last >= 0) {
    require(stox_sdp_reject(sdp, last) == STOX_OK);
  }
  stox_buf_init(&out, written, sizeof written);
  require(stox_sdp_write(&out, sdp) == STOX_OK);
  require(stox_sdp_parse(&again, arena, stox_buf_span(&out), NULL, lenient, NULL) == STOX_OK);
  require(again.n == sdp->n && again.media_count == sdp->media_count);
}

static void run(stox_span bytes, int lenient) {
  stox_arena arena;
  stox_sdp sdp;
  stox_diag diag = {0};
  stox_buf out;
  stox_arena_init(&arena, NULL, 0, ROOM, stox_allocator_libc());
  const int status = stox_sdp_parse(&sdp, &arena, bytes, NULL, lenient, &diag);
  require(status == diag.code && diag.offset <= bytes.n);
  if (status == STOX_OK) {
    require(lenient || !sdp.is_lenient);
    stox_buf_init(&out, written, sizeof written);
    require(stox_sdp_write(&out, &sdp) == STOX_OK);
    require(stox_span_is_equal(stox_buf_span(&out), bytes));
    check_values(&sdp);
    check_answer(&sdp, &arena);
    check_edits(&sdp, &arena, lenient);
  }
  stox_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < TEXT / 4) {
    run((stox_span){(const char *)data, size}, 0);
    run((stox_span){(const char *)data, size}, 1);
  }
  return 0;
}
