/* SPDX-License-Identifier: MIT */
#include "stox/backoff.h"

#include "base/options.h"
#include "base/table.h"
#include "stox/status.h"

#include <string.h>

static const uint64_t second_ns = UINT64_C(1000000000);

enum { HOST_MAX = 255, FAILURES_MAX = 32 };

typedef struct entry {
  stox_link link;
  struct entry *older;
  struct entry *newer;
  uint64_t until_ns;
  uint32_t failures;
  uint32_t port;
  int transport;
  size_t n;
  char host[];
} entry;

struct stox_backoff {
  stox_backoff_options options;
  stox_table table;
  entry *oldest;
  entry *newest;
};

int stox_backoff_options_init(stox_backoff_options *out, size_t size) {
  const stox_backoff_options defaults = {.size = sizeof defaults,
                                         .alloc = stox_allocator_libc(),
                                         .max = 4096,
                                         .first_s = 60,
                                         .max_s = 900};
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

static void *resize(const stox_backoff *obj, void *p, size_t old_n, size_t new_n) {
  const stox_allocator *alloc = obj->options.alloc;
  return alloc->resize(alloc->ud, p, old_n, new_n);
}

int stox_backoff_new(stox_backoff **out, const stox_backoff_options *options) {
  stox_backoff_options own;
  int status = stox_backoff_options_init(&own, sizeof own);
  if (status == STOX_OK) {
    status = stox_options_read(&own, sizeof own, options);
  }
  if (status != STOX_OK || own.random == NULL || own.alloc == NULL || own.max == 0 ||
      own.first_s == 0 || own.max_s < own.first_s) {
    return STOX_E_ARG;
  }
  stox_backoff *obj = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_backoff){.options = own};
  status = stox_table_init(&obj->table, own.alloc, own.random);
  if (status != STOX_OK) {
    (void)resize(obj, obj, sizeof *obj, 0);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

static uint64_t hash_of(const stox_backoff *obj, const stox_endpoint *target) {
  const uint64_t seed = (uint64_t)target->port << 8 | (unsigned)target->transport;
  return stox_table_hash(&obj->table, seed, target->host);
}

static entry *find(const stox_backoff *obj, const stox_endpoint *target) {
  const uint64_t hash = hash_of(obj, target);
  stox_link *link = NULL;
  while ((link = stox_table_find(&obj->table, hash, link)) != NULL) {
    entry *found = (entry *)(void *)link;
    if (found->port == target->port && found->transport == target->transport &&
        stox_span_is_equal((stox_span){found->host, found->n}, target->host)) {
      return found;
    }
  }
  return NULL;
}

static void unlink_entry(stox_backoff *obj, entry *at) {
  *(at->older == NULL ? &obj->oldest : &at->older->newer) = at->newer;
  *(at->newer == NULL ? &obj->newest : &at->newer->older) = at->older;
}

static void append(stox_backoff *obj, entry *at) {
  at->newer = NULL;
  at->older = obj->newest;
  *(obj->newest == NULL ? &obj->oldest : &obj->newest->newer) = at;
  obj->newest = at;
}

static void drop(stox_backoff *obj, entry *gone) {
  if (gone == NULL) {
    return;
  }
  stox_table_remove(&obj->table, &gone->link);
  unlink_entry(obj, gone);
  (void)resize(obj, gone, sizeof *gone + gone->n, 0);
}

void stox_backoff_del(stox_backoff *obj) {
  if (obj == NULL) {
    return;
  }
  while (obj->oldest != NULL) {
    drop(obj, obj->oldest);
  }
  stox_table_clear(&obj->table);
  (void)resize(obj, obj, sizeof *obj, 0);
}

/* The entry of a target, made where there is none. */
static int take(entry **out, stox_backoff *obj, const stox_endpoint *target) {
  *out = find(obj, target);
  if (*out != NULL) {
    unlink_entry(obj, *out);
    append(obj, *out);
    return STOX_OK;
  }
  const size_t n = target->host.n;
  entry *made = resize(obj, NULL, 0, sizeof *made + n);
  if (made == NULL) {
    return STOX_E_NOMEM;
  }
  *made = (entry){.port = target->port, .transport = target->transport, .n = n};
  if (n > 0) {
    memcpy(made->host, target->host.p, n);
  }
  const int status = stox_table_insert(&obj->table, &made->link, hash_of(obj, target));
  if (status != STOX_OK) {
    (void)resize(obj, made, sizeof *made + n, 0);
    return status;
  }
  append(obj, made);
  if (obj->table.count > obj->options.max) {
    drop(obj, obj->oldest);
  }
  *out = made;
  return STOX_OK;
}

/* The wait after so many failures, drawn by `number`. */
static uint64_t wait_of(const stox_backoff *obj, uint32_t failures, uint64_t number) {
  uint64_t bound_ns = obj->options.first_s * second_ns;
  const uint64_t max_ns = obj->options.max_s * second_ns;
  for (uint32_t i = 1; i < failures && bound_ns < max_ns; i++) {
    bound_ns *= 2;
  }
  bound_ns = bound_ns > max_ns ? max_ns : bound_ns;
  const uint64_t least_ns = failures == 1 ? 0 : bound_ns / 2;
  return least_ns + number % (bound_ns - least_ns);
}

int stox_backoff_failed(stox_backoff *obj, const stox_endpoint *target, uint32_t retry_after_s,
                        uint64_t now_ns) {
  uint64_t number = 0;
  entry *at = NULL;
  if (target->host.n > HOST_MAX) {
    return STOX_E_BAD_HOST;
  }
  int status = obj->options.random->fill(obj->options.random->ud, &number, sizeof number);
  if (status == STOX_OK) {
    status = take(&at, obj, target);
  }
  if (status != STOX_OK) {
    return status;
  }
  at->failures += at->failures < FAILURES_MAX ? 1U : 0U;
  uint64_t wait_ns = wait_of(obj, at->failures, number);
  const uint64_t said_ns = retry_after_s * second_ns;
  wait_ns = wait_ns < said_ns ? said_ns : wait_ns;
  at->until_ns = now_ns > UINT64_MAX - wait_ns ? UINT64_MAX : now_ns + wait_ns;
  return STOX_OK;
}

void stox_backoff_worked(stox_backoff *obj, const stox_endpoint *target) {
  drop(obj, find(obj, target));
}

uint64_t stox_backoff_until(const stox_backoff *obj, const stox_endpoint *target, uint64_t now_ns) {
  const entry *found = find(obj, target);
  return found == NULL || found->until_ns <= now_ns ? 0 : found->until_ns;
}
