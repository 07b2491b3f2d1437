/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Outbound, as a user agent sees it (RFC 5626 4, draft-ietf-sip-outbound-00 4): several
 * registrations over flows of one's own making, kept alive, replaced when they fail.
 *
 * The machine is plain data in the caller's memory; it opens nothing, sends nothing and holds no
 * text. The caller does what the plan of each flow says and tells what came of it. Randomness is
 * drawn where a time is set.
 */
#ifndef STOX_OUTBOUND_H
#define STOX_OUTBOUND_H

#include "stox/random.h"
#include "stox/stun.h"

STOX_BEGIN_DECLS

/** The most flows of a set; a user agent has two to four (RFC 5626 4.2.1). */
enum { STOX_OUTBOUND_FLOWS_MAX = 8 };

/* ---- times, as pure functions ---- */

/**
 * How long to wait before a flow is tried again (4.5): the base, doubled with each failure.
 * @param base seconds
 * @param most seconds, the upper bound
 * @param failures in a row
 * @return seconds: min(most, base * 2^failures); what is drawn is between half of it and all
 */
STOX_API uint32_t stox_outbound_wait(uint32_t base, uint32_t most, uint32_t failures);

/** Kinds of keep-alive. */
enum {
  STOX_KEEP_ALIVE_NONE = 0, /**< the flow is not kept alive */
  STOX_KEEP_ALIVE_CRLF = 1, /**< a double CRLF, answered by a single one within 10 s (RFC 5626
                                 4.4.1); the draft: a single one, with no answer */
  STOX_KEEP_ALIVE_STUN = 2  /**< a Binding Request (4.4.2) */
};

/** When keep-alives go out. */
typedef struct stox_keep_alive {
  int kind;         /**< STOX_KEEP_ALIVE_… */
  int has_answer;   /**< 1: an answer is expected */
  uint32_t least_s; /**< seconds between two, drawn between these */
  uint32_t most_s;  /**< and these */
} stox_keep_alive;

/**
 * Tells how a flow is kept alive: RFC 5626 4.4, the draft 4.2.
 * @param[out] out what is sent, and when
 * @param transport STOX_TRANSPORT_…
 * @param flow_timer seconds of Flow-Timer; 0: none was given
 * @param is_saving 1: longer intervals on streams, for batteries
 * @param dialect STOX_DIALECT_…
 */
STOX_API void stox_keep_alive_of(stox_keep_alive *out, int transport, uint32_t flow_timer,
                                 int is_saving, int dialect);

/* ---- the machine ---- */

/** Options; zero-initialise, then fill. */
typedef struct stox_outbound_options {
  uint32_t n_flows;       /**< URIs of the outbound proxy set, 1 … STOX_OUTBOUND_FLOWS_MAX */
  int dialect;            /**< STOX_DIALECT_… */
  uint32_t most_s;        /**< longest wait; 0: 1,800 */
  uint32_t base_failed_s; /**< base where every flow has failed; 0: 30 */
  uint32_t base_s;        /**< base where another is up; 0: 90 */
  int is_saving;          /**< as for stox_keep_alive_of() */
  uint64_t t1_ns;         /**< SIP's T1, for STUN's retransmissions; 0: 500 ms */
} stox_outbound_options;

/** What is to be done on a flow. */
enum {
  STOX_OUTBOUND_WAIT = 0,     /**< nothing before `due_ns` */
  STOX_OUTBOUND_OPEN = 1,     /**< resolve its URI anew, and open a flow to it */
  STOX_OUTBOUND_REGISTER = 2, /**< send REGISTER over it, with its reg-id */
  STOX_OUTBOUND_PING = 3,     /**< send the keep-alive of its `alive` */
  STOX_OUTBOUND_CLOSE = 4,    /**< close it: it has failed */
  STOX_OUTBOUND_PLAIN = 5     /**< the first hop lacks outbound (439): register without it, or give
                                   this URI up; the machine leaves the flow alone */
};

