/* SPDX-License-Identifier: MIT */
#ifndef STOX_LINEAR_H
#define STOX_LINEAR_H

#include "stox/span.h"

/* In a unit: its number, in digits. */
#define COUNTER "\1"

/* A text of `head`, n times `unit`, n times `closer`, `tail`; what looks through it, and what that
 * returns when it has. */
typedef struct trap {
  const char *name;
  const char *head;
  const char *unit;
  const char *closer;
  const char *tail;
  int (*run)(stox_span text);
  int want;
} trap;

extern const trap stox_linear_sip[];
extern const size_t stox_linear_sip_count;
extern const trap stox_linear_bodies[];
extern const size_t stox_linear_bodies_count;

/* What is counted. */
int stox_linear_measure(const trap *t, stox_span text);

#endif
