/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_C2S_SUPPORT_H
#define STOX_TEST_C2S_SUPPORT_H

#include "sasl_support.h"
#include "stream_support.h"

#include "stox/c2s.h"
#include "stox/client.h"
#include "stox/identity.h"

/* Both sides of a client's stream with hosts that behave, over a flow whose TLS is feigned: what
 * each says, and what it is told, is written down. */

#define SECOND UINT64_C(1000000000)
#define SASL   "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define TLS    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define BIND   "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
#define HEADER "<stream:stream xmlns='jabber:client' " STREAMS " to='example.com' version='1.0'>"
#define ANSWER                                                                                     \
  "<stream:stream xmlns='jabber:client' " STREAMS " from='example.com' id='i' version='1.0'>"

enum { PARTY_FLOW = 9, PARTY_SENT = 1 << 16 };

/* One side: `client` or `server`. */
typedef struct party {
  stox_client *client;
  stox_c2s *server;
  failing memory;
  stox_allocator alloc;
  stox_random random;
  stox_stream_options stream_options;
  stox_flow flow;
  uint64_t now_ns;
  char log[256]; /* O T f B b R M m K P I X x C Z */
  size_t n_log;
  char sent[PARTY_SENT];
  size_t n_sent;
  size_t n_carried;
  uint64_t token; /* of TLS or a connection that is not done */
  int is_tls_refused;
  stox_secure secure; /* what was asked for */
  int closes;
  int status;            /* of CLOSED */
  int condition;         /* of the last stream error */
  int refusal;           /* of the last failure of SASL */
  int refused_mechanism; /* by it */
  int bind_condition;    /* server: how it answers BIND once; 0: as asked */
  char resource[64];     /* server: what was asked for */
  char text[64];         /* id of the last stanza, or the last failure's text */
} party;

/* Options of both sides; what a test needs is changed before make_pair(). */
typedef struct pair {
  sasl_pair sasl; /* its host, peer and options; no objects */
  stox_peer peer; /* the server as its client sees it */
  party client;
  party server;
  stox_span domains[2];
  stox_client_options client_options;
  stox_c2s_options server_options;
  stox_client_credentials credentials[4]; /* what `ask` gives, one after the other */
  size_t n_asked;
  int asked_for[4];
  int is_asked_later;
  size_t n_answered; /* questions of the server */
} pair;

static inline void party_init(party *p) {
  p->alloc = failing_allocator(&p->memory);
  assert_status(stox_stream_options_init(&p->stream_options, sizeof p->stream_options), STOX_OK);
  p->stream_options.alloc = &p->alloc;
  p->flow.handle = PARTY_FLOW;
}

static inline int pair_ask(void *ud, int condition, stox_client_credentials *out) {
  pair *c = ud;
  assert_true(c->n_asked < COUNT(c->asked_for));
  c->asked_for[c->n_asked] = condition;
  *out = c->credentials[c->n_asked++];
  return c->is_asked_later ? STOX_E_MORE : STOX_OK;
}

static inline void pair_init(pair *c) {
  memset(c, 0, sizeof *c);
  sasl_pair_init(&c->sasl);
  c->peer = c->sasl.peer;
  c->peer.identities = S("DNS:example.com\nDNS:example.net\n");
  party_init(&c->client);
  party_init(&c->server);
  c->client.stream_options.random = &c->sasl.client_random;
  c->client.stream_options.to = S("example.com");
  c->server.stream_options.random = &c->sasl.server_random;
  c->domains[0] = S("example.com");
  c->domains[1] = S("example.net");
  assert_status(stox_client_options_init(&c->client_options, sizeof c->client_options), STOX_OK);
  assert_status(stox_c2s_options_init(&c->server_options, sizeof c->server_options), STOX_OK);
  c->sasl.client_options.random = NULL;
  c->sasl.server_options.random = NULL;
  c->client_options.stream = &c->client.stream_options;
  c->client_options.sasl = &c->sasl.client_options;
  c->client_options.resource = S("balcony");
  c->client_options.ud = c;
  c->server_options.stream = &c->server.stream_options;
  c->server_options.sasl = &c->sasl.server_options;
  c->server_options.domains = c->domains;
  c->server_options.n_domains = 2;
}

