/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_SHAM_TLS_H
#define STOX_TEST_SHAM_TLS_H

#include "support.h"

#include "stox/transport.h"

/* An engine between another and the loopback network that pretends to do TLS: STOX_DO_START_TLS is
 * done at once, octets pass as they are, and flows say of the peer what the test wants. */

enum { SHAM_FLOWS = 256, SHAM_PENDING = 16 };

typedef struct sham_tls {
  stox_engine engine; /* join it to the network */
  stox_engine inner;
  const char *identities;      /* of every peer's certificate, a line each; NULL: it has none */
  int is_trusted;              /* 1: it is valid */
  stox_flow known[SHAM_FLOWS]; /* without texts */
  int is_secure[SHAM_FLOWS];
  size_t n_known;
  stox_flow pending[SHAM_PENDING]; /* START_TLS to be done */
  uint64_t tokens[SHAM_PENDING];
  size_t n_pending;
  uint64_t now_ns;
} sham_tls;

void sham_tls_init(sham_tls *out, const stox_engine *inner);

#endif
