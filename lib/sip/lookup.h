/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_LOOKUP_H
#define STOX_SIP_LOOKUP_H

#include "sip/names.h"
#include "stox/sip.h"
#include "text/ascii.h"

enum { STOX_SIP_WORD = 8 };

/* The octets of a word that a name has which ends it. */
static const char stox_sip_word_masks[STOX_SIP_WORD + 1][STOX_SIP_WORD] = {
    "\0\0\0\0\0\0\0",
    "\0\0\0\0\0\0\0\xFF",
    "\0\0\0\0\0\0\xFF\xFF",
    "\0\0\0\0\0\xFF\xFF\xFF",
    "\0\0\0\0\xFF\xFF\xFF\xFF",
    "\0\0\0\xFF\xFF\xFF\xFF\xFF",
    "\0\0\xFF\xFF\xFF\xFF\xFF\xFF",
    "\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
};

/* Eight octets of a name in lower case; those that are not of it are NUL. */
static inline uint64_t stox_sip_name_word(const char *p, uint64_t mask) {
  return (stox_word_load(p) | stox_word_repeat(0x20)) & mask;
}

/* stox_sip_known_id() of a name by its end, where eight octets can be read before that. */
static inline int stox_sip_known_id_before(const char *end, size_t n) {
  const size_t few = n < STOX_SIP_WORD ? n : STOX_SIP_WORD;
  const size_t many = n < STOX_SIP_WORD ? STOX_SIP_WORD : n;
  const uint64_t mask = stox_word_load(stox_sip_word_masks[few]);
  const uint64_t first = stox_sip_name_word(end - many, mask);
  const uint64_t last = stox_sip_name_word(end - STOX_SIP_WORD, mask);
  /* As slot() of cmake/generate_sip_names.py, which knows the octets in this order. */
  const uint64_t key = stox_word_little(first) + 2 * stox_word_little(last);
  const size_t slot = (size_t)(key * STOX_SIP_SLOT_MULTIPLIER >> (64 - STOX_SIP_SLOT_BITS));
  const stox_sip_known_name *known = &stox_sip_known_names[stox_sip_known_slots[slot]];
  if (known->n != n || first != stox_word_load(known->first) ||
      last != stox_word_load(known->last)) {
    return STOX_SIP_OTHER;
  }
  if (n > (size_t)2 * STOX_SIP_WORD &&
      stox_sip_name_word(end - n + STOX_SIP_WORD, mask) != stox_word_load(known->middle)) {
    return STOX_SIP_OTHER;
  }
  return known->id;
}

/* The STOX_SIP_… of a name of one plain octet (lib/text/stops.h) or more, whose case is all that
 * 0x20 tells; STOX_SIP_OTHER if it is unknown. */
static inline int stox_sip_known_id(const char *p, size_t n) {
  char octets[STOX_SIP_WORD] = {0};
  if (n >= STOX_SIP_WORD) {
    return stox_sip_known_id_before(p + n, n);
  }
  memcpy(octets + STOX_SIP_WORD - n, p, n);
  return stox_sip_known_id_before(octets + STOX_SIP_WORD, n);
}

#endif
