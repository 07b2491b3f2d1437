/* SPDX-License-Identifier: MIT */
#include "uv/resolver.h"

#include "stox/answer.h"
#include "stox/status.h"

#include <stdalign.h>

enum { ARENA_FIRST = 1024, ARENA_LIMIT = 1 << 17, CLASS_IN = 1 };

static void unlink_query(query *q) {
  stox_uv_resolver *obj = q->resolver;
  *(q->older == NULL ? &obj->oldest : &q->older->newer) = q->newer;
  *(q->newer == NULL ? &obj->newest : &q->newer->older) = q->older;
  q->is_open = 0;
}

static void release(query *q) {
  q->resolver->n_queries--;
  (void)stox_uv_resolver_alloc(q->resolver, q, sizeof *q, 0);
}

/* Nobody wants the answer any more. What c-ares still knows of is released when it calls back. */
void stox_uv_resolver_forget(query *q) {
  unlink_query(q);
  if (q->state != QUERY_SENT) {
    release(q);
  }
}

static void report(query *q, int status, const stox_record *records, size_t n) {
  const stox_uv_resolver_done done = q->done;
  void *ud = q->ud;
  const uint64_t id = q->id;
  stox_uv_resolver_forget(q);
  done(ud, id, status, records, n);
}

static stox_question question_of(const query *q) {
  return (stox_question){q->type, {q->name, q->n}};
}

/* Hands over what a server sent. */
static void read_message(query *q, stox_span message) {
  stox_uv_resolver *obj = q->resolver;
  char room[ARENA_FIRST];
  stox_arena arena;
  stox_answer answer = {.status = STOX_OK};
  const stox_question question = question_of(q);
  stox_arena_init(&arena, room, sizeof room, ARENA_LIMIT, obj->options.alloc);
  int status = stox_answer_parse(&answer, &arena, &question, message);
  status = status == STOX_OK ? answer.status : status;
  /* Cut short over TCP as well. */
  status = status == STOX_E_MORE ? STOX_E_SYNTAX : status;
  if (status == STOX_OK && obj->options.cache != NULL) {
    /* Without memory there is no cache, and nothing else is lost. */
    (void)stox_answer_cache_put(obj->options.cache, &question, answer.records, answer.n,
                                answer.negative_ttl_s, uv_hrtime());
  }
  report(q, status, answer.records, status == STOX_OK ? answer.n : 0);
  stox_arena_clear(&arena);
}

static int status_of(int ares) {
  switch (ares) {
  case ARES_ETIMEOUT:
    return STOX_E_TIMEOUT;
  case ARES_ENOMEM:
    return STOX_E_NOMEM;
  case ARES_EBADRESP:
    return STOX_E_SYNTAX;
  default:
    return STOX_E_REFUSED;
  }
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *message, int n) {
  query *q = arg;
  (void)timeouts;
  q->state = QUERY_FAILED;
  q->status = status_of(status);
  if (!q->is_open) {
    if (!q->is_starting) {
      release(q);
    }
    return;
  }
  /* Before anything was sent: told from the loop, like everything else. */
  if (q->is_starting) {
    q->resolver->is_new = 1;
    return;
  }
  if (message != NULL && n > 0) {
    read_message(q, (stox_span){(const char *)message, (size_t)n});
  } else {
    report(q, q->status, NULL, 0);
  }
}

static void send_query(query *q) {
  stox_uv_resolver *obj = q->resolver;
  obj->asked++;
  q->state = QUERY_SENT;
  q->is_starting = 1;
  ares_query(obj->channel, q->name, CLASS_IN, q->type, on_answer, q);
  q->is_starting = 0;
}

static int copy_record(stox_record *out, stox_arena *arena, const stox_record *record) {
  *out = *record;
  int status = stox_arena_copy(arena, &out->target, record->target);
  status = status == STOX_OK ? stox_arena_copy(arena, &out->flags, record->flags) : status;
  return status == STOX_OK ? stox_arena_copy(arena, &out->service, record->service) : status;
}

/* Whoever is told may ask, and with that change the cache: the answer goes out in a copy. */
static void report_copy(query *q, const stox_record *records, size_t n) {
  char room[ARENA_FIRST];
  stox_arena arena;
  stox_arena_init(&arena, room, sizeof room, ARENA_LIMIT, q->resolver->options.alloc);
  stox_record *copies =
      n == 0 ? NULL : stox_arena_take(&arena, n * sizeof *copies, alignof(stox_record));
  int status = n > 0 && copies == NULL ? STOX_E_NOMEM : STOX_OK;
  for (size_t i = 0; i < n && status == STOX_OK; i++) {
    status = copy_record(&copies[i], &arena, &records[i]);
  }
  report(q, status, copies, status == STOX_OK ? n : 0);
  stox_arena_clear(&arena);
}

/* Answers from the cache, or asks. */
static void begin(query *q) {
  stox_answer_cache *cache = q->resolver->options.cache;
  const stox_question question = question_of(q);
  const stox_record *records = NULL;
  size_t n = 0;
  if (cache != NULL &&
      stox_answer_cache_get(&records, &n, cache, &question, uv_hrtime()) == STOX_OK) {
    report_copy(q, records, n);
  } else {
    send_query(q);
  }
}

/* The next question that waits to be begun, or to be told that it could not be. */
static query *find_waiting(const stox_uv_resolver *obj) {
  for (query *q = obj->oldest; q != NULL; q = q->newer) {
    if (q->state != QUERY_SENT) {
      return q;
    }
  }
  return NULL;
}

void stox_uv_resolver_begin_new(stox_uv_resolver *obj) {
  if (!obj->is_new) {
    return;
  }
  const uint64_t last = obj->last_id; /* what is asked from here on waits for the next turn */
  obj->is_new = 0;
  query *q = NULL;
  while ((q = find_waiting(obj)) != NULL) {
    if (q->id > last) {
      obj->is_new = 1;
      return;
    }
    if (q->state == QUERY_FAILED) {
      report(q, q->status, NULL, 0);
    } else {
      begin(q);
    }
  }
}

/* All have the same time, so the oldest is the first to run out of it. */
void stox_uv_resolver_expire(stox_uv_resolver *obj) {
  const uint64_t now = uv_now(obj->loop);
  while (obj->oldest != NULL && obj->oldest->deadline_ms <= now) {
    report(obj->oldest, STOX_E_TIMEOUT, NULL, 0);
  }
}
