/* SPDX-License-Identifier: MIT */
#include "stox/flow.h"

static const char *const names[] = {NULL, "UDP", "TCP", "TLS"};

enum { NAMES = sizeof names / sizeof names[0] };

int stox_transport_is_reliable(int transport) {
  return transport == STOX_TRANSPORT_TCP || transport == STOX_TRANSPORT_TLS;
}

const char *stox_transport_name(int transport) {
  return transport > 0 && transport < NAMES ? names[transport] : NULL;
}

int stox_transport_of(stox_span name) {
  for (int i = 1; i < NAMES; i++) {
    if (stox_span_is_equal_nocase(name, stox_span_text(names[i]))) {
      return i;
    }
  }
  return STOX_TRANSPORT_NONE;
}
