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
  REST_MS = 1000, /* without traffic, after which a stream's room is given back */
  ROUNDS = 64,    /* of pump and flush before the loop gets its turn */
  SLOT_BITS = 20,
  SLOT_MASK = (1 << SLOT_BITS) - 1,
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
  size_t from; /* p[from … len) waits */
  size_t len;
  uint64_t put;  /* octets that ever came in */
  uint64_t sent; /* of them left */
  struct token_mark {
    uint64_t token;
    uint64_t end; /* of its octets, counted as `put` */
  } * marks;
  size_t marks_cap;
  size_t marks_from; /* marks[marks_from … n_marks) wait */
  size_t n_marks;
} outbox;

/* A stox_secure with all that it points to. */
typedef struct kept_secure {
  stox_secure secure;
  stox_span alpn[STOX_SECURE_ALPN_MAX];
  size_t n;
  char octets[];
} kept_secure;

/* What a stream has more, once TLS was asked for. */
typedef struct secured {
  stox_tls *tls;
  kept_secure *how;
  uint64_t raw_end;  /* octets of the outbox, counted as `put`, that go out as they are */
  uint64_t began_ms; /* when the handshake could begin */
  size_t taken;      /* octets of the outbox that the session took; its output holds them */
  int was_told;      /* how the handshake ended is told */
  int is_undecided;  /* that it waits for the host is told */
  int is_ended;      /* the peer's close notification has come */
} secured;

/* What resumes a session with a server. */
typedef struct resumption {
  uint64_t used; /* when, in turns */
  kept_secure *how;
  char *p;
  size_t n;
} resumption;

typedef struct stream {
  uv_poll_t poll; /* first: a handle is cast to its stream */
  struct stox_uv *uv;
  struct secured *secured; /* NULL: plain */
  struct stream *next_in_bucket;
  struct stream *next_dirty;
  uint64_t handle;
  uint64_t open_token;
  uint64_t active_ms; /* last traffic, or when the connect began */
  address local;
  address remote;
  outbox out;
  int fd;
  int polled; /* the events that are waited for */
  int is_open;
  int is_dirty;
  int is_closing;
  int lingers; /* its socket goes once the peer has ended too */
  int is_held;
  int close_when_sent;
  int was_reported; /* the engine knows of the flow */
} stream;

typedef struct listener {
  union {
    uv_handle_t handle;
    uv_poll_t poll;
    uv_udp_t udp;
  } io; /* first: a handle is cast to its listener */
  struct stox_uv *uv;
  struct listener *next;
  uint64_t handle;
  address local;
  kept_secure *how; /* TLS: what its flows begin with; NULL: plain */
  int fd;           /* of a listening stream socket, else -1 */
  int is_starved;   /* a connection waits for a free slot */
} listener;

/* A question of the engine. */
typedef struct asked {
  struct asked *next;
  struct stox_uv *uv;
  uint64_t token;
  uint64_t id; /* the resolver's */
} asked;

