/* SPDX-License-Identifier: MIT */
#include "linear.h"

#include "stox/cpim.h"
#include "stox/multipart.h"
#include "stox/sdp.h"
#include "stox/status.h"

static stox_limits no_limits(void) {
  stox_limits limits;
  (void)stox_limits_init(&limits, sizeof limits);
  limits.body_parts = limits.body_fields = limits.body_line = UINT32_MAX / 2;
  limits.sdp_lines = UINT32_MAX / 2;
  return limits;
}

static const stox_media_type mixed = {{"multipart", 9}, {"mixed", 5}, {"boundary=b", 10}};

static int walk_body(stox_span text, int is_lenient) {
  stox_body_walk walk;
  stox_body_part part;
  const stox_limits limits = no_limits();
  int status = stox_body_walk_init(&walk, &mixed, text, &limits, is_lenient);
  while (status == STOX_OK) {
    status = stox_body_walk_next(&part, &walk, NULL);
  }
  return status;
}

static int body_strict(stox_span text) {
  return walk_body(text, 0);
}

static int body_lenient(stox_span text) {
  return walk_body(text, 1);
}

static int find_content(stox_span text) {
  stox_body_part part;
  const stox_limits limits = no_limits();
  return stox_body_find(&part, &mixed, text, stox_span_text("cid:none"), &limits, NULL);
}

static int write_body(stox_span text) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  return stox_multipart_write(&out, stox_span_text("------b"), &text, 1);
}

static int media_type(stox_span text) {
  stox_media_type type;
  stox_span value;
  const int status = stox_media_type_parse(&type, text, NULL);
  return status == STOX_OK ? stox_media_type_param(&value, &type, "none") : status;
}

static int ask_sdp(const stox_sdp *sdp, stox_arena *arena) {
  stox_sdp answer;
  stox_sdp_media media;
  stox_sdp_connection connection;
  stox_sdp_attribute attribute;
  for (int i = 0; i < sdp->media_count; i++) {
    size_t cursor = 0;
    if (stox_sdp_get_media(&media, sdp, i) != STOX_OK ||
        stox_sdp_get_connection(&connection, sdp, i) != STOX_OK) {
      return STOX_E_STATE;
    }
    (void)stox_sdp_direction(sdp, i);
    while (stox_sdp_next_attribute(&attribute, sdp, i, NULL, &cursor) == STOX_OK) {
    }
  }
  return stox_sdp_answer(&answer, arena, sdp, stox_span_text("- 1 1 IN IP4 192.0.2.1"),
                         stox_span_text("IN IP4 192.0.2.1"));
}

static int sdp(stox_span text) {
  stox_arena arena;
  stox_sdp description;
  const stox_limits limits = no_limits();
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  int status = stox_sdp_parse(&description, &arena, text, &limits, 1, NULL);
  if (status == STOX_OK) {
    status = ask_sdp(&description, &arena);
  }
  stox_arena_clear(&arena);
  return status;
}

static int cpim(stox_span text) {
  stox_cpim message;
  stox_cpim_field field;
  size_t cursor = 0;
  const stox_limits limits = no_limits();
  int status = stox_cpim_parse(&message, text, &limits, 0, NULL);
  while (status == STOX_OK) {
    status = stox_cpim_next(&field, &message, &cursor);
  }
  return status;
}

#define PART               "\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi"
#define INTO(outer, inner) "--" outer "\r\nContent-Type: multipart/mixed;boundary=" inner "\r\n\r\n"
#define SEVEN                                                                                      \
  INTO("b", "c") INTO("c", "d") INTO("d", "e") INTO("e", "f") INTO("f", "g") INTO("g", "h")
#define SDP   "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define MEDIA "m=audio 9 RTP/AVP 0\r\n"

const trap stox_linear_bodies[] = {
    {"parts", "", PART, "", "\r\n--b--", body_strict, STOX_E_NONE},
    {"false-boundaries", "--b\r\n\r\n", "\r\n--bb", "", "\r\n--b--", body_lenient, STOX_E_NONE},
    {"near-boundaries", "--b\r\n\r\n", "\r\n--a", "", "\r\n--b--", body_strict, STOX_E_NONE},
    {"no-close", "", PART, "\r\n", "", body_lenient, STOX_E_NONE},
    {"nested", SEVEN "--h\r\n\r\n", "\r\n--a", "", "\r\n--h--", body_lenient, STOX_E_NONE},
    {"part-fields", "--b\r\n", "X: a\r\n", "", "\r\n\r\n--b--", body_strict, STOX_E_NONE},
    {"contents", "", PART, "", "\r\n--b--", find_content, STOX_E_NONE},
    {"dashes", "", "-", "", "", write_body, STOX_E_NOBUF},
    {"media-params", "a/b", ";p" COUNTER "=1", "", "", media_type, STOX_E_NONE},
    {"sdp-attributes", SDP MEDIA, "a=x:1\r\n", "", "", sdp, STOX_OK},
    {"sdp-session", SDP, "a=x:1\r\n", "", MEDIA, sdp, STOX_OK},
    {"sdp-media", SDP, MEDIA "a=x:1\r\n", "", "", sdp, STOX_OK},
    {"sdp-formats", SDP "m=audio 9 RTP/AVP 0", " 1", "", "\r\n", sdp, STOX_OK},
    {"cpim", "", "X: a\r\n", "", "\r\n\r\nhi", cpim, STOX_E_NONE},
    {"cpim-params", "X:", ";p=a", "", " a\r\n\r\n\r\nhi", cpim, STOX_E_NONE},
};

const size_t stox_linear_bodies_count = sizeof stox_linear_bodies / sizeof stox_linear_bodies[0];
