/* SPDX-License-Identifier: MIT */
#include "sip/lex.h"
#include "sip/mend.h"
#include "stox/number.h"
#include "stox/status.h"

enum { KIND_MASK = STOX_SIP_REQUIRED - 1, SEEN_MOST = 32, Q_DIGITS = 3 };

size_t stox_sip_piece_end(stox_span text, size_t at, int with_commas) {
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

void stox_sip_put_around(stox_buf *out, const char *before, stox_span text, const char *after) {
  (void)stox_buf_put_text(out, before);
  (void)stox_buf_put(out, text);
  (void)stox_buf_put_text(out, after);
}

void stox_sip_put_quoted(stox_buf *out, stox_span text) {
  const int status = stox_display_quote(out, text);
  if (status != STOX_OK && status != STOX_E_NOBUF) {
    (void)stox_buf_put(out, text);
  }
}

static int is_between(stox_span text, char first, char last) {
  return text.n >= 2 && text.p[0] == first && text.p[text.n - 1] == last;
}

static stox_span without(stox_span text, char first, char last) {
  return is_between(text, first, last) ? stox_span_trim(stox_span_slice(text, 1, text.n - 2))
                                       : text;
}

/* As a quoted string; one that has quotes already is beyond repair. */
static void put_quoted(stox_buf *out, stox_span text) {
  if (stox_span_find(text, '"') < text.n) {
    (void)stox_buf_put(out, text);
  } else {
    stox_sip_put_quoted(out, text);
  }
}

/* A URI may have kept its angle brackets and lost its quotes, or the reverse. */
static void put_instance(stox_buf *out, stox_span value) {
  stox_sip_put_around(out, "\"<", without(without(value, '"', '"'), '<', '>'), ">\"");
}

static void put_angle_uri(stox_buf *out, stox_span value) {
  stox_sip_put_around(out, "<", without(without(value, '"', '"'), '<', '>'), ">");
}

static void put_unquoted(stox_buf *out, stox_span value) {
  (void)stox_buf_put(out, without(value, '"', '"'));
}

/* How a value of a kind is made of what is none. */
static const struct kind_rule {
  int kind;
  void (*put)(stox_buf *out, stox_span value);
} kind_rules[] = {
    {STOX_SIP_KIND_QUOTED, put_quoted},      {STOX_SIP_KIND_QUOTED_URI, put_quoted},
    {STOX_SIP_KIND_CONTENT_ID, put_quoted},  {STOX_SIP_KIND_DIGEST, put_quoted},
    {STOX_SIP_KIND_TEXT, put_quoted},        {STOX_SIP_KIND_GENERIC, put_quoted},
    {STOX_SIP_KIND_INSTANCE, put_instance},  {STOX_SIP_KIND_ANGLE_URI, put_angle_uri},
    {STOX_SIP_KIND_TOKEN, put_unquoted},     {STOX_SIP_KIND_EVENT, put_unquoted},
    {STOX_SIP_KIND_REFRESHER, put_unquoted}, {STOX_SIP_KIND_BOOLEAN, put_unquoted},
    {STOX_SIP_KIND_CALL_ID, put_unquoted},   {STOX_SIP_KIND_INDEX, put_unquoted},
    {STOX_SIP_KIND_HOST, put_unquoted},      {STOX_SIP_KIND_ALERT, put_unquoted},
};

static void put_value(stox_buf *out, int kind, stox_span value) {
  for (size_t i = 0; i < sizeof kind_rules / sizeof kind_rules[0]; i++) {
    if (kind_rules[i].kind == kind && !stox_sip_is_kind(kind, value)) {
      kind_rules[i].put(out, value);
      return;
    }
  }
  (void)stox_buf_put(out, value);
}

/* `.5` and `0.12345` mean what they say; the grammar has three digits (RFC 3261 25.1). */
static void put_q(stox_buf *out, stox_span value) {
  const size_t dot = stox_span_find(value, '.');
  const stox_span digits = stox_span_slice(value, dot + 1, value.n);
  if (dot == value.n || !stox_sip_is_kind(STOX_SIP_KIND_DIGITS, digits)) {
    (void)stox_buf_put(out, value);
    return;
  }
  (void)stox_buf_put_text(out, dot == 0 ? "0" : "");
  (void)stox_buf_put(out, stox_span_slice(value, 0, dot + 1));
  (void)stox_buf_put(out, stox_span_slice(digits, 0, Q_DIGITS));
}

/* A malformed time of a Contact is as 3600 (RFC 3261 10.2); others are as if they were absent. */
static int put_number(stox_buf *out, const stox_sip_shape *shape, int kind, stox_span name,
                      stox_span value) {
  uint64_t number = 0;
  const int is_number = stox_number_parse(&number, value, UINT32_MAX) == STOX_OK;
  const int is_contact = shape->head == STOX_SIP_KIND_CONTACT;
  if (kind == STOX_SIP_KIND_NUMBER && !is_number && !is_contact) {
    return 0;
  }
  stox_sip_put_around(out, ";", name, "=");
  if (kind == STOX_SIP_KIND_Q) {
    put_q(out, value);
  } else if (kind == STOX_SIP_KIND_NUMBER && !is_number) {
    (void)stox_buf_put_text(out, "3600");
  } else {
    (void)stox_buf_put(out, value);
  }
  return 1;
}

/* A parameter without a member: an empty value is none. */
static void put_other(stox_buf *out, const stox_sip_shape *shape, stox_span name, stox_span value) {
  const int is_media = shape->head == STOX_SIP_KIND_MEDIA_TYPE;
  if (value.n == 0 && is_media) {
    return;
  }
  stox_sip_put_around(out, ";", name, value.n > 0 ? "=" : "");
  if (value.n > 0) {
    put_value(out, is_media ? STOX_SIP_KIND_TEXT : STOX_SIP_KIND_GENERIC, value);
  }
}

static void put_member(stox_buf *out, const stox_sip_shape *shape, int kind, stox_span name,
                       stox_span value) {
  if (kind == STOX_SIP_KIND_FLAG) {
    stox_sip_put_around(out, ";", name, "");
  } else if (value.n > 0 && kind < STOX_SIP_KIND_ADDRESS) {
    (void)put_number(out, shape, kind, name, without(value, '"', '"'));
  } else if (value.n > 0) {
    stox_sip_put_around(out, ";", name, "=");
    put_value(out, kind, value);
  }
}

/* Parameters, each behind a `;`: empty ones, and all but the first of a name, are left out. */
static void put_params(stox_buf *out, const stox_sip_shape *shape, stox_span text) {
  uint32_t seen = 0;
  for (size_t at = 0; at < text.n;) {
    const size_t end = stox_sip_piece_end(text, at, 0);
    const stox_span piece = stox_span_trim(stox_span_slice(text, at, end - at));
    const size_t equal = stox_span_find(piece, '=');
    const stox_span name = stox_span_trim(stox_span_slice(piece, 0, equal));
    const stox_span value = stox_span_trim(stox_span_slice(piece, equal + 1, piece.n));
    const stox_sip_param_rule *rule = stox_sip_shape_param(shape, name);
    at = end + 1;
    if (piece.n == 0) {
      continue;
    }
    if (rule == NULL) {
      put_other(out, shape, name, value);
      continue;
    }
    const uint32_t bit = UINT32_C(1) << (size_t)(rule - shape->params) % SEEN_MOST;
    if ((seen & bit) == 0) {
      put_member(out, shape, rule->kind & KIND_MASK, name, value);
    }
    seen |= bit;
  }
}

static void put_display(stox_buf *out, stox_span display) {
  if (stox_sip_is_display(display)) {
    (void)stox_buf_put(out, display);
  } else {
    stox_sip_put_quoted(out, display);
  }
  (void)stox_buf_put_text(out, display.n > 0 ? " " : "");
}

/* A URI in angle brackets without the folds that stand in it; other white space in it may be part
 * of a name. */
static void put_uri(stox_buf *out, stox_span uri) {
  (void)stox_buf_put_octet(out, '<');
  for (size_t at = 0; at < uri.n;) {
    const size_t end = stox_sip_skip_lws(uri, at);
    const stox_span space = stox_span_slice(uri, at, end - at);
    const int is_fold = stox_span_find(space, '\n') < space.n;
    const stox_span kept = is_fold ? (stox_span){NULL, 0} : space;
    (void)stox_buf_put(out, kept);
    at = end;
    if (at < uri.n) {
      (void)stox_buf_put_octet(out, uri.p[at++]);
    }
  }
  (void)stox_buf_put_octet(out, '>');
}

/* Where a URI without angle brackets ends: at its parameters, unless the header field has none, or
 * they can be none of its own (RFC 3261 20.10). */
static size_t bare_uri_end(const stox_sip_shape *shape, stox_span text, size_t at) {
  const int has_params =
      shape->params_at != STOX_SIP_NO_PARAMS && shape->head != STOX_SIP_KIND_ROUTE;
  return has_params ? stox_sip_piece_end(text, at, 0) : text.n;
}

/* [ display-name ] URI, with or without the angle brackets; the place behind it. */
static size_t put_address(stox_buf *out, const stox_sip_shape *shape, stox_span text) {
  const int is_quoted = text.n > 0 && text.p[0] == '"';
  const size_t behind = is_quoted ? stox_sip_quoted_end(text, 0) : 0;
  const stox_span rest = stox_span_slice(text, behind, text.n);
  const size_t open = behind + stox_span_find(rest, '<');
  const size_t close = open + stox_span_find(stox_span_slice(text, open, text.n), '>');
  if (close < text.n) {
    put_display(out, stox_span_trim(stox_span_slice(text, 0, open)));
    put_uri(out, stox_span_trim(stox_span_slice(text, open + 1, close - open - 1)));
    return close + 1;
  }
  const size_t end = bare_uri_end(shape, text, behind);
  put_display(out, stox_span_slice(text, 0, behind));
  stox_sip_put_around(out, "<", stox_span_trim(stox_span_slice(text, behind, end - behind)), ">");
  return end;
}

static size_t put_head(stox_buf *out, const stox_sip_shape *shape, stox_span text) {
  const int kind = shape->head;
  if (kind == STOX_SIP_KIND_NOTHING) {
    return 0;
  }
  if (kind == STOX_SIP_KIND_ADDRESS || kind == STOX_SIP_KIND_CONTACT ||
      kind == STOX_SIP_KIND_ROUTE) {
    return put_address(out, shape, text);
  }
  const size_t end = stox_sip_piece_end(text, 0, 0);
  put_value(out, kind, stox_span_trim(stox_span_slice(text, 0, end)));
  return end;
}

void stox_sip_mend_shape(stox_buf *out, const stox_sip_shape *shape, stox_span value) {
  const stox_span text = stox_span_trim(value);
  const size_t end = put_head(out, shape, text);
  if (shape->params_at != STOX_SIP_NO_PARAMS) {
    put_params(out, shape, stox_span_slice(text, end, text.n));
  } else {
    (void)stox_buf_put(out, stox_span_slice(text, end, text.n));
  }
}
