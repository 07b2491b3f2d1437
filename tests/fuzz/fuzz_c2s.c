/* SPDX-License-Identifier: MIT */
/* A client's stream, as its server or as the client, under a peer, a network and a host that do
 * anything. The first octet says which side and what it allows; each octet behind it is a step. Who
 * is let in was granted by the host, and never without TLS where that is required; nothing is sent
 * while TLS is set up; the end is told once and last; time never stands still; all memory is given
 * back. */
#include "script.h"
#include "stox/c2s.h"
#include "stox/client.h"

enum { ROOM = 1 << 14, FLOW = 7 };

#define SECOND  UINT64_C(1000000000)
#define STREAMS "xmlns:stream='http://etherx.jabber.org/streams'"
#define SASL    "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define TLS     "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct run {
  script script;
  stox_c2s *server;
  stox_client *client;
  stox_flow flow;
  stox_peer peer;
  uint64_t now;
  uint64_t token;    /* of what is not done; 0: nothing */
  uint64_t asked[4]; /* tokens of questions, and their types */
  int types[4];
  size_t n_asked;
  int needs_tls;
  int is_granted; /* a password was right, keys were given, or a certificate will do */
  int is_late;    /* the host answers later */
  int is_asked;   /* and owes an answer */
  int is_ready;
  int is_closed; /* the flow, by this side */
  int is_eof;    /* by the peer */
  int ends;
} run;

static const char *const texts[] = {
    "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' id='i' version='1.0'>",
    "<starttls " TLS "/>",
    "<proceed " TLS "/>",
    "<stream:features><starttls " TLS "><required/></starttls></stream:features>",
    "<stream:features><mechanisms " SASL "><mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>"
    "SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism><mechanism>EXTERNAL</mechanism>"
    "</mechanisms><sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding "
    "type='tls-exporter'/></sasl-channel-binding></stream:features>",
    "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
    "<auth " SASL " mechanism='PLAIN'>AHUAcA==</auth>",
    "<auth " SASL " mechanism='PLAIN'>AHUAeA==</auth>",
    "<auth " SASL " mechanism='SCRAM-SHA-1'>biwsbj11LHI9cg==</auth>",
    "<auth " SASL " mechanism='EXTERNAL'>=</auth>",
    "<response " SASL "/>",
    "<abort " SASL "/>",
    "<challenge " SASL "/>",
    "<success " SASL "/>",
    "<failure " SASL "><not-authorized/></failure>",
    "<failure " SASL "><invalid-mechanism/></failure>",
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource>"
    "</bind></iq>",
    "<iq type='result' id='7777777777777777'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>"
    "u@b.example/r</jid></bind></iq>",
    "<iq type='error' id='7777777777777777'><error type='modify'><conflict "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    "<message id='m'/>",
    "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "</stream:stream>",
    "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[2001:db8::2]:5333"
    "</see-other-host></stream:error>",
};

enum { N_TEXTS = sizeof texts / sizeof texts[0] };

/* One value for ids, so that an input can answer them. */
static int fill(void *ud, void *p, size_t n) {
  (void)ud;
  memset(p, 0x77, n);
  return STOX_OK;
}

/* ---- the host ---- */

static int verdict(run *r, const stox_sasl_question *question) {
  const int is_right = question->kind != STOX_SASL_ASK_PASSWORD ||
                       (question->password.n == 1 && question->password.p[0] == 'p');
  require(question->domain.n == 9);
  r->is_granted |= is_right;
  return is_right ? STOX_OK : STOX_E_AUTH;
}

static int ask(void *ud, const stox_sasl_question *question, stox_sasl_answer *answer) {
  run *r = ud;
  answer->keys = (stox_scram_keys){.iterations = 1, .salt_n = 1};
  r->is_asked = r->is_late;
  return r->is_late ? STOX_E_MORE : verdict(r, question);
}

static int give(void *ud, int condition, stox_client_credentials *out) {
  run *r = ud;
  require(condition >= STOX_SASL_NONE && condition <= STOX_SASL_MALFORMED_REQUEST);
  *out = (stox_client_credentials){{"u", 1}, {"p", 1}};
  r->is_asked = r->is_late;
  return r->is_late ? STOX_E_MORE : STOX_OK;
}

static void give_late(run *r, unsigned how) {
  static const stox_client_credentials credentials = {{"u", 1}, {"p", 1}};
  const int status = how % 3 == 0 ? STOX_E_AUTH : STOX_OK;
  r->is_granted |= status == STOX_OK;
  r->is_asked = 0;
  if (r->client != NULL) {
    (void)stox_client_answer(r->client, status, &credentials, r->now);
  } else {
    (void)stox_c2s_answer(r->server, status, NULL, r->now);
  }
}

static stox_stream *stream_of(const run *r) {
  return r->client != NULL ? stox_client_stream(r->client) : stox_c2s_stream(r->server);
}

