/* SPDX-License-Identifier: MIT */
/* A client on libstox and libstox-uv, which does what it is told (peer.h). */
#include "peer.h"

#include "stox/client.h"
#include "stox/status.h"
#include "stox/uv.h"

#include <uv.h>

typedef struct program {
  task task;
  stox_client *client;
  uv_loop_t loop;
  stox_uv *uv;
  stox_uv_resolver *resolver;
  stox_stream_options stream;
  stox_sasl_client_options sasl;
  stox_client_options options;
  stox_tls_context *tls;
  stox_anchors *anchors;
  stox_chain_rules rules;
  unsigned heard;
  int has_pong;
  int status;
} program;

/* ---- what happens ---- */

static void on_ready(program *p) {
  stox_stream *stream = stox_client_stream(p->client);
  const stox_span jid = stox_stream_jid(stream);
  char text[4096];
  const char *to = p->task.to;
  SAY("ready %.*s %s %s", (int)jid.n, jid.p,
      stox_sasl_mechanism_name(stox_client_mechanism(p->client)),
      stox_stream_is_secure(stream) ? "tls" : "clear");
  (void)stox_stream_send(stream, stox_span_text("<presence/>"));
  if (to != NULL) {
    (void)snprintf(text, sizeof text,
                   "<message to='%s' type='chat' id='m1'><body>%s</body></message>", to,
                   p->task.body);
    (void)stox_stream_send(stream, stox_span_text(text));
  }
  (void)stox_stream_ping(stream, stox_uv_now(p->uv));
}

static void close_when_done(program *p) {
  if (p->heard >= p->task.messages && p->has_pong) {
    (void)stox_client_close(p->client, stox_uv_now(p->uv));
  }
}

static void on_stanza(program *p, const stox_stanza *stanza) {
  stox_arena arena;
  stox_span body = {NULL, 0};
  const stox_xml_element *child = stox_xml_child(stanza->element, "jabber:client", "body", NULL);
  if (stanza->kind != STOX_STANZA_MESSAGE) {
    return;
  }
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  if (child != NULL) {
    (void)stox_xml_text(&body, &arena, child);
  }
  const char *type = stox_stanza_type_name(stanza->type);
  SAY("message %s %.*s %.*s", type == NULL ? "-" : type, (int)stanza->from.n, stanza->from.p,
      (int)body.n, body.n == 0 ? "" : body.p);
  stox_arena_clear(&arena);
  p->heard++;
  close_when_done(p);
}

static void on_event(program *p, const stox_action *a) {
  const stox_sasl_message *failure = a->object;
  const stox_stream_error *error = a->object;
  switch (a->event) {
  case STOX_STREAM_ON_READY:
    on_ready(p);
    break;
  case STOX_STREAM_ON_PONG: /* behind it nothing that was sent is refused any more */
    SAY("pong");
    p->has_pong = 1;
    close_when_done(p);
    break;
  case STOX_STREAM_ON_STANZA:
    on_stanza(p, a->object);
    break;
  case STOX_CLIENT_ON_FAILURE:
    SAY("failure %s %s", stox_sasl_mechanism_name(failure->mechanism),
        stox_sasl_condition_name(failure->condition));
    break;
  case STOX_STREAM_ON_BIND_FAILED:
    SAY("unbound %s", stox_condition_name(((const stox_stanza_error *)a->object)->condition));
    break;
  case STOX_STREAM_ON_ERROR:
  case STOX_STREAM_ON_REFUSED:
    SAY("%s %s", a->event == STOX_STREAM_ON_ERROR ? "error" : "refused",
        stox_stream_condition_name(error->condition, STOX_DIALECT_RFC));
    break;
  case STOX_STREAM_ON_CLOSED:
    SAY("closed %s", stox_status_name(a->status));
    p->status = a->status;
    stox_uv_stop(p->uv);
    break;
  default:
    break;
  }
}

/* ---- the engine ---- */

static int feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  return stox_client_feed(((program *)engine)->client, flow, bytes, now_ns);
}

static int done(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  return stox_client_done(((program *)engine)->client, token, status, flow, now_ns);
}

static int hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  (void)now_ns;
  return stox_client_hold(((program *)engine)->client, handle, full);
}

static const stox_action *next(void *engine) {
  program *p = engine;
  const stox_action *a = NULL;
  while ((a = stox_client_next(p->client, stox_uv_now(p->uv))) != NULL &&
         a->kind == STOX_DO_EVENT) {
    on_event(p, a);
  }
  return a;
}

static uint64_t deadline(const void *engine) {
  return stox_client_deadline(((const program *)engine)->client);
}

static int tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  (void)wall_s;
  return stox_client_tick(((program *)engine)->client, now_ns);
}

static int resolved(void *engine, uint64_t token, int status, const struct stox_record *records,
                    size_t n, uint64_t now_ns) {
  return stox_client_resolved(((program *)engine)->client, token, status, records, n, now_ns);
}

