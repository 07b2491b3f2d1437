/* SPDX-License-Identifier: MIT */
/* A component's session under a server, a network and a host that do anything. Each octet of the
 * input is a step. What goes out can be read as XML, a flow that was opened is closed or was ended
 * by the server, time never stands still, and the end gives back all memory. */
#include "script.h"
#include "stox/component.h"
#include "stox/xml.h"

enum { ROOM = 1 << 14, FLOWS = 64 };

#define SECOND UINT64_C(1000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct run {
  script script;
  stox_component *session;
  stox_xml_reader *reader; /* of what it sends */
  uint64_t now;
  uint64_t handle; /* the flow it has, 0: none */
  uint64_t opened; /* flows there ever were */
  uint64_t token;  /* of an OPEN that waits */
  uint64_t late;   /* of one that was asked for before it */
  size_t n_open;   /* flows that neither side has ended */
  int is_manual;   /* 1: the script opens and answers, not the run itself */
  int is_ready;
  int was_stopped;
  int stops; /* how often STOPPED was told */
  int status;
} run;

static stox_flow flow_of(const run *r, uint64_t handle) {
  (void)r;
  return (stox_flow){.handle = handle, .remote = {{"192.0.2.1", 9}, 5347, STOX_TRANSPORT_TCP}};
}

static void say(run *r, stox_span octets) {
  const stox_flow flow = flow_of(r, r->handle);
  if (r->handle == 0 || octets.n == 0) {
    return;
  }
  require(stox_component_owns(r->session, r->handle));
  r->status = stox_component_feed(r->session, &flow, octets, r->now);
}

static void open_flow(run *r, uint64_t token, int status) {
  const stox_flow flow = flow_of(r, ++r->opened);
  r->n_open += status == STOX_OK ? 1U : 0U;
  (void)stox_component_done(r->session, token, status, status == STOX_OK ? &flow : NULL, r->now);
  if (stox_component_owns(r->session, flow.handle)) {
    r->handle = flow.handle;
    require(stox_xml_reader_restart(r->reader) == STOX_OK);
  }
}

static void close_flow(run *r, uint64_t handle) {
  require(handle != 0 && r->n_open > 0);
  r->n_open--;
  r->handle = handle == r->handle ? 0 : r->handle;
}

static const char greeting[] = "<stream:stream xmlns='jabber:component:accept' "
                               "xmlns:stream='http://etherx.jabber.org/streams' id='i1'>";

/* Every octet sent is XML, the root first; a server that behaves answers it. */
static void read_sent(run *r, stox_span octets) {
  stox_arena arena;
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
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
    if (!r->is_manual && kind == STOX_XML_STREAM_OPEN) {
      say(r, stox_span_text(greeting));
    } else if (!r->is_manual && kind == STOX_XML_ELEMENT && r->handle != 0 &&
               stox_xml_is(element, "jabber:component:accept", "handshake")) {
      say(r, stox_span_text("<handshake/>"));
    }
  }
  stox_arena_clear(&arena);
}

static void event(run *r, const stox_action *action) {
  switch (action->event) {
  case STOX_COMPONENT_READY:
    require(!r->is_ready && stox_component_is_ready(r->session));
    r->is_ready = 1;
    break;
  case STOX_COMPONENT_LOST:
    require(action->status != STOX_OK && !stox_component_is_ready(r->session));
    r->is_ready = 0;
    break;
  case STOX_COMPONENT_STANZA:
    require(r->is_ready || r->was_stopped);
    require(((const stox_stanza *)action->object)->element != NULL);
    break;
  default:
    require(action->event == STOX_COMPONENT_STOPPED && r->was_stopped && r->stops == 0);
    r->stops++;
    break;
  }
}

static void act(run *r, const stox_action *action) {
  char octets[1 << 16];
  switch (action->kind) {
  case STOX_DO_EVENT:
    event(r, action);
    break;
  case STOX_DO_OPEN:
    require(action->token != 0 && !r->was_stopped);
    r->late = r->token;
    r->token = action->token;
    if (!r->is_manual) {
      r->token = 0;
      open_flow(r, action->token, STOX_OK);
    }
    break;
  case STOX_DO_SEND:
    require(action->handle == r->handle && r->handle != 0 && action->bytes.n > 0);
    require(action->bytes.n <= sizeof octets);
    memcpy(octets, action->bytes.p, action->bytes.n);
    read_sent(r, (stox_span){octets, action->bytes.n});
    break;
  default:
    require(action->kind == STOX_DO_CLOSE);
    close_flow(r, action->handle);
    break;
  }
}

static void pull(run *r) {
  const stox_action *action = NULL;
  size_t steps = 0;
  while ((action = stox_component_next(r->session, r->now)) != NULL) {
    require(steps++ < 10000);
    act(r, action);
  }
}

