/* SPDX-License-Identifier: MIT */
#include "stox/status.h"
#include "ua/subscription.h"

#define NEVER STOX_SUBSCRIPTION_NEVER

enum { HOUR = 3600 };

int stox_notifier_grant(uint32_t *seconds, const stox_notifier_rules *rules,
                        stox_sip_number expires) {
  const uint32_t usual = rules->usual != 0 ? rules->usual : HOUR;
  const uint64_t asked = expires.is_set ? expires.value : usual;
  const uint64_t most = rules->most != 0 ? rules->most : UINT32_MAX;
  if (asked > 0 && asked < HOUR && asked < rules->least) {
    *seconds = rules->least;
    return 423;
  }
  *seconds = (uint32_t)(asked < most ? asked : most);
  return 200;
}

static int is_over(const stox_notifier *obj) {
  return obj->state == STOX_SUBSCRIPTION_TERMINATED;
}

static void finish(stox_notifier *obj, int reason, uint32_t retry_after) {
  obj->state = STOX_SUBSCRIPTION_TERMINATED;
  obj->reason = (uint8_t)reason;
  obj->retry_after = retry_after;
  obj->must_notify = 1;
  obj->not_before_ns = 0;
  obj->end_ns = NEVER;
}

void stox_notifier_init(stox_notifier *out, uint32_t seconds, uint64_t interval_ns,
                        uint64_t now_ns) {
  *out = (stox_notifier){.end_ns = stox_subscription_after(now_ns, seconds),
                         .interval_ns = interval_ns,
                         .must_notify = 1};
  if (seconds == 0) {
    finish(out, STOX_SUBSCRIPTION_TIMEOUT, 0);
  }
}

int stox_notifier_refresh(stox_notifier *obj, uint32_t seconds, uint64_t now_ns) {
  if (is_over(obj)) {
    return STOX_E_STATE;
  }
  if (seconds == 0) {
    finish(obj, STOX_SUBSCRIPTION_TIMEOUT, 0);
    return STOX_OK;
  }
  obj->end_ns = stox_subscription_after(now_ns, seconds);
  obj->must_notify = 1;
  obj->not_before_ns = 0; /* 4.2.1.2: at once */
  return STOX_OK;
}

int stox_notifier_allow(stox_notifier *obj, int state) {
  if (state != STOX_SUBSCRIPTION_ACTIVE && state != STOX_SUBSCRIPTION_PENDING) {
    return STOX_E_ARG;
  }
  if (is_over(obj)) {
    return STOX_E_STATE;
  }
  obj->must_notify |= obj->state != state;
  obj->state = (uint8_t)state;
  return STOX_OK;
}

int stox_notifier_end(stox_notifier *obj, int reason, uint32_t retry_after) {
  if (is_over(obj)) {
    return STOX_E_STATE;
  }
  finish(obj, reason, retry_after);
  return STOX_OK;
}

void stox_notifier_changed(stox_notifier *obj) {
  obj->must_notify |= obj->state == STOX_SUBSCRIPTION_ACTIVE;
}

void stox_notifier_sent(stox_notifier *obj, uint64_t now_ns) {
  obj->must_notify = 0;
  obj->is_notifying = 1;
  obj->not_before_ns =
      now_ns > NEVER - 1 - obj->interval_ns ? NEVER - 1 : now_ns + obj->interval_ns;
}

/* Silence and what ends a subscription (4.2.2) leave nobody to tell. */
void stox_notifier_answered(stox_notifier *obj, int code) {
  obj->is_notifying = 0;
  if (code == 408 || stox_subscription_is_ended_by(code)) {
    finish(obj, STOX_SUBSCRIPTION_UNSAID, 0);
    obj->must_notify = 0;
  }
}

void stox_notifier_get_plan(stox_notifier_plan *out, const stox_notifier *obj, uint64_t now_ns) {
  const int may_send = obj->must_notify && !obj->is_notifying;
  const uint64_t left = !is_over(obj) && obj->end_ns > now_ns ? obj->end_ns - now_ns : 0;
  *out = (stox_notifier_plan){
      .state = obj->state,
      .reason = obj->reason,
      .must_notify = may_send && obj->not_before_ns <= now_ns,
      .is_gone = is_over(obj) && !obj->must_notify && !obj->is_notifying,
      .expires = (uint32_t)((left + STOX_SUBSCRIPTION_SECOND - 1) / STOX_SUBSCRIPTION_SECOND),
      .retry_after = obj->retry_after,
      .due_ns = obj->end_ns};
  if (may_send && obj->not_before_ns > now_ns && obj->not_before_ns < out->due_ns) {
    out->due_ns = obj->not_before_ns;
  }
}

void stox_notifier_tick(stox_notifier *obj, uint64_t now_ns) {
  if (!is_over(obj) && obj->end_ns <= now_ns) {
    finish(obj, STOX_SUBSCRIPTION_TIMEOUT, 0);
  }
}