/** One flow; private. */
typedef struct stox_outbound_flow {
  uint64_t due_ns;          /**< when its state ends */
  uint64_t refresh_ns;      /**< when it is to register again */
  uint64_t ping_ns;         /**< when the next keep-alive goes out */
  uint64_t pong_ns;         /**< by when its answer must have come */
  uint32_t failures;        /**< in a row */
  uint32_t flow_timer;      /**< seconds */
  uint32_t resent;          /**< keep-alives sent again */
  int transport;            /**< STOX_TRANSPORT_… */
  uint8_t state;            /**< private numbers */
  uint8_t has_pinged;       /**< 1: an answer to a keep-alive came */
  uint8_t keeps_alive;      /**< 1: keep-alives are in use */
  uint8_t has_mapped;       /**< 1: `mapped` is known */
  uint8_t is_registered;    /**< 1: a REGISTER over it was answered with 2xx */
  stox_stun_address mapped; /**< what STUN said last */
} stox_outbound_flow;

/** A set of flows; the members are private. */
typedef struct stox_outbound {
  stox_outbound_options options;                     /**< as given, with the defaults in place */
  stox_outbound_flow flows[STOX_OUTBOUND_FLOWS_MAX]; /**< by index */
} stox_outbound;

/** Begins: every flow is to be opened at once. STOX_OK; STOX_E_ARG: no flows, or too many. */
STOX_API int stox_outbound_init(stox_outbound *out, const stox_outbound_options *options);

/** What is to be done on a flow, and when. */
typedef struct stox_outbound_plan {
  int next;              /**< STOX_OUTBOUND_… */
  int is_up;             /**< 1: registered, and alive as far as is known */
  uint32_t reg_id;       /**< of its Contact: 1 for the first URI; the draft's flow-id */
  uint32_t failures;     /**< in a row */
  uint64_t due_ns;       /**< when stox_outbound_tick() is due for it; UINT64_MAX: never */
  stox_keep_alive alive; /**< how it is kept alive */
} stox_outbound_plan;

/** Gives the plan of a flow; STOX_OK, or STOX_E_ARG if there is no such flow. */
STOX_API int stox_outbound_get_plan(stox_outbound_plan *out, const stox_outbound *obj,
                                    size_t index);

/** Says that what was planned has been begun: the OPEN, the REGISTER, the PING, the CLOSE. */
STOX_API void stox_outbound_begun(stox_outbound *obj, size_t index, const stox_random *random,
                                  uint64_t now_ns);

/** Says that a flow is open, over a transport. */
STOX_API void stox_outbound_opened(stox_outbound *obj, size_t index, int transport);

/** Says that a flow has failed: it could not be opened, the transport reported an error, the peer
 * closed it, or a request over it had no answer where that counts (the draft 4.2). */
STOX_API void stox_outbound_failed(stox_outbound *obj, size_t index, const stox_random *random,
                                   uint64_t now_ns);

/** A final response to REGISTER. Zero-initialise, then fill. */
typedef struct stox_outbound_answer {
  int code;         /**< 200 … 699; 408 for silence */
  int has_outbound; /**< 1: Require has `outbound` */
  int may_ping;     /**< 1: the next hop is known to answer keep-alives: `ob` in Path, Flow-Timer,
                         the draft's `stun` in its URI, or by configuration (8) */
  uint32_t expires; /**< seconds granted */
  uint32_t flow_timer;  /**< seconds of Flow-Timer; 0: none */
  int has_retry_after;  /**< 1: `retry_after` is said */
  uint32_t retry_after; /**< seconds */
  uint32_t spare;       /**< 0 */
} stox_outbound_answer;

/** Takes the final response to a REGISTER over a flow. 401, 407, 423 are to be acted on before. */
STOX_API void stox_outbound_answered(stox_outbound *obj, size_t index,
                                     const stox_outbound_answer *answer, const stox_random *random,
                                     uint64_t now_ns);

/** Says that octets went over a flow in either direction, which the draft counts as a sign of life
 * (4.2). */
STOX_API void stox_outbound_heard(stox_outbound *obj, size_t index, const stox_random *random,
                                  uint64_t now_ns);

/** Says that a keep-alive was answered. `mapped` is what STUN says, NULL for CRLF: once it changes
 * the flow has failed. */
STOX_API void stox_outbound_ponged(stox_outbound *obj, size_t index,
                                   const stox_stun_address *mapped, const stox_random *random,
                                   uint64_t now_ns);

/** @return when stox_outbound_tick() is due; UINT64_MAX: never */
STOX_API uint64_t stox_outbound_deadline(const stox_outbound *obj);

/** Time has passed. */
STOX_API void stox_outbound_tick(stox_outbound *obj, const stox_random *random, uint64_t now_ns);

STOX_END_DECLS

#endif
