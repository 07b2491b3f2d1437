/* SPDX-License-Identifier: MIT */
/* The SIP domains that are XMPP servers of their own. */
#include "stox/federation.h"

#include "gateway/internal.h"

#include "stox/host.h"
#include "stox/status.h"

/* Tokens of the federation are below this bit; no other token has it. */
#define FEDERATION_BIT (UINT64_C(1) << 52)

int gw_federation_is_token(uint64_t token) {
  return (token & FEDERATION_BIT) != 0;
}

int gw_federation_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                           size_t n) {
  return gw->federation == NULL ? STOX_E_ARG
                                : stox_federation_resolved(gw->federation, token & ~FEDERATION_BIT,
                                                           status, records, n, gw->now_ns);
}

int gw_federation_done(stox_gateway *gw, uint64_t token, int status, const stox_flow *flow) {
  const int taken =
      gw->federation == NULL
          ? STOX_E_ARG
          : stox_federation_done(gw->federation, token & ~FEDERATION_BIT, status, flow, gw->now_ns);
  /* A host without a resolver ends questions so. */
  return taken == STOX_E_ARG && status != STOX_OK
             ? gw_federation_resolved(gw, token, status, NULL, 0)
             : taken;
}

/* ---- flows ---- */

static int is_any(stox_span host) {
  return stox_span_is_equal(host, stox_span_text("0.0.0.0")) ||
         stox_span_is_equal(host, stox_span_text("::"));
}

static int is_listener(const stox_gateway *gw, const stox_endpoint *at) {
  for (size_t i = 0; i < gw->federated.n_local; i++) {
    const stox_endpoint *own = &gw->federated.local[i];
    if (own->port == at->port && stox_transport_is_reliable(at->transport) &&
        (is_any(own->host) || stox_host_is_equal(own->host, at->host))) {
      return 1;
    }
  }
  return 0;
}

int gw_federation_owns(const stox_gateway *gw, const stox_flow *flow) {
  return gw->federation != NULL &&
         (stox_federation_owns(gw->federation, flow->handle) || is_listener(gw, &flow->local));
}

int gw_federation_feed(stox_gateway *gw, const stox_flow *flow, stox_span bytes) {
  if (!stox_federation_owns(gw->federation, flow->handle)) {
    if (bytes.n == 0) {
      return STOX_OK;
    }
    if (stox_federation_accept(gw->federation, flow, gw->now_ns) != STOX_OK) {
      return gw_own(gw, &(stox_action){.kind = STOX_DO_CLOSE, .handle = flow->handle});
    }
  }
  return stox_federation_feed(gw->federation, flow, bytes, gw->now_ns);
}

/* ---- sending ---- */

int gw_federation_send(stox_gateway *gw, way *w, stox_span stanzas) {
  if (!gw_way_is_open(w)) {
    return STOX_E_STATE;
  }
  const int status =
      stox_federation_send(gw->federation, w->local->name, w->remote, stanzas, gw->now_ns);
  switch (status) {
  case STOX_OK:
    w->is_up = 1;
    break;
  case STOX_E_STATE:
    w->is_asked = 1;
    break;
  case STOX_E_FULL:
  case STOX_E_NOMEM:
    break; /* later */
  default:
    w->failure = status;
    gw_way_list(gw, w);
    break;
  }
  return status;
}

/* ---- events ---- */

/* One that was up is tried once more; one that could not be had is not (RFC 6120 8.3.3.15,
 * 8.3.3.16: the domain is not known, or is and cannot be reached). */
static void on_down(stox_gateway *gw, way *w, const stox_federation_link *link, int status) {
  if (w->is_up) {
    gw_barrier_lost(gw, w);
  } else {
    const int is_known = link->bounce != STOX_COND_REMOTE_SERVER_NOT_FOUND;
    gw_barrier_failed(gw, w, is_known ? 504 : 404, status == STOX_OK ? STOX_E_CLOSED : status);
  }
}

static void on_link(stox_gateway *gw, const stox_action *action) {
  const stox_federation_link *link = action->object;
  served *local = gw_served_of(gw, link->local);
  way *w = local == NULL ? NULL : gw_way_find(gw, local, link->remote);
  if (w != NULL && action->event == STOX_FEDERATION_UP) {
    gw_barrier_ready(gw, w);
  } else if (w != NULL && action->event == STOX_FEDERATION_DOWN) {
    on_down(gw, w, link, action->status);
  }
}

/* What a stanza is refused with before it is looked at; COND_NONE: it is not. Whom SIP may not
 * write to may not write to SIP, since no answer could go back. */
static int refusal_of(stox_gateway *gw, const served *local, const stox_federation_stanza *got,
                      int status) {
  if (!gw_is_xmpp_domain(gw, local, got->remote)) {
    return STOX_COND_FORBIDDEN;
  }
  if (status != STOX_OK) {
    return status == STOX_E_TOO_MANY ? STOX_COND_POLICY_VIOLATION : STOX_COND_BAD_REQUEST;
  }
  return STOX_COND_NONE;
}

static void on_stanza(stox_gateway *gw, const stox_action *action) {
  const stox_federation_stanza *got = action->object;
  served *local = gw_served_of(gw, got->local);
  const int refusal = local == NULL ? STOX_COND_NONE : refusal_of(gw, local, got, action->status);
  if (local != NULL && refusal == STOX_COND_NONE) {
    gw_stanza(gw, local, got->stanza);
  } else if (local != NULL && got->stanza->kind != STOX_STANZA_PRESENCE) {
    gw_stanza_refuse(gw, local, got->stanza, refusal);
  }
}

/* What the host is told of; 0: nothing. */
static int told_of(int event) {
  static const unsigned char events[] = {
      [STOX_FEDERATION_UP] = STOX_GATEWAY_UP,
      [STOX_FEDERATION_DOWN] = STOX_GATEWAY_DOWN,
      [STOX_FEDERATION_HEARD] = STOX_GATEWAY_HEARD,
      [STOX_FEDERATION_GONE] = STOX_GATEWAY_GONE,
      [STOX_FEDERATION_STOPPED] = 0,
  };
  return events[event];
}

static void on_event(stox_gateway *gw, const stox_action *action) {
  switch (action->event) {
  case STOX_FEDERATION_STANZA:
    on_stanza(gw, action);
    break;
  case STOX_FEDERATION_STOPPED:
    gw->is_federation_stopped = 1;
    break;
  default:
    on_link(gw, action);
    break;
  }
}

static const stox_action *give(stox_gateway *gw, const stox_action *action) {
  gw->action = *action;
  gw->action.token = action->token == 0 ? 0 : FEDERATION_BIT | action->token;
  return &gw->action;
}

const stox_action *gw_federation_next(stox_gateway *gw) {
  const stox_action *action = NULL;
  if (gw->federation == NULL) {
    return NULL;
  }
  gw_ways_turn(gw);
  while ((action = stox_federation_next(gw->federation)) != NULL) {
    if (action->kind != STOX_DO_EVENT) {
      return give(gw, action);
    }
    on_event(gw, action);
    gw->work++;
    if (told_of(action->event) != 0) {
      const stox_action *event = give(gw, action);
      gw->action.event = told_of(action->event);
      return event;
    }
    gw_ways_turn(gw);
  }
  return NULL;
}

void gw_federation_stop(stox_gateway *gw) {
  if (gw->federation != NULL) {
    (void)stox_federation_stop(gw->federation, gw->now_ns);
  }
}
