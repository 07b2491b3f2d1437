/* SPDX-License-Identifier: MIT */
/* Where a remote domain is, and a flow to it: questions, attempts one after the other. */
#include "session/federation_private.h"

#include "stox/identity.h"
#include "stox/status.h"

#include <string.h>

enum { SERVER_PORT = 5269, NEGATIVE_TTL_S = 30, TOKEN_BITS = 4, GENERATION_BITS = 8 };

static void advance(stox_federation *fed, fed_stream *s);

/* What is known of a stream stands in its tokens: the number, which try, what. */
uint64_t fed_token(fed_stream *s, unsigned what) {
  s->generation = (s->generation + 1) & ((1U << GENERATION_BITS) - 1);
  return (s->number << GENERATION_BITS | s->generation) << TOKEN_BITS | what;
}

/* ---- the end of the search ---- */

/* An OPEN that the host has not seen is never answered. */
static void take_back_open(fed_stream *s) {
  if (s->search->must_open) {
    s->search->must_open = 0;
    s->n_opening--;
  }
}

void fed_place_end(stox_federation *fed, fed_stream *s) {
  if (s->search != NULL) {
    take_back_open(s);
    stox_arena_clear(&s->search->arena);
    fed_give(fed, s->search, sizeof *s->search);
    s->search = NULL;
  }
}

void fed_place_give_up(stox_federation *fed, fed_stream *s, int status) {
  s->state = FED_ENDING;
  s->has_given_up = 1;
  s->status = status;
  fed_out_unname(fed, s);
  fed_place_end(fed, s);
  fed_run(fed, s);
}

/* ---- attempts ---- */

static int start_attempts(stox_federation *fed, fed_search *search, const stox_location *places,
                          size_t n) {
  stox_attempts_options options;
  (void)stox_attempts_options_init(&options, sizeof options);
  options.families = fed->options.families;
  options.first = (options.families & STOX_ATTEMPT_IP6) != 0 ? options.first : STOX_ATTEMPT_IP4;
  options.backoff = fed->backoff;
  search->is_found = 1;
  return stox_attempts_start(&search->attempts, &search->arena, places, n, &options);
}

/* What stox_locate found. Nothing but XMPP was asked for. */
static int take_places(stox_federation *fed, fed_search *search) {
  stox_location places[STOX_LOCATIONS_MAX];
  size_t n = 0;
  int status = STOX_OK;
  while (n < STOX_LOCATIONS_MAX) {
    status = stox_locate_get(&places[n], search->locate, n);
    if (status != STOX_OK) {
      break;
    }
    n++;
  }
  search->locate = NULL;
  if (n == 0) {
    return status == STOX_E_NONE ? STOX_E_UNKNOWN_DOMAIN : status;
  }
  for (size_t i = 0; i < n; i++) {
    stox_location *place = &places[i];
    if (place->protocol == STOX_PROTOCOL_SIP || place->target.n == 0) {
      return STOX_E_UNKNOWN_DOMAIN; /* the static table says so */
    }
    place->port = place->port == 0 ? SERVER_PORT : place->port;
    place->transport =
        place->transport == STOX_TRANSPORT_TLS ? STOX_TRANSPORT_TLS : STOX_TRANSPORT_TCP;
  }
  return start_attempts(fed, search, places, n);
}

static void open_next(stox_federation *fed, fed_stream *s) {
  fed_search *search = s->search;
  s->state = FED_OPENING;
  search->must_open = 1;
  search->open_token = fed_token(s, TOKEN_OPEN);
  search->due_ns = fed->now_ns + fed->options.open_timeout_ns;
  s->n_opening++;
  fed_run(fed, s);
}

/* ---- questions ---- */

static int take_answer(stox_federation *fed, fed_search *search, unsigned slot, int status,
                       const stox_record *records, size_t n) {
  if (slot == 0) {
    return stox_locate_answer(search->locate, status, records, n, fed->now_ns);
  }
  (void)stox_attempts_answer(search->attempts, search->questions[slot].type, status, records, n);
  return STOX_OK;
}

