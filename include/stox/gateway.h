/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The gateway engine: SIP on one side, XMPP on the other (component sessions, streams between
 * servers), everything between strung together. Bytes, time and completions in; actions out.
 *
 * *Local* (holds readers): make it after fork. A SIP MESSAGE gets its final response when the XMPP
 * server has taken or bounced the stanza (a ping behind each batch of stanzas tells); an XMPP
 * message gets an error when SIP refuses it or stays silent. Nothing ends in silence.
 */
#ifndef STOX_GATEWAY_H
#define STOX_GATEWAY_H

#include "stox/action.h"
#include "stox/address_map.h"
#include "stox/allocator.h"
#include "stox/federation.h"
#include "stox/limits.h"
#include "stox/random.h"
#include "stox/record.h"
#include "stox/transport.h"

STOX_BEGIN_DECLS

/** A gateway. */
typedef struct stox_gateway stox_gateway;

/** One SIP domain, served to the XMPP server as a component. */
typedef struct stox_gateway_component {
  stox_span domain;     /**< the SIP domain, U-labels or A-labels */
  stox_span secret;     /**< shared with the XMPP server */
  stox_endpoint remote; /**< the XMPP server's component port; the host may be a name */
} stox_gateway_component;

/** The next hop of a SIP domain. */
typedef struct stox_gateway_route {
  stox_span domain; /**< U-labels or A-labels */
  /** Where its requests go. `host` is an address or a domain, whose addresses are asked for by
   * STOX_DO_RESOLVE (RFC 3263 4: NAPTR where `transport` is STOX_TRANSPORT_NONE, SRV where `port`
   * is 0) and tried in order: one that refuses a connection, or answers 503, gives way to the next
   * and is left alone for a while. With STOX_TRANSPORT_TLS the peer has to prove the domain given
   * here, or `domain` where this is an address (RFC 5922 7.3). */
  stox_endpoint hop;
} stox_gateway_route;

/** SIP domains that federate: the gateway is their XMPP server on the open network (RFC 7247 5).
 * Zero-initialise, set `size`, then fill. */
typedef struct stox_gateway_federation {
  size_t size;                            /**< sizeof of this struct in the caller's build */
  const stox_federation_options *streams; /**< its domains are the SIP domains; `alloc` and
                                               `random` are the gateway's, `limits` too where there
                                               are none */
  const stox_endpoint *local;             /**< where peers connect to: flows with such a local end
                                               are theirs; host `0.0.0.0` or `::`: any address */
  size_t n_local;                         /**< entries at `local` */
  int is_open; /**< 1: every XMPP domain may write to SIP, and SIP to it; 0:
                    `xmpp_domains` alone */
  int spare;   /**< 0 */
} stox_gateway_federation;

/** How messages from SIP are typed. */
enum {
  STOX_GATEWAY_TYPE_CHAT_IF_KNOWN = 0, /**< `chat` when the user's last message there was one */
  STOX_GATEWAY_TYPE_LITERAL = 1,       /**< no type (RFC 7572 5) */
  STOX_GATEWAY_TYPE_CHAT = 2           /**< always `chat` */
};

/** Options; make them with stox_gateway_options_init(). Everything they point to is copied. */
typedef struct stox_gateway_options {
  size_t size;                              /**< sizeof of this struct in the caller's build */
  const stox_allocator *alloc;              /**< NULL: the C library's */
  const stox_random *random;                /**< must be given and outlive the gateway */
  const stox_limits *limits;                /**< NULL: defaults */
  const stox_map_options *map;              /**< NULL: defaults */
  const stox_gateway_component *components; /**< SIP domains served through an XMPP server */
  size_t n_components;                      /**< entries at `components`, up to 64 with those that
                                                 federate; at least one of both */
  const stox_gateway_route *routes;         /**< next hops */
  size_t n_routes;                          /**< entries at `routes` */
  const stox_span *xmpp_domains;  /**< XMPP domains that SIP may write to; the first is pinged
                                       through the components' server */
  size_t n_xmpp_domains;          /**< entries at `xmpp_domains`, with components at least 1 */
  const stox_span *trusted;       /**< addresses or CIDR blocks that SIP requests may come from; the
                                       hosts of `routes` without TLS are trusted too, and whoever
                                       proves by TLS (RFC 5922 7.4) the domain that it speaks for,
                                       or the name of that domain's next hop */
  size_t n_trusted;               /**< entries at `trusted` */
  const stox_endpoint *sip_local; /**< where SIP is listened for: sent-by of Via, by transport */
  size_t n_sip_local;             /**< entries at `sip_local`, at least 1 */
  uint64_t t1_ns;                 /**< SIP's T1 (500 ms) */
  uint64_t barrier_timeout_ns;    /**< for the ping's answer (5 s); three times that for the first
                                       one of a server that we federate with, which may have to find
                                       us for it */
  uint64_t queue_timeout_ns;      /**< for the XMPP stream to come up (5 s); to a server that we
                                       federate with three times that */
  uint64_t backoff_max_ns;        /**< longest pause between connection attempts (60 s) */
  uint64_t reflection_window_ns; /**< for counting the same message between the same users (10 s) */
  uint32_t reflection_max;       /**< how often it may pass in a window (1,000; 0: any number) */
  uint32_t writes_hops; /**< 1: stanzas say how many hops are left (XEP-0131); 0: they do not */
  int message_type;     /**< STOX_GATEWAY_TYPE_… */
  int is_raw_scope;     /**< 1: Table 2 with its 6xx for bare JIDs; 0: 4xx for all */
  stox_span software;   /**< Server, User-Agent, XEP-0092; absent: `libstox` */
  const stox_gateway_federation *federation; /**< SIP domains that federate; NULL: none */
} stox_gateway_options;

