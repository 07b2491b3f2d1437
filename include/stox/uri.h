/* SPDX-License-Identifier: MIT */
/**
 * @file
 * URIs of SIP and XMPP: sip, sips, im, pres, tel, xmpp.
 *
 * Parts are views of the text with all escapes kept; parameters and headers stand in order, unknown
 * ones included.
 */
#ifndef STOX_URI_H
#define STOX_URI_H

#include "stox/buf.h"
#include "stox/diag.h"

STOX_BEGIN_DECLS

/** Schemes. */
enum {
  STOX_SCHEME_OTHER = 0,
  STOX_SCHEME_SIP = 1,
  STOX_SCHEME_SIPS = 2,
  STOX_SCHEME_IM = 3,
  STOX_SCHEME_PRES = 4,
  STOX_SCHEME_TEL = 5,
  STOX_SCHEME_XMPP = 6
};

/** Flags of stox_uri_parse(). */
enum {
  STOX_URI_STRICT = 0,
  /**
   * Keep what phones send: raw octets above 0x7F or a stray `%` in the user, a parameter with an
   * empty value or repeated, a local number without `phone-context`.
   */
  STOX_URI_LENIENT = 1
};

/** How a URI tells GRUUs (RFC 5627 3.1; the 2005 draft's `gruu` and `opaque`). */
enum {
  STOX_GRUU_NONE = 0,      /**< no GRUU: an AOR or a contact */
  STOX_GRUU_PUBLIC = 1,    /**< `gr=value` */
  STOX_GRUU_TEMPORARY = 2, /**< `gr` without a value */
  STOX_GRUU_DRAFT2005 = 3  /**< `gruu` or `opaque=` */
};

/** A name with an optional value: URI parameters, URI headers, header parameters. */
typedef struct stox_param {
  stox_span name;  /**< as written */
  stox_span value; /**< `p == NULL`: no `=`; `n == 0`: empty; quotes of a quoted string kept */
} stox_param;

/** A URI in parts, all views of `text`. */
typedef struct stox_uri {
  int scheme;            /**< STOX_SCHEME_… */
  int host_kind;         /**< STOX_HOST_… */
  stox_span text;        /**< the whole URI */
  stox_span scheme_text; /**< as written, without `:` */
  stox_span user;      /**< sip(s), im, pres, xmpp: before `@`, without password; tel: the number */
  stox_span password;  /**< sip(s) */
  stox_span host;      /**< with brackets where IPv6; xmpp: domainpart, escapes kept; tel and other:
                            absent */
  stox_span port_text; /**< digits after the host's `:`; absent: none */
  stox_span path;      /**< xmpp: resourcepart; schemes unknown here: everything after `:` */
  stox_span params;    /**< from the first `;` (not included) to the headers */
  stox_span headers;   /**< after `?`; xmpp: the query */
  uint32_t port;       /**< 0: none given */
  uint32_t lenient;    /**< 1: something was accepted only because STOX_URI_LENIENT was given */
} stox_uri;

/**
 * Parses a URI (RFC 3261 25.1, 3859, 3860, 3966, 5122; other schemes RFC 3986 3). The user of im
 * and pres is a dot-atom (RFC 5322 3.2.3) before its escapes are decoded, and holds no raw `#` or
 * `?`. An xmpp URI may be an IRI. Time is linear in `text`.
 * @param[out] out views of `text`; untouched on failure
 * @param text the URI alone, no angle brackets
 * @param flags STOX_URI_…
 * @param[out] diag offset in `text`; answer 400, or 416 for another scheme's syntax; may be NULL
 * @retval STOX_OK parsed; a well-formed URI of another scheme gives STOX_SCHEME_OTHER
 * @retval STOX_E_BAD_URI breaks the grammar of its scheme
 * @retval STOX_E_BAD_PCT `%` without two hexadecimal digits
 * @retval STOX_E_BAD_HOST not a host
 * @retval STOX_E_BAD_PORT not a port
 * @retval STOX_E_BAD_PARAM a parameter is malformed, its name or value is empty, or it stands twice
 *         (looked for among the first 128)
 * @retval STOX_E_BAD_UTF8 an xmpp IRI that is not UTF-8
 */
STOX_API int stox_uri_parse(stox_uri *out, stox_span text, int flags, stox_diag *diag);

/**
 * Appends the canonical form: scheme, host and parameter names in lower case, escapes of unreserved
 * characters decoded (RFC 3261's where that is the grammar, else RFC 3986's, but no dot in the user
 * of im and pres), other escapes with upper-case digits, order kept. What STOX_URI_LENIENT kept in
 * the user is escaped. The form of a canonical form is the same.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_uri_write(stox_buf *out, const stox_uri *uri);

/** How to compare. */
enum {
  STOX_URI_RFC3261 = 0, /**< RFC 3261 19.1.4 */
  STOX_URI_LOCATION =
      1 /**< for location look-up: `gr` (or `opaque`) must be equal or absent in both */
};

/**
 * Compares two parsed URIs. Symmetric, not transitive (RFC 3261 19.1.4). sip, sips, im, pres: RFC
 * 3261 19.1.4, transport counted with user, ttl, method and maddr; tel: RFC 3966 4; xmpp: host
 * without case, escapes of unreserved characters decoded; other schemes by octets. Lists of more
 * than 128 parameters or headers, or with a repeated parameter, are equal in the same order only.
 * @return 1 if the URIs are equivalent in the sense of `how`, else 0
 */
STOX_API int stox_uri_is_equal(const stox_uri *a, const stox_uri *b, int how);

/**
 * Walks the parameters.
 * @param[out] out views of the URI
 * @param uri a parsed URI
 * @param cursor 0 at first; moved by each call
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_uri_next_param(stox_param *out, const stox_uri *uri, size_t *cursor);

/** Walks the headers after `?` (xmpp: the query's parts); as stox_uri_next_param(). */
STOX_API int stox_uri_next_header(stox_param *out, const stox_uri *uri, size_t *cursor);

/**
 * Finds a parameter by name, without case.
 * @retval STOX_OK found
 * @retval STOX_E_NONE absent
 * @retval STOX_E_REPEATED it stands more than once; `out` is the first
 */
STOX_API int stox_uri_find_param(stox_param *out, const stox_uri *uri, const char *name);

/** @return STOX_GRUU_… of a parsed URI */
STOX_API int stox_uri_gruu(const stox_uri *uri);

STOX_END_DECLS

#endif
