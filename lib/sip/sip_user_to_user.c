/* SPDX-License-Identifier: MIT */
#include "stox/sip_user_to_user.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule user_to_user_params[] = {
    {"purpose", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_user_to_user, purpose)},
    {"content", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_user_to_user, content)},
    {"encoding", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_user_to_user, encoding)},
};

static const stox_sip_shape user_to_user_shape = {"RFC7433-4.1 User-to-User",
                                                  STOX_SIP_KIND_TEXT,
                                                  sizeof(stox_sip_user_to_user),
                                                  offsetof(stox_sip_user_to_user, data),
                                                  offsetof(stox_sip_user_to_user, params),
                                                  user_to_user_params,
                                                  sizeof user_to_user_params /
                                                      sizeof user_to_user_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_user_to_user, user_to_user_shape)
