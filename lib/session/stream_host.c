/* SPDX-License-Identifier: MIT */
#include "session/stream_private.h"

#include "stox/jid.h"
#include "stox/service.h"
#include "stox/status.h"

#include <string.h>

enum { OFFERS_TLS = STOX_FEATURE_STARTTLS | STOX_FEATURE_STARTTLS_REQUIRED };
enum { WAITING_MAX = 1 << 22, IDENTITIES_MAX = 64, RESOURCE_OCTETS = 16 };

static int is_initiating(const stox_stream *obj) {
  return obj->options.role == STOX_STREAM_INITIATING;
}

/* A failure of memory in the midst of an exchange ends the stream. */
static int or_give_up(stox_stream *obj, int status, uint64_t now_ns) {
  if (status != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  }
  return status;
}

/* ---- the answer to a header ---- */

typedef struct offer_ud {
  stox_stream_offer offer;
  const char *ns;
} offer_ud;

static int write_offer(stox_buf *out, const void *ud) {
  const offer_ud *o = ud;
  return stox_stream_features_write(out, &o->offer, stox_span_text(o->ns));
}

/* What fits the state of the stream (RFC 6120 4.3.2, 5.3.1, 6.4.6, 7.4). */
static stox_stream_offer masked(const stox_stream *obj, const stox_stream_offer *given) {
  const uint32_t before =
      STOX_FEATURE_MECHANISMS | STOX_FEATURE_DIALBACK | STOX_FEATURE_DIALBACK_ERRORS;
  const uint32_t after = STOX_FEATURE_BIND | STOX_FEATURE_SESSION | STOX_FEATURE_SESSION_OPTIONAL;
  const int is_user = obj->is_authenticated && obj->options.kind == STOX_STREAM_CLIENT;
  stox_stream_offer offer = {0};
  if (given != NULL) {
    offer = *given;
  }
  offer.offered |= is_user ? (uint32_t)STOX_FEATURE_BIND : 0U;
  offer.offered &= ~(is_user ? 0U : after);
  offer.offered &= ~(obj->is_secure || obj->is_authenticated ? (uint32_t)OFFERS_TLS : 0U);
  if (obj->is_authenticated) {
    offer.offered &= ~before;
    offer.n_mechanisms = 0;
  }
  if ((offer.offered & STOX_FEATURE_STARTTLS_REQUIRED) != 0 &&
      obj->options.dialect == STOX_DIALECT_RFC) {
    offer = (stox_stream_offer){.offered = OFFERS_TLS};
  }
  return offer;
}

static int has_features(const stox_stream *obj) {
  return obj->options.kind != STOX_STREAM_COMPONENT && obj->peer.version.major >= 1;
}

