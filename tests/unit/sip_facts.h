/* SPDX-License-Identifier: MIT */
#ifndef STOX_TEST_SIP_FACTS_H
#define STOX_TEST_SIP_FACTS_H

#include "sip_messages.h"

/* Facts of messages by name, as the tables of tests/vectors/sip have them: `method`, `via.0.host`,
 * `contact.1.uri.user`, `header.subject`, `option.require`, `part.0.type`, `sdp.0.address`, …
 * README.txt beside the tables lists them. */

/* Appends a fact; what is absent or malformed is `!` and the name of a status. 0: no such fact. */
int sip_fact(stox_buf *out, parsed *p, stox_span name);

/* What stands before the first dot of a name, which loses it and the dot. */
stox_span sip_fact_head(stox_span *name);

/* Appends a span, or `!NONE` where it is absent. */
void sip_fact_put(stox_buf *out, stox_span text);

/* Appends `!` and the name of a status. */
void sip_fact_fail(stox_buf *out, int status);

/* Facts of a body: parts of a multipart, a session description. */
int sip_fact_part(stox_buf *out, parsed *p, stox_span name);
int sip_fact_sdp(stox_buf *out, parsed *p, stox_span name);

#endif
