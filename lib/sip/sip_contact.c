/* SPDX-License-Identifier: MIT */
#include "stox/sip_contact.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule contact_params[] = {
    {"q", STOX_SIP_KIND_Q, offsetof(stox_sip_contact, q)},
    {"expires", STOX_SIP_KIND_NUMBER, offsetof(stox_sip_contact, expires)},
    {"+sip.instance", STOX_SIP_KIND_INSTANCE, offsetof(stox_sip_contact, sip_instance)},
    {"reg-id", STOX_SIP_KIND_POSITIVE, offsetof(stox_sip_contact, reg_id)},
    {"pub-gruu", STOX_SIP_KIND_QUOTED_URI, offsetof(stox_sip_contact, pub_gruu)},
    {"temp-gruu", STOX_SIP_KIND_QUOTED_URI, offsetof(stox_sip_contact, temp_gruu)},
    {"gruu", STOX_SIP_KIND_QUOTED_URI, offsetof(stox_sip_contact, gruu)},
    {"flow-id", STOX_SIP_KIND_POSITIVE, offsetof(stox_sip_contact, flow_id)},
};

static const stox_sip_shape contact_shape = {"RFC3261-25.1 Contact",
                                             STOX_SIP_KIND_CONTACT,
                                             sizeof(stox_sip_contact),
                                             offsetof(stox_sip_contact, address),
                                             offsetof(stox_sip_contact, address.params),
                                             contact_params,
                                             sizeof contact_params / sizeof contact_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_contact, contact_shape)
