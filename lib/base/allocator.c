/* SPDX-License-Identifier: MIT */
#include "stox/allocator.h"

#include <stdlib.h>

static void *resize(void *ud, void *p, size_t old_n, size_t new_n) {
  (void)ud;
  (void)old_n;
  if (new_n == 0) {
    free(p);
    return NULL;
  }
  return realloc(p, new_n);
}

static const stox_allocator libc_allocator = {sizeof(stox_allocator), NULL, resize};

const stox_allocator *stox_allocator_libc(void) {
  return &libc_allocator;
}
