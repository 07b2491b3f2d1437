/* SPDX-License-Identifier: MIT */
/* Incoming streams: what they are offered, and who they are. */
#include "session/federation_private.h"

#include "stox/status.h"

#include <string.h>

/* ---- addresses that are not authenticated yet ---- */

static fed_address *find_address(const stox_federation *fed, stox_span text, uint64_t hash) {
  stox_link *link = stox_table_find(&fed->addresses, hash, NULL);
  while (link != NULL) {
    fed_address *a = (fed_address *)(void *)((char *)link - offsetof(fed_address, by_text));
    if (stox_span_is_equal((stox_span){a->text, a->n}, text)) {
      return a;
    }
    link = stox_table_find(&fed->addresses, hash, link);
  }
  return NULL;
}

static fed_address *new_address(stox_federation *fed, stox_span text, uint64_t hash) {
  fed_address *a = fed_take(fed, sizeof *a + text.n);
  if (a == NULL) {
    return NULL;
  }
  *a = (fed_address){.n = (uint32_t)text.n};
  if (text.n > 0) {
    memcpy(a->text, text.p, text.n);
  }
  if (stox_table_insert(&fed->addresses, &a->by_text, hash) != STOX_OK) {
    fed_give(fed, a, sizeof *a + text.n);
    return NULL;
  }
  return a;
}

static int enter_address(stox_federation *fed, fed_address **out, stox_span given) {
  enum { ADDRESS_MAX = 64 }; /* of an IPv6 address with its zone, and more */
  const stox_span text = stox_span_slice(given, 0, ADDRESS_MAX);
  const uint64_t hash = stox_table_hash(&fed->addresses, 0, text);
  fed_address *a = find_address(fed, text, hash);
  if (a != NULL && a->count >= fed->options.max_unauthenticated) {
    return STOX_E_TOO_MANY;
  }
  a = a == NULL ? new_address(fed, text, hash) : a;
  if (a == NULL) {
    return STOX_E_NOMEM;
  }
  a->count++;
  *out = a;
  return STOX_OK;
}

void fed_in_unaddress(stox_federation *fed, fed_stream *s) {
  fed_address *a = s->address;
  s->address = NULL;
  if (a != NULL && --a->count == 0) {
    stox_table_remove(&fed->addresses, &a->by_text);
    fed_give(fed, a, sizeof *a + a->n);
  }
}

/* ---- the flow ---- */

static int accept(stox_federation *fed, fed_stream *s, const stox_flow *flow) {
  int status = enter_address(fed, &s->address, flow->remote.host);
  if (status == STOX_OK) {
    status = fed_stream_keep_peer(fed, s, flow->peer);
  }
  return status == STOX_OK ? fed_stream_start(fed, s, flow->handle) : status;
}

int stox_federation_accept(stox_federation *fed, const stox_flow *flow, uint64_t now_ns) {
  fed->now_ns = now_ns;
  if (flow == NULL || flow->handle == 0) {
    return STOX_E_ARG;
  }
  if (fed->is_stopping || fed_stream_of(fed, flow->handle) != NULL) {
    return STOX_E_STATE;
  }
  int status = fed->n_streams >= fed->options.max_streams ? STOX_E_TOO_MANY : STOX_OK;
  fed_stream *s = status == STOX_OK ? fed_stream_new(fed, FED_IN) : NULL;
  if (s != NULL) {
    status = accept(fed, s, flow);
    if (status != STOX_OK) {
      fed_stream_free(fed, s);
    }
  } else if (status == STOX_OK) {
    status = STOX_E_NOMEM;
  }
  fed->counters.refused_flows += status != STOX_OK;
  return status;
}

/* ---- the header ---- */

/* The STOX_STREAM_… that a header is refused with. */
static int check_header(stox_federation *fed, fed_stream *s, const stox_stream_header *header) {
  const int is_draft = fed->options.dialect == STOX_DIALECT_DRAFT2005;
  s->local = header->to.p == NULL && is_draft ? 0 : fed_local_of(fed, header->to);
  if (s->local >= fed->options.n_domains) {
    s->local = 0;
    return STOX_STREAM_HOST_UNKNOWN;
  }
  if (!fed_is_served(fed, s->local)) {
    return STOX_STREAM_HOST_GONE;
  }
  if (header->from.p != NULL && !fed_may_speak_with(fed, header->from)) {
    return STOX_STREAM_INVALID_FROM; /* nobody else speaks for us */
  }
  /* Who was authenticated does not become another (RFC 6120 6.4.6). */
  const stox_span was = stox_stream_identities(s->stream);
  return s->by == STOX_STREAM_BY_SASL && header->from.p != NULL &&
                 !stox_span_is_equal(header->from, was)
             ? STOX_STREAM_INVALID_FROM
             : STOX_STREAM_NONE;
}

