/* SPDX-License-Identifier: MIT */
/* What is kept of how flows are secured, and of sessions that may be resumed. */
#include "uv/internal.h"

#include "base/options.h"
#include "stox/secret.h"
#include "stox/status.h"

#include <string.h>

static stox_span put(char **at, stox_span text) {
  if (text.p == NULL) {
    return text;
  }
  if (text.n > 0) {
    memcpy(*at, text.p, text.n);
  }
  const stox_span kept = {*at, text.n};
  *at += text.n;
  return kept;
}

static size_t octets_of(const stox_secure *how) {
  size_t n = how->name.n + how->local.n;
  for (size_t i = 0; i < how->alpn_n; i++) {
    n += how->alpn[i].n;
  }
  return n;
}

int stox_uv_secure_keep(struct stox_uv *uv, kept_secure **out, const stox_secure *how) {
  stox_secure own = {.size = sizeof own};
  if (stox_options_read(&own, sizeof own, how) != STOX_OK || own.alpn_n > STOX_SECURE_ALPN_MAX) {
    return STOX_E_ARG;
  }
  const size_t n = octets_of(&own);
  kept_secure *kept = stox_uv_alloc(uv, NULL, 0, sizeof *kept + n);
  if (kept == NULL) {
    return STOX_E_NOMEM;
  }
  char *at = kept->octets;
  kept->n = n;
  for (size_t i = 0; i < own.alpn_n; i++) {
    kept->alpn[i] = put(&at, own.alpn[i]);
  }
  own.alpn = kept->alpn;
  own.name = put(&at, own.name);
  own.local = put(&at, own.local);
  kept->secure = own;
  *out = kept;
  return STOX_OK;
}

void stox_uv_secure_drop(struct stox_uv *uv, kept_secure *kept) {
  if (kept != NULL) {
    (void)stox_uv_alloc(uv, kept, sizeof *kept + kept->n, 0);
  }
}

/* Whoever asks for more must not be given a flow on which less was proved, by either side; another
 * offer of protocols may have led to another service. */
int stox_uv_secure_is_same(const stox_secure *a, const stox_secure *b) {
  if (a->reference != b->reference || a->is_lenient != b->is_lenient || a->alpn_n != b->alpn_n ||
      !stox_span_is_equal_nocase(a->name, b->name) ||
      !stox_span_is_equal_nocase(a->local, b->local)) {
    return 0;
  }
  for (size_t i = 0; i < a->alpn_n; i++) {
    if (!stox_span_is_equal(a->alpn[i], b->alpn[i])) {
      return 0;
    }
  }
  return 1;
}

/* ---- resumption ---- */

static void forget(struct stox_uv *uv, resumption *r) {
  if (r->p != NULL) {
    stox_wipe(r->p, r->n);
    (void)stox_uv_alloc(uv, r->p, r->n, 0);
  }
  stox_uv_secure_drop(uv, r->how);
  *r = (resumption){0, NULL, NULL, 0};
}

/* The place of a server, else NULL. */
static resumption *find(const struct stox_uv *uv, const stox_secure *how) {
  for (size_t i = 0; uv->resumptions != NULL && i < uv->options.resumptions; i++) {
    resumption *r = &uv->resumptions[i];
    if (r->how != NULL && stox_uv_secure_is_same(&r->how->secure, how)) {
      return r;
    }
  }
  return NULL;
}

/* The one that was used last the longest ago. */
static resumption *oldest(const struct stox_uv *uv) {
  resumption *found = &uv->resumptions[0];
  for (size_t i = 1; i < uv->options.resumptions; i++) {
    found = uv->resumptions[i].used < found->used ? &uv->resumptions[i] : found;
  }
  return found;
}

stox_span stox_uv_resumption_get(struct stox_uv *uv, const stox_secure *how) {
  resumption *r = find(uv, how);
  if (r == NULL) {
    return (stox_span){NULL, 0};
  }
  r->used = ++uv->resumption_turn;
  return (stox_span){r->p, r->n};
}

static int make_table(struct stox_uv *uv) {
  const size_t n = uv->options.resumptions * sizeof *uv->resumptions;
  if (uv->resumptions == NULL) {
    uv->resumptions = stox_uv_alloc(uv, NULL, 0, n);
    if (uv->resumptions != NULL) {
      memset(uv->resumptions, 0, n);
    }
  }
  return uv->resumptions != NULL;
}

/* One that cannot be kept costs the next session a handshake in full, no more. */
void stox_uv_resumption_put(struct stox_uv *uv, const stox_secure *how, const stox_tls *tls) {
  resumption fresh = {0, NULL, NULL, 0};
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  (void)stox_tls_resumption(tls, &out);
  fresh.n = out.len;
  if (fresh.n == 0 || !make_table(uv) || stox_uv_secure_keep(uv, &fresh.how, how) != STOX_OK) {
    return;
  }
  fresh.p = stox_uv_alloc(uv, NULL, 0, fresh.n);
  stox_buf_init(&out, fresh.p, fresh.n);
  if (fresh.p == NULL || stox_tls_resumption(tls, &out) != STOX_OK || out.len != fresh.n) {
    forget(uv, &fresh);
    return;
  }
  resumption *r = find(uv, how);
  r = r == NULL ? oldest(uv) : r;
  forget(uv, r);
  fresh.used = ++uv->resumption_turn;
  *r = fresh;
}

void stox_uv_resumption_clear(struct stox_uv *uv) {
  if (uv->resumptions == NULL) {
    return;
  }
  for (size_t i = 0; i < uv->options.resumptions; i++) {
    forget(uv, &uv->resumptions[i]);
  }
  (void)stox_uv_alloc(uv, uv->resumptions, uv->options.resumptions * sizeof *uv->resumptions, 0);
}
