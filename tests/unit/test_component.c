/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "fake_xmpp.h"

#include "stox/component.h"
#include "stox/loopback.h"

#define SECOND UINT64_C(1000000000)
#define SERVER ((stox_endpoint){S("127.0.0.1"), 5347, STOX_TRANSPORT_TCP})
#define CLIENT ((stox_endpoint){S("127.0.0.1"), 1, STOX_TRANSPORT_TCP})

/* A session as an engine, with what it told. */
typedef struct client {
  stox_component *session;
  stox_engine engine;
  uint64_t now_ns;
  int ready;
  int lost;
  int lost_status;
  int stopped;
  size_t stanzas;
  char last_id[64];
} client;

static int fill(void *ud, void *p, size_t n) {
  uint64_t *seed = ud;
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)test_random(seed);
  }
  return STOX_OK;
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  client *c = engine;
  c->now_ns = now_ns;
  return stox_component_feed(c->session, flow, bytes, now_ns);
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  client *c = engine;
  c->now_ns = now_ns;
  return token == 0 ? STOX_OK : stox_component_done(c->session, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_component_hold(((client *)engine)->session, handle, full, now_ns);
}

static const stox_action *next(void *engine) {
  client *c = engine;
  const stox_action *action = NULL;
  while ((action = stox_component_next(c->session, c->now_ns)) != NULL &&
         action->kind == STOX_DO_EVENT) {
    c->ready += action->event == STOX_COMPONENT_READY;
    c->stopped += action->event == STOX_COMPONENT_STOPPED;
    if (action->event == STOX_COMPONENT_LOST) {
      c->lost++;
      c->lost_status = action->status;
    } else if (action->event == STOX_COMPONENT_STANZA) {
      const stox_stanza *stanza = action->object;
      c->stanzas++;
      snprintf(c->last_id, sizeof c->last_id, "%.*s", (int)stanza->id.n, stanza->id.p);
    }
  }
  return action;
}

static uint64_t deadline(const void *engine) {
  return stox_component_deadline(((const client *)engine)->session);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  client *c = engine;
  (void)wall_s;
  c->now_ns = now_ns;
  return stox_component_tick(c->session, now_ns);
}

typedef struct fixture {
  stox_loopback *net;
  fake_xmpp *server;
  client client;
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  uint64_t now_ns;
} fixture;

static int make(fixture *f, const char *secret, uint32_t segment, size_t fail_at) {
  stox_loopback_options options;
  stox_component_options o;
  memset(f, 0, sizeof *f);
  f->seed = 42;
  f->random = (stox_random){sizeof f->random, &f->seed, fill};
  f->memory.fail_at = fail_at;
  f->alloc = failing_allocator(&f->memory);
  f->server = malloc(sizeof *f->server);
  assert_non_null(f->server);
  fake_xmpp_init(f->server, "secret");
  (void)stox_loopback_options_init(&options, sizeof options);
  options.segment = segment;
  assert_status(stox_loopback_new(&f->net, &options), STOX_OK);
  (void)stox_component_options_init(&o, sizeof o);
  o.domain = S("sip.example");
  o.secret = stox_span_text(secret);
  o.remote = SERVER;
  o.alloc = &f->alloc;
  o.random = &f->random;
  const int status = stox_component_new(&f->client.session, &o, 0);
  if (status != STOX_OK) {
    return status;
  }
  f->client.engine = (stox_engine){.size = sizeof(stox_engine),
                                   .engine = &f->client,
                                   .feed = feed,
                                   .done = done,
                                   .hold = hold,
                                   .next = next,
                                   .deadline = deadline,
                                   .tick = tick};
  assert_status(stox_loopback_join(f->net, &f->client.engine, &CLIENT), STOX_OK);
  return STOX_OK;
}

static void serve(fixture *f) {
  assert_status(stox_loopback_join(f->net, &f->server->engine, &SERVER), STOX_OK);
}

static void run(fixture *f, uint64_t ns) {
  assert_status(stox_loopback_run(f->net, &f->now_ns, f->now_ns + ns), STOX_OK);
}