/* One question, answered or not. */
static void resolve(run *r, unsigned how) {
  static const stox_record records[] = {
      {.type = STOX_RECORD_SRV, .port = 5222, .target = {"a.example", 9}},
      {.type = STOX_RECORD_SRV, .port = 5223, .priority = 1, .target = {"a.example", 9}},
      {.type = STOX_RECORD_A, .target = {"192.0.2.1", 9}},
      {.type = STOX_RECORD_AAAA, .target = {"2001:db8::1", 11}},
  };
  const size_t slot = how % 4;
  const int status = how >> 2 & 1 ? STOX_E_TIMEOUT : STOX_OK;
  const int type = r->types[slot];
  const size_t from = type == STOX_RECORD_SRV ? 0 : type == STOX_RECORD_A ? 2 : 3;
  const size_t n = status != STOX_OK || how >> 3 == 0 ? 0 : type == STOX_RECORD_SRV ? 2 : 1;
  (void)stox_client_resolved(r->client, r->asked[slot], status, records + from, n, r->now);
}

static void bind(run *r, unsigned how) {
  const stox_span none = {NULL, 0};
  const stox_span resource = {"r", 1};
  if (stream_of(r) == NULL) {
    resolve(r, how);
  } else if (how % 4 == 0) {
    (void)stox_stream_bind_refuse(stream_of(r), STOX_COND_CONFLICT, r->now);
  } else {
    (void)stox_stream_bind_accept(stream_of(r), how % 2 ? none : resource, r->now);
  }
}

/* ---- what the machine asks for ---- */

static void event(run *r, const stox_action *action) {
  require(r->ends == 0);
  switch (action->event) {
  case STOX_STREAM_ON_HEADER:
  case STOX_STREAM_ON_FEATURES:
  case STOX_STREAM_ON_SASL:
    require(action->event == 0); /* these are not told */
    break;
  case STOX_STREAM_ON_READY:
    require(!r->is_ready && stox_stream_jid(stream_of(r)).n > 0);
    require(!r->needs_tls || stox_stream_is_secure(stream_of(r)));
    require(r->client != NULL || r->is_granted);
    r->is_ready = 1;
    break;
  case STOX_STREAM_ON_STANZA:
    require(r->is_ready);
    break;
  case STOX_STREAM_ON_BIND:
    require(r->server != NULL && r->is_granted);
    break;
  case STOX_STREAM_ON_CLOSED:
    require(r->is_closed || r->is_eof || r->flow.handle == 0 || r->client != NULL);
    r->ends++;
    break;
  default:
    break;
  }
}

static void act(run *r, const stox_action *action) {
  switch (action->kind) {
  case STOX_DO_EVENT:
    event(r, action);
    break;
  case STOX_DO_SEND:
    require(action->handle == FLOW && action->bytes.n > 0 && !r->is_closed && r->token == 0);
    break;
  case STOX_DO_START_TLS:
    require(action->object != NULL &&
            ((const stox_secure *)action->object)->is_server == (r->server != NULL));
    require(!stox_stream_is_secure(stream_of(r)));
    r->token = action->token;
    break;
  case STOX_DO_RESOLVE:
    require(r->client != NULL && stream_of(r) == NULL);
    r->asked[r->n_asked % 4] = action->token;
    r->types[r->n_asked++ % 4] = ((const stox_question *)action->object)->type;
    break;
  case STOX_DO_OPEN:
    require(r->client != NULL && stream_of(r) == NULL);
    r->token = action->token;
    r->is_closed = 0; /* it goes elsewhere */
    r->is_eof = 0;
    break;
  default:
    require(action->kind == STOX_DO_CLOSE && !r->is_closed);
    r->is_closed = 1;
    r->token = 0;
    break;
  }
}

static void pull(run *r) {
  const stox_action *action = NULL;
  size_t steps = 0;
  do {
    require(steps++ < 10000);
    action =
        r->client != NULL ? stox_client_next(r->client, r->now) : stox_c2s_next(r->server, r->now);
    if (action != NULL) {
      act(r, action);
    }
  } while (action != NULL);
}

static uint64_t deadline(const run *r) {
  return r->client != NULL ? stox_client_deadline(r->client) : stox_c2s_deadline(r->server);
}

static void tick(run *r, uint64_t ns) {
  const uint64_t until = r->now + ns;
  for (size_t i = 0; r->now < until && i < 64; i++) {
    const uint64_t due = deadline(r);
    r->now = due < until ? (due > r->now ? due : r->now) : until;
    (void)(r->client != NULL ? stox_client_tick(r->client, r->now)
                             : stox_c2s_tick(r->server, r->now));
    pull(r);
    require(deadline(r) > r->now);
  }
  r->now = until;
}

/* ---- steps ---- */

static void say(run *r, stox_span octets) {
  if (r->is_closed || r->is_eof || octets.n == 0) {
    return;
  }
  (void)(r->client != NULL ? stox_client_feed(r->client, &r->flow, octets, r->now)
                           : stox_c2s_feed(r->server, &r->flow, octets, r->now));
}

