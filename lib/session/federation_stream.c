/* SPDX-License-Identifier: MIT */
#include "session/federation_private.h"

#include "stox/identity.h"
#include "stox/status.h"

#include <string.h>

#define LINGER_NS UINT64_C(5000000000) /* of a stream that was made for a verification */

static uint64_t number_hash(const stox_table *table, uint64_t number) {
  return stox_table_hash(table, 0, (stox_span){(const char *)&number, sizeof number});
}

fed_stream *fed_stream_of(const stox_federation *fed, uint64_t handle) {
  const uint64_t hash = number_hash(&fed->handles, handle);
  stox_link *link = stox_table_find(&fed->handles, hash, NULL);
  while (link != NULL) {
    fed_stream *s = (fed_stream *)(void *)((char *)link - offsetof(fed_stream, by_handle));
    if (s->handle == handle) {
      return s;
    }
    link = stox_table_find(&fed->handles, hash, link);
  }
  return NULL;
}

fed_stream *fed_stream_numbered(const stox_federation *fed, uint64_t number) {
  const uint64_t hash = number_hash(&fed->numbers, number);
  stox_link *link = stox_table_find(&fed->numbers, hash, NULL);
  while (link != NULL) {
    fed_stream *s = (fed_stream *)(void *)((char *)link - offsetof(fed_stream, by_number));
    if (s->number == number) {
      return s;
    }
    link = stox_table_find(&fed->numbers, hash, link);
  }
  return NULL;
}

/* ---- making and ending ---- */

fed_stream *fed_stream_new(stox_federation *fed, int direction) {
  if (fed_heap_reserve(fed) != STOX_OK) {
    return NULL;
  }
  fed_stream *s = fed_take(fed, sizeof *s);
  if (s == NULL) {
    return NULL;
  }
  memset(s, 0, sizeof *s);
  s->direction = direction;
  s->number = fed->next_number;
  s->used_ns = fed->now_ns;
  if (stox_table_insert(&fed->numbers, &s->by_number, number_hash(&fed->numbers, s->number)) !=
      STOX_OK) {
    fed_give(fed, s, sizeof *s);
    return NULL;
  }
  fed->next_number++;
  fed->n_streams++;
  ++*(direction == FED_IN ? &fed->counters.streams_in : &fed->counters.streams_out);
  fed_heap_add(fed, s);
  return s;
}

void fed_stream_unhandle(stox_federation *fed, fed_stream *s) {
  if (s->is_in_handles) {
    stox_table_remove(&fed->handles, &s->by_handle);
    s->is_in_handles = 0;
  }
  s->handle = 0;
}

/* What only negotiation needs. */
static void drop_negotiation(stox_federation *fed, fed_stream *s) {
  stox_sasl_client_del(s->client);
  stox_sasl_server_del(s->server);
  s->client = NULL;
  s->server = NULL;
  if (!fed->options.require_verified) {
    fed_stream_drop_peer(fed, s); /* else it has to prove what is still to come */
  }
}

static void drop_verifies(stox_federation *fed, fed_stream *s) {
  while (s->verifies != NULL) {
    fed_verify_free(fed, s->verifies);
  }
}

static void stop_running(stox_federation *fed, fed_stream *s) {
  fed_stream *before = NULL;
  fed_stream *at = fed->run_first;
  if (!s->is_running) {
    return;
  }
  while (at != s) {
    before = at;
    at = at->run_next;
  }
  *(before == NULL ? &fed->run_first : &before->run_next) = s->run_next;
  if (fed->run_last == s) {
    fed->run_last = before;
  }
  s->is_running = 0;
}

