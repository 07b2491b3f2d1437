/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_IDLE_ENGINE_H
#define STOX_TEST_IDLE_ENGINE_H

#include "stox/status.h"
#include "stox/transport.h"

/* The functions of an engine that has no timers and needs not know how its actions ended. */

static inline int idle_done(void *engine, uint64_t token, int status, const stox_flow *flow,
                            uint64_t now_ns) {
  (void)engine;
  (void)token;
  (void)status;
  (void)flow;
  (void)now_ns;
  return STOX_OK;
}

static inline int idle_hold(void *engine, uint64_t handle, int full, uint64_t now_ns) {
  (void)engine;
  (void)handle;
  (void)full;
  (void)now_ns;
  return STOX_OK;
}

static inline uint64_t idle_deadline(const void *engine) {
  (void)engine;
  return UINT64_MAX;
}

static inline int idle_tick(void *engine, uint64_t now_ns, uint64_t wall_s) {
  (void)engine;
  (void)now_ns;
  (void)wall_s;
  return STOX_OK;
}

#endif
