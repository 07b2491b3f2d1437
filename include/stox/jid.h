/* SPDX-License-Identifier: MIT */
/**
 * @file
 * JIDs (RFC 6120, RFC 7622): parse, prepare, compare, write.
 */
#ifndef STOX_JID_H
#define STOX_JID_H

#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** A JID in parts; an absent part has `p == NULL`. */
typedef struct stox_jid {
  stox_span localpart;    /**< 1 … 1023 octets, or absent */
  stox_span domainpart;   /**< 1 … 1023 octets */
  stox_span resourcepart; /**< 1 … 1023 octets, or absent */
} stox_jid;

/** Preparation profiles. */
enum {
  STOX_JID_NODEPREP = 0, /**< Nodeprep, IDNA2008, Resourceprep: what deployed servers do */
  STOX_JID_NONE = 1,     /**< only UTF-8, controls, lengths and the separators are checked */
  STOX_JID_PRECIS = 2    /**< RFC 7622: PRECIS and IDNA2008; never compare its results with those of
                              Nodeprep */
};

/** Scope of an address. */
enum {
  STOX_SCOPE_FULL = 0,  /**< localpart or not, with a resourcepart */
  STOX_SCOPE_BARE = 1,  /**< localpart, no resourcepart */
  STOX_SCOPE_DOMAIN = 2 /**< domainpart only */
};

/**
 * Splits a JID into views of `text`: first at the first `/`, then at the first `@` before it
 * (RFC 7622 3.2). Checks UTF-8, controls, empty parts and lengths, not the profiles.
 * @param[out] out views of `text`
 * @param text the JID
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK split
 * @retval STOX_E_BAD_UTF8 not UTF-8
 * @retval STOX_E_CTRL NUL or a control character
 * @retval STOX_E_BAD_JID an empty part, or a second `@` before the resourcepart
 * @retval STOX_E_TOO_LONG a part above 1023 octets
 */
STOX_API int stox_jid_parse(stox_jid *out, stox_span text, stox_diag *diag);

/**
 * Prepares the parts of a JID; the result is what is compared, stored and sent.
 * @param[out] out parts in `arena` or, where nothing changed, views of `jid`; untouched on failure
 * @param arena where changed parts go; ASCII parts take room only when their case changes
 * @param jid the parts
 * @param profile STOX_JID_NODEPREP, STOX_JID_NONE or STOX_JID_PRECIS
 * @param[out] diag offset in the written form of `jid`; may be NULL
 * @retval STOX_OK prepared
 * @retval STOX_E_BAD_UTF8 not UTF-8
 * @retval STOX_E_CTRL NUL or a control character
 * @retval STOX_E_BAD_JID an empty part; with STOX_JID_NONE also a separator inside a part
 * @retval STOX_E_BAD_LOCALPART refused by the profile, or one of `"&'/:<>@` and space
 * @retval STOX_E_BAD_DOMAIN refused by IDNA2008 or not a host
 * @retval STOX_E_BAD_RESOURCE refused by the profile
 * @retval STOX_E_TOO_LONG a part above 1023 octets, before or after preparation
 * @retval STOX_E_NOMEM arena, libidn or libunistring without memory
 * @retval STOX_E_ARG no such profile
 */
STOX_API int stox_jid_prepare(stox_jid *out, stox_arena *arena, const stox_jid *jid, int profile,
                              stox_diag *diag);

/** @return 1 if two prepared JIDs are the same, octet by octet, else 0 */
STOX_API int stox_jid_is_equal(const stox_jid *a, const stox_jid *b);

/** @return STOX_SCOPE_FULL, STOX_SCOPE_BARE or STOX_SCOPE_DOMAIN */
STOX_API int stox_jid_scope(const stox_jid *jid);

/** @return the JID without its resourcepart */
STOX_API stox_jid stox_jid_bare(const stox_jid *jid);

/** Appends the JID's text; STOX_OK or STOX_E_NOBUF, STOX_E_ARG without a domainpart. */
STOX_API int stox_jid_write(stox_buf *out, const stox_jid *jid);

STOX_END_DECLS

#endif
