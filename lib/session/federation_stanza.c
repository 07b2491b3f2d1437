/* SPDX-License-Identifier: MIT */
/* Stanzas of peers: who may say what, and to whom; pings of ours and their answers. */
#include "session/federation_private.h"

#include "stox/number.h"
#include "stox/service.h"
#include "stox/status.h"
#include "xmpp/namespaces.h"

#include <stdalign.h>
#include <string.h>

/* The stream error that an admission asks for. */
static int condition_of(int verdict) {
  static const int conditions[] = {
      [STOX_ADMIT_NOT_AUTHORIZED] = STOX_STREAM_NOT_AUTHORIZED,
      [STOX_ADMIT_IMPROPER_ADDRESSING] = STOX_STREAM_IMPROPER_ADDRESSING,
      [STOX_ADMIT_INVALID_FROM] = STOX_STREAM_INVALID_FROM,
      [STOX_ADMIT_HOST_UNKNOWN] = STOX_STREAM_HOST_UNKNOWN,
      [STOX_ADMIT_HOST_GONE] = STOX_STREAM_HOST_GONE,
  };
  return verdict < STOX_ADMIT_NOT_AUTHORIZED || verdict > STOX_ADMIT_HOST_GONE
             ? STOX_STREAM_NONE
             : conditions[verdict];
}

static int admit(stox_federation *fed, const fed_stream *s, const stox_stanza *stanza) {
  stox_xmpp_arrival arrival = {.over = STOX_OVER_PEER,
                               .is_authenticated = s->pairs != NULL,
                               .profile = STOX_JID_NODEPREP,
                               .domains = fed->domains,
                               .n_domains = fed->options.n_domains};
  stox_span *names =
      stox_arena_take(&fed->scratch, (s->n_pairs + 1) * sizeof *names, alignof(stox_span));
  if (names == NULL) {
    return STOX_E_NOMEM;
  }
  for (const fed_pair *pair = s->pairs; pair != NULL; pair = pair->next) {
    names[arrival.n_peer_domains++] = fed_pair_remote(pair);
  }
  arrival.peer_domains = names;
  stox_arena_reset(&fed->heard); /* the host may send while it looks at it */
  return stox_xmpp_admit(&fed->admission, &fed->heard, stanza, &arrival);
}

/* The pair of a stanza that was admitted. A certificate proves who sends, whomever it is for; a key
 * of dialback was for one domain (XEP-0220 2.6). */
static fed_pair *pair_of(const fed_stream *s, size_t local, stox_span remote) {
  for (fed_pair *pair = s->pairs; pair != NULL; pair = pair->next) {
    if (stox_span_is_equal(fed_pair_remote(pair), remote) &&
        (pair->local == local || pair->by == STOX_STREAM_BY_SASL)) {
      return pair;
    }
  }
  return NULL;
}

/* ---- pings ---- */

static int write_ping(stox_buf *out, const stox_federation *fed, const fed_pair *pair) {
  return stox_service_ping(out, fed->domains[pair->local].name, fed_pair_remote(pair),
                           stox_span_text(pair->ping_id), stox_span_text(XMPP_NS_SERVER));
}

void fed_ping(stox_federation *fed, fed_pair *pair) {
  unsigned char octets[PING_ID / 2];
  const stox_random *random = fed->options.random;
  stox_buf out;
  pair->alive_ns = fed->now_ns;
  pair->unproved_ns = fed->now_ns; /* where nothing can be sent now, later */
  if (random->fill(random->ud, octets, sizeof octets) != STOX_OK) {
    return;
  }
  stox_buf_init(&out, pair->ping_id, PING_ID);
  (void)stox_hex_write(&out, (stox_span){(const char *)octets, sizeof octets});
  stox_buf_init(&out, NULL, 0);
  (void)write_ping(&out, fed, pair);
  const size_t n = out.len;
  char *room = stox_arena_take(&fed->scratch, n, 1);
  if (room == NULL) {
    return;
  }
  stox_buf_init(&out, room, n);
  (void)write_ping(&out, fed, pair);
  pair->is_pinging = stox_stream_send(pair->stream->stream, stox_buf_span(&out)) == STOX_OK;
}

/* 1: it is the answer to our ping. That it is an error says that the peer lives. */
static int is_pong(stox_federation *fed, const stox_stanza *stanza, size_t local,
                   stox_span remote) {
  fed_pair *pair = fed_pair_find(fed, FED_OUT, local, remote);
  if (pair == NULL || pair->state != PAIR_UP || !pair->is_pinging ||
      stanza->kind != STOX_STANZA_IQ ||
      (stanza->type != STOX_TYPE_RESULT && stanza->type != STOX_TYPE_ERROR) ||
      !stox_span_is_equal(stanza->id, stox_span_text(pair->ping_id))) {
    return 0;
  }
  pair->is_pinging = 0;
  pair->alive_ns = fed->now_ns;
  pair->unproved_ns = 0;
  fed_run(fed, pair->stream);
  return 1;
}

/* ---- what comes in ---- */

static int give(stox_federation *fed, fed_stream *s, const stox_action *a, size_t local) {
  fed->stanza = (stox_federation_stanza){.size = sizeof fed->stanza,
                                         .stanza = a->object,
                                         .admission = &fed->admission,
                                         .local = fed->domains[local].name,
                                         .remote = fed->admission.from.domainpart,
                                         .stream = s->number};
  fed->action = (stox_action){.kind = STOX_DO_EVENT,
                              .event = STOX_FEDERATION_STANZA,
                              .status = a->status,
                              .handle = s->handle,
                              .id = s->number,
                              .object = &fed->stanza};
  fed->counters.stanzas_in++;
  return 1;
}

int fed_stanza(stox_federation *fed, fed_stream *s, const stox_action *a) {
  const int status = admit(fed, s, a->object);
  if (status != STOX_OK) {
    fed_stream_fail(fed, s, STOX_STREAM_INTERNAL_SERVER_ERROR, STOX_E_NOMEM);
    return 0;
  }
  const stox_xmpp_admission *in = &fed->admission;
  int condition = condition_of(in->verdict);
  const size_t local =
      condition == STOX_STREAM_NONE ? fed_local_of(fed, in->to.domainpart) : fed->options.n_domains;
  fed_pair *pair = condition == STOX_STREAM_NONE ? pair_of(s, local, in->from.domainpart) : NULL;
  if (condition == STOX_STREAM_NONE && pair == NULL) {
    condition = STOX_STREAM_INVALID_FROM;
  }
  if (condition != STOX_STREAM_NONE) {
    fed_stream_fail(fed, s, condition, STOX_E_REFUSED);
    return 0;
  }
  s->used_ns = fed->now_ns;
  pair->used_ns = fed->now_ns;
  return is_pong(fed, a->object, local, in->from.domainpart) ? 0 : give(fed, s, a, local);
}
