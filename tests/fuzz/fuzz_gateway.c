/* SPDX-License-Identifier: MIT */
/* The whole gateway under peers, a network and a clock that do anything. Each octet of the input is
 * a step. Every request that can be read gets one final response, every message to SIP ends in a
 * 2xx or one error, an error is never answered by an error, what goes out is XML and SIP that a
 * strict reader takes, time never stands still, and the end gives back all memory. */
#include "gateway_heard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- SIP peers ---- */

static void feed_sip(run *r, stox_span octets, int transport, int is_stranger) {
  if (transport == STOX_TRANSPORT_TCP && r->sip_stream == 0) {
    r->sip_stream = FLOW_TCP + r->sip_streams++;
  }
  const stox_flow flow = {
      .handle = transport == STOX_TRANSPORT_TCP ? r->sip_stream : FLOW_UDP,
      .local = {{"127.0.0.1", 9}, 5070, transport},
      .remote = {stox_span_text(is_stranger ? "192.0.2.7" : "127.0.0.1"), 5060, transport}};
  (void)stox_gateway_feed(r->gateway, &flow, octets, r->now);
  pull(r);
}

/* A stream that broke while its pieces came takes no more of them: the rest is another message's.
 */
static void feed_pieces(run *r, stox_span octets, size_t n) {
  const uint64_t streams = r->sip_streams + (r->sip_stream == 0 ? 1U : 0U);
  for (size_t at = 0; at < octets.n; at += n) {
    if (at > 0 && (r->sip_stream == 0 || r->sip_streams != streams)) {
      return;
    }
    feed_sip(r, stox_span_slice(octets, at, n), STOX_TRANSPORT_TCP, 0);
  }
}

static size_t write_request(run *r, unsigned how, int transport) {
  static const char *const users[] = {"juliet", "o%27malley", "%C5%99", "nobody"};
  const char *name = transport == STOX_TRANSPORT_TCP ? "TCP" : "UDP";
  const stox_span a = next_text(&r->script, text_room, sizeof text_room);
  stox_buf out;
  stox_buf_init(&out, packet, sizeof packet);
  (void)stox_buf_put_text(&out, "MESSAGE sip:");
  (void)stox_buf_put_text(&out, users[how % 4]);
  (void)stox_buf_put_text(&out, "@xmpp.example SIP/2.0\r\nVia: SIP/2.0/");
  (void)stox_buf_put_text(&out, name);
  (void)stox_buf_put_text(&out, " 127.0.0.1:5060;rport;branch=z9hG4bK" SECRET);
  (void)stox_buf_put_number(&out, r->n_sip);
  (void)stox_buf_put_text(&out, "\r\nMax-Forwards: 70\r\nTo: <sip:juliet@xmpp.example>\r\nFrom: <");
  (void)stox_buf_put_text(&out, how & 4 ? "sip:romeo@tcp.example;gr=x" : "sip:romeo@sip.example");
  (void)stox_buf_put_text(&out, ">;tag=t\r\nCSeq: 1 MESSAGE\r\nCall-ID: c");
  (void)stox_buf_put_number(&out, how & 8 ? 0 : r->n_sip);
  (void)stox_buf_put_text(&out, "\r\n");
  (void)stox_buf_put(&out, a); /* header fields */
  const stox_span b = next_text(&r->script, text_room, sizeof text_room);
  (void)stox_buf_put_text(&out, "Content-Type: text/plain\r\nContent-Length: ");
  (void)stox_buf_put_number(&out, b.n);
  (void)stox_buf_put_text(&out, "\r\n\r\n");
  (void)stox_buf_put(&out, b);
  return out.len <= sizeof packet ? out.len : 0;
}

/* Whether the octets are one frame of a stream, and nothing else. */
static int is_one_frame(stox_span octets) {
  stox_limits limits;
  size_t n = 0;
  int kind = 0;
  (void)stox_limits_init(&limits, sizeof limits);
  return stox_sip_frame(&n, &kind, octets, &limits, NULL) == STOX_OK && n == octets.n &&
         kind == STOX_SIP_FRAME_MESSAGE;
}

