/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/status.h"

#include <string.h>

/* ---- the sender is told ---- */

typedef struct failure {
  stox_gateway *gw;
  const stox_stanza *stanza;
  const stox_sip_message *response;
  int code;
  stox_error_write error; /* used when code is 0 */
} failure;

static int write_failure(stox_buf *out, void *ud) {
  const failure *f = ud;
  if (f->code == 0) {
    return stox_stanza_error_write(out, f->stanza, &f->error);
  }
  return stox_message_failure_to_xmpp(out, &f->gw->scratch, f->stanza, f->code, f->response,
                                      &f->gw->message);
}

/* How a message ended. */
typedef struct ending {
  int code;
  int status;
  int outcome;
} ending;

static void record(stox_gateway *gw, const stox_stanza *stanza, stox_span call_id,
                   uint64_t since_ns, ending end) {
  const stox_gateway_record r = {.direction = STOX_GATEWAY_XMPP_TO_SIP,
                                 .outcome = end.outcome,
                                 .code = end.code,
                                 .status = end.status,
                                 .from = stanza->from,
                                 .to = stanza->to,
                                 .id = stanza->id,
                                 .call_id = call_id,
                                 .duration_ns = gw->now_ns - since_ns};
  gw_count(gw, r.direction, r.outcome);
  gw_tell(gw, STOX_GATEWAY_RECORD, r.status, &r);
}

/* Before it was on its way. */
static void record_here(stox_gateway *gw, const stox_stanza *stanza, int status, int outcome) {
  record(gw, stanza, (stox_span){NULL, 0}, gw->now_ns,
         (ending){.status = status, .outcome = outcome});
}

static void refuse(stox_gateway *gw, served *local, const stox_stanza *stanza, int condition,
                   int status) {
  failure f = {.gw = gw,
               .stanza = stanza,
               .error = {.condition = condition, .type = stox_condition_type(condition)}};
  (void)gw_reply(gw, local, stanza->from, write_failure, &f);
  record_here(gw, stanza, status, STOX_OUTCOME_REFUSED);
}

/* ---- one message ---- */

static outbound *outbound_new(stox_gateway *gw) {
  outbound *o = gw->spare_out;
  if (o != NULL) {
    gw->spare_out = o->next;
    gw->n_spare_out--;
  } else {
    o = gw_take(gw, sizeof *o);
    if (o == NULL) {
      return NULL;
    }
    stox_arena_init(&o->arena, o->block, sizeof o->block, 0, gw->options.alloc);
  }
  o->next = NULL;
  o->destination = NULL;
  o->transaction = 0;
  o->handle = 0;
  o->tried = 0;
  o->accepted_ns = gw->now_ns;
  return o;
}

static void outbound_free(stox_gateway *gw, outbound *o) {
  stox_arena_clear(&o->arena);
  if (gw->n_spare_out >= SPARE_MAX) {
    gw_give(gw, o, sizeof *o);
    return;
  }
  o->next = gw->spare_out;
  gw->spare_out = o;
  gw->n_spare_out++;
}

static int copy_text(outbound *o, stox_span *text) {
  return text->p == NULL ? STOX_OK : stox_arena_copy(&o->arena, text, *text);
}

/* What an error to the sender needs outlives the stanza. */
static int keep(outbound *o, const stox_stanza *m, stox_span call_id) {
  o->stanza = *m;
  o->stanza.element = NULL;
  o->call_id = call_id;
  stox_span *texts[] = {&o->stanza.from, &o->stanza.to, &o->stanza.id,
                        &o->stanza.lang, &o->stanza.ns, &o->call_id};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (copy_text(o, texts[i]) != STOX_OK) {
      return STOX_E_NOMEM;
    }
  }
  return STOX_OK;
}

static void outbound_end(stox_gateway *gw, outbound *o) {
  destination *d = o->destination;
  if (o->transaction != 0) {
    stox_table_remove(&gw->messages, &o->by_transaction);
  }
  d->first = o->next;
  d->last = d->first == NULL ? NULL : d->last;
  d->route->queued--;
  outbound_free(gw, o);
  if (d->first != NULL) {
    gw_destination_enter(&gw->ready, d);
  } else {
    gw_destination_leave(d);
    gw_destination_forget(gw, d);
  }
}

