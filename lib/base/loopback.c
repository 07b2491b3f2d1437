/* SPDX-License-Identifier: MIT */
#include "stox/loopback.h"

#include "base/options.h"
#include "stox/status.h"

#include <string.h>

enum { HOST_TEXT = 64, STEPS = 1000000, DEAD_END = -1 };

typedef struct place {
  char host[HOST_TEXT];
  stox_endpoint endpoint;
} place;

/* An engine at one address. An engine that joined at several addresses is several nodes. */
typedef struct node {
  struct node *next;
  struct stox_loopback *net;
  stox_engine engine;
  place local;
  uint64_t handle;
  int is_held;
} node;

/* One end of a stream. The end that connected has a local port of its own making. */
typedef struct stream_end {
  node *owner;
  place local;
  uint64_t handle;
  int is_deaf; /* it has closed */
} stream_end;

typedef struct stream {
  struct stream *next;
  stream_end ends[2];
  int is_open;
} stream;

enum { DATAGRAM = 1, OCTETS = 2, CLOSED = 3, OPENED = 4 };

typedef struct event {
  struct event *next;
  uint64_t at_ns;
  int kind;
  int side; /* the receiving end of a stream */
  stream *on;
  node *to;
  node *from;
  uint64_t token;
  size_t n;
  char octets[];
} event;

struct stox_loopback {
  stox_loopback_options options;
  node *nodes;
  stream *streams;
  event *first;
  uint64_t handles;
  uint32_t ports;
};

static const stox_loopback_options defaults = {.size = sizeof(stox_loopback_options)};

