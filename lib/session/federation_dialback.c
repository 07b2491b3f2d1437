/* SPDX-License-Identifier: MIT */
/* Elements of dialback, in all three roles (XEP-0220; the draft 8). */
#include "session/federation_private.h"

#include "stox/status.h"

/* An element with its domains prepared. */
typedef struct heard {
  stox_dialback in;
  stox_span from;
  stox_span to;
  size_t local; /* that `to` names; n_domains: none */
} heard;

int fed_dialback_put(stox_federation *fed, fed_stream *s, const stox_dialback *dialback) {
  stox_buf out;
  stox_buf_init(&out, NULL, 0);
  (void)stox_dialback_write(&out, dialback);
  const size_t n = out.len;
  char *room = stox_arena_take(&fed->scratch, n, 1);
  if (room == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf_init(&out, room, n);
  const int status = stox_dialback_write(&out, dialback);
  fed_run(fed, s);
  return status == STOX_OK ? stox_stream_put(s->stream, stox_buf_span(&out), fed->now_ns) : status;
}

static int is_strict(const stox_federation *fed) {
  return fed->options.dialect == STOX_DIALECT_DRAFT2005;
}

/* Reads an element; 0 if it was not to be read, which the peer has been told. */
static int hear(stox_federation *fed, fed_stream *s, heard *out, const stox_xml_element *element) {
  int status = stox_dialback_read(&out->in, &fed->scratch, element);
  if (status == STOX_OK) {
    status = fed_prepare(fed, &out->from, out->in.from);
  }
  if (status == STOX_OK) {
    status = fed_prepare(fed, &out->to, out->in.to);
  }
  if (status == STOX_OK) {
    out->local = fed_local_of(fed, out->to);
    return 1;
  }
  const int has_both = out->in.from.n > 0 && out->in.to.n > 0;
  const int condition = status == STOX_E_NOMEM                  ? STOX_STREAM_INTERNAL_SERVER_ERROR
                        : status == STOX_E_BAD_DOMAIN           ? STOX_STREAM_IMPROPER_ADDRESSING
                        : status == STOX_E_MISSING && !has_both ? STOX_STREAM_IMPROPER_ADDRESSING
                                                                : STOX_STREAM_BAD_FORMAT;
  fed_stream_fail(fed, s, condition, STOX_E_REFUSED);
  return 0;
}

/* An error of dialback, or the stream error that stands for it (XEP-0220 2.5). */
static void refuse(stox_federation *fed, fed_stream *s, const heard *h, int condition) {
  const stox_dialback error = {.kind = h->in.kind,
                               .type = STOX_DIALBACK_ERROR,
                               .from = h->in.to,
                               .to = h->in.from,
                               .id = h->in.id,
                               .condition = condition};
  fed->counters.refused_pairs += h->in.kind == STOX_DIALBACK_RESULT;
  if (is_strict(fed)) {
    fed_stream_fail(fed, s, stox_dialback_stream_error(condition), STOX_E_REFUSED);
  } else if (fed_dialback_put(fed, s, &error) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
  }
}

/* STOX_COND_NONE: a domain is served here. */
static int served(const stox_federation *fed, const heard *h) {
  if (h->local >= fed->options.n_domains) {
    return STOX_COND_ITEM_NOT_FOUND;
  }
  return fed_is_served(fed, h->local) ? STOX_COND_NONE : STOX_COND_GONE;
}

static int is_clear(const stox_federation *fed, const fed_stream *s) {
  return fed->options.require_tls && !stox_stream_is_secure(s->stream);
}

/* ---- the authoritative server ---- */

static void verify(stox_federation *fed, fed_stream *s, const heard *h) {
  const int missing = served(fed, h);
  const stox_span said = s->remote;
  if (is_clear(fed, s) && !fed->options.allow_clear_verify) {
    fed_stream_fail(fed, s, STOX_STREAM_POLICY_VIOLATION, STOX_E_REFUSED);
    return;
  }
  if (is_strict(fed) && said.p != NULL && !stox_span_is_equal(said, h->from)) {
    fed_stream_fail(fed, s, STOX_STREAM_INVALID_FROM, STOX_E_REFUSED);
    return;
  }
  if (missing != STOX_COND_NONE) {
    refuse(fed, s, h, missing);
    return;
  }
  const int status =
      stox_dialback_key_check(h->in.key, fed->options.dialback_secret, h->from, h->to, h->in.id);
  const stox_dialback verdict = {.kind = STOX_DIALBACK_VERIFY,
                                 .type = status == STOX_OK ? STOX_DIALBACK_VALID
                                                           : STOX_DIALBACK_INVALID,
                                 .from = h->in.to,
                                 .to = h->in.from,
                                 .id = h->in.id};
  if (fed_dialback_put(fed, s, &verdict) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
  } else if (is_strict(fed) && s->direction == FED_IN && s->pairs == NULL && s->n_verifies == 0) {
    fed_stream_close(fed, s, STOX_OK); /* the draft 8.3, step 9 */
  }
}

/* ---- the receiving server ---- */

static int has_pair(const stox_federation *fed, const fed_stream *s, const heard *h) {
  const fed_pair *pair = fed_pair_find(fed, FED_IN, h->local, h->from);
  return pair != NULL && pair->stream == s;
}

static int is_pending(const fed_stream *s, const heard *h) {
  const fed_verify *v = s->verifies;
  while (v != NULL && !(v->local == h->local && stox_span_is_equal(v->remote, h->from))) {
    v = v->next_in;
  }
  return v != NULL;
}

/* The STOX_COND_… that a request is refused with before anybody is asked. */
static int check_request(const stox_federation *fed, const fed_stream *s, const heard *h) {
  const int missing = served(fed, h);
  if (missing != STOX_COND_NONE) {
    return missing;
  }
  if (!fed_may_speak_with(fed, h->from)) {
    return STOX_COND_FORBIDDEN; /* nobody else speaks for us */
  }
  if (fed->options.require_verified && !fed_stream_proves(fed, s, h->from)) {
    return STOX_COND_FORBIDDEN;
  }
  return s->n_pairs + s->n_verifies >= fed->options.max_stream_domains
             ? STOX_COND_RESOURCE_CONSTRAINT
             : STOX_COND_NONE;
}

static void say_valid(stox_federation *fed, fed_stream *s, const heard *h) {
  const stox_dialback result = {.kind = STOX_DIALBACK_RESULT,
                                .type = STOX_DIALBACK_VALID,
                                .from = h->in.to,
                                .to = h->in.from};
  if (fed_dialback_put(fed, s, &result) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
  }
}

static void receive(stox_federation *fed, fed_stream *s, const heard *h) {
  if (is_clear(fed, s) || !fed->options.is_dialback_on) {
    fed_stream_fail(fed, s, STOX_STREAM_POLICY_VIOLATION, STOX_E_REFUSED);
    return;
  }
  if (has_pair(fed, s, h)) {
    say_valid(fed, s, h);
    return;
  }
  if (is_pending(s, h)) {
    return; /* one answer for both */
  }
  int condition = check_request(fed, s, h);
  if (condition == STOX_COND_NONE && fed_verify_new(fed, s, h->local, &h->in, h->from) != STOX_OK) {
    condition = STOX_COND_RESOURCE_CONSTRAINT;
  }
  if (condition != STOX_COND_NONE) {
    refuse(fed, s, h, condition);
  }
}

void fed_dialback_in(stox_federation *fed, fed_stream *s, const stox_xml_element *element) {
  heard h = {{0}, {NULL, 0}, {NULL, 0}, 0};
  if (!hear(fed, s, &h, element)) {
    return;
  }
  if (h.in.type != STOX_DIALBACK_REQUEST) {
    /* An answer to what nobody asked here. */
    if (is_strict(fed)) {
      fed_stream_fail(fed, s, STOX_STREAM_INVALID_ID, STOX_E_REFUSED);
    }
  } else if (h.in.kind == STOX_DIALBACK_VERIFY) {
    verify(fed, s, &h);
  } else {
    receive(fed, s, &h);
  }
}

/* ---- the originating server ---- */

int fed_dialback_ask(stox_federation *fed, fed_stream *s, fed_pair *pair) {
  char room[STOX_DIALBACK_KEY];
  stox_buf key;
  const stox_span local = fed->domains[pair->local].name;
  stox_buf_init(&key, room, sizeof room);
  const int status = stox_dialback_key_make(
      &key, fed->options.dialback_secret, fed_pair_remote(pair), local, stox_stream_id(s->stream));
  if (status != STOX_OK) {
    return status;
  }
  const stox_dialback request = {.kind = STOX_DIALBACK_RESULT,
                                 .from = local,
                                 .to = fed_pair_remote(pair),
                                 .key = stox_buf_span(&key)};
  pair->state = PAIR_ASKED;
  pair->used_ns = fed->now_ns;
  s->has_spoken = 1;
  return fed_dialback_put(fed, s, &request);
}

/* Why a peer's error keeps a pair from us. */
static int status_of(const stox_dialback *in) {
  static const struct {
    int condition;
    int status;
  } rows[] = {
      {STOX_COND_ITEM_NOT_FOUND, STOX_E_UNKNOWN_DOMAIN},
      {STOX_COND_GONE, STOX_E_UNKNOWN_DOMAIN},
      {STOX_COND_REMOTE_SERVER_TIMEOUT, STOX_E_TIMEOUT},
      {STOX_COND_RESOURCE_CONSTRAINT, STOX_E_LIMIT},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (in->type == STOX_DIALBACK_ERROR && in->condition == rows[i].condition) {
      return rows[i].status;
    }
  }
  return STOX_E_AUTH;
}

static fed_pair *asked_pair(const fed_stream *s, const heard *h) {
  fed_pair *pair = s->pairs;
  while (pair != NULL && !(pair->state == PAIR_ASKED && pair->local == h->local &&
                           stox_span_is_equal(fed_pair_remote(pair), h->from))) {
    pair = pair->next;
  }
  return pair;
}

static void granted(stox_federation *fed, fed_stream *s, fed_pair *pair) {
  const stox_span none = {NULL, 0};
  s->by = STOX_STREAM_BY_DIALBACK;
  s->condition = STOX_STREAM_NONE;
  s->used_ns = fed->now_ns;
  if (!stox_stream_is_ready(s->stream) &&
      stox_stream_authenticate(s->stream, none, STOX_STREAM_BY_DIALBACK, fed->now_ns) != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
    return;
  }
  s->state = FED_READY;
  fed_pair_up(fed, pair, STOX_STREAM_BY_DIALBACK);
}

static void on_result(stox_federation *fed, fed_stream *s, const heard *h) {
  fed_pair *pair = asked_pair(s, h);
  if (pair == NULL) {
    if (is_strict(fed)) {
      fed_stream_fail(fed, s, STOX_STREAM_INVALID_ID, STOX_E_REFUSED);
    }
    return;
  }
  if (h->in.type == STOX_DIALBACK_VALID) {
    granted(fed, s, pair);
    return;
  }
  fed->counters.failed_pairs++;
  fed_pair_down(fed, pair, status_of(&h->in), STOX_STREAM_NONE);
  if (s->pairs == NULL && s->verifies == NULL) {
    fed_stream_close(fed, s, STOX_E_AUTH);
  }
}

static void on_verdict(stox_federation *fed, fed_stream *s, const heard *h) {
  fed_verify *v = fed_verify_of(s, &h->in, h->local, h->from);
  if (v != NULL) {
    const int type = h->in.type;
    const int condition = type == STOX_DIALBACK_ERROR ? h->in.condition : STOX_COND_NONE;
    fed_verify_end(fed, v, type, condition);
    return;
  }
  /* To nobody's question: the draft ends the stream (its 8.3, step 9), XEP-0220 forgets it. */
  if (is_strict(fed)) {
    const int condition = h->local >= fed->options.n_domains        ? STOX_STREAM_HOST_UNKNOWN
                          : !stox_span_is_equal(h->from, s->remote) ? STOX_STREAM_INVALID_FROM
                                                                    : STOX_STREAM_INVALID_ID;
    fed_stream_fail(fed, s, condition, STOX_E_REFUSED);
  }
}

void fed_dialback_out(stox_federation *fed, fed_stream *s, const stox_xml_element *element) {
  heard h = {{0}, {NULL, 0}, {NULL, 0}, 0};
  if (!hear(fed, s, &h, element)) {
    return;
  }
  const int is_request = h.in.type == STOX_DIALBACK_REQUEST;
  if (is_request && h.in.kind == STOX_DIALBACK_VERIFY) {
    verify(fed, s, &h);
  } else if (is_request) {
    refuse(fed, s, &h, STOX_COND_NOT_ALLOWED); /* stanzas do not come that way */
  } else if (h.in.kind == STOX_DIALBACK_RESULT) {
    on_result(fed, s, &h);
  } else {
    on_verdict(fed, s, &h);
  }
}
