/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/status.h"

#include <string.h>

static uint64_t key_of(const stox_gateway *gw, stox_span xmpp, stox_span sip, stox_span call_id) {
  uint64_t hash = stox_table_hash(&gw->conversations, 0, xmpp);
  hash = stox_table_hash(&gw->conversations, hash, sip);
  return stox_table_hash(&gw->conversations, hash, call_id);
}

static void unlink_age(stox_gateway *gw, conversation *c) {
  *(c->newer == NULL ? &gw->newest : &c->newer->older) = c->older;
  *(c->older == NULL ? &gw->oldest : &c->older->newer) = c->newer;
  c->newer = NULL;
  c->older = NULL;
}

static void link_newest(stox_gateway *gw, conversation *c) {
  c->older = gw->newest;
  c->newer = NULL;
  *(gw->newest == NULL ? &gw->oldest : &gw->newest->newer) = c;
  gw->newest = c;
}

static void forget(stox_gateway *gw, conversation *c) {
  stox_table_remove(&gw->conversations, &c->by_key);
  unlink_age(gw, c);
  gw_give(gw, c, c->n);
}

static stox_span place(char **at, stox_span text) {
  if (text.n > 0) {
    memcpy(*at, text.p, text.n);
  }
  const stox_span placed = {*at, text.n};
  *at += text.n;
  return placed;
}

static conversation *make_new(stox_gateway *gw, uint64_t hash, stox_span xmpp, stox_span sip,
                              stox_span call_id) {
  /* What is forgotten comes back with another tag, so no Call-ID, tag and CSeq are used twice. */
  while (gw->conversations.count >= CONVERSATIONS_MAX && gw->oldest != NULL) {
    forget(gw, gw->oldest);
  }
  const size_t n = sizeof(conversation) + xmpp.n + sip.n + call_id.n;
  conversation *c = gw_take(gw, n);
  if (c == NULL) {
    return NULL;
  }
  char *at = (char *)(c + 1);
  c->n = n;
  c->xmpp = place(&at, xmpp);
  c->sip = place(&at, sip);
  c->call_id = place(&at, call_id);
  if (gw_tag(gw, c->tag) != STOX_OK ||
      stox_table_insert(&gw->conversations, &c->by_key, hash) != STOX_OK) {
    gw_give(gw, c, n);
    return NULL;
  }
  link_newest(gw, c);
  return c;
}

conversation *gw_conversation(stox_gateway *gw, stox_span xmpp, stox_span sip, stox_span call_id,
                              int make) {
  const uint64_t hash = key_of(gw, xmpp, sip, call_id);
  stox_link *link = NULL;
  while ((link = stox_table_find(&gw->conversations, hash, link)) != NULL) {
    conversation *c = (void *)link;
    if (stox_span_is_equal(c->xmpp, xmpp) && stox_span_is_equal(c->sip, sip) &&
        stox_span_is_equal(c->call_id, call_id)) {
      unlink_age(gw, c);
      link_newest(gw, c);
      return c;
    }
  }
  return make ? make_new(gw, hash, xmpp, sip, call_id) : NULL;
}

void gw_conversations_clear(stox_gateway *gw) {
  while (gw->oldest != NULL) {
    forget(gw, gw->oldest);
  }
  stox_table_clear(&gw->conversations);
}
