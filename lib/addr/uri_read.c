/* SPDX-License-Identifier: MIT */
#include "addr/uri_walk.h"

enum { GROUPS = 8, DIGITS = 4 };

uint32_t stox_reference_end(const char *p, uint32_t at, uint32_t end) {
  uint32_t groups = 0;
  uint32_t pairs = 0;
  uint32_t digits = 0; /* of the group at hand */
  char before = '[';
  for (at++; at < end; at++) {
    const char c = p[at];
    if (stox_char_is(c, STOX_CHAR_HEX)) {
      if (before == ':' && digits == 0 && groups == 0 && pairs == 0) {
        return 0; /* one colon in front */
      }
      groups += digits == 0;
      digits++;
    } else if (c == ':') {
      pairs += before == ':';
      digits = 0;
    } else {
      break;
    }
    if (digits > DIGITS) {
      return 0;
    }
    before = c;
  }
  if (at >= end || p[at] != ']' || (before == ':' && p[at - 2] != ':')) {
    return 0;
  }
  const int is_whole = pairs == 0 ? groups == GROUPS : pairs == 1 && groups < GROUPS;
  return is_whole ? at + 1 : 0;
}

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
