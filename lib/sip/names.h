/* SPDX-License-Identifier: MIT */
#ifndef STOX_SIP_NAMES_H
#define STOX_SIP_NAMES_H

#include <stdint.h>

/* Tables of lib/sip/names.c, which cmake/generate_sip_names.py writes. */
enum { STOX_SIP_HEADER_COUNT = 96, STOX_SIP_METHOD_COUNT = 15, STOX_SIP_NAME_MAX = 24 };
enum { STOX_SIP_SLOT_BITS = 9, STOX_SIP_SLOT_COUNT = 1 << STOX_SIP_SLOT_BITS };
#define STOX_SIP_SLOT_MULTIPLIER UINT64_C(0xBEE102A65FA39409)

/* Rules of a header field. */
enum {
  STOX_SIP_ONCE = 1,    /* stands once */
  STOX_SIP_LIST = 2,    /* a comma separates values */
  STOX_SIP_ADDRESS = 4, /* its values are name-addr or addr-spec with parameters */
  STOX_SIP_EMPTY = 8    /* may be empty */
};

typedef struct stox_sip_header_row {
  const char *name;
  int rules;
  unsigned name_n;
} stox_sip_header_row;

/* A name in lower case, in words that may overlap; NUL before those that fill none. */
typedef struct stox_sip_known_name {
  char first[8];
  char last[8];
  char middle[8]; /* from the ninth octet on */
  unsigned char n;
  unsigned char id;
  unsigned char spare[6]; /* a row is half a cache line */
} stox_sip_known_name;

extern const stox_sip_header_row stox_sip_header_rows[STOX_SIP_HEADER_COUNT];

/* Each has a slot of its own, which holds its row; row 0 is no name. */
extern const stox_sip_known_name stox_sip_known_names[];
extern const unsigned char stox_sip_known_slots[STOX_SIP_SLOT_COUNT];

typedef struct stox_sip_method_row {
  char name[12];
  unsigned char n;
} stox_sip_method_row;

extern const stox_sip_method_row stox_sip_method_names[STOX_SIP_METHOD_COUNT];

/* Each has a slot of its own, which holds its number. */
enum { STOX_SIP_METHOD_SLOTS = 32 };
extern const unsigned char stox_sip_method_slots[STOX_SIP_METHOD_SLOTS];

/* Where a header field stands; those of an id are from stox_sip_where_starts[id] on. */
typedef struct stox_sip_where_row {
  uint16_t low; /* statuses; 0: requests */
  uint16_t high;
  uint16_t proxy;                       /* STOX_SIP_PROXY_… */
  char presence[STOX_SIP_METHOD_COUNT]; /* digits by method, from STOX_SIP_INVITE on:
                                           STOX_SIP_UNSAID and so on */
} stox_sip_where_row;

extern const stox_sip_where_row stox_sip_where_rows[];
extern const unsigned char stox_sip_where_starts[STOX_SIP_HEADER_COUNT + 1];

#endif