/* 1: the answer is known already and taken. */
static int ask(stox_federation *fed, fed_stream *s, unsigned slot, const stox_question *question) {
  fed_search *search = s->search;
  const stox_record *records = NULL;
  size_t n = 0;
  search->questions[slot] = *question;
  if (stox_answer_cache_get(&records, &n, fed->answers, question, fed->now_ns) == STOX_OK) {
    (void)take_answer(fed, search, slot, STOX_OK, records, n);
    return 1;
  }
  search->asked[slot] = fed_token(s, TOKEN_LOCATE + slot);
  search->must_ask |= 1U << slot;
  search->due_ns = fed->now_ns + fed->options.resolve_timeout_ns;
  fed_run(fed, s);
  return 0;
}

/* Both families are asked for at the same time. 1: nothing is awaited. */
static int ask_addresses(stox_federation *fed, fed_stream *s) {
  stox_question open[2];
  size_t n = 0;
  int is_known = 1;
  while (n < 2 && stox_attempts_ask(&open[n], s->search->attempts, n) == STOX_OK) {
    n++;
  }
  for (size_t i = 0; i < n; i++) {
    const unsigned slot = open[i].type == STOX_RECORD_A ? 1 : 2;
    if (s->search->asked[slot] == 0) {
      is_known &= ask(fed, s, slot, &open[i]);
    } else {
      is_known = 0;
    }
  }
  return is_known;
}

/* One step of the search for a place; 1: go on. */
static int step_locate(stox_federation *fed, fed_stream *s) {
  fed_search *search = s->search;
  stox_question question;
  if (stox_locate_next(&question, search->locate) == STOX_OK) {
    return ask(fed, s, 0, &question);
  }
  const int status = take_places(fed, search);
  if (status != STOX_OK) {
    fed_place_give_up(fed, s, status);
  }
  return status == STOX_OK;
}

static int step_attempts(stox_federation *fed, fed_stream *s) {
  fed_search *search = s->search;
  const int status = stox_attempts_next(&search->attempt, search->attempts, fed->now_ns);
  if (status == STOX_E_MORE) {
    return ask_addresses(fed, s);
  }
  if (status != STOX_OK) {
    const int is_over = status == STOX_E_NONE;
    fed_place_give_up(fed, s,
                      !is_over                    ? status
                      : search->status != STOX_OK ? search->status
                                                  : STOX_E_REFUSED);
    return 0;
  }
  if (search->attempt.not_before_ns > fed->now_ns) {
    return 1; /* it failed lately */
  }
  open_next(fed, s);
  return 0;
}

static void advance(stox_federation *fed, fed_stream *s) {
  int goes_on = 1;
  while (goes_on) {
    goes_on = s->search->locate != NULL ? step_locate(fed, s) : step_attempts(fed, s);
  }
}

/* ---- the beginning ---- */

/* Static hops of a domain, else those of all. */
static size_t static_places(const stox_federation *fed, const fed_stream *s,
                            stox_location places[STOX_LOCATIONS_MAX]) {
  size_t n = 0;
  for (int is_any = 0; is_any < 2 && n == 0; is_any++) {
    for (size_t i = 0; i < fed->options.n_hops && n < STOX_LOCATIONS_MAX; i++) {
      const fed_hop *hop = &fed->hops[i];
      const int is_it = is_any
                            ? hop->domain.p == NULL
                            : hop->domain.p != NULL && stox_span_is_equal(hop->domain, s->remote);
      if (is_it) {
        places[n++] = hop->place;
      }
    }
  }
  return n;
}

static int start_locate(stox_federation *fed, fed_stream *s) {
  stox_locate_options options;
  (void)stox_locate_options_init(&options, sizeof options);
  options.side = STOX_PROTOCOL_XMPP;
  options.xmpp_service = STOX_LOCATE_XMPP_SERVER;
  options.native_only = 1;
  options.direct_tls = fed->options.direct_tls;
  options.legacy = fed->options.dialect == STOX_DIALECT_DRAFT2005;
  options.random = fed->options.random;
  options.locations = fed->options.locations;
  return stox_locate_start(&s->search->locate, &s->search->arena, s->remote, &options, fed->now_ns);
}

