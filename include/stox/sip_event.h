/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Event, Subscription-State (RFC 6665), Refer-Events-At (RFC 7614), Subscription (the 2005 draft of
 * subscriptions in REGISTER).
 */
#ifndef STOX_SIP_EVENT_H
#define STOX_SIP_EVENT_H

#include "stox/sip_value.h"

STOX_BEGIN_DECLS

/** Event, and each value of Allow-Events. */
typedef struct stox_sip_event {
  stox_span package; /**< event type: package and templates */
  stox_span id;      /**< absent: none */
  stox_span etag;    /**< absent: none */
  stox_span params;  /**< all parameters */
} stox_sip_event;

/**
 * Parses one value (RFC 6665 8.4; `etag` of the 2005 draft of certificate packages).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_event_parse(stox_sip_event *out, stox_span text, stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_event_write(stox_buf *out, const stox_sip_event *value);

/** Subscription-State. */
typedef struct stox_sip_subscription_state {
  stox_span state;             /**< `active`, `pending`, `terminated` or another */
  stox_span reason;            /**< absent: none */
  stox_sip_number expires;     /**< seconds */
  stox_sip_number retry_after; /**< seconds */
  stox_span params;            /**< all parameters */
} stox_sip_subscription_state;

/**
 * Parses one value (RFC 6665 8.4).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_subscription_state_parse(stox_sip_subscription_state *out, stox_span text,
                                               stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_subscription_state_write(stox_buf *out,
                                               const stox_sip_subscription_state *value);

/** Refer-Events-At. */
typedef struct stox_sip_refer_events_at {
  stox_span uri;    /**< with its angle brackets */
  stox_span params; /**< all parameters */
} stox_sip_refer_events_at;

/**
 * Parses one value (RFC 7614 6).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_refer_events_at_parse(stox_sip_refer_events_at *out, stox_span text,
                                            stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_refer_events_at_write(stox_buf *out, const stox_sip_refer_events_at *value);

/** Subscription: a package that a registration subscribes to. */
typedef struct stox_sip_coupled_subscription {
  stox_span package; /**< event type */
  stox_span aor;     /**< with its quotes or angle brackets, if it has any */
  stox_span e_param; /**< the Event header's parameters */
  stox_span tag;     /**< tag of the dialog */
  stox_span params;  /**< all parameters */
} stox_sip_coupled_subscription;

/**
 * Parses one value (the 2005 draft 3.5, its grammar repaired).
 * @param[out] out views of `text`
 * @param text the value
 * @param[out] diag offset in `text`; may be NULL
 * @retval STOX_OK parsed
 * @retval STOX_E_BAD_HEADER malformed
 */
STOX_API int stox_sip_coupled_subscription_parse(stox_sip_coupled_subscription *out, stox_span text,
                                                 stox_diag *diag);

/** Appends a value; STOX_OK, STOX_E_NOBUF, or STOX_E_BAD_HEADER for what would not parse. */
STOX_API int stox_sip_coupled_subscription_write(stox_buf *out,
                                                 const stox_sip_coupled_subscription *value);

STOX_END_DECLS

#endif
