/* SPDX-License-Identifier: MIT */
#include "ua/subscription.h"

#define NEVER STOX_SUBSCRIPTION_NEVER

enum { T1_MS = 500, EARLY = 32, LONG = 64 };

void stox_subscriber_init(stox_subscriber *out, uint32_t expires, uint64_t t1_ns) {
  *out = (stox_subscriber){.t1_ns = t1_ns != 0 ? t1_ns : T1_MS * UINT64_C(1000000),
                           .notify_ns = NEVER,
                           .end_ns = NEVER,
                           .refresh_ns = NEVER,
                           .wanted = expires,
                           .next = STOX_SUBSCRIBER_REFRESH};
}

void stox_subscriber_leave(stox_subscriber *obj) {
  obj->is_leaving = 1;
  obj->wanted = 0;
  if (obj->state != STOX_SUBSCRIPTION_TERMINATED) {
    obj->next = STOX_SUBSCRIBER_REFRESH;
  } else {
    obj->next = STOX_SUBSCRIBER_STOP;
    obj->again_ns = NEVER;
  }
}

/* It is over. What follows, `again_ns` says: NEVER for nothing. */
static void end(stox_subscriber *obj, int reason, int code, uint64_t again_ns) {
  const int is_wanted = !obj->is_leaving && obj->wanted > 0;
  obj->state = STOX_SUBSCRIPTION_TERMINATED;
  obj->reason = (uint8_t)reason;
  obj->code = code;
  obj->notify_ns = NEVER;
  obj->end_ns = NEVER;
  obj->refresh_ns = NEVER;
  obj->again_ns = is_wanted ? again_ns : NEVER;
  obj->next = obj->again_ns == NEVER ? STOX_SUBSCRIBER_STOP : STOX_SUBSCRIBER_SUBSCRIBE;
  obj->failures++;
}

void stox_subscriber_sent(stox_subscriber *obj, uint64_t now_ns) {
  const uint64_t wait = 64 * obj->t1_ns;
  if (obj->state == STOX_SUBSCRIPTION_TERMINATED) {
    obj->state = STOX_SUBSCRIPTION_WAITING;
    obj->reason = STOX_SUBSCRIPTION_UNSAID;
    obj->code = 0;
  }
  obj->next = STOX_SUBSCRIBER_WAIT;
  obj->refresh_ns = NEVER;
  obj->notify_ns = now_ns > NEVER - 1 - wait ? NEVER - 1 : now_ns + wait;
}

/* How long it lasts from now on, and when it is to be refreshed: 32 s before, or at half of what is
 * short. */
static void last(stox_subscriber *obj, uint64_t seconds, uint64_t now_ns) {
  obj->end_ns = stox_subscription_after(now_ns, seconds);
  obj->refresh_ns =
      obj->is_leaving || obj->wanted == 0
          ? NEVER
          : stox_subscription_after(now_ns, seconds > LONG ? seconds - EARLY : seconds / 2);
}

/* Of a first SUBSCRIBE: these may do better later (RFC 3261 21). */
static int is_temporary(int code) {
  return code == 408 || code == 480 || code == 486 || code == 500 || code == 502 || code == 503 ||
         code == 504;
}

static void refused(stox_subscriber *obj, const stox_subscriber_answer *answer, uint64_t now_ns) {
  const int is_new = obj->state == STOX_SUBSCRIPTION_WAITING;
  const uint64_t later =
      stox_subscription_after(now_ns, answer->retry_after.is_set ? answer->retry_after.value : 0);
  if (answer->code == 423 && answer->min_expires.is_set &&
      answer->min_expires.value > obj->wanted && !obj->is_leaving) {
    obj->wanted = (uint32_t)answer->min_expires.value;
    obj->notify_ns = NEVER;
    obj->next = STOX_SUBSCRIBER_REFRESH;
  } else if (is_new) {
    end(obj, STOX_SUBSCRIPTION_UNSAID, answer->code, is_temporary(answer->code) ? later : NEVER);
  } else if (stox_subscription_is_ended_by(answer->code)) {
    end(obj, STOX_SUBSCRIPTION_UNSAID, answer->code, later);
  } else {
    /* What was agreed before still holds (4.1.2.2), and no NOTIFY follows; of silence Timer N is
     * the judge. */
    obj->notify_ns = answer->code == 408 ? obj->notify_ns : NEVER;
    obj->code = answer->code;
    if (obj->is_leaving) {
      end(obj, STOX_SUBSCRIPTION_UNSAID, answer->code, NEVER);
    } else if (answer->retry_after.is_set && later < obj->end_ns) {
      obj->refresh_ns = later;
    }
  }
}

