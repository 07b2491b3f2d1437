/* SPDX-License-Identifier: MIT */
#include "stox/record.h"

#include "stox/status.h"

/* RFC 2782 wants the records without weight in front of their priority: they are drawn only by a
 * zero. */
static int is_before(const stox_record *a, const stox_record *b) {
  if (a->priority != b->priority) {
    return a->priority < b->priority;
  }
  if (a->type == STOX_RECORD_NAPTR) {
    return a->weight < b->weight;
  }
  return a->weight == 0 && b->weight != 0;
}

/* Inserts each record of the type behind those that are not after it; returns how many. */
static size_t sort(size_t *order, const stox_record *records, size_t n, int type) {
  size_t count = 0;
  for (size_t i = 0; i < n && count < STOX_RECORDS_MAX; i++) {
    if (records[i].type != type) {
      continue;
    }
    size_t at = count++;
    while (at > 0 && is_before(&records[i], &records[order[at - 1]])) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = i;
  }
  return count;
}

/* Which of the `n` comes first: the first at which the sum of weights reaches a random number. */
static int draw(size_t *out, const size_t *order, const stox_record *records, size_t n,
                const stox_random *random) {
  uint64_t sum = 0;
  uint64_t number = 0;
  size_t heaviest = 0;
  for (size_t i = 0; i < n; i++) {
    sum += records[order[i]].weight;
    heaviest = records[order[i]].weight > records[order[heaviest]].weight ? i : heaviest;
  }
  *out = heaviest;
  if (random == NULL || n == 1) {
    return STOX_OK;
  }
  const int status = random->fill(random->ud, &number, sizeof number);
  if (status != STOX_OK) {
    return status;
  }
  number %= sum + 1;
  uint64_t running = 0;
  for (*out = 0; *out + 1 < n; ++*out) {
    running += records[order[*out]].weight;
    if (running >= number) {
      break;
    }
  }
  return STOX_OK;
}

static void move_to_front(size_t *order, size_t at) {
  const size_t chosen = order[at];
  for (; at > 0; at--) {
    order[at] = order[at - 1];
  }
  order[0] = chosen;
}

/* How many at the front have the same priority. */
static size_t count_equal(const size_t *order, const stox_record *records, size_t n) {
  size_t equal = 1;
  while (equal < n && records[order[equal]].priority == records[order[0]].priority) {
    equal++;
  }
  return equal;
}

int stox_record_order(size_t *order, size_t *n_ordered, const stox_record *records, size_t n,
                      int type, const stox_random *random) {
  const size_t count = sort(order, records, n, type);
  *n_ordered = count;
  for (size_t from = 0; type == STOX_RECORD_SRV && from < count; from++) {
    size_t at = 0;
    const size_t equal = count_equal(order + from, records, count - from);
    const int status = draw(&at, order + from, records, equal, random);
    if (status != STOX_OK) {
      return status;
    }
    move_to_front(order + from, at);
  }
  return STOX_OK;
}
