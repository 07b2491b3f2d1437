/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A client's stream with its server, as the client sees it (RFC 6120 3 to 7): resolution,
 * connection with fail-over, STARTTLS or direct TLS, SASL and resource binding in one pulled state
 * machine. Credentials go in; a full JID and stanzas come out.
 *
 * *Local* (holds a reader): make it after fork.
 *
 * One object is one session: when STOX_STREAM_ON_CLOSED has been told, the host makes another if it
 * wants to (stox/backoff.h). Where it opens its own connections, it goes where a server sends it
 * before READY (see-other-host, RFC 6120 4.9.3.19), three times at most. After each call it pulls
 * stox_client_next() until that gives NULL.
 */
#ifndef STOX_CLIENT_H
#define STOX_CLIENT_H

#include "stox/attempt.h"
#include "stox/record.h"
#include "stox/sasl_client.h"
#include "stox/secure.h"
#include "stox/stream.h"

STOX_BEGIN_DECLS

/** The client's side of one stream. */
typedef struct stox_client stox_client;

/** Whether a flow without TLS is to get it. */
enum {
  STOX_CLIENT_TLS_REQUIRED = 0, /**< nothing goes on without it; it is asked for also where it is
                                     not offered (RFC 7590 3.1) */
  STOX_CLIENT_TLS_OPTIONAL = 1, /**< where it is offered */
  STOX_CLIENT_TLS_NONE = 2      /**< never */
};

/** Events beside those of a stream, of which it tells all but HEADER, FEATURES and SASL: `event` of
 * a STOX_DO_EVENT action, with what `object` points to. */
enum {
  STOX_CLIENT_ON_FAILURE = 32 /**< `const stox_sasl_message *`: the server refused `mechanism`, with
                                   `condition` and `text`; another may be tried */
};

/** Credentials that a callback gives. Zero-initialise, then fill. Copied. */
typedef struct stox_client_credentials {
  stox_span username; /**< simple user name */
  stox_span password; /**< its password */
} stox_client_credentials;

/** Options; make them with stox_client_options_init(). What they point to must outlive the object.
 */
typedef struct stox_client_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  int tls;                     /**< STOX_CLIENT_TLS_… (REQUIRED) */
  int is_lenient;              /**< 1: goes on with a server whose certificate is refused, and never
                                    gives it a password in the clear (0) */
  int families;                /**< STOX_ATTEMPT_… that can be reached (both) */
  uint32_t retries;            /**< how often `ask` is asked again after a refusal (2) */
  stox_endpoint remote;        /**< where to connect, with STOX_TRANSPORT_TLS or _TCP; absent: the
                                    domain is looked for (RFC 6120 3.2, XEP-0368); not looked at where
                                    there is a flow */
  uint64_t resolve_timeout_ns; /**< for one answer of the resolver (5 s) */
  uint64_t open_timeout_ns;    /**< for one connection (10 s) */
  stox_span resource;          /**< resource to be bound; absent: the server makes one */
  const stox_stream_options *stream; /**< the stream: `to`, the domain, `from`, the bare JID if it
                                          is to be told, limits, time-outs, `alloc`, and `random`,
                                          which must be given; role, kind, flow and security are set
                                          here */
  const stox_sasl_client_options *sasl; /**< SASL: `username`, `password`, `mechanisms`, …; domain
                                             and peer are set here, and what it has no `alloc` or
                                             `random` of is the stream's; -PLUS is used where the
                                             server tells a channel binding that is known (XEP-0440)
                                             or `mechanisms` has nothing else */
  void *ud;                             /**< the first argument of `ask` */
  /**
   * Asks for credentials where a mechanism is to be chosen; NULL: those of `sasl` are taken. Must
   * not longjmp or re-enter.
   * @param ud as given
   * @param condition STOX_SASL_NONE at first, then why the last ones were refused
   * @param[out] out credentials, absent: none
   * @return STOX_OK: given; STOX_E_MORE: stox_client_answer() will give them; else the client
   * closes
   */
  int (*ask)(void *ud, int condition, stox_client_credentials *out);
} stox_client_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_client_options_init(stox_client_options *out, size_t size);

