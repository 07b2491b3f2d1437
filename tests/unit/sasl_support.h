/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_SASL_SUPPORT_H
#define STOX_TEST_SASL_SUPPORT_H

#include "support.h"

#include "stox/number.h"
#include "stox/sasl_client.h"
#include "stox/sasl_digest.h"
#include "stox/sasl_server.h"

enum { SASL_ASKED = 16 };

/* A host that knows the password of one user, asks for time where `is_later`, and may have one more
 * thing to say of the account. */
typedef struct sasl_host {
  const char *user;
  const char *password;
  stox_span jid; /* whom it lets the user act for */
  int is_later;
  int status;    /* not STOX_OK: given instead of an answer */
  int condition; /* put into each answer */
  int asked[SASL_ASKED];
  size_t n_asked;
  stox_sasl_question last;
} sasl_host;

/* Octets that count up from `at`, each draw from the same place. */
static inline int sasl_fill(void *ud, void *p, size_t n) {
  const unsigned *at = ud;
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (unsigned char)(*at + i);
  }
  return *at > 255 ? STOX_E_STATE : STOX_OK;
}

static inline int sasl_decide(const sasl_host *host, const stox_sasl_question *q,
                              stox_sasl_answer *answer) {
  static const char salt[] = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17";
  const stox_span password = stox_span_text(host->password);
  answer->condition = host->condition;
  if (host->status != STOX_OK) {
    return host->status;
  }
  if (q->kind == STOX_SASL_ASK_AUTHORIZE) {
    return stox_span_is_equal(q->jid, host->jid) ? STOX_OK : STOX_E_AUTH;
  }
  if (!stox_span_is_equal(q->username, stox_span_text(host->user))) {
    return STOX_E_AUTH;
  }
  switch (q->kind) {
  case STOX_SASL_ASK_SCRAM:
    return stox_scram_derive(&answer->keys, q->hash, password, (stox_span){salt, 16}, 4096);
  case STOX_SASL_ASK_PASSWORD:
    return stox_span_is_equal(q->password, password) ? STOX_OK : STOX_E_AUTH;
  default:
    return stox_sasl_digest_secret(answer->digest_secret, q->username, q->realm, password);
  }
}

static inline int sasl_ask(void *ud, const stox_sasl_question *q, stox_sasl_answer *answer) {
  sasl_host *host = ud;
  host->asked[host->n_asked++ % SASL_ASKED] = q->kind;
  host->last = *q;
  return host->is_later ? STOX_E_MORE : sasl_decide(host, q, answer);
}

/* Both sides of a stream over TLS that has every binding, and what they say. */
typedef struct sasl_pair {
  sasl_host host;
  unsigned client_at;
  unsigned server_at;
  stox_random client_random;
  stox_random server_random;
  stox_peer peer;
  stox_sasl_client_options client_options;
  stox_sasl_server_options server_options;
  stox_sasl_client *client;
  stox_sasl_server *server;
} sasl_pair;

static const char sasl_exporter[] =
    "\310\311\312\313\314\315\316\317\320\321\322\323\324\325\326\327"
    "\330\331\332\333\334\335\336\337\340\341\342\343\344\345\346\347";
static const char sasl_end_point[] = "defghijklmnopqrstuvwxyz{|}~\177\200\201\202\203";

static inline void sasl_pair_init(sasl_pair *pair) {
  memset(pair, 0, sizeof *pair);
  pair->host = (sasl_host){.user = "user", .password = "pencil"};
  pair->server_at = 100;
  pair->client_random = (stox_random){sizeof(stox_random), &pair->client_at, sasl_fill};
  pair->server_random = (stox_random){sizeof(stox_random), &pair->server_at, sasl_fill};
  pair->peer = (stox_peer){.size = sizeof pair->peer,
                           .secure = 1,
                           .verified = 1,
                           .channel_binding = {sasl_exporter, 32},
                           .server_end_point = {sasl_end_point, 32}};
  assert_status(stox_sasl_client_options_init(&pair->client_options, sizeof pair->client_options),
                STOX_OK);
  assert_status(stox_sasl_server_options_init(&pair->server_options, sizeof pair->server_options),
                STOX_OK);
  pair->client_options.username = S("user");
  pair->client_options.password = S("pencil");
  pair->client_options.domain = S("example.com");
  pair->client_options.peer = &pair->peer;
  pair->client_options.random = &pair->client_random;
  pair->server_options.domain = S("example.com");
  pair->server_options.decoy_secret = S("decoy");
  pair->server_options.peer = &pair->peer;
  pair->server_options.random = &pair->server_random;
  pair->server_options.ud = &pair->host;
  pair->server_options.ask = sasl_ask;
}

