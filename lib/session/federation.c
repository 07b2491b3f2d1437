/* SPDX-License-Identifier: MIT */
#include "stox/federation.h"

#include "base/options.h"
#include "session/federation_private.h"
#include "stox/status.h"

#include <string.h>

enum { NUMBER_SHIFT = 12, WHAT_MASK = 15 };

/* ---- sending ---- */

/* Both domains of a pair, prepared in the scratch arena. */
static int prepare_pair(stox_federation *fed, size_t *local, stox_span *remote,
                        stox_span given[2]) {
  stox_span name;
  stox_arena_reset(&fed->scratch);
  int status = fed_prepare(fed, &name, given[0]);
  if (status == STOX_OK) {
    *local = fed_local_of(fed, name);
    status = fed_prepare(fed, remote, given[1]);
  }
  if (status != STOX_OK) {
    return status == STOX_E_NOMEM ? status : STOX_E_ARG;
  }
  return fed_is_served(fed, *local) && fed_may_speak_with(fed, *remote) ? STOX_OK : STOX_E_ARG;
}

static int send_up(stox_federation *fed, fed_pair *pair, stox_span stanzas) {
  fed_stream *s = pair->stream;
  const int status = stanzas.n == 0 ? STOX_OK : stox_stream_send(s->stream, stanzas);
  if (status == STOX_OK && stanzas.n > 0) {
    pair->used_ns = fed->now_ns;
    pair->unproved_ns = pair->unproved_ns == 0 ? fed->now_ns : pair->unproved_ns;
    s->used_ns = fed->now_ns;
    fed_run(fed, s);
  }
  return status;
}

/* A pair that is wanted from now on. */
static int want(stox_federation *fed, size_t local, stox_span remote) {
  if (fed->n_pairs >= fed->options.max_pairs) {
    return STOX_E_TOO_MANY;
  }
  fed_pair *pair = fed_pair_new(fed, FED_OUT, local, remote);
  if (pair == NULL) {
    return STOX_E_NOMEM;
  }
  if (fed_pair_pauses(fed, local, remote)) {
    pair->state = PAIR_DOWN;
    pair->status = STOX_E_REFUSED;
    fed_tell(fed, pair, TELL_DOWN);
    return STOX_E_STATE;
  }
  const int status = fed_out_want(fed, pair);
  if (status != STOX_OK) {
    fed_pair_free(fed, pair);
    return status;
  }
  return STOX_E_STATE;
}

int stox_federation_send(stox_federation *fed, stox_span local, stox_span remote, stox_span stanzas,
                         uint64_t now_ns) {
  stox_span given[2] = {local, remote};
  size_t index = 0;
  fed->now_ns = now_ns;
  if (fed->is_stopping) {
    return STOX_E_CLOSED;
  }
  const int status = prepare_pair(fed, &index, &remote, given);
  if (status != STOX_OK) {
    return status;
  }
  fed_pair *pair = fed_pair_find(fed, FED_OUT, index, remote);
  if (pair == NULL) {
    return want(fed, index, remote);
  }
  return pair->state == PAIR_UP && pair->is_told ? send_up(fed, pair, stanzas) : STOX_E_STATE;
}

/* The pair, if it is UP; reading alone, so that the names must be prepared. */
static fed_pair *up_pair(const stox_federation *fed, stox_span local, stox_span remote) {
  fed_pair *pair = fed_pair_find(fed, FED_OUT, fed_local_of(fed, local), remote);
  return pair != NULL && pair->state == PAIR_UP && pair->is_told ? pair : NULL;
}

int stox_federation_is_up(const stox_federation *fed, stox_span local, stox_span remote) {
  return up_pair(fed, local, remote) != NULL;
}

size_t stox_federation_waiting(const stox_federation *fed, stox_span local, stox_span remote) {
  const fed_pair *pair = up_pair(fed, local, remote);
  return pair == NULL ? 0 : stox_stream_waiting(pair->stream->stream);
}

int stox_federation_drop(stox_federation *fed, stox_span local, stox_span remote, uint64_t now_ns) {
  fed->now_ns = now_ns;
  const fed_pair *pair = up_pair(fed, local, remote);
  if (pair == NULL) {
    return STOX_E_STATE;
  }
  fed_stream_fail(fed, pair->stream, STOX_STREAM_CONNECTION_TIMEOUT, STOX_E_TIMEOUT);
  return STOX_OK;
}

