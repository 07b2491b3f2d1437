/* SPDX-License-Identifier: MIT */
#include "fed_net.h"

#include "stox/identity.h"
#include "stox/secure.h"

/* ---- hosts ---- */

static int fill(void *ud, void *p, size_t n) {
  net_host *h = ud;
  for (size_t i = 0; i < n; i++) {
    ((unsigned char *)p)[i] = (unsigned char)(test_random(&h->seed) >> 32);
  }
  return STOX_OK;
}

void net_init(net *n) {
  memset(n, 0, sizeof *n);
  n->now_ns = 1000 * SECOND;
}

void net_free(net *n) {
  for (size_t i = 0; i < n->n_hosts; i++) {
    stox_federation_del(n->hosts[i].fed);
    assert_int_equal(n->hosts[i].memory.live, 0);
  }
}

net_host *net_add_hand(net *n, const char *address) {
  assert_true(n->n_hosts < NET_HOSTS);
  net_host *h = &n->hosts[n->n_hosts++];
  h->net = n;
  h->address = address;
  h->is_trusted = 1;
  h->seed = 0x5EED + n->n_hosts;
  return h;
}

net_host *net_add(net *n, const char *address, const char *const *domains, size_t n_domains) {
  net_host *h = net_add_hand(n, address);
  h->alloc = failing_allocator(&h->memory);
  h->random = (stox_random){sizeof h->random, h, fill};
  assert_status(stox_federation_options_init(&h->options, sizeof h->options), STOX_OK);
  for (size_t i = 0; i < n_domains; i++) {
    h->domains[i] = (stox_federation_domain){stox_span_text(domains[i]), 1, 0};
  }
  h->options.domains = h->domains;
  h->options.n_domains = n_domains;
  h->options.alloc = &h->alloc;
  h->options.random = &h->random;
  return h;
}

int net_start(net_host *h) {
  const int status = stox_federation_new(&h->fed, &h->options, h->net->now_ns);
  if (status == STOX_OK) {
    stox_federation_engine(&h->engine, h->fed);
  }
  return status;
}

static net_host *host_at(net *n, stox_span address) {
  for (size_t i = 0; i < n->n_hosts; i++) {
    if (stox_span_is_equal(stox_span_text(n->hosts[i].address), address)) {
      return &n->hosts[i];
    }
  }
  return NULL;
}

/* ---- DNS ---- */

static void add_record(net *n, const char *name, stox_record record) {
  assert_true(n->n_records < NET_RECORDS);
  record.ttl = 60;
  n->records[n->n_records++] = (net_record){name, record};
}

void net_srv(net *n, const char *name, uint32_t port, const char *target) {
  add_record(
      n, name,
      (stox_record){.type = STOX_RECORD_SRV, .port = port, .target = stox_span_text(target)});
}

void net_address(net *n, const char *name, const char *address) {
  add_record(n, name, (stox_record){.type = STOX_RECORD_A, .target = stox_span_text(address)});
}

void net_place(net *n, const char *domain, const char *address) {
  net_address(n, domain, address);
}

static void resolve(net_host *h, const stox_action *a) {
  net *n = h->net;
  const stox_question question = *(const stox_question *)a->object;
  stox_record found[NET_RECORDS];
  size_t count = 0;
  n->n_questions++;
  for (size_t i = 0; i < n->n_records; i++) {
    if (n->records[i].record.type == question.type &&
        stox_span_is_equal(stox_span_text(n->records[i].name), question.name)) {
      found[count++] = n->records[i].record;
    }
  }
  if (!n->is_mute) {
    assert_status(h->engine.resolved(h->engine.engine, a->token, STOX_OK, found, count, n->now_ns),
                  STOX_OK);
  }
}

/* ---- flows ---- */

/* One without a host, that is not open, where there is none. */
static net_end *end_of(net *n, const net_host *h, uint64_t handle) {
  static net_end none;
  for (size_t i = 0; i < n->n_flows; i++) {
    for (size_t e = 0; e < 2; e++) {
      if (n->flows[i].ends[e].host == h && n->flows[i].ends[e].handle == handle) {
        return &n->flows[i].ends[e];
      }
    }
  }
  return &none;
}

