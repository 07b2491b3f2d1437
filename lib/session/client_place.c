/* SPDX-License-Identifier: MIT */
/* Where the server is, and a connection to it: questions, attempts one after the other. */
#include "session/client_private.h"

#include "stox/status.h"

#include <string.h>

enum { CLIENT_PORT = 5222, REDIRECTS_MAX = 3 };

/* Tokens of a stream are below. */
#define OWN_TOKENS (UINT64_C(1) << 32)

static void advance(stox_client *obj, uint64_t now_ns);

static uint64_t new_token(stox_client *obj) {
  return OWN_TOKENS + ++obj->n_tokens;
}

int client_is_own(uint64_t token) {
  return token > OWN_TOKENS;
}

void client_search_end(stox_client *obj) {
  if (obj->search != NULL) {
    stox_arena_clear(&obj->search->arena);
    (void)obj->alloc->resize(obj->alloc->ud, obj->search, sizeof *obj->search, 0);
    obj->search = NULL;
  }
}

/* ---- places ---- */

static int start_attempts(client_search *search, const stox_location *places, size_t n,
                          int families) {
  stox_attempts_options options;
  (void)stox_attempts_options_init(&options, sizeof options);
  options.families = families;
  options.first = (families & STOX_ATTEMPT_IP6) != 0 ? options.first : STOX_ATTEMPT_IP4;
  return stox_attempts_start(&search->attempts, &search->arena, places, n, &options);
}

static int take_places(client_search *search, int families) {
  stox_location places[STOX_LOCATIONS_MAX];
  size_t n = 0;
  int status = STOX_OK;
  while (n < STOX_LOCATIONS_MAX && status == STOX_OK) {
    status = stox_locate_get(&places[n], search->locate, n);
    n += status == STOX_OK;
  }
  search->locate = NULL;
  if (n == 0) {
    return status == STOX_E_NONE ? STOX_E_UNKNOWN_DOMAIN : status;
  }
  return start_attempts(search, places, n, families);
}

/* ---- questions ---- */

static void ask(stox_client *obj, unsigned slot, const stox_question *question, uint64_t now_ns) {
  client_search *search = obj->search;
  search->questions[slot] = *question;
  search->asked[slot] = new_token(obj);
  search->must_ask |= 1U << slot;
  obj->deadline_ns = now_ns + obj->options.resolve_timeout_ns;
}

/* Both families are asked for at the same time. */
static void ask_addresses(stox_client *obj, uint64_t now_ns) {
  stox_question open;
  for (size_t i = 0; stox_attempts_ask(&open, obj->search->attempts, i) == STOX_OK; i++) {
    const unsigned slot = open.type == STOX_RECORD_A ? 1 : 2;
    if (obj->search->asked[slot] == 0) {
      ask(obj, slot, &open, now_ns);
    }
  }
}

static int step_locate(stox_client *obj, uint64_t now_ns) {
  stox_question question;
  if (stox_locate_next(&question, obj->search->locate) == STOX_OK) {
    ask(obj, 0, &question, now_ns);
    return 0;
  }
  const int status = take_places(obj->search, obj->options.families);
  if (status != STOX_OK) {
    client_fail(obj, status);
  }
  return status == STOX_OK;
}

static void step_attempts(stox_client *obj, uint64_t now_ns) {
  client_search *search = obj->search;
  const int status = stox_attempts_next(&search->attempt, search->attempts, now_ns);
  if (status == STOX_E_MORE) {
    ask_addresses(obj, now_ns);
  } else if (status == STOX_OK) {
    obj->options.remote = search->attempt.target;
    obj->state = CLIENT_CONNECT;
    obj->deadline_ns = UINT64_MAX;
  } else {
    client_fail(obj, search->status != STOX_OK ? search->status : status);
  }
}

static void advance(stox_client *obj, uint64_t now_ns) {
  if (obj->search->locate == NULL || step_locate(obj, now_ns)) {
    step_attempts(obj, now_ns);
  }
}

