/* SPDX-License-Identifier: MIT */
/* The acceptance barrier: XMPP acknowledges no message, but a server handles what one stream sends
 * in order. So behind each batch of stanzas goes a ping; when it is answered, every stanza before
 * it was taken, or its bounce came first. */
#include "gateway/internal.h"

#include "stox/number.h"
#include "stox/status.h"

#include <string.h>

enum { SENDS_MAX = 2, PING_TEXT = 48 };

static const char prefix[] = "ping-";

static void append(inbound_list *list, inbound *in) {
  in->before = list->last;
  in->next = NULL;
  *(list->last == NULL ? &list->first : &list->last->next) = in;
  list->last = in;
}

static void take_out(inbound_list *list, inbound *in) {
  *(in->before == NULL ? &list->first : &in->before->next) = in->next;
  *(in->next == NULL ? &list->last : &in->next->before) = in->before;
  in->next = NULL;
  in->before = NULL;
}

static slot *slot_of(stox_gateway *gw, const inbound *in) {
  return gw_slot_of(gw, in->route.from_jid.domainpart);
}

static void enter_batch(stox_gateway *gw, slot *s, inbound *in) {
  gw->counters.resent += in->sent > 0 ? 1U : 0U;
  in->sent++;
  in->batch = s->batch;
  in->deadline_ns = gw->now_ns + gw->options.barrier_timeout_ns;
  s->gathered++;
  append(&s->sent, in);
}

/* In order; what finds no memory waits for the next turn. */
static void send_waiting(stox_gateway *gw, slot *s) {
  while (s->waiting.first != NULL) {
    inbound *in = s->waiting.first;
    if (stox_component_send(s->session, in->stanza) != STOX_OK) {
      return;
    }
    take_out(&s->waiting, in);
    enter_batch(gw, s, in);
  }
}

void gw_barrier_add(stox_gateway *gw, slot *s, inbound *in) {
  in->deadline_ns = gw->now_ns + gw->options.queue_timeout_ns;
  append(&s->waiting, in);
  if (s->is_up) {
    send_waiting(gw, s);
  }
}

void gw_barrier_remove(stox_gateway *gw, inbound *in) {
  slot *s = slot_of(gw, in);
  if (s == NULL || in->deadline_ns == 0) {
    return;
  }
  take_out(in->batch != 0 ? &s->sent : &s->waiting, in);
  in->deadline_ns = 0;
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
static void mark_batch(slot *s, const char *tag) {
  for (inbound *in = s->sent.last; in != NULL && in->batch == s->batch; in = in->before) {
    memcpy(in->ping, tag, sizeof in->ping);
  }
}

void gw_barrier_ping(stox_gateway *gw, slot *s) {
  char tag[TAG_TEXT];
  char id[PING_TEXT];
  stox_buf buf;
  if (s->is_up) {
    gw_stanza_pay(gw, s);
    send_waiting(gw, s);
  }
  if (s->gathered == 0 || gw_tag(gw, tag) != STOX_OK) {
    return;
  }
  stox_buf_init(&buf, id, sizeof id);
  (void)stox_buf_put_text(&buf, prefix);
  (void)stox_buf_put_number(&buf, s->batch);
  (void)stox_buf_put_octet(&buf, '-');
  (void)stox_buf_put(&buf, (stox_span){tag, sizeof tag});
  ping p = {s->domain, gw->options.xmpp_domains[0], stox_buf_span(&buf), gw->message.ns};
  /* Without memory for it the ping waits for the next turn; the deadline still holds. */
  if (gw_stanza_send(gw, s, write_ping, &p) == STOX_OK) {
    mark_batch(s, tag);
    s->batch++;
    s->gathered = 0;
  }
}

/* The batch whose ping has that id, 0: none that waits. */
static uint64_t batch_of(const slot *s, stox_span id) {
  const stox_span begin = stox_span_text(prefix);
  const stox_span rest = stox_span_slice(id, begin.n, id.n);
  const size_t dash = stox_span_find(rest, '-');
  const stox_span tag = stox_span_slice(rest, dash + 1, rest.n);
  uint64_t batch = 0;
  if (!stox_span_is_equal(stox_span_slice(id, 0, begin.n), begin) ||
      stox_number_parse(&batch, stox_span_slice(rest, 0, dash), UINT64_MAX) != STOX_OK) {
    return 0;
  }
  for (const inbound *in = s->sent.first; in != NULL && in->batch <= batch; in = in->next) {
    if (in->batch == batch && stox_span_is_equal(tag, (stox_span){in->ping, sizeof in->ping})) {
      return batch;
    }
  }
  return 0;
}

int gw_barrier_answered(stox_gateway *gw, slot *s, const stox_stanza *iq) {
  const int is_answer = (iq->type == STOX_TYPE_RESULT || iq->type == STOX_TYPE_ERROR) &&
                        stox_span_is_equal_nocase(iq->from, gw->options.xmpp_domains[0]);
  const uint64_t batch = is_answer ? batch_of(s, iq->id) : 0;
  if (batch == 0) {
    return 0;
  }
  while (s->sent.first != NULL && s->sent.first->batch <= batch) {
    gw_inbound_answer(gw, s->sent.first, 200, STOX_OK, STOX_OUTCOME_DELIVERED);
  }
  return 1;
}

void gw_barrier_ready(stox_gateway *gw, slot *s) {
  gw_stanza_pay(gw, s);
  send_waiting(gw, s);
}

void gw_barrier_lost(stox_gateway *gw, slot *s) {
  inbound_list later = s->waiting;
  inbound_list sent = s->sent;
  s->waiting = (inbound_list){NULL, NULL};
  s->sent = (inbound_list){NULL, NULL};
  s->gathered = 0;
  while (sent.first != NULL) {
    inbound *in = sent.first;
    take_out(&sent, in);
    in->batch = 0;
    if (in->sent >= SENDS_MAX) {
      in->deadline_ns = 0;
      gw_inbound_answer(gw, in, 503, STOX_E_CLOSED, STOX_OUTCOME_TIMEOUT);
      continue;
    }
    in->deadline_ns = gw->now_ns + gw->options.queue_timeout_ns;
    append(&s->waiting, in);
  }
  while (later.first != NULL) {
    inbound *in = later.first;
    take_out(&later, in);
    append(&s->waiting, in);
  }
}

uint64_t gw_barrier_deadline(const stox_gateway *gw) {
  uint64_t at = UINT64_MAX;
  for (size_t i = 0; i < gw->options.n_components; i++) {
    const inbound *heads[2] = {gw->slots[i].waiting.first, gw->slots[i].sent.first};
    for (size_t k = 0; k < 2; k++) {
      at = heads[k] != NULL && heads[k]->deadline_ns < at ? heads[k]->deadline_ns : at;
    }
  }
  return at;
}

/* Without a stream nobody was asked: 480. Sent and not answered: nobody can know, 504. */
static void expire(stox_gateway *gw, const inbound_list *list) {
  while (list->first != NULL && list->first->deadline_ns <= gw->now_ns) {
    inbound *in = list->first;
    gw_inbound_answer(gw, in, in->sent == 0 ? 480 : 504, STOX_E_TIMEOUT, STOX_OUTCOME_TIMEOUT);
  }
}

void gw_barrier_tick(stox_gateway *gw) {
  for (size_t i = 0; i < gw->options.n_components; i++) {
    expire(gw, &gw->slots[i].waiting);
    expire(gw, &gw->slots[i].sent);
  }
}
