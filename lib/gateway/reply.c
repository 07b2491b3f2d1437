/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/jid.h"
#include "stox/status.h"

/* A stanza of unknown length, in the scratch arena. */
int gw_stanza_write(stox_gateway *gw, stox_span *out, int (*write)(stox_buf *out, void *ud),
                    void *ud) {
  stox_arena_reset(&gw->scratch);
  size_t cap = 4096;
  for (;;) {
    stox_buf buf;
    char *p = stox_arena_take(&gw->scratch, cap, 1);
    if (p == NULL) {
      return STOX_E_NOMEM;
    }
    stox_buf_init(&buf, p, cap);
    const int status = write(&buf, ud);
    if (status != STOX_E_NOBUF) {
      *out = stox_buf_span(&buf);
      return status;
    }
    cap = buf.len;
  }
}

/* The way back to the domain of whoever wrote; NULL: there is none. */
static way *way_back(stox_gateway *gw, served *local, stox_span to) {
  stox_jid jid;
  if (local->session != NULL) {
    return local->server;
  }
  return stox_jid_parse(&jid, to, NULL) == STOX_OK ? gw_way_to(gw, local, jid.domainpart) : NULL;
}

static int owe(stox_gateway *gw, way *w, stox_span stanza) {
  const int is_peer = w->local->session == NULL;
  const size_t before = stox_octets_span(&w->owed).n;
  gw_way_list(gw, w);
  if (stanza.n > (is_peer ? OWED_PEER_MAX : OWED_MAX) - before ||
      (is_peer && stanza.n > OWED_PEERS_MAX - gw->n_owed)) {
    return STOX_E_FULL;
  }
  const int status = stox_octets_put(&w->owed, gw->options.alloc, stanza);
  gw->n_owed += status == STOX_OK && is_peer ? stanza.n : 0;
  return status;
}

static int reply(stox_gateway *gw, served *local, stox_span to,
                 int (*write)(stox_buf *out, void *ud), void *ud, int is_owed) {
  stox_span stanza;
  way *w = way_back(gw, local, to);
  int status = w == NULL ? STOX_E_NOMEM : gw_stanza_write(gw, &stanza, write, ud);
  if (status != STOX_OK) {
    return status;
  }
  const int is_behind = is_owed && stox_octets_span(&w->owed).n > 0;
  status = is_behind ? STOX_E_STATE : gw_way_send(gw, w, stanza);
  return status == STOX_OK || !is_owed ? status : owe(gw, w, stanza);
}

/* Towards a peer everything is owed: its stream may have to be made first. */
int gw_reply(stox_gateway *gw, served *local, stox_span to, int (*write)(stox_buf *out, void *ud),
             void *ud) {
  return reply(gw, local, to, write, ud, local->session == NULL);
}

int gw_reply_owe(stox_gateway *gw, served *local, stox_span to,
                 int (*write)(stox_buf *out, void *ud), void *ud) {
  return reply(gw, local, to, write, ud, 1);
}

void gw_reply_pay(stox_gateway *gw, way *w) {
  const stox_span owed = stox_octets_span(&w->owed);
  if (owed.n > 0 && gw_way_send(gw, w, owed) == STOX_OK) {
    gw_reply_forgive(gw, w);
  }
}

void gw_reply_forgive(stox_gateway *gw, way *w) {
  gw->n_owed -= w->local->session == NULL ? stox_octets_span(&w->owed).n : 0;
  stox_octets_clear(&w->owed, gw->options.alloc);
}
