/* SPDX-License-Identifier: MIT */
#include "addr/address.h"

#include "base/chars.h"
#include "stox/host.h"
#include "text/stop_reader.h"

enum { PORT_MOST = 65535, NAMES = 8, SCHEME_N = 3 };

static const stox_span absent = {NULL, 0};

/* `sip:` or `sips:` */
static int read_scheme(stox_uri *out, stox_reader *r) {
  const char *p = r->p + r->at;
  if (r->end - r->at <= SCHEME_N + 1 || !stox_plain_is(p, SCHEME_N, "sip", SCHEME_N)) {
    return 0;
  }
  size_t n = SCHEME_N;
  if (p[n] == 's' || p[n] == 'S') {
    n++;
  }
  if (p[n] != ':') {
    return 0;
  }
  out->scheme = n == SCHEME_N ? STOX_SCHEME_SIP : STOX_SCHEME_SIPS;
  out->scheme_text = stox_reader_part(r, r->at, r->at + n);
  r->at += n + 1;
  return 1;
}

/* [ user "@" ] host [ ":" port ] */
static int read_hostport(stox_uri *out, stox_reader *r) {
  size_t stop = stox_reader_run(r, r->at);
  out->user = absent;
  if (stox_reader_peek(r, stop) == '@') {
    if (stop == r->at) {
      return 0;
    }
    out->user = stox_reader_part(r, r->at, stop);
    r->at = stop + 1;
    stop = stox_reader_run(r, r->at);
  }
  out->host = stox_reader_part(r, r->at, stop);
  out->host_kind = stox_host_kind(out->host);
  out->port = 0;
  out->port_text = absent;
  if (out->host_kind != STOX_HOST_NAME && out->host_kind != STOX_HOST_IPV4) {
    return 0;
  }
  if (stox_reader_peek(r, stop) == ':') {
    const size_t from = stop + 1;
    stop = stox_reader_run(r, from);
    if (!stox_plain_number(&out->port, r->p, from, stop, PORT_MOST)) {
      return 0;
    }
    out->port_text = stox_reader_part(r, from, stop);
  }
  r->at = stop;
  return 1;
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

size_t stox_uri_read(stox_uri *out, stox_stops *stops, size_t from, size_t end) {
  stox_reader r = {stops, stops->p, from, end};
  if (!read_scheme(out, &r) || !read_hostport(out, &r) || !read_uri_params(out, &r)) {
    return 0;
  }
  out->text = stox_reader_part(&r, from, r.at);
  out->password = absent;
  out->path = absent;
  out->headers = absent;
  out->lenient = 0;
  return r.at;
}

/* Behind a quoted string without escapes; 0: not of this form. */
static size_t quoted_end(const stox_reader *r, size_t at) {
  for (at = stox_reader_run(r, at + 1); at < r->end; at = stox_reader_run(r, at + 1)) {
    if (r->p[at] == '"') {
      return at + 1;
    }
    if (r->p[at] == '\\' || stox_char_is(r->p[at], STOX_CHAR_CTRL)) {
      return 0;
    }
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
  out->name.params = absent;
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
    out->name.params = stox_reader_part(r, from, end);
  }
  r->at = stox_reader_skip_spaces(r, end);
  return r->at == r->end || r->p[r->at] == ',';
}

int stox_address_read(stox_address *out, stox_stops *stops, size_t *at, size_t end) {
  stox_reader r = {stops, stops->p, *at, end};
  if (!read_display(&out->name, &r)) {
    return 0;
  }
  const size_t behind = stox_uri_read(&out->uri, stops, r.at + 1, end);
  if (behind == 0 || stox_reader_peek(&r, behind) != '>') {
    return 0;
  }
  r.at = behind + 1;
  if (!read_params(out, &r)) {
    return 0;
  }
  const stox_span params = out->name.params;
  const size_t last = params.p == NULL ? behind + 1 : (size_t)(params.p - r.p) + params.n;
  out->name.text = stox_reader_part(&r, *at, last);
  out->name.uri = out->uri.text;
  out->name.brackets = 1;
  out->name.star = 0;
  *at = r.at;
  return 1;
}
