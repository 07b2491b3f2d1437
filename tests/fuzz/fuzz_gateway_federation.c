/* SPDX-License-Identifier: MIT */
/* The gateway as an XMPP server among others: two servers that are honest, one that nobody reaches,
 * strangers, a network and a clock that do anything. Each octet of the input is a step. Every
 * request gets one final response, every message to SIP ends in a 2xx or one error, time never
 * stands still, and the end gives back all memory. */
#include "gateway_peers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the network ---- */

/* Some ports refuse whoever comes; a send on a stream may end it. */
static int fault(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes) {
  run *r = ud;
  (void)from;
  for (uint32_t i = 0; bytes.n == 0 && i < PEERS; i++) {
    if (to->port == PEER_PORT + i && (r->refused >> i & 1U) != 0) {
      return STOX_LOOPBACK_REFUSE;
    }
  }
  if (bytes.n > 0 && to->transport == TCP && r->refused >= 4) {
    r->refused -= 4;
    return STOX_LOOPBACK_DROP;
  }
  return STOX_LOOPBACK_PASS;
}

static void check_owed(const run *r) {
  for (size_t i = 0; i < r->n_sip && !r->is_lossy; i++) {
    require(r->sip[i].code != 0 || r->now < r->sip[i].since + 64 * SECOND);
  }
  for (size_t i = 0; i < r->n_xmpp; i++) {
    require(r->xmpp[i].errors + r->xmpp[i].ends <= 1 || r->is_raw);
  }
}

static void pass(run *r, uint64_t ns) {
  require(stox_loopback_run(r->net, &r->now, r->now + ns) == STOX_OK);
  require(stox_gateway_deadline(r->gateway) > r->now);
  check_owed(r);
}

/* ---- the script ---- */

static void ask(run *r, unsigned how) {
  static const char *const domains[] = {
      "a.example",      "b.example",   "A.Example", "gone.example",
      "nobody.example", "sip.example", "b.example", "a..b"};
  const stox_span body = next_text(&r->script, text_room, sizeof text_room);
  stox_buf out;
  if (r->n_sip == OWED) {
    return;
  }
  stox_buf_init(&out, r->sip_out.p, sizeof r->sip_out.p);
  (void)stox_buf_put_text(&out, "MESSAGE sip:juliet@");
  (void)stox_buf_put_text(&out, domains[how % 8]);
  (void)stox_buf_put_text(&out,
                          " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK" SECRET);
  (void)stox_buf_put_number(&out, r->n_sip);
  (void)stox_buf_put_text(&out, "\r\nMax-Forwards: 70\r\nTo: <sip:juliet@a.example>\r\n"
                                "From: <sip:romeo@sip.example>;tag=t\r\nCSeq: 1 MESSAGE\r\n"
                                "Call-ID: c");
  (void)stox_buf_put_number(&out, how & 128 ? 0 : r->n_sip);
  (void)stox_buf_put_text(&out, "\r\nContent-Type: text/plain\r\nContent-Length: ");
  (void)stox_buf_put_number(&out, body.n);
  (void)stox_buf_put_text(&out, "\r\n\r\n");
  (void)stox_buf_put(&out, body);
  r->sip_out.n = stox_buf_span(&out).n;
  r->sip[r->n_sip++] = (owed){.since = r->now};
  pass(r, how & 64 ? 0 : SECOND / 50);
}

static void tell(run *r, unsigned how) {
  peer *p = &r->peers[how % PEERS];
  static char room[ROOM];
  stox_buf out;
  if (r->n_xmpp == OWED) {
    return;
  }
  stox_buf_init(&out, room, sizeof room);
  (void)stox_buf_put_text(&out, "<message from='juliet@");
  (void)stox_buf_put_text(&out, p->domain);
  (void)stox_buf_put_text(&out, how & 2 ? "/b' to='romeo@sip.example' id='" SECRET
                                        : "' to='o\\27m@sip.example' type='chat' id='" SECRET);
  (void)stox_buf_put_number(&out, r->n_xmpp);
  (void)stox_buf_put_text(&out, "'><body>x</body></message>");
  r->xmpp[r->n_xmpp++] = (owed){.since = r->now, .is_owed = 1};
  put(&p->out, stox_buf_span(&out));
  say_waiting(p);
  pass(r, how & 64 ? 0 : SECOND / 50);
}

