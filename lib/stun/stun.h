/* SPDX-License-Identifier: MIT */
#ifndef STOX_STUN_STUN_H
#define STOX_STUN_STUN_H

#include "stox/span.h"

#define STOX_STUN_COOKIE           UINT32_C(0x2112A442)
#define STOX_STUN_FINGERPRINT_MASK UINT32_C(0x5354554E)

enum {
  STOX_STUN_COOKIE_AT = 4,
  STOX_STUN_ATTRIBUTE_HEADER = 4,
  STOX_STUN_FINGERPRINT_N = 4,
  STOX_STUN_IP4 = 4,
  STOX_STUN_IP6 = 16,
  STOX_STUN_FAMILY_IP4 = 1,
  STOX_STUN_FAMILY_IP6 = 2
};

static inline uint32_t stox_stun_u16(const char *p) {
  return (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static inline uint32_t stox_stun_u32(const char *p) {
  return stox_stun_u16(p) << 16 | stox_stun_u16(p + 2);
}

/* CRC-32 of ITU V.42, as FINGERPRINT uses it (RFC 5389 15.5). */
uint32_t stox_stun_crc(stox_span octets);

#endif
