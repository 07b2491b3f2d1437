/* SPDX-License-Identifier: MIT */
#ifndef STOX_ADDR_ADDRESS_H
#define STOX_ADDR_ADDRESS_H

#include "stox/name_addr.h"
#include "text/stops.h"

/* Readers of the forms that nearly all addresses have, from stop to stop. What they cannot read is
 * not wrong: they say so, and stox_uri_parse() and stox_name_addr_next() decide, which know the
 * whole grammar and every rule that was broken. What they read is what those would give. */

/* One name-addr in angle brackets with its SIP or SIPS URI. */
typedef struct stox_address {
  stox_name_addr name;
  stox_uri uri;
  stox_span tag; /* of a parameter of that name; absent: none */
} stox_address;

/* Reads a SIP or SIPS URI without headers and escapes, up to `end` or an octet that belongs to
 * none. The index behind it; 0: not of this form. */
size_t stox_uri_read(stox_uri *out, stox_stops *stops, size_t from, size_t end);

/* Reads the address at `*at`, and moves `*at` behind it: to `end` or a comma. 1 if it was read. */
int stox_address_read(stox_address *out, stox_stops *stops, size_t *at, size_t end);

/* 1 if `n` plain octets are a name, given in lower case, of letters and digits. */
static inline int stox_plain_is(const char *p, size_t n, const char *name, size_t name_n) {
  unsigned char differ = 0;
  if (n != name_n) {
    return 0;
  }
  for (size_t i = 0; i < name_n; i++) {
    differ |= (unsigned char)((p[i] | 0x20) ^ name[i]);
  }
  return differ == 0;
}

/* A decimal number of one to five digits between two indices; 0 if there is none up to `most`. */
static inline int stox_plain_number(uint32_t *out, const char *p, size_t from, size_t end,
                                    uint32_t most) {
  uint32_t value = 0;
  if (from >= end || end - from > 5) {
    return 0;
  }
  for (size_t i = from; i < end; i++) {
    const uint32_t digit = (uint32_t)(unsigned char)p[i] - '0';
    if (digit > 9) {
      return 0;
    }
    value = value * 10 + digit;
  }
  *out = value;
  return value <= most;
}

#endif
