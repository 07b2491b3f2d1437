/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include "stox/status.h"

#include <string.h>

int stox_options_init(void *out, size_t size, const void *defaults, size_t own_size) {
  if (size < sizeof(size_t)) {
    return STOX_E_ARG;
  }
  memset(out, 0, size);
  memcpy(out, defaults, size < own_size ? size : own_size);
  memcpy(out, &size, sizeof size);
  return STOX_OK;
}

int stox_options_read(void *own, size_t own_size, const void *given) {
  if (given == NULL) {
    return STOX_OK;
  }
  size_t size = 0;
  memcpy(&size, given, sizeof size);
  if (size < sizeof(size_t)) {
    return STOX_E_ARG;
  }
  memcpy(own, given, size < own_size ? size : own_size);
  memcpy(own, &own_size, sizeof own_size);
  return STOX_OK;
}
