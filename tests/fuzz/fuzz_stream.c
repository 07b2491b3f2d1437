/* SPDX-License-Identifier: MIT */
/* A stream in either role and of any kind, under a peer, a network and a host that do anything. The
 * first octet says which stream, the second in which state it begins; each octet behind them is a
 * step. What goes out can be read as XML, the flow is closed or was ended by the peer, the end is
 * told once and last, time never stands still, and all memory is given back. */
#include "script.h"
#include "stox/stream.h"

enum { ROOM = 1 << 14, SENT_MAX = 1 << 16 };

#define SECOND  UINT64_C(1000000000)
#define STREAMS "xmlns:stream='http://etherx.jabber.org/streams'"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct run {
  script script;
  stox_stream *stream;
  stox_xml_reader *reader; /* of what it sends */
  stox_stream_options options;
  uint64_t now;
  uint64_t token; /* of a START_TLS that is not done; 0: none */
  int is_closed;  /* the flow, by either side */
  int is_eof;     /* by the peer */
  int ends;
  int is_ready;
  int refusals;
  int headers; /* that wait for an answer */
  int binds;   /* that wait for one */
} run;

static const char *const headers[] = {
    "<stream:stream xmlns='jabber:client' " STREAMS " to='b.example' id='i' version='1.0'>",
    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' " STREAMS
    " to='b.example' from='a.example' id='i' version='1.0'>",
    "<stream:stream xmlns='jabber:component:accept' " STREAMS " to='b.example' id='i'>",
};

static const char *const texts[] = {
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><mechanisms "
    "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
    "</stream:features>",
    "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session "
    "xmlns='urn:ietf:params:xml:ns:xmpp-session'/></stream:features>",
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>=</auth>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    "<iq type='result' id='7777777777777777'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>"
    "a@b/c</jid></bind></iq>",
    "<iq type='result' id='7777777777777777'/>",
    "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<message from='a.example' to='b.example'/>",
    "<db:result xmlns:db='jabber:server:dialback' from='a.example' to='b.example'>k</db:result>",
    "<handshake xmlns='jabber:component:accept'/>",
    "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    "</stream:stream>",
    " ",
};

enum { N_TEXTS = sizeof texts / sizeof texts[0] };

/* One value for ids, so that an input can answer them. */
static int fill(void *ud, void *p, size_t n) {
  (void)ud;
  memset(p, 0x77, n);
  return STOX_OK;
}

static void say(run *r, stox_span octets) {
  if (r->is_closed || octets.n == 0) {
    return;
  }
  const int status = stox_stream_feed(r->stream, octets, r->now);
  require(status == STOX_OK || status == STOX_E_NOMEM || status == STOX_E_FULL ||
          status == STOX_E_STATE);
}

/* Every octet sent is XML: a stream, and after a restart another. */
static void read_sent(run *r, stox_span octets) {
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  if (octets.n > 5 && memcmp(octets.p, "<?xml", 5) == 0) {
    require(stox_xml_reader_restart(r->reader) == STOX_OK);
  }
  while (octets.n > 0) {
    size_t used = 0;
    int kind = 0;
    const stox_xml_element *element = NULL;
    const int status = stox_xml_feed(r->reader, &used, octets, NULL);
    octets = stox_span_slice(octets, used, octets.n);
    if (status == STOX_E_MORE) {
      break;
    }
    require(status == STOX_OK);
    require(stox_xml_next(r->reader, &arena, &kind, &element) == STOX_OK);
    if (octets.n > 5 && memcmp(octets.p, "<?xml", 5) == 0) {
      require(stox_xml_reader_restart(r->reader) == STOX_OK);
    }
  }
  stox_arena_clear(&arena);
}

static void event(run *r, const stox_action *action) {
  require(r->ends == 0);
  switch (action->event) {
  case STOX_STREAM_ON_HEADER:
    require(((const stox_stream_header *)action->object)->kind == r->options.kind);
    r->headers += r->options.role == STOX_STREAM_RECEIVING;
    break;
  case STOX_STREAM_ON_BIND:
    r->binds++;
    break;
  case STOX_STREAM_ON_READY:
    require(!r->is_ready);
    r->is_ready = 1;
    break;
  case STOX_STREAM_ON_STANZA:
  case STOX_STREAM_ON_CUT:
    require(r->is_ready || r->options.role == STOX_STREAM_INITIATING);
    require(((const stox_stanza *)action->object)->element != NULL);
    break;
  case STOX_STREAM_ON_ERROR:
  case STOX_STREAM_ON_REFUSED:
    require(((const stox_stream_error *)action->object)->condition != STOX_STREAM_NONE);
    require(r->refusals++ == 0);
    break;
  case STOX_STREAM_ON_CLOSED:
    require(r->is_closed || r->is_eof);
    r->ends++;
    break;
  default:
    require(action->event > 0 && action->event < STOX_STREAM_ON_ERROR);
    break;
  }
}

