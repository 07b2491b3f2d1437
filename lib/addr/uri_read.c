/* SPDX-License-Identifier: MIT */
#include "addr/uri_walk.h"

int stox_uri_read(stox_uri *out, stox_reader *r) {
  stox_walk w = stox_walk_from(r, r->at);
  const size_t stop = stox_walk_uri(out, &w, r, r->at);
  if (stop == SIZE_MAX) {
    return 0;
  }
  r->at = stop;
  return 1;
}
