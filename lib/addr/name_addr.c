/* SPDX-License-Identifier: MIT */
#include "stox/name_addr.h"

#include "addr/address.h"
#include "base/chars.h"
#include "stox/status.h"
#include "stox/utf8.h"
#include "text/ascii.h"

/* generic-param = token [ EQUAL ( token / host / quoted-string ) ], and the values of URI
 * parameters, since `gr` is met outside the angle brackets. */
enum { VALUE_CLASSES = STOX_CHAR_TOKEN | STOX_CHAR_PARAM };

static const char address_rule[] = "RFC3261-25.1 name-addr";

static size_t skip_space(stox_span text, size_t at) {
  while (at < text.n && stox_char_is(text.p[at], STOX_CHAR_SPACE)) {
    at++;
  }
  return at;
}

static size_t skip_classes(stox_span text, size_t at, uint32_t classes) {
  while (at < text.n && stox_char_is(text.p[at], classes)) {
    at++;
  }
  return at;
}

static int is_at(stox_span text, size_t at, char octet) {
  return at < text.n && text.p[at] == octet;
}

/* White space, folds included, may stand in a quoted string; other controls, and an escaped line
 * end, may not. */
static int is_quotable(char octet, int is_escaped) {
  if (is_escaped) {
    return octet != '\r' && octet != '\n';
  }
  return !stox_char_is(octet, STOX_CHAR_CTRL) || stox_char_is(octet, STOX_CHAR_SPACE);
}

/* The place behind the quoted string that begins at `at`; 0 if it does not end. */
static size_t skip_quoted(stox_span text, size_t at) {
  for (at++; at < text.n; at++) {
    at = stox_skip_quotable(text, at);
    if (at == text.n) {
      return 0;
    }
    if (text.p[at] == '"') {
      return at + 1;
    }
    const int is_escape = text.p[at] == '\\';
    at += (size_t)is_escape;
    if (at >= text.n || !is_quotable(text.p[at], is_escape)) {
      return 0;
    }
  }
  return 0;
}

/* The value that begins at `*at`; 0 if there is none. */
static int read_value(stox_span *out, stox_span text, size_t *at) {
  const size_t from = *at;
  size_t end;
  if (is_at(text, from, '"')) {
    end = skip_quoted(text, from);
  } else {
    end = skip_classes(text, from, VALUE_CLASSES);
  }
  if (end <= from) {
    return 0;
  }
  *out = stox_span_slice(text, from, end - from);
  *at = end;
  return 1;
}

/* One parameter from `*at` on, and the space around it; 0 if there is none. */
static int read_param(stox_param *out, stox_span text, size_t *at) {
  const size_t from = skip_space(text, *at);
  size_t end = skip_classes(text, from, STOX_CHAR_TOKEN);
  out->name = stox_span_slice(text, from, end - from);
  out->value = (stox_span){NULL, 0};
  *at = from;
  if (out->name.n == 0) {
    return 0;
  }
  *at = skip_space(text, end);
  if (is_at(text, *at, '=')) {
    *at = skip_space(text, *at + 1);
    if (!read_value(&out->value, text, at)) {
      return 0;
    }
    *at = skip_space(text, *at);
  }
  return 1;
}

int stox_param_next(stox_param *out, stox_span params, size_t *cursor) {
  stox_param param;
  size_t at = *cursor;
  if (params.n == 0 || at > params.n) {
    return STOX_E_NONE;
  }
  if (!read_param(&param, params, &at) || (at < params.n && params.p[at] != ';')) {
    return STOX_E_BAD_PARAM;
  }
  *out = param;
  *cursor = at + 1;
  return STOX_OK;
}

int stox_param_find(stox_param *out, stox_span params, const char *name) {
  const stox_span wanted = stox_span_text(name);
  stox_param param;
  size_t cursor = 0;
  int found = STOX_E_NONE;
  for (;;) {
    const int status = stox_param_next(&param, params, &cursor);
    if (status != STOX_OK) {
      return status == STOX_E_NONE ? found : status;
    }
    if (!stox_span_is_equal_nocase(param.name, wanted)) {
      continue;
    }
    if (found == STOX_OK) {
      return STOX_E_REPEATED;
    }
    *out = param;
    found = STOX_OK;
  }
}

/* A header value and the place that is looked at. */
typedef struct reader {
  stox_span value;
  size_t at;
  stox_diag *diag;
} reader;

static int refuse(const reader *r, size_t at) {
  return stox_diag_set(r->diag, STOX_E_BAD_HEADER, 400, at, address_rule);
}

