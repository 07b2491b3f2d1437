/* SPDX-License-Identifier: MIT */
#include "session/federation_private.h"

#include "base/checked.h"
#include "stox/status.h"

enum { FIRST_HEAP = 16 };

void *fed_take(stox_federation *fed, size_t n) {
  return fed->alloc->resize(fed->alloc->ud, NULL, 0, n);
}

void fed_give(stox_federation *fed, void *p, size_t n) {
  if (p != NULL) {
    (void)fed->alloc->resize(fed->alloc->ud, p, n, 0);
  }
}

/* ---- streams that have something to do ---- */

void fed_run(stox_federation *fed, fed_stream *s) {
  if (s->is_running) {
    return;
  }
  s->is_running = 1;
  s->run_next = NULL;
  *(fed->run_last == NULL ? &fed->run_first : &fed->run_last->run_next) = s;
  fed->run_last = s;
}

/* ---- when ---- */

/* A heap by `due_ns`, the earliest first. It has room for every stream before that is made, so that
 * nothing in here fails. */
int fed_heap_reserve(stox_federation *fed) {
  if (fed->n_heap < fed->heap_cap) {
    return STOX_OK;
  }
  const size_t cap = fed->heap_cap == 0 ? FIRST_HEAP : stox_size_mul(fed->heap_cap, 2);
  fed_stream **heap =
      fed->alloc->resize(fed->alloc->ud, fed->heap, fed->heap_cap * sizeof(fed_stream *),
                         stox_size_mul(cap, sizeof(fed_stream *)));
  if (heap == NULL) {
    return STOX_E_NOMEM;
  }
  fed->heap = heap;
  fed->heap_cap = cap;
  return STOX_OK;
}

static void place(stox_federation *fed, size_t at, fed_stream *s) {
  fed->heap[at] = s;
  s->heap_at = at;
}

static void rise(stox_federation *fed, size_t at) {
  fed_stream *s = fed->heap[at];
  while (at > 0 && fed->heap[(at - 1) / 2]->due_ns > s->due_ns) {
    place(fed, at, fed->heap[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(fed, at, s);
}

static void sink(stox_federation *fed, size_t at) {
  fed_stream *s = fed->heap[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child + 1 < fed->n_heap && fed->heap[child + 1]->due_ns < fed->heap[child]->due_ns) {
      child++;
    }
    if (child >= fed->n_heap || fed->heap[child]->due_ns >= s->due_ns) {
      break;
    }
    place(fed, at, fed->heap[child]);
    at = child;
  }
  place(fed, at, s);
}

void fed_heap_add(stox_federation *fed, fed_stream *s) {
  s->due_ns = UINT64_MAX;
  place(fed, fed->n_heap++, s);
}

void fed_heap_remove(stox_federation *fed, fed_stream *s) {
  const size_t at = s->heap_at;
  fed_stream *last = fed->heap[--fed->n_heap];
  if (last == s) {
    return;
  }
  place(fed, at, last);
  sink(fed, at);
  rise(fed, last->heap_at);
}

void fed_heap_set(stox_federation *fed, fed_stream *s, uint64_t due_ns) {
  s->due_ns = due_ns;
  sink(fed, s->heap_at);
  rise(fed, s->heap_at);
}

/* ---- what is to be told ---- */

/* The queue is of pairs, so that no lack of memory keeps an event from the host. */
void fed_tell(stox_federation *fed, fed_pair *pair, unsigned what) {
  pair->tell |= what;
  if (pair->is_queued) {
    return;
  }
  pair->is_queued = 1;
  pair->told_next = NULL;
  *(fed->told_last == NULL ? &fed->told_first : &fed->told_last->told_next) = pair;
  fed->told_last = pair;
}

static int bounce_of(const fed_pair *pair) {
  return pair->status == STOX_E_UNKNOWN_DOMAIN ? STOX_COND_REMOTE_SERVER_NOT_FOUND
                                               : STOX_COND_REMOTE_SERVER_TIMEOUT;
}

static const stox_action *tell(stox_federation *fed, const fed_pair *pair, int is_down) {
  static const int events[2][2] = {{STOX_FEDERATION_UP, STOX_FEDERATION_DOWN},
                                   {STOX_FEDERATION_HEARD, STOX_FEDERATION_GONE}};
  const int is_out = pair->direction == FED_OUT;
  fed->link = (stox_federation_link){.size = sizeof fed->link,
                                     .local = fed->domains[pair->local].name,
                                     .remote = fed_pair_remote(pair),
                                     .by = pair->by,
                                     .is_secure = pair->is_secure,
                                     .is_verified = pair->is_verified,
                                     .condition = is_down ? pair->condition : 0,
                                     .bounce = is_down && is_out ? bounce_of(pair) : 0,
                                     .stream = pair->number};
  fed->action = (stox_action){.kind = STOX_DO_EVENT,
                              .event = events[!is_out][is_down],
                              .status = is_down ? pair->status : STOX_OK,
                              .id = pair->number,
                              .object = &fed->link};
  return &fed->action;
}

/* Takes the first pair out of the queue. */
static fed_pair *dequeue(stox_federation *fed) {
  fed_pair *pair = fed->told_first;
  fed->told_first = pair->told_next;
  if (fed->told_first == NULL) {
    fed->told_last = NULL;
  }
  pair->is_queued = 0;
  return pair;
}

const stox_action *fed_told(stox_federation *fed) {
  fed_pair *pair = fed->told_first;
  if (pair == NULL) {
    return NULL;
  }
  if ((pair->tell & TELL_UP) != 0) {
    pair->tell &= ~(unsigned)TELL_UP;
    pair->is_told = 1;
    if (pair->tell == 0) {
      (void)dequeue(fed);
    }
    return tell(fed, pair, 0);
  }
  pair->tell = 0;
  fed->told_given = dequeue(fed); /* until the next call its texts are the host's */
  fed_pair_forget(fed, pair);
  return tell(fed, pair, 1);
}
