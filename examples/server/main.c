/* SPDX-License-Identifier: MIT */
/* uv.h needs the POSIX types, which strict C11 hides. */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include "stox/chain.h"
#include "stox/identity.h"
#include "stox/secret.h"
#include "stox/status.h"
#include "stox/tls.h"
#include "stox/uv.h"

#include <signal.h>
#include <stdio.h>
#include <uv.h>

typedef struct program {
  server server;
  stox_uv *uv;
  stox_tls_context *tls;
  stox_anchors *anchors;
  uv_signal_t signals[2];
} program;

static void on_signal(uv_signal_t *signal, int number) {
  program *p = signal->data;
  (void)number;
  server_stop(&p->server, stox_uv_now(p->uv));
  (void)stox_uv_kick(p->uv);
}

static void watch_signals(program *p) {
  static const int numbers[] = {SIGTERM, SIGINT};
  for (size_t i = 0; i < 2; i++) {
    (void)uv_signal_init(stox_uv_loop(p->uv), &p->signals[i]);
    p->signals[i].data = p;
    (void)uv_signal_start(&p->signals[i], on_signal, numbers[i]);
  }
}

static void stopped(void *ud) {
  stox_uv_stop(((program *)ud)->uv);
}

/* A file whole, in `room`; empty: there is none. */
static stox_span read_file(stox_span path, char *room, size_t cap) {
  char name[512];
  (void)snprintf(name, sizeof name, "%.*s", (int)path.n, path.n == 0 ? "" : path.p);
  FILE *file = fopen(name, "r");
  if (file == NULL) {
    return (stox_span){room, 0};
  }
  const size_t n = fread(room, 1, cap, file);
  (void)fclose(file);
  return (stox_span){room, n};
}

/* Whose certificate is shown, and who may show one to us. */
static int prepare_tls(program *p, stox_uv_options *options, stox_chain_rules *rules) {
  static char chain[1 << 16];
  static char key[1 << 14];
  const server *s = &p->server;
  if (s->certificate.n == 0) {
    return STOX_OK;
  }
  int status = stox_tls_context_new(&p->tls, stox_allocator_libc(), NULL);
  if (status == STOX_OK) {
    status = stox_tls_context_add(p->tls, read_file(s->certificate, chain, sizeof chain),
                                  read_file(s->key, key, sizeof key));
  }
  stox_wipe(key, sizeof key);
  if (status == STOX_OK && s->ca.n > 0) {
    status = stox_anchors_new(&p->anchors, stox_allocator_libc());
  }
  if (status == STOX_OK && s->ca.n > 0) {
    status = stox_anchors_add(p->anchors, read_file(s->ca, chain, sizeof chain), NULL);
  }
  (void)stox_chain_rules_init(rules, sizeof *rules);
  rules->anchors = p->anchors;
  options->tls = p->tls;
  options->tls_rules = rules;
  return status;
}

static int listen_all(program *p) {
  static const stox_span alpn = {"xmpp-client", 11};
  const stox_secure secure = {.size = sizeof secure,
                              .is_server = 1,
                              .reference = STOX_REFERENCE_XMPP_CLIENT,
                              .is_lenient = 1,
                              .alpn = &alpn,
                              .alpn_n = 1};
  server *s = &p->server;
  s->tls_listen.transport = STOX_TRANSPORT_TLS;
  int status = s->listen.port == 0 ? STOX_OK : stox_uv_listen(p->uv, &s->listen);
  if (status == STOX_OK && s->tls_listen.port != 0) {
    status = stox_uv_listen_secure(p->uv, &s->tls_listen, &secure);
  }
  if (status == STOX_OK && s->component_listen.port != 0) {
    status = stox_uv_listen(p->uv, &s->component_listen);
  }
  return status;
}

static int start(program *p) {
  server *s = &p->server;
  const stox_engine engine = server_engine(s);
  stox_uv_options options;
  stox_chain_rules rules;
  (void)stox_uv_options_init(&options, sizeof options);
  s->stopped = stopped;
  s->ud = p;
  int status = server_init(s, stox_uv_random());
  if (status == STOX_OK) {
    status = prepare_tls(p, &options, &rules);
  }
  if (status == STOX_OK) {
    status = stox_uv_new(&p->uv, &engine, &options);
  }
  if (status == STOX_OK) {
    status = listen_all(p);
  }
  return status;
}

int main(int argc, char **argv) {
  static program p;
  if (argc != 2 || config_read(&p.server, argv[1]) != 0) {
    fputs("usage: stox-example-server FILE; what stands in it is told by config.c\n", stderr);
    return 2;
  }
  const int status = start(&p);
  if (status == STOX_OK) {
    watch_signals(&p);
    puts("ready");
    (void)fflush(stdout);
    (void)stox_uv_run(p.uv);
    uv_close((uv_handle_t *)&p.signals[0], NULL);
    uv_close((uv_handle_t *)&p.signals[1], NULL);
  } else {
    fprintf(stderr, "not started: %s\n", stox_status_text(status));
  }
  stox_uv_del(p.uv);
  stox_tls_context_free(p.tls);
  stox_anchors_free(p.anchors);
  server_free(&p.server);
  return status == STOX_OK ? 0 : 1;
}
