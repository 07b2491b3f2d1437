/* SPDX-License-Identifier: MIT */
#include "stox/sip_refer.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_shape refer_to_shape = {"RFC4508-3 Refer-To",
                                              STOX_SIP_KIND_ADDRESS,
                                              sizeof(stox_sip_refer_to),
                                              offsetof(stox_sip_refer_to, address),
                                              offsetof(stox_sip_refer_to, address.params),
                                              NULL,
                                              0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_refer_to, refer_to_shape)

static const stox_sip_param_rule referred_by_params[] = {
    {"cid", STOX_SIP_KIND_CONTENT_ID, offsetof(stox_sip_referred_by, cid)},
};

static const stox_sip_shape referred_by_shape = {"RFC3892-3 Referred-By",
                                                 STOX_SIP_KIND_ADDRESS,
                                                 sizeof(stox_sip_referred_by),
                                                 offsetof(stox_sip_referred_by, referrer),
                                                 offsetof(stox_sip_referred_by, referrer.params),
                                                 referred_by_params,
                                                 sizeof referred_by_params /
                                                     sizeof referred_by_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_referred_by, referred_by_shape)

static const stox_sip_shape refer_sub_shape = {"RFC4488-4 Refer-Sub",
                                               STOX_SIP_KIND_BOOLEAN,
                                               sizeof(stox_sip_refer_sub),
                                               offsetof(stox_sip_refer_sub, value),
                                               offsetof(stox_sip_refer_sub, params),
                                               NULL,
                                               0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_refer_sub, refer_sub_shape)
