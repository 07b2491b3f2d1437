/* SPDX-License-Identifier: MIT */
/* A stream with TLS: between the socket's octets and those that the engine sees. */
#include "uv/internal.h"

#include "stox/status.h"

#include <string.h>

/* Plaintext that the session takes at once, and how often one turn fills it. */
enum { PART_MAX = 1 << 16, PARTS_MAX = 16, PLAINTEXT_MAX = (DATAGRAM_MAX * DATAGRAMS_AT_ONCE) / 2 };

/* ---- making a session ---- */

/* Without a name the purposes are still those of its kind. */
static uint32_t purposes_of(int reference) {
  static const uint32_t rows[] = {
      [STOX_REFERENCE_XMPP_SERVER] = STOX_PURPOSE_SERVER | STOX_PURPOSE_CLIENT,
      [STOX_REFERENCE_XMPP_SERVICE] = STOX_PURPOSE_SERVER,
      [STOX_REFERENCE_XMPP_CLIENT] = STOX_PURPOSE_CLIENT,
      [STOX_REFERENCE_SIP] = STOX_PURPOSE_SERVER | STOX_PURPOSE_CLIENT | STOX_PURPOSE_SIP_DOMAIN,
      [STOX_REFERENCE_HOST] = STOX_PURPOSE_SERVER};
  return reference > 0 && (size_t)reference < sizeof rows / sizeof rows[0] ? rows[reference] : 0;
}

static void set_rules(const struct stox_uv *uv, const stox_secure *how, stox_chain_rules *rules,
                      stox_reference *reference) {
  *rules = uv->rules;
  rules->wall_s = (int64_t)stox_uv_wall(uv);
  rules->reference = NULL;
  rules->purposes = rules->purposes == 0 ? purposes_of(how->reference) : rules->purposes;
  if (how->reference != 0 && how->name.n > 0) {
    *reference = (stox_reference){how->reference, reference->flags, how->name};
    rules->reference = reference;
  }
}

static void set_role(struct stox_uv *uv, const stox_secure *how, stox_tls_options *options) {
  options->own_name = how->local;
  if (options->role == STOX_TLS_SERVER) {
    options->ask = how->reference == 0 ? STOX_TLS_ASK_NONE
                   : how->is_lenient   ? STOX_TLS_ASK_REQUEST
                                       : STOX_TLS_ASK_REQUIRE;
    return;
  }
  options->server_name = how->name;
  options->resumable = uv->options.resumptions > 0;
  options->resume = stox_uv_resumption_get(uv, how);
}

static int make_session(stox_tls **out, struct stox_uv *uv, const stox_secure *how, int is_server) {
  stox_tls_options options;
  stox_chain_rules rules;
  stox_reference reference = {0};
  if (uv->rules.reference != NULL) {
    reference.flags = uv->rules.reference->flags;
  }
  set_rules(uv, how, &rules, &reference);
  const int status = stox_tls_options_init(&options, sizeof options);
  if (status != STOX_OK) {
    return status;
  }
  options.context = uv->options.tls;
  options.role = is_server ? STOX_TLS_SERVER : STOX_TLS_CLIENT;
  options.verify = how->is_lenient ? STOX_TLS_REPORT : STOX_TLS_VERIFY;
  options.rules = &rules;
  options.alpn = how->alpn;
  options.alpn_n = how->alpn_n;
  options.alpn_required = how->alpn_n > 0;
  set_role(uv, how, &options);
  return stox_tls_new(out, uv->options.alloc, &options);
}

int stox_uv_secure_can(const struct stox_uv *uv, const stox_secure *how) {
  if (uv->options.tls == NULL) {
    return STOX_E_UNSUPPORTED;
  }
  return how == NULL ? STOX_E_ARG : STOX_OK;
}

int stox_uv_secure_begin(stream *s, const stox_secure *how, int is_server) {
  struct stox_uv *uv = s->uv;
  secured *made = stox_uv_alloc(uv, NULL, 0, sizeof *made);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  *made = (secured){.raw_end = s->out.put, .began_ms = uv_now(uv->loop)};
  int status = stox_uv_secure_keep(uv, &made->how, how);
  if (status == STOX_OK) {
    made->how->secure.is_server = is_server;
    status = make_session(&made->tls, uv, &made->how->secure, is_server);
  }
  s->secured = made;
  if (status != STOX_OK) {
    stox_uv_secure_free(s);
  }
  return status;
}

void stox_uv_secure_free(stream *s) {
  secured *c = s->secured;
  if (c == NULL) {
    return;
  }
  stox_tls_free(c->tls);
  stox_uv_secure_drop(s->uv, c->how);
  (void)stox_uv_alloc(s->uv, c, sizeof *c, 0);
  s->secured = NULL;
}

/* ---- how the handshake ended ---- */

