/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Subscriptions (RFC 6665), seen from either end: what state they are in, what is to be sent, and
 * when.
 *
 * A subscriber and a notifier are plain data in the caller's memory, a few dozen octets each; they
 * hold no texts, send nothing and allocate nothing. The dialog beside them is the caller's
 * (stox/dialog.h), and so is everything that a package says in its bodies.
 */
#ifndef STOX_SUBSCRIPTION_H
#define STOX_SUBSCRIPTION_H

#include "stox/sip_event.h"

STOX_BEGIN_DECLS

/** States of a subscription (RFC 6665 4.1.2, 4.2.2). */
enum {
  STOX_SUBSCRIPTION_WAITING = 0, /**< nothing is known yet: no NOTIFY has come, no verdict given */
  STOX_SUBSCRIPTION_PENDING = 1, /**< nobody has allowed it yet */
  STOX_SUBSCRIPTION_ACTIVE = 2,  /**< state is told */
  STOX_SUBSCRIPTION_TERMINATED = 3 /**< over */
};

/** Why a subscription is over (RFC 6665 4.1.3). */
enum {
  STOX_SUBSCRIPTION_UNSAID = 0,      /**< without a reason, or with one that is not known */
  STOX_SUBSCRIPTION_DEACTIVATED = 1, /**< moved: subscribe again at once */
  STOX_SUBSCRIPTION_PROBATION = 2,   /**< ended for now: subscribe again later */
  STOX_SUBSCRIPTION_REJECTED = 3,    /**< nobody will allow it */
  STOX_SUBSCRIPTION_TIMEOUT = 4,     /**< it expired */
  STOX_SUBSCRIPTION_GIVEUP = 5,      /**< nobody could say whether it is allowed */
  STOX_SUBSCRIPTION_NORESOURCE = 6,  /**< what was subscribed to is no more */
  STOX_SUBSCRIPTION_INVARIANT = 7    /**< what was subscribed to never changes */
};

/** @return the word of a reason, static; NULL for STOX_SUBSCRIPTION_UNSAID and what is none */
STOX_API const char *stox_subscription_reason_name(int reason);

/** @return the reason of a word, without case; STOX_SUBSCRIPTION_UNSAID if it is not known */
STOX_API int stox_subscription_reason_of(stox_span word);

/** @return 1 if a response to a request within a subscription ends it (RFC 6665 4.1.2.2, 4.2.2): of
 * a refresh and of a NOTIFY alike */
STOX_API int stox_subscription_is_ended_by(int code);

/* ---- the subscriber ---- */

/** What a subscriber is to do. */
enum {
  STOX_SUBSCRIBER_WAIT = 0,      /**< nothing before `due_ns` */
  STOX_SUBSCRIBER_REFRESH = 1,   /**< send a SUBSCRIBE in the dialog with `expires` */
  STOX_SUBSCRIBER_SUBSCRIBE = 2, /**< it is over: subscribe anew, outside the dialog, with
                                    `expires`, not before `due_ns` */
  STOX_SUBSCRIBER_STOP = 3       /**< it is over, and not to be asked for again */
};

/** A subscriber's side; the members are private, see stox_subscriber_get_plan(). */
typedef struct stox_subscriber {
  uint64_t t1_ns;      /**< SIP's T1 */
  uint64_t notify_ns;  /**< end of Timer N */
  uint64_t end_ns;     /**< when it expires */
  uint64_t refresh_ns; /**< when it is to be refreshed */
  uint64_t again_ns;   /**< when to subscribe anew */
  uint32_t wanted;     /**< seconds to be asked for */
  uint32_t failures;   /**< ends in a row */
  uint8_t state;       /**< STOX_SUBSCRIPTION_… */
  uint8_t next;        /**< STOX_SUBSCRIBER_… */
  uint8_t reason;      /**< why it is over */
  uint8_t is_leaving;  /**< 1: for good */
  int32_t code;        /**< of the last refusal */
} stox_subscriber;

/** What is to be done, and why. */
typedef struct stox_subscriber_plan {
  int state;         /**< STOX_SUBSCRIPTION_… */
  int next;          /**< STOX_SUBSCRIBER_… */
  int reason;        /**< once over: STOX_SUBSCRIPTION_UNSAID … */
  int code;          /**< of the response that ended it; 0: none did; 408 also for silence */
  uint32_t expires;  /**< seconds to be asked for */
  uint32_t failures; /**< ends in a row without a NOTIFY between: what a back-off grows with */
  uint64_t due_ns;   /**< when stox_subscriber_tick() is due, or the earliest time to subscribe
                          anew; UINT64_MAX: never */
} stox_subscriber_plan;

/**
 * Begins.
 * @param[out] out the subscriber
 * @param expires seconds that each SUBSCRIBE asks for; 0: the state is fetched once (4.4.3)
 * @param t1_ns SIP's T1; 0: 500 ms
 */
STOX_API void stox_subscriber_init(stox_subscriber *out, uint32_t expires, uint64_t t1_ns);

/** Says that it is over for good at the next SUBSCRIBE, which asks for 0 seconds (4.1.2.3). */
STOX_API void stox_subscriber_leave(stox_subscriber *obj);

/** Says that the SUBSCRIBE which was planned has gone out: Timer N runs (4.1.2.4). */
STOX_API void stox_subscriber_sent(stox_subscriber *obj, uint64_t now_ns);

