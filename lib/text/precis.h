/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEXT_PRECIS_H
#define STOX_TEXT_PRECIS_H

#include "stox/span.h"

/* Parts of stox_precis(), on valid UTF-8. */

/* 1 if the code point `point`, which begins at octet `at`, may stand there (RFC 5892 A). */
int stox_precis_context(stox_span text, size_t at, uint32_t point);

/* 1 if a text without right-to-left characters, or one that keeps the six rules of RFC 5893 2. */
int stox_precis_bidi(stox_span text);

#endif
