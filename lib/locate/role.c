/* SPDX-License-Identifier: MIT */
#include "stox/role.h"

#include "stox/error_map.h"
#include "stox/status.h"

static int is_protocol(int protocol) {
  return protocol == STOX_PROTOCOL_SIP || protocol == STOX_PROTOCOL_XMPP;
}

static int refuse(stox_role *out, int status, int condition, int sip) {
  *out = (stox_role){STOX_ROLE_REFUSE, STOX_PROTOCOL_NONE, status, condition, sip};
  return STOX_OK;
}

static int choose(stox_role *out, int role, int wire) {
  *out = (stox_role){role, wire, STOX_OK, STOX_COND_NONE, 0};
  return STOX_OK;
}

int stox_role_choose(stox_role *out, const stox_role_question *question) {
  const int side = question->side;
  const int protocol = question->protocol;
  if (!is_protocol(side) || (!is_protocol(protocol) && protocol != STOX_PROTOCOL_NONE) ||
      question->placement < STOX_PLACEMENT_SOURCE ||
      question->placement > STOX_PLACEMENT_DESTINATION) {
    return STOX_E_ARG;
  }
  /* A native path that has failed is no path. */
  if (protocol == STOX_PROTOCOL_NONE || (protocol == side && question->native_failed)) {
    return refuse(out, STOX_E_UNKNOWN_DOMAIN, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404);
  }
  if (protocol == side) {
    return choose(out, STOX_ROLE_NATIVE, side);
  }
  const int x2s = side == STOX_PROTOCOL_XMPP;
  if ((question->roles & (x2s ? STOX_ROLES_X2S : STOX_ROLES_S2X)) == 0) {
    return refuse(out, STOX_E_UNSUPPORTED, STOX_COND_REMOTE_SERVER_NOT_FOUND, 404);
  }
  if (!x2s && question->is_sips && !question->allow_sips) {
    return refuse(out, STOX_E_SIPS_REFUSED, STOX_COND_NONE, 480);
  }
  const int wire = question->placement == STOX_PLACEMENT_SOURCE ? protocol : side;
  return choose(out, x2s ? STOX_ROLE_X2S : STOX_ROLE_S2X, wire);
}