static inline int pair_make(pair *c) {
  const int status =
      stox_client_new(&c->client.client, &c->client_options, &c->client.flow, c->client.now_ns);
  return status != STOX_OK ? status
                           : stox_c2s_new(&c->server.server, &c->server_options, &c->server.flow,
                                          c->server.now_ns);
}

static inline void pair_free(pair *c) {
  stox_client_del(c->client.client);
  stox_c2s_del(c->server.server);
  assert_int_equal(c->client.memory.live, 0);
  assert_int_equal(c->server.memory.live, 0);
}

static inline stox_stream *party_stream(const party *p) {
  return p->client != NULL ? stox_client_stream(p->client) : stox_c2s_stream(p->server);
}

static inline void party_note(party *p, char letter) {
  assert_true(p->n_log + 1 < sizeof p->log);
  p->log[p->n_log++] = letter;
  p->log[p->n_log] = '\0';
}

static inline void party_keep(char *out, size_t cap, stox_span text) {
  (void)snprintf(out, cap, "%.*s", (int)text.n, text.p == NULL ? "" : text.p);
}

static inline void party_on_bind(party *p, const stox_span *resource) {
  const int condition = p->bind_condition;
  party_keep(p->resource, sizeof p->resource, *resource);
  p->bind_condition = 0;
  (void)(condition != 0 ? stox_stream_bind_refuse(party_stream(p), condition, p->now_ns)
                        : stox_stream_bind_accept(party_stream(p), *resource, p->now_ns));
}

static inline void party_on_event(party *p, const stox_action *a) {
  static const char letters[] = "-----BbRM-PIXxKZ";
  const stox_sasl_message *failure = a->object;
  if (a->event == STOX_C2S_ON_FAILURE) {
    p->refusal = failure->condition;
    p->refused_mechanism = failure->mechanism;
    party_keep(p->text, sizeof p->text, failure->text);
    party_note(p, 'f');
    return;
  }
  assert_true(a->event > 0 && a->event < (int)sizeof letters && letters[a->event] != '-');
  party_note(p, letters[a->event] == 'M' && a->status != STOX_OK ? 'm' : letters[a->event]);
  switch (a->event) {
  case STOX_STREAM_ON_BIND:
    party_on_bind(p, a->object);
    break;
  case STOX_STREAM_ON_STANZA:
    party_keep(p->text, sizeof p->text, ((const stox_stanza *)a->object)->id);
    break;
  case STOX_STREAM_ON_ERROR:
  case STOX_STREAM_ON_REFUSED:
    p->condition = ((const stox_stream_error *)a->object)->condition;
    break;
  case STOX_STREAM_ON_CLOSED:
    p->status = a->status;
    break;
  default:
    break;
  }
}

static inline void party_act(party *p, const stox_action *a) {
  switch (a->kind) {
  case STOX_DO_EVENT:
    party_on_event(p, a);
    break;
  case STOX_DO_SEND:
    assert_int_equal(a->handle, PARTY_FLOW);
    assert_true(a->bytes.n > 0 && a->bytes.n < sizeof p->sent - p->n_sent);
    memcpy(p->sent + p->n_sent, a->bytes.p, a->bytes.n);
    p->n_sent += a->bytes.n;
    p->sent[p->n_sent] = '\0';
    break;
  case STOX_DO_START_TLS:
  case STOX_DO_OPEN:
    party_note(p, a->kind == STOX_DO_OPEN ? 'O' : 'T');
    p->token = a->token;
    p->secure = a->object == NULL ? p->secure : *(const stox_secure *)a->object;
    break;
  default:
    assert_int_equal(a->kind, STOX_DO_CLOSE);
    p->closes++;
    party_note(p, 'C');
    break;
  }
}

static inline void party_pull(party *p) {
  const stox_action *a = NULL;
  size_t steps = 0;
  do {
    assert_true(steps++ < 1000);
    a = p->client != NULL ? stox_client_next(p->client, p->now_ns)
                          : stox_c2s_next(p->server, p->now_ns);
    if (a != NULL) {
      party_act(p, a);
    }
  } while (a != NULL);
}

