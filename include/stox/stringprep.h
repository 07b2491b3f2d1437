/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Preparation of text: Nodeprep and Resourceprep (RFC 3920 A, B), SASLprep (RFC 4013) and domain
 * names by IDNA2008.
 *
 * ASCII text is prepared here without allocation; other text and A-labels by libidn and libidn2,
 * which allocate outside the host's allocator.
 */
#ifndef STOX_STRINGPREP_H
#define STOX_STRINGPREP_H

#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** Profiles. */
enum {
  STOX_NODEPREP = 0,           /**< localparts */
  STOX_RESOURCEPREP = 1,       /**< resourceparts */
  STOX_SASLPREP = 2,           /**< user names and passwords of SASL (RFC 4013) */
  STOX_NODEPREP_STORED = 3,    /**< localparts that are to be stored, such as new accounts' */
  STOX_RESOURCEPREP_STORED = 4 /**< resourceparts that are to be stored */
};

/**
 * Appends the prepared form of a text. Code points that Unicode 3.2 does not assign are allowed in
 * queries, which all addresses on the wire are, but not in what is stored (RFC 3454 7).
 * @param out the buffer
 * @param text any octets, 1 … 1023
 * @param profile STOX_NODEPREP, STOX_RESOURCEPREP, STOX_SASLPREP, or one for what is stored
 * @param[out] diag offset of the first octet refused, the start of the text where libidn refuses
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 not UTF-8
 * @retval STOX_E_CTRL a control character or NUL
 * @retval STOX_E_BAD_LOCALPART refused by Nodeprep, or nothing is left
 * @retval STOX_E_BAD_RESOURCE refused by Resourceprep, or nothing is left
 * @retval STOX_E_SYNTAX refused by SASLprep, or nothing is left
 * @retval STOX_E_TOO_LONG above 1023 octets, before or after preparation
 * @retval STOX_E_NOMEM libidn had no memory
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_ARG no such profile
 */
STOX_API int stox_stringprep(stox_buf *out, stox_span text, int profile, stox_diag *diag);

/** Forms of a domain name. */
enum {
  STOX_IDNA_TO_ASCII = 0,  /**< A-labels, as SIP and DNS carry them */
  STOX_IDNA_TO_UNICODE = 1 /**< U-labels, as XMPP carries them */
};

/**
 * Appends a domain name in the form asked for, lower-cased, without a trailing dot. IP addresses
 * pass through (IPv6 in brackets, with a zone id or without).
 *
 * Labels of ASCII hold letters, digits, underscores and, inside, hyphens. The underscore is no host
 * name's, but XMPP servers serve such domains; where a host name is needed, stox_host_kind()
 * refuses it. Other labels and A-labels go through the mapping of UTS 46 (non-transitional) and
 * IDNA2008's rules for lookup. A name whose last label is a number is refused unless it is an IPv4
 * address.
 * @param out the buffer
 * @param domain UTF-8, 1 … 1023 octets
 * @param form STOX_IDNA_…
 * @param[out] diag offset, the start of the name where libidn2 refuses
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 not UTF-8
 * @retval STOX_E_BAD_DOMAIN refused by IDNA2008 (RFC 5891), an empty label, or a label or name too
 * long
 * @retval STOX_E_NOMEM libidn2 had no memory
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_ARG no such form
 */
STOX_API int stox_idna(stox_buf *out, stox_span domain, int form, stox_diag *diag);

STOX_END_DECLS

#endif
