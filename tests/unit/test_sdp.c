/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "stox/sdp.h"

#define HEAD "v=0\r\no=- 0 0 IN IP4 192.0.2.10\r\ns=-\r\n"
#define FULL                                                                                       \
  HEAD "i=info\r\nu=http://x/\r\ne=a@b\r\np=+1 2\r\nc=IN IP4 192.0.2.10\r\nb=AS:64\r\n"            \
       "t=0 0\r\nr=7d 1h 0\r\nz=0 0\r\nk=prompt\r\na=sendonly\r\na=setup:active\r\n"               \
       "m=audio 49170 RTP/AVP 0 97\r\na=rtpmap:97 opus/48000/2\r\na=x-foo:;=\x01\xFF\r\n"          \
       "m=message 7394 TCP/MSRP *\r\ni=chat\r\nc=IN IP6 ::1\r\na=recvonly\r\n"                     \
       "a=setup: passive\r\na=accept-types:text/plain\r\na=path:msrp://h:7394/2s;tcp\r\n"

typedef struct fixture {
  char room[1 << 15];
  stox_arena arena;
  stox_sdp sdp;
} fixture;

static fixture f;

static int parse(stox_span text, int lenient, stox_diag *diag) {
  stox_arena_init(&f.arena, f.room, sizeof f.room, 0, NULL);
  return stox_sdp_parse(&f.sdp, &f.arena, text, NULL, lenient, diag);
}

static void assert_written(const stox_sdp *sdp, stox_span want) {
  static char room[1 << 13];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sdp_write(&out, sdp), STOX_OK);
  assert_span_equal(stox_buf_span(&out), want);
}

/* "ID-6.3.2-08": attributes that nobody knows stay, octet for octet. */
static void test_identity(void **state) {
  (void)state;
  guard g = guard_copy(S(FULL));
  assert_status(parse(g.span, 0, NULL), STOX_OK);
  assert_int_equal(f.sdp.media_count, 2);
  assert_int_equal(f.sdp.n, 25);
  assert_int_equal(f.sdp.is_lenient, 0);
  assert_written(&f.sdp, S(FULL));
  char room[sizeof FULL];
  for (size_t cap = 0; cap < sizeof FULL; cap++) {
    stox_buf out;
    stox_buf_init(&out, room, cap);
    assert_status(stox_sdp_write(&out, &f.sdp), cap < sizeof FULL - 1 ? STOX_E_NOBUF : STOX_OK);
    assert_int_equal(out.len, sizeof FULL - 1);
  }
  guard_free(&g);
}

static void test_access(void **state) {
  (void)state;
  stox_sdp_media media;
  stox_sdp_connection connection;
  stox_sdp_attribute attribute;
  size_t cursor = 0;
  assert_status(parse(S(FULL), 0, NULL), STOX_OK);
  assert_status(stox_sdp_get_media(&media, &f.sdp, 1), STOX_OK);
  assert_int_equal(media.port, 7394);
  assert_status(stox_sdp_get_media(&media, &f.sdp, 2), STOX_E_NONE);
  assert_status(stox_sdp_get_media(&media, &f.sdp, STOX_SDP_SESSION), STOX_E_NONE);
  assert_status(stox_sdp_get_connection(&connection, &f.sdp, 0), STOX_OK);
  assert_span_equal(connection.address, S("192.0.2.10"));
  assert_status(stox_sdp_get_connection(&connection, &f.sdp, 1), STOX_OK);
  assert_span_equal(connection.address, S("::1"));
  assert_int_equal(stox_sdp_direction(&f.sdp, 0), STOX_SDP_SENDONLY);
  assert_int_equal(stox_sdp_direction(&f.sdp, 1), STOX_SDP_RECVONLY);
  assert_int_equal(stox_sdp_setup(&f.sdp, 0), STOX_SDP_SETUP_ACTIVE);
  assert_int_equal(stox_sdp_setup(&f.sdp, 1), STOX_SDP_SETUP_PASSIVE);
  assert_status(stox_sdp_next_attribute(&attribute, &f.sdp, 1, "path", &cursor), STOX_OK);
  assert_span_equal(attribute.value, S("msrp://h:7394/2s;tcp"));
  assert_status(stox_sdp_next_attribute(&attribute, &f.sdp, 1, "path", &cursor), STOX_E_NONE);
  cursor = 0;
  assert_status(stox_sdp_next_attribute(&attribute, &f.sdp, 1, "Path", &cursor), STOX_E_NONE);
  cursor = 0;
  assert_status(stox_sdp_next_attribute(&attribute, &f.sdp, 1, NULL, &cursor), STOX_OK);
  assert_span_equal(attribute.name, S("recvonly"));
  assert_null(attribute.value.p);
}

