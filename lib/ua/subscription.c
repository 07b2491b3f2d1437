/* SPDX-License-Identifier: MIT */
#include "ua/subscription.h"

/* Named as on the wire. */
static const char *const reasons[] = {NULL,      "deactivated", "probation",  "rejected",
                                      "timeout", "giveup",      "noresource", "invariant"};

enum { REASONS = sizeof reasons / sizeof reasons[0] };

const char *stox_subscription_reason_name(int reason) {
  return reason > 0 && reason < REASONS ? reasons[reason] : NULL;
}

int stox_subscription_reason_of(stox_span word) {
  for (int i = 1; i < REASONS; i++) {
    if (stox_span_is_equal_nocase(word, stox_span_text(reasons[i]))) {
      return i;
    }
  }
  return STOX_SUBSCRIPTION_UNSAID;
}

int stox_subscription_is_ended_by(int code) {
  static const int codes[] = {404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604};
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
    if (codes[i] == code) {
      return 1;
    }
  }
  return 0;
}