/* A request is owed a response where it can be read; 0: it cannot. */
static int owe_response(run *r, stox_span octets, int transport) {
  stox_arena arena;
  const int stream = transport == STOX_TRANSPORT_TCP;
  const int is_strict = parse_sip(&arena, octets, 0, stream) != NULL;
  stox_sip_via via;
  stox_sip_message *message = stream && (r->is_dirty || !is_one_frame(octets))
                                  ? NULL
                                  : parse_sip(&arena, octets, 1, stream);
  const int is_owed = message != NULL && stox_sip_get_via(&via, message, 0) == STOX_OK &&
                      number_of(via.branch, "z9hG4bK" SECRET) == r->n_sip &&
                      stox_sip_method_id(message) == STOX_SIP_MESSAGE;
  r->sip[r->n_sip++] = (owed){.since = r->now, .code = is_owed ? 0 : -1, .is_strict = is_strict};
  return message != NULL;
}

static void ask(run *r, unsigned how) {
  static char request[ROOM];
  const int transport = how & 16 ? STOX_TRANSPORT_TCP : STOX_TRANSPORT_UDP;
  const size_t n = write_request(r, how, transport);
  if (n == 0 || n > ROOM || r->n_sip == OWED) {
    return;
  }
  memcpy(request, packet, n);
  if (transport == STOX_TRANSPORT_UDP && !(how & 32)) { /* a stranger's comes from elsewhere */
    memcpy(r->last_sip, packet, n);
    r->last_sip_n = n;
  }
  r->is_dirty &= r->sip_stream != 0;
  const int is_whole = owe_response(r, (stox_span){request, n}, transport);
  if (transport == STOX_TRANSPORT_TCP) {
    feed_pieces(r, (stox_span){request, n}, how < 64 ? n : how / 8);
    r->is_dirty |= !is_whole;
  } else {
    feed_sip(r, (stox_span){request, n}, transport, how & 32 ? 1 : 0);
  }
}

/* A response to a request of the gateway's, the reason phrase from the script. */
static void answer(run *r, unsigned how) {
  static const int codes[] = {200, 100, 202, 302, 404, 410, 480, 486, 503, 603, 407, 999};
  const stox_span reason = next_text(&r->script, text_room, sizeof text_room);
  stox_arena arena;
  stox_sip_edit *edit = NULL;
  stox_buf out;
  if (r->n_asked == 0) {
    return;
  }
  const size_t i = (r->n_asked - 1 - (how >> 4) % REMEMBERED) % REMEMBERED;
  const stox_sip_message *request =
      r->asked_n[i] == 0 ? NULL : parse_sip(&arena, (stox_span){r->asked[i], r->asked_n[i]}, 0, 0);
  if (request == NULL || stox_sip_response_new(&edit, &arena, request, codes[how % 12],
                                               (stox_span){"@@", 2}, (stox_span){"t", 1}) != 0) {
    return;
  }
  stox_buf_init(&out, packet, sizeof packet);
  if (stox_sip_write(&out, edit) != STOX_OK) {
    return;
  }
  /* The phrase goes in as it is, line ends and all. */
  static char text[LARGE];
  const stox_span all = stox_buf_span(&out);
  const size_t at = stox_span_find(all, '@');
  stox_buf_init(&out, text, sizeof text);
  (void)stox_buf_put(&out, stox_span_slice(all, 0, at));
  (void)stox_buf_put(&out, reason);
  (void)stox_buf_put(&out, stox_span_slice(all, at + 2, all.n));
  const size_t before = r->responses;
  feed_sip(r, stox_buf_span(&out), STOX_TRANSPORT_UDP, 0);
  require(r->responses == before);
}

/* ---- XMPP servers ---- */

static size_t read_one(stox_stanza *stanza, stox_arena *arena, stox_xml_reader *reader,
                       stox_span octets) {
  static const char root[] = "<stream:stream xmlns='jabber:component:accept' "
                             "xmlns:stream='http://etherx.jabber.org/streams'>";
  size_t used = 0;
  int kind = 0;
  const stox_xml_element *element = NULL;
  if (stox_xml_feed(reader, &used, stox_span_text(root), NULL) != STOX_OK ||
      stox_xml_next(reader, arena, &kind, &element) != STOX_OK ||
      stox_xml_feed(reader, &used, octets, NULL) != STOX_OK || used != octets.n ||
      stox_xml_next(reader, arena, &kind, &element) != STOX_OK || kind != STOX_XML_ELEMENT) {
    return 0;
  }
  return stox_stanza_read(stanza, element, (stox_span){NULL, 0}) == STOX_OK;
}

