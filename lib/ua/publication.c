/* SPDX-License-Identifier: MIT */
#include "stox/publication.h"

#include "ua/subscription.h"

#include <string.h>

#define NEVER STOX_SUBSCRIPTION_NEVER

enum { EARLY = 32, LONG = 64, USUAL = 3600, DUE = 0 /* a refresh is to go out */ };

/* ---- the agent ---- */

void stox_publisher_init(stox_publisher *out, uint32_t expires) {
  *out = (stox_publisher){
      .end_ns = NEVER, .due_ns = NEVER, .wanted = expires != 0 ? expires : USUAL, .has_changed = 1};
}

void stox_publisher_changed(stox_publisher *obj) {
  obj->has_changed = 1;
}

void stox_publisher_leave(stox_publisher *obj) {
  obj->is_leaving = 1;
  obj->due_ns = NEVER;
  if (obj->etag_n == 0 && obj->sending == STOX_PUBLISH_NOTHING) {
    obj->is_over = 1; /* nobody was told of it */
  }
}

/* Where a time is set, nothing goes out before it but what has changed since. */
static int next_of(const stox_publisher *obj) {
  if (obj->is_over || obj->sending != STOX_PUBLISH_NOTHING) {
    return STOX_PUBLISH_NOTHING;
  }
  if (obj->is_leaving) {
    return obj->etag_n > 0 ? STOX_PUBLISH_REMOVE : STOX_PUBLISH_NOTHING;
  }
  const int is_waiting = obj->failures > 0 && obj->due_ns != NEVER && obj->due_ns != DUE;
  if (obj->has_changed && !is_waiting) {
    return obj->etag_n > 0 ? STOX_PUBLISH_MODIFY : STOX_PUBLISH_INITIAL;
  }
  return STOX_PUBLISH_NOTHING;
}

static int is_refresh_due(const stox_publisher *obj) {
  return obj->etag_n > 0 && obj->due_ns == DUE;
}

static int planned(const stox_publisher *obj) {
  const int next = next_of(obj);
  const int is_idle = !obj->is_over && !obj->is_leaving && obj->sending == STOX_PUBLISH_NOTHING;
  return next == STOX_PUBLISH_NOTHING && is_idle && is_refresh_due(obj) ? STOX_PUBLISH_REFRESH
                                                                        : next;
}

void stox_publisher_get_plan(stox_publisher_plan *out, const stox_publisher *obj) {
  const int next = planned(obj);
  uint64_t due = obj->due_ns < obj->end_ns ? obj->due_ns : obj->end_ns;
  if (obj->is_over || obj->sending != STOX_PUBLISH_NOTHING || next != STOX_PUBLISH_NOTHING) {
    due = obj->is_over ? NEVER : obj->end_ns;
  }
  *out = (stox_publisher_plan){.next = next,
                               .is_over = obj->is_over,
                               .code = obj->code,
                               .expires = next == STOX_PUBLISH_REMOVE ? 0 : obj->wanted,
                               .failures = obj->failures,
                               .due_ns = due};
  if (obj->etag_n > 0) {
    out->etag = (stox_span){obj->etag, obj->etag_n};
  }
}

void stox_publisher_sent(stox_publisher *obj) {
  const int what = planned(obj);
  if (what == STOX_PUBLISH_INITIAL || what == STOX_PUBLISH_MODIFY) {
    obj->has_changed = 0;
  }
  obj->sending = (uint8_t)what;
  obj->due_ns = NEVER;
}

/* Without an entity-tag that can be kept there is nothing to refresh: it is published anew. */
static void accepted(stox_publisher *obj, const stox_publisher_answer *answer, uint64_t now_ns) {
  const uint32_t said = answer->expires.is_set ? answer->expires.value : obj->wanted;
  const uint64_t seconds = said < obj->wanted ? said : obj->wanted;
  obj->failures = 0;
  obj->code = 0;
  obj->etag_n = 0;
  if (answer->etag.n > 0 && answer->etag.n <= STOX_PUBLISH_ETAG_MAX) {
    memcpy(obj->etag, answer->etag.p, answer->etag.n);
    obj->etag_n = (uint8_t)answer->etag.n;
  }
  obj->end_ns = stox_subscription_after(now_ns, seconds);
  obj->due_ns = stox_subscription_after(now_ns, seconds > LONG ? seconds - EARLY : seconds / 2);
}

/* These may do better later (RFC 3261 21). */
static int is_temporary(int code) {
  return code == 408 || code == 480 || code == 500 || code == 503 || code == 504;
}

