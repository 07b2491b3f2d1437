/* SPDX-License-Identifier: MIT */
/**
 * @file
 * All server-to-server streams of a set of local domains (RFC 6120, XEP-0178, XEP-0220, XEP-0368):
 * finding, opening, securing, authenticating, keeping and ending them, in both directions.
 *
 * *Local* (holds readers): make it after fork. A pulled engine without I/O, as stox/transport.h has
 * it; it does no TLS, and reads what is known of a peer from its flow (stox_peer).
 *
 * Stanzas leave by pairs of one local and one remote domain, over streams that this end opened, and
 * come in over streams that the peers opened. stox_federation_send() asks for a pair's stream if
 * there is none. EXTERNAL comes first, where the peer offers it and the local domain has a
 * certificate; dialback only where EXTERNAL is not to be had and policy allows it.
 *
 * *What was accepted.* stox_federation_send() gives STOX_OK only while the pair is UP, and then
 * everything leaves in order on one stream. XMPP acknowledges nothing: from UP to DOWN the stream
 * may die with anything that was accepted. Whoever promises delivery keeps a stanza until he knows
 * (by the answer to a ping behind it, say) and sends it again after the next UP. DOWN with the
 * status STOX_OK says that all octets were handed to the transport before this end closed.
 */
#ifndef STOX_FEDERATION_H
#define STOX_FEDERATION_H

#include "stox/attempt.h"
#include "stox/location.h"
#include "stox/record.h"
#include "stox/stanza.h"
#include "stox/stream.h"
#include "stox/transport.h"
#include "stox/xmpp_rules.h"

STOX_BEGIN_DECLS

/** A federation. */
typedef struct stox_federation stox_federation;

/** A local domain. */
typedef struct stox_federation_domain {
  stox_span name;      /**< A-labels or U-labels */
  int has_certificate; /**< 1: TLS shows one that names it, so EXTERNAL may do for what it sends */
  int is_gone;         /**< 1: it is served here no longer: host-gone */
} stox_federation_domain;

/** Where a remote domain is, by configuration. */
typedef struct stox_federation_hop {
  stox_span domain;  /**< A-labels or U-labels; absent: every domain that no other hop names */
  stox_endpoint hop; /**< an address or a name; STOX_TRANSPORT_TCP (STARTTLS), _TLS (direct) */
} stox_federation_hop;

/** Options; make them with stox_federation_options_init(). What they point to is copied, except
 * for `alloc`, `random` and `locations`. */
