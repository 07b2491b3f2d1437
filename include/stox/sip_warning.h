/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Warning (RFC 3261).
 */
#ifndef STOX_SIP_WARNING_H
#define STOX_SIP_WARNING_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of Warning. */
typedef struct stox_sip_warning {
  uint32_t code;   /**< 100 … 999 */
  uint32_t spare;  /**< 0 */
  stox_span agent; /**< host, perhaps with a port, or a token */
  stox_span text;  /**< with its quotes */
} stox_sip_warning;

/**
 * Parses one value (RFC 3261 25.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_warning_parse(stox_sip_warning *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_warning_write(stox_buf *out, const stox_sip_warning *value);

STOX_END_DECLS

#endif
