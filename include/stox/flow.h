/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A flow: one transport association as an engine sees it, named by the host's handle.
 */
#ifndef STOX_FLOW_H
#define STOX_FLOW_H

#include "stox/span.h"

STOX_BEGIN_DECLS

/** Transports. */
enum {
  STOX_TRANSPORT_NONE = 0,
  STOX_TRANSPORT_UDP = 1,
  STOX_TRANSPORT_TCP = 2,
  STOX_TRANSPORT_TLS = 3
};

/** An address of the transport layer as text, so that hosts of any kind can give it. */
typedef struct stox_endpoint {
  stox_span host; /**< IPv4 address, or IPv6 address without brackets */
  uint32_t port;  /**< 1 … 65535 */
  int transport;  /**< STOX_TRANSPORT_… */
} stox_endpoint;

/** What is known of a peer whose session is secured, by whoever made it. */
typedef struct stox_peer {
  size_t size;  /**< sizeof of this struct in the caller's build */
  int secure;   /**< 1: the octets are protected by TLS */
  int verified; /**< 1: the certificate chain is valid */
  stox_span
      identities; /**< certificate identities, one a line, as stox_identity_put() writes them */
  stox_span alpn; /**< protocol that was negotiated */
  stox_span channel_binding;  /**< tls-exporter octets (RFC 9266); absent: unknown */
  stox_span server_end_point; /**< tls-server-end-point octets (RFC 5929 4.1); absent: unknown */
} stox_peer;

/** A flow. Strings are borrowed for the call they are passed to. */
typedef struct stox_flow {
  uint64_t handle;       /**< the host's name for it; 0: none */
  stox_endpoint local;   /**< our end */
  stox_endpoint remote;  /**< the peer's end */
  const stox_peer *peer; /**< NULL: an unprotected flow */
} stox_flow;

/** @return 1 if the transport retransmits by itself (TCP, TLS), else 0 */
STOX_API int stox_transport_is_reliable(int transport);

/** @return the transport's name as Via writes it (`UDP`, `TCP`, `TLS`); static; NULL if there is
 * none */
STOX_API const char *stox_transport_name(int transport);

/** @return the STOX_TRANSPORT_… of a name in any case; STOX_TRANSPORT_NONE if unknown */
STOX_API int stox_transport_of(stox_span name);

STOX_END_DECLS

#endif
