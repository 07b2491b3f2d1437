/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_FAKE_XMPP_H
#define STOX_TEST_FAKE_XMPP_H

#include "support.h"

#include "stox/stanza.h"
#include "stox/transport.h"

/* An XMPP server's component port for tests over the loopback network: opens streams, checks
 * handshakes, answers pings, bounces messages to `nobody@` and `slow@`, and keeps the text of every
 * stanza it got. */

enum { FAKE_STANZAS = 512, FAKE_OUT = 1 << 20 };

typedef struct fake_xmpp {
  stox_engine engine;
  stox_xml_reader *reader;
  const char *secret;
  uint64_t handle;    /* of the stream, 0: none */
  char out[FAKE_OUT]; /* octets to send */
  size_t out_n;
  char sent[FAKE_OUT]; /* what the last action points to */
  int wants_close;
  stox_action action;
  char *stanzas[FAKE_STANZAS];
  size_t n_stanzas;
  size_t n_streams; /* streams authenticated */
  size_t n_ends;    /* end tags of streams */
  size_t n_pings;
  char last_ping[64];    /* its id */
  int is_deaf;           /* 1: pings are not answered */
  int closes_on_message; /* streams to close when a message comes */
  int refuses;           /* 1: every handshake is refused */
} fake_xmpp;

void fake_xmpp_init(fake_xmpp *out, const char *secret);
void fake_xmpp_clear(fake_xmpp *fake);

/* Queues octets for the component. */
void fake_xmpp_say(fake_xmpp *fake, const char *text);

/* How many of the stanzas hold the text. */
size_t fake_xmpp_count(const fake_xmpp *fake, const char *text);

#endif
