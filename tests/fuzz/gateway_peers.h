/* SPDX-License-Identifier: MIT */
#ifndef STOX_FUZZ_GATEWAY_PEERS_H
#define STOX_FUZZ_GATEWAY_PEERS_H

#include "script.h"

#include "stox/gateway.h"
#include "stox/loopback.h"
#include "stox/number.h"
#include "stox/service.h"
#include "stox/sip.h"

/* The world of fuzz_gateway_federation.c: the gateway, a SIP peer and two XMPP servers as engines
 * of a loopback network, and what the gateway still owes to whom. */

#define SECOND   UINT64_C(1000000000)
#define SECRET   "k3y-" /* begins the ids that are owed an answer */
#define AT(p, t) ((stox_endpoint){{"127.0.0.1", 9}, p, t})

enum {
  PEERS = 2,
  PEER_PORT = 5300, /* and those behind it */
  OURS_PORT = 5270,
  SIP_PORT = 5060,
  OWED = 96,
  ROOM = 1 << 12,
  QUEUE = 1 << 16,
  STRANGER = 1 << 20, /* handles of flows that the network does not know */
  UDP = STOX_TRANSPORT_UDP,
  TCP = STOX_TRANSPORT_TCP
};

static const char *const peers[PEERS] = {"a.example", "b.example"};

/* Octets that wait to be sent. */
typedef struct queue {
  char p[QUEUE];
  size_t n;
} queue;

typedef struct peer {
  struct run *run;
  stox_federation *federation;
  const char *domain;
  queue out;
  int is_deaf;
  int bounces;
} peer;

typedef struct owed {
  uint64_t since;
  int code; /* the final response */
  unsigned errors;
  unsigned ends; /* records that say delivered or ignored */
  int is_owed;
} owed;

typedef struct run {
  script script;
  script other; /* the peers' memory and randomness: theirs never fails */
  stox_loopback *net;
  stox_gateway *gateway;
  uint64_t now;
  peer peers[PEERS];
  queue sip_out;
  stox_action action;
  char sent[QUEUE];
  int answer; /* to requests of the gateway; 0: none */
  owed sip[OWED];
  size_t n_sip;
  owed xmpp[OWED];
  size_t n_xmpp;
  uint64_t strangers;
  unsigned refused; /* bits: the peers' ports; 4: the next sends on streams are lost */
  int is_lossy;
  int is_raw;
  int stopped;
} run;

static char text_room[ROOM];

static size_t number_of(stox_span text, const char *prefix) {
  const stox_span begin = stox_span_text(prefix);
  uint64_t n = OWED;
  if (text.n <= begin.n || !stox_span_is_equal(stox_span_slice(text, 0, begin.n), begin) ||
      stox_number_parse(&n, stox_span_slice(text, begin.n, text.n), OWED) != STOX_OK) {
    return OWED;
  }
  return (size_t)n;
}

static void put(queue *q, stox_span text) {
  if (text.n <= sizeof q->p - q->n) {
    memcpy(q->p + q->n, text.p, text.n);
    q->n += text.n;
  }
}

static const stox_action *give_waiting(run *r, queue *q, const stox_action *how) {
  memcpy(r->sent, q->p, q->n);
  r->action = *how;
  r->action.bytes = (stox_span){r->sent, q->n};
  q->n = 0;
  return &r->action;
}

/* TLS is done at once, and says nothing of who it is. */
static const stox_peer somebody = {.size = sizeof somebody, .secure = 1};

/* ---- the gateway ---- */

static void secure_ours(run *r, const stox_action *action) {
  const stox_flow flow = {.handle = action->handle, .peer = &somebody};
  (void)stox_gateway_done(r->gateway, action->token, STOX_OK, &flow, r->now);
}

static void take_record(run *r, const stox_gateway_record *record) {
  const size_t n = number_of(record->id, SECRET);
  require(record->outcome >= STOX_OUTCOME_DELIVERED && record->outcome <= STOX_OUTCOME_LATE_ERROR);
  if (record->direction == STOX_GATEWAY_XMPP_TO_SIP && n < r->n_xmpp) {
    r->xmpp[n].ends +=
        record->outcome == STOX_OUTCOME_DELIVERED || record->outcome == STOX_OUTCOME_IGNORED;
  }
}

