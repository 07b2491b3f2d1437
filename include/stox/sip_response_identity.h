/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Responder, Responder-Info, Response-Authentication, Response-Authorization (the 2005 draft of
 * response authentication, 6.1).
 */
#ifndef STOX_SIP_RESPONSE_IDENTITY_H
#define STOX_SIP_RESPONSE_IDENTITY_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Responder; `claimer` stands first; any `verify-method` follows. */
typedef struct stox_sip_responder {
  stox_span claimer; /**< name-addr or addr-spec; an addr-spec is written in angle brackets */
  stox_span params;  /**< all parameters */
} stox_sip_responder;

/**
 * Parses one value (the 2005 draft 6.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_responder_parse(stox_sip_responder *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_responder_write(stox_buf *out, const stox_sip_responder *value);

/**
 * Gives the next `verify-method` of a parsed value.
 * @param[out] out `DAS`, `AIB` or another token
 * @param responder a parsed value
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_sip_responder_next_method(stox_span *out, const stox_sip_responder *responder,
                                            size_t *cursor);

/** Responder-Info. */
typedef struct stox_sip_responder_info {
  stox_span uri; /**< with its angle brackets */
} stox_sip_responder_info;

/**
 * Parses one value (the 2005 draft 6.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_responder_info_parse(stox_sip_responder_info *out, stox_span text,
                                           stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_responder_info_write(stox_buf *out, const stox_sip_responder_info *value);

/** Response-Authentication. */
typedef struct stox_sip_response_authentication {
  stox_span method; /**< `DAS`, `SharedKey`, `PublicKey` or another */
  stox_span nonce;  /**< token, or quoted string with its quotes */
  stox_span params; /**< all parameters */
} stox_sip_response_authentication;

/**
 * Parses one value (the 2005 draft 6.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_response_authentication_parse(stox_sip_response_authentication *out,
                                                    stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_response_authentication_write(stox_buf *out,
                                                    const stox_sip_response_authentication *value);

/** Response-Authorization. */
typedef struct stox_sip_response_authorization {
  stox_span digest; /**< 32 hexadecimal digits in lower case, or base64, with the quotes */
  stox_span params; /**< all parameters */
} stox_sip_response_authorization;

/**
 * Parses one value (the 2005 draft 6.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_response_authorization_parse(stox_sip_response_authorization *out,
                                                   stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_response_authorization_write(stox_buf *out,
                                                   const stox_sip_response_authorization *value);

STOX_END_DECLS

#endif
