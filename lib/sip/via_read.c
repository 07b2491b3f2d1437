/* SPDX-License-Identifier: MIT */
#include "addr/address.h"
#include "sip/message.h"
#include "stox/host.h"
#include "text/ascii.h"

enum { PORT_MOST = 65535, TTL_MOST = 255 };

/* As many octets as a word. */
static const char protocol[] = "SIP/2.0/";
enum { PROTOCOL_N = sizeof protocol - 1 };

/* "SIP/2.0/" transport SP host [ ":" port ] */
static int read_sent(stox_sip_via *out, stox_reader *r) {
  if (r->end - r->at < PROTOCOL_N || stox_word_load(r->p + r->at) != stox_word_load(protocol)) {
    return 0;
  }
  const size_t transport = r->at + PROTOCOL_N;
  const size_t space = stox_reader_run(r, transport);
  out->transport = stox_reader_part(r, transport, space);
  if (out->transport.n == 0 || stox_reader_peek(r, space) != ' ') {
    return 0;
  }
  const size_t host = stox_reader_skip_spaces(r, space);
  r->at = stox_reader_run(r, host);
  out->host = stox_reader_part(r, host, r->at);
  if (stox_host_read(r, host, r->at) == STOX_HOST_NONE) {
    return 0;
  }
  if (stox_reader_peek(r, r->at) != ':') {
    return 1;
  }
  const size_t port = r->at + 1;
  r->at = stox_reader_run(r, port);
  return stox_plain_number(&out->port, r->p, port, r->at, PORT_MOST);
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
  const size_t from = value.p == NULL ? 0 : (size_t)(value.p - r->p);
  const int kind = stox_host_read(r, from, from + value.n);
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
static int set_param(stox_sip_via *out, const stox_reader *r, stox_span name, stox_span value) {
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

/* *( ";" name [ "=" value ] ) of plain octets */
static int read_params(stox_sip_via *out, stox_reader *r) {
  const size_t from = r->at + 1;
  while (stox_reader_peek(r, r->at) == ';') {
    const size_t name = r->at + 1;
    const size_t name_end = stox_reader_run(r, name);
    stox_span value = {NULL, 0};
    r->at = name_end;
    if (stox_reader_peek(r, name_end) == '=') {
      r->at = stox_reader_run(r, name_end + 1);
      value = stox_reader_part(r, name_end + 1, r->at);
    }
    if (name_end == name || !set_param(out, r, stox_reader_part(r, name, name_end), value)) {
      return 0;
    }
    out->params = stox_reader_part(r, from, r->at);
  }
  return 1;
}

static void clear(stox_sip_via *out) {
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

int stox_sip_via_read(stox_sip_via *out, stox_reader *r) {
  const size_t from = r->at;
  clear(out);
  if (!read_sent(out, r) || !read_params(out, r)) {
    return 0;
  }
  out->text = stox_reader_part(r, from, r->at);
  if (r->at == r->end) {
    return 1;
  }
  if (r->p[r->at] != ',') {
    return 0;
  }
  r->at = stox_reader_skip_spaces(r, r->at + 1);
  return r->at < r->end;
}
