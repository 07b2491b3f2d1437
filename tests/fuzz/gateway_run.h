/* SPDX-License-Identifier: MIT */
#ifndef STOX_FUZZ_GATEWAY_RUN_H
#define STOX_FUZZ_GATEWAY_RUN_H

#include "script.h"
#include "stox/gateway.h"
#include "stox/sip.h"
#include "stox/stanza.h"

/* The world of fuzz_gateway.c: two component sessions, SIP over UDP and TCP, and what the gateway
 * still owes to whom. */

#define SECOND UINT64_C(1000000000)
#define SECRET "k3y-" /* begins the ids that are owed an answer */

enum {
  SLOTS = 2,
  OWED = 96,
  ROOM = 1 << 13,
  LARGE = 1 << 16,
  REMEMBERED = 8,
  FLOW_XMPP = 10, /* handles of component streams count up from here by SLOTS */
  FLOW_UDP = 1,
  FLOW_TCP = 1000000,
  FLOW_OUT = 2000000
};

/* A MESSAGE that was sent to the gateway, or a stanza. */
typedef struct owed {
  uint64_t since;
  int code;      /* the final response; SIP */
  int is_strict; /* the request is; SIP */
  unsigned errors;
  unsigned ends; /* records that say delivered or ignored */
} owed;

typedef struct peer_stream {
  stox_xml_reader *reader; /* of what the gateway sends */
  uint64_t handle;
  int is_up;
  int is_held;
  int is_deaf;
  int is_dirty;      /* it may end inside of something */
  char last_id[128]; /* of the last message that came */
  size_t last_id_n;
  char last_from[ROOM];
  size_t last_from_n;
  char last_to[ROOM];
  size_t last_to_n;
  char ping[64];
  size_t ping_n;
} peer_stream;

typedef struct run {
  script script;
  stox_gateway *gateway;
  uint64_t now;
  peer_stream streams[SLOTS];
  uint64_t opened;
  uint64_t sip_stream; /* the TCP flow of the SIP peer, 0: none */
  uint64_t sip_streams;
  int is_dirty; /* that flow may end inside of a message */
  owed sip[OWED];
  size_t n_sip;
  owed xmpp[OWED];
  size_t n_xmpp;
  char last_sip[ROOM]; /* the last request to the gateway, to be sent again */
  size_t last_sip_n;
  char asked[REMEMBERED][ROOM]; /* requests of the gateway that wait for an answer */
  size_t asked_n[REMEMBERED];
  size_t n_asked;
  unsigned fail_sends;
  unsigned fail_opens;
  size_t responses; /* SIP responses that went out */
  size_t stanzas;   /* stanzas that went out, pings not counted */
  int is_lossy;     /* memory failed, or a stream was lost while it was held: not all can be owed */
  int is_raw;       /* the script wrote ids of its own that look like ours */
  int stopped;
} run;

#endif
