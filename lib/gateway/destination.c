/* SPDX-License-Identifier: MIT */
/* Request-URIs with messages under way, and the lists that they wait in. */
#include "gateway/internal.h"

#include "stox/status.h"

#include <string.h>

static destination *find_destination(const stox_gateway *gw, stox_span uri) {
  const uint64_t hash = stox_table_hash(&gw->destinations, 0, uri);
  stox_link *link = NULL;
  while ((link = stox_table_find(&gw->destinations, hash, link)) != NULL) {
    destination *d = (void *)link;
    if (stox_span_is_equal(d->uri, uri)) {
      return d;
    }
  }
  return NULL;
}

destination *gw_destination_of(stox_gateway *gw, stox_span uri, route *r) {
  destination *d = find_destination(gw, uri);
  if (d != NULL) {
    return d;
  }
  d = gw_take(gw, sizeof *d + uri.n);
  if (d == NULL) {
    return NULL;
  }
  memcpy(d + 1, uri.p, uri.n);
  d->uri = (stox_span){(const char *)(d + 1), uri.n};
  d->route = r;
  if (stox_table_insert(&gw->destinations, &d->by_uri,
                        stox_table_hash(&gw->destinations, 0, uri)) != STOX_OK) {
    gw_give(gw, d, sizeof *d + uri.n);
    return NULL;
  }
  return d;
}

void gw_destination_forget(stox_gateway *gw, destination *d) {
  stox_table_remove(&gw->destinations, &d->by_uri);
  gw_give(gw, d, sizeof *d + d->uri.n);
}

void gw_destination_leave(destination *d) {
  if (d->in == NULL) {
    return;
  }
  *(d->before == NULL ? &d->in->first : &d->before->next) = d->next;
  *(d->next == NULL ? &d->in->last : &d->next->before) = d->before;
  d->in = NULL;
}

/* At the end, so that no destination waits for all others. */
void gw_destination_enter(destination_list *list, destination *d) {
  if (d->in == list) {
    return;
  }
  gw_destination_leave(d);
  d->in = list;
  d->next = NULL;
  d->before = list->last;
  *(list->last == NULL ? &list->first : &list->last->next) = d;
  list->last = d;
}