/* No a=setup, or one of an unknown value, is none. */
static void test_defaults(void **state) {
  (void)state;
  static const struct row {
    const char *attributes;
    int direction;
    int setup;
  } rows[] = {
      {"", STOX_SDP_SENDRECV, STOX_SDP_SETUP_NONE},
      {"a=sendrecv\r\na=setup:actpass\r\n", STOX_SDP_SENDRECV, STOX_SDP_SETUP_ACTPASS},
      {"a=inactive\r\na=setup:holdconn\r\n", STOX_SDP_INACTIVE, STOX_SDP_SETUP_HOLDCONN},
      {"a=Inactive\r\na=setup:x\r\n", STOX_SDP_SENDRECV, STOX_SDP_SETUP_NONE},
      {"a=inactive:x\r\na=setup\r\n", STOX_SDP_SENDRECV, STOX_SDP_SETUP_NONE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char text[256];
    const int n = snprintf(text, sizeof text, HEAD "c=IN IP4 h\r\nt=0 0\r\nm=audio 1 udp x\r\n%s",
                           rows[i].attributes);
    assert_status(parse((stox_span){text, (size_t)n}, 0, NULL), STOX_OK);
    assert_int_equal(stox_sdp_direction(&f.sdp, 0), rows[i].direction);
    assert_int_equal(stox_sdp_setup(&f.sdp, 0), rows[i].setup);
  }
}

/* "J-SDP-L-14": what only lenient accepts, and what it does not either. */
static void test_refused(void **state) {
  (void)state;
  static const struct row {
    stox_span text;
    int code;
    size_t offset;
    int lenient;
  } rows[] = {
      {ROW(""), STOX_E_MISSING, 0, STOX_OK},
      {ROW("v=0\r\n"), STOX_E_MISSING, 5, STOX_OK},
      {ROW("v=1\r\n"), STOX_E_BAD_BODY, 2, STOX_E_BAD_BODY},
      {ROW("v=0"), STOX_E_BAD_BODY, 3, STOX_OK},
      {ROW("v=0\n"), STOX_E_BAD_BODY, 3, STOX_OK},
      {ROW("v=0\r"), STOX_E_CTRL, 3, STOX_E_CTRL},
      {ROW("v=0\0\r\n"), STOX_E_CTRL, 3, STOX_E_CTRL},
      {ROW("v=0\rx\r\n"), STOX_E_CTRL, 3, STOX_E_CTRL},
      {ROW("v=0\r\nv=0\r\n"), STOX_E_BAD_BODY, 5, STOX_OK},
      {ROW("v=0\r\no=x\r\n"), STOX_E_BAD_BODY, 7, STOX_OK},
      {ROW("v=0\r\ns=-\r\no=- 0 0 IN IP4 h\r\n"), STOX_E_BAD_BODY, 10, STOX_OK},
      {ROW(HEAD "x=y\r\n"), STOX_E_BAD_BODY, 37, STOX_OK},
      {ROW(HEAD "\r\n"), STOX_E_BAD_BODY, 37, STOX_OK},
      {ROW(HEAD "nonsense\r\n"), STOX_E_BAD_BODY, 37, STOX_OK},
      {ROW(HEAD "t=0 0\r\nr=7d 1h 0\r\na=b\r\nr=7d 1h 0\r\n"), STOX_E_BAD_BODY, 60, STOX_OK},
      {ROW(HEAD "r=7d 1h 0\r\n"), STOX_E_BAD_BODY, 37, STOX_OK},
      {ROW(HEAD "t=0 0\r\na=:x\r\n"), STOX_E_BAD_BODY, 46, STOX_OK},
      {ROW(HEAD "t=0 0\r\na=x:\r\n"), STOX_E_BAD_BODY, 46, STOX_OK},
      {ROW(HEAD "t=0 0\r\nm=audio 1 udp\r\n"), STOX_E_BAD_BODY, 46, STOX_E_BAD_BODY},
      {ROW(HEAD "t=0 0\r\nm=audio 1 udp x\r\n"), STOX_E_MISSING, 61, STOX_OK},
      {ROW(HEAD "t=0 0\r\nm=audio 1 udp x\r\nt=0 0\r\n"), STOX_E_BAD_BODY, 61, STOX_OK},
      {ROW("m=message 7394 TCP/MSRP *\r\n"), STOX_E_MISSING, 27, STOX_OK},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    guard g = guard_copy(rows[i].text);
    stox_diag diag = {0};
    const int status = parse(g.span, 0, &diag);
    if (status != rows[i].code || diag.offset != rows[i].offset || diag.code != status) {
      fail_msg("row %zu: %s at %zu", i, stox_status_name(status), diag.offset);
    }
    const int lenient = parse(g.span, 1, NULL);
    if (lenient != rows[i].lenient) {
      fail_msg("row %zu: lenient %s", i, stox_status_name(lenient));
    }
    if (lenient == STOX_OK) {
      assert_int_equal(f.sdp.is_lenient, 1);
      assert_written(&f.sdp, rows[i].text);
    }
    guard_free(&g);
  }
}

static void test_every_truncation(void **state) {
  (void)state;
  for (size_t n = 0; n < sizeof FULL; n++) {
    guard g = guard_copy(stox_span_slice(S(FULL), 0, n));
    stox_diag diag = {0};
    const int status = parse(g.span, 0, &diag);
    assert_true(status == diag.code && diag.offset <= n);
    if (parse(g.span, 1, NULL) == STOX_OK) {
      assert_written(&f.sdp, g.span);
    }
    guard_free(&g);
  }
}

static void test_limits(void **state) {
  (void)state;
  stox_limits limits;
  assert_status(stox_limits_init(&limits, sizeof limits), STOX_OK);
  for (uint32_t n = 24; n <= 26; n++) {
    limits.sdp_lines = n;
    stox_arena_init(&f.arena, f.room, sizeof f.room, 0, NULL);
    assert_status(stox_sdp_parse(&f.sdp, &f.arena, S(FULL), &limits, 0, NULL),
                  n < 25 ? STOX_E_TOO_MANY : STOX_OK);
  }
  limits.size = 0;
  assert_status(stox_sdp_parse(&f.sdp, &f.arena, S(FULL), &limits, 0, NULL), STOX_E_ARG);
}

static const char origin[] = "- 0 0 IN IP4 192.0.2.20";
static const char connection[] = "IN IP4 192.0.2.20";

/* "ID-6.3.2-09", "J-SDP-L-10": every m= of the offer has its slot in the answer, port 0 in those
 * that nobody accepts. */
static void test_answer(void **state) {
  (void)state;
  stox_sdp answer;
  size_t at = 0;
  assert_status(parse(S(HEAD "c=IN IP4 h\r\nt=1 2\r\nm=audio 49170/2 RTP/AVP 0 8\r\na=mid:1\r\n"
                             "m=message 5060 sip/tcp *\r\n"),
                      0, NULL),
                STOX_OK);
  assert_status(stox_sdp_answer(&answer, &f.arena, &f.sdp, stox_span_text(origin),
                                stox_span_text(connection)),
                STOX_OK);
  assert_status(stox_sdp_find(&at, &answer, 1, 'm', 0), STOX_OK);
  assert_status(stox_sdp_set(&answer, at, S("message 5060 sip/tcp *")), STOX_OK);
  assert_status(stox_sdp_add(&answer, 1, 'a', S("sendrecv")), STOX_OK);
  assert_written(&answer, S("v=0\r\no=- 0 0 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\n"
                            "t=1 2\r\nm=audio 0 RTP/AVP 0 8\r\nm=message 5060 sip/tcp *\r\n"
                            "a=sendrecv\r\n"));
  assert_int_equal(answer.media_count, 2);
  assert_status(stox_sdp_answer(&answer, &f.arena, &f.sdp, S("x"), stox_span_text(connection)),
                STOX_E_BAD_BODY);
  assert_status(parse(S("m=audio  1  udp x\r\n"), 1, NULL), STOX_OK);
  assert_status(stox_sdp_answer(&answer, &f.arena, &f.sdp, stox_span_text(origin),
                                stox_span_text(connection)),
                STOX_OK);
  assert_written(&answer, S("v=0\r\no=- 0 0 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\n"
                            "t=0 0\r\nm=audio 0 udp x\r\n"));
}

/* "ID-6.3.2-10", "J-SDP-L-01": what OPTIONS and 488 carry. */
static void test_new(void **state) {
  (void)state;
  stox_sdp sdp;
  stox_arena_init(&f.arena, f.room, sizeof f.room, 0, NULL);
  assert_status(stox_sdp_new(&sdp, &f.arena, S("- 0 0 IN IP4 192.0.2.10"), S("IN IP4 192.0.2.10")),
                STOX_OK);
  assert_status(stox_sdp_add(&sdp, 0, 'm', S("message 5060 sip/tcp *")), STOX_OK);
  assert_written(&sdp, S("v=0\r\no=- 0 0 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\n"
                         "t=0 0\r\nm=message 5060 sip/tcp *\r\n"));
  assert_status(stox_sdp_add(&sdp, 0, 'm', S("audio 2 RTP/AVP 0")), STOX_OK);
  assert_status(stox_sdp_add(&sdp, 1, 'c', S("IN IP6 ::1")), STOX_OK);
  assert_written(&sdp, S("v=0\r\no=- 0 0 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\n"
                         "t=0 0\r\nm=message 5060 sip/tcp *\r\nm=audio 2 RTP/AVP 0\r\n"
                         "c=IN IP6 ::1\r\n"));
  assert_status(stox_sdp_new(&sdp, &f.arena, S(""), S("IN IP4 h")), STOX_E_BAD_BODY);
  assert_status(stox_sdp_new(&sdp, &f.arena, S("- 0 0 IN IP4 h"), S("h")), STOX_E_BAD_BODY);
}

/* "J-SDP-L-10": three slots in, three out; the slot of a removed one is taken again. */
static void test_slots(void **state) {
  (void)state;
  stox_sdp answer;
  stox_sdp_media media;
  size_t at = 0;
  assert_status(parse(S(HEAD "c=IN IP4 h\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\nm=image 2 udptl t38\r\n"
                             "m=application 3 TCP/BFCP *\r\n"),
                      0, NULL),
                STOX_OK);
  assert_status(stox_sdp_answer(&answer, &f.arena, &f.sdp, stox_span_text(origin),
                                stox_span_text(connection)),
                STOX_OK);
  assert_int_equal(answer.media_count, 3);
  static const char *const kinds[] = {"audio", "image", "application"};
  for (int i = 0; i < 3; i++) {
    assert_status(stox_sdp_get_media(&media, &answer, i), STOX_OK);
    assert_span_equal(media.media, stox_span_text(kinds[i]));
    assert_int_equal(media.port, 0);
  }
  assert_status(stox_sdp_find(&at, &answer, 1, 'm', 0), STOX_OK);
  assert_status(stox_sdp_remove(&answer, at), STOX_E_ARG);
  assert_status(stox_sdp_set(&answer, at, S("video 4 RTP/AVP 96")), STOX_OK);
  assert_status(stox_sdp_add(&answer, 1, 'a', S("content:slides")), STOX_OK);
  assert_int_equal(answer.media_count, 3);
  assert_status(stox_sdp_get_media(&media, &answer, 1), STOX_OK);
  assert_span_equal(media.media, S("video"));
  assert_status(stox_sdp_get_media(&media, &answer, 2), STOX_OK);
  assert_span_equal(media.media, S("application"));
}

/* "MS-6135-01": a=setup stands in each offer and answer; holdconn is never sent, and one that is
 * received counts as none. */
static void test_setup(void **state) {
  (void)state;
  enum {
    NONE = STOX_SDP_SETUP_NONE,
    ACTIVE = STOX_SDP_SETUP_ACTIVE,
    PASSIVE = STOX_SDP_SETUP_PASSIVE,
    ACTPASS = STOX_SDP_SETUP_ACTPASS,
    HOLDCONN = STOX_SDP_SETUP_HOLDCONN
  };
  static const struct row {
    int offered;
    int preferred;
    int answer;
  } rows[] = {
      {ACTIVE, ACTIVE, PASSIVE},   {ACTIVE, PASSIVE, PASSIVE},   {PASSIVE, ACTIVE, ACTIVE},
      {PASSIVE, PASSIVE, ACTIVE},  {ACTPASS, ACTIVE, ACTIVE},    {ACTPASS, PASSIVE, PASSIVE},
      {ACTPASS, NONE, ACTIVE},     {NONE, ACTIVE, PASSIVE},      {NONE, PASSIVE, PASSIVE},
      {HOLDCONN, ACTIVE, PASSIVE}, {HOLDCONN, PASSIVE, PASSIVE},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    assert_int_equal(stox_sdp_setup_answer(rows[i].offered, rows[i].preferred), rows[i].answer);
  }
  stox_sdp sdp;
  stox_arena_init(&f.arena, f.room, sizeof f.room, 0, NULL);
  assert_status(stox_sdp_new(&sdp, &f.arena, stox_span_text(origin), stox_span_text(connection)),
                STOX_OK);
  assert_status(stox_sdp_add(&sdp, 0, 'm', S("message 7394 TCP/MSRP *")), STOX_OK);
  assert_status(stox_sdp_set_setup(&sdp, 0, ACTPASS), STOX_OK);
  assert_int_equal(stox_sdp_setup(&sdp, 0), ACTPASS);
  assert_status(stox_sdp_set_setup(&sdp, 0, PASSIVE), STOX_OK);
  assert_status(stox_sdp_set_setup(&sdp, 0, HOLDCONN), STOX_E_ARG);
  assert_status(stox_sdp_set_setup(&sdp, 0, NONE), STOX_E_ARG);
  assert_status(stox_sdp_set_setup(&sdp, 1, ACTIVE), STOX_E_ARG);
  assert_written(&sdp, S("v=0\r\no=- 0 0 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\n"
                         "t=0 0\r\nm=message 7394 TCP/MSRP *\r\na=setup:passive\r\n"));
}

static void test_edits(void **state) {
  (void)state;
  size_t at = 0;
  assert_status(parse(S(HEAD "t=0 0\r\nm=audio 1 udp x\r\nc=IN IP4 h\r\na=b"), 1, NULL), STOX_OK);
  assert_status(stox_sdp_add(&f.sdp, 0, 'i', S("title")), STOX_OK);
  assert_status(stox_sdp_add(&f.sdp, 0, 'a', S("c")), STOX_OK);
  assert_status(stox_sdp_add(&f.sdp, STOX_SDP_SESSION, 'c', S("IN IP4 g")), STOX_OK);
  assert_status(stox_sdp_add(&f.sdp, STOX_SDP_SESSION, 'a', S("d:e")), STOX_OK);
  assert_status(stox_sdp_find(&at, &f.sdp, 0, 'a', 0), STOX_OK);
  assert_status(stox_sdp_remove(&f.sdp, at), STOX_OK);
  assert_status(stox_sdp_reject(&f.sdp, 0), STOX_OK);
  assert_written(&f.sdp, S(HEAD "c=IN IP4 g\r\nt=0 0\r\na=d:e\r\nm=audio 0 udp x\r\ni=title\r\n"
                                "c=IN IP4 h\r\na=c\r\n"));
}

static void test_edits_refused(void **state) {
  (void)state;
  assert_status(parse(S(HEAD "t=0 0\r\nnonsense\r\nm=audio 1 udp x\r\nc=IN IP4 h\r\nend"), 1, NULL),
                STOX_OK);
  static const struct row {
    int media;
    char type;
    stox_span value;
    int status;
  } rows[] = {
      {1, 'a', ROW("b"), STOX_E_ARG},
      {-2, 'a', ROW("b"), STOX_E_ARG},
      {0, 't', ROW("0 0"), STOX_E_ARG},
      {0, 'x', ROW("b"), STOX_E_ARG},
      {0, 'a', ROW("b\r\nm=x"), STOX_E_CTRL},
      {0, 'a', ROW("b\n"), STOX_E_CTRL},
      {0, 'a', ROW("b\0"), STOX_E_CTRL},
      {0, 'a', ROW(""), STOX_E_BAD_BODY},
      {0, 'a', ROW("b c"), STOX_E_BAD_BODY},
      {0, 'c', ROW("IN"), STOX_E_BAD_BODY},
      {0, 'b', ROW("AS"), STOX_E_BAD_BODY},
      {0, 'm', ROW("audio"), STOX_E_BAD_BODY},
      {-1, 't', ROW("0"), STOX_E_BAD_BODY},
      {-1, 'v', ROW("1"), STOX_E_BAD_BODY},
      {0, 'm', ROW("audio 1 udp x"), STOX_E_BAD_BODY}, /* the last line is open, and none */
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const int status = stox_sdp_add(&f.sdp, rows[i].media, rows[i].type, rows[i].value);
    if (status != rows[i].status) {
      fail_msg("row %zu: %s", i, stox_status_name(status));
    }
  }
  assert_status(stox_sdp_set(&f.sdp, 4, S("x")), STOX_E_ARG);
  assert_status(stox_sdp_set(&f.sdp, 8, S("x")), STOX_E_ARG);
  assert_status(stox_sdp_remove(&f.sdp, 5), STOX_E_ARG);
  assert_status(stox_sdp_remove(&f.sdp, 8), STOX_E_ARG);
  assert_status(stox_sdp_reject(&f.sdp, 1), STOX_E_ARG);
  assert_status(stox_sdp_reject(&f.sdp, STOX_SDP_SESSION), STOX_E_ARG);
  assert_written(&f.sdp, S(HEAD "t=0 0\r\nnonsense\r\nm=audio 1 udp x\r\nc=IN IP4 h\r\nend"));
}

/* Whatever the arena holds, a failure leaves the description as it was. */
static void test_every_arena(void **state) {
  (void)state;
  int is_whole = 0;
  for (size_t n = 0; n < 4096 && !is_whole; n += 8) {
    char small[4096];
    stox_sdp answer;
    stox_arena arena;
    stox_arena_init(&arena, small, n, 0, NULL);
    int status = stox_sdp_parse(&f.sdp, &arena, S(FULL), NULL, 0, NULL);
    if (status == STOX_OK) {
      status = stox_sdp_add(&f.sdp, 0, 'a', S("b"));
      if (status != STOX_OK) {
        assert_written(&f.sdp, S(FULL));
      }
    }
    if (status == STOX_OK) {
      status = stox_sdp_answer(&answer, &arena, &f.sdp, stox_span_text(origin),
                               stox_span_text(connection));
    }
    is_whole = status == STOX_OK;
    assert_true(is_whole || status == STOX_E_NOMEM);
  }
  assert_true(is_whole);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_identity),
      cmocka_unit_test(test_access),
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_every_truncation),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_answer),
      cmocka_unit_test(test_new),
      cmocka_unit_test(test_slots),
      cmocka_unit_test(test_setup),
      cmocka_unit_test(test_edits),
      cmocka_unit_test(test_edits_refused),
      cmocka_unit_test(test_every_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
