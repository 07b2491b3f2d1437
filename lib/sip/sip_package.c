/* SPDX-License-Identifier: MIT */
#include "stox/sip_package.h"

static const char *const names[STOX_SIP_PACKAGE_COUNT] = {
    [STOX_SIP_PACKAGE_PRESENCE] = "presence",
    [STOX_SIP_PACKAGE_PRESENCE_WINFO] = "presence.winfo",
    [STOX_SIP_PACKAGE_REFER] = "refer",
    [STOX_SIP_PACKAGE_REG] = "reg",
    [STOX_SIP_PACKAGE_MESSAGE_SUMMARY] = "message-summary",
    [STOX_SIP_PACKAGE_DIALOG] = "dialog",
    [STOX_SIP_PACKAGE_CONFERENCE] = "conference",
    [STOX_SIP_PACKAGE_KPML] = "kpml",
    [STOX_SIP_PACKAGE_UA_PROFILE] = "ua-profile",
    [STOX_SIP_PACKAGE_CERTIFICATE] = "certificate",
    [STOX_SIP_PACKAGE_CREDENTIAL] = "credential",
    [STOX_SIP_PACKAGE_LOCATION] = "location",
};

int stox_sip_package_of(stox_span event_type) {
  for (int i = 1; i < STOX_SIP_PACKAGE_COUNT; i++) {
    if (stox_span_is_equal(event_type, stox_span_text(names[i]))) {
      return i;
    }
  }
  return STOX_SIP_PACKAGE_OTHER;
}

const char *stox_sip_package_name(int package) {
  return package > 0 && package < STOX_SIP_PACKAGE_COUNT ? names[package] : NULL;
}
