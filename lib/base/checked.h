/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_CHECKED_H
#define STOX_BASE_CHECKED_H

#include <stddef.h>
#include <stdint.h>

/* Size arithmetic that saturates at SIZE_MAX: no buffer is that large, so a limit check catches it.
 */
static inline size_t stox_size_add(size_t a, size_t b) {
  return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static inline size_t stox_size_mul(size_t a, size_t b) {
  return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

#endif
