/* SPDX-License-Identifier: MIT */
/* libosip2. It parses what it knows at once and keeps the rest as texts, which are parsed here with
 * its own functions. */
#include "sip_peers.h"

#include <osipparser2/osip_port.h>

#include <osipparser2/osip_parser.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct via {
  const osip_via_t *parts;
  osip_generic_param_t *branch;
  osip_generic_param_t *received;
  osip_generic_param_t *rport;
} via;

typedef struct addresses {
  osip_from_t *values[FACT_VALUES];
  size_t count;
} addresses;

static struct taken {
  osip_message_t *sip;
  via vias[FACT_VALUES];
  size_t n_vias;
  osip_generic_param_t *from_tag;
  osip_generic_param_t *to_tag;
  osip_generic_param_t *expires_param;
  osip_generic_param_t *instance;
  osip_generic_param_t *reg_id;
  addresses path;
  addresses refer_to;
  osip_content_disposition_t *event;
  int64_t max_forwards;
  int64_t expires;
} taken;

/* The library wants names that could be written to. */
static char branch_name[] = "branch";
static char received_name[] = "received";
static char rport_name[] = "rport";
static char tag_name[] = "tag";
static char expires_name[] = "expires";
static char instance_name[] = "+sip.instance";
static char reg_id_name[] = "reg-id";

static void ready(void) {
  (void)parser_init();
}

static int64_t number(const char *text) {
  char *end = NULL;
  const unsigned long long value = text == NULL ? 0 : strtoull(text, &end, 10);
  return text == NULL || end == text ? -1 : (int64_t)value;
}

static void take_vias(struct taken *t) {
  osip_list_iterator_t at;
  osip_via_t *parts = osip_list_get_first(&t->sip->vias, &at);
  for (; parts != NULL; parts = osip_list_get_next(&at), t->n_vias++) {
    if (t->n_vias >= FACT_VALUES) {
      continue;
    }
    via *v = &t->vias[t->n_vias];
    *v = (via){.parts = parts};
    (void)osip_uri_param_get_byname(&parts->via_params, branch_name, &v->branch);
    (void)osip_uri_param_get_byname(&parts->via_params, received_name, &v->received);
    (void)osip_uri_param_get_byname(&parts->via_params, rport_name, &v->rport);
  }
}

static void take_params(struct taken *t) {
  osip_list_iterator_t at;
  osip_contact_t *contact = osip_list_get_first(&t->sip->contacts, &at);
  for (; contact != NULL; contact = osip_list_get_next(&at)) {
    (void)osip_uri_param_get_byname(&contact->gen_params, expires_name, &t->expires_param);
    (void)osip_uri_param_get_byname(&contact->gen_params, instance_name, &t->instance);
    (void)osip_uri_param_get_byname(&contact->gen_params, reg_id_name, &t->reg_id);
  }
  if (t->sip->from != NULL) {
    (void)osip_uri_param_get_byname(&t->sip->from->gen_params, tag_name, &t->from_tag);
  }
  if (t->sip->to != NULL) {
    (void)osip_uri_param_get_byname(&t->sip->to->gen_params, tag_name, &t->to_tag);
  }
}

static int take_address(addresses *out, const char *text) {
  osip_from_t *address = NULL;
  if (out->count >= FACT_VALUES) {
    out->count++;
    return 0;
  }
  if (osip_from_init(&address) != 0) {
    return -1;
  }
  out->values[out->count++] = address;
  return osip_from_parse(address, text);
}

static int take_header(struct taken *t, const osip_header_t *header) {
  const char *name = header->hname;
  if (header->hvalue == NULL) {
    return 0;
  }
  if (strcasecmp(name, "max-forwards") == 0) {
    t->max_forwards = number(header->hvalue);
  } else if (strcasecmp(name, "expires") == 0) {
    t->expires = number(header->hvalue);
  } else if (strcasecmp(name, "path") == 0) {
    return take_address(&t->path, header->hvalue);
  } else if (strcasecmp(name, "refer-to") == 0 || strcasecmp(name, "r") == 0) {
    return take_address(&t->refer_to, header->hvalue);
  } else if ((strcasecmp(name, "event") == 0 || strcasecmp(name, "o") == 0) && t->event == NULL) {
    return osip_content_disposition_init(&t->event) != 0 ||
                   osip_content_disposition_parse(t->event, header->hvalue) != 0
               ? -1
               : 0;
  }
  return 0;
}

