/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "idle_engine.h"

static int fill(void *ud, void *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    ((char *)p)[i] = (char)(test_random(ud) >> 32);
  }
  return STOX_OK;
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  const world *w = engine;
  stox_flow seen = *flow;
  seen.peer = w->peer == NULL ? flow->peer : w->peer;
  return stox_gateway_feed(w->gateway, &seen, bytes, now_ns);
}

static void resolve(world *w, const stox_action *action) {
  const stox_record *records = NULL;
  size_t n = 0;
  w->n_questions++;
  if (w->zone == NULL) {
    (void)stox_gateway_done(w->gateway, action->token, STOX_E_UNSUPPORTED, NULL, w->now_ns);
    return;
  }
  const uint64_t token = action->token;
  const int status = w->zone(w->zone_ud, action->object, &records, &n);
  w->slow_token = token;
  if (!w->is_slow) {
    assert_status(stox_gateway_resolved(w->gateway, token, status, records, n, w->now_ns), STOX_OK);
  }
}

/* TCP takes the place of TLS, and what the peer would have to prove is noted. */
static const stox_action *play_tls(world *w, const stox_action *action) {
  if (action->kind != STOX_DO_SEND || action->remote.transport != STOX_TRANSPORT_TLS) {
    return action;
  }
  const stox_secure *how = action->object;
  w->n_secured++;
  w->proves[0] = '\0';
  if (how != NULL) {
    (void)snprintf(w->proves, sizeof w->proves, "%d %.*s", how->reference, (int)how->name.n,
                   how->name.p);
  }
  w->action = *action;
  w->action.remote.transport = TCP;
  return &w->action;
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  return stox_gateway_done(((world *)engine)->gateway, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_gateway_hold(((world *)engine)->gateway, handle, full, now_ns);
}

static void tell(world *w, const stox_action *action) {
  w->told.up += action->event == STOX_GATEWAY_UP;
  w->told.down += action->event == STOX_GATEWAY_DOWN;
  w->told.down_status = action->event == STOX_GATEWAY_DOWN ? action->status : w->told.down_status;
  w->told.heard += action->event == STOX_GATEWAY_HEARD;
  w->told.ready += action->event == STOX_GATEWAY_READY;
  w->told.lost += action->event == STOX_GATEWAY_LOST;
  w->told.stopped += action->event == STOX_GATEWAY_STOPPED;
  if (action->event == STOX_GATEWAY_RECORD) {
    w->told.last = *(const stox_gateway_record *)action->object;
    w->told.records++;
    w->told.outcomes[w->told.last.outcome]++;
  }
}

static const stox_action *next(void *engine) {
  world *w = engine;
  const stox_action *action = NULL;
  while ((action = stox_gateway_next(w->gateway)) != NULL &&
         (action->kind == STOX_DO_EVENT || action->kind == STOX_DO_RESOLVE)) {
    if (action->kind == STOX_DO_RESOLVE) {
      resolve(w, action);
    } else {
      tell(w, action);
    }
  }
  return action == NULL ? NULL : play_tls(w, action);
}

static uint64_t deadline(const void *engine) {
  return stox_gateway_deadline(((const world *)engine)->gateway);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  return stox_gateway_tick(((world *)engine)->gateway, now_ns, wall_s);
}

static int fault(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes) {
  world *w = ud;
  if (to->transport == UDP && w->dropping > 0) {
    w->dropping--;
    return STOX_LOOPBACK_DROP;
  }
  if (w->refusing_peer && to->port == 5269 && bytes.n == 0) {
    return STOX_LOOPBACK_REFUSE;
  }
  return w->refusing && to->port == 5060 && to->transport == TCP && from->port != 5060
             ? STOX_LOOPBACK_REFUSE
             : STOX_LOOPBACK_PASS;
}

static stox_span sip_of(const world_plan *plan) {
  return stox_span_text(plan->sip_domain == NULL ? "sip.example" : plan->sip_domain);
}

static stox_span xmpp_of(const world_plan *plan) {
  return stox_span_text(plan->xmpp_domain == NULL ? "xmpp.example" : plan->xmpp_domain);
}

static const char *peer_of(const world_plan *plan) {
  return plan->peer_domain == NULL ? "xmpp.example" : plan->peer_domain;
}

/* What differs in a gateway that federates. */
typedef struct federated {
  stox_federation_domain domains[1];
  stox_federation_hop hops[3];
  stox_endpoint locals[1];
  stox_federation_options streams;
  stox_gateway_federation federation;
} federated;

static void federate(stox_gateway_options *o, federated *f, const world_plan *plan) {
  *f = (federated){.domains = {{.name = sip_of(plan)}},
                   .hops = {{stox_span_text(peer_of(plan)), AT(5269, TCP)},
                            {S("silent.example"), AT(5998, TCP)},
                            {S("dead.example"), AT(5999, TCP)}},
                   .locals = {AT(5270, TCP)}};
  assert_status(stox_federation_options_init(&f->streams, sizeof f->streams), STOX_OK);
  f->domains[0].has_certificate = plan->has_external;
  f->streams.is_dialback_on = !plan->has_external;
  f->streams.domains = f->domains;
  f->streams.n_domains = COUNT(f->domains);
  f->streams.hops = f->hops;
  f->streams.n_hops = COUNT(f->hops);
  f->streams.backoff_first_s = 1;
  f->streams.backoff_max_s = 1;
  f->federation = (stox_gateway_federation){.size = sizeof f->federation,
                                            .streams = &f->streams,
                                            .local = f->locals,
                                            .n_local = COUNT(f->locals),
                                            .is_open = plan->is_open};
  o->federation = &f->federation;
  o->n_components = plan->has_both ? 1 : 0;
  o->n_xmpp_domains = plan->is_open && !plan->has_both ? 0 : o->n_xmpp_domains;
}

static int make_gateway(world *w, const world_plan *plan) {
  const stox_span sip = sip_of(plan);
  const stox_span xmpp = xmpp_of(plan);
  const stox_gateway_component components[] = {
      {plan->has_both ? S("sip2.example") : sip, S("secret"), AT(5347, TCP)}};
  const int transport = plan->hop_transport == 0 ? UDP : plan->hop_transport;
  const stox_endpoint peer = plan->is_ip6 ? AT6(5060, transport) : AT(5060, transport);
  const stox_endpoint hop = plan->hop.host.n > 0 ? plan->hop : peer;
  const stox_gateway_route routes[] = {{sip, hop}, {S("sip2.example"), hop}};
  const stox_span domains[] = {xmpp};
  const stox_endpoint locals[] = {AT(5070, UDP), AT(5070, TCP), AT6(5070, UDP), AT6(5070, TCP)};
  const stox_span trusted[] = {stox_span_text(plan->trusted == NULL ? "127.0.0.1" : plan->trusted)};
  stox_gateway_options o;
  stox_limits limits;
  (void)stox_gateway_options_init(&o, sizeof o);
  (void)stox_limits_init(&limits, sizeof limits);
  limits.queue = plan->queue == 0 ? 1024 : plan->queue;
  limits.transactions = plan->transactions == 0 ? 65536 : plan->transactions;
  o.limits = &limits;
  o.t1_ns = plan->t1_ns == 0 ? o.t1_ns : plan->t1_ns;
  o.alloc = &w->alloc;
  o.random = &w->random;
  o.components = components;
  o.n_components = COUNT(components);
  o.routes = routes;
  o.n_routes = COUNT(routes);
  o.xmpp_domains = domains;
  o.n_xmpp_domains = COUNT(domains);
  o.sip_local = locals;
  o.n_sip_local = COUNT(locals);
  o.trusted = trusted;
  o.n_trusted = COUNT(trusted);
  o.backoff_max_ns = SECOND;
  o.writes_hops = (uint32_t)plan->writes_hops;
  federated f;
  if (plan->is_federated) {
    federate(&o, &f, plan);
  }
  return stox_gateway_new(&w->gateway, &o, w->now_ns);
}

void world_join(world *w, stox_engine *engine, stox_endpoint at) {
  assert_status(stox_loopback_join(w->net, engine, &at), STOX_OK);
}

/* Nothing is ever said. */

static int silent_feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  (void)engine;
  (void)flow;
  (void)bytes;
  (void)now_ns;
  return STOX_OK;
}

