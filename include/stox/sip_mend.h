/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Header values that break their grammar the way deployed phones or the printed drafts do, in the
 * form that the typed headers take.
 */
#ifndef STOX_SIP_MEND_H
#define STOX_SIP_MEND_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/**
 * Appends the strict form of one value. What is mended:
 * - Contact: an empty parameter (`;;`, as RFC 5626 3.2 prints it); `+sip.instance` without angle
 *   brackets; `gruu`, `pub-gruu`, `temp-gruu` without quotes.
 * - Identity: a digest of RFC 4474 without quotes.
 * - Proxy-Required-Body: a Content-ID without quotes.
 * - Refer-Sub: text behind the value (the draft's extension) becomes the parameter `extension`.
 * - Responder: an empty parameter; a claimer without angle brackets, or without a scheme, which is
 *   then `sip:`.
 * - Responder-Info: a URI without angle brackets.
 *
 * A strict value, and any of another header field, is appended as it is; so the form of a form is
 * the same. What was mended is good for finding the way, never for an authorization.
 * @param[out] out the form
 * @param[out] is_mended 1 if it is not the value as it was; may be NULL
 * @param id STOX_SIP_…
 * @param value one value, as stox_sip_next_value() gives it
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_BAD_HEADER it has no strict form; nothing appended
 */
STOX_API int stox_sip_value_mend(stox_buf *out, int *is_mended, int id, stox_span value);

STOX_END_DECLS

#endif
