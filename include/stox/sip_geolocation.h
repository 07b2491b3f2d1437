/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Geolocation, Geolocation-Routing, Geolocation-Error (RFC 6442).
 */
#ifndef STOX_SIP_GEOLOCATION_H
#define STOX_SIP_GEOLOCATION_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of Geolocation. */
typedef struct stox_sip_geolocation {
  stox_span uri;    /**< with its angle brackets */
  stox_span params; /**< all parameters */
} stox_sip_geolocation;

/**
 * Parses one value (RFC 6442 4.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_geolocation_parse(stox_sip_geolocation *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_geolocation_write(stox_buf *out, const stox_sip_geolocation *value);

/** Geolocation-Routing. */
typedef struct stox_sip_geolocation_routing {
  stox_span value; /**< `yes`, `no` or another */
} stox_sip_geolocation_routing;

/**
 * Parses one value (RFC 6442 4.2).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_geolocation_routing_parse(stox_sip_geolocation_routing *out, stox_span text,
                                                stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_geolocation_routing_write(stox_buf *out,
                                                const stox_sip_geolocation_routing *value);

/** Geolocation-Error. */
typedef struct stox_sip_geolocation_error {
  stox_sip_number error; /**< 100 … 599 */
  stox_span code;        /**< text for people, with its quotes */
  stox_span params;      /**< all parameters */
} stox_sip_geolocation_error;

/**
 * Parses one value (RFC 6442 4.3).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_geolocation_error_parse(stox_sip_geolocation_error *out, stox_span text,
                                              stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_geolocation_error_write(stox_buf *out,
                                              const stox_sip_geolocation_error *value);

STOX_END_DECLS

#endif
