/* SPDX-License-Identifier: MIT */
#include "stox/sip_session_timer.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule session_expires_params[] = {
    {"refresher", STOX_SIP_KIND_REFRESHER, offsetof(stox_sip_session_expires, refresher)},
};

static const stox_sip_shape session_expires_shape = {"RFC4028-4 Session-Expires",
                                                     STOX_SIP_KIND_NUMBER,
                                                     sizeof(stox_sip_session_expires),
                                                     offsetof(stox_sip_session_expires, delta),
                                                     offsetof(stox_sip_session_expires, params),
                                                     session_expires_params,
                                                     sizeof session_expires_params /
                                                         sizeof session_expires_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_session_expires, session_expires_shape)

static const stox_sip_shape min_se_shape = {"RFC4028-5 Min-SE",
                                            STOX_SIP_KIND_NUMBER,
                                            sizeof(stox_sip_min_se),
                                            offsetof(stox_sip_min_se, delta),
                                            offsetof(stox_sip_min_se, params),
                                            NULL,
                                            0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_min_se, min_se_shape)
