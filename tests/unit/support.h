/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_SUPPORT_H
#define STOX_TEST_SUPPORT_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include "stox/allocator.h"
#include "stox/arena.h"
#include "stox/buf.h"
#include "stox/span.h"
#include "stox/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The span of a string literal, NULs inside included. */
#define S(literal) ((stox_span){literal, sizeof(literal) - 1})

/* The same as a member of a static table. */
#define ROW(literal)                                                                               \
  { literal, sizeof(literal) - 1 }

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define assert_span_equal(a, b)                                                                    \
  do {                                                                                             \
    const stox_span a_ = (a);                                                                      \
    const stox_span b_ = (b);                                                                      \
    if (!stox_span_is_equal(a_, b_)) {                                                             \
      fail_msg("\"%.*s\" is not \"%.*s\"", (int)a_.n, a_.p == NULL ? "" : a_.p, (int)b_.n,         \
               b_.p == NULL ? "" : b_.p);                                                          \
    }                                                                                              \
  } while (0)

#define assert_status(got, want)                                                                   \
  do {                                                                                             \
    const int got_ = (got);                                                                        \
    const int want_ = (want);                                                                      \
    if (got_ != want_) {                                                                           \
      fail_msg("status %s, not %s", stox_status_name(got_), stox_status_name(want_));              \
    }                                                                                              \
  } while (0)

/* A copy of some octets that ends where an unreadable page begins; free with guard_free(). */
typedef struct guard {
  void *map;
  size_t map_n;
  stox_span span;
} guard;

static inline guard guard_copy(stox_span bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t room = (bytes.n + page - 1) / page * page;
  guard g = {NULL, room + page, {NULL, 0}};
  g.map = mmap(NULL, g.map_n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(g.map != MAP_FAILED);
  assert_int_equal(mprotect((char *)g.map + room, page, PROT_NONE), 0);
  char *at = (char *)g.map + room - bytes.n;
  if (bytes.n > 0) {
    memcpy(at, bytes.p, bytes.n);
  }
  g.span = (stox_span){at, bytes.n};
  return g;
}

static inline void guard_free(guard *g) {
  munmap(g->map, g->map_n);
}

/* An allocator that counts, and fails at the n-th allocation (0: never). */
typedef struct failing {
  size_t fail_at;
  size_t calls; /* allocations asked for */
  size_t live;  /* octets not given back */
} failing;

static inline void *failing_resize(void *ud, void *p, size_t old_n, size_t new_n) {
  failing *f = ud;
  if (new_n > 0 && ++f->calls == f->fail_at) {
    return NULL;
  }
  f->live += new_n;
  f->live -= old_n;
  if (new_n == 0) {
    free(p);
    return NULL;
  }
  void *moved = realloc(p, new_n);
  assert_non_null(moved);
  return moved;
}

static inline stox_allocator failing_allocator(failing *f) {
  return (stox_allocator){sizeof(stox_allocator), f, failing_resize};
}

/* A small deterministic generator (xorshift64*), never zero. */
static inline uint64_t test_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

#endif
