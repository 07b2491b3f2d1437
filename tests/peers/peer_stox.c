/* SPDX-License-Identifier: MIT */
/* libstox by its public functions, as any host would use it. */
#include "peer_stox.h"
#include "sip_peers.h"

#include "stox/media_type.h"
#include "stox/sip.h"
#include "stox/sip_contact.h"
#include "stox/sip_credentials.h"
#include "stox/sip_event.h"
#include "stox/status.h"

enum { ROOM = 1 << 21, NONE = -1 };

typedef struct address {
  stox_name_addr parts;
  stox_uri uri;
} address;

typedef struct list {
  address values[FACT_VALUES];
  size_t count;
} list;

static struct taken {
  stox_sip_message *message;
  stox_uri request_uri;
  stox_sip_via vias[FACT_VALUES];
  size_t n_vias;
  address from;
  address to;
  stox_span from_tag;
  stox_span to_tag;
  stox_sip_cseq cseq;
  stox_span call_id;
  int64_t max_forwards;
  int64_t expires;
  list lists[FACT_LISTS]; /* but that of Contact, of which it has the count alone */
  stox_sip_binding bindings[FACT_VALUES];
  stox_media_type type;
  stox_sip_event event;
  stox_span realm;
  stox_span nonce;
  stox_span body;
  stox_arena arena;
} taken;

static char room[ROOM];
static stox_sip_options options;

void peer_stox_options(int lenient) {
  (void)stox_sip_options_init(&options, sizeof options);
  options.lenient = lenient;
}

void peer_stox_kernel(int kernel) {
  options.kernel = kernel;
}

int peer_stox_kernel_of(void) {
  return options.kernel;
}

size_t peer_stox_workspace(void) {
  return taken.arena.total + taken.arena.used;
}

const stox_sip_message *peer_stox_message(void) {
  return taken.message;
}

static void ready(void) {
  peer_stox_options(0);
}

static int take_vias(struct taken *t) {
  int status = STOX_OK;
  stox_sip_cursor cursor = {0, 0};
  size_t n = 0;
  while ((status = stox_sip_next_via(&t->vias[n < FACT_VALUES ? n : FACT_VALUES - 1], t->message,
                                     &cursor)) == STOX_OK) {
    n++;
  }
  t->n_vias = n;
  return status == STOX_E_NONE ? STOX_OK : status;
}

