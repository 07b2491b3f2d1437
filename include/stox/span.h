/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Borrowed bytes: a pointer and a length by value, never NUL-terminated.
 *
 * Absent is `p == NULL`; empty is `n == 0`. A span owns nothing and lives as long as what it points
 * to.
 */
#ifndef STOX_SPAN_H
#define STOX_SPAN_H

#include "stox/api.h"

STOX_BEGIN_DECLS

/** A view of `n` octets at `p`. */
typedef struct stox_span {
  const char *p; /**< first octet; NULL: absent */
  size_t n;      /**< number of octets */
} stox_span;

/** @return the span of `n` octets at `p` (for bindings without struct literals) */
STOX_API stox_span stox_span_of(const char *p, size_t n);

/** @return the span of a NUL-terminated text, without the NUL; absent for NULL */
STOX_API stox_span stox_span_text(const char *text);

/** @return 1 if both hold the same octets (absent equals empty), else 0 */
STOX_API int stox_span_is_equal(stox_span a, stox_span b);

/** @return 1 if both hold the same octets when ASCII letters are compared without case, else 0 */
STOX_API int stox_span_is_equal_nocase(stox_span a, stox_span b);

/** @return the part from octet `from` on, at most `n` octets; clamped to the span */
STOX_API stox_span stox_span_slice(stox_span s, size_t from, size_t n);

/** @return the index of the first `octet`, or `s.n` if there is none */
STOX_API size_t stox_span_find(stox_span s, char octet);

/** @return the span without leading and trailing SP, HTAB, CR and LF */
STOX_API stox_span stox_span_trim(stox_span s);

STOX_END_DECLS

#endif
