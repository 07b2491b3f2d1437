/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_NEGOTIATE_H
#define STOX_SESSION_NEGOTIATE_H

#include "stox/sasl.h"
#include "stox/stream.h"

/* What the sides of a client's stream share. */

/* What was said of a peer, kept beyond the call. */
typedef struct stox_kept_peer {
  stox_peer peer;
  char *p;
  size_t n;
} stox_kept_peer;

/* Keeps a peer in place of the last one; NULL: none. STOX_OK or STOX_E_NOMEM. */
int stox_peer_keep(stox_kept_peer *out, const stox_peer *peer, const stox_allocator *alloc);

void stox_peer_drop(stox_kept_peer *kept, const stox_allocator *alloc);

/* Queues an element of SASL; STOX_OK or why not. */
int stox_sasl_put(stox_stream *stream, const stox_sasl_message *message, int dialect,
                  const stox_allocator *alloc, uint64_t now_ns);

/* Ends a stream for a status of ours, if it is not over. */
void stox_stream_end_for(stox_stream *stream, int status, uint64_t now_ns);

#endif
