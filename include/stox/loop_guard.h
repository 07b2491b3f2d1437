/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Against loops and amplification across a gateway, which is a back-to-back user agent (RFC 7247
 * 8): loop hash and Max-Breadth (RFC 5393), Max-Forwards (RFC 3261 16.3, RFC 7332), the same count
 * in stanzas (XEP-0131), and a counter of reflected messages.
 */
#ifndef STOX_LOOP_GUARD_H
#define STOX_LOOP_GUARD_H

#include "stox/random.h"
#include "stox/sip.h"
#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** Numbers of the documents. */
enum {
  STOX_HOPS_DEFAULT = 70,    /**< Max-Forwards where there is none (RFC 3261 8.1.1.6) */
  STOX_HOPS_MAX = 255,       /**< largest Max-Forwards (RFC 3261 20.22) */
  STOX_BREADTH_DEFAULT = 60, /**< Max-Breadth where there is none, and the most we grant (RFC 5393
                                5.3.3) */
  STOX_LOOP_HASH_SIZE = 32   /**< octets that stox_loop_hash() appends */
};

/**
 * Appends the loop hash of a request that was received: what must follow in the branch of a request
 * sent on because of it (RFC 5393 4.2.1). Lower-case hexadecimal of an HMAC over Request-URI,
 * Route, Proxy-Require, Proxy-Authorization, Call-ID, the tags and the CSeq number; not over the
 * method, nor over Via, which differs each time round.
 * @param out the buffer
 * @param message the request
 * @param key the gateway's secret, 16 octets or more; whoever has it can make hashes
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_STATE a response
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable CSeq
 * @retval STOX_E_NOMEM memory of the hash
 */
STOX_API int stox_loop_hash(stox_buf *out, const stox_sip_message *message, stox_span key);

/**
 * Appends the loop hash of a request that the gateway is about to send, as stox_loop_hash() would
 * give it if the request came back unchanged but for a Route that was followed.
 * @param out the buffer
 * @param request the request, its From, To, Call-ID and CSeq set
 * @param request_uri its Request-URI
 * @param key as for stox_loop_hash()
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable CSeq
 * @retval STOX_E_NOMEM memory of the hash
 */
STOX_API int stox_loop_hash_edit(stox_buf *out, const stox_sip_edit *request, stox_span request_uri,
                                 stox_span key);

/**
 * Looks for a loop (RFC 5393 4.2.2): a Via whose sent-by is ours and whose branch ends with the
 * loop hash that this request has now. The same Via with another hash is a spiral, which passes.
 * @param message the request
 * @param own sent-by values that this gateway writes, `host` or `host:port` (IPv6 in brackets)
 * @param n how many
 * @param key as for stox_loop_hash()
 * @retval STOX_OK no loop
 * @retval STOX_E_LOOP answer 482
 * @retval STOX_E_STATE a response
 * @retval STOX_E_MISSING STOX_E_BAD_HEADER no usable CSeq or Via
 * @retval STOX_E_NOMEM memory of the hash
 */
STOX_API int stox_loop_check(stox_sip_message *message, const stox_span *own, size_t n,
                             stox_span key);

/**
 * Takes one hop off the Max-Forwards of a request (RFC 3261 16.3, 16.6; RFC 7332).
 * @param[out] out what the request or stanza sent on may carry: one less, or STOX_HOPS_DEFAULT if
 * there is none
 * @param message the request
 * @retval STOX_OK taken
 * @retval STOX_E_TOO_MANY_HOPS it is 0: answer 483
 * @retval STOX_E_BAD_HEADER no number, or above STOX_HOPS_MAX: answer 400
 */
STOX_API int stox_hops_take(uint32_t *out, const stox_sip_message *message);

/**
 * Takes one hop off the SHIM header Max-Forwards of a stanza (XEP-0131), which is always honoured.
 * @param[out] out as for stox_hops_take(); also set when the header is not a number
 * @param arena room for a header value that came in pieces
 * @param stanza the stanza
 * @retval STOX_OK taken, or there is none; a number above STOX_HOPS_MAX counts as that
 * @retval STOX_E_TOO_MANY_HOPS it is 0
 * @retval STOX_E_BAD_NUMBER no number, or two that differ; `out` is STOX_HOPS_DEFAULT
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_hops_take_stanza(uint32_t *out, stox_arena *arena, const stox_stanza *stanza);

/**
 * Shares Max-Breadth among requests sent on at once (RFC 5393 5.3.3).
 * @param[out] out what each of them may carry
 * @param message the request received; without the header it has STOX_BREADTH_DEFAULT, which is
 * also the most that is granted
 * @param branches how many are sent at once, 1 for a gateway that does not fork
 * @retval STOX_OK shared
 * @retval STOX_E_BREADTH not enough for each: answer 440
 * @retval STOX_E_BAD_HEADER no number: answer 400
 * @retval STOX_E_ARG no branches
 */
STOX_API int stox_breadth_take(uint32_t *out, const stox_sip_message *message, uint32_t branches);

/** One entry of the counter of reflections; private. */
typedef struct stox_reflection {
  uint64_t digest;   /**< @private 0: free */
  uint64_t since_ns; /**< @private start of its window */
  uint32_t count;    /**< @private messages seen in it */
  uint32_t spare;    /**< @private 0 */
} stox_reflection;

/** Counts how often the same message passes, for loops that no header survives: XMPP to SIP and
 * back. Transparent so that it may stand anywhere; use the functions below only. */
typedef struct stox_reflections {
  stox_reflection *slots; /**< @private the caller's */
  size_t n;               /**< @private */
  uint64_t window_ns;     /**< @private */
  uint64_t key[2];        /**< @private */
  uint32_t max;           /**< @private */
  uint32_t spare;         /**< @private */
} stox_reflections;

/**
 * Makes a counter in the caller's memory.
 * @param[out] out the counter
 * @param slots its memory, which must outlive it
 * @param n entries there, 8 or more; a new message takes the place of the least counted of eight
 * when all are in use
 * @param max messages let through in a window
 * @param window_ns length of a window, which begins with its first message
 * @param random keys the digest, so that nobody can aim at an entry
 * @retval STOX_OK made
 * @retval STOX_E_ARG too few entries, or `max` or `window_ns` of 0
 * @retval status that of the random source
 */
STOX_API int stox_reflections_init(stox_reflections *out, stox_reflection *slots, size_t n,
                                   uint32_t max, uint64_t window_ns, const stox_random *random);

/**
 * Counts a message and says whether it is one too many.
 * @param obj the counter
 * @param from sender, in the form that comes back each time (the bare JID)
 * @param to recipient, likewise
 * @param body what identifies the message beside them: its text
 * @param now_ns monotonic time
 * @retval STOX_OK let it through
 * @retval STOX_E_LOOP it has passed `max` times within the window: drop it
 */
STOX_API int stox_reflections_check(stox_reflections *obj, stox_span from, stox_span to,
                                    stox_span body, uint64_t now_ns);

STOX_END_DECLS

#endif
