/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The host's source of randomness for engines. Nothing is buffered, so objects made before fork()
 * draw no identifier twice.
 */
#ifndef STOX_RANDOM_H
#define STOX_RANDOM_H

#include "stox/api.h"

STOX_BEGIN_DECLS

/** A cryptographically secure source of random octets. */
typedef struct stox_random {
  size_t size; /**< sizeof of this struct in the caller's build */
  void *ud;    /**< the first argument of `fill` */
  /** Fills `n` octets at `p`; STOX_OK or a status. Must not longjmp or re-enter. */
  int (*fill)(void *ud, void *p, size_t n);
} stox_random;

STOX_END_DECLS

#endif
