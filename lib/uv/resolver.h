/* SPDX-License-Identifier: MIT */
#ifndef STOX_UV_RESOLVER_INTERNAL_H
#define STOX_UV_RESOLVER_INTERNAL_H

/* uv.h needs the POSIX types, which strict C11 hides; so this header comes first. */
#define _POSIX_C_SOURCE 200809L

#include "stox/uv_resolver.h"

/* ares.h takes these two for granted. */
#include <sys/select.h>
#include <sys/time.h>

#include <ares.h>
#include <uv.h>

enum { NAME_MAX_OCTETS = 253 };

/* Where a question stands. */
enum { QUERY_NEW, QUERY_SENT, QUERY_FAILED };

typedef struct query {
  struct query *older;
  struct query *newer;
  struct stox_uv_resolver *resolver;
  uint64_t id;
  uint64_t deadline_ms; /* of the loop */
  stox_uv_resolver_done done;
  void *ud;
  int state;
  int status;      /* QUERY_FAILED */
  int is_starting; /* in ares_query() */
  int is_open;     /* in the list; otherwise c-ares alone still knows it */
  int type;
  size_t n;
  char name[NAME_MAX_OCTETS + 1];
} query;

/* A socket of c-ares. */
typedef struct watch {
  uv_poll_t poll; /* first: a handle is cast to its watch */
  struct watch *next;
  struct stox_uv_resolver *resolver;
  ares_socket_t fd;
} watch;

struct stox_uv_resolver {
  stox_uv_resolver_options options;
  uv_loop_t *loop;
  ares_channel channel;
  uv_timer_t timer;
  query *oldest;
  query *newest;
  watch *watches;
  uint64_t last_id;
  uint64_t asked;
  uint32_t n_queries; /* those included that were taken back */
  uint32_t n_handles; /* not yet closed */
  int is_new;         /* a question is to be begun */
};

/* uv_resolver.c */
void *stox_uv_resolver_alloc(const stox_uv_resolver *obj, void *p, size_t old_n, size_t new_n);

/* resolver_io.c */
int stox_uv_resolver_open(stox_uv_resolver *obj);
void stox_uv_resolver_close(stox_uv_resolver *obj);
void stox_uv_resolver_arm(stox_uv_resolver *obj);

/* resolver_query.c */
void stox_uv_resolver_begin_new(stox_uv_resolver *obj);
void stox_uv_resolver_expire(stox_uv_resolver *obj);
void stox_uv_resolver_forget(query *q);

#endif
