/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Flow tokens: the user part by which an edge proxy finds the flow of a registration again (RFC
 * 5626 5.2 and 5.3, draft-ietf-sip-outbound-00 6).
 *
 * A token names both ends of a flow under a keyed hash, so that no table is needed and nobody else
 * can make one. Functions here are pure; keys are shareable once filled.
 */
#ifndef STOX_FLOW_TOKEN_H
#define STOX_FLOW_TOKEN_H

#include "stox/buf.h"
#include "stox/flow.h"

STOX_BEGIN_DECLS

/** The most octets of a token. */
enum { STOX_FLOW_TOKEN_MOST = 76 };

/** Keys; make them with stox_flow_token_keys_init(). Spans are borrowed. */
typedef struct stox_flow_token_keys {
  size_t size;               /**< sizeof of this struct in the caller's build */
  stox_span key;             /**< makes and checks: 16 secret random octets or more, 20 by the RFC;
                                  new at each start is enough */
  const stox_span *previous; /**< keys that only check, while they are being replaced; NULL: none */
  size_t n_previous;         /**< entries there */
  int algorithm;             /**< STOX_HASH_SHA1 (default) or STOX_HASH_SHA256: the first 80 bits of
                                  their HMAC */
  int spare;                 /**< 0 */
} stox_flow_token_keys;

/** Fills keys with the defaults, none of them a key; STOX_OK or STOX_E_ARG. */
STOX_API int stox_flow_token_keys_init(stox_flow_token_keys *out, size_t size);

/** What a token says. */
typedef struct stox_flow_token {
  int transport;            /**< STOX_TRANSPORT_… */
  uint32_t local_port;      /**< of our end */
  uint32_t remote_port;     /**< of the peer's */
  uint32_t address_n;       /**< 4 or 16 octets of each address */
  uint64_t serial;          /**< which of the connections between the two ends; 0: not said */
  unsigned char local[16];  /**< our address */
  unsigned char remote[16]; /**< the peer's */
} stox_flow_token;

/**
 * Appends the token of a flow: 32 octets for IPv4, 64 for IPv6, 44 and 76 with a serial.
 * @param out the buffer; the token needs no escapes as a user part
 * @param keys the keys
 * @param flow both ends as addresses, and the transport
 * @param serial number of the connection, so that a later one between the same ends has another
 * token (draft 3.4); 0: leave it out, as the drafts print it
 * @retval STOX_OK appended
 * @retval STOX_E_ARG a key below 16 octets, no transport, no port, or ends of different families
 * @retval STOX_E_BAD_HOST an end that is no address
 * @retval STOX_E_NOBUF counted only
 * @return else as stox_hmac()
 */
STOX_API int stox_flow_token_make(stox_buf *out, const stox_flow_token_keys *keys,
                                  const stox_flow *flow, uint64_t serial);

/**
 * Reads a token and checks it, in a time that says nothing of where it differs. One flow has one
 * token under a key: base64 is taken in its one form, but for padding that was cut off.
 * @param[out] out what it says
 * @param keys the keys
 * @param user the user part as it stands in the URI, escapes included
 * @retval STOX_OK made by one of the keys
 * @retval STOX_E_NONE there is no user part: the Route is not about a flow
 * @retval STOX_E_AUTH not a token of these keys: to be answered with 403 (RFC 5626 5.3.1)
 * @retval STOX_E_ARG a key below 16 octets
 * @return else as stox_hmac()
 */
STOX_API int stox_flow_token_check(stox_flow_token *out, const stox_flow_token_keys *keys,
                                   stox_span user);

/** @return 1 if the ends and the transport of a flow are those of a token, else 0: by that a proxy
 * tells a request that came over the flow from one that is to go over it (RFC 5626 5.3) */
STOX_API int stox_flow_token_is_of(const stox_flow_token *token, const stox_flow *flow);

/** Appends the address of an end, without brackets: `remote` 1 for the peer's, 0 for ours. STOX_OK
 * or STOX_E_NOBUF. */
STOX_API int stox_flow_token_address(stox_buf *out, const stox_flow_token *token, int remote);

/** What a token of the draft's first algorithm says (6.1): nothing guards it, so that anybody can
 * make one for any flow. The RFC has dropped it. */
typedef struct stox_flow_token_plain {
  uint32_t descriptor;      /**< of the socket */
  uint32_t remote_port;     /**< UDP; 0: a connection */
  uint32_t address_n;       /**< UDP: 4 or 16 octets of `remote`; 0: a connection */
  uint32_t spare;           /**< 0 */
  uint64_t created;         /**< a connection: when it was made, as an NTP timestamp */
  unsigned char remote[16]; /**< UDP: the peer's address */
} stox_flow_token_plain;

/** Appends such a token. STOX_OK; STOX_E_ARG: neither of the two forms; STOX_E_NOBUF. */
STOX_API int stox_flow_token_plain_make(stox_buf *out, const stox_flow_token_plain *value);

/**
 * Reads such a token. Never to be asked for unless the deployment says so.
 * @retval STOX_OK read, which proves nothing
 * @retval STOX_E_NONE there is no user part
 * @retval STOX_E_AUTH it is none
 */
STOX_API int stox_flow_token_plain_parse(stox_flow_token_plain *out, stox_span user);

STOX_END_DECLS

#endif
