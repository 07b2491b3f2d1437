/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Status codes: 0 is success, everything else is negative and names one reason of refusal.
 *
 * Each code belongs to a class, itself a code (STOX_E_SYNTAX, STOX_E_LIMIT, …), so that a caller
 * may react to the class and report the name. Codes are stable numbers; new ones are added at the
 * end.
 */
#ifndef STOX_STATUS_H
#define STOX_STATUS_H

#include "stox/api.h"

STOX_BEGIN_DECLS

/** Status codes. The first eleven are also the classes; names and texts stand in lib/base/status.c.
 */
enum {
  STOX_OK = 0,             /**< success */
  STOX_E_MORE = -1,        /**< the input ends before the element does; feed more */
  STOX_E_SYNTAX = -2,      /**< the input breaks its grammar */
  STOX_E_LIMIT = -3,       /**< a configured or protocol limit is exceeded */
  STOX_E_UNSUPPORTED = -4, /**< well-formed, but nothing here handles it */
  STOX_E_NOMAP = -5,       /**< well-formed, but without a counterpart on the other side */
  STOX_E_NOBUF = -6,       /**< the output buffer is too small; its `len` is the size needed */
  STOX_E_NOMEM = -7,       /**< an allocation failed */
  STOX_E_ARG = -8,         /**< the caller passed an argument that the contract excludes */
  STOX_E_STATE = -9,       /**< the call does not fit the object's state */
  STOX_E_AUTH = -10,       /**< the peer is not who it must be, or may not do this */
  STOX_E_NONE = -11,       /**< nothing (left) of what was asked for */

  STOX_E_BAD_UTF8 = -32,      /**< not UTF-8: truncated, overlong, surrogate or above U+10FFFF */
  STOX_E_CTRL = -33,          /**< a control character or NUL where none may stand */
  STOX_E_BAD_PCT = -34,       /**< `%` without two hexadecimal digits */
  STOX_E_BAD_URI = -35,       /**< not a URI of its scheme's grammar */
  STOX_E_BAD_HOST = -36,      /**< not a host name, IPv4 address or IPv6 reference */
  STOX_E_BAD_PORT = -37,      /**< not a port number in 0..65535 */
  STOX_E_BAD_PARAM = -38,     /**< a parameter is malformed or stands twice */
  STOX_E_BAD_JID = -39,       /**< not a JID: an empty part or a misplaced separator */
  STOX_E_BAD_LOCALPART = -40, /**< characters that the localpart's profile forbids */
  STOX_E_BAD_DOMAIN = -41,    /**< not a domain name of IDNA, IPv4 address or IPv6 literal */
  STOX_E_BAD_RESOURCE = -42,  /**< characters that the resourcepart's profile forbids */
  STOX_E_BAD_NUMBER = -43,    /**< not a decimal number in range */
  STOX_E_BAD_HEX = -44,       /**< not pairs of hexadecimal digits */
  STOX_E_BAD_BASE64 = -45,    /**< not canonical base64 of the alphabet asked for */
  STOX_E_BAD_START = -46,     /**< not a SIP request or status line */
  STOX_E_BAD_VERSION = -47,   /**< a protocol version that is not spoken */
  STOX_E_BAD_HEADER = -48,    /**< a header field breaks its grammar */
  STOX_E_MISSING = -49,       /**< a mandatory header field or attribute is absent */
  STOX_E_REPEATED = -50,      /**< a header field or attribute that may stand once stands twice */
  STOX_E_BAD_LENGTH = -51,    /**< Content-Length and the octets that follow disagree */
  STOX_E_BAD_MEDIA = -52,     /**< not a media type */
  STOX_E_BAD_XML = -53,       /**< not well-formed or not namespace-well-formed XML */
  STOX_E_RESTRICTED_XML =
      -54, /**< XML that XMPP forbids: DTD, entity, comment, processing instruction */
  STOX_E_BAD_NAMESPACE = -55, /**< a namespace or prefix that must not stand here */
  STOX_E_BAD_STANZA = -56,    /**< not a message, presence or iq of the protocol's form */
  STOX_E_BAD_BODY = -57,      /**< a body breaks the format that its media type names */
  STOX_E_BAD_TLS = -58,       /**< not TLS, or against its rules */

  STOX_E_TOO_LONG = -64,      /**< more octets than the limit of this part */
  STOX_E_TOO_MANY = -65,      /**< more elements than the limit of this list */
  STOX_E_TOO_DEEP = -66,      /**< nested deeper than the limit */
  STOX_E_FULL = -67,          /**< a queue or table has no room */
  STOX_E_TOO_MANY_HOPS = -68, /**< Max-Forwards is spent (RFC 3261 16.3) */

  STOX_E_UNSUPPORTED_SCHEME = -80,    /**< a URI scheme that has no mapping */
  STOX_E_SIPS_REFUSED = -81,          /**< a SIPS URI in Request-URI or To (RFC 7247 8) */
  STOX_E_UNSUPPORTED_METHOD = -82,    /**< a SIP method that is not handled */
  STOX_E_UNSUPPORTED_MEDIA = -83,     /**< a media type or charset that is not handled */
  STOX_E_UNSUPPORTED_EXTENSION = -84, /**< an option tag in Require that is not known */

  STOX_E_NONCANONICAL = -96, /**< a localpart that is not its own XEP-0106 escape (7247-6.5-13) */
  STOX_E_AMBIGUOUS = -97,    /**< the mapped address would collide with another (7247-6.5-14) */
  STOX_E_UNMAPPABLE = -98,   /**< a character that the target cannot carry */
  STOX_E_ESCAPED_SPACE_AT_END = -99, /**< `\20` first or last in a localpart (XEP-0106) */
  STOX_E_NOT_AN_ERROR = -100,        /**< a SIP code below 300 has no error condition */
  STOX_E_ZONE_ID = -101,             /**< an IPv6 zone id has no place on the other side */

  STOX_E_LOOP = -112,           /**< the request has passed here before (RFC 5393) */
  STOX_E_BREADTH = -113,        /**< Max-Breadth is spent (RFC 5393) */
  STOX_E_TIMEOUT = -114,        /**< no answer in time */
  STOX_E_CLOSED = -115,         /**< the peer or the transport ended the flow */
  STOX_E_REFUSED = -116,        /**< the peer refused the connection or the credentials */
  STOX_E_UNKNOWN_DOMAIN = -117, /**< no protocol or next hop for a domain */
  STOX_E_TRUNCATED = -118       /**< the transport ended before the close notification of TLS */
};

/**
 * The name of a status code without its `STOX_` or `STOX_E_` prefix, such as `OK` or `BAD_UTF8`.
 * @param status any int
 * @return static text; `UNKNOWN` for a number that is no status
 */
STOX_API const char *stox_status_name(int status);

/**
 * One line of English that says what a status code means.
 * @param status any int
 * @return static text
 */
STOX_API const char *stox_status_text(int status);

/**
 * The class of a status code: STOX_OK or one of the codes -1 … -11.
 * @param status any int
 * @return the class; STOX_E_STATE for a number that is no status
 */
STOX_API int stox_status_class(int status);

/**
 * Walks the status table.
 * @param index 0, 1, … in the order of the table
 * @param[out] status the code at that place
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE the table has fewer entries
 */
STOX_API int stox_status_get(size_t index, int *status);

STOX_END_DECLS

#endif
