/* SPDX-License-Identifier: MIT */
/* Streams over TLS sessions with SASL, all of them ours and none of them feigned: certificates on
 * both ends, one that is refused, and who may let it pass. */
#include "stream_end.h"
#include "tls_support.h"

#include "stox/sasl_client.h"
#include "stox/sasl_server.h"

static tls_world world;

static int make_world(void **state) {
  (void)state;
  tls_world_make(&world);
  return 0;
}

static int free_world(void **state) {
  (void)state;
  tls_world_free(&world);
  return 0;
}

/* ---- two ends, TLS between them ---- */

typedef struct secured {
  end in;
  end re;
  tls_pair tls;
  int is_up;
  char wire[1 << 16]; /* all that went over it */
  size_t n_wire;
  uint32_t mechanisms; /* the client's */
  stox_sasl_client *client;
  stox_sasl_server *server;
} secured;

static void put_sasl(end *e, const stox_sasl_message *message) {
  char room[4096];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  assert_status(stox_sasl_write(&out, message, STOX_DIALECT_RFC), STOX_OK);
  assert_status(stox_stream_put(e->stream, stox_buf_span(&out), 0), STOX_OK);
}

static int scram_keys(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  (void)ud;
  if (q->kind != STOX_SASL_ASK_SCRAM) {
    return STOX_E_AUTH;
  }
  return stox_span_is_equal(q->username, S("romeo"))
             ? stox_scram_derive(&answer->keys, q->hash, S("montague"), S("0123456789abcdef"), 4096)
             : STOX_E_AUTH;
}

static void make_server(secured *s) {
  stox_sasl_server_options options;
  assert_status(stox_sasl_server_options_init(&options, sizeof options), STOX_OK);
  options.stream =
      s->re.options.kind == STOX_STREAM_SERVER ? STOX_SASL_SERVER_STREAM : STOX_SASL_CLIENT_STREAM;
  options.domain = S("example.com");
  options.from = stox_stream_peer(s->re.stream)->from;
  options.decoy_secret = S("decoy");
  options.peer = stox_tls_peer(s->tls.server);
  options.random = &s->re.random;
  options.ask = options.stream == STOX_SASL_SERVER_STREAM ? NULL : scram_keys;
  assert_status(stox_sasl_server_new(&s->server, &options), STOX_OK);
}

/* Only STARTTLS in the clear; behind it what SASL has for such a peer. */
static void answer_header(secured *s) {
  stox_span names[8];
  stox_stream_offer offer = {.offered = STOX_FEATURE_STARTTLS | STOX_FEATURE_STARTTLS_REQUIRED};
  if (s->is_up && s->server == NULL) {
    make_server(s);
    const uint32_t bits = stox_sasl_server_mechanisms(s->server);
    for (int bit = STOX_SASL_EXTERNAL; bit <= STOX_SASL_PLAIN; bit *= 2) {
      if ((bits & (uint32_t)bit) != 0) {
        names[offer.n_mechanisms++] = stox_span_text(stox_sasl_mechanism_name(bit));
      }
    }
    offer.offered = 0;
    offer.mechanisms = names;
  }
  const stox_stream_reply reply = {.from = S("example.com"), .offer = &offer};
  assert_status(stox_stream_answer(s->re.stream, &reply, 0), STOX_OK);
}

static void hear_sasl_server(secured *s, const stox_xml_element *element) {
  char room[8192];
  stox_arena arena;
  stox_sasl_message in;
  stox_sasl_message out;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_sasl_read(&in, &arena, element), STOX_OK);
  assert_status(stox_sasl_server_feed(s->server, &in, &out), STOX_OK);
  put_sasl(&s->re, &out);
  if (stox_sasl_server_state(s->server) == STOX_SASL_SERVER_DONE) {
    assert_status(stox_stream_authenticate(s->re.stream, stox_sasl_server_jid(s->server),
                                           STOX_STREAM_BY_SASL, 0),
                  STOX_OK);
  }
}