int stox_loopback_options_init(stox_loopback_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static void *take(stox_loopback *net, size_t n) {
  void *p = net->options.alloc->resize(net->options.alloc->ud, NULL, 0, n);
  if (p != NULL) {
    memset(p, 0, n);
  }
  return p;
}

static void give(stox_loopback *net, void *p, size_t n) {
  (void)net->options.alloc->resize(net->options.alloc->ud, p, n, 0);
}

int stox_loopback_new(stox_loopback **out, const stox_loopback_options *options) {
  stox_loopback_options own = defaults;
  *out = NULL;
  if (stox_options_read(&own, sizeof own, options) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_loopback *net = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *net);
  if (net == NULL) {
    return STOX_E_NOMEM;
  }
  memset(net, 0, sizeof *net);
  net->options = own;
  net->ports = 40000;
  *out = net;
  return STOX_OK;
}

void stox_loopback_del(stox_loopback *net) {
  if (net == NULL) {
    return;
  }
  for (event *e = net->first; e != NULL;) {
    event *next = e->next;
    give(net, e, sizeof *e + e->n);
    e = next;
  }
  for (stream *s = net->streams; s != NULL;) {
    stream *next = s->next;
    give(net, s, sizeof *s);
    s = next;
  }
  for (node *n = net->nodes; n != NULL;) {
    node *next = n->next;
    give(net, n, sizeof *n);
    n = next;
  }
  give(net, net, sizeof *net);
}

/* ---- places ---- */

static int place_set(place *out, const stox_endpoint *from) {
  if (from->host.n >= sizeof out->host) {
    return STOX_E_ARG;
  }
  if (from->host.n > 0) {
    memcpy(out->host, from->host.p, from->host.n);
  }
  out->endpoint = *from;
  out->endpoint.host.p = out->host;
  return STOX_OK;
}

static int is_same(const stox_endpoint *a, const stox_endpoint *b) {
  return a->port == b->port && a->transport == b->transport && stox_span_is_equal(a->host, b->host);
}

static node *node_at(const stox_loopback *net, const stox_endpoint *at) {
  for (node *n = net->nodes; n != NULL; n = n->next) {
    if (is_same(&n->local.endpoint, at)) {
      return n;
    }
  }
  return NULL;
}

int stox_loopback_join(stox_loopback *net, const stox_engine *engine, const stox_endpoint *local) {
  if (node_at(net, local) != NULL) {
    return STOX_E_ARG;
  }
  node *n = take(net, sizeof *n);
  if (n == NULL) {
    return STOX_E_NOMEM;
  }
  if (place_set(&n->local, local) != STOX_OK) {
    give(net, n, sizeof *n);
    return STOX_E_ARG;
  }
  n->net = net;
  n->engine = *engine;
  n->handle = ++net->handles;
  n->next = net->nodes;
  net->nodes = n;
  return STOX_OK;
}

/* ---- events ---- */

static event *event_new(stox_loopback *net, int kind, stox_span bytes, uint64_t at_ns) {
  event *e = take(net, sizeof *e + bytes.n);
  if (e == NULL) {
    return NULL;
  }
  e->kind = kind;
  e->at_ns = at_ns;
  e->n = bytes.n;
  if (bytes.n > 0) {
    memcpy(e->octets, bytes.p, bytes.n);
  }
  return e;
}

/* Behind all events of the same time: what was sent first arrives first. */
static void schedule(stox_loopback *net, event *e) {
  event **at = &net->first;
  while (*at != NULL && (*at)->at_ns <= e->at_ns) {
    at = &(*at)->next;
  }
  e->next = *at;
  *at = e;
}

static int post(stox_loopback *net, int kind, stream *on, int side, uint64_t now_ns) {
  event *e = event_new(net, kind, (stox_span){NULL, 0}, now_ns + net->options.delay_ns);
  if (e == NULL) {
    return STOX_E_NOMEM;
  }
  e->on = on;
  e->side = side;
  schedule(net, e);
  return STOX_OK;
}

static stox_flow flow_of(const stream *s, int side) {
  return (stox_flow){s->ends[side].handle, s->ends[side].local.endpoint,
                     s->ends[!side].local.endpoint, NULL};
}

/* ---- sending ---- */

static int fault(stox_loopback *net, const stox_endpoint *from, const stox_endpoint *to,
                 stox_span bytes) {
  return net->options.fault == NULL ? STOX_LOOPBACK_PASS
                                    : net->options.fault(net->options.ud, from, to, bytes);
}

static node *source_of(node *self, const stox_action *action) {
  node *found = NULL;
  for (node *n = self->net->nodes; n != NULL; n = n->next) {
    if (n->engine.engine != self->engine.engine ||
        n->local.endpoint.transport != action->remote.transport) {
      continue;
    }
    if (n->handle == action->handle || is_same(&n->local.endpoint, &action->local)) {
      return n;
    }
    found = n;
  }
  return found;
}

static int send_datagram(node *self, const stox_action *action, uint64_t now_ns, stox_flow *flow) {
  stox_loopback *net = self->net;
  node *from = source_of(self, action);
  node *to = node_at(net, &action->remote);
  if (from == NULL) {
    return STOX_E_UNSUPPORTED;
  }
  *flow = (stox_flow){from->handle, from->local.endpoint, action->remote, NULL};
  const int what = fault(net, &from->local.endpoint, &action->remote, action->bytes);
  if (what == STOX_LOOPBACK_REFUSE) {
    return STOX_E_REFUSED;
  }
  const int copies =
      to == NULL || what == STOX_LOOPBACK_DROP ? 0 : 1 + (what == STOX_LOOPBACK_TWICE);
  for (int i = 0; i < copies; i++) {
    event *e = event_new(net, DATAGRAM, action->bytes, now_ns + net->options.delay_ns);
    if (e == NULL) {
      return STOX_E_NOMEM;
    }
    e->from = from;
    e->to = to;
    schedule(net, e);
  }
  return STOX_OK;
}

static stream *find_end(const stox_loopback *net, uint64_t handle, int *side) {
  for (stream *s = net->streams; s != NULL; s = s->next) {
    for (*side = 0; *side < 2; (*side)++) {
      if (s->is_open && s->ends[*side].handle == handle) {
        return s;
      }
    }
  }
  return NULL;
}

static stream *find_remote(const node *self, const stox_endpoint *remote, int *side) {
  for (stream *s = self->net->streams; s != NULL; s = s->next) {
    for (*side = 0; *side < 2; (*side)++) {
      if (s->is_open && s->ends[*side].owner->engine.engine == self->engine.engine &&
          is_same(&s->ends[!*side].local.endpoint, remote)) {
        return s;
      }
    }
  }
  return NULL;
}

static int connect_to(stream **out, node *self, const stox_endpoint *remote) {
  stox_loopback *net = self->net;
  node *peer = node_at(net, remote);
  if (peer == NULL ||
      fault(net, &self->local.endpoint, remote, (stox_span){NULL, 0}) == STOX_LOOPBACK_REFUSE) {
    return STOX_E_REFUSED;
  }
  stream *s = take(net, sizeof *s);
  if (s == NULL) {
    return STOX_E_NOMEM;
  }
  stox_endpoint local = self->local.endpoint;
  local.port = ++net->ports;
  local.transport = remote->transport;
  (void)place_set(&s->ends[0].local, &local);
  (void)place_set(&s->ends[1].local, remote);
  s->ends[0].owner = self;
  s->ends[1].owner = peer;
  s->ends[0].handle = ++net->handles;
  s->ends[1].handle = ++net->handles;
  s->is_open = 1;
  s->next = net->streams;
  net->streams = s;
  *out = s;
  return STOX_OK;
}

static void close_stream(stox_loopback *net, stream *s, int told, uint64_t now_ns) {
  if (!s->is_open) {
    return;
  }
  s->is_open = 0;
  for (int side = 0; side < 2; side++) {
    if (told == DEAD_END || told == side) {
      (void)post(net, CLOSED, s, side, now_ns);
    }
  }
}

static int send_octets(node *self, const stox_action *action, uint64_t now_ns, stox_flow *flow) {
  stox_loopback *net = self->net;
  int side = 0;
  stream *s = action->handle == 0 ? NULL : find_end(net, action->handle, &side);
  int status = STOX_OK;
  if (s == NULL && action->remote.host.n > 0) {
    s = find_remote(self, &action->remote, &side);
    if (s == NULL) {
      side = 0;
      status = connect_to(&s, self, &action->remote);
    }
  }
  if (s == NULL) {
    return status == STOX_OK ? STOX_E_CLOSED : status;
  }
  *flow = flow_of(s, side);
  const int what = fault(net, &flow->local, &flow->remote, action->bytes);
  if (what == STOX_LOOPBACK_REFUSE) {
    return STOX_E_REFUSED;
  }
  if (what == STOX_LOOPBACK_DROP) {
    close_stream(net, s, DEAD_END, now_ns);
    return STOX_E_CLOSED;
  }
  const size_t step = net->options.segment == 0 ? action->bytes.n : net->options.segment;
  for (size_t at = 0; at < action->bytes.n; at += step) {
    event *e = event_new(net, OCTETS, stox_span_slice(action->bytes, at, step),
                         now_ns + net->options.delay_ns);
    if (e == NULL) {
      return STOX_E_NOMEM;
    }
    e->on = s;
    e->side = !side;
    schedule(net, e);
  }
  return STOX_OK;
}

static int open_stream(node *self, const stox_action *action, uint64_t now_ns) {
  stream *s = NULL;
  const int status = connect_to(&s, self, &action->remote);
  if (status != STOX_OK) {
    return status;
  }
  event *e =
      event_new(self->net, OPENED, (stox_span){NULL, 0}, now_ns + self->net->options.delay_ns);
  if (e == NULL) {
    s->is_open = 0;
    return STOX_E_NOMEM;
  }
  e->on = s;
  e->token = action->token;
  schedule(self->net, e);
  return STOX_E_MORE;
}

static int close_by_handle(node *self, uint64_t handle, uint64_t now_ns) {
  int side = 0;
  stream *s = find_end(self->net, handle, &side);
  if (s != NULL) {
    s->ends[side].is_deaf = 1;
    close_stream(self->net, s, !side, now_ns);
  }
  return STOX_OK;
}

static int perform(void *transport, const stox_engine *engine, const stox_action *action,
                   uint64_t now_ns) {
  node *self = transport;
  const uint64_t token = action->token;
  stox_flow flow = {0};
  int status = STOX_E_UNSUPPORTED;
  switch (action->kind) {
  case STOX_DO_SEND:
    status = action->remote.transport == STOX_TRANSPORT_UDP
                 ? send_datagram(self, action, now_ns, &flow)
                 : send_octets(self, action, now_ns, &flow);
    break;
  case STOX_DO_OPEN:
    status = open_stream(self, action, now_ns);
    break;
  case STOX_DO_CLOSE:
    return close_by_handle(self, action->handle, now_ns);
  case STOX_DO_EVENT:
    return STOX_OK;
  default:
    break;
  }
  if (status == STOX_E_MORE) {
    return STOX_OK;
  }
  if (token != 0) {
    const int is_used = status == STOX_OK && flow.handle != 0;
    (void)engine->done(engine->engine, token, status, is_used ? &flow : NULL, now_ns);
  }
  return status;
}

/* ---- delivery ---- */

static void feed(node *n, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  if (n->net->options.trace != NULL && bytes.n > 0) {
    n->net->options.trace(n->net->options.ud, &flow->remote, &flow->local, bytes);
  }
  (void)n->engine.feed(n->engine.engine, flow, bytes, now_ns);
}

static void deliver(const event *e, uint64_t now_ns) {
  const stox_span bytes = {e->octets, e->n};
  if (e->kind == DATAGRAM) {
    if (e->n == 0) {
      return; /* no octets would mean that the peer ended the flow */
    }
    const stox_flow flow = {e->to->handle, e->to->local.endpoint, e->from->local.endpoint, NULL};
    feed(e->to, &flow, bytes, now_ns);
    return;
  }
  const stox_flow flow = flow_of(e->on, e->side);
  node *n = e->on->ends[e->side].owner;
  if (e->kind == OCTETS) {
    if (!e->on->ends[e->side].is_deaf) {
      feed(n, &flow, bytes, now_ns);
    }
  } else if (e->kind == OPENED) {
    (void)n->engine.done(n->engine.engine, e->token, e->on->is_open ? STOX_OK : STOX_E_CLOSED,
                         &flow, now_ns);
  } else {
    feed(n, &flow, (stox_span){NULL, 0}, now_ns);
  }
}

static int is_held(const event *e) {
  const node *to = e->kind == DATAGRAM ? e->to : e->on->ends[e->side].owner;
  return to->is_held && e->kind != OPENED;
}

static event *take_due(stox_loopback *net, uint64_t now_ns) {
  for (event **at = &net->first; *at != NULL && (*at)->at_ns <= now_ns; at = &(*at)->next) {
    if (!is_held(*at)) {
      event *e = *at;
      *at = e->next;
      return e;
    }
  }
  return NULL;
}

static int pump_all(stox_loopback *net, uint64_t now_ns) {
  int moved = 0;
  for (node *n = net->nodes; n != NULL; n = n->next) {
    const stox_transport transport = {sizeof transport, n, perform};
    if (n->engine.deadline(n->engine.engine) <= now_ns) {
      (void)n->engine.tick(n->engine.engine, now_ns, now_ns / 1000000000);
      moved = 1;
    }
    moved = stox_pump(&n->engine, &transport, now_ns, 0) == STOX_E_MORE || moved;
  }
  return moved;
}

static uint64_t next_time(const stox_loopback *net) {
  uint64_t at = UINT64_MAX;
  for (const event *e = net->first; e != NULL; e = e->next) {
    if (!is_held(e)) {
      at = e->at_ns;
      break;
    }
  }
  for (const node *n = net->nodes; n != NULL; n = n->next) {
    const uint64_t deadline = n->engine.deadline(n->engine.engine);
    at = deadline < at ? deadline : at;
  }
  return at;
}

int stox_loopback_run(stox_loopback *net, uint64_t *now_ns, uint64_t until_ns) {
  for (int step = 0; step < STEPS; step++) {
    const int moved = pump_all(net, *now_ns);
    event *e = take_due(net, *now_ns);
    if (e != NULL) {
      deliver(e, *now_ns);
      give(net, e, sizeof *e + e->n);
      continue;
    }
    if (moved) {
      continue;
    }
    const uint64_t at = next_time(net);
    if (at > until_ns) {
      *now_ns = until_ns;
      return STOX_OK;
    }
    *now_ns = at > *now_ns ? at : *now_ns;
  }
  return STOX_E_LIMIT;
}

/* ---- faults from outside ---- */

int stox_loopback_cut(stox_loopback *net, const stox_endpoint *local, uint64_t now_ns) {
  node *n = node_at(net, local);
  if (n == NULL) {
    return STOX_E_ARG;
  }
  for (stream *s = net->streams; s != NULL; s = s->next) {
    if (s->ends[0].owner == n || s->ends[1].owner == n) {
      close_stream(net, s, DEAD_END, now_ns);
    }
  }
  return STOX_OK;
}

int stox_loopback_hold(stox_loopback *net, const stox_endpoint *local, int full, uint64_t now_ns) {
  node *n = node_at(net, local);
  if (n == NULL) {
    return STOX_E_ARG;
  }
  n->is_held = full;
  for (stream *s = net->streams; s != NULL; s = s->next) {
    for (int side = 0; side < 2; side++) {
      node *sender = s->ends[side].owner;
      if (s->is_open && s->ends[!side].owner == n) {
        (void)sender->engine.hold(sender->engine.engine, s->ends[side].handle, full, now_ns);
      }
    }
  }
  return STOX_OK;
}
