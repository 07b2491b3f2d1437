/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_CSTRING_H
#define STOX_BASE_CSTRING_H

#include "stox/span.h"

/* The span of a C string that another library handed out, cut at `max` octets; for the adapters to
 * libidn, libidn2, libxml2 and GnuTLS only. */
static inline stox_span stox_cstring(const char *p, size_t max) {
  size_t n = 0;
  while (p != NULL && n < max && p[n] != '\0') {
    n++;
  }
  return (stox_span){p, n};
}

#endif
