/* SPDX-License-Identifier: MIT */
#ifndef STOX_ADDR_URI_WALK_H
#define STOX_ADDR_URI_WALK_H

#include "addr/address.h"
#include "addr/plain_host.h"
#include "base/chars.h"

/* The steps of a walk over a SIP or SIPS URI. Each file has one walk, so that all of it is inlined.
 */

enum { STOX_WALK_PORT_MOST = 65535 };

static const stox_span stox_walk_absent = {NULL, 0};

/* Behind `sip:` or `sips:`, whose colon is the next stop. */
STOX_WALK_STEP uint32_t stox_walk_scheme(stox_uri *out, stox_walk *w, uint32_t at) {
  const uint32_t colon = stox_walk_next(w);
  const uint32_t n = colon - at;
  const char *p = w->p + at;
  if (stox_walk_peek(w, colon) != ':') {
    return STOX_WALK_NOT;
  }
  out->scheme_text = stox_walk_part(w, at, colon);
  if (n == 3 && stox_plain_four(p) == stox_plain_four("sip:")) {
    out->scheme = STOX_SCHEME_SIP;
    return colon + 1;
  }
  out->scheme = STOX_SCHEME_SIPS;
  return n == 4 && stox_plain_four(p) == stox_plain_four("sips") ? colon + 1 : STOX_WALK_NOT;
}

/* The IPv6 reference whose bracket is the stop `at`; the stop behind. */
STOX_WALK_STEP uint32_t stox_walk_reference(stox_walk *w, uint32_t at) {
  const uint32_t end = stox_reference_end(w->p, at, w->end);
  uint32_t stop = at;
  while (stop < end) {
    stop = stox_walk_next(w);
  }
  return stop == end ? end : STOX_WALK_NOT;
}

/* host, from `at` to the stop `stop`, or an IPv6 reference that begins there; the stop behind. */
STOX_WALK_STEP uint32_t stox_walk_host(stox_span *out, int *kind, stox_walk *w,
                                       const stox_reader *r, uint32_t at, uint32_t stop) {
  if (stop != at) {
    *kind = stox_plain_host(r, at, stop);
  } else {
    *kind = STOX_HOST_IPV6;
    stop = stox_walk_peek(w, at) == '[' ? stox_walk_reference(w, at) : STOX_WALK_NOT;
  }
  *out = stox_walk_part(w, at, stop);
  return *kind == STOX_HOST_NONE ? STOX_WALK_NOT : stop;
}

/* [ user "@" ] host [ ":" port ]; the stop behind. */
STOX_WALK_STEP uint32_t stox_walk_hostport(stox_uri *out, stox_walk *w, const stox_reader *r,
                                           uint32_t at) {
  uint32_t stop = stox_walk_next(w);
  out->user = stox_walk_absent;
  if (stox_walk_peek(w, stop) == '@') {
    out->user = stox_walk_part(w, at, stop);
    if (stop == at) {
      return STOX_WALK_NOT;
    }
    at = stop + 1;
    stop = stox_walk_next(w);
  }
  stop = stox_walk_host(&out->host, &out->host_kind, w, r, at, stop);
  out->port = 0;
  out->port_text = stox_walk_absent;
  if (stop == STOX_WALK_NOT || stox_walk_peek(w, stop) != ':') {
    return stop;
  }
  const uint32_t from = stop + 1;
  stop = stox_walk_next(w);
  out->port_text = stox_walk_part(w, from, stop);
  return stox_plain_number(&out->port, w->p, from, stop, STOX_WALK_PORT_MOST) ? stop
                                                                              : STOX_WALK_NOT;
}

/* A bit by a name's first letter and its length: two names that share it may be one name. */
STOX_WALK_STEP uint64_t stox_walk_name_bit(const char *p, size_t n) {
  return UINT64_C(1) << (((unsigned char)p[0] & 0x1F) ^ (n << 2 & 0x3F));
}

/* *( ";" pname [ "=" pvalue ] ) at a stop, no name twice; the stop behind. */
STOX_WALK_STEP uint32_t stox_walk_uri_params(stox_uri *out, stox_walk *w, uint32_t stop) {
  const uint32_t from = stop + 1;
  uint64_t seen = 0;
  while (stox_walk_peek(w, stop) == ';') {
    const uint32_t at = stop + 1;
    stop = stox_walk_next(w);
    if (stop == at) {
      return STOX_WALK_NOT;
    }
    const uint64_t bit = stox_walk_name_bit(w->p + at, stop - at);
    if ((seen & bit) != 0) {
      return STOX_WALK_NOT;
    }
    seen |= bit;
    if (stox_walk_peek(w, stop) == '=') {
      const uint32_t value = stop + 1;
      stop = stox_walk_next(w);
      while (stox_char_is(stox_walk_peek(w, stop), STOX_CHAR_PARAM)) {
        stop = stox_walk_next(w);
      }
      if (stop == value) {
        return STOX_WALK_NOT;
      }
    }
  }
  out->params = seen == 0 ? stox_walk_absent : stox_walk_part(w, from, stop);
  return stop;
}

/* The URI from `at` on, up to the stop that is given. */
STOX_WALK_STEP uint32_t stox_walk_uri(stox_uri *out, stox_walk *w, const stox_reader *r,
                                      uint32_t at) {
  uint32_t stop = stox_walk_scheme(out, w, at);
  if (stop == STOX_WALK_NOT || (stop = stox_walk_hostport(out, w, r, stop)) == STOX_WALK_NOT ||
      (stop = stox_walk_uri_params(out, w, stop)) == STOX_WALK_NOT) {
    return STOX_WALK_NOT;
  }
  out->text = stox_walk_part(w, at, stop);
  out->password = stox_walk_absent;
  out->path = stox_walk_absent;
  out->headers = stox_walk_absent;
  out->lenient = 0;
  return stop;
}

#endif
