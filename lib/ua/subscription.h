/* SPDX-License-Identifier: MIT */
#ifndef STOX_UA_SUBSCRIPTION_H
#define STOX_UA_SUBSCRIPTION_H

#include "stox/subscription.h"

#define STOX_SUBSCRIPTION_SECOND UINT64_C(1000000000)
#define STOX_SUBSCRIPTION_NEVER  UINT64_MAX

/* now + seconds; durations are below 2^32 seconds. */
static inline uint64_t stox_subscription_after(uint64_t now_ns, uint64_t seconds) {
  const uint64_t ns = seconds * STOX_SUBSCRIPTION_SECOND;
  return now_ns > STOX_SUBSCRIPTION_NEVER - 1 - ns ? STOX_SUBSCRIPTION_NEVER - 1 : now_ns + ns;
}

#endif