static void tick(run *r, uint64_t ns) {
  const uint64_t until = r->now + ns;
  for (size_t i = 0; r->now < until && i < 64; i++) {
    const uint64_t due = stox_component_deadline(r->session);
    r->now = due < until ? (due > r->now ? due : r->now) : until;
    (void)stox_component_tick(r->session, r->now);
    pull(r);
    require(stox_component_deadline(r->session) > r->now);
  }
  r->now = until;
}

static void end_flow(run *r) {
  const stox_flow flow = flow_of(r, r->handle);
  if (r->handle != 0) {
    close_flow(r, r->handle);
    (void)stox_component_feed(r->session, &flow, (stox_span){"", 0}, r->now);
  }
}

static void send(run *r, stox_span text) {
  char escaped[6 * ROOM];
  char stanza[6 * ROOM + 64];
  stox_buf buf;
  stox_buf_init(&buf, escaped, sizeof escaped);
  if (stox_xml_escape(&buf, text, 0) != STOX_OK) {
    return;
  }
  const stox_span body = stox_buf_span(&buf);
  stox_buf_init(&buf, stanza, sizeof stanza);
  (void)stox_buf_put_text(&buf, "<message><body>");
  (void)stox_buf_put(&buf, body);
  (void)stox_buf_put_text(&buf, "</body></message>");
  const int status = stox_component_send(r->session, stox_buf_span(&buf));
  require(stox_component_is_ready(r->session) ? status != STOX_E_STATE : status == STOX_E_STATE);
}

static void pieces(run *r, stox_span text, size_t n) {
  for (size_t at = 0; at < text.n && r->handle != 0; at += n) {
    say(r, stox_span_slice(text, at, n));
    pull(r);
  }
}

static void step(run *r) {
  char room[ROOM];
  const unsigned what = next_octet(&r->script);
  const unsigned how = what >> 4;
  switch (what % 11) {
  case 0:
    pieces(r, next_text(&r->script, room, sizeof room), how + 1);
    break;
  case 1:
    say(r, next_text(&r->script, room, sizeof room));
    break;
  case 2:
    tick(r, (uint64_t)how * how * SECOND / 4);
    break;
  case 3:
    end_flow(r);
    break;
  case 4:
    send(r, next_text(&r->script, room, sizeof room));
    break;
  case 5:
    (void)stox_component_hold(r->session, r->handle, (int)how % 2, r->now);
    break;
  case 6:
    open_flow(r, r->token, how % 2 ? STOX_OK : STOX_E_REFUSED);
    r->token = 0;
    break;
  case 7:
    open_flow(r, r->late, STOX_OK);
    r->late = 0;
    break;
  case 8:
    r->is_manual = (int)how % 2;
    break;
  case 9:
    r->script.fail_in = how;
    break;
  default:
    say(r, stox_span_text(how % 2 ? greeting : "<handshake/>"));
    break;
  }
  pull(r);
}

static int may_open(const run *r, unsigned what) {
  const unsigned op = what % 11;
  return (op != 6 || r->token != 0) && (op != 7 || r->late != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static run r;
  r = (run){.script = {.p = data, .n = size, .seed = 1}, .now = SECOND};
  const stox_allocator alloc = {sizeof alloc, &r.script, script_resize};
  const stox_random random = {sizeof random, &r.script, script_fill};
  stox_component_options options;
  stox_xml_options xml;
  require(stox_component_options_init(&options, sizeof options) == STOX_OK);
  require(stox_xml_options_init(&xml, sizeof xml) == STOX_OK);
  require(stox_xml_reader_new(&r.reader, &xml) == STOX_OK);
  options.domain = stox_span_text("sip.example");
  options.secret = stox_span_text("s");
  options.remote = (stox_endpoint){{"192.0.2.1", 9}, 5347, STOX_TRANSPORT_TCP};
  options.alloc = &alloc;
  options.random = &random;
  require(stox_component_new(&r.session, &options, r.now) == STOX_OK);
  pull(&r);
  while (r.script.n > 0) {
    if (may_open(&r, *r.script.p)) {
      step(&r);
    } else {
      (void)next_octet(&r.script);
    }
  }
  r.script.fail_in = 0;
  r.was_stopped = 1;
  (void)stox_component_stop(r.session, r.now);
  pull(&r);
  tick(&r, 10 * SECOND);
  require(r.stops == 1 && stox_component_deadline(r.session) == UINT64_MAX);
  require(r.n_open == 0);
  stox_component_del(r.session);
  stox_xml_reader_del(r.reader);
  require(r.script.live == 0);
  return 0;
}
