/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Contact with the parameters of RFC 3261, outbound (RFC 5626), GRUU (RFC 5627) and their 2005
 * drafts.
 */
#ifndef STOX_SIP_CONTACT_H
#define STOX_SIP_CONTACT_H

#include "stox/sip_value.h"

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

STOX_END_DECLS

#endif
