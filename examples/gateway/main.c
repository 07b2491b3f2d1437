/* SPDX-License-Identifier: MIT */
/* uv.h needs the POSIX types, which strict C11 hides. */
#define _POSIX_C_SOURCE 200809L

#include "config.h"
#include "log.h"
#include "secure.h"

#include "stox/host.h"
#include "stox/status.h"
#include "stox/uv.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

typedef struct program {
  config config;
  stox_gateway *gateway;
  stox_uv *uv;
  uv_loop_t loop;
  secure secure;
  FILE *trace;
  uv_signal_t term;
  uv_signal_t interrupt;
} program;

/* ---- events are taken out of the stream of actions; the rest goes to the transport ---- */

static void log_info(const program *p, const char *event) {
  if (p->config.log_level >= LOG_INFO) {
    log_event(stderr, "info", event, STOX_OK);
  }
}

/* A peer that comes or goes in good order is no news; one that cannot be had is a warning. */
static void on_link(const program *p, const stox_action *action) {
  static const char *const names[] = {[STOX_GATEWAY_UP] = "xmpp-up",
                                      [STOX_GATEWAY_DOWN] = "xmpp-down",
                                      [STOX_GATEWAY_HEARD] = "xmpp-heard",
                                      [STOX_GATEWAY_GONE] = "xmpp-gone"};
  const int is_bad = action->status != STOX_OK;
  if (p->config.log_level >= (is_bad ? LOG_WARNING : LOG_INFO)) {
    log_link(stderr, is_bad ? "warning" : "info", names[action->event], action->status,
             action->object);
  }
}

static void on_event(program *p, const stox_action *action) {
  switch (action->event) {
  case STOX_GATEWAY_RECORD:
    if (p->config.log_level >= LOG_INFO ||
        (p->config.log_level == LOG_WARNING &&
         ((const stox_gateway_record *)action->object)->outcome != STOX_OUTCOME_DELIVERED)) {
      log_record(stderr, action->object);
    }
    break;
  case STOX_GATEWAY_READY:
    log_info(p, "ready");
    puts("ready");
    fflush(stdout);
    break;
  case STOX_GATEWAY_LOST:
    if (p->config.log_level >= LOG_WARNING) {
      log_event(stderr, "warning", "xmpp-stream-lost", action->status);
    }
    break;
  case STOX_GATEWAY_STOPPED:
    log_info(p, "stopped");
    stox_uv_stop(p->uv);
    break;
  default:
    on_link(p, action);
    break;
  }
}

