/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_MEND_SHAPE_H
#define STOX_SIP_MEND_SHAPE_H

#include "sip/shape.h"

/* Rewriting of values that break their grammar. What is appended is strict where the value could be
 * mended; the caller finds out. */

/* At the separator (`;`, and `,` if asked for) that stands in no quotes or angle brackets at or
 * behind `at`, or text.n. */
size_t stox_sip_piece_end(stox_span text, size_t at, int with_commas);

/* Appends a text between two others. */
void stox_sip_put_around(stox_buf *out, const char *before, stox_span text, const char *after);

/* Appends a text as a quoted string; as it is if it can be none, for the grammar to refuse. */
void stox_sip_put_quoted(stox_buf *out, stox_span text);

/* A value of a shape. */
void stox_sip_mend_shape(stox_buf *out, const stox_sip_shape *shape, stox_span value);

/* A value that has no shape: of Authentication-Info, Authorization and its kin, Date, Expires,
 * Retry-After, Server, User-Agent, Warning; any other is appended as it is. */
void stox_sip_mend_text(stox_buf *out, int id, stox_span value);

#endif
