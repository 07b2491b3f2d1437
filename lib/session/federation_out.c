/* SPDX-License-Identifier: MIT */
/* Outgoing streams: which one serves a pair, how it is secured and authenticated, how it ends. */
#include "session/federation_private.h"

#include "stox/status.h"

#include <string.h>

/* ---- which stream ---- */

static uint64_t name_hash(const stox_federation *fed, size_t local, stox_span remote) {
  const uint64_t number = local;
  const uint64_t seed =
      stox_table_hash(&fed->names, 0, (stox_span){(const char *)&number, sizeof number});
  return stox_table_hash(&fed->names, seed, remote);
}

/* One that the peer is ending serves nobody else. */
static int may_serve(const fed_stream *s) {
  return s->state != FED_READY || stox_stream_is_ready(s->stream);
}

fed_stream *fed_out_find(const stox_federation *fed, size_t local, stox_span remote) {
  const uint64_t hash = name_hash(fed, local, remote);
  stox_link *link = stox_table_find(&fed->names, hash, NULL);
  while (link != NULL) {
    fed_stream *s = (fed_stream *)(void *)((char *)link - offsetof(fed_stream, by_name));
    if (s->local == local && stox_span_is_equal(s->remote, remote) && may_serve(s)) {
      return s;
    }
    link = stox_table_find(&fed->names, hash, link);
  }
  return NULL;
}

void fed_out_unname(stox_federation *fed, fed_stream *s) {
  if (s->is_in_names) {
    stox_table_remove(&fed->names, &s->by_name);
    s->is_in_names = 0;
  }
}

static int name_stream(stox_federation *fed, fed_stream *s, size_t local, stox_span remote) {
  char *text = fed_take(fed, remote.n);
  if (text == NULL) {
    return STOX_E_NOMEM;
  }
  memcpy(text, remote.p, remote.n);
  s->remote = (stox_span){text, remote.n};
  s->local = local;
  const int status = stox_table_insert(&fed->names, &s->by_name, name_hash(fed, local, s->remote));
  s->is_in_names = status == STOX_OK;
  return status;
}

int fed_out_get(stox_federation *fed, fed_stream **out, size_t local, stox_span remote) {
  *out = fed_out_find(fed, local, remote);
  if (*out != NULL) {
    return STOX_OK;
  }
  if (fed->n_streams >= fed->options.max_streams) {
    return STOX_E_TOO_MANY;
  }
  fed_stream *s = fed_stream_new(fed, FED_OUT);
  if (s == NULL) {
    return STOX_E_NOMEM;
  }
  if (name_stream(fed, s, local, remote) != STOX_OK) {
    fed_stream_free(fed, s);
    return STOX_E_NOMEM;
  }
  *out = s;
  return STOX_OK;
}

/* A stream of another local domain to that remote one, which takes more pairs: dialback has
 * authenticated it, since nothing may weaken what EXTERNAL has proved, and an error of dialback
 * does not end it (XEP-0220 2.6). */
static fed_stream *find_shared(const stox_federation *fed, stox_span remote) {
  for (size_t i = 0; fed->options.is_multiplexing && i < fed->options.n_domains; i++) {
    fed_stream *s = fed_out_find(fed, i, remote);
    if (s != NULL && s->state == FED_READY && s->by == STOX_STREAM_BY_DIALBACK && s->has_errors) {
      return s;
    }
  }
  return NULL;
}

int fed_out_want(stox_federation *fed, fed_pair *pair) {
  const stox_span remote = fed_pair_remote(pair);
  fed_stream *s = fed_out_find(fed, pair->local, remote);
  s = s == NULL ? find_shared(fed, remote) : s;
  const int is_new = s == NULL;
  const int status = is_new ? fed_out_get(fed, &s, pair->local, remote) : STOX_OK;
  if (status != STOX_OK) {
    return status;
  }
  fed_pair_attach(pair, s);
  if (is_new) {
    fed_place_begin(fed, s);
  } else {
    fed_out_advance(fed, s);
  }
  return STOX_OK;
}

/* ---- authentication ---- */