static int start(stox_federation *fed, fed_stream *s) {
  stox_location places[STOX_LOCATIONS_MAX];
  s->search = fed_take(fed, sizeof *s->search);
  if (s->search == NULL) {
    return STOX_E_NOMEM;
  }
  memset(s->search, 0, sizeof *s->search);
  stox_arena_init(&s->search->arena, NULL, 0, 0, fed->alloc);
  s->search->due_ns = UINT64_MAX;
  s->search->end_ns = fed->now_ns + fed->options.resolve_timeout_ns + fed->options.open_timeout_ns +
                      fed->options.negotiation_timeout_ns;
  const size_t n = static_places(fed, s, places);
  return n > 0 ? start_attempts(fed, s->search, places, n) : start_locate(fed, s);
}

void fed_place_begin(stox_federation *fed, fed_stream *s) {
  s->state = FED_SEARCHING;
  fed_run(fed, s);
  const int status = start(fed, s);
  if (status == STOX_OK) {
    advance(fed, s);
    return;
  }
  fed_place_give_up(fed, s, status == STOX_E_NOMEM ? status : STOX_E_UNKNOWN_DOMAIN);
}

/* ---- what happens ---- */

void fed_place_failed(stox_federation *fed, fed_stream *s, int status) {
  fed_search *search = s->search;
  if (s->state == FED_OPENING && status != STOX_E_NOMEM) {
    (void)stox_backoff_failed(fed->backoff, &search->attempt.target, 0, fed->now_ns);
  }
  search->status = status;
  search->open_token = 0;
  take_back_open(s);
  search->due_ns = UINT64_MAX;
  s->state = FED_SEARCHING;
  if (status == STOX_E_NOMEM || fed->now_ns >= search->end_ns || fed->is_stopping) {
    fed_place_give_up(fed, s, status);
    return;
  }
  advance(fed, s);
}

int fed_place_redirect(stox_federation *fed, fed_stream *s, stox_span address) {
  stox_location place = {.protocol = STOX_PROTOCOL_XMPP, .transport = STOX_TRANSPORT_TCP};
  fed_search *search = s->search;
  if (search == NULL || search->redirects >= FED_REDIRECTS ||
      stox_stream_other_host(&place.target, &place.port, address) != STOX_OK ||
      stox_arena_copy(&search->arena, &place.target, place.target) != STOX_OK) {
    return 0;
  }
  place.port = place.port == 0 ? SERVER_PORT : place.port;
  search->redirects++;
  return start_attempts(fed, search, &place, 1) == STOX_OK;
}

static void keep_closing(fed_stream *s, const stox_flow *flow) {
  if (flow != NULL && flow->handle != 0 && s->n_closings < FED_CLOSINGS) {
    s->closings[s->n_closings++] = flow->handle;
  }
}

/* A flow to the attempt's target is there. */
static int take_flow(stox_federation *fed, fed_stream *s, const stox_flow *flow) {
  const int needs_tls = s->search->attempt.target.transport == STOX_TRANSPORT_TLS;
  if (flow == NULL || flow->handle == 0 || fed_stream_of(fed, flow->handle) != NULL) {
    return STOX_E_REFUSED;
  }
  if (needs_tls && (flow->peer == NULL || !flow->peer->secure)) {
    return STOX_E_BAD_TLS;
  }
  int status = fed_stream_keep_peer(fed, s, flow->peer);
  if (status == STOX_OK) {
    s->is_verified = fed_stream_proves(fed, s, s->remote);
    stox_backoff_worked(fed->backoff, &s->search->attempt.target);
    s->search->due_ns = UINT64_MAX;
    status = fed_stream_start(fed, s, flow->handle);
  }
  return status;
}

void fed_place_opened(stox_federation *fed, fed_stream *s, uint64_t token, int status,
                      const stox_flow *flow) {
  s->n_opening--;
  fed_run(fed, s);
  if (s->search == NULL || s->state != FED_OPENING || s->search->open_token != token) {
    if (status == STOX_OK) {
      keep_closing(s, flow);
    }
    return;
  }
  s->search->open_token = 0;
  const int is_open = status == STOX_OK;
  if (is_open) {
    status = take_flow(fed, s, flow);
  }
  if (status == STOX_OK) {
    return;
  }
  if (is_open) {
    keep_closing(s, flow);
    fed_stream_unhandle(fed, s);
    stox_stream_del(s->stream);
    s->stream = NULL;
  }
  fed_place_failed(fed, s, status);
}

