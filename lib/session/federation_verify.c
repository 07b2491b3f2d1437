/* SPDX-License-Identifier: MIT */
/* The receiving server of dialback: keys that peers have sent, checked with the servers that the
 * domains lead to (XEP-0220 2.1, 2.2). */
#include "session/federation_private.h"

#include "stox/status.h"

#include <string.h>

/* ---- lists ---- */

static void leave_in(fed_verify *v) {
  fed_verify **at = &v->in->verifies;
  while (*at != v) {
    at = &(*at)->next_in;
  }
  *at = v->next_in;
  v->in->n_verifies--;
}

static void leave_out(fed_verify *v) {
  if (v->out == NULL) {
    return;
  }
  fed_verify **at = &v->out->verifies;
  while (*at != v) {
    at = &(*at)->next_out;
  }
  *at = v->next_out;
  v->out = NULL;
}

void fed_verify_free(stox_federation *fed, fed_verify *v) {
  if (v->out != NULL) {
    v->out->used_ns = fed->now_ns;
    fed_run(fed, v->out); /* it may be of no use any more */
  }
  leave_out(v);
  leave_in(v);
  fed->n_verifies--;
  fed_give(fed, v, sizeof *v + v->n);
}

static stox_span put(char **at, stox_span text) {
  const stox_span kept = {*at, text.n};
  memcpy(*at, text.p, text.n);
  *at += text.n;
  return kept;
}

static fed_verify *make(stox_federation *fed, fed_stream *s, stox_span remote, stox_span key) {
  const stox_span id = stox_stream_id(s->stream);
  const size_t n = remote.n + key.n + id.n;
  fed_verify *v = fed_take(fed, sizeof *v + n);
  if (v == NULL) {
    return NULL;
  }
  char *at = (char *)(v + 1);
  *v = (fed_verify){.in = s, .n = n, .due_ns = fed->now_ns + fed->options.verify_timeout_ns};
  v->remote = put(&at, remote);
  v->id = put(&at, id);
  v->key = put(&at, key);
  v->next_in = s->verifies;
  s->verifies = v;
  s->n_verifies++;
  fed->n_verifies++;
  return v;
}

/* ---- asking ---- */

/* Over the stream to that domain, which is there for stanzas of ours or is made for this (XEP-0220
 * 2.2.2). */
static int find_way(stox_federation *fed, fed_verify *v) {
  fed_stream *out = NULL;
  const int status = fed_out_get(fed, &out, v->local, v->remote);
  if (status != STOX_OK) {
    return status;
  }
  v->out = out;
  v->next_out = out->verifies;
  out->verifies = v;
  if (out->stream == NULL && out->search == NULL) {
    fed_place_begin(fed, out);
  } else {
    fed_out_advance(fed, out);
  }
  return STOX_OK;
}

int fed_verify_new(stox_federation *fed, fed_stream *s, size_t local, const stox_dialback *request,
                   stox_span remote) {
  if (s->n_verifies >= fed->options.max_stream_verifications ||
      fed->n_verifies >= fed->options.max_verifications) {
    return STOX_E_TOO_MANY;
  }
  fed_verify *v = make(fed, s, remote, request->key);
  if (v == NULL) {
    return STOX_E_NOMEM;
  }
  v->local = local;
  stox_stream_verifying(s->stream, 1);
  const int status = find_way(fed, v);
  if (status != STOX_OK) {
    fed_verify_free(fed, v);
  }
  return status;
}

void fed_verify_send(stox_federation *fed, fed_stream *s) {
  for (fed_verify *v = s->verifies; v != NULL; v = v->next_out) {
    if (v->is_sent) {
      continue;
    }
    const stox_dialback request = {.kind = STOX_DIALBACK_VERIFY,
                                   .from = fed->domains[v->local].name,
                                   .to = v->remote,
                                   .id = v->id,
                                   .key = v->key};
    v->is_sent = 1;
    s->has_spoken = 1;
    if (fed_dialback_put(fed, s, &request) != STOX_OK) {
      fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
      return;
    }
  }
}

fed_verify *fed_verify_of(const fed_stream *out, const stox_dialback *answer, size_t local,
                          stox_span remote) {
  fed_verify *v = out->verifies;
  while (v != NULL && !(v->is_sent && v->local == local && stox_span_is_equal(v->id, answer->id) &&
                        stox_span_is_equal(v->remote, remote))) {
    v = v->next_out;
  }
  return v;
}

/* ---- the verdict ---- */

static int tell(stox_federation *fed, const fed_verify *v, int type, int condition) {
  const stox_dialback result = {.kind = STOX_DIALBACK_RESULT,
                                .type = type,
                                .from = fed->domains[v->local].name,
                                .to = v->remote,
                                .condition = condition};
  return fed_dialback_put(fed, v->in, &result);
}

/* The domain may be used from now on. */
static void accept(stox_federation *fed, const fed_verify *v) {
  fed_stream *s = v->in;
  int status = tell(fed, v, STOX_DIALBACK_VALID, STOX_COND_NONE);
  s->is_verified = fed_stream_proves(fed, s, v->remote);
  if (status == STOX_OK && !stox_stream_is_ready(s->stream)) {
    s->by = STOX_STREAM_BY_DIALBACK;
    status = stox_stream_authenticate(s->stream, v->remote, STOX_STREAM_BY_DIALBACK, fed->now_ns);
  }
  if (status == STOX_OK) {
    status = fed_grant(fed, s, v->local, v->remote, STOX_STREAM_BY_DIALBACK);
  }
  if (status != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, status);
  }
}

/* With the draft every error ends the stream (its 8.3), and a wrong key does where nothing else
 * holds it (XEP-0220 2.4.2). */
static void refuse(stox_federation *fed, fed_verify *v, int type, int condition) {
  fed_stream *s = v->in;
  fed->counters.refused_pairs++;
  if (type == STOX_DIALBACK_ERROR && fed->options.dialect == STOX_DIALECT_DRAFT2005) {
    fed_stream_fail(fed, s, STOX_STREAM_REMOTE_CONNECTION_FAILED, STOX_E_REFUSED);
  } else if (tell(fed, v, type, condition) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
  } else if (type == STOX_DIALBACK_INVALID && s->pairs == NULL && s->n_verifies == 1) {
    fed_stream_close(fed, s, STOX_E_AUTH);
  }
}

void fed_verify_end(stox_federation *fed, fed_verify *v, int type, int condition) {
  fed_stream *s = v->in;
  const int is_alive = s->state != FED_ENDING && s->state != FED_OVER;
  stox_arena_reset(&fed->scratch);
  if (is_alive && type == STOX_DIALBACK_VALID) {
    accept(fed, v);
  } else if (is_alive) {
    refuse(fed, v, type, condition);
  }
  fed_verify_free(fed, v);
  stox_stream_verifying(s->stream, s->n_verifies > 0);
  fed_run(fed, s);
}