static void tell(stream *s, int status) {
  struct stox_uv *uv = s->uv;
  secured *c = s->secured;
  c->was_told = 1;
  uv->counters.secured += status == STOX_OK;
  uv->counters.resumed += status == STOX_OK && stox_tls_is_resumed(c->tls);
  uv->counters.insecure += status != STOX_OK;
  if (uv->options.secured != NULL && !uv->is_ending) {
    const stox_flow flow = stox_uv_stream_flow(s);
    uv->options.secured(uv->options.ud, &flow, status, c->tls);
  }
}

static void opened(stream *s) {
  tell(s, STOX_OK);
  if (s->open_token != 0) {
    const stox_flow flow = stox_uv_stream_flow(s);
    const uint64_t token = s->open_token;
    s->open_token = 0;
    s->was_reported = 1;
    stox_uv_report(s->uv, token, STOX_OK, &flow);
  }
}

int stox_uv_secure_is_shaking(const stream *s) {
  return s->secured != NULL && stox_tls_state(s->secured->tls) == STOX_TLS_SHAKING;
}

/* ---- reading ---- */

/* Gives the engine what can be read. STOX_OK: there may be more. */
static int give(stream *s) {
  secured *c = s->secured;
  char *room = s->uv->input + PLAINTEXT_MAX;
  size_t n = 0;
  int status = STOX_OK;
  while (status == STOX_OK && n < PLAINTEXT_MAX) {
    size_t got = 0;
    status = stox_tls_read(c->tls, room + n, PLAINTEXT_MAX - n, &got);
    n += got;
  }
  if (n > 0 && !s->close_when_sent) {
    s->was_reported = 1;
    const stox_flow flow = stox_uv_stream_flow(s);
    stox_uv_input(s->uv, &flow, (stox_span){room, n});
  }
  return status;
}

static int give_all(stream *s) {
  int status = STOX_OK;
  while (status == STOX_OK) {
    status = give(s);
  }
  if (status == STOX_E_NONE) {
    s->secured->is_ended = 1;
  }
  return status == STOX_E_MORE || status == STOX_E_NONE ? STOX_OK : status;
}

static void tell_undecided(stream *s) {
  struct stox_uv *uv = s->uv;
  s->secured->is_undecided = 1;
  if (uv->options.undecided != NULL) {
    const stox_flow flow = stox_uv_stream_flow(s);
    uv->options.undecided(uv->options.ud, &flow, s->secured->tls);
  }
}

/* What the session has come to. */
static int advance(stream *s) {
  secured *c = s->secured;
  if (stox_tls_is_undecided(c->tls)) {
    if (!c->is_undecided) {
      tell_undecided(s);
    }
    return STOX_OK;
  }
  if (!c->was_told && !stox_uv_secure_is_shaking(s)) {
    opened(s);
  }
  return give_all(s);
}

/* Records are at most 18 KiB, the session holds more: once all is read, some of it can be fed. */
int stox_uv_secure_input(stream *s, stox_span bytes) {
  secured *c = s->secured;
  int status = STOX_OK;
  while (status == STOX_OK && bytes.n > 0) {
    size_t consumed = 0;
    status = stox_tls_feed(c->tls, &consumed, bytes);
    bytes = stox_span_slice(bytes, consumed, bytes.n);
    if (status == STOX_OK && consumed == 0) {
      status = STOX_E_LIMIT;
    }
    if (status == STOX_OK) {
      status = advance(s);
    }
  }
  stox_uv_stream_mark(s);
  return status;
}

int stox_uv_decide(stox_uv *uv, uint64_t handle) {
  stream *s = stox_uv_stream_find(uv, handle);
  if (s == NULL || !s->is_open || s->secured == NULL || !stox_tls_is_undecided(s->secured->tls)) {
    return STOX_E_STATE;
  }
  s->secured->is_undecided = 0;
  int status = stox_tls_decide(s->secured->tls, (int64_t)stox_uv_wall(uv));
  if (status == STOX_OK) {
    status = advance(s);
  }
  if (status == STOX_OK) {
    stox_uv_stream_mark(s);
  } else {
    stox_uv_stream_end(s, status);
  }
  (void)stox_uv_kick(uv);
  return STOX_OK;
}

int stox_uv_secure_input_end(stream *s) {
  const int status = stox_tls_end(s->secured->tls);
  return status == STOX_OK ? give_all(s) : status;
}

/* ---- writing ---- */

/* What the engine sent before it asked for TLS. STOX_E_MORE: the socket is full. */
static int flush_raw(stream *s) {
  size_t n = 0;
  if (s->secured->raw_end <= s->out.sent) {
    return STOX_OK;
  }
  const size_t raw = (size_t)(s->secured->raw_end - s->out.sent);
  const int status = stox_uv_stream_write(s, (stox_span){s->out.p + s->out.from, raw}, &n);
  stox_uv_outbox_took(s->uv, &s->out, n);
  return status == STOX_OK && n < raw ? STOX_E_MORE : status;
}