/* Whether a stanza, alone in its octets, must be answered or carried. */
static int is_owed_an_end(run *r, stox_span octets) {
  stox_xml_reader *reader = NULL;
  stox_arena arena;
  stox_stanza stanza;
  stox_xml_options options;
  (void)stox_xml_options_init(&options, sizeof options);
  require(stox_xml_reader_new(&reader, &options) == STOX_OK);
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  const int is_owed = read_one(&stanza, &arena, reader, octets) &&
                      stanza.kind == STOX_STANZA_MESSAGE && stanza.type != STOX_TYPE_ERROR &&
                      number_of(stanza.id, SECRET) == r->n_xmpp;
  stox_arena_clear(&arena);
  stox_xml_reader_del(reader);
  return is_owed;
}

static void feed_xml(run *r, peer_stream *s, stox_span octets, size_t n) {
  const uint64_t handle = s->handle;
  for (size_t at = 0; at < octets.n && s->handle == handle; at += n) {
    feed_stream(r, s, stox_span_slice(octets, at, n));
    pull(r);
  }
}

static void write_message(run *r, unsigned how, stox_buf *out) {
  static const char *const types[] = {"chat", "", "headline", "groupchat"};
  const size_t slot = how % SLOTS;
  (void)stox_buf_put_text(out, how & 2 ? "<message from='juliet@xmpp.example/b' to='o\\27m@"
                                       : "<message from='a@xmpp.example' to='romeo@");
  (void)stox_buf_put_text(out, domains[slot]);
  (void)stox_buf_put_text(out, how & 4 ? "/r' type='" : "' type='");
  (void)stox_buf_put_text(out, types[how >> 3 & 3]);
  (void)stox_buf_put_text(out, "' id='" SECRET);
  (void)stox_buf_put_number(out, r->n_xmpp);
  (void)stox_buf_put_text(out, "'>");
  const stox_span a = next_text(&r->script, text_room, sizeof text_room);
  (void)stox_buf_put(out, a);
  if (how & 32) {
    (void)stox_buf_put_text(out, "<body>x</body>");
  }
  (void)stox_buf_put_text(out, "</message>");
}

static void tell(run *r, unsigned how) {
  static char octets[2 * ROOM];
  peer_stream *s = &r->streams[how % SLOTS];
  stox_buf out;
  stox_buf_init(&out, octets, sizeof octets);
  write_message(r, how, &out);
  if (r->n_xmpp == OWED) {
    return;
  }
  const int is_owed = s->is_up && !s->is_dirty && is_owed_an_end(r, stox_buf_span(&out));
  r->xmpp[r->n_xmpp++] = (owed){.since = r->now, .code = is_owed ? 0 : -1};
  s->is_dirty |= !is_owed;
  feed_xml(r, s, stox_buf_span(&out), how < 64 ? out.len : how / 8);
}

/* The last message that came is refused, by whom and why the script says. */
static void bounce(run *r, unsigned how) {
  static char octets[4 * ROOM];
  peer_stream *s = &r->streams[how % SLOTS];
  const stox_span inside = next_text(&r->script, text_room, sizeof text_room);
  stox_buf out;
  stox_buf_init(&out, octets, sizeof octets);
  (void)stox_buf_put_text(&out, "<message type='error");
  put_attribute(&out, "' from='",
                how & 2 ? stox_span_text("u@evil.example") : (stox_span){s->last_to, s->last_to_n});
  put_attribute(&out, " to='", (stox_span){s->last_from, s->last_from_n});
  put_attribute(&out, " id='", (stox_span){s->last_id, s->last_id_n});
  (void)stox_buf_put_text(&out, "><error type='cancel'>");
  (void)stox_buf_put(&out, inside);
  (void)stox_buf_put_text(&out, "</error></message>");
  const size_t before = r->stanzas;
  if (s->is_up && !s->is_dirty) {
    s->is_dirty = 1; /* unless it is one element, which is not looked at */
    feed_xml(r, s, stox_buf_span(&out), out.len);
    require(r->stanzas == before);
  }
}

/* A text of the script's own, which may hold what looks like ours. */
static stox_span next_raw(run *r) {
  static char octets[ROOM];
  const stox_span text = next_text(&r->script, octets, sizeof octets);
  for (size_t i = 0; i + sizeof SECRET <= text.n; i++) {
    r->is_raw |= memcmp(text.p + i, SECRET, sizeof SECRET - 1) == 0;
  }
  return text;
}

static void raw_xml(run *r, unsigned how) {
  peer_stream *s = &r->streams[how % SLOTS];
  const stox_span text = next_raw(r);
  s->is_dirty = 1;
  feed_xml(r, s, text, how < 64 ? ROOM : how / 8);
}

