/* SPDX-License-Identifier: MIT */
#include "c2s_support.h"
#include "stream_script.h"

/* The draft's examples of clients and servers, each side in turn being ours, by the machines that
 * do all of it. What the draft does and no entity may do any more (a password without TLS, line
 * breaks in base64) is refused as RFC 6120 says. */

enum {
  HAS = LOG + 1, /* our side has said a text, besides other things */
  NOT,           /* or has not */
  GRANTS /* our server answers the next request to bind: by a condition's name, or granting */
};

typedef struct play {
  int is_client;
  int is_secure; /* TLS stands from the first octet */
  int tls;       /* STOX_C2S_TLS_…, STOX_CLIENT_TLS_… */
  uint32_t mechanisms;
  const char *resource;
  step steps[20];
} play;

#define CLEAR   0, STOX_C2S_TLS_NONE
#define TLS_ASK 0, STOX_C2S_TLS_REQUIRED
#define SECURED 1, STOX_C2S_TLS_NONE
#define DIGEST  STOX_SASL_DIGEST_MD5
#define PLAIN   STOX_SASL_PLAIN
#define SOME    "someresource"

/* `realm="somerealm",nonce="OA6MG9tEQGm2hh",qop="auth",charset=utf-8,algorithm=md5-sess` */
#define STRICT_CHALLENGE                                                                           \
  "<challenge " SASL ">cmVhbG09InNvbWVyZWFsbSIsbm9uY2U9Ik9BNk1HOXRFUUdtMmhoIixxb3A9ImF1dGgi"       \
  "LGNoYXJzZXQ9dXRmLTgsYWxnb3JpdGhtPW1kNS1zZXNz</challenge>"
/* NUL somenode NUL secret */
#define AUTH_PLAIN "<auth " SASL " mechanism='PLAIN'>AHNvbWVub2RlAHNlY3JldA==</auth>"

#define LOGGED_IN                                                                                  \
  {PEER, "6.5-step02-server-header.xml"}, {PEER, "6.5-step03-features-mechanisms.xml"},            \
      {HAS, AUTH_PLAIN}, {PEER, "6.5-step09-success.xml"}, {                                       \
    SAID, "6.5-step10-client-new-header.xml"                                                       \
  }
#define LET_IN                                                                                     \
  {PEER, "6.5-step01-client-header.xml"}, {SAID, "6.5-step02-server-header.xml"},                  \
      {WORDS, AUTH_PLAIN}, {SAID, "6.5-step09-success.xml"}, {                                     \
    PEER, "6.5-step10-client-new-header.xml"                                                       \
  }

/* Of clients alone: "XC-5.3-01" "XC-5.3-02" "XC-5.3-03" "XC-5.3-04" "XC-5.3-05" "XC-5.3-06"
 * "XC-5.3-07" "XC-5.3-08" "XC-6.5-01" "XC-6.5-02" "XC-6.5-03" "XC-6.5-04" "XC-6.5-05"
 * "XC-6.5-06" "XC-6.5-07" "XC-6.5-08" "XC-6.5-09" "XC-6.5-10" "XC-6.5-11" "XC-6.5-12"
 * "XC-6.5-13" "XC-6.5-14" "XC-7-15" "XC-4.8-01" "XC-4.8-02" */