static int take(stox_span message) {
  struct taken *t = &taken;
  t->max_forwards = t->expires = -1;
  if (osip_message_init(&t->sip) != 0 || osip_message_parse(t->sip, message.p, message.n) != 0) {
    return -1;
  }
  take_vias(t);
  take_params(t);
  osip_list_iterator_t at;
  const osip_header_t *header = osip_list_get_first(&t->sip->headers, &at);
  for (; header != NULL; header = osip_list_get_next(&at)) {
    if (take_header(t, header) != 0) {
      return -1;
    }
  }
  return 0;
}

static stox_span tell_params(sip_facts *out, const osip_list_t *params) {
  stox_span list = {NULL, 0};
  osip_list_iterator_t at;
  const osip_uri_param_t *param = osip_list_get_first(params, &at);
  for (; param != NULL; param = osip_list_get_next(&at)) {
    list = fact_param(out, list, param->gname, param->gvalue);
  }
  return list;
}

/* The library decodes the escapes of a URI: what is still a `%` was one. */
static stox_span escaped(sip_facts *out, stox_span text) {
  const size_t from = out->room.len;
  if (stox_span_find(text, '%') == text.n) {
    return text;
  }
  for (size_t i = 0; i < text.n; i++) {
    (void)stox_buf_put_octet(&out->room, text.p[i]);
    if (text.p[i] == '%') {
      (void)stox_buf_put_text(&out->room, "25");
    }
  }
  return stox_span_slice(stox_buf_span(&out->room), from, SIZE_MAX);
}

static stox_span tell_headers(sip_facts *out, const osip_list_t *headers) {
  stox_span list = {NULL, 0};
  osip_list_iterator_t at;
  const osip_uri_header_t *header = osip_list_get_first(headers, &at);
  for (; header != NULL; header = osip_list_get_next(&at)) {
    const stox_span one = fact_join(out, fact_text(header->gname), "=", fact_text(header->gvalue));
    list = list.p == NULL ? one : fact_join(out, list, "&", one);
  }
  return list;
}

static fact_uri tell_uri(sip_facts *out, const osip_uri_t *uri) {
  fact_uri told = {.scheme = {NULL, 0}};
  if (uri == NULL) {
    return told;
  }
  told.scheme = fact_text(uri->scheme);
  if (uri->string != NULL) {
    told.opaque = fact_text(uri->string);
    return told;
  }
  told.user = escaped(out, fact_text(uri->username));
  told.password = escaped(out, fact_text(uri->password));
  told.host = fact_host(out, fact_text(uri->host));
  told.port = fact_text(uri->port);
  told.params = escaped(out, tell_params(out, &uri->url_params));
  told.headers = escaped(out, tell_headers(out, &uri->url_headers));
  return told;
}

static void tell_address(sip_facts *out, fact_address *a, const osip_from_t *from) {
  if (from == NULL) {
    return;
  }
  a->star = from->url == NULL && from->displayname != NULL && from->displayname[0] == '*';
  a->display = fact_text(from->displayname);
  a->uri = tell_uri(out, from->url);
  a->params = tell_params(out, &from->gen_params);
}

static stox_span tell_value(const osip_generic_param_t *param) {
  if (param == NULL) {
    return (stox_span){NULL, 0};
  }
  return fact_text(param->gvalue == NULL ? "" : param->gvalue);
}

static void tell_vias(sip_facts *out) {
  out->n_vias = taken.n_vias;
  for (size_t i = 0; i < taken.n_vias && i < FACT_VALUES; i++) {
    const via *v = &taken.vias[i];
    out->vias[i] = (fact_via){.transport = fact_text(v->parts->protocol),
                              .host = fact_host(out, fact_text(v->parts->host)),
                              .port = fact_text(v->parts->port),
                              .branch = tell_value(v->branch),
                              .received = tell_value(v->received),
                              .rport = tell_value(v->rport)};
  }
}

