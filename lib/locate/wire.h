/* SPDX-License-Identifier: MIT */
#ifndef STOX_LOCATE_WIRE_H
#define STOX_LOCATE_WIRE_H

#include "stox/arena.h"

/* Octets of a name on the wire (RFC 1035 3.1), the root label included, lengths before labels. */
enum { WIRE_NAME_MAX = 255 };

/* A name without compression, letters in lower case where `fold` was asked for. */
typedef struct wire_name {
  size_t n;
  unsigned char p[WIRE_NAME_MAX];
} wire_name;

/* What is left to read. Reading past the end sets `bad` and gives zeros. */
typedef struct wire {
  stox_span message; /* what compression pointers count from */
  size_t at;
  size_t end;
  int plain; /* 1: no compression here */
  int bad;
} wire;

unsigned stox_wire_octet(wire *w);
unsigned stox_wire_u16(wire *w);
uint32_t stox_wire_u32(wire *w);
stox_span stox_wire_octets(wire *w, size_t n);
stox_span stox_wire_string(wire *w); /* a length, then that many octets */
void stox_wire_name_read(wire_name *out, wire *w);

/* 1 if the two are the same without case. */
int stox_wire_name_is_equal(const wire_name *a, const wire_name *b);

/* A name from its text; 1, or 0 if it is none. */
int stox_wire_name_of(wire_name *out, stox_span text);

/* The text of a name without its last dot; `.` for the root. STOX_OK or STOX_E_NOMEM. */
int stox_wire_name_text(stox_span *out, stox_arena *arena, const wire_name *name);

#endif