static net_end *other_of(net *n, const net_end *end) {
  size_t i = 0;
  while (i + 1 < n->n_flows && end != &n->flows[i].ends[0] && end != &n->flows[i].ends[1]) {
    i++;
  }
  net_end *ends = n->flows[i].ends;
  assert_true(end == &ends[0] || end == &ends[1]);
  return end == &ends[0] ? &ends[1] : &ends[0];
}

int net_is_open(const net_host *h, uint64_t handle) {
  return end_of(h->net, h, handle)->is_open;
}

static net_flow *new_flow(net *n, net_host *from, net_host *to) {
  assert_true(n->n_flows < NET_FLOWS);
  net_flow *f = &n->flows[n->n_flows++];
  memset(f, 0, sizeof *f);
  net_host *hosts[2] = {from, to};
  for (size_t e = 0; e < 2; e++) {
    f->ends[e].host = hosts[e];
    f->ends[e].handle = n->n_flows * 2 + e;
    f->ends[e].is_open = 1;
  }
  return f;
}

/* What an end knows of the other. `verified` is the chain's alone: names are the engine's. */
static stox_peer peer_of(const net_host *other) {
  return (stox_peer){.size = sizeof(stox_peer),
                     .secure = 1,
                     .verified = other->identities != NULL && other->is_trusted,
                     .identities = stox_span_text(other->identities)};
}

static stox_flow flow_of(net *n, const net_end *end, const stox_peer *peer) {
  const net_end *other = other_of(n, end);
  return (stox_flow){.handle = end->handle,
                     .remote = {stox_span_text(other->host->address), 5269, STOX_TRANSPORT_TCP},
                     .peer = end->is_secure ? peer : NULL};
}

static void close_end(net *n, net_end *end) {
  net_end *other = other_of(n, end);
  end->is_open = 0;
  if (other->is_open) {
    other->has_end = 1;
  }
}

static int accept_flow(net *n, net_end *end) {
  const stox_peer peer = peer_of(other_of(n, end)->host);
  const stox_flow flow = flow_of(n, end, &peer);
  if (end->host->fed == NULL) {
    end->host->last = end->handle;
    return STOX_OK;
  }
  return stox_federation_accept(end->host->fed, &flow, n->now_ns);
}

static int is_proved(const net_host *other, const char *name) {
  const stox_peer peer = peer_of(other);
  const stox_reference reference = {.kind = STOX_REFERENCE_XMPP_SERVER,
                                    .name = stox_span_text(name)};
  return peer.verified &&
         (name[0] == '\0' || stox_identity_match(NULL, &reference, peer.identities) == STOX_OK);
}

static void keep_secure(net_end *end, const stox_secure *secure) {
  end->is_lenient = secure->is_lenient || end->host->is_careless;
  assert_true(secure->size == sizeof *secure);
  (void)snprintf(end->name, sizeof end->name, "%.*s", (int)secure->name.n,
                 secure->name.p == NULL ? "" : secure->name.p);
}

static void open_flow(net_host *h, const stox_action *a) {
  net *n = h->net;
  net_host *to = host_at(n, a->remote.host);
  n->n_opens++;
  (void)snprintf(n->last_open, sizeof n->last_open, "%.*s:%u%s", (int)a->remote.host.n,
                 a->remote.host.p, (unsigned)a->remote.port,
                 a->remote.transport == STOX_TRANSPORT_TLS ? " tls" : "");
  if (to != NULL && to->is_deaf) {
    return;
  }
  if (to == NULL || to->refuses) {
    (void)h->engine.done(h->engine.engine, a->token, STOX_E_REFUSED, NULL, n->now_ns);
    return;
  }
  const uint64_t token = a->token;
  net_flow *f = new_flow(n, h, to);
  int status = STOX_OK;
  if (a->remote.transport == STOX_TRANSPORT_TLS) {
    keep_secure(&f->ends[0], a->object);
    const stox_secure *secure = a->object;
    assert_int_equal(secure->alpn_n, 1); /* XEP-0368 */
    assert_span_equal(secure->alpn[0], S("xmpp-server"));
    f->ends[0].is_secure = f->ends[1].is_secure = 1;
    status = f->ends[0].is_lenient || is_proved(to, f->ends[0].name) ? STOX_OK : STOX_E_AUTH;
  }
  if (status == STOX_OK && accept_flow(n, &f->ends[1]) != STOX_OK) {
    f->ends[1].is_open = 0;
    f->ends[0].has_end = 1;
  }
  const stox_peer peer = peer_of(to);
  const stox_flow flow = flow_of(n, &f->ends[0], &peer);
  if (status != STOX_OK) {
    f->ends[0].is_open = f->ends[1].is_open = 0;
  }
  (void)stox_federation_done(h->fed, token, status, status == STOX_OK ? &flow : NULL, n->now_ns);
}