static int receive(end *e, const stox_action *a) {
  secured *s = e->ud;
  if (a->event == STOX_STREAM_ON_HEADER) {
    answer_header(s);
  } else if (a->event == STOX_STREAM_ON_SASL) {
    hear_sasl_server(s, a->object);
  }
  return a->event == STOX_STREAM_ON_HEADER || a->event == STOX_STREAM_ON_SASL;
}

static void start_sasl(secured *s, const stox_stream_features *features) {
  char room[8192];
  stox_arena arena;
  uint32_t offered = 0;
  stox_sasl_client_options options;
  stox_sasl_message out;
  const int is_server = s->in.options.kind == STOX_STREAM_SERVER;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_sasl_mechanisms_read(&offered, &arena, features->mechanisms), STOX_OK);
  assert_status(stox_sasl_client_options_init(&options, sizeof options), STOX_OK);
  options.stream = is_server ? STOX_SASL_SERVER_STREAM : STOX_SASL_CLIENT_STREAM;
  options.has_certificate = is_server;
  options.mechanisms = s->mechanisms;
  options.username = is_server ? options.username : S("romeo");
  options.password = is_server ? options.password : S("montague");
  options.domain = S("example.com");
  options.peer = stox_tls_peer(s->tls.client);
  options.random = &s->in.random;
  assert_status(stox_sasl_client_new(&s->client, &options), STOX_OK);
  if (stox_sasl_client_start(s->client, offered, &out) == STOX_OK) {
    put_sasl(&s->in, &out);
  } else {
    assert_status(stox_stream_close(s->in.stream, 0), STOX_OK);
  }
}

static void hear_sasl_client(secured *s, const stox_xml_element *element) {
  char room[8192];
  stox_arena arena;
  stox_sasl_message in;
  stox_sasl_message out;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  assert_status(stox_sasl_read(&in, &arena, element), STOX_OK);
  assert_status(stox_sasl_client_feed(s->client, &in, &out), STOX_OK);
  if (out.kind != 0) {
    put_sasl(&s->in, &out);
  } else {
    const stox_span none = {NULL, 0};
    assert_status(stox_stream_authenticate(s->in.stream, none, STOX_STREAM_BY_SASL, 0), STOX_OK);
  }
}

static int initiate(end *e, const stox_action *a) {
  secured *s = e->ud;
  const stox_stream_features *features = a->object;
  if (a->event == STOX_STREAM_ON_FEATURES && features->mechanisms != NULL) {
    assert_int_equal(s->is_up, 1);
    start_sasl(s, features);
    return 1;
  }
  if (a->event == STOX_STREAM_ON_SASL) {
    hear_sasl_client(s, a->object);
    return 1;
  }
  return 0;
}

static void secured_init(secured *s, int kind) {
  memset(s, 0, sizeof *s);
  end_init(&s->in, STOX_STREAM_INITIATING, kind);
  end_init(&s->re, STOX_STREAM_RECEIVING, kind);
  tls_pair_init(&s->tls, &world);
  s->in.options.to = S("example.com");
  s->in.options.from = kind == STOX_STREAM_SERVER ? S("example.net") : S("romeo@example.com");
  s->in.hook = initiate;
  s->re.hook = receive;
  s->in.ud = s;
  s->re.ud = s;
  s->mechanisms = STOX_SASL_MECHANISMS_DEFAULT;
  assert_status(end_make(&s->in), STOX_OK);
  assert_status(end_make(&s->re), STOX_OK);
}

static void secured_free(secured *s) {
  stox_sasl_client_del(s->client);
  stox_sasl_server_del(s->server);
  tls_pair_free(&s->tls);
  end_free(&s->in);
  end_free(&s->re);
}

