/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Lists of tokens: option tags (Supported, Require, Proxy-Require, Unsupported), methods (Allow),
 * event packages, content codings. Empty header fields are empty lists.
 */
#ifndef STOX_SIP_TOKENS_H
#define STOX_SIP_TOKENS_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Option tags that are known by number; in a set, 1 shifted left by the number. */
enum {
  STOX_SIP_OPTION_UNKNOWN = -1,                /**< none of the below */
  STOX_SIP_OPTION_100REL = 0,                  /**< RFC 3262 */
  STOX_SIP_OPTION_199 = 1,                     /**< RFC 6228 */
  STOX_SIP_OPTION_ANSWERMODE = 2,              /**< RFC 5373 */
  STOX_SIP_OPTION_EARLY_SESSION = 3,           /**< RFC 3959 */
  STOX_SIP_OPTION_EVENTLIST = 4,               /**< RFC 4662 */
  STOX_SIP_OPTION_EXPLICITSUB = 5,             /**< RFC 7614 */
  STOX_SIP_OPTION_FROM_CHANGE = 6,             /**< RFC 4916 */
  STOX_SIP_OPTION_GEOLOCATION_HTTP = 7,        /**< RFC 6442 */
  STOX_SIP_OPTION_GEOLOCATION_SIP = 8,         /**< RFC 6442 */
  STOX_SIP_OPTION_GRUU = 9,                    /**< RFC 5627 */
  STOX_SIP_OPTION_HISTINFO = 10,               /**< RFC 7044 */
  STOX_SIP_OPTION_ICE = 11,                    /**< RFC 5768 */
  STOX_SIP_OPTION_JOIN = 12,                   /**< RFC 3911 */
  STOX_SIP_OPTION_MULTIPLE_REFER = 13,         /**< RFC 5368 */
  STOX_SIP_OPTION_NOREFERSUB = 14,             /**< RFC 4488 */
  STOX_SIP_OPTION_NOSUB = 15,                  /**< RFC 7614 */
  STOX_SIP_OPTION_OUTBOUND = 16,               /**< RFC 5626 */
  STOX_SIP_OPTION_PATH = 17,                   /**< RFC 3327 */
  STOX_SIP_OPTION_PRECONDITION = 18,           /**< RFC 3312 */
  STOX_SIP_OPTION_PREF = 19,                   /**< RFC 3840 */
  STOX_SIP_OPTION_PRIVACY = 20,                /**< RFC 3323 */
  STOX_SIP_OPTION_RECIPIENT_LIST_MESSAGE = 21, /**< RFC 5365 */
  STOX_SIP_OPTION_RECORD_AWARE = 22,           /**< RFC 7866 */
  STOX_SIP_OPTION_REPLACES = 23,               /**< RFC 3891 */
  STOX_SIP_OPTION_RESOURCE_PRIORITY = 24,      /**< RFC 4412 */
  STOX_SIP_OPTION_SEC_AGREE = 25,              /**< RFC 3329 */
  STOX_SIP_OPTION_TDIALOG = 26,                /**< RFC 4538 */
  STOX_SIP_OPTION_TIMER = 27,                  /**< RFC 4028 */
  STOX_SIP_OPTION_UUI = 28,                    /**< RFC 7433 */
  STOX_SIP_OPTION_ALERTMODE = 29,              /**< the 2005 draft of answer and alert modes */
  STOX_SIP_OPTION_ANONYMOUS = 30,              /**< the 2005 draft of identity privacy */
  STOX_SIP_OPTION_LR305 = 31,                  /**< the 2005 draft of route construction */
  STOX_SIP_OPTION_COUNT = 32                   /**< numbers are below this */
};

/**
 * Gives the next token of a list, over all header fields of `id`.
 * @param[out] out a view of the message
 * @param message the message
 * @param id STOX_SIP_SUPPORTED, STOX_SIP_ALLOW, …
 * @param cursor zero at first
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER an element is no token; the cursor stays
 */
STOX_API int stox_sip_next_token(stox_span *out, const stox_sip_message *message, int id,
                                 stox_sip_cursor *cursor);

/** @return 1 if a token of the list is `token`, without case; what stands behind an element that is
 * no token is not looked at */
STOX_API int stox_sip_has_token(const stox_sip_message *message, int id, stox_span token);

/** @return the tag of an option, static; NULL if there is none */
STOX_API const char *stox_sip_option_name(int option);

/** @return the STOX_SIP_OPTION_… of a tag, without case; STOX_SIP_OPTION_UNKNOWN */
STOX_API int stox_sip_option_of(stox_span tag);

/**
 * Collects the known option tags of a list.
 * @param[out] out a set; what is unknown is not in it
 * @param message the message
 * @param id STOX_SIP_SUPPORTED, STOX_SIP_REQUIRE, …
 * @retval STOX_OK collected; an absent header field gives an empty set
 * @retval STOX_E_BAD_HEADER an element is no token; `out` has those before it
 */
STOX_API int stox_sip_get_options(uint64_t *out, const stox_sip_message *message, int id);

/**
 * Gives the next tag of Require or Proxy-Require that is not in a set: what a 420 lists in
 * Unsupported (RFC 3261 8.2.2.3).
 * @param[out] out a view of the message
 * @param message the message
 * @param id STOX_SIP_REQUIRE or STOX_SIP_PROXY_REQUIRE
 * @param supported the set of what is supported
 * @param cursor zero at first
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER an element is no token
 */
STOX_API int stox_sip_next_unsupported(stox_span *out, const stox_sip_message *message, int id,
                                       uint64_t supported, stox_sip_cursor *cursor);

/** Appends the tags of a set, in the order of their numbers; STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_sip_options_write(stox_buf *out, uint64_t set);

/**
 * Collects the methods of a list (Allow).
 * @param[out] out a set: 1 shifted left by STOX_SIP_INVITE, …; bit 0: there are unknown ones
 * @param message the message
 * @param id STOX_SIP_ALLOW
 * @retval STOX_OK collected; an absent header field gives an empty set
 * @retval STOX_E_BAD_HEADER an element is no token; `out` has those before it
 */
STOX_API int stox_sip_get_methods(uint64_t *out, const stox_sip_message *message, int id);

/** Appends the known methods of a set, in the order of their numbers; STOX_OK or STOX_E_NOBUF. */
STOX_API int stox_sip_methods_write(stox_buf *out, uint64_t set);

STOX_END_DECLS

#endif
