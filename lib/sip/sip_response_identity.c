/* SPDX-License-Identifier: MIT */
#include "stox/sip_response_identity.h"

#include "sip/shape.h"
#include "stox/status.h"

#include <stddef.h>

static const stox_sip_param_rule responder_params[] = {
    {"claimer", STOX_SIP_KIND_NAME_ADDR | STOX_SIP_REQUIRED, offsetof(stox_sip_responder, claimer)},
};

static const stox_sip_shape responder_shape = {"draft-respauth-6.1 Responder",
                                               STOX_SIP_KIND_NOTHING,
                                               sizeof(stox_sip_responder),
                                               offsetof(stox_sip_responder, params),
                                               offsetof(stox_sip_responder, params),
                                               responder_params,
                                               sizeof responder_params /
                                                   sizeof responder_params[0]};

/* The claimer stands first, so that all behind it can be walked as methods. */
int stox_sip_responder_parse(stox_sip_responder *out, stox_span text, stox_diag *diag) {
  static const char claimer[] = "claimer";
  const int status = stox_sip_shape_parse(&responder_shape, out, text, diag);
  const stox_span first = stox_span_slice(out->params, 0, sizeof claimer - 1);
  if (status == STOX_OK && !stox_span_is_equal_nocase(first, stox_span_text(claimer))) {
    *out = (stox_sip_responder){{NULL, 0}, {NULL, 0}};
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, 0, responder_shape.rule);
  }
  return status;
}

int stox_sip_responder_write(stox_buf *out, const stox_sip_responder *value) {
  return stox_sip_shape_write(&responder_shape, out, value);
}

int stox_sip_responder_next_method(stox_span *out, const stox_sip_responder *responder,
                                   size_t *cursor) {
  const size_t behind = (size_t)(responder->claimer.p - responder->params.p) + responder->claimer.n;
  const stox_span methods = stox_span_slice(responder->params, behind, responder->params.n);
  stox_param param;
  *cursor = *cursor == 0 ? stox_span_find(methods, ';') + 1 : *cursor;
  while (stox_param_next(&param, methods, cursor) == STOX_OK) {
    if (stox_span_is_equal_nocase(param.name, stox_span_text("verify-method"))) {
      *out = param.value;
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

static const stox_sip_shape responder_info_shape = {"draft-respauth-6.1 Responder-Info",
                                                    STOX_SIP_KIND_ANGLE_URI,
                                                    sizeof(stox_sip_responder_info),
                                                    offsetof(stox_sip_responder_info, uri),
                                                    STOX_SIP_NO_PARAMS,
                                                    NULL,
                                                    0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_responder_info, responder_info_shape)

static const stox_sip_param_rule response_authentication_params[] = {
    {"method", STOX_SIP_KIND_TOKEN | STOX_SIP_REQUIRED,
     offsetof(stox_sip_response_authentication, method)},
    {"nonce", STOX_SIP_KIND_TEXT, offsetof(stox_sip_response_authentication, nonce)},
};

static const stox_sip_shape response_authentication_shape = {
    "draft-respauth-6.1 Response-Authentication",
    STOX_SIP_KIND_NOTHING,
    sizeof(stox_sip_response_authentication),
    offsetof(stox_sip_response_authentication, params),
    offsetof(stox_sip_response_authentication, params),
    response_authentication_params,
    sizeof response_authentication_params / sizeof response_authentication_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_response_authentication, response_authentication_shape)

static const stox_sip_param_rule response_authorization_params[] = {
    {"digest", STOX_SIP_KIND_DIGEST | STOX_SIP_REQUIRED,
     offsetof(stox_sip_response_authorization, digest)},
};

static const stox_sip_shape response_authorization_shape = {
    "draft-respauth-6.1 Response-Authorization",
    STOX_SIP_KIND_NOTHING,
    sizeof(stox_sip_response_authorization),
    offsetof(stox_sip_response_authorization, params),
    offsetof(stox_sip_response_authorization, params),
    response_authorization_params,
    sizeof response_authorization_params / sizeof response_authorization_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_response_authorization, response_authorization_shape)
