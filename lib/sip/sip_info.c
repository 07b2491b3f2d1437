/* SPDX-License-Identifier: MIT */
#include "stox/sip_info.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule info_params[] = {
    {"purpose", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_info, purpose)},
};

static const stox_sip_shape info_shape = {"RFC3261-25.1 Call-Info",
                                          STOX_SIP_KIND_ANGLE_URI,
                                          sizeof(stox_sip_info),
                                          offsetof(stox_sip_info, uri),
                                          offsetof(stox_sip_info, params),
                                          info_params,
                                          sizeof info_params / sizeof info_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_info, info_shape)

static const stox_sip_param_rule reason_params[] = {
    {"cause", STOX_SIP_KIND_NUMBER, offsetof(stox_sip_reason_header, cause)},
    {"text", STOX_SIP_KIND_QUOTED, offsetof(stox_sip_reason_header, text)},
};

static const stox_sip_shape reason_shape = {"RFC3326-2 Reason",
                                            STOX_SIP_KIND_TOKEN,
                                            sizeof(stox_sip_reason_header),
                                            offsetof(stox_sip_reason_header, protocol),
                                            offsetof(stox_sip_reason_header, params),
                                            reason_params,
                                            sizeof reason_params / sizeof reason_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_reason_header, reason_shape)
