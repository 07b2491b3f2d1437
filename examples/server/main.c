/* SPDX-License-Identifier: MIT */
/* uv.h needs the POSIX types, which strict C11 hides. */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include "stox/status.h"
#include "stox/uv.h"

#include <signal.h>
#include <stdio.h>
#include <uv.h>

typedef struct program {
  server server;
  stox_uv *uv;
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

static int start(program *p) {
  server *s = &p->server;
  const stox_engine engine = server_engine(s);
  stox_uv_options options;
  (void)stox_uv_options_init(&options, sizeof options);
  s->stopped = stopped;
  s->ud = p;
  int status = server_init(s, stox_uv_random());
  if (status == STOX_OK) {
    status = stox_uv_new(&p->uv, &engine, &options);
  }
  if (status == STOX_OK && s->listen.port != 0) {
    status = stox_uv_listen(p->uv, &s->listen);
  }
  if (status == STOX_OK && s->component_listen.port != 0) {
    status = stox_uv_listen(p->uv, &s->component_listen);
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
  server_free(&p.server);
  return status == STOX_OK ? 0 : 1;
}
