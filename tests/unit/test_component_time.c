/* SPDX-License-Identifier: MIT */
/* When a component session tries again, says that it lives, and gives up. */
#include "support.h"

#include "stox/component.h"

#define SECOND UINT64_C(1000000000)
#define HEADER                                                                                     \
  "<stream:stream xmlns='jabber:component:accept' "                                                \
  "xmlns:stream='http://etherx.jabber.org/streams' from='sip.example' id='3'>"

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)(test_random(ud) >> 32);
  }
  return STOX_OK;
}

typedef struct fixture {
  stox_component *session;
  uint64_t seed;
  stox_random random;
  uint64_t now_ns;
  int lost;     /* why it was lost; 0: it was not */
  int is_ready; /* what was told */
  int is_stopped;
  char sent[4096];
  size_t sent_n;
} fixture;

static const stox_flow flow = {.handle = 7, .remote = {{"127.0.0.1", 9}, 5347, STOX_TRANSPORT_TCP}};

static void make(fixture *f, uint64_t seed) {
  stox_component_options o;
  *f = (fixture){.seed = seed};
  f->random = (stox_random){sizeof f->random, &f->seed, fill};
  (void)stox_component_options_init(&o, sizeof o);
  o.domain = S("sip.example");
  o.secret = S("secret");
  o.remote = flow.remote;
  o.random = &f->random;
  assert_status(stox_component_new(&f->session, &o, 0), STOX_OK);
}

/* Pulls all it wants; an attempt to connect ends as `connects` says. */
static void pull(fixture *f, int connects) {
  const stox_action *a = NULL;
  f->sent_n = 0;
  while ((a = stox_component_next(f->session, f->now_ns)) != NULL) {
    if (a->kind == STOX_DO_OPEN) {
      assert_status(stox_component_done(f->session, a->token, connects ? STOX_OK : STOX_E_REFUSED,
                                        connects ? &flow : NULL, f->now_ns),
                    STOX_OK);
    } else if (a->kind == STOX_DO_SEND) {
      assert_true(f->sent_n + a->bytes.n < sizeof f->sent);
      memcpy(f->sent + f->sent_n, a->bytes.p, a->bytes.n);
      f->sent_n += a->bytes.n;
    } else if (a->kind == STOX_DO_EVENT) {
      f->lost = a->event == STOX_COMPONENT_LOST ? a->status : f->lost;
      f->is_ready |= a->event == STOX_COMPONENT_READY;
      f->is_stopped |= a->event == STOX_COMPONENT_STOPPED;
    }
  }
}

static void hear(fixture *f, const char *text) {
  assert_status(stox_component_feed(f->session, &flow, stox_span_text(text), f->now_ns), STOX_OK);
  pull(f, 1);
}

static void wait_for_deadline(fixture *f, int connects) {
  f->now_ns = stox_component_deadline(f->session);
  assert_int_not_equal(f->now_ns, UINT64_MAX);
  assert_status(stox_component_tick(f->session, f->now_ns), STOX_OK);
  pull(f, connects);
}

/* Each pause is drawn between a quarter of its ceiling and all of it; the ceiling doubles up to the
 * longest, and begins again after a stream that worked. */
static void test_pauses(void **state) {
  (void)state;
  static const uint64_t ceilings_s[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
  uint64_t least[COUNT(ceilings_s)];
  uint64_t most[COUNT(ceilings_s)] = {0};
  memset(least, 0xFF, sizeof least);
  for (uint64_t seed = 1; seed <= 200; seed++) {
    fixture f;
    make(&f, seed);
    pull(&f, 0);
    for (size_t i = 0; i < COUNT(ceilings_s); i++) {
      const uint64_t pause = stox_component_deadline(f.session) - f.now_ns;
      assert_in_range(pause, ceilings_s[i] * SECOND / 4, ceilings_s[i] * SECOND);
      least[i] = pause < least[i] ? pause : least[i];
      most[i] = pause > most[i] ? pause : most[i];
      wait_for_deadline(&f, i + 1 == COUNT(ceilings_s));
    }
    hear(&f, HEADER "<handshake/>");
    assert_true(f.is_ready);
    assert_status(stox_component_feed(f.session, &flow, S(""), f.now_ns), STOX_OK);
    assert_in_range(stox_component_deadline(f.session) - f.now_ns, SECOND / 4, SECOND);
    stox_component_del(f.session);
  }
  for (size_t i = 0; i < COUNT(ceilings_s); i++) {
    assert_true(least[i] < ceilings_s[i] * SECOND * 3 / 10);
    assert_true(most[i] > ceilings_s[i] * SECOND * 9 / 10);
  }
}

/* An idle stream carries a space now and then, so that nothing between forgets it. */
static void test_keepalive(void **state) {
  (void)state;
  stox_component_options o;
  fixture f;
  (void)stox_component_options_init(&o, sizeof o);
  make(&f, 1);
  pull(&f, 1);
  hear(&f, HEADER "<handshake/>");
  for (int i = 0; i < 3; i++) {
    const uint64_t before = f.now_ns;
    wait_for_deadline(&f, 1);
    assert_int_equal(f.now_ns - before, o.keepalive_ns);
    assert_int_equal(f.sent_n, 1);
    assert_int_equal(f.sent[0], ' ');
  }
  stox_component_del(f.session);
}

/* What a server says before it has taken the handshake. */
static void test_streams_that_begin_badly(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int lost;
  } rows[] = {
      {"<stream:stream xmlns='jabber:component:accept' "
       "xmlns:stream='http://etherx.jabber.org/streams' from='sip.example'>",
       STOX_E_BAD_XML},
      {"<stream:stream xmlns='jabber:component:accept' xmlns:stream='other' id='3'>",
       STOX_E_BAD_XML},
      {"<stream xmlns='jabber:component:accept' id='3'>", STOX_E_BAD_XML},
      {HEADER "<message from='a@b' to='c@sip.example'><body>x</body></message>", STOX_E_STATE},
      {HEADER "<handshake xmlns='other'/>", STOX_E_STATE},
      {HEADER "</stream:stream>", STOX_E_REFUSED},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    fixture f;
    make(&f, 1);
    pull(&f, 1);
    hear(&f, rows[i].text);
    assert_status(f.lost, rows[i].lost);
    assert_false(f.is_ready);
    stox_component_del(f.session);
  }
}

/* Ours is the first end tag; a server that answers none is waited for a second. */
static void test_stop_at_a_silent_server(void **state) {
  (void)state;
  fixture f;
  make(&f, 1);
  pull(&f, 1);
  hear(&f, HEADER "<handshake/>");
  assert_status(stox_component_stop(f.session, f.now_ns), STOX_OK);
  pull(&f, 1);
  assert_span_equal(((stox_span){f.sent, f.sent_n}), S("</stream:stream>"));
  assert_false(f.is_stopped);
  const uint64_t before = f.now_ns;
  wait_for_deadline(&f, 1);
  assert_int_equal(f.now_ns - before, SECOND);
  assert_true(f.is_stopped);
  assert_int_equal(stox_component_deadline(f.session), UINT64_MAX);
  stox_component_del(f.session);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pauses),
      cmocka_unit_test(test_keepalive),
      cmocka_unit_test(test_streams_that_begin_badly),
      cmocka_unit_test(test_stop_at_a_silent_server),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