typedef struct stox_federation_options {
  size_t size;            /**< sizeof of this struct in the caller's build */
  int dialect;            /**< STOX_DIALECT_…: with the draft's every error of dialback ends its
                               stream (RFC) */
  int require_tls;        /**< 1: nothing but STARTTLS goes over an unprotected stream; it is asked
                               for where it is not offered, too (RFC 7590 3.1) (1) */
  int is_dialback_on;     /**< 0: EXTERNAL alone, in both directions (1) */
  int require_verified;   /**< 1: no stream to a domain whose certificate does not prove it; always
                               so without dialback (0) */
  int allow_clear_verify; /**< 1: keys of dialback are checked over unprotected streams, too, where
                               the authoritative server has no TLS (0) */
  int allow_legacy;       /**< 1: peers without a version are taken (0) */
  int direct_tls;         /**< 1: `_xmpps-server` is asked for too (XEP-0368) (1) */
  int is_multiplexing;    /**< 1: one stream serves several local domains towards one remote,
                               where dialback authenticated it and the peer says that errors do not
                               end it (XEP-0220 2.6) (1) */
  int allow_addresses;    /**< 1: remote domains that are IP addresses are spoken with (0) */
  int families;           /**< STOX_ATTEMPT_… that can be reached (both) */
  const stox_federation_domain *domains; /**< local domains */
  size_t n_domains;                      /**< entries there, 1 … 1024 */
  const stox_federation_hop *hops;       /**< static next hops, in order */
  size_t n_hops;                         /**< entries there */
  stox_span dialback_secret; /**< shared by all servers of the local domains; absent: drawn */
  stox_span lang;            /**< xml:lang of what this end says (`en`) */
  stox_locations *locations; /**< table of places, the caller's; NULL: an own cache */
  const stox_limits *limits; /**< NULL: defaults; `stanza`, `depth`, `attributes`, `names` count */
  const stox_allocator *alloc;       /**< NULL: the C library's */
  const stox_random *random;         /**< must be given */
  uint32_t max_streams;              /**< streams of both directions (20,000) */
  uint32_t max_pairs;                /**< pairs that are up or wanted (10,000) */
  uint32_t max_verifications;        /**< keys of dialback that are being checked (1,000) */
  uint32_t max_stream_verifications; /**< of them, those of one stream (8) */
  uint32_t max_stream_domains; /**< pairs that one incoming stream may authenticate, 1 … 64 (64) */
  uint32_t max_unauthenticated;    /**< incoming streams of one remote address that are not
                                        authenticated (16) */
  uint32_t octets_before;          /**< octets of an element before authentication (16,384) */
  uint32_t backoff_first_s;        /**< bound of the wait after a first failure (60) */
  uint32_t backoff_max_s;          /**< bound of all waits (900) */
  uint64_t open_timeout_ns;        /**< for one connection attempt (10 s) */
  uint64_t resolve_timeout_ns;     /**< for one answer of the resolver (15 s) */
  uint64_t negotiation_timeout_ns; /**< from the open flow to authentication, and for
                                        the verdict on one more pair (30 s) */
  uint64_t verify_timeout_ns;      /**< for the check of a key, from its arrival (25 s) */
  uint64_t idle_ns;                /**< a stream without stanzas is closed (600 s, 0: never) */
  uint64_t keepalive_ns;     /**< white space after so much silence of ours (60 s, 0: never) */
  uint64_t ping_ns;          /**< a pair that has sent since the last sign of life is pinged
                                  (XEP-0199) after this time (0: never) */
  uint64_t ping_timeout_ns;  /**< for the answer, which comes over a stream of the peer's (60 s) */
  uint64_t close_timeout_ns; /**< for the peer's end tag (5 s) */
} stox_federation_options;

/** Events: `event` of a STOX_DO_EVENT action, with what `object` points to. */
enum {
  STOX_FEDERATION_UP = 1,     /**< `const stox_federation_link *`: the pair may send */
  STOX_FEDERATION_DOWN = 2,   /**< `const stox_federation_link *`: it may not any more, or could not
                                   be had; `status` says why: STOX_OK closed in good order,
                                   STOX_E_UNKNOWN_DOMAIN nobody serves it, STOX_E_TIMEOUT,
                                   STOX_E_REFUSED no connection, or a stream error, STOX_E_AUTH not
                                   authenticated or not verified, STOX_E_BAD_TLS no TLS where it is
                                   required, STOX_E_CLOSED lost, STOX_E_NOMEM, STOX_E_LIMIT too
                                   many streams. After a failure attempts pause; who asks meanwhile
                                   gets another DOWN at once */
  STOX_FEDERATION_STANZA = 3, /**< `const stox_federation_stanza *`; `status`: STOX_OK, else it is
                                   to be answered with an error, where it may be: STOX_E_BAD_STANZA
                                   bad-request, STOX_E_TOO_MANY policy-violation */
  STOX_FEDERATION_HEARD = 4,  /**< `const stox_federation_link *`: a peer has authenticated a pair
                                   of an incoming stream */
  STOX_FEDERATION_GONE = 5,   /**< `const stox_federation_link *`: that pair or stream has ended */
  STOX_FEDERATION_STOPPED = 6 /**< after stox_federation_stop(): no stream is left; NULL */
};

/** A pair of domains. Views that live until the next stox_federation_next(). */
typedef struct stox_federation_link {
  size_t size;      /**< sizeof of this struct in the library's build */
  stox_span local;  /**< local domain, prepared */
  stox_span remote; /**< remote domain, prepared */
  int by;           /**< STOX_STREAM_BY_…; 0: not authenticated */
  int is_secure;    /**< 1: TLS protects the stream */
  int is_verified;  /**< 1: the peer's certificate proves `remote` */
  int condition;    /**< DOWN, GONE: STOX_STREAM_… of the stream error that ended it; 0: none */
  int bounce;       /**< DOWN: STOX_COND_… that stanzas which waited are to be answered with:
                         remote-server-not-found or remote-server-timeout */
  int spare;        /**< 0 */
  uint64_t stream;  /**< the stream's number; 0: there was none */
} stox_federation_link;

