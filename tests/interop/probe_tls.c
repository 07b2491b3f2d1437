/* SPDX-License-Identifier: MIT */
/* One end of TLS for openssl and for scripts to meet: libstox-uv listening or connecting, or a
 * client of XMPP. Arguments are NAME=VALUE behind `listen`, `connect` or `client`; what happens is
 * told on the standard output, a line each. */
#include "fake_engine.h"

#include "stox/chain.h"
#include "stox/client.h"
#include "stox/identity.h"
#include "stox/tls.h"
#include "stox/uv.h"

#include <inttypes.h>
#include <uv.h>

enum { FILE_MAX = 1 << 16 };

typedef struct arguments {
  const char *port;
  const char *name; /* whom the peer has to be */
  const char *ca;
  const char *certificate;
  const char *key;
  const char *staple;
  const char *alpn;
  const char *ask;    /* listen: `yes`: clients show a certificate */
  const char *say;    /* connect: said once the flow stands */
  const char *times;  /* connect: how often, one behind the other */
  const char *strict; /* `yes`: who is not known not to be revoked is refused */
  const char *user;
  const char *password;
  const char *tls; /* client: `optional` */
} arguments;

typedef struct probe {
  arguments arguments;
  fake_engine engine;
  stox_client *client;
  stox_uv *uv;
  stox_tls_context *context;
  stox_anchors *anchors;
  stox_chain_rules rules;
  stox_secure secure;
  stox_span alpn;
  unsigned char ticket_key[STOX_TLS_TICKET_KEY_SIZE];
  int is_over;
} probe;

static const char *text_of(const char *text) {
  return text == NULL ? "" : text;
}

static int read_arguments(arguments *out, int n, char **texts) {
  const struct {
    const char *name;
    const char **value;
  } rows[] = {{"port", &out->port},
              {"name", &out->name},
              {"ca", &out->ca},
              {"certificate", &out->certificate},
              {"key", &out->key},
              {"staple", &out->staple},
              {"alpn", &out->alpn},
              {"ask", &out->ask},
              {"say", &out->say},
              {"times", &out->times},
              {"strict", &out->strict},
              {"user", &out->user},
              {"password", &out->password},
              {"tls", &out->tls}};
  for (int i = 0; i < n; i++) {
    size_t at = 0;
    const char *value = strchr(texts[i], '=');
    while (value != NULL && at < COUNT(rows) &&
           (strncmp(texts[i], rows[at].name, (size_t)(value - texts[i])) != 0 ||
            rows[at].name[value - texts[i]] != '\0')) {
      at++;
    }
    if (value == NULL || at == COUNT(rows)) {
      return -1;
    }
    *rows[at].value = value + 1;
  }
  return 0;
}

static stox_span read_file(const char *path, char *room) {
  FILE *file = path == NULL ? NULL : fopen(path, "rb");
  if (file == NULL) {
    return (stox_span){NULL, 0};
  }
  const size_t n = fread(room, 1, FILE_MAX, file);
  (void)fclose(file);
  return (stox_span){room, n};
}

/* ---- what happens ---- */

static void tell_reasons(const stox_tls *tls) {
  stox_chain_verdict verdict = {.size = sizeof verdict};
  if (stox_tls_verdict(tls, &verdict) == STOX_OK) {
    for (uint32_t bit = 1; bit <= STOX_CHAIN_BY_HOST; bit *= 2) {
      if ((verdict.reasons & bit) != 0) {
        (void)printf(" %s", stox_chain_reason_name(bit));
      }
    }
  }
}

static void secured(void *ud, const stox_flow *flow, int status, const stox_tls *tls) {
  (void)ud;
  (void)printf("secured %s version=%x cipher=%s resumed=%d verified=%d alert=%d",
               stox_status_name(status), (unsigned)stox_tls_version(tls),
               text_of(stox_tls_cipher(tls)), stox_tls_is_resumed(tls),
               flow->peer != NULL && flow->peer->verified, stox_tls_alert(tls));
  tell_reasons(tls);
  (void)printf("\n");
}

static void trace(void *ud, int is_out, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  (void)ud;
  (void)now_ns;
  (void)printf("%s %s %.*s\n", is_out ? "said" : "heard", flow->peer == NULL ? "plain" : "secured",
               (int)bytes.n, bytes.p);
}

/* ---- setting up ---- */

