/* SPDX-License-Identifier: MIT */
#include "stox/locate.h"

#include "base/options.h"
#include "stox/flow.h"
#include "stox/host.h"
#include "stox/status.h"

static int read_options(stox_locate_options *own, const stox_locate_options *given) {
  const int status = stox_locate_options_init(own, sizeof *own);
  own->side = STOX_PROTOCOL_SIP;
  if (status != STOX_OK || given == NULL) {
    return status;
  }
  const int read = stox_options_read(own, sizeof *own, given);
  own->side = STOX_PROTOCOL_SIP;
  own->size = sizeof *own;
  return read;
}

static int is_there(const stox_locate_options *options, int transport) {
  return transport != STOX_TRANSPORT_NONE && (options->transports >> transport & 1) != 0;
}

/* RFC 3261 26.2.2: sips is TLS over TCP, and `transport=tls` says the same of sip. */
static int read_transport(stox_locate_options *own, const stox_uri *uri) {
  stox_param param;
  if (stox_uri_find_param(&param, uri, "transport") == STOX_OK) {
    own->transport = stox_transport_of(param.value);
    if (own->secure && own->transport == STOX_TRANSPORT_TCP) {
      own->transport = STOX_TRANSPORT_TLS;
    }
    if (!is_there(own, own->transport) || (own->secure && own->transport != STOX_TRANSPORT_TLS)) {
      return STOX_E_UNSUPPORTED;
    }
    return STOX_OK;
  }
  return own->secure && !is_there(own, STOX_TRANSPORT_TLS) ? STOX_E_UNSUPPORTED : STOX_OK;
}

/* maddr and sent-by may hold an IPv6 address without its brackets. */
static int start_host(stox_locate **out, stox_arena *arena, stox_span host,
                      const stox_locate_options *options, uint64_t now_ns) {
  unsigned char octets[16];
  size_t n = 0;
  if (stox_host_address(octets, &n, host) != STOX_OK || n != sizeof octets) {
    return stox_locate_start(out, arena, host, options, now_ns);
  }
  char *p = stox_arena_take(arena, host.n + 2, 1);
  if (p == NULL) {
    return STOX_E_NOMEM;
  }
  stox_buf name;
  stox_buf_init(&name, p, host.n + 2);
  stox_buf_put_octet(&name, '[');
  stox_buf_put(&name, host);
  stox_buf_put_octet(&name, ']');
  return stox_locate_start(out, arena, stox_buf_span(&name), options, now_ns);
}

int stox_locate_start_uri(stox_locate **out, stox_arena *arena, const stox_uri *uri,
                          const stox_locate_options *options, uint64_t now_ns) {
  stox_locate_options own;
  stox_param maddr;
  if (uri->scheme != STOX_SCHEME_SIP && uri->scheme != STOX_SCHEME_SIPS) {
    return STOX_E_UNSUPPORTED_SCHEME;
  }
  int status = read_options(&own, options);
  if (status != STOX_OK) {
    return status;
  }
  own.secure = own.secure || uri->scheme == STOX_SCHEME_SIPS;
  own.port = uri->port;
  status = read_transport(&own, uri);
  if (status != STOX_OK) {
    return status;
  }
  own.native_only = own.native_only || own.port != 0 || own.transport != STOX_TRANSPORT_NONE;
  const int has_maddr = stox_uri_find_param(&maddr, uri, "maddr") == STOX_OK && maddr.value.n > 0;
  return start_host(out, arena, has_maddr ? maddr.value : uri->host, &own, now_ns);
}

static uint32_t default_port(int transport) {
  return transport == STOX_TRANSPORT_TLS ? 5061 : 5060;
}

int stox_locate_start_reply(stox_locate **out, stox_arena *arena, const stox_locate_reply *reply,
                            const stox_locate_options *options, uint64_t now_ns) {
  stox_locate_options own;
  const int status = read_options(&own, options);
  if (status != STOX_OK) {
    return status;
  }
  if (!is_there(&own, reply->transport)) {
    return STOX_E_UNSUPPORTED;
  }
  own.transport = reply->transport;
  own.native_only = 1;
  own.secure = 0;
  const int is_udp = reply->transport == STOX_TRANSPORT_UDP;
  const uint32_t port = reply->port == 0 ? default_port(reply->transport) : reply->port;
  if (is_udp && reply->maddr.n > 0) {
    own.port = port;
    return start_host(out, arena, reply->maddr, &own, now_ns);
  }
  if (reply->received.n > 0 && !reply->is_lost) {
    own.port = is_udp && reply->rport != 0 ? reply->rport : port;
    return start_host(out, arena, reply->received, &own, now_ns);
  }
  own.port = reply->port;
  return start_host(out, arena, reply->host, &own, now_ns);
}
