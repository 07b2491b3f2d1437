/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_OPTIONS_H
#define STOX_BASE_OPTIONS_H

#include "stox/api.h"

/* Structs that may grow begin with `size_t size`, the caller's sizeof. */

/* Writes as much of the defaults as the caller's struct holds, and its size. STOX_OK or STOX_E_ARG.
 */
int stox_options_init(void *out, size_t size, const void *defaults, size_t own_size);

/* Reads a caller's struct over the defaults in `own`: what the caller's build does not know stays.
 * NULL: all defaults. STOX_OK or STOX_E_ARG. */
int stox_options_read(void *own, size_t own_size, const void *given);

#endif