static const stox_action *silent_next(void *engine) {
  (void)engine;
  return NULL;
}

static stox_engine *secure(world *w, const world_plan *plan) {
  sham_tls_init(&w->tls, &w->engine);
  sham_tls_init(&w->peer_tls, &w->other->engine);
  w->tls.is_trusted = plan->has_external;
  w->tls.identities = plan->has_external ? "DNS:xmpp.example\n" : NULL;
  w->peer_tls.is_trusted = plan->has_external;
  w->peer_tls.identities = plan->has_external ? "DNS:sip.example\n" : NULL;
  return &w->tls.engine;
}

int world_make_as(world *w, const world_plan *plan) {
  stox_loopback_options options;
  memset(w, 0, sizeof *w);
  w->seed = 77;
  w->random = (stox_random){sizeof w->random, &w->seed, fill};
  w->memory.fail_at = plan->fail_at;
  w->alloc = failing_allocator(&w->memory);
  w->xmpp = malloc(sizeof *w->xmpp);
  w->sip = malloc(sizeof *w->sip);
  assert_non_null(w->xmpp);
  assert_non_null(w->sip);
  fake_xmpp_init(w->xmpp, "secret");
  if (plan->is_federated) {
    w->other = malloc(sizeof *w->other);
    assert_non_null(w->other);
    fake_peer_init(w->other, peer_of(plan),
                   plan->sip_domain == NULL ? "sip.example" : plan->sip_domain, AT(5270, TCP),
                   plan->has_external);
  }
  fake_sip_init(w->sip, plan->is_ip6 ? "::1" : "127.0.0.1", 5060);
  w->sip->gateway.host = plan->is_ip6 ? S("::1") : w->sip->gateway.host;
  (void)stox_loopback_options_init(&options, sizeof options);
  options.ud = w;
  options.fault = fault;
  options.delay_ns = 1000000;
  options.segment = plan->segment;
  assert_status(stox_loopback_new(&w->net, &options), STOX_OK);
  const int status = make_gateway(w, plan);
  if (status != STOX_OK) {
    return status;
  }
  w->engine = (stox_engine){.size = sizeof(stox_engine),
                            .engine = w,
                            .feed = feed,
                            .done = done,
                            .hold = hold,
                            .next = next,
                            .deadline = deadline,
                            .tick = tick};
  stox_engine *own = &w->engine;
  if (plan->is_federated) {
    own = secure(w, plan);
    world_join(w, own, AT(5270, TCP));
    world_join(w, &w->peer_tls.engine, AT(5269, TCP));
    w->silent = (stox_engine){.size = sizeof(stox_engine),
                              .engine = &w->silent,
                              .feed = silent_feed,
                              .done = idle_done,
                              .hold = idle_hold,
                              .next = silent_next,
                              .deadline = idle_deadline,
                              .tick = idle_tick};
    world_join(w, &w->silent, AT(5998, TCP));
  }
  world_join(w, own, AT(5070, UDP));
  world_join(w, own, AT(5070, TCP));
  world_join(w, own, AT6(5070, UDP));
  world_join(w, own, AT6(5070, TCP));
  world_join(w, &w->sip->engine, plan->is_ip6 ? AT6(5060, UDP) : AT(5060, UDP));
  world_join(w, &w->sip->engine, plan->is_ip6 ? AT6(5060, TCP) : AT(5060, TCP));
  if (!plan->without_xmpp) {
    world_join(w, &w->xmpp->engine, AT(5347, TCP));
  }
  return STOX_OK;
}

