/* SPDX-License-Identifier: MIT */
/**
 * @file
 * SIP messages (RFC 3261): framing, parsing into views, typed headers on demand, editing, writing.
 *
 * A parsed message lives in the caller's arena and views the caller's octets; both must outlive it.
 * It does not change any more, and threads may share it. What every element asks for (the top Via,
 * CSeq, the tags) is kept from the parse; every other header costs its boundary, and is parsed into
 * the caller's struct when it is asked for.
 */
#ifndef STOX_SIP_H
#define STOX_SIP_H

#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/diag.h"
#include "stox/limits.h"
#include "stox/name_addr.h"

STOX_BEGIN_DECLS

/** Methods that are known by number; all others are STOX_SIP_METHOD_OTHER with their text. */
enum {
  STOX_SIP_METHOD_OTHER = 0,
  STOX_SIP_INVITE = 1,
  STOX_SIP_ACK = 2,
  STOX_SIP_BYE = 3,
  STOX_SIP_CANCEL = 4,
  STOX_SIP_OPTIONS = 5,
  STOX_SIP_REGISTER = 6,
  STOX_SIP_MESSAGE = 7,
  STOX_SIP_SUBSCRIBE = 8,
  STOX_SIP_NOTIFY = 9,
  STOX_SIP_PUBLISH = 10,
  STOX_SIP_REFER = 11,
  STOX_SIP_PRACK = 12,
  STOX_SIP_UPDATE = 13,
  STOX_SIP_INFO = 14
};

