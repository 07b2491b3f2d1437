/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Caller preferences (RFC 3841) and the feature tags they are made of (RFC 3840).
 */
#ifndef STOX_SIP_FEATURE_H
#define STOX_SIP_FEATURE_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of Accept-Contact. */
typedef struct stox_sip_accept_contact {
  stox_span star;   /**< always `*` */
  int is_required;  /**< 1: it stands there */
  int is_explicit;  /**< 1: it stands there */
  stox_span params; /**< all parameters */
} stox_sip_accept_contact;

/**
 * Parses one value (RFC 3841 10).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_accept_contact_parse(stox_sip_accept_contact *out, stox_span text,
                                           stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_accept_contact_write(stox_buf *out, const stox_sip_accept_contact *value);

/** One value of Reject-Contact. */
typedef struct stox_sip_reject_contact {
  stox_span star;   /**< always `*` */
  stox_span params; /**< all parameters */
} stox_sip_reject_contact;

/**
 * Parses one value (RFC 3841 10).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_reject_contact_parse(stox_sip_reject_contact *out, stox_span text,
                                           stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_reject_contact_write(stox_buf *out, const stox_sip_reject_contact *value);

/** @return 1 if a parameter's name is one of the base tags, or `+` and a name (RFC 3840 9) */
STOX_API int stox_sip_is_feature_tag(stox_span name);

/**
 * Gives the next feature parameter of Contact, Accept-Contact, Reject-Contact or Refer-To.
 * @param[out] out name, and value in its quotes; no value: TRUE
 * @param params the parameters of a value
 * @param cursor 0 at first
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_PARAM malformed
 */
STOX_API int stox_sip_next_feature(stox_param *out, stox_span params, size_t *cursor);

/** Kinds of a feature tag's value. */
enum {
  STOX_SIP_TAG_TOKEN = 1,
  STOX_SIP_TAG_BOOLEAN = 2,
  STOX_SIP_TAG_NUMBER = 3,
  STOX_SIP_TAG_STRING = 4
};

/** One value of a feature tag (RFC 3840 9). */
typedef struct stox_sip_tag_value {
  int kind;       /**< STOX_SIP_TAG_… */
  int is_negated; /**< 1: `!` stands before it */
  int is_true;    /**< of a boolean */
  int spare;      /**< 0 */
  stox_span text; /**< without `!`; a string with its angle brackets */
  stox_span low;  /**< of a number: at least this; absent: no bound */
  stox_span high; /**< of a number: at most this; absent: no bound */
} stox_sip_tag_value;

/**
 * Gives the next value of a feature tag.
 * @param[out] out views of `value`
 * @param value a parameter's value as written, in quotes; absent: one boolean, TRUE
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_PARAM not the grammar of feature tags
 */
STOX_API int stox_sip_next_tag_value(stox_sip_tag_value *out, stox_span value, size_t *cursor);

/** Feature parameters of one value that stox_sip_features_check() takes. */
enum { STOX_SIP_FEATURES_MOST = 64 };

/**
 * Checks the feature parameters of a value against each other (RFC 3840 9): none stands twice, the
 * values are in the grammar, and a C double holds the numbers.
 * @param params the parameters of a value
 * @retval STOX_OK good
 * @retval STOX_E_REPEATED a feature tag stands twice, without case
 * @retval STOX_E_BAD_PARAM malformed
 * @retval STOX_E_TOO_MANY above STOX_SIP_FEATURES_MOST
 */
STOX_API int stox_sip_features_check(stox_span params);

/** Directives of Request-Disposition, as bits. */
enum {
  STOX_SIP_DIRECTIVE_PROXY = 1 << 0,
  STOX_SIP_DIRECTIVE_REDIRECT = 1 << 1,
  STOX_SIP_DIRECTIVE_CANCEL = 1 << 2,
  STOX_SIP_DIRECTIVE_NO_CANCEL = 1 << 3,
  STOX_SIP_DIRECTIVE_FORK = 1 << 4,
  STOX_SIP_DIRECTIVE_NO_FORK = 1 << 5,
  STOX_SIP_DIRECTIVE_RECURSE = 1 << 6,
  STOX_SIP_DIRECTIVE_NO_RECURSE = 1 << 7,
  STOX_SIP_DIRECTIVE_PARALLEL = 1 << 8,
  STOX_SIP_DIRECTIVE_SEQUENTIAL = 1 << 9,
  STOX_SIP_DIRECTIVE_QUEUE = 1 << 10,
  STOX_SIP_DIRECTIVE_NO_QUEUE = 1 << 11
};

/**
 * Parses a line of Request-Disposition (RFC 3841 10).
 * @param[out] out a set of STOX_SIP_DIRECTIVE_…
 * @param list the value of the header field
 * @param[out] diag offset in `list`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER another directive, or none
 */
STOX_API int stox_sip_disposition_parse(uint32_t *out, stox_span list, stox_diag *diag);

/** Appends a set of directives; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for an empty set or
 * another bit. */
STOX_API int stox_sip_disposition_write(stox_buf *out, uint32_t set);

STOX_END_DECLS

#endif
