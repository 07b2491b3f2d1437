/* SPDX-License-Identifier: MIT */
/**
 * @file
 * name-addr and addr-spec with header parameters (RFC 3261 25.1: From, To, Contact, Route, …).
 */
#ifndef STOX_NAME_ADDR_H
#define STOX_NAME_ADDR_H

#include "stox/uri.h"

STOX_BEGIN_DECLS

/** One address of a header field. */
typedef struct stox_name_addr {
  stox_span text;    /**< the whole element */
  stox_span display; /**< display name as written, quotes included; absent: none */
  stox_span uri;     /**< the URI's text, without angle brackets */
  stox_span params;  /**< header parameters, from the first `;` (not included) */
  int brackets;      /**< 1: the URI stood in angle brackets */
  int star;          /**< 1: `*` (Contact only) */
} stox_name_addr;

/**
 * Parses the element of a header value that begins at `*cursor`, and moves the cursor behind it and
 * its comma. Without angle brackets, `;` begins header parameters, and a `?` is refused (RFC 3261
 * 20.10). The URI itself is not looked into. An unquoted display name may hold octets above 0x7F.
 * @param[out] out views of `value`
 * @param value the header field's value
 * @param cursor 0 at first
 * @param[out] diag offset in `value`; may be NULL
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_name_addr_next(stox_name_addr *out, stox_span value, size_t *cursor,
                                 stox_diag *diag);

/**
 * The same, and parses the URI.
 * @param[out] out views of `value`
 * @param[out] uri views of `value`; all zero for `*`
 * @param value the header field's value
 * @param cursor 0 at first
 * @param flags STOX_URI_STRICT or STOX_URI_LENIENT
 * @param[out] diag offset in `value`; may be NULL
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed
 * @retval STOX_E_BAD_URI … what stox_uri_parse() says; `out` is given and the cursor moved, so that
 * a list can be walked on
 */
STOX_API int stox_name_addr_next_uri(stox_name_addr *out, stox_uri *uri, stox_span value,
                                     size_t *cursor, int flags, stox_diag *diag);

/**
 * Walks header parameters `name[=token|host|quoted-string]` separated by `;` (RFC 3261 25.1
 * generic-param; the characters of URI parameters are values too, for a `gr` outside the brackets).
 * @param[out] out views of `params`
 * @param params the list, without its first `;`
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_PARAM malformed
 */
STOX_API int stox_param_next(stox_param *out, stox_span params, size_t *cursor);

/**
 * Finds a header parameter by name, without case.
 * @retval STOX_OK found
 * @retval STOX_E_NONE absent
 * @retval STOX_E_REPEATED it stands more than once; `out` is the first
 * @retval STOX_E_BAD_PARAM the list is malformed
 */
STOX_API int stox_param_find(stox_param *out, stox_span params, const char *name);

/**
 * Appends a display name without quotes and escapes, each fold or tab as one space.
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL refused; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_display_unquote(stox_buf *out, stox_span display);

/**
 * Appends a text as a quoted string, `"` and `\` escaped.
 * @retval STOX_OK appended
 * @retval STOX_E_BAD_UTF8 STOX_E_CTRL refused; nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_display_quote(stox_buf *out, stox_span text);

STOX_END_DECLS

#endif
