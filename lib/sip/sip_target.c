/* SPDX-License-Identifier: MIT */
#include "stox/sip_target.h"

#include "stox/sip_tokens.h"
#include "stox/status.h"
#include "stox/uri.h"

int stox_sip_method_creates_dialog(int method_id) {
  return method_id == STOX_SIP_INVITE || method_id == STOX_SIP_SUBSCRIBE ||
         method_id == STOX_SIP_NOTIFY || method_id == STOX_SIP_REFER;
}

int stox_sip_method_refreshes_target(int method_id) {
  return method_id == STOX_SIP_UPDATE || stox_sip_method_creates_dialog(method_id);
}

int stox_sip_target_is_gruu(const stox_sip_message *message, int dialect) {
  stox_name_addr contact;
  stox_uri uri;
  if (stox_sip_get_address(&contact, message, STOX_SIP_CONTACT, 0) != STOX_OK || contact.star ||
      stox_uri_parse(&uri, contact.uri, STOX_URI_LENIENT, NULL) != STOX_OK) {
    return 0;
  }
  const int gruu = stox_uri_gruu(&uri);
  if (gruu == STOX_GRUU_PUBLIC || gruu == STOX_GRUU_TEMPORARY) {
    return 1;
  }
  return dialect == STOX_DIALECT_DRAFT2005 &&
         stox_sip_has_token(message, STOX_SIP_SUPPORTED, stox_span_text("gruu"));
}
