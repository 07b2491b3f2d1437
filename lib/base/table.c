/* SPDX-License-Identifier: MIT */
#include "base/table.h"

#include "base/checked.h"
#include "stox/status.h"

#include <string.h>

enum { FIRST_BUCKETS = 64 };

/* ---- SipHash-1-3 (Aumasson, Bernstein) ---- */

typedef struct sip_state {
  uint64_t v[4];
} sip_state;

static uint64_t rotate(uint64_t x, unsigned n) {
  return x << n | x >> (64 - n);
}

/* By value, so that it stays in registers. */
static inline sip_state sip_round(sip_state s) {
  uint64_t a = s.v[0];
  uint64_t b = s.v[1];
  uint64_t c = s.v[2];
  uint64_t d = s.v[3];
  a += b;
  b = rotate(b, 13) ^ a;
  a = rotate(a, 32);
  c += d;
  d = rotate(d, 16) ^ c;
  a += d;
  d = rotate(d, 21) ^ a;
  c += b;
  b = rotate(b, 17) ^ c;
  c = rotate(c, 32);
  return (sip_state){{a, b, c, d}};
}

/* The octets of a word that may be the last, which says the length. */
static inline uint64_t sip_load(stox_span part, size_t at) {
  uint64_t word = 0;
  if (part.n - at >= 8) {
    memcpy(&word, part.p + at, 8);
    return word;
  }
  if (part.n > at) {
    memcpy(&word, part.p + at, part.n - at);
  }
  return word ^ (uint64_t)part.n << 56;
}

uint64_t stox_table_hash(const stox_table *table, uint64_t seed, stox_span part) {
  const uint64_t k0 = table->key[0] ^ seed;
  const uint64_t k1 = table->key[1];
  sip_state s = {{k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
                  k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)}};
  for (size_t at = 0; at <= part.n; at += 8) {
    const uint64_t word = sip_load(part, at);
    s.v[3] ^= word;
    s = sip_round(s);
    s.v[0] ^= word;
  }
  s.v[2] ^= 0xFF;
  for (int i = 0; i < 3; i++) {
    s = sip_round(s);
  }
  return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* ---- the table ---- */

int stox_table_init(stox_table *out, const stox_allocator *alloc, const stox_random *random) {
  *out = (stox_table){.alloc = alloc};
  return random->fill(random->ud, out->key, sizeof out->key);
}

void stox_table_clear(stox_table *table) {
  if (table->buckets != NULL) {
    (void)table->alloc->resize(table->alloc->ud, table->buckets,
                               table->n_buckets * sizeof(stox_link *), 0);
  }
  table->buckets = NULL;
  table->n_buckets = 0;
  table->count = 0;
}

static stox_link **bucket_of(const stox_table *table, uint64_t hash) {
  return &table->buckets[hash & (table->n_buckets - 1)];
}

static int grow(stox_table *table) {
  const size_t n = table->n_buckets == 0 ? FIRST_BUCKETS : stox_size_mul(table->n_buckets, 2);
  const stox_allocator *alloc = table->alloc;
  stox_link **buckets = alloc->resize(alloc->ud, NULL, 0, stox_size_mul(n, sizeof(stox_link *)));
  if (buckets == NULL) {
    return STOX_E_NOMEM;
  }
  memset(buckets, 0, n * sizeof(stox_link *));
  const stox_table before = *table;
  table->buckets = buckets;
  table->n_buckets = n;
  for (size_t i = 0; i < before.n_buckets; i++) {
    for (stox_link *link = before.buckets[i]; link != NULL;) {
      stox_link *next = link->next;
      stox_link **bucket = bucket_of(table, link->hash);
      link->next = *bucket;
      *bucket = link;
      link = next;
    }
  }
  if (before.buckets != NULL) {
    (void)alloc->resize(alloc->ud, before.buckets, before.n_buckets * sizeof(stox_link *), 0);
  }
  return STOX_OK;
}

int stox_table_insert(stox_table *table, stox_link *link, uint64_t hash) {
  /* Without memory to grow a table works on, with longer chains. */
  if (table->count >= table->n_buckets && grow(table) != STOX_OK && table->n_buckets == 0) {
    return STOX_E_NOMEM;
  }
  stox_link **bucket = bucket_of(table, hash);
  link->hash = hash;
  link->next = *bucket;
  *bucket = link;
  table->count++;
  return STOX_OK;
}

stox_link *stox_table_find(const stox_table *table, uint64_t hash, const stox_link *after) {
  if (table->n_buckets == 0) {
    return NULL;
  }
  stox_link *link = after == NULL ? *bucket_of(table, hash) : after->next;
  while (link != NULL && link->hash != hash) {
    link = link->next;
  }
  return link;
}

void stox_table_remove(stox_table *table, stox_link *link) {
  if (table->n_buckets == 0) {
    return;
  }
  stox_link **at = bucket_of(table, link->hash);
  while (*at != NULL && *at != link) {
    at = &(*at)->next;
  }
  if (*at == link) {
    *at = link->next;
    table->count--;
  }
}