static int keep_remote(stox_federation *fed, fed_stream *s, stox_span from) {
  fed_give(fed, (char *)(uintptr_t)s->remote.p, s->remote.n);
  s->remote = (stox_span){NULL, 0};
  if (from.n == 0) {
    return STOX_OK;
  }
  char *text = fed_take(fed, from.n);
  if (text == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(text, from.p, from.n);
  s->remote = (stox_span){text, from.n};
  s->is_verified = fed_stream_proves(fed, s, s->remote);
  return STOX_OK;
}

static int make_server(stox_federation *fed, fed_stream *s) {
  stox_sasl_server_options o;
  (void)stox_sasl_server_options_init(&o, sizeof o);
  o.stream = STOX_SASL_SERVER_STREAM;
  o.mechanisms = STOX_SASL_EXTERNAL;
  o.domain = fed->domains[s->local].name;
  o.from = s->remote;
  o.peer = s->peer == NULL ? NULL : &s->peer->peer;
  o.alloc = fed->alloc;
  stox_sasl_server_del(s->server);
  s->server = NULL;
  return stox_sasl_server_new(&s->server, &o);
}

/* EXTERNAL is offered where the certificate proves who the header says it is (XEP-0178 3); a header
 * that says nothing leaves it to the exchange. */
static int offers_external(stox_federation *fed, fed_stream *s) {
  const int is_known = s->remote.p == NULL || s->is_verified;
  return s->by == 0 && is_known && make_server(fed, s) == STOX_OK &&
         (stox_sasl_server_mechanisms(s->server) & STOX_SASL_EXTERNAL) != 0;
}

static int offers_dialback(const stox_federation *fed, const fed_stream *s) {
  const stox_federation_options *o = &fed->options;
  return o->is_dialback_on &&
         (stox_stream_is_secure(s->stream) || !o->require_tls || o->allow_clear_verify);
}

/* Keys were for the stream before (XEP-0220 2.2). */
static void forget_verifies(stox_federation *fed, fed_stream *s) {
  while (s->verifies != NULL) {
    fed_verify_free(fed, s->verifies);
  }
}

static uint32_t offered(stox_federation *fed, fed_stream *s) {
  const stox_federation_options *o = &fed->options;
  const int is_secure = stox_stream_is_secure(s->stream);
  uint32_t offer = 0;
  offer |= is_secure ? 0U : (uint32_t)STOX_FEATURE_STARTTLS;
  offer |= !is_secure && o->require_tls && !o->allow_clear_verify
               ? (uint32_t)STOX_FEATURE_STARTTLS_REQUIRED
               : 0U;
  offer |= offers_external(fed, s) ? (uint32_t)STOX_FEATURE_MECHANISMS : 0U;
  offer |= offers_dialback(fed, s)
               ? (uint32_t)STOX_FEATURE_DIALBACK | (uint32_t)STOX_FEATURE_DIALBACK_ERRORS
               : 0U;
  return offer;
}

static void on_header(stox_federation *fed, fed_stream *s, const stox_stream_header *header) {
  const stox_span mechanism = {"EXTERNAL", sizeof "EXTERNAL" - 1};
  stox_stream_offer offer = {.n_mechanisms = 1, .mechanisms = &mechanism};
  stox_stream_reply reply = {.condition = check_header(fed, s, header), .offer = &offer};
  forget_verifies(fed, s);
  if (keep_remote(fed, s, header->from) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
    return;
  }
  reply.from = fed->domains[s->local].name;
  if (reply.condition == STOX_STREAM_NONE) {
    offer.offered = offered(fed, s);
    offer.n_mechanisms = (offer.offered & STOX_FEATURE_MECHANISMS) != 0;
  }
  if (reply.condition == STOX_STREAM_NONE && s->by == 0 && offer.offered == 0) {
    reply.condition = STOX_STREAM_NOT_AUTHORIZED; /* there is nothing left to try */
  }
  s->state = reply.condition == STOX_STREAM_NONE ? FED_OPEN : FED_ENDING;
  s->status = reply.condition == STOX_STREAM_NONE ? STOX_OK : STOX_E_REFUSED;
  (void)stox_stream_answer(s->stream, &reply, fed->now_ns);
}

/* ---- EXTERNAL ---- */

static int write_sasl(stox_buf *out, const stox_sasl_message *message, int dialect) {
  return stox_sasl_write(out, message, dialect);
}

int fed_sasl_put(stox_federation *fed, fed_stream *s, const stox_sasl_message *message) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  (void)write_sasl(&out, message, fed->options.dialect);
  const size_t n = out.len;
  char *room = stox_arena_take(&fed->scratch, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, room, n);
  const int status = write_sasl(&out, message, fed->options.dialect);
  fed_run(fed, s);
  return status == STOX_OK ? stox_stream_put(s->stream, stox_buf_span(&out), fed->now_ns) : status;
}

