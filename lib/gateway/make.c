/* SPDX-License-Identifier: MIT */
/* Making a gateway: everything that its options point to is copied, so that they may go. */
#include "base/options.h"
#include "gateway/internal.h"
#include "stox/attempt.h"
#include "stox/host.h"
#include "stox/identity.h"
#include "stox/locate.h"
#include "stox/status.h"
#include "stox/stringprep.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

enum { SERVER_STANZA = 1 << 20, TRANSACTION_OCTETS = 2048, DOMAIN_MAX = 1024, PORT_MAX = 65535 };

static const stox_gateway_options defaults = {
    .size = sizeof(stox_gateway_options),
    .t1_ns = SECOND / 2,
    .barrier_timeout_ns = 5 * SECOND,
    .queue_timeout_ns = 5 * SECOND,
    .backoff_max_ns = 60 * SECOND,
    .reflection_window_ns = 10 * SECOND,
    .reflection_max = 1000,
};

int stox_gateway_options_init(stox_gateway_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static int copy_span(stox_gateway *gw, stox_span *text) {
  return text->n == 0 ? STOX_OK : stox_arena_copy(&gw->config, text, *text);
}

static int copy_array(stox_gateway *gw, void *out, const void *from, size_t n, size_t item) {
  void *p = n == 0 ? NULL : stox_arena_take(&gw->config, n * item, _Alignof(max_align_t));
  if (n > 0 && p == NULL) {
    return STOX_E_NOMEM;
  }
  if (n > 0) {
    memcpy(p, from, n * item);
  }
  memcpy(out, &p, sizeof p);
  return STOX_OK;
}

/* Domains are compared octet by octet, so all are brought to the form of their side: U-labels in a
 * JID, A-labels in a URI (RFC 7247 6). */
static int copy_domain(stox_gateway *gw, stox_span *domain, int form) {
  char text[DOMAIN_MAX];
  stox_buf buf;
  stox_buf_init(&buf, text, sizeof text);
  const int kind = stox_host_kind(*domain);
  const int is_name = kind == STOX_HOST_NAME || kind == STOX_HOST_IDN;
  const int status = is_name ? stox_idna(&buf, *domain, form, NULL) : STOX_E_BAD_DOMAIN;
  if (status == STOX_E_NOMEM) {
    return status;
  }
  return status == STOX_OK ? stox_arena_copy(&gw->config, domain, stox_buf_span(&buf)) : STOX_E_ARG;
}

static int copy_xmpp_domains(stox_gateway *gw) {
  const size_t n = gw->options.n_xmpp_domains;
  stox_span *own = NULL;
  int status = copy_array(gw, &own, gw->options.xmpp_domains, n, sizeof *own);
  for (size_t i = 0; status == STOX_OK && i < n; i++) {
    status = copy_domain(gw, &own[i], STOX_IDNA_TO_UNICODE);
  }
  gw->options.xmpp_domains = own;
  return status;
}

/* Each block holds the address that it is written with. */
static int is_block(stox_span cidr) {
  return stox_host_is_in(stox_span_slice(cidr, 0, stox_span_find(cidr, '/')), cidr);
}

static int is_reachable(const stox_endpoint *remote) {
  unsigned char octets[16];
  size_t n;
  return stox_host_address(octets, &n, remote->host) == STOX_OK && remote->port > 0 &&
         remote->port <= PORT_MAX;
}

static int copy_trusted(stox_gateway *gw) {
  const size_t n = gw->options.n_trusted;
  stox_span *own = NULL;
  int status = copy_array(gw, &own, gw->options.trusted, n, sizeof *own);
  for (size_t i = 0; status == STOX_OK && i < n; i++) {
    status = is_block(own[i]) ? copy_span(gw, &own[i]) : STOX_E_ARG;
  }
  gw->options.trusted = own;
  return status;
}

/* What our Via says (RFC 3261 18.1.1): host and port, IPv6 in brackets. */
static int write_sent_by(stox_gateway *gw, stox_span *out, const stox_endpoint *local) {
  const size_t cap = local->host.n + sizeof "[]:65535";
  const int is_ip6 = stox_span_find(local->host, ':') < local->host.n;
  char *p = stox_arena_take(&gw->config, cap, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, cap);
  (void)stox_buf_put_text(&buf, is_ip6 ? "[" : "");
  (void)stox_buf_put(&buf, local->host);
  (void)stox_buf_put_text(&buf, is_ip6 ? "]:" : ":");
  (void)stox_buf_put_number(&buf, local->port);
  *out = stox_buf_span(&buf);
  return STOX_OK;
}

static int copy_locals(stox_gateway *gw) {
  const size_t n = gw->options.n_sip_local;
  stox_endpoint *own = NULL;
  int status = copy_array(gw, &own, gw->options.sip_local, n, sizeof *own);
  gw->sent_by = stox_arena_take(&gw->config, n * sizeof *gw->sent_by, _Alignof(max_align_t));
  status = gw->sent_by == NULL ? STOX_E_NOMEM : status;
  for (size_t i = 0; status == STOX_OK && i < n; i++) {
    status = copy_span(gw, &own[i].host);
    if (status == STOX_OK) {
      status = write_sent_by(gw, &gw->sent_by[i], &own[i]);
    }
  }
  gw->options.sip_local = own;
  return status;
}

static int is_name(const stox_endpoint *hop) {
  unsigned char octets[16];
  size_t n;
  return stox_host_address(octets, &n, hop->host) != STOX_OK;
}

static int copy_hop(stox_gateway *gw, route *r) {
  r->is_name = is_name(&r->hop);
  if (r->is_name) {
    return r->hop.port <= PORT_MAX ? copy_domain(gw, &r->hop.host, STOX_IDNA_TO_ASCII) : STOX_E_ARG;
  }
  const int status = is_reachable(&r->hop) && stox_transport_name(r->hop.transport) != NULL
                         ? copy_span(gw, &r->hop.host)
                         : STOX_E_ARG;
  r->targets[0] = r->hop;
  r->n_targets = 1;
  return status;
}

/* RFC 5922 7.3: the name that was asked for, never one that DNS led to. */
static int copy_route(stox_gateway *gw, route *r, const stox_gateway_route *given) {
  *r = (route){.domain = given->domain, .hop = given->hop};
  stox_arena_init(&r->found, NULL, 0, 0, gw->options.alloc);
  int status = copy_domain(gw, &r->domain, STOX_IDNA_TO_ASCII);
  if (status == STOX_OK) {
    status = copy_hop(gw, r);
  }
  r->secure = (stox_secure){.size = sizeof r->secure,
                            .reference = STOX_REFERENCE_SIP,
                            .name = r->is_name ? r->hop.host : r->domain};
  return status;
}

/* What a name may lead to: a stream can be opened from anywhere, datagrams need a socket. */
static int make_backoff(stox_gateway *gw) {
  stox_backoff_options options;
  const uint64_t most_s = gw->options.backoff_max_ns / SECOND;
  gw->transports = STOX_LOCATE_TCP;
  for (size_t i = 0; i < gw->options.n_sip_local; i++) {
    const stox_endpoint *local = &gw->options.sip_local[i];
    gw->transports |= 1 << local->transport;
    gw->families |=
        stox_span_find(local->host, ':') < local->host.n ? STOX_ATTEMPT_IP6 : STOX_ATTEMPT_IP4;
  }
  (void)stox_backoff_options_init(&options, sizeof options);
  options.alloc = gw->options.alloc;
  options.random = gw->options.random;
  options.max_s = most_s == 0 ? 1 : most_s < options.max_s ? (uint32_t)most_s : options.max_s;
  options.first_s = options.first_s < options.max_s ? options.first_s : options.max_s;
  return stox_backoff_new(&gw->backoff, &options);
}

static int copy_routes(stox_gateway *gw) {
  const size_t n = gw->options.n_routes;
  gw->routes =
      n == 0 ? NULL : stox_arena_take(&gw->config, n * sizeof(route), _Alignof(max_align_t));
  if (n > 0 && gw->routes == NULL) {
    return STOX_E_NOMEM;
  }
  int status = STOX_OK;
  int names = 0;
  if (n > 0) {
    memset(gw->routes, 0, n * sizeof(route));
  }
  for (size_t i = 0; status == STOX_OK && i < n; i++) {
    status = copy_route(gw, &gw->routes[i], &gw->options.routes[i]);
    names += gw->routes[i].is_name;
  }
  return status == STOX_OK && names > 0 ? make_backoff(gw) : status;
}

static int make_session(stox_gateway *gw, served *s, const stox_gateway_component *given,
                        const stox_limits *limits, uint64_t now_ns) {
  stox_component_options options;
  (void)stox_component_options_init(&options, sizeof options);
  options.domain = s->name;
  options.secret = given->secret;
  options.remote = given->remote;
  options.backoff_max_ns = gw->options.backoff_max_ns;
  if (options.backoff_min_ns > options.backoff_max_ns) {
    options.backoff_min_ns = options.backoff_max_ns;
  }
  options.limits = limits;
  options.alloc = gw->options.alloc;
  options.random = gw->options.random;
  if (is_name(&options.remote) &&
      copy_domain(gw, &options.remote.host, STOX_IDNA_TO_ASCII) != STOX_OK) {
    return STOX_E_ARG;
  }
  s->server = gw_way_new(gw, s, gw->options.xmpp_domains[0]);
  return s->server == NULL ? STOX_E_NOMEM : stox_component_new(&s->session, &options, now_ns);
}

/* An address or a name, with a port. */
static int is_place(const stox_endpoint *remote) {
  const int kind = stox_host_kind(remote->host);
  return is_reachable(remote) || ((kind == STOX_HOST_NAME || kind == STOX_HOST_IDN) &&
                                  remote->port > 0 && remote->port <= PORT_MAX);
}

/* The next one, of a domain that is not served yet. */
static int make_served(stox_gateway *gw, served **out, stox_span name) {
  const int status = copy_domain(gw, &name, STOX_IDNA_TO_UNICODE);
  if (status != STOX_OK || gw_served_of(gw, name) != NULL) {
    return status == STOX_OK ? STOX_E_ARG : status;
  }
  *out = &gw->served[gw->n_served++];
  (*out)->name = name;
  return STOX_OK;
}

static int make_sessions(stox_gateway *gw, uint64_t now_ns) {
  int status = STOX_OK;
  stox_limits limits = gw->limits;
  /* The server takes larger stanzas from its users than we send; one of them must not end the
   * stream. */
  limits.stanza = limits.stanza < SERVER_STANZA ? SERVER_STANZA : limits.stanza;
  for (size_t i = 0; status == STOX_OK && i < gw->options.n_components; i++) {
    const stox_gateway_component *given = &gw->options.components[i];
    served *s = NULL;
    status = is_place(&given->remote) ? make_served(gw, &s, given->domain) : STOX_E_ARG;
    if (status == STOX_OK) {
      status = make_session(gw, s, given, &limits, now_ns);
    }
  }
  return status;
}

/* An address of ours where peers connect to. */
static int copy_listeners(stox_gateway *gw) {
  stox_gateway_federation *f = &gw->federated;
  stox_endpoint *own = NULL;
  int status = copy_array(gw, &own, f->local, f->n_local, sizeof *own);
  for (size_t i = 0; status == STOX_OK && i < f->n_local; i++) {
    status = copy_span(gw, &own[i].host);
  }
  f->local = own;
  return status;
}

static int make_federation(stox_gateway *gw, uint64_t now_ns) {
  if (gw->options.federation == NULL) {
    return STOX_OK;
  }
  stox_federation_options options;
  stox_limits limits = gw->limits;
  (void)stox_federation_options_init(&options, sizeof options);
  if (stox_options_read(&gw->federated, sizeof gw->federated, gw->options.federation) != STOX_OK ||
      stox_options_read(&options, sizeof options, gw->federated.streams) != STOX_OK) {
    return STOX_E_ARG;
  }
  limits.stanza = limits.stanza < SERVER_STANZA ? SERVER_STANZA : limits.stanza;
  options.limits = options.limits == NULL ? &limits : options.limits;
  options.alloc = gw->options.alloc;
  options.random = gw->options.random;
  gw->federated.streams = NULL;
  int status = gw->n_served + options.n_domains > SERVED_MAX ? STOX_E_ARG : copy_listeners(gw);
  for (size_t i = 0; status == STOX_OK && i < options.n_domains; i++) {
    served *s = NULL;
    status = make_served(gw, &s, options.domains[i].name);
  }
  return status == STOX_OK ? stox_federation_new(&gw->federation, &options, now_ns) : status;
}

static int make_transactions(stox_gateway *gw) {
  stox_transactions_options options;
  (void)stox_transactions_options_init(&options, sizeof options);
  options.t1_ns = gw->options.t1_ns;
  options.t2_ns = 8 * gw->options.t1_ns;
  options.t4_ns = 10 * gw->options.t1_ns;
  /* An answered request lingers for 64 T1, with its response for whoever repeats it. */
  options.max = gw->limits.transactions;
  options.udp_max = DATAGRAM_REQUEST;
  options.max_octets = (uint64_t)gw->limits.transactions * TRANSACTION_OCTETS;
  options.alloc = gw->options.alloc;
  options.random = gw->options.random;
  return stox_transactions_new(&gw->transactions, &options);
}

static int make_tables(stox_gateway *gw) {
  stox_table *const tables[] = {&gw->requests, &gw->messages,      &gw->destinations,
                                &gw->streams,  &gw->conversations, &gw->ways};
  int status = STOX_OK;
  for (size_t i = 0; status == STOX_OK && i < sizeof tables / sizeof tables[0]; i++) {
    status = stox_table_init(tables[i], gw->options.alloc, gw->options.random);
  }
  return status == STOX_OK
             ? gw->options.random->fill(gw->options.random->ud, gw->loop_key, sizeof gw->loop_key)
             : status;
}

static int make_reflections(stox_gateway *gw) {
  if (gw->options.reflection_max == 0) {
    return STOX_OK;
  }
  stox_reflection *slots =
      stox_arena_take(&gw->config, REFLECTIONS * sizeof *slots, _Alignof(stox_reflection));
  return slots == NULL
             ? STOX_E_NOMEM
             : stox_reflections_init(&gw->reflections, slots, REFLECTIONS,
                                     gw->options.reflection_max, gw->options.reflection_window_ns,
                                     gw->options.random);
}

static int make_all(stox_gateway *gw, uint64_t now_ns) {
  int status = copy_xmpp_domains(gw);
  if (status == STOX_OK) {
    status = copy_trusted(gw);
  }
  if (status == STOX_OK) {
    status = copy_locals(gw);
  }
  if (status == STOX_OK) {
    status = copy_routes(gw);
  }
  if (status == STOX_OK) {
    status = copy_span(gw, &gw->options.software);
  }
  gw->message.user_agent = gw->options.software;
  if (status == STOX_OK) {
    status = make_tables(gw);
  }
  if (status == STOX_OK) {
    status = make_reflections(gw);
  }
  if (status == STOX_OK) {
    status = make_transactions(gw);
  }
  if (status == STOX_OK) {
    status = make_sessions(gw, now_ns);
  }
  return status == STOX_OK ? make_federation(gw, now_ns) : status;
}

static int check(const stox_gateway_options *o) {
  const int has_components = o->n_components > 0 && o->components != NULL;
  /* The first of them is whom a component pings. */
  const int has_domains = o->n_xmpp_domains > 0 && o->xmpp_domains != NULL;
  const int bad = o->random == NULL || o->n_components > SERVED_MAX ||
                  (!has_components && (o->n_components > 0 || o->federation == NULL)) ||
                  (!has_domains && (o->n_xmpp_domains > 0 || has_components)) ||
                  o->n_sip_local == 0 || o->sip_local == NULL;
  return bad ? STOX_E_ARG : STOX_OK;
}

static void take_options(stox_gateway *gw, const stox_gateway_options *own) {
  gw->options = *own;
  (void)stox_limits_init(&gw->limits, sizeof gw->limits);
  (void)stox_options_read(&gw->limits, sizeof gw->limits, own->limits);
  (void)stox_map_options_init(&gw->map, sizeof gw->map);
  (void)stox_options_read(&gw->map, sizeof gw->map, own->map);
  (void)stox_message_options_init(&gw->message, sizeof gw->message);
  gw->message.map = &gw->map;
  gw->message.prefer_4xx = !own->is_raw_scope;
  gw->message.max_stanza = gw->limits.stanza;
  if (own->software.n == 0) {
    gw->options.software = stox_span_text("libstox");
  }
  stox_arena_init(&gw->config, NULL, 0, 0, own->alloc);
  stox_arena_init(&gw->scratch, NULL, 0, 0, own->alloc);
}

int stox_gateway_new(stox_gateway **out, const stox_gateway_options *options, uint64_t now_ns) {
  stox_gateway_options own = defaults;
  *out = NULL;
  if (options == NULL || stox_options_read(&own, sizeof own, options) != STOX_OK ||
      check(&own) != STOX_OK) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_gateway *gw = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *gw);
  if (gw == NULL) {
    return STOX_E_NOMEM;
  }
  memset(gw, 0, sizeof *gw);
  take_options(gw, &own);
  gw->now_ns = now_ns;
  gw->counters.size = sizeof gw->counters;
  const int status = make_all(gw, now_ns);
  if (status != STOX_OK) {
    stox_gateway_del(gw);
    return status;
  }
  if (gw->options.n_components == 0) {
    gw_tell(gw, STOX_GATEWAY_READY, STOX_OK, NULL);
  }
  *out = gw;
  return STOX_OK;
}