static int take_contacts(struct taken *t) {
  stox_sip_cursor cursor = {0, 0};
  int status = STOX_OK;
  list *out = &t->lists[FACT_CONTACT];
  stox_sip_binding *a = t->bindings;
  out->count = 0;
  while ((status = stox_sip_next_binding(a, t->message, &cursor)) == STOX_OK) {
    out->count++;
    if (a->uri.lenient && !options.lenient) {
      return STOX_E_BAD_URI;
    }
    a += out->count < FACT_VALUES;
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

static int take_list(struct taken *t, list *out, int id) {
  stox_sip_cursor cursor = {0, 0};
  int status = STOX_OK;
  address *a = out->values;
  out->count = 0;
  while ((status = stox_sip_next_address_uri(&a->parts, &a->uri, t->message, id, &cursor)) ==
         STOX_OK) {
    out->count++;
    if (a->uri.lenient && !options.lenient) {
      return STOX_E_BAD_URI;
    }
    a += out->count < FACT_VALUES;
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

static int take_lists(struct taken *t) {
  static const int ids[FACT_LISTS] = {STOX_SIP_CONTACT, STOX_SIP_ROUTE, STOX_SIP_RECORD_ROUTE,
                                      STOX_SIP_PATH, STOX_SIP_REFER_TO};
  int status = take_contacts(t);
  for (size_t i = FACT_CONTACT + 1; status == STOX_OK && i < FACT_LISTS; i++) {
    status = take_list(t, &t->lists[i], ids[i]);
  }
  return status;
}

static int take_one(struct taken *t, address *a, stox_span *tag, int id) {
  stox_sip_cursor cursor = {0, 0};
  *tag = stox_sip_tag(t->message, id);
  return stox_sip_next_address_uri(&a->parts, &a->uri, t->message, id, &cursor);
}

static int take_number(const struct taken *t, int64_t *out, int id) {
  uint32_t value = 0;
  const int status = stox_sip_get_number(&value, t->message, id);
  *out = status == STOX_OK ? (int64_t)value : NONE;
  return status == STOX_E_NONE ? STOX_OK : status;
}

static int take_challenge(struct taken *t) {
  stox_sip_credentials challenge;
  stox_param param;
  size_t cursor = 0;
  const stox_span value = stox_sip_value(t->message, STOX_SIP_WWW_AUTHENTICATE);
  t->realm = t->nonce = (stox_span){NULL, 0};
  if (value.p == NULL) {
    return STOX_OK;
  }
  int status = stox_sip_credentials_open(&challenge, value, NULL);
  while (status == STOX_OK &&
         (status = stox_sip_next_auth_param(&param, challenge.params, &cursor)) == STOX_OK) {
    if (stox_span_is_equal_nocase(param.name, (stox_span){"realm", 5})) {
      t->realm = param.value;
    } else if (stox_span_is_equal_nocase(param.name, (stox_span){"nonce", 5})) {
      t->nonce = param.value;
    }
  }
  return status == STOX_E_NONE ? STOX_OK : status;
}

static int take_rest(struct taken *t) {
  int status = STOX_OK;
  const stox_span type = stox_sip_value(t->message, STOX_SIP_CONTENT_TYPE);
  const stox_span event = stox_sip_value(t->message, STOX_SIP_EVENT);
  t->type.type = t->type.subtype = t->event.package = (stox_span){NULL, 0};
  t->call_id = stox_sip_value(t->message, STOX_SIP_CALL_ID);
  t->body = stox_sip_body(t->message);
  if ((status = stox_sip_get_cseq(&t->cseq, t->message)) != STOX_OK ||
      (status = take_number(t, &t->max_forwards, STOX_SIP_MAX_FORWARDS)) != STOX_OK ||
      (status = take_number(t, &t->expires, STOX_SIP_EXPIRES)) != STOX_OK) {
    return status;
  }
  if (type.p != NULL && (status = stox_media_type_parse(&t->type, type, NULL)) != STOX_OK) {
    return status;
  }
  if (event.p != NULL && (status = stox_sip_event_parse(&t->event, event, NULL)) != STOX_OK) {
    return status;
  }
  return take_challenge(t);
}

int peer_stox_parse(stox_span bytes) {
  stox_arena_init(&taken.arena, room, sizeof room, 0, NULL);
  return stox_sip_parse(&taken.message, &taken.arena, bytes, &options, NULL);
}

int peer_stox_take(stox_span bytes) {
  struct taken *t = &taken;
  int status = peer_stox_parse(bytes);
  if (status == STOX_OK && stox_sip_status(t->message) == 0) {
    status = stox_sip_get_request_uri(&t->request_uri, t->message);
  }
  if (status != STOX_OK || (status = take_vias(t)) != STOX_OK ||
      (status = take_one(t, &t->from, &t->from_tag, STOX_SIP_FROM)) != STOX_OK ||
      (status = take_one(t, &t->to, &t->to_tag, STOX_SIP_TO)) != STOX_OK ||
      (status = take_lists(t)) != STOX_OK) {
    return status;
  }
  return take_rest(t);
}

static int take(stox_span bytes) {
  return peer_stox_take(bytes) == STOX_OK ? 0 : -1;
}

static fact_uri tell_uri(const stox_uri *uri) {
  fact_uri out = {.scheme = uri->scheme_text};
  if (uri->scheme != STOX_SCHEME_SIP && uri->scheme != STOX_SCHEME_SIPS) {
    out.opaque = stox_span_slice(uri->text, uri->scheme_text.n + 1, SIZE_MAX);
    return out;
  }
  out.user = uri->user;
  out.password = uri->password;
  out.host = uri->host;
  out.port = uri->port_text;
  out.params = uri->params;
  out.headers = uri->headers;
  return out;
}

static void tell_address(fact_address *out, const stox_name_addr *parts, const stox_uri *uri) {
  out->star = parts->star;
  out->display = parts->display;
  out->params = parts->params;
  if (!out->star) {
    out->uri = tell_uri(uri);
  }
}

static void tell_vias(sip_facts *out) {
  out->n_vias = taken.n_vias;
  for (size_t i = 0; i < taken.n_vias && i < FACT_VALUES; i++) {
    const stox_sip_via *via = &taken.vias[i];
    char digits[12];
    stox_buf text;
    stox_buf_init(&text, digits, sizeof digits);
    (void)stox_buf_put_number(&text, via->rport);
    const stox_span rport = via->rport > 0 ? stox_buf_span(&text) : (stox_span){"", 0};
    out->vias[i] = (fact_via){.transport = via->transport,
                              .host = via->host,
                              .branch = via->branch,
                              .received = via->received};
    if (via->has_rport) {
      out->vias[i].rport = fact_join(out, rport, "", (stox_span){NULL, 0});
    }
    stox_buf_init(&text, digits, sizeof digits);
    (void)stox_buf_put_number(&text, via->port);
    out->vias[i].port = fact_join(out, stox_buf_span(&text), "", (stox_span){NULL, 0});
  }
}

static void tell_lists(sip_facts *out) {
  for (size_t i = 0; i < FACT_LISTS; i++) {
    const list *from = &taken.lists[i];
    out->lists[i].count = from->count;
    for (size_t k = 0; k < from->count && k < FACT_VALUES; k++) {
      const address *a = &from->values[k];
      const stox_sip_binding *b = &taken.bindings[k];
      if (i == FACT_CONTACT) {
        tell_address(&out->lists[i].values[k], &b->address, &b->uri);
      } else {
        tell_address(&out->lists[i].values[k], &a->parts, &a->uri);
      }
    }
  }
}

static void tell(sip_facts *out) {
  int64_t length = NONE;
  facts_clear(out);
  out->status = stox_sip_status(taken.message);
  out->method = stox_sip_method(taken.message);
  if (out->status == 0) {
    out->request_uri = tell_uri(&taken.request_uri);
  }
  tell_vias(out);
  tell_lists(out);
  tell_address(&out->from, &taken.from.parts, &taken.from.uri);
  tell_address(&out->to, &taken.to.parts, &taken.to.uri);
  out->from_tag = taken.from_tag;
  out->to_tag = taken.to_tag;
  out->call_id = taken.call_id;
  out->cseq = (int64_t)taken.cseq.number;
  out->cseq_method = taken.cseq.method;
  out->max_forwards = taken.max_forwards;
  out->expires = taken.expires;
  out->type = taken.type.type;
  out->subtype = taken.type.subtype;
  (void)take_number(&taken, &length, STOX_SIP_CONTENT_LENGTH);
  out->content_length = length;
  out->event = taken.event.package;
  out->realm = taken.realm;
  out->nonce = taken.nonce;
  out->body = taken.body;
}

static void release(void) {
  stox_arena_reset(&taken.arena);
}

const sip_peer sip_peer_stox = {
    .name = "libstox", .open = ready, .parse = take, .tell = tell, .release = release};
