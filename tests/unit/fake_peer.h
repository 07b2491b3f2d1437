/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FAKE_PEER_H
#define STOX_TEST_FAKE_PEER_H

#include "support.h"

#include "stox/federation.h"
#include "stox/transport.h"

/* An XMPP server for tests over the loopback network, federating: it keeps the text of every
 * stanza, answers pings over its own stream, and bounces messages to `nobody@`.
 */

enum { PEER_STANZAS = 512, PEER_OUT = 1 << 18 };

typedef struct fake_peer {
  stox_engine engine; /* join it to the network */
  stox_federation *federation;
  stox_random random;
  uint64_t seed;
  uint64_t now_ns;
  const char *domain;
  const char *other;  /* the domain that it writes to */
  char out[PEER_OUT]; /* waits for its stream */
  size_t out_n;
  char *stanzas[PEER_STANZAS];
  size_t n_stanzas;
  size_t n_pings;
  char last_ping[64]; /* its id */
  int is_deaf;        /* 1: pings are not answered */
  size_t n_up;
  size_t n_heard;
  int down; /* status of the last DOWN */
} fake_peer;

/* `at`: where `other` is; without EXTERNAL by dialback. */
void fake_peer_init(fake_peer *out, const char *domain, const char *other, stox_endpoint at,
                    int has_external);
void fake_peer_clear(fake_peer *fake);

/* Says stanzas to the other domain. */
void fake_peer_say(fake_peer *fake, const char *stanzas);

/* How many of the stanzas hold the text. */
size_t fake_peer_count(const fake_peer *fake, const char *text);

#endif
