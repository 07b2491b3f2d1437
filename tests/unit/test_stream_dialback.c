/* SPDX-License-Identifier: MIT */
#include "stream_end.h"

#include "stox/dialback.h"

/* Dialback between four ends of two flows: who originates, who receives and asks back, and who
 * answers for the originating domain. */

static const stox_span secret = {"s3cr3tf0rd14lb4ck", 17};

typedef struct play {
  end originating;
  end receiving;
  end asking; /* of the receiving server, towards the authoritative one */
  end authoritative;
  char key[128];
  char id[64];
  int knows;   /* 1: the authoritative server has the same secret */
  int has_key; /* the receiving server has to ask */
} play;

static void put_dialback(end *e, const stox_dialback *dialback) {
  char room[512];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_dialback_write(&out, dialback), STOX_OK);
  assert_status(stox_stream_put(e->stream, stox_buf_span(&out), 0), STOX_OK);
}

/* The element of an event, in `room`. */
static stox_dialback dialback_of(const stox_action *a, stox_arena *arena, char *room, size_t n) {
  stox_dialback dialback;
  stox_arena_init(arena, room, n, 0, NULL);
  assert_status(stox_dialback_read(&dialback, arena, a->object), STOX_OK);
  return dialback;
}

static int originate(end *e, const stox_action *a) {
  char room[512];
  stox_arena arena;
  if (a->event == STOX_STREAM_ON_FEATURES) {
    char key[128];
    stox_buf out;
    stox_buf_init(&out, key, sizeof key);
    assert_status(stox_dialback_key_make(&out, secret, S("b.example"), S("a.example"),
                                         stox_stream_id(e->stream)),
                  STOX_OK);
    const stox_dialback request = {.kind = STOX_DIALBACK_RESULT,
                                   .from = S("a.example"),
                                   .to = S("b.example"),
                                   .key = stox_buf_span(&out)};
    put_dialback(e, &request);
    return 1;
  }
  if (a->event == STOX_STREAM_ON_DIALBACK &&
      dialback_of(a, &arena, room, sizeof room).type == STOX_DIALBACK_VALID) {
    const stox_span none = {NULL, 0};
    assert_status(stox_stream_authenticate(e->stream, none, STOX_STREAM_BY_DIALBACK, 0), STOX_OK);
  }
  return a->event == STOX_STREAM_ON_DIALBACK;
}

static int receive(end *e, const stox_action *a) {
  char room[512];
  stox_arena arena;
  play *p = e->ud;
  if (a->event != STOX_STREAM_ON_DIALBACK) {
    return 0;
  }
  const stox_dialback request = dialback_of(a, &arena, room, sizeof room);
  const stox_span id = stox_stream_id(e->stream);
  assert_int_equal(request.type, STOX_DIALBACK_REQUEST);
  (void)snprintf(p->key, sizeof p->key, "%.*s", (int)request.key.n, request.key.p);
  (void)snprintf(p->id, sizeof p->id, "%.*s", (int)id.n, id.p);
  p->has_key = 1;
  stox_stream_verifying(e->stream, 1);
  return 1;
}

static int ask(end *e, const stox_action *a) {
  char room[512];
  stox_arena arena;
  play *p = e->ud;
  if (a->event == STOX_STREAM_ON_FEATURES) {
    const stox_dialback request = {.kind = STOX_DIALBACK_VERIFY,
                                   .from = S("b.example"),
                                   .to = S("a.example"),
                                   .id = stox_span_text(p->id),
                                   .key = stox_span_text(p->key)};
    put_dialback(e, &request);
    return 1;
  }
  if (a->event != STOX_STREAM_ON_DIALBACK) {
    return 0;
  }
  const stox_dialback verdict = dialback_of(a, &arena, room, sizeof room);
  const stox_dialback result = {.kind = STOX_DIALBACK_RESULT,
                                .type = verdict.type,
                                .from = S("b.example"),
                                .to = S("a.example")};
  assert_span_equal(verdict.id, stox_span_text(p->id));
  put_dialback(&p->receiving, &result);
  if (verdict.type == STOX_DIALBACK_VALID) {
    assert_status(
        stox_stream_authenticate(p->receiving.stream, S("a.example"), STOX_STREAM_BY_DIALBACK, 0),
        STOX_OK);
  } else {
    assert_status(stox_stream_close(p->receiving.stream, 0), STOX_OK);
  }
  return 1;
}

