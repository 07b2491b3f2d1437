/* SPDX-License-Identifier: MIT */
#include "stox/component.h"

#include "base/octets.h"
#include "base/options.h"
#include "session/component_place.h"
#include "stox/hash.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

#define SECOND       UINT64_C(1000000000)
#define NS_COMPONENT "jabber:component:accept"
#define NS_STREAMS   "http://etherx.jabber.org/streams"

enum { ARENA_BLOCK = 8192, SHA1_OCTETS = 20, CLOSINGS = 4, WAITING_MAX = 1 << 22 };

/* PAUSE -(time)-> CONNECT -(OPEN)-> OPENING -(done)-> HEADER -(stream header)-> HANDSHAKE
 * -(<handshake/>)-> READY; every failure leads back to PAUSE, stop to STOPPED. A server by name has
 * ASKING before OPENING, and goes back there while addresses are left. */
enum { PAUSE, CONNECT, ASKING, OPENING, HEADER, HANDSHAKE, READY, STOPPED };

/* What stox_component_next() still has to tell, one bit each. */
enum { TELL_READY = 1, TELL_LOST = 2, TELL_STOPPED = 4, SAY_END = 8 };

struct stox_component {
  stox_component_options options;
  stox_limits limits;
  int state;
  unsigned tell;
  int lost_status;
  int is_held;
  uint64_t handle;
  uint64_t closing[CLOSINGS]; /* flows to be closed: the last one, and those opened too late */
  size_t n_closing;
  uint64_t ended; /* flow that SAY_END is about */
  uint64_t token; /* of the OPEN under way, counts up */
  uint64_t deadline_ns;
  uint64_t sent_ns; /* when we last sent something */
  unsigned failures;
  stox_xml_reader *reader;
  stox_octets input;
  stox_octets output;
  stox_octets leaving; /* what the last SEND action points to */
  stox_arena arena;
  stox_span stream_lang;
  char lang[64];
  stox_stanza stanza;
  stox_action action;
  int is_name; /* the host of `remote` is none but a name */
  stox_component_place place;
  stox_endpoint at; /* where to connect now */
  char host[256];
  char block[ARENA_BLOCK];
};

static const stox_component_options defaults = {
    .size = sizeof(stox_component_options),
    .open_timeout_ns = 10 * SECOND,
    .backoff_min_ns = SECOND,
    .backoff_max_ns = 60 * SECOND,
    .keepalive_ns = 60 * SECOND,
};