static const play plays[] = {
    {1,
     TLS_ASK,
     PLAIN,
     SOME,
     {{SAID, "5.3-step01-client-header.xml"},
      {PEER, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step03-features-starttls-required.xml"},
      {SAID, "5.3-step04-starttls.xml"},
      {PEER, "5.3-step05-proceed.xml"},
      {TLS_OK, NULL},
      {SAID, "5.3-step07-client-new-header.xml"},
      {PEER, "5.3-step08-server-header-and-features.xml"},
      {HAS, AUTH_PLAIN},
      {LOG, "T"}}},
    {1,
     TLS_ASK,
     PLAIN,
     SOME,
     {{PEER, "5.3-step02-server-header.xml"},
      {PEER, "5.3-step03-features-starttls-required.xml"},
      {PEER, "5.3-step05alt-failure.xml"},
      {LOG, "CZ"}}},
    {1,
     CLEAR,
     DIGEST,
     SOME,
     {{SAID, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {SAID, "6.5-step04-auth.xml"},
      {PEER, "6.5-step05-challenge.xml"}, /* broken into lines */
      {HAS, "<abort " SASL "/>"},
      {PEER, "6.5-step05alt-failure.xml"},
      {LOG, "fCZ"}}},
    {1,
     CLEAR,
     DIGEST,
     SOME,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PEER, "6.5-step05alt-failure.xml"},
      {LOG, "fCZ"}}},
    {1,
     CLEAR,
     DIGEST,
     SOME,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {WORDS, STRICT_CHALLENGE},
      {HAS, "<response " SASL ">"},
      {PEER, "6.5-step07alt-failure.xml"},
      {LOG, "fCZ"}}},
    {1,
     CLEAR,
     DIGEST,
     SOME,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {WORDS, STRICT_CHALLENGE},
      {PEER, "6.5-step09-success.xml"}, /* of a server that has not shown that it knows */
      {HAS, "</stream:stream>"},
      {LOG, ""}}},
    {1,
     SECURED,
     PLAIN,
     SOME,
     {LOGGED_IN,
      {PEER, "6.5-step11-server-header-and-features.xml"},
      {SAID, "7-client-binds-resource.xml"},
      {REPLY, "7-server-bind-result.xml"},
      {HAS, "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"},
      {LOG, ""}}},
    {1,
     SECURED,
     PLAIN,
     SOME,
     {{PEER, "6.5-step02-server-header.xml"},
      {PEER, "6.5-step03-features-mechanisms.xml"},
      {PEER, "6.5-step09-success.xml"},
      {PEER, "7-server-advertises-bind.xml"},
      {REPLY, "7-server-bind-result.xml"},
      {SEND, "4.8-basic-session.client.xml"},
      {CLOSE, NULL},
      {BODY, "4.8-basic-session.server.xml"},
      {SAID, "4.8-basic-session.client.xml"},
      {LOG, "RMCZ"}}},
    {1,
     SECURED,
     PLAIN,
     NULL,
     {LOGGED_IN,
      {PEER, "7-server-advertises-bind.xml"},
      {SAID, "7-client-asks-server-to-generate.xml"},
      {REPLY, "7-server-bind-result.xml"},
      {LOG, "R"}}},
    {1,
     SECURED,
     PLAIN,
     SOME,
     {LOGGED_IN,
      {PEER, "7-server-advertises-bind.xml"},
      {SAID, "7-client-binds-resource.xml"},
      {REPLY, "7-error-in-use.xml"},
      {SAID, "7-client-asks-server-to-generate.xml"},
      {LOG, "b"}}},
    {1,
     SECURED,
     PLAIN,
     SOME,
     {LOGGED_IN,
      {PEER, "7-server-advertises-bind.xml"},
      {SAID, "7-client-binds-resource.xml"},
      {REPLY, "7-error-not-processable.xml"},
      {SAID, "7-client-asks-server-to-generate.xml"},
      {LOG, "b"}}},
    {1,
     SECURED,
     PLAIN,
     SOME,
     {LOGGED_IN,
      {PEER, "7-server-advertises-bind.xml"},
      {SAID, "7-client-binds-resource.xml"},
      {REPLY, "7-error-not-allowed.xml"},
      {LOG, "b"}}},
    {1, SECURED, PLAIN, SOME, {{PEER, "4.8-gone-bad.server.xml"}, {LOG, "XCZ"}}},
    {0,
     TLS_ASK,
     DIGEST | PLAIN,
     NULL,
     {{PEER, "5.3-step01-client-header.xml"},
      {SAID, "5.3-step02-server-header.xml"},
      {HAS, "<starttls " TLS "><required/></starttls>"},
      {NOT, "<mechanism>PLAIN</mechanism>"},
      {PEER, "5.3-step04-starttls.xml"},
      {SAID, "5.3-step05-proceed.xml"},
      {TLS_OK, NULL},
      {PEER, "5.3-step07-client-new-header.xml"},
      {HAS, "<mechanism>DIGEST-MD5</mechanism><mechanism>PLAIN</mechanism>"},
      {LOG, "T"}}},
    {0,
     CLEAR,
     DIGEST,
     NULL,
     {{PEER, "5.3-step01-client-header.xml"},
      {PEER, "5.3-step04-starttls.xml"},
      {SAID, "5.3-step05alt-failure.xml"},
      {LOG, "CZ"}}},
    {0,
     CLEAR,
     DIGEST,
     NULL,
     {{PEER, "6.5-step01-client-header.xml"},
      {PEER, "6.5-step04-auth.xml"},
      {HAS, "<challenge " SASL ">"},
      {PEER, "6.5-step06-response.xml"}, /* broken into lines */
      {HAS, "<incorrect-encoding/>"},
      {PEER, "6.5-step04-auth.xml"},
      {PEER, "6.5-step08-empty-response.xml"},
      {HAS, "<failure " SASL ">"},
      {LOG, "ff"}}},
    {0,
     SECURED,
     PLAIN,
     NULL,
     {LET_IN,
      {SAID, "6.5-step11-server-header-and-features.xml"},
      {PEER, "7-client-asks-server-to-generate.xml"},
      {HAS, "<jid>somenode@example.com/"},
      {LOG, "BR"}}},
    {0,
     SECURED,
     PLAIN,
     NULL,
     {LET_IN,
      {GRANTS, NULL},
      {PEER, "7-client-binds-resource.xml"},
      {SEND, "4.8-basic-session.server.xml"},
      {BODY, "4.8-basic-session.client.xml"},
      {SAID, "4.8-basic-session.server.xml"},
      {LOG, "BRMCZ"}}},
    {0,
     SECURED,
     PLAIN,
     NULL,
     {LET_IN,
      {GRANTS, "bad-request"},
      {PEER, "7-client-binds-resource.xml"},
      {SAID, "7-error-not-processable.xml"},
      {GRANTS, "not-allowed"},
      {PEER, "7-client-binds-resource.xml"},
      {SAID, "7-error-not-allowed.xml"},
      {GRANTS, "conflict"},
      {PEER, "7-client-binds-resource.xml"},
      {SAID, "7-error-in-use.xml"},
      {PEER, "7-client-binds-resource.xml"},
      {SAID, "7-server-bind-result.xml"},
      {LOG, "BBBBR"}}},
    {0,
     SECURED,
     PLAIN,
     NULL,
     {{PEER, "4.8-gone-bad.client.xml"}, {SAID, "4.8-gone-bad.server.xml"}, {LOG, "xCZ"}}},
};

