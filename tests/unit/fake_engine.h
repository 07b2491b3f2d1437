/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FAKE_ENGINE_H
#define STOX_TEST_FAKE_ENGINE_H

#include "support.h"

#include "stox/secure.h"
#include "stox/transport.h"

/* An engine that does what a test queues and remembers what it is told. */

enum { FAKE_ACTIONS = 64, FAKE_RECORDS = 64, FAKE_OCTETS = 1 << 16 };

typedef struct fake_done {
  uint64_t token;
  int status;
  uint64_t handle; /* of the flow; 0: none was given */
  int is_secure;   /* the flow had a peer */
} fake_done;

typedef struct fake_engine {
  stox_action queue[FAKE_ACTIONS]; /* what they point to must outlive them */
  size_t first;
  size_t last;
  int echoes;        /* what is fed goes back on its flow */
  uint64_t n_echoes; /* also the tokens of these sends */
  char echo[FAKE_OCTETS];
  size_t echo_n;

  fake_done done[FAKE_RECORDS];
  fake_done resolved; /* the last; `handle` is the number of records */
  size_t n_resolved;
  size_t n_done; /* counts on past the records, as do the others */
  char fed[FAKE_OCTETS];
  size_t n_fed; /* octets */
  size_t n_feeds;
  size_t n_ends;
  stox_flow flow; /* of the last feed; texts below */
  char host[64];
  stox_peer peer; /* of the last flow that was told of with one; texts below */
  char identities[512];
  char alpn[64];
  size_t n_full;
  size_t n_room;
  uint64_t held_handle;
  uint64_t deadline_ns;
  size_t n_ticks;
  uint64_t tick_ns;
  uint64_t wall_s;
} fake_engine;

void fake_engine_init(fake_engine *f);
stox_engine fake_engine_functions(fake_engine *f);

/* Queue an action; a remote without a host is absent. */
void fake_send(fake_engine *f, uint64_t handle, stox_endpoint remote, stox_span bytes,
               uint64_t token);
void fake_open(fake_engine *f, stox_endpoint remote, uint64_t token);
void fake_open_secure(fake_engine *f, stox_endpoint remote, const stox_secure *how, uint64_t token);
void fake_send_secure(fake_engine *f, stox_endpoint remote, const stox_secure *how, stox_span bytes,
                      uint64_t token);
void fake_start_tls(fake_engine *f, uint64_t handle, const stox_secure *how, stox_span bytes,
                    uint64_t token);
void fake_close(fake_engine *f, uint64_t handle);

/* The record of a token; NULL: it is not given back yet. Fails if it was given back twice. */
const fake_done *fake_done_of(const fake_engine *f, uint64_t token);

#endif
