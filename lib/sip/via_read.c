/* SPDX-License-Identifier: MIT */
#include "addr/uri_walk.h"
#include "sip/message.h"
#include "text/ascii.h"

enum { PORT_MOST = 65535, TTL_MOST = 255 };

/* As many octets as a word. */
static const char protocol[] = "SIP/2.0/";
enum { PROTOCOL_N = sizeof protocol - 1 };

/* "SIP/2.0/" transport SP host [ ":" port ] from `at` on; the stop behind. */
STOX_WALK_STEP uint32_t read_sent(stox_sip_via *out, stox_walk *w, const stox_reader *r,
                                  uint32_t at) {
  int kind = STOX_HOST_NONE;
  if (w->end - at < PROTOCOL_N || stox_word_load(w->p + at) != stox_word_load(protocol)) {
    return STOX_WALK_NOT;
  }
  (void)stox_walk_next(w); /* the two strokes */
  (void)stox_walk_next(w);
  const uint32_t transport = at + PROTOCOL_N;
  uint32_t stop = stox_walk_next(w);
  out->transport = stox_walk_part(w, transport, stop);
  if (stop == transport || stox_walk_peek(w, stop) != ' ') {
    return STOX_WALK_NOT;
  }
  uint32_t host = stop + 1;
  for (stop = stox_walk_next(w); stop == host && stox_walk_peek(w, stop) == ' ';) {
    host = stop + 1;
    stop = stox_walk_next(w);
  }
  stop = stox_walk_host(&out->host, &kind, w, r, host, stop);
  if (stop == STOX_WALK_NOT || stox_walk_peek(w, stop) != ':') {
    return stop;
  }
  const uint32_t port = stop + 1;
  stop = stox_walk_next(w);
  return stox_plain_number(&out->port, w->p, port, stop, PORT_MOST) ? stop : STOX_WALK_NOT;
}

static int set_once(stox_span *member, stox_span value) {
  if (member->p != NULL) {
    return 0;
  }
  *member = value;
  return 1;
}

/* An address, or any host. */
static int is_host(const stox_reader *r, stox_span value, int is_address) {
  if (value.p == NULL) {
    return 0;
  }
  const uint32_t from = (uint32_t)(value.p - r->p);
  const int kind = stox_plain_host(r, from, from + (uint32_t)value.n);
  return kind == STOX_HOST_IPV4 || (kind == STOX_HOST_NAME && !is_address);
}

static int set_number(uint32_t *out, stox_span value, uint32_t most) {
  return stox_plain_number(out, value.p, 0, value.n, most);
}

static int set_rport(stox_sip_via *out, stox_span value) {
  const int is_first = !out->has_rport;
  out->has_rport = 1;
  return is_first && (value.p == NULL || set_number(&out->rport, value, PORT_MOST));
}

/* What a known parameter says; 0: not of this form. */
STOX_WALK_STEP int set_param(stox_sip_via *out, const stox_reader *r, stox_span name,
                             stox_span value) {
  uint32_t ttl;
  switch (name.n) {
  case sizeof "branch" - 1:
    if (stox_plain_is(name.p, name.n, "branch", sizeof "branch" - 1)) {
      return value.n > 0 && set_once(&out->branch, value);
    }
    break;
  case sizeof "rport" - 1: /* maddr, too */
    if (stox_plain_is(name.p, name.n, "rport", sizeof "rport" - 1)) {
      return set_rport(out, value);
    }
    if (stox_plain_is(name.p, name.n, "maddr", sizeof "maddr" - 1)) {
      return is_host(r, value, 0) && set_once(&out->maddr, value);
    }
    break;
  case sizeof "received" - 1:
    if (stox_plain_is(name.p, name.n, "received", sizeof "received" - 1)) {
      return is_host(r, value, 1) && set_once(&out->received, value);
    }
    break;
  case sizeof "ttl" - 1:
    if (stox_plain_is(name.p, name.n, "ttl", sizeof "ttl" - 1)) {
      return set_number(&ttl, value, TTL_MOST);
    }
    break;
  default:
    break;
  }
  return value.p == NULL || value.n > 0;
}

/* *( ";" name [ "=" value ] ) of plain octets at a stop; the stop behind. */
STOX_WALK_STEP uint32_t read_params(stox_sip_via *out, stox_walk *w, const stox_reader *r,
                                    uint32_t stop) {
  const uint32_t from = stop + 1;
  while (stox_walk_peek(w, stop) == ';') {
    const uint32_t name = stop + 1;
    stox_span value = {NULL, 0};
    stop = stox_walk_next(w);
    const uint32_t name_end = stop;
    if (stox_walk_peek(w, stop) == '=') {
      stop = stox_walk_next(w);
      value = stox_walk_part(w, name_end + 1, stop);
    }
    if (name_end == name || !set_param(out, r, stox_walk_part(w, name, name_end), value)) {
      return STOX_WALK_NOT;
    }
  }
  if (stop >= from) {
    out->params = stox_walk_part(w, from, stop);
  }
  return stop;
}

STOX_WALK_STEP void clear(stox_sip_via *out) {
  static const stox_span absent = {NULL, 0};
  out->port = 0;
  out->has_rport = 0;
  out->rport = 0;
  out->spare = 0;
  out->branch = absent;
  out->received = absent;
  out->maddr = absent;
  out->params = absent;
}

/* All of it; `is_line` is known as this is compiled. */
STOX_WALK_STEP int read_via(stox_sip_via *out, stox_reader *r, int is_line) {
  stox_walk w = stox_walk_from(r, is_line);
  clear(out);
  uint32_t stop = read_sent(out, &w, r, (uint32_t)r->at);
  if (stop == STOX_WALK_NOT || (stop = read_params(out, &w, r, stop)) == STOX_WALK_NOT) {
    return 0;
  }
  out->text = stox_walk_part(&w, (uint32_t)r->at, stop);
  if (stop == r->end) {
    r->at = stop;
    return 1;
  }
  if (stox_walk_peek(&w, stop) != ',') {
    return 0;
  }
  for (r->at = stop + 1; stox_walk_peek(&w, (uint32_t)r->at) == ' ';) {
    r->at++;
  }
  return r->at < r->end;
}

int stox_sip_via_read(stox_sip_via *out, stox_reader *r) {
  return read_via(out, r, 0);
}

int stox_sip_via_read_line(stox_sip_via *out, stox_reader *r) {
  return read_via(out, r, 1);
}