static int judge(end *e, const stox_action *a) {
  char room[512];
  stox_arena arena;
  const play *p = e->ud;
  if (a->event != STOX_STREAM_ON_DIALBACK) {
    return 0;
  }
  const stox_dialback request = dialback_of(a, &arena, room, sizeof room);
  const int status = stox_dialback_key_check(request.key, p->knows ? secret : S("other"),
                                             request.from, request.to, request.id);
  const stox_dialback verdict = {.kind = STOX_DIALBACK_VERIFY,
                                 .type = status == STOX_OK ? STOX_DIALBACK_VALID
                                                           : STOX_DIALBACK_INVALID,
                                 .from = request.to,
                                 .to = request.from,
                                 .id = request.id};
  put_dialback(e, &verdict);
  return 1;
}

static void make_end(play *p, end *e, int role, int (*hook)(end *e, const stox_action *a)) {
  end_init(e, role, STOX_STREAM_SERVER);
  e->hook = hook;
  e->ud = p;
  e->offered = STOX_FEATURE_DIALBACK_ERRORS;
  if (hook == ask) {
    e->options.to = S("a.example");
    e->options.from = S("b.example");
  }
  assert_status(end_make(e), STOX_OK);
}

/* The order of events of the draft's 8.2: "XC-8.2-01" "XC-8.2-02" "XC-8.2-03" "XC-8.2-04"
 * "XC-8.2-05" "XC-8.2-06". */
static void run_play(play *p, int knows, size_t n) {
  memset(p, 0, sizeof *p);
  p->knows = knows;
  make_end(p, &p->originating, STOX_STREAM_INITIATING, originate);
  make_end(p, &p->receiving, STOX_STREAM_RECEIVING, receive);
  make_end(p, &p->asking, STOX_STREAM_INITIATING, ask);
  make_end(p, &p->authoritative, STOX_STREAM_RECEIVING, judge);
  end_run(&p->originating, &p->receiving, n);
  assert_int_equal(p->has_key, 1);
  assert_string_equal(p->originating.log, "HF");
  assert_span_equal(stox_stream_id(p->originating.stream), stox_span_text(p->id));
  end_run(&p->asking, &p->authoritative, n);
  end_run(&p->originating, &p->receiving, n);
}

static void end_play(play *p) {
  end_free(&p->originating);
  end_free(&p->receiving);
  end_free(&p->asking);
  end_free(&p->authoritative);
}

static void test_valid(void **state) {
  (void)state;
  for (size_t n = 0; n < 4; n++) {
    static play p;
    run_play(&p, 1, n);
    assert_string_equal(p.originating.log, "HFDR");
    assert_string_equal(p.receiving.log, "HDR");
    assert_string_equal(p.asking.log, "HFD");
    assert_string_equal(p.authoritative.log, "HD");
    assert_status(stox_stream_send(p.originating.stream,
                                   S("<message id='1' from='x@a.example' to='y@b.example'/>")),
                  STOX_OK);
    end_run(&p.originating, &p.receiving, n);
    assert_string_equal(p.receiving.text, "1");
    end_play(&p);
  }
}

/* "XC-8.3-26" */
static void test_invalid(void **state) {
  (void)state;
  for (size_t n = 0; n < 4; n++) {
    static play p;
    run_play(&p, 0, n);
    assert_string_equal(p.originating.log, "HFDCZ");
    assert_string_equal(p.receiving.log, "HDCZ");
    assert_span_equal(stox_stream_identities(p.receiving.stream), S(""));
    end_play(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_valid),
      cmocka_unit_test(test_invalid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
