/* SPDX-License-Identifier: MIT */
#ifndef STOX_EXAMPLE_CONFIG_H
#define STOX_EXAMPLE_CONFIG_H

#include "stox/gateway.h"

enum { LIST_MAX = 64, TEXT_MAX = 65536 };

enum { LOG_ERROR = 0, LOG_WARNING = 1, LOG_INFO = 2 };

/* What the command line and the file say. All texts stand in `text`. */
typedef struct config {
  stox_gateway_component components[LIST_MAX];
  size_t n_components;
  stox_gateway_route routes[LIST_MAX];
  size_t n_routes;
  stox_span xmpp_domains[LIST_MAX];
  size_t n_xmpp_domains;
  stox_span trusted[LIST_MAX];
  size_t n_trusted;
  stox_endpoint listen[LIST_MAX];
  size_t n_listen;
  stox_endpoint xmpp_server;
  stox_federation_domain federated[LIST_MAX]; /* SIP domains that are XMPP servers */
  size_t n_federated;
  stox_federation_hop xmpp_hops[LIST_MAX];
  size_t n_xmpp_hops;
  stox_endpoint s2s_listen[LIST_MAX];
  size_t n_s2s_listen;
  int is_open; /* SIP may write to every XMPP domain */
  int has_dialback;
  stox_span secret;
  const char *trace;
  const char *certificate; /* PEM files; NULL: not given */
  const char *key;
  const char *ca;
  stox_span dns; /* absent: the system's */
  uint64_t t1_ms;
  uint64_t barrier_ms;
  uint64_t queue_ms;
  uint64_t backoff_ms;
  uint64_t drain_ms;
  int message_type;
  int is_raw_scope;
  int writes_hops;
  int log_level;
  int wants_help;
  const char *file; /* the file that is read */
  unsigned line;    /* and the line; 0: the command line is read */
  char text[TEXT_MAX];
  size_t used;
} config;

/* Reads the command line; 0, or -1 with a line on standard error. */
int config_read(config *out, int argc, char **argv);

void config_usage(void);

#endif