static void end(fixture *f) {
  stox_loopback_del(f->net);
  stox_component_del(f->client.session);
  fake_xmpp_clear(f->server);
  free(f->server);
  assert_int_equal(f->memory.live, 0);
}

static void test_handshake_and_stanzas(void **state) {
  (void)state;
  for (uint32_t segment = 0; segment < 4; segment++) {
    fixture f;
    assert_status(make(&f, "secret", segment, 0), STOX_OK);
    serve(&f);
    run(&f, SECOND);
    assert_int_equal(f.client.ready, 1);
    assert_true(stox_component_is_ready(f.client.session));
    assert_status(
        stox_component_send(f.client.session, S("<message from='a@sip.example' to='b@xmpp.example' "
                                                "id='1'><body>x</body></message>")),
        STOX_OK);
    fake_xmpp_say(f.server, "<message id='m1' to='a@sip.example'/> <presence id='p2'/>"
                            "<iq id='i3' type='get'><q xmlns='u'/></iq>");
    run(&f, SECOND);
    assert_int_equal(f.server->n_stanzas, 1);
    assert_int_equal(f.client.stanzas, 3);
    assert_string_equal(f.client.last_id, "i3");
    end(&f);
  }
}

/* A stanza past the limit of attributes costs its sender that stanza, and nobody the stream. */
static void test_refused_stanza(void **state) {
  (void)state;
  char text[4096] = "<message from='b@xmpp.example' id='m1' to='a@sip.example'><x";
  fixture f;
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  serve(&f);
  run(&f, SECOND);
  size_t n = strlen(text);
  for (int i = 0; i < 65; i++) {
    n += (size_t)snprintf(text + n, sizeof text - n, " a%d=''", i);
  }
  (void)snprintf(text + n, sizeof text - n, "/></message>");
  fake_xmpp_say(f.server, text);
  memcpy(text, "<message type='error'         ", 30);
  fake_xmpp_say(f.server, text);
  fake_xmpp_say(f.server, "<presence id='p2'/>");
  run(&f, SECOND);
  assert_int_equal(f.client.stanzas, 1);
  assert_string_equal(f.client.last_id, "p2");
  assert_int_equal(f.server->n_stanzas, 1);
  assert_int_equal(fake_xmpp_count(f.server, "type='error'"), 1);
  assert_int_equal(fake_xmpp_count(f.server, "to='b@xmpp.example'"), 1);
  assert_int_equal(fake_xmpp_count(f.server, "<policy-violation "), 1);
  assert_int_equal(f.server->n_streams, 1);
  end(&f);
}

static void test_wrong_secret_backs_off(void **state) {
  (void)state;
  fixture f;
  assert_status(make(&f, "wrong", 0, 0), STOX_OK);
  serve(&f);
  run(&f, 600 * SECOND);
  assert_int_equal(f.client.ready, 0);
  assert_int_equal(f.client.lost_status, STOX_E_AUTH);
  /* 1, 2, 4 … 60 s, each jittered down to a quarter: between 12 and 60 attempts in ten minutes. */
  assert_in_range(f.client.lost, 12, 60);
  end(&f);
}

static void test_comes_back(void **state) {
  (void)state;
  fixture f;
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  run(&f, 3 * SECOND); /* nobody listens */
  assert_true(f.client.lost > 0);
  assert_int_equal(f.client.lost_status, STOX_E_REFUSED);
  serve(&f);
  run(&f, 20 * SECOND);
  assert_int_equal(f.client.ready, 1);
  assert_status(stox_loopback_cut(f.net, &SERVER, f.now_ns), STOX_OK);
  run(&f, 1);
  assert_false(stox_component_is_ready(f.client.session));
  assert_status(stox_component_send(f.client.session, S("<a/>")), STOX_E_STATE);
  run(&f, 2 * SECOND);
  assert_int_equal(f.client.ready, 2);
  end(&f);
}

