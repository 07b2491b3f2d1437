/* SPDX-License-Identifier: MIT */
#include "uv/internal.h"

#include "stox/status.h"

#include <string.h>

static void set_text(address *out, uint32_t port, int transport) {
  size_t n = 0;
  while (n < sizeof out->host && out->host[n] != '\0') {
    n++;
  }
  out->endpoint = (stox_endpoint){{out->host, n}, port, transport};
}

int stox_uv_address_parse(address *out, const stox_endpoint *endpoint) {
  memset(out, 0, sizeof *out);
  if (endpoint->host.n == 0 || endpoint->host.n >= sizeof out->host || endpoint->port > 65535) {
    return STOX_E_BAD_HOST;
  }
  memcpy(out->host, endpoint->host.p, endpoint->host.n);
  const int port = (int)endpoint->port;
  if (uv_ip4_addr(out->host, port, (struct sockaddr_in *)&out->sockaddr) != 0 &&
      uv_ip6_addr(out->host, port, (struct sockaddr_in6 *)&out->sockaddr) != 0) {
    return STOX_E_BAD_HOST;
  }
  set_text(out, endpoint->port, endpoint->transport);
  /* libuv stops at a NUL; what lies behind it must not be ignored. */
  return out->endpoint.host.n == endpoint->host.n ? STOX_OK : STOX_E_BAD_HOST;
}

void stox_uv_address_of(address *out, const struct sockaddr *from, int transport) {
  const int is_ip6 = from->sa_family == AF_INET6;
  memset(out, 0, sizeof *out);
  memcpy(&out->sockaddr, from, is_ip6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
  uint16_t port = 0;
  if (is_ip6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&out->sockaddr;
    (void)uv_ip6_name(in6, out->host, sizeof out->host);
    port = in6->sin6_port;
  } else {
    const struct sockaddr_in *in4 = (const struct sockaddr_in *)&out->sockaddr;
    (void)uv_ip4_name(in4, out->host, sizeof out->host);
    port = in4->sin_port;
  }
  set_text(out, ntohs(port), transport);
}

/* The octets that tell hosts apart: two texts may name one IPv6 address. */
static stox_span host_of(const address *a) {
  if (a->sockaddr.ss_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sockaddr;
    return (stox_span){(const char *)&in6->sin6_addr, sizeof in6->sin6_addr};
  }
  const struct sockaddr_in *in4 = (const struct sockaddr_in *)&a->sockaddr;
  return (stox_span){(const char *)&in4->sin_addr, sizeof in4->sin_addr};
}

int stox_uv_address_is_equal(const address *a, const address *b) {
  return a->endpoint.port == b->endpoint.port && stox_span_is_equal(host_of(a), host_of(b));
}

unsigned stox_uv_address_bucket(const address *a) {
  const stox_span host = host_of(a);
  uint32_t h = a->endpoint.port;
  for (size_t i = 0; i < host.n; i++) {
    h = (h ^ (unsigned char)host.p[i]) * 16777619U;
  }
  return (h ^ h >> 16) % BUCKETS;
}
