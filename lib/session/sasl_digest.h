/* SPDX-License-Identifier: MIT */
#ifndef STOX_SESSION_SASL_DIGEST_H
#define STOX_SESSION_SASL_DIGEST_H

#include "stox/buf.h"
#include "stox/sasl_digest.h"

/* The messages of DIGEST-MD5 (RFC 2831 2.1). Values are views without quotes, with their escapes.
 */

enum { STOX_SASL_DIGEST_HEX = 32, STOX_SASL_DIGEST_SECRET = 16 };

typedef struct stox_sasl_directives {
  stox_span username;
  stox_span realm;
  stox_span nonce;
  stox_span cnonce;
  stox_span nc;
  stox_span qop;
  stox_span digest_uri;
  stox_span response;
  stox_span charset;
  stox_span algorithm;
  stox_span authzid;
  stox_span rspauth;
} stox_sasl_directives;

/* STOX_OK or STOX_E_SYNTAX, also for a directive that stands twice. The first realm counts. */
int stox_sasl_digest_read(stox_sasl_directives *out, stox_span text);

/* Appends the value of a directive without its escapes. */
int stox_sasl_digest_unescape(stox_buf *out, stox_span value);

/* Appends `name="value"`, with escapes, after a comma unless it is the first. */
void stox_sasl_digest_put(stox_buf *out, const char *name, stox_span value);

/* The response to a challenge, or where `is_server` the rspauth to it; STOX_OK or a hash's status.
 * `values` as sent, escapes and all; the authzid alone without them. */
int stox_sasl_digest_response(char out[STOX_SASL_DIGEST_HEX],
                              const unsigned char secret[STOX_SASL_DIGEST_SECRET],
                              const stox_sasl_directives *values, int is_server);

#endif