static void other_stanza(run *r, unsigned how) {
  static const char *const stanzas[] = {
      "<iq type='get' id='1' from='a.example' to='sip.example'><query "
      "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
      "<iq type='set' id='2' from='x@a.example/r' to='b@sip.example'><x xmlns='u'/></iq>",
      "<iq type='get' id='3' from='x@a.example/r' to='b@sip.example'/>",
      "<presence type='subscribe' from='x@a.example' to='b@sip.example'/>",
      "<presence type='probe' from='x@a.example' to='b@sip.example'/>",
      "<message type='error' id='e' from='x@a.example' to='b@sip.example'><error "
      "type='cancel'/></message>",
      "<iq type='result' id='ping-1' from='a.example' to='sip.example'/>",
      "<message type='groupchat' from='x@a.example/r' to='b@sip.example'><body>x</body></message>",
      "<message from='x@a.example/r' to='sip.example'><body>x</body></message>",
      "<presence/>",
      "<message from='x@c.example' to='b@sip.example'><body>x</body></message>",
  };
  put(&r->peers[0].out, stox_span_text(stanzas[how % (sizeof stanzas / sizeof stanzas[0])]));
  say_waiting(&r->peers[0]);
}

/* Octets of the script's own, within a stream of an honest server or from a stranger. */
static void raw(run *r, unsigned how) {
  const stox_span text = next_text(&r->script, text_room, sizeof text_room);
  r->is_raw = 1;
  if (how & 1) {
    put(&r->peers[how / 2 % PEERS].out, text);
    say_waiting(&r->peers[how / 2 % PEERS]);
    return;
  }
  const stox_flow flow = {.handle = STRANGER + (how & 2 ? ++r->strangers : r->strangers),
                          .local = AT(OURS_PORT, TCP),
                          .remote = {{"192.0.2.1", 9}, 1024, TCP}};
  (void)stox_gateway_feed(r->gateway, &flow, text, r->now);
}

static void step_network(run *r, unsigned what, unsigned how) {
  const stox_endpoint at = AT(PEER_PORT + how % PEERS, TCP);
  switch (what) {
  case 0:
    (void)stox_loopback_cut(r->net, &at, r->now);
    r->is_lossy = 1;
    break;
  case 1:
    (void)stox_loopback_hold(r->net, &at, how >> 1 & 1, r->now);
    r->is_lossy |= (how & 2) != 0; /* a stream may take too long to be made */
    break;
  case 2:
    r->refused = how % 12;
    r->is_lossy |= r->refused != 0; /* errors cannot be told */
    break;
  default:
    r->script.fail_in = how + 1;
    r->is_lossy = 1;
    break;
  }
}

static void step(run *r) {
  static const int answers[] = {200, 0, 202, 404, 480, 503, 100, 603};
  const unsigned what = next_octet(&r->script);
  const unsigned how = next_octet(&r->script);
  switch (what % 12) {
  case 0:
  case 1:
    ask(r, how);
    break;
  case 2:
  case 3:
    tell(r, how);
    break;
  case 4:
    other_stanza(r, how);
    break;
  case 5:
    raw(r, how);
    break;
  case 6:
    r->peers[how % PEERS].is_deaf = how >> 1 & 1;
    r->peers[how % PEERS].bounces = how >> 2 & 1;
    r->answer = answers[how >> 3 & 7];
    break;
  case 7:
    pass(r, (uint64_t)how * how * SECOND / 512);
    break;
  default:
    step_network(r, what % 12 - 8, how);
    break;
  }
}

/* ---- the beginning and the end ---- */

static stox_allocator memory_of(script *s) {
  return (stox_allocator){sizeof(stox_allocator), s, script_resize};
}

static stox_random random_of(script *s) {
  return (stox_random){sizeof(stox_random), s, script_fill};
}

static stox_federation_options streams_of(const stox_federation_domain *domain,
                                          const stox_federation_hop *hops, size_t n) {
  stox_federation_options o;
  require(stox_federation_options_init(&o, sizeof o) == STOX_OK);
  o.domains = domain;
  o.n_domains = 1;
  o.hops = hops;
  o.n_hops = n;
  o.backoff_first_s = 1;
  o.backoff_max_s = 5;
  return o;
}

static void make_peer(run *r, size_t i) {
  const stox_allocator *alloc = stox_allocator_libc();
  static stox_random random;
  peer *p = &r->peers[i];
  const stox_federation_domain domain = {.name = stox_span_text(peers[i])};
  const stox_federation_hop hop = {{NULL, 0}, AT(OURS_PORT, TCP)};
  stox_federation_options o = streams_of(&domain, &hop, 1);
  random = random_of(&r->other);
  o.alloc = alloc;
  o.random = &random;
  p->run = r;
  p->domain = peers[i];
  require(stox_federation_new(&p->federation, &o, r->now) == STOX_OK);
  const stox_engine engine = {sizeof engine, p,         peer_feed, peer_done, peer_hold, peer_next,
                              peer_deadline, peer_tick, NULL};
  const stox_endpoint at = AT(PEER_PORT + (uint32_t)i, TCP);
  require(stox_loopback_join(r->net, &engine, &at) == STOX_OK);
}

