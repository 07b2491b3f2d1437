/* SPDX-License-Identifier: MIT */
#include "stox/transaction.h"

#include "base/options.h"
#include "stox/status.h"
#include "ua/transaction_private.h"

#include <string.h>

static const stox_transactions_options defaults = {
    .size = sizeof(stox_transactions_options),
    .t1_ns = UINT64_C(500000000),
    .t2_ns = UINT64_C(4000000000),
    .t4_ns = UINT64_C(5000000000),
    .max = 65536,
    .udp_max = 1300,
    .max_octets = UINT64_C(268435456),
};

int stox_transactions_options_init(stox_transactions_options *out, size_t size) {
  return stox_options_init(out, size, &defaults, sizeof defaults);
}

void *stox_tx_resize(stox_transactions *obj, void *p, size_t old_n, size_t new_n) {
  void *moved = obj->alloc.resize(obj->alloc.ud, p, old_n, new_n);
  if (moved != NULL || new_n == 0) {
    obj->octets = obj->octets - old_n + new_n;
  }
  return moved;
}

int stox_tx_is_full(const stox_transactions *obj) {
  return obj->count >= obj->options.max || obj->octets >= obj->options.max_octets;
}

/* ---- the object ---- */

/* Timer E fires at T1, then doubles: the time until it is reset to T2. */
static uint64_t early_of(uint64_t t1, uint64_t t2) {
  uint64_t sum = t1;
  for (uint64_t e = t1 > t2 / 2 ? t2 : 2 * t1; e<t2; e = e> t2 / 2 ? t2 : 2 * e) {
    sum += e;
  }
  return sum;
}

static int are_sane(const stox_transactions_options *options) {
  const uint64_t most = UINT64_MAX / 128;
  return options->random != NULL && options->max > 0 && options->t1_ns > 0 && options->t2_ns > 0 &&
         options->t4_ns > 0 && options->t1_ns < most && options->t2_ns < most &&
         options->t4_ns < most;
}

static int init_tables(stox_transactions *obj) {
  int status = stox_table_init(&obj->ids, &obj->alloc, &obj->random);
  if (status == STOX_OK) {
    status = stox_table_init(&obj->keys, &obj->alloc, &obj->random);
  }
  if (status == STOX_OK) {
    status = stox_table_init(&obj->merges, &obj->alloc, &obj->random);
  }
  return status;
}

int stox_transactions_new(stox_transactions **out, const stox_transactions_options *options) {
  stox_transactions_options read = defaults;
  *out = NULL;
  if (stox_options_read(&read, sizeof read, options) != STOX_OK || !are_sane(&read)) {
    return STOX_E_ARG;
  }
  const stox_allocator *alloc = read.alloc != NULL ? read.alloc : stox_allocator_libc();
  stox_transactions *obj = alloc->resize(alloc->ud, NULL, 0, sizeof *obj);
  if (obj == NULL) {
    return STOX_E_NOMEM;
  }
  *obj = (stox_transactions){.options = read, .alloc = *alloc, .random = *read.random};
  obj->options.alloc = NULL;
  obj->options.random = NULL;
  obj->next_id = 1;
  obj->early_ns = early_of(read.t1_ns, read.t2_ns);
  const int status = init_tables(obj);
  if (status != STOX_OK) {
    stox_transactions_del(obj);
    return status;
  }
  *out = obj;
  return STOX_OK;
}

void stox_transactions_del(stox_transactions *obj) {
  if (obj == NULL) {
    return;
  }
  /* Those alive stand in the heap; those ended wait in the queue for their last word. */
  for (stox_tx *tx = obj->ready_first; tx != NULL;) {
    stox_tx *next = tx->next_ready;
    if (tx->state == STOX_TX_TERMINATED) {
      stox_tx_free(obj, tx);
    }
    tx = next;
  }
  while (obj->heap_n > 0) {
    stox_tx_free(obj, obj->heap[--obj->heap_n]);
  }
  if (obj->heap != NULL) {
    (void)stox_tx_resize(obj, obj->heap, obj->heap_cap * sizeof(stox_tx *), 0);
  }
  stox_table_clear(&obj->ids);
  stox_table_clear(&obj->keys);
  stox_table_clear(&obj->merges);
  const stox_allocator alloc = obj->alloc;
  (void)alloc.resize(alloc.ud, obj, sizeof *obj, 0);
}

size_t stox_transactions_count(const stox_transactions *obj) {
  return obj->count;
}

/* ---- one transaction ---- */

stox_span stox_tx_keep(stox_buf *block, stox_span text) {
  const size_t start = block->len;
  (void)stox_buf_put(block, text);
  if (block->p == NULL || text.p == NULL) {
    return (stox_span){NULL, 0};
  }
  return (stox_span){block->p + start, text.n};
}

void stox_tx_keep_endpoint(stox_buf *block, stox_endpoint *out, const stox_endpoint *from) {
  out->port = from->port;
  out->transport = from->transport;
  out->host = stox_tx_keep(block, from->host);
}