/* Its pairs have left it. */
void fed_stream_free(stox_federation *fed, fed_stream *s) {
  drop_verifies(fed, s);
  drop_negotiation(fed, s);
  fed_stream_drop_peer(fed, s);
  fed_place_end(fed, s);
  fed_in_unaddress(fed, s);
  fed_out_unname(fed, s);
  fed_stream_unhandle(fed, s);
  stox_stream_del(s->stream);
  stop_running(fed, s);
  fed_heap_remove(fed, s);
  stox_table_remove(&fed->numbers, &s->by_number);
  fed->n_streams--;
  --*(s->direction == FED_IN ? &fed->counters.streams_in : &fed->counters.streams_out);
  fed_give(fed, (char *)(uintptr_t)s->remote.p, s->remote.n);
  fed_give(fed, s, sizeof *s);
}

int fed_stream_start(stox_federation *fed, fed_stream *s, uint64_t handle) {
  const stox_federation_options *own = &fed->options;
  const int is_out = s->direction == FED_OUT;
  stox_stream_options o;
  (void)stox_stream_options_init(&o, sizeof o);
  o.role = is_out ? STOX_STREAM_INITIATING : STOX_STREAM_RECEIVING;
  o.kind = STOX_STREAM_SERVER;
  o.dialect = own->dialect;
  o.is_secure = s->peer != NULL && s->peer->peer.secure;
  o.allow_legacy = own->allow_legacy;
  o.check_from = 0; /* pairs are looked at, not domains alone */
  o.octets_before = own->octets_before;
  o.handle = handle;
  o.to = is_out ? s->remote : o.to;
  o.from = is_out ? fed->domains[s->local].name : o.from;
  o.lang = own->lang;
  o.negotiation_timeout_ns = own->negotiation_timeout_ns;
  o.close_timeout_ns = own->close_timeout_ns;
  o.keepalive_ns = own->keepalive_ns;
  o.idle_ns = 0;
  o.limits = &fed->limits;
  o.alloc = fed->alloc;
  o.random = own->random;
  int status = stox_stream_new(&s->stream, &o, fed->now_ns);
  if (status == STOX_OK) {
    s->handle = handle;
    status = stox_table_insert(&fed->handles, &s->by_handle, number_hash(&fed->handles, handle));
    s->is_in_handles = status == STOX_OK;
  }
  s->state = FED_HEADERS;
  s->condition = STOX_STREAM_NONE;
  fed_run(fed, s);
  return status == STOX_OK ? STOX_OK : STOX_E_NOMEM;
}

/* ---- the peer ---- */

void fed_stream_drop_peer(stox_federation *fed, fed_stream *s) {
  if (s->peer != NULL) {
    fed_give(fed, s->peer, s->peer->n);
    s->peer = NULL;
  }
}

int fed_stream_keep_peer(stox_federation *fed, fed_stream *s, const stox_peer *peer) {
  fed_stream_drop_peer(fed, s);
  if (peer == NULL) {
    return STOX_OK;
  }
  const size_t n = sizeof(fed_peer) + peer->identities.n;
  fed_peer *kept = fed_take(fed, n);
  if (kept == NULL) {
    return STOX_E_NOMEM;
  }
  char *text = (char *)(kept + 1);
  if (peer->identities.n > 0) {
    memcpy(text, peer->identities.p, peer->identities.n);
  }
  *kept = (fed_peer){.n = n,
                     .peer = {.size = sizeof kept->peer,
                              .secure = peer->secure,
                              .verified = peer->verified,
                              .identities = {text, peer->identities.n}}};
  s->peer = kept;
  return STOX_OK;
}

int fed_stream_proves(const stox_federation *fed, const fed_stream *s, stox_span domain) {
  const stox_reference reference = {
      .kind = STOX_REFERENCE_XMPP_SERVER,
      .flags = fed->options.dialect == STOX_DIALECT_DRAFT2005 ? STOX_REFERENCE_XMPP_ADDR_FIRST : 0,
      .name = domain};
  return s->peer != NULL && s->peer->peer.secure && s->peer->peer.verified &&
         stox_identity_match(NULL, &reference, s->peer->peer.identities) == STOX_OK;
}

/* ---- ending in order ---- */