static int prepare(probe *p, int mode) {
  static char room[FILE_MAX];
  static char key[FILE_MAX];
  const arguments *a = &p->arguments;
  stox_tls_context_options options;
  int status = stox_tls_context_options_init(&options, sizeof options);
  memset(p->ticket_key, 7, sizeof p->ticket_key);
  options.ticket_key = (stox_span){(const char *)p->ticket_key, sizeof p->ticket_key};
  if (status == STOX_OK) {
    status = stox_tls_context_new(&p->context, stox_allocator_libc(), &options);
  }
  if (status == STOX_OK && a->certificate != NULL) {
    status =
        stox_tls_context_add(p->context, read_file(a->certificate, room), read_file(a->key, key));
  }
  if (status == STOX_OK && a->staple != NULL) {
    status = stox_tls_context_staple(p->context, 0, read_file(a->staple, room));
  }
  if (status == STOX_OK) {
    status = stox_anchors_new(&p->anchors, stox_allocator_libc());
  }
  if (status == STOX_OK && a->ca != NULL) {
    status = stox_anchors_add(p->anchors, read_file(a->ca, room), NULL);
  }
  (void)stox_chain_rules_init(&p->rules, sizeof p->rules);
  p->rules.anchors = p->anchors;
  p->rules.revocation = a->strict != NULL ? STOX_REVOCATION_REQUIRE : STOX_REVOCATION_IF_KNOWN;
  p->secure = (stox_secure){.size = sizeof p->secure};
  if (mode != 'l' || a->ask != NULL) {
    p->secure.reference = STOX_REFERENCE_XMPP_SERVER;
  }
  if (a->name != NULL && mode != 'l') {
    p->secure.name = stox_span_text(a->name);
  }
  if (a->alpn != NULL) {
    p->alpn = stox_span_text(a->alpn);
    p->secure.alpn = &p->alpn;
    p->secure.alpn_n = 1;
  }
  return status;
}

static int make_uv(probe *p, const stox_engine *engine) {
  stox_uv_options options;
  (void)stox_uv_options_init(&options, sizeof options);
  options.tls = p->context;
  options.tls_rules = &p->rules;
  options.handshake_timeout_ns = UINT64_C(5000000000);
  options.resumptions = 4;
  options.secured = secured;
  options.trace = trace;
  return stox_uv_new(&p->uv, engine, &options);
}

static stox_endpoint place(const probe *p, int transport) {
  return (stox_endpoint){S("127.0.0.1"), (uint32_t)strtoul(text_of(p->arguments.port), NULL, 10),
                         transport};
}

static void turn(probe *p) {
  (void)uv_run(stox_uv_loop(p->uv), UV_RUN_ONCE);
}

/* ---- the modes ---- */

/* Echoes until it is killed. */
static int serve(probe *p) {
  const stox_engine engine = fake_engine_functions(&p->engine);
  stox_endpoint at = place(p, STOX_TRANSPORT_TLS);
  p->engine.echoes = 1;
  int status = make_uv(p, &engine);
  if (status == STOX_OK) {
    status = stox_uv_listen_secure(p->uv, &at, &p->secure);
  }
  if (status == STOX_OK) {
    (void)printf("listening %" PRIu32 "\n", at.port);
  }
  while (status == STOX_OK) {
    turn(p);
  }
  return status;
}

/* One connection from its beginning to its end. */
static void visit(probe *p, uint64_t token) {
  const size_t ends = p->engine.n_ends;
  fake_open_secure(&p->engine, place(p, STOX_TRANSPORT_TLS), &p->secure, token);
  (void)stox_uv_kick(p->uv);
  const fake_done *done = NULL;
  while ((done = fake_done_of(&p->engine, token)) == NULL) {
    turn(p);
  }
  (void)printf("opened %s\n", stox_status_name(done->status));
  if (done->status != STOX_OK) {
    return;
  }
  const size_t fed = p->engine.n_fed;
  const uint64_t handle = done->handle;
  if (p->arguments.say != NULL) {
    fake_send(&p->engine, handle, (stox_endpoint){{NULL, 0}, 0, 0},
              stox_span_text(p->arguments.say), token + 1000);
    (void)stox_uv_kick(p->uv);
  }
  while (p->engine.n_ends == ends && (p->arguments.times == NULL || p->engine.n_fed == fed)) {
    turn(p);
  }
  if (p->engine.n_ends == ends) {
    fake_close(&p->engine, handle);
    (void)stox_uv_kick(p->uv);
  }
}

