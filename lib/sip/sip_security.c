/* SPDX-License-Identifier: MIT */
#include "stox/sip_security.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule mechanism_params[] = {
    {"q", STOX_SIP_KIND_Q, offsetof(stox_sip_mechanism, q)},
    {"d-alg", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_mechanism, d_alg)},
    {"d-qop", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_mechanism, d_qop)},
    {"d-ver", STOX_SIP_KIND_QUOTED, offsetof(stox_sip_mechanism, d_ver)},
};

static const stox_sip_shape mechanism_shape = {"RFC3329-2.2 sec-mechanism",
                                               STOX_SIP_KIND_TOKEN,
                                               sizeof(stox_sip_mechanism),
                                               offsetof(stox_sip_mechanism, name),
                                               offsetof(stox_sip_mechanism, params),
                                               mechanism_params,
                                               sizeof mechanism_params /
                                                   sizeof mechanism_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_mechanism, mechanism_shape)