/* Where a display name of tokens ends: at `<`, or at the first octet that is none of it. */
static size_t skip_tokens(stox_span text, size_t at) {
  while (at < text.n && ((unsigned char)text.p[at] > 0x7F ||
                         stox_char_is(text.p[at], STOX_CHAR_TOKEN | STOX_CHAR_SPACE))) {
    at++;
  }
  return at;
}

/* `<` addr-spec `>`, no white space inside */
static int read_brackets(reader *r, stox_name_addr *out) {
  const size_t from = r->at + 1;
  size_t end = from;
  while (end < r->value.n && r->value.p[end] != '>') {
    if (r->value.p[end] == '<' || stox_char_is(r->value.p[end], STOX_CHAR_SPACE | STOX_CHAR_CTRL)) {
      return refuse(r, end);
    }
    end++;
  }
  if (end == r->value.n || end == from) {
    return refuse(r, end);
  }
  out->brackets = 1;
  out->uri = stox_span_slice(r->value, from, end - from);
  r->at = end + 1;
  return STOX_OK;
}

/* An addr-spec ends before a comma or semicolon; with a question mark it needs angle brackets
 * (RFC 3261 20.10). */
static int read_addr_spec(reader *r, stox_name_addr *out) {
  const size_t from = r->at;
  size_t end = from;
  for (; end < r->value.n; end++) {
    const char c = r->value.p[end];
    if (c == ',' || c == ';' || stox_char_is(c, STOX_CHAR_SPACE)) {
      break;
    }
    if (c == '?' || c == '<' || c == '>' || c == '"' || stox_char_is(c, STOX_CHAR_CTRL)) {
      return refuse(r, end);
    }
  }
  out->uri = stox_span_slice(r->value, from, end - from);
  if (stox_span_find(out->uri, ':') == out->uri.n) {
    return refuse(r, from); /* a word of a display name, perhaps */
  }
  r->at = end;
  return STOX_OK;
}

static int read_quoted_display(reader *r, stox_name_addr *out) {
  const size_t from = r->at;
  const size_t end = skip_quoted(r->value, from);
  if (end == 0) {
    return refuse(r, from);
  }
  out->display = stox_span_slice(r->value, from, end - from);
  r->at = skip_space(r->value, end);
  return is_at(r->value, r->at, '<') ? read_brackets(r, out) : refuse(r, r->at);
}

static int read_address(reader *r, stox_name_addr *out) {
  const size_t from = r->at;
  if (is_at(r->value, from, '"')) {
    return read_quoted_display(r, out);
  }
  const size_t tokens = skip_tokens(r->value, from);
  if (is_at(r->value, tokens, '<')) {
    const stox_span display = stox_span_trim(stox_span_slice(r->value, from, tokens - from));
    out->display = display.n > 0 ? display : (stox_span){NULL, 0};
    r->at = tokens;
    return read_brackets(r, out);
  }
  const size_t behind = skip_space(r->value, from + 1);
  if (is_at(r->value, from, '*') && (behind >= r->value.n || r->value.p[behind] == ',')) {
    out->star = 1;
    r->at = from + 1;
    return STOX_OK;
  }
  return read_addr_spec(r, out);
}

/* *( SEMI generic-param ), up to a comma or the end */
static int read_params(reader *r, stox_name_addr *out) {
  stox_param param;
  const size_t from = r->at + 1;
  size_t end = r->at;
  while (is_at(r->value, r->at, ';')) {
    size_t at = r->at + 1;
    if (!read_param(&param, r->value, &at)) {
      return refuse(r, at);
    }
    const stox_span last = param.value.p != NULL ? param.value : param.name;
    end = (size_t)(last.p - r->value.p) + last.n;
    r->at = at;
  }
  if (end >= from) {
    out->params = stox_span_slice(r->value, from, end - from);
  }
  return STOX_OK;
}

