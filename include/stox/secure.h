/* SPDX-License-Identifier: MIT */
/**
 * @file
 * How a flow is to be secured by TLS, as an engine asks it of whoever owns TLS.
 *
 * The `object` of STOX_DO_START_TLS, and of STOX_DO_OPEN and STOX_DO_SEND to a `remote` with
 * STOX_TRANSPORT_TLS (stox/action.h).
 *
 * Once the handshake is over, `done` gets STOX_OK and the flow, whose `peer` is set from then on
 * and to its end; what is fed after that is plaintext. STOX_DO_OPEN ends so too: its one `done`
 * comes when the flow is secured. Where the handshake fails, `done` gets a status and then the flow
 * ends; nothing is sent or fed unprotected. A flow that somebody else opened with TLS carries its
 * `peer` from the first octets on, and needs no action.
 */
#ifndef STOX_SECURE_H
#define STOX_SECURE_H

#include "stox/flow.h"

STOX_BEGIN_DECLS

/** Protocols that may be offered. */
enum { STOX_SECURE_ALPN_MAX = 8 };

/** What is asked. Zero-initialise, set `size`, then fill. Borrowed like the action. */
typedef struct stox_secure {
  size_t size;    /**< sizeof of this struct in the caller's build */
  int is_server;  /**< 1: our side answers the handshake; START_TLS alone */
  int reference;  /**< STOX_REFERENCE_… (stox/identity.h) that the peer's certificate is held
                       against; 0: no name is asked for */
  int is_lenient; /**< 1: the handshake goes on where the certificate is refused, or absent, and
                       `verified` of the peer says 0 */
  int spare;      /**< 0 */
  /** The domain that the peer has to prove. A client asks the server for it too (SNI). Server side
   * of XMPP: the domain that the peer's stream header says; absent: any name. */
  stox_span name;
  /** The domain of ours that is spoken for: its certificate is shown, where there are several.
   * Absent: a server shows what its client asks for, a client the first. */
  stox_span local;
  const stox_span *alpn; /**< protocols in order of preference (RFC 7301) */
  size_t alpn_n;         /**< how many, at most STOX_SECURE_ALPN_MAX */
} stox_secure;

STOX_END_DECLS

#endif