static inline int party_done(party *p, int status) {
  const uint64_t token = p->token;
  p->token = 0;
  return p->client != NULL ? stox_client_done(p->client, token, status, &p->flow, p->now_ns)
                           : stox_c2s_done(p->server, token, status, &p->flow, p->now_ns);
}

static inline void party_feed(party *p, stox_span bytes) {
  guard g = guard_copy(bytes);
  (void)(p->client != NULL ? stox_client_feed(p->client, &p->flow, g.span, p->now_ns)
                           : stox_c2s_feed(p->server, &p->flow, g.span, p->now_ns));
  guard_free(&g);
  party_pull(p);
}

static inline void party_say(party *p, const char *text) {
  party_feed(p, stox_span_text(text));
}

/* What it has sent since the last call. */
static inline const char *party_said(party *p) {
  const char *said = p->sent + p->n_carried;
  p->n_carried = p->n_sent;
  return said;
}

/* At most `n` octets from one to the other, 0: all; 1 if there were any. */
static inline int party_carry(party *from, party *to, size_t n) {
  const size_t left = from->n_sent - from->n_carried;
  const size_t some = n == 0 || n > left ? left : n;
  if (some == 0 || to->token != 0) {
    return 0;
  }
  const stox_span bytes = {from->sent + from->n_carried, some};
  from->n_carried += some;
  party_feed(to, bytes);
  return 1;
}

/* TLS is set up at once, or refused by both. What is told of the peer is gone behind the call. */
static inline int pair_tls(pair *c) {
  if (c->client.token == 0 || c->server.token == 0) {
    return 0;
  }
  const int is_refused = c->client.is_tls_refused || c->server.is_tls_refused;
  char room[2][64];
  stox_peer peer = c->sasl.peer;
  assert_true(peer.channel_binding.n <= sizeof room[0] &&
              peer.server_end_point.n <= sizeof room[1]);
  memcpy(room[0], peer.channel_binding.p, peer.channel_binding.n);
  memcpy(room[1], peer.server_end_point.p, peer.server_end_point.n);
  peer.channel_binding.p = room[0];
  peer.server_end_point.p = room[1];
  stox_peer theirs = peer;
  theirs.identities = c->peer.identities;
  theirs.verified = c->peer.verified;
  c->client.flow.peer = is_refused ? NULL : &theirs;
  c->server.flow.peer = is_refused ? NULL : &peer;
  (void)party_done(&c->client, is_refused ? STOX_E_AUTH : STOX_OK);
  (void)party_done(&c->server, is_refused ? STOX_E_AUTH : STOX_OK);
  memset(room, 0, sizeof room);
  c->client.flow.peer = is_refused ? NULL : &c->peer;
  c->server.flow.peer = is_refused ? NULL : &c->sasl.peer;
  party_pull(&c->client);
  party_pull(&c->server);
  return 1;
}

/* Whoever asked for time gets it. */
static inline int pair_late(pair *c) {
  stox_sasl_answer answer;
  if (c->is_asked_later && stox_client_answer(c->client.client, STOX_OK,
                                              &c->credentials[c->n_asked == 0 ? 0 : c->n_asked - 1],
                                              c->client.now_ns) == STOX_OK) {
    party_pull(&c->client);
    return 1;
  }
  assert_status(stox_sasl_answer_init(&answer, sizeof answer), STOX_OK);
  if (!c->sasl.host.is_later || c->sasl.host.n_asked == c->n_answered) {
    return 0;
  }
  c->n_answered++;
  const int verdict = sasl_decide(&c->sasl.host, &c->sasl.host.last, &answer);
  assert_status(stox_c2s_answer(c->server.server, verdict, &answer, c->server.now_ns), STOX_OK);
  party_pull(&c->server);
  return 1;
}

/* Runs both until nothing happens, `n` octets at a time. */
static inline void pair_run(pair *c, size_t n) {
  int goes_on = 1;
  party_pull(&c->client);
  party_pull(&c->server);
  while (goes_on) {
    goes_on = party_carry(&c->client, &c->server, n);
    goes_on |= party_carry(&c->server, &c->client, n);
    goes_on |= pair_tls(c);
    goes_on = goes_on || pair_late(c);
  }
}

#endif
