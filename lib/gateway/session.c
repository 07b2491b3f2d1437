/* SPDX-License-Identifier: MIT */
/* The component sessions of a gateway. */
#include "gateway/internal.h"

#include "stox/status.h"

/* Tokens of the sessions carry a bit of their own and which session it is. */
#define SESSION_BIT   (UINT64_C(1) << 51)
#define SESSION_SHIFT 40

static int is_session(const served *s) {
  return s->session != NULL;
}

const served *gw_session_of(const stox_gateway *gw, uint64_t handle) {
  for (size_t i = 0; i < gw->n_served; i++) {
    if (is_session(&gw->served[i]) && stox_component_owns(gw->served[i].session, handle)) {
      return &gw->served[i];
    }
  }
  return NULL;
}

int gw_session_is_token(uint64_t token) {
  return (token & SESSION_BIT) != 0;
}

int gw_session_done(stox_gateway *gw, uint64_t token, int status, const stox_flow *flow) {
  const uint64_t which = (token & ~SESSION_BIT) >> SESSION_SHIFT;
  const uint64_t inner = token & ((UINT64_C(1) << SESSION_SHIFT) - 1);
  return which >= gw->n_served || !is_session(&gw->served[which])
             ? STOX_E_ARG
             : stox_component_done(gw->served[which].session, inner, status, flow, gw->now_ns);
}

int gw_session_resolved(stox_gateway *gw, uint64_t token, int status, const stox_record *records,
                        size_t n) {
  const uint64_t which = (token & ~SESSION_BIT) >> SESSION_SHIFT;
  const uint64_t inner = token & ((UINT64_C(1) << SESSION_SHIFT) - 1);
  return which >= gw->n_served ? STOX_E_ARG
                               : stox_component_resolved(gw->served[which].session, inner, status,
                                                         records, n, gw->now_ns);
}

static void on_event(stox_gateway *gw, served *s, const stox_action *action) {
  switch (action->event) {
  case STOX_COMPONENT_READY:
    gw->n_ready++;
    gw_barrier_ready(gw, s->server);
    if (gw->n_ready == gw->options.n_components) {
      gw_tell(gw, STOX_GATEWAY_READY, STOX_OK, NULL);
    }
    break;
  case STOX_COMPONENT_LOST:
    gw->n_ready -= s->server->is_up ? 1U : 0U;
    gw_barrier_lost(gw, s->server);
    gw_tell(gw, STOX_GATEWAY_LOST, action->status, NULL);
    break;
  case STOX_COMPONENT_STANZA:
    gw_stanza(gw, s, action->object);
    break;
  default:
    s->server->is_up = 0;
    s->is_stopped = 1;
    break;
  }
}

static const stox_action *next_of(stox_gateway *gw, size_t which) {
  served *s = &gw->served[which];
  const stox_action *action = NULL;
  gw_ways_turn(gw);
  while ((action = stox_component_next(s->session, gw->now_ns)) != NULL) {
    if (action->kind != STOX_DO_EVENT) {
      gw->action = *action;
      gw->action.token =
          action->token == 0 ? 0 : SESSION_BIT | (uint64_t)which << SESSION_SHIFT | action->token;
      return &gw->action;
    }
    on_event(gw, s, action);
    gw->work++;
    gw_ways_turn(gw);
  }
  return NULL;
}

const stox_action *gw_sessions_next(stox_gateway *gw) {
  const stox_action *action = NULL;
  for (size_t i = 0; action == NULL && i < gw->n_served; i++) {
    action = is_session(&gw->served[i]) ? next_of(gw, i) : NULL;
  }
  return action;
}

uint64_t gw_sessions_deadline(const stox_gateway *gw) {
  uint64_t at = UINT64_MAX;
  for (size_t i = 0; i < gw->n_served; i++) {
    const uint64_t session =
        is_session(&gw->served[i]) ? stox_component_deadline(gw->served[i].session) : UINT64_MAX;
    at = session < at ? session : at;
  }
  return at;
}

void gw_sessions_tick(stox_gateway *gw) {
  for (size_t i = 0; i < gw->n_served; i++) {
    if (is_session(&gw->served[i])) {
      (void)stox_component_tick(gw->served[i].session, gw->now_ns);
    }
  }
}

void gw_sessions_stop(stox_gateway *gw) {
  for (size_t i = 0; i < gw->n_served; i++) {
    if (is_session(&gw->served[i])) {
      (void)stox_component_stop(gw->served[i].session, gw->now_ns);
    }
  }
}

int gw_sessions_are_stopped(const stox_gateway *gw) {
  for (size_t i = 0; i < gw->n_served; i++) {
    if (is_session(&gw->served[i]) && !gw->served[i].is_stopped) {
      return 0;
    }
  }
  return 1;
}
