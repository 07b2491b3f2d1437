/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Which protocol does a domain speak, and where? (RFC 7247 5, RFC 3263, RFC 6120 3.2)
 *
 * A step machine without I/O: stox_locate_next() gives the next question for the host's resolver,
 * stox_locate_answer() takes the records, until stox_locate_get() has the answer. The order is:
 * static table, cache, the asking side's own SRV (and NAPTR), the other protocol's, and only then
 * the addresses of the domain, which say nothing about a protocol. An SRV target of `.` is an
 * explicit no (RFC 2782), and so are SRV records of which none can be used (RFC 6120 3.2.1). No
 * question is ever about another domain than the one searched for, but for what its NAPTR records
 * say; an alias (CNAME) is the resolver's to follow. stox/attempt.h goes on from the places that
 * it finds. A search is placeable with its arena and its table.
 */
#ifndef STOX_LOCATE_H
#define STOX_LOCATE_H

#include "stox/arena.h"
#include "stox/location.h"
#include "stox/record.h"
#include "stox/uri.h"

STOX_BEGIN_DECLS

/** Bits for the transports towards SIP. */
enum {
  STOX_LOCATE_UDP = 1 << 1, /**< 1 << STOX_TRANSPORT_UDP */
  STOX_LOCATE_TCP = 1 << 2,
  STOX_LOCATE_TLS = 1 << 3
};

/** Services of XMPP. */
enum {
  STOX_LOCATE_XMPP_SERVER = 0, /**< `_xmpp-server`, port 5269 */
  STOX_LOCATE_XMPP_CLIENT = 1  /**< `_xmpp-client`, port 5222; never SIP */
};

/** Options; make them with stox_locate_options_init(). */
typedef struct stox_locate_options {
  size_t size;               /**< sizeof of this struct in the caller's build */
  int side;                  /**< STOX_PROTOCOL_XMPP: an XMPP server asks (default); _SIP */
  int secure;                /**< 1: SIP over TLS only (a sips URI) */
  int transports;            /**< STOX_LOCATE_… that are there; all three */
  int probe_im_pres;         /**< 1: ask a SIP domain for `_im._sip` and `_pres._sip` too */
  uint32_t max_ttl_s;        /**< longest time in the cache, 3600 */
  uint32_t negative_ttl_s;   /**< how long "nobody" is kept, 30; 0: not at all */
  const stox_random *random; /**< draws among SRV records; NULL: the heaviest first */
  stox_locations *locations; /**< static table and cache; NULL: neither */
  int xmpp_service;          /**< STOX_LOCATE_XMPP_…; _SERVER */
  int direct_tls;            /**< 1: `_xmpps-…` too, mixed by priority and weight (XEP-0368); such
                                  a place has STOX_TRANSPORT_TLS */
  int legacy;      /**< 1: `_jabber._tcp` where there is no `_xmpp-server` (RFC 3920 14.4) */
  int native_only; /**< 1: the other protocol is not asked for */
  int transport;   /**< SIP: STOX_TRANSPORT_… that is asked for; _NONE: NAPTR decides */
  uint32_t port;   /**< the port that was named: no SRV (RFC 3263 4.2); 0: none */
} stox_locate_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_locate_options_init(stox_locate_options *out, size_t size);

/** One search. */
typedef struct stox_locate stox_locate;

/**
 * Begins a search.
 * @param[out] out the search, in `arena`, which must outlive it
 * @param arena where it and its results live
 * @param domain A-labels or U-labels, an IPv4 address, or an IPv6 address in brackets
 * @param options NULL: defaults
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK begun
 * @retval STOX_E_BAD_DOMAIN STOX_E_BAD_UTF8 STOX_E_TOO_LONG not a domain
 * @retval STOX_E_ZONE_ID an address with a zone id
 * @retval STOX_E_NOMEM the arena is exhausted
 * @retval STOX_E_ARG no such side, or no transport
 */
