/* SPDX-License-Identifier: MIT */
/* A federation on libstox-uv for real servers to meet: it sends a message and a ping as soon as the
 * pair that it is told is up, and says each event in a line. Arguments are NAME=VALUE; SIGTERM ends
 * it in good order. */
#include "stox/federation.h"
#include "stox/status.h"
#include "stox/uv.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { FILE_MAX = 1 << 16 };

typedef struct arguments {
  const char *local;
  const char *remote;
  const char *to; /* who gets the message */
  const char *port;
  const char *tls_port; /* NULL: none */
  const char *dns;
  const char *certificate;
  const char *key;
  const char *ca;
  const char *dialback; /* `off` */
  const char *verified; /* `yes`: no stream to whom no certificate proves */
} arguments;

typedef struct probe {
  arguments arguments;
  stox_federation *federation;
  stox_uv *uv;
  stox_uv_resolver *resolver;
  stox_tls_context *tls;
  stox_anchors *anchors;
  stox_chain_rules rules;
  uv_signal_t end;
  uv_timer_t first;
} probe;

static void say(const char *word, int status) {
  printf("%s %s\n", word, stox_status_name(status));
  (void)fflush(stdout);
}

/* ---- events ---- */

static int send_both(probe *p, int is_first) {
  const arguments *a = &p->arguments;
  char text[1024] = "";
  if (!is_first) {
    (void)snprintf(text, sizeof text,
                   "<message from='romeo@%s' to='%s@%s' id='m1'><body>hi</body></message>"
                   "<iq type='get' from='%s' to='%s' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>",
                   a->local, a->to, a->remote, a->local, a->remote);
  }
  return stox_federation_send(p->federation, stox_span_text(a->local), stox_span_text(a->remote),
                              stox_span_text(text), stox_uv_now(p->uv));
}

static void on_link(probe *p, const stox_action *a) {
  static const char *const names[] = {[STOX_FEDERATION_UP] = "UP",
                                      [STOX_FEDERATION_DOWN] = "DOWN",
                                      [STOX_FEDERATION_HEARD] = "HEARD",
                                      [STOX_FEDERATION_GONE] = "GONE"};
  const stox_federation_link *link = a->object;
  printf("%s %.*s %.*s %s %s %s %s\n", names[a->event], (int)link->local.n, link->local.p,
         (int)link->remote.n, link->remote.p,
         link->by == STOX_STREAM_BY_SASL       ? "external"
         : link->by == STOX_STREAM_BY_DIALBACK ? "dialback"
                                               : "-",
         link->is_secure ? "tls" : "clear", link->is_verified ? "verified" : "unverified",
         stox_status_name(a->status));
  if (a->event == STOX_FEDERATION_UP) {
    say("send", send_both(p, 0));
  }
}

static void on_event(probe *p, const stox_action *a) {
  const stox_federation_stanza *in = a->object;
  if (a->event == STOX_FEDERATION_STOPPED) {
    printf("STOPPED\n");
    stox_uv_stop(p->uv);
  } else if (a->event == STOX_FEDERATION_STANZA) {
    const char *type = stox_stanza_type_name(in->stanza->type);
    printf("STANZA %s %s %.*s %.*s\n", stox_stanza_kind_name(in->stanza->kind),
           type == NULL ? "-" : type, (int)in->stanza->from.n, in->stanza->from.p,
           (int)in->stanza->id.n, in->stanza->id.p == NULL ? "-" : in->stanza->id.p);
  } else {
    on_link(p, a);
  }
  (void)fflush(stdout);
}

/* ---- the engine: the federation's, but for its events ---- */

static stox_federation *of(void *engine) {
  return ((probe *)engine)->federation;
}

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  int status = STOX_OK;
  if (bytes.n > 0 && !stox_federation_owns(of(engine), flow->handle)) {
    status = stox_federation_accept(of(engine), flow, now_ns);
  }
  return status == STOX_OK ? stox_federation_feed(of(engine), flow, bytes, now_ns) : status;
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  return stox_federation_done(of(engine), token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_federation_hold(of(engine), handle, full, now_ns);
}

static const stox_action *next(void *engine) {
  const stox_action *a = NULL;
  while ((a = stox_federation_next(of(engine))) != NULL && a->kind == STOX_DO_EVENT) {
    on_event(engine, a);
  }
  return a;
}

static uint64_t deadline(const void *engine) {
  return stox_federation_deadline(((const probe *)engine)->federation);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  (void)wall_s;
  return stox_federation_tick(of(engine), now_ns);
}

static int resolved(void *engine, uint64_t token, int status, const stox_record *records, size_t n,
                    uint64_t now_ns) {
  return stox_federation_resolved(of(engine), token, status, records, n, now_ns);
}

/* ---- starting ---- */

static void read_arguments(arguments *a, int argc, char **argv) {
  const struct {
    const char *name;
    const char **at;
  } rows[] = {
      {"local", &a->local},
      {"remote", &a->remote},
      {"to", &a->to},
      {"port", &a->port},
      {"tls-port", &a->tls_port},
      {"dns", &a->dns},
      {"certificate", &a->certificate},
      {"key", &a->key},
      {"ca", &a->ca},
      {"dialback", &a->dialback},
      {"verified", &a->verified},
  };
  *a = (arguments){.to = "juliet"};
  for (int i = 1; i < argc; i++) {
    char *value = strchr(argv[i], '=');
    for (size_t r = 0; value != NULL && r < sizeof rows / sizeof rows[0]; r++) {
      const stox_span name = {argv[i], (size_t)(value - argv[i])};
      if (stox_span_is_equal(name, stox_span_text(rows[r].name))) {
        *rows[r].at = value + 1;
      }
    }
  }
}