struct stox_uv {
  uv_loop_t *loop;
  uv_loop_t own_loop;
  int owns_loop;
  int stopping;
  int is_ending; /* in stox_uv_del(): the engine is told nothing more */
  int is_closed; /* all handles are */
  int was_told;  /* the engine was called since its actions were pumped */
  stox_engine engine;
  stox_uv_options options;
  stox_uv_counters counters;
  stox_chain_rules rules;
  resumption *resumptions; /* NULL until there is one */
  uint64_t resumption_turn;
  uv_timer_t deadline;
  uv_timer_t sweep;
  uv_check_t check;
  uv_prepare_t prepare;
  listener *listeners;
  asked *questions;
  stream *dirty;
  stream *buckets[BUCKETS]; /* by remote address */
  stream **slots;           /* by handle */
  size_t n_slots;
  size_t first_free; /* all slots below are taken */
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
uint64_t stox_uv_handle(struct stox_uv *uv, size_t slot);
void stox_uv_report(struct stox_uv *uv, uint64_t token, int status, const stox_flow *flow);
void stox_uv_input(struct stox_uv *uv, const stox_flow *flow, stox_span bytes);
void stox_uv_hold(struct stox_uv *uv, uint64_t handle, int full);
void stox_uv_traced(struct stox_uv *uv, const stox_flow *flow, stox_span bytes);
uint64_t stox_uv_wall(const struct stox_uv *uv);

/* datagram.c */
int stox_uv_datagram_listen(listener *l);
int stox_uv_datagram_send(struct stox_uv *uv, const stox_action *action);

/* outbox.c */
int stox_uv_outbox_put(struct stox_uv *uv, outbox *box, stox_span bytes, uint64_t token);
size_t stox_uv_outbox_waiting(const outbox *box);
void stox_uv_outbox_took(struct stox_uv *uv, outbox *box, size_t n);
uint64_t stox_uv_outbox_token(outbox *box, int is_lost);
/* Gives back the room of what has nothing to send. */
void stox_uv_outbox_rest(struct stox_uv *uv, outbox *box);

void stox_uv_outbox_free(struct stox_uv *uv, outbox *box);

/* resolve.c */
int stox_uv_resolve(struct stox_uv *uv, const stox_action *action);
void stox_uv_resolve_end_all(struct stox_uv *uv);

/* secure_keep.c */
int stox_uv_secure_keep(struct stox_uv *uv, kept_secure **out, const stox_secure *how);
void stox_uv_secure_drop(struct stox_uv *uv, kept_secure *kept);
int stox_uv_secure_is_same(const stox_secure *a, const stox_secure *b);
stox_span stox_uv_resumption_get(struct stox_uv *uv, const stox_secure *how);
void stox_uv_resumption_put(struct stox_uv *uv, const stox_secure *how, const stox_tls *tls);
void stox_uv_resumption_clear(struct stox_uv *uv);

/* secure.c: a status other than STOX_OK is what the stream has to end with */
int stox_uv_secure_can(const struct stox_uv *uv, const stox_secure *how);
int stox_uv_secure_begin(stream *s, const stox_secure *how, int is_server);
int stox_uv_secure_start(struct stox_uv *uv, const stox_action *action);
int stox_uv_secure_input(stream *s, stox_span bytes);
int stox_uv_secure_input_end(stream *s);
int stox_uv_secure_flush(stream *s);
int stox_uv_secure_is_shaking(const stream *s);
int stox_uv_secure_wants_write(const stream *s);
void stox_uv_secure_end(stream *s, int status);
void stox_uv_secure_free(stream *s);

/* stream.c */
int stox_uv_stream_new(stream **out, struct stox_uv *uv, int fd, const address *remote);
int stox_uv_stream_send(struct stox_uv *uv, const stox_action *action);
int stox_uv_stream_open(struct stox_uv *uv, const stox_action *action);
int stox_uv_stream_close(struct stox_uv *uv, uint64_t handle);
stream *stox_uv_stream_find(const struct stox_uv *uv, uint64_t handle);
stox_flow stox_uv_stream_flow(const stream *s);
void stox_uv_stream_give_back(stream *s, int status);
void stox_uv_stream_hold(stream *s);
void stox_uv_stream_mark(stream *s);
void stox_uv_stream_end(stream *s, int status);
void stox_uv_stream_gone(stream *s);
void stox_uv_stream_flush_all(struct stox_uv *uv);
void stox_uv_stream_sweep(struct stox_uv *uv);
void stox_uv_stream_end_all(struct stox_uv *uv);

/* stream_io.c */
int stox_uv_stream_connect(stream **out, struct stox_uv *uv, const address *remote);
void stox_uv_stream_flush(stream *s);
int stox_uv_stream_linger(stream *s);
int stox_uv_stream_write(stream *s, stox_span bytes, size_t *n);
int stox_uv_stream_listen(listener *l);
void stox_uv_stream_retry(listener *l);

#endif
