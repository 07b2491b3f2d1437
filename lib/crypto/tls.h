/* SPDX-License-Identifier: MIT */
#ifndef STOX_CRYPTO_TLS_H
#define STOX_CRYPTO_TLS_H

#include "base/octets.h"
#include "stox/tls.h"

#include <gnutls/gnutls.h>

enum { STOX_TLS_ALPN_MAX = 8, STOX_TLS_CHAIN_MAX = 17 };

/* The response that is stapled to one certificate. */
typedef struct stox_tls_staple {
  struct stox_tls_staple *next;
  size_t index;
  char *p;
  size_t n;
} stox_tls_staple;

/* One certificate by itself, for sessions that speak for one of its names. */
typedef struct stox_tls_own {
  struct stox_tls_own *next;
  size_t index; /* in the order of adding */
  gnutls_certificate_credentials_t credentials;
  stox_span identities;
} stox_tls_own;

struct stox_tls_context {
  const stox_allocator *alloc;
  gnutls_certificate_credentials_t credentials;
  gnutls_priority_t priorities;
  unsigned char ticket_key[STOX_TLS_TICKET_KEY_SIZE];
  int has_ticket_key;
  size_t certificates_n;
  stox_tls_staple *staples;
  stox_tls_own *owns; /* the last one first */
};

struct stox_tls {
  const stox_allocator *alloc;
  gnutls_session_t session;
  stox_tls_options options; /* without what was borrowed for the call */
  stox_chain_rules rules;
  stox_reference reference;
  int has_rules;
  int has_verdict;
  stox_chain_verdict verdict;
  stox_peer peer;
  stox_arena arena; /* what is kept of the options, and what the peer's view points to */
  stox_octets in;
  stox_octets out;
  size_t shaken; /* octets that the handshake took */
  int state;
  int failure; /* the status of a dead session */
  int alert;
  int ended;     /* the wire has no more */
  int no_memory; /* an allocation of ours failed below GnuTLS */
  int undecided; /* a callback of the rules has no answer yet */
  int is_shaken; /* GnuTLS's part of the handshake is over */
  int notified;  /* the peer's close notification has come */
  int renegotiations;
};

/* A datum of GnuTLS's, which it never writes to. */
static inline gnutls_datum_t stox_tls_datum(stox_span s) {
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.p, (unsigned)s.n};
}

/* Keeps a certificate by itself; it is the context's when STOX_OK is returned. */
int stox_tls_own_add(stox_tls_context *context, stox_span chain, stox_span key);

/* The certificate of an index; NULL: none. */
const stox_tls_own *stox_tls_own_at(const stox_tls_context *context, size_t index);

/* What a session that speaks for `name` shows: that name's certificate, else a server what its
 * client asks for, a client the first. */
gnutls_certificate_credentials_t stox_tls_own_credentials(const stox_tls_context *context,
                                                          stox_span name, int is_server);

/* Takes back the last one that was added. */
void stox_tls_own_drop(stox_tls_context *context);

/* Ends the session for good; the status. */
int stox_tls_fail(stox_tls *tls, int status);

/* The same for an error of GnuTLS's, with the alert that it deserves. */
int stox_tls_fail_gnutls(stox_tls *tls, int code);

/* Goes on with the handshake as far as the input reaches. STOX_OK or the failure. */
int stox_tls_shake(stox_tls *tls);

/* GnuTLS's call when the peer's certificate has come: 0, or -1 to refuse it. */
int stox_tls_verify_peer(gnutls_session_t session);

/* Fills `peer` behind the handshake. STOX_OK or STOX_E_NOMEM. */
int stox_tls_fill_peer(stox_tls *tls);

/* Refuses a renegotiation. STOX_OK or the failure. */
int stox_tls_refuse_renegotiation(stox_tls *tls);

#endif
