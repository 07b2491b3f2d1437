/* SPDX-License-Identifier: MIT */
/* sofia-sip, as its transaction layer receives a datagram; it parses every header at once. */
#include "sip_peers.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_util.h>

#include <string.h>

static struct taken {
  msg_t *msg;
  sip_t *sip;
  char const *instance;
  char const *reg_id;
  char const *realm;
  char const *nonce;
} taken;

static const msg_mclass_t *mclass;

static void ready(void) {
  mclass = sip_default_mclass();
}

static int take(stox_span message) {
  struct taken *t = &taken;
  t->msg = msg_make(mclass, 0, message.p, (ssize_t)message.n);
  t->sip = t->msg == NULL ? NULL : sip_object(t->msg);
  if (t->sip == NULL || t->sip->sip_error != NULL || (t->sip->sip_flags & MSG_FLG_ERROR) != 0) {
    return -1;
  }
  for (const sip_contact_t *m = t->sip->sip_contact; m != NULL; m = m->m_next) {
    t->instance = msg_params_find(m->m_params, "+sip.instance=");
    t->reg_id = msg_params_find(m->m_params, "reg-id=");
  }
  if (t->sip->sip_www_authenticate != NULL) {
    t->realm = msg_params_find(t->sip->sip_www_authenticate->au_params, "realm=");
    t->nonce = msg_params_find(t->sip->sip_www_authenticate->au_params, "nonce=");
  }
  return 0;
}

static int check(void) {
  return sip_sanity_check(taken.sip);
}

/* The URI as it writes it, without the scheme. */
static stox_span tell_opaque(sip_facts *facts, const url_t *url) {
  char text[2048];
  const isize_t n = url_e(text, sizeof text, url);
  if (n <= 0 || (size_t)n >= sizeof text) {
    return fact_text(NULL);
  }
  const stox_span whole = {text, (size_t)n};
  return fact_join(facts, stox_span_slice(whole, stox_span_find(whole, ':') + 1, SIZE_MAX), "",
                   fact_text(NULL));
}

static fact_uri tell_uri(sip_facts *facts, const url_t *url) {
  fact_uri out = {.scheme = fact_text(url->url_scheme)};
  if (url->url_type != url_sip && url->url_type != url_sips) {
    out.opaque = tell_opaque(facts, url);
    return out;
  }
  out.user = fact_text(url->url_user);
  out.password = fact_text(url->url_password);
  out.host = fact_text(url->url_host);
  out.port = fact_text(url->url_port);
  out.params = fact_text(url->url_params);
  out.headers = fact_text(url->url_headers);
  return out;
}

static stox_span tell_params(sip_facts *out, msg_param_t const *params) {
  stox_span list = {NULL, 0};
  for (; params != NULL && *params != NULL; params++) {
    list = fact_param(out, list, *params, NULL);
  }
  return list;
}

static void tell_address(sip_facts *out, fact_address *a, char const *display, const url_t *url,
                         msg_param_t const *params) {
  a->star = url->url_type == url_any;
  a->display = fact_text(display);
  a->uri = tell_uri(out, url);
  a->params = tell_params(out, params);
}

static void tell_vias(sip_facts *out) {
  for (const sip_via_t *v = taken.sip->sip_via; v != NULL; v = v->v_next) {
    if (out->n_vias++ >= FACT_VALUES) {
      continue;
    }
    const char *transport = v->v_protocol == NULL ? NULL : strrchr(v->v_protocol, '/');
    out->vias[out->n_vias - 1] =
        (fact_via){.transport = fact_text(transport == NULL ? NULL : transport + 1),
                   .host = fact_text(v->v_host),
                   .port = fact_text(v->v_port),
                   .branch = fact_text(v->v_branch),
                   .received = fact_text(v->v_received),
                   .rport = fact_text(v->v_rport)};
  }
}

static void tell_routes(sip_facts *out, int which, const sip_route_t *route) {
  fact_list *list = &out->lists[which];
  for (; route != NULL; route = route->r_next) {
    if (list->count++ < FACT_VALUES) {
      tell_address(out, &list->values[list->count - 1], route->r_display, route->r_url,
                   route->r_params);
    }
  }
}

