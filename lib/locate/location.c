/* SPDX-License-Identifier: MIT */
#include "stox/location.h"

#include "base/options.h"
#include "base/table.h"
#include "locate/domain.h"
#include "stox/status.h"

#include <string.h>

static const uint64_t second_ns = UINT64_C(1000000000);

/* The static table is a side of its own. */
enum { STATIC = STOX_PROTOCOL_NONE };

/* One domain for one side; its places and their texts follow in the same block. */
typedef struct entry {
  stox_link link;
  struct entry *older; /* among those of the cache */
  struct entry *newer;
  uint64_t expires_ns;
  size_t octets; /* of the block */
  int side;
  int secure;
  stox_span domain;
  size_t n;
  stox_location places[];
} entry;

struct stox_locations {
  stox_locations_options options;
  stox_table table;
  entry *oldest;
  entry *newest;
  size_t count;
};

int stox_locations_options_init(stox_locations_options *out, size_t size) {
  const stox_locations_options defaults = {
      .size = sizeof defaults, .alloc = stox_allocator_libc(), .max = 4096};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static void *resize(const stox_locations *obj, void *p, size_t old_n, size_t new_n) {
  const stox_allocator *alloc = obj->options.alloc;
  return alloc->resize(alloc->ud, p, old_n, new_n);
}

int stox_locations_new(stox_locations **out, const stox_locations_options *options) {
  stox_locations_options own;
  int status = stox_locations_options_init(&own, sizeof own);
  if (status == STOX_OK) {
    status = stox_options_read(&own, sizeof own, options);
  }
  if (status != STOX_OK || own.random == NULL || own.alloc == NULL || own.max == 0) {
    return STOX_E_ARG;
  }
  stox_locations *obj = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_locations){.options = own};
  status = stox_table_init(&obj->table, own.alloc, own.random);
  if (status != STOX_OK) {
    (void)resize(obj, obj, sizeof *obj, 0);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

/* ---- entries ---- */

static uint64_t hash_of(const stox_locations *obj, stox_span domain) {
  return stox_table_hash(&obj->table, 0, domain);
}

/* `domain` is a key. All that asks for one domain is in one chain. */
static entry *find(const stox_locations *obj, stox_span domain, int side, int secure) {
  const uint64_t hash = hash_of(obj, domain);
  stox_link *link = NULL;
  while ((link = stox_table_find(&obj->table, hash, link)) != NULL) {
    entry *found = (entry *)(void *)link;
    if (found->side == side && found->secure == secure &&
        stox_span_is_equal(found->domain, domain)) {
      return found;
    }
  }
  return NULL;
}

static void unlink_entry(stox_locations *obj, entry *gone) {
  if (gone->side == STATIC) {
    return;
  }
  *(gone->older == NULL ? &obj->oldest : &gone->older->newer) = gone->newer;
  *(gone->newer == NULL ? &obj->newest : &gone->newer->older) = gone->older;
  obj->count--;
}

static void drop(stox_locations *obj, entry *gone) {
  if (gone == NULL) {
    return;
  }
  stox_table_remove(&obj->table, &gone->link);
  unlink_entry(obj, gone);
  (void)resize(obj, gone, gone->octets, 0);
}

static stox_span copy_text(char **at, stox_span text) {
  const stox_span copy = {text.p == NULL ? NULL : *at, text.n};
  if (text.n > 0) {
    memcpy(*at, text.p, text.n);
  }
  *at += text.n;
  return copy;
}

/* At most 16 places with targets of at most 253 octets: no sum here overflows. */
static entry *make(const stox_locations *obj, stox_span domain, const stox_location *places,
                   size_t n) {
  size_t octets = sizeof(entry) + n * sizeof(stox_location) + domain.n;
  for (size_t i = 0; i < n; i++) {
    octets += places[i].target.n;
  }
  entry *made = resize(obj, NULL, 0, octets);
  if (made == NULL) {
    return NULL;
  }
  *made = (entry){.octets = octets, .n = n};
  char *at = (char *)(made->places + n);
  made->domain = copy_text(&at, domain);
  for (size_t i = 0; i < n; i++) {
    made->places[i] = places[i];
    made->places[i].target = copy_text(&at, places[i].target);
  }
  return made;
}

/* Puts an entry in the place of the one with its key, if there is one. */
static int keep(stox_locations *obj, entry *made) {
  entry *before = find(obj, made->domain, made->side, made->secure);
  const int status = stox_table_insert(&obj->table, &made->link, hash_of(obj, made->domain));
  if (status != STOX_OK) {
    (void)resize(obj, made, made->octets, 0);
    return status;
  }
  drop(obj, before);
  if (made->side != STATIC) {
    made->older = obj->newest;
    *(obj->newest == NULL ? &obj->oldest : &obj->newest->newer) = made;
    obj->newest = made;
    obj->count++;
  }
  if (obj->count > obj->options.max) {
    drop(obj, obj->oldest);
  }
  return STOX_OK;
}

static int are_targets(const stox_location *places, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (places[i].target.n > STOX_DOMAIN_MAX) {
      return 0;
    }
  }
  return 1;
}

/* ---- the table ---- */

void stox_locations_del(stox_locations *obj) {
  if (obj == NULL) {
    return;
  }
  for (size_t i = 0; i < obj->table.n_buckets; i++) {
    while (obj->table.buckets[i] != NULL) {
      drop(obj, (entry *)(void *)obj->table.buckets[i]);
    }
  }
  stox_table_clear(&obj->table);
  (void)resize(obj, obj, sizeof *obj, 0);
}

int stox_locations_set(stox_locations *obj, stox_span domain, const stox_location *location) {
  char room[STOX_DOMAIN_MAX];
  stox_span key;
  const int status = stox_domain_key(&key, room, domain);
  if (status != STOX_OK) {
    return status;
  }
  if (location == NULL) {
    drop(obj, find(obj, key, STATIC, 0));
    return STOX_OK;
  }
  if (!are_targets(location, 1)) {
    return STOX_E_BAD_DOMAIN;
  }
  entry *made = make(obj, key, location, 1);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  made->side = STATIC;
  made->expires_ns = UINT64_MAX;
  made->places[0].source = STOX_LOCATED_STATIC;
  return keep(obj, made);
}

int stox_locations_insert(stox_locations *obj, const stox_location_key *key,
                          const stox_location *locations, size_t n, uint64_t now_ns) {
  char room[STOX_DOMAIN_MAX];
  stox_span domain;
  const int status = stox_domain_key(&domain, room, key->domain);
  if (status != STOX_OK) {
    return status;
  }
  if (n == 0 || n > STOX_LOCATIONS_MAX || key->side == STATIC || !are_targets(locations, n)) {
    return STOX_E_ARG;
  }
  if (locations[0].ttl_s == 0) {
    drop(obj, find(obj, domain, key->side, key->secure));
    return STOX_OK;
  }
  entry *made = make(obj, domain, locations, n);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  const uint64_t ttl_ns = locations[0].ttl_s * second_ns;
  made->side = key->side;
  made->secure = key->secure;
  made->expires_ns = now_ns > UINT64_MAX - ttl_ns ? UINT64_MAX : now_ns + ttl_ns;
  for (size_t i = 0; i < n; i++) {
    made->places[i].source = STOX_LOCATED_CACHE;
  }
  return keep(obj, made);
}

int stox_locations_find(const stox_location **out, size_t *n, const stox_locations *obj,
                        const stox_location_key *key, uint64_t now_ns) {
  char room[STOX_DOMAIN_MAX];
  stox_span domain;
  const int status = stox_domain_key(&domain, room, key->domain);
  if (status != STOX_OK) {
    return status;
  }
  const entry *found = find(obj, domain, STATIC, 0);
  if (found == NULL) {
    found = find(obj, domain, key->side, key->secure);
  }
  if (found == NULL || (found->side != STATIC && found->expires_ns <= now_ns)) {
    return STOX_E_NONE;
  }
  *out = found->places;
  *n = found->n;
  return STOX_OK;
}

/* Drops what is in the cache of one domain (absent: of all), or has expired. */
static size_t sweep(stox_locations *obj, stox_span domain, uint64_t now_ns) {
  size_t dropped = 0;
  for (entry *at = obj->oldest; at != NULL;) {
    entry *next = at->newer;
    if (at->expires_ns <= now_ns && (domain.p == NULL || stox_span_is_equal(at->domain, domain))) {
      drop(obj, at);
      dropped++;
    }
    at = next;
  }
  return dropped;
}

void stox_locations_flush(stox_locations *obj, stox_span domain) {
  char room[STOX_DOMAIN_MAX];
  stox_span key = {NULL, 0};
  if (domain.p == NULL || stox_domain_key(&key, room, domain) == STOX_OK) {
    (void)sweep(obj, key, UINT64_MAX);
  }
}

size_t stox_locations_expire(stox_locations *obj, uint64_t now_ns) {
  return sweep(obj, (stox_span){NULL, 0}, now_ns);
}