/** A final response to a SUBSCRIBE. Zero-initialise, then fill. */
typedef struct stox_subscriber_answer {
  int code;                /**< 200 … 699; of a transaction that ended without one, 408 or 503 */
  int spare;               /**< 0 */
  stox_sip_number expires; /**< Expires of a 2xx */
  stox_sip_number min_expires; /**< Min-Expires of a 423 */
  stox_sip_number retry_after; /**< Retry-After */
} stox_subscriber_answer;

/** Takes the final response to a SUBSCRIBE. 3xx, 401, 407 and the like are to be acted on before:
 * here they end the subscription. */
STOX_API void stox_subscriber_answered(stox_subscriber *obj, const stox_subscriber_answer *answer,
                                       uint64_t now_ns);

/**
 * Takes a NOTIFY within the subscription (4.1.3).
 * @param obj the subscriber
 * @param state its Subscription-State
 * @param now_ns monotonic time
 * @return the code to answer it with: 200, or 481 once the subscription is over
 */
STOX_API int stox_subscriber_notified(stox_subscriber *obj,
                                      const stox_sip_subscription_state *state, uint64_t now_ns);

/** Gives what is to be done. */
STOX_API void stox_subscriber_get_plan(stox_subscriber_plan *out, const stox_subscriber *obj);

/** Time has passed. */
STOX_API void stox_subscriber_tick(stox_subscriber *obj, uint64_t now_ns);

/* ---- the notifier ---- */

/** How long a notifier lets a subscription last. */
typedef struct stox_notifier_rules {
  uint32_t least; /**< shorter ones get 423, if below an hour (4.2.1.1); 0: none do */
  uint32_t most;  /**< longer ones are cut; 0: none are */
  uint32_t usual; /**< where nothing is asked for; 0: 3,600 */
  uint32_t spare; /**< 0 */
} stox_notifier_rules;

/**
 * Decides on the duration that a SUBSCRIBE asks for (4.2.1.1).
 * @param[out] seconds granted, or with 423 the value of Min-Expires
 * @param rules the rules
 * @param expires its Expires
 * @return 200 or 423
 */
STOX_API int stox_notifier_grant(uint32_t *seconds, const stox_notifier_rules *rules,
                                 stox_sip_number expires);

/** A notifier's side; the members are private, see stox_notifier_get_plan(). */
typedef struct stox_notifier {
  uint64_t end_ns;        /**< when it expires */
  uint64_t not_before_ns; /**< no NOTIFY before */
  uint64_t interval_ns;   /**< between two NOTIFYs */
  uint8_t state;          /**< STOX_SUBSCRIPTION_… */
  uint8_t reason;         /**< why it is over */
  uint8_t must_notify;    /**< 1: there is something to tell */
  uint8_t is_notifying;   /**< 1: a NOTIFY is under way */
  uint32_t retry_after;   /**< seconds, once it is over */
} stox_notifier;

/** What a notifier is to do. */
typedef struct stox_notifier_plan {
  int state;            /**< STOX_SUBSCRIPTION_…; of WAITING a NOTIFY says `pending` */
  int reason;           /**< once over */
  int must_notify;      /**< 1: send a NOTIFY now */
  int is_gone;          /**< 1: the last NOTIFY is answered, or none can be: forget it */
  uint32_t expires;     /**< seconds left, for Subscription-State */
  uint32_t retry_after; /**< once over: seconds, for Subscription-State; 0: none */
  uint64_t due_ns;      /**< when stox_notifier_tick() is due; UINT64_MAX: never */
} stox_notifier_plan;

/** Begins: a SUBSCRIBE has been answered with 2xx and `seconds`; 0: the state is fetched (4.4.3).
 * `interval_ns`: least time between two NOTIFYs, 0: none. */
STOX_API void stox_notifier_init(stox_notifier *out, uint32_t seconds, uint64_t interval_ns,
                                 uint64_t now_ns);

/** Takes a refresh that was answered with 2xx and `seconds`: a NOTIFY is due at once (4.2.1.2), the
 * last if `seconds` is 0. STOX_OK, or STOX_E_STATE if it is over: 481. */
STOX_API int stox_notifier_refresh(stox_notifier *obj, uint32_t seconds, uint64_t now_ns);

/** Says that it is allowed: STOX_SUBSCRIPTION_ACTIVE, or STOX_SUBSCRIPTION_PENDING. STOX_OK;
 * STOX_E_STATE if it is over; STOX_E_ARG for another state. */
STOX_API int stox_notifier_allow(stox_notifier *obj, int state);

/** Ends it with a reason, and where that is of use the seconds after which to try again. STOX_OK or
 * STOX_E_STATE. */
STOX_API int stox_notifier_end(stox_notifier *obj, int reason, uint32_t retry_after);

/** Says that what is told has changed. Changes while a NOTIFY is under way, or before the interval
 * is over, are told together. Nothing happens unless it is active. */
STOX_API void stox_notifier_changed(stox_notifier *obj);

/** Says that the NOTIFY which was planned has gone out. */
STOX_API void stox_notifier_sent(stox_notifier *obj, uint64_t now_ns);

/** Takes the final response to a NOTIFY; 408 for silence. */
STOX_API void stox_notifier_answered(stox_notifier *obj, int code);

/** Gives what is to be done. */
STOX_API void stox_notifier_get_plan(stox_notifier_plan *out, const stox_notifier *obj,
                                     uint64_t now_ns);

/** Time has passed. */
STOX_API void stox_notifier_tick(stox_notifier *obj, uint64_t now_ns);

STOX_END_DECLS

#endif
