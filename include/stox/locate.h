/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Which protocol does a domain speak, and where? (RFC 7247 5, RFC 3263, RFC 6120 3.2)
 *
 * A step machine without I/O: stox_locate_next() gives the next question for the host's resolver,
 * stox_locate_answer() takes the records, until stox_locate_get() has the answer. The order is:
 * static table, cache, the asking side's own SRV (and NAPTR), the other protocol's, and only then
 * the addresses of the domain, which say nothing about a protocol. An SRV target of `.` is an
 * explicit no (RFC 2782). A search is placeable with its arena and its table.
 */
#ifndef STOX_LOCATE_H
#define STOX_LOCATE_H

#include "stox/arena.h"
#include "stox/location.h"
#include "stox/record.h"

STOX_BEGIN_DECLS

/** Bits for the transports towards SIP. */
enum {
  STOX_LOCATE_UDP = 1 << 1, /**< 1 << STOX_TRANSPORT_UDP */
  STOX_LOCATE_TCP = 1 << 2,
  STOX_LOCATE_TLS = 1 << 3
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
