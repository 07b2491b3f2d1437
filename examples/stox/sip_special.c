/* SPDX-License-Identifier: MIT */
#include "sip_full.h"

#include "stox/sip_body_label.h"
#include "stox/sip_feature.h"
#include "stox/sip_plain.h"
#include "stox/sip_privacy.h"
#include "stox/sip_response_identity.h"
#include "stox/sip_time.h"
#include "stox/sip_via.h"
#include "stox/status.h"

/* Names of the bits of a set. */
static const char *const privacies[] = {"header",   "session", "user",    "none",
                                        "critical", "id",      "history", "other"};
static const char *const directives[] = {"proxy",    "redirect",   "cancel",  "no-cancel",
                                         "fork",     "no-fork",    "recurse", "no-recurse",
                                         "parallel", "sequential", "queue",   "no-queue"};

static void put_refused(view *v, const stox_sip_header *header, const stox_diag *diag) {
  view_put_error(v, "typed", header->value, diag);
}

/* `SIP/2.0`, white space around the slash kept: what stands before the last slash. */
static stox_span protocol_of(const stox_sip_via *via) {
  const stox_span before = {via->text.p, (size_t)(via->transport.p - via->text.p)};
  const stox_span trimmed = stox_span_trim(before);
  return stox_span_trim(stox_span_slice(trimmed, 0, trimmed.n - 1));
}

/* Of the parameters of Via the ones with a member stand there too. */
static void put_one_via(view *v, const stox_sip_via *via) {
  json_open(v->j, NULL, '{');
  json_text(v->j, "protocol", protocol_of(via));
  json_text(v->j, "transport", via->transport);
  json_text(v->j, "host", via->host);
  if (via->port != 0) {
    json_number(v->j, "port", via->port);
  }
  json_text(v->j, "branch", via->branch);
  if (via->received.p != NULL) {
    json_text(v->j, "received", via->received);
  }
  if (via->has_rport && via->rport == 0) {
    json_null(v->j, "rport");
  } else if (via->has_rport) {
    json_number(v->j, "rport", via->rport);
  }
  if (via->maddr.p != NULL) {
    json_text(v->j, "maddr", via->maddr);
  }
  view_put_params(v, "params", via->params);
  json_close(v->j, '}');
}

/* The values of a line one by one, by the strict grammar. */
static void put_strict_vias(view *v, const stox_sip_header *header) {
  stox_span element;
  stox_sip_via via;
  stox_diag diag = {0, 0, 0, NULL};
  size_t cursor = 0;
  int status = STOX_OK;
  while ((status = stox_sip_next_element(&element, header->value, &cursor, &diag)) == STOX_OK) {
    if (stox_sip_via_parse(&via, element, &diag) == STOX_OK) {
      put_one_via(v, &via);
    } else {
      view_put_error(v, NULL, element, &diag);
    }
  }
  if (status != STOX_E_NONE) {
    view_put_error(v, NULL, header->value, &diag);
  }
}

/* What the message's own parser makes of a line; 0: nothing, as for one that it refused. */
static int put_lenient_vias(view *v, const stox_sip_header *header) {
  stox_sip_via via;
  const char *end = header->line.p + header->line.n;
  int n = 0;
  for (stox_sip_cursor next = v->via;
       stox_sip_next_via(&via, v->message, &next) == STOX_OK && via.text.p < end; n++) {
    put_one_via(v, &via);
    v->via = next;
  }
  return n;
}

static void put_via(view *v, const stox_sip_header *header) {
  json_open(v->j, "typed", '[');
  if (!v->lenient || put_lenient_vias(v, header) == 0) {
    put_strict_vias(v, header);
  }
  json_close(v->j, ']');
}

static void put_cseq(view *v, const stox_sip_header *header) {
  stox_sip_cseq cseq;
  stox_diag diag = {0, 0, 0, NULL};
  if (stox_sip_cseq_parse(&cseq, header->value, &diag) != STOX_OK) {
    put_refused(v, header, &diag);
    return;
  }
  json_open(v->j, "typed", '{');
  json_number(v->j, "number", cseq.number);
  json_text(v->j, "method", cseq.method);
  json_close(v->j, '}');
}

static void put_rack(view *v, const stox_sip_header *header) {
  stox_sip_rack rack;
  stox_diag diag = {0, 0, 0, NULL};
  if (stox_sip_rack_parse(&rack, header->value, &diag) != STOX_OK) {
    put_refused(v, header, &diag);
    return;
  }
  json_open(v->j, "typed", '{');
  json_number(v->j, "rseq", rack.rseq);
  json_number(v->j, "number", rack.cseq.number);
  json_text(v->j, "method", rack.cseq.method);
  json_close(v->j, '}');
}

static void put_date(view *v, const stox_sip_header *header) {
  int64_t seconds = 0;
  stox_diag diag = {0, 0, 0, NULL};
  if (stox_sip_date_parse(&seconds, header->value, &diag) != STOX_OK) {
    put_refused(v, header, &diag);
    return;
  }
  json_open(v->j, "typed", '{');
  json_integer(v->j, "seconds", seconds);
  json_close(v->j, '}');
}

typedef int (*set_parser)(uint32_t *out, stox_span text, stox_diag *diag);

static void put_set(view *v, const stox_sip_header *header, set_parser parse,
                    const char *const *names) {
  uint32_t set = 0;
  stox_diag diag = {0, 0, 0, NULL};
  if (parse(&set, header->value, &diag) != STOX_OK) {
    put_refused(v, header, &diag);
    return;
  }
  json_open(v->j, "typed", '[');
  for (size_t i = 0; set >> i != 0; i++) {
    if ((set >> i & 1) != 0) {
      json_text(v->j, NULL, stox_span_text(names[i]));
    }
  }
  json_close(v->j, ']');
}

