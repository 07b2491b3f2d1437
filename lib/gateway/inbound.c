/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/status.h"

/* ---- making and freeing ---- */

inbound *gw_inbound_new(stox_gateway *gw, const stox_flow *flow, stox_span bytes) {
  inbound *in = gw->spare;
  if (in != NULL) {
    gw->spare = in->next[OF_WAY];
    gw->n_spare--;
  } else {
    in = gw_take(gw, sizeof *in);
    if (in == NULL) {
      return NULL;
    }
    stox_arena_init(&in->arena, in->block, sizeof in->block, 0, gw->options.alloc);
  }
  stox_span copy;
  if (stox_arena_copy(&in->arena, &copy, bytes) != STOX_OK) {
    gw_inbound_free(gw, in);
    return NULL;
  }
  in->stanza = copy; /* the octets to parse, until the stanza is written */
  in->flow = *flow;
  in->way = NULL;
  in->transaction = 0;
  in->batch = 0;
  in->deadline_ns = 0;
  in->accepted_ns = gw->now_ns;
  in->sent = 0;
  in->request = NULL;
  in->route = (stox_message_route){.dropped = 0};
  gw->n_inbound++;
  return in;
}

static void release(stox_gateway *gw, inbound *in) {
  stox_arena_clear(&in->arena);
  gw_give(gw, in, sizeof *in);
}

void gw_inbound_free(stox_gateway *gw, inbound *in) {
  gw->n_inbound -= gw->n_inbound > 0 ? 1U : 0U;
  if (gw->n_spare >= SPARE_MAX) {
    release(gw, in);
    return;
  }
  stox_arena_clear(&in->arena);
  in->next[OF_WAY] = gw->spare;
  gw->spare = in;
  gw->n_spare++;
}

static void release_all(stox_gateway *gw, inbound *in, int which) {
  while (in != NULL) {
    inbound *next = in->next[which];
    release(gw, in);
    in = next;
  }
}

void gw_inbound_clear(stox_gateway *gw) {
  for (size_t i = 0; i < AGES; i++) {
    release_all(gw, gw->ages[i].first, BY_AGE);
  }
  release_all(gw, gw->spare, OF_WAY);
  stox_table_clear(&gw->requests);
}

inbound *gw_inbound_find(const stox_gateway *gw, stox_span id) {
  const uint64_t hash = stox_table_hash(&gw->requests, 0, id);
  stox_link *link = NULL;
  while ((link = stox_table_find(&gw->requests, hash, link)) != NULL) {
    inbound *in = (void *)link;
    if (stox_span_is_equal(in->route.id, id)) {
      return in;
    }
  }
  return NULL;
}

/* ---- the final response ---- */

void gw_inbound_record(stox_gateway *gw, const inbound *in, int code, int status, int outcome) {
  stox_name_addr from = {.uri = {NULL, 0}};
  (void)stox_sip_get_address(&from, in->request, STOX_SIP_FROM, 0);
  const stox_gateway_record r = {.direction = STOX_GATEWAY_SIP_TO_XMPP,
                                 .outcome = outcome,
                                 .code = code,
                                 .status = status,
                                 .from = from.uri,
                                 .to = stox_sip_request_uri(in->request),
                                 .id = in->route.id,
                                 .call_id = stox_sip_value(in->request, STOX_SIP_CALL_ID),
                                 .duration_ns = gw->now_ns - in->accepted_ns};
  gw_count(gw, r.direction, outcome);
  gw_tell(gw, STOX_GATEWAY_RECORD, status, &r);
}

static void finish(stox_gateway *gw, inbound *in, stox_sip_edit *response, int status,
                   int outcome) {
  int code = response == NULL ? 0 : stox_sip_edit_status(response);
  const int answered =
      response == NULL
          ? STOX_E_NOMEM
          : stox_transactions_respond(gw->transactions, in->transaction, response, gw->now_ns);
  /* Without memory, or too late, no response leaves and the caller's own timer tells its sender
   * (RFC 3261 17.1.2.2): the record must not claim one. */
  if (answered != STOX_OK) {
    code = 0;
    status = status == STOX_OK ? answered : status;
  }
  gw_inbound_record(gw, in, code, status, outcome);
  gw_barrier_remove(gw, in);
  if (in->route.id.n > 0) {
    stox_table_remove(&gw->requests, &in->by_id);
  }
  gw_inbound_free(gw, in);
}

