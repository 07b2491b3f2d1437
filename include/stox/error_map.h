/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The error map of RFC 7247 section 7: SIP status codes ⇄ XMPP stanza error conditions.
 */
#ifndef STOX_ERROR_MAP_H
#define STOX_ERROR_MAP_H

#include "stox/buf.h"

STOX_BEGIN_DECLS

/** Stanza error conditions (RFC 6120 8.3.3), then those of RFC 3920 and XEP-0086 that are read
 * only. */
enum {
  STOX_COND_NONE = 0,
  STOX_COND_BAD_REQUEST = 1,
  STOX_COND_CONFLICT = 2,
  STOX_COND_FEATURE_NOT_IMPLEMENTED = 3,
  STOX_COND_FORBIDDEN = 4,
  STOX_COND_GONE = 5,
  STOX_COND_INTERNAL_SERVER_ERROR = 6,
  STOX_COND_ITEM_NOT_FOUND = 7,
  STOX_COND_JID_MALFORMED = 8,
  STOX_COND_NOT_ACCEPTABLE = 9,
  STOX_COND_NOT_ALLOWED = 10,
  STOX_COND_NOT_AUTHORIZED = 11,
  STOX_COND_POLICY_VIOLATION = 12,
  STOX_COND_RECIPIENT_UNAVAILABLE = 13,
  STOX_COND_REDIRECT = 14,
  STOX_COND_REGISTRATION_REQUIRED = 15,
  STOX_COND_REMOTE_SERVER_NOT_FOUND = 16,
  STOX_COND_REMOTE_SERVER_TIMEOUT = 17,
  STOX_COND_RESOURCE_CONSTRAINT = 18,
  STOX_COND_SERVICE_UNAVAILABLE = 19,
  STOX_COND_SUBSCRIPTION_REQUIRED = 20,
  STOX_COND_UNDEFINED_CONDITION = 21,
  STOX_COND_UNEXPECTED_REQUEST = 22,
  STOX_COND_PAYMENT_REQUIRED = 23 /**< RFC 3920 only: read, never made by the map */
};

/** Error types (RFC 6120 8.3.2). */
enum {
  STOX_ERROR_CANCEL = 0,
  STOX_ERROR_CONTINUE = 1,
  STOX_ERROR_MODIFY = 2,
  STOX_ERROR_AUTH = 3,
  STOX_ERROR_WAIT = 4
};

/** Why a remote server was not found (Table 2 note 4). */
enum {
  STOX_CAUSE_UNKNOWN = 0, /**< as STOX_CAUSE_NONEXISTENT */
  STOX_CAUSE_NONEXISTENT = 1,
  STOX_CAUSE_UNRESOLVABLE = 2
};

/** Scenario of a SIP error (Table 3 notes 3 to 5). */
enum {
  STOX_HINT_NONE = 0,
  STOX_HINT_POLICY = 1,      /**< 403 is a matter of policy: policy-violation */
  STOX_HINT_NEVER = 2,       /**< 403 for everybody: not-allowed */
  STOX_HINT_DOMAIN = 3,      /**< 404 concerns the domain: remote-server-not-found */
  STOX_HINT_UNRESOLVABLE = 4 /**< 408 because nothing resolved: remote-server-not-found */
};

/** What the address text in a result is to be. */
enum {
  STOX_ADDRESS_NONE = 0,    /**< must not be given */
  STOX_ADDRESS_REQUIRED = 1 /**< must be given: Contact of a 3xx, text of gone and redirect */
};

/** Header fields that a SIP response of the code must carry. */
enum {
  STOX_NEEDS_CONTACT = 1,
  STOX_NEEDS_ALLOW = 2,
  STOX_NEEDS_ACCEPT = 4,
  STOX_NEEDS_UNSUPPORTED = 8,
  STOX_NEEDS_MIN_EXPIRES = 16,
  STOX_NEEDS_CHALLENGE = 32, /**< WWW-Authenticate or Proxy-Authenticate */
  STOX_NEEDS_ALLOW_EVENTS = 64
};

/** One override: wins over the tables. */
typedef struct stox_error_override {
  int condition; /**< STOX_COND_… */
  int sip;       /**< 300 … 699 */
  int scope;     /**< STOX_SCOPE_… for XMPP to SIP, -1: any */
} stox_error_override;

/** Question: an XMPP error that must become a SIP response. Zero-initialise, then fill. */
typedef struct stox_error_to_sip {
  int condition;     /**< STOX_COND_… */
  int scope;         /**< STOX_SCOPE_… of the address that the error concerns */
  int has_address;   /**< 1: gone or redirect carries a usable new address */
  int cause;         /**< STOX_CAUSE_… */
  int is_invite;     /**< 1: the pending SIP request is an INVITE (unexpected-request: 491) */
  int has_challenge; /**< 1: a challenge can be offered; otherwise 401 and 407 become 403 */
  int prefer_4xx;    /**< 1: 4xx for bare JIDs too (behind a forking proxy); 0: Table 2 exactly */
  const stox_error_override *overrides; /**< NULL: none */
  size_t n_overrides;                   /**< entries at `overrides` */
} stox_error_to_sip;

/** Answer: a SIP status. */
typedef struct stox_sip_error {
  int code;           /**< 300 … 699 */
  int address;        /**< STOX_ADDRESS_… for Contact */
  uint32_t needs;     /**< STOX_NEEDS_… */
  const char *reason; /**< default reason phrase, static */
} stox_sip_error;

