/* SPDX-License-Identifier: MIT */
/* A federation among peers, a network, a resolver and a host that do anything. The first octet says
 * by which policy; each octet behind it is a step. A wish is answered, UP comes once and then DOWN,
 * nothing is heard of domains that were not authenticated or in clear, flows that are gone are left
 * alone, STOPPED is last, and all memory is given back. */
#include "script.h"
#include "stox/federation.h"
#include "stox/secure.h"

enum { ROOM = 1 << 13, FLOWS = 16, TOKENS = 32, LOCALS = 2, REMOTES = 3, STEPS = 4096 };

#define SECOND UINT64_C(1000000000)
#define HEAD                                                                                       \
  "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "                        \
  "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' "
#define SASL "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define ID   "77777777777777777777777777777777"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const locals[LOCALS] = {"b.example", "d.example"};
static const char *const remotes[REMOTES] = {"a.example", "c.example", "e.example"};

typedef struct line {
  uint64_t handle;
  uint64_t tls; /* token of a START_TLS that waits */
  int is_open;
  int is_secure;
  int is_named; /* its certificate is for a.example */
} line;

typedef struct run {
  script script;
  stox_federation *fed;
  uint64_t now;
  int must_tls;
  int wants_again; /* a wish at each DOWN, so many times */
  line flows[FLOWS];
  size_t n_flows;
  uint64_t opens[TOKENS];
  int opens_tls[TOKENS];
  size_t n_opens;
  uint64_t questions[TOKENS];
  int types[TOKENS];
  size_t n_questions;
  int wishes[LOCALS][REMOTES]; /* 0, 1: awaited, 2: up */
  int heard[LOCALS][REMOTES];  /* streams that have it; bit 16 up: by EXTERNAL */
  int is_stopping;
  int is_stopped;
} run;

