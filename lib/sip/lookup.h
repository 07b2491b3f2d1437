/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_LOOKUP_H
#define STOX_SIP_LOOKUP_H

#include "sip/names.h"
#include "stox/sip.h"
#include "text/ascii.h"

enum { STOX_SIP_WORD = 8 };

/* The octets that a name of fewer than eight has in a word. */
static const char stox_sip_word_masks[STOX_SIP_WORD][STOX_SIP_WORD] = {
    "",
    "\xFF",
    "\xFF\xFF",
    "\xFF\xFF\xFF",
    "\xFF\xFF\xFF\xFF",
    "\xFF\xFF\xFF\xFF\xFF",
    "\xFF\xFF\xFF\xFF\xFF\xFF",
    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
};

/* Eight octets of a name in lower case; those that are not of it are NUL. */
static inline uint64_t stox_sip_name_word(const char *p, uint64_t mask) {
  return (stox_word_load(p) | stox_word_repeat(0x20)) & mask;
}

/* stox_sip_known_id() where eight octets can be read at `p`. */
static inline int stox_sip_known_id_here(const char *p, size_t n) {
  const uint64_t mask = n < STOX_SIP_WORD ? stox_word_load(stox_sip_word_masks[n]) : UINT64_MAX;
  const uint64_t first = stox_sip_name_word(p, mask);
  const uint64_t last = stox_sip_name_word(n < STOX_SIP_WORD ? p : p + n - STOX_SIP_WORD, mask);
  /* As slot() of cmake/generate_sip_names.py, which knows the octets in this order. */
  const uint64_t key = stox_word_little(first) + 2 * stox_word_little(last);
  const size_t slot = (size_t)(key * STOX_SIP_SLOT_MULTIPLIER >> (64 - STOX_SIP_SLOT_BITS));
  const stox_sip_known_name *known = &stox_sip_known_names[stox_sip_known_slots[slot]];
  const uint64_t other =
      (first ^ stox_word_load(known->first)) | (last ^ stox_word_load(known->last)) |
      (known->n ^ n);
  if (other != 0) {
    return STOX_SIP_OTHER;
  }
  if (n > (size_t)2 * STOX_SIP_WORD &&
      stox_sip_name_word(p + STOX_SIP_WORD, mask) != stox_word_load(known->middle)) {
    return STOX_SIP_OTHER;
  }
  return known->id;
}

/* The STOX_SIP_… of a name of one plain octet (lib/text/stops.h) or more, whose case is all that
 * 0x20 tells; STOX_SIP_OTHER if it is unknown. */
static inline int stox_sip_known_id(const char *p, size_t n) {
  char octets[STOX_SIP_WORD] = {0};
  if (n >= STOX_SIP_WORD) {
    return stox_sip_known_id_here(p, n);
  }
  memcpy(octets, p, n);
  return stox_sip_known_id_here(octets, n);
}

#endif
