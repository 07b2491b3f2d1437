/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Identity (RFC 8224, RFC 4474) and Identity-Info (RFC 4474).
 */
#ifndef STOX_SIP_IDENTITY_H
#define STOX_SIP_IDENTITY_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Identity. */
typedef struct stox_sip_identity {
  stox_span digest; /**< RFC 8224: bare; RFC 4474: with its quotes, folds kept */
  stox_span info;   /**< with its angle brackets */
  stox_span alg;    /**< absent: the default */
  stox_span ppt;    /**< type of PASSporT */
  stox_span params; /**< all parameters */
} stox_sip_identity;

/**
 * Parses one value (RFC 8224 4; a digest in quotes: RFC 4474 9, without more).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_identity_parse(stox_sip_identity *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_identity_write(stox_buf *out, const stox_sip_identity *value);

/** Identity-Info. */
typedef struct stox_sip_identity_info {
  stox_span uri;    /**< with its angle brackets */
  stox_span alg;    /**< absent: rsa-sha1 */
  stox_span params; /**< all parameters */
} stox_sip_identity_info;

/**
 * Parses one value (RFC 4474 9).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_identity_info_parse(stox_sip_identity_info *out, stox_span text,
                                          stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_identity_info_write(stox_buf *out, const stox_sip_identity_info *value);

STOX_END_DECLS

#endif
