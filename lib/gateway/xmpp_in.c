/* SPDX-License-Identifier: MIT */
#include "gateway/internal.h"

#include "stox/status.h"

/* ---- errors for what is not carried ---- */

typedef struct refusal {
  const stox_stanza *stanza;
  stox_error_write error;
} refusal;

static int write_refusal(stox_buf *out, void *ud) {
  const refusal *r = ud;
  return stox_stanza_error_write(out, r->stanza, &r->error);
}

void gw_stanza_refuse(stox_gateway *gw, served *local, const stox_stanza *stanza, int condition) {
  refusal r = {stanza, {.condition = condition, .type = stox_condition_type(condition)}};
  (void)gw_reply(gw, local, stanza->from, write_refusal, &r);
}

/* ---- iq ---- */

typedef struct reply {
  const stox_stanza *iq;
  const stox_service *service;
} reply;

static int write_reply(stox_buf *out, void *ud) {
  const reply *r = ud;
  return stox_service_answer(out, r->iq, r->service);
}

static void on_answer(stox_gateway *gw, served *local, const stox_stanza *iq) {
  way *w = gw_way_find(gw, local, iq->from); /* a ping is answered by a domain */
  if (w != NULL) {
    (void)gw_barrier_answered(gw, w, iq);
  }
}

static void on_iq(stox_gateway *gw, served *local, const stox_stanza *iq) {
  if (iq->type == STOX_TYPE_RESULT || iq->type == STOX_TYPE_ERROR) {
    on_answer(gw, local, iq);
    return;
  }
  const stox_service service = {.category = "gateway",
                                .type = "sip",
                                .name = "SIP gateway",
                                .software = "libstox",
                                .version = "0.1.0"};
  stox_jid to;
  const int is_own =
      stox_jid_parse(&to, iq->to, NULL) == STOX_OK && stox_jid_scope(&to) == STOX_SCOPE_DOMAIN;
  reply r = {iq, is_own ? &service : NULL};
  (void)gw_reply(gw, local, iq->from, write_reply, &r);
}

/* ---- presence ---- */

static int write_unavailable(stox_buf *out, void *ud) {
  const stox_stanza *probe = ud;
  const stox_stanza answer = {.kind = STOX_STANZA_PRESENCE,
                              .type = STOX_TYPE_UNAVAILABLE,
                              .from = probe->to,
                              .to = probe->from,
                              .ns = probe->ns};
  stox_xml_writer w;
  stox_xml_writer_init(&w, out, probe->ns);
  stox_stanza_open(&w, &answer);
  stox_xml_close(&w);
  return stox_xml_writer_end(&w);
}

/* Presence is not carried: a subscription is refused in a way that cancels none that stands, a
 * probe is answered "unavailable", all else needs no answer (RFC 6121 4). */
static void on_presence(stox_gateway *gw, served *local, const stox_stanza *presence) {
  if (presence->type == STOX_TYPE_SUBSCRIBE) {
    gw_stanza_refuse(gw, local, presence, STOX_COND_FEATURE_NOT_IMPLEMENTED);
  } else if (presence->type == STOX_TYPE_PROBE) {
    stox_stanza probe = *presence;
    (void)gw_reply(gw, local, presence->from, write_unavailable, &probe);
  }
}

/* ---- message ---- */

/* Only the domain that a message went to can bounce it, in whichever form it writes itself. */
static int is_of_recipient(stox_gateway *gw, served *local, const inbound *in, stox_span sender) {
  stox_jid from;
  if (stox_jid_parse(&from, sender, NULL) != STOX_OK) {
    return 0;
  }
  return stox_span_is_equal_nocase(from.domainpart, in->route.to_jid.domainpart) ||
         (local->session == NULL && in->way != NULL &&
          gw_way_find(gw, local, from.domainpart) == in->way);
}

static void on_bounce(stox_gateway *gw, served *local, const stox_stanza *bounce) {
  inbound *in = bounce->id.n == 0 ? NULL : gw_inbound_find(gw, bounce->id);
  if (in != NULL && is_of_recipient(gw, local, in, bounce->from)) {
    gw_inbound_bounced(gw, in, bounce);
    return;
  }
  const stox_gateway_record r = {.direction = STOX_GATEWAY_SIP_TO_XMPP,
                                 .outcome = STOX_OUTCOME_LATE_ERROR,
                                 .from = bounce->to,
                                 .to = bounce->from,
                                 .id = bounce->id};
  gw_count(gw, r.direction, r.outcome);
  gw_tell(gw, STOX_GATEWAY_RECORD, STOX_OK, &r);
}

static void on_message(stox_gateway *gw, served *local, const stox_stanza *message) {
  /* The gateway itself is nobody who reads messages. */
  const int is_own = stox_span_find(message->to, '@') == message->to.n;
  if (message->type == STOX_TYPE_ERROR) {
    on_bounce(gw, local, message);
  } else if (message->type == STOX_TYPE_GROUPCHAT || is_own) {
    gw_stanza_refuse(gw, local, message, STOX_COND_SERVICE_UNAVAILABLE);
  } else {
    gw_outbound_message(gw, local, message);
  }
}

/* ---- the door ---- */

/* The server vouches for `from`; it must not be one of our own domains, nor `to` any but this one.
 * Of another server's stanza both are known already, in whichever form it writes them. */
static int is_for_us(stox_gateway *gw, const served *local, const stox_stanza *stanza) {
  stox_jid from;
  stox_jid to;
  return stox_jid_parse(&from, stanza->from, NULL) == STOX_OK &&
         stox_jid_parse(&to, stanza->to, NULL) == STOX_OK &&
         (local->session == NULL || stox_span_is_equal_nocase(to.domainpart, local->name)) &&
         gw_served_of(gw, from.domainpart) == NULL;
}

void gw_stanza(stox_gateway *gw, served *local, const stox_stanza *stanza) {
  gw->counters.stanzas_in++;
  if (!is_for_us(gw, local, stanza)) {
    return;
  }
  if (stanza->kind == STOX_STANZA_IQ) {
    on_iq(gw, local, stanza);
  } else if (stanza->kind == STOX_STANZA_PRESENCE) {
    on_presence(gw, local, stanza);
  } else {
    on_message(gw, local, stanza);
  }
}
