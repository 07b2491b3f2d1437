/* SPDX-License-Identifier: MIT */
/**
 * @file
 * IQ semantics (RFC 6120 8.2.3): what an iq must look like, what becomes of one that arrives, and
 * which request a response belongs to.
 *
 * Tracker: *placeable*; `ud` pointers of allocator and random source are kept as given.
 */
#ifndef STOX_IQ_H
#define STOX_IQ_H

#include "stox/allocator.h"
#include "stox/random.h"
#include "stox/stanza.h"

STOX_BEGIN_DECLS

/** Requests that wait for their responses. */
typedef struct stox_iq_tracker stox_iq_tracker;

/** Options; make them with stox_iq_tracker_options_init(). */
typedef struct stox_iq_tracker_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  const stox_allocator *alloc; /**< NULL: the C library's */
  const stox_random *random;   /**< must be given: ids, and the key of the table */
  stox_span account;   /**< prepared bare JID that requests without `to` are handled for, copied;
                            absent: none */
  uint64_t timeout_ns; /**< until a response is given up (30 s) */
  uint32_t max;        /**< requests at once (4,096) */
  uint32_t spare;      /**< 0 */
} stox_iq_tracker_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_iq_tracker_options_init(stox_iq_tracker_options *out, size_t size);

/**
 * Makes an empty tracker.
 * @retval STOX_OK `out` is the caller's, to be ended with stox_iq_tracker_del()
 * @retval STOX_E_ARG no random source, or `max` or `timeout_ns` of 0
 * @retval STOX_E_NOMEM memory
 * @retval status that of the random source
 */
STOX_API int stox_iq_tracker_new(stox_iq_tracker **out, const stox_iq_tracker_options *options);

/** Ends a tracker and forgets what it holds; NULL is allowed. */
STOX_API void stox_iq_tracker_del(stox_iq_tracker *obj);

/** Octets of an id made by stox_iq_id_write(). */
enum { STOX_IQ_ID_SIZE = 24 };

/**
 * Appends an id that nobody can guess and nobody had before (RFC 6120 8.1.3): STOX_IQ_ID_SIZE
 * octets, 120 random bits.
 * @retval STOX_OK appended
 * @retval STOX_E_NOBUF counted only
 * @retval status that of the random source; nothing appended
 */
STOX_API int stox_iq_id_write(stox_buf *out, const stox_random *random);

/**
 * Notes a request that is being sent.
 * @param obj the tracker
 * @param peer its `to`, prepared; absent: none
 * @param id its `id`; copied like `peer`
 * @param handle the host's name for it
 * @param now_ns monotonic time
 * @retval STOX_OK noted
 * @retval STOX_E_STATE that id is in use with that peer
 * @retval STOX_E_ARG no id
 * @retval STOX_E_FULL `max` requests wait
 * @retval STOX_E_NOMEM memory
 */
STOX_API int stox_iq_tracker_add(stox_iq_tracker *obj, stox_span peer, stox_span id,
                                 uint64_t handle, uint64_t now_ns);

/**
 * Finds the request that a response answers, and forgets it. The addresses are compared as they
 * are: a sender's address must be prepared. No sender is the account (RFC 6120 8.1.2.1).
 * @param obj the tracker
 * @param[out] handle that of stox_iq_tracker_add()
 * @param peer `from` of the response; absent: none
 * @param id `id` of the response
 * @retval STOX_OK found
 * @retval STOX_E_NONE no such request waits: ignore the response
 */
STOX_API int stox_iq_tracker_take(stox_iq_tracker *obj, uint64_t *handle, stox_span peer,
                                  stox_span id);

/** @return when stox_iq_tracker_expire() has something to give; UINT64_MAX: never */
STOX_API uint64_t stox_iq_tracker_deadline(const stox_iq_tracker *obj);

/**
 * Gives up one request whose time is over, the oldest first: for its sender it is
 * remote-server-timeout. Call until STOX_E_NONE; with `now_ns` of UINT64_MAX all are given up, as
 * when the stream is lost.
 * @param obj the tracker
 * @param[out] handle that of stox_iq_tracker_add()
 * @param now_ns monotonic time
 * @retval STOX_OK one was given up
 * @retval STOX_E_NONE none is due
 */
STOX_API int stox_iq_tracker_expire(stox_iq_tracker *obj, uint64_t *handle, uint64_t now_ns);

/** @return how many requests wait */
STOX_API size_t stox_iq_tracker_count(const stox_iq_tracker *obj);

/**
 * Checks an iq (RFC 6120 8.2.3): an id, one of the four types, one child element in get and set, at
 * most one in a result. An error without an error element passes: it says undefined-condition.
 * @retval STOX_OK it is as it must be
 * @retval STOX_E_BAD_STANZA it is not
 */
STOX_API int stox_iq_check(const stox_stanza *iq);

/** Bits of what a handler takes. */
enum { STOX_IQ_TAKES_GET = 1, STOX_IQ_TAKES_SET = 2 };

/** What a host understands: requests whose child is of that name. */
typedef struct stox_iq_handler {
  const char *ns;   /**< namespace of the child */
  const char *name; /**< its name; NULL: any */
  uint32_t takes;   /**< STOX_IQ_TAKES_… */
  uint32_t spare;   /**< 0 */
  uint64_t handle;  /**< the host's name for it */
} stox_iq_handler;

/** What becomes of an iq. */
enum {
  STOX_IQ_HANDLE = 1,   /**< a request for the handler `handle`, with `payload` */
  STOX_IQ_RESPONSE = 2, /**< a response to the request `handle` */
  STOX_IQ_REFUSE = 3,   /**< a request: answer it with `condition` and `type` */
  STOX_IQ_IGNORE = 4    /**< a response that nobody waits for: say nothing */
};

/** What becomes of an iq, and why. */
typedef struct stox_iq_verdict {
  int action;                      /**< STOX_IQ_… */
  int condition;                   /**< STOX_IQ_REFUSE: STOX_COND_…, else STOX_COND_NONE */
  int type;                        /**< STOX_IQ_REFUSE: STOX_ERROR_… */
  int is_broken;                   /**< 1: stox_iq_check() refuses it */
  uint64_t handle;                 /**< HANDLE: the handler's; RESPONSE: the request's */
  const stox_xml_element *payload; /**< its first child that is no error; NULL: none */
} stox_iq_verdict;

/**
 * Decides about an iq that arrived for the host itself. Requests: bad-request if they are broken,
 * service-unavailable if their namespace is not known (RFC 6120 10.3.3), feature-not-implemented if
 * it is and their name or type is not. Responses: to the request that waits, else ignored; never
 * answered. A broken response still ends its request.
 * @param[out] out the verdict
 * @param iq the iq, as stox_stanza_read() left it, also with STOX_E_BAD_STANZA; `from` prepared
 * @param tracker requests that wait; NULL: none
 * @param handlers what is understood
 * @param n entries at `handlers`
 * @retval STOX_OK decided
 * @retval STOX_E_ARG it is not an iq
 */
STOX_API int stox_iq_decide(stox_iq_verdict *out, const stox_stanza *iq, stox_iq_tracker *tracker,
                            const stox_iq_handler *handlers, size_t n);

/**
 * Opens the result of a request in a writer: addresses exchanged, id kept. The caller adds at most
 * one child and closes.
 * @retval STOX_OK opened
 * @retval STOX_E_STATE it is no get or set: responses are not answered (RFC 6120 8.2.3)
 */
STOX_API int stox_iq_result_open(stox_xml_writer *writer, const stox_stanza *request);

STOX_END_DECLS

#endif
