/* SPDX-License-Identifier: MIT */
#include "stox/sip_history.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule history_params[] = {
    {"index", STOX_SIP_KIND_INDEX | STOX_SIP_REQUIRED, offsetof(stox_sip_history, index)},
    {"rc", STOX_SIP_KIND_INDEX, offsetof(stox_sip_history, rc)},
    {"mp", STOX_SIP_KIND_INDEX, offsetof(stox_sip_history, mp)},
    {"np", STOX_SIP_KIND_INDEX, offsetof(stox_sip_history, np)},
};

static const stox_sip_shape history_shape = {"RFC7044-5.1 History-Info",
                                             STOX_SIP_KIND_ADDRESS,
                                             sizeof(stox_sip_history),
                                             offsetof(stox_sip_history, target),
                                             offsetof(stox_sip_history, target.params),
                                             history_params,
                                             sizeof history_params / sizeof history_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_history, history_shape)
