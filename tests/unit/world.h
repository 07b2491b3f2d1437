/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_WORLD_H
#define STOX_TEST_WORLD_H

/* A gateway between a fake SIP peer and a fake XMPP server on a loopback network with a clock that
 * tests turn. */
#include "support.h"

#include "fake_peer.h"
#include "fake_sip.h"
#include "fake_xmpp.h"
#include "sham_tls.h"

#include "stox/gateway.h"
#include "stox/loopback.h"
#include "stox/record.h"
#include "stox/secure.h"

#define SECOND               UINT64_C(1000000000)
#define UDP                  STOX_TRANSPORT_UDP
#define TCP                  STOX_TRANSPORT_TCP
#define AT(port, transport)  ((stox_endpoint){S("127.0.0.1"), port, transport})
#define AT6(port, transport) ((stox_endpoint){S("::1"), port, transport})

typedef struct told {
  int ready;
  int lost;
  int stopped;
  size_t up;
  size_t down;
  int down_status; /* of the last */
  size_t heard;
  size_t records;
  size_t outcomes[8];
  stox_gateway_record last;
} told;

typedef struct world {
  stox_loopback *net;
  stox_gateway *gateway;
  stox_engine engine;
  told told;
  fake_xmpp *xmpp;
  fake_peer *other; /* NULL: nothing federates */
  stox_engine silent;
  sham_tls tls;      /* federated: of the gateway, */
  sham_tls peer_tls; /* and of its peer */
  fake_sip *sip;
  failing memory;
  stox_allocator alloc;
  uint64_t seed;
  stox_random random;
  uint64_t now_ns;
  /* The DNS: answers a question by records that stay; NULL: the host asks nobody. */
  int (*zone)(void *ud, const stox_question *question, const stox_record **records, size_t *n);
  void *zone_ud;
  size_t n_questions;
  int is_slow;         /* answers are kept back */
  uint64_t slow_token; /* of the last one */
  stox_action action;
  const stox_peer *peer; /* what all flows carry; TLS itself is played by TCP */
  char proves[64];       /* the name that the last send by TLS asks for */
  size_t n_secured;      /* sends by TLS */
  int dropping;          /* datagrams to lose */
  int refusing;          /* 1: streams to the SIP peer are refused */
  int refusing_peer;     /* 1: those to w->other are */
} world;

/* What differs from test to test; zero-initialised: no failing allocation, a queue of 1,024, an
 * XMPP server, sip.example and xmpp.example. */
typedef struct world_plan {
  size_t fail_at;
  uint32_t queue;
  int without_xmpp;
  int hop_transport;     /* to the SIP peer; 0: UDP */
  uint32_t segment;      /* octets of a stream that arrive at once; 0: all */
  uint32_t transactions; /* 0: 65,536 */
  uint64_t t1_ns;        /* 0: 500 ms */
  int is_ip6;            /* SIP over IPv6 */
  int writes_hops;
  stox_endpoint hop;       /* host absent: the SIP peer */
  const char *trusted;     /* NULL: 127.0.0.1 */
  int is_federated;        /* sip.example is an XMPP server of its own, w->other another */
  int is_open;             /* federated: SIP may write to every domain */
  int has_external;        /* federated: by certificates, not by dialback */
  int is_mute;             /* federated: DNS does not answer */
  int has_both;            /* federated: sip2.example is a component all the same */
  const char *peer_domain; /* of w->other; NULL: xmpp.example */
  const char *sip_domain;
  const char *xmpp_domain;
} world_plan;

int world_make_as(world *w, const world_plan *plan);

/* The gateway's n-th allocation fails (0: none); status of stox_gateway_new(). */
int world_make_with(world *w, size_t fail_at, uint32_t queue, int with_xmpp);

/* A gateway that federates with w->other over streams that are not there yet: its own server is at
 * port 5270, xmpp.example's at 5269, silent.example's at 5998, where nobody says a word; nobody
 * listens for dead.example, and DNS knows no other domain. */
void world_federate(world *w, const world_plan *plan);

/* A gateway whose component session is up. */
void world_make(world *w);

void world_join(world *w, stox_engine *engine, stox_endpoint at);
void world_run(world *w, uint64_t ns);
void world_send(world *w, const fake_message *m, int transport);

/* A message from juliet@xmpp.example to romeo@sip.example. */
extern const char world_from_juliet[];

/* Sends romeo's MESSAGE to a URI (NULL: juliet's), whose body and Call-ID are a name. */
void world_ask(world *w, const char *uri, const char *name);

/* The code of the final response to what was asked by that name; 0: none. */
int world_code_of(const world *w, const char *name);

/* Ends all streams from and to the other server. */
void world_cut(world *w);

/* Ends all; nothing may be left of what the gateway allocated. */
void world_end(world *w);

#endif
