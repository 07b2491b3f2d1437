/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_ANCHORS_H
#define STOX_CRYPTO_ANCHORS_H

#include "stox/chain.h"

/* A certificate revocation list, views of `der`. */
typedef struct stox_crl {
  stox_span der;
  stox_span issuer;
  int64_t this_update;
  int64_t next_update; /* INT64_MIN: it does not say */
} stox_crl;

struct stox_anchors {
  const stox_allocator *alloc;
  stox_certificate *certificates;
  size_t certificates_n;
  size_t certificates_cap;
  stox_crl *crls;
  size_t crls_n;
  size_t crls_cap;
};

#endif