/**
 * Makes the client's side of a stream.
 * @param[out] out the object; the caller's, free it with stox_client_del()
 * @param options what is wanted
 * @param flow an open flow, whose `peer` says whether TLS protects it already; NULL: STOX_DO_OPEN
 *        is asked for, with a `const stox_secure *` for STOX_TRANSPORT_TLS (XEP-0368), and before
 *        that STOX_DO_RESOLVE where no `remote` is given
 * @param now_ns monotonic time
 * @retval STOX_OK made
 * @retval STOX_E_ARG no stream, SASL, domain, random or family
 * @retval STOX_E_AUTH the flow's `peer` has a certificate that is not valid for the domain
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_client_new(stox_client **out, const stox_client_options *options,
                             const stox_flow *flow, uint64_t now_ns);

/** Ends it at once, without a word to the server; secrets are wiped. NULL is allowed. */
STOX_API void stox_client_del(stox_client *obj);

/** @return 1 if octets of this flow are the object's */
STOX_API int stox_client_owns(const stox_client *obj, uint64_t handle);

/** Takes octets of the flow, as stox_stream_feed(); STOX_E_STATE: not the object's flow. */
STOX_API int stox_client_feed(stox_client *obj, const stox_flow *flow, stox_span bytes,
                              uint64_t now_ns);

/**
 * Takes the completion of STOX_DO_OPEN or STOX_DO_START_TLS.
 * @param obj the object
 * @param token the action's token
 * @param status STOX_OK or why it failed
 * @param flow the flow, behind TLS with its `peer`; may be NULL where it failed
 * @param now_ns monotonic time
 * @retval STOX_OK taken; TLS without a `peer` that is secure, and names the domain, as a failure
 * @retval STOX_E_STATE nothing is under way by that token
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_client_done(stox_client *obj, uint64_t token, int status, const stox_flow *flow,
                              uint64_t now_ns);

/**
 * Takes the answer to STOX_DO_RESOLVE. Where one place cannot be reached the next is tried.
 * @param obj the object
 * @param token the action's token
 * @param status STOX_OK, also where there are no such records; otherwise nobody answered
 * @param records the answer, borrowed for the call
 * @param n how many
 * @param now_ns monotonic time
 * @retval STOX_OK taken, or too late
 * @retval STOX_E_STATE not a token of this object's questions
 */
STOX_API int stox_client_resolved(stox_client *obj, uint64_t token, int status,
                                  const stox_record *records, size_t n, uint64_t now_ns);

/**
 * Gives credentials for which the callback gave STOX_E_MORE. Until then nothing more is read.
 * @param obj the object
 * @param status STOX_OK, or why there are none: the client closes
 * @param credentials with STOX_OK
 * @param now_ns monotonic time
 * @retval STOX_OK taken
 * @retval STOX_E_STATE none are awaited
 */
STOX_API int stox_client_answer(stox_client *obj, int status,
                                const stox_client_credentials *credentials, uint64_t now_ns);

/** Back-pressure, as stox_stream_hold(). STOX_OK, or STOX_E_STATE if the flow is not the object's.
 */
STOX_API int stox_client_hold(stox_client *obj, uint64_t handle, int full);

/** Closes: an open stream in good order, a connection that is not made yet at once. STOX_OK, or
 * STOX_E_NOMEM: without our end tag. */
STOX_API int stox_client_close(stox_client *obj, uint64_t now_ns);

/** @return the stream, to send, ping or fail it, and for what is known of it; NULL before the
 * connection stands. It is pulled, fed, ticked and negotiated by this object alone. */
STOX_API stox_stream *stox_client_stream(const stox_client *obj);

/** @return the mechanism of the last exchange, STOX_SASL_…; 0: none */
STOX_API int stox_client_mechanism(const stox_client *obj);

/**
 * Gives the next action: RESOLVE, OPEN, SEND, START_TLS, CLOSE, EVENT. STOX_STREAM_ON_CLOSED is the
 * last; beside the stream's own its status may be STOX_E_AUTH: the credentials were refused, or the
 * server does not know them, or TLS failed; STOX_E_UNSUPPORTED: no mechanism in common, or no
 * binding is offered; STOX_E_REFUSED: no resource was granted; STOX_E_UNKNOWN_DOMAIN: nobody serves
 * the domain; or that of the last STOX_DO_OPEN, or of the callback.
 * @return NULL: none; valid until the next call
 */
STOX_API const stox_action *stox_client_next(stox_client *obj, uint64_t now_ns);

/** @return when stox_client_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_client_deadline(const stox_client *obj);

/** Time has passed; STOX_OK. */
STOX_API int stox_client_tick(stox_client *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
