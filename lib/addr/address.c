/* SPDX-License-Identifier: MIT */
#include "addr/address.h"

#include "base/chars.h"
#include "stox/host.h"
#include "text/ascii.h"

enum { PORT_MOST = 65535, HOST_MOST = STOX_STOPS_STEP, NAMES = 8, SCHEME_N = 3 };

static const stox_span absent = {NULL, 0};

/* `sip:` or `sips:` */
static int read_scheme(stox_uri *out, stox_reader *r) {
  const char *p = r->p + r->at;
  if (r->end - r->at <= SCHEME_N + 1 || (p[0] | 0x20) != 's' || (p[1] | 0x20) != 'i' ||
      (p[2] | 0x20) != 'p') {
    return 0;
  }
  const size_t n = SCHEME_N + ((p[SCHEME_N] | 0x20) == 's');
  if (p[n] != ':') {
    return 0;
  }
  out->scheme = n == SCHEME_N ? STOX_SCHEME_SIP : STOX_SCHEME_SIPS;
  out->scheme_text = stox_reader_part(r, r->at, r->at + n);
  r->at += n + 1;
  return 1;
}

/* A decimal octet of `n` digits without a leading zero. */
static int is_decimal_octet(const char *p, size_t n) {
  const uint32_t a = (uint32_t)(unsigned char)p[0] - '0';
  if (n == 1) {
    return a <= 9;
  }
  const uint32_t b = (uint32_t)(unsigned char)p[1] - '0';
  if (n == 2) {
    return a - 1 <= 8 && b <= 9;
  }
  const uint32_t c = (uint32_t)(unsigned char)p[2] - '0';
  return n == 3 && a - 1 <= 8 && b <= 9 && c <= 9 && a * 100 + b * 10 + c <= 255;
}

/* Four of them; the marks among `n` octets are three dots. */
static int is_ip4(const char *p, size_t n, uint64_t marks) {
  for (int i = 0; i < 3; i++) {
    const size_t dot = stox_stops_first_bit(marks);
    if (p[dot] != '.' || dot == 0 || !is_decimal_octet(p, dot)) {
      return 0;
    }
    p += dot + 1;
    n -= dot + 1;
    marks = marks >> dot >> 1;
    if ((marks == 0) != (i == 2)) {
      return 0;
    }
  }
  return n > 0 && is_decimal_octet(p, n);
}

/* Labels of letters, digits and hyphens, the last of which begins with a letter. */
static int is_name(const char *p, size_t n, uint64_t marks) {
  size_t label = 0;
  for (; marks != 0; marks &= marks - 1) {
    const size_t i = stox_stops_first_bit(marks);
    if (i == label || (p[i] != '-' && (p[i] != '.' || p[i - 1] == '-'))) {
      return 0;
    }
    label = p[i] == '.' ? i + 1 : label;
  }
  /* Plain octets above the digits that are no marks are letters. */
  return label < n && p[n - 1] != '-' && (unsigned char)p[label] > '9';
}

int stox_host_read(const stox_reader *r, size_t from, size_t end) {
  const char *p = r->p + from;
  const size_t n = end - from;
  if (from >= end || n > HOST_MOST) {
    return STOX_HOST_NONE;
  }
  const uint64_t marks = stox_stops_bits(r->mark, from) & ((UINT64_C(1) << n) - 1);
  if ((unsigned char)(p[0] - '0') <= 9 && marks != 0 && is_ip4(p, n, marks)) {
    return STOX_HOST_IPV4;
  }
  return is_name(p, n, marks) ? STOX_HOST_NAME : STOX_HOST_NONE;
}

/* The host at `at`, an IPv6 reference too; behind it, 0: not of these forms. */
static size_t read_host(stox_uri *out, const stox_reader *r, size_t at) {
  size_t end = stox_reader_run(r, at);
  if (stox_reader_peek(r, at) == '[') {
    while (end < r->end && r->p[end] != ']') {
      end = stox_reader_run(r, end + 1);
    }
    end += end < r->end;
    out->host = stox_reader_part(r, at, end);
    out->host_kind = stox_host_kind(out->host);
    return out->host_kind == STOX_HOST_IPV6 ? end : 0;
  }
  out->host = stox_reader_part(r, at, end);
  out->host_kind = stox_host_read(r, at, end);
  return out->host_kind == STOX_HOST_NONE ? 0 : end;
}

/* [ user "@" ] host [ ":" port ] */
static int read_hostport(stox_uri *out, stox_reader *r) {
  const size_t user_end = stox_reader_run(r, r->at);
  out->user = absent;
  if (stox_reader_peek(r, user_end) == '@') {
    out->user = stox_reader_part(r, r->at, user_end);
    r->at = user_end + 1;
    if (out->user.n == 0) {
      return 0;
    }
  }
  size_t stop = read_host(out, r, r->at);
  out->port = 0;
  out->port_text = absent;
  if (stop != 0 && stox_reader_peek(r, stop) == ':') {
    const size_t from = stop + 1;
    stop = stox_reader_run(r, from);
    if (!stox_plain_number(&out->port, r->p, from, stop, PORT_MOST)) {
      return 0;
    }
    out->port_text = stox_reader_part(r, from, stop);
  }
  r->at = stop;
  return stop != 0;
}

/* Behind the octets of a URI parameter's value. */
static size_t value_end(const stox_reader *r, size_t at) {
  size_t stop = stox_reader_run(r, at);
  while (stop < r->end && r->p[stop] != '%' && stox_char_is(r->p[stop], STOX_CHAR_PARAM)) {
    stop = stox_reader_run(r, stop + 1);
  }
  return stop;
}

static int is_among(const stox_span *names, size_t n, stox_span name) {
  for (size_t i = 0; i < n; i++) {
    if (names[i].n == name.n && stox_span_is_equal_nocase(names[i], name)) {
      return 1;
    }
  }
  return 0;
}