static int connect_to(probe *p) {
  const stox_engine engine = fake_engine_functions(&p->engine);
  const int status = make_uv(p, &engine);
  const unsigned long times =
      p->arguments.times == NULL ? 1 : strtoul(p->arguments.times, NULL, 10);
  for (unsigned long i = 0; status == STOX_OK && i < times; i++) {
    visit(p, i + 1);
  }
  if (status == STOX_OK) {
    stox_uv_counters c;
    (void)stox_uv_get_counters(&c, sizeof c, p->uv);
    (void)printf("truncated %" PRIu64 "\n", c.truncated);
  }
  return status;
}

static int client_feed(void *ud, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  probe *p = ud;
  return stox_client_feed(p->client, flow, bytes, now_ns);
}

static int client_done(void *ud, uint64_t token, int status, const stox_flow *flow,
                       uint64_t now_ns) {
  probe *p = ud;
  return stox_client_done(p->client, token, status, flow, now_ns);
}

static int client_hold(void *ud, uint64_t handle, int full, uint64_t now_ns) {
  probe *p = ud;
  (void)now_ns;
  return stox_client_hold(p->client, handle, full);
}

static const stox_action *client_next(void *ud) {
  probe *p = ud;
  const stox_action *action = stox_client_next(p->client, stox_uv_now(p->uv));
  while (action != NULL && action->kind == STOX_DO_EVENT) {
    if (action->event == STOX_STREAM_ON_READY) {
      (void)printf("ready mechanism=%d\n", stox_client_mechanism(p->client));
      (void)stox_client_close(p->client, stox_uv_now(p->uv));
    } else if (action->event == STOX_STREAM_ON_CLOSED) {
      (void)printf("closed %s\n", stox_status_name(action->status));
      p->is_over = 1;
    }
    action = stox_client_next(p->client, stox_uv_now(p->uv));
  }
  return action;
}

static uint64_t client_deadline(const void *ud) {
  const probe *p = ud;
  return stox_client_deadline(p->client);
}

static int client_tick(void *ud, uint64_t now_ns, uint64_t wall_s) {
  probe *p = ud;
  (void)wall_s;
  return stox_client_tick(p->client, now_ns);
}

/* Authenticates, says that it is ready, and leaves. */
static int be_client(probe *p) {
  const stox_engine engine = {sizeof engine,   p,           client_feed,
                              client_done,     client_hold, client_next,
                              client_deadline, client_tick, NULL};
  stox_stream_options stream;
  stox_sasl_client_options sasl;
  stox_client_options options;
  (void)stox_stream_options_init(&stream, sizeof stream);
  (void)stox_sasl_client_options_init(&sasl, sizeof sasl);
  (void)stox_client_options_init(&options, sizeof options);
  stream.to = stox_span_text(text_of(p->arguments.name));
  stream.random = stox_uv_random();
  stream.negotiation_timeout_ns = UINT64_C(5000000000);
  sasl.username = stox_span_text(text_of(p->arguments.user));
  sasl.password = stox_span_text(text_of(p->arguments.password));
  options.tls = p->arguments.tls != NULL ? STOX_CLIENT_TLS_OPTIONAL : STOX_CLIENT_TLS_REQUIRED;
  options.remote = place(p, STOX_TRANSPORT_TCP);
  options.stream = &stream;
  options.sasl = &sasl;
  int status = stox_client_new(&p->client, &options, NULL, uv_hrtime());
  if (status == STOX_OK) {
    status = make_uv(p, &engine);
  }
  if (status == STOX_OK) {
    (void)stox_uv_kick(p->uv);
  }
  while (status == STOX_OK && !p->is_over) {
    turn(p);
  }
  return status;
}

int main(int argc, char **argv) {
  static probe p;
  const int mode = argc < 2 ? 0 : argv[1][0];
  (void)setvbuf(stdout, NULL, _IOLBF, 0);
  fake_engine_init(&p.engine);
  if (mode == 0 || read_arguments(&p.arguments, argc - 2, argv + 2) != 0) {
    (void)fputs("usage: interop_probe_tls listen|connect|client NAME=VALUE…\n", stderr);
    return 2;
  }
  int status = prepare(&p, mode);
  if (status == STOX_OK) {
    status = mode == 'l'                        ? serve(&p)
             : mode == 'c' && argv[1][1] == 'o' ? connect_to(&p)
                                                : be_client(&p);
  }
  if (status != STOX_OK) {
    (void)printf("failed %s\n", stox_status_name(status));
  }
  stox_uv_del(p.uv);
  stox_client_del(p.client);
  stox_tls_context_free(p.context);
  stox_anchors_free(p.anchors);
  return status == STOX_OK ? 0 : 1;
}