void fed_place_resolved(stox_federation *fed, fed_stream *s, uint64_t token, int status,
                        const stox_record *records, size_t n) {
  fed_search *search = s->search;
  for (unsigned slot = 0; search != NULL && slot < FED_QUESTIONS; slot++) {
    if (search->asked[slot] != token) {
      continue;
    }
    search->asked[slot] = 0;
    if (status == STOX_OK) {
      (void)stox_answer_cache_put(fed->answers, &search->questions[slot], records, n,
                                  NEGATIVE_TTL_S, fed->now_ns);
    }
    status = take_answer(fed, search, slot, status, records, n);
    if (status == STOX_E_NOMEM) {
      fed_place_give_up(fed, s, status);
    } else if (s->state == FED_SEARCHING) {
      advance(fed, s);
    }
    return;
  }
}

/* Nobody answers; what is behind the question is not asked. */
static void answer_nothing(stox_federation *fed, fed_stream *s) {
  for (unsigned slot = 0; slot < FED_QUESTIONS; slot++) {
    if (s->search->asked[slot] != 0) {
      s->search->asked[slot] = 0;
      (void)take_answer(fed, s->search, slot, STOX_E_TIMEOUT, NULL, 0);
    }
  }
  s->search->must_ask = 0;
  s->search->due_ns = UINT64_MAX;
  advance(fed, s);
}

void fed_place_tick(stox_federation *fed, fed_stream *s) {
  if (fed->now_ns >= s->search->end_ns) {
    fed_place_give_up(fed, s, STOX_E_TIMEOUT);
  } else if (fed->now_ns < s->search->due_ns) {
    return;
  } else if (s->state == FED_OPENING) {
    fed_place_failed(fed, s, STOX_E_TIMEOUT);
  } else {
    answer_nothing(fed, s);
  }
}

/* ---- actions ---- */

int fed_secure(stox_federation *fed, const fed_stream *s, int is_server) {
  static const stox_span direct[] = {{"xmpp-server", sizeof "xmpp-server" - 1}};
  const stox_federation_options *o = &fed->options;
  const int is_direct = !is_server && s->state == FED_OPENING;
  /* What a certificate does not prove is decided on the stream, where an error can tell. */
  fed->secure =
      (stox_secure){.size = sizeof fed->secure,
                    .is_server = is_server,
                    .reference = STOX_REFERENCE_XMPP_SERVER,
                    .is_lenient = is_server || (o->is_dialback_on && !o->require_verified),
                    .name = s->remote,
                    .local = fed->domains[s->local].name,
                    .alpn = is_direct ? direct : NULL,
                    .alpn_n = is_direct ? 1 : 0};
  return 1;
}

static const stox_action *give(stox_federation *fed, const fed_stream *s, stox_action action) {
  fed->action = action;
  fed->action.id = s->number;
  return &fed->action;
}

const stox_action *fed_place_next(stox_federation *fed, fed_stream *s) {
  fed_search *search = s->search;
  if (s->n_closings > 0) {
    const uint64_t handle = s->closings[--s->n_closings];
    return give(fed, s, (stox_action){.kind = STOX_DO_CLOSE, .handle = handle});
  }
  for (unsigned slot = 0; slot < FED_QUESTIONS && search != NULL; slot++) {
    if ((search->must_ask >> slot & 1U) != 0) {
      search->must_ask &= ~(1U << slot);
      return give(fed, s,
                  (stox_action){.kind = STOX_DO_RESOLVE,
                                .token = search->asked[slot],
                                .object = &search->questions[slot]});
    }
  }
  if (search == NULL || !search->must_open) {
    return NULL;
  }
  search->must_open = 0;
  const stox_endpoint *target = &search->attempt.target;
  const int is_direct = target->transport == STOX_TRANSPORT_TLS && fed_secure(fed, s, 0);
  return give(fed, s,
              (stox_action){.kind = STOX_DO_OPEN,
                            .token = search->open_token,
                            .remote = *target,
                            .object = is_direct ? &fed->secure : NULL});
}