void fed_stream_close(stox_federation *fed, fed_stream *s, int status) {
  if (s->state == FED_ENDING || s->state == FED_OVER) {
    return;
  }
  fed_out_unname(fed, s);
  s->status = status;
  s->is_closing = 1;
  if (s->stream == NULL) {
    fed_place_give_up(fed, s, status);
    return;
  }
  s->state = FED_ENDING;
  (void)stox_stream_close(s->stream, fed->now_ns);
  fed_run(fed, s);
}

void fed_stream_fail(stox_federation *fed, fed_stream *s, int condition, int status) {
  const stox_stream_error error = {.condition = condition, .is_bare = 1};
  if (s->state == FED_ENDING || s->state == FED_OVER) {
    return;
  }
  fed_out_unname(fed, s);
  s->state = FED_ENDING;
  s->status = status;
  s->condition = condition;
  (void)stox_stream_fail(s->stream, &error, fed->now_ns);
  fed_run(fed, s);
}

/* ---- actions ---- */

static const stox_action *give(stox_federation *fed, const stox_action *a, const fed_stream *s) {
  fed->action = *a;
  fed->action.id = s->number;
  return &fed->action;
}

static const stox_action *start_tls(stox_federation *fed, fed_stream *s, const stox_action *a) {
  const int has_name = fed_secure(fed, s, s->direction == FED_IN);
  s->tls = a->token;
  (void)give(fed, a, s);
  s->tls_token = fed_token(s, TOKEN_TLS);
  fed->action.token = s->tls_token;
  fed->action.object = has_name ? &fed->secure : NULL;
  return &fed->action;
}

static void on_closed(stox_federation *fed, fed_stream *s, int status) {
  if (s->status != STOX_OK) {
    status = s->status;
  } else if (status == STOX_OK && !s->is_closing) {
    status = STOX_E_CLOSED; /* the peer's wish, whatever was on its way */
  }
  fed_stream_unhandle(fed, s);
  drop_negotiation(fed, s);
  if (s->direction == FED_IN) {
    fed_in_over(fed, s, status);
  } else {
    fed_out_over(fed, s, status);
  }
}

/* 1: there is something for the host in fed->action. */
static int on_event(stox_federation *fed, fed_stream *s, const stox_action *a) {
  switch (a->event) {
  case STOX_STREAM_ON_CLOSED:
    on_closed(fed, s, a->status);
    return 0;
  case STOX_STREAM_ON_ERROR:
  case STOX_STREAM_ON_REFUSED:
    s->condition =
        s->condition == 0 ? ((const stox_stream_error *)a->object)->condition : s->condition;
    break;
  case STOX_STREAM_ON_READY:
    drop_negotiation(fed, s);
    break;
  default:
    break;
  }
  stox_arena_reset(&fed->scratch);
  if (s->direction == FED_IN) {
    return fed_in_event(fed, s, a);
  }
  fed_out_event(fed, s, a);
  return 0;
}

static const stox_action *stream_action(stox_federation *fed, fed_stream *s) {
  while (s->stream != NULL) {
    const stox_action *a = stox_stream_next(s->stream, fed->now_ns);
    if (a == NULL) {
      return NULL;
    }
    switch (a->kind) {
    case STOX_DO_CLOSE:
      fed_stream_unhandle(fed, s);
      return give(fed, a, s);
    case STOX_DO_START_TLS:
      return start_tls(fed, s, a);
    case STOX_DO_EVENT:
      if (on_event(fed, s, a)) {
        return &fed->action;
      }
      break;
    default:
      return give(fed, a, s);
    }
  }
  return NULL;
}

/* A stream that has ended may have left its place to another attempt. */
const stox_action *fed_stream_next(stox_federation *fed, fed_stream *s) {
  if (s->has_given_up) {
    fed_out_over(fed, s, s->status);
  } else if (s->direction == FED_OUT && s->state == FED_ENDING && s->status != STOX_OK) {
    fed_out_drop(fed, s, s->status); /* nobody waits for the peer's end tag */
  }
  const stox_action *a = fed_place_next(fed, s);
  if (a == NULL) {
    a = stream_action(fed, s);
  }
  if (a == NULL && s->has_given_up) {
    fed_out_over(fed, s, s->status);
  }
  return a == NULL ? fed_place_next(fed, s) : a;
}