static void tell_list(sip_facts *out, int which, const osip_list_t *from) {
  fact_list *to = &out->lists[which];
  osip_list_iterator_t at;
  const osip_from_t *value = osip_list_get_first(from, &at);
  for (; value != NULL; value = osip_list_get_next(&at)) {
    if (to->count++ < FACT_VALUES) {
      tell_address(out, &to->values[to->count - 1], value);
    }
  }
}

static void tell_made(sip_facts *out, int which, const addresses *from) {
  out->lists[which].count = from->count;
  for (size_t i = 0; i < from->count && i < FACT_VALUES; i++) {
    tell_address(out, &out->lists[which].values[i], from->values[i]);
  }
}

/* The parts of a multipart body are all that is left of it, so only a single one can be told. */
static void tell_body(sip_facts *out) {
  const osip_message_t *sip = taken.sip;
  if (sip->content_type != NULL) {
    out->type = fact_text(sip->content_type->type);
    out->subtype = fact_text(sip->content_type->subtype);
  }
  out->content_length = sip->content_length == NULL ? -1 : number(sip->content_length->value);
  const osip_body_t *body = osip_list_get(&sip->bodies, 0);
  if (body != NULL) {
    out->body = (stox_span){body->body, body->length};
  }
}

static void tell_challenge(sip_facts *out) {
  const osip_www_authenticate_t *challenge = osip_list_get(&taken.sip->www_authenticates, 0);
  if (challenge != NULL) {
    out->realm = fact_text(challenge->realm);
    out->nonce = fact_text(challenge->nonce);
  }
}

static void tell(sip_facts *out) {
  const osip_message_t *sip = taken.sip;
  facts_clear(out);
  out->status = sip->status_code;
  out->method = fact_text(sip->sip_method);
  out->request_uri = tell_uri(out, sip->req_uri);
  tell_vias(out);
  tell_address(out, &out->from, sip->from);
  tell_address(out, &out->to, (const osip_from_t *)sip->to);
  out->from_tag = tell_value(taken.from_tag);
  out->to_tag = tell_value(taken.to_tag);
  if (sip->call_id != NULL) {
    const stox_span number = fact_text(sip->call_id->number);
    out->call_id = sip->call_id->host == NULL
                       ? number
                       : fact_join(out, number, "@", fact_text(sip->call_id->host));
  }
  if (sip->cseq != NULL) {
    out->cseq = number(sip->cseq->number);
    out->cseq_method = fact_text(sip->cseq->method);
  }
  out->max_forwards = taken.max_forwards;
  out->expires = taken.expires;
  tell_list(out, FACT_CONTACT, &sip->contacts);
  tell_list(out, FACT_ROUTE, &sip->routes);
  tell_list(out, FACT_RECORD_ROUTE, &sip->record_routes);
  tell_made(out, FACT_PATH, &taken.path);
  tell_made(out, FACT_REFER_TO, &taken.refer_to);
  out->event = fact_text(taken.event == NULL ? NULL : taken.event->element);
  tell_body(out);
  tell_challenge(out);
}

static void release_list(addresses *made) {
  for (size_t i = 0; i < made->count && i < FACT_VALUES; i++) {
    osip_from_free(made->values[i]);
  }
}

static void release(void) {
  release_list(&taken.path);
  release_list(&taken.refer_to);
  if (taken.event != NULL) {
    osip_content_disposition_free(taken.event);
  }
  osip_message_free(taken.sip);
  memset(&taken, 0, offsetof(struct taken, vias));
  taken.n_vias = taken.path.count = taken.refer_to.count = 0;
  taken.from_tag = taken.to_tag = taken.expires_param = taken.instance = taken.reg_id = NULL;
  taken.event = NULL;
}

const sip_peer sip_peer_osip = {
    .name = "libosip2", .open = ready, .parse = take, .tell = tell, .release = release};
