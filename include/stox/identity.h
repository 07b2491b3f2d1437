/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Names that a certificate gives its holder, as text, and their match with the name that is asked
 * for (RFC 9525, RFC 6120 13.7.2, RFC 5922).
 *
 * The text has one identity a line, `KIND:value`, as `stox_peer.identities` carries it, so that a
 * host which owns its TLS decides by the same rules. Functions here keep no state.
 */
#ifndef STOX_IDENTITY_H
#define STOX_IDENTITY_H

#include "stox/buf.h"

STOX_BEGIN_DECLS

/** Kinds of identity; the word is how a line of text begins. */
enum {
  STOX_IDENTITY_NONE = 0,
  STOX_IDENTITY_DNS = 1,  /**< `DNS`: dNSName, A-labels, its first label may be `*` */
  STOX_IDENTITY_SRV = 2,  /**< `SRV`: SRVName, `_service.name` (RFC 4985) */
  STOX_IDENTITY_XMPP = 3, /**< `XMPP`: XmppAddr, a JID (RFC 6120 13.7.1.4) */
  STOX_IDENTITY_URI = 4,  /**< `URI`: a sip or sips URI */
  STOX_IDENTITY_IP = 5,   /**< `IP`: an address, IPv6 without brackets */
  STOX_IDENTITY_CN = 6    /**< `CN`: the subject's common name, if nothing else names it */
};

/** One identity. */
typedef struct stox_identity {
  int kind;        /**< STOX_IDENTITY_… */
  stox_span value; /**< without the kind */
} stox_identity;

/** Who is asked for. */
enum {
  /** An XMPP server as another server sees it, in either direction: DNS-ID, SRV-ID of
   * `_xmpp-server`, XmppAddr that is the domain. */
  STOX_REFERENCE_XMPP_SERVER = 1,
  /** An XMPP server as its client sees it: DNS-ID, SRV-ID of `_xmpp-client`, XmppAddr. */
  STOX_REFERENCE_XMPP_SERVICE = 2,
  /** An XMPP client: XmppAddr that is the bare JID. */
  STOX_REFERENCE_XMPP_CLIENT = 3,
  /** A SIP domain: `sip:domain` or, where no such URI is named, DNS, and IP for an address (RFC
   * 6216 6); never a wildcard (RFC 5922 7). */
  STOX_REFERENCE_SIP = 4,
  /** Any host: DNS-ID or, for an address, IP. */
  STOX_REFERENCE_HOST = 5
};

/** Flags of a reference. */
enum {
  /** Accept the common name where a certificate has no other name at all (RFC 5922 7.1, RFC 6125
   * 6.4.4). */
  STOX_REFERENCE_ALLOW_CN = 1,
  /** XMPP: where a certificate has an XmppAddr, nothing else counts (the draft of RFC 3920, 14.2).
   */
  STOX_REFERENCE_XMPP_ADDR_FIRST = 2
};

/** The name that is asked for. Zero-initialise, then fill. */
typedef struct stox_reference {
  int kind;       /**< STOX_REFERENCE_… */
  uint32_t flags; /**< STOX_REFERENCE_ALLOW_CN, … */
  /** The domain that the user or the stream names, never one that DNS led to: A-labels or U-labels,
   * an address for HOST and SIP; XMPP_CLIENT: a prepared bare JID. */
  stox_span name;
} stox_reference;

/**
 * Appends one identity as a line.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_CTRL a control character, so that no name can forge a line; nothing appended
 * @retval STOX_E_ARG no such kind
 */
STOX_API int stox_identity_put(stox_buf *out, const stox_identity *identity);

/**
 * Walks identities; lines of unknown kinds are passed over.
 * @param[out] out a view of `lines`
 * @param lines one identity a line
 * @param cursor 0 at first; moved by each call
 * @retval STOX_OK one was given
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_identity_next(stox_identity *out, stox_span lines, size_t *cursor);

/**
 * Looks for the identity that answers a reference. A wildcard stands for exactly the first label of
 * a DNS or SRV name, with two more labels behind it. Names compare as A-labels without case.
 * @param[out] which the identity that matched, a view of `lines`; may be NULL
 * @param reference the name that is asked for
 * @param lines one identity a line
 * @retval STOX_OK the certificate is for that name
 * @retval STOX_E_AUTH it is not
 * @retval STOX_E_BAD_DOMAIN the reference is no domain, or an address where none may be asked for
 * @retval STOX_E_BAD_JID the reference is no bare JID with a localpart
 * @retval STOX_E_NOMEM libidn or libidn2 had no memory
 * @retval STOX_E_ARG no such kind of reference
 */
STOX_API int stox_identity_match(stox_identity *which, const stox_reference *reference,
                                 stox_span lines);

STOX_END_DECLS

#endif