void stox_tx_free(stox_transactions *obj, stox_tx *tx) {
  stox_tx_forget(obj, tx);
  (void)stox_tx_resize(obj, tx, tx->size, 0);
}

static int has_merge(const stox_tx *tx) {
  return tx->merge.side != STOX_TX_KEY_NONE;
}

static int insert(stox_transactions *obj, stox_tx *tx) {
  if (stox_table_insert(&obj->ids, &tx->by_id, tx->id) != STOX_OK) {
    return STOX_E_NOMEM;
  }
  if (stox_table_insert(&obj->keys, &tx->by_key, stox_tx_key_hash(&obj->keys, &tx->key)) !=
      STOX_OK) {
    stox_table_remove(&obj->ids, &tx->by_id);
    return STOX_E_NOMEM;
  }
  if (has_merge(tx) && stox_table_insert(&obj->merges, &tx->by_merge,
                                         stox_tx_key_hash(&obj->merges, &tx->merge)) != STOX_OK) {
    stox_table_remove(&obj->ids, &tx->by_id);
    stox_table_remove(&obj->keys, &tx->by_key);
    return STOX_E_NOMEM;
  }
  return STOX_OK;
}

int stox_tx_add(stox_transactions *obj, stox_tx *tx, uint64_t now_ns) {
  tx->id = obj->next_id;
  if (stox_tx_heap_reserve(obj) != STOX_OK || insert(obj, tx) != STOX_OK) {
    stox_tx_free(obj, tx);
    return STOX_E_NOMEM;
  }
  obj->next_id++;
  obj->count++;
  tx->resend_ns = STOX_TX_NEVER;
  tx->end_ns = STOX_TX_NEVER;
  tx->due_ns = STOX_TX_NEVER;
  stox_tx_heap_add(obj, tx);
  const int invite = tx->machine == STOX_TX_SERVER_INVITE;
  stox_tx_enter(obj, tx, invite ? STOX_TX_PROCEEDING : STOX_TX_TRYING, now_ns);
  return STOX_OK;
}

stox_tx *stox_tx_find(const stox_transactions *obj, uint64_t id) {
  stox_link *link = stox_table_find(&obj->ids, id, NULL);
  return link == NULL ? NULL : (stox_tx *)(void *)((char *)link - offsetof(stox_tx, by_id));
}

void stox_tx_queue(stox_transactions *obj, stox_tx *tx, int what) {
  if (tx->current.p == NULL) {
    what &= ~STOX_TX_DO_SEND;
  }
  if (what == 0) {
    return;
  }
  tx->pending |= (uint8_t)what;
  if (tx->is_queued) {
    return;
  }
  tx->is_queued = 1;
  tx->next_ready = NULL;
  if (obj->ready_first == NULL) {
    obj->ready_first = tx;
  } else {
    obj->ready_last->next_ready = tx;
  }
  obj->ready_last = tx;
}

void stox_tx_terminate(stox_transactions *obj, stox_tx *tx) {
  stox_table_remove(&obj->ids, &tx->by_id);
  stox_table_remove(&obj->keys, &tx->by_key);
  if (has_merge(tx)) {
    stox_table_remove(&obj->merges, &tx->by_merge);
  }
  stox_tx_heap_remove(obj, tx);
  stox_tx_queue(obj, tx, STOX_TX_DO_TERMINATED);
}

/* ---- messages in ---- */

static int feed_response(stox_transactions *obj, stox_transaction_event *out,
                         stox_sip_message *message, uint64_t now_ns) {
  stox_tx_key key;
  out->kind = STOX_TRANSACTION_STRAY;
  if (stox_tx_key_of_response(&key, message) != STOX_OK) {
    return STOX_OK;
  }
  stox_tx *tx = stox_tx_key_find(obj, &key);
  if (tx == NULL) {
    return STOX_OK;
  }
  out->id = tx->id;
  const int event = stox_tx_event_of(stox_sip_status(message));
  if (stox_tx_allows(tx, event, STOX_TX_DO_ACK)) {
    stox_tx_invite_acknowledge(obj, tx, message);
  }
  const int acts = stox_tx_step(obj, tx, event, now_ns);
  out->kind = acts & STOX_TX_DO_PASS ? STOX_TRANSACTION_RESPONSE : STOX_TRANSACTION_RETRANSMISSION;
  return STOX_OK;
}

/* By the rules of RFC 2543 an ACK belongs to the response whose To tag it has. */
static int is_acknowledged(const stox_tx *tx, const stox_sip_message *ack) {
  return !tx->key.of.is_rfc2543 ||
         stox_span_is_equal(tx->reply_tag, stox_sip_tag(ack, STOX_SIP_TO));
}

static int feed_ack(stox_transactions *obj, stox_transaction_event *out, stox_tx *tx,
                    const stox_sip_message *ack, uint64_t now_ns) {
  out->kind = STOX_TRANSACTION_ACK;
  if (tx == NULL || !is_acknowledged(tx, ack)) {
    return STOX_OK;
  }
  out->id = tx->id;
  if (!(stox_tx_step(obj, tx, STOX_TX_ON_ACK, now_ns) & STOX_TX_DO_PASS)) {
    out->kind = STOX_TRANSACTION_RETRANSMISSION;
  }
  return STOX_OK;
}