/* ---- what comes in ---- */

int stox_federation_owns(const stox_federation *fed, uint64_t handle) {
  return fed_stream_of(fed, handle) != NULL;
}

int stox_federation_feed(stox_federation *fed, const stox_flow *flow, stox_span bytes,
                         uint64_t now_ns) {
  fed->now_ns = now_ns;
  fed_stream *s = fed_stream_of(fed, flow->handle);
  if (s == NULL) {
    return STOX_E_STATE;
  }
  fed_run(fed, s);
  if (bytes.n == 0) {
    fed_stream_unhandle(fed, s); /* the host may give the number to another flow */
  }
  return stox_stream_feed(s->stream, bytes, now_ns);
}

int stox_federation_hold(stox_federation *fed, uint64_t handle, int full, uint64_t now_ns) {
  fed->now_ns = now_ns;
  fed_stream *s = fed_stream_of(fed, handle);
  if (s == NULL) {
    return STOX_E_STATE;
  }
  stox_stream_hold(s->stream, full);
  fed_run(fed, s);
  return STOX_OK;
}

static void tls_done(stox_federation *fed, fed_stream *s, uint64_t given, int status,
                     const stox_flow *flow) {
  const uint64_t token = s->tls;
  if (s->stream == NULL || token == 0 || given != s->tls_token) {
    return; /* of a flow that is gone */
  }
  s->tls = 0;
  if (status == STOX_OK && (flow == NULL || flow->peer == NULL || !flow->peer->secure)) {
    status = STOX_E_BAD_TLS;
  }
  if (status == STOX_OK) {
    status = fed_stream_keep_peer(fed, s, flow->peer);
  }
  if (status == STOX_OK && s->direction == FED_OUT) {
    s->is_verified = fed_stream_proves(fed, s, s->remote);
  }
  (void)stox_stream_done(s->stream, token, status, fed->now_ns);
  fed_run(fed, s);
}

/* The stream that a token is of. *is_ours 0: no such token was ever made. */
static fed_stream *stream_of_token(const stox_federation *fed, uint64_t token, int *is_ours) {
  const uint64_t number = token >> NUMBER_SHIFT;
  *is_ours = number != 0 && number < fed->next_number;
  return *is_ours ? fed_stream_numbered(fed, number) : NULL;
}

int stox_federation_done(stox_federation *fed, uint64_t token, int status, const stox_flow *flow,
                         uint64_t now_ns) {
  int is_ours = 0;
  fed->now_ns = now_ns;
  stox_arena_reset(&fed->scratch);
  fed_stream *s = stream_of_token(fed, token, &is_ours);
  if (s == NULL) {
    return is_ours ? STOX_OK : STOX_E_ARG;
  }
  switch (token & WHAT_MASK) {
  case TOKEN_OPEN:
    if (s->n_opening == 0) {
      return STOX_E_ARG;
    }
    fed_place_opened(fed, s, token, status, flow);
    return STOX_OK;
  case TOKEN_TLS:
    tls_done(fed, s, token, status, flow);
    return STOX_OK;
  default:
    return STOX_E_ARG;
  }
}

int stox_federation_resolved(stox_federation *fed, uint64_t token, int status,
                             const stox_record *records, size_t n, uint64_t now_ns) {
  int is_ours = 0;
  const uint64_t what = token & WHAT_MASK;
  fed->now_ns = now_ns;
  stox_arena_reset(&fed->scratch);
  fed_stream *s = stream_of_token(fed, token, &is_ours);
  if (!is_ours || what < TOKEN_LOCATE || what > TOKEN_ADDRESS_2) {
    return STOX_E_ARG;
  }
  if (s != NULL) {
    fed_place_resolved(fed, s, token, status, records, n);
  }
  return STOX_OK;
}

/* ---- the pulled side ---- */

/* A stream that has nothing to do: it rests until it is due, or is no more. */
static void rest(stox_federation *fed, fed_stream *s) {
  fed->run_first = s->run_next;
  if (fed->run_first == NULL) {
    fed->run_last = NULL;
  }
  s->is_running = 0;
  if (s->state == FED_OVER && s->n_opening == 0) {
    fed_stream_free(fed, s);
  } else if (s->state == FED_OVER) {
    fed_heap_set(fed, s, UINT64_MAX);
  } else {
    fed_heap_set(fed, s, fed_stream_due(fed, s));
  }
}

