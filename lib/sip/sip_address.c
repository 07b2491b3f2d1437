/* SPDX-License-Identifier: MIT */
#include "stox/sip_address.h"

#include "sip/shape.h"
#include "stox/status.h"

#include <stddef.h>

static const stox_sip_param_rule party_params[] = {
    {"tag", STOX_SIP_KIND_TOKEN, offsetof(stox_sip_party, tag)},
};

static const stox_sip_shape party_shape = {"RFC3261-25.1 From",
                                           STOX_SIP_KIND_ADDRESS,
                                           sizeof(stox_sip_party),
                                           offsetof(stox_sip_party, address),
                                           offsetof(stox_sip_party, address.params),
                                           party_params,
                                           sizeof party_params / sizeof party_params[0]};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_party, party_shape)

static const stox_sip_shape address_shape = {"RFC3261-25.1 Reply-To",
                                             STOX_SIP_KIND_ADDRESS,
                                             sizeof(stox_sip_address),
                                             offsetof(stox_sip_address, address),
                                             offsetof(stox_sip_address, address.params),
                                             NULL,
                                             0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_address, address_shape)

static const stox_sip_shape route_shape = {"RFC3261-25.1 Route",
                                           STOX_SIP_KIND_ROUTE,
                                           sizeof(stox_sip_route),
                                           offsetof(stox_sip_route, address),
                                           offsetof(stox_sip_route, address.params),
                                           NULL,
                                           0};

STOX_SIP_SHAPE_FUNCTIONS(stox_sip_route, route_shape)

int stox_sip_route_is_loose(const stox_sip_route *value) {
  stox_uri uri;
  stox_param lr;
  return stox_uri_parse(&uri, value->address.uri, STOX_URI_LENIENT, NULL) == STOX_OK &&
         stox_uri_find_param(&lr, &uri, "lr") != STOX_E_NONE;
}

static const stox_sip_shape p_identity_shape = {"RFC3325-9.1 P-Asserted-Identity",
                                                STOX_SIP_KIND_ADDRESS,
                                                sizeof(stox_sip_p_identity),
                                                offsetof(stox_sip_p_identity, address),
                                                STOX_SIP_NO_PARAMS,
                                                NULL,
                                                0};

const stox_sip_shape *stox_sip_p_identity_shape(void);

const stox_sip_shape *stox_sip_p_identity_shape(void) {
  return &p_identity_shape;
}

static int scheme_of(stox_span text) {
  stox_uri uri;
  return stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL) == STOX_OK ? uri.scheme
                                                                      : STOX_SCHEME_OTHER;
}

static int is_sip(int scheme) {
  return scheme == STOX_SCHEME_SIP || scheme == STOX_SCHEME_SIPS;
}

int stox_sip_p_identity_parse(stox_sip_p_identity *out, stox_span text, stox_diag *diag) {
  const int status = stox_sip_shape_parse(&p_identity_shape, out, text, diag);
  if (status != STOX_OK) {
    return status;
  }
  const int scheme = scheme_of(out->address.uri);
  if (is_sip(scheme) || scheme == STOX_SCHEME_TEL) {
    return STOX_OK;
  }
  const size_t at = (size_t)(out->address.uri.p - text.p);
  *out = (stox_sip_p_identity){0};
  return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, at, p_identity_shape.rule);
}

int stox_sip_p_identity_write(stox_buf *out, const stox_sip_p_identity *value) {
  const int scheme = scheme_of(value->address.uri);
  if (!is_sip(scheme) && scheme != STOX_SCHEME_TEL) {
    return STOX_E_BAD_HEADER;
  }
  return stox_sip_shape_write(&p_identity_shape, out, value);
}

int stox_sip_get_p_identities(stox_sip_p_identities *out, const stox_sip_message *message, int id) {
  stox_sip_cursor cursor = {0, 0};
  stox_sip_p_identity one;
  stox_span value;
  int status;
  *out = (stox_sip_p_identities){0};
  while ((status = stox_sip_next_value(&value, message, id, &cursor)) == STOX_OK) {
    if (stox_sip_p_identity_parse(&one, value, NULL) != STOX_OK) {
      return STOX_E_BAD_HEADER;
    }
    stox_name_addr *place = is_sip(scheme_of(one.address.uri)) ? &out->sip : &out->tel;
    if (place->uri.p != NULL) {
      return STOX_E_REPEATED;
    }
    *place = one.address;
  }
  if (status != STOX_E_NONE) {
    return status;
  }
  return out->sip.uri.p != NULL || out->tel.uri.p != NULL ? STOX_OK : STOX_E_NONE;
}
