/* SPDX-License-Identifier: MIT */
/* Next hops of SIP domains: their addresses (RFC 3263 4), which of them is tried, and what the peer
 * has to prove there (RFC 5922 7.3). */
#include "gateway/internal.h"

#include "stox/attempt.h"
#include "stox/host.h"
#include "stox/locate.h"
#include "stox/status.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

/* Tokens of questions: a bit of their own, the route, and a number that counts up. */
#define ROUTE_BIT   (UINT64_C(1) << 50)
#define ROUTE_SHIFT 32

enum {
  QUESTIONS = 2,
  TTL_LEAST_S = 5,
  TTL_MOST_S = 3600,
  AGAIN_S = 30,
  PORT = 5060,
  PORT_TLS = 5061
};

typedef struct open_question {
  stox_question question;
  uint64_t token; /* 0: none is open */
  int is_given;   /* to the host */
} open_question;

struct search {
  stox_arena arena;
  stox_locate *locate;
  stox_attempts *attempts; /* NULL: the places are still looked for */
  stox_arena found;        /* texts of the targets */
  stox_endpoint targets[ROUTE_TARGETS_MAX];
  size_t n;
  uint32_t ttl_s;
  open_question open[QUESTIONS];
};

/* ---- a search ---- */

static void forget_search(stox_gateway *gw, route *r) {
  search *s = r->search;
  for (size_t i = 0; i < QUESTIONS; i++) {
    gw->n_questions -= s->open[i].token != 0 && !s->open[i].is_given;
  }
  stox_arena_clear(&s->arena);
  stox_arena_clear(&s->found);
  gw_give(gw, s, sizeof *s);
  r->search = NULL;
}

/* What was found takes the place of what was known. Where nothing was, that goes on to serve. */
static void finish(stox_gateway *gw, route *r, int status) {
  search *s = r->search;
  if (status == STOX_OK) {
    const uint32_t ttl = s->ttl_s < TTL_LEAST_S ? TTL_LEAST_S : s->ttl_s;
    stox_arena_clear(&r->found);
    r->found = s->found;
    stox_arena_init(&s->found, NULL, 0, 0, gw->options.alloc);
    memcpy(r->targets, s->targets, sizeof r->targets);
    r->n_targets = s->n;
    r->turn++;
    r->expires_ns = gw->now_ns + (ttl < TTL_MOST_S ? ttl : TTL_MOST_S) * SECOND_NS;
  } else {
    r->expires_ns = gw->now_ns + AGAIN_S * SECOND_NS;
  }
  r->failure = status;
  forget_search(gw, r);
  gw_outbound_hold(gw, r, r->is_held);
}

static void ask(stox_gateway *gw, const route *r, size_t slot, const stox_question *question) {
  const uint64_t index = (uint64_t)(r - gw->routes);
  gw->question = gw->question % UINT32_MAX + 1;
  r->search->open[slot] =
      (open_question){*question, ROUTE_BIT | index << ROUTE_SHIFT | gw->question, 0};
  gw->n_questions++;
}

/* A place without transport is SIP's default; without port the transport's. */
static stox_location complete(const stox_gateway *gw, stox_location place) {
  if (place.transport == STOX_TRANSPORT_NONE) {
    place.transport =
        (gw->transports & STOX_LOCATE_UDP) != 0 ? STOX_TRANSPORT_UDP : STOX_TRANSPORT_TCP;
  }
  if (place.port == 0) {
    place.port = place.transport == STOX_TRANSPORT_TLS ? PORT_TLS : PORT;
  }
  return place;
}

static int start_attempts(const stox_gateway *gw, search *s) {
  stox_location places[STOX_LOCATIONS_MAX];
  stox_attempts_options options;
  size_t n = 0;
  int status = STOX_OK;
  while (status == STOX_OK && n < STOX_LOCATIONS_MAX) {
    status = stox_locate_get(&places[n], s->locate, n);
    if (status == STOX_OK) {
      places[n] = complete(gw, places[n]);
      n++;
    }
  }
  if (n == 0) {
    return status;
  }
  (void)stox_attempts_options_init(&options, sizeof options);
  options.families = gw->families;
  return stox_attempts_start(&s->attempts, &s->arena, places, n, &options);
}

