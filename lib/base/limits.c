/* SPDX-License-Identifier: MIT */
#include "base/limits.h"

#include "base/options.h"

const stox_limits stox_usual_limits = {
    .size = sizeof(stox_limits),
    .message = 65536,
    .line = 16384,
    .header_count = 256,
    .uri = 8192,
    .stanza = 262144,
    .depth = 64,
    .attributes = 64,
    .names = 256,
    .queue = 1024,
    .transactions = 524288,
    .body_parts = 64,
    .body_depth = 8,
    .body_fields = 64,
    .body_line = 8192,
    .sdp_lines = 2048,
};

int stox_limits_init(stox_limits *out, size_t size) {
  return stox_options_init(out, size, &stox_usual_limits, sizeof stox_usual_limits);
}
