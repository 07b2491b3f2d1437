/* SPDX-License-Identifier: MIT */
#include "session/federation_private.h"

#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

stox_span fed_pair_remote(const fed_pair *pair) {
  return (stox_span){pair->remote, pair->n};
}

static uint64_t name_hash(const stox_federation *fed, int direction, size_t local,
                          stox_span remote) {
  const uint64_t numbers[2] = {(uint64_t)direction, (uint64_t)local};
  const uint64_t seed =
      stox_table_hash(&fed->pairs, 0, (stox_span){(const char *)numbers, sizeof numbers});
  return stox_table_hash(&fed->pairs, seed, remote);
}

fed_pair *fed_pair_find(const stox_federation *fed, int direction, size_t local, stox_span remote) {
  const uint64_t hash = name_hash(fed, direction, local, remote);
  stox_link *link = stox_table_find(&fed->pairs, hash, NULL);
  while (link != NULL) {
    fed_pair *pair = (fed_pair *)(void *)((char *)link - offsetof(fed_pair, by_name));
    if (pair->direction == direction && pair->local == local &&
        stox_span_is_equal(fed_pair_remote(pair), remote)) {
      return pair;
    }
    link = stox_table_find(&fed->pairs, hash, link);
  }
  return NULL;
}

fed_pair *fed_pair_new(stox_federation *fed, int direction, size_t local, stox_span remote) {
  fed_pair *pair = fed_take(fed, sizeof *pair + remote.n);
  if (pair == NULL) {
    return NULL;
  }
  memset(pair, 0, sizeof *pair);
  memcpy(pair->remote, remote.p, remote.n);
  pair->n = remote.n;
  pair->direction = direction;
  pair->local = local;
  if (stox_table_insert(&fed->pairs, &pair->by_name, name_hash(fed, direction, local, remote)) !=
      STOX_OK) {
    fed_give(fed, pair, sizeof *pair + pair->n);
    return NULL;
  }
  fed->n_pairs += direction == FED_OUT ? 1U : 0U;
  return pair;
}

/* From now on the pair may be asked for anew. */
void fed_pair_forget(stox_federation *fed, fed_pair *pair) {
  if (pair->direction == FED_OUT && !pair->is_over) {
    stox_table_remove(&fed->pairs, &pair->by_name);
    fed->n_pairs--;
  }
  pair->is_over = 1;
}

void fed_pair_free(stox_federation *fed, fed_pair *pair) {
  fed_pair_forget(fed, pair);
  fed_give(fed, pair, sizeof *pair + pair->n);
}

/* ---- on a stream ---- */

static void note_stream(fed_pair *pair) {
  const fed_stream *s = pair->stream;
  pair->number = s->number;
  pair->is_secure = s->stream != NULL && stox_stream_is_secure(s->stream);
  pair->is_verified = s->is_verified;
}

void fed_pair_attach(fed_pair *pair, fed_stream *s) {
  fed_pair **at = &s->pairs;
  while (*at != NULL) {
    at = &(*at)->next;
  }
  *at = pair;
  pair->next = NULL;
  pair->stream = s;
  s->n_pairs++;
}

static void detach(fed_pair *pair) {
  fed_stream *s = pair->stream;
  if (s == NULL) {
    return;
  }
  fed_pair **at = &s->pairs;
  while (*at != pair) {
    at = &(*at)->next;
  }
  *at = pair->next;
  s->n_pairs--;
  pair->stream = NULL;
  pair->next = NULL;
}

/* ---- pauses ---- */

/* Who failed pauses by the pair: one local domain's refusal says nothing of another's. The name is
 * hashed since it may be longer than what is kept. */
static stox_endpoint pause_key(const stox_federation *fed, char room[16], size_t local,
                               stox_span remote) {
  const uint64_t hash = name_hash(fed, FED_OUT, local, remote);
  stox_buf text;
  stox_buf_init(&text, room, 16);
  (void)stox_hex_write(&text, (stox_span){(const char *)&hash, sizeof hash});
  return (stox_endpoint){stox_buf_span(&text), 0, STOX_TRANSPORT_NONE};
}

