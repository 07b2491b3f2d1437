/* SPDX-License-Identifier: MIT */
#ifndef STOX_ADDR_ADDRESS_H
#define STOX_ADDR_ADDRESS_H

#include "stox/name_addr.h"
#include "text/stop_reader.h"

#include <string.h>

/* Readers of the forms that nearly all addresses have, from stop to stop. What they cannot read is
 * not wrong: they say so, and stox_uri_parse() and stox_name_addr_next() decide, which know the
 * whole grammar and every rule that was broken. What they read is what those would give. */

/* Reads a SIP or SIPS URI without password, headers and escapes at the reader's place, and moves it
 * behind: to the end or an octet that belongs to no URI. 0: not of this form. */
int stox_uri_read(stox_uri *out, stox_reader *r);

/* The same of a line (stox_reader_is_line()), in fewer steps. */
int stox_uri_read_line(stox_uri *out, stox_reader *r);

/* The values of parameters of Contact that are looked for. */
enum {
  STOX_ADDRESS_Q,
  STOX_ADDRESS_EXPIRES,
  STOX_ADDRESS_INSTANCE,
  STOX_ADDRESS_REG_ID,
  STOX_ADDRESS_PUB_GRUU,
  STOX_ADDRESS_TEMP_GRUU,
  STOX_ADDRESS_KNOWN
};

/* Where an address goes. */
typedef struct stox_address {
  stox_name_addr *name;
  stox_uri *uri;
  stox_span tag;    /* of a parameter of that name; absent: none */
  stox_span *known; /* STOX_ADDRESS_KNOWN of them, the first of each name; NULL: not wanted */
} stox_address;

/* Reads a name-addr in angle brackets with such a URI, and moves the reader behind it: to its end
 * or a comma. 0: not of this form. */
int stox_address_read(stox_address *out, stox_reader *r);

/* The same of a line (stox_reader_is_line()), in fewer steps. */
int stox_address_read_line(stox_address *out, stox_reader *r);

/* The same of a line, with the values that are known, which were absent, and without the tag. */
int stox_contact_read_line(stox_address *out, stox_reader *r);

/* Behind the IPv6 reference that begins with the bracket at `at`, before `end`: groups of
 * hexadecimal digits, colons, at most one pair of them. 0: not of this form. */
uint32_t stox_reference_end(const char *p, uint32_t at, uint32_t end);

/* The STOX_ADDRESS_… of a name of plain octets; STOX_ADDRESS_KNOWN: none. */
int stox_address_known(const char *p, size_t n);

/* Four octets, letters in lower case, plain octets given. */
static inline uint32_t stox_plain_four(const char *p) {
  uint32_t four;
  memcpy(&four, p, sizeof four);
  return four | 0x20202020u;
}

static inline uint64_t stox_plain_eight(const char *p) {
  uint64_t eight;
  memcpy(&eight, p, sizeof eight);
  return eight | UINT64_C(0x2020202020202020);
}

/* 1 if `n` plain octets are a name of 3 to 16 letters, digits and marks, given in lower case. */
static inline int stox_plain_is(const char *p, size_t n, const char *name, size_t name_n) {
  if (n != name_n) {
    return 0;
  }
  if (name_n == 3) {
    return (p[0] | 0x20) == name[0] && (p[1] | 0x20) == name[1] && (p[2] | 0x20) == name[2];
  }
  if (name_n <= 8) {
    return stox_plain_four(p) == stox_plain_four(name) &&
           stox_plain_four(p + n - 4) == stox_plain_four(name + name_n - 4);
  }
  return stox_plain_eight(p) == stox_plain_eight(name) &&
         stox_plain_eight(p + n - 8) == stox_plain_eight(name + name_n - 8);
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