/* A stanza that is no message, or one that nobody may answer. */
static void other_stanza(run *r, unsigned how) {
  static const char *const stanzas[] = {
      "<iq type='get' id='1' from='a@xmpp.example/r' to='sip.example'><query "
      "xmlns='http://jabber.org/protocol/disco#info'/></iq>",
      "<iq type='set' id='2' from='a@xmpp.example/r' to='b@sip.example'><x xmlns='u'/></iq>",
      "<presence type='subscribe' from='a@xmpp.example' to='b@sip.example'/>",
      "<presence type='probe' from='a@xmpp.example' to='b@sip.example'/>",
      "<presence from='a@xmpp.example/r' to='b@sip.example'/>",
      "<message type='error' id='e" SECRET "1' from='a@xmpp.example' to='b@sip.example'><body/>"
      "<error type='cancel'/></message>",
      "<iq type='error' id='e" SECRET "2' from='a@xmpp.example' to='b@sip.example'/>",
      "<presence type='error' id='e" SECRET "3' from='a@xmpp.example' to='b@sip.example'/>",
      "<iq type='result' id='ping-1' from='a@xmpp.example/r' to='sip.example'/>",
      "<iq type='result' id='ping-99' from='xmpp.example/r' to='sip.example'/>",
      " ",
      "<message from='a@sip.example' to='b@sip.example' id='9'><body>x</body></message>",
  };
  peer_stream *s = &r->streams[0];
  if (s->is_up && !s->is_dirty) {
    say(r, s, stanzas[how % 12]);
  }
}

/* ---- the script ---- */

static void end_stream(run *r, unsigned how) {
  const stox_endpoint local = {{"127.0.0.1", 9}, 40000, STOX_TRANSPORT_TCP};
  peer_stream *s = &r->streams[how % SLOTS];
  const stox_flow flow = {.handle = how & 2 ? r->sip_stream : s->handle,
                          .local = local,
                          .remote = {{"127.0.0.1", 9}, 5060, STOX_TRANSPORT_TCP}};
  if (flow.handle == 0) {
    return;
  }
  if (how & 2) {
    r->sip_stream = 0;
  } else {
    forget_stream(r, s);
  }
  (void)stox_gateway_feed(r->gateway, &flow, (stox_span){"", 0}, r->now);
}

static void hold(run *r, unsigned how) {
  peer_stream *s = &r->streams[how % SLOTS];
  if (how & 2) {
    (void)stox_gateway_hold(r->gateway, how & 4 ? FLOW_UDP : FLOW_OUT, how >> 3 & 1, r->now);
  } else if (s->handle != 0) {
    s->is_held = how >> 3 & 1;
    (void)stox_gateway_hold(r->gateway, s->handle, s->is_held, r->now);
  }
}

static void raw_sip(run *r, int transport, unsigned how) {
  const stox_span text = next_raw(r);
  if (transport == STOX_TRANSPORT_TCP) {
    r->is_dirty = 1;
    feed_pieces(r, text, how < 64 ? ROOM : how / 8);
  } else if (text.n > 0) {
    feed_sip(r, text, transport, how & 32 ? 1 : 0);
  }
}

static void ping(run *r, unsigned how) {
  peer_stream *s = &r->streams[how % SLOTS];
  s->is_deaf = how >> 1 & 1;
  if (how & 4 && s->is_up && !s->is_dirty) {
    answer_ping(r, s, how % SLOTS, (stox_span){s->ping, s->ping_n});
  }
}

static void step(run *r) {
  const unsigned what = next_octet(&r->script);
  const unsigned how = next_octet(&r->script);
  switch (what % 16) {
  case 0:
  case 1:
    ask(r, how);
    break;
  case 2:
  case 3:
    tell(r, how);
    break;
  case 4:
    answer(r, how);
    break;
  case 5:
    pass(r, (uint64_t)how * how * SECOND / 512);
    break;
  case 6:
    ping(r, how);
    break;
  case 7:
    bounce(r, how);
    break;
  case 8:
    raw_sip(r, STOX_TRANSPORT_UDP, how);
    break;
  case 9:
    raw_sip(r, STOX_TRANSPORT_TCP, how);
    break;
  case 10:
    raw_xml(r, how);
    break;
  case 11:
    other_stanza(r, how);
    break;
  case 12:
    end_stream(r, how);
    break;
  case 13:
    r->fail_sends = how % 4;
    r->fail_opens = how / 4 % 4;
    break;
  case 14:
    hold(r, how);
    break;
  default:
    if (how < 128 && r->last_sip_n > 0) {
      feed_sip(r, (stox_span){r->last_sip, r->last_sip_n}, STOX_TRANSPORT_UDP, 0);
    } else if (how >= 128) {
      r->script.fail_in = how - 127;
      r->is_lossy = 1;
    }
    break;
  }
  pull(r);
  check_owed(r);
}

