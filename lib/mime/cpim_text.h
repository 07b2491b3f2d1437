/* SPDX-License-Identifier: MIT */
#ifndef STOX_MIME_CPIM_TEXT_H
#define STOX_MIME_CPIM_TEXT_H

#include "stox/span.h"

/* Pieces of RFC 3862 3.6; each takes an index and gives one not above text.n. */

/* Behind a Name; `at` itself if there is none. */
size_t stox_cpim_name_end(stox_span text, size_t at);

/* Behind a Header-name, `*dot` at its dot or where it ends; `at` itself if there is none. */
size_t stox_cpim_header_name_end(stox_span text, size_t at, size_t *dot);

/* Behind a String that begins at `at`; 0 if it does not end. */
size_t stox_cpim_string_end(stox_span text, size_t at);

/* 1 if the text is an absolute URI without fragment. */
int stox_cpim_is_uri(stox_span text);

#endif
