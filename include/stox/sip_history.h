/* SPDX-License-Identifier: MIT */
/**
 * @file
 * History-Info (RFC 7044).
 */
#ifndef STOX_SIP_HISTORY_H
#define STOX_SIP_HISTORY_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** One value of History-Info. */
typedef struct stox_sip_history {
  stox_name_addr target; /**< address and parameters */
  stox_span index;       /**< such as `1.2` */
  stox_span rc;          /**< retargeted, Request-URI changed */
  stox_span mp;          /**< mapped to another user */
  stox_span np;          /**< not changed */
} stox_sip_history;

/**
 * Parses one value (RFC 7044 5.1; an index stands there always).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_history_parse(stox_sip_history *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_history_write(stox_buf *out, const stox_sip_history *value);

STOX_END_DECLS

#endif
