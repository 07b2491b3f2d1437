/* SPDX-License-Identifier: MIT */
/* libre. It splits the header fields, parses what routes a message, and leaves the rest as texts,
 * which are parsed here with its own functions. */
#include "sip_peers.h"

#include <re.h>

#include <string.h>

typedef struct via {
  struct sip_via parts;
  struct pl host;
  struct pl port;
  struct pl received;
  struct pl rport;
  int has_received;
  int has_rport;
} via;

typedef struct address {
  struct sip_addr parts;
  struct pl expires;
  struct pl instance;
  struct pl reg_id;
  int star;
} address;

typedef struct addresses {
  address values[FACT_VALUES];
  size_t count;
  int is_bad;
} addresses;

static struct taken {
  struct mbuf *buffer;
  struct sip_msg *msg;
  via vias[FACT_VALUES];
  size_t n_vias;
  int is_bad;
  addresses lists[FACT_LISTS];
  struct sipevent_event event;
  struct httpauth_digest_chall challenge;
  int has_challenge;
  uint32_t max_forwards;
  uint32_t expires;
} taken;

static void ready(void) {
  taken.buffer = mbuf_alloc(1);
  mem_deref(taken.buffer->buf);
  taken.buffer->buf = NULL;
}

static bool take_via(const struct sip_hdr *header, const struct sip_msg *msg, void *arg) {
  struct taken *t = arg;
  via *v = &t->vias[t->n_vias < FACT_VALUES ? t->n_vias : FACT_VALUES - 1];
  (void)msg;
  t->n_vias++;
  memset(v, 0, sizeof *v);
  if (sip_via_decode(&v->parts, &header->val) != 0 ||
      uri_decode_hostport(&v->parts.sentby, &v->host, &v->port) != 0) {
    t->is_bad = 1;
    return true;
  }
  v->has_received = msg_param_decode(&v->parts.params, "received", &v->received) == 0;
  v->has_rport = msg_param_exists(&v->parts.params, "rport", &v->rport) == 0;
  if (v->has_rport && msg_param_decode(&v->parts.params, "rport", &v->rport) != 0) {
    v->rport.l = 0;
  }
  return false;
}

static bool take_address(const struct sip_hdr *header, const struct sip_msg *msg, void *arg) {
  addresses *out = arg;
  address *a = &out->values[out->count < FACT_VALUES ? out->count : FACT_VALUES - 1];
  (void)msg;
  out->count++;
  a->star = header->id == SIP_HDR_CONTACT && pl_strcmp(&header->val, "*") == 0;
  if (a->star) {
    return false;
  }
  if (sip_addr_decode(&a->parts, &header->val) != 0) {
    out->is_bad = 1;
    return true;
  }
  if (header->id == SIP_HDR_CONTACT) {
    (void)msg_param_decode(&a->parts.params, "expires", &a->expires);
    (void)msg_param_decode(&a->parts.params, "+sip.instance", &a->instance);
    (void)msg_param_decode(&a->parts.params, "reg-id", &a->reg_id);
  }
  return false;
}

static int take_lists(struct taken *t) {
  static const enum sip_hdrid ids[FACT_LISTS] = {
      SIP_HDR_CONTACT, SIP_HDR_ROUTE, SIP_HDR_RECORD_ROUTE, SIP_HDR_PATH, SIP_HDR_REFER_TO};
  for (size_t i = 0; i < FACT_LISTS; i++) {
    t->lists[i].count = 0;
    t->lists[i].is_bad = 0;
    (void)sip_msg_hdr_apply(t->msg, true, ids[i], take_address, &t->lists[i]);
    if (t->lists[i].is_bad) {
      return -1;
    }
  }
  return 0;
}

static int take_rest(struct taken *t) {
  const struct sip_hdr *event = sip_msg_hdr(t->msg, SIP_HDR_EVENT);
  const struct sip_hdr *challenge = sip_msg_hdr(t->msg, SIP_HDR_WWW_AUTHENTICATE);
  t->max_forwards = pl_u32(&t->msg->maxfwd);
  t->expires = pl_u32(&t->msg->expires);
  if (event != NULL && sipevent_event_decode(&t->event, &event->val) != 0) {
    return -1;
  }
  t->has_challenge =
      challenge != NULL && httpauth_digest_challenge_decode(&t->challenge, &challenge->val) == 0;
  return 0;
}

static int take(stox_span message) {
  struct taken *t = &taken;
  t->buffer->buf = (uint8_t *)(uintptr_t)message.p;
  t->buffer->pos = 0;
  t->buffer->size = t->buffer->end = message.n;
  t->n_vias = 0;
  t->is_bad = 0;
  memset(&t->event, 0, sizeof t->event);
  if (sip_msg_decode(&t->msg, t->buffer) != 0) {
    return -1;
  }
  (void)sip_msg_hdr_apply(t->msg, true, SIP_HDR_VIA, take_via, t);
  return t->is_bad || take_lists(t) != 0 ? -1 : take_rest(t);
}

static stox_span span(const struct pl *text) {
  return (stox_span){text->p, text->p == NULL ? 0 : text->l};
}

