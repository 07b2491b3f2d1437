/* SPDX-License-Identifier: MIT */
#ifndef STOX_ADDR_URI_WALK_H
#define STOX_ADDR_URI_WALK_H

#include "addr/address.h"
#include "addr/plain_host.h"
#include "base/chars.h"

/* The steps of a walk over a SIP or SIPS URI. Each file has one walk, so that all of it is inlined.
 */

enum { STOX_WALK_PORT_MOST = 65535, STOX_WALK_NAMES = 8, STOX_WALK_SCHEME_N = 3 };

static const stox_span stox_walk_absent = {NULL, 0};

/* Behind `sip:` or `sips:`, whose colon is the next stop; 0: another. */
static inline size_t stox_walk_scheme(stox_uri *out, stox_walk *w, size_t at) {
  const char *p = w->p + at;
  if (w->end - at <= STOX_WALK_SCHEME_N + 1) {
    return 0;
  }
  const uint32_t four = stox_plain_four(p);
  size_t n = STOX_WALK_SCHEME_N;
  out->scheme = STOX_SCHEME_SIP;
  if (four != stox_plain_four("sip:")) {
    if (four != stox_plain_four("sips") || p[STOX_WALK_SCHEME_N + 1] != ':') {
      return 0;
    }
    n++;
    out->scheme = STOX_SCHEME_SIPS;
  }
  out->scheme_text = stox_walk_part(w, at, at + n);
  return stox_walk_next(w) + 1;
}

/* The IPv6 reference at the stop `at`; the stop behind it, SIZE_MAX: none. */
static inline size_t stox_walk_reference(stox_uri *out, stox_walk *w, size_t at) {
  size_t end = at;
  while (end < w->end && w->p[end] != ']') {
    end = stox_walk_next(w);
  }
  if (end >= w->end) {
    return SIZE_MAX;
  }
  out->host = stox_walk_part(w, at, end + 1);
  out->host_kind = stox_host_kind(out->host);
  const size_t next = stox_walk_next(w);
  return out->host_kind == STOX_HOST_IPV6 && next == end + 1 ? next : SIZE_MAX;
}

/* [ user "@" ] host [ ":" port ]; the stop behind it, SIZE_MAX: not of this form. */
static inline size_t stox_walk_hostport(stox_uri *out, stox_walk *w, const stox_reader *r,
                                        size_t at) {
  size_t stop = stox_walk_next(w);
  out->user = stox_walk_absent;
  if (stox_walk_peek(w, stop) == '@') {
    out->user = stox_walk_part(w, at, stop);
    if (stop == at) {
      return SIZE_MAX;
    }
    at = stop + 1;
    stop = stox_walk_next(w);
  }
  if (stop == at) {
    stop = stox_walk_reference(out, w, at);
  } else {
    out->host = stox_walk_part(w, at, stop);
    out->host_kind = stox_plain_host(r, at, stop);
    stop = out->host_kind == STOX_HOST_NONE ? SIZE_MAX : stop;
  }
  out->port = 0;
  out->port_text = stox_walk_absent;
  if (stox_walk_peek(w, stop) == ':') {
    const size_t from = stop + 1;
    stop = stox_walk_next(w);
    out->port_text = stox_walk_part(w, from, stop);
    stop = stox_plain_number(&out->port, w->p, from, stop, STOX_WALK_PORT_MOST) ? stop : SIZE_MAX;
  }
  return stop;
}

static inline int stox_walk_is_among(const stox_span *names, size_t n, stox_span name) {
  for (size_t i = 0; i < n; i++) {
    if (names[i].n == name.n && (names[i].p[0] | 0x20) == (name.p[0] | 0x20) &&
        stox_span_is_equal_nocase(names[i], name)) {
      return 1;
    }
  }
  return 0;
}

/* *( ";" pname [ "=" pvalue ] ) at a stop, no name twice; the stop behind, SIZE_MAX: not so. */
static inline size_t stox_walk_uri_params(stox_uri *out, stox_walk *w, size_t stop) {
  stox_span names[STOX_WALK_NAMES];
  const size_t from = stop + 1;
  out->params = stox_walk_absent;
  for (size_t n = 0; stox_walk_peek(w, stop) == ';'; n++) {
    const size_t at = stop + 1;
    stop = stox_walk_next(w);
    const stox_span name = stox_walk_part(w, at, stop);
    if (stop == at || n == STOX_WALK_NAMES || stox_walk_is_among(names, n, name)) {
      return SIZE_MAX;
    }
    names[n] = name;
    if (stox_walk_peek(w, stop) == '=') {
      const size_t value = stop + 1;
      stop = stox_walk_next(w);
      while (stop < w->end && w->p[stop] != '%' && stox_char_is(w->p[stop], STOX_CHAR_PARAM)) {
        stop = stox_walk_next(w);
      }
      if (stop == value) {
        return SIZE_MAX;
      }
    }
    out->params = stox_walk_part(w, from, stop);
  }
  return stop;
}

/* The URI from `at` on, up to the stop that is given; SIZE_MAX: not of this form. */
static inline size_t stox_walk_uri(stox_uri *out, stox_walk *w, const stox_reader *r, size_t at) {
  const size_t host = stox_walk_scheme(out, w, at);
  if (host == 0) {
    return SIZE_MAX;
  }
  size_t stop = stox_walk_hostport(out, w, r, host);
  if (stop != SIZE_MAX) {
    stop = stox_walk_uri_params(out, w, stop);
  }
  out->text = stox_walk_part(w, at, stop);
  out->password = stox_walk_absent;
  out->path = stox_walk_absent;
  out->headers = stox_walk_absent;
  out->lenient = 0;
  return stop;
}

#endif