static int refuse_header(stox_stream *obj, const stox_stream_reply *reply, uint64_t now_ns) {
  const stox_stream_error error = {
      .condition = reply->condition, .is_bare = 1, .address = reply->other_host};
  if (reply->from.p != NULL &&
      or_give_up(obj, stream_text(obj, TEXT_FROM, reply->from), now_ns) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  return stox_stream_fail(obj, &error, now_ns);
}

static int accept_header(stox_stream *obj, const stox_stream_reply *reply, const offer_ud *ud,
                         uint64_t now_ns) {
  const stox_span from = reply->from.p == NULL ? obj->peer.to : reply->from;
  const int is_component = obj->options.kind == STOX_STREAM_COMPONENT;
  int status = is_component ? stream_text(obj, TEXT_SECRET, reply->secret) : STOX_OK;
  if (status == STOX_OK) {
    status = stream_send_header(obj, from);
  }
  if (status == STOX_OK && has_features(obj)) {
    status = stream_write(obj, write_offer, ud);
  }
  if (or_give_up(obj, status, now_ns) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  obj->needs_tls = has_features(obj) && (ud->offer.offered & STOX_FEATURE_STARTTLS_REQUIRED) != 0;
  obj->has_offered_tls = has_features(obj) && (ud->offer.offered & OFFERS_TLS) != 0;
  obj->state = is_component ? STREAM_HANDSHAKE : STREAM_NEGOTIATING;
  if (obj->is_authenticated && obj->options.kind == STOX_STREAM_SERVER) {
    stream_ready(obj, now_ns);
  }
  return STOX_OK;
}

int stox_stream_answer(stox_stream *obj, const stox_stream_reply *reply, uint64_t now_ns) {
  if (obj->state != STREAM_ANSWER) {
    return STOX_E_STATE;
  }
  if (reply->condition != STOX_STREAM_NONE) {
    return refuse_header(obj, reply, now_ns);
  }
  stox_buf count;
  const offer_ud ud = {masked(obj, reply->offer), stox_stream_content_ns(obj->options.kind)};
  stox_buf_init(&count, NULL, 0);
  const int status = write_offer(&count, &ud);
  if (status != STOX_OK && status != STOX_E_NOBUF) {
    return STOX_E_ARG;
  }
  return accept_header(obj, reply, &ud, now_ns);
}

/* ---- security ---- */

int stox_stream_starttls(stox_stream *obj, uint64_t now_ns) {
  if (obj->state != STREAM_NEGOTIATING || !is_initiating(obj) || obj->is_secure ||
      obj->is_authenticated) {
    return STOX_E_STATE;
  }
  const int status = stream_put(obj, stox_span_text("<starttls xmlns='" XMPP_NS_TLS "'/>"));
  if (or_give_up(obj, status, now_ns) == STOX_OK) {
    obj->state = STREAM_PROCEED;
  }
  return status;
}

int stox_stream_done(stox_stream *obj, uint64_t token, int status, uint64_t now_ns) {
  if (obj->state != STREAM_TLS || obj->must_start_tls || token != obj->token) {
    return STOX_E_STATE;
  }
  stox_octets_take(&obj->input, obj->input.len);
  if (status != STOX_OK) {
    stox_octets_take(&obj->output, obj->output.len);
    obj->has_sent_end = 1;
    stream_over(obj, STOX_E_AUTH, now_ns);
    return STOX_OK;
  }
  obj->is_secure = 1;
  stream_restart(obj, now_ns);
  return STOX_OK;
}

int stox_stream_put(stox_stream *obj, stox_span elements, uint64_t now_ns) {
  if (obj->state != STREAM_NEGOTIATING && obj->state != STREAM_READY) {
    return STOX_E_STATE;
  }
  return or_give_up(obj, stream_put(obj, elements), now_ns);
}

static int add_identity(stox_stream *obj, stox_span identity) {
  const stox_span old = obj->texts[TEXT_IDENTITIES];
  const size_t n = old.n + (old.n > 0 ? 1 : 0) + identity.n;
  if (identity.p == NULL) {
    return STOX_OK;
  }
  char *p = obj->alloc->resize(obj->alloc->ud, NULL, 0, n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, n);
  (void)stox_buf_put(&buf, old);
  if (old.n > 0) {
    (void)stox_buf_put_octet(&buf, '\n');
  }
  (void)stox_buf_put(&buf, identity);
  (void)stream_text(obj, TEXT_IDENTITIES, (stox_span){NULL, 0});
  obj->texts[TEXT_IDENTITIES] = (stox_span){p, n};
  obj->n_identities++;
  return STOX_OK;
}

static int check_identity(const stox_stream *obj, stox_span identity, int by) {
  const int is_server = obj->options.kind == STOX_STREAM_SERVER;
  if ((by != STOX_STREAM_BY_SASL && by != STOX_STREAM_BY_DIALBACK) ||
      (by == STOX_STREAM_BY_DIALBACK && !is_server) ||
      (identity.n == 0 && (!is_initiating(obj) || identity.p != NULL)) ||
      stox_span_find(identity, '\n') < identity.n) {
    return STOX_E_ARG;
  }
  return obj->n_identities >= IDENTITIES_MAX ? STOX_E_TOO_MANY : STOX_OK;
}

int stox_stream_authenticate(stox_stream *obj, stox_span identity, int by, uint64_t now_ns) {
  const int is_more = obj->state == STREAM_READY && by == STOX_STREAM_BY_DIALBACK;
  int status = check_identity(obj, identity, by);
  if (!is_more && (obj->state != STREAM_NEGOTIATING || obj->is_authenticated || obj->needs_tls ||
                   obj->options.kind == STOX_STREAM_COMPONENT)) {
    return STOX_E_STATE;
  }
  if (status != STOX_OK) {
    return status;
  }
  status = add_identity(obj, identity);
  if (or_give_up(obj, status, now_ns) != STOX_OK) {
    return status;
  }
  obj->is_authenticated = 1;
  obj->is_verifying = 0;
  if (by == STOX_STREAM_BY_SASL) {
    stream_restart(obj, now_ns);
  } else if (!is_more) {
    stream_ready(obj, now_ns);
  }
  return obj->state == STREAM_OVER ? STOX_E_NOMEM : STOX_OK;
}

void stox_stream_verifying(stox_stream *obj, int is_under_way) {
  obj->is_verifying = is_under_way && obj->options.kind == STOX_STREAM_SERVER;
}

/* ---- binding ---- */

typedef struct bind_ud {
  stox_span id;
  stox_span text;
  const stox_stanza *iq;
  int condition;
  int dialect;
} bind_ud;

static int write_request(stox_buf *out, const void *ud) {
  const bind_ud *b = ud;
  return stox_bind_request_write(out, b->id, b->text);
}

static int write_result(stox_buf *out, const void *ud) {
  const bind_ud *b = ud;
  return stox_bind_result_write(out, b->id, b->text);
}

static int write_refusal(stox_buf *out, const void *ud) {
  const bind_ud *b = ud;
  return stox_bind_error_write(out, b->iq, b->condition, b->dialect);
}

int stox_stream_bind(stox_stream *obj, stox_span resource, uint64_t now_ns) {
  if (obj->state != STREAM_NEGOTIATING || !is_initiating(obj) || !obj->is_authenticated ||
      obj->options.kind != STOX_STREAM_CLIENT) {
    return STOX_E_STATE;
  }
  int status = stream_random(obj, obj->iq_id, STREAM_IQ_ID / 2);
  if (status == STOX_OK) {
    const bind_ud ud = {.id = stox_span_text(obj->iq_id), .text = resource};
    status = stream_write(obj, write_request, &ud);
  }
  if (status == STOX_E_BAD_UTF8 || status == STOX_E_CTRL) {
    return status;
  }
  if (or_give_up(obj, status, now_ns) == STOX_OK) {
    obj->state = STREAM_BINDING;
  }
  return status;
}

/* Identity and resource as a full JID. STOX_OK, STOX_E_ARG or STOX_E_NOMEM. */
static int full_jid(stox_stream *obj, stox_span *out, stox_span resource) {
  const stox_span bare = obj->texts[TEXT_IDENTITIES];
  const size_t n = bare.n + 1 + resource.n;
  char *room = stox_arena_take(&obj->arena, n, 1);
  stox_jid jid;
  stox_buf buf;
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&buf, room, n);
  (void)stox_buf_put(&buf, bare);
  (void)stox_buf_put_octet(&buf, '/');
  (void)stox_buf_put(&buf, resource);
  *out = stox_buf_span(&buf);
  return stox_jid_parse(&jid, *out, NULL) == STOX_OK ? STOX_OK : STOX_E_ARG;
}

int stox_stream_bind_accept(stox_stream *obj, stox_span resource, uint64_t now_ns) {
  char made[2 * RESOURCE_OCTETS + 1];
  stox_span jid = {NULL, 0};
  if (obj->state != STREAM_BIND) {
    return STOX_E_STATE;
  }
  int status = STOX_OK;
  if (resource.p == NULL) {
    status = stream_random(obj, made, RESOURCE_OCTETS);
    resource = stox_span_text(status == STOX_OK ? made : NULL);
  }
  if (status == STOX_OK) {
    status = full_jid(obj, &jid, resource);
  }
  if (status == STOX_OK) {
    const bind_ud ud = {.id = obj->stanza.id, .text = jid};
    status = stream_write(obj, write_result, &ud);
  }
  if (status == STOX_E_ARG || status == STOX_E_BAD_UTF8 || status == STOX_E_CTRL) {
    return STOX_E_ARG;
  }
  if (status == STOX_OK) {
    status = stream_text(obj, TEXT_JID, jid);
  }
  if (or_give_up(obj, status, now_ns) == STOX_OK) {
    stream_ready(obj, now_ns);
  }
  return status == STOX_OK ? STOX_OK : STOX_E_NOMEM;
}

int stox_stream_bind_refuse(stox_stream *obj, int condition, uint64_t now_ns) {
  if (obj->state != STREAM_BIND) {
    return STOX_E_STATE;
  }
  const bind_ud ud = {.iq = &obj->stanza, .condition = condition, .dialect = obj->options.dialect};
  const int status = stream_write(obj, write_refusal, &ud);
  if (status == STOX_E_ARG) {
    return status;
  }
  obj->state = STREAM_NEGOTIATING;
  if (or_give_up(obj, status, now_ns) == STOX_OK &&
      ++obj->refused_binds > obj->options.bind_retries) {
    stream_refuse(obj, STOX_STREAM_POLICY_VIOLATION, now_ns);
  }
  return status;
}

/* ---- stanzas, pings, the end ---- */

int stox_stream_send(stox_stream *obj, stox_span stanzas) {
  const int may_say = obj->options.kind != STOX_STREAM_SERVER || is_initiating(obj) ||
                      obj->options.is_bidirectional;
  if (obj->state != STREAM_READY || !may_say) {
    return STOX_E_STATE;
  }
  if (stox_stream_waiting(obj) >= WAITING_MAX) {
    return STOX_E_FULL; /* the peer does not listen */
  }
  return stream_put(obj, stanzas);
}

typedef struct ping_ud {
  stox_span from;
  stox_span to;
  stox_span id;
  const char *ns;
} ping_ud;

static int write_ping(stox_buf *out, const void *ud) {
  const ping_ud *p = ud;
  return stox_service_ping(out, p->from, p->to, p->id, stox_span_text(p->ns));
}

static ping_ud ping_of(const stox_stream *obj) {
  const int kind = obj->options.kind;
  const int is_receiving = obj->options.role == STOX_STREAM_RECEIVING;
  const stox_span absent = {NULL, 0};
  ping_ud ud = {obj->texts[TEXT_FROM], obj->texts[TEXT_TO], stox_span_text(obj->ping_id),
                stox_stream_content_ns(kind)};
  if (is_receiving) {
    ud.from = ud.from.p == NULL && kind != STOX_STREAM_COMPONENT ? obj->peer.to : ud.from;
    ud.to = kind == STOX_STREAM_CLIENT      ? obj->texts[TEXT_JID]
            : kind == STOX_STREAM_COMPONENT ? obj->texts[TEXT_IDENTITIES]
                                            : obj->peer.from;
  } else if (kind == STOX_STREAM_CLIENT) {
    ud.from = absent;
  } else if (kind == STOX_STREAM_COMPONENT) {
    ud.from = obj->texts[TEXT_TO];
    ud.to = obj->peer.from;
  }
  return ud;
}

int stox_stream_ping(stox_stream *obj, uint64_t now_ns) {
  if (obj->state != STREAM_READY || obj->is_pinging || !stream_is_two_way(obj)) {
    return STOX_E_STATE;
  }
  int status = stream_random(obj, obj->ping_id, STREAM_IQ_ID / 2);
  if (status == STOX_OK) {
    const ping_ud ud = ping_of(obj);
    status = stream_write(obj, write_ping, &ud);
  }
  if (status != STOX_OK) {
    return STOX_E_NOMEM;
  }
  obj->is_pinging = 1;
  obj->ping_ns = now_ns;
  return STOX_OK;
}

int stox_stream_close(stox_stream *obj, uint64_t now_ns) {
  if (obj->state == STREAM_OVER || obj->state == STREAM_CLOSING) {
    return STOX_OK;
  }
  /* While TLS is set up, and before there is a stream, there is no end tag. */
  if (obj->state == STREAM_TLS || obj->state == STREAM_PROCEED || !obj->has_sent_header) {
    obj->has_sent_end = 1;
    stream_over(obj, STOX_OK, now_ns);
    return STOX_OK;
  }
  const int status = stream_put(obj, stox_span_text("</stream:stream>"));
  obj->has_sent_end = 1;
  if (status != STOX_OK) {
    stream_over(obj, status, now_ns);
    return status;
  }
  obj->state = STREAM_CLOSING;
  obj->deadline_ns = now_ns + obj->options.close_timeout_ns;
  return STOX_OK;
}

int stox_stream_fail(stox_stream *obj, const stox_stream_error *error, uint64_t now_ns) {
  if (obj->state == STREAM_OVER || obj->has_sent_end) {
    return STOX_E_STATE;
  }
  stox_buf count;
  stox_buf_init(&count, NULL, 0);
  const int status =
      stox_stream_error_write(&count, error, obj->options.dialect,
                              stox_span_text(stox_stream_content_ns(obj->options.kind)));
  if (status != STOX_OK && status != STOX_E_NOBUF) {
    return STOX_E_ARG;
  }
  stream_end(obj, error, STOX_E_REFUSED, now_ns);
  return STOX_OK;
}

void stox_stream_hold(stox_stream *obj, int full) {
  obj->is_held = full;
}

void stox_stream_wait(stox_stream *obj, int is_waiting) {
  obj->is_waiting = is_waiting;
}

/* ---- what is known ---- */

int stox_stream_is_ready(const stox_stream *obj) {
  return obj->state == STREAM_READY;
}

int stox_stream_is_secure(const stox_stream *obj) {
  return obj->is_secure;
}

const stox_stream_header *stox_stream_peer(const stox_stream *obj) {
  return obj->has_header ? &obj->peer : NULL;
}

stox_span stox_stream_id(const stox_stream *obj) {
  return obj->texts[TEXT_ID];
}

stox_span stox_stream_jid(const stox_stream *obj) {
  return obj->texts[TEXT_JID];
}

stox_span stox_stream_identities(const stox_stream *obj) {
  return obj->texts[TEXT_IDENTITIES];
}

size_t stox_stream_waiting(const stox_stream *obj) {
  return stox_octets_span(&obj->output).n;
}

/* ---- time ---- */

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static uint64_t keepalive_due(const stox_stream *obj) {
  const uint64_t every = obj->options.keepalive_ns;
  return every == 0 || obj->is_held ? UINT64_MAX : obj->sent_ns + every;
}

static uint64_t silence_due(const stox_stream *obj) {
  if (obj->is_pinging) {
    const uint64_t since = obj->ping_ns > obj->heard_ns ? obj->ping_ns : obj->heard_ns;
    return since + obj->options.ping_timeout_ns;
  }
  const uint64_t idle = obj->options.idle_ns;
  return idle == 0 || obj->has_told_idle ? UINT64_MAX : obj->heard_ns + idle;
}

uint64_t stox_stream_deadline(const stox_stream *obj) {
  if (obj->state == STREAM_READY) {
    return least(keepalive_due(obj), silence_due(obj));
  }
  const int is_done = obj->state == STREAM_OVER &&
                      (obj->handle == 0 || obj->has_told_end || stox_stream_waiting(obj) == 0);
  return is_done ? UINT64_MAX : obj->deadline_ns;
}

static void tick_ready(stox_stream *obj, uint64_t now_ns) {
  if (now_ns >= keepalive_due(obj)) {
    obj->sent_ns = now_ns;
    (void)stream_put(obj, stox_span_text(" "));
  }
  if (now_ns < silence_due(obj)) {
    return;
  }
  if (obj->is_pinging) {
    stream_give_up(obj, STOX_E_TIMEOUT, now_ns);
  } else if (!stream_is_two_way(obj)) {
    obj->has_told_idle = 1;
    stream_tell(obj, STOX_STREAM_ON_IDLE, STOX_OK, NULL);
  } else if (stox_stream_ping(obj, now_ns) != STOX_OK) {
    stream_give_up(obj, STOX_E_NOMEM, now_ns);
  }
}

int stox_stream_tick(stox_stream *obj, uint64_t now_ns) {
  if (now_ns < stox_stream_deadline(obj)) {
    return STOX_OK;
  }
  switch (obj->state) {
  case STREAM_READY:
    tick_ready(obj, now_ns);
    break;
  case STREAM_CLOSING:
    stream_over(obj, STOX_E_TIMEOUT, now_ns);
    break;
  case STREAM_OVER:
    stox_octets_take(&obj->output, obj->output.len);
    break;
  default:
    stream_give_up(obj, STOX_E_TIMEOUT, now_ns);
    break;
  }
  return STOX_OK;
}