static void test_stream_errors(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int status;
  } rows[] = {
      {"</stream:stream>", STOX_E_NONE},
      {"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
       STOX_E_REFUSED},
      {"<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
       STOX_E_UNKNOWN_DOMAIN},
      {"<stream:error/>", STOX_E_STATE},
      {"<message></iq>", STOX_E_BAD_XML},
      {"<!-- x -->", STOX_E_RESTRICTED_XML},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    fixture f;
    assert_status(make(&f, "secret", 0, 0), STOX_OK);
    serve(&f);
    run(&f, SECOND);
    fake_xmpp_say(f.server, rows[i].text);
    run(&f, 1);
    assert_int_equal(f.client.lost, 1);
    assert_status(f.client.lost_status, rows[i].status);
    assert_int_equal(f.server->n_ends, i == 0 ? 1 : 0);
    run(&f, 5 * SECOND);
    assert_int_equal(f.client.ready, 2);
    end(&f);
  }
}

static void test_keepalive_and_hold(void **state) {
  (void)state;
  fixture f;
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  serve(&f);
  run(&f, SECOND);
  assert_status(stox_loopback_hold(f.net, &SERVER, 1, f.now_ns), STOX_OK);
  assert_status(stox_component_send(f.client.session, S("<message id='h'/>")), STOX_OK);
  run(&f, SECOND);
  assert_int_equal(stox_component_waiting(f.client.session), 17);
  assert_status(stox_loopback_hold(f.net, &SERVER, 0, f.now_ns), STOX_OK);
  run(&f, SECOND);
  assert_int_equal(f.server->n_stanzas, 1);
  run(&f, 200 * SECOND); /* white space passes the fake server's reader as an event */
  assert_int_equal(f.client.lost, 0);
  end(&f);
}

static void test_stop(void **state) {
  (void)state;
  fixture f;
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  serve(&f);
  run(&f, SECOND);
  assert_status(stox_component_stop(f.client.session, f.now_ns), STOX_OK);
  run(&f, 2 * SECOND);
  assert_int_equal(f.client.stopped, 1);
  assert_int_equal(f.client.lost, 0);
  run(&f, 100 * SECOND);
  assert_int_equal(f.client.ready, 1);
  end(&f);
}

static void test_server_that_says_nothing(void **state) {
  (void)state;
  fixture f;
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  serve(&f);
  assert_status(stox_loopback_hold(f.net, &SERVER, 1, 0), STOX_OK);
  run(&f, 11 * SECOND);
  assert_int_equal(f.client.lost, 1);
  assert_status(f.client.lost_status, STOX_E_TIMEOUT);
  end(&f);
}

/* A server that does not read: what waits for it is bounded, and leaves when it reads again. */
static void test_full(void **state) {
  (void)state;
  static char stanza[1 << 15] = "<message><body>";
  fixture f;
  size_t n = 0;
  memset(stanza + 15, 'x', sizeof stanza - 15 - 17);
  memcpy(stanza + sizeof stanza - 17, "</body></message>", 17);
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  serve(&f);
  run(&f, SECOND);
  assert_status(stox_loopback_hold(f.net, &SERVER, 1, f.now_ns), STOX_OK);
  while (n < 200 &&
         stox_component_send(f.client.session, (stox_span){stanza, sizeof stanza}) == STOX_OK) {
    n++;
  }
  assert_int_equal(n, 128);
  assert_status(stox_component_send(f.client.session, S("<a/>")), STOX_E_FULL);
  assert_status(stox_loopback_hold(f.net, &SERVER, 0, f.now_ns), STOX_OK);
  run(&f, SECOND);
  assert_int_equal(f.server->n_stanzas, 128);
  assert_status(stox_component_send(f.client.session, S("<message/>")), STOX_OK);
  end(&f);
}

/* The next action of a kind, what comes before it passed over; NULL: none. */
static const stox_action *next_of(stox_component *session, int kind, uint64_t now_ns) {
  const stox_action *action = NULL;
  do {
    action = stox_component_next(session, now_ns);
  } while (action != NULL && action->kind != kind);
  return action;
}

