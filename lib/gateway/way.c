/* SPDX-License-Identifier: MIT */
/* The ways to XMPP, each with what waits for it: a server that is gone holds only its own. */
#include "gateway/internal.h"

#include "stox/status.h"

way *gw_way_new(stox_gateway *gw, served *local, stox_span remote) {
  way *w = gw_take(gw, sizeof *w);
  if (w != NULL) {
    w->local = local;
    w->remote = remote;
    w->batch = 1;
  }
  return w;
}

void gw_way_free(stox_gateway *gw, way *w) {
  if (w != NULL) {
    stox_octets_clear(&w->owed, gw->options.alloc);
    gw_give(gw, w, sizeof *w);
  }
}

way *gw_way_to(stox_gateway *gw, served *local, stox_span remote) {
  (void)gw;
  (void)remote;
  return local->server;
}

int gw_way_send(stox_gateway *gw, way *w, stox_span stanzas) {
  (void)gw;
  return stox_component_send(w->local->session, stanzas);
}

void gw_way_list(stox_gateway *gw, way *w) {
  if (!w->is_listed) {
    w->is_listed = 1;
    w->next = gw->first_way;
    gw->first_way = w;
  }
}

static int has_something_to_do(const way *w) {
  return w->gathered > 0 ||
         (w->is_up && (w->waiting.first != NULL || stox_octets_span(&w->owed).n > 0));
}

void gw_ways_turn(stox_gateway *gw) {
  way *w = gw->first_way;
  gw->first_way = NULL;
  while (w != NULL) {
    way *next = w->next;
    w->is_listed = 0;
    gw_barrier_ping(gw, w);
    if (has_something_to_do(w)) {
      gw_way_list(gw, w);
    }
    w = next;
  }
}