/* ---- starting ---- */

static uint32_t mechanisms_of(const char *names) {
  stox_span rest = stox_span_text(names);
  uint32_t bits = 0;
  while (rest.n > 0) {
    const size_t end = stox_span_find(rest, ',');
    bits |= (uint32_t)stox_sasl_mechanism_of(stox_span_slice(rest, 0, end));
    rest = stox_span_slice(rest, end + 1, rest.n);
  }
  return bits;
}

static stox_span read_file(const char *path) {
  static char room[3][1 << 16];
  static size_t used;
  FILE *file = path == NULL ? NULL : fopen(path, "r");
  if (file == NULL) {
    return (stox_span){NULL, 0};
  }
  char *at = room[used++];
  const size_t n = fread(at, 1, sizeof room[0], file);
  (void)fclose(file);
  return (stox_span){at, n};
}

static int prepare_tls(program *p, stox_uv_options *uv) {
  const task *t = &p->task;
  int status = stox_tls_context_new(&p->tls, stox_allocator_libc(), NULL);
  if (status == STOX_OK && t->certificate != NULL) {
    status = stox_tls_context_add(p->tls, read_file(t->certificate), read_file(t->key));
  }
  if (status == STOX_OK) {
    status = stox_anchors_new(&p->anchors, stox_allocator_libc());
  }
  if (status == STOX_OK && t->ca != NULL) {
    status = stox_anchors_add(p->anchors, read_file(t->ca), NULL);
  }
  (void)stox_chain_rules_init(&p->rules, sizeof p->rules);
  p->rules.anchors = p->anchors;
  uv->tls = p->tls;
  uv->tls_rules = &p->rules;
  return status;
}

static void prepare_client(program *p) {
  const task *t = &p->task;
  const int is_direct = strcmp(t->tls, "direct") == 0;
  (void)stox_stream_options_init(&p->stream, sizeof p->stream);
  (void)stox_sasl_client_options_init(&p->sasl, sizeof p->sasl);
  (void)stox_client_options_init(&p->options, sizeof p->options);
  p->stream.to = stox_span_text(t->domain);
  p->stream.random = stox_uv_random();
  p->sasl.username = stox_span_text(t->user);
  p->sasl.password = stox_span_text(t->password);
  p->sasl.has_certificate = t->certificate != NULL;
  p->sasl.mechanisms = t->mechanisms == NULL ? p->sasl.mechanisms : mechanisms_of(t->mechanisms);
  p->options.tls = strcmp(t->tls, "none") == 0       ? STOX_CLIENT_TLS_NONE
                   : strcmp(t->tls, "optional") == 0 ? STOX_CLIENT_TLS_OPTIONAL
                                                     : STOX_CLIENT_TLS_REQUIRED;
  p->options.is_lenient = t->ca == NULL;
  if (t->dns == NULL) {
    p->options.remote = (stox_endpoint){stox_span_text(t->address), t->port,
                                        is_direct ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP};
  }
  p->options.resource = stox_span_text(t->resource);
  p->options.stream = &p->stream;
  p->options.sasl = &p->sasl;
}

int main(int argc, char **argv) {
  static program p;
  const stox_engine engine = {.size = sizeof engine,
                              .engine = &p,
                              .feed = feed,
                              .done = done,
                              .hold = hold,
                              .next = next,
                              .deadline = deadline,
                              .tick = tick,
                              .resolved = resolved};
  stox_uv_options uv;
  stox_uv_resolver_options resolver;
  task_read(&p.task, argc, argv);
  (void)stox_uv_options_init(&uv, sizeof uv);
  (void)stox_uv_resolver_options_init(&resolver, sizeof resolver);
  (void)uv_loop_init(&p.loop);
  uv.loop = &p.loop;
  resolver.loop = &p.loop;
  resolver.servers = stox_span_text(p.task.dns == NULL ? "127.0.0.1:9" : p.task.dns);
  prepare_client(&p);
  int status = prepare_tls(&p, &uv);
  if (status == STOX_OK) {
    status = stox_uv_resolver_new(&p.resolver, &resolver);
    uv.resolver = p.resolver;
  }
  if (status == STOX_OK) {
    status = stox_uv_new(&p.uv, &engine, &uv);
  }
  if (status == STOX_OK) {
    status = stox_client_new(&p.client, &p.options, NULL, stox_uv_now(p.uv));
  }
  if (status == STOX_OK) {
    (void)stox_uv_run(p.uv);
    status = p.status;
  } else {
    SAY("not started: %s", stox_status_text(status));
  }
  stox_uv_del(p.uv);
  stox_uv_resolver_del(p.resolver);
  (void)uv_run(&p.loop, UV_RUN_DEFAULT);
  (void)uv_loop_close(&p.loop);
  stox_client_del(p.client);
  stox_tls_context_free(p.tls);
  stox_anchors_free(p.anchors);
  return status == STOX_OK ? 0 : 1;
}
