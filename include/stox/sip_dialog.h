/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Header fields that name a dialog: Replaces (RFC 3891), Join (RFC 3911), Target-Dialog (RFC 4538).
 */
#ifndef STOX_SIP_DIALOG_H
#define STOX_SIP_DIALOG_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Replaces. */
typedef struct stox_sip_replaces {
  stox_span call_id;  /**< Call-ID */
  stox_span to_tag;   /**< always */
  stox_span from_tag; /**< always */
  int early_only;     /**< 1: it stands there */
  int spare;          /**< 0 */
  stox_span params;   /**< all parameters */
} stox_sip_replaces;

/**
 * Parses one value (RFC 3891 6.1; both tags stand there once).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_replaces_parse(stox_sip_replaces *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_replaces_write(stox_buf *out, const stox_sip_replaces *value);

/** Join. */
typedef struct stox_sip_join {
  stox_span call_id;  /**< Call-ID */
  stox_span to_tag;   /**< always */
  stox_span from_tag; /**< always */
  stox_span params;   /**< all parameters */
} stox_sip_join;

/**
 * Parses one value (RFC 3911 7.1; both tags stand there once).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_join_parse(stox_sip_join *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_join_write(stox_buf *out, const stox_sip_join *value);

/** Target-Dialog; without both tags it is ignored (RFC 4538 5). */
typedef struct stox_sip_target_dialog {
  stox_span call_id;    /**< Call-ID */
  stox_span remote_tag; /**< absent: none */
  stox_span local_tag;  /**< absent: none */
  stox_span params;     /**< all parameters */
} stox_sip_target_dialog;

/**
 * Parses one value (RFC 4538 7).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_target_dialog_parse(stox_sip_target_dialog *out, stox_span text,
                                          stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_target_dialog_write(stox_buf *out, const stox_sip_target_dialog *value);

STOX_END_DECLS

#endif
