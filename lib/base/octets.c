/* SPDX-License-Identifier: MIT */
#include "base/octets.h"

#include "base/checked.h"
#include "stox/status.h"

#include <string.h>

enum { FIRST_CAP = 2048 };

int stox_octets_put(stox_octets *queue, const stox_allocator *alloc, stox_span bytes) {
  if (queue->from > 0 && bytes.n > queue->cap - queue->len) {
    memmove(queue->p, queue->p + queue->from, queue->len - queue->from);
    queue->len -= queue->from;
    queue->from = 0;
  }
  if (bytes.n > queue->cap - queue->len) {
    const size_t need = stox_size_add(queue->len, bytes.n);
    size_t cap = queue->cap == 0 ? FIRST_CAP : queue->cap;
    while (cap < need && cap < SIZE_MAX) {
      cap = stox_size_mul(cap, 2);
    }
    char *p = cap == SIZE_MAX ? NULL : alloc->resize(alloc->ud, queue->p, queue->cap, cap);
    if (p == NULL) {
      return STOX_E_NOMEM;
    }
    queue->p = p;
    queue->cap = cap;
  }
  if (bytes.n > 0) {
    memcpy(queue->p + queue->len, bytes.p, bytes.n);
  }
  queue->len += bytes.n;
  return STOX_OK;
}

stox_span stox_octets_span(const stox_octets *queue) {
  return (stox_span){queue->p == NULL ? "" : queue->p + queue->from, queue->len - queue->from};
}

void stox_octets_take(stox_octets *queue, size_t n) {
  queue->from += n;
  if (queue->from >= queue->len) {
    queue->from = 0;
    queue->len = 0;
  }
}

void stox_octets_clear(stox_octets *queue, const stox_allocator *alloc) {
  if (queue->p != NULL) {
    (void)alloc->resize(alloc->ud, queue->p, queue->cap, 0);
  }
  *queue = (stox_octets){NULL, 0, 0, 0};
}