static int start_locate(stox_client *obj, uint64_t now_ns) {
  stox_locate_options options;
  (void)stox_locate_options_init(&options, sizeof options);
  options.side = STOX_PROTOCOL_XMPP;
  options.xmpp_service = STOX_LOCATE_XMPP_CLIENT;
  options.native_only = 1;
  options.direct_tls = obj->options.tls != STOX_CLIENT_TLS_NONE;
  options.random = obj->options.stream->random;
  return stox_locate_start(&obj->search->locate, &obj->search->arena, obj->options.stream->to,
                           &options, now_ns);
}

static int make_search(stox_client *obj) {
  client_search_end(obj);
  obj->search = obj->alloc->resize(obj->alloc->ud, NULL, 0, sizeof *obj->search);
  if (obj->search == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj->search, 0, sizeof *obj->search);
  stox_arena_init(&obj->search->arena, NULL, 0, 0, obj->alloc);
  return STOX_OK;
}

int client_search_begin(stox_client *obj, uint64_t now_ns) {
  int status = make_search(obj);
  if (status != STOX_OK) {
    return status;
  }
  obj->state = CLIENT_SEARCHING;
  status = start_locate(obj, now_ns);
  if (status == STOX_OK) {
    advance(obj, now_ns);
  } else if (status != STOX_E_NOMEM) {
    client_fail(obj, STOX_E_UNKNOWN_DOMAIN);
  }
  return status == STOX_E_NOMEM ? status : STOX_OK;
}

static void take_answer(stox_client *obj, unsigned slot, int status, const stox_record *records,
                        size_t n, uint64_t now_ns) {
  client_search *search = obj->search;
  search->asked[slot] = 0;
  search->must_ask &= ~(1U << slot);
  status = slot == 0 ? stox_locate_answer(search->locate, status, records, n, now_ns)
                     : stox_attempts_answer(search->attempts, search->questions[slot].type, status,
                                            records, n);
  if (status == STOX_E_NOMEM) {
    client_fail(obj, status);
  }
}

int stox_client_resolved(stox_client *obj, uint64_t token, int status, const stox_record *records,
                         size_t n, uint64_t now_ns) {
  for (unsigned slot = 0; obj->search != NULL && slot < CLIENT_QUESTIONS; slot++) {
    if (obj->search->asked[slot] == token && token != 0) {
      take_answer(obj, slot, status, records, n, now_ns);
      if (obj->state == CLIENT_SEARCHING) {
        advance(obj, now_ns);
      }
      return STOX_OK;
    }
  }
  return client_is_own(token) ? STOX_OK : STOX_E_STATE; /* or it came too late */
}

/* Nobody answers; what is behind the question is not asked. */
static void answer_nothing(stox_client *obj, uint64_t now_ns) {
  for (unsigned slot = 0; slot < CLIENT_QUESTIONS; slot++) {
    if (obj->state == CLIENT_SEARCHING && obj->search->asked[slot] != 0) {
      take_answer(obj, slot, STOX_E_TIMEOUT, NULL, 0, now_ns);
    }
  }
  if (obj->state == CLIENT_SEARCHING) {
    advance(obj, now_ns);
  }
}

/* ---- the connection ---- */

/* The next place, where there may be one. */
static void attempt_failed(stox_client *obj, int status, uint64_t now_ns) {
  obj->open_token = 0;
  if (obj->search == NULL || status == STOX_E_NOMEM) {
    client_fail(obj, status);
    return;
  }
  obj->search->status = status;
  obj->state = CLIENT_SEARCHING;
  advance(obj, now_ns);
}

static int take_flow(stox_client *obj, const stox_flow *flow, uint64_t now_ns) {
  const int is_secured = flow->peer != NULL && flow->peer->secure;
  if (obj->options.remote.transport == STOX_TRANSPORT_TLS && !is_secured) {
    return STOX_E_AUTH;
  }
  return client_make_stream(obj, flow, now_ns);
}

void client_opened(stox_client *obj, uint64_t token, int status, const stox_flow *flow,
                   uint64_t now_ns) {
  const int is_ours = obj->state == CLIENT_OPENING && token == obj->open_token;
  const int has_flow = status == STOX_OK && flow != NULL;
  status = status == STOX_OK && flow == NULL ? STOX_E_ARG : status;
  if (is_ours && has_flow) {
    status = take_flow(obj, flow, now_ns);
  }
  if (has_flow && (!is_ours || status != STOX_OK) && obj->n_late < CLIENT_LATE) {
    obj->late[obj->n_late++] = flow->handle;
  }
  if (is_ours && status != STOX_OK) {
    attempt_failed(obj, status, now_ns);
  } else if (is_ours) {
    client_search_end(obj);
  }
}

