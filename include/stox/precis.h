/* SPDX-License-Identifier: MIT */
/**
 * @file
 * PRECIS (RFC 8264): user names and passwords (RFC 8265), nicknames (RFC 8266), and the parts of a
 * JID (RFC 7622) with the contextual rules of RFC 5892 and the Bidi rule of RFC 5893.
 *
 * ASCII text is prepared here without allocation; the properties of other code points, and their
 * normalization, come from libunistring (Unicode 14 in its version 1.0), which allocates outside
 * the host's allocator. Code points that its Unicode does not assign are refused.
 */
#ifndef STOX_PRECIS_H
#define STOX_PRECIS_H

#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** Profiles. */
enum {
  STOX_PRECIS_LOCALPART = 0,           /**< RFC 7622 3.3: UsernameCaseMapped, less `"&'/:<>@` */
  STOX_PRECIS_RESOURCEPART = 1,        /**< RFC 7622 3.4: OpaqueString, with no space in front */
  STOX_PRECIS_USERNAME_CASEMAPPED = 2, /**< RFC 8265 3.3 */
  STOX_PRECIS_USERNAME_PRESERVED = 3,  /**< RFC 8265 3.4: UsernameCasePreserved */
  STOX_PRECIS_OPAQUE = 4,              /**< RFC 8265 4.2: OpaqueString, such as passwords */
  STOX_PRECIS_NICKNAME = 5,            /**< RFC 8266 2.3: as it is stored and shown */
  STOX_PRECIS_NICKNAME_COMPARE = 6     /**< RFC 8266 2.4: as it is compared */
};

/** Derived properties of a code point (RFC 8264 8). */
enum {
  STOX_PRECIS_PVALID = 1,     /**< for both string classes */
  STOX_PRECIS_FREE_PVAL = 2,  /**< for FreeformClass only */
  STOX_PRECIS_CONTEXTJ = 3,   /**< a joiner, by a contextual rule */
  STOX_PRECIS_CONTEXTO = 4,   /**< by another contextual rule */
  STOX_PRECIS_DISALLOWED = 5, /**< for neither class */
  STOX_PRECIS_UNASSIGNED = 6  /**< not in this version of Unicode */
};

/** @return the derived property of a code point (RFC 8264 8); STOX_PRECIS_DISALLOWED above U+10FFFF
 */
STOX_API int stox_precis_property(uint32_t code_point);

/**
 * Appends the form of a text that a profile enforces.
 * @param out the buffer
 * @param text any octets, 1 … 1023
 * @param profile STOX_PRECIS_…
 * @param[out] diag offset of the first code point refused, the start of the text where the whole
 * is; may be NULL
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 not UTF-8
 * @retval STOX_E_CTRL a control character or NUL
 * @retval STOX_E_BAD_LOCALPART refused by the profile of a localpart or user name, or empty
 * @retval STOX_E_BAD_RESOURCE refused by another profile, or nothing is left
 * @retval STOX_E_TOO_LONG above 1023 octets, before or after
 * @retval STOX_E_NOMEM libunistring had no memory
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_ARG no such profile
 */
STOX_API int stox_precis(stox_buf *out, stox_span text, int profile, stox_diag *diag);

STOX_END_DECLS

#endif