/** Events: `event` of a STOX_DO_EVENT action. */
enum {
  STOX_GATEWAY_READY = 1,   /**< all component sessions are up; there are none: at once */
  STOX_GATEWAY_LOST = 2,    /**< a component session was lost; `status` says why */
  STOX_GATEWAY_RECORD = 3,  /**< `object` is a `const stox_gateway_record *`: a message has ended */
  STOX_GATEWAY_STOPPED = 4, /**< after stox_gateway_stop(): nothing is pending any more */
  /* Federation; `object` is a `const stox_federation_link *`, valid until the next call. */
  STOX_GATEWAY_UP = 5,    /**< a SIP domain may write to an XMPP domain */
  STOX_GATEWAY_DOWN = 6,  /**< it may not any more, or could not be made to; `status` says why */
  STOX_GATEWAY_HEARD = 7, /**< an XMPP domain has authenticated itself to a SIP domain */
  STOX_GATEWAY_GONE = 8   /**< it has gone; `status` says why */
};

/** Directions. */
enum { STOX_GATEWAY_SIP_TO_XMPP = 1, STOX_GATEWAY_XMPP_TO_SIP = 2 };

/** How a message ended. */
enum {
  STOX_OUTCOME_DELIVERED = 1, /**< taken by the other side */
  STOX_OUTCOME_REFUSED = 2,   /**< refused here; the sender was told */
  STOX_OUTCOME_BOUNCED = 3,   /**< refused by the other side; the sender was told */
  STOX_OUTCOME_TIMEOUT = 4,   /**< nobody can know; the sender was told */
  STOX_OUTCOME_IGNORED = 5,   /**< nothing to send and nobody to tell */
  STOX_OUTCOME_LATE_ERROR =
      6 /**< the other side refused after it had been taken to have accepted */
};

/** What became of one message: never a body, never a secret. Spans live until the next call. */
typedef struct stox_gateway_record {
  int direction;        /**< STOX_GATEWAY_SIP_TO_XMPP … */
  int outcome;          /**< STOX_OUTCOME_… */
  int code;             /**< SIP status code given or got; 0: none */
  int status;           /**< STOX_OK or the named reason */
  stox_span from;       /**< sender as it wrote itself, SIP URI or JID */
  stox_span to;         /**< recipient likewise */
  stox_span id;         /**< stanza id */
  stox_span call_id;    /**< SIP Call-ID */
  uint64_t duration_ns; /**< from acceptance to this end */
} stox_gateway_record;

/** Counters. */
typedef struct stox_gateway_counters {
  size_t size;              /**< sizeof of this struct in the caller's build */
  uint64_t sip_in;          /**< SIP messages parsed */
  uint64_t sip_bad;         /**< SIP messages that did not parse */
  uint64_t stanzas_in;      /**< stanzas received */
  uint64_t to_xmpp;         /**< messages delivered to XMPP */
  uint64_t to_sip;          /**< messages delivered to SIP */
  uint64_t refused;         /**< messages refused here */
  uint64_t bounced;         /**< messages refused by the other side */
  uint64_t timeouts;        /**< messages whose fate nobody can know */
  uint64_t late_errors;     /**< errors that came after an acceptance */
  uint64_t ignored;         /**< stanzas with nothing to carry */
  uint64_t shed;            /**< requests refused because a queue was full */
  uint64_t resent;          /**< stanzas sent again on a new stream */
  uint64_t pending_to_xmpp; /**< now waiting for the XMPP server */
  uint64_t pending_to_sip;  /**< now waiting for SIP */
} stox_gateway_counters;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_gateway_options_init(stox_gateway_options *out, size_t size);

