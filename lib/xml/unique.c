/* SPDX-License-Identifier: MIT */
#include "xml/unique.h"

typedef struct heap {
  uint32_t *numbers;
  uint32_t n;
  xml_order *order;
  const void *ud;
} heap;

static void swap(uint32_t *a, uint32_t *b) {
  const uint32_t kept = *a;
  *a = *b;
  *b = kept;
}

/* Lets the number at `at` sink to where none below it is larger. */
static void sink(const heap *h, uint32_t at) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= h->n) {
      return;
    }
    if (child + 1 < h->n && h->order(h->ud, h->numbers[child], h->numbers[child + 1]) < 0) {
      child++;
    }
    if (h->order(h->ud, h->numbers[at], h->numbers[child]) >= 0) {
      return;
    }
    swap(&h->numbers[at], &h->numbers[child]);
    at = child;
  }
}

int xml_is_unique(uint32_t *numbers, uint32_t n, xml_order *order, const void *ud) {
  heap h = {numbers, n, order, ud};
  for (uint32_t at = n / 2; at > 0; at--) {
    sink(&h, at - 1);
  }
  while (h.n > 1) {
    h.n--;
    swap(&numbers[0], &numbers[h.n]);
    sink(&h, 0);
  }
  for (uint32_t i = 1; i < n; i++) {
    if (order(ud, numbers[i - 1], numbers[i]) == 0) {
      return 0;
    }
  }
  return 1;
}
