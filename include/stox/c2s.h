/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A client's stream as its server sees it (RFC 6120 4 to 7): stream, STARTTLS, SASL and resource
 * binding in one pulled state machine. A flow goes in; a full JID and stanzas come out.
 *
 * *Local* (holds a reader): make it after fork.
 *
 * It offers and demands TLS, offers the mechanisms that fit the flow, asks for credentials, and
 * restarts the stream where that is due. The host owns TLS (STOX_DO_START_TLS), the accounts, and
 * the resources: it is told of STOX_STREAM_ON_BIND and answers with stox_stream_bind_accept() or
 * stox_stream_bind_refuse(). After each call it pulls stox_c2s_next() until that gives NULL.
 */
#ifndef STOX_C2S_H
#define STOX_C2S_H

#include "stox/sasl_server.h"
#include "stox/secure.h"
#include "stox/stream.h"

STOX_BEGIN_DECLS

/** The server's side of one client's stream. */
typedef struct stox_c2s stox_c2s;

/** Whether a flow without TLS is to get it. */
enum {
  STOX_C2S_TLS_REQUIRED = 0, /**< nothing goes on without it */
  STOX_C2S_TLS_OPTIONAL = 1, /**< it is offered */
  STOX_C2S_TLS_NONE = 2      /**< it is not offered */
};

/** Events beside those of a stream, of which it tells all but HEADER, FEATURES and SASL: `event` of
 * a STOX_DO_EVENT action, with what `object` points to. CLOSED is the last one here, too. */
enum {
  STOX_C2S_ON_FAILURE = 32 /**< `const stox_sasl_message *`: the client was refused, with
                                `mechanism` and `condition`; it may try again */
};

/** Options; make them with stox_c2s_options_init(). What they point to must outlive the object, but
 * for `stream`; one set of them serves all streams of a server. */
typedef struct stox_c2s_options {
  size_t size;                          /**< sizeof of this struct in the caller's build */
  int tls;                              /**< STOX_C2S_TLS_… (REQUIRED) */
  int spare;                            /**< 0 */
  const stox_span *domains;             /**< the domains served, prepared */
  size_t n_domains;                     /**< entries there, at least one */
  const stox_stream_options *stream;    /**< the stream: limits, time-outs, `alloc`, `random`, which
                                             must be given; role, kind, addresses, flow and security
                                             are set here */
  const stox_sasl_server_options *sasl; /**< SASL: `ask`, `mechanisms`, `decoy_secret`, …; domain,
                                             `from` and peer are set here, and what it has no
                                             `alloc` or `random` of is the stream's; what
                                             stox_sasl_server_new() refuses ends each stream */
  const stox_stream_offer *offer;       /**< features beside TLS, SASL and binding; NULL: none */
  void *ud; /**< the first argument of `sasl->ask` for this stream; NULL: `sasl->ud` */
} stox_c2s_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_c2s_options_init(stox_c2s_options *out, size_t size);

/**
 * Makes the server's side of a client's stream.
 * @param[out] out the object; the caller's, free it with stox_c2s_del()
 * @param options what is allowed
 * @param flow as it comes with its first octets, which are to be fed; its `peer` says whether TLS
 *        protects it already (XEP-0368)
 * @param now_ns monotonic time
 * @retval STOX_OK made
 * @retval STOX_E_ARG no domain, stream, SASL or handle, or what stox_stream_new() refuses
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_c2s_new(stox_c2s **out, const stox_c2s_options *options, const stox_flow *flow,
                          uint64_t now_ns);

/** Ends it at once, without a word to the client; secrets are wiped. NULL is allowed. */
STOX_API void stox_c2s_del(stox_c2s *obj);

/** Takes octets of the flow, as stox_stream_feed(); STOX_E_STATE: not the object's flow. */
STOX_API int stox_c2s_feed(stox_c2s *obj, const stox_flow *flow, stox_span bytes, uint64_t now_ns);

/**
 * Takes the completion of STOX_DO_START_TLS, whose `object` is a `const stox_secure *`: where
 * EXTERNAL is allowed, a certificate of the client is asked for, and need not be there.
 * @param obj the object
 * @param token the action's token
 * @param status STOX_OK or why there is no TLS
 * @param flow the flow, with its `peer`; may be NULL where there is no TLS
 * @param now_ns monotonic time
 * @retval STOX_OK taken; without a `peer` that is secure, as a failure
 * @retval STOX_E_STATE no TLS is under way, or not by that token
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_c2s_done(stox_c2s *obj, uint64_t token, int status, const stox_flow *flow,
                           uint64_t now_ns);

/**
 * Answers a question of SASL for which the callback gave STOX_E_MORE. Until then nothing more is
 * read.
 * @param obj the object
 * @param status as the callback would have returned it, not STOX_E_MORE
 * @param answer NULL: the default
 * @param now_ns monotonic time
 * @retval STOX_OK taken
 * @retval STOX_E_STATE no question is open
 * @retval STOX_E_ARG `status` is STOX_E_MORE
 */
STOX_API int stox_c2s_answer(stox_c2s *obj, int status, const stox_sasl_answer *answer,
                             uint64_t now_ns);

/** Back-pressure, as stox_stream_hold(). STOX_OK, or STOX_E_STATE if the flow is not the object's.
 */
STOX_API int stox_c2s_hold(stox_c2s *obj, uint64_t handle, int full);

/** @return the stream, to bind, send, ping, close or fail it, and for what is known of it; it
 * is pulled, fed, ticked and negotiated by this object alone */
STOX_API stox_stream *stox_c2s_stream(const stox_c2s *obj);

/** @return the mechanism by which the client was authenticated, STOX_SASL_…; 0: it was not */
STOX_API int stox_c2s_mechanism(const stox_c2s *obj);

/** @return the next action (SEND, START_TLS, CLOSE, EVENT), NULL: none; valid until the next call
 */
STOX_API const stox_action *stox_c2s_next(stox_c2s *obj, uint64_t now_ns);

/** @return when stox_c2s_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_c2s_deadline(const stox_c2s *obj);

/** Time has passed; STOX_OK. */
STOX_API int stox_c2s_tick(stox_c2s *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