/* ---- TLS ---- */

static void start_tls(net_host *h, const stox_action *a) {
  net_end *end = end_of(h->net, h, a->handle);
  assert_non_null(end->host);
  assert_non_null(a->object);
  end->tls = a->token;
  keep_secure(end, a->object);
  assert_int_equal(((const stox_secure *)a->object)->alpn_n, 0);
}

static void tls_done(net *n, net_end *end, int status) {
  const uint64_t token = end->tls;
  const stox_peer peer = peer_of(other_of(n, end)->host);
  end->tls = 0;
  end->is_secure = 1;
  const stox_flow flow = flow_of(n, end, &peer);
  if (end->host->fed != NULL) {
    (void)stox_federation_done(end->host->fed, token, status, status == STOX_OK ? &flow : NULL,
                               n->now_ns);
  }
}

/* Both ends are there, or one is a hand, which does what the other wants. */
static int shake(net *n, net_flow *f) {
  int is_good = 1;
  for (size_t e = 0; e < 2; e++) {
    net_end *end = &f->ends[e];
    const net_end *other = &f->ends[1 - e];
    if ((end->tls == 0 && end->host->fed != NULL) || !end->is_open || end->n > 0) {
      return 0;
    }
    is_good &= end->host->fed == NULL || end->is_lenient || is_proved(other->host, end->name);
  }
  if (f->ends[0].tls == 0 && f->ends[1].tls == 0) {
    return 0;
  }
  n->n_tls++;
  tls_done(n, &f->ends[0], is_good ? STOX_OK : STOX_E_AUTH);
  tls_done(n, &f->ends[1], is_good ? STOX_OK : STOX_E_AUTH);
  return 1;
}

/* ---- events ---- */