static void make(run *r, const stox_allocator *alloc, const stox_random *random) {
  const stox_endpoint server = {{"127.0.0.1", 9}, 5347, STOX_TRANSPORT_TCP};
  stox_gateway_component components[SLOTS];
  stox_gateway_route routes[SLOTS];
  const stox_span xmpp[] = {stox_span_text("xmpp.example")};
  const stox_span trusted[] = {stox_span_text("127.0.0.1")};
  const stox_endpoint locals[] = {{{"127.0.0.1", 9}, 5070, STOX_TRANSPORT_UDP},
                                  {{"127.0.0.1", 9}, 5070, STOX_TRANSPORT_TCP}};
  stox_gateway_options o;
  stox_limits limits;
  require(stox_gateway_options_init(&o, sizeof o) == STOX_OK);
  require(stox_limits_init(&limits, sizeof limits) == STOX_OK);
  for (size_t i = 0; i < SLOTS; i++) {
    components[i] = (stox_gateway_component){stox_span_text(domains[i]), {"s", 1}, server};
    components[i].remote.port += (uint32_t)i;
    routes[i].domain = stox_span_text(domains[i]);
    routes[i].hop = (stox_endpoint){{"127.0.0.1", 9}, 5060, STOX_TRANSPORT_UDP};
    routes[i].hop.transport += (int)i;
  }
  limits.queue = 16;
  limits.message = ROOM;
  limits.stanza = ROOM;
  o.alloc = alloc;
  o.random = random;
  o.limits = &limits;
  o.components = components;
  o.n_components = SLOTS;
  o.routes = routes;
  o.n_routes = SLOTS;
  o.xmpp_domains = xmpp;
  o.n_xmpp_domains = 1;
  o.trusted = trusted;
  o.n_trusted = 1;
  o.sip_local = locals;
  o.n_sip_local = 2;
  o.reflection_max = 20;
  require(stox_gateway_new(&r->gateway, &o, r->now) == STOX_OK);
}

/* All calms down: streams come up, everything is heard; then the end in good order. */
static void finish(run *r) {
  r->script.fail_in = 0;
  r->fail_sends = 0;
  r->fail_opens = 0;
  for (size_t i = 0; i < SLOTS; i++) {
    if (r->streams[i].handle != 0) {
      r->streams[i].is_held = 0;
      (void)stox_gateway_hold(r->gateway, r->streams[i].handle, 0, r->now);
    }
    r->streams[i].is_deaf = 0;
  }
  pull(r);
  pass(r, 300 * SECOND);
  for (size_t i = 0; i < r->n_xmpp && !r->is_lossy && !r->is_raw; i++) {
    require(r->xmpp[i].code != 0 || r->xmpp[i].errors + r->xmpp[i].ends == 1);
  }
  stox_gateway_counters counters = {.size = sizeof counters};
  require(stox_gateway_get_counters(&counters, sizeof counters, r->gateway) == STOX_OK);
  require(counters.pending_to_sip == 0 && counters.pending_to_xmpp == 0);
  (void)stox_gateway_stop(r->gateway, r->now + SECOND, r->now);
  pull(r);
  pass(r, 30 * SECOND);
  require(r->stopped == 1);
  stox_gateway_del(r->gateway);
  require(r->script.live == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  r = (run){.script = {.p = data, .n = size, .seed = 1}, .now = SECOND};
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  const stox_random random = {sizeof random, &r.script, script_fill};
  stox_xml_options options;
  require(stox_xml_options_init(&options, sizeof options) == STOX_OK);
  for (size_t i = 0; i < SLOTS; i++) {
    require(stox_xml_reader_new(&r.streams[i].reader, &options) == STOX_OK);
  }
  make(&r, &alloc, &random);
  pull(&r);
  while (r.script.n > 0) {
    step(&r);
  }
  finish(&r);
  for (size_t i = 0; i < SLOTS; i++) {
    stox_xml_reader_del(r.streams[i].reader);
  }
  return 0;
}
