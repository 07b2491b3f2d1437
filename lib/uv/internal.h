/* SPDX-License-Identifier: MIT */
#ifndef STOX_UV_INTERNAL_H
#define STOX_UV_INTERNAL_H

/* uv.h needs the POSIX types, which strict C11 hides; so this header comes first. */
#define _POSIX_C_SOURCE 200809L

#include "stox/uv.h"

#include <uv.h>

enum {
  BUCKETS = 256,
  DATAGRAM_MAX = 65536,
  DATAGRAMS_AT_ONCE = 16, /* what one recvmmsg() may bring */
  SWEEP_MS = 500,
  HOST_TEXT = 64
};

/* An address with its text in place, so that a flow can give spans of it. */
typedef struct address {
  char host[HOST_TEXT];
  stox_endpoint endpoint;
  struct sockaddr_storage sockaddr;
} address;

/* Octets on their way out, and the tokens to be given back as they leave. */
typedef struct outbox {
  char *p;
  size_t cap;
  size_t len;
  struct token_mark {
    uint64_t token;
    size_t end;
  } * marks;
  size_t marks_cap;
  size_t n_marks;
} outbox;

typedef struct stream {
  uv_tcp_t tcp; /* first: a handle is cast to its stream */
  uv_connect_t connect;
  uv_write_t write;
  struct stox_uv *uv;
  struct stream *next_in_bucket;
  struct stream *next_dirty;
  uint64_t handle;
  uint64_t open_token;
  uint64_t active_ms; /* last traffic, or when the connect began */
  address local;
  address remote;
  outbox pending;   /* appended to */
  outbox in_flight; /* handed to uv_write() */
  int is_open;
  int is_writing;
  int is_dirty;
  int is_closing;
  int is_held;
  int close_when_sent;
  int was_reported; /* the engine knows of the flow */
} stream;

typedef struct listener {
  union {
    uv_handle_t handle;
    uv_tcp_t tcp;
    uv_udp_t udp;
  } io; /* first: a handle is cast to its listener */
  struct stox_uv *uv;
  struct listener *next;
  uint64_t handle;
  address local;
  int is_starved; /* a connection waits for a free slot */
} listener;

struct stox_uv {
  uv_loop_t *loop;
  uv_loop_t own_loop;
  int owns_loop;
  int stopping;
  stox_engine engine;
  stox_uv_options options;
  stox_uv_counters counters;
  uv_timer_t deadline;
  uv_timer_t sweep;
  uv_check_t check;
  uv_prepare_t prepare;
  listener *listeners;
  stream *dirty;
  stream *buckets[BUCKETS]; /* by remote address */
  stream **slots;           /* by handle */
  size_t n_slots;
  size_t n_streams;
  uint64_t generation;
  char *input; /* one read's room; the engine keeps no view of it */
};

/* address.c */
int stox_uv_address_parse(address *out, const stox_endpoint *endpoint);
void stox_uv_address_of(address *out, const struct sockaddr *from, int transport);
int stox_uv_address_is_equal(const address *a, const address *b);
unsigned stox_uv_address_bucket(const address *a);

/* uv.c */
void *stox_uv_alloc(struct stox_uv *uv, void *p, size_t old_n, size_t new_n);
void stox_uv_report(struct stox_uv *uv, uint64_t token, int status, const stox_flow *flow);
void stox_uv_input(struct stox_uv *uv, const stox_flow *flow, stox_span bytes);
void stox_uv_traced(struct stox_uv *uv, const stox_flow *flow, stox_span bytes);
void stox_uv_give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out);

/* datagram.c */
int stox_uv_datagram_listen(listener *l);
int stox_uv_datagram_send(struct stox_uv *uv, const stox_action *action);

/* stream.c */
int stox_uv_stream_listen(listener *l);
int stox_uv_stream_send(struct stox_uv *uv, const stox_action *action);
int stox_uv_stream_open(struct stox_uv *uv, const stox_action *action);
int stox_uv_stream_close(struct stox_uv *uv, uint64_t handle);
void stox_uv_stream_flush_all(struct stox_uv *uv);
void stox_uv_stream_sweep(struct stox_uv *uv);
void stox_uv_stream_end_all(struct stox_uv *uv);

#endif