/* ---- running ---- */

static pair c;

/* What stream_script.h looks at. */
static void check(const play *p, party *side, const char *file) {
  static end e;
  const script s = {.flow = file,
                    .role = p->is_client ? STOX_STREAM_INITIATING : STOX_STREAM_RECEIVING,
                    .kind = STOX_STREAM_CLIENT};
  e.n_sent = side->n_sent - side->n_carried;
  e.n_heard_of_it = 0;
  assert_true(e.n_sent < sizeof e.sent);
  memcpy(e.sent, side->sent + side->n_carried, e.n_sent + 1);
  check_said(&s, &e, file);
  side->n_carried += e.n_heard_of_it;
}

static void hear(party *side, stox_span text, size_t n) {
  for (size_t at = 0; at < text.n; at += n == 0 ? text.n : n) {
    party_feed(side, stox_span_slice(text, at, n == 0 ? text.n : n));
  }
}

/* The answer's id is the draft's: it is changed to that of our request. */
static stox_span reply_to(const party *side, char *room, size_t cap, const char *file) {
  (void)stream_file(room, cap, file);
  char *id = strstr(room, "id='");
  const char *ours = side->sent;
  for (const char *next = ours; next != NULL; next = strstr(next + 1, "<iq ")) {
    ours = next;
  }
  ours = strstr(ours, "id='");
  assert_true(id != NULL && ours != NULL);
  const size_t n = strcspn(ours + 4, "'");
  const char *rest = strchr(id + 4, '\'');
  assert_true(rest != NULL && strlen(room) + n < cap);
  memmove(id + 4 + n, rest, strlen(rest) + 1);
  memcpy(id + 4, ours + 4, n);
  return stox_span_text(room);
}