int fed_pair_pauses(const stox_federation *fed, size_t local, stox_span remote) {
  char room[16];
  const stox_endpoint key = pause_key(fed, room, local, remote);
  return stox_backoff_until(fed->backoff, &key, fed->now_ns) > fed->now_ns;
}

/* That nobody serves a domain is what the table of places remembers, for as long as DNS says. */
static int pauses_after(int status) {
  return status != STOX_OK && status != STOX_E_UNKNOWN_DOMAIN && status != STOX_E_NOMEM &&
         status != STOX_E_LIMIT;
}

static void pause_pair(stox_federation *fed, const fed_pair *pair) {
  char room[16];
  const stox_endpoint key = pause_key(fed, room, pair->local, fed_pair_remote(pair));
  (void)stox_backoff_failed(fed->backoff, &key, 0, fed->now_ns);
}

static void resume_pair(stox_federation *fed, size_t local, stox_span remote) {
  char room[16];
  const stox_endpoint key = pause_key(fed, room, local, remote);
  stox_backoff_worked(fed->backoff, &key);
}

/* ---- up and down ---- */

static void count(stox_federation *fed, const fed_pair *pair, int is_up) {
  uint64_t *n = pair->direction == FED_OUT ? &fed->counters.pairs_up : &fed->counters.pairs_heard;
  if (!is_up) {
    --*n;
    return;
  }
  ++*n;
  ++*(pair->by == STOX_STREAM_BY_SASL ? &fed->counters.external : &fed->counters.dialback);
}

void fed_pair_up(stox_federation *fed, fed_pair *pair, int by) {
  pair->state = PAIR_UP;
  pair->by = by;
  pair->used_ns = fed->now_ns;
  pair->alive_ns = fed->now_ns;
  note_stream(pair);
  count(fed, pair, 1);
  resume_pair(fed, pair->local, fed_pair_remote(pair));
  fed_tell(fed, pair, TELL_UP);
}

void fed_pair_down(stox_federation *fed, fed_pair *pair, int status, int condition) {
  const int was_up = pair->state == PAIR_UP;
  if (pair->stream != NULL) {
    note_stream(pair);
  }
  detach(pair);
  if (was_up) {
    count(fed, pair, 0);
  } else if (pair->state != PAIR_DOWN && pauses_after(status)) {
    pause_pair(fed, pair);
  }
  pair->state = PAIR_DOWN;
  pair->status = status;
  pair->condition = condition;
  /* Of an incoming one both are told: somebody was there. */
  if (pair->direction == FED_OUT) {
    pair->tell &= ~(unsigned)TELL_UP;
  } else {
    stox_table_remove(&fed->pairs, &pair->by_name);
  }
  fed_tell(fed, pair, TELL_DOWN);
}

/* ---- incoming ---- */

/* Between two domains one stream a direction: who has authenticated another gives up the one before
 * it (RFC 6120 4.4; the draft 4.2, 8.3: not before the new one is valid). */
static void replace(stox_federation *fed, fed_pair *old) {
  fed_stream *s = old->stream;
  fed_pair_down(fed, old, STOX_OK, STOX_STREAM_NONE);
  if (s->pairs == NULL && s->n_verifies == 0) {
    fed_stream_close(fed, s, STOX_OK);
  }
}

int fed_grant(stox_federation *fed, fed_stream *s, size_t local, stox_span remote, int by) {
  fed_pair *old = fed_pair_find(fed, FED_IN, local, remote);
  if (old != NULL && old->stream == s) {
    return STOX_OK;
  }
  if (s->n_pairs >= fed->options.max_stream_domains) {
    return STOX_E_TOO_MANY;
  }
  fed_pair *pair = fed_pair_new(fed, FED_IN, local, remote);
  if (pair == NULL) {
    return STOX_E_NOMEM;
  }
  if (old != NULL) {
    replace(fed, old);
  }
  fed_pair_attach(pair, s);
  fed_pair_up(fed, pair, by);
  return STOX_OK;
}
