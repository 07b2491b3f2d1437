/* SPDX-License-Identifier: MIT */
#include "sip/lookup.h"

#include "base/chars.h"

const char *stox_sip_header_name(int id) {
  return id > 0 && id < STOX_SIP_HEADER_COUNT ? stox_sip_header_rows[id].name : NULL;
}

int stox_sip_header_of(stox_span name) {
  const int id = name.n == 0 ? STOX_SIP_OTHER : stox_sip_known_id(name.p, name.n);
  const int is_short = id != STOX_SIP_OTHER && name.n == 1; /* of one octet, a letter */
  const stox_span full = stox_span_text(stox_sip_header_name(id));
  if (is_short) {
    return stox_char_is(name.p[0], STOX_CHAR_ALPHA) ? id : STOX_SIP_OTHER;
  }
  return stox_span_is_equal_nocase(name, full) ? id : STOX_SIP_OTHER;
}

const char *stox_sip_method_name(int method_id) {
  return method_id > 0 && method_id < STOX_SIP_METHOD_COUNT ? stox_sip_method_names[method_id].name
                                                            : NULL;
}

int stox_sip_method_of(stox_span method) {
  if (method.n == 0) {
    return STOX_SIP_METHOD_OTHER;
  }
  /* As method_slot() of cmake/generate_sip_names.py. */
  const size_t slot = (3 * (size_t)(unsigned char)method.p[0] + method.n) % STOX_SIP_METHOD_SLOTS;
  const int id = stox_sip_method_slots[slot];
  const stox_sip_method_row *known = &stox_sip_method_names[id];
  return known->n == method.n && memcmp(known->name, method.p, method.n) == 0
             ? id
             : STOX_SIP_METHOD_OTHER;
}