static void sasl_done(stox_federation *fed, fed_stream *s) {
  stox_span identity;
  s->by = STOX_STREAM_BY_SASL;
  s->state = FED_HEADERS;
  forget_verifies(fed, s);
  if (fed_prepare(fed, &identity, stox_sasl_server_jid(s->server)) != STOX_OK ||
      !fed_may_speak_with(fed, identity)) {
    fed_stream_fail(fed, s, STOX_STREAM_NOT_AUTHORIZED, STOX_E_AUTH);
    return;
  }
  (void)stox_stream_authenticate(s->stream, identity, STOX_STREAM_BY_SASL, fed->now_ns);
}

static void on_sasl(stox_federation *fed, fed_stream *s, const stox_xml_element *element) {
  stox_sasl_message in;
  stox_sasl_message out;
  if (s->server == NULL || stox_sasl_read(&in, &fed->scratch, element) != STOX_OK ||
      stox_sasl_server_feed(s->server, &in, &out) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_NOT_AUTHORIZED, STOX_E_AUTH);
    return;
  }
  if (fed_sasl_put(fed, s, &out) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
    return;
  }
  fed->counters.refused_pairs += out.kind == STOX_SASL_FAILURE;
  if (stox_sasl_server_state(s->server) == STOX_SASL_SERVER_DONE) {
    sasl_done(fed, s);
  } else if (stox_sasl_server_state(s->server) == STOX_SASL_SERVER_SPENT) {
    fed_stream_fail(fed, s, STOX_STREAM_POLICY_VIOLATION, STOX_E_AUTH);
  }
}

static void on_ready(stox_federation *fed, fed_stream *s) {
  s->state = FED_READY;
  s->used_ns = fed->now_ns;
  fed_in_unaddress(fed, s);
  if (s->by != STOX_STREAM_BY_SASL) {
    return;
  }
  const stox_span identity = stox_stream_identities(s->stream);
  const size_t end = stox_span_find(identity, '\n');
  s->is_verified = 1;
  if (fed_grant(fed, s, s->local, stox_span_slice(identity, 0, end), s->by) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
  }
}

/* ---- events ---- */

int fed_in_event(stox_federation *fed, fed_stream *s, const stox_action *a) {
  switch (a->event) {
  case STOX_STREAM_ON_HEADER:
    on_header(fed, s, a->object);
    break;
  case STOX_STREAM_ON_SASL:
    on_sasl(fed, s, a->object);
    break;
  case STOX_STREAM_ON_DIALBACK:
    fed_dialback_in(fed, s, a->object);
    break;
  case STOX_STREAM_ON_READY:
    on_ready(fed, s);
    break;
  case STOX_STREAM_ON_STANZA:
  case STOX_STREAM_ON_CUT:
    return fed_stanza(fed, s, a);
  default:
    break;
  }
  return 0;
}

void fed_in_over(stox_federation *fed, fed_stream *s, int status) {
  s->state = FED_OVER;
  fed_in_unaddress(fed, s);
  fed_run(fed, s);
  while (s->pairs != NULL) {
    fed_pair_down(fed, s->pairs, status, s->condition);
  }
  forget_verifies(fed, s);
}
