/* SPDX-License-Identifier: MIT */
#include "stox/transport.h"

#include "stox/status.h"

enum { MOVES = 10000 };

int stox_pump(const stox_engine *engine, const stox_transport *transport, uint64_t now_ns,
              size_t max) {
  int status = STOX_OK;
  for (size_t left = max == 0 ? MOVES : max; left > 0; left--) {
    const stox_action *action = engine->next(engine->engine);
    if (action == NULL) {
      return status;
    }
    const int result = transport->perform(transport->transport, engine, action, now_ns);
    if (result != STOX_OK && status == STOX_OK) {
      status = result;
    }
  }
  return STOX_E_MORE;
}
