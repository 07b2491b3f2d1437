/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Resource-Priority and Accept-Resource-Priority (RFC 4412).
 */
#ifndef STOX_SIP_RESOURCE_PRIORITY_H
#define STOX_SIP_RESOURCE_PRIORITY_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value: `dsn.flash`. */
typedef struct stox_sip_resource_priority {
  stox_span name_space; /**< `dsn`, `q735`, `wps` or another, without case */
  stox_span priority;   /**< without case */
} stox_sip_resource_priority;

/**
 * Parses one value (RFC 4412 3.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_resource_priority_parse(stox_sip_resource_priority *out, stox_span text,
                                              stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_resource_priority_write(stox_buf *out,
                                              const stox_sip_resource_priority *value);

STOX_END_DECLS

#endif
