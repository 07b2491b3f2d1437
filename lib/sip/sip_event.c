/* SPDX-License-Identifier: MIT */
#include "stox/sip_event.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule event_params[] = {
    {"id", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_event, id)},
    {"etag", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_event, etag)},
};

static const stox_sip_shape event_shape = {"RFC6665-8.4 Event",
                                           STOX_SIP_KIND_EVENT,
                                           sizeof(stox_sip_event),
                                           offsetof(stox_sip_event, package),
                                           offsetof(stox_sip_event, params),
                                           event_params,
                                           sizeof event_params / sizeof event_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_event, event_shape)

static const stox_sip_param_rule subscription_state_params[] = {
    {"reason", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_subscription_state, reason)},
    {"expires", STOX_SIP_KIND_NUMBER, offsetof(stox_sip_subscription_state, expires)},
    {"retry-after", STOX_SIP_KIND_NUMBER, offsetof(stox_sip_subscription_state, retry_after)},
};

static const stox_sip_shape subscription_state_shape = {
    "RFC6665-8.4 Subscription-State",
    STOX_SIP_KIND_TOKEN,
    sizeof(stox_sip_subscription_state),
    offsetof(stox_sip_subscription_state, state),
    offsetof(stox_sip_subscription_state, params),
    subscription_state_params,
    sizeof subscription_state_params / sizeof subscription_state_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_subscription_state, subscription_state_shape)

static const stox_sip_shape refer_events_at_shape = {"RFC7614-6 Refer-Events-At",
                                                     STOX_SIP_KIND_ANGLE_URI,
                                                     sizeof(stox_sip_refer_events_at),
                                                     offsetof(stox_sip_refer_events_at, uri),
                                                     offsetof(stox_sip_refer_events_at, params),
                                                     NULL,
                                                     0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_refer_events_at, refer_events_at_shape)

static const stox_sip_param_rule coupled_subscription_params[] = {
    {"aor", STOX_SIP_KIND_BARE_URI, offsetof(stox_sip_coupled_subscription, aor)},
    {"e-param", STOX_SIP_KIND_QUOTED, offsetof(stox_sip_coupled_subscription, e_param)},
    {"tag", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_coupled_subscription, tag)},
};

static const stox_sip_shape coupled_subscription_shape = {
    "draft-regsub-3.5 Subscription",
    STOX_SIP_KIND_EVENT,
    sizeof(stox_sip_coupled_subscription),
    offsetof(stox_sip_coupled_subscription, package),
    offsetof(stox_sip_coupled_subscription, params),
    coupled_subscription_params,
    sizeof coupled_subscription_params / sizeof coupled_subscription_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_coupled_subscription, coupled_subscription_shape)
