/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Where a domain is served and by which protocol: what is known beforehand (the static table) and
 * what was found out (the cache; RFC 7247 5).
 *
 * The table is placeable: every octet comes from its allocator.
 */
#ifndef STOX_LOCATION_H
#define STOX_LOCATION_H

#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/span.h"

STOX_BEGIN_DECLS

/** Protocols. */
enum {
  STOX_PROTOCOL_NONE = 0, /**< neither, or not known */
  STOX_PROTOCOL_SIP = 1,
  STOX_PROTOCOL_XMPP = 2
};

/** How a location was found. */
enum {
  STOX_LOCATED_STATIC = 1,
  STOX_LOCATED_CACHE = 2,
  STOX_LOCATED_NAPTR = 3,  /**< NAPTR, then SRV (RFC 3263 4.1) */
  STOX_LOCATED_SRV = 4,    /**< SRV */
  STOX_LOCATED_ADDRESS = 5 /**< A or AAAA, or the domain is an address */
};

/** One place to try. */
typedef struct stox_location {
  int protocol;     /**< STOX_PROTOCOL_… */
  int source;       /**< STOX_LOCATED_… */
  int transport;    /**< STOX_TRANSPORT_…; NONE: the host knows */
  int schemes;      /**< STOX_MAP_SUPPORTS_… of the domain, where it was asked */
  uint32_t port;    /**< 0: the host knows */
  uint32_t ttl_s;   /**< seconds for which it holds */
  stox_span target; /**< host name in A-labels, or an address without brackets; absent: the host
                         knows */
} stox_location;

/** Most places that are kept for one domain. */
enum { STOX_LOCATIONS_MAX = 16 };

/** For whom a location holds: a domain may speak both protocols, and each side prefers its own. */
typedef struct stox_location_key {
  stox_span domain; /**< A-labels or U-labels */
  int side;         /**< STOX_PROTOCOL_… of who asks */
  int secure; /**< 1: TLS only; the bits above the first tell searches of other options apart */
} stox_location_key;

/** The table. */
typedef struct stox_locations stox_locations;

/** Options of the table; make them with stox_locations_options_init(). */
typedef struct stox_locations_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_allocator *alloc; /**< stox_allocator_libc() */
  const stox_random *random;   /**< keys the hash; must be given */
  uint32_t max;                /**< entries of the cache, 4096; the oldest makes room */
} stox_locations_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_locations_options_init(stox_locations_options *out, size_t size);

/**
 * Makes an empty table.
 * @retval STOX_OK made; delete it with stox_locations_del()
 * @retval STOX_E_ARG no random source
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_locations_new(stox_locations **out, const stox_locations_options *options);

/** Deletes a table; NULL is ignored. */
STOX_API void stox_locations_del(stox_locations *obj);

/**
 * Says once and for all where a domain is, for both sides; replaces what was said before.
 * @param obj the table
 * @param domain A-labels or U-labels
 * @param location copied; without a target only the protocol is settled; NULL: takes the entry back
 * @retval STOX_OK set
 * @retval STOX_E_BAD_DOMAIN not a domain
 * @retval STOX_E_NOMEM no memory; what was said before still holds
 */
STOX_API int stox_locations_set(stox_locations *obj, stox_span domain,
                                const stox_location *location);

/**
 * Keeps what was found out for `locations[0].ttl_s` seconds, 0: not at all; replaces what was kept.
 * @param obj the table
 * @param key for whom it holds
 * @param locations in the order to be tried, copied; protocol NONE: nobody serves the domain
 * @param n 1 … STOX_LOCATIONS_MAX
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK kept
 * @retval STOX_E_BAD_DOMAIN not a domain
 * @retval STOX_E_ARG `n` out of range
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_locations_insert(stox_locations *obj, const stox_location_key *key,
                                   const stox_location *locations, size_t n, uint64_t now_ns);

/**
 * Finds a domain, in the static table first.
 * @param[out] out the places; valid until the next call that changes the table
 * @param[out] n how many
 * @param obj the table
 * @param key for whom
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK found
 * @retval STOX_E_NONE not known, or no longer
 * @retval STOX_E_BAD_DOMAIN not a domain
 */
STOX_API int stox_locations_find(const stox_location **out, size_t *n, const stox_locations *obj,
                                 const stox_location_key *key, uint64_t now_ns);

/** Forgets what was found out about a domain, for both sides; absent: about all domains. */
STOX_API void stox_locations_flush(stox_locations *obj, stox_span domain);

/** Drops what no longer holds. @return how many entries that were */
STOX_API size_t stox_locations_expire(stox_locations *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
