/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "sip/names.h"
#include "stox/sip.h"

const char *stox_sip_header_name(int id) {
  return id > 0 && id < STOX_SIP_HEADER_COUNT ? stox_sip_header_rows[id].name : NULL;
}

static int is_known(const char *known, stox_span name) {
  for (size_t i = 0; i < name.n; i++) {
    if (stox_char_lower(name.p[i]) != known[i]) {
      return 0;
    }
  }
  return 1;
}

int stox_sip_header_of(stox_span name) {
  if (name.n == 0 || name.n > STOX_SIP_NAME_MAX) {
    return STOX_SIP_OTHER;
  }
  const size_t end = stox_sip_known_starts[name.n + 1];
  for (size_t i = stox_sip_known_starts[name.n]; i < end; i++) {
    if (is_known(stox_sip_known_names[i].name, name)) {
      return stox_sip_known_names[i].id;
    }
  }
  return STOX_SIP_OTHER;
}

const char *stox_sip_method_name(int method_id) {
  return method_id > 0 && method_id < STOX_SIP_METHOD_COUNT ? stox_sip_method_names[method_id]
                                                            : NULL;
}

int stox_sip_method_of(stox_span method) {
  for (int id = 1; id < STOX_SIP_METHOD_COUNT; id++) {
    if (stox_span_is_equal(method, stox_span_text(stox_sip_method_names[id]))) {
      return id;
    }
  }
  return STOX_SIP_METHOD_OTHER;
}
