/* SPDX-License-Identifier: MIT */
#ifndef STOX_FUZZ_GATEWAY_HEARD_H
#define STOX_FUZZ_GATEWAY_HEARD_H

#include "gateway_run.h"

#include "stox/number.h"
#include "stox/xml.h"

/* The half of the world of fuzz_gateway.c that hears the gateway: carries out its actions, checks
 * what it says, counts what it owed. */

static const char *const domains[SLOTS] = {"sip.example", "tcp.example"};

static char text_room[ROOM];
static char packet[LARGE];
static char memory[1 << 19];

/* ---- what the gateway says to SIP ---- */

static stox_sip_message *parse_sip(stox_arena *arena, stox_span octets, int lenient, int stream) {
  stox_sip_message *message = NULL;
  stox_sip_options options;
  (void)stox_sip_options_init(&options, sizeof options);
  options.lenient = lenient;
  options.is_stream = stream;
  stox_arena_init(arena, memory, sizeof memory, 0, NULL);
  return stox_sip_parse(&message, arena, octets, &options, NULL) == STOX_OK ? message : NULL;
}

static void check_headers(stox_span octets) {
  for (size_t i = 0; i < octets.n; i++) {
    const unsigned char c = (unsigned char)octets.p[i];
    if (c == '\r') {
      require(i + 1 < octets.n && octets.p[i + 1] == '\n');
      if (octets.n - i >= 4 && memcmp(octets.p + i, "\r\n\r\n", 4) == 0) {
        return;
      }
    } else if (c == '\n') {
      require(i > 0 && octets.p[i - 1] == '\r');
    } else {
      require((c >= 0x20 || c == '\t') && c != 0x7F);
    }
  }
  abort(); /* no end of the headers */
}

/* The number behind a prefix; OWED: none of ours. */
static size_t number_of(stox_span text, const char *prefix) {
  const stox_span begin = stox_span_text(prefix);
  uint64_t n = OWED;
  if (text.n <= begin.n || !stox_span_is_equal(stox_span_slice(text, 0, begin.n), begin) ||
      stox_number_parse(&n, stox_span_slice(text, begin.n, text.n), OWED) != STOX_OK) {
    return OWED;
  }
  return (size_t)n;
}

static owed *owed_of(run *r, stox_sip_message *message) {
  stox_sip_via via;
  stox_sip_cseq cseq;
  if (stox_sip_get_via(&via, message, 0) != STOX_OK ||
      stox_sip_get_cseq(&cseq, message) != STOX_OK ||
      !stox_span_is_equal(cseq.method, stox_span_text("MESSAGE"))) {
    return NULL;
  }
  const size_t n = number_of(via.branch, "z9hG4bK" SECRET);
  return n < r->n_sip ? &r->sip[n] : NULL;
}

static void check_response(run *r, stox_sip_message *response, stox_span octets, int stream) {
  const int code = stox_sip_status(response);
  stox_arena arena;
  owed *o = owed_of(r, response);
  r->responses++;
  if (o == NULL || code < 200 || o->code < 0) {
    return;
  }
  /* Later, or where memory failed, a repetition is a request of its own (Timer J). */
  require(o->code == 0 || o->code == code || r->is_raw || r->is_lossy ||
          r->now >= o->since + 32 * SECOND);
  o->code = code;
  if (o->is_strict) {
    require(parse_sip(&arena, octets, 0, stream) != NULL);
  }
}

static void take_sip(run *r, stox_span octets, int transport) {
  stox_arena arena;
  const int stream = stox_transport_is_reliable(transport);
  if (stox_span_is_equal(octets, stox_span_text("\r\n"))) {
    require(stream);
    return;
  }
  check_headers(octets);
  stox_sip_message *message = parse_sip(&arena, octets, 1, stream);
  if (message == NULL) {
    /* A refusal of what cannot be read repeats what cannot be read. */
    require(octets.n > 9 && memcmp(octets.p, "SIP/2.0 ", 8) == 0);
    require(octets.p[8] >= '4' || (octets.p[8] == '1' && r->is_lossy));
    r->responses++;
    return;
  }
  if (stox_sip_status(message) != 0) {
    check_response(r, message, octets, stream);
    return;
  }
  message = parse_sip(&arena, octets, 0, stream);
  require(message != NULL && stox_sip_method_id(message) == STOX_SIP_MESSAGE);
  if (octets.n <= ROOM) {
    const size_t i = r->n_asked++ % REMEMBERED;
    memcpy(r->asked[i], octets.p, octets.n);
    r->asked_n[i] = octets.n;
  }
}

/* ---- what the gateway says to XMPP ---- */