static void make_gateway(run *r, const stox_allocator *alloc, const stox_random *random) {
  const stox_federation_domain domain = {.name = stox_span_text("sip.example")};
  const stox_federation_hop hops[] = {{stox_span_text(peers[0]), AT(PEER_PORT, TCP)},
                                      {stox_span_text(peers[1]), AT(PEER_PORT + 1, TCP)},
                                      {stox_span_text("gone.example"), AT(5999, TCP)}};
  const stox_federation_options streams = streams_of(&domain, hops, 3);
  const stox_endpoint ours = AT(OURS_PORT, TCP);
  const stox_gateway_federation federation = {
      .size = sizeof federation, .streams = &streams, .local = &ours, .n_local = 1, .is_open = 1};
  const stox_gateway_route route = {stox_span_text("sip.example"), AT(SIP_PORT, UDP)};
  const stox_endpoint local = AT(5070, UDP);
  stox_gateway_options o;
  stox_limits limits;
  require(stox_gateway_options_init(&o, sizeof o) == STOX_OK);
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  limits.queue = 16;
  o.alloc = alloc;
  o.random = random;
  o.limits = &limits;
  o.routes = &route;
  o.n_routes = 1;
  o.sip_local = &local;
  o.n_sip_local = 1;
  o.federation = &federation;
  o.reflection_max = 0;
  require(stox_gateway_new(&r->gateway, &o, r->now) == STOX_OK);
  const stox_engine engine = {
      sizeof engine, r,   gateway_feed, gateway_done, gateway_hold, gateway_next, gateway_deadline,
      gateway_tick,  NULL};
  require(stox_loopback_join(r->net, &engine, &local) == STOX_OK);
  require(stox_loopback_join(r->net, &engine, &ours) == STOX_OK);
}

static void make(run *r, const stox_allocator *alloc, const stox_random *random) {
  stox_loopback_options options;
  (void)stox_loopback_options_init(&options, sizeof options);
  options.ud = r;
  options.fault = fault;
  options.delay_ns = SECOND / 1000;
  require(stox_loopback_new(&r->net, &options) == STOX_OK);
  make_gateway(r, alloc, random);
  for (size_t i = 0; i < PEERS; i++) {
    make_peer(r, i);
  }
  const stox_engine sip = {sizeof sip,    r,         sip_feed, idle_done, idle_hold, sip_next,
                           idle_deadline, idle_tick, NULL};
  const stox_endpoint at = AT(SIP_PORT, UDP);
  require(stox_loopback_join(r->net, &sip, &at) == STOX_OK);
}

/* All calms down, everything is heard; then the end in good order. */
static void finish(run *r) {
  r->script.fail_in = 0;
  r->refused = 0;
  for (uint32_t i = 0; i < PEERS; i++) {
    const stox_endpoint at = AT(PEER_PORT + i, TCP);
    (void)stox_loopback_hold(r->net, &at, 0, r->now);
    r->peers[i].is_deaf = 0;
  }
  pass(r, 300 * SECOND);
  for (size_t i = 0; i < r->n_xmpp && !r->is_lossy && !r->is_raw; i++) {
    require(r->xmpp[i].errors + r->xmpp[i].ends == 1);
  }
  stox_gateway_counters counters = {.size = sizeof counters};
  require(stox_gateway_get_counters(&counters, sizeof counters, r->gateway) == STOX_OK);
  require(counters.pending_to_sip == 0 && counters.pending_to_xmpp == 0);
  (void)stox_gateway_stop(r->gateway, r->now + SECOND, r->now);
  pass(r, 60 * SECOND);
  require(r->stopped == 1);
  stox_loopback_del(r->net);
  stox_gateway_del(r->gateway);
  require(r->script.live == 0);
  for (size_t i = 0; i < PEERS; i++) {
    stox_federation_del(r->peers[i].federation);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  r = (run){.script = {.p = data, .n = size, .seed = 1},
            .other = {.seed = 7},
            .now = SECOND,
            .answer = 200};
  const stox_allocator alloc = memory_of(&r.script);
  const stox_random random = random_of(&r.script);
  make(&r, &alloc, &random);
  while (r.script.n > 0) {
    step(&r);
  }
  finish(&r);
  return 0;
}
