/* SPDX-License-Identifier: MIT */
#include "stox/sip_body_label.h"

#include "sip/lex.h"
#include "sip/shape.h"
#include "stox/status.h"

#include <stddef.h>

static const stox_sip_shape saml_payload_shape = {"draft-saml-7 SAML-Payload",
                                                  STOX_SIP_KIND_ANGLE_URI,
                                                  sizeof(stox_sip_saml_payload),
                                                  offsetof(stox_sip_saml_payload, reference),
                                                  offsetof(stox_sip_saml_payload, params),
                                                  NULL,
                                                  0};

static const stox_sip_shape artifact_shape = {"draft-saml-7 SAML-Payload",
                                              STOX_SIP_KIND_SIGNATURE,
                                              sizeof(stox_sip_saml_payload),
                                              offsetof(stox_sip_saml_payload, reference),
                                              offsetof(stox_sip_saml_payload, params),
                                              NULL,
                                              0};

static const stox_sip_shape *shape_of(stox_span reference) {
  const stox_span text = stox_span_trim(reference);
  return text.n > 0 && text.p[0] == '<' ? &saml_payload_shape : &artifact_shape;
}

int stox_sip_saml_payload_parse(stox_sip_saml_payload *out, stox_span text, stox_diag *diag) {
  return stox_sip_shape_parse(shape_of(text), out, text, diag);
}

int stox_sip_saml_payload_write(stox_buf *out, const stox_sip_saml_payload *value) {
  return stox_sip_shape_write(shape_of(value->reference), out, value);
}

/* The cid-param at `*at`, in quotes; 0 if there is none. */
static int read_cid(stox_span *out, stox_span text, size_t *at) {
  const size_t name = stox_sip_skip_lws(text, *at);
  const size_t end = stox_sip_token_end(text, name);
  const size_t equal = stox_sip_skip_lws(text, end);
  *at = name;
  if (!stox_span_is_equal_nocase(stox_span_slice(text, name, end - name), stox_span_text("cid")) ||
      equal == text.n || text.p[equal] != '=') {
    return 0;
  }
  const size_t from = stox_sip_skip_lws(text, equal + 1);
  *at = stox_sip_kind_end(STOX_SIP_KIND_CONTENT_ID, text, from);
  *out = stox_span_slice(text, from, *at - from);
  return *at > from;
}

/* As stox_sip_next_cid(), with the place where it breaks in `*cursor`. */
static int next_cid(stox_span *out, stox_span cids, size_t *cursor) {
  size_t at = *cursor;
  stox_span cid;
  if (at > cids.n || cids.n == 0) {
    return STOX_E_NONE;
  }
  const int is_good = read_cid(&cid, cids, &at);
  at = is_good ? stox_sip_skip_lws(cids, at) : at;
  if (!is_good || (at < cids.n && cids.p[at] != ',')) {
    *cursor = at;
    return STOX_E_BAD_HEADER;
  }
  *out = cid;
  *cursor = at + 1;
  return STOX_OK;
}

int stox_sip_next_cid(stox_span *out, stox_span cids, size_t *cursor) {
  size_t at = *cursor;
  const int status = next_cid(out, cids, &at);
  *cursor = status == STOX_OK ? at : *cursor;
  return status;
}

/* 1 if the whole is a list; if not, where it breaks. */
static int is_list(stox_span cids, size_t *at) {
  stox_span cid;
  int status;
  *at = 0;
  while ((status = next_cid(&cid, cids, at)) == STOX_OK) {
  }
  return cids.n > 0 && status == STOX_E_NONE;
}

int stox_sip_body_label_parse(stox_sip_body_label *out, stox_span text, stox_diag *diag) {
  static const char rule[] = "draft-e2m-6 Proxy-Required-Body";
  const size_t from = stox_sip_skip_lws(text, 0);
  const size_t end = stox_sip_kind_end(STOX_SIP_KIND_HOST, text, from);
  const size_t semi = stox_sip_skip_lws(text, end);
  *out = (stox_sip_body_label){{NULL, 0}, {NULL, 0}};
  if (end == from || semi == text.n || text.p[semi] != ';') {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, end == from ? from : semi, rule);
  }
  const size_t start = stox_sip_skip_lws(text, semi + 1);
  const stox_span cids = stox_span_trim(stox_span_slice(text, start, text.n));
  size_t bad = 0;
  if (!is_list(cids, &bad)) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, start + bad, rule);
  }
  *out = (stox_sip_body_label){stox_span_slice(text, from, end - from), cids};
  return STOX_OK;
}

int stox_sip_body_label_write(stox_buf *out, const stox_sip_body_label *value) {
  stox_span cid;
  size_t cursor = 0;
  size_t bad = 0;
  if (!stox_sip_is_kind(STOX_SIP_KIND_HOST, value->proxy) || !is_list(value->cids, &bad)) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put(out, value->proxy);
  char separator = ';';
  while (next_cid(&cid, value->cids, &cursor) == STOX_OK) {
    (void)stox_buf_put_octet(out, separator);
    (void)stox_buf_put_text(out, "cid=");
    (void)stox_sip_unfold(out, cid);
    separator = ',';
  }
  return stox_buf_status(out);
}