static int has_waiting(const fed_stream *s) {
  const fed_pair *pair = s->pairs;
  while (pair != NULL && pair->state != PAIR_WAITING) {
    pair = pair->next;
  }
  return pair != NULL;
}

static int may_external(const stox_federation *fed, const fed_stream *s) {
  return s->has_external && s->state == FED_OPEN && stox_stream_is_secure(s->stream) &&
         fed->options.domains[s->local].has_certificate;
}

static int may_dialback(const stox_federation *fed, const fed_stream *s) {
  return fed->options.is_dialback_on && s->has_dialback && s->by != STOX_STREAM_BY_SASL &&
         (stox_stream_is_secure(s->stream) || !fed->options.require_tls);
}

static int make_client(stox_federation *fed, fed_stream *s) {
  stox_sasl_client_options o;
  (void)stox_sasl_client_options_init(&o, sizeof o);
  o.stream = STOX_SASL_SERVER_STREAM;
  o.has_certificate = 1;
  o.mechanisms = STOX_SASL_EXTERNAL;
  o.authzid = fed->domains[s->local].name;
  o.domain = s->remote;
  o.peer = s->peer == NULL ? NULL : &s->peer->peer;
  o.alloc = fed->alloc;
  return stox_sasl_client_new(&s->client, &o);
}

/* EXTERNAL (XEP-0178 3). */
static void start_external(stox_federation *fed, fed_stream *s) {
  stox_sasl_message auth;
  s->has_external = 0; /* one try */
  int status = make_client(fed, s);
  if (status == STOX_OK) {
    status = stox_sasl_client_start(s->client, STOX_SASL_EXTERNAL, &auth);
  }
  if (status == STOX_OK) {
    status = fed_sasl_put(fed, s, &auth);
  }
  if (status == STOX_OK) {
    s->state = FED_SASL;
    s->has_spoken = 1;
  } else {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, status);
  }
}

/* Pairs that are not to be had on this stream. A stream for nobody ends. */
static void refuse_waiting(stox_federation *fed, fed_stream *s) {
  fed_pair *next = NULL;
  const int is_clear = fed->options.require_tls && !stox_stream_is_secure(s->stream);
  const int status = is_clear ? STOX_E_BAD_TLS : STOX_E_AUTH;
  for (fed_pair *pair = s->pairs; pair != NULL; pair = next) {
    next = pair->next;
    if (pair->state == PAIR_WAITING) {
      fed_pair_down(fed, pair, status, s->condition);
      fed->counters.failed_pairs++;
    }
  }
  if (s->pairs == NULL && s->verifies == NULL) {
    fed_stream_close(fed, s, status);
  }
}

static void ask_dialback(stox_federation *fed, fed_stream *s) {
  if (stox_stream_id(s->stream).n == 0) {
    fed_stream_fail(fed, s, STOX_STREAM_BAD_FORMAT, STOX_E_MISSING); /* RFC 6120 4.7.3 */
    return;
  }
  for (fed_pair *pair = s->pairs; pair != NULL; pair = pair->next) {
    if (pair->state == PAIR_WAITING && fed_dialback_ask(fed, s, pair) != STOX_OK) {
      fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
      return;
    }
  }
}

/* By EXTERNAL the pair that the header names is up, and no other. */
static void raise_waiting(stox_federation *fed, fed_stream *s) {
  for (fed_pair *pair = s->pairs; pair != NULL; pair = pair->next) {
    if (pair->state == PAIR_WAITING) {
      fed_pair_up(fed, pair, STOX_STREAM_BY_SASL);
    }
  }
}

static int is_usable(const fed_stream *s) {
  return s->state == FED_OPEN || s->state == FED_READY;
}

void fed_out_advance(stox_federation *fed, fed_stream *s) {
  if (!is_usable(s)) {
    return;
  }
  fed_run(fed, s);
  fed_verify_send(fed, s);
  if (!has_waiting(s) || !is_usable(s)) {
    return;
  }
  if (s->state == FED_READY && s->by == STOX_STREAM_BY_SASL) {
    raise_waiting(fed, s);
  } else if (may_external(fed, s)) {
    start_external(fed, s);
  } else if (may_dialback(fed, s)) {
    ask_dialback(fed, s);
  } else {
    refuse_waiting(fed, s);
  }
}

