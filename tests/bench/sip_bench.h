/* SPDX-License-Identifier: MIT */
/* What bench_sip is made of. */
#ifndef STOX_BENCH_SIP_BENCH_H
#define STOX_BENCH_SIP_BENCH_H

#include "sip_peers.h"

#include <stddef.h>

enum { BENCH_MESSAGES = 32 };

typedef struct bench_message {
  char name[32];
  stox_span text;
  size_t head; /* octets before the body */
  int is_request;
} bench_message;

/* A library, or something of ours that is timed on its own. */
typedef struct bench_case {
  const char *name;
  const sip_peer *peer;
  int (*run)(const bench_message *message);
  int kernel;
} bench_case;

typedef struct bench_kernel {
  const char *name;
  const char *label; /* as a case */
  int number;        /* STOX_SIP_KERNEL_… */
} bench_kernel;

/* All kernels; ends with a NULL name. */
extern const bench_kernel bench_kernels[];

/* 1: the machine has it. */
int bench_has_kernel(int number);

/* The number of a name, of the machine's best for `best`; -1: not here. */
int bench_kernel_number(const char *name);

/* The name of a number. */
const char *bench_kernel_name(int number);

/* Ours; ends with a NULL name. */
extern const bench_case bench_own_cases[];

/* 1: the case has something to do with that message. */
int bench_applies(const bench_case *c, const bench_message *message);

/* Reads every message of a folder, in the order of their names; how many. */
size_t bench_load(bench_message messages[BENCH_MESSAGES], const char *folder);

/* Monotonic time. */
double bench_ns(void);

/* Calls of malloc, calloc and realloc so far, where they are counted. */
extern size_t bench_allocations;
extern const int bench_counts_allocations;

#endif
