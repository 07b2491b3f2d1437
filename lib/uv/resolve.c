/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "stox/status.h"

static void tell(struct stox_uv *uv, uint64_t token, int status, const stox_record *records,
                 size_t n) {
  if (uv->engine.resolved == NULL) {
    stox_uv_report(uv, token, status, NULL);
    return;
  }
  uv->counters.failed += status != STOX_OK;
  uv->was_told = 1;
  (void)uv->engine.resolved(uv->engine.engine, token, status, records, n, stox_uv_now(uv));
}

static void drop(asked *gone) {
  asked **at = &gone->uv->questions;
  while (*at != gone) {
    at = &(*at)->next;
  }
  *at = gone->next;
  (void)stox_uv_alloc(gone->uv, gone, sizeof *gone, 0);
}

static void on_answer(void *ud, uint64_t id, int status, const stox_record *records, size_t n) {
  asked *q = ud;
  struct stox_uv *uv = q->uv;
  const uint64_t token = q->token;
  (void)id;
  drop(q);
  tell(uv, token, status, records, n);
}

static int ask(struct stox_uv *uv, const stox_action *action) {
  if (uv->options.resolver == NULL || uv->engine.resolved == NULL || action->object == NULL) {
    return STOX_E_UNSUPPORTED;
  }
  asked *q = stox_uv_alloc(uv, NULL, 0, sizeof *q);
  if (q == NULL) {
    return STOX_E_NOMEM;
  }
  *q = (asked){uv->questions, uv, action->token, 0};
  uv->questions = q;
  const int status =
      stox_uv_resolver_ask(uv->options.resolver, action->object, on_answer, q, &q->id);
  if (status != STOX_OK) {
    drop(q);
  }
  return status;
}

int stox_uv_resolve(struct stox_uv *uv, const stox_action *action) {
  const int status = ask(uv, action);
  if (status != STOX_OK) {
    tell(uv, action->token, status, NULL, 0);
  }
  return status;
}

void stox_uv_resolve_end_all(struct stox_uv *uv) {
  while (uv->questions != NULL) {
    (void)stox_uv_resolver_cancel(uv->options.resolver, uv->questions->id);
    drop(uv->questions);
  }
}
