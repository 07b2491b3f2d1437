/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_TABLE_H
#define STOX_BASE_TABLE_H

#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/span.h"

/* An intrusive hash table: objects carry a link and are owned elsewhere. Keys come from the
 * network, so the hash is keyed (SipHash-1-3) and a match compares the whole key. */

typedef struct stox_link {
  struct stox_link *next;
  uint64_t hash;
} stox_link;

typedef struct stox_table {
  stox_link **buckets;
  size_t n_buckets; /* a power of two, 0 before the first insertion */
  size_t count;
  uint64_t key[2];
  const stox_allocator *alloc;
} stox_table;

/* STOX_OK, or the random source's status. */
int stox_table_init(stox_table *out, const stox_allocator *alloc, const stox_random *random);

/* Gives the buckets back; the objects stay their owner's. */
void stox_table_clear(stox_table *table);

/* The keyed hash of a key in one or more parts: chain calls through `seed`, 0 at first. */
uint64_t stox_table_hash(const stox_table *table, uint64_t seed, stox_span part);

/* STOX_OK, or STOX_E_NOMEM when the table was empty and has no room. */
int stox_table_insert(stox_table *table, stox_link *link, uint64_t hash);

/* The first link of that hash after `after` (NULL: from the start); the caller compares the key. */
stox_link *stox_table_find(const stox_table *table, uint64_t hash, const stox_link *after);

void stox_table_remove(stox_table *table, stox_link *link);

#endif
