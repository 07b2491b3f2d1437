/* SPDX-License-Identifier: MIT */
/**
 * @file
 * JID escaping (XEP-0106): the ten sequences `\20 \22 \26 \27 \2f \3a \3c \3e \40 \5c`.
 */
#ifndef STOX_XEP0106_H
#define STOX_XEP0106_H

#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** Which sequences are used. */
enum {
  STOX_XEP0106_FULL = 0,   /**< all ten; a backslash becomes `\5c` only where it would begin one */
  STOX_XEP0106_RFC7247 = 1 /**< `\26 \27 \2f` only, as RFC 7247 6.4 step 5 prints */
};

/**
 * Appends a display text as a localpart.
 * @param out the buffer
 * @param text UTF-8
 * @param set STOX_XEP0106_…
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK appended
 * @retval STOX_E_ESCAPED_SPACE_AT_END a space first or last (full set); nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_xep0106_escape(stox_buf *out, stox_span text, int set, stox_diag *diag);

/** Appends a localpart as its display text; unknown sequences stay. STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_xep0106_unescape(stox_buf *out, stox_span localpart, int set);

/** @return 1 if escaping the unescaped localpart gives the localpart again (full set), else 0 */
STOX_API int stox_xep0106_is_canonical(stox_span localpart);

STOX_END_DECLS

#endif
