/* SPDX-License-Identifier: MIT */
#include "sasl_support.h"
#include "stream_end.h"

/* Streams whose hosts are our own machines of SASL, behind TLS that stands already. */

static const size_t pieces[] = {0, 1, 5};

static void put_message(end *e, const stox_sasl_message *message) {
  char room[4096];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sasl_write(&out, message, STOX_DIALECT_RFC), STOX_OK);
  assert_status(stox_stream_put(e->stream, stox_buf_span(&out), 0), STOX_OK);
}

static void read_message(stox_sasl_message *out, stox_arena *arena, const stox_action *a) {
  stox_arena_init(arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_sasl_read(out, arena, a->object), STOX_OK);
}

/* ---- the receiving host ---- */

static void offer_mechanisms(end *e, const sasl_pair *pair) {
  stox_span names[8];
  stox_stream_offer offer = {.mechanisms = names};
  const uint32_t bits = stox_sasl_server_mechanisms(pair->server);
  for (int bit = 1; bit <= STOX_SASL_MECHANISMS_ALL; bit *= 2) {
    if ((bits & (uint32_t)bit) != 0) {
      names[offer.n_mechanisms++] = stox_span_text(stox_sasl_mechanism_name(bit));
    }
  }
  const stox_stream_reply reply = {.offer = &offer};
  assert_status(stox_stream_answer(e->stream, &reply, 0), STOX_OK);
}

static int server_hook(end *e, const stox_action *a) {
  sasl_pair *pair = e->ud;
  stox_sasl_message in;
  stox_sasl_message out;
  stox_arena arena;
  if (a->event == STOX_STREAM_ON_HEADER) {
    offer_mechanisms(e, pair);
    return 1;
  }
  if (a->event != STOX_STREAM_ON_SASL) {
    return 0;
  }
  read_message(&in, &arena, a);
  assert_status(sasl_server_say(pair, &in, &out), STOX_OK);
  put_message(e, &out);
  stox_arena_clear(&arena);
  if (stox_sasl_server_state(pair->server) == STOX_SASL_SERVER_DONE) {
    assert_status(stox_stream_authenticate(e->stream, stox_sasl_server_jid(pair->server),
                                           STOX_STREAM_BY_SASL, 0),
                  STOX_OK);
  } else if (stox_sasl_server_state(pair->server) == STOX_SASL_SERVER_SPENT) {
    const stox_stream_error error = {.condition = STOX_STREAM_POLICY_VIOLATION};
    assert_status(stox_stream_fail(e->stream, &error, 0), STOX_OK);
  }
  return 1;
}

/* ---- the initiating host ---- */

static void start(end *e, sasl_pair *pair, const stox_stream_features *features) {
  uint32_t offered = 0;
  stox_arena arena;
  stox_sasl_message out;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  assert_status(stox_sasl_mechanisms_read(&offered, &arena, features->element), STOX_OK);
  if (stox_sasl_client_start(pair->client, offered, &out) == STOX_OK) {
    put_message(e, &out);
  } else {
    assert_status(stox_stream_close(e->stream, 0), STOX_OK);
  }
  stox_arena_clear(&arena);
}

/* A client that is refused gives up: another mechanism would know no other password. */
static void go_on(end *e, sasl_pair *pair, const stox_action *a) {
  stox_sasl_message in;
  stox_sasl_message out;
  stox_arena arena;
  read_message(&in, &arena, a);
  const int status = stox_sasl_client_feed(pair->client, &in, &out);
  if (status == STOX_OK && out.kind != 0) {
    put_message(e, &out);
  }
  if (stox_sasl_client_state(pair->client) == STOX_SASL_CLIENT_DONE) {
    const stox_span none = {NULL, 0};
    assert_status(stox_stream_authenticate(e->stream, none, STOX_STREAM_BY_SASL, 0), STOX_OK);
  } else if (stox_sasl_client_state(pair->client) == STOX_SASL_CLIENT_IDLE) {
    assert_status(stox_stream_close(e->stream, 0), STOX_OK);
  }
  stox_arena_clear(&arena);
}

static int client_hook(end *e, const stox_action *a) {
  const stox_stream_features *features = a->object;
  if (a->event == STOX_STREAM_ON_FEATURES && features->mechanisms != NULL) {
    start(e, e->ud, features);
    return 1;
  }
  if (a->event == STOX_STREAM_ON_SASL) {
    go_on(e, e->ud, a);
    return 1;
  }
  return 0;
}