static void act(run *r, const stox_action *action) {
  static char octets[SENT_MAX];
  switch (action->kind) {
  case STOX_DO_EVENT:
    event(r, action);
    break;
  case STOX_DO_SEND:
    require(action->handle == 7 && action->bytes.n > 0 && !r->is_closed && r->token == 0);
    require(action->bytes.n <= sizeof octets);
    memcpy(octets, action->bytes.p, action->bytes.n);
    read_sent(r, (stox_span){octets, action->bytes.n});
    break;
  case STOX_DO_START_TLS:
    require(!r->is_closed && !stox_stream_is_secure(r->stream));
    r->token = action->token;
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
  while ((action = stox_stream_next(r->stream, r->now)) != NULL) {
    require(steps++ < 10000);
    act(r, action);
  }
}

static void tick(run *r, uint64_t ns) {
  const uint64_t until = r->now + ns;
  for (size_t i = 0; r->now < until && i < 64; i++) {
    const uint64_t due = stox_stream_deadline(r->stream);
    r->now = due < until ? (due > r->now ? due : r->now) : until;
    (void)stox_stream_tick(r->stream, r->now);
    pull(r);
    require(stox_stream_deadline(r->stream) > r->now);
  }
  r->now = until;
}

static void answer(run *r, unsigned how) {
  static const stox_span mechanism = {"PLAIN", 5};
  const stox_stream_offer offer = {.offered =
                                       how & 1 ? STOX_FEATURE_STARTTLS : STOX_FEATURE_SESSION,
                                   .n_mechanisms = 1,
                                   .mechanisms = &mechanism};
  const stox_stream_reply reply = {.offer = &offer,
                                   .secret = {"s", 1},
                                   .condition = how > 12 ? (int)how : 0,
                                   .other_host = {"c.example", 9}};
  const int status = stox_stream_answer(r->stream, &reply, r->now);
  require(status != STOX_E_STATE || r->headers == 0 || r->refusals > 0 || r->is_eof ||
          r->ends > 0 || r->is_closed);
  r->headers -= status == STOX_OK && r->headers > 0;
}

static void host_step(run *r, unsigned what, unsigned how) {
  const stox_span none = {NULL, 0};
  const stox_span identity = {"a.example", 9};
  const stox_stream_error error = {.condition = (int)how + 1, .is_bare = 1};
  switch (what) {
  case 0:
    answer(r, how);
    break;
  case 1:
    (void)stox_stream_starttls(r->stream, r->now);
    break;
  case 2:
    if (stox_stream_done(r->stream, r->token, how % 4 ? STOX_OK : STOX_E_AUTH, r->now) == STOX_OK) {
      r->token = 0;
    }
    break;
  case 3:
    (void)stox_stream_put(r->stream, stox_span_text(texts[how % 4 + 2]), r->now);
    break;
  case 4:
    (void)stox_stream_authenticate(r->stream, identity, (int)how % 3, r->now);
    break;
  case 5:
    (void)stox_stream_bind(r->stream, how % 2 ? identity : none, r->now);
    break;
  case 6:
    (void)stox_stream_bind_accept(r->stream, how % 2 ? identity : none, r->now);
    break;
  case 7:
    (void)stox_stream_bind_refuse(r->stream, (int)how, r->now);
    break;
  case 8:
    (void)stox_stream_send(r->stream, stox_span_text("<presence/>"));
    break;
  case 9:
    (void)stox_stream_ping(r->stream, r->now);
    break;
  case 10:
    (void)stox_stream_close(r->stream, r->now);
    break;
  case 11:
    (void)stox_stream_fail(r->stream, &error, r->now);
    break;
  default:
    stox_stream_verifying(r->stream, (int)how % 2);
    break;
  }
}

static void step(run *r) {
  char room[ROOM];
  const unsigned what = next_octet(&r->script);
  const unsigned how = what >> 4;
  switch (what & 15) {
  case 0: {
    const stox_span text = next_text(&r->script, room, sizeof room);
    for (size_t at = 0; at < text.n; at += how + 1) {
      say(r, stox_span_slice(text, at, how + 1));
      pull(r);
    }
    break;
  }
  case 1:
    say(r, next_text(&r->script, room, sizeof room));
    break;
  case 2:
    say(r, stox_span_text(headers[r->options.kind - 1]));
    break;
  case 3:
  case 4:
  case 5:
    say(r, stox_span_text(texts[how % N_TEXTS]));
    break;
  case 6:
    tick(r, (uint64_t)how * how * SECOND / 2);
    break;
  case 7:
    stox_stream_hold(r->stream, (int)how % 2);
    break;
  case 8:
    r->script.fail_in = how;
    break;
  case 9:
    if (how == 0 && !r->is_eof && !r->is_closed) {
      r->is_eof = 1;
      r->token = 0;
      (void)stox_stream_feed(r->stream, (stox_span){NULL, 0}, r->now);
    }
    break;
  default:
    host_step(r, how, next_octet(&r->script) & 15);
    break;
  }
  pull(r);
}

/* Leads a stream to the state that the input asks for, as far as it gets. */
static void lead(run *r, unsigned state) {
  const int is_receiving = r->options.role == STOX_STREAM_RECEIVING;
  const char *header = headers[r->options.kind - 1];
  const stox_span identity = {"a.example", 9};
  for (unsigned i = 0; i < state; i++) {
    if (stox_stream_peer(r->stream) == NULL) {
      say(r, stox_span_text(header));
      pull(r);
      if (is_receiving) {
        answer(r, i % 2);
      }
    } else if (!is_receiving && i % 2) {
      say(r, stox_span_text(texts[i > 3]));
    } else if (stox_stream_authenticate(r->stream, identity, STOX_STREAM_BY_SASL, r->now) !=
               STOX_OK) {
      (void)stox_stream_bind(r->stream, identity, r->now);
      say(r, stox_span_text(texts[is_receiving ? 6 : 7]));
      pull(r);
      (void)stox_stream_bind_accept(r->stream, identity, r->now);
    }
    pull(r);
  }
}

static void finish(run *r) {
  r->script.fail_in = 0;
  stox_stream_hold(r->stream, 0);
  (void)stox_stream_close(r->stream, r->now);
  pull(r);
  tick(r, 60 * SECOND);
  pull(r);
  require(r->ends == 1 && stox_stream_deadline(r->stream) == UINT64_MAX);
  require(r->is_closed || r->is_eof);
  stox_stream_del(r->stream);
  stox_xml_reader_del(r->reader);
  require(r->script.live == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  r = (run){.script = {.p = data, .n = size, .seed = 1}, .now = SECOND};
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  const stox_random random = {sizeof random, &r.script, fill};
  const unsigned what = next_octet(&r.script);
  const unsigned state = next_octet(&r.script) % 8;
  stox_xml_options xml;
  require(stox_xml_options_init(&xml, sizeof xml) == STOX_OK);
  require(stox_xml_reader_new(&r.reader, &xml) == STOX_OK);
  require(stox_stream_options_init(&r.options, sizeof r.options) == STOX_OK);
  r.options.role = what % 2 ? STOX_STREAM_INITIATING : STOX_STREAM_RECEIVING;
  r.options.kind = STOX_STREAM_CLIENT + (int)(what >> 1) % 3;
  r.options.dialect = (int)(what >> 3) % 2;
  r.options.allow_legacy = (int)(what >> 4) % 2;
  r.options.is_bidirectional = (int)(what >> 5) % 2;
  r.options.check_from = (int)(what >> 6) % 2;
  r.options.is_secure = (int)(what >> 7) % 2;
  r.options.handle = 7;
  r.options.to = stox_span_text("b.example");
  r.options.from = stox_span_text("a.example");
  r.options.secret = stox_span_text("s");
  r.options.alloc = &alloc;
  r.options.random = &random;
  require(stox_stream_new(&r.stream, &r.options, r.now) == STOX_OK);
  pull(&r);
  lead(&r, state);
  while (r.script.n > 0) {
    step(&r);
  }
  finish(&r);
  return 0;
}
