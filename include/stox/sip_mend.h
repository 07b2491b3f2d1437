/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Header values that break their grammar the way deployed phones, the torture tests or the printed
 * drafts do, in the form that the typed headers take: the lenient reading of all of them. What was
 * mended is good for finding the way, never for an authorization, and no signature covers it.
 *
 * Mended are, in every header field with parameters:
 * - empty parameters (`;;`, or a `;` at the end);
 * - a parameter that may stand once and stands again: the first counts;
 * - a parameter without the value it needs: left out; one with a value that it must not have: the
 *   value is left out; an unknown one with nothing behind its `=`: the `=` is left out;
 * - a value without the quotes it needs, or with quotes that it must not have;
 * - a URI without the angle brackets it needs, or with white space at its ends or folds in it (RFC
 * 4475 3.1.2.13 and 3.1.2.14); in Route, Record-Route, Path, Service-Route and the identities of
 * RFC 3325, what looks like parameters then belongs to the URI;
 * - a display name of other characters than tokens (RFC 4475 3.1.2.15), or before a URI without
 *   angle brackets;
 * - `q` with more than three digits behind its point, or none before it;
 * - numbers: a malformed `expires` of Contact is 3600 (RFC 3261 10.2, RFC 4475 3.1.2.4), other
 *   malformed times are left out.
 *
 * And in some:
 * - Authorization, Proxy-Authorization, WWW-Authenticate, Proxy-Authenticate, Authentication-Info:
 *   empty list elements, and values without quotes that are no tokens (a nonce in base64);
 * - Contact: `+sip.instance` without angle brackets or quotes; `gruu`, `pub-gruu`, `temp-gruu`
 *   without quotes;
 * - Date: no name of the day, one digit as the day, `UT`, `UTC`, `Z`, the zones of RFC 5322 and
 *   numeric ones, which become GMT (RFC 4475 3.1.2.12);
 * - Expires: what stands behind its digits is left out; 3600 if there are none, or too many
 *   (RFC 4475 3.1.2.4);
 * - Identity: a digest of RFC 4474 without quotes;
 * - Proxy-Required-Body: a Content-ID without quotes;
 * - Refer-Sub: text behind the value (the draft's extension) becomes the parameter `extension`;
 * - Responder: a claimer without angle brackets, or without a scheme, which is then `sip:`;
 * - Retry-After: text that is no comment behind the number is left out; a number above 2^32 - 1 is
 *   that (RFC 4475 3.1.2.5);
 * - Server, User-Agent: what is no list of products becomes one comment;
 * - Warning: text without quotes; no agent, for which `-` stands then.
 */
#ifndef STOX_SIP_MEND_H
#define STOX_SIP_MEND_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/**
 * Appends the strict form of one value. A strict value, and any of a header field that is not
 * known, is appended as it is; so the form of a form is the same.
 * @param[out] out the form
 * @param[out] is_mended 1 if it is not the value as it was; may be NULL
 * @param id STOX_SIP_…
 * @param value one value, as stox_sip_next_value() gives it
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_BAD_HEADER it has no strict form; nothing appended
 */
STOX_API int stox_sip_value_mend(stox_buf *out, int *is_mended, int id, stox_span value);

/**
 * Appends the strict form of all values of one header field, as stox_sip_value_mend() does of one;
 * empty elements of a list are left out.
 * @param[out] out the form
 * @param[out] is_mended 1 if it is not what it was; may be NULL
 * @param id STOX_SIP_…
 * @param field what stands behind the colon
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_BAD_HEADER it has no strict form; nothing appended
 */
STOX_API int stox_sip_field_mend(stox_buf *out, int *is_mended, int id, stox_span field);

STOX_END_DECLS

#endif