static void take_link(const stox_federation_link *link) {
  require(stox_span_is_equal(link->local, stox_span_text("sip.example")));
  require(link->remote.n > 0);
}

static void take_event(run *r, const stox_action *action) {
  r->stopped += action->event == STOX_GATEWAY_STOPPED;
  if (action->event == STOX_GATEWAY_RECORD) {
    take_record(r, action->object);
  } else if (action->event >= STOX_GATEWAY_UP) {
    take_link(action->object);
  }
}

/* DNS knows nobody. */
static const stox_action *gateway_next(void *ud) {
  run *r = ud;
  const stox_action *action = NULL;
  while ((action = stox_gateway_next(r->gateway)) != NULL) {
    if (action->kind == STOX_DO_EVENT) {
      take_event(r, action);
    } else if (action->kind == STOX_DO_RESOLVE) {
      (void)stox_gateway_resolved(r->gateway, action->token, STOX_OK, NULL, 0, r->now);
    } else if (action->kind == STOX_DO_START_TLS) {
      secure_ours(r, action);
    } else {
      return action;
    }
  }
  return NULL;
}

static int gateway_feed(void *ud, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  (void)stox_gateway_feed(((run *)ud)->gateway, flow, bytes, now_ns);
  return STOX_OK;
}

static int gateway_done(void *ud, uint64_t token, int status, const stox_flow *flow,
                        uint64_t now_ns) {
  (void)stox_gateway_done(((run *)ud)->gateway, token, status, flow, now_ns);
  return STOX_OK;
}

static int gateway_hold(void *ud, uint64_t handle, int full, uint64_t now_ns) {
  return stox_gateway_hold(((run *)ud)->gateway, handle, full, now_ns);
}

static uint64_t gateway_deadline(const void *ud) {
  return stox_gateway_deadline(((const run *)ud)->gateway);
}

static int gateway_tick(void *ud, uint64_t now_ns, uint64_t wall_s) {
  run *r = ud;
  (void)stox_gateway_tick(r->gateway, now_ns, wall_s);
  return STOX_OK;
}

/* ---- the SIP peer ---- */

static void take_response(run *r, const stox_sip_message *response) {
  stox_sip_via via;
  const int code = stox_sip_status(response);
  const size_t n = stox_sip_get_via(&via, response, 0) == STOX_OK
                       ? number_of(via.branch, "z9hG4bK" SECRET)
                       : OWED;
  if (code >= 200 && n < r->n_sip) {
    require(r->sip[n].code == 0 || r->sip[n].code == code || r->is_lossy);
    r->sip[n].code = code;
  }
}

static void take_request(run *r, stox_sip_message *request, stox_arena *arena) {
  stox_sip_edit *edit = NULL;
  stox_buf out;
  if (r->answer == 0) {
    return;
  }
  require(stox_sip_response_new(&edit, arena, request, r->answer, stox_span_text("x"),
                                stox_span_text("t")) == STOX_OK);
  stox_buf_init(&out, r->sip_out.p, sizeof r->sip_out.p);
  require(stox_sip_write(&out, edit) == STOX_OK);
  r->sip_out.n = stox_buf_span(&out).n;
}

static int sip_feed(void *ud, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  run *r = ud;
  stox_arena arena;
  stox_sip_message *message = NULL;
  stox_sip_options options;
  (void)flow;
  (void)now_ns;
  (void)stox_sip_options_init(&options, sizeof options);
  stox_arena_init(&arena, NULL, 0, 0, stox_allocator_libc());
  require(stox_sip_parse(&message, &arena, bytes, &options, NULL) == STOX_OK);
  if (stox_sip_status(message) != 0) {
    take_response(r, message);
  } else {
    take_request(r, message, &arena);
  }
  stox_arena_clear(&arena);
  return STOX_OK;
}

static const stox_action *sip_next(void *ud) {
  run *r = ud;
  const stox_action how = {.kind = STOX_DO_SEND, .remote = AT(5070, UDP)};
  return r->sip_out.n == 0 ? NULL : give_waiting(r, &r->sip_out, &how);
}

static int idle_done(void *ud, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  (void)ud;
  (void)token;
  (void)status;
  (void)flow;
  (void)now_ns;
  return STOX_OK;
}