int world_make_with(world *w, size_t fail_at, uint32_t queue, int with_xmpp) {
  return world_make_as(
      w, &(world_plan){.fail_at = fail_at, .queue = queue, .without_xmpp = !with_xmpp});
}

void world_run(world *w, uint64_t ns) {
  assert_status(stox_loopback_run(w->net, &w->now_ns, w->now_ns + ns), STOX_OK);
}

void world_make(world *w) {
  assert_status(world_make_with(w, 0, 1024, 1), STOX_OK);
  world_run(w, SECOND);
  assert_int_equal(w->told.ready, 1);
}

/* DNS knows nobody. */
static int no_zone(void *ud, const stox_question *question, const stox_record **records,
                   size_t *n) {
  (void)ud;
  (void)question;
  *records = NULL;
  *n = 0;
  return STOX_OK;
}

void world_federate(world *w, const world_plan *plan) {
  world_plan own = plan == NULL ? (world_plan){.queue = 0} : *plan;
  own.is_federated = 1;
  assert_status(world_make_as(w, &own), STOX_OK);
  w->zone = no_zone;
  w->is_slow = own.is_mute;
  world_run(w, SECOND / 10);
  assert_int_equal(w->told.ready, 1);
}

void world_end(world *w) {
  stox_loopback_del(w->net);
  stox_gateway_del(w->gateway);
  if (w->other != NULL) {
    fake_peer_clear(w->other);
    free(w->other);
  }
  fake_xmpp_clear(w->xmpp);
  fake_sip_clear(w->sip);
  free(w->xmpp);
  free(w->sip);
  assert_int_equal(w->memory.live, 0);
}

void world_send(world *w, const fake_message *m, int transport) {
  char text[70000];
  fake_sip_message(text, sizeof text, m, transport);
  fake_sip_send(w->sip, transport, text);
}

/* ---- among other servers ---- */

const char world_from_juliet[] = "<message from='juliet@xmpp.example/b' to='romeo@sip.example' "
                                 "id='j1'><body>Hi</body></message>";

void world_ask(world *w, const char *uri, const char *name) {
  char branch[64];
  snprintf(branch, sizeof branch, "z9hG4bK%s", name);
  world_send(w, &(fake_message){.uri = uri, .body = name, .branch = branch, .call_id = name}, UDP);
}

int world_code_of(const world *w, const char *name) {
  char line[64];
  int code = 0;
  snprintf(line, sizeof line, "\r\nCall-ID: %s\r\n", name);
  for (size_t i = 0; i < w->sip->n_messages; i++) {
    int got = 0;
    if (strstr(w->sip->messages[i], line) != NULL &&
        sscanf(w->sip->messages[i], "SIP/2.0 %d", &got) == 1 && got >= 200) {
      code = got;
    }
  }
  return code;
}

void world_cut(world *w) {
  const stox_endpoint at = AT(5269, TCP);
  assert_status(stox_loopback_cut(w->net, &at, w->now_ns), STOX_OK);
}