static inline void sasl_pair_open(sasl_pair *pair) {
  assert_status(stox_sasl_client_new(&pair->client, &pair->client_options), STOX_OK);
  assert_status(stox_sasl_server_new(&pair->server, &pair->server_options), STOX_OK);
}

static inline void sasl_pair_close(sasl_pair *pair) {
  stox_sasl_client_del(pair->client);
  stox_sasl_server_del(pair->server);
  pair->client = NULL;
  pair->server = NULL;
}

/* The server's answer to an element, the host's late answers with it. */
static inline int sasl_server_say(sasl_pair *pair, const stox_sasl_message *in,
                                  stox_sasl_message *out) {
  int status = stox_sasl_server_feed(pair->server, in, out);
  while (status == STOX_E_MORE) {
    stox_sasl_answer answer;
    assert_int_equal(stox_sasl_server_state(pair->server), STOX_SASL_SERVER_ASKING);
    assert_status(stox_sasl_server_feed(pair->server, in, out), STOX_E_STATE);
    assert_status(stox_sasl_answer_init(&answer, sizeof answer), STOX_OK);
    const int verdict = sasl_decide(&pair->host, &pair->host.last, &answer);
    status = stox_sasl_server_done(pair->server, verdict, &answer, out);
  }
  return status;
}

/* Runs an exchange to its end. What a side says first goes through `tamper`, if there is one. */
static inline int sasl_pair_run(sasl_pair *pair, void (*tamper)(void *ud, stox_sasl_message *m),
                                void *ud) {
  stox_sasl_message up;
  stox_sasl_message down;
  const uint32_t offered = stox_sasl_server_mechanisms(pair->server);
  int status = stox_sasl_client_start(pair->client, offered, &up);
  while (status == STOX_OK && up.kind != 0) {
    if (tamper != NULL) {
      tamper(ud, &up);
    }
    assert_status(sasl_server_say(pair, &up, &down), STOX_OK);
    if (tamper != NULL) {
      tamper(ud, &down);
    }
    status = stox_sasl_client_feed(pair->client, &down, &up);
  }
  return status;
}

/* A message of the client from octets. */
typedef struct sasl_wire {
  char text[8192];
  stox_sasl_message message;
} sasl_wire;

static inline const stox_sasl_message *sasl_say(sasl_wire *wire, int kind, int mechanism,
                                                stox_span octets) {
  stox_buf out;
  stox_buf_init(&out, wire->text, sizeof wire->text);
  assert_status(stox_sasl_data_write(&out, octets), STOX_OK);
  wire->message = (stox_sasl_message){.kind = kind, .mechanism = mechanism};
  if (octets.p != NULL) {
    wire->message.data = stox_buf_span(&out);
  }
  return &wire->message;
}

static inline void assert_data(const stox_sasl_message *message, stox_span want) {
  char room[8192];
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  const int status = stox_sasl_data_parse(&out, message->data);
  assert_true(status == STOX_OK || status == STOX_E_NONE);
  assert_span_equal(stox_buf_span(&out), want);
}

/* An allocator that counts, and finds nothing in what is given back. */
static inline void *sasl_zero_resize(void *ud, void *p, size_t old_n, size_t new_n) {
  for (size_t i = 0; new_n == 0 && i < old_n; i++) {
    assert_int_equal(((const char *)p)[i], 0);
  }
  return failing_resize(ud, p, old_n, new_n);
}

#define assert_failure(message, want)                                                              \
  do {                                                                                             \
    assert_int_equal((message)->kind, STOX_SASL_FAILURE);                                          \
    assert_string_equal(stox_sasl_condition_name((message)->condition),                            \
                        stox_sasl_condition_name(want));                                           \
  } while (0)

#endif
