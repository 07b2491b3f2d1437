/* SPDX-License-Identifier: MIT */
/**
 * @file
 * libstox-uv: the transport over libuv. UDP and TCP, IPv4 and IPv6, connection reuse, bounded
 * queues.
 *
 * One object belongs to one loop and one thread. It drives one engine: octets in, actions out,
 * time.
 */
#ifndef STOX_UV_H
#define STOX_UV_H

#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/transport.h"
#include "stox/uv_resolver.h"

STOX_BEGIN_DECLS

/** A transport on a libuv loop. */
typedef struct stox_uv stox_uv;

/** Options; make them with stox_uv_options_init(). */
typedef struct stox_uv_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  void *loop;                  /**< the `uv_loop_t *`; NULL: stox_uv_new() makes one of its own */
  const stox_allocator *alloc; /**< NULL: the C library's */
  size_t queue_octets;         /**< octets waiting on one flow before `hold` (1 MiB) */
  uint32_t connections;        /**< most streams at once (4,096) */
  uint32_t backlog;            /**< of listening sockets (128) */
  uint64_t connect_timeout_ns; /**< 5 s */
  uint64_t idle_timeout_ns;    /**< a stream without traffic is closed after this (0: never) */
  void *ud;                    /**< the first argument of `trace` */
  /** Sees all octets that cross a socket: `is_out` 1 when sent; may be NULL. */
  void (*trace)(void *ud, int is_out, const stox_flow *flow, stox_span bytes, uint64_t now_ns);
  stox_uv_resolver *resolver; /**< answers STOX_DO_RESOLVE; of the same loop, must outlive the
                                   transport; NULL: what an engine asks is refused */
} stox_uv_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_uv_options_init(stox_uv_options *out, size_t size);

/**
 * Makes a transport for an engine.
 * @param[out] out the transport
 * @param engine the engine's functions, copied; the engine must outlive the transport
 * @param options NULL: defaults
 * @retval STOX_OK made
 * @retval STOX_E_NOMEM STOX_E_ARG not made
 */
STOX_API int stox_uv_new(stox_uv **out, const stox_engine *engine, const stox_uv_options *options);

/** Closes all sockets and ends the transport; runs the loop until they are closed. */
STOX_API void stox_uv_del(stox_uv *uv);

/**
 * Listens on an address.
 * @param uv the transport
 * @param[in,out] local host an IP address; port 0: any, and the port chosen is written back
 * @retval STOX_OK listening
 * @retval STOX_E_BAD_HOST no IP address
 * @retval STOX_E_REFUSED the system refused (in use, no right)
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_uv_listen(stox_uv *uv, stox_endpoint *local);

/** Runs the engine's first actions and then the loop until stox_uv_stop(); STOX_OK. */
STOX_API int stox_uv_run(stox_uv *uv);

/** Makes stox_uv_run() return; may be called from a callback of the loop. */
STOX_API void stox_uv_stop(stox_uv *uv);

/** Pumps the engine's actions; call it after calling the engine from outside the loop's callbacks.
 * STOX_OK, or the first status other than STOX_OK of an action that could not be begun. */
STOX_API int stox_uv_kick(stox_uv *uv);

/** @return the loop, an `uv_loop_t *` */
STOX_API void *stox_uv_loop(stox_uv *uv);

/** @return the monotonic time of the loop in nanoseconds */
STOX_API uint64_t stox_uv_now(const stox_uv *uv);

/** @return a secure source of randomness from the system, shareable */
STOX_API const stox_random *stox_uv_random(void);

/** Counters of a transport. */
typedef struct stox_uv_counters {
  size_t size;            /**< sizeof of this struct in the caller's build */
  uint64_t octets_in;     /**< octets received */
  uint64_t octets_out;    /**< octets sent */
  uint64_t datagrams_in;  /**< datagrams received */
  uint64_t datagrams_out; /**< datagrams sent */
  uint64_t opened;        /**< streams opened */
  uint64_t accepted;      /**< streams accepted */
  uint64_t closed;        /**< streams closed */
  uint64_t failed;        /**< sends and opens that failed */
  uint64_t held;          /**< times a flow was full */
} stox_uv_counters;

/** Reads the counters; STOX_OK or STOX_E_ARG. */
STOX_API int stox_uv_get_counters(stox_uv_counters *out, size_t size, const stox_uv *uv);

STOX_END_DECLS

#endif