/* What one end said, into the session and out of it at the other. */
static int carry(secured *s, end *from, stox_tls *in, end *to, stox_tls *out) {
  char room[4096];
  size_t n = 0;
  int status = STOX_OK;
  const stox_span text = {from->sent + from->n_heard_of_it, from->n_sent - from->n_heard_of_it};
  if (text.n == 0) {
    return 0;
  }
  assert_status(stox_tls_write(in, &n, text), STOX_OK);
  assert_int_equal(n, text.n);
  const stox_span octets = stox_tls_output(in);
  assert_true(s->n_wire + octets.n < sizeof s->wire);
  memcpy(s->wire + s->n_wire, octets.p, octets.n);
  s->n_wire += octets.n;
  (void)tls_move(in, out, 0, &status);
  assert_status(status, STOX_OK);
  from->n_heard_of_it = from->n_sent;
  while (stox_tls_read(out, room, sizeof room, &n) == STOX_OK) {
    end_feed(to, (stox_span){room, n});
  }
  return 1;
}

/* The handshake, then `done` at both ends as a host would tell it. */
static int shake(secured *s) {
  tls_pair_start(&s->tls);
  tls_pair_pump(&s->tls);
  const int is_up = s->tls.status[0] == STOX_OK && s->tls.status[1] == STOX_OK;
  s->is_up = is_up;
  s->in.flags |= is_up ? 0 : END_TLS_FAILS;
  s->re.flags |= is_up ? 0 : END_TLS_FAILS;
  assert_int_equal(s->in.n_behind + s->re.n_behind, 0);
  end_tls(&s->in);
  end_tls(&s->re);
  return 1;
}

static void secured_run(secured *s) {
  int goes_on = 1;
  end_pull(&s->in);
  end_pull(&s->re);
  while (goes_on) {
    if (s->is_up) {
      goes_on = carry(s, &s->in, s->tls.client, &s->re, s->tls.server);
      goes_on |= carry(s, &s->re, s->tls.server, &s->in, s->tls.client);
    } else if (s->in.token != 0 && s->re.token != 0) {
      goes_on = shake(s);
    } else {
      goes_on = end_carry(&s->in, &s->re, 0);
      goes_on |= end_carry(&s->re, &s->in, 0);
    }
  }
}

static int is_on_wire(const secured *s, const char *text) {
  const size_t n = strlen(text);
  for (size_t i = 0; i + n <= s->n_wire; i++) {
    if (memcmp(s->wire + i, text, n) == 0) {
      return 1;
    }
  }
  return 0;
}

/* ---- high security ---- */

/* Two servers, each with its certificate: both are verified, EXTERNAL proves the one that opened
 * the flow, and nothing of XMPP is to be read between them. "XC-14.1-01" "XC-14.1-02" "XC-14.4-01"
 * "XC-14.7-03" "XC-12.1-02" "XC-14.5-01" */
static void test_servers(void **state) {
  (void)state;
  static secured s;
  secured_init(&s, STOX_STREAM_SERVER);
  s.tls.server_options.ask = STOX_TLS_ASK_REQUEST;
  secured_run(&s);
  assert_string_equal(s.in.log, "HFTHFSHFR");
  assert_string_equal(s.re.log, "HTHSHR");
  assert_int_equal(stox_tls_peer(s.tls.client)->verified, 1);
  assert_int_equal(stox_tls_peer(s.tls.server)->verified, 1);
  assert_int_equal(stox_sasl_server_mechanism(s.server), STOX_SASL_EXTERNAL);
  assert_span_equal(stox_stream_identities(s.re.stream), S("example.net"));
  assert_status(stox_stream_send(s.in.stream, S("<message from='a@example.net' to='b@example.com' "
                                                "id='m'><body>secret</body></message>")),
                STOX_OK);
  end_pull(&s.in);
  secured_run(&s);
  assert_string_equal(s.re.text, "m");
  assert_true(s.n_wire > 0);
  assert_false(is_on_wire(&s, "secret"));
  assert_false(is_on_wire(&s, "stream"));
  secured_free(&s);
}

/* A client by SCRAM, bound to the session: "XC-14.3-01" "XC-12.2-01" "XC-12.1-02". One flow is all
 * it takes: "XC-14.3-05". */
