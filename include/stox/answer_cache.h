/* SPDX-License-Identifier: MIT */
/**
 * @file
 * DNS answers that still hold, the negative ones (RFC 2308) among them.
 *
 * Which protocol a domain speaks is kept by stox/location.h; this is for the resolver below. The
 * cache is placeable: every octet comes from its allocator.
 */
#ifndef STOX_ANSWER_CACHE_H
#define STOX_ANSWER_CACHE_H

#include "stox/allocator.h"
#include "stox/record.h"

STOX_BEGIN_DECLS

/** The cache. */
typedef struct stox_answer_cache stox_answer_cache;

/** Options; make them with stox_answer_cache_options_init(). */
typedef struct stox_answer_cache_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_allocator *alloc; /**< stox_allocator_libc() */
  const stox_random *random;   /**< keys the hash; must be given */
  uint32_t max;                /**< answers, 4096; the oldest makes room */
  uint32_t max_ttl_s;          /**< longest time for records, 3600 */
  uint32_t max_negative_ttl_s; /**< longest time for "none", 300 */
} stox_answer_cache_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_answer_cache_options_init(stox_answer_cache_options *out, size_t size);

/**
 * Makes an empty cache.
 * @retval STOX_OK made; delete it with stox_answer_cache_del()
 * @retval STOX_E_ARG no random source
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_answer_cache_new(stox_answer_cache **out,
                                   const stox_answer_cache_options *options);

/** Deletes a cache; NULL is ignored. */
STOX_API void stox_answer_cache_del(stox_answer_cache *obj);

/**
 * Keeps an answer for as long as the least of its records' TTL says; replaces what was kept.
 * @param obj the cache
 * @param question name in A-labels and lower case, as stox_locate_next() gives it
 * @param records copied; those behind STOX_RECORDS_MAX are not
 * @param n how many; 0: there are none
 * @param negative_ttl_s for how long there are none (`n` 0); 0: not to be kept
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK kept, or by its TTL not to be kept
 * @retval STOX_E_TOO_LONG a name or a string of more than 1,024 octets
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_answer_cache_put(stox_answer_cache *obj, const stox_question *question,
                                   const stox_record *records, size_t n, uint32_t negative_ttl_s,
                                   uint64_t now_ns);

/**
 * Finds an answer.
 * @param[out] out its records with what is left of their time; valid until the next call on `obj`
 * @param[out] n how many; 0: there are none, for certain
 * @param obj the cache
 * @param question as for stox_answer_cache_put()
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK found
 * @retval STOX_E_NONE not known, or no longer
 */
STOX_API int stox_answer_cache_get(const stox_record **out, size_t *n, stox_answer_cache *obj,
                                   const stox_question *question, uint64_t now_ns);

/** Forgets everything. */
STOX_API void stox_answer_cache_flush(stox_answer_cache *obj);

/** Drops what no longer holds. @return how many answers that were */
STOX_API size_t stox_answer_cache_expire(stox_answer_cache *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