/** Header fields that are known by number; all others are STOX_SIP_OTHER with their name. */
enum {
  STOX_SIP_OTHER = 0,
  STOX_SIP_ACCEPT = 1,
  STOX_SIP_ACCEPT_ENCODING = 2,
  STOX_SIP_ACCEPT_LANGUAGE = 3,
  STOX_SIP_ALERT_INFO = 4,
  STOX_SIP_ALLOW = 5,
  STOX_SIP_ALLOW_EVENTS = 6,
  STOX_SIP_AUTHORIZATION = 7,
  STOX_SIP_CALL_ID = 8,
  STOX_SIP_CALL_INFO = 9,
  STOX_SIP_CONTACT = 10,
  STOX_SIP_CONTENT_DISPOSITION = 11,
  STOX_SIP_CONTENT_ENCODING = 12,
  STOX_SIP_CONTENT_LANGUAGE = 13,
  STOX_SIP_CONTENT_LENGTH = 14,
  STOX_SIP_CONTENT_TYPE = 15,
  STOX_SIP_CSEQ = 16,
  STOX_SIP_DATE = 17,
  STOX_SIP_ERROR_INFO = 18,
  STOX_SIP_EVENT = 19,
  STOX_SIP_EXPIRES = 20,
  STOX_SIP_FROM = 21,
  STOX_SIP_IN_REPLY_TO = 22,
  STOX_SIP_MAX_BREADTH = 23,
  STOX_SIP_MAX_FORWARDS = 24,
  STOX_SIP_MIME_VERSION = 25,
  STOX_SIP_MIN_EXPIRES = 26,
  STOX_SIP_ORGANIZATION = 27,
  STOX_SIP_PATH = 28,
  STOX_SIP_PRIORITY = 29,
  STOX_SIP_PROXY_AUTHENTICATE = 30,
  STOX_SIP_PROXY_AUTHORIZATION = 31,
  STOX_SIP_PROXY_REQUIRE = 32,
  STOX_SIP_REASON = 33,
  STOX_SIP_RECORD_ROUTE = 34,
  STOX_SIP_REFER_TO = 35,
  STOX_SIP_REFERRED_BY = 36,
  STOX_SIP_REPLACES = 37,
  STOX_SIP_REPLY_TO = 38,
  STOX_SIP_REQUIRE = 39,
  STOX_SIP_RETRY_AFTER = 40,
  STOX_SIP_ROUTE = 41,
  STOX_SIP_SERVER = 42,
  STOX_SIP_SESSION_EXPIRES = 43,
  STOX_SIP_SUBJECT = 44,
  STOX_SIP_SUBSCRIPTION_STATE = 45,
  STOX_SIP_SUPPORTED = 46,
  STOX_SIP_TIMESTAMP = 47,
  STOX_SIP_TO = 48,
  STOX_SIP_UNSUPPORTED = 49,
  STOX_SIP_USER_AGENT = 50,
  STOX_SIP_VIA = 51,
  STOX_SIP_WARNING = 52,
  STOX_SIP_WWW_AUTHENTICATE = 53,
  STOX_SIP_P_ASSERTED_IDENTITY = 54,
  STOX_SIP_P_PREFERRED_IDENTITY = 55,
  STOX_SIP_P_MEDIA_AUTHORIZATION = 56,
  STOX_SIP_PRIVACY = 57,
  STOX_SIP_SECURITY_CLIENT = 58,
  STOX_SIP_SECURITY_SERVER = 59,
  STOX_SIP_SECURITY_VERIFY = 60,
  STOX_SIP_SERVICE_ROUTE = 61,
  STOX_SIP_ACCEPT_CONTACT = 62,
  STOX_SIP_REJECT_CONTACT = 63,
  STOX_SIP_REQUEST_DISPOSITION = 64,
  STOX_SIP_JOIN = 65,
  STOX_SIP_SIP_ETAG = 66,
  STOX_SIP_SIP_IF_MATCH = 67,
  STOX_SIP_RACK = 68,
  STOX_SIP_RSEQ = 69,
  STOX_SIP_MIN_SE = 70,
  STOX_SIP_RESOURCE_PRIORITY = 71,
  STOX_SIP_ACCEPT_RESOURCE_PRIORITY = 72,
  STOX_SIP_REFER_SUB = 73,
  STOX_SIP_TARGET_DIALOG = 74,
  STOX_SIP_ANSWER_MODE = 75,
  STOX_SIP_PRIV_ANSWER_MODE = 76,
  STOX_SIP_FLOW_TIMER = 77,
  STOX_SIP_GEOLOCATION = 78,
  STOX_SIP_GEOLOCATION_ROUTING = 79,
  STOX_SIP_GEOLOCATION_ERROR = 80,
  STOX_SIP_HISTORY_INFO = 81,
  STOX_SIP_USER_TO_USER = 82,
  STOX_SIP_REFER_EVENTS_AT = 83,
  STOX_SIP_IDENTITY = 84,
  STOX_SIP_IDENTITY_INFO = 85,
  STOX_SIP_AUTHENTICATION_INFO = 86,
  STOX_SIP_ALERT_MODE = 87,
  STOX_SIP_SUBSCRIPTION = 88,
  STOX_SIP_RESPONDER = 89,
  STOX_SIP_RESPONDER_INFO = 90,
  STOX_SIP_RESPONSE_AUTHENTICATION = 91,
  STOX_SIP_RESPONSE_AUTHORIZATION = 92,
  STOX_SIP_PROXY_REQUIRED_BODY = 93,
  STOX_SIP_SAML_PAYLOAD = 94,
  STOX_SIP_ANONYMOUS_TO = 95
};

/** What a stream begins with. A ping that arrives in two halves gives two pongs. */
enum {
  STOX_SIP_FRAME_MESSAGE = 1, /**< a request or response */
  STOX_SIP_FRAME_PING = 2,    /**< double CRLF, keep-alive (RFC 5626 3.5.1) */
  STOX_SIP_FRAME_PONG = 3,    /**< single CRLF */
  STOX_SIP_FRAME_STUN = 4     /**< first octet 0 … 3 (RFC 5626 8.1); the whole span */
};

/** Implementations of the scan for the octets that structure a message; all do the same. */
enum {
  STOX_SIP_KERNEL_BEST = 0, /**< the best that the machine has */
  STOX_SIP_KERNEL_SCALAR = 1,
  STOX_SIP_KERNEL_SSE2 = 2,
  STOX_SIP_KERNEL_NEON = 3,
  STOX_SIP_KERNEL_AVX2 = 4
};

