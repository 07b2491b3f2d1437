/* SPDX-License-Identifier: MIT */
/* SIP parsers behind one face: each takes a message apart as far as a gateway needs it, into the
 * library's own objects, and tells afterwards what it found. One message at a time. */
#ifndef STOX_PEERS_SIP_PEERS_H
#define STOX_PEERS_SIP_PEERS_H

#include "sip_facts.h"

typedef struct sip_peer {
  const char *name;
  /* Gets the library ready; not timed. */
  void (*open)(void);
  /* Takes a message apart; 0, or -1 if it is refused. What the library leaves for later is asked
   * for. The octets may be changed, and must stay until release. */
  int (*parse)(stox_span message);
  /* What the library itself offers to judge a message that it took apart; 0: sound. NULL: nothing.
   */
  int (*check)(void);
  /* Tells what was found; only behind a parse that gave 0. */
  void (*tell)(sip_facts *out);
  /* Gives everything back; once behind each parse. */
  void (*release)(void);
} sip_peer;

/* All that are built in, libstox first; ends with NULL. */
extern const sip_peer *const sip_peers[];

/* The one of that name, or NULL. */
const sip_peer *sip_peer_named(const char *name);

/* The names of those that are not built in; empty if none. */
extern const char *const sip_peers_absent;

extern const sip_peer sip_peer_stox;
extern const sip_peer sip_peer_sofia;
extern const sip_peer sip_peer_osip;
extern const sip_peer sip_peer_re;

#endif
