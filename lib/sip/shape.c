/* SPDX-License-Identifier: MIT */
#include "sip/shape.h"

#include "base/chars.h"
#include "sip/lex.h"
#include "stox/number.h"
#include "stox/status.h"
#include "stox/uri.h"
#include "stox/utf8.h"

#include <string.h>

enum { KIND_MASK = STOX_SIP_REQUIRED - 1, POSITIVE_MOST = 0x7FFFFFFF, Q_MOST = 1000, Q_DIGITS = 3 };

/* A value being read into a struct. */
typedef struct reader {
  const stox_sip_shape *shape;
  char *out;
  stox_span text;
  size_t at;
} reader;

static void *member(const reader *r, size_t at) {
  return r->out + at;
}

static const void *member_of(const void *value, size_t at) {
  return (const char *)value + at;
}

static void skip(reader *r) {
  r->at = stox_sip_skip_lws(r->text, r->at);
}

static stox_span rest(const reader *r, size_t from) {
  return stox_span_slice(r->text, from, r->at - from);
}

/* An octet with white space around it. */
static int take(reader *r, char octet) {
  const size_t at = stox_sip_skip_lws(r->text, r->at);
  if (at == r->text.n || r->text.p[at] != octet) {
    return 0;
  }
  r->at = stox_sip_skip_lws(r->text, at + 1);
  return 1;
}

static int read_span(reader *r, stox_span *out, int kind) {
  const size_t from = r->at;
  r->at = stox_sip_kind_end(kind, r->text, from);
  *out = rest(r, from);
  return r->at > from;
}

/* ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths */
static int parse_q(uint32_t *out, stox_span text) {
  uint64_t units = 0;
  uint64_t fraction = 0;
  const stox_span behind = stox_span_slice(text, 2, text.n);
  if (stox_number_parse(&units, stox_span_slice(text, 0, 1), 1) != STOX_OK ||
      (text.n > 1 && text.p[1] != '.') || behind.n > Q_DIGITS) {
    return 0;
  }
  if (behind.n > 0 && stox_number_parse(&fraction, behind, Q_MOST - 1) != STOX_OK) {
    return 0;
  }
  for (size_t i = behind.n; i < Q_DIGITS; i++) {
    fraction *= 10;
  }
  *out = (uint32_t)(units * Q_MOST + fraction);
  return *out <= Q_MOST;
}

static int parse_number(uint32_t *out, stox_span text, int kind) {
  uint64_t number = 0;
  if (kind == STOX_SIP_KIND_Q) {
    return parse_q(out, text);
  }
  const int is_positive = kind == STOX_SIP_KIND_POSITIVE;
  const int status = stox_number_parse(&number, text, is_positive ? POSITIVE_MOST : UINT32_MAX);
  *out = (uint32_t)number;
  return status == STOX_OK && !(is_positive && number == 0);
}

static int read_number(reader *r, stox_sip_number *out, int kind) {
  stox_span digits;
  const size_t from = r->at;
  uint32_t number = 0;
  if (!read_span(r, &digits, STOX_SIP_KIND_TOKEN) || !parse_number(&number, digits, kind)) {
    r->at = from;
    return 0;
  }
  *out = (stox_sip_number){1, number};
  return 1;
}

static int is_number(int kind) {
  return kind == STOX_SIP_KIND_NUMBER || kind == STOX_SIP_KIND_POSITIVE || kind == STOX_SIP_KIND_Q;
}

static int is_set(const void *at, int kind) {
  if (kind == STOX_SIP_KIND_FLAG) {
    return *(const int *)at != 0;
  }
  return is_number(kind) ? ((const stox_sip_number *)at)->is_set
                         : ((const stox_span *)at)->p != NULL;
}

static int read_member(reader *r, const stox_sip_param_rule *rule) {
  void *at = member(r, rule->at);
  const int kind = rule->kind & KIND_MASK;
  const int has_value = take(r, '=');
  if (is_set(at, kind) || has_value == (kind == STOX_SIP_KIND_FLAG)) {
    return 0;
  }
  if (kind == STOX_SIP_KIND_FLAG) {
    *(int *)at = 1;
    return 1;
  }
  return is_number(kind) ? read_number(r, at, kind) : read_span(r, at, kind);
}

