/* SPDX-License-Identifier: MIT */
#ifndef STOX_MAP_MAP_H
#define STOX_MAP_MAP_H

#include "stox/address_map.h"

/* Maps a JID that is there in parts already: parts that were decoded one by one must not be joined
 * and split again. Options as stox_map_jid_to_uri(). */
int stox_map_parts_to_uri(stox_map_result *out, stox_arena *arena, const stox_jid *jid,
                          const stox_map_options *options, stox_diag *diag);

/* A buffer of `n` octets of the arena. STOX_OK or STOX_E_NOMEM. */
int stox_map_room(stox_buf *out, stox_arena *arena, size_t n);

/* The defaults under the caller's options. STOX_OK or STOX_E_ARG. */
int stox_map_read_options(stox_map_options *out, const stox_map_options *given);

/* Appends a host in the form of the other side: by the caller's table, else by IDNA. */
int stox_map_put_domain(stox_buf *out, stox_span host, int to_xmpp,
                        const stox_map_options *options);

#endif
