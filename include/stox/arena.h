/* SPDX-License-Identifier: MIT */
/**
 * @file
 * An arena: results of one parse or one mapping live in it and go together.
 *
 * Memory comes from the caller's block first and, where an allocator is given, from chunks after
 * it. The struct is transparent so that it can sit on the caller's stack; its members are private.
 */
#ifndef STOX_ARENA_H
#define STOX_ARENA_H

#include "stox/allocator.h"
#include "stox/span.h"

STOX_BEGIN_DECLS

/** An arena; use the functions below only. */
typedef struct stox_arena {
  char *p;      /**< @private current block */
  size_t cap;   /**< @private octets of the current block that the limit lets it hand out */
  size_t used;  /**< @private octets handed out of it */
  size_t total; /**< @private octets handed out of earlier blocks */
  size_t limit; /**< @private most octets it may hand out in all */
  void *chunks; /**< @private chain of allocated chunks */
  const stox_allocator *alloc; /**< @private NULL: the caller's block only */
  char *first;                 /**< @private the caller's block */
  size_t first_cap;            /**< @private its size */
} stox_arena;

/**
 * Makes an empty arena.
 * @param[out] out the arena
 * @param p first block, the caller's, may be NULL when `n` is 0
 * @param n octets at `p`
 * @param limit most octets it may hand out in all, 0: no limit
 * @param alloc where chunks come from, NULL: nowhere; must outlive the arena
 */
STOX_API void stox_arena_init(stox_arena *out, void *p, size_t n, size_t limit,
                              const stox_allocator *alloc);

/**
 * Takes `n` octets, not initialised, aligned to `align` (a power of two).
 * @return the memory, valid until reset or clear; NULL when memory or limit is exhausted
 */
STOX_API void *stox_arena_take(stox_arena *arena, size_t n, size_t align);

/**
 * Copies octets into the arena.
 * @retval STOX_OK `out` views the copy
 * @retval STOX_E_NOMEM memory or limit is exhausted
 */
STOX_API int stox_arena_copy(stox_arena *arena, stox_span *out, stox_span bytes);

/** Forgets everything handed out; keeps the largest chunk for reuse. */
STOX_API void stox_arena_reset(stox_arena *arena);

/** Gives all chunks back to the allocator; the arena may be used again. */
STOX_API void stox_arena_clear(stox_arena *arena);

STOX_END_DECLS

#endif
