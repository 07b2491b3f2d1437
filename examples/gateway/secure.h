/* SPDX-License-Identifier: MIT */
#ifndef STOX_EXAMPLE_SECURE_H
#define STOX_EXAMPLE_SECURE_H

#include "config.h"

#include "stox/uv.h"

/* What TLS and DNS need: our certificate, whom to trust, a resolver. */
typedef struct secure {
  stox_tls_context *context; /* NULL: no TLS was asked for */
  stox_anchors *anchors;
  stox_chain_rules rules;
  stox_uv_resolver *resolver;
  stox_answer_cache *cache;
} secure;

/* Makes it for a loop; 0, or -1 with a line on standard error. */
int secure_open(secure *out, const config *c, void *loop);

/* Says it to a transport that is to be made. */
void secure_offer(const secure *s, stox_uv_options *options);

void secure_close(secure *s);

#endif