/* The handle or token of the next action of that kind, which there must be. */
static uint64_t number_of(stox_component *session, int kind, uint64_t now_ns) {
  const stox_action *action = next_of(session, kind, now_ns);
  if (action == NULL) {
    fail_msg("no action of kind %d", kind);
    return 0;
  }
  return kind == STOX_DO_OPEN ? action->token : action->handle;
}

/* Flows that are opened after the session has given them up are closed, whatever it does then. */
static void test_flow_that_opens_too_late(void **state) {
  (void)state;
  fixture f;
  assert_status(make(&f, "secret", 0, 0), STOX_OK);
  stox_component *session = f.client.session;
  uint64_t now_ns = 0;
  uint64_t tokens[3] = {0, 0, 0};
  for (size_t i = 0; i < COUNT(tokens); i++) {
    tokens[i] = number_of(session, STOX_DO_OPEN, now_ns);
    for (int k = 0; i + 1 < COUNT(tokens) && k < 2; k++) { /* it times out, the pause ends */
      (void)next_of(session, STOX_DO_EVENT, now_ns);
      now_ns = stox_component_deadline(session);
      assert_status(stox_component_tick(session, now_ns), STOX_OK);
    }
  }
  for (size_t i = 0; i < COUNT(tokens); i++) {
    const stox_flow flow = {.handle = 11 + i, .remote = SERVER};
    assert_status(stox_component_done(session, tokens[i], STOX_OK, &flow, now_ns), STOX_OK);
  }
  assert_true(stox_component_owns(session, 13));
  assert_status(stox_component_done(session, tokens[2] + 1, STOX_OK, NULL, now_ns), STOX_E_ARG);
  assert_status(stox_component_done(session, 0, STOX_OK, NULL, now_ns), STOX_E_ARG);
  const uint64_t one = number_of(session, STOX_DO_CLOSE, now_ns);
  assert_int_equal(one + number_of(session, STOX_DO_CLOSE, now_ns), 11 + 12);
  assert_null(next_of(session, STOX_DO_CLOSE, now_ns));
  end(&f);
}

static void test_every_allocation_fails_once(void **state) {
  (void)state;
  size_t survived = 0;
  for (size_t at = 1; at < 40; at++) {
    fixture f;
    const int status = make(&f, "secret", 0, at);
    if (status == STOX_OK) {
      serve(&f);
      run(&f, 10 * SECOND);
      fake_xmpp_say(f.server, "<message id='m1' to='a@sip.example'/>");
      run(&f, 10 * SECOND);
      /* Whatever died, the session lives again. */
      assert_true(stox_component_is_ready(f.client.session));
      survived++;
    } else {
      assert_status(status, STOX_E_NOMEM);
    }
    end(&f);
  }
  assert_true(survived > 30);
}

static void test_arguments(void **state) {
  (void)state;
  stox_component *session = NULL;
  stox_component_options o;
  uint64_t seed = 1;
  const stox_random random = {sizeof random, &seed, fill};
  assert_status(stox_component_new(&session, NULL, 0), STOX_E_ARG);
  (void)stox_component_options_init(&o, sizeof o);
  o.remote = SERVER;
  o.random = &random;
  assert_status(stox_component_new(&session, &o, 0), STOX_E_ARG);
  o.domain = S("sip.example");
  o.random = NULL;
  assert_status(stox_component_new(&session, &o, 0), STOX_E_ARG);
  stox_component_del(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_handshake_and_stanzas),
      cmocka_unit_test(test_refused_stanza),
      cmocka_unit_test(test_wrong_secret_backs_off),
      cmocka_unit_test(test_comes_back),
      cmocka_unit_test(test_stream_errors),
      cmocka_unit_test(test_keepalive_and_hold),
      cmocka_unit_test(test_stop),
      cmocka_unit_test(test_server_that_says_nothing),
      cmocka_unit_test(test_full),
      cmocka_unit_test(test_flow_that_opens_too_late),
      cmocka_unit_test(test_every_allocation_fails_once),
      cmocka_unit_test(test_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
