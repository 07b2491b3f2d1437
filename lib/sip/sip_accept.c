/* SPDX-License-Identifier: MIT */
#include "stox/sip_accept.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule accept_params[] = {
    {"q", STOX_SIP_KIND_Q, offsetof(stox_sip_accept, q)},
};

static const stox_sip_shape accept_shape = {"RFC3261-25.1 Accept",
                                            STOX_SIP_KIND_MEDIA,
                                            sizeof(stox_sip_accept),
                                            offsetof(stox_sip_accept, type),
                                            offsetof(stox_sip_accept, params),
                                            accept_params,
                                            sizeof accept_params / sizeof accept_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_accept, accept_shape)

static const stox_sip_param_rule accept_encoding_params[] = {
    {"q", STOX_SIP_KIND_Q, offsetof(stox_sip_accept_encoding, q)},
};

static const stox_sip_shape accept_encoding_shape = {"RFC3261-25.1 Accept-Encoding",
                                                     STOX_SIP_KIND_TOKEN,
                                                     sizeof(stox_sip_accept_encoding),
                                                     offsetof(stox_sip_accept_encoding, coding),
                                                     offsetof(stox_sip_accept_encoding, params),
                                                     accept_encoding_params,
                                                     sizeof accept_encoding_params /
                                                         sizeof accept_encoding_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_accept_encoding, accept_encoding_shape)

static const stox_sip_param_rule accept_language_params[] = {
    {"q", STOX_SIP_KIND_Q, offsetof(stox_sip_accept_language, q)},
};

static const stox_sip_shape accept_language_shape = {"RFC3261-25.1 Accept-Language",
                                                     STOX_SIP_KIND_LANGUAGE,
                                                     sizeof(stox_sip_accept_language),
                                                     offsetof(stox_sip_accept_language, range),
                                                     offsetof(stox_sip_accept_language, params),
                                                     accept_language_params,
                                                     sizeof accept_language_params /
                                                         sizeof accept_language_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_accept_language, accept_language_shape)

static const stox_sip_shape content_type_shape = {"RFC3261-25.1 Content-Type",
                                                  STOX_SIP_KIND_MEDIA_TYPE,
                                                  sizeof(stox_sip_content_type),
                                                  offsetof(stox_sip_content_type, type),
                                                  offsetof(stox_sip_content_type, params),
                                                  NULL,
                                                  0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_content_type, content_type_shape)

static const stox_sip_param_rule content_disposition_params[] = {
    {"handling", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_content_disposition, handling)},
};

static const stox_sip_shape content_disposition_shape = {
    "RFC3261-25.1 Content-Disposition",
    STOX_SIP_KIND_TOKEN,
    sizeof(stox_sip_content_disposition),
    offsetof(stox_sip_content_disposition, type),
    offsetof(stox_sip_content_disposition, params),
    content_disposition_params,
    sizeof content_disposition_params / sizeof content_disposition_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_content_disposition, content_disposition_shape)
