/* SPDX-License-Identifier: MIT */
#include "stox/sip_identity.h"

#include "sip/shape.h"

#include <stddef.h>

static const stox_sip_param_rule identity_params[] = {
    {"info", STOX_SIP_KIND_ANGLE_URI | STOX_SIP_REQUIRED, offsetof(stox_sip_identity, info)},
    {"alg", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_identity, alg)},
    {"ppt", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_identity, ppt)},
};

static const stox_sip_shape identity_shape = {"RFC8224-4 Identity",
                                              STOX_SIP_KIND_SIGNATURE,
                                              sizeof(stox_sip_identity),
                                              offsetof(stox_sip_identity, digest),
                                              offsetof(stox_sip_identity, params),
                                              identity_params,
                                              sizeof identity_params / sizeof identity_params[0]};

/* RFC 4474: the digest alone. */
static const stox_sip_shape quoted_shape = {"RFC4474-9 Identity",
                                            STOX_SIP_KIND_QUOTED_BASE64,
                                            sizeof(stox_sip_identity),
                                            offsetof(stox_sip_identity, digest),
                                            STOX_SIP_NO_PARAMS,
                                            NULL,
                                            0};

static const stox_sip_shape *shape_of(stox_span digest) {
  const stox_span text = stox_span_trim(digest);
  return text.n > 0 && text.p[0] == '"' ? &quoted_shape : &identity_shape;
}

int stox_sip_identity_parse(stox_sip_identity *out, stox_span text, stox_diag *diag) {
  return stox_sip_shape_parse(shape_of(text), out, text, diag);
}

int stox_sip_identity_write(stox_buf *out, const stox_sip_identity *value) {
  return stox_sip_shape_write(shape_of(value->digest), out, value);
}

static const stox_sip_param_rule identity_info_params[] = {
    {"alg", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_identity_info, alg)},
};

static const stox_sip_shape identity_info_shape = {"RFC4474-9 Identity-Info",
                                                   STOX_SIP_KIND_ANGLE_URI,
                                                   sizeof(stox_sip_identity_info),
                                                   offsetof(stox_sip_identity_info, uri),
                                                   offsetof(stox_sip_identity_info, params),
                                                   identity_info_params,
                                                   sizeof identity_info_params /
                                                       sizeof identity_info_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_identity_info, identity_info_shape)
