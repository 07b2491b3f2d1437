/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Proxy-Required-Body and SAML-Payload (the 2005 drafts of end-to-middle security and of SAML).
 */
#ifndef STOX_SIP_BODY_LABEL_H
#define STOX_SIP_BODY_LABEL_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of SAML-Payload. */
typedef struct stox_sip_saml_payload {
  stox_span reference; /**< URI with its angle brackets, or an artifact */
  stox_span params;    /**< all parameters */
} stox_sip_saml_payload;

/**
 * Parses one value (the 2005 draft 7, which gives no grammar: LAQUOT absoluteURI RAQUOT or an
 * artifact in base64).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_saml_payload_parse(stox_sip_saml_payload *out, stox_span text,
                                         stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_saml_payload_write(stox_buf *out, const stox_sip_saml_payload *value);

/** Proxy-Required-Body. */
typedef struct stox_sip_body_label {
  stox_span proxy; /**< host of the proxy that is to look */
  stox_span cids;  /**< for stox_sip_next_cid() */
} stox_sip_body_label;

/**
 * Parses one value (the 2005 draft 6): one proxy, one or more Content-IDs, which commas separate.
 * @param[out] out views of `text`
 * @param text the value of one line
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_body_label_parse(stox_sip_body_label *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_body_label_write(stox_buf *out, const stox_sip_body_label *value);

/**
 * Gives the next Content-ID, in its quotes, a backslash being a character like another.
 * @param[out] out a view of `cids`
 * @param cids the member of a value
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_next_cid(stox_span *out, stox_span cids, size_t *cursor);

STOX_END_DECLS

#endif