static void note(net_host *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(net_host *h, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(h->log + h->n_log, sizeof h->log - h->n_log, format, args);
  va_end(args);
  assert_true(n >= 0 && (size_t)n < sizeof h->log - h->n_log);
  h->n_log += (size_t)n;
}

const char *net_log(net_host *h) {
  static char text[sizeof h->log];
  memcpy(text, h->log, h->n_log + 1);
  h->n_log = 0;
  h->log[0] = '\0';
  return text;
}

static void on_link(net_host *h, const stox_action *a) {
  static const char *const names[] = {[STOX_FEDERATION_UP] = "UP",
                                      [STOX_FEDERATION_DOWN] = "DOWN",
                                      [STOX_FEDERATION_HEARD] = "HEARD",
                                      [STOX_FEDERATION_GONE] = "GONE"};
  const stox_federation_link *link = a->object;
  assert_true(link->size == sizeof *link);
  const char *by = link->by == STOX_STREAM_BY_SASL       ? " sasl"
                   : link->by == STOX_STREAM_BY_DIALBACK ? " dialback"
                                                         : "";
  note(h, "%s %.*s %.*s", names[a->event], (int)link->local.n, link->local.p, (int)link->remote.n,
       link->remote.p);
  if (a->event == STOX_FEDERATION_UP || a->event == STOX_FEDERATION_HEARD) {
    note(h, "%s%s%s", by, link->is_secure ? " tls" : "", link->is_verified ? " verified" : "");
  } else {
    note(h, " %s", stox_status_name(a->status));
    if (link->condition != 0) {
      note(h, " %s", stox_stream_condition_name(link->condition, STOX_DIALECT_RFC));
    }
    if (link->bounce == STOX_COND_REMOTE_SERVER_NOT_FOUND) {
      note(h, " not-found");
    }
  }
  note(h, "\n");
  if (a->event == STOX_FEDERATION_DOWN && h->wants_again) {
    h->wants_again = 0;
    assert_status(stox_federation_send(h->fed, link->local, link->remote, (stox_span){NULL, 0},
                                       h->net->now_ns),
                  STOX_E_STATE);
  }
}

static void on_event(net_host *h, const stox_action *a) {
  if (a->event == STOX_FEDERATION_STOPPED) {
    note(h, "STOPPED\n");
    h->is_stopped = 1;
    return;
  }
  if (a->event != STOX_FEDERATION_STANZA) {
    on_link(h, a);
    return;
  }
  const stox_federation_stanza *in = a->object;
  assert_true(in->size == sizeof *in);
  note(h, "STANZA %.*s %.*s %.*s%s%s\n", (int)in->local.n, in->local.p, (int)in->remote.n,
       in->remote.p, (int)in->stanza->id.n, in->stanza->id.p == NULL ? "" : in->stanza->id.p,
       a->status == STOX_OK ? "" : " ", a->status == STOX_OK ? "" : stox_status_name(a->status));
  if (h->answer != NULL) {
    char text[512];
    (void)snprintf(text, sizeof text, "<message from='%.*s' to='%.*s' id='%s'/>", (int)in->local.n,
                   in->local.p, (int)in->remote.n, in->remote.p, h->answer);
    (void)stox_federation_send(h->fed, in->local, in->remote, stox_span_text(text), h->net->now_ns);
    /* What was given stays while the host sends. */
    assert_span_equal(in->remote, in->admission->from.domainpart);
  }
}

/* ---- the pump ---- */

static void put(net *n, net_end *end, stox_span bytes) {
  net_end *other = other_of(n, end);
  assert_true(bytes.n > 0 && bytes.n <= sizeof other->queue - other->n);
  memcpy(other->queue + other->n, bytes.p, bytes.n);
  other->n += bytes.n;
}

static void act(net_host *h, const stox_action *a) {
  net *n = h->net;
  net_end *end = end_of(n, h, a->handle);
  switch (a->kind) {
  case STOX_DO_SEND:
    assert_non_null(end->host);
    assert_int_equal(end->tls, 0);
    put(n, end, a->bytes);
    break;
  case STOX_DO_CLOSE:
    assert_non_null(end->host);
    assert_int_equal(end->is_open, 1);
    close_end(n, end);
    break;
  case STOX_DO_OPEN:
    open_flow(h, a);
    break;
  case STOX_DO_RESOLVE:
    resolve(h, a);
    break;
  case STOX_DO_START_TLS:
    start_tls(h, a);
    break;
  default:
    assert_int_equal(a->kind, STOX_DO_EVENT);
    on_event(h, a);
    break;
  }
}

static int pump(net_host *h) {
  const stox_action *a = NULL;
  int has_done = 0;
  while (h->fed != NULL && (a = h->engine.next(h->engine.engine)) != NULL) {
    act(h, a);
    has_done = 1;
    h->max_live = h->memory.live > h->max_live ? h->memory.live : h->max_live;
  }
  return has_done;
}

static void hear(net_end *end, stox_span bytes) {
  net_host *h = end->host;
  assert_true(bytes.n < sizeof h->said - h->n_said);
  memcpy(h->said + h->n_said, bytes.p, bytes.n);
  h->n_said += bytes.n;
  h->said[h->n_said] = '\0';
}

static void feed(net *n, net_end *end, stox_span bytes) {
  const stox_peer peer = peer_of(other_of(n, end)->host);
  const stox_flow flow = flow_of(n, end, &peer);
  guard g = guard_copy(bytes);
  (void)end->host->engine.feed(end->host->engine.engine, &flow, g.span, n->now_ns);
  guard_free(&g);
}

/* Takes some of what is on its way to an end; 1 if there was something. */
static int deliver(net *n, net_end *end) {
  if (!end->is_open || end->tls != 0) {
    return 0;
  }
  if (end->n == 0 && !end->has_end) {
    return 0;
  }
  if (end->n == 0) {
    end->has_end = 0;
    end->is_open = 0;
    if (end->host->fed != NULL) {
      feed(n, end, (stox_span){NULL, 0});
    }
    return 1;
  }
  const size_t some = n->chunk == 0 || n->chunk > end->n ? end->n : n->chunk;
  const stox_span bytes = {end->queue, some};
  if (end->host->fed == NULL) {
    hear(end, bytes);
  } else {
    feed(n, end, bytes);
  }
  end->n -= some;
  memmove(end->queue, end->queue + some, end->n);
  return 1;
}

void net_run(net *n) {
  int goes_on = 1;
  for (size_t steps = 0; goes_on; steps++) {
    assert_true(steps < 200000);
    goes_on = 0;
    for (size_t i = 0; i < n->n_hosts; i++) {
      goes_on |= pump(&n->hosts[i]);
    }
    for (size_t i = 0; i < n->n_flows; i++) {
      goes_on |= deliver(n, &n->flows[i].ends[0]);
      goes_on |= pump(n->flows[i].ends[0].host);
      goes_on |= deliver(n, &n->flows[i].ends[1]);
      goes_on |= pump(n->flows[i].ends[1].host);
      goes_on |= shake(n, &n->flows[i]);
    }
  }
}

static uint64_t next_deadline(const net *n) {
  uint64_t due = UINT64_MAX;
  for (size_t i = 0; i < n->n_hosts; i++) {
    const uint64_t of_it = n->hosts[i].fed == NULL
                               ? UINT64_MAX
                               : n->hosts[i].engine.deadline(n->hosts[i].engine.engine);
    due = of_it < due ? of_it : due;
  }
  return due;
}

void net_pass(net *n, uint64_t ns) {
  const uint64_t until = n->now_ns + ns;
  net_run(n);
  for (uint64_t due = next_deadline(n); due <= until; due = next_deadline(n)) {
    assert_true(due >= n->now_ns);
    n->now_ns = due;
    for (size_t i = 0; i < n->n_hosts; i++) {
      if (n->hosts[i].fed != NULL) {
        (void)n->hosts[i].engine.tick(n->hosts[i].engine.engine, n->now_ns, 0);
      }
    }
    net_run(n);
    assert_true(next_deadline(n) > n->now_ns);
  }
  n->now_ns = until;
}

/* ---- what tests do ---- */

int net_send(net_host *h, const char *local, const char *remote, const char *id) {
  char text[512];
  (void)snprintf(text, sizeof text, "<message from='a@%s' to='b@%s' id='%s'/>", local, remote, id);
  return stox_federation_send(h->fed, stox_span_text(local), stox_span_text(remote),
                              stox_span_text(text), h->net->now_ns);
}

int net_want(net_host *h, const char *local, const char *remote) {
  return stox_federation_send(h->fed, stox_span_text(local), stox_span_text(remote),
                              (stox_span){NULL, 0}, h->net->now_ns);
}

uint64_t net_dial(net_host *hand, net_host *to) {
  net_flow *f = new_flow(hand->net, hand, to);
  if (accept_flow(hand->net, &f->ends[1]) != STOX_OK) {
    f->ends[0].is_open = f->ends[1].is_open = 0;
    return 0;
  }
  hand->last = f->ends[0].handle;
  return hand->last;
}

void net_say(net_host *hand, uint64_t handle, const char *text) {
  net_end *end = end_of(hand->net, hand, handle);
  assert_non_null(end->host);
  if (text[0] != '\0') {
    put(hand->net, end, stox_span_text(text));
  }
  net_run(hand->net);
}

void net_hang_up(net_host *hand, uint64_t handle) {
  close_end(hand->net, end_of(hand->net, hand, handle));
  net_run(hand->net);
}

const char *net_heard(net_host *hand) {
  static char text[sizeof hand->said];
  memcpy(text, hand->said, hand->n_said + 1);
  hand->n_said = 0;
  hand->said[0] = '\0';
  return text;
}
