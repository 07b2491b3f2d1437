/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

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

int gw_reply(stox_gateway *gw, served *local, stox_span to, int (*write)(stox_buf *out, void *ud),
             void *ud) {
  stox_span stanza;
  way *w = gw_way_to(gw, local, to);
  const int status = w == NULL ? STOX_E_NOMEM : gw_stanza_write(gw, &stanza, write, ud);
  return status == STOX_OK ? gw_way_send(gw, w, stanza) : status;
}

int gw_reply_owe(stox_gateway *gw, served *local, stox_span to,
                 int (*write)(stox_buf *out, void *ud), void *ud) {
  stox_span stanza;
  way *w = gw_way_to(gw, local, to);
  const int status = w == NULL ? STOX_E_NOMEM : gw_stanza_write(gw, &stanza, write, ud);
  if (status != STOX_OK) {
    return status;
  }
  const size_t before = stox_octets_span(&w->owed).n;
  if (before == 0 && gw_way_send(gw, w, stanza) == STOX_OK) {
    return STOX_OK;
  }
  gw_way_list(gw, w);
  return stanza.n > OWED_MAX - before ? STOX_E_FULL
                                      : stox_octets_put(&w->owed, gw->options.alloc, stanza);
}

void gw_reply_pay(stox_gateway *gw, way *w) {
  const stox_span owed = stox_octets_span(&w->owed);
  if (owed.n > 0 && gw_way_send(gw, w, owed) == STOX_OK) {
    stox_octets_clear(&w->owed, gw->options.alloc);
  }
}
