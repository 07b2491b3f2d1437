/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_LOOKUP_H
#define STOX_SIP_LOOKUP_H

#include "sip/names.h"
#include "stox/sip.h"
#include "text/ascii.h"

/* The first eight octets of a name, in lower case; a space where there are fewer. */
static inline uint64_t stox_sip_first_word(const char *p, size_t n) {
  const uint64_t lower = stox_word_repeat(0x20);
  if (n >= sizeof(uint64_t)) {
    return stox_word_load(p) | lower;
  }
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (n >= 4) {
    uint32_t first;
    uint32_t last;
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - 4, sizeof last);
    return first | (uint64_t)last << 8 * (n - 4) | lower;
  }
  return (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 * (n / 2) |
         (uint64_t)(unsigned char)p[n - 1] << 8 * (n - 1) | lower;
#else
  char octets[sizeof(uint64_t)] = {0};
  memcpy(octets, p, n);
  return stox_word_load(octets) | lower;
#endif
}

/* 1 if a name of `n` octets, the first of which are `first`, is the known one. Words may overlap.
 */
static inline int stox_sip_is_known(const stox_sip_known_name *known, const char *p, size_t n,
                                    uint64_t first) {
  const size_t word = sizeof(uint64_t);
  const uint64_t lower = stox_word_repeat(0x20);
  if (known->n != n || first != stox_word_load(known->first)) {
    return 0;
  }
  if (n <= word) {
    return 1;
  }
  if (n > 2 * word && (stox_word_load(p + word) | lower) != stox_word_load(known->middle)) {
    return 0;
  }
  return (stox_word_load(p + n - word) | lower) == stox_word_load(known->last);
}

/* The STOX_SIP_… of a name of one plain octet (lib/text/stops.h) or more, whose case is all that
 * 0x20 tells; STOX_SIP_OTHER if it is unknown. */
static inline int stox_sip_known_id(const char *p, size_t n) {
  if (n > STOX_SIP_NAME_MAX) {
    return STOX_SIP_OTHER;
  }
  const uint64_t first = stox_sip_first_word(p, n);
  /* As slot() of cmake/generate_sip_names.py, which knows the octets in this order. */
  const size_t slot = (size_t)((stox_word_little(first) ^ n) * STOX_SIP_SLOT_MULTIPLIER >> 56);
  for (size_t i = stox_sip_known_slots[slot]; i < stox_sip_known_slots[slot + 1]; i++) {
    if (stox_sip_is_known(&stox_sip_known_names[i], p, n, first)) {
      return stox_sip_known_names[i].id;
    }
  }
  return STOX_SIP_OTHER;
}

#endif
