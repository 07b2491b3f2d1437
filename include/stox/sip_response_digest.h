/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What the 2005 draft of response authentication signs and hashes (6.1), and the SAML artifacts of
 * the 2005 draft of SAML. A `:` stands between parts that may hold one themselves, so these texts
 * are for those drafts alone.
 */
#ifndef STOX_SIP_RESPONSE_DIGEST_H
#define STOX_SIP_RESPONSE_DIGEST_H

#include "stox/sip_body_label.h"

STOX_BEGIN_DECLS

/**
 * Appends the digest-string of Identity in a response: the URIs of To, From and claimer, Call-ID,
 * CSeq, Date, body.
 * @param[out] out the text
 * @param response the response, with Responder and Date
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_MISSING no Responder or no Date; nothing appended
 * @retval STOX_E_BAD_HEADER To, From or Responder malformed; nothing appended
 * @retval STOX_E_ARG a request
 */
STOX_API int stox_sip_response_digest_write(stox_buf *out, const stox_sip_message *response);

/**
 * Appends the digest-string of Response-Authorization: the status code before, and method and nonce
 * of the request's Response-Authentication, as they stand there, behind the URIs.
 * @retval STOX_OK appended
 * @return else as stox_sip_response_digest_write()
 */
STOX_API int stox_sip_authorization_digest_write(stox_buf *out, const stox_sip_message *response,
                                                 stox_span method, stox_span nonce);

/** What a SAML-Payload is. */
enum {
  STOX_SAML_ARTIFACT = 1, /**< in base64: to be fetched from whom its source names */
  STOX_SAML_CID = 2,      /**< a body part: it came with the message */
  STOX_SAML_URL = 3       /**< to be fetched, if the host's policy lets it */
};

/** @return STOX_SAML_… of a parsed value */
STOX_API int stox_saml_payload_kind(const stox_sip_saml_payload *payload);

/** Octets of an artifact, and of its two parts behind the type code (SAML 1.1 bindings 4.1.1.8). */
enum { STOX_SAML_ARTIFACT_OCTETS = 42, STOX_SAML_ARTIFACT_PART = 20 };

/** An artifact of type 0x0001. */
typedef struct stox_saml_artifact {
  unsigned char source_id[STOX_SAML_ARTIFACT_PART]; /**< SHA-1 of the issuer's identifier */
  unsigned char handle[STOX_SAML_ARTIFACT_PART];    /**< of the assertion */
} stox_saml_artifact;

/**
 * Parses an artifact.
 * @param[out] out its parts
 * @param text 56 characters of base64
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_BODY not base64, or not of 42 octets
 * @retval STOX_E_UNSUPPORTED_MEDIA another type code
 */
STOX_API int stox_saml_artifact_parse(stox_saml_artifact *out, stox_span text);

STOX_END_DECLS

#endif
