/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The strict grammar of every known header field, by its number: for who checks, logs or passes on
 * values without reading them.
 */
#ifndef STOX_SIP_GRAMMAR_H
#define STOX_SIP_GRAMMAR_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/**
 * Checks one value as its typed header would.
 * @param id STOX_SIP_…
 * @param value one value, as stox_sip_next_value() gives it
 * @param[out] diag offset in `value`; may be NULL
 * @retval STOX_OK it keeps the grammar, or the header field is not known
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_value_check(int id, stox_span value, stox_diag *diag);

/**
 * Checks all values of one header field. Empty may be Accept, Accept-Encoding, Accept-Language,
 * Accept-Resource-Priority, Allow, Organization, Subject and Supported (RFC 3261 25.1, RFC 4412
 * 3.2), no other.
 * @param id STOX_SIP_…
 * @param field what stands behind the colon
 * @param[out] diag offset in `field`; may be NULL
 * @retval STOX_OK all keep the grammar, or the header field is not known
 * @retval STOX_E_BAD_HEADER one is malformed, or there is none
 */
STOX_API int stox_sip_field_check(int id, stox_span field, stox_diag *diag);

STOX_END_DECLS

#endif