/** Question: a SIP response that must become an XMPP error. Zero-initialise, then fill. */
typedef struct stox_error_to_xmpp {
  int sip;             /**< status code */
  int has_contact;     /**< 1: the response has a Contact that maps to an address */
  int hint;            /**< STOX_HINT_… */
  int is_unauthorised; /**< 1: the sender may not know the recipient's presence: service-unavailable
                            instead of recipient-unavailable and item-not-found (RFC 6120 8.3.3) */
  const stox_error_override *overrides; /**< NULL: none; `scope` is not looked at */
  size_t n_overrides;                   /**< entries at `overrides` */
} stox_error_to_xmpp;

/** Answer: an XMPP error. */
typedef struct stox_xmpp_error {
  int condition; /**< STOX_COND_… */
  int type;      /**< STOX_ERROR_… (RFC 6120 default type) */
  int address;   /**< STOX_ADDRESS_… for the condition element's text */
} stox_xmpp_error;

/**
 * Maps a condition to a SIP status (RFC 7247 Table 2 with notes 1 to 5). A domain counts as a bare
 * JID. `redirect` is 302 even where no address is known; without a Contact to send with it, see
 * stox_error_map_without().
 * @param[out] out the status; untouched on failure
 * @param question the error
 * @retval STOX_OK mapped
 * @retval STOX_E_ARG no such condition or scope, or an override outside 300 … 699
 */
STOX_API int stox_error_map_to_sip(stox_sip_error *out, const stox_error_to_sip *question);

/**
 * What to send where the header field that a status needs cannot be given (RFC 3261 21, 8.2): 410
 * for 301, 480 for 302 and 305, 403 for 401 and 407.
 * @param code a SIP status code
 * @return the code to send in its place; `code` itself where the field can always be given
 */
STOX_API int stox_error_map_without(int code);

/**
 * Maps a SIP status to a condition (RFC 7247 Table 3 with notes 1 to 9; unlisted codes by class). A
 * 301 without a usable Contact is item-not-found, since gone would have to name it.
 * @param[out] out the error; untouched on failure
 * @param question the response
 * @retval STOX_OK mapped
 * @retval STOX_E_NOT_AN_ERROR 100 … 299
 * @retval STOX_E_ARG no SIP status code, or an override with no condition
 */
STOX_API int stox_error_map_to_xmpp(stox_xmpp_error *out, const stox_error_to_xmpp *question);

/** A row of Table 2. */
typedef struct stox_error_row_xmpp {
  int condition; /**< STOX_COND_… */
  int full;      /**< code for a full JID */
  int bare;      /**< code for a bare JID */
  int domain;    /**< code for a domain */
} stox_error_row_xmpp;

/** A row of Table 3. */
typedef struct stox_error_row_sip {
  int sip;       /**< status code; 300, 400, 500 or 600 with `is_class` for a class row */
  int is_class;  /**< 1: the class default */
  int condition; /**< STOX_COND_… */
  int type;      /**< STOX_ERROR_… */
} stox_error_row_sip;

/** Walks Table 2 (22 rows); STOX_OK or STOX_E_NONE. */
STOX_API int stox_error_map_get_xmpp(stox_error_row_xmpp *out, size_t index);

/** Walks Table 3 (48 codes and 4 class rows); STOX_OK or STOX_E_NONE. */
STOX_API int stox_error_map_get_sip(stox_error_row_sip *out, size_t index);

/** @return a condition's element name, static; NULL if there is none */
STOX_API const char *stox_condition_name(int condition);

/** @return the STOX_COND_… of an element name; STOX_COND_NONE if unknown */
STOX_API int stox_condition_of(stox_span name);

/** @return a condition's default STOX_ERROR_… type (RFC 6120 8.3.3) */
STOX_API int stox_condition_type(int condition);

/** @return a condition's default STOX_ERROR_… type in RFC 3920 9.3.3, where those of gone and
 * internal-server-error are others */
STOX_API int stox_condition_type_rfc3920(int condition);

/** @return the number that stood for a condition before it had a name (XEP-0086); 0 if none did */
STOX_API int stox_condition_code(int condition);

/** @return the condition that a number stands for, and its type if `type` is not NULL (XEP-0086);
 * STOX_COND_NONE if it stands for none */
STOX_API int stox_condition_of_code(int code, int *type);

/** @return the name of a STOX_ERROR_… type, static; NULL if there is none */
STOX_API const char *stox_error_type_name(int type);

/** @return the STOX_ERROR_… of a type's name; -1 if unknown */
STOX_API int stox_error_type_of(stox_span name);

/** @return the default reason phrase of a SIP status code, static; its class's if the code is
 * unknown */
STOX_API const char *stox_sip_reason(int code);

/** @return the reason phrase of a code that only a draft of 2005 has (response authentication 8.2
 * and 8.3: 431, 432; end-to-middle security 9: 495), static; NULL if it is none of them. No such
 * code is registered, and stox_sip_reason() does not know them. */
STOX_API const char *stox_sip_reason_draft2005(int code);

/**
 * Appends a text made safe as a reason phrase or as the `<text/>` of an error (RFC 7247 7): valid
 * UTF-8 only, white space and controls folded to one space, none at either end, at most `max`
 * octets cut at a code point. Empty text appends nothing.
 * @param out the buffer
 * @param text any octets
 * @param max most octets to append
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 */
STOX_API int stox_reason_write(stox_buf *out, stox_span text, size_t max);

STOX_END_DECLS

#endif
