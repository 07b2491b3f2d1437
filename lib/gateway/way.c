/* SPDX-License-Identifier: MIT */
/* The ways to XMPP, each with what waits for it: a server that is gone holds only its own. A
 * component's domain has one, through its server. One that federates has one to each domain as long
 * as something waits or is up. */
#include "gateway/internal.h"

#include "stox/jid.h"
#include "stox/status.h"

#include <string.h>

enum { DOMAIN_ROOM = 1536 };

static int is_federated(const way *w) {
  return w->local->session == NULL;
}

way *gw_way_new(stox_gateway *gw, served *local, stox_span remote) {
  way *w = gw_take(gw, sizeof *w + remote.n);
  if (w != NULL) {
    memcpy(w + 1, remote.p, remote.n);
    w->local = local;
    w->remote = (stox_span){(const char *)(w + 1), remote.n};
    w->batch = 1;
  }
  return w;
}

void gw_way_free(stox_gateway *gw, way *w) {
  if (w != NULL) {
    gw_reply_forgive(gw, w);
    gw_give(gw, w, sizeof *w + w->remote.n);
  }
}

/* ---- by names ---- */

static uint64_t hash_of(const stox_gateway *gw, const served *local, stox_span remote) {
  return stox_table_hash(&gw->ways, stox_table_hash(&gw->ways, 0, local->name), remote);
}

static way *find(const stox_gateway *gw, const served *local, stox_span remote) {
  const uint64_t hash = hash_of(gw, local, remote);
  stox_link *link = NULL;
  while ((link = stox_table_find(&gw->ways, hash, link)) != NULL) {
    way *w = (void *)link;
    if (w->local == local && stox_span_is_equal(w->remote, remote)) {
      return w;
    }
  }
  return NULL;
}

/* Names are compared as they are prepared; most are already. */
static way *find_or_prepare(stox_gateway *gw, const served *local, stox_span *remote,
                            stox_arena *arena) {
  way *w = find(gw, local, *remote);
  const stox_jid given = {.domainpart = *remote};
  stox_jid prepared;
  if (w != NULL || stox_jid_prepare(&prepared, arena, &given, STOX_JID_NODEPREP, NULL) != STOX_OK ||
      stox_span_is_equal(prepared.domainpart, *remote)) {
    return w;
  }
  *remote = prepared.domainpart;
  return find(gw, local, *remote);
}

way *gw_way_find(stox_gateway *gw, served *local, stox_span remote) {
  char room[DOMAIN_ROOM];
  stox_arena arena;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  return local->session != NULL ? local->server : find_or_prepare(gw, local, &remote, &arena);
}

static way *make(stox_gateway *gw, served *local, stox_span remote) {
  way *w = gw_way_new(gw, local, remote);
  if (w == NULL) {
    return NULL;
  }
  if (stox_table_insert(&gw->ways, &w->by_names, hash_of(gw, local, remote)) != STOX_OK) {
    gw_way_free(gw, w);
    return NULL;
  }
  gw_way_list(gw, w); /* where nothing comes of it, it goes at the next turn */
  return w;
}

way *gw_way_to(stox_gateway *gw, served *local, stox_span remote) {
  char room[DOMAIN_ROOM];
  stox_arena arena;
  stox_arena_init(&arena, room, sizeof room, 0, NULL);
  if (local->session != NULL) {
    return local->server;
  }
  way *w = find_or_prepare(gw, local, &remote, &arena);
  return w == NULL ? make(gw, local, remote) : w;
}

/* ---- sending ---- */

int gw_way_send(stox_gateway *gw, way *w, stox_span stanzas) {
  return is_federated(w) ? gw_federation_send(gw, w, stanzas)
                         : stox_component_send(w->local->session, stanzas);
}

int gw_way_is_open(const way *w) {
  return is_federated(w) ? !w->is_asked && w->failure == STOX_OK : w->is_up;
}

/* ---- turns ---- */

void gw_way_list(stox_gateway *gw, way *w) {
  if (!w->is_listed) {
    w->is_listed = 1;
    w->next = gw->first_way;
    gw->first_way = w;
  }
}

static int waits(const way *w) {
  return w->waiting.first != NULL || stox_octets_span(&w->owed).n > 0;
}

static int is_needed(const way *w) {
  return !is_federated(w) || w->is_up || w->is_asked || w->queued > 0 || waits(w);
}

/* What will never come is not waited for. */
static void give_up(stox_gateway *gw, way *w) {
  const int status = w->failure;
  w->failure = STOX_OK;
  gw_barrier_failed(gw, w, status == STOX_E_ARG ? 404 : 503,
                    status == STOX_E_ARG ? STOX_E_UNKNOWN_DOMAIN : status);
}

static void take_turn(stox_gateway *gw, way *w) {
  gw_barrier_ping(gw, w);
  if (w->failure != STOX_OK) {
    give_up(gw, w);
  }
  if (is_federated(w) && w->is_silent) {
    (void)stox_federation_drop(gw->federation, w->local->name, w->remote, gw->now_ns);
    w->is_silent = 0;
  }
}

/* One that is at its turn stays listed, so that nothing that comes of it lists it again. */
void gw_ways_turn(stox_gateway *gw) {
  way *w = gw->first_way;
  gw->first_way = NULL;
  while (w != NULL) {
    way *next = w->next;
    take_turn(gw, w);
    w->is_listed = 0;
    if (!is_needed(w)) {
      stox_table_remove(&gw->ways, &w->by_names);
      gw_way_free(gw, w);
    } else if (w->gathered > 0 || (gw_way_is_open(w) && waits(w))) {
      gw_way_list(gw, w);
    }
    w = next;
  }
}

void gw_ways_clear(stox_gateway *gw) {
  for (size_t i = 0; i < gw->n_served; i++) {
    gw_way_free(gw, gw->served[i].server);
  }
  for (size_t i = 0; i < gw->ways.n_buckets; i++) {
    while (gw->ways.buckets[i] != NULL) {
      way *w = (void *)gw->ways.buckets[i];
      stox_table_remove(&gw->ways, &w->by_names);
      gw_way_free(gw, w);
    }
  }
  stox_table_clear(&gw->ways);
}