/**
 * Options of the parser; make them with stox_sip_options_init().
 *
 * Lenient accepts: line ends without CR; empty lines before a datagram's start line, and none
 * behind its last header field; several or trailing spaces in a request line; no space behind a
 * status code; headers in a Request-URI; what STOX_URI_LENIENT does; octets that are no UTF-8; a
 * second header field where one may stand, if routing does not need it; a Call-ID of any octets but
 * white space; in Via a host name with `_`, a name as `received`, `rport=` without a number, and a
 * comment behind the value (RFC 2543).
 *
 * Other header fields are given as they are; stox/sip_mend.h mends them.
 */
typedef struct stox_sip_options {
  size_t size;   /**< sizeof of this struct in the caller's build */
  int lenient;   /**< 1: accept what deployed phones send; see stox_sip_is_lenient() */
  int is_stream; /**< 1: the octets are one framed message; Content-Length is mandatory */
  const stox_limits *limits; /**< NULL: defaults */
  int is_fragment; /**< 1: the octets are a message/sipfrag (RFC 3420), see stox/sipfrag.h */
  int kernel;      /**< STOX_SIP_KERNEL_…; one that the machine lacks is as the best */
  int spare;       /**< 0 */
} stox_sip_options;

/** A message; lives in an arena. */
typedef struct stox_sip_message stox_sip_message;

/** A header field. */
typedef struct stox_sip_header {
  int id;          /**< STOX_SIP_… */
  int spare;       /**< 0 */
  stox_span name;  /**< as written */
  stox_span value; /**< trimmed; folding kept */
  stox_span line;  /**< the whole field, its line end included */
} stox_sip_header;

/** A place among the values of a header; zero at first. */
typedef struct stox_sip_cursor {
  size_t field; /**< @private index of the header field */
  size_t at;    /**< @private index in its value */
} stox_sip_cursor;

/** One Via value (RFC 3261 20.42). */
typedef struct stox_sip_via {
  stox_span text;      /**< the whole value */
  stox_span transport; /**< `UDP`, … */
  stox_span host;      /**< sent-by host */
  uint32_t port;       /**< sent-by port, 0: none */
  int has_rport;       /**< 1: rport stands there */
  uint32_t rport;      /**< its value, 0: none */
  uint32_t spare;      /**< 0 */
  stox_span branch;    /**< absent: none */
  stox_span received;  /**< absent: none */
  stox_span maddr;     /**< absent: none */
  stox_span params;    /**< all parameters, from the first `;` (not included) */
} stox_sip_via;

/** CSeq. */
typedef struct stox_sip_cseq {
  uint32_t number;  /**< below 2^31 */
  int method_id;    /**< STOX_SIP_INVITE … or STOX_SIP_METHOD_OTHER */
  stox_span method; /**< as written */
} stox_sip_cseq;

/**
 * Fills options with their defaults (strict, datagram, default limits).
 * @retval STOX_OK filled
 * @retval STOX_E_ARG `size` cannot hold the member `size`
 */
STOX_API int stox_sip_options_init(stox_sip_options *out, size_t size);

/**
 * Finds where the first frame of a stream ends (RFC 3261 18.3).
 * @param[out] n octets of the frame
 * @param[out] kind STOX_SIP_FRAME_…
 * @param bytes what has been received
 * @param limits NULL: defaults
 * @param[out] diag offset and answer; may be NULL
 * @retval STOX_OK a whole frame
 * @retval STOX_E_MORE it is not whole yet; limits were checked first
 * @retval STOX_E_TOO_LONG above a limit: answer 513 (or 413), then close
 * @retval STOX_E_BAD_LENGTH STOX_E_MISSING no usable Content-Length: the stream cannot be
 * resynchronised
 *
 * What is refused here is refused by stox_sip_parse() too, which gives the message to answer.
 */
STOX_API int stox_sip_frame(size_t *n, int *kind, stox_span bytes, const stox_limits *limits,
                            stox_diag *diag);