void stox_subscriber_answered(stox_subscriber *obj, const stox_subscriber_answer *answer,
                              uint64_t now_ns) {
  if (obj->state == STOX_SUBSCRIPTION_TERMINATED || answer->code < 200) {
    return;
  }
  if (answer->code >= 300) {
    refused(obj, answer, now_ns);
    return;
  }
  /* A notifier may shorten what was asked for, never lengthen it; a 204 is followed by no NOTIFY.
   */
  const uint64_t said = answer->expires.is_set ? answer->expires.value : obj->wanted;
  obj->notify_ns = answer->code == 204 ? NEVER : obj->notify_ns;
  if (obj->wanted > 0) {
    last(obj, said < obj->wanted ? said : obj->wanted, now_ns);
  }
}

/* When to subscribe anew (4.1.3). */
static uint64_t again_after(int reason, stox_sip_number retry_after, uint64_t now_ns) {
  switch (reason) {
  case STOX_SUBSCRIPTION_REJECTED:
  case STOX_SUBSCRIPTION_NORESOURCE:
  case STOX_SUBSCRIPTION_INVARIANT:
    return NEVER;
  case STOX_SUBSCRIPTION_DEACTIVATED:
  case STOX_SUBSCRIPTION_TIMEOUT:
    return now_ns;
  default:
    return stox_subscription_after(now_ns, retry_after.is_set ? retry_after.value : 0);
  }
}

static int is_state(stox_span state, const char *word) {
  return stox_span_is_equal_nocase(state, stox_span_text(word));
}

int stox_subscriber_notified(stox_subscriber *obj, const stox_sip_subscription_state *state,
                             uint64_t now_ns) {
  if (obj->state == STOX_SUBSCRIPTION_TERMINATED) {
    return 481;
  }
  obj->notify_ns = NEVER;
  obj->failures = 0;
  if (is_state(state->state, "terminated")) {
    const int reason = stox_subscription_reason_of(state->reason);
    end(obj, reason, 0, again_after(reason, state->retry_after, now_ns));
    obj->failures = 0;
    return 200;
  }
  obj->state =
      is_state(state->state, "pending") ? STOX_SUBSCRIPTION_PENDING : STOX_SUBSCRIPTION_ACTIVE;
  if (state->expires.is_set && obj->next == STOX_SUBSCRIBER_WAIT && obj->wanted > 0) {
    const uint64_t end_ns = stox_subscription_after(now_ns, state->expires.value);
    if (end_ns < obj->end_ns) { /* also where the response was lost or is still to come */
      last(obj, state->expires.value, now_ns);
    }
  }
  return 200;
}

void stox_subscriber_get_plan(stox_subscriber_plan *out, const stox_subscriber *obj) {
  uint64_t due = obj->notify_ns < obj->end_ns ? obj->notify_ns : obj->end_ns;
  due = obj->refresh_ns < due ? obj->refresh_ns : due;
  *out = (stox_subscriber_plan){.state = obj->state,
                                .next = obj->next,
                                .reason = obj->reason,
                                .code = obj->code,
                                .expires = obj->wanted,
                                .failures = obj->failures,
                                .due_ns =
                                    obj->next == STOX_SUBSCRIBER_SUBSCRIBE ? obj->again_ns : due};
}

void stox_subscriber_tick(stox_subscriber *obj, uint64_t now_ns) {
  if (obj->state == STOX_SUBSCRIPTION_TERMINATED) {
    return;
  }
  if (obj->notify_ns <= now_ns) {
    end(obj, STOX_SUBSCRIPTION_UNSAID, 408, now_ns);
  } else if (obj->end_ns <= now_ns) {
    end(obj, STOX_SUBSCRIPTION_TIMEOUT, 0, now_ns);
  } else if (obj->refresh_ns <= now_ns) {
    obj->refresh_ns = NEVER;
    obj->next = STOX_SUBSCRIBER_REFRESH;
  }
}