void client_place_tick(stox_client *obj, uint64_t now_ns) {
  if (now_ns < obj->deadline_ns) {
    return;
  }
  if (obj->state == CLIENT_SEARCHING) {
    answer_nothing(obj, now_ns);
  } else if (obj->state == CLIENT_OPENING) {
    attempt_failed(obj, STOX_E_TIMEOUT, now_ns);
  }
}

/* ---- elsewhere ---- */

static int take_redirect(stox_client *obj, stox_span address) {
  stox_location place = {.protocol = STOX_PROTOCOL_XMPP, .transport = STOX_TRANSPORT_TCP};
  int status = stox_stream_other_host(&place.target, &place.port, address);
  if (status == STOX_OK) {
    status = make_search(obj);
  }
  if (status == STOX_OK) {
    status = stox_arena_copy(&obj->search->arena, &place.target, place.target);
  }
  place.port = place.port == 0 ? CLIENT_PORT : place.port;
  return status == STOX_OK ? start_attempts(obj->search, &place, 1, obj->options.families) : status;
}

int client_redirect(stox_client *obj, stox_span address) {
  if (!obj->opens || obj->was_ready || obj->redirects >= REDIRECTS_MAX ||
      take_redirect(obj, address) != STOX_OK) {
    return 0;
  }
  obj->redirects++;
  return 1;
}

/* Nothing is kept of the server that sent us, and the new one must prove the same domain. */
void client_follow(stox_client *obj, uint64_t now_ns) {
  stox_stream_del(obj->stream);
  obj->stream = NULL;
  obj->handle = 0;
  stox_sasl_client_del(obj->sasl);
  obj->sasl = NULL;
  stox_peer_drop(&obj->peer, obj->alloc);
  obj->is_redirected = 0;
  obj->is_asking = 0;
  obj->is_authenticated = 0;
  obj->must_bind = 0;
  obj->has_waived = 0;
  obj->asked = 0;
  obj->reason = STOX_OK;
  obj->state = CLIENT_SEARCHING;
  advance(obj, now_ns);
}

/* ---- actions ---- */

static const stox_action *connect_now(stox_client *obj, uint64_t now_ns) {
  static const stox_span alpn = {"xmpp-client", 11};
  const int is_tls = obj->options.remote.transport == STOX_TRANSPORT_TLS;
  obj->state = CLIENT_OPENING;
  obj->open_token = new_token(obj);
  obj->deadline_ns = now_ns + obj->options.open_timeout_ns;
  if (is_tls) {
    (void)client_secure(obj);
    obj->secure.alpn = &alpn;
    obj->secure.alpn_n = 1;
  }
  return client_act(obj, (stox_action){.kind = STOX_DO_OPEN,
                                       .token = obj->open_token,
                                       .remote = obj->options.remote,
                                       .object = is_tls ? &obj->secure : NULL});
}

static const stox_action *ask_next(stox_client *obj) {
  client_search *search = obj->search;
  unsigned slot = 0;
  while (slot < CLIENT_QUESTIONS && (search->must_ask >> slot & 1U) == 0) {
    slot++;
  }
  if (slot == CLIENT_QUESTIONS) {
    return NULL;
  }
  search->must_ask &= ~(1U << slot);
  return client_act(obj, (stox_action){.kind = STOX_DO_RESOLVE,
                                       .token = search->asked[slot],
                                       .object = &search->questions[slot]});
}

const stox_action *client_place_next(stox_client *obj, uint64_t now_ns) {
  switch (obj->state) {
  case CLIENT_SEARCHING:
    return ask_next(obj);
  case CLIENT_CONNECT:
    return connect_now(obj, now_ns);
  case CLIENT_FAILED:
    obj->state = CLIENT_TOLD;
    return client_act(obj, (stox_action){.kind = STOX_DO_EVENT,
                                         .event = STOX_STREAM_ON_CLOSED,
                                         .status = obj->reason});
  default:
    return NULL;
  }
}
