/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Accept, Accept-Encoding, Accept-Language, Content-Type, Content-Disposition (RFC 3261).
 */
#ifndef STOX_SIP_ACCEPT_H
#define STOX_SIP_ACCEPT_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One media range of Accept; stars are tokens. */
typedef struct stox_sip_accept {
  stox_span type;    /**< as written */
  stox_span subtype; /**< as written */
  stox_sip_number q; /**< preference */
  stox_span params;  /**< all parameters */
} stox_sip_accept;

/**
 * Parses one value (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_accept_parse(stox_sip_accept *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_accept_write(stox_buf *out, const stox_sip_accept *value);

/** One value of Accept-Encoding. */
typedef struct stox_sip_accept_encoding {
  stox_span coding;  /**< as written */
  stox_sip_number q; /**< preference */
  stox_span params;  /**< all parameters */
} stox_sip_accept_encoding;

/**
 * Parses one value (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_accept_encoding_parse(stox_sip_accept_encoding *out, stox_span text,
                                            stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_accept_encoding_write(stox_buf *out, const stox_sip_accept_encoding *value);

/** One value of Accept-Language. */
typedef struct stox_sip_accept_language {
  stox_span range;   /**< as written */
  stox_sip_number q; /**< preference */
  stox_span params;  /**< all parameters */
} stox_sip_accept_language;

/**
 * Parses one value (RFC 3261 25.1, subtags of RFC 5646).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_accept_language_parse(stox_sip_accept_language *out, stox_span text,
                                            stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_accept_language_write(stox_buf *out, const stox_sip_accept_language *value);

/** Content-Type. */
typedef struct stox_sip_content_type {
  stox_span type;    /**< as written */
  stox_span subtype; /**< as written */
  stox_span params;  /**< all parameters */
} stox_sip_content_type;

/**
 * Parses one value (RFC 3261 25.1); each parameter has a token or quoted string as its value.
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_content_type_parse(stox_sip_content_type *out, stox_span text,
                                         stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_content_type_write(stox_buf *out, const stox_sip_content_type *value);

/** Content-Disposition. */
typedef struct stox_sip_content_disposition {
  stox_span type;     /**< `render`, `session` or another */
  stox_span handling; /**< `optional`, `required` or another; absent: required */
  stox_span params;   /**< all parameters */
} stox_sip_content_disposition;

/**
 * Parses one value (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_content_disposition_parse(stox_sip_content_disposition *out, stox_span text,
                                                stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_content_disposition_write(stox_buf *out,
                                                const stox_sip_content_disposition *value);

STOX_END_DECLS

#endif