static void run_tls(party *side) {
  side->flow.peer = side == &c.client ? &c.peer : &c.sasl.peer;
  assert_status(party_done(side, STOX_OK), STOX_OK);
  party_pull(side);
}

static void look(const play *p, party *side, const step *st) {
  switch (st->what) {
  case SAID:
    check(p, side, st->text);
    break;
  case HAS:
  case NOT:
    if ((strstr(side->sent, st->text) != NULL) != (st->what == HAS)) {
      fail_msg("%s: %s", side->sent, st->text);
    }
    break;
  default:
    if (strcmp(side->log, st->text) != 0) {
      fail_msg("play %zu: %s, not %s", (size_t)(p - plays), side->log, st->text);
    }
    break;
  }
}

static void act(party *side, const step *st, size_t n) {
  char room[4096];
  switch (st->what) {
  case PEER:
    hear(side, stream_file(room, sizeof room, st->text), n);
    break;
  case REPLY:
    hear(side, reply_to(side, room, sizeof room, st->text), n);
    break;
  case BODY:
    (void)stream_file(room, sizeof room, st->text);
    hear(side, stox_span_text(body_of(room)), n);
    break;
  case WORDS:
    hear(side, stox_span_text(st->text), n);
    break;
  case SEND:
    (void)stream_file(room, sizeof room, st->text);
    assert_status(stox_stream_send(party_stream(side), without_end(body_of(room))), STOX_OK);
    break;
  case CLOSE:
    assert_status(stox_stream_close(party_stream(side), 0), STOX_OK);
    break;
  case TLS_OK:
    run_tls(side);
    break;
  default:
    side->bind_condition = stox_condition_of(stox_span_text(st->text));
    break;
  }
  party_pull(side);
}

static party *begin(const play *p) {
  static const stox_stream_offer session = {.offered = STOX_FEATURE_SESSION};
  pair_init(&c);
  party *side = p->is_client ? &c.client : &c.server;
  c.sasl.host.user = "somenode";
  c.sasl.host.password = "secret";
  c.sasl.client_options.username = S("somenode");
  c.sasl.client_options.password = S("secret");
  c.sasl.client_options.mechanisms = p->mechanisms;
  c.sasl.server_options.mechanisms = p->mechanisms;
  c.client_options.tls = p->tls;
  c.client_options.resource = stox_span_text(p->resource);
  c.server_options.tls = p->tls;
  c.server_options.offer = &session;
  side->stream_options.dialect = STOX_DIALECT_DRAFT2005;
  side->flow.peer = !p->is_secure ? NULL : p->is_client ? &c.peer : &c.sasl.peer;
  if (p->is_client) {
    assert_status(stox_client_new(&side->client, &c.client_options, &side->flow, 0), STOX_OK);
  } else {
    assert_status(stox_c2s_new(&side->server, &c.server_options, &side->flow, 0), STOX_OK);
  }
  party_pull(side);
  return side;
}

static void test_vectors(void **state) {
  (void)state;
  static const size_t pieces[] = {0, 1, 5};
  for (size_t i = 0; i < COUNT(plays) * COUNT(pieces); i++) {
    const play *p = &plays[i / COUNT(pieces)];
    party *side = begin(p);
    for (const step *st = p->steps; st->what != DONE; st++) {
      if (st->what == SAID || st->what == HAS || st->what == NOT || st->what == LOG) {
        look(p, side, st);
      } else {
        act(side, st, pieces[i % COUNT(pieces)]);
      }
    }
    pair_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