/* Streams that wait for a flow which nobody wants any more are not waited for. */
static int is_quiet(const stox_federation *fed) {
  for (size_t i = 0; i < fed->n_heap; i++) {
    if (fed->heap[i]->state != FED_OVER) {
      return 0;
    }
  }
  return 1;
}

static const stox_action *stopped(stox_federation *fed) {
  if (!fed->is_stopping || fed->is_stopped || !is_quiet(fed)) {
    return NULL;
  }
  fed->is_stopped = 1;
  fed->action = (stox_action){.kind = STOX_DO_EVENT, .event = STOX_FEDERATION_STOPPED};
  return &fed->action;
}

const stox_action *stox_federation_next(stox_federation *fed) {
  if (fed->told_given != NULL) {
    fed_pair_free(fed, fed->told_given);
    fed->told_given = NULL;
  }
  for (;;) {
    const stox_action *a = fed_told(fed);
    if (a != NULL) {
      return a;
    }
    fed_stream *s = fed->run_first;
    if (s == NULL) {
      break;
    }
    a = fed_stream_next(fed, s);
    if (a != NULL) {
      return a;
    }
    rest(fed, s);
  }
  stox_arena_clear(&fed->scratch);
  stox_arena_clear(&fed->heard);
  return stopped(fed);
}

uint64_t stox_federation_deadline(const stox_federation *fed) {
  if (fed->run_first != NULL || fed->told_first != NULL) {
    return fed->now_ns;
  }
  return fed->n_heap == 0 ? UINT64_MAX : fed->heap[0]->due_ns;
}

int stox_federation_tick(stox_federation *fed, uint64_t now_ns) {
  fed->now_ns = now_ns;
  stox_arena_reset(&fed->scratch);
  while (fed->n_heap > 0 && fed->heap[0]->due_ns <= now_ns) {
    fed_stream *s = fed->heap[0];
    fed_heap_set(fed, s, UINT64_MAX); /* until it rests again */
    fed_stream_tick(fed, s);
    fed_run(fed, s);
  }
  return STOX_OK;
}

int stox_federation_stop(stox_federation *fed, uint64_t now_ns) {
  fed->now_ns = now_ns;
  fed->is_stopping = 1;
  for (size_t i = 0; i < fed->n_heap; i++) {
    fed_stream *s = fed->heap[i];
    fed_stream_close(fed, s, STOX_OK);
    fed_run(fed, s);
  }
  return STOX_OK;
}

/* ---- the rest ---- */

int stox_federation_get_counters(stox_federation_counters *out, size_t size,
                                 const stox_federation *fed) {
  stox_federation_counters now = fed->counters;
  now.size = sizeof now;
  now.verifications = fed->n_verifies;
  now.pairs_wanted = fed->n_pairs - fed->counters.pairs_up;
  return stox_options_init(out, size, &now, sizeof now);
}

static int engine_feed(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  stox_federation *fed = engine;
  if (!stox_federation_owns(fed, flow->handle) && bytes.n > 0) {
    const int status = stox_federation_accept(fed, flow, now_ns);
    if (status != STOX_OK) {
      return status;
    }
  }
  return stox_federation_feed(fed, flow, bytes, now_ns);
}

static int engine_done(void *engine, uint64_t token, int status, const stox_flow *flow,
                       uint64_t now_ns) {
  return stox_federation_done(engine, token, status, flow, now_ns);
}

static int engine_hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  return stox_federation_hold(engine, handle, full, now_ns);
}

static const stox_action *engine_next(void *engine) {
  return stox_federation_next(engine);
}

static uint64_t engine_deadline(const void *engine) {
  return stox_federation_deadline(engine);
}

static int engine_tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  (void)wall_s;
  return stox_federation_tick(engine, now_ns);
}

static int engine_resolved(void *engine, uint64_t token, int status, const stox_record *records,
                           size_t n, uint64_t now_ns) {
  return stox_federation_resolved(engine, token, status, records, n, now_ns);
}

void stox_federation_engine(stox_engine *out, stox_federation *fed) {
  *out = (stox_engine){.size = sizeof *out,
                       .engine = fed,
                       .feed = engine_feed,
                       .done = engine_done,
                       .hold = engine_hold,
                       .next = engine_next,
                       .deadline = engine_deadline,
                       .tick = engine_tick,
                       .resolved = engine_resolved};
}