static void test_client(void **state) {
  (void)state;
  static secured s;
  secured_init(&s, STOX_STREAM_CLIENT);
  secured_run(&s);
  assert_string_equal(s.in.log, "HFTHFSSHFR");
  assert_string_equal(s.re.log, "HTHSSHBR");
  assert_int_equal(stox_sasl_server_mechanism(s.server), STOX_SASL_SCRAM_SHA_256_PLUS);
  assert_span_equal(stox_stream_identities(s.re.stream), S("romeo@example.com"));
  assert_int_equal(stox_stream_jid(s.in.stream).n, strlen("romeo@example.com/" ID_32));
  assert_status(stox_stream_send(s.in.stream, S("<message id='m' to='a@example.org'/>")), STOX_OK);
  end_pull(&s.in);
  secured_run(&s);
  assert_string_equal(s.re.text, "m");
  assert_false(is_on_wire(&s, "romeo"));
  secured_free(&s);
}

/* Without a certificate that proves it a server is not offered EXTERNAL. */
static void test_no_certificate(void **state) {
  (void)state;
  static secured s;
  secured_init(&s, STOX_STREAM_SERVER);
  s.tls.client_options.context = world.bare_context;
  s.tls.server_options.ask = STOX_TLS_ASK_REQUEST;
  s.tls.server_options.verify = STOX_TLS_REPORT;
  secured_run(&s);
  assert_null(strstr(s.re.sent, "EXTERNAL"));
  assert_false(stox_stream_is_ready(s.re.stream));
  assert_string_equal(s.re.log, "HTH");
  secured_free(&s);
}

/* ---- a certificate that is refused ---- */

/* By default, and where nobody is asked: the handshake ends with bad_certificate, the streams with
 * it, and what was wrong can be told to a log: "XC-14.2-07" "XC-14.2-09" "XC-14.2-06". */
static void test_refused(void **state) {
  (void)state;
  static secured s;
  stox_tls_options defaults;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  assert_status(stox_tls_options_init(&defaults, sizeof defaults), STOX_OK);
  assert_int_equal(defaults.verify, STOX_TLS_VERIFY);
  secured_init(&s, STOX_STREAM_CLIENT);
  s.tls.client_reference.name = S("example.org");
  secured_run(&s);
  assert_string_equal(s.in.log, "HFTCZ");
  assert_status(s.in.status, STOX_E_AUTH);
  assert_int_equal(stox_tls_alert(s.tls.client), GNUTLS_A_BAD_CERTIFICATE);
  assert_int_equal(stox_tls_alert(s.tls.server), GNUTLS_A_BAD_CERTIFICATE);
  assert_status(stox_tls_verdict(s.tls.client, &verdict), STOX_OK);
  assert_int_equal(verdict.reasons, STOX_CHAIN_WRONG_NAME);
  assert_string_equal(stox_chain_reason_name(verdict.reasons), "WRONG_NAME");
  assert_span_equal(verdict.identities, S("DNS:example.com\nSRV:_xmpp-server.example.com\n"));
  assert_true(s.n_wire == 0);
  secured_free(&s);
}

/* Where somebody is asked: the session stands with the verdict and the whole chain, before a word
 * of XMPP; who lets it pass is the host. "XC-14.2-06" "XC-14.2-08" "XC-14.2-10" */
static void test_reported(void **state) {
  (void)state;
  static secured s;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  stox_span der;
  secured_init(&s, STOX_STREAM_CLIENT);
  s.tls.server_options.context = world.self_context;
  s.tls.client_options.verify = STOX_TLS_REPORT;
  tls_pair_start(&s.tls);
  tls_pair_pump(&s.tls);
  assert_int_equal(stox_tls_state(s.tls.client), STOX_TLS_OPEN);
  assert_int_equal(stox_tls_peer(s.tls.client)->verified, 0);
  assert_status(stox_tls_verdict(s.tls.client, &verdict), STOX_OK);
  assert_int_equal(verdict.reasons, STOX_CHAIN_SELF_SIGNED);
  assert_status(stox_tls_certificate(s.tls.client, 0, &der), STOX_OK);
  assert_span_equal(der, world.self.der);
  assert_status(stox_tls_certificate(s.tls.client, 1, &der), STOX_E_NONE);
  secured_free(&s);
}

