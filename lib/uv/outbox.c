/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "base/checked.h"
#include "stox/status.h"

#include <string.h>

enum { FIRST_ROOM = 256, KEPT_ROOM = 1 << 16 };

static int grow(struct stox_uv *uv, void **p, size_t *cap, size_t need, size_t item) {
  if (need <= *cap) {
    return STOX_OK;
  }
  size_t cap_new = *cap == 0 ? FIRST_ROOM : *cap;
  while (cap_new < need) {
    cap_new = stox_size_mul(cap_new, 2);
  }
  void *grown = stox_uv_alloc(uv, *p, *cap * item, stox_size_mul(cap_new, item));
  if (grown == NULL) {
    return STOX_E_NOMEM;
  }
  *p = grown;
  *cap = cap_new;
  return STOX_OK;
}

/* Room for `n` octets at the end. What left is overwritten only when that is the smaller part, so
 * that each octet is moved a bounded number of times. */
static int make_room(struct stox_uv *uv, outbox *box, size_t n) {
  if (box->from > 0 && n > box->cap - box->len && box->from >= box->len - box->from) {
    box->len -= box->from;
    memmove(box->p, box->p + box->from, box->len);
    box->from = 0;
  }
  void *p = box->p;
  const int status = grow(uv, &p, &box->cap, stox_size_add(box->len, n), 1);
  box->p = p;
  return status;
}

static int make_mark(struct stox_uv *uv, outbox *box) {
  if (box->marks_from > 0 && box->n_marks == box->marks_cap &&
      box->marks_from >= box->n_marks / 2) {
    box->n_marks -= box->marks_from;
    memmove(box->marks, box->marks + box->marks_from, box->n_marks * sizeof *box->marks);
    box->marks_from = 0;
  }
  void *marks = box->marks;
  const int status = grow(uv, &marks, &box->marks_cap, box->n_marks + 1, sizeof *box->marks);
  box->marks = marks;
  return status;
}

int stox_uv_outbox_put(struct stox_uv *uv, outbox *box, stox_span bytes, uint64_t token) {
  int status = make_room(uv, box, bytes.n);
  if (status == STOX_OK && token != 0) {
    status = make_mark(uv, box);
  }
  if (status != STOX_OK) {
    return status;
  }
  if (bytes.n > 0) {
    memcpy(box->p + box->len, bytes.p, bytes.n);
  }
  box->len += bytes.n;
  box->put += bytes.n;
  if (token != 0) {
    box->marks[box->n_marks++] = (struct token_mark){token, box->put};
  }
  return STOX_OK;
}

size_t stox_uv_outbox_waiting(const outbox *box) {
  return box->len - box->from;
}

static void drop_octets(struct stox_uv *uv, outbox *box) {
  if (box->p != NULL) {
    (void)stox_uv_alloc(uv, box->p, box->cap, 0);
    box->p = NULL;
    box->cap = 0;
  }
}

static void drop_marks(struct stox_uv *uv, outbox *box) {
  if (box->marks != NULL) {
    (void)stox_uv_alloc(uv, box->marks, box->marks_cap * sizeof *box->marks, 0);
    box->marks = NULL;
    box->marks_cap = 0;
  }
}

void stox_uv_outbox_took(struct stox_uv *uv, outbox *box, size_t n) {
  box->from += n;
  box->sent += n;
  if (box->from < box->len) {
    return;
  }
  box->from = 0;
  box->len = 0;
  if (box->cap > KEPT_ROOM) { /* a burst is over */
    drop_octets(uv, box);
  }
}

void stox_uv_outbox_rest(struct stox_uv *uv, outbox *box) {
  if (box->from == box->len) {
    drop_octets(uv, box);
  }
  if (box->marks_from == box->n_marks) {
    box->marks_from = 0;
    box->n_marks = 0;
    drop_marks(uv, box);
  }
}

uint64_t stox_uv_outbox_token(outbox *box, int is_lost) {
  if (box->marks_from == box->n_marks) {
    box->marks_from = 0;
    box->n_marks = 0;
    return 0;
  }
  const struct token_mark *mark = &box->marks[box->marks_from];
  if (!is_lost && mark->end > box->sent) {
    return 0;
  }
  box->marks_from++;
  return mark->token;
}

void stox_uv_outbox_free(struct stox_uv *uv, outbox *box) {
  drop_octets(uv, box);
  drop_marks(uv, box);
  memset(box, 0, sizeof *box);
}
