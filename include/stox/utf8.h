/* SPDX-License-Identifier: MIT */
/**
 * @file
 * UTF-8 (RFC 3629): validation and code points.
 */
#ifndef STOX_UTF8_H
#define STOX_UTF8_H

#include "stox/buf.h"

STOX_BEGIN_DECLS

/**
 * Checks a text.
 * @param text any octets
 * @param[out] offset where the first bad sequence begins; untouched on success; may be NULL
 * @retval STOX_OK UTF-8 (NUL and controls included)
 * @retval STOX_E_BAD_UTF8 truncated, overlong, surrogate, above U+10FFFF, or a stray octet
 */
STOX_API int stox_utf8_check(stox_span text, size_t *offset);

/**
 * Reads the code point at `*cursor` and moves the cursor behind it.
 * @retval STOX_OK read
 * @retval STOX_E_NONE the cursor is at the end
 * @retval STOX_E_BAD_UTF8 no code point begins here; the cursor stays
 */
STOX_API int stox_utf8_next(uint32_t *out, stox_span text, size_t *cursor);

/** Appends a code point; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_UTF8 for a surrogate or one above
 * U+10FFFF. */
STOX_API int stox_utf8_put(stox_buf *out, uint32_t code_point);

/** @return 1 if every octet is below 0x80 */
STOX_API int stox_text_is_ascii(stox_span text);

STOX_END_DECLS

#endif