/**
 * Makes a gateway.
 * @param[out] out the gateway
 * @param options the options
 * @param now_ns monotonic time
 * @retval STOX_OK made; it asks to connect at its first stox_gateway_next()
 * @retval STOX_E_ARG a mandatory option is missing, a domain or an address is malformed, or two
 * components have one domain
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_gateway_new(stox_gateway **out, const stox_gateway_options *options,
                              uint64_t now_ns);

/** Ends a gateway at once; what is pending is not answered. NULL is allowed. */
STOX_API void stox_gateway_del(stox_gateway *obj);

/**
 * Takes octets of a flow: a datagram, a piece of a stream; `n == 0`: the peer ended the stream.
 * @param obj the gateway
 * @param flow where they came from, borrowed
 * @param bytes the octets, borrowed
 * @param now_ns monotonic time
 * @retval STOX_OK taken; what is wrong with them the peer is told
 * @retval STOX_E_STATE a stream to an XMPP server that has ended already
 * @retval STOX_E_NOMEM memory; a stream to an XMPP server has ended of it
 */
STOX_API int stox_gateway_feed(stox_gateway *obj, const stox_flow *flow, stox_span bytes,
                               uint64_t now_ns);

/**
 * Takes the completion of an action.
 * @param obj the gateway
 * @param token of the action
 * @param status STOX_OK, or why it failed
 * @param flow the flow that was used or opened, or NULL
 * @param now_ns monotonic time
 * @retval STOX_OK taken, also for a message that has ended meanwhile
 * @retval STOX_E_ARG no token of a component session of this gateway; nothing is changed
 */
STOX_API int stox_gateway_done(stox_gateway *obj, uint64_t token, int status, const stox_flow *flow,
                               uint64_t now_ns);

/**
 * Takes the answer to STOX_DO_RESOLVE.
 * @param obj the gateway
 * @param token of the action
 * @param status STOX_OK, also where there are no such records; else nobody answered
 * @param records the answer, borrowed
 * @param n how many
 * @param now_ns monotonic time
 * @retval STOX_OK taken, also where it is not waited for any more
 * @retval STOX_E_ARG no token of this gateway that is under way
 */
STOX_API int stox_gateway_resolved(stox_gateway *obj, uint64_t token, int status,
                                   const stox_record *records, size_t n, uint64_t now_ns);

/** Takes back-pressure: the queue of a flow is full (1) or has room again (0). STOX_OK, also for a
 * flow that is not known. */
STOX_API int stox_gateway_hold(stox_gateway *obj, uint64_t handle, int full, uint64_t now_ns);

/** @return the next action, NULL: none; valid until the next call */
STOX_API const stox_action *stox_gateway_next(stox_gateway *obj);

/** @return when stox_gateway_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_gateway_deadline(const stox_gateway *obj);

/** Time has passed. `wall_s`: seconds since 1970. STOX_OK. */
STOX_API int stox_gateway_tick(stox_gateway *obj, uint64_t now_ns, uint64_t wall_s);

/**
 * Stops in good order: new requests get 503, pending ones their answers, then the streams are
 * closed.
 * @param obj the gateway
 * @param drain_ns monotonic time at which what is still pending is answered as timed out
 * @param now_ns monotonic time
 * @retval STOX_OK stopping
 */
STOX_API int stox_gateway_stop(stox_gateway *obj, uint64_t drain_ns, uint64_t now_ns);

/** @return 1 if octets of that flow are XMPP's, as far as the gateway knows it now; else 0 */
STOX_API int stox_gateway_is_xmpp(const stox_gateway *obj, const stox_flow *flow);

/** Reads the counters; STOX_OK or STOX_E_ARG. */
STOX_API int stox_gateway_get_counters(stox_gateway_counters *out, size_t size,
                                       const stox_gateway *obj);

/** Gives the engine's functions for a transport; the gateway must outlive it. */
STOX_API void stox_gateway_engine(stox_engine *out, stox_gateway *obj);

STOX_END_DECLS

#endif
