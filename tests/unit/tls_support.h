/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_TLS_SUPPORT_H
#define STOX_TEST_TLS_SUPPORT_H

#include "certificate_support.h"

#include "stox/tls.h"

/* One authority, a server `example.com` and a server `example.net`, both of XMPP and SIP. */
typedef struct tls_world {
  test_certificate root;
  test_certificate server;
  test_certificate client;
  test_certificate self; /* `example.com`, signed by itself */
  stox_anchors *anchors;
  stox_tls_context *server_context;
  stox_tls_context *client_context;
  stox_tls_context *self_context;
  stox_tls_context *bare_context; /* without a certificate */
  unsigned char ticket_key[STOX_TLS_TICKET_KEY_SIZE];
} tls_world;

void tls_world_make(tls_world *w);
void tls_world_free(tls_world *w);

/* A context with one certificate, its chain being that certificate alone. */
stox_tls_context *tls_context_of(const test_certificate *c, int min_version, stox_span ticket_key);

/* Both ends of a session and what they are made of; change it before tls_pair_start(). */
typedef struct tls_pair {
  stox_tls *client;
  stox_tls *server;
  stox_tls_options client_options;
  stox_tls_options server_options;
  stox_chain_rules client_rules;
  stox_chain_rules server_rules;
  stox_reference client_reference;
  size_t chunk;    /* octets that are moved at once; 0: all */
  size_t moved[2]; /* octets from the client, from the server */
  int status[2];   /* the last feed's of client and server */
} tls_pair;

/* The server asks nobody; the client wants `example.com`. */
void tls_pair_init(tls_pair *pair, const tls_world *w);
void tls_pair_start(tls_pair *pair);
void tls_pair_free(tls_pair *pair);

/* Moves octets both ways until nothing moves. */
void tls_pair_pump(tls_pair *pair);

/* Starts, pumps and wants both ends open. */
void tls_pair_open(tls_pair *pair);

/* One way: octets of `from` into `to`, `chunk` at a time. The number moved. */
size_t tls_move(stox_tls *from, stox_tls *to, size_t chunk, int *status);

/* Writes all of `text` into one end and wants it at the other. */
void tls_pair_say(tls_pair *pair, stox_tls *from, stox_tls *to, stox_span text);

#endif