static int add_target(search *s, const stox_endpoint *target) {
  if (s->n == ROUTE_TARGETS_MAX) {
    return STOX_E_NONE;
  }
  stox_endpoint *added = &s->targets[s->n];
  *added = *target;
  const int status = stox_arena_copy(&s->found, &added->host, target->host);
  s->n += status == STOX_OK;
  return status;
}

/* All addresses, in order. STOX_E_MORE: questions are open. */
static int take_attempts(stox_gateway *gw, const route *r) {
  search *s = r->search;
  stox_attempt attempt;
  stox_question question;
  int status = STOX_OK;
  while ((status = stox_attempts_next(&attempt, s->attempts, gw->now_ns)) == STOX_OK &&
         (status = add_target(s, &attempt.target)) == STOX_OK) {
  }
  for (size_t i = 0;
       status == STOX_E_MORE && stox_attempts_ask(&question, s->attempts, i) == STOX_OK; i++) {
    const size_t slot = question.type == STOX_RECORD_A;
    if (s->open[slot].token == 0) {
      ask(gw, r, slot, &question);
    }
  }
  return status;
}

/* Goes on as far as is known. */
static void step(stox_gateway *gw, route *r) {
  search *s = r->search;
  stox_question question;
  int status = STOX_OK;
  if (s->attempts == NULL) {
    status = stox_locate_next(&question, s->locate);
    if (status == STOX_OK) {
      ask(gw, r, 0, &question);
      return;
    }
    status = start_attempts(gw, s);
  }
  if (status == STOX_OK) {
    status = take_attempts(gw, r);
  }
  if (status != STOX_E_MORE) {
    finish(gw, r, s->n > 0 ? STOX_OK : status);
  }
}

static void begin(stox_gateway *gw, route *r) {
  stox_locate_options options;
  search *s = gw_take(gw, sizeof *s);
  if (s == NULL) {
    r->failure = STOX_E_NOMEM;
    return;
  }
  r->search = s;
  s->ttl_s = TTL_MOST_S;
  stox_arena_init(&s->arena, NULL, 0, 0, gw->options.alloc);
  stox_arena_init(&s->found, NULL, 0, 0, gw->options.alloc);
  (void)stox_locate_options_init(&options, sizeof options);
  options.side = STOX_PROTOCOL_SIP;
  options.native_only = 1;
  options.random = gw->options.random;
  options.transports = gw->transports | 1 << r->hop.transport;
  options.transport = r->hop.transport;
  options.port = r->hop.port;
  const int status = stox_locate_start(&s->locate, &s->arena, r->hop.host, &options, gw->now_ns);
  if (status == STOX_OK) {
    step(gw, r);
  } else {
    finish(gw, r, status);
  }
}

/* ---- what the host answers ---- */

int gw_route_is_token(uint64_t token) {
  return (token & ROUTE_BIT) != 0;
}

static void note_ttl(search *s, const stox_record *records, size_t n) {
  for (size_t i = 0; i < n; i++) {
    s->ttl_s = records[i].ttl < s->ttl_s ? records[i].ttl : s->ttl_s;
  }
}

static void answer(stox_gateway *gw, route *r, open_question *q, int status,
                   const stox_record *records, size_t n) {
  search *s = r->search;
  gw->n_questions -= !q->is_given;
  q->token = 0;
  note_ttl(s, records, n);
  if (s->attempts == NULL) {
    (void)stox_locate_answer(s->locate, status, records, n, gw->now_ns);
  } else {
    (void)stox_attempts_answer(s->attempts, q->question.type, status, records, n);
  }
  step(gw, r);
}