/** A stanza of a peer. Its views live until the next call of stox_federation_next(), _feed(),
 * _done(), _tick() or _stop(). */
typedef struct stox_federation_stanza {
  size_t size;                          /**< sizeof of this struct in the library's build */
  const stox_stanza *stanza;            /**< as it came */
  const stox_xmpp_admission *admission; /**< its addresses, checked and prepared */
  stox_span local;                      /**< the local domain that it is for, prepared */
  stox_span remote;                     /**< the domain of its sender, which was authenticated */
  uint64_t stream;                      /**< the stream's number */
} stox_federation_stanza;

/** Counters. */
typedef struct stox_federation_counters {
  size_t size;            /**< sizeof of this struct in the caller's build */
  uint64_t streams_in;    /**< now: incoming streams */
  uint64_t streams_out;   /**< now: outgoing streams, those being made too */
  uint64_t pairs_up;      /**< now: pairs that may send */
  uint64_t pairs_wanted;  /**< now: pairs that wait for a stream */
  uint64_t pairs_heard;   /**< now: pairs that peers have authenticated */
  uint64_t verifications; /**< now: keys being checked */
  uint64_t stanzas_in;    /**< stanzas admitted */
  uint64_t refused_flows; /**< flows not accepted for a limit */
  uint64_t refused_pairs; /**< pairs of peers that were not authenticated */
  uint64_t failed_pairs;  /**< outgoing pairs that could not be had */
  uint64_t external;      /**< pairs authenticated by EXTERNAL, both directions */
  uint64_t dialback;      /**< pairs authenticated by dialback, both directions */
} stox_federation_counters;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_federation_options_init(stox_federation_options *out, size_t size);

/**
 * Makes a federation, which does nothing before it is asked to.
 * @retval STOX_OK made
 * @retval STOX_E_ARG no domain or two of one name, a domain or hop that is none, no random, a
 * number out of range
 * @retval STOX_E_NOMEM memory
 * @return else the status of the source of randomness
 */
STOX_API int stox_federation_new(stox_federation **out, const stox_federation_options *options,
                                 uint64_t now_ns);

/** Ends a federation at once, without a word to any peer; secrets are wiped. NULL is allowed. */
STOX_API void stox_federation_del(stox_federation *obj);

/**
 * Takes a flow that a peer opened to us. One that is secured from its start carries `peer`.
 * @param obj the federation
 * @param flow borrowed; `handle` and `remote.host` count
 * @param now_ns monotonic time
 * @retval STOX_OK taken: its octets are to be fed
 * @retval STOX_E_ARG no handle
 * @retval STOX_E_STATE that handle has a stream, or the federation stops; the host closes the flow
 * @retval STOX_E_TOO_MANY streams, or streams of that address; the host closes the flow
 * @retval STOX_E_NOMEM memory; the host closes the flow
 */
STOX_API int stox_federation_accept(stox_federation *obj, const stox_flow *flow, uint64_t now_ns);

/** @return 1 if octets and back-pressure of this flow are the federation's */
STOX_API int stox_federation_owns(const stox_federation *obj, uint64_t handle);

/**
 * Takes octets of a flow; `n == 0`: the peer ended it.
 * @retval STOX_OK taken
 * @retval STOX_E_STATE the flow has no stream, or none that takes octets now
 * @retval STOX_E_FULL STOX_E_NOMEM its stream is given up
 */
STOX_API int stox_federation_feed(stox_federation *obj, const stox_flow *flow, stox_span bytes,
                                  uint64_t now_ns);

