/* SPDX-License-Identifier: MIT */
#ifndef STOX_FUZZ_SCRIPT_H
#define STOX_FUZZ_SCRIPT_H

#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/span.h"
#include "stox/status.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An input read as a script: octets that choose, and texts that end at the next NUL, in which 0xFE
 * stands for NUL. Beside it what every state machine is given: memory that is counted and can be
 * told to fail, and random octets from a seed. */

typedef struct script {
  const uint8_t *p;
  size_t n;
  uint64_t seed;
  size_t live;    /* octets not given back */
  size_t fail_in; /* allocations until one fails, 0: none will */
} script;

#define require(holds)                                                                             \
  do {                                                                                             \
    if (!(holds)) {                                                                                \
      (void)fprintf(stderr, "line %d: not true: %s\n", __LINE__, #holds);                          \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

static inline unsigned next_octet(script *s) {
  if (s->n == 0) {
    return 0;
  }
  s->n--;
  return *s->p++;
}

static inline stox_span next_text(script *s, char *room, size_t cap) {
  size_t n = 0;
  while (s->n > 0 && *s->p != 0 && n < cap) {
    const unsigned c = next_octet(s);
    room[n++] = (char)(c == 0xFE ? 0 : c);
  }
  (void)next_octet(s);
  return (stox_span){room, n};
}

static inline int script_fill(void *ud, void *p, size_t n) {
  script *s = ud;
  for (size_t i = 0; i < n; i++) {
    s->seed = s->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    ((unsigned char *)p)[i] = (unsigned char)(s->seed >> 56);
  }
  return STOX_OK;
}

static inline void *script_resize(void *ud, void *p, size_t old_n, size_t new_n) {
  script *s = ud;
  if (new_n > 0 && s->fail_in > 0 && --s->fail_in == 0) {
    return NULL;
  }
  require(s->live >= old_n);
  s->live = s->live - old_n + new_n;
  if (new_n == 0) {
    free(p);
    return NULL;
  }
  void *moved = realloc(p, new_n);
  require(moved != NULL);
  return moved;
}

#endif
