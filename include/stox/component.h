/* SPDX-License-Identifier: MIT */
/**
 * @file
 * A component's session with an XMPP server (XEP-0114), connecting side: a pulled state machine.
 *
 * *Local* (holds a reader): make it after fork. The session connects by itself, and again with
 * jittered back-off after each loss; the host carries out its actions.
 */
#ifndef STOX_COMPONENT_H
#define STOX_COMPONENT_H

#include "stox/action.h"
#include "stox/allocator.h"
#include "stox/limits.h"
#include "stox/random.h"
#include "stox/record.h"
#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** A session. */
typedef struct stox_component stox_component;

/** Events: `event` of a STOX_DO_EVENT action. */
enum {
  STOX_COMPONENT_READY = 1,  /**< authenticated; stanzas may be sent */
  STOX_COMPONENT_LOST = 2,   /**< the stream ended; `status` says why; it will connect again */
  STOX_COMPONENT_STANZA = 3, /**< `object` is a `const stox_stanza *`, valid until the next call */
  STOX_COMPONENT_STOPPED = 4 /**< after stox_component_stop(): the stream is closed */
};

/** Options; make them with stox_component_options_init(). Spans are copied. */
typedef struct stox_component_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  stox_span domain;            /**< the component's domain, as the server knows it */
  stox_span secret;            /**< the shared secret */
  stox_endpoint remote;        /**< the server's component port; a host by name, in A-labels, is
                                    asked for by STOX_DO_RESOLVE and its addresses tried in turn */
  uint64_t open_timeout_ns;    /**< from connecting to READY (10 s) */
  uint64_t backoff_min_ns;     /**< first pause after a loss, jittered from 0 (1 s) */
  uint64_t backoff_max_ns;     /**< longest pause (60 s) */
  uint64_t keepalive_ns;       /**< white space after this much silence of ours (60 s, 0: never) */
  const stox_limits *limits;   /**< NULL: defaults */
  const stox_allocator *alloc; /**< NULL: the C library's */
  const stox_random *random;   /**< for the jitter; must be given */
} stox_component_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_component_options_init(stox_component_options *out, size_t size);

/**
 * Makes a session, which asks to connect at its first stox_component_next().
 * @retval STOX_OK made
 * @retval STOX_E_ARG no domain, remote or random
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_component_new(stox_component **out, const stox_component_options *options,
                                uint64_t now_ns);

/** Ends a session at once; NULL is allowed. */
STOX_API void stox_component_del(stox_component *obj);

/** @return 1 if octets or completions of this flow are the session's */
STOX_API int stox_component_owns(const stox_component *obj, uint64_t handle);

/**
 * Takes octets of the session's flow; `n == 0`: the server ended it.
 * @retval STOX_OK taken; stox_component_next() gives what they hold
 * @retval STOX_E_STATE not the session's flow
 * @retval STOX_E_NOMEM the stream is given up
 */
STOX_API int stox_component_feed(stox_component *obj, const stox_flow *flow, stox_span bytes,
                                 uint64_t now_ns);

/**
 * Takes the completion of STOX_DO_OPEN.
 * @param obj the session
 * @param token the action's token
 * @param status STOX_OK or why it failed
 * @param flow the flow that was opened; NULL when it failed
 * @param now_ns monotonic time
 * @retval STOX_OK taken
 * @retval STOX_E_ARG not a token of this session's
 */
STOX_API int stox_component_done(stox_component *obj, uint64_t token, int status,
                                 const stox_flow *flow, uint64_t now_ns);

/**
 * Takes the answer to STOX_DO_RESOLVE.
 * @param obj the session
 * @param token the action's token
 * @param status STOX_OK, also where there are no such records; else nobody answered
 * @param records the answer, borrowed
 * @param n how many
 * @param now_ns monotonic time
 * @retval STOX_OK taken, also where it is not waited for any more
 * @retval STOX_E_ARG not a token of this session's
 */
STOX_API int stox_component_resolved(stox_component *obj, uint64_t token, int status,
                                     const stox_record *records, size_t n, uint64_t now_ns);

/** Back-pressure: while `full` is 1, what is sent waits here. STOX_OK, or STOX_E_STATE if the flow
 * is not the session's. */
STOX_API int stox_component_hold(stox_component *obj, uint64_t handle, int full, uint64_t now_ns);

/**
 * Sends octets of whole stanzas on the stream.
 * @retval STOX_OK queued; they leave with the next STOX_DO_SEND
 * @retval STOX_E_STATE not READY
 * @retval STOX_E_FULL 4 MiB wait already, because the flow is held
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_component_send(stox_component *obj, stox_span stanzas);

/** @return octets that wait to be sent */
STOX_API size_t stox_component_waiting(const stox_component *obj);

/** @return 1 between READY and LOST */
STOX_API int stox_component_is_ready(const stox_component *obj);

/** @return the next action, NULL: none; valid until the next call */
STOX_API const stox_action *stox_component_next(stox_component *obj, uint64_t now_ns);

/** @return when stox_component_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_component_deadline(const stox_component *obj);

/** Time has passed; STOX_OK. */
STOX_API int stox_component_tick(stox_component *obj, uint64_t now_ns);

/** Closes the stream in good order and connects no more. STOX_OK, or STOX_E_NOMEM: it is closed
 * without our end tag. */
STOX_API int stox_component_stop(stox_component *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