/**
 * Takes the completion of STOX_DO_OPEN or STOX_DO_START_TLS. Tokens are below 2^52.
 * @param obj the federation
 * @param token the action's
 * @param status STOX_OK, or why it failed
 * @param flow the flow, with `peer` once it is secured; NULL when it failed
 * @param now_ns monotonic time
 * @retval STOX_OK taken, also where it is not waited for any more: the flow is closed then
 * @retval STOX_E_ARG not a token that is under way
 */
STOX_API int stox_federation_done(stox_federation *obj, uint64_t token, int status,
                                  const stox_flow *flow, uint64_t now_ns);

/**
 * Takes the answer to STOX_DO_RESOLVE.
 * @param obj the federation
 * @param token the action's
 * @param status STOX_OK, also where there are no such records; else nobody answered
 * @param records the answer, borrowed
 * @param n how many
 * @param now_ns monotonic time
 * @retval STOX_OK taken, also where it is not waited for any more
 * @retval STOX_E_ARG not a token that is under way
 */
STOX_API int stox_federation_resolved(stox_federation *obj, uint64_t token, int status,
                                      const stox_record *records, size_t n, uint64_t now_ns);

/** Back-pressure of a flow; STOX_OK, or STOX_E_STATE: it has no stream. */
STOX_API int stox_federation_hold(stox_federation *obj, uint64_t handle, int full, uint64_t now_ns);

/**
 * Sends whole stanzas of the namespace `jabber:server`, each with `from` in `local` and `to` in
 * `remote`, or, with nothing to send, asks for the pair.
 * @param obj the federation
 * @param local a local domain
 * @param remote another domain
 * @param stanzas written by a stox_xml_writer; may be empty
 * @param now_ns monotonic time
 * @retval STOX_OK accepted, see above; the pair is UP
 * @retval STOX_E_STATE nothing is accepted: the pair is not UP; UP or DOWN follows
 * @retval STOX_E_FULL 4 MiB wait on its stream: try again later
 * @retval STOX_E_TOO_MANY there are too many pairs; nothing follows
 * @retval STOX_E_ARG `local` is none of ours or gone, `remote` is one of ours, no domain, or an
 * address where `allow_addresses` is 0
 * @retval STOX_E_CLOSED the federation stops; nothing follows
 * @retval STOX_E_NOMEM memory; nothing is accepted, nothing follows
 */
STOX_API int stox_federation_send(stox_federation *obj, stox_span local, stox_span remote,
                                  stox_span stanzas, uint64_t now_ns);

/** @return 1 if the pair is UP and stox_federation_next() has told so */
STOX_API int stox_federation_is_up(const stox_federation *obj, stox_span local, stox_span remote);

/** @return octets of the pair's stream that were not handed to the transport yet */
STOX_API size_t stox_federation_waiting(const stox_federation *obj, stox_span local,
                                        stox_span remote);

/**
 * Gives a pair's stream up as dead, such as when a ping of the host's was not answered. DOWN
 * follows, with STOX_E_TIMEOUT, for all pairs of the stream.
 * @retval STOX_OK given up
 * @retval STOX_E_STATE the pair is not UP
 */
STOX_API int stox_federation_drop(stox_federation *obj, stox_span local, stox_span remote,
                                  uint64_t now_ns);

/** @return the next action (SEND, OPEN, CLOSE, RESOLVE, START_TLS, EVENT), NULL: none; valid until
 * the next call of this function */
STOX_API const stox_action *stox_federation_next(stox_federation *obj);

/** @return when stox_federation_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_federation_deadline(const stox_federation *obj);

/** Time has passed; STOX_OK. */
STOX_API int stox_federation_tick(stox_federation *obj, uint64_t now_ns);

/** Closes all streams in good order, after what waits on them; STOPPED follows the last. STOX_OK.
 */
STOX_API int stox_federation_stop(stox_federation *obj, uint64_t now_ns);

/** Reads the counters; STOX_OK or STOX_E_ARG. */
STOX_API int stox_federation_get_counters(stox_federation_counters *out, size_t size,
                                          const stox_federation *obj);

/** Gives the engine's functions for a transport; the federation must outlive it. A flow that is fed
 * and not known is accepted. */
STOX_API void stox_federation_engine(stox_engine *out, stox_federation *obj);

STOX_END_DECLS

#endif
