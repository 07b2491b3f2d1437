/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_LIMITS_H
#define STOX_BASE_LIMITS_H

#include "stox/limits.h"

/* What stox_limits_init() writes. */
extern const stox_limits stox_usual_limits;

#endif
