/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Via and CSeq as values apart from a message (RFC 3261); of a message, see stox_sip_get_via() and
 * stox_sip_get_cseq().
 */
#ifndef STOX_SIP_VIA_H
#define STOX_SIP_VIA_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/**
 * Parses one value of Via (RFC 3261 25.1, RFC 3581 for `rport`), strictly.
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_via_parse(stox_sip_via *out, stox_span text, stox_diag *diag);

/** Appends a value, the protocol being that of `text`, or `SIP/2.0` if that is absent; STOX_OK,
 * STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_via_write(stox_buf *out, const stox_sip_via *value);

/**
 * Parses CSeq (RFC 3261 25.1; the number below 2^31, 8.1.1.5).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_cseq_parse(stox_sip_cseq *out, stox_span text, stox_diag *diag);

/** Appends a value, `method_id` not looked at; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what
 * would not parse. */
STOX_API int stox_sip_cseq_write(stox_buf *out, const stox_sip_cseq *value);

STOX_END_DECLS

#endif