/* No address was found to send to. */
static int condition_of_hop(int status) {
  return status == STOX_E_UNKNOWN_DOMAIN ? STOX_COND_REMOTE_SERVER_NOT_FOUND
                                         : STOX_COND_REMOTE_SERVER_TIMEOUT;
}

static void outbound_fail(stox_gateway *gw, outbound *o, const stox_sip_message *response,
                          ending end) {
  failure f = {.gw = gw, .stanza = &o->stanza, .response = response, .code = end.code};
  if (end.code == 0) {
    f.error.condition = condition_of_hop(end.status);
    f.error.type = stox_condition_type(f.error.condition);
  }
  (void)gw_reply_owe(gw, o->local, o->stanza.from, write_failure, &f);
  record(gw, &o->stanza, o->call_id, o->accepted_ns, end);
  outbound_end(gw, o);
}

/* ---- starting ---- */

static int is_ip6(stox_span host) {
  return stox_span_find(host, ':') < host.n;
}

/* Where answers from a hop can come back to: its transport and family before its family alone. */
static const stox_endpoint *local_for(const stox_gateway *gw, const stox_endpoint *hop) {
  const stox_endpoint *locals = gw->options.sip_local;
  size_t best = 0;
  int best_score = -1;
  for (size_t i = 0; i < gw->options.n_sip_local; i++) {
    const int score =
        2 * (is_ip6(locals[i].host) == is_ip6(hop->host)) + (locals[i].transport == hop->transport);
    if (score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return &locals[best];
}

/* The target to be tried now. Those that failed before the addresses were asked for anew may be
 * others. */
static const stox_endpoint *choose_target(const stox_gateway *gw, outbound *o) {
  const route *r = o->destination->route;
  size_t which = 0;
  o->tried = o->turn == r->turn ? o->tried : 0;
  o->turn = r->turn;
  if (gw_route_pick(gw, r, o->tried, &which) != STOX_OK) {
    (void)gw_route_pick(gw, r, 0, &which);
  }
  o->target = (uint32_t)which;
  return &r->targets[which];
}

static void start(stox_gateway *gw, outbound *o) {
  const stox_endpoint *hop = choose_target(gw, o);
  char hash[STOX_LOOP_HASH_SIZE];
  stox_buf suffix;
  stox_buf_init(&suffix, hash, sizeof hash);
  (void)stox_loop_hash_edit(&suffix, o->request, o->destination->uri,
                            (stox_span){(const char *)gw->loop_key, sizeof gw->loop_key});
  const stox_transaction_target target = {
      .local = *local_for(gw, hop), .remote = *hop, .branch_suffix = stox_buf_span(&suffix)};
  int status =
      stox_transactions_request(gw->transactions, &o->transaction, o->request, &target, gw->now_ns);
  if (status == STOX_OK) {
    status = stox_table_insert(&gw->messages, &o->by_transaction, o->transaction);
  }
  if (status != STOX_OK) {
    o->transaction = 0;
    outbound_fail(gw, o, NULL, (ending){503, status, STOX_OUTCOME_REFUSED});
  }
}

/* A message waits for its turn no longer than a request for its answer (Timer F): behind a silent
 * peer or a full flow nobody is left without an answer. */
static uint64_t patience_until(const stox_gateway *gw, const outbound *o) {
  return o->accepted_ns + 64 * gw->options.t1_ns;
}

static void hold_back(stox_gateway *gw, destination *d) {
  const uint64_t due = patience_until(gw, d->first);
  gw->held_due_ns = gw->held_due_ns == 0 || due < gw->held_due_ns ? due : gw->held_due_ns;
  gw_destination_enter(&d->route->held, d);
}

static void let_go(stox_gateway *gw, route *r) {
  while (r->held.first != NULL) {
    gw_destination_enter(&gw->ready, r->held.first);
  }
}

/* Somebody behind a full hop has run out of patience: all are looked at again. */
static void look_at_held(stox_gateway *gw) {
  gw->held_due_ns = 0;
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    let_go(gw, &gw->routes[i]);
  }
}

static void start_or_wait(stox_gateway *gw, destination *d) {
  const int status = gw_route_ready(gw, d->route);
  if (status == STOX_OK) {
    start(gw, d->first);
  } else if (status == STOX_E_MORE) {
    hold_back(gw, d);
  } else {
    outbound_fail(gw, d->first, NULL, (ending){0, status, STOX_OUTCOME_REFUSED});
  }
}

void gw_outbound_start(stox_gateway *gw) {
  if (gw->held_due_ns != 0 && gw->now_ns >= gw->held_due_ns) {
    look_at_held(gw);
  }
  while (gw->ready.first != NULL) {
    destination *d = gw->ready.first;
    gw_destination_leave(d);
    if (d->first->transaction != 0) {
      continue;
    }
    if (gw->now_ns >= patience_until(gw, d->first)) {
      outbound_fail(gw, d->first, NULL, (ending){408, STOX_E_TIMEOUT, STOX_OUTCOME_TIMEOUT});
    } else if (d->route->is_held) {
      hold_back(gw, d);
    } else {
      start_or_wait(gw, d);
    }
  }
}

void gw_outbound_hold(stox_gateway *gw, route *r, int full) {
  r->is_held = full;
  if (!full) {
    let_go(gw, r);
  }
}

uint64_t gw_outbound_deadline(const stox_gateway *gw) {
  return gw->held_due_ns == 0 ? UINT64_MAX : gw->held_due_ns;
}

/* ---- arriving ---- */

/* Whether two users, by their bare addresses, are in a chat. */
static void remember_type(stox_gateway *gw, outbound *o, const stox_message_route *where) {
  const int is_chat = o->stanza.type == STOX_TYPE_CHAT;
  stox_span user;
  stox_span peer;
  if (gw_bare(&user, &o->arena, &where->from_jid) != STOX_OK ||
      gw_bare(&peer, &o->arena, &where->to_jid) != STOX_OK) {
    return;
  }
  conversation *c = gw_conversation(gw, user, peer, (stox_span){NULL, 0}, is_chat);
  if (c != NULL) {
    c->is_chat = is_chat;
  }
}

/* A fresh Call-ID for what belongs to no thread, from one draw: two parts are the Call-ID, the
 * third is the tag. */
static int fresh_call_id(stox_gateway *gw, char *out, stox_message_dialog *dialog) {
  if (gw_tags(gw, out, 3) != STOX_OK) {
    return STOX_E_STATE;
  }
  *dialog = (stox_message_dialog){.call_id = {out, 2 * (size_t)TAG_TEXT},
                                  .from_tag = {out + 2 * (size_t)TAG_TEXT, TAG_TEXT},
                                  .cseq = 1};
  return STOX_OK;
}

typedef struct names {
  char text[3 * TAG_TEXT];
} names;

static int choose_dialog(stox_gateway *gw, const stox_stanza *m, const stox_message_route *where,
                         stox_message_dialog *dialog, names *room) {
  const stox_span thread = stox_message_call_id(m);
  if (thread.n == 0) {
    return fresh_call_id(gw, room->text, dialog);
  }
  conversation *c = gw_conversation(gw, where->from, where->to, thread, 1);
  if (c == NULL) {
    return STOX_E_NOMEM;
  }
  c->cseq++;
  *dialog =
      (stox_message_dialog){.call_id = c->call_id, .from_tag = {c->tag, TAG_TEXT}, .cseq = c->cseq};
  return STOX_OK;
}

static int condition_of(int status) {
  if (status == STOX_E_UNSUPPORTED_MEDIA) {
    return STOX_COND_NOT_ACCEPTABLE;
  }
  if (status == STOX_E_TOO_MANY_HOPS || status == STOX_E_LOOP) {
    return STOX_COND_NOT_ACCEPTABLE;
  }
  return STOX_COND_RESOURCE_CONSTRAINT;
}

static int enqueue(stox_gateway *gw, outbound *o, route *r, stox_span uri) {
  if (r->queued >= gw->limits.queue) {
    gw->counters.shed++;
    return STOX_E_FULL;
  }
  destination *d = gw_destination_of(gw, uri, r);
  if (d == NULL) {
    return STOX_E_NOMEM;
  }
  o->destination = d;
  *(d->last == NULL ? &d->first : &d->last->next) = o;
  d->last = o;
  r->queued++;
  if (d->first == o) {
    gw_destination_enter(&gw->ready, d);
  }
  return STOX_OK;
}

/* Everything that may fail, in o's own arena. */
static int prepare(stox_gateway *gw, outbound *o, const stox_stanza *m,
                   const stox_message_route *where) {
  stox_message_dialog dialog;
  names room;
  stox_message_options options = gw->message;
  int status = stox_hops_take_stanza(&options.max_forwards, &o->arena, m);
  if (status == STOX_OK || status == STOX_E_BAD_NUMBER) {
    status = choose_dialog(gw, m, where, &dialog, &room);
  }
  if (status == STOX_OK) {
    status = stox_message_to_sip(&o->request, &o->arena, m, where, &dialog, &options);
  }
  return status == STOX_OK ? keep(o, m, dialog.call_id) : status;
}

static int carry(stox_gateway *gw, outbound *o, const stox_stanza *m, int *condition) {
  stox_message_route where;
  stox_error_write error = {0};
  stox_uri to;
  int status = stox_message_route_from_xmpp(&where, &o->arena, m, &gw->message, &error);
  if (status != STOX_OK) {
    *condition = error.condition;
    return status;
  }
  status = stox_uri_parse(&to, where.to, STOX_URI_STRICT, NULL);
  route *r = status == STOX_OK ? gw_route_of(gw, to.host) : NULL;
  if (r == NULL) {
    *condition = STOX_COND_REMOTE_SERVER_NOT_FOUND;
    return STOX_E_UNKNOWN_DOMAIN;
  }
  status = prepare(gw, o, m, &where);
  if (status == STOX_OK) {
    status = gw_reflection_check(gw, &o->arena, &where, stox_sip_edit_body(o->request));
  }
  if (status == STOX_OK) {
    status = enqueue(gw, o, r, where.to);
  }
  if (status == STOX_OK) {
    remember_type(gw, o, &where);
  }
  *condition = condition_of(status);
  return status;
}

void gw_outbound_message(stox_gateway *gw, served *local, const stox_stanza *m) {
  int condition = STOX_COND_RESOURCE_CONSTRAINT;
  outbound *o = gw->is_stopping ? NULL : outbound_new(gw);
  if (o == NULL) {
    refuse(gw, local, m, condition, gw->is_stopping ? STOX_E_STATE : STOX_E_NOMEM);
    return;
  }
  o->local = local;
  const int status = carry(gw, o, m, &condition);
  if (status == STOX_OK) {
    return;
  }
  outbound_free(gw, o);
  if (status == STOX_E_NONE) {
    record_here(gw, m, status, STOX_OUTCOME_IGNORED);
  } else {
    refuse(gw, local, m, condition, status);
  }
}

/* ---- ending ---- */

static outbound *find(const stox_gateway *gw, uint64_t transaction) {
  stox_link *link = NULL;
  while ((link = stox_table_find(&gw->messages, transaction, link)) != NULL) {
    outbound *o = (void *)link;
    if (o->transaction == transaction) {
      return o;
    }
  }
  return NULL;
}

/* The next target, if there is one (RFC 3263 4.3): another request, with a branch of its own. */
static int again(stox_gateway *gw, outbound *o) {
  const route *r = o->destination->route;
  size_t which = 0;
  if (o->turn != r->turn) {
    return 0;
  }
  gw_route_failed(gw, r, o->target);
  o->tried |= UINT32_C(1) << o->target;
  if (gw->is_stopping || gw_route_pick(gw, r, o->tried, &which) != STOX_OK ||
      stox_sip_edit_pop(o->request, STOX_SIP_VIA) != STOX_OK) {
    return 0;
  }
  stox_table_remove(&gw->messages, &o->by_transaction);
  o->transaction = 0;
  o->handle = 0;
  gw_destination_enter(&gw->ready, o->destination);
  return 1;
}

const stox_secure *gw_outbound_secure(const stox_gateway *gw, uint64_t transaction) {
  const outbound *o = find(gw, transaction);
  return o == NULL ? NULL : &o->destination->route->secure;
}

void gw_outbound_response(stox_gateway *gw, uint64_t transaction,
                          const stox_sip_message *response) {
  outbound *o = find(gw, transaction);
  const int code = stox_sip_status(response);
  if (o == NULL || code < 200) {
    return;
  }
  if (code == 503 && again(gw, o)) {
    return;
  }
  gw_route_worked(gw, o->destination->route, o->target);
  if (code < 300) {
    record(gw, &o->stanza, o->call_id, o->accepted_ns,
           (ending){code, STOX_OK, STOX_OUTCOME_DELIVERED});
    outbound_end(gw, o);
  } else {
    outbound_fail(gw, o, response, (ending){code, STOX_OK, STOX_OUTCOME_BOUNCED});
  }
}

void gw_outbound_sent(stox_gateway *gw, uint64_t transaction, const stox_flow *flow) {
  outbound *o = find(gw, transaction);
  /* A socket for datagrams never fills: only a stream's handle is one to be held back by. */
  if (!stox_transport_is_reliable(flow->remote.transport)) {
    return;
  }
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    if (gw_route_is_at(&gw->routes[i], &flow->remote)) {
      gw->routes[i].handle = flow->handle;
    }
  }
  if (o != NULL) {
    o->handle = flow->handle;
  }
}

