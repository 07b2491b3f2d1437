/* SPDX-License-Identifier: MIT */
#ifndef STOX_BASE_CHARS_H
#define STOX_BASE_CHARS_H

#include "stox/api.h"

/* Character classes; the members stand in cmake/generate_chars.py. No octet above 0x7F is in any.
 */
enum {
  STOX_CHAR_ALPHA = 1 << 0,
  STOX_CHAR_DIGIT = 1 << 1,
  STOX_CHAR_HEX = 1 << 2,
  STOX_CHAR_SPACE = 1 << 3,       /* SP HTAB CR LF */
  STOX_CHAR_CTRL = 1 << 4,        /* C0 and DEL */
  STOX_CHAR_TOKEN = 1 << 5,       /* RFC 3261 25.1 token */
  STOX_CHAR_SIP_USER = 1 << 6,    /* RFC 3261 25.1 user, escapes apart */
  STOX_CHAR_PASSWORD = 1 << 7,    /* RFC 3261 25.1 password, escapes apart */
  STOX_CHAR_PARAM = 1 << 8,       /* RFC 3261 25.1 paramchar, escapes apart */
  STOX_CHAR_URI_HEADER = 1 << 9,  /* RFC 3261 25.1 hnv-unreserved and unreserved */
  STOX_CHAR_UNRESERVED = 1 << 10, /* RFC 3986 2.3 */
  STOX_CHAR_ATEXT = 1 << 11,      /* RFC 5322 3.2.3 */
  STOX_CHAR_IM_SAFE = 1 << 12,
  STOX_CHAR_IM_RFC = 1 << 13,    /* RFC 7247 Table 1, IM/PRES */
  STOX_CHAR_HOST = 1 << 14,      /* letters, digits, hyphen, dot */
  STOX_CHAR_LOCALPART = 1 << 15, /* ASCII that Nodeprep and RFC 7622 3.3.1 allow */
  STOX_CHAR_UPPER = 1 << 16,
  STOX_CHAR_WORD = 1 << 17,           /* RFC 3261 25.1 word */
  STOX_CHAR_SIP_UNRESERVED = 1 << 18, /* RFC 3261 25.1 unreserved */
  STOX_CHAR_URIC = 1 << 19,           /* RFC 3986 2.2 and 2.3, escapes apart */
  STOX_CHAR_XMPP_NODE = 1 << 20,      /* RFC 5122 2.2 nodeid */
  STOX_CHAR_XMPP_RESOURCE = 1 << 21   /* RFC 5122 2.2 resid */
};

extern const uint32_t stox_chars[256];

/* For lib/text/stops.h: 1 for a stop, 16 for a mark, 256 more for an odd octet. */
extern const uint16_t stox_stop_kinds[256];

static inline int stox_char_is(char c, uint32_t classes) {
  return (stox_chars[(unsigned char)c] & classes) != 0;
}

static inline char stox_char_lower(char c) {
  return (char)(stox_char_is(c, STOX_CHAR_UPPER) ? c | 0x20 : c);
}

/* The value of a hexadecimal digit, -1 for another octet. */
static inline int stox_char_hex(char c) {
  if (stox_char_is(c, STOX_CHAR_DIGIT)) {
    return c - '0';
  }
  return stox_char_is(c, STOX_CHAR_HEX) ? (c | 0x20) - 'a' + 10 : -1;
}

#endif
