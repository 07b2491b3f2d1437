/* SPDX-License-Identifier: MIT */
/* 7247-2-01: one function of the error map, added to whatever host there is: 486 is
 * recipient-unavailable (RFC 7247 5.2). */
#include "stox/error_map.h"
#include "stox/status.h"

int main(void) {
  stox_xmpp_error answer = {0};
  stox_error_to_xmpp question = {0};
  question.sip = 486;
  int status = stox_error_map_to_xmpp(&answer, &question);
  return status == STOX_OK && answer.condition == STOX_COND_RECIPIENT_UNAVAILABLE ? 0 : 1;
}
