/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The pluggable transport: a table of functions that carries out an engine's actions, and the pump
 * that moves actions from an engine to a transport.
 *
 * An engine does no I/O itself; a transport is one way to do it. Hosts that have their own loop
 * need neither: they call the engine's `next` and `done` themselves.
 */
#ifndef STOX_TRANSPORT_H
#define STOX_TRANSPORT_H

#include "stox/action.h"

STOX_BEGIN_DECLS

struct stox_record;

/** An engine as a transport sees it. Every function takes `engine` first. */
typedef struct stox_engine {
  size_t size;  /**< sizeof of this struct in the caller's build */
  void *engine; /**< the first argument of the functions */
  /** Octets came in on a flow; `n == 0`: the peer ended it. */
  int (*feed)(void *engine, const stox_flow *flow, stox_span bytes, uint64_t now_ns);
  /** An action is finished. For STOX_DO_OPEN and STOX_DO_SEND to a `remote`, `flow` is the flow
   * used. */
  int (*done)(void *engine, uint64_t token, int status, const stox_flow *flow, uint64_t now_ns);
  /** The queue of a flow is full (1) or has room again (0). */
  int (*hold)(void *engine, uint64_t handle, int full, uint64_t now_ns);
  /** The next action; NULL: none. */
  const stox_action *(*next)(void *engine);
  /** When `tick` is due; UINT64_MAX: never. */
  uint64_t (*deadline)(const void *engine);
  /** Time has passed. `wall_s`: seconds since 1970. */
  int (*tick)(void *engine, uint64_t now_ns, uint64_t wall_s);
  /** STOX_DO_RESOLVE is finished; `records` (stox/record.h) are valid for the call. NULL: the
   * engine asks nothing. */
  int (*resolved)(void *engine, uint64_t token, int status, const struct stox_record *records,
                  size_t n, uint64_t now_ns);
} stox_engine;

/** A transport. Every function takes `transport` first. */
typedef struct stox_transport {
  size_t size;     /**< sizeof of this struct in the caller's build */
  void *transport; /**< the first argument of the functions */
  /** Carries out one action of an engine; what finishes later calls the engine's `done`. */
  int (*perform)(void *transport, const stox_engine *engine, const stox_action *action,
                 uint64_t now_ns);
} stox_transport;

/**
 * Moves actions from an engine to a transport until the engine has none, at most `max` of them.
 * @param engine the engine
 * @param transport the transport
 * @param now_ns monotonic time
 * @param max bound on the actions moved; 0: 10,000
 * @retval STOX_OK the engine has no more actions
 * @retval STOX_E_MORE `max` reached
 * @retval status the first failure of `perform`; the pump goes on behind it
 */
STOX_API int stox_pump(const stox_engine *engine, const stox_transport *transport, uint64_t now_ns,
                       size_t max);

STOX_END_DECLS

#endif
