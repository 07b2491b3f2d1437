/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FED_NET_H
#define STOX_TEST_FED_NET_H

#include "support.h"

#include "stox/federation.h"

/* A network of federations in memory: flows, TLS that says who has which certificate, DNS, and
 * peers played by hand. */

#define SECOND UINT64_C(1000000000)

enum { NET_HOSTS = 4, NET_FLOWS = 64, NET_QUEUE = 1 << 16, NET_RECORDS = 16, NET_DOMAINS = 4 };

struct net;

/* One server. */
typedef struct net_host {
  struct net *net;
  const char *address;
  stox_federation *fed; /* NULL: played by hand */
  stox_engine engine;
  failing memory;
  stox_allocator alloc;
  stox_random random;
  uint64_t seed;
  stox_federation_options options;
  stox_federation_domain domains[NET_DOMAINS];
  const char *identities; /* of its certificate, one a line; NULL: it has none */
  int is_trusted;         /* 1: the chain is valid */
  int refuses;            /* 1: nobody can connect */
  int is_deaf;            /* 1: who connects gets no answer */
  int is_careless;        /* 1: whoever does its TLS takes every certificate */
  int wants_again;        /* 1: the next DOWN is answered with a wish */
  const char *answer;     /* each stanza is answered, when it comes, with this text from the pair */
  char log[1 << 14];      /* a line an event */
  size_t n_log;
  char said[NET_QUEUE]; /* by hand: what was heard */
  size_t n_said;
  uint64_t last; /* by hand: its flow that was opened last */
  int is_stopped;
  size_t max_live;
} net_host;

typedef struct net_end {
  net_host *host;
  uint64_t handle;
  uint64_t tls; /* token of a START_TLS that waits; 0: none */
  int is_lenient;
  int is_open;
  int is_secure;
  int has_end;           /* the peer's end is to be told */
  char name[256];        /* that the certificate of the other has to prove */
  char queue[NET_QUEUE]; /* octets on their way to it */
  size_t n;
} net_end;

typedef struct net_flow {
  net_end ends[2];
} net_flow;

typedef struct net_record {
  const char *name;
  stox_record record;
} net_record;

typedef struct net {
  uint64_t now_ns;
  size_t chunk; /* octets that are delivered at once; 0: all */
  net_host hosts[NET_HOSTS];
  size_t n_hosts;
  net_flow flows[NET_FLOWS];
  size_t n_flows;
  net_record records[NET_RECORDS];
  size_t n_records;
  int is_mute; /* 1: DNS does not answer */
  size_t n_opens;
  size_t n_questions;
  size_t n_tls;
  char last_open[64];
} net;

void net_init(net *n);
void net_free(net *n);

/* A server with domains, the first of them with a certificate that names them all; options may be
 * changed before net_start(). */
net_host *net_add(net *n, const char *address, const char *const *domains, size_t n_domains);
int net_start(net_host *h);

/* A peer that is played by hand. */
net_host *net_add_hand(net *n, const char *address);

void net_srv(net *n, const char *name, uint32_t port, const char *target);
void net_address(net *n, const char *name, const char *address);

/* `_xmpp-server._tcp.DOMAIN` and an address. */
void net_place(net *n, const char *domain, const char *address);

/* Until nothing happens; then time passes. */
void net_run(net *n);
void net_pass(net *n, uint64_t ns);

/* Gives a stanza to a federation. */
int net_send(net_host *h, const char *local, const char *remote, const char *id);
int net_want(net_host *h, const char *local, const char *remote);

/* By hand: opens a flow to a host, says something on a flow, ends it. */
uint64_t net_dial(net_host *hand, net_host *to);
void net_say(net_host *hand, uint64_t handle, const char *text);
void net_hang_up(net_host *hand, uint64_t handle);

/* What a hand has heard since the last call. */
const char *net_heard(net_host *hand);

/* The log since the last call. */
const char *net_log(net_host *h);

/* 1 if a flow of the host is open. */
int net_is_open(const net_host *h, uint64_t handle);

#endif