static stox_span params_of(const struct pl *text) {
  const stox_span params = span(text);
  return params.n > 0 && params.p[0] == ';' ? stox_span_slice(params, 1, SIZE_MAX) : params;
}

/* The URI as it writes it, without the scheme. */
static stox_span tell_opaque(sip_facts *out, const struct uri *uri) {
  char text[2048];
  if (re_snprintf(text, sizeof text, "%H", uri_encode, uri) < 0) {
    return fact_text(NULL);
  }
  return fact_join(out, stox_span_slice(fact_text(text), uri->scheme.l + 1, SIZE_MAX), "",
                   fact_text(NULL));
}

static fact_uri tell_uri(sip_facts *out, const struct uri *uri) {
  char digits[8];
  stox_buf port;
  if (!fact_is_sip(span(&uri->scheme))) {
    return (fact_uri){.scheme = span(&uri->scheme), .opaque = tell_opaque(out, uri)};
  }
  stox_buf_init(&port, digits, sizeof digits);
  (void)stox_buf_put_number(&port, uri->port);
  fact_uri told = {.scheme = span(&uri->scheme),
                   .user = span(&uri->user),
                   .password = span(&uri->password),
                   .host = fact_host(out, span(&uri->host)),
                   .port = fact_join(out, stox_buf_span(&port), "", fact_text(NULL)),
                   .params = params_of(&uri->params)};
  const stox_span headers = span(&uri->headers);
  if (headers.n > 0) {
    told.headers = headers.p[0] == '?' ? stox_span_slice(headers, 1, SIZE_MAX) : headers;
  }
  if (told.user.n == 0) {
    told.user.p = NULL;
  }
  if (told.password.n == 0) {
    told.password.p = NULL;
  }
  return told;
}

static void tell_vias(sip_facts *out) {
  out->n_vias = taken.n_vias;
  for (size_t i = 0; i < taken.n_vias && i < FACT_VALUES; i++) {
    const via *v = &taken.vias[i];
    out->vias[i] = (fact_via){.transport = fact_text(sip_transp_name(v->parts.tp)),
                              .host = fact_host(out, span(&v->host)),
                              .port = span(&v->port),
                              .branch = span(&v->parts.branch)};
    if (v->has_received) {
      out->vias[i].received = span(&v->received);
    }
    if (v->has_rport) {
      out->vias[i].rport = v->rport.l > 0 ? span(&v->rport) : fact_text("");
    }
  }
}

static void tell_lists(sip_facts *out) {
  for (size_t i = 0; i < FACT_LISTS; i++) {
    const addresses *from = &taken.lists[i];
    out->lists[i].count = from->count;
    for (size_t k = 0; k < from->count && k < FACT_VALUES; k++) {
      const address *a = &from->values[k];
      fact_address *to = &out->lists[i].values[k];
      to->star = a->star;
      if (!a->star) {
        to->display = span(&a->parts.dname);
        to->params = params_of(&a->parts.params);
        to->uri = tell_uri(out, &a->parts.uri);
      }
    }
  }
}

static void tell_tagged(sip_facts *out, fact_address *to, const struct sip_taddr *from) {
  to->display = span(&from->dname);
  to->params = params_of(&from->params);
  to->uri = tell_uri(out, &from->uri);
}

static void tell_body(sip_facts *out) {
  const struct sip_msg *msg = taken.msg;
  out->type = span(&msg->ctyp.type);
  out->subtype = span(&msg->ctyp.subtype);
  if (msg->clen.l > 0) {
    out->content_length = (int64_t)pl_u32(&msg->clen);
  }
  const size_t left = mbuf_get_left(msg->mb);
  const size_t n = out->content_length >= 0 && (size_t)out->content_length < left
                       ? (size_t)out->content_length
                       : left;
  out->body = (stox_span){(const char *)mbuf_buf(msg->mb), n};
}

static void tell(sip_facts *out) {
  const struct sip_msg *msg = taken.msg;
  facts_clear(out);
  out->status = msg->scode;
  if (msg->req) {
    out->method = span(&msg->met);
    out->request_uri = tell_uri(out, &msg->uri);
  }
  tell_vias(out);
  tell_lists(out);
  tell_tagged(out, &out->from, &msg->from);
  tell_tagged(out, &out->to, &msg->to);
  out->from_tag = span(&msg->from.tag);
  out->to_tag = span(&msg->to.tag);
  out->call_id = span(&msg->callid);
  out->cseq = (int64_t)msg->cseq.num;
  out->cseq_method = span(&msg->cseq.met);
  if (msg->maxfwd.l > 0) {
    out->max_forwards = (int64_t)taken.max_forwards;
  }
  if (msg->expires.l > 0) {
    out->expires = (int64_t)taken.expires;
  }
  out->event = span(&taken.event.event);
  if (taken.has_challenge) {
    out->realm = span(&taken.challenge.realm);
    out->nonce = span(&taken.challenge.nonce);
  }
  tell_body(out);
}

static void release(void) {
  taken.msg = mem_deref(taken.msg);
  taken.has_challenge = 0;
  taken.buffer->buf = NULL;
  taken.buffer->size = taken.buffer->end = taken.buffer->pos = 0;
}

const sip_peer sip_peer_re = {
    .name = "libre", .open = ready, .parse = take, .tell = tell, .release = release};
