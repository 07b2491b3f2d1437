/* SPDX-License-Identifier: MIT */
#include "base/checked.h"
#include "stox/status.h"
#include "ua/transaction_private.h"

/* A binary heap by due time. Every transaction that is alive stands in it, due or not, and knows
 * its place: so nothing is allocated once it exists. */

enum { FIRST_CAP = 64 };

int stox_tx_heap_reserve(stox_transactions *obj) {
  if (obj->heap_n < obj->heap_cap) {
    return STOX_OK;
  }
  const size_t cap = obj->heap_cap == 0 ? FIRST_CAP : stox_size_mul(obj->heap_cap, 2);
  stox_tx **heap = stox_tx_resize(obj, obj->heap, obj->heap_cap * sizeof(stox_tx *),
                                  stox_size_mul(cap, sizeof(stox_tx *)));
  if (heap == NULL) {
    return STOX_E_NOMEM;
  }
  obj->heap = heap;
  obj->heap_cap = cap;
  return STOX_OK;
}

static void place(stox_transactions *obj, stox_tx *tx, size_t index) {
  obj->heap[index] = tx;
  tx->heap_index = index;
}

static void move_up(stox_transactions *obj, stox_tx *tx, size_t index) {
  while (index > 0) {
    const size_t parent = (index - 1) / 2;
    if (obj->heap[parent]->due_ns <= tx->due_ns) {
      break;
    }
    place(obj, obj->heap[parent], index);
    index = parent;
  }
  place(obj, tx, index);
}

static void move_down(stox_transactions *obj, stox_tx *tx, size_t index) {
  for (;;) {
    size_t child = 2 * index + 1;
    if (child >= obj->heap_n) {
      break;
    }
    if (child + 1 < obj->heap_n && obj->heap[child + 1]->due_ns < obj->heap[child]->due_ns) {
      child++;
    }
    if (tx->due_ns <= obj->heap[child]->due_ns) {
      break;
    }
    place(obj, obj->heap[child], index);
    index = child;
  }
  place(obj, tx, index);
}

static void settle(stox_transactions *obj, stox_tx *tx) {
  const size_t index = tx->heap_index;
  if (index > 0 && tx->due_ns < obj->heap[(index - 1) / 2]->due_ns) {
    move_up(obj, tx, index);
  } else {
    move_down(obj, tx, index);
  }
}

void stox_tx_heap_add(stox_transactions *obj, stox_tx *tx) {
  move_up(obj, tx, obj->heap_n++);
}

void stox_tx_heap_remove(stox_transactions *obj, stox_tx *tx) {
  const size_t index = tx->heap_index;
  stox_tx *last = obj->heap[--obj->heap_n];
  if (last != tx) {
    place(obj, last, index);
    settle(obj, last);
  }
}

void stox_tx_heap_update(stox_transactions *obj, stox_tx *tx) {
  const uint64_t due = tx->resend_ns < tx->end_ns ? tx->resend_ns : tx->end_ns;
  if (due != tx->due_ns) {
    tx->due_ns = due;
    settle(obj, tx);
  }
}