static void finish_token(run *r, unsigned how) {
  const uint64_t token = how == 15 ? r->token + 1 : r->token;
  const int status = how % 4 == 0 ? STOX_E_REFUSED : STOX_OK;
  r->flow.peer = how % 5 == 0 ? NULL : &r->peer;
  if (r->token == 0) {
    return;
  }
  const int taken = r->client != NULL ? stox_client_done(r->client, token, status, &r->flow, r->now)
                                      : stox_c2s_done(r->server, token, status, &r->flow, r->now);
  r->token = taken == STOX_E_STATE ? r->token : 0;
}

static void end_flow(run *r) {
  if (!r->is_eof && !r->is_closed && stream_of(r) != NULL) {
    r->is_eof = 1;
    r->token = 0;
    (void)stox_stream_feed(stream_of(r), (stox_span){NULL, 0}, r->now);
  }
}

static void step(run *r) {
  char room[ROOM];
  const unsigned what = next_octet(&r->script);
  const unsigned how = what >> 3;
  switch (what & 7) {
  case 0: {
    const stox_span text = next_text(&r->script, room, sizeof room);
    for (size_t at = 0; at < text.n; at += how + 1) {
      say(r, stox_span_slice(text, at, how + 1));
      pull(r);
    }
    break;
  }
  case 1:
  case 2:
    say(r, stox_span_text(texts[how % N_TEXTS]));
    break;
  case 3:
    finish_token(r, how & 15);
    break;
  case 4:
    bind(r, how);
    break;
  case 5:
    tick(r, (uint64_t)how * how * SECOND / 8);
    break;
  case 6:
    r->script.fail_in = how;
    break;
  default:
    if (how == 0) {
      end_flow(r);
    } else if (r->is_asked) {
      give_late(r, how);
    } else {
      r->is_late = (int)how % 2;
    }
    break;
  }
  pull(r);
}

static void finish(run *r) {
  r->script.fail_in = 0;
  if (r->client != NULL) {
    (void)stox_client_close(r->client, r->now);
  } else {
    (void)stox_stream_close(stream_of(r), r->now);
  }
  pull(r);
  tick(r, 60 * SECOND);
  require(r->ends == 1 && deadline(r) == UINT64_MAX);
  stox_client_del(r->client);
  stox_c2s_del(r->server);
  require(r->script.live == 0);
}

/* Which side, and what it allows. */
static void begin(run *r, unsigned what, const stox_allocator *alloc, const stox_random *random) {
  static const stox_span domain = {"b.example", 9};
  static stox_stream_options stream;
  static stox_sasl_server_options server;
  static stox_sasl_client_options client;
  const int tls = (int)(what >> 1) % 3;
  stox_c2s_options own;
  stox_client_options theirs;
  require(stox_stream_options_init(&stream, sizeof stream) == STOX_OK);
  require(stox_sasl_server_options_init(&server, sizeof server) == STOX_OK);
  require(stox_sasl_client_options_init(&client, sizeof client) == STOX_OK);
  require(stox_c2s_options_init(&own, sizeof own) == STOX_OK);
  require(stox_client_options_init(&theirs, sizeof theirs) == STOX_OK);
  stream.to = domain;
  stream.alloc = alloc;
  stream.random = random;
  stream.dialect = (int)(what >> 3) % 2;
  server.decoy_secret = domain;
  server.ask = ask;
  server.ud = r;
  client.has_certificate = (int)(what >> 4) % 2;
  own = (stox_c2s_options){.size = sizeof own, .tls = tls, .domains = &domain, .n_domains = 1};
  own.stream = &stream;
  own.sasl = &server;
  theirs.tls = tls;
  theirs.stream = &stream;
  theirs.sasl = &client;
  theirs.ask = give;
  theirs.ud = r;
  theirs.resource = stox_span_slice(domain, 0, what >> 5 & 1);
  theirs.remote =
      (stox_endpoint){domain, 5222, what >> 6 & 1 ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP};
  r->needs_tls = tls == STOX_C2S_TLS_REQUIRED;
  r->flow = (stox_flow){.handle = FLOW, .peer = what >> 7 ? &r->peer : NULL};
  if (what % 2) {
    r->peer.identities = (stox_span){"DNS:b.example\n", 14};
    const int has_flow = (what >> 5 & 3) != 3;
    theirs.remote.host.n = what >> 4 & 1 ? 0 : theirs.remote.host.n;
    require(stox_client_new(&r->client, &theirs, has_flow ? &r->flow : NULL, r->now) == STOX_OK);
  } else {
    require(stox_c2s_new(&r->server, &own, &r->flow, r->now) == STOX_OK);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  r = (run){.script = {.p = data, .n = size, .seed = 1}, .now = SECOND};
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  const stox_random random = {sizeof random, &r.script, fill};
  r.peer = (stox_peer){.size = sizeof r.peer,
                       .secure = 1,
                       .verified = 1,
                       .identities = {"XMPP:u@b.example\n", 17},
                       .channel_binding = {"01234567890123456789012345678901", 32}};
  begin(&r, next_octet(&r.script), &alloc, &random);
  pull(&r);
  while (r.script.n > 0) {
    step(&r);
  }
  finish(&r);
  return 0;
}