static void feed_stream(run *r, peer_stream *s, stox_span octets) {
  const stox_flow flow = {.handle = s->handle,
                          .local = {{"127.0.0.1", 9}, 40000, STOX_TRANSPORT_TCP},
                          .remote = {{"127.0.0.1", 9}, 5347, STOX_TRANSPORT_TCP}};
  if (s->handle != 0 && octets.n > 0) {
    (void)stox_gateway_feed(r->gateway, &flow, octets, r->now);
  }
}

static void say(run *r, peer_stream *s, const char *text) {
  feed_stream(r, s, stox_span_text(text));
}

static void keep_text(char *out, size_t *out_n, size_t cap, stox_span text) {
  *out_n = text.n <= cap ? text.n : 0;
  if (*out_n > 0) {
    memcpy(out, text.p, *out_n);
  }
}

static void put_attribute(stox_buf *out, const char *name, stox_span value) {
  (void)stox_buf_put_text(out, name);
  if (stox_xml_escape(out, value, 1) == STOX_E_NOBUF || value.p == NULL) {
    return;
  }
  (void)stox_buf_put_octet(out, '\'');
}

static void answer_ping(run *r, peer_stream *s, size_t slot, stox_span id) {
  stox_buf out;
  stox_buf_init(&out, packet, sizeof packet);
  (void)stox_buf_put_text(&out, "<iq type='result' from='xmpp.example' to='");
  (void)stox_buf_put_text(&out, domains[slot]);
  put_attribute(&out, "' id='", id);
  (void)stox_buf_put_text(&out, "/>");
  feed_stream(r, s, stox_buf_span(&out));
}

static void take_error(run *r, const stox_stanza *stanza) {
  require(number_of(stanza->id, "e" SECRET) == OWED || r->is_raw);
  const size_t n = number_of(stanza->id, SECRET);
  if (n < r->n_xmpp) {
    r->xmpp[n].errors++;
  }
}

static void take_stanza(run *r, size_t slot, const stox_xml_element *element) {
  peer_stream *s = &r->streams[slot];
  stox_stanza stanza;
  require(stox_stanza_read(&stanza, element, (stox_span){NULL, 0}) == STOX_OK);
  require(stanza.to.n > 0 && stanza.from.n > 0);
  if (stox_xml_child(element, "urn:xmpp:ping", "ping", NULL) != NULL) {
    keep_text(s->ping, &s->ping_n, sizeof s->ping, stanza.id);
    if (!s->is_deaf) {
      answer_ping(r, s, slot, stanza.id);
    }
    return;
  }
  r->stanzas++;
  if (stanza.type == STOX_TYPE_ERROR) {
    take_error(r, &stanza);
  } else if (stanza.kind == STOX_STANZA_MESSAGE) {
    keep_text(s->last_id, &s->last_id_n, sizeof s->last_id, stanza.id);
    keep_text(s->last_from, &s->last_from_n, sizeof s->last_from, stanza.from);
    keep_text(s->last_to, &s->last_to_n, sizeof s->last_to, stanza.to);
  }
}

static void take_xml(run *r, size_t slot, stox_span octets) {
  peer_stream *s = &r->streams[slot];
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  while (octets.n > 0) {
    size_t used = 0;
    int kind = 0;
    const stox_xml_element *element = NULL;
    const int status = stox_xml_feed(s->reader, &used, octets, NULL);
    octets = stox_span_slice(octets, used, octets.n);
    if (status == STOX_E_MORE) {
      break;
    }
    require(status == STOX_OK);
    require(stox_xml_next(s->reader, &arena, &kind, &element) == STOX_OK);
    if (kind == STOX_XML_STREAM_OPEN) {
      say(r, s,
          "<stream:stream xmlns='jabber:component:accept' "
          "xmlns:stream='http://etherx.jabber.org/streams' id='i'>");
    } else if (kind == STOX_XML_ELEMENT && !s->is_up) {
      require(stox_xml_is(element, "jabber:component:accept", "handshake"));
      s->is_up = 1;
      say(r, s, "<handshake/>");
    } else if (kind == STOX_XML_ELEMENT) {
      take_stanza(r, slot, element);
    }
    stox_arena_reset(&arena);
  }
  stox_arena_clear(&arena);
}

/* ---- the host ---- */

static void take_record(run *r, const stox_gateway_record *record) {
  const size_t n = number_of(record->id, SECRET);
  require(record->outcome >= STOX_OUTCOME_DELIVERED && record->outcome <= STOX_OUTCOME_LATE_ERROR);
  if (record->direction == STOX_GATEWAY_XMPP_TO_SIP && n < r->n_xmpp) {
    r->xmpp[n].ends +=
        record->outcome == STOX_OUTCOME_DELIVERED || record->outcome == STOX_OUTCOME_IGNORED;
  }
}

