/* SPDX-License-Identifier: MIT */
#ifndef STOX_EXAMPLE_LOG_H
#define STOX_EXAMPLE_LOG_H

#include "stox/gateway.h"
#include "stox/tls.h"

#include <stdio.h>

/* One structured line a message: `time level key=value …`; a value with other octets than plain
 * ones is quoted and escaped. Never a body, never a secret. */
void log_record(FILE *out, const stox_gateway_record *record);

/* A stream between servers; `level` likewise. */
void log_link(FILE *out, const char *level, const char *event, int status,
              const stox_federation_link *link);

void log_event(FILE *out, const char *level, const char *event, int status);

/* A handshake of TLS that failed, or that went on with a certificate that is not to be trusted:
 * with whom, and what was wrong. */
void log_insecure(FILE *out, const stox_flow *flow, int status, const stox_tls *tls);

/* What crossed a socket. */
typedef struct crossing {
  int is_out;
  int is_xmpp;
  const stox_endpoint *peer;
  stox_span bytes;
  uint64_t now_ns;
} crossing;

/* One JSON line of the trace; octets that are not UTF-8, also of a character that was cut in two,
 * become U+FFFD. */
void trace_write(FILE *out, const crossing *what);

#endif