const stox_sip_param_rule *stox_sip_shape_param(const stox_sip_shape *shape, stox_span name) {
  for (size_t i = 0; i < shape->n_params; i++) {
    if (stox_span_is_equal_nocase(name, stox_span_text(shape->params[i].name))) {
      return &shape->params[i];
    }
  }
  return NULL;
}

/* Of the values of parameters without a member; media types have them all with a value. */
static int other_kind(const stox_sip_shape *shape) {
  return shape->head == STOX_SIP_KIND_MEDIA_TYPE ? STOX_SIP_KIND_TEXT : STOX_SIP_KIND_GENERIC;
}

static int read_param(reader *r) {
  stox_span name;
  stox_span value;
  const size_t from = r->at;
  if (!read_span(r, &name, STOX_SIP_KIND_TOKEN)) {
    return 0;
  }
  const stox_sip_param_rule *rule = stox_sip_shape_param(r->shape, name);
  if (rule == NULL) {
    const int is_bound = r->shape->head == STOX_SIP_KIND_MEDIA_TYPE;
    return take(r, '=') ? read_span(r, &value, other_kind(r->shape)) : !is_bound;
  }
  if (!read_member(r, rule)) {
    r->at = r->at == from + name.n ? from : r->at;
    return 0;
  }
  return 1;
}

/* Parameters up to the end; the first has a `;` in front only behind a head. */
static int read_params(reader *r) {
  const int has_head = r->shape->head != STOX_SIP_KIND_NOTHING;
  if (r->shape->params_at == STOX_SIP_NO_PARAMS || (has_head && !take(r, ';'))) {
    return 1;
  }
  stox_span *params = member(r, r->shape->params_at);
  const size_t from = r->at;
  do {
    if (!read_param(r)) {
      return 0;
    }
    *params = rest(r, from);
  } while (take(r, ';'));
  return 1;
}

int stox_sip_is_display(stox_span display) {
  if (display.n > 0 && display.p[0] == '"') {
    return stox_sip_is_kind(STOX_SIP_KIND_QUOTED, display);
  }
  for (size_t i = 0; i < display.n; i++) {
    if ((unsigned char)display.p[i] <= 0x7F &&
        !stox_char_is(display.p[i], STOX_CHAR_TOKEN | STOX_CHAR_SPACE)) {
      return 0;
    }
  }
  return stox_utf8_check(display, NULL) == STOX_OK;
}

static int is_address(int kind) {
  return kind == STOX_SIP_KIND_ADDRESS || kind == STOX_SIP_KIND_CONTACT ||
         kind == STOX_SIP_KIND_ROUTE;
}

static int read_address(reader *r, stox_name_addr *out, int kind) {
  stox_uri uri;
  stox_diag diag = {0};
  size_t cursor = r->at;
  if (stox_name_addr_next(out, r->text, &cursor, &diag) != STOX_OK ||
      (out->star && kind != STOX_SIP_KIND_CONTACT) || !stox_sip_is_display(out->display)) {
    r->at = diag.offset > r->at ? diag.offset : r->at;
    return 0;
  }
  if (kind == STOX_SIP_KIND_ROUTE && !out->brackets) {
    return 0;
  }
  if (!out->star && stox_uri_parse(&uri, out->uri, STOX_URI_STRICT, &diag) != STOX_OK) {
    r->at = (size_t)(out->uri.p - r->text.p) + diag.offset;
    return 0;
  }
  const char *end = out->params.p != NULL ? out->params.p - 1 : out->text.p + out->text.n;
  r->at = (size_t)(end - r->text.p);
  return 1;
}

static int read_head(reader *r) {
  void *out = member(r, r->shape->head_at);
  const int kind = r->shape->head;
  if (kind == STOX_SIP_KIND_NOTHING) {
    return 1;
  }
  if (is_address(kind)) {
    return read_address(r, out, kind);
  }
  if (is_number(kind)) {
    return read_number(r, out, kind);
  }
  if (kind == STOX_SIP_KIND_MEDIA || kind == STOX_SIP_KIND_MEDIA_TYPE) {
    stox_span *parts = out;
    return read_span(r, &parts[0], STOX_SIP_KIND_TOKEN) && take(r, '/') &&
           read_span(r, &parts[1], STOX_SIP_KIND_TOKEN);
  }
  return read_span(r, out, kind);
}