STOX_API int stox_locate_start(stox_locate **out, stox_arena *arena, stox_span domain,
                               const stox_locate_options *options, uint64_t now_ns);

/**
 * Begins a search for the next hop of a SIP or SIPS URI (RFC 3263 4): `maddr` before the host,
 * `transport`, port, numeric hosts. `side` becomes STOX_PROTOCOL_SIP; the URI sets `secure`,
 * `transport` and `port`, and where it says one of the latter two, `native_only`.
 * @param[out] out as stox_locate_start()
 * @param arena as stox_locate_start()
 * @param uri a parsed URI
 * @param options NULL: defaults
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK begun
 * @retval STOX_E_UNSUPPORTED_SCHEME neither sip nor sips
 * @retval STOX_E_UNSUPPORTED a transport that is not there, or UDP for sips
 * @retval other as stox_locate_start()
 */
STOX_API int stox_locate_start_uri(stox_locate **out, stox_arena *arena, const stox_uri *uri,
                                   const stox_locate_options *options, uint64_t now_ns);

/** What the topmost Via of a response says, without `ttl`. Zero-initialise, then fill. */
typedef struct stox_locate_reply {
  int transport;      /**< STOX_TRANSPORT_… */
  int is_lost;        /**< 1: where the request came from cannot be reached any more */
  stox_span maddr;    /**< absent: none */
  stox_span received; /**< the address the request came from; absent: as in `host` */
  uint32_t rport;     /**< the port it came from, if the client asked for it (RFC 3581); 0: none */
  stox_span host;     /**< sent-by */
  uint32_t port;      /**< sent-by; 0: none */
} stox_locate_reply;

/**
 * Begins a search for where to send a response (RFC 3261 18.2.2, RFC 3263 5). The connection that
 * a request came over comes before any of this. UDP: `maddr`, else `received` with `rport` or
 * sent-by's port, else sent-by. TCP and TLS: `received` with sent-by's port and, once `is_lost`,
 * sent-by by SRV.
 * @param[out] out as stox_locate_start()
 * @param arena as stox_locate_start()
 * @param reply from the Via
 * @param options NULL: defaults
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK begun
 * @retval STOX_E_UNSUPPORTED a transport that is not there
 * @retval other as stox_locate_start()
 */
STOX_API int stox_locate_start_reply(stox_locate **out, stox_arena *arena,
                                     const stox_locate_reply *reply,
                                     const stox_locate_options *options, uint64_t now_ns);

/**
 * The question to be answered now.
 * @param[out] out valid until the search's end
 * @param obj the search
 * @retval STOX_OK ask it
 * @retval STOX_E_NONE the search is over
 */
STOX_API int stox_locate_next(stox_question *out, const stox_locate *obj);

/**
 * Answers the question.
 * @param obj the search
 * @param status STOX_OK, also where there are no such records; otherwise nobody answered, and what
 * the search ends with is not kept in the cache
 * @param records the answer, copied as far as it is used
 * @param n how many
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK taken
 * @retval STOX_E_STATE no question is open
 * @retval STOX_E_NOMEM the arena is exhausted: the search is over without a result
 * @retval other the random source's status; the search is over without a result
 */
STOX_API int stox_locate_answer(stox_locate *obj, int status, const stox_record *records, size_t n,
                                uint64_t now_ns);

/**
 * The result: the places to try, in order.
 * @param[out] out in the arena
 * @param obj the search
 * @param index 0, 1, …
 * @retval STOX_OK given
 * @retval STOX_E_NONE no more places
 * @retval STOX_E_MORE a question is open
 * @retval STOX_E_UNKNOWN_DOMAIN nobody serves the domain: remote-server-not-found, 404
 * @retval STOX_E_TIMEOUT nothing was found, and a question was not answered: 408
 * @retval STOX_E_NOMEM and others: what stox_locate_answer() returned
 */
STOX_API int stox_locate_get(stox_location *out, const stox_locate *obj, size_t index);

STOX_END_DECLS

#endif