void gw_inbound_answer(stox_gateway *gw, inbound *in, int code, int status, int outcome) {
  char tag[TAG_TEXT];
  stox_sip_edit *response = NULL;
  stox_arena_reset(&gw->scratch);
  if (gw_tag(gw, tag) == STOX_OK) {
    (void)stox_message_answer(&response, &gw->scratch, in->request, code,
                              (stox_span){tag, sizeof tag}, &gw->message);
  }
  finish(gw, in, response, status, outcome);
}

void gw_inbound_bounced(stox_gateway *gw, inbound *in, const stox_stanza *bounce) {
  char tag[TAG_TEXT];
  stox_sip_edit *response = NULL;
  stox_arena_reset(&gw->scratch);
  if (gw_tag(gw, tag) == STOX_OK) {
    (void)stox_message_failure_to_sip(&response, &gw->scratch, in->request, bounce,
                                      (stox_span){tag, sizeof tag}, &gw->message);
  }
  finish(gw, in, response, STOX_OK, STOX_OUTCOME_BOUNCED);
}

/* ---- checks, in the order of RFC 3261 8.2 and 16.3 ---- */

typedef struct verdict {
  int code;
  int status;
} verdict;

static const verdict pass = {0, STOX_OK};

static verdict check_hops(const stox_gateway *gw, inbound *in) {
  uint32_t left = 0;
  const stox_span key = {(const char *)gw->loop_key, sizeof gw->loop_key};
  int status = stox_hops_take(&in->hops, in->request);
  if (status != STOX_OK) {
    return (verdict){status == STOX_E_TOO_MANY_HOPS ? 483 : 400, status};
  }
  status = stox_breadth_take(&left, in->request, 1);
  if (status != STOX_OK) {
    return (verdict){status == STOX_E_BREADTH ? 440 : 400, status};
  }
  if (stox_loop_check(in->request, gw->sent_by, gw->options.n_sip_local, key) == STOX_E_LOOP) {
    return (verdict){482, STOX_E_LOOP};
  }
  return pass;
}

static verdict check_route(stox_gateway *gw, inbound *in) {
  stox_diag diag = {0, 500, 0, NULL};
  const int status =
      stox_message_route_from_sip(&in->route, &in->arena, in->request, &gw->message, &diag);
  if (status != STOX_OK) {
    return (verdict){diag.answer, status};
  }
  /* Who may speak for a domain, before whom it may speak to. */
  const served *local = gw_served_of(gw, in->route.from_jid.domainpart);
  if (local == NULL) {
    return (verdict){403, STOX_E_AUTH};
  }
  if (!gw_is_xmpp_domain(gw, local, in->route.to_jid.domainpart)) {
    return (verdict){404, STOX_E_UNKNOWN_DOMAIN};
  }
  if (gw_reflection_check(gw, &in->arena, &in->route, stox_sip_body(in->request)) != STOX_OK) {
    return (verdict){482, STOX_E_LOOP};
  }
  return pass;
}

static verdict check(stox_gateway *gw, inbound *in) {
  if (gw->is_stopping) {
    return (verdict){503, STOX_E_STATE};
  }
  const verdict hops = check_hops(gw, in);
  if (hops.code != 0) {
    return hops;
  }
  if (stox_sip_value(in->request, STOX_SIP_REQUIRE).n > 0) {
    return (verdict){420, STOX_E_UNSUPPORTED_EXTENSION};
  }
  /* A dialog that is not here: none is (RFC 3261 12.2.2). */
  if (stox_sip_tag(in->request, STOX_SIP_TO).n > 0) {
    return (verdict){481, STOX_E_STATE};
  }
  return check_route(gw, in);
}

/* ---- from request to stanza ---- */