typedef struct meeting {
  sasl_pair sasl;
  end client;
  end server;
} meeting;

static void meet(meeting *m, const char *password, uint32_t mechanisms, size_t n) {
  sasl_pair_init(&m->sasl);
  m->sasl.client_options.password = stox_span_text(password);
  m->sasl.client_options.mechanisms = mechanisms;
  sasl_pair_open(&m->sasl);
  end_init(&m->client, STOX_STREAM_INITIATING, STOX_STREAM_CLIENT);
  end_init(&m->server, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  m->client.options.to = S("example.com");
  m->client.options.is_secure = 1;
  m->server.options.is_secure = 1;
  m->client.hook = client_hook;
  m->server.hook = server_hook;
  m->client.ud = &m->sasl;
  m->server.ud = &m->sasl;
  m->client.resource = S("r");
  assert_status(end_make(&m->client), STOX_OK);
  assert_status(end_make(&m->server), STOX_OK);
  end_run(&m->client, &m->server, n);
}

static void part(meeting *m) {
  sasl_pair_close(&m->sasl);
  end_free(&m->client);
  end_free(&m->server);
}

/* Each mechanism leads to a bound stream, however it is cut: "XC-6.1-04" "XC-6.2-02" "XC-6.2-05"
 * "XC-6.2-13" "XC-6.2-14" "XC-6.3-02". */
static void test_success(void **state) {
  (void)state;
  static const uint32_t mechanisms[] = {STOX_SASL_SCRAM_SHA_256_PLUS, STOX_SASL_SCRAM_SHA_256,
                                        STOX_SASL_SCRAM_SHA_1_PLUS, STOX_SASL_SCRAM_SHA_1,
                                        STOX_SASL_PLAIN};
  for (size_t i = 0; i < COUNT(mechanisms); i++) {
    for (size_t k = 0; k < COUNT(pieces); k++) {
      static meeting m;
      meet(&m, "pencil", mechanisms[i], pieces[k]);
      assert_span_equal(stox_stream_jid(m.client.stream), S("user@example.com/r"));
      assert_span_equal(stox_stream_identities(m.server.stream), S("user@example.com"));
      assert_true(stox_stream_is_ready(m.client.stream) && stox_stream_is_ready(m.server.stream));
      assert_int_equal(stox_sasl_server_mechanism(m.sasl.server), (int)mechanisms[i]);
      part(&m);
    }
  }
}

/* The wrong password: the stream stays, and who gives up closes it in good order: "XC-6.2-12". A
 * peer that does not give up meets the server's count of tries: "XC-6.2-11". */
static void test_failure(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT(pieces); k++) {
    static meeting m;
    meet(&m, "wrong", STOX_SASL_MECHANISMS_DEFAULT, pieces[k]);
    assert_string_equal(m.client.log, "HFSSCZ");
    assert_string_equal(m.server.log, "HSSCZ");
    assert_status(m.client.status, STOX_OK);
    assert_status(m.server.status, STOX_OK);
    assert_span_equal(stox_stream_identities(m.server.stream), S(""));
    part(&m);
    meet(&m, "pencil", 0, pieces[k]);
    assert_string_equal(m.client.log, "HFCZ");
    part(&m);
  }
}

static void test_tries(void **state) {
  (void)state;
  static meeting m;
  end *e = &m.server;
  sasl_pair_init(&m.sasl);
  sasl_pair_open(&m.sasl);
  end_init(e, STOX_STREAM_RECEIVING, STOX_STREAM_CLIENT);
  e->options.is_secure = 1;
  e->hook = server_hook;
  e->ud = &m.sasl;
  assert_status(end_make(e), STOX_OK);
  end_say(e, "<stream:stream xmlns='jabber:client' " STREAMS " to='example.com' version='1.0'>");
  for (int i = 0; i < 3; i++) {
    assert_int_equal(e->condition, 0);
    end_say(e, "<auth " SASL " mechanism='NONE'/>");
  }
  assert_string_equal(e->log, "HSSSxCZ");
  assert_int_equal(e->condition, STOX_STREAM_POLICY_VIOLATION);
  sasl_pair_close(&m.sasl);
  end_free(e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_success),
      cmocka_unit_test(test_failure),
      cmocka_unit_test(test_tries),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