/* ---- what the peer says ---- */

/* Whether this end may go on in clear, if only to check keys. */
static int may_stay_clear(const stox_federation *fed, const fed_stream *s) {
  return !fed->options.require_tls ||
         (fed->options.allow_clear_verify && s->verifies != NULL && s->pairs == NULL);
}

static int needs_proof(const stox_federation *fed) {
  return fed->options.require_verified || !fed->options.is_dialback_on;
}

/* Who needs TLS is not deterred where it is not offered: somebody may have taken the offer out (RFC
 * 7590 3.1). Peers before XMPP 1.0 cannot be asked. */
static void ask_tls(stox_federation *fed, fed_stream *s, int is_offered) {
  const stox_stream_header *peer = stox_stream_peer(s->stream);
  const int can_ask = is_offered || (peer != NULL && peer->version.major > 0);
  if (!can_ask || stox_stream_starttls(s->stream, fed->now_ns) != STOX_OK) {
    fed_stream_close(fed, s, STOX_E_BAD_TLS);
    return;
  }
  s->status = is_offered ? STOX_OK : STOX_E_BAD_TLS; /* if it comes to nothing */
}

static void on_features(stox_federation *fed, fed_stream *s, const stox_stream_features *f) {
  uint32_t mechanisms = 0;
  if (s->by == STOX_STREAM_BY_SASL) {
    return;
  }
  const stox_stream_header *peer = stox_stream_peer(s->stream);
  s->has_errors = (f->offered & STOX_FEATURE_DIALBACK_ERRORS) != 0;
  s->has_dialback =
      (f->offered & STOX_FEATURE_DIALBACK) != 0 || (peer != NULL && peer->has_dialback);
  const int is_secure = stox_stream_is_secure(s->stream);
  const int is_offered = (f->offered & STOX_FEATURE_STARTTLS) != 0;
  if (!is_secure && (is_offered || !may_stay_clear(fed, s))) {
    ask_tls(fed, s, is_offered);
    return;
  }
  s->status = STOX_OK;
  if (is_secure && needs_proof(fed) && !s->is_verified) {
    fed_stream_fail(fed, s, STOX_STREAM_NOT_AUTHORIZED, STOX_E_AUTH);
    return;
  }
  if (f->mechanisms != NULL) {
    (void)stox_sasl_mechanisms_read(&mechanisms, &fed->scratch, f->mechanisms);
  }
  s->has_external = is_secure && (mechanisms & STOX_SASL_EXTERNAL) != 0;
  s->state = FED_OPEN;
  s->used_ns = fed->now_ns;
  fed_out_advance(fed, s);
}

/* Peers before XMPP 1.0 have no features. */
static void on_header(stox_federation *fed, fed_stream *s, const stox_stream_header *header) {
  const stox_stream_features none = {0};
  if (header->version.major < 1) {
    on_features(fed, s, &none);
  }
}

static void sasl_failed(stox_federation *fed, fed_stream *s) {
  stox_sasl_client_del(s->client);
  s->client = NULL;
  s->condition = STOX_STREAM_NOT_AUTHORIZED;
  s->state = FED_OPEN;
  fed_out_advance(fed, s);
}

static void on_sasl(stox_federation *fed, fed_stream *s, const stox_xml_element *element) {
  stox_sasl_message in;
  stox_sasl_message out = {0};
  if (s->state != FED_SASL || stox_sasl_read(&in, &fed->scratch, element) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_NOT_AUTHORIZED, STOX_E_AUTH);
    return;
  }
  const int status = stox_sasl_client_feed(s->client, &in, &out);
  if (status == STOX_E_REFUSED) {
    sasl_failed(fed, s);
    return;
  }
  if (status != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_NOT_AUTHORIZED, STOX_E_AUTH);
    return;
  }
  if (out.kind != 0 && fed_sasl_put(fed, s, &out) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
    return;
  }
  if (stox_sasl_client_state(s->client) == STOX_SASL_CLIENT_DONE) {
    s->by = STOX_STREAM_BY_SASL;
    s->condition = STOX_STREAM_NONE;
    (void)stox_stream_authenticate(s->stream, fed->domains[s->local].name, STOX_STREAM_BY_SASL,
                                   fed->now_ns);
  }
}

