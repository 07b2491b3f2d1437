/* SPDX-License-Identifier: MIT */
#include "sip/names.h"
#include "stox/sip.h"

#include <string.h>

const char *stox_sip_header_name(int id) {
  return id > 0 && id < STOX_SIP_HEADER_COUNT ? stox_sip_header_rows[id].name : NULL;
}

static unsigned lower(char c) {
  return (unsigned char)c | 0x20u;
}

/* As slot() of cmake/generate_sip_names.py. */
static size_t slot_of(stox_span name) {
  const uint32_t key = (uint32_t)name.n | lower(name.p[0]) << 8 | lower(name.p[name.n - 1]) << 16;
  return (key * stox_sip_slot_multiplier) >> 24;
}

/* Zero if the octets of a word are those of a known name's: a letter, which has 0x40, may lack
 * 0x20. */
static uint64_t differ8(const char *p, const char *known) {
  const uint64_t letters = UINT64_C(0x4040404040404040);
  uint64_t a;
  uint64_t b;
  memcpy(&a, p, sizeof a);
  memcpy(&b, known, sizeof b);
  return (a ^ b) & ~((b & letters) >> 1);
}

static uint64_t differ1(char c, char known) {
  return ((unsigned char)c ^ (unsigned char)known) & ~(((unsigned char)known & 0x40u) >> 1);
}

/* Words may overlap. */
static int is_known(const stox_sip_known_name *known, stox_span name) {
  const size_t word = sizeof(uint64_t);
  uint64_t differ = 0;
  if (known->n != name.n) {
    return 0;
  }
  if (name.n < word) {
    for (size_t i = 0; i < name.n; i++) {
      differ |= differ1(name.p[i], known->name[i]);
    }
    return differ == 0;
  }
  for (size_t i = 0; i + word < name.n; i += word) {
    differ |= differ8(name.p + i, known->name + i);
  }
  return (differ | differ8(name.p + name.n - word, known->name + name.n - word)) == 0;
}

int stox_sip_header_of(stox_span name) {
  if (name.n == 0 || name.n > STOX_SIP_NAME_MAX) {
    return STOX_SIP_OTHER;
  }
  const size_t slot = slot_of(name);
  const size_t end = stox_sip_known_slots[slot + 1];
  for (size_t i = stox_sip_known_slots[slot]; i < end; i++) {
    if (is_known(&stox_sip_known_names[i], name)) {
      return stox_sip_known_names[i].id;
    }
  }
  return STOX_SIP_OTHER;
}

const char *stox_sip_method_name(int method_id) {
  return method_id > 0 && method_id < STOX_SIP_METHOD_COUNT ? stox_sip_method_names[method_id]
                                                            : NULL;
}

int stox_sip_method_of(stox_span method) {
  for (int id = 1; id < STOX_SIP_METHOD_COUNT; id++) {
    const char *name = stox_sip_method_names[id];
    if (method.n > 0 && method.p[0] == name[0] &&
        stox_span_is_equal(method, stox_span_text(name))) {
      return id;
    }
  }
  return STOX_SIP_METHOD_OTHER;
}
