/* SPDX-License-Identifier: MIT */
/**
 * @file
 * libstox-uv: the transport over libuv. UDP, TCP and TLS, IPv4 and IPv6, connection reuse, bounded
 * queues.
 *
 * One object belongs to one loop and one thread. It drives one engine: octets in, actions out,
 * time.
 *
 * TLS (stox/tls.h) is begun by STOX_DO_START_TLS, by STOX_DO_OPEN and STOX_DO_SEND to a `remote`
 * with STOX_TRANSPORT_TLS, as their stox_secure says, and on what listens with that transport. The
 * token of a send comes back when the kernel has its ciphertext. A peer's close notification ends
 * the flow once what waits was sent; where a wire ends without one, what waits is given back with
 * STOX_E_TRUNCATED. A connection made for STOX_DO_SEND with TLS serves a later one to the same
 * address only if it asks for the same name in the same way (RFC 5922 7.3), and no connection that
 * was accepted serves one without its handle.
 */
#ifndef STOX_UV_H
#define STOX_UV_H

#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/secure.h"
#include "stox/tls.h"
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
  void *ud;                    /**< the first argument of `trace`, `wall_s`, `secured` and
                                    `undecided` */
  /** Sees all octets that cross a socket: `is_out` 1 when sent; may be NULL. Of a flow with TLS it
   * sees the plaintext, secrets such as passwords included. */
  void (*trace)(void *ud, int is_out, const stox_flow *flow, stox_span bytes, uint64_t now_ns);
  stox_uv_resolver *resolver;  /**< answers STOX_DO_RESOLVE; of the same loop, must outlive the
                                    transport; NULL: what an engine asks is refused */
  const stox_tls_context *tls; /**< TLS: our certificates; must outlive the transport; NULL
                                    (default): what asks for TLS is refused */
  const stox_chain_rules *tls_rules; /**< TLS: how peers are judged: anchors, pins, revocation;
                                          copied, but for what it points to; time, name and
                                          purposes are set for each session; NULL: nobody is
                                          trusted (default) */
  uint64_t handshake_timeout_ns;     /**< TLS: for a whole handshake (10 s) */
  uint32_t resumptions; /**< TLS: servers whose last session is remembered to be resumed (0) */
  uint32_t spare;       /**< 0 */
  /** Seconds since 1970, by which certificates are judged; NULL: the system's clock. */
  uint64_t (*wall_s)(void *ud);
  /** TLS: told how each handshake ended, with the session to be asked for the verdict, the alert,
   * the cipher; may be NULL. `tls` is valid for the call. */
  void (*secured)(void *ud, const stox_flow *flow, int status, const stox_tls *tls);
  /** TLS: told that a handshake waits because a callback of `tls_rules` said STOX_E_MORE, each time
   * it does: stox_uv_decide() goes on with it, else its time-out ends it; may be NULL. `tls` is
   * valid for the call. */
  void (*undecided)(void *ud, const stox_flow *flow, const stox_tls *tls);
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
 * Listens on an address. With STOX_TRANSPORT_TLS clients are not asked for a certificate; see
 * stox_uv_listen_secure().
 * @param uv the transport
 * @param[in,out] local host an IP address; port 0: any, and the port chosen is written back
 * @retval STOX_OK listening
 * @retval STOX_E_BAD_HOST no IP address
 * @retval STOX_E_REFUSED the system refused (in use, no right)
 * @retval STOX_E_UNSUPPORTED no such transport, or TLS without a context
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_uv_listen(stox_uv *uv, stox_endpoint *local);

/**
 * Listens on an address for flows that begin with TLS (XEP-0368, RFC 5922 7.5).
 * @param uv the transport
 * @param[in,out] local as stox_uv_listen()
 * @param secure copied; `is_server` is not looked at. With a `reference` clients are asked for a
 * certificate: without one they are let in only if `is_lenient` is set; without a `name` any that
 * is trusted will do, and who it is stands in the flow's `peer`.
 * @retval STOX_E_ARG more protocols than there may be
 * @retval other as stox_uv_listen()
 */
STOX_API int stox_uv_listen_secure(stox_uv *uv, stox_endpoint *local, const stox_secure *secure);

/**
 * Has the peer of a handshake that waits judged again, now that the callbacks of `tls_rules` know
 * more. How it ends is told as ever.
 * @param uv the transport
 * @param handle of the flow that `undecided` was told of
 * @retval STOX_OK it goes on, waits again, or has ended
 * @retval STOX_E_STATE no handshake waits there
 */
STOX_API int stox_uv_decide(stox_uv *uv, uint64_t handle);

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
  uint64_t octets_in;     /**< octets received; of TLS the plaintext */
  uint64_t octets_out;    /**< octets sent; of TLS the plaintext */
  uint64_t datagrams_in;  /**< datagrams received */
  uint64_t datagrams_out; /**< datagrams sent */
  uint64_t opened;        /**< streams opened */
  uint64_t accepted;      /**< streams accepted */
  uint64_t closed;        /**< streams closed */
  uint64_t failed;        /**< sends and opens that failed */
  uint64_t held;          /**< times a flow was full */
  uint64_t secured;       /**< handshakes of TLS that succeeded */
  uint64_t resumed;       /**< of them, resumed an earlier session */
  uint64_t insecure;      /**< handshakes of TLS that failed, a silent peer's included */
  uint64_t truncated;     /**< flows with TLS that ended without a close notification */
} stox_uv_counters;

/** Reads the counters; STOX_OK or STOX_E_ARG. */
STOX_API int stox_uv_get_counters(stox_uv_counters *out, size_t size, const stox_uv *uv);

STOX_END_DECLS

#endif
