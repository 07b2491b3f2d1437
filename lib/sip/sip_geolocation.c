/* SPDX-License-Identifier: MIT */
#include "stox/sip_geolocation.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_shape geolocation_shape = {"RFC6442-4.1 Geolocation",
                                                 STOX_SIP_KIND_ANGLE_URI,
                                                 sizeof(stox_sip_geolocation),
                                                 offsetof(stox_sip_geolocation, uri),
                                                 offsetof(stox_sip_geolocation, params),
                                                 NULL,
                                                 0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_geolocation, geolocation_shape)

static const stox_sip_shape geolocation_routing_shape = {
    "RFC6442-4.2 Geolocation-Routing",
    STOX_SIP_KIND_GENERIC,
    sizeof(stox_sip_geolocation_routing),
    offsetof(stox_sip_geolocation_routing, value),
    STOX_SIP_NO_PARAMS,
    NULL,
    0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_geolocation_routing, geolocation_routing_shape)

static const stox_sip_param_rule geolocation_error_params[] = {
    {"code", STOX_SIP_KIND_QUOTED, offsetof(stox_sip_geolocation_error, code)},
};

static const stox_sip_shape geolocation_error_shape = {"RFC6442-4.3 Geolocation-Error",
                                                       STOX_SIP_KIND_NUMBER,
                                                       sizeof(stox_sip_geolocation_error),
                                                       offsetof(stox_sip_geolocation_error, error),
                                                       offsetof(stox_sip_geolocation_error, params),
                                                       geolocation_error_params,
                                                       sizeof geolocation_error_params /
                                                           sizeof geolocation_error_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_geolocation_error, geolocation_error_shape)