/* What was sent has told nobody anything. */
static void take_back(stox_publisher *obj, int what) {
  obj->has_changed |= what == STOX_PUBLISH_INITIAL || what == STOX_PUBLISH_MODIFY;
}

static void refused(stox_publisher *obj, const stox_publisher_answer *answer, int what,
                    uint64_t now_ns) {
  const uint32_t least = answer->min_expires.is_set ? answer->min_expires.value : 0;
  obj->code = answer->code;
  take_back(obj, what);
  if (answer->code == 412) {
    obj->etag_n = 0;
    obj->end_ns = NEVER;
    obj->has_changed = 1;
    obj->is_over = obj->is_leaving; /* what is not there need not be removed */
    return;
  }
  obj->failures += obj->failures < UINT32_MAX;
  if (answer->code == 423 && least > obj->wanted && !obj->is_leaving) {
    obj->wanted = least;
    obj->failures = 0;
    obj->due_ns = what == STOX_PUBLISH_REFRESH ? DUE : NEVER;
  } else if (is_temporary(answer->code) && !obj->is_leaving) {
    const uint64_t after = answer->retry_after.is_set ? answer->retry_after.value : 0;
    obj->due_ns = stox_subscription_after(now_ns, after);
  } else {
    obj->is_over = 1;
  }
}

void stox_publisher_answered(stox_publisher *obj, const stox_publisher_answer *answer,
                             uint64_t now_ns) {
  const int what = obj->sending;
  if (what == STOX_PUBLISH_NOTHING || answer->code < 200) {
    return;
  }
  obj->sending = STOX_PUBLISH_NOTHING;
  if (answer->code >= 300) {
    refused(obj, answer, what, now_ns);
  } else if (what == STOX_PUBLISH_REMOVE) {
    obj->is_over = 1;
    obj->etag_n = 0;
  } else {
    accepted(obj, answer, now_ns);
  }
  if (obj->is_leaving && obj->etag_n == 0) {
    obj->is_over = 1;
  }
}

void stox_publisher_tick(stox_publisher *obj, uint64_t now_ns) {
  if (obj->end_ns <= now_ns) { /* the compositor has forgotten it */
    obj->end_ns = NEVER;
    obj->etag_n = 0;
    obj->has_changed = 1;
    obj->is_over |= obj->is_leaving;
  }
  if (obj->due_ns != DUE && obj->due_ns <= now_ns) {
    obj->has_changed |= obj->etag_n == 0;
    obj->due_ns = obj->etag_n > 0 && !obj->has_changed ? DUE : NEVER;
  }
}

/* ---- the compositor ---- */

/* Steps 1 to 3. */
static int check_target(const stox_publish_request *r) {
  if (!r->is_resource_known) {
    return 404;
  }
  if (!r->is_package_known) {
    return 489;
  }
  if (r->has_if_match && !r->is_if_match_single) {
    return 400;
  }
  return r->has_if_match && !r->is_match_known ? 412 : 200;
}

/* Step 4. */
static int grant(uint32_t *seconds, const stox_notifier_rules *rules, stox_sip_number expires) {
  const uint32_t usual = rules->usual != 0 ? rules->usual : USUAL;
  const uint32_t asked = expires.is_set ? expires.value : usual;
  if (asked > 0 && asked < rules->least) {
    *seconds = rules->least;
    return 423;
  }
  *seconds = rules->most != 0 && asked > rules->most ? rules->most : asked;
  return 200;
}

/* Step 5. */
static int check_body(const stox_publish_request *r) {
  if (r->has_body && !r->is_body_understood) {
    return 415;
  }
  return !r->has_body && !r->has_if_match && !r->may_begin_empty ? 400 : 200;
}

static int what_of(const stox_publish_request *r, uint32_t seconds) {
  if (!r->has_if_match) {
    return seconds == 0 ? STOX_PUBLISH_NOTHING : STOX_PUBLISH_INITIAL;
  }
  if (seconds == 0) {
    return STOX_PUBLISH_REMOVE;
  }
  return r->has_body ? STOX_PUBLISH_MODIFY : STOX_PUBLISH_REFRESH;
}

void stox_publish_judge(stox_publish_verdict *out, const stox_publish_request *request,
                        const stox_notifier_rules *rules) {
  stox_publish_verdict verdict = {.code = check_target(request)};
  if (verdict.code == 200) {
    verdict.code = grant(&verdict.seconds, rules, request->expires);
  }
  if (verdict.code == 200) {
    verdict.code = check_body(request);
  }
  if (verdict.code == 200) {
    verdict.what = what_of(request, verdict.seconds);
  } else if (verdict.code != 423) {
    verdict.seconds = 0;
  }
  *out = verdict;
}
