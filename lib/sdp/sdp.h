/* SPDX-License-Identifier: MIT */
#ifndef STOX_SDP_SDP_H
#define STOX_SDP_SDP_H

#include "stox/sdp.h"

/* Where a type stands in its section (RFC 8866 9): 1, 2, …; 0: no type of that section. */
int stox_sdp_rank(char type, int in_media);

/* 1 if the value is one of its type, by RFC 8866 9; of types without typed access, any but an empty
 * one. m= by stox_sdp_media_parse(), strict. */
int stox_sdp_is_good(char type, stox_span value);

/* Puts a line at `index`, its text made in the arena. STOX_OK, STOX_E_CTRL, STOX_E_BAD_BODY,
 * STOX_E_NOMEM. */
int stox_sdp_insert(stox_sdp *sdp, size_t index, char type, stox_span value);

/* Room for `n` lines; STOX_OK or STOX_E_NOMEM. */
int stox_sdp_reserve(stox_sdp *sdp, size_t n);

/* The values of r=, z= and k= by RFC 8866 9. */
int stox_sdp_is_repeat(stox_span value);
int stox_sdp_is_zone(stox_span value);
int stox_sdp_is_key(stox_span value);

#endif
