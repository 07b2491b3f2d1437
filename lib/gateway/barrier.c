/* SPDX-License-Identifier: MIT */
/* The acceptance barrier: XMPP acknowledges no message, but a server handles what one stream sends
 * in order. So behind each batch of stanzas goes a ping; when it is answered, every stanza before
 * it was taken, or its bounce came first. */
#include "gateway/internal.h"

#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

/* PEERS_SHARE: how much longer than for a server of ours. */
enum { SENDS_MAX = 2, PING_TEXT = 48, PEERS_SHARE = 3 };

static const char prefix[] = "ping-";

static void append(inbound_list *list, inbound *in, int which) {
  in->before[which] = list->last;
  in->next[which] = NULL;
  *(list->last == NULL ? &list->first : &list->last->next[which]) = in;
  list->last = in;
}

static void take_out(inbound_list *list, inbound *in, int which) {
  *(in->before[which] == NULL ? &list->first : &in->before[which]->next[which]) = in->next[which];
  *(in->next[which] == NULL ? &list->last : &in->next[which]->before[which]) = in->before[which];
  in->next[which] = NULL;
  in->before[which] = NULL;
}

static uint64_t patience(const stox_gateway *gw, int age) {
  const uint64_t patience[AGES] = {
      [FOR_PING] = gw->options.barrier_timeout_ns,
      [FOR_FIRST_PING] = gw->options.barrier_timeout_ns * PEERS_SHARE,
      [FOR_STREAM] = gw->options.queue_timeout_ns,
      [FOR_PEERS_STREAM] = gw->options.queue_timeout_ns * PEERS_SHARE,
  };
  return patience[age];
}

static void enter(stox_gateway *gw, way *w, inbound *in, int age) {
  in->way = w;
  in->age = age;
  in->deadline_ns = gw->now_ns + patience(gw, age);
  w->queued++;
  append(in->batch != 0 ? &w->sent : &w->waiting, in, OF_WAY);
  append(&gw->ages[age], in, BY_AGE);
}

static void wait_for_stream(stox_gateway *gw, way *w, inbound *in) {
  in->batch = 0;
  enter(gw, w, in, w->local->session == NULL ? FOR_PEERS_STREAM : FOR_STREAM);
}

static void wait_for_ping(stox_gateway *gw, way *w, inbound *in) {
  gw->counters.resent += in->sent > 0 ? 1U : 0U;
  in->sent++;
  in->batch = w->batch;
  w->gathered++;
  enter(gw, w, in, w->local->session == NULL && !w->is_proven ? FOR_FIRST_PING : FOR_PING);
}

void gw_barrier_remove(stox_gateway *gw, inbound *in) {
  way *w = in->way;
  if (w == NULL) {
    return;
  }
  take_out(in->batch != 0 ? &w->sent : &w->waiting, in, OF_WAY);
  take_out(&gw->ages[in->age], in, BY_AGE);
  in->way = NULL;
  w->queued--;
  if (w->queued == 0) {
    gw_way_list(gw, w); /* it may not be needed any more */
  }
}

/* In order; what finds no memory waits for the next turn. */
static void send_waiting(stox_gateway *gw, way *w) {
  while (w->waiting.first != NULL) {
    inbound *in = w->waiting.first;
    if (gw_way_send(gw, w, in->stanza) != STOX_OK) {
      return;
    }
    gw_barrier_remove(gw, in);
    wait_for_ping(gw, w, in);
  }
}

void gw_barrier_add(stox_gateway *gw, way *w, inbound *in) {
  wait_for_stream(gw, w, in);
  if (gw_way_is_open(w)) {
    send_waiting(gw, w);
  }
  gw_way_list(gw, w);
}

typedef struct ping {
  stox_span from;
  stox_span to;
  stox_span id;
  stox_span ns;
} ping;

static int write_ping(stox_buf *out, void *ud) {
  const ping *p = ud;
  return stox_service_ping(out, p->from, p->to, p->id, p->ns);
}

/* What is gathered is answered by this ping alone: no counter can be guessed, and no two processes
 * that share what came before write the same id. */
static void mark_batch(way *w, const char *tag) {
  for (inbound *in = w->sent.last; in != NULL && in->batch == w->batch; in = in->before[OF_WAY]) {
    memcpy(in->ping, tag, sizeof in->ping);
  }
}

static int send_ping(stox_gateway *gw, way *w, stox_span id) {
  ping p = {w->local->name, w->remote, id, gw->message.ns};
  stox_span stanza;
  const int status = gw_stanza_write(gw, &stanza, write_ping, &p);
  return status == STOX_OK ? gw_way_send(gw, w, stanza) : status;
}

void gw_barrier_ping(stox_gateway *gw, way *w) {
  char tag[TAG_TEXT];
  char id[PING_TEXT];
  stox_buf buf;
  if (gw_way_is_open(w)) {
    gw_reply_pay(gw, w);
    send_waiting(gw, w);
  }
  if (w->gathered == 0 || gw_tag(gw, tag) != STOX_OK) {
    return;
  }
  stox_buf_init(&buf, id, sizeof id);
  (void)stox_buf_put_text(&buf, prefix);
  (void)stox_buf_put_number(&buf, w->batch);
  (void)stox_buf_put_octet(&buf, '-');
  (void)stox_buf_put(&buf, (stox_span){tag, sizeof tag});
  /* Without memory for it the ping waits for the next turn; the deadline still holds. */
  if (send_ping(gw, w, stox_buf_span(&buf)) == STOX_OK) {
    mark_batch(w, tag);
    w->batch++;
    w->gathered = 0;
  }
}