static int has_required(const stox_sip_shape *shape, const void *value) {
  for (size_t i = 0; i < shape->n_params; i++) {
    const stox_sip_param_rule *rule = &shape->params[i];
    if ((rule->kind & STOX_SIP_REQUIRED) != 0 &&
        !is_set(member_of(value, rule->at), rule->kind & KIND_MASK)) {
      return 0;
    }
  }
  return 1;
}

static int read_all(reader *r) {
  skip(r);
  if (!read_head(r) || !read_params(r)) {
    return 0;
  }
  skip(r);
  return r->at == r->text.n && has_required(r->shape, r->out);
}

int stox_sip_shape_parse(const stox_sip_shape *shape, void *out, stox_span text, stox_diag *diag) {
  reader r = {shape, out, text, 0};
  memset(out, 0, shape->size);
  if (read_all(&r)) {
    return STOX_OK;
  }
  memset(out, 0, shape->size);
  return stox_diag_set(diag, STOX_E_BAD_HEADER, 400, r.at, shape->rule);
}

/* A URI that a parser would not take up to its end without quotes. */
static int needs_quotes(stox_span text) {
  static const char ends[] = {';', ',', '?'};
  stox_uri uri;
  size_t at = text.n;
  for (size_t i = 0; i < sizeof ends; i++) {
    const size_t found = stox_span_find(text, ends[i]);
    at = found < at ? found : at;
  }
  return at < text.n && text.p[0] != '"' && text.p[0] != '<' &&
         stox_uri_parse(&uri, text, STOX_URI_STRICT, NULL) == STOX_OK;
}

static int put_span(stox_buf *out, stox_span text, int kind) {
  if (kind == STOX_SIP_KIND_BARE_URI && needs_quotes(text)) {
    (void)stox_buf_put_octet(out, '"');
    (void)stox_buf_put(out, text);
    (void)stox_buf_put_octet(out, '"');
    return 1;
  }
  if (!stox_sip_is_kind(kind, text)) {
    return 0;
  }
  /* As a parameter's value an addr-spec would not end where the parameter does. */
  const int is_bare = kind == STOX_SIP_KIND_NAME_ADDR && stox_span_find(text, '<') == text.n;
  (void)stox_buf_put_text(out, is_bare ? "<" : "");
  (void)stox_sip_unfold(out, text);
  (void)stox_buf_put_text(out, is_bare ? ">" : "");
  return 1;
}

static void put_q(stox_buf *out, uint32_t q) {
  (void)stox_buf_put_number(out, q / Q_MOST);
  uint32_t fraction = q % Q_MOST;
  if (fraction > 0) {
    (void)stox_buf_put_octet(out, '.');
  }
  for (uint32_t unit = Q_MOST / 10; fraction > 0; unit /= 10) {
    (void)stox_buf_put_octet(out, (char)('0' + fraction / unit));
    fraction %= unit;
  }
}

static int put_number(stox_buf *out, const stox_sip_number *number, int kind) {
  if (!number->is_set || (kind == STOX_SIP_KIND_Q && number->value > Q_MOST) ||
      (kind == STOX_SIP_KIND_POSITIVE && (number->value == 0 || number->value > POSITIVE_MOST))) {
    return 0;
  }
  if (kind == STOX_SIP_KIND_Q) {
    put_q(out, number->value);
  } else {
    (void)stox_buf_put_number(out, number->value);
  }
  return 1;
}

static void put_separator(stox_buf *out, size_t start) {
  if (out->len > start) {
    (void)stox_buf_put_octet(out, ';');
  }
}

static int put_member(stox_buf *out, const stox_sip_param_rule *rule, const void *at,
                      size_t start) {
  const int kind = rule->kind & KIND_MASK;
  if (!is_set(at, kind)) {
    return (rule->kind & STOX_SIP_REQUIRED) == 0;
  }
  put_separator(out, start);
  (void)stox_buf_put_text(out, rule->name);
  if (kind == STOX_SIP_KIND_FLAG) {
    return 1;
  }
  (void)stox_buf_put_octet(out, '=');
  return is_number(kind) ? put_number(out, at, kind) : put_span(out, *(const stox_span *)at, kind);
}