int stox_transactions_feed(stox_transactions *obj, stox_transaction_event *out,
                           stox_sip_message *message, const stox_flow *flow, uint64_t now_ns) {
  *out = (stox_transaction_event){0};
  if (stox_sip_status(message) != 0) {
    return feed_response(obj, out, message, now_ns);
  }
  if (stox_transport_name(flow->remote.transport) == NULL) {
    return STOX_E_ARG;
  }
  stox_tx_key key;
  const int status = stox_tx_key_of_request(&key, message, stox_sip_method(message));
  if (status != STOX_OK) {
    return status;
  }
  stox_tx *tx = stox_tx_key_find(obj, &key);
  if (stox_sip_method_id(message) == STOX_SIP_ACK) {
    return feed_ack(obj, out, tx, message, now_ns);
  }
  if (tx == NULL) {
    return stox_tx_server_new(obj, out, message, &key, flow, now_ns);
  }
  *out = (stox_transaction_event){.kind = STOX_TRANSACTION_RETRANSMISSION, .id = tx->id};
  (void)stox_tx_step(obj, tx, STOX_TX_ON_REQUEST, now_ns);
  return STOX_OK;
}

uint64_t stox_transactions_of_token(uint64_t token) {
  return token / 2;
}

int stox_transactions_done(stox_transactions *obj, uint64_t token, int status, uint64_t now_ns) {
  stox_tx *tx = stox_tx_find(obj, stox_transactions_of_token(token));
  if (tx == NULL || status == STOX_OK || token % 2 != tx->attempt) {
    return STOX_OK;
  }
  const int is_lost = status == STOX_E_CLOSED;
  if (!stox_tx_client_retry(obj, tx, status, now_ns) &&
      !(is_lost && stox_tx_client_again(obj, tx))) {
    tx->failure = status;
    (void)stox_tx_step(obj, tx, STOX_TX_ON_ERROR, now_ns);
  }
  return STOX_OK;
}

/* ---- actions out ---- */

static void set_send(stox_transactions *obj, const stox_tx *tx) {
  obj->action = (stox_action){.kind = STOX_DO_SEND,
                              .handle = tx->handle,
                              .token = 2 * tx->id + tx->attempt,
                              .id = tx->id,
                              .remote = tx->remote,
                              .bytes = tx->current};
  if (tx->remote.transport == STOX_TRANSPORT_UDP) {
    obj->action.local = tx->local;
  }
}

static void set_event(stox_transactions *obj, const stox_tx *tx, int event, int status) {
  obj->action =
      (stox_action){.kind = STOX_DO_EVENT, .event = event, .status = status, .id = tx->id};
}

/* Takes the first thing that waits; `*what` 0: none. A transaction stands in the queue with nothing
 * left to do where what it was to send has been forgotten since. */
static stox_tx *take(stox_transactions *obj, int *what) {
  stox_tx *tx = NULL;
  *what = 0;
  while (*what == 0 && obj->ready_first != NULL) {
    tx = obj->ready_first;
    /* In the order of their bits. */
    *what = tx->pending & -tx->pending;
    tx->pending &= (uint8_t) ~*what;
    if (tx->pending == 0) {
      obj->ready_first = tx->next_ready;
      tx->is_queued = 0;
    }
  }
  return tx;
}

const stox_action *stox_transactions_next(stox_transactions *obj) {
  int what = 0;
  stox_tx *tx = take(obj, &what);
  switch (what) {
  case 0:
    return NULL;
  case STOX_TX_DO_SEND:
    set_send(obj, tx);
    break;
  case STOX_TX_DO_FAILED:
    set_event(obj, tx, STOX_TRANSACTION_FAILED, tx->failure);
    break;
  case STOX_TX_DO_TIMEOUT:
    set_event(obj, tx, STOX_TRANSACTION_TIMEOUT, STOX_E_TIMEOUT);
    break;
  default:
    set_event(obj, tx, STOX_TRANSACTION_TERMINATED, STOX_OK);
    obj->count--;
    stox_tx_free(obj, tx);
    break;
  }
  return &obj->action;
}

/* ---- time ---- */

uint64_t stox_transactions_deadline(const stox_transactions *obj) {
  return obj->heap_n == 0 ? UINT64_MAX : obj->heap[0]->due_ns;
}

int stox_transactions_tick(stox_transactions *obj, uint64_t now_ns) {
  const uint64_t now = now_ns == STOX_TX_NEVER ? now_ns - 1 : now_ns;
  while (obj->heap_n > 0 && obj->heap[0]->due_ns <= now) {
    stox_tx *tx = obj->heap[0];
    const int event = tx->end_ns <= now ? STOX_TX_ON_END : STOX_TX_ON_RESEND;
    (void)stox_tx_step(obj, tx, event, now_ns);
  }
  return STOX_OK;
}