static void on_ready(stox_federation *fed, fed_stream *s) {
  s->state = FED_READY;
  s->used_ns = fed->now_ns;
  fed_place_end(fed, s);
  fed_out_advance(fed, s);
}

/* Whom see-other-host sends elsewhere before anything was said (RFC 6120 4.9.3.19). */
static void on_error(stox_federation *fed, fed_stream *s, const stox_stream_error *error) {
  if (error->condition == STOX_STREAM_SEE_OTHER_HOST && !s->has_spoken) {
    (void)fed_place_redirect(fed, s, error->address);
  }
}

void fed_out_event(stox_federation *fed, fed_stream *s, const stox_action *a) {
  switch (a->event) {
  case STOX_STREAM_ON_HEADER:
    on_header(fed, s, a->object);
    break;
  case STOX_STREAM_ON_FEATURES:
    on_features(fed, s, a->object);
    break;
  case STOX_STREAM_ON_SASL:
    on_sasl(fed, s, a->object);
    break;
  case STOX_STREAM_ON_DIALBACK:
    fed_dialback_out(fed, s, a->object);
    break;
  case STOX_STREAM_ON_READY:
    on_ready(fed, s);
    break;
  case STOX_STREAM_ON_ERROR:
    on_error(fed, s, a->object);
    break;
  default:
    break;
  }
}

/* ---- the end ---- */

/* What another host of the domain may do better. */
static int may_try_on(const stox_federation *fed, const fed_stream *s, int status) {
  static const int final[] = {STOX_STREAM_HOST_GONE, STOX_STREAM_HOST_UNKNOWN,
                              STOX_STREAM_INVALID_FROM, STOX_STREAM_NOT_AUTHORIZED,
                              STOX_STREAM_POLICY_VIOLATION};
  int is_final = s->search == NULL || s->search->attempts == NULL || s->has_spoken ||
                 s->is_closing || fed->is_stopping || status == STOX_E_NOMEM || s->stream == NULL ||
                 s->state == FED_ENDING;
  for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
    is_final |= s->condition == final[i];
  }
  return !is_final;
}

static int verify_condition(int status) {
  switch (status) {
  case STOX_E_UNKNOWN_DOMAIN:
    return STOX_COND_REMOTE_SERVER_NOT_FOUND;
  case STOX_E_BAD_TLS:
  case STOX_E_AUTH:
    return STOX_COND_POLICY_VIOLATION;
  case STOX_E_NOMEM:
  case STOX_E_LIMIT:
    return STOX_COND_RESOURCE_CONSTRAINT;
  default:
    return STOX_COND_REMOTE_SERVER_TIMEOUT;
  }
}

void fed_out_drop(stox_federation *fed, fed_stream *s, int status) {
  while (s->pairs != NULL) {
    fed->counters.failed_pairs += s->pairs->state != PAIR_UP;
    fed_pair_down(fed, s->pairs, status, s->condition);
  }
  while (s->verifies != NULL) {
    fed_verify_end(fed, s->verifies, STOX_DIALBACK_ERROR, verify_condition(status));
  }
}

void fed_out_over(stox_federation *fed, fed_stream *s, int status) {
  if (s->state == FED_OVER) {
    return;
  }
  if (may_try_on(fed, s, status)) {
    stox_stream_del(s->stream);
    s->stream = NULL;
    s->is_verified = 0;
    s->status = STOX_OK;
    fed_run(fed, s);
    fed_place_failed(fed, s, status);
    return;
  }
  s->state = FED_OVER;
  fed_out_unname(fed, s);
  fed_place_end(fed, s);
  fed_run(fed, s);
  fed_out_drop(fed, s, status);
}
