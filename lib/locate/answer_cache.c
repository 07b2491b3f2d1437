/* SPDX-License-Identifier: MIT */
#include "stox/answer_cache.h"

#include "base/options.h"
#include "base/table.h"
#include "stox/status.h"

#include <string.h>

static const uint64_t second_ns = UINT64_C(1000000000);

enum { TEXT_MAX = 1024 };

/* One answer; its records and their texts follow in the same block. */
typedef struct entry {
  stox_link link;
  struct entry *older;
  struct entry *newer;
  uint64_t put_ns;
  uint64_t expires_ns;
  size_t octets; /* of the block */
  int type;
  uint32_t ttl_s;
  stox_span name;
  size_t n;
  stox_record records[];
} entry;

struct stox_answer_cache {
  stox_answer_cache_options options;
  stox_table table;
  entry *oldest;
  entry *newest;
};

int stox_answer_cache_options_init(stox_answer_cache_options *out, size_t size) {
  const stox_answer_cache_options defaults = {.size = sizeof defaults,
                                              .alloc = stox_allocator_libc(),
                                              .max = 4096,
                                              .max_ttl_s = 3600,
                                              .max_negative_ttl_s = 300};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static void *resize(const stox_answer_cache *obj, void *p, size_t old_n, size_t new_n) {
  const stox_allocator *alloc = obj->options.alloc;
  return alloc->resize(alloc->ud, p, old_n, new_n);
}

int stox_answer_cache_new(stox_answer_cache **out, const stox_answer_cache_options *options) {
  stox_answer_cache_options own;
  int status = stox_answer_cache_options_init(&own, sizeof own);
  if (status == STOX_OK) {
    status = stox_options_read(&own, sizeof own, options);
  }
  if (status != STOX_OK || own.random == NULL || own.alloc == NULL || own.max == 0) {
    return STOX_E_ARG;
  }
  stox_answer_cache *obj = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_answer_cache){.options = own};
  status = stox_table_init(&obj->table, own.alloc, own.random);
  if (status != STOX_OK) {
    (void)resize(obj, obj, sizeof *obj, 0);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

/* ---- entries ---- */

static entry *find(const stox_answer_cache *obj, const stox_question *question) {
  const uint64_t hash = stox_table_hash(&obj->table, (uint64_t)question->type, question->name);
  stox_link *link = NULL;
  while ((link = stox_table_find(&obj->table, hash, link)) != NULL) {
    entry *found = (entry *)(void *)link;
    if (found->type == question->type && stox_span_is_equal(found->name, question->name)) {
      return found;
    }
  }
  return NULL;
}

static void drop(stox_answer_cache *obj, entry *gone) {
  if (gone == NULL) {
    return;
  }
  stox_table_remove(&obj->table, &gone->link);
  *(gone->older == NULL ? &obj->oldest : &gone->older->newer) = gone->newer;
  *(gone->newer == NULL ? &obj->newest : &gone->newer->older) = gone->older;
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

static int are_texts(const stox_record *records, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const stox_record *r = &records[i];
    if (r->target.n > TEXT_MAX || r->flags.n > TEXT_MAX || r->service.n > TEXT_MAX) {
      return 0;
    }
  }
  return 1;
}

/* At most 32 records with texts of at most 1,024 octets: no sum here overflows. */
static entry *make(const stox_answer_cache *obj, const stox_question *question,
                   const stox_record *records, size_t n) {
  size_t octets = sizeof(entry) + n * sizeof(stox_record) + question->name.n;
  for (size_t i = 0; i < n; i++) {
    octets += records[i].target.n + records[i].flags.n + records[i].service.n;
  }
  entry *made = resize(obj, NULL, 0, octets);
  if (made == NULL) {
    return NULL;
  }
  *made = (entry){.octets = octets, .type = question->type, .n = n};
  char *at = (char *)(made->records + n);
  made->name = copy_text(&at, question->name);
  for (size_t i = 0; i < n; i++) {
    stox_record *copy = &made->records[i];
    *copy = records[i];
    copy->target = copy_text(&at, records[i].target);
    copy->flags = copy_text(&at, records[i].flags);
    copy->service = copy_text(&at, records[i].service);
  }
  return made;
}

static int keep(stox_answer_cache *obj, entry *made, entry *before) {
  const uint64_t hash = stox_table_hash(&obj->table, (uint64_t)made->type, made->name);
  const int status = stox_table_insert(&obj->table, &made->link, hash);
  if (status != STOX_OK) {
    (void)resize(obj, made, made->octets, 0);
    return status;
  }
  drop(obj, before);
  made->older = obj->newest;
  *(obj->newest == NULL ? &obj->oldest : &obj->newest->newer) = made;
  obj->newest = made;
  if (obj->table.count > obj->options.max) {
    drop(obj, obj->oldest);
  }
  return STOX_OK;
}

/* ---- the cache ---- */

void stox_answer_cache_flush(stox_answer_cache *obj) {
  while (obj->oldest != NULL) {
    drop(obj, obj->oldest);
  }
}

void stox_answer_cache_del(stox_answer_cache *obj) {
  if (obj == NULL) {
    return;
  }
  stox_answer_cache_flush(obj);
  stox_table_clear(&obj->table);
  (void)resize(obj, obj, sizeof *obj, 0);
}

static uint32_t lesser(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

/* For how long an answer holds. */
static uint32_t ttl_of(const stox_answer_cache *obj, const stox_record *records, size_t n,
                       uint32_t negative_ttl_s) {
  if (n == 0) {
    return lesser(negative_ttl_s, obj->options.max_negative_ttl_s);
  }
  uint32_t ttl_s = obj->options.max_ttl_s;
  for (size_t i = 0; i < n; i++) {
    ttl_s = lesser(ttl_s, records[i].ttl);
  }
  return ttl_s;
}

int stox_answer_cache_put(stox_answer_cache *obj, const stox_question *question,
                          const stox_record *records, size_t n, uint32_t negative_ttl_s,
                          uint64_t now_ns) {
  n = n > STOX_RECORDS_MAX ? STOX_RECORDS_MAX : n;
  if (question->name.n > TEXT_MAX || !are_texts(records, n)) {
    return STOX_E_TOO_LONG;
  }
  const uint32_t ttl_s = ttl_of(obj, records, n, negative_ttl_s);
  entry *before = find(obj, question);
  if (ttl_s == 0) {
    drop(obj, before);
    return STOX_OK;
  }
  entry *made = make(obj, question, records, n);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  const uint64_t ttl_ns = ttl_s * second_ns;
  made->put_ns = now_ns;
  made->ttl_s = ttl_s;
  made->expires_ns = now_ns > UINT64_MAX - ttl_ns ? UINT64_MAX : now_ns + ttl_ns;
  return keep(obj, made, before);
}

int stox_answer_cache_get(const stox_record **out, size_t *n, stox_answer_cache *obj,
                          const stox_question *question, uint64_t now_ns) {
  entry *found = find(obj, question);
  if (found == NULL || found->expires_ns <= now_ns) {
    return STOX_E_NONE;
  }
  const uint64_t age_ns = now_ns > found->put_ns ? now_ns - found->put_ns : 0;
  const uint64_t age_s = age_ns / second_ns;
  for (size_t i = 0; i < found->n; i++) {
    found->records[i].ttl = found->ttl_s - (uint32_t)age_s;
  }
  *out = found->records;
  *n = found->n;
  return STOX_OK;
}

size_t stox_answer_cache_expire(stox_answer_cache *obj, uint64_t now_ns) {
  size_t dropped = 0;
  for (entry *at = obj->oldest; at != NULL;) {
    entry *next = at->newer;
    if (at->expires_ns <= now_ns) {
      drop(obj, at);
      dropped++;
    }
    at = next;
  }
  return dropped;
}
