/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_SASL_LIMITS_H
#define STOX_SESSION_SASL_LIMITS_H

#include "stox/sasl.h"

enum {
  STOX_SASL_NONCE = 24,      /* octets of a nonce of ours, as text */
  STOX_SASL_NONCE_MAX = 256, /* of the peer's */
  STOX_SASL_NAME_MAX = 1023, /* of a user's name, a password, a domain */
  STOX_SASL_WIRE_MAX = 4 * (STOX_SASL_MESSAGE_MAX / 3 + 1)
};

#endif