static void must(const char *what, int status) {
  if (status != STOX_OK) {
    say(what, status);
    exit(1);
  }
}

static stox_span read_file(char *room, const char *path) {
  FILE *file = fopen(path, "rb");
  const size_t n = file == NULL ? 0 : fread(room, 1, FILE_MAX, file);
  if (file != NULL) {
    (void)fclose(file);
  }
  return (stox_span){room, n};
}

static void prepare_tls(probe *p, stox_uv_options *options) {
  static char chain[FILE_MAX];
  static char key[FILE_MAX];
  const arguments *a = &p->arguments;
  must("context", stox_tls_context_new(&p->tls, stox_allocator_libc(), NULL));
  must("certificate",
       stox_tls_context_add(p->tls, read_file(chain, a->certificate), read_file(key, a->key)));
  must("anchors", stox_anchors_new(&p->anchors, stox_allocator_libc()));
  must("ca", stox_anchors_add(p->anchors, read_file(chain, a->ca), NULL));
  must("rules", stox_chain_rules_init(&p->rules, sizeof p->rules));
  p->rules.anchors = p->anchors;
  options->tls = p->tls;
  options->tls_rules = &p->rules;
}

static void make_federation(probe *p) {
  const arguments *a = &p->arguments;
  const stox_federation_domain domain = {stox_span_text(a->local), 1, 0};
  stox_federation_options options;
  must("options", stox_federation_options_init(&options, sizeof options));
  options.domains = &domain;
  options.n_domains = 1;
  options.random = stox_uv_random();
  options.is_dialback_on = a->dialback == NULL;
  options.require_verified = a->verified != NULL;
  must("federation", stox_federation_new(&p->federation, &options, 0));
}

static void make_transport(probe *p, uv_loop_t *loop) {
  const stox_engine engine = {sizeof engine, p, feed, done, hold, next, deadline, tick, resolved};
  stox_uv_options options;
  stox_uv_resolver_options resolver;
  must("resolver", stox_uv_resolver_options_init(&resolver, sizeof resolver));
  resolver.loop = loop;
  resolver.servers = stox_span_text(p->arguments.dns);
  must("resolver", stox_uv_resolver_new(&p->resolver, &resolver));
  must("options", stox_uv_options_init(&options, sizeof options));
  options.loop = loop;
  options.resolver = p->resolver;
  prepare_tls(p, &options);
  must("transport", stox_uv_new(&p->uv, &engine, &options));
}

static void listen_on(probe *p, const char *port, int transport) {
  stox_endpoint local = {stox_span_text("127.0.0.1"),
                         port == NULL ? 0 : (uint32_t)strtoul(port, NULL, 10), transport};
  if (port != NULL) {
    const stox_secure secure = {
        .size = sizeof secure, .reference = STOX_REFERENCE_XMPP_SERVER, .is_lenient = 1};
    must("listen", transport == STOX_TRANSPORT_TLS ? stox_uv_listen_secure(p->uv, &local, &secure)
                                                   : stox_uv_listen(p->uv, &local));
  }
}

static void on_end(uv_signal_t *signal, int number) {
  probe *p = signal->data;
  (void)number;
  (void)stox_federation_stop(p->federation, stox_uv_now(p->uv));
  (void)stox_uv_kick(p->uv);
}

static void on_first(uv_timer_t *timer) {
  probe *p = timer->data;
  if (p->arguments.remote != NULL) {
    say("ask", send_both(p, 1));
  }
  (void)stox_uv_kick(p->uv);
}

int main(int argc, char **argv) {
  static probe p;
  uv_loop_t loop;
  read_arguments(&p.arguments, argc, argv);
  must("loop", uv_loop_init(&loop) == 0 ? STOX_OK : STOX_E_NOMEM);
  make_federation(&p);
  make_transport(&p, &loop);
  listen_on(&p, p.arguments.port, STOX_TRANSPORT_TCP);
  listen_on(&p, p.arguments.tls_port, STOX_TRANSPORT_TLS);
  p.end.data = p.first.data = &p;
  (void)uv_signal_init(&loop, &p.end);
  (void)uv_signal_start(&p.end, on_end, SIGTERM);
  (void)uv_timer_init(&loop, &p.first);
  (void)uv_timer_start(&p.first, on_first, 0, 0);
  printf("listening\n");
  (void)fflush(stdout);
  (void)stox_uv_run(p.uv);
  uv_close((uv_handle_t *)&p.end, NULL);
  uv_close((uv_handle_t *)&p.first, NULL);
  stox_uv_del(p.uv);
  stox_uv_resolver_del(p.resolver);
  stox_federation_del(p.federation);
  stox_tls_context_free(p.tls);
  stox_anchors_free(p.anchors);
  return uv_run(&loop, UV_RUN_DEFAULT) == 0 && uv_loop_close(&loop) == 0 ? 0 : 1;
}