int stox_component_options_init(stox_component_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

/* ---- making and ending ---- */

static int copy_texts(stox_component *obj) {
  stox_component_options *o = &obj->options;
  const stox_allocator *alloc = o->alloc;
  const size_t n = o->domain.n + o->secret.n;
  char *p = alloc->resize(alloc->ud, NULL, 0, n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(p, o->domain.p, o->domain.n);
  if (o->secret.n > 0) {
    memcpy(p + o->domain.n, o->secret.p, o->secret.n);
  }
  o->domain.p = p;
  o->secret.p = p + o->domain.n;
  memcpy(obj->host, o->remote.host.p, o->remote.host.n);
  o->remote.host.p = obj->host;
  o->remote.transport = STOX_TRANSPORT_TCP;
  unsigned char octets[16];
  size_t octets_n;
  obj->is_name = stox_host_address(octets, &octets_n, o->remote.host) != STOX_OK;
  obj->at = o->remote;
  return STOX_OK;
}

static int check(const stox_component_options *o) {
  const int bad = o->domain.n == 0 || o->random == NULL || o->remote.host.n == 0 ||
                  o->remote.host.n >= sizeof((stox_component *)NULL)->host;
  return bad ? STOX_E_ARG : STOX_OK;
}

int stox_component_new(stox_component **out, const stox_component_options *options,
                       uint64_t now_ns) {
  stox_component_options own = defaults;
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_component *obj = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, sizeof *obj);
  obj->options = own;
  (void)stox_limits_init(&obj->limits, sizeof obj->limits);
  (void)stox_options_read(&obj->limits, sizeof obj->limits, own.limits);
  obj->options.limits = &obj->limits;
  stox_arena_init(&obj->arena, obj->block, sizeof obj->block, 0, own.alloc);
  stox_component_place_init(&obj->place, own.alloc);
  obj->state = CONNECT;
  obj->deadline_ns = UINT64_MAX;
  obj->sent_ns = now_ns;
  if (copy_texts(obj) != STOX_OK) {
    (void)own.alloc->resize(own.alloc->ud, obj, sizeof *obj, 0);
    return STOX_E_NOMEM;
  }
  *out = obj;
  return STOX_OK;
}

void stox_component_del(stox_component *obj) {
  if (obj == NULL) {
    return;
  }
  const stox_allocator *alloc = obj->options.alloc;
  stox_xml_reader_del(obj->reader);
  stox_octets_clear(&obj->input, alloc);
  stox_octets_clear(&obj->output, alloc);
  stox_octets_clear(&obj->leaving, alloc);
  stox_arena_clear(&obj->arena);
  stox_component_place_end(&obj->place);
  (void)alloc->resize(alloc->ud, (char *)(uintptr_t)obj->options.domain.p,
                      obj->options.domain.n + obj->options.secret.n, 0);
  (void)alloc->resize(alloc->ud, obj, sizeof *obj, 0);
}

/* ---- losing and pausing ---- */

static uint64_t pause_ns(const stox_component *obj) {
  const stox_component_options *o = &obj->options;
  uint64_t ceiling = o->backoff_min_ns;
  for (unsigned i = 1; i < obj->failures && ceiling < o->backoff_max_ns; i++) {
    ceiling *= 2;
  }
  ceiling = ceiling > o->backoff_max_ns ? o->backoff_max_ns : ceiling;
  uint64_t draw = 0;
  if (ceiling == 0 || o->random->fill(o->random->ud, &draw, sizeof draw) != STOX_OK) {
    return ceiling;
  }
  /* The whole pause is jittered, so that many components do not come back at once (RFC 6120 3.3);
   * after the first loss a quarter of it passes at least. */
  return ceiling / 4 + draw % (ceiling - ceiling / 4 + 1);
}

static void close_later(stox_component *obj, uint64_t handle) {
  if (handle != 0 && handle != obj->handle && obj->n_closing < CLOSINGS) {
    obj->closing[obj->n_closing++] = handle;
  }
}

static void lose(stox_component *obj, int status, uint64_t now_ns) {
  const int was_stopping = obj->state == STOPPED;
  const uint64_t handle = status == STOX_E_CLOSED ? 0 : obj->handle;
  obj->handle = 0;
  stox_component_place_end(&obj->place);
  close_later(obj, handle);
  obj->is_held = 0;
  stox_octets_take(&obj->input, obj->input.len);
  stox_octets_take(&obj->output, obj->output.len);
  if (was_stopping) {
    obj->tell |= TELL_STOPPED;
    obj->deadline_ns = UINT64_MAX;
    return;
  }
  obj->tell = (obj->tell & ~(unsigned)TELL_READY) | TELL_LOST;
  obj->lost_status = status;
  obj->state = PAUSE;
  obj->failures++;
  obj->deadline_ns = now_ns + pause_ns(obj);
}

/* ---- the stream ---- */

static int put_text(stox_component *obj, const char *text) {
  return stox_octets_put(&obj->output, obj->options.alloc, stox_span_text(text));
}

static void send_header(stox_component *obj, uint64_t now_ns) {
  char text[1200];
  stox_buf buf;
  stox_buf_init(&buf, text, sizeof text);
  (void)stox_buf_put_text(&buf, "<?xml version='1.0'?><stream:stream xmlns='" NS_COMPONENT
                                "' xmlns:stream='" NS_STREAMS "' to='");
  int status = stox_xml_escape(&buf, obj->options.domain, 1);
  (void)stox_buf_put_text(&buf, "'>");
  if (status == STOX_OK) {
    status = stox_buf_status(&buf);
  }
  if (status == STOX_OK) {
    status = stox_octets_put(&obj->output, obj->options.alloc, stox_buf_span(&buf));
  }
  if (status != STOX_OK) {
    lose(obj, status, now_ns);
  }
}

static void send_handshake(stox_component *obj, stox_span id, uint64_t now_ns) {
  /* XEP-0114 3: SHA-1 over the stream id, as it stands unescaped, and the secret. */
  unsigned char digest[SHA1_OCTETS];
  char text[2 * SHA1_OCTETS + sizeof "<handshake></handshake>"];
  char *joined = stox_arena_take(&obj->arena, id.n + obj->options.secret.n, 1);
  int status = joined == NULL ? STOX_E_NOMEM : STOX_OK;
  if (status == STOX_OK) {
    memcpy(joined, id.p, id.n);
    if (obj->options.secret.n > 0) {
      memcpy(joined + id.n, obj->options.secret.p, obj->options.secret.n);
    }
    const stox_span data = {joined, id.n + obj->options.secret.n};
    status = stox_hash(STOX_HASH_SHA1, data, digest, sizeof digest);
    memset(joined, 0, data.n);
  }
  if (status == STOX_OK) {
    stox_buf buf;
    stox_buf_init(&buf, text, sizeof text);
    (void)stox_buf_put_text(&buf, "<handshake>");
    (void)stox_hex_write(&buf, (stox_span){(const char *)digest, sizeof digest});
    (void)stox_buf_put_text(&buf, "</handshake>");
    status = stox_octets_put(&obj->output, obj->options.alloc, stox_buf_span(&buf));
  }
  if (status != STOX_OK) {
    lose(obj, status, now_ns);
  }
}

static void on_stream_open(stox_component *obj, const stox_xml_element *element, uint64_t now_ns) {
  const stox_span id = stox_xml_attribute_of(element, "id");
  const stox_span lang = stox_xml_lang(element);
  if (obj->state != HEADER || !stox_xml_is(element, NS_STREAMS, "stream") || id.n == 0) {
    lose(obj, STOX_E_BAD_XML, now_ns);
    return;
  }
  obj->stream_lang = (stox_span){NULL, 0};
  if (lang.n > 0 && lang.n <= sizeof obj->lang) {
    memcpy(obj->lang, lang.p, lang.n);
    obj->stream_lang = (stox_span){obj->lang, lang.n};
  }
  obj->state = HANDSHAKE;
  send_handshake(obj, id, now_ns);
}

static int error_status(const stox_xml_element *element) {
  static const char ns[] = "urn:ietf:params:xml:ns:xmpp-streams";
  if (stox_xml_child(element, ns, "not-authorized", NULL) != NULL) {
    return STOX_E_AUTH;
  }
  if (stox_xml_child(element, ns, "conflict", NULL) != NULL) {
    return STOX_E_REFUSED;
  }
  if (stox_xml_child(element, ns, "host-unknown", NULL) != NULL) {
    return STOX_E_UNKNOWN_DOMAIN;
  }
  return STOX_E_STATE;
}

/* 1 if there is a stanza to be told of. */
static int on_element(stox_component *obj, const stox_xml_element *element, uint64_t now_ns) {
  if (stox_xml_is(element, NS_STREAMS, "error")) {
    lose(obj, error_status(element), now_ns);
    return 0;
  }
  if (obj->state == HANDSHAKE && stox_xml_is(element, NS_COMPONENT, "handshake")) {
    obj->state = READY;
    obj->tell |= TELL_READY;
    obj->failures = 0;
    obj->sent_ns = now_ns;
    obj->deadline_ns =
        obj->options.keepalive_ns == 0 ? UINT64_MAX : now_ns + obj->options.keepalive_ns;
    return 0;
  }
  if (obj->state != READY && obj->state != STOPPED) {
    lose(obj, STOX_E_STATE, now_ns);
    return 0;
  }
  /* What is no stanza, or a malformed iq, is passed over: it cannot be answered. */
  return stox_stanza_read(&obj->stanza, element, obj->stream_lang) == STOX_OK;
}

/* A stanza with more attributes than we take is answered (RFC 6120 13.12); an error never is. */
static void on_refused(stox_component *obj, const stox_xml_element *element, uint64_t now_ns) {
  const stox_error_write error = {.condition = STOX_COND_POLICY_VIOLATION,
                                  .type = STOX_ERROR_MODIFY};
  stox_buf buf;
  if (obj->state != READY) {
    if (obj->state != STOPPED) {
      lose(obj, STOX_E_TOO_MANY, now_ns);
    }
    return;
  }
  stox_buf_init(&buf, NULL, 0);
  if (!on_element(obj, element, now_ns) || stox_component_waiting(obj) >= WAITING_MAX ||
      stox_stanza_error_write(&buf, &obj->stanza, &error) != STOX_E_NOBUF) {
    return;
  }
  const size_t n = buf.len;
  char *p = stox_arena_take(&obj->arena, n, 1);
  int status = p == NULL ? STOX_E_NOMEM : STOX_OK;
  if (status == STOX_OK) {
    stox_buf_init(&buf, p, n);
    (void)stox_stanza_error_write(&buf, &obj->stanza, &error);
    status = stox_octets_put(&obj->output, obj->options.alloc, stox_buf_span(&buf));
  }
  if (status != STOX_OK) {
    lose(obj, status, now_ns);
  }
}

/* Reads up to the next stanza; 1 if there is one in obj->stanza. */
static int read_stanza(stox_component *obj, uint64_t now_ns) {
  stox_span input = stox_octets_span(&obj->input);
  while (input.n > 0 && obj->handle != 0) {
    size_t consumed = 0;
    const stox_xml_element *element = NULL;
    int kind = 0;
    int status = stox_xml_feed(obj->reader, &consumed, input, NULL);
    stox_octets_take(&obj->input, consumed);
    if (status == STOX_E_MORE) {
      return 0;
    }
    stox_arena_reset(&obj->arena);
    if (status == STOX_OK) {
      status = stox_xml_next(obj->reader, &obj->arena, &kind, &element);
    }
    if (status != STOX_OK) {
      lose(obj, status, now_ns);
      return 0;
    }
    if (kind == STOX_XML_STREAM_OPEN) {
      on_stream_open(obj, element, now_ns);
    } else if (kind == STOX_XML_STREAM_CLOSE) {
      /* Its end tag is answered with ours (RFC 6120 4.4), unless ours came first. */
      obj->tell |= obj->state == STOPPED ? 0U : SAY_END;
      obj->ended = obj->handle;
      lose(obj, obj->state == READY ? STOX_E_NONE : STOX_E_REFUSED, now_ns);
    } else if (kind == STOX_XML_REFUSED) {
      on_refused(obj, element, now_ns);
    } else if (kind == STOX_XML_ELEMENT && on_element(obj, element, now_ns)) {
      return 1;
    }
    if ((obj->tell & TELL_READY) != 0) {
      return 0; /* READY is told before the first stanza */
    }
    input = stox_octets_span(&obj->input);
  }
  return 0;
}

/* ---- the pulled side ---- */

int stox_component_owns(const stox_component *obj, uint64_t handle) {
  return handle != 0 && handle == obj->handle;
}

int stox_component_feed(stox_component *obj, const stox_flow *flow, stox_span bytes,
                        uint64_t now_ns) {
  if (!stox_component_owns(obj, flow->handle)) {
    return STOX_E_STATE;
  }
  if (bytes.n == 0) {
    lose(obj, STOX_E_CLOSED, now_ns);
    return STOX_OK;
  }
  const int status = stox_octets_put(&obj->input, obj->options.alloc, bytes);
  if (status != STOX_OK) {
    lose(obj, status, now_ns);
  }
  return status;
}

static int make_reader(stox_component *obj) {
  if (obj->reader != NULL) {
    return stox_xml_reader_restart(obj->reader);
  }
  stox_xml_options options;
  (void)stox_xml_options_init(&options, sizeof options);
  options.limits = obj->options.limits;
  options.alloc = obj->options.alloc;
  return stox_xml_reader_new(&obj->reader, &options);
}

/* The next address is where CONNECT leads to; a round that is over leads to a pause. */
static void find_place(stox_component *obj, uint64_t now_ns) {
  const int status =
      stox_component_place_step(&obj->place, &obj->at, &obj->options.remote, &obj->token, now_ns);
  if (status == STOX_OK) {
    obj->state = CONNECT;
  } else if (status == STOX_E_MORE) {
    obj->state = ASKING;
    obj->deadline_ns = now_ns + obj->options.open_timeout_ns;
  } else {
    lose(obj, status, now_ns);
  }
}

int stox_component_resolved(stox_component *obj, uint64_t token, int status,
                            const stox_record *records, size_t n, uint64_t now_ns) {
  if (token == 0 || token > obj->token) {
    return STOX_E_ARG;
  }
  if (stox_component_place_answer(&obj->place, token, status, records, n) == STOX_OK) {
    find_place(obj, now_ns);
  }
  return STOX_OK;
}

int stox_component_done(stox_component *obj, uint64_t token, int status, const stox_flow *flow,
                        uint64_t now_ns) {
  if (obj->state == ASKING) {
    /* A host without a resolver ends questions so. */
    return stox_component_resolved(obj, token, status == STOX_OK ? STOX_E_ARG : status, NULL, 0,
                                   now_ns);
  }
  if (token == 0 || token > obj->token) {
    return STOX_E_ARG;
  }
  if (token != obj->token || obj->state != OPENING) {
    /* It came too late (timed out or stopped): the flow is not wanted any more. */
    close_later(obj, status == STOX_OK && flow != NULL ? flow->handle : 0);
    return STOX_OK;
  }
  if (status == STOX_OK && flow != NULL) {
    obj->handle = flow->handle;
    status = make_reader(obj);
  }
  if (status != STOX_OK && flow == NULL && obj->place.attempts != NULL) {
    obj->place.failure = status;
    find_place(obj, now_ns);
    return STOX_OK;
  }
  if (status != STOX_OK || flow == NULL) {
    lose(obj, status == STOX_OK ? STOX_E_ARG : status, now_ns);
    return STOX_OK;
  }
  stox_component_place_end(&obj->place);
  obj->state = HEADER;
  send_header(obj, now_ns);
  return STOX_OK;
}

int stox_component_hold(stox_component *obj, uint64_t handle, int full, uint64_t now_ns) {
  (void)now_ns;
  if (!stox_component_owns(obj, handle)) {
    return STOX_E_STATE;
  }
  obj->is_held = full;
  return STOX_OK;
}

int stox_component_send(stox_component *obj, stox_span stanzas) {
  if (obj->state != READY) {
    return STOX_E_STATE;
  }
  if (stox_component_waiting(obj) >= WAITING_MAX) {
    return STOX_E_FULL; /* the server asks and does not listen */
  }
  return stox_octets_put(&obj->output, obj->options.alloc, stanzas);
}

size_t stox_component_waiting(const stox_component *obj) {
  return obj->output.len - obj->output.from;
}

int stox_component_is_ready(const stox_component *obj) {
  return obj->state == READY;
}

static const stox_action *act(stox_component *obj, stox_action action) {
  obj->action = action;
  return &obj->action;
}

static const stox_action *tell(stox_component *obj, unsigned bit, int event, int status) {
  obj->tell &= ~bit;
  return act(obj, (stox_action){.kind = STOX_DO_EVENT, .event = event, .status = status});
}

static const stox_action *connect_now(stox_component *obj, uint64_t now_ns) {
  obj->state = OPENING;
  obj->token++;
  obj->deadline_ns = now_ns + obj->options.open_timeout_ns;
  return act(obj, (stox_action){.kind = STOX_DO_OPEN, .token = obj->token, .remote = obj->at});
}

static const stox_action *send_waiting(stox_component *obj, uint64_t now_ns) {
  const stox_octets spare = obj->leaving;
  obj->leaving = obj->output;
  obj->output = spare;
  obj->output.from = 0;
  obj->output.len = 0;
  obj->sent_ns = now_ns;
  return act(obj, (stox_action){.kind = STOX_DO_SEND,
                                .handle = obj->handle,
                                .remote = {{NULL, 0}, 0, STOX_TRANSPORT_TCP},
                                .bytes = stox_octets_span(&obj->leaving)});
}

const stox_action *stox_component_next(stox_component *obj, uint64_t now_ns) {
  if (obj->state == CONNECT && obj->is_name && obj->place.attempts == NULL) {
    find_place(obj, now_ns);
  }
  if ((obj->tell & (TELL_LOST | TELL_READY)) == 0 && read_stanza(obj, now_ns)) {
    return act(obj, (stox_action){.kind = STOX_DO_EVENT,
                                  .event = STOX_COMPONENT_STANZA,
                                  .object = &obj->stanza});
  }
  if ((obj->tell & TELL_LOST) != 0) {
    return tell(obj, TELL_LOST, STOX_COMPONENT_LOST, obj->lost_status);
  }
  if ((obj->tell & TELL_READY) != 0) {
    return tell(obj, TELL_READY, STOX_COMPONENT_READY, STOX_OK);
  }
  if (obj->state == CONNECT) {
    return connect_now(obj, now_ns);
  }
  if (obj->state == ASKING && stox_component_place_ask(&obj->place, &obj->action) == STOX_OK) {
    return &obj->action;
  }
  if (obj->handle != 0 && !obj->is_held && stox_component_waiting(obj) > 0) {
    return send_waiting(obj, now_ns);
  }
  if ((obj->tell & SAY_END) != 0) {
    obj->tell &= ~(unsigned)SAY_END;
    return act(obj, (stox_action){.kind = STOX_DO_SEND,
                                  .handle = obj->ended,
                                  .remote = {{NULL, 0}, 0, STOX_TRANSPORT_TCP},
                                  .bytes = stox_span_text("</stream:stream>")});
  }
  if (obj->n_closing > 0) {
    return act(obj, (stox_action){.kind = STOX_DO_CLOSE, .handle = obj->closing[--obj->n_closing]});
  }
  if ((obj->tell & TELL_STOPPED) != 0) {
    return tell(obj, TELL_STOPPED, STOX_COMPONENT_STOPPED, STOX_OK);
  }
  return NULL;
}

uint64_t stox_component_deadline(const stox_component *obj) {
  return obj->deadline_ns;
}

int stox_component_tick(stox_component *obj, uint64_t now_ns) {
  if (now_ns < obj->deadline_ns) {
    return STOX_OK;
  }
  if (obj->state == PAUSE) {
    obj->state = CONNECT;
    obj->deadline_ns = UINT64_MAX;
  } else if (obj->state == READY) {
    const uint64_t due = obj->sent_ns + obj->options.keepalive_ns;
    if (now_ns >= due && !obj->is_held) {
      (void)put_text(obj, " ");
    }
    obj->deadline_ns = now_ns >= due ? now_ns + obj->options.keepalive_ns : due;
  } else {
    lose(obj, STOX_E_TIMEOUT, now_ns);
  }
  return STOX_OK;
}

int stox_component_stop(stox_component *obj, uint64_t now_ns) {
  if (obj->state == STOPPED) {
    return STOX_OK;
  }
  const int was_open = obj->handle != 0;
  obj->state = STOPPED;
  if (!was_open) {
    lose(obj, STOX_E_CLOSED, now_ns);
    return STOX_OK;
  }
  /* RFC 6120 4.4: our end tag, then the peer's; it has a second to send it. */
  obj->deadline_ns = now_ns + SECOND;
  return put_text(obj, "</stream:stream>");
}
