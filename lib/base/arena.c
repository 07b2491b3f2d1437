/* SPDX-License-Identifier: MIT */
#include "stox/arena.h"

#include "base/checked.h"
#include "stox/status.h"

#include <stdalign.h>
#include <string.h>

enum { CHUNK_MIN = 4096 };

/* A chunk's octets follow its header. */
typedef struct chunk {
  struct chunk *before;
  size_t n; /* octets in all, header included */
} chunk;

enum { HEADER = (sizeof(chunk) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1) };

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Of a block, what the limit leaves of it is all that counts. */
static void use_block(stox_arena *arena, char *p, size_t n) {
  arena->p = p;
  arena->cap = least(n, arena->limit - arena->total);
  arena->used = 0;
}

void stox_arena_init(stox_arena *out, void *p, size_t n, size_t limit,
                     const stox_allocator *alloc) {
  *out = (stox_arena){
      .limit = limit == 0 ? SIZE_MAX : limit, .alloc = alloc, .first = p, .first_cap = n};
  use_block(out, p, n);
}

static void *take_here(stox_arena *arena, size_t n, size_t align) {
  if (arena->p == NULL) {
    return NULL;
  }
  const uintptr_t at = (uintptr_t)(arena->p + arena->used);
  const size_t gap = (size_t)(-at & (uintptr_t)(align - 1));
  const size_t left = arena->cap - arena->used;
  if (gap > left || n > left - gap) {
    return NULL;
  }
  char *result = arena->p + arena->used + gap;
  arena->used += gap + n;
  return result;
}

static int add_chunk(stox_arena *arena, size_t n) {
  /* Doubling keeps the number of chunks logarithmic in what one parse takes. */
  size_t size = stox_size_add(n, HEADER);
  const size_t twice = stox_size_mul(arena->cap, 2);
  size = size < twice ? twice : size;
  size = size < CHUNK_MIN ? CHUNK_MIN : size;
  if (n > arena->limit - arena->total - arena->used || size > PTRDIFF_MAX) {
    return STOX_E_NOMEM;
  }
  chunk *added = arena->alloc->resize(arena->alloc->ud, NULL, 0, size);
  if (added == NULL) {
    return STOX_E_NOMEM;
  }
  *added = (chunk){arena->chunks, size};
  arena->chunks = added;
  arena->total += arena->used;
  use_block(arena, (char *)added + HEADER, size - HEADER);
  return STOX_OK;
}

void *stox_arena_take(stox_arena *arena, size_t n, size_t align) {
  void *result = take_here(arena, n, align);
  if (result != NULL || arena->alloc == NULL) {
    return result;
  }
  /* A chunk begins aligned for any object; only a wider alignment needs room to move. */
  const size_t room = align > alignof(max_align_t) ? stox_size_add(n, align) : n;
  if (add_chunk(arena, room) != STOX_OK) {
    return NULL;
  }
  return take_here(arena, n, align);
}

int stox_arena_copy(stox_arena *arena, stox_span *out, stox_span bytes) {
  char *p = stox_arena_take(arena, bytes.n, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  if (bytes.n > 0) {
    memcpy(p, bytes.p, bytes.n);
  }
  *out = (stox_span){p, bytes.n};
  return STOX_OK;
}

static void free_chunks(stox_arena *arena, chunk *from) {
  while (from != NULL) {
    chunk *before = from->before;
    arena->alloc->resize(arena->alloc->ud, from, from->n, 0);
    from = before;
  }
}

void stox_arena_reset(stox_arena *arena) {
  arena->total = 0;
  chunk *newest = arena->chunks;
  if (newest == NULL) {
    use_block(arena, arena->first, arena->first_cap);
    return;
  }
  /* The newest chunk is the largest one: the next parse of this size then needs no other. */
  free_chunks(arena, newest->before);
  newest->before = NULL;
  use_block(arena, (char *)newest + HEADER, newest->n - HEADER);
}

void stox_arena_clear(stox_arena *arena) {
  free_chunks(arena, arena->chunks);
  arena->chunks = NULL;
  arena->total = 0;
  use_block(arena, arena->first, arena->first_cap);
}
