/* SPDX-License-Identifier: MIT */
#ifndef STOX_MIME_TRANSFER_H
#define STOX_MIME_TRANSFER_H

#include "stox/transfer_encoding.h"

/* Accepts when lenient, and remembers that; else refuses with `code`. 1: accepted. */
int stox_transfer_forgive(stox_transfer *decoder, int code);

/* One octet, and the end, of each of the two that change octets. What they refuse stands in
 * `status`. */
void stox_quoted_feed(stox_buf *out, stox_transfer *decoder, char octet);
void stox_quoted_end(stox_buf *out, stox_transfer *decoder);
void stox_base64_feed(stox_buf *out, stox_transfer *decoder, char octet);
void stox_base64_end(stox_buf *out, stox_transfer *decoder);

/* As many octets at the front as can be decoded at once in the state that the decoder is in; they
 * are taken. 0: the next is for the functions above. */
size_t stox_quoted_run(stox_buf *out, stox_transfer *decoder, stox_span text);
size_t stox_base64_run(stox_buf *out, stox_transfer *decoder, stox_span text);

int stox_quoted_encode(stox_buf *out, stox_span octets);

#endif
