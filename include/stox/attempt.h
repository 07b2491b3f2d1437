/* SPDX-License-Identifier: MIT */
/**
 * @file
 * From places to connection attempts: addresses of the names, their order, fail-over (RFC 6120
 * 3.2.1, RFC 3263 4.2 and 4.3, RFC 7984, RFC 8305).
 *
 * A step machine without I/O that goes on where stox_locate_get() ends. The names of the places are
 * asked for one place after another, and only when the attempts before it are used up: while a
 * question is open there is nothing to connect to. The families alternate, IPv6 first; what was
 * given once is not given again, and next hops that lately failed come last. Whoever makes
 * attempts one by one asks for the next when one has failed, who races them (RFC 8305 5) when
 * STOX_ATTEMPT_DELAY_NS has passed. It is placeable with its arena.
 */
#ifndef STOX_ATTEMPT_H
#define STOX_ATTEMPT_H

#include "stox/arena.h"
#include "stox/backoff.h"
#include "stox/location.h"
#include "stox/record.h"

STOX_BEGIN_DECLS

/** Families of address, as bits. */
enum { STOX_ATTEMPT_IP4 = 1, STOX_ATTEMPT_IP6 = 2 };

/** Nanoseconds after which a race sends off its next attempt (RFC 8305 8). */
enum { STOX_ATTEMPT_DELAY_NS = 250000000 };

/** Most attempts that are given. */
enum { STOX_ATTEMPTS_MAX = 32 };

/** Options; make them with stox_attempts_options_init(). */
typedef struct stox_attempts_options {
  size_t size;                 /**< sizeof of this struct in the caller's build */
  int families;                /**< STOX_ATTEMPT_… that can be reached, both */
  int first;                   /**< STOX_ATTEMPT_… that comes first, _IP6 */
  uint32_t max_questions;      /**< 16 */
  const stox_backoff *backoff; /**< what failed lately; NULL: nothing is known */
} stox_attempts_options;

/** Fills options with their defaults; STOX_OK or STOX_E_ARG. */
STOX_API int stox_attempts_options_init(stox_attempts_options *out, size_t size);

/** One attempt. */
typedef struct stox_attempt {
  stox_endpoint target;   /**< where to connect or send; an address; in the arena */
  stox_location place;    /**< the place it belongs to; in the arena */
  uint64_t not_before_ns; /**< 0: at once; else when the next hop is to be tried again */
} stox_attempt;

/** A list of attempts in the making. */
typedef struct stox_attempts stox_attempts;

/**
 * Begins.
 * @param[out] out the list, in `arena`, which must outlive it
 * @param arena where it and its results live
 * @param places in the order to be tried, copied; each with target, port and transport
 * @param n how many; what is behind STOX_LOCATIONS_MAX is not tried
 * @param options NULL: defaults
 * @retval STOX_OK begun
 * @retval STOX_E_ARG no family, or a place that lacks something
 * @retval STOX_E_NOMEM the arena is exhausted
 */
STOX_API int stox_attempts_start(stox_attempts **out, stox_arena *arena,
                                 const stox_location *places, size_t n,
                                 const stox_attempts_options *options);

/**
 * The questions to be answered now, two at most; they may be asked at the same time.
 * @param[out] out valid until the end
 * @param obj the list
 * @param index 0, 1
 * @retval STOX_OK ask it
 * @retval STOX_E_NONE no more
 */
STOX_API int stox_attempts_ask(stox_question *out, const stox_attempts *obj, size_t index);

/**
 * Answers a question.
 * @param obj the list
 * @param type of the question
 * @param status STOX_OK, also where there are no such records; otherwise nobody answered
 * @param records the answer, copied as far as it is used
 * @param n how many
 * @retval STOX_OK taken
 * @retval STOX_E_STATE no such question is open
 * @retval STOX_E_NOMEM the arena is exhausted: nothing of the answer is used
 */
STOX_API int stox_attempts_answer(stox_attempts *obj, int type, int status,
                                  const stox_record *records, size_t n);

/**
 * The next attempt.
 * @param[out] out the attempt
 * @param obj the list
 * @param now_ns the host's monotonic clock
 * @retval STOX_OK given
 * @retval STOX_E_MORE questions are open: stox_attempts_ask()
 * @retval STOX_E_NONE all were given
 * @retval STOX_E_UNKNOWN_DOMAIN there never was one: the names have no addresses
 * @retval STOX_E_TIMEOUT there never was one, and a question was not answered
 */
STOX_API int stox_attempts_next(stox_attempt *out, stox_attempts *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
