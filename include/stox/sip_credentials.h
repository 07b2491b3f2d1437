/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The grammar of challenges and credentials: WWW-Authenticate, Proxy-Authenticate, Authorization,
 * Proxy-Authorization, Authentication-Info (RFC 3261). Nothing is computed here.
 */
#ifndef STOX_SIP_CREDENTIALS_H
#define STOX_SIP_CREDENTIALS_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** A challenge or credentials. */
typedef struct stox_sip_credentials {
  stox_span scheme; /**< `Digest` or another, without case */
  stox_span params; /**< for stox_sip_next_auth_param() */
} stox_sip_credentials;

/**
 * Parses the value of one line (RFC 3261 25.1); commas separate parameters, never challenges.
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_credentials_parse(stox_sip_credentials *out, stox_span text, stox_diag *diag);

/**
 * The same, but that the parameters are looked at only when stox_sip_next_auth_param() walks them,
 * which tells then whether they are malformed: one walk in place of two.
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK there are a scheme and something behind it
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_credentials_open(stox_sip_credentials *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_credentials_write(stox_buf *out, const stox_sip_credentials *value);

/** Authentication-Info. */
typedef struct stox_sip_auth_info {
  stox_span params; /**< for stox_sip_next_auth_param() */
} stox_sip_auth_info;

/**
 * Parses the value of one line (RFC 3261 25.1): parameters with commas between them.
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_auth_info_parse(stox_sip_auth_info *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_auth_info_write(stox_buf *out, const stox_sip_auth_info *value);

/**
 * Gives the next parameter.
 * @param[out] out name, and value (token or quoted string with its quotes)
 * @param params the member of a value
 * @param cursor 0 at first; moved by each call that gives one
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 * @retval STOX_E_BAD_PARAM malformed
 */
STOX_API int stox_sip_next_auth_param(stox_param *out, stox_span params, size_t *cursor);

/**
 * Finds a parameter by name, without case.
 * @retval STOX_OK found
 * @retval STOX_E_NONE absent
 * @retval STOX_E_REPEATED it stands more than once; `out` is the first
 * @retval STOX_E_BAD_PARAM the list is malformed
 */
STOX_API int stox_sip_find_auth_param(stox_param *out, stox_span params, const char *name);

STOX_END_DECLS

#endif
