/* SPDX-License-Identifier: MIT */
#include "stox/sip_mend.h"

#include "sip/lex.h"
#include "sip/mend.h"
#include "sip/names.h"
#include "sip/sip_grammar.h"
#include "stox/sip_response_identity.h"
#include "stox/status.h"

/* An addr-spec would take the parameters behind it: a claimer has its angle brackets. */
static int is_strict(int id, stox_span value) {
  stox_sip_responder responder;
  if (id == STOX_SIP_RESPONDER) {
    return stox_sip_responder_parse(&responder, value, NULL) == STOX_OK &&
           stox_span_find(responder.claimer, '<') < responder.claimer.n;
  }
  return stox_sip_value_check(id, value, NULL) == STOX_OK;
}

/* A strict value without white space around it: its form is itself. */
static int is_form(int id, stox_span value) {
  return stox_span_trim(value).n == value.n && is_strict(id, value);
}

static void put_cid(stox_buf *out, stox_span value) {
  const char *quote = value.n > 0 && value.p[0] == '"' ? "" : "\"";
  stox_sip_put_around(out, quote, value, quote);
}

static void put_claimer(stox_buf *out, stox_span value) {
  if (stox_span_find(value, '<') < value.n) {
    (void)stox_buf_put(out, value);
  } else {
    stox_sip_put_around(out, stox_span_find(value, ':') < value.n ? "<" : "<sip:", value, ">");
  }
}

static void put_piece(stox_buf *out, int id, stox_span piece) {
  const int is_responder = id == STOX_SIP_RESPONDER;
  const size_t equal = stox_span_find(piece, '=');
  const stox_span name = stox_span_trim(stox_span_slice(piece, 0, equal));
  const stox_span value = stox_span_trim(stox_span_slice(piece, equal + 1, piece.n));
  if (equal == piece.n ||
      !stox_span_is_equal_nocase(name, stox_span_text(is_responder ? "claimer" : "cid"))) {
    (void)stox_buf_put(out, piece);
    return;
  }
  stox_sip_put_around(out, "", name, "=");
  if (is_responder) {
    put_claimer(out, value);
  } else {
    put_cid(out, value);
  }
}

/* Responder and Proxy-Required-Body, the ones with more than one head. */
static void put_pieces(stox_buf *out, int id, stox_span value) {
  const int with_commas = id == STOX_SIP_PROXY_REQUIRED_BODY;
  char separator = '\0';
  for (size_t at = 0; at <= value.n;) {
    const size_t end = stox_sip_piece_end(value, at, with_commas);
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

/* What may be strict, and is looked at again. */
static void put_form(stox_buf *out, int id, stox_span value) {
  const stox_sip_grammar *grammar = stox_sip_grammar_of(id);
  if (id == STOX_SIP_REFER_SUB) {
    put_refer_sub(out, value);
  } else if (id == STOX_SIP_RESPONDER || id == STOX_SIP_PROXY_REQUIRED_BODY) {
    put_pieces(out, id, value);
  } else if (id == STOX_SIP_IDENTITY) {
    stox_sip_put_around(out, "\"", value, "\"");
  } else if (grammar->shape != NULL) {
    stox_sip_mend_shape(out, grammar->shape(), value);
  } else {
    stox_sip_mend_text(out, id, value);
  }
}

int stox_sip_value_mend(stox_buf *out, int *is_mended, int id, stox_span value) {
  const size_t from = out->len;
  const int strict = is_strict(id, value);
  if (is_mended != NULL) {
    *is_mended = !strict;
  }
  value = stox_span_trim(value);
  if (strict) {
    return stox_buf_put(out, value);
  }
  put_form(out, id, value);
  const int status = stox_buf_status(out);
  if (status == STOX_OK && !is_form(id, stox_span_slice(stox_buf_span(out), from, out->len))) {
    out->len = from;
    return STOX_E_BAD_HEADER;
  }
  return status;
}

static int is_list(int id) {
  return stox_sip_grammar_of(id) != NULL && (stox_sip_header_rows[id].rules & STOX_SIP_LIST) != 0;
}

/* The values of a list, without what is empty. */
static int put_values(stox_buf *out, int id, stox_span field) {
  const size_t before = out->len;
  int status = STOX_OK;
  for (size_t at = 0; at < field.n && (status == STOX_OK || status == STOX_E_NOBUF);) {
    const size_t end = stox_sip_element_end(field, at);
    const stox_span value = stox_span_trim(stox_span_slice(field, at, end - at));
    at = end + 1;
    if (value.n > 0) {
      (void)stox_buf_put_text(out, out->len > before ? ", " : "");
      status = stox_sip_value_mend(out, NULL, id, value);
    }
  }
  return status == STOX_OK && out->len == before ? STOX_E_BAD_HEADER : status;
}

int stox_sip_field_mend(stox_buf *out, int *is_mended, int id, stox_span field) {
  const size_t before = out->len;
  int mended = stox_sip_field_check(id, field, NULL) != STOX_OK;
  int status;
  if (!mended) {
    status = stox_buf_put(out, stox_span_trim(field));
  } else if (is_list(id)) {
    status = put_values(out, id, field);
  } else {
    status = stox_sip_value_mend(out, NULL, id, field);
  }
  if (is_mended != NULL) {
    *is_mended = mended;
  }
  if (status == STOX_E_BAD_HEADER) {
    out->len = before;
  }
  return status;
}