static peer_stream *stream_of(run *r, uint64_t handle, size_t *slot) {
  for (size_t i = 0; i < SLOTS; i++) {
    if (handle != 0 && r->streams[i].handle == handle) {
      *slot = i;
      return &r->streams[i];
    }
  }
  return NULL;
}

static void forget_stream(run *r, peer_stream *s) {
  r->is_lossy |= s->is_held;
  s->handle = 0;
  s->is_up = 0;
  s->is_held = 0;
  s->is_dirty = 0;
}

static void do_open(run *r, const stox_action *action) {
  const size_t slot = action->remote.port - 5347;
  const stox_endpoint local = {{"127.0.0.1", 9}, 40000, STOX_TRANSPORT_TCP};
  require(slot < SLOTS && r->streams[slot].handle == 0);
  if (r->fail_opens > 0) {
    r->fail_opens--;
    (void)stox_gateway_done(r->gateway, action->token, STOX_E_REFUSED, NULL, r->now);
    return;
  }
  const stox_flow flow = {FLOW_XMPP + r->opened++ % 100000, local, action->remote, NULL};
  r->streams[slot].handle = flow.handle;
  require(stox_xml_reader_restart(r->streams[slot].reader) == STOX_OK);
  (void)stox_gateway_done(r->gateway, action->token, STOX_OK, &flow, r->now);
}

static void do_send(run *r, const stox_action *action) {
  size_t slot = 0;
  char host[64];
  const stox_action sent = *action;
  if (stream_of(r, sent.handle, &slot) != NULL) {
    require(sent.bytes.n <= sizeof memory && !r->streams[slot].is_held);
    static char octets[sizeof memory];
    memcpy(octets, sent.bytes.p, sent.bytes.n);
    take_xml(r, slot, (stox_span){octets, sent.bytes.n});
    return;
  }
  take_sip(r, sent.bytes, sent.remote.transport);
  const int fails = r->fail_sends > 0;
  r->fail_sends -= fails ? 1U : 0U;
  if (sent.token == 0) {
    return;
  }
  require(sent.remote.host.n > 0 && sent.remote.host.n < sizeof host);
  memcpy(host, sent.remote.host.p, sent.remote.host.n);
  const stox_flow flow = {
      .handle = sent.remote.transport == STOX_TRANSPORT_UDP ? FLOW_UDP : FLOW_OUT,
      .local = {{"127.0.0.1", 9}, 5070, sent.remote.transport},
      .remote = {{host, sent.remote.host.n}, sent.remote.port, sent.remote.transport}};
  const int status = r->fail_sends % 2 ? STOX_E_CLOSED : STOX_E_REFUSED;
  (void)stox_gateway_done(r->gateway, sent.token, fails ? status : STOX_OK, fails ? NULL : &flow,
                          r->now);
}

static void do_close(run *r, uint64_t handle) {
  size_t slot = 0;
  peer_stream *s = stream_of(r, handle, &slot);
  if (s != NULL) {
    forget_stream(r, s);
  } else {
    require(handle == r->sip_stream);
    r->sip_stream = 0;
  }
}

static void pull(run *r) {
  const stox_action *action = NULL;
  size_t steps = 0;
  while ((action = stox_gateway_next(r->gateway)) != NULL) {
    require(steps++ < 100000);
    switch (action->kind) {
    case STOX_DO_EVENT:
      r->stopped += action->event == STOX_GATEWAY_STOPPED;
      if (action->event == STOX_GATEWAY_RECORD) {
        take_record(r, action->object);
      }
      break;
    case STOX_DO_OPEN:
      do_open(r, action);
      break;
    case STOX_DO_SEND:
      do_send(r, action);
      break;
    default:
      require(action->kind == STOX_DO_CLOSE);
      do_close(r, action->handle);
      break;
    }
  }
}

static void check_owed(const run *r) {
  for (size_t i = 0; i < r->n_sip && !r->is_lossy; i++) {
    require(r->sip[i].code != 0 || r->now < r->sip[i].since + 40 * SECOND);
  }
  for (size_t i = 0; i < r->n_xmpp; i++) {
    require(r->xmpp[i].errors + r->xmpp[i].ends <= 1 || r->is_raw);
  }
}

static void pass(run *r, uint64_t ns) {
  const uint64_t until = r->now + ns;
  for (size_t steps = 0; r->now < until; steps++) {
    const uint64_t due = stox_gateway_deadline(r->gateway);
    require(steps < 20000);
    r->now = due < until ? (due > r->now ? due : r->now) : until;
    (void)stox_gateway_tick(r->gateway, r->now, r->now / SECOND);
    pull(r);
    require(stox_gateway_deadline(r->gateway) > r->now);
    check_owed(r);
  }
}

#endif