static int take_id(stox_gateway *gw, inbound *in) {
  stox_buf buf;
  stox_buf_init(&buf, in->id_text, sizeof in->id_text);
  int status = stox_message_id(&buf, in->request);
  if (status != STOX_OK) {
    return status;
  }
  const stox_span id = stox_buf_span(&buf);
  if (gw_inbound_find(gw, id) != NULL) {
    return STOX_E_LOOP; /* the same request by another branch (RFC 3261 8.2.2.2) */
  }
  status = stox_table_insert(&gw->requests, &in->by_id, stox_table_hash(&gw->requests, 0, id));
  in->route.id = status == STOX_OK ? id : (stox_span){NULL, 0};
  return status;
}

static int type_for(stox_gateway *gw, inbound *in) {
  if (gw->options.message_type != STOX_GATEWAY_TYPE_CHAT_IF_KNOWN) {
    return gw->options.message_type == STOX_GATEWAY_TYPE_CHAT ? STOX_TYPE_CHAT : STOX_TYPE_NONE;
  }
  /* Known by bare addresses: the user may have written from another device. */
  stox_span user;
  stox_span peer;
  if (gw_bare(&user, &in->arena, &in->route.to_jid) != STOX_OK ||
      gw_bare(&peer, &in->arena, &in->route.from_jid) != STOX_OK) {
    return STOX_TYPE_NONE;
  }
  const conversation *c = gw_conversation(gw, user, peer, (stox_span){NULL, 0}, 0);
  return c != NULL && c->is_chat ? STOX_TYPE_CHAT : STOX_TYPE_NONE;
}

static int write_stanza(stox_gateway *gw, inbound *in, stox_diag *diag) {
  stox_message_options options = gw->message;
  options.type = type_for(gw, in);
  options.has_hops = gw->options.writes_hops != 0;
  options.hops = in->hops;
  const size_t guess = stox_sip_text(in->request).n + 1024;
  for (size_t cap = guess;;) {
    stox_buf buf;
    char *p = stox_arena_take(&in->arena, cap, 1);
    if (p == NULL) {
      return stox_diag_set(diag, STOX_E_NOMEM, 500, 0, "memory");
    }
    stox_buf_init(&buf, p, cap);
    const int status =
        stox_message_to_xmpp(&buf, &gw->scratch, in->request, &in->route, &options, diag);
    if (status != STOX_E_NOBUF) {
      in->stanza = stox_buf_span(&buf);
      return status;
    }
    cap = buf.len;
  }
}

/* One destination fills only its own queue. */
static verdict check_room(stox_gateway *gw, const way *w) {
  if (w == NULL) {
    return (verdict){500, STOX_E_NOMEM};
  }
  if (w->queued >= gw->limits.queue || gw->requests.count / SERVED_MAX >= gw->limits.queue) {
    gw->counters.shed++;
    return (verdict){503, STOX_E_FULL};
  }
  return pass;
}

/* The stanza is written and waits on its way; or the final response that there is at once. */
static verdict carry(stox_gateway *gw, inbound *in) {
  served *local = gw_served_of(gw, in->route.from_jid.domainpart);
  way *w = gw_way_to(gw, local, in->route.to_jid.domainpart);
  const verdict room = check_room(gw, w);
  if (room.code != 0) {
    return room;
  }
  int status = take_id(gw, in);
  if (status != STOX_OK) {
    return (verdict){status == STOX_E_LOOP ? 482 : 500, status};
  }
  stox_diag diag = {0, 500, 0, NULL};
  stox_arena_reset(&gw->scratch);
  status = write_stanza(gw, in, &diag);
  if (status != STOX_OK) {
    return (verdict){status == STOX_E_NONE ? 200 : diag.answer, status};
  }
  gw_barrier_add(gw, w, in);
  return pass;
}

void gw_inbound_message(stox_gateway *gw, inbound *in) {
  verdict v = check(gw, in);
  if (v.code == 0) {
    v = carry(gw, in);
  }
  if (v.code != 0) {
    gw_inbound_answer(gw, in, v.code, v.status,
                      v.code == 200 ? STOX_OUTCOME_IGNORED : STOX_OUTCOME_REFUSED);
  }
}
