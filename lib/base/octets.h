/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_OCTETS_H
#define STOX_BASE_OCTETS_H

#include "stox/allocator.h"
#include "stox/span.h"

/* A growing queue of octets: appended at the end, taken from the front. */
typedef struct stox_octets {
  char *p;
  size_t cap;
  size_t from; /* octets already taken */
  size_t len;  /* end of what was appended */
} stox_octets;

/* STOX_OK or STOX_E_NOMEM, with nothing appended. */
int stox_octets_put(stox_octets *queue, const stox_allocator *alloc, stox_span bytes);

/* What is in the queue; valid until the next put. */
stox_span stox_octets_span(const stox_octets *queue);

/* Takes n octets from the front. */
void stox_octets_take(stox_octets *queue, size_t n);

void stox_octets_clear(stox_octets *queue, const stox_allocator *alloc);

#endif