/**
 * Parses one message. Mandatory headers (RFC 3261 8.1.1), start line, header grammar as far as
 * routing needs it (Via, CSeq, From, To, Call-ID, Max-Forwards, Content-Length) are checked; other
 * headers when they are asked for.
 * @param[out] out the message, in `arena`; also set for a message that is refused but can be
 * answered (all that a response needs is there), else NULL
 * @param arena where it lives
 * @param bytes a datagram or a frame
 * @param options NULL: defaults
 * @param[out] diag code, offset, rule, and the answer a server should send (400, 413, 414, 416,
 * 505, 513 …; 0: ignore, as for malformed responses); may be NULL
 * @retval STOX_OK parsed; octets behind Content-Length in a datagram are cut off (RFC 3261 18.3)
 * @retval STOX_E_BAD_START STOX_E_BAD_VERSION STOX_E_BAD_URI … STOX_E_BAD_HEADER STOX_E_MISSING
 *         STOX_E_REPEATED STOX_E_BAD_LENGTH STOX_E_CTRL STOX_E_TOO_LONG STOX_E_TOO_MANY refused
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_parse(stox_sip_message **out, stox_arena *arena, stox_span bytes,
                            const stox_sip_options *options, stox_diag *diag);

/** @return the status code, 0 for a request */
STOX_API int stox_sip_status(const stox_sip_message *message);

/** @return the reason phrase; absent for a request */
STOX_API stox_span stox_sip_reason_phrase(const stox_sip_message *message);

/** @return STOX_SIP_INVITE … of a request, of CSeq for a response */
STOX_API int stox_sip_method_id(const stox_sip_message *message);

/** @return the method's text, of CSeq for a response */
STOX_API stox_span stox_sip_method(const stox_sip_message *message);

/** @return the Request-URI's text; absent for a response */
STOX_API stox_span stox_sip_request_uri(const stox_sip_message *message);

/**
 * Parses the Request-URI, with STOX_URI_LENIENT (`out->lenient` tells).
 * @retval STOX_OK views of the message
 * @retval STOX_E_NONE a response
 * @retval STOX_E_BAD_URI … what stox_uri_parse() says, for a message that was refused
 */
STOX_API int stox_sip_get_request_uri(stox_uri *out, const stox_sip_message *message);

/** @return the body; empty if there is none */
STOX_API stox_span stox_sip_body(const stox_sip_message *message);

/** @return the message's octets without what stood behind its body */
STOX_API stox_span stox_sip_text(const stox_sip_message *message);

/** @return 1 if something was accepted only because of `lenient` */
STOX_API int stox_sip_is_lenient(const stox_sip_message *message);

/** Gives the header field at `index`, in order; STOX_OK or STOX_E_NONE. */
STOX_API int stox_sip_get_header(stox_sip_header *out, const stox_sip_message *message,
                                 size_t index);

/** Finds the first header field of `id` at or behind `from`; STOX_OK or STOX_E_NONE. */
STOX_API int stox_sip_find_header(size_t *index, const stox_sip_message *message, int id,
                                  size_t from);

/** @return the value of the first header field of `id`; absent if there is none */
STOX_API stox_span stox_sip_value(const stox_sip_message *message, int id);

/** @return the value of the first header field of that name (compact form too); absent if none */
STOX_API stox_span stox_sip_value_of(const stox_sip_message *message, stox_span name);

/**
 * Gives the next Via value, over all Via fields, and moves the cursor behind it.
 * @retval STOX_OK views of the message
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_next_via(stox_sip_via *out, const stox_sip_message *message,
                               stox_sip_cursor *cursor);

/**
 * Gives the nth Via value; the top one is kept from the parse, others are for stox_sip_next_via().
 * @retval STOX_OK views of the message
 * @retval STOX_E_NONE there are fewer
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_get_via(stox_sip_via *out, const stox_sip_message *message, size_t nth);

/** Gives CSeq; STOX_OK, STOX_E_MISSING, STOX_E_BAD_HEADER. */
STOX_API int stox_sip_get_cseq(stox_sip_cseq *out, const stox_sip_message *message);

/**
 * Gives the next address of From, To, Contact, Route, Record-Route and their kin, and moves the
 * cursor behind it.
 * @retval STOX_OK views of the message
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_next_address(stox_name_addr *out, const stox_sip_message *message, int id,
                                   stox_sip_cursor *cursor);

/**
 * The same with the address's URI, parsed with STOX_URI_LENIENT (`uri->lenient` tells): one pass
 * over both.
 * @retval STOX_OK views of the message
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed
 * @retval STOX_E_BAD_URI … what stox_uri_parse() says; `out` is given and the cursor moved
 */