static void tell_lists(sip_facts *out) {
  const sip_t *sip = taken.sip;
  fact_list *contacts = &out->lists[FACT_CONTACT];
  fact_list *refer = &out->lists[FACT_REFER_TO];
  for (const sip_contact_t *m = sip->sip_contact; m != NULL; m = m->m_next) {
    if (contacts->count++ < FACT_VALUES) {
      tell_address(out, &contacts->values[contacts->count - 1], m->m_display, m->m_url,
                   m->m_params);
    }
  }
  tell_routes(out, FACT_ROUTE, sip->sip_route);
  tell_routes(out, FACT_RECORD_ROUTE, sip->sip_record_route);
  tell_routes(out, FACT_PATH, sip->sip_path);
  if (sip->sip_refer_to != NULL) {
    const sip_refer_to_t *r = sip->sip_refer_to;
    refer->count = 1;
    tell_address(out, &refer->values[0], r->r_display, r->r_url, r->r_params);
  }
}

static void tell_basics(sip_facts *out) {
  const sip_t *sip = taken.sip;
  if (sip->sip_request != NULL) {
    out->method = fact_text(sip->sip_request->rq_method_name);
    out->request_uri = tell_uri(out, sip->sip_request->rq_url);
  } else if (sip->sip_status != NULL) {
    out->status = sip->sip_status->st_status;
  }
  if (sip->sip_from != NULL) {
    tell_address(out, &out->from, sip->sip_from->a_display, sip->sip_from->a_url,
                 sip->sip_from->a_params);
    out->from_tag = fact_text(sip->sip_from->a_tag);
  }
  if (sip->sip_to != NULL) {
    tell_address(out, &out->to, sip->sip_to->a_display, sip->sip_to->a_url, sip->sip_to->a_params);
    out->to_tag = fact_text(sip->sip_to->a_tag);
  }
  if (sip->sip_call_id != NULL) {
    out->call_id = fact_text(sip->sip_call_id->i_id);
  }
  if (sip->sip_cseq != NULL) {
    out->cseq = (int64_t)sip->sip_cseq->cs_seq;
    out->cseq_method = fact_text(sip->sip_cseq->cs_method_name);
  }
}

static void tell_body(sip_facts *out) {
  const sip_t *sip = taken.sip;
  if (sip->sip_content_type != NULL) {
    const stox_span type = fact_text(sip->sip_content_type->c_type);
    out->type = stox_span_slice(type, 0, stox_span_find(type, '/'));
    out->subtype = fact_text(sip->sip_content_type->c_subtype);
  }
  if (sip->sip_content_length != NULL) {
    out->content_length = (int64_t)sip->sip_content_length->l_length;
  }
  if (sip->sip_payload != NULL) {
    out->body = (stox_span){sip->sip_payload->pl_data, sip->sip_payload->pl_len};
  }
}

static void tell(sip_facts *out) {
  const sip_t *sip = taken.sip;
  facts_clear(out);
  tell_basics(out);
  tell_vias(out);
  tell_lists(out);
  tell_body(out);
  if (sip->sip_max_forwards != NULL) {
    out->max_forwards = (int64_t)sip->sip_max_forwards->mf_count;
  }
  if (sip->sip_expires != NULL) {
    out->expires = (int64_t)sip->sip_expires->ex_delta;
  }
  if (sip->sip_event != NULL) {
    out->event = fact_text(sip->sip_event->o_type);
  }
  if (sip->sip_www_authenticate != NULL) {
    out->realm = fact_text(taken.realm);
    out->nonce = fact_text(taken.nonce);
  }
}

static void release(void) {
  if (taken.msg != NULL) {
    msg_destroy(taken.msg);
  }
  memset(&taken, 0, sizeof taken);
}

const sip_peer sip_peer_sofia = {.name = "sofia-sip",
                                 .open = ready,
                                 .parse = take,
                                 .check = check,
                                 .tell = tell,
                                 .release = release};
