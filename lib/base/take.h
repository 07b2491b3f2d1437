/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_TAKE_H
#define STOX_BASE_TAKE_H

#include "stox/arena.h"

#include <stdint.h>

/* stox_arena_take() inside the library: a call only where the block at hand does not do. */
static inline void *stox_take(stox_arena *arena, size_t n, size_t align) {
  const size_t gap = (size_t)(-((uintptr_t)arena->p + arena->used) & (uintptr_t)(align - 1));
  const size_t left = arena->cap - arena->used;
  if (arena->p == NULL || gap > left || n > left - gap) {
    return stox_arena_take(arena, n, align);
  }
  char *result = arena->p + arena->used + gap;
  arena->used += gap + n;
  return result;
}

#endif