static void lost(stox_gateway *gw, uint64_t handle) {
  for (size_t i = 0; i < gw->messages.n_buckets; i++) {
    for (stox_link *link = gw->messages.buckets[i]; link != NULL; link = link->next) {
      outbound *o = (void *)link;
      if (o->handle == handle) {
        o->handle = 0;
        (void)stox_transactions_lost(gw->transactions, o->transaction, gw->now_ns);
      }
    }
  }
}

/* What had no answer yet on it goes out on another; a full queue is gone with it. */
void gw_outbound_stream_ended(stox_gateway *gw, const stox_flow *flow) {
  int is_ours = 0;
  for (size_t i = 0; i < gw->options.n_routes; i++) {
    route *r = &gw->routes[i];
    is_ours |= gw_route_is_at(r, &flow->remote);
    if (r->handle == flow->handle) {
      r->handle = 0;
      gw_outbound_hold(gw, r, 0);
    }
  }
  if (is_ours) {
    lost(gw, flow->handle);
  }
}

/* What is too long for a hop that speaks UDP alone is not the hop's failure but a rule's (RFC 7572
 * 6). */
static int is_too_long(const outbound *o) {
  stox_buf count;
  stox_buf_init(&count, NULL, 0);
  (void)stox_sip_write(&count, o->request);
  const route *r = o->destination->route;
  return o->turn == r->turn && r->targets[o->target].transport == STOX_TRANSPORT_UDP &&
         count.len > DATAGRAM_REQUEST;
}