/* What was approved once is known by its pin, and by nothing else: "XC-14.2-10". */
static void check_pin(const test_certificate *approved, int is_up) {
  static secured s;
  unsigned char pin[STOX_PIN_SIZE];
  stox_certificate certificate;
  assert_status(stox_certificate_parse(&certificate, approved->der), STOX_OK);
  assert_status(stox_certificate_pin(pin, &certificate), STOX_OK);
  secured_init(&s, STOX_STREAM_CLIENT);
  s.tls.server_options.context = world.self_context;
  s.tls.client_rules.pins = (stox_span){(const char *)pin, sizeof pin};
  s.tls.client_rules.pin_use = STOX_PIN_INSTEAD;
  secured_run(&s);
  assert_int_equal(stox_stream_is_ready(s.in.stream), is_up);
  secured_free(&s);
}

static void test_pin(void **state) {
  (void)state;
  check_pin(&world.self, 1);
  check_pin(&world.server, 0);
}

/* ---- the cipher of 2005 ---- */

static stox_tls_context *context_with(const test_certificate *c, const char *priorities) {
  stox_tls_context_options options;
  stox_tls_context *made = NULL;
  assert_status(stox_tls_context_options_init(&options, sizeof options), STOX_OK);
  options.priorities = priorities == NULL ? options.priorities : stox_span_text(priorities);
  assert_status(stox_tls_context_new(&made, stox_allocator_libc(), &options), STOX_OK);
  if (c != NULL) {
    const stox_span pem = test_pem(c->der, "CERTIFICATE");
    assert_status(stox_tls_context_add(made, pem, c->key_pem), STOX_OK);
    free((void *)(uintptr_t)pem.p);
  }
  return made;
}

/* RFC 9325 forbids it: who has nothing else is refused. Whoever needs it names it. "XC-14.7-02" */
static void test_3des(void **state) {
  (void)state;
  static const char legacy[] = "NONE:+VERS-TLS1.2:+3DES-CBC:+RSA:+SHA1:+COMP-NULL:+SIGN-ALL";
  static const test_name names[] = {{STOX_IDENTITY_DNS, ROW("example.com")}};
  const test_recipe recipe = {.cn = "Old", .names = names, .names_n = 1, .rsa_bits = 2048};
  test_certificate old;
  test_certificate_make(&old, &recipe, &world.root);
  stox_tls_context *client = context_with(NULL, legacy);
  for (int is_allowed = 0; is_allowed < 2; is_allowed++) {
    tls_pair pair;
    stox_tls_context *server = context_with(&old, is_allowed ? legacy : NULL);
    tls_pair_init(&pair, &world);
    pair.client_options.context = client;
    pair.server_options.context = server;
    tls_pair_start(&pair);
    tls_pair_pump(&pair);
    if (is_allowed) {
      assert_string_equal(stox_tls_cipher(pair.server), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
    } else {
      assert_status(pair.status[1], STOX_E_UNSUPPORTED);
      assert_status(pair.status[0], STOX_E_REFUSED);
    }
    tls_pair_free(&pair);
    stox_tls_context_free(server);
  }
  stox_tls_context_free(client);
  test_certificate_free(&old);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_servers),        cmocka_unit_test(test_client),
      cmocka_unit_test(test_no_certificate), cmocka_unit_test(test_refused),
      cmocka_unit_test(test_reported),       cmocka_unit_test(test_pin),
      cmocka_unit_test(test_3des),
  };
  return cmocka_run_group_tests(tests, make_world, free_world);
}
