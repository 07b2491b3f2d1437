/* SPDX-License-Identifier: MIT */
#include "sip_peers.h"

#include <string.h>

const sip_peer *const sip_peers[] = {&sip_peer_stox,
#ifdef STOX_PEER_SOFIA
                                     &sip_peer_sofia,
#endif
#ifdef STOX_PEER_OSIP
                                     &sip_peer_osip,
#endif
#ifdef STOX_PEER_RE
                                     &sip_peer_re,
#endif
                                     NULL};

const char *const sip_peers_absent = ""
#ifndef STOX_PEER_SOFIA
                                     " sofia-sip"
#endif
#ifndef STOX_PEER_OSIP
                                     " libosip2"
#endif
#ifndef STOX_PEER_RE
                                     " libre"
#endif
    ;

const sip_peer *sip_peer_named(const char *name) {
  for (size_t i = 0; sip_peers[i] != NULL; i++) {
    if (strcmp(sip_peers[i]->name, name) == 0) {
      return sip_peers[i];
    }
  }
  return NULL;
}