static const char *const texts[] = {
    HEAD "from='a.example' to='b.example' id='i'>",
    HEAD "from='c.example' to='d.example' id='i'>",
    HEAD "from='b.example' to='b.example'>",
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
    "<stream:features><mechanisms " SASL "><mechanism>EXTERNAL</mechanism></mechanisms><dialback "
    "xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>",
    "<stream:features/>",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "<auth " SASL " mechanism='EXTERNAL'>=</auth>",
    "<success " SASL "/>",
    "<failure " SASL "><not-authorized/></failure>",
    "<db:result from='a.example' to='b.example'>k</db:result>",
    "<db:result from='c.example' to='d.example'>k</db:result>",
    "<db:result from='a.example' to='b.example' type='valid'/>",
    "<db:result from='a.example' to='d.example' type='valid'/>",
    "<db:result from='c.example' to='b.example' type='error'/>",
    "<db:verify from='a.example' to='b.example' id='" ID "' type='valid'/>",
    "<db:verify from='c.example' to='d.example' id='" ID "' type='invalid'/>",
    "<db:verify from='c.example' to='d.example' id='" ID "' type='valid'/>",
    "<db:verify from='a.example' to='b.example' id='" ID "'>k</db:verify>",
    "<message from='x@a.example' to='y@b.example'/>",
    "<message from='x@c.example' to='y@d.example'/>",
    "<iq from='a.example' to='b.example' type='result' id='7777777777777777'/>",
    ("<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>192.0.2.7"
     "</see-other-host></stream:error>"),
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

/* ---- flows ---- */

static line *flow_of(run *r, uint64_t handle) {
  for (size_t i = 0; i < r->n_flows; i++) {
    if (r->flows[i].handle == handle) {
      return &r->flows[i];
    }
  }
  return NULL;
}

static line *new_flow(run *r) {
  if (r->n_flows == FLOWS) {
    return NULL;
  }
  line *f = &r->flows[r->n_flows++];
  *f = (line){.handle = r->n_flows * 3, .is_open = 1};
  return f;
}

static stox_flow told(const line *f, stox_peer *peer) {
  const char *names = f->is_named ? "DNS:a.example\n" : "DNS:x.example\nnonsense\n";
  *peer = (stox_peer){
      .size = sizeof *peer, .secure = 1, .verified = 1, .identities = stox_span_text(names)};
  return (stox_flow){.handle = f->handle,
                     .remote = {{"192.0.2.1", 9}, 5269, STOX_TRANSPORT_TCP},
                     .peer = f->is_secure ? peer : NULL};
}

static void secure(run *r, line *f, unsigned how) {
  (void)r;
  f->is_secure = (how & 1U) != 0;
  f->is_named = (how & 2U) != 0;
}

/* ---- events ---- */

static size_t index_of(const char *const *names, size_t n, stox_span name) {
  size_t i = 0;
  while (i < n && !stox_span_is_equal(stox_span_text(names[i]), name)) {
    i++;
  }
  return i;
}

enum { BY_EXTERNAL = 1 << 16 };

static void on_link(run *r, const stox_action *a) {
  const stox_federation_link *link = a->object;
  const size_t l = index_of(locals, LOCALS, link->local);
  const size_t m = index_of(remotes, REMOTES, link->remote);
  const int is_begin = a->event == STOX_FEDERATION_UP || a->event == STOX_FEDERATION_HEARD;
  require(l < LOCALS);
  require(!is_begin || link->by != 0);
  require(!is_begin || link->is_secure || !r->must_tls);
  if (m == REMOTES) {
    return; /* one of the input's own */
  }
  const int weight = link->by == STOX_STREAM_BY_SASL ? BY_EXTERNAL : 1;
  switch (a->event) {
  case STOX_FEDERATION_UP:
    require(r->wishes[l][m] == 1);
    r->wishes[l][m] = 2;
    break;
  case STOX_FEDERATION_DOWN:
    require(r->wishes[l][m] != 0);
    require(link->bounce != 0);
    r->wishes[l][m] = 0;
    if (r->wants_again > 0 && !r->is_stopping) {
      r->wants_again--;
      const int status =
          stox_federation_send(r->fed, link->local, link->remote, (stox_span){NULL, 0}, r->now);
      require(status == STOX_E_STATE || status == STOX_E_NOMEM || status == STOX_E_TOO_MANY);
      r->wishes[l][m] = status == STOX_E_STATE;
    }
    break;
  case STOX_FEDERATION_HEARD:
    require(link->by != STOX_STREAM_BY_SASL || (m == 0 && link->is_verified));
    r->heard[l][m] += weight;
    break;
  default:
    require(a->event == STOX_FEDERATION_GONE && r->heard[l][m] >= weight);
    r->heard[l][m] -= weight;
    break;
  }
}

static void on_stanza(const run *r, const stox_federation_stanza *in) {
  const size_t l = index_of(locals, LOCALS, in->local);
  const size_t m = index_of(remotes, REMOTES, in->remote);
  int is_known = m == REMOTES || r->heard[l][m] > 0;
  for (size_t i = 0; i < LOCALS && m < REMOTES; i++) {
    is_known |= r->heard[i][m] >= BY_EXTERNAL;
  }
  require(l < LOCALS && is_known);
  require(stox_span_is_equal(in->admission->to.domainpart, in->local));
}

static void on_event(run *r, const stox_action *a) {
  require(!r->is_stopped);
  if (a->event == STOX_FEDERATION_STOPPED) {
    require(r->is_stopping);
    r->is_stopped = 1;
  } else if (a->event == STOX_FEDERATION_STANZA) {
    on_stanza(r, a->object);
  } else {
    on_link(r, a);
  }
}

/* ---- actions ---- */

static void keep(uint64_t *tokens, size_t *n, uint64_t token) {
  require(token != 0 && token < UINT64_C(1) << 52);
  if (*n < TOKENS) {
    tokens[(*n)++] = token;
  }
}

static void act(run *r, const stox_action *a) {
  line *f = a->handle == 0 ? NULL : flow_of(r, a->handle);
  switch (a->kind) {
  case STOX_DO_EVENT:
    on_event(r, a);
    break;
  case STOX_DO_SEND:
    require(f != NULL && f->is_open && f->tls == 0 && a->bytes.n > 0);
    break;
  case STOX_DO_CLOSE:
    require(f != NULL && f->is_open);
    f->is_open = 0;
    break;
  case STOX_DO_START_TLS:
    require(f != NULL && f->is_open && !f->is_secure && a->object != NULL);
    f->tls = a->token;
    break;
  case STOX_DO_OPEN:
    require((a->remote.transport == STOX_TRANSPORT_TLS) == (a->object != NULL));
    if (r->n_opens < TOKENS) {
      r->opens_tls[r->n_opens] = a->object != NULL;
    }
    keep(r->opens, &r->n_opens, a->token);
    break;
  default:
    require(a->kind == STOX_DO_RESOLVE);
    if (r->n_questions < TOKENS) {
      r->types[r->n_questions] = ((const stox_question *)a->object)->type;
    }
    keep(r->questions, &r->n_questions, a->token);
    break;
  }
}

static void pull(run *r) {
  const stox_action *a = NULL;
  for (int i = 0; (a = stox_federation_next(r->fed)) != NULL; i++) {
    require(i < STEPS);
    act(r, a);
  }
}

/* ---- steps ---- */

static void step_accept(run *r) {
  line *f = new_flow(r);
  stox_peer peer;
  const unsigned how = next_octet(&r->script);
  if (f == NULL) {
    return;
  }
  secure(r, f, how);
  const stox_flow flow = told(f, &peer);
  f->is_open = stox_federation_accept(r->fed, &flow, r->now) == STOX_OK;
}

static void say(run *r, stox_span text) {
  const unsigned which = next_octet(&r->script);
  stox_peer peer;
  if (r->n_flows == 0 || text.n == 0) {
    return;
  }
  line *f = &r->flows[which % r->n_flows];
  if (f->is_open && f->tls == 0) {
    const stox_flow flow = told(f, &peer);
    (void)stox_federation_feed(r->fed, &flow, text, r->now);
  }
}

static void step_end(run *r) {
  const unsigned which = next_octet(&r->script);
  if (r->n_flows > 0 && r->flows[which % r->n_flows].is_open) {
    line *f = &r->flows[which % r->n_flows];
    const stox_flow flow = {.handle = f->handle};
    f->is_open = 0;
    f->tls = 0;
    (void)stox_federation_feed(r->fed, &flow, (stox_span){NULL, 0}, r->now);
  }
}

static void step_tls(run *r) {
  const unsigned how = next_octet(&r->script);
  stox_peer peer;
  for (size_t i = 0; i < r->n_flows; i++) {
    line *f = &r->flows[i];
    if (f->tls != 0 && f->is_open) {
      const uint64_t token = f->tls;
      f->tls = 0;
      secure(r, f, how);
      const stox_flow flow = told(f, &peer);
      require(stox_federation_done(r->fed, token, (how & 4U) != 0 ? STOX_E_AUTH : STOX_OK, &flow,
                                   r->now) == STOX_OK);
      return;
    }
  }
}

static void step_open(run *r) {
  const unsigned how = next_octet(&r->script);
  stox_peer peer;
  if (r->n_opens == 0) {
    return;
  }
  const uint64_t token = r->opens[--r->n_opens];
  line *f = (how & 4U) != 0 ? NULL : new_flow(r);
  if (f == NULL) {
    require(stox_federation_done(r->fed, token, STOX_E_REFUSED, NULL, r->now) == STOX_OK);
    return;
  }
  secure(r, f, r->opens_tls[r->n_opens] ? how : how & 2U);
  const stox_flow flow = told(f, &peer);
  require(stox_federation_done(r->fed, token, STOX_OK, &flow, r->now) == STOX_OK);
}

static void step_resolve(run *r) {
  const unsigned how = next_octet(&r->script);
  if (r->n_questions == 0) {
    return;
  }
  const uint64_t token = r->questions[--r->n_questions];
  const int type = r->types[r->n_questions];
  const stox_record record = {.type = type,
                              .ttl = 60,
                              .port = 5269,
                              .target = type == STOX_RECORD_A      ? (stox_span){"192.0.2.1", 9}
                                        : type == STOX_RECORD_AAAA ? (stox_span){"2001:db8::1", 11}
                                                                   : (stox_span){"h.example", 9}};
  require(stox_federation_resolved(r->fed, token, (how & 2U) != 0 ? STOX_E_TIMEOUT : STOX_OK,
                                   &record, how & 1U, r->now) == STOX_OK);
}

static void step_send(run *r) {
  static const char stanza[] = "<message from='x@b.example' to='y@a.example'/>";
  const unsigned which = next_octet(&r->script);
  const size_t l = which % LOCALS;
  const size_t m = which / LOCALS % REMOTES;
  const stox_span text = {stanza, which & 64U ? sizeof stanza - 1 : 0};
  const int status = stox_federation_send(r->fed, stox_span_text(locals[l]),
                                          stox_span_text(remotes[m]), text, r->now);
  int *wish = &r->wishes[l][m];
  if (status == STOX_OK || status == STOX_E_FULL) {
    require(*wish == 2);
  } else if (status == STOX_E_STATE) {
    *wish = *wish == 0 ? 1 : *wish;
  } else {
    require(*wish != 2 || status == STOX_E_NOMEM || status == STOX_E_CLOSED);
  }
}

static void step_time(run *r) {
  r->now += UINT64_C(1) << (next_octet(&r->script) % 40);
  require(stox_federation_tick(r->fed, r->now) == STOX_OK);
}

static void step_other(run *r) {
  const unsigned what = next_octet(&r->script);
  const uint64_t handle = r->n_flows == 0 ? 1 : r->flows[what / 8 % r->n_flows].handle;
  switch (what % 4) {
  case 0:
    (void)stox_federation_hold(r->fed, handle, (what & 4U) != 0, r->now);
    break;
  case 1:
    r->script.fail_in = 1 + what / 4;
    break;
  case 2:
    (void)stox_federation_drop(r->fed, stox_span_text(locals[0]), stox_span_text(remotes[0]),
                               r->now);
    break;
  default:
    if (what > 250) {
      r->is_stopping = 1;
      (void)stox_federation_stop(r->fed, r->now);
    }
    break;
  }
}

static void step(run *r) {
  char room[ROOM];
  const unsigned what = next_octet(&r->script);
  switch (what % 10) {
  case 0:
    step_accept(r);
    break;
  case 1:
  case 2:
    say(r, stox_span_text(texts[what / 10 % N_TEXTS]));
    break;
  case 3:
    say(r, next_text(&r->script, room, sizeof room));
    break;
  case 4:
    step_end(r);
    break;
  case 5:
    step_tls(r);
    break;
  case 6:
    step_open(r);
    break;
  case 7:
    step_resolve(r);
    break;
  case 8:
    step_send(r);
    break;
  default:
    if (what < 128) {
      step_time(r);
    } else {
      step_other(r);
    }
    break;
  }
  pull(r);
  require(stox_federation_deadline(r->fed) > r->now || r->script.n == 0 ||
          stox_federation_tick(r->fed, r->now) == STOX_OK);
  pull(r);
}

/* ---- the whole ---- */

static int make(run *r, const stox_allocator *alloc, const stox_random *random) {
  const unsigned policy = next_octet(&r->script);
  const stox_federation_domain domains[LOCALS] = {{stox_span_text(locals[0]), 1, 0},
                                                  {stox_span_text(locals[1]), 0, 0}};
  const stox_federation_hop hop = {stox_span_text(remotes[2]),
                                   {{"192.0.2.3", 9}, 5269, STOX_TRANSPORT_TLS}};
  stox_federation_options o;
  require(stox_federation_options_init(&o, sizeof o) == STOX_OK);
  o.dialect = (policy & 1U) != 0 ? STOX_DIALECT_DRAFT2005 : STOX_DIALECT_RFC;
  o.require_tls = (policy & 2U) == 0;
  o.is_dialback_on = (policy & 4U) == 0;
  o.allow_clear_verify = (policy & 8U) != 0;
  o.allow_legacy = (policy & 16U) != 0;
  o.require_verified = (policy & 32U) != 0;
  o.ping_ns = (policy & 64U) != 0 ? 30 * SECOND : 0;
  r->wants_again = (policy & 128U) != 0 ? 8 : 0;
  o.max_streams = 12;
  o.max_stream_verifications = 2;
  o.domains = domains;
  o.n_domains = LOCALS;
  o.hops = &hop;
  o.n_hops = 1;
  o.alloc = alloc;
  o.random = random;
  r->must_tls = o.require_tls;
  return stox_federation_new(&r->fed, &o, r->now);
}

/* What is open is answered, and time passes. */
static void finish(run *r) {
  r->script.fail_in = 0;
  r->script.n = 0;
  r->is_stopping = 1;
  require(stox_federation_stop(r->fed, r->now) == STOX_OK);
  pull(r);
  while (r->n_opens > 0) {
    (void)stox_federation_done(r->fed, r->opens[--r->n_opens], STOX_E_REFUSED, NULL, r->now);
    pull(r);
  }
  for (int i = 0; i < 100; i++) {
    r->now += 10 * SECOND;
    require(stox_federation_tick(r->fed, r->now) == STOX_OK);
    pull(r);
    require(stox_federation_deadline(r->fed) > r->now);
  }
  require(r->is_stopped);
  for (size_t l = 0; l < LOCALS; l++) {
    for (size_t m = 0; m < REMOTES; m++) {
      require(r->wishes[l][m] == 0 && r->heard[l][m] == 0);
    }
  }
  for (size_t i = 0; i < r->n_flows; i++) {
    require(!r->flows[i].is_open);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  memset(&r, 0, sizeof r);
  r.script = (script){.p = data, .n = size, .seed = 1};
  r.now = SECOND;
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  const stox_random random = {sizeof random, NULL, fill};
  if (make(&r, &alloc, &random) == STOX_OK) {
    for (int i = 0; r.script.n > 0 && i < STEPS; i++) {
      step(&r);
    }
    finish(&r);
  }
  stox_federation_del(r.fed);
  require(r.script.live == 0);
  return 0;
}
