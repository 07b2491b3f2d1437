/* SPDX-License-Identifier: MIT */
#ifndef STOX_EXAMPLE_SERVER_H
#define STOX_EXAMPLE_SERVER_H

#include "stox/c2s.h"
#include "stox/jid.h"
#include "stox/scram.h"
#include "stox/transport.h"
#include "stox/xmpp_rules.h"

/* An XMPP server of one domain on libstox: clients, components (XEP-0114), delivery between them.
 * It keeps no roster, stores nothing, and knows no other server. */

enum { ENTRIES = 64, TEXT = 16384, ITERATIONS = 4096, ROOM = 1 << 19 };

/* An account, of whose password only keys are kept; or a component and its secret. */
typedef struct entry {
  stox_span name;
  stox_span secret;
  stox_scram_keys sha1;
  stox_scram_keys sha256;
} entry;

typedef struct entries {
  entry list[ENTRIES];
  size_t n;
} entries;

/* One flow: either `client` or `component` is there. */
typedef struct session {
  struct session *next;
  uint64_t handle;
  uint64_t token; /* of the TLS that is being set up */
  stox_c2s *client;
  stox_stream *component;
  int is_available; /* has sent presence */
  int is_over;
} session;

typedef struct server {
  /* configured: `name value` lines, the name as here with `-` for `_` */
  stox_span domain;
  entries accounts;               /* account NAME PASSWORD */
  entries components;             /* component DOMAIN SECRET */
  stox_endpoint listen;           /* ADDRESS:PORT, for clients, who ask for TLS in the stream */
  stox_endpoint tls_listen;       /* for clients who begin with it (XEP-0368) */
  stox_endpoint component_listen; /* for components */
  stox_span certificate;          /* a file in PEM */
  stox_span key;                  /* another */
  stox_span ca;                   /* another: who signs clients' certificates */
  int tls;                        /* required, optional or none */
  uint32_t mechanisms;            /* mechanism NAME; none: all */
  int takes_over;                 /* yes: a resource in use is taken over, no: it is refused */
  char text[TEXT];
  /* made of that */
  stox_xmpp_domain local[ENTRIES + 1]; /* the domain, then the components' */
  char decoy[32];
  stox_stream_options stream_options;
  stox_sasl_server_options sasl_options;
  stox_c2s_options c2s_options;
  /* state */
  session *sessions;
  stox_action action;
  uint64_t now_ns;
  uint64_t refused; /* a flow that is not taken; 0: none */
  int is_stopping;
  void (*stopped)(void *ud);
  void *ud;
  char room[ROOM]; /* of the stanza that is being written */
} server;

/* ---- config.c ---- */

/* Reads `name value` lines; -1 with a message. */
int config_read(server *s, const char *path);

const entry *entries_find(const entries *list, stox_span name);

/* Puts keys in the place of passwords; STOX_OK or why not. */
int accounts_derive(entries *accounts, const stox_random *random);

/* The `ask` of SASL; `ud` are the accounts. */
int accounts_ask(void *ud, const stox_sasl_question *question, stox_sasl_answer *answer);

/* ---- server.c ---- */

/* Sets what follows from the configuration; STOX_OK or why not. */
int server_init(server *s, const stox_random *random);

void server_free(server *s);

/* The server as a transport drives it. */
stox_engine server_engine(server *s);

/* Tells all peers that it ends; `stopped` is called when they are gone. */
void server_stop(server *s, uint64_t now_ns);

stox_stream *session_stream(const session *peer);

void session_fail(session *peer, int condition, uint64_t now_ns);

/* ---- route.c ---- */

/* Does with a stanza what the rules ask; `status` is that of the event which brought it. */
void route(server *s, session *from, const stox_stanza *stanza, int status);

/* The session that has bound a full JID, or the component that has a domain; NULL: none. */
session *find_session(server *s, const stox_jid *jid);

#endif