/* The batch whose ping has that id, 0: none that waits. */
static uint64_t batch_of(const way *w, stox_span id) {
  const stox_span begin = stox_span_text(prefix);
  const stox_span rest = stox_span_slice(id, begin.n, id.n);
  const size_t dash = stox_span_find(rest, '-');
  const stox_span tag = stox_span_slice(rest, dash + 1, rest.n);
  uint64_t batch = 0;
  if (!stox_span_is_equal(stox_span_slice(id, 0, begin.n), begin) ||
      stox_number_parse(&batch, stox_span_slice(rest, 0, dash), UINT64_MAX) != STOX_OK) {
    return 0;
  }
  for (const inbound *in = w->sent.first; in != NULL && in->batch <= batch; in = in->next[OF_WAY]) {
    if (in->batch == batch && stox_span_is_equal(tag, (stox_span){in->ping, sizeof in->ping})) {
      return batch;
    }
  }
  return 0;
}

int gw_barrier_answered(stox_gateway *gw, way *w, const stox_stanza *iq) {
  /* The way between two servers was found by who answers. */
  const int is_answer =
      (iq->type == STOX_TYPE_RESULT || iq->type == STOX_TYPE_ERROR) &&
      (w->local->session == NULL || stox_span_is_equal_nocase(iq->from, w->remote));
  const uint64_t batch = is_answer ? batch_of(w, iq->id) : 0;
  if (batch == 0) {
    return 0;
  }
  w->is_proven = 1;
  w->is_silent = 0;
  while (w->sent.first != NULL && w->sent.first->batch <= batch) {
    gw_inbound_answer(gw, w->sent.first, 200, STOX_OK, STOX_OUTCOME_DELIVERED);
  }
  return 1;
}

void gw_barrier_ready(stox_gateway *gw, way *w) {
  w->is_up = 1;
  w->is_asked = 0;
  gw_reply_pay(gw, w);
  send_waiting(gw, w);
  gw_way_list(gw, w);
}

/* What was sent goes first on the next stream, or has failed for good. */
void gw_barrier_lost(stox_gateway *gw, way *w) {
  inbound *const later = w->waiting.first;
  inbound *const later_end = w->waiting.last;
  w->waiting = (inbound_list){NULL, NULL};
  w->is_up = 0;
  w->is_asked = 0;
  w->is_proven = 0;
  w->is_silent = 0;
  w->gathered = 0;
  while (w->sent.first != NULL) {
    inbound *in = w->sent.first;
    gw_barrier_remove(gw, in);
    if (in->sent >= SENDS_MAX) {
      gw_inbound_answer(gw, in, 503, STOX_E_CLOSED, STOX_OUTCOME_TIMEOUT);
    } else {
      wait_for_stream(gw, w, in);
    }
  }
  if (later != NULL) {
    later->before[OF_WAY] = w->waiting.last;
    *(w->waiting.last == NULL ? &w->waiting.first : &w->waiting.last->next[OF_WAY]) = later;
    w->waiting.last = later_end;
  }
  gw_way_list(gw, w);
}

/* What was sent once and lost may have been taken: nobody can know. */
void gw_barrier_failed(stox_gateway *gw, way *w, int code, int status) {
  w->is_asked = 0;
  while (w->waiting.first != NULL) {
    inbound *in = w->waiting.first;
    const int is_lost = in->sent > 0;
    gw_inbound_answer(gw, in, is_lost ? 503 : code, status,
                      is_lost ? STOX_OUTCOME_TIMEOUT : STOX_OUTCOME_REFUSED);
  }
  gw_reply_forgive(gw, w);
  gw_way_list(gw, w);
}

uint64_t gw_barrier_deadline(const stox_gateway *gw) {
  uint64_t at = UINT64_MAX;
  for (size_t i = 0; i < AGES; i++) {
    const inbound *oldest = gw->ages[i].first;
    at = oldest != NULL && oldest->deadline_ns < at ? oldest->deadline_ns : at;
  }
  return at;
}

/* Without a stream nobody was asked: 480. Sent and not answered: nobody can know, 504. */
static void expire(stox_gateway *gw, int age, uint64_t until_ns) {
  const inbound_list *list = &gw->ages[age];
  while (list->first != NULL && list->first->deadline_ns <= until_ns) {
    inbound *in = list->first;
    if (in->batch != 0 && in->way->is_proven && in->deadline_ns <= gw->now_ns) {
      in->way->is_silent = 1;
      gw_way_list(gw, in->way);
    }
    gw_inbound_answer(gw, in, in->sent == 0 ? 480 : 504, STOX_E_TIMEOUT, STOX_OUTCOME_TIMEOUT);
  }
}

static void expire_all(stox_gateway *gw, uint64_t until_ns) {
  for (int age = 0; age < AGES; age++) {
    expire(gw, age, until_ns);
  }
}

void gw_barrier_tick(stox_gateway *gw) {
  expire_all(gw, gw->now_ns);
}

void gw_barrier_drain(stox_gateway *gw) {
  expire_all(gw, UINT64_MAX);
}