/* A silent peer would keep those behind for 64 T1 each, one after the other. What has waited half
 * of that behind it already has its answer: none. */
void gw_outbound_failed(stox_gateway *gw, uint64_t transaction, int code, int status) {
  ending end = {code, status, STOX_OUTCOME_TIMEOUT};
  outbound *o = find(gw, transaction);
  if (o == NULL) {
    return;
  }
  if (status != STOX_E_TIMEOUT && is_too_long(o)) {
    end = (ending){513, STOX_E_TOO_LONG, STOX_OUTCOME_REFUSED};
  }
  if (status == STOX_E_TIMEOUT) {
    gw_route_failed(gw, o->destination->route, o->target);
  } else if (end.code != 513 && again(gw, o)) {
    return;
  }
  outbound *behind = o->next;
  outbound_fail(gw, o, NULL, end);
  while (status == STOX_E_TIMEOUT && behind != NULL &&
         gw->now_ns - behind->accepted_ns >= 32 * gw->options.t1_ns) {
    outbound *next = behind->next;
    outbound_fail(gw, behind, NULL, end);
    behind = next;
  }
}

/* All that is pending, when the time to stop in good order is over. */
void gw_outbound_expire(stox_gateway *gw) {
  for (size_t i = 0; i < gw->destinations.n_buckets; i++) {
    while (gw->destinations.buckets[i] != NULL) {
      destination *d = (void *)gw->destinations.buckets[i];
      outbound_fail(gw, d->first, NULL, (ending){408, STOX_E_TIMEOUT, STOX_OUTCOME_TIMEOUT});
    }
  }
}

void gw_outbound_clear(stox_gateway *gw) {
  for (size_t i = 0; i < gw->destinations.n_buckets; i++) {
    while (gw->destinations.buckets[i] != NULL) {
      destination *d = (void *)gw->destinations.buckets[i];
      while (d->first != NULL) {
        outbound *next = d->first->next;
        outbound_free(gw, d->first);
        d->first = next;
      }
      gw_destination_forget(gw, d);
    }
  }
  while (gw->spare_out != NULL) {
    outbound *next = gw->spare_out->next;
    gw_give(gw, gw->spare_out, sizeof(outbound));
    gw->spare_out = next;
  }
  stox_table_clear(&gw->destinations);
  stox_table_clear(&gw->messages);
}
