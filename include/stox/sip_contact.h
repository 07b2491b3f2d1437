/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Contact with the parameters of RFC 3261, outbound (RFC 5626), GRUU (RFC 5627) and their 2005
 * drafts.
 */
#ifndef STOX_SIP_CONTACT_H
#define STOX_SIP_CONTACT_H

#include "stox/sip.h"
#include "stox/sip_value.h"
#include "stox/uri.h"

STOX_BEGIN_DECLS

/** One value of Contact. */
typedef struct stox_sip_contact {
  stox_name_addr address;  /**< address; with a star nothing else is written */
  stox_sip_number q;       /**< preference */
  stox_sip_number expires; /**< seconds */
  stox_span sip_instance;  /**< `"<urn:…>"` as written */
  stox_sip_number reg_id;  /**< 1 … 2^31 - 1 */
  stox_span pub_gruu;      /**< with its quotes */
  stox_span temp_gruu;     /**< with its quotes */
  stox_span gruu;          /**< the draft's, with its quotes */
  stox_sip_number flow_id; /**< the draft's; 1 … 2^31 - 1 */
} stox_sip_contact;

/**
 * Parses one value (RFC 3261 25.1, RFC 5626 10, RFC 5627 7; `flow-id` and `gruu` of the drafts).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_contact_parse(stox_sip_contact *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_contact_write(stox_buf *out, const stox_sip_contact *value);

/** What a registrar or a proxy looks for in one value of Contact. Its parameters are as written,
 * each the first of its name; absent: not there, or without a value. */
typedef struct stox_sip_binding {
  stox_name_addr address; /**< address; with a star nothing else is there */
  stox_uri uri;           /**< its URI */
  stox_span q;            /**< preference (RFC 3261 20.10) */
  stox_span expires;      /**< seconds */
  stox_span sip_instance; /**< `"<urn:…>"` (RFC 5626 10) */
  stox_span reg_id;       /**< number of a flow */
  stox_span pub_gruu;     /**< with its quotes (RFC 5627 7) */
  stox_span temp_gruu;    /**< with its quotes */
} stox_sip_binding;

/**
 * Takes the next value of Contact apart, in one walk: the same as stox_sip_next_address_uri() and a
 * look at each parameter.
 * @param[out] out views of the message; to be looked at only if STOX_OK is returned
 * @param message a parsed message
 * @param[in,out] cursor {0, 0} at first
 * @retval STOX_OK there is one; its URI may be lenient
 * @retval STOX_E_NONE there are no more
 * @retval STOX_E_BAD_HEADER malformed
 * @retval STOX_E_BAD_URI … what stox_uri_parse() says; the cursor has moved
 */
STOX_API int stox_sip_next_binding(stox_sip_binding *out, const stox_sip_message *message,
                                   stox_sip_cursor *cursor);

STOX_END_DECLS

#endif
