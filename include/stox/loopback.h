/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A transport in memory: engines joined by address, a clock that the caller turns, faults on
 * demand.
 *
 * For tests of engines and of hosts; deterministic. *Placeable*.
 */
#ifndef STOX_LOOPBACK_H
#define STOX_LOOPBACK_H

#include "stox/allocator.h"
#include "stox/transport.h"

STOX_BEGIN_DECLS

/** A loopback network. */
typedef struct stox_loopback stox_loopback;

/** What the network does to a datagram or to octets of a stream. */
enum {
  STOX_LOOPBACK_PASS = 0,
  STOX_LOOPBACK_DROP = 1,  /**< a datagram is lost; on a stream: both ends see it closed */
  STOX_LOOPBACK_TWICE = 2, /**< a datagram arrives twice */
  STOX_LOOPBACK_REFUSE = 3 /**< sending or opening fails with STOX_E_REFUSED */
};

/** Options of the network; make them with stox_loopback_options_init(). */
typedef struct stox_loopback_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_allocator *alloc; /**< NULL: the C library's */
  uint64_t delay_ns;           /**< time in flight (0) */
  uint32_t segment;            /**< octets of a stream delivered at once, 0: all */
  uint32_t spare;              /**< 0 */
  void *ud;                    /**< the first argument of `fault` */
  /** Decides about each send and open; returns STOX_LOOPBACK_…; NULL: pass. */
  int (*fault)(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes);
  /** Sees everything delivered; may be NULL. */
  void (*trace)(void *ud, const stox_endpoint *from, const stox_endpoint *to, stox_span bytes);
} stox_loopback_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_loopback_options_init(stox_loopback_options *out, size_t size);

/** Makes a network; STOX_OK, STOX_E_NOMEM, STOX_E_ARG. */
STOX_API int stox_loopback_new(stox_loopback **out, const stox_loopback_options *options);

/** Ends a network; the engines stay. */
STOX_API void stox_loopback_del(stox_loopback *net);

/**
 * Joins an engine, which must outlive the network, to one more address.
 * @param net the network
 * @param engine the engine's functions; copied
 * @param local where it listens
 * @retval STOX_OK joined
 * @retval STOX_E_ARG the address is taken
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_loopback_join(stox_loopback *net, const stox_engine *engine,
                                const stox_endpoint *local);

/** Ends every stream of an address from outside, as when a process dies; both ends see it.
 * STOX_OK, or STOX_E_ARG if nobody joined there. */
STOX_API int stox_loopback_cut(stox_loopback *net, const stox_endpoint *local, uint64_t now_ns);

/** Holds the octets of all flows to an address back (1) or lets them go (0), telling the senders.
 * STOX_OK, or STOX_E_ARG if nobody joined there. */
STOX_API int stox_loopback_hold(stox_loopback *net, const stox_endpoint *local, int full,
                                uint64_t now_ns);

/**
 * Delivers, pumps and ticks until nothing happens before `until_ns`, moving `*now_ns` as time
 * passes.
 * @retval STOX_OK quiet until then
 * @retval STOX_E_LIMIT more than 1,000,000 steps: the engines keep each other busy
 */
STOX_API int stox_loopback_run(stox_loopback *net, uint64_t *now_ns, uint64_t until_ns);

STOX_END_DECLS

#endif
