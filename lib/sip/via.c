/* SPDX-License-Identifier: MIT */
#include "base/chars.h"
#include "sip/lex.h"
#include "sip/message.h"
#include "stox/host.h"
#include "stox/number.h"
#include "stox/status.h"

enum { PORT_MOST = 65535, TTL_MOST = 255 };

/* A Via value being read. */
typedef struct reader {
  stox_span text;
  size_t at;
  int *lenient; /* 1: may be; set to 2 where it was needed */
} reader;

static int forgive(const reader *r) {
  if (*r->lenient == 0) {
    return 0;
  }
  *r->lenient = 2;
  return 1;
}

static void skip(reader *r) {
  r->at = stox_sip_skip_lws(r->text, r->at);
}

static int is_next(const reader *r, char octet) {
  return r->at < r->text.n && r->text.p[r->at] == octet;
}

/* An octet with white space around it. */
static int take(reader *r, char octet) {
  const size_t before = r->at;
  skip(r);
  if (!is_next(r, octet)) {
    r->at = before;
    return 0;
  }
  r->at++;
  skip(r);
  return 1;
}

static stox_span take_token(reader *r) {
  const size_t from = r->at;
  r->at = stox_sip_token_end(r->text, from);
  return stox_span_slice(r->text, from, r->at - from);
}

/* sent-protocol = protocol-name SLASH protocol-version SLASH transport */
static int read_protocol(stox_sip_via *out, reader *r) {
  if (take_token(r).n == 0 || !take(r, '/') || take_token(r).n == 0 || !take(r, '/')) {
    return 0;
  }
  out->transport = take_token(r);
  const size_t end = r->at;
  skip(r);
  return out->transport.n > 0 && r->at > end;
}

static int is_host_end(char c) {
  return stox_char_is(c, STOX_CHAR_SPACE) || c == ':' || c == ';' || c == ',';
}

/* Names with underscores are common inside of private networks. */
static int is_odd_name(stox_span host) {
  for (size_t i = 0; i < host.n; i++) {
    if (!stox_char_is(host.p[i], STOX_CHAR_HOST) && host.p[i] != '_') {
      return 0;
    }
  }
  return host.n > 0;
}

static int read_host(stox_sip_via *out, reader *r) {
  const size_t from = r->at;
  const int bracket = is_next(r, '[');
  while (r->at < r->text.n &&
         (bracket ? r->text.p[r->at] != ']' : !is_host_end(r->text.p[r->at]))) {
    r->at++;
  }
  r->at += bracket && r->at < r->text.n ? 1 : 0;
  out->host = stox_span_slice(r->text, from, r->at - from);
  const int kind = stox_host_kind(out->host);
  if (kind == STOX_HOST_NAME || kind == STOX_HOST_IPV4 || kind == STOX_HOST_IPV6) {
    return 1;
  }
  return is_odd_name(out->host) && forgive(r);
}

static int read_number(uint32_t *out, stox_span text, uint32_t most) {
  uint64_t number = 0;
  const int status = stox_number_parse(&number, text, most);
  *out = (uint32_t)number;
  return status == STOX_OK;
}

static int read_port(stox_sip_via *out, reader *r) {
  if (!take(r, ':')) {
    return 1;
  }
  const size_t from = r->at;
  while (r->at < r->text.n && stox_char_is(r->text.p[r->at], STOX_CHAR_DIGIT)) {
    r->at++;
  }
  return read_number(&out->port, stox_span_slice(r->text, from, r->at - from), PORT_MOST);
}

/* gen-value, and IPv6 addresses without brackets, which `received` has. */
static stox_span take_value(reader *r) {
  const size_t from = r->at;
  if (is_next(r, '"')) {
    const size_t end = stox_sip_quoted_end(r->text, from);
    r->at = end == 0 ? from : end;
  } else {
    while (r->at < r->text.n && (stox_char_is(r->text.p[r->at], STOX_CHAR_TOKEN) ||
                                 is_next(r, ':') || is_next(r, '[') || is_next(r, ']'))) {
      r->at++;
    }
  }
  return stox_span_slice(r->text, from, r->at - from);
}

static int is_address(stox_span text) {
  unsigned char octets[16];
  size_t n = 0;
  return stox_host_kind(text) == STOX_HOST_IPV6 || stox_host_address(octets, &n, text) == STOX_OK;
}

static int set_once(stox_span *member, stox_span value) {
  if (member->p != NULL) {
    return 0;
  }
  *member = value;
  return 1;
}

static int set_branch(stox_sip_via *out, stox_span value, reader *r) {
  (void)r;
  return stox_sip_is_token(value) && set_once(&out->branch, value);
}

static int set_received(stox_sip_via *out, stox_span value, reader *r) {
  const int is_good = is_address(value) || (stox_host_kind(value) == STOX_HOST_NAME && forgive(r));
  return is_good && set_once(&out->received, value);
}

static int set_maddr(stox_sip_via *out, stox_span value, reader *r) {
  (void)r;
  return stox_host_kind(value) != STOX_HOST_NONE && set_once(&out->maddr, value);
}

static int set_rport(stox_sip_via *out, stox_span value, reader *r) {
  if (out->has_rport) {
    return 0;
  }
  out->has_rport = 1;
  return value.p == NULL || read_number(&out->rport, value, PORT_MOST) ||
         (value.n == 0 && forgive(r));
}

