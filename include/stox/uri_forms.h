/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What a URI says by its form: the kind of its user, the address of record behind a GRUU, and
 * whether two URNs name the same.
 */
#ifndef STOX_URI_FORMS_H
#define STOX_URI_FORMS_H

#include "stox/uri.h"

STOX_BEGIN_DECLS

/** Kinds of user (RFC 3261 25.1; `anonymous` of the 2005 draft of identity privacy 7). */
enum {
  STOX_URI_USER_NONE = 0, /**< no `user` parameter, or one without a value */
  STOX_URI_USER_PHONE = 1,
  STOX_URI_USER_IP = 2,
  STOX_URI_USER_ANONYMOUS = 3,
  STOX_URI_USER_OTHER = 4
};

/** @return STOX_URI_USER_… of a parsed SIP or SIPS URI, without case */
STOX_API int stox_uri_user_kind(const stox_uri *uri);

/**
 * Appends the address of record of a GRUU, its octets as they are: a public one without `gr` (RFC
 * 5627 4.6), the 2005 draft's without `opaque` and `grid` (8.2).
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_NONE no GRUU, or one that does not tell: temporary, or the draft's without
 * `opaque`
 */
STOX_API int stox_uri_write_aor(stox_buf *out, const stox_uri *uri);

/**
 * Appends a SIP or SIPS URI as the other of the two, all else as it is: for each GRUU both exist
 * (the 2005 draft 6).
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_ARG another scheme; nothing appended
 */
STOX_API int stox_uri_write_swapped(stox_buf *out, const stox_uri *uri);

/** @return 1 if a text is a URN: scheme, namespace and a string of characters of URIs, which an
 * instance identifier is (RFC 5626 4.1) */
STOX_API int stox_urn_is_valid(stox_span text);

/**
 * Compares two URNs (RFC 2141 5, RFC 8141 3.1): scheme and namespace without case, hexadecimal
 * digits of escapes too, the rest octet by octet; of `urn:uuid:` all without case. What stands
 * behind `?+`, `?=` or `#` says nothing.
 * @return 1 if both are URNs and name the same, else 0
 */
STOX_API int stox_urn_is_equal(stox_span a, stox_span b);

STOX_END_DECLS

#endif
