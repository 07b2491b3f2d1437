/* SPDX-License-Identifier: MIT */
#include "stox/sip_plain.h"

#include "sip/lex.h"
#include "sip/value_kind.h"
#include "stox/number.h"
#include "stox/status.h"

static const struct text_row {
  int id;
  int kind;
  const char *rule;
} texts[] = {
    {STOX_SIP_ALLOW, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Allow"},
    {STOX_SIP_ALLOW_EVENTS, STOX_SIP_KIND_EVENT, "RFC6665-8.4 Allow-Events"},
    {STOX_SIP_CALL_ID, STOX_SIP_KIND_CALL_ID, "RFC3261-25.1 Call-ID"},
    {STOX_SIP_CONTENT_ENCODING, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Content-Encoding"},
    {STOX_SIP_CONTENT_LANGUAGE, STOX_SIP_KIND_LANGUAGE_TAG, "RFC3261-25.1 Content-Language"},
    {STOX_SIP_IN_REPLY_TO, STOX_SIP_KIND_CALL_ID, "RFC3261-25.1 In-Reply-To"},
    {STOX_SIP_MIME_VERSION, STOX_SIP_KIND_VERSION, "RFC3261-25.1 MIME-Version"},
    {STOX_SIP_ORGANIZATION, STOX_SIP_KIND_UTF8, "RFC3261-25.1 Organization"},
    {STOX_SIP_P_MEDIA_AUTHORIZATION, STOX_SIP_KIND_HEX, "RFC3313-5.1 P-Media-Authorization"},
    {STOX_SIP_PRIORITY, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Priority"},
    {STOX_SIP_PROXY_REQUIRE, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Proxy-Require"},
    {STOX_SIP_REQUIRE, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Require"},
    {STOX_SIP_SERVER, STOX_SIP_KIND_PRODUCTS, "RFC3261-25.1 Server"},
    {STOX_SIP_SIP_ETAG, STOX_SIP_KIND_TOKEN, "RFC3903-11.3 SIP-ETag"},
    {STOX_SIP_SIP_IF_MATCH, STOX_SIP_KIND_TOKEN, "RFC3903-11.3 SIP-If-Match"},
    {STOX_SIP_SUBJECT, STOX_SIP_KIND_UTF8, "RFC3261-25.1 Subject"},
    {STOX_SIP_SUPPORTED, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Supported"},
    {STOX_SIP_UNSUPPORTED, STOX_SIP_KIND_TOKEN, "RFC3261-25.1 Unsupported"},
    {STOX_SIP_USER_AGENT, STOX_SIP_KIND_PRODUCTS, "RFC3261-25.1 User-Agent"},
};

static const struct number_row {
  int id;
  uint32_t least;
  uint32_t most;
  const char *rule;
} numbers[] = {
    {STOX_SIP_CONTENT_LENGTH, 0, UINT32_MAX, "RFC3261-25.1 Content-Length"},
    {STOX_SIP_EXPIRES, 0, UINT32_MAX, "RFC3261-25.1 Expires"},
    {STOX_SIP_FLOW_TIMER, 0, UINT32_MAX, "RFC5626-10 Flow-Timer"},
    {STOX_SIP_MAX_BREADTH, 0, UINT32_MAX, "RFC5393-5.3 Max-Breadth"},
    {STOX_SIP_MAX_FORWARDS, 0, 255, "RFC3261-20.22 Max-Forwards"},
    {STOX_SIP_MIN_EXPIRES, 0, UINT32_MAX, "RFC3261-25.1 Min-Expires"},
    {STOX_SIP_RSEQ, 1, UINT32_MAX, "RFC3262-7.1 RSeq"},
};

static const struct text_row *text_row_of(int id) {
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (texts[i].id == id) {
      return &texts[i];
    }
  }
  return NULL;
}

static const struct number_row *number_row_of(int id) {
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    if (numbers[i].id == id) {
      return &numbers[i];
    }
  }
  return NULL;
}

int stox_sip_plain_parse(stox_span *out, int id, stox_span text, stox_diag *diag) {
  const struct text_row *row = text_row_of(id);
  if (row == NULL) {
    return STOX_E_ARG;
  }
  const size_t from = stox_sip_skip_lws(text, 0);
  const size_t end = stox_sip_kind_end(row->kind, text, from);
  const int may_be_empty = row->kind == STOX_SIP_KIND_UTF8;
  *out = (stox_span){NULL, 0};
  if ((end == from && !may_be_empty) || stox_sip_skip_lws(text, end) != text.n) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, end, row->rule);
  }
  *out = stox_span_slice(text, from, end - from);
  return STOX_OK;
}

int stox_sip_plain_write(stox_buf *out, int id, stox_span value) {
  const struct text_row *row = text_row_of(id);
  if (row == NULL) {
    return STOX_E_ARG;
  }
  const int is_empty = value.n == 0 && row->kind == STOX_SIP_KIND_UTF8;
  if (!is_empty && !stox_sip_is_kind(row->kind, value)) {
    return STOX_E_BAD_HEADER;
  }
  return stox_sip_unfold(out, value);
}

int stox_sip_plain_number_parse(uint32_t *out, int id, stox_span text, stox_diag *diag) {
  const struct number_row *row = number_row_of(id);
  uint64_t number = 0;
  if (row == NULL) {
    return STOX_E_ARG;
  }
  *out = 0;
  const int status = stox_number_parse(&number, stox_span_trim(text), row->most);
  if (status != STOX_OK || number < row->least) {
    return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, stox_sip_skip_lws(text, 0), row->rule);
  }
  *out = (uint32_t)number;
  return STOX_OK;
}

int stox_sip_plain_number_write(stox_buf *out, int id, uint32_t value) {
  const struct number_row *row = number_row_of(id);
  if (row == NULL) {
    return STOX_E_ARG;
  }
  if (value < row->least || value > row->most) {
    return STOX_E_BAD_HEADER;
  }
  return stox_buf_put_number(out, value);
}

int stox_sip_next_product(stox_sip_product *out, stox_span value, size_t *cursor) {
  const size_t from = stox_sip_skip_lws(value, *cursor);
  if (from >= value.n) {
    return STOX_E_NONE;
  }
  size_t end = stox_sip_kind_end(STOX_SIP_KIND_COMMENT, value, from);
  const int is_comment = end > from;
  end = is_comment ? end : stox_sip_kind_end(STOX_SIP_KIND_PRODUCT, value, from);
  if (end == from || (end < value.n && stox_sip_skip_lws(value, end) == end)) {
    return STOX_E_BAD_HEADER;
  }
  const stox_span part = stox_span_slice(value, from, end - from);
  const size_t slash = stox_span_find(part, '/');
  *out = (stox_sip_product){{NULL, 0}, {NULL, 0}, {NULL, 0}};
  if (is_comment) {
    out->comment = part;
  } else {
    out->name = stox_span_trim(stox_span_slice(part, 0, slash));
  }
  if (!is_comment && slash < part.n) {
    out->version = stox_span_trim(stox_span_slice(part, slash + 1, part.n));
  }
  *cursor = end;
  return STOX_OK;
}

int stox_sip_product_write(stox_buf *out, const stox_sip_product *value) {
  if (value->comment.p != NULL) {
    return stox_sip_is_kind(STOX_SIP_KIND_COMMENT, value->comment)
               ? stox_sip_unfold(out, value->comment)
               : STOX_E_BAD_HEADER;
  }
  if (!stox_sip_is_token(value->name) ||
      (value->version.p != NULL && !stox_sip_is_token(value->version))) {
    return STOX_E_BAD_HEADER;
  }
  (void)stox_buf_put(out, value->name);
  if (value->version.p != NULL) {
    (void)stox_buf_put_octet(out, '/');
    (void)stox_buf_put(out, value->version);
  }
  return stox_buf_status(out);
}
