/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Which next hops failed, and from when on they are worth another attempt (RFC 6120 3.3, RFC 3263
 * 4.3).
 *
 * After the first failure the wait is drawn between 0 and `first_s`; with each further one the
 * bound doubles up to `max_s`, and the wait is drawn from its upper half. The table is placeable:
 * every octet comes from its allocator.
 */
#ifndef STOX_BACKOFF_H
#define STOX_BACKOFF_H

#include "stox/allocator.h"
#include "stox/flow.h"
#include "stox/random.h"

STOX_BEGIN_DECLS

/** The table. */
typedef struct stox_backoff stox_backoff;

/** Options; make them with stox_backoff_options_init(). */
typedef struct stox_backoff_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_allocator *alloc; /**< stox_allocator_libc() */
  const stox_random *random;   /**< draws the waits and keys the hash; must be given */
  uint32_t max;                /**< next hops, 4096; the one that failed longest ago makes room */
  uint32_t first_s;            /**< bound of the first wait, 60 */
  uint32_t max_s;              /**< bound of all waits, 900; at least `first_s` */
} stox_backoff_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_backoff_options_init(stox_backoff_options *out, size_t size);

/**
 * Makes an empty table.
 * @retval STOX_OK made; delete it with stox_backoff_del()
 * @retval STOX_E_ARG no random source, or bounds that are none
 * @retval STOX_E_NOMEM no memory
 */
STOX_API int stox_backoff_new(stox_backoff **out, const stox_backoff_options *options);

/** Deletes a table; NULL is ignored. */
STOX_API void stox_backoff_del(stox_backoff *obj);

/**
 * An attempt failed: no connection, no answer in time, or 503.
 * @param obj the table
 * @param target an address, or a name; copied
 * @param retry_after_s the least wait, as the peer said; 0: it did not
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK noted
 * @retval STOX_E_BAD_HOST a host of more than 255 octets
 * @retval STOX_E_NOMEM no memory; the target is not held back
 * @retval other the random source's status; the same
 */
STOX_API int stox_backoff_failed(stox_backoff *obj, const stox_endpoint *target,
                                 uint32_t retry_after_s, uint64_t now_ns);

/** An attempt worked: whatever was noted of the target is forgotten. */
STOX_API void stox_backoff_worked(stox_backoff *obj, const stox_endpoint *target);

/** @return when the target may be tried again; 0: at any time */
STOX_API uint64_t stox_backoff_until(const stox_backoff *obj, const stox_endpoint *target,
                                     uint64_t now_ns);

STOX_END_DECLS

#endif