static int set_ttl(stox_sip_via *out, stox_span value, reader *r) {
  uint32_t ttl = 0;
  (void)out;
  (void)r;
  return read_number(&ttl, value, TTL_MOST);
}

static const struct known_param {
  const char *name;
  int (*set)(stox_sip_via *out, stox_span value, reader *r);
} known_params[] = {{"branch", set_branch},
                    {"received", set_received},
                    {"rport", set_rport},
                    {"maddr", set_maddr},
                    {"ttl", set_ttl}};

static int set_param(stox_sip_via *out, stox_span name, stox_span value, reader *r) {
  for (size_t i = 0; i < sizeof known_params / sizeof known_params[0]; i++) {
    if (stox_span_is_equal_nocase(name, stox_span_text(known_params[i].name))) {
      return known_params[i].set(out, value, r);
    }
  }
  return value.p == NULL || value.n > 0;
}

/* via-params = *( SEMI name [ EQUAL value ] ) */
static int read_params(stox_sip_via *out, reader *r) {
  size_t from = 0;
  while (take(r, ';')) {
    from = from == 0 ? r->at : from;
    const size_t start = r->at;
    const stox_span name = take_token(r);
    if (name.n == 0) {
      return 0;
    }
    stox_span value = {NULL, 0};
    if (take(r, '=')) {
      value = take_value(r);
    }
    const size_t end = r->at;
    if (!set_param(out, name, value, r)) {
      r->at = start;
      return 0;
    }
    out->params = stox_span_slice(r->text, from, end - from);
  }
  return 1;
}

/* RFC 2543 let a comment stand behind a value; RFC 3261 does not. */
static int skip_comment(reader *r) {
  size_t depth = 0;
  if (!is_next(r, '(') || !forgive(r)) {
    return 1;
  }
  for (; r->at < r->text.n; r->at++) {
    const char c = r->text.p[r->at];
    depth += c == '(' ? 1 : 0;
    depth -= c == ')' ? 1 : 0;
    r->at += c == '\\' ? 1 : 0;
    if (depth == 0) {
      r->at++;
      skip(r);
      return 1;
    }
  }
  r->at = r->text.n;
  return 0;
}

static int read_via(stox_sip_via *out, reader *r) {
  const size_t from = r->at;
  if (!read_protocol(out, r) || !read_host(out, r) || !read_port(out, r) || !read_params(out, r)) {
    return 0;
  }
  out->text = stox_span_slice(r->text, from, r->at - from);
  skip(r);
  if (!skip_comment(r)) {
    return 0;
  }
  return r->at == r->text.n || is_next(r, ',');
}

int stox_sip_via_next(stox_sip_via *out, stox_span value, size_t *cursor, int *lenient) {
  reader r = {value, *cursor, lenient};
  if (r.at >= value.n && r.at > 0) {
    return STOX_E_NONE;
  }
  *out = (stox_sip_via){0};
  skip(&r);
  if (!read_via(out, &r)) {
    *cursor = r.at;
    return STOX_E_BAD_HEADER;
  }
  if (r.at < value.n) {
    r.at = stox_sip_skip_lws(value, r.at + 1);
    if (r.at == value.n) {
      *cursor = r.at; /* a comma with nothing behind it */
      return STOX_E_BAD_HEADER;
    }
  }
  *cursor = r.at;
  return STOX_OK;
}

int stox_sip_via_at(stox_sip_via *out, const stox_sip_message *message, const stox_sip_field *field,
                    size_t *at, int *lenient) {
  stox_reader r;
  if (stox_sip_reader(&r, message, *at, field) && stox_sip_via_read_line(out, &r)) {
    *at = r.at;
    return STOX_OK;
  }
  size_t cursor = *at - field->value;
  const int status = stox_sip_via_next(out, stox_sip_field_value(message, field), &cursor, lenient);
  *at = field->value + cursor;
  return status;
}

static int is_top(const stox_sip_message *message, const stox_sip_cursor *cursor) {
  return cursor->at == 0 && message->top.text.at != 0 &&
         message->first[STOX_SIP_VIA] == cursor->field + 1;
}

int stox_sip_next_via(stox_sip_via *out, const stox_sip_message *message, stox_sip_cursor *cursor) {
  const ptrdiff_t found = stox_sip_find(message, STOX_SIP_VIA, cursor->field);
  if (found == STOX_SIP_NOWHERE) {
    return STOX_E_NONE;
  }
  cursor->field = (size_t)found;
  const stox_sip_field *field = &message->fields[cursor->field];
  if (is_top(message, cursor)) {
    stox_sip_give_via(out, &message->top, message->bytes.p);
    cursor->at = message->top_end;
  } else {
    int lenient = 1; /* what the message was accepted with is not asked again */
    size_t at = field->value + cursor->at;
    const int status = stox_sip_via_at(out, message, field, &at, &lenient);
    if (status != STOX_OK) {
      return status;
    }
    cursor->at = at - field->value;
  }
  if (cursor->at >= field->value_n) {
    cursor->field++;
    cursor->at = 0;
  }
  return STOX_OK;
}

int stox_sip_get_via(stox_sip_via *out, const stox_sip_message *message, size_t nth) {
  stox_sip_cursor cursor = {0, 0};
  for (size_t i = 0; i < nth; i++) {
    const int status = stox_sip_next_via(out, message, &cursor);
    if (status != STOX_OK) {
      return status;
    }
  }
  return stox_sip_next_via(out, message, &cursor);
}