/* A parameter without a member, which `r` stands before. */
static int put_other(stox_buf *out, reader *r, size_t start) {
  stox_span name;
  stox_span value = {NULL, 0};
  if (!read_span(r, &name, STOX_SIP_KIND_TOKEN)) {
    return 0;
  }
  const stox_sip_param_rule *rule = stox_sip_shape_param(r->shape, name);
  const int kind = rule == NULL ? other_kind(r->shape) : rule->kind & KIND_MASK;
  const int is_short = kind < STOX_SIP_KIND_TOKEN;
  if (take(r, '=') && !read_span(r, &value, is_short ? STOX_SIP_KIND_TOKEN : kind)) {
    return 0;
  }
  if (rule != NULL) {
    return 1;
  }
  if (value.p == NULL && r->shape->head == STOX_SIP_KIND_MEDIA_TYPE) {
    return 0;
  }
  put_separator(out, start);
  (void)stox_buf_put(out, name);
  if (value.p != NULL) {
    (void)stox_buf_put_octet(out, '=');
    (void)stox_sip_unfold(out, value);
  }
  return 1;
}

static int put_others(stox_buf *out, const stox_sip_shape *shape, stox_span params, size_t start) {
  reader r = {shape, NULL, params, 0};
  skip(&r);
  if (params.n == 0) {
    return 1;
  }
  do {
    if (!put_other(out, &r, start)) {
      return 0;
    }
  } while (take(&r, ';'));
  skip(&r);
  return r.at == params.n;
}

static int put_address(stox_buf *out, const stox_name_addr *address, int kind) {
  stox_uri uri;
  if (address->star) {
    return kind == STOX_SIP_KIND_CONTACT && stox_buf_put_octet(out, '*') != STOX_E_ARG;
  }
  if (!stox_sip_is_display(address->display) ||
      stox_span_find(address->uri, '>') < address->uri.n ||
      stox_uri_parse(&uri, address->uri, STOX_URI_STRICT, NULL) != STOX_OK) {
    return 0;
  }
  if (address->display.n > 0) {
    (void)stox_sip_unfold(out, address->display);
    (void)stox_buf_put_octet(out, ' ');
  }
  (void)stox_buf_put_octet(out, '<');
  (void)stox_buf_put(out, address->uri);
  (void)stox_buf_put_octet(out, '>');
  return 1;
}

static int put_head(stox_buf *out, int kind, const void *head) {
  if (kind == STOX_SIP_KIND_NOTHING) {
    return 1;
  }
  if (is_address(kind)) {
    return put_address(out, head, kind);
  }
  if (is_number(kind)) {
    return put_number(out, head, kind);
  }
  const stox_span *parts = head;
  if (kind != STOX_SIP_KIND_MEDIA && kind != STOX_SIP_KIND_MEDIA_TYPE) {
    return put_span(out, parts[0], kind);
  }
  return put_span(out, parts[0], STOX_SIP_KIND_TOKEN) &&
         stox_buf_put_octet(out, '/') != STOX_E_ARG && put_span(out, parts[1], STOX_SIP_KIND_TOKEN);
}

/* A star has no parameters. */
static int is_star(const stox_sip_shape *shape, const void *head) {
  return shape->head == STOX_SIP_KIND_CONTACT && ((const stox_name_addr *)head)->star;
}

static int put_all(stox_buf *out, const stox_sip_shape *shape, const void *value) {
  const size_t start = out->len;
  if (!put_head(out, shape->head, member_of(value, shape->head_at))) {
    return 0;
  }
  if (is_star(shape, member_of(value, shape->head_at))) {
    return 1;
  }
  for (size_t i = 0; i < shape->n_params; i++) {
    const stox_sip_param_rule *rule = &shape->params[i];
    if (!put_member(out, rule, member_of(value, rule->at), start)) {
      return 0;
    }
  }
  if (shape->params_at == STOX_SIP_NO_PARAMS) {
    return 1;
  }
  const stox_span *params = member_of(value, shape->params_at);
  return put_others(out, shape, *params, start) && out->len > start;
}

int stox_sip_shape_write(const stox_sip_shape *shape, stox_buf *out, const void *value) {
  const size_t before = out->len;
  if (!put_all(out, shape, value)) {
    out->len = before;
    return STOX_E_BAD_HEADER;
  }
  return stox_buf_status(out);
}