int gw_route_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                      size_t n) {
  const uint64_t index = (token & ~ROUTE_BIT) >> ROUTE_SHIFT;
  if (index >= gw->options.n_routes) {
    return STOX_E_ARG;
  }
  route *r = &gw->routes[index];
  for (size_t i = 0; r->search != NULL && i < QUESTIONS; i++) {
    if (r->search->open[i].token == token) {
      answer(gw, r, &r->search->open[i], status, records, n);
      break;
    }
  }
  return STOX_OK;
}

const stox_action *gw_route_next(stox_gateway *gw) {
  for (size_t i = 0; gw->n_questions > 0 && i < gw->options.n_routes; i++) {
    search *s = gw->routes[i].search;
    for (size_t k = 0; s != NULL && k < QUESTIONS; k++) {
      open_question *q = &s->open[k];
      if (q->token != 0 && !q->is_given) {
        q->is_given = 1;
        gw->n_questions--;
        gw->action =
            (stox_action){.kind = STOX_DO_RESOLVE, .token = q->token, .object = &q->question};
        return &gw->action;
      }
    }
  }
  return NULL;
}

/* ---- what messages ask ---- */

int gw_route_ready(stox_gateway *gw, route *r) {
  if (r->is_name && r->search == NULL && gw->now_ns >= r->expires_ns) {
    begin(gw, r);
  }
  if (r->n_targets > 0) {
    return STOX_OK;
  }
  return r->search != NULL ? STOX_E_MORE : r->failure;
}

/* The first that has not failed lately; where all have, the one that may be tried the soonest. */
int gw_route_pick(const stox_gateway *gw, const route *r, uint32_t tried, size_t *which) {
  uint64_t soonest = UINT64_MAX;
  int status = STOX_E_NONE;
  for (size_t i = 0; i < r->n_targets; i++) {
    if ((tried >> i & 1) != 0) {
      continue;
    }
    const uint64_t until =
        gw->backoff == NULL ? 0 : stox_backoff_until(gw->backoff, &r->targets[i], gw->now_ns);
    if (status == STOX_E_NONE || until < soonest) {
      soonest = until;
      *which = i;
      status = STOX_OK;
    }
  }
  return status;
}

void gw_route_failed(stox_gateway *gw, const route *r, size_t which) {
  if (gw->backoff != NULL && r->n_targets > 1 && which < r->n_targets) {
    (void)stox_backoff_failed(gw->backoff, &r->targets[which], 0, gw->now_ns);
  }
}

void gw_route_worked(stox_gateway *gw, const route *r, size_t which) {
  if (gw->backoff != NULL && r->n_targets > 1 && which < r->n_targets) {
    stox_backoff_worked(gw->backoff, &r->targets[which]);
  }
}

int gw_route_is_at(const route *r, const stox_endpoint *remote) {
  for (size_t i = 0; i < r->n_targets; i++) {
    if (remote->port == r->targets[i].port &&
        stox_span_is_equal(remote->host, r->targets[i].host)) {
      return 1;
    }
  }
  return 0;
}

/* A response whose connection is gone goes to where the request came from (RFC 3261 18.2.2), by TLS
 * only if that is a hop that has a name to prove. */
const stox_secure *gw_route_secure(const stox_gateway *gw, stox_span host) {
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    const route *r = &gw->routes[i];
    for (size_t k = 0; k < r->n_targets; k++) {
      if (r->targets[k].transport == STOX_TRANSPORT_TLS &&
          stox_host_is_equal(host, r->targets[k].host)) {
        return &r->secure;
      }
    }
  }
  return NULL;
}

void gw_routes_clear(stox_gateway *gw) {
  for (size_t i = 0; gw->routes != NULL && i < gw->options.n_routes; i++) {
    route *r = &gw->routes[i];
    if (r->search != NULL) {
      forget_search(gw, r);
    }
    stox_arena_clear(&r->found);
  }
  stox_backoff_del(gw->backoff);
}
