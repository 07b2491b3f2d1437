/* SPDX-License-Identifier: MIT */
#include "base/options.h"
#include "base/table.h"
#include "stox/iq.h"
#include "stox/status.h"

#include <string.h>

/* A request, with its peer's address and its id behind it. */
typedef struct waiting {
  stox_link link; /* first: the table gives links */
  uint64_t deadline;
  uint64_t handle;
  struct waiting *before; /* by deadline; one time-out for all, so in the order of their coming */
  struct waiting *after;
  size_t peer_n;
  size_t id_n;
} waiting;

struct stox_iq_tracker {
  stox_allocator alloc;
  stox_table table;
  waiting *oldest;
  waiting *newest;
  uint64_t timeout_ns;
  uint32_t max;
  uint32_t account_n; /* octets of the account's address behind this */
};

enum { ADDRESS_MAX = 3071 };

static const stox_iq_tracker_options defaults = {
    .size = sizeof(stox_iq_tracker_options),
    .timeout_ns = UINT64_C(30000000000),
    .max = 4096,
};

int stox_iq_tracker_options_init(stox_iq_tracker_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

int stox_iq_tracker_new(stox_iq_tracker **out, const stox_iq_tracker_options *options) {
  stox_iq_tracker_options read = defaults;
  *out = NULL;
  if (stox_options_read(&read, sizeof read, options) != STOX_OK || read.random == NULL ||
      read.max == 0 || read.timeout_ns == 0 || read.account.n > ADDRESS_MAX) {
    return STOX_E_ARG;
  }
  const stox_allocator *alloc = read.alloc != NULL ? read.alloc : stox_allocator_libc();
  const size_t n = sizeof(stox_iq_tracker) + read.account.n;
  stox_iq_tracker *obj = alloc->resize(alloc->ud, NULL, 0, n);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_iq_tracker){.alloc = *alloc,
                           .timeout_ns = read.timeout_ns,
                           .max = read.max,
                           .account_n = (uint32_t)read.account.n};
  if (read.account.n > 0) {
    memcpy(obj + 1, read.account.p, read.account.n);
  }
  const int status = stox_table_init(&obj->table, &obj->alloc, read.random);
  if (status != STOX_OK) {
    (void)alloc->resize(alloc->ud, obj, n, 0);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

static size_t size_of(const waiting *w) {
  return sizeof *w + w->peer_n + w->id_n;
}

static void forget(stox_iq_tracker *obj, waiting *w) {
  stox_table_remove(&obj->table, &w->link);
  if (w->before == NULL) {
    obj->oldest = w->after;
  } else {
    w->before->after = w->after;
  }
  if (w->after == NULL) {
    obj->newest = w->before;
  } else {
    w->after->before = w->before;
  }
  (void)obj->alloc.resize(obj->alloc.ud, w, size_of(w), 0);
}

void stox_iq_tracker_del(stox_iq_tracker *obj) {
  if (obj == NULL) {
    return;
  }
  while (obj->oldest != NULL) {
    forget(obj, obj->oldest);
  }
  stox_table_clear(&obj->table);
  const stox_allocator alloc = obj->alloc;
  (void)alloc.resize(alloc.ud, obj, sizeof *obj + obj->account_n, 0);
}

int stox_iq_id_write(stox_buf *out, const stox_random *random) {
  static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
  unsigned char bits[STOX_IQ_ID_SIZE];
  char text[STOX_IQ_ID_SIZE];
  const int status = random->fill(random->ud, bits, sizeof bits);
  if (status != STOX_OK) {
    return status;
  }
  for (size_t i = 0; i < sizeof bits; i++) {
    text[i] = digits[bits[i] & 31];
  }
  return stox_buf_put(out, (stox_span){text, sizeof text});
}

/* No address, and the account's, are the same peer: nothing. */
static stox_span peer_of(const stox_iq_tracker *obj, stox_span peer) {
  const void *behind = obj + 1;
  const stox_span account = {behind, obj->account_n};
  return stox_span_is_equal(peer, account) ? (stox_span){NULL, 0} : peer;
}

static uint64_t hash_of(const stox_iq_tracker *obj, stox_span peer, stox_span id) {
  return stox_table_hash(&obj->table, stox_table_hash(&obj->table, 0, peer), id);
}

static waiting *find(const stox_iq_tracker *obj, uint64_t hash, stox_span peer, stox_span id) {
  stox_link *link = stox_table_find(&obj->table, hash, NULL);
  for (; link != NULL; link = stox_table_find(&obj->table, hash, link)) {
    void *whole = link;
    waiting *w = whole;
    const void *behind = w + 1;
    const char *octets = behind;
    if (stox_span_is_equal(peer, (stox_span){octets, w->peer_n}) &&
        stox_span_is_equal(id, (stox_span){octets + w->peer_n, w->id_n})) {
      return w;
    }
  }
  return NULL;
}

static waiting *make(stox_iq_tracker *obj, stox_span peer, stox_span id) {
  waiting *w = obj->alloc.resize(obj->alloc.ud, NULL, 0, sizeof *w + peer.n + id.n);
  if (w == NULL) {
    return NULL;
  }
  void *behind = w + 1;
  char *octets = behind;
  *w = (waiting){.peer_n = peer.n, .id_n = id.n, .before = obj->newest};
  if (peer.n > 0) {
    memcpy(octets, peer.p, peer.n);
  }
  if (id.n > 0) {
    memcpy(octets + peer.n, id.p, id.n);
  }
  return w;
}

int stox_iq_tracker_add(stox_iq_tracker *obj, stox_span peer, stox_span id, uint64_t handle,
                        uint64_t now_ns) {
  if (id.p == NULL) {
    return STOX_E_ARG;
  }
  const stox_span whom = peer_of(obj, peer);
  const uint64_t hash = hash_of(obj, whom, id);
  if (find(obj, hash, whom, id) != NULL) {
    return STOX_E_STATE;
  }
  if (obj->table.count >= obj->max) {
    return STOX_E_FULL;
  }
  waiting *w = make(obj, whom, id);
  if (w == NULL) {
    return STOX_E_NOMEM;
  }
  if (stox_table_insert(&obj->table, &w->link, hash) != STOX_OK) {
    (void)obj->alloc.resize(obj->alloc.ud, w, size_of(w), 0);
    return STOX_E_NOMEM;
  }
  w->handle = handle;
  w->deadline = obj->timeout_ns < UINT64_MAX - now_ns ? now_ns + obj->timeout_ns : UINT64_MAX - 1;
  if (obj->newest == NULL) {
    obj->oldest = w;
  } else {
    obj->newest->after = w;
  }
  obj->newest = w;
  return STOX_OK;
}

int stox_iq_tracker_take(stox_iq_tracker *obj, uint64_t *handle, stox_span peer, stox_span id) {
  const stox_span whom = peer_of(obj, peer);
  waiting *w = find(obj, hash_of(obj, whom, id), whom, id);
  if (w == NULL) {
    return STOX_E_NONE;
  }
  *handle = w->handle;
  forget(obj, w);
  return STOX_OK;
}

uint64_t stox_iq_tracker_deadline(const stox_iq_tracker *obj) {
  return obj->oldest == NULL ? UINT64_MAX : obj->oldest->deadline;
}

int stox_iq_tracker_expire(stox_iq_tracker *obj, uint64_t *handle, uint64_t now_ns) {
  waiting *w = obj->oldest;
  if (w == NULL || w->deadline > now_ns) {
    return STOX_E_NONE;
  }
  *handle = w->handle;
  forget(obj, w);
  return STOX_OK;
}

size_t stox_iq_tracker_count(const stox_iq_tracker *obj) {
  return obj->table.count;
}