STOX_API int stox_sip_next_address_uri(stox_name_addr *out, stox_uri *uri,
                                       const stox_sip_message *message, int id,
                                       stox_sip_cursor *cursor);

/**
 * Gives the nth address; it walks over those before, so lists are for stox_sip_next_address().
 * @retval STOX_OK views of the message
 * @retval STOX_E_NONE there are fewer
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_get_address(stox_name_addr *out, const stox_sip_message *message, int id,
                                  size_t nth);

/** @return the tag of From or To; absent if none */
STOX_API stox_span stox_sip_tag(const stox_sip_message *message, int id);

/** Gives a header that is one number (Max-Forwards, Expires, …; of Retry-After and Session-Expires
 * the number before the parameters); STOX_OK, STOX_E_NONE, STOX_E_BAD_HEADER. */
STOX_API int stox_sip_get_number(uint32_t *out, const stox_sip_message *message, int id);

/** Appends a header value with each fold as one space (RFC 3261 7.3.1); STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_sip_unfold(stox_buf *out, stox_span value);

/** @return 1 if Request-URI or To is a SIPS URI (RFC 7247 8; scheme without case) */
STOX_API int stox_sip_is_sips(const stox_sip_message *message);

/** @return the canonical name of a STOX_SIP_… header, static; NULL if there is none */
STOX_API const char *stox_sip_header_name(int id);

/** @return the STOX_SIP_… of a name or compact form, without case; STOX_SIP_OTHER if unknown */
STOX_API int stox_sip_header_of(stox_span name);

/** @return the text of a known method, static; NULL if there is none */
STOX_API const char *stox_sip_method_name(int method_id);

/** @return the number of a method's text (case counts); STOX_SIP_METHOD_OTHER if unknown */
STOX_API int stox_sip_method_of(stox_span method);

/**
 * A message under construction: a copy of a parsed one with changes, or a new one. Nothing that
 * stox_sip_parse() refuses comes out of it: text, URI and the header fields that parser checks are
 * checked where they are set, and stox_sip_write() refuses what lacks one.
 *
 * The exception is what must go back as it came: an edit of a message that is lenient (see
 * stox_sip_edit_new()), and a response to one or to a request that was refused. There the lenient
 * rules hold for what is set too.
 */
typedef struct stox_sip_edit stox_sip_edit;

/** Where a header field goes. */
enum {
  STOX_SIP_LAST = 0,  /**< behind all others */
  STOX_SIP_FIRST = 1, /**< before the first of its id, or before all others */
  STOX_SIP_REPLACE =
      2 /**< in place of all of its id (or name); behind all others if there is none */
};

