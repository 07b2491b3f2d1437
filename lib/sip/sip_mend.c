/* SPDX-License-Identifier: MIT */
#include "stox/sip_mend.h"

#include "sip/lex.h"
#include "stox/sip_body_label.h"
#include "stox/sip_contact.h"
#include "stox/sip_identity.h"
#include "stox/sip_refer.h"
#include "stox/sip_response_identity.h"
#include "stox/status.h"

static int is_strict(int id, stox_span value) {
  union {
    stox_sip_contact contact;
    stox_sip_body_label label;
    stox_sip_identity identity;
    stox_sip_refer_sub refer_sub;
    stox_sip_responder responder;
    stox_sip_responder_info info;
  } any;
  switch (id) {
  case STOX_SIP_CONTACT:
    return stox_sip_contact_parse(&any.contact, value, NULL) == STOX_OK;
  case STOX_SIP_IDENTITY:
    return stox_sip_identity_parse(&any.identity, value, NULL) == STOX_OK;
  case STOX_SIP_PROXY_REQUIRED_BODY:
    return stox_sip_body_label_parse(&any.label, value, NULL) == STOX_OK;
  case STOX_SIP_REFER_SUB:
    return stox_sip_refer_sub_parse(&any.refer_sub, value, NULL) == STOX_OK;
  case STOX_SIP_RESPONDER:
    return stox_sip_responder_parse(&any.responder, value, NULL) == STOX_OK &&
           stox_span_find(any.responder.claimer, '<') < any.responder.claimer.n;
  case STOX_SIP_RESPONDER_INFO:
    return stox_sip_responder_info_parse(&any.info, value, NULL) == STOX_OK;
  default:
    return 1;
  }
}

/* The place of the next separator at or behind `at` that is in no quotes or angle brackets. */
static size_t piece_end(stox_span text, size_t at, int with_commas) {
  while (at < text.n && text.p[at] != ';' && (text.p[at] != ',' || !with_commas)) {
    const stox_span rest = stox_span_slice(text, at, text.n);
    if (text.p[at] == '"') {
      const size_t end = stox_sip_quoted_end(text, at);
      at = end == 0 ? text.n : end;
    } else if (text.p[at] == '<') {
      at += stox_span_find(rest, '>');
      at += at < text.n ? 1U : 0U;
    } else {
      at++;
    }
  }
  return at;
}

static void put_around(stox_buf *out, const char *before, stox_span text, const char *after) {
  (void)stox_buf_put_text(out, before);
  (void)stox_buf_put(out, text);
  (void)stox_buf_put_text(out, after);
}

/* `"urn:x:1"`, or the same without quotes. */
static void put_instance(stox_buf *out, stox_span value) {
  if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"') {
    value = stox_span_slice(value, 1, value.n - 2);
  }
  if (value.n > 0 && value.p[0] == '<') {
    put_around(out, "\"", value, "\"");
  } else {
    put_around(out, "\"<", value, ">\"");
  }
}

static void put_quoted(stox_buf *out, stox_span value) {
  const char *quote = value.n > 0 && value.p[0] == '"' ? "" : "\"";
  put_around(out, quote, value, quote);
}

static void put_claimer(stox_buf *out, stox_span value) {
  if (stox_span_find(value, '<') < value.n) {
    (void)stox_buf_put(out, value);
  } else {
    put_around(out, stox_span_find(value, ':') < value.n ? "<" : "<sip:", value, ">");
  }
}

/* The parameters that are mended. */
static const struct {
  int id;
  const char *name;
  void (*put)(stox_buf *out, stox_span value);
} param_rules[] = {
    {STOX_SIP_CONTACT, "+sip.instance", put_instance}, {STOX_SIP_CONTACT, "gruu", put_quoted},
    {STOX_SIP_CONTACT, "pub-gruu", put_quoted},        {STOX_SIP_CONTACT, "temp-gruu", put_quoted},
    {STOX_SIP_PROXY_REQUIRED_BODY, "cid", put_quoted}, {STOX_SIP_RESPONDER, "claimer", put_claimer},
};

static void put_piece(stox_buf *out, int id, stox_span piece) {
  const size_t equal = stox_span_find(piece, '=');
  const stox_span name = stox_span_trim(stox_span_slice(piece, 0, equal));
  const stox_span value = stox_span_trim(stox_span_slice(piece, equal + 1, piece.n));
  for (size_t i = 0; equal < piece.n && i < sizeof param_rules / sizeof param_rules[0]; i++) {
    if (param_rules[i].id == id &&
        stox_span_is_equal_nocase(name, stox_span_text(param_rules[i].name))) {
      put_around(out, "", name, "=");
      param_rules[i].put(out, value);
      return;
    }
  }
  (void)stox_buf_put(out, piece);
}

static void put_pieces(stox_buf *out, int id, stox_span value) {
  const int with_commas = id == STOX_SIP_PROXY_REQUIRED_BODY;
  char separator = '\0';
  for (size_t at = 0; at <= value.n;) {
    const size_t end = piece_end(value, at, with_commas);
    const stox_span piece = stox_span_trim(stox_span_slice(value, at, end - at));
    if (piece.n > 0) {
      if (separator != '\0') {
        (void)stox_buf_put_octet(out, separator);
      }
      put_piece(out, id, piece);
    }
    separator = end < value.n ? value.p[end] : '\0';
    at = end + 1;
  }
}

/* The draft's `refer-sub-value extension-value`: white space stands between the two. */
static void put_refer_sub(stox_buf *out, stox_span value) {
  const size_t end = stox_sip_token_end(value, 0);
  const size_t more = stox_sip_skip_lws(value, end);
  (void)stox_buf_put(out, stox_span_slice(value, 0, end));
  if (more > end) {
    (void)stox_buf_put_text(out, ";extension=");
    (void)stox_display_quote(out, stox_span_slice(value, more, value.n));
  }
}

int stox_sip_value_mend(stox_buf *out, int *is_mended, int id, stox_span value) {
  const size_t from = out->len;
  const int strict = is_strict(id, value);
  value = stox_span_trim(value);
  if (is_mended != NULL) {
    *is_mended = !strict;
  }
  if (strict) {
    return stox_buf_put(out, value);
  }
  if (id == STOX_SIP_REFER_SUB) {
    put_refer_sub(out, value);
  } else if (id == STOX_SIP_IDENTITY) {
    put_around(out, "\"", value, "\"");
  } else if (id == STOX_SIP_RESPONDER_INFO) {
    put_around(out, "<", value, ">");
  } else {
    put_pieces(out, id, value);
  }
  const int status = stox_buf_status(out);
  if (status == STOX_OK && !is_strict(id, stox_span_slice(stox_buf_span(out), from, out->len))) {
    out->len = from;
    return STOX_E_BAD_HEADER;
  }
  return status;
}
