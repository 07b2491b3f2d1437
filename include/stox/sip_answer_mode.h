/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Answer-Mode and Priv-Answer-Mode (RFC 5373), Alert-Mode (the 2005 draft).
 */
#ifndef STOX_SIP_ANSWER_MODE_H
#define STOX_SIP_ANSWER_MODE_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Answer-Mode or Priv-Answer-Mode; also the draft's `ManualReq` and `AutoReq` are tokens. */
typedef struct stox_sip_answer_mode {
  stox_span mode;   /**< `Manual`, `Auto` or another, without case */
  int require;      /**< 1: it stands there */
  int spare;        /**< 0 */
  stox_span params; /**< all parameters */
} stox_sip_answer_mode;

/**
 * Parses one value (RFC 5373 2).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_answer_mode_parse(stox_sip_answer_mode *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_answer_mode_write(stox_buf *out, const stox_sip_answer_mode *value);

/** What an answer mode asks for. */
enum {
  STOX_SIP_ANSWER_UNKNOWN = 0, /**< to be ignored (RFC 5373 2) */
  STOX_SIP_ANSWER_MANUAL = 1,
  STOX_SIP_ANSWER_AUTO = 2
};

/**
 * Tells what a value asks for, without case. The draft's `ManualReq` and `AutoReq` are unknown to
 * the RFC; read as the draft they are `Manual;require` and `Auto;require`, which that dialect takes
 * too.
 * @param[out] is_required 1: reject what cannot be answered so
 * @param value a parsed value
 * @param dialect STOX_DIALECT_…
 * @return STOX_SIP_ANSWER_…
 */
STOX_API int stox_sip_answer_mode_read(int *is_required, const stox_sip_answer_mode *value,
                                       int dialect);

/** Alert-Mode. */
typedef struct stox_sip_alert_mode {
  stox_span mode; /**< `Normal` or `Null`, without case */
} stox_sip_alert_mode;

/**
 * Parses one value (the 2005 draft 3.1).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_alert_mode_parse(stox_sip_alert_mode *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_alert_mode_write(stox_buf *out, const stox_sip_alert_mode *value);

STOX_END_DECLS

#endif
