/* SPDX-License-Identifier: MIT */
#include "session/negotiate.h"

#include "stox/secret.h"
#include "stox/status.h"

#include "base/options.h"

#include <string.h>

enum { ROOM = 512 };

/* ---- the peer ---- */

void stox_peer_drop(stox_kept_peer *kept, const stox_allocator *alloc) {
  if (kept->n > 0) {
    stox_wipe(kept->p, kept->n);
    (void)alloc->resize(alloc->ud, kept->p, kept->n, 0);
  }
  *kept = (stox_kept_peer){.peer = {.size = sizeof kept->peer}};
}

static void move(stox_span *text, char **to) {
  if (text->n > 0) {
    memcpy(*to, text->p, text->n);
    text->p = *to;
    *to += text->n;
  }
}

int stox_peer_keep(stox_kept_peer *out, const stox_peer *peer, const stox_allocator *alloc) {
  stox_kept_peer kept = {.peer = {.size = sizeof kept.peer}};
  stox_peer *own = &kept.peer;
  stox_peer_drop(out, alloc);
  (void)stox_options_read(own, sizeof *own, peer);
  kept.n = own->identities.n + own->alpn.n + own->channel_binding.n + own->server_end_point.n;
  if (kept.n > 0) {
    kept.p = alloc->resize(alloc->ud, NULL, 0, kept.n);
    if (kept.p == NULL) {
      return STOX_E_NOMEM;
    }
  }
  char *to = kept.p;
  move(&own->identities, &to);
  move(&own->alpn, &to);
  move(&own->channel_binding, &to);
  move(&own->server_end_point, &to);
  *out = kept;
  return STOX_OK;
}

/* ---- the stream ---- */

static int put_large(stox_stream *stream, const stox_sasl_message *message, int dialect,
                     const stox_allocator *alloc, size_t n, uint64_t now_ns) {
  char *p = alloc->resize(alloc->ud, NULL, 0, n);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf buf;
  stox_buf_init(&buf, p, n);
  int status = stox_sasl_write(&buf, message, dialect);
  if (status == STOX_OK) {
    status = stox_stream_put(stream, stox_buf_span(&buf), now_ns);
  }
  stox_wipe(p, n);
  (void)alloc->resize(alloc->ud, p, n, 0);
  return status;
}

int stox_sasl_put(stox_stream *stream, const stox_sasl_message *message, int dialect,
                  const stox_allocator *alloc, uint64_t now_ns) {
  char room[ROOM];
  stox_buf buf;
  stox_buf_init(&buf, room, sizeof room);
  int status = stox_sasl_write(&buf, message, dialect);
  if (status == STOX_E_NOBUF) {
    status = put_large(stream, message, dialect, alloc, buf.len, now_ns);
  } else if (status == STOX_OK) {
    status = stox_stream_put(stream, stox_buf_span(&buf), now_ns);
  }
  stox_wipe(room, sizeof room);
  return status;
}

void stox_stream_end_for(stox_stream *stream, int status, uint64_t now_ns) {
  const stox_stream_error error = {.condition = stox_stream_condition_for(status), .is_bare = 1};
  (void)stox_stream_fail(stream, &error, now_ns);
}