static int idle_hold(void *ud, uint64_t handle, int full, uint64_t now_ns) {
  (void)ud;
  (void)handle;
  (void)full;
  (void)now_ns;
  return STOX_OK;
}

static uint64_t idle_deadline(const void *ud) {
  (void)ud;
  return UINT64_MAX;
}

static int idle_tick(void *ud, uint64_t now_ns, uint64_t wall_s) {
  (void)ud;
  (void)now_ns;
  (void)wall_s;
  return STOX_OK;
}

/* ---- the servers ---- */

static void say_waiting(peer *p) {
  if (p->out.n > 0 &&
      stox_federation_send(p->federation, stox_span_text(p->domain), stox_span_text("sip.example"),
                           (stox_span){p->out.p, p->out.n}, p->run->now) == STOX_OK) {
    p->out.n = 0;
  }
}

static void answer_with(peer *p, const stox_stanza *stanza, int is_error) {
  static char room[ROOM * 4];
  const stox_error_write error = {.condition = STOX_COND_ITEM_NOT_FOUND, .type = STOX_ERROR_CANCEL};
  stox_buf out;
  stox_buf_init(&out, room, sizeof room);
  if ((is_error ? stox_stanza_error_write(&out, stanza, &error)
                : stox_service_answer(&out, stanza, NULL)) == STOX_OK) {
    put(&p->out, stox_buf_span(&out));
    say_waiting(p);
  }
}

static void take_stanza(peer *p, const stox_stanza *stanza) {
  run *r = p->run;
  require(stanza->to.n > 0 && stanza->from.n > 0);
  if (stanza->kind == STOX_STANZA_IQ) {
    if (!p->is_deaf && (stanza->type == STOX_TYPE_GET || stanza->type == STOX_TYPE_SET)) {
      answer_with(p, stanza, 0);
    }
  } else if (stanza->type == STOX_TYPE_ERROR) {
    const size_t n = number_of(stanza->id, SECRET);
    if (n < r->n_xmpp) {
      r->xmpp[n].errors++;
    }
  } else if (stanza->kind == STOX_STANZA_MESSAGE && p->bounces) {
    answer_with(p, stanza, 1);
  }
}

static int peer_feed(void *ud, const stox_flow *flow, stox_span bytes, uint64_t now_ns) {
  peer *p = ud;
  if (!stox_federation_owns(p->federation, flow->handle) &&
      (bytes.n == 0 || stox_federation_accept(p->federation, flow, now_ns) != STOX_OK)) {
    return STOX_OK;
  }
  (void)stox_federation_feed(p->federation, flow, bytes, now_ns);
  return STOX_OK;
}

static int peer_done(void *ud, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns) {
  peer *p = ud;
  return stox_federation_done(p->federation, token, status, flow, now_ns);
}

static int peer_hold(void *ud, uint64_t handle, int full, uint64_t now_ns) {
  peer *p = ud;
  (void)stox_federation_hold(p->federation, handle, full, now_ns);
  return STOX_OK;
}

static void take_peers_event(peer *p, const stox_action *action) {
  if (action->event == STOX_FEDERATION_STANZA) {
    take_stanza(p, ((const stox_federation_stanza *)action->object)->stanza);
  } else if (action->event == STOX_FEDERATION_UP) {
    say_waiting(p);
  } else if (action->event == STOX_FEDERATION_DOWN) {
    p->run->is_lossy = 1; /* what it had said may be gone */
  }
}

static const stox_action *peer_next(void *ud) {
  peer *p = ud;
  const stox_action *action = NULL;
  while ((action = stox_federation_next(p->federation)) != NULL) {
    if (action->kind == STOX_DO_EVENT) {
      take_peers_event(p, action);
    } else if (action->kind == STOX_DO_START_TLS) {
      const stox_flow flow = {.handle = action->handle, .peer = &somebody};
      (void)stox_federation_done(p->federation, action->token, STOX_OK, &flow, p->run->now);
    } else {
      return action;
    }
  }
  return NULL;
}

static uint64_t peer_deadline(const void *ud) {
  return stox_federation_deadline(((const peer *)ud)->federation);
}

static int peer_tick(void *ud, uint64_t now_ns, uint64_t wall_s) {
  (void)wall_s;
  return stox_federation_tick(((peer *)ud)->federation, now_ns);
}

#endif