/**
 * Begins an edit of a parsed message, whose lines it keeps by reference: those are written
 * byte-exact.
 *
 * Of a lenient message, what a strict parser would refuse is mended, so that it accepts what is
 * written: the start line is made anew, without headers in a Request-URI; line ends are CRLF, and
 * the folds of a line that had another are a space; of a header field that may stand once the first
 * is kept; octets that are no UTF-8 become U+FFFD, in a URI's user an escape; `%` and octets above
 * 0x7F in the user of Request-URI, From and To are escaped, parameters without a value lose the
 * `=`, repeated ones are left out; in Via `rport=` becomes `rport`, and comments go. What belongs
 * to somebody else stays, and stays lenient: a Call-ID, host and `received` of a Via, a tel URI
 * without `phone-context`. What is written is written the same again after a second parse.
 * @retval STOX_OK `out` lives in `arena`; `message` must outlive it
 * @retval STOX_E_STATE a message that was refused, which can only be answered
 * @retval STOX_E_ARG a fragment without a start line, which no message can be made of
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_edit_new(stox_sip_edit **out, stox_arena *arena,
                               const stox_sip_message *message);

/**
 * Begins a request without header fields.
 * @retval STOX_OK `out` lives in `arena`, method and URI copied
 * @retval STOX_E_BAD_START the method is no token, or the URI none that a strict parser accepts
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_request_new(stox_sip_edit **out, stox_arena *arena, stox_span method,
                                  stox_span request_uri);

/**
 * Begins a response to a request: status line, and the lines of Via, From, To, Call-ID, CSeq in
 * their order (RFC 3261 8.2.6.2), `received` and `rport` not added here. They are kept by
 * reference; folds become one space. A 100 gets the request's Timestamp too (RFC 3261 8.2.6.1).
 * @param[out] out the edit, in `arena`
 * @param arena where it lives
 * @param request the request, also one that stox_sip_parse() refused but gave
 * @param code 100 … 699
 * @param reason absent: the default reason phrase; sanitised
 * @param to_tag put on To when it has none and `code` is not 100; absent: none
 * @retval STOX_OK begun
 * @retval STOX_E_ARG no such code, or `request` is a response
 * @retval STOX_E_BAD_HEADER `to_tag` is no token
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_response_new(stox_sip_edit **out, stox_arena *arena,
                                   const stox_sip_message *request, int code, stox_span reason,
                                   stox_span to_tag);

/**
 * Sets a header field; name and value are copied. Via, From, To, Call-ID, CSeq and Max-Forwards are
 * checked as stox_sip_parse() does, other values are text. On failure nothing has changed.
 * @param edit the edit
 * @param id STOX_SIP_…, or STOX_SIP_OTHER and `name`
 * @param name used with STOX_SIP_OTHER
 * @param value the value; absent with STOX_SIP_REPLACE: remove
 * @param where STOX_SIP_LAST …
 * @retval STOX_OK set
 * @retval STOX_E_CTRL CR, LF, NUL or another control character but HTAB in name or value
 * @retval STOX_E_BAD_UTF8 the value is no UTF-8
 * @retval STOX_E_BAD_HEADER the name is no token, the value of one of those above is malformed, or
 * the method of CSeq is not that of the message
 * @retval STOX_E_REPEATED the header may stand once and is there already; STOX_SIP_REPLACE is right
 * @retval STOX_E_ARG Content-Length, which is written by itself; no such id or place; an absent
 * value where it says nothing
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_sip_edit_set(stox_sip_edit *edit, int id, stox_span name, stox_span value,
                               int where);

/** Removes the first header value of `id` (the top Via of a comma-joined line alone too); STOX_OK,
 * STOX_E_NONE, STOX_E_NOMEM. */
STOX_API int stox_sip_edit_pop(stox_sip_edit *edit, int id);

/** Sets the Request-URI; STOX_OK, STOX_E_BAD_START, STOX_E_STATE for a response, STOX_E_NOMEM. */
STOX_API int stox_sip_edit_set_request_uri(stox_sip_edit *edit, stox_span request_uri);

/** Sets the body, by reference until written; Content-Length is written by itself. STOX_OK. */
STOX_API int stox_sip_edit_set_body(stox_sip_edit *edit, stox_span body);

/** @return the value an edit holds for the first header field of `id`; absent if there is none */
STOX_API stox_span stox_sip_edit_value(const stox_sip_edit *edit, int id);

/** @return the number of an edit's method (of CSeq for a response), STOX_SIP_METHOD_OTHER if
 * unknown */
STOX_API int stox_sip_edit_method_id(const stox_sip_edit *edit);

/** @return the body an edit holds; absent or empty if there is none */
STOX_API stox_span stox_sip_edit_body(const stox_sip_edit *edit);

/** @return the status code of an edit, 0 for a request */
STOX_API int stox_sip_edit_status(const stox_sip_edit *edit);

/**
 * Writes an edit: kept lines byte-exact and in order, Content-Length set to the body's octets.
 * @retval STOX_OK appended
 * @retval STOX_E_MISSING From, To, Call-ID or CSeq is not there, or Via in a response (a request
 * gets its Via where it is sent, RFC 3261 18.1.1); nothing appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_sip_write(stox_buf *out, const stox_sip_edit *edit);

STOX_END_DECLS

#endif