int stox_name_addr_next(stox_name_addr *out, stox_span value, size_t *cursor, stox_diag *diag) {
  static const stox_span absent = {NULL, 0};
  reader r = {value, skip_space(value, *cursor), diag};
  stox_name_addr made = {absent, absent, absent, absent, 0, 0};
  if (r.at >= value.n) {
    return STOX_E_NONE;
  }
  const size_t from = r.at;
  int status = read_address(&r, &made);
  if (status != STOX_OK) {
    return status;
  }
  size_t end = r.at;
  r.at = skip_space(value, r.at);
  status = read_params(&r, &made);
  if (status != STOX_OK) {
    return status;
  }
  if (made.params.p != NULL) {
    end = (size_t)(made.params.p - value.p) + made.params.n;
  }
  if (r.at < value.n && value.p[r.at] != ',') {
    return refuse(&r, r.at);
  }
  if (r.at < value.n && skip_space(value, r.at + 1) == value.n) {
    return refuse(&r, r.at); /* a comma with nothing behind it */
  }
  made.text = stox_span_slice(value, from, end - from);
  *out = made;
  *cursor = r.at < value.n ? r.at + 1 : r.at;
  return STOX_OK;
}

/* The short way of addr/address.h, up to the comma and behind it. */
static int read_short(stox_name_addr *out, stox_uri *uri, stox_span value, size_t *cursor) {
  stox_stops_room room;
  stox_stops stops;
  stox_reader r;
  stox_address address = {.name = out, .uri = uri};
  size_t at = skip_space(value, *cursor);
  stox_stops_init(&stops, value, stox_stops_choose(0), &room);
  if (at >= value.n || !stox_reader_open(&r, &stops, at, value.n) ||
      !stox_address_read(&address, &r)) {
    return 0;
  }
  at = r.at;
  if (at < value.n && skip_space(value, at + 1) == value.n) {
    return 0; /* a comma with nothing behind it */
  }
  *cursor = at < value.n ? at + 1 : at;
  return 1;
}

int stox_name_addr_next_uri(stox_name_addr *out, stox_uri *uri, stox_span value, size_t *cursor,
                            int flags, stox_diag *diag) {
  if (read_short(out, uri, value, cursor)) {
    return STOX_OK;
  }
  stox_diag inner = {0};
  int status = stox_name_addr_next(out, value, cursor, diag);
  if (status != STOX_OK) {
    return status;
  }
  if (out->star) {
    *uri = (stox_uri){0};
    return STOX_OK;
  }
  status = stox_uri_parse(uri, out->uri, flags, &inner);
  if (status != STOX_OK) {
    const size_t offset = (size_t)(out->uri.p - value.p) + inner.offset;
    return stox_diag_set(diag, status, inner.answer, offset, inner.rule);
  }
  return STOX_OK;
}

/* White space with a line fold or a tab in it becomes one space; `*at` moves behind it. */
static void put_space(stox_buf *out, stox_span text, size_t *at) {
  const size_t end = skip_space(text, *at);
  const stox_span space = stox_span_slice(text, *at, end - *at);
  const int is_plain = stox_span_find(space, '\n') == space.n &&
                       stox_span_find(space, '\r') == space.n &&
                       stox_span_find(space, '\t') == space.n;
  stox_buf_put(out, is_plain ? space : (stox_span){" ", 1});
  *at = end;
}

static int put_unquoted(stox_buf *out, stox_span text, int is_quoted) {
  for (size_t i = 0; i < text.n;) {
    if (stox_char_is(text.p[i], STOX_CHAR_SPACE)) {
      put_space(out, text, &i);
      continue;
    }
    i += is_quoted && text.p[i] == '\\' && i + 1 < text.n;
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL)) {
      return STOX_E_CTRL;
    }
    stox_buf_put_octet(out, text.p[i++]);
  }
  return stox_buf_status(out);
}

int stox_display_unquote(stox_buf *out, stox_span display) {
  const size_t before = out->len;
  const int is_quoted = display.n > 1 && display.p[0] == '"' && display.p[display.n - 1] == '"';
  const stox_span text = is_quoted ? stox_span_slice(display, 1, display.n - 2) : display;
  if (stox_utf8_check(display, NULL) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  const int status = put_unquoted(out, text, is_quoted);
  if (status == STOX_E_CTRL) {
    out->len = before;
  }
  return status;
}

int stox_display_quote(stox_buf *out, stox_span text) {
  if (stox_utf8_check(text, NULL) != STOX_OK) {
    return STOX_E_BAD_UTF8;
  }
  for (size_t i = 0; i < text.n; i++) {
    if (stox_char_is(text.p[i], STOX_CHAR_CTRL)) {
      return STOX_E_CTRL;
    }
  }
  stox_buf_put_octet(out, '"');
  for (size_t i = 0; i < text.n; i++) {
    if (text.p[i] == '"' || text.p[i] == '\\') {
      stox_buf_put_octet(out, '\\');
    }
    stox_buf_put_octet(out, text.p[i]);
  }
  return stox_buf_put_octet(out, '"');
}
