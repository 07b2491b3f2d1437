/* SPDX-License-Identifier: MIT */
#ifndef STOX_ADDR_PLAIN_HOST_H
#define STOX_ADDR_PLAIN_HOST_H

#include "stox/host.h"
#include "text/stop_reader.h"

/* Hosts of plain octets (text/stops.h), by the map of the marks among them. */

enum { STOX_PLAIN_HOST_MOST = STOX_STOPS_STEP };

/* A decimal octet of `n` digits without a leading zero. */
STOX_WALK_STEP int stox_plain_octet(const char *p, uint32_t n) {
  if (n - 1 > 2) {
    return 0;
  }
  const uint32_t a = (uint32_t)(unsigned char)p[0] - '0';
  if (n == 1) {
    return a <= 9;
  }
  const uint32_t b = (uint32_t)(unsigned char)p[1] - '0';
  if (n == 2) {
    return a - 1 <= 8 && b <= 9;
  }
  const uint32_t c = (uint32_t)(unsigned char)p[2] - '0';
  return a - 1 <= 8 && b <= 9 && c <= 9 && a * 100 + b * 10 + c <= 255;
}

/* Four of them; the marks among `n` octets are three dots. */
STOX_WALK_STEP int stox_plain_ip4(const char *p, uint32_t n, uint64_t marks) {
  const uint64_t two = marks & (marks - 1);
  const uint64_t last = two & (two - 1);
  if (last == 0 || (last & (last - 1)) != 0) {
    return 0;
  }
  const uint32_t a = stox_stops_first_bit(marks);
  const uint32_t b = stox_stops_first_bit(two);
  const uint32_t c = stox_stops_first_bit(last);
  return p[a] == '.' && p[b] == '.' && p[c] == '.' && stox_plain_octet(p, a) &&
         stox_plain_octet(p + a + 1, b - a - 1) && stox_plain_octet(p + b + 1, c - b - 1) &&
         stox_plain_octet(p + c + 1, n - c - 1);
}

/* Labels of letters, digits and hyphens, the last of which begins with a letter. */
STOX_WALK_STEP int stox_plain_name(const char *p, uint32_t n, uint64_t marks) {
  uint32_t label = 0;
  for (; marks != 0; marks &= marks - 1) {
    const uint32_t i = stox_stops_first_bit(marks);
    if (p[i] == '.') {
      if (i == label || p[i - 1] == '-') {
        return 0;
      }
      label = i + 1;
    } else if (p[i] != '-' || i == label) {
      return 0;
    }
  }
  /* Plain octets above the digits that are no marks are letters. */
  return label < n && p[n - 1] != '-' && (unsigned char)p[label] > '9';
}

/* What host the plain octets between two indices are, STOX_HOST_NAME or STOX_HOST_IPV4;
 * STOX_HOST_NONE: stox_host_kind() decides. */
STOX_WALK_STEP int stox_plain_host(const stox_reader *r, uint32_t from, uint32_t end) {
  const char *p = r->p + from;
  const uint32_t n = end - from;
  if (n - 1 >= STOX_PLAIN_HOST_MOST) {
    return STOX_HOST_NONE;
  }
  const uint64_t marks = stox_stops_bits(r->mark, from) & ((UINT64_C(1) << n) - 1);
  if ((unsigned char)(p[0] - '0') <= 9 && stox_plain_ip4(p, n, marks)) {
    return STOX_HOST_IPV4;
  }
  return stox_plain_name(p, n, marks) ? STOX_HOST_NAME : STOX_HOST_NONE;
}

#endif