static const stox_action *next(void *engine) {
  program *p = engine;
  const stox_action *action = NULL;
  while ((action = stox_gateway_next(p->gateway)) != NULL && action->kind == STOX_DO_EVENT) {
    on_event(p, action);
  }
  return action;
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return stox_gateway_feed(((program *)engine)->gateway, flow, bytes, now_ns);
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  return stox_gateway_done(((program *)engine)->gateway, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_gateway_hold(((program *)engine)->gateway, handle, full, now_ns);
}

static uint64_t deadline(const void *engine) {
  return stox_gateway_deadline(((const program *)engine)->gateway);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  return stox_gateway_tick(((program *)engine)->gateway, now_ns, wall_s);
}

static int resolved(void *engine, uint64_t token, int status, const stox_record *records, size_t n,
                    uint64_t now_ns) {
  return stox_gateway_resolved(((program *)engine)->gateway, token, status, records, n, now_ns);
}

static void on_secured(void *ud, const stox_flow *flow, int status, const stox_tls *tls) {
  const program *p = ud;
  stox_chain_verdict verdict = {.size = sizeof verdict};
  const int is_doubtful = stox_tls_verdict(tls, &verdict) == STOX_OK &&
                          (verdict.reasons & ~(uint32_t)STOX_CHAIN_ABSENT) != 0;
  if ((status != STOX_OK || is_doubtful) && p->config.log_level >= LOG_WARNING) {
    log_insecure(stderr, flow, status, tls);
  }
}

static void on_trace(void *ud, int is_out, const stox_flow *flow, stox_span bytes,
                     uint64_t now_ns) {
  program *p = ud;
  const stox_endpoint *server = &p->config.xmpp_server;
  const crossing what = {.is_out = is_out,
                         .is_xmpp = stox_gateway_is_xmpp(p->gateway, flow) ||
                                    (flow->remote.transport == STOX_TRANSPORT_TCP &&
                                     flow->remote.port == server->port &&
                                     stox_host_is_equal(flow->remote.host, server->host)),
                         .peer = &flow->remote,
                         .bytes = bytes,
                         .now_ns = now_ns};
  trace_write(p->trace, &what);
}

/* ---- starting and stopping ---- */

static void on_signal(uv_signal_t *signal, int number) {
  program *p = signal->data;
  (void)number;
  const uint64_t now = stox_uv_now(p->uv);
  (void)stox_gateway_stop(p->gateway, now + p->config.drain_ms * 1000000, now);
  (void)stox_uv_kick(p->uv);
}

static int refuse(const char *what, int status) {
  fprintf(stderr, "stox-gateway: %s: %s\n", what, stox_status_text(status));
  return 1;
}

static int make_transport(program *p) {
  const stox_engine engine = {.size = sizeof engine,
                              .engine = p,
                              .feed = feed,
                              .done = done,
                              .hold = hold,
                              .next = next,
                              .deadline = deadline,
                              .tick = tick,
                              .resolved = resolved};
  stox_uv_options options;
  (void)stox_uv_options_init(&options, sizeof options);
  options.loop = &p->loop;
  options.ud = p;
  options.secured = on_secured;
  secure_offer(&p->secure, &options);
  if (p->config.trace != NULL) {
    p->trace = fopen(p->config.trace, "a");
    if (p->trace == NULL) {
      perror(p->config.trace);
      return STOX_E_REFUSED;
    }
    options.trace = on_trace;
  }
  return stox_uv_new(&p->uv, &engine, &options);
}

static uint32_t seconds(uint64_t ms, uint32_t most) {
  const uint64_t whole = (ms + 999) / 1000;
  return whole < most ? (uint32_t)whole : most;
}

static void federate(stox_federation_options *streams, stox_gateway_federation *out,
                     const config *c) {
  (void)stox_federation_options_init(streams, sizeof *streams);
  streams->domains = c->federated;
  streams->n_domains = c->n_federated;
  streams->hops = c->xmpp_hops;
  streams->n_hops = c->n_xmpp_hops;
  streams->is_dialback_on = c->has_dialback;
  streams->backoff_first_s = seconds(c->backoff_ms, streams->backoff_first_s);
  streams->backoff_max_s = seconds(c->backoff_ms, streams->backoff_max_s);
  *out = (stox_gateway_federation){.size = sizeof *out,
                                   .streams = streams,
                                   .local = c->s2s_listen,
                                   .n_local = c->n_s2s_listen,
                                   .is_open = c->is_open};
}

static int make_gateway(program *p) {
  config *c = &p->config;
  stox_gateway_options options;
  stox_federation_options streams;
  stox_gateway_federation federation;
  (void)stox_gateway_options_init(&options, sizeof options);
  options.random = stox_uv_random();
  options.components = c->components;
  options.n_components = c->n_components;
  options.routes = c->routes;
  options.n_routes = c->n_routes;
  options.xmpp_domains = c->xmpp_domains;
  options.n_xmpp_domains = c->n_xmpp_domains;
  options.trusted = c->trusted;
  options.n_trusted = c->n_trusted;
  options.sip_local = c->listen;
  options.n_sip_local = c->n_listen;
  options.t1_ns = c->t1_ms * 1000000;
  options.barrier_timeout_ns = c->barrier_ms * 1000000;
  options.queue_timeout_ns = c->queue_ms * 1000000;
  options.backoff_max_ns = c->backoff_ms * 1000000;
  options.message_type = c->message_type;
  options.is_raw_scope = c->is_raw_scope;
  options.writes_hops = (uint32_t)c->writes_hops;
  if (c->n_federated > 0) {
    federate(&streams, &federation, c);
    options.federation = &federation;
  }
  return stox_gateway_new(&p->gateway, &options, stox_uv_now(p->uv));
}

static void watch_signals(program *p) {
  uv_loop_t *loop = stox_uv_loop(p->uv);
  uv_signal_t *const signals[] = {&p->term, &p->interrupt};
  const int numbers[] = {SIGTERM, SIGINT};
  for (size_t i = 0; i < 2; i++) {
    (void)uv_signal_init(loop, signals[i]);
    signals[i]->data = p;
    (void)uv_signal_start(signals[i], on_signal, numbers[i]);
  }
}

/* A SIP peer may show a certificate and need not: who shows none is trusted by its address alone.
 */
static const stox_secure sip_secure = {
    .size = sizeof sip_secure, .reference = STOX_REFERENCE_SIP, .is_lenient = 1};

/* An XMPP server that begins with TLS: whoever it is, dialback may still do. */
static const stox_span xmpp_alpn[] = {{"xmpp-server", 11}};
static const stox_secure s2s_secure = {.size = sizeof s2s_secure,
                                       .reference = STOX_REFERENCE_XMPP_SERVER,
                                       .is_lenient = 1,
                                       .alpn = xmpp_alpn,
                                       .alpn_n = 1};

static int listen_on(program *p, const char *option, stox_endpoint *at, const stox_secure *how) {
  const int status = stox_uv_listen_secure(p->uv, at, how);
  if (status != STOX_OK) {
    fprintf(stderr, "stox-gateway: %s %s, port %u: %s\n", option, at->host.p, at->port,
            status == STOX_E_REFUSED ? "in use, or no right to it" : stox_status_text(status));
  }
  return status;
}

static int listen_on_all(program *p) {
  config *c = &p->config;
  int status = STOX_OK;
  for (size_t i = 0; status == STOX_OK && i < c->n_listen; i++) {
    status = listen_on(p, "sip-listen", &c->listen[i], &sip_secure);
  }
  for (size_t i = 0; status == STOX_OK && i < c->n_s2s_listen; i++) {
    status = listen_on(p, "xmpp-s2s-listen", &c->s2s_listen[i], &s2s_secure);
  }
  return status;
}

static int open_loop(program *p) {
  if (uv_loop_init(&p->loop) != 0) {
    return 0;
  }
  p->loop.data = p;
  return 1;
}

static int serve(program *p) {
  if (!open_loop(p) || secure_open(&p->secure, &p->config, &p->loop) != 0) {
    return 1;
  }
  int status = make_transport(p);
  if (status != STOX_OK) {
    return refuse("transport", status);
  }
  if (listen_on_all(p) != STOX_OK) {
    return 1;
  }
  status = make_gateway(p);
  if (status != STOX_OK) {
    return refuse("options", status);
  }
  watch_signals(p);
  (void)stox_uv_run(p->uv);
  uv_close((uv_handle_t *)&p->term, NULL);
  uv_close((uv_handle_t *)&p->interrupt, NULL);
  return 0;
}

int main(int argc, char **argv) {
  program *p = calloc(1, sizeof *p);
  if (p == NULL || config_read(&p->config, argc, argv) != 0) {
    free(p);
    return 2;
  }
  int result = 0;
  if (p->config.wants_help) {
    config_usage();
  } else {
    result = serve(p);
  }
  stox_uv_del(p->uv);
  secure_close(&p->secure);
  if (p->loop.data == p) {
    (void)uv_loop_close(&p->loop);
  }
  stox_gateway_del(p->gateway);
  if (p->trace != NULL) {
    fclose(p->trace);
  }
  free(p);
  return result;
}
