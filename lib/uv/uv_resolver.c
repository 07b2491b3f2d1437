/* SPDX-License-Identifier: MIT */
#include "uv/resolver.h"

#include "base/options.h"
#include "stox/status.h"

#include <string.h>

static const stox_uv_resolver_options defaults = {
    .size = sizeof(stox_uv_resolver_options),
    .try_timeout_ns = UINT64_C(1000000000),
    .tries = 3,
    .timeout_ns = UINT64_C(5000000000),
    .max_open = 1024,
};

int stox_uv_resolver_options_init(stox_uv_resolver_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

void *stox_uv_resolver_alloc(const stox_uv_resolver *obj, void *p, size_t old_n, size_t new_n) {
  const stox_allocator *alloc = obj->options.alloc;
  return alloc->resize(alloc->ud, p, old_n, new_n);
}

int stox_uv_resolver_new(stox_uv_resolver **out, const stox_uv_resolver_options *options) {
  static const uint64_t longest_ns = UINT64_C(3600000000000);
  stox_uv_resolver_options own = defaults;
  if (stox_options_read(&own, sizeof own, options) != STOX_OK || own.loop == NULL ||
      own.tries == 0 || own.tries > 100 || own.try_timeout_ns < 1000000 ||
      own.try_timeout_ns > longest_ns || own.timeout_ns > longest_ns || own.max_open == 0) {
    return STOX_E_ARG;
  }
  own.alloc = own.alloc == NULL ? stox_allocator_libc() : own.alloc;
  stox_uv_resolver *obj = own.alloc->resize(own.alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  memset(obj, 0, sizeof *obj);
  obj->options = own;
  obj->loop = own.loop;
  const int status = stox_uv_resolver_open(obj);
  if (status != STOX_OK) {
    (void)stox_uv_resolver_alloc(obj, obj, sizeof *obj, 0);
    return status;
  }
  obj->options.servers = (stox_span){NULL, 0}; /* the caller's, and read */
  *out = obj;
  return STOX_OK;
}

void stox_uv_resolver_del(stox_uv_resolver *obj) {
  if (obj == NULL) {
    return;
  }
  while (obj->oldest != NULL) {
    stox_uv_resolver_forget(obj->oldest);
  }
  stox_uv_resolver_close(obj);
  (void)stox_uv_resolver_alloc(obj, obj, sizeof *obj, 0);
}

/* What c-ares takes as it is: nothing that it would read as an escape. */
static int is_name(stox_span name) {
  static const char others[] = "-_.";
  for (size_t i = 0; i < name.n; i++) {
    const char c = name.p[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
          memchr(others, c, sizeof others - 1) != NULL)) {
      return 0;
    }
  }
  return name.n > 0 && name.n <= NAME_MAX_OCTETS;
}

static int is_type(int type) {
  return type == STOX_RECORD_A || type == STOX_RECORD_AAAA || type == STOX_RECORD_SRV ||
         type == STOX_RECORD_NAPTR;
}

static void append(stox_uv_resolver *obj, query *q) {
  q->older = obj->newest;
  *(obj->newest == NULL ? &obj->oldest : &obj->newest->newer) = q;
  obj->newest = q;
  q->is_open = 1;
  obj->n_queries++;
}

int stox_uv_resolver_ask(stox_uv_resolver *obj, const stox_question *question,
                         stox_uv_resolver_done done, void *ud, uint64_t *id) {
  if (!is_type(question->type)) {
    return STOX_E_UNSUPPORTED;
  }
  if (!is_name(question->name)) {
    return STOX_E_BAD_DOMAIN;
  }
  if (obj->n_queries >= obj->options.max_open) {
    return STOX_E_FULL;
  }
  query *q = stox_uv_resolver_alloc(obj, NULL, 0, sizeof *q);
  if (q == NULL) {
    return STOX_E_NOMEM;
  }
  memset(q, 0, sizeof *q);
  uv_update_time(obj->loop);
  q->resolver = obj;
  q->id = ++obj->last_id;
  q->deadline_ms = uv_now(obj->loop) + obj->options.timeout_ns / 1000000;
  q->done = done;
  q->ud = ud;
  q->type = question->type;
  q->n = question->name.n;
  memcpy(q->name, question->name.p, q->n);
  append(obj, q);
  obj->is_new = 1;
  if (id != NULL) {
    *id = q->id;
  }
  stox_uv_resolver_arm(obj);
  return STOX_OK;
}

int stox_uv_resolver_cancel(stox_uv_resolver *obj, uint64_t id) {
  for (query *q = obj->oldest; q != NULL; q = q->newer) {
    if (q->id == id) {
      stox_uv_resolver_forget(q);
      stox_uv_resolver_arm(obj);
      return STOX_OK;
    }
  }
  return STOX_E_NONE;
}

uint64_t stox_uv_resolver_asked(const stox_uv_resolver *obj) {
  return obj->asked;
}
