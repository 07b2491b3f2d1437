/* SPDX-License-Identifier: MIT */
#include "addr/uri_walk.h"

STOX_WALK_STEP int read_uri(stox_uri *out, stox_reader *r, int is_line) {
  stox_walk w = stox_walk_from(r, is_line);
  const uint32_t stop = stox_walk_uri(out, &w, r, (uint32_t)r->at);
  if (stop == STOX_WALK_NOT) {
    return 0;
  }
  r->at = stop;
  return 1;
}

int stox_uri_read(stox_uri *out, stox_reader *r) {
  return read_uri(out, r, 0);
}

int stox_uri_read_line(stox_uri *out, stox_reader *r) {
  return read_uri(out, r, 1);
}
