/* SPDX-License-Identifier: MIT */
#include "stox/status.h"

typedef struct row {
  int status;
  int class;
  const char *name;
  const char *text;
} row;

/* One row a code; the header gives the numbers. */
static const row rows[] = {
    {STOX_OK, STOX_OK, "OK", "success"},
    {STOX_E_MORE, STOX_E_MORE, "MORE", "the input ends before the element does; feed more"},
    {STOX_E_SYNTAX, STOX_E_SYNTAX, "SYNTAX", "the input breaks its grammar"},
    {STOX_E_LIMIT, STOX_E_LIMIT, "LIMIT", "a configured or protocol limit is exceeded"},
    {STOX_E_UNSUPPORTED, STOX_E_UNSUPPORTED, "UNSUPPORTED",
     "well-formed, but nothing here handles it"},
    {STOX_E_NOMAP, STOX_E_NOMAP, "NOMAP",
     "well-formed, but without a counterpart on the other side"},
    {STOX_E_NOBUF, STOX_E_NOBUF, "NOBUF",
     "the output buffer is too small; its len is the size needed"},
    {STOX_E_NOMEM, STOX_E_NOMEM, "NOMEM", "an allocation failed"},
    {STOX_E_ARG, STOX_E_ARG, "ARG", "the caller passed an argument that the contract excludes"},
    {STOX_E_STATE, STOX_E_STATE, "STATE", "the call does not fit the object's state"},
    {STOX_E_AUTH, STOX_E_AUTH, "AUTH", "the peer is not who it must be, or may not do this"},
    {STOX_E_NONE, STOX_E_NONE, "NONE", "nothing (left) of what was asked for"},
    {STOX_E_BAD_UTF8, STOX_E_SYNTAX, "BAD_UTF8",
     "not UTF-8: truncated, overlong, surrogate or above U+10FFFF"},
    {STOX_E_CTRL, STOX_E_SYNTAX, "CTRL", "a control character or NUL where none may stand"},
    {STOX_E_BAD_PCT, STOX_E_SYNTAX, "BAD_PCT", "% without two hexadecimal digits"},
    {STOX_E_BAD_URI, STOX_E_SYNTAX, "BAD_URI", "not a URI of its scheme's grammar"},
    {STOX_E_BAD_HOST, STOX_E_SYNTAX, "BAD_HOST", "not a host name, IPv4 address or IPv6 reference"},
    {STOX_E_BAD_PORT, STOX_E_SYNTAX, "BAD_PORT", "not a port number in 0..65535"},
    {STOX_E_BAD_PARAM, STOX_E_SYNTAX, "BAD_PARAM", "a parameter is malformed or stands twice"},
    {STOX_E_BAD_JID, STOX_E_SYNTAX, "BAD_JID", "not a JID: an empty part or a misplaced separator"},
    {STOX_E_BAD_LOCALPART, STOX_E_SYNTAX, "BAD_LOCALPART",
     "characters that the localpart's profile forbids"},
    {STOX_E_BAD_DOMAIN, STOX_E_SYNTAX, "BAD_DOMAIN",
     "not a domain name of IDNA, IPv4 address or IPv6 literal"},
    {STOX_E_BAD_RESOURCE, STOX_E_SYNTAX, "BAD_RESOURCE",
     "characters that the resourcepart's profile forbids"},
    {STOX_E_BAD_NUMBER, STOX_E_SYNTAX, "BAD_NUMBER", "not a decimal number in range"},
    {STOX_E_BAD_HEX, STOX_E_SYNTAX, "BAD_HEX", "not pairs of hexadecimal digits"},
    {STOX_E_BAD_BASE64, STOX_E_SYNTAX, "BAD_BASE64",
     "not canonical base64 of the alphabet asked for"},
    {STOX_E_BAD_START, STOX_E_SYNTAX, "BAD_START", "not a SIP request or status line"},
    {STOX_E_BAD_VERSION, STOX_E_SYNTAX, "BAD_VERSION", "a protocol version that is not spoken"},
    {STOX_E_BAD_HEADER, STOX_E_SYNTAX, "BAD_HEADER", "a header field breaks its grammar"},
    {STOX_E_MISSING, STOX_E_SYNTAX, "MISSING", "a mandatory header field or attribute is absent"},
    {STOX_E_REPEATED, STOX_E_SYNTAX, "REPEATED",
     "a header field or attribute that may stand once stands twice"},
    {STOX_E_BAD_LENGTH, STOX_E_SYNTAX, "BAD_LENGTH",
     "Content-Length and the octets that follow disagree"},
    {STOX_E_BAD_MEDIA, STOX_E_SYNTAX, "BAD_MEDIA", "not a media type"},
    {STOX_E_BAD_XML, STOX_E_SYNTAX, "BAD_XML", "not well-formed or not namespace-well-formed XML"},
    {STOX_E_RESTRICTED_XML, STOX_E_SYNTAX, "RESTRICTED_XML",
     "XML that XMPP forbids: DTD, entity, comment, processing instruction"},
    {STOX_E_BAD_NAMESPACE, STOX_E_SYNTAX, "BAD_NAMESPACE",
     "a namespace or prefix that must not stand here"},
    {STOX_E_BAD_STANZA, STOX_E_SYNTAX, "BAD_STANZA",
     "not a message, presence or iq of the protocol's form"},
    {STOX_E_BAD_BODY, STOX_E_SYNTAX, "BAD_BODY",
     "a body breaks the format that its media type names"},
    {STOX_E_BAD_TLS, STOX_E_SYNTAX, "BAD_TLS", "not TLS, or against its rules"},
    {STOX_E_TOO_LONG, STOX_E_LIMIT, "TOO_LONG", "more octets than the limit of this part"},
    {STOX_E_TOO_MANY, STOX_E_LIMIT, "TOO_MANY", "more elements than the limit of this list"},
    {STOX_E_TOO_DEEP, STOX_E_LIMIT, "TOO_DEEP", "nested deeper than the limit"},
    {STOX_E_FULL, STOX_E_LIMIT, "FULL", "a queue or table has no room"},
    {STOX_E_TOO_MANY_HOPS, STOX_E_LIMIT, "TOO_MANY_HOPS", "Max-Forwards is spent (RFC 3261 16.3)"},
    {STOX_E_UNSUPPORTED_SCHEME, STOX_E_UNSUPPORTED, "UNSUPPORTED_SCHEME",
     "a URI scheme that has no mapping"},
    {STOX_E_SIPS_REFUSED, STOX_E_UNSUPPORTED, "SIPS_REFUSED",
     "a SIPS URI in Request-URI or To (RFC 7247 8)"},
    {STOX_E_UNSUPPORTED_METHOD, STOX_E_UNSUPPORTED, "UNSUPPORTED_METHOD",
     "a SIP method that is not handled"},
    {STOX_E_UNSUPPORTED_MEDIA, STOX_E_UNSUPPORTED, "UNSUPPORTED_MEDIA",
     "a media type or charset that is not handled"},
    {STOX_E_UNSUPPORTED_EXTENSION, STOX_E_UNSUPPORTED, "UNSUPPORTED_EXTENSION",
     "an option tag in Require that is not known"},
    {STOX_E_NONCANONICAL, STOX_E_NOMAP, "NONCANONICAL",
     "a localpart that is not its own XEP-0106 escape (7247-6.5-13)"},
    {STOX_E_AMBIGUOUS, STOX_E_NOMAP, "AMBIGUOUS",
     "the mapped address would collide with another (7247-6.5-14)"},
    {STOX_E_UNMAPPABLE, STOX_E_NOMAP, "UNMAPPABLE", "a character that the target cannot carry"},
    {STOX_E_ESCAPED_SPACE_AT_END, STOX_E_NOMAP, "ESCAPED_SPACE_AT_END",
     "\20 first or last in a localpart (XEP-0106)"},
    {STOX_E_NOT_AN_ERROR, STOX_E_NOMAP, "NOT_AN_ERROR",
     "a SIP code below 300 has no error condition"},
    {STOX_E_ZONE_ID, STOX_E_NOMAP, "ZONE_ID", "an IPv6 zone id has no place on the other side"},
    {STOX_E_LOOP, STOX_E_LIMIT, "LOOP", "the request has passed here before (RFC 5393)"},
    {STOX_E_BREADTH, STOX_E_LIMIT, "BREADTH", "Max-Breadth is spent (RFC 5393)"},
    {STOX_E_TIMEOUT, STOX_E_STATE, "TIMEOUT", "no answer in time"},
    {STOX_E_CLOSED, STOX_E_STATE, "CLOSED", "the peer or the transport ended the flow"},
    {STOX_E_REFUSED, STOX_E_AUTH, "REFUSED", "the peer refused the connection or the credentials"},
    {STOX_E_UNKNOWN_DOMAIN, STOX_E_NOMAP, "UNKNOWN_DOMAIN", "no protocol or next hop for a domain"},
    {STOX_E_TRUNCATED, STOX_E_SYNTAX, "TRUNCATED",
     "the transport ended before the close notification of TLS"},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static const row *find(int status) {
  for (size_t i = 0; i < N_ROWS; i++) {
    if (rows[i].status == status) {
      return &rows[i];
    }
  }
  return NULL;
}

const char *stox_status_name(int status) {
  const row *found = find(status);
  return found == NULL ? "UNKNOWN" : found->name;
}

const char *stox_status_text(int status) {
  const row *found = find(status);
  return found == NULL ? "unknown status" : found->text;
}

int stox_status_class(int status) {
  const row *found = find(status);
  return found == NULL ? STOX_E_STATE : found->class;
}

int stox_status_get(size_t index, int *status) {
  if (index >= N_ROWS) {
    return STOX_E_NONE;
  }
  *status = rows[index].status;
  return STOX_OK;
}