static void put_privacy(view *v, const stox_sip_header *header) {
  put_set(v, header, stox_sip_privacy_parse, privacies);
}

static void put_disposition(view *v, const stox_sip_header *header) {
  put_set(v, header, stox_sip_disposition_parse, directives);
}

static void put_responder(view *v, const stox_sip_header *header) {
  stox_sip_responder responder;
  stox_span method;
  stox_diag diag = {0, 0, 0, NULL};
  size_t cursor = 0;
  if (stox_sip_responder_parse(&responder, header->value, &diag) != STOX_OK) {
    put_refused(v, header, &diag);
    return;
  }
  json_open(v->j, "typed", '{');
  json_text(v->j, "claimer", responder.claimer);
  json_open(v->j, "methods", '[');
  while (stox_sip_responder_next_method(&method, &responder, &cursor) == STOX_OK) {
    json_text(v->j, NULL, method);
  }
  json_close(v->j, ']');
  json_text(v->j, "params", responder.params);
  json_close(v->j, '}');
}

static void put_body_label(view *v, const stox_sip_header *header) {
  stox_sip_body_label label;
  stox_span cid;
  stox_diag diag = {0, 0, 0, NULL};
  size_t cursor = 0;
  if (stox_sip_body_label_parse(&label, header->value, &diag) != STOX_OK) {
    put_refused(v, header, &diag);
    return;
  }
  json_open(v->j, "typed", '{');
  json_text(v->j, "proxy", label.proxy);
  json_open(v->j, "cids", '[');
  while (stox_sip_next_cid(&cid, label.cids, &cursor) == STOX_OK) {
    view_put_quoted(v, NULL, cid);
  }
  json_close(v->j, ']');
  json_close(v->j, '}');
}

static void put_products(view *v, const stox_sip_header *header) {
  stox_sip_product product;
  size_t cursor = 0;
  int status = STOX_OK;
  json_open(v->j, "typed", '[');
  while ((status = stox_sip_next_product(&product, header->value, &cursor)) == STOX_OK) {
    json_open(v->j, NULL, '{');
    if (product.name.p == NULL) {
      json_text(v->j, "comment", product.comment);
    } else {
      json_text(v->j, "product", product.name);
      json_text(v->j, "version", product.version);
    }
    json_close(v->j, '}');
  }
  if (status != STOX_E_NONE) {
    const stox_diag diag = {status, 0, cursor, "RFC3261-25.1 server-val"};
    view_put_error(v, NULL, header->value, &diag);
  }
  json_close(v->j, ']');
}

static int is_list(int id) {
  static const int lists[] = {
      STOX_SIP_ALLOW,      STOX_SIP_ALLOW_EVENTS,  STOX_SIP_CONTENT_ENCODING,
      STOX_SIP_SUPPORTED,  STOX_SIP_UNSUPPORTED,   STOX_SIP_CONTENT_LANGUAGE,
      STOX_SIP_REQUIRE,    STOX_SIP_PROXY_REQUIRE, STOX_SIP_P_MEDIA_AUTHORIZATION,
      STOX_SIP_IN_REPLY_TO};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
    if (lists[i] == id) {
      return 1;
    }
  }
  return 0;
}

static void put_text(view *v, const char *key, int id, stox_span text) {
  stox_span plain;
  stox_diag diag = {0, 0, 0, NULL};
  if (stox_sip_plain_parse(&plain, id, text, &diag) == STOX_OK) {
    json_text(v->j, key, plain);
  } else {
    view_put_error(v, key, text, &diag);
  }
}

static void put_texts(view *v, const stox_sip_header *header) {
  stox_span element;
  stox_diag diag = {0, 0, 0, NULL};
  size_t cursor = 0;
  int status = STOX_OK;
  json_open(v->j, "typed", '[');
  while ((status = stox_sip_next_element(&element, header->value, &cursor, &diag)) == STOX_OK) {
    put_text(v, NULL, header->id, element);
  }
  if (status != STOX_E_NONE) {
    view_put_error(v, NULL, header->value, &diag);
  }
  json_close(v->j, ']');
}

/* A number, a text or a list of texts; 0: none of them. */
static int put_plain(view *v, const stox_sip_header *header) {
  uint32_t number = 0;
  stox_span text;
  stox_diag diag = {0, 0, 0, NULL};
  const int status = stox_sip_plain_number_parse(&number, header->id, header->value, &diag);
  if (status == STOX_OK) {
    json_number(v->j, "typed", number);
    return 1;
  }
  if (status != STOX_E_ARG) {
    put_refused(v, header, &diag);
    return 1;
  }
  if (stox_sip_plain_parse(&text, header->id, header->value, &diag) == STOX_E_ARG) {
    return 0;
  }
  if (is_list(header->id)) {
    put_texts(v, header);
  } else {
    put_text(v, "typed", header->id, header->value);
  }
  return 1;
}

static const struct {
  int id;
  void (*put)(view *v, const stox_sip_header *header);
} specials[] = {{STOX_SIP_VIA, put_via},
                {STOX_SIP_CSEQ, put_cseq},
                {STOX_SIP_RACK, put_rack},
                {STOX_SIP_DATE, put_date},
                {STOX_SIP_PRIVACY, put_privacy},
                {STOX_SIP_REQUEST_DISPOSITION, put_disposition},
                {STOX_SIP_RESPONDER, put_responder},
                {STOX_SIP_PROXY_REQUIRED_BODY, put_body_label},
                {STOX_SIP_SERVER, put_products},
                {STOX_SIP_USER_AGENT, put_products}};

int view_put_special(view *v, const stox_sip_header *header) {
  for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
    if (specials[i].id == header->id) {
      specials[i].put(v, header);
      return 1;
    }
  }
  return put_plain(v, header);
}