/* What the session has for the wire, and with its last octet the plaintext that it stands for.
 * STOX_E_MORE: the socket is full. */
static int flush_session(stream *s) {
  secured *c = s->secured;
  const stox_span output = stox_tls_output(c->tls);
  size_t n = 0;
  if (output.n > 0) {
    const int status = stox_uv_stream_write(s, output, &n);
    stox_tls_sent(c->tls, n);
    if (status != STOX_OK || n < output.n) {
      return status == STOX_OK ? STOX_E_MORE : status;
    }
  }
  if (c->taken > 0) {
    stox_uv_outbox_took(s->uv, &s->out, c->taken);
    c->taken = 0;
  }
  return STOX_OK;
}

static int is_last(const stream *s) {
  return s->close_when_sent || s->secured->is_ended;
}

/* Puts the next plaintext into the session; the close notification behind the last. */
static int fill(stream *s) {
  secured *c = s->secured;
  if (stox_tls_state(c->tls) != STOX_TLS_OPEN) {
    return STOX_OK;
  }
  const size_t waiting = stox_uv_outbox_waiting(&s->out);
  if (waiting == 0) {
    return is_last(s) ? stox_tls_close(c->tls) : STOX_OK;
  }
  const size_t n = waiting < PART_MAX ? waiting : PART_MAX;
  return stox_tls_write(c->tls, &c->taken, (stox_span){s->out.p + s->out.from, n});
}

int stox_uv_secure_flush(stream *s) {
  int status = flush_raw(s);
  for (int i = 0; status == STOX_OK && i < PARTS_MAX; i++) {
    status = flush_session(s);
    if (status == STOX_OK) {
      status = fill(s);
    }
    if (status == STOX_OK && stox_tls_output(s->secured->tls).n == 0) {
      break;
    }
  }
  return status == STOX_E_MORE ? STOX_OK : status;
}

int stox_uv_secure_wants_write(const stream *s) {
  const secured *c = s->secured;
  return s->out.sent < c->raw_end || stox_tls_output(c->tls).n > 0 ||
         (stox_tls_state(c->tls) == STOX_TLS_OPEN && stox_uv_outbox_waiting(&s->out) > 0);
}

/* ---- ending ---- */

/* An alert, or the close notification where nothing is left unsaid, is worth one try. */
static void say_last(stream *s) {
  secured *c = s->secured;
  size_t n = 0;
  if (!s->is_open || s->out.sent < c->raw_end) {
    return;
  }
  if (stox_uv_outbox_waiting(&s->out) == c->taken) {
    (void)stox_tls_close(c->tls);
  }
  const stox_span output = stox_tls_output(c->tls);
  if (output.n > 0) {
    (void)stox_uv_stream_write(s, output, &n);
    stox_tls_sent(c->tls, n);
  }
}

void stox_uv_secure_end(stream *s, int status) {
  secured *c = s->secured;
  if (c == NULL) {
    return;
  }
  say_last(s);
  if (s->is_open && !c->was_told) {
    tell(s, status);
  }
  s->uv->counters.truncated += status == STOX_E_TRUNCATED && stox_tls_peer(c->tls) != NULL;
  if (s->uv->options.resumptions > 0 && !c->how->secure.is_server && !s->uv->is_ending) {
    stox_uv_resumption_put(s->uv, &c->how->secure, c->tls);
  }
}

/* ---- STARTTLS ---- */

/* The stream, if TLS can be begun on it; one that is secured already is left as it is. */
static int find(stream **out, struct stox_uv *uv, const stox_action *action) {
  stream *s = stox_uv_stream_find(uv, action->handle);
  if (s != NULL && (s->secured != NULL || !s->is_open)) {
    return STOX_E_STATE;
  }
  *out = s;
  const int status = stox_uv_secure_can(uv, action->object);
  return status == STOX_OK && s == NULL ? STOX_E_CLOSED : status;
}

/* What cannot be secured is ended: nothing may go on unprotected. */
int stox_uv_secure_start(struct stox_uv *uv, const stox_action *action) {
  stream *s = NULL;
  int status = find(&s, uv, action);
  if (s == NULL) {
    stox_uv_report(uv, action->token, status, NULL);
    return status;
  }
  s->open_token = action->token;
  if (status == STOX_OK) {
    const stox_secure *how = action->object;
    status = stox_uv_secure_begin(s, how, how->is_server);
  }
  if (status == STOX_OK) {
    status = stox_uv_secure_input(s, action->bytes);
  }
  if (status != STOX_OK) {
    stox_uv_stream_end(s, status);
    return status;
  }
  stox_uv_stream_mark(s);
  return STOX_OK;
}