/* ---- time ---- */

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

static uint64_t verify_due(const fed_stream *s) {
  uint64_t due = UINT64_MAX;
  for (const fed_verify *v = s->verifies; s->direction == FED_IN && v != NULL; v = v->next_in) {
    due = least(due, v->due_ns);
  }
  return due;
}

/* Of a stream for which nobody has any use. */
static uint64_t idle_due(const stox_federation *fed, const fed_stream *s) {
  if (s->verifies != NULL) {
    return UINT64_MAX;
  }
  if (s->state == FED_OPEN && s->direction == FED_OUT && s->pairs == NULL) {
    return s->used_ns + LINGER_NS;
  }
  return s->state == FED_READY && fed->options.idle_ns != 0 ? s->used_ns + fed->options.idle_ns
                                                            : UINT64_MAX;
}

/* A pair's verdict, the answer to its ping, or its next ping. Until the stream is ready, that has a
 * time-out of its own. */
static uint64_t pair_due(const stox_federation *fed, const fed_pair *pair) {
  if (pair->state == PAIR_ASKED) {
    return pair->stream->state == FED_READY ? pair->used_ns + fed->options.negotiation_timeout_ns
                                            : UINT64_MAX;
  }
  if (pair->state != PAIR_UP || fed->options.ping_ns == 0) {
    return UINT64_MAX;
  }
  if (pair->is_pinging) {
    return pair->alive_ns + fed->options.ping_timeout_ns;
  }
  return pair->unproved_ns != 0 ? pair->unproved_ns + fed->options.ping_ns : UINT64_MAX;
}

uint64_t fed_stream_due(const stox_federation *fed, const fed_stream *s) {
  uint64_t due = least(verify_due(s), idle_due(fed, s));
  if (s->stream != NULL) {
    due = least(due, stox_stream_deadline(s->stream));
  }
  if (s->search != NULL && s->stream == NULL) {
    due = least(due, least(s->search->due_ns, s->search->end_ns));
  }
  for (const fed_pair *pair = s->pairs; s->direction == FED_OUT && pair != NULL;
       pair = pair->next) {
    due = least(due, pair_due(fed, pair));
  }
  return due;
}

static void tick_verifies(stox_federation *fed, fed_stream *s) {
  fed_verify *next = NULL;
  for (fed_verify *v = s->verifies; s->direction == FED_IN && v != NULL; v = next) {
    next = v->next_in;
    if (v->due_ns <= fed->now_ns) {
      fed_verify_end(fed, v, STOX_DIALBACK_ERROR, STOX_COND_REMOTE_SERVER_TIMEOUT);
    }
  }
}

static void tick_pairs(stox_federation *fed, fed_stream *s) {
  fed_pair *next = NULL;
  for (fed_pair *pair = s->pairs; pair != NULL && s->state == FED_READY; pair = next) {
    next = pair->next;
    if (pair_due(fed, pair) > fed->now_ns) {
      continue;
    }
    if (pair->state == PAIR_ASKED) {
      fed->counters.failed_pairs++;
      fed_pair_down(fed, pair, STOX_E_TIMEOUT, STOX_STREAM_NONE);
    } else if (pair->is_pinging) {
      fed_stream_fail(fed, s, STOX_STREAM_CONNECTION_TIMEOUT, STOX_E_TIMEOUT);
    } else {
      fed_ping(fed, pair);
    }
  }
}

void fed_stream_tick(stox_federation *fed, fed_stream *s) {
  if (s->search != NULL && s->stream == NULL) {
    fed_place_tick(fed, s);
  }
  if (s->stream != NULL) {
    (void)stox_stream_tick(s->stream, fed->now_ns);
  }
  tick_verifies(fed, s);
  if (idle_due(fed, s) <= fed->now_ns) {
    fed_stream_close(fed, s, STOX_OK);
  } else if (s->direction == FED_OUT) {
    tick_pairs(fed, s);
  }
}