/* *( ";" pname [ "=" pvalue ] ), no name twice */
static int read_uri_params(stox_uri *out, stox_reader *r) {
  stox_span names[NAMES];
  const size_t from = r->at + 1;
  out->params = absent;
  for (size_t n = 0; stox_reader_peek(r, r->at) == ';'; n++) {
    const size_t name = r->at + 1;
    size_t stop = stox_reader_run(r, name);
    if (stop == name || n == NAMES || is_among(names, n, stox_reader_part(r, name, stop))) {
      return 0;
    }
    names[n] = stox_reader_part(r, name, stop);
    if (stox_reader_peek(r, stop) == '=') {
      const size_t value = stop + 1;
      stop = value_end(r, value);
      if (stop == value) {
        return 0;
      }
    }
    out->params = stox_reader_part(r, from, stop);
    r->at = stop;
  }
  return 1;
}

int stox_uri_read(stox_uri *out, stox_reader *r) {
  const size_t from = r->at;
  if (!read_scheme(out, r) || !read_hostport(out, r) || !read_uri_params(out, r)) {
    return 0;
  }
  out->text = stox_reader_part(r, from, r->at);
  out->password = absent;
  out->path = absent;
  out->headers = absent;
  out->lenient = 0;
  return 1;
}

/* Behind a quoted string; 0: not of this form. An escaped octet is none that ends a line. */
static size_t quoted_end(const stox_reader *r, size_t at) {
  const stox_span text = {r->p, r->end};
  at = stox_skip_quotable(text, at + 1);
  while (at < r->end) {
    const char c = r->p[at];
    if (c == '"') {
      return at + 1;
    }
    if (c == '\\') {
      const char escaped = stox_reader_peek(r, ++at);
      if (at >= r->end || escaped == '\r' || escaped == '\n') {
        return 0;
      }
    } else if (stox_char_is(c, STOX_CHAR_CTRL)) {
      return 0;
    }
    at = stox_skip_quotable(text, at + 1);
  }
  return 0;
}

/* [ display-name ], up to the angle bracket */
static int read_display(stox_name_addr *out, stox_reader *r) {
  const size_t from = r->at;
  size_t end = from;
  if (stox_reader_peek(r, from) == '"') {
    end = quoted_end(r, from);
    r->at = stox_reader_skip_spaces(r, end);
    if (end == 0) {
      return 0;
    }
  } else {
    for (r->at = stox_reader_run(r, from); stox_reader_peek(r, r->at) == ' ';
         r->at = stox_reader_run(r, r->at + 1)) {
      end = r->at > from && r->p[r->at - 1] != ' ' ? r->at : end;
    }
    end = r->at > from && r->p[r->at - 1] != ' ' ? r->at : end;
  }
  out->display = end > from ? stox_reader_part(r, from, end) : absent;
  return stox_reader_peek(r, r->at) == '<';
}

/* [ "=" ( token / quoted-string ) ] behind a name; 0: not of this form. */
static size_t read_value(stox_span *out, const stox_reader *r, size_t at) {
  *out = absent;
  if (stox_reader_peek(r, at) != '=') {
    return at;
  }
  const size_t from = at + 1;
  if (stox_reader_peek(r, from) == '"') {
    at = quoted_end(r, from);
  } else {
    at = stox_reader_run(r, from);
    while (at < r->end && stox_char_is(r->p[at], STOX_CHAR_TOKEN | STOX_CHAR_PARAM)) {
      at = stox_reader_run(r, at + 1);
    }
  }
  if (at <= from) {
    return 0;
  }
  *out = stox_reader_part(r, from, at);
  return at;
}

static int is_token(const stox_reader *r, stox_span value) {
  return value.n > 0 &&
         stox_reader_run(r, (size_t)(value.p - r->p)) >= (size_t)(value.p - r->p) + value.n;
}

/* *( SEMI name [ "=" value ] ); spaces around the semicolon alone */
static int read_params(stox_address *out, stox_reader *r) {
  const size_t first = r->at;
  size_t end = r->at;
  size_t from = 0;
  out->name->params = absent;
  out->tag = absent;
  for (size_t at = stox_reader_skip_spaces(r, first); stox_reader_peek(r, at) == ';';
       at = stox_reader_skip_spaces(r, end)) {
    stox_span value;
    from = from == 0 ? at + 1 : from;
    const size_t name = stox_reader_skip_spaces(r, at + 1);
    const size_t name_end = stox_reader_run(r, name);
    end = read_value(&value, r, name_end);
    if (name_end == name || end == 0) {
      return 0;
    }
    if (stox_plain_is(r->p + name, name_end - name, "tag", 3)) {
      if (out->tag.p != NULL || !is_token(r, value)) {
        return 0;
      }
      out->tag = value;
    }
    out->name->params = stox_reader_part(r, from, end);
  }
  r->at = stox_reader_skip_spaces(r, end);
  return r->at == r->end || r->p[r->at] == ',';
}

int stox_address_read(stox_address *out, stox_reader *r) {
  const size_t from = r->at;
  if (!read_display(out->name, r)) {
    return 0;
  }
  r->at++;
  if (!stox_uri_read(out->uri, r) || stox_reader_peek(r, r->at) != '>') {
    return 0;
  }
  const size_t behind = ++r->at;
  if (!read_params(out, r)) {
    return 0;
  }
  const stox_span params = out->name->params;
  const size_t last = params.p == NULL ? behind : (size_t)(params.p - r->p) + params.n;
  out->name->text = stox_reader_part(r, from, last);
  out->name->uri = out->uri->text;
  out->name->brackets = 1;
  out->name->star = 0;
  return 1;
}
